"""PXG128: an application is retired that has to stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import KeyedText, entries_of, kept, retired

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _staying(description: Description) -> Iterator[KeyedText]:
    if description.application:
        yield KeyedText("application.client_id", description.application.client_id)
    yield from kept(description)
    if description.one_touch_join:
        yield from entries_of("one_touch_join.client_ids", description.one_touch_join.client_ids)


def _check(description: Description) -> Iterator[Finding]:
    staying = {value.folded: value.key for value in _staying(description)}
    for value in retired(description):
        if value.folded in staying:
            message = f"`{value.key}` is also `{staying[value.folded]}`, which has to stay on the organization's list"
            yield Finding(value.key, message, "remove the entry; Cleanup would cut that application off from EWS")
    if description.ews and description.ews.retire and description.ews.policy == "check":
        yield Finding(
            "ews.policy",
            "`policy: check` writes nothing, and `retire` asks for entries to be removed from the list",
            "write `policy: merge`, or remove `retire`",
        )


RULE = Rule(
    "PXG128",
    "Application is retired and has to stay",
    "error",
    "Phase Cleanup removes the applications under `ews.retire` from the organization's EWS list. The application that "
    "the new way signs in with, those under `ews.keep` and those of One-Touch Join have to stay on it. Where the old "
    "registration goes on as the new one (`oauth.client_id` equals `application.client_id`, which is right), there is "
    "nothing to retire. With `policy: check` the runbook may not write the list at all.",
    _check,
)
