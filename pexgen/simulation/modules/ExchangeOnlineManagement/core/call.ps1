# One remote call, from the bound parameters to its result or error.

$script:Handler = @{}
$script:Calls = 0
$script:Writes = 0
# Their own -WhatIf is not to be trusted: these write in spite of it.
$script:IgnoresWhatIf = @('Set-User')
# These change the session alone, and nothing in the directory.
$script:SessionAlone = @('Set-ADServerSettings')

function Write-CallLog {
    <# Adds one line to the log of this run, PEXGEN_LOG; flushed, so that a kill cannot take it back. #>
    param([hashtable] $Entry)
    if ($env:PEXGEN_LOG) { [IO.File]::AppendAllText($env:PEXGEN_LOG, (ConvertTo-Json -InputObject $Entry -Depth 5 -Compress) + "`n") }
}

function Get-LoggedParameters {
    <# Returns the parameters as they are logged: no secrets, no live objects, no common parameters. #>
    param($Sent)
    $logged = [ordered]@{}
    foreach ($name in @($Sent.Keys | Sort-Object)) {
        $value = $Sent[$name]
        $logged[$name] = if ($value -is [securestring]) { '<secure>' }
        elseif ($value -is [byte[]]) { "<$($value.Length) bytes>" }
        elseif ($null -eq $value -or $value -is [string] -or $value -is [bool] -or $value -is [int] -or $value -is [Collections.IDictionary]) { $value }
        elseif ($value -is [switch]) { [bool] $value }
        elseif ($value -is [Collections.IEnumerable]) { , @($value | ForEach-Object { Get-Text $_ }) }
        else { Get-Text $value }
    }
    return $logged
}

function Invoke-Call {
    <# Does what the cmdlet $Name does and writes its objects, or its error, for the function that was called. #>
    param([string] $Name, $Sent, $Caller)
    $script:Calls++
    $isWrite = $Name -cmatch '^(New|Set|Add|Remove|Enable)-' -and $Name -notin $script:SessionAlone
    $entry = @{ n = $script:Calls; cmdlet = $Name; parameters = Get-LoggedParameters $Sent; write = $isWrite; outcome = 'ok' }
    $lock, $answer, $failure, $unasked = (Lock-Tenant), @(), $null, $null
    try {
        $script:Tenant = Read-Tenant
        $script:Changed = $false
        $answer = @(Invoke-Service $Name $Sent $Caller $isWrite $entry)
    } catch {
        $failure = New-CallError $_.Exception $Name $script:Calls $Sent
        $entry.outcome = if ($_.Exception.Data['Class']) { "error $($failure.CategoryInfo.Reason)" } else { 'error' }
        $entry.message = $_.Exception.Message
        if ($_.Exception.Data.Contains('Unasked')) { $entry.write, $entry.outcome, $unasked = $false, 'not done', $_ }
        elseif (-not $_.Exception.Data.Contains('Class')) { $entry.defect = "$($_.ScriptStackTrace)" }
    } finally {
        Undo-Change
        $lock.Dispose()
    }
    Write-CallLog $entry
    if ($null -ne $unasked) { throw $unasked }
    $global:EXO_LastExecutionStatus = $null -eq $failure
    if ($null -ne $failure) { Write-ErrorMessage $failure }
    else { foreach ($object in $answer) { ConvertTo-Answer $Name $object } }
}

function ConvertTo-Answer {
    <# Returns an object as it reaches the session: the REST module's are text, numbers and truth values as they are. #>
    param([string] $Cmdlet, $Object)
    return $Object
}

function Invoke-Service {
    <# The service's side: validates, asks as the client does, changes, saves. #>
    param([string] $Name, $Sent, $Caller, [bool] $IsWrite, [hashtable] $Entry)
    # A dry run reaches the service too, as a validating call; only a call that is to change something counts as a write.
    $dry = $IsWrite -and $Sent.ContainsKey('WhatIf') -and $Sent['WhatIf'] -and $Name -notin $script:IgnoresWhatIf
    if ($IsWrite -and -not $dry) { $script:Writes++ }
    $fault = Get-Fault $Name ($IsWrite -and -not $dry)
    if ($null -ne $fault) {
        $Entry.fault = $fault.kind
        if ($fault.kind -cmatch '^(kill|freeze)-') {
            $Entry.outcome = 'killed'
            Write-CallLog $Entry
        }
    }
    Invoke-FaultBefore $fault
    if ($script:Changed) { Save-Tenant $script:Tenant; $script:Changed = $false }
    Assert-Session
    $isAnswered = $false
    try {
        $answer = @(& $script:Handler[$Name] $Sent)
        $isAnswered = $true
        foreach ($lacking in @(Get-Field (Get-Setting 'answersLack') $Name @())) {
            foreach ($object in $answer) { $object.PSObject.Properties.Remove($lacking) }
        }
    } catch {
        # "Not found" is an answer too, and gets lost like any other.
        if ($null -ne $fault -and $fault.kind -in 'lost-answer', 'kill-after', 'freeze-after') { Invoke-FaultAfter $fault }
        throw
    } finally {
        # A look counts towards an object's appearance even when it ends as "not found"; handlers change nothing else
        # before they are past everything that can fail.
        if ($script:Changed -and -not ($IsWrite -and $isAnswered)) { Save-Tenant $script:Tenant }
    }
    if ($IsWrite) {
        $target = Get-Text $(if ($Sent.ContainsKey('Identity')) { $Sent['Identity'] } else { $Sent['Name'] })
        if ($Name -notin $script:IgnoresWhatIf -and -not (Test-Consent $Caller $target)) {
            $Entry.write, $Entry.outcome = $false, 'not done'
            return
        }
        Save-Tenant $script:Tenant
    }
    Invoke-FaultAfter $fault
    $answer
}

function Test-Consent {
    <# Tells whether the client goes on: it asks where it has to, and nobody may be there to answer. #>
    param($Caller, [string] $Target)
    try {
        return $Caller.ShouldProcess($Target)
    } catch {
        $_.Exception.Data['Unasked'] = $true
        throw
    }
}

function Assert-Session {
    <# Ends the call where the session is gone or its token has run out. #>
    $connection = @($script:Tenant.session.connections)[-1]
    if ($env:PEXGEN_SESSION -eq 'gone' -or $null -eq $connection) { Stop-Call '' $script:FaultTexts['session-gone'] }
    if ($connection.TokenStatus -eq 'Expired') { Stop-Call '' $script:FaultTexts['unauthorized'] }
}
