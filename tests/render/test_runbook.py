"""The runbook as a file: its parts, its bytes, its digest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pexgen.catalogue import Catalogue, Method, load_catalogue
from pexgen.errors import DefectError, InputError
from pexgen.parameters import parameter_value, pascal_case
from pexgen.runbook import Body, assemble, body_digest, runbook_bytes
from pexgen.runbook_marks import BODY_BEGINS

Describe = Callable[..., Any]


@pytest.fixture
def body(catalogue: Catalogue) -> Body:
    return assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])


def text_of(runbook: bytes) -> str:
    return runbook.decode("utf-8-sig").replace("\r\n", "\n")


def test_a_runbook_is_utf8_with_byte_order_mark_and_crlf(catalogue: Catalogue, body: Body, describe: Describe) -> None:
    runbook = runbook_bytes(describe(), body, catalogue, reviewed=True)
    assert runbook.startswith(b"\xef\xbb\xbf<#\r\n")
    assert runbook.endswith(b"#endregion\r\n")
    assert re.findall(rb"(?<!\r)\n|\r(?!\n)", runbook) == []


def test_help_parameters_header_and_body_stand_in_this_order(
    catalogue: Catalogue, body: Body, describe: Describe
) -> None:
    text = text_of(runbook_bytes(describe(), body, catalogue, reviewed=True))
    marks = [
        "<#\n.SYNOPSIS",
        "\n#>\n",
        "[CmdletBinding(",
        "\nparam(\n",
        "\n)\n\n$PexgenReview = 'reviewed'\n\n",
        BODY_BEGINS,
    ]
    positions = [
        text.index(mark)
        for mark in [*marks, "#region engine/70-values", "\n$Method = ", "#region steps/", "#region engine/99-main"]
    ]
    assert positions == sorted(positions)


def test_the_digest_is_that_of_the_text_after_the_line_that_begins_the_body(
    catalogue: Catalogue, body: Body, describe: Describe
) -> None:
    text = text_of(runbook_bytes(describe(), body, catalogue, reviewed=True))
    after = text.split(f"\n{BODY_BEGINS}\n")[1]
    assert hashlib.sha256(after.encode()).hexdigest() == body.digest == body_digest(after)


@pytest.mark.parametrize(
    "variant",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text + "\n\n",
        lambda text: text.rstrip("\n"),
        lambda text: text + "# SIG # Begin signature block\n# MIIx\n# SIG # End signature block\n",
        lambda text: text.replace("\n", "\r\n") + "\r\n# SIG # Begin signature block\r\n# MIIx\r\n",
    ],
)
def test_line_ends_and_a_signature_leave_the_digest_as_it_is(body: Body, variant: Callable[[str], str]) -> None:
    assert body_digest(variant(body.text)) == body.digest


def test_any_other_change_changes_the_digest(body: Body) -> None:
    assert body_digest(body.text.replace("Get-Everything", "Get-everything")) != body.digest
    assert body_digest("\n" + body.text) != body.digest
    assert body_digest(body.text + "x") != body.digest


def test_two_deployments_differ_in_the_parameters_alone(catalogue: Catalogue, body: Body, describe: Describe) -> None:
    other = describe(name="other", delegates=None, equipment=describe().equipment)
    other.equipment.address = "it\u2019s; #> {{ x }}@fabrikam.com"
    one, two = (text_of(runbook_bytes(each, body, catalogue, reviewed=True)) for each in (describe(), other))
    for cut in ("\nparam(\n", f"\n{BODY_BEGINS}\n"):
        assert one.split(cut)[0 if "param" in cut else 1] == two.split(cut)[0 if "param" in cut else 1]
    assert "'it\\u2019s; #> {{ x }}@fabrikam.com'" in two
    assert '    # Reads "it\u2019s; #> {{ x }}@fabrikam.com".\n' in two


def test_the_review_is_a_header_value_and_no_part_of_the_body(
    catalogue: Catalogue, body: Body, describe: Describe
) -> None:
    reviewed, not_reviewed = (
        text_of(runbook_bytes(describe(), body, catalogue, reviewed=state)) for state in (True, False)
    )
    assert reviewed.replace("$PexgenReview = 'reviewed'", "$PexgenReview = 'not reviewed'") == not_reviewed


def test_the_body_has_every_part_once_and_in_order(body: Body) -> None:
    regions = re.findall(r"^#region (.+)$", body.text, re.MULTILINE)
    steps = [step.part.name for step in body.method.steps]
    shared = list(dict.fromkeys(part.name for step in body.method.steps for part in step.shared))
    assert regions == ["engine/70-values", "constants", *steps, *shared, "tables", "engine/99-main"]
    assert {"shared/roles", "shared/ews"} <= set(shared)
    assert body.text.count("\n#endregion\n") == len(regions)


def test_every_parameter_has_its_help_above_it_and_the_help_names_none(
    catalogue: Catalogue, body: Body, describe: Describe
) -> None:
    text = text_of(runbook_bytes(describe(), body, catalogue, reviewed=True))
    assert ".PARAMETER" not in text
    block = text[text.index("\nparam(\n") : text.index("\n$PexgenReview")]
    above = re.sub(r"    \[ArgumentCompleter\((?:.*\n)*?    \}\)\]\n", "", block)
    names = re.findall(r"^    # .+\n    \[[a-z]+(?:\[\])?\] \$(\w+)", above, re.MULTILINE)
    assert names == [each.name for each in (*body.method.parameters, *body.method.run_parameters)]


def test_a_step_that_is_added_changes_the_digest(folder: Path, body: Body) -> None:
    (folder / "steps" / "ews-access" / "step.ps1").write_bytes(b"# changed\n")
    changed = load_catalogue(folder)
    assert assemble(changed, changed.methods["app-permissions", "exchange-online"]).digest != body.digest


@pytest.mark.parametrize(
    "data", [b"no line end", b"two line ends\n\n", "curly \u2018\n".encode(), b"\xef\xbb\xbf# mark\n"]
)
def test_a_part_that_is_not_ascii_lines_is_a_defect(folder: Path, data: bytes) -> None:
    (folder / "steps" / "ews-access" / "step.ps1").write_bytes(data)
    with pytest.raises(DefectError, match="steps/ews-access"):
        list(load_catalogue(folder).methods.values())


def test_a_core_without_a_main_part_is_a_defect(folder: Path) -> None:
    (folder / "engine" / "99-main.ps1").unlink()
    with pytest.raises(DefectError, match="engine/99-main"):
        load_catalogue(folder)


def test_crlf_from_a_checkout_on_windows_changes_nothing(folder: Path, body: Body) -> None:
    for path in (*folder.glob("*.j2"), *folder.glob("*/*.ps1")):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    windows = load_catalogue(folder)
    again = assemble(windows, windows.methods["app-permissions", "exchange-online"])
    assert (again.digest, again.parts) == (body.digest, body.parts)


def test_a_method_that_pexgen_does_not_have_is_the_inputs_problem(catalogue: Catalogue) -> None:
    with pytest.raises(InputError) as caught:
        catalogue.method("migrate", "exchange-server", "contoso.yaml")
    problem = caught.value.problems[0]
    assert (problem.file, problem.code) == ("contoso.yaml", "PXG090")
    assert "not available yet" in problem.message
    assert "app-permissions" in problem.hint


@pytest.fixture
def method(catalogue: Catalogue) -> Method:
    return catalogue.methods["app-permissions", "exchange-online"]


def test_absent_values_are_empty_ones_of_their_type(method: Method, describe: Describe) -> None:
    values = {parameter.name: parameter_value(describe(), parameter) for parameter in method.parameters}
    given = {name for name, value in values.items() if value not in ("", (), {}) and value not in (False, 0)}
    assert given == {
        "Name", "TargetOrganization", "TargetTenantId", "TargetEnvironment", "EquipmentAddress", "EquipmentName",
        "EquipmentAlias", "ApplicationName", "ApplicationClientId", "ApplicationObjectId", "ApplicationAssignment",
        "SchedulingGroupAddress", "SchedulingGroupName", "ScopeName", "ProofInScope", "ProofOutOfScope",
    }  # fmt: skip


def test_a_key_that_no_description_has_is_a_defect(method: Method) -> None:
    with pytest.raises(DefectError, match="no key name"):
        parameter_value(object(), method.parameters[0])


@pytest.mark.parametrize(
    ("key", "name"),
    [("name", "Name"), ("change.ticket", "ChangeTicket"), ("one_touch_join.client_ids", "OneTouchJoinClientIds")],
)
def test_a_parameter_is_named_after_its_key(key: str, name: str) -> None:
    assert pascal_case(key) == name
