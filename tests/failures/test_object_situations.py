"""Situations 12 to 26: what is there already, in the place of ours or as ours."""

from __future__ import annotations

import copy

import pytest
from support.described import asked_states
from support.sites import OURS, Applied, Json, SiteOf, states
from support.tenants import ASSIGNMENT, EQUIPMENT, GROUP, SCOPE, changed, detail, guarded, in_conflict, named, recipient

from pexgen.simulation import without_bookkeeping
from pexgen.simulation.objects import guid, user

OBJECT = "66666666-7777-4888-9999-aaaaaaaaaaaa"


ADDRESSES = [(EQUIPMENT, "equipment-mailbox"), (GROUP, "scheduling-group")]


@pytest.mark.parametrize(("address", "step"), ADDRESSES)
def test_12_a_deleted_mailbox_holds_the_address(site: SiteOf, address: str, step: str) -> None:
    gone = user(address, DisplayName="Old scheduler", WhenSoftDeleted="2026-10-30 09:00:00")
    tenant = changed(site().tenant, lambda t: t["softDeleted"].append(gone))
    in_conflict(site(), tenant, step, address, "Old scheduler", "2026-10-30", "Restore it", "another address")


@pytest.mark.parametrize(("address", "step"), ADDRESSES)
def test_12_only_exchange_knows_who_holds_the_address(site: SiteOf, address: str, step: str) -> None:
    words = f'The proxy address "SMTP:{address}" is already being used by "contoso.com/Somewhere/Something".'
    refused = {"kind": "error", "cmdlet": "New-Mailbox" if address == EQUIPMENT else "New-DistributionGroup"}
    held = {"class": "Microsoft.Exchange.Data.Directory.ProxyAddressExistsException", "text": words}
    run = site().run("Apply", options={"faults": [{**refused, **held}]}, Step=[step], WaitSeconds=0)
    assert (run.exit_code, states(run), len(run.writes)) == (3, {step: "failed"}, 1), run.screen
    assert words in detail(run, step)


@pytest.mark.parametrize(
    "kind", ["UserMailbox", "MailContact", "MailUniversalSecurityGroup", "GroupMailbox", "MailUser"]
)
def test_13_the_address_belongs_to_something_else(site: SiteOf, kind: str) -> None:
    theirs = user(EQUIPMENT, RecipientTypeDetails=kind, DisplayName="Theirs", members=[])
    tenant = changed(site().tenant, lambda t: t["recipients"].append(theirs))
    in_conflict(site(), tenant, "equipment-mailbox", kind, "Theirs", EQUIPMENT)


def test_14_several_recipients_match(site: SiteOf) -> None:
    def twins(tenant: Json) -> None:
        for address in ("one@contoso.com", "two@contoso.com"):
            tenant["recipients"].append(user(address, EmailAddresses=[f"SMTP:{address}", f"smtp:{EQUIPMENT}"]))

    words = f"there are multiple recipients matching identity '{EQUIPMENT}'"
    in_conflict(site(), changed(site().tenant, twins), "equipment-mailbox", "not one object", words)


def test_14_several_recipients_are_answered(site: SiteOf) -> None:
    both = "foreach ($one in 'alice', 'bob') { & $script:Plain @{ Identity = \"$one@contoso.com\" } }"
    prelude = (
        "& (Get-Module -Name 'tmpEXO_*') { $script:Plain = $script:Handler['Get-Recipient']; "
        f"$script:Handler['Get-Recipient'] = {{ {both} }} }}"
    )
    run = site().run("Apply", options={"prelude": prelude}, Step=["equipment-mailbox"])
    assert (run.exit_code, states(run), run.writes) == (4, {"equipment-mailbox": "conflict"}, ()), run.screen
    names = ", ".join(recipient(run.tenant, f"{one}@contoso.com")["Name"] for one in ("alice", "bob"))
    assert f"recipient {EQUIPMENT} is not one object but 2: {names}" in detail(run, "equipment-mailbox")


def test_15_the_object_is_there_with_other_settings(site: SiteOf, applied: Applied) -> None:
    def other(tenant: Json) -> None:
        recipient(tenant, EQUIPMENT).update(DisplayName="Other", HiddenFromAddressListsEnabled=True)

    tenant = changed(applied().tenant, other)
    check = site().run("Check", tenant)
    assert (check.exit_code, check.writes, "'Other' -> 'Pexip Schéduling ’O'" in check.screen) == (2, (), True)
    apply = site().run("Apply", tenant)
    assert [call.cmdlet for call in apply.writes] == ["Set-Mailbox"]
    assert recipient(apply.tenant, EQUIPMENT)["HiddenFromAddressListsEnabled"] is True


@pytest.mark.parametrize(("address", "step"), [(EQUIPMENT, "equipment-mailbox"), (GROUP, "scheduling-group")])
def test_16_an_object_that_is_synchronized(site: SiteOf, applied: Applied, address: str, step: str) -> None:
    same = changed(applied().tenant, lambda t: recipient(t, address).update(IsDirSynced=True))
    assert site().run("Check", same).exit_code == 0
    differs = changed(same, lambda t: recipient(t, address).update(DisplayName="Other"))
    apply = site().run("Apply", differs, Step=[step])
    assert (apply.exit_code, states(apply), apply.writes) == (5, {step: "blocked"}, ())
    assert "on-premises" in detail(apply, step)


NOT_ACCEPTED = {
    "equipment": ("equipment-mailbox", []),
    "scheduling_group": ("scheduling-group", ["New-Mailbox", "Set-CalendarProcessing"]),
}


@pytest.mark.parametrize("section", NOT_ACCEPTED)
def test_17_a_domain_that_is_not_accepted(site: SiteOf, section: str) -> None:
    step, before = NOT_ACCEPTED[section]
    run = site(**{section: {"address": "pexip@fabrikam.com"}}).run("Apply", site().tenant)
    assert (run.exit_code, states(run)[step]) == (3, "failed"), run.screen
    assert "the domain 'fabrikam.com'" in detail(run, step)
    assert [call.cmdlet for call in run.writes if call.outcome == "ok"] == before
    assert [call.outcome == "ok" for call in run.writes] == [True] * len(before) + [False]
    is_untouched = without_bookkeeping(run.tenant) == without_bookkeeping(site().tenant)
    assert is_untouched == (section == "equipment")


@pytest.mark.parametrize("renaming", [{"groupNamePrefix": "GRP_"}, {"guidNames": ["mailbox", "group"]}])
def test_18_a_naming_policy(site: SiteOf, renaming: Json) -> None:
    tenant = changed(site().tenant, lambda t: t["settings"].update(renaming))
    apply = site().run("Apply", tenant)
    assert apply.exit_code == 0, apply.screen
    check = site().run("Check", apply.tenant)
    assert (check.exit_code, set(asked_states(check))) == (0, {"in-place"})


def test_19_an_organization_that_was_never_customized(site: SiteOf) -> None:
    tenant = changed(site().tenant, lambda t: t["organization"].update(IsDehydrated=True))
    run = site().run("Apply", tenant)
    guarded(run, "organization", "Enable-OrganizationCustomization")
    assert run.tenant["organization"]["IsDehydrated"] is True


def test_20_the_role_cannot_be_handed_out(site: SiteOf, applied: Applied) -> None:
    never = [one for one in site().tenant["assignments"] if not one["delegating"]]
    guarded(
        site().run("Apply", changed(site().tenant, lambda t: t.update(assignments=never))),
        "organization",
        "Organization Management",
    )
    early = site().run("Apply", changed(site().tenant, lambda t: t["settings"].update(delegationNotReady=True)))
    assert (early.exit_code, states(early)["application-role"]) == (3, "failed")
    assert "delegating role assignment" in detail(early, "application-role")
    later = site().run("Apply", changed(early.tenant, lambda t: t["settings"].update(delegationNotReady=False)))
    assert later.exit_code == 0
    ended = {**later.tenant, "settings": site().tenant["settings"]}
    assert without_bookkeeping(ended) == without_bookkeeping(applied().tenant)


def test_21_the_pointer_is_refused(site: SiteOf) -> None:
    here = site(application={"object_id": "12121212-7777-4888-9999-aaaaaaaaaaaa"})
    run = here.run("Apply", site().tenant)
    assert (run.exit_code, states(run)["application-pointer"]) == (3, "failed")
    assert "Enterprise applications" in detail(run, "application-pointer")


def test_22_a_pointer_with_another_object_id(site: SiteOf) -> None:
    old = {"AppId": OURS, "ObjectId": "12121212-7777-4888-9999-aaaaaaaaaaaa", "DisplayName": "Old", "Name": "old"}
    tenant = changed(site().tenant, lambda t: t["servicePrincipals"].append({**old, "Guid": guid("old")}))
    in_conflict(site(), tenant, "application-pointer", old["ObjectId"], OURS, "by hand")


def test_23_the_new_pointer_is_not_found_yet(site: SiteOf, applied: Applied) -> None:
    slow = changed(site().tenant, lambda t: t["settings"].update(assignmentNotFound=3))
    waited = site().run("Apply", slow)
    assert (waited.exit_code, len(waited.waits) >= 3) == (0, True)
    given_up = site().run("Apply", slow, WaitSeconds=0)
    assert (given_up.exit_code, states(given_up)["application-role"]) == (5, "pending")


@pytest.mark.parametrize("mode", ["fresh", "applied"])
def test_24_a_scope_with_another_filter(site: SiteOf, applied: Applied, mode: str) -> None:
    theirs = "PrimarySmtpAddress -eq 'ceo@contoso.com'"

    def other(tenant: Json) -> None:
        if mode == "fresh":
            tenant["scopes"].append({**copy.deepcopy(tenant["scopes"][0]), "Guid": guid("x"), "Name": SCOPE})
        named(tenant["scopes"], SCOPE)["RecipientFilter"] = theirs

    tenant = changed(site().tenant if mode == "fresh" else applied().tenant, other)
    in_conflict(site(), tenant, "application-scope", theirs, "another scope name")


def test_25_a_group_that_cannot_stand_in_a_scope(site: SiteOf) -> None:
    modern = user(GROUP, RecipientTypeDetails="GroupMailbox", members=[])
    in_conflict(
        site(), changed(site().tenant, lambda t: t["recipients"].append(modern)), "scheduling-group", "GroupMailbox"
    )
    nested = {"RecipientTypeDetails": "MailUniversalSecurityGroup", "members": []}
    tenant = changed(site().tenant, lambda t: recipient(t, "bob@contoso.com").update(nested))
    in_conflict(site(), tenant, "scheduling-members", "is a group", "Name its members")


def test_26_a_scope_that_reaches_too_many(site: SiteOf, applied: Applied) -> None:
    small = site(scope={"max_mailboxes": 3})
    assert small.run("Check", applied().tenant).exit_code == 0
    crowd = changed(
        applied().tenant,
        lambda t: recipient(t, GROUP)["members"].append(recipient(t, "ceo@contoso.com")["Guid"]),
    )
    in_conflict(small, crowd, "application-scope", "4 mailboxes", "allows 3")


def test_27_more_access_than_the_scope(site: SiteOf, applied: Applied) -> None:
    verify = site().run("Verify", applied().tenant)
    assert (verify.exit_code, "full_access_as_app" in verify.screen) == (0, True)

    def wider(tenant: Json) -> None:
        ours = named(tenant["assignments"], ASSIGNMENT)
        whole = {"Guid": guid("wide"), "Name": "wide", "scope": "", "scopeKind": "Organization"}
        tenant["assignments"].append({**ours, **whole})

    tenant = changed(applied().tenant, wider)
    in_conflict(site(), tenant, "application-role", "wide")
    assert site().run("Verify", tenant).exit_code == 6
