"""PXG115: an address or ID that stands twice in one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import KeyedText, delegates, entries_of, in_scope, members, out_of_scope, repeated, retired

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pexgen.description import Description


def _lists(description: Description) -> Iterator[Iterable[KeyedText]]:
    yield members(description)
    yield in_scope(description)
    yield out_of_scope(description)
    yield delegates(description)
    yield retired(description)
    if description.one_touch_join:
        yield entries_of("one_touch_join.accounts", description.one_touch_join.accounts)
        yield entries_of("one_touch_join.client_ids", description.one_touch_join.client_ids)
        yield entries_of("one_touch_join.groups", description.one_touch_join.groups)
    if description.add_in:
        yield entries_of("add_in.users", description.add_in.users)


def _check(description: Description) -> Iterator[Finding]:
    for values in _lists(description):
        for value, earlier in repeated(values):
            message = f"{value.text} is in this list already, as `{earlier.key}`"
            yield Finding(value.key, message, "remove one of the two, or correct it")


RULE = Rule(
    "PXG115",
    "Entry given twice in a list",
    "warning",
    "An address or ID that is listed twice does no harm by itself. Often one of the two should have been another, "
    "which is then missing. Case makes no difference, as in Exchange. (Applications under `ews.keep`: PXG112.)",
    _check,
)
