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
NOBODY = "not stated"
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
        """Return whom the description names for a manual task, or that it names nobody."""
        return next((each.who for each in self.tasks if each.id == task and each.who), NOBODY)

    @property
    def existing_group(self) -> str:
        """The address of a group whose members come into reach and which this change does not fill; or nothing."""
        group, impersonation = self.description.scheduling_group, self.description.impersonation
        if group is not None:
            return group.address if group.adopt else ""
        on_server = self.description.target.platform == "exchange-server"
        return (on_server and impersonation and impersonation.group) or ""

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
    described = deployment.file if not deployment.file.endswith(".ps1") else "<the approved description>"
    yield Action(
        title="The script is what pexgen makes from the description, and this record is about it",
        line=f"pexgen verify {deployment.script} --description {described} --plan .\\{deployment.name}.plan.json",
        expect="OK. Use your own pexgen.",
        owner=REVIEWER,
    )
    yield Action(
        title="The whole change runs on a simulated Exchange; no tenant is reached",
        line=f"pexgen rehearse {deployment.file}",
        expect="Everything went as expected.",
        owner=REVIEWER,
    )
    for task in deployment.tasks:
        if task.due == "before":
            yield Action(title=task.text.removesuffix("."), line="", expect="", owner=task.who or NOBODY)
    yield from _files(deployment)
    yield from _look(deployment)


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
            title="The add-in's manifest lies beside the script, and is the approved one",
            line=f"(Get-FileHash -LiteralPath {file}).Hash -eq '{add_in.manifest_sha256}'",
            expect="True. Apply uploads no other file.",
            owner=ADMINISTRATOR,
        )


def _look(deployment: Deployment) -> Iterator[Action]:
    """Yield what is read in Exchange before anybody says yes."""
    yield _connect(deployment)
    if deployment.existing_group:
        group = powershell_literal(deployment.existing_group)
        yield Action(
            title="Who comes into reach: the members of the group that exists",
            line=f"(Get-DistributionGroupMember -Identity {group} -ResultSize Unlimited).PrimarySmtpAddress",
            expect="The list, for whoever approves this change.",
            owner=ADMINISTRATOR,
        )
    phase = PREPARE if deployment.migrates else ""
    yield Action(
        title="Check: what differs in Exchange",
        line=f"{deployment.script}{phase} -ResultPath .\\{deployment.name}.check.json",
        expect=(
            "Exit code 2 and a list of what Apply will change. Attach it before the board decides: pexgen plan --check "
            "puts it into this record. 0: nothing differs. 5: a person has to act first. 4: it refuses."
        ),
        owner=ADMINISTRATOR,
    )


def _connect(deployment: Deployment) -> Action:
    line = deployment.operator.connect
    where = "Connect, in a new PowerShell window" if line else "Open a new Exchange Management Shell"
    return Action(title=where, line=line, expect="", owner=ADMINISTRATOR)


def implementation(deployment: Deployment) -> tuple[Action, ...]:
    """Return what is done in the window, in order."""
    if not deployment.changes:
        return ()
    return tuple(_implementation(deployment))


def _implementation(deployment: Deployment) -> Iterator[Action]:
    phase = PREPARE if deployment.migrates else ""
    yield _what_if(deployment, phase)
    yield Action(
        title="Apply phase Prepare" if phase else "Apply",
        line=f"{deployment.apply(phase)} -ApprovedPlan {DIGEST} {deployment.journal}",
        expect=f"{_first_time(deployment)}{_APPLIED} {_APPROVAL}",
        owner=ADMINISTRATOR,
        takes_approval=True,
    )
    yield from _second_pass(deployment)
    yield from _switch_later(deployment, phase)
    if deployment.migrates:
        yield from _cutover(deployment)


_APPLIED = (
    "Exit code 0: done. 5: the output says what is missing, time or a person. 3: stopped midway; mend what the output "
    "names and run this line again, or back out. 4: refused, nothing changed."
)
DIGEST = '<digest that the approved Check printed after "Plan">'
"""The placeholder in the Apply command, until a record is made with the result of a Check."""
_APPROVAL = "Without -ApprovedPlan it takes whatever differs then."


def _first_time(deployment: Deployment) -> str:
    """What the first run ends with where a group is not the runbook's: it cannot prove what a person does after it."""
    if any(task.due == "between" and task.id == "group" for task in deployment.tasks):
        return "Exit code 5 the first time, because of step 3. "
    return ""


def _what_if(deployment: Deployment, phase: str) -> Action:
    return Action(
        title=(
            "On the day of Cleanup, connected the same way: see what phase Cleanup would write"
            if phase == CLEANUP
            else "Connected as for the pre-checks: see what Apply would write"
        ),
        line=f"{deployment.apply(phase)} -WhatIf",
        expect="The same list as the approved Check. Nothing is written."
        if phase != CLEANUP
        else "Nothing is written.",
        owner=ADMINISTRATOR,
    )


def _second_pass(deployment: Deployment) -> Iterator[Action]:
    """Yield what is left where a group is not the runbook's and the equipment mailbox has to be put into it."""
    for task in deployment.tasks:
        if task.id == "group" and task.due == "between":
            yield Action(
                title=task.text.removesuffix("."),
                line=f"{deployment.apply('')} {deployment.journal}",
                expect="Exit code 0.",
                owner=task.who or NOBODY,
            )


def _switch_later(deployment: Deployment, phase: str) -> Iterator[Action]:
    """Yield what is left to do where EWS was never switched on or off: servers know a changed list after 24 hours."""
    lines = (line for step in deployment.steps for write in step.writes for line in write.lines)
    if not any("-EwsEnabled $true" in line for line in lines):
        return
    again = f"{deployment.script} -Mode Apply{phase}{deployment.unreviewed} -Step ews-access"
    yield Action(
        title=(
            "Only if ews-access is pending (EwsEnabled was not set): 24 hours or more after the list was written, in a "
            "window of its own. HERE every application not on the list loses EWS"
        ),
        line=f"{again} -EwsListInPlaceSince <when the list was written> {deployment.journal}",
        expect="Exit code 0.",
        owner=ADMINISTRATOR,
    )


def _cutover(deployment: Deployment) -> Iterator[Action]:
    yield Action(
        title="When Tests 1 and 2 have passed: switch the integration in Pexip Infinity to the application",
        line="",
        expect="A test user's booking with Pexip's add-in gets its joining details.",
        owner=deployment.who("pexip_infinity"),
    )
    yield _what_if(deployment, CLEANUP)
    yield Action(
        title=(
            "POINT OF NO RETURN. When meetings booked after the switch got their joining details, and the requester "
            "agrees: clean up"
        ),
        line=f"{deployment.apply(CLEANUP)} -JournalPath .\\{deployment.name}.cleanup.journal.jsonl",
        expect="Exit code 0. It proves the new way first, or refuses (4).",
        owner=ADMINISTRATOR,
    )
