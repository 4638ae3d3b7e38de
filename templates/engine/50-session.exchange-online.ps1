# The session with Exchange Online: one connection, to the described tenant.

function Get-TargetName {
    $Value.TargetOrganization
}

function Get-TenantKey {
    # What tells one tenant from another in a journal.
    param($Tenant)
    if ($Tenant -isnot [System.Collections.IDictionary]) { return '' }
    [string] $Tenant['tenantId']
}

function Get-ConnectLine {
    # made: cloud-names
    $environments = @{ 'gcc-high' = 'O365USGovGCCHigh'; 'dod' = 'O365USGovDoD'; 'china' = 'O365China' }
    # end: cloud-names
    $line = 'Connect-ExchangeOnline -UserPrincipalName <you> -ShowBanner:$false'
    if ($environments.ContainsKey($Value.TargetEnvironment)) {
        $line += " -ExchangeEnvironmentName $($environments[$Value.TargetEnvironment])"
    }
    $line
}

function Assert-Module {
    $guard = 'module'
    $command = Microsoft.PowerShell.Core\Get-Command -Name 'Get-ConnectionInformation' -ErrorAction Ignore
    Assert-That $command -Guard $guard -Message (
        "The ExchangeOnlineManagement module is not loaded, or older than $($Facts.ModuleMinimum). " +
        "Install-Module ExchangeOnlineManagement -Scope CurrentUser, then in a new window: $(Get-ConnectLine)")
    $Run.ModuleVersion = [string] $command.Version
    $known = $null -ne $command.Version -and $command.Version -ge [version] $Facts.ModuleMinimum
    Assert-That $known -Guard $guard -Message (
        "The loaded ExchangeOnlineManagement module is $($Run.ModuleVersion); " +
        "$($Facts.ModuleMinimum) or later is needed.")
    $version = $PSVersionTable.PSVersion
    $pair = $version.Major -lt 7 -or $version -ge [version] $Facts.PowerShellNewer -or
        $command.Version -lt [version] $Facts.ModuleNeedsNewer
    $graph = @(Microsoft.PowerShell.Core\Get-Module -Name 'Microsoft.Graph*' | Select-Object -First 1)
    Assert-That ($graph.Count -eq 0) -Guard $guard -Message (
        'A Microsoft.Graph module is loaded in this session too; field reports say that the two fail in one process. ' +
        "Open a new window, then: $(Get-ConnectLine)")
    Assert-That $pair -Guard $guard -Message (
        "Module $($Run.ModuleVersion) needs PowerShell $($Facts.PowerShellNewer) or later, " +
        "or Windows PowerShell 5.1; this is $version. Use one of those. Module $($Facts.ModuleLastOlder) " +
        "is a stopgap: it may fail to sign in from $($Facts.ModuleSignIn) on.")
}

function Test-Expired {
    # The module renews a token that it calls active; where it says neither, the time decides.
    param($Connection)
    $status = Get-Text $Connection 'TokenStatus'
    $time = [datetime]::MaxValue
    $style = [System.Globalization.DateTimeStyles]::AdjustToUniversal -bor
        [System.Globalization.DateTimeStyles]::AssumeUniversal
    $end = Get-Property $Connection 'TokenExpiryTimeUTC'
    if ($end -is [datetime]) {
        $time = $end
    } elseif (-not [datetime]::TryParse([string] $end, [cultureinfo]::InvariantCulture, $style, [ref] $time)) {
        $time = [datetime]::MaxValue
    }
    $status -eq 'Expired' -or ($status -ne 'Active' -and $time -lt (Get-UtcNow))
}

function Assert-Connection {
    $guard = 'connection'
    try { $all = @(Get-ConnectionInformation -ErrorAction Stop) }
    catch {
        throw (Get-Stop -State 'refused' -Guard $guard -Detail "The connections could not be read: $(Get-ErrorText $_)")
    }
    $open = @($all | Where-Object -FilterScript { (Get-Text $_ 'State') -eq 'Connected' })
    $names = @($open | ForEach-Object -Process { "$(Get-Text $_ 'Organization') $(Get-Text $_ 'TenantID')" }) -join '; '
    Assert-That ($open.Count -gt 0) -Guard $guard -Message (
        "This session is not connected to Exchange Online. Connect first: $(Get-ConnectLine)")
    Assert-That ($open.Count -eq 1) -Guard $guard -Message (
        "This session has $($open.Count) connections ($names). Run Disconnect-ExchangeOnline, then: $(Get-ConnectLine)")
    $one = $open[0]
    Assert-That (-not (Test-Same (Get-Property $one 'IsEopSession') $true)) -Guard $guard -Message (
        'This is a Security & Compliance connection, not one to Exchange Online.')
    Assert-That ((Get-Text $one 'ModulePrefix') -eq '') -Guard $guard -Message (
        "The connection has the prefix '$(Get-Text $one 'ModulePrefix')'. Connect without -Prefix.")
    Assert-That (-not (Test-Expired $one)) -Guard $guard -Message (
        "The sign-in has expired. Run Disconnect-ExchangeOnline, then: $(Get-ConnectLine)")
    Assert-That (Test-SameName (Get-Text $one 'TenantID') $Value.TargetTenantId) -Guard $guard -Message (
        "Connected to tenant $(Get-Text $one 'TenantID'); " +
        "this runbook is for $($Value.TargetTenantId) ($($Value.TargetOrganization)).")
    $delegated = Get-Text $one 'DelegatedOrganization'
    Assert-That ($delegated -eq '' -or (Test-SameName $delegated $Value.TargetOrganization) -or
        (Test-SameName $delegated $Value.TargetTenantId)) -Guard $guard -Message (
        "The connection acts for the organization '$delegated'; this runbook is for $($Value.TargetOrganization).")
    $Run.Operator = Get-Text $one 'UserPrincipalName'
    $Run.OwnRights = $delegated -eq '' -and $Run.Operator -ne '' -and
        -not (Test-Same (Get-Property $one 'CertificateAuthentication') $true)
    $Run.ConnectionUri = Get-Text $one 'ConnectionUri'
    $Run.Tenant = [ordered]@{
        tenantId = Get-Text $one 'TenantID'; organization = $Value.TargetOrganization; delegated = $delegated -ne ''
    }
    $role = if ($delegated -ne '') { " (delegated administration of $delegated)" } else { '' }
    Write-Line "Tenant    $($Value.TargetOrganization)  $($Value.TargetTenantId)$role"
    Write-Line "Operator  $(if ($Run.Operator -ne '') { $Run.Operator } else { 'an application' })"
}

function Assert-SameConnection {
    # While a question stood open somebody may have connected elsewhere in this session. Asked without a remote call.
    $open = @(Invoke-Read -Subject 'connections of this session' -IfAbsent 'unreadable' -Call {
            Get-ConnectionInformation -ErrorAction Stop
        } | Where-Object -FilterScript { (Get-Text $_ 'State') -eq 'Connected' })
    $isSame = $open.Count -eq 1 -and (Test-SameName (Get-Text $open[0] 'TenantID') $Value.TargetTenantId) -and
        [string]::Equals((Get-Text $open[0] 'UserPrincipalName'), $Run.Operator, [System.StringComparison]::OrdinalIgnoreCase)
    if ($isSame) { return }
    throw (Get-Stop -State 'failed' -Detail (
            "This session is not connected as it was at the start; nothing more of this step was sent. $(Get-ConnectLine)"))
}

function Assert-InitialDomain {
    param($Domain, [string] $Guard)
    Assert-That (Test-Same (Get-Property $Domain 'InitialDomain') $true) -Guard $Guard -Message (
        "'$(Get-TargetName)' is not the initial domain of the connected organization.")
}

function Assert-Customized {
    param([string] $Guard)
    $organization = Invoke-WithRetry { Get-OrganizationConfig -ErrorAction Stop } -Subject 'settings of the organization'
    Assert-That (-not (Test-Same (Get-Property $organization 'IsDehydrated') $true)) -Guard $Guard -Message (
        'The organization is not customized yet (IsDehydrated), so Exchange refuses scopes and role assignments. ' +
        'Enable-OrganizationCustomization changes that permanently; ' +
        'decide, run it once, wait an hour, then come back.')
}

function Get-LackReason {
    # Why cmdlets or parameters may be missing. A session of a whole role group has hundreds of cmdlets.
    param([string] $Session)
    $roles = "Exchange hides what the signed-in operator's roles do not allow: have the roles that the plan names " +
        '(Organization Management holds them all), then connect again in a new window.'
    $module = @(Microsoft.PowerShell.Core\Get-Module -Name $Session -ErrorAction Ignore)
    $here = @($module | Select-Object -First 1 | ForEach-Object -Process { $_.ExportedCommands.Count })
    if ($Session -ne '' -and $here.Count -gt 0 -and $here[0] -lt 25) {
        return "This session has $($here[0]) cmdlets of Exchange, as after Connect-ExchangeOnline -CommandName: " +
            "in a new window $(Get-ConnectLine). If they are still missing: $roles"
    }
    "$roles A session that was opened with Connect-ExchangeOnline -CommandName has the named cmdlets alone."
}

function Get-ModuleNote {
    $isOlder = $Run.ModuleVersion -and [version] $Run.ModuleVersion -lt [version] $Facts.ModuleRecommended
    if ($isOlder) {
        "Module $($Run.ModuleVersion) may fail to sign in from $($Facts.ModuleSignIn) on: Microsoft recommends " +
        "$($Facts.ModuleRecommended) or later to everybody."
    }
}
