<#
.SYNOPSIS
    Plays one run whose confirmation prompts are answered on standard input; what the runbook shows goes to the screen.
#>
[CmdletBinding()]
param([Parameter(Mandatory)] [string] $RequestPath, [Parameter(Mandatory)] [string] $AnswerPath)

. (Join-Path $PSScriptRoot 'session.ps1')

$request = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($RequestPath))
$waits = [Collections.Generic.List[double]]::new()
$arguments = ConvertTo-Argument $request.arguments
. ([scriptblock]::Create($session)) $request $waits
if ($request.prelude) { . ([scriptblock]::Create($request.prelude)) }
$objects, $uncaught = @(), $null
try {
    $objects = @(& $request.runbook @arguments)
} catch {
    $uncaught = "$_"
}
$answer = @{
    exitCode = $global:LASTEXITCODE; uncaught = $uncaught; waits = $waits.ToArray()
    objects = ConvertTo-Json -InputObject $objects -Depth 12 -Compress
}
[IO.File]::WriteAllText($AnswerPath, (ConvertTo-Json -InputObject $answer -Depth 4 -Compress))
exit 0
