"""A journal that somebody edited, in any way: never a defect, and never a write to what is not in it."""

from __future__ import annotations

import copy
import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.deployments import others
from support.function_cases import WITH
from support.functions import Functions
from support.journals import chained, journal_text, reading
from support.sites import Applied, Json, SiteOf

SIDES = ("before", "wanted", "after")
KEYS = ("run", "step", "event", *SIDES, "utc")
STEPS = ("equipment-mailbox", "equipment-calendar", "scheduling-members", "ews-access", "application-role", "none")
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(["", "*", "x", "None", "a@b.c", "2026-11-02T21:00:00Z", "'; exit 7 #", "$(exit 7)"]),
    st.just([]),
    st.just({}),
    st.just({"exists": True, "id": "nobody@contoso.com", "properties": {"DisplayName": "x"}}),
)


def in_side(lines: list[Json], n: int, draw: st.DataObject) -> None:
    side = draw.draw(st.sampled_from(SIDES))
    snapshot = lines[n].get(side)
    if not isinstance(snapshot, dict):
        lines[n][side] = draw.draw(VALUES)
        return
    key = draw.draw(st.sampled_from(["exists", "id", "properties"]))
    if key == "properties" and snapshot.get("properties"):
        name = draw.draw(st.sampled_from(sorted(snapshot["properties"])))
        snapshot["properties"][name] = draw.draw(VALUES)
    else:
        snapshot[key] = draw.draw(VALUES)


def in_line(lines: list[Json], n: int, draw: st.DataObject) -> None:
    key = draw.draw(st.sampled_from(KEYS))
    lines[n][key] = draw.draw(st.sampled_from(STEPS) if key == "step" else VALUES)


def without_key(lines: list[Json], n: int, draw: st.DataObject) -> None:
    lines[n].pop(draw.draw(st.sampled_from(KEYS)), None)


def without_line(lines: list[Json], n: int, draw: st.DataObject) -> None:
    del lines[n]


def twice(lines: list[Json], n: int, draw: st.DataObject) -> None:
    lines.insert(draw.draw(st.integers(0, len(lines))), copy.deepcopy(lines[n]))


def elsewhere(lines: list[Json], n: int, draw: st.DataObject) -> None:
    lines.insert(draw.draw(st.integers(0, len(lines) - 1)), lines.pop(n))


EDITS = (in_side, in_side, in_line, without_key, without_line, twice, elsewhere)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(draw=st.data())
def test_rollback_by_an_edited_journal(site: SiteOf, applied: Applied, tmp_path: Path, draw: st.DataObject) -> None:
    lines = [json.loads(line) for line in journal_text(applied()).splitlines()]
    for _ in range(draw.draw(st.integers(1, 3), label="edits")):
        edit = draw.draw(st.sampled_from(EDITS))
        edit(lines, draw.draw(st.integers(0, len(lines) - 1)), draw)
    journal = tmp_path / "edited.jsonl"
    # Whoever edits it knows how its lines hang together.
    text = chained("".join(json.dumps(line) + "\n" for line in lines))
    journal.write_text(text, "utf-8")
    run = site().run("Rollback", applied().tenant, JournalPath=[str(journal)], RemoveCreatedMailbox=True)
    assert run.exit_code in {0, 3, 4, 5}, (run.uncaught, run.screen)
    assert others(run.tenant) == others(applied().tenant)
    assert journal.read_text("utf-8").startswith(text)
    for write in run.writes:
        identity = write.parameters.get("Identity")
        assert identity is None or json.dumps(identity)[1:-1] in text, write


LINES = (
    "not JSON at all",
    '{"half": ',
    "[]",
    "null",
    "7",
    '"text"',
    '{"run": "x"}',
    '{"format": "pexgen.journal/1"}',
    "{}" * 3,
    "[" * 200,
    '{"event": "intent", "step": "ews-access", "before": null, "wanted": null, "after": null}',
)


def test_a_line_that_is_not_ours_is_refused_wherever_it_stands(
    functions: Functions, applied: Applied, tmp_path: Path
) -> None:
    whole = journal_text(applied()).splitlines()
    calls = {}
    for number, (line, place) in enumerate((line, place) for line in LINES for place in (0, 1, 5)):
        (journal := tmp_path / f"{number}.jsonl").write_text("\n".join([*whole[:place], line, *whole[place:]]), "utf-8")
        calls[reading(journal)] = f"of journal '{journal}' "
    assert functions.stops(calls, before=WITH, ends="refused journal") == calls


def test_by_a_journal_with_a_line_that_is_not_ours_nothing_is_taken_back(
    site: SiteOf, applied: Applied, tmp_path: Path
) -> None:
    head, _, rest = journal_text(applied()).partition("\n")
    (journal := tmp_path / "foreign.jsonl").write_text(f"{head}\n{LINES[-1]}\n{rest}", "utf-8")
    run = site().run("Rollback", applied().tenant, JournalPath=[str(journal)], RemoveCreatedMailbox=True)
    assert (run.exit_code, run.writes) == (4, ()), (run.uncaught, run.screen)
