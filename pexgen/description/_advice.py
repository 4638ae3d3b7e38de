"""What to write instead of a value that has not the form of its key."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pexgen.clouds import CLOUDS, DEFAULT
from pexgen.description import _schema
from pexgen.description._lookalikes import character_in_words, odd_at, skeleton
from pexgen.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable

_HEX = re.compile(r"[0-9A-Fa-f]")
_DIGITS = 32
_FEW = 6
"""With more letters than this that no GUID has, something else was written."""

_COPY = "copy it again from the Entra admin center"
_GROUPS = (8, 4, 4, 4, 12)
_ADDRESS = re.compile(r"[^\s<>,;:\"'()]+@[^\s<>,;:\"'()]+")
_HOST = re.compile(r"(?:https?://)?(?P<host>[A-Za-z0-9.-]+\.[A-Za-z0-9-]+)\.?(?:[:/].*)?")
_NOT_OF_A_NAME = re.compile(r"[^A-Za-z0-9]+")


def advice(known: dict[str, Any], value: str) -> str:
    """Return the hint for a ``value`` that the pattern of ``known``, its schema, does not take."""
    general: str = known.get("x-hint", "")
    pattern = known.get("pattern", "")
    at = odd_at(value)
    if at >= 0:
        seen = f"character {at + 1} is {character_in_words(value[at])}"
        meant = skeleton(value) if _fits(pattern, skeleton(value)) else ""
        return f'{seen}; type it anew, as "{meant}"' if meant else f"{seen}; type the value anew rather than paste it"
    trimmed = value.strip()
    if trimmed != value and _fits(pattern, trimmed):
        where = "beginning" if value[:1].isspace() else "end"
        return f'write "{trimmed}", without the space at its {where}'
    special = _SPECIAL.get(_name_of(pattern))
    return (special(value.strip()) if special else "") or general


def _fits(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None if pattern else True


def _name_of(pattern: str) -> str:
    """Return the name of the definition that has this pattern; for a key with a pattern of its own, the key's."""
    schema = _schema.load_schema()
    definitions: dict[str, Any] = {
        **schema["$defs"],
        "name": schema["properties"]["name"],
        "alias": schema["properties"]["equipment"]["properties"]["alias"],
        "organization": schema["properties"]["target"]["properties"]["organization"],
    }
    return next((name for name, each in definitions.items() if each.get("pattern") == pattern), "")


def _guid(value: str) -> str:
    value = re.sub(r"(?i)^urn:uuid:", "", value)
    digits = "".join(_HEX.findall(value))
    if len(digits) == _DIGITS and not re.search(r"[^0-9A-Fa-f\s{}()-]", value):
        ends = [sum(_GROUPS[:place]) for place in range(len(_GROUPS) + 1)]
        return f"write {'-'.join(digits[begin:end] for begin, end in pairwise(ends))}"
    bare = value.strip("{}() ")
    others = [each for each in bare if not _HEX.match(each) and each != "-"]
    if len(others) > _FEW or "." in value or "@" in value:
        return "this is a name; the ID is the GUID that the Entra admin center shows next to it"
    if others:
        return f'"{others[0]}" is not a hexadecimal digit (0 to 9, a to f); {_COPY}'
    return f"it has {counted(len(digits), 'hexadecimal digit')}, and a GUID has {_DIGITS}; {_COPY}"


def _address(value: str) -> str:
    bare = re.sub(r"(?i)^(?:mailto|smtp|sip):", "", value)
    found = _ADDRESS.findall(bare)
    # A space alone leaves open whether it belongs to the address.
    is_wrapped = bare != value or re.search("[<>()\"']", value) is not None
    domain = value.partition("@")[2]
    said = (
        (_is_address(value.replace(",", ".")), f"write {value.replace(',', '.')}, with a period and no comma"),
        (len(found) > 1, "write one address here; in a list each has a line of its own, after `- `"),
        (len(found) == 1 and is_wrapped and _is_address(found[0]), f"write {''.join(found[:1])} alone"),
        ("@" not in value, "an address has an @ and a domain, such as room@contoso.com; a name or alias is not one"),
        (value.count("@") > 1, "an address has one @"),
        ("*" in value or "?" in value, "take the wildcard out: an address names one mailbox or group"),
        ("." not in domain, f"write the whole domain: {domain or '(nothing)'} has no ending such as .com"),
    )
    return next((hint for is_so, hint in said if is_so), "")


def _is_address(text: str) -> bool:
    return _fits(_schema.load_schema()["$defs"]["address"]["pattern"], text)


def _domain(value: str) -> str:
    host = _host(value.partition("@")[2] or value)
    return (
        f"write {host}" if host and host != value else "a domain has letters, digits, hyphens and at least one period"
    )


def _host(value: str) -> str:
    found = _HOST.fullmatch(value)
    return found["host"] if found else ""


def _organization(value: str) -> str:
    pattern = _schema.load_schema()["properties"]["target"]["properties"]["organization"]["pattern"]
    host = _host(value.partition("@")[2] or value)
    if host and host != value and re.search(pattern, host):
        return f"write {host}"
    if re.fullmatch(r"[A-Za-z0-9]+", value):
        return (
            f"write the whole initial domain: {value}{CLOUDS[DEFAULT].domain}, if that is what Get-AcceptedDomain shows"
        )
    return ""


def _deployment(value: str) -> str:
    made = _NOT_OF_A_NAME.sub("-", value).strip("-")
    pattern = _schema.load_schema()["properties"]["name"]["pattern"]
    return f"write {made}, for example" if made and re.search(pattern, made) else "for example contoso-scheduling"


def _alias(value: str) -> str:
    made = re.sub(r"[^A-Za-z0-9_-]+", "-", value).strip("-")
    return f"write {made}, for example" if made else "for example pexip-scheduling"


def _path(value: str) -> str:
    name = re.split(r"[\\/]", value.strip())[-1]
    return f"put the file into the folder of this description, and write its name alone: {name or 'pexip-add-in.xml'}"


def _mailbox_name(value: str) -> str:
    hint: str = _schema.load_schema()["$defs"]["identity64"]["x-hint"]
    return hint if "*" in value or "?" in value else ""


def _text(value: str) -> str:
    taken = value.replace("*", "").replace("?", "")
    return "" if taken != value else "write it as one line of text, without control characters"


_SPECIAL: dict[str, Callable[[str], str]] = {
    "guid": _guid,
    "address": _address,
    "domain": _domain,
    "organization": _organization,
    "name": _deployment,
    "alias": _alias,
    "relativePath": _path,
    "mailboxName": _mailbox_name,
    "identity64": _text,
    "identity256": _text,
    "text256": _text,
    "text4000": _text,
    "optionalText256": _text,
}
