"""The quick start's sections 6 to 9, typed as they stand on the page, in the session of ``pexgen rehearse --shell``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("the terminal of these tests is one of Unix", allow_module_level=True)

from support.console import Console, in_terminal
from support.journals import entries

PAGE = "docs/quick-start.md"
PROMPT = re.compile(r"^PS C:\\change> (?P<command>.*)\n", re.MULTILINE)
_BLOCK = re.compile(
    r"(?:<!-- played(?:: (?P<note>[^\n]*?))? -->\n)?```(?P<kind>console|powershell)\n(?P<text>.*?)```", re.DOTALL
)
# Not at the beginning of a line alone: what shows the progress is written over with blanks.
_STEP = re.compile(r"(?<!\S)([a-z][a-z-]+) {2,}(in-place|not-asked|different|changed|proved|undone|kept) {2,}\S")
_EXIT = re.compile(r"^Exit code (\d)\.", re.MULTILINE)


@dataclass(frozen=True)
class Typed:
    """A line to type, what is answered to its questions, and what the page shows of it, if anything."""

    command: str
    answers: tuple[str, ...] = ()
    screen: str = ""


def typed(page: str) -> Iterator[Typed]:
    """Yield what sections 6 to 9 have their reader type, in their order."""
    sections = page[page.index("\n## 6. ") : page.index("\n## What next")]
    for found in _BLOCK.finditer(sections):
        if found["kind"] == "powershell":
            yield from (Typed(line) for line in found["text"].splitlines() if line)
            continue
        note = found["note"] or ""
        answers = tuple(note.removeprefix("asked ").split()) if note.startswith("asked ") else ()
        _, *parts = PROMPT.split(found["text"])
        yield from (Typed(*each) for each in zip(parts[::2], [answers] * len(parts), parts[1::2], strict=False))


@pytest.fixture
def described(pages, tool, tmp_path) -> Path:
    """The description that the page has written by the end of its section 3, in a folder of its own."""
    transcripts = tool("transcripts")
    stage = transcripts.Stage(tmp_path, engine=None)
    for block in transcripts._BLOCK.finditer(pages[PAGE][: pages[PAGE].index("\n## 4. ")]):
        note, text = block["note"] or "", block["text"]
        if block["kind"] == "diff":
            stage.edit(note.removeprefix("edit "), text)
        elif "pexgen init" in text:
            stage.play(text.splitlines()[0].removeprefix(transcripts.PROMPT), note)
    return tmp_path / "contoso.yaml"


def test_sections_6_to_9_are_walked_by_hand_and_end_as_the_page_shows(pages, tool, pwsh, described, tmp_path) -> None:
    folder = tmp_path / "change"
    lines = list(typed(pages[PAGE]))
    assert lines[0].command.split()[0] == "Connect-ExchangeOnline"
    assert sum(bool(line.answers) for line in lines) == 2
    prompt = f"[rehearsal] PS {folder}> "
    command = [sys.executable, "-c", tool("transcripts")._REVIEWED, "rehearse", str(described), "--shell"]
    with in_terminal([*command, "-o", str(folder)], {"PEXGEN_PWSH": pwsh}, columns=200) as shell:
        begin = shell.wait_for(prompt, 120)
        assert "No tenant is reached or changed." in begin
        assert "Leave with: exit" in begin
        for line in lines:
            shown = _type(shell, line, prompt)
            assert _STEP.findall(shown) == _STEP.findall(line.screen), line.command
            assert _EXIT.findall(shown) == _EXIT.findall(line.screen), line.command
            if codes := _EXIT.findall(line.screen):
                assert codes == [_type(shell, Typed("$LASTEXITCODE"), prompt).split()[-4]]
        for spoken in re.findall(r"`((?:Get-FileHash|Unblock-File) [^`]+)`", pages[PAGE]):
            assert "rror" not in _type(shell, Typed(spoken), prompt)
        shell.type("exit\r")
        assert shell.ended() == 0
    assert "The simulated tenant: as before." in shell.screen
    assert _codes(folder) == {"Apply": [0, 0], "Verify": [0], "Rollback": [0]}
    written = entries((folder / "CHG0031337.journal.jsonl").read_text("utf-8"))
    undone = {row["step"] for row in written if row.get("event") == "undone"}
    assert undone == {step for step, state in _STEP.findall(lines[-1].screen) if state == "undone"}
    assert json.loads((folder / "contoso-scheduling.tenant.json").read_text("utf-8"))["format"] == "pexgen.tenant/1"


def _type(shell: Console, line: Typed, prompt: str) -> str:
    """Type a line and its answers; return what is shown up to the next prompt, and with it."""
    shell.type(f"{line.command}\r")
    shown = ""
    for answer in line.answers:
        shown += shell.wait_for("[?] Help", 120) + shell.wait_for('"): ')
        shell.type(f"{answer}\r")
    return shown + shell.wait_for(f"\n{prompt}", 120)


def _codes(folder: Path) -> dict[str, list[int]]:
    """Return the exit codes of the results in a folder, by mode."""
    found: dict[str, list[int]] = {}
    for path in [*folder.glob("*.result.json"), folder / "CHG0031337.verify.json"]:
        result = json.loads(path.read_text("utf-8"))
        found.setdefault(result["mode"], []).append(result["exitCode"])
    return found
