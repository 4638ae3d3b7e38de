"""Reviewed PowerShell runbooks for Pexip VMR Scheduling for Exchange, from one YAML description."""

__version__ = "0.1.0"
