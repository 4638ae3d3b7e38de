"""The files that ``pexgen render`` gives for one description, before any of them is written."""

# No "from __future__ import annotations": named tuples look at the types of their fields, and resolving text is slow.

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pexgen.cli._inputs import read_description, read_with
from pexgen.errors import Problem
from pexgen.inputs import shown_name
from pexgen.render import Renderer
from pexgen.runbook import Body, body_bytes


class RenderedFiles(NamedTuple):
    """The files of one description, and what is said of them.

    ``head`` is the runbook without its body, which is the same for every description of its ``method`` and
    ``platform``; ``records`` are the change records by file name; ``read`` are the files that were read for it.
    """

    name: str
    head: bytes
    method: str
    platform: str
    manifest: bytes
    records: Mapping[str, bytes]
    read: Sequence[str | Path]
    warnings: Sequence[Problem]
    is_reviewed: bool


class FileRenderer:
    """Renders files of descriptions as one command line asks for it; a copy in another process does the same."""

    def __init__(self, *, allow_unreviewed: bool, forms: Sequence[str]) -> None:
        self._allow_unreviewed, self._forms = allow_unreviewed, forms

    @cached_property
    def _renderer(self) -> Renderer:
        return Renderer(allow_unreviewed=self._allow_unreviewed)

    def render(self, file: str) -> RenderedFiles:
        """Return what the description of this name gives; raises as :meth:`pexgen.render.Renderer.render`."""
        source, shown = read_description(file), shown_name(file)
        rendered = self._renderer.render(source, shown)
        records: Mapping[str, bytes] = {}
        if self._forms:
            from pexgen.plan import plan_of, record_files

            plan = plan_of(rendered, source, shown, self._renderer.catalogue.folder)
            records = record_files(plan, self._forms)
        return RenderedFiles(
            rendered.description.name,
            rendered.runbook.removesuffix(body_bytes(rendered.body)),
            rendered.body.method.id,
            rendered.body.method.platform,
            rendered.manifest,
            records,
            read_with(file, rendered.description),
            rendered.warnings,
            rendered.review is not None,
        )

    def body(self, rendered: RenderedFiles) -> Body:
        """Return the body of what was rendered, here or in another process."""
        return self._renderer.body(rendered.method, rendered.platform, rendered.name)

    def runbook(self, rendered: RenderedFiles) -> bytes:
        """Return the runbook's file."""
        return rendered.head + body_bytes(self.body(rendered))
