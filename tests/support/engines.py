"""Engines for what plays thousands of runs: the same PowerShell, without what costs time and changes no run."""

from __future__ import annotations

import os
from pathlib import Path

from pexgen.rehearsal import Engine
from pexgen.simulation.objects import Json

NEVER = 24 * 3600.0
"""Seconds that no run takes on any machine: a limit that a busy one reaches proves nothing."""

_HERE = Path(__file__).resolve().parent
_SHARING = _HERE / "share-compiled.ps1"
# Beside Windows PowerShell 7 tells the system's log of the begin and end of each command: an eighth of a run's time.
_QUIET = _HERE / "powershell.config.json"


class OneProcess(Engine):
    """An engine whose runs that ask share the process of those that do not: another one compiles all anew."""

    def _ask(self, request: Json, *, asks: bool = False) -> Json | None:
        return super()._ask(request, asks=True)


def quick_engine(executable: str, *, lasts: bool = True) -> Engine:
    """Return an engine that waits for each run for as long as it takes; one that does not last plays a few dozen."""
    options = () if os.name == "nt" else ("-SettingsFile", str(_QUIET))
    return OneProcess(executable, timeout=NEVER, options=options, lasts=lasts, with_script=_SHARING)
