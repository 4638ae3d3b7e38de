"""The journal as a file: held by one run, each line knowing the one before it (engine/61-journal-file)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from support.function_cases import WITH
from support.functions import Functions

CHANGE = """
$Change = @{
    Step = 'equipment-mailbox'; Text = 'x'
    Before = Get-Present 'room' ([ordered] @{ DisplayName = 'old' })
    Wanted = Get-Present 'room' ([ordered] @{ DisplayName = "Sch$([char] 0xE9)duling `u{1F600}" })
}
function Start-Journal {
    param([scriptblock] $Then, [string[]] $Path)
    $of = @{
        Mode = 'Rollback'; Lengths = (Get-Table); Digests = (Get-Table); Held = @(); Beside = @(); Journal = $null
        Consent = @{ 'equipment-mailbox' = [ordered] @{ who = 'a' } }
    }
    With {
        try { foreach ($one in $Path) { Open-Journal $one }; & $Then }
        finally { foreach ($file in $Run.Held) { $file.Dispose() } }
    } $of
}
"""


def opened(path: Path, lines: str, *, beside: Path | None = None) -> str:
    """Return the text that opens a journal, runs these lines and closes it."""
    paths = ", ".join(f"'{one}'" for one in (beside, path) if one)
    return f"Start-Journal {{ {lines} }} {paths}"


def test_each_line_knows_the_one_before_it_and_what_was_written_is_read_again(
    functions: Functions, tmp_path: Path
) -> None:
    path, beside = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    write = """
        Write-JournalHeader
        Write-JournalEvent 'intent' -Change $Change
        Write-JournalEvent 'done' -Change $Change -After $Change.Wanted
        $Change['Entry'] = @{ Key = 'named' }
        Write-JournalEvent 'undone' -Change $Change
        foreach ($file in $Run.Held) { $file.Dispose() }
        foreach ($one in (Read-Journal $Run.JournalOpen)) { $one.Entries | % { $_['wanted']['properties'].Values } }
    """
    text = opened(path, write, beside=beside)
    assert functions.values(text, before=WITH + CHANGE) == {text: ["Sch\u00e9duling \U0001f600"] * 3}
    lines = path.read_bytes().splitlines()
    entries = [json.loads(line) for line in lines]
    digests = [hashlib.sha256(line).hexdigest() for line in lines]
    assert [entry["prev"] for entry in entries] == [None, *digests[:-1]]
    assert beside.read_bytes() == path.read_bytes()
    assert [("consent" in entry, entry.get("of")) for entry in entries[1:]] == [
        (True, None),
        (False, None),
        (True, "named"),
    ]


def test_a_torn_end_is_closed_before_anything_is_written_behind_it(functions: Functions, tmp_path: Path) -> None:
    ends = {"torn": (b'{"run', b'{"run\n'), "whole": (b"{}\n", b"{}\n"), "empty": (b"", b"")}
    for name, (text, _) in ends.items():
        (tmp_path / name).write_bytes(text)
    functions.values(*(opened(tmp_path / name, "'opened'") for name in ends), before=WITH + CHANGE)
    assert {name: (text, (tmp_path / name).read_bytes()) for name, (text, _) in ends.items()} == ends


def test_a_journal_that_was_changed_since_it_was_read_is_refused(functions: Functions, tmp_path: Path) -> None:
    (path := tmp_path / "a.jsonl").write_text("{}\n", "utf-8")
    open_it = "Start-Journal {{ $Run.Lengths['{0}'] = {1}; Open-Journal '{0}' }}"
    refused = {
        open_it.format(path, 3): "",
        open_it.format(path, 2): (
            f"Journal '{path}' cannot be opened for this run alone, or not written: "
            "another run has written to it after it was read."
        ),
        open_it.format(f"{path}.gone", 2): "cannot be opened for this run alone, or not written:",
        f"Start-Journal {{ Open-Journal '{tmp_path}' }}": "is not an ordinary file, but a folder",
    }
    assert functions.stops(refused, before=WITH + CHANGE, ends="refused journal") == refused
    assert not Path(f"{path}.gone").exists()


def test_where_the_journal_cannot_be_written_it_is_said_what_became_of_the_change(
    functions: Functions, tmp_path: Path
) -> None:
    path = tmp_path / "a.jsonl"
    closed = "$Run.Journal.Dispose(); Write-JournalEvent '{0}' -Change $Change -After $Change.Wanted"
    refused = {
        opened(path, closed.format("intent")): "so the change was not sent.",
        opened(path, closed.format("done")): "after the change was made. The change stays;",
        opened(path, closed.format("failed")): "after Exchange had refused the change, which was not made.",
        opened(path, closed.format("undone")): "after the change was undone.",
        opened(path, "[void] $Run.Journal.Seek(0, 'Begin'); $Run.Journal.SetLength(5); Write-JournalHeader"): (
            "The journal could not be written (another program has written to it.), so the change was not sent."
        ),
    }
    assert functions.stops(refused, before=WITH + CHANGE, ends="failed journal") == refused
