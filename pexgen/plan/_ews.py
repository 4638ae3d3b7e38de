"""What a plan says of the organization's EWS switch and list, by the values of a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pexgen.plan._words import MOST_NAMED, distinct

if TYPE_CHECKING:
    from pexgen.plan._values import Values

HYBRID_NAME = "ExchangeServerApp-"
"""How the name of the application begins by which Exchange Server of a hybrid organization reaches Exchange Online."""

_FEW, _OURS = 3, "Pexip's application"
_UNLESS_CLOSED = "if EwsEnabled is not set, or true over an empty list"


def listed(values: Values) -> str:
    """Return what the list of applications is set to, as far as it is known before a run."""
    ids = distinct(values["ApplicationClientId"], *(each["ClientId"] for each in values["EwsKeep"]))
    text = f"every ID that is on it now, and of these each that is not: {', '.join(ids)}"
    retired = ", ".join(each["ClientId"] for each in values["EwsStillUsed"])
    return f"<{text}; {_UNLESS_CLOSED}, also {retired}>" if retired else f"<{text}>"


def without_retired(values: Values) -> str:
    """Return what the phase Cleanup sets the list to."""
    retired = ",".join(each["ClientId"] for each in values["EwsRetire"])
    return f"<every ID that is on it now, without {retired}>"


def _named(entries: tuple[Mapping[str, str], ...], step: str) -> str:
    if len(entries) > MOST_NAMED:
        return f"{len(entries)} applications (named in the step {step})"
    return ", ".join(f"{each['ClientId']} ({each['Name']})" if each["Name"] else each["ClientId"] for each in entries)


def after(values: Values) -> str:
    """Return how switch and list are afterwards."""
    if not values["EwsMerge"]:
        return "Nothing is changed about EWS; whether it is open to the application is reported."
    ours = {"ClientId": values["ApplicationClientId"], "Name": values["ApplicationName"]}
    text = (
        "The organization's list of applications that may use EWS holds everything that is on it now, and "
        f"{_named((ours, *values['EwsKeep']), 'ews-access')}."
    )
    if values["EwsStillUsed"]:
        text += (
            f" {_UNLESS_CLOSED[0].upper()}{_UNLESS_CLOSED[1:]}, the old service account's application is put on it "
            f"too, until the phase Cleanup takes it off: {_named(values['EwsStillUsed'], 'ews-access')}."
        )
    if values["EwsSwitch"]:
        text += (
            " EWS is switched on (EwsEnabled true): every application on the list can use it, also one that is blocked "
            "today."
        )
    if values["EwsNoOthers"]:
        text += f" Who else uses EWS was not checked here; the description says: {values['EwsNoOthers']}"
    return text + undecided(values)


def undecided(values: Values) -> str:
    """Return what becomes of it where the description says nothing of the others, as the body does it."""
    if values["EwsKeep"] or values["EwsNoOthers"]:
        return ""
    return (
        " It is not stated who else uses EWS. So where EwsEnabled is not set and no list is there, the script writes "
        "nothing (blocked)."
    )


def named(values: Values) -> str:
    """Return for whom the list is, in a few words."""
    keep = [f'"{each["Name"]}"' if each["Name"] else each["ClientId"] for each in values["EwsKeep"]]
    if keep:
        *first, last = keep if len(keep) <= _FEW else (f"{len(keep)} others that this record names",)
        return f"{', '.join((_OURS, *first))} and {last}{_until_cleanup(values)}"
    if not values["EwsNoOthers"]:
        return f"{_OURS} ALONE{_until_cleanup(values)}"
    return (
        f"{_OURS} ALONE{_until_cleanup(values)}. Who else uses EWS was not checked here; the description says: "
        f'"{values["EwsNoOthers"].removesuffix(".")}"'
    )


def _until_cleanup(values: Values) -> str:
    """Return what else is put on the list for the time between the phases, where EWS is not closed today."""
    return " (until Cleanup, where needed, also the old service account's)" if values["EwsStillUsed"] else ""


def hybrid(values: Values) -> str:
    """Return what to look at for an organization that also has Exchange Server."""
    known = [each["Name"] for each in values["EwsKeep"] if each["Name"].casefold().startswith(HYBRID_NAME.casefold())]
    if known:
        return f"Whether {known[0]}, which this record names, is still the application of Exchange Server (hybrid)."
    return (
        f"In a hybrid organization (Exchange Server beside it) add {HYBRID_NAME}... to the list, or "
        "free/busy, MailTips, photos and archive moves can stop."
    )


def retired_after(values: Values) -> str:
    """Return how the old way's entries on the list are after the phase Cleanup."""
    account = values["ServiceAccountUserPrincipalName"]
    if not values["EwsRetire"]:
        return f"Nothing is changed about the account {account}; what is left of it is reported."
    return (
        "No longer on the organization's list of applications that may use EWS: "
        f"{_named(values['EwsRetire'], 'legacy-account')}. The account {account} is only looked at."
    )
