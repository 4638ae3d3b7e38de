"""The line of progress: from the first second on, with rate and time left, and gone before anything else is said."""

from __future__ import annotations

import io

import pytest

from pexgen.cli import _talk
from pexgen.cli._fleet import stepping
from pexgen.cli._progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_shown_in_the_first_second_and_then_rate_and_time_left() -> None:
    stream, times = io.StringIO(), iter([0.0, 0.5, 2.0, 2.1, 150.0])
    progress = Progress(1000, stream, lambda: next(times))
    progress.step(50)
    assert stream.getvalue() == ""
    progress.step(200)
    assert stream.getvalue() == "\r200 of 1,000, 100 a second, 8 s left"
    progress.step(210)
    progress.step(300)
    assert stream.getvalue().endswith("\r300 of 1,000, 2.0 a second, 5 min 50 s left")
    progress.clear()
    shown = len("300 of 1,000, 2.0 a second, 5 min 50 s left")
    assert stream.getvalue().endswith(f"\r{' ' * shown}\r")


@pytest.mark.parametrize(
    ("terminal", "quiet", "is_shown"), [(True, False, True), (False, False, False), (True, True, False)]
)
def test_progress_is_for_a_terminal_and_makes_room_for_what_is_said(monkeypatch, terminal, quiet, is_shown) -> None:
    stream = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("pexgen.cli._progress._AFTER", -1.0)
    for name in stepping(["a", "b"], _talk.Talk(quiet=quiet)):
        _talk.tell(f"{name} is done")
    assert (" left" in stream.getvalue()) == is_shown
    for line in stream.getvalue().split("\n")[:-1]:
        assert line.split("\r")[-1].endswith(" is done")
        assert " left" not in line.split("\r")[-1]
