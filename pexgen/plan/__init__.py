"""The change record of a runbook: one model, and a form for each kind of reader."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pexgen.plan._build import make_plan
from pexgen.plan.model import Plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

FORMATS = ("text", "markdown", "html", "json")
"""Names of the forms; the module of a name is ``pexgen.plan._NAME``."""


def find_format(name: str) -> Callable[[Plan], str]:
    """Return what writes a plan in the form called ``name``, one of FORMATS; only its module is imported."""
    module: Any = import_module(f"pexgen.plan._{name}")
    found: Callable[[Plan], str] = module.render
    return found


__all__ = ["FORMATS", "Plan", "find_format", "make_plan"]
