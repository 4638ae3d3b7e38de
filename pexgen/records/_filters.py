"""What the texts of records have beside Jinja2's own filters: how a body makes its values, and lists in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pexgen.literals import Value, powershell_literal
from pexgen.records._words import Unknown, in_words


def _local_part(address: str) -> str:
    return address.partition("@")[0]


def _in_filter(value: str) -> str:
    """As it stands between the quotes of a recipient filter; the body escapes it so."""
    return value.replace("'", "''")


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    """Each once, as it stands first: the body takes another case for the same."""
    found: dict[str, str] = {}
    for each in values:
        found.setdefault(each.lower(), each)
    return tuple(found.values())


def _addresses(values: Iterable[str]) -> tuple[str, ...]:
    """As the body sends addresses: in lower case, each once, in order."""
    return tuple(sorted({each.lower() for each in values}))


def _unknown(table: Mapping[str, Value], text: str) -> Mapping[str, Unknown]:
    return dict.fromkeys(table, Unknown(text))


def _applications(entries: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Of each application its ID, and its name where it has one."""
    return tuple(f"{each['ClientId']} ({each['Name']})" if each["Name"] else each["ClientId"] for each in entries)


def _names(entries: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Of each application its name, or its ID where it has none."""
    return tuple(f'"{each["Name"]}"' if each["Name"] else each["ClientId"] for each in entries)


def _without_id(entries: Iterable[Mapping[str, str]], client_id: str) -> tuple[Mapping[str, str], ...]:
    return tuple(each for each in entries if each["ClientId"].lower() != client_id.lower())


def _beginning_with(names: Iterable[str], beginning: str) -> tuple[str, ...]:
    return tuple(each for each in names if each.casefold().startswith(beginning.casefold()))


def _in_lower_case(entries: Iterable[Mapping[str, Any]], key: str) -> tuple[Mapping[str, Any], ...]:
    return tuple({**each, key: each[key].lower()} for each in entries)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "addresses": _addresses,
    "applications": _applications,
    "beginning_with": _beginning_with,
    "distinct": _distinct,
    "in_filter": _in_filter,
    "in_lower_case": _in_lower_case,
    "literal": powershell_literal,
    "local_part": _local_part,
    "names": _names,
    "unknown": _unknown,
    "without_id": _without_id,
    "words": in_words,
}
