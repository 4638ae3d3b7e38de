"""Who gains or loses EWS in Exchange Online, for each state of the organization's switch and list.

The one table of it: the body of a runbook has it as ``$EwsStates`` and takes its notes and its question from there, and
the plan and the pages are made from it. ``{listed}`` stands for the applications that are on the list afterwards,
``{added}`` for those that come onto it; the sentences are complete without anything else at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pexgen.clouds import spoken
from pexgen.vendor_facts import EWS_LIST_REQUIRED, SWITCH_DELAY

RELATIONSHIPS = "Traffic of Organization Relationships between organizations stays."
"""What a list does not decide about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EwsState:
    """One state: what is found, and what writing the list and switching EWS on does to everybody else.

    ``rescue`` says what helps if EWS stops working for others afterwards, and what does not. ``enabled`` is the state
    in a word or two. ``before``, ``listed`` and ``switched`` say in a few words of every application that nobody named
    what it can do, and what becomes of that with the list written or EWS switched on. ``clouds`` are the values of
    ``target.environment`` to which it is limited; none at all is no limit. ``switch`` and ``switched`` are empty where
    EWS is switched on already.
    """

    name: str
    found: str
    now: str
    list_: str
    rescue: str
    enabled: str
    before: str
    listed: str
    switch: str = ""
    switched: str = ""
    clouds: tuple[str, ...] = ()

    def body(self) -> Mapping[str, str]:
        """Return the sentences by the names that a body has for them."""
        return {"Now": self.now, "List": self.list_, "Switch": self.switch, "Rescue": self.rescue}


_UNSET_LIST = (
    "Nobody gains or loses EWS now, because the list has no effect while EwsEnabled is not set. But Microsoft fills "
    "only a list that nobody made: once this one is there, the day on which EwsEnabled becomes true leaves EWS to "
    f"these applications alone: {{listed}}. Every other application loses EWS that day. {RELATIONSHIPS}"
)
_EMPTY = "EwsEnabled is true over an empty list"
_SAME = "the same"

OPEN_TO_ALL = "Set-OrganizationConfig -EwsEnabled $null"
"""The line that opens EWS to everybody, whatever is on the list."""

_OPENS_AGAIN = f"{OPEN_TO_ALL} opens it again for everybody, as before this step ({SWITCH_DELAY.value})."

FALSE = EwsState(
    name="false",
    found="EwsEnabled is false",
    now="EwsEnabled is false: EWS is closed to everybody, whatever is on the list.",
    list_="While EwsEnabled is false the list has no effect; EwsEnabled true gives it one.",
    rescue=f"Go back with Rollback. Do NOT run {OPEN_TO_ALL}: that would open EWS to everybody.",
    switch=(
        "Each of these applications gains EWS: {listed}. Nobody loses it: EwsEnabled was read as false, which closes "
        "EWS to everybody."
    ),
    enabled="false",
    before="has no EWS",
    listed=_SAME,
    switched="gains EWS, if it is on the list already",
)
UNSET = EwsState(
    name="unset",
    found="EwsEnabled is not set",
    now=(
        "EwsEnabled is not set: EWS is open to everybody until Microsoft sets it to false, and the list has no effect "
        "until EwsEnabled is true."
    ),
    list_=_UNSET_LIST,
    rescue=f"If EWS stops working for others: {_OPENS_AGAIN}",
    enabled="not set",
    before="can use EWS",
    listed="the same, until EwsEnabled becomes true; then it LOSES EWS, unless it is on the list",
    switched="LOSES EWS, unless it is on the list",
    switch=(
        "Every application that is not on the list LOSES EWS: before this step EWS is open to everybody. Only these "
        f"keep it: {{listed}}. {RELATIONSHIPS}"
    ),
)
LISTED = EwsState(
    name="listed",
    found="EwsEnabled is true over a list",
    now="EwsEnabled is true: only the applications on the list can use EWS.",
    list_="These applications gain EWS: {added}. Nobody loses it: whatever is on the list stays on it.",
    rescue=(
        f"If EWS stops working for others all the same: {OPEN_TO_ALL} opens it to everybody, also to those that the "
        f"list keeps out now ({SWITCH_DELAY.value})."
    ),
    enabled="true, list not empty",
    before="can use EWS, if it is on the list",
    listed=_SAME,
)
EMPTY = EwsState(
    name="empty",
    found=_EMPTY,
    now=f"{_EMPTY}: since {EWS_LIST_REQUIRED.day} EWS is closed to everybody.",
    list_="These applications gain EWS: {added}. Nobody loses it: EWS was read as closed to everybody.",
    rescue=f"{OPEN_TO_ALL} is NOT the way back: before this step EWS is closed, and that would open it to everybody.",
    enabled="true, list empty",
    before="has no EWS",
    listed=_SAME,
    clouds=EWS_LIST_REQUIRED.clouds,
)
EMPTY_ELSEWHERE = EwsState(
    name="empty-elsewhere",
    found=f"{_EMPTY}, in another cloud than {spoken(EMPTY.clouds)}",
    now=(
        f"{_EMPTY}: EWS is open to everybody until Microsoft requires a list in this cloud, and closed to everybody "
        "from then on. Exchange does not show which of the two holds."
    ),
    list_=(
        "If EWS is still open here, every application that is not on the list LOSES it, and only these keep it: "
        f"{{listed}}. If it is closed already, these gain it and nobody loses it. {RELATIONSHIPS}"
    ),
    rescue=f"If EWS was open here and stops working for others: {_OPENS_AGAIN}",
    enabled="true, list empty",
    before="can use EWS, or cannot: Exchange does not show whether it is still open in this cloud",
    listed="LOSES EWS, if it can use it today and is not on the list",
)

STATES: tuple[EwsState, ...] = (FALSE, UNSET, LISTED, EMPTY, EMPTY_ELSEWHERE)
"""Every state."""


def states_of(environment: str) -> tuple[EwsState, ...]:
    """Return the four states as they are in one cloud, in the order in which they are told."""
    empty = EMPTY if environment in EMPTY.clouds else EMPTY_ELSEWHERE
    return FALSE, UNSET, LISTED, empty
