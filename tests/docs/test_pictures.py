"""Words in the drawn pictures fit into their boxes, in the widest of the usual fonts."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from pexgen.plan._wrapping import width

DOCS = Path(__file__).resolve().parents[2] / "docs"
SVG = "{http://www.w3.org/2000/svg}"
#: Pixels of a digit of DejaVu Sans at 12.5 px, and at 15 px bold.
DIGIT = {"note": 12.5 * 0.636, "name": 15 * 0.696}


@pytest.mark.parametrize("name", ["flow.svg", "methods/which.svg"])
def test_words_fit_into_their_boxes(name: str) -> None:
    root = ET.fromstring((DOCS / name).read_text("utf-8"))  # noqa: S314 - a file of this repository
    boxes = [
        tuple(float(each.get(key, "0")) for key in ("x", "y", "width", "height"))
        for each in root.iter(f"{SVG}rect")
        if each.get("class") in {"box", "file", "step", "back"}
    ]
    assert len(boxes) >= 8
    told = 0
    for text in root.iter(f"{SVG}text"):
        kind, middle, foot = str(text.get("class")), float(text.get("x", "0")), float(text.get("y", "0"))
        inside = [box for box in boxes if box[0] < middle < box[0] + box[2] and box[1] < foot < box[1] + box[3]]
        for left, _, wide, _ in inside:
            told += 1
            half = width("".join(text.itertext())) / 10 * DIGIT[kind] / 2
            assert left <= middle - half, "".join(text.itertext())
            assert middle + half <= left + wide, "".join(text.itertext())
    assert told >= 8
