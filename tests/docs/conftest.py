"""What the tests of the pages share: the pages, and the tools that write parts of them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDERS = (".", "docs", "docs/methods")


@pytest.fixture(scope="session")
def pages() -> dict[str, str]:
    """Every page's text by its path in the project, with slashes."""
    return {
        path.relative_to(CHECKOUT).as_posix(): path.read_text(encoding="utf-8")
        for folder in FOLDERS
        for path in sorted((CHECKOUT / folder).glob("*.md"))
    }


@pytest.fixture(scope="session")
def step_pages() -> dict[str, str]:
    """What the folder of each step says about it, by its path; ``docs/steps.md`` is made of these."""
    paths = sorted((CHECKOUT / "templates" / "steps").glob("*/step.md"))
    return {path.relative_to(CHECKOUT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


@pytest.fixture(scope="session")
def tool() -> Callable[[str], ModuleType]:
    """Import one of the project's tools by its name; they are no package."""

    sys.path.insert(0, str(CHECKOUT / "tools"))  # as for the script itself

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"tools_{name}", CHECKOUT / "tools" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module

    return load
