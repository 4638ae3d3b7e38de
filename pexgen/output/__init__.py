"""Records as people and programs read them: one list of forms, and one wording where a form is unknown."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pexgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from pexgen.output.blocks import Block

PROSE = tuple(sorted((path.stem for path in (Path(__file__).parent / "forms").glob("[a-z]*.py")), reverse=True))
"""Forms that are made of blocks: each is a module of ``pexgen.output.forms``. From Z to A, so that text comes first."""

FORMS = (*PROSE, "json")
"""The forms of a record: of a change, of its closing, of a rehearsal."""

# Forms that are made of something else; a file in one ends as the form is called.
_OTHERS = ("json", "sarif", "tfvars")
# What a program would open as something else than text.
_FOREIGN = (".docx", ".doc", ".pdf", ".xlsx", ".xls", ".rtf", ".csv")


def render_blocks(form: str, blocks: Iterable[Block]) -> str:
    """Return a record in the form called ``form``, one of PROSE; only its module is imported."""
    text: str = _module(form).render(blocks)
    return text


def file_ending(form: str) -> str:
    """Return how the name of a file ends in a form, without the dot."""
    found: str = _module(form).ENDINGS[0] if form in PROSE else form
    return found


def form_of(text: str, title: str) -> str:
    """Return the form of a record whose title begins so; empty where the text is no such record."""
    begins = {form: _module(form).BEGINS.format(title=title) for form in PROSE}
    return next((form for form, begin in begins.items() if text.startswith(begin)), "")


def file_endings() -> tuple[str, ...]:
    """Return how names of files in the forms of a record end, with the dot."""
    return tuple(end for end, form in _forms_by_ending().items() if form in FORMS)


def _module(form: str) -> Any:
    return import_module(f"pexgen.output.forms.{form}")


def _forms_by_ending() -> Mapping[str, str]:
    made = {f".{each}": form for form in PROSE for each in _module(form).ENDINGS}
    return {**made, **{f".{form}": form for form in _OTHERS}}


def chosen_form(given: str, output: str, forms: Sequence[str], default: str = "text") -> str:
    """Return the form that a command was told: by name in any case, else by the ending of the file ``output``.

    Raises :class:`UsageError` for a form that is none of ``forms``, and for an ending that is known to be another.
    """
    if given:
        if given.lower() not in forms:
            raise UsageError(f"format {given} does not exist", f"formats are {', '.join(forms)}")
        return given.lower()
    known = _forms_by_ending() if "." in output else {}
    suffix = next((suffix for suffix in (*known, *_FOREIGN) if output.lower().endswith(suffix)), "")
    form = known.get(suffix, "" if suffix else default)
    if form in forms:
        return form
    ends = [each for each, made in known.items() if made in forms]
    hint = f"end its name with {', '.join(ends)}, or say with --format which is meant: {', '.join(forms)}"
    raise UsageError(f"{output}: no format here has the ending {suffix}", hint)
