"""Every command and option that a message or a page names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from pexgen.cli._app import COMMANDS, app

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("pexgen", "templates", "docs")
KINDS = {".py", ".ps1", ".j2", ".yaml", ".json", ".md"}
LEFT_OUT = {"cmdlets.json", "signatures.json", "signatures-server.json", "reviews.yaml"}
PROSE = frozenset(
    re.findall(
        r"\w+",
        """
        a about accepts acts as calls import log raises rendered runbook sets too for
        adds alone and answers approves are asked asks at begins belongs beside body build builds by
        can cannot changes checks compares concludes counts could decides describes discovery do does either ends exists
        expects finds first found from gives goes had handles has hashes have here holds in into is it itself keeps knew
        knows looks made makes may means might must names needs never no nor notes of off on only or orders passes plays
        prints project promises proves put puts reads refuses rehearsal release renders reviews runs said saw says
        sees shows since stays takes talks tells text that the then this to tried turns unless uses version versions was
        were what when where which will with without wrote writes whose would
        """,
    )
)
"""Words that follow the name in a sentence. A command is never one of them unless it is there."""

ELSEWHERE = {
    "--from", "--check", "--help", "--user", "--strip", "--no-index", "--upgrade", "--editable", "--require-hashes",
    "--allow-shlib-undefined", "--word-diff", "--renormalize", "--show-toplevel", "--global",
    "--cached", "--hard", "--noprofile",
}  # fmt: skip
"""Options of other programs."""


def texts() -> Iterator[tuple[str, str]]:
    files = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "samples").glob("*.yaml")]
    for folder in FOLDERS:
        files += sorted((ROOT / folder).rglob("*"))
    for path in files:
        if path.suffix in KINDS and path.name not in LEFT_OUT:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8-sig")


@pytest.fixture(scope="module")
def tree() -> dict[str, set[str]]:
    """The options of each command, and of each command's own commands, by their names."""
    root: Any = typer.main.get_command(app)
    found = {"": _options(root)}
    for name in COMMANDS:
        command = root.get_command(None, name)
        found[name] = _options(command)
        for inner, subcommand in getattr(command, "commands", {}).items():
            found[f"{name} {inner}"] = _options(subcommand)
    return found


def _options(command: Any) -> set[str]:
    return {"--help", "-h", *(option for each in command.params for option in (*each.opts, *each.secondary_opts))}


def test_every_word_behind_the_program_is_a_command_or_a_sentence(tree: dict[str, set[str]]) -> None:
    wrong = []
    for name, text in texts():
        for found in re.finditer(r"(?<![\w./\\-])pexgen +([a-z][a-z-]*)(?![\w.:/(])", text):
            word = found[1]
            if word not in tree and word not in PROSE:
                wrong.append(f"{name}: pexgen {word}")
    assert wrong == []


def test_a_command_stands_in_code_where_a_sentence_could_be_meant(tree: dict[str, set[str]]) -> None:
    """In backticks only a command follows the program."""
    wrong = [
        f"{name}: {found[0]}"
        for name, text in texts()
        for found in re.finditer(r"`pexgen ([a-z][a-z-]*)([^`\n]*)`", text)
        if found[1] not in tree
    ]
    assert wrong == []


def test_every_option_behind_a_command_is_one_of_it(tree: dict[str, set[str]]) -> None:
    wrong = []
    for name, text in texts():
        for found in re.finditer(r"(?<![\w./\\-])pexgen ((?:-[a-z-]+ )*)([a-z][a-z-]*)([^\n`;|&]*)", text):
            command = found[2]
            if command not in tree:
                continue
            inner = found[3].split()[:1]
            if inner and f"{command} {inner[0]}" in tree:
                command = f"{command} {inner[0]}"
            known = tree[command] | tree[""]
            said = re.split(r"[.:,] |\"|'", found[3])[0]
            wrong += [
                f"{name}: pexgen {command} {option}"
                for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", said)
                if option not in known
            ]
    assert wrong == []


def test_every_option_that_is_named_alone_is_one_of_some_command(tree: dict[str, set[str]]) -> None:
    known = set().union(*tree.values()) | ELSEWHERE
    wrong = []
    for name, text in texts():
        is_ours = not name.startswith(("pexgen/connector", "pexgen/output/style", "CONTRIBUTING"))
        if name.endswith((".py", ".md", ".yaml")) and is_ours:
            wrong += [
                f"{name}: {option}"
                for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+(?![\w-])", text)
                if option not in known
            ]
    assert wrong == []
