"""No file verifies of which a single byte was changed, wherever it stands and whatever it is compared with."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import cycle, pairwise

import pytest

from pexgen.errors import InputError
from pexgen.runbook_marks import BODY_BEGINS

SIGNATURE = b"# SIG # Begin signature block\r\n# MIIFdgYJKoZIhvcNAQcCoIIFZzCC+/==\r\n# SIG # End signature block\r\n"

Change = Callable[[bytes, int], bytes]

CHANGES: dict[str, Change] = {
    "flipped": lambda data, at: data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1 :],
    "another": lambda data, at: data[:at] + (b"x" if data[at : at + 1] != b"x" else b"y") + data[at + 1 :],
    "no UTF-8": lambda data, at: data[:at] + b"\xff" + data[at + 1 :],
    "deleted": lambda data, at: data[:at] + data[at + 1 :],
    "blank": lambda data, at: data[:at] + b" " + data[at:],
    "line end": lambda data, at: data[:at] + b"\n" + data[at:],
    "nothing": lambda data, at: data[:at] + b"\0" + data[at:],
}


def boundaries(runbook: bytes) -> list[int]:
    """Where one part ends and the next begins: byte order mark, help, param(), values, header, body, its parts."""
    marks = rb"<#\r\n|#>\r\n|\[Diagnostics|param\(|\$PexgenReview|'reviewed'|#region|\$Method = |\r\n\)\r\n"
    found = [found.start() for found in re.finditer(marks, runbook)]
    # Of the body's regions and functions, which are all read in one way, every twelfth.
    begins = runbook.index(BODY_BEGINS.encode())
    inner = [at for at in found if at > begins]
    found = [at for at in found if at <= begins or at in inner[::12]]
    return sorted({0, 1, 2, 3, *found, begins, len(runbook) - 2, len(runbook) - 1})


def inside(runbook: bytes) -> list[int]:
    """Some positions of every part, always the same."""
    chance = random.Random(20261124)  # noqa: S311 - a choice that repeats, no secret
    cuts = [0, runbook.index(b"param("), runbook.index(b"$PexgenReview"), runbook.index(b"#region"), len(runbook)]
    return [chance.randrange(begin, end) for begin, end in pairwise(cuts) for _ in range(14)]


def verifies(sample, data: bytes, reference) -> bool:
    try:
        return bool(sample.verify(data, reference).is_ok)
    except InputError:  # It is not even taken for a runbook any more.
        return False


@pytest.mark.parametrize("reference", ["description", "manifest"])
def test_the_runbook_as_it_was_written_verifies(sample, reference) -> None:
    assert sample.verify(sample.runbook, getattr(sample, reference)).findings == ()


def test_no_runbook_verifies_of_which_one_byte_was_changed_where_a_part_begins(sample) -> None:
    places = boundaries(sample.runbook)
    assert len(places) > 30
    changes = cycle(CHANGES[change] for change in ("another", "deleted", "blank"))
    changed = {at: change(sample.runbook, at) for at, change in zip(places, changes, strict=False)}
    assert [at for at, data in changed.items() if verifies(sample, data, sample.manifest)] == []


@pytest.mark.parametrize("reference", ["description", "manifest"])
def test_no_runbook_verifies_of_which_one_byte_was_changed_anywhere(sample, reference) -> None:
    places = inside(sample.runbook)[reference == "manifest" :: 2]
    changed = {at: change(sample.runbook, at) for at, change in zip(places, cycle(CHANGES.values()), strict=False)}
    assert [at for at, data in changed.items() if verifies(sample, data, getattr(sample, reference))] == []


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n", b" ", b"\0", b"\x1a", b"# SIG # Begin signature block\r\n"])
def test_nothing_may_stand_behind_the_end(sample, end) -> None:
    assert not verifies(sample, sample.runbook + end, sample.description)


@pytest.mark.parametrize("reference", ["description", "manifest"])
def test_a_value_that_is_another_value_does_not_verify(sample, reference) -> None:
    """The file is then still one that pexgen could have written, for another description."""
    at = sample.runbook.index(b"$ApplicationClientId = '") + len(b"$ApplicationClientId = '")
    changed = sample.runbook[:at] + b"a" + sample.runbook[at + 1 :]
    found = sample.verify(changed, getattr(sample, reference))
    assert {finding.kind for finding in found.findings} == {"values"}


@pytest.mark.parametrize("reference", ["description", "manifest"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"AllowConflicts = $true", b"AllowConflicts = 1"),
        (b"BookingWindowInDays = 1", b"BookingWindowInDays = $true"),
        (b"MaximumDurationInMinutes = 1", b"MaximumDurationInMinutes = $true"),
        (b"DeleteComments = $false", b"DeleteComments = 0"),
        (b"DeleteComments = $false", b"DeleteComments = $null"),
        (b"Automapping = $true", b"Automapping = 1"),
        (b"EwsSwitchOn = $true", b"EwsSwitchOn = 1"),
        (b"SchedulingGroupPrune = $false", b"SchedulingGroupPrune = 0"),
        (b"ScopeMaxMailboxes = 0", b"ScopeMaxMailboxes = $false"),
        (b"AutomateProcessing = 'None'", b"AutomateProcessing = $null"),
    ],
)
def test_a_value_that_python_takes_for_the_described_one_does_not_verify(alike, old, new, reference) -> None:
    assert alike.runbook.count(old) == 1
    assert verifies(alike, alike.runbook, getattr(alike, reference))
    assert not verifies(alike, alike.runbook.replace(old, new), getattr(alike, reference))


def test_the_entries_of_a_table_in_another_order_do_not_verify(alike) -> None:
    first, second = b"Account = 'admin@contoso.com'", b"Automapping = $true"
    assert first + b"; " + second in alike.runbook
    changed = alike.runbook.replace(first + b"; " + second, second + b"; " + first)
    assert not verifies(alike, changed, alike.description)


@pytest.mark.parametrize("between", [b"", b"\r\n"])
@pytest.mark.parametrize("reference", ["description", "manifest"])
def test_no_byte_before_a_signature_block_may_change(sample, reference, between) -> None:
    signed = sample.runbook + between + SIGNATURE
    assert verifies(sample, signed, getattr(sample, reference))
    end = len(sample.runbook + between)
    # Both bytes of the last line end, and the letter before them.
    places = range(end - 3, end)
    changed = [change(signed, at) for at in places for change in CHANGES.values()]
    # A line end behind the runbook is what the signer of the other form writes, and the two files are the same bytes.
    same = {sample.runbook + each + SIGNATURE for each in (b"", b"\r\n")}
    assert [data[-400:] for data in changed if data not in same and verifies(sample, data, sample.description)] == []


@pytest.mark.parametrize("more", [b"\n", b"\r", b"\r\n\r\n", b"\n\r\n", b"\r\n\n", b" \r\n", b"\r\n "])
def test_a_signature_block_stands_behind_the_runbook_or_behind_one_line_end(sample, more) -> None:
    assert not verifies(sample, sample.runbook + more + SIGNATURE, sample.description)
    assert not verifies(sample, sample.runbook[:-2] + more + SIGNATURE, sample.description) or more == b"\r\n\r\n"


def test_a_runbook_whose_values_are_compared_with_nothing_is_never_ok(sample) -> None:
    (finding,) = sample.verify(sample.runbook, None).findings
    assert finding.kind == "not-compared"
