"""What holds an address although no recipient shows it, and whether a mailbox was used (shared/addresses)."""

from __future__ import annotations

from typing import Any

from support.function_cases import ENTRY, WITH
from support.functions import Functions

RECIPIENTS = """
function Get-Recipient {
    [CmdletBinding()] param($Identity, $Filter)
    $Asked.Add($Filter)
    # Exchange compares more loosely than this script.
    'Pexip Room 1', 'Pexip Room' | ForEach-Object { [pscustomobject] @{ Name = $_ } }
}
$Asked = [Collections.Generic.List[string]]::new()
"""
NAMESAKES: dict[str, Any] = {
    "(Get-Namesake 'pexip room').Name": "Pexip Room",
    "$null -eq (Get-Namesake 'Pexip')": True,
    "$null = Get-Namesake 'O''Hara'' -or Name -like ''*'; $Asked[-1]": "Name -eq 'O''Hara'' -or Name -like ''*'",
}
DELETED = """
function Get-Mailbox {
    [CmdletBinding()] param($Identity, [switch] $SoftDeletedMailbox)
    if ($Deleted) {
        [pscustomobject] @{
            RecipientTypeDetails = 'EquipmentMailbox'; DisplayName = 'Room'; PrimarySmtpAddress = $Identity
            WhenSoftDeleted = $Deleted
        }
    }
}
"""
HELD: dict[str, str] = {
    "$Deleted = $null; Assert-NotDeleted 'a@b.com'": "",
    "$Deleted = [datetime]::new(2026, 11, 3, 22, 5, 9); Assert-NotDeleted 'a@b.com'": (
        "A deleted mailbox still holds a@b.com: EquipmentMailbox 'Room' <a@b.com>, deleted 2026-11-03T22:05:09Z."
    ),
    "$Deleted = 'last week'; Assert-NotDeleted 'a@b.com'": "deleted last week.",
}
USED = """
$Absent = 'Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|It is not there.'
function Get-MailboxStatistics {
    [CmdletBinding()] param($Identity)
    $now = if ($script:HasWaited -and $Later) { $Later } else { $Answer }
    if ($now -is [string]) { throw $now }
    $now
}
function Wait-Moment { $script:HasWaited = $true; $true }
function Get-Use {
    param($Answer, [hashtable] $More = @{}, $Later = $null)
    $script:HasWaited = $false
    Get-MailboxUse (New-Entry $null @{ a = 1 } $More 'room') -Id 'ROOM'
}
"""
USES: dict[str, Any] = {
    "Get-Use ([pscustomobject] @{ ItemCount = 0 })": [],
    "Get-Use ([pscustomobject] @{ ItemCount = '0' })": [],
    "Get-Use ([pscustomobject] @{ ItemCount = 1 })": "it holds 1 items",
    "Get-Use ([pscustomobject] @{ ItemCount = $null })": "it holds an unknown number of items",
    # What can be recovered was in it once.
    "Get-Use ([pscustomobject] @{ ItemCount = 0; DeletedItemCount = 2 })": "it holds 2 recoverable items",
    "Get-Use ([pscustomobject] @{ ItemCount = 0; DeletedItemCount = 0 })": [],
    "Get-Use ([pscustomobject] @{ DisplayName = 'Room' })": "it holds an unknown number of items",
    # No answer at all proves that nobody used it, of the very mailbox that was made here.
    "Get-Use $null": [],
    "Get-Use $null @{ Id = 'another' }": (
        "Exchange has no statistics of it, and the journal says that another mailbox was created here"
    ),
    "Get-Use $null @{ Id = 'another'; Done = $false }": [],
    # "Not found" proves nothing, and is asked about once more.
    "Get-Use $Absent -Later ([pscustomobject] @{ ItemCount = 3 })": "it holds 3 items",
    "Get-Use $Absent -Later ([pscustomobject] @{ ItemCount = 0 })": [],
    "Get-Use $Absent": "Exchange does not find its statistics at the moment",
}
REMOVALS: dict[str, Any] = {
    "(With { Get-MailboxRemoval @{ AskedApart = $true } } @{ Mode = 'Rollback' }).ForEach{ $_.Split(' ')[0] }": [
        "Removes",
        "After",
    ],
    "With { [bool] (Get-MailboxRemoval @{ AskedApart = $false }) } @{ Mode = 'Rollback' }": False,
    "With { [bool] (Get-MailboxRemoval @{}) } @{ Mode = 'Apply' }": False,
}


def test_a_name_is_asked_for_as_it_is_and_found_as_it_is(functions: Functions) -> None:
    assert functions.values(*NAMESAKES, before=RECIPIENTS) == NAMESAKES


def test_a_deleted_mailbox_that_holds_the_address_is_a_conflict(functions: Functions) -> None:
    assert functions.stops(HELD, before=DELETED, ends="conflict") == HELD


def test_a_mailbox_is_removed_only_where_it_is_proved_that_nobody_used_it(functions: Functions) -> None:
    before = WITH + ENTRY + USED
    assert functions.values(*USES, *REMOVALS, before=before) == {**USES, **REMOVALS}
    stop = functions.stop("Get-Use 'access is denied'", before=before)
    assert stop["state"] == "unreadable"
