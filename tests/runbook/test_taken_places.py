"""What Exchange would refuse, or what somebody decided otherwise: said at once, and never waited for."""

from __future__ import annotations

import pytest
from support.journals import entries, journal_text
from support.sites import OURS, Applied, Json, SiteOf, states
from support.tenants import EQUIPMENT, GROUP, changed, detail, in_conflict, recipient

from pexgen.simulation.objects import guid, user

ADMIN, NOBODY = "admin@contoso.com", "00000000-0000-4000-8000-0000000000ee"
POINTER = {"AppId": OURS, "ObjectId": "12121212-7777-4888-9999-aaaaaaaaaaaa", "DisplayName": "Old", "Name": "old"}
MEANWHILE: dict[str, tuple[str, Json, str]] = {
    "New-DistributionGroup": (
        "scheduling-group",
        {"path": "recipients", "add": [user(GROUP, RecipientTypeDetails="GroupMailbox", members=[])]},
        "GroupMailbox",
    ),
    "New-ServicePrincipal": (
        "application-pointer",
        {"path": "servicePrincipals", "add": [{**POINTER, "Guid": guid("old")}]},
        POINTER["ObjectId"],
    ),
}


@pytest.mark.parametrize("beside", [[], [{"AccessRights": ["FullAccess"]}]], ids=["alone", "beside one that allows"])
def test_an_entry_that_denies_a_delegate_is_a_conflict(site: SiteOf, applied: Applied, beside: list[Json]) -> None:
    def denied(tenant: Json) -> None:
        who = recipient(tenant, ADMIN)["Guid"]
        rows = [{"AccessRights": ["FullAccess"], "Deny": True}, *beside]
        recipient(tenant, EQUIPMENT)["permissions"] = [{"User": who, **row} for row in rows]
        tenant["settings"]["permissionUserAs"] = "upn"

    words = f"denies {ADMIN} full access to {EQUIPMENT}"
    in_conflict(site(), changed(applied().tenant, denied), "delegate-access", words, "remove it yourself")


def test_a_group_address_that_a_deleted_mailbox_holds_is_a_conflict(site: SiteOf) -> None:
    gone = user(GROUP, DisplayName="Old list", WhenSoftDeleted="2026-10-30 09:00:00")
    tenant = changed(site().tenant, lambda t: t["softDeleted"].append(gone))
    in_conflict(site(), tenant, "scheduling-group", "'Old list'", GROUP, "2026-10-30", "Restore it", "another address")


@pytest.mark.parametrize("cmdlet", MEANWHILE)
def test_what_takes_the_place_right_before_the_creation_is_a_conflict_and_not_waited_for(
    site: SiteOf, cmdlet: str
) -> None:
    step, change, text = MEANWHILE[cmdlet]
    run = site().run("Apply", options={"faults": [{"kind": "change", "cmdlet": cmdlet, "set": [change]}]}, Step=[step])
    assert (run.exit_code, states(run), run.waits) == (3, {step: "conflict"}, ()), run.screen
    assert text in detail(run, step)
    # Rollback neither waits for what Exchange refused nor takes it for ours.
    assert [line.get("event") for line in entries(journal_text(run))] == [None, "intent", "failed"]


def test_an_owner_who_is_gone_fails_the_step_with_exchanges_words_after_a_handful_of_attempts(
    site: SiteOf, applied: Applied
) -> None:
    tenant = changed(applied().tenant, lambda t: recipient(t, GROUP)["ManagedBy"].append(NOBODY))
    run = site(scheduling_group={"managed_by": "ceo@contoso.com"}).run("Apply", tenant, Step=["scheduling-group"])
    assert (run.exit_code, states(run), len(run.writes) <= 6) == (3, {"scheduling-group": "failed"}, True), run.screen
    assert f"'{NOBODY}' couldn't be found" in detail(run, "scheduling-group")
