# Equipment mailbox: the resource mailbox that the add-in invites to every meeting.

$Steps['equipment-mailbox'] = { @{
    Compare = 'Compare-EquipmentMailbox'; Now = 'Get-EquipmentMailboxNow'; Change = 'Invoke-EquipmentMailboxChange'
    Hold = 'Get-EquipmentMailboxHold'; Claim = 'Get-EquipmentMailboxClaim'; Decides = 'Get-MailboxRemoval'
    Address = $Value.EquipmentAddress; Foundation = $true
    ByHand = 'Get-EquipmentMailboxByHand'  # only: exchange-online
    Made = @('PrimarySmtpAddress,DisplayName,Alias'); Set = 'DisplayName|Alias'; Kind = 'EquipmentMailbox'
    Reads = 'Get-Recipient', 'Get-Mailbox'
    Guard = @{
        Name = 'one-touch-join'; Test = 'Assert-NoOneTouchJoinRoom'
        Reads = @(if ($Value.OneTouchJoinGroups.Count -gt 0) { 'Get-Recipient', 'Get-DistributionGroupMember' })
    }
    Apply = @(if (-not $Value.EquipmentAdopt) { 'New-Mailbox', 'Set-Mailbox' })
    Rollback = @('Set-Mailbox') + @(if ($Run.RemoveCreatedMailbox) { 'Get-MailboxStatistics', 'Remove-Mailbox' })
    Needed = 'EquipmentAddress', 'EquipmentName'
    Assert = {
        foreach ($address in $Value.OneTouchJoinAccounts) {
            Assert-Sane (-not (Test-SameName $address $Value.EquipmentAddress)) (
                "$address is used for One-Touch Join; the scheduler needs a mailbox of its own.")
        }
    }
} }

function Assert-NoOneTouchJoinRoom {
    # A One-Touch Join room answers meeting requests itself, and the service would read its meetings. Only membership in
    # its group shows that a mailbox is such a room.
    $ids = @($Value.EquipmentAddress)
    if ($Value.OneTouchJoinGroups.Count -gt 0) { $ids += @(Get-Identifier (Get-RecipientOf $Value.EquipmentAddress)) }
    foreach ($group in $Value.OneTouchJoinGroups) {
        $rooms = @(Invoke-Read -Subject "members of $group" -IfAbsent 'unreadable' -Call {
                Get-DistributionGroupMember -Identity $group -ResultSize Unlimited -ErrorAction Stop })
        foreach ($room in $rooms) {
            $isOurs = @(Get-Identifier $room | Where-Object -FilterScript { $ids -contains $_ }).Count -gt 0
            Assert-That (-not $isOurs) -Guard 'one-touch-join' -Message (
                "$($Value.EquipmentAddress) is a member of $group, whose rooms One-Touch Join serves. " +
                'The scheduler needs an equipment mailbox of its own.')
        }
    }
}

function Get-EquipmentMailbox {
    # The mailbox as a recipient, or $null. Any other recipient with its address is a conflict.
    $recipient = Get-RecipientOf $Value.EquipmentAddress
    if ($null -eq $recipient) { return $null }
    $isOurs = (Get-Text $recipient 'RecipientTypeDetails') -eq 'EquipmentMailbox' -and
        (Test-SameName (Get-Text $recipient 'PrimarySmtpAddress') $Value.EquipmentAddress)
    if (-not $isOurs) {
        throw (Get-Stop -State 'conflict' -Detail (
                "$($Value.EquipmentAddress) belongs to $(Format-Recipient $recipient), " +
                'which is not an equipment mailbox with that primary SMTP address. Choose another address.'))
    }
    Assert-NoOneTouchJoinAccount $recipient
    $recipient
}

function Assert-NoOneTouchJoinAccount {
    # The description may name a One-Touch Join account by any of its names.
    param($Mailbox)
    $names = @(Get-Identifier $Mailbox) + @(Get-Text $Mailbox 'UserPrincipalName') +
        @(Get-Property $Mailbox 'EmailAddresses' |
                ForEach-Object -Process { ([string] $_) -creplace '^[Ss][Mm][Tt][Pp]:' })
    foreach ($address in $Value.OneTouchJoinAccounts) {
        if ($names -notcontains $address) { continue }
        throw (Get-Stop -State 'conflict' -Detail (
                "$address, which One-Touch Join uses, is $(Format-Recipient $Mailbox). " +
                'The two are set up differently: the scheduler needs one of its own.'))
    }
}

function Read-EquipmentMailbox {
    param([string] $Identity)
    Invoke-ReadOne -Subject "mailbox $Identity" -Call { Get-Mailbox -Identity $Identity -ErrorAction Stop }
}

function Assert-EquipmentPlace {
    # No recipient has the address. The name must be free too, and no soft-deleted mailbox may hold the address.
    $namesake = Get-Namesake $Value.EquipmentName
    if ((Test-SameName (Get-Text $namesake 'Name') $Value.EquipmentName) -and
        -not (Test-SameName (Get-Text $namesake 'PrimarySmtpAddress') $Value.EquipmentAddress)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The name '$($Value.EquipmentName)' belongs to $(Format-Recipient $namesake). " +
                'Choose another equipment name.'))
    }
    Assert-NotDeleted $Value.EquipmentAddress  # only: exchange-online
}

$AccountOnline = 'Exchange Online gives the mailbox an account whose sign-in may be enabled, with a random password. ' +
    'Block its sign-in in Entra.'

function Get-EquipmentMailboxByHand {
    param([string] $State)
    # Of a mailbox that is kept only where a journal says that it was created.
    $entries = if ($Run.Mode -ceq 'Rollback') { Get-JournalEntry 'equipment-mailbox' }
    $created = @($entries | Where-Object -FilterScript { $null -ne $_ -and -not $_.Refused -and -not $_.Before['exists'] })
    $isKept = $State -ceq 'kept' -and $created.Count -gt 0
    $isNew = $State -ceq 'changed' -and $Run.Made.Contains('equipment-mailbox')
    if (-not $isKept -and -not $isNew) { return }
    "Block the sign-in of $($Value.EquipmentAddress) in Entra: it may be enabled, with a random password."
}

function Get-WantedMailbox {
    $display = if ($Value.EquipmentDisplayName -ne '') { $Value.EquipmentDisplayName } else { $Value.EquipmentName }
    $alias = if ($Value.EquipmentAlias -ne '') { $Value.EquipmentAlias } else { Get-LocalPart $Value.EquipmentAddress }
    [ordered]@{ PrimarySmtpAddress = $Value.EquipmentAddress; DisplayName = $display; Alias = $alias }
}

function Compare-EquipmentMailbox {
    $plan = Get-EmptyPlan 'equipment-mailbox'
    $wanted = Get-WantedMailbox
    $recipient = Get-EquipmentMailbox
    if ($null -eq $recipient) {
        if ($Value.EquipmentAdopt) {
            throw (Get-Stop -State 'conflict' -Detail (
                    "adopt is true (-EquipmentAdopt), but the equipment mailbox " +
                    "$($Value.EquipmentAddress) was not found."))
        }
        Assert-EquipmentPlace
        Add-Creation $plan -Id $Value.EquipmentAddress -Wanted $wanted -Text (
            "create the equipment mailbox $($Value.EquipmentAddress), name '$($Value.EquipmentName)', display name " +
            "'$($wanted.DisplayName)', alias '$($wanted.Alias)'")
        $plan.Notes += $AccountOnline  # only: exchange-online
        $plan.Notes += 'Exchange Server makes the account of the mailbox disabled. Leave it so.'  # only: exchange-server
        return $plan
    }
    if ($Value.EquipmentAdopt) { return $plan }
    $id = Get-ObjectId $recipient
    $mailbox = Read-EquipmentMailbox $id
    if ($null -eq $mailbox) {
        throw (Get-Stop -State 'unreadable' -Detail (
                "$($Value.EquipmentAddress) is a recipient, but Exchange does not find its mailbox yet."))
    }
    $names = @('DisplayName') + @(if ($Value.EquipmentAlias -ne '') { 'Alias' })
    foreach ($name in $names) {
        $current = Get-AnsweredText $mailbox -Name $name
        if (Test-Same $current $wanted[$name]) { continue }
        Add-Setting $plan -Text "set $name of $($Value.EquipmentAddress) to '$($wanted[$name])'" -Id $id -Before (
            [ordered]@{ $name = $current }) -Wanted ([ordered]@{ $name = $wanted[$name] })
    }
    if ($plan.Changes.Count -gt 0) { Assert-MailboxCanChange $mailbox }
    $plan
}

function Invoke-EquipmentMailboxChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $wanted = $Change.Wanted.properties
    if (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's, with -RemoveCreatedMailbox
        Remove-Mailbox -Identity $Now.id -Confirm:$false -ErrorAction Stop
        return
    }
    if (-not $Change.Before.exists) {
        $mailbox = @{
            Name = $Value.EquipmentName; DisplayName = $wanted.DisplayName; Alias = $wanted.Alias
            PrimarySmtpAddress = $Value.EquipmentAddress
        }
        # Undo: Remove-Mailbox, with -RemoveCreatedMailbox
        New-Mailbox @mailbox -Equipment -Confirm:$false -ErrorAction Stop
        return
    }
    $setting = @{ Identity = $Now.id }
    if ($wanted.Contains('DisplayName')) { $setting['DisplayName'] = $wanted['DisplayName'] }
    if ($wanted.Contains('Alias')) { $setting['Alias'] = $wanted['Alias'] }
    # Undo: the same call with the values of before
    Set-Mailbox @setting -Confirm:$false -ErrorAction Stop
}

function Assert-MailboxCanChange {
    param($Mailbox)
    $address = $Value.EquipmentAddress
    if (Test-Synchronized $Mailbox) {
        throw (Get-Stop -State 'blocked' -Detail (
                "$address is synchronized from on-premises Active Directory. Change it there."))
    }
    Assert-NoAddressPolicy $Mailbox  # only: exchange-server
}

function Assert-NoAddressPolicy {
    # A policy makes the addresses, and makes them anew from a new name or alias.
    param($Mailbox)
    $address = $Value.EquipmentAddress
    if (Test-Same (Get-Property $Mailbox 'EmailAddressPolicyEnabled') $true) {
        throw (Get-Stop -State 'blocked' -Detail (
                "An e-mail address policy makes the addresses of $address, and with another name or alias it could " +
                'take that address away. Set-Mailbox -EmailAddressPolicyEnabled $false first, or describe the ' +
                'mailbox with adopt: true (-EquipmentAdopt $true).'))
    }
}

function Get-EquipmentMailboxNow {
    param([System.Collections.IDictionary] $Snapshot)
    $mailbox = Read-EquipmentMailbox $Snapshot.id
    if ($null -eq $mailbox) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) { $properties[$name] = Get-AnsweredText $mailbox -Name $name }
    Get-Present (Get-ObjectId $mailbox) $properties -Of $mailbox
}

function Get-EquipmentMailboxClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    if ($Value.EquipmentAdopt) { return 'the description adopts the mailbox and changes nothing of it' }
    if ($Name -ceq 'Alias' -and $Value.EquipmentAlias -eq '') { return 'the description names no alias' }
    $address = $Entry.Wanted['properties']['PrimarySmtpAddress']
    if ($Name -eq '' -and -not (Test-SameName $address $Value.EquipmentAddress)) {
        return "it is not the described $($Value.EquipmentAddress)"
    }
}

function Get-EquipmentMailboxHold {
    # Why a mailbox that this step created must stay, or nothing.
    param($Entry, $Current)
    if ($Entry.Before['exists']) { return }
    if (-not $Run.RemoveCreatedMailbox) { return 'to remove it, if it is empty, run Rollback with -RemoveCreatedMailbox' }
    Get-MailboxUse $Entry -Id $Current.id
}
