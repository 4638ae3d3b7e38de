<#
.SYNOPSIS
    Runs PSScriptAnalyzer's default rules, and PSUseCompatibleSyntax for Windows PowerShell 5.1 and PowerShell 7.4, over
    scripts; ends with 0 without a finding, 1 with any, 3 where the module is not installed.
#>
[CmdletBinding()]
param([Parameter(Mandatory, ValueFromRemainingArguments)] [string[]] $Path)

$ErrorActionPreference = 'Stop'
$module = Get-Module -ListAvailable -Name PSScriptAnalyzer | Sort-Object -Property Version | Select-Object -Last 1
if (-not $module) { exit 3 }
Import-Module -ModuleInfo $module
$settings = @{
    IncludeDefaultRules = $true
    Rules = @{ PSUseCompatibleSyntax = @{ Enable = $true; TargetVersions = @('5.1', '7.4') } }
}
Write-Output "PSScriptAnalyzer $($module.Version), PowerShell $($PSVersionTable.PSVersion)"
$found = @(foreach ($file in $Path) { Invoke-ScriptAnalyzer -Path $file -Settings $settings })
foreach ($one in $found) { Write-Output "$($one.ScriptPath):$($one.Line): $($one.Severity) $($one.RuleName): $($one.Message)" }
Write-Output "$($found.Count) findings in $($Path.Count) files"
exit [int] ($found.Count -gt 0)
