# Addresses: which names and deleted mailboxes block one, and whether a mailbox was ever used.

function Get-Namesake {
    # Who has this very name, or nothing. Asked by a filter, because an identity is a display name as well, and many may
    # have the same one.
    param([string] $Name)
    $filter = "Name -eq '$($Name.Replace("'", "''"))'"
    @(Invoke-Read -Subject "recipients of the name '$Name'" -Call { Get-Recipient -Filter $filter -ErrorAction Stop }) |
        Where-Object -FilterScript { Test-SameName (Get-Text $_ 'Name') $Name } | Select-Object -First 1
}

function Assert-NotDeleted {
    # Exchange Online keeps a deleted mailbox with its addresses, and refuses them to anything new.
    param([string] $Address)
    $deleted = @(Invoke-Read -Subject "deleted mailbox $Address" -Call {
            Get-Mailbox -Identity $Address -SoftDeletedMailbox -ErrorAction Stop })
    if ($deleted.Count -eq 0) { return }
    $when = Get-Property $deleted[0] 'WhenSoftDeleted'
    if ($when -is [datetime]) { $when = Format-Utc $when }
    throw (Get-Stop -State 'conflict' -Detail (
            "A deleted mailbox still holds ${Address}: $(Format-Recipient $deleted[0]), " +
            "deleted $when. " +
            'Restore it, remove it for good, or choose another address.'))
}

function Get-MailboxRemoval {
    # Why a mailbox is about to be removed, for the question about it.
    param([hashtable] $Plan)
    if ($Run.Mode -cne 'Rollback' -or -not $Plan['AskedApart']) { return }
    'Removes   the mailbox, because -RemoveCreatedMailbox was given. Exchange shows no items in it; this is read again ' +
        'right before.'
    'After     Exchange Online keeps the deleted mailbox and its address for some time. Until it is restored or ' +  # only: exchange-online
        'removed for good, Apply creates none with this address.'  # only: exchange-online
}

function Get-MailboxUse {
    # Why a mailbox that was created here may not be removed, or nothing. Exchange has no statistics of a mailbox into
    # which nothing was ever delivered and in which nobody signed in: it warns and answers with nothing. That answer
    # counts, for the very mailbox that this journal's run created; a "not found" does not.
    param($Entry, [string] $Id)
    for ($n = 0; $n -lt 2; $n++) {
        $rows = @(Invoke-Read -Subject "mailbox statistics $Id" -Call {
                Get-MailboxStatistics -Identity $Id -WarningAction SilentlyContinue -ErrorAction Stop
                'answered' })
        if ($rows.Count -gt 0 -or $n -gt 0) { break }
        $null = Wait-Moment 'Exchange to find its statistics'
    }
    if ($rows.Count -eq 0) { return 'Exchange does not find its statistics at the moment' }
    if ($rows.Count -eq 1) {
        # What was announced and not confirmed is ours by the time at which it was created, which was looked at before.
        if (-not $Entry.Done -or (Test-SameName $Entry.Id $Id)) { return }
        return 'Exchange has no statistics of it, and the journal says that another mailbox was created here'
    }
    $count = Get-Text $rows[0] 'ItemCount'
    if ($count -cne '0') { return "it holds $(if ($count) { $count } else { 'an unknown number of' }) items" }
    # What can be recovered was in it once.
    $deleted = Get-Text $rows[0] 'DeletedItemCount'
    if ('', '0' -cnotcontains $deleted) { return "it holds $deleted recoverable items" }
}
