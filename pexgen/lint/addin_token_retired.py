"""PXG122: the add-in would use tokens that Exchange Online no longer gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pexgen.lint._interface import Finding, Rule
from pexgen.vendor_facts import EXCHANGE_TOKENS_OFF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.description import Description

_RETIRED = "EXCHANGE_USER_ID_TOKEN"
_HINT = "take NAA_TOKEN, or SSO_TOKEN where an Outlook client is Office LTSC 2021"


def _check(description: Description) -> Iterator[Finding]:
    if description.pexip is None or description.target.platform != "exchange-online":
        return
    method = description.pexip.addin_authentication_method
    if method == _RETIRED:
        yield Finding(
            "pexip.addin_authentication_method",
            f"the add-in cannot authenticate with {_RETIRED}: Exchange Online no longer gives these tokens",
            _HINT,
        )
    # An integration that exists already has a method, which only Pexip Infinity knows.
    if method is None and description.method == "app-permissions":
        yield Finding(
            "pexip",
            f"without `addin_authentication_method` Pexip Infinity takes {_RETIRED}, which cannot work here",
            _HINT,
            "warning",
        )


RULE = Rule(
    "PXG122",
    "Add-in tokens that Exchange Online no longer gives",
    "error",
    f"`{_RETIRED}` is Pexip Infinity's default for `pexip.addin_authentication_method`, and right on "
    f"Exchange Server. {EXCHANGE_TOKENS_OFF.text} ({EXCHANGE_TOKENS_OFF.source}), so that with it, or with the key "
    "left out, users of Microsoft 365 cannot use the add-in. Pexip recommends `NAA_TOKEN`; `SSO_TOKEN` is needed where "
    "an Outlook client is Office LTSC 2021. A `pexip` section without the key is a warning.",
    _check,
)
