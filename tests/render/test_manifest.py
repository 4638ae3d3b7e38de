"""The manifest says what the runbook is and what it was made from."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from pexgen import __version__
from pexgen.catalogue import Catalogue
from pexgen.manifest import PREDICATE_TYPE, manifest_bytes, read_manifest
from pexgen.reviews import Review
from pexgen.runbook import Body, assemble


@pytest.fixture
def body(catalogue: Catalogue) -> Body:
    return assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])


def manifest(body: Body, **changes: Any) -> Any:
    given: dict[str, Any] = {
        "file_name": "contoso.ps1",
        "runbook": b"runbook",
        "source": b"source",
        "body": body,
        "review": None,
        "accepted": [],
    }
    return json.loads(manifest_bytes(**{**given, **changes}))


def test_it_is_an_in_toto_statement_about_the_file_and_its_body(body: Body) -> None:
    statement = manifest(body)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == PREDICATE_TYPE
    assert statement["subject"] == [
        {"name": "contoso.ps1", "digest": {"sha256": hashlib.sha256(b"runbook").hexdigest()}},
        {"name": "contoso.ps1#body", "digest": {"sha256": body.digest}},
    ]


def test_it_names_description_parts_and_version(body: Body) -> None:
    predicate = manifest(body)["predicate"]
    assert predicate["description"] == {"sha256": hashlib.sha256(b"source").hexdigest()}
    assert predicate["pexgen"] == __version__
    assert [part["name"] for part in predicate["templates"]][:3] == ["help", "parameters", "body"]
    assert [part["sha256"] for part in predicate["templates"]] == [part.sha256 for part in body.parts]


def test_it_says_whose_review_it_was(body: Body) -> None:
    assert manifest(body)["predicate"]["review"] is None
    review = Review(body.digest, "pexgen project", "2026-11-23", ("undo",), "Read.", {})
    assert manifest(body, review=review)["predicate"]["review"] == {
        "by": "pexgen project",
        "date": "2026-11-23",
        "checked": ["undo"],
        "notes": "Read.",
        "meaning": "reviewed by the pexgen project, not by your organization",
    }


def test_accepted_findings_land_in_it_with_their_reasons(body: Body) -> None:
    accepted = [{"code": "PXG101", "reason": "A test tenant \u2018only\u2019."}]
    assert manifest(body, accepted=accepted)["predicate"]["acceptedFindings"] == accepted


def test_it_ends_with_a_line_end_and_is_the_same_every_time(body: Body) -> None:
    given: dict[str, Any] = {
        "file_name": "n",
        "runbook": b"",
        "source": b"",
        "body": body,
        "review": None,
        "accepted": (),
    }
    assert manifest_bytes(**given).endswith(b"}\n")
    assert manifest_bytes(**given) == manifest_bytes(**given)


@pytest.mark.parametrize("odd", [1, None, [], {}, True])
@pytest.mark.parametrize("place", ["name", "digest", "pexgen"])
def test_a_statement_whose_names_or_digests_are_no_texts_is_no_manifest(body: Body, place: str, odd: object) -> None:
    statement = manifest(body)
    assert read_manifest(json.dumps(statement).encode()) == statement
    # Two numbers can be added as two texts can.
    for subject in statement["subject"]:
        subject["name"] = odd if place == "name" else subject["name"]
        subject["digest"]["sha256"] = odd if place in {"name", "digest"} else subject["digest"]["sha256"]
    if place == "pexgen":
        statement["predicate"]["pexgen"] = odd
    assert read_manifest(json.dumps(statement).encode()) is None
