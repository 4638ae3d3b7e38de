"""A runbook that is to be played: its parameters' defaults, and what it asks of whoever runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pexgen.catalogue import load_catalogue
from pexgen.literal_reader import NotALiteralError
from pexgen.parameter_types import require_type
from pexgen.parameters import ABSENT
from pexgen.records import record_tables, texts_of
from pexgen.rehearsal.runs import RunbookError
from pexgen.runbook_file import RunbookFile, read_runbook
from pexgen.simulation import server
from pexgen.template_files import template_folder

if TYPE_CHECKING:
    from pexgen.catalogue import Method
    from pexgen.rehearsal.engine import Engine

# Without them there is no organization to play on.
_TARGET = ("EquipmentAddress", "TargetOrganization", "TargetTenantId", "TargetAcceptedDomain")
_VERSION = "TargetVersion"
_AGAIN = "render it again, and change values in its description"


@dataclass(frozen=True, slots=True)
class Script:
    """A runbook's file, and its parameters' defaults; one that the file lacks has its type's empty value.

    ``has_phases`` says whether Apply is told one of two phases, ``takes_password`` whether it is given the password of
    an account that it makes, and ``is_provable`` whether Verify can end with 0: a step that is only reported never is.
    """

    path: Path
    values: Mapping[str, Any]
    has_phases: bool = False
    takes_password: bool = False
    is_provable: bool = True

    @property
    def needs_group_by_hand(self) -> bool:
        """Whether a person has to put what the first Apply makes into a group before it can be done."""
        return server.needs_group_by_hand(self.values)

    @property
    def max_changes(self) -> int:
        """What a run has to be given as ``-MaxChanges``, or 0: a whole group may be more than one step sends."""
        members = len(self.values.get("SchedulingGroupMembers") or [])
        return members + 1 if members >= self.values.get("MaxChanges", members + 1) else 0


def read_script(engine: Engine, path: Path) -> Script:
    """Return a runbook as it can be played; ``engine`` reads its parameters.

    Raises RunbookError where it is no PowerShell, does not say which method it is, or has a parameter that nothing can
    be played with, and InputError where it is no runbook, or one of a method that pexgen does not have.
    """
    defaults = engine.defaults(path)
    written = read_runbook(str(path))
    if not (written.method and written.platform):
        raise _unusable(written, "it does not say which method it is, and on which platform")
    catalogue = load_catalogue(template_folder())
    method = catalogue.method(written.method, written.platform, written.file)
    _require_usable(written, method, defaults)
    values = {parameter.name: ABSENT[parameter.type] for parameter in method.parameters} | defaults
    asked = {parameter.name for parameter in method.run_parameters}
    return Script(
        path=path,
        values=values,
        has_phases="Phase" in asked,
        takes_password="PasswordOfServiceAccount" in asked,
        is_provable=not _is_only_reported(catalogue.folder, method, values),
    )


def _require_usable(written: RunbookFile, method: Method, defaults: Mapping[str, Any]) -> None:
    """Raise RunbookError for defaults of which no organization can be made."""
    for parameter in method.parameters:
        if parameter.name in _TARGET and not defaults.get(parameter.name):
            raise _unusable(written, f"its parameter {parameter.name} has no value")
        if parameter.name not in defaults:
            continue
        try:
            require_type(defaults[parameter.name], parameter)
        except NotALiteralError as error:
            raise _unusable(written, f"the value of its parameter {parameter.name} cannot be used: {error}") from error
    version = defaults.get(_VERSION) or ""
    if version and version not in server.BUILDS:
        known = ", ".join(server.BUILDS)
        raise _unusable(written, f"its parameter {_VERSION} is '{version}', and a rehearsal knows {known}")
    if type(defaults.get("MaxChanges", 0)) is not int:
        raise _unusable(written, "the value of its parameter MaxChanges is not a number")


def _unusable(written: RunbookFile, problem: str) -> RunbookError:
    return RunbookError(f"{written.file} cannot be played: {problem}", _AGAIN)


def _is_only_reported(folder: Path, method: Method, values: Mapping[str, Any]) -> bool:
    """Whether some step of this deployment is reported alone, whatever is found."""
    tables = record_tables(folder, method)
    texts = texts_of(folder, tables, values)
    return any(texts.only_reports(table) for table in tables.values())
