"""The tutorial of ``docs/takeover.md``, command by command, on the simulated Exchange."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sites import Json, SiteOf, states
from support.tenants import EQUIPMENT, changed, named, recipient

from pexgen.cli import run as pexgen
from pexgen.rehearsal import Engine, Result

PAGE = Path(__file__).resolve().parents[2] / "docs" / "takeover.md"
COMMAND = re.compile(r"^(?:    )?(pexgen [a-z]+ .*|\.\\[\w-]+\.ps1.*)$", re.MULTILINE)
CODES = (0, 0, 1, 0, 0, 0, 0, 0, None, 0, 2, 0, 0, 2, 0, 0)
"""What each command of the page ends with, in its order; the rehearsal is played by other tests."""

ACCOUNT = "pexip-service@contoso.com"
OLD = "6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58"


def settled(tenant: Json) -> None:
    """Limit the account to the equipment mailbox, and give that one's calendar a setting, as somebody did in 2023."""
    scope = named(tenant["scopes"], "pexip-service-impersonation-scope")
    scope["RecipientFilter"] = f"PrimarySmtpAddress -eq '{EQUIPMENT}'"
    recipient(tenant, EQUIPMENT)["calendar"].update(AutomateProcessing="None", AllowConflicts=True)


def arguments_of(line: str) -> tuple[str, Json]:
    """Return the script of a line of PowerShell and its arguments, of which a switch is true."""
    script, *words = line.removeprefix(".\\").split()
    given: Json = {}
    for word, following in zip(words, [*words, "-"][1:], strict=True):
        if word.startswith("-"):
            given[word[1:]] = True if following.startswith("-") else following
    return script, given


class Desk:
    """A folder and a tenant in which the page's commands are given one after the other."""

    def __init__(self, engine: Engine, folder: Path, tenant: Json) -> None:
        self.engine, self.folder, self.tenant = engine, folder, tenant
        self.last: Result | None = None

    def give(self, line: str) -> int:
        """Carry out a command as it stands on the page; the bodies of a checkout need no review here."""
        if line.startswith("pexgen "):
            words = shlex.split(line.removeprefix("pexgen "))
            return pexgen([*words, *(["--allow-unreviewed"] if words[0] in {"discover", "render"} else [])])
        script, given = arguments_of(line)
        given["AcceptUnreviewed"] = True
        if given.get("ApprovedPlan") == "<digest>":
            assert self.last is not None
            (given["ApprovedPlan"],) = re.findall(r"^Plan      (\w{64})", self.last.screen, re.MULTILINE)
        if given.get("Mode") == "Apply":
            given["Confirm"] = False
        self.last = self.engine.play(self.folder / script, self.tenant, given, folder=self.folder)
        self.tenant = self.last.tenant
        assert self.last.uncaught is None
        return self.last.exit_code

    def turn(self, description: Path) -> None:
        """Do to the description what the page says in section 4."""
        text = description.read_text("utf-8")
        (added,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
        assert text.count("method: service-account\n") == 1
        turned = text.replace("method: service-account\n", "method: migrate\n")
        description.write_text(f"{turned}\n{added}", encoding="utf-8")


def commands() -> Iterator[tuple[str, int | None]]:
    """Yield every command of the page with what it ends with."""
    yield from zip(COMMAND.findall(PAGE.read_text("utf-8")), CODES, strict=True)


def test_a_deployment_that_nobody_described_is_described_checked_and_migrated_as_the_page_says(
    engine: Engine, sample: SiteOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = changed(sample("migrate").tenant, settled)
    desk = Desk(engine, tmp_path, before)
    checks: list[Result] = []
    for line, code in commands():
        if code is None:
            continue
        if line == "pexgen lint contoso.yaml" and checks:
            desk.turn(tmp_path / "contoso.yaml")
        got = desk.give(line)
        told = capfd.readouterr()
        assert got == code, (line, told.err, told.out, desk.last and desk.last.screen)
        if line == ".\\pexip-scheduling.ps1":
            assert desk.last is not None
            checks.append(desk.last)
        if code == 1:
            assert told.err.split() == shown_error().split()
    (check,) = checks
    assert [one["differences"] for one in check.objects if one["differences"]] == []
    assert desk.last is not None
    assert set(states(desk.last).values()) - {"not-asked"} == {"proved"}
    assert "pexip-service-impersonation" not in {row["Name"] for row in desk.tenant["assignments"]}
    assert "pexip-service-impersonation-scope" not in {row["Name"] for row in desk.tenant["scopes"]}
    assert OLD not in desk.tenant["organization"]["EwsAllowedAppIDs"].lower()
    assert recipient(desk.tenant, ACCOUNT) == recipient(before, ACCOUNT)


def shown_error() -> str:
    """Return the message of section 2 as the page shows it."""
    (shown,) = re.findall(r"(    pexgen: error: .*?)\n\n", PAGE.read_text("utf-8"), re.DOTALL)
    return str(shown)
