"""Which access a change of a deployment adds and takes away: who can open whose mailbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pexgen.diff._grants import IMPERSONATION, Grant, application_of, grants, old_way, place_of

if TYPE_CHECKING:
    from pexgen.catalogue import Catalogue
    from pexgen.diff._deployment import Deployment

_STAYS = "NOT removed by the runbook; it stays until somebody removes it"
_OF_OLD_CLEANUP = "NOT removed by the new runbook; phase Cleanup of the old one does that, if it was run"
_IMPERSONATION = "impersonation.scope"


@dataclass(frozen=True, slots=True)
class AccessChange:
    """Access that the new deployment describes and the old one did not, and the reverse.

    ``lost`` has for each what becomes of it: words, and whether the runbook takes the access away.
    """

    gained: tuple[Grant, ...]
    lost: tuple[tuple[Grant, str, bool], ...]


def access_change(old: Deployment, new: Deployment, catalogue: Catalogue) -> AccessChange:
    """Return how access changes; access that a wider one already gave is not gained.

    What ``migrate`` says of the old way was there before, whichever file says so, and is never what it gives.
    """
    names_object = _is_other_object(old, new)
    before = [*grants(old, catalogue, names_object=names_object), *old_way(old, catalogue)]
    after, ending = list(grants(new, catalogue, names_object=names_object)), list(old_way(new, catalogue))
    gained = [each for each in _uncovered(after, before) if not _is_unknown(each, old)]
    ended = {each.holder for each in ending} if old.method == "migrate" else set()
    lost = [each for each in _uncovered(before, after) if not _stays_unknown(each, new) and each.holder not in ended]
    known = {each.holder for each in old_way(old, catalogue)}
    lost += [each for each in _uncovered(ending, before) if each.holder not in known]
    return AccessChange(tuple(gained), tuple((each, *_what_becomes_of(each, old, new)) for each in lost))


def _uncovered(some: Iterable[Grant], others: Iterable[Grant]) -> list[Grant]:
    """Return the grants that no other covers, by sets: of members there may be twenty thousand on either side."""
    held = tuple(others)
    covered = {each.identity for each in held} | {(*each.holder, whose) for each in held for whose in each.includes}
    everywhere = {each.holder for each in held if each.everybody}
    return [each for each in some if each.identity not in covered and each.holder not in everywhere]


def _is_other_object(old: Deployment, new: Deployment) -> bool:
    clients = {str(each.get("application.client_id")).casefold() for each in (old, new)}
    return len(clients) == 1 and application_of(old) != application_of(new)


def _is_unknown(grant: Grant, other: Deployment) -> bool:
    """Whether the other file has the same account and cannot say how far its impersonation reaches."""
    return grant.kind == IMPERSONATION and _is_account_of(grant, other) and not other.knows(_IMPERSONATION)


def _stays_unknown(grant: Grant, new: Deployment) -> bool:
    """Whether the new file cannot say that the access ends; ``migrate`` can, whose phase Cleanup ends it."""
    return new.method != "migrate" and _is_unknown(grant, new)


def _is_account_of(grant: Grant, deployment: Deployment) -> bool:
    account = str(deployment.get("service_account.user_principal_name")).casefold()
    return grant.holder == (place_of(deployment), IMPERSONATION, account)


def _what_becomes_of(grant: Grant, old: Deployment, new: Deployment) -> tuple[str, bool]:
    """Say what becomes of access that is no longer described."""
    _, kind, holder = grant.holder
    if kind == IMPERSONATION:
        return _what_becomes_of_impersonation(grant, old, new)
    if place_of(old) == place_of(new):
        if kind == "ews" and holder in _retired(new):
            return "phase Cleanup takes it off the list", True
        if kind == "application" and _group(old) == _group(new) and application_of(old) == application_of(new):
            if grant.step == "scheduling-group":
                return "the runbook closes it: harden is on; whoever joined before stays a member", True
            if new.get("scheduling_group.prune"):
                return "the runbook takes it away: prune is on", True
    if kind == "ews" and holder in _retired(old):
        return _OF_OLD_CLEANUP, False
    return _STAYS, False


def _retired(deployment: Deployment) -> set[str]:
    return {str(each["ClientId"]).casefold() for each in deployment.get("ews.retire") or ()}


def _group(deployment: Deployment) -> str:
    return str(deployment.get("scheduling_group.address")).casefold()


def _what_becomes_of_impersonation(grant: Grant, old: Deployment, new: Deployment) -> tuple[str, bool]:
    """Cleanup takes away what the very account that it names has, in the organization that it runs in."""
    if new.method == "migrate" and _is_account_of(grant, new):
        return "phase Cleanup takes it away", True
    if old.method == "migrate":
        return _OF_OLD_CLEANUP, False
    return _STAYS, False
