"""What a page shows of a console is what comes out."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from types import ModuleType

import pytest

from pexgen.cli import run
from pexgen.render import Renderer

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def transcripts(tool, approving: Renderer, rehearsing_engine, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool, whose rehearsals are played in this process by this worker's engine; all else is as always."""
    found: ModuleType = tool("transcripts")

    class Stage(found.Stage):
        def _pexgen(self, arguments: list[str]) -> str:
            if arguments[0] != "rehearse":
                return str(super()._pexgen(arguments))
            shown = io.StringIO()
            with monkeypatch.context() as here, contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
                here.chdir(self.folder)
                here.setenv("COLUMNS", "100")
                here.setenv("NO_COLOR", "1")
                here.setattr("pexgen.render.load_ledger", lambda _: approving._ledger)
                run(arguments)
            return shown.getvalue()

    monkeypatch.setattr(found, "Stage", Stage)
    return found


@pytest.mark.parametrize("name", ["README.md", "docs/quick-start.md"])
def test_every_command_answers_as_it_is_shown(pages, transcripts, rehearsing_engine, name) -> None:
    assert transcripts.current(pages[name], rehearsing_engine) == pages[name], "run python tools/transcripts.py"


def test_the_tool_plays_every_page_that_shows_a_console(pages, tool) -> None:
    assert sorted(tool("transcripts").PAGES) == sorted(name for name, text in pages.items() if "<!-- played" in text)


def test_without_powershell_the_tool_says_so_in_one_line(tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEXGEN_PWSH", "no-such-powershell")
    with pytest.raises(SystemExit) as ended:
        tool("transcripts").main(["--check"])
    said = "transcripts.py: PEXGEN_PWSH names 'no-such-powershell'"
    assert re.fullmatch(f"{said}.+", str(ended.value))


def test_an_edit_that_does_not_fit_is_an_error(tool, tmp_path) -> None:
    transcripts = tool("transcripts")
    (tmp_path / "a.yaml").write_text("name: a\n", encoding="utf-8")
    stage = transcripts.Stage(tmp_path, engine=None)
    stage.edit("a.yaml", "-name: a\n+name: b\n")
    assert (tmp_path / "a.yaml").read_text(encoding="utf-8") == "name: b\n"
    with pytest.raises(ValueError, match="0 times"):
        stage.edit("a.yaml", "-name: a\n+name: c\n")


def test_the_excerpt_of_a_runbook_is_one(pages) -> None:
    (excerpt,) = re.findall(
        r"<!-- excerpt of the sample's runbook -->\n```powershell\n(.*?)```", pages["README.md"], re.DOTALL
    )
    source = (CHECKOUT / "samples" / "app-permissions.yaml").read_bytes()
    runbook = Renderer(allow_unreviewed=True).render(source, "app-permissions.yaml").runbook
    assert excerpt in runbook.decode("utf-8-sig").replace("\r\n", "\n")


def test_a_defect_is_not_written_into_a_page(tool, tmp_path) -> None:
    stage = tool("transcripts").Stage(tmp_path, engine=None)
    stage._runbook = lambda _words, _note: "A defect of this script, please report it: no"
    with pytest.raises(ValueError, match="shows a defect"):
        stage.play(r".\contoso.ps1", "")
