# Service account: the account with a mailbox as which Pexip Infinity logs in to Exchange Server.

$Steps['account-mailbox'] = { @{
    Compare = 'Compare-AccountMailbox'; Now = 'Get-AccountMailboxNow'; Change = 'Invoke-AccountMailboxChange'
    Hold = 'Get-AccountMailboxHold'; Claim = 'Get-AccountMailboxClaim'; Again = 'Find-AccountMailbox'
    Label = 'Get-AccountMailboxLabel'; Decides = 'Get-MailboxRemoval'; Alone = $true
    Made = @('UserPrincipalName'); Set = '(?!)'; Kind = 'UserMailbox'; Named = $Value.ServiceAccountUserPrincipalName
    Reads = 'Get-Recipient', 'Get-Mailbox', 'Get-User'
    Apply = @(if (-not $Value.ServiceAccountAdopt) { 'New-Mailbox' })
    Rollback = @(if ($Run.RemoveCreatedMailbox) {
            'Get-ManagementRoleAssignment', 'Get-MailboxStatistics', 'Remove-Mailbox' })
    IfRefused = (
        'The organizational unit has to exist, and the password has to satisfy the policy of the domain.')
    ByHand = {
        param($State)
        if ($State -ceq 'changed') {
            "Enter $($Value.ServiceAccountUserPrincipalName) and its password in Pexip Infinity."
        }
    }
    NotChecked = (
        "The password of $($Value.ServiceAccountUserPrincipalName), and when it expires: " +
        'it is entered in Pexip Infinity by hand and never read here.')
    Needed = @('ServiceAccountUserPrincipalName')
    Assert = {
        $name = $Value.ServiceAccountUserPrincipalName
        Assert-Sane ((Get-AccountName) -cmatch '^(?=.*\S)[\x20-\x7E]{1,64}\z') (
            '-ServiceAccountName (or the part before the @) must be 1 to 64 ASCII characters.')
        Assert-Sane (-not (Test-SameName (Get-AccountName) $Value.EquipmentName)) (
            'The service account and the equipment mailbox cannot have the same name.')
        Assert-Sane (-not (Test-SameName $name $Value.EquipmentAddress)) (
            'The service account and the equipment mailbox cannot be the same mailbox.')
        foreach ($address in $Value.OneTouchJoinAccounts) {
            Assert-Sane (-not (Test-SameName $address $name)) (
                "$address is used for One-Touch Join; the scheduler needs an account of its own.")
        }
    }
} }

function Get-AccountName {
    if ($Value.ServiceAccountName -ne '') { $Value.ServiceAccountName }
    else { Get-LocalPart $Value.ServiceAccountUserPrincipalName }
}

function Format-PasswordQuestion {
    # What is typed where a password is needed: never the password.
    "(Get-Credential -UserName $(Format-Argument $Value.ServiceAccountUserPrincipalName) -Message 'Service account').Password"
}

function Read-AccountMailbox {
    param([string] $Identity)
    Invoke-ReadOne -Subject "mailbox $Identity" -Call { Get-Mailbox -Identity $Identity -ErrorAction Stop }
}

function Get-AccountMailbox {
    # The account's mailbox, or $null. Read once a pass: the impersonation is about it too.
    $name = $Value.ServiceAccountUserPrincipalName
    if (-not $Run.Seen.ContainsKey("account $name")) { $Run.Seen["account $name"] = Read-AccountMailbox $name }
    $mailbox = $Run.Seen["account $name"]
    $found = if ($null -ne $mailbox) { $mailbox } else { Get-RecipientOf $name }
    if ($null -eq $found) { return $null }
    $isOurs = $null -ne $mailbox -and (Get-Text $mailbox 'RecipientTypeDetails') -eq 'UserMailbox' -and
        (Test-SameName (Get-Text $mailbox 'UserPrincipalName') $name)
    if ($isOurs) { Assert-NoOneTouchJoinAccount $mailbox; return $mailbox }
    if ($null -eq $mailbox -and (Get-Text $found 'RecipientTypeDetails') -eq 'UserMailbox') {
        throw (Get-Stop -State (Get-MissingPartState) -Detail "$name is a recipient, but Exchange does not find its mailbox yet.")
    }
    throw (Get-Stop -State 'conflict' -Detail (
            "$name belongs to $(Format-Recipient $found), which is not a user mailbox with that user principal name. " +
            'Choose another account.'))
}

function Compare-AccountMailbox {
    $plan = Get-EmptyPlan 'account-mailbox'
    $name = $Value.ServiceAccountUserPrincipalName
    $mailbox = Get-AccountMailbox
    if ($null -ne $mailbox) {
        if (Test-Same (Get-Property $mailbox 'AccountDisabled') $true) {
            $plan.Remaining = 'blocked'
            $plan.Notes += "The account $name is disabled, so that nobody can log in with it."
        }
        if ($null -ne $Run.PasswordOfServiceAccount) { $plan.Notes += "$name exists: the given password is not used." }
        return $plan
    }
    Assert-NoAccount
    if ($Value.ServiceAccountAdopt) {
        throw (Get-Stop -State 'conflict' -Detail "adopt is true (-ServiceAccountAdopt), but the mailbox of $name was not found.")
    }
    $namesake = Get-Namesake (Get-AccountName)
    if (Test-SameName (Get-Text $namesake 'Name') (Get-AccountName)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The name '$(Get-AccountName)' belongs to $(Format-Recipient $namesake). " +
                'Choose another name for the account.'))
    }
    $password = $Run.PasswordOfServiceAccount
    if ($null -eq $password -or $password.Length -eq 0) {
        $ask = "-PasswordOfServiceAccount $(Format-PasswordQuestion)"
        if ($Run.Mode -eq 'Apply' -and -not $Run.WhatIf) {
            throw (Get-Stop -State 'refused' -Guard 'password' -Detail (
                    "The account $name is to be created and has no password yet. Run it again with $ask"))
        }
        $plan.Notes += "Apply needs its password, never as text: $ask"
    }
    $where = if ($Value.ServiceAccountOrganizationalUnit -ne '') { " in $($Value.ServiceAccountOrganizationalUnit)" }
    else { '' }
    Add-Creation $plan -Text "create the account $name with a mailbox, name '$(Get-AccountName)'$where" -Id $name -Wanted (
        [ordered]@{ UserPrincipalName = $name })
    $plan
}

function Invoke-AccountMailboxChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    if (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's, with -RemoveCreatedMailbox
        Remove-Mailbox -Identity $Now.id -Confirm:$false -ErrorAction Stop
        return
    }
    $account = @{
        Name = Get-AccountName; UserPrincipalName = $Value.ServiceAccountUserPrincipalName
        Password = $Run.PasswordOfServiceAccount; ResetPasswordOnNextLogon = $false
    }
    if ($Value.ServiceAccountOrganizationalUnit -ne '') {
        $account['OrganizationalUnit'] = $Value.ServiceAccountOrganizationalUnit
    }
    # Undo: Remove-Mailbox, with -RemoveCreatedMailbox
    New-Mailbox @account -Confirm:$false -ErrorAction Stop
}

function Assert-NoAccount {
    # An account of Active Directory without a mailbox has the name just as well.
    $name = $Value.ServiceAccountUserPrincipalName
    $user = Invoke-ReadOne -Subject "account $name" -Call { Get-User -Identity $name -ErrorAction Stop }
    if ($null -eq $user) { return }
    throw (Get-Stop -State 'conflict' -Detail (
            "The account $name exists without a mailbox ($(Get-Text $user 'RecipientTypeDetails')). " +
            'Give it one (Enable-Mailbox), or choose another user principal name.'))
}

function Get-AccountMailboxNow {
    param([System.Collections.IDictionary] $Snapshot)
    $mailbox = Read-AccountMailbox $Snapshot.id
    if ($null -eq $mailbox) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) { $properties[$name] = Get-AnsweredText $mailbox -Name $name }
    Get-Present (Get-ObjectId $mailbox) $properties -Of $mailbox
}

function Get-AccountMailboxLabel {
    param([string] $Id)
    $mailbox = Confirm-Found (Read-AccountMailbox $Id) -What "the mailbox $Id"
    "$(Format-Recipient $mailbox), with its account in Active Directory"
}

function Get-AccountMailboxClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    if ($Value.ServiceAccountAdopt) { return 'the description adopts the account and creates none' }
    $account = $Entry.Wanted['properties']['UserPrincipalName']
    if ($Name -ne '' -or -not (Test-SameName $account $Value.ServiceAccountUserPrincipalName)) {
        return "it is not the described $($Value.ServiceAccountUserPrincipalName)"
    }
}

function Find-AccountMailbox {
    # By the described name, where it was asked for by what the journal knows.
    param([System.Collections.IDictionary] $Snapshot)
    Get-AccountMailboxNow -Snapshot (Get-Present $Value.ServiceAccountUserPrincipalName $Snapshot.properties)
}

function Get-AccountMailboxHold {
    # Why an account that was made here must stay, or nothing.
    param($Entry, $Current)
    if ($Entry.Before['exists']) { return }
    $mailbox = Confirm-Found (Read-AccountMailbox $Current.id) -What "the mailbox $($Current.id)"
    $name = Get-Text $mailbox 'UserPrincipalName'
    if (-not (Test-SameName $name $Value.ServiceAccountUserPrincipalName)) { return 'it is not the service account' }
    # Its account goes with it, so that an announced creation is not enough: somebody may have made it since.
    if (-not $Entry.Done) { return 'the journal does not say that it was created here' }
    if (-not $Run.RemoveCreatedMailbox) { return 'to remove it, if it is empty, run Rollback with -RemoveCreatedMailbox' }
    # It works in others' mailboxes, so that its own is empty however much it is used.
    $held = @(Read-Impersonation $name -IfAbsent 'unreadable' | Where-Object -FilterScript {
            -not $Run.Gone.ContainsKey("impersonation assignment:$(Get-Text $_ 'Name')") })
    if ($held.Count -gt 0) {
        Write-SeenAgain 'impersonation' -What "the role assignment '$(Get-Text $held[0] 'Name')'"
        return "it has the role assignment $(Format-Assignment $held[0])"
    }
    Get-MailboxUse $Entry -Id $Current.id
}
