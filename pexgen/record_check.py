"""Is this change record about that runbook? Record, runbook and manifest held against each other, in every form.

A record in JSON names the digests of the runbook, its body and the description. The manifest names the runbook and,
where it was rendered with ``--plan``, the record. What a person reads (text, Markdown, HTML) is compared as it is with
what the description gives, or by its digest with the manifest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pexgen.manifest import named_records, sha256_of
from pexgen.verification import Discrepancy

if TYPE_CHECKING:
    from pexgen.run_records import ChangeRecord
    from pexgen.runbook_file import RunbookFile


def about_record(
    record: ChangeRecord,
    script: RunbookFile,
    manifest: Mapping[str, Any] | None,
    expected: str = "",
    without_check: str = "",
) -> Iterator[Discrepancy]:
    """Yield why a change record is not about this runbook and its manifest.

    ``expected`` is the record, in the same form, that the description gives, empty where no description was named;
    ``without_check`` is the same without what a Check found. Raises nothing.
    """
    named = named_records(manifest) if manifest else {}
    if record.values:
        yield from _about_digests(record, script, manifest)
    if expected:
        yield from _about_words(record, expected)
    elif not record.values and not named:
        yield Discrepancy(
            "record",
            f"{record.file} is compared with nothing: give --description, or the manifest of `pexgen render --plan`",
        )
    if named:
        yield from _about_names(record, named, without_check)


def _about_digests(
    record: ChangeRecord, script: RunbookFile, manifest: Mapping[str, Any] | None
) -> Iterator[Discrepancy]:
    """Compare what a record in JSON says that it is about with what there is."""
    file, digests = record.file, record.values.get("digests")
    given = digests if isinstance(digests, dict) else {}
    runbook, body, description = (str(given.get(key)) for key in ("runbook", "body", "description"))
    if runbook != sha256_of(script.data):
        yield Discrepancy("record", f"{file} is about another file: it names the runbook {runbook}")
    if manifest is None:
        return
    subjects = {each["digest"]["sha256"] for each in manifest["subject"]}
    told = manifest["predicate"].get("description")
    if runbook not in subjects or body not in subjects:
        yield Discrepancy("record", f"{file} and the manifest name different runbooks or bodies")
    # A record that is made from the runbook knows no description.
    if description and (not isinstance(told, dict) or told.get("sha256") != description):
        yield Discrepancy("record", f"{file} and the manifest were made from different descriptions")


def _about_words(record: ChangeRecord, expected: str) -> Iterator[Discrepancy]:
    """Compare a record with the one that the description gives."""
    said = f"{record.file} is not the record that the description gives"
    if record.values:
        # What a Check found is the tenant's, and no description gives it.
        wanted = json.loads(expected)
        other = [key for key in wanted if key != "checked" and wanted[key] != record.values.get(key)]
        if other:
            yield Discrepancy("record", f"{said}: {', '.join(other)} {'differs' if len(other) == 1 else 'differ'}")
        return
    found, wanted = record.text.split("\n"), expected.split("\n")
    pairs = enumerate(zip(found, wanted, strict=False), 1)
    line = next((number for number, (ours, theirs) in pairs if ours != theirs), min(len(found), len(wanted)))
    if found != wanted:
        yield Discrepancy(
            "record", f"{said}: from line {line} on; of a record that was made with --check, give that too"
        )


def _about_names(record: ChangeRecord, named: Mapping[str, str], without_check: str) -> Iterator[Discrepancy]:
    """Compare a record with those that the manifest names, without what a Check found after that."""
    text = without_check or record.text
    if record.values.get("checked") is not None:
        text = json.dumps({**record.values, "checked": None}, indent=2, ensure_ascii=False) + "\n"
    if sha256_of(text.encode("utf-8", "backslashreplace")) not in named.values():
        yield Discrepancy("record", f"the manifest names another record than {record.file}: {', '.join(named)}")
