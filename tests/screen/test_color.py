"""Who gets colors: --color decides, then NO_COLOR, then FORCE_COLOR, then a terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.runbooks import approving_reviews

from pexgen.cli import run

RED, GREEN, OFF = "\x1b[1;31m", "\x1b[1;32m", "\x1b[0m"


@pytest.mark.parametrize(
    ("terminal", "options", "environment", "is_colored"),
    [
        (True, [], {}, True),
        (False, [], {}, False),
        (True, [], {"NO_COLOR": "1"}, False),
        (True, [], {"NO_COLOR": ""}, True),
        (True, [], {"TERM": "dumb"}, False),
        (False, [], {"FORCE_COLOR": "1"}, True),
        (False, [], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (False, ["--color", "always"], {}, True),
        (False, ["--color=ALWAYS"], {"NO_COLOR": "1"}, True),
        (True, ["--color", "never"], {"FORCE_COLOR": "1"}, False),
    ],
)
def test_who_gets_colors(on_screen, monkeypatch, terminal, options, environment, is_colored) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for arguments in (["lint", "bad.yaml", *options], [*options, "lint", "absent.yaml"]):
        assert (f"{RED}error{OFF}" in on_screen(*arguments, terminal=terminal)) == is_colored


def test_one_call_does_not_color_the_next(on_screen) -> None:
    assert "\x1b" in on_screen("lint", "bad.yaml", "--color", "always", terminal=False)
    assert "\x1b" not in on_screen("lint", "bad.yaml", terminal=False)


def test_another_word_is_refused_with_the_choices(on_screen) -> None:
    shown = on_screen("lint", "bad.yaml", "--color", "sometimes", terminal=False)
    assert shown == "pexgen: error: --color does not take sometimes\n  hint: it takes auto, always, never\n"


def test_verdicts_are_colored(on_screen, monkeypatch) -> None:
    for place in ("pexgen.render", "pexgen.reviews"):  # OK is said of a reviewed body alone.
        monkeypatch.setattr(f"{place}.load_ledger", approving_reviews)
    run(["--quiet", "render", "app-permissions.yaml", "-o", "a.ps1"])
    assert on_screen("verify", "a.ps1").startswith(f"a.ps1: {GREEN}OK{OFF}\n")
    assert on_screen("verify", "a.ps1", "--description", "new.yaml").startswith(f"a.ps1: {RED}NOT OK{OFF}\n")


def test_what_widens_access_is_colored(on_screen) -> None:
    shown = on_screen("diff", "app-permissions.yaml", "new.yaml")
    assert f"{RED}Widens access{OFF}" in shown
    assert re.search(r"\x1b\[1;31m\+ application .*eve@contoso\.com\x1b\[0m", " ".join(shown.split()))
    assert re.search(r"\x1b\[1;32m- application .*alex\.wilber@", " ".join(shown.split()))


def test_lines_of_a_diff_are_colored(on_screen, folder: Path) -> None:
    render = ["render", "app-permissions.yaml", "-o", "a.ps1", "--allow-unreviewed"]
    run(["--quiet", *render])
    text = (folder / "app-permissions.yaml").read_text(encoding="utf-8")
    (folder / "app-permissions.yaml").write_text(text.replace("CHG0031337", "CHG0031338"), encoding="utf-8")
    shown = on_screen(*render, "--check", "--diff").split("\n")
    (old,) = [line for line in shown if "CHG0031337" in line]
    (new,) = [line for line in shown if "CHG0031338" in line]
    assert (old[:6], new[:6]) == ("\x1b[31m-", "\x1b[32m+")
    assert old.endswith(OFF)
    assert new.endswith(OFF)


def test_a_file_never_has_colors(on_screen, folder: Path) -> None:
    on_screen("lint", "bad.yaml", "-o", "found.txt", "--color", "always")
    on_screen("diff", "app-permissions.yaml", "new.yaml", "-o", "changes.txt", "--color", "always")
    for name in ("found.txt", "changes.txt"):
        data = (folder / name).read_bytes()
        assert data
        assert b"\x1b" not in data
