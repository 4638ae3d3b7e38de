"""A deployment as keys and values, whichever file it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from pexgen.description.model import READ_FROM_FILE, AddIn, Calendar, Description, Pexip
from pexgen.errors import InputError, Problem
from pexgen.parameters import pascal_case
from pexgen.runbook_marks import DISCOVERY

if TYPE_CHECKING:
    from pexgen.catalogue import Catalogue, Method
    from pexgen.literals import Value
    from pexgen.runbook_file import RunbookFile

Plain = str | int | bool | tuple["Plain", ...] | Mapping[str, "Plain"] | None
"""A value; entries of lists that are sections are tables under the names that a runbook's tables have."""

_CALENDAR = "equipment.calendar"
_SETTINGS = {pascal_case(field.name): field.name for field in fields(Calendar)}

MANIFEST_KEYS = frozenset(f"add_in.{field.name}" for field in fields(AddIn) if field.metadata == READ_FROM_FILE)
"""What a deployment has of its add-in's manifest, which no description says itself."""

# What Pexip Infinity takes where nothing is said, be it that the whole section is not there.
_DEFAULTS = {f"pexip.{field.name}": field.default for field in fields(Pexip) if field.default is not None}
# In these sections false and 0 are something else than "not said".
_SAYS_FALSE = (f"{_CALENDAR}.", "pexip.")


@dataclass(frozen=True, slots=True)
class Deployment:
    """Values by their key in a description, such as ``scheduling_group.members``; what is absent or empty is None.

    ``known`` are the keys that the file can say something about; None stands for all of them. ``unread`` are those that
    stand in a file that was not at hand. ``kind`` is ``description`` or ``runbook``.
    """

    file: str
    kind: str
    method: str
    platform: str
    values: Mapping[str, Plain]
    known: frozenset[str] | None = None
    unread: frozenset[str] = frozenset()

    def get(self, key: str) -> Any:
        """Return the value of a key, None where it is absent."""
        return self.values.get(key)

    def value(self, key: str) -> Any:
        """Return the value that counts: what the key stands for where it is absent."""
        found = self.values.get(key)
        return _DEFAULTS.get(key) if found is None else found

    def knows(self, key: str) -> bool:
        """Whether the file says something about a key, be it that it is absent."""
        return key not in self.unread and (self.known is None or key in self.known)


def of_description(description: Description, file: str) -> Deployment:
    """Return the deployment that a description describes."""
    values = dict(_leaves(description, ""))
    if description.target.platform != "exchange-online":
        del values["target.environment"]  # Only a cloud has one; the default says nothing here.
    is_unread = description.add_in is not None and not description.add_in.manifest_sha256
    unread = MANIFEST_KEYS if is_unread else frozenset[str]()
    return Deployment(file, "description", description.method, description.target.platform, values, unread=unread)


def of_runbook(runbook: RunbookFile, catalogue: Catalogue) -> Deployment:
    """Return the deployment of a runbook, from its parameters; its body is not looked at.

    Raises :class:`InputError` where its method is none of this pexgen's or a parameter cannot be read.
    """
    method = catalogue.methods.get((runbook.method, runbook.platform))
    if runbook.method == DISCOVERY:
        said = "it is a script of `pexgen discover`, which describes no deployment"
        hint = "`pexgen init --from FOUND.json` writes a description of what it found"
        raise InputError((Problem("PXG094", said, runbook.file, hint=hint),))
    if method is None:
        said = f"{runbook.method or 'no method'} on {runbook.platform or 'no platform'}"
        raise _unusable(runbook.file, f"its body says {said}, which this pexgen does not have")
    values, unreadable = runbook.values(method)
    if unreadable:
        raise InputError(
            tuple(
                _problem(runbook.file, f"the value of -{name} is not read: {why}") for name, why in unreadable.items()
            )
        )
    return of_values(values, method, runbook.file)


def of_values(values: Mapping[str, Value], method: Method, file: str) -> Deployment:
    """Return the deployment with these values of the method's parameters."""
    found: dict[str, Plain] = {"method": method.id, "target.platform": method.platform}
    known = {"method", "target.platform"}
    for parameter in method.parameters:
        value: Any = values[parameter.name]
        if parameter.key == _CALENDAR:
            found |= {f"{_CALENDAR}.{_SETTINGS[name]}": each for name, each in value.items()}
            known |= {f"{_CALENDAR}.{name}" for name in _SETTINGS.values()}
        else:
            found[parameter.key] = value or None
            known.add(parameter.key)
    return Deployment(file, "runbook", method.id, method.platform, found, frozenset(known))


def _leaves(section: Any, prefix: str) -> Iterator[tuple[str, Plain]]:
    for field in fields(section):
        key, value = prefix + field.name, getattr(section, field.name)
        if is_dataclass(value):
            yield from _leaves(value, f"{key}.")
        elif key.startswith(_SAYS_FALSE):
            yield key, value
        else:
            yield key, _entries(value) or None


def _entries(value: Any) -> Any:
    """Return a list's sections as tables; anything else as it is."""
    if not isinstance(value, tuple):
        return value
    return tuple(
        {pascal_case(field.name): getattr(item, field.name) for field in fields(item)} if is_dataclass(item) else item
        for item in value
    )


def _unusable(file: str, message: str) -> InputError:
    return InputError((_problem(file, message),))


def _problem(file: str, message: str) -> Problem:
    return Problem("PXG094", message, file, hint="`pexgen verify` says what was changed in a runbook")
