"""The clouds are named alike in the schema, in the scripts and in the one table of them."""

from __future__ import annotations

import re

import pytest

from pexgen.catalogue import template_folder
from pexgen.clouds import CLOUDS, of_domain
from pexgen.description import load_schema

NAMES = list(CLOUDS)
SPOKEN = f"{', '.join(NAMES[:-1])} or {NAMES[-1]}"


def test_the_schema_has_the_same_clouds() -> None:
    environment = load_schema()["properties"]["target"]["properties"]["environment"]
    assert environment["enum"] == NAMES
    assert SPOKEN in environment["x-parameter"]


def test_the_script_of_discover_takes_the_same_clouds() -> None:
    text = (template_folder() / "discovery" / "99-main.ps1").read_text(encoding="ascii")
    found = re.search(r"\$environments = '', (.+)", text)
    assert found is not None
    assert re.findall(r"'([^']+)'", found[1]) == NAMES
    assert SPOKEN in text
    assert SPOKEN in (template_folder() / "discovery" / "discover.yaml").read_text(encoding="ascii")


@pytest.mark.parametrize(
    ("organization", "clouds"),
    [
        ("Contoso.OnMicrosoft.com", ("worldwide", "gcc")),
        ("contoso.onmicrosoft.us", ("gcc-high", "dod")),
        ("contoso.partner.onmschina.cn", ("china",)),
        ("contoso.com", ()),
        ("", ()),
    ],
)
def test_an_initial_domain_tells_its_clouds(organization: str, clouds: tuple[str, ...]) -> None:
    assert of_domain(organization) == clouds
