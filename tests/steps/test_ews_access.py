"""The one step that can hurt a whole tenant, row by row of its table."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from support.ews import FULL, OTHER, STEP, gate, tenant_with
from support.journals import entries
from support.sites import KEEP, OURS, SiteOf, journal_path, states

from pexgen.vendor_facts import EWS_LIST_REQUIRED

# found (EwsEnabled, list) and switch_on: Check's code and state, Apply's code and state, what is there afterwards
TABLE = [
    pytest.param(True, FULL, False, (0, "in-place"), (0, "in-place"), (True, FULL), id="true, complete"),
    pytest.param(True, [OTHER], False, (2, "different"), (0, "changed"), (True, FULL), id="true, something missing"),
    pytest.param(True, [], False, (5, "blocked"), (5, "blocked"), (True, []), id="true, empty"),
    pytest.param(True, [], True, (2, "different"), (0, "changed"), (True, [OURS, KEEP]), id="true, empty, switch_on"),
    pytest.param(False, [OTHER], True, (2, "different"), (0, "changed"), (True, FULL), id="false, missing, switch_on"),
    pytest.param(False, [OTHER], False, (2, "different"), (5, "blocked"), (False, FULL), id="false, missing"),
    pytest.param(False, FULL, True, (2, "different"), (0, "changed"), (True, FULL), id="false, complete, switch_on"),
    pytest.param(False, FULL, False, (5, "blocked"), (5, "blocked"), (False, FULL), id="false, complete"),
    pytest.param(None, [OTHER], True, (2, "different"), (5, "pending"), (None, FULL), id="null, missing, switch_on"),
    pytest.param(None, [OTHER], False, (2, "different"), (0, "changed"), (None, FULL), id="null, missing"),
    pytest.param(None, [], False, (2, "different"), (0, "changed"), (None, [OURS, KEEP]), id="null, empty"),
    pytest.param(None, [], True, (2, "different"), (5, "pending"), (None, [OURS, KEEP]), id="null, empty, switch_on"),
    pytest.param(None, FULL, True, (5, "blocked"), (5, "pending"), (None, FULL), id="null, complete, switch_on"),
    pytest.param(None, FULL, False, (0, "in-place"), (0, "in-place"), (None, FULL), id="null, complete"),
]


@pytest.mark.parametrize(("enabled", "ids", "switch_on", "checked", "applied", "after"), TABLE)
def test_each_row_of_the_table(
    site: SiteOf, enabled: Any, ids: Any, switch_on: Any, checked: Any, applied: Any, after: Any
) -> None:
    here = site(ews={"switch_on": switch_on})
    tenant = tenant_with(here, enabled, ids)
    check = here.run("Check", tenant, **STEP)
    assert ((check.exit_code, check.objects[0]["state"]), check.writes) == (checked, ())
    apply = here.run("Apply", tenant, **STEP)
    assert (apply.exit_code, apply.objects[0]["state"]) == applied
    assert gate(apply.tenant) == (after[0], set(after[1]))


def test_the_list_is_complete_before_the_switch_is_thrown(site: SiteOf) -> None:
    here = site()
    apply = here.run("Apply", tenant_with(here, False, [OTHER]), **STEP)
    first, second = (call.parameters for call in apply.writes)
    assert "EwsAllowedAppIDs" in first
    assert second["EwsEnabled"] is True


def test_every_reachable_application_and_the_way_back_are_printed_before_the_first_write(site: SiteOf) -> None:
    here = site()
    apply = here.run("Apply", tenant_with(here, False, [OTHER]), **STEP)
    before = apply.screen[: apply.screen.index("    > ")]
    assert all(one in before for one in (OURS, KEEP, OTHER, "Room panels"))
    assert "Go back with Rollback. Do NOT run Set-OrganizationConfig -EwsEnabled $null" in before
    assert "(Outlook mobile)" in before


OPENS_AGAIN = "opens it again for everybody, as before this step"
OPENS = "Set-OrganizationConfig -EwsEnabled $null"
RESCUES = [
    pytest.param(False, [OTHER], "worldwide", f"Go back with Rollback. Do NOT run {OPENS}", id="false"),
    pytest.param(None, [OTHER], "worldwide", OPENS_AGAIN, id="not set"),
    pytest.param(
        True, [OTHER], "worldwide", "opens it to everybody, also to those that the list keeps", id="true, list"
    ),
    pytest.param(True, [], "worldwide", f"{OPENS} is NOT the way back", id="true, none, worldwide"),
    pytest.param(
        True,
        [],
        "gcc-high",
        "If EWS was open here and stops working for others: Set-OrganizationConfig -EwsEnabled $null",
        id="true, none",
    ),
]


@pytest.mark.parametrize(("enabled", "ids", "cloud", "words"), RESCUES)
def test_the_question_and_the_journal_say_what_helps_others_by_the_state_before(
    site: SiteOf, enabled: Any, ids: list[str], cloud: str, words: str
) -> None:
    organization = "contoso.onmicrosoft.us" if cloud == "gcc-high" else "contoso.onmicrosoft.com"
    here = site(target={"environment": cloud, "organization": organization})
    apply = here.run("Apply", tenant_with(here, enabled, ids), options={"answers": ["y"]}, **STEP)
    assert apply.screen.count(words) == 1, apply.screen
    advices = [one["advice"] for one in entries(journal_path(apply).read_text("utf-8")) if one.get("event") == "intent"]
    assert advices
    assert all(words in advice for advice in advices)


@pytest.mark.parametrize(
    ("enabled", "ids", "code"),
    [(True, FULL, 0), (True, [OTHER], 5), (True, [], 5), (False, FULL, 5), (None, [], 0)],
)
def test_policy_check_writes_nothing_and_a_closed_gate_is_blocked(
    site: SiteOf, enabled: Any, ids: Any, code: int
) -> None:
    here = site(ews={"policy": "check", "switch_on": False})
    apply = here.run("Apply", tenant_with(here, enabled, ids), **STEP)
    state = {0: "in-place", 5: "blocked"}[code]
    assert (apply.exit_code, states(apply), apply.writes) == (code, {"ews-access": state}, ())


def test_policy_check_needs_no_right_to_write(site: SiteOf) -> None:
    here = site(ews={"policy": "check", "switch_on": False})
    tenant = tenant_with(here, True, FULL)
    tenant["operator"]["hidden"] = ["Set-OrganizationConfig"]
    assert here.run("Apply", tenant, **STEP).exit_code == 0


def test_an_entry_that_is_no_identifier_is_written_back(site: SiteOf) -> None:
    here = site()
    apply = here.run("Apply", tenant_with(here, True, [OTHER, "not-a-guid"]), **STEP)
    (write,) = apply.writes
    assert set(write.parameters["EwsAllowedAppIDs"].split(",")) == {*FULL, "not-a-guid"}


def test_an_entry_that_somebody_adds_meanwhile_is_not_lost(site: SiteOf) -> None:
    here = site()
    newcomer = "33333333-2222-4333-8444-555555555555"
    change = {"path": "organization.EwsAllowedAppIDs", "value": f"{OTHER},{newcomer}"}
    fault = {"kind": "change", "cmdlet": "Get-OrganizationConfig", "nth": 4, "set": [change]}
    apply = here.run("Apply", tenant_with(here, True, [OTHER]), options={"faults": [fault]}, **STEP)
    assert (apply.exit_code, apply.objects[0]["state"], apply.writes) == (4, "conflict", ())
    assert gate(apply.tenant) == (True, {OTHER, newcomer})


@pytest.mark.parametrize("lacking", ["EwsAllowedAppIDs", "EwsEnabled"])
def test_an_answer_without_the_list_is_no_empty_list(site: SiteOf, lacking: str) -> None:
    tenant = copy.deepcopy(site().tenant)
    tenant["settings"]["answersLack"] = {"Get-OrganizationConfig": [lacking]}
    run = site().run("Apply", tenant, Step=["ews-access"])
    assert (run.exit_code, states(run), run.writes) == (4, {"ews-access": "unreadable"}, ())


def test_verify_disproves_a_closed_gate_of_the_organization_and_of_a_mailbox(site: SiteOf, applied: Any) -> None:
    tenant = copy.deepcopy(applied().tenant)
    tenant["organization"]["EwsEnabled"] = False
    assert site().run("Verify", tenant).exit_code == 6
    tenant = copy.deepcopy(applied().tenant)
    (alice,) = [one for one in tenant["recipients"] if one["PrimarySmtpAddress"] == "alice@contoso.com"]
    alice["EwsEnabled"] = False
    verify = site().run("Verify", tenant)
    assert (verify.exit_code, states(verify)["ews-access"]) == (6, "disproved")


UNDECIDED = "Nothing is written until the description says who else uses EWS"
NOBODY = {"keep": [], "no_others": "The usage report of 90 days shows none (J. Doe)."}


@pytest.mark.parametrize("switch_on", [False, True])
@pytest.mark.parametrize("keep", [[], [{"client_id": OURS, "name": "ourselves"}]], ids=["nobody", "ours"])
def test_nothing_is_written_where_microsoft_would_fill_the_list_and_nobody_has_said_who_else_uses_ews(
    site: SiteOf, switch_on: Any, keep: list[dict[str, str]]
) -> None:
    here = site(ews={"switch_on": switch_on, "keep": keep})
    tenant = tenant_with(here, None, [])
    for mode in ("Check", "Apply"):
        run = here.run(mode, tenant, **STEP)
        assert (run.exit_code, run.objects[0]["state"], run.writes) == (5, "blocked", ()), run.screen
        assert UNDECIDED in run.objects[0]["detail"]
        assert "EWS usage in the Microsoft 365 admin center" in run.objects[0]["detail"]


@pytest.mark.parametrize(("enabled", "ids"), [(None, [OTHER]), (False, []), (True, [OTHER])])
def test_where_microsoft_fills_no_list_nobody_has_to_be_named(site: SiteOf, enabled: Any, ids: list[str]) -> None:
    here = site(ews={"switch_on": False, "keep": []})
    apply = here.run("Apply", tenant_with(here, enabled, ids), **STEP)
    assert gate(apply.tenant) == (enabled, {OURS, *ids}), apply.screen


def test_that_nobody_else_uses_ews_is_enough_and_is_shown(site: SiteOf) -> None:
    here = site(ews={"switch_on": False, **NOBODY})
    apply = here.run("Apply", tenant_with(here, None, []), **STEP)
    assert (apply.exit_code, gate(apply.tenant)) == (0, (None, {OURS})), apply.screen
    assert NOBODY["no_others"] in apply.objects[0]["detail"]


def test_a_reason_beside_somebody_who_stays_is_refused(site: SiteOf) -> None:
    run = site().run("Apply", EwsNoOthers="nobody", **STEP)
    assert (run.exit_code, run.calls) == (4, ())


SENTENCES = [
    pytest.param(False, [OTHER], "worldwide", "Each of these applications gains EWS", id="false"),
    pytest.param(None, [OTHER], "worldwide", "Every other application loses EWS that day", id="not set"),
    pytest.param(True, [OTHER], "worldwide", "Nobody loses it: whatever is on the list stays on it", id="true, list"),
    pytest.param(True, [], "worldwide", f"since {EWS_LIST_REQUIRED.value} EWS is closed to everybody", id="true, none"),
    pytest.param(True, [], "gcc-high", "every application that is not on the list LOSES it", id="gcc-high"),
]


@pytest.mark.parametrize(("enabled", "ids", "cloud", "words"), SENTENCES)
def test_who_else_gains_or_loses_is_said_for_each_state(
    site: SiteOf, enabled: Any, ids: list[str], cloud: str, words: str
) -> None:
    organization = "contoso.onmicrosoft.us" if cloud == "gcc-high" else "contoso.onmicrosoft.com"
    here = site(target={"environment": cloud, "organization": organization}, ews={"switch_on": bool(ids)})
    check = here.run("Check", tenant_with(here, enabled, ids), **STEP)
    detail = check.objects[0]["detail"]
    assert words in detail
    others = {each.values[3] for each in SENTENCES} - {words}
    assert not [each for each in others if each in detail]
    assert cloud == "worldwide" or not re.search(r"2026-1\d|October", detail)


def test_what_nobody_loses_the_question_does_not_say_that_somebody_does(site: SiteOf) -> None:
    here = site()
    apply = here.run("Apply", tenant_with(here, True, [OTHER]), options={"answers": ["y"]}, **STEP)
    assert apply.exit_code == 0, apply.screen
    assert "Nobody loses it" in apply.screen
    assert "LOSES" not in apply.screen


def test_an_entry_that_is_called_as_a_property_decides_nothing(site: SiteOf, applied: Any) -> None:
    names = ["EwsEnabled", "Keys", "Count", "Values", "ewsenabled"]
    tenant = copy.deepcopy(applied().tenant)
    tenant["organization"] |= {"EwsEnabled": False, "EwsAllowedAppIDs": ",".join([*FULL, *names])}
    verify = site().run("Verify", tenant)
    assert (verify.exit_code, states(verify)["ews-access"]) == (6, "disproved"), verify.screen
    here = site()
    half = tenant_with(here, True, [OTHER, *names])
    apply = here.run("Apply", half, **STEP)
    # Exchange takes no such entry; that it is sent back is what counts.
    listed = [set(write.parameters["EwsAllowedAppIDs"].lower().split(",")) for write in apply.writes]
    assert listed == [{*FULL, *(name.lower() for name in names)}]


# What becomes of each list, and whether an agent is on it, tests/engine/test_ews.py tries.
@pytest.mark.parametrize(
    ("policy", "agents", "agent", "state"),
    [
        ("EnforceAllowList", ["Teams*"], "", "blocked"),
        ("EnforceAllowList", ["Teams*", "pexip/*"], "Pexip/39", "proved"),
        ("EnforceBlockList", ["P*9"], "Pexip/39", "disproved"),
    ],
)
def test_a_gate_by_user_agent_that_may_be_closed_is_never_proved(
    site: SiteOf, applied: Any, policy: str, agents: list[str], agent: str, state: str
) -> None:
    tenant = copy.deepcopy(applied().tenant)
    key = "EwsAllowList" if policy == "EnforceAllowList" else "EwsBlockList"
    tenant["organization"] |= {"EwsApplicationAccessPolicy": policy, key: agents}
    verify = site(ews={"user_agent": agent} if agent else {}).run("Verify", tenant)
    codes = {"proved": 0, "blocked": 5, "disproved": 6}
    assert (verify.exit_code, states(verify)["ews-access"]) == (codes[state], state), verify.screen
    assert ("All checks passed" in verify.screen) == (state == "proved")


@pytest.mark.parametrize("named", [False, True])
def test_a_hybrid_organization_without_its_application_under_keep_is_a_finding(site: SiteOf, named: Any) -> None:
    keep = [{"client_id": KEEP, "name": "ExchangeServerApp-5d8ac7f9" if named else "Room panels"}]
    here = site(ews={"keep": keep})
    tenant = tenant_with(here, True, FULL)
    tenant["onPremisesOrganizations"] = [{"Name": "5d8ac7f9", "OrganizationName": "Contoso"}]
    check = here.run("Check", tenant, **STEP)
    assert ("This organization is hybrid" in (check.objects[0]["detail"] or "")) != named
    assert check.writes == ()


def test_where_the_session_cannot_tell_whether_it_is_hybrid_nothing_is_refused(site: SiteOf) -> None:
    here = site()
    tenant = tenant_with(here, True, FULL)
    tenant["operator"]["hidden"] = ["Get-OnPremisesOrganization"]
    check = here.run("Check", tenant, **STEP)
    assert (check.exit_code, check.objects[0]["detail"]) == (0, None)
