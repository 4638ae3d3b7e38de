"""A PowerShell process that plays many runs, each with its own tenant, faults and session."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from pexgen.errors import DefectError
from pexgen.literals import unescaped
from pexgen.rehearsal.failures import EngineEndedError
from pexgen.rehearsal.process import EngineProcess, Wait, wait_for_line
from pexgen.rehearsal.runs import EngineError, NoEngineError, Result, RunbookError, collect_result, was_killed
from pexgen.simulation import FOLDER, MANIFEST, MODULE, SERVER_SHELL, server
from pexgen.simulation.objects import Json
from pexgen.timeouts import RUN_TIMEOUT

HERE = Path(__file__).resolve().parent
_MODULE_VERSION = re.compile(r"^(\s*ModuleVersion\s*=\s*)'[^']*'", re.MULTILINE)
MAX_FROZEN = 12
"""How many runs may stand still in one process: each keeps its memory, and its stack is looked through for garbage."""


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
    """Plays runs in one PowerShell process, started at the first run; runs that ask questions have another one.

    A run that is to be killed has a process of its own: one that has played a few runs is several times as fast as a
    new one. ``timeout`` is the number of seconds that one run may take; ``wait`` is how it is waited for; ``options``
    are further ones of the program; one that ``lasts`` plays dozens of runs; ``with_script`` is dot-sourced by play.ps1
    and may play a request otherwise; ``log`` is the file to which the newest run adds a line for each call.
    """

    executable: str | Path
    timeout: float = RUN_TIMEOUT
    options: Sequence[str] = ()
    wait: Wait = wait_for_line
    lasts: bool = False
    with_script: Path | None = None
    log: Path | None = field(default=None, init=False)
    _processes: dict[bool, EngineProcess] = field(default_factory=dict, init=False, repr=False)
    _runs: int = field(default=0, init=False, repr=False)
    _frozen: int = field(default=0, init=False, repr=False)

    def __enter__(self) -> Engine:  # noqa: PYI034 - Self came with Python 3.11
        self._work = tempfile.TemporaryDirectory(prefix="pexgen-rehearsal-", ignore_cleanup_errors=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.stop()
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
    ) -> Result:
        """Call the runbook by its path in a session connected to the tenant, and return what came of it.

        A tenant whose ``platform`` is ``exchange-server`` is met in an Exchange Management Shell.

        The tenant is copied first, unless it is a file and ``in_place``: then others may use it at the same time.
        ``prelude`` is PowerShell text that runs in the session before the runbook; ``answers`` are typed at
        confirmation prompts, in a process in which PowerShell asks.
        Raises EngineError where the engine gives no answer, unless a planned fault killed it.
        """
        self._runs += 1
        place = Path(self._work.name) / f"run{self._runs}"
        place.mkdir()
        folder = folder or place / "folder"
        folder.mkdir(exist_ok=True)
        state = _state(tenant, place, in_place=in_place)
        self.log = log = place / "calls.jsonl"
        request = {
            "runbook": name_for_engine(Path(runbook).resolve()),
            "arguments": _marked({**_asking_for_objects(runbook), **(arguments or {})}),
            "prelude": prelude,
            "folder": name_for_engine(folder),
            "answers": None if answers is None else _marked("".join(f"{answer}\n" for answer in answers)),
            "freezes": any(str(fault["kind"]).startswith("freeze-") for fault in faults),
            "module": name_for_engine(SERVER_SHELL if _is_server(state) else _module(place, module_version)),
            "environment": {
                "PEXGEN_TENANT": name_for_engine(state),
                "PEXGEN_LOG": name_for_engine(log),
                "PEXGEN_FAULTS": json.dumps(list(faults)) if faults else "",
            },
        }
        answer: Json | None
        try:
            answer = self._ask_once(request) if _kills(faults) else self._ask(request, asks=answers is not None)
        except EngineEndedError:
            if not was_killed(log):
                raise
            answer = None
        if answer is not None and "defect" in answer:
            raise EngineError(f"The run could not be played: {answer['defect']}")
        return collect_result(answer, state, log, folder)

    def defaults(self, runbook: Path) -> Json:
        """Return the default values of a runbook's parameters, read from its syntax tree without running it.

        Raises RunbookError where the file cannot be read as PowerShell.
        """
        answer = self._ask({"defaults": name_for_engine(Path(runbook).resolve())}) or {}
        if "defaults" not in answer:
            raise RunbookError(f"{runbook} cannot be read: {answer.get('problem') or answer.get('defect')}")
        found: Json = json.loads(answer["defaults"])
        return {name: unescaped(value) for name, value in found.items()}

    def _ask(self, request: Json, *, asks: bool = False) -> Json | None:
        """Return the answer to a request; None where the run stopped for good over it.

        A run that ``asks`` is played by the process that can; in the other one a question ends a run.
        """
        process = self._processes.pop(asks, None) or self._start(lasts=self.lasts, asks=asks)
        try:
            answer = _answer(process, request, self.timeout)
        except BaseException:
            # Whoever ends pexgen ends the engine with it, which a terminal's Ctrl-C does not reach.
            process.stop()
            raise
        if "frozen" in answer:
            self._frozen += 1
            if self._frozen % MAX_FROZEN == 0:
                process.stop()
                return None
        self._processes[asks] = process
        return None if "frozen" in answer else answer

    def _ask_once(self, request: Json) -> Json:
        """Return the answer of a process that is started for this request alone."""
        process = self._start()
        try:
            return _answer(process, request, self.timeout)
        finally:
            process.stop()

    def _start(self, *, lasts: bool = False, asks: bool = False) -> EngineProcess:
        script = [str(HERE / "play.ps1")]
        if self.with_script:
            script += ["-With", str(self.with_script)]
        options = self.options if asks else (*self.options, "-NonInteractive")
        return EngineProcess(str(self.executable), script, options=options, wait=self.wait, lasts=lasts)


def name_for_engine(path: Path) -> str:
    """Return a path as PowerShell knows it: .NET reads names as UTF-8, Python in what the locale says.

    Raises RunbookError for a name that is no UTF-8.
    """
    if os.name == "nt":
        return str(path)
    try:
        return os.fsencode(path).decode()
    except UnicodeDecodeError:
        problem = "its name is not UTF-8, and PowerShell cannot open it"
        raise RunbookError(f"{path}: {problem}; rename it, or set TMPDIR to another folder") from None


def _answer(process: EngineProcess, request: Json, timeout: float) -> Json:
    """Return what the process answers to a request."""
    text = process.ask(json.dumps(request), timeout)
    try:
        answer: Json = json.loads(text)
    except ValueError as error:
        process.stop()
        raise EngineError(f"What PowerShell answered cannot be read ({error}): {text[:200]}") from error
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
    return bool(json.loads(state.read_text("utf-8-sig")).get("platform") == server.PLATFORM)


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
    """Return the module's manifest; one that says another version is a copy.

    Raises DefectError where the manifest does not say its version in the one way that can be changed.
    """
    if not version:
        return MANIFEST
    copy = place / "modules" / MODULE.name
    shutil.copytree(MODULE, copy)
    shutil.copy(FOLDER / "signatures.json", place / "signatures.json")
    manifest = copy / MANIFEST.name
    text, count = _MODULE_VERSION.subn(rf"\g<1>'{version}'", manifest.read_text("utf-8"))
    if count != 1:
        message = f"{MANIFEST.name} says its version {count} times, and it has to be said once"
        raise DefectError(message)
    manifest.write_text(text, encoding="utf-8")
    return manifest
