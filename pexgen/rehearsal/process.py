"""The PowerShell process behind an engine: lines in, marked lines out.

Lines are ASCII in both directions, so that no console's code page has a say in them. Everything else that the process
writes is talk: bytes in whatever code page, of which the last are shown where no answer comes.
"""

from __future__ import annotations

import collections
import contextlib
import io
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, TypeAlias, cast

from pexgen.rehearsal.failures import EngineEndedError, Program, cannot_start, ended_without_answer, no_answer_in_time

LineQueue: TypeAlias = "queue.Queue[bytes | None]"
Wait: TypeAlias = Callable[[LineQueue, float], "bytes | None"]

_TALK_LINES = 40
_TALK_WIDTH = 2000
_LONGEST_LINE = 256 * 1024 * 1024
_GRACE = 5.0  # seconds for a process that has closed its output, or was killed, to be gone


def wait_for_line(lines: LineQueue, seconds: float) -> bytes | None:
    """Return the next line, None at the end of the output; raises queue.Empty where none comes in time."""
    if seconds <= 0:
        raise queue.Empty
    return lines.get(timeout=seconds)


_ALWAYS = {
    "DOTNET_EnableWriteXorExecute": "0",
    # Without these two an engine that is killed leaves pipes for debuggers in the folder for temporary files.
    "DOTNET_EnableDiagnostics": "0",
    "POWERSHELL_DIAGNOSTICS_OPTOUT": "1",
    "POWERSHELL_TELEMETRY_OPTOUT": "1",
    "POWERSHELL_UPDATECHECK": "Off",
}
_ONCE = {"DOTNET_JITMinOpts": "1", "DOTNET_TieredCompilation": "0"}
QUICK_START = {**_ALWAYS, **_ONCE}
"""Lets PowerShell 7 compile a runbook in half the time, for code that runs a quarter slower: it runs once or twice.

The .NET runtime's documentation has each; they change no result. Windows PowerShell reads none of them.
"""


def engine_environment(*, lasts: bool = False) -> dict[str, str]:
    """Return the environment of an engine: the machine's, without what would let it find other modules.

    An engine that ``lasts`` plays so many runs that well-compiled code pays.
    """
    without = set(_ONCE) if lasts else set()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PEXGEN_") and name not in without}
    return {**kept, **(_ALWAYS if lasts else QUICK_START), "PSModulePath": ""}


class EngineProcess:
    """A running process. It ends with :meth:`stop`, or by a kill that a rehearsal asked for."""

    def __init__(
        self,
        executable: str,
        script: Sequence[str],
        *,
        options: Sequence[str] = (),
        wait: Wait = wait_for_line,
        lasts: bool = False,
    ) -> None:
        # Nothing that a profile, a policy or a runbook happens to write begins with a mark that was just thought up.
        self._mark = f"pexgen-answer-{secrets.token_hex(8)}:".encode()
        self._program, self._wait = Program(executable), wait
        self._talk: collections.deque[bytes] = collections.deque(maxlen=_TALK_LINES)
        self._lines: LineQueue = queue.Queue()
        command = [*_command(executable, *options), "-File", *script, "-Mark", self._mark.decode()]
        self._process = _start(command, engine_environment(lasts=lasts), buffer=0)
        self._input = cast("IO[bytes]", self._process.stdin)
        self._writer: threading.Thread | None = None
        # Output is read by threads because Windows cannot wait for a pipe with a limit.
        self._readers = [
            threading.Thread(target=read, args=(stream,), daemon=True)
            for read, stream in ((self._read, self._process.stdout), (self._listen, self._process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    def ask(self, line: str, timeout: float) -> str:
        """Send a line and return the answer to it.

        Raises EngineEndedError where the process ends over it, and EngineSilentError, with the process stopped, where
        no answer comes for ``timeout`` seconds.
        """
        # A process that does not read must not hold up the one that writes.
        self._writer = threading.Thread(target=self._send, args=(line.encode("ascii") + b"\n",), daemon=True)
        self._writer.start()
        end = time.monotonic() + timeout
        while True:
            try:
                found = self._wait(self._lines, end - time.monotonic())
            except queue.Empty:
                self.stop()
                raise no_answer_in_time(self._program, timeout, self._talk) from None
            if found is None:
                raise self._ended()
            answer = found.partition(self._mark)[2]
            if answer.startswith(b"{"):
                return answer.decode("ascii", "replace")
            self._talk.append(found[-_TALK_WIDTH:])

    def stop(self) -> None:
        """End the process, whatever it is doing, and what it started with it."""
        _kill(self._process)
        for reader in self._readers:
            reader.join(_GRACE)
        if self._writer is not None:
            self._writer.join(_GRACE)
        if self._writer is None or not self._writer.is_alive():
            with contextlib.suppress(OSError):
                self._input.close()

    def _ended(self) -> EngineEndedError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        code = self._process.poll()
        self.stop()
        return ended_without_answer(self._program, code, self._talk)

    def _send(self, data: bytes) -> None:
        # Whoever is not there to read has ended, which shows where its answer should be.
        with contextlib.suppress(OSError, ValueError):
            while data:
                data = data[self._input.write(data) or 0 :]

    def _read(self, stream: io.RawIOBase) -> None:
        with io.BufferedReader(stream, 1 << 16) as lines, contextlib.suppress(OSError, ValueError):
            while line := lines.readline(_LONGEST_LINE):
                self._lines.put(line)
        self._lines.put(None)

    def _listen(self, stream: io.RawIOBase) -> None:
        with io.BufferedReader(stream, 1 << 16) as lines, contextlib.suppress(OSError, ValueError):
            while line := lines.readline(_LONGEST_LINE):
                self._talk.append(line[-_TALK_WIDTH:])


def run_in_terminal(executable: str, script: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a script in this process's own terminal until the person before it leaves; return PowerShell's exit code.

    Ctrl-C goes to the session, which goes on. Whoever ends this process otherwise ends the session with it. Raises
    EngineUnusableError where the system does not start the program.
    """
    command = [*_command(executable, "-NoLogo", "-NoExit"), "-File", *script]
    # To ignore the signal would be inherited, and PowerShell would ignore it too.
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        process = subprocess.Popen(command, env=dict(environment))  # noqa: S603 - as below
    except OSError as error:
        raise cannot_start(Program(executable), error.strerror or type(error).__name__) from error
    else:
        try:
            return process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def _command(executable: str, *options: str) -> list[str]:
    # A Windows client runs no script at all until it is told to; this tells the one process, and changes nothing else.
    return [executable, "-NoProfile", *options, "-ExecutionPolicy", "Bypass"]


def _start(command: Sequence[str], environment: Mapping[str, str], *, buffer: int = -1) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - the engine that find_engine or the caller chose
            command,
            bufsize=buffer,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            # What the engine starts ends together with it.
            start_new_session=True,
        )
    except OSError as error:
        raise cannot_start(Program(command[0]), error.strerror or type(error).__name__) from error


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        if sys.platform == "win32":
            process.kill()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    process.wait()
