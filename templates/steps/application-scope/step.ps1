# Management scope: the direct members of the scheduling group, and nobody else.

$Steps['application-scope'] = { @{
    Compare = 'Compare-ApplicationScope'; Now = 'Get-ApplicationScopeNow'; Change = 'Invoke-ApplicationScopeChange'
    Claim = 'Get-ApplicationScopeClaim'; Again = 'Find-ApplicationScope'; Label = 'Get-ApplicationScopeLabel'
    Hold = 'Get-ApplicationScopeHold'; Decides = 'Get-ApplicationReach'
    Made = @('RecipientFilter'); Set = '(?!)'
    Reads = @('Get-Recipient', 'Get-DistributionGroup', 'Get-ManagementScope')
    Apply = @('New-ManagementScope')
    Rollback = 'Get-ManagementRoleAssignment', 'Remove-ManagementScope'
    Needed = @('ScopeName')
} }

function Get-WantedFilter {
    # Built from the distinguished name that Exchange returns for the group; $null while the group does not exist.
    $recipient = Get-SchedulingGroup
    if ($null -eq $recipient) { return $null }
    $name = Get-Text (Read-SchedulingGroup (Get-ObjectId $recipient)) 'DistinguishedName'
    if ($name -eq '') {
        throw (Get-Stop -State 'unreadable' -Detail (
                'Exchange does not tell the distinguished name of the scheduling group yet.'))
    }
    Get-ScopeFilter 'MemberOfGroup' -Is $name
}

function Assert-Reach {
    # How many mailboxes the scope reaches: by Exchange's own preview, and with the members that this run adds.
    param([string] $Filter)
    $count = [int] $Run.GroupSize
    if ($Filter -ne '') {
        $count = [Math]::Max($count, @(Read-Reach $Filter).Count)
    }
    if ($count -gt $Value.ScopeMaxMailboxes) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The scope would reach $count mailboxes; the description allows $($Value.ScopeMaxMailboxes)."))
    }
}

function Assert-AddedReach {
    # Of members that are about to be added by a run that does not look at the scope: the application may have its role
    # already.
    $isAlone = $Run.Selected -ccontains 'scheduling-members' -and $Run.Selected -cnotcontains 'application-scope'
    if ($isAlone -and $Run.Mode -cne 'Verify' -and $Value.ScopeMaxMailboxes -gt 0) { Assert-Reach '' }
}

function Get-ApplicationReach {
    # Always shown, also without a limit in the description: the number tells whether somebody filled the group.
    param([hashtable] $Plan)
    if ($Run.Mode -cne 'Apply' -or $Plan.Changes.Count -eq 0) { return }
    Get-ReachLine ([string] (Get-WantedFilter)) -Described (Get-AddressTable (
            @($Value.EquipmentAddress) + @($Value.SchedulingGroupMembers)))
    Get-LaterReachLine $Value.SchedulingGroupAddress
}

function Compare-ApplicationScope {
    $plan = Get-EmptyPlan 'application-scope'
    $filter = Get-WantedFilter
    if ($null -eq $filter -and -not (Test-Planned 'scheduling-group')) {
        throw (Get-Awaited 'scheduling-group' 'The scheduling group')
    }
    if ($Value.ScopeMaxMailboxes -gt 0) { Assert-Reach $filter }
    $scope = Read-ManagementScope $Value.ScopeName
    if ($null -eq $scope) {
        $wanted = if ($filter) { $filter }
        else { "MemberOfGroup -eq '<distinguished name of $($Value.SchedulingGroupAddress)>'" }
        $text = "create the management scope '$($Value.ScopeName)' with the filter: $wanted"
        Add-Creation $plan -Text $text -Id $Value.ScopeName -Wanted ([ordered]@{ RecipientFilter = $wanted })
        return $plan
    }
    Assert-DescribedScope $scope -Filter $filter
    $plan
}

function Invoke-ApplicationScopeChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    if (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's undo of New-ManagementScope
        Remove-ManagementScope -Identity $Now.id -Confirm:$false -ErrorAction Stop
        return
    }
    # Undo: Remove-ManagementScope, once no role uses it
    New-ManagementScope -Name $Value.ScopeName -RecipientRestrictionFilter (
        $Change.Wanted.properties.RecipientFilter) -Confirm:$false -ErrorAction Stop
}

function Get-ApplicationScopeNow {
    param([System.Collections.IDictionary] $Snapshot)
    $scope = Read-ManagementScope $Snapshot.id
    if ($null -eq $scope) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    if ($Snapshot.properties.Contains('RecipientFilter')) {
        $properties['RecipientFilter'] = ConvertTo-ScopeFilter (Get-Text $scope 'RecipientFilter')
    }
    Get-Present (Get-Text $scope 'Name') $properties -Of $scope
}

function Get-ApplicationScopeClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    if ($Name -ne '' -or -not (Test-SameName $Entry.Key $Value.ScopeName)) {
        return "it is not the described management scope '$($Value.ScopeName)'"
    }
}

function Find-ApplicationScope {
    # A second look in the list of all scopes.
    param([System.Collections.IDictionary] $Snapshot)
    $found = Find-ListedScope $Snapshot.id
    if ($null -eq $found) { return Get-Absent $Snapshot.id }
    $filter = ConvertTo-ScopeFilter (Get-Text $found 'RecipientFilter')
    Get-Present (Get-Text $found 'Name') ([ordered]@{ RecipientFilter = $filter }) -Of $found
}

function Get-ApplicationScopeLabel {
    param([string] $Id)
    "the management scope '$Id' ($(Get-Text (Get-PresentScope $Id) 'RecipientFilter'))"
}

function Get-ApplicationScopeHold {
    # A scope stays while a role assignment that these runs did not create uses it.
    param($Entry, $Current)
    if ($Entry.Before['exists']) { return }
    $filter = Get-Text (Get-PresentScope $Current.id) 'RecipientFilter'
    $wanted = Get-DescribedFilter 'Get-WantedFilter'
    if ($wanted -eq '' -or -not (Test-SameScope $filter $wanted)) {
        return "it does not reach the members of the described group $($Value.SchedulingGroupAddress)"
    }
    foreach ($name in @(Get-ScopeUser $Current.id)) {
        if ($Run.Gone.ContainsKey("application-role $name")) { continue }
        Write-SeenAgain 'application-role' -What "the role assignment '$name'"
        return "the role assignment '$name' uses it"
    }
}
