# Application Impersonation in Exchange Online: what is left of it. The role was removed; nothing is made or changed.

$Steps['impersonation'] = @{
    Compare = 'Compare-Impersonation'; ReportOnly = $true; CloudEws = $true
    Asked = $Value.ImpersonationScope -ne ''
    Made = @(); Set = '(?!)'
    Reads = 'Get-ManagementRoleAssignment', 'Get-ManagementScope'
    NotChecked = (
        'Whether Exchange Online still acts on an assignment of ApplicationImpersonation that it shows: ' +
        'Microsoft has removed the role. Pexip Infinity shows whether calls succeed.')
}

function Compare-Impersonation {
    $plan = Get-Comparison 'impersonation'
    $account = $Value.ServiceAccountUserPrincipalName
    $rows = @(Read-Impersonation $account)
    foreach ($row in $rows) {
        $how = if (Test-Direct $row) { '' } else { ", through $(Get-Text $row 'RoleAssigneeName')" }
        $plan.Notes += "Left of the role: $(Format-Assignment $row)$how."
    }
    $name = $Value.ImpersonationScopeName
    $scope = if ($name.Trim() -ne '') { Read-ManagementScope $name } else { $null }
    if ($null -ne $scope) {
        $plan.Notes += "Left of it: the scope '$(Get-Text $scope 'Name')', $(Get-Text $scope 'RecipientFilter')."
    }
    if ($rows.Count -eq 0) {
        $plan.Remaining = 'blocked'
        $plan.Notes += "Exchange Online shows no assignment of $ImpersonationRole to $account."
    }
    $plan.Notes += (
        "New assignments were closed on $($Facts.RoleClosed), the role was removed on $($Facts.RoleRemoved), " +
        "and EWS in Exchange Online ends on $($Facts.EwsEnds): move to app permissions.")
    $plan
}
