"""The descriptions that ``pexgen init`` begins with, and which of their values are examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pexgen.errors import UsageError

if TYPE_CHECKING:
    from pexgen.cli._init_draft import Draft

_FOLDER = Path(__file__).parent.parent / "starters"

STARTERS = {path.stem.partition(".")[::2]: path.name for path in sorted(_FOLDER.glob("*.*.yaml"))}
"""The file in ``pexgen/starters`` for each method and platform that pexgen renders: METHOD.PLATFORM.yaml."""

METHODS = {where: tuple(one for one, place in STARTERS if place == where) for _, where in STARTERS}
"""The methods on each platform."""

METHOD, PLATFORM = "app-permissions", "exchange-online"
"""What is described where nobody says what is meant."""


def starter(method: str, platform: str) -> bytes:
    """Return the description to begin with: UTF-8, LF. Raises :class:`UsageError` where there is none."""
    check_platform(platform)
    name = STARTERS.get((method, platform))
    if name is None:
        known = ", ".join(f"--method {method} --platform {platform}" for method, platform in STARTERS)
        raise UsageError(f"method {method} does not exist on {platform}", f"there are: {known}")
    return starter_file(name)


def check_platform(platform: str) -> None:
    """Raise :class:`UsageError` where there is no such platform."""
    if platform not in METHODS:
        raise UsageError(f"platform {platform} does not exist", f"there are: {', '.join(METHODS)}")


def starter_file(name: str) -> bytes:
    """Return a file that ``init`` writes."""
    return (_FOLDER / name).read_bytes()


def keys_to_ask(draft: Draft) -> list[str]:
    """Return the keys whose value only a person knows, in the file's order: what is an example, and the ticket.

    Which values are examples is what the rules of ``lint`` say that look for them. The version of Exchange Server is a
    value that is right for some and not to be told from others by anything.
    """
    keys = {key.partition("[")[0]: None for key in draft.examples()}
    version = ["target.version"] if draft.value("target.version") else []
    return sorted([*keys, *version, "change.ticket"], key=draft.place)
