"""What a body says of the EWS switch and list: what un-breaks EWS, and the names of known applications."""

from __future__ import annotations

import pytest

from pexgen.catalogue import load_catalogue
from pexgen.ews_states import OPEN_TO_ALL, STATES
from pexgen.known_applications import KNOWN
from pexgen.literals import powershell_literal
from pexgen.runbook import assemble
from pexgen.template_files import template_folder

CLOSED_BEFORE = {"false", "empty"}
OPEN_BEFORE = {"unset", "empty-elsewhere"}


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_to_open_ews_to_everybody_is_a_way_back_only_to_where_it_was_open_before(state) -> None:
    assert OPEN_TO_ALL in state.rescue
    assert (" NOT " in state.rescue) == (state.name in CLOSED_BEFORE)
    assert ("opens it again for everybody, as before this step" in state.rescue) == (state.name in OPEN_BEFORE)
    assert state.name in CLOSED_BEFORE | OPEN_BEFORE | {"listed"}


def test_a_body_names_known_applications_with_their_sources_where_it_writes_the_ews_list_and_nowhere_else() -> None:
    catalogue = load_catalogue(template_folder())
    for method in catalogue.methods.values():
        text = assemble(catalogue, method).text
        if not any(step.id == "ews-access" for step in method.steps):
            assert "KnownApplications" not in text
            continue
        for client_id, known in KNOWN.items():
            assert f"    {powershell_literal(client_id)} = {powershell_literal(known.name)}\n" in text
        assert text.count("    # Source: ") == len(KNOWN)
