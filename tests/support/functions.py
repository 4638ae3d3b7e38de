"""Functions of a runbook's body, called one by one: the runbook up to its main part, and there the lines of a test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from support.migration import NAME
from support.sites import Site, SiteOf

from pexgen.rehearsal import Result

_MAIN = "\ntry {\n    try {\n        Invoke-Guard "
"""Where the main part begins, which a test of functions does not come to."""
_LINES = (
    "\n. ([scriptblock]::Create([IO.File]::ReadAllText([IO.Path]::Combine($PWD.ProviderPath, 'lines.ps1'))))\nreturn\n"
)
_EVERY, _NONE = " -Scope 0 -Name * ", " -Scope 0 -Name PexgenNone* "
"""The look at every variable of the session, a third of the time, finds none: it says nothing of a function."""
_ONE = """
try {{ @{{ values = @({text}) }} }}
catch {{
    $stop = Get-StopOf $_
    if ($stop) {{ @{{ stop = @{{ state = $stop.State; detail = $stop.Detail; guard = $stop.Guard }} }} }}
    else {{ @{{ error = [string] $_ }} }}
}}
"""


@dataclass
class Functions:
    """Calls functions of a body as its main part does: tables, values and ``$Run`` are those of a run that begins.

    ``result`` is the newest run in which they were called.
    """

    site: Site
    folder: Path
    result: Result | None = field(default=None, init=False)
    _count: Iterator[int] = field(default_factory=itertools.count)

    def answers(self, *texts: str, before: str = "", **arguments: Any) -> list[dict[str, Any]]:
        """Return for each text of PowerShell what came of it: its ``values``, the ``stop`` or the ``error``.

        All run one after the other in one run, behind the lines ``before``; the run is given these arguments.
        """
        (place := self.folder / f"call{next(self._count)}").mkdir()
        (place / "lines.ps1").write_text("\n".join([before, *(_ONE.format(text=text) for text in texts)]), "utf-8-sig")
        self.result = result = self.site.engine.play(self.site.runbook, self.site.tenant, arguments, folder=place)
        assert result.uncaught is None, result.uncaught
        assert len(result.objects) == len(texts), result.screen
        return result.objects

    def values(self, *texts: str, before: str = "", **arguments: Any) -> dict[str, Any]:
        """Return what each text gives: the one value, or the list of several or none."""
        found = {}
        for text, answer in zip(texts, self.answers(*texts, before=before, **arguments), strict=True):
            assert "values" in answer, (text, answer)
            found[text] = answer["values"][0] if len(answer["values"]) == 1 else answer["values"]
        return found

    def stop(self, text: str, before: str = "") -> dict[str, str]:
        """Return the stop with which this ends: its ``state``, its ``detail`` and, of a refusal, its ``guard``."""
        (answer,) = self.answers(text, before=before)
        assert "stop" in answer, (text, answer)
        found: dict[str, str] = answer["stop"]
        return found

    def stops(self, parts: Mapping[str, str], before: str = "", *, ends: str = "") -> dict[str, str]:
        """Return for each text the part that its stop was to say, the whole of a stop that says something else.

        Empty is what ends without a stop. All stops have to end so: in this state and, of a refusal, at this guard.
        """
        found = {}
        for (text, part), answer in zip(parts.items(), self.answers(*parts, before=before), strict=True):
            assert "error" not in answer, (text, answer)
            stop = answer.get("stop", {"detail": "", "state": "", "guard": ""})
            assert not stop["state"] or f"{stop['state']} {stop['guard']}".strip() == ends, (text, stop)
            found[text] = part if part and part in stop["detail"] else stop["detail"]
        return found


def part(found: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was found for the texts of one table, where the tables of a module are called in one run."""
    return {text: found[text] for text in table}


def functions_of(site: Site, folder: Path) -> Functions:
    """Return the functions of a site's runbook; the file that is cut off lies in this folder."""
    text = site.runbook.read_text("utf-8-sig")
    assert (text.count(_MAIN), text.count(_EVERY)) == (1, 1)
    runbook = folder / site.runbook.name
    runbook.write_text(text.replace(_MAIN, _LINES + _MAIN).replace(_EVERY, _NONE), "utf-8-sig")
    return Functions(replace(site, runbook=runbook), folder)


@pytest.fixture(scope="session")
def functions(site: SiteOf, tmp_path_factory: pytest.TempPathFactory) -> Functions:
    """Functions of the body of app permissions."""
    return functions_of(site(), tmp_path_factory.mktemp("functions"))


@pytest.fixture(scope="session")
def server_functions(sample: SiteOf, tmp_path_factory: pytest.TempPathFactory) -> Functions:
    """Functions of the body for Exchange Server."""
    return functions_of(sample("service-account-server"), tmp_path_factory.mktemp("functions"))


@pytest.fixture(scope="session")
def migrate_functions(sample: SiteOf, tmp_path_factory: pytest.TempPathFactory) -> Functions:
    """Functions of the body of the migration."""
    return functions_of(sample(NAME), tmp_path_factory.mktemp("functions"))
