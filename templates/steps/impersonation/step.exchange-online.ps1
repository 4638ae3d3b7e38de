# Application Impersonation in Exchange Online: what is left of it. The role was removed; nothing is made or changed.

$Steps['impersonation'] = { @{
    Compare = 'Compare-Impersonation'; ReportOnly = $true; CloudEws = $true
    Made = @(); Set = '(?!)'
    Reads = 'Get-ManagementRole', 'Get-ManagementRoleAssignment', 'Get-ManagementScope'
    NotChecked = (
        'Whether Exchange Online still acts on an assignment of ApplicationImpersonation that it shows: ' +
        'Microsoft has removed the role. Pexip Infinity shows whether calls succeed.')
} }

function Compare-Impersonation {
    $plan = Get-EmptyPlan 'impersonation'
    $account = $Value.ServiceAccountUserPrincipalName
    $role = Invoke-ReadOne -Subject "role $ImpersonationRole" -Call {
        Get-ManagementRole -Identity $ImpersonationRole -ErrorAction Stop
    }
    $plan.Notes += if ($null -ne $role) { "Exchange Online still lists the role $ImpersonationRole." }
    else { "Exchange Online does not list the role $ImpersonationRole any more." }
    $rows = @(Read-Impersonation $account)
    foreach ($row in $rows) {
        $how = if (Test-Direct $row) { '' } else { ", through $(Get-Text $row 'RoleAssigneeName')" }
        $plan.Notes += "Still there: $(Format-Assignment $row)$how."
    }
    $names = @($rows | ForEach-Object -Process { Get-Text $_ 'CustomRecipientWriteScope' }) +
        @($Value.ImpersonationScopeName)
    foreach ($name in @($names | Where-Object -FilterScript { $_.Trim() -ne '' } | Select-Distinct -AnyCase)) {
        $scope = Read-ManagementScope $name
        if ($null -eq $scope) { continue }
        $plan.Notes += "Still there: the scope '$(Get-Text $scope 'Name')', $(Get-Text $scope 'RecipientFilter')."
    }
    if ($rows.Count -eq 0) {
        $plan.Remaining = 'blocked'
        $plan.Notes += "Exchange Online shows no assignment of $ImpersonationRole to $account."
    } elseif ($Run.Mode -ceq 'Verify') {
        $plan.Notes += 'What is listed need not be in effect: see Not checked.'
    }
    $plan.Notes += (
        "New assignments were closed in $($Facts.RoleClosed), the role was removed in $($Facts.RoleRemoved), " +
        "and EWS in Exchange Online ends on $($Facts.EwsEnds), for app permissions too.")
    $plan
}
