# What the module does on this side of the wire: connections. None of it is a remote call, so none of it is counted.

function Invoke-Call {
    <# The connection cmdlets' own way: no service is asked. #>
    param([string] $Name, $Sent, $Caller)
    $script:Tenant = Read-Tenant
    switch ($Name) {
        'Get-ConnectionInformation' { Get-Connection $Sent }
        'Connect-ExchangeOnline' { Add-Connection $Sent }
        'Disconnect-ExchangeOnline' { if ($Caller.ShouldProcess('Exchange Online', $Name)) { Remove-Connection $Sent } }
    }
}

function Get-Connection {
    <# Writes the connections of this session, newest last. #>
    param($Sent)
    if ($env:PEXGEN_SESSION -eq 'gone') { return }
    foreach ($connection in @($script:Tenant.session.connections)) {
        if ($Sent.ContainsKey('ConnectionId') -and $Sent['ConnectionId'] -notcontains $connection.ConnectionId) { continue }
        if ($Sent.ContainsKey('ModulePrefix') -and $Sent['ModulePrefix'] -notcontains $connection.ModulePrefix) { continue }
        $shown = [ordered]@{}
        foreach ($property in $connection.PSObject.Properties) { $shown[$property.Name] = $property.Value }
        if ($shown['TokenExpiryTimeUTC']) { $shown['TokenExpiryTimeUTC'] = [datetimeoffset]::Parse($shown['TokenExpiryTimeUTC'], [cultureinfo]::InvariantCulture) }
        [pscustomobject] $shown
    }
}

function Add-Connection {
    <# Connects: to the tenant of the file, whoever asks. An organization has to be given by its initial domain. #>
    param($Sent)
    $organization = Get-Text $Sent['Organization']
    if ($organization -and $organization -cnotmatch '\.onmicrosoft\.') {
        throw "The organization '$organization' isn't the initial domain (*.onmicrosoft.com) of a tenant."
    }
    $env:PEXGEN_SESSION = ''
    # A person's session begins connected; whoever connects it then, as a page says, has one connection and not two.
    if ($env:PEXGEN_OPENED) { $env:PEXGEN_OPENED = ''; Set-Field $script:Tenant.session 'connections' @() }
    $connection = New-ConnectionState
    $connection.ModulePrefix = Get-Text $Sent['Prefix']
    if (Get-Text $Sent['UserPrincipalName']) { $connection.UserPrincipalName = Get-Text $Sent['UserPrincipalName'] }
    if (Get-Text $Sent['DelegatedOrganization']) { $connection.DelegatedOrganization = Get-Text $Sent['DelegatedOrganization'] }
    Set-Field $script:Tenant.session 'connections' @(@($script:Tenant.session.connections) + $connection)
    Save-Tenant $script:Tenant
    Import-CmdletModule
}

function New-ConnectionState {
    <# Returns a connection as the operator of the tenant gets it. #>
    $number = 1 + @($script:Tenant.session.connections).Count
    [pscustomobject]@{
        ConnectionId = Get-TextIdentifier "connection|$number"; State = 'Connected'; Id = $number
        Name = "ExchangeOnline_$number"; UserPrincipalName = $script:Tenant.operator.upn
        ConnectionUri = $script:Tenant.connectionUri; AzureAdAuthorizationEndpointUri = 'https://login.rehearsal.invalid/common'
        TokenExpiryTimeUTC = '2099-01-01 00:00:00 +00:00'; CertificateAuthentication = $false; ModuleName = ''; ModulePrefix = ''
        Organization = ''; DelegatedOrganization = ''; AppId = ''; PageSize = 1000; TenantID = $script:Tenant.tenantId
        TokenStatus = 'Active'; ConnectionUsedForInbuiltCmdlets = $true; IsEopSession = $false
    }
}

function Remove-Connection {
    <# Disconnects from everything, or from the named connections. #>
    param($Sent)
    $left = @($script:Tenant.session.connections | Where-Object {
            ($Sent.ContainsKey('ConnectionId') -and $Sent['ConnectionId'] -notcontains $_.ConnectionId) -or
            ($Sent.ContainsKey('ModulePrefix') -and $Sent['ModulePrefix'] -notcontains $_.ModulePrefix) })
    Set-Field $script:Tenant.session 'connections' $left
    Save-Tenant $script:Tenant
    if (-not $left) { Get-Module -Name 'tmpEXO_*' | Remove-Module }
}

function Import-CmdletModule {
    <# Imports the temporary module with the cmdlets and parameters to which this operator has a right. #>
    $script:Tenant = Read-Tenant
    $hidden = @(Get-Field $script:Tenant.operator 'hidden' @())
    $local = 'Connect-ExchangeOnline', 'Disconnect-ExchangeOnline', 'Get-ConnectionInformation'
    $names = @(Get-CmdletName -Without ($local + $hidden))
    $id = (Get-TextIdentifier $script:Tenant.tenantId).Replace('-', '')
    $module = New-Module -Name "tmpEXO_$($id.Substring(0, 8)).$($id.Substring(8, 3))" -ArgumentList $script:Simulation, $names, $hidden -ScriptBlock {
        param([string] $Simulation, [string[]] $Names, [string[]] $Hidden)
        $script:Simulation = $Simulation
        foreach ($folder in 'core', 'cmdlets') {
            foreach ($part in Get-ChildItem -LiteralPath (Join-Path $Simulation $folder) -Filter '*.ps1' | Sort-Object -Property Name) {
                if ($part.Name -ne 'connection.ps1') { . $part.FullName }
            }
        }
        $script:Faults = @(Read-Faults)
        . ([scriptblock]::Create((Get-StubText -Name $Names -Hidden $Hidden)))
        Export-ModuleMember -Function $Names
    }
    $prefix = [string] @($script:Tenant.session.connections)[-1].ModulePrefix
    Get-Module -Name 'tmpEXO_*' | Remove-Module
    if ($prefix) { Import-Module $module -Global -Prefix $prefix } else { Import-Module $module -Global }
}
