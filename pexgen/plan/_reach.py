"""Who gets into whose mailbox: the rows of the plan's access table, by what the body sets up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pexgen.access import Access
from pexgen.ews_states import states_of
from pexgen.plan._values import Values
from pexgen.plan._words import MOST_NAMED, in_words
from pexgen.plan.model import OtherEws, PlannedStep, Reach

TRIES = ("application-role", "impersonation")
"""The steps whose proof names who must stay out of reach."""

_EWS = "the organization's EWS list"


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
        through=(f'the role Application EWS.AccessAsApp, limited by the management scope "{values["ScopeName"]}"'),
        before=_NEW,
        after=f"reads and changes everything in {_members(values)}",
    )
    yield _whoever_manages(values["SchedulingGroupAddress"], "Pexip reaches", _owner(values))


def _owner(values: Values) -> str:
    owner, is_adopted = values["SchedulingGroupManagedBy"], values["SchedulingGroupAdopt"]
    if owner:
        return f"{owner} is made an owner"
    return "its owners stay" if is_adopted else _NO_OWNER


def _members(values: Values) -> str:
    members, group = values["GroupMembers"], values["SchedulingGroupAddress"]
    few = len(members) <= MOST_NAMED
    if values["SchedulingGroupPrune"]:
        named = in_words(members) if few else "named in the step scheduling-members"
        return f"the mailboxes of the {len(members)} direct members of {group}: {named}. Others are removed from it"
    who = (
        f"EVERYBODY who is in {group}, which exists already"
        if values["SchedulingGroupAdopt"]
        else f"whoever is in {group}"
    )
    named = f"named here: {in_words(members)}" if few else "named in the step scheduling-members"
    return f"the mailboxes of {who}, now or later; {_NESTED}. {len(members)} are {named}"


_NEW = 'nothing, if it is new. If it has more than "after" says, the script stops'
_NO_OWNER = "a new group belongs to the account that runs the script, until another owner is named"
_NESTED = "members of a group inside it are not reached"


def _account(step: PlannedStep, values: Values) -> Iterator[Reach]:
    account = f"the account {values['ServiceAccountUserPrincipalName']}, as which Pexip logs in"
    if not step.writes:
        left = "whatever is left of that role, which Microsoft has removed"
        through = "the role ApplicationImpersonation"
        yield Reach(who=account, through=through, before=left, after="the same; nothing is changed")
        return
    scope = values["ImpersonationScopeName"] if values["ImpersonationFilter"] else ""
    limit = f', limited by the management scope "{scope}"' if scope else ", without any limit"
    yield Reach(
        who=account,
        through=f"the role ApplicationImpersonation{limit}",
        before=_NEW,
        after=f"reads and changes everything in {values['ImpersonationReach']}",
    )
    if values["ImpersonationScope"] == "group":
        yield _whoever_manages(values["ImpersonationGroup"], "the account reaches", "its owners stay")


def _whoever_manages(group: str, reaches: str, owner: str) -> Reach:
    return Reach(
        who=f"whoever manages or may join {group}",
        through="its membership",
        before="decides who is in the group, if it exists already",
        after=f"decides whose mailboxes {reaches}; {owner}",
    )


def _ews_applications(step: PlannedStep, values: Values) -> Iterator[Reach]:
    """Yield a row for each application that is to stay; of all others see :func:`others_and_ews`."""
    if not step.writes:
        return
    switched = values["EwsSwitch"]
    kept = "can use EWS" if switched else "is on the list: can use EWS as soon as EwsEnabled is true"
    for who in _each(values["EwsKeep"]):
        yield Reach(
            who=who,
            through=_EWS,
            before="may be blocked today; Check shows it",
            after=f"{kept}. Which mailboxes it opens does not change",
        )


def others_and_ews(steps: tuple[PlannedStep, ...], values: Values) -> tuple[OtherEws, ...]:
    """Return what becomes of EWS for every application that nobody named, for each state of the switch."""
    if not any(step.id == "ews-access" and step.writes for step in steps):
        return ()
    rows = {
        each.enabled: OtherEws(
            enabled=each.enabled,
            before=each.before,
            after=(each.switched if values["EwsSwitch"] else "") or each.listed,
        )
        for each in states_of(values["TargetEnvironment"])
    }
    return tuple(rows.values())


def _retired_applications(step: PlannedStep, values: Values) -> Iterator[Reach]:
    if not step.writes:
        return
    for who in _each(values["EwsRetire"]):
        yield Reach(
            who=f"{who}, by which the old service account signs in",
            through=_EWS,
            before="as today, until Cleanup",
            after="is off the list: LOSES EWS, if EwsEnabled is true",
        )


def _each(applications: tuple[Mapping[str, str], ...]) -> Iterator[str]:
    if len(applications) > MOST_NAMED:
        yield f"{len(applications)} other applications (named in the step ews-access)"
        return
    for each in applications:
        name = f'"{each["Name"]}" ' if each["Name"] else ""
        yield f"the application {name}(client ID {each['ClientId']})"


_ROWS = {
    "application-role": _application,
    "impersonation": _account,
    "ews-access": _ews_applications,
    "legacy-account": _retired_applications,
}
