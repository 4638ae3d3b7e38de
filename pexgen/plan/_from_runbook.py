"""A runbook as the description that it could have been rendered from, so that it can be planned without that file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pexgen.diff import MANIFEST_KEYS, of_runbook
from pexgen.errors import InputError, Problem
from pexgen.plan._build import plan_of

if TYPE_CHECKING:
    from pexgen.catalogue import Catalogue
    from pexgen.plan.model import Plan
    from pexgen.render import Renderer
    from pexgen.run_records import RunResult
    from pexgen.runbook_file import RunbookFile

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What a description of a method has to say and no runbook of it holds, because nothing there depends on it.
_ALWAYS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("service-account", "exchange-online"): {"service_account.existing": True, "impersonation.scope": "organization"},
}


def plan_of_runbook(written: RunbookFile, renderer: Renderer, check: RunResult | None = None) -> Plan:
    """Return the plan of a runbook's file; what its description says beside the values is not stated in it.

    Raises :class:`InputError` where the file is not, byte for byte, what pexgen writes for its values: then nothing
    that is said of those is said of the file.
    """
    source = described(written, renderer.catalogue)
    try:
        rendered = renderer.render(source, written.file)
    except InputError as error:
        # Lines and columns are those of a description that nobody wrote.
        raise InputError(tuple(each._replace(line=0, column=0, source_line="") for each in error.problems)) from None
    if rendered.runbook != written.data:
        message = "it is not what this pexgen writes for the values in it, so nothing can be said about the rest"
        raise InputError((Problem("PXG094", message, written.file, hint="`pexgen verify` says what differs"),))
    made = plan_of(rendered, source, written.file, renderer.catalogue.folder, check)
    return replace(made, description="", digests=replace(made.digests, description=""))


def described(written: RunbookFile, catalogue: Catalogue) -> bytes:
    """Return a description that gives the values of a runbook; an add-in's manifest is read beside it.

    Raises :class:`InputError` where the runbook's values cannot be read.
    """
    deployment = of_runbook(written, catalogue)
    tree: dict[str, Any] = {"version": 1}
    given = {**deployment.values, **_ALWAYS.get((deployment.method, deployment.platform), {})}
    for key, value in given.items():
        if value is None or key in MANIFEST_KEYS:
            continue
        *path, last = key.split(".")
        node = tree
        for section in path:
            node = node.setdefault(section, {})
        node[last] = _plain(value)
    # JSON is YAML in which no text is taken for a number: a ticket is 00891234.
    return json.dumps(tree, ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    """Return a value as YAML has it: lists, and tables under the names that a description uses."""
    if isinstance(value, Mapping):
        return {_WORD.sub("_", name).lower(): _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value
