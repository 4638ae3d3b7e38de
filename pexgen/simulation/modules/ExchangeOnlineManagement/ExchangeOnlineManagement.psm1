# The part of the simulated module that is there before a connection: connecting itself. Everything else is exported by
# a temporary module that Connect-ExchangeOnline makes, as in the real one.
$script:Simulation = $PSScriptRoot

foreach ($part in 'core/state.ps1', 'core/values.ps1', 'core/errors.ps1', 'core/stubs.ps1', 'core/connection.ps1') {
    . (Join-Path $PSScriptRoot $part)
}

. ([scriptblock]::Create((Get-StubText -Name 'Connect-ExchangeOnline', 'Disconnect-ExchangeOnline', 'Get-ConnectionInformation')))
