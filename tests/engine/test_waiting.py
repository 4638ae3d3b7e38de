"""How long and how often a step waits, and what is said meanwhile (engine/16-waiting)."""

from __future__ import annotations

from typing import Any

from support.function_cases import RECORDED
from support.functions import Functions

PAUSES: dict[str, Any] = {
    "Get-Pauses 0": [],
    "Get-Pauses 1": 1,
    "Get-Pauses 5": [2, 3],
    "Get-Pauses 12": [2, 3, 5, 2],
    "Get-Pauses 100": [2, 3, 5, 10, 20, 30, 30],
    "@(Get-Pauses 86400).Count": 2884,
    "(Get-Pauses 86400 | Measure-Object -Sum).Sum": 86400,
}


def test_the_pauses_of_a_step_add_up_to_its_time(functions: Functions) -> None:
    before = "function Get-Pauses { param([int] $Seconds) $Run.WaitSeconds = $Seconds; (Get-Pause).ToArray() }"
    assert functions.values(*PAUSES, before=before) == PAUSES


def test_a_wait_is_said_with_its_end_and_none_is_left_when_the_time_is_used_up(functions: Functions) -> None:
    before = RECORDED + "$Run.WaitSeconds = 9; $Run.Pauses = Get-Pause"
    wanted: dict[str, Any] = {
        "1..5 | ForEach-Object { Wait-Moment 'it' }": [True, True, True, False, False],
        "@($Recorded.Slept)": [2, 3, 4],
        "@($Recorded.Said)": [
            "    Waiting 2 s for it, then 7 s more at most",
            "    Waiting 3 s for it, then 4 s more at most",
            "    Waiting 4 s for it, then 0 s more at most",
        ],
    }
    assert functions.values(*wanted, before=before) == wanted


def test_a_row_of_calls_is_told_of_every_ten_seconds_and_a_short_one_never(functions: Functions) -> None:
    before = (
        RECORDED
        + """
    function Pace {
        # A row in which each call takes so many seconds.
        param([int] $Total, [double] $Each, [bool] $Sends)
        Clear-Recorded
        $pace = Get-Pace $Total -What 'looked at' -Sends $Sends
        for ($n = 1; $n -le $Total; $n++) {
            $pace.Watch = @{ Elapsed = [timespan]::FromSeconds($n * $Each) }
            Write-Pace $pace
        }
        , @($Recorded.Said | ForEach-Object { $_.Trim() })
    }
    """
    )
    wanted: dict[str, Any] = {
        "Pace 20 60 $true": [],
        "Pace 21 0 $false": [],
        "Pace 21 0 $true": ["21 of 21 looked at"],
        "Pace 25 1 $false": [
            "10 of 25 looked at, about 15 s left",
            "20 of 25 looked at, about 5 s left",
            "25 of 25 looked at",
        ],
        "(Pace 40 10 $false)[0, 28, 29]": [
            "1 of 40 looked at, about 7 minutes left",
            "29 of 40 looked at, about 110 s left",
            "30 of 40 looked at, about 100 s left",
        ],
        "(Pace 40 10 $false)[27]": "28 of 40 looked at, about 2 minutes left",
    }
    answers = functions.answers(*wanted, before=before)
    assert [answer["values"] for answer in answers[:4]] == [[lines] for lines in list(wanted.values())[:4]]
    assert [answer["values"] for answer in answers[4:]] == [list(wanted.values())[4], [list(wanted.values())[5]]]


def test_what_is_late_is_pending_and_in_a_rollback_kept(functions: Functions) -> None:
    wanted = {"$Run.Mode = 'Apply'; Get-MissingState": "pending", "$Run.Mode = 'Rollback'; Get-MissingState": "kept"}
    assert functions.values(*wanted) == wanted
