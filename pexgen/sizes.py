"""How large a file may be that pexgen reads, in bytes: what codes, messages and pages say of it is made of this.

Nothing larger was ever one of these; a limit keeps a mistaken name from filling the memory.
"""

from __future__ import annotations

_KIB = 1024
_MIB = 1024 * _KIB

DESCRIPTION = 1 * _MIB
"""A description or a policy: some 20,000 members; whoever has more keeps them in a group that is adopted."""

ADD_IN_MANIFEST = 256 * _KIB
"""The manifest of an add-in; those that Pexip Infinity exports are a few KiB."""

RUNBOOK = 8 * _MIB
"""A runbook or another script of pexgen's: the largest description's is a fraction of it."""

RUNBOOK_MANIFEST = 1 * _MIB
"""The manifest beside a runbook; pexgen writes a few KiB."""

RECORD = 64 * _MIB
"""A result, a journal or a plan: more than a runbook itself reads of a journal."""

TENANT = 64 * _MIB
"""What a discovery found, and a simulated tenant: a group of a hundred thousand members stays below it."""

USAGE_REPORT = 64 * _MIB
"""Microsoft's report of the applications that use EWS: one organization's is far smaller."""

REPLACED = 64 * _MIB
"""A file in the place of one that pexgen is about to write; it writes none that is as large."""


def spoken(size: int) -> str:
    """Return a size in the unit that people name it in: ``256 KiB``, ``8 MiB``."""
    return f"{size // _MIB} MiB" if size >= _MIB else f"{size // _KIB} KiB"
