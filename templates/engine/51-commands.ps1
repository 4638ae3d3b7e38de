# Commands: every cmdlet and parameter that this run will use is there, and is Exchange's own.

function Get-NeededCommand {
    # What this mode and these steps will call; the parameters come from the script's own syntax tree.
    $needed = @{ 'Get-AcceptedDomain' = @() }
    if ($Platform -ceq 'exchange-online') { $needed['Get-ConnectionInformation'] = @() }
    if ($Platform -ceq 'exchange-server') { $needed['Get-ADServerSettings'] = @() }
    if ($Run.Mode -eq 'Apply' -and $Platform -ceq 'exchange-online') { $needed['Get-OrganizationConfig'] = @() }
    if (@(Get-GrantedRole).Count -gt 0) { $needed['Get-ManagementRoleAssignment'] = @() }
    foreach ($id in @($Run.Selected) + @(Get-ProvedFirst)) {
        if ($Run.Mode -ne 'Rollback' -and -not (Test-Asked $id)) { continue }
        if ($Run.Mode -eq 'Rollback' -and -not $Run.InJournal.Contains($id)) { continue }
        $names = @($Steps[$id].Reads)
        $mode = if ($Run.Selected -ccontains $id) { $Run.Mode } else { 'Verify' }
        if ($mode -ne 'Check' -and $Steps[$id].Contains($mode)) { $names += @($Steps[$id][$mode]) }
        # Where a step changes what another one does, that one's calls are its own.
        $like = [string] $Steps[$id]['Like']
        foreach ($name in $names) {
            $needed[$name] = @($needed[$name]) + @($Catalogue[$id].Cmdlets[$name])
            if ($like -ne '') { $needed[$name] = @($needed[$name]) + @($Catalogue[$like].Cmdlets[$name]) }
        }
        # The one write whose parameters the description chooses.
        if ($Steps[$id].Contains('Parameters') -and 'Apply', 'Rollback' -ccontains $mode) {
            $needed['Set-CalendarProcessing'] += $Steps[$id].Parameters
        }
    }
    foreach ($id in Get-GuardStep) {
        foreach ($name in $Steps[$id].Guard.Reads) {
            $needed[$name] = @($needed[$name]) + @($Catalogue[$id].Cmdlets[$name])
        }
    }
    # What the common part calls on behalf of a step.
    foreach ($name in @($needed.Keys)) { $needed[$name] = @($needed[$name]) + @($CoreCmdlets[$name]) }
    $needed
}

function Assert-Command {
    # Exchange leaves out cmdlets and parameters that the operator's roles do not allow; a missing one is a missing
    # role. An alias, a script or a function of the operator's in front of a cmdlet would get our calls instead of
    # Exchange.
    $guard = 'cmdlets'
    $problems = @()
    $needed = Get-NeededCommand
    # All of one session: what is left of another one, or beside it, would answer instead. The cmdlet that shows the
    # connections is the module's own.
    $first = if ($Platform -ceq 'exchange-server') { 'Get-ExchangeServer' } else { 'Get-AcceptedDomain' }
    $session = Get-Text (
        Microsoft.PowerShell.Core\Get-Command -Name $first -ErrorAction Ignore | Select-Object -First 1) 'ModuleName'
    foreach ($name in @($needed.Keys | Get-Ordered)) {
        $command = @(Microsoft.PowerShell.Core\Get-Command -Name $name -ErrorAction Ignore) | Select-Object -First 1
        if ($null -eq $command) { $problems += "$name is not here"; continue }
        $isExchange = 'Function', 'Cmdlet' -ccontains [string] $command.CommandType -and
            [string] $command.ModuleName -ne ''
        if (-not $isExchange) {
            $problems += "$name is shadowed by a $(([string] $command.CommandType)) of this session"
            continue
        }
        if ($name -cne 'Get-ConnectionInformation' -and [string] $command.ModuleName -cne $session) {
            $problems += "$name comes from another session ($($command.ModuleName)) than $first ($session)"
            continue
        }
        $lacking = @($needed[$name] | Where-Object -FilterScript { $_ -and -not $command.Parameters.ContainsKey($_) } |
                Select-Distinct -AnyCase)
        if ($lacking.Count -gt 0) { $problems += "$name has no -$($lacking -join ', -')" }
        if ($lacking -ccontains 'BypassSecurityGroupManagerCheck') {
            $problems[-1] += ' (of the role Security Group Creation and Membership)'
        }
    }
    Assert-That ($problems.Count -eq 0) -Guard $guard -Message (
        "$($problems -join '; '). $(Get-LackReason $session)")
}

function Get-LackReason {
    # Why cmdlets or parameters may be missing. A session of a whole role group has hundreds of cmdlets.
    param([string] $Session)
    $roles = "Exchange hides what the signed-in operator's roles do not allow: have the roles that the plan names " +
        '(Organization Management holds them all), then connect again in a new window.'
    if ($Platform -ceq 'exchange-server') { return $roles }
    $module = @(Microsoft.PowerShell.Core\Get-Module -Name $Session -ErrorAction Ignore)
    $here = @($module | Select-Object -First 1 | ForEach-Object -Process { $_.ExportedCommands.Count })
    if ($Session -ne '' -and $here.Count -gt 0 -and $here[0] -lt 25) {
        return "This session has $($here[0]) cmdlets of Exchange, as after Connect-ExchangeOnline -CommandName: " +
            "in a new window $(Get-ConnectLine). If they are still missing: $roles"
    }
    "$roles A session that was opened with Connect-ExchangeOnline -CommandName has the named cmdlets alone."
}
