# First of all, and in what Constrained Language Mode permits: in it the questions before a change cannot even be asked.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    Write-Host "Refused: this session is in $($ExecutionContext.SessionState.LanguageMode) mode, in which the script cannot ask before it changes something."
    Write-Host 'Have the script signed with a certificate that your policy trusts, or run it where the policy allows it. Nothing was changed.'
    exit 4
}

# What an operator has set for a session must not change what this script does.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$PSDefaultParameterValues = @{}
$OFS = ' '

# Each step's file adds itself here: how it is compared, changed, read back, proved and undone.
$Steps = [ordered]@{}
