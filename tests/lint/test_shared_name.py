"""PXG146: two descriptions of one name, or of names that are one file."""

from __future__ import annotations

import pytest

from pexgen.description import load
from pexgen.lint import Names, examine


def found(first: str, *others: str) -> list[list[str]]:
    """Return the messages of the rule for each description, in their order."""
    seen = Names()
    loaded = [load(text.encode(), f"{number}.yaml") for number, text in enumerate((first, *others))]
    return [[each.message for each in examine(one, seen).problems if each.code == "PXG146"] for one in loaded]


def test_the_second_description_of_a_name_is_an_error_that_names_the_first(clean) -> None:
    assert found(clean, clean) == [[], ['"contoso" is the name of 0.yaml too']]


def test_names_that_differ_in_case_are_one_file_on_windows(clean) -> None:
    (message,) = found(clean, clean.replace("name: contoso\n", "name: Contoso\n"))[1]
    assert message == '"Contoso" is one file name with "contoso", the name of 0.yaml, on Windows and macOS'


def test_other_names_and_a_description_alone_are_right(clean) -> None:
    assert found(clean, clean.replace("name: contoso\n", "name: fabrikam\n")) == [[], []]


@pytest.mark.parametrize("count", [1, 2])
def test_it_is_accepted_and_an_acceptance_is_never_called_unused(clean, count) -> None:
    accepted = clean + "accept: [{code: PXG146, reason: They are rendered on two machines.}]\n"
    seen = Names()
    codes = [each.code for n in range(count) for each in examine(load(accepted.encode(), f"{n}.yaml"), seen).problems]
    assert not {"PXG121", "PXG146"} & set(codes)
