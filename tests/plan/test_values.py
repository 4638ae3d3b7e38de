"""The lines of a plan, with the deployment's values in them."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest

from pexgen import clock
from pexgen.catalogue import load_catalogue
from pexgen.clouds import CLOUDS
from pexgen.plan import Plan, make_plan, plan_text
from pexgen.plan.model import PlannedStep
from pexgen.render import Renderer
from pexgen.template_files import template_folder
from pexgen.vendor_facts import CHECKED

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def step(plan: Plan, name: str) -> PlannedStep:
    return next(each for each in plan.steps if each.id == name)


def lines(plan: Plan, name: str) -> list[str]:
    return [line for write in step(plan, name).writes for line in write.lines]


def test_a_made_mailbox_has_the_alias_and_display_name_that_the_body_gives_it(plan_of) -> None:
    made = lines(plan_of(), "equipment-mailbox")[0]
    assert made == (
        "New-Mailbox -Name 'Pexip Scheduling' -DisplayName 'Pexip Scheduling' -Alias 'pexip-scheduling' "
        "-PrimarySmtpAddress 'pexip-scheduling@contoso.com' -Equipment"
    )


def test_quotes_of_a_value_are_doubled(plan_of) -> None:
    assert any("-Member 'miriam.o''hara@contoso.com' " in line for line in lines(plan_of(), "scheduling-members"))


def test_a_quote_in_a_filter_is_doubled_for_the_filter_and_for_powershell(plan_of) -> None:
    plan = plan_of(
        "service-account-server",
        equipment={"address": "o'pexip@contoso.com"},
        impersonation={"scope": "equipment-only", "group": None},
        proof=None,
    )
    assert lines(plan, "impersonation")[0] == (
        "New-ManagementScope -Name 'contoso-server-impersonation-scope' "
        "-RecipientRestrictionFilter 'PrimarySmtpAddress -eq ''o''''pexip@contoso.com'''"
    )


def test_impersonation_of_everybody_makes_no_scope_and_says_every_mailbox(plan_of) -> None:
    plan = plan_of("service-account-server", impersonation={"scope": "organization", "group": None}, proof=None)
    cmdlets = {write.cmdlet for write in step(plan, "impersonation").writes}
    assert cmdlets == {"New-ManagementRoleAssignment", "Set-ManagementRoleAssignment"}
    assert any("EVERY mailbox" in row.after for row in plan.reach)


def test_an_adopted_mailbox_and_group_are_never_made_or_renamed(plan_of) -> None:
    plan = plan_of(equipment={"adopt": True}, scheduling_group={"adopt": True})
    assert (lines(plan, "equipment-mailbox"), lines(plan, "scheduling-group")) == ([], [])
    assert {each.id for each in plan.steps if each.asked and not each.writes} == {
        "equipment-mailbox",
        "scheduling-group",
    }
    assert step(plan, "equipment-mailbox").undo_writes == ()


def test_members_are_removed_only_with_prune(plan_of) -> None:
    effects = [
        step(plan_of(**change), "scheduling-members").effects for change in ({}, {"scheduling_group": {"prune": True}})
    ]
    assert effects == [("widens access",), ("widens access", "takes access away")]


def test_a_list_of_applications_keeps_what_is_on_it(plan_of) -> None:
    assert lines(plan_of(), "ews-access")[0] == (
        "Set-OrganizationConfig -EwsAllowedAppIDs <every ID that is on it now, and of these each that is not: "
        "5f6e7d8c-9b0a-4c1d-8e2f-3a4b5c6d7e8f, 1b2c3d4e-5f60-4718-92a3-b4c5d6e7f809>"
    )


def effects(plan: Plan, name: str) -> dict[str, tuple[str, ...]]:
    """The effects of a step's writes, by the parameter that each is about."""
    return {write.lines[0].split(" ")[1]: write.effects for write in step(plan, name).writes}


def test_the_ews_list_and_the_switch_widen_access_and_the_switch_takes_it_away(plan_of) -> None:
    plan = plan_of()
    assert effects(plan, "ews-access") == {
        "-EwsAllowedAppIDs": ("tenant-wide", "widens access"),
        "-EwsEnabled": ("tenant-wide", "widens access", "takes access away"),
    }
    assert [write.effect for write in step(plan, "ews-access").writes] == ["tenant-wide", "tenant-wide"]
    listed_only = plan_of(ews={"switch_on": False})
    assert step(listed_only, "ews-access").effects == ("tenant-wide", "widens access")


def test_what_cleanup_takes_off_the_list_takes_access_away(plan_of) -> None:
    assert effects(plan_of("migrate"), "legacy-account") == {"-EwsAllowedAppIDs": ("tenant-wide", "takes access away")}


def rows(plan: Plan) -> dict[str, str]:
    return {row.who: row.after for row in plan.reach}


def others(plan: Plan) -> dict[str, tuple[str, str]]:
    return {row.enabled: (row.before, row.after) for row in plan.other_ews}


def test_who_else_gains_or_loses_ews_is_said_in_a_row_for_each_state(plan_of) -> None:
    assert others(plan_of()) == {
        "false": ("has no EWS", "gains EWS, if it is on the list already"),
        "not set": ("can use EWS", "LOSES EWS, unless it is on the list"),
        "true, list not empty": ("can use EWS, if it is on the list", "the same"),
        "true, list empty": ("has no EWS", "the same"),
    }
    listed = others(plan_of(ews={"switch_on": False}))
    assert listed["false"][1] == "the same"
    assert (
        listed["not set"][1] == "the same, until EwsEnabled becomes true; then it LOSES EWS, unless it is on the list"
    )
    text = " ".join(plan_text(plan_of(), "text").split())
    assert "- EwsEnabled is not set before: can use EWS after: LOSES EWS" in text


def test_an_organization_whose_ews_is_not_changed_has_no_rows_about_it(plan_of) -> None:
    for ews in (None, {"policy": "check", "switch_on": None}):
        assert plan_of(ews=ews).other_ews == ()
    assert plan_of("service-account-server").other_ews == ()


def test_another_cloud_has_its_own_state_and_no_date_of_october(plan_of) -> None:
    target = {"environment": "gcc-high", "organization": "contoso.onmicrosoft.us"}
    plan = plan_of(target=target)
    assert others(plan)["true, list empty"][1].startswith("LOSES EWS, if it can use it today")
    assert not re.search(r"2026-10-|October", plan_text(plan, "markdown"))


def test_nothing_in_a_plan_contradicts_what_it_says_of_others(plan_of) -> None:
    for sample in ("app-permissions", "migrate"):
        text = plan_text(plan_of(sample), "text")
        assert not re.search(r"without closing it for others|every other one is blocked|BLOCKED", text)


@pytest.mark.parametrize("sample", ["app-permissions", "service-account-server"])
def test_a_plan_says_when_its_facts_were_checked_and_is_the_same_on_another_day(plan_of, monkeypatch, sample) -> None:
    made = plan_of(sample)
    assert made.facts_as_of == str(CHECKED)
    assert f"what it says about Microsoft and Pexip is as of {CHECKED}" in " ".join(plan_text(made, "text").split())
    for days in (-200, 91):
        monkeypatch.setattr(clock, "today", lambda days=days: CHECKED + timedelta(days=days))
        assert plan_text(plan_of(sample), "json") == plan_text(made, "json")


def test_the_reason_why_nobody_else_uses_ews_stands_in_the_plan(plan_of) -> None:
    reason = "The usage report of 90 days shows none."
    plan = plan_of(ews={"keep": [], "no_others": reason})
    assert f'the description says: "{reason.removesuffix(".")}".' in step(plan, "ews-access").after
    undecided = plan_of(ews={"keep": []})
    assert "the script writes nothing (blocked)" in step(undecided, "ews-access").after


def test_its_own_application_among_those_to_keep_is_nobody_else(plan_of) -> None:
    own = "5F6E7D8C-9B0A-4C1D-8E2F-3A4B5C6D7E8F"
    plan = plan_of(ews={"keep": [{"client_id": own, "name": "ours"}]})
    found = step(plan, "ews-access")
    assert "the script writes nothing (blocked)" in found.after
    assert "Pexip's application ALONE" in found.worst[0].text
    assert lines(plan, "ews-access")[0].lower().count(own.lower()) == 1
    assert not any("ours" in row.who for row in plan.reach)
    assert not any(part.id == "kept" for part in plan.parts)


def test_the_same_mailbox_in_another_case_is_one_proof(plan_of) -> None:
    plan = plan_of(proof={"in_scope": ["PEXIP-Scheduling@contoso.com"], "out_of_scope": ["ceo@contoso.com"]})
    assert "allowed in pexip-scheduling@contoso.com, and" in step(plan, "application-role").proves


def test_however_many_applications_are_kept_each_is_named_in_its_step(plan_of) -> None:
    keep = [{"client_id": f"1b2c3d4e-5f60-4718-92a3-b4c5d6e7f8{n}", "name": f"Panel {n}"} for n in range(10, 24)]
    plan = plan_of(ews={"keep": keep})
    assert [each["name"] for each in keep if each["name"] not in step(plan, "ews-access").after] == []
    old = [{**each, "client_id": each["client_id"].replace("1b2c", "6c1d")} for each in keep]
    retired = [*old, {"client_id": OLD, "name": "Pexip service account"}]
    plan = plan_of("migrate", ews={"retire": retired})
    assert [each["name"] for each in retired if each["name"] not in step(plan, "legacy-account").after] == []


def test_a_hybrid_organization_is_told_of_its_application(plan_of) -> None:
    def before(**change) -> str:
        return next(each.title for each in plan_of(**change).pre_checks if "EWS usage report" in each.title)

    assert "(in a hybrid organization also ExchangeServerApp-..., for free/busy" in before()
    kept = before(ews={"keep": [{"client_id": OLD, "name": "ExchangeServerApp-1"}]})
    assert "ExchangeServerApp-1, which it names, has to be the application of Exchange Server" in kept
    assert "in a hybrid organization" not in kept


def test_an_application_that_is_only_put_on_the_list_can_use_ews_where_it_is_switched_on(plan_of) -> None:
    found = [after for who, after in rows(plan_of(ews={"switch_on": False})).items() if "Room displays" in who]
    assert found == ["is on the list: can use EWS as soon as EwsEnabled is true, where its rights allow"]


def test_each_application_that_is_to_stay_has_a_row_of_its_own(plan_of) -> None:
    keep = [{"client_id": f"1b2c3d4e-5f60-4718-92a3-b4c5d6e7f80{n}", "name": f"Panels {n}"} for n in range(3)]
    found = rows(plan_of(ews={"keep": keep}))
    for each in keep:
        after = found[f'the application "{each["name"]}" (client ID {each["client_id"]})']
        assert after == "can use EWS, where its rights allow"


OLD = "6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58"


def test_a_migration_that_switches_ews_on_puts_the_retired_applications_on_the_list_too(plan_of) -> None:
    plan = plan_of("migrate")
    condition = "if EwsEnabled is not set, or true over an empty list"
    assert f"; {condition}, also {OLD}>" in lines(plan, "ews-access")[0]
    after = step(plan, "ews-access").after
    assert f"until the phase Cleanup takes it off: {OLD} (Pexip service account)." in after
    who = f'the application "Pexip service account" (client ID {OLD}), by which the old service account signs in'
    assert rows(plan)[who] == "leaves the list in Cleanup and LOSES EWS"


def test_a_migration_that_does_not_switch_ews_on_leaves_retired_applications_where_they_are(plan_of) -> None:
    plan = plan_of("migrate", ews={"switch_on": False})
    assert OLD not in lines(plan, "ews-access")[0]
    assert OLD not in step(plan, "ews-access").after


def test_a_group_that_only_limits_impersonation_is_made_by_hand_and_whoever_manages_it_decides(plan_of) -> None:
    plan = plan_of("service-account-server")
    said = " ".join(task.text for task in plan.tasks if task.id == "group")
    assert "has created pexip-scheduling@contoso.com: put it into the group pexip-schedulers@contoso.com" in said
    manages = "whoever manages or may join pexip-schedulers@contoso.com"
    assert rows(plan)[manages] == "decides whose mailboxes the account reaches; its owners stay"


@pytest.mark.parametrize("scope", ["organization", "equipment-only"])
def test_impersonation_without_a_group_says_nothing_of_one(plan_of, scope: str) -> None:
    plan = plan_of("service-account-server", impersonation={"scope": scope, "group": None}, proof=None)
    assert not any("the group" in text for text in (task.text for task in plan.tasks))
    assert not any(who.startswith("whoever manages") for who in rows(plan))


def test_an_add_in_has_a_row_with_who_gets_it_and_what_it_may_do(plan_of) -> None:
    row = next(row for row in plan_of("service-account-server").reach if row.who.startswith("the add-in"))
    assert row.through == "Outlook of adele.vance@contoso.com; it asks for the permission ReadWriteItem"
    assert row.after == "reads and changes the user's open item, when the add-in is used"
    everyone = plan_of(add_in={"manifest": "pexip-add-in.xml"})
    assert any(row.through.startswith("Outlook of everybody in the organization;") for row in everyone.reach)


def test_an_add_ins_manifest_is_compared_before_the_run_and_has_its_digest(plan_of) -> None:
    plan = plan_of("service-account-server")
    digest = hashlib.sha256((SAMPLES / "pexip-add-in.xml").read_bytes()).hexdigest()
    assert (plan.manifest, plan.digests.manifest) == ("pexip-add-in.xml", digest)
    compared = [action.line for action in plan.pre_checks if "pexip-add-in.xml" in action.line]
    assert compared == [f"(Get-FileHash -LiteralPath '.\\pexip-add-in.xml').Hash -eq '{digest}'"]
    assert (plan_of().manifest, plan_of().digests.manifest) == ("", "")


@pytest.mark.parametrize(
    ("sample", "change", "said"),
    [
        ("app-permissions", {}, "Microsoft 365 admin center (Settings, Integrated apps, Upload custom apps)"),
        ("app-permissions", {"add_in": {"manifest": "pexip-add-in.xml"}}, ""),
        ("service-account-server", {"add_in": None}, "Exchange admin center, among the organization's add-ins"),
        ("service-account-server", {}, ""),
    ],
)
def test_the_add_in_is_made_available_by_hand_only_where_no_runbook_does_it(plan_of, sample, change, said) -> None:
    found = [task.text for task in plan_of(sample, **change).tasks if "add-in" in task.text]
    assert [said in text for text in found] == ([True] if said else [])


def test_the_first_run_on_exchange_server_ends_with_5_and_the_next_line_with_0(plan_of) -> None:
    actions = plan_of("service-account-server").implementation
    apply, again = (each for each in actions if "-JournalPath" in each.line)
    assert apply.expect.startswith(f"Exit code 5 the first time, because of step {actions.index(again) + 1}.")
    assert (again.title.split(":")[0], again.expect) == (
        "When the first Apply has created pexip-scheduling@contoso.com",
        "Exit code 0.",
    )
    adopted = plan_of("service-account-server", equipment={"adopt": True}).implementation
    assert not any("the first time" in each.expect for each in adopted)


def test_a_registration_or_methods_that_nobody_described_leave_no_gap_in_a_sentence(plan_of) -> None:
    online = step(plan_of("service-account-online", oauth=None), "account-authentication")
    assert "the registration by which the account signs in, which the description does not name." in online.after
    assert online.proves.startswith("Nothing, because it is not described which registration is meant")
    server = step(plan_of("service-account-server", authentication=None), "account-authentication")
    assert server.after == "Nothing is changed; which methods each EWS virtual directory takes is reported."
    assert server.writes == ()


def test_ews_that_is_only_checked_changes_nothing(plan_of) -> None:
    plan = plan_of(ews={"policy": "check", "switch_on": None})
    assert step(plan, "ews-access").writes == ()
    assert not any("EwsEnabled $null" in action.line for action in plan.back_out)


def test_a_step_that_is_not_asked_for_has_nothing_but_its_name(plan_of) -> None:
    plan = plan_of(ews=None)
    left = step(plan, "ews-access")
    assert (left.asked, left.writes, left.proves, left.not_checked) == (False, (), "", ())
    assert "Organization Configuration" not in plan.operator.roles


def test_each_delegate_has_a_line_with_the_address_as_the_body_sends_it(plan_of) -> None:
    plan = plan_of(delegates=[{"account": "Admin@contoso.com", "automapping": True}, {"account": "b@contoso.com"}])
    ends = [line.split(" -User ")[1] for line in lines(plan, "delegate-access")]
    assert ends == [
        "'admin@contoso.com' -AccessRights 'FullAccess' -InheritanceType 'All' -AutoMapping $true",
        "'b@contoso.com' -AccessRights 'FullAccess' -InheritanceType 'All' -AutoMapping $false",
    ]


def test_what_cannot_be_undone_is_said_to_be_irreversible(plan_of) -> None:
    assert [each.id for each in plan_of("migrate").steps if "irreversible" in each.effects] == ["legacy-impersonation"]


def test_an_account_that_is_made_needs_its_password_on_the_line(plan_of) -> None:
    apply = [action.line for action in plan_of("service-account-server").implementation if "-Mode Apply" in action.line]
    assert apply
    assert all(
        "-PasswordOfServiceAccount (Get-Credential -UserName 'pexip-service@contoso.com' " in line for line in apply
    )


def test_a_migration_is_applied_twice_and_cleans_up_only_after_the_switch(plan_of) -> None:
    actions = plan_of("migrate").implementation
    prepare = next(n for n, action in enumerate(actions) if "-Phase Prepare" in action.line)
    switch = next(n for n, action in enumerate(actions) if "switch the integration" in action.title)
    looks, cleanup = [n for n, action in enumerate(actions) if "-Phase Cleanup" in action.line]
    assert prepare < switch < looks < cleanup
    assert "-Mode" not in actions[looks].line
    assert "-ConfirmCutover -ApprovedPlan <digest of that Check>" in actions[cleanup].line
    assert actions[cleanup].title.startswith("POINT OF NO RETURN")


def test_a_migration_is_backed_out_in_pexip_infinity_first_and_not_after_cleanup(plan_of) -> None:
    plan = plan_of("migrate")
    assert plan.back_out[0].title.startswith("Only before Cleanup, and if the service account still works (if not,")
    assert "After it do NOT take the steps below" in plan.no_return
    assert plan.no_return.startswith("Apply with -Phase Cleanup.")
    assert plan_of().no_return.startswith("For settings none while the journal exists.")


def test_every_line_of_a_migration_names_its_phase_but_rollback_and_the_last_verify(plan_of) -> None:
    plan = plan_of("migrate")
    lines = [each.line for each in (*plan.pre_checks, *plan.implementation, *plan.tests) if ".ps1 " in each.line]
    bare = [line for line in lines if line.startswith(".\\contoso") and "-Phase " not in line]
    assert bare == [".\\contoso-migration.ps1 -Mode Verify -ResultPath .\\contoso-migration.verify-cleanup.json"]


def test_where_nothing_changes_nothing_is_applied_or_taken_back(plan_of) -> None:
    plan = plan_of("service-account-online", equipment={"calendar": None})
    assert plan.changing == ()
    assert (plan.back_out, [action for action in plan.implementation if "-Mode Apply" in action.line]) == ((), [])


@pytest.mark.parametrize(
    ("environment", "organization", "ends"),
    [
        ("worldwide", "contoso.onmicrosoft.com", "-ShowBanner:$false"),
        ("gcc", "contoso.onmicrosoft.com", "-ShowBanner:$false"),
        ("gcc-high", "contoso.onmicrosoft.us", "-ExchangeEnvironmentName O365USGovGCCHigh"),
        ("dod", "contoso.onmicrosoft.us", "-ExchangeEnvironmentName O365USGovDoD"),
        ("china", "contoso.partner.onmschina.cn", "-ExchangeEnvironmentName O365China"),
    ],
)
def test_the_session_is_opened_in_the_tenants_cloud(plan_of, environment: str, organization: str, ends: str) -> None:
    connect = plan_of(target={"environment": environment, "organization": organization}).operator.connect
    assert connect.endswith(ends)


def test_the_line_that_opens_the_session_is_the_one_that_the_runbook_prints() -> None:
    session = next(
        part for part in load_catalogue(template_folder()).core if part.name == "engine/50-session.exchange-online"
    ).text
    assert all(f"'{cloud}' = '{each.exchange}'" in session for cloud, each in CLOUDS.items() if each.exchange)
    assert "'Connect-ExchangeOnline -UserPrincipalName <you> -ShowBanner:$false'" in session


def test_on_a_server_no_connection_is_opened(plan_of) -> None:
    plan = plan_of("service-account-server")
    assert plan.operator.connect == ""
    assert any("Exchange Management Shell" in need for need in plan.operator.needs)


def test_an_accepted_finding_stands_with_its_reason(plan_of) -> None:
    found = {each.code: each.reason for each in plan_of("service-account-online").findings}
    assert found["PXG126"] == "It moves to app permissions with CHG0031339, before EWS ends."


def test_what_an_add_in_asks_for_beyond_its_permission_and_its_hosts_stand_in_the_plan(tmp_path: Path) -> None:
    sample = (SAMPLES / "pexip-add-in.xml").read_text(encoding="utf-8")
    more = """<VersionOverrides xmlns="http://schemas.microsoft.com/office/mailappversionoverrides/1.1"
      xmlns:bt="http://schemas.microsoft.com/office/officeappbasictypes/1.0">
      <ExtensionPoint xsi:type="LaunchEvent"><LaunchEvents><LaunchEvent Type="OnMessageSend"/></LaunchEvents>
      </ExtensionPoint><Resources><bt:Urls><bt:Url id="a" DefaultValue="https://code.example.com/a.js"/></bt:Urls>
      </Resources><WebApplicationInfo><Id>i</Id><Scopes><Scope>Mail.ReadWrite</Scope></Scopes></WebApplicationInfo>
      <ExtendedPermissions><ExtendedPermission>AppendOnSend</ExtendedPermission></ExtendedPermissions>
      </VersionOverrides></OfficeApp>"""
    (tmp_path / "a.xml").write_text(sample.replace("</OfficeApp>", more), encoding="utf-8")
    text = (SAMPLES / "app-permissions.yaml").read_text(encoding="utf-8").partition("\nadd_in:")[0]
    source = f"{text}\nadd_in: {{manifest: a.xml}}\n".encode()
    plan = make_plan(source, str(tmp_path / "a.yaml"), Renderer(allow_unreviewed=True))
    (row,) = (each for each in plan.reach if "the add-in" in each.who)
    for said in (step(plan, "add-in").after, row.after):
        assert all(word in said for word in ("Mail.ReadWrite", "AppendOnSend", "OnMessageSend"))
    assert "code.example.com, pexip.contoso.com" in step(plan, "add-in").after


def test_of_an_add_in_that_asks_for_nothing_more_nothing_more_is_said(plan_of) -> None:
    plan = plan_of(add_in={"manifest": "pexip-add-in.xml"})
    assert "Beyond" not in step(plan, "add-in").after
    assert "Its code is loaded from pexip.contoso.com." in step(plan, "add-in").after
