"""The manifest of an Outlook add-in: an XML file that somebody else wrote, read without entities or network."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError

from pexgen.description._characters import FORBIDDEN_IN_VALUE

if TYPE_CHECKING:
    from pexgen.description.model import AddIn

MAX_MANIFEST_BYTES = 256 * 1024
"""The largest file that is read as a manifest; those that Pexip Infinity exports are a few KiB."""

PERMISSIONS = ("Restricted", "ReadItem", "ReadWriteItem", "ReadWriteMailbox")
"""What an add-in may ask for, by Microsoft's schema of manifests, least first."""

_SPACE = "{http://schemas.microsoft.com/office/appforoffice/1.1}"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){1,3}")
_LONGEST = 250


class ManifestError(ValueError):
    """Why a file cannot be used as a manifest; ``hint`` is what can be done."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class ManifestAbsentError(ManifestError):
    """There is no such file."""


def with_manifest(add_in: AddIn, folder: Path) -> AddIn:
    """Return the add-in with what its manifest says; raises :class:`ManifestError` where that cannot be used.

    ``folder`` is that of the description. A file out of it is refused, also by way of a link.
    """
    data = _bytes_of(folder / add_in.manifest, folder)
    root = _parsed(data)
    if root.tag != f"{_SPACE}OfficeApp" or root.get(_TYPE, "").rpartition(":")[2] != "MailApp":
        raise ManifestError(
            f"{add_in.manifest} is XML, but no manifest of an Outlook add-in",
            "take the XML file that Pexip Infinity offers for download after the integration was saved",
        )
    permission = _text(root, "Permissions")
    if permission not in PERMISSIONS:
        raise _without(add_in, f"a known permission (it asks for {permission or 'none'})")
    read = replace(
        add_in,
        manifest_sha256=hashlib.sha256(data).hexdigest(),
        id=_text(root, "Id").strip("{}").lower(),
        version=_text(root, "Version"),
        provider_name=_text(root, "ProviderName"),
        display_name=_default(root, "DisplayName"),
        permission=permission,
    )
    if not _GUID.fullmatch(read.id):
        raise _without(add_in, "an ID in the usual form")
    if not _VERSION.fullmatch(read.version):
        raise _without(add_in, "a version in the usual form")
    for name, text in (("publisher", read.provider_name), ("name", read.display_name)):
        if not 1 <= len(text) <= _LONGEST or FORBIDDEN_IN_VALUE.search(text):
            raise _without(add_in, f"a {name} of 1 to {_LONGEST} visible characters")
    return read


def _bytes_of(path: Path, folder: Path) -> bytes:
    try:
        real = path.resolve()
        if not real.is_file():
            message = f"{path.name} is not there, or is no file"
            raise ManifestAbsentError(message, "download it from Pexip Infinity, and put it there")
        if not real.is_relative_to(folder.resolve()):
            message = f"{path.name} is not below the description's folder"
            raise ManifestError(message, "download it from Pexip Infinity, and put it there")
        with real.open("rb") as file:
            data = file.read(MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        raise ManifestError(f"{path.name} cannot be read: {error.strerror or type(error).__name__}", "") from error
    if len(data) > MAX_MANIFEST_BYTES:
        raise ManifestError(f"{path.name} has more than {MAX_MANIFEST_BYTES // 1024} KiB", "no add-in's manifest has")
    return data


def _parsed(data: bytes) -> Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        message = "the manifest has a document type or entities, which no add-in's manifest needs"
        raise ManifestError(message, "take it from Pexip Infinity again; do not repair this one") from None
    except (ParseError, ValueError, LookupError) as error:
        raise ManifestError(f"the manifest is not XML: {error}", "take it from Pexip Infinity again") from None
    return root


def _text(root: Element, name: str) -> str:
    """The text of the one element of this name below the root; empty where there is none, or several."""
    found = root.findall(f"{_SPACE}{name}")
    return " ".join((found[0].text or "").split()) if len(found) == 1 else ""


def _default(root: Element, name: str) -> str:
    found = root.findall(f"{_SPACE}{name}")
    return found[0].get("DefaultValue", "").strip() if len(found) == 1 else ""


def _without(add_in: AddIn, what: str) -> ManifestError:
    return ManifestError(f"{add_in.manifest} has not {what}", "take it from Pexip Infinity again")
