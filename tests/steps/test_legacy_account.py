"""What of the old account stays on the EWS list is as the description says."""

from __future__ import annotations

from support.bad_days import ews_list
from support.migration import CUT_OVER, NAME, OLD
from support.sites import SiteOf, states

from pexgen.rehearsal import Result


def test_an_old_application_leaves_the_list_only_if_it_is_named(sample: SiteOf, prepared: Result) -> None:
    site = sample(NAME, ews={"retire": [], "switch_on": False})
    run = site.run("Apply", prepared.tenant, **CUT_OVER)
    assert (run.exit_code, states(run)["legacy-account"], OLD in ews_list(run.tenant)) == (0, "in-place", True)
