"""Is this change record about that runbook? Plan, runbook and manifest held against each other by their digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pexgen.verification import Finding

if TYPE_CHECKING:
    from pexgen.runbook_file import RunbookFile


def about_record(
    plan: Mapping[str, Any],
    file: str,
    script: RunbookFile,
    manifest: Mapping[str, Any] | None,
    expected: str = "",
) -> Iterator[Finding]:
    """Yield why the change record ``file`` is not about this runbook and its manifest.

    ``expected`` is the record in JSON that the description gives today, empty where no description was named.
    """
    digests = plan.get("digests") if isinstance(plan.get("digests"), dict) else {}
    runbook, body, description = (str((digests or {}).get(key)) for key in ("runbook", "body", "description"))
    if runbook != hashlib.sha256(script.data).hexdigest():
        yield Finding("record", f"{file} is about another file: it names the runbook {runbook}")
    if manifest is not None:
        named = {each["name"]: each["digest"]["sha256"] for each in manifest["subject"]}
        told = manifest["predicate"].get("description")
        if runbook not in named.values() or body not in named.values():
            yield Finding("record", f"{file} and the manifest name different runbooks or bodies")
        if not isinstance(told, dict) or told.get("sha256") != description:
            yield Finding("record", f"{file} and the manifest were made from different descriptions")
    if expected:
        # What a Check found is the tenant's, and no description gives it.
        wanted, found = json.loads(expected), {key: value for key, value in plan.items() if key != "sha256"}
        other = [key for key in wanted if key != "checked" and wanted[key] != found.get(key)]
        if other:
            yield Finding("record", f"{file} is not the record that the description gives: {', '.join(other)} differ")
