"""What to do before, during and after the change, in which order, by whom, and what has to come of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from pexgen.inputs import STANDARD, shown_name
from pexgen.literals import powershell_literal
from pexgen.parameters import pascal_case
from pexgen.plan._procedure import Item, person_for
from pexgen.plan.model import Action
from pexgen.records import COMMAND_PARTS
from pexgen.words import listed

if TYPE_CHECKING:
    from pexgen.catalogue import Method
    from pexgen.description import Description
    from pexgen.plan.model import Digests, Operator, PlannedStep

DIGEST = '<digest that the approved Check printed after "Plan">'
"""The placeholder in the commands of an Apply, until a record is made with the result of a Check."""
REVIEWER, ADMINISTRATOR = "reviewer", "Exchange administrator"
NOBODY = "not stated"
_PREPARE, _PASSWORD = " -Phase Prepare", "PasswordOfServiceAccount"
# What PowerShell takes as it stands, and other shells too where no backslash is in it.
_PLAIN = re.compile(r"[\w./\\:-]+")


@dataclass(frozen=True, slots=True)
class CommandParts:
    """Parts of the commands of one deployment.

    ``phase`` is the argument of the first of two phases, nothing where there is one. ``apply`` is the whole Apply, with
    the question for a password where one is needed; ``apply_part`` is the Apply of some steps, which need none.
    ``approved`` follows either where it changes what an approved Check has listed, and ``journal`` the whole.
    """

    script: str
    apply: str
    apply_part: str
    approved: str
    journal: str
    unreviewed: str
    phase: str

    def by_name(self) -> Mapping[str, str]:
        """Return them under the names that texts for records have."""
        named = {pascal_case(each.name): getattr(self, each.name) for each in fields(self)}
        return {name: named[name] for name in COMMAND_PARTS}


def command_parts(
    description: Description, steps: tuple[PlannedStep, ...], method: Method, *, is_reviewed: bool
) -> CommandParts:
    """Return the parts of a deployment's commands; a body without a review needs a switch of its own."""
    script, account = f".\\{description.name}.ps1", description.service_account
    parameters = {each.name: each for each in method.run_parameters}
    phase = _PREPARE if "Phase" in parameters else ""
    unreviewed = "" if is_reviewed else " -AcceptUnreviewed"
    password = ""
    asking = parameters[_PASSWORD].parts if _PASSWORD in parameters else ()
    makers = {part.partition(".")[0] for part in asking}
    if account is not None and any(each.id in makers and each.writes for each in steps):
        name = powershell_literal(account.user_principal_name)
        password = f" -{_PASSWORD} (Get-Credential -UserName {name} -Message 'Service account').Password"
    return CommandParts(
        script=script,
        apply=f"{script} -Mode Apply{phase}{password}{unreviewed}",
        apply_part=f"{script} -Mode Apply{phase}{unreviewed}",
        approved=f"-ApprovedPlan {DIGEST}",
        journal=f"-JournalPath .\\{description.name}.journal.jsonl",
        unreviewed=unreviewed,
        phase=phase,
    )


@dataclass(frozen=True, slots=True)
class PlanContext:
    """What the actions are made of: description and file, planned steps, digests, operator, manual items, commands."""

    description: Description
    file: str
    steps: tuple[PlannedStep, ...]
    digests: Digests
    operator: Operator
    items: tuple[Item, ...]
    commands: CommandParts

    @property
    def name(self) -> str:
        """The deployment's name, which its files begin with."""
        return self.description.name

    @property
    def migrates(self) -> bool:
        """Whether the change has two phases."""
        return self.commands.phase != ""

    @property
    def changes(self) -> bool:
        """Whether any step may change something."""
        return any(step.writes for step in self.steps)

    def who(self, task: str) -> str:
        """Return whom the description names for a manual task, or that it names nobody."""
        return person_for(self.description, task) or NOBODY

    def manual_actions(self, when: str) -> Iterator[Action]:
        """Yield what a person does by hand at ``when``, in the order of the steps; to back out in the reverse order."""
        for item in reversed(self.items) if when == "back-out" else self.items:
            if item.when == when:
                owner = self.who(item.task) if item.task else ADMINISTRATOR
                yield Action(
                    title=item.text.removesuffix("."),
                    line=item.line,
                    expect=item.expect,
                    owner=owner,
                    takes_approval=DIGEST in item.line,
                )


def _typed(file: str) -> str:
    """Return the name of the description as an argument.

    It may have been standard input or the runbook, or have a name that nobody can type.
    """
    if file == shown_name(STANDARD) or file.casefold().endswith(".ps1") or not file.isprintable():
        return "<the approved description>"
    return file if _PLAIN.fullmatch(file) else powershell_literal(file)


def pre_checks(context: PlanContext) -> tuple[Action, ...]:
    """Return what has to be true before the change."""
    return tuple(_pre_checks(context))


def _pre_checks(context: PlanContext) -> Iterator[Action]:
    described = _typed(context.file)
    yield Action(
        title="The script is what pexgen renders from the description, and this record is about it",
        line=f"pexgen verify {context.commands.script} --description {described} --plan .\\{context.name}.plan.json",
        expect="OK. Use your own pexgen.",
        owner=REVIEWER,
    )
    yield Action(
        title="The whole change runs on a simulated Exchange; no tenant is reached",
        line=f"pexgen rehearse {context.commands.script if described.startswith('<') else described}",
        expect="Everything went as expected.",
        owner=REVIEWER,
    )
    yield from context.manual_actions("before")
    yield from _files(context)
    yield from _look(context)


def _files(context: PlanContext) -> Iterator[Action]:
    script, digest = context.commands.script, context.digests.runbook
    yield Action(
        title="On the machine that runs it, this is the approved file; only then it is unblocked",
        line=(
            f"if ((Get-FileHash {script}).Hash -eq '{digest}') {{ Unblock-File {script} }} "
            "else { 'ANOTHER FILE: do not run it' }"
        ),
        expect="No output.",
        owner=ADMINISTRATOR,
    )
    add_in = context.description.add_in
    if add_in is not None:
        file = powershell_literal(f".\\{add_in.manifest.replace('/', chr(92))}")
        yield Action(
            title="The add-in's manifest is in the script's folder, and is the approved one",
            line=f"(Get-FileHash -LiteralPath {file}).Hash -eq '{add_in.manifest_sha256}'",
            expect="True. Apply uploads no other file.",
            owner=ADMINISTRATOR,
        )


def _look(context: PlanContext) -> Iterator[Action]:
    """Yield what is read in Exchange before anybody says yes."""
    yield _connect(context)
    yield from context.manual_actions("connected")
    phase = context.commands.phase
    yield Action(
        title="Check: what differs in Exchange",
        line=f"{context.commands.script}{phase} -ResultPath .\\{context.name}.check.json",
        expect=(
            "Exit code 2 and a list of what Apply will change, for the board: pexgen plan --check puts it into this "
            "record. 0: nothing differs. 5: somebody has to act first. 4: it refuses."
        ),
        owner=ADMINISTRATOR,
    )


def _connect(context: PlanContext) -> Action:
    line = context.operator.connect
    where = "Connect, in a new PowerShell window" if line else "Open a new Exchange Management Shell"
    return Action(title=where, line=line, expect="", owner=ADMINISTRATOR)


def implementation(context: PlanContext) -> tuple[Action, ...]:
    """Return what is done in the window, in order."""
    if not context.changes:
        return ()
    return tuple(_implementation(context))


def _implementation(context: PlanContext) -> Iterator[Action]:
    commands = context.commands
    yield Action(
        title="Connected as for the pre-checks: see what Apply would write",
        line=f"{commands.apply} -WhatIf",
        expect="The same list as the approved Check.",
        owner=ADMINISTRATOR,
    )
    yield Action(
        title=f"Apply{' phase Prepare' if context.migrates else ''}",
        line=f"{commands.apply} {commands.approved} {commands.journal}",
        expect=f"{_applied(context)} {_APPROVAL}",
        owner=ADMINISTRATOR,
        takes_approval=True,
    )
    yield from context.manual_actions("between")


_APPLIED = "do what the output names, then run this line again, or back out. 4: refused, nothing changed."
_APPROVAL = "Without -ApprovedPlan: whatever differs."


def _applied(context: PlanContext) -> str:
    """Return what the first Apply ends with, and what then: a step below may be what it waits for."""
    between = [item.awaited for item in context.items if item.when == "between"]
    always = [str(number) for number, awaited in enumerate(between, 3) if awaited == "always"]
    first = f"Exit code 5 the first time, because of step {listed(always, 'and')}. " if always else ""
    left = "5 for a step below: continue there. Other 5, or 3: " if "sometimes" in between else "5, 3: "
    return f"{first}Exit code 0: done. {left}{_APPLIED}"
