# Memory: what the journals say that these steps changed, and what of it the description could have led to.

$JournalSlack = @{ Before = [timespan]::FromMinutes(15); After = [timespan]::FromMinutes(60) }

function Get-EntryKey {
    # An object's identities, or one property of it, as a key: the tables of Windows PowerShell compare as the operator's
    # language does.
    param([string] $Id, [string] $Name = '')
    "$Id|$Name".ToLowerInvariant()
}

function Get-Entry {
    # An announced write, as far as its announcement tells.
    param([System.Collections.IDictionary] $Line)
    @{
        Before = $Line['before']; Wanted = $Line['wanted']; Done = $false; Refused = $false
        Key = [string] $Line['wanted']['id']; Id = [string] $Line['wanted']['id']; Guid = ''
        Announced = [string] $Line['utc']; Ended = [string] $Line['utc']
        # Taken back by an earlier Rollback: the whole object, or these of its properties.
        Undone = $false; Back = @{}
        # Why it cannot be a write of this description: the whole entry, or these of its properties.
        Foreign = ''; Strange = @{}
    }
}

function Get-JournalEntry {
    # Every announced write of a step, newest first, with what was read back where the run lived to read it, and what an
    # earlier Rollback took back.
    param([string] $Step)
    $entries = New-Object -TypeName System.Collections.ArrayList
    $known = @{}
    foreach ($one in $Run.Memory) {
        $open = @{}
        foreach ($line in $one.Entries) {
            if ($line['step'] -cne $Step) { continue }
            if ($line['event'] -ceq 'undone') { Close-Entry $known -Line $line; continue }
            $wanted = ConvertTo-Json -InputObject $line['wanted'] -Depth 4 -Compress
            if ($line['event'] -ceq 'intent') {
                $open[$wanted] = Get-Entry $line
                [void] $entries.Add($open[$wanted])
                Add-Known $known -Entry $open[$wanted]
            } elseif ($line['event'] -ceq 'failed') { $open[$wanted].Refused = $true }
            elseif ($line['after'] -is [System.Collections.IDictionary]) {
                Complete-Entry $open[$wanted] -Line $line
                Add-Known $known -Entry $open[$wanted]
            }
        }
    }
    foreach ($entry in $entries) { Add-Claim $Step -Entry $entry }
    $entries.Reverse()
    # Refused entries last: where another run created the object, its entry takes it back.
    , @(@($entries | Where-Object -FilterScript { -not $_.Refused }) +
        @($entries | Where-Object -FilterScript { $_.Refused }))
}

function Complete-Entry {
    param([hashtable] $Entry, [System.Collections.IDictionary] $Line)
    $after = $Line['after']
    $Entry.Wanted = $after
    $Entry.Done = $true
    $Entry.Ended = [string] $Line['utc']
    $Entry.Guid = [string] $after['guid']
    $Entry.Id = [string] $after['id']
}

function Add-Known {
    # By each identity, so that what took it back is found without a search through all.
    param([hashtable] $Known, [hashtable] $Entry)
    $names = if ($Entry.Before['exists']) { @($Entry.Wanted['properties'].Keys) } else { @('') }
    foreach ($id in @($Entry.Key, $Entry.Id | Select-Distinct)) {
        foreach ($name in $names) {
            $key = Get-EntryKey $id -Name $name
            if (-not $Known.ContainsKey($key)) { $Known[$key] = New-Object -TypeName System.Collections.ArrayList }
            [void] $Known[$key].Add($Entry)
        }
    }
}

function Close-Entry {
    # What this line says that a Rollback took back, of all that came before it.
    param([hashtable] $Known, [System.Collections.IDictionary] $Line)
    $wanted = $Line['wanted']
    $ids = @($wanted['id'], $Line['of'], $Line['before']['properties']['PrimarySmtpAddress'] |
            Where-Object -FilterScript { $_ -is [string] -and $_ -ne '' } | Select-Distinct)
    $names = if ($wanted['exists']) { @($wanted['properties'].Keys) } else { @('') }
    foreach ($id in $ids) {
        foreach ($name in $names) {
            foreach ($entry in @($Known[(Get-EntryKey $id -Name $name)] | Where-Object -FilterScript { $null -ne $_ })) {
                if ($name -ceq '') { $entry.Undone = $true; continue }
                $isBack = Test-SameProperty -Name $name -Left $wanted['properties'][$name] -Right (
                    $entry.Before['properties'][$name])
                if ($isBack) { $entry.Back[$name] = $true }
            }
        }
    }
}

function Test-Pattern {
    # Exchange would take one for many objects.
    param([string] $Text)
    $Text.IndexOfAny([char[]] '*?') -ge 0
}

function Add-Claim {
    # A journal is a memory and no order: what the description cannot have led to is left alone, and nothing of it is even
    # asked for in Exchange.
    param([string] $Step, [hashtable] $Entry)
    if (Test-Pattern "$($Entry.Key) $($Entry.Id)") { $Entry.Foreign = 'its identity is a pattern' }
    if (-not $Entry.Wanted['exists'] -or $Entry.Foreign -ne '') { return }
    if (-not $Entry.Before['exists']) {
        $Entry.Foreign = "$(& $Steps[$Step].Claim -Entry $Entry -Name '')"
        return
    }
    foreach ($name in @(Get-ChangedName $Entry)) {
        $reason = "$(& $Steps[$Step].Claim -Entry $Entry -Name $name)"
        if ($reason -ne '') { $Entry.Strange[$name] = $reason }
    }
}

function Get-ChangedName {
    # Of a list that is written whole only what became otherwise counts.
    param([hashtable] $Entry)
    @($Entry.Wanted['properties'].Keys) | Where-Object -FilterScript {
        -not (Test-SameProperty -Name $_ -Left $Entry.Before['properties'][$_] -Right (
                $Entry.Wanted['properties'][$_])) }
}

function Get-OpenName {
    # The properties of an entry that are still to be given back.
    param([hashtable] $Entry)
    @(Get-ChangedName $Entry | Where-Object -FilterScript {
            -not $Entry.Back.ContainsKey($_) -and -not $Entry.Strange.ContainsKey($_) })
}

function Test-SwitchedOn {
    # An entry of a list, a switch or a method that was off and was put on.
    param([hashtable] $Entry, [string] $Name)
    $Entry.Wanted['properties'][$Name] -eq $true -and $Entry.Wanted['properties'][$Name] -is [bool] -and
        $Entry.Before['properties'][$Name] -ne $true
}

function Get-Mismatch {
    # Why the object that stands there is not the one that this entry is about, or nothing. What was read back is known by
    # its GUID; what was only announced, because the run was killed, by the time at which it was created.
    param([hashtable] $Entry, [System.Collections.IDictionary] $Current)
    if ($Entry.Before['exists']) { return }
    $created = [string] $Current['created']
    if ($Entry.Guid -ne '' -and [string] $Current['guid'] -ne '') {
        if (Test-SameName $Entry.Guid ([string] $Current['guid'])) { return }
        return "it is another object than the one that this journal's run created; it was created at $created"
    }
    $from = ConvertFrom-Utc $Entry.Announced
    $until = ConvertFrom-Utc $Entry.Ended
    $time = ConvertFrom-Utc $created
    if ($Entry.Done -and ($null -eq $time -or $null -eq $until -or $time -le $until + $JournalSlack.After)) { return }
    if ($null -eq $time) {
        return "the journal announces it at $($Entry.Announced) and does not say that it was created, and Exchange does " +
            'not tell when it was'
    }
    if ($null -ne $from -and $time -ge $from - $JournalSlack.Before -and $time -le $from + $JournalSlack.After) { return }
    "it was created at $created, and the journal announces its creation at $($Entry.Announced)"
}
