"""What an error of a write means, when it is sent again, and what the journal then claims (engine/15-writing)."""

from __future__ import annotations

from typing import Any

from support.function_cases import FAILURES, RECORDED, outcomes
from support.functions import Functions

SURE: dict[str, bool] = {
    "New-RestFailure 'DataValidationException'": True,
    "New-RemoteFailure 'ManagementObjectNotFoundException'": True,
    "New-RestFailure 'ADObjectAlreadyExistsException'": True,
    "New-Failure 'The scope \"x\" already exists.'": True,
    # The call may have been carried out all the same.
    "New-Failure 'Ein Fehler ist aufgetreten.'": False,
    "New-Failure 'UnAuthorized (401).'": False,
    "New-RestFailure 'TimeoutException'": False,
    "New-RestFailure 'ADTransientException'": False,
    "New-RestFailure 'ADOperationException'": False,
    "New-RestFailure 'OverloadedException'": False,
    "New-RestFailure 'SuitabilityDirectoryException'": False,
    "New-RestFailure 'ServerSideException'": False,
    "New-RestFailure 'StorageIOException'": False,
    "New-RemoteFailure 'CannotConnectException'": False,
    "New-Failure 'x' 'TaskCanceledException'": False,
    "New-Failure 'x' 'HttpRequestException'": False,
    "New-Failure 'x' 'WebException'": False,
    "New-Failure 'x' 'SocketException'": False,
    "New-Failure 'x' 'PSRemotingTransportException'": False,
}
DOOR = """
$Catalogue['door'] = @{ Title = 'Door'; Risk = 'low'; Requires = @('wall') }
function Door { param($Color) if ($Color) { Get-Present 'd' ([ordered] @{ Color = $Color }) } else { Get-Absent 'd' } }
function Send {
    # Each call ends with this error, or those of a list in turn; each look shows what is there.
    param($Errors, $There, $From, $To = 'red', [hashtable] $Like = @{}, $Mode = 'Apply', $Wait = 10, $Made = 'none')
    Clear-Recorded
    $Run.Mode, $Run.WaitSeconds, $Run.Writes, $Run.Made = $Mode, $Wait, 0, @{ $Made = $true }
    $Run.GuardsPassed, $Run.Consent, $Run.Pauses = $true, @{ door = 'Yes' }, (Get-Pause)
    $Steps['door'] = @{
        Compare = { }; Now = { if ($There -eq 'unreadable') { throw (Get-Stop 'unreadable' 'x') } else { Door $There } }
        Change = {
            $next = if ($Errors -is [array]) { $Errors[$Run.Writes - 1] } else { $Errors }
            if ($next) { throw $next } }
    }
    foreach ($key in $Like.Keys) { $Steps['door'][$key] = $Like[$key] }
    $change = @{ Step = 'door'; Text = 'paint'; Before = Door $From; Wanted = Door $To }
    $end = try { Invoke-Write $change -Now $null; 'settled' } catch { (Get-StopOf $_).State }
    $marks = @('Overtaken', 'Refused' | Where-Object { $change[$_] })
    @("$end, sent $($Run.Writes), waits $($Recorded.Slept.Count)") + $marks + @($Recorded.Written) -join ', '
}
$No = New-RestFailure 'DataValidationException' 'bad'
$Late = New-RestFailure 'ManagementObjectNotFoundException' 'not here'
$Exists = New-RestFailure 'ADObjectAlreadyExistsException' 'it is there'
$Lost = New-Failure 'The operation has timed out.'
function Find-Other { throw (Get-Stop 'conflict' 'another one') }
function Fail-Reading { throw (Get-Stop 'unreadable' 'x') }
"""
CREATED: dict[str, str] = {
    "Send $null 'red'": "settled, sent 1, waits 0",
    # What is as wanted is done, whatever was answered; what Exchange said no to is not claimed.
    "Send $Lost 'red'": "settled, sent 1, waits 0",
    "Send $No 'red'": "settled, sent 1, waits 0, Overtaken",
    "Send $Exists 'red'": "settled, sent 1, waits 0, Overtaken",
    "Send $Late 'red'": "settled, sent 1, waits 0",
    # Without an answer nothing says that it was not done: it stays announced, for Rollback.
    "Send $Lost": "failed, sent 1, waits 0",
    "Send $No": "failed, sent 1, waits 0, failed paint",
    "Send $No 'unreadable'": "failed, sent 1, waits 0",
    # "Exists already": others made it, or nothing shows yet.
    "Send $Exists 'blue'": "conflict, sent 1, waits 0, failed paint",
    "Send $Exists": "settled, sent 1, waits 0, Overtaken, Refused",
    "Send $Exists -Like @{ Compare = 'Find-Other' }": "conflict, sent 1, waits 0, Refused, failed paint",
    "Send $Exists -Like @{ Compare = 'Fail-Reading' }": "settled, sent 1, waits 0, Overtaken, Refused",
    "Send (New-RestFailure 'ProxyAddressExistsException' 'z@x.com')": "failed, sent 1, waits 0, failed paint",
    # "Not found" is about what an earlier step made, and is sent again; what needs nothing has nothing to wait for.
    "Send $Late": "pending, sent 4, waits 3",
    "Send @($Late, $Late, $null)": "settled, sent 3, waits 2",
    "Send $Late -Wait 0": "pending, sent 1, waits 0",
    "Send $Late -Like @{ Alone = $true }": "failed, sent 1, waits 0, failed paint",
    "Send @($Late, $No)": "failed, sent 2, waits 1, failed paint",
}
CHANGED: dict[str, str] = {
    "Send $No 'blue' 'blue'": "failed, sent 1, waits 0, failed paint",
    "Send $Lost 'blue' 'blue'": "failed, sent 1, waits 0",
    "Send $Lost 'red' 'blue'": "settled, sent 1, waits 0",
    # Neither as before nor as wanted: whose work that is, nobody knows.
    "Send $No 'green' 'blue'": "failed, sent 1, waits 0",
    # The object is there and "not found" is answered: something else in the call is gone, or late, if this run made it.
    "Send $Late 'blue' 'blue' -Wait 900": "failed, sent 6, waits 5, failed paint",
    "Send $Late 'blue' 'blue' -Wait 100 -Made 'wall'": "pending, sent 8, waits 7",
    "Send $Late 'blue' 'blue' -Wait 100 -Made 'window'": "failed, sent 6, waits 5, failed paint",
    "Send $Late $null 'blue' -Wait 100": "pending, sent 8, waits 7",
    # An entry of a list that is said to be there is waited for; a value is not.
    "Send $Exists 'blue' 'blue'": "failed, sent 1, waits 0, failed paint",
    "Send $Exists 'blue' 'blue' -Like @{ Together = $true }": "settled, sent 1, waits 0, Overtaken",
    # The step's own last look stopped it: nothing was sent.
    "Send (New-Object Management.Automation.ErrorRecord (Get-Stop 'kept' 'x'), '', 0, $null) 'blue' 'blue'": (
        "kept, sent 0, waits 0, failed paint"
    ),
}
REMOVED: dict[str, str] = {
    "Send $Lost $null 'red' -To '' -Mode 'Rollback'": "settled, sent 1, waits 0",
    "Send $No 'red' 'red' -To '' -Mode 'Rollback'": "failed, sent 1, waits 0",
    # What was not found to be removed was not removed by this run.
    "Send $Late $null 'red' -To '' -Mode 'Rollback'": "kept, sent 4, waits 3",
    "Send $Late $null 'red' -To '' -Mode 'Apply'": "settled, sent 1, waits 0",
}
ALTERED: dict[str, Any] = {
    "Get-Altered @{ a = 1; b = 2 } @{ a = 1; b = 3 }": ["b"],
    "Get-Altered @{ a = 'x' } @{ a = 'X' }": ["a"],
    "Get-Altered @{ AppId = 'x' } @{ AppId = 'X' }": [],
    "Get-Altered @{ a = $false } @{ a = 'False' }": [],
    "Get-Altered @{} @{ a = 'x' }": ["a"],
    "Get-Altered $null @{ a = 'x'; b = '' }": ["a", "b"],
}
OTHERS: dict[str, Any] = {
    '\'"SMTP:z@x.com" is used by "o".\'': "z@x.com",
    "'Please free z@x.com.'": "z@x.com",
    "'<door@x.com>, (z@x.com)'": "z@x.com",
    "'DOOR@X.com is used, RED@x.com too.'": [],
    "'It exists already.'": [],
}


def test_which_error_says_for_sure_that_nothing_was_done(functions: Functions) -> None:
    wanted = {f"Test-Refusal ({error})": sure for error, sure in SURE.items()}
    assert functions.values(*wanted, before=FAILURES) == wanted


def test_what_an_error_of_a_creation_means_is_seen_by_looking(functions: Functions) -> None:
    assert functions.values(*CREATED, before=FAILURES + RECORDED + DOOR) == CREATED


def test_what_an_error_of_a_change_means_is_seen_by_looking(functions: Functions) -> None:
    assert functions.values(*CHANGED, before=FAILURES + RECORDED + DOOR) == CHANGED


def test_rollback_removed_nothing_that_was_not_found(functions: Functions) -> None:
    assert functions.values(*REMOVED, before=FAILURES + RECORDED + DOOR) == REMOVED


def test_a_write_without_guards_or_its_own_consent_is_a_defect(functions: Functions) -> None:
    before = RECORDED + "$Change = @{ Step = 'door'; Text = 'paint' }; $Steps['door'] = @{ Change = { throw 'sent' } }"
    texts = (
        "$Run.GuardsPassed, $Run.Consent = $false, @{ door = 'Yes' }; Invoke-Write $Change -Now $null",
        "$Run.GuardsPassed, $Run.Consent = $true, @{ wall = 'Yes' }; Invoke-Write $Change -Now $null",
    )
    answers = functions.answers(*texts, before=before)
    assert answers == [{"error": "A write of door without consent."}] * 2


def test_what_a_last_look_stopped_before_it_was_sent_does_not_count_as_made(functions: Functions) -> None:
    stopped = "Send (Get-Stop 'pending' 'not seen')"
    made: dict[str, Any] = {
        f"$null = {stopped}; $Run.Made.Contains('door')": False,
        # What this run had made of the step before stays made, and so does what was sent and failed.
        f"$null = {stopped} -Made 'door'; $Run.Made.Contains('door')": True,
        "$null = Send $Lost; $Run.Made.Contains('door')": True,
    }
    assert functions.values(*made, before=FAILURES + RECORDED + DOOR) == made


def test_a_change_alters_what_differs_and_of_what_was_not_there_all(functions: Functions) -> None:
    before = """
    function Get-Altered {
        param($From, $To)
        $there = if ($null -ne $From) { Get-Present 'd' $From } else { Get-Absent 'd' }
        , @((Get-AlteredPart @{ Before = $there; Wanted = Get-Present 'd' $To }).properties.Keys | Get-Ordered)
    }
    """
    wanted = {text: [names] for text, names in ALTERED.items()}
    assert [answer["values"] for answer in functions.answers(*wanted, before=before)] == list(wanted.values())


def test_an_address_that_the_call_did_not_ask_for_is_somebody_elses(functions: Functions) -> None:
    before = """
    $Wanted = Get-Present 'door@x.com' ([ordered] @{ Name = 'Door'; Alias = 'red@x.com' })
    function Find-Address { param($Words) Get-OtherAddress $Words -Change @{ Wanted = $Wanted } }
    """
    wanted = {f"Find-Address {words}": found for words, found in OTHERS.items()}
    assert functions.values(*wanted, before=before) == wanted


def test_a_refusal_says_the_words_of_exchange_the_steps_advice_and_the_request(functions: Functions) -> None:
    before = """
    $Steps['door'] = @{ IfRefused = { param($Change) "Ask $($Change.Wanted.id)." } }
    $Change = @{ Step = 'door'; Text = 'paint'; Wanted = Get-Absent 'd'; RequestId = '0f1e' }
    """
    wanted: dict[str, Any] = {
        "throw (Get-RefusedStop $Change -Words 'No.')": "failed: paint: No. Ask d.",
        "(Get-StopOf @{ Exception = Get-RefusedStop $Change -Words 'No.' }).RequestId": "0f1e",
        "$Steps['door'] = @{}; throw (Get-RefusedStop $Change -Words 'No.')": "failed: paint: No.",
    }
    assert outcomes(functions, *wanted, before=before) == wanted
