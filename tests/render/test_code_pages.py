"""A runbook that is read in another code page: nothing in it becomes code, and it ends before it does anything."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.runbooks import SAMPLES, approving_renderer
from support.sites import DESCRIPTION, SiteOf, merged

from pexgen.literals import rendered_literal
from pexgen.rehearsal import Engine
from pexgen.runbook_marks import BODY_BEGINS
from pexgen.simulation import fresh

MARK = b"\xef\xbb\xbf"
CODE_PAGES = tuple(f"cp{number}" for number in (1250, 1251, 1252, 1253, 1254, 1257, 1258, 874, 932, 936, 949, 950))
"""The code pages in which Windows PowerShell 5.1 reads a file without a byte order mark."""

HOSTILE = "Room Ñ + (…), #"
CLOSERS = "’ + (Get-Everything) #"


def _every_byte() -> list[str]:
    """Texts whose UTF-8 has every byte that can come in one: at its end, before a quote, and before code."""
    letters = [*(chr(code) for code in range(0xA0, 0x800)), *(chr(code) for code in range(0x2010, 0x2030))]
    letters += [bytes([lead, 0xA0, low]).decode() for lead in (0xE2, 0xEF, 0xE3) for low in range(0x80, 0xC0)]
    letters += [bytes([0xF0, 0x9F, 0x80 + high, low]).decode() for high in (0, 0x11, 0x12) for low in range(0x80, 0xC0)]
    return [
        text
        for letter in letters
        if letter.isprintable()
        for text in (letter, f"a{letter}", f"{letter} + (Get-Everything), #", f"{letter}'; Get-Everything #")
    ]


def _runbook(change: Mapping[str, Any], folder: Path) -> bytes:
    source = yaml.safe_dump(merged(DESCRIPTION, change), allow_unicode=True).encode()
    (folder / "pexip-add-in.xml").write_bytes((SAMPLES / "pexip-add-in.xml").read_bytes())
    return approving_renderer().render(source, str(folder / "contoso.yaml")).runbook


def _read_in(data: bytes, code_page: str) -> str:
    """What Windows PowerShell 5.1 would read, as a file that PowerShell 7 reads the same."""
    return data.removeprefix(MARK).decode(code_page, "replace")


@pytest.fixture(scope="module")
def shapes(
    run_powershell: Callable[..., subprocess.CompletedProcess[bytes]],
) -> Callable[[list[Path]], list[list[str]]]:
    """Give of each file what its syntax tree is made of: each node's kind, and its text where that is ASCII."""

    def shape(files: list[Path]) -> list[list[str]]:
        listed = ",".join(f"'{file}'" for file in files)
        script = f"""
            foreach ($file in @({listed})) {{
                $problems = $null
                $tree = [Management.Automation.Language.Parser]::ParseFile($file, [ref] $null, [ref] $problems)
                $nodes = @(foreach ($problem in $problems) {{ "problem $($problem.Message)" }}
                    foreach ($node in $tree.FindAll({{ $true }}, $true)) {{
                        $isText = $node -is [Management.Automation.Language.StringConstantExpressionAst]
                        $text = if ($isText) {{ $node.Value -replace '[^\\x00-\\x7f]+', '?' }}
                        "$($node.GetType().Name) $text"
                    }})
                [Console]::Out.WriteLine((ConvertTo-Json -InputObject $nodes -Compress -EscapeHandling EscapeNonAscii))
            }}"""
        done = run_powershell(script)
        return [json.loads(line) for line in done.stdout.decode().splitlines()]

    return shape


def test_no_text_of_a_description_is_anything_but_a_text_in_any_code_page(
    shapes: Callable[[list[Path]], list[list[str]]], tmp_path: Path
) -> None:
    texts = _every_byte()
    keep = [
        {"client_id": f"99999999-2222-4333-8444-{place:012}", "name": text} for place, text in enumerate(texts[::97])
    ]
    members = [f"user{place}@contoso.com" for place in range(3)]
    data = _runbook(
        {
            "equipment": {"display_name": CLOSERS},
            "scheduling_group": {"members": members},
            "ews": {"keep": keep},
            "change": {"ticket": HOSTILE},
        },
        tmp_path,
    )
    # The body is ASCII, and the same in every code page; a value that got out of its literal would take of it what
    # comes next.
    data = data[: data.index(b"#region constants")]
    assert data.count(b"\r\n") > 400
    files = [tmp_path / "whole.ps1"]
    files[0].write_bytes(data)
    for code_page in CODE_PAGES:
        for name, bare in (("crlf", data), ("lf", data.replace(b"\r\n", b"\n"))):
            files.append(tmp_path / f"{code_page}.{name}.ps1")
            files[-1].write_text(_read_in(bare, code_page), "utf-8-sig", newline="")
    whole, *others = shapes(files)
    assert not [node for node in whole if node.startswith("problem")]
    assert [file.name for file, other in zip(files[1:], others, strict=True) if other != whole] == []


def test_every_byte_of_utf8_stands_harmless_in_a_literal_and_its_comment(
    shapes: Callable[[list[Path]], list[list[str]]], tmp_path: Path
) -> None:
    from pexgen.filling import FILTERS

    lines = [f"{FILTERS['reading'](text, 4)}    $value = {rendered_literal(text)}\n" for text in _every_byte()]
    data = "".join(lines).encode()
    assert {byte for byte in data if byte > 0x7F} >= set(range(0x80, 0xC0))
    files = [tmp_path / "whole.ps1"]
    files[0].write_bytes(MARK + data)
    for code_page in CODE_PAGES:
        files.append(tmp_path / f"{code_page}.ps1")
        files[-1].write_text(_read_in(data, code_page), "utf-8-sig", newline="")
    whole, *others = shapes(files)
    assert len(whole) > 3 * len(lines)
    assert [file.name for file, other in zip(files[1:], others, strict=True) if other != whole] == []


def test_an_engine_s_own_way_of_reading_makes_no_code_either(
    run_powershell: Callable[..., subprocess.CompletedProcess[bytes]], tmp_path: Path
) -> None:
    # .NET takes a pair that a code page does not have for one letter, the quote in it included; Python does not.
    data = _runbook({"equipment": {"display_name": HOSTILE}}, tmp_path).removeprefix(MARK)
    (tmp_path / "a.ps1").write_bytes(data[: data.index(b"#region constants")])
    done = run_powershell(f"""
        [Text.Encoding]::RegisterProvider([Text.CodePagesEncodingProvider]::Instance)
        $bytes = [IO.File]::ReadAllBytes('{tmp_path / "a.ps1"}')
        foreach ($page in 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 874, 932, 936, 949, 950, 54936) {{
            $problems = $null
            $text = [Text.Encoding]::GetEncoding($page).GetString($bytes)
            $tree = [Management.Automation.Language.Parser]::ParseInput($text, [ref] $null, [ref] $problems)
            $first = @($tree.EndBlock.Statements | Where-Object {{ $_.GetType().Name -eq 'IfStatementAst' }})[0]
            $asked = $first.Clauses[0].Item1.PipelineElements[0].Expression
            $parameters = @($tree.ParamBlock.Parameters | Where-Object {{ $_.DefaultValue }} | ForEach-Object {{
                ConvertTo-Json -InputObject $_.DefaultValue.SafeGetValue() -Compress -Depth 5 }})
            "$page $($problems.Count) $($tree.FindAll({{ $true }}, $true).Count) " +
                "$([string] $asked.Left.Value -cne [string] [char] 0xE9) $($parameters -join ' ')"
        }}""")
    lines = [line.split(" ", 1)[1] for line in done.stdout.decode().splitlines()]
    assert len(lines) == 15
    assert len(set(lines)) == 1
    problems, _, is_noticed = lines[0].split(" ")[:3]
    assert (problems, is_noticed) == ("0", "True")


@pytest.mark.parametrize("code_page", CODE_PAGES)
@pytest.mark.parametrize("way", ["read in it", "saved in it"])
def test_a_runbook_that_is_not_read_as_it_was_written_ends_before_it_does_anything(
    engine: Engine, tmp_path: Path, code_page: str, way: str
) -> None:
    data = _runbook({"equipment": {"display_name": HOSTILE}}, tmp_path)
    whole, damaged = tmp_path / "contoso-scheduling.ps1", tmp_path / "damaged.ps1"
    whole.write_bytes(data)
    if way == "read in it":
        damaged.write_text(_read_in(data, code_page), "utf-8-sig", newline="")
    else:
        damaged.write_bytes(data.decode("utf-8-sig").encode(code_page, "replace"))
    tenant = fresh(engine.defaults(whole))
    run = engine.play(damaged, tenant, {"Mode": "Apply", "Confirm": False})
    assert (run.exit_code, run.calls) == (4, ())
    assert "does not read its letters as they were written" in " ".join(run.screen.split())
    assert list(run.folder.iterdir()) == []
    assert run.tenant == tenant


def test_letters_beyond_ascii_reach_exchange_as_they_were_described(site: SiteOf) -> None:
    name = "Räume 会議室 😀 ’x’ \\u00E4"
    run = site(equipment={"display_name": name}).run("Apply")
    assert run.exit_code == 0, run.screen
    (mailbox,) = [
        one for one in run.tenant["recipients"] if one["PrimarySmtpAddress"] == "pexip-scheduling@contoso.com"
    ]
    assert mailbox["DisplayName"] == name


def test_what_an_operator_types_is_taken_as_it_is_typed(site: SiteOf) -> None:
    here = site(equipment={"display_name": "Räume"})
    run = here.run("Check", EquipmentDisplayName="R\\u00E4ume")
    assert 'the file says "Räume", this run uses "R\\\\u00E4ume"' in run.screen
    assert "Override" not in here.run("Check", EquipmentDisplayName="Räume").screen


def test_outside_its_comments_a_runbook_is_ascii_but_for_the_letter_by_which_it_looks(tmp_path: Path) -> None:
    text = _runbook({"equipment": {"display_name": HOSTILE}}, tmp_path).decode("utf-8-sig")
    beyond = [line for line in text.split("\r\n") if not line.isascii()]
    assert beyond == [f'    # Reads "{HOSTILE}".', "if ('é' -cne [string] [char] 0xE9) {"]
    assert text.partition(BODY_BEGINS)[2].isascii()
