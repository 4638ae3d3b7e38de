"""A PowerShell in a terminal, as an administrator sits before it: what is typed, and what then stands on the screen."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from support.sites import Json, Site

from pexgen.rehearsal.engine import HERE
from pexgen.simulation import MANIFEST, SERVER_SHELL

_PREPARE = """
. '{session}'
$request = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText('{request}'))
. ([scriptblock]::Create($session)) $request ([Collections.Generic.List[double]]::new())
# Here it waits in earnest.
Remove-Item -LiteralPath function:Start-Sleep
function global:prompt {{ 'READY> ' }}
"""
# Ctrl+C goes to the processes of the terminal that is one's own.
_TAKE_TERMINAL = """
import fcntl, os, signal, sys, termios
# Whoever started the tests may ignore Ctrl+C, and children would.
signal.signal(signal.SIGINT, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
_CODES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[=>])")


class Console:
    """A running PowerShell in a terminal of its own."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        self._process, self._terminal, self._seen = process, terminal, ""

    @property
    def screen(self) -> str:
        """All that was shown, without what only moves the cursor or colors."""
        return _CODES.sub("", self._seen).replace("\r\n", "\n").replace("\r", "")

    def type(self, text: str) -> None:
        """Type this; a line needs its end."""
        os.write(self._terminal, text.encode())

    def wait_for(self, text: str, seconds: float = 60) -> str:
        """Return what is shown up to this text, and forget it; AssertionError where it does not come in time."""
        end = time.monotonic() + seconds
        while (at := self.screen.find(text)) < 0:
            assert time.monotonic() < end, f"no '{text}' on the screen:\n{self.screen}"
            self._look(0.2)
        shown = self.screen[: at + len(text)]
        self._seen = self.screen[at + len(text) :]
        return shown

    def type_until(self, keys: str, text: str, seconds: int = 60) -> str:
        """Type these keys again and again until this text is shown; return what is shown up to it."""
        for _ in range(seconds - 1):
            self.type(keys)
            with contextlib.suppress(AssertionError):
                return self.wait_for(text, 1)
        return self.wait_for(text, 1)

    def ended(self, seconds: float = 60) -> int:
        """Return the exit code of the program, which is about to end; what it still showed is kept."""
        end = time.monotonic() + seconds
        while self._process.poll() is None:
            assert time.monotonic() < end, f"it goes on:\n{self.screen}"
            self._look(0.2)
        while self._look(0):
            pass
        return self._process.returncode

    def _look(self, seconds: float) -> bool:
        """Take up what is shown within so many seconds, and return whether anything was."""
        if not select.select([self._terminal], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._terminal, 65536)
        except OSError:
            return False  # Its end: nobody has the other side open any more.
        self._read(data)
        return bool(data)

    def _read(self, data: bytes) -> None:
        # A terminal is asked where its cursor is, and PowerShell waits for the answer.
        for _ in range(data.count(b"\x1b[6n")):
            os.write(self._terminal, b"\x1b[1;1R")
        self._seen += data.decode("utf-8", "replace")


@contextlib.contextmanager
def in_terminal(command: list[str], environment: dict[str, str], columns: int = 80) -> Iterator[Console]:
    """Start a program in a terminal of its own that is so wide."""
    terminal, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", _TAKE_TERMINAL, *command],
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
        env={**os.environ, "TERM": "dumb", **environment},
    )
    os.close(other)
    try:
        yield Console(process, terminal)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(terminal)


@contextlib.contextmanager
def console(site: Site, tenant: Json, folder: Path, columns: int = 80) -> Iterator[Console]:
    """Start a PowerShell in a terminal that is so wide, connected to the tenant, in this folder."""
    (state := folder / "tenant.json").write_text(json.dumps(tenant), "utf-8")
    server = tenant.get("platform") == "exchange-server"
    request = {
        "folder": str(folder),
        "module": str(SERVER_SHELL if server else MANIFEST),
    }
    (written := folder / "request.json").write_text(json.dumps(request), "utf-8")
    (prepare := folder / "prepare.ps1").write_text(
        _PREPARE.format(session=HERE / "session.ps1", request=written), "utf-8-sig"
    )
    command = [str(site.engine.executable), "-NoProfile", "-NoLogo", "-NoExit", "-File", str(prepare)]
    environment = {"PEXGEN_TENANT": str(state), "PEXGEN_LOG": str(folder / "calls.jsonl"), "PEXGEN_FAULTS": ""}
    with in_terminal(command, environment, columns) as shell:
        shell.wait_for("READY> ")
        yield shell
