"""``init``, ``lint`` and ``schema`` from the outside."""

from __future__ import annotations

import difflib
import io
import json
import re
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.days import EWS_ENDS_LATER, EWS_ENDS_SOON

import pexgen
from pexgen import clock
from pexgen.cli import run
from pexgen.cli._lint_formats import FORMATS
from pexgen.description import load, load_schema
from pexgen.description.codes import CODES
from pexgen.lint import RULES, check
from pexgen.pages import page_of
from pexgen.vendor_facts import CHECKED, age_of

STARTERS = Path(pexgen.__file__).parent / "starters"
BROKEN = "version: 1\nname: contoso\nzork: 1\n"


@pytest.fixture
def files(tmp_path, monkeypatch, small):
    """A right file with a warning, a broken one, and one that accepts its warning."""
    monkeypatch.chdir(tmp_path)
    text = small.replace("equipment:\n", "equipment:\n  calendar: {automate_processing: None}\n")
    (tmp_path / "warning.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    accepted = text + (
        "accept:\n  - {code: PXG108, reason: 'checked by hand, weekly'}\n  - {code: PXG109, reason: 'Pexip is asked'}\n"
    )
    (tmp_path / "accepted.yaml").write_text(accepted, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["warning.yaml"], 0),
        (["warning.yaml", "--strict"], 1),
        (["accepted.yaml", "--strict"], 0),
        (["broken.yaml"], 1),
        (["warning.yaml", "broken.yaml"], 1),
        (["missing.yaml"], 3),
        (["broken.yaml", "missing.yaml"], 3),
        (["."], 1),
        (["nothing-*.yaml"], 2),
        (["warning.yaml", "--format", "xml"], 2),
        ([], 2),
        *((["broken.yaml", "--format", name], 1) for name in FORMATS),
    ],
)
def test_lint_ends_with_the_documented_code(files, capsys, arguments, code) -> None:
    assert run(["lint", *arguments]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_lint_text_shows_line_and_caret_on_standard_output_and_counts_on_standard_error(
    files, capsys, monkeypatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: EWS_ENDS_SOON)
    run(["lint", "warning.yaml"])
    out, err = capsys.readouterr()
    assert "warning.yaml:5:13: warning PXG108: " in out
    assert "  |   platform: exchange-online\n  |             ^^^^^^^^^^^^^^^\n  hint: " in out
    counted, more, age = err.splitlines()
    assert more == "More on a code: `pexgen explain PXG108`"
    assert counted == "0 errors, 2 warnings in 1 file"
    assert age.removeprefix("warning: ") == age_of(EWS_ENDS_SOON)[0]


def test_lint_says_when_its_facts_are_old(files, capsys, monkeypatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: CHECKED + timedelta(days=91))
    run(["--quiet", "lint", "warning.yaml"])
    err = capsys.readouterr().err
    assert err.startswith("warning: Facts about Microsoft and Pexip are old")
    assert "91 days ago" in err


def test_lint_counts_a_note_as_one_and_strict_lets_it_pass(files, capsys, monkeypatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: EWS_ENDS_LATER)
    text = (files / "warning.yaml").read_text(encoding="utf-8")
    (files / "note.yaml").write_text(text + "accept: [{code: PXG108, reason: looked}]\n", encoding="utf-8")
    assert run(["lint", "note.yaml", "--strict"]) == 0
    out, err = capsys.readouterr()
    assert "note.yaml:5:13: note PXG109: " in out
    assert err.startswith("0 errors, 0 warnings, 1 note, 1 accepted in 1 file\n")
    assert run(["lint", "note.yaml", "--format", "github"]) == 0
    assert capsys.readouterr().out.startswith("::notice file=note.yaml,")


def test_lint_expands_patterns_and_reads_standard_input(files, capsys, monkeypatch) -> None:
    class Standard:
        buffer = io.BytesIO(BROKEN.encode())

    monkeypatch.setattr(sys, "stdin", Standard)
    assert run(["lint", "*d.yaml", "-"]) == 1
    out, err = capsys.readouterr()
    assert "<stdin>:3:1: error PXG020" in out
    assert "2 accepted in 2 files" in err


def test_lint_says_nothing_on_standard_error_when_asked_to_be_quiet(files, capsys) -> None:
    run(["--quiet", "lint", "warning.yaml"])
    assert capsys.readouterr().err == ""


def test_json_is_version_1_with_every_field(files, capsys) -> None:
    run(["lint", "accepted.yaml", "broken.yaml", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    assert report["format"] == "pexgen.lint/1"
    accepted, broken = report["files"]
    assert (accepted["file"], accepted["errors"], accepted["warnings"], accepted["findings"]) == (
        "accepted.yaml",
        0,
        0,
        [],
    )
    assert accepted["accepted"][0]["reason"] == "checked by hand, weekly"
    assert broken["errors"] == len(broken["findings"]) == 4
    (unknown,) = [each for each in broken["findings"] if each["code"] == "PXG020"]
    assert unknown == {
        "code": "PXG020",
        "severity": "error",
        "message": "a description has no key `zork`",
        "hint": unknown["hint"],
        "line": 3,
        "column": 1,
        "length": 4,
        "sourceLine": "zork: 1",
        "page": "docs/rules.md#pxg020-unknown-key",
    }


def test_sarif_describes_every_code_it_reports_and_suppresses_what_is_accepted(files, capsys) -> None:
    run(["lint", "accepted.yaml", "broken.yaml", "missing.yaml", "--format", "sarif"])
    log = json.loads(capsys.readouterr().out)
    (scan,) = log["runs"]
    assert log["version"] == "2.1.0"
    described = {rule["id"] for rule in scan["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in scan["results"]} <= described
    suppressed, _ = [result for result in scan["results"] if "suppressions" in result]
    assert suppressed["suppressions"][0]["justification"] == "checked by hand, weekly"
    places = [result["locations"][0]["physicalLocation"] for result in scan["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"accepted.yaml", "broken.yaml", "missing.yaml"}
    assert all(place["region"]["endColumn"] > place["region"]["startColumn"] for place in places if "region" in place)
    assert any("region" not in place for place in places)


def test_sarif_keeps_the_rules_of_githubs_code_scanning(files, capsys) -> None:
    """https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support."""
    run(["lint", "warning.yaml", "accepted.yaml", "broken.yaml", "missing.yaml", "--format", "sarif"])
    (scan,) = json.loads(capsys.readouterr().out)["runs"]
    driver = scan["tool"]["driver"]
    assert urlsplit(driver["informationUri"]).scheme
    assert driver["version"] == driver["semanticVersion"]
    for rule in driver["rules"]:
        assert set(rule) >= {"id", "name", "shortDescription", "fullDescription", "help", "helpUri"}
        assert re.fullmatch(r"(?:[A-Z0-9][a-z0-9A-Z]*)+", rule["name"])
        assert urlsplit(rule["helpUri"]).scheme
        assert all(len(rule[part]["text"]) <= 1024 for part in ("shortDescription", "fullDescription"))
        assert all(rule[part]["text"].endswith((".", ".)")) for part in ("shortDescription", "fullDescription", "help"))
        assert f"pexgen explain {rule['id']}" in rule["help"]["markdown"]
        assert rule["properties"]["problem.severity"] in {"error", "warning", "recommendation"}
    assert len(driver["rules"]) == len({rule["name"] for rule in driver["rules"]})
    assert scan["results"]
    for result in scan["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"].endswith(".")
        (place,) = result["locations"]
        region = place["physicalLocation"].get("region", {"startLine": 1})
        assert region["startLine"] >= 1


def test_help_is_on_the_site_that_the_environment_names(files, capsys, monkeypatch) -> None:
    monkeypatch.setenv("PEXGEN_DOCS", "https://docs.contoso.com/pexgen/")
    run(["lint", "broken.yaml", "--format", "sarif"])
    driver = json.loads(capsys.readouterr().out)["runs"][0]["tool"]["driver"]
    assert driver["informationUri"] == "https://docs.contoso.com/pexgen"
    (rule,) = [rule for rule in driver["rules"] if rule["id"] == "PXG020"]
    assert rule["helpUri"] == "https://docs.contoso.com/pexgen/rules.html#pxg020-unknown-key"


def test_every_code_has_its_section_on_the_page_of_codes() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### (.+)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    every = {page_of(each.code, each.title).partition("#")[2] for each in (*CODES, *RULES)}
    assert every <= anchors


def test_sarif_names_an_absolute_path_as_a_file_uri(files, capsys) -> None:
    run(["lint", str(files / "broken.yaml"), "--format", "sarif"])
    result = json.loads(capsys.readouterr().out)["runs"][0]["results"][0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == (files / "broken.yaml").as_uri()


def test_github_commands_are_one_line_each_and_escaped(files, capsys) -> None:
    (files / "100%,x.yaml").write_text(BROKEN, encoding="utf-8")
    run(["lint", "100%,x.yaml", "--format", "github"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert any(
        line.startswith("::error file=100%25%2Cx.yaml,line=3,col=1,endColumn=4,title=PXG020::a description has no key")
        for line in lines
    )


def test_lint_ends_gracefully_whatever_the_file_holds(files, capsys) -> None:
    (files / "odd.yaml").write_bytes(b"\xff\xfe\x00")
    assert run(["lint", "odd.yaml", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["files"][0]["findings"][0]["code"] == "PXG003"


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ([], ["PXG109", *["PXG120"] * 3]),
        (["--method", "service-account", "--platform", "exchange-server"], []),
        (["--method", "service-account", "--platform", "exchange-online"], ["PXG126", "PXG109", *["PXG120"] * 2]),
        (["--method", "migrate"], ["PXG109", *["PXG120"] * 4]),
    ],
)
def test_init_writes_what_is_valid_but_for_its_own_examples(capsys, options, codes) -> None:
    assert run(["init", *options]) == 0
    loaded = load(capsys.readouterr().out.encode(), "x")
    problems = check(loaded)
    assert [problem.code for problem in problems if problem.code != "PXG141"] == codes
    assert {problem.code for problem in problems if problem.severity == "error"} <= {"PXG120"}
    assert "PXG141" in {problem.code for problem in problems}
    method = dict(zip(options[::2], options[1::2], strict=True)).get("--method", "app-permissions")
    assert loaded.description.method == method


@pytest.mark.parametrize(
    "name", ["service-account.exchange-server", "service-account.exchange-online", "migrate.exchange-online"]
)
def test_every_starter_says_the_same_of_what_all_methods_have(name) -> None:
    first, other = (
        (STARTERS / f"{each}.yaml").read_text(encoding="utf-8").split("\n")
        for each in ("app-permissions.exchange-online", name)
    )
    end = "    # remove_old_meeting_messages: false"
    one, two = (lines[lines.index("equipment:") : lines.index(end) + 1] for lines in (first, other))
    differing = [line for line in difflib.ndiff(one, two) if line.startswith(("- ", "+ "))]
    works = "+   # It works today: enter what Check shows of it, or remove the section and leave the calendar as it is."
    adopted = ["-   adopt: false", "+   adopt: true"]
    assert differing in ([], adopted, [*adopted, works])


EVERYWHERE = ["change", "equipment", "add_in", "one_touch_join"]


@pytest.mark.parametrize(
    ("method", "platform", "sections", "of_others"),
    [
        (
            "app-permissions",
            "exchange-online",
            ["application", "scheduling_group", "scope", "proof", "ews"],
            {"retire"},
        ),
        (
            "service-account",
            "exchange-server",
            ["service_account", "impersonation", "authentication", "proof"],
            {"existing"},
        ),
        (
            "service-account",
            "exchange-online",
            ["service_account", "oauth"],
            {"organizational_unit"},
        ),
        (
            "migrate",
            "exchange-online",
            ["application", "scheduling_group", "scope", "proof", "ews", "oauth"],
            set(),
        ),
    ],
)
def test_init_shows_every_key_of_its_method(capsys, method, platform, sections, of_others) -> None:
    run(["init", "--method", method, "--platform", platform])
    text = capsys.readouterr().out
    calendar = load_schema()["properties"]["equipment"]["properties"]["calendar"]["properties"]
    keys = [key for section in (*EVERYWHERE, *sections) for key in load_schema()["properties"][section]["properties"]]
    missing = {key for key in [*calendar, *keys] if f" {key}:" not in text}
    assert missing == of_others | not_of_its_calendar(platform)


def not_of_its_calendar(platform: str) -> set[str]:
    """Return the settings of the calendar that the schema refuses on this platform, because it has none of the name."""
    where = {"required": ["platform"], "properties": {"platform": {"const": platform}}}
    (rule,) = [each["then"] for each in load_schema()["allOf"] if each["if"]["properties"] == {"target": where}]
    for section in ("equipment", "calendar"):
        rule = rule.get("properties", {}).get(section, {})
    return {key for key, allowed in rule.get("properties", {}).items() if allowed is False}


def test_init_stays_valid_when_a_commented_section_is_taken_in(capsys) -> None:
    run(["init"])
    lines = capsys.readouterr().out.splitlines()
    begin = lines.index("# change:")
    taken = [line[2:] if line.startswith("# ") and ":" in line else line for line in lines[begin : begin + 5]]
    text = "\n".join([*lines[:begin], *taken, *lines[begin + 5 :]])
    assert load(text.encode(), "x").description.change.ticket == "CHG0031337"


def test_init_does_not_call_the_calendar_value_pexips(capsys) -> None:
    run(["init"])
    text = capsys.readouterr().out
    assert "automate_processing: None" in text
    assert "YOUR COPY OF PEXIP'S PAGE" in text


@pytest.mark.parametrize("command", ["init", "schema"])
def test_file_that_differs_is_replaced_by_force_only(files, capsys, command) -> None:
    target = files / "out.txt"
    target.write_text("mine", encoding="utf-8")
    assert run([command, "-o", str(target)]) == 2
    assert target.read_text(encoding="utf-8") == "mine"
    assert run([command, "-o", str(target), "--force"]) == 0
    capsys.readouterr()
    assert run([command]) == 0
    assert target.read_bytes() == capsys.readouterr().out.encode()
    assert run([command, "-o", str(target)]) == 0


def test_init_says_which_methods_there_are(capsys) -> None:
    assert run(["init", "--method", "migrate", "--platform", "exchange-server"]) == 2
    assert "--method service-account --platform exchange-server" in capsys.readouterr().err


def test_schema_prints_the_schema(capsys) -> None:
    assert run(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == load_schema()
