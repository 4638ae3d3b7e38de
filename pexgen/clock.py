"""The only place that asks what day it is; no runbook and no manifest depends on it."""

from __future__ import annotations

import os
from datetime import date, datetime, timezone

_DIGITS = 11
"""As many digits may seconds since 1970 have: of more no date can be made."""


def today() -> date:
    """Return the current day in UTC, or that of ``SOURCE_DATE_EPOCH``, by which builds are made reproducible."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isascii() and given.isdigit() and len(given) <= _DIGITS:
        return datetime.fromtimestamp(int(given), timezone.utc).date()
    return datetime.now(timezone.utc).date()
