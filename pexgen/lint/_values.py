"""Values of a description with the paths of their keys, in the file's words."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pexgen.description.model import READ_FROM_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pexgen.description import Description


class KeyedText(NamedTuple):
    """A text and the path of its key."""

    key: str
    text: str

    @property
    def folded(self) -> str:
        """The text as Exchange compares it: names, addresses and GUIDs do not differ by case."""
        return self.text.casefold()


def texts(description: Description, *, reasons: bool = False) -> tuple[KeyedText, ...]:
    """Return every text that the file says or that follows from it, but for what the manifest says.

    What is accepted, and why, is among them with ``reasons``.
    """
    found = _all_texts(description)
    return found if reasons else tuple(value for value in found if not value.key.startswith("accept["))


# Rule after rule asks for those of one description.
@lru_cache(maxsize=1)
def _all_texts(description: Description) -> tuple[KeyedText, ...]:
    return tuple(_texts("", description))


@cache
def _keys(kind: type[Any]) -> tuple[str, ...]:
    """Return the keys that a section of this kind has in the file; none for what is no section."""
    if not is_dataclass(kind):
        return ()
    return tuple(field.name for field in fields(kind) if field.metadata != READ_FROM_FILE)


def _texts(key: str, node: Any) -> Iterator[KeyedText]:
    if isinstance(node, str):
        yield KeyedText(key, node)
    elif isinstance(node, tuple):
        for place, item in enumerate(node):
            yield from _texts(f"{key}[{place}]", item)
    else:
        for name in _keys(node.__class__):
            yield from _texts(f"{key}.{name}" if key else name, getattr(node, name))


def entries_of(key: str, texts: Iterable[str]) -> Iterator[KeyedText]:
    """Yield the entries of the list at ``key``."""
    return (KeyedText(f"{key}[{place}]", text) for place, text in enumerate(texts))


def members(description: Description) -> tuple[KeyedText, ...]:
    """Return the described members of the scheduling group, without the equipment mailbox."""
    group = description.scheduling_group
    return tuple(entries_of("scheduling_group.members", group.members)) if group else ()


def in_scope(description: Description) -> tuple[KeyedText, ...]:
    """Return the mailboxes that the application must reach."""
    return tuple(entries_of("proof.in_scope", description.proof.in_scope)) if description.proof else ()


def out_of_scope(description: Description) -> tuple[KeyedText, ...]:
    """Return the mailboxes that the application must not reach."""
    return tuple(entries_of("proof.out_of_scope", description.proof.out_of_scope)) if description.proof else ()


def kept(description: Description) -> tuple[KeyedText, ...]:
    """Return the client IDs of other applications that have to stay on the organization's EWS list."""
    keep = description.ews.keep if description.ews else ()
    return tuple(KeyedText(f"ews.keep[{place}].client_id", each.client_id) for place, each in enumerate(keep))


def retired(description: Description) -> tuple[KeyedText, ...]:
    """Return the client IDs that a migration takes off the organization's EWS list."""
    retire = description.ews.retire if description.ews else ()
    return tuple(KeyedText(f"ews.retire[{place}].client_id", each.client_id) for place, each in enumerate(retire))


def delegates(description: Description) -> tuple[KeyedText, ...]:
    """Return the accounts that get Full Access to the equipment mailbox."""
    return tuple(
        KeyedText(f"delegates[{place}].account", each.account) for place, each in enumerate(description.delegates)
    )


def repeated(values: Iterable[KeyedText]) -> Iterator[tuple[KeyedText, KeyedText]]:
    """Yield each value that equals an earlier one, with that one."""
    first: dict[str, KeyedText] = {}
    for value in values:
        earlier = first.setdefault(value.folded, value)
        if earlier is not value:
            yield value, earlier


def domain(address: str) -> str:
    """Return the domain of an SMTP address, in lower case."""
    return address.rpartition("@")[2].casefold()


def count_by_domain(values: Iterable[KeyedText]) -> Counter[str]:
    """Return how many of the addresses are in each domain."""
    return Counter(domain(value.text) for value in values)
