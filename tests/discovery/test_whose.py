"""Whose deployment it is: an account that was named, an application that may be a stranger's, names as they are."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from support.discoveries import ACCOUNT, FOUND, HELD, Json, app, doubts, errors, made

from pexgen.description import load
from pexgen.errors import UndecidedError

NAMED = {"asked": {"serviceAccount": "svc@contoso.com"}}
STRANGER: Json = {**ACCOUNT, "userPrincipalName": "stranger@contoso.com", "address": "stranger@contoso.com"}
THEIRS: Json = {**HELD, "assignment": "theirs", "accounts": [STRANGER]}
NO_BREAK, WIDE = "\u00a0", "\u3000"


def accounts(*rows: Json, account: Json | None = None) -> Callable[[Json], Any]:
    """Return the change after which there is no application, but a named account and these assignments."""
    return lambda found: found.update(applications=[], accounts=[account or ACCOUNT], impersonations=list(rows))


def test_of_several_assignments_the_named_accounts_own_is_taken() -> None:
    text = made(accounts(THEIRS, HELD), NAMED)
    description = load(text.encode(), "x").description
    assert description.service_account is not None
    assert description.impersonation is not None
    assert (description.service_account.user_principal_name, description.impersonation.assignment) == (
        "svc@contoso.com",
        "i",
    )


def test_a_named_account_that_holds_nothing_is_described_alone_and_never_with_anothers_assignment() -> None:
    text = made(accounts(THEIRS), NAMED)
    description = load(text.encode(), "x").description
    assert description.service_account is not None
    assert (description.service_account.user_principal_name, description.impersonation) == ("svc@contoso.com", None)
    assert "no direct assignment of ApplicationImpersonation to this account was found" in doubts(text)
    assert "stranger" not in text
    assert errors(text) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (accounts(HELD, {**HELD, "assignment": "j"}), "2 were found: i, j"),
        (accounts({**HELD, "accounts": None}), "whose i is: not read"),
        (lambda found: found.update(applications=[], accounts=[]), "the mailbox of svc@contoso.com, the service"),
    ],
)
def test_what_a_named_account_leaves_open_is_said(change: Callable[[Json], Any], said: str) -> None:
    with pytest.raises(UndecidedError, match=said):
        made(change, NAMED)


def test_a_named_account_decides_nothing_about_an_assignment_of_another_one() -> None:
    with pytest.raises(UndecidedError, match="none is theirs"):
        made(accounts(THEIRS, HELD), NAMED, assignment="theirs", method="service-account")


def test_an_assignment_by_a_group_is_said_to_be_one() -> None:
    by_group = {"assignment": "g-i", "direct": False, "through": "Discovery Management"}
    text = made(accounts(account={**ACCOUNT, "assignments": [by_group]}), NAMED)
    assert "it has one through a group: 'g-i' of Discovery Management" in doubts(text)
    group = {**HELD, "accounts": [], "assigneeType": "RoleGroup", "assignee": "Discovery Management"}
    with pytest.raises(UndecidedError, match="held by the RoleGroup 'Discovery Management'") as error:
        made(lambda found: found.update(applications=[], impersonations=[group]))
    assert "-ServiceAccount" not in error.value.hint


def test_that_the_only_application_and_the_only_mailbox_are_pexips_is_always_doubted() -> None:
    for choice in ({}, {"equipment": "room@contoso.com", "assignment": "a", "method": "app-permissions"}):
        text = made(**choice)
        assert "Compare client_id with oauth_client_id of the integration in Pexip Infinity" in doubts(text)
        assert "Compare address with room_mailbox_email_address of the integration" in doubts(text)


@pytest.mark.parametrize(
    ("change", "around"),
    [(lambda found: found.update(accounts=[ACCOUNT]), NAMED), (lambda _: None, NAMED)],
)
def test_an_application_beside_a_named_account_is_never_taken_for_pexips(
    change: Callable[[Json], Any], around: Json
) -> None:
    with pytest.raises(UndecidedError, match=r"hold a role \(a\), and there are accounts as well \(svc@contoso.com\)"):
        made(change, around)
    assert "method: app-permissions" in made(change, around, method="app-permissions")


@pytest.mark.parametrize("key", ["applications", "impersonations"])
def test_what_could_not_be_read_decides_no_method(key: str) -> None:
    def unread(found: Json) -> None:
        found.update({"impersonations": [HELD], "applications": [], key: None})

    with pytest.raises(UndecidedError, match=f"{key} could not be read"):
        made(unread)
    with pytest.raises(UndecidedError, match=f"{key} could not be read"):
        made(lambda found: found.update({key: None}), assignment="a")
    assert "method: app-permissions" in made(lambda found: found.update(impersonations=None), method="app-permissions")


def test_what_was_not_looked_for_decides_the_method_without_a_question() -> None:
    assert "method: app-permissions" in made(lambda found: found.pop("impersonations"))
    text = made(lambda found: (found.pop("applications"), found.update(impersonations=[HELD])))
    assert "method: service-account" in text


def test_names_stay_as_exchange_has_them_and_are_found_however_their_spaces_are_typed() -> None:
    name = f"Pexip{NO_BREAK}Users{WIDE}x y"

    def rename(found: Json) -> None:
        app(found)["principals"][0]["name"] = name
        app(found)["scopes"][0]["name"] = name
        app(found)["assignment"] = name
        found["applications"].append({**copy.deepcopy(app(FOUND["found"])), "assignment": "other"})

    for typed in (name, name.replace(NO_BREAK, " ").replace(WIDE, " "), name.upper()):
        text = made(rename, assignment=typed)
        description = load(text.encode(), "x").description
        assert description.application is not None
        assert description.scope is not None
        assert {description.application.name, description.application.assignment, description.scope.name} == {name}
        assert text.isprintable() is False
        assert all(each.isprintable() or each == "\n" for each in text)
    with pytest.raises(UndecidedError, match=r"Pexip\\u00a0Users\\u3000x y"):
        made(rename)


def test_a_name_with_a_character_that_nobody_sees_is_an_open_question() -> None:
    for character in ("\u2028", "\u200b"):
        with pytest.raises(UndecidedError, match=rf"U\+{ord(character):04X} .*nobody sees \(PXG142\)"):
            made(lambda found, each=character: app(found)["scopes"][0].update(name=f"Pexip{each}Users"))


def test_a_character_that_no_description_holds_is_named_and_not_replaced() -> None:
    marked = "Pexip\u200e"
    text = made(lambda found: app(found)["principals"][0].update(name=marked))
    assert "'Pexip\\u200e' in Exchange holds U+200E LEFT-TO-RIGHT MARK" in doubts(text)
    assert "Apply would write it" in doubts(text)
    text = made(lambda found: app(found).update(assignment=marked))
    assert "of the assignment holds U+200E" in doubts(text)
    with pytest.raises(UndecidedError, match=r"of the management scope holds U\+200E LEFT-TO-RIGHT MARK"):
        made(lambda found: app(found)["scopes"][0].update(name=marked))
