# Get-AcceptedDomain, Get- and Set-OrganizationConfig, Get-OnPremisesOrganization.

$script:Handler['Get-AcceptedDomain'] = {
    param($Sent)
    $identity = Get-Text $Sent['Identity']
    $found = @($script:Tenant.domains | Where-Object { -not $identity -or (Test-Same $_.DomainName $identity) })
    if ($identity -and -not $found) { Stop-NotFound $identity }
    foreach ($domain in $found) {
        [pscustomobject]@{
            DomainName = $domain.DomainName; Name = Get-Field $domain 'Name' $domain.DomainName
            Identity = Get-Field $domain 'Name' $domain.DomainName
            DomainType = Get-Field $domain 'DomainType' 'Authoritative'
            Default = [bool] $domain.Default; InitialDomain = [bool] $domain.InitialDomain
            AuthenticationType = Get-Field $domain 'AuthenticationType' 'Managed'
        }
    }
}

$script:Handler['Get-OrganizationConfig'] = {
    param($Sent)
    $config = $script:Tenant.organization
    $name = $script:Tenant.initialDomain
    $shown = [ordered]@{ Name = $name; Identity = $name; IsDehydrated = [bool] (Get-Field $config 'IsDehydrated' $false) }
    foreach ($property in $config.PSObject.Properties) {
        if ($property.Name -in 'IsDehydrated', 'EwsAllowedAppIDs') { continue }
        $shown[$property.Name] = $property.Value
    }
    $shown.EwsAllowedAppIDs = if ($Sent['RetrieveEwsOperationAccessPolicy']) { Get-Field $config 'EwsAllowedAppIDs' }
    [pscustomobject] $shown
}

$script:Handler['Get-OnPremisesOrganization'] = {
    param($Sent)
    # What the Hybrid Configuration wizard leaves in Exchange Online; without it nothing.
    foreach ($one in @(Get-Field $script:Tenant 'onPremisesOrganizations' @())) {
        [pscustomobject]@{ Name = $one.Name; Identity = $one.Name; OrganizationName = Get-Field $one 'OrganizationName' '' }
    }
}

$script:Handler['Set-OrganizationConfig'] = {
    param($Sent)
    $config = $script:Tenant.organization
    if ($Sent.ContainsKey('EwsAllowedAppIDs')) {
        if (-not (Get-Setting 'ewsListWritable' $true)) {
            Stop-Call 'Microsoft.Exchange.Configuration.Tasks.TaskInvalidOperationException' (
                "The EwsAllowedAppIDs parameter isn't available in your organization yet."
            ) 'Ex1E2F3A'
        }
        Set-Field $config 'EwsAllowedAppIDs' (Get-StoredAppIds $Sent['EwsAllowedAppIDs'])
    }
    if ($Sent.ContainsKey('EwsEnabled')) { Set-Field $config 'EwsEnabled' $Sent['EwsEnabled'] }
    if ($Sent.ContainsKey('EwsApplicationAccessPolicy')) {
        Set-Field $config 'EwsApplicationAccessPolicy' (Get-Text $Sent['EwsApplicationAccessPolicy'])
    }
    foreach ($name in 'EwsAllowList', 'EwsBlockList') {
        if ($Sent.ContainsKey($name)) {
            Set-Field $config $name @(Merge-List (Get-Field $config $name @()) $Sent[$name] | ForEach-Object { $_ })
        }
    }
}

function Get-StoredAppIds {
    <# Returns the list as it is kept: whole, comma-joined, in a case and spacing of the service's own. #>
    param([string] $Sent)
    if (-not $Sent.Trim()) { return $null }
    $ids = foreach ($entry in $Sent.Split(',')) {
        $parsed = [guid]::Empty
        if (-not [guid]::TryParse($entry.Trim(), [ref] $parsed)) {
            Stop-BadValue "The value '$($entry.Trim())' of EwsAllowedAppIDs isn't a valid application ID."
        }
        [string] $parsed
    }
    $style = Get-Setting 'ewsListStyle' 'upper-spaced'
    if ($style -eq 'plain') { return $ids -join ',' }
    return (@($ids) -join ', ').ToUpperInvariant()
}
