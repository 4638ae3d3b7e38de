"""From a description's bytes to a runbook and its manifest: the library's front door."""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

from typing import NamedTuple

from pexgen.catalogue import Catalogue, load_catalogue
from pexgen.description import Description, load
from pexgen.errors import InputError, Problem
from pexgen.lint import check
from pexgen.manifest import manifest_bytes
from pexgen.reviews import Ledger, Review, load_ledger, require_review
from pexgen.runbook import Body, assemble, runbook_bytes
from pexgen.template_files import template_folder


class Rendered(NamedTuple):
    """A runbook and its manifest as bytes, and what was found on the way that stops nothing."""

    description: Description
    runbook: bytes
    manifest: bytes
    body: Body
    review: Review | None
    warnings: tuple[Problem, ...]


class Renderer:
    """Renders descriptions with one template folder and one review ledger.

    Without arguments both are pexgen's own. ``allow_unreviewed`` renders a body without a review, whose runbook says
    so itself.
    """

    def __init__(
        self, catalogue: Catalogue | None = None, ledger: Ledger | None = None, *, allow_unreviewed: bool = False
    ) -> None:
        self.catalogue = catalogue or load_catalogue(template_folder())
        self._ledger = load_ledger(self.catalogue) if ledger is None else ledger
        self._allow_unreviewed = allow_unreviewed

    def render(self, source: bytes, file: str) -> Rendered:
        """Render the description ``source``, which messages call ``file``.

        Raises :class:`InputError` with every problem of the description that is an error, and
        :class:`UnreviewedError` if its body has no review and that is not allowed.
        """
        loaded = load(source, file)
        description = loaded.description
        found = check(loaded)
        if any(problem.severity == "error" for problem in found):
            raise InputError(found)
        body = self.body(description.method, description.target.platform, file)
        review = require_review(self._ledger, body, allow_unreviewed=self._allow_unreviewed)
        runbook = runbook_bytes(description, body, self.catalogue, reviewed=review is not None)
        accepted = [{"code": finding.code, "reason": finding.reason} for finding in loaded.accepted]
        manifest = manifest_bytes(
            file_name=f"{description.name}.ps1",
            runbook=runbook,
            source=source,
            body=body,
            review=review,
            accepted=accepted,
        )
        warnings = tuple(problem for problem in found if problem.severity == "warning")
        return Rendered(description, runbook, manifest, body, review, warnings)

    def body(self, method: str, platform: str, file: str) -> Body:
        """Return the body of a method on a platform; :class:`InputError` about ``file`` where there is none."""
        return assemble(self.catalogue, self.catalogue.method(method, platform, file))
