"""PXG112: an application that is kept twice, or is ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import KeyedText, kept, repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _check(description: Description) -> Iterator[Finding]:
    if description.ews is None:
        return
    application = description.application
    ours = [KeyedText("application.client_id", application.client_id)] if application else []
    for value, earlier in repeated([*ours, *kept(description)]):
        what = "our own application" if earlier.key == "application.client_id" else f"the same as `{earlier.key}`"
        yield Finding(value.key, f"`{value.key}` is {what}", "remove the entry, or correct the ID")


RULE = Rule(
    "PXG112",
    "Application kept twice",
    "warning",
    "Our own application is always added to the list, and an application needs to be under `ews.keep` once. A "
    "repeated ID is often one that should have been another, which would then be missing from the list and be cut "
    "off.",
    _check,
)
