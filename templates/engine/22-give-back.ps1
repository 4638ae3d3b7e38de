# Giving back: what a Rollback plans for each entry of the journals, and what it keeps.

function Add-UndoOfCreation {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current)
    $key = "$($Plan.Step) $($Current.id)"
    if (-not $Current.exists) { return }
    $name = Get-KeptName $Plan.Step -Id $Current.id
    if ($Entry.Undone) {
        Add-Kept $Plan -Name $name -Reason (
            'an earlier Rollback removed it, and it exists again: somebody created it since, or another server still ' +
            'shows it')
        return
    }
    $wanted = Get-Present $Current.id $Entry.Wanted['properties']
    $reason = if (-not (Test-Snapshot $Current $wanted)) { 'it was changed since' }
    else { Get-KeepReason $Plan.Step -Entry $Entry -Current $Current }
    if ($reason) { Add-Kept $Plan -Name $name -Reason $reason; return }
    $label = Get-Label $Plan.Step -Id $Current.id
    Add-Difference $Plan -Property $label -Current 'there' -Wanted 'removed'
    Add-Change $Plan -Text "remove $label" -Before (
        Get-SnapshotPart $Current @($Entry.Wanted['properties'].Keys)) -Wanted (Get-Absent $Current.id)
    $Plan.Changes[-1]['Entry'] = $Entry
    $Current.exists = $false
    Add-Gone $Plan -Key $key
}

function Add-UndoOfRemoval {
    # Asked before it was done: what is gone stays gone.
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current)
    if (-not $Current.exists) {
        $Plan.Notes += "Kept as it is: $($Entry.Id) was removed. $($Steps[$Plan.Step].Irreversible)"
        $Plan.Remaining = 'kept'
    } elseif ($Entry.Done) { Add-Kept $Plan -Name $Entry.Id -Reason 'it was removed and exists again' }
    elseif (-not $Entry.Refused) { Add-NotSeen $Plan "The removal of $($Entry.Id) was announced; it still exists." }
}

function Add-UndoOfValue {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current, [hashtable] $First)
    $back = [ordered]@{}
    foreach ($name in @(Get-ChangedName $Entry)) {
        if ($Entry.Strange.ContainsKey($name)) { continue }
        $there = $Current.properties[$name]
        $isLeft = Test-SameProperty -Name $name -Left $there -Right $Entry.Wanted['properties'][$name]
        $isBefore = Test-SameProperty -Name $name -Left $there -Right $Entry.Before['properties'][$name]
        # A member that was added and removed by these runs is where the oldest of them found it.
        $isAround = $Steps[$Plan.Step]['Together'] -and
            (Test-Same $First[(Get-EntryKey $Current.id -Name $name)] $there)
        if ($isBefore -or $isAround -or ($Entry.Refused -and -not $isLeft)) { continue }
        if ($Entry.Back.ContainsKey($name) -and -not $isLeft) { continue }
        $reason = Get-ValueHold $Entry -Current $Current -Name $name -IsLeft $isLeft
        if (-not $reason) { $reason = Get-StepHold $Plan.Step -Entry $Entry -Current $Current -Name $name }  # only: HoldEntry
        if (-not $reason) { $back[$name] = $Entry.Before['properties'][$name]; continue }
        Add-Kept $Plan -Name $name -Reason $reason
    }
    $Entry.Names = @($back.Keys)
    if ($back.Count -gt 0) { Add-ValueUndo $Plan -Entry $Entry -Current $Current -Back $back }
}

function Get-ValueHold {
    # Why a value that Apply changed stays as it is, or nothing.
    param([hashtable] $Entry, [System.Collections.IDictionary] $Current, [string] $Name, [bool] $IsLeft)
    if (-not $IsLeft) {
        return "it is $(Format-Value $Current.properties[$Name]) now; Apply left it at " +
            (Format-Value $Entry.Wanted['properties'][$Name])
    }
    if ($Entry.Back.ContainsKey($Name)) {
        return "an earlier Rollback restored it, and it is $(Format-Value $Current.properties[$Name]) again: somebody " +
            'set it since, or another server still shows it'
    }
}

function Get-StepHold {
    # What the step itself has against giving it back, or nothing.
    param([string] $Step, [hashtable] $Entry, [System.Collections.IDictionary] $Current, [string] $Name)
    if ($Steps[$Step].Contains('HoldEntry')) {
        $reason = & $Steps[$Step].HoldEntry -Entry $Entry -Current $Current -Name $Name
        if ($reason) { return $reason }
    }
    if ($Run.Unasked -and (Test-Widening $Step -Entry $Entry -Name $Name)) {
        return 'adding it back lets the application open that mailbox again, which needs a question. Run this again ' +
            'without -Confirm:$false'
    }
}

function Test-Widening {
    # Back among those whose mailboxes are in reach, though the description does not name them.
    param([string] $Step, [hashtable] $Entry, [string] $Name)
    $Steps[$Step].Contains('Widens') -and $Entry.Before['properties'][$Name] -eq $true -and
        (& $Steps[$Step].Widens -Name $Name)
}

function Format-ValueUndo {
    # What is done, in the words of the act. A step knows its own; of everything else a value is set.
    param([string] $Step, [string] $Label, $Back)
    $acts = @()
    $values = @()
    foreach ($name in $Back.Keys) {
        $act = if ($Steps[$Step].Contains('Act')) { & $Steps[$Step].Act -Name $name -Given $Back[$name] -Label $Label }
        if ($act) { $acts += $act; continue }
        $of = if ($values.Count -eq 0) { " of $Label" } else { '' }
        $values += "$name$of back to $(Format-Value $Back[$name])"
    }
    if ($values.Count -gt 0) { $acts += "set $($values -join ', ')" }
    $acts -join '; '
}

function Add-ValueUndo {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current, $Back)
    $reason = Get-KeepReason $Plan.Step -Entry $Entry -Current $Current
    if ($reason) { Add-Kept $Plan -Name (@($Back.Keys) -join ', ') -Reason $reason; return }
    foreach ($name in $back.Keys) {
        $shown = Format-PropertyName $Plan.Step -Name $name
        Add-Difference $Plan -Property $shown -Current $Current.properties[$name] -Wanted $back[$name]
    }
    $text = Format-ValueUndo $Plan.Step -Label (Get-Label $Plan.Step -Id $Current.id) -Back $Back
    $wide = @($Back.Keys | Where-Object -FilterScript { Test-Widening $Plan.Step -Entry $Entry -Name $_ })  # only: Widens
    if ($wide.Count -gt 0) {  # only: Widens
        $text += '. This WIDENS access: the description does not name ' + ($wide -join ', ') +  # only: Widens
            ', and the application will reach that mailbox again'  # only: Widens
    }  # only: Widens
    $names = @($back.Keys)
    # A list is written back whole, so all of it has to be as it was read.  # only: WholeList
    if ($Steps[$Plan.Step]['WholeList']) { $names = @($Current.properties.Keys) }  # only: WholeList
    Add-Change $Plan -Text $text -Before (
        Get-SnapshotPart $Current $names) -Wanted (Get-Present $Current.id $back)
    $Plan.Changes[-1]['Entry'] = $Entry
    if ($wide.Count -gt 0) { $Plan.Changes[-1]['Widens'] = $true }  # only: Widens
    foreach ($name in $back.Keys) {
        $Current.properties[$name] = $back[$name]
        if ($back[$name] -eq $false) { Add-Gone $Plan -Key "$($Plan.Step) $($Current.id)|$name" }
    }
}

function Test-FirstLook {
    # The whole plan before the first question: what is late is waited for when it is its turn.
    -not $Run.Journalled -and -not $Run.WhatIf
}

function Add-NotSeen {
    # Nothing shows of a write: it may be late, or somebody took it back by hand. Before it is waited for, that is said.
    param([hashtable] $Plan, [string] $Text, [string] $Then = 'This run removed nothing. If it appears later')
    if (Test-FirstLook) {
        $Plan.Notes += "$Text It is looked for again, for up to $($Run.WaitSeconds) s, before this step's question."
        if ($Plan.Remaining -eq '') { $Plan.Remaining = 'pending' }
        return
    }
    $Plan.Notes += "$Text $Then, run Rollback again."
    if ($Plan.Remaining -eq '') { $Plan.Remaining = 'gone' }
}

function Get-SecondLook {
    # The first one was by the identity in the journal; this one is by the described address, or as the step says.
    param([string] $Step, [System.Collections.IDictionary] $Snapshot)
    if ($Steps[$Step].Contains('Again')) { return & $Steps[$Step].Again -Snapshot $Snapshot }  # only: Again
    if (-not $Steps[$Step].Contains('Address')) { return }
    & $Steps[$Step].Now -Snapshot (Get-Present $Steps[$Step].Address $Snapshot.properties)
}

function Add-Unseen {
    # What a second look shows is neither gone nor undone.
    param([hashtable] $Plan, [hashtable] $Entry, [System.Collections.IDictionary] $Current)
    $asked = Get-Present $Entry.Id ([ordered]@{})
    $names = if ($Entry.Before['exists']) { @(Get-OpenName $Entry) } else { @($Entry.Wanted['properties'].Keys) }
    foreach ($name in $names) { $asked.properties[$name] = $null }
    $Run.Seen.Clear()
    $again = if (Test-FirstLook) { $null } else { Get-SecondLook $Plan.Step -Snapshot $asked }
    $name = Get-KeptName $Plan.Step -Id $Entry.Id
    if (-not $Entry.Before['exists']) {
        $isThere = $null -ne $again -and $again.exists -and -not (Get-Mismatch $Entry -Current $again)
        if ($isThere) { Add-Kept $Plan -Name $name -Reason 'Exchange lists it but does not find it by its name'; return }
        $said = if ($Entry.Done) { 'was not found' } else { 'was announced and was not found' }
        Add-NotSeen $Plan "$name $said."
        return
    }
    $left = @($names | Where-Object -FilterScript {
            $null -ne $again -and $again.exists -and (Test-SameProperty -Name $_ -Left $again.properties[$_] -Right (
                    $Entry.Wanted['properties'][$_])) })
    if ($left.Count -gt 0) {
        Add-Kept $Plan -Name ($left -join ', ') -Reason "Exchange shows two answers about $name; run this again later"
        return
    }
    if (-not $Current.exists) { Add-NotSeen $Plan "$name was not found, and so nothing of: $($names -join ', ')."; return }
    Add-NotSeen $Plan "$($names -join ', ') of $name already has its value from before." -Then (
        'This run changed nothing there. If Exchange shows the value of Apply later')
}

function Add-Foreign {
    # Named, and nothing of it sent.
    param([hashtable] $Plan, [hashtable] $Entry)
    if ($Entry.Refused -or $Entry.Undone) { return }
    $id = Get-KeptName $Plan.Step -Id $Entry.Id
    if ($Entry.Foreign -ne '') { Add-Kept $Plan -Name $id -Reason $Entry.Foreign; return }
    foreach ($name in @($Entry.Strange.Keys | Get-Ordered)) {
        if ($Entry.Back.ContainsKey($name)) { continue }
        Add-Kept $Plan -Name "$name of $id" -Reason $Entry.Strange[$name]
    }
}

function Get-FirstValue {
    # How the oldest of these runs found each entry of a list.
    param([object[]] $Entries, [hashtable] $State)
    $first = @{}
    foreach ($entry in $Entries) {
        if ($entry.Foreign -ne '' -or -not $entry.Before['exists']) { continue }
        foreach ($name in @(Get-ChangedName $entry)) {
            $first[(Get-EntryKey $State[$entry.Id].id -Name $name)] = $entry.Before['properties'][$name]
        }
    }
    $first
}

function Add-Undo {
    # All entries of a step, newest first.
    param([hashtable] $Plan, [object[]] $Entries)
    $state = Wait-UndoState $Plan.Step -Entries $Entries
    $first = Get-FirstValue $Entries -State $state
    foreach ($entry in @(Get-Unseen $Entries -State $state)) { Add-Unseen $Plan -Entry $entry -Current $state[$entry.Id] }
    foreach ($entry in $Entries) {
        Add-Foreign $Plan -Entry $entry
        if ($entry.Foreign -ne '') { continue }
        $current = $state[$entry.Id]
        if (-not $entry.Wanted['exists']) { Add-UndoOfRemoval $Plan -Entry $entry -Current $current; continue }  # only: Removed
        if (-not $entry.Before['exists']) { Add-UndoOfCreation $Plan -Entry $entry -Current $current; continue }
        if (-not $current.exists) { continue }
        # What is foreign stays out of what is given back.
        if ($entry.Strange.Count -lt @(Get-ChangedName $entry).Count) {
            Add-UndoOfValue $Plan -Entry $entry -Current $current -First $first
        }
    }
    if ($Steps[$Plan.Step].Contains('UndoWarning')) { & $Steps[$Plan.Step].UndoWarning $Plan }  # only: UndoWarning
}

function Get-UndoFinding {
    param([string] $Id)
    $plan = Get-EmptyPlan $Id
    try {
        $entries = Get-JournalEntry $Id
        Add-Undo $plan -Entries $entries
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        Clear-Gone $plan
        return Get-StoppedFinding $Id -Stop $stop
    }
    $isBack = @($entries | Where-Object -FilterScript { $_.Undone -or $_.Back.Count -gt 0 }).Count -gt 0
    $result = if ($plan.Changes.Count -gt 0) { 'different' }
    elseif ($plan.Remaining -ne '') { $plan.Remaining }
    elseif ($isBack) { 'undone' }
    else { 'in-place' }
    if ($result -ceq 'in-place') { $plan.Notes += 'There is nothing to undo in this step.' }
    @{ State = $result; Plan = $plan; RequestId = '' }
}
