"""Who can open whose mailbox, as one deployment describes it: named, or in the words of what only Exchange knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pexgen.access import holders_of
from pexgen.parameters import ABSENT, deployment_parameters
from pexgen.records import NAMES_OBJECT, record_tables, texts_of

if TYPE_CHECKING:
    from pexgen.catalogue import Catalogue, Method
    from pexgen.diff._deployment import Deployment

_PLACE = ("platform", "organization", "tenant_id", "environment", "accepted_domain")
IMPERSONATION = "impersonation"
"""The kind of access that an account with Application Impersonation has."""

_OLD_METHOD = "service-account"
"""The method that sets up what ``migrate`` takes the place of."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Somebody's access to a mailbox, or to a set of them that Exchange alone knows.

    ``who`` and ``whose`` are words. ``identity`` is the same for the same access, whatever it is called: place, kind of
    access, account, and whose. ``includes`` are others' whose that this access has in it, and one of ``everybody`` has
    all of them. ``step`` is the step that gives it.
    """

    who: str
    whose: str
    step: str
    identity: tuple[str, ...]
    includes: tuple[str, ...] = ()
    everybody: bool = False

    @property
    def kind(self) -> str:
        """Which way into a mailbox it is."""
        return self.identity[1]

    @property
    def holder(self) -> tuple[str, ...]:
        """The identity of whoever has the access, without whose it is."""
        return self.identity[:-1]


def place_of(deployment: Deployment) -> str:
    """Return the organization that a deployment is in."""
    return "|".join(str(deployment.get(f"target.{key}")) for key in _PLACE).casefold()


def application_of(deployment: Deployment) -> str:
    """Return what an application is told by in Exchange: its client ID and its object."""
    return f"{deployment.get('application.client_id')}/{deployment.get('application.object_id')}".casefold()


def grants(deployment: Deployment, catalogue: Catalogue, *, names_object: bool = False) -> Iterator[Grant]:
    """Yield the access that a deployment describes, as its steps' tables say; of ``migrate`` that of the new way alone.

    ``names_object`` adds the object to the application's name, where two differ in it alone.
    """
    method = catalogue.methods.get((deployment.method, deployment.platform))
    if method is not None:  # One that this pexgen does not have has no steps.
        yield from _grants(deployment, catalogue, method, names_object=names_object)


def old_way(deployment: Deployment, catalogue: Catalogue) -> Iterator[Grant]:
    """Yield what ``migrate`` says of the old way, which phase Cleanup ends; nothing for other methods."""
    if deployment.method == "migrate":
        method = catalogue.methods[_OLD_METHOD, deployment.platform]
        yield from (each for each in _grants(deployment, catalogue, method) if each.kind == IMPERSONATION)


def _grants(
    deployment: Deployment, catalogue: Catalogue, method: Method, *, names_object: bool = False
) -> tuple[Grant, ...]:
    """Return each access once, however often and in whichever case the deployment names its holder."""
    place, tables = place_of(deployment), record_tables(catalogue.folder, method)
    given = {each.name: deployment.get(each.key) or ABSENT[each.type] for each in deployment_parameters()}
    texts = texts_of(catalogue.folder, tables, {**given, NAMES_OBJECT: names_object})
    found: dict[tuple[str, ...], Grant] = {}
    for step, table in tables.items():
        if not texts.asks_for(table):
            continue
        for each in holders_of(table, texts):
            identity = (place, each.kind, each.account.casefold(), each.whose.casefold())
            includes = tuple(one.casefold() for one in each.includes)
            found.setdefault(identity, Grant(each.words, each.whose, step, identity, includes, each.everybody))
    return tuple(found.values())
