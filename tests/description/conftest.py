"""A small right description, and what is wrong with a changed one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pexgen.description import load
from pexgen.errors import InputError, Problem

SMALL = """\
version: 1
name: contoso
method: app-permissions
target:
  platform: exchange-online
  organization: contoso.onmicrosoft.com
  tenant_id: 8a1c52f6-0d3b-4e79-9c1e-6b2f0c4d7a91
equipment:
  address: pexip@contoso.com
application:
  client_id: 3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10
  object_id: b7a4e8d1-9c36-4f52-a1e0-7d8c5b3f2a64
scheduling_group:
  address: schedulers@contoso.com
  members: [alice@contoso.com]
proof:
  in_scope: [alice@contoso.com]
  out_of_scope: [ceo@contoso.com]
"""


@pytest.fixture
def small() -> str:
    """The shortest description that has a member."""
    return SMALL


@pytest.fixture
def problems_of() -> Callable[[str | bytes], tuple[Problem, ...]]:
    """All problems of a text, in order; none for a right one."""

    def find(text: str | bytes) -> tuple[Problem, ...]:
        try:
            load(text.encode() if isinstance(text, str) else text, "test.yaml")
        except InputError as error:
            return error.problems
        return ()

    return find
