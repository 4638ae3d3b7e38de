"""Imports what a discovery found into a simulated tenant, kind by kind, and notes what it has to assume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pexgen.discovery import Discovered, calendar_settings
from pexgen.simulation.objects import Json, people
from pexgen.simulation.online import IMPERSONATION, ROLE
from pexgen.simulation.tenant_builder import TenantBuilder
from pexgen.simulation.tenants import fresh
from pexgen.words import first_few

_MOST = 5
_TYPED = {"true": True, "false": False}


class DiscoveryImport:
    """Puts what was found into a fresh tenant, and removes from that what was made up.

    Afterwards ``builder`` has the tenant, ``taken_over`` says what was taken over and ``assumed`` what stays made up.
    """

    def __init__(self, discovery: Discovered, values: Mapping[str, Any]) -> None:
        self._discovery, self._found, self._values = discovery, discovery.one("found"), values
        self.builder = TenantBuilder(fresh(values))
        self.taken_over: list[str] = []
        self.assumed: list[str] = []

    def run(self) -> None:
        """Take over everything that was found; raises InputError where somebody changed the file."""
        self.builder.remove_inventions()
        self._import_operator()
        self._import_equipment()
        self._import_principals()
        self._import_applications()
        self._import_impersonations()
        self._import_ews()
        self._import_directories()
        self._import_add_ins()
        for address in self._found.texts("outside") or ():
            self.builder.ensure_recipient(address, "UserMailbox")
        self._assume_the_rest()
        self.builder.add_domains(self._found.texts("domains") or ())

    def _import_operator(self) -> None:
        name = self._discovery.text("operator")
        if "@" in name:
            self.builder.rename_operator(name)
            self.taken_over.append(f"operator: {name}")

    def _rows(self, key: str, what: str) -> tuple[Discovered, ...] | None:
        """Return what was found of this kind; None, and a note, where it was not looked for or not read."""
        rows = self._found.rows(key) if self._found.has(key) else None
        if rows is None:
            self.assumed.append(f"{what}: as in a fresh tenant, because the discovery has none of it")
        return rows

    def _import_equipment(self) -> None:
        rows = self._rows("equipment", "equipment mailboxes")
        if rows is None:
            return
        if not self._discovery.option("equipment") and not self._discovery.texts("cutOff"):
            self.builder.remove_other_equipment([row.text("address") for row in rows])
        for row in rows:
            mailbox = self.builder.ensure_recipient(row.text("address"), row.text("type") or "EquipmentMailbox")
            mailbox |= {"DisplayName": row.text("displayName"), "Alias": row.text("alias"), "items": 0}
            mailbox |= {"Name": row.text("name"), "IsDirSynced": row.flag("synchronized")}
            mailbox["calendar"] = self._calendar(row, mailbox)
            mailbox["permissions"] = [self._permission(each) for each in row.rows("fullAccess") or ()]
            self._import_gate(row, mailbox)
        named = [row.text("address") for row in rows]
        self.taken_over.append(f"equipment mailboxes, with calendar, full access and EWS: {_listed(named)}")
        if rows:
            self.assumed.append("what is in the equipment mailboxes: nothing, so that Rollback takes one for empty")

    def _calendar(self, row: Discovered, mailbox: Json) -> dict[str, Any]:
        """Return the settings of a calendar that are not the default of its kind, as the simulation keeps them."""
        read = row.rows("calendar")
        if not read:
            self.assumed.append(f"the calendar of {row.text('address')}: Exchange's defaults")
            return {}
        settings: dict[str, Any] = calendar_settings(read[0])
        if settings.get("AutomateProcessing") == self.builder.default_processing(mailbox):
            del settings["AutomateProcessing"]
        return settings

    def _permission(self, row: Discovered) -> Json:
        address = row.text("address")
        who = self.builder.ensure_recipient(address, "")["Guid"] if address else row.text("user")
        return {"User": who, "AccessRights": ["FullAccess"], "Deny": False, "AutoMapping": True}

    def _import_gate(self, row: Discovered, mailbox: Json) -> None:
        for gate in row.rows("ews") or ():
            mailbox["EwsEnabled"] = _flag(gate.plain("enabled"))

    def _import_principals(self) -> None:
        rows = self._found.rows("principals") or ()
        for row in rows:
            self.builder.add_service_principal(row.text("name"), row.text("clientId"), row.text("objectId"))
        if rows:
            self.taken_over.append(f"applications that Exchange knows: {_listed([row.text('name') for row in rows])}")

    def _import_applications(self) -> None:
        if not self._values.get("ApplicationClientId") and not self._found.has("applications"):
            return
        rows = self._rows("applications", "roles of applications")
        for row in rows or ():
            for each in row.rows("principals") or ():
                self.builder.add_service_principal(each.text("name"), each.text("clientId"), each.text("objectId"))
                self._import_assignment(row, ROLE, each.text("objectId"), "ServicePrincipal")
        named = {row.text("assignment").lower() for row in rows or ()}
        others = [
            row for row in self._found.rows("applicationRoles") or () if row.text("assignment").lower() not in named
        ]
        for row in others:
            self.builder.add_application_role(
                row.text("assignment"), row.text("role"), row.text("assignee"), row.text("scope")
            )
        listed = [row.text("assignment") for row in (*(rows or ()), *others)]
        if rows is not None:
            self.taken_over.append(f"roles of applications, with scopes, groups and direct members: {_listed(listed)}")
        if unknown := self.builder.unknown_scopes:
            self.assumed.append(
                f"scopes of which only the name was read, and which reach nobody here: {_listed(unknown)}"
            )

    def _import_assignment(self, row: Discovered, role: str, assignee: str, kind: str) -> None:
        scopes = row.rows("scopes")
        scope = scopes[0] if scopes else None
        place = self._import_scope(scope) if scope else ""
        made = self.builder.add_assignment(row.text("assignment"), role, assignee, kind, place)
        made["Enabled"] = row.flag("enabled")
        made["scopeKind"] = row.text("reach") or ("CustomRecipientScope" if scope else "Organization")
        if scopes is None:
            self.assumed.append(
                f"the scope of {row.text('assignment')}: it could not be read, and is the organization here"
            )
            made["scopeKind"] = "Organization"

    def _import_scope(self, scope: Discovered) -> str:
        """Copy a management scope, or the group that an assignment itself is limited to, and return its key."""
        groups = [self._import_group(group, scope.text("filter")) for group in scope.rows("groups") or ()]
        if scope.text("kind") == "Group":
            return str(groups[0]["Guid"]) if groups else ""
        if scope.text("kind") == "AdministrativeUnit":
            return scope.text("name")
        made = self.builder.ensure_scope(scope.text("name"), scope.text("filter"), groups[0] if groups else None)
        made["Exclusive"] = scope.flag("exclusive")
        return str(made["Guid"])

    def _import_group(self, row: Discovered, scope_filter: str) -> Json:
        group = self.builder.ensure_group(row.text("address"), row.text("displayName"), row.text("type"), scope_filter)
        members = row.rows("members")
        if members is None:
            self.assumed.append(f"the members of {row.text('address')}: nobody, because they could not be read")
        for member in members or ():
            if member.text("address"):
                added = self.builder.ensure_recipient(member.text("address"), member.text("type"))
                group["members"].append(added["Guid"])
        return group

    def _import_impersonations(self) -> None:
        if not self._values.get("ServiceAccountUserPrincipalName") and not self._found.has("impersonations"):
            return
        for row in self._found.rows("accounts") or ():
            self._import_account(row)
        rows = self._rows("impersonations", f"assignments of {IMPERSONATION}")
        if rows is None:
            return
        self.builder.remove_invented_impersonation()
        for row in rows:
            kind = row.text("assigneeType") or "User"
            accounts = row.rows("accounts") or ()
            holders = [self._import_account(each)["Guid"] for each in accounts] or [
                self.builder.add_holder(row.text("assignee"), kind)
            ]
            self._import_assignment(row, IMPERSONATION, holders[0], kind)
        self.taken_over.append(f"assignments of {IMPERSONATION}: {_listed([row.text('assignment') for row in rows])}")

    def _import_account(self, row: Discovered) -> Json:
        account = self.builder.ensure_recipient(row.text("address") or row.text("userPrincipalName"), row.text("type"))
        account |= {"UserPrincipalName": row.text("userPrincipalName"), "Name": row.text("name") or account["Name"]}
        self._import_gate(row, account)
        return account

    def _import_ews(self) -> None:
        if self.builder.is_server:
            return
        for ews in self._rows("ews", "EWS of the organization") or ():
            allowed, enabled = ews.texts("allowed") or (), _flag(ews.plain("enabled"))
            self.builder.tenant["organization"] |= {
                "EwsEnabled": enabled,
                "EwsAllowedAppIDs": ", ".join(allowed).upper() or None,
                "EwsApplicationAccessPolicy": ews.text("accessPolicy") or None,
                "EwsAllowList": list(ews.texts("allowList") or ()) or None,
                "EwsBlockList": list(ews.texts("blockList") or ()) or None,
            }
            state = "not set" if enabled is None else str(enabled).lower()
            self.taken_over.append(f"EWS: EwsEnabled is {state}, and {len(allowed)} applications are on the list")

    def _import_directories(self) -> None:
        if not self.builder.is_server:
            return
        versions = self._found.texts("versions") or ()
        wanted = self._values.get("TargetVersion") or "SE"
        version = wanted if wanted in versions or not versions else versions[-1]
        if rows := self._rows("virtualDirectories", "virtual directories of EWS"):
            for row in rows:
                self.builder.add_virtual_directory(
                    row.text("identity"), basic=row.flag("basic"), windows=row.flag("windows")
                )
            self.builder.set_servers(version)
            self.taken_over.append(f"virtual directories of EWS: {_listed([row.text('identity') for row in rows])}")
        self.assumed.append(f"the version of each server: Exchange Server {version}")

    def _import_add_ins(self) -> None:
        rows = self._rows("addIns", "add-ins of the organization")
        if rows is None:
            return
        self.builder.tenant["apps"] = []
        for row in rows:
            self.builder.add_outlook_add_in(
                row.text("id"), row.text("displayName"), row.text("version"), row.text("publisher")
            )
            app = self.builder.tenant["apps"][-1]
            app |= {"Enabled": row.flag("enabled"), "ProvidedTo": row.text("providedTo") or "Everyone"}
            app["Scope"] = row.text("scope") or "Organization"
        self.taken_over.append(f"add-ins of the organization: {_listed([row.text('displayName') for row in rows])}")
        if any(row.text("providedTo") == "SpecificUsers" for row in rows):
            self.assumed.append("who the users of an add-in are that is provided to specific ones: nobody")

    def _assume_the_rest(self) -> None:
        """Say what of the description nobody looked for; all of it is in the fresh tenant that was begun with."""
        tenant, values, seen = self.builder.tenant, self._values, self.builder.seen
        named = [address for address in people(values) if address.lower() not in seen]
        if named:
            self.assumed.append(f"these of the description have mailboxes: {_listed(named)}")
        group = values.get("SchedulingGroupAddress") or ""
        if group and group.lower() not in seen:
            there = "exists" if values.get("SchedulingGroupAdopt") else "does not exist yet"
            self.assumed.append(f"the group {group} {there}: a discovery reads the groups of scopes alone")
        relied = [values.get("ImpersonationGroup") or "", *(values.get("OneTouchJoinGroups") or [])]
        if groups := [address for address in relied if address and address.lower() not in seen]:
            self.assumed.append(f"these groups exist, with members: {_listed(groups)}")
        client = values.get("ApplicationClientId")
        if client and client.lower() not in [row["AppId"].lower() for row in tenant["servicePrincipals"]]:
            self.assumed.append(f"the application {client} is among the enterprise applications in Entra")
        if self.builder.groups:
            self.assumed.append("groups: closed to joining, not synchronized, owned by the operator")
        self.assumed.append("the operator has every right, and nobody else changes anything meanwhile")


def _flag(value: str | int | None) -> bool | None:
    """Return a switch of Exchange's that may be not set; modules give it as a truth value or as text."""
    return value if isinstance(value, bool) else _TYPED.get(str(value).casefold())


def _listed(names: Sequence[str]) -> str:
    return first_few(names, _MOST) or "none"
