"""The simulated Exchange, Online and Server: its cmdlets as PowerShell modules, and the organizations that it holds.

An organization is a tenant file, JSON, that the modules read and change at each call. Nothing here reaches a real one:
the simulated connection lies under ``.invalid``.
"""

from pathlib import Path

from pexgen.simulation.objects import user
from pexgen.simulation.shape import shape_problems
from pexgen.simulation.tenants import drifted, fresh, without_bookkeeping

FOLDER = Path(__file__).resolve().parent
"""Where the modules are, with the signatures that they bind with beside them."""
MODULE = FOLDER / "modules" / "ExchangeOnlineManagement"
"""The folder of the simulated ExchangeOnlineManagement module."""
MANIFEST = MODULE / f"{MODULE.name}.psd1"
"""The manifest by which PowerShell imports that module."""
SERVER_SHELL = FOLDER / "modules" / "ExchangeServer" / "connect.ps1"
"""The script that makes a session an Exchange Management Shell."""

__all__ = [
    "FOLDER",
    "MANIFEST",
    "MODULE",
    "SERVER_SHELL",
    "drifted",
    "fresh",
    "shape_problems",
    "user",
    "without_bookkeeping",
]
