"""What a command line says about streams, names and files that nobody should have to fear."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pexgen.cli import run
from pexgen.cli._file_kinds import kind_of
from pexgen.cli._lint_formats import FORMATS
from pexgen.cli._text import printable, readable_json

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SAMPLE = str(SAMPLES / "app-permissions.yaml")
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="names of bytes, /dev and a Unix shell")
PRODUCTS = (
    ["schema"],
    ["init"],
    ["lint", SAMPLE, "--format", "json"],
    ["plan", SAMPLE, "--allow-unreviewed"],
    ["render", SAMPLE, "--allow-unreviewed", "-o", "-"],
    ["discover", "--allow-unreviewed"],
    ["templates", "list"],
    ["--help"],
    ["--version"],
)


def shell(redirection: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pexgen under a Unix shell with its streams redirected."""
    line = f'"$0" -m pexgen "$@" {redirection}'
    command = ["sh", "-c", line, sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, check=False, encoding="utf-8")


@unix_only
@pytest.mark.parametrize("arguments", PRODUCTS, ids=lambda each: each[0])
def test_a_full_disk_at_standard_output_is_an_error_with_the_path(arguments: list[str]) -> None:
    done = shell(">/dev/full", "--verbose", *arguments)
    assert done.returncode == 2
    name = "standard output (/dev/full)" if sys.platform == "linux" else "standard output"
    assert done.stderr.splitlines()[-2:] == [
        f"pexgen: error: {name}: cannot write it: No space left on device",
        "  hint: make room, or write elsewhere with -o",
    ]
    assert "Traceback" not in done.stderr


@unix_only
@pytest.mark.parametrize("arguments", [*PRODUCTS[:3], ["--version"]], ids=lambda each: each[0])
def test_a_standard_output_that_is_closed_is_an_error(arguments: list[str]) -> None:
    done = shell(">&-", "--verbose", *arguments)
    assert (done.returncode, "standard output is closed" in done.stderr, "Traceback" in done.stderr) == (2, True, False)


@unix_only
def test_a_version_without_a_place_to_go_is_an_error_without_a_buffer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    done = shell(">/dev/full", "--version")
    assert (done.returncode, "No space left on device" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
    for redirection in (">&-", "| true"):
        assert "Traceback" not in shell(redirection, "--version").stderr


@unix_only
def test_a_version_that_is_not_written_is_not_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    assert shell(">/dev/full", "--version").returncode == 2
    assert shell(">&-", "--version").returncode == 2


@unix_only
@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
def test_without_a_standard_error_the_exit_code_says_it_alone(redirection: str) -> None:
    assert shell(redirection, "lint", SAMPLE).returncode == 0
    assert shell(redirection, "lint", "missing.yaml").returncode == 3
    done = shell(redirection, "nonsense")
    assert (done.returncode, done.stdout) == (2, "")


@unix_only
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no names that are not UTF-8")
@pytest.mark.parametrize("name", [b"b\xff\x1b[31md.yaml", b"\xe2\x80\xae evil.yaml", b"line\nend.yaml"])
def test_a_name_of_any_bytes_is_a_name_and_reaches_no_terminal_raw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    good, broken = os.fsdecode(name), os.fsdecode(b"broken" + name)
    Path(good).write_bytes(Path(SAMPLE).read_bytes())
    Path(broken).write_text("version: 1\nname: ::error::x\nzork: 1\n", encoding="utf-8")
    for code, arguments in (
        *((1, ["lint", broken, "--format", form]) for form in FORMATS),
        (3, ["render", broken]),
        (0, ["render", good, "--allow-unreviewed", "-o", os.fsdecode(b"x" + name + b".ps1")]),
        (1, ["render", good, "--allow-unreviewed", "--check", "--diff", "-o", os.fsdecode(b"y" + name + b".ps1")]),
        (0, ["plan", good, "--allow-unreviewed", "--format", "html"]),
        (1, ["diff", good, str(SAMPLES / "migrate.yaml")]),
        (3, ["verify", good]),
        (3, ["init", "--from", good]),
        (3, ["rehearse", broken]),
    ):
        command = [sys.executable, "-m", "pexgen", *arguments]
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == code, done.stderr
        shown = (done.stdout + done.stderr).decode("utf-8")
        assert not {"\x1b", "\u202e", "\udcff"} & set(shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x1b[31mb", "a\ufffd[31mb"), ("x ##[error]y", "x #\ufffd[error]y"), ("##vso[task]", "#\ufffdvso[task]"),
     ("# #[x]", "# #[x]"), ("a\tb", "a\tb"), ("\u202e\u2028\x9b\ue000", "\ufffd" * 4)],
)  # fmt: skip
def test_what_is_shown_moves_no_cursor_and_gives_no_order(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_an_excerpt_stands_behind_a_gutter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("version: 1\n::error::x: 1\n", encoding="utf-8")
    assert run(["lint", str(path)]) == 1
    out = capsys.readouterr().out
    assert "  | ::error::x: 1\n  | ^" in out
    assert not [line for line in out.splitlines() if line.lstrip().startswith("::")]


def test_a_message_in_sarif_holds_no_link_of_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "own.yaml"
    path.write_text('version: 1\nname: "[click](https://evil.example)"\n', encoding="utf-8")
    run(["lint", str(path), "--format", "sarif"])
    log = json.loads(capsys.readouterr().out)
    texts = [result["message"]["text"] for result in log["runs"][0]["results"]]
    assert not [text for text in texts if "](" in text.replace("\\](", "")]


def test_a_file_on_disk_reaches_no_terminal_raw_in_a_diff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("contoso-scheduling.ps1").write_bytes(b"old\x1b[2J\x9b1m\x85\r\n\xff\n")
    assert run(["render", SAMPLE, "--allow-unreviewed", "--check", "--diff"]) == 1
    out = capsys.readouterr().out
    assert "-old\ufffd[2J" in out
    assert not {"\x1b", "\x9b", "\x85"} & set(out)


def test_line_ends_that_differ_alone_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["render", SAMPLE, "--allow-unreviewed"]) == 0
    runbook = Path("contoso-scheduling.ps1")
    runbook.write_bytes(runbook.read_bytes().replace(b"\r\n", b"\n"))
    assert run(["render", SAMPLE, "--allow-unreviewed", "--check", "--diff"]) == 1
    assert "in its line ends alone" in capsys.readouterr().err


def test_json_has_its_letters_whole_and_its_controls_as_escapes() -> None:
    record = {"a": "Жä🗓", "b": "\u202e\x9b\ud800\ue000\n"}
    text = readable_json(record)
    assert "Жä🗓" in text
    assert not {"\u202e", "\x9b", "\ud800"} & set(text)
    assert json.loads(text) == record


@pytest.fixture
def kinds(tmp_path: Path) -> dict[str, str]:
    """A file of each kind, by its name."""
    made = {
        "runbook": str(SAMPLES / "contoso-scheduling.ps1"),
        "manifest": str(SAMPLES / "contoso-scheduling.manifest.json"),
        "description": SAMPLE,
        "xml": str(SAMPLES / "pexip-add-in.xml"),
    }
    for kind, text in (
        ("discovery", '{"format": "pexgen.discovery/1"}'),
        ("tenant", '{"format": "pexgen.tenant/1"}'),
        ("journal", '{"format":"pexgen.journal/1"}\n'),
        ("result", '{"format":"pexgen.result/1"}'),
        ("plan", '{"format": "pexgen.plan/1"}'),
    ):
        made[kind] = str(tmp_path / kind)
        Path(made[kind]).write_text(text, encoding="utf-8-sig")
    assert run(["discover", "--allow-unreviewed", "-o", str(tmp_path / "discover.ps1")]) == 0
    return {**made, "discover": str(tmp_path / "discover.ps1")}


def test_each_kind_of_file_is_known(kinds: dict[str, str]) -> None:
    assert {kind: kind_of(Path(name).read_bytes()) for kind, name in kinds.items()} == {kind: kind for kind in kinds}
    assert kind_of(Path(kinds["discover"]).read_text("utf-8-sig").encode("utf-16")) == "discover"
    assert [kind_of(data) for data in (b"", b"{", b"version: 1", b"param($A)", b"\xff\xfe")] == [""] * 5


@pytest.mark.parametrize(
    ("command", "taken"),
    [
        (["rehearse"], {"runbook", "description"}),
        (["plan", "--allow-unreviewed"], {"description", "runbook", "discover"}),
        (["render", "--allow-unreviewed", "-o", "-"], {"description"}),
        (["lint"], {"description"}),
        (["values"], {"description"}),
        (["verify"], {"runbook", "discover"}),
        (["init", "--from"], {"discovery"}),
        (["rehearse", SAMPLE, "--from"], {"tenant", "discovery"}),
        (["diff", SAMPLE], {"runbook", "description", "discover"}),
    ],
    ids=["rehearse", "plan", "render", "lint", "values", "verify", "init --from", "rehearse --from", "diff"],
)
def test_a_file_of_the_wrong_kind_is_called_what_it_is(
    kinds: dict[str, str], capsys: pytest.CaptureFixture[str], command: list[str], taken: set[str]
) -> None:
    for kind in kinds.keys() - taken:
        assert run([*command, kinds[kind]]) == 3
        said = "".join(capsys.readouterr())
        assert "this is " in said, (kind, said)
        assert "hint: name " in said


@pytest.mark.parametrize(
    ("option", "value"),
    [("--tenant-id", "1234"), ("--organization", "contoso.com"), ("--equipment", "room"), ("--client-id", "x"),
     ],
)  # fmt: skip
def test_a_discovery_is_told_nothing_that_cannot_be(
    capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    assert run(["discover", "--allow-unreviewed", option, value]) == 2
    err = capsys.readouterr().err
    assert f"{option} {value}: must be " in err
    assert "for example " in err


@pytest.mark.parametrize("command", ["lint", "values", "diff", "plan", "render"])
def test_whatever_a_command_reads_it_does_not_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    own, manifest = tmp_path / "own.yaml", tmp_path / "pexip-add-in.xml"
    text = Path(SAMPLE).read_text("utf-8") + "\nadd_in: {manifest: pexip-add-in.xml, provided_to: everyone}\n"
    own.write_text(text, encoding="utf-8")
    manifest.write_bytes((SAMPLES / "pexip-add-in.xml").read_bytes())
    arguments = [str(own), *([SAMPLE] if command == "diff" else [])]
    arguments += ["--allow-unreviewed"] if command in {"plan", "render"} else []
    kept = manifest.read_bytes()
    for output in (own, manifest):
        assert run([command, *arguments, "-o", str(output), "--force"]) == 2
        err = capsys.readouterr().err
        assert "is what it would be made from" in err or (command == "render" and "ends with .ps1" in err)
    assert (own.read_text("utf-8"), manifest.read_bytes()) == (text, kept)


@pytest.mark.parametrize(
    ("name", "begin"), [("p.html", "<!DOCTYPE"), ("p.MD", "# "), ("p.json", "{"), ("p.txt", "Change"), ("p", "Change")]
)
def test_a_plan_takes_its_form_from_the_name(tmp_path: Path, name: str, begin: str) -> None:
    assert run(["plan", SAMPLE, "--allow-unreviewed", "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / name).read_text("utf-8").startswith(begin)
    assert run(["plan", SAMPLE, "--allow-unreviewed", "-o", str(tmp_path / "x.html"), "--format", "JSON"]) == 0
    assert json.loads((tmp_path / "x.html").read_bytes())


@pytest.mark.parametrize(
    "arguments", [["values", SAMPLE], ["diff", SAMPLE, str(SAMPLES / "migrate.yaml")], ["lint", SAMPLE]]
)
def test_a_product_goes_into_a_file_as_it_goes_to_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    code = run([*arguments, "--format", "Json"])
    out = capsys.readouterr().out
    assert run([*arguments, "--format", "json", "-o", str(tmp_path / "out")]) == code
    assert (tmp_path / "out").read_bytes() == out.encode()
    assert run([*arguments, "-o", str(tmp_path / "out")]) == 2
    assert "--force" in capsys.readouterr().err


def test_a_plan_in_text_gives_a_build_service_no_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.yaml"
    text = (
        Path(SAMPLE)
        .read_text("utf-8")
        .replace("Pexip VMR scheduling for the sales department", "'::error::x ##[error]y'")
    )
    own.write_text(text, encoding="utf-8")
    assert run(["plan", str(own), "--allow-unreviewed"]) == 0
    out = capsys.readouterr().out
    assert "::error::x" in out
    assert not [line for line in out.splitlines() if line.lstrip().startswith("::") or "##[" in line]


def test_a_rehearsal_of_a_wrong_file_names_the_file_where_there_is_no_powershell_either(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("PEXGEN_PWSH", raising=False)
    assert run(["rehearse", "no-such-file.yaml"]) == 3
    assert "the file was not found" in capsys.readouterr().err
