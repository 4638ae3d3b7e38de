# Batches: changes of one object are read right before, announced, sent, read back, and journalled as done.

function Wait-Change {
    # What is there when it is what was wanted, or what is there when the step's time is used up.
    param([string] $Step, [System.Collections.IDictionary] $Wanted, [bool] $Patient)
    for ($n = 0; $true; $n++) {
        $Run.Seen.Clear()
        $Run['NotFound'] = ''
        $now = Get-Now $Step -Snapshot $Wanted
        if (Test-Snapshot $now $Wanted) { return $now }
        $words = [string] $Run['NotFound']
        if ($n -eq 0 -and $Patient -and $words -ne '') { Write-Line "    Exchange answers: $words" }
        if (-not $Patient -or -not (Wait-Moment 'Exchange to show the change')) { return $now }
    }
}

function Merge-Snapshot {
    param([object[]] $Snapshots)
    # A value is set once: to change one in an ordered table takes a search through all of it.
    $last = Get-Table
    foreach ($snapshot in $Snapshots) {
        foreach ($name in $snapshot.properties.Keys) { $last[$name] = $snapshot.properties[$name] }
    }
    $properties = [ordered]@{}
    foreach ($snapshot in $Snapshots) {
        foreach ($name in $snapshot.properties.Keys) {
            if (-not $properties.Contains($name)) { $properties[$name] = $last[$name] }
        }
    }
    Get-Snapshot -Exists $Snapshots[0].exists -Id $Snapshots[0].id -Properties $properties
}

function Write-Done {
    param([object[]] $Changes, [System.Collections.IDictionary] $Now)
    $name = if ($Run.Mode -eq 'Rollback') { 'undone' } else { 'done' }
    foreach ($change in $Changes) {
        $touched = Get-AlteredPart $change
        if (-not (Test-Snapshot $Now $touched)) { continue }
        if ($change['Overtaken'] -and $Run.Mode -ne 'Rollback') { Write-Overtaken $change; continue }
        # What others changed beside it meanwhile is not this run's work.
        $after = Get-SnapshotPart $change.Wanted @($change.Wanted.properties.Keys)
        $after.exists = $Now.exists
        $after.id = $Now.id
        foreach ($one in 'guid', 'created') { if ($Now.Contains($one)) { $after[$one] = $Now[$one] } }
        foreach ($one in $touched.properties.Keys) { $after.properties[$one] = $Now.properties[$one] }
        Write-JournalEvent $name -Change $change -After $after
        $Run.Done[$change.Step] = $true
    }
}

function Read-Before {
    # Right before the change: the object, if it is still as it was compared; $null if it is as wanted already. One "not
    # found" about what was just seen proves nothing: it has to come twice before an object counts as removed. Rollback
    # never says that it took back what others took back.
    param([object[]] $Changes)
    $step = $Changes[0].Step
    $before = Merge-Snapshot @($Changes | ForEach-Object -Process { $_.Before })
    $goal = Merge-Snapshot @($Changes | ForEach-Object -Process { Get-AlteredPart $_ })
    $isBack = $Run.Mode -eq 'Rollback'
    for ($n = 0; $true; $n++) {
        $Run.Seen.Clear()
        $now = Get-Now $step -Snapshot (Merge-Snapshot @($goal, $before))
        $missing = $before.exists -and -not $now.exists
        $isThere = -not $missing -and (Test-Snapshot $now $goal)
        if ($isThere -and -not $isBack) { return $null }
        if ($missing -and -not $goal.exists -and -not $isBack -and $n -gt 0) { return $null }
        if ((-not $missing -and -not $isThere) -or -not (Wait-Moment 'Exchange to find it again')) { break }
    }
    if ($isThere) {
        throw (Get-Stop -State 'gone' -Detail (
                "$($Changes[0].Text): it already has that value, and this run did not set it."))
    }
    if ($missing) {
        throw (Get-Stop -State (Get-MissingState) -Detail (
                "$($Changes[0].Text): Exchange does not find it at the moment. Run the same command again later."))
    }
    $added = @($now.properties.Keys |
            Where-Object -FilterScript { $now.exists -and -not $before.properties.Contains($_) })
    if ($added.Count -gt 0 -or -not (Test-Snapshot $now $before)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "$($Changes[0].Text): somebody else changed this after it was compared. Run $($Run.Mode) again with -WhatIf."))
    }
    $now
}

function Invoke-Batch {
    # Changes of one object: read right before the first, each announced in the journal and made, read back after the
    # last.
    param([object[]] $Changes)
    $step = $Changes[0].Step
    $now = Read-Before $Changes
    if ($null -eq $now) { return }
    Assert-NoHold -Changes $Changes -Now $now
    $sent = New-Object -TypeName System.Collections.ArrayList
    $stop = $null
    $pace = Get-Pace $Changes.Count -What 'changes sent' -Sends $true
    foreach ($change in $Changes) {
        try {
            if ($Changes.Count -le $MostShown) { Write-Line "    > $($change.Text)" } else { Write-Log "    > $($change.Text)" }
            if ($Run.Mode -ne 'Rollback') { Write-JournalEvent 'intent' -Change $change }
            Invoke-Write -Change $change -Now $now
            [void] $sent.Add($change)
            Write-Pace $pace
        } catch { $stop = $_; break }
    }
    if ($sent.Count -gt 0) {
        $goal = Merge-Snapshot @($sent | ForEach-Object -Process { Get-AlteredPart $_ })
        try { $now = Wait-Change $step -Wanted $goal -Patient ($null -eq $stop) }
        catch { if ($null -eq $stop) { $stop = $_ } }
        try { Write-Done -Changes $sent -Now $now }
        catch { if ($null -eq $stop) { $stop = $_ } }
    }
    if ($null -ne $stop) { throw $stop }
    $late = @($sent | Where-Object -FilterScript { -not (Test-Snapshot $now $_.Wanted) })
    if ($late.Count -gt 0) { throw (Get-UnseenStop $late) }
}

function Get-UnseenStop {
    # Exchange refused it as existing already, and never showed it within the wait: nothing was created.
    param([object[]] $Late)
    foreach ($change in @($Late | Where-Object -FilterScript { $_['Refused'] })) {
        Write-Refused $change
        return Get-RefusedStop $change -Words (
            "Exchange did not create it, and after $($Run.WaitSeconds) s it was still not found.$($change.Answer)")
    }
    $one = $Late[0]
    $more = if ($Late.Count -gt 1) { " (and $($Late.Count - 1) more)" } else { '' }
    Get-Stop -State 'pending' -RequestId ([string] $one['RequestId']) -Detail (
        "$($one.Text)${more}: sent, but Exchange does not show it after $($Run.WaitSeconds) s. " +
        "Run the same command again later.$($one['Answer'])")
}

function Assert-ChangeCount {
    # A number that nobody expected is a mistake somewhere, and one Yes would be for all of it.
    param([System.Collections.IDictionary] $Findings)
    $max = [int] $Run.MaxChanges
    foreach ($id in @($Findings.Keys | Where-Object -FilterScript { $Findings[$_].Plan.Changes.Count -gt $max })) {
        $count = $Findings[$id].Plan.Changes.Count
        $text = "The step $id has $count changes to send, and -MaxChanges allows $max."
        if ('Apply', 'Rollback' -ccontains $Run.Mode -and -not $Run.WhatIf) {
            throw (Get-Stop -State 'refused' -Guard 'max-changes' -Detail (
                    "$text Review them with -Mode Check or -WhatIf; if they are intended, add -MaxChanges $count."))
        }
        $Findings[$id].Plan.Notes += "$text If they are intended, run it with -MaxChanges $count."
    }
}

function Invoke-Plan {
    # Entries of one list are one batch, so that a group of thousands is read twice and not once for each; an entry that
    # goes there and back begins a new one.
    param([string] $Id, [hashtable] $Plan)
    $batch = New-Object -TypeName System.Collections.ArrayList
    $names = Get-Table
    foreach ($change in $Plan.Changes) {
        $its = @($change.Wanted.properties.Keys)
        $isSame = $batch.Count -gt 0 -and $Steps[$Id]['Together'] -and $change.Wanted.id -ceq $batch[0].Wanted.id
        foreach ($name in $its) { if ($names.ContainsKey($name)) { $isSame = $false } }
        if ($batch.Count -gt 0 -and -not $isSame) {
            Invoke-Batch -Changes $batch.ToArray()
            $batch.Clear()
            $names.Clear()
        }
        [void] $batch.Add($change)
        foreach ($name in $its) { $names[$name] = $true }
    }
    if ($batch.Count -gt 0) { Invoke-Batch -Changes $batch.ToArray() }
}
