# Service account in Exchange Online: one that exists. It is looked at and never changed.

$Steps['account-mailbox'] = { @{
    Compare = 'Compare-AccountMailbox'
    Made = @(); Set = '(?!)'
    Reads = 'Get-Mailbox', 'Get-CASMailbox'
    NotChecked = @(
        ("Which licenses $($Value.ServiceAccountUserPrincipalName) has: only whether it has one. " +
        'Look at them in the Microsoft 365 admin center.')
        'Whether the account may sign in (Entra: blocked sign-in, multi-factor and Conditional Access policies).'
    )
    Needed = @('ServiceAccountUserPrincipalName')
    Assert = {
        $name = $Value.ServiceAccountUserPrincipalName
        Assert-Sane (-not (Test-SameName $name $Value.EquipmentAddress)) (
            'The service account and the equipment mailbox cannot be the same mailbox.')
        foreach ($address in $Value.OneTouchJoinAccounts) {
            Assert-Sane (-not (Test-SameName $address $name)) (
                "$address is used for One-Touch Join; the scheduler needs an account of its own.")
        }
    }
} }

function Get-AccountProblem {
    # What keeps the account from using EWS.
    param($Mailbox)
    $name = $Value.ServiceAccountUserPrincipalName
    if ($null -eq $Mailbox.PSObject.Properties['SKUAssigned']) { 'Whether it has a license cannot be seen here.' }
    elseif (-not (Test-Same (Get-Property $Mailbox 'SKUAssigned') $true)) {
        'It has no license: Exchange Online keeps such a mailbox for 30 days.'
    }
    if (Test-Same (Get-Property $Mailbox 'AccountDisabled') $true) { 'Its account is disabled: it cannot sign in.' }
    $gate = Invoke-ReadOne -Subject "EWS setting of $name" -Call { Get-CASMailbox -Identity $name -ErrorAction Stop }
    if ($null -eq $gate) {
        throw (Get-Stop -State 'unreadable' -Detail "Exchange does not find the client access settings of $name.")
    }
    if (Test-Same (Get-Property $gate 'EwsEnabled') $false) {
        'EWS is switched off for its mailbox (Set-CASMailbox -EwsEnabled).'
    }
}

function Compare-AccountMailbox {
    $plan = Get-EmptyPlan 'account-mailbox'
    $name = $Value.ServiceAccountUserPrincipalName
    $mailbox = Invoke-ReadOne -Subject "mailbox $name" -Call { Get-Mailbox -Identity $name -ErrorAction Stop }
    if ($null -eq $mailbox) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The mailbox of $name was not found. A new service account cannot be set up in Exchange Online: the role " +
                "it needs was closed in $($Facts.RoleClosed) and removed in $($Facts.RoleRemoved). " +
                'Use app permissions.'))
    }
    $isAccount = (Get-Text $mailbox 'RecipientTypeDetails') -eq 'UserMailbox' -and
        (Test-SameName (Get-Text $mailbox 'UserPrincipalName') $name)
    if (-not $isAccount) {
        throw (Get-Stop -State 'conflict' -Detail (
                "$name belongs to $(Format-Recipient $mailbox), " +
                'which is not a user mailbox with that user principal name.'))
    }
    Assert-NoOneTouchJoinAccount $mailbox
    $problems = @(Get-AccountProblem $mailbox)
    if ($problems.Count -gt 0) {
        $plan.Remaining = 'blocked'
        $plan.Notes += $problems
    }
    if (Test-Synchronized $mailbox) {
        $plan.Notes += 'It is synchronized from on-premises Active Directory. Change it there.'
    }
    $plan
}
