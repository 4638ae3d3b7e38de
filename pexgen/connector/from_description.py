"""From a description to value sheets: which field follows from what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.connector import _addin, _service
from pexgen.connector.fields import limits, violation
from pexgen.connector.sheet import Sheet, SheetDraft
from pexgen.description.model import Pexip
from pexgen.errors import InputError
from pexgen.integrations import SHEETS, integration_of
from pexgen.lint import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description, Loaded
    from pexgen.errors import Problem

#: Fields with a default in the description's schema, which is Infinity's own, and their keys under ``pexip``. A default
#: is no value to send: a new integration has it anyhow, and one that exists would lose what somebody chose.
_WITH_DEFAULT = {
    "enable_dynamic_vmrs": "enable_dynamic_vmrs",
    "scheduled_alias_suffix_length": "alias_suffix_length",
    "meeting_buffer_before": "meeting_buffer_before",
    "meeting_buffer_after": "meeting_buffer_after",
    "enable_personal_vmrs": "enable_personal_vmrs",
}


_SIGNING_IN = {
    "application": _service.app_permissions,
    "oauth": _service.oauth,
    "service_account": _service.exchange_server,
}


def value_sheets(loaded: Loaded) -> tuple[tuple[Sheet, ...], tuple[Problem, ...]]:
    """Return the value sheets of a description, and the warnings of its rules.

    There is one sheet; a method that changes how the service signs in has two, ``before`` and ``after`` the switch.
    Raises :class:`InputError` with what the rules call an error, with every value that Pexip Infinity would not take,
    and for a method whose way to sign in no table names.
    """
    found = check(loaded)
    if any(problem.severity == "error" for problem in found):
        raise InputError(found)
    description = loaded.description
    integration = integration_of(description.method, description.target.platform)
    if not integration.signs_in:
        message = f"how Pexip's service signs in with method {description.method} is not known here"
        raise InputError((loaded.problem("PXG090", "method", message, "it has no values for Pexip Infinity"),))
    names = SHEETS if len(integration.signs_in) > 1 else ("",)
    sheets = tuple(
        _sheet(loaded, name, way, exists=integration.exists)
        for name, way in zip(names, integration.signs_in, strict=True)
    )
    refused = tuple(dict.fromkeys(problem for sheet in sheets for problem in _refused(loaded, sheet)))
    if refused:
        raise InputError(refused)
    return sheets, found


def _sheet(loaded: Loaded, name: str, way: str, *, exists: bool) -> Sheet:
    description = loaded.description
    draft = SheetDraft(existing=exists)
    _integration(description, draft)
    _vmrs(loaded, draft)
    _addin.fill(description, draft)
    _SIGNING_IN[way](description, draft)
    return draft.finish(name)


def _integration(description: Description, draft: SheetDraft) -> None:
    pexip, equipment = description.pexip or Pexip(), description.equipment
    if pexip.name is not None:
        draft.set("name", pexip.name, "pexip.name")
    elif not draft.existing:
        draft.propose("name", description.name, "the deployment's name; `pexip.name` gives another", "name")
    if pexip.description is not None:
        draft.set("description", pexip.description, "pexip.description")
    draft.set("room_mailbox_email_address", equipment.address, "equipment.address")
    if equipment.display_name:
        draft.set("room_mailbox_name", equipment.display_name, "equipment.display_name")
    elif equipment.adopt:
        note = "the mailbox existed before, and its names are left alone: its display name in Exchange counts"
        draft.propose("room_mailbox_name", equipment.name, note, "equipment.name")
    else:
        draft.set("room_mailbox_name", equipment.name, "equipment.name")


def _vmrs(loaded: Loaded, draft: SheetDraft) -> None:
    pexip = loaded.description.pexip or Pexip()
    for name, key in _WITH_DEFAULT.items():
        path = f"pexip.{key}"
        if loaded.has(path):
            draft.set(name, getattr(pexip, key), path)
    for name, key, what in (
        ("scheduled_alias_prefix", "alias_prefix", "the generated aliases begin with it"),
        ("scheduled_alias_domain", "alias_domain", "the generated aliases are in it"),
    ):
        value = getattr(pexip, key)
        if value is not None:
            draft.set(name, value, f"pexip.{key}")
        elif pexip.enable_dynamic_vmrs:
            draft.enter(name, f"single-use VMRs need it, {what}; `pexip.{key}` would hold it")
    if pexip.enable_personal_vmrs:
        _personal(draft)


def _personal(draft: SheetDraft) -> None:
    """Ask for what the sign-in for personal VMRs needs; the description has no keys for it."""
    either = "of AD FS, or of the registration in Entra"
    draft.enter("auth_provider", "one of the two")
    draft.enter("personal_vmr_oauth_client_id", "AZURE: of the registration in Entra. ADFS: Infinity's default applies")
    draft.enter("personal_vmr_oauth_auth_endpoint", either)
    draft.enter("personal_vmr_oauth_token_endpoint", either)
    draft.enter("personal_vmr_adfs_relying_party_trust_identifier", "ADFS alone needs it")
    draft.secret("personal_vmr_oauth_client_secret", "of the registration in Entra, if there is one")


def _refused(loaded: Loaded, sheet: Sheet) -> Iterator[Problem]:
    for entry in sheet.having("set", "compare"):
        against = violation(entry.field, entry.value) if entry.value is not None else None
        if against is not None:
            message = f"Pexip Infinity's `{entry.field.name}` {against.message}"
            yield loaded.problem(against.code, entry.key, message, f"it takes: {limits(entry.field)}")
