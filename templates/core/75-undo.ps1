# Undo: what the journals say was changed, newest first, where it is still as it was left.

function Get-JournalEntry {
    # Every announced write of a step, newest first, with what was read back where the run lived to read it.
    param([string] $Step)
    $entries = New-Object -TypeName System.Collections.ArrayList
    foreach ($one in @($Run.Runs | Sort-Object -Property { [string] $_.Header['utc'] })) {
        $open = New-Object -TypeName System.Collections.ArrayList
        foreach ($line in $one.Entries) {
            if ($line['step'] -cne $Step) { continue }
            if ($line['event'] -ceq 'intent') {
                $entry = @{ Before = $line['before']; Wanted = $line['wanted']; Id = [string] $line['wanted']['id'] }
                [void] $open.Add($entry)
                [void] $entries.Add($entry)
            } elseif ($line['event'] -ceq 'done' -and $line['after'] -is [System.Collections.IDictionary]) {
                $entry = @($open | Where-Object -FilterScript { (ConvertTo-Json -InputObject $_.Wanted -Depth 4 -Compress) -ceq (ConvertTo-Json -InputObject $line['wanted'] -Depth 4 -Compress) }) | Select-Object -First 1
                if ($null -eq $entry) { continue }
                $open.Remove($entry)
                $entry.Wanted = $line['after']
                if ([string] $line['after']['id'] -ne '') { $entry.Id = [string] $line['after']['id'] }
            }
        }
    }
    $entries.Reverse()
    , $entries.ToArray()
}

function Read-UndoState {
    # One read for each object that the entries name, under whichever of its identities, with all properties they name.
    param([string] $Noun, [object[]] $Entries)
    $state = @{}
    foreach ($group in @($Entries | Group-Object -Property { $_.Id })) {
        $names = @($group.Group | ForEach-Object -Process { @($_.Wanted['properties'].Keys) + @($_.Before['properties'].Keys) } | Select-Object -Unique)
        $asked = Get-Present $group.Name ([ordered]@{})
        foreach ($name in $names) { $asked.properties[$name] = $null }
        $now = & "Get-${Noun}Now" -Snapshot $asked
        $twin = @($state.Values | Where-Object -FilterScript { $now.exists -and $_.exists -and $_.id -ceq $now.id }) | Select-Object -First 1
        if ($null -ne $twin) {
            foreach ($name in $names) { $twin.properties[$name] = $now.properties[$name] }
            $now = $twin
        }
        $state[$group.Name] = $now
    }
    $state
}

function Get-Hold {
    # Why something must stay although these runs made it, or nothing: each step knows what else may depend on its object.
    param([string] $Step, $Entry, $Current)
    if ($Steps[$Step].Contains('Hold')) { & $Steps[$Step].Hold -Entry $Entry -Current $Current }
}

function Add-UndoOfCreation {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current)
    $wanted = Get-Present $Current.id $Entry.Wanted['properties']
    $reason = if (-not (Test-Snapshot $Current $wanted)) { 'it was changed since' } else { Get-Hold $Plan.Step -Entry $Entry -Current $Current }
    if ($reason) {
        $Plan.Notes += "Kept $($Current.id): $reason."
        $Plan.Rest = 'kept'
        return
    }
    Add-Difference $Plan -Property $Entry.Before['id'] -Current 'there' -Wanted 'removed'
    Add-Change $Plan -Text "remove $($Entry.Before['id'])" -Before (Get-SnapshotPart $Current @($Entry.Wanted['properties'].Keys)) -Wanted (Get-Absent $Current.id)
    $Current.exists = $false
    $Run.Gone[$Current.id] = $true
}

function Add-UndoOfValue {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current)
    $back = [ordered]@{}
    foreach ($name in @($Entry.Wanted['properties'].Keys)) {
        $before = $Entry.Before['properties'][$name]
        $left = $Entry.Wanted['properties'][$name]
        if ((Test-Same $before $left) -or (Test-Same $Current.properties[$name] $before)) { continue }
        if (Test-Same $Current.properties[$name] $left) { $back[$name] = $before; continue }
        $Plan.Notes += "Kept ${name}: it is $(Format-Value $Current.properties[$name]) now; this product left it at $(Format-Value $left)."
        $Plan.Rest = 'kept'
    }
    if ($back.Count -eq 0) { return }
    $target = Get-Present $Current.id $back
    $reason = Get-Hold $Plan.Step -Entry $Entry -Current $Current
    if ($reason) {
        $Plan.Notes += "Kept $(@($back.Keys) -join ', '): $reason."
        $Plan.Rest = 'kept'
        return
    }
    foreach ($name in $back.Keys) { Add-Difference $Plan -Property $name -Current $Current.properties[$name] -Wanted $back[$name] }
    $values = @($back.Keys | ForEach-Object -Process { "$_ to $(Format-Value $back[$_])" }) -join ', '
    # A list is written back whole, so all of it has to be as it was read; of other objects only what is given back.
    $names = if ($Steps[$Plan.Step].WholeList) { @($Current.properties.Keys) } else { @($back.Keys) }
    Add-Change $Plan -Text "back: $values" -Before (Get-SnapshotPart $Current $names) -Wanted $target
    foreach ($name in $back.Keys) {
        $Current.properties[$name] = $back[$name]
        $Run.Gone["$($Current.id)|$name"] = $true
    }
}

function Get-UndoPlan {
    param([string] $Id)
    $plan = Get-Comparison $Id
    try {
        $entries = Get-JournalEntry $Id
        $state = Read-UndoState -Noun $Steps[$Id].Noun -Entries $entries
        foreach ($entry in $entries) {
            $current = $state[$entry.Id]
            if (-not $current.exists) { continue }
            if (-not $entry.Before['exists']) { Add-UndoOfCreation $plan -Entry $entry -Current $current }
            else { Add-UndoOfValue $plan -Entry $entry -Current $current }
        }
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        $plan = Get-Comparison $Id
        $plan.Notes = @($stop.Detail)
        return @{ State = $stop.State; Plan = $plan; RequestId = $stop.RequestId }
    }
    $result = if ($plan.Changes.Count -gt 0) { 'different' } elseif ($plan.Rest -ne '') { $plan.Rest } else { 'undone' }
    @{ State = $result; Plan = $plan; RequestId = '' }
}
