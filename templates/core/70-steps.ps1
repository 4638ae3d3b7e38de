# Steps: compare, ask, write down, change, read back.
#
#   Invoke-Asked       the one question of a step, for all its changes
#   Invoke-Batch       reads again right before the change, announces it in the journal, reads back, says done
#   Invoke-Write       the one call that changes something; refuses without guards and consent

function Get-Comparison {
    # Remaining: the state that stays when the changes are made, where that is not simply as wanted.
    param([string] $Step)
    @{
        Step = $Step; Differences = New-Object -TypeName System.Collections.ArrayList
        Changes = New-Object -TypeName System.Collections.ArrayList; Notes = @(); Remaining = ''
    }
}

function Add-Difference {
    param([hashtable] $Comparison, [string] $Property, $Current, $Wanted)
    [void] $Comparison.Differences.Add(
        [pscustomobject][ordered]@{ property = $Property; current = $Current; wanted = $Wanted })
}

function Add-Change {
    param(
        [hashtable] $Comparison, [string] $Text,
        [System.Collections.IDictionary] $Before, [System.Collections.IDictionary] $Wanted
    )
    [void] $Comparison.Changes.Add(@{ Step = $Comparison.Step; Text = $Text; Before = $Before; Wanted = $Wanted })
}

function Test-Asked {
    param([string] $Step)
    -not $Steps[$Step].Contains('Asked') -or $Steps[$Step].Asked
}

function Test-Planned {
    # True while another step of this run is still going to make what this one needs.
    param([string] $Step)
    $Run.Planning -and $Run.Selected -ccontains $Step -and (Test-Asked $Step)
}

function Get-Awaited {
    # What another step makes is not there: that step is not in this run, or Exchange does not show its work yet.
    param([string] $Step, [string] $What)
    if ($Run.Selected -ccontains $Step -and (Test-Asked $Step)) {
        return Get-Stop -State 'pending' -Detail "$What is not there yet; run Apply again when it is."
    }
    Get-Stop -State 'blocked' -Detail "$What is not there; the step $Step makes it."
}

function Get-StoppedPlan {
    param([string] $Id, [hashtable] $Stop)
    $plan = Get-Comparison $Id
    $plan.Notes = @($Stop.Detail)
    $Run.Stopped[$Id] = $true
    @{ State = $Stop.State; Plan = $plan; RequestId = $Stop.RequestId }
}

function Invoke-Compare {
    # One step against what is there. A step that waits for another one that stopped is not looked at.
    param([string] $Id)
    if (-not (Test-Asked $Id)) { return @{ State = 'not-asked'; Plan = Get-Comparison $Id; RequestId = '' } }
    if (Test-EwsEnded $Id) {
        return Get-StoppedPlan $Id -Stop @{ State = 'blocked'; RequestId = ''
            Detail = "EWS in Exchange Online ended on $($Facts.EwsEnds)." }
    }
    foreach ($required in $Catalogue[$Id].Requires) {
        $state = [string] $Run.States[$required]
        $stopped = 'conflict', 'unreadable', 'blocked', 'failed' -ccontains $state
        if ($stopped -or $state -ceq 'pending') {
            $mine = if ($stopped) { 'blocked' } else { 'pending' }
            return Get-StoppedPlan $Id -Stop @{ State = $mine; Detail = "Waits for $required."; RequestId = '' }
        }
    }
    $said = ''
    while ($true) {
        try { $plan = & $Steps[$Id].Compare; break }
        catch {
            $stop = Get-StopOf $_
            if (-not $stop -or $stop.State -eq 'refused') { throw }
            $Run.Seen.Clear()
            # What an earlier step made may be seen by one cmdlet and not yet by another.
            $late = $stop.State -eq 'pending' -and -not $Run.Planning
            if ($late -and $said -cne $stop.Detail) { Write-Line "    $($stop.Detail)" }
            $said = $stop.Detail
            if (-not $late -or -not (Wait-Moment 'what the steps before have made')) {
                return Get-StoppedPlan $Id -Stop $stop
            }
        }
    }
    $state = if ($plan.Changes.Count -gt 0) { 'different' }
    elseif ($plan.Remaining -ne '') { $plan.Remaining }
    else { 'in-place' }
    @{ State = $state; Plan = $plan; RequestId = '' }
}

function Get-Now {
    # What is there of an object. A part of it that Exchange does not show yet makes it not there yet.
    param([string] $Step, [System.Collections.IDictionary] $Snapshot)
    try { & $Steps[$Step].Now -Snapshot $Snapshot }
    catch {
        $stop = Get-StopOf $_
        if (-not $stop -or $stop.State -ne 'pending') { throw }
        Get-Absent $Snapshot.id
    }
}

function Test-Refusal {
    # Whether Exchange said no. What a time-out or an outage can have done all the same stays announced, and Rollback
    # takes it for ours.
    param($ErrorRecord)
    $name = Get-ErrorName $ErrorRecord
    $isSure = $name -ne '' -and
        $name -cnotmatch ('Transient|Time|Cancel|Http|Web|Socket|IO|Remot|Transport|Connect|Server|Service|' +
            'ADOperation|Overload|Suitab')
    $isSure -or (Get-ErrorClass $ErrorRecord) -ceq 'exists'
}

function Get-Touched {
    # The part of what is wanted that this change alters. What it leaves alone may be changed by others meanwhile.
    param([hashtable] $Change)
    if (-not $Change.Before.exists -or -not $Change.Wanted.exists) { return $Change.Wanted }
    $before = $Change.Before.properties
    $wanted = $Change.Wanted.properties
    $names = foreach ($name in $wanted.Keys) {
        if (-not (Test-SameProperty -Name $name -Left $before[$name] -Right $wanted[$name])) { $name }
    }
    Get-SnapshotPart $Change.Wanted @($names)
}

function Invoke-Write {
    # No guard open and this step's consent given, or nothing is sent: this is the one place that calls a step's Change.
    param([hashtable] $Change, [System.Collections.IDictionary] $Now)
    if (-not $Run.GuardsPassed -or -not $Run.Consent.ContainsKey($Change.Step)) {
        throw "A write of $($Change.Step) without consent."
    }
    for ($tries = 1; $true; $tries++) {
        $Run.Writes++
        $Run.Seen.Clear()
        if (-not $Change.Before.exists) { $Run.Made[$Change.Step] = $true }
        $writer, $timer = $Steps[$Change.Step].Change, [System.Diagnostics.Stopwatch]::StartNew()
        try {
            try { $null = & $Steps[$Change.Step].Change -Change $Change -Now $Now; return }
            finally { Write-CallTime $writer -Subject $Change.Text -Timer $timer }
        } catch {
            if (Get-StopOf $_) {
                # Its own last look stopped it: nothing was sent.
                $Run.Writes--
                if ($tries -eq 1) { Write-Refused $Change }
                throw
            }
            if (Test-Settled $_ -Change $Change -Tries $tries) { return }
        }
    }
}

function Test-Settled {
    # What an error means is seen by looking: what is as wanted is done, whatever was answered. "Not found" and "exists
    # already" then are Exchange being late; any other error is a refusal, and is not tried again. $false: send it
    # again.
    param($Failure, [hashtable] $Change, [int] $Tries)
    $class = Get-ErrorClass $Failure
    $isRefused = Test-Refusal $Failure
    try { $seen = Get-Now $Change.Step -Snapshot $Change.Wanted } catch { $seen = $null }
    # What Exchange did not find to remove was not removed by this call, however often it is not found.
    $isMissed = $Run.Mode -eq 'Rollback' -and $class -eq 'absent' -and -not $Change.Wanted.exists
    if ($null -eq $seen) { $class = 'other' }
    elseif (-not $isMissed -and (Test-Snapshot $seen (Get-Touched $Change))) {
        # "Not found" may be about what this very call has made, on a server that does not know it yet.
        $Change['Overtaken'] = $isRefused -and $class -cne 'absent'
        return $true
    }
    # What needs nothing that other steps make has nothing to wait for: what is not found was described wrongly.
    $isAlone = $Steps[$Change.Step].Contains('Alone') -and -not $Change.Before.exists
    if ($isAlone -and ($class -eq 'absent' -or ($null -ne $seen -and -not $seen.exists))) { $class = 'other' }
    $adds = -not $Change.Before.exists -or $Steps[$Change.Step]['Together']
    if ($class -eq 'exists' -and -not $Change.Before.exists -and $seen.exists) {
        Write-Refused $Change
        throw (Get-Stop -State 'conflict' -Detail (
                "$($Change.Text): somebody else made it meanwhile, otherwise. Run Check again."))
    }
    $Change.Answer = " Exchange had answered: $(Get-ErrorText $Failure)"
    $Change.RequestId = Get-RequestId $Failure
    # Whoever waits for what Exchange said no to knows its words from the beginning.
    if ($class -cne 'other' -and $Tries -eq 1) { Write-Line "    Exchange answered: $(Get-ErrorText $Failure)" }
    if ($class -eq 'exists' -and $adds) {
        Assert-NotTaken $Change -Failure $Failure
        $Change['Overtaken'] = $true
        return $true
    }
    # Where this run made nothing of it and the object is there, it is hardly late: something else in the call is gone.
    if ($class -eq 'absent' -and ((Test-New $Change.Step) -or -not $seen.exists -or $Tries -le 5)) {
        if (Wait-Moment 'Exchange to find what was made') { return $false }
        throw (Get-Stop -State (Get-LateState) -Detail (
                "$($Change.Text): Exchange does not find it. Run the same again later.$($Change.Answer)"))
    }
    if ($isRefused -and $null -ne $seen -and (Test-Snapshot $seen $Change.Before)) { Write-Refused $Change }
    throw (Get-RefusedStop $Change -Words (Get-ErrorText $Failure))
}

function Test-New {
    # Whether this run made something of the step, or of one that it needs.
    param([string] $Step)
    @(@($Step) + @($Catalogue[$Step].Requires) | Where-Object -FilterScript { $Run.Made.Contains($_) }).Count -gt 0
}

function Get-RefusedStop {
    param([hashtable] $Change, [string] $Words)
    $advice = $Steps[$Change.Step]['IfRefused']
    if ($advice -is [scriptblock]) { $advice = & $advice $Change }
    $detail = "$($Change.Text): $Words $advice"
    Get-Stop -State 'failed' -Detail $detail.Trim() -RequestId ([string] $Change['RequestId'])
}

function Get-OtherAddress {
    # An address in Exchange's words that the call did not ask for: something else is in the way, and no wait helps.
    param([string] $Words, [hashtable] $Change)
    $asked = @($Change.Wanted.id) + @($Change.Wanted.properties.Values)
    foreach ($found in [regex]::Matches($Words, '[^\s"''`<>(),;:|\[\]]+@[^\s"''`<>(),;:|\[\]]+')) {
        $address = $found.Value.TrimEnd([char[]] '.!?')
        $isAsked = @($asked | Where-Object -FilterScript { Test-SameName ([string] $_) $address }).Count -gt 0
        if (-not $isAsked) { return $address }
    }
}

function Assert-NotTaken {
    # "Exists already", and not seen under its name: another object in its place shows in the comparison at once, or is
    # named by Exchange. What is not seen by the end of the wait was refused as well.
    param([hashtable] $Change, $Failure)
    if ($Run.Mode -eq 'Rollback' -or $Change.Before.exists) { return }
    $words = Get-ErrorText $Failure
    $other = Get-OtherAddress $words -Change $Change
    if ($other) {
        Write-Refused $Change
        throw (Get-RefusedStop $Change -Words (
                "Exchange refused it because $other, which comes with it, belongs to another object: $words"))
    }
    $Change['Refused'] = $true
    $Run.Seen.Clear()
    try { $null = & $Steps[$Change.Step].Compare }
    catch {
        $stop = Get-StopOf $_
        if ($stop -and $stop.State -ne 'conflict') { return }
        if ($stop) { Write-Refused $Change }
        throw
    }
}

function Write-Refused {
    # What was announced was not done, and what is there is not ours. Rollback announces nothing.
    param([hashtable] $Change)
    if ($Run.Mode -ne 'Rollback') { Write-JournalEvent 'failed' -Change $Change }
}

function Write-Overtaken {
    # Exchange refused the call, and what was wanted is there: somebody else did it between the last look and the call.
    # It is as wanted, and never claimed: a Rollback of this run would remove what another one made.
    param([hashtable] $Change)
    Write-Refused $Change
    Write-Line "    Exchange refused it, because somebody else did the same meanwhile. The journal does not claim it."
}

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
        if (-not $Patient -or -not (Wait-Moment 'the change to be readable')) { return $now }
    }
}

function Join-Snapshot {
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
        $touched = Get-Touched $change
        if (-not (Test-Snapshot $Now $touched)) { continue }
        if ($change['Overtaken'] -and $Run.Mode -ne 'Rollback') { Write-Overtaken $change; continue }
        # What others changed beside it meanwhile is not this run's work.
        $after = Get-SnapshotPart $change.Wanted @($change.Wanted.properties.Keys)
        $after.exists = $Now.exists
        $after.id = $Now.id
        foreach ($one in 'guid', 'created') { if ($Now.Contains($one)) { $after[$one] = $Now[$one] } }
        foreach ($one in $touched.properties.Keys) { $after.properties[$one] = $Now.properties[$one] }
        Write-JournalEvent $name -Change $change -After $after
    }
}

function Read-Before {
    # Right before the change: the object, if it is still as it was compared; $null if it is as wanted already. One "not
    # found" about what was just seen says nothing: where gone is good, it has to be said twice. Rollback says of nothing
    # that it took it back which it did not.
    param([object[]] $Changes)
    $step = $Changes[0].Step
    $before = Join-Snapshot @($Changes | ForEach-Object -Process { $_.Before })
    $goal = Join-Snapshot @($Changes | ForEach-Object -Process { Get-Touched $_ })
    $isBack = $Run.Mode -eq 'Rollback'
    for ($n = 0; $true; $n++) {
        $Run.Seen.Clear()
        $now = Get-Now $step -Snapshot (Join-Snapshot @($goal, $before))
        $missing = $before.exists -and -not $now.exists
        $isThere = -not $missing -and (Test-Snapshot $now $goal)
        if ($isThere -and -not $isBack) { return $null }
        if ($missing -and -not $goal.exists -and -not $isBack -and $n -gt 0) { return $null }
        if ((-not $missing -and -not $isThere) -or -not (Wait-Moment 'Exchange to find it again')) { break }
    }
    if ($isThere) {
        throw (Get-Stop -State 'gone' -Detail (
                "$($Changes[0].Text): it reads so already, and not by this run, which gave nothing back."))
    }
    if ($missing) {
        throw (Get-Stop -State (Get-LateState) -Detail (
                "$($Changes[0].Text): Exchange does not find it at the moment. Run the same again later."))
    }
    $added = @($now.properties.Keys |
            Where-Object -FilterScript { $now.exists -and -not $before.properties.Contains($_) })
    if ($added.Count -gt 0 -or -not (Test-Snapshot $now $before)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "$($Changes[0].Text): somebody else changed this after it was compared. Run Check again."))
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
            if ($Changes.Count -le 20) { Write-Line "    > $($change.Text)" } else { Write-Log "    > $($change.Text)" }
            if ($Run.Mode -ne 'Rollback') { Write-JournalEvent 'intent' -Change $change }
            Invoke-Write -Change $change -Now $now
            [void] $sent.Add($change)
            Write-Pace $pace
        } catch { $stop = $_; break }
    }
    if ($sent.Count -gt 0) {
        $goal = Join-Snapshot @($sent | ForEach-Object -Process { Get-Touched $_ })
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
    # What Exchange said is there already, and did not show in all the time, it did not make, whatever the reason.
    param([object[]] $Late)
    foreach ($change in @($Late | Where-Object -FilterScript { $_['Refused'] })) {
        Write-Refused $change
        return Get-RefusedStop $change -Words (
            "Exchange did not make it, and after $($Run.WaitSeconds) s nothing of it is there.$($change.Answer)")
    }
    $one = $Late[0]
    $more = if ($Late.Count -gt 1) { " (and $($Late.Count - 1) more)" } else { '' }
    Get-Stop -State (Get-LateState) -RequestId ([string] $one['RequestId']) -Detail (
        "$($one.Text)${more}: sent, but after $($Run.WaitSeconds) s Exchange does not show it. " +
        "Run the same again later.$($one['Answer'])")
}

function Assert-ChangeCount {
    # A number that nobody expected is a mistake somewhere, and one Yes would be for all of it.
    param([System.Collections.IDictionary] $Plans)
    $max = [int] $Run.MaxChanges
    foreach ($id in @($Plans.Keys | Where-Object -FilterScript { $Plans[$_].Plan.Changes.Count -gt $max })) {
        $count = $Plans[$id].Plan.Changes.Count
        $text = "The step $id has $count changes to send, and -MaxChanges allows $max."
        if ('Apply', 'Rollback' -ccontains $Run.Mode -and -not $Run.WhatIf) {
            throw (Get-Stop -State 'refused' -Guard 'max-changes' -Detail (
                    "$text Look at them with -Mode Check or -WhatIf; if they are meant, add -MaxChanges $count."))
        }
        $Plans[$id].Plan.Notes += "$text If they are meant, run it with -MaxChanges $count."
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
