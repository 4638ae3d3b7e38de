"""What a run is expected to end with, by how the tenant stands before it and by what the runbook asks for."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.simulated import SERVER_VALUES

from pexgen.catalogue import load_catalogue
from pexgen.errors import InputError
from pexgen.rehearsal.rehearsal import WHOLE, PlayedMode, Rehearsal, Rehearser
from pexgen.rehearsal.runs import Result, RunbookError
from pexgen.rehearsal.script import Script, read_script
from pexgen.runbook_file import read_runbook
from pexgen.simulation import fresh
from pexgen.simulation.objects import AbsentRecipientError, find
from pexgen.simulation.server import first_run, with_group_member
from pexgen.template_files import template_folder

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SERVER, ONLINE = SAMPLES / "contoso-server.ps1", SAMPLES / "contoso-scheduling.ps1"


@dataclass
class Paper:
    """An engine without PowerShell: it reads a runbook's parameters, and every run ends as it is told.

    ``ends`` are the exit codes, in the order of the runs; ``changes`` is done to the tenant by each Apply.
    """

    ends: Iterator[int | None] = field(default_factory=lambda: iter(()))
    defaults_of: Mapping[str, Any] = field(default_factory=dict)
    lacks: Sequence[str] = ()
    changes: Any = None
    executable: str = "none"
    seen: list[dict[str, Any]] = field(default_factory=list)
    met: list[dict[str, Any]] = field(default_factory=list)

    def defaults(self, runbook: Path) -> dict[str, Any]:
        written = read_runbook(str(runbook))
        method = load_catalogue(template_folder()).method(written.method, written.platform, written.file)
        values = {**written.values(method)[0], **self.defaults_of}
        return {name: value for name, value in values.items() if name not in self.lacks}

    def play(self, _runbook: Path, tenant: Any, arguments: dict[str, Any], *, faults: Any, folder: Path) -> Result:
        assert not faults
        self.seen.append(arguments)
        self.met.append(tenant)
        after = copy.deepcopy(tenant)
        if self.changes and arguments["Mode"] == "Apply":
            self.changes(after)
        return Result(next(self.ends), "", [], (), after, (), None, killed=False, folder=folder)


def played(engine: Paper, folder: Path, runbook: Path, modes: Sequence[str], own: Any = None) -> Rehearsal:
    rehearser = Rehearser(engine, runbook, folder)  # type: ignore[arg-type] - it does what an engine does
    return rehearser.play("FOUND.json" if own else "fresh", own, modes, "", lambda _: None)


def told(done: Rehearsal) -> list[tuple[str, tuple[int, ...], bool]]:
    return [(each.mode, each.expected, bool(each.by_hand)) for each in done.played]


def script(engine: Paper, runbook: Path) -> Script:
    return read_script(engine, runbook)  # type: ignore[arg-type] - it does what an engine does


def values_of(runbook: Path) -> dict[str, Any]:
    return dict(script(Paper(), runbook).values)


def member_made(tenant: dict[str, Any]) -> None:
    """Let the equipment mailbox be there, as Apply makes it."""
    values = values_of(SERVER)
    made = find(fresh(values), values["EquipmentAddress"])
    tenant["recipients"].append(made)


def test_a_tenant_from_a_file_is_one_again_after_rollback(tmp_path: Path) -> None:
    own = fresh(values_of(ONLINE))
    done = played(Paper(iter([0, 0, 2, 5])), tmp_path, ONLINE, ["Apply", "Rollback", "Check", "Verify"], own)
    assert [each.expected for each in done.played] == [(0,), (0,), (0, 2), (0, 5, 6)]
    assert done.is_as_expected


def test_nobody_helps_an_apply_that_was_refused(tmp_path: Path) -> None:
    done = played(Paper(iter([4])), tmp_path, SERVER, ["Apply"])
    assert told(done) == [("Apply", (5,), False)]
    assert not done.is_as_expected


def test_what_a_person_does_by_hand_is_not_in_the_run_before_it(tmp_path: Path) -> None:
    engine = Paper(iter([5, 0]), changes=member_made)
    # Only the first Apply makes the mailbox.
    engine.changes = lambda tenant: member_made(tenant) if len(engine.seen) == 1 else None
    done = played(engine, tmp_path, SERVER, ["Apply"])
    assert told(done) == [("Apply", (5,), False), ("Apply", (0,), True)]
    values = values_of(SERVER)
    before, helped = done.played[0].result.tenant, engine.met[1]
    member = find(before, values["EquipmentAddress"])["Guid"]
    assert member not in find(before, values["ImpersonationGroup"])["members"]
    assert member in find(helped, values["ImpersonationGroup"])["members"]


@pytest.mark.parametrize(("ends", "expected"), [([0], [(0, 5)]), ([5, 0], [(0, 5), (0,)])])
def test_on_a_tenant_from_a_file_a_person_may_be_needed_and_is_then_played(
    tmp_path: Path, ends: list[int], expected: list[tuple[int, ...]]
) -> None:
    own = first_run(values_of(SERVER))
    member_made(own)
    done = played(Paper(iter(ends)), tmp_path, SERVER, ["Apply"], own)
    assert [each.expected for each in done.played] == expected
    assert done.is_as_expected


def test_a_mailbox_that_is_a_member_already_needs_nobody(tmp_path: Path) -> None:
    done = played(Paper(iter([5])), tmp_path, SERVER, ["Apply"], fresh(values_of(SERVER)))
    assert told(done) == [("Apply", (0,), False)]
    assert not done.is_as_expected


def test_a_recipient_that_is_not_there_is_named() -> None:
    with pytest.raises(AbsentRecipientError, match=r"scheduling@contoso\.com is not in the simulated organization"):
        with_group_member(first_run(SERVER_VALUES), SERVER_VALUES)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("contoso-scheduling", {"is_provable"}),
        ("contoso-existing", set()),
        ("contoso-migration", {"has_phases", "is_provable"}),
        ("contoso-server", {"takes_password", "is_provable", "needs_group_by_hand"}),
    ],
)
def test_what_each_sample_asks_for_is_read_from_the_catalogue(name: str, asked: set[str]) -> None:
    found = script(Paper(), SAMPLES / f"{name}.ps1")
    questions = ("has_phases", "takes_password", "is_provable", "needs_group_by_hand")
    assert {each for each in questions if getattr(found, each)} == asked


def test_a_role_that_cannot_be_proved_is_not_expected_to_be(tmp_path: Path) -> None:
    runbook = SAMPLES / "contoso-existing.ps1"
    done = played(Paper(iter([2, 0, 0, 5, 0])), tmp_path, runbook, WHOLE)
    assert [each.expected for each in done.played] == [(2,), (0,), (0,), (5,), (0,)]


def test_a_migration_has_phases_and_its_second_one_is_played_at_the_end(tmp_path: Path) -> None:
    engine = Paper(iter([2, 0, 0, 0, 0, 0, 0, 0]))
    played(engine, tmp_path, SAMPLES / "contoso-migration.ps1", WHOLE)
    assert [each.get("Phase") for each in engine.seen] == [
        *("Prepare", "Prepare", "Prepare", "Prepare", None),
        *("Prepare", "Cleanup", ""),
    ]


def test_a_password_is_given_to_the_apply_that_takes_one(tmp_path: Path) -> None:
    engine = Paper(iter([2, 0]))
    played(engine, tmp_path, SERVER, ["Check", "Apply"])
    assert ["PasswordOfServiceAccount" in each for each in engine.seen] == [False, True]


@pytest.mark.parametrize(
    ("runbook", "engine", "said"),
    [
        (ONLINE, Paper(lacks=["TargetTenantId"]), "its parameter TargetTenantId has no value"),
        (ONLINE, Paper(defaults_of={"TargetOrganization": ""}), "its parameter TargetOrganization has no value"),
        (ONLINE, Paper(defaults_of={"EquipmentAddress": 5}), "EquipmentAddress cannot be used: it is not text"),
        (ONLINE, Paper(defaults_of={"Delegates": ({},)}), "Delegates cannot be used: it has no Account"),
        (ONLINE, Paper(defaults_of={"MaxChanges": "many"}), "the value of its parameter MaxChanges is not a number"),
        (SERVER, Paper(lacks=["TargetAcceptedDomain"]), "its parameter TargetAcceptedDomain has no value"),
        (
            SERVER,
            Paper(defaults_of={"TargetVersion": "2013"}),
            "its parameter TargetVersion is '2013', and a rehearsal knows 2016, 2019, SE",
        ),
    ],
)
def test_a_runbook_that_somebody_changed_is_refused_with_the_parameter_that_is_wrong(
    runbook: Path, engine: Paper, said: str
) -> None:
    with pytest.raises(RunbookError, match="cannot be played") as caught:
        script(engine, runbook)
    assert said in str(caught.value)
    assert "its description" in caught.value.hint


def test_a_parameter_that_an_older_runbook_does_not_have_is_empty() -> None:
    assert script(Paper(lacks=["Delegates", "OneTouchJoinGroups"]), ONLINE).values["Delegates"] == ()


def test_a_runbook_that_does_not_say_its_method_is_refused(tmp_path: Path) -> None:
    for line, error, said in (
        ("", RunbookError, "it does not say which method it is"),
        ("$Method = 'unheard-of'\n$Platform = 'exchange-online'\n", InputError, "is not available yet"),
    ):
        path = tmp_path / "a.ps1"
        path.write_text(f"param()\n$PexgenReview = 'reviewed'\n{line}", encoding="utf-8")
        engine = Paper()
        engine.defaults = lambda _: {}  # type: ignore[method-assign] - this one reads none
        with pytest.raises(error, match=said):
            script(engine, path)


def test_a_run_that_met_a_fault_may_end_with_anything_but_a_defect(tmp_path: Path) -> None:
    ended = Result(4, "", [], (), {}, (), None, killed=False, folder=tmp_path)
    assert PlayedMode("Apply", (), ended).is_as_expected
