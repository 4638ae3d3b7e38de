"""A rule of lint and its finding, as every rule's module makes them."""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

from collections.abc import Callable, Iterable
from typing import NamedTuple

from pexgen.description import Description
from pexgen.errors import Severity


class Finding(NamedTuple):
    """Something that a rule has against the value at ``key``, a path such as ``scheduling_group.members[2]``."""

    key: str
    message: str
    hint: str
    #: Where it is not the rule's own.
    severity: Severity | None = None
    #: The character in the value that it is about; its column is said then.
    character: str = ""


class Rule(NamedTuple):
    """One thing that a description should or must not do, although the schema allows it.

    ``code`` never changes its meaning and is never used again. ``explanation`` is the section of the documentation:
    what is looked at, why, and what to do. An error means that the runbook cannot do what is described; a warning that
    it can, and that it is probably not what was meant; a note is worth knowing, and nothing is wrong.
    """

    code: str
    title: str
    severity: Severity
    explanation: str
    check: Callable[[Description], Iterable[Finding]]
    #: Whether the day decides how severe a finding is; ``severity`` is what a record says on every day.
    depends_on_day: bool = False
