"""The clouds stand in the schema, the scripts and the sentences as the one table of them has them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pexgen.clouds import CLOUDS, DOMAINS, WORLDWIDE, by_domain, of_domain, spoken
from pexgen.description import load_schema
from pexgen.template_files import lines_for, template_folder
from pexgen.vendor_fact_kinds import EVERY_CLOUD
from pexgen.words import listed

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "tools"))  # as for the scripts themselves

import cloud_places  # noqa: E402 - a tool is no package

NAMES = list(CLOUDS)
SPOKEN = "worldwide, gcc, gcc-high, dod or china"


def test_the_table_has_the_clouds_that_connect_exchangeonline_and_entra_know() -> None:
    assert {cloud: (each.domain, each.entra, each.exchange) for cloud, each in CLOUDS.items()} == {
        "worldwide": (".onmicrosoft.com", "login.microsoftonline.com", ""),
        "gcc": (".onmicrosoft.com", "login.microsoftonline.com", ""),
        "gcc-high": (".onmicrosoft.us", "login.microsoftonline.us", "O365USGovGCCHigh"),
        "dod": (".onmicrosoft.us", "login.microsoftonline.us", "O365USGovDoD"),
        "china": (".partner.onmschina.cn", "login.partner.microsoftonline.cn", "O365China"),
    }
    assert WORLDWIDE == ("worldwide", "gcc")
    assert list(EVERY_CLOUD) == NAMES


def test_the_schema_has_the_same_clouds() -> None:
    environment = load_schema()["properties"]["target"]["properties"]["environment"]
    assert environment["enum"] == NAMES
    assert len(environment["enumDescriptions"]) == len(NAMES)
    assert environment["default"] == "worldwide"
    assert f"- {SPOKEN}. " in environment["x-parameter"]


@pytest.mark.parametrize("end", [".onmicrosoft.com", ".onmicrosoft.us", ".onmicrosoft.de", ".partner.onmschina.cn"])
def test_the_form_of_an_initial_domain_takes_each_end_in_capitals_or_not(end: str) -> None:
    pattern = load_schema()["properties"]["target"]["properties"]["organization"]["pattern"]
    assert end in DOMAINS
    for name in (f"contoso{end}", f"CONTOSO{end.upper()}", f"c{end}"):
        assert re.search(pattern, name), name
    for name in (f"contoso{end}.com", f"contoso{end.replace('.', 'x')}", f"contoso{end[:-1]}", end, f"a.b{end}"):
        assert not re.search(pattern, name), name


def test_the_script_of_discover_takes_the_same_clouds() -> None:
    text = (template_folder() / "discovery" / "99-main.ps1").read_text(encoding="ascii")
    found = re.search(r"\$environments = '', (.+)", text)
    assert found is not None
    assert re.findall(r"'([^']+)'", found[1]) == NAMES
    assert SPOKEN in text
    assert SPOKEN in (template_folder() / "discovery" / "discover.yaml").read_text(encoding="ascii")


@pytest.mark.parametrize(
    ("organization", "clouds"),
    [
        ("Contoso.OnMicrosoft.com", ("worldwide", "gcc")),
        ("contoso.onmicrosoft.us", ("gcc-high", "dod")),
        ("contoso.partner.onmschina.cn", ("china",)),
        ("contoso.com", ()),
        ("", ()),
    ],
)
def test_an_initial_domain_tells_its_clouds(organization: str, clouds: tuple[str, ...]) -> None:
    assert of_domain(organization) == clouds


def test_sentences_name_the_clouds() -> None:
    assert spoken(WORLDWIDE) == "worldwide and GCC"
    assert list(by_domain()) == [".onmicrosoft.com", ".onmicrosoft.us", ".partner.onmschina.cn"]
    assert (listed(NAMES), listed(["one"])) == (SPOKEN, "one")


def test_what_a_tool_wrote_stands_in_a_body_without_the_lines_around_it() -> None:
    text = "function Get-One {\n    # made: one\n    $one = 1  # only: here\n    # end: one\n    # made by hand\n}\n"
    assert lines_for(text, {"here"}) == "function Get-One {\n    $one = 1\n    # made by hand\n}\n"
    assert lines_for(text, ()) == "function Get-One {\n    # made by hand\n}\n"


def test_a_long_list_of_clouds_goes_on_in_the_next_line(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"cloud-{number}": f"O365MadeUp{number}" for number in range(12)}
    monkeypatch.setattr(cloud_places, "CLOUDS", many)
    monkeypatch.setattr(cloud_places, "_NAMES", many)
    for name, make in (each for makers in cloud_places._MAKERS.values() for each in makers.items()):
        lines = make("        ")
        assert len(lines) > 1, name
        assert max(map(len, lines)) <= 120, name
        assert all(line.startswith("        ") for line in lines), name
    assert cloud_places._names("    ")[:2] == ["    $environments = @{", "        'cloud-0' = 'O365MadeUp0'"]
    said = re.findall(r"'([^']*)'", "".join(cloud_places._said("        ")))
    assert "".join(said) == f"-TargetEnvironment is {listed(many)}, or empty."


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    # made: clouds\n", "", "# made: clouds' 0 times, and needs it 1 time"),
        ("# end: clouds\n", "# end: cloud\n", "# end: clouds' 0 times, and needs it 1 time"),
        ("# made: clouds\n", "# mad: clouds\n", "# made: clouds' 0 times, and needs it 1 time"),
        ("# made: clouds\n", "# made: clouds\n# made: clouds\n", "# made: clouds' 2 times, and needs it 1 time"),
        ("# end: clouds-said\n", "# end: clouds-said\n# made: more\n", "# made: more' 1 time, and needs it 0 times"),
        ("# made: clouds-said\n", "# end: clouds-said\n", "# made: clouds-said' 0 times, and needs it 1 time"),
    ],
)
def test_a_mark_that_is_missing_or_misspelt_is_refused_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, message: str
) -> None:
    with_changed_script(tmp_path, monkeypatch, lambda text: text.replace(old, new, 1))
    with pytest.raises(ValueError, match=re.escape(f"99-main.ps1 has the mark '{message}")):
        list(cloud_places.templates())


def test_marks_that_changed_places_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_changed_script(
        tmp_path,
        monkeypatch,
        lambda text: (
            text.replace("# made: clouds\n", "# x\n")
            .replace("# end: clouds\n", "# made: clouds\n")
            .replace("# x\n", "# end: clouds\n")
        ),
    )
    with pytest.raises(ValueError, match="has the mark '# end: clouds' before '# made: clouds'"):
        list(cloud_places.templates())


def with_changed_script(folder: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str]) -> None:
    """Let the tool look at copies of the templates, of which the script of discover is changed."""
    for file in cloud_places._MAKERS:
        (folder / file).parent.mkdir(exist_ok=True)
        text = (template_folder() / file).read_text(encoding="ascii")
        changed = change(text) if file == "discovery/99-main.ps1" else text
        (folder / file).write_text(changed, encoding="ascii", newline="\n")
    monkeypatch.setattr(cloud_places, "_TEMPLATES", folder)


def test_a_schema_without_a_place_for_the_clouds_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the clouds in: The cloud"):
        cloud_places._changed("The cloud.", "(?<= - )", "x")
