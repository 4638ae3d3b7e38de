"""Templates that were compiled when the wheel was built give the same runbook, or are not used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest

from pexgen.catalogue import COMPILED, COMPILED_INDEX, SKELETON, load_catalogue
from pexgen.runbook import _environment, assemble, runbook_bytes, template_environment

Describe = Callable[..., Any]


@pytest.fixture
def compiled(folder: Path) -> Path:
    """Compile the templates of :func:`folder` as the wheel's build does, and return the index."""
    target = folder / COMPILED
    environment = template_environment(jinja2.FileSystemLoader(folder))
    names = [f"{name}.ps1.j2" for name in SKELETON]
    environment.compile_templates(target, filter_func=names.__contains__, zip=None, ignore_errors=False)
    sources = {f"{part.name}.ps1.j2": part.sha256 for part in load_catalogue(folder).skeleton}
    index = target / COMPILED_INDEX
    index.write_text(json.dumps({"jinja2": jinja2.__version__, "sources": sources}), encoding="utf-8")
    return index


def runbook(folder: Path, description: Any) -> tuple[bytes, str]:
    """The runbook, and the name of the loader that its templates came from."""
    catalogue = load_catalogue(folder)
    body = assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])
    content = runbook_bytes(description, body, catalogue, reviewed=True)
    return content, type(_environment(catalogue).loader).__name__


def test_compiled_templates_are_used_and_give_the_same_bytes(folder: Path, compiled: Path, describe: Describe) -> None:
    with_compiled, loader = runbook(folder, describe())
    assert loader == "ModuleLoader"
    compiled.unlink()
    assert runbook(folder, describe()) == (with_compiled, "FileSystemLoader")


def test_a_template_that_was_changed_since_is_read_from_its_source(
    folder: Path, compiled: Path, describe: Describe
) -> None:
    source = folder / "help.ps1.j2"
    source.write_text(source.read_text(encoding="ascii").replace(".NOTES", ".NOTES\n    Changed."), encoding="ascii")
    content, loader = runbook(folder, describe())
    assert loader == "FileSystemLoader"
    assert b".NOTES\r\n    Changed.\r\n" in content


def test_templates_compiled_for_another_jinja2_are_not_used(folder: Path, compiled: Path, describe: Describe) -> None:
    compiled.write_text(compiled.read_text(encoding="utf-8").replace(jinja2.__version__, "3.0.0"), encoding="utf-8")
    assert runbook(folder, describe())[1] == "FileSystemLoader"
