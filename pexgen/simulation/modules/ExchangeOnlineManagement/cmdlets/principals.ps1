# Get-, New-, Set- and Remove-ServicePrincipal: Exchange's pointers to enterprise applications.

function Find-Principal {
    <# Writes the pointers that an identity stands for: name, DN, GUID, application ID or object ID, display name. #>
    param([string] $Identity)
    foreach ($principal in @($script:Tenant.servicePrincipals)) {
        if ($null -eq $principal) { continue }
        $names = $principal.AppId, $principal.ObjectId, $principal.DisplayName
        $isMeant = (Test-ConfigIdentity $principal $Identity) -or @($names | Where-Object { Test-Same $_ $Identity }).Count
        if ($isMeant -and (Test-Appeared $principal)) { $principal }
    }
}

function Get-OnePrincipal {
    param([string] $Identity)
    $found = @(Find-Principal $Identity)
    if ($found.Count -eq 0) { Stop-NotFound $Identity }
    if ($found.Count -gt 1) { Stop-Ambiguous $Identity }
    return $found[0]
}

function Get-ShownPrincipal {
    param($Principal)
    return [pscustomobject]@{
        DisplayName = $Principal.DisplayName; ServiceId = $Principal.ObjectId; ObjectId = $Principal.ObjectId
        AppId = $Principal.AppId
        SidValue = "S-1-8-$([Convert]::ToInt64($Principal.Guid.Substring(0, 8), 16))"; Identity = $Principal.Name
        Id = $Principal.Name; Name = $Principal.Name
        Guid = $Principal.Guid; DistinguishedName = Get-DistinguishedName $Principal.Name; IsValid = $true
        WhenCreatedUTC = Get-Moment $Principal 'WhenCreatedUTC'
    }
}

$script:Handler['Get-ServicePrincipal'] = {
    param($Sent)
    $identity = Get-Text $Sent['Identity']
    $found = if ($identity) { Get-OnePrincipal $identity } else { @($script:Tenant.servicePrincipals | Where-Object { $null -ne $_ -and (Test-Appeared $_) }) }
    foreach ($principal in $found) { Get-ShownPrincipal $principal }
}

$script:Handler['New-ServicePrincipal'] = {
    # AppId and ObjectId have to be those of one enterprise application; the object ID of the registration is refused.
    param($Sent)
    Assert-Hydrated
    $application = @($script:Tenant.enterpriseApplications | Where-Object {
            (Test-Same $_.appId $Sent['AppId']) -and (Test-Same $_.objectId $Sent['ObjectId'])
        })
    if (-not $application) {
        Stop-Call 'Microsoft.Exchange.Configuration.Tasks.InvalidServicePrincipalException' (
            "The service principal with AppId '$($Sent['AppId'])' and ObjectId '$($Sent['ObjectId'])' isn't valid: it doesn't exist in the directory of your organization."
        ) 'ExF0A1B2'
    }
    foreach ($other in @($script:Tenant.servicePrincipals)) {
        if ($null -ne $other -and ((Test-Same $other.AppId $Sent['AppId']) -or (Test-Same $other.ObjectId $Sent['ObjectId']))) {
            Stop-Exists $Sent['AppId'] 'service principal'
        }
    }
    $principal = [pscustomobject]@{
        Guid = New-Identifier 'principal' $Sent['ObjectId']; Name = $Sent['ObjectId']; AppId = $application[0].appId
        ObjectId = $application[0].objectId
        DisplayName = $(if ($Sent['DisplayName']) { $Sent['DisplayName'] } else { '' }); WhenCreatedUTC = Get-CreationTime
        notYet = Get-Setting 'assignmentNotFound' 0
    }
    Set-Late $principal 'servicePrincipal'
    Set-Field $script:Tenant 'servicePrincipals' @(@($script:Tenant.servicePrincipals) + $principal | Where-Object { $null -ne $_ })
    Get-ShownPrincipal $principal
}

$script:Handler['Set-ServicePrincipal'] = {
    param($Sent)
    $principal = Get-OnePrincipal (Get-Text $Sent['Identity'])
    if ($Sent.ContainsKey('DisplayName')) { Set-Field $principal 'DisplayName' $Sent['DisplayName'] }
}

$script:Handler['Remove-ServicePrincipal'] = {
    # The assignments of the application go with it, its scopes stay.
    param($Sent)
    $principal = Get-OnePrincipal (Get-Text $Sent['Identity'])
    Set-Field $script:Tenant 'servicePrincipals' @($script:Tenant.servicePrincipals | Where-Object { $_ -ne $principal })
    Set-Field $script:Tenant 'assignments' @($script:Tenant.assignments | Where-Object { $_.assignee -ne $principal.Guid })
}
