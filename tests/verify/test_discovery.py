"""A script of ``pexgen discover`` is verified like a runbook, without a description: it is made before there is one."""

from __future__ import annotations

import pytest

from pexgen.cli._verify_formats import as_text
from pexgen.discovery import PLATFORMS, assemble_discovery, discovery_script
from pexgen.runbook_marks import BODY_BEGINS


@pytest.fixture(params=PLATFORMS)
def body(sample, request):
    return assemble_discovery(sample.catalogue, request.param)


@pytest.fixture
def ledger(sample, body):
    (review,) = sample.ledger.values()
    return {body.method.key: review._replace(digest=body.digest)}


def test_a_discovery_script_without_values_verifies(sample, body, ledger) -> None:
    script = discovery_script(sample.catalogue, body, {}, reviewed=True)
    for reference in (None, sample.manifest):
        found = sample.verify(script, reference, ledger)
        assert (found.findings, found.method.key, found.digest) == ((), body.method.key, body.digest)
        assert "values     none: it looks for everything" in as_text(found)


def test_no_discovery_script_verifies_of_which_one_byte_was_changed(sample, body, ledger) -> None:
    script = discovery_script(sample.catalogue, body, {}, reviewed=True)
    begins = script.index(BODY_BEGINS.encode())
    quoted = script.index(b"$EquipmentAddress = '") + len(b"$EquipmentAddress = '")
    places = [0, 2, 3, 40, script.index(b"param("), quoted, begins - 4, begins, begins + 60, len(script) - 3]
    changed = [
        script[:at] + each + script[at + 1 :] for at in places for each in (b"", b"~", b"~" + script[at : at + 1])
    ]
    assert [data for data in changed if sample.verify(data, None, ledger).is_ok] == []


def test_what_a_discovery_script_looks_for_is_listed_and_compared_with_nothing(sample, body, ledger) -> None:
    script = discovery_script(sample.catalogue, body, {"EquipmentAddress": "o'hara@contoso.com"}, reviewed=True)
    (finding,) = sample.verify(script, None, ledger).findings
    assert finding.kind == "not-compared"
    assert finding.message.endswith("read what it looks for: -EquipmentAddress 'o''hara@contoso.com'")


def test_a_discovery_script_has_no_description(sample, body, ledger) -> None:
    script = discovery_script(sample.catalogue, body, {}, reviewed=True)
    (finding,) = sample.verify(script, sample.description, ledger).findings
    assert (finding.kind, "it has no description" in finding.message) == ("values", True)


def test_a_discovery_script_without_a_review_says_which_body_has_none(sample, body) -> None:
    script = discovery_script(sample.catalogue, body, {}, reviewed=False)
    messages = [finding.message for finding in sample.verify(script, None, {}).findings]
    assert messages == [
        "NOT REVIEWED: so says the runbook's own header; it needs -AcceptUnreviewed",
        f"NOT REVIEWED: this pexgen's ledger has no review of the body {body.digest}",
    ]


def test_a_discovery_script_that_names_no_method_is_compared_with_the_one_most_like_it(sample, body, ledger) -> None:
    script = discovery_script(sample.catalogue, body, {}, reviewed=True)
    found = sample.verify(script.replace(b"#region discover/", b"#region teleport/"), None, ledger)
    assert (found.is_ok, found.method.key) == (False, body.method.key)
