# First of all, and in what Constrained Language Mode permits: in it the questions before a change cannot even be asked.
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

# Dot-sourced it would leave its settings and functions in the session; an exit would close the window instead.
if ($MyInvocation.InvocationName -eq '.') { throw 'Refused: run this by its path, without the dot. Nothing was changed.' }

# A function or alias of the session in front of a command that this script thinks with would think for it.
foreach ($key in 'ForEach-Object', 'Where-Object', 'Select-Object', 'Sort-Object', 'Group-Object', 'New-Object',
    'ConvertTo-Json', 'ConvertFrom-Json') {
    if ([string] (Microsoft.PowerShell.Core\Get-Command -Name $key -ErrorAction Ignore).CommandType -ne 'Cmdlet') {
        Write-Host (
            "Refused: $key is shadowed by something of this session. " +
            'Open a new window without a profile. Nothing was changed.')
        exit 4
    }
}

# An alias comes before a function: one of the name of a function of this file, or of what it calls, would take its
# place.
$names = @($MyInvocation.MyCommand.ScriptBlock.Ast.EndBlock.Statements |
        Where-Object -FilterScript { $_ -is [System.Management.Automation.Language.FunctionDefinitionAst] } |
        ForEach-Object -Process { $_.Name }) +
    @('Set-StrictMode', 'Test-Path', 'Write-Host', 'Write-Progress')
foreach ($key in @($ExecutionContext.SessionState.InvokeProvider.ChildItem.Get('Alias:', $false))) {
    if ($names -contains $key.Name) {
        Write-Host (
            "Refused: the alias $($key.Name) of this session would stand in for a command of this script. " +
            'Open a new window without a profile. Nothing was changed.')
        exit 4
    }
}

# A default of the session for this script's parameters would be taken for what was typed, and one for -Confirm for
# consent.
$common = 'WhatIf', 'Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'InformationAction', 'ProgressAction',
    'ErrorVariable', 'WarningVariable', 'InformationVariable', 'OutVariable', 'OutBuffer', 'PipelineVariable'
foreach ($key in @($PSDefaultParameterValues.Keys)) {
    $parts = ([string] $key).Split([char[]] ':')
    $names = @($MyInvocation.MyCommand.Parameters.Keys |
            Where-Object -FilterScript { $common -notcontains $_ -and $_ -like $parts[-1].Trim() })
    $isMeant = @($MyInvocation.MyCommand.Name, $MyInvocation.MyCommand.Path | Where-Object -FilterScript {
            $_ -like ($parts[0..([Math]::Max(0, $parts.Count - 2))] -join ':').Trim() }).Count -gt 0
    $isOff = $parts.Count -lt 2 -or $PSDefaultParameterValues['Disabled']
    if ($isOff -or $names.Count -eq 0 -or -not $isMeant) { continue }
    Write-Host (
        "Refused: `$PSDefaultParameterValues['$key'] gives this script -$($names -join ', -'), which nobody typed. " +
        'Open a new window without a profile. Nothing was changed.')
    exit 4
}

# What an operator has set for a session must not change what this script does; asking is left out by -Confirm:$false
# alone.
Set-StrictMode -Version 3.0
if ('Stop', 'Inquire', 'Ignore' -contains $InformationPreference) { $InformationPreference = 'SilentlyContinue' }
if ('Stop', 'Inquire' -contains $ProgressPreference) { $ProgressPreference = 'SilentlyContinue' }
if (-not $PSBoundParameters.ContainsKey('Confirm')) { $ConfirmPreference = 'High' }
$ErrorActionPreference = 'Stop'
$PSDefaultParameterValues = @{}
$OFS = ' '

# From powershell.exe -File a list comes as one text, and nobody keeps an operator from giving $null.
foreach ($key in @($Value.Keys)) {
    $type = $MyInvocation.MyCommand.Parameters[$key].ParameterType
    if ($type -eq [string[]]) {
        $Value[$key] = @($Value[$key] | ForEach-Object -Process { ([string] $_).Split([char] ',') } |
                ForEach-Object -Process { $_.Trim() } | Where-Object -FilterScript { $_ })
    } elseif ($type -eq [hashtable[]]) {
        $Value[$key] = @($Value[$key] | Where-Object -FilterScript { $null -ne $_ })
    } elseif ($type -eq [hashtable] -and $null -eq $Value[$key]) {
        $Value[$key] = @{}
    }
}

# Each step's file adds itself here: how it is compared, changed, read back, proved and undone.
$Steps = [ordered]@{}
