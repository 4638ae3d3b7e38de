"""Whether the texts of a table can be filled: their Jinja2, and that there is each value that they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from jinja2 import TemplateError, meta

from pexgen.records._texts import environment

EXPRESSIONS = ("if", "each", "asked", "everybody")
"""The keys of a record that hold an expression without its braces."""

_OF_AN_ENTRY = "each"


def mistaken_texts(root: Any, known: frozenset[str]) -> Iterator[tuple[Any, str]]:
    """Yield what is wrong in the texts of a YAML node, each with the node of the text; ``known`` are all values."""
    for node, text in _texts(root):
        try:
            asked = meta.find_undeclared_variables(environment().parse(text))
        except TemplateError as error:
            yield node, f"it is no Jinja2: {error.message}"
            continue
        for name in sorted(asked - known - environment().globals.keys() - {_OF_AN_ENTRY}):
            close = get_close_matches(name, known, 1)
            yield node, f"there is no value `{name}`{f'; did you mean `{close[0]}`?' if close else ''}"


def _texts(node: Any, key: str = "") -> Iterator[tuple[Any, str]]:
    """Yield the texts of a YAML node that ask for something, as Jinja2 has them."""
    if node.id == "mapping":
        for name, value in node.value:
            yield from _texts(value, name.value)
    elif node.id == "sequence":
        for value in node.value:
            yield from _texts(value)
    elif key in EXPRESSIONS:
        yield node, f"{{{{ {node.value} }}}}"
    elif "{" in node.value:
        yield node, node.value
