"""Who runs it, in which session, and what to type, in which order: test plan and back-out plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pexgen.facts import MODULE_MINIMUM, MODULE_NEEDS_NEWER, POWERSHELL_MINIMUM, POWERSHELL_NEWER
from pexgen.literals import powershell_literal
from pexgen.plan.model import Action, Operator, PlannedStep

if TYPE_CHECKING:
    from pexgen.description import Description

ENVIRONMENTS = {"gcc-high": "O365USGovGCCHigh", "dod": "O365USGovDoD", "china": "O365China"}
"""What ``-ExchangeEnvironmentName`` takes, for the clouds that need it (Microsoft's reference of the cmdlet)."""

_PHASES = {"migrate": (" -Phase Prepare", " -Phase Cleanup -ConfirmCutover")}

BREAK_GLASS = "Set-OrganizationConfig -EwsEnabled $null"
"""The line that opens EWS again for everybody, within about an hour."""


def operator_of(description: Description, steps: tuple[PlannedStep, ...]) -> Operator:
    """Return who may run it and how the session is opened."""
    roles = dict.fromkeys(role for step in steps if step.asked for role in step.roles)
    return Operator(roles=tuple(roles), needs=_needs(description), connect=_connect(description))


def _needs(description: Description) -> tuple[str, ...]:
    shell = f"Windows PowerShell 5.1, or PowerShell {POWERSHELL_MINIMUM.value} or later."
    if description.target.platform == "exchange-server":
        return (
            shell,
            (
                f"The cmdlets of Exchange Server {description.target.version}: the Exchange Management Shell, or a "
                "remote session of it, and no connection to Exchange Online in the same window."
            ),
        )
    return (
        shell,
        (
            f"The module ExchangeOnlineManagement, {MODULE_MINIMUM.value} or later (Install-Module "
            f"ExchangeOnlineManagement -Scope CurrentUser). From {MODULE_NEEDS_NEWER.value} on it needs PowerShell "
            f"{POWERSHELL_NEWER.value} or later, or Windows PowerShell 5.1."
        ),
        "A new window, without a Microsoft.Graph module and without another connection to Exchange.",
    )


def _connect(description: Description) -> str:
    if description.target.platform == "exchange-server":
        return ""
    line = "Connect-ExchangeOnline -UserPrincipalName <you> -ShowBanner:$false"
    name = ENVIRONMENTS.get(description.target.environment)
    return f"{line} -ExchangeEnvironmentName {name}" if name else line


def test_plan(
    description: Description, steps: tuple[PlannedStep, ...], *, digest: str, reviewed: bool
) -> tuple[Action, ...]:
    """Return what to do before, during and after the change, each with what has to come of it."""
    script = f".\\{description.name}.ps1"
    before, phases = tuple(_before(description, script, digest)), _PHASES.get(description.method, ("",))
    if not any(step.writes for step in steps):
        return (*before, _verify(script, "", description))
    extra = "" if reviewed else " -AcceptUnreviewed"
    first, *later = phases
    apply = f"{script} -Mode Apply{first}{_password(description, steps)}{extra}"
    return (
        *before,
        Action(title="What Apply would write", line=f"{apply} -WhatIf", expect="The same list. Nothing is written."),
        _apply(apply, description),
        *_switch_later(f"{script} -Mode Apply{first}{extra}", description, steps),
        Action(
            title="Compare again",
            line=f"{script}{first}",
            expect="Ends with 0: nothing differs. With 5, something is pending or blocked, and the output says what.",
        ),
        _verify(script, first, description),
        _in_pexip(steps, migrates=bool(later)),
        *(action for phase in later for action in _cleanup(script, phase, description, extra)),
    )


def _before(description: Description, script: str, digest: str) -> Iterator[Action]:
    yield Action(
        title="Play it on a simulated Exchange, where pexgen is installed; no tenant is reached",
        line=f"pexgen rehearse {description.name}.yaml",
        expect="Everything went as expected.",
    )
    yield Action(
        title="On the machine that runs it, compare the file with this record, and only then unblock it",
        line=f"(Get-FileHash {script}).Hash -eq '{digest}'\nUnblock-File {script}",
        expect="True. Anything else is another file; do not run it.",
    )
    if description.add_in is not None:
        file = powershell_literal(f".\\{description.add_in.manifest.replace('/', chr(92))}")
        yield Action(
            title="Beside the runbook lies the add-in's manifest; compare it too",
            line=f"(Get-FileHash -LiteralPath {file}).Hash -eq '{description.add_in.manifest_sha256}'",
            expect="True. Apply uploads no other file, and refuses where it is missing.",
        )
    yield Action(
        title="Compare with Exchange; Check writes nothing. Attach its output to this record",
        line=script,
        expect=(
            "Ends with 2 and a list of what differs, which is all that Apply changes; with 0 if nothing does, and with "
            "5 if only a person can go on, which the output explains. With 4 it refuses and says why; a conflict is "
            "something of somebody else's in the place of ours."
        ),
    )


def _password(description: Description, steps: tuple[PlannedStep, ...]) -> str:
    creates = any(step.id == "account-mailbox" and step.writes for step in steps)
    if not creates or description.service_account is None:
        return ""
    name = powershell_literal(description.service_account.user_principal_name)
    return f" -PasswordOfServiceAccount (Get-Credential -UserName {name} -Message 'Service account').Password"


def _apply(line: str, description: Description) -> Action:
    return Action(
        title="Change; it asks once for each step and names all its writes. Keep the journal with this record",
        line=f"{line} -JournalPath .\\{description.name}.journal.jsonl",
        expect=(
            "Ends with 0: everything is as wanted. With 5, something is pending (run the same line again later) or "
            "blocked. With 3 it stopped in the middle; run the same line again, or go to the back-out plan."
        ),
    )


def _switch_later(apply: str, description: Description, steps: tuple[PlannedStep, ...]) -> Iterator[Action]:
    """Yield what is left to do where EWS was never switched on or off: servers know a changed list after 24 hours."""
    if not any("-EwsEnabled $true" in line for step in steps for write in step.writes for line in write.lines):
        return
    journal = f"-JournalPath .\\{description.name}.journal.jsonl"
    yield Action(
        title="Only if Apply left ews-access pending: 24 hours after the list was complete",
        line=f"{apply} -Step ews-access -EwsListInPlaceSince <that time> {journal}",
        expect="Ends with 0. The time is written as 2026-11-02T21:00:00Z.",
    )


def _verify(script: str, phase: str, description: Description) -> Action:
    return Action(
        title="Prove it",
        line=f"{script} -Mode Verify{phase} -ResultPath .\\{description.name}.verify.json",
        expect=f"{_proved(description)} With 6 something is disproved: go to the back-out plan.",
    )


def _proved(description: Description) -> str:
    """What a service account in Exchange Online has left is reported, and a report proves nothing."""
    if description.method != "service-account" or description.target.platform != "exchange-online":
        return "Ends with 0, every step is proved."
    named = description.oauth is not None and description.oauth.client_id is not None
    reported = "impersonation" if named else "impersonation and account-authentication"
    return f"Ends with 5: {reported} can only be reported (blocked), and every other step is proved."


def _in_pexip(steps: tuple[PlannedStep, ...], *, migrates: bool) -> Action:
    hours = 24 if any(step.id == "ews-access" and step.writes for step in steps) else 2
    switch = "Switch the integration in Pexip Infinity by hand, and try it" if migrates else "Try it"
    return Action(
        title=f"{switch}; what changed in Exchange acts after up to {hours} hours",
        line="",
        expect="A test user books a meeting with Pexip's add-in in Outlook, and the joining details arrive.",
    )


def _cleanup(script: str, phase: str, description: Description, extra: str) -> Iterator[Action]:
    yield Action(
        title="When Pexip Infinity has scheduled with the application for as long as you want to see it: clean up",
        line=f"{script} -Mode Apply{phase}{extra} -JournalPath .\\{description.name}.cleanup.journal.jsonl",
        expect="It proves the new way first and refuses (4) if it is not proved. Ends with 0.",
    )
    yield Action(
        title="Prove all of it",
        line=f"{script} -Mode Verify -ResultPath .\\{description.name}.verify-cleanup.json",
        expect="Ends with 0, every step is proved.",
    )


def _other_journal(description: Description) -> str:
    if description.method != "migrate":
        return ""
    return f". After Cleanup name its journal too, .\\{description.name}.cleanup.journal.jsonl, behind a comma"


def back_out(description: Description, steps: tuple[PlannedStep, ...]) -> tuple[Action, ...]:
    """Return how the change is taken back."""
    if not any(step.writes for step in steps):
        return ()
    line = f".\\{description.name}.ps1 -Mode Rollback -JournalPath .\\{description.name}.journal.jsonl"
    actions = [
        Action(
            title="See what would be taken back",
            line=f"{line} -WhatIf",
            expect="A list, last change first. Only what the journal says this runbook changed, and is still so.",
        ),
        Action(
            title=f"Take it back; it asks once for each step{_other_journal(description)}",
            line=line,
            expect=(
                "Ends with 0: everything is undone. With 5 something is kept, and the output says what and why. A "
                "mailbox that the runbook made is kept unless -RemoveCreatedMailbox is added and it is empty."
            ),
        ),
    ]
    if any(step.id == "ews-access" and step.writes for step in steps):
        actions.insert(
            0,
            Action(
                title="If EWS stops working for others: open it again for everybody, before anything else",
                line=BREAK_GLASS,
                expect="EWS works again for everybody within about an hour.",
            ),
        )
    return tuple(actions)
