"""What the script of discovery is put together from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pexgen.catalogue import load_catalogue
from pexgen.discovery import PLATFORMS, assemble_discovery
from pexgen.errors import DefectError
from pexgen.template_files import template_folder


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_guard_asks_for_what_a_find_function_reads_through_the_engine(platform: str) -> None:
    body = assemble_discovery(load_catalogue(template_folder()), platform)
    (equipment,) = [step for step in body.method.steps if step.id == "find-equipment"]
    assert equipment.commands["Get-Recipient"]


def test_a_part_that_there_is_not_is_a_defect_with_its_name(tmp_path: Path) -> None:
    shutil.copytree(template_folder(), tmp_path / "templates")
    table = tmp_path / "templates" / "discovery" / "discover.yaml"
    table.write_text(table.read_text("utf-8").replace("[engine]", "[core]"), "utf-8")
    with pytest.raises(DefectError, match="the part core for find-equipment"):
        assemble_discovery(load_catalogue(tmp_path / "templates"), "exchange-online")
