# Impersonation, taken back: which assignment and scope are ours, and why one has to stay.

function Get-ImpersonationLabel {
    param([string] $Id)
    $kind, $name = $Id.Split([char[]] ':', 2)
    if ($kind -ceq 'assignment') {
        $row = Confirm-Found (Read-NamedAssignment $name) -What "the role assignment '$name'"
        return "the role assignment $(Format-Assignment $row)"
    }
    "the management scope '$name' ($(Get-Text (Get-PresentScope $name) 'RecipientFilter'))"
}

function Get-ImpersonationClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    if ($Name -ne '') {
        if (Test-SwitchedOn $Entry $Name) { return }
        return 'Apply never disables a role assignment'
    }
    $kind, $object = $Entry.Key.Split([char[]] ':', 2)
    $scope = if ($Value.ImpersonationScope -ceq 'organization') { '' } else { $Value.ImpersonationScopeName }
    if ($kind -ceq 'scope') {
        if (Test-SameName $object $scope) { return }
        return 'it is not the described management scope'
    }
    $wanted = $Entry.Wanted['properties']
    $isOurs = (Test-SameName $object $Value.ImpersonationAssignment) -and
        (Test-SameName $wanted['Role'] $ImpersonationRole) -and
        (Test-SameName $wanted['User'] $Value.ServiceAccountUserPrincipalName) -and
        (Test-SameProperty -Name 'CustomRecipientWriteScope' -Left $wanted['CustomRecipientWriteScope'] -Right $scope)
    if (-not $isOurs) { return 'it is not the described role assignment' }
}

function Find-Impersonation {
    # In the lists of all scopes and of what the account holds, where it was not found by its name.
    param([System.Collections.IDictionary] $Snapshot)
    $kind, $name = $Snapshot.id.Split([char[]] ':', 2)
    if ($kind -ceq 'scope') {
        $found = Find-ListedScope $name
        if ($null -eq $found) { return Get-Absent $Snapshot.id }
        $filter = ConvertTo-ScopeFilter (Get-Text $found 'RecipientFilter')
        return Get-Present $Snapshot.id ([ordered]@{ RecipientFilter = $filter }) -Of $found
    }
    $row = @(Read-Impersonation $Value.ServiceAccountUserPrincipalName | Where-Object -FilterScript {
            Test-SameName (Get-Text $_ 'Name') $name }) | Select-Object -First 1
    if ($null -eq $row) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($property in $Snapshot.properties.Keys) {
        $properties[$property] = if ($property -ceq 'Enabled') { Test-Same (Get-Property $row 'Enabled') $true }
        else { Get-Text $row $property }
    }
    Get-Present $Snapshot.id $properties -Of $row
}

function Get-ImpersonationHold {
    # Only the described account's assignments of this one role are taken back, and only scopes of our form that nobody
    # else's assignment uses.
    param($Entry, $Current)
    $kind, $name = $Current.id.Split([char[]] ':', 2)
    if ($kind -ceq 'scope') {
        $filter = Get-Text (Get-PresentScope $name) 'RecipientFilter'
        if ($Entry.Before['exists'] -or -not (Test-OwnFilter $filter)) {
            return 'its filter is not one that Apply creates'
        }
        $wanted = Get-DescribedFilter 'Get-ImpersonationFilter'
        if ($wanted -eq '' -or -not (Test-SameScope $filter $wanted)) {
            return 'it does not reach what is described'
        }
        foreach ($user in @(Get-ScopeUser $name)) {
            if (-not $Run.Gone.ContainsKey("impersonation assignment:$user")) {
                return "the role assignment '$user' uses it"
            }
        }
        return
    }
    if ($Entry.Before['exists'] -and $Entry.Before['properties']['Enabled'] -eq $true) {
        return 'Apply never disables a role assignment'
    }
    if ((Get-ImpersonatingUser $name) -eq '') { return 'the described account does not hold it' }
    $row = Confirm-Found (Read-NamedAssignment $name) -What "the role assignment '$name'"
    if (-not (Test-SameName (Get-Text $row 'Role') $ImpersonationRole)) {
        return "it is an assignment of '$(Get-Text $row 'Role')'"
    }
    if ((Get-Text $row 'RoleAssignmentDelegationType') -clike 'Delegating*') {
        return 'it is a delegating assignment'
    }
}
