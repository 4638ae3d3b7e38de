"""The equipment mailbox is made, corrected and taken back, and nobody's mailbox is taken for it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from support.function_cases import ENTRY, WITH
from support.functions import Functions
from support.service_accounts import SERVER
from support.sites import DESCRIPTION, Applied, Json, SiteOf, copied_journal, states, undo
from support.step_cases import (
    Changes,
    corrected,
    fails_where_it_never_shows,
    fails_where_the_alias_is_taken,
    refused,
    seen_later,
    taken,
    unreadable_where_lacking,
)
from support.step_undos import (
    kept_at_the_last_look,
    ours_by_its_time,
    removed_though_not_found_once,
    taken_back_without_time_to_wait,
)
from support.tenants import EQUIPMENT, NOT_FOUND, changed, detail, in_conflict, recipient

from pexgen.rehearsal import Result
from pexgen.simulation import without_bookkeeping
from pexgen.simulation.objects import user

STEP = "equipment-mailbox"
NAME = DESCRIPTION["equipment"]["name"]
BEFORE_ANYTHING: Changes = {
    "the equipment address is a user's": (lambda t: t["recipients"].append(user(EQUIPMENT)), "UserMailbox"),
    "the equipment address is a user's second one": (
        lambda t: recipient(t, "alice@contoso.com")["EmailAddresses"].append(f"smtp:{EQUIPMENT}"),
        "alice@contoso.com",
    ),
    "the equipment name is taken": (
        lambda t: recipient(t, "alice@contoso.com").update(Name="Pexip Scheduling"),
        "another equipment name",
    ),
    "a deleted mailbox holds the address": (lambda t: t["softDeleted"].append(user(EQUIPMENT)), "deleted mailbox"),
}


@pytest.mark.parametrize("case", BEFORE_ANYTHING)
def test_a_conflict_in_a_tenant_where_nothing_is_there_yet(site: SiteOf, case: str) -> None:
    change, text = BEFORE_ANYTHING[case]
    in_conflict(site(), changed(site().tenant, change), STEP, text)


def test_one_with_our_name_is_a_conflict(site: SiteOf) -> None:
    other = user("other@contoso.com", Name=NAME)
    tenant = changed(site().tenant, lambda t: t["recipients"].append(other))
    in_conflict(site(), tenant, "equipment-mailbox", NAME, "other@contoso.com", "another equipment name")


def test_what_is_to_be_adopted_and_is_not_there_is_refused(site: SiteOf) -> None:
    in_conflict(site(equipment={"adopt": True}), site().tenant, STEP, "adopt is true")


DRIFTS: Changes = {
    "display name of the mailbox": (
        lambda t: recipient(t, EQUIPMENT).update(DisplayName="pexip schéduling ’O"),
        "Set-Mailbox",
    ),
}


@pytest.mark.parametrize("case", DRIFTS)
def test_each_drift_is_one_step_that_differs_and_one_write(site: SiteOf, applied: Applied, case: str) -> None:
    change, cmdlet = DRIFTS[case]
    corrected(site(), changed(applied().tenant, change), STEP, cmdlet)


def test_an_alias_is_corrected_only_where_the_description_names_one(site: SiteOf, applied: Applied) -> None:
    assert recipient(applied().tenant, "pexip-scheduling@contoso.com")["Alias"] == "pexip-scheduling"
    tenant = copy.deepcopy(applied().tenant)
    recipient(tenant, "pexip-scheduling@contoso.com")["Alias"] = "other"
    assert site().run("Check", tenant).exit_code == 0
    apply = site(equipment={"alias": "pexip"}).run("Apply", tenant)
    assert (apply.exit_code, recipient(apply.tenant, "pexip-scheduling@contoso.com")["Alias"]) == (0, "pexip")


def test_an_object_that_is_mastered_on_premises_is_blocked(site: SiteOf, applied: Applied) -> None:
    tenant = copy.deepcopy(applied().tenant)
    recipient(tenant, "pexip-scheduling@contoso.com").update(DisplayName="x", IsDirSynced=True)
    apply = site().run("Apply", tenant, Step=["equipment-mailbox"])
    assert (apply.exit_code, apply.writes, "synchronized from on-premises" in apply.screen) == (5, (), True)


def test_an_answer_that_lacks_a_property_does_not_say_that_it_is_empty(site: SiteOf, applied: Applied) -> None:
    unreadable_where_lacking(site, applied, "Get-Mailbox", "DisplayName", STEP)


def test_a_cmdlet_that_sees_a_new_object_later_than_others_is_waited_for(site: SiteOf, applied: Applied) -> None:
    seen_later(site(), applied(), "Get-Recipient", "New-Mailbox")


def test_an_alias_that_is_taken_at_the_initial_domain_fails_at_once(site: SiteOf) -> None:
    fails_where_the_alias_is_taken(site(), EQUIPMENT, STEP)


def test_what_was_refused_is_not_taken_back_when_somebody_makes_it_by_hand(site: SiteOf, tmp_path: Path) -> None:
    """The journal says failed, so that Rollback knows whose it is."""
    run = site().run("Apply", taken(site(), EQUIPMENT))
    theirs = user(
        EQUIPMENT, RecipientTypeDetails="EquipmentMailbox", DisplayName=DESCRIPTION["equipment"]["display_name"]
    )
    made = changed(run.tenant, lambda tenant: tenant["recipients"].append(theirs))
    given: Json = {"JournalPath": [copied_journal(run, tmp_path)], "RemoveCreatedMailbox": True}
    back = site().run("Rollback", made, **given)
    assert (back.writes, states(back)["equipment-mailbox"]) == ((), "kept"), back.screen


PROXY = "Microsoft.Exchange.Data.Directory.ProxyAddressExistsException"


def test_words_that_name_our_own_address_alone_are_waited_over(site: SiteOf) -> None:
    """A create that was sent twice is answered so, and may appear; if it does not, it has failed."""
    words = f'The proxy address "SMTP:{EQUIPMENT}" is already being used by the proxy addresses of "nobody seen".'
    run = site().run("Apply", options=refused("New-Mailbox", words, PROXY), WaitSeconds=30)
    assert (run.exit_code, states(run)["equipment-mailbox"]) == (3, "failed"), run.screen
    assert sum(run.waits) == 30


def test_what_is_said_to_exist_and_never_shows_has_failed(site: SiteOf) -> None:
    fails_where_it_never_shows(site(), "New-Mailbox", STEP)


def test_a_mailbox_with_items_in_it_is_kept(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    run = applied()
    tenant = copy.deepcopy(run.tenant)
    recipient(tenant, "pexip-scheduling@contoso.com")["items"] = 3
    back = undo(site(), tenant, [copied_journal(run, tmp_path)])
    assert (back.exit_code, states(back)["equipment-mailbox"]) == (5, "kept")
    assert "3 items" in back.screen


def test_what_was_only_announced_is_ours_by_the_time_at_which_it_was_created(site: SiteOf, tmp_path: Path) -> None:
    ours_by_its_time(site(), tmp_path, STEP, "New-Mailbox", lambda one: recipient(one, EQUIPMENT))


def test_a_single_not_found_right_before_a_removal_is_asked_about_again(
    site: SiteOf, applied: Applied, undone: Result, tmp_path: Path
) -> None:
    removed_though_not_found_once(site(), applied(), undone, tmp_path, "Remove-Mailbox")


def test_without_time_to_wait_a_single_not_found_about_what_was_made_does_not_count_as_gone(
    site: SiteOf, tmp_path: Path
) -> None:
    taken_back_without_time_to_wait(site(), tmp_path, STEP, "Get-Mailbox")


def items_arrive(_: Json) -> Json:
    return {"path": f"recipients.[PrimarySmtpAddress={EQUIPMENT}].items", "value": 3}


RELIED_ON: Changes = {"items arrive in the mailbox": (items_arrive, "it holds 3 items")}


@pytest.mark.parametrize("case", RELIED_ON)
def test_what_somebody_came_to_rely_on_while_the_question_stood_open_is_kept(
    site: SiteOf, tmp_path: Path, case: str
) -> None:
    meanwhile, reason = RELIED_ON[case]
    kept_at_the_last_look(site(), tmp_path, [STEP], meanwhile, reason)


def test_statistics_that_are_not_found_once_right_before_the_removal_keep_nothing(site: SiteOf, tmp_path: Path) -> None:
    run = site().run("Apply", Step=["equipment-mailbox"])
    given: Json = {"JournalPath": [copied_journal(run, tmp_path)], "RemoveCreatedMailbox": True}
    fault = {"kind": "error", "cmdlet": "Get-MailboxStatistics", "nth": 2, "class": NOT_FOUND, "text": "not now"}
    back = site().run("Rollback", run.tenant, options={"faults": [fault]}, **given)
    assert back.exit_code == 0, back.screen
    assert without_bookkeeping(back.tenant) == without_bookkeeping(site().tenant)


BY: dict[str, tuple[int, str, list[str]]] = {"a policy": (5, "blocked", []), "hand": (0, "changed", ["Set-Mailbox"])}


@pytest.mark.parametrize("who", BY)
def test_an_alias_is_not_set_where_a_policy_makes_the_addresses_from_it(sample: SiteOf, who: str) -> None:
    code, state, writes = BY[who]
    site = sample(SERVER, equipment={"alias": "another"})
    made_by = {"EmailAddressPolicyEnabled": who == "a policy"}
    run = site.run(
        "Apply", changed(site.tenant, lambda t: recipient(t, EQUIPMENT).update(made_by)), Step=["equipment-mailbox"]
    )
    assert (run.exit_code, states(run)) == (code, {"equipment-mailbox": state}), run.screen
    assert [call.cmdlet for call in run.writes] == writes
    assert ("e-mail address policy" in detail(run, "equipment-mailbox")) == (who == "a policy")


def test_a_mailbox_is_ours_by_its_kind_its_address_and_none_of_one_touch_join(functions: Functions) -> None:
    found = """
function Test-Found {
    param([hashtable] $Of = @{}, [string[]] $Taken = @())
    $all = @{ RecipientTypeDetails = 'EquipmentMailbox'; PrimarySmtpAddress = 'ROOM@contoso.com' }
    foreach ($name in $Of.Keys) { $all[$name] = $Of[$name] }
    With { $null = Get-EquipmentMailbox } @{ Seen = @{ 'room@contoso.com' = [pscustomobject] $all } } @{
        EquipmentAddress = 'room@contoso.com'; OneTouchJoinAccounts = $Taken
    }
}
$Names = @{ UserPrincipalName = 'otj@contoso.com'; EmailAddresses = @('SMTP:room@b.com', 'smtp:two@contoso.com') }
$Guid = '11111111-2222-4333-8444-555555555555'
"""
    not_ours, one_touch = (
        "which is not an equipment mailbox with that primary SMTP address",
        "which One-Touch Join uses",
    )
    cases = {
        "Test-Found": "",
        "Test-Found @{ RecipientTypeDetails = 'RoomMailbox' }": not_ours,
        "Test-Found @{ PrimarySmtpAddress = 'other@contoso.com' }": not_ours,
        "Test-Found $Names @('nobody@contoso.com')": "",
        "Test-Found $Names @('OTJ@contoso.com')": one_touch,
        "Test-Found $Names @('two@contoso.com')": one_touch,
        "Test-Found @{ Guid = [guid] $Guid } @($Guid)": one_touch,
    }
    assert functions.stops(cases, before=WITH + found, ends="conflict") == cases


def test_only_the_described_mailbox_is_claimed(functions: Functions) -> None:
    claim = """
function Get-Claim {
    param([string] $Name, [string] $Address = $Value.EquipmentAddress, [hashtable] $Described = @{})
    $wanted = @{ PrimarySmtpAddress = $Address; Alias = 'a' }
    $entry = New-Entry $(if ($Name) { @{ $Name = 'x' } }) $wanted
    With { Get-EquipmentMailboxClaim $entry -Name $Name } @{} $Described
}
"""
    claims: dict[str, Any] = {
        "Get-Claim '' $Value.EquipmentAddress.ToUpper()": [],
        "Get-Claim '' 'ceo@contoso.com'": f"it is not the described {EQUIPMENT}",
        "Get-Claim 'DisplayName'": [],
        "Get-Claim 'Alias'": "the description names no alias",
        "Get-Claim 'Alias' 'x' @{ EquipmentAlias = 'a' }": [],
        "Get-Claim '' $Value.EquipmentAddress @{ EquipmentAdopt = $true }": (
            "the description adopts the mailbox and changes nothing of it"
        ),
    }
    assert functions.values(*claims, before=WITH + ENTRY + claim) == claims
