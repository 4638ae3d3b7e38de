"""A plan's forms: what each promises to its readers, also with values that are made to break it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from pexgen.plan import FORMS, plan_text

HOSTILE = "a|b `c` *d* [e](f) <script>alert(1)</script> &amp; _g_ \u2028h\\"


@pytest.fixture(scope="module")
def hostile(plan_of):
    """The plan of a description whose free text is made of everything that Markdown and HTML take for their own."""
    accept = [{"code": "PXG116", "reason": HOSTILE}, {"code": "PXG142", "reason": "it is meant"}]
    return plan_of(
        change={"ticket": HOSTILE, "title": HOSTILE},
        equipment={"display_name": HOSTILE, "calendar": None},
        application={"name": HOSTILE},
        accept=accept,
    )


@pytest.mark.parametrize("name", FORMS)
def test_every_form_says_what_changes_with_which_values_and_which_file(plan_of, name: str) -> None:
    plan = plan_of()
    text = plan_text(plan, name)
    for said in (
        "Set-OrganizationConfig -EwsEnabled",
        plan.digests.runbook,
        plan.digests.body,
        "megan.bowen@contoso.com",
    ):
        assert said in text


def members_of(plan: dict[str, Any]) -> dict[str, Any]:
    """The write that adds members, of a plan in JSON."""
    (step,) = [each for each in plan["steps"] if each["id"] == "scheduling-members"]
    found: dict[str, Any] = step["writes"][0]
    return found


def test_json_has_its_format_first_and_every_part_of_the_plan(plan_of) -> None:
    read = json.loads(plan_text(plan_of(), "json"))
    assert next(iter(read)) == "format"
    assert read["format"] == "pexgen.plan/2"
    assert set(read) == {
        *("format", "name", "runbook", "pexgen", "method", "platform", "title", "target", "environment", "purpose"),
        *(
            "change",
            "reach",
            "otherEws",
            "outOfReach",
            "operator",
            "steps",
            "checked",
            "worst",
            "dates",
            "notStated",
            "preChecks",
        ),
        *("implementation", "tests", "noReturn", "backOut", "undo", "never", "tasks", "findings", "policy"),
        *("factsAsOf", "review", "digests", "description", "manifest", "parts", "links"),
    }
    assert members_of(read)["entries"][0] == "adele.vance@contoso.com"


def test_lines_of_text_are_short_but_for_those_that_are_typed(plan_of) -> None:
    text = plan_text(plan_of(), "text")
    assert [
        line for line in text.splitlines() if len(line) > 100 and not re.match(r"    |\S+ .*[0-9a-f]{64}$", line)
    ] == []


@pytest.mark.parametrize("sample", ["app-permissions", "migrate", "service-account-online", "service-account-server"])
def test_no_line_of_markdown_is_longer_than_a_ticket_takes_but_what_is_typed(plan_of, sample) -> None:
    text = re.sub(r"(`{3,})powershell\n.*?\n\1\n", "", plan_text(plan_of(sample), "markdown"), flags=re.DOTALL)
    assert [line for line in text.splitlines() if len(line) > 120 and " " in line.strip("- ")] == []


def test_a_line_that_begins_with_a_dash_or_a_number_only_by_wrapping_begins_no_list(plan_of) -> None:
    dashes = " ".join(["word - 12. next + other"] * 40)
    text = plan_text(plan_of(change={"justification": dashes}), "markdown")
    (found,) = re.findall(r"^- \*\*Justification\*\*: .*?(?=^- \*\*)", text, re.MULTILINE | re.DOTALL)
    assert len(found.splitlines()) > 3
    assert [line for line in found.splitlines()[1:] if re.match(r"\s*([-+] |\d+\. )", line)] == []


def test_what_markdown_does_not_take_for_its_own_is_not_escaped(plan_of) -> None:
    directory = {"methods": ["ntlm"], "virtual_directory": "EX01\\EWS (Default Web Site)"}
    text = plan_text(plan_of("service-account-server", authentication=directory), "markdown")
    assert "through EX01\\EWS (Default" in " ".join(text.split())
    for sample in ("app-permissions", "migrate", "service-account-server"):
        prose = re.sub(r"(`{3,})powershell\n.*?\n\1\n", "", plan_text(plan_of(sample), "markdown"), flags=re.DOTALL)
        assert not re.search(r"\\[-`]|&lt;", prose)


@pytest.mark.parametrize("line", ["---", "===", "- word", "+ word", "1. word", "-"])
def test_a_value_that_is_a_rule_or_a_list_by_itself_is_neither(plan_of, line) -> None:
    text = plan_text(plan_of(change={"justification": "word " * 22 + line}), "markdown")
    assert not [found for found in text.splitlines() if found.strip() == line]


ORDER = [
    *("In short", "Who reaches whose mailbox", "What can go wrong", "Pre-checks", "Implementation", "Tests"),
    *("Back-out", "What is not covered, who does it and when", "Appendix: the steps with their calls"),
]


@pytest.mark.parametrize("sample", ["app-permissions", "migrate", "service-account-online", "service-account-server"])
def test_what_decides_stands_before_the_calls_and_in_ten_minutes(plan_of, sample) -> None:
    text = plan_text(plan_of(sample), "markdown")
    headings = re.findall(r"^## (.*)", text, re.MULTILINE)
    assert headings[: len(ORDER)] == ORDER
    prose = re.sub(r"(`{3,})powershell\n.*?\n\1\n", "", text.split("## Appendix")[0], flags=re.DOTALL)
    # Marks of lists are no words; a migration is two changes in one record, and no other one comes near to it.
    words = sum(any(letter.isalnum() for letter in word) for word in prose.split())
    assert words <= (1500 if sample == "migrate" else 1300)


def test_markdown_has_no_markup_of_a_values_own(hostile) -> None:
    text = re.sub(r"(`{3,})powershell\n.*?\n\1\n", "", plan_text(hostile, "markdown"), flags=re.DOTALL)
    assert not re.search(r"<script|(?<!\\)`c|(?<!\\)\*d|(?<!\\)\[e|(?<!\\)_g", text)
    assert r"a\|b \`c\` \*d\* \[e\](f) &lt;script&gt;" in text


def test_no_character_that_ends_a_line_gets_into_any_form(hostile) -> None:
    for name in FORMS:
        if name != "json":
            assert "\u2028" not in plan_text(hostile, name)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag, attrs) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value for name, value in attrs if name == "href"}
        if tag not in {"meta", "wbr"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


def test_html_is_whole_loads_nothing_and_runs_nothing(hostile) -> None:
    page = _Tags()
    page.feed(plan_text(hostile, "html"))
    assert page.open == []
    assert "svg" in page.seen
    assert not page.seen & {"script", "link", "img", "iframe", "object", "image", "use"}
    assert not {name for name in page.attributes if name in {"src", "style"} or name.startswith("on")}


def test_html_has_a_list_of_its_sections_and_links_to_nothing_else(plan_of) -> None:
    text = plan_text(plan_of(), "html")
    page = _Tags()
    page.feed(text)
    assert page.links == {f"#{name}" for name in re.findall(r'<h2 id="([a-z-]+)"', text)}
    assert len(page.links) >= 10


def test_html_says_risk_in_a_word_and_in_a_color_in_light_and_in_dark(plan_of) -> None:
    text = plan_text(plan_of(), "html")
    assert '<td data-head="risk" class="high">high</td>' in text
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r'(?:fill|stroke)="#', text)


def test_html_keeps_an_address_together_and_breaks_a_long_one_at_its_at_sign(plan_of) -> None:
    text = plan_text(plan_of(), "html")
    assert '<span class="whole">megan.bowen<wbr>@contoso.com.</span>' in text
    assert "table-layout: fixed" in text


def test_of_many_members_a_few_lines_and_every_name_stand_in_the_plan(plan_of) -> None:
    members = [f"user{number:04}@contoso.com" for number in range(500)]
    plan = plan_of(scheduling_group={"members": members}, proof={"in_scope": [members[0]]})
    text = plan_text(plan, "markdown")
    assert text.count("Add-DistributionGroupMember -Identity") == 3
    assert all(text.count(member) >= 1 for member in members)
    assert len(members_of(json.loads(plan_text(plan, "json")))["lines"]) == 501


MANY = [f"user{number:04}@contoso.com" for number in range(13)]
CROWDS = {
    "app-permissions": {
        "scheduling_group": {"members": MANY},
        "proof": {"in_scope": MANY, "out_of_scope": [f"boss{number:04}@contoso.com" for number in range(13)]},
        "delegates": [{"account": f"admin{number:04}@contoso.com"} for number in range(13)],
        "add_in": {"manifest": "pexip-add-in.xml", "provided_to": "specific-users", "users": MANY},
        "ews": {
            "keep": [{"client_id": f"1b2c3d4e-5f60-4718-92a3-b4c5d6e7f8{n}", "name": "Panel"} for n in range(10, 23)]
        },
    },
    "service-account-server": {
        "proof": {"in_scope": MANY, "out_of_scope": [f"boss{number:04}@contoso.com" for number in range(13)]},
        "add_in": {"users": MANY},
    },
}
ONE_OF_MANY = r"(?:user|boss|admin)\d{4}@contoso\.com|1b2c3d4e-5f60-4718-92a3-b4c5d6e7f8\d\d"


@pytest.mark.parametrize("sample", CROWDS)
def test_more_than_twelve_are_named_under_their_step_alone_and_counted_everywhere_else(plan_of, sample) -> None:
    text = plan_text(plan_of(sample, **CROWDS[sample]), "markdown")
    before, after = text.split("\n## Appendix: the steps with their calls\n")
    steps, rest = after.split("\n## Appendix: the way back by hand")
    assert re.findall(ONE_OF_MANY, before + rest) == []
    assert set(re.findall(r"user\d{4}@contoso\.com", steps)) == set(MANY)
    assert re.findall(r"13 \w+\s+\(named\s+in\s+the\s+step\s+([a-z-]+)\)", before)


def test_a_thousand_members_are_a_number_before_reach_and_risk(plan_of) -> None:
    members = [f"user{number:04}@contoso.com" for number in range(1000)]
    text = plan_text(plan_of(scheduling_group={"members": members}, proof={"in_scope": [members[0]]}), "text")
    first = " ".join(text.split("Pre-checks\n")[0].split())
    assert "to the mailboxes of the members of pexip-schedulers@contoso.com: 1001 named here" in first
    assert "1001 are named in the step scheduling-members" in first
    assert "user0500" not in first


def test_several_effects_of_one_write_are_all_said(plan_of) -> None:
    text = plan_text(plan_of(), "markdown")
    assert "and no other (tenant-wide, widens access, takes access away):" in " ".join(text.split())
