"""The only place where a rule learns what day it is; nothing that is rendered depends on it."""

from __future__ import annotations

from datetime import date, datetime, timezone


def today() -> date:
    """Return the current day in UTC."""
    return datetime.now(timezone.utc).date()
