"""Work on many files by several processes: the results are taken in the files' order."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Generic, TypeVar

from pexgen.errors import PexgenError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Result = TypeVar("Result")

LEAST = 200
"""With fewer files the processes take longer to start than they save."""
_MOST = 4
"""More processes than that wait for the one that takes the results."""
_WAITING = 1 << 20
"""Bytes of results that may wait for being taken, of one process, where the system lets this be said."""


class OrderedWorkers(Generic[Result]):
    """Calls ``work`` with each of many names, in processes of their own; ``work`` and its results can be pickled.

    A process that cannot be started, or ends, costs time alone: what it did not do is done here.
    """

    def __init__(self, work: Callable[[str], Result], names: Sequence[str]) -> None:
        self._work, self._left = work, len(names)
        self._receivers: list[Connection] = []
        self._processes: list[BaseProcess] = []
        count = min(_processors(), _MOST) if len(names) >= LEAST else 1
        # Some systems have no semaphores, or no right to start a process.
        with contextlib.suppress(ImportError, OSError):
            for first in range(count if count > 1 else 0):
                self._receivers.append(self._started(names[first::count]))
        self._turn = cycle(range(count))

    def result(self, name: str) -> Result:
        """Return ``work(name)``, or raise its error; each name is asked for once, in the order that was given."""
        turn, found, self._left = next(self._turn), None, self._left - 1
        if turn < len(self._receivers):
            # A process that ended has nothing more to give.
            with contextlib.suppress(EOFError, OSError):
                found = self._receivers[turn].recv()
        if not self._left:
            self._end()
        # What raised an error is done again: here it is told.
        return self._work(name) if found is None else found

    def _end(self) -> None:
        """Wait for the processes, so that what they took counts as this one's; none waits for being read any more."""
        for receiver in self._receivers:
            receiver.close()
        for process in self._processes:
            process.join()

    def _started(self, names: Sequence[str]) -> Connection:
        """Start a process for these names, and return what it sends its results to."""
        import multiprocessing

        receiver, sender = multiprocessing.Pipe(duplex=False)
        if sys.platform == "linux":
            import fcntl

            # A user has only so much of this; with less a process waits more often.
            with contextlib.suppress(OSError):
                fcntl.fcntl(sender, fcntl.F_SETPIPE_SZ, _WAITING)
        inherited = (*self._receivers, receiver)
        process = multiprocessing.Process(target=_send, args=(self._work, names, sender, inherited), daemon=True)
        process.start()
        self._processes.append(process)
        sender.close()
        return receiver


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _send(
    work: Callable[[str], object], names: Sequence[str], sender: Connection, inherited: Sequence[Connection]
) -> None:
    """Send the result of each name, None for an error, until nobody takes it any more."""
    # Ctrl+C is the command's own affair: this process ends when nobody reads any more what it sends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # While it keeps one open itself, it would not see that.
    for receiver in inherited:
        receiver.close()
    with contextlib.suppress(OSError):
        for name in names:
            result = None
            with contextlib.suppress(PexgenError):
                result = work(name)
            sender.send(result)
