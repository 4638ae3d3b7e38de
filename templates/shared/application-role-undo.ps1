# Application role: what Rollback holds a journal's entry and the assignment against.

function Get-ApplicationRoleClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    if ($Name -ne '') {
        if (Test-SwitchedOn $Entry $Name) { return }
        return 'Apply never disables a role assignment'
    }
    $wanted = $Entry.Wanted['properties']
    $isOurs = (Test-SameName $Entry.Key $Value.ApplicationAssignment) -and
        (Test-SameName $wanted['Role'] $ApplicationRole) -and
        (Test-SameName $wanted['App'] $Value.ApplicationObjectId) -and
        (Test-SameName $wanted['CustomResourceScope'] $Value.ScopeName)
    if (-not $isOurs) { return 'it is not the described role assignment' }
}

function Find-ApplicationRole {
    # In the lists of what the application holds, where it was not found by its name.
    param([System.Collections.IDictionary] $Snapshot)
    $row = @(@(Read-ApplicationAssignment $Value.ApplicationObjectId) +
        @(Invoke-Read -Subject 'role assignments to applications' -IfAbsent 'unreadable' -Call {
                Get-ManagementRoleAssignment -RoleAssigneeType ServicePrincipal -ErrorAction Stop }) |
            Where-Object -FilterScript { Test-SameName (Get-Text $_ 'Name') $Snapshot.id }) | Select-Object -First 1
    if ($null -eq $row) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) {
        $properties[$name] = if ($name -ceq 'Enabled') { Test-Same (Get-Property $row 'Enabled') $true }
        else { Get-Text $row $name }
    }
    Get-Present (Get-Text $row 'Name') $properties -Of $row
}

function Get-ApplicationRoleLabel {
    param([string] $Id)
    "role assignment '$Id' of $($Value.ApplicationName) (client ID $($Value.ApplicationClientId))"
}

function Get-ApplicationRoleHold {
    # Only assignments of this one role are removed, whatever a journal says.
    param($Entry, $Current)
    $row = Confirm-Found (Read-NamedAssignment $Current.id) -What "the role assignment '$($Current.id)'"
    if ($Entry.Before['exists'] -and $Entry.Before['properties']['Enabled'] -eq $true) {
        return 'Apply never disables a role assignment'
    }
    # Of an assignment that was only enabled the journal has nothing else, and its name may be another one's since.
    $isOurs = (Test-OurScope $row) -and (
        (Test-Assignee $row -ObjectId $Value.ApplicationObjectId) -or (Get-AssignedApplication $Current.id) -ne '')
    if (-not $isOurs) { return 'it is not of the described application and scope any more' }
    if (-not (Test-SameName (Get-Text $row 'Role') $ApplicationRole)) {
        return "it is an assignment of '$(Get-Text $row 'Role')'"
    }
    if ((Get-Text $row 'RoleAssignmentDelegationType') -clike 'Delegating*') {
        return 'it is a delegating assignment'
    }
}
