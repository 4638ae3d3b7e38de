"""An organization's own rules, in one file beside its descriptions: ``pexgen.yaml``.

It raises or lowers findings, requires keys that the schema leaves open, forbids values, and names the domains that
addresses may have. It makes nothing possible that pexgen refuses: an error stays one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pexgen.description import decode, parse
from pexgen.errors import InputError, Problem

if TYPE_CHECKING:
    from pexgen.description import Loaded, SourceText, Tree
    from pexgen.errors import Severity

FILE = "pexgen.yaml"
SEVERITIES = ("error", "warning", "note", "off")
BAD, BROKEN = "PXG098", "PXG099"

_HINT = "docs/policy.md describes the file"


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A value that a key must not have; without ``value`` the key itself is forbidden."""

    key: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What an organization asks for. ``digest`` is the SHA-256 of the file as it is."""

    file: str
    digest: str
    rules: Mapping[str, str]
    require: tuple[str, ...]
    forbid: tuple[Forbidden, ...]
    domains: tuple[str, ...]

    def severity(self, problem: Problem) -> str:
        """Return what a finding counts for here: one of SEVERITIES; an error stays an error."""
        return problem.severity if problem.severity == "error" else self.rules.get(problem.code, problem.severity)

    def findings(self, loaded: Loaded) -> Iterator[Problem]:
        """Yield what this file has against a description."""
        for key in self.require:
            if _value(loaded.description, key) in (None, "", ()):
                yield loaded.problem(
                    BROKEN, key, f"{self.file} requires {key}, and it is not stated", f"state {key}", severity="error"
                )
        for each in self.forbid:
            found = _value(loaded.description, each.key)
            if found in (None, "", ()) or (each.value and _words(found) != each.value):
                continue
            said = f"{each.key}: {each.value}" if each.value else each.key
            yield loaded.problem(
                BROKEN, each.key, f"{self.file} forbids {said}: {each.reason}", "change it", severity="error"
            )
        yield from self._foreign(loaded)

    def _foreign(self, loaded: Loaded) -> Iterator[Problem]:
        if not self.domains:
            return
        for key, address in _addresses(loaded.description, ""):
            if address.rpartition("@")[2].lower() not in self.domains:
                allowed = ", ".join(self.domains)
                message = f"{self.file} allows addresses of {allowed} alone, and this is {address}"
                yield loaded.problem(BROKEN, key, message, "use an address of an allowed domain", severity="error")


def policy_beside(description: str) -> Policy | None:
    """Return the policy in the folder of a description's file, None where there is none.

    Raises :class:`InputError` for one that cannot be used: a policy that is passed over protects nobody.
    """
    path = Path(description).parent / FILE
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    return _read(str(path), state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=16)
def _read(path: str, _changed: int, _size: int) -> Policy:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError((Problem(BAD, f"the policy cannot be read: {error.strerror}", path, hint=_HINT),)) from None
    text = decode(data, path)
    tree = parse(text)
    if tree.problems:
        raise InputError(tuple(tree.problems))
    return _Reader(text, tree).policy(hashlib.sha256(data).hexdigest())


class _Reader:
    """Reads the file's keys; whatever is not as it has to be is a problem at its place."""

    def __init__(self, text: SourceText, tree: Tree) -> None:
        self._text, self._tree = text, tree

    def policy(self, digest: str) -> Policy:
        data = self._tree.data
        if not isinstance(data, dict) or data.get("version") != 1:
            raise self._wrong((), "a policy begins with version: 1")
        for key in data:
            if key not in {"version", "rules", "require", "forbid", "allowed_domains"}:
                raise self._wrong((key,), f"{key} is not a key of a policy")
        return Policy(
            file=FILE,
            digest=digest,
            rules=self._rules(data.get("rules") or {}),
            require=self._texts("require", data.get("require") or []),
            forbid=tuple(self._forbidden(n, each) for n, each in enumerate(self._list("forbid", data.get("forbid")))),
            domains=tuple(each.lower() for each in self._texts("allowed_domains", data.get("allowed_domains") or [])),
        )

    def _rules(self, found: Any) -> dict[str, str]:
        if not isinstance(found, dict):
            raise self._wrong(("rules",), "rules is a list of CODE: severity")
        for code, severity in found.items():
            if severity not in SEVERITIES:
                raise self._wrong(("rules", code), f"a severity is {', '.join(SEVERITIES)}")
        return {str(code): str(severity) for code, severity in found.items()}

    def _list(self, key: str, found: Any) -> list[Any]:
        if found is None:
            return []
        if not isinstance(found, list):
            raise self._wrong((key,), f"{key} is a list")
        return found

    def _texts(self, key: str, found: Any) -> tuple[str, ...]:
        for number, each in enumerate(self._list(key, found)):
            if not isinstance(each, str) or (key == "require" and not _is_key(each)):
                raise self._wrong(
                    (key, number), f"{each} is not a key of a description" if key == "require" else "text"
                )
        return tuple(found)

    def _forbidden(self, number: int, found: Any) -> Forbidden:
        place = ("forbid", number)
        if not isinstance(found, dict) or not {"key", "reason"} <= found.keys() <= {"key", "value", "reason"}:
            raise self._wrong(place, "each entry has key, reason, and value where only that one is forbidden")
        if not _is_key(str(found["key"])):
            raise self._wrong((*place, "key"), f"{found['key']} is not a key of a description")
        value = found.get("value")
        return Forbidden(str(found["key"]), "" if value is None else _words(value), str(found["reason"]))

    def _wrong(self, path: tuple[str | int, ...], message: str) -> InputError:
        while path not in self._tree.spans and path:
            path = path[:-1]
        span = self._tree.spans.get(path)
        start, end = (0, 1) if span is None else (span.start, span.end)
        return InputError((self._text.problem(BAD, start, end, message, _HINT),))


def adjusted(problem: Problem, severity: str) -> Problem | None:
    """Return a finding with another severity, None where it is off."""
    from dataclasses import replace

    if severity == "off":
        return None
    known: Severity = "error" if severity == "error" else "warning" if severity == "warning" else "note"
    return replace(problem, severity=known)


def _is_key(key: str) -> bool:
    from pexgen.description import load_schema

    node: Any = load_schema()
    for part in key.split("."):
        node = (node.get("properties") or {}).get(part)
        if node is None:
            return False
    return True


def _value(description: Any, key: str) -> Any:
    node = description
    for part in key.split("."):
        node = getattr(node, part, None)
    return node


def _words(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _addresses(node: Any, key: str) -> Iterator[tuple[str, str]]:
    """Yield every address of a description with its key; names of accounts at Microsoft's own domains count too."""
    if isinstance(node, str):
        if "@" in node and " " not in node and key.split(".", maxsplit=1)[0] not in {"change", "accept"}:
            yield key, node
    elif isinstance(node, tuple):
        for number, each in enumerate(node):
            yield from _addresses(each, f"{key}[{number}]")
    elif is_dataclass(node):
        for field in fields(node):
            yield from _addresses(getattr(node, field.name), f"{key}.{field.name}" if key else field.name)
