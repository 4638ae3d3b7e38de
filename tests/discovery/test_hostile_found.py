"""What somebody wrote into FOUND.json stays a value: no line of the description's own, and no traceback."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.discoveries import FOUND, Json

from pexgen.cli import run
from pexgen.discovery import Decisions, describe, read_discovery
from pexgen.errors import PexgenError

SERVER: Json = {
    **FOUND,
    "platform": "exchange-server",
    "tenant": {"acceptedDomain": "contoso.com"},
    "found": {
        **FOUND["found"],
        "domains": ["contoso.com"],
        "versions": ["SE"],
        "accounts": [],
        "impersonations": [],
    },
}
HOSTILE = (
    'SE"\ndelegates:\n  - account: "mallory@contoso.com',
    "x\ndelegates:\n  - account: mallory@contoso.com",
    "x\r  delegates: [{account: mallory@contoso.com}]",
    "x\u2028delegates: [{account: mallory@contoso.com}]",
    "x\x85y",
    "\x1b[2J\x1b]0;title\x07",
    "\ud800",
    "a\udfffb",
    "\u202eevil",
    "]: & * ! | > ' \" % @ `",
    "::error::x",
    "x # y: z",
    "x" * 70_000,
)


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every text below a node."""
    if isinstance(node, str):
        yield path
    for key, value in node.items() if isinstance(node, dict) else enumerate(node if isinstance(node, list) else ()):
        yield from leaves(value, (*path, key))


def with_text(found: Json, path: tuple[Any, ...], text: str) -> Json:
    """Return the discovery with this text there."""
    changed = copy.deepcopy(found)
    node: Any = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = text
    return changed


def described(data: bytes, choice: Decisions) -> tuple[str, str]:
    """Return the description, or what is said instead of one."""
    try:
        return describe(read_discovery(data, "FOUND.json"), choice), ""
    except PexgenError as error:
        return "", f"{error}{error.hint}"


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("found", [FOUND, SERVER], ids=["online", "server"])
def test_no_text_writes_yaml_of_its_own_and_none_makes_a_traceback(found: Json, hostile: str) -> None:
    choices = [Decisions(), Decisions(version=hostile, name=hostile, out_of_scope=hostile)]
    for path in leaves(found):
        for choice in choices:
            data = json.dumps(with_text(found, path, hostile)).encode()
            text, said = described(data, choice)
            assert all(line.isprintable() for line in (text + said).split("\n")), path
            delegates = (yaml.safe_load(text.encode()) or {}).get("delegates") or []
            assert "mallory@contoso.com" not in [each["account"] for each in delegates], path


def test_a_version_with_a_quote_and_a_line_break_adds_no_delegate() -> None:
    forged = with_text(SERVER, ("found", "versions", 0), HOSTILE[0])
    with pytest.raises(PexgenError):
        describe(read_discovery(json.dumps(forged).encode(), "FOUND.json"), Decisions())


@pytest.mark.parametrize("data", [b'{"format": "pexgen.discovery/1"' + b"," * 9, b"[" * 100_000, b"\xff\xfe{", b""])
def test_what_is_no_json_is_a_planned_error(tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes) -> None:
    path = tmp_path / "FOUND.json"
    path.write_bytes(data)
    assert run(["init", "--from", str(path)]) == 3
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("platform", "said"), [("exchange-onlin", "platform exchange-onlin does not exist"), ("", "it names no platform")]
)
def test_a_platform_that_there_is_not_is_said_of_the_file(tmp_path, capsys, platform, said) -> None:
    file = tmp_path / "found.json"
    file.write_text(json.dumps({"format": "pexgen.discovery/1", "platform": platform}), "utf-8")
    assert run(["init", "--from", str(file), "-o", str(tmp_path / "x.yaml")]) == 3
    err = capsys.readouterr().err
    assert f"{file}: error PXG096: {said}" in err
    assert "platforms are exchange-online, exchange-server" in err
