"""Writes the entries of ``ews.keep``, with the name of each application where it is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pexgen.description import scalar
from pexgen.known_applications import KNOWN
from pexgen.words import counted

if TYPE_CHECKING:
    from pexgen.ews_usage._report import ReportedApplication

NAME_IT = "name it"
"""Printed instead of a name that only Entra knows."""


def name_of(application: ReportedApplication) -> str:
    """Return the report's own name, the known one, or :data:`NAME_IT`."""
    known = KNOWN.get(application.client_id)
    return application.name or (known.name if known else NAME_IT)


def entries(applications: Iterable[ReportedApplication], margin: str) -> Iterator[str]:
    """Yield the lines of ``ews.keep`` entries in block style, ``margin`` before each dash."""
    for each in applications:
        yield f"{margin}# {_usage_in_words(each)}"
        yield f"{margin}- client_id: {each.client_id}"
        yield f"{margin}  name: {scalar(name_of(each))}"


def _usage_in_words(application: ReportedApplication) -> str:
    """Return how much an application used EWS, as far as the report says it."""
    requests = "requests not counted" if application.requests is None else counted(application.requests, "request")
    seen = f"last seen {application.last_seen}" if application.last_seen else "last seen not said"
    return f"{requests}, {seen}"
