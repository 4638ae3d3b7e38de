"""A write that Exchange refuses: its own words at once, no wait for what cannot come, and no grant over it."""

from __future__ import annotations

import pytest
from support.journals import entries, journal_text
from support.sites import DESCRIPTION, Json, Site, SiteOf, copied_journal, states
from support.tenants import EQUIPMENT, GROUP, changed, detail

from pexgen.rehearsal import Result
from pexgen.simulation.objects import user

INITIAL = DESCRIPTION["target"]["organization"]
EXISTS = "Microsoft.Exchange.Data.Directory.ADObjectAlreadyExistsException"
PROXY = "Microsoft.Exchange.Data.Directory.ProxyAddressExistsException"
OTHERS = "somebody@contoso.com"
CREATIONS = {
    "New-Mailbox": "equipment-mailbox",
    "New-DistributionGroup": "scheduling-group",
    "New-ServicePrincipal": "application-pointer",
    "New-ManagementScope": "application-scope",
    "New-ManagementRoleAssignment": "application-role",
}


def taken(site: Site, address: str) -> Json:
    """Return the tenant in which somebody's second address is the one that comes with ours."""
    local = address.split("@", maxsplit=1)[0]
    other = user(OTHERS, EmailAddresses=[f"SMTP:{OTHERS}", f"smtp:{local}@{INITIAL}"])
    return changed(site.tenant, lambda tenant: tenant["recipients"].append(other))


def refused(cmdlet: str, text: str, kind: str = EXISTS) -> Json:
    """Return options of a run in which Exchange refuses each call of this cmdlet, and makes nothing."""
    return {"faults": [{"kind": "error", "cmdlet": cmdlet, "class": kind, "text": text, "times": 1000}]}


def grants(run: Result) -> list[str]:
    """Return the cmdlets by which the run gave somebody a right."""
    return [
        call.cmdlet for call in run.writes if call.cmdlet in {"New-ManagementRoleAssignment", "Add-MailboxPermission"}
    ]


def events(run: Result, step: str) -> list[str]:
    """Return what the journal says of a step, in order."""
    return [line["event"] for line in entries(journal_text(run)) if line.get("step") == step]


@pytest.mark.parametrize(("address", "step"), [(EQUIPMENT, "equipment-mailbox"), (GROUP, "scheduling-group")])
def test_an_alias_that_is_taken_at_the_initial_domain_fails_at_once(site: SiteOf, address: str, step: str) -> None:
    """Exchange names an address that nobody asked for, so that waiting for ours is waiting for nothing."""
    run = site().run("Apply", taken(site(), address))
    assert (run.exit_code, run.waits, states(run)[step]) == (3, (), "failed"), run.screen
    assert f"SMTP:{address.split('@', maxsplit=1)[0]}@{INITIAL}" in detail(run, step)
    assert events(run, step) == ["intent", "failed"]
    assert grants(run) == []


def test_what_was_refused_is_not_taken_back_when_somebody_makes_it_by_hand(site: SiteOf, tmp_path: object) -> None:
    """The journal says failed, so that Rollback knows whose it is."""
    run = site().run("Apply", taken(site(), EQUIPMENT))
    made = changed(run.tenant, lambda tenant: tenant["recipients"].append(
        user(EQUIPMENT, RecipientTypeDetails="EquipmentMailbox", DisplayName=DESCRIPTION["equipment"]["display_name"])
    ))  # fmt: skip
    given = {"JournalPath": [copied_journal(run, tmp_path)], "RemoveCreatedMailbox": True}  # type: ignore[arg-type]
    back = site().run("Rollback", made, **given)
    assert (back.writes, states(back)["equipment-mailbox"]) == ((), "kept"), back.screen


@pytest.mark.parametrize(("cmdlet", "step"), CREATIONS.items())
def test_what_is_said_to_exist_and_never_shows_has_failed(site: SiteOf, cmdlet: str, step: str) -> None:
    """The words come before the first wait, and after the last one nobody is told to come back later."""
    words = "The object 'it' already exists. Please use a different name."
    run = site().run("Apply", options=refused(cmdlet, words), WaitSeconds=30)
    assert (run.exit_code, states(run)[step]) == (3, "failed"), run.screen
    assert words in detail(run, step)
    assert words in run.screen
    assert run.screen.index(words) < run.screen.index("Waiting ")
    assert sum(run.waits) == 30
    assert events(run, step)[-2:] == ["intent", "failed"]
    if step != "application-role":
        assert grants(run) == []


def test_words_that_name_our_own_address_alone_are_waited_over(site: SiteOf) -> None:
    """A create that was sent twice is answered so, and may appear; if it does not, it has failed."""
    words = f'The proxy address "SMTP:{EQUIPMENT}" is already being used by the proxy addresses of "nobody seen".'
    run = site().run("Apply", options=refused("New-Mailbox", words, PROXY), WaitSeconds=30)
    assert (run.exit_code, states(run)["equipment-mailbox"]) == (3, "failed"), run.screen
    assert sum(run.waits) == 30


def test_no_role_is_given_while_the_mailbox_is_not_there(site: SiteOf) -> None:
    """What hands out access waits for all that it rests on."""
    tenant = changed(site().tenant, lambda tenant: tenant["settings"].update(late={"mailbox": 10_000}))
    run = site().run("Apply", tenant, WaitSeconds=10)
    assert (run.exit_code, states(run)["application-role"]) == (5, "pending"), run.screen
    assert grants(run) == []
