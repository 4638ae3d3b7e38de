"""Reading files, positions and defaults."""

from __future__ import annotations

import io
import sys
from dataclasses import FrozenInstanceError

import pytest

from pexgen import sizes
from pexgen.description import Loaded, load, read_description
from pexgen.description.codes import CODES
from pexgen.errors import InputError
from pexgen.sizes import DESCRIPTION, spoken


@pytest.fixture
def loaded(small):
    return load(small.encode(), "small.yaml")


def test_defaults_that_come_from_other_keys_are_filled_in(loaded) -> None:
    description = loaded.description
    assert description.equipment.name == "contoso"
    assert description.equipment.alias == ""
    assert description.equipment.display_name == ""
    assert description.application.name == "contoso"
    assert description.application.assignment == "contoso-ews"
    assert description.scheduling_group.name == "contoso-group"
    assert description.scope.name == "contoso-scope"
    assert description.scope.max_mailboxes is None
    assert description.target.environment == "worldwide"


def test_what_is_written_wins_over_defaults(small) -> None:
    text = small + "scope: {max_mailboxes: 5}\n"
    text = text.replace("equipment:\n", "equipment:\n  name: Room\n  alias: r\n")
    description = load(text.encode(), "x").description
    assert (description.equipment.name, description.equipment.alias) == ("Room", "r")
    assert (description.scope.name, description.scope.max_mailboxes) == ("contoso-scope", 5)


@pytest.mark.parametrize("name", ["../contoso", "..\\contoso", "../../contoso", "/contoso", ".."])
def test_a_name_that_leads_out_of_the_output_folder_is_refused_where_it_stands(small, name: str) -> None:
    with pytest.raises(InputError) as refused:
        load(small.replace("name: contoso\n", f"name: {name}\n").encode(), "small.yaml")
    (problem,) = refused.value.problems
    assert (problem.code, problem.file, problem.line, problem.column) == ("PXG024", "small.yaml", 2, 7)
    assert (problem.source_line, problem.length) == (f"name: {name}", len(name))


def test_optional_sections_and_lists_are_none_and_empty(loaded) -> None:
    description = loaded.description
    assert (description.ews, description.change, description.pexip) == (None, None, None)
    assert (description.delegates, description.accept) == ((), ())


def test_description_cannot_be_changed_and_is_hashable(loaded) -> None:
    with pytest.raises(FrozenInstanceError):
        loaded.description.name = "x"
    assert hash(loaded.description) == hash(load(loaded.source, "other.yaml").description)


def test_only_calendar_keys_that_are_there_have_a_value(small) -> None:
    text = small.replace(
        "equipment:\n", "equipment:\n  calendar: {automate_processing: None, allow_conflicts: false}\n"
    )
    calendar = load(text.encode(), "x").description.equipment.calendar
    assert (calendar.automate_processing, calendar.allow_conflicts) == ("None", False)
    assert calendar.delete_comments is None


def position(loaded: Loaded, path: str) -> tuple[int, int, int]:
    problem = loaded.problem("PXG104", path, "")
    return problem.line, problem.column, problem.length


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("version", (1, 10, 1)),
        ("scheduling_group.members[0]", (15, 13, 17)),
        ("scheduling_group.members", (15, 3, 7)),
        ("scheduling_group", (13, 1, 16)),
        ("scheduling_group.members[7]", (15, 3, 7)),
        ("scheduling_group.prune", (13, 1, 16)),
        ("scope.name", (1, 1, 1)),
        ("", (1, 1, 1)),
    ],
)
def test_position_is_that_of_the_value_or_the_nearest_key_above(loaded, path, place) -> None:
    assert position(loaded, path) == place


def test_positions_count_lines_as_editors_do_and_columns_in_characters(small) -> None:
    text = "# \U0001f600\r\n" + small.replace("\n", "\r\n") + "change: {title: '\U0001f600\U0001f600', ticket: x}\r\n"
    loaded = load(b"\xef\xbb\xbf" + text.encode(), "x")
    assert position(loaded, "version") == (2, 10, 1)
    assert position(loaded, "change.ticket") == (20, 31, 1)
    assert loaded.problem("PXG104", "version", "").source_line == "version: 1"


def test_accepted_findings_are_at_hand(small) -> None:
    loaded = load((small + "accept: [{code: PXG104, reason: 'two domains'}]\n").encode(), "x")
    assert [(entry.code, entry.reason) for entry in loaded.accepted] == [("PXG104", "two domains")]


@pytest.mark.parametrize("name", ["missing.yaml", ".", "a\0b"])
def test_file_that_cannot_be_read_is_a_problem(tmp_path, monkeypatch, name) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        read_description(name)
    (problem,) = caught.value.problems
    assert (problem.code, problem.file, problem.line) == ("PXG001", name, 0)


def test_no_more_is_read_than_is_needed_to_refuse(tmp_path, monkeypatch) -> None:
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (DESCRIPTION + 100))
    assert len(read_description(str(large))) == DESCRIPTION + 1

    class Standard:
        buffer = io.BytesIO(b"#" * (DESCRIPTION + 100))

    monkeypatch.setattr(sys, "stdin", Standard)
    assert len(read_description("-")) == DESCRIPTION + 1


def test_file_of_exactly_the_greatest_size_is_read(small) -> None:
    padded = small.encode() + b"#" * (DESCRIPTION - len(small.encode()))
    assert load(padded, "x").description.name == "contoso"
    with pytest.raises(InputError) as caught:
        load(padded + b"#", "x")
    assert caught.value.problems[0].code == "PXG002"


def test_what_is_said_of_the_largest_files_is_what_is_read() -> None:
    told = {each.code: each.explanation for each in CODES}
    assert told["PXG002"].startswith("A description has at most 1 MiB, which")
    assert "is larger than 256 KiB, has a document type" in told["PXG029"]
    assert [spoken(each) for each in (DESCRIPTION, sizes.ADD_IN_MANIFEST, sizes.RUNBOOK, sizes.TENANT)] == [
        *("1 MiB", "256 KiB", "8 MiB", "64 MiB")
    ]
