# What both ways of playing a run share: how arguments are read, and what is in the session before the runbook.

# A rehearsal finds the simulated module and PowerShell's own, and no other.
$env:PSModulePath = Join-Path $PSHOME 'Modules'

function ConvertTo-Argument {
    <# Returns a JSON value as the parameter value that it stands for; {"secure": text} is a SecureString. Text comes with a
       mark in front, which keeps ConvertFrom-Json from making a date of it. #>
    param($Value)
    if ($Value -is [string]) { return $Value.Substring(1) }
    if ($Value -is [Management.Automation.PSCustomObject]) {
        $table = @{}
        foreach ($property in $Value.PSObject.Properties) { $table[$property.Name] = ConvertTo-Argument $property.Value }
        if ($table.Count -eq 1 -and $table.ContainsKey('secure')) {
            $secret = [securestring]::new()
            foreach ($character in $table['secure'].ToCharArray()) { $secret.AppendChar($character) }
            return $secret
        }
        return $table
    }
    if ($Value -is [array]) {
        $list = foreach ($entry in $Value) { , (ConvertTo-Argument $entry) }
        return , @($list)
    }
    return $Value
}

function Set-Surrounding {
    <# Puts into the environment what the simulated module reads there, for the run that is about to begin. #>
    param($Request)
    foreach ($name in 'TENANT', 'LOG', 'FAULTS', 'SESSION', 'OPENED') {
        $value = $Request.environment.PSObject.Properties["PEXGEN_$name"]
        [Environment]::SetEnvironmentVariable("PEXGEN_$name", $(if ($value) { $value.Value } else { $null }))
    }
    [Environment]::CurrentDirectory = $Request.folder
}

# Runs in the run's own runspace, in its global scope, as an administrator's console does.
$session = @'
param($PexgenRequest, $PexgenWaits)
$global:LASTEXITCODE = $null
Set-Location -LiteralPath $PexgenRequest.folder
if ($PexgenRequest.module -like '*.ps1') {
    & $PexgenRequest.module
} else {
    Import-Module $PexgenRequest.module -Force
    & (Get-Module ExchangeOnlineManagement) { if (@((Read-Tenant).session.connections).Count) { Import-CmdletModule } }
}
# The ways in which a console on an Exchange server gets at the real one.
foreach ($PexgenWay in 'Add-PSSnapin', 'New-PSSession', 'Import-PSSession', 'Enter-PSSession', 'Connect-PSSession') {
    Set-Item -LiteralPath "function:global:$PexgenWay" -Value { throw 'A rehearsal opens no session but its own.' }
}
Remove-Variable -Name PexgenWay
# A rehearsal does not wait: what would be waited for is written down.
${function:global:Start-Sleep} = {
    param([double] $Seconds = 0, [int] $Milliseconds = 0)
    $PexgenWaits.Add($Seconds + $Milliseconds / 1000.0)
}.GetNewClosure()
'@
