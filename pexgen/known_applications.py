"""Applications of Microsoft and Apple whose client ID is the same in every organization, with a source for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class KnownApplication(NamedTuple):
    """An application's name, and who says so."""

    name: str
    source: str


_TEAMS_PAGE = "Microsoft, single sign-on for tabs in Teams: client IDs of Microsoft 365 applications"
_LISTED = "Microsoft's own applications, list of the project merill/microsoft-info; CyberDrain CIPP, EWSAllowedAppIds"

KNOWN: Mapping[str, KnownApplication] = {
    "d3590ed6-52b3-4102-aeff-aad2292ab01c": KnownApplication("Microsoft Office", _TEAMS_PAGE),
    "1fec8e78-bce4-4aaf-ab1b-5451cc387264": KnownApplication("Microsoft Teams", _TEAMS_PAGE),
    "5e3ce6c0-2b1f-4285-8d4b-75ee78787346": KnownApplication("Microsoft Teams web client", _TEAMS_PAGE),
    "27922004-5251-4030-b22d-91ecd9a37ea4": KnownApplication("Outlook mobile", _TEAMS_PAGE),
    "bc59ab01-8403-45c6-8796-ac3ef710b3e3": KnownApplication("Outlook on the web", _TEAMS_PAGE),
    "00000002-0000-0ff1-ce00-000000000000": KnownApplication("Office 365 Exchange Online", _TEAMS_PAGE),
    "a672d62c-fc7b-4e81-a576-e60dc46e951d": KnownApplication("Microsoft Power Query for Excel", _LISTED),
    "b52893c8-bc2e-47fc-918b-77022b299bbc": KnownApplication("Microsoft Power BI", _LISTED),
    "f8d98a96-0999-43f5-8af3-69971c7bb423": KnownApplication("Apple mail and calendar (iOS Accounts)", _LISTED),
}
"""By client ID in lower case. Microsoft publishes no list of what of it uses EWS."""
