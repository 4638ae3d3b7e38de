"""Which cmdlets the PowerShell calls, by part: ``cmdlets.json`` of the template folder, read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

Commands = Mapping[str, tuple[str, ...]]
"""Cmdlets of Exchange that a part calls, each with the parameters that it passes."""


class Calls(NamedTuple):
    """What the PowerShell calls: by part its cmdlets, and for each cmdlet that some platform lacks where it is."""

    parts: Mapping[str, Commands]
    platforms: Mapping[str, tuple[str, ...]]

    def of(self, part: str, platform: str, online_only: Mapping[str, Sequence[str]] | None = None) -> Commands:
        """Return what a part calls on a platform; ``online_only`` are parameters that no Exchange Server has."""
        absent = online_only if online_only and platform != "exchange-online" else {}
        return {
            name: tuple(one for one in given if one not in absent.get(name, ()))
            for name, given in self.parts.get(part, {}).items()
            if platform in self.platforms.get(name, (platform,))
        }


def read_calls(folder: Path) -> Calls:
    """Read ``cmdlets.json``: what core and each part of a step call, and the cmdlets that some platform lacks."""
    data: dict[str, dict[str, list[str]]] = json.loads((folder / "cmdlets.json").read_bytes())
    platforms = {name: tuple(where) for name, where in data.pop("platforms", {}).items()}
    return Calls(
        parts={part: {name: tuple(given) for name, given in found.items()} for part, found in data.items()},
        platforms=platforms,
    )


def joined(found: Sequence[Commands]) -> Commands:
    """Put together what several parts call."""
    names = sorted({name for commands in found for name in commands})
    return {name: tuple(sorted({one for commands in found for one in commands.get(name, ())})) for name in names}
