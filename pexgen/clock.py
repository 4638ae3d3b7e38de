"""The only place that asks what day it is; no runbook and no manifest depends on it."""

from __future__ import annotations

import os
from datetime import date, datetime, timezone


def today() -> date:
    """Return the current day in UTC, or that of ``SOURCE_DATE_EPOCH``, by which builds are made reproducible."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isascii() and given.isdigit() and len(given) <= _DIGITS:
        return datetime.fromtimestamp(int(given), timezone.utc).date()
    return datetime.now(timezone.utc).date()


_DIGITS = 11
"""Seconds since 1970 that a date can still be made of."""
