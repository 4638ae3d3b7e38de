"""Which lines of a journal a body takes for its own, and which it refuses to undo by (engine/60-journal)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.functions import Functions
from support.journals import as_first_format, chained

Json = dict[str, Any]
ROOM, GUID = "room@contoso.com", "4d0f2b7e-6a31-4c58-9b0d-7e5c3a1f2d64"
MADE = {"PrimarySmtpAddress": ROOM, "DisplayName": "Room", "Alias": "room"}
SCOPE = {"RecipientFilter": "MemberOfGroup -eq 'CN=a'"}
ADD_IN = {"AppVersion": "1.0", "ProvidedTo": "Everyone", "DefaultStateForUser": "Enabled", "Enabled": True}


def there(identity: Any = ROOM, **properties: Any) -> Json:
    return {"exists": True, "id": identity, "properties": properties}


def gone(identity: str = ROOM) -> Json:
    return {"exists": False, "id": identity, "properties": {}}


def line(step: str, before: Any, wanted: Any, after: Any = None, *, event: str = "intent", **more: Any) -> Json:
    return {"run": "1", "step": step, "event": event, "before": before, "wanted": wanted, "after": after, **more}


def created(**change: Any) -> Json:
    return {**line("equipment-mailbox", gone(), there(**MADE)), **change}


def altered(before: Json, wanted: Json, step: str = "equipment-mailbox", **change: Any) -> Json:
    return {**line(step, there(**before), there(**wanted)), **change}


def without(key: str, entry: Json) -> Json:
    return {name: value for name, value in entry.items() if name != key}


OURS: dict[str, Any] = {
    "creation": created(),
    "creation, done": created(event="done", after=there(GUID, **MADE)),
    "creation, refused by Exchange": created(event="failed"),
    "one property": altered({"Alias": "a"}, {"Alias": "b"}),
    "a property that was not set": altered({"DisplayName": None}, {"DisplayName": "b"}),
    "a member": altered({"anna@contoso.com": False}, {"anna@contoso.com": True}, "scheduling-members"),
    "an owner": altered({"owner:a@b.com": False}, {"owner:a@b.com": True}, "scheduling-group"),
    "a number": altered({"BookingWindowInDays": 1}, {"BookingWindowInDays": 2}, "equipment-calendar"),
    "a scope in another case": line(
        "application-scope", gone("S"), there("S", **SCOPE), there("s", **SCOPE), event="done"
    ),
    "an add-in for a user": line("add-in", gone(GUID), there(GUID, **ADD_IN, **{"user:a@b.com": True})),
    "a removal taken back": created(event="undone", before=there(GUID, **MADE), wanted=gone()),
    "what a later body adds": created(noted="x"),
}
STRANGE: dict[str, Any] = {
    "no object": [created(), created()],
    "a list of one": [created()],
    "a step in another case": created(step="Equipment-Mailbox"),
    "a property with a line end": altered({"Alias\n": "a"}, {"Alias\n": "b"}),
    "a creation with a line end in a property": created(
        wanted=there(**{"PrimarySmtpAddress": ROOM, "DisplayName": "Room", "Alias\n": "room"})
    ),
    "an add-in by an ID with a line end": line("add-in", gone(f"{GUID}\n"), there(f"{GUID}\n", **ADD_IN)),
    "another step": created(step="legacy-account"),
    "no step": without("step", created()),
    "another event": created(event="removed"),
    "an event in another case": created(event="Intent"),
    "nothing about afterwards": without("after", created()),
    "no snapshot before": created(before=None),
    "a snapshot that is text": created(before="nothing"),
    "a snapshot without an identity": created(before=gone(""), wanted=there("", **MADE)),
    "an identity that is a number": created(before={**gone(), "id": 5}, wanted=there(5, **MADE)),
    "an existence that is text": created(before={**gone(), "exists": "false"}),
    "properties that are a list": created(before={**gone(), "properties": []}),
    "a value that is a table": altered({"Alias": {"a": 1}}, {"Alias": "b"}),
    "a value that is a list": altered({"Alias": ["a"]}, {"Alias": "b"}),
    "a value that is a fraction": altered({"Alias": 1.5}, {"Alias": "b"}),
    "an answer that is no snapshot": created(event="done", after="done"),
    "an object before, another one wanted": created(before=gone("Room@contoso.com")),
    "a property of no step": altered({"EmailAddresses": "a"}, {"EmailAddresses": "b"}),
    "a property of another step": altered({"MemberJoinRestriction": "Open"}, {"MemberJoinRestriction": "Closed"}),
    "two properties in one name": altered({"Alias,Alias": "a"}, {"Alias,Alias": "b"}),
    "a creation with two properties in one name": created(
        wanted=there(**{"PrimarySmtpAddress,DisplayName": ROOM, "Alias": "room"})
    ),
    "a property without a name": altered({" ": "a"}, {" ": "b"}, "ews-access"),
    "no property": altered({}, {}),
    "another property before": altered({"Alias": "a"}, {"DisplayName": "b"}),
    "one property more before": altered({"Alias": "a", "DisplayName": "a"}, {"Alias": "b"}),
    "other properties afterwards": altered({"Alias": "a"}, {"Alias": "b"}, after=there(DisplayName="b"), event="done"),
    "a creation with less": created(wanted=there(**without("Alias", MADE))),
    "a creation with more": created(wanted=there(**MADE, EmailAddresses="x")),
    "a creation in another order": created(wanted=there(**dict(reversed(MADE.items())))),
    "a creation of what is only ever changed": created(step="equipment-calendar"),
    "a removal": created(before=there(**MADE), wanted=gone()),
    "another scope afterwards": line(
        "application-scope", gone("S"), there("S", **SCOPE), there("T", **SCOPE), event="done"
    ),
    "an add-in by its name": line("add-in", gone("Pexip"), there("Pexip", **ADD_IN)),
    "a key of a dictionary's own": created(Count=1),
    "a snapshot with such a key": created(before={**gone(), "Keys": []}),
    "a property of such a name": altered({"count": False}, {"count": True}, "ews-access"),
}
ROLE = {"Role": "R", "RoleAssigneeName": "a", "CustomRecipientWriteScope": "s", "RecipientFilter": "f"}


def removal(identity: str, properties: Json, **change: Any) -> Json:
    return {**line("legacy-impersonation", there(identity, **properties), gone(identity)), **change}


REMOVALS: dict[str, tuple[bool, Json]] = {
    "an assignment": (True, removal("assignment:a", ROLE)),
    "a scope, done": (True, removal("scope:s", {"RecipientFilter": "f"}, after=gone("scope:s"), event="done")),
    "what is said to be there afterwards": (False, removal("scope:s", SCOPE, after=there("scope:s", **SCOPE))),
    "what was not there before": (
        False,
        removal("scope:s", SCOPE, before={**there("scope:s", **SCOPE), "exists": False}),
    ),
    "less than is recorded of one": (False, removal("assignment:a", {"Role": "R"})),
    "something of another kind": (False, removal("role:a", ROLE)),
    "something by a pattern": (False, removal("assignment:*", ROLE)),
    "something without a name": (False, removal("assignment: ", ROLE)),
    "the removal of another step": (False, {**removal("assignment:a", ROLE), "step": "application-role"}),
}


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def dumped(entry: Any) -> str:
    return json.dumps(entry, separators=(",", ":"))


def judged(functions: Functions, entries: Mapping[str, Any]) -> dict[str, bool]:
    """Return of each line by its name whether it is one that this script could have written."""
    texts = {
        name: f"Test-JournalEvent (ConvertFrom-JournalLine {quoted(dumped(one))})" for name, one in entries.items()
    }
    found = functions.values(*texts.values())
    return {name: found[text] for name, text in texts.items()}


def test_a_line_that_this_script_writes_is_taken(functions: Functions) -> None:
    assert judged(functions, OURS) == dict.fromkeys(OURS, True)


def test_a_line_that_this_script_cannot_have_written_is_not_taken(functions: Functions) -> None:
    assert judged(functions, STRANGE) == dict.fromkeys(STRANGE, False)


def test_a_removal_is_taken_of_the_one_step_that_removes(migrate_functions: Functions) -> None:
    entries = {name: entry for name, (_, entry) in REMOVALS.items()}
    assert judged(migrate_functions, entries) == {name: is_taken for name, (is_taken, _) in REMOVALS.items()}


def test_what_a_line_says_is_read_as_it_was_written(functions: Functions) -> None:
    said: dict[str, Any] = {
        "utc": "2026-11-03T23:05:09+01:00",
        "date": "/Date(1762207509000)/",
        "quote": 'say "x" \\',
        "letters": "\u00e9\n\t\U0001f600",
        "mark": "~",
        "empty": "",
        "list": [1, None, True, "a", []],
        "one": ["a"],
        "table": {"a b": {}, "2026-11-03T22:05:09Z": False},
        "large": 9007199254740993,
    }
    read = f"(ConvertFrom-JournalLine {quoted(dumped(said))})"
    wanted = {read: said, f"{read}['utc'].GetType().Name": "String", f"{read}['date'].GetType().Name": "String"}
    assert functions.values(*wanted) == wanted


HEADER = {"format": "pexgen.journal/2", "run": "1", "name": "contoso-scheduling"}
SECOND = {**HEADER, "run": "2"}


def text_of(*entries: Json) -> str:
    return chained("".join(dumped({**one, "prev": None}) + "\n" for one in entries))


INTENT, DONE = created(), created(event="done", after=there(GUID, **MADE))
WHOLE = text_of(HEADER, INTENT, DONE)
LINES = WHOLE.splitlines(keepends=True)
TORN = WHOLE[:-60]
FIRST = as_first_format(WHOLE)
OTHER = chained(WHOLE + dumped({**SECOND, "prev": None}) + "\n" + dumped({**INTENT, "run": "2", "prev": None}) + "\n")
NOT_OURS, BROKEN = "is not what this script writes", "does not follow on the line before it"
FILES: dict[str, tuple[str | bytes, str]] = {
    "whole": (WHOLE, "1:2"),
    "without its last line end": (WHOLE.rstrip(), "1:2"),
    "with the line ends of another system": (WHOLE.replace("\n", "\r\n"), "1:2"),
    "with a mark of its encoding": (WHOLE.encode("utf-8-sig"), "1:2"),
    "two runs": (OTHER, "1:2 2:1"),
    "of the first format": (FIRST, "1:2"),
    "of the first format, continued": (FIRST + text_of(SECOND).replace(":null}", f':"{"0" * 64}"}}'), BROKEN),
    "of the first format, continued as it has to be": (
        chained(FIRST + dumped({**SECOND, "prev": None}) + "\n"),
        "1:2 2:0",
    ),
    "nothing": ("", ""),
    "empty lines": ("\n \n", ""),
    "torn at its end": (TORN, "1:1"),
    "torn, and a run after that": (FIRST[:-60] + "\n" + dumped({**HEADER, "format": "pexgen.journal/1"}), "1:1 1:0"),
    "torn, and a line of the same run after that": (FIRST[:-60] + "\n" + FIRST.splitlines()[2], "Line 4"),
    "torn twice": (FIRST[:-60] + '\n{"run":"1","st\n', "Line 4"),
    "a header torn": (WHOLE + '{"format":"pexg', "1:2"),
    "another text": ("Dear colleague\n", f"Line 1 of journal 'FILE' {NOT_OURS}"),
    "another text behind it": (WHOLE + "{}\n", f"Line 4 of journal 'FILE' {NOT_OURS}"),
    "a number": (WHOLE + "5\n", f"Line 4 of journal 'FILE' {NOT_OURS}"),
    "a line before the header": (LINES[1] + LINES[0], f"Line 1 of journal 'FILE' {NOT_OURS}"),
    "a line of another run": (text_of(HEADER, {**INTENT, "run": "2"}), f"Line 2 of journal 'FILE' {NOT_OURS}"),
    "an earlier format behind a later one": (WHOLE + FIRST, f"Line 4 of journal 'FILE' {NOT_OURS}"),
    "a format of later": (WHOLE.replace("journal/2", "journal/3", 1), f"Line 1 of journal 'FILE' {NOT_OURS}"),
    "a letter in another encoding": (
        text_of(HEADER, created(wanted=there(**MADE | {"DisplayName": "R#m"}))).encode().replace(b"R#m", b"R\xe9m"),
        f"Line 2 of journal 'FILE' {NOT_OURS}",
    ),
    "saved as two bytes a letter": (WHOLE.encode("utf-16"), f"Line 1 of journal 'FILE' {NOT_OURS}"),
    "a word edited": (WHOLE.replace('"Room"', '"Loom"', 1), f"Line 3 of journal 'FILE' {BROKEN}"),
    "a line taken out": (OTHER.replace(LINES[2], ""), f"Line 3 of journal 'FILE' {BROKEN}"),
    "two lines in another order": (LINES[0] + LINES[2] + LINES[1], f"Line 2 of journal 'FILE' {BROKEN}"),
    "what was never announced": (text_of(HEADER, DONE), "says how a change ended that no line before it announces"),
    "announced by another run": (
        text_of(HEADER, INTENT, SECOND, {**DONE, "run": "2"}),
        "Line 4 of journal 'FILE' says how a change ended",
    ),
}


def test_a_file_is_read_whole_or_refused_with_its_line(functions: Functions, tmp_path: Path) -> None:
    read = "@(foreach ($one in (Read-Journal {0})) {{ \"$($one.Header['run']):$($one.Entries.Count)\" }}) -join ' '"
    texts = {}
    for number, (name, (text, _)) in enumerate(FILES.items()):
        path = tmp_path / f"{number}.jsonl"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        texts[name] = (str(path), read.format(quoted(str(path))))
    found = {}
    for name, answer in zip(FILES, functions.answers(*(text for _, text in texts.values())), strict=True):
        said = answer["stop"]["detail"] if "stop" in answer else answer["values"][0]
        part = FILES[name][1]
        said = said.replace(texts[name][0], "FILE")
        found[name] = part if part and part in said else said
    assert found == {name: part for name, (_, part) in FILES.items()}
