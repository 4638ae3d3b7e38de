"""Makes the description that ``pexgen init`` writes: a starter, with the values that were given or are asked for."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pexgen.cli._completion_values import YAML
from pexgen.cli._starters import METHOD, PLATFORM, starter
from pexgen.errors import FilesError, PexgenError, UsageError
from pexgen.inputs import STANDARD

if TYPE_CHECKING:
    from pexgen.cli._init_draft import Draft
    from pexgen.cli._talk import Talk
    from pexgen.description import KeyValue

_CHOSEN = {"version": "", "method": "--method", "target.platform": "--platform"}
_FILE = "contoso.yaml"


class InitRequest(NamedTuple):
    """What the command line of init asks for; empty where it says nothing."""

    method: str
    platform: str
    settings: tuple[str, ...]
    #: A file, or ``-``.
    target: str
    force: bool


def is_at_terminal() -> bool:
    """Whether there is somebody to ask, and the product does not go where the questions would."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def make_description(wanted: InitRequest, *, asks: bool) -> tuple[bytes, str]:
    """Return the description (UTF-8, LF) and where it goes, which is a file where somebody was asked.

    Raises :class:`pexgen.errors.PexgenError` for a method or setting that cannot be, and KeyboardInterrupt where
    somebody ends the questions.
    """
    if not asks:
        draft = _draft(wanted.method or METHOD, wanted.platform or PLATFORM, wanted.target)
        return _with_settings(draft, wanted.settings)[0].text.encode(), wanted.target
    from pexgen.cli._init_questions import Conversation

    _edit_lines()
    conversation = Conversation(_ask, print)
    target = wanted.target if wanted.target != STANDARD else ""
    if target:
        _refuse_existing(target, force=wanted.force)
    method, platform = wanted.method, wanted.platform or PLATFORM
    if not method and not wanted.platform:
        method, platform = conversation.method()
    draft, given = _with_settings(_draft(method or METHOD, platform, target or STANDARD), wanted.settings)
    target = target or _asked_target(force=wanted.force)
    draft = conversation.values(draft, given, _proposed(target))
    conversation.end(draft)
    return draft.text.encode(), target


def keys() -> Iterator[str]:
    """Yield every key that ``--set`` takes."""
    from pexgen.description import format_path, key_named, load_schema, schema_of

    def walk(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        node = schema_of(path) if path else load_schema()
        for name in node.get("properties", {}):
            yield (*path, name)
            yield from walk((*path, name))

    for path in walk(()):
        name = format_path(path)
        with contextlib.suppress(UsageError):
            if name not in _CHOSEN and key_named(name):
                yield name


def check_name(target: str) -> None:
    """Raise :class:`UsageError` where a file has not the ending of a description, or is called as a policy is."""
    refuse_name_of_policy(target)
    if Path(target).suffix.casefold() not in YAML:
        raise UsageError(f"a description's name ends with .yaml, and {target} does not", f"name it {target}.yaml")


def refuse_name_of_policy(target: str) -> None:
    """Raise :class:`UsageError` where a file is called as a policy is."""
    from pexgen.policy import FILE

    if Path(target).name.casefold() == FILE:
        raise UsageError(f"{FILE} is what an organization's own rules are called", "give the description another name")


def quoted(name: str) -> str:
    """Return a file's name as a shell takes it for one word."""
    return name if re.fullmatch(r"[\w./\\:~+-]+", name) else f'"{name}"'


def write_schema(folder: Path, talk: Talk) -> None:
    """Write the schema beside a description, unless somebody else's file of that name is there."""
    from pexgen.description import SCHEMA_FILE, schema_text
    from pexgen.files import Output, write_new

    path, data = folder / SCHEMA_FILE, schema_text().encode()
    try:
        is_ours = path.is_file() and b'"urn:pexgen:description:' in path.read_bytes()[:1000]
        if write_new([Output(path, data, ends_matter=False)], force=is_ours):
            talk.say(f"{path}: written, for completion in an editor")
    except (OSError, UsageError) as error:
        talk.say(f"{path}: not written, so there is no completion in an editor: {error}")


def _draft(method: str, platform: str, target: str) -> Draft:
    from pexgen.cli._init_draft import Draft

    return Draft(starter(method, platform).decode(), "<stdout>" if target == STANDARD else target)


def _with_settings(draft: Draft, settings: tuple[str, ...]) -> tuple[Draft, dict[str, KeyValue]]:
    """Return the draft with what ``--set`` gives, and that by key; raises a PexgenError with all that is wrong."""
    from pexgen.description import parse_path, typed

    values: dict[str, KeyValue] = {}
    texts: dict[str, list[str]] = {}
    for setting in settings:
        key, text = _setting(setting)
        texts.setdefault(key, []).append(text)
    for key, given in texts.items():
        values[key] = typed(parse_path(key), given)
        if len(given) > 1 and not isinstance(values[key], list):
            raise UsageError(f"--set gives `{key}` twice", "give one of the values")
        draft = draft.put(key, values[key])
    problems: list[PexgenError] = (
        [UsageError(f"--set: {problem.message}", problem.hint) for problem in draft.problems()] if settings else []
    )
    if problems:
        raise problems[0] if len(problems) == 1 else FilesError(tuple(problems))
    return draft, values


def _setting(setting: str) -> tuple[str, str]:
    from pexgen.description import key_named

    key, sign, text = setting.partition("=")
    if not sign:
        raise UsageError(f"--set {setting}: the value is missing", f"write --set {setting}=VALUE")
    key_named(key)
    if key in _CHOSEN:
        hint = f"choose it with {_CHOSEN[key]}" if _CHOSEN[key] else "it follows from this pexgen"
        raise UsageError(f"--set {key}: the description to begin with depends on it", hint)
    return key, text


def _ask(prompt: str) -> str:
    try:
        return input(prompt)
    except (EOFError, KeyboardInterrupt):
        # Nobody has ended the line, on which more is said.
        print()
        raise KeyboardInterrupt from None


def _edit_lines() -> None:
    """Let a line be edited where the system has a library for it, which is told to keep none."""
    with contextlib.suppress(ImportError):
        import readline

        readline.set_auto_history(False)


def _asked_target(*, force: bool) -> str:
    """Ask which file to write: one that is not there yet."""
    print()
    while True:
        target = _ask(f"File to write [{_FILE}]: ").strip() or _FILE
        try:
            check_name(target)
            _refuse_existing(target, force=force)
        except UsageError as error:
            print(f"  {error}")
            continue
        return target


def _refuse_existing(target: str, *, force: bool) -> None:
    """Raise :class:`UsageError` where a file is there: before the questions, and not behind them."""
    if Path(target).exists() and not force:
        raise UsageError(f"{target} already exists", "name another file, or replace it with --force")
    if not Path(target).absolute().parent.is_dir():
        raise UsageError(f"{target}: the folder {Path(target).parent} does not exist", "create it first")


def _proposed(target: str) -> dict[str, str]:
    """Return a name for the deployment that goes with the file's, where it is one that a deployment can have."""
    from pexgen.description import schema_of

    known = schema_of(("name",))
    name = f"{Path(target).stem}-scheduling"
    fits = len(name) <= known["maxLength"] and re.search(known["pattern"], name)
    return {"name": name} if fits else {}
