"""Every rule there is, in the order of their codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.rules import (
    addin_registration_missing,
    addin_token_retired,
    addin_too_new,
    adopted_and_pruned,
    adopted_without_limit,
    calendar_competes,
    domains_differ,
    environment_mismatch,
    equal_addresses,
    equal_identifiers,
    equal_names,
    ews_cuts_off,
    ews_ends,
    ews_keep,
    ews_not_described,
    ews_switch_unused,
    impersonation_equipment_only,
    impersonation_everybody,
    initial_domain,
    names_too_long,
    old_registration_cut_off,
    one_touch_join_shared,
    placeholders,
    proof_beyond_equipment,
    proof_contradicted,
    proof_not_member,
    repeated_entries,
    retired_in_use,
    scope_too_small,
    server_unsupported,
    service_account_online,
    unused_acceptance,
)

if TYPE_CHECKING:
    from pexgen.rules._interface import Rule

UNUSED_ACCEPTANCE: Rule = unused_acceptance.RULE

RULES: tuple[Rule, ...] = (
    equal_identifiers.RULE,
    equal_addresses.RULE,
    equal_names.RULE,
    domains_differ.RULE,
    initial_domain.RULE,
    proof_contradicted.RULE,
    proof_not_member.RULE,
    ews_not_described.RULE,
    ews_ends.RULE,
    ews_switch_unused.RULE,
    ews_cuts_off.RULE,
    ews_keep.RULE,
    names_too_long.RULE,
    scope_too_small.RULE,
    repeated_entries.RULE,
    calendar_competes.RULE,
    adopted_and_pruned.RULE,
    one_touch_join_shared.RULE,
    environment_mismatch.RULE,
    placeholders.RULE,
    unused_acceptance.RULE,
    addin_token_retired.RULE,
    addin_registration_missing.RULE,
    impersonation_everybody.RULE,
    impersonation_equipment_only.RULE,
    service_account_online.RULE,
    server_unsupported.RULE,
    retired_in_use.RULE,
    proof_beyond_equipment.RULE,
    old_registration_cut_off.RULE,
    addin_too_new.RULE,
    adopted_without_limit.RULE,
)
