# Delegate access: who may open the equipment mailbox, to look into it when something goes wrong.

$Steps['delegate-access'] = @{
    Noun = 'DelegateAccess'; Asked = $Value.Delegates.Count -gt 0; Together = $true; WholeList = $false
    Reads = 'Get-Recipient', 'Get-MailboxPermission'
    Apply = @('Add-MailboxPermission'); Verify = @(); Rollback = @('Remove-MailboxPermission')
    NotChecked = 'Automapping of access that was there before: Exchange does not show it. To change it, remove the access and give it again.'
    Assert = {
        foreach ($delegate in $Value.Delegates) { Assert-Sane (Test-Address $delegate['Account']) "-Delegates: '$($delegate['Account'])' is no SMTP address." }
    }
}

function Test-FullAccess {
    # Exchange lists a user as GUID, SID or address; asked for one user, it resolves them itself.
    param([string] $Identity, [string] $Account)
    $rows = @(Invoke-Read -Subject "permissions of $Account on $Identity" -Call { Get-MailboxPermission -Identity $Identity -User $Account -ErrorAction Stop })
    @($rows | Where-Object -FilterScript {
            @(Get-Property $_ 'AccessRights' | ForEach-Object -Process { ([string] $_).Split([char[]] ', ') }) -contains 'FullAccess' -and
            -not (Test-Same (Get-Property $_ 'Deny') $true) -and -not (Test-Same (Get-Property $_ 'IsInherited') $true) -and (Get-Text $_ 'User') -ne 'NT AUTHORITY\SELF' }).Count -gt 0
}

function Assert-Delegate {
    param([string] $Account)
    $recipient = Get-RecipientOf $Account
    if ($null -eq $recipient) { throw (Get-Stop -State 'conflict' -Detail "There is no $Account, which is to have access to the equipment mailbox.") }
    if ('MailUniversalDistributionGroup', 'GroupMailbox', 'DynamicDistributionGroup' -contains (Get-Text $recipient 'RecipientTypeDetails')) {
        throw (Get-Stop -State 'conflict' -Detail "$(Format-Recipient $recipient) cannot be given access: only a mailbox or a mail-enabled security group can.")
    }
}

function Compare-DelegateAccess {
    $plan = Get-Comparison 'delegate-access'
    $recipient = Get-EquipmentMailbox
    if ($null -eq $recipient -and -not (Test-Planned 'equipment-mailbox')) { throw (Get-Awaited 'equipment-mailbox' 'The equipment mailbox') }
    $id = if ($null -ne $recipient) { Get-ObjectId $recipient } else { $Value.EquipmentAddress }
    foreach ($delegate in $Value.Delegates) {
        $account = ([string] $delegate['Account']).ToLowerInvariant()
        Assert-Delegate $account
        if ($null -ne $recipient -and (Test-FullAccess -Identity $id -Account $account)) { continue }
        Add-Difference $plan -Property "FullAccess:$account" -Current $false -Wanted $true
        Add-Change $plan -Text "give $account full access to $($Value.EquipmentAddress), automapping $(if ($delegate['Automapping']) { 'on' } else { 'off' })" -Before (
            Get-Present $id ([ordered]@{ $account = $false })) -Wanted (Get-Present $id ([ordered]@{ $account = $true }))
    }
    $plan
}

function Get-DelegateAccessNow {
    param([System.Collections.IDictionary] $Snapshot)
    $mailbox = Get-RecipientOf $Snapshot.id
    if ($null -eq $mailbox) { return Get-Absent $Snapshot.id }
    $id = Get-ObjectId $mailbox
    $properties = [ordered]@{}
    foreach ($account in $Snapshot.properties.Keys) { $properties[$account] = Test-FullAccess -Identity $id -Account $account }
    Get-Present $id $properties
}

function Invoke-DelegateAccessChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    foreach ($account in $Change.Wanted.properties.Keys) {
        $access = @{ Identity = $Now.id; User = $account; AccessRights = 'FullAccess'; InheritanceType = 'All' }
        if (-not $Change.Wanted.properties[$account]) { Remove-MailboxPermission @access -Confirm:$false -ErrorAction Stop; continue }
        $delegate = @($Value.Delegates | Where-Object -FilterScript { Test-SameName $_['Account'] $account }) | Select-Object -First 1
        Add-MailboxPermission @access -AutoMapping ([bool] $delegate['Automapping']) -Confirm:$false -ErrorAction Stop
    }
}
