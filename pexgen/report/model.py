"""What a closing record says, free of any form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One run: what it was, when and as whom, how it ended."""

    mode: str
    phase: str
    started: str
    finished: str
    operator: str
    host: str
    versions: str
    exit_code: int
    meaning: str
    refusal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutcome:
    """One step: what was planned for it, what became of it, from which to which value, and who said yes to it."""

    step: str
    title: str
    planned: str
    state: str
    changes: tuple[tuple[str, str, str], ...]
    consent: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofOutcome:
    """One proof of Verify."""

    step: str
    target: str
    expected: str
    actual: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyCheck:
    """Two digests or names that have to be one: ``agrees`` is None where there is nothing to compare with."""

    what: str
    found: tuple[str, ...]
    agrees: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A closing record. ``is_closed`` says that everything is done and proved and nothing of the runbook's is open.

    ``reported`` is what Verify says of steps that it can never prove; ``window`` is what the change record names.
    """

    name: str
    ticket: str
    title: str
    tenant: str
    is_closed: bool
    verdict: str
    open_ends: tuple[str, ...]
    reported: tuple[str, ...]
    window: str
    by_hand: tuple[str, ...]
    runs: tuple[RunSummary, ...]
    done: tuple[StepOutcome, ...]
    proofs: tuple[ProofOutcome, ...]
    compared: tuple[ConsistencyCheck, ...]
    not_checked: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
