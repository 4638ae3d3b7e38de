"""The questions of ``pexgen init`` on a terminal: which method, in plain words, and what only a person knows."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pexgen.cli._starters import keys_to_ask
from pexgen.cli._text import printable
from pexgen.description import parse_path, schema_of, typed
from pexgen.template_files import documents, parsed_once, template_folder

if TYPE_CHECKING:
    from pexgen.cli._init_draft import Draft
    from pexgen.errors import Problem

WIDTH = 78
"""Columns of a line, so that nothing breaks on a terminal of 80."""

_BEGIN = (
    "Enter takes what is in brackets. An example that stays is found by `pexgen lint`, so it can be filled in "
    "later. ? says more about a question. Ctrl+C ends this, and nothing is written."
)


_QUESTIONS = 3
"""Which document of ``methods.yaml`` has the questions, the first being 1."""


class Answer(NamedTuple):
    """An answer, and what follows: the next question, or method and platform."""

    text: str
    then: Question | tuple[str, str]


class Question(NamedTuple):
    """A question with answers by number, of which the first is what Enter takes."""

    text: str
    answers: tuple[Answer, ...]


@cache
def first_question() -> Question:
    """Return the way to a method and a platform, as ``methods.yaml`` has it."""
    table = template_folder() / "methods.yaml"
    return _question(parsed_once(table, documents(table)[_QUESTIONS - 1]))


def _question(entry: Mapping[str, Any]) -> Question:
    return Question(entry["question"], tuple(_answer_of(each) for each in entry["choices"]))


def _answer_of(entry: Mapping[str, Any]) -> Answer:
    if "question" in entry:
        return Answer(entry["text"], _question(entry))
    method, _, platform = entry["leads_to"].partition("/")
    return Answer(entry["text"], (method, platform))


class Conversation:
    """Asks with ``ask``, which shows a prompt and returns a line, and tells with ``say``.

    What ``ask`` raises, where somebody ends it, goes to the caller.
    """

    def __init__(self, ask: Callable[[str], str], say: Callable[[str], None]) -> None:
        self._ask, self._say = ask, say
        # What was an example once stands for the same thing wherever else it is the example.
        self._instead: dict[str, str] = {}

    def method(self) -> tuple[str, str]:
        """Ask which method is meant and return it with its platform."""
        question = first_question()
        while True:
            then = self._chosen(question)
            if not isinstance(then, Question):
                return then
            question = then

    def _chosen(self, question: Question) -> Question | tuple[str, str]:
        self._say(f"\n{question.text}")
        for number, answer in enumerate(question.answers, 1):
            self._say(f"  {number}  {answer.text}")
        while True:
            typed_in = self._ask("Number [1]: ").strip() or "1"
            if typed_in.isascii() and typed_in.isdigit() and 1 <= int(typed_in) <= len(question.answers):
                return question.answers[int(typed_in) - 1].then
            self._say(f"  write a number from 1 to {len(question.answers)}")

    def values(self, draft: Draft, given: Mapping[str, object], proposed: Mapping[str, str]) -> Draft:
        """Ask for each value that only a person knows and return the draft with the answers.

        What is ``given`` already is not asked for; for what is ``proposed`` Enter takes that instead of the example.
        """
        self._say("")
        self._paragraph(_BEGIN)
        for key in keys_to_ask(draft):
            if key not in given:
                draft = self._filled(draft, key, proposed.get(key, ""))
        return draft

    def end(self, draft: Draft) -> None:
        """Say which examples are left."""
        left = dict.fromkeys(key.partition("[")[0] for key in draft.examples())
        self._say("")
        if left:
            self._paragraph(f"Still an example: {', '.join(left)}.")

    def _filled(self, draft: Draft, key: str, proposed: str) -> Draft:
        example = draft.value(key)
        examples: list[str] = example if isinstance(example, list) else [example] if example else []
        shown = [proposed] if proposed else [self._instead.get(each, each) for each in examples]
        known = schema_of(parse_path(key))
        first, _, more = str(known["description"]).partition(". ")
        self._say("")
        self._paragraph(f"{first.rstrip('.')}{_how(known)}.")
        while True:
            answer = self._answer(f"{key} [{', '.join(shown) or 'none'}]: ")
            if answer == "?":
                self._paragraph(f"{more} For example: {_example(known)}".strip())
                continue
            if not answer and shown == examples:
                return draft
            value = typed(parse_path(key), [answer] if answer else shown)
            changed = draft.put(key, value)
            problems = changed.errors_at(key)
            if not problems:
                new = value if isinstance(value, list) else [str(value)]
                self._instead.update(zip(examples, new, strict=False))
                return changed
            for problem in problems:
                self._tell(problem)
            if not answer:
                # What was proposed does not fit.
                shown = examples

    def _answer(self, prompt: str) -> str:
        """Ask, on a line of its own where the prompt would not leave room for an answer."""
        if len(prompt) > WIDTH // 2:
            self._paragraph(prompt.rstrip(": "))
            prompt = "> "
        return self._ask(prompt).strip()

    def _tell(self, problem: Problem) -> None:
        self._paragraph(f"{problem.code}: {problem.message}", "  ")
        if problem.hint:
            self._paragraph(f"hint: {problem.hint}", "  ")

    def _paragraph(self, text: str, margin: str = "") -> None:
        for line in textwrap.wrap(
            printable(text),
            WIDTH,
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        ):
            self._say(line)


def _how(known: Mapping[str, object]) -> str:
    options = known.get("enum")
    if isinstance(options, list):
        return f": {', '.join(map(str, options))}"
    return "; with commas between several" if known.get("type") == "array" else ""


def _example(known: Mapping[str, object]) -> str:
    examples = known.get("examples")
    first = examples[0] if isinstance(examples, list) and examples else ""
    return ", ".join(map(str, first)) if isinstance(first, list) else str(first)
