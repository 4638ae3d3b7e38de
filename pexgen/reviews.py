"""The review ledger: which body was reviewed, in which form, by whom, and what was looked at."""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pexgen.catalogue import Catalogue
from pexgen.errors import UnreviewedError, UsageError
from pexgen.runbook import Body
from pexgen.template_files import read_yaml

LEDGER = "reviews.yaml"
"""The ledger's name in the template folder."""

_HEADER = """\
# Which bodies were reviewed, and in which form. Written by `pexgen templates approve` after a review; never by hand and
# never by a hook. These are reviews of the pexgen project, not of your organization.
"""


class Review(NamedTuple):
    """One review of one body: its digest and its regions' at that time, and the checklist items that were looked at."""

    digest: str
    by: str
    date: str
    checked: tuple[str, ...]
    notes: str
    regions: Mapping[str, str]

    def covers(self, body: Body) -> bool:
        """Whether this review is of the body as it is now."""
        return self.digest == body.digest

    def changed(self, body: Body) -> tuple[str, ...]:
        """Regions that were added, changed or removed since; at least one where it does not cover the body."""
        then, now = self.regions, body.regions
        names = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
        return tuple(names) or (() if self.covers(body) else ("outline",))


Ledger = Mapping[str, Review]
"""Reviews by the body's name, such as ``app-permissions/exchange-online``."""


def load_ledger(catalogue: Catalogue) -> Ledger:
    """Read the ledger of a template folder; a folder without one has no reviews."""
    path = catalogue.folder / LEDGER
    entries: Mapping[str, Mapping[str, Any]] = (read_yaml(path) if path.exists() else None) or {}
    return {name: _review(entry) for name, entry in entries.items()}


def _review(entry: Mapping[str, Any]) -> Review:
    return Review(**{**entry, "checked": tuple(entry["checked"])})


def checklist(catalogue: Catalogue) -> Mapping[str, str]:
    """Return what a review looks at: the title of each item by its ID, in the checklist's order."""
    return {item["id"]: item["title"] for item in read_yaml(catalogue.folder / "checklist.yaml")}


def require_review(ledger: Ledger, body: Body, *, allow_unreviewed: bool) -> Review | None:
    """Return the review of this very body, or None where there is none and that was allowed.

    Raises :class:`UnreviewedError` otherwise.
    """
    review = ledger.get(body.method.key)
    if review and review.covers(body):
        return review
    if allow_unreviewed:
        return None
    changed = f"; changed since the last review: {', '.join(review.changed(body))}" if review else ""
    message = f"the body of {body.method.key} ({body.digest[:12]}) has no review{changed}"
    hint = "--allow-unreviewed renders it with a header that says so; its Apply then needs -AcceptUnreviewed"
    raise UnreviewedError(message, hint)


def review_body(  # noqa: PLR0913 - an approval consists of these
    catalogue: Catalogue, body: Body, *, by: str, date: str, checked: Iterable[str], notes: str
) -> Review:
    """Return a review of the body as it is now.

    ``date`` is ``YYYY-MM-DD``. Raises :class:`UsageError` for anything but the whole checklist, a date, and words.
    """
    known, given = list(checklist(catalogue)), set(checked)
    unknown, missing = sorted(given - set(known)), [item for item in known if item not in given]
    if unknown:
        raise UsageError(f"not on the checklist: {', '.join(unknown)}", f"the items are {', '.join(known)}")
    if missing:
        raise UsageError(f"not checked: {', '.join(missing)}", "a review looks at every item of docs/review.md")
    if not _is_date(date):
        raise UsageError(f"not a date: {date}", "write it as YYYY-MM-DD")
    if not by.strip() or not notes.strip():
        raise UsageError("a review names who made it and what was found", "give --by and --notes")
    return Review(body.digest, by.strip(), date, tuple(known), notes.strip(), body.regions)


def _is_date(text: str) -> bool:
    from datetime import date

    try:
        return str(date.fromisoformat(text)) == text
    except ValueError:
        return False


def ledger_text(ledger: Ledger) -> str:
    """Return the ledger as it is kept: the same reviews give the same bytes."""
    import yaml

    entries = {
        name: {
            "digest": review.digest,
            "by": review.by,
            "date": review.date,
            "checked": list(review.checked),
            "notes": review.notes,
            "regions": dict(review.regions),
        }
        for name, review in sorted(ledger.items())
    }
    return _HEADER + yaml.safe_dump(entries, sort_keys=False, width=110, allow_unicode=True)
