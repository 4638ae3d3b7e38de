"""What a change of each key means."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import get_args

import pytest
from support.sites import DESCRIPTION, KEEP

from pexgen.description.model import Description
from pexgen.diff import compare
from pexgen.diff._rules import VERDICTS, rule_of, rules

from .conftest import deployment

HIGHEST = "ReadWriteMailbox"
OTHER = "33333333-2222-4333-8444-555555555555"


def keys(kind, prefix: str = ""):
    for field in fields(kind):
        inner = next((each for each in (field.type, *get_args(field.type)) if is_dataclass(each)), None)
        if inner and getattr(field.type, "__origin__", None) is not tuple:
            yield from keys(inner, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name


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
        ("scope", {"max_mailboxes": 50}, {"max_mailboxes": 5}, "other", "application-scope", "50 → 5"),
        ("scope", {"max_mailboxes": 50}, {"max_mailboxes": None}, "widens", "application-scope", "50 → no limit"),
        ("application", {}, {"client_id": OTHER}, "widens", "application-pointer", f"→ {OTHER}"),
        ("application", {}, {"object_id": OTHER}, "widens", "application-pointer", "enterprise application: "),
        ("application", {}, {"assignment": "another"}, "other", "application-role", "role assignment's name"),
        ("ews", {"policy": "check"}, {"policy": "merge"}, "widens", "ews-access", "EWS policy: check → merge"),
        ("ews", {"policy": "merge"}, {"policy": "check"}, "other", "ews-access", "EWS policy: merge → check"),
        ("ews", {"switch_on": True}, {"switch_on": False}, "other", "ews-access", "EWS switch: on → off"),
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
            "impersonation: group group-a@contoso.com → whole organization",
        ),
        (
            {"impersonation": {"scope": "equipment-only", "group": None}},
            "other",
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
            {"add_in": {"manifest": "pexip-add-in.xml"}},
            "widens",
            "add-in",
            "add-in provided to: (nothing) → everyone",
        ),
        (
            {"add_in": {"manifest": "pexip-add-in.xml"}},
            "widens",
            "add-in",
            "add-in's permission: (nothing) → ReadWriteItem",
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
        ("other", "equipment-mailbox"),
        ("other", "ews-access"),
        ("other", "ews-access"),
    ]


@pytest.mark.parametrize("less", ["Restricted", "ReadItem", "ReadWriteItem"])
def test_an_add_in_that_may_do_more_widens_and_one_that_may_do_less_narrows(catalogue, server, less) -> None:
    described = deployment({**server, "add_in": {"manifest": "pexip-add-in.xml"}}, "a.yaml")
    ranked = [replace(described, values={**described.values, "add_in.permission": each}) for each in (less, HIGHEST)]
    (up,), (down,) = (compare(*pair, catalogue).differences for pair in (ranked, ranked[::-1]))
    assert (up.verdict, up.text) == ("widens", f"add-in's permission: {less} → {HIGHEST}")
    assert down.verdict == "narrows"


@pytest.mark.parametrize(
    ("key", "value", "verdict"),
    [
        ("id", "00000000-1111-4222-8333-444444444444", "widens"),
        ("manifest_sha256", "0" * 64, "other"),
        ("version", "9.0.0.0", "other"),
        ("provider_name", "Somebody", "other"),
        ("display_name", "Another", "other"),
    ],
)
def test_what_the_manifest_of_an_add_in_says_has_its_verdict_and_its_reason(
    catalogue, server, key, value, verdict
) -> None:
    old = deployment({**server, "add_in": {"manifest": "pexip-add-in.xml"}}, "a.yaml")
    new = replace(old, values={**old.values, f"add_in.{key}": value})
    (difference,) = compare(old, new, catalogue).differences
    assert (difference.key, difference.steps[0], difference.verdict) == (f"add_in.{key}", "add-in", verdict)
    assert difference.why


def test_an_add_in_that_is_no_longer_described_narrows_nothing(between, server) -> None:
    add_in = {"manifest": "pexip-add-in.xml", "provided_to": "specific-users", "users": ["alice@contoso.com"]}
    comparison = between({"add_in": add_in}, {}, base=server)
    assert {each.verdict for each in comparison.differences} == {"other"}
    assert [each.why for each in comparison.differences if not each.why] == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("organization", "group", ("impersonation.scope", "other", "whole organization → group group-a@contoso.com")),
        ("group", "organization", ("impersonation.scope", "widens", "group group-a@contoso.com → whole organization")),
        ("equipment-only", "group", ("impersonation.scope", "widens", "mailbox only → group group-a@contoso.com")),
        (
            "group",
            "equipment-only",
            ("impersonation.scope", "other", "the equipment mailbox only"),
        ),
        ("group", "group", ("impersonation.group", "widens", "group-a@contoso.com → group-b@contoso.com")),
    ],
)
def test_how_far_impersonation_reaches_is_compared_as_one_thing(between, server, old, new, expected) -> None:
    def reach(scope, group):
        return {"impersonation": {"scope": scope, "group": group if scope == "group" else None}}

    other = "group-b@contoso.com" if old == new else "group-a@contoso.com"
    (found_one,) = between(reach(old, "group-a@contoso.com"), reach(new, other), base=server).differences
    key, verdict, text = expected
    assert (found_one.key, found_one.verdict) == (key, verdict)
    assert found_one.text.endswith(text)


def test_a_pexip_section_differs_from_none_only_in_what_is_no_default(between) -> None:
    node = {"pexip": {"management_node": "pexip.contoso.com"}}
    assert [each[2] for each in found(between({}, node))] == ["management node: (nothing) → pexip.contoso.com"]
    assert [each[2] for each in found(between(node, {}))] == ["management node: pexip.contoso.com → (nothing)"]
    assert found(between({}, {"pexip": {"alias_suffix_length": 6, "enable_dynamic_vmrs": True}})) == []
    buffer = between({}, {"pexip": {"meeting_buffer_before": 0, "enable_dynamic_vmrs": False}})
    assert [each[2] for each in found(buffer)] == ["enable dynamic vmrs: on → off", "meeting buffer before: 30 → 0"]


def test_what_narrows_takes_something_away(between, server) -> None:
    """A runbook takes away by prune, harden and Cleanup, and by a narrower add-in; everything else stays."""
    assert {key for key, rule in rules().items() if "narrows" in {rule.more, rule.less}} == {
        *("scheduling_group.members", "scheduling_group.prune", "scheduling_group.harden", "ews.retire"),
        *("add_in.permission", "add_in.provided_to"),
    }


@pytest.mark.parametrize("key", [key for key in keys(Description) if key != "version"])
def test_every_key_of_a_description_has_a_rule_with_a_reason(key) -> None:
    rule = rule_of(key)
    assert rule.why_more, key
    assert rule.label


@pytest.mark.parametrize("key", [key for key in keys(Description) if key != "version"])
def test_every_key_that_goes_says_what_becomes_of_what_it_gave(key) -> None:
    rule = rule_of(key)
    assert rule.more == "deployment" or (rule.why_gone if rule.shape in {"text", "rank"} else rule.why_less), key


def test_a_key_that_goes_with_its_section_has_a_reason(between, server) -> None:
    """From app permissions to a service account: every section of the old method goes."""
    gone = dict.fromkeys(DESCRIPTION["target"])
    new = {**dict.fromkeys(DESCRIPTION), **server, "target": {**gone, **server["target"]}}
    owned = {"scheduling_group": {"managed_by": "eve@contoso.com"}}
    for comparison in (between(owned, new), between({}, {**owned, "scope": None}), between(owned, {})):
        assert [each.key for each in comparison.differences if not each.why] == []
    (owner,) = (each for each in between(owned, new).differences if each.key == "scheduling_group.managed_by")
    assert (owner.verdict, owner.why[:22]) == ("other", "The owner stays one, a")


def test_every_rule_is_of_a_key_that_a_description_has() -> None:
    assert set(rules()) <= set(keys(Description))
