"""Where the project's pages say more about a code: their place in the project, and their address where there is one."""

from __future__ import annotations

import os
import re

PUBLISHED = ""
"""Where the site of these pages is published; empty as long as it is not."""

VARIABLE = "PEXGEN_DOCS"
"""Names the address of a site that ``make site`` wrote, for an organization that publishes it for itself."""


def address() -> str:
    """Return the address of the site, without a slash at its end; a URN where there is none."""
    return (os.environ.get(VARIABLE) or PUBLISHED).rstrip("/") or "urn:pexgen:docs"


def page_of(code: str, title: str) -> str:
    """Return the section about a code as a path in the project, with its anchor."""
    return f"docs/rules.md#{anchor(f'{code}: {title}')}"


def address_of(code: str, title: str) -> str:
    """Return an absolute URI of the section about a code: on the site, or a URN where there is none."""
    base = address()
    if base.startswith("urn:"):
        return f"urn:pexgen:code:{code}"
    return f"{base}/rules.html#{anchor(f'{code}: {title}')}"


def anchor(heading: str) -> str:
    """Return the anchor that GitHub gives to a heading, and the site too."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
