"""What was compiled and put together when the wheel was built gives the same runbook, or is not used."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from pexgen.catalogue import Catalogue, load_catalogue
from pexgen.discovery import PLATFORMS, assemble_discovery, discovery_script
from pexgen.errors import DefectError
from pexgen.filling import environment_of, write_compiled
from pexgen.ready_bodies import read_ready, write_ready
from pexgen.runbook import Body, assemble, runbook_bytes
from pexgen.template_files import (
    COMPILED,
    COMPILED_INDEX,
    documents,
    read_record_table,
    read_yaml,
    ready_table,
    template_folder,
    write_ready_tables,
)

Describe = Callable[..., Any]


@pytest.fixture
def compiled(folder: Path) -> Path:
    """Compile the templates of :func:`folder` as the wheel's build does, and return the index."""
    write_compiled(load_catalogue(folder), folder / COMPILED)
    return folder / COMPILED / COMPILED_INDEX


def runbook(folder: Path, description: Any) -> tuple[bytes, str]:
    """The runbook, and what its template was read as: Python where it came compiled."""
    catalogue = load_catalogue(folder)
    body = assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])
    content = runbook_bytes(description, body, catalogue, reviewed=True)
    return content, read_as(catalogue, "parameters")


def read_as(catalogue: Catalogue, template: str) -> str:
    filename = environment_of(catalogue).get_template(f"{template}.ps1.j2").filename
    assert filename
    return Path(filename).suffix


def test_compiled_templates_are_used_and_give_the_same_bytes(folder: Path, compiled: Path, describe: Describe) -> None:
    with_compiled, kind = runbook(folder, describe())
    assert kind == ".py"
    compiled.unlink()
    assert runbook(folder, describe()) == (with_compiled, ".j2")


def test_a_template_that_was_changed_since_is_read_from_its_source(
    folder: Path, compiled: Path, describe: Describe
) -> None:
    source = folder / "help.ps1.j2"
    source.write_text(source.read_text(encoding="ascii").replace(".NOTES", ".NOTES\n    Changed."), encoding="ascii")
    content, kind = runbook(folder, describe())
    assert kind == ".j2"
    assert b".NOTES\r\n    Changed.\r\n" in content


def test_templates_compiled_for_another_jinja2_are_not_used(folder: Path, compiled: Path, describe: Describe) -> None:
    compiled.write_text(compiled.read_text(encoding="utf-8").replace(jinja2.__version__, "3.0.0"), encoding="utf-8")
    assert runbook(folder, describe())[1] == ".j2"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_script_of_discover_is_made_with_compiled_templates_too_and_of_the_same_bytes(
    folder: Path, compiled: Path, platform: str
) -> None:
    def script() -> tuple[bytes, str, str]:
        catalogue = load_catalogue(folder)
        made = discovery_script(catalogue, assemble_discovery(catalogue, platform), {}, reviewed=True)
        return made, read_as(catalogue, "body"), read_as(catalogue, "discover")

    with_compiled, *read = script()
    assert read == [".py", ".j2"]
    compiled.unlink()
    assert script() == (with_compiled, ".j2", ".j2")


@pytest.fixture
def ready(folder: Path) -> Path:
    """Put the body of app permissions together as the wheel's build does, and return its file."""
    catalogue = load_catalogue(folder)
    body = assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])
    (folder / COMPILED).mkdir()
    write_ready(folder / COMPILED, body.method, body.parts, (body.text, body.help))
    (file,) = (folder / COMPILED).glob("*.txt")
    return file


def put_together(folder: Path) -> Body:
    catalogue = load_catalogue(folder)
    return assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])


def marked(ready: Path) -> None:
    """Let the ready body be known by a line that putting together does not give."""
    made_from, help_text, text = ready.read_text(encoding="ascii").split("\0")
    ready.write_text(f"{made_from}\0{help_text}\0# Ready.\n{text}", encoding="ascii", newline="\n")


def test_a_ready_body_is_used_and_is_the_one_that_is_put_together(folder: Path, ready: Path) -> None:
    found = put_together(folder)
    marked(ready)
    assert put_together(folder).text == f"# Ready.\n{found.text}"
    ready.unlink()
    again = put_together(folder)
    assert (again.text, again.help, again.digest) == (found.text, found.help, found.digest)
    assert [part.sha256 for part in again.parts] == [part.sha256 for part in found.parts]


@pytest.mark.parametrize(
    "change",
    [
        ("engine/99-main.ps1", "Get-Everything", "# Changed.\nGet-Everything"),
        ("steps/ews-access/step.ps1", "# {{", "# changed {{"),
        ("steps/ews-access/step.yaml", "Organization Configuration", "Organization Configurations"),
        ("steps/ews-access/step.yaml", "title: EWS switch", "title: EWS switched"),
        ("methods.yaml", "registers the enterprise application", "enters the enterprise application"),
        ("help.ps1.j2", ".NOTES", ".NOTES\n    Changed."),
        ("parameters.yaml", "Exchange takes a while", "Exchange takes long"),
    ],
)
def test_a_body_of_which_anything_was_changed_since_is_put_together(
    folder: Path, ready: Path, change: tuple[str, str, str]
) -> None:
    marked(ready)
    name, before, after = change
    source = (folder / name).read_text(encoding="utf-8")
    assert before in source
    (folder / name).write_text(source.replace(before, after), encoding="utf-8", newline="\n")
    assert not put_together(folder).text.startswith("# Ready.")


@pytest.fixture
def with_ready_tables(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the tables of :func:`folder` be read as a wheel's are, and return the folder."""
    (folder / COMPILED).mkdir()
    write_ready_tables(folder, folder / COMPILED)
    monkeypatch.setattr("pexgen.template_files.template_folder", lambda: folder)
    return folder


def test_ready_tables_say_what_the_tables_say(with_ready_tables: Path) -> None:
    tables = sorted(with_ready_tables.rglob("*.yaml"))
    said = [yaml.safe_load(documents(table)[0]) for table in tables]
    for table in tables:
        assert ready_table(with_ready_tables / COMPILED, documents(table)[0]).is_file()
    assert [read_yaml(table) for table in tables] == said


def test_a_table_that_was_changed_since_is_read_itself(with_ready_tables: Path) -> None:
    table = with_ready_tables / "steps" / "ews-access" / "step.yaml"
    text = table.read_text(encoding="utf-8")
    assert read_yaml(table)["title"] != "Changed"
    table.write_text(text.replace("title: EWS switch", "title: Changed #"), encoding="utf-8", newline="\n")
    assert read_yaml(table)["title"] == "Changed"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1: one\n", "says something that JSON cannot"),
        ("since: 2026-10-01\n", "says something that JSON cannot: Object of type date"),
        ("since: 2026-13-45\n", "cannot be read as YAML: month must be in"),
        ("since: [\n", "cannot be read as YAML: "),
    ],
)
def test_a_table_that_json_cannot_say_is_no_ready_one(folder: Path, tmp_path: Path, text: str, message: str) -> None:
    (folder / "reviews.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DefectError, match=rf"{re.escape(str(folder / 'reviews.yaml'))} {message}"):
        write_ready_tables(folder, tmp_path)


@pytest.mark.parametrize("value", ["2026-13-45", "!!int one", "!!bool perhaps", "[" * 5000, "}"])
def test_a_table_that_cannot_be_read_is_a_defect_with_its_path(tmp_path: Path, value: str) -> None:
    table = tmp_path / "step.yaml"
    table.write_text(f"since: {value}\n---\nsince: {value}\n", encoding="utf-8")
    for read in (read_yaml, read_record_table):
        with pytest.raises(DefectError, match=re.escape(f"{table} cannot be read as YAML: ")):
            read(table)


def installed() -> None:
    if os.environ.get("PEXGEN_INSTALLED") != "1":
        pytest.skip("a checkout puts its bodies together, and reads its tables, as it goes")


def test_a_wheel_has_every_table_ready() -> None:
    installed()
    folder = template_folder()
    for table in folder.rglob("*.yaml"):
        assert ready_table(folder / COMPILED, documents(table)[0]).is_file()


def test_a_wheel_has_the_body_of_every_method_ready() -> None:
    installed()
    catalogue = load_catalogue(template_folder())
    for method in catalogue.methods.values():
        body = assemble(catalogue, method)
        assert read_ready(catalogue.folder, method, body.parts) == (body.text, body.help)
