"""PXG140: the add-in needs more of Outlook than Exchange Server offers."""

from __future__ import annotations

from pathlib import Path

import pytest
from lint.conftest import EVERY, SAMPLES

from pexgen.description import load
from pexgen.lint import check

MANIFEST = (SAMPLES / "pexip-add-in.xml").read_bytes()
NESTED = (
    b'<VersionOverrides xmlns="http://schemas.microsoft.com/office/mailappversionoverrides"><Requirements>'
    b'<Sets><Set Name="Mailbox" MinVersion="%s"/></Sets></Requirements></VersionOverrides></OfficeApp>'
)


@pytest.fixture
def found(tmp_path: Path):
    """Give what the rule says of a manifest."""

    def find(manifest: bytes, of: str = "server") -> list[str]:
        (tmp_path / "a.xml").write_bytes(manifest)
        text = f"{EVERY[of]}add_in: {{manifest: a.xml}}\n"
        problems = check(load(text.encode(), str(tmp_path / "a.yaml")))
        return [problem.message for problem in problems if problem.code == "PXG140"]

    return find


@pytest.mark.parametrize("version", ["1.6", "1.10", "2.0", "2"])
def test_more_than_1_5_is_found_at_the_top_and_in_overrides(found, version: str) -> None:
    top = MANIFEST.replace(b'MinVersion="1.1"', f'MinVersion="{version}"'.encode())
    below = MANIFEST.replace(b"</OfficeApp>", NESTED % version.encode())
    for manifest in (top, below):
        (message,) = found(manifest)
        assert f"needs Mailbox {version}," in message


@pytest.mark.parametrize("version", ["1.1", "1.5", "1"])
def test_up_to_1_5_is_no_finding(found, version: str) -> None:
    assert found(MANIFEST.replace(b"</OfficeApp>", NESTED % version.encode())) == []


def test_exchange_online_takes_every_version(found) -> None:
    assert found(MANIFEST.replace(b"</OfficeApp>", NESTED % b"1.14"), of="app-permissions") == []
