# The session: one connection, to the described tenant, with every cmdlet and parameter that this run will use.

function Get-TenantKey {
    param($Tenant)
    if ($Tenant -isnot [System.Collections.IDictionary]) { return '' }
    if ($Platform -ceq 'exchange-online') { [string] $Tenant['tenantId'] } else { [string] $Tenant['acceptedDomain'] }
}

function Get-ConnectLine {
    $environments = @{ 'gcc-high' = 'O365USGovGCCHigh'; 'dod' = 'O365USGovDoD'; 'china' = 'O365China' }
    $line = 'Connect-ExchangeOnline -UserPrincipalName <you> -ShowBanner:$false'
    if ($environments.ContainsKey($Value.TargetEnvironment)) {
        $line += " -ExchangeEnvironmentName $($environments[$Value.TargetEnvironment])"
    }
    $line
}

function Assert-Module {
    $guard = 'module'
    if ($Platform -ceq 'exchange-server') {
        $shell = Microsoft.PowerShell.Core\Get-Command -Name 'Get-ExchangeServer' -ErrorAction Ignore
        Assert-That $shell -Guard $guard -Message (
            'This session has no cmdlets of Exchange Server. Open the Exchange Management Shell, or import a remote ' +
            'session of it, and run this there.')
        return
    }
    $command = Microsoft.PowerShell.Core\Get-Command -Name 'Get-ConnectionInformation' -ErrorAction Ignore
    Assert-That $command -Guard $guard -Message (
        "The ExchangeOnlineManagement module is not loaded, or older than $($Facts.ModuleMinimum). " +
        "Install-Module ExchangeOnlineManagement -Scope CurrentUser, then in a new window: $(Get-ConnectLine)")
    $Run.ModuleVersion = [string] $command.Version
    $known = $null -ne $command.Version -and $command.Version -ge [version] $Facts.ModuleMinimum
    Assert-That $known -Guard $guard -Message (
        "The ExchangeOnlineManagement module here is $($Run.ModuleVersion); " +
        "$($Facts.ModuleMinimum) or later is needed.")
    $version = $PSVersionTable.PSVersion
    $pair = $version.Major -lt 7 -or $version -ge [version] $Facts.PowerShellNewer -or
        $command.Version -lt [version] $Facts.ModuleNeedsNewer
    $graph = @(Microsoft.PowerShell.Core\Get-Module -Name 'Microsoft.Graph*' | Select-Object -First 1)
    Assert-That ($graph.Count -eq 0) -Guard $guard -Message (
        'A Microsoft.Graph module is loaded here too; by field reports the two break each other in one process. ' +
        "Open a new window, then: $(Get-ConnectLine)")
    Assert-That $pair -Guard $guard -Message (
        "Module $($Run.ModuleVersion) needs PowerShell $($Facts.PowerShellNewer) or later, " +
        "or Windows PowerShell 5.1; this is $version. Use one of those. Module $($Facts.ModuleLastOlder) " +
        "is a stopgap: it may fail to sign in from $($Facts.ModuleSignIn) on.")
}

function Get-AgeNote {
    # What still runs, and is about to stop being able to.
    $version = $PSVersionTable.PSVersion
    if ($version.Major -ge 7 -and $version -lt [version] $Facts.PowerShellNewer) {
        "PowerShell $version is out of Microsoft's support: use Windows PowerShell 5.1, or PowerShell " +
        "$($Facts.PowerShellNewer) or later."
    }
    $isOlder = $Run.ModuleVersion -and [version] $Run.ModuleVersion -lt [version] $Facts.ModuleRecommended
    if ($isOlder) {
        "Module $($Run.ModuleVersion) may fail to sign in from $($Facts.ModuleSignIn) on: Microsoft recommends " +
        "$($Facts.ModuleRecommended) or later to everybody."
    }
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

function Get-ServerVersion {
    # 'Version 15.2 (Build 1544.4)': 2016 is 15.1; 2019 and Subscription Edition share 15.2 and differ by the build.
    param($Server)
    $parts = [regex]::Match((Get-Text $Server 'AdminDisplayVersion'), '15\.([12])\D+(\d+)')
    if (-not $parts.Success) { return 'another version' }
    if ($parts.Groups[1].Value -ceq '1') { return '2016' }
    if ([int] $parts.Groups[2].Value -lt 2562) { '2019' } else { 'SE' }
}

function Assert-ExchangeServer {
    # The shell answers for one organization. Cmdlets of Exchange Online in the same session could stand before its own.
    $guard = 'connection'
    $cloud = Microsoft.PowerShell.Core\Get-Command -Name 'Get-ConnectionInformation' -ErrorAction Ignore
    try {
        $servers = @(Invoke-Again { Get-ExchangeServer -ErrorAction Stop } -Subject 'servers of the organization' |
                Where-Object -FilterScript { -not (Test-Same (Get-Property $_ 'IsEdgeServer') $true) })
        $open = @(if ($cloud) { Get-ConnectionInformation -ErrorAction Stop }) | Where-Object -FilterScript {
            (Get-Text $_ 'State') -eq 'Connected' -and (Get-Text $_ 'ModulePrefix') -eq '' }
    } catch {
        throw (Get-Stop -State 'refused' -Guard $guard -Detail "The session could not be read: $(Get-ErrorText $_)")
    }
    Assert-That (@($open).Count -eq 0) -Guard $guard -Message (
        'This session is connected to Exchange Online too. Open a new Exchange Management Shell without it.')
    $found = @($servers | Where-Object -FilterScript { (Get-ServerVersion $_) -ceq $Value.TargetVersion } |
            Get-Ordered -By { Get-Text $_ 'Name' })
    $names = @($servers | ForEach-Object -Process { "$(Get-Text $_ 'Name') $(Get-ServerVersion $_)" }) -join ', '
    Assert-That ($found.Count -gt 0) -Guard $guard -Message (
        "There is no Exchange Server $($Value.TargetVersion) in this organization, but: $names.")
    # Organizations may share a name; the forest in which the servers stand tells them apart in a journal.
    $forest = @([regex]::Matches((Get-Text $found[0] 'DistinguishedName'), '(?:^|,)[Dd][Cc]=([^,]+)') |
            ForEach-Object -Process { $_.Groups[1].Value }) -join '.'
    if ($forest -eq '') { $forest = (Get-Text $found[0] 'Fqdn') -creplace '^[^.]*\.?' }
    $Run.ConnectionUri = Get-Filled $forest.ToLowerInvariant()
    $Run.ServerDomains = @($servers | ForEach-Object -Process { Get-Text $_ 'Domain' })
    $Run.Operator = "$([Environment]::UserDomainName)\$([Environment]::UserName)"
    $Run.OwnRights = $true
    $Run.Tenant = [ordered]@{
        acceptedDomain = $Value.TargetAcceptedDomain; serverVersion = Get-Text $found[0] 'AdminDisplayVersion'
    }
    Write-Line "Servers   $names"
    Write-Line "Operator  $($Run.Operator)"
}

function Assert-Connection {
    $guard = 'connection'
    if ($Platform -ceq 'exchange-server') { Assert-ExchangeServer; return }
    try { $all = @(Get-ConnectionInformation -ErrorAction Stop) }
    catch {
        throw (Get-Stop -State 'refused' -Guard $guard -Detail "The connections could not be read: $(Get-ErrorText $_)")
    }
    $open = @($all | Where-Object -FilterScript { (Get-Text $_ 'State') -eq 'Connected' })
    $names = @($open | ForEach-Object -Process { "$(Get-Text $_ 'Organization') $(Get-Text $_ 'TenantID')" }) -join '; '
    Assert-That ($open.Count -gt 0) -Guard $guard -Message (
        "There is no connection in state Connected. Connect first: $(Get-ConnectLine)")
    Assert-That ($open.Count -eq 1) -Guard $guard -Message (
        "There are $($open.Count) connections ($names). Disconnect-ExchangeOnline, then: $(Get-ConnectLine)")
    $one = $open[0]
    Assert-That (-not (Test-Same (Get-Property $one 'IsEopSession') $true)) -Guard $guard -Message (
        'This is a Security & Compliance connection, not one to Exchange Online.')
    Assert-That ((Get-Text $one 'ModulePrefix') -eq '') -Guard $guard -Message (
        "The connection has the prefix '$(Get-Text $one 'ModulePrefix')'. Connect without -Prefix.")
    Assert-That (-not (Test-Expired $one)) -Guard $guard -Message (
        "The sign-in has expired. Disconnect-ExchangeOnline, then: $(Get-ConnectLine)")
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
    if ($Platform -ceq 'exchange-server') { return }
    $open = @(Invoke-Read -Subject 'connections of this session' -IfAbsent 'unreadable' -Call {
            Get-ConnectionInformation -ErrorAction Stop
        } | Where-Object -FilterScript { (Get-Text $_ 'State') -eq 'Connected' })
    $isSame = $open.Count -eq 1 -and (Test-SameName (Get-Text $open[0] 'TenantID') $Value.TargetTenantId)
    if ($isSame) { return }
    throw (Get-Stop -State 'failed' -Detail (
            "This session is not connected as it was at the start; nothing more of this step was sent. $(Get-ConnectLine)"))
}

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
        if ($Run.Mode -eq 'Apply' -and $Steps[$id].Contains('Grants') -and (Test-Asked $id)) { $Steps[$id].Grants }
    }
}

function Assert-Organization {
    $guard = 'organization'
    $isOnline = $Platform -ceq 'exchange-online'
    try {
        $domain = @(Invoke-Again { Get-AcceptedDomain -ErrorAction Stop } -Subject 'accepted domains' |
                Where-Object -FilterScript { Test-SameName (Get-Text $_ 'DomainName') (Get-TargetName) })
        Assert-That ($domain.Count -eq 1) -Guard $guard -Message (
            "'$(Get-TargetName)' is no domain of the organization that Exchange answers for.")
        Assert-That (-not $isOnline -or (
                Test-Same (Get-Property $domain[0] 'InitialDomain') $true)) -Guard $guard -Message (
            "'$(Get-TargetName)' is not the initial domain of the organization that Exchange answers for.")
        if ($Run.Mode -ne 'Apply') { return }
        $organization = if ($isOnline) {
            Invoke-Again { Get-OrganizationConfig -ErrorAction Stop } -Subject 'settings of the organization'
        }
        Assert-That (-not (Test-Same (Get-Property $organization 'IsDehydrated') $true)) -Guard $guard -Message (
            'The organization has never been customised, and Exchange refuses scopes and role assignments in it. ' +
            'Enable-OrganizationCustomization changes that for good; ' +
            'decide, run it once, wait an hour, then come back.')
        foreach ($role in @(Get-GrantedRole)) { Assert-DelegatingRole -Guard $guard -Role $role }
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
            $rows = @(Invoke-Again -Subject "the operator's right to assign $Role" -Call {
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
        $rows = @(Invoke-Again -Subject "the right to assign $Role" -Call {
                Get-ManagementRoleAssignment -Role $Role -Delegating $true -ErrorAction Stop })
        Write-Line (
            'Note      In this kind of session it cannot be seen whether the operator may assign the role; ' +
            'Exchange may refuse it.')
    }
    Assert-That ($rows.Count -gt 0) -Guard $Guard -Message (
        "Nobody gave $($Run.Operator) the right to assign the role '$Role'. Become a member of the " +
        'role group Organization Management itself (the Entra role alone was seen not to be enough), ' +
        'then connect again.')
}
