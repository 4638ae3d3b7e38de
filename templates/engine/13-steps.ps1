# Steps: a step against what is there. A finding has its State, its Plan (what differs, and the changes) and the
# RequestId of what Exchange refused. It goes on like this:
#
#   Invoke-Question    asks about the changes of a step
#   Invoke-Batch       reads again right before the change, announces it in the journal, reads back, says done
#   Invoke-Write       the one call that changes something; refuses without guards and consent

function Get-EmptyPlan {
    # Remaining: the state that stays when the changes are made, where that is not simply as wanted.
    param([string] $Step)
    @{
        Step = $Step; Differences = New-Object -TypeName System.Collections.ArrayList
        Changes = New-Object -TypeName System.Collections.ArrayList; Notes = @(); Remaining = ''
    }
}

function Add-Difference {
    param([hashtable] $Plan, [string] $Property, $Current, $Wanted)
    [void] $Plan.Differences.Add(
        [pscustomobject][ordered]@{ property = $Property; current = $Current; wanted = $Wanted })
}

function Test-Missing {
    # Whether the object itself is not there, so that no value of it is.
    param([hashtable] $Plan)
    [bool] $Plan['IsMissing'] -or
        @($Plan.Changes | Where-Object -FilterScript { -not $_.Before.exists }).Count -gt 0
}

function Format-Current {
    param($Difference, [bool] $IsMissing)
    if ($IsMissing -and $null -eq $Difference.current) { '(missing)' } else { Format-Value $Difference.current }
}

function Format-PropertyName {
    # A property as plan and question show it: an entry of a list says of which list it is one.
    param([string] $Step, [string] $Name)
    if ($Steps[$Step].Contains('Shown')) { & $Steps[$Step].Shown -Name $Name } else { $Name }
}

function Add-Change {
    param(
        [hashtable] $Plan, [string] $Text,
        [System.Collections.IDictionary] $Before, [System.Collections.IDictionary] $Wanted
    )
    [void] $Plan.Changes.Add(@{ Step = $Plan.Step; Text = $Text; Before = $Before; Wanted = $Wanted })
}

function Add-Creation {
    # A change that creates an object: each of its values differs.
    param([hashtable] $Plan, [string] $Text, [string] $Id, [System.Collections.IDictionary] $Wanted)
    foreach ($name in $Wanted.Keys) { Add-Difference $Plan -Property $name -Current $null -Wanted $Wanted[$name] }
    Add-Change $Plan -Text $Text -Before (Get-Absent $Id) -Wanted (Get-Present $Id $Wanted)
}

function Add-Setting {
    # A change of values of an object that is there: those that are not the same before differ.
    param(
        [hashtable] $Plan, [string] $Text, [string] $Id,
        [System.Collections.IDictionary] $Before, [System.Collections.IDictionary] $Wanted
    )
    foreach ($name in $Wanted.Keys) {
        if (Test-Same $Before[$name] $Wanted[$name]) { continue }
        $shown = Format-PropertyName $Plan.Step -Name $name
        Add-Difference $Plan -Property $shown -Current $Before[$name] -Wanted $Wanted[$name]
    }
    Add-Change $Plan -Text $Text -Before (Get-Present $Id $Before) -Wanted (Get-Present $Id $Wanted)
}

function Test-Described {
    param([string] $Step)
    -not $Steps[$Step].Contains('Described') -or $Steps[$Step].Described
}

function Test-Planned {
    # True while another step of this run is still going to make what this one needs.
    param([string] $Step)
    $Run.Planning -and $Run.Selected -ccontains $Step -and (Test-Described $Step)
}

function Get-Awaited {
    # What another step makes is not there: that step is not in this run, or Exchange does not show its work yet.
    param([string] $Step, [string] $What)
    if ($Run.Selected -ccontains $Step -and (Test-Described $Step)) {
        return Get-Stop -State 'pending' -Detail "$What was not found yet. Run Apply again when Exchange shows it."
    }
    Get-Stop -State 'blocked' -Detail "$What was not found. The step $Step creates it."
}

function Get-StoppedFinding {
    param([string] $Id, [hashtable] $Stop)
    $plan = Get-EmptyPlan $Id
    $plan.Notes = @($Stop.Detail)
    $Run.Stopped[$Id] = $true  # only: GoOn
    @{ State = $Stop.State; Plan = $plan; RequestId = $Stop.RequestId }
}

function Get-EndedFinding {
    param([string] $Id)
    Get-StoppedFinding $Id -Stop @{
        State = 'blocked'; RequestId = ''; Detail = "EWS in Exchange Online ended on $($Facts.EwsEnds)."
    }
}

function Invoke-Compare {
    # One step against what is there. A step that waits for another one that stopped is not looked at.
    param([string] $Id)
    if (-not (Test-Described $Id)) { return @{ State = 'not-asked'; Plan = Get-EmptyPlan $Id; RequestId = '' } }
    if (Test-EwsEnded $Id) { return Get-EndedFinding $Id }  # only: exchange-online
    foreach ($required in $Catalogue[$Id].Requires) {
        $state = [string] $Run.States[$required]
        $stopped = 'conflict', 'unreadable', 'blocked', 'failed' -ccontains $state
        if ($stopped -or $state -ceq 'pending') {
            $mine = if ($stopped) { 'blocked' } else { 'pending' }
            return Get-StoppedFinding $Id -Stop @{ State = $mine; Detail = "Waits for the step $required."; RequestId = '' }
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
            if (-not $late -or -not (Wait-Moment 'Exchange to show what the earlier steps created')) {
                return Get-StoppedFinding $Id -Stop $stop
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
