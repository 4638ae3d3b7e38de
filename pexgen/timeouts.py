"""How long is waited for another program, in a module that a command's options can read at once."""

from __future__ import annotations

RUN_TIMEOUT: float = 120
"""Seconds that one run of a rehearsal may take, unless it is told otherwise."""
