"""How the passes of a mode go on, what ends a run early, and which state is told of a step (engine/10-modes)."""

from __future__ import annotations

from typing import Any

from support.function_cases import RECORDED, outcomes
from support.functions import Functions

STEPS = """
# A house of three steps, which are all that there is.
foreach ($key in @($Steps.Keys)) { $Steps.Remove($key); $Catalogue.Remove($key) }
foreach ($key in 'wall', 'door', 'roof') {
    $Catalogue[$key] = @{ Title = $key; Pexip = 'p'; Risk = 'low'; Effect = 'e'; Undo = 'u'; Requires = @() }
    $Steps[$key] = @{}
}
$Run.Selected = @('wall', 'door', 'roof')
function Write-StepResult { param($Id, $State, $Differences, $Notes, $RequestId, $Said, $Short, $IsMissing)
    $Run.Results[$Id] = [pscustomobject] @{ id = $Id; state = $State; notes = @($Notes | Where-Object { $_ }) } }
function Get-Told { @($Run.Results.Values | ForEach-Object { "$($_.id) $($_.state)" }) -join ', ' }
function New-Finding { param($State, [int] $Changes = [int] ($State -eq 'different'), $Remaining = '')
    @{ State = $State; RequestId = ''; Plan = @{
            Changes = @(@{ Before = Get-Present 'd' @{}; Text = 'it' }) * $Changes
            Differences = @(); Notes = @(); Remaining = $Remaining } } }
"""
WALK = """
function Invoke-Compare { param($Id) [void] $Recorded.Said.Add($Id); New-Finding $Now[$Id] }
function Get-UndoFinding { param($Id) [void] $Recorded.Said.Add($Id); New-Finding $Now[$Id] }
function Invoke-Question { param($Id, $Plan) @{ State = $Then[$Id]; Note = ''; RequestId = ''; Asked = $true } }
function Walk {
    # Each step by what is found of it, and by what comes of its question.
    param([string[]] $Found, [string[]] $Become = @('changed'), $Mode = 'Apply')
    Clear-Recorded
    $Now, $Then, $Run.Results, $Run.Mode, $Run.Refusal = @{}, @{}, [ordered] @{}, $Mode, $null
    for ($n = 0; $n -lt 3; $n++) {
        $Now[$Run.Selected[$n]], $Then[$Run.Selected[$n]] = $Found[$n], $Become[$n % $Become.Count] }
    Invoke-StepByStep $Run.Selected
    "$(Get-Told); read $($Recorded.Said -join ' ')"
}
"""
HALTS = ("failed", "unreadable", "conflict", "skipped")
GOES_ON = ("changed", "in-place", "pending", "kept", "gone", "undone")
QUESTION = """
function Get-Question { param($Id, $Plan) @{} }
function Get-QuestionPart { param($Id, $Plan) foreach ($one in @($Answers)) {
        $part = $Plan.Clone(); $part['NoYesToAll'] = $false; $part['Wants'] = $one; $part } }
function Get-Answer { param($Question, $NoYesToAll)
    $answer = $Answers[$Recorded.Slept.Count]; [void] $Recorded.Slept.Add(1)
    if ($answer -eq 'cannot') { $Run.Refusal = @{ guard = 'consent' }; return }
    if ($answer -ne 'whatif') { [ordered] @{ asked = $true; answer = $answer } } }
function Invoke-Plan { param($Id, $Plan)
    [void] $Recorded.Said.Add("$($Run.Consent[$Id].answer)"); $Run.Writes += $Sends
    if ($Fails) { throw (Get-Stop $Fails 'no' -RequestId '0f1e') } }
function Assert-SameConnection { }
function Ask {
    param([string[]] $Answers = @('Yes'), [int] $Sends = 1, $Fails, $Remaining = '', $Mode = 'Apply', [bool] $Overtaken)
    Clear-Recorded
    $Run.Mode, $Run.Writes, $Run.Refusal, $Run.Answers, $Run.Stopped = $Mode, 3, $null, @{}, @{}
    $plan = @{ Changes = @(@{ Text = 'it'; Overtaken = $Overtaken }); Remaining = $Remaining; Notes = @() }
    $end = Invoke-Question 'door' -Plan $plan
    $noted = "$($end.Note)$($end.RequestId)" -ne ''
    "$($end.State), made by $($Recorded.Said -join '+'), noted $noted, left $($Run.Consent.Count)"
}
"""
ASKED: dict[str, str] = {
    "Ask": "changed, made by Yes, noted False, left 0",
    "Ask 'Yes to All'": "changed, made by Yes to All, noted False, left 0",
    "Ask -Mode 'Rollback'": "undone, made by Yes, noted False, left 0",
    "Ask -Remaining 'kept' -Mode 'Rollback'": "kept, made by Yes, noted False, left 0",
    # What was not sent, or what others did, was not changed by this run.
    "Ask -Sends 0": "in-place, made by Yes, noted False, left 0",
    "Ask -Overtaken $true": "in-place, made by Yes, noted False, left 0",
    "Ask -Sends 0 -Remaining 'pending'": "pending, made by Yes, noted False, left 0",
    # No changes nothing; after a first Yes it says so.
    "Ask 'No'": "skipped, made by , noted False, left 0",
    "Ask 'Yes', 'No'": "skipped, made by Yes, noted True, left 0",
    "Ask 'Yes', 'No' 0": "skipped, made by Yes, noted False, left 0",
    "Ask 'No', 'Yes'": "skipped, made by , noted False, left 0",
    "Ask 'Yes', 'Yes'": "changed, made by Yes+Yes, noted False, left 0",
    "Ask 'whatif', 'whatif'": "different, made by , noted False, left 0",
    "Ask 'cannot', 'Yes'": "blocked, made by , noted True, left 0",
    # A consent ends with what it was given for, also where that failed.
    "Ask 'Yes', 'Yes' -Fails 'failed'": "failed, made by Yes, noted True, left 0",
    "Ask -Fails 'kept'": "kept, made by Yes, noted True, left 0",
}
VERIFIED: dict[str, str] = {
    "Prove 'in-place'": "proved",
    "Prove 'different'": "disproved",
    "Prove 'blocked'": "blocked",
    "Prove 'blocked' 'blocked'": "disproved",
    "Prove 'not-asked'": "not-asked",
    "Prove 'unreadable'": "unreadable",
    "Prove 'conflict'": "conflict",
    "Prove 'pending'": "pending",
    # The worst of the proofs counts where the comparison proved; what it found wrong stays so.
    "Prove 'in-place' '' 'proved', 'proved'": "proved",
    "Prove 'in-place' '' 'proved', 'pending'": "pending",
    "Prove 'in-place' '' 'pending', 'unreadable'": "unreadable",
    "Prove 'in-place' '' 'unreadable', 'disproved'": "disproved",
    "Prove 'in-place' '' 'blocked', 'pending'": "blocked",
    "Prove 'unreadable' '' 'disproved'": "disproved",
    "Prove 'unreadable' '' 'pending'": "unreadable",
    "Prove 'conflict' '' 'blocked'": "conflict",
    "Prove 'in-place' -Fails $true": "unreadable",
    # Another's object in the place of what was to be proved is the proof that it is not so.
    "Prove 'conflict' -Like @{ ConflictDisproves = $true }": "disproved",
    "Prove 'unreadable' -Like @{ ConflictDisproves = $true }": "unreadable",
}


def test_what_stops_one_step_stops_all_behind_it(functions: Functions) -> None:
    stopped = "wall {0}, door blocked, roof blocked; read wall"
    wanted: dict[str, str] = {
        "Walk 'in-place', 'different', 'pending'": "wall in-place, door changed, roof pending; read wall door roof",
    }
    for state in HALTS:
        wanted[f"Walk 'different', 'different', 'different' '{state}'"] = stopped.format(state)
    for state in ("conflict", "unreadable", "failed"):
        wanted[f"Walk '{state}', 'different', 'different'"] = stopped.format(state)
    for state in GOES_ON:
        wanted[f"Walk 'different', 'in-place', 'in-place' '{state}'"] = (
            f"wall {state}, door in-place, roof in-place; read wall door roof"
        )
    assert functions.values(*wanted, before=RECORDED + STEPS + WALK) == wanted


def test_what_is_not_asked_for_is_said_to_be_so_behind_a_stop(functions: Functions) -> None:
    wanted = {
        "$Steps['roof'].Described = $false; Walk 'conflict', 'in-place', 'not-asked'": (
            "wall conflict, door blocked, roof not-asked; read wall"
        ),
        "$Run.Places.Clear(); $null = Walk 'in-place', 'in-place', 'not-asked'; $Run.Places['door']": "2 of 2",
        "$null = Walk 'in-place', 'in-place', 'in-place' -Mode 'Rollback'; $Run.Places['roof']": "3 of 3",
    }
    assert functions.values(*wanted, before=RECORDED + STEPS + WALK) == wanted


def test_too_many_changes_at_the_last_moment_end_the_run_unasked(functions: Functions) -> None:
    texts = (
        "$Run.MaxChanges = 0; Walk 'in-place', 'different', 'in-place'",
        "$Run.Refusal.guard",
    )
    wanted = {texts[0]: "wall in-place, door blocked, roof blocked; read wall door", texts[1]: "max-changes"}
    assert functions.values(*texts, before=RECORDED + STEPS + WALK) == wanted


def test_what_comes_of_the_questions_of_a_step(functions: Functions) -> None:
    assert functions.values(*ASKED, before=RECORDED + STEPS + QUESTION) == ASKED


def test_apply_asks_nothing_where_the_first_pass_meets_a_conflict_or_cannot_read(functions: Functions) -> None:
    before = (
        STEPS
        + """
    function Invoke-Compare { param($Id) New-Finding $Found[$Id] }
    function Write-JournalHeader { $Run.Journalled = $true }
    function Write-WholePlan { }
    function Invoke-StepByStep { param($Id) foreach ($one in $Id) { Write-StepResult $one 'asked' } }
    function Assert-Approved { }
    function Begin { param([hashtable] $Of, [bool] $WhatIf)
        $Found = @{ wall = 'different'; door = 'different'; roof = 'in-place' }
        foreach ($key in $Of.Keys) { $Found[$key] = $Of[$key] }
        $Run.Results, $Run.Mode, $Run.WhatIf, $Run.Journalled = [ordered] @{}, 'Apply', $WhatIf, $false
        Invoke-Apply
        "$(Get-Told), journal $($Run.Journalled), planning $($Run.Planning)" }
    """
    )
    wanted = {
        "Begin @{}": "wall asked, door asked, roof asked, journal True, planning False",
        "Begin @{} $true": "wall asked, door asked, roof asked, journal False, planning True",
        "Begin @{ roof = 'conflict' }": "wall different, door different, roof conflict, journal False, planning True",
        "Begin @{ door = 'unreadable' }": (
            "wall different, door unreadable, roof in-place, journal False, planning True"
        ),
        "Begin @{ door = 'blocked' }": "wall asked, door asked, roof asked, journal True, planning False",
        "Begin @{ door = 'pending' }": "wall asked, door asked, roof asked, journal True, planning False",
    }
    assert functions.values(*wanted, before=before) == wanted


def test_rollback_goes_the_other_way_and_begins_only_where_it_could_look_at_all(functions: Functions) -> None:
    before = (
        STEPS
        + """
    $Run.Mode = 'Rollback'
    $Known = [Collections.ArrayList] @()
    function Get-UndoFinding { param($Id)
        [void] $Known.Add("$Id $($Run.States['roof'])"); New-Finding $Found[$Id] -Remaining $Found[$Id] }
    function Write-JournalHeader { $Run.Journalled = $true }
    function Write-WholePlan { }
    function Invoke-StepByStep { param($Id) foreach ($one in $Id) { Write-StepResult $one 'asked' } }
    function Begin { param([hashtable] $Of, [string[]] $Journal = @('wall', 'door', 'roof'), [bool] $WhatIf)
        $Found = @{ wall = 'different'; door = 'different'; roof = 'different' }
        $Known.Clear()
        foreach ($key in $Of.Keys) { $Found[$key] = $Of[$key] }
        $Run.Results, $Run.States, $Run.InJournal = [ordered] @{}, @{}, (Get-Table)
        $Run.WhatIf, $Run.Journalled = $WhatIf, $false
        foreach ($key in $Journal) { $Run.InJournal[$key] = $true }
        Invoke-Rollback
        "$(Get-Told), journal $($Run.Journalled), knows $($Run.States.Count)" }
    """
    )
    wanted: dict[str, Any] = {
        "Begin @{}": "roof asked, door asked, wall asked, journal True, knows 0",
        "Begin @{} 'wall', 'roof'": "door in-place, roof asked, wall asked, journal True, knows 0",
        "Begin @{} @()": "wall in-place, door in-place, roof in-place, journal False, knows 0",
        "Begin @{} -WhatIf $true": "roof asked, door asked, wall asked, journal False, knows 0",
        # What cannot be looked at keeps all from being undone in part.
        "Begin @{ door = 'unreadable' }": "roof different, door unreadable, wall different, journal False, knows 0",
        # What is kept in the plan keeps what it rests on, in the plan alone.
        "Begin @{ roof = 'kept' }": "roof asked, door asked, wall asked, journal True, knows 0",
        "@($Known)": ["roof ", "door kept", "wall kept"],
    }
    assert functions.values(*wanted, before=before) == wanted


def test_what_was_compared_and_each_proof_make_the_state_of_a_step_in_verify(functions: Functions) -> None:
    before = (
        STEPS
        + """
    function Prove { param($State, $Remaining = '', [string[]] $Proofs = @(), [bool] $Fails, [hashtable] $Like = @{})
        $Run.Proofs = @()
        $Steps['door'] = @{ Proof = {
                foreach ($one in $Proofs) { Write-Proof 'door' -Target 't' -Expected 'e' -Actual 'a' -State $one }
                if ($Fails) { throw (Get-Stop 'unreadable' 'x') } } } + $Like
        Test-Step 'door' -Finding (New-Finding $State -Remaining $Remaining) }
    """
    )
    assert functions.values(*VERIFIED, before=before) == VERIFIED


def test_verify_proves_nothing_of_what_rests_on_an_object_that_is_not_there(functions: Functions) -> None:
    before = (
        STEPS
        + """
    $Steps['wall'].Foundation = $true
    function Invoke-Compare { param($Id) $one = New-Finding $Found[$Id]
        if (-not $Of['there'] -and $one.Plan.Changes) { $one.Plan.Changes[0].Before = Get-Absent 'd' }; $one }
    function Begin { param([hashtable] $Of)
        $Found = @{ wall = 'different'; door = 'in-place'; roof = 'different' }
        foreach ($key in $Of.Keys) { $Found[$key] = $Of[$key] }
        $Run.Results, $Run.Proofs, $Run.Mode = [ordered] @{}, @(), 'Verify'
        Invoke-Verify; Get-Told }
    """
    )
    wanted = {
        "Begin @{}": "wall pending, door pending, roof pending",
        "Begin @{ there = $true }": "wall disproved, door proved, roof disproved",
        "Begin @{ wall = 'in-place' }": "wall proved, door proved, roof disproved",
        # What could not be looked at, or is another's, is said all the same.
        "Begin @{ door = 'unreadable'; roof = 'conflict' }": "wall pending, door unreadable, roof conflict",
        "Begin @{ door = 'not-asked' }": "wall pending, door not-asked, roof pending",
    }
    assert outcomes(functions, *wanted, before=before) == wanted
