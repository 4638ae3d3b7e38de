# The session of an Exchange Management Shell that is connected to the simulated organization: its cmdlets are functions of
# a temporary module, as implicit remoting makes it. What both Exchanges share comes from the simulated Exchange Online.

$module = New-Module -Name 'tmp_pexgen00.srv' -ArgumentList $PSScriptRoot -ScriptBlock {
    param([string] $Server)
    $script:Simulation = Join-Path (Split-Path -Parent $Server) 'ExchangeOnlineManagement'
    $shared = 'core', 'cmdlets' | ForEach-Object { Join-Path $script:Simulation $_ }
    foreach ($folder in @($shared) + (Join-Path $Server 'cmdlets')) {
        foreach ($part in Get-ChildItem -LiteralPath $folder -Filter '*.ps1' | Sort-Object -Property Name) {
            if ($part.Name -ne 'connection.ps1') { . $part.FullName }
        }
    }
    $script:Tenant = Read-Tenant
    $script:Edition = $script:Tenant.version
    $script:Faults = @(Read-Faults)
    $hidden = @(Get-Field $script:Tenant.operator 'hidden' @())
    $names = @(if (@($script:Tenant.session.connections).Count) { Get-CmdletName -Without $hidden })
    if ($names) { . ([scriptblock]::Create((Get-StubText -Name $names -Hidden $hidden))) }
    Export-ModuleMember -Function $names
}
Import-Module $module -Global
