"""A PowerShell process that plays many runs, each with its own tenant, faults and session."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from pexgen.literals import unescaped
from pexgen.rehearsal.process import MARK, EngineProcess, surroundings
from pexgen.rehearsal.records import EngineError, Json, NoEngineError, Result, RunbookError, read_result

HERE = Path(__file__).resolve().parent
MODULE = HERE / "modules" / "ExchangeOnlineManagement"
MAX_FROZEN = 50
"""How many runs may stand still in one process: each keeps its memory."""
SERVER = HERE / "modules" / "ExchangeServer" / "connect.ps1"


def find_engine() -> str:
    """Return the PowerShell to use: ``PEXGEN_PWSH``, else ``pwsh``, else ``powershell`` on PATH.

    Raises NoEngineError where there is none.
    """
    named = os.environ.get("PEXGEN_PWSH")
    for candidate in [named] if named else ["pwsh", "powershell"]:
        found = shutil.which(candidate)
        if found:
            return found
    asked = f"PEXGEN_PWSH names '{named}', which cannot be run. " if named else ""
    raise NoEngineError(
        f"{asked}A rehearsal needs PowerShell 7 (pwsh) or Windows PowerShell 5.1 on PATH; "
        "https://aka.ms/powershell says how to install it."
    )


@dataclass
class Engine:
    """Plays runs in one process, which is started at the first run.

    A run that is to be killed has a process of its own: one that has played a few runs is several times as fast as a
    new one. ``timeout`` is the number of seconds that one run may take.
    """

    executable: str | Path
    timeout: float = 120.0
    _process: EngineProcess | None = field(default=None, init=False, repr=False)
    _runs: int = field(default=0, init=False, repr=False)
    _frozen: int = field(default=0, init=False, repr=False)

    def __enter__(self) -> Engine:  # noqa: PYI034 - Self came with Python 3.11
        self._work = tempfile.TemporaryDirectory(prefix="pexgen-rehearsal-", ignore_cleanup_errors=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.stop()
        self._work.cleanup()

    def play(  # noqa: PLR0913 - a run has this many circumstances, and each has a name
        self,
        runbook: Path,
        tenant: Json | Path,
        arguments: Mapping[str, Any] | None = None,
        *,
        faults: Sequence[Json] = (),
        prelude: str = "",
        folder: Path | None = None,
        module_version: str = "",
        in_place: bool = False,
        answers: Sequence[str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Result:
        """Call the runbook by its path in a session connected to the tenant, and return what came of it.

        A tenant whose ``platform`` is ``exchange-server`` is met in an Exchange Management Shell.

        The tenant is copied first, unless it is a file and ``in_place``: then others may use it at the same time.
        ``prelude`` is PowerShell text that runs in the session before the runbook; ``answers`` are typed at
        confirmation prompts, in an interactive process of the run's own; ``environment`` is for such a process alone.
        Raises EngineError where the engine gives no answer.
        """
        self._runs += 1
        place = Path(self._work.name) / f"run{self._runs}"
        place.mkdir()
        folder = folder or place / "folder"
        folder.mkdir(exist_ok=True)
        state = _state(tenant, place, in_place=in_place)
        log = place / "calls.jsonl"
        request = {
            "runbook": str(Path(runbook).resolve()),
            "arguments": _marked({**_asking_for_objects(runbook), **(arguments or {})}),
            "prelude": prelude,
            "folder": str(folder),
            "freezes": any(str(fault["kind"]).startswith("freeze-") for fault in faults),
            "module": str(SERVER if _is_server(state) else _module(place, module_version)),
            "environment": {
                "PEXGEN_TENANT": str(state),
                "PEXGEN_LOG": str(log),
                "PEXGEN_FAULTS": json.dumps(list(faults)) if faults else "",
            },
        }
        if answers is None:
            answer = self._ask_once(request) if _kills(faults) else self._ask(request)
        else:
            answer = self._ask_interactively(request, place, answers, environment or {})
        if answer is not None and "defect" in answer:
            raise EngineError(f"The run could not be played: {answer['defect']}")
        return read_result(answer, state, log, folder)

    def defaults(self, runbook: Path) -> Json:
        """Return the default values of a runbook's parameters, read from its syntax tree without running it.

        Raises RunbookError where the file cannot be read as PowerShell.
        """
        answer = self._ask({"defaults": str(Path(runbook).resolve())})
        if answer is None or "problem" in answer:
            raise RunbookError(f"{runbook} cannot be read: {(answer or {}).get('problem', 'the engine ended')}")
        found: Json = json.loads(answer["defaults"])
        return {name: unescaped(value) for name, value in found.items()}

    def _ask(self, request: Json) -> Json | None:
        """Return the answer to a request; None where the process was killed over it."""
        process, self._process = self._process or self._start(), None
        answer = _answer(process, request, self.timeout)
        if answer is not None and "frozen" in answer:
            self._frozen += 1
            answer = None
            if self._frozen % MAX_FROZEN == 0:
                process.stop()
                return None
        elif answer is None:
            return None
        self._process = process
        return answer

    def _ask_once(self, request: Json) -> Json | None:
        """Return the answer of a process that is started for this request alone; None where it was killed over it."""
        process = self._start()
        try:
            return _answer(process, request, self.timeout)
        finally:
            process.stop()

    def _start(self) -> EngineProcess:
        return EngineProcess([*self._command(), "-NonInteractive", "-File", str(HERE / "play.ps1"), "-Mark", MARK])

    def _command(self) -> list[str]:
        return [str(self.executable), "-NoProfile"]

    def _ask_interactively(
        self, request: Json, place: Path, answers: Sequence[str], environment: Mapping[str, str]
    ) -> Json | None:
        """Play one run in a process that reads its answers from standard input."""
        path, written = place / "request.json", place / "answer.json"
        path.write_text(json.dumps(request), encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - the engine that find_engine or the caller chose
            [*self._command(), "-File", str(HERE / "play-interactive.ps1"), str(path), str(written)],
            input="".join(f"{answer}\n" for answer in answers),
            capture_output=True,
            encoding="utf-8",
            timeout=self.timeout,
            check=False,
            env={**surroundings(), **request["environment"], **environment},
        )
        if not written.exists():
            return None
        answer: Json = json.loads(written.read_text("utf-8-sig"))
        answer["screen"] = [done.stdout + done.stderr]
        return answer


def _answer(process: EngineProcess, request: Json, timeout: float) -> Json | None:
    """Return what the process answers to a request; None where it ended over it."""
    text = process.ask(json.dumps(request), timeout)
    answer: Json | None = None if text is None else json.loads(text)
    return answer


def _asking_for_objects(runbook: Path) -> Json:
    """Return the argument with which a runbook gives its steps as objects; earlier ones and others have none."""
    return {"PassThru": True} if b"[switch] $PassThru," in runbook.read_bytes() else {}


def _kills(faults: Sequence[Json]) -> bool:
    """Whether a fault may end the process; a run that does not get as far as that call is answered all the same."""
    return any(str(fault["kind"]).startswith("kill-") for fault in faults)


def _state(tenant: Json | Path, place: Path, *, in_place: bool) -> Path:
    """Return the tenant's file: a copy, unless the file itself is to be used."""
    if in_place and isinstance(tenant, Path):
        return tenant
    state = place / "tenant.json"
    text = tenant.read_text("utf-8") if isinstance(tenant, Path) else json.dumps(tenant)
    state.write_text(text, encoding="utf-8")
    return state


def _is_server(state: Path) -> bool:
    """Whether the simulated Exchange of this file is Exchange Server."""
    return bool(json.loads(state.read_text("utf-8-sig")).get("platform") == "exchange-server")


def _marked(value: Any) -> Any:
    """Return a value with a mark before each text in it: ConvertFrom-Json would make dates of some."""
    if isinstance(value, str):
        return f"\ue000{value}"
    if isinstance(value, Mapping):
        return {key: _marked(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_marked(inner) for inner in value]
    return value


def _module(place: Path, version: str) -> Path:
    """Return the module's manifest; one that says another version is a copy."""
    if not version:
        return MODULE / "ExchangeOnlineManagement.psd1"
    copy = place / "modules" / MODULE.name
    shutil.copytree(MODULE, copy)
    shutil.copy(HERE / "signatures.json", place / "signatures.json")
    manifest = copy / "ExchangeOnlineManagement.psd1"
    text = manifest.read_text("utf-8")
    manifest.write_text(text.replace("'3.9.2'", f"'{version}'"), encoding="utf-8")
    return manifest
