"""The method of what was found: where that is both ways of getting at the mailboxes, a person says which."""

from __future__ import annotations

from pexgen.discovery._choose import Decisions
from pexgen.discovery._document import Discovered
from pexgen.discovery._screen import alike, shown
from pexgen.errors import InputError, Problem, UndecidedError, UsageError
from pexgen.words import listed

ONLINE = "exchange-online"
"""The platform that is not Exchange Server."""

_METHODS = {ONLINE: ("app-permissions", "service-account"), "exchange-server": ("service-account",)}
_WAYS = {"applications": "app-permissions", "impersonations": "service-account"}


def method_of(discovery: Discovered, decisions: Decisions) -> str:
    """Return the method to describe.

    Raises :class:`UndecidedError` where a person has to say it, :class:`UsageError` for one that was said and does not
    fit, and :class:`InputError` where the file names no platform that there is.
    """
    platform = discovery.text("platform")
    if platform not in _METHODS:
        message = f"platform {shown(platform)} does not exist" if platform else "it names no platform"
        problem = Problem("PXG096", message, discovery.file, hint=f"platforms are {', '.join(_METHODS)}")
        raise InputError((problem,))
    if decisions.method:
        if decisions.method not in _METHODS[platform]:
            known = ", ".join(_METHODS[platform])
            message = f"what was found on {platform} does not become method {decisions.method}"
            raise UsageError(message, f"methods are {known}")
        return decisions.method
    if platform != ONLINE:
        return "service-account"
    return _online(discovery, discovery.one("found"), decisions.assignment)


def _online(discovery: Discovered, found: Discovered, assignment: str) -> str:
    looked = [key for key in _WAYS if found.has(key)]
    unread = [key for key in (*looked, "accounts") if found.has(key) and found.rows(key) is None]
    if unread or not looked:
        message = f"{listed(unread or _WAYS, 'and')} could not be read, and may hold what is looked for"
        raise UndecidedError(message, "run the discovery with other roles, or give it with --method METHOD")
    if len(looked) == 1:
        return _WAYS[looked[0]]
    names = {key: [row.text("assignment") for row in found.rows(key) or ()] for key in looked}
    named = {key for key in looked if assignment and any(alike(assignment, name) for name in names[key])}
    if len(named) == 1:
        return _WAYS[named.pop()]
    accounts = sorted(row.text("userPrincipalName") for row in found.rows("accounts") or ())
    accounts = accounts or [discovery.option("serviceAccount")]
    theirs = [*names["impersonations"], *(account for account in accounts if account)]
    if names["applications"] and theirs:
        message = f"applications hold a role ({', '.join(names['applications'])}), and there are accounts as well"
        hint = "choose one with --assignment NAME or --method METHOD"
        raise UndecidedError(f"{message} ({', '.join(theirs)})", hint)
    is_application = names["applications"] or (discovery.option("clientId") and not theirs)
    return "app-permissions" if is_application else "service-account"
