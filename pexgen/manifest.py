"""The manifest beside a runbook: an in-toto statement of what the runbook is and what it was made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from pexgen import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from pexgen.reviews import Review
    from pexgen.runbook import Body

PREDICATE_TYPE = "urn:pexgen:manifest:1"
"""The type of the statement's predicate; the number changes with the meaning of a field."""

REVIEWED_BY_WHOM = "reviewed by the pexgen project, not by your organization"
"""What every record says beside a review, so that nobody takes it for the customer's own."""


def manifest_bytes(  # noqa: PLR0913 - a manifest is made of these
    *,
    file_name: str,
    runbook: bytes,
    source: bytes,
    body: Body,
    review: Review | None,
    accepted: Iterable[Mapping[str, str]],
) -> bytes:
    """Return the manifest of a runbook as UTF-8 JSON with a final line end.

    ``file_name`` is the runbook's name without a folder, ``source`` the description's bytes as they were read (its
    digest is over LF line ends, since git changes them on the way), and ``accepted`` the findings that the description
    accepts with a reason. Nothing volatile enters: the same inputs give the same bytes. It is not signed; signing it is
    the user's.
    """
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": file_name, "digest": {"sha256": sha256_of(runbook)}},
            {"name": f"{file_name}#body", "digest": {"sha256": body.digest}},
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "pexgen": __version__,
            "method": body.method.id,
            "platform": body.method.platform,
            "description": {"sha256": source_digest(source)},
            "templates": [],
            "review": _review(review),
            "acceptedFindings": [dict(finding) for finding in accepted],
        },
    }
    # In a text of JSON's every quote has an escape, so that this can be nothing but the key.
    filled = _as_json(statement).replace('"templates": []', f'"templates": {_templates(body)}', 1)
    return (filled + "\n").encode()


def _as_json(statement: Any) -> str:
    return json.dumps(statement, indent=2, ensure_ascii=False)


@cache
def _templates(body: Body) -> str:
    """Return what a body was made of, in the form of a manifest: the same for all descriptions with that body."""
    listed = _as_json([{"name": part.name, "sha256": part.sha256} for part in body.parts])
    return listed.replace("\n", "\n    ")


def manifest_beside(runbook: Path) -> Path:
    """Return the manifest's file, which lies beside that of its runbook."""
    return runbook.with_name(f"{runbook.stem}.manifest.json")


def with_records(manifest: bytes, records: Mapping[str, bytes]) -> bytes:
    """Return a manifest that names these change records, by name and digest, beside the runbook that it is for."""
    statement = json.loads(manifest)
    statement["subject"] += [{"name": name, "digest": {"sha256": sha256_of(data)}} for name, data in records.items()]
    return (_as_json(statement) + "\n").encode()


def named_records(statement: Mapping[str, Any]) -> dict[str, str]:
    """Return the digests of the change records that a manifest names, by their names."""
    named = {each["name"]: each["digest"]["sha256"] for each in statement["subject"]}
    return {name: digest for name, digest in named.items() if not name.endswith((".ps1", ".ps1#body"))}


def source_digest(source: bytes) -> str:
    """Return the SHA-256 of a description with LF line ends: the same whatever git made of them in a working tree."""
    return sha256_of(source.replace(b"\r\n", b"\n"))


def read_manifest(data: bytes) -> dict[str, Any] | None:
    """Return the statement that a manifest is, or None where it is no manifest of a runbook."""
    try:
        statement = json.loads(data)
        texts = [text for subject in statement["subject"] for text in (subject["name"], subject["digest"]["sha256"])]
        texts.append(statement["predicate"]["pexgen"])
        known = statement["predicateType"] == PREDICATE_TYPE and all(isinstance(text, str) for text in texts)
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return dict(statement) if known else None


def _review(review: Review | None) -> dict[str, Any] | None:
    if review is None:
        return None
    return {
        "by": review.by,
        "date": review.date,
        "checked": list(review.checked),
        "notes": review.notes,
        "meaning": REVIEWED_BY_WHOM,
    }


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
