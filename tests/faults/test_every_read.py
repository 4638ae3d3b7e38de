"""A fault at any read: nothing is written after it, and what could not be looked at is never taken for absent."""

from __future__ import annotations

import pytest
from support.bad_days import HICCUP, Ground, Trials, play, tenant_problems

from pexgen.rehearsal import Call

PARTS = 4
NOT_FOUND = "ManagementObjectNotFoundException"
TASKS = "Microsoft.Exchange.Configuration.Tasks"
WORDS = "The operation couldn't be performed because object 'x' couldn't be found on 'y'."
# Every shape of an error that is not the not-found class, whatever its words: class, "" where none is named, and text.
SHAPES = {
    "not found in English words, no class": ("", WORDS),
    "not found in English words, another class": (f"{TASKS}.CmdletAccessDeniedException", WORDS),
    "another class, in another language": (f"{TASKS}.StorageTransientException", "Objekt 'x' wurde nicht gefunden."),
    "another class in the message alone, which speaks of the not-found class": (
        "",
        f"Ex6F9304|Microsoft.Exchange.Data.Directory.ADTransientException|A cache answered with {NOT_FOUND}.",
    ),
    "a class whose name only begins like it": (f"{TASKS}.{NOT_FOUND}Proxy", "Not found."),
    "ambiguous": (f"{TASKS}.ManagementObjectAmbiguousException", "There are multiple recipients matching."),
    "nothing but a failure": ("", "Something went wrong."),
}


def split(ground: Ground) -> tuple[list[Call], list[Call]]:
    """Give the reads of the pass that only compares, and those of the pass that changes."""
    step = next(call.parameters for call in ground.reads if call.cmdlet == "Get-Recipient")
    starts = [call.n for call in ground.reads if call.parameters == step]
    return [one for one in ground.reads if one.n < starts[1]], [one for one in ground.reads if one.n >= starts[1]]


@pytest.mark.parametrize("part", range(PARTS))
def test_a_first_apply_that_fails_at_a_read_goes_on_and_back(fresh_trials: Trials, part: int) -> None:
    # Each fourth read of the first pass and each twentieth one of the other meets one of the two kinds; `make faults`
    # plays every kind at each.
    first, second = split(fresh_trials.ground)
    numbers = [call.n for call in first[::4] + second[::20]][part::PARTS]
    assert play(fresh_trials, numbers[part % 2 :: 2], ["server-error"]) == {}
    assert play(fresh_trials, numbers[1 - part % 2 :: 2], ["unauthorized"]) == {}


def test_a_read_that_fails_once_changes_nothing_about_a_first_apply(fresh_trials: Trials) -> None:
    # Each hundredth read; that any is asked again, and how often, tests/engine/test_exchange.py tries as a function.
    numbers = [call.n for call in fresh_trials.ground.reads][10::100]
    assert play(fresh_trials, numbers, [HICCUP]) == {}


@pytest.mark.parametrize("shape", SHAPES)
def test_only_the_not_found_class_means_absent(fresh_ground: Ground, shape: str) -> None:
    kind, text = SHAPES[shape]
    wrong = {}
    # Each second read of the first pass meets a shape; of the second, which takes longer to get to, each shape one.
    first, second = split(fresh_ground)
    number = list(SHAPES).index(shape)
    for call in first[2 * number :: 2 * len(SHAPES)] + second[number * len(SHAPES) :][:1]:
        # What a spare call tells is a note of its step, on which no write depends; it is asked once. Of the others some
        # are asked again three times.
        is_spare = fresh_ground.deployment.is_spare(call)
        fault = {"kind": "error", "call": call.n, "class": kind, "text": text, "times": 1 if is_spare else 4}
        run = fresh_ground.site.run("Apply", fresh_ground.tenant, options={"faults": [fault]})
        later = [write.cmdlet for write in run.writes if write.n > call.n]
        sent = any(write.n < call.n for write in fresh_ground.good.writes)
        code = 0 if is_spare else 3 if sent else 4
        if (later and not is_spare) or run.exit_code != code or tenant_problems(fresh_ground, run.tenant):
            wrong[f"{call.n} {call.cmdlet}"] = (run.exit_code, later)
    assert wrong == {}
