# Scheduling group's members: the equipment mailbox and everybody who schedules. Only direct members are in the scope.

$Steps['scheduling-members'] = { @{
    Compare = 'Compare-SchedulingMember'; Now = 'Get-SchedulingMemberNow'; Change = 'Invoke-SchedulingMemberChange'
    Claim = 'Get-SchedulingMemberClaim'; Widens = 'Test-UndescribedMember'
    Address = $Value.SchedulingGroupAddress; Shown = 'Format-MemberName'; Act = 'Format-MemberAct'
    HoldEntry = 'Get-SchedulingMemberHold'; Decides = 'Get-SchedulingMemberDecider'; Together = $true
    Made = @(); Set = '\S+'; Kind = '*Group'
    Reads = 'Get-Recipient', 'Get-DistributionGroup', 'Get-DistributionGroupMember'
    Apply = @('Add-DistributionGroupMember') + @(if ($Value.SchedulingGroupPrune) { 'Remove-DistributionGroupMember' })
    Rollback = 'Add-DistributionGroupMember', 'Remove-DistributionGroupMember'
    Assert = {
        Assert-Sane (-not (Test-SameName $Value.SchedulingGroupAddress $Value.EquipmentAddress)) (
            'The group and the equipment mailbox cannot have the same address.')
    }
} }

function Get-MemberKey {
    # The name of a member in the journal: its primary address where it has one.
    param($Member)
    $address = (Get-Text $Member 'PrimarySmtpAddress').ToLowerInvariant()
    if ($address -ne '') { $address } else { @(Get-Identifier $Member) | Select-Object -First 1 }
}

function Read-Member {
    # All of them: without -ResultSize Exchange stops at 1000 with a warning. The group exists, so "not found" is not an
    # answer.
    param([string] $Group)
    Invoke-Read -Subject "members of $Group" -IfAbsent (Get-MissingPartState) -Call {
        Get-DistributionGroupMember -Identity $Group -ResultSize Unlimited -ErrorAction Stop
    }
}

function Find-Member {
    # The member with this address. The list shows primary addresses only, so another address is looked up.
    param([hashtable] $Index, [string] $Address)
    if ($Index.ContainsKey($Address)) { return $Index[$Address] }
    foreach ($id in @(Get-Identifier (Get-Joiner $Address))) {
        if ($Index.ContainsKey($id)) { return $Index[$id] }
    }
    $null
}

function Get-Joiner {
    # Looked up once in a run: whether somebody is a member by now is seen in the group's list, and whoever is gone by
    # then is refused by Exchange itself. Who was not found is asked about again.
    param([string] $Address)
    if (-not $Run.People.ContainsKey($Address)) {
        $found = Get-RecipientOf $Address
        if ($null -eq $found) { return $null }
        $Run.People[$Address] = $found
    }
    $Run.People[$Address]
}

function Get-MemberIndex {
    param([object[]] $Members)
    $index = Get-Table
    foreach ($member in $Members) {
        foreach ($id in @(Get-Identifier $member)) { $index[$id] = $member }
    }
    $index
}

function Assert-Member {
    # A missing member, or a group as a member, would leave people without the service, and nobody would notice.
    param([string] $Address, $Recipient)
    if ($null -eq $recipient) {
        throw (Get-Stop -State 'conflict' -Detail "The member $Address was not found in Exchange.")
    }
    if ((Get-Text $recipient 'RecipientTypeDetails') -clike '*Group*') {
        throw (Get-Stop -State 'conflict' -Detail (
                "$(Format-Recipient $recipient) is a group: " +
                'members of a group in the group are not in the scope. Name its members.'))
    }
}

function Get-SchedulingMemberDecider {
    # What membership means: the application can open the mailboxes of members, and no others.
    param([hashtable] $Plan)
    if ($Run.Mode -cne 'Apply') { return }
    $count = $Plan.Changes.Count
    if ($Plan['AskedApart']) {
        return "Reach     Members that leave the scope: $count. Through its role the application can no longer open their " +
            "mailboxes once Exchange applies the change ($($Facts.RoleTakes))."
    }
    "Reach     Mailboxes that come into the application's reach: $count. If it has its role already, as soon as Exchange " +
        "applies the change ($($Facts.RoleTakes)); else with the step application-role."
    Get-SchedulingGroupDecider $Plan
}

function Compare-SchedulingMember {
    $plan = Get-EmptyPlan 'scheduling-members'
    $group = Get-SchedulingGroup
    if ($null -eq $group -and -not (Test-Planned 'scheduling-group')) {
        throw (Get-Awaited 'scheduling-group' 'The scheduling group')
    }
    $id = if ($null -ne $group) { Get-ObjectId $group } else { $Value.SchedulingGroupAddress }
    $members = @(if ($null -ne $group) { Read-Member $id })
    $index = Get-MemberIndex $members
    $kept = Add-WantedMember $plan -Group $id -Index $index
    $adds = $plan.Changes.Count
    $count = $members.Count + $adds
    $strangers = @($members | Where-Object -FilterScript { -not $kept.ContainsKey((Get-MemberKey $_)) })
    if ($Value.SchedulingGroupPrune) {
        foreach ($stranger in $strangers) { Add-MemberChange $plan -Group $id -Key (
                Get-MemberKey $stranger) -IsMember $false }
        $count -= $strangers.Count
    } elseif ($strangers.Count -gt 0) {
        $plan.Notes += "Not in the description, and in the scope all the same ($($strangers.Count)): " +
            "$(Format-Some $strangers -Most 20 -Name { Get-MemberKey $_ })."
    }
    $nested = @($members | Where-Object -FilterScript { (Get-Text $_ 'RecipientTypeDetails') -clike '*Group*' })
    if ($nested.Count -gt 0) {
        $plan.Notes += "Groups among the members, whose own members are not in the scope ($($nested.Count)): " +
            "$(Format-Some $nested -Most 20 -Name { Get-MemberKey $_ })."
    }
    $Run.GroupSize = $count
    if ($adds -gt 0) { Assert-AddedReach }
    if ($plan.Changes.Count -gt 0 -and (Test-Synchronized (Read-SchedulingGroup $id))) {
        throw (Get-Stop -State 'blocked' -Detail (
                "$($Value.SchedulingGroupAddress) is synchronized from on-premises Active Directory. Change it there."))
    }
    $plan
}

function Add-WantedMember {
    # Adds the missing described members to the plan; returns the keys of those who are members already.
    param([hashtable] $Plan, [string] $Group, [hashtable] $Index)
    $kept = Get-Table
    $elsewhere = New-Object -TypeName System.Collections.ArrayList
    $wanted = @(Get-Distinct (@($Value.EquipmentAddress) + @($Value.SchedulingGroupMembers)))
    $pace = Get-Pace $wanted.Count -What 'members looked at'
    foreach ($address in $wanted) {
        Write-Pace $pace
        $member = Find-Member $Index $address
        if ($null -ne $member) { $kept[(Get-MemberKey $member)] = $true }
        if (Test-SameName $address $Value.EquipmentAddress) {
            if ($null -ne $member) { continue }
            if ($null -eq (Get-EquipmentMailbox) -and -not (Test-Planned 'equipment-mailbox')) {
                throw (Get-Awaited 'equipment-mailbox' 'The equipment mailbox')
            }
        } else {
            $person = if ($null -ne $member) { $member } else { Get-Joiner $address }
            if ($null -eq $member) { Assert-Member $address -Recipient $person }
            $isElsewhere = -not (Test-MailboxHere $person)
            if ($isElsewhere) { [void] $elsewhere.Add($person) }
            if ($isElsewhere -or $null -ne $member) { continue }
        }
        Add-MemberChange $Plan -Group $Group -Key $address.ToLowerInvariant() -IsMember $true
    }
    Add-ElsewhereNote $Plan -People $elsewhere.ToArray()
    $kept
}

function Test-MailboxHere {
    # Whether this Exchange has the mailbox, so that the role reaches it. A mail user, a contact, a guest or a mailbox
    # in the other half of a hybrid organization is a recipient and nothing more. Of an unknown type it is tried, and
    # Exchange refuses it if it has to; a group that is a member already is counted on its own.
    param($Recipient)
    $type = Get-Text $Recipient 'RecipientTypeDetails'
    $type -eq '' -or $type -clike '*Group*' -or ($type -clike '*Mailbox' -and $type -cnotlike 'Remote*')
}

function Add-ElsewhereNote {
    # Who is described and has no mailbox here is not added, and is left where somebody else has.
    param([hashtable] $Plan, [object[]] $People)
    if ($People.Count -eq 0) { return }
    $Plan.Remaining = 'blocked'
    $names = Format-Some $People -Most 20 -Name { Format-Recipient $_ }
    $Plan.Notes += "$($People.Count) described members have no mailbox in this organization, so nothing can be scheduled " +
        "for them, and they are not added: $names. Remove them from the description, or move their mailboxes here."
}

function Format-MemberName {
    param([string] $Name)
    "member:$Name"
}

function Format-MemberAct {
    # What Rollback does with one.
    param([string] $Name, $Given, [string] $Label)
    if ($Given) { "add member $Name to $Label again" } else { "remove member $Name from $Label" }
}

function Add-MemberChange {
    param([hashtable] $Plan, [string] $Group, [string] $Key, [bool] $IsMember)
    $text = if ($IsMember) { "add $Key to $($Value.SchedulingGroupAddress)" }
    else { "remove $Key from $($Value.SchedulingGroupAddress)" }
    Add-Setting $Plan -Text $text -Id $Group -Before ([ordered]@{ $Key = -not $IsMember }) -Wanted (
        [ordered]@{ $Key = $IsMember })
}

function Invoke-SchedulingMemberChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    foreach ($key in $Change.Wanted.properties.Keys) {
        $member = @{ Identity = $Now.id; Member = $key; BypassSecurityGroupManagerCheck = $true }
        if ($Change.Wanted.properties[$key]) {
            # Undo: Remove-DistributionGroupMember
            Add-DistributionGroupMember @member -Confirm:$false -ErrorAction Stop
        } else {
            # Undo: Add-DistributionGroupMember
            Remove-DistributionGroupMember @member -Confirm:$false -ErrorAction Stop
        }
    }
}

function Get-SchedulingMemberNow {
    param([System.Collections.IDictionary] $Snapshot)
    $group = Read-SchedulingGroup $Snapshot.id
    if ($null -eq $group) { return Get-Absent $Snapshot.id }
    $id = Get-ObjectId $group
    $index = Get-MemberIndex @(Read-Member $id)
    $properties = [ordered]@{}
    foreach ($key in $Snapshot.properties.Keys) {
        # Who is expected not to be a member need not be looked up by other addresses.
        $member = if ($Snapshot.properties[$key] -eq $false) { $index[$key] }
        else { Find-Member $index $key }
        $properties[$key] = $null -ne $member
    }
    Get-Present $id $properties
}

function Get-GoneMember {
    # Every identity of the members that this Rollback plans to remove.
    param([string] $Group)
    $begin = "scheduling-members $Group|"
    foreach ($key in @($Run.Gone.Keys | Where-Object -FilterScript { $_.StartsWith($begin, 'Ordinal') })) {
        Get-Identifier (Get-RecipientOf $key.Substring($begin.Length))
    }
}

function Get-SchedulingMemberHold {
    # Who was taken out and has left since cannot come back; that is no reason to leave the others out. A scope that
    # this Rollback left to somebody else reaches whom the group holds.
    param($Entry, $Current, [string] $Name)
    if ('kept', 'pending' -ccontains $Run.States['application-scope']) {
        return 'the management scope still exists, and it reaches the members of the group'
    }
    $isOut = $Current.properties[$Name] -ne $true -and $Entry.Before['properties'][$Name] -eq $true
    if ($isOut -and $null -eq (Get-RecipientOf $Name)) { return "$Name was not found" }
}

function Get-SchedulingMemberClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    if ($Name -ne '' -and (Test-SwitchedOn $Entry $Name)) {
        if (Test-UndescribedMember $Name) { return 'the description does not name that member' }
        return
    }
    $isOut = $Name -ne '' -and $Entry.Before['properties'][$Name] -eq $true -and
        $Entry.Wanted['properties'][$Name] -eq $false
    if (-not $isOut) { return 'no run of this step does that' }
    if (Test-Pattern $Name) { return 'it is a pattern' }
    if (-not $Value.SchedulingGroupPrune) { return 'the description removes nobody from the group' }
}

function Test-UndescribedMember {
    param([string] $Name)
    @($Value.EquipmentAddress) + @($Value.SchedulingGroupMembers) -notcontains $Name
}
