"""Days before and after those of the vendors' table, whose dates move."""

from __future__ import annotations

from datetime import date, timedelta

from pexgen.lint.ews_ends import EWS_ENDS_SOON_DAYS
from pexgen.vendor_facts import EWS_ENDS

EWS_LIVES = EWS_ENDS.day - timedelta(days=1)
"""The last day of EWS in Exchange Online."""

EWS_ENDS_SOON = EWS_ENDS.day - timedelta(days=EWS_ENDS_SOON_DAYS)
"""The first day on which its end is a warning."""

EWS_ENDS_LATER: date = EWS_ENDS_SOON - timedelta(days=1)
"""The last day on which its end is a note."""
