"""The texts that the template folder has for records, with the values of one deployment in them.

They are Jinja2. A text that is one expression and nothing else, ``{{ ... }}``, is that expression's value, be it a list
or a truth; one that begins with ``<`` is what only a run can know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined, Template, TemplateError, pass_context
from jinja2.environment import TemplateExpression
from jinja2.runtime import Context
from jinja2.utils import missing

from pexgen.errors import DefectError
from pexgen.ews_states import EMPTY, OPEN_TO_ALL
from pexgen.records._filters import FILTERS
from pexgen.records._words import MOST_NAMED, Unknown, in_words
from pexgen.vendor_facts import DATED, RUNBOOK_FACTS

if TYPE_CHECKING:
    from collections.abc import Callable

# Jinja2's marks for blanks, as in ``{{-``, would be a sign here.
_ONE_EXPRESSION = re.compile(r"\{\{(?![-+])((?:(?!\}\}).)*)(?<![-+])\}\}", re.DOTALL)
_TEXTS = ""
"""Under this name, which no text can ask for, a context has the texts that it looks its values up in."""


class Texts:
    """Fills texts with a deployment's values: ``given`` ones, and ``derived`` ones, which are such texts themselves."""

    def __init__(self, given: Mapping[str, Any], derived: Mapping[str, str]) -> None:
        self._values = dict(given)
        self._derived = derived

    def get(self, name: str, default: Any) -> Any:
        """Return a value by its name, ``default`` where there is none of that name."""
        return self[name] if name in self._values or name in self._derived else default

    def __getitem__(self, name: str) -> Any:
        """Return a value by its name; raises KeyError where there is none of that name."""
        if name not in self._values:
            self._values[name] = self.value(self._derived[name])
        return self._values[name]

    def value(self, text: Any, **more: Any) -> Any:
        """Return what a text stands for; ``more`` are values for this text alone. What is no text stands for itself."""
        if not isinstance(text, str):
            return text
        found = _ONE_EXPRESSION.fullmatch(text)
        if found is None:
            filled = self.sentence(text, **more)
            return Unknown(filled) if text.startswith("<") else filled
        return self.expression(found[1], **more)

    def sentence(self, text: str, *, named_in: str = "", **more: Any) -> str:
        """Return a text as prose; of a long list it says that the step ``named_in`` has the names."""
        if "{" not in text:
            return text
        filled: str = _or_defect(lambda: _template(text).render({_TEXTS: self, "named_in": named_in, **more}), text)
        return filled

    def holds(self, entry: Mapping[str, Any]) -> bool:
        """Whether an entry of a table is for this deployment: it has no ``if``, or one that is true."""
        return "if" not in entry or bool(self.expression(entry["if"]))

    def asks_for(self, table: Mapping[str, Any]) -> bool:
        """Whether the deployment asks for the step of a table."""
        return "asked" not in table or bool(self.expression(table["asked"]))

    def only_reports(self, table: Mapping[str, Any]) -> bool:
        """Whether Verify can never prove the step of a table, and reports what is there."""
        return self.asks_for(table) and "only_reported" in table and self.holds(table["only_reported"])

    def expression(self, expression: str, **more: Any) -> Any:
        """Return the value of an expression, as ``if`` and ``each`` have one without braces."""
        found = _or_defect(lambda: self._evaluated(expression.strip(), more), expression)
        if isinstance(found, StrictUndefined):
            _or_defect(found.__str__, expression)
        # What map() and its like return can be read once.
        return tuple(found) if isinstance(found, Iterator) else found

    def _evaluated(self, expression: str, more: Mapping[str, Any]) -> Any:
        # Most are a value's name alone, which needs no compiling.
        found = more.get(expression, self.get(expression, missing))
        return _expression(expression)({_TEXTS: self, **more}) if found is missing else found


class _Context(Context):
    """Looks up what a text asks for in the deployment's values when it asks, because some are long to make."""

    def resolve_or_missing(self, key: str) -> Any:
        found = super().resolve_or_missing(key)
        if found is not missing:
            return found
        texts: Texts = self.parent[_TEXTS]
        return texts.get(key, missing)


@pass_context
def _finalize(context: Context, value: Any) -> Any:
    listed = tuple(value) if isinstance(value, Iterator) else value
    return listed if isinstance(listed, str) else in_words(listed, named_in=context.parent["named_in"])


def _or_defect(fill: Callable[[], Any], text: str) -> Any:
    try:
        return fill()
    except (TemplateError, LookupError, TypeError, RecursionError) as error:
        message = f"a text for records cannot be filled: {error} ({text})"
        raise DefectError(message) from error


@cache
def environment() -> Environment:
    """Return the Jinja2 environment of these texts; what it has beside Jinja2's own is for Exchange's values."""
    made = Environment(undefined=StrictUndefined, finalize=_finalize)  # noqa: S701 - no HTML; each form escapes its own
    made.context_class = _Context
    made.filters |= FILTERS
    made.globals |= {
        "MOST_NAMED": MOST_NAMED,
        "Facts": {name: fact.value for name, fact in RUNBOOK_FACTS.items()},
        "Dates": {fact.name: fact.spoken for fact in DATED},
        "EwsOpenToAll": OPEN_TO_ALL,
        "EwsListRequiredIn": EMPTY.clouds,
    }
    return made


@cache
def _template(text: str) -> Template:
    return environment().from_string(text)


@cache
def _expression(text: str) -> TemplateExpression:
    return environment().compile_expression(text, undefined_to_none=False)
