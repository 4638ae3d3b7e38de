"""Who gets into whose mailbox: the rows of the plan's access table, by what the body sets up."""

from __future__ import annotations

from collections.abc import Iterator

from pexgen.plan._values import Values, in_words
from pexgen.plan.model import PlannedStep, Reach

_SHOWN = 12
"""So many members are named in a row; more are counted, and stand in their step."""


def reach_rows(steps: tuple[PlannedStep, ...], values: Values) -> tuple[Reach, ...]:
    """Return who reaches what, for the steps that are asked for."""
    made = {"application-role": _application, "impersonation": _account, "legacy-impersonation": _old_account}
    rows: list[Reach] = []
    for step in steps:
        if step.asked and step.id in made:
            rows += made[step.id](step, values)
    if any(step.id == "scheduling-group" for step in steps):
        rows.append(_whoever_manages(values))
    if any(step.id == "delegate-access" and step.asked for step in steps):
        rows += _delegates(values)
    if any(step.id == "ews-access" and step.writes for step in steps):
        rows.append(_other_applications(values))
    return tuple(rows)


def _application(_step: PlannedStep, values: Values) -> Iterator[Reach]:
    yield Reach(
        who=f'Pexip\'s application "{values["ApplicationName"]}" (client ID {values["ApplicationClientId"]})',
        through=(
            f'the role Application EWS.AccessAsApp on the scope "{values["ScopeName"]}", '
            f'assignment "{values["ApplicationAssignment"]}"'
        ),
        before="nothing, if this is new; if it holds a role beyond the described scope, the runbook stops",
        after=f"reads and changes everything in the mailboxes of {_members(values)}",
    )


def _members(values: Values) -> str:
    members = values["GroupMembers"]
    named = in_words(members) if len(members) <= _SHOWN else "named in the step scheduling-members"
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


def _old_account(_step: PlannedStep, values: Values) -> Iterator[Reach]:
    yield Reach(
        who=f"the old service account {values['ServiceAccountUserPrincipalName']}",
        through="its own assignments of ApplicationImpersonation",
        before="whatever is left of the role, which Microsoft has removed; the phase Prepare leaves it alone",
        after="nothing, after the phase Cleanup; what it has through groups stays",
    )


def _whoever_manages(values: Values) -> Reach:
    owner = values["SchedulingGroupManagedBy"]
    return Reach(
        who=f"whoever manages or may join {values['SchedulingGroupAddress']}",
        through="membership of that group",
        before="decides over members, if the group is there",
        after=f"decides whose mailboxes Pexip reaches{f'; an owner is {owner}' if owner else ''}",
    )


def _delegates(values: Values) -> Iterator[Reach]:
    for delegate in values["DelegateEntries"]:
        yield Reach(
            who=delegate["Account"],
            through="Full Access",
            before="as Exchange has it now",
            after=f"opens the mailbox {values['EquipmentAddress']}, and no other by this",
        )


def _other_applications(values: Values) -> Reach:
    switched = "those on the list go on; every other one is BLOCKED"
    return Reach(
        who="every other application that uses EWS in this organisation",
        through="the organisation's EWS switch and list",
        before="as switch and list are now",
        after=switched if values["EwsSwitch"] else "stays as it is; the switch is not touched",
    )
