"""PXG121: a finding is accepted that is not there."""

from __future__ import annotations

from pexgen.lint._interface import Rule

# What is accepted can be compared with what was found only after every other rule has looked: see ``examine``.
RULE = Rule(
    "PXG121",
    "Accepted finding is not there",
    "warning",
    "An entry under `accept` stands for a finding that somebody has looked at. Where the finding is gone, the entry "
    "would hide the next one of its kind, and the records would give a reason for nothing.",
    lambda _description: (),
)
