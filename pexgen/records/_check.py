"""Whether the texts of a table can be filled: their Jinja2, and that there is each value that they ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from jinja2 import TemplateError, meta

from pexgen.records._texts import environment

EXPRESSIONS = ("if", "each", "asked", "everybody")
"""The keys of a record that hold an expression without its braces."""

COMMAND_PARTS = ("Script", "Apply", "ApplyPart", "Approved", "Journal", "Unreviewed")
"""What a line that a person types can ask for beside the values: parts of the commands of the deployment."""

_LINE = "line"
_OF_TABLE = re.compile(r"\b(Facts|Dates)\.(\w+)")
_EACH = "each"
_OF_EACH = ("who", "holder", "account", "whose", "parameters")


def mistaken_texts(root: Any, known: frozenset[str]) -> Iterator[tuple[Any, str]]:
    """Yield what is wrong in the texts of a YAML node, each with the node of the text; ``known`` are all values."""
    for node, text, own in _texts(root):
        try:
            asked = meta.find_undeclared_variables(environment().parse(text)) - own
        except TemplateError as error:
            yield node, f"it is not Jinja2: {error.message}"
            continue
        for table, name in _OF_TABLE.findall(text):
            facts: Any = environment().globals[table]
            if name not in facts:
                yield node, f"{table}.{name} does not exist; pexgen/vendor_facts.py has the names"
        for name in sorted(asked - known - environment().globals.keys()):
            close = get_close_matches(name, known, 1)
            yield node, f"the value `{name}` does not exist{f'; did you mean `{close[0]}`?' if close else ''}"


def _texts(node: Any, key: str = "", own: frozenset[str] = frozenset()) -> Iterator[tuple[Any, str, frozenset[str]]]:
    """Yield the texts of a YAML node that ask for something, as Jinja2 has them, and what each alone can ask for.

    In an entry about each of a list, who has it, whose it is and the parameters of a call can name the one.
    """
    if node.id == "mapping":
        is_about_each = any(name.value == _EACH for name, _ in node.value)
        for name, value in node.value:
            names_one = (is_about_each and name.value in _OF_EACH) or (own and key in _OF_EACH)
            yield from _texts(value, name.value, frozenset({_EACH}) if names_one else frozenset())
    elif node.id == "sequence":
        for value in node.value:
            yield from _texts(value)
    elif key in EXPRESSIONS:
        yield node, f"{{{{ {node.value} }}}}", own
    elif "{" in node.value:
        yield node, node.value, own | set(COMMAND_PARTS) if key == _LINE else own
