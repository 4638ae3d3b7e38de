# Undo: what the journals say was changed, newest first, where it is still as it was left.

function Get-JournalEntry {
    # Every announced write of a step, newest first, with what was read back where the run lived to read it.
    param([string] $Step)
    $entries = New-Object -TypeName System.Collections.ArrayList
    foreach ($one in $Run.Memory) {
        $open = @{}
        foreach ($line in $one.Entries) {
            if ($line['step'] -cne $Step) { continue }
            if ($line['event'] -ceq 'intent') {
                $entry = @{
                    Before = $line['before']; Wanted = $line['wanted']; Done = $false; Refused = $false
                    Id = [string] $line['wanted']['id']
                }
                $open[(ConvertTo-Json -InputObject $line['wanted'] -Depth 4 -Compress)] = $entry
                [void] $entries.Add($entry)
            } elseif ($line['event'] -ceq 'done' -and $line['after'] -is [System.Collections.IDictionary]) {
                $entry = $open[(ConvertTo-Json -InputObject $line['wanted'] -Depth 4 -Compress)]
                if ($null -eq $entry) { continue }
                $entry.Wanted = $line['after']
                $entry.Done = $true
                if ([string] $line['after']['id'] -ne '') { $entry.Id = [string] $line['after']['id'] }
            } elseif ($line['event'] -ceq 'failed') {
                $entry = $open[(ConvertTo-Json -InputObject $line['wanted'] -Depth 4 -Compress)]
                if ($null -ne $entry) { $entry.Refused = $true }
            }
        }
    }
    $entries.Reverse()
    # What another run made and this one was refused is taken back by the other one's entry.
    , @(@($entries | Where-Object -FilterScript { -not $_.Refused }) +
        @($entries | Where-Object -FilterScript { $_.Refused }))
}

function Read-UndoState {
    # One read for each object that the entries name, under whichever of its identities, with all properties they name.
    param([string] $Step, [object[]] $Entries)
    $state = @{}
    foreach ($group in @($Entries | Group-Object -Property { $_.Id })) {
        $names = @($group.Group |
                ForEach-Object -Process { @($_.Wanted['properties'].Keys) + @($_.Before['properties'].Keys) } |
                Select-Object -Unique)
        $asked = Get-Present $group.Name ([ordered]@{})
        foreach ($name in $names) { $asked.properties[$name] = $null }
        $now = Get-Now $Step -Snapshot $asked
        $twin = @($state.Values | Where-Object -FilterScript { $now.exists -and $_.exists -and $_.id -ceq $now.id }) |
            Select-Object -First 1
        if ($null -ne $twin) {
            foreach ($name in $names) { $twin.properties[$name] = $now.properties[$name] }
            $now = $twin
        }
        $state[$group.Name] = $now
    }
    $state
}

function Wait-UndoState {
    # What was announced and never seen may have been made all the same, and be late: it has the step's whole time.
    # One "not found" about what was seen once is asked about again.
    param([string] $Step, [object[]] $Entries)
    $state = Read-UndoState $Step -Entries $Entries
    for ($n = 0; -not $Run.WhatIf; $n++) {
        $missing = @($Entries | Where-Object -FilterScript {
                $_.Wanted['exists'] -and -not $_.Refused -and -not $state[$_.Id].exists })
        $unseen = @($missing | Where-Object -FilterScript { -not $_.Done }).Count
        if ($missing.Count -eq 0 -or ($n -gt 0 -and $unseen -eq 0)) { break }
        # Without time to wait it is asked twice all the same.
        if (-not (Wait-Moment "what $Step is to take back") -and $n -gt 0) { break }
        $Run.Seen.Clear()
        $state = Read-UndoState $Step -Entries $Entries
    }
    $state
}

function Get-Hold {
    # Why something must stay although these runs made it, or nothing: each step knows what else may depend on its
    # object. What Exchange refused, and was not there when that run looked, somebody else has made since.
    param([string] $Step, $Entry, $Current)
    if ($Entry.Refused) { return 'Exchange had refused it, so that somebody else must have made it' }
    if ($Steps[$Step].Contains('Hold')) { & $Steps[$Step].Hold -Entry $Entry -Current $Current }
}

function Assert-NoHold {
    # The question may have stood open for an hour: what an undo rests on is looked at once more, right before it. A
    # reason has to be seen twice, because one "not found" says nothing.
    param([object[]] $Changes, [System.Collections.IDictionary] $Now)
    foreach ($change in @($Changes | Where-Object -FilterScript { $_.Contains('Entry') })) {
        for ($n = 0; $true; $n++) {
            $Run.Seen.Clear()
            $reason = Get-Hold $change.Step -Entry $change.Entry -Current $Now
            if (-not $reason) { break }
            if ($n -eq 0 -and (Wait-Moment 'a second look')) { continue }
            throw (Get-Stop -State 'kept' -Detail "Kept $($Now.id): $reason.")
        }
    }
}

function Get-Label {
    # What the question names is what Exchange shows, not what a journal says.
    param([string] $Step, [string] $Id)
    if ($Steps[$Step].Contains('Label')) { return & $Steps[$Step].Label -Id $Id }
    if (-not $Steps[$Step].Contains('Kind')) { return $Id }
    $recipient = Get-RecipientOf $Id
    if ($null -eq $recipient) {
        throw (Get-Stop -State 'unreadable' -Detail (
                "Exchange does not find $Id at the moment. Run the same again later."))
    }
    if ((Get-Text $recipient 'RecipientTypeDetails') -cnotlike $Steps[$Step].Kind) {
        throw (Get-Stop -State 'kept' -Detail (
                "The journal names $(Format-Recipient $recipient), " +
                "which the step $Step never changes. Nothing of this step was given back."))
    }
    Format-Recipient $recipient
}

function Add-Gone {
    # What the plan's last change takes away: what else depends on it need not stay for it.
    param([hashtable] $Plan, [string] $Key)
    $Plan.Changes[-1]['Gone'] = @($Plan.Changes[-1]['Gone']) + @($Key)
    $Run.Gone[$Key] = $true
}

function Clear-Gone {
    # A plan that was stopped takes nothing more away, and what is still there counts again.
    param([hashtable] $Plan)
    foreach ($change in $Plan.Changes) {
        foreach ($key in @($change['Gone'] | Where-Object -FilterScript { $_ })) { $Run.Gone.Remove($key) }
    }
}

function Add-UndoOfCreation {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current)
    $wanted = Get-Present $Current.id $Entry.Wanted['properties']
    $reason = if (-not (Test-Snapshot $Current $wanted)) { 'it was changed since' }
    else { Get-Hold $Plan.Step -Entry $Entry -Current $Current }
    if ($reason) {
        $Plan.Notes += "Kept $($Current.id): $reason."
        $Plan.Remaining = 'kept'
        return
    }
    $label = Get-Label $Plan.Step -Id $Current.id
    Add-Difference $Plan -Property $label -Current 'there' -Wanted 'removed'
    Add-Change $Plan -Text "remove $label" -Before (
        Get-SnapshotPart $Current @($Entry.Wanted['properties'].Keys)) -Wanted (Get-Absent $Current.id)
    $Plan.Changes[-1]['Entry'] = $Entry
    $Current.exists = $false
    Add-Gone $Plan -Key "$($Plan.Step) $($Current.id)"
}

function Add-UndoOfRemoval {
    # Asked before it was done: what is gone stays gone.
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current)
    if ($Current.exists) { return }
    $Plan.Notes += "Kept as it is: $($Entry.Id) was removed. $($Steps[$Plan.Step].Irreversible)"
    $Plan.Remaining = 'kept'
}

function Add-UndoOfValue {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current)
    $back = [ordered]@{}
    foreach ($name in @($Entry.Wanted['properties'].Keys)) {
        $before = $Entry.Before['properties'][$name]
        $left = $Entry.Wanted['properties'][$name]
        if ((Test-SameProperty -Name $name -Left $before -Right $left) -or
            (Test-SameProperty -Name $name -Left $Current.properties[$name] -Right $before)) { continue }
        $reason = if (Test-SameProperty -Name $name -Left $Current.properties[$name] -Right $left) {
            if ($Steps[$Plan.Step].Contains('HoldEntry')) {
                & $Steps[$Plan.Step].HoldEntry -Entry $Entry -Current $Current -Name $name
            }
        } else {
            "it is $(Format-Value $Current.properties[$name]) now; this product left it at $(Format-Value $left)"
        }
        if (-not $reason) { $back[$name] = $before; continue }
        $Plan.Notes += "Kept ${name}: $reason."
        $Plan.Remaining = 'kept'
    }
    $Entry.Names = @($back.Keys)
    if ($back.Count -gt 0) { Add-GivenBack $Plan -Entry $Entry -Current $Current -Back $back }
}

function Format-GivenBack {
    # Entries of a list are there or not; everything else has a value.
    param([string] $Name, $Before)
    if ($Before -isnot [bool] -or $Name -cnotmatch '@|^[0-9A-Fa-f-]{36}$') { return "$Name to $(Format-Value $Before)" }
    if ($Before) { "$Name back on it" } else { "$Name off it" }
}

function Add-GivenBack {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current, $Back)
    $reason = Get-Hold $Plan.Step -Entry $Entry -Current $Current
    if ($reason) {
        $Plan.Notes += "Kept $(@($Back.Keys) -join ', '): $reason."
        $Plan.Remaining = 'kept'
        return
    }
    foreach ($name in $back.Keys) {
        Add-Difference $Plan -Property $name -Current $Current.properties[$name] -Wanted $back[$name]
    }
    $values = @($Back.Keys | ForEach-Object -Process { Format-GivenBack $_ -Before $Back[$_] }) -join ', '
    # A list is written back whole, so all of it has to be as it was read; of other objects only what is given back.
    $names = if ($Steps[$Plan.Step]['WholeList']) { @($Current.properties.Keys) } else { @($back.Keys) }
    Add-Change $Plan -Text "give back to $(Get-Label $Plan.Step -Id $Current.id): $values" -Before (
        Get-SnapshotPart $Current $names) -Wanted (Get-Present $Current.id $back)
    $Plan.Changes[-1]['Entry'] = $Entry
    foreach ($name in $back.Keys) {
        $Current.properties[$name] = $back[$name]
        if ($back[$name] -eq $false) { Add-Gone $Plan -Key "$($Plan.Step) $($Current.id)|$name" }
    }
}

function Get-UndoPlan {
    param([string] $Id)
    $plan = Get-Comparison $Id
    try {
        $entries = Get-JournalEntry $Id
        $state = Wait-UndoState $Id -Entries $entries
        foreach ($entry in $entries) {
            $current = $state[$entry.Id]
            $isUnseen = $entry.Wanted['exists'] -and -not $current.exists -and -not $entry.Done -and -not $entry.Refused
            if ($isUnseen -and -not $Run.Gone.ContainsKey("$Id $($current.id)")) {
                $plan.Notes += "$($entry.Id) was announced and is not there. If it appears later, run this again."
            }
            if (-not $entry.Wanted['exists']) { Add-UndoOfRemoval $plan -Entry $entry -Current $current; continue }
            if (-not $current.exists) { continue }
            if (-not $entry.Before['exists']) { Add-UndoOfCreation $plan -Entry $entry -Current $current }
            else { Add-UndoOfValue $plan -Entry $entry -Current $current }
        }
        if ($Steps[$Id].Contains('UndoWarning')) { & $Steps[$Id].UndoWarning $plan }
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        return Get-StoppedPlan $Id -Stop $stop
    }
    $result = if ($plan.Changes.Count -gt 0) { 'different' }
    elseif ($plan.Remaining -ne '') { $plan.Remaining }
    else { 'undone' }
    @{ State = $result; Plan = $plan; RequestId = '' }
}
