"""``pexgen values`` on the command line: the product on standard output, talk and warnings beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pexgen.cli import run

SAMPLE = str(Path(__file__).resolve().parents[2] / "samples" / "app-permissions.yaml")


def test_the_sample_gives_a_sheet(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["values", SAMPLE]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("Values of contoso-scheduling (app-permissions on exchange-online)\n")
    assert "1 secret" in captured.err


def test_json_is_all_that_is_on_standard_output_and_quiet_keeps_the_warnings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["--quiet", "values", SAMPLE, "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["authentication_method"] == "APP_PERM"
    first, second, third = [line for line in captured.err.splitlines() if line.startswith("warning: ")]
    assert first.startswith("warning: not in it, and needed: ")
    assert "addin_server_domain" in first
    assert "oauth_token_endpoint" in second
    assert third == "warning: in it for a new integration; leave out of a PATCH: name (pexgen values says why)"


def test_what_an_existing_integration_keeps_is_named_and_is_not_in_the_body(
    capsys: pytest.CaptureFixture[str],
) -> None:
    migrate = Path(SAMPLE).with_name("migrate.yaml")
    assert run(["--quiet", "values", str(migrate), "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert not {"name", "room_mailbox_name"} & set(json.loads(captured.out))
    assert "not in it, because the integration has its own; compare: room_mailbox_name" in captured.err


def test_the_same_input_gives_the_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    outputs = []
    for _ in range(2):
        assert run(["values", SAMPLE, "--format", "tfvars"]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1] != ""


@pytest.mark.parametrize(("option", "method"), [([], "APP_PERM"), (["--sheet", "before"], "OAUTH")])
def test_a_migration_gives_the_sheet_that_is_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, option: list[str], method: str
) -> None:
    path = tmp_path / "migrate.yaml"
    text = Path(SAMPLE).read_text(encoding="utf-8").replace("method: app-permissions", "method: migrate")
    path.write_text(text + "service_account: {user_principal_name: svc@contoso.com}\n", encoding="utf-8")
    assert run(["values", str(path), "--format", "json", *option]) == 0
    assert json.loads(capsys.readouterr().out)["authentication_method"] == method


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "yaml"], "format yaml does not exist"),
        (["--sheet", "during"], "sheet during does not exist"),
        (["--sheet", "before"], "this method has one sheet, and none that is called before"),
    ],
)
def test_a_wrong_option_is_a_usage_error(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert run(["values", SAMPLE, *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err


def test_a_bad_description_has_its_place_and_no_sheet(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = Path(SAMPLE).read_text(encoding="utf-8")
    bad = tmp_path / "bad.yaml"
    bad.write_text(text + "pexip: {addin_authentication_method: EXCHANGE_USER_ID_TOKEN}\n", encoding="utf-8")
    assert run(["values", str(bad)]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{bad}:{len(text.splitlines()) + 1}:" in captured.err
    assert "PXG122" in captured.err
