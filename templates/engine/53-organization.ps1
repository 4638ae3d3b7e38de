# The organization: that it is the described one, and that this operator may hand out what this run hands out.

function Get-GuardStep {
    # Steps with a guard of their own, which looks whether or not the step itself is selected.
    if ($Run.Mode -eq 'Rollback') { return }
    $Steps.Keys | Where-Object -FilterScript { $Steps[$_].Contains('Guard') }
}

function Assert-StepGuard {
    foreach ($id in Get-GuardStep) {
        $guard = $Steps[$id].Guard
        try { & $guard.Test }
        catch {
            $stop = Get-StopOf $_
            if (-not $stop) { throw }
            throw (Get-Stop -State 'refused' -Guard $guard.Name -Detail $stop.Detail -RequestId $stop.RequestId)
        }
    }
}

function Get-GrantedRole {
    # The roles that this run's steps hand out.
    foreach ($id in $Run.Selected) {
        if ($Run.Mode -eq 'Apply' -and $Steps[$id].Contains('Grants') -and (Test-Described $id)) { $Steps[$id].Grants }
    }
}

function Assert-Organization {
    $guard = 'organization'
    try {
        $domain = @(Invoke-WithRetry { Get-AcceptedDomain -ErrorAction Stop } -Subject 'accepted domains' |
                Where-Object -FilterScript { Test-SameName (Get-Text $_ 'DomainName') (Get-TargetName) })
        Assert-That ($domain.Count -eq 1) -Guard $guard -Message (
            "'$(Get-TargetName)' is not an accepted domain of the connected organization.")
        Assert-InitialDomain $domain[0] -Guard $guard  # only: exchange-online
        if ($Run.Mode -ne 'Apply') { return }
        Assert-Customized -Guard $guard  # only: exchange-online
        foreach ($role in @(Get-GrantedRole)) { Assert-DelegatingRole -Guard $guard -Role $role }  # only: Grants
    } catch {
        if (Get-StopOf $_) { throw }
        throw (Get-Stop -State 'refused' -Guard $guard -Detail (
                "The organization could not be read: $(Get-ErrorText $_)") -RequestId (Get-RequestId $_))
    }
}

function Assert-DelegatingRole {
    param([string] $Guard, [string] $Role)
    $isKnown = $Run.OwnRights
    if ($isKnown) {
        try {
            $rows = @(Invoke-WithRetry -Subject "the operator's right to assign $Role" -Call {
                    Get-ManagementRoleAssignment -RoleAssignee (
                        $Run.Operator) -Role $Role -Delegating $true -ErrorAction Stop })
        } catch {
            # A remote session of Exchange Server may have been opened as somebody else than this window's user, and the
            # cloud shows a managed identity or a guest under another name than the connection has.
            if ((Get-ErrorClass $_) -cne 'absent') { throw }
            $isKnown = $false
        }
    }
    if (-not $isKnown) {
        $rows = @(Invoke-WithRetry -Subject "the right to assign $Role" -Call {
                Get-ManagementRoleAssignment -Role $Role -Delegating $true -ErrorAction Stop })
        Write-Line (
            'Note      This kind of session does not show whether the operator may assign the role; ' +
            'Exchange may refuse it.')
    }
    # In the cloud the Entra role alone was seen not to be enough.
    $way = 'then connect again'  # only: exchange-online
    $way = 'or open the shell as an account that is in it'  # only: exchange-server
    Assert-That ($isKnown -or $rows.Count -gt 0) -Guard $Guard -Message (
        "Exchange shows nobody who has a right to assign the role '$Role': Organization Management has to get one first.")
    Assert-That ($rows.Count -gt 0) -Guard $Guard -Message (
        "$($Run.Operator) has no right to assign the role '$Role'. " +
        "Add the account to the role group Organization Management, $way.")
}
