"""What the tests of rendering share: a template folder with stand-ins for the parts, and a description as an object."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pexgen.catalogue import Catalogue, load_catalogue
from pexgen.description import load_schema, resolved, schema_of
from pexgen.template_files import template_folder

# A wheel's compiled templates are left out, so that a test can change their sources.
_REPLACED = shutil.ignore_patterns("*.ps1", "cmdlets.json", "reviews.yaml", "compiled")
CORE = """\
function Get-Everything {
    $Value, $Run, $Catalogue, $CoreCmdlets, $Method, $Platform
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The project's own template folder with stand-ins for the PowerShell, free to be changed."""
    target = tmp_path / "templates"
    shutil.copytree(template_folder(), target, ignore=_REPLACED)
    (target / "engine").mkdir(exist_ok=True)
    (target / "engine" / "70-values.ps1").write_bytes(CORE.encode())
    (target / "engine" / "99-main.ps1").write_bytes(b"Get-Everything\n")
    for described in (target / "steps").glob("*/step*.yaml"):
        own = template_folder() / "steps" / described.parent.name / f"{described.stem}.ps1"
        lines = [line for line in own.read_text(encoding="ascii").splitlines() if "  # only: " not in line]
        reads = sorted(set(re.findall(r"\$Value\.[A-Z]\w+", "\n".join(lines))))
        stand_in = f"# {{{{ not a template }}}} {{% nor this %}}\n# {', '.join(reads)}\n"
        described.with_suffix(".ps1").write_text(stand_in, encoding="ascii", newline="\n")
    (target / "shared").mkdir(exist_ok=True)
    for part in (template_folder() / "shared").glob("*.ps1"):
        (target / "shared" / part.name).write_bytes(b"# {{ shared }}\n")
    for part in (template_folder() / "discovery").glob("*.ps1"):
        (target / "discovery" / part.name).write_bytes(b"# {{ discovery }}\nGet-Everything\n")
    (target / "cmdlets.json").write_bytes(b'{"engine": {"Get-AcceptedDomain": ["ErrorAction"]}}\n')
    return target


@pytest.fixture
def catalogue(folder: Path) -> Catalogue:
    """The catalogue of :func:`folder`."""
    return load_catalogue(folder)


@pytest.fixture
def describe() -> Callable[..., Any]:
    """Make a description of app permissions; keyword arguments replace whole sections."""
    return _describe


def _describe(**changes: Any) -> Any:
    sections: dict[str, Any] = {
        **dict.fromkeys(load_schema()["properties"]),
        "name": "contoso-scheduling",
        "method": "app-permissions",
        "target": _section(
            "target",
            platform="exchange-online",
            organization="contoso.onmicrosoft.com",
            tenant_id="8a1c0f5e-0000-4000-8000-000000000001",
            environment="worldwide",
        ),
        "equipment": _section("equipment", address="pexip@contoso.com", name="Pexip", alias="pexip"),
        "application": _section(
            "application", name="Scheduler", client_id="c1", object_id="o1", assignment="contoso-ews"
        ),
        "scheduling_group": _section("scheduling_group", address="g@contoso.com", name="g"),
        "scope": _section("scope", name="contoso-scope"),
        "proof": _section("proof", in_scope=("a@contoso.com",), out_of_scope=("b@contoso.com",)),
    }
    return SimpleNamespace(**{**sections, **changes})


_NOTHING = {"string": "", "boolean": False, "array": ()}


def _section(section: str, /, **given: Any) -> Any:
    """A section of a description, with nothing for each key that is not given."""
    keys = {key: resolved(node) for key, node in schema_of((section,))["properties"].items()}
    return SimpleNamespace(**{**{key: _NOTHING.get(node.get("type")) for key, node in keys.items()}, **given})
