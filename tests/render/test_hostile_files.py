"""What others do in the folder, what a system refuses, and what no output is."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pexgen import files, sizes
from pexgen.errors import UsageError
from pexgen.files import Output, write_new
from pexgen.inputs import Inputs

linux_only = pytest.mark.skipif(sys.platform == "win32", reason="modes, links and devices as Unix has them")


class Windows:
    """A file system that refuses what Windows' refuses: an open or read-only file is neither replaced nor removed."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.held: set[Path] = set()
        self.holds_new = False
        for name in ("replace", "rename", "link"):
            patch.setattr(os, name, self._moving(getattr(os, name)))
        patch.setattr(os, "unlink", self._removing(os.unlink))

    def _check(self, path: Path) -> None:
        if not path.exists():
            return
        if path in self.held or not path.stat().st_mode & stat.S_IWUSR:
            raise PermissionError(errno.EACCES, "Access is denied", str(path))

    def _moving(self, real: Callable[..., None]) -> Callable[..., None]:
        def move(source: Path, target: Path) -> None:
            self._check(Path(source))
            self._check(Path(target))
            real(source, target)

        return move

    def _removing(self, real: Callable[..., None]) -> Callable[..., None]:
        def remove(path: Path) -> None:
            if self.holds_new and Path(path).suffix == ".tmp":
                raise PermissionError(errno.EACCES, "Access is denied", str(path))
            self._check(Path(path))
            real(path)

        return remove


@pytest.fixture
def windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Windows:
    # The folder is there before what is patched, so that it is taken away again by the real functions.
    assert tmp_path.is_dir()
    return Windows(monkeypatch)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def two(folder: Path) -> list[Path]:
    paths = [folder / "a.ps1", folder / "a.manifest.json"]
    for path in paths:
        path.write_bytes(b"theirs")
    return paths


def test_a_read_only_file_is_an_error_with_what_to_do_and_nothing_is_left(windows: Windows, tmp_path: Path) -> None:
    first, second = two(tmp_path)
    second.chmod(0o444)
    with pytest.raises(UsageError, match=r"a\.manifest\.json is marked read-only") as caught:
        write_new([Output(first, b"ours"), Output(second, b"ours")], force=True)
    assert "source control" in caught.value.hint
    second.chmod(0o644)
    assert (names(tmp_path), first.read_bytes(), second.read_bytes()) == (
        {"a.ps1", "a.manifest.json"}, b"theirs", b"theirs",
    )  # fmt: skip


@pytest.mark.parametrize("held", [0, 1])
def test_a_file_that_another_program_holds_open_is_an_error_and_its_neighbor_is_as_before(
    windows: Windows, tmp_path: Path, held: int
) -> None:
    paths = two(tmp_path)
    windows.held.add(paths[held])
    with pytest.raises(UsageError, match="cannot write it: Access is denied") as caught:
        write_new([Output(path, b"ours") for path in paths], force=True)
    assert str(paths[held]) in str(caught.value)
    assert "close it in every other program" in caught.value.hint
    assert ([path.read_bytes() for path in paths], names(tmp_path)) == (
        [b"theirs", b"theirs"], {"a.ps1", "a.manifest.json"},
    )  # fmt: skip


def test_a_new_file_whose_neighbor_cannot_be_written_is_taken_back(windows: Windows, tmp_path: Path) -> None:
    new, old = tmp_path / "a.ps1", tmp_path / "a.manifest.json"
    old.write_bytes(b"theirs")
    windows.held.add(old)
    with pytest.raises(UsageError):
        write_new([Output(new, b"ours"), Output(old, b"ours")], force=True)
    assert names(tmp_path) == {"a.manifest.json"}


def test_a_temporary_file_that_cannot_be_removed_is_named(windows: Windows, tmp_path: Path) -> None:
    path = two(tmp_path)[0]
    windows.held.add(path)
    windows.holds_new = True
    with pytest.raises(UsageError, match=r"\.tmp could not be removed either") as caught:
        write_new([Output(path, b"ours")], force=True)
    assert caught.value.hint.endswith("remove it")


@linux_only
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("is_there", [False, True])
def test_a_link_that_is_planted_between_look_and_write_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, force: bool, is_there: bool
) -> None:
    path, victim = tmp_path / "out.ps1", tmp_path / "victim"
    victim.write_bytes(b"precious")
    if is_there and force:
        path.write_bytes(b"theirs")
    real = files._write

    def plant(temporary: Path, data: bytes, replaced: os.stat_result | None) -> None:
        real(temporary, data, replaced)
        path.unlink(missing_ok=True)
        path.symlink_to(victim)

    monkeypatch.setattr(files, "_write", plant)
    with pytest.raises(UsageError, match="while pexgen was at it"):
        write_new([Output(path, b"ours")], force=force)
    assert (victim.read_bytes(), path.is_symlink(), names(tmp_path)) == (b"precious", True, {"out.ps1", "victim"})


@pytest.mark.parametrize("force", [False, True])
def test_a_file_that_comes_between_look_and_write_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, force: bool
) -> None:
    path, real = tmp_path / "out.ps1", files._write

    def come(temporary: Path, data: bytes, replaced: os.stat_result | None) -> None:
        real(temporary, data, replaced)
        path.write_bytes(b"theirs")

    monkeypatch.setattr(files, "_write", come)
    with pytest.raises(UsageError, match="came into being"):
        write_new([Output(path, b"ours")], force=force)
    assert (path.read_bytes(), names(tmp_path)) == (b"theirs", {"out.ps1"})


@linux_only
def test_without_links_to_files_a_new_one_is_put_in_place_without_replacing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_source: Path, _target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    write_new([Output(tmp_path / "new", b"ours")], force=False)
    assert ((tmp_path / "new").read_bytes(), names(tmp_path)) == (b"ours", {"new"})


@linux_only
@pytest.mark.parametrize(
    ("before", "after"), [(0o4755, 0o755), (0o2750, 0o750), (0o666, 0o644), (0o777, 0o755), (0o600, 0o600)]
)
def test_force_keeps_the_mode_but_no_bit_that_gives_others_more(tmp_path: Path, before: int, after: int) -> None:
    path = tmp_path / "a.ps1"
    path.write_bytes(b"theirs")
    path.chmod(before)
    old = os.umask(0o022)
    try:
        write_new([Output(path, b"ours")], force=True)
    finally:
        os.umask(old)
    assert (path.read_bytes(), oct(stat.S_IMODE(path.stat().st_mode))) == (b"ours", oct(after))


@linux_only
@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="only root gives files away")
def test_force_on_another_owners_file_lets_nobody_but_us_write(tmp_path: Path) -> None:
    path = tmp_path / "a.ps1"
    path.write_bytes(b"theirs")
    path.chmod(0o666)
    os.chown(path, 12345, -1)
    old = os.umask(0)
    try:
        write_new([Output(path, b"ours")], force=True)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@linux_only
@pytest.mark.parametrize("name", ["/dev/null", "/dev/stdout", "/dev/none.ps1", "/proc/self/fd/1", "/proc/x.ps1"])
@pytest.mark.parametrize("by_link", [False, True])
def test_nothing_below_dev_or_proc_is_an_output(tmp_path: Path, name: str, *, by_link: bool) -> None:
    path = Path(name)
    if by_link:
        path = tmp_path / "folder" / Path(name).name
        (tmp_path / "folder").symlink_to(Path(name).parent)
    with pytest.raises(UsageError):
        write_new([Output(path, b"ours")], force=True)
    assert not Path("/dev/none.ps1").exists()


@linux_only
def test_a_pipe_that_lies_there_is_neither_read_nor_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="not a regular file"):
        write_new([Output(tmp_path / "pipe", b"ours")], force=True)


def test_a_file_that_pexgen_cannot_have_written_is_not_read_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    with path.open("wb") as file:
        file.truncate(sizes.REPLACED + 1)
    with pytest.raises(UsageError, match="more than 64 MiB"):
        write_new([Output(path, b"ours")], force=True)


@pytest.mark.parametrize("name", ["x\0y", "x" * 300])
def test_a_name_that_no_file_can_have_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        write_new([Output(tmp_path / name, b"ours")], force=False)


@pytest.mark.parametrize("way", ["same", "dots", "relative", "case", "link", "linked folder", "hard link"])
def test_an_output_that_is_an_input_is_refused_by_whatever_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    folder = tmp_path / "customers"
    folder.mkdir()
    source = folder / "contoso.yaml"
    source.write_bytes(b"precious")
    monkeypatch.chdir(tmp_path)
    other = {
        "same": source, "dots": folder / ".." / "customers" / "contoso.yaml",
        "relative": Path("customers/contoso.yaml"), "case": folder / "Contoso.YAML",
    }.get(way, tmp_path / "other")  # fmt: skip
    if way == "link":
        other.symlink_to(source)
    elif way == "hard link":
        os.link(source, other)
    elif way == "linked folder":
        other.symlink_to(folder)
        other /= "contoso.yaml"
    with pytest.raises(UsageError, match="is what it would be made from") as caught:
        write_new([Output(other, b"ours")], force=True, inputs=Inputs([source]))
    assert "--force" in caught.value.hint
    assert source.read_bytes() == b"precious"


@linux_only
@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_request_to_end_leaves_nothing_behind_as_ctrl_c_does(tmp_path: Path, name: str, code: int) -> None:
    path = tmp_path / "schema.json"
    path.write_bytes(b"theirs")
    # The signal comes when the temporary file is there and the old one is not yet replaced.
    program = (
        f"import os, signal, sys\nos.fsync = lambda _: os.kill(os.getpid(), signal.{name})\n"
        "from pexgen.cli import main\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "schema", "-o", str(path), "--force"], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (code, b"pexgen: interrupted; no file was left half written\n")
    assert (names(tmp_path), path.read_bytes()) == ({"schema.json"}, b"theirs")
    assert hasattr(signal, name)
