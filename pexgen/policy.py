"""An organization's own rules, in one file beside its descriptions: ``pexgen.yaml``.

It raises or lowers findings, requires keys that the schema leaves open, forbids values, and names the domains that
addresses may have. It makes nothing possible that pexgen refuses: an error stays one.
"""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pexgen import sizes
from pexgen.description import Kind, Loaded, SourceText, Tree, decode, parse
from pexgen.errors import InputError, Problem, Severity, UsageError
from pexgen.inputs import read_input
from pexgen.words import listed

FILE = "pexgen.yaml"
"""What a policy is called, in the folder of the descriptions that it is for."""

SEVERITIES = ("error", "warning", "note", "off")
"""What a policy may say that a finding counts for."""

BAD, BROKEN = "PXG098", "PXG099"
"""The codes of a policy that cannot be used, and of what one does not allow."""

_HINT = "docs/policy.md describes the file"
_KIND = Kind("policy", _HINT, "one file holds one policy")
_Place = tuple[str | int, ...]
# What a hand writes for a digit of a code.
_DIGITS = str.maketrans("OIL", "011")
_ABSENT = ("the policy is a link to a file that does not exist", "correct the link, or remove it")


class Forbidden(NamedTuple):
    """A value that a key must not have, nor an entry of its list; without ``value`` the key itself is forbidden."""

    key: str
    value: str
    reason: str


class Policy(NamedTuple):
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
        """Yield a finding for each thing in a description that this policy does not allow."""
        for key in self.require:
            is_stated = _is_of_runbook(loaded) or loaded.has(key)
            if not is_stated or _value(loaded.description, key) in (None, "", ()):
                yield loaded.problem(
                    BROKEN, key, f"{self.file} requires {key}, and it is not stated", f"state {key}", severity="error"
                )
        for each in self.forbid:
            said = f"{each.key}: {each.value}" if each.value else each.key
            for place in _places(loaded, each):
                message = f"{self.file} forbids {said}: {each.reason}"
                yield loaded.problem(BROKEN, place, message, "change it", severity="error")
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
    if not _is_there(path):
        return None
    try:
        state = path.stat()
    except OSError:
        # A link to nothing, or to itself: reading it says which.
        return _read(str(path), 0, 0)
    return _read(str(path), state.st_mtime_ns, state.st_size)


def _is_there(path: Path) -> bool:
    """Whether there is anything of this name, also what cannot be read."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True
    return True


@lru_cache(maxsize=16)
def _read(path: str, _changed: int, _size: int) -> Policy:
    data = read_input(path, sizes.DESCRIPTION, code=BAD, absent=_ABSENT)
    text = decode(data, path, _KIND)
    tree = parse(text, _KIND)
    if tree.problems:
        raise InputError(tuple(tree.problems))
    return _Reader(text, tree).policy(hashlib.sha256(data).hexdigest())


class _Reader:
    """Reads the file's keys; whatever is not as it has to be is a problem at its place."""

    def __init__(self, text: SourceText, tree: Tree) -> None:
        self._text, self._tree = text, tree

    def policy(self, digest: str) -> Policy:
        data = self._tree.data
        version = data.get("version") if isinstance(data, dict) else None
        if type(version) is not int or version != 1:
            raise self._wrong((), "a policy begins with version: 1")
        for key in data:
            if key not in {"version", "rules", "require", "forbid", "allowed_domains"}:
                raise self._wrong((key,), f"{key} is not a key of a policy", at_key=True)
        return Policy(
            file=FILE,
            digest=digest,
            rules=self._rules(data.get("rules", {})),
            require=tuple(self._required(data.get("require", []))),
            forbid=tuple(
                self._forbidden(n, each) for n, each in enumerate(self._list("forbid", data.get("forbid", [])))
            ),
            domains=tuple(self._domains(data.get("allowed_domains", []))),
        )

    def _rules(self, found: Any) -> dict[str, str]:
        from pexgen.lint import RULES

        if not isinstance(found, dict):
            raise self._wrong(("rules",), "rules consists of lines CODE: SEVERITY")
        known = {rule.code for rule in RULES}
        for code, severity in found.items():
            if code not in known:
                hint = _meant(code.upper().translate(_DIGITS), known) or f"{_HINT}; docs/rules.md lists the codes"
                raise self._wrong(("rules", code), f"no rule of lint has the code {code}", hint, at_key=True)
            if severity not in SEVERITIES:
                # YAML takes the bare word off for false.
                quoted = f'"{SEVERITIES[-1]}"'
                hint = f"write {listed((*SEVERITIES[:-1], quoted))}, this one with its quotes"
                said = f"{code} has the severity {_words(severity)}, which does not exist"
                raise self._wrong(("rules", code), said, hint)
        return dict(found)

    def _list(self, key: str, found: Any) -> list[Any]:
        if not isinstance(found, list):
            raise self._wrong((key,), f"{key} is a list")
        return found

    def _required(self, found: Any) -> Iterator[str]:
        for number, each in enumerate(self._list("require", found)):
            self._need_key(each, ("require", number))
            yield each

    def _domains(self, found: Any) -> Iterator[str]:
        for number, each in enumerate(self._list("allowed_domains", found)):
            if not isinstance(each, str):
                hint = "write it as a text, such as contoso.com"
                raise self._wrong(("allowed_domains", number), f"{each} is not a domain", hint)
            yield each.lower()

    def _forbidden(self, number: int, found: Any) -> Forbidden:
        place = ("forbid", number)
        if not isinstance(found, dict) or not {"key", "reason"} <= found.keys() <= {"key", "value", "reason"}:
            raise self._wrong(place, "each entry has key, reason, and value where only that one is forbidden")
        key, reason = found["key"], found["reason"]
        self._need_key(key, (*place, "key"))
        if not isinstance(reason, str) or not reason:
            raise self._wrong((*place, "reason"), "reason is a text", "say why, in words")
        if "value" in found:
            self._need_value(key, found["value"], (*place, "value"))
        return Forbidden(key, _words(found["value"]) if "value" in found else "", reason)

    def _need_key(self, key: Any, place: _Place) -> None:
        """Raise :class:`InputError` for a key that no description has."""
        from pexgen.description import key_named

        if isinstance(key, str) and _schema_of(key):
            return
        try:
            key_named(str(key))
            hint = _HINT
        except UsageError as error:
            hint = error.hint
        raise self._wrong(place, f"{_words(key)} is not a key of a description", hint)

    def _need_value(self, key: str, value: Any, place: _Place) -> None:
        """Raise :class:`InputError` for a value that the key never has: to forbid it would forbid nothing."""
        known = _schema_of(key)
        if known.get("type") == "object":
            raise self._wrong(
                place, f"{key} holds keys of its own, and no value", "forbid one of them, or leave out value"
            )
        if not isinstance(value, (str, int)) or value == "":
            raise self._wrong(place, "value is one text, number, true or false", "name one value in each entry")
        if known.get("type") == "integer" and type(value) is not int:
            raise self._wrong(place, f"{key} is a whole number, and never {_words(value)}", "write a whole number")
        possible = ["true", "false"] if known.get("type") == "boolean" else known.get("enum", [])
        if possible and _words(value).casefold() not in {str(each).casefold() for each in possible}:
            hint = f"its values are {', '.join(map(str, possible))}"
            raise self._wrong(place, f"{key} never has the value {_words(value)}", hint)

    def _wrong(self, path: _Place, message: str, hint: str = _HINT, *, at_key: bool = False) -> InputError:
        while path not in self._tree.spans and path:
            path = path[:-1]
        span = self._tree.spans.get(path)
        start, end = (0, 1) if span is None else (span.start, span.end)
        if span is not None and at_key and span.key_start >= 0:
            start, end = span.key_start, span.key_end
        return InputError((self._text.problem(BAD, start, end, message, hint),))


def adjusted(problem: Problem, severity: str) -> Problem | None:
    """Return a finding with another severity, None where it is off."""
    if severity == "off":
        return None
    known: Severity = "error" if severity == "error" else "warning" if severity == "warning" else "note"
    return problem._replace(severity=known)


def _schema_of(key: str) -> Mapping[str, Any]:
    """Return what the schema says of a key, or of an entry where it is a list; nothing where there is no such key."""
    from pexgen.description import resolved, schema_of

    known = schema_of(tuple(key.split(".")))
    return resolved(known["items"]) if known.get("type") == "array" else known


def _meant(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    # One wrong character of a code is a slip; with two of them any code would be close.
    close = get_close_matches(word, known, 1, 0.8)
    return f"did you mean {close[0]}?" if close else ""


def _is_of_runbook(loaded: Loaded) -> bool:
    """Whether the description was made from a runbook's values: nobody knows then what was stated in it."""
    return loaded.name.casefold().endswith(".ps1")


def _places(loaded: Loaded, forbidden: Forbidden) -> Iterator[str]:
    """Yield where a description has what is forbidden: a key that it states, or a value, be it that of a default."""
    key = forbidden.key
    if not forbidden.value:
        yield from [key] if loaded.has(key) and not _is_of_runbook(loaded) else []
        return
    found = _value(loaded.description, key)
    if found in (None, "", ()):
        return
    entries = enumerate(found) if isinstance(found, tuple) else ()
    places = {f"{key}[{number}]": each for number, each in entries} or {key: found}
    # Exchange takes names and addresses in any case, and a rule must not be got around by another one.
    yield from (place for place, each in places.items() if _words(each).casefold() == forbidden.value.casefold())


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
