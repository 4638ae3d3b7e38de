"""The page of a rehearsal: before and after of what changed, the runs, what was written."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from support.simulated import VALUES

from pexgen.output import render_blocks
from pexgen.rehearsal.changes import changed_objects
from pexgen.rehearsal.page import page_of
from pexgen.rehearsal.rehearsal import PlayedMode, Rehearsal
from pexgen.rehearsal.runs import Call, Result
from pexgen.simulation import fresh
from pexgen.simulation.objects import find, group
from pexgen.simulation.tenant_copy import TenantCopy

Json = dict[str, Any]


def changed(tenant: Json) -> Json:
    """Return the tenant with a group that has two members, and with EWS open."""
    new = copy.deepcopy(tenant)
    members = [find(new, address)["Guid"] for address in ("anna@contoso.com", "bert@contoso.com")]
    new["recipients"].append(group("group@contoso.com", "<b>Group</b>", members[0], members=members))
    find(new, "anna@contoso.com")["calendar"] = {"AutomateProcessing": "None"}
    find(new, "anna@contoso.com")["permissions"] = [{"User": members[1], "AccessRights": ["FullAccess"]}]
    find(new, "anna@contoso.com")["WhenChangedUTC"] = "2026-11-01 00:00:00"
    new["organization"]["EwsEnabled"] = True
    new["changes"] = 9
    return new


def played(mode: str, tenant: Json, code: int = 0, **more: Any) -> PlayedMode:
    write = Call(2, "Set-OrganizationConfig", {"EwsEnabled": True, "Confirm": False}, is_write=True, outcome="ok")
    given: Json = {
        "screen": "Exit code 0.",
        "objects": [{"id": "ews-access", "state": "failed" if code else "changed", "detail": "Exchange said no."}],
        "calls": (Call(1, "Get-Mailbox", {}, is_write=False, outcome="ok"), write),
        "waits": (30.0, 900.0),
        "uncaught": None,
        "killed": False,
        **more,
    }
    return PlayedMode(mode, (0,), Result(exit_code=code, tenant=tenant, folder=Path(), **given))


@pytest.fixture
def rehearsal() -> Rehearsal:
    tenant = fresh(VALUES)
    after = changed(tenant)
    runs = (played("Check", tenant), played("Apply", after), played("Verify", after), played("Rollback", tenant))
    return Rehearsal("fresh", "", runs, tenant, is_as_before=True)


def test_objects_that_changed_are_listed_with_the_properties_that_did() -> None:
    tenant = fresh(VALUES)
    found = {each.title: dict(each.rows) for each in changed_objects([tenant, changed(tenant), tenant])}
    assert found["The organization"] == {"EwsEnabled": ("false", "true", "false")}
    assert found["Mailbox anna@contoso.com"] == {
        "calendar.AutomateProcessing": ("(not set)", "None", "(not set)"),
        "permissions": ("(not set)", "bert@contoso.com: FullAccess", "(not set)"),
    }
    made = found["Mail-enabled security group group@contoso.com"]
    assert made["members"] == ("absent", "anna@contoso.com, bert@contoso.com", "absent")
    assert set(found) == {
        "The organization",
        "Mailbox anna@contoso.com",
        "Mail-enabled security group group@contoso.com",
    }
    assert changed_objects([tenant, copy.deepcopy(tenant)]) == ()


def test_the_page_has_before_and_after_runs_and_writes_and_loads_and_runs_nothing(rehearsal: Rehearsal) -> None:
    page = render_blocks("html", page_of("contoso.yaml", rehearsal))
    for text in (
        "before</th>",
        "after Apply</th>",
        "after Rollback</th>",
        "Everything went as expected.",
        "exit 0 (nothing left to do)",
    ):
        assert text in page
    assert "Set-OrganizationConfig -EwsEnabled $true" in page
    assert "3720 seconds" in page
    assert "&lt;b&gt;Group" in page
    assert re.search(r"<script|<b>|\son\w+=|src=|url\(|https?://", page) is None
    assert "default-src 'none'" in page
    anchors = re.findall(r' id="([^"]*)"', page)
    assert len(anchors) == len(set(anchors))
    assert "" not in anchors


def test_a_run_that_failed_has_its_words_and_its_screen_on_the_page(rehearsal: Rehearsal) -> None:
    bad = played("Apply", rehearsal.before, 3, screen="line of the screen", uncaught="it broke")
    copied = TenantCopy({}, "contoso.com", "2026-11-29", ("mailboxes",), ("rights",), ())
    done = Rehearsal("FOUND.json", "kill-after@9", (bad,), rehearsal.before, None, is_fault_met=False)
    text = render_blocks("markdown", page_of("contoso.yaml", done, copied))
    for part in (
        "Not everything went as expected.",
        "Exchange said no.",
        "line of the screen",
        "It ended with an error: it broke",
        "did NOT",
        "NOT as expected",
        "It is a copy of contoso.com",
        "Assumed, because nobody looked",
        "No object of the tenant is another one than before.",
    ):
        assert part in text, part
    assert "Not seen by the discovery" not in text
