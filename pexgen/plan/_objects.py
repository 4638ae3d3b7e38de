"""What a plan's picture shows: the objects through which somebody gets into a mailbox, and the links between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pexgen.access import Access
from pexgen.plan._reach import TRIES
from pexgen.plan._values import Values
from pexgen.plan.model import Link, Part, PlannedStep

_FEW = 6
"""So many mailboxes, accounts or applications stand in one part by name; of more there is the number."""

Parts = Iterator[Part | Link]


def parts_and_links(
    steps: tuple[PlannedStep, ...],
    values: Values,
    out_of_reach: tuple[str, ...],
    accesses: Mapping[str, tuple[Access, ...]],
) -> tuple[tuple[Part, ...], tuple[Link, ...]]:
    """Return the parts and links of the steps that are asked for; a link joins two of these parts."""
    found: list[Part | Link] = [_equipment(values)]
    for step in steps:
        if step.asked:
            found += _MADE[step.id](step, values) if step.id in _MADE else ()
            found += _of_table(step.id, accesses[step.id])
    tries = next((step.id for step in steps if step.id in TRIES), "")
    if out_of_reach and any(isinstance(each, Part) and each.id == "scope" for each in found):
        found.append(Part("out-of-reach", "Must stay out of reach", _few(out_of_reach, tries)))
        found.append(Link("scope", "out-of-reach", "must not hold", denies=True))
    parts = tuple(each for each in found if isinstance(each, Part))
    return parts, tuple(each for each in found if isinstance(each, Link))


def _of_table(step: str, accesses: tuple[Access, ...]) -> Parts:
    for access in accesses:
        for each in access.objects:
            holders = _few(access.who, step) if each.names_holders else ()
            yield Part(each.id, each.title, (*each.lines, *holders))
        for link in access.relations:
            yield Link(link.source, link.target, link.words, denies=link.denies)


def _few(names: Sequence[str], step: str) -> tuple[str, ...]:
    return tuple(names) if len(names) <= _FEW else (f"{len(names)}, named in the step {step}",)


def _equipment(values: Values) -> Part:
    return Part("equipment", "Equipment mailbox", (values["EquipmentAddress"], "invited to every meeting with Pexip"))


def _application(_step: PlannedStep, values: Values) -> Parts:
    name, client_id = values["ApplicationName"], values["ApplicationClientId"]
    yield Part("application", "Pexip's application", (f'"{name}"', client_id))
    role = "Application EWS.AccessAsApp: reads and changes everything"
    yield Part("assignment", "Role assignment", (f'"{values["ApplicationAssignment"]}"', role))
    yield Link("application", "assignment", "holds")
    yield Part("scope", "Management scope", (f'"{values["ScopeName"]}"',))
    yield Link("assignment", "scope", "is limited to")
    yield from _group(values["SchedulingGroupAddress"], values["SchedulingGroupManagedBy"])
    own = values["EquipmentAddress"].lower()
    members = [each for each in values["GroupMembers"] if each != own]
    yield Part("members", f"Member mailboxes ({len(members)})", _few(members, "scheduling-members"))
    yield Link("group", "members", "has as direct members")
    if not values["SchedulingGroupPrune"]:
        yield Part("strangers", "Whoever else is a direct member", ("is there already, stays, and is reached too",))
        yield Link("group", "strangers", "has as direct members")
    yield Link("group", "equipment", "has as direct members")


def _group(address: str, owner: str) -> Parts:
    yield Part("group", "Group", (address,))
    yield Link("scope", "group", "holds the direct members of")
    yield Part("managers", "Whoever manages or may join the group", (f"an owner is {owner}",) if owner else ())
    yield Link("managers", "group", "decide over")


def _account(step: PlannedStep, values: Values) -> Parts:
    yield Part("account", "Service account", (values["ServiceAccountUserPrincipalName"],))
    if not step.writes:
        yield Part("assignment", "What is left of Application Impersonation", ("is reported; nothing is changed",))
        yield Link("account", "assignment", "may hold")
        return
    role = "ApplicationImpersonation: reads and changes everything"
    yield Part("assignment", "Role assignment", (f'"{values["ImpersonationAssignment"]}"', role))
    yield Link("account", "assignment", "holds")
    reach = values["ImpersonationScope"]
    if reach == "organization":
        yield Part("everybody", "EVERY mailbox of the organization", ())
        yield Link("assignment", "everybody", "reaches")
        yield Link("everybody", "equipment", "is one of them")
        return
    yield Part("scope", "Management scope", (f'"{values["ImpersonationScopeName"]}"',))
    yield Link("assignment", "scope", "is limited to")
    if reach == "equipment-only":
        yield Link("scope", "equipment", "holds this mailbox alone")
        return
    yield from _group(values["ImpersonationGroup"], "")
    tried = _few(values["ProofInScope"], "impersonation")
    yield Part("members", "Member mailboxes", ("of whoever is a direct member", *_after("tried by Verify:", tried)))
    yield Link("group", "members", "has as direct members")
    yield Link("group", "equipment", "has to have it too, made by hand")


def _after(words: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return (words, *names) if names else ()


def _ews(step: PlannedStep, values: Values) -> Parts:
    if not step.writes:
        yield Part("ews-list", "EWS switch and list of the organization", ("only looked at",))
        yield Link("application", "ews-list", "has to pass")
        return
    switched = values["EwsSwitch"]
    switch = "EWS is switched on: open to all on the list" if switched else "the switch is not touched"
    yield Part("ews-list", "EWS list of the organization", ("whatever is on it now stays on it", switch))
    yield Link("application", "ews-list", "is put on")
    if values["EwsKeep"]:
        can = ("can use EWS",) if switched else ()
        yield Part("kept", "Applications that stay", (*_applications(values["EwsKeep"]), *can))
        yield Link("kept", "ews-list", "are put on")
    if switched:
        yield Part("others", "Every other application that uses EWS", ("loses EWS, if EwsEnabled is not set today",))
        yield Link("ews-list", "others", "shuts out", denies=True)


def _applications(entries: tuple[Mapping[str, str], ...]) -> tuple[str, ...]:
    return _few([f'"{each["Name"]}"' if each["Name"] else each["ClientId"] for each in entries], "ews-access")


def _retired(step: PlannedStep, values: Values) -> Parts:
    if step.writes:
        until = "go on as now until Cleanup, which takes them off the list"
        yield Part("retired", "Applications of the old way", (*_applications(values["EwsRetire"]), until))
        yield Link("retired", "ews-list", "until Cleanup")


_MADE = {
    "application-role": _application,
    "impersonation": _account,
    "ews-access": _ews,
    "legacy-account": _retired,
}
