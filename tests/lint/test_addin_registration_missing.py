"""PXG123: the add-in's authentication without the registration that it needs."""

from __future__ import annotations

import pytest

APP = "addin_application_id: 2a9b4c7d-8e1f-4036-95a2-b3c4d5e6f708"
WEB = "addin_naa_web_api_application_id: c4d5e6f7-0819-4a2b-83c4-d5e6f7a8b9c0"


@pytest.mark.parametrize(
    ("method", "given", "missing"),
    [
        ("SSO_TOKEN", [], ["addin_application_id"]),
        ("SSO_TOKEN", [APP], []),
        ("NAA_TOKEN", [], ["addin_application_id", "addin_naa_web_api_application_id"]),
        ("NAA_TOKEN", [APP], ["addin_naa_web_api_application_id"]),
        ("NAA_TOKEN", [APP, WEB], []),
    ],
)
def test_each_method_needs_its_registrations(findings, method, given, missing) -> None:
    lines = "\n  ".join([f"addin_authentication_method: {method}", *given])
    found = findings("PXG123", ("ews:\n", f"pexip:\n  {lines}\news:\n"))
    if not missing:
        assert found == []
        return
    ((severity, meant, message),) = found
    assert (severity, meant) == ("warning", method)
    for key in ("addin_application_id", "addin_naa_web_api_application_id"):
        assert (f"`pexip.{key}`" in message) is (key in missing)


def test_without_a_method_nothing_is_said(findings) -> None:
    assert findings("PXG123", ("ews:\n", "pexip:\n  alias_prefix: '555'\news:\n")) == []
