"""What to do before, during and after the change, in which order, by whom, and what has to come of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pexgen.literals import powershell_literal
from pexgen.plan.model import Action

if TYPE_CHECKING:
    from pexgen.description import Description
    from pexgen.plan.model import Digests, Operator, PlannedStep, Task

REVIEWER, ADMINISTRATOR = "reviewer", "Exchange administrator"
PREPARE, CLEANUP = " -Phase Prepare", " -Phase Cleanup -ConfirmCutover"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the lines are made of: the description and its file, the steps as planned, digests, manual tasks."""

    description: Description
    file: str
    steps: tuple[PlannedStep, ...]
    digests: Digests
    operator: Operator
    tasks: tuple[Task, ...]
    is_reviewed: bool

    @property
    def name(self) -> str:
        """The deployment's name, which its files begin with."""
        return self.description.name

    @property
    def script(self) -> str:
        """How the runbook is called."""
        return f".\\{self.name}.ps1"

    @property
    def migrates(self) -> bool:
        """Whether the change has two phases."""
        return self.description.method == "migrate"

    @property
    def changes(self) -> bool:
        """Whether any step may change something."""
        return any(step.writes for step in self.steps)

    @property
    def journal(self) -> str:
        """The parameter that names the journal."""
        return f"-JournalPath .\\{self.name}.journal.jsonl"

    @property
    def unreviewed(self) -> str:
        """The switch that a body without a review needs."""
        return "" if self.is_reviewed else " -AcceptUnreviewed"

    def has(self, step: str) -> bool:
        """Whether this step may change something."""
        return any(each.id == step and each.writes for each in self.steps)

    def apply(self, phase: str) -> str:
        """Return the line that applies a phase, without its journal; ``phase`` is empty outside a migration."""
        return f"{self.script} -Mode Apply{phase}{self._password() if phase != CLEANUP else ''}{self.unreviewed}"

    def who(self, task: str) -> str:
        """Return whom the description names for a manual task."""
        return next((each.who for each in self.tasks if each.id == task and each.who), "")

    def _password(self) -> str:
        account = self.description.service_account
        if account is None or not self.has("account-mailbox"):
            return ""
        name = powershell_literal(account.user_principal_name)
        return f" -PasswordOfServiceAccount (Get-Credential -UserName {name} -Message 'Service account').Password"


def pre_checks(deployment: Deployment) -> tuple[Action, ...]:
    """Return what has to be true before the change."""
    return tuple(_pre_checks(deployment))


def _pre_checks(deployment: Deployment) -> Iterator[Action]:
    yield Action(
        title="The script is exactly what pexgen makes from this description",
        line=f"pexgen verify {deployment.script} --description {deployment.file} --plan .\\{deployment.name}.plan.json",
        expect="OK: every byte is what this description gives, and this record is about this file.",
        owner=REVIEWER,
    )
    yield Action(
        title="It runs on a simulated Exchange; no tenant is reached",
        line=f"pexgen rehearse {deployment.file}",
        expect="Everything went as expected.",
        owner=REVIEWER,
    )
    if deployment.has("ews-access"):
        yield Action(
            title="Who uses EWS today is known: every application that must keep working is listed under ews.keep",
            line="",
            expect="pexgen ews-usage reads the exported report.",
            owner=deployment.who("usage_report") or "not stated",
        )
    yield from _files(deployment)
    phase = PREPARE if deployment.migrates else ""
    yield Action(
        title="What differs in Exchange, read and not changed",
        line=f"{deployment.script}{phase} -ResultPath .\\{deployment.name}.check.json",
        expect=(
            "Ends with 2 and lists what Apply will change, with the numbers that this record cannot know. 0: nothing "
            "differs. 5: a person has to act first. 4: it refuses. Attach the output."
        ),
        owner=ADMINISTRATOR,
    )


def _files(deployment: Deployment) -> Iterator[Action]:
    script, digest = deployment.script, deployment.digests.runbook
    yield Action(
        title="On the machine that runs it, this is the approved file; only then it is unblocked",
        line=(
            f"if ((Get-FileHash {script}).Hash -eq '{digest}') {{ Unblock-File {script} }}\n"
            "else { 'ANOTHER FILE: do not run it' }"
        ),
        expect="No output.",
        owner=ADMINISTRATOR,
    )
    add_in = deployment.description.add_in
    if add_in is not None:
        file = powershell_literal(f".\\{add_in.manifest.replace('/', chr(92))}")
        yield Action(
            title="The add-in's manifest lies beside the runbook, and is the approved one",
            line=f"(Get-FileHash -LiteralPath {file}).Hash -eq '{add_in.manifest_sha256}'",
            expect="True. Apply uploads no other file.",
            owner=ADMINISTRATOR,
        )


def implementation(deployment: Deployment) -> tuple[Action, ...]:
    """Return what is done in the window, in order."""
    if not deployment.changes:
        return ()
    return tuple(_implementation(deployment))


def _implementation(deployment: Deployment) -> Iterator[Action]:
    if deployment.operator.connect:
        yield Action(title="Connect, in a new window", line=deployment.operator.connect, expect="", owner=ADMINISTRATOR)
    phase = PREPARE if deployment.migrates else ""
    yield _what_if(deployment, phase)
    yield Action(
        title=f"{'Change: phase Prepare' if phase else 'Change'}; it asks before each step. Keep the journal",
        line=f"{deployment.apply(phase)} {deployment.journal}",
        expect=f"{_APPLIED} With -ApprovedPlan <the digest that the approved Check printed> it refuses anything else.",
        owner=ADMINISTRATOR,
    )
    yield from _second_pass(deployment)
    yield from _switch_later(deployment, phase)
    if deployment.migrates:
        yield from _cutover(deployment)


_APPLIED = (
    "Exit code 0: done. 5: not finished; the output says whether to run it again later or what a person must do. 3: it "
    "stopped; run it again, or back out."
)


def _what_if(deployment: Deployment, phase: str) -> Action:
    return Action(
        title=f"See what {'phase Cleanup' if phase == CLEANUP else 'Apply'} would write",
        line=f"{deployment.apply(phase)} -WhatIf",
        expect="The same list as the approved Check. Nothing is written." if phase != CLEANUP else "",
        owner=ADMINISTRATOR,
    )


def _second_pass(deployment: Deployment) -> Iterator[Action]:
    """Yield what is left where a group is not the runbook's and the equipment mailbox has to be put into it."""
    group = [task for task in deployment.tasks if task.id == "group" and task.due == "between"]
    for task in group:
        yield Action(
            title=f"Put {deployment.description.equipment.address} into the group, then the same line again",
            line=f"{deployment.apply('')} {deployment.journal}",
            expect="Ends with 0.",
            owner=task.who or "not stated",
        )


def _switch_later(deployment: Deployment, phase: str) -> Iterator[Action]:
    """Yield what is left to do where EWS was never switched on or off: servers know a changed list after 24 hours."""
    lines = (line for step in deployment.steps for write in step.writes for line in write.lines)
    if not any("-EwsEnabled $true" in line for line in lines):
        return
    again = f"{deployment.script} -Mode Apply{phase}{deployment.unreviewed} -Step ews-access"
    yield Action(
        title="Only if the output says that ews-access is pending: wait 24 hours, then",
        line=f"{again} -EwsListInPlaceSince <that time> {deployment.journal}",
        expect="Ends with 0.",
        owner=ADMINISTRATOR,
    )


def _cutover(deployment: Deployment) -> Iterator[Action]:
    yield Action(
        title="Verify phase Prepare (tests, below), then switch the integration in Pexip Infinity to the application",
        line="",
        expect="A test user books a meeting with Pexip's add-in, and the joining details arrive.",
        owner=deployment.who("pexip_infinity") or "not stated",
    )
    yield _what_if(deployment, CLEANUP)
    yield Action(
        title="POINT OF NO RETURN. When Pexip Infinity has scheduled with the application for long enough: clean up",
        line=f"{deployment.apply(CLEANUP)} -JournalPath .\\{deployment.name}.cleanup.journal.jsonl",
        expect="It proves the new way first, and refuses (4) if that is not proved. Ends with 0.",
        owner=ADMINISTRATOR,
    )


def tests(deployment: Deployment) -> tuple[Action, ...]:
    """Return how it is seen that the change did what it should."""
    return tuple(_tests(deployment))


def _tests(deployment: Deployment) -> Iterator[Action]:
    phase = PREPARE if deployment.migrates else ""
    after = "After phase Prepare: " if phase else ""
    if deployment.changes:
        yield Action(
            title=f"{after}Compare again",
            line=f"{deployment.script}{phase}",
            expect="Ends with 0: nothing differs. With 5 the output says what is pending or blocked.",
            owner=ADMINISTRATOR,
        )
    yield Action(
        title=f"{after}Prove it",
        line=f"{deployment.script} -Mode Verify{phase} -ResultPath .\\{deployment.name}.verify.json",
        expect=f"{_proved(deployment)} With 6 something is disproved: back out.",
        owner=ADMINISTRATOR,
    )
    if deployment.changes and not deployment.migrates:
        hours = 24 if deployment.has("ews-access") else 2
        yield Action(
            title=f"A test user books a meeting with Pexip's add-in in Outlook; changes may take {hours} hours to work",
            line="",
            expect="The joining details arrive.",
            owner=deployment.who("pexip_infinity") or "not stated",
        )
    if deployment.migrates:
        yield Action(
            title="After phase Cleanup: prove all of it",
            line=f"{deployment.script} -Mode Verify -ResultPath .\\{deployment.name}.verify-cleanup.json",
            expect="Ends with 0, every step is proved.",
            owner=ADMINISTRATOR,
        )


def _proved(deployment: Deployment) -> str:
    """What a service account in Exchange Online has left is reported, and a report proves nothing."""
    description = deployment.description
    if description.method != "service-account" or description.target.platform != "exchange-online":
        return "Ends with 0, every step is proved."
    named = description.oauth is not None and description.oauth.client_id is not None
    reported = "impersonation" if named else "impersonation and account-authentication"
    return f"Ends with 5: {reported} can only be reported (blocked), and every other step is proved."
