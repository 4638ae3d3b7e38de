"""On a terminal of 80 cells nothing breaks inside a word, and in a file or a pipe nothing breaks at all."""

from __future__ import annotations

import re

import pytest
import typer

from pexgen.cli._app import COMMANDS, SUMMARIES, app
from pexgen.cli._text import fitted, render_problems
from pexgen.errors import Problem

WIDTH = 80
SHOWN = [
    ["lint", "app-permissions.yaml"],
    ["lint", "bad.yaml", "absent.yaml"],
    ["render", "app-permissions.yaml", "--allow-unreviewed"],
    ["render", "app-permissions.yaml", "-o", "absent"],
    ["values", "app-permissions.yaml"],
    ["-v", "values", "migrate.yaml"],
    ["diff", "app-permissions.yaml", "new.yaml"],
    ["explain", "PXG120", "ews-access", "kept", "5"],
    ["facts"],
    ["plan", "app-permissions.yaml", "--allow-unreviewed"],
    ["templates", "list", "--check"],
    ["sensible"],
]


def too_long(text: str) -> list[str]:
    """Return the lines that a terminal would break inside a word or between two: one word alone has no other way."""
    bare = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return [line for line in bare.split("\n") if len(line) > WIDTH and " " in line.strip()]


@pytest.mark.parametrize("arguments", SHOWN, ids=" ".join)
def test_no_line_is_longer_than_the_terminal(on_screen, arguments) -> None:
    shown = on_screen(*arguments)
    assert shown
    assert too_long(shown) == []


def paths() -> list[str]:
    root = typer.main.get_command(app)
    found = [""]
    for name in COMMANDS:
        command = root.get_command(None, name)
        found += [name, *(f"{name} {inner}" for inner in getattr(command, "commands", {}))]
    return found


@pytest.mark.parametrize("path", paths())
def test_help_fits_and_its_examples_are_one_line_each(on_screen, path) -> None:
    shown = on_screen(*path.split(), "--help")
    assert too_long(shown) == []
    examples = shown.partition("  Examples:\n")[2].partition("\n\n")[0]
    # Half an example would be copied.
    assert all(re.match(r"    (pexgen |eval )", line) for line in examples.splitlines()), examples


def test_the_summary_of_every_command_is_a_whole_sentence(on_screen) -> None:
    shown = on_screen("--help").partition("Commands:\n")[2]
    for name in COMMANDS:
        assert SUMMARIES[name].endswith(".")
        assert re.search(rf"^  {name} +{re.escape(SUMMARIES[name])}$", shown, re.MULTILINE), name


def test_a_file_or_a_pipe_has_whole_lines(on_screen) -> None:
    shown = on_screen("lint", "bad.yaml", terminal=False)
    assert max(map(len, shown.splitlines())) > WIDTH
    assert "\x1b" not in shown
    assert all(
        re.match(r"bad\.yaml:\d+:\d+: |  (\| |hint: )|\d+ errors|More on|Facts", line) for line in shown.splitlines()
    )


def test_words_go_on_below_where_their_line_began() -> None:
    assert fitted("  one two three four five six", 20) == "  one two three four\n    five six"
    assert fitted("x" * 30 + " y", 20) == "x" * 30 + "\n  y"
    assert fitted("one two three four five six", 0) == "one two three four five six"
    colored = "\x1b[1;31mone two three\x1b[0m four five six"
    assert fitted(colored, 20) == "\x1b[1;31mone two three\x1b[0m four\n  five six"


@pytest.mark.parametrize("column", [1, 100, 190])
def test_the_excerpt_of_a_long_line_is_cut_between_words_and_the_caret_stays_below_what_is_meant(column) -> None:
    line = " ".join(f"word{number:03}" for number in range(25))
    begin = line.rfind(" ", 0, column) + 1
    problem = Problem("PXG024", "wrong", "x.yaml", 1, begin + 1, 7, line)
    _, excerpt, caret = render_problems([problem], width=WIDTH).splitlines()
    assert len(excerpt) <= WIDTH
    assert set(excerpt.removeprefix("  | ").split()) <= set(line.split())
    assert excerpt[caret.index("^") :][:7] == line[begin : begin + 7]
