"""The values that a plan shows: the runbook's parameters, and what the body makes of them before it writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pexgen.catalogue import Method
from pexgen.literals import Value
from pexgen.parameters import parameter_value
from pexgen.plan import _ews as ews
from pexgen.plan._words import distinct, in_words

if TYPE_CHECKING:
    from pexgen.description.model import AddIn

_AUDIENCES = {"everyone": "Everyone", "specific-users": "SpecificUsers"}
_STATES = {"enabled": "Enabled", "disabled": "Disabled", "always-enabled": "AlwaysEnabled"}
_NO_REGISTRATION = "the registration by which the account signs in, which the description does not name"


_MAY_DO = {
    "Restricted": "sees nothing of the user or of the item that is open",
    "ReadItem": "reads the user's open item, when the add-in is used",
    "ReadWriteItem": "reads and changes the user's open item, when the add-in is used",
    "ReadWriteMailbox": "reads and changes everything in that user's mailbox, and sends mail, when the add-in is used",
}
"""What an add-in may do with each permission (Microsoft's page "Understanding Outlook add-in permissions")."""


class Unknown(str):
    """Text in the place of a value that only a run can know, written as ``<...>``."""

    __slots__ = ()


class Values:
    """Values by name: a parameter's, as ``EquipmentAddress``, or one of :data:`DERIVED`; KeyError for anything else."""

    def __init__(self, description: object, method: Method) -> None:
        self._given = {each.name: parameter_value(description, each) for each in method.parameters}
        #: What the add-in's manifest says, also what no runbook holds.
        self.add_in: AddIn | None = getattr(description, "add_in", None)

    def __getitem__(self, name: str) -> Any:
        return self._given[name] if name in self._given else DERIVED[name](self)

    def words(self, name: str) -> str:
        """Return the value as it stands in a sentence."""
        return in_words(self[name])


def _local_part(address: str) -> str:
    return address.partition("@")[0]


def _equipment_names(values: Values) -> str:
    return "" if values["EquipmentAdopt"] else f', shown as "{values["EquipmentShownAs"]}"'


def _group_members(values: Values) -> tuple[str, ...]:
    """As the body sends them: in lower case, each once, in order."""
    return tuple(sorted({each.lower() for each in (values["EquipmentAddress"], *values["SchedulingGroupMembers"])}))


def _delegate_entries(values: Values) -> tuple[Mapping[str, Value], ...]:
    return tuple({**each, "Account": each["Account"].lower()} for each in values["Delegates"])


def _reached_proofs(values: Values) -> tuple[str, ...]:
    return distinct(values["EquipmentAddress"], *values["ProofInScope"])


def _authentication_after(values: Values) -> str:
    directory, methods = values["AuthenticationVirtualDirectory"], values.words("AuthenticationMethods")
    if not values["AuthenticationMethods"]:
        return "Nothing is changed; which methods each EWS virtual directory takes is reported."
    if directory:
        return f"The EWS virtual directory {directory} takes {methods}."
    return f"Nothing is changed; whether every EWS virtual directory takes {methods} is reported."


def _oauth_proof(values: Values) -> str:
    if values["OauthClientId"]:
        return f"Verify looks whether EWS is open to {values['OauthRegistration']} in the organization."
    return (
        "Nothing, because it is not described which registration is meant (oauth.client_id). Verify reports the "
        "organization's EWS switch and list."
    )


def _impersonation_filter(values: Values) -> str:
    if values["ImpersonationScope"] == "organization":
        return ""
    if values["ImpersonationScope"] == "equipment-only":
        return _clause("PrimarySmtpAddress", values["EquipmentAddress"])
    return _clause("MemberOfGroup", f"<distinguished name of {values['ImpersonationGroup']}>")


def _clause(name: str, value: str) -> str:
    """One clause of a filter, escaped as the body does it."""
    return f"{name} -eq '{value.replace(chr(39), chr(39) * 2)}'"


def _impersonation_reach(values: Values) -> str:
    return {
        "organization": "EVERY mailbox of the organization",
        "equipment-only": f"the equipment mailbox {values['EquipmentAddress']}, and in no other",
        "group": f"the mailboxes of the direct members of {values['ImpersonationGroup']}",
    }[values["ImpersonationScope"]]


def _impersonation_proof(values: Values) -> str:
    if values["ImpersonationScope"] == "organization":
        return "Verify compares the assignment once more; it reaches everybody."
    inside = values["ReachedProofs"] if values["ImpersonationScope"] == "group" else (values["EquipmentAddress"],)
    outside = values["ProofOutOfScope"]
    text = f"Verify asks Exchange whom the scope reaches. It has to be {in_words(inside)}"
    return f"{text}, and must not be {in_words(outside)}." if outside else f"{text}."


def _impersonation_why(values: Values) -> str:
    reaches = {
        "organization": "every mailbox, also those that are created later",
        "equipment-only": "that mailbox",
        "group": "the same mailboxes",
    }[values["ImpersonationScope"]]
    by_mistake = "Whoever is in the group, or ever gets into it, is in reach. "
    first = by_mistake if values["ImpersonationScope"] == "group" else ""
    return f"{first}Whoever knows the account's password can open {reaches}."


def _strangers_reached(values: Values) -> str:
    return "" if values["SchedulingGroupPrune"] else ", and anybody else who is in it now or later"


def _maximum_in_words(values: Values) -> str:
    if values["ScopeMaxMailboxes"]:
        return f"With more than {values['ScopeMaxMailboxes']} mailboxes the run stops before that."
    return "No upper number is set (scope.max_mailboxes). Check names the others in the group."


_NUMBER_SHOWN = "A pre-check lists who is in it, and the question before that step shows the number."


def _addin_audience(values: Values) -> str:
    if values["AddInProvidedTo"] == "everyone":
        return "everybody in the organization"
    return in_words(values["AddInUserList"], named_in="add-in", noun="users")


def _addin_more(values: Values) -> str:
    """What stands in the manifest and in no runbook: where its code comes from, and what else it asks for."""
    if values.add_in is None:
        return ""
    hosts = ", ".join(values.add_in.hosts) or "nowhere"
    return f" Its code is loaded from {hosts}.{_addin_asks(values)}"


def _addin_asks(values: Values) -> str:
    asks = values.add_in.asks if values.add_in else ()
    return f" Beyond its permission, its manifest asks for more: it {'; it '.join(asks)}." if asks else ""


DERIVED: Mapping[str, Callable[[Values], Value]] = {
    "EquipmentShownAs": lambda v: v["EquipmentDisplayName"] or v["EquipmentName"],
    "EquipmentNames": _equipment_names,
    "EquipmentCalendarBefore": lambda v: dict.fromkeys(v["EquipmentCalendar"], Unknown("<as it was before>")),
    "EquipmentMadeAlias": lambda v: v["EquipmentAlias"] or _local_part(v["EquipmentAddress"]),
    "EquipmentAliasCorrected": lambda v: bool(v["EquipmentAlias"]) and not v["EquipmentAdopt"],
    "SchedulingGroupAlias": lambda v: _local_part(v["SchedulingGroupAddress"]),
    "GroupMembers": _group_members,
    "StrangersStay": lambda v: "are removed" if v["SchedulingGroupPrune"] else "stay, and are in reach too",
    "GroupCount": lambda v: len(v["GroupMembers"]),
    "GroupPruned": lambda v: v["SchedulingGroupPrune"] and v["SchedulingGroupAdopt"],
    # Where all others are removed from it, those who are named come into reach and nobody else.
    "GroupKept": lambda v: v["SchedulingGroupAdopt"] and not v["SchedulingGroupPrune"],
    "GroupAdoptedWithoutLimit": lambda v: v["GroupKept"] and not v["ScopeMaxMailboxes"],
    "GroupAdoptedWithLimit": lambda v: v["GroupKept"] and bool(v["ScopeMaxMailboxes"]),
    "StrangersReached": _strangers_reached,
    "MaximumInWords": _maximum_in_words,
    "NumberShown": lambda _: _NUMBER_SHOWN,
    "ScopeFilter": lambda v: _clause("MemberOfGroup", f"<distinguished name of {v['SchedulingGroupAddress']}>"),
    "ReachedProofs": _reached_proofs,
    "GateProofs": lambda v: in_words(v["ReachedProofs"], named_in="application-role"),
    "EwsMerge": lambda v: v["EwsPolicy"] == "merge",
    "EwsSwitch": lambda v: v["EwsMerge"] and v["EwsSwitchOn"],
    "EwsListOnly": lambda v: v["EwsMerge"] and not v["EwsSwitchOn"],
    # Only migrate has the parameter.
    "EwsRetire": lambda _: (),
    "EwsStillUsed": lambda v: v["EwsRetire"] if v["EwsSwitch"] else (),
    "EwsList": ews.listed,
    "EwsListWithoutRetired": ews.without_retired,
    "EwsAfter": ews.after,
    "EwsNamed": ews.named,
    "EwsUndecided": ews.undecided,
    "EwsHybrid": ews.hybrid,
    "RetireAfter": ews.retired_after,
    "DelegateEntries": _delegate_entries,
    "DelegateAccounts": lambda v: tuple(each["Account"] for each in v["DelegateEntries"]),
    "AccountName": lambda v: v["ServiceAccountName"] or _local_part(v["ServiceAccountUserPrincipalName"]),
    "ImpersonationEverybody": lambda v: v["ImpersonationScope"] == "organization",
    "ImpersonationByGroup": lambda v: v["ImpersonationScope"] == "group",
    "ImpersonationOfEquipment": lambda v: v["ImpersonationScope"] == "equipment-only",
    "ImpersonationWhy": _impersonation_why,
    "ImpersonationFilter": _impersonation_filter,
    "ImpersonationScopeUsed": lambda v: v["ImpersonationScopeName"] if v["ImpersonationFilter"] else "",
    "ImpersonationReach": _impersonation_reach,
    "ImpersonationProof": _impersonation_proof,
    "SwitchesBasic": lambda v: bool(v["AuthenticationVirtualDirectory"]) and "basic" in v["AuthenticationMethods"],
    "SwitchesWindows": lambda v: (
        bool(v["AuthenticationVirtualDirectory"]) and bool({"ntlm", "kerberos"} & set(v["AuthenticationMethods"]))
    ),
    "OauthRegistration": lambda v: f"the registration {v['OauthClientId']}" if v["OauthClientId"] else _NO_REGISTRATION,
    "OauthProof": _oauth_proof,
    "AuthenticationAfter": _authentication_after,
    "AddInAudience": _addin_audience,
    "AddInMayDo": lambda v: _MAY_DO[v["AddInPermission"]],
    "AddInForEveryone": lambda v: v["AddInProvidedTo"] == "everyone",
    "AddInMore": _addin_more,
    "AddInAsks": lambda v: "".join(f"; it {each}" for each in v.add_in.asks) if v.add_in else "",
    "AddInProvidedToName": lambda v: _AUDIENCES[v["AddInProvidedTo"]],
    "AddInDefaultStateName": lambda v: _STATES[v["AddInDefaultState"]],
    "AddInUserList": lambda v: (
        tuple(sorted({each.lower() for each in v["AddInUsers"]})) if v["AddInProvidedTo"] == "specific-users" else ()
    ),
    "AddInReadsMailbox": lambda v: v["AddInPermission"] == "ReadWriteMailbox" or "",
}
"""What the body makes of its parameters, by the name under which the steps' texts ask for it."""
