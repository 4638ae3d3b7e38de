"""The organization's add-in on the simulated Exchanges: uploaded, corrected, updated, given to more, taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.add_ins import ADELE, ID, MANIFEST, MEGAN, ONLY, SOME, after, guid_of, ours
from support.journals import chained
from support.sites import Applied, Json, Site, SiteOf, copied_journal, states
from support.step_cases import Changes, unreadable_where_lacking
from support.step_undos import kept_at_the_last_look
from support.tenants import changed, detail, in_conflict, recipient

from pexgen.rehearsal import Result

EVERYBODY = {"manifest": MANIFEST, "provided_to": "everyone", "users": []}
Made = Callable[..., tuple[Site, Result]]


@pytest.fixture(scope="module")
def made(sample: SiteOf) -> Made:
    """Give a site whose description asks for an add-in, and its Apply of that step alone; made once each."""
    known: dict[str, tuple[Site, Result]] = {}

    def make(name: str = "app-permissions", **add_in: Any) -> tuple[Site, Result]:
        key = f"{name} {add_in}"
        if key not in known:
            site = sample(name, add_in=add_in or SOME)
            known[key] = (site, site.run("Apply", **ONLY))
            assert known[key][1].exit_code == 0, known[key][1].screen
        return known[key]

    return make


@pytest.mark.parametrize("name", ["app-permissions", "service-account-server"])
def test_it_is_uploaded_proved_left_alone_and_taken_back(made: Made, tmp_path: Path, name: str) -> None:
    site, run = made(name)
    (upload,) = run.writes
    assert upload.cmdlet == "New-App"
    assert (upload.parameters["ProvidedTo"], upload.parameters["UserList"]) == ("SpecificUsers", [ADELE])
    app = ours(run.tenant)
    assert (app["users"], app["DefaultStateForUser"]) == ([guid_of(run.tenant, ADELE)], "Enabled")
    assert states(site.run("Verify", run.tenant, **ONLY)) == {"add-in": "proved"}
    again = site.run("Apply", run.tenant, **ONLY)
    assert (again.exit_code, again.writes) == (0, ())
    back = site.run("Rollback", run.tenant, JournalPath=[copied_journal(run, tmp_path)])
    assert (back.exit_code, [call.cmdlet for call in back.writes]) == (0, ["Remove-App"]), back.screen
    assert back.tenant["apps"] == site.tenant["apps"]


def test_everybody_gets_it_without_a_list(made: Made) -> None:
    _, run = made(**EVERYBODY, default_state="always-enabled")
    (upload,) = run.writes
    assert "UserList" not in upload.parameters
    assert (ours(run.tenant)["ProvidedTo"], ours(run.tenant)["DefaultStateForUser"]) == ("Everyone", "AlwaysEnabled")
    assert "EVERYONE in the organization" in run.screen


@pytest.mark.parametrize("form", ["name", "guid", "dn"])
def test_who_has_it_keeps_it_and_users_are_known_however_exchange_lists_them(
    made: Made, sample: SiteOf, tmp_path: Path, form: str
) -> None:
    site, run = made()
    more = sample("app-permissions", add_in={**SOME, "users": [ADELE, "alex.wilber@contoso.com"]})
    gone = "0" * 8 + "-0000-4000-8000-000000000000"
    somebody = guid_of(site.tenant, "somebody.else@contoso.com")
    tenant = after(run.tenant, users=[*ours(run.tenant)["users"], somebody, gone])
    tenant["settings"]["appUserAs"] = form
    done = more.run("Apply", tenant, **ONLY)
    (call,) = done.writes
    assert (done.exit_code, call.cmdlet, set(call.parameters)) == (
        0,
        "Set-App",
        {"Identity", "UserList", "OrganizationApp", "Confirm", "ErrorAction"},
    ), done.screen
    assert ours(done.tenant)["users"] == [*ours(tenant)["users"], guid_of(tenant, "alex.wilber@contoso.com")]
    back = more.run("Rollback", done.tenant, JournalPath=[copied_journal(done, tmp_path)])
    assert (back.exit_code, ours(back.tenant)["users"]) == (0, ours(tenant)["users"]), back.screen


def test_settings_that_differ_are_set_and_given_back(made: Made, tmp_path: Path) -> None:
    site, run = made()
    tenant = after(run.tenant, ProvidedTo="Everyone", users=[], DefaultStateForUser="Disabled", Enabled=False)
    done = site.run("Apply", tenant, **ONLY)
    assert (done.exit_code, [call.cmdlet for call in done.writes]) == (0, ["Set-App"]), done.screen
    assert ours(done.tenant) == ours(run.tenant)
    assert "EVERYONE LOSES THE ADD-IN but the users whom it is then given to by name." in detail(done, "add-in")
    back = site.run("Rollback", done.tenant, JournalPath=[copied_journal(done, tmp_path)])
    assert (back.exit_code, ours(back.tenant)) == (0, ours(tenant)), back.screen
    assert "to EVERYONE in the organization again" in back.screen


def test_an_older_version_is_updated_keeps_its_settings_and_is_not_given_back(made: Made, tmp_path: Path) -> None:
    site, run = made(**EVERYBODY)
    tenant = after(run.tenant, AppVersion="0.9.0.0", DefaultStateForUser="Disabled")
    done = site.run("Apply", tenant, **ONLY)
    assert [call.cmdlet for call in done.writes] == ["New-App", "Set-App"], done.screen
    assert "upload version 1.0.0.0 of the add-in (permission ReadWriteItem) over " in done.screen
    assert "EVERYONE LOSES" not in done.screen
    assert done.writes[0].parameters["DefaultStateForUser"] == "Disabled"
    assert ours(done.tenant) == ours(run.tenant)
    back = site.run("Rollback", done.tenant, JournalPath=[copied_journal(done, tmp_path)])
    assert (back.exit_code, states(back)["add-in"]) == (5, "kept"), back.screen
    assert (ours(back.tenant)["AppVersion"], ours(back.tenant)["DefaultStateForUser"]) == ("1.0.0.0", "Disabled")
    assert "not at hand" in detail(back, "add-in")


def test_where_exchange_keeps_the_older_version_its_words_and_a_way_out_are_said(made: Made) -> None:
    site, run = made()
    tenant = after(run.tenant, AppVersion="0.9.0.0")
    tenant["settings"]["appsKeepVersion"] = True
    done = site.run("Apply", tenant, **ONLY)
    assert (done.exit_code, states(done)) == (3, {"add-in": "failed"})
    assert "uninstall it first" in detail(done, "add-in")
    assert "Remove-App" in detail(done, "add-in")


@pytest.mark.parametrize(
    ("values", "text"),
    [({"ProviderName": "Somebody Else Ltd"}, "publisher is 'Pexip'"), ({"AppVersion": "1.0.0.1"}, "not older")],
)
def test_another_publisher_or_a_newer_version_is_a_conflict(made: Made, values: Json, text: str) -> None:
    site, run = made()
    in_conflict(site, after(run.tenant, **values), "add-in", text)


def test_a_user_who_is_not_there_is_a_conflict(made: Made) -> None:
    site, _ = made()

    def without(tenant: Json) -> None:
        tenant["recipients"].remove(recipient(tenant, ADELE))

    run = site.run("Check", changed(site.tenant, without), **ONLY)
    assert (run.exit_code, states(run)) == (4, {"add-in": "conflict"})
    assert f"The user {ADELE}, who is to get the add-in, was not found" in detail(run, "add-in")


def test_another_add_in_of_that_name_is_named(made: Made) -> None:
    site, run = made()

    def rename(tenant: Json) -> None:
        tenant["apps"][1]["DisplayName"] = "Pexip Scheduling Service"

    found = site.run("Check", changed(run.tenant, rename), **ONLY)
    assert found.exit_code == 0
    assert "There is another one of that name" in detail(found, "add-in")


@pytest.mark.parametrize("what", ["absent", "other"])
def test_only_the_described_file_is_uploaded_and_check_says_so_before(made: Made, tmp_path: Path, what: str) -> None:
    site, _ = made()
    elsewhere = tmp_path / site.runbook.name
    elsewhere.write_bytes(site.runbook.read_bytes())
    if what == "other":
        (tmp_path / MANIFEST).write_bytes((site.runbook.parent / MANIFEST).read_bytes() + b"\n")
    moved = Site(site.engine, elsewhere, site.tenant)
    check = moved.run("Check", **ONLY)
    assert check.exit_code == 2
    assert "Apply needs pexip-add-in.xml beside this script" in detail(check, "add-in")
    run = moved.run("Apply", **ONLY)
    assert (run.exit_code, run.writes) == (4, ()), run.screen
    assert "Refused by the guard 'add-in'" in run.screen


def test_an_add_in_that_was_changed_since_is_kept(made: Made, tmp_path: Path) -> None:
    site, run = made()
    tenant = after(run.tenant, DefaultStateForUser="Disabled")
    back = site.run("Rollback", tenant, JournalPath=[copied_journal(run, tmp_path)])
    assert (back.exit_code, back.writes, states(back)["add-in"]) == (5, (), "kept")
    assert "changed since" in detail(back, "add-in")


def test_a_journal_cannot_make_rollback_remove_another_add_in(made: Made, tmp_path: Path) -> None:
    site, run = made()
    theirs = run.tenant["apps"][1]["AppId"]
    journal = Path(copied_journal(run, tmp_path))
    journal.write_text(chained(journal.read_text("utf-8").replace(ID, theirs)), "utf-8")
    back = site.run("Rollback", run.tenant, JournalPath=[str(journal)])
    assert (back.exit_code, states(back)["add-in"], back.writes) == (5, "kept", ()), back.screen
    assert "it is not the described add-in" in detail(back, "add-in")


@pytest.mark.parametrize("kind", ["server-error", "lost-answer", "freeze-before", "freeze-after"])
def test_after_a_fault_at_the_upload_the_same_again_ends_where_an_undisturbed_run_ends(made: Made, kind: str) -> None:
    site, good = made()
    run = site.run("Apply", options={"faults": [{"kind": kind, "write": 1}]}, **ONLY)
    again = site.run("Apply", run.tenant, **ONLY)
    assert (again.exit_code, again.tenant["apps"]) == (0, good.tenant["apps"]), again.screen


def test_what_is_uploaded_is_what_was_described(made: Made) -> None:
    site, run = made()
    data = (site.runbook.parent / MANIFEST).read_bytes()
    assert run.writes[0].parameters["FileData"] == f"<{len(data)} bytes>"
    assert hashlib.sha256(data).hexdigest() in site.runbook.read_text("utf-8-sig")


def test_an_add_in_that_others_were_given_since_is_kept(made: Made, tmp_path: Path) -> None:
    site, run = made()
    given = after(run.tenant, users=[*ours(run.tenant)["users"], guid_of(run.tenant, MEGAN)])
    back = site.run("Rollback", given, JournalPath=[copied_journal(run, tmp_path)], **ONLY)
    assert (back.exit_code, states(back), back.writes) == (5, {"add-in": "kept"}, ()), back.screen
    assert "given to others since" in detail(back, "add-in")


def add_in_is_given_to_another_user(tenant: Json) -> Json:
    return {"path": f"apps.[AppId={ID}].users", "add": [guid_of(tenant, "bob@contoso.com")]}


RELIED_ON: Changes = {"the add-in gets another user": (add_in_is_given_to_another_user, "given to others since")}


@pytest.mark.parametrize("case", RELIED_ON)
def test_what_somebody_came_to_rely_on_while_the_question_stood_open_is_kept(
    site: SiteOf, tmp_path: Path, case: str
) -> None:
    meanwhile, reason = RELIED_ON[case]
    kept_at_the_last_look(site(), tmp_path, ["add-in"], meanwhile, reason)


def test_users_of_several_runs_are_taken_back_with_the_add_in(made: Made, sample: SiteOf, tmp_path: Path) -> None:
    site, run = made()
    more = sample("app-permissions", add_in={**SOME, "users": [ADELE, MEGAN]})
    journal = copied_journal(run, tmp_path)
    later = more.run("Apply", run.tenant, JournalPath=[journal], **ONLY)
    assert later.exit_code == 0, later.screen
    back = more.run("Rollback", later.tenant, JournalPath=[journal], **ONLY)
    assert (back.exit_code, states(back)) == (0, {"add-in": "undone"}), back.screen
    assert [app["AppId"] for app in back.tenant["apps"]] == [app["AppId"] for app in site.tenant["apps"]]


def test_an_add_in_is_not_given_back_to_a_list_that_is_empty_since(made: Made, sample: SiteOf, tmp_path: Path) -> None:
    _, run = made()
    wide = sample("app-permissions", add_in=EVERYBODY)
    widened = wide.run("Apply", run.tenant, **ONLY)
    assert widened.exit_code == 0, widened.screen
    journals = [copied_journal(widened, tmp_path)]
    back = wide.run("Rollback", after(widened.tenant, users=[]), JournalPath=journals, **ONLY)
    assert (back.exit_code, states(back), back.writes) == (5, {"add-in": "kept"}, ()), back.screen
    assert "given to nobody" in detail(back, "add-in")


def test_an_answer_without_the_users_is_no_empty_list(made: Made) -> None:
    site, run = made()
    tenant = changed(run.tenant, lambda one: one["settings"].update(answersLack={"Get-App": ["UserList"]}))
    found = site.run("Check", tenant, **ONLY)
    assert (found.exit_code, states(found)) == (5, {"add-in": "unreadable"}), found.screen


def test_an_answer_that_lacks_a_property_does_not_say_that_it_is_empty(site: SiteOf, applied: Applied) -> None:
    unreadable_where_lacking(site, applied, "Get-App", "DefaultStateForUser", "add-in")


def test_a_value_that_somebody_sets_right_before_the_write_is_a_conflict_and_stays(made: Made) -> None:
    site, run = made()
    tenant = after(run.tenant, DefaultStateForUser="Disabled")
    (write,) = (good := site.run("Apply", tenant, **ONLY)).writes
    look = max(call.n for call in good.calls[: write.n] if call.cmdlet == "Get-App")
    change = {"path": f"apps.[AppId={ID}].DefaultStateForUser", "value": "AlwaysEnabled"}
    done = site.run("Apply", tenant, options={"faults": [{"kind": "change", "call": look, "set": [change]}]}, **ONLY)
    assert (states(done), done.writes) == ({"add-in": "conflict"}, ()), done.screen
    assert ours(done.tenant)["DefaultStateForUser"] == "AlwaysEnabled"
    assert "somebody else changed it" in detail(done, "add-in")


def test_who_had_it_before_everyone_gets_it_is_named(made: Made, sample: SiteOf) -> None:
    _, run = made()
    tenant = changed(run.tenant, lambda one: one["settings"].update(appUserAs="upn"))
    check = sample("app-permissions", add_in=EVERYBODY).run("Check", tenant, **ONLY)
    assert check.exit_code == 2, check.screen
    assert f"It was given to: {ADELE}" in detail(check, "add-in")
