"""What stands on the screen: this script's words alone, in lines that fit."""

from __future__ import annotations

import re

from support.sites import Json, SiteOf
from support.tenants import EQUIPMENT, recipient

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


def test_verbose_names_each_remote_call_with_what_it_is_about_and_its_milliseconds(site: SiteOf) -> None:
    run = site().run("Apply", Step=["equipment-mailbox"], Verbose=True, LogPath="log.txt")
    assert run.exit_code == 0, run.screen
    said = re.findall(r"^VERBOSE: ([A-Z][\w-]+(?: or [\w-]+)*): (.+), \d+ ms$", run.screen, re.MULTILINE)
    assert ("Get-Recipient", f"recipient {EQUIPMENT}") in said
    assert any("New-Mailbox" in name and f"create the equipment mailbox {EQUIPMENT}" in about for name, about in said)
    remote = [call.cmdlet for call in run.calls if call.cmdlet != "Get-ConnectionInformation"]
    assert [one for one in remote if not any(one in name for name, _ in said)] == []
    assert all(f"VERBOSE: {name}: {about}, " in (run.folder / "log.txt").read_text("utf-8") for name, about in said)
