# The session with Exchange Server: a shell of the described organization.

function Get-TargetName {
    $Value.TargetAcceptedDomain
}

function Get-TenantKey {
    # What tells one organization from another in a journal.
    param($Tenant)
    if ($Tenant -isnot [System.Collections.IDictionary]) { return '' }
    [string] $Tenant['acceptedDomain']
}

function Assert-Module {
    $shell = Microsoft.PowerShell.Core\Get-Command -Name 'Get-ExchangeServer' -ErrorAction Ignore
    Assert-That $shell -Guard 'module' -Message (
        'This session has no cmdlets of Exchange Server. Open the Exchange Management Shell, or import a remote ' +
        'session of it, and run this there.')
}

function Get-ServerVersion {
    # 'Version 15.2 (Build 1544.4)': 2016 is 15.1; 2019 and Subscription Edition share 15.2 and differ by the build.
    param($Server)
    $parts = [regex]::Match((Get-Text $Server 'AdminDisplayVersion'), '15\.([12])\D+(\d+)')
    if (-not $parts.Success) { return 'another version' }
    if ($parts.Groups[1].Value -ceq '1') { return '2016' }
    if ([int] $parts.Groups[2].Value -lt 2562) { '2019' } else { 'SE' }
}

function Assert-Connection {
    # The shell answers for one organization. Cmdlets of Exchange Online in the same session could stand before its own.
    $guard = 'connection'
    # Its exact name would make PowerShell import the module, where it is installed.
    $cloud = Microsoft.PowerShell.Core\Get-Command -Name 'Get-ConnectionInformatio[n]' -ListImported -ErrorAction Ignore
    try {
        $servers = @(Invoke-WithRetry { Get-ExchangeServer -ErrorAction Stop } -Subject 'servers of the organization' |
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
        "No Exchange Server $($Value.TargetVersion) was found in this organization. Found: $names.")
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
    Write-Line "Operator  $($Run.Operator), the user of this window; the session may have been opened as another user"
}

function Get-LackReason {
    # Why cmdlets or parameters may be missing.
    "Exchange hides what the signed-in operator's roles do not allow: have the roles that the plan names " +
        '(Organization Management holds them all), then connect again in a new window.'
}
