"""What an add-in's manifest asks for beyond its permission, where its code comes from, and what it needs of Outlook.

Elements are told by their local name: each version of the overrides has a namespace of its own, with the same words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pexgen.description._characters import FORBIDDEN_IN_VALUE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_SET_VERSION = r"[0-9]{1,4}(?:\.[0-9]{1,4})?"
_LONGEST = 120
_MOST = 30


def mailbox_set_of(root: Element) -> str:
    """Return the highest version of the requirement set Mailbox that some part asks for, such as ``1.8``, or nothing.

    A set without a version of its own has the one that its list says, and 1.1 where that says none.
    """
    found = []
    for sets in _named(root, "Sets"):
        default = sets.get("DefaultMinVersion", "1.1")
        found += [
            version
            for each in _named(sets, "Set")
            if each.get("Name", "").casefold() == "mailbox"
            and re.fullmatch(_SET_VERSION, version := each.get("MinVersion", default).strip())
        ]
    return max(found, key=set_version, default="")


def set_version(text: str) -> tuple[int, ...]:
    """Return the version of a requirement set for comparing: 1.10 comes after 1.9."""
    numbers = [int(number) for number in text.split(".")]
    return (*numbers, 0)[:2]


def hosts_of(root: Element) -> tuple[str, ...]:
    """Return the hosts that code is loaded from or that pages may come from, in order; pictures count for nothing."""
    addresses = [
        address
        for name in ("SourceLocation", "Url")
        for each in _named(root, name)
        for address in (each.get("DefaultValue", ""), *(other.get("Value", "") for other in _named(each, "Override")))
    ]
    addresses += [each.text or "" for each in _named(root, "AppDomain")]
    return tuple(dict.fromkeys(sorted(filter(None, map(_host, addresses)))))[:_MOST]


def _host(address: str) -> str:
    from urllib.parse import urlsplit

    address = address.strip()
    try:
        host = urlsplit(address if "//" in address else f"//{address}").netloc
    except ValueError:
        host = address
    return _plain(host.casefold())


def asks_of(root: Element) -> tuple[str, ...]:
    """Return in words what the manifest asks for beside ``Permissions``."""
    return tuple(dict.fromkeys([*_scopes(root), *_extended(root), *_events(root), *_shared(root)]))[:_MOST]


def _scopes(root: Element) -> Iterator[str]:
    for each in _named(root, "WebApplicationInfo"):
        application = next((_content(one) for one in _named(each, "Id")), "") or "(none)"
        scopes = ", ".join(_content(one) for one in _named(each, "Scope")) or "none"
        yield f"signs its users in to the application {application} with the scopes {scopes} (WebApplicationInfo)"


def _extended(root: Element) -> Iterator[str]:
    for each in _named(root, "ExtendedPermission"):
        name = _content(each)
        does = {"AppendOnSend": "adds text to what its users send"}.get(name, "a permission of its own kind")
        yield f"{does} ({name})"


def _events(root: Element) -> Iterator[str]:
    launched = [_plain(each.get("Type", "")) for each in _named(root, "LaunchEvent") if each.get("Type")]
    if launched:
        yield f"runs by itself, without being opened, at {', '.join(dict.fromkeys(launched))} (LaunchEvent)"
    sent = [_plain(each.get("Type", "")) for each in _named(root, "Event") if each.get("Type")]
    if sent:
        yield f"runs by itself, and may hold back what is sent, at {', '.join(dict.fromkeys(sent))} (Events)"


def _shared(root: Element) -> Iterator[str]:
    if any(_content(each).casefold() in {"true", "1"} for each in _named(root, "SupportsSharedFolders")):
        yield "works in folders and mailboxes that are shared with its users, too (SupportsSharedFolders)"


def _named(root: Element, name: str) -> Iterator[Element]:
    return (each for each in root.iter() if isinstance(each.tag, str) and each.tag.rpartition("}")[2] == name)


def _content(element: Element) -> str:
    return _plain(element.text or "")


def _plain(text: str) -> str:
    """Text of somebody else's on one line, not endless, and without what is not seen."""
    line = re.sub(FORBIDDEN_IN_VALUE, "\ufffd", " ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
