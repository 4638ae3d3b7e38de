"""What verify says about a file that is not as it was written."""

from __future__ import annotations

import re

import pytest

from pexgen.description import load
from pexgen.errors import InputError
from pexgen.line_changes import line_changes, shown
from pexgen.runbook_file import parse_runbook
from pexgen.sizes import RUNBOOK
from pexgen.verification import Reference

KEEP = rb"\$EwsKeep = @\((?s:.*?)\)"
PROOF = rb"\$ProofInScope = @\('.*?'\)"
SIGNATURE = (
    b"\r\n# SIG # Begin signature block\r\n# MIIFdgYJKoZIhvcNAQcCoIIFZzCC+/==\r\n# SIG # End signature block\r\n"
)


def described(sample, **changes: str) -> Reference:
    """The sample's description with texts replaced."""
    source = sample.source
    for old, new in changes.values():
        assert old in source
        source = source.replace(old, new)
    return Reference("other.yaml", load(source.encode(), "other.yaml").description)


def replaced(sample, old: bytes, new: bytes) -> bytes:
    assert sample.runbook.count(old) == 1
    return sample.runbook.replace(old, new)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda data: data.replace(b"\r\n", b"\n"), {"line-ends"}),
        (lambda data: data.replace(b"\r\n", b"\n", 1), {"line-ends"}),
        (lambda data: data + b"\r\n", {"line-ends"}),
        (lambda data: data.removesuffix(b"\r\n"), {"line-ends"}),
        (lambda data: data[3:], {"byte-order-mark"}),
        (lambda data: data[3:].replace(b"\r\n", b"\n"), {"byte-order-mark", "line-ends"}),
        (lambda data: data.decode("utf-8-sig").encode("utf-16"), {"encoding"}),
    ],
)
def test_what_mail_and_git_do_is_told_apart_from_a_change(sample, kinds, change, kind) -> None:
    changed = change(sample.runbook)
    assert kinds(changed) == kind
    assert kinds(changed, sample.manifest) == kind


@pytest.mark.parametrize(
    ("old", "new", "part", "kind"),
    [
        (b"Writes nothing in Exchange.\r\n    Apply", b"Writes in Exchange.\r\n    Apply", "help", {"bytes"}),
        (b"ConfirmImpact = 'High', Pos", b"ConfirmImpact = 'None', Pos", "param()", {"bytes"}),
        (b"    [bool] $SchedulingGroupPrune", b"    [switch] $SchedulingGroupPrune", "param()", {"bytes", "values"}),
        (b"$SchedulingGroupPrune = $false", b"$SchedulingGroupPrune = (1)", "param()", {"bytes", "values"}),
        (b"$SchedulingGroupPrune = $false", b"$SchedulingGroupPrune = 'no'", "param()", {"bytes", "values"}),
        (b"\r\n$Platform = 'exchange-online'", b"\r\n$Platform = 'exchange-OnLine'", "constants", {"body", "bytes"}),
    ],
)
def test_a_change_is_named_by_its_part_and_shown(sample, kinds, old, new, part, kind) -> None:
    changed = replaced(sample, old, new)
    assert kinds(changed) == kind
    (change,) = sample.verify(changed, sample.description).changes
    assert change.part == part
    assert changed.decode("utf-8-sig").split("\r\n")[change.line - 1] in change.found


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            b"Account = 'admin",
            b"Accoumt = 'admin",
            "-Delegates cannot be read: it has Accoumt, and there is only Account,",
        ),
        (b"Account = 'admin@contoso.com'; ", b"", "-Delegates cannot be read: it has no Account"),
        (b"AllowConflicts = $", b"AllowConflict = $", "-EquipmentCalendar cannot be read: it has AllowConflict"),
        (b"AllowConflicts = $true", b"AllowConflicts = 'x'", "cannot be read: its AllowConflicts is not true or false"),
        (b"AllowConflicts = $true", b"AllowConflicts = @{}", "cannot be read: its AllowConflicts is not true or false"),
        (
            b"AllowConflicts = $true",
            b"AllowConflicts = $null",
            "cannot be read: its AllowConflicts is not true or false",
        ),
        (KEEP, b"$EwsKeep = @('a', 'b')", "-EwsKeep cannot be read: an entry of it is not a table"),
        (KEEP, b"$EwsKeep = @($null)", "-EwsKeep cannot be read: an entry of it is not a table"),
        (KEEP, b"$EwsKeep = @(@{})", "-EwsKeep cannot be read: it has no ClientId, Name"),
        (KEEP, b"$EwsKeep = @(@{ ClientId = 1; Name = '' })", "-EwsKeep cannot be read: its ClientId is not text"),
        (KEEP, b"$EwsKeep = @{}", "-EwsKeep cannot be read: it is not a list of tables"),
        (b"$ApplicationClientId = '", b"$ApplicationClientId = ''", "-ApplicationClientId cannot be read"),
        (PROOF, b"$ProofInScope = @(@{})", "-ProofInScope cannot be read: an entry of it is not text"),
        (PROOF, b"$ProofInScope = @(1)", "-ProofInScope cannot be read: an entry of it is not text"),
        (PROOF, b"$ProofInScope = @('a', $null)", "-ProofInScope cannot be read: an entry of it is not text"),
    ],
)
def test_a_literal_that_no_description_gives_is_a_finding_and_no_defect(alike, old, new, says) -> None:
    changed, count = re.subn(re.escape(old) if old in alike.runbook else old, lambda _: new, alike.runbook)
    assert count == 1
    for reference in (alike.description, alike.manifest, None):
        messages = [finding.message for finding in alike.verify(changed, reference).findings]
        assert any(says in message for message in messages), messages


def test_a_changed_step_is_named_and_its_line_numbered(sample) -> None:
    begin = sample.runbook.index(b"#region steps/ews-access\r\n")
    changed = sample.runbook[:begin] + sample.runbook[begin:].replace(b"function ", b"functi\xd0\xben ", 1)
    (change,) = sample.verify(changed, sample.description).changes
    assert (change.part, change.column) == ("steps/ews-access", 7)
    assert change.line == changed[: changed.index(b"\xd0\xbe")].count(b"\n") + 1
    assert "<U+043E CYRILLIC SMALL LETTER O>" in change.found[0]


def test_a_signature_block_is_left_out_and_mentioned(sample) -> None:
    found = sample.verify(sample.runbook + SIGNATURE, sample.description)
    assert found.is_ok
    assert found.runbook.is_signed


@pytest.mark.parametrize(
    "block",
    [
        SIGNATURE.replace(b"# MII", b"Remove-Mailbox # MII"),
        SIGNATURE.replace(b"# MII", b"\r\n# MII"),
        SIGNATURE + b"Get-Mailbox\r\n",
        SIGNATURE.replace(b"# SIG # End signature block\r\n", b""),
        b"Get-Mailbox\r\n" + SIGNATURE,
        SIGNATURE * 2,
    ],
)
def test_code_in_what_looks_like_a_signature_block_is_found(sample, kinds, block) -> None:
    assert "bytes" in kinds(sample.runbook + block)


def test_an_unreviewed_runbook_is_called_so(sample, kinds) -> None:
    assert kinds(replaced(sample, b"$PexgenReview = 'reviewed'", b"$PexgenReview = 'not reviewed'")) == {"review"}


def test_a_body_without_a_review_in_the_ledger_is_not_ok(sample) -> None:
    (finding,) = sample.verify(sample.runbook, sample.description, ledger={}).findings
    assert finding.kind == "review"
    old = {name: review._replace(digest="0" * 64) for name, review in sample.ledger.items()}
    found = sample.verify(sample.runbook, sample.description, ledger=old)
    assert (found.is_ok, found.review, set(found.reviewed.values())) == (False, None, {"0" * 64})


def test_the_body_of_another_version_is_told_by_its_digest(sample) -> None:
    changed = replaced(sample, b"\r\n$CoreCmdlets = @{", b"\r\n# An older pexgen\r\n$CoreCmdlets = @{")
    found = sample.verify(changed, sample.manifest)
    message = next(finding.message for finding in found.findings if finding.kind == "body")
    assert found.digest not in found.reviewed.values()
    assert "another version of pexgen rendered it (its manifest says 0.1.0)" in message


@pytest.mark.parametrize("says", [b"'teleport'", b"'migrate'", b"$null"])
def test_a_runbook_whose_method_is_not_ours_is_compared_with_the_one_most_like_it(sample, says) -> None:
    changed = replaced(sample, b"\r\n$Method = 'app-permissions'", b"\r\n$Method = " + says)
    found = sample.verify(changed, sample.description)
    assert not found.is_ok
    assert any(finding.kind == "body" for finding in found.findings)


def test_values_that_differ_from_the_description_are_named_in_words(sample) -> None:
    reference = described(sample, a=("    - alex.wilber@contoso.com\n", ""), b=("policy: merge", "policy: check"))
    found = sample.verify(sample.runbook, reference)
    (finding,) = found.findings
    assert finding.message == "not as other.yaml describes them: -SchedulingGroupMembers, -EwsPolicy"
    assert [(each.steps[0], each.verdict) for each in found.values] == [
        ("scheduling-members", "widens"),
        ("ews-access", "widens"),
    ]
    assert found.values[0].text == "members of the scheduling group: + alex.wilber@contoso.com"


def test_a_difference_of_form_alone_is_one_all_the_same(sample) -> None:
    reference = described(sample, a=("- alex.wilber@", "- Alex.Wilber@"))
    (finding,) = sample.verify(sample.runbook, reference).findings
    assert (finding.kind, "in form, not in meaning" in finding.message) == ("values", True)


def test_a_manifest_of_another_runbook_does_not_vouch_for_this_one(sample) -> None:
    manifest = {**sample.manifest.manifest, "subject": [{"name": "x.ps1", "digest": {"sha256": "0" * 64}}]}
    found = sample.verify(sample.runbook, Reference("x.manifest.json", manifest=manifest))
    assert [finding.kind for finding in found.findings] == ["values"]


@pytest.mark.parametrize("data", [b"", b"\x7fELF\0\0", b"# A script\r\nGet-Mailbox\r\n", b"\xff\xfe", b"\xff" * 99])
def test_a_file_that_is_no_runbook_cannot_be_used(data) -> None:
    with pytest.raises(InputError) as caught:
        parse_runbook(data, "some.ps1")
    assert (caught.value.problems[0].code, caught.value.exit_code) == ("PXG094", 3)


def test_a_huge_file_is_refused_before_it_is_looked_at(sample) -> None:
    with pytest.raises(InputError, match="more than 8 MiB"):
        parse_runbook(sample.runbook.ljust(RUNBOOK + 1), "huge.ps1")


def test_texts_too_unlike_to_be_compared_line_by_line_are_one_change() -> None:
    ours, theirs = [f"a{number}" for number in range(6000)], [f"b{number}" for number in range(6000)]
    (change,) = line_changes(["same", *ours, "end"], ["same", *theirs, "end"])
    assert (change.line, len(change.expected), len(change.found)) == (2, 6000, 6000)


def test_a_line_shows_what_a_console_would_hide() -> None:
    assert shown("a\x1b[2K\u202eb\udce9\u00e9") == (
        "a<U+001B>[2K<U+202E RIGHT-TO-LEFT OVERRIDE>b<byte E9><U+00E9 LATIN SMALL LETTER E WITH ACUTE>"
    )


def test_a_long_line_is_cut_around_what_differs() -> None:
    (change,) = line_changes(["x" * 900 + "a"], ["x" * 900 + "b"])
    assert (change.column, change.expected[0][-1], change.found[0][-1]) == (901, "a", "b")
