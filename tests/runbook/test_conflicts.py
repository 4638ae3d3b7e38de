"""What may stand in the place of ours is left as it is, and what cannot be read is never taken for absent."""

from __future__ import annotations

import copy

from support.sites import DESCRIPTION, SiteOf, states
from support.tenants import EQUIPMENT, GROUP, changed, detail, recipient

from pexgen.simulation.objects import user


def test_what_is_adopted_keeps_its_names(site: SiteOf) -> None:
    here = site(equipment={"adopt": True}, scheduling_group={"adopt": True})
    tenant = copy.deepcopy(here.tenant)
    recipient(tenant, EQUIPMENT)["DisplayName"] = "Their mailbox"
    recipient(tenant, GROUP).update(DisplayName="Their group", RecipientTypeDetails="MailUniversalDistributionGroup")
    apply = here.run("Apply", tenant)
    assert apply.exit_code == 0, apply.screen
    assert states(apply)["equipment-mailbox"] == states(apply)["scheduling-group"] == "in-place"
    assert recipient(apply.tenant, GROUP)["DisplayName"] == "Their group"


def test_check_and_apply_end_with_4_at_the_same_conflict(site: SiteOf) -> None:
    theirs = user(EQUIPMENT, RecipientTypeDetails="UserMailbox", DisplayName="Theirs")
    tenant = changed(site().tenant, lambda t: t["recipients"].append(theirs))
    runs = [site().run(mode, tenant) for mode in ("Check", "Apply")]
    for run in runs:
        assert (run.exit_code, states(run)["equipment-mailbox"], run.writes) == (4, "conflict", ()), run.screen
    assert detail(runs[0], "equipment-mailbox") == detail(runs[1], "equipment-mailbox")


def test_two_with_our_display_name_are_no_conflict(site: SiteOf) -> None:
    """Exchange finds people by it, but only the Name of an object has to be free."""
    name, group = DESCRIPTION["equipment"]["name"], DESCRIPTION["scheduling_group"]["name"]
    people = [user(f"{n}@contoso.com", DisplayName=one) for n, one in enumerate([name, name, group, group])]
    run = site().run("Apply", changed(site().tenant, lambda t: t["recipients"].extend(people)))
    assert run.exit_code == 0, run.screen


def test_a_read_that_fails_is_never_taken_for_absent(site: SiteOf) -> None:
    faults = [{"kind": "forbidden", "cmdlet": "Get-ManagementScope", "times": 9}]
    check = site().run("Check", options={"faults": faults})
    assert states(check)["application-scope"] == "unreadable"
    apply = site().run("Apply", options={"faults": faults})
    assert (apply.exit_code, states(apply)["application-scope"], apply.writes) == (4, "unreadable", ())
