"""What is asked, what is asked on its own, and who is said to have answered (engine/12-consent)."""

from __future__ import annotations

from typing import Any

from support.function_cases import RECORDED, outcomes
from support.functions import Functions

DOOR = """
$Catalogue['door'] = @{ Title = 'Door'; Risk = 'low'; Effect = 'Paints.'; Undo = 'Paints back.'; Requires = @() }
$Steps['door'] = @{}
function Door { param($Of) if ($null -ne $Of) { Get-Present 'd' $Of } else { Get-Absent 'd' } }
function New-Change {
    param($From, $To, [string] $Text = 'paint')
    @{ Step = 'door'; Text = $Text; Before = Door $From; Wanted = Door $To }
}
function Get-Lines { param($From, $To, [string] $Text = 'paint', $Mode = 'Apply', $Shown)
    $Run.Mode = $Mode
    $Steps['door'] = if ($Shown) { @{ Shown = $Shown } } else { @{} }
    @(Get-ChangeLine (New-Change $From $To $Text) | ForEach-Object { $_.Trim() }) -join '; ' }
"""
LINES: dict[str, str] = {
    # What becomes of each value that is altered, and of no other.
    "Get-Lines @{ a = 'x' } @{ a = 'y' }": "paint; a: 'x' -> 'y'",
    "Get-Lines $null @{ a = 'y' }": "paint; a: (missing) -> 'y'",
    "Get-Lines @{ a = '' } @{ a = 'y' }": "paint; a: (not set) -> 'y'",
    "Get-Lines @{ a = 'x'; b = 'z' } ([ordered] @{ a = 'x'; b = 'y' })": "paint; b: 'z' -> 'y'",
    "Get-Lines @{ a = 'x' } $null 'remove it'": "remove it",
    "Get-Lines @{ a = 'x' } @{ a = 'y' } -Shown { param($Name) \"list:$Name\" }": "paint; list:a: 'x' -> 'y'",
    # A switch that the text names needs no line; one that the text does not name does, and so does one of several.
    "Get-Lines @{ 'a@x' = $false } @{ 'a@x' = $true } 'add a@x'": "add a@x",
    "Get-Lines @{ 'a@x' = $false } @{ 'a@x' = $true } 'add somebody'": "add somebody; a@x: False -> True",
    "Get-Lines $null ([ordered] @{ On = $true; Off = $false }) 'On, Off'": (
        "On, Off; On: (missing) -> True; Off: (missing) -> False"
    ),
    "Get-Lines @{ On = $false; Off = $true } ([ordered] @{ On = $true; Off = $false }) 'On, Off' 'Rollback'": "On, Off",
}
PARTS: dict[str, Any] = {
    # A: asked apart; !: not covered by Yes to All.
    "Split 'Apply' ($Add, $Other)": "2",
    "Split 'Apply' ($Take, $Add) @{ Together = $true }": ["1", "1A!"],
    "Split 'Apply' ($Take, $Take) @{ Together = $true }": "2A!",
    "Split 'Apply' ($Take, $Add)": "2",
    "Split 'Rollback' ($Take, $Add) @{ Together = $true }": "2",
    "Split 'Rollback' ($Add, $Wide) @{ Together = $true }": ["1", "1A!"],
    "Split 'Apply' ($Add, $Other) @{} 'high'": "2!",
    "Split 'Apply' ($Take, $Add) @{ Together = $true } 'high'": ["1!", "1A!"],
    # What was in a mailbox, and who relies on a group, is gone with it.
    "Split 'Rollback' ($Gone, $Add) @{ Rollback = 'Set-Mailbox', 'Remove-Mailbox' }": ["1", "1A!"],
    "Split 'Rollback' ($Gone, $Add) @{ Rollback = @('Remove-DistributionGroup') }": ["1", "1A!"],
    "Split 'Rollback' ($Gone, $Add) @{ Rollback = 'Set-Mailbox' }": "2",
    "Split 'Rollback' ($Gone, $Add) @{ Rollback = 'Remove-MailboxPermission', 'Remove-DistributionGroupMember' }": "2",
    "Split 'Rollback' ($Gone, $Add)": "2",
    "Split 'Rollback' @($Add) @{ Rollback = 'Remove-Mailbox' }": "1",
    "Split 'Apply' @()": [],
}
SPLIT = """
$Add, $Take = (New-Change @{ x = $false } @{ x = $true }), (New-Change @{ x = $true } @{ x = $false })
$Other, $Gone = (New-Change @{ a = 'False' } @{ a = 'True' }), (New-Change @{ a = 1 } $null)
$Wide = (New-Change @{ x = $false } @{ x = $true }) + @{ Widens = $true }
function Split { param($Mode, [object[]] $Changes, [hashtable] $Like = @{}, $Risk = 'low')
    $Run.Mode, $Steps['door'], $Catalogue['door'].Risk = $Mode, $Like, $Risk
    $plan = @{ Step = 'door'; Changes = $Changes; Notes = @('n'); Remaining = '' }
    foreach ($part in @(Get-QuestionPart 'door' -Plan $plan)) {
        "$($part.Changes.Count)$(@('', 'A')[[int] $part.AskedApart])$(@('', '!')[[int] $part.NoYesToAll])" } }
"""
CONSENTS = """
function Read-Answer { param($Question, $NoYesToAll) $Asked.Add("$NoYesToAll") | Out-Null; $Typed }
function Write-Log { param($Text) }
$Asked = [Collections.ArrayList] @()
$Question = @{ Advice = @(); Shown = 'head', 'list', 'Make them?'; Whole = 'head', 'whole', 'Make them?' }
$Run.Operator, $Run.User, $Run.Computer = 'op@x.com', 'X\\op', 'PC1'
function Answer { param($Typed = 'Yes', $Before, [bool] $NoYesToAll, [bool] $Unasked, [switch] $WhatIf)
    $Asked.Clear(); $Run.Refusal, $Run.YesToAll, $Run.Unasked, $Run.WhatIf = $null, $Before, $Unasked, [bool] $WhatIf
    $WhatIfPreference = [bool] $WhatIf
    $given = Get-Consent $Question -NoYesToAll $NoYesToAll
    $says = if ($null -eq $given) { 'none' } else { "$($given.asked) $($given.answer) $($given.by)".Trim() }
    $all = if ($null -ne $Run.YesToAll) { ', all' }
    "$says, asked $($Asked.Count)$all" }
$All = Get-AnswerRecord $true -Answer 'Yes to All'
"""
ANSWERS: dict[str, Any] = {
    "Answer": "True Yes op@x.com as X\\op on PC1, asked 1",
    "Answer 'No'": "True No op@x.com as X\\op on PC1, asked 1",
    "Answer 'Yes to All'": "True Yes to All op@x.com as X\\op on PC1, asked 1, all",
    # Yes to All is the answer to the following questions, but for those that it does not cover.
    "Answer 'No' $All": "True Yes to All op@x.com as X\\op on PC1, asked 0, all",
    "Answer 'No' $All -NoYesToAll $true": "True No op@x.com as X\\op on PC1, asked 1, all",
    "Answer -Unasked $true": "False, asked 0",
    "Answer -Unasked $true -NoYesToAll $true": "False, asked 0",
    # -WhatIf has nobody's consent, whatever was answered before.
    "Answer -WhatIf": "none, asked 0",
    "Answer -WhatIf -Unasked $true": "none, asked 0",
    "Answer -WhatIf -Before $All": "none, asked 0, all",
}


def test_a_change_is_shown_with_what_becomes_of_each_value_that_it_alters(functions: Functions) -> None:
    assert functions.values(*LINES, before=DOOR) == LINES


def test_of_many_changes_twenty_are_shown_and_the_others_counted(functions: Functions) -> None:
    before = (
        DOOR
        + """
    function List { param([int] $Count, [bool] $Whole)
        $changes = @(foreach ($n in 1..$Count) { New-Change @{ x = $true } $null "remove $n" })
        , @(Get-ChangeList $changes -Whole $Whole) }
    """
    )
    wanted: dict[str, Any] = {
        "(List 20 $false).Count": 20,
        "(List 21 $true).Count": 21,
        "(List 21 $true)[-1]": "  remove 21",
        "(List 21 $false)[0, 1, -2, -1]": [
            "  21 changes, of which the first 20:",
            "  remove 1",
            "  remove 20",
            "  and 1 more: the list of what differs in this step names all.",
        ],
    }
    assert functions.values(*wanted, before=before) == wanted


def test_what_takes_from_others_widens_access_or_removes_a_recipient_is_asked_on_its_own(functions: Functions) -> None:
    assert functions.values(*PARTS, before=DOOR + SPLIT) == PARTS


def test_an_answer_counts_for_what_was_asked_and_no_answer_for_nothing(functions: Functions) -> None:
    assert functions.values(*ANSWERS, before=CONSENTS) == ANSWERS


def test_a_session_that_cannot_ask_refuses_and_consents_to_nothing(functions: Functions) -> None:
    before = CONSENTS + "function Read-Answer { throw 'no desktop' }"
    wanted = {
        "Answer": "none, asked 0",
        "$Run.Refusal.guard": "consent",
        "$Run.Refusal.message.EndsWith('(no desktop)')": True,
    }
    assert functions.values(*wanted, before=before) == wanted


def test_what_nobody_was_asked_has_no_answer_of_anybody(functions: Functions) -> None:
    before = """
    $Run.User, $Run.Computer = 'X\\op', 'PC1'
    function Get-Name { param($Operator) $Run.Operator = $Operator; Get-Person }
    function Get-Record { param($Asked, $Answer)
        $one = Get-AnswerRecord $Asked $Answer; $one.Remove('utc'); @($one.Values) }
    """
    wanted: dict[str, Any] = {
        "Get-Name 'op@x.com'": "op@x.com as X\\op on PC1",
        "Get-Name 'x\\OP'": "X\\op on PC1",
        "Get-Name ''": "X\\op on PC1",
        "Get-Name $null": "X\\op on PC1",
        "Get-Record $true 'No'": [True, "No", "X\\op on PC1"],
        "Get-Record $false 'Yes'": [False, None, None],
        "$null -ne (ConvertFrom-Utc (Get-AnswerRecord $true 'No').utc)": True,
    }
    assert functions.values(*wanted, before=before) == wanted


def test_what_nobody_was_asked_is_shown_after_a_yes_to_all_and_otherwise_only_logged(functions: Functions) -> None:
    before = (
        RECORDED
        + CONSENTS
        + """
    function Write-Log { param($Text) [void] $Recorded.Written.Add($Text) }
    function Show-Line { param($Text) [void] $Recorded.Said.Add($Text) }
    function Say { param($Before, [bool] $Unasked)
        Clear-Recorded; $Run.YesToAll, $Run.Unasked = $Before, $Unasked
        $null = Get-Answer $Question -NoYesToAll $false
        ($Recorded.Said -join '|'), ($Recorded.Written -join '|') }
    """
    )
    wanted: dict[str, Any] = {
        "Say $All": ["|head|list|Answer    Yes to All, given before", "head|whole|Make them?"],
        "Say $null $true": ["", "head|whole|Make them?|Answer    not asked (-Confirm:$false)"],
        "Say $null": ["", ""],
    }
    assert outcomes(functions, *wanted, before=before) == wanted


def test_a_question_says_the_risk_or_the_rule_and_what_is_taken_from_others(functions: Functions) -> None:
    before = (
        DOOR
        + """
    $Run.Places['door'] = '1 of 2'
    function Ask { param($Mode, [bool] $Apart)
        $Run.Mode = $Mode
        $changes = @(New-Change @{ x = $true } @{ x = $false } 'take x')
        $plan = @{ Changes = $changes; Notes = @('', 'n'); AskedApart = $Apart }
        (Get-Question 'door' -Plan $plan).Shown }
    """
    )
    head = "Step door (1 of 2) would make changes in contoso.onmicrosoft.com: Door"
    back = "Step door (1 of 2) is to be undone in contoso.onmicrosoft.com: Door"
    make, undo = (
        "Make these changes? No ends the run; what is done stays.",
        "Undo this step? No ends the run; what is undone stays undone.",
    )
    back_line = "Undo      Paints back."
    apart = "  REMOVES 1 that the description does not name:"
    wanted: dict[str, Any] = {
        "Ask 'Apply'": [head, "  take x", "Risk      low. Paints.", back_line, "Note      n", make],
        "Ask 'Apply' $true": [
            head,
            apart,
            "  take x",
            "Risk      low. Others may rely on what is removed.",
            back_line,
            "Note      n",
            make,
        ],
        "Ask 'Rollback'": [back, "  take x", "Rule      Paints back.", "Note      n", undo],
        "Ask 'Rollback' $true": [back, "  take x", "Rule      Paints back.", "Note      n", undo],
    }
    assert functions.values(*wanted, before=before) == wanted
