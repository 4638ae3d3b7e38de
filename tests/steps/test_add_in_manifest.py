"""What another manifest says of publisher, name and version is read as Exchange reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from support.add_ins import MANIFEST, ONLY, SOME, after
from support.runbooks import SAMPLES, make_site
from support.sites import Site, SiteOf, copied_journal, states
from support.tenants import detail

from pexgen.rehearsal import Engine
from pexgen.render import Renderer

SAMPLE = (SAMPLES / MANIFEST).read_bytes()


@pytest.fixture
def other(engine: Engine, approving: Renderer, tmp_path: Path) -> Callable[..., Site]:
    """Give a site whose add-in has a manifest of its own."""

    def make(manifest: bytes, name: str = "app-permissions") -> Site:
        (tmp_path / "other.xml").write_bytes(manifest)
        base = yaml.safe_load((SAMPLES / f"{name}.yaml").read_bytes())
        return make_site(engine, approving, tmp_path, {"add_in": {**SOME, "manifest": "other.xml"}}, base)

    return make


BLANKS = {
    "a line break": "Pexip\n    AS",
    "a no-break space": "Pexip\u00a0AS",
    "blanks around it": "  Pexip AS\t",
}


STORED = ("as the schema has it", "as it came", "as one blank")


# Each kind with one way in which Exchange keeps it; tests/engine/test_add_ins.py has more of them, each in each way.
@pytest.mark.parametrize(("case", "stored"), list(zip(BLANKS, STORED, strict=True)))
def test_blanks_of_any_kind_in_publisher_and_name_make_nobody_else_of_it(
    other: Callable[..., Site], tmp_path: Path, case: str, stored: str
) -> None:
    text = BLANKS[case]
    manifest = SAMPLE.replace(b">Pexip<", f">{text}<".encode()).replace(
        b'"Pexip Scheduling Service"', f'"{text}"'.encode()
    )
    site = other(manifest)
    done = site.run("Apply", **ONLY)
    assert done.exit_code == 0, done.screen
    tenant = done.tenant
    if stored != "as the schema has it":
        shown = text if stored == "as it came" else " ".join(text.split())
        tenant = after(tenant, ProviderName=shown, DisplayName=shown)
    assert site.run("Check", tenant, **ONLY).exit_code == 0
    assert states(site.run("Verify", tenant, **ONLY)) == {"add-in": "proved"}
    back = site.run("Rollback", tenant, JournalPath=[copied_journal(done, tmp_path)])
    assert (back.exit_code, back.tenant["apps"]) == (0, site.tenant["apps"]), back.screen


# tests/engine/test_add_ins.py has each form of each.
@pytest.mark.parametrize(("version", "shown"), [("1", ".0.0"), ("1.2", ".0")])
def test_a_version_of_fewer_numbers_is_the_same_however_many_noughts_exchange_shows(
    other: Callable[..., Site], tmp_path: Path, version: str, shown: str
) -> None:
    site = other(SAMPLE.replace(b"1.0.0.0", version.encode()))
    done = site.run("Apply", **ONLY)
    assert done.exit_code == 0, done.screen
    tenant = after(done.tenant, AppVersion=version + shown)
    assert site.run("Check", tenant, **ONLY).exit_code == 0
    assert site.run("Apply", tenant, **ONLY).writes == ()
    back = site.run("Rollback", tenant, JournalPath=[copied_journal(done, tmp_path)])
    assert (back.exit_code, back.tenant["apps"]) == (0, site.tenant["apps"]), back.screen


NEWER = SAMPLE.replace(
    b"</OfficeApp>",
    b'<VersionOverrides xmlns="http://schemas.microsoft.com/office/mailappversionoverrides"><Requirements>'
    b'<Sets><Set Name="Mailbox" MinVersion="1.8"/></Sets></Requirements></VersionOverrides></OfficeApp>',
)


def test_a_first_upload_that_exchange_server_refuses_is_said_without_a_word_of_an_older_one(
    other: Callable[..., Site],
) -> None:
    site = other(NEWER, "service-account-server")
    done = site.run("Apply", **ONLY)
    assert (done.exit_code, states(done)) == (3, {"add-in": "failed"}), done.screen
    assert "requires Mailbox 1.8" in detail(done, "add-in")
    assert "older" not in detail(done, "add-in")
    assert "Remove-App" not in detail(done, "add-in")


def test_what_was_read_from_the_manifest_cannot_be_overridden(site: SiteOf) -> None:
    run = site().run("Check", AddInPermission="ReadItem")
    assert (run.exit_code, run.calls) == (4, ()), run.screen
    assert "-AddInPermission was read from the add-in's manifest" in run.screen
