"""A simulated copy of the customer's organization in which a discovery looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pexgen.discovery import Discovered
from pexgen.errors import InputError, Problem
from pexgen.simulation import server
from pexgen.simulation.discovery_import import DiscoveryImport
from pexgen.simulation.objects import Json


@dataclass(frozen=True, slots=True)
class TenantCopy:
    """A simulated copy of an organization.

    ``read_at`` is when the discovery read it. ``taken_over`` says what was taken over as it was found, ``assumed`` what
    was made up because the rehearsal needs it, and ``unseen`` what the discovery itself says that it could not see.
    """

    tenant: Json
    organization: str
    read_at: str
    taken_over: tuple[str, ...]
    assumed: tuple[str, ...]
    unseen: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Of what it is a copy, in one sentence."""
        return f"It is a copy of {self.organization} as it was found at {self.read_at}."

    @property
    def lists(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What is said of it, in lists with a title each; none that is empty."""
        lists = (
            ("Taken over, as found", self.taken_over),
            ("Assumed, because nobody looked", self.assumed),
            ("Not seen by the discovery", self.unseen),
        )
        return tuple((title, rows) for title, rows in lists if rows)


def copy_of(discovery: Discovered, values: Mapping[str, Any]) -> TenantCopy:
    """Return the organization of a discovery, for the runbook with these parameters.

    Raises InputError where it is another organization than the runbook's, or a file that somebody changed.
    """
    _refuse_other(discovery, values)
    importer = DiscoveryImport(discovery, values)
    importer.run()
    rows = discovery.rows("unreadable") or ()
    unseen = [f"not read: {row.text('subject')}: {row.text('error')}" for row in rows]
    unseen += [f"cut off, there are more: {each}" for each in discovery.texts("cutOff") or ()]
    unseen += list(discovery.texts("notLookedAt") or ())
    organization = discovery.one("tenant").text("organization") or discovery.one("tenant").text("acceptedDomain")
    read_at = discovery.text("finishedUtc")
    return TenantCopy(
        importer.builder.tenant,
        organization,
        read_at,
        tuple(importer.taken_over),
        tuple(importer.assumed),
        tuple(unseen),
    )


def _refuse_other(discovery: Discovered, values: Mapping[str, Any]) -> None:
    """Raise InputError where what was found is not in the organization that the runbook is for."""
    wanted = server.PLATFORM if server.is_for_server(values) else "exchange-online"
    if discovery.text("platform") != wanted:
        raise _other(discovery, f"it is about {discovery.text('platform')}, and the runbook is for {wanted}")
    tenant = discovery.one("tenant")
    if wanted == server.PLATFORM:
        domains = [*(discovery.one("found").texts("domains") or ()), tenant.text("acceptedDomain")]
        if values["TargetAcceptedDomain"].lower() not in [domain.lower() for domain in domains]:
            domain = values["TargetAcceptedDomain"]
            raise _other(discovery, f"it was found in {tenant.text('acceptedDomain')}, and the runbook is for {domain}")
    elif tenant.text("tenantId").lower() != values["TargetTenantId"].lower():
        found = f"{tenant.text('organization')} (tenant {tenant.text('tenantId')})"
        meant = f"{values['TargetOrganization']} (tenant {values['TargetTenantId']})"
        raise _other(discovery, f"it was found in {found}, and the runbook is for {meant}")


def _other(discovery: Discovered, message: str) -> InputError:
    hint = "name what was found where the description's change is to be made, or another description"
    return InputError((Problem("PXG091", message, discovery.file, hint=hint),))
