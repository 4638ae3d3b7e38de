"""PXG141: an example of init is still there."""

from __future__ import annotations

import re

import pytest
from lint.conftest import EVERY, SAMPLES

from pexgen.cli import run
from pexgen.cli._starters import STARTERS, starter

GUID = re.compile(r"([0-9a-f])\1{7}(?:-\1{4}){3}-\1{12}")
SAMPLE_FILES = sorted(SAMPLES.glob("*.yaml"))


def own_ids(text: str) -> str:
    """The text with an ID of its own in the place of each placeholder."""
    return GUID.sub(lambda found: f"8a1c52f6-0d3b-4e79-9c1e-6b2f0c4d7a{found[1]}{found[1]}", text)


def found(problems) -> set[str]:
    return {each.source_line[each.column - 1 :][: each.length] for each in problems if each.code == "PXG141"}


@pytest.mark.parametrize("which", list(STARTERS))
@pytest.mark.parametrize("has_own_ids", [True, False])
def test_every_name_address_and_domain_of_an_untouched_starter_is_a_warning(problems_of, which, has_own_ids) -> None:
    text = starter(*which).decode()
    text = own_ids(text) if has_own_ids else text
    written = {
        word
        for line in text.splitlines()
        if "contoso" in line and not line.lstrip().startswith("#")
        for word in re.findall(r"[\w.@-]*contoso[\w.@-]*", line)
    }
    assert len(written) > 3
    assert found(problems_of(text)) == written
    assert {each.severity for each in problems_of(text) if each.code == "PXG141"} == {"warning"}


@pytest.mark.parametrize("which", list(STARTERS))
def test_one_value_that_was_forgotten_is_found(problems_of, which) -> None:
    text = own_ids(starter(*which).decode())
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if "contoso" not in line or line.lstrip().startswith("#"):
            continue
        others = [each.replace("contoso", "fabrikam") for each in lines]
        one = "\n".join([*others[:place], line, *others[place + 1 :]])
        assert len(found(problems_of(one))) == 1, line


def test_a_line_that_was_taken_in_is_found_too(problems_of) -> None:
    text = own_ids(starter("service-account", "exchange-server").decode()).replace("contoso", "fabrikam")
    taken = text.replace(
        "# delegates:\n#   - account: pexip-admin@fabrikam.com", "delegates:\n  - account: pexip-admin@contoso.com"
    )
    taken = taken.replace("  # organizational_unit: fabrikam.com/", "  organizational_unit: contoso.com/")
    assert found(problems_of(taken)) == {"pexip-admin@contoso.com", "contoso.com/Service Accounts"}


@pytest.mark.parametrize("which", list(STARTERS))
def test_strict_ends_with_1_for_an_untouched_starter(tmp_path, capsys, which) -> None:
    (tmp_path / "a.yaml").write_text(own_ids(starter(*which).decode()), encoding="utf-8")
    assert run(["lint", "--strict", str(tmp_path / "a.yaml")]) == 1
    assert "PXG141" in capsys.readouterr().out


@pytest.mark.parametrize("path", SAMPLE_FILES, ids=lambda path: path.name)
def test_samples_are_contoso_on_purpose(problems_of, path) -> None:
    assert found(problems_of(path.read_text(encoding="utf-8"))) == set()


@pytest.mark.parametrize("of", list(EVERY))
def test_a_tenant_that_is_called_contoso_is_no_finding(problems_of, of) -> None:
    assert found(problems_of(EVERY[of])) == set()


def test_what_follows_from_the_name_is_not_said_again(problems_of) -> None:
    text = own_ids(starter("app-permissions", "exchange-online").decode()).replace("contoso.", "fabrikam.")
    problems = [each for each in problems_of(text.replace("@contoso", "@fabrikam")) if each.code == "PXG141"]
    assert [each.message for each in problems] == ['`name` is still the example of `pexgen init`, "contoso-scheduling"']
