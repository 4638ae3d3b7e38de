# Exchange: the only places where an error of a cmdlet is given a meaning.

function Get-Stop {
    # What ends a step early, as an exception that carries the state; anything else that is thrown is a defect.
    param([string] $State, [string] $Detail, [string] $Guard = '', [string] $RequestId = '')
    $stop = New-Object -TypeName System.InvalidOperationException -ArgumentList $Detail
    $stop.Data['pexgen'] = @{ State = $State; Detail = $Detail; Guard = $Guard; RequestId = $RequestId }
    $stop
}

function Get-StopOf {
    param($ErrorRecord)
    if ($ErrorRecord.Exception.Data.Contains('pexgen')) { $ErrorRecord.Exception.Data['pexgen'] }
}

function Get-ErrorName {
    # The exception's class, first where PowerShell names it, then where the message does (id|class|text); '' where
    # nobody does. Class names survive translation.
    param($ErrorRecord)
    $unspecific = '', 'Exception', 'RuntimeException', 'RemoteException', 'WriteErrorException',
        'CmdletInvocationException', 'ActionPreferenceStopException'
    $message = [string] $ErrorRecord.Exception.Message
    $class = [string] $ErrorRecord.CategoryInfo.Reason
    if ($unspecific -ccontains $class) {
        # A remote session of Exchange Server names it in the error's identifier: [FailureCategory=Cmdlet-...].
        $class = [regex]::Match([string] $ErrorRecord.FullyQualifiedErrorId,
            '\[FailureCategory=\w+-(\w+Exception)\]').Groups[1].Value
    }
    if ($unspecific -ccontains $class) {
        $class = [regex]::Match($message, '(?:^|^[^|]*\|)\s*(?:\w+\.)*(\w+Exception)\b').Groups[1].Value
    }
    $class
}

function Get-ErrorClass {
    # The exception's class decides. Only the not-found class ever means that something is absent.
    param($ErrorRecord)
    $classes = @{
        ManagementObjectNotFoundException = 'absent'; ManagementObjectAmbiguousException = 'ambiguous'
        ADObjectAlreadyExistsException = 'exists'; MemberAlreadyExistsException = 'exists'
        ProxyAddressExistsException = 'exists'
    }
    $class = Get-ErrorName $ErrorRecord
    $message = [string] $ErrorRecord.Exception.Message
    # Exchange Online says so with the class of what is not found, too: of group members, for one.
    if ($message -cmatch '\bEx9E65A2\b|matches multiple entries') { return 'ambiguous' }
    if ($classes.ContainsKey($class)) { return $classes[$class] }
    # Words last, and only where a mistake costs a wait: what exists already is read and compared before it counts.
    if ($message -cmatch ('already exists|is already being used by the proxy addresses|' +
            'is already a member|is already assigned')) { return 'exists' }
    'other'
}

function Get-RequestId {
    # Microsoft's support asks for it: [Server=...,RequestId=...,TimeStamp=...]
    param($ErrorRecord)
    $found = [regex]::Match([string] $ErrorRecord.FullyQualifiedErrorId, 'RequestId=([0-9A-Fa-f-]+)')
    if ($found.Success) { $found.Groups[1].Value } else { '' }
}

function Get-ErrorText {
    param($ErrorRecord)
    $text = [string] $ErrorRecord.Exception.Message
    $parts = $text.Split([char[]] '|', 3)
    if ($parts.Count -eq 3 -and $parts[1] -cmatch '^\w+(\.\w+)+$') { $text = "$($parts[2]) [$($parts[1])]" }
    $text.Trim()
}

function Test-TransientError {
    # What the same call may answer a moment later: a failure of the service (500, 502), a connection that broke, a
    # time-out. Not what was refused: without a right (401, 403), for too many calls (429), without a session.
    param($ErrorRecord)
    $anyCase = [System.Text.RegularExpressions.RegexOptions] 'IgnoreCase, CultureInvariant'
    $refused = '\b(401|403|429)\b|unauthori[sz]ed|forbidden|access is denied|too many requests|load quota|' +
        'no active connection|no longer there'
    if ([regex]::IsMatch([string] $ErrorRecord.Exception.Message, $refused, $anyCase)) { return $false }
    # Exchange's own refusals name a class; a failure on the way to it names none, or that of the connection.
    (Get-ErrorName $ErrorRecord) -cmatch '^$|Transient|Time|Cancel|Http|^Web|Socket|^IO|Transport|Remoting'
}

function Get-CallName {
    # The cmdlets that a read calls; of a step's change, which is named, those that write.
    param($Code)
    $isRead = $Code -is [scriptblock]
    $tree = if ($isRead) { $Code.Ast } else { (Microsoft.PowerShell.Core\Get-Command -Name $Code).ScriptBlock.Ast }
    $names = @($tree.FindAll({ param($Node) $Node -is [System.Management.Automation.Language.CommandAst] }, $true) |
            ForEach-Object -Process { [string] $_.GetCommandName() } | Select-Distinct |
            Where-Object -FilterScript {
                # What this run does not need may not be there.
                $module = Get-Text (Microsoft.PowerShell.Core\Get-Command -Name $_ -ErrorAction Ignore |
                        Select-Object -First 1) 'ModuleName'
                $module -ne '' -and $module -cnotlike 'Microsoft.PowerShell.*' -and
                    ($isRead -or $_ -cnotmatch '^(Get|Test)-') })
    $names -join ' or '
}

function Write-CallTime {
    # With -Verbose each remote call is named, with what it was about and how long it took.
    param($Code, [string] $Subject, $Timer)
    if ('SilentlyContinue', 'Ignore' -contains $VerbosePreference) { return }
    $line = Format-Visible "$(Get-CallName $Code): $Subject, $($Timer.ElapsedMilliseconds) ms"
    Write-Verbose $line
    Write-Log "VERBOSE: $line"
}

function Invoke-WithRetry {
    # What the call answers; after a hiccup asked for three times more, which is said each time.
    param([scriptblock] $Call, [string] $Subject)
    foreach ($retryAfter in 2, 5, 10, 0) {
        $timer = [System.Diagnostics.Stopwatch]::StartNew()
        try {
            try { return @(& $Call) }
            finally { Write-CallTime $Call -Subject $Subject -Timer $timer }
        } catch {
            if ($retryAfter -eq 0 -or -not (Test-TransientError $_)) { throw }
            Write-Line "    $Subject could not be read: $(Get-ErrorText $_) Trying again in $retryAfter s."
            Start-Sleep -Seconds $retryAfter
        }
    }
}

function Invoke-Read {
    # Everything that the call answered, or nothing where Exchange says that there is no such object. Any other error
    # stops the step as unreadable: what could not be looked at is never taken for absent.
    param([scriptblock] $Call, [string] $Subject, [string] $IfAbsent = '')
    try { Invoke-WithRetry $Call -Subject $Subject | Where-Object -FilterScript { $null -ne $_ } }
    catch {
        if (Get-StopOf $_) { throw }
        $class = Get-ErrorClass $_
        if ($class -eq 'absent') { $Run['NotFound'] = Get-ErrorText $_ }
        if ($class -eq 'absent' -and $IfAbsent -eq '') { return }
        throw (Get-UnreadStop $_ -Class $class -Subject $Subject -IfAbsent $IfAbsent)
    }
}

function Get-UnreadStop {
    param($ErrorRecord, [string] $Class, [string] $Subject, [string] $IfAbsent)
    $state, $problem = switch ($Class) {
        'absent' { $IfAbsent, 'cannot be seen' }
        'ambiguous' { 'conflict', 'is not one object' }
        default { 'unreadable', 'could not be read' }
    }
    Get-Stop -State $state -Detail "$Subject ${problem}: $(Get-ErrorText $ErrorRecord)" -RequestId (
        Get-RequestId $ErrorRecord)
}

function Get-MissingPartState {
    # What "not found" means of a part of an object that is there: in Apply it may still appear.
    if ($Run.Mode -eq 'Apply') { 'pending' } else { 'unreadable' }
}

function Invoke-ReadOne {
    # One object or $null.
    param([scriptblock] $Call, [string] $Subject)
    $found = @(Invoke-Read -Call $Call -Subject $Subject)
    if ($found.Count -gt 1) {
        $names = @($found | ForEach-Object -Process { Get-Text $_ 'Identity' }) -join ', '
        throw (Get-Stop -State 'conflict' -Detail "$Subject is not one object but $($found.Count): $names")
    }
    if ($found.Count -eq 1) { $found[0] } else { $null }
}

function Get-Answered {
    # A property that is compared or given back: an answer that lacks it does not say that it is empty.
    param($InputObject, [string] $Name)
    if ($null -eq $InputObject -or $null -eq $InputObject.PSObject.Properties[$Name]) {
        throw (Get-Stop -State 'unreadable' -Detail (
                "Exchange's answer about '$(Get-Text $InputObject 'Identity')' has no $Name."))
    }
    Get-Property $InputObject $Name
}

function Get-AnsweredText {
    param($InputObject, [string] $Name)
    [string] (Get-Answered $InputObject -Name $Name)
}

function Get-RecipientOf {
    # Read once a pass: most steps begin at the same two addresses.
    param([string] $Address)
    if (-not $Run.Seen.ContainsKey($Address)) {
        $Run.Seen[$Address] = Invoke-ReadOne -Subject "recipient $Address" -Call {
            Get-Recipient -Identity $Address -ErrorAction Stop
        }
    }
    $Run.Seen[$Address]
}

function Format-Recipient {
    param($Recipient)
    "$(Get-Text $Recipient 'RecipientTypeDetails') " +
        "'$(Get-Text $Recipient 'DisplayName')' <$(Get-Text $Recipient 'PrimarySmtpAddress')>"
}

function Format-Some {
    # The first of these, and how many more there are; a list of thousands is nothing to read on a screen.
    param([object[]] $Items, [int] $Most, [scriptblock] $Name)
    $more = if ($Items.Count -gt $Most) { " and $($Items.Count - $Most) more" } else { '' }
    "$(@($Items | Select-Object -First $Most | ForEach-Object -Process $Name) -join ', ')$more"
}

function Test-Synchronized {
    # Such an object is mastered on-premises: Exchange Online refuses to change it.
    param($InputObject)
    (Test-Same (Get-Property $InputObject 'IsDirSynced') $true) -and
        -not (Test-Same (Get-Property $InputObject 'IsExchangeCloudManaged') $true)
}
