"""PXG118: an account, application or group is shared with One-Touch Join."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.lint._values import KeyedText, entries_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description


def _ours(description: Description) -> Iterator[KeyedText]:
    yield KeyedText("equipment.address", description.equipment.address)
    if description.application:
        yield KeyedText("application.client_id", description.application.client_id)
    if description.oauth and description.oauth.client_id:
        yield KeyedText("oauth.client_id", description.oauth.client_id)
    if description.service_account:
        yield KeyedText("service_account.user_principal_name", description.service_account.user_principal_name)
    if description.scheduling_group:
        yield KeyedText("scheduling_group.address", description.scheduling_group.address)
    if description.impersonation and description.impersonation.group:
        yield KeyedText("impersonation.group", description.impersonation.group)


def _check(description: Description) -> Iterator[Finding]:
    other = description.one_touch_join
    if other is None:
        return
    ours = {value.folded: value.key for value in _ours(description)}
    theirs = (
        *entries_of("one_touch_join.accounts", other.accounts),
        *entries_of("one_touch_join.client_ids", other.client_ids),
        *entries_of("one_touch_join.groups", other.groups),
    )
    for value in theirs:
        if value.folded in ours:
            message = f"`{value.key}` is also `{ours[value.folded]}`; One-Touch Join needs one of its own"
            yield Finding(value.key, message, "create another account, application or group for one of the two")


RULE = Rule(
    "PXG118",
    "Shared with One-Touch Join",
    "error",
    "Pexip says that the scheduling service's account must differ from that of One-Touch Join, because the two are "
    "configured differently: one acts in the organizers' mailboxes, the other reads room calendars. The same holds for "
    "the applications, whose scopes differ, and for the groups behind those scopes. Whether the equipment mailbox is a "
    "room of One-Touch Join only Exchange knows: the runbook's guard `one-touch-join` reads the groups.",
    _check,
)
