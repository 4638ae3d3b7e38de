"""What a plan's picture shows: the objects through which somebody gets into a mailbox, and the links between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pexgen.access import Access, Object
from pexgen.plan.model import Link, Part, PlannedStep
from pexgen.records import Texts

_FEW = 6
"""So many mailboxes, accounts or applications stand in one part by name; of more there is the number."""


def parts_and_links(
    steps: tuple[PlannedStep, ...],
    texts: Texts,
    out_of_reach: tuple[str, ...],
    accesses: Mapping[str, tuple[Access, ...]],
) -> tuple[tuple[Part, ...], tuple[Link, ...]]:
    """Return the parts and links of the steps that are asked for; a link joins two of these parts."""
    asked = [access for step in steps if step.asked for access in accesses[step.id]]
    parts = [Part("equipment", "Equipment mailbox", (texts["EquipmentAddress"], "invited to every meeting with Pexip"))]
    parts += [Part(each.id, each.title, tuple(_lines(each))) for access in asked for each in access.objects]
    links = [
        Link(link.source, link.target, link.words, denies=link.denies) for access in asked for link in access.relations
    ]
    if out_of_reach and any(each.id == "scope" for each in parts):
        tries = next((step.id for step in steps if step.tries_out_of_reach), "")
        parts.append(Part("out-of-reach", "Must stay out of reach", _few(out_of_reach, tries)))
        links.append(Link("scope", "out-of-reach", "must not hold", denies=True))
    return tuple(parts), tuple(links)


def _lines(shown: Object) -> Iterator[str]:
    for line in shown.lines:
        yield from (line,) if isinstance(line, str) else _few(line, shown.named_in)


def _few(names: Sequence[str], step: str) -> tuple[str, ...]:
    return tuple(names) if len(names) <= _FEW else (f"{len(names)}, named in the step {step}",)
