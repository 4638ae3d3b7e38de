"""What becomes the identity of a call names one object, whoever gives it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pexgen.catalogue import load_catalogue
from pexgen.limits import Limits, method_limits
from pexgen.template_files import template_folder

# Words for people, which Exchange looks nothing up by.
FREE = {"Name", "ApplicationName", "EquipmentDisplayName", "AddInDisplayName", "AddInProviderName"}
IDENTITY = re.compile(
    r"(Address|Name|Alias|Assignment|Members|ManagedBy|Scope|Users|Groups?|Accounts|Unit|Directory|Delegates)$"
)
WILD = ("*", "?", "a*b", "a?b", "*@contoso.com", "a?@contoso.com", "a@con*.com")
METHODS = load_catalogue(template_folder()).methods


def takes(limits: Limits, limit: dict[str, Any], text: str) -> bool:
    """Whether the guard of a runbook would take this text, in a list or in the account of a table as well."""
    if limit["Kind"] == "list":
        return takes(limits, limit["Each"], text)
    if limit["Kind"] == "table":
        return takes(limits, limit["Keys"]["Account"], text)
    if "Among" in limit:
        return text in limit["Among"]
    return "Form" not in limit or bool(re.search(limits.forms[limit["Form"]]["Pattern"].replace(r"\z", r"\Z"), text))


@pytest.mark.parametrize("key", METHODS, ids="/".join)
def test_no_identity_may_be_a_pattern(key: tuple[str, str]) -> None:
    method = METHODS[key]
    limits = method_limits(method)
    names = [one.name for one in method.parameters if IDENTITY.search(one.name) and one.name not in FREE]
    assert len(names) > 3
    assert [(name, text) for name in names for text in WILD if takes(limits, limits.parameters[name], text)] == []
