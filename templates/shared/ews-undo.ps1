# EWS access, taken back: which entries are ours, and why one has to stay.

function Get-EwsAccessClaim {
    # Why the description cannot have led to this, or nothing: it puts described applications on the list, and may
    # switch on.
    param($Entry, [string] $Name)
    if ($Name -eq '' -or $Value.EwsPolicy -cne 'merge') { return 'the description changes nothing here' }
    if (-not (Test-SwitchedOn $Entry $Name)) { return 'no run of this step adds or removes that' }
    if ($Name -ceq 'EwsEnabled') {
        if (-not $Value.EwsSwitchOn) { return 'the description does not switch EWS on' }
        return
    }
    $described = @($Value.ApplicationClientId) + @($Value.EwsKeep | ForEach-Object -Process { [string] $_['ClientId'] })
    $described += @($Value.EwsRetire | ForEach-Object -Process { [string] $_['ClientId'] })  # only: migrate
    if ($described -notcontains $Name) { return 'the description does not name that application' }
}

function Get-EwsAccessLabel {
    param([string] $Id)
    $null = $Id
    'the organization'
}

function Format-EwsAct {
    # What Rollback does with the switch, or with one entry of the list.
    param([string] $Name, $Given, [string] $Label)
    if ($Name -cne 'EwsEnabled') {
        if ($Given) { return "put application $(Format-Id $Name) on the EWS list again" }
        return "remove application $(Format-Id $Name) from the EWS list"
    }
    $what = if ($null -eq $Given) { 'EWS open to all applications, whatever is on the list' }
    else { 'EWS off for all applications' }
    "set EwsEnabled of $Label back to $(Format-Value $Given): $what"
}

function Get-EwsAccessHold {
    # Taking our entries off must not leave a list in force that is empty where it was not.
    param($Entry, $Current)
    $left = @(Get-ListedId $Current.properties | Where-Object -FilterScript {
            $Entry.Names -notcontains $_ -or $Entry.Wanted['properties'][$_] -ne $true -or
                $Entry.Before['properties'][$_] -ne $false })
    $restored = @($Entry.Names | Where-Object -FilterScript {
            $Entry.Before['properties'][$_] -eq $true -and $Entry.Wanted['properties'][$_] -eq $false })
    if ($left.Count + $restored.Count -gt 0) { return }
    if ($Current.properties['EwsEnabled'] -eq $true -and $Entry.Names -cnotcontains 'EwsEnabled') {
        return 'the list would be empty while EwsEnabled is true, which blocks everybody'
    }
    if (@(Get-ListedId $Entry.Before['properties']).Count -gt 0) {
        return 'the list would be empty, which it was not before'
    }
}

function Get-SwitchHold {
    # Switching EWS off again shuts out whom somebody else put on the list since; not having it set opens it instead.
    param($Entry, $Current)
    if ($Entry.Before['properties']['EwsEnabled'] -ne $false) { return }
    $entries = Get-JournalEntry 'ews-access'
    $ours = @(foreach ($one in $entries) {
            @($one.Wanted['properties'].Keys) | Where-Object -FilterScript {
                $one.Wanted['properties'][$_] -eq $true -and $one.Before['properties'][$_] -ne $true }
        })
    $since = @(Get-ListedId $Current.properties | Where-Object -FilterScript {
            $ours -notcontains $_ -and -not $Entry.Wanted['properties'].Contains($_) })
    if ($since.Count -eq 0) { return }
    "the list contains $(Format-Id $since), added since, and switching EWS off would block it"
}

function Get-EwsEntryHold {
    # Why one entry, or the switch, must stay: others rely on it since. Not on an entry of a list that does not decide
    # any more once this Rollback has taken back the switch as well.
    param($Entry, $Current, [string] $Name)
    if ($Current.properties['EwsEnabled'] -ne $true) { return }
    if ($Name -ceq 'EwsEnabled') { return Get-SwitchHold $Entry -Current $Current }
    $entries = Get-JournalEntry 'ews-access'
    $isUndone = @($entries | Where-Object -FilterScript {
            @(Get-OpenName $_) -ccontains 'EwsEnabled' -and $_.Wanted['properties']['EwsEnabled'] -eq $true -and
                -not (Get-SwitchHold $_ -Current $Current) }).Count -gt 0
    $isOther = $Entry.Wanted['properties'][$Name] -eq $true -and $Name -ne $Value.ApplicationClientId
    if ($isOther -and -not $isUndone -and $Entry.Before['properties']['EwsEnabled'] -ne $true) {
        return 'the list had no effect before and has one now, and removing it would block that application'
    }
}

function Get-EwsDecider {
    # What is set now, and in a Rollback who loses or gains EWS by what is taken back. Apply's question has that among
    # its notes.
    param([hashtable] $Plan)
    $closes = $false
    Get-EwsNowLine $Plan
    foreach ($change in $Plan.Changes) {
        $before = $change.Before.properties
        $wanted = $change.Wanted.properties
        $removed = @(Get-ListedId $before | Where-Object -FilterScript { $wanted[$_] -eq $false })
        if ($removed.Count -gt 0 -and $before['EwsEnabled'] -eq $true) {
            $closes = $true
            "Effect    These applications lose EWS: $(Format-Id $removed)."
        } elseif ($removed.Count -gt 0) {
            'Effect    The list has no effect while EwsEnabled is not true.'
        }
        if (-not $wanted.Contains('EwsEnabled') -or (Test-Same $before['EwsEnabled'] $wanted['EwsEnabled']) -or
            $Run.Mode -cne 'Rollback') { continue }
        if ($null -eq $wanted['EwsEnabled']) { "Effect    EWS opens to everybody again ($($Facts.EwsSwitchTakes))." }
        else {
            $closes = $true
            $listed = @(Get-ListedId $before)
            $whom = if ($listed.Count -gt 0) { ", also to those on the list: $(Format-Id $listed)" }
            "Effect    EWS closes to everybody again ($($Facts.EwsSwitchTakes))$whom."
        }
    }
    if ($closes -and $Run.Mode -ceq 'Rollback' -and -not $Run.Unasked) { "Note      $(Get-KeepEwsAdvice)" }
}

function Get-EwsNowLine {
    param([hashtable] $Plan)
    $now = $Plan.Changes[0].Before.properties
    $switched = @($Plan.Changes | Where-Object -FilterScript {
            $_.Wanted.properties.Contains('EwsEnabled') -and
                -not (Test-Same $_.Wanted.properties['EwsEnabled'] $_.Before.properties['EwsEnabled']) })
    $rest = if ($switched.Count -eq 0) { ' EwsEnabled stays as it is.' } else { '' }
    "Now       EwsEnabled is $(Format-Value $now['EwsEnabled']). Entries on the list: $(@(Get-ListedId $now).Count).$rest"
}

function Get-EwsAdvice {
    # What helps if EWS stops working for others, by the state before this change; in a Rollback, by what that leaves.
    # To open EWS to everybody is no way back to where it was closed.
    param([object[]] $Changes)
    $before = $Changes[0].Before.properties
    if ($Run.Mode -cne 'Rollback') { return $EwsStates[(Get-EwsState $before)].Rescue }
    $after = Copy-Property $before
    foreach ($change in $Changes) {
        foreach ($name in $change.Wanted.properties.Keys) { $after[$name] = $change.Wanted.properties[$name] }
    }
    if ($before['EwsEnabled'] -eq $true -and $after['EwsEnabled'] -eq $false) {
        # The journal has one change a line, and the others of this Rollback take their entries off as well.
        $left = @(Get-ListedId $after | Where-Object -FilterScript {
                -not $Run.Gone.ContainsKey("ews-access organization|$_") })
        $first = if ($left.Count -eq 0) { 'put it on the list first (EwsAllowedAppIDs): the list is empty then. ' }
        $whom = if ($left.Count -eq 0) { 'that list' } else { "what is left on the list: $(Format-Id $left)" }
        "If another application needs EWS afterwards: ${first}Set-OrganizationConfig -EwsEnabled `$true opens EWS again " +
            "($($Facts.EwsSwitchTakes)) to $whom. `$null would open it to everybody."
    } elseif ($after['EwsEnabled'] -eq $true) {
        'An application that still needs EWS has to be put on the list again; ' +
            "Set-OrganizationConfig -EwsEnabled `$null would open EWS to everybody ($($Facts.EwsSwitchTakes))."
    }
}

function Get-KeepEwsAdvice {
    # No ends the whole run, with the role still there: whoever wants to keep EWS goes on with the other steps.
    $others = @($Run.Selected | Where-Object -FilterScript { $_ -cne 'ews-access' })
    if ($others.Count -eq 0) { return 'No leaves EWS as it is.' }
    'No ends this Rollback here: EWS, the role and the rest stay. To keep EWS and undo the rest, answer No and type ' +
        "the line of this run again, with -Step $($others -join ', ')."
}
