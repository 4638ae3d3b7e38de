<#
.SYNOPSIS
    Plays runbooks against the simulated tenant: one JSON request a line on standard input, one answer a line on
    standard output, after a mark, both in ASCII: a console speaks whatever its code page is. Each run has a runspace of its own, so nothing of one reaches the next.
#>
[CmdletBinding()]
param(
    [string] $Mark = 'pexgen-answer:',
    # A script that is dot-sourced before the first request. It may replace these functions.
    [string] $With = ''
)

. (Join-Path $PSScriptRoot 'session.ps1')

function ConvertTo-Screen {
    <# Returns what a person would have read on the screen, for one record of a stream. #>
    param($Record)
    switch ($Record.GetType().Name) {
        'WarningRecord' { return "WARNING: $($Record.Message)" }
        'VerboseRecord' { return "VERBOSE: $($Record.Message)" }
        'DebugRecord' { return "DEBUG: $($Record.Message)" }
        'ErrorRecord' { return "ERROR: $Record" }
        default { return [string] $Record.MessageData }
    }
}

function ConvertTo-AsciiJson {
    <# Returns a value as JSON with every character beyond ASCII as an escape; only PowerShell 7 could do it itself. #>
    param($Value)
    $json = ConvertTo-Json -InputObject $Value -Depth 4 -Compress
    return $beyondAscii.Replace($json, $escape)
}

# PowerShell's console keeps the reader from which it read first, and the writer: all runs that ask have the same ones.
$requests, $answers = [Console]::In, [Console]::Out
$console = [IO.StringWriter]::new()
$typed = [IO.MemoryStream]::new()
$keyboard = [IO.StreamReader]::new($typed, [Text.UTF8Encoding]::new($false))

# Made once: a block is compiled each time that it becomes a delegate.
$beyondAscii = [regex] '[^\x00-\x7f]'
$escape = [Text.RegularExpressions.MatchEvaluator] { '\u{0:x4}' -f [int] [char] $args[0].Value }

# A runbook is called by its path, in a scope of its own below the session's. What it shows is read with its order,
# or shown by PowerShell around the questions that it asks.
$call = @'
param($PexgenRequest, $PexgenArguments)
if ($null -ne $PexgenRequest.answers) { & $PexgenRequest.runbook @PexgenArguments }
else { & $PexgenRequest.runbook @PexgenArguments *>&1 }
'@

function Get-Constant {
    <# Returns the value of a literal. PowerShell takes no value from a list of thousands, but from each of its entries. #>
    param($Tree)
    if ($Tree -isnot [Management.Automation.Language.ArrayExpressionAst]) { return , $Tree.SafeGetValue() }
    $entries = [Collections.Generic.List[object]]::new()
    foreach ($statement in $Tree.SubExpression.Statements) {
        $list = $statement.PipelineElements[0].Expression
        $isList = $list -is [Management.Automation.Language.ArrayLiteralAst]
        foreach ($element in $(if ($isList) { $list.Elements } else { $list })) { $entries.Add($element.SafeGetValue()) }
    }
    return , $entries.ToArray()
}

function Get-Default {
    <# Returns the default values of a script's parameters as JSON: constants alone, nothing is run; or its problem. #>
    param([string] $Path)
    $problems = $null
    $tree = [Management.Automation.Language.Parser]::ParseFile($Path, [ref] $null, [ref] $problems)
    if ($problems) { return @{ problem = "line $($problems[0].Extent.StartLineNumber): $($problems[0].Message)" } }
    $found = [ordered]@{}
    foreach ($parameter in $(if ($tree.ParamBlock) { $tree.ParamBlock.Parameters })) {
        $name = $parameter.Name.VariablePath.UserPath
        if (-not $parameter.DefaultValue) { continue }
        try {
            $found[$name] = Get-Constant $parameter.DefaultValue
        } catch {
            return @{ problem = "line $($parameter.Extent.StartLineNumber): the default of -$name is not a constant" }
        }
    }
    return @{ defaults = ConvertTo-Json -InputObject $found -Depth 5 -Compress }
}

function New-BeginningState {
    <# Returns what the session of a run begins with. #>
    param($Request)
    return [initialsessionstate]::CreateDefault2()
}

function Invoke-Run {
    <# Plays one request and returns its answer. #>
    param($Request, $Arguments)
    $waits = [Collections.Generic.List[double]]::new()
    $frozen = [Threading.ManualResetEvent]::new($false)
    [AppDomain]::CurrentDomain.SetData('PexgenFrozen', $frozen)
    [AppDomain]::CurrentDomain.SetData('PexgenEmptied', [Threading.ManualResetEvent]::new($false))
    $runspace = [runspacefactory]::CreateRunspace($Host, (New-BeginningState $Request))
    # A run that may stop for good needs a thread that nobody waits for.
    $runspace.ThreadOptions = if ($Request.freezes) { 'ReuseThread' } else { 'UseCurrentThread' }
    $runspace.Open()
    $answer = @{ exitCode = $null; screen = @(); objects = '[]'; waits = @(); uncaught = $null }
    try {
        $null, $failure = Invoke-Text $runspace $session @($Request, $waits)
        if ($failure) { throw "The session could not be prepared: $failure" }
        if ($Request.prelude) { $null, $answer.prelude = Invoke-Text $runspace $Request.prelude @() }
        $records, $answer.uncaught = Invoke-Asking $Request.answers { Invoke-Text $runspace $call @($Request, $Arguments) }
        if ($frozen.WaitOne(0)) { return @{ frozen = $true } }
        $objects = [Collections.Generic.List[object]]::new()
        $answer.screen = @(foreach ($record in $records) {
                if ($null -ne $record -and $record.GetType().Name -cmatch '^(Information|Warning|Verbose|Debug|Error)Record$') { ConvertTo-Screen $record.PSObject.BaseObject }
                else { $objects.Add($record) }
            })
        if ($null -ne $Request.answers) { $answer.screen = @("$console".Replace("`r`n", "`n")) }
        $answer.objects = ConvertTo-Json -InputObject $objects.ToArray() -Depth 12 -Compress
        $answer.exitCode = $runspace.SessionStateProxy.GetVariable('LASTEXITCODE')
    } finally {
        # One that stopped for good cannot be closed.
        if (-not $frozen.WaitOne(0)) { $runspace.Dispose() }
    }
    $answer.waits = $waits.ToArray()
    return $answer
}

function Invoke-Asking {
    <# Runs a block whose questions are answered by these lines, after which nobody types; $console then has what was shown.
       Without lines the block is run as it is. #>
    param($Lines, [scriptblock] $Block)
    if ($null -eq $Lines) { return & $Block }
    $text = [Text.Encoding]::UTF8.GetBytes((ConvertTo-Argument $Lines))
    $typed.SetLength(0)
    $typed.Write($text, 0, $text.Length)
    $typed.Position = 0
    $keyboard.DiscardBufferedData()
    $null = $console.GetStringBuilder().Clear()
    [Console]::SetIn($keyboard)
    [Console]::SetOut($console)
    [Console]::SetError($console)
    & $Block
}

function Close-Frozen {
    <# A run that stopped for good stays as it is: to close it would run its finally blocks. #>
    param($Runspace, $Shell, $Running)
}

function Invoke-Text {
    <# Runs text in a runspace; returns what it wrote, and the error that ended it, if one did. #>
    param($Runspace, [string] $Text, [object[]] $Arguments)
    $shell = [powershell]::Create()
    $shell.Runspace = $Runspace
    $null = $shell.AddScript($Text, $false)
    foreach ($argument in $Arguments) { $null = $shell.AddArgument($argument) }
    $written = [Management.Automation.PSDataCollection[psobject]]::new()
    $uncaught = $null
    try {
        if ($Runspace.ThreadOptions -eq 'UseCurrentThread') { $shell.Invoke($null, $written) }
        else {
            $running = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $written)
            if ([Threading.WaitHandle]::WaitAny(@($running.AsyncWaitHandle, $frozen)) -eq 1) {
                Close-Frozen $Runspace $shell $running
                return $null, $null
            }
            $null = $shell.EndInvoke($running)
        }
        if ($shell.Streams.Error.Count) { $uncaught = "$($shell.Streams.Error[0]) $($shell.Streams.Error[0].ScriptStackTrace)" }
    } catch {
        $inner = $_.Exception
        if ($inner -is [Management.Automation.MethodInvocationException]) { $inner = $inner.InnerException }
        $place = if ($inner.PSObject.Properties['ErrorRecord']) { $inner.ErrorRecord.ScriptStackTrace }
        $uncaught = "$($inner.Message)`n$place".Trim()
    } finally {
        if (-not $frozen.WaitOne(0)) { $shell.Dispose() }
    }
    return $written, $uncaught
}

function Invoke-Request {
    <# Prepares the process for a run and plays it. #>
    param($Request)
    Set-Surrounding $Request
    return Invoke-Run $Request (ConvertTo-Argument $Request.arguments)
}

if ($With) { . $With }

while ($null -ne ($line = $requests.ReadLine())) {
    if (-not $line.Trim()) { continue }
    $request = ConvertFrom-Json -InputObject $line
    try {
        $answer = if ($request.PSObject.Properties['defaults']) { Get-Default $request.defaults } else { Invoke-Request $request }
    } catch {
        $answer = @{ defect = "$_`n$($_.ScriptStackTrace)" }
    }
    # An answer begins a line, whatever was written before it without a line end.
    $answers.WriteLine("`n" + $Mark + (ConvertTo-AsciiJson $answer))
    $answers.Flush()
}
