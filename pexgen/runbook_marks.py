"""Lines by which a runbook is known: where its body begins, its review, and regions that it has."""

from __future__ import annotations

import re

BODY_BEGINS = "# ---- pexgen body ----"
"""The line after which the reviewed body begins; the line itself belongs to no digest."""

REVIEW = "$PexgenReview = "
"""What the line begins with that says whether the body was reviewed."""

REVIEWED, NOT_REVIEWED = "reviewed", "not reviewed"
"""What that line says."""

DISCOVERY = "discover"
"""What a script of ``pexgen discover`` has instead of a method: in its body, and in its name in the ledger."""

DISCOVERY_REGION = f"#region {DISCOVERY}/"
"""What a line of such a script begins with, and of no other; it has no use for a method, and parts of its own."""

ANY_MARK = rf"^(?:{re.escape(BODY_BEGINS)}\r?$|{re.escape(REVIEW)}|#region engine/)"
"""A pattern for the lines of a file of which one is enough to take it for a runbook."""
