# Steps: compare, ask, write down, change, read back. Every write of every step goes through Invoke-Write, and there only.

function Get-Comparison {
    # Rest: the state that stays when the changes are made, where that is not simply as wanted.
    param([string] $Step)
    @{ Step = $Step; Differences = @(); Changes = @(); Notes = @(); Rest = '' }
}

function Add-Difference {
    param([hashtable] $Comparison, [string] $Property, $Current, $Wanted)
    $Comparison.Differences += [pscustomobject][ordered]@{ property = $Property; current = $Current; wanted = $Wanted }
}

function Add-Change {
    param([hashtable] $Comparison, [string] $Text, [System.Collections.IDictionary] $Before, [System.Collections.IDictionary] $Wanted)
    $Comparison.Changes += @{ Step = $Comparison.Step; Text = $Text; Before = $Before; Wanted = $Wanted }
}

function Get-Awaited {
    # Another step makes what this one needs. Before that step ran, its object is planned for; after it, awaited.
    param([string] $Step, [string] $What)
    $willMake = $Run.Selected -ccontains $Step -and $Steps[$Step].Asked
    if (-not $willMake) { return Get-Stop -State 'blocked' -Detail "$What is not there; the step $Step makes it." }
    Get-Stop -State 'pending' -Detail "$What is not there yet; run Apply again when it is."
}

function Test-Planned {
    param([string] $Step)
    $Run.Planning -and $Run.Selected -ccontains $Step -and $Steps[$Step].Asked
}

function Invoke-Compare {
    # One step against what is there. A step that waits for another one that stopped is not looked at.
    param([string] $Id)
    if (-not $Steps[$Id].Asked) { return @{ State = 'not-asked'; Plan = Get-Comparison $Id; RequestId = '' } }
    foreach ($required in $Catalogue[$Id].Requires) {
        $plan = Get-Comparison $Id
        switch ([string] $Run.States[$required]) {
            { 'conflict', 'unreadable', 'blocked', 'failed' -ccontains $_ } { $plan.Notes = @("Waits for $required."); return @{ State = 'blocked'; Plan = $plan; RequestId = '' } }
            'pending' { $plan.Notes = @("Waits for $required."); return @{ State = 'pending'; Plan = $plan; RequestId = '' } }
        }
    }
    try { $plan = & "Compare-$($Steps[$Id].Noun)" }
    catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        $plan = Get-Comparison $Id
        $plan.Notes = @($stop.Detail)
        return @{ State = $stop.State; Plan = $plan; RequestId = $stop.RequestId }
    }
    $state = if ($plan.Changes.Count -gt 0) { 'different' } elseif ($plan.Rest -ne '') { $plan.Rest } else { 'in-place' }
    @{ State = $state; Plan = $plan; RequestId = '' }
}

function Wait-Moment {
    # The next pause of this step, or $false when its time is used up. It ends by count: a clock may be changed.
    param([string] $What)
    if ($Run.Pauses.Count -eq 0) { return $false }
    $seconds = $Run.Pauses.Dequeue()
    Write-Host "    Waiting $seconds s for $What"
    Start-Sleep -Seconds $seconds
    $true
}

function Get-Pause {
    $pauses = New-Object -TypeName System.Collections.Queue
    $left = $Run.WaitSeconds
    foreach ($seconds in @(2, 3, 5, 10, 20) + @(30) * 2880) {
        if ($left -le 0) { break }
        $pauses.Enqueue([Math]::Min($seconds, $left))
        $left -= $seconds
    }
    , $pauses
}

function Invoke-Write {
    # No guard open and this step's consent given, or nothing is sent. "Not found" and "exists already" are waiting: the
    # one for what was made a moment ago, the other for what the module made itself when it repeated a lost request.
    param([hashtable] $Change, [System.Collections.IDictionary] $Now)
    if (-not $Run.GuardsPassed -or -not $Run.Consent.ContainsKey($Change.Step)) { throw "A write of $($Change.Step) without consent." }
    while ($true) {
        $Run.Writes++
        try { $null = & "Invoke-$($Steps[$Change.Step].Noun)Change" -Change $Change -Now $Now; return }
        catch {
            $class = Get-ErrorClass $_
            if ($class -eq 'exists') { return }
            if ($class -eq 'absent') {
                if (Wait-Moment 'Exchange to find what was made') { continue }
                throw (Get-Stop -State 'pending' -Detail "$($Change.Text): Exchange does not find what it needs yet. Run Apply again." -RequestId (Get-RequestId $_))
            }
            if ($Run.Mode -ne 'Rollback') { Write-JournalEvent 'failed' $Change }
            throw (Get-Stop -State 'failed' -Detail "$($Change.Text): $(Get-ErrorText $_)" -RequestId (Get-RequestId $_))
        }
    }
}

function Wait-Change {
    # What is there when it is what was wanted, or $null when the step's time is used up.
    param([string] $Noun, [System.Collections.IDictionary] $Wanted, [bool] $Patient)
    while ($true) {
        $now = & "Get-${Noun}Now" -Snapshot $Wanted
        if (Test-Snapshot $now $Wanted) { return $now }
        if (-not $Patient -or -not (Wait-Moment 'the change to be readable')) { return $null }
    }
}

function Join-Snapshot {
    param([object[]] $Snapshots)
    $properties = [ordered]@{}
    foreach ($snapshot in $Snapshots) { foreach ($name in $snapshot.properties.Keys) { $properties[$name] = $snapshot.properties[$name] } }
    Get-Snapshot $Snapshots[0].exists -Id $Snapshots[0].id -Properties $properties
}

function Write-Done {
    param([object[]] $Changes, [System.Collections.IDictionary] $Now)
    $name = if ($Run.Mode -eq 'Rollback') { 'undone' } else { 'done' }
    foreach ($change in $Changes) {
        $after = Get-SnapshotPart $Now @($change.Wanted.properties.Keys)
        if (Test-Snapshot $Now $change.Wanted) { Write-JournalEvent $name -Change $change -After $after }
    }
}

function Invoke-Batch {
    # Changes of one object: read right before the first, each announced in the journal and made, read back after the last.
    param([object[]] $Changes)
    $noun = $Steps[$Changes[0].Step].Noun
    $before = Join-Snapshot @($Changes | ForEach-Object -Process { $_.Before })
    $goal = Join-Snapshot @($Changes | ForEach-Object -Process { $_.Wanted })
    $now = & "Get-${noun}Now" -Snapshot (Join-Snapshot @($before, $goal))
    if (Test-Snapshot $now $goal) { return }
    $strange = @($now.properties.Keys | Where-Object -FilterScript { $now.exists -and -not $before.properties.Contains($_) })
    if (-not (Test-Snapshot $now $before) -or $strange.Count -gt 0) {
        throw (Get-Stop -State 'conflict' -Detail "$($Changes[0].Text): somebody else changed this after it was compared. Run Check again.")
    }
    if ($Steps[$Changes[0].Step].Contains('Advice')) { Write-Host "    $($Steps[$Changes[0].Step].Advice)" }
    $sent = @()
    $stop = $null
    foreach ($change in $Changes) {
        try {
            Write-Host "    > $($change.Text)"
            if ($Run.Mode -ne 'Rollback') { Write-JournalEvent 'intent' $change }
            Invoke-Write -Change $change -Now $now
            $sent += $change
        } catch { $stop = $_; break }
    }
    if ($sent.Count -gt 0) {
        $all = Join-Snapshot @($sent | ForEach-Object -Process { $_.Wanted })
        try { $now = Wait-Change -Noun $noun -Wanted $all -Patient ($null -eq $stop) } catch { if ($null -eq $stop) { $stop = $_ } }
        if ($null -ne $now) { Write-Done -Changes $sent -Now $now }
    }
    if ($null -ne $stop) { throw $stop }
    if ($null -eq $now) {
        $state = if ($Run.Mode -eq 'Rollback') { 'kept' } else { 'pending' }
        throw (Get-Stop -State $state -Detail "$($Changes[-1].Text): sent, but $($Run.WaitSeconds) s later Exchange does not show it. Run the same again later.")
    }
}

function Invoke-Plan {
    param([string] $Id, [hashtable] $Plan)
    $changes = @($Plan.Changes)
    while ($changes.Count -gt 0) {
        $size = 1
        if ($Steps[$Id].Together) { while ($size -lt $changes.Count -and $changes[$size].Wanted.id -ceq $changes[0].Wanted.id) { $size++ } }
        Invoke-Batch -Changes @($changes[0..($size - 1)])
        $changes = @($changes | Select-Object -Skip $size)
        $Run.Seen.Clear()
    }
}
