"""What a change of each key means."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import get_args

import pytest
from support.sites import DESCRIPTION, KEEP

from pexgen.description.model import Description
from pexgen.differences._rules import RULES, VERDICTS, rule_of

OTHER = "33333333-2222-4333-8444-555555555555"


def found(comparison) -> list[tuple[str, str | None, str]]:
    return [(each.verdict, each.steps[0] if each.steps else None, each.text) for each in comparison.differences]


@pytest.mark.parametrize(
    ("section", "old", "new", "verdict", "step", "text"),
    [
        ("scheduling_group", {"prune": False}, {"prune": True}, "narrows", "scheduling-members", "prune: off → on"),
        ("scheduling_group", {"prune": True}, {"prune": False}, "widens", "scheduling-members", "prune: on → off"),
        ("scheduling_group", {"harden": True}, {}, "widens", "scheduling-group", "harden: on → off"),
        ("scheduling_group", {}, {"adopt": True}, "widens", "scheduling-group", "group has to exist: off → on"),
        ("scheduling_group", {}, {"managed_by": "eve@contoso.com"}, "widens", "scheduling-group", "(nothing) → eve@"),
        ("scheduling_group", {"managed_by": "eve@contoso.com"}, {}, "other", "scheduling-group", "@contoso.com → (n"),
        ("scope", {"max_mailboxes": 50}, {"max_mailboxes": 60}, "widens", "application-scope", "50 → 60"),
        ("scope", {"max_mailboxes": 50}, {"max_mailboxes": 5}, "narrows", "application-scope", "50 → 5"),
        ("scope", {"max_mailboxes": 50}, {"max_mailboxes": None}, "widens", "application-scope", "50 → no limit"),
        ("application", {}, {"client_id": OTHER}, "widens", "application-pointer", f"→ {OTHER}"),
        ("application", {}, {"object_id": OTHER}, "widens", "application-pointer", "enterprise application: "),
        ("application", {}, {"assignment": "another"}, "other", "application-role", "role assignment's name"),
        ("ews", {"policy": "check"}, {"policy": "merge"}, "widens", "ews-access", "EWS policy: check → merge"),
        ("ews", {"policy": "merge"}, {"policy": "check"}, "narrows", "ews-access", "EWS policy: merge → check"),
        ("ews", {"switch_on": False}, {"switch_on": True}, "widens", "ews-access", "EWS switch: off → on"),
        ("ews", {"keep": []}, {}, "widens", "ews-access", f"EWS list: + application {KEEP} (Room panels)"),
        ("ews", {}, {"keep": []}, "other", "ews-access", f"EWS list: - application {KEEP} (Room panels)"),
        ("ews", {}, {"keep": [{"client_id": KEEP, "name": "Signs"}]}, "other", "ews-access", "(Room panels) → app"),
        ("proof", {}, {"out_of_scope": ["cfo@contoso.com"]}, "other", "application-role", "out of scope: + cfo@"),
        ("equipment", {}, {"address": "x@contoso.com"}, "widens", "equipment-mailbox", "→ x@contoso.com"),
        ("equipment", {}, {"calendar": {"allow_conflicts": False}}, "other", "equipment-calendar", "(nothing) → off"),
        ("change", {}, {"ticket": "CHG2"}, "other", None, "ticket: CHG0031337 → CHG2"),
        ("target", {}, {"tenant_id": OTHER}, "deployment", None, f"→ {OTHER}"),
        ("pexip", {}, {"alias_prefix": "meet"}, "other", None, "alias prefix: (nothing) → meet"),
    ],
)
def test_a_change_has_its_verdict_its_step_and_its_words(between, section, old, new, verdict, step, text) -> None:
    comparison = between({section: old}, {section: new})
    matching = [each for each in found(comparison) if text in each[2]]
    assert [each[:2] for each in matching] == [(verdict, step)], found(comparison)


def test_a_section_that_comes_with_its_defaults_alone_changes_what_the_defaults_say(between) -> None:
    assert [each[2] for each in found(between({"ews": None}, {"ews": {"switch_on": None, "keep": None}}))] == [
        "EWS policy: (nothing) → merge"
    ]


@pytest.mark.parametrize(
    ("change", "verdict", "step", "text"),
    [
        (
            {"impersonation": {"scope": "organization", "group": None}},
            "widens",
            "impersonation",
            "impersonation: group group-a@contoso.com → whole organisation",
        ),
        (
            {"impersonation": {"scope": "equipment-only", "group": None}},
            "narrows",
            "impersonation",
            "impersonation: group group-a@contoso.com → the equipment mailbox only",
        ),
        (
            {"service_account": {"user_principal_name": "new@contoso.com"}},
            "widens",
            "account-mailbox",
            "service account: pexip@contoso.com → new@contoso.com",
        ),
        (
            {"authentication": {"methods": ["kerberos", "basic"]}},
            "widens",
            "account-authentication",
            "ways to sign in: + basic",
        ),
        (
            {"add_in": {"manifest": "addin.xml"}},
            "widens",
            "add-in",
            "add-in provided to: (nothing) → everyone",
        ),
    ],
)
def test_every_method_has_steps_whether_or_not_its_body_is_here(between, server, change, verdict, step, text) -> None:
    assert (verdict, step, text) in found(between({}, change, base=server))


def test_another_method_is_another_deployment_and_said_first(between, server) -> None:
    gone = dict.fromkeys(DESCRIPTION["target"])
    comparison = between({}, {**dict.fromkeys(DESCRIPTION), **server, "target": {**gone, **server["target"]}})
    verdicts = [each.verdict for each in comparison.differences]
    assert verdicts == sorted(verdicts, key=VERDICTS.index)
    assert {each.key for each in comparison.of("deployment")} >= {"method", "target.platform", "name"}


def test_widening_stands_before_narrowing_and_steps_in_their_order(between) -> None:
    new = {
        "scheduling_group": {"members": ["eve@contoso.com"], "prune": True},
        "ews": {"policy": "check", "keep": [{"client_id": OTHER}]},
        "equipment": {"name": "Another"},
    }
    comparison = between({}, new)
    assert [(verdict, step) for verdict, step, _ in found(comparison)] == [
        ("widens", "scheduling-members"),
        ("widens", "ews-access"),
        ("narrows", "scheduling-members"),
        ("narrows", "scheduling-members"),
        ("narrows", "ews-access"),
        ("other", "equipment-mailbox"),
        ("other", "ews-access"),
    ]


def keys(kind, prefix: str = ""):
    for field in fields(kind):
        inner = next((each for each in (field.type, *get_args(field.type)) if is_dataclass(each)), None)
        if inner and getattr(field.type, "__origin__", None) is not tuple:
            yield from keys(inner, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name


@pytest.mark.parametrize("key", [key for key in keys(Description) if key != "version"])
def test_every_key_of_a_description_has_a_rule_with_a_reason(key) -> None:
    rule = rule_of(key)
    assert rule.why_more or (rule.shape == "switch" and rule.more == rule.less == "other"), key


def test_every_rule_is_of_a_key_that_a_description_has() -> None:
    assert set(RULES) - set(keys(Description)) <= {"ews.retire"}
