"""No module and no part of a body is longer than CONTRIBUTING says."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST = 300


def test_no_module_and_no_part_of_a_body_is_longer_than_a_reader_keeps_in_mind() -> None:
    files = [*(ROOT / "pexgen").rglob("*.py"), *(ROOT / "templates").rglob("*.ps1")]
    lines = {file.relative_to(ROOT).as_posix(): len(file.read_bytes().splitlines()) for file in files}
    assert len(lines) > 200
    assert {name: count for name, count in lines.items() if count > MOST} == {}
