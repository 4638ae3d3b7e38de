# Writing: the one call that changes something, and what an error of it means.

function Test-Refusal {
    # Whether Exchange said no. After a time-out or an outage the write can have been done all the same: it stays
    # announced in the journal, and Rollback looks for it.
    param($ErrorRecord)
    $name = Get-ErrorName $ErrorRecord
    $isSure = $name -ne '' -and
        $name -cnotmatch ('Transient|Time|Cancel|Http|Web|Socket|IO|Remot|Transport|Connect|Server|Service|' +
            'ADOperation|Overload|Suitab')
    $isSure -or (Get-ErrorClass $ErrorRecord) -ceq 'exists'
}

function Get-AlteredPart {
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
    # The only place that calls a step's Change. It refuses before all guards have passed and without this step's consent.
    param([hashtable] $Change, [System.Collections.IDictionary] $Now)
    if (-not $Run.GuardsPassed -or -not $Run.Consent.ContainsKey($Change.Step)) {
        throw "A write of $($Change.Step) without consent."
    }
    for ($tries = 1; $true; $tries++) {
        $Run.Writes++
        $Run.Seen.Clear()
        $wasMade = $Run.Made.Contains($Change.Step)
        if (-not $Change.Before.exists) { $Run.Made[$Change.Step] = $true }
        $writer, $timer = $Steps[$Change.Step].Change, [System.Diagnostics.Stopwatch]::StartNew()
        try {
            try { $null = & $Steps[$Change.Step].Change -Change $Change -Now $Now; return }
            finally { Write-CallTime $writer -Subject $Change.Text -Timer $timer }
        } catch {
            if (Get-StopOf $_) {
                # Its own last look stopped it: nothing was sent.
                $Run.Writes--
                if (-not $wasMade) { $Run.Made.Remove($Change.Step) }
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
    elseif (-not $isMissed -and (Test-Snapshot $seen (Get-AlteredPart $Change))) {
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
                "$($Change.Text): somebody else created it in the meantime, with other values. Run Check again."))
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
    $isLate = $class -eq 'absent' -and ((Test-New $Change.Step) -or -not $seen.exists -or $Tries -le 5)
    if ($isLate) { return Wait-Late $Change }
    if ($isRefused -and $null -ne $seen -and (Test-Snapshot $seen $Change.Before)) { Write-Refused $Change }
    throw (Get-RefusedStop $Change -Words (Get-ErrorText $Failure))
}

function Wait-Late {
    # $false, so that it is sent again after a pause, until the time of the step is used up.
    param([hashtable] $Change)
    if (Wait-Moment 'Exchange to find what was created') { return $false }
    throw (Get-Stop -State (Get-MissingState) -Detail (
            "$($Change.Text): Exchange does not find it. Run the same command again later.$($Change.Answer)"))
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
    # Exchange refused the call, and what was wanted is there: somebody else may have done it between the last look and
    # the call. It is as wanted, and never claimed: a Rollback of this run could remove what another one made.
    param([hashtable] $Change)
    Write-Refused $Change
    Write-Line (
        '    Exchange refused it, and it is there: somebody else may have made the same change in the meantime. ' +
        'The journal does not claim it, and Rollback leaves it.')
}
