"""What stands on the screen: this script's words alone, in lines that fit."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable

import pytest
from support.sites import Json, SiteOf
from support.tenants import EQUIPMENT, recipient

from pexgen.catalogue import template_folder

PART = template_folder() / "engine" / "66-screen.ps1"
HIDDEN = re.compile(r"[^\x20-\x7e\n\u00a1-\u02ff\u0370-\u058f\u2010-\u2027\u4e00-\u9fff\U0001f300-\U0001faff]")
NAME = "Room\u202e\u001b[2J\u200b\u2028\n[Y] Yes\r\u0007\u009b1m\u00a0\u3164\ud83d\ude00\U000e0041"
SHOWN = (
    "Room<U+202E><U+001B>[2J<U+200B><U+2028><U+000A>[Y] Yes"
    "<U+000D><U+0007><U+009B>1m<U+00A0><U+3164>\U0001f600<U+E0041>"
)


def hostile(site: SiteOf) -> Json:
    """A tenant in which the equipment mailbox is there, and somebody gave it a name that a terminal would act upon."""
    tenant = site().run("Apply").tenant
    recipient(tenant, EQUIPMENT)["DisplayName"] = NAME.encode("utf-16", "surrogatepass").decode("utf-16")
    return tenant


def test_what_a_terminal_would_act_upon_is_shown_by_its_code(site: SiteOf) -> None:
    run = site().run("Check", hostile(site))
    assert SHOWN in run.screen
    assert HIDDEN.findall(run.screen) == []


def test_a_name_adds_no_line_to_a_question(site: SiteOf) -> None:
    run = site().run("Apply", hostile(site), options={"answers": ["n"]})
    assert SHOWN in run.screen
    assert HIDDEN.findall(run.screen) == []
    assert len(re.findall(r"^\[Y\] Yes", run.screen, re.MULTILINE)) == 1


Split = Callable[[str, int], list[str]]


@pytest.fixture(scope="module")
def split(
    run_powershell: Callable[..., subprocess.CompletedProcess[bytes]], tmp_path_factory: pytest.TempPathFactory
) -> Split:
    """The lines into which a text is broken, in a screen of that width."""
    folder = tmp_path_factory.mktemp("split")

    def lines(text: str, width: int) -> list[str]:
        (given := folder / "text.txt").write_text(text, "utf-8")
        written = folder / "lines.txt"
        run_powershell(
            f"$Run = @{{}}; . '{PART}'; $text = [IO.File]::ReadAllText('{given}'); "
            f"[IO.File]::WriteAllLines('{written}', [string[]] @(Split-Line $text -Width {width}))"
        )
        return written.read_text("utf-8").splitlines()

    return lines


def test_a_line_is_broken_between_words_under_the_column_of_its_text(split: Split) -> None:
    assert split("Journal   one two three four five six", 20) == [
        "Journal   one two",
        "          three four",
        "          five six",
    ]
    assert split("    a note of some words", 16) == ["    a note of", "      some words"]


def test_without_a_width_a_line_stays_whole_and_a_wide_word_is_never_cut(split: Split) -> None:
    assert split("one two three " * 30, 0) == ["one two three " * 30]
    assert split(f"Body      {'f' * 64} reviewed", 40) == [f"Body      {'f' * 64}", "          reviewed"]


def test_verbose_names_each_remote_call_with_what_it_is_about_and_its_milliseconds(site: SiteOf) -> None:
    run = site().run("Apply", Step=["equipment-mailbox"], Verbose=True, LogPath="log.txt")
    assert run.exit_code == 0, run.screen
    said = re.findall(r"^VERBOSE: ([A-Z][\w-]+(?: or [\w-]+)*): (.+), \d+ ms$", run.screen, re.MULTILINE)
    assert ("Get-Recipient", f"recipient {EQUIPMENT}") in said
    assert any("New-Mailbox" in name and f"create the equipment mailbox {EQUIPMENT}" in about for name, about in said)
    remote = [call.cmdlet for call in run.calls if call.cmdlet != "Get-ConnectionInformation"]
    assert [one for one in remote if not any(one in name for name, _ in said)] == []
    assert all(f"VERBOSE: {name}: {about}, " in (run.folder / "log.txt").read_text("utf-8") for name, about in said)
