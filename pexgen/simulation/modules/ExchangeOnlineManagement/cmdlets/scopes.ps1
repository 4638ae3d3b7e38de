# Get-, New-, Set- and Remove-ManagementScope.

function Get-OneScope {
    param([string] $Identity)
    $found = @($script:Tenant.scopes | Where-Object { $null -ne $_ -and (Test-ConfigIdentity $_ $Identity) } |
            Where-Object { Test-Appeared $_ })
    if (-not $found) { Stop-NotFound $Identity }
    return $found[0]
}

function Get-ShownScope {
    param($Scope)
    return [pscustomobject]@{
        Name = $Scope.Name; Identity = $Scope.Name; Id = $Scope.Name; Guid = $Scope.Guid
        RecipientFilter = $Scope.RecipientFilter
        RecipientRoot = $null; ScopeRestrictionType = 'RecipientScope'
        Exclusive = [bool] (Get-Field $Scope 'Exclusive' $false)
        ServerFilter = ''; DatabaseFilter = ''; TenantOrganizationFilter = ''
        DistinguishedName = Get-DistinguishedName $Scope.Name
        WhenChangedUTC = Get-Moment $Scope 'WhenChangedUTC'; WhenCreatedUTC = Get-Moment $Scope 'WhenCreatedUTC'
        IsValid = $true
    }
}

function Get-StoredFilter {
    <# Returns a filter as it will be shown; that the group of its DN does not exist is no reason to refuse it. #>
    param([string] $Filter)
    $tree = Read-Filter $Filter
    if ((Get-Setting 'filterReadBack' 'normalised') -eq 'typed') { return $Filter }
    $shown = Format-Filter $tree
    return $(if ($tree.Op -eq 'test') { "($shown)" } else { $shown })
}

function Get-ScopeUsers {
    <# Writes the assignments that use a scope. #>
    param($Scope)
    $script:Tenant.assignments | Where-Object { $null -ne $_ -and (Get-Field $_ 'scope' '') -eq $Scope.Guid }
}

$script:Handler['Get-ManagementScope'] = {
    param($Sent)
    $identity = Get-Text $Sent['Identity']
    $found = if ($identity) { Get-OneScope $identity } else { @($script:Tenant.scopes | Where-Object { $null -ne $_ -and (Test-Appeared $_) }) }
    foreach ($scope in $found) {
        if ($Sent['Orphan'] -and @(Get-ScopeUsers $scope).Count) { continue }
        if ($Sent.ContainsKey('Exclusive') -and [bool] (Get-Field $scope 'Exclusive' $false) -ne $Sent['Exclusive']) {
            continue
        }
        Get-ShownScope $scope
    }
}

$script:Handler['New-ManagementScope'] = {
    param($Sent)
    Assert-Hydrated
    $name = $Sent['Name']
    if ($name.Length -gt 64) {
        Stop-BadValue "The property value is invalid. The value can't exceed 64 characters. Property name: Name"
    }
    if (@($script:Tenant.scopes | Where-Object { $null -ne $_ -and (Test-Same $_.Name $name) }).Count) {
        Stop-Exists $name 'management scope'
    }
    $scope = [pscustomobject]@{
        Guid = New-Identifier 'scope' $name; Name = $name
        RecipientFilter = Get-StoredFilter $Sent['RecipientRestrictionFilter']
        Exclusive = [bool] $Sent['Exclusive']; WhenCreatedUTC = Get-CreationTime; WhenChangedUTC = Get-TenantTime
    }
    Set-Late $scope 'scope'
    Set-Field $script:Tenant 'scopes' @(@($script:Tenant.scopes) + $scope | Where-Object { $null -ne $_ })
    Get-ShownScope $scope
}

$script:Handler['Set-ManagementScope'] = {
    param($Sent)
    $scope = Get-OneScope (Get-Text $Sent['Identity'])
    if ($Sent['RecipientRestrictionFilter']) {
        Set-Field $scope 'RecipientFilter' (Get-StoredFilter $Sent['RecipientRestrictionFilter'])
    }
    if ($Sent['Name']) { Set-Field $scope 'Name' $Sent['Name'] }
    Set-Field $scope 'WhenChangedUTC' (Get-TenantTime)
}

$script:Handler['Remove-ManagementScope'] = {
    param($Sent)
    $scope = Get-OneScope (Get-Text $Sent['Identity'])
    $users = @(Get-ScopeUsers $scope)
    if ($users.Count) {
        Stop-Call 'Microsoft.Exchange.Configuration.Tasks.TaskInvalidOperationException' (
            "The management scope '$($scope.Name)' can't be removed because it's used by the management role assignment '$($users[0].Name)'."
        ) 'Ex7A8B9C'
    }
    Set-Field $script:Tenant 'scopes' @($script:Tenant.scopes | Where-Object { $_ -ne $scope })
}
