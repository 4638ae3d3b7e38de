"""``pexgen ews-usage``: what of an exported report belongs in a description."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pexgen import clock
from pexgen.cli import run
from pexgen.description import load
from pexgen.known_applications import KNOWN

OFFICE = "d3590ed6-52b3-4102-aeff-aad2292ab01c"
SOMEBODY = "99999999-2222-4333-8444-555555555555"
OURS = "5f6e7d8c-9b0a-4c1d-8e2f-3a4b5c6d7e8f"
ROWS = f"""\
AppId,SoapAction,Count,Last Activity Date,Report Period,Something new
{OFFICE.upper()},GetItem,"1,200",2026-11-20,90,x
{OFFICE},FindItem,10,11/25/2026,90,
{SOMEBODY},GetItem,5,2026-11-02,90,
{OURS},GetItem,7,2026-11-26,90,
"""
NAME = "EWSWeeklyUsage_11_27_2026_12_10_14.csv"
SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml"
HEAD = SAMPLE.read_text(encoding="utf-8").partition("# Exchange Online closes EWS")[0]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(clock, "today", lambda: date(2026, 11, 29))
    (tmp_path / NAME).write_text(ROWS, encoding="utf-8")
    (tmp_path / "contoso.yaml").write_bytes(SAMPLE.read_bytes())
    return tmp_path


def kept(path: Path) -> list[tuple[str, str]]:
    ews = load(path.read_bytes(), str(path), needs_manifest=False).description.ews
    return [(each.client_id, each.name) for each in ews.keep] if ews else []


def test_actions_of_one_application_are_one_entry_with_requests_and_last_seen(capsys: Any) -> None:
    assert run(["ews-usage", NAME]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(
        "  keep:\n    # 1,210 requests, last seen 2026-11-25\n"
        f"    - client_id: {OFFICE}\n      name: Microsoft Office\n    # 7 requests, last seen 2026-11-26\n"
    )
    assert f"    - client_id: {SOMEBODY}\n      name: name it\n" in out
    assert err == "3 applications in the report, 3 of them new\n"


def test_what_the_description_names_is_left_out(capsys: Any) -> None:
    assert run(["ews-usage", NAME, "--description", "contoso.yaml"]) == 0
    out, err = capsys.readouterr()
    assert OURS not in out
    assert "2 of them new" in err


def test_entries_go_behind_those_that_are_there_and_everything_else_stays(folder: Path) -> None:
    before = (folder / "contoso.yaml").read_text(encoding="utf-8")
    assert run(["ews-usage", NAME, "--into", "contoso.yaml"]) == 0
    after = (folder / "contoso.yaml").read_text(encoding="utf-8")
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    assert [line for line in after.splitlines() if line not in added] == before.splitlines()
    assert [one for one, _ in kept(folder / "contoso.yaml")][1:] == [OFFICE, SOMEBODY]
    again = (folder / "contoso.yaml").read_bytes()
    assert run(["ews-usage", NAME, "--into", "contoso.yaml"]) == 0
    assert (folder / "contoso.yaml").read_bytes() == again


EWS = [
    pytest.param("", id="no section"),
    pytest.param("ews:\n  policy: merge # why\n  switch_on: false\n", id="no keep"),
    pytest.param("ews:\n    policy: merge\n\n# the end\n", id="wide margin and a comment behind"),
    pytest.param("ews: {policy: merge}\n", id="braces"),
    pytest.param("ews: {}\n", id="empty braces"),
    pytest.param("ews:\n  keep: [] # nobody\n  policy: merge\n", id="empty brackets"),
    pytest.param(f"ews:\n  keep: [{{client_id: {SOMEBODY[:-1]}6, name: 'a, b'}},]\n", id="brackets"),
    pytest.param(
        f"ews:\n  keep:\n  - client_id: {SOMEBODY[:-1]}6 # last\n  policy: merge\n", id="dashes at the margin"
    ),
    pytest.param(f"ews:\n  keep:\n    -\n      name: x\n      client_id: {SOMEBODY[:-1]}6\n", id="dash alone"),
    pytest.param(f"ews:\n  keep:\n    - {{client_id: {SOMEBODY[:-1]}6}}\n    # and then\n  policy: check", id="no end"),
]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "mark"])
@pytest.mark.parametrize("ews", EWS)
def test_however_the_section_is_written_it_says_the_same_and_more(
    folder: Path, ews: str, mark: bytes, end: str
) -> None:
    path = folder / "contoso.yaml"
    path.write_bytes(mark + (HEAD + ews).replace("\n", end).encode())
    before = kept(path)
    assert run(["ews-usage", NAME, "--into", "contoso.yaml"]) == 0
    data = path.read_bytes()
    assert kept(path) == [*before, (OFFICE, "Microsoft Office"), (SOMEBODY, "name it")]
    assert data.startswith(mark)
    assert data.count(b"\n") == (data.count(b"\r\n") if end == "\r\n" else data.count(b"\n"))
    comments = [line.partition("#")[2] for line in (HEAD + ews).splitlines() if "#" in line]
    assert all(text.encode() in data for text in comments)


def test_who_said_that_nobody_else_uses_ews_has_to_take_it_back(folder: Path, capsys: Any) -> None:
    text = f"{HEAD}ews:\n  policy: merge\n  no_others: looked\n"
    (folder / "contoso.yaml").write_text(text, encoding="utf-8")
    assert run(["ews-usage", NAME, "--into", "contoso.yaml"]) == 2
    assert "no_others" in capsys.readouterr().err
    assert (folder / "contoso.yaml").read_text(encoding="utf-8") == text


def test_a_file_in_which_nothing_can_be_put_stays_as_it_is(folder: Path, capsys: Any) -> None:
    text = f"{HEAD}ews: {{policy: merge}}\n...\n".replace("ews: {policy: merge}\n", "")
    (folder / "contoso.yaml").write_text(text, encoding="utf-8")
    assert run(["ews-usage", NAME, "--into", "contoso.yaml"]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert (folder / "contoso.yaml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("EWSWeeklyUsage_9_27_2026_1_2_3.csv", ("", ""), "was created on 2026-09-27, 63 days ago"),
        ("EWSWeeklyUsage_12_27_2026_1_2_3.csv", ("", ""), "in the future"),
        ("report.csv", ("", ""), "the report does not say when it was created"),
        (NAME, (",90,", ",7,"), "covers 7 days"),
        (NAME, (",90,", ",,"), "which period the report covers is not in it"),
        (NAME, (OURS, "77777777-2222-4333-8444-555555555555"), "our application"),
        (NAME, (SOMEBODY, "not an ID"), "row 4: 'not an ID' is not an application ID"),
        (NAME, ("", ""), ""),
    ],
)
def test_what_makes_a_report_doubtful_is_said(
    folder: Path, capsys: Any, name: str, change: tuple[str, str], words: str
) -> None:
    (folder / name).write_text(ROWS.replace(*change) if change[0] else ROWS, encoding="utf-8")
    assert run(["--quiet", "ews-usage", name, "--description", "contoso.yaml"]) == 0
    err = capsys.readouterr().err
    assert words in err
    assert (err == "") == (words == "")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (ROWS.encode("utf-16"), "UTF-16"),
        (ROWS.replace(",", ";").encode(), "semicolons"),
        (ROWS.replace(",", "\t").encode(), "tabs"),
        (SAMPLE.read_bytes(), "no column AppId"),
        (b"PK\x03\x04\x00\x00", "binary"),
        (b"\x89PNG\r\n\x1a\n\xff", "not UTF-8"),
        (b"AppId,Count\n", "names no application"),
        (b'AppId,Count\n"x', "not CSV"),
        (b"<html><body>Sign in</body></html>", "no column AppId"),
    ],
)
def test_what_is_no_report_is_an_error_with_what_to_do(folder: Path, capsys: Any, data: bytes, words: str) -> None:
    (folder / NAME).write_bytes(data)
    before = (folder / "contoso.yaml").read_bytes()
    assert run(["ews-usage", NAME, "--into", "contoso.yaml"]) == 3
    err = capsys.readouterr().err
    assert f"{NAME}: error PXG088" in err
    assert words in err
    assert "hint: " in err
    assert (folder / "contoso.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["missing.csv"], 3),
        (["."], 3),
        ([NAME, "--into", "missing.yaml"], 3),
        ([NAME, "--into", NAME], 3),
        ([NAME, "--into", "-"], 2),
        ([NAME, "--into", "contoso.yaml", "--description", "contoso.yaml"], 2),
        ([], 2),
    ],
)
def test_every_way_to_be_wrong_has_its_code(capsys: Any, arguments: list[str], code: int) -> None:
    assert run(["ews-usage", *arguments]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_every_known_name_has_a_source_and_an_id_in_lower_case() -> None:
    assert all(known.name and known.source and client_id == client_id.lower() for client_id, known in KNOWN.items())


def test_a_warning_that_nobody_can_hear_stops_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    class Full:
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            pass

        def isatty(self) -> bool:
            return False

    (folder / NAME).write_text(ROWS.replace(",90,", ",7,"), encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", Full())
    assert run(["ews-usage", NAME]) == 0
    assert OFFICE in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--into", "--description"])
def test_another_file_of_pexgens_is_named_as_what_it_is(folder: Path, capsys: Any, option: str) -> None:
    (folder / "result.json").write_text('{"format": "pexgen.result/1", "name": "x"}', encoding="utf-8")
    assert run(["ews-usage", NAME, option, "result.json"]) == 3
    err = capsys.readouterr().err
    assert "result.json: error PXG001: this is the result of a run, and not a description" in err
    assert err.count("error") == 1


def test_one_of_a_kind_is_said_as_one(folder: Path, capsys: Any) -> None:
    odd = "x,GetItem,1,90\n" * 6
    text = f"AppId,SoapAction,Count,Report Period\n{SOMEBODY},GetItem,1,90\n{odd}"
    (folder / NAME).write_text(text, encoding="utf-8")
    assert run(["ews-usage", NAME]) == 0
    out, err = capsys.readouterr()
    assert "# 1 request, " in out
    assert "1 further row was passed over, without an application ID" in err
    assert "1 application in the report, 1 of them new" in err
