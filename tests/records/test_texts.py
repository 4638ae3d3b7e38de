"""The texts of records: how a deployment's values come into them, and that no value is taken for a text."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from pexgen.catalogue import Catalogue, load_catalogue
from pexgen.description.model import Tasks
from pexgen.errors import DefectError
from pexgen.parameters import ABSENT, deployment_parameters, details_read
from pexgen.records import MOST_NAMED, Texts, Unknown, in_words, names_of_values, record_tables, texts_of
from pexgen.template_files import template_folder

MANY = tuple(f"user{number}@contoso.com" for number in range(MOST_NAMED + 1))


def texts(derived: dict[str, str] | None = None, **given: Any) -> Texts:
    return Texts(given, derived or {})


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(template_folder())


def test_a_text_that_is_one_expression_alone_is_its_value() -> None:
    filled = texts(Members=("a", "b"), Closed=False)
    assert filled.value("{{ Members }}") == ("a", "b")
    assert filled.value("{{ not Closed }}") is True
    assert filled.value("{{ Members }} and {{ Members }}") == "a, b and a, b"


@pytest.mark.parametrize("given", [None, True, 7, ("a",)])
def test_what_is_no_text_stands_for_itself(given: object) -> None:
    assert texts().value(given) == given


def test_what_only_a_run_can_know_is_told_from_a_value_that_looks_like_it() -> None:
    filled = texts(Name="<b>")
    assert isinstance(filled.value("<GUID of {{ Name }}>"), Unknown)
    assert not isinstance(filled.value("{{ Name }}"), Unknown)


@pytest.mark.parametrize("value", ["{{ Hidden }}", "{% for x in (1,) %}x{% endfor %}", "{# gone #}", "<x>"])
def test_a_value_is_never_read_as_a_text(value: str) -> None:
    filled = texts({"Shown": "{{ Name }}"}, Name=value, Hidden="taken")
    assert filled.sentence("is {{ Name }}, {{ Shown }}") == f"is {value}, {value}"
    assert filled.value("{{ Shown }}") == value


def test_a_long_list_is_a_number_where_another_step_names_it() -> None:
    filled = texts(Members=MANY)
    assert filled.sentence("{{ Members }}", named_in="members") == f"{len(MANY)} addresses (named in the step members)"
    assert filled.sentence("{{ Members }}") == ", ".join(MANY)
    assert in_words(()) == "nobody"


def test_a_derived_value_is_made_once_and_only_when_it_is_asked_for() -> None:
    filled = texts({"Twice": "{{ Once + Once }}", "Never": "{{ Nothing.here }}"}, Once="ab")
    assert filled["Twice"] == "abab"
    assert filled["Twice"] is filled["Twice"]


@pytest.mark.parametrize("text", ["{{ Nmae }}", "is {{ Nmae }}", "{{ Nmae.length }}", "{{ Table['x'] }}"])
def test_what_is_not_there_is_a_defect_and_named(text: str) -> None:
    with pytest.raises(DefectError, match=r"cannot be filled.*(Nmae|x)"):
        texts(Table={}).value(text)


@pytest.mark.parametrize("text", ["{{ Members | map('lower') }}", "{{ Members | select }}"])
def test_what_can_be_read_once_is_a_list(text: str) -> None:
    filled = texts({"Twice": text}, Members=("a", "b"))
    assert [filled["Twice"], filled["Twice"]] == [("a", "b"), ("a", "b")]
    assert filled.sentence(f"they are {text}") == "they are a, b"


def test_a_mark_for_blanks_is_no_sign() -> None:
    assert texts(Number=7).value("{{- Number -}}") == "7"


@pytest.mark.parametrize("text", ["{{ 1 + Name }}", "{{ {}[Name] }}", "{{ Own }}"])
def test_a_text_that_cannot_be_filled_is_a_defect(text: str) -> None:
    with pytest.raises(DefectError, match="cannot be filled"):
        texts({"Own": "{{ Own }}"}, Name="x").value(text)


def test_a_condition_is_an_expression() -> None:
    filled = texts(Adopt=True, Members=())
    assert filled.holds({})
    assert filled.holds({"if": "Adopt and not Members"})
    assert not filled.holds({"if": "Members"})


def test_a_value_that_is_made_in_two_places_is_a_defect(catalogue: Catalogue) -> None:
    method = catalogue.methods["app-permissions", "exchange-online"]
    records = {**record_tables(catalogue.folder, method), "another": {"values": {"GroupMembers": "x"}}}
    given = {each.name: ABSENT[each.type] for each in deployment_parameters()}
    with pytest.raises(DefectError, match="GroupMembers of the records is made twice"):
        texts_of(catalogue.folder, records, given)


def test_every_value_that_a_step_makes_is_asked_for(catalogue: Catalogue) -> None:
    files = [catalogue.folder / "records.yaml", catalogue.folder / "methods.yaml"]
    files += sorted(catalogue.folder.glob("steps/*/step*.yaml"))
    written = "\n".join(path.read_text(encoding="ascii") for path in files)
    given = {each.name for each in (*deployment_parameters(), *details_read())}
    made = names_of_values(catalogue.folder) - given
    # Python asks for this one, for the states of the organization's switch.
    unused = {name for name in made if written.count(name) < 2}
    assert unused <= {"NamesObject"}, unused


def test_every_task_of_a_person_has_its_key_in_the_description(catalogue: Catalogue) -> None:
    tables = [*catalogue.folder.glob("steps/*/step*.yaml"), catalogue.folder / "records.yaml"]
    entries = [entry for table in tables for entry in documents_of(table)[-1].get("procedure", ())]
    for each in documents_of(catalogue.folder / "methods.yaml")[1].values():
        entries += each.get("procedure", ())
    named = {entry["task"] for entry in entries if "task" in entry}
    assert named == {field.name for field in fields(Tasks)}


def documents_of(table: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(table.read_bytes()))
