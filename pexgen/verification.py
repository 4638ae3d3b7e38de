"""Is this file what reviewed templates give? A runbook compared, byte for byte, with what pexgen would write.

The values are read out of the file, the runbook is rendered again from them, and any byte that differs is a finding.
What the values should be only a description, or the manifest beside the runbook, can say; where there is neither, that
is a finding too. So no file verifies of which a single byte was changed.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pexgen.diff import Difference, compare, of_description, of_values
from pexgen.discovery import PLATFORMS, assemble_discovery, discovery_bodies, discovery_script
from pexgen.line_changes import LineChange, line_changes
from pexgen.line_ends import ENDS_AT_THE_END, MARK_MISSING, bare_line_ends
from pexgen.literals import powershell_literal
from pexgen.manifest import sha256_of
from pexgen.parameters import ABSENT, parameter_values
from pexgen.runbook import Body, assemble, body_digest, runbook_of_values
from pexgen.runbook_file import RunbookFile
from pexgen.runbook_marks import DISCOVERY, NOT_REVIEWED, REVIEWED

if TYPE_CHECKING:
    from pexgen.catalogue import Catalogue, Method
    from pexgen.description import Description
    from pexgen.literals import Value
    from pexgen.reviews import Ledger, Review

DiscrepancyKind = Literal[
    "body", "review", "values", "bytes", "line-ends", "byte-order-mark", "encoding", "not-compared", "record"
]


_NO_CHANGE = "by itself no change of content"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One reason why a file does not verify."""

    kind: DiscrepancyKind
    message: str


@dataclass(frozen=True, slots=True)
class Reference:
    """What the values are compared with: a description, or the manifest that stands beside a runbook."""

    file: str
    description: Description | None = None
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """``description`` or ``manifest``."""
        return "description" if self.description else "manifest"


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found about a file. ``digest`` is that of the body it has, ``review`` the one of that very body.

    ``values`` are the differences from the description to the file, ``changes`` the lines that differ from what pexgen
    writes for the file's values; ``reviewed`` are the digests of the bodies that this pexgen's ledger knows.
    """

    runbook: RunbookFile
    method: Method
    digest: str
    review: Review | None
    reference: Reference | None
    findings: tuple[Discrepancy, ...]
    values: tuple[Difference, ...]
    changes: tuple[LineChange, ...]
    reviewed: Mapping[str, str]

    @property
    def is_ok(self) -> bool:
        """Whether every byte is as reviewed templates and the reference give it."""
        return not self.findings


def verify(runbook: RunbookFile, catalogue: Catalogue, ledger: Ledger, reference: Reference | None) -> Verification:
    """Compare a runbook with what pexgen writes for its values, and these with the reference."""
    body = _body(runbook, catalogue)
    if body.method.id == DISCOVERY and reference and not reference.description:
        reference = None  # No discovery script is rendered with a manifest: it is some other file's.
    digest = body_digest(runbook.body)
    review = ledger.get(body.method.key)
    review = review if review and review.covers(body) and digest == body.digest else None
    values, unreadable = runbook.values(body.method)
    described = _described(reference, body.method)
    stand_ins = {name: described.get(name, _empty(body.method, name)) for name in unreadable}
    given = {**values, **stand_ins}
    render = _writer(body, catalogue, reviewed=runbook.review != NOT_REVIEWED)
    expected = render(given)
    differences = _differing_values(given, body.method, reference, catalogue, runbook.file)
    findings: list[Discrepancy] = [
        *_about_body(runbook, body, digest, reference),
        *_about_review(runbook, review, body, digest),
        *(Discrepancy("values", f"the value of -{name} cannot be read: {why}") for name, why in unreadable.items()),
        *_about_bytes(runbook, expected),
    ]
    if body.method.id == DISCOVERY:
        findings += _about_discovery(reference, values)
    else:
        findings += _about_reference(reference, body.method, expected)
    if reference and described:
        findings += _about_values(values, described, differences, reference)
        if not any(finding.kind == "values" for finding in findings) and render(described) != expected:
            findings.append(Discrepancy("values", f"it is not the runbook that {reference.file} gives"))
    return Verification(
        runbook=runbook,
        method=body.method,
        digest=digest,
        review=review,
        reference=reference,
        findings=tuple(findings),
        values=differences,
        changes=line_changes(_lines(expected), runbook.text.split("\n")),
        reviewed={name: each.digest for name, each in ledger.items()},
    )


def _body(runbook: RunbookFile, catalogue: Catalogue) -> Body:
    """Return the body that the file names, else the one that is most like the file's."""
    if (method := catalogue.methods.get((runbook.method, runbook.platform))) is not None:
        return assemble(catalogue, method)
    if runbook.method == DISCOVERY and runbook.platform in PLATFORMS:
        return assemble_discovery(catalogue, runbook.platform)
    lines = set(runbook.text.split("\n"))
    bodies = [*(assemble(catalogue, method) for method in catalogue.methods.values()), *discovery_bodies(catalogue)]
    return max(bodies, key=lambda body: len(lines & set(body.text.split("\n"))))


def _writer(body: Body, catalogue: Catalogue, *, reviewed: bool) -> Callable[[Mapping[str, Value]], bytes]:
    """Return what writes the whole file for values by the name of their parameter."""
    if body.method.id != DISCOVERY:
        return partial(runbook_of_values, body=body, catalogue=catalogue, reviewed=reviewed)
    return lambda values: discovery_script(
        catalogue, body, {name: str(value) for name, value in values.items()}, reviewed=reviewed
    )


def _described(reference: Reference | None, method: Method) -> Mapping[str, Value]:
    """Return the values of a described deployment; empty where there is none or it is of another method."""
    description = reference.description if reference else None
    if description is None or (description.method, description.target.platform) != (method.id, method.platform):
        return {}
    return parameter_values(description, method)


def _empty(method: Method, name: str) -> Value:
    (parameter_type,) = (parameter.type for parameter in method.parameters if parameter.name == name)
    return ABSENT[parameter_type]


def _lines(expected: bytes) -> list[str]:
    return expected.decode("utf-8-sig").replace("\r\n", "\n").split("\n")


def _about_body(runbook: RunbookFile, body: Body, digest: str, reference: Reference | None) -> Iterator[Discrepancy]:
    if (runbook.method, runbook.platform) != (body.method.id, body.method.platform):
        said = f"{runbook.method or '(nothing)'} on {runbook.platform or '(nothing)'}"
        yield Discrepancy(
            "body", f"it names {said} as its method, which this pexgen does not have; compared with {body.method.key}"
        )
    if digest != body.digest:
        by = reference.manifest.get("predicate", {}).get("pexgen") if reference else None
        other = f" (its manifest says {by})" if by else ""
        message = (
            f"the body is not from this pexgen: that of {body.method.key} is {body.digest}. It was changed, or "
            f"another version of pexgen rendered it{other}, and is the one to verify it with"
        )
        yield Discrepancy("body", message)


def _about_review(runbook: RunbookFile, review: Review | None, body: Body, digest: str) -> Iterator[Discrepancy]:
    if runbook.review != REVIEWED:
        then = "it needs" if body.method.id == DISCOVERY else "its Apply needs"
        yield Discrepancy("review", f"NOT REVIEWED: so says the runbook's own header; {then} -AcceptUnreviewed")
    if review is None and digest == body.digest:
        yield Discrepancy("review", f"NOT REVIEWED: this pexgen's ledger has no review of the body {digest}")


def _about_bytes(runbook: RunbookFile, expected: bytes) -> Iterator[Discrepancy]:
    """Say which bytes differ; what mail and git do to a text file is told apart from a change of its content."""
    if runbook.data == expected:
        return
    on_the_way = list(_changed_on_the_way(runbook, _lines(expected)))
    if not on_the_way or _content(_lines(expected)) != _content(runbook.text.split("\n")):
        yield Discrepancy("bytes", "bytes differ from what pexgen writes for these values")
    yield from on_the_way


def _changed_on_the_way(runbook: RunbookFile, expected: list[str]) -> Iterator[Discrepancy]:
    if runbook.is_utf16:
        yield Discrepancy("encoding", f"the file is UTF-16, as editors and shells make it; {_NO_CHANGE}")
        return
    if not runbook.data.startswith(BOM_UTF8):
        message = (
            f"{MARK_MISSING}; {_NO_CHANGE}, but "
            "Windows PowerShell 5.1 then reads letters beyond ASCII wrongly, and the runbook refuses to run there"
        )
        yield Discrepancy("byte-order-mark", message)
    bare = bare_line_ends(runbook.data)
    if bare:
        yield Discrepancy("line-ends", f"{bare}; {_NO_CHANGE}")
    found = runbook.text.split("\n")
    if found != expected and _content(found) == _content(expected):
        yield Discrepancy("line-ends", f"{ENDS_AT_THE_END}; {_NO_CHANGE}")


def _content(lines: list[str]) -> str:
    return "\n".join(lines).rstrip("\n")


def _differing_values(
    values: Mapping[str, Value], method: Method, reference: Reference | None, catalogue: Catalogue, file: str
) -> tuple[Difference, ...]:
    """Return what changes from the description to the file, in words; empty without a description."""
    if reference is None or reference.description is None or method.id == DISCOVERY:
        return ()
    described = of_description(reference.description, reference.file)
    return compare(described, of_values(values, method, file), catalogue).differences


def _about_reference(reference: Reference | None, method: Method, expected: bytes) -> Iterator[Discrepancy]:
    if reference is None:
        message = (
            "the values were compared with nothing: give --description, or put its manifest into the runbook's folder"
        )
        yield Discrepancy("not-compared", message)
    elif reference.description is None:
        yield from _about_manifest(expected, reference)
    elif not _described(reference, method):
        target = reference.description.target.platform
        message = f"{reference.file} describes {reference.description.method} on {target}, and this is {method.key}"
        yield Discrepancy("values", message)


def _about_discovery(reference: Reference | None, values: Mapping[str, Value]) -> Iterator[Discrepancy]:
    """A discovery script has neither description nor manifest; without values there is nothing to ask one for."""
    if reference and reference.description:
        message = f"{reference.file} describes a deployment, and this is a script that finds one: it has no description"
        yield Discrepancy("values", message)
    given = [f"-{name} {powershell_literal(value)}" for name, value in values.items() if value]
    if given:
        message = f"a discovery script's values are compared with nothing; read what it looks for: {', '.join(given)}"
        yield Discrepancy("not-compared", message)


def _about_manifest(expected: bytes, reference: Reference) -> Iterator[Discrepancy]:
    """Compare with the manifest what the file would be if nothing on the way had touched it."""
    digests = [each["digest"]["sha256"] for each in reference.manifest["subject"] if each["name"].endswith(".ps1")]
    if sha256_of(expected) not in digests:
        yield Discrepancy("values", f"the values, or the body, are not those that {reference.file} was written for")


def _about_values(
    values: Mapping[str, Value],
    described: Mapping[str, Value],
    differences: tuple[Difference, ...],
    reference: Reference,
) -> Iterator[Discrepancy]:
    # As PowerShell literals: in Python True is 1, and a table has no order.
    wrong = [name for name, value in values.items() if powershell_literal(value) != powershell_literal(described[name])]
    if wrong:
        only_form = "" if differences else " (in form, not in meaning: order or letter case)"
        listed = ", ".join(f"-{name}" for name in wrong)
        yield Discrepancy("values", f"not as {reference.file} describes them: {listed}{only_form}")
