"""The consoles of simulated organizations are fixtures here."""

from support.simulated import console, deployed, shell

__all__ = ["console", "deployed", "shell"]
