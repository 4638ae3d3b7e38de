"""Compiles templates, puts bodies together and reads tables when the wheel is built, so that no rendering has to."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledTemplates(BuildHookInterface):  # type: ignore[type-arg]
    """Adds ``pexgen/templates/compiled`` to a wheel; a checkout does all of it as it goes."""

    _made: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make all of it in a folder, and have that packed."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from pexgen.catalogue import load_catalogue
        from pexgen.filling import write_compiled
        from pexgen.ready_bodies import write_ready
        from pexgen.runbook import assemble
        from pexgen.template_files import COMPILED, write_ready_tables

        templates = Path(self.root) / "templates"
        # Until the wheel is packed; after a build that failed it is removed as the process ends.
        self._made = tempfile.TemporaryDirectory(prefix="pexgen-templates-")
        target = Path(self._made.name)
        catalogue = load_catalogue(templates)
        write_compiled(catalogue, target)
        for method in catalogue.methods.values():
            body = assemble(catalogue, method)
            write_ready(target, method, body.parts, (body.text, body.help))
        write_ready_tables(templates, target)
        build_data["force_include"][str(target)] = f"pexgen/templates/{COMPILED}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - Hatch's
        """Remove what was packed."""
        if self._made:
            self._made.cleanup()
