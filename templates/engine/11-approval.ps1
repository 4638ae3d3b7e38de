# Approval: a digest of what differs, by which Apply does what was approved after a Check, and nothing else.

function Get-PartDigest {
    # Lengths keep the parts apart.
    param([object[]] $Part)
    $text = @(foreach ($one in $Part) { "$(([string] $one).Length):$one" }) -join ''
    Get-Sha256 ([System.Text.Encoding]::UTF8.GetBytes($text))
}

function Get-OneDigest {
    param([string] $Id, $Difference)
    Get-PartDigest $Id, $Difference.property, (Format-Value $Difference.current), (Format-Value $Difference.wanted)
}

function Get-ValueDigest {
    # Of the file's own values and those of the command line, because not all of them show among the differences. The
    # ticket may be given later.
    $values = $Value.Clone()
    $values.Remove('ChangeTicket')
    Get-PartDigest '-', 'values', (ConvertTo-Canonical $values)
}

function Get-DifferenceDigest {
    # One for each difference: step, property, what is there and what is wanted. And one for all values.
    param([System.Collections.IDictionary] $Findings)
    foreach ($id in $Findings.Keys) {
        foreach ($difference in $Findings[$id].Plan.Differences) { Get-OneDigest $id -Difference $difference }
    }
    Get-ValueDigest
}

function Get-LaterDigest {
    # One for each difference of what does not exist: which values it has, and which name it is found by, is not known
    # before it is created.
    param([System.Collections.IDictionary] $Findings)
    foreach ($id in $Findings.Keys) {
        if (-not (Test-Missing $Findings[$id].Plan)) { continue }
        foreach ($difference in $Findings[$id].Plan.Differences) { Get-PartDigest $id, $difference.property }
    }
}

function Test-KnownLater {
    # Whether runs of this journal created what a step builds on, and did nothing of the step itself.
    param([string] $Id)
    $entries = @($Run.Runs | ForEach-Object -Process { $_['Entries'] } | Where-Object -FilterScript { $null -ne $_ })
    $own = @($entries | Where-Object -FilterScript { $_['step'] -ceq $Id -and $_['event'] -ceq 'done' })
    $created = @($entries | Where-Object -FilterScript {
            $Catalogue[$Id].Requires -ccontains $_['step'] -and -not $_['before']['exists'] })
    $own.Count -eq 0 -and $created.Count -gt 0
}

function Get-Unapproved {
    # What differs now and is not among what was approved, by these digests.
    param([System.Collections.IDictionary] $Findings, [hashtable] $Approved)
    foreach ($id in $Findings.Keys) {
        $isKnownLater = Test-KnownLater $id
        foreach ($difference in $Findings[$id].Plan.Differences) {
            $isSame = $Approved.Contains((Get-OneDigest $id -Difference $difference))
            $isLater = $isKnownLater -and $Approved.Contains((Get-PartDigest $id, $difference.property))
            if (-not $isSame -and -not $isLater) { "$id $($difference.property)" }
        }
    }
    if (-not $Approved.Contains((Get-ValueDigest))) { 'values' }
}

function Get-PlanDigest {
    param([string[]] $Differences)
    Get-Sha256 ([System.Text.Encoding]::ASCII.GetBytes($Differences -join "`n"))
}

function Save-PlanDigest {
    # What the screen, the result and the journal say of it.
    param([System.Collections.IDictionary] $Findings)
    $Run.Differences = @(Get-DifferenceDigest $Findings)
    $Run.PlanSha256 = Get-PlanDigest $Run.Differences
}

function Get-ApprovedRest {
    # What an earlier run of this journal was approved to change: the rest of it may be changed by this one.
    foreach ($one in $Run.Runs) {
        if ([string] $one.Header['approvedPlan'] -ceq $Run.ApprovedPlan) { $one.Header['differences'] }
    }
}

function Assert-StillApproved {
    # Right before a step is asked about: what differs there now was among what was approved. Values are not compared
    # again, because what this run has created since has names that the Check could not know.
    param([string] $Id, [hashtable] $Plan)
    if ($Run.ApprovedPlan -eq '' -or $Run.Mode -cne 'Apply') { return }
    foreach ($difference in $Plan.Differences) {
        if ($Run.Approved.ContainsKey("$Id|$($difference.property)")) { continue }
        throw (Get-Stop -State 'refused' -Guard 'approval' -Detail (
                "$($difference.property) of the step $Id differs since the first look, and that was not approved: " +
                "$(Format-Value $difference.current) -> $(Format-Value $difference.wanted). Run Check again."))
    }
}

function Assert-Approved {
    # In the first pass, before anything is sent. Something approved that is in place by now is no reason to stop where
    # the journal says that this very approval was begun.
    param([System.Collections.IDictionary] $Findings)
    Save-PlanDigest $Findings
    foreach ($id in $Findings.Keys) {
        foreach ($difference in $Findings[$id].Plan.Differences) { $Run.Approved["$id|$($difference.property)"] = $true }
    }
    if ($Run.ApprovedPlan -eq '') { return }
    if ($Run.PlanSha256 -ceq $Run.ApprovedPlan) {
        $Run.Differences = @(Get-LaterDigest $Findings) + $Run.Differences
        return
    }
    $approved = @{}
    foreach ($digest in @(Get-ApprovedRest)) { $approved[$digest] = $true }
    $others = @(if ($approved.Count -gt 0) { Get-Unapproved $Findings -Approved $approved })
    if ($approved.Count -gt 0 -and $others.Count -eq 0) {
        $Run.Differences = @($approved.Keys)
        return
    }
    $named = if ($others.Count -gt 0) { "Not approved: $(Format-Some $others -Most 5 -Name { $_ }). " } else { '' }
    Write-Plan $Findings
    throw (Get-Stop -State 'refused' -Guard 'approval' -Detail (
            'What differs now, or a value of this file or of the command line, is not what was approved; or other steps ' +
            'are selected. ' + $named +
            "Approved: $($Run.ApprovedPlan); now: $($Run.PlanSha256). The list above says what differs now. Have it approved, " +
            'with this file, and run Apply with its digest.'))
}
