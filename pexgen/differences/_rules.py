"""The one table that decides what a change of a key means for access, and why."""

from __future__ import annotations

from typing import Literal, NamedTuple

Verdict = Literal["deployment", "widens", "narrows", "other"]
"""``deployment``: it is another deployment; ``widens`` and ``narrows``: who has access to what; ``other``: the rest."""

VERDICTS: tuple[Verdict, ...] = ("deployment", "widens", "narrows", "other")
"""In the order in which a reviewer reads them."""

Shape = Literal["text", "list", "switch", "rank", "limit"]


class Rule(NamedTuple):
    """How a key's values compare.

    ``more`` is the verdict, and ``why_more`` its reason, where an entry is added, a switch goes on, a rank or a limit
    rises, or a text changes in any way; ``less`` and ``why_less`` where the opposite happens. A text or a rank that is
    no longer there at all takes nothing away, and ``gone`` says what becomes of it. ``order`` are the ranks, lowest
    first. ``needs`` is a switch without which ``less`` takes nothing away; ``why_kept`` then says so. Only ``folds``
    compares without regard to case. ``step`` is the step that writes the value, where others read it before.
    """

    label: str
    shape: Shape = "text"
    more: Verdict = "other"
    why_more: str = ""
    less: Verdict = "other"
    why_less: str = ""
    gone: str = ""
    order: tuple[str | None, ...] = ()
    needs: str = ""
    why_kept: str = ""
    folds: bool = False
    step: str = ""

    @property
    def why_gone(self) -> str:
        """What becomes of a value that is no longer there; where a change never matters, neither does that."""
        return self.gone or (self.why_more if self.more == "other" else self.why_less)


_NAME_ONLY = "A name; nobody's access depends on it."
_ANOTHER_TENANT = "Another organization: nothing of the old deployment is there, and nothing in the old one is undone."
_ANOTHER_APPLICATION = (
    "Another application gets the access. The runbook takes none away from an old one, whose assignment stays until "
    "somebody removes it."
)
_TESTED = "What Verify tests; it gives nobody access."
_STATED = "A statement about when the account got its role; it gives nobody access."
_OTJ = "A list of what must not be shared; it gives nobody access."
_ACCOUNT_STAYS = "The runbook no longer names it, and takes nothing away from it: what it has stays."
_ROLE_STAYS = "The runbook takes no role away from it: its assignment stays until somebody removes it."
_ADD_IN_STAYS = "The runbook takes no add-in away: it stays with everybody who has it until somebody removes it."
_FROM_MANIFEST = "What the add-in's manifest says; it gives nobody access."
UNCLEAR_KEYS = ("add_in.manifest_sha256",)
"""Keys that give nobody anything by themselves, and whose change may all the same: other code, with what there is."""

OLD_WAY_KEYS = ("service_account.user_principal_name", "impersonation.scope", "impersonation.group", "oauth.client_id")
"""Keys that describe, in ``migrate``, what was there before."""

OLD_WAY = (
    "In migrate it says what the old way has. The runbook gives nothing of it to anybody, and phase Cleanup takes the "
    "account's own impersonation away."
)
"""The reason why a change of such a key gives nobody anything."""

_STAYS = "Its entry stays where it is until somebody removes it: the runbook takes none away."

RULES: dict[str, Rule] = {
    "name": Rule("deployment's name", more="deployment", why_more="Journals of the old name are refused by the new."),
    "method": Rule("method", more="deployment", why_more="Another runbook with other steps."),
    "target.platform": Rule("platform", more="deployment", why_more="Another runbook with other steps."),
    "target.organization": Rule("organization", more="deployment", why_more=_ANOTHER_TENANT, folds=True),
    "target.tenant_id": Rule("tenant", more="deployment", why_more=_ANOTHER_TENANT, folds=True),
    "target.environment": Rule("cloud", more="deployment", why_more=_ANOTHER_TENANT),
    "target.accepted_domain": Rule("accepted domain", more="deployment", why_more=_ANOTHER_TENANT, folds=True),
    "target.version": Rule("version of Exchange Server", more="deployment", why_more="The session's server differs."),
    "equipment.address": Rule(
        "equipment mailbox", more="widens", folds=True, gone="The mailbox stays.",
        why_more="The application or account, and the delegates, get access to another mailbox. The old one stays.",
    ),
    "equipment.name": Rule("equipment mailbox's name", why_more=_NAME_ONLY),
    "equipment.display_name": Rule("equipment mailbox's display name", why_more=_NAME_ONLY),
    "equipment.alias": Rule("equipment mailbox's alias", why_more=_NAME_ONLY),
    "equipment.adopt": Rule(
        "equipment mailbox has to exist", "switch", why_more="A mailbox that is there already is used.",
        why_less="It is made where it is absent.",
    ),
    "application.name": Rule("application's name", why_more=_NAME_ONLY),
    "application.client_id": Rule(
        "application", more="widens", why_more=_ANOTHER_APPLICATION, gone=_ROLE_STAYS, folds=True
    ),
    "application.object_id": Rule(
        "enterprise application", more="widens", why_more=_ANOTHER_APPLICATION, gone=_ROLE_STAYS, folds=True
    ),
    "application.assignment": Rule(
        "role assignment's name", why_more="The assignment of the old name is not removed by the runbook."
    ),
    "scheduling_group.address": Rule(
        "scheduling group", more="widens", folds=True, gone="The group, its members and its scope stay as they are.",
        why_more="The application may act for the members of another group. An old group and its scope stay.",
    ),
    "scheduling_group.name": Rule("scheduling group's name", why_more=_NAME_ONLY),
    "scheduling_group.adopt": Rule(
        "scheduling group has to exist", "switch", more="widens",
        why_more="Members that an existing group has already come into the scope, unless prune is on.",
        why_less="It is made where it is absent.",
    ),
    "scheduling_group.members": Rule(
        "members of the scheduling group", "list", more="widens", folds=True,
        why_more="The application can read and change everything in the mailbox of each member.",
        less="narrows", needs="scheduling_group.prune", step="scheduling-members",
        why_less="With prune on they are removed from the group, and the application loses their mailboxes.",
        why_kept="No longer named, and with prune off they STAY members: the application keeps their mailboxes.",
    ),
    "scheduling_group.managed_by": Rule(
        "owner of the scheduling group", more="widens", folds=True,
        why_more="Whoever owns the group decides whose mailboxes the application can open. Other owners stay.",
        gone="The owner stays one, and decides whose mailboxes the application can open until somebody removes it.",
    ),
    "scheduling_group.prune": Rule(
        "prune", "switch", more="narrows", why_more="Members that are not named are removed from the group.",
        less="widens", why_less="Members that are not named stay in the group, and in the application's reach.",
    ),
    "scheduling_group.harden": Rule(
        "harden", "switch", more="narrows", why_more="Open joining of the group is closed.",
        less="widens", why_less="Open joining of the group is only reported: whoever joins comes into the scope.",
    ),
    "scope.name": Rule(
        "management scope's name", why_more="The scope of the old name is not removed by the runbook.",
        step="application-scope",
    ),
    "scope.max_mailboxes": Rule(
        "most mailboxes in the scope", "limit", more="widens", why_more="More mailboxes may be in the scope.",
        why_less="Fewer mailboxes may be in the scope. The runbook refuses where there are more, and takes none out.",
    ),
    "proof.in_scope": Rule("proofs in scope", "list", why_more=_TESTED, why_less=_TESTED, folds=True),
    "proof.out_of_scope": Rule(
        "proofs out of scope", "list", why_more=_TESTED, folds=True,
        why_less="Verify no longer tests that the application stays out of these mailboxes.",
    ),
    "ews.policy": Rule(
        "EWS policy", "rank", more="widens", order=(None, "check", "merge"),
        why_more="With merge the application comes onto the organization's list of applications that may use EWS.",
        why_less="The runbook no longer writes the EWS list. What is on it stays.",
    ),
    "ews.switch_on": Rule(
        "EWS switch", "switch", more="widens",
        why_more="The runbook may set EwsEnabled to true: exactly the applications on the list are reachable.",
        why_less="The runbook leaves EwsEnabled as it is: what is switched on stays on.",
    ),
    "ews.keep": Rule(
        "EWS list", "list", more="widens", folds=True,
        why_more="Each of these applications has to be on the organization's EWS list, and is added with policy merge.",
        why_less=_STAYS,
    ),
    "ews.no_others": Rule(
        "why nobody else uses EWS", more="widens",
        why_more="With it the list is written where EwsEnabled is not set and no list is there.",
        why_less="The list is no longer written where EwsEnabled is not set, no list is there and nobody is kept.",
    ),
    "ews.user_agent": Rule(
        "user agent of Pexip's service", why_more="Verify judges the gate by user agent with it; nobody gets access.",
    ),
    "ews.retire": Rule(
        "applications taken off the EWS list", "list", more="narrows", folds=True,
        why_more="Phase Cleanup takes them off the list.", less="widens",
        why_less="They stay on the list, unless an earlier Cleanup has taken them off.",
    ),
    "delegates": Rule(
        "delegates", "list", more="widens", why_more="Full Access to the equipment mailbox, and to no other.",
        why_less="Their Full Access to the equipment mailbox stays until somebody removes it.", folds=True,
    ),
    "one_touch_join.accounts": Rule("One-Touch Join accounts", "list", why_more=_OTJ, why_less=_OTJ, folds=True),
    "one_touch_join.client_ids": Rule("One-Touch Join applications", "list", why_more=_OTJ, why_less=_OTJ, folds=True),
    "one_touch_join.groups": Rule("One-Touch Join rooms' groups", "list", why_more=_OTJ, why_less=_OTJ, folds=True),
    "add_in.manifest": Rule("add-in's manifest", why_more="The file's name; what is in it counts.", gone=_ADD_IN_STAYS),
    "add_in.manifest_sha256": Rule(
        "add-in's manifest file (SHA-256)", gone=_ADD_IN_STAYS,
        why_more="Other bytes. Read what differs: what the add-in may do, and from where it is loaded, stands in it.",
    ),
    "add_in.hosts": Rule(
        "hosts of the add-in's code", "list", more="widens", gone=_ADD_IN_STAYS,
        why_more="Whoever runs that host has what the add-in's permission allows, in the mailbox of each of its users.",
        why_less="No code is loaded from there any more, once this version is uploaded.",
    ),
    "add_in.asks": Rule(
        "what the add-in asks for beyond its permission", "list", more="widens", gone=_ADD_IN_STAYS,
        why_more="The add-in may do more for each of its users, or by itself.",
        why_less="The add-in no longer asks for it, once this version is uploaded.",
    ),
    "add_in.mailbox_set": Rule("least version of Mailbox", why_more=_FROM_MANIFEST, gone=_ADD_IN_STAYS),
    "add_in.id": Rule(
        "add-in", more="widens", folds=True, gone=_ADD_IN_STAYS,
        why_more="Another add-in comes into Outlook, with what its manifest asks for. The one of the old ID stays.",
    ),
    "add_in.version": Rule("add-in's version", why_more=_FROM_MANIFEST, gone=_ADD_IN_STAYS),
    "add_in.provider_name": Rule(
        "add-in's publisher", gone=_ADD_IN_STAYS,
        why_more="Find out whose it is: an add-in of this ID by another publisher is a conflict, and is not touched.",
    ),
    "add_in.display_name": Rule("add-in's name", why_more=_FROM_MANIFEST, gone=_ADD_IN_STAYS),
    "add_in.permission": Rule(
        "add-in's permission", "rank", more="widens", gone=_ADD_IN_STAYS,
        order=(None, "Restricted", "ReadItem", "ReadWriteItem", "ReadWriteMailbox"),
        why_more="The add-in may do more in the mailbox of each of its users.",
        less="narrows", why_less="The add-in may do less in its users' mailboxes, once this version is uploaded.",
    ),
    "add_in.provided_to": Rule(
        "add-in provided to", "rank", more="widens", order=(None, "specific-users", "everyone"), gone=_ADD_IN_STAYS,
        why_more="More people get the add-in in Outlook.",
        less="narrows", why_less="Only named people, and those who were named before, still get the add-in.",
    ),
    "add_in.users": Rule(
        "users of the add-in", "list", more="widens", why_more="They get the add-in in Outlook.",
        why_less="No longer named, and they KEEP the add-in: the runbook takes it from nobody.", folds=True,
    ),
    "add_in.default_state": Rule(
        "add-in's default state", why_more="Whether users have it on, or may turn it off.", gone=_ADD_IN_STAYS
    ),
    "service_account.user_principal_name": Rule(
        "service account", more="widens", folds=True,
        why_more="Another account gets what the old one had. The runbook takes nothing away from the old one.",
        gone=_ACCOUNT_STAYS,
    ),
    "service_account.name": Rule("service account's name", why_more=_NAME_ONLY),
    "service_account.organizational_unit": Rule("organizational unit", why_more="Where the account is made."),
    "service_account.adopt": Rule(
        "service account has to exist", "switch", why_more="An account that is there already is used.",
        why_less="It is made where it is absent.",
    ),
    "service_account.existing": Rule(
        "deployment exists already", "switch", why_more=_STATED, why_less=_STATED
    ),
    "impersonation.scope": Rule(
        "impersonation", "rank", more="widens", order=(None, "equipment-only", "group", "organization"),
        why_more="The service account may act in more mailboxes.",
        why_less="Fewer are described. A wider assignment that is there is a conflict; the runbook removes none.",
        gone=_ROLE_STAYS,
    ),
    "impersonation.group": Rule(
        "group of the impersonation", more="widens", folds=True,
        why_more="The service account may act for the members of another group. The old assignment is not removed.",
        gone=_ROLE_STAYS,
    ),
    "impersonation.assignment": Rule("impersonation's role assignment", why_more=_NAME_ONLY),
    "impersonation.scope_name": Rule("impersonation's management scope", why_more=_NAME_ONLY),
    "authentication.methods": Rule(
        "ways to sign in", "list", more="widens", why_more="One more way to sign in to EWS may be open.",
        why_less="The runbook no longer asks for it, and never switches one off.",
    ),
    "authentication.virtual_directory": Rule(
        "EWS virtual directory", more="widens", why_more="Missing ways to sign in are switched on there.",
        gone="The runbook switches nothing on any more; what is on stays on.",
    ),
    "oauth.client_id": Rule(
        "application by which the account signs in", more="widens", folds=True,
        why_more="Another application signs in as the service account.",
        gone="The runbook never takes an application its sign-in; that is done in Entra.",
    ),
    "oauth.management_node": Rule("management node", why_more="What is typed into Pexip Infinity and Entra."),
    "accept": Rule(
        "accepted findings", "list", why_more="A finding of lint that this description declares to be right.",
        why_less="The finding is no longer accepted.",
    ),
}  # fmt: skip
"""By key. A key that is not here changes nobody's access: change records, calendar settings, the value sheet."""

_SECTIONS = {
    "change.": "The change's records.",
    "equipment.calendar.": "How the equipment mailbox answers; it gives nobody access.",
    "pexip.": "What is typed into Pexip Infinity; the runbook does not read it.",
}

STEPS_OF_SECTIONS = {
    "add_in": "add-in",
    "authentication": "account-authentication",
    "impersonation": "impersonation",
    "oauth": "account-authentication",
    "service_account": "account-mailbox",
}
"""The step that a section is for where no body of this pexgen reads its key."""


def rule_of(key: str) -> Rule:
    """Return the rule of a key."""
    if key in RULES:
        return RULES[key]
    why = next((why for prefix, why in _SECTIONS.items() if key.startswith(prefix)), "")
    return Rule(key.rpartition(".")[2].replace("_", " "), why_more=why)
