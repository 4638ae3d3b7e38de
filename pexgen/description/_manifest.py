"""The manifest of an Outlook add-in: an XML file that somebody else wrote, read without entities or network."""

from __future__ import annotations

import hashlib
import re
from codecs import BOM_UTF8
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError

from pexgen import sizes
from pexgen.description._characters import forbidden_in_value
from pexgen.description._manifest_asks import asks_of, hosts_of, mailbox_set_of

if TYPE_CHECKING:
    from pexgen.description.model import AddIn

PERMISSIONS = ("Restricted", "ReadItem", "ReadWriteItem", "ReadWriteMailbox")
"""What an add-in may ask for, by Microsoft's schema of manifests, least first."""

_FAMILY = "{http://schemas.microsoft.com/office/appforoffice/"
_SPACE = f"{_FAMILY}1.1}}"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_ID = re.compile(
    r"(?:urn:uuid:)?(?P<bare>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"|\{(?P<braced>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}"
)
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}")
_LONGEST = 125
_AGAIN = "take it from Pexip Infinity again"
_XML = "take the XML file that Pexip Infinity offers for download after the integration was saved"


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
    root = _parsed(data, add_in)
    _require_mail_add_in(root, add_in)
    permission = _text(root, "Permissions")
    if permission not in PERMISSIONS:
        raise _without(add_in, f"a known permission (it asks for {permission or 'none'})")
    identity = _ID.fullmatch(_text(root, "Id").lower())
    if not identity:
        raise _without(add_in, "an ID in the usual form, a GUID")
    read = replace(
        add_in,
        manifest_sha256=hashlib.sha256(data).hexdigest(),
        id=identity["bare"] or identity["braced"],
        version=_text(root, "Version"),
        provider_name=_text(root, "ProviderName"),
        display_name=_default(root, "DisplayName"),
        permission=permission,
        mailbox_set=mailbox_set_of(root),
        hosts=hosts_of(root),
        asks=asks_of(root),
    )
    if not _VERSION.fullmatch(read.version):
        raise _without(add_in, "a version in the usual form: one to four numbers with at most four digits each")
    for name, text in (("publisher", read.provider_name), ("name", read.display_name)):
        if not 1 <= len(text) <= _LONGEST or forbidden_in_value(text):
            raise _without(add_in, f"a {name} of 1 to {_LONGEST} visible characters")
    return read


def _require_mail_add_in(root: Element, add_in: AddIn) -> None:
    space, _, name = root.tag.rpartition("}")
    if name == "OfficeApp" and space.startswith(_FAMILY) and f"{space}}}" != _SPACE:
        used = space.removeprefix(_FAMILY)
        message = f"{add_in.manifest} is written by schema {used} of add-in manifests; pexgen reads schema 1.1"
        raise ManifestError(message, _XML)
    if root.tag != f"{_SPACE}OfficeApp" or root.get(_TYPE, "").rpartition(":")[2] != "MailApp":
        raise ManifestError(f"{add_in.manifest} is XML, but no manifest of an Outlook add-in", _XML)


def _bytes_of(path: Path, folder: Path) -> bytes:
    try:
        real = path.resolve()
        if not real.is_file():
            message = f"{path.name} was not found, or is not a file"
            raise ManifestAbsentError(message, f"download it from Pexip Infinity, and put it into {folder.resolve()}")
        if not real.is_relative_to(folder.resolve()):
            message = f"{path.name} is not below the description's folder"
            raise ManifestError(message, f"put the file itself, not a link to it, into {folder.resolve()}")
        with real.open("rb") as file:
            data = file.read(sizes.ADD_IN_MANIFEST + 1)
    except (OSError, RuntimeError) as error:
        # Before Python 3.13 a link that leads back to itself is a RuntimeError.
        reason = getattr(error, "strerror", None) or "it is a link that leads back to itself"
        hint = "look at the file's permissions, and whether another program has it open"
        raise ManifestError(f"{path.name} cannot be read: {reason}", hint) from error
    if len(data) > sizes.ADD_IN_MANIFEST:
        message = f"{path.name} has more than {sizes.spoken(sizes.ADD_IN_MANIFEST)}, which no add-in's manifest has"
        raise ManifestError(message, _XML)
    return data


def _parsed(data: bytes, add_in: AddIn) -> Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if kind := _other_kind(data):
        raise ManifestError(f"{add_in.manifest} is {kind}; pexgen and New-App take the XML manifest", _XML)
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        message = f"{add_in.manifest} has a document type or entities, which no add-in's manifest needs"
        raise ManifestError(message, "take it from Pexip Infinity again; do not repair this one") from None
    except (ParseError, ValueError, LookupError) as error:
        raise ManifestError(f"{add_in.manifest} is not XML: {error}", _AGAIN) from None
    return root


def _other_kind(data: bytes) -> str:
    """What a file is that Microsoft takes for an add-in elsewhere; empty for anything else."""
    if data.startswith(b"PK\x03\x04"):
        return "a package (ZIP), as the unified manifest for Microsoft 365 comes in"
    if data.lstrip(BOM_UTF8 + b" \t\r\n").startswith(b"{"):
        return "the unified manifest for Microsoft 365 (JSON)"
    return ""


def _text(root: Element, name: str) -> str:
    """The text of the one element of this name below the root; empty where there is none, or several."""
    found = root.findall(f"{_SPACE}{name}")
    return " ".join((found[0].text or "").split()) if len(found) == 1 else ""


def _default(root: Element, name: str) -> str:
    found = root.findall(f"{_SPACE}{name}")
    return " ".join(found[0].get("DefaultValue", "").split()) if len(found) == 1 else ""


def _without(add_in: AddIn, what: str) -> ManifestError:
    return ManifestError(f"{add_in.manifest} has not {what}", _AGAIN)
