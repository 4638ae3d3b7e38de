"""Who gets into whose mailbox: the rows of the plan's access table, by what the body sets up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pexgen.access import Access
from pexgen.ews_states import states_of
from pexgen.plan._values import MOST_NAMED, Values, in_words
from pexgen.plan.model import PlannedStep, Reach

MAY_DO = {
    "Restricted": "nothing with what is particular to the user or the item",
    "ReadItem": "reads the item that the user has open",
    "ReadWriteItem": "reads and changes the item that the user has open",
    "ReadWriteMailbox": "reads and changes everything in that user's mailbox, and sends",
}
"""What an add-in may do with each permission (Microsoft's page "Understanding Outlook add-in permissions")."""

TRIES = ("application-role", "impersonation")
"""The steps whose proof names who must stay out of reach."""

_EWS = "the organization's EWS switch and list"
_EWS_NOW = "as it is today; Check prints it"


def reach_rows(
    steps: tuple[PlannedStep, ...], values: Values, accesses: Mapping[str, tuple[Access, ...]]
) -> tuple[Reach, ...]:
    """Return who reaches what, for the steps that are asked for; ``accesses`` are those of the steps' own tables."""
    return tuple(
        row
        for step in steps
        if step.asked
        for row in (*_ROWS.get(step.id, _nobody)(step, values), *_of_table(step.id, accesses[step.id]))
    )


def _of_table(step: str, accesses: tuple[Access, ...]) -> Iterator[Reach]:
    for each in accesses:
        for who in each.who if len(each.who) <= MOST_NAMED else (in_words(each.who, named_in=step),):
            yield Reach(who=who, through=each.through, before=each.before, after=each.after)


def _nobody(_step: PlannedStep, _values: Values) -> Iterator[Reach]:
    yield from ()


def _application(_step: PlannedStep, values: Values) -> Iterator[Reach]:
    yield Reach(
        who=f'Pexip\'s application "{values["ApplicationName"]}" (client ID {values["ApplicationClientId"]})',
        through=(
            f'the role Application EWS.AccessAsApp on the scope "{values["ScopeName"]}", '
            f'assignment "{values["ApplicationAssignment"]}"'
        ),
        before="no access is assumed; if it already has wider access, the script stops",
        after=f"reads and changes everything in the mailboxes of {_members(values)}",
    )
    owner = f"; an owner is {values['SchedulingGroupManagedBy']}" if values["SchedulingGroupManagedBy"] else ""
    yield _whoever_manages(values["SchedulingGroupAddress"], f"Pexip reaches{owner}")


def _members(values: Values) -> str:
    members = values["GroupMembers"]
    named = in_words(members) if len(members) <= MOST_NAMED else "named in the step scheduling-members"
    others = "" if values["SchedulingGroupPrune"] else "; and of whoever else is a direct member of that group"
    return f"{len(members)} direct members of {values['SchedulingGroupAddress']}: {named}{others}"


def _account(step: PlannedStep, values: Values) -> Iterator[Reach]:
    account = f"the account {values['ServiceAccountUserPrincipalName']}, as which Pexip logs in"
    if not step.writes:
        left = "whatever is left of the role, which Microsoft has removed"
        yield Reach(who=account, through="Application Impersonation", before=left, after="the same; nothing is changed")
        return
    scope = f' on the scope "{values["ImpersonationScopeName"]}"' if values["ImpersonationFilter"] else ""
    yield Reach(
        who=account,
        through=f'the role ApplicationImpersonation{scope}, assignment "{values["ImpersonationAssignment"]}"',
        before="nothing, if this is new",
        after=f"reads and changes everything in {values['ImpersonationReach']}",
    )
    if values["ImpersonationScope"] == "group":
        yield _whoever_manages(values["ImpersonationGroup"], "the account reaches")


def _whoever_manages(group: str, reaches: str) -> Reach:
    return Reach(
        who=f"whoever manages or may join {group}",
        through="membership of that group",
        before="decides who is a member, if the group already exists",
        after=f"decides whose mailboxes {reaches}",
    )


def _ews_applications(step: PlannedStep, values: Values) -> Iterator[Reach]:
    """Yield a row for each application that is to stay, and one for all that nobody named."""
    if not step.writes:
        return
    switched = values["EwsSwitch"]
    kept = (
        "can use EWS, also if it is blocked now" if switched else "is on the list: can use EWS where it is switched on"
    )
    for who in _each(values["EwsKeep"]):
        yield Reach(who=who, through=_EWS, before=_EWS_NOW, after=f"{kept}; whose mailboxes, its own rights say")
    states = states_of(values["TargetEnvironment"])
    told: dict[str, list[str]] = {}
    for each in states:
        told.setdefault((each.switch_brief if switched else "") or each.list_brief, []).append(each.found)
    yield Reach(
        who="every other application that uses EWS in this organization",
        through=_EWS,
        before=_EWS_NOW,
        after="; ".join(f"if Check finds that {' or '.join(found)}: {brief}" for brief, found in told.items()),
    )


def _retired_applications(step: PlannedStep, values: Values) -> Iterator[Reach]:
    if not step.writes:
        return
    for who in _each(values["EwsRetire"]):
        yield Reach(
            who=f"{who}, of the old way",
            through=_EWS,
            before="as now, until the phase Cleanup",
            after="is not on the list: loses EWS where EwsEnabled is true",
        )


def _each(applications: tuple[Mapping[str, str], ...]) -> Iterator[str]:
    if len(applications) > MOST_NAMED:
        yield f"{len(applications)} other applications (named in the step ews-access)"
        return
    for each in applications:
        name = f'"{each["Name"]}" ' if each["Name"] else ""
        yield f"the application {name}(client ID {each['ClientId']})"


def _add_in(_step: PlannedStep, values: Values) -> Iterator[Reach]:
    yield Reach(
        who=f'the add-in "{values["AddInDisplayName"]}" by {values["AddInProviderName"]}, and the web pages behind it',
        through=f"Outlook of {values['AddInAudience']}; it asks for the permission {values['AddInPermission']}",
        before="nothing, if this is new",
        after=f"{MAY_DO[values['AddInPermission']]}, when the user uses it{values['AddInAsks']}",
    )


_ROWS = {
    "application-role": _application,
    "impersonation": _account,
    "ews-access": _ews_applications,
    "legacy-account": _retired_applications,
    "add-in": _add_in,
}
