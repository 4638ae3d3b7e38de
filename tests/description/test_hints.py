"""What a tired administrator is told to do: advice that is there, and that works where it is followed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pexgen.description import load
from pexgen.errors import InputError, Problem

SAMPLE = (Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml").read_text(encoding="utf-8")


def problems(text: str) -> tuple[Problem, ...]:
    """Return what is wrong with a description."""
    try:
        load(text.encode(), "x.yaml")
    except InputError as error:
        return error.problems
    return ()


def wrong(*changes: tuple[str, str]) -> str:
    text = SAMPLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


# What is wrong, in which line of it, what the hint says to write, and what stands there afterwards.
WRONG = {
    "commas": ("  in_scope: [adele.vance@contoso.com]", "  in_scope: adele.vance@contoso.com, b@contoso.com"),
    "one entry": ("  in_scope: [adele.vance@contoso.com]", "  in_scope: adele.vance@contoso.com"),
    "braces": ("  object_id: c0ffee00", "  object_id: {c0ffee00-1234-4abc-9def-567890abcdef} #"),
    "list": ("  ticket: CHG0031337", "  ticket: [CHG0031337]"),
    "alias": ("  name: Pexip Scheduling\n", "  name: Pexip Scheduling\n  alias: pexip scheduling\n"),
    "colon": ("  name: Pexip Schedulers\n", "  name: Pexip: the schedulers\n"),
    "colon and comment": ("  name: Pexip Schedulers\n", "  name: Pexip: the schedulers # who they are\n"),
    "switch": ("  switch_on: true", '  switch_on: "yes"'),
    "number": ("\nproof:", "\nscope:\n  max_mailboxes: fifty\nproof:"),
    "text number": ("\nproof:", '\nscope:\n  max_mailboxes: "50"\nproof:'),
    "version": ("version: 1", "version: 2"),
    "entry": (
        "    - client_id: 1b2c3d4e-5f60-4718-92a3-b4c5d6e7f809\n      name: Room displays",
        "    - Room displays",
    ),
    "platform": ("platform: exchange-online", "platform: exchange-server"),
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_the_line_that_a_hint_says_to_write_is_right_in_its_place(changes) -> None:
    text = wrong(changes)
    found = problems(text)
    assert found
    hint, line = found[0].hint, found[0].line
    (advised,) = (
        re.findall(r"(?:write|such as) `([^`]+)`", hint)[:1] or re.findall(r"write ([\w-]+), for example", hint)[:1]
    )
    lines = text.split("\n")
    begin = re.match(r" *", lines[line - 1])[0]
    if ":" not in advised:
        advised = f"{lines[line - 1].strip().partition(':')[0]}: {advised}"
    lines[line - 1] = begin + advised
    mended = problems("\n".join(lines))
    assert [each.message for each in mended if each.line == line and each.code != "PXG021"] in (
        [],
        # A name is no client ID; the hint says where it goes.
        ["`ews.keep[0].client_id` must be a GUID: 32 hexadecimal digits in groups of 8-4-4-4-12, without braces"],
    )


@pytest.mark.parametrize(
    ("changes", "line", "hint"),
    [
        ([("alex.wilber@contoso.com", "alex.wilber@contoso,com")], 50, "write alex.wilber@contoso.com, with a period"),
        ([("  members:", "   members:")], 48, "begin it in column 3"),
        ([("- client_id: 1b2c", "- 1b2c")], 64, "`- KEY: value`"),
        ([("method: app-permissions", "method app-permissions")], 6, "write `key: value`"),
        ([("tenant_id: 8a1c5e0b", "tenant_id: 8a1c5e0")], 11, "it has 31 hexadecimal digits, and a GUID has 32"),
        ([("\nproof:", "\naccept:\n  - {code: PXG999, reason: x}\nproof:")], 55, "`pexgen explain PXG104`"),
        ([("\nproof:", "\naccept:\n  - PXG109\nproof:")], 55, "write `- code: PXG109`"),
        ([("platform: exchange-online", "platform: office365")], 9, "write `exchange-online` or `exchange-server`"),
    ],
)
def test_a_hint_leads_somewhere_and_its_line_is_that_of_the_mistake(changes, line, hint) -> None:
    found = problems(wrong(*changes))
    assert (found[0].line, hint in found[0].hint) == (line, True), found[0]


def test_another_platform_than_the_methods_is_one_problem_and_not_five() -> None:
    (found,) = problems(wrong(("platform: exchange-online", "platform: exchange-server")))
    assert found.message == "`target.platform` must be `exchange-online` with `method: app-permissions`"
    assert found.hint == "write `platform: exchange-online`, or for Exchange Server `method: service-account`"


def test_a_bad_address_among_four_hundred_is_named_with_its_line_and_a_way_out() -> None:
    members = "".join(f"    - user{number}@contoso.com\n" for number in range(398))
    (found,) = problems(wrong(("  members:\n", f"  members:\n{members}    - user.contoso.com\n")))
    assert (found.line, found.source_line) == (447, "    - user.contoso.com")
    assert "an address has an @" in found.hint
