"""A runbook called by another script, which makes the surroundings in which the call is made."""

from __future__ import annotations

from dataclasses import replace

from support.sites import Site

_PARAMETERS = (
    "param($Mode, $Confirm, $JournalPath, $ResultPath, $RemoveCreatedMailbox, $Step, [switch] $PassThru, $LogPath)"
)


def wrapped(site: Site, name: str, before: str, call: str = "& $Runbook @Given") -> Site:
    """Return the site with a script in the runbook's place that does ``before`` and calls it as ``call`` says.

    Unlike a prelude, what ``before`` sets for the thread holds for the call too.
    """
    wrapper = site.runbook.with_name(f"{name}.ps1")
    runbook = str(site.runbook).replace("'", "''")
    start = f"{_PARAMETERS}\n$Given, $Runbook = $PSBoundParameters, '{runbook}'"
    text = f"{start}\n{before}\n{call}\nexit $LASTEXITCODE\n"
    wrapper.write_text(text, "utf-8-sig")
    return replace(site, runbook=wrapper)
