"""A description that no rule has anything against, and what one rule has against a changed one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pexgen.description import load
from pexgen.errors import Problem
from pexgen.lint import check

CLEAN = """\
version: 1
name: contoso
method: app-permissions
target:
  platform: exchange-online
  organization: contoso.onmicrosoft.com
  tenant_id: 8a1c52f6-0d3b-4e79-9c1e-6b2f0c4d7a91
equipment:
  address: pexip@contoso.com
  calendar: {automate_processing: None}
application:
  client_id: 3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10
  object_id: b7a4e8d1-9c36-4f52-a1e0-7d8c5b3f2a64
scheduling_group:
  address: schedulers@contoso.com
  members: [alice@contoso.com, bob@contoso.com]
proof:
  in_scope: [alice@contoso.com]
  out_of_scope: [ceo@contoso.com]
ews:
  policy: check
"""

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
"""Where a description of the tests finds the add-in's manifest."""

_HEAD = CLEAN[: CLEAN.index("application:")]
SERVER = """\
version: 1
name: contoso
method: service-account
target: {platform: exchange-server, accepted_domain: contoso.com, version: SE}
equipment:
  address: pexip@contoso.com
  calendar: {automate_processing: None}
service_account:
  user_principal_name: pexip-service@contoso.com
impersonation:
  scope: group
  group: schedulers@contoso.com
proof:
  in_scope: [alice@contoso.com]
  out_of_scope: [ceo@contoso.com]
"""
ONLINE = f"""\
{_HEAD.replace("app-permissions", "service-account")}service_account:
  user_principal_name: pexip-service@contoso.com
  existing: true
oauth:
  client_id: 6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58
accept:
  - code: PXG126
    reason: It moves next month.
"""
MIGRATE = f"""\
{CLEAN.replace("app-permissions", "migrate").replace("policy: check", "policy: merge")}\
  no_others: The usage report shows none.
  retire: [{{client_id: 6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58}}]
service_account:
  user_principal_name: pexip-service@contoso.com
oauth:
  client_id: 6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58
"""
EVERY = {"app-permissions": CLEAN, "server": SERVER, "online": ONLINE, "migrate": MIGRATE}

Meant = tuple[str, str, str]


@pytest.fixture
def clean() -> str:
    """The description that no rule has anything against."""
    return CLEAN


@pytest.fixture(params=EVERY)
def clean_of_any_method(request: pytest.FixtureRequest) -> str:
    """A description of each method and platform that no rule has anything against."""
    return EVERY[request.param]


@pytest.fixture
def problems_of() -> Callable[[str], tuple[Problem, ...]]:
    """What the rules have against a text, but that EWS ends, of which each description of the cloud is told."""
    return lambda text: tuple(each for each in every_problem(text) if each.code != "PXG109")


def every_problem(text: str) -> tuple[Problem, ...]:
    """Return what the rules have against a text."""
    return check(load(text.encode(), str(SAMPLES / "test.yaml")))


@pytest.fixture
def findings() -> Callable[..., list[Meant]]:
    """Severity, text under the caret and message of what one rule finds after replacements in a clean text."""

    def find(code: str, *changes: tuple[str, str], of: str = "app-permissions") -> list[Meant]:
        text = EVERY[of]
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        found = [problem for problem in every_problem(text) if problem.code == code]
        assert all(problem.hint for problem in found)
        return [(each.severity, each.source_line[each.column - 1 :][: each.length], each.message) for each in found]

    return find
