# The run, in this order: Invoke-Guard refuses or lets through; the mode's function (Invoke-Check, -Apply, -Verify or
# -Rollback) reads every step and, in Apply and Rollback, goes on to Invoke-StepByStep, which asks; Invoke-Batch
# journals, Invoke-Write changes, and what was changed is read back. The result is written whatever happened.

# What each step says of itself, with the values of this run.
foreach ($key in @($Steps.Keys)) { $Steps[$key] = & $Steps[$key] }
$Actions = @{ Check = 'Invoke-Check'; Apply = 'Invoke-Apply'; Verify = 'Invoke-Verify'; Rollback = 'Invoke-Rollback' }

$Run.Id = [guid]::NewGuid().ToString('N').Substring(0, 8)
$Run.Mode = @(
    @('Check', 'Apply', 'Verify', 'Rollback' | Where-Object -FilterScript { Test-SameName $_ $Run.Mode }) +
    @($Run.Mode))[0]
$Run.Phase = @(@('Prepare', 'Cleanup' | Where-Object -FilterScript { Test-SameName $_ $Run.Phase }) + @($Run.Phase))[0]  # only: migrate
$Run.ApprovedPlan = ([string] $Run.ApprovedPlan).Trim().ToLowerInvariant()
$Run.ScriptPath = [string] $MyInvocation.MyCommand.Path
$Run.WhatIf = [bool] $WhatIfPreference
$Run.Computer = [Environment]::MachineName
$Run.User = "$([Environment]::UserDomainName)\$([Environment]::UserName)"
$Run.StartedUtc = Format-Utc (Get-UtcNow)
$Run.Step = @($Run.Step | ForEach-Object -Process { ([string] $_).Split([char] ',') } |
        ForEach-Object -Process { $_.Trim() } | Where-Object -FilterScript { $_ })
# A folder may have a comma in its name: what is there is taken whole, and Apply has one journal.
$Run.JournalPath = @($Run.JournalPath | ForEach-Object -Process {
        $path = [string] $_
        $isWhole = $path -ne '' -and ($Run.Mode -ceq 'Apply' -or (Test-Path -LiteralPath $path -ErrorAction Ignore))
        if ($isWhole) { $path } else { $path.Split([char] ',') }
    } | ForEach-Object -Process { $_.Trim() } | Where-Object -FilterScript { $_ })
$Run += @{
    Bound = $PSBoundParameters
    # What the guards find out.
    Tenant = $null; ConnectionUri = $null; Operator = $null; OwnRights = $false
    ModuleVersion = $null; BodySha256 = $null
    ServerDomains = @()  # only: exchange-server
    Overrides = @(); Selected = @()
    Refusal = $null; GuardsPassed = $false
    # Rollback: the runs in the journals, the steps they name, and what is planned to be gone (an ID, or ID|property).
    Runs = @(); Memory = @(); InJournal = Get-Table; Gone = Get-Table
    # The steps: still planning or already changing, their states, the step that was consented to, its pauses, what was
    # read.
    Planning = $true; States = @{}; Consent = @{}; Pauses = $null; Seen = Get-Table
    # The steps that a stop ended.  # only: GoOn
    Stopped = @{}  # only: GoOn
    # Whether this command line says not to ask, what was answered for each step, and the answer that holds for all.
    Unasked = $PSBoundParameters.ContainsKey('Confirm') -and -not $PSBoundParameters['Confirm']
    Answers = @{}; YesToAll = $null
    # Who was looked up to become a member of the group, by address: of thousands nobody is looked up twice.  # only: Widens
    People = Get-Table; GroupSize = 0  # only: Widens
    # The step that is being changed, how many writes had been sent before it, whether the run came to its end, and the
    # place of each step in it.
    Current = ''; SentBefore = 0; Done = Get-Table; Ended = $false; Places = @{}
    # What comes of it.
    Log = $null; ResultWritten = $false; PlanSha256 = $null; Differences = @(); Approved = Get-Table
    Journal = $null; JournalOpen = ''; Beside = @(); Held = @(); Lengths = Get-Table; Digests = Get-Table
    Journalled = $false; Writes = 0; Made = @{}
    Results = [ordered]@{}; Proofs = @(); ExitCode = 1
}

function Invoke-Guard {
    param($Bound, $ScriptBlock)
    Resolve-RunPath
    Assert-Engine
    $Run.BodySha256 = Get-BodySha256
    $Run.Overrides = @(Get-Override -Bound $Bound -ScriptBlock $ScriptBlock)
    Write-Opening
    Assert-RunParameter
    Assert-Phase  # only: migrate
    Assert-Value
    $Run.Selected = @($Steps.Keys | Where-Object -FilterScript { $Run.Step.Count -eq 0 -or $Run.Step -contains $_ })
    $Run.Selected = @($Run.Selected | Where-Object -FilterScript { Test-Phase $_ })  # only: migrate
    Assert-Date  # only: exchange-online
    if ($Run.Mode -eq 'Rollback') { Read-AllJournal }
    Assert-Module
    Assert-Connection
    Write-Session
    if ($Run.Mode -eq 'Rollback') { Assert-JournalOwner $Run.Runs }
    Assert-Command
    Assert-Forest  # only: exchange-server
    Assert-Organization
    Assert-StepGuard
    Assert-Path
    $Run.GuardsPassed = $true
    Write-Line ''
}

function Write-LastWord {
    # After an error that nobody expected: what of this run is left to go on with.
    param($Failure)
    Write-Failure $Failure
    if ($Run['Writes'] -gt 0) { Write-Line "$($Run.Writes) writes had been sent to Exchange." }
    else { Write-Line 'Nothing had been sent to Exchange.' }
    if ($Run['Journalled']) { Write-Line "Journal   $($Run.JournalPath[-1])  (keep it: Rollback needs it)" }
    if ($Run['ResultWritten']) { Write-Line "Result    $($Run.ResultPath)" }
    if ($null -eq $Run['Log']) { return }
    Write-Line "Log       $($Run.LogPath)"
    $Run.Log.Dispose()
    $Run.Log = $null
}

try {
    try {
        Invoke-Guard -Bound $Run.Bound -ScriptBlock $MyInvocation.MyCommand.ScriptBlock
        & $Actions[$Run.Mode]
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        $Run.Refusal = [ordered]@{ guard = $stop.Guard; message = $stop.Detail }
    }
    $Run.ExitCode = Get-ExitCode
    Write-Result
    Write-Summary
    $Run.Ended = $true
} catch {
    # What is known by now is written down; the trap at the beginning says the rest.
    $Run.Ended = $true
    $Run.ExitCode = 1
    try { Write-Result } catch { Write-Line "The result could not be written: $($_.Exception.Message)" }
    throw
} finally {
    if (-not $Run.Ended) { Complete-Interrupted }
    # A full disk makes even closing fail; what was written stands on it already.
    foreach ($file in $Run.Held) {
        try { $file.Dispose() }
        catch { Write-Line "The journal could not be closed: $($_.Exception.GetBaseException().Message)" }
    }
    if ($null -ne $Run.Log -and $Run.ExitCode -ne 1) { $Run.Log.Dispose() }
}
# Select-Object -First, behind this script in a pipeline, stops it before its exit.
$ExecutionContext.SessionState.PSVariable.Set('global:LASTEXITCODE', $Run.ExitCode)
if ($Run.PassThru) { $Run.Results.Values }
exit $Run.ExitCode
