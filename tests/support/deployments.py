"""The deployments on which bad days are played: one of each body, and what differs between them.

What is wanted of every run is in ``bad_days``; here is what a run of each body is given, what it may touch, what others
do to it meanwhile, and what no Rollback can give back.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from support.journals import entries
from support.runbooks import SAMPLES
from support.sites import DESCRIPTION, Json, merged
from support.tenants import ASSIGNMENT, EQUIPMENT, GROUP, SCOPE, recipient

from pexgen.rehearsal import Call
from pexgen.simulation import drifted, without_bookkeeping

PASSWORD = "correct horse battery staple"  # noqa: S105 - of nothing and nobody
ACCOUNT, SCHEDULERS = "pexip-service@contoso.com", "pexip-schedulers@contoso.com"
LEGACY, BY_HAND = "pexip-service-impersonation", "Pexip impersonation by hand"
SESSION = frozenset({"Get-ExchangeServer", "Get-ADServerSettings", "Get-AcceptedDomain"})
"""The calls by which the guards of every mode look at the session; no step makes them."""

Drift = Callable[[Json, Json, Json], Json]


@dataclass(frozen=True)
class Own:
    """What of a tenant a run may touch.

    ``addresses`` are of recipients, ``names`` of scopes and assignments, ``organization`` are properties of the
    organization's configuration; of the ``server``'s EWS directory it is the methods of authentication; ``add_in`` is
    the ID of an add-in.
    """

    addresses: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    organization: frozenset[str] = frozenset()
    client_id: str = ""
    server: str = ""
    add_in: str = ""


def _drifted(_before: Json, converged: Json, values: Json) -> Json:
    """What others change in a converged tenant, whatever was there before."""
    return drifted(converged, values)


@dataclass(frozen=True)
class Deployment:
    """One body's runbook with its values, and how it is run.

    ``sample`` names a file of ``samples``, "" the usual description; ``change`` is laid over it. ``named`` goes with
    every run but Rollback, ``applied`` with Apply, ``prepared`` with an Apply that comes before everything.
    ``drift`` makes a tenant that others have changed, of the one before, the converged one and the values.
    ``is_continued``: the run after an interrupted one is given its journal, and writes on in it. ``lasting`` are names
    of scopes and assignments that no Rollback can give back once they are removed. ``confirmed`` is the address of a
    recipient that a Rollback removes only where a journal says that it was made, not where one says that it was about
    to be. ``spare`` is a cmdlet that looks at everything; where that fails, the run looks at what is described alone.
    """

    name: str
    body: tuple[str, str]
    own: Own
    sample: str = ""
    change: Json = field(default_factory=dict)
    named: Json = field(default_factory=dict)
    applied: Json = field(default_factory=dict)
    prepared: Json | None = None
    drift: Drift = _drifted
    is_continued: bool = False
    lasting: frozenset[str] = frozenset()
    confirmed: str = ""
    spare: str = ""

    def description(self) -> Json:
        """Return the description that its runbook is rendered from, as read from YAML."""
        base = yaml.safe_load((SAMPLES / f"{self.sample}.yaml").read_bytes()) if self.sample else DESCRIPTION
        return merged(base, self.change)

    def arguments(self, mode: str) -> Json:
        """Return what a run in this mode is given beside its mode and its journals."""
        if mode == "Rollback":
            return {"RemoveCreatedMailbox": True}
        return {**self.named, **self.applied} if mode == "Apply" else dict(self.named)

    def key(self) -> str:
        """Return what of it decides how a run goes, beside its body: the same text for the same."""
        return json.dumps([self.description(), self.named, self.applied, self.prepared], sort_keys=True, default=str)

    def is_spare(self, call: Call) -> bool:
        """Whether a run goes on without what this call would have told."""
        return call.cmdlet == self.spare and "Identity" not in call.parameters

    def given_back(self, before: Json, found: Json, journals: Sequence[str]) -> Json:
        """Return the tenant, without bookkeeping, at which a Rollback of these has to end that began with ``found``."""
        wanted: Json = without_bookkeeping(before)
        for key in ("scopes", "assignments"):
            gone = self.lasting - {one["Name"] for one in found[key]}
            wanted[key] = [one for one in wanted[key] if one["Name"] not in gone]
        made_before = any(one["PrimarySmtpAddress"] == self.confirmed for one in before["recipients"])
        if self.confirmed and not made_before and not self._is_confirmed(journals):
            wanted["recipients"] += [one for one in found["recipients"] if one["PrimarySmtpAddress"] == self.confirmed]
        # Nor tells Exchange when an add-in was uploaded: only what a journal says to be done is taken back.
        had = any(one["AppId"] == self.own.add_in for one in before["apps"])
        if self.own.add_in and not had and not self._is_done(self.own.add_in, journals):
            wanted["apps"] += [one for one in found["apps"] if one["AppId"] == self.own.add_in]
        return without_bookkeeping(wanted)

    def back_code(self, before: Json, wanted: Json) -> int:
        """Return the exit code of a Rollback that has to end at ``wanted``: 5 where that is not what was before."""
        return 0 if wanted == without_bookkeeping(before) else 5

    def _is_confirmed(self, journals: Sequence[str]) -> bool:
        """Whether a journal says that the recipient was made, and not only that it was about to be."""
        return self._is_done(self.confirmed, journals)

    def _is_done(self, identity: str, journals: Sequence[str]) -> bool:
        """Whether a journal says of this that it was done."""
        lines = [line for text in journals for line in entries(text) if isinstance(line, dict)]
        return any(line.get("event") == "done" and line["wanted"]["id"] == identity for line in lines)


def others(tenant: Json, own: Own | None = None) -> Json:
    """Return all of the tenant that is not this deployment's; without ``own`` that of app permissions."""
    own = own or APP_PERMISSIONS.own
    bare: Json = without_bookkeeping(tenant)
    bare["recipients"] = [one for one in bare["recipients"] if one["PrimarySmtpAddress"] not in own.addresses]
    bare["servicePrincipals"] = [one for one in bare["servicePrincipals"] if one["AppId"] != own.client_id]
    for key in ("scopes", "assignments"):
        bare[key] = [one for one in bare[key] if one["Name"] not in own.names]
    bare["apps"] = [one for one in bare["apps"] if one["AppId"] != own.add_in]
    bare["organization"] = _without(bare["organization"], own.organization)
    methods = {"BasicAuthentication", "WindowsAuthentication"}
    bare["virtualDirectories"] = [
        _without(one, methods) if one["Server"] == own.server else one for one in bare.get("virtualDirectories", ())
    ]
    return bare


def _without(properties: Mapping[str, Any], names: frozenset[str] | set[str]) -> Json:
    return {key: value for key, value in properties.items() if key not in names}


def _other_leftovers(before: Json, _converged: Json, _values: Json) -> Json:
    """Before Cleanup: somebody gave the account the role a second time, over a scope that serves another one too."""
    tenant = copy.deepcopy(before)
    (ours,) = [one for one in tenant["assignments"] if one["Name"] == LEGACY]
    (theirs,) = [one for one in tenant["assignments"] if one["Name"] == "Somebody else's impersonation"]
    tenant["assignments"].append({**ours, "Name": BY_HAND, "Guid": ours["Guid"][::-1], "scope": theirs["scope"]})
    tenant["organization"]["EwsAllowedAppIDs"] = tenant["organization"]["EwsAllowedAppIDs"].lower()
    recipient(tenant, ACCOUNT)["SKUAssigned"] = False
    return tenant


_ADD_IN = "4d0f2b7e-6a31-4c58-9b0d-7e5c3a1f2d64"
_EWS = frozenset({"EwsEnabled", "EwsAllowedAppIDs"})
APP_PERMISSIONS = Deployment(
    "app-permissions",
    ("app-permissions", "exchange-online"),
    Own(
        frozenset({EQUIPMENT, GROUP}),
        frozenset({SCOPE, ASSIGNMENT}),
        _EWS,
        DESCRIPTION["application"]["client_id"],
        add_in=_ADD_IN,
    ),
    # Whether the organization is a hybrid one is a note, which may be missing.
    spare="Get-OnPremisesOrganization",
)
SERVER = Deployment(
    "service-account-server",
    ("service-account", "exchange-server"),
    Own(
        frozenset({EQUIPMENT, ACCOUNT}),
        frozenset({"contoso-server-impersonation", "contoso-server-impersonation-scope"}),
        server="EX01",
        add_in=_ADD_IN,
    ),
    sample="service-account-server",
    applied={"PasswordOfServiceAccount": {"secure": PASSWORD}},
    confirmed=ACCOUNT,
    # A server that is down does not hide the named directory of another.
    spare="Get-WebServicesVirtualDirectory",
)
ONLINE = Deployment(
    "service-account-online",
    ("service-account", "exchange-online"),
    Own(frozenset({EQUIPMENT})),
    sample="service-account-online",
    # The sample adopts the mailbox, and then there is one write alone that something could happen at.
    change={
        "equipment": {"adopt": False, "display_name": "Pexip Scheduling, rooms"},
        "delegates": [{"account": "admin@contoso.com"}],
    },
)
PREPARE = Deployment(
    "migrate Prepare",
    ("migrate", "exchange-online"),
    Own(
        frozenset({EQUIPMENT, SCHEDULERS}),
        frozenset({"contoso-migration-scope", "contoso-migration-ews"}),
        _EWS,
        "5f6e7d8c-9b0a-4c1d-8e2f-3a4b5c6d7e8f",
    ),
    sample="migrate",
    named={"Phase": "Prepare"},
    spare="Get-OnPremisesOrganization",
)
CLEANUP = Deployment(
    "migrate Cleanup",
    ("migrate", "exchange-online"),
    Own(
        names=frozenset({LEGACY, f"{LEGACY}-scope", BY_HAND}),
        organization=frozenset({"EwsAllowedAppIDs"}),
    ),
    sample="migrate",
    named={"Phase": "Cleanup"},
    applied={"ConfirmCutover": True},
    prepared={"Phase": "Prepare"},
    drift=_other_leftovers,
    # Only its journal tells the next run whose scope it is that an interrupted run left without its assignment.
    is_continued=True,
    lasting=frozenset({LEGACY, f"{LEGACY}-scope", BY_HAND}),
)
DEPLOYMENTS = (APP_PERMISSIONS, SERVER, ONLINE, PREPARE, CLEANUP)
