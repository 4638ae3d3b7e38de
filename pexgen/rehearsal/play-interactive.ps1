<#
.SYNOPSIS
    Plays one run whose confirmation prompts are answered on standard input; what the runbook shows goes to the screen.
#>
[CmdletBinding()]
param([Parameter(Mandatory)] [string] $RequestPath, [Parameter(Mandatory)] [string] $AnswerPath)

. (Join-Path $PSScriptRoot 'session.ps1')

# What is typed and shown goes through pipes, as UTF-8 whatever the code page of the console is.
$utf8 = [Text.UTF8Encoding]::new($false)
[Console]::SetIn([IO.StreamReader]::new([Console]::OpenStandardInput(), $utf8))
$writers = foreach ($stream in [Console]::OpenStandardOutput(), [Console]::OpenStandardError()) {
    $writer = [IO.StreamWriter]::new($stream, $utf8)
    $writer.AutoFlush = $true
    $writer
}
[Console]::SetOut($writers[0])
[Console]::SetError($writers[1])

$request = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($RequestPath))
Set-Surrounding $request
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
