# Addresses: what holds one although no recipient shows it.

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
    if ($Platform -ceq 'exchange-server') { return }
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
