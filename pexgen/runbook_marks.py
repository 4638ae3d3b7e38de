"""Lines by which a runbook is known: where its body begins, its review, and a region of the engine."""

from __future__ import annotations

import re

BODY_BEGINS = "# ---- pexgen body ----"
"""The line after which the reviewed body begins; the line itself belongs to no digest."""

REVIEW = "$PexgenReview = "
"""What the line begins with that says whether the body was reviewed."""

ANY_MARK = rf"^(?:{re.escape(BODY_BEGINS)}\r?$|{re.escape(REVIEW)}|#region engine/)"
"""A pattern for the lines of a file of which one is enough to take it for a runbook."""
