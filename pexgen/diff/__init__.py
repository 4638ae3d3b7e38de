"""What changes between two deployments, in words, and who can open whose mailbox after it.

A deployment comes from a description or from a runbook's parameters. Compared is what is meant: defaults are applied,
the order of a list and the case of an address say nothing.
"""

from pexgen.diff._compare import Comparison, Difference, compare
from pexgen.diff._deployment import MANIFEST_KEYS, Deployment, of_description, of_runbook, of_values
from pexgen.diff._grants import Grant
from pexgen.diff._rules import VERDICTS

__all__ = [
    "MANIFEST_KEYS",
    "VERDICTS",
    "Comparison",
    "Deployment",
    "Difference",
    "Grant",
    "compare",
    "of_description",
    "of_runbook",
    "of_values",
]
