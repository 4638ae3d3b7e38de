# The run: the guards of every runbook refuse or let through, each find function reads, and the JSON is written.

$Run.StartedUtc = Format-Utc (Get-UtcNow)
$Run.ScriptPath = [string] $MyInvocation.MyCommand.Path

function Test-Address {
    param([string] $Text)
    $Text.Length -le 320 -and $Text -cmatch '^[^\s@*"<>(),;:\\\[\]]+@[^\s@*"<>(),;:\\\[\]]+\.[^\s@*"<>(),;:\\\[\]]+\z'
}

function Assert-Parameter {
    $sane = $Run.MaximumMailboxes -ge 1 -and $Run.MaximumMailboxes -le 1000
    Assert-Sane $sane '-MaximumMailboxes is a number from 1 to 1000.'
    foreach ($name in 'EquipmentAddress', 'ServiceAccount') {
        $sane = $Value[$name] -eq '' -or (Test-Address $Value[$name])
        Assert-Sane $sane "-$name is an SMTP address, or empty."
    }
    foreach ($name in 'TargetTenantId', 'ApplicationClientId') {
        $sane = -not $Value.ContainsKey($name) -or $Value[$name] -eq '' -or (Test-Guid $Value[$name])
        Assert-Sane $sane "-$name is a GUID, or empty."
    }
    # made: clouds
    $environments = '', 'worldwide', 'gcc', 'gcc-high', 'dod', 'china'
    # end: clouds
    Assert-Sane ($Platform -cne 'exchange-online' -or $environments -ccontains $Value.TargetEnvironment) (
        # made: clouds-said
        '-TargetEnvironment is worldwide, gcc, gcc-high, dod or china, or empty.')
        # end: clouds-said
    Assert-Sane ('', 'app-permissions', 'service-account', 'migrate' -ccontains $Value.ForMethod) (
        '-ForMethod is app-permissions, service-account or migrate, or empty for everything.')
    $isReviewed = $Run.Review -ceq 'reviewed' -or $Run.AcceptUnreviewed
    Assert-Sane $isReviewed 'Nobody reviewed this script. -AcceptUnreviewed runs it all the same.'
    $skipped = switch ($Value.ForMethod) {
        'app-permissions' { 'find-impersonation' }
        'service-account' { 'find-application' }
        default { '' }
    }
    $Run.Selected = @($Run.Selected | Where-Object -FilterScript { $_ -ne $skipped })
}

function Resolve-Result {
    if ($Run.ResultPath -eq '') { $Run.ResultPath = 'FOUND.json' }
    # Relative paths are relative to the operator's location, which .NET does not know.
    $provider = $null
    $drive = $null
    try {
        $Run.ResultPath = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath(
            $Run.ResultPath, [ref] $provider, [ref] $drive)
    } catch { $provider = $null }
    $isFile = $null -ne $provider -and $provider.Name -ceq 'FileSystem'
    Assert-That $isFile -Guard 'paths' -Message "'$($Run.ResultPath)' is no path of a file."
    Assert-That (-not [System.IO.File]::Exists($Run.ResultPath)) -Guard 'paths' -Message (
        "'$($Run.ResultPath)' is there already. Move it, or give -ResultPath.")
}

function Resolve-Target {
    # Which organization this is does not stand in the script unless somebody wrote it there: then what is connected is
    # taken, if it is one, and said.
    try {
        if ($Platform -ceq 'exchange-server') { Resolve-ServerTarget; return }  # only: exchange-server
        $open = @(Get-ConnectionInformation -ErrorAction Stop |
                Where-Object -FilterScript { (Get-Text $_ 'State') -eq 'Connected' })
    } catch {
        if (Get-StopOf $_) { throw }
        throw (Get-Stop -State 'refused' -Guard 'connection' -Detail (
                "The session could not be read: $(Get-ErrorText $_)"))
    }
    if ($open.Count -ne 1) { return }
    if ($Value.TargetTenantId -eq '') { $Value.TargetTenantId = Get-Text $open[0] 'TenantID' }
    $acts = Get-Text $open[0] 'DelegatedOrganization'
    # Whoever acts for another organization names it by its initial domain or by its ID, and an ID is no domain.
    if ($Value.TargetOrganization -eq '' -and $acts.Contains('.')) { $Value.TargetOrganization = $acts }
    if ($Value.TargetOrganization -eq '') {
        $domain = @(Get-AcceptedDomain -ErrorAction Stop |
                Where-Object -FilterScript { Test-Same (Get-Property $_ 'InitialDomain') $true })
        if ($domain.Count -eq 1) { $Value.TargetOrganization = Get-Text $domain[0] 'DomainName' }
    }
}

function Resolve-ServerTarget {
    $servers = @(Get-ExchangeServer -ErrorAction Stop | ForEach-Object -Process { Get-ServerVersion $_ } |
            Select-Distinct | Get-Ordered)
    $Run.Found['versions'] = $servers
    if ($Value.TargetVersion -eq '' -and $servers.Count -gt 0) { $Value.TargetVersion = $servers[-1] }
    $domains = @(Get-AcceptedDomain -ErrorAction Stop)
    $Run.Found['domains'] = @($domains | ForEach-Object -Process { Get-Text $_ 'DomainName' })
    $first = @($domains | Where-Object -FilterScript { Test-Same (Get-Property $_ 'Default') $true }) + $domains
    if ($Value.TargetAcceptedDomain -eq '' -and $first.Count -gt 0) {
        $Value.TargetAcceptedDomain = Get-Text $first[0] 'DomainName'
    }
}

function Invoke-Discovery {
    Resolve-Result
    Assert-Engine
    $Run.BodySha256 = Get-BodySha256
    Write-Line "pexgen discovery  $Platform  reads only"
    $review = if ($Run.Review -ceq 'reviewed') { 'reviewed by the pexgen project, not by your organization' }
    else { 'NOT REVIEWED by anybody' }
    Write-Line "Body      SHA-256 $($Run.BodySha256), $review"
    Assert-Parameter
    Assert-Module
    Resolve-Target
    Assert-Connection
    Assert-Command
    Assert-Forest  # only: exchange-server
    Assert-Organization
    Write-Line ''
    foreach ($id in $Run.Selected) {
        Write-Line "Reading   $($Catalogue[$id].Title)"
        & $Finders[$id]
    }
}

function Get-Asked {
    # What the one who looked knew already, empty where nothing was said.
    $asked = [ordered]@{}
    foreach ($name in 'ForMethod', 'EquipmentAddress', 'ServiceAccount', 'ApplicationClientId', 'TargetEnvironment') {
        $asked[$name] = if ($Value.ContainsKey($name)) { Get-Filled $Value[$name] } else { $null }
    }
    [ordered]@{
        method = $asked['ForMethod']; equipment = $asked['EquipmentAddress']
        serviceAccount = $asked['ServiceAccount']; clientId = $asked['ApplicationClientId']
        environment = $asked['TargetEnvironment']
    }
}

function Get-Discovery {
    $engine = [string] $PSVersionTable.PSVersion
    [ordered]@{
        format = 'pexgen.discovery/1'; platform = $Platform; exitCode = $Run.ExitCode; bodySha256 = $Run.BodySha256
        tenant = $Run.Tenant; operator = Get-Filled $Run.Operator; startedUtc = $Run.StartedUtc
        finishedUtc = Format-Utc (Get-UtcNow)
        versions = [ordered]@{ powershell = $engine; module = $Run.ModuleVersion }
        asked = Get-Asked; looked = @($Run.Selected); found = $Run.Found
        unreadable = @($Run.Unreadable); cutOff = @($Run.CutOff)
        notLookedAt = @(
            'Add-ins that the admin center deploys (Integrated apps): whether Exchange shows them is not documented.'
            'Consents and credentials in Entra, licenses, and how Pexip Infinity is set.'
            'Automapping of access to the equipment mailbox: Exchange does not show it.'
        )
    }
}

$Finders = @{
    'find-equipment' = 'Find-Equipment'; 'find-application' = 'Find-Application'
    'find-impersonation' = 'Find-Impersonation'; 'find-ews' = 'Find-EwsAccess'
    'find-authentication' = 'Find-Authentication'; 'find-outside' = 'Find-Outside'
    'find-add-ins' = 'Find-AddIn'
}

function Write-LastWord {
    param($Failure)
    Write-Failure $Failure
    Write-Line 'Nothing was changed.'
}

try { Invoke-Discovery }
catch {
    $stop = Get-StopOf $_
    if (-not $stop) { throw }
    $Run.Refusal = $stop
}
if ($Run.Refusal) {
    $Run.ExitCode = 4
    Write-Line "Refused by the guard '$($Run.Refusal.Guard)': $($Run.Refusal.Detail)"
} else {
    $Run.ExitCode = if ($Run.Unreadable.Count + $Run.CutOff.Count -gt 0) { 5 } else { 0 }
    [System.IO.File]::WriteAllText($Run.ResultPath, (ConvertTo-Json -InputObject (Get-Discovery) -Depth 12) + "`n")
    foreach ($one in $Run.Unreadable) { Write-Line "Unreadable: $($one.error)" }
    foreach ($one in $Run.CutOff) { Write-Line "Cut off at $($Run.MaximumMailboxes), there are more: $one" }
    Write-Line "Found     $($Run.ResultPath)"
}
Write-Line "Exit code $($Run.ExitCode). Nothing was changed."
exit $Run.ExitCode
