"""Descriptions of every method, and their value sheets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pexgen.connector import Sheet, value_sheets
from pexgen.description import load

TENANT = "8a1c52f6-0d3b-4e79-9c1e-6b2f0c4d7a91"
ONLINE = f"target: {{platform: exchange-online, organization: contoso.onmicrosoft.com, tenant_id: {TENANT}}}"
HEAD = "version: 1\nname: contoso\nequipment: {address: pexip@contoso.com, name: Pexip Scheduling}\n"
APPLICATION = """\
application: {client_id: 3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10, object_id: b7a4e8d1-9c36-4f52-a1e0-7d8c5b3f2a64}
scheduling_group: {address: schedulers@contoso.com, members: [alice@contoso.com]}
proof: {in_scope: [alice@contoso.com], out_of_scope: [ceo@contoso.com]}
ews: {policy: check}
"""
OAUTH = "oauth: {client_id: 6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58, management_node: pexip-manager.contoso.com}\n"
APP_PERMISSIONS = f"{HEAD}method: app-permissions\n{ONLINE}\n{APPLICATION}"
EXISTING = (
    f"{HEAD}method: service-account\n{ONLINE}\n{OAUTH}"
    "service_account: {user_principal_name: svc@contoso.com, existing: true}\n"
)
ACCOUNT = "service_account: {user_principal_name: svc@contoso.com}\n"
MIGRATE = f"{HEAD}method: migrate\n{ONLINE}\n{APPLICATION}{OAUTH}{ACCOUNT}"
SERVER = f"""\
{HEAD}method: service-account
target: {{platform: exchange-server, accepted_domain: contoso.com, version: SE}}
{ACCOUNT}impersonation: {{scope: organization}}
"""
METHODS = {"app-permissions": APP_PERMISSIONS, "existing": EXISTING, "migrate": MIGRATE, "server": SERVER}


@pytest.fixture
def sheets() -> Callable[..., tuple[Sheet, ...]]:
    """The sheets of a method's description, with more text at its end and replacements in it."""

    def make(method: str, more: str = "", *changes: tuple[str, str]) -> tuple[Sheet, ...]:
        text = METHODS[method] + more
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        return value_sheets(load(text.encode(), "test.yaml"))[0]

    return make


@pytest.fixture
def sheet(sheets) -> Callable[..., Sheet]:
    """As ``sheets``; the one sheet, and of a migration that after the switch."""
    return lambda *arguments: sheets(*arguments)[-1]
