"""Which defaults of a session reach a parameter of the runbook, so that they look as if typed (engine/00-language)."""

from __future__ import annotations

from typing import Any

from support.functions import Functions

BEFORE = """
function Invoke-It {
    [CmdletBinding(SupportsShouldProcess)]
    param([Alias('How')] [string] $Mode, [switch] $AcceptUnreviewed, [string] $Path)
}
$It = Get-Command -Name Invoke-It
function Reach { param([string] $Key) Get-DefaultTarget $Key -Command $It -Name 'run.ps1', 'C:\\x\\run.ps1' }
"""
REACHED: dict[str, Any] = {
    "Reach 'run.ps1:Mode'": "Mode",
    "Reach 'RUN.PS1:mode'": "Mode",
    "Reach 'run.ps1:How'": "Mode",
    # -Confirm would look like consent.
    "Reach 'run.ps1:Confirm'": "Confirm",
    "Reach '*:Confirm'": "Confirm",
    "Reach 'r*:Conf*'": "Confirm",
    "@('Mode', 'AcceptUnreviewed', 'Confirm', 'WhatIf', 'Verbose' | Where-Object { (Reach '*:*') -ccontains $_ })": (
        ["Mode", "AcceptUnreviewed", "Confirm"]
    ),
    "Reach 'run.ps[0-9]:Accept?nreviewed'": "AcceptUnreviewed",
    # In quotes, with blanks, and with the colon of a drive.
    "Reach '\"run.ps1\" : ''Confirm'''": "Confirm",
    "Reach ('{0}run.ps1{1}:Confirm' -f [char] 0x2018, [char] 0x2019)": "Confirm",
    "Reach 'C:\\x\\run.ps1:Confirm'": "Confirm",
    # What only makes a run more careful or more talkative is nobody's concern, nor what is for another command.
    "Reach 'run.ps1:WhatIf'": [],
    "Reach '*:Verbose'": [],
    "Reach '*:ErrorAction'": [],
    "Reach 'Get-*:Confirm'": [],
    "Reach 'other.ps1:Mode'": [],
    "Reach 'run.ps1:Nothing'": [],
    "Reach 'run.ps1'": [],
    # No pattern at all matches nothing.
    "Reach '[:Confirm'": [],
    "Reach '*:[a'": [],
}


def test_a_default_reaches_a_parameter_in_each_way_in_which_its_key_can_be_written(functions: Functions) -> None:
    assert functions.values(*REACHED, before=BEFORE) == REACHED


def test_letters_of_a_key_mean_the_same_in_a_turkish_session(functions: Functions) -> None:
    before = BEFORE + "[Threading.Thread]::CurrentThread.CurrentCulture = [cultureinfo] 'tr-TR'\n"
    wanted = {
        "Reach 'run.ps1:CONFIRM'": "Confirm",
        "Reach 'run.ps1:WHATIF'": [],
        "Test-Wildcard 'Confirm' 'CONFIRM'": True,
    }
    assert functions.values(*wanted, before=before) == wanted
