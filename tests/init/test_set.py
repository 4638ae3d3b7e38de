"""``pexgen init FILE --set KEY=VALUE``."""

from __future__ import annotations

import pytest

from pexgen.cli import run
from pexgen.description import load, schema_text

ID = "8a1c5e0b-6d2f-4b7a-9c3e-1f0d2a4b6c8e"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def described(folder):
    return load((folder / "x.yaml").read_bytes(), "x.yaml").description


def test_values_have_the_type_of_their_key_and_lists_grow(folder) -> None:
    settings = [
        "name=0123", f"target.tenant_id={ID}", "scope.max_mailboxes=7", "equipment.adopt=true", "change.ticket=yes",
        "scheduling_group.members=a@b.com, c@b.com", "scheduling_group.members=d@b.com",
        "scheduling_group.name=a = b",
    ]  # fmt: skip
    assert run(["init", "x.yaml", *(word for each in settings for word in ("--set", each))]) == 0
    found = described(folder)
    assert (found.name, found.target.tenant_id, found.scope.max_mailboxes) == ("0123", ID, 7)
    assert (found.equipment.adopt, found.change.ticket, found.scheduling_group.name) == (True, "yes", "a = b")
    assert found.scheduling_group.members == ("a@b.com", "c@b.com", "d@b.com")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("target.organisation=x", "did you mean `target.organization`?"),
        ("organization=x", "did you mean `target.organization`?"),
        ("tenant-id=x", "did you mean `target.tenant_id`?"),
        ("zork=x", "keys there are `version`"),
        ("target=x", "target.organization"),
        ("accept=PXG107", "write them into the file"),
        ("scheduling_group.members[0]=a@b.com", "scheduling_group.members[0]"),
        ("=x", "has no key ``"),
        ("name", "write --set name=VALUE"),
        ("method=migrate", "choose it with --method"),
        ("target.platform=exchange-server", "choose it with --platform"),
        ("version=2", "it follows from this pexgen"),
        ("target.tenant_id=123", "it has 3 hexadecimal digits"),
        ("target.organization=fabrikam", "fabrikam.onmicrosoft.com"),
        ("scope.max_mailboxes=fifty", "write a number in digits"),
        ("equipment.adopt=yes", "write `adopt: true`"),
        ("target.environment=gcchigh", "did you mean `gcc-high`?"),
        ("scheduling_group.members=a@b.com,carl", "an address has an @"),
        ("name=", "is empty text"),
        ("service_account.user_principal_name=a@b.com", "is not used"),
        ("name=a\u202eb", "U+202E"),
    ],
)
def test_a_wrong_key_or_value_is_answered_as_lint_answers_and_nothing_is_written(folder, capsys, setting, said) -> None:
    assert run(["init", "x.yaml", "--set", setting]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.startswith("pexgen: error: ")
    assert list(folder.iterdir()) == []


def test_everything_that_is_wrong_is_said_at_once(capsys) -> None:
    assert run(["init", "x.yaml", "--set", "target.tenant_id=1", "--set", "equipment.address=x"]) == 2
    err = capsys.readouterr().err
    assert "target.tenant_id" in err
    assert "equipment.address" in err


def test_a_value_given_twice_is_refused(capsys) -> None:
    assert run(["init", "x.yaml", "--set", "name=a", "--set", "name=b"]) == 2
    assert "gives `name` twice" in capsys.readouterr().err


def test_the_schema_is_written_beside_and_kept_current(folder, capsys) -> None:
    schema = folder / "description.schema.json"
    assert run(["init", "x.yaml"]) == 0
    assert schema.read_text(encoding="utf-8") == schema_text()
    assert (folder / "x.yaml").read_text(encoding="utf-8").splitlines()[0].endswith(f"$schema={schema.name}")
    schema.write_text('{"$id": "urn:pexgen:description:1", "old": 1}', encoding="utf-8")
    assert run(["init", "y.yaml"]) == 0
    assert schema.read_text(encoding="utf-8") == schema_text()
    schema.write_text("somebody else's", encoding="utf-8")
    capsys.readouterr()
    assert run(["init", "z.yaml", "--force"]) == 0
    assert schema.read_text(encoding="utf-8") == "somebody else's"
    assert "not written" in capsys.readouterr().err


def test_standard_output_gets_the_description_alone(folder, capsys) -> None:
    assert run(["init", "--set", "name=rooms"]) == 0
    out, err = capsys.readouterr()
    assert load(out.encode(), "x").description.name == "rooms"
    assert err == ""
    assert list(folder.iterdir()) == []


def test_the_next_command_is_said(capsys) -> None:
    assert run(["init", "my rooms.yaml"]) == 0
    assert 'Next: pexgen lint "my rooms.yaml", then pexgen render "my rooms.yaml"' in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["x.yaml", "-o", "y.yaml"],
        ["contoso"],
        ["pexgen.yaml"],
        ["x.yaml", "--gitattributes"],
        ["--from", "f.json", "--set", "name=x"],
    ],
)
def test_what_does_not_go_together_is_refused(arguments, folder) -> None:
    assert run(["init", *arguments]) == 2
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["pexgen.yaml", "PexGen.YAML", "sub/pexgen.yaml"])
def test_the_name_of_a_policy_is_refused_with_o_as_well(folder, capsys, name) -> None:
    (folder / "sub").mkdir()
    for given in ([name], ["-o", name], ["--output", name, "--force"]):
        assert run(["init", *given, "--no-input"]) == 2
        assert "what an organization's own rules are called" in capsys.readouterr().err
        assert not (folder / name).exists()


def test_a_gitattributes_is_no_policy_either(folder) -> None:
    assert run(["init", "--gitattributes", "-o", "pexgen.yaml"]) == 2
    assert not (folder / "pexgen.yaml").exists()


def test_a_gitattributes_has_no_name_of_a_description(folder) -> None:
    assert run(["init", "--gitattributes", "-o", ".gitattributes"]) == 0


@pytest.mark.parametrize("command", [["init", "--platform", "foo"], ["discover", "--platform", "foo"]])
def test_an_unknown_platform_is_said_to_be_none_and_the_known_ones_are_named(capsys, command) -> None:
    assert run(command) == 2
    err = capsys.readouterr().err
    assert "platform foo does not exist" in err
    assert "there are: exchange-online, exchange-server" in err
