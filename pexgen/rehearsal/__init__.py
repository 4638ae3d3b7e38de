"""The simulated Exchange, Online and Server, and the PowerShell engine that plays runbooks on it.

Nothing here reaches a tenant: the engine is a process of its own, without profile, that finds no module but the
simulated one, and whose connection lies under ``.invalid``.
"""

from pexgen.rehearsal.engine import Engine, find_engine
from pexgen.rehearsal.objects import connection, user
from pexgen.rehearsal.online import without_impersonation
from pexgen.rehearsal.records import Call, EngineError, NoEngineError, Result, RunbookError
from pexgen.rehearsal.tenants import drifted, fresh, shape_problems, without_bookkeeping

__all__ = [
    "Call",
    "Engine",
    "EngineError",
    "NoEngineError",
    "Result",
    "RunbookError",
    "connection",
    "drifted",
    "find_engine",
    "fresh",
    "shape_problems",
    "user",
    "without_bookkeeping",
    "without_impersonation",
]
