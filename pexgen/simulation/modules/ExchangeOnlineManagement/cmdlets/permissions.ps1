# Get-, Add- and Remove-MailboxPermission.

function Get-PermissionTarget {
    <# Returns the one user or security group that a permission is for. #>
    param($Sent)
    $who = Get-OneRecipient (Get-Text $Sent['User'])
    if ($who.RecipientTypeDetails -in 'MailUniversalDistributionGroup', 'GroupMailbox', 'MailContact', 'RoomList') {
        Stop-Call 'Microsoft.Exchange.Management.RecipientTasks.InvalidSecurityPrincipalException' (
            "'$($who.Name)' isn't a valid security principal: only users and mail-enabled security groups can have permissions."
        ) 'ExAB12CD'
    }
    return $who
}

$script:Handler['Get-MailboxPermission'] = {
    # The owner's own row and inherited ones come too; users in the tenant's form, not as they were written.
    param($Sent)
    $mailbox = Get-OneRecipient (Get-Text $Sent['Identity']) $script:Mailboxes
    $rows = @([pscustomobject]@{ User = 'NT AUTHORITY\SELF'; AccessRights = @('FullAccess', 'ReadPermission') })
    foreach ($entry in @(Get-Field $mailbox 'permissions' @())) { $rows += $entry }
    $inherited = "$(Get-Field $script:Tenant 'netBios' 'EURPR01A001')\Organization Management"
    $rows += [pscustomobject]@{ User = $inherited; AccessRights = @('FullAccess'); IsInherited = $true; Deny = $true }
    $asked = Get-Text $Sent['User']
    $wanted = if ($asked -and $asked -ne 'NT AUTHORITY\SELF') { (Get-OneRecipient $asked).Guid } else { $asked }
    foreach ($row in $rows) {
        if ($wanted -and $row.User -ne $wanted) { continue }
        [pscustomobject]@{
            Identity = Get-IdentityText $mailbox; User = Get-ShownName $row.User 'permissionUserAs'
            AccessRights = Get-List $row.AccessRights
            IsInherited = [bool] (Get-Field $row 'IsInherited' $false); Deny = [bool] (Get-Field $row 'Deny' $false)
            InheritanceType = 'All'; IsValid = $true
        }
    }
}

$script:Handler['Add-MailboxPermission'] = {
    param($Sent)
    $mailbox = Get-OneRecipient (Get-Text $Sent['Identity']) $script:Mailboxes
    $who = Get-PermissionTarget $Sent
    Assert-Writable $mailbox 'Add-MailboxPermission'
    $rights = @($Sent['AccessRights'] | ForEach-Object { (Get-Text $_) -csplit ',' } | ForEach-Object { $_.Trim() })
    $known = 'FullAccess', 'SendAs', 'ExternalAccount', 'DeleteItem', 'ReadPermission', 'ChangePermission', 'ChangeOwner'
    $unknown = @($rights | Where-Object { $_ -notin $known })
    if ($unknown) { Stop-BadValue "Cannot convert value `"$($unknown[0])`" to type `"MailboxRights`"." }
    $entry = @(Get-Field $mailbox 'permissions' @() | Where-Object {
            $null -ne $_ -and $_.User -eq $who.Guid -and -not (Get-Field $_ 'Deny' $false)
        })
    if ($entry) {
        # What an entry has for auto-mapping stays: it is not changed in place.
        if (-not @($rights | Where-Object { $_ -notin @($entry[0].AccessRights) })) {
            Write-Warning ("The appropriate access control entry is already present on the object " +
                "`"$(Get-DistinguishedName $mailbox.Name)`" for account `"$($who.Name)`".")
        }
        Set-Field $entry[0] 'AccessRights' @(@($entry[0].AccessRights) + $rights | Select-Object -Unique)
    } else {
        $mapped = -not ($Sent.ContainsKey('AutoMapping') -and $Sent['AutoMapping'] -eq $false)
        $new = [pscustomobject]@{ User = $who.Guid; AccessRights = $rights; Deny = [bool] $Sent['Deny']; AutoMapping = $mapped }
        Set-Field $mailbox 'permissions' @(@(Get-Field $mailbox 'permissions' @()) + $new | Where-Object { $null -ne $_ })
    }
    [pscustomobject]@{
        Identity = Get-IdentityText $mailbox; User = Get-ShownName $who.Guid 'permissionUserAs'; AccessRights = Get-List $rights
        IsInherited = $false; Deny = [bool] $Sent['Deny']
    }
}

$script:Handler['Remove-MailboxPermission'] = {
    param($Sent)
    $mailbox = Get-OneRecipient (Get-Text $Sent['Identity']) $script:Mailboxes
    $who = Get-PermissionTarget $Sent
    $rights = @($Sent['AccessRights'] | ForEach-Object { (Get-Text $_) -csplit ',' } | ForEach-Object { $_.Trim() })
    $entry = @(Get-Field $mailbox 'permissions' @() | Where-Object { $null -ne $_ -and $_.User -eq $who.Guid })
    if (-not $entry) {
        # Only a warning: the real cmdlet does not fail where there is nothing to remove.
        Write-Warning ("Can't remove the access control entry on the object `"$(Get-DistinguishedName $mailbox.Name)`" " +
            "for account `"$($who.Name)`" because the ACE doesn't exist on the object.")
        return
    }
    $left = @($entry[0].AccessRights | Where-Object { $_ -notin $rights })
    Set-Field $entry[0] 'AccessRights' $left
    Set-Field $mailbox 'permissions' @($mailbox.permissions | Where-Object { @($_.AccessRights).Count })
}
