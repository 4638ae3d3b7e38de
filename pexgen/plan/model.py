"""What a plan says, free of any form: a tree of frozen dataclasses, made of a description, its body and its review."""

from __future__ import annotations

from dataclasses import dataclass

EFFECTS = ("every mailbox", "irreversible", "tenant-wide", "server-wide", "widens access", "takes access away")
"""What a reviewer looks for, the gravest first: it reaches every mailbox of the organization, cannot be taken back,
concerns everybody in the tenant, or every client of one server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst:
    """The worst that a step does, in a sentence; 1 is the gravest ``rank``."""

    rank: int
    step: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One kind of call that changes something, and when it is sent.

    ``effects`` are what a reviewer looks for, some of :data:`EFFECTS`, the gravest first; ``effect`` is the first of
    them, or empty. ``lines`` are the calls in PowerShell with their values; what only a run can know is written as
    ``<...>`` in them. Where there is one call for each entry of a list, ``entries`` names them in that order.
    """

    cmdlet: str
    when: str
    effect: str
    effects: tuple[str, ...]
    lines: tuple[str, ...]
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step as this description has it; one that is not asked for, or only looks, has no writes.

    ``short`` says in a few words what it makes or changes. ``only_reported`` says that Verify can never prove it: it
    reports what is there, and the step stays ``blocked``. ``no_return`` says from where on it cannot be taken back, and
    ``stays`` what Rollback leaves although it takes the step back; both may be empty.
    """

    id: str
    title: str
    short: str
    pexip: str
    asked: bool
    risk: str
    reason: str
    effects: tuple[str, ...]
    roles: tuple[str, ...]
    requires: tuple[str, ...]
    worst: tuple[Worst, ...]
    after: str
    writes: tuple[Write, ...]
    proves: str
    takes: str
    tries_out_of_reach: bool
    only_reported: bool
    undo: str
    undo_writes: tuple[Write, ...]
    no_return: str
    stays: str
    not_checked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Who gets into whose mailbox, through what, before and after the change."""

    who: str
    through: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherEws:
    """What an application can do by EWS that nobody named, before and after, where EwsEnabled is ``enabled`` today."""

    enabled: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Part:
    """Something through which somebody gets into a mailbox: an identity, an object in Exchange, or mailboxes.

    ``id`` says what it is, in words that do not change; ``title`` and ``lines`` are for people.
    """

    id: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """How one part has to do with another: ``source`` and ``target`` are their IDs; ``denies`` if it shuts out."""

    source: str
    target: str
    words: str
    denies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that a person does: a line to type, which may be empty, and what has to come of it.

    ``owner`` says who does it: a role, or whom the description names. ``takes_approval`` says that the command has
    ``-ApprovedPlan``, with a placeholder for the digest of an approved Check.
    """

    title: str
    line: str
    expect: str
    owner: str = ""
    takes_approval: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A manual task. ``who`` is what the description says under ``change.tasks``, and empty where it says nothing.

    ``due`` is ``before``, ``between`` (the phases of a migration) or ``after`` the change.
    """

    id: str
    text: str
    due: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """How one step goes back, and with which lines where there is no journal; in the order in which they are sent."""

    step: str
    text: str
    by_hand: tuple[Write, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFinding:
    """A finding about the description; ``reason`` is why it was accepted, and empty where it is open.

    ``severity`` is ``error``, ``warning`` or ``note``.
    """

    code: str
    severity: str
    message: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDifferences:
    """What a Check found of one step: property, what is there, what is wanted; ``detail`` is what it said beside it."""

    step: str
    state: str
    changes: tuple[tuple[str, str, str], ...]
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSummary:
    """What a Check of the tenant found, by whom and when; ``in_place`` are the steps of which nothing differs."""

    file: str
    digest: str
    plan_digest: str
    read_by: str
    read_at: str
    found: tuple[StepDifferences, ...]
    in_place: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyApplied:
    """The organization's own rules beside the description, and what they decided, in words."""

    file: str
    digest: str
    decided: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review of the body by the pexgen project."""

    by: str
    date: str
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """SHA-256 of the runbook, of its body, of the description and of the add-in's manifest, in hexadecimal digits.

    ``manifest`` is empty where the description has no add-in.
    """

    runbook: str
    body: str
    description: str
    manifest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """What the change-control form asks for; empty where the description does not say."""

    ticket: str
    title: str
    requester: str
    window: str
    justification: str
    affected_services: str
    outage: str
    duration: str
    communication: str
    member_owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who runs it and in what: Exchange roles, programs, and the line that opens the session."""

    roles: tuple[str, ...]
    needs: tuple[str, ...]
    connect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A change record: what a runbook is going to do, to be read before it is run.

    ``runbook``, ``description`` and ``manifest`` are names of files; ``manifest`` is that of the add-in, and may be
    empty. ``no_return`` says from where on the change cannot be taken back, or that there is no such point.
    """

    name: str
    runbook: str
    description: str
    manifest: str
    pexgen: str
    method: str
    platform: str
    title: str
    target: str
    environment: str
    purpose: str
    change: ChangeRequest
    reach: tuple[Reach, ...]
    other_ews: tuple[OtherEws, ...]
    parts: tuple[Part, ...]
    links: tuple[Link, ...]
    out_of_reach: tuple[str, ...]
    operator: Operator
    steps: tuple[PlannedStep, ...]
    checked: CheckSummary | None
    worst: tuple[Worst, ...]
    dates: tuple[str, ...]
    facts_as_of: str
    not_stated: tuple[str, ...]
    pre_checks: tuple[Action, ...]
    implementation: tuple[Action, ...]
    tests: tuple[Action, ...]
    no_return: str
    back_out: tuple[Action, ...]
    undo: tuple[Undo, ...]
    never: str
    tasks: tuple[Task, ...]
    findings: tuple[RecordedFinding, ...]
    policy: PolicyApplied | None
    review: Review | None
    digests: Digests

    @property
    def changing(self) -> tuple[PlannedStep, ...]:
        """The steps that may change something."""
        return tuple(step for step in self.steps if step.writes)
