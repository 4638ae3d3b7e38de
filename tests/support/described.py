"""What a description asks for, by the tables of the steps: a list by hand would be wrong with each new step."""

from __future__ import annotations

from typing import Any

from support.sites import DESCRIPTION, Json, states

from pexgen.catalogue import load_catalogue, step_record_table
from pexgen.rehearsal import Result
from pexgen.template_files import template_folder


def described_steps(description: Json) -> list[str]:
    """Return the steps of the description's method that it asks for, in order."""
    return [step for step, is_asked in _steps(description).items() if is_asked]


def each_step(description: Json, state: str, *, otherwise: str = "not-asked") -> dict[str, str]:
    """Return this state for each step that the description asks for, and the other one for the rest."""
    return {step: state if is_asked else otherwise for step, is_asked in _steps(description).items()}


def asked_states(result: Result, description: Json = DESCRIPTION) -> list[str]:
    """Return the states of a run's steps in order, without those that the description does not ask for."""
    found = states(result)
    return [found[step] for step in described_steps(description)]


def _steps(description: Json) -> dict[str, bool]:
    catalogue = load_catalogue(template_folder())
    method = catalogue.method(description["method"], description["target"]["platform"], "")
    keys = {parameter.name: parameter.key for parameter in method.parameters}
    tables = {step.id: step_record_table(catalogue.folder, step) for step in method.steps}
    # A step whose table does not say so is always asked for.
    return {
        step: "asked" not in table or bool(_value(description, keys[table["asked"]])) for step, table in tables.items()
    }


def _value(description: Json, path: str) -> Any:
    found: Any = description
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found
