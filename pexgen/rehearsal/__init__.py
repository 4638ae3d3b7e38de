"""The PowerShell engine that plays runbooks on the simulated Exchange, and the rehearsals that are made of such runs.

The engine is a process of its own, without profile, that finds no module but the simulated one.
"""

from pexgen.rehearsal.engine import Engine, find_engine
from pexgen.rehearsal.runs import Call, EngineError, NoEngineError, Result, RunbookError

__all__ = ["Call", "Engine", "EngineError", "NoEngineError", "Result", "RunbookError", "find_engine"]
