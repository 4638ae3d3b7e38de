"""Deployments that are there and that nobody described: the script that looks, and the description of what it found."""

from pexgen.discovery._choose import Decisions
from pexgen.discovery._describe import describe
from pexgen.discovery._document import Discovered, load_discovery, read_discovery
from pexgen.discovery._equipment import calendar_settings
from pexgen.discovery._script import PLATFORMS, assemble_discovery, discovery_bodies, discovery_script

__all__ = [
    "PLATFORMS",
    "Decisions",
    "Discovered",
    "assemble_discovery",
    "calendar_settings",
    "describe",
    "discovery_bodies",
    "discovery_script",
    "load_discovery",
    "read_discovery",
]
