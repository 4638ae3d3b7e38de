"""What one more description costs: what is the same for all of them is done once."""

from __future__ import annotations

import sys
from pathlib import Path

from pexgen.render import Renderer

SAMPLE = (Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml").read_bytes()
MOST = 7000
"""Calls of Python functions; it was 5,000 when this was written, and 10,600 when a fleet had become slow."""


def calls_for(renderer: Renderer, name: str) -> int:
    """Count the calls that it takes to render the sample under another name: they do not depend on the machine."""
    source = SAMPLE.replace(b"name: contoso-scheduling", f"name: {name}".encode())
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        renderer.render(source, f"{name}.yaml")
    finally:
        sys.setprofile(before)
    return count


def test_a_further_description_costs_what_is_its_own() -> None:
    renderer = Renderer(allow_unreviewed=True)
    first, second, third = (calls_for(renderer, name) for name in ("north", "south", "west"))
    assert max(second, third) < MOST
    assert max(second, third) < first
