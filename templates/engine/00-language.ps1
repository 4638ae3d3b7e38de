# The start: what this script checks before it relies on any command or variable of the session. It keeps nothing in a
# variable before it knows that the variables are its own.

# Every way out has an exit code. A trap holds for the whole block that it stands in, so for each line of this file.
trap {
    # Dot-sourced, an exit would close the operator's window, so the error goes to the caller. Ctrl+C, or a pipeline that
    # has enough objects, is no error.
    if ($MyInvocation.InvocationName -ceq '.') { break }
    if ($_.Exception -is [System.Management.Automation.PipelineStoppedException]) { break }
    try {
        $failure = $_
        # Write-LastWord is defined last. Before it is there, nothing of the run is known.
        if (Test-Path -LiteralPath 'Function:\Write-LastWord') { Write-LastWord $failure }
        else { Write-Host "Stopped before anything was done: $($failure.Exception.Message)" }
        Write-Host 'Exit code 1. Please report this error with the lines above.'
    } catch { [Console]::Error.WriteLine("$failure $_") }
    exit 1
}

# In Constrained Language Mode this script could not ask its questions. These lines use only what that mode permits.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    Write-Host (
        "Refused: this session is in $($ExecutionContext.SessionState.LanguageMode) mode, " +
        'in which the script cannot ask before it changes something.')
    Write-Host (
        'Have the script signed with a certificate that your policy trusts, ' +
        'or run it where the policy allows it. Nothing was changed.')
    exit 4
}

# The file itself is part of what is recorded, so the script has to know which one it is.
if ($MyInvocation.MyCommand -isnot [System.Management.Automation.ExternalScriptInfo]) {
    Write-Host 'Refused: this does not run from a file. Save it and run it by its path. Nothing was changed.'
    exit 4
}

# The exit code if something ends this script without an exit, such as a break in a function that it calls. Where the
# session keeps the variable read-only, nobody would see any exit code.
try { $ExecutionContext.SessionState.PSVariable.Set('global:LASTEXITCODE', 4) }
catch {
    throw ('Refused: the variable LASTEXITCODE of this session cannot be set, so nobody would see an exit code. ' +
        'Open a new window without a profile. Nothing was changed.')
}
# Dot-sourced it would leave its settings and functions in the session.
if ($MyInvocation.InvocationName -ceq '.') {
    throw 'Refused: run this by its path, without the dot. Nothing was changed.'
}
$ExecutionContext.SessionState.PSVariable.Set('global:LASTEXITCODE', 1)

# A session that loads no modules by itself may lack PowerShell's own. Asked for by name, they are loaded where allowed.
if ($null -eq $ExecutionContext.InvokeCommand.GetCommand('Get-Variable', 'All')) {
    throw ("Refused: PowerShell's own module Microsoft.PowerShell.Utility is not loaded in this session. " +
        'Open a new window without a profile. Nothing was changed.')
}

# A variable of the session that is AllScope, read-only, typed or validated would replace, keep, change or refuse a value
# of this script. PowerShell's own variables are the same everywhere and may be so. The cmdlets come from PowerShell's own
# list, which holds no function and no alias, and every parameter is given, so that no default of the session applies.
& $ExecutionContext.InvokeCommand.GetCmdlet('Get-Variable') -Scope 0 -Name * -Include * -Exclude @() -ValueOnly:$false |
    & $ExecutionContext.InvokeCommand.GetCmdlet('ForEach-Object') -WhatIf:$false -Confirm:$false -Process {
        if (-not ($_.Name -cmatch '^\w+$' -and [regex]::IsMatch(
                    $PSCmdlet.MyInvocation.MyCommand.ScriptContents,
                    "[`$@](?:\w+:)?$($_.Name)\b", 'IgnoreCase, CultureInvariant'))) { return }
        if ('true', 'false', 'null', 'Error', 'ExecutionContext', 'Host', 'PSVersionTable', 'PSEdition', 'PSCulture',
            'PSUICulture', 'PSHOME', 'PID', 'ShellId', 'IsWindows', 'IsLinux', 'IsMacOS' -ccontains $_.Name -or
            ([int] $_.Options -band 11) -eq 0 -and (
                $_.Attributes.Count -eq 0 -or $PSCmdlet.MyInvocation.MyCommand.Parameters.ContainsKey($_.Name) -or
                $_.Name -cmatch 'Preference$|^PSDefaultParameterValues$')) { return }
        Write-Host (
            "Refused: this session has a variable $($_.Name) that this script cannot have for itself " +
            "($($_.Options)). Open a new window without a profile. Nothing was changed.")
        exit 4
    }
$ErrorActionPreference = 'Stop'
if ([string] $ErrorActionPreference -cne 'Stop') { throw 'The variable ErrorActionPreference keeps another value.' }
$Run = @{}

# The session's default parameter values: the table nearest to the caller. None of them applies from here on.
$given = @{}
for ($scope = 0; $true; $scope++) {
    try {
        $reader = $ExecutionContext.InvokeCommand.GetCmdlet('Get-Variable')
        $table = & $reader -Name 'PSDefaultParameterValues' -Scope $scope -ValueOnly -ErrorAction Stop
    }
    catch [System.Management.Automation.ItemNotFoundException] { continue }
    catch { break }
    if ($table -is [System.Collections.IDictionary]) { $given = $table }
    break
}
$PSDefaultParameterValues = @{}

# A function or alias of the session that hides one of these commands, also under its module-qualified name, would decide
# for this script. Write-Host and Start-Sleep are not among them: a session that logs its screen may replace those.
$cmdlets = 'ForEach-Object', 'Where-Object', 'Select-Object', 'Sort-Object', 'Group-Object', 'New-Object',
    'ConvertTo-Json', 'ConvertFrom-Json', 'Get-Command', 'Get-Module', 'Get-PSCallStack', 'Get-Variable',
    'Get-Item', 'Set-StrictMode', 'Test-Path'
foreach ($key in $cmdlets) {
    if ([string] $ExecutionContext.InvokeCommand.GetCommand($key, 'All').CommandType -cne 'Cmdlet') {
        Write-Host (
            "Refused: $key is shadowed by something of this session. " +
            'Open a new window without a profile. Nothing was changed.')
        exit 4
    }
}

# PowerShell looks for an alias before a function, so an alias with the name of a function of this file, or of a command
# that it calls, would run instead. A function that is AllScope or read-only cannot be replaced by this file's.
$own = New-Object -TypeName 'System.Collections.Generic.HashSet[string]' -ArgumentList (
    [System.StringComparer]::OrdinalIgnoreCase)
foreach ($key in $MyInvocation.MyCommand.ScriptBlock.Ast.EndBlock.Statements) {
    if ($key -is [System.Management.Automation.Language.FunctionDefinitionAst]) { [void] $own.Add($key.Name) }
}
foreach ($key in $cmdlets + @('Write-Host', 'Write-Progress', 'Write-Verbose', 'Start-Sleep')) { [void] $own.Add($key) }
foreach ($key in @($ExecutionContext.InvokeProvider.ChildItem.Get('Alias:', $false)) +
    @($ExecutionContext.InvokeProvider.ChildItem.Get('Function:', $false))) {
    $isInFront = $key -is [System.Management.Automation.AliasInfo] -or [int] $key.Options -band 11
    if (($own.Contains($key.Name) -and $isInFront) -or
        ($key.Name.StartsWith('Microsoft.PowerShell.', 'OrdinalIgnoreCase') -and $key.Name.Contains('\'))) {
        Write-Host (
            "Refused: the $(([string] $key.CommandType).ToLowerInvariant()) $($key.Name) of this session would run " +
            'instead of a command of this script. Open a new window without a profile. Nothing was changed.')
        exit 4
    }
}

# A default of the session for a parameter of this script would look as if it had been typed, and one for -Confirm would
# look like consent. A key holds the name or alias of the script and of the parameter, with wildcards or in quotes. It is
# read at each of its colons and without quotes, so that none is overlooked. Defaults that only make a run more careful
# or more verbose are allowed.

function Test-Wildcard {
    # PowerShell matches such a key by the culture of the session; here it is also matched without one.
    param([string] $Text, [string] $Pattern)
    foreach ($options in 'IgnoreCase', 'IgnoreCase, CultureInvariant') {
        $wildcard = New-Object -TypeName System.Management.Automation.WildcardPattern -ArgumentList $Pattern, $options
        try { if ($wildcard.IsMatch($Text)) { return $true } }
        catch [System.Management.Automation.WildcardPatternException] { return $false }
    }
    $false
}

function Get-DefaultTarget {
    # The parameters of this script that a key of the session's defaults reaches.
    param([string] $Key, $Command, [string[]] $Name)
    $harmless = 'WhatIf', 'Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'InformationAction', 'ProgressAction',
        'OutBuffer'
    $parts = $Key.Split([char[]] ':')
    for ($at = 1; $at -lt $parts.Count; $at++) {
        $meant = ($parts[0..($at - 1)] -join ':') -creplace '[\s\u0022\u0027\u2018-\u201E]'
        $asked = ($parts[$at..($parts.Count - 1)] -join ':') -creplace '[\s\u0022\u0027\u2018-\u201E]'
        if (@($Name | Where-Object -FilterScript { Test-Wildcard $_ $meant }).Count -eq 0) { continue }
        foreach ($parameter in $Command.Parameters.Values) {
            $names = @($parameter.Name) + @($parameter.Aliases)
            $isHit = @($names | Where-Object -FilterScript { Test-Wildcard $_ $asked }).Count -gt 0
            if ($isHit -and $harmless -cnotcontains $parameter.Name) { $parameter.Name }
        }
    }
}

$names = @($MyInvocation.MyCommand.Name, $MyInvocation.MyCommand.Path)
foreach ($key in @($ExecutionContext.InvokeProvider.ChildItem.Get('Alias:', $false))) {
    if ($key.Definition.EndsWith($MyInvocation.MyCommand.Name, 'OrdinalIgnoreCase')) { $names += $key.Name }
}
foreach ($key in @($given.Keys)) { if (([string] $key).Trim() -eq 'Disabled' -and $given[$key]) { $given = @{} } }
foreach ($key in @($given.Keys)) {
    $hits = @(Get-DefaultTarget $key -Command $MyInvocation.MyCommand -Name $names)
    if ($hits.Count -eq 0) { continue }
    Write-Host (
        "Refused: `$PSDefaultParameterValues['$key'] gives this script -$($hits -join ', -'), which nobody typed. " +
        'Open a new window without a profile. Nothing was changed.')
    exit 4
}

# What an operator has set for the session must not change what this script does. Only -Confirm:$false leaves questions
# out.
Set-StrictMode -Version 3.0
if ('Stop', 'Inquire', 'Ignore', 'Break' -contains $InformationPreference) {
    $InformationPreference = 'SilentlyContinue'
}
if ('Stop', 'Inquire', 'Break' -contains $ProgressPreference) { $ProgressPreference = 'SilentlyContinue' }
if ('Stop', 'Inquire', 'Break' -contains $VerbosePreference) { $VerbosePreference = 'Continue' }
if (-not $PSBoundParameters.ContainsKey('Confirm')) { $ConfirmPreference = 'High' }
$OFS = ' '
