"""The PowerShell process behind an engine: lines in, marked lines out."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
from collections.abc import Sequence
from typing import IO, cast

from pexgen.rehearsal.records import EngineError

MARK = "pexgen-answer:"
"""What an answer's line begins with; anything else that the process writes is talk."""

_TALK_SHOWN = 2000


def surroundings() -> dict[str, str]:
    """Return the environment of an engine: the machine's, without what would let it find other modules."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PEXGEN_")}
    return {**kept, "PSModulePath": "", "POWERSHELL_TELEMETRY_OPTOUT": "1", "POWERSHELL_UPDATECHECK": "Off"}


class EngineProcess:
    """A running process. It ends with :meth:`stop`, or by a kill that a rehearsal asked for."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the engine that find_engine or the caller chose
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env=surroundings(),
        )
        self._input = cast("IO[str]", self._process.stdin)
        self._output = cast("IO[str]", self._process.stdout)
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def ask(self, line: str, timeout: float) -> str | None:
        """Send a line and return the answer to it; None where the process ended over it.

        Raises EngineError, with the process stopped, where nothing comes for ``timeout`` seconds.
        """
        self._input.write(line + "\n")
        self._input.flush()
        talk: list[str] = []
        while True:
            try:
                answer = self._lines.get(timeout=timeout)
            except queue.Empty:
                self.stop()
                message = f"No answer within {timeout:g} seconds: {''.join(talk)[-_TALK_SHOWN:]}"
                raise EngineError(message) from None
            if answer is None:
                self.stop()
                return None
            if answer.startswith(MARK):
                return answer[len(MARK) :]
            talk.append(answer)

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for stream in (self._input, self._output):
            # The engine is gone, and with it whoever would have read the rest.
            with contextlib.suppress(OSError):
                stream.close()

    def _read(self) -> None:
        # Standard output is read by a thread because Windows cannot wait for a pipe with a limit.
        with contextlib.suppress(ValueError):
            for line in self._output:
                self._lines.put(line)
        self._lines.put(None)
