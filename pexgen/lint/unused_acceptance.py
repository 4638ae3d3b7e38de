"""PXG121: a finding is accepted that is not there."""

from __future__ import annotations

from pexgen.lint._interface import Rule

# What is accepted can be compared with what was found only after every other rule has looked: see ``examine``.
RULE = Rule(
    "PXG121",
    "Accepted finding was not found",
    "warning",
    "An entry under `accept` is for a finding that somebody has checked. Where the finding no longer occurs, the entry "
    "would hide the next one of its kind, and the records would give a reason for nothing.",
    lambda _description: (),
)
