# Discovery: what every find function uses. Everything here reads; nothing of this script writes to Exchange.

$Run += @{
    # What the shared guards ask about a run: this one compares and changes nothing.
    Mode = 'Check'; Selected = @($Catalogue.Keys); Seen = Get-Table
    Tenant = $null; ConnectionUri = $null; Operator = ''; OwnRights = $false; ModuleVersion = $null; ServerDomains = @()
    # What is found: a list for each thing that is looked for, null where it could not be read.
    Found = [ordered]@{}; Unreadable = @(); CutOff = @(); Refusal = $null; ExitCode = 1
}

# The guard for missing cmdlets knows what a step reads; here that is everything that it calls.
foreach ($key in @($Catalogue.Keys)) { $Steps[$key] = @{ Reads = @($Catalogue[$key].Cmdlets.Keys) } }

function Test-Described {
    param([string] $Id)
    $Run.Selected -ccontains $Id
}

function Get-ProvedFirst {
    # No mode of this script proves anything.
    @()
}

function Add-Read {
    # Everything that a read answers becomes one list; what could not be read stays null and is recorded with its error.
    param([System.Collections.IDictionary] $Record, [string] $Key, [scriptblock] $Reading)
    $Record[$Key] = $null
    try { $Record[$Key] = @(& $Reading) }
    catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        $Run.Unreadable += [ordered]@{ subject = $Key; error = $stop.Detail; requestId = Get-Filled $stop.RequestId }
    }
}

function Get-Bounded {
    # One more than the bound was asked for, so that a list that is cut off says so.
    param([object[]] $Rows, [string] $Subject)
    if ($Rows.Count -gt $Run.MaximumMailboxes) { $Run.CutOff += $Subject }
    $Rows | Select-Object -First $Run.MaximumMailboxes
}
