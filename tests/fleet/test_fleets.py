"""Many descriptions in one command: folders, what became of each, and one line at the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.days import EWS_ENDS_SOON

from pexgen import clock
from pexgen.cli import run

SAMPLE = (Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml").read_text(encoding="utf-8")

Pexgen = Callable[..., tuple[int, str, str]]


def customer(name: str) -> str:
    return SAMPLE.replace("name: contoso-scheduling", f"name: {name}")


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of customers: ten descriptions at two levels, and what else lies about there."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "customers"
    (folder / "north").mkdir(parents=True)
    (folder / ".git").mkdir()
    for number in range(10):
        place = folder / "north" if number % 2 else folder
        (place / f"c{number}.yaml").write_text(customer(f"c{number}"), encoding="utf-8", newline="\n")
    (folder / ".git" / "config.yaml").write_text(customer("hidden"), encoding="utf-8")
    (folder / ".hidden.yaml").write_text(customer("hidden"), encoding="utf-8")
    (folder / "pexgen.yaml").write_text("version: 1\n", encoding="utf-8")
    (folder / "compose.yml").write_text("version: '3'\nname: shop\nservices: {}\n", encoding="utf-8")
    (folder / "notes.txt").write_text("method: app-permissions\n", encoding="utf-8")
    (tmp_path / "out").mkdir()
    return folder


@pytest.fixture
def pexgen(capsys: pytest.CaptureFixture[str]) -> Pexgen:
    """Run a command; returns exit code, standard output and standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_a_folder_is_every_description_in_it_and_below_it_and_nothing_else(fleet: Path, pexgen: Pexgen) -> None:
    code, out, err = pexgen("lint", "customers", "--format", "json")
    names = [Path(each["file"]).as_posix() for each in json.loads(out)["files"]]
    assert names == sorted(names)
    assert names == [
        *(f"customers/c{number}.yaml" for number in (0, 2, 4, 6, 8)),
        *(f"customers/north/c{number}.yaml" for number in (1, 3, 5, 7, 9)),
    ]
    assert "customers: left out, because it is not a description: compose.yml\n" in err
    assert code == 0


@pytest.mark.parametrize(
    "broken",
    [
        "version: 1\nname: c1\nmetod: app-permissions\n",
        "version: 1\nname c1\nmethod: app-permissions\n",
        "equipment: [\n",
        "\ufeffmethod:\n",
    ],
)
def test_a_wrong_description_in_a_folder_is_never_passed_over(
    fleet: Path, pexgen: Pexgen, tmp_path: Path, broken
) -> None:
    (tmp_path / "one").mkdir()
    for encoding in ("utf-8", "utf-16"):
        (tmp_path / "one" / "x.yaml").write_text(broken, encoding=encoding)
        assert pexgen("lint", "one")[0] == 1


def test_a_file_that_is_named_twice_is_one_however_it_is_called(fleet: Path, pexgen: Pexgen) -> None:
    whole = str(fleet / "c0.yaml")
    code, out, err = pexgen("lint", "customers", whole, "./customers/c0.yaml", "customers/../customers/c2.yaml")
    assert (code, "PXG146" in out, "in 10 files" in err) == (0, False, True)


def test_a_name_that_no_file_can_have_is_one_error_among_the_others(fleet: Path, pexgen: Pexgen) -> None:
    code, out, _ = pexgen("lint", "customers/c0.yaml", "a\0b", "x" * 5000)
    assert code == 3
    assert out.count("error PXG001") == 2


def test_a_folder_without_a_description_is_said(fleet: Path, pexgen: Pexgen) -> None:
    code, _, err = pexgen("render", "out")
    assert (code, "out is a folder without a description" in err) == (2, True)


def test_a_fleet_with_three_broken_ends_does_all_the_others_and_names_the_three(fleet: Path, pexgen: Pexgen) -> None:
    (fleet / "c2.yaml").write_text("- a list\nmethod: x\n", encoding="utf-8")
    (fleet / "c8.yaml").write_text(customer("c8").replace("method:", "metod:"), encoding="utf-8")
    (fleet / "north" / "c7.yaml").write_text(customer("c7"), encoding="utf-16")
    code, out, err = pexgen("render", "customers", "-o", "out", "--allow-unreviewed")
    assert (code, out) == (3, "")
    made = {path.name for path in Path("out").glob("*.ps1")}
    assert made == {f"c{number}.ps1" for number in (0, 1, 3, 4, 5, 6, 9)}
    north = Path("customers", "north", "c7.yaml")
    assert err.splitlines()[-1] == (
        f"rendered 7, current 0, failed 3: {Path('customers', 'c2.yaml')}, {Path('customers', 'c8.yaml')}, {north}"
    )
    assert f"{north}: error PXG003" in err
    code, _, err = pexgen("render", "customers", "-o", "out", "--allow-unreviewed", "--check")
    assert (code, err.splitlines()[-1][:36]) == (3, "current 7, not current 0, failed 3: ")


def test_warnings_of_a_fleet_are_one_line_for_each_kind_and_verbose_has_them_all(
    fleet: Path, pexgen: Pexgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: EWS_ENDS_SOON)
    _, _, err = pexgen("render", "customers", "-o", "out", "--allow-unreviewed")
    assert err.count("PXG109") == 1
    assert "warning: PXG109 in 10 descriptions: " in err
    assert err.endswith("rendered 10, current 0, failed 0\n")
    _, _, err = pexgen("-v", "render", "customers", "-o", "out", "--allow-unreviewed")
    assert err.count("warning PXG109") == 10
    assert err.count("already current") == 10


def test_a_line_counts_only_where_there_are_several(fleet: Path, pexgen: Pexgen) -> None:
    _, _, err = pexgen("render", "customers/c0.yaml", "-o", "out", "--allow-unreviewed")
    assert "rendered 1" not in err
    _, _, err = pexgen("render", "customers", "-o", "out", "--allow-unreviewed", "--quiet")
    assert "rendered" not in err


@pytest.mark.parametrize(
    ("command", "ending"), [("values", "values.txt"), ("plan", "plan.md"), ("plan --format HTML", "plan.html")]
)
def test_values_and_plans_of_a_fleet_go_into_a_folder(fleet: Path, pexgen: Pexgen, command, ending) -> None:
    command, *options = command.split()
    (fleet / "c4.yaml").write_text("method:\n", encoding="utf-8")
    reviewed = ["--allow-unreviewed"] if command == "plan" else []
    code, _, err = pexgen(command, "customers", "-o", "out", *options, *reviewed)
    assert code == 3
    assert {path.name for path in Path("out").iterdir()} == {f"c{n}.{ending}" for n in range(10) if n != 4}
    assert err.splitlines()[-1] == f"written 9, current 0, failed 1: {Path('customers', 'c4.yaml')}"
    assert pexgen(command, "customers")[0] == 2


def test_runbooks_of_a_folder_are_verified_with_the_descriptions_of_another(fleet: Path, pexgen: Pexgen) -> None:
    assert pexgen("render", "customers", "-o", "out", "--allow-unreviewed")[0] == 0
    changed = Path("out", "c3.ps1")
    changed.write_bytes(changed.read_bytes().replace(b"miriam", b"mirjam"))
    (fleet / "c6.yaml").unlink()
    code, out, err = pexgen("verify", "out", "--description", "customers", "--format", "json")
    found = json.loads(out)
    assert (code, found["format"], len(found["runbooks"])) == (3, "pexgen.verifications/1", 9)
    values = {Path(each["file"]).name for each in found["runbooks"] if "values" in str(each["findings"])}
    assert values == {"c3.ps1"}
    assert "no description in customers has the name c6" in err
    assert err.splitlines()[-1].endswith(f"failed 1: {Path('out', 'c6.ps1')}")


def test_two_folders_are_compared_by_name(fleet: Path, pexgen: Pexgen, tmp_path: Path) -> None:
    approved = tmp_path / "approved"
    (approved / "north").mkdir(parents=True)
    for path in fleet.rglob("c?.yaml"):
        (approved / path.relative_to(fleet)).write_bytes(path.read_bytes())
    assert pexgen("diff", "approved", "customers")[:2] == (0, "Nothing differs in meaning in 10 descriptions.\n")
    (fleet / "c2.yaml").write_text(customer("c2").replace("alex.wilber", "eve"), encoding="utf-8")
    (fleet / "c4.yaml").unlink()
    (approved / "north" / "c5.yaml").unlink()
    code, out, err = pexgen("diff", "approved", "customers")
    assert code == 1
    assert out.count("Who can open whose mailbox") == 1
    assert out.endswith(f"Gone: {Path('approved', 'c4.yaml')}\nNew: {Path('customers', 'north', 'c5.yaml')}\n")
    assert "same 7, different 1, failed 0" in err
    record = json.loads(pexgen("diff", "approved", "customers", "--format", "json")[1])
    assert (record["format"], len(record["pairs"])) == ("pexgen.diffs/1", 8)
    assert (len(record["onlyInOld"]), len(record["onlyInNew"])) == (1, 1)


def test_lint_finds_one_name_in_two_files_and_render_does_not_mix_them(fleet: Path, pexgen: Pexgen) -> None:
    (fleet / "c2.yaml").write_text(customer("C0"), encoding="utf-8")
    code, out, _ = pexgen("lint", "customers")
    assert (code, "error PXG146: " in out) == (1, True)
    code, _, err = pexgen("render", "customers", "-o", "out", "--allow-unreviewed")
    assert (code, "would both become" in err) == (2, True)
    assert err.splitlines()[-1].startswith("rendered 9, current 0, failed 1: ")
