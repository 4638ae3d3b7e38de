"""PXG119: the initial domain belongs to another cloud."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("organization", "environment", "fits"),
    [
        ("contoso.onmicrosoft.com", "worldwide", True),
        ("contoso.onmicrosoft.com", "gcc", True),
        ("contoso.onmicrosoft.com", "gcc-high", False),
        ("contoso.onmicrosoft.us", "gcc-high", True),
        ("contoso.onmicrosoft.us", "dod", True),
        ("contoso.onmicrosoft.us", "worldwide", False),
        ("contoso.partner.onmschina.cn", "china", True),
        ("contoso.partner.onmschina.cn", "gcc", False),
    ],
)
def test_initial_domain_has_to_fit_the_cloud(findings, organization, environment, fits) -> None:
    new = f"organization: {organization}\n  environment: {environment}"
    found = findings("PXG119", ("organization: contoso.onmicrosoft.com", new))
    assert [(severity, meant) for severity, meant, _ in found] == ([] if fits else [("error", environment)])
