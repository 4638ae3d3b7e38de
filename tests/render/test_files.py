"""Files are replaced by whole new ones, or not at all."""

from __future__ import annotations

import os
import re
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from pexgen.errors import InputError, UsageError
from pexgen.files import Output, write_new
from pexgen.inputs import Inputs, read_input


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_new_file_is_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    output = Output(tmp_path / "a.ps1", b"one")
    assert write_new([output], force=False) == (output,)
    assert output.path.read_bytes() == b"one"
    assert names(tmp_path) == {"a.ps1"}


def test_an_identical_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.ps1"
    path.write_bytes(b"one")
    os.utime(path, (1, 1))
    before = path.stat()
    assert write_new([Output(path, b"one")], force=True) == ()
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_file_that_differs_stays_without_force(tmp_path: Path) -> None:
    path = tmp_path / "a.ps1"
    path.write_bytes(b"theirs")
    with pytest.raises(UsageError, match="exists and differs") as caught:
        write_new([Output(path, b"ours")], force=False)
    assert "--force" in caught.value.hint
    assert path.read_bytes() == b"theirs"


def test_one_refusal_keeps_every_file_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"theirs")
    with pytest.raises(UsageError):
        write_new([Output(tmp_path / "a", b"ours"), Output(tmp_path / "b", b"ours")], force=False)
    assert names(tmp_path) == {"b"}


def test_force_replaces_and_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.ps1"
    path.write_bytes(b"theirs")
    path.chmod(0o444 if sys.platform == "win32" else 0o640)
    mode = stat.S_IMODE(path.stat().st_mode)
    path.chmod(0o666 if sys.platform == "win32" else mode)
    mode = stat.S_IMODE(path.stat().st_mode)
    write_new([Output(path, b"ours")], force=True)
    assert path.read_bytes() == b"ours"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_failure_half_way_leaves_the_old_files_and_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_bytes(b"theirs")
    real, calls = os.fsync, []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="cannot write it: No space left on device"):
        write_new([Output(path, b"ours") for path in paths], force=True)
    assert [path.read_bytes() for path in paths] == [b"theirs", b"theirs"]
    assert names(tmp_path) == {"a", "b"}


def test_an_interruption_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_descriptor: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "a").write_bytes(b"theirs")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_new([Output(tmp_path / "a", b"ours"), Output(tmp_path / "b", b"ours")], force=True)
    assert names(tmp_path) == {"a"}
    assert (tmp_path / "a").read_bytes() == b"theirs"


@pytest.mark.parametrize(
    ("path", "message"),
    [("folder", "is a folder"), ("missing/a.ps1", "the folder .*missing does not exist")],
)
def test_what_cannot_be_a_file_is_refused(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=message):
        write_new([Output(tmp_path / path, b"ours")], force=True)
    assert names(tmp_path) == {"folder"}


def test_a_folder_of_files_in_memory_is_not_taken_for_a_device() -> None:
    if not os.access("/dev/shm", os.W_OK):  # noqa: S108 - the system's own folder, by its name
        pytest.skip("this system has no file system in memory under its usual name")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        write_new([Output(Path(folder) / "a.ps1", b"ours")], force=False)
        assert (Path(folder) / "a.ps1").read_bytes() == b"ours"
    with pytest.raises(UsageError, match="is a device, or among devices"):
        write_new([Output(Path("/dev/a.ps1"), b"ours")], force=False)


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.ps1", tmp_path / "link.ps1"
    target.write_bytes(b"theirs")
    try:
        link.symlink_to(target)
    except OSError:  # Windows without the privilege to make links: then nobody has one there either.
        assert sys.platform == "win32"
        return
    write_new([Output(link, b"ours")], force=True)
    assert link.is_symlink()
    assert target.read_bytes() == b"ours"


@pytest.mark.parametrize("force", [False, True])
def test_nothing_is_made_where_a_link_points(tmp_path: Path, force: bool) -> None:  # noqa: FBT001 - given or not
    (elsewhere := tmp_path / "elsewhere").mkdir()
    link = tmp_path / "link.ps1"
    try:
        link.symlink_to(elsewhere / "made.ps1")
    except OSError:
        assert sys.platform == "win32"
        return
    with pytest.raises(UsageError, match=r"link to a file that does not exist"):
        write_new([Output(link, b"ours")], force=force)
    assert (list(elsewhere.iterdir()), link.is_symlink()) == ([], True)


def test_a_folder_is_said_to_be_one_where_opening_it_is_a_lack_of_permission(tmp_path, monkeypatch) -> None:
    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"^this is a folder, not a file$"):
        read_input(str(tmp_path), 10)


def test_what_is_read_is_known_as_it_was_when_it_was_read(tmp_path: Path) -> None:
    """A fleet takes minutes, and others save files meanwhile: a name that was added before is looked at again."""
    description, policy = tmp_path / "a.yaml", tmp_path / "pexgen.yaml"
    description.write_text("old", encoding="utf-8")
    inputs = Inputs([description, policy])
    saved = tmp_path / "saved"
    saved.write_text("new", encoding="utf-8")
    saved.replace(description)
    policy.write_text("version: 1", encoding="utf-8")
    for read in (description, policy):
        inputs.add([read])
        output = read.with_suffix(".ps1")
        os.link(read, output)
        with pytest.raises(UsageError, match=re.escape(f"is what it would be made from ({read})")):
            inputs.refuse(output)


def test_of_two_names_of_one_file_the_one_that_was_read_last_is_said(tmp_path: Path) -> None:
    first, second, output = tmp_path / "a.yaml", tmp_path / "b.yaml", tmp_path / "out.ps1"
    first.write_text("x", encoding="utf-8")
    os.link(first, second)
    os.link(first, output)
    inputs = Inputs([first, second])
    inputs.add([first])
    with pytest.raises(UsageError, match=re.escape(f"({first})")):
        inputs.refuse(output)
