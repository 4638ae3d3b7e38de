"""Builds the copy of a customer's organization: adds its objects, each once, and removes what was made up."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pexgen.simulation import server
from pexgen.simulation.objects import (
    Json,
    assignment,
    delegating_assignments,
    domain_of,
    group,
    guid,
    scope,
    user,
)
from pexgen.simulation.online import ADMINISTRATORS, IMPERSONATION, OTHER_APP

_GROUPS = ("MailUniversalSecurityGroup", "MailUniversalDistributionGroup", "RoomList")
_RESOURCES = ("EquipmentMailbox", "RoomMailbox")
# A scope of which nobody knows whom it reaches had better reach nobody.
_NOBODY = "Alias -eq 'nobody knows whom this scope reaches'"
_OF_GROUP = re.compile(r"\(?MemberOfGroup -eq '(?P<name>(?:[^']|'')*)'\)?", re.IGNORECASE)
_COMMON_NAME = re.compile(r"CN=(?P<name>(?:\\.|[^,\\])*),", re.IGNORECASE)


class TenantBuilder:
    """A tenant that becomes a copy of another one. ``seen`` are the addresses of what was copied, small."""

    def __init__(self, tenant: Json) -> None:
        self.tenant = tenant
        self.is_server = tenant.get("platform") == server.PLATFORM
        self.seen: set[str] = set()
        self.groups: list[Json] = []
        self.unknown_scopes: list[str] = []
        self._directories: list[Json] = []
        self._index()

    def _index(self) -> None:
        """Know the recipients by their addresses, and the names that are taken: a group may have 40,000 members."""
        rows: list[Json] = self.tenant["recipients"]
        self._by_address = {row["PrimarySmtpAddress"].lower(): row for row in rows}
        self._names = {row["Name"].lower() for row in rows}

    def remove_inventions(self) -> None:
        """Remove what a fresh tenant has of others, who are made up: theirs come from the discovery."""
        invented = f"somebody.else@{domain_of(self.tenant['operator']['upn'])}"
        theirs = self._recipient(invented)
        tenant = self.tenant
        tenant["recipients"] = [entry for entry in tenant["recipients"] if entry is not theirs]
        self._index()
        tenant["servicePrincipals"] = []
        gone = {entry["Guid"] for entry in tenant["scopes"] if entry["Name"].startswith("Somebody else's")}
        tenant["scopes"] = [entry for entry in tenant["scopes"] if entry["Guid"] not in gone]
        tenant["assignments"] = [row for row in tenant["assignments"] if row["scope"] not in gone or not row["scope"]]
        tenant["enterpriseApplications"] = [row for row in tenant["enterpriseApplications"] if row != OTHER_APP]

    def remove_other_equipment(self, found: Sequence[str]) -> None:
        """Remove equipment mailboxes but those of these addresses: which are there, the discovery knows."""
        known = {address.lower() for address in found}
        kept = [
            entry
            for entry in self.tenant["recipients"]
            if entry["RecipientTypeDetails"] != "EquipmentMailbox" or entry["PrimarySmtpAddress"].lower() in known
        ]
        gone = {entry["Guid"] for entry in self.tenant["recipients"]} - {entry["Guid"] for entry in kept}
        self.tenant["recipients"] = kept
        self._index()
        for entry in kept:
            if "members" in entry:
                entry["members"] = [member for member in entry["members"] if member not in gone]

    def remove_invented_impersonation(self) -> None:
        """Remove the assignments of the role that are made up, with their scopes, and add the role."""
        tenant = self.tenant
        rows = [row for row in tenant["assignments"] if row["Role"] == IMPERSONATION and not row["delegating"]]
        scopes = {row["scope"] for row in rows}
        tenant["assignments"] = [row for row in tenant["assignments"] if row not in rows]
        tenant["scopes"] = [entry for entry in tenant["scopes"] if entry["Guid"] not in scopes]
        if IMPERSONATION not in tenant["roles"]:
            tenant["roles"].append(IMPERSONATION)
            tenant["settings"]["closedRoles"] = [IMPERSONATION]
            tenant["assignments"] += delegating_assignments([IMPERSONATION], ADMINISTRATORS)

    def rename_operator(self, name: str) -> None:
        """Give the operator the name of whoever ran the discovery."""
        operator = self._recipient(self.tenant["operator"]["upn"])
        other = self._recipient(name)
        if operator is None or other is operator:
            return
        if other is not None:
            self.tenant["recipients"].remove(other)
        operator |= {"PrimarySmtpAddress": name, "EmailAddresses": [f"SMTP:{name}"], "UserPrincipalName": name}
        operator |= {"Alias": name.partition("@")[0], "DisplayName": name.partition("@")[0]}
        self.tenant["operator"]["upn"] = name
        for connection in self.tenant["session"]["connections"]:
            connection["UserPrincipalName"] = name
        self.seen.add(name.lower())
        self._index()

    def ensure_recipient(self, address: str, kind: str) -> Json:
        """Return the recipient of an address, of this kind unless nobody knows it; one that is not there is made."""
        self.seen.add(address.lower())
        there = self._recipient(address)
        if there is None:
            there = self._made(address, kind or "UserMailbox")
            self.tenant["recipients"].append(there)
            self._by_address[address.lower()] = there
            self._names.add(there["Name"].lower())
        elif kind:
            there["RecipientTypeDetails"] = kind
        return there

    def default_processing(self, mailbox: Json) -> str:
        """Return the AutomateProcessing that a new mailbox of this kind has."""
        is_resource = mailbox["RecipientTypeDetails"] in _RESOURCES
        return "AutoAccept" if is_resource and not self.is_server else "AutoUpdate"

    def _made(self, address: str, kind: str) -> Json:
        if kind in _GROUPS:
            return group(address, address.partition("@")[0], self._operator(), RecipientTypeDetails=kind)
        made = user(address, RecipientTypeDetails=kind)
        if kind in _RESOURCES or self.is_server:
            made["SKUAssigned"] = None
        if self.is_server:
            name = made["DisplayName"] if made["DisplayName"].lower() not in self._names else address
            made |= {"ExternalDirectoryObjectId": "", "EwsEnabled": None, "Name": name}
        return made

    def ensure_group(self, address: str, title: str, kind: str, scope_filter: str) -> Json:
        """Return the group of a scope, without members; its name is that in the scope's filter."""
        made = self.ensure_recipient(address, kind or "MailUniversalSecurityGroup")
        named = _OF_GROUP.fullmatch(scope_filter)
        common = _COMMON_NAME.match(named["name"].replace("''", "'")) if named else None
        made |= {"DisplayName": title, "members": []}
        if common:
            made["Name"] = re.sub(r"\\(.)", r"\1", common["name"])
        self.groups.append(made)
        return made

    def add_service_principal(self, name: str, client: str, object_id: str) -> None:
        """Add the pointer to an enterprise application, and the application in Entra."""
        tenant = self.tenant
        if any(row["ObjectId"].lower() == object_id.lower() for row in tenant["servicePrincipals"]):
            return
        tenant["servicePrincipals"].append(
            {
                "Guid": guid(f"principal|{object_id}"),
                "Name": object_id,
                "AppId": client,
                "ObjectId": object_id,
                "DisplayName": name,
                "WhenCreatedUTC": "2025-11-03 10:00:00",
                "notYet": 0,
            }
        )
        known = [row["objectId"].lower() for row in tenant["enterpriseApplications"]]
        if object_id.lower() not in known:
            tenant["enterpriseApplications"].append({"appId": client, "objectId": object_id})

    def ensure_scope(self, name: str, recipient_filter: str, of_group: Json | None) -> Json:
        """Return a management scope; a filter over a group names it as the simulation does."""
        there = self._scope(name)
        if there is None:
            there = scope(name, recipient_filter)
            self.tenant["scopes"].append(there)
        if of_group is not None and _OF_GROUP.fullmatch(recipient_filter):
            quoted = self._distinguished(of_group["Name"]).replace("'", "''")
            there["RecipientFilter"] = f"(MemberOfGroup -eq '{quoted}')"
        return there

    def _scope(self, name: str) -> Json | None:
        return next((entry for entry in self.tenant["scopes"] if entry["Name"].lower() == name.lower()), None)

    def add_assignment(self, name: str, role: str, assignee: str, kind: str, place: str) -> Json:
        """Add an assignment; ``assignee`` is a GUID, the name of a role group, or an application's object ID."""
        if kind == "ServicePrincipal":
            assignee = guid(f"principal|{assignee}")
        made = assignment(name, role, assignee, kind, scope_guid=place)
        self.tenant["assignments"].append(made)
        if role not in self.tenant["roles"]:
            self.tenant["roles"].append(role)
        return made

    def add_application_role(self, name: str, role: str, assignee: str, scope_name: str) -> None:
        """Add an application's assignment of which only its holder and the name of its scope are known."""
        rows = self.tenant["servicePrincipals"]
        ids = ("ObjectId", "AppId", "DisplayName")
        holder = [row["ObjectId"] for row in rows if assignee.lower() in [row[key].lower() for key in ids]]
        if not holder:
            return
        place = ""
        if scope_name:
            there = self._scope(scope_name)
            if there is None:
                there = self.ensure_scope(scope_name, _NOBODY, None)
                self.unknown_scopes.append(scope_name)
            place = there["Guid"]
        self.add_assignment(name, role, holder[0], "ServicePrincipal", place)

    def add_holder(self, assignee: str, kind: str) -> str:
        """Return the key of an assignee that is no mailbox; a role group that is not there is added."""
        if kind == "RoleGroup" and assignee not in [row["Name"] for row in self.tenant["roleGroups"]]:
            self.tenant["roleGroups"].append({"Name": assignee, "members": []})
        return assignee

    def add_virtual_directory(self, identity: str, *, basic: bool, windows: bool) -> None:
        """Add a virtual directory of EWS; its name begins with its server's."""
        name, _, site = identity.partition("\\")
        host = f"{name.lower()}.rehearsal.invalid"
        made = {"Guid": guid(f"directory|{identity}"), "Server": name, "Name": site or server.SITE}
        made |= {"InternalUrl": f"https://{host}/EWS/Exchange.asmx", "ExternalUrl": f"https://{host}/EWS/Exchange.asmx"}
        self._directories.append({**made, "BasicAuthentication": basic, "WindowsAuthentication": windows})

    def set_servers(self, version: str) -> None:
        """Set the servers to those of the virtual directories, each of this version."""
        names = list(dict.fromkeys(entry["Server"] for entry in self._directories))
        build = server.BUILDS.get(version, server.BUILDS["SE"])
        self.tenant["virtualDirectories"] = self._directories
        self.tenant["servers"] = [
            {"Name": name, "Fqdn": f"{name.lower()}.rehearsal.invalid", "AdminDisplayVersion": build} for name in names
        ]

    def add_outlook_add_in(self, identifier: str, name: str, version: str, publisher: str) -> None:
        """Add an add-in of the organization."""
        made = {"AppId": identifier, "AppVersion": version, "ProviderName": publisher, "DisplayName": name}
        self.tenant["apps"].append({**made, "Permissions": "ReadItem", "DefaultStateForUser": "Enabled", "users": []})

    def add_domains(self, names: Sequence[str]) -> None:
        """Add every domain that was found, or that somebody has an address in, as accepted."""
        known = {row["DomainName"].lower() for row in self.tenant["domains"]}
        used = [domain_of(entry["PrimarySmtpAddress"]) for entry in self.tenant["recipients"]]
        for name in (*names, *used):
            if name and name.lower() not in known:
                known.add(name.lower())
                self.tenant["domains"].append({"DomainName": name.lower(), "Default": False, "InitialDomain": False})

    def _recipient(self, address: str) -> Json | None:
        return self._by_address.get(address.lower())

    def _operator(self) -> str:
        return str((self._recipient(self.tenant["operator"]["upn"]) or {}).get("Guid", ""))

    def _distinguished(self, name: str) -> str:
        """Return the distinguished name that the simulation gives a recipient of this name, in its usual container."""
        escaped = re.sub(r'([,+"\\<>;=])', r"\\\1", name)
        if self.is_server:
            forest = ",".join(f"DC={part}" for part in self.tenant["initialDomain"].split("."))
            return f"CN={escaped},CN=Users,{forest}"
        hosted = "OU=Microsoft Exchange Hosted Organizations,DC=EURPR01A001,DC=PROD,DC=OUTLOOK,DC=COM"
        return f"CN={escaped},OU={self.tenant['initialDomain']},{hosted}"
