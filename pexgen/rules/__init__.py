"""What ``pexgen lint`` looks for beyond the schema: one rule, one file, one code."""

from pexgen.rules._check import AcceptedFinding, Examination, check, examine
from pexgen.rules._interface import Finding, Rule
from pexgen.rules._registry import RULES, UNUSED_ACCEPTANCE
from pexgen.rules.shared_name import Names

__all__ = [
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
