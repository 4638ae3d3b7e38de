# Equipment mailboxes, the settings of their calendars, who may open them, and whether EWS is open to them.

function Find-Equipment {
    Add-Read $Run.Found -Key 'equipment' -Reading {
        $rows = if ($Value.EquipmentAddress -ne '') {
            Invoke-Read -Subject "mailbox $($Value.EquipmentAddress)" -Call {
                Get-Mailbox -Identity $Value.EquipmentAddress -ErrorAction Stop
            }
        } else {
            Invoke-Read -Subject 'equipment mailboxes' -Call {
                $most = $Run.MaximumMailboxes + 1
                Get-Mailbox -RecipientTypeDetails EquipmentMailbox -ResultSize $most -ErrorAction Stop
            }
        }
        foreach ($mailbox in @(Get-Bounded @($rows) -Subject 'equipment')) { Read-Equipment $mailbox }
    }
}

function Read-Equipment {
    param($Mailbox)
    $id = Get-ObjectId $Mailbox
    $record = [ordered]@{
        address = Get-Text $Mailbox 'PrimarySmtpAddress'; name = Get-Text $Mailbox 'Name'
        displayName = Get-Text $Mailbox 'DisplayName'; alias = Get-Text $Mailbox 'Alias'
        type = Get-Text $Mailbox 'RecipientTypeDetails'; synchronized = Test-Synchronized $Mailbox
    }
    Add-Read $record -Key 'calendar' -Reading { Read-Calendar $id }
    Add-Read $record -Key 'fullAccess' -Reading { Read-FullAccess $id }
    Add-Read $record -Key 'ews' -Reading { Read-MailboxGate $id }
    $record
}

function Read-MailboxGate {
    # EWS of one mailbox: true, false, or null where it is as for everybody.
    param([string] $Identity)
    Invoke-Read -Subject "EWS gate of $Identity" -IfAbsent 'unreadable' -Call {
        Get-CASMailbox -Identity $Identity -ErrorAction Stop
    } | ForEach-Object -Process {
        $enabled = switch -CaseSensitive (ConvertTo-Comparable (Get-Property $_ 'EwsEnabled')) {
            'True' { $true }
            'False' { $false }
            default { $null }
        }
        [ordered]@{ enabled = $enabled }
    }
}

function Read-Calendar {
    param([string] $Identity)
    $calendar = Invoke-Read -Subject "calendar processing of $Identity" -IfAbsent 'unreadable' -Call {
        Get-CalendarProcessing -Identity $Identity -ErrorAction Stop
    }
    $settings = [ordered]@{}
    foreach ($name in $CalendarSettings) {
        $current = Get-Property $calendar $name
        $isPlain = $null -eq $current -or $current -is [bool] -or $current -is [int]
        $settings[$name] = if ($isPlain) { $current } else { [string] $current }
    }
    $settings
}

function Read-FullAccess {
    # Entries of its own: not inherited, not denied, not the mailbox itself. Exchange names users in several ways.
    param([string] $Identity)
    $rows = @(Invoke-Read -Subject "permissions on $Identity" -IfAbsent 'unreadable' -Call {
            Get-MailboxPermission -Identity $Identity -ErrorAction Stop
        } | Where-Object -FilterScript {
            $rights = @(Get-Property $_ 'AccessRights' | ForEach-Object -Process { ([string] $_).Split([char[]] ', ') })
            $rights -contains 'FullAccess' -and -not (Test-Same (Get-Property $_ 'Deny') $true) -and
                -not (Test-Same (Get-Property $_ 'IsInherited') $true) })
    foreach ($row in $rows) {
        $user = Get-Text $row 'User'
        if ($user -eq 'NT AUTHORITY\SELF') { continue }
        $recipient = Get-RecipientOf $user
        [ordered]@{ user = $user; address = Get-Filled (Get-Text $recipient 'PrimarySmtpAddress') }
    }
}
