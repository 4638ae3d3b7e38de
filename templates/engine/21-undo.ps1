# Undo: what the journals say was changed, newest first, where it is still as it was left. Said to be undone is what this
# run took back and then saw gone, or what a journal says that an earlier Rollback took back; nothing else.

function Read-UndoState {
    # One read for each object that the entries name, under whichever of its identities, with all properties they name.
    param([string] $Step, [object[]] $Entries)
    $asked = [ordered]@{}
    foreach ($entry in $Entries) {
        if ($entry.Foreign -ne '') { continue }
        if (-not $asked.Contains($entry.Id)) { $asked[$entry.Id] = Get-Present $entry.Id ([ordered]@{}) }
        $names = if ($entry.Before['exists'] -and $entry.Wanted['exists']) { @(Get-ChangedName $entry) }
        else { @($entry.Wanted['properties'].Keys) + @($entry.Before['properties'].Keys) }
        foreach ($name in $names) {
            if (-not $entry.Strange.ContainsKey($name)) { $asked[$entry.Id].properties[$name] = $null }
        }
    }
    $state = Get-Table
    foreach ($id in @($asked.Keys)) {
        $now = Get-Now $Step -Snapshot $asked[$id]
        $twin = @($state.Values | Where-Object -FilterScript { $now.exists -and $_.exists -and $_.id -ceq $now.id }) |
            Select-Object -First 1
        if ($null -ne $twin) {
            foreach ($name in @($now.properties.Keys)) { $twin.properties[$name] = $now.properties[$name] }
            $now = $twin
        }
        $state[$id] = $now
    }
    $state
}

function Get-Unseen {
    # The writes of which nothing shows: an object that is not there, or values that read as they were before. What a
    # newer entry explains, because it is about the same object and is seen itself, is none.
    param([object[]] $Entries, [hashtable] $State)
    $known = @{}
    foreach ($entry in $Entries) {
        if ($entry.Foreign -ne '' -or $entry.Refused -or -not $entry.Wanted['exists']) { continue }
        $current = $State[$entry.Id]
        if (-not $entry.Before['exists']) {
            $key = Get-EntryKey $entry.Key
            $isKnown = $known.ContainsKey($key)
            $known[$key] = $true
            if (-not $isKnown -and -not $entry.Undone -and -not $current.exists) { $entry }
            continue
        }
        $isUnseen = $false
        foreach ($name in @(Get-OpenName $entry)) {
            $key = Get-EntryKey $current.id -Name $name
            if ($known.ContainsKey($key)) { continue }
            $known[$key] = $true
            $isBefore = Test-SameProperty -Name $name -Left $current.properties[$name] -Right (
                $entry.Before['properties'][$name])
            if (-not $current.exists -or $isBefore) { $isUnseen = $true }
        }
        if ($isUnseen) { $entry }
    }
}

function Wait-UndoState {
    # What is not seen may be late, or another server may have answered: it has the step's whole time.
    param([string] $Step, [object[]] $Entries)
    $state = Read-UndoState $Step -Entries $Entries
    for ($n = 0; -not $Run.WhatIf; $n++) {
        if (@(Get-Unseen $Entries -State $state).Count -eq 0) { break }
        # Without time to wait it is asked twice all the same.
        if (-not (Wait-Moment "Exchange to show what step $Step changed") -and $n -gt 0) { break }
        $Run.Seen.Clear()
        $state = Read-UndoState $Step -Entries $Entries
    }
    $state
}

function Confirm-Found {
    # What was seen a moment ago and is not found now may be on another server: nothing is concluded from that.
    param($Found, [string] $What)
    if ($null -ne $Found) { return $Found }
    throw (Get-Stop -State 'unreadable' -Detail (
            "Exchange does not find $What at the moment. Run the same command again later."))
}

function Get-WrongRecipientReason {
    # Why what stands there is not the described recipient, or nothing.
    param([string] $Step, [System.Collections.IDictionary] $Current)
    if (-not $Steps[$Step].Contains('Kind')) { return }
    $recipient = Confirm-Found (Get-RecipientOf $Current.id) -What $Current.id
    if ((Get-Text $recipient 'RecipientTypeDetails') -cnotlike $Steps[$Step].Kind) {
        return "it is $(Format-Recipient $recipient), which the step $Step never changes"
    }
    $address = [string] $Steps[$Step]['Address']
    if ($address -ne '' -and -not (Test-SameName (Get-Text $recipient 'PrimarySmtpAddress') $address)) {
        return "it is $(Format-Recipient $recipient) and not the described $address"
    }
}

function Get-KeepReason {
    # Why something must stay although these runs made it, or nothing: each step knows what else may depend on its
    # object. What Exchange refused, and was not there when that run looked, somebody else has made since.
    param([string] $Step, $Entry, $Current)
    if ($Entry.Refused) { return 'Exchange had refused it, so it may be somebody else''s' }
    $reason = Get-Mismatch $Entry -Current $Current
    if (-not $reason) { $reason = Get-WrongRecipientReason $Step -Current $Current }
    if (-not $reason -and $Steps[$Step].Contains('Hold')) {
        $reason = & $Steps[$Step].Hold -Entry $Entry -Current $Current
    }
    $reason
}

function Assert-NoHold {
    # The question may have stood open for an hour: what an undo rests on is looked at once more, right before it. A
    # reason has to be seen twice, because one "not found" says nothing.
    param([object[]] $Changes, [System.Collections.IDictionary] $Now)
    foreach ($change in @($Changes | Where-Object -FilterScript { $_.Contains('Entry') })) {
        for ($n = 0; $true; $n++) {
            $Run.Seen.Clear()
            $stop = $null
            try { $reason = Get-KeepReason $change.Step -Entry $change.Entry -Current $Now }
            catch { $stop = $_ }
            if ($null -eq $stop -and -not $reason) { break }
            if ($n -eq 0 -and (Wait-Moment 'a second look')) { continue }
            if ($null -ne $stop) { throw $stop }
            throw (Get-Stop -State 'kept' -Detail "Kept $(Get-KeptName $change.Step -Id $Now.id): $reason.")
        }
    }
}

function Get-Label {
    # What the question names is what Exchange shows, not what a journal says.
    param([string] $Step, [string] $Id)
    if ($Steps[$Step].Contains('Label')) { return & $Steps[$Step].Label -Id $Id }
    if (-not $Steps[$Step].Contains('Kind')) { return $Id }
    Format-Recipient (Confirm-Found (Get-RecipientOf $Id) -What $Id)
}

function Get-KeptName {
    # A recipient's lasting identity says nothing to a person.
    param([string] $Step, [string] $Id)
    $name = [string] $Steps[$Step]['Address']
    if ($Steps[$Step].Contains('Named')) { $name = $Steps[$Step].Named }  # only: Named
    if ($name -ne '' -and (Test-Guid $Id)) { "$name ($Id)" } else { $Id }
}

function Add-Kept {
    param([hashtable] $Plan, [string] $Name, [string] $Reason)
    $Plan.Notes += "Kept ${Name}: $Reason."
    $Plan.Remaining = 'kept'
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

function Write-SeenAgain {
    # A step said that something is not there, and a later look shows it: one result does not say both.
    param([string] $Step, [string] $What)
    if (-not $Run.Results.Contains($Step) -or $Run.Results[$Step].state -cne 'gone') { return }
    $Run.States[$Step] = 'kept'
    Write-StepResult $Step -State 'kept' -Notes @(
        "Exchange did not find it before and shows $What now. This run removed nothing; run it again later.")
}
