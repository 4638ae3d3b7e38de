# Scheduling group: Pexip may act in the mailboxes of its direct members.

$GroupUsesUnseen = 'Note      No other member, management scope or role of an application was found that uses it. Other ' +
    'uses, as in mail flow rules, permissions or other groups, are not looked for.'

$Steps['scheduling-group'] = { @{
    Compare = 'Compare-SchedulingGroup'; Now = 'Get-SchedulingGroupNow'; Change = 'Invoke-SchedulingGroupChange'
    Claim = 'Get-SchedulingGroupClaim'; Address = $Value.SchedulingGroupAddress
    Act = 'Format-GroupAct'; Hold = 'Get-SchedulingGroupHold'; Decides = 'Get-SchedulingGroupDecider'
    Made = @('PrimarySmtpAddress,DisplayName,MemberJoinRestriction,MemberDepartRestriction')
    Set = 'DisplayName|MemberJoinRestriction|owner:\S+'; Kind = '*Group'
    Reads = 'Get-Recipient', 'Get-DistributionGroup', 'Get-Mailbox'
    Apply = @('New-DistributionGroup', 'Set-DistributionGroup') +
        @(if ($Value.SchedulingGroupAdopt) { 'Get-DistributionGroupMember' })
    Rollback = 'Set-DistributionGroup', 'Get-DistributionGroupMember', 'Get-ManagementScope',
        'Get-ManagementRoleAssignment', 'Remove-DistributionGroup'
    Needed = 'SchedulingGroupAddress', 'SchedulingGroupName'
} }

function Get-SchedulingGroup {
    # The group as a recipient, or $null. Only a group whose direct members Exchange stores can be used in a scope.
    $recipient = Get-RecipientOf $Value.SchedulingGroupAddress
    if ($null -eq $recipient) { return $null }
    $types = @('MailUniversalSecurityGroup') + @(if ($Value.SchedulingGroupAdopt) { 'MailUniversalDistributionGroup' })
    $isOurs = $types -contains (Get-Text $recipient 'RecipientTypeDetails') -and
        (Test-SameName (Get-Text $recipient 'PrimarySmtpAddress') $Value.SchedulingGroupAddress)
    if (-not $isOurs) {
        throw (Get-Stop -State 'conflict' -Detail (
                "$($Value.SchedulingGroupAddress) belongs to $(Format-Recipient $recipient); " +
                "wanted is a $($types -join ' or ') with that primary address. $(Get-GroupAdvice $recipient)"))
    }
    $recipient
}

function Get-GroupAdvice {
    # Advice for what was found. Only a distribution group can be used as it is.
    param($Recipient)
    $type = Get-Text $Recipient 'RecipientTypeDetails'
    $isPrimary = Test-SameName (Get-Text $Recipient 'PrimarySmtpAddress') $Value.SchedulingGroupAddress
    if (-not $isPrimary -and $type -clike '*Group') {
        return "Describe it by $(Get-Text $Recipient 'PrimarySmtpAddress'), its primary address, or choose another one."
    }
    if ($type -ceq 'MailUniversalDistributionGroup' -and -not $Value.SchedulingGroupAdopt) {
        return 'Choose another address, or, if this group is to be used as it is, describe it with adopt: true ' +
            '(-SchedulingGroupAdopt $true).'
    }
    if ($type -ceq 'RoomList') {
        return 'A room list is there to find rooms and cannot be the scheduling group. Choose another address.'
    }
    'Choose another address.'
}

function Read-SchedulingGroup {
    param([string] $Identity)
    Invoke-ReadOne -Subject "group $Identity" -Call { Get-DistributionGroup -Identity $Identity -ErrorAction Stop }
}

function Test-GroupOwner {
    # Exchange lists owners by name, GUID or address, depending on the age of the object.
    param($Group, $Owner)
    $ids = @(Get-Identifier $Owner)
    @(@(Get-Answered $Group -Name 'ManagedBy') | Where-Object -FilterScript { $ids -contains [string] $_ }).Count -gt 0
}

function Format-GroupAct {
    # What Rollback does with an owner that was added.
    param([string] $Name, $Given, [string] $Label)
    if ($Name -clike 'owner:*' -and -not $Given) { "remove owner $($Name.Substring(6)) from $Label" }
}

function Get-DescribedOwner {
    # The described owner as a recipient, or nothing where none is described.
    if ($Value.SchedulingGroupManagedBy -eq '') { return $null }
    $owner = Get-RecipientOf $Value.SchedulingGroupManagedBy
    if ($null -ne $owner) { return $owner }
    throw (Get-Stop -State 'conflict' -Detail "The owner $($Value.SchedulingGroupManagedBy) was not found in Exchange.")
}

function Compare-SchedulingGroup {
    $plan = Get-EmptyPlan 'scheduling-group'
    $address = $Value.SchedulingGroupAddress
    $owner = Get-DescribedOwner
    $recipient = Get-SchedulingGroup
    if ($null -eq $recipient) { return Get-NewGroupPlan $plan }
    $id = Get-ObjectId $recipient
    $group = Read-SchedulingGroup $id
    if ($null -eq $group) {
        throw (Get-Stop -State 'unreadable' -Detail (
                "$address is a recipient, but Exchange does not find the group yet."))
    }
    $wanted = [ordered]@{}
    if (-not $Value.SchedulingGroupAdopt) { $wanted['DisplayName'] = $Value.SchedulingGroupName }
    if ($Value.SchedulingGroupHarden) { $wanted['MemberJoinRestriction'] = 'Closed' }
    if ($null -ne $owner) { $wanted["owner:$($Value.SchedulingGroupManagedBy)"] = $true }
    foreach ($name in @($wanted.Keys)) {
        $current = if ($name -clike 'owner:*') { Test-GroupOwner $group $owner }
        else { Get-AnsweredText $group -Name $name }
        if (Test-Same $current $wanted[$name]) { continue }
        $text = if ($name -clike 'owner:*') {
            "add owner $($Value.SchedulingGroupManagedBy) to $address; its other owners stay"
        } else { "set $name of $address to $(Format-Value $wanted[$name])" }
        Add-Setting $plan -Text $text -Id $id -Before ([ordered]@{ $name = $current }) -Wanted (
            [ordered]@{ $name = $wanted[$name] })
    }
    if ($plan.Changes.Count -gt 0 -and (Test-Synchronized $group)) {
        throw (Get-Stop -State 'blocked' -Detail (
                "$address is synchronized from on-premises Active Directory. Change it there."))
    }
    if ((Get-Text $group 'MemberJoinRestriction') -eq 'Open' -and -not $Value.SchedulingGroupHarden) {
        $plan.Notes += 'Anybody can join this group and so give Pexip access to their mailbox; harden: true ' +
            '(-SchedulingGroupHarden $true) closes it.'
    }
    $plan
}

function Get-SchedulingGroupDecider {
    # The members of an adopted group come into reach as well, whether they are described or not; in a Rollback, who can
    # come into it again.
    param([hashtable] $Plan)
    if ($Run.Mode -ceq 'Rollback') {
        foreach ($wanted in @($Plan.Changes | ForEach-Object -Process { $_.Wanted })) {
            if (-not $wanted.exists) { $GroupUsesUnseen }
            $joining = $wanted.properties['MemberJoinRestriction']
            if ('Open', 'ApprovalRequired' -cnotcontains $joining) { continue }
            "Effect    Joining the group is $joining again. Whoever joins comes into the application's reach while its role is there."
        }
    }
    if ($Run.Mode -cne 'Apply' -or -not $Value.SchedulingGroupAdopt -or $Plan.Changes.Count -eq 0) { return }
    $group = Get-SchedulingGroup
    if ($null -eq $group) { return }
    $members = @(Read-Member (Get-ObjectId $group))
    $strangers = @(Get-UndescribedMember $members -Described (Get-AddressTable (
                @($Value.EquipmentAddress) + @($Value.SchedulingGroupMembers))))
    # Members of a group in the group are not reached.
    $strangers = @($strangers | Where-Object -FilterScript { (Get-Text $_ 'RecipientTypeDetails') -cnotlike '*Group*' })
    $names = if ($strangers.Count -gt 0) { ": $(Format-Some $strangers -Most 10 -Name { Get-MemberKey $_ })" }
    "Adopted   The group existed before this deployment. Members now: $($members.Count). NOT in the description, and " +
        "reached all the same: $($strangers.Count)$names."
}

function Get-NewGroupPlan {
    param([hashtable] $Plan)
    $address = $Value.SchedulingGroupAddress
    if ($Value.SchedulingGroupAdopt) {
        throw (Get-Stop -State 'conflict' -Detail "adopt is true (-SchedulingGroupAdopt), but the group $address was not found.")
    }
    $namesake = Get-Namesake $Value.SchedulingGroupName
    if ((Test-SameName (Get-Text $namesake 'Name') $Value.SchedulingGroupName) -and
        -not (Test-SameName (Get-Text $namesake 'PrimarySmtpAddress') $address)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The name '$($Value.SchedulingGroupName)' belongs to $(Format-Recipient $namesake). " +
                'Choose another group name.'))
    }
    Assert-NotDeleted $address
    $wanted = [ordered]@{
        PrimarySmtpAddress = $address; DisplayName = $Value.SchedulingGroupName
        MemberJoinRestriction = 'Closed'; MemberDepartRestriction = 'Closed'
    }
    # Whoever owns the group decides who gets into it.
    $owner = $Value.SchedulingGroupManagedBy
    $shown = if ($owner -ne '') { $owner } elseif ($Run.Operator) { "the account that runs this ($($Run.Operator))" }
    else { 'chosen by Exchange (which may refuse that to an application)' }
    Add-Creation $Plan -Id $address -Wanted $wanted -Text (
        "create the mail-enabled security group $address, alias '$(Get-LocalPart $address)', name " +
        "'$($Value.SchedulingGroupName)' whatever the naming policy for groups says, closed to joining and leaving, owner $shown")
    if ($owner -ne '') { Add-Difference $Plan -Property 'ManagedBy' -Current $null -Wanted $owner }
    $Plan
}

function Invoke-SchedulingGroupChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $wanted = $Change.Wanted.properties
    if (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's undo of New-DistributionGroup
        Remove-DistributionGroup -Identity $Now.id -BypassSecurityGroupManagerCheck -Confirm:$false -ErrorAction Stop
        return
    }
    if (-not $Change.Before.exists) {
        $group = @{
            Name = $Value.SchedulingGroupName; DisplayName = $wanted.DisplayName
            Alias = Get-LocalPart $Value.SchedulingGroupAddress
            PrimarySmtpAddress = $Value.SchedulingGroupAddress; Type = 'Security'
            MemberJoinRestriction = 'Closed'; MemberDepartRestriction = 'Closed'
        }
        if ($Value.SchedulingGroupManagedBy -ne '') { $group['ManagedBy'] = $Value.SchedulingGroupManagedBy }
        # Undo: Remove-DistributionGroup, once nothing uses it
        New-DistributionGroup @group -IgnoreNamingPolicy -Confirm:$false -ErrorAction Stop
        return
    }
    $setting = @{ Identity = $Now.id; BypassSecurityGroupManagerCheck = $true }
    if ($wanted.Contains('DisplayName')) {
        $setting['DisplayName'] = $wanted['DisplayName']
        $setting['IgnoreNamingPolicy'] = $true
    }
    if ($wanted.Contains('MemberJoinRestriction')) {
        $setting['MemberJoinRestriction'] = $wanted['MemberJoinRestriction']
    }
    foreach ($name in @($wanted.Keys | Where-Object -FilterScript { $_ -clike 'owner:*' })) {
        $setting['ManagedBy'] = @(Get-OwnerList -Identity $Now.id -Owner $name.Substring(6) -Add $wanted[$name])
    }
    # Undo: the same call with the values of before, less an added owner
    Set-DistributionGroup @setting -Confirm:$false -ErrorAction Stop
}

function Get-SchedulingGroupNow {
    param([System.Collections.IDictionary] $Snapshot)
    $group = Read-SchedulingGroup $Snapshot.id
    if ($null -eq $group) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) {
        if ($name -clike 'owner:*') { $properties[$name] = Test-GroupOwner $group (Get-RecipientOf $name.Substring(6)) }
        else { $properties[$name] = Get-AnsweredText $group -Name $name }
    }
    Get-Present (Get-ObjectId $group) $properties -Of $group
}

function Get-OwnerList {
    # The owners as Exchange lists them, with one added or removed. The others are written back unchanged.
    param([string] $Identity, [string] $Owner, [bool] $Add)
    $group = Read-SchedulingGroup $Identity
    if ($null -eq $group) {
        throw (Get-Stop -State (Get-MissingState) -Detail "Exchange does not find the group $Identity at the moment.")
    }
    $recipient = Get-RecipientOf $Owner
    foreach ($entry in @(Get-Answered $group -Name 'ManagedBy' | Where-Object -FilterScript { [string] $_ -ne '' })) {
        $isThis = Test-GroupOwner ([pscustomobject]@{ ManagedBy = @($entry) }) $recipient
        if (-not $isThis) { [string] $entry }
    }
    if ($Add) { $Owner }
}

function Get-SchedulingGroupClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    $before = $Entry.Before['properties'][$Name]
    if ($Name -clike 'owner:*') {
        $isOurs = (Test-SameName $Name.Substring(6) $Value.SchedulingGroupManagedBy) -and (Test-SwitchedOn $Entry $Name)
        if (-not $isOurs) { return 'the description does not set that owner' }
    } elseif ($Name -ceq 'MemberJoinRestriction') {
        $isOurs = $Value.SchedulingGroupHarden -and $Entry.Wanted['properties'][$Name] -ceq 'Closed' -and
            'Open', 'ApprovalRequired' -ccontains $before
        if (-not $isOurs) { return 'the description does not close the group' }
    } elseif ($Value.SchedulingGroupAdopt) { return 'the description adopts the group as it is' }
    $address = $Entry.Wanted['properties']['PrimarySmtpAddress']
    if ($Name -eq '' -and -not (Test-SameName $address $Value.SchedulingGroupAddress)) {
        return "it is not the described $($Value.SchedulingGroupAddress)"
    }
}

function Get-SchedulingGroupHold {
    # Why a group that this step created must stay, or nothing: it has other members, or a scope or role uses it.
    param($Entry, $Current)
    if ($Entry.Before['exists']) { return }
    $id = $Current.id
    $group = Confirm-Found (Read-SchedulingGroup $id) -What "the group $id"
    $members = @(Read-Member $id)
    $others = @($members | Where-Object -FilterScript {
            $address = (Get-Text $_ 'PrimarySmtpAddress').ToLowerInvariant()
            -not $Run.Gone.ContainsKey("scheduling-members $id|$address") })
    if ($others.Count -gt 0) {
        # The journal may name a member by another of its addresses.
        $gone = Get-Table
        foreach ($name in @(Get-GoneMember $id)) { $gone[$name] = $true }
        $others = @($others | Where-Object -FilterScript {
                @(Get-Identifier $_ | Where-Object -FilterScript { $gone.ContainsKey($_) }).Count -eq 0 })
    }
    if ($others.Count -gt 0) {
        Write-SeenAgain 'scheduling-members' -What "$($others.Count) members of the group"
        return "it has $($others.Count) members that this Rollback does not remove: " +
            (Format-Some $others -Most 20 -Name { Get-MemberKey $_ })
    }
    # An empty name would stand in the filter of every scope.
    $name = Get-Filled (Get-Text $group 'DistinguishedName')
    $quoted = (Confirm-Found $name -What "the distinguished name of the group $id").Replace("'", "''")
    foreach ($scope in @(Invoke-Read -Subject 'management scopes' -IfAbsent 'unreadable' -Call {
                Get-ManagementScope -ErrorAction Stop })) {
        $uses = (Get-Text $scope 'RecipientFilter').IndexOf($quoted, [System.StringComparison]::OrdinalIgnoreCase) -ge 0
        $its = Get-Text $scope 'Name'
        if (-not $uses -or $Run.Gone.ContainsKey("application-scope $its")) { continue }
        if (Test-SameName $its $Value.ScopeName) { Write-SeenAgain 'application-scope' -What "the scope '$its'" }
        return "the management scope '$its' is built on it"
    }
    foreach ($row in @(Invoke-Read -Subject 'role assignments to applications' -IfAbsent 'unreadable' -Call {
                Get-ManagementRoleAssignment -RoleAssigneeType ServicePrincipal -ErrorAction Stop })) {
        $uses = (Get-Text $row 'RecipientWriteScope') -eq 'Group' -and
            (Test-SameName (Get-Text $row 'CustomResourceScope') (Get-Text $group 'Name'))
        if ($uses) { return "the role assignment '$(Get-Text $row 'Name')' is scoped to it" }
    }
}
