"""Formats of ``pexgen lint``: one file each, pure functions from a report to text."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pexgen.cli._lint_formats._interface import FileReport, Format, LintReport

if TYPE_CHECKING:
    from typing import Any

FORMATS = ("text", "json", "sarif", "github")
"""Names of the formats; the module of a name is ``pexgen.cli._lint_formats._NAME``."""


def find_format(name: str) -> Format:
    """Return the format called ``name``, one of FORMATS; only its module is imported."""
    module: Any = import_module(f"pexgen.cli._lint_formats._{name}")
    found: Format = module.render
    return found


__all__ = ["FORMATS", "FileReport", "Format", "LintReport", "find_format"]
