"""The add-in's manifest: a file that somebody else wrote, read as data."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

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
        (None, "is not there"),
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
        (SAMPLE.replace(b'"Pexip Scheduling Service"', b'"' + b"x" * 251 + b'"'), "a name of 1"),
        (SAMPLE.replace(b"ReadWriteItem", b"Everything"), "a known permission (it asks for Everything)"),
    ],
)
def test_what_is_no_manifest_is_refused_at_its_key(problem, data: bytes | None, said: str) -> None:
    found = problem(data)
    assert found is not None
    assert (found.code, said in found.message) == ("PXG029", True), found.message
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
    assert "no file" in found.message
