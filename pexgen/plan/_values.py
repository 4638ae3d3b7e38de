"""The values that a plan shows: the runbook's parameters, and what the body makes of them before it writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pexgen.catalogue import Method
from pexgen.literals import Value
from pexgen.parameters import parameter_value

if TYPE_CHECKING:
    from pexgen.description.model import AddIn

_AUDIENCES = {"everyone": "Everyone", "specific-users": "SpecificUsers"}
_STATES = {"enabled": "Enabled", "disabled": "Disabled", "always-enabled": "AlwaysEnabled"}
MOST_NAMED = 12
"""So many entries of a list are named outside the step that they belong to; of more there is the number."""

HYBRID_NAME = "ExchangeServerApp-"
"""How the name of the application begins by which Exchange Server of a hybrid organization reaches Exchange Online."""

_NO_REGISTRATION = "the registration by which the account signs in, which the description does not name"


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


def in_words(value: Value, *, named_in: str = "", noun: str = "addresses") -> str:
    """Return a value as prose: lists with commas, tables as ``Name value``, truth as PowerShell prints it.

    Of a list that is longer than :data:`MOST_NAMED` it says how many they are, and that the step ``named_in`` names
    them; without such a step it names them.
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {in_words(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        if named_in and len(value) > MOST_NAMED:
            return f"{len(value)} {noun} (named in the step {named_in})"
        return ", ".join(in_words(item) for item in value) or "nobody"
    return str(value)


def _local_part(address: str) -> str:
    return address.partition("@")[0]


def _distinct(*addresses: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(addresses))


def _equipment_names(values: Values) -> str:
    return "" if values["EquipmentAdopt"] else f', shown as "{values["EquipmentShownAs"]}"'


def _group_members(values: Values) -> tuple[str, ...]:
    """As the body sends them: in lower case, each once, in order."""
    return tuple(sorted({each.lower() for each in (values["EquipmentAddress"], *values["SchedulingGroupMembers"])}))


def _delegate_entries(values: Values) -> tuple[Mapping[str, Value], ...]:
    return tuple({**each, "Account": each["Account"].lower()} for each in values["Delegates"])


def _reached_proofs(values: Values) -> tuple[str, ...]:
    return _distinct(values["EquipmentAddress"], *values["ProofInScope"])


def _ews_list(values: Values) -> str:
    ids = _distinct(values["ApplicationClientId"], *(each["ClientId"] for each in values["EwsKeep"]))
    text = f"every ID that is on it now, and of these each that is not: {', '.join(ids)}"
    retired = ", ".join(each["ClientId"] for each in values["EwsStillUsed"])
    return f"<{text}; where EWS is open to everybody now, also {retired}>" if retired else f"<{text}>"


def _ews_without_retired(values: Values) -> str:
    retired = ",".join(each["ClientId"] for each in values["EwsRetire"])
    return f"<every ID that is on it now, without {retired}>"


def _named(entries: tuple[Mapping[str, str], ...], step: str) -> str:
    if len(entries) > MOST_NAMED:
        return f"{len(entries)} applications (named in the step {step})"
    return ", ".join(f"{each['ClientId']} ({each['Name']})" if each["Name"] else each["ClientId"] for each in entries)


def _ews_after(values: Values) -> str:
    if not values["EwsMerge"]:
        return "Nothing is changed about EWS; whether it is open to the application is reported."
    ours = {"ClientId": values["ApplicationClientId"], "Name": values["ApplicationName"]}
    text = (
        "The organization's list of applications that may use EWS holds everything that is on it now, and "
        f"{_named((ours, *values['EwsKeep']), 'ews-access')}."
    )
    if values["EwsStillUsed"]:
        text += (
            " Where EWS is open to everybody now, the old way is put on it too, so that it goes on until the phase "
            f"Cleanup takes it off: {_named(values['EwsStillUsed'], 'ews-access')}."
        )
    if values["EwsSwitch"]:
        text += (
            " EWS is switched on (EwsEnabled true): every application on the list can use it, also one that cannot "
            "now. Who else loses it depends on what is there: see who reaches whose mailbox."
        )
    if values["EwsNoOthers"]:
        text += f" Nobody else uses EWS here, by the description: {values['EwsNoOthers']}"
    elif not values["EwsKeep"]:
        text += (
            " Where EwsEnabled is not set and no list is there, nothing is written (blocked): the description does not "
            "say who else uses EWS."
        )
    return text


def _ews_hybrid(values: Values) -> str:
    named = [each["Name"] for each in values["EwsKeep"] if each["Name"].casefold().startswith(HYBRID_NAME.casefold())]
    if named:
        return f"Whether the hybrid application is still {named[0]}, the one under ews.keep."
    return (
        f"FINDING, if the organization is hybrid: no {HYBRID_NAME}... is under ews.keep, and where the list decides, "
        "free/busy, MailTips, photos and archive moves with Exchange Server stop."
    )


def _retire_after(values: Values) -> str:
    account = values["ServiceAccountUserPrincipalName"]
    if not values["EwsRetire"]:
        return f"Nothing is changed about the account {account}; what is left of it is reported."
    return (
        f"The organization's list of applications that may use EWS does not hold "
        f"{_named(values['EwsRetire'], 'legacy-account')} any more. The account {account} is only looked at."
    )


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
        "equipment-only": f"the mailbox {values['EquipmentAddress']}, and in no other",
        "group": f"the mailboxes of the direct members of {values['ImpersonationGroup']}",
    }[values["ImpersonationScope"]]


def _impersonation_proof(values: Values) -> str:
    if values["ImpersonationScope"] == "organization":
        return "Verify compares the assignment once more; it reaches everybody."
    inside = values["ReachedProofs"] if values["ImpersonationScope"] == "group" else (values["EquipmentAddress"],)
    outside = values["ProofOutOfScope"]
    text = f"Verify asks Exchange whom the scope reaches: {in_words(inside)} has to be in it"
    return f"{text}, {in_words(outside)} must not be." if outside else f"{text}."


def _strangers_reached(values: Values) -> str:
    return "" if values["SchedulingGroupPrune"] else ", and of whoever else is in that group"


def _maximum_in_words(values: Values) -> str:
    if values["ScopeMaxMailboxes"]:
        return f"With more than {values['ScopeMaxMailboxes']} mailboxes the run stops before that."
    return "No limit is set (scope.max_mailboxes). Check and the question before the role show the number."


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
    "StrangersStay": lambda v: "are removed" if v["SchedulingGroupPrune"] else "stay, and can be reached too",
    "GroupCount": lambda v: len(v["GroupMembers"]),
    "GroupAdoptedWithoutLimit": lambda v: v["SchedulingGroupAdopt"] and not v["ScopeMaxMailboxes"],
    "GroupAdoptedWithLimit": lambda v: v["SchedulingGroupAdopt"] and bool(v["ScopeMaxMailboxes"]),
    "StrangersReached": _strangers_reached,
    "MaximumInWords": _maximum_in_words,
    "ScopeFilter": lambda v: _clause("MemberOfGroup", f"<distinguished name of {v['SchedulingGroupAddress']}>"),
    "ReachedProofs": _reached_proofs,
    "GateProofs": lambda v: in_words(v["ReachedProofs"], named_in="application-role"),
    "EwsMerge": lambda v: v["EwsPolicy"] == "merge",
    "EwsSwitch": lambda v: v["EwsMerge"] and v["EwsSwitchOn"],
    "EwsListOnly": lambda v: v["EwsMerge"] and not v["EwsSwitchOn"],
    # Only migrate has the parameter.
    "EwsRetire": lambda _: (),
    "EwsStillUsed": lambda v: v["EwsRetire"] if v["EwsSwitch"] else (),
    "EwsList": _ews_list,
    "EwsListWithoutRetired": _ews_without_retired,
    "EwsAfter": _ews_after,
    "EwsHybrid": _ews_hybrid,
    "RetireAfter": _retire_after,
    "DelegateEntries": _delegate_entries,
    "DelegateAccounts": lambda v: tuple(each["Account"] for each in v["DelegateEntries"]),
    "AccountName": lambda v: v["ServiceAccountName"] or _local_part(v["ServiceAccountUserPrincipalName"]),
    "ImpersonationEverybody": lambda v: v["ImpersonationScope"] == "organization",
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
