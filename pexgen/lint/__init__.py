"""What ``pexgen lint`` looks for beyond the schema: one rule, one file, one code."""

from pexgen.lint._check import BY_DAY, AcceptedFinding, Examination, check, examine
from pexgen.lint._interface import Finding, Rule
from pexgen.lint._registry import RULES, UNUSED_ACCEPTANCE
from pexgen.lint.shared_name import Names

__all__ = [
    "BY_DAY",
    "RULES",
    "UNUSED_ACCEPTANCE",
    "AcceptedFinding",
    "Examination",
    "Finding",
    "Names",
    "Rule",
    "check",
    "examine",
]
