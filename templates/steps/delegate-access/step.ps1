# Delegate access: who may open the equipment mailbox, to look into it when something goes wrong.

$Steps['delegate-access'] = { @{
    Compare = 'Compare-DelegateAccess'; Now = 'Get-DelegateAccessNow'; Change = 'Invoke-DelegateAccessChange'
    Described = $Value.Delegates.Count -gt 0; Together = $true
    Claim = 'Get-DelegateAccessClaim'; Address = $Value.EquipmentAddress
    Shown = 'Format-DelegateName'; Act = 'Format-DelegateAct'
    Made = @(); Set = '\S+@\S+'; Kind = 'EquipmentMailbox'
    Reads = 'Get-Recipient', 'Get-MailboxPermission'
    Apply = @('Add-MailboxPermission'); Rollback = @('Remove-MailboxPermission')
    NotChecked = (
        'Automapping of access that was there before: Exchange does not show it. ' +
        'To change it, remove the access and give it again.')
} }

function Read-FullAccess {
    # Who has it, or is denied it, as an entry of its own, not inherited. The mailbox is there, and so is who is asked
    # for by name, so "not found" is no answer.
    param([string] $Identity, [string] $Account = '')
    $call = { Get-MailboxPermission -Identity $Identity -ErrorAction Stop }
    if ($Account -ne '') { $call = { Get-MailboxPermission -Identity $Identity -User $Account -ErrorAction Stop } }
    $missing = if ($Account -ne '' -and $null -eq (Get-RecipientOf $Account)) { '' } else { Get-MissingPartState }
    @(Invoke-Read -Subject "permissions on $Identity" -IfAbsent $missing -Call $call | Where-Object -FilterScript {
            $rights = @(Get-Answered $_ -Name 'AccessRights' | ForEach-Object -Process {
                    ([string] $_).Split([char[]] ', ') })
            $rights -contains 'FullAccess' -and
                -not (Test-Same (Get-Property $_ 'IsInherited') $true) })
}

function Test-Denied {
    param($Entry)
    Test-Same (Get-Property $Entry 'Deny') $true
}

function Test-FullAccess {
    # Exchange lists a user by address, name, GUID or SID. Whom the list does not show as such is asked for by name,
    # which Exchange resolves itself; an answer that names the mailbox itself was not about that user.
    param([string] $Identity, [string] $Account, [object[]] $Rows)
    $others = @($Rows | Where-Object -FilterScript { -not (Test-Denied $_) } |
            ForEach-Object -Process { Get-Text $_ 'User' } | Where-Object -FilterScript { $_ -ne 'NT AUTHORITY\SELF' })
    if ($others -contains $Account) { return $true }
    if ($others.Count -eq 0) { return $false }
    $ids = @(Get-Identifier (Get-RecipientOf $Account))
    if (@($others | Where-Object -FilterScript { $ids -contains $_ }).Count -gt 0) { return $true }
    $found = @(Read-FullAccess -Identity $Identity -Account $Account |
            Where-Object -FilterScript { -not (Test-Denied $_) } | ForEach-Object -Process { Get-Text $_ 'User' })
    $found.Count -gt 0 -and $found -notcontains 'NT AUTHORITY\SELF'
}

function Assert-NotDenied {
    # An entry that denies goes before one that allows, and somebody made it on purpose. Where there is any, each account
    # is asked for by name: Exchange Server lists its holder as DOMAIN\name, which no recipient shows.
    param([string] $Identity, [string] $Account, [object[]] $Rows)
    if (@($Rows | Where-Object -FilterScript { Test-Denied $_ }).Count -eq 0) { return }
    $entries = @(Read-FullAccess -Identity $Identity -Account $Account)
    # An answer that names the mailbox itself was not about that user.
    if (@($entries | ForEach-Object -Process { Get-Text $_ 'User' }) -contains 'NT AUTHORITY\SELF') { return }
    $found = @($entries | Where-Object -FilterScript { Test-Denied $_ } | ForEach-Object -Process { Get-Text $_ 'User' })
    if ($found.Count -eq 0) { return }
    throw (Get-Stop -State 'conflict' -Detail (
            "An entry, listed as '$($found[0])', denies $Account full access to $($Value.EquipmentAddress), and goes " +
            'before one that allows it. It is not touched: remove it yourself, or do not describe that delegate.'))
}

function Assert-Delegate {
    param([string] $Account)
    $recipient = Get-RecipientOf $Account
    if ($null -eq $recipient) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The delegate $Account was not found in Exchange."))
    }
    if ('MailUniversalDistributionGroup', 'GroupMailbox', 'DynamicDistributionGroup' -contains (
            Get-Text $recipient 'RecipientTypeDetails')) {
        throw (Get-Stop -State 'conflict' -Detail (
                "$(Format-Recipient $recipient) cannot be given access: " +
                'only a mailbox or a mail-enabled security group can.'))
    }
}

function Format-DelegateName {
    param([string] $Name)
    "FullAccess:$Name"
}

function Format-DelegateAct {
    # What Rollback does with one; Apply only ever gives access.
    param([string] $Name, $Given, [string] $Label)
    if (-not $Given) { "remove full access of $Name to $Label" }
}

function Compare-DelegateAccess {
    $plan = Get-EmptyPlan 'delegate-access'
    $recipient = Get-EquipmentMailbox
    if ($null -eq $recipient -and -not (Test-Planned 'equipment-mailbox')) {
        throw (Get-Awaited 'equipment-mailbox' 'The equipment mailbox')
    }
    $id = if ($null -ne $recipient) { Get-ObjectId $recipient } else { $Value.EquipmentAddress }
    $rows = @(if ($null -ne $recipient) { Read-FullAccess $id })
    foreach ($delegate in $Value.Delegates) {
        $account = ([string] $delegate['Account']).ToLowerInvariant()
        Assert-NotDenied -Identity $id -Account $account -Rows $rows
        if (Test-FullAccess -Identity $id -Account $account -Rows $rows) { continue }
        Assert-Delegate $account
        $whom = if ((Get-Text (Get-RecipientOf $account) 'RecipientTypeDetails') -clike '*Group') { "all members of $account" }
        else { $account }
        $text = "give $whom full access to $($Value.EquipmentAddress), " +
            "automapping $(if ($delegate['Automapping']) { 'on' } else { 'off' })"
        Add-Setting $plan -Text $text -Id $id -Before ([ordered]@{ $account = $false }) -Wanted (
            [ordered]@{ $account = $true })
    }
    $plan
}

function Invoke-DelegateAccessChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    foreach ($account in $Change.Wanted.properties.Keys) {
        $access = @{ Identity = $Now.id; User = $account; AccessRights = 'FullAccess'; InheritanceType = 'All' }
        if (-not $Change.Wanted.properties[$account]) {
            # Undo: none; Rollback's undo of Add-MailboxPermission
            Remove-MailboxPermission @access -Confirm:$false -ErrorAction Stop
            continue
        }
        $delegate = @($Value.Delegates | Where-Object -FilterScript { Test-SameName $_['Account'] $account }) |
            Select-Object -First 1
        # Undo: Remove-MailboxPermission
        Add-MailboxPermission @access -AutoMapping ([bool] $delegate['Automapping']) -Confirm:$false -ErrorAction Stop
    }
}

function Get-DelegateAccessNow {
    param([System.Collections.IDictionary] $Snapshot)
    $mailbox = Get-RecipientOf $Snapshot.id
    if ($null -eq $mailbox) { return Get-Absent $Snapshot.id }
    $id = Get-ObjectId $mailbox
    $properties = [ordered]@{}
    $rows = @(Read-FullAccess $id)
    foreach ($account in $Snapshot.properties.Keys) {
        $properties[$account] = Test-FullAccess -Identity $id -Account $account -Rows $rows
    }
    Get-Present $id $properties
}

function Get-DelegateAccessClaim {
    # Why the description cannot have led to this, or nothing: it gives access to described accounts.
    param($Entry, [string] $Name)
    $described = @($Value.Delegates | ForEach-Object -Process { [string] $_['Account'] })
    if ($Name -eq '' -or $described -notcontains $Name -or -not (Test-SwitchedOn $Entry $Name)) {
        return 'the description does not give that access'
    }
}
