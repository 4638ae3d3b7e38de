"""Exchange answers in the operator's language: what an error means is told by its class, in every mode."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

from support.described import each_step
from support.sites import DESCRIPTION, Applied, Json, SiteOf, copied_journal, states
from support.tenants import GROUP

from pexgen.rehearsal import Result
from pexgen.simulation import without_bookkeeping

LATE = dict.fromkeys(("mailbox", "store", "group", "scope", "servicePrincipal", "assignment"), 2)
RESENT = {"kind": "resent", "cmdlet": "New-DistributionGroup"}


def found(run: Result, settings: Json) -> Json:
    """Return the tenant as it would be with these settings of the simulation."""
    bare: Json = without_bookkeeping(run.tenant | {"settings": settings})
    return bare


def test_in_german_every_mode_ends_where_it_ends_in_english(site: SiteOf, applied: Applied, tmp_path: Path) -> None:
    here = site()
    english: Json = here.tenant["settings"]
    tenant = copy.deepcopy(here.tenant)
    tenant["settings"] |= {"language": "de", "late": LATE}
    run = here.run("Apply", tenant, options={"faults": [RESENT]})
    # What was refused as existing is never claimed, be it the module's second try of this run's own call.
    assert (run.exit_code, states(run)) == (0, states(applied()) | {"scheduling-group": "in-place"}), run.screen
    messages = " ".join(call.message for call in run.calls)
    assert ("nicht gefunden" in messages, "bereits vorhanden" in messages, "couldn't be found" in messages) == (
        True,
        True,
        False,
    )
    assert found(run, english) == without_bookkeeping(applied().tenant)
    again = here.run("Apply", run.tenant)
    assert (again.exit_code, again.writes) == (0, ()), again.screen
    back = here.run("Rollback", run.tenant, JournalPath=[copied_journal(run, tmp_path)], RemoveCreatedMailbox=True)
    undone = each_step(DESCRIPTION, "undone", otherwise="in-place")
    assert (back.exit_code, states(back)) == (5, undone | {"scheduling-group": "kept"}), back.screen
    kept = [one for one in back.tenant["recipients"] if one["PrimarySmtpAddress"] != GROUP]
    assert found(replace(back, tenant=back.tenant | {"recipients": kept}), english) == without_bookkeeping(here.tenant)
