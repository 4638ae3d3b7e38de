"""What tests of functions begin with: errors as Exchange gives them, and what a run says, waits for and writes down."""

from __future__ import annotations

from typing import Any

from support.functions import Functions

WITH = """
function With {
    param([scriptblock] $PexgenDo, [hashtable] $PexgenRun = @{}, [hashtable] $PexgenValue = @{})
    $Run, $Value = $Run.Clone(), $Value.Clone()
    foreach ($PexgenKey in $PexgenRun.Keys) { $Run[$PexgenKey] = $PexgenRun[$PexgenKey] }
    foreach ($PexgenKey in $PexgenValue.Keys) { $Value[$PexgenKey] = $PexgenValue[$PexgenKey] }
    & $PexgenDo
}
"""
"""Lines for ``before``: ``With { block } @{ known of the run } @{ described }`` calls a block in such a run."""

FAILURES = r"""
function New-Failure {
    # As the service's own cmdlets give it: the class beside the text, or nowhere.
    param([string] $Text, [string] $Class = '', [string] $Id = '', $As = 'Exception')
    $record = [Management.Automation.ErrorRecord]::new((New-Object -TypeName $As -ArgumentList $Text), $Id, 0, $null)
    if ($Class) { $record.CategoryInfo.Reason = $Class }
    $record
}
function New-RestFailure {
    # As the REST module gives it: the class in the text too.
    param([string] $Class, [string] $Text = 'a text', [string] $Number = 'Ex6F9304')
    $id = '[Server=S1,RequestId=0f1e-2D3c,TimeStamp=Sat, 10 Oct 2026 08:00:00 GMT]'
    New-Failure "$Number|Microsoft.Exchange.Data.$Class|$Text" -Class $Class -Id $id
}
function New-RemoteFailure {
    # As a remote session of Exchange Server gives it: the class in the identifier alone.
    param([string] $Class, [string] $Text = 'a text')
    $id = "[Server=EX01,RequestId=0f1e-2D3c,TimeStamp=1] [FailureCategory=Cmdlet-$Class] 6F9304,Microsoft.Exchange.It"
    New-Failure $Text -Class 'RemoteException' -Id $id
}
"""
"""Functions that make error records, in every shape in which a body meets them."""

RECORDED = r"""
$Recorded = @{}
foreach ($key in 'Said', 'Slept', 'Written') { $Recorded[$key] = [Collections.ArrayList] @() }
function Write-Line { param([string] $Text) [void] $Recorded.Said.Add($Text) }
function Start-Sleep { param($Seconds) [void] $Recorded.Slept.Add($Seconds) }
function Write-JournalEvent { param($Name, $Change, $After) [void] $Recorded.Written.Add("$Name $($Change.Text)") }
function Clear-Recorded { foreach ($list in $Recorded.Values) { $list.Clear() } }
"""
"""Functions that note in ``$Recorded`` what a run would say, wait for and write into its journal."""

ENTRIES = r"""
$Catalogue['door'] = @{ Title = 'Door'; Risk = 'low'; Requires = @() }
$Run.Mode = 'Rollback'
function Door {
    # A snapshot with these values in the order of their names; nothing is one of what is not there.
    param($Of, [string] $Id = 'd')
    if ($null -eq $Of) { return Get-Absent $Id }
    $values = [ordered] @{}
    foreach ($name in @($Of.Keys | Get-Ordered)) { $values[$name] = $Of[$name] }
    Get-Present $Id $values
}
function New-Entry {
    # What a journal says of one write, and what else is known of it.
    param($From, $To, [hashtable] $Marks = @{}, [string] $Id = 'd')
    $entry = Get-Entry @{ before = Door $From $Id; wanted = Door $To $Id; utc = '2026-11-03T08:00:00Z' }
    $entry.Done = $true
    foreach ($key in $Marks.Keys) { $entry[$key] = $Marks[$key] }
    $entry
}
"""
"""The step ``door``, of which a Rollback has entries of journals."""

ENTRY = """
function New-Entry {
    param($Before, $Wanted, [hashtable] $More = @{}, [string] $Key = 'x')
    $sides = @(foreach ($side in @($Before, $Wanted)) {
            if ($null -eq $side) { Get-Absent $Key } else { Get-Present $Key $side }
        })
    $entry = @{
        Before = $sides[0]; Wanted = $sides[1]; Key = $Key; Id = $Key; Guid = ''; Done = $true; Refused = $false
        Undone = $false; Back = @{}; Strange = @{}; Foreign = ''; Names = @($sides[1].properties.Keys)
    }
    foreach ($name in $More.Keys) { $entry[$name] = $More[$name] }
    $entry
}
"""
"""Lines for ``before``: ``New-Entry @{ before } @{ wanted }`` is an entry of a journal, and $null what is not there."""


def outcomes(functions: Functions, *texts: str, before: str = "") -> dict[str, Any]:
    """Return what each text gives: the one value, the list of several or none, or the stop, as ``STATE: DETAIL``."""
    found: dict[str, Any] = {}
    for text, answer in zip(texts, functions.answers(*texts, before=before), strict=True):
        assert "error" not in answer, (text, answer)
        if "stop" in answer:
            found[text] = f"{answer['stop']['state']}: {answer['stop']['detail']}"
        else:
            found[text] = answer["values"][0] if len(answer["values"]) == 1 else answer["values"]
    return found
