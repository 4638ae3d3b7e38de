"""PXG140: the add-in needs more of Outlook than Exchange Server offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.description import set_version
from pexgen.lint._interface import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description

_MOST = "1.5"


def _check(description: Description) -> Iterator[Finding]:
    add_in = description.add_in
    if add_in is None or description.target.platform != "exchange-server" or not add_in.mailbox_set:
        return
    if set_version(add_in.mailbox_set) > set_version(_MOST):
        yield Finding(
            "add_in.manifest",
            f"the manifest needs Mailbox {add_in.mailbox_set}, and Exchange Server offers Mailbox {_MOST} at most",
            "export a manifest for Exchange Server from Pexip Infinity, or leave add_in out; New-App refuses this one",
        )


RULE = Rule(
    "PXG140",
    "Add-in needs more than Exchange Server offers",
    "warning",
    "A manifest says under `Requirements` which version of the requirement set Mailbox it needs; `VersionOverrides` in "
    "it, also those within others, may need a higher one. Exchange Server offers Mailbox 1.1 to 1.5 (Microsoft's page "
    '"Outlook JavaScript API requirement sets"), and by field reports New-App refuses a manifest there that needs more '
    "in any of these places.",
    _check,
)
