"""A way to run lines of PowerShell against a tenant."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from pexgen.rehearsal import Engine, Result
from pexgen.simulation import fresh

VALUES: dict[str, Any] = {
    "TargetOrganization": "contoso.onmicrosoft.com",
    "TargetTenantId": "8a1c0000-0000-4000-8000-000000000001",
    "EquipmentAddress": "scheduling@contoso.com",
    "EquipmentName": "Pexip Scheduling",
    "ApplicationClientId": "11111111-1111-4111-8111-111111111111",
    "ApplicationObjectId": "22222222-2222-4222-8222-222222222222",
    "ApplicationAssignment": "contoso-ews",
    "SchedulingGroupAddress": "group@contoso.com",
    "SchedulingGroupName": "contoso-group",
    "SchedulingGroupMembers": ["anna@contoso.com", "bert@contoso.com"],
    "ProofInScope": ["anna@contoso.com"],
    "ProofOutOfScope": ["outside@contoso.com"],
    "EwsPolicy": "merge",
    "EwsSwitchOn": True,
}

SERVER_VALUES: dict[str, Any] = {
    "TargetAcceptedDomain": "contoso.com",
    "TargetVersion": "2019",
    "EquipmentAddress": "scheduling@contoso.com",
    "EquipmentName": "Pexip Scheduling",
    "ServiceAccountUserPrincipalName": "pexip-service@contoso.com",
    "ServiceAccountName": "Pexip Service",
    "ServiceAccountOrganizationalUnit": "contoso.com/Service Accounts",
    "ImpersonationGroup": "schedulers@contoso.com",
    "AuthenticationMethods": ["basic"],
    "AuthenticationVirtualDirectory": "EX01\\EWS (Default Web Site)",
    "Delegates": [{"Account": "anna@contoso.com"}],
    "OneTouchJoinAccounts": ["rooms@contoso.com"],
}
ACCOUNT_VALUES: dict[str, Any] = {
    "TargetOrganization": "contoso.onmicrosoft.com",
    "TargetTenantId": "8a1c0000-0000-4000-8000-000000000001",
    "EquipmentAddress": "scheduling@contoso.com",
    "EquipmentName": "Pexip Scheduling",
    "ServiceAccountUserPrincipalName": "pexip-service@contoso.com",
    "ImpersonationAssignment": "contoso-impersonation",
    "ImpersonationScopeName": "contoso-impersonation-scope",
    "ImpersonationScope": "equipment-only",
    "OauthClientId": "33333333-3333-4333-8333-333333333333",
}


def as_read(value: Any) -> Any:
    """Return an answer as a reader of Exchange Server's takes it: of an enumeration the name, not the number."""
    if isinstance(value, dict):
        if value.keys() == {"value", "Value"}:
            return value["Value"]
        return {key: as_read(inner) for key, inner in value.items()}
    return [as_read(inner) for inner in value] if isinstance(value, list) else value


@dataclass
class SimulatedSession:
    """A session that is connected to a tenant; ``run`` goes on from where the run before left it."""

    engine: Engine
    folder: Path
    tenant: dict[str, Any]
    _count: Iterator[int] = field(default_factory=itertools.count)

    def run(self, text: str, *, faults: Sequence[dict[str, Any]] = (), **more: Any) -> Result:
        """Run lines of PowerShell as a script; a defect of the script itself is a failure of the test."""
        path = self.folder / f"script{next(self._count)}.ps1"
        path.write_text(text, encoding="utf-8-sig")
        result = self.engine.play(path, self.tenant, faults=faults, **more)
        self.tenant = result.tenant
        return replace(result, objects=as_read(result.objects))

    def value(self, text: str, **more: Any) -> Any:
        """Return the one object that the lines leave in the pipeline."""
        result = self.run(text, **more)
        assert result.uncaught is None, result.uncaught
        assert len(result.objects) == 1, (result.objects, result.screen)
        return result.objects[0]

    def error(self, command: str, **more: Any) -> dict[str, str]:
        """Return what is known of the error that a command ends with under ``-ErrorAction Stop``."""
        found: dict[str, str] = self.value(
            f"try {{ $null = {command} -ErrorAction Stop; 'no error' }} catch {{\n"
            '@{ reason = $_.CategoryInfo.Reason; activity = $_.CategoryInfo.Activity; text = "$_"'
            "\nid = $_.FullyQualifiedErrorId } }",
            **more,
        )
        assert isinstance(found, dict), f"{command} did not fail"
        return found

    def recipient(self, address: str) -> dict[str, Any]:
        """Return a recipient as it stands in the tenant's file."""
        found: dict[str, Any] = next(r for r in self.tenant["recipients"] if r["PrimarySmtpAddress"] == address)
        return found


@pytest.fixture
def console(engine: Engine, tmp_path: Path) -> SimulatedSession:
    """A session on a fresh tenant."""
    return SimulatedSession(engine, tmp_path, fresh(VALUES))


@pytest.fixture
def shell(engine: Engine, tmp_path: Path) -> SimulatedSession:
    """An Exchange Management Shell on a fresh organization of Exchange Server."""
    return SimulatedSession(engine, tmp_path, fresh(SERVER_VALUES))


@pytest.fixture
def deployed(engine: Engine, tmp_path: Path) -> SimulatedSession:
    """A session on a tenant in which a service account is at work."""
    return SimulatedSession(engine, tmp_path, fresh(ACCOUNT_VALUES))
