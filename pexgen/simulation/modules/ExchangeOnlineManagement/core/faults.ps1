# Bad days. PEXGEN_FAULTS holds a JSON list of {"kind", and when: "call": n | "write": n | "cmdlet": name with "nth": n,
# "times": how often}; docs/rehearsal.md has the whole table.

$script:FaultTexts = @{
    'unauthorized' = 'UnAuthorized: the request was refused by the service (401). Maximum retry count reached.'
    'forbidden'    = 'Forbidden: the operation is not allowed for the current session (403).'
    'throttled'    = 'Too many requests (429): the service is busy for this tenant. Retry after 60 seconds.'
    'session-gone' = 'There is no active connection to Exchange Online. Call Connect-ExchangeOnline before calling any other cmdlet.'
    'lost-answer'  = 'The request was canceled due to the configured HttpClient.Timeout: the operation has timed out.'
}

function Get-Fault {
    <# Returns the fault that is due at this call, if any, and counts it. #>
    param([string] $Cmdlet, [bool] $IsWrite)
    foreach ($fault in $script:Faults) {
        $wanted = $fault.PSObject.Properties
        if ($wanted['cmdlet'] -and $fault.cmdlet -ne $Cmdlet) { continue }
        $fault.seen += 1
        $number, $at = if ($wanted['call']) { $script:Calls, $fault.call }
        elseif ($wanted['write']) { $script:Writes, $(if ($IsWrite) { $fault.write } else { -1 }) }
        else { $fault.seen, $(if ($wanted['nth']) { $fault.nth } else { 1 }) }
        $times = if ($wanted['times']) { $fault.times } else { 1 }
        if ($at -gt 0 -and $number -ge $at -and $number -lt $at + $times) { return $fault }
    }
}

function Read-Faults {
    <# Returns the faults of this run with their counters at zero. #>
    if (-not $env:PEXGEN_FAULTS) { return }
    $read = ConvertFrom-Json -InputObject $env:PEXGEN_FAULTS
    foreach ($fault in $read) {
        Set-Field $fault 'seen' 0
        $fault
    }
}

function Stop-Engine {
    <# Ends the engine as a power cut does: no finally block runs. #>
    [Diagnostics.Process]::GetCurrentProcess().Kill()
    [Threading.Thread]::Sleep(10000)
}

function Stop-Run {
    <# Stops this run where it is, for good: no finally block runs, and its files stay as they are. The process goes on.
       Whoever sets the event has taken from the run all that its finally blocks could do. #>
    $null = [AppDomain]::CurrentDomain.GetData('PexgenFrozen').Set()
    $null = [AppDomain]::CurrentDomain.GetData('PexgenEmptied').WaitOne()
    throw [Management.Automation.PipelineStoppedException]::new()
}

function Invoke-FaultBefore {
    <# What a fault does before the service has seen the call. #>
    param($Fault)
    if ($null -eq $Fault) { return }
    switch ($Fault.kind) {
        'kill-before' { Stop-Engine }
        'freeze-before' { Stop-Run }
        'delay' { [Threading.Thread]::Sleep([int] (1000 * $Fault.seconds)) }
        'change' { Edit-Tenant $Fault.set }
        'server-error' { Stop-Call '' (Get-ErrorText 'ServerError') }
        'error' { Stop-Call $Fault.class $Fault.text (Get-Field $Fault 'id' 'Ex6F9304') }
        'session-gone' { $env:PEXGEN_SESSION = 'gone'; Stop-Call '' $script:FaultTexts['session-gone'] }
        { $_ -in 'unauthorized', 'forbidden', 'throttled' } { Stop-Call '' $script:FaultTexts[$_] }
    }
}

function Invoke-FaultAfter {
    <# What a fault does when the service has done its work. #>
    param($Fault)
    if ($null -eq $Fault) { return }
    if ($Fault.kind -eq 'kill-after') { Stop-Engine }
    if ($Fault.kind -eq 'freeze-after') { Stop-Run }
    # The module sent a create once more that had timed out, and this is the answer to the second.
    if ($Fault.kind -eq 'resent') { Stop-Exists 'it' 'object' }
    if ($Fault.kind -eq 'lost-answer') { Stop-Call '' $script:FaultTexts['lost-answer'] }
}

function Edit-Tenant {
    <# Another administrator at work: each entry is {"path": "organization.EwsEnabled", "value": ...}; a step of the path is
       a property, or [Property=value] to choose one object of a list. "remove": true takes the chosen object out. #>
    param($Changes)
    foreach ($change in @($Changes)) {
        $node, $parent, $name = $script:Tenant, $null, ''
        foreach ($step in [regex]::Matches($change.path, '\[(\w+)=([^\]]*)\]|[^.\[\]]+')) {
            $parent, $parentName, $name = $node, $name, $step.Value
            if ($step.Groups[1].Success) {
                $list, $chosen = $parent, $step
                $node = $list | Where-Object { Test-Same (Get-Field $_ $chosen.Groups[1].Value) $chosen.Groups[2].Value } | Select-Object -First 1
            } else {
                $node, $holder = (Get-Field $parent $name), $parent
            }
        }
        if (Get-Field $change 'remove' $false) {
            Set-Field $holder $parentName @($list | Where-Object { $_ -ne $node })
        } elseif ($null -ne (Get-Field $change 'add')) {
            Set-Field $holder $name @(@($node) + @($change.add) | Where-Object { $null -ne $_ })
        } else {
            Set-Field $holder $name $change.value
        }
    }
    $script:Changed = $true
}
