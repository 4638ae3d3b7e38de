# Get-ExchangeServer, Get-OrganizationConfig, Get- and Set-WebServicesVirtualDirectory.

function Find-Server {
    <# Returns the server of a name or an FQDN, or ends the call. #>
    param([string] $Identity)
    $found = @($script:Tenant.servers | Where-Object { (Test-Same $_.Name $Identity) -or (Test-Same $_.Fqdn $Identity) })
    if (-not $found) { Stop-NotFound $Identity }
    return $found[0]
}

$script:Handler['Get-ExchangeServer'] = {
    param($Sent)
    $identity = Get-Text $Sent['Identity']
    foreach ($server in $(if ($identity) { Find-Server $identity } else { $script:Tenant.servers })) {
        $edge = [bool] (Get-Field $server 'IsEdgeServer' $false)
        [pscustomobject]@{
            Name = $server.Name; Identity = $server.Name; Id = $server.Name; Fqdn = $server.Fqdn
            AdminDisplayVersion = $server.AdminDisplayVersion; Edition = 'Standard'
            ServerRole = $(if ($edge) { 'Edge' } else { 'Mailbox' }); IsMailboxServer = -not $edge; IsEdgeServer = $edge
            Domain = Get-Field $server 'Domain' $script:Tenant.initialDomain
            Site = "$($script:Tenant.initialDomain)/Configuration/Sites/Default-First-Site-Name"
            Guid = Get-TextIdentifier "server|$($server.Name)"; IsValid = $true
            DistinguishedName = "CN=$($server.Name),CN=Servers,CN=Exchange Administrative Group (FYDIBOHF23SPDLT)," +
                'CN=Administrative Groups,CN=Rehearsal,CN=Microsoft Exchange,CN=Services,CN=Configuration,' +
                (Get-UnitName (Get-Setting 'forest' $script:Tenant.initialDomain))
        }
    }
}

$script:Handler['Get-OrganizationConfig'] = {
    param($Sent)
    $shown = [ordered]@{ Name = $script:Tenant.organization.Name; Identity = $script:Tenant.organization.Name }
    foreach ($property in $script:Tenant.organization.PSObject.Properties) { $shown[$property.Name] = $property.Value }
    [pscustomobject] $shown
}

function Get-DirectoryName {
    param($Directory)
    return "$($Directory.Server)\$($Directory.Name)"
}

function Find-Directory {
    <# Returns the virtual directories that an identity stands for: server\name, name or GUID, with wildcards. #>
    param([string] $Identity)
    $pattern = ($Identity -creplace '\s*\(', ' (').Replace('[', '`[')
    $found = @($script:Tenant.virtualDirectories | Where-Object {
            (Test-Like (Get-DirectoryName $_) $pattern) -or (Test-Same $_.Guid $Identity) -or
            ($Identity -cnotlike '*\*' -and $_.Server -eq $script:Tenant.servers[0].Name -and (Test-Like $_.Name $pattern))
        })
    if (-not $found) { Stop-NotFound $Identity }
    return $found
}

function Assert-Reachable {
    <# Ends the call where a server's web service cannot be asked: what a directory is set to is not in Active Directory. #>
    param($Directory)
    if (-not (Get-Field $Directory 'unreachable' $false)) { return }
    Stop-Call 'Microsoft.Exchange.Management.SystemConfigurationTasks.IISGeneralCOMException' (
        "An IIS directory entry couldn't be created. The error message is The RPC server is unavailable. " +
        "HResult = -2147023174. It was running the command on '$($Directory.Server)'.") 'A1B2C3'
}

$script:Handler['Get-WebServicesVirtualDirectory'] = {
    param($Sent)
    $identity = Get-Text $Sent['Identity']
    $server = Get-Text $Sent['Server']
    $found = if ($identity) { Find-Directory $identity } else { $script:Tenant.virtualDirectories }
    if ($server) { $name = (Find-Server $server).Name; $found = @($found | Where-Object { $_.Server -eq $name }) }
    foreach ($directory in $found) {
        $shallow = [bool] $Sent['ADPropertiesOnly']
        if (-not $shallow) { Assert-Reachable $directory }
        $methods = @(if ($directory.BasicAuthentication) { 'Basic' }) +
            @(if ($directory.WindowsAuthentication) { 'Ntlm', 'WindowsIntegrated' }) + 'WSSecurity', 'OAuth'
        [pscustomobject]@{
            Identity = Get-DirectoryName $directory; Name = $directory.Name; Server = $directory.Server
            Guid = $directory.Guid; Id = Get-DirectoryName $directory
            BasicAuthentication = $(if ($shallow) { $null } else { [bool] $directory.BasicAuthentication })
            WindowsAuthentication = $(if ($shallow) { $null } else { [bool] $directory.WindowsAuthentication })
            DigestAuthentication = $(if ($shallow) { $null } else { $false })
            ExtendedProtectionTokenChecking = Get-Field $directory 'ExtendedProtectionTokenChecking' 'None'
            OAuthAuthentication = $(if ($shallow) { $null } else { $true })
            InternalAuthenticationMethods = Get-List $methods; ExternalAuthenticationMethods = Get-List $methods
            InternalUrl = $directory.InternalUrl; ExternalUrl = $directory.ExternalUrl; IsValid = $true
        }
    }
}

$script:Handler['Set-WebServicesVirtualDirectory'] = {
    param($Sent)
    $found = @(Find-Directory (Get-Text $Sent['Identity']))
    if ($found.Count -gt 1) { Stop-Ambiguous (Get-Text $Sent['Identity']) }
    Assert-Reachable $found[0]
    foreach ($name in 'BasicAuthentication', 'WindowsAuthentication') {
        if ($Sent.ContainsKey($name)) { Set-Field $found[0] $name $Sent[$name] }
    }
    foreach ($name in 'InternalUrl', 'ExternalUrl') {
        if ($Sent.ContainsKey($name)) { Set-Field $found[0] $name (Get-Text $Sent[$name]) }
    }
}
