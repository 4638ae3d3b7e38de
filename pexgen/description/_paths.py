"""Paths of keys: as tuples inside, as ``scheduling_group.members[2]`` wherever a person or another module names one."""

from __future__ import annotations

import re

#: Keys are text, places in a list whole numbers from 0.
Path = tuple[str | int, ...]

_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def format_path(path: Path) -> str:
    """``("delegates", 0, "account")`` as ``delegates[0].account``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def parse_path(text: str) -> Path:
    """The path that :func:`format_path` wrote."""
    return tuple(int(number) if number else name for number, name in _PART.findall(text))
