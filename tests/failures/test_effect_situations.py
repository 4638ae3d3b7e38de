"""Situations 28 to 50: whether it has effect, EWS, time, interruption, and what is said before there is a runbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.bad_days import ews_list
from support.days import EWS_ENDS_LATER, EWS_ENDS_SOON
from support.described import asked_states
from support.runbooks import SAMPLES
from support.sites import (
    DESCRIPTION,
    KEEP,
    OURS,
    Applied,
    Json,
    Site,
    SiteOf,
    copied_journal,
    merged,
    result_file,
    states,
)
from support.tenants import EQUIPMENT, GROUP, changed, detail, guarded, recipient, without_impersonation
from yaml import safe_dump

from pexgen import clock
from pexgen.description import load
from pexgen.errors import InputError
from pexgen.lint import check
from pexgen.rehearsal import Result
from pexgen.simulation import without_bookkeeping
from pexgen.vendor_facts import EWS_ENDS, IMPERSONATION_REMOVED, ROLE_DELAY

STEP = ["ews-access"]
ACCOUNT = "pexip-service@contoso.com"
EXISTING: Json = {
    **dict.fromkeys(("application", "scheduling_group", "scope", "proof", "ews")),
    "method": "service-account",
    "service_account": {"user_principal_name": ACCOUNT, "existing": True},
    "impersonation": {"scope": "organization"},
    "oauth": {"client_id": KEEP},
}


def linted(**change: Any) -> dict[str, str]:
    """Return severity by code of what lint says about the usual description with these sections changed."""
    source = safe_dump(merged(DESCRIPTION, change), allow_unicode=True).encode()
    return {problem.code: problem.severity for problem in check(load(source, str(SAMPLES / "contoso.yaml")))}


@pytest.fixture(scope="module")
def verified(site: SiteOf, applied: Applied) -> Result:
    """A Verify where everything is as described."""
    return site().run("Verify", applied().tenant)


def test_28_live_calls_follow_later(applied: Applied, verified: Result) -> None:
    assert "30 minutes" in detail(applied(), "application-role")
    assert (verified.exit_code, ROLE_DELAY.value in verified.screen) == (0, True)


def test_29_a_mailbox_out_of_scope_is_reached(site: SiteOf, applied: Applied) -> None:
    tenant = changed(
        applied().tenant,
        lambda t: recipient(t, GROUP)["members"].append(recipient(t, "ceo@contoso.com")["Guid"]),
    )
    verify = site().run("Verify", tenant)
    assert (verify.exit_code, states(verify)["application-role"]) == (6, "disproved")
    assert "ceo@contoso.com" in verify.screen


def test_31_ews_is_switched_off(site: SiteOf) -> None:
    careful = site(ews={"switch_on": False})
    tenant = changed(careful.tenant, lambda t: t["organization"].update(EwsEnabled=False))
    run = careful.run("Apply", tenant, Step=STEP)
    assert (run.exit_code, states(run), run.tenant["organization"]["EwsEnabled"]) == (5, {STEP[0]: "blocked"}, False)
    allowed = site().run("Apply", tenant, Step=STEP)
    assert (allowed.exit_code, allowed.tenant["organization"]["EwsEnabled"]) == (0, True)
    assert printed(allowed) == ews_list(allowed.tenant)


def test_31_who_becomes_reachable_is_printed_before_the_write(site: SiteOf) -> None:
    tenant = changed(site().tenant, lambda t: t["organization"].update(EwsEnabled=False))
    fault = {"kind": "forbidden", "cmdlet": "Set-OrganizationConfig", "nth": 2}
    run = site().run("Apply", tenant, Step=STEP, options={"faults": [fault]})
    assert (run.exit_code, run.tenant["organization"]["EwsEnabled"]) == (3, False)
    assert ews_list(tenant) | {OURS, KEEP} == ews_list(run.tenant) == printed(run)


def printed(run: Result) -> set[str]:
    """Return the applications on the line that a run prints right before it switches EWS on."""
    begin = "    > switch EWS on (EwsEnabled true); it is then open to exactly: "
    (line,) = [line for line in run.screen.splitlines() if line.startswith(begin)]
    return {entry.split(" ")[0].lower() for entry in line.removeprefix(begin).split(", ")}


def test_32_the_ews_list_lacks_ours(site: SiteOf) -> None:
    before = ews_list(site().tenant)
    run = site().run("Apply", Step=STEP)
    assert before
    assert ews_list(run.tenant) == before | {OURS, KEEP}
    assert "24 hours" in detail(run, "ews-access")


def test_33_a_second_gate(site: SiteOf) -> None:
    policy = {"EwsApplicationAccessPolicy": "EnforceAllowList", "EwsAllowList": ["Teams*"]}
    run = site().run("Apply", changed(site().tenant, lambda t: t["organization"].update(policy)), Step=STEP)
    (step,) = result_file(run)["steps"]
    assert (run.exit_code, step["state"]) == (0, "changed")
    assert "EwsApplicationAccessPolicy is EnforceAllowList: a second gate" in step["detail"]
    assert {key: run.tenant["organization"][key] for key in policy} == policy


@pytest.mark.parametrize("address", [EQUIPMENT, "alice@contoso.com"])
def test_34_ews_is_off_for_a_mailbox(site: SiteOf, applied: Applied, address: str) -> None:
    tenant = changed(applied().tenant, lambda t: recipient(t, address).update(EwsEnabled=False))
    verify = site().run("Verify", tenant)
    assert (verify.exit_code, states(verify)["ews-access"]) == (6, "disproved")
    assert address in verify.screen


def test_35_impersonation_in_the_cloud(site: SiteOf) -> None:
    new = merged(DESCRIPTION, {**EXISTING, "service_account": {"user_principal_name": ACCOUNT}})
    with pytest.raises(InputError) as refused:
        load(safe_dump(new).encode(), str(SAMPLES / "contoso.yaml"))
    assert [(one.code, "`existing`" in one.message) for one in refused.value.problems] == [("PXG021", True)]
    here = site(**EXISTING)
    for tenant, code, state in (
        (here.tenant, 0, "in-place"),
        (changed(here.tenant, without_impersonation), 5, "blocked"),
    ):
        run = here.run("Apply", tenant, Step=["impersonation"])
        assert (run.exit_code, states(run), run.writes) == (code, {"impersonation": state}, ())
        assert f"removed in {IMPERSONATION_REMOVED.value}" in detail(run, "impersonation")


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"SKUAssigned": None}, "It has no license"),
        ({"EwsEnabled": False}, "EWS is switched off for its mailbox"),
    ],
)
def test_36_an_account_without_license(site: SiteOf, properties: Json, words: str) -> None:
    here = site(**EXISTING)
    tenant = changed(here.tenant, lambda t: recipient(t, ACCOUNT).update(properties))
    run = here.run("Apply", tenant, Step=["account-mailbox"])
    assert (run.exit_code, states(run), run.writes) == (5, {"account-mailbox": "blocked"}, ())
    assert words in detail(run, "account-mailbox")


def test_37_the_new_mailbox_is_not_there_yet(site: SiteOf, applied: Applied) -> None:
    slow = changed(site().tenant, lambda t: t["settings"].update(late={"mailbox": 4}))
    first = site().run("Apply", slow, WaitSeconds=0)
    assert (first.exit_code, states(first)["equipment-mailbox"]) == (5, "pending")
    waiting = {step for step, state in states(first).items() if state == "pending"}
    assert {"equipment-calendar", "scheduling-members", "delegate-access"} <= waiting
    second = site().run("Apply", first.tenant)
    ended = {**second.tenant, "settings": site().tenant["settings"]}
    assert without_bookkeeping(ended) == without_bookkeeping(applied().tenant)


def test_38_throttled(site: SiteOf, applied: Applied) -> None:
    run = site().run("Apply", options={"faults": [{"kind": "throttled", "write": 4, "times": 99}]})
    assert (run.exit_code, states(run)["scheduling-members"]) == (3, "failed")
    assert len([call for call in run.writes if call.cmdlet == "Add-DistributionGroupMember"]) == 1
    again = site().run("Apply", run.tenant)
    assert without_bookkeeping(again.tenant) == without_bookkeeping(applied().tenant)


def test_39_the_session_dies(site: SiteOf, applied: Applied) -> None:
    run = site().run("Apply", options={"faults": [{"kind": "session-gone", "write": 6}]})
    assert (run.exit_code, states(run)["scheduling-members"]) == (3, "failed")
    again = site().run("Apply", run.tenant)
    assert without_bookkeeping(again.tenant) == without_bookkeeping(applied().tenant)


# Both kinds are judged by one look at what is there, which each step has of its own.
CREATES = (
    ("New-Mailbox", "resent"),
    ("New-Mailbox", "lost-answer"),
    ("New-DistributionGroup", "resent"),
    ("New-ServicePrincipal", "resent"),
    ("New-ManagementScope", "lost-answer"),
    ("New-ManagementRoleAssignment", "lost-answer"),
)


@pytest.mark.parametrize(("cmdlet", "kind"), CREATES)
def test_40_a_create_that_happened_all_the_same(site: SiteOf, applied: Applied, cmdlet: str, kind: str) -> None:
    run = site().run("Apply", options={"faults": [{"kind": kind, "cmdlet": cmdlet}]})
    assert (run.exit_code, len(run.writes)) == (0, 13), run.screen
    assert without_bookkeeping(run.tenant) == without_bookkeeping(applied().tenant)


def test_41_the_calendar_competes() -> None:
    assert linted(equipment={"calendar": {"automate_processing": "AutoAccept"}})["PXG116"] == "warning"


def test_44_a_member_is_there_already(site: SiteOf, applied: Applied) -> None:
    again = site().run("Apply", applied().tenant)
    assert (again.exit_code, again.writes) == (0, ())
    resent = [{"kind": "resent", "cmdlet": one} for one in ("Add-DistributionGroupMember", "Add-MailboxPermission")]
    meanwhile = site().run("Apply", options={"faults": resent})
    assert meanwhile.exit_code == 0, meanwhile.screen
    assert without_bookkeeping(meanwhile.tenant) == without_bookkeeping(applied().tenant)


def test_45_access_with_automapping(site: SiteOf, applied: Applied, verified: Result) -> None:
    (given,) = [call for call in applied().writes if call.cmdlet == "Add-MailboxPermission"]
    assert given.parameters["AutoMapping"] is False
    check_ = site().run("Check", applied().tenant)
    assert states(check_)["delegate-access"] == "in-place"
    (said,) = [text for text in result_file(applied())["notChecked"] if "Automapping" in text]
    assert f"Not checked: {said}" in verified.screen


def test_46_two_administrators_at_once(site: SiteOf, applied: Applied) -> None:
    def drift(tenant: Json) -> None:
        recipient(tenant, EQUIPMENT)["DisplayName"] = "First"

    second = {"path": f"recipients.[PrimarySmtpAddress={EQUIPMENT}].DisplayName", "value": "Second"}
    tenant = changed(applied().tenant, drift)
    undisturbed = site().run("Apply", tenant)
    last_look = [call for call in undisturbed.calls if call.n < undisturbed.writes[0].n][-1]
    fault = {"kind": "change", "call": last_look.n, "set": [second]}
    run = site().run("Apply", tenant, options={"faults": [fault]})
    assert (run.exit_code, states(run)["equipment-mailbox"], run.writes) == (4, "conflict", ())
    assert recipient(run.tenant, EQUIPMENT)["DisplayName"] == "Second"


def test_48_a_dry_run_of_everything(site: SiteOf) -> None:
    run = site().run("Apply", WhatIf=True)
    assert (run.exit_code, set(asked_states(run)), run.writes) == (2, {"different"}, ())
    assert [call.cmdlet for call in run.calls if "WhatIf" in call.parameters] == []


def test_49_other_clouds(site: SiteOf) -> None:
    assert linted(target={"environment": "gcc-high"})["PXG119"] == "error"
    here = site(target={"environment": "gcc-high", "organization": "contoso.onmicrosoft.us"})
    nobody = changed(here.tenant, lambda t: t["session"].update(connections=[]))
    guarded(here.run("Check", nobody), "connection", "-ExchangeEnvironmentName O365USGovGCCHigh")


def test_50_the_end_of_ews(site: SiteOf, applied: Applied, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usual, made = site(), applied()
    for today, severity in ((EWS_ENDS_LATER, "note"), (EWS_ENDS_SOON, "warning"), (EWS_ENDS.day, "error")):
        monkeypatch.setattr(clock, "today", lambda today=today: today)
        assert linted().get("PXG109") == severity
    text = usual.runbook.read_bytes()
    ends, ended = (f"EwsEnds = '{day}'".encode() for day in (EWS_ENDS.day, EWS_ENDS_LATER))
    assert text.count(ends) == 1
    runbook = tmp_path / "contoso-scheduling.ps1"
    runbook.write_bytes(text.replace(ends, ended))
    after = Site(usual.engine, runbook, made.tenant)
    guarded(after.run("Apply"), "dates", f"ended on {EWS_ENDS_LATER}", "application-role, ews-access")
    check = after.run("Check")
    assert (check.exit_code, [states(check)[step] for step in ("application-role", *STEP)]) == (5, ["blocked"] * 2)
    back = after.run("Rollback", JournalPath=[copied_journal(made, tmp_path)], RemoveCreatedMailbox=True)
    assert (back.exit_code, without_bookkeeping(back.tenant)) == (0, without_bookkeeping(usual.tenant)), back.screen
