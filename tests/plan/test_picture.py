"""The picture of a plan: which objects it has, how they hang together, and that all of it can be read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from pexgen.plan import Plan
from pexgen.plan._picture import _PLACES, picture
from pexgen.plan._wrapping import width, wrapped

LONG = "a.very.long.local.part.of.an.address@subsidiary.of.a.subsidiary.contoso.com"
NONE: dict[str, Any] = {"group": None}
PLANS: dict[str, tuple[str, dict[str, Any]]] = {
    "application": (
        "app-permissions",
        {"delegates": [{"account": LONG}], "add_in": {"manifest": "pexip-add-in.xml"}},
    ),
    "only checked": ("app-permissions", {"ews": {"policy": "check", "switch_on": None, "keep": None}}),
    "migration": ("migrate", {}),
    "group": ("service-account-server", {}),
    "organization": ("service-account-server", {"impersonation": {"scope": "organization", **NONE}, "proof": None}),
    "equipment": (
        "service-account-server",
        {
            "impersonation": {"scope": "equipment-only", **NONE},
            "proof": {"in_scope": ["pexip-scheduling@contoso.com"]},
        },
    ),
    "existing": ("service-account-online", {}),
    "wide": (
        "app-permissions",
        {
            "application": {"name": "W" * 200},
            "ews": {
                "keep": [{"client_id": "1b2c3d4e-5f60-4718-92a3-b4c5d6e7f809", "name": "\u4f1a\u8b70 @M\u00e9" * 15}]
            },
        },
    ),
}


@pytest.fixture(scope="module", params=PLANS)
def plan(plan_of, request) -> Plan:
    sample, change = PLANS[request.param]
    made: Plan = plan_of(sample, **change)
    return made


def chain(plan: Plan) -> set[tuple[str, str, str]]:
    return {(link.source, link.words, link.target) for link in plan.links}


def test_an_application_reaches_mailboxes_by_role_scope_and_group(plan_of) -> None:
    sample, change = PLANS["application"]
    assert chain(plan_of(sample, **change)) == {
        ("application", "holds", "assignment"),
        ("assignment", "is limited to", "scope"),
        ("scope", "must not hold", "out-of-reach"),
        ("scope", "holds the direct members of", "group"),
        ("managers", "decide over", "group"),
        ("group", "has as direct members", "members"),
        ("group", "has as direct members", "strangers"),
        ("group", "has as direct members", "equipment"),
        ("application", "is put on", "ews-list"),
        ("kept", "are put on", "ews-list"),
        ("ews-list", "shuts out", "others"),
        ("delegates", "open it, by Full Access", "equipment"),
        ("add-in", "is shown in", "outlook"),
        ("outlook", "gives it", "permission"),
    }


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("group", {("group", "members"), ("group", "equipment"), ("managers", "group")}),
        ("organization", {("assignment", "everybody"), ("everybody", "equipment")}),
        ("equipment", {("scope", "equipment")}),
    ],
)
def test_a_service_account_reaches_what_its_scope_says(plan_of, name: str, ends: set[tuple[str, str]]) -> None:
    sample, change = PLANS[name]
    found = {(link.source, link.target) for link in plan_of(sample, **change).links}
    assert found >= ends
    assert ("assignment", "everybody") in found or ("assignment", "scope") in found


def test_strangers_in_the_group_are_a_part_of_their_own_unless_they_are_removed(plan_of) -> None:
    pruned = plan_of(scheduling_group={"prune": True})
    assert "strangers" in {part.id for part in plan_of().parts}
    assert "strangers" not in {part.id for part in pruned.parts}


def test_many_members_are_a_number_and_few_are_named(plan_of) -> None:
    few = next(part for part in plan_of().parts if part.id == "members")
    assert (few.title, len(few.lines)) == ("Member mailboxes (3)", 3)
    members = [f"user{number}@contoso.com" for number in range(30)]
    many = plan_of(scheduling_group={"members": members}, proof={"in_scope": members[:1]})
    found = next(part for part in many.parts if part.id == "members")
    assert (found.title, found.lines) == ("Member mailboxes (30)", ("30, named in the step scheduling-members",))


@pytest.mark.parametrize(
    ("sample", "tries"), [("app-permissions", "application-role"), ("service-account-server", "impersonation")]
)
def test_many_who_must_stay_out_of_reach_are_a_number_and_the_step_that_names_them(plan_of, sample, tries) -> None:
    outside = [f"boss{number}@contoso.com" for number in range(9)]
    found = next(part for part in plan_of(sample, proof={"out_of_scope": outside}).parts if part.id == "out-of-reach")
    assert found.lines == (f"9, named in the step {tries}",)


def drawn(plan: Plan) -> Element:
    return fromstring(picture(plan))  # noqa: S314 - made here a moment ago


def texts(root: Element) -> Iterator[tuple[int, int, str, bool]]:
    """Where each line of a box begins, and the line; words at arrows are smaller and are no part of a box."""
    for each in root.iter("text"):
        if each.get("font-size") is None:
            yield int(each.get("x", "")), int(each.get("y", "")), each.text or "", each.get("font-weight") == "bold"


def rectangles(root: Element) -> list[tuple[int, int, int, int]]:
    found = []
    for each in root.iter("rect"):
        left, top, wide, high = (int(each.get(name, "")) for name in ("x", "y", "width", "height"))
        found.append((left, top, left + wide, top + high))
    return found


def test_links_join_parts_that_are_there_and_every_part_has_a_place_of_its_own(plan) -> None:
    ids = [part.id for part in plan.parts]
    assert len(set(ids)) == len(ids)
    assert {end for link in plan.links for end in (link.source, link.target)} <= set(ids)
    places = [_PLACES[each] for each in ids]
    assert len(set(places)) == len(places)


def test_boxes_lie_apart_and_inside_the_picture_and_lines_inside_their_boxes(plan) -> None:
    root = drawn(plan)
    boxes = rectangles(root)
    wide, high = map(int, root.get("viewBox", "").split()[2:])
    assert all(left >= 0 and top >= 0 and right <= wide and bottom <= high for left, top, right, bottom in boxes)
    for one, other in itertools.combinations(boxes, 2):
        assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]
    for x, y, line, bold in texts(root):
        (box,) = [each for each in boxes if each[0] < x < each[2] and each[1] < y < each[3]]
        # A digit of DejaVu Sans is 7.7 wide at this size, and a bold one 8.4.
        assert x + width(line) * (0.84 if bold else 0.764) <= box[2], line


def test_nothing_of_a_part_is_cut(plan) -> None:
    shown = re.sub(r"\s", "", "".join(line for _, _, line, _ in texts(drawn(plan))))
    for part in plan.parts:
        for text in (part.title, *part.lines):
            assert re.sub(r"\s", "", text) in shown


def test_every_kind_of_link_has_its_words(plan) -> None:
    written = " ".join(each.text or "" for each in drawn(plan).iter("text") if each.get("font-size"))
    assert all(link.words in written for link in plan.links)


def test_addresses_and_ids_that_fit_into_a_line_stay_whole(plan_of) -> None:
    lines = {line for _, _, line, _ in texts(drawn(plan_of()))}
    assert lines >= {
        "pexip-scheduling@contoso.com",
        "pexip-schedulers@contoso.com",
        "miriam.o'hara@contoso.com",
        "5f6e7d8c-9b0a-4c1d-8e2f-3a4b5c6d7e8f",
    }


def test_an_address_that_is_too_long_is_broken_before_its_at_sign_or_a_full_stop() -> None:
    lines = wrapped(LONG, 345)
    assert "".join(lines) == LONG
    assert len(lines) > 2
    assert all(line[0] in "@." for line in lines[1:])
    assert wrapped("x" * 100, 345) == ["x" * 34, "x" * 34, "x" * 32]


def test_values_of_the_picture_are_escaped(plan_of) -> None:
    hostile = "<script>&\"'</text>"
    text = picture(plan_of(application={"name": hostile}))
    assert "<script" not in text
    assert hostile in unescape(text)
