"""The add-in's manifest: a file that somebody else wrote, read as data."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from pexgen.cli import run
from pexgen.description import load
from pexgen.errors import InputError, Problem

SAMPLE = (Path(__file__).resolve().parents[2] / "samples" / "pexip-add-in.xml").read_bytes()


@pytest.fixture
def problem(tmp_path: Path, small: str):
    """Give the problem that a description has with a manifest; None where it has none."""

    def find(data: bytes | None, name: str = "add-in.xml") -> Problem | None:
        if data is not None:
            (tmp_path / "add-in.xml").write_bytes(data)
        text = f"{small}\nadd_in: {{manifest: {name}}}\n"
        try:
            load(text.encode(), str(tmp_path / "contoso.yaml"))
        except InputError as error:
            (found,) = error.problems
            return found
        return None

    return find


def test_what_the_manifest_says_is_read_with_its_hash(tmp_path: Path, small: str) -> None:
    (tmp_path / "add-in.xml").write_bytes(SAMPLE)
    text = f"{small}\nadd_in: {{manifest: add-in.xml}}\n"
    add_in = load(text.encode(), str(tmp_path / "contoso.yaml")).description.add_in
    assert add_in is not None
    assert (add_in.id, add_in.version, add_in.provider_name, add_in.display_name, add_in.permission) == (
        "4d0f2b7e-6a31-4c58-9b0d-7e5c3a1f2d64",
        "1.0.0.0",
        "Pexip",
        "Pexip Scheduling Service",
        "ReadWriteItem",
    )
    assert add_in.manifest_sha256 == hashlib.sha256(SAMPLE).hexdigest()


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
AFAR = b'<!DOCTYPE x SYSTEM "http://contoso.invalid/x.dtd">'
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "was not found"),
        (b"", "not XML"),
        (b"\x00\x01", "not XML"),
        (b"<a>" * 60_000, "not XML"),
        (SAMPLE[:-20], "not XML"),
        (b"x" * (256 * 1024 + 1), "more than 256 KiB"),
        (SAMPLE.replace(HEAD, HEAD + BOMB), "document type or entities"),
        (SAMPLE.replace(HEAD, HEAD + OUTSIDE).replace(b">Pexip<", b">&a;<"), "document type or entities"),
        (SAMPLE.replace(HEAD, HEAD + AFAR), "document type or entities"),
        (SAMPLE.replace(b'encoding="UTF-8"', b'encoding="nothing"'), "not XML"),
        (b"<html/>", "no manifest of an Outlook add-in"),
        (SAMPLE.replace(b'"MailApp"', b'"TaskPaneApp"'), "no manifest of an Outlook add-in"),
        (SAMPLE.replace(b"4d0f2b7e", b"4d0f2b7"), "an ID in the usual form"),
        (SAMPLE.replace(b"1.0.0.0", b"newest"), "a version in the usual form"),
        (SAMPLE.replace(b"<Version>", b"<Version>9.9</Version><Version>"), "a version in the usual form"),
        (SAMPLE.replace(b">Pexip<", b"><"), "a publisher"),
        (SAMPLE.replace(b">Pexip<", ">Pe\u202exip<".encode()), "a publisher"),
        (SAMPLE.replace(b'"Pexip Scheduling Service"', b'"' + b"x" * 126 + b'"'), "a name of 1"),
        (SAMPLE.replace(b">Pexip<", b">" + b"x" * 126 + b"<"), "a publisher of 1 to 125"),
        (SAMPLE.replace(b"4d0f2b7e", b"{4d0f2b7e"), "an ID in the usual form"),
        (SAMPLE.replace(b"1f2d64<", b"1f2d64}<"), "an ID in the usual form"),
        (SAMPLE.replace(b"4d0f2b7e", b"urn:guid:4d0f2b7e"), "an ID in the usual form"),
        (SAMPLE.replace(b"1.0.0.0", b"1.0.12345"), "a version in the usual form"),
        (SAMPLE.replace(b"1.0.0.0", b"1.0.0.0.0"), "a version in the usual form"),
        (SAMPLE.replace(b"1.0.0.0", b"1."), "a version in the usual form"),
        (SAMPLE.replace(b"appforoffice/1.1", b"appforoffice/1.0"), "by schema 1.0 of add-in manifests"),
        (b'{"$schema": "https://developer.microsoft.com/json-schemas/teams/v1.17"}', "unified manifest for Microsoft"),
        (b'\xef\xbb\xbf\r\n {"manifestVersion": "1.17"}', "unified manifest for Microsoft 365 (JSON)"),
        (b"PK\x03\x04rest", "a package (ZIP)"),
        (SAMPLE.replace(b"ReadWriteItem", b"Everything"), "a known permission (it asks for Everything)"),
    ],
)
def test_what_is_no_manifest_is_refused_at_its_key(problem, data: bytes | None, said: str) -> None:
    found = problem(data)
    assert found is not None
    assert (found.code, said in found.message) == ("PXG029", True), found.message
    assert "add-in.xml" in found.message
    assert found.hint
    assert found.line > 1


@pytest.mark.parametrize("name", ["/etc/passwd", "../add-in.xml", "a/../../b.xml", "C:/x.xml", "a\\\\b.xml", "//h/x"])
def test_a_path_out_of_the_folder_is_refused_unread(problem, name: str) -> None:
    found = problem(SAMPLE, f'"{name}"')
    assert found is not None
    assert found.code == "PXG024"


def test_a_link_out_of_the_folder_is_refused(problem, tmp_path: Path) -> None:
    target = tmp_path.parent / f"{tmp_path.name}-elsewhere.xml"
    target.write_bytes(SAMPLE)
    (tmp_path / "add-in.xml").symlink_to(target)
    found = problem(None)
    assert found is not None
    assert "not below the description's folder" in found.message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_not_waited_for(problem, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "add-in.xml")
    found = problem(None)
    assert found is not None
    assert "not a file" in found.message


IDENTITY = "4d0f2b7e-6a31-4c58-9b0d-7e5c3a1f2d64"


@pytest.fixture
def read(tmp_path: Path, small: str):
    """Give what is read of a manifest."""

    def find(data: bytes):
        (tmp_path / "add-in.xml").write_bytes(data)
        text = f"{small}\nadd_in: {{manifest: add-in.xml}}\n"
        return load(text.encode(), str(tmp_path / "contoso.yaml")).description.add_in

    return find


@pytest.mark.parametrize("form", [IDENTITY.upper(), f"urn:uuid:{IDENTITY}", f"{{{IDENTITY}}}", f" {IDENTITY}\n"])
def test_an_id_is_read_in_each_form_that_microsofts_schema_has(read, form: str) -> None:
    assert read(SAMPLE.replace(IDENTITY.encode(), form.encode())).id == IDENTITY


@pytest.mark.parametrize("version", ["1", "1.2", "9999.9999.9999.9999", "01.0"])
def test_a_version_is_read_in_each_form_that_microsofts_schema_has(read, version: str) -> None:
    assert read(SAMPLE.replace(b"1.0.0.0", version.encode())).version == version


def test_a_publisher_and_a_name_may_have_125_characters_and_blanks_of_any_kind(read) -> None:
    made = read(
        SAMPLE.replace(b">Pexip<", ">Pexip \u00a0\u3000\n  AS<".encode()).replace(
            b'"Pexip Scheduling Service"', b'"' + b"x" * 125 + b'"'
        )
    )
    assert (made.provider_name, len(made.display_name)) == ("Pexip AS", 125)


OVERRIDES = b"""<VersionOverrides xmlns="http://schemas.microsoft.com/office/mailappversionoverrides" xsi:type="V1_0">
  <Requirements><bt:Sets xmlns:bt="http://schemas.microsoft.com/office/officeappbasictypes/1.0" DefaultMinVersion="1.3">
    <bt:Set Name="Mailbox"/></bt:Sets></Requirements>
  <VersionOverrides xmlns="http://schemas.microsoft.com/office/mailappversionoverrides/1.1" xsi:type="V1_1">
    <Requirements><bt:Sets xmlns:bt="http://schemas.microsoft.com/office/officeappbasictypes/1.0">
      <bt:Set Name="Mailbox" MinVersion="1.10"/></bt:Sets></Requirements>
    <Hosts><Host xsi:type="MailHost">
      <Runtimes><Runtime resid="page"/></Runtimes>
      <DesktopFormFactor>
        <SupportsSharedFolders>true</SupportsSharedFolders>
        <ExtensionPoint xsi:type="LaunchEvent"><LaunchEvents>
          <LaunchEvent Type="OnNewAppointmentOrganizer" FunctionName="a"/>
          <LaunchEvent Type="OnAppointmentSend" FunctionName="b" SendMode="Block"/>
        </LaunchEvents></ExtensionPoint>
        <ExtensionPoint xsi:type="Events"><Event Type="ItemSend" FunctionExecution="synchronous"/></ExtensionPoint>
      </DesktopFormFactor></Host></Hosts>
    <Resources><bt:Urls xmlns:bt="http://schemas.microsoft.com/office/officeappbasictypes/1.0">
      <bt:Url id="page" DefaultValue="https://Code.contoso.com:8443/a.js"/></bt:Urls></Resources>
    <WebApplicationInfo><Id>6a31</Id><Resource>api://x</Resource>
      <Scopes><Scope>openid</Scope><Scope>Mail.Read</Scope></Scopes></WebApplicationInfo>
    <ExtendedPermissions><ExtendedPermission>AppendOnSend</ExtendedPermission></ExtendedPermissions>
  </VersionOverrides></VersionOverrides></OfficeApp>"""
MORE = SAMPLE.replace(b"</OfficeApp>", OVERRIDES).replace(
    b"<Hosts>", b"<AppDomains><AppDomain>login.contoso.com</AppDomain></AppDomains><Hosts>", 1
)


def test_what_a_nested_override_needs_and_asks_for_is_read_too(read) -> None:
    plain, made = read(SAMPLE), read(MORE)
    assert (plain.mailbox_set, plain.hosts, plain.asks) == ("1.1", ("pexip.contoso.com",), ())
    assert (made.mailbox_set, made.hosts) == (
        "1.10",
        ("code.contoso.com:8443", "login.contoso.com", "pexip.contoso.com"),
    )
    assert made.asks == (
        "signs its users in to the application 6a31 with the scopes openid, Mail.Read (WebApplicationInfo)",
        "adds text to what its users send (AppendOnSend)",
        "runs by itself, without being opened, at OnNewAppointmentOrganizer, OnAppointmentSend (LaunchEvent)",
        "runs by itself, and may hold back what is sent, at ItemSend (Events)",
        "works in folders and mailboxes that are shared with its users, too (SupportsSharedFolders)",
    )


def test_what_is_not_seen_in_somebody_elses_file_is_not_shown_raw(read) -> None:
    made = read(MORE.replace(b"Mail.Read", "Mail\u202e.Read".encode() + b"x" * 500))
    assert "Mail\ufffd.Read" in made.asks[0]
    assert "..." in made.asks[0]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_that_leads_back_to_itself_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "loop.xml").symlink_to(tmp_path / "loop.xml")
    own = tmp_path / "own.yaml"
    sample = Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml"
    own.write_text(
        sample.read_text("utf-8") + "\nadd_in: {manifest: loop.xml, provided_to: everyone}\n", encoding="utf-8"
    )
    assert run(["lint", str(own)]) == 1
    assert "PXG029" in capsys.readouterr().out
