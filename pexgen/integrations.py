"""How Pexip's scheduling service signs in to Exchange, by method and platform, as ``methods.yaml`` says it."""

from __future__ import annotations

from typing import NamedTuple

from pexgen.template_files import read_record_table, template_folder

SHEETS = ("before", "after")
"""The value sheets of a method that changes how the service signs in."""


class Integration(NamedTuple):
    """An integration of Pexip Infinity with Exchange.

    ``signs_in`` is by which section of a description it signs in: ``application``, ``oauth`` or ``service_account``; a
    method that changes it has two, before and after. ``exists`` says that it is there already.
    """

    signs_in: tuple[str, ...]
    exists: bool


def integration_of(method: str, platform: str) -> Integration:
    """Return the integration of a method on a platform; without a way to sign in where the table names none."""
    table = read_record_table(template_folder() / "methods.yaml").get(method, {})
    own = {**table, **table.get(platform, {})}
    return Integration(tuple(own.get("signs_in", ())), own.get("exists", False))
