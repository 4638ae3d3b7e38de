"""Records as people and programs read them: one list of forms, and one wording where a form is unknown."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pexgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from pexgen.output.blocks import Block

PROSE = ("text", "markdown", "html")
"""Forms that are made of blocks; the module of a name is ``pexgen.output.NAME``."""

FORMS = (*PROSE, "json")
"""The forms of a record: of a change, of its closing, of a rehearsal."""

SUFFIXES = {
    "text": "txt",
    "markdown": "md",
    "html": "html",
    "json": "json",
    "sarif": "sarif",
    "tfvars": "tfvars",
}
"""How the name of a file ends in each form."""

_BY_ENDING = {f".{suffix}": form for form, suffix in SUFFIXES.items()} | {".htm": "html"}
# What a program would open as something else than text.
_FOREIGN = (".docx", ".doc", ".pdf", ".xlsx", ".xls", ".rtf", ".csv")


def prose(form: str, blocks: Iterable[Block]) -> str:
    """Return a record in the form called ``form``, one of PROSE; only its module is imported."""
    module: Any = import_module(f"pexgen.output.{form}")
    text: str = module.render(blocks)
    return text


def chosen_form(given: str, output: str, forms: Sequence[str], default: str = "text") -> str:
    """Return the form that a command was told: by name in any case, else by the ending of the file ``output``.

    Raises :class:`UsageError` for a form that is none of ``forms``, and for an ending that is known to be another.
    """
    if given:
        if given.lower() not in forms:
            raise UsageError(f"there is no format {given}", f"formats are {', '.join(forms)}")
        return given.lower()
    suffix = next((suffix for suffix in (*_BY_ENDING, *_FOREIGN) if output.lower().endswith(suffix)), "")
    form = _BY_ENDING.get(suffix, default)
    if form in forms and suffix not in _FOREIGN:
        return form
    ends = [each for each, made in _BY_ENDING.items() if made in forms]
    hint = f"end its name with {', '.join(ends)}, or say with --format which is meant: {', '.join(forms)}"
    raise UsageError(f"{output}: there is no format here for {suffix}", hint)
