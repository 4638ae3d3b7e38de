@{
    RootModule        = 'ExchangeOnlineManagement.psm1'
    ModuleVersion     = '3.9.2'
    GUID              = '3a1f6a3e-5d0c-4c52-9b1e-5d5f7f4d9b10'
    Author            = 'pexgen'
    Description       = 'The simulated Exchange Online of pexgen rehearse. It reaches no tenant.'
    PowerShellVersion = '5.1'
    FunctionsToExport = @('Connect-ExchangeOnline', 'Disconnect-ExchangeOnline', 'Get-ConnectionInformation')
    CmdletsToExport   = @()
    AliasesToExport   = @()
    VariablesToExport = @()
}
