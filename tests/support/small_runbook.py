"""A runbook that is played in a second even by a PowerShell that has just been started."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.simulated import VALUES

# The smallest thing that behaves like a runbook: one value, a journal, the four modes and their exit codes.
RUNBOOK = """
[CmdletBinding()]
param(
    [string] $Mode = 'Check', [string[]] $JournalPath, [switch] $RemoveCreatedMailbox, [switch] $AcceptUnreviewed,
    [bool] $Confirm = $true, {parameters}
)
$PexgenReview = 'reviewed'
$Method = 'app-permissions'
$Platform = 'exchange-online'
$mailbox = 'anna@contoso.com'
$now = (Get-CASMailbox -Identity $mailbox -ErrorAction Stop).EwsEnabled
switch ($Mode) {{
    'Apply' {{
        if ($now) {{
            Set-Content -LiteralPath $JournalPath[0] -Value 'changed'
            try {{ Set-CASMailbox -Identity $mailbox -EwsEnabled $false -ErrorAction Stop }} catch {{ exit 3 }}
        }}
    }}
    'Rollback' {{ if (Test-Path $JournalPath[0]) {{ Set-CASMailbox -Identity $mailbox -EwsEnabled {undone} }} }}
}}
$code = if (-not $now) {{ 0 }} else {{ @{{ Check = 2; Verify = 5; Apply = 0; Rollback = 0 }}[$Mode] }}
[pscustomobject]@{{ id = 'one-step'; state = if ($code) {{ 'different' }} else {{ 'in-place' }} }}
exit $code
"""


def small_runbook(folder: Path, undone: str = "$true") -> str:
    """Write the small runbook and return its path."""

    def literal(value: Any) -> str:
        if isinstance(value, bool):
            return f"${str(value).lower()}"
        return f"@({', '.join(map(literal, value))})" if isinstance(value, list) else f"'{value}'"

    parameters = ", ".join(f"${name} = {literal(value)}" for name, value in VALUES.items())
    path = folder / "small.ps1"
    path.write_text(RUNBOOK.format(parameters=parameters, undone=undone), encoding="utf-8-sig")
    return str(path)
