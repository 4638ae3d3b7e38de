"""The questions of ``pexgen init``: their logic with answers from a list, and the whole on a pseudo-terminal."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pexgen.cli._init_draft import Draft
from pexgen.cli._init_questions import WIDTH, Conversation, Question, first_question
from pexgen.cli._starters import STARTERS, keys_to_ask, starter
from pexgen.description import load, parse_path, schema_of
from pexgen.lint import check
from pexgen.policy import FILE

TENANT, CLIENT, OBJECT = (
    "8a1c5e0b-6d2f-4b7a-9c3e-1f0d2a4b6c8e", "5f6e7d8c-9b0a-4c1d-8e2f-3a4b5c6d7e8f",
    "c0ffee00-1234-4abc-9def-567890abcdef",
)  # fmt: skip
ANSWERS = {
    "name": "fabrikam-rooms",
    "target.organization": "fabrikam.onmicrosoft.com",
    "target.tenant_id": TENANT,
    "target.accepted_domain": "fabrikam.com",
    "target.version": "2019",
    "change.ticket": "CHG7",
    "equipment.address": "rooms@fabrikam.com",
    "service_account.user_principal_name": "pexip@fabrikam.com",
    "oauth.client_id": "77777777-6666-4555-8444-333333333333",
    "impersonation.group": "users@fabrikam.com",
    "application.client_id": CLIENT,
    "application.object_id": OBJECT,
    "scheduling_group.address": "schedulers@fabrikam.com",
    "scheduling_group.members": "adele@fabrikam.com, alex@fabrikam.com",
    "proof.in_scope": "adele@fabrikam.com",
    "proof.out_of_scope": "boss@fabrikam.com",
}


class Person:
    """Answers from a list, or what is meant for a key, in turn, and at last with Enter; remembers what was said."""

    def __init__(
        self, *answers: str, by_key: dict[str, str] | None = None, first: dict[str, str] | None = None
    ) -> None:
        self._answers = list(answers)
        self._by_key = {key: [answer] for key, answer in (by_key or {}).items()}
        for key, answer in (first or {}).items():
            self._by_key[key].insert(0, answer)
        self.said: list[str] = []

    def ask(self, prompt: str) -> str:
        self.said.append(prompt)
        if self._answers:
            return self._answers.pop(0)
        question = prompt if prompt != "> " else next(line for line in reversed(self.said) if " [" in line)
        left = self._by_key.get(question.partition(" [")[0])
        return left.pop(0) if left else ""

    @property
    def talk(self) -> Conversation:
        return Conversation(self.ask, self.said.append)

    @property
    def text(self) -> str:
        return "\n".join(self.said)


def draft(method: str = "app-permissions", platform: str = "exchange-online") -> Draft:
    return Draft(starter(method, platform).decode(), "x.yaml")


def ways(question: Question, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], tuple[str, str]]]:
    for number, choice in enumerate(question.answers, 1):
        answers = (*before, str(number))
        if isinstance(choice.then, Question):
            yield from ways(choice.then, answers)
        else:
            yield answers, choice.then


def test_the_questions_lead_to_every_method_that_there_is_and_to_no_other() -> None:
    for answers, then in ways(first_question()):
        assert Person(*answers).talk.method() == then
    assert {then for _, then in ways(first_question())} == set(STARTERS)


def test_no_question_about_the_method_needs_its_name() -> None:
    person = Person("1", "3", "1")
    person.talk.method()
    assert not [name for pair in STARTERS for name in pair if name in person.text]


def test_an_answer_that_is_none_is_asked_for_again() -> None:
    person = Person("0", "x", "³", "9", "2")
    assert person.talk.method() == ("service-account", "exchange-server")
    assert person.text.count("write a number from 1 to 2") == 4


@pytest.mark.parametrize("which", list(STARTERS))
def test_what_was_answered_leaves_no_example_and_no_error(which) -> None:
    person = Person(by_key=ANSWERS)
    made = person.talk.values(draft(*which), {}, {})
    problems = check(load(made.text.encode(), "x.yaml"))
    assert [each for each in problems if each.severity == "error"] == []
    assert made.examples() == []


@pytest.mark.parametrize("which", list(STARTERS))
def test_enter_alone_leaves_the_starter_as_it_is(which) -> None:
    person = Person()
    assert person.talk.values(draft(*which), {}, {}).text == draft(*which).text


@pytest.mark.parametrize("which", list(STARTERS))
def test_no_line_is_wider_than_the_terminal_and_each_question_says_what_it_is_about(which) -> None:
    person = Person(by_key=dict.fromkeys(ANSWERS, "?"))
    person.talk.values(draft(*which), {}, {})
    assert [line for line in person.text.splitlines() if len(line) > WIDTH] == []
    for key in keys_to_ask(draft(*which)):
        assert schema_of(parse_path(key))["description"].split(". ")[0].rstrip(".")[:40] in person.text.replace(
            "\n", " "
        )


@pytest.mark.parametrize(
    ("key", "wrong", "said"),
    [
        ("target.tenant_id", "123", "it has 3 hexadecimal digits"),
        ("target.organization", "fabrikam.com", "the initial domain ends in .onmicrosoft.com"),
        ("equipment.address", "rooms", "an address has an @"),
        ("name", "a b", "write a-b, for example"),
        ("scheduling_group.members", "a@b.com, carl", "an address has an @"),
        ("application.object_id", CLIENT, "PXG101"),
        ("proof.out_of_scope", "adele@fabrikam.com", "PXG10"),
        ("change.ticket", "a\u202eb", "U+202E"),
        ("scheduling_group.members", ",", "has no value"),
    ],
)
def test_a_wrong_value_is_answered_with_the_hint_of_lint_and_asked_for_again(key, wrong, said) -> None:
    person = Person(by_key=ANSWERS, first={key: wrong})
    made = person.talk.values(draft(), {}, {})
    assert said in " ".join(person.text.split())
    assert made.text == Person(by_key=ANSWERS).talk.values(draft(), {}, {}).text


def test_broken_rules_of_the_organizations_own_stop_nobody(tmp_path) -> None:
    begun = Draft(draft().text, str(tmp_path / "x.yaml"))
    (tmp_path / FILE).write_text("this is no policy", encoding="utf-8")
    made = Person(by_key=ANSWERS).talk.values(begun, {}, {})
    assert made.text == Person(by_key=ANSWERS).talk.values(draft(), {}, {}).text


def test_what_was_given_is_not_asked_for() -> None:
    person = Person()
    person.talk.values(draft(), {"target.organization": "x"}, {})
    assert "target.organization" not in person.text
    assert "target.tenant_id" in person.text


def test_an_example_that_was_replaced_is_proposed_wherever_it_stood() -> None:
    person = Person(by_key={"scheduling_group.members": "adele@fabrikam.com, alex@fabrikam.com"})
    made = person.talk.values(draft(), {}, {})
    assert "proof.in_scope [adele@fabrikam.com]: " in person.said
    assert made.value("proof.in_scope") == ["adele@fabrikam.com"]


def test_the_examples_that_are_left_are_named_at_the_end() -> None:
    person = Person(by_key={**ANSWERS, "scheduling_group.address": "", "proof.out_of_scope": ""})
    conversation = person.talk
    conversation.end(conversation.values(draft(), {}, {}))
    assert person.said[-1] == "Still an example: scheduling_group.address, proof.out_of_scope."


class Typist:
    """``pexgen init`` at a pseudo-terminal of 80 columns."""

    def __init__(self, arguments: list[str], folder) -> None:
        import fcntl
        import pty
        import signal
        import struct
        import termios

        def take_terminal() -> None:
            # So that Ctrl+C is a signal, also where whoever started the tests ignores it.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pexgen", "init", *arguments],
            stdin=slave, stdout=slave, stderr=slave, cwd=folder, start_new_session=True,
            preexec_fn=take_terminal,  # noqa: PLW1509 - the child is one of this test's own
            env={**os.environ, "TERM": "dumb"},
        )  # fmt: skip
        os.close(slave)
        self.seen = ""

    def until(self, text: str) -> None:
        """Wait for a text; what comes before it is seen, and only what comes after it is waited for next."""
        begin = len(self.seen)
        while text not in self.seen[begin:]:
            assert select.select([self._master], [], [], 60)[0], f"nothing more behind {self.seen}"
            self.seen += os.read(self._master, 4096).decode()

    def type(self, keys: str) -> None:
        """Type without waiting."""
        os.write(self._master, keys.encode())

    def press(self, key: str) -> None:
        """Press a key until something follows: Python loses one that comes just before it begins to wait for it."""
        for _ in range(20):
            self.type(key)
            if select.select([self._master], [], [], 3)[0]:
                return

    def end(self) -> int:
        """Read to the end and return the exit code."""
        try:
            while select.select([self._master], [], [], 60)[0] and (data := os.read(self._master, 4096)):
                self.seen += data.decode()
        except OSError:
            pass  # What Linux says where the other side has gone.
        os.close(self._master)
        return self.process.wait(60)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
class TestAtATerminal:
    def test_it_asks_checks_and_writes(self, tmp_path) -> None:
        at = Typist(["fabrikam.yaml", "--set", "change.ticket=CHG7"], tmp_path)
        for prompt, answer in (
            ("Number [1]: ", "1"), ("Number [1]: ", "1"), ("name [fabrikam-scheduling]: ", ""),
            ("> ", "fabrikam.onmicrosoft.com"),
            ("> ", "123"), ("> ", TENANT), ("> ", "rooms@fabrikam.com"), ("> ", CLIENT), ("> ", OBJECT), ("> ", ""),
            ("> ", "adele@fabrikam.com"), ("proof.in_scope [adele@fabrikam.com]: ", ""), ("]: ", ""),
        ):  # fmt: skip
            at.until(prompt)
            at.type(f"{answer}\n")
        assert at.end() == 0
        made = load((tmp_path / "fabrikam.yaml").read_bytes(), "x").description
        assert (made.name, made.target.tenant_id, made.change.ticket) == ("fabrikam-scheduling", TENANT, "CHG7")
        assert "it has 3 hexadecimal digits" in at.seen
        assert "Next: pexgen lint fabrikam.yaml" in at.seen
        assert sorted(each.name for each in tmp_path.iterdir()) == ["description.schema.json", "fabrikam.yaml"]
        assert [line for line in at.seen.splitlines() if len(line) > 80] == []

    @pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl+C", "end of input"])
    def test_whoever_ends_it_finds_nothing_written(self, tmp_path, key) -> None:
        at = Typist([], tmp_path)
        at.until("Number [1]: ")
        at.type("2\n")
        at.until("File to write [contoso.yaml]: ")
        at.type("\n")
        at.until("]: ")
        at.press(key)
        assert at.end() == 130
        assert "interrupted" in at.seen
        assert "Traceback" not in at.seen
        assert list(tmp_path.iterdir()) == []

    def test_a_file_that_is_there_is_refused_before_the_first_question(self, tmp_path) -> None:
        (tmp_path / "x.yaml").write_text("mine", encoding="ascii")
        at = Typist(["x.yaml"], tmp_path)
        assert at.end() == 2
        assert "Number" not in at.seen
        assert (tmp_path / "x.yaml").read_text(encoding="ascii") == "mine"

    @pytest.mark.parametrize("arguments", [["x.yaml", "--no-input"], ["-o", "-"], ["--gitattributes"]])
    def test_it_asks_nothing_where_that_is_not_wanted(self, tmp_path, arguments) -> None:
        at = Typist(arguments, tmp_path)
        assert at.end() == 0
        assert "Number" not in at.seen


def test_it_asks_nothing_without_a_terminal(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pexgen", "init", "x.yaml"], cwd=tmp_path, input=b"", capture_output=True, check=True
    )
    assert b"Number" not in done.stdout + done.stderr
    assert (tmp_path / "x.yaml").is_file()
