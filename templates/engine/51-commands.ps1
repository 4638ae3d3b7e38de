# Commands: every cmdlet and parameter that this run will use is there, and is Exchange's own.

function Get-NeededCommand {
    # What this mode and these steps will call, with the parameters that the table of each step names for it.
    $needed = @{ 'Get-AcceptedDomain' = @() }
    $needed['Get-ConnectionInformation'] = @()  # only: exchange-online
    $needed['Get-ADServerSettings'] = @()  # only: exchange-server
    if ($Run.Mode -eq 'Apply') { $needed['Get-OrganizationConfig'] = @() }  # only: exchange-online
    if (@(Get-GrantedRole).Count -gt 0) { $needed['Get-ManagementRoleAssignment'] = @() }  # only: Grants
    $ids = @($Run.Selected)
    $ids += @(Get-ProvedFirst)  # only: migrate
    foreach ($id in $ids) {
        if ($Run.Mode -ne 'Rollback' -and -not (Test-Described $id)) { continue }
        if ($Run.Mode -eq 'Rollback' -and -not $Run.InJournal.Contains($id)) { continue }
        $names = @($Steps[$id].Reads)
        $mode = $Run.Mode
        if ($Run.Selected -cnotcontains $id) { $mode = 'Verify' }  # only: migrate
        if ($mode -ne 'Check' -and $Steps[$id].Contains($mode)) { $names += @($Steps[$id][$mode]) }
        foreach ($name in $names) {
            $needed[$name] = @($needed[$name]) + @($Catalogue[$id].Cmdlets[$name])
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
    $first = 'Get-AcceptedDomain'  # only: exchange-online
    $first = 'Get-ExchangeServer'  # only: exchange-server
    $session = Get-Text (
        Microsoft.PowerShell.Core\Get-Command -Name $first -ErrorAction Ignore | Select-Object -First 1) 'ModuleName'
    foreach ($name in @($needed.Keys | Get-Ordered)) {
        $command = @(Microsoft.PowerShell.Core\Get-Command -Name $name -ErrorAction Ignore) | Select-Object -First 1
        if ($null -eq $command) { $problems += "the cmdlet $name was not found"; continue }
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
    $why = if ($problems.Count -gt 0) { Get-LackReason $session }  # only: exchange-online
    $why = Get-LackReason  # only: exchange-server
    Assert-That ($problems.Count -eq 0) -Guard $guard -Message "$($problems -join '; '). $why"
}
