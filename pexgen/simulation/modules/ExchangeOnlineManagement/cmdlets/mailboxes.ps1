# Get-, New-, Set- and Remove-Mailbox, Get-MailboxStatistics, Get- and Set-CASMailbox.

$script:Handler['Get-Mailbox'] = {
    param($Sent)
    $place = if ($Sent['SoftDeletedMailbox'] -or $Sent['InactiveMailboxOnly']) { 'softDeleted' } else { 'recipients' }
    $found = @(Get-Selected $Sent $script:Mailboxes $place | Where-Object {
            -not $Sent['InactiveMailboxOnly'] -or (Get-Field $_ 'IsInactiveMailbox' $false)
        })
    if ($Sent['IncludeInactiveMailbox'] -and -not (Get-Text $Sent['Identity'])) {
        $found += @($script:Tenant.softDeleted | Where-Object { Get-Field $_ 'IsInactiveMailbox' $false })
    }
    if ((Get-Text $Sent['Identity']) -and -not $found.Count) { Stop-NotFound (Get-Text $Sent['Identity']) }
    foreach ($mailbox in Select-Page $found $Sent) { Get-ShownMailbox $mailbox }
}

function Get-ShownMailbox {
    param($Mailbox)
    $shown = Get-CommonFields $Mailbox
    foreach ($name in 'UserPrincipalName', 'ExchangeGuid', 'LegacyExchangeDN', 'ForwardingAddress', 'ForwardingSmtpAddress', 'SKUAssigned', 'MailboxPlan') {
        $shown[$name] = Get-Field $Mailbox $name
    }
    $kind = $Mailbox.RecipientTypeDetails -creplace 'Mailbox$'
    $shown.WhenSoftDeleted = Get-Moment $Mailbox 'WhenSoftDeleted'
    $shown.ResourceType = if ($kind -in 'Room', 'Equipment') { $kind } else { $null }
    $shown.IsResource = $kind -in 'Room', 'Equipment'
    $shown.IsShared = $kind -eq 'Shared'
    foreach ($name in 'IsExchangeCloudManaged', 'IsInactiveMailbox', 'LitigationHoldEnabled', 'AccountDisabled') {
        $shown[$name] = [bool] (Get-Field $Mailbox $name $false)
    }
    $shown.EmailAddressPolicyEnabled = [bool] (Get-Field $Mailbox 'EmailAddressPolicyEnabled' $false)
    $shown.GrantSendOnBehalfTo = Get-List @(Get-Field $Mailbox 'GrantSendOnBehalfTo' @() | ForEach-Object { Get-ShownName $_ 'managedByAs' })
    [pscustomobject] $shown
}

$script:Handler['New-Mailbox'] = {
    param($Sent)
    $name = $Sent['Name']
    $address = Get-NewAddress $Sent
    if ($name -cmatch '[^\x20-\x7E]') {
        Stop-BadValue "The value `"$name`" of property Name is invalid: it contains characters that aren't allowed."
    }
    $alias = if ($Sent['Alias']) { $Sent['Alias'] } else { $address.Split('@')[0] }
    # Every mailbox also gets its alias at the initial domain, which another one's may have taken.
    $second = "$alias@$($script:Tenant.initialDomain)"
    Assert-Alias $alias
    Assert-FreeName $name 'mailbox'
    Assert-FreeAddress $address
    Assert-FreeAddress $second
    $type = @('Equipment', 'Room', 'Shared' | Where-Object { $Sent[$_] }) + 'User'
    $directory = New-Identifier 'directory' $address
    $guidNames = @(Get-Setting 'guidNames' @()) -contains 'mailbox'
    $mailbox = [pscustomobject]@{
        Guid = New-Identifier 'mailbox' $address; ExternalDirectoryObjectId = $directory
        ExchangeGuid = New-Identifier 'store' $address
        Name = $(if ($guidNames) { $directory } else { $name })
        DisplayName = $(if ($Sent['DisplayName']) { $Sent['DisplayName'] } else { $name })
        Alias = $alias; PrimarySmtpAddress = $address
        EmailAddresses = @(@("SMTP:$address") + @(if (-not (Test-Same $address $second)) { "smtp:$second" }))
        RecipientTypeDetails = "$($type[0])Mailbox"
        UserPrincipalName = $(if (Get-Text $Sent['MicrosoftOnlineServicesID']) { Get-Text $Sent['MicrosoftOnlineServicesID'] } else { $address })
        IsDirSynced = $false; EmailAddressPolicyEnabled = $false; WhenCreatedUTC = Get-CreationTime
        WhenChangedUTC = Get-TenantTime
        calendar = [pscustomobject]@{}; permissions = @(); EwsEnabled = $true
    }
    Set-Late $mailbox 'mailbox'
    $reads = Get-Field (Get-Setting 'late') 'store' 0
    if ($reads -gt 0) { Set-Field $mailbox 'lateStore' $reads }
    Set-Field $script:Tenant 'recipients' @(@($script:Tenant.recipients) + $mailbox)
    Get-ShownMailbox $mailbox
}

function Get-NewAddress {
    <# Returns the address that a new recipient gets: what was asked for, or the alias at the default domain. #>
    param($Sent)
    $address = Get-Text $Sent['PrimarySmtpAddress']
    if ($address) { return $address }
    $alias = $Sent['Alias']
    if (-not $alias) { $alias = $Sent['Name'].Replace(' ', '') -creplace '[^A-Za-z0-9!#%*+\-/=?^_~.]', '?' }
    $default = @($script:Tenant.domains | Where-Object { $_.Default })[0].DomainName
    return "$alias@$default"
}

$script:Handler['Set-Mailbox'] = {
    param($Sent)
    $mailbox = Get-OneRecipient (Get-Text $Sent['Identity']) $script:Mailboxes
    Assert-Writable $mailbox 'Set-Mailbox'
    Set-Addresses $mailbox $Sent
    if ($Sent.ContainsKey('Type')) {
        Set-Field $mailbox 'RecipientTypeDetails' ("$(Get-Text $Sent['Type'])Mailbox" -creplace '^Regular', 'User')
    }
    foreach ($name in 'DisplayName', 'Alias', 'Name', 'ForwardingSmtpAddress') {
        if ($Sent.ContainsKey($name)) { Set-Field $mailbox $name (Get-Text $Sent[$name]) }
    }
    foreach ($name in 'HiddenFromAddressListsEnabled', 'IsExchangeCloudManaged') {
        if ($Sent.ContainsKey($name)) { Set-Field $mailbox $name ([bool] $Sent[$name]) }
    }
    Set-Field $mailbox 'WhenChangedUTC' (Get-TenantTime)
}

function Set-Addresses {
    <# Changes the addresses of a mailbox or group as the two parameters ask. #>
    param($Recipient, $Sent)
    if ($Sent.ContainsKey('EmailAddresses') -and $Sent.ContainsKey('PrimarySmtpAddress')) {
        Stop-BadValue "You can't use the EmailAddresses and PrimarySmtpAddress parameters at the same time."
    }
    if ($Sent.ContainsKey('EmailAddresses')) {
        $merged = Merge-List $Recipient.EmailAddresses $Sent['EmailAddresses']
        $all = @($merged | ForEach-Object { if ($_ -cmatch '^\w+:') { $_ } else { "smtp:$_" } })
        foreach ($address in $all) { if ($address -cmatch '^[Ss][Mm][Tt][Pp]:(.*)$') { Assert-FreeAddress $Matches[1] $Recipient } }
        Set-Field $Recipient 'EmailAddresses' $all
        $primary = @($all | Where-Object { $_ -clike 'SMTP:*' })
        if ($primary) { Set-Field $Recipient 'PrimarySmtpAddress' $primary[0].Substring(5) }
    }
    if ($Sent.ContainsKey('PrimarySmtpAddress')) {
        $address = Get-Text $Sent['PrimarySmtpAddress']
        Assert-FreeAddress $address $Recipient
        $others = @($Recipient.EmailAddresses | Where-Object { -not (Test-Same $_ "smtp:$address") })
        $rest = @($others | ForEach-Object { $_ -creplace '^SMTP:', 'smtp:' })
        Set-Field $Recipient 'EmailAddresses' @(@("SMTP:$address") + $rest)
        Set-Field $Recipient 'PrimarySmtpAddress' $address
        Set-Field $Recipient 'EmailAddressPolicyEnabled' $false
    }
}

$script:Handler['Remove-Mailbox'] = {
    # The mailbox goes to the soft-deleted ones, where its address stays taken for a month.
    param($Sent)
    $identity = Get-Text $Sent['Identity']
    if ($Sent['PermanentlyDelete']) {
        $gone = Get-OneRecipient $identity $script:Mailboxes 'softDeleted'
        Set-Field $script:Tenant 'softDeleted' @($script:Tenant.softDeleted | Where-Object { $_ -ne $gone })
        return
    }
    $mailbox = Get-OneRecipient $identity $script:Mailboxes
    Assert-Writable $mailbox 'Remove-Mailbox'
    Set-Field $script:Tenant 'recipients' @($script:Tenant.recipients | Where-Object { $_ -ne $mailbox })
    foreach ($group in $script:Tenant.recipients) {
        if (@(Get-Field $group 'members' @()) -contains $mailbox.Guid) {
            Set-Field $group 'members' @($group.members | Where-Object { $_ -ne $mailbox.Guid })
        }
    }
    Set-Field $mailbox 'WhenSoftDeleted' (Get-TenantTime)
    Set-Field $script:Tenant 'softDeleted' @(@(Get-Field $script:Tenant 'softDeleted' @()) + $mailbox | Where-Object { $null -ne $_ })
}

$script:Handler['Get-MailboxStatistics'] = {
    param($Sent)
    $mailbox = Get-Store (Get-Text $Sent['Identity'])
    # Nothing was ever delivered into it, and nobody signed in.
    if ($null -eq (Get-Field $mailbox 'items')) {
        Write-Warning ("The user hasn't logged on to mailbox `"$(Get-IdentityText $mailbox)`" ('$($mailbox.ExchangeGuid)'), " +
            'so there is no data to return. After the user logs on, this warning will no longer appear.')
        return
    }
    [pscustomobject]@{
        DisplayName = $mailbox.DisplayName; MailboxGuid = $mailbox.ExchangeGuid
        ItemCount = [long] (Get-Field $mailbox 'items' 0)
        DeletedItemCount = [long] (Get-Field $mailbox 'deletedItems' 0); AssociatedItemCount = [long] 17
        TotalItemSize = $(if (Get-Field $mailbox 'items' 0) { '12.5 KB (12,800 bytes)' } else { '0 B (0 bytes)' })
        LastLogonTime = $null; Identity = $mailbox.ExchangeGuid
    }
}

$script:Handler['Get-CASMailbox'] = {
    param($Sent)
    foreach ($mailbox in Select-Page @(Get-Selected $Sent $script:Mailboxes) $Sent) {
        $shown = Get-CommonFields $mailbox
        $shown.EwsEnabled = Get-Field $mailbox 'EwsEnabled' $true
        $shown.EwsApplicationAccessPolicy = Get-Field $mailbox 'EwsApplicationAccessPolicy'
        $shown.EwsAllowList = Get-Field $mailbox 'EwsAllowList'
        $shown.EwsBlockList = Get-Field $mailbox 'EwsBlockList'
        foreach ($name in 'OWAEnabled', 'ActiveSyncEnabled', 'MAPIEnabled', 'ImapEnabled', 'PopEnabled') {
            $shown[$name] = [bool] (Get-Field $mailbox $name $true)
        }
        [pscustomobject] $shown
    }
}

$script:Handler['Set-CASMailbox'] = {
    param($Sent)
    $mailbox = Get-OneRecipient (Get-Text $Sent['Identity']) $script:Mailboxes
    foreach ($name in 'EwsEnabled', 'OWAEnabled', 'ActiveSyncEnabled', 'MAPIEnabled', 'ImapEnabled', 'PopEnabled') {
        if ($Sent.ContainsKey($name)) { Set-Field $mailbox $name $Sent[$name] }
    }
}
