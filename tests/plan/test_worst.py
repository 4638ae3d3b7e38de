"""What a change board reads first: the worst that happens, by the values and not by the step."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.days import EWS_ENDS_LATER, EWS_ENDS_SOON

from pexgen import clock
from pexgen.plan import Plan, make_plan, plan_text
from pexgen.render import Renderer

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def first(plan: Plan) -> str:
    return plan.worst[0].text if plan.worst else ""


def test_every_mailbox_of_the_organization_is_the_first_thing_said(plan_of) -> None:
    plan = plan_of("service-account-server", impersonation={"scope": "organization", "group": None}, proof=None)
    assert first(plan).startswith("EVERY mailbox of the organization: the account pexip-service@contoso.com")
    assert next(step for step in plan.steps if step.id == "impersonation").effects[0] == "every mailbox"
    limited = plan_of("service-account-server")
    assert not any("EVERY" in each.text for each in limited.worst)
    assert not any("every mailbox" in step.effects for step in limited.steps)


def test_an_adopted_group_without_a_limit_is_said_before_everything_else(plan_of) -> None:
    plan = plan_of(scheduling_group={"adopt": True, "address": "all-staff@contoso.com"}, scope=None)
    assert first(plan).startswith("NO UPPER NUMBER: the group all-staff@contoso.com exists already, and everybody")
    text = plan_text(plan, "text")
    assert text.index("NO UPPER NUMBER") < text.index("Who reaches whose mailbox")


def test_an_adopted_group_with_a_limit_says_the_limit(plan_of) -> None:
    plan = plan_of(scheduling_group={"adopt": True}, scope={"max_mailboxes": 250})
    (said,) = [each.text for each in plan.worst if each.step == "application-role"]
    assert "exists already, and everybody who is in it comes into reach" in said
    assert "With more than 250 mailboxes the run stops before that." in said


def test_an_existing_group_whose_others_are_removed_says_that_first_and_that_nobody_else_comes_into_reach(
    plan_of,
) -> None:
    plan = plan_of(scheduling_group={"adopt": True, "prune": True})
    assert first(plan).startswith("REMOVES PEOPLE: the group pexip-schedulers@contoso.com exists already")
    assert not any("NO UPPER NUMBER" in each.text for each in plan.worst)
    assert not any(each.code == "PXG145" for each in plan.findings)


def test_a_group_on_exchange_server_that_the_runbook_does_not_fill_is_without_a_limit(plan_of) -> None:
    plan = plan_of("service-account-server")
    assert first(plan).startswith("NO UPPER NUMBER: the account pexip-service@contoso.com")
    of_equipment = plan_of(
        "service-account-server",
        impersonation={"scope": "equipment-only", "group": None},
        proof={"in_scope": ["pexip-scheduling@contoso.com"]},
    )
    assert not any("NO UPPER" in each.text for each in of_equipment.worst)


@pytest.mark.parametrize(
    ("sample", "change"),
    [
        ("app-permissions", {"scheduling_group": {"adopt": True}}),
        ("service-account-server", {}),
        ("app-permissions", {}),
    ],
)
def test_a_pre_check_lists_who_is_in_a_group_that_exists(plan_of, sample, change) -> None:
    listed = [each for each in plan_of(sample, **change).pre_checks if "Get-DistributionGroupMember" in each.line]
    assert len(listed) == (1 if change or "server" in sample else 0)
    assert all("'pexip-schedulers@contoso.com'" in each.line for each in listed)


def test_a_list_of_pexips_application_alone_is_said_in_capitals_and_who_loses_ews_by_it(plan_of) -> None:
    for ews in ({"keep": None}, {"keep": None, "switch_on": False}):
        said = next(each.text for each in plan_of(ews=ews).worst if each.step == "ews-access")
        assert "This change adds Pexip's application ALONE." in said
        assert "every application not on that list LOSES EWS" in said
        assert "the script writes nothing (blocked)" in said
    known = plan_of(ews={"keep": None, "no_others": "The report of 90 days is empty."})
    assert (
        'ALONE. Who else uses EWS was not checked here; the description says: "The report of 90 days is empty".'
        in first(known)
    )


def test_what_a_person_does_before_the_change_is_a_pre_check_with_an_owner(plan_of) -> None:
    plan = plan_of()
    (consent,) = [each for each in plan.pre_checks if "full_access_as_app" in each.title]
    assert consent.owner == "Identity team, before the window"
    before = [task for task in plan.tasks if task.due == "before"]
    assert {task.text.removesuffix(".") for task in before} <= {each.title for each in plan.pre_checks}


def test_a_limit_that_nothing_proves_is_said(plan_of) -> None:
    everybody = plan_of("service-account-server", impersonation={"scope": "organization", "group": None}, proof=None)
    assert "NOTHING stays out of reach" in " ".join(plan_text(everybody, "text").split())
    unnamed = plan_of("service-account-server", proof=None)
    assert "NO mailbox is named that has to stay out of reach" in " ".join(plan_text(unnamed, "text").split())
    assert "NO mailbox is named" not in plan_text(plan_of("service-account-server"), "text")


def test_who_decides_on_members_is_asked_only_where_a_group_decides(plan_of) -> None:
    asked = "who decides on members later"
    everybody = {"impersonation": {"scope": "organization", "group": None}, "proof": None}
    assert asked not in plan_of("service-account-server", change={"member_owner": None}, **everybody).not_stated
    assert asked in plan_of("service-account-server", change={"member_owner": None}).not_stated


def test_the_group_whose_members_come_into_reach_is_named_among_what_is_changed(plan_of) -> None:
    plan = plan_of(scheduling_group={"adopt": True, "address": "all-staff@contoso.com"})
    text = " ".join(plan_text(plan, "text").split("Pre-checks\n")[0].split())
    assert "members of all-staff@contoso.com" in text.partition("Also created or changed")[2]


def test_the_old_accounts_way_back_is_said_as_what_it_is_and_ends_at_cleanup(plan_of) -> None:
    plan = plan_of("migrate")
    text = " ".join(plan_text(plan, "text").split("Appendix:")[0].split())
    assert "After Cleanup nobody can go back to the old account." in text
    assert "Until Cleanup Pexip can go back" not in text
    assert "; in some cases, until Cleanup, also the old service account's." in first(plan)


def test_ews_is_opened_for_everybody_only_where_it_was_open_to_everybody(plan_of) -> None:
    def said(**change) -> str:
        return next(each.title for each in plan_of(**change).back_out if "-EwsEnabled $null" in each.line)

    assert said().startswith("Only if EwsEnabled was not set before, and EWS stops for others")
    elsewhere = said(target={"environment": "gcc-high", "organization": "contoso.onmicrosoft.us"})
    assert "was not set, or was true and EWS open over an empty list, before" in elsewhere


def test_the_moment_in_which_others_lose_ews_is_a_line_of_its_own(plan_of) -> None:
    later = next(each for each in plan_of().implementation if "-EwsListInPlaceSince" in each.line)
    assert "HERE every application not on the list loses EWS" in later.title
    assert not any("-EwsListInPlaceSince" in each.line for each in plan_of("service-account-server").implementation)


def test_a_way_of_logging_in_that_goes_with_rollback_is_said_beside_what_is_kept(plan_of) -> None:
    assert (
        "A way of logging in that Apply switched on is switched off again"
        in plan_of("service-account-server").no_return
    )
    assert "logging in" not in plan_of("service-account-server", authentication=None).no_return
    made = plan_of("service-account-server").no_return
    assert "If Apply created pexip-service@contoso.com, it stays unless -RemoveCreatedMailbox is added" in made
    assert "until then it can log in" in made
    assert "can log in" not in plan_of("service-account-server", service_account={"adopt": True}).no_return


@pytest.mark.parametrize("sample", ["app-permissions", "migrate", "service-account-server"])
def test_every_line_that_applies_has_a_place_for_the_approved_plan(plan_of, sample) -> None:
    plan = plan_of(sample)
    lines = [each.line for each in plan.implementation if "-Mode Apply" in each.line and "-WhatIf" not in each.line]
    assert len(lines) > 1
    assert [line for line in lines if "-ApprovedPlan <" not in line] == []
    text = " ".join(plan_text(plan, "text").split())
    assert '-ApprovedPlan <digest that the approved Check printed after "Plan"> -JournalPath' in text
    assert text.count("Without -ApprovedPlan: whatever differs") == 1


@pytest.mark.parametrize("sample", ["app-permissions", "migrate"])
def test_a_5_leads_on_only_to_a_step_below_that_apply_may_wait_for(plan_of, sample) -> None:
    leads = "5 for a step below: continue there"
    assert leads in plan_text(plan_of(sample), "text").replace("\n", " ")
    assert leads not in plan_text(plan_of(sample, ews={"switch_on": False}), "text").replace("\n", " ")


def test_windows_authentication_is_said_to_be_for_every_client_of_that_directory(plan_of) -> None:
    plan = plan_of("service-account-server")
    said = "Server-wide: every program that uses EWS through EX01\\EWS (Default Web Site) can then sign in with NTLM"
    assert any(each.text.startswith(said) for each in plan.worst)
    assert "server-wide" in next(step for step in plan.steps if step.id == "account-authentication").effects


def test_an_add_in_is_tenant_wide_only_where_everybody_gets_it(plan_of) -> None:
    everybody = plan_of(add_in={"manifest": "pexip-add-in.xml"})
    one = plan_of(
        add_in={"manifest": "pexip-add-in.xml", "provided_to": "specific-users", "users": ["adele.vance@contoso.com"]}
    )
    assert "tenant-wide" in everybody.steps[-1].effects
    assert "tenant-wide" not in one.steps[-1].effects
    assert any(each.text.startswith("The add-in") and "adele.vance@contoso.com" in each.text for each in one.worst)


def test_the_gravest_comes_first_and_the_order_does_not_depend_on_the_steps(plan_of) -> None:
    ranks = [each.rank for each in plan_of("migrate").worst]
    assert ranks == sorted(ranks)


def test_an_open_finding_stands_in_short_with_its_words(plan_of) -> None:
    plan = plan_of(scheduling_group={"adopt": True, "prune": True})
    text = " ".join(plan_text(plan, "text").split("Who reaches whose mailbox")[0].split())
    assert 'OPEN FINDING PXG117: "prune: true" with "adopt: true" removes everybody' in text


def test_what_nobody_stated_is_named_and_what_was_stated_is_shown(plan_of) -> None:
    bare = dict.fromkeys(("outage", "communication", "member_owner", "window"))
    tasks = {"usage_report": None, "pexip_infinity": None, "entra": "Identity team, Monday"}
    plan = plan_of(change={**bare, "justification": "Sales asked for it.", "tasks": tasks})
    assert "justification" not in plan.not_stated
    assert "who does the part in Entra" not in plan.not_stated
    assert {"outage", "communication", "who decides on members later", "who does the part in Pexip Infinity"} <= set(
        plan.not_stated
    )
    text = plan_text(plan, "markdown")
    assert "- **Justification**: Sales asked for it." in text
    assert "(Identity team, Monday)" in text
    assert "(not stated)" in text


def test_files_are_named_as_they_are(plan_of) -> None:
    lines = [action.line for action in plan_of().pre_checks]
    assert any(line == "pexgen rehearse app-permissions.yaml" for line in lines)
    assert any("--description app-permissions.yaml" in line for line in lines)


@pytest.mark.parametrize(
    ("file", "rehearsed", "described"),
    [
        ("my deployment.yaml", "'my deployment.yaml'", "'my deployment.yaml'"),
        ("C:\\of\\us\\a.yaml", "C:\\of\\us\\a.yaml", "C:\\of\\us\\a.yaml"),
        ("<stdin>", ".\\contoso-scheduling.ps1", "<the approved description>"),
    ],
)
def test_a_file_is_named_as_a_shell_takes_it(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch, file: str, rehearsed: str, described: str
) -> None:
    monkeypatch.chdir(SAMPLES)
    source = (SAMPLES / "app-permissions.yaml").read_bytes()
    lines = [action.line for action in make_plan(source, file, renderer).pre_checks]
    assert f"pexgen rehearse {rehearsed}" in lines
    assert any(f" --description {described} " in line for line in lines)


@pytest.mark.parametrize(
    ("rules", "severity", "decided"),
    [
        ("", "warning", ()),
        ("rules: {PXG109: note}\n", "note", ("PXG109 counts as note, not as warning",)),
        ("rules: {PXG109: warning}\n", "warning", ()),
    ],
)
def test_a_record_is_the_same_on_every_day_also_under_a_policy(
    renderer: Renderer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rules: str, severity: str, decided: object
) -> None:
    shutil.copy(SAMPLES / "pexip-add-in.xml", tmp_path)
    source = (SAMPLES / "app-permissions.yaml").read_bytes()
    if rules:
        (tmp_path / "pexgen.yaml").write_text(f"version: 1\n{rules}", encoding="utf-8")
    for day in (EWS_ENDS_LATER, EWS_ENDS_SOON):
        monkeypatch.setattr(clock, "today", lambda day=day: day)
        plan = make_plan(source, str(tmp_path / "x.yaml"), renderer)
        assert [each.severity for each in plan.findings if each.code == "PXG109"] == [severity], day
        assert (plan.policy.decided if plan.policy else ()) == decided, day


def test_a_file_is_unblocked_only_where_its_hash_is_the_approved_one(plan_of) -> None:
    plan = plan_of()
    (line,) = [action.line for action in plan.pre_checks if "Unblock-File" in action.line]
    assert line.startswith(
        f"if ((Get-FileHash .\\contoso-scheduling.ps1).Hash -eq '{plan.digests.runbook}') {{ Unblock"
    )


def test_the_way_back_by_hand_is_one_list_with_the_last_step_first(plan_of) -> None:
    steps = [each.step for each in plan_of().undo]
    assert steps == [step.id for step in reversed(plan_of().changing)]


def changed_lines(renderer, change: Callable[[bytes], bytes]) -> int:
    """How many lines of the record are others after a change of the description."""
    file = Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml"
    before, after = (
        plan_text(make_plan(each, str(file), renderer), "markdown").splitlines()
        for each in (file.read_bytes(), change(file.read_bytes()))
    )
    return sum(line.startswith("+ ") for line in difflib.ndiff(before, after))


def test_a_comment_in_the_description_changes_one_line_of_the_record(renderer) -> None:
    assert changed_lines(renderer, lambda source: source + b"# a comment\n") == 1


def test_a_member_changes_no_more_lines_than_name_or_count_the_members_and_the_digests(renderer) -> None:
    member = b"    - alex.wilber@contoso.com\n"
    assert changed_lines(renderer, lambda source: source.replace(member, member + b"    - eve@contoso.com\n")) <= 10


def test_a_policy_says_nothing_of_a_finding_that_is_accepted_or_not_there(renderer: Renderer, tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "pexip-add-in.xml", tmp_path)
    (tmp_path / "pexgen.yaml").write_text('version: 1\nrules: {PXG109: "off"}\n', encoding="utf-8")
    for sample in ("service-account-server", "app-permissions"):
        source = (SAMPLES / f"{sample}.yaml").read_text("utf-8")
        source += "\naccept:\n  - {code: PXG109, reason: known}\n" if sample == "app-permissions" else ""
        plan = make_plan(source.encode(), str(tmp_path / "x.yaml"), renderer)
        assert plan.policy is not None
        assert plan.policy.decided == ()
        assert [each.severity for each in plan.findings if each.code == "PXG109"] == (
            ["warning"] if sample == "app-permissions" else []
        )
