<#
.SYNOPSIS
    Opens a session on the simulated tenant for a person, who leaves it with `exit`. ASCII: Windows PowerShell reads it so.
#>
[CmdletBinding()]
param([Parameter(Mandatory)] [string] $RequestPath)

. (Join-Path $PSScriptRoot 'session.ps1')

$request = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($RequestPath))
Set-Surrounding $request
. ([scriptblock]::Create($session)) $request ([Collections.Generic.List[double]]::new())

function global:prompt { "[rehearsal] PS $($ExecutionContext.SessionState.Path.CurrentLocation)$('>' * ($NestedPromptLevel + 1)) " }

# What would get at a gallery: the module that a runbook needs is there.
foreach ($name in 'Install-Module', 'Update-Module', 'Install-PSResource', 'Update-PSResource') {
    Set-Item -LiteralPath "function:global:$name" -Value { 'Nothing is installed in a rehearsal: the simulated module is there.' }
}

# Windows marks what came by mail or browser; elsewhere the cmdlet is an error, and a page names it.
if ($IsLinux) { function global:Unblock-File { 'Nothing to unblock: no file is marked on this system.' } }

if ($request.module.EndsWith('.ps1', [StringComparison]::OrdinalIgnoreCase)) {
    # Runbooks only read groups of Exchange Server, so the simulation has no cmdlet for what a person does there by hand.
    function global:Add-DistributionGroupMember {
        [CmdletBinding()]
        param([Parameter(Mandatory)] [string] $Identity, [Parameter(Mandatory)] [string] $Member)
        & (Get-Module 'tmp_pexgen00.srv') {
            param($Identity, $Member)
            $lock = Lock-Tenant
            try {
                $script:Tenant = Read-Tenant
                $group, $new = (Get-OneRecipient $Identity $script:Groups), (Get-OneRecipient $Member)
                $members = @(@(Get-Field $group 'members' @()) + $new.Guid | Select-Object -Unique)
                Set-Field $group 'members' $members
                Save-Tenant $script:Tenant
            } finally { $lock.Dispose() }
        } $Identity $Member
    }
}

# What is typed here is not for the history of this machine's other windows.
if (Get-Module -Name 'PSReadLine') { Set-PSReadLineOption -HistorySaveStyle SaveNothing }

[IO.File]::WriteAllText($request.ready, '')
Remove-Item -LiteralPath 'function:ConvertTo-Argument', 'function:Set-Surrounding'
Remove-Variable -Name request, session, name, RequestPath, PexgenRequest, PexgenWaits -ErrorAction Ignore
