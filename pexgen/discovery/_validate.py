"""Checks that what was made of a discovery is a description, and that lint finds no error in it."""

from __future__ import annotations

from collections.abc import Iterable

from pexgen.errors import InputError, Problem, UndecidedError

_FILE = "what was found"


def require_valid(text: str) -> None:
    """Raise :class:`UndecidedError` with what keeps ``text`` from being used, if anything does.

    Nobody has the file yet, so that a value is named by its line's text and not by its place.
    """
    from pexgen.description import load
    from pexgen.lint import check

    try:
        problems: Iterable[Problem] = check(load(text.encode(), _FILE))
    except InputError as error:
        problems = error.problems
    errors = [problem for problem in problems if problem.severity == "error"]
    if not errors:
        return
    said = "; ".join(f"{problem.source_line.strip()}: {problem.message} ({problem.code})" for problem in errors)
    codes = " ".join(sorted({problem.code for problem in errors}))
    hint = "change it in Exchange and run the discovery again, or give the value (pexgen init --help); "
    raise UndecidedError(f"what was found cannot be described as it is: {said}", f"{hint}pexgen explain {codes}")
