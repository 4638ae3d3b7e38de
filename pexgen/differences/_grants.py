"""Who can open whose mailbox, as one deployment describes it: named, or in the words of what only Exchange knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pexgen.access import accesses_of
from pexgen.catalogue import step_record

if TYPE_CHECKING:
    from pexgen.catalogue import Catalogue
    from pexgen.differences._deployment import Deployment

EVERYBODY = "every mailbox of the organization"

_PLACE = ("platform", "organization", "tenant_id", "environment", "accepted_domain")
_CONSENTS = "every mailbox that its consents in Entra give it"
_UNTIL_CLEANUP = f"{_CONSENTS}, until phase Cleanup takes it off the list"


@dataclass(frozen=True, slots=True)
class Grant:
    """Somebody's access to a mailbox, or to a set of them that Exchange alone knows.

    ``who`` and ``whose`` are words. ``identity`` is the same for the same access, whatever it is called: place, kind of
    access, account, and whose. ``includes`` are others' whose that this access has in it. ``step`` is the step that
    gives it.
    """

    who: str
    whose: str
    step: str
    identity: tuple[str, ...]
    includes: tuple[str, ...] = ()

    @property
    def holder(self) -> tuple[str, ...]:
        """The identity of whoever has the access, without whose it is."""
        return self.identity[:-1]


def place_of(deployment: Deployment) -> str:
    """Return the organization that a deployment is in."""
    return "|".join(str(deployment.get(f"target.{key}")) for key in _PLACE).casefold()


def application_of(deployment: Deployment) -> str:
    """Return what an application is told by in Exchange: its client ID and its object."""
    return f"{deployment.get('application.client_id')}/{deployment.get('application.object_id')}".casefold()


def grants(deployment: Deployment, catalogue: Catalogue, *, names_object: bool = False) -> Iterator[Grant]:
    """Yield the access that a deployment describes; of ``migrate`` that of the new way alone.

    ``names_object`` adds the object to the application's name, where two differ in it alone.
    """
    yield from _by_application(deployment, names_object=names_object)
    yield from _by_owner(deployment)
    yield from _by_ews(deployment)
    if deployment.method != "migrate":
        yield from _by_impersonation(deployment)
    yield from _by_tables(deployment, catalogue)


def old_way(deployment: Deployment) -> Iterator[Grant]:
    """Yield what ``migrate`` says of the old way, which phase Cleanup ends; nothing for other methods."""
    if deployment.method == "migrate":
        yield from _by_impersonation(deployment)


def _grant(  # noqa: PLR0913, PLR0917 - an access consists of these
    deployment: Deployment,
    kind: str,
    account: str,
    words: tuple[str, str],
    step: str,
    includes: tuple[str, ...] = (),
) -> Grant:
    who, whose = words
    identity = (place_of(deployment), kind, account.casefold(), whose.casefold())
    return Grant(who, whose, step, identity, tuple(each.casefold() for each in includes))


def _by_application(deployment: Deployment, *, names_object: bool) -> Iterator[Grant]:
    """The application acts for the direct members of the group, of which the equipment mailbox is always one."""
    group, client = deployment.get("scheduling_group.address"), deployment.get("application.client_id")
    if not group or not client:
        return
    of_object = f", enterprise application {deployment.get('application.object_id')}" if names_object else ""
    who, account = f"application {deployment.get('application.name')} ({client}{of_object})", application_of(deployment)
    for member in (deployment.get("equipment.address"), *(deployment.get("scheduling_group.members") or ())):
        yield _grant(deployment, "application", account, (who, str(member)), "scheduling-members")
    if not deployment.get("scheduling_group.prune"):
        others = f"whoever else is a member of {group} already (prune is off)"
        adopted = f"whoever else is a member of {group}, an existing group, already (adopt is on, prune is off)"
        is_adopted = deployment.get("scheduling_group.adopt")
        words, includes = (who, adopted if is_adopted else others), (others,) if is_adopted else ()
        yield _grant(deployment, "application", account, words, "scheduling-members", includes=includes)
    if not deployment.get("scheduling_group.harden"):
        whose = f"whoever joins {group} without being asked, where that is open (harden is off)"
        yield _grant(deployment, "application", account, (who, whose), "scheduling-group")


def _by_owner(deployment: Deployment) -> Iterator[Grant]:
    owner, group = deployment.get("scheduling_group.managed_by"), deployment.get("scheduling_group.address")
    if owner and group:
        words = f"owner {owner}", f"decides whose mailboxes the application can open, as an owner of {group}"
        yield _grant(deployment, "owner", owner, words, "scheduling-group")


def _by_ews(deployment: Deployment) -> Iterator[Grant]:
    """With policy merge applications come onto the list; what an application may do then is said in Entra alone."""
    if deployment.get("ews.policy") != "merge":
        return
    ours = {"ClientId": deployment.get("application.client_id"), "Name": deployment.get("application.name")}
    for each in (*((ours,) if ours["ClientId"] else ()), *(deployment.get("ews.keep") or ())):
        yield _on_list(deployment, each, _CONSENTS)
    if not deployment.get("ews.switch_on"):
        return
    for each in deployment.get("ews.retire") or ():
        yield _on_list(deployment, each, _UNTIL_CLEANUP)
    whose = "every mailbox that their consents in Entra give them, when the runbook sets EwsEnabled (switch_on is on)"
    words = "all applications on the organization's EWS list may use EWS", whose
    yield _grant(deployment, "ews", "list", words, "ews-access")


def _on_list(deployment: Deployment, entry: dict[str, str], whose: str) -> Grant:
    client, name = entry["ClientId"], entry.get("Name")
    who = f"application {name} ({client}) may use EWS" if name else f"application {client} may use EWS"
    includes = (_UNTIL_CLEANUP,) if whose == _CONSENTS else ()
    return _grant(deployment, "ews", client, (who, whose), "ews-access", includes=includes)


def _by_impersonation(deployment: Deployment) -> Iterator[Grant]:
    account, scope = deployment.get("service_account.user_principal_name"), deployment.get("impersonation.scope")
    if not account or not scope:
        return
    equipment = str(deployment.get("equipment.address"))
    group = f"every member of {deployment.get('impersonation.group')}"
    whose = {"organization": EVERYBODY, "equipment-only": equipment}.get(scope, group)
    # The equipment mailbox is a member of whatever group impersonation is limited to.
    includes = (equipment,) if whose == group else ()
    words = f"service account {account}", whose
    yield _grant(deployment, "impersonation", account, words, "impersonation", includes=includes)


def _by_tables(deployment: Deployment, catalogue: Catalogue) -> Iterator[Grant]:
    """Yield what the steps' own tables say of access; a method that this pexgen does not have has no steps."""
    method = catalogue.methods.get((deployment.method, deployment.platform))
    keys = {} if method is None else {parameter.name: parameter.key for parameter in method.parameters}
    for step in () if method is None else method.steps:
        record = step_record(catalogue.folder, step)
        for access in accesses_of(record, lambda name: deployment.get(keys[name]), gained=True):
            for who in access.who:
                yield _grant(deployment, access.kind, who, (f"{access.kind} {who}", access.whose), step.id)
