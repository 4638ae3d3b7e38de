"""Who can open whose mailbox, as a deployment describes it, and how that changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pexgen.differences._deployment import Deployment

EVERYBODY = "every mailbox of the organisation"


@dataclass(frozen=True, slots=True)
class Grant:
    """Somebody's access to a mailbox, or to a set of them that Exchange alone knows.

    ``who`` and ``whose`` are words; ``identity`` is the same for the same access, whatever it is called. ``step`` is
    the step that gives it.
    """

    who: str
    whose: str
    step: str
    identity: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Access that the new deployment describes and the old one did not, and the reverse.

    ``lost`` has for each what becomes of it: words, and whether the runbook takes the access away.
    """

    gained: tuple[Grant, ...]
    lost: tuple[tuple[Grant, str, bool], ...]


def access_change(old: Deployment, new: Deployment) -> Change:
    """Return how access changes; access that a wider one already gave is not gained."""
    before, after = tuple(_grants(old)), tuple(_grants(new))
    gained = tuple(grant for grant in after if not any(_covers(each, grant) for each in before))
    lost = tuple(grant for grant in before if not any(_covers(each, grant) for each in after))
    return Change(gained, tuple((grant, *_fate(grant, old, new)) for grant in lost))


def _grants(deployment: Deployment) -> Iterator[Grant]:
    where = "|".join(str(deployment.get(f"target.{key}")) for key in ("organization", "tenant_id", "accepted_domain"))
    equipment = str(deployment.get("equipment.address"))
    for who, whose, step, kind in (
        *_by_application(deployment, equipment),
        *_by_impersonation(deployment, equipment),
        *_by_delegates(deployment, equipment),
    ):
        account = who.rpartition("(")[2].rstrip(")") if kind == "application" else who
        yield Grant(who, whose, step, tuple(part.casefold() for part in (where, kind, account, whose)))


_Words = tuple[str, str, str, str]


def _by_application(deployment: Deployment, equipment: str) -> Iterator[_Words]:
    """The application acts for the direct members of the group, of which the equipment mailbox is always one."""
    group = deployment.get("scheduling_group.address")
    if not group or not deployment.get("application.client_id"):
        return
    who = f"application {deployment.get('application.name')} ({deployment.get('application.client_id')})"
    for member in (equipment, *(deployment.get("scheduling_group.members") or ())):
        yield who, member, "scheduling-members", "application"
    if not deployment.get("scheduling_group.prune"):
        yield who, f"whoever else is a member of {group} already (prune is off)", "scheduling-members", "application"


def _by_impersonation(deployment: Deployment, equipment: str) -> Iterator[_Words]:
    account, scope = deployment.get("service_account.user_principal_name"), deployment.get("impersonation.scope")
    if not account or not scope:
        return
    whose = {"organization": EVERYBODY, "equipment-only": equipment}.get(
        scope, f"every member of {deployment.get('impersonation.group')}"
    )
    yield f"service account {account}", whose, "impersonation", "account"


def _by_delegates(deployment: Deployment, equipment: str) -> Iterator[_Words]:
    for delegate in deployment.get("delegates") or ():
        yield f"delegate {delegate['Account']}", equipment, "delegate-access", "account"


def _covers(one: Grant, other: Grant) -> bool:
    return one.identity == other.identity or (
        one.identity[:3] == other.identity[:3] and one.whose == EVERYBODY != other.whose
    )


def _fate(grant: Grant, old: Deployment, new: Deployment) -> tuple[str, bool]:
    """Say what becomes of access that is no longer described."""
    group = ("application.client_id", "scheduling_group.address", "target.organization", "target.tenant_id")
    is_same_group = all(str(old.get(key)).casefold() == str(new.get(key)).casefold() for key in group)
    if grant.step == "scheduling-members" and is_same_group and new.get("scheduling_group.prune"):
        return "the runbook takes it away: prune is on", True
    if grant.step == "impersonation" and new.method == "migrate" and old.method != "migrate":
        return "phase Cleanup takes it away", True
    return "NOT taken away by the runbook; it stays until somebody removes it", False
