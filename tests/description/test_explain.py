"""Everything that pexgen or a runbook names by a short word is explained, without a network."""

from __future__ import annotations

import pytest

from pexgen.catalogue import load_catalogue
from pexgen.cli import run
from pexgen.description.codes import CODES
from pexgen.lint import RULES
from pexgen.outcomes import EXIT_CODES, STATES
from pexgen.template_files import template_folder

CATALOGUE = load_catalogue(template_folder())
TOPICS = [
    *(each.code for each in CODES),
    *(each.code for each in RULES),
    *(each.name for each in STATES),
    *(str(each.code) for each in EXIT_CODES),
    *dict.fromkeys(step.id for method in CATALOGUE.methods.values() for step in method.steps),
]


def test_every_code_step_state_and_exit_code_is_explained(capsys) -> None:
    assert run(["explain", *TOPICS]) == 0
    text = capsys.readouterr().out
    assert all(topic in text for topic in TOPICS)
    assert max(len(line) for line in text.splitlines() if " " in line) <= 110


@pytest.mark.parametrize(("topic", "said"), [("pxg00", "PXG00"), ("ews-acess", "ews-access"), ("xyzzy", "give a code")])
def test_an_unknown_word_is_answered_with_the_nearest(capsys, topic: str, said: str) -> None:
    assert run(["explain", topic]) == 2
    assert said in capsys.readouterr().err
