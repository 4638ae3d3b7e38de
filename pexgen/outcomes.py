"""The modes of a runbook, and what the states of a step and its exit codes mean, and what to do about them."""

from __future__ import annotations

from typing import NamedTuple


class State(NamedTuple):
    """A state of a step: in which modes it occurs, and what it means; ``is_settled`` where nothing is left to do."""

    name: str
    modes: str
    meaning: str
    is_settled: bool = False


class ExitCode(NamedTuple):
    """An exit code: in a few words, in full, and what to do."""

    code: int
    short: str
    meaning: str
    then: str


MODES = ("Check", "Apply", "Verify", "Rollback")
"""The modes of a runbook, in the order in which a change has them."""

STATES: tuple[State, ...] = (
    State("in-place", "all modes", "as wanted", is_settled=True),
    State(
        "not-asked", "all modes", "the description has no such section; never affects the exit code", is_settled=True
    ),
    State("different", "Check, -WhatIf", "differs, and this run could change it"),
    State("blocked", "all modes", "cannot be as wanted until a person decides, or was not reached after a stop"),
    State("conflict", "all modes", "what was found is not ours, or reaches further than described"),
    State("unreadable", "all modes", "could not be read; never taken for absent"),
    State("changed", "Apply", "done, and read back", is_settled=True),
    State("failed", "Apply, Rollback", "Exchange refused; its message and its request ID are given with it"),
    State("skipped", "Apply, Rollback", "you answered No"),
    State(
        "pending",
        "Apply, Verify, Rollback",
        "sent, but not found yet or not effective yet where that can be seen; or its time has not come",
    ),
    State("proved", "Verify", "seen to be as described", is_settled=True),
    State("disproved", "Verify", "seen not to be as described"),
    State(
        "undone",
        "Rollback",
        "undone and read back, or a journal says that an earlier Rollback did that",
        is_settled=True,
    ),
    State("gone", "Rollback", "not found, or already as before; this run did not undo it"),
    State("kept", "Rollback", "left as it is, with the reason"),
)
"""Every state, in the order in which the pages list them."""

SETTLED = frozenset(each.name for each in STATES if each.is_settled)
"""The states of a step of which nothing is left to do."""

EXIT_CODES: tuple[ExitCode, ...] = (
    ExitCode(
        1,
        "a defect of the script",
        "a defect of the script: an error that nobody planned for",
        "report it; the journal holds each write that was sent",
    ),
    ExitCode(
        4,
        "refused, nothing changed",
        "refused, and this run has sent no write: a guard, a bad value, a `conflict`, Apply or Rollback over something "
        "`unreadable`, nobody to ask, first answer No",
        "read the refusal; nothing of this run has to be undone",
    ),
    ExitCode(
        3,
        "stopped after a write",
        "stopped after this run sent a write, even one that Exchange refused: `failed`, `unreadable`, `conflict`, No",
        "fix the cause and run Apply again with the same file and journal, which carries an approval on; or Rollback, "
        "but not after Cleanup of a migration",
    ),
    ExitCode(
        6,
        "not as described",
        "Verify: something is `disproved`",
        "the tenant is not as described: see the step, then Apply again; or Rollback, but not after Cleanup of a "
        "migration",
    ),
    ExitCode(
        2,
        "something differs",
        "Check, or `-WhatIf`: something is `different`",
        "Apply; after Rollback with `-WhatIf`, Rollback",
    ),
    ExitCode(
        5,
        "not complete",
        "not complete: something is `pending`, `blocked`, `kept` or `gone`; Check or Verify over something "
        "`unreadable`",
        "read the step; `pending`: the same command later",
    ),
    ExitCode(
        0,
        "nothing left to do",
        "Check: nothing differs. Apply: everything is set as described. Verify: all checks passed. Rollback: all that "
        "the journals name is undone. With -Step: so it is in the selected steps",
        "nothing",
    ),
)
"""Every exit code; where several fit, the first one counts."""

IN_SHORT = {each.code: each.short for each in EXIT_CODES}
"""An exit code in a few words."""
