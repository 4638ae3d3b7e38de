# Get- and Set-CalendarProcessing.

$script:CalendarLists = @('BookInPolicy', 'RequestInPolicy', 'RequestOutOfPolicy', 'ResourceDelegates')
# What a new room or equipment mailbox does with requests.
$script:ResourceProcessing = 'AutoAccept'

function Get-NewCalendar {
    <# Returns the calendar processing that a new mailbox has; the defaults of a resource are harmful to meetings. #>
    param([string] $Kind)
    $resource = $Kind -in 'Room', 'Equipment'
    return [pscustomobject]@{
        AutomateProcessing = $(if ($resource) { $script:ResourceProcessing } else { 'AutoUpdate' }); AllowConflicts = $false
        AllowDistributionGroup = $true
        AllowMultipleResources = $true; BookingType = 'Standard'; BookingWindowInDays = 180
        MaximumDurationInMinutes = 1440; MinimumDurationInMinutes = 0
        AllowRecurringMeetings = $true; EnforceAdjacencyAsOverlap = $false; EnforceCapacity = $false
        EnforceSchedulingHorizon = $true
        ScheduleOnlyDuringWorkHours = $false; ConflictPercentageAllowed = 0; MaximumConflictInstances = 0
        ForwardRequestsToDelegates = $true
        DeleteAttachments = $true; DeleteComments = $true; RemovePrivateProperty = $true; DeleteSubject = $true
        AddOrganizerToSubject = $true
        DeleteNonCalendarItems = $true; TentativePendingApproval = $true; EnableResponseDetails = $true
        OrganizerInfo = $true
        ResourceDelegates = @(); RequestOutOfPolicy = @(); AllRequestOutOfPolicy = $false; BookInPolicy = @()
        AllBookInPolicy = $true
        RequestInPolicy = @(); AllRequestInPolicy = $false; AddAdditionalResponse = $false; AdditionalResponse = ''
        RemoveOldMeetingMessages = $true; AddNewRequestsTentatively = $true; ProcessExternalMeetingMessages = $false
        RemoveForwardedMeetingNotifications = $false; RemoveCanceledMeetings = $false; EnableAutoRelease = $false
        PostReservationMaxClaimTimeInMinutes = 10
    }
}

function Get-Calendar {
    <# Returns the calendar processing of a mailbox: the defaults of its kind, and over them what was set. #>
    param($Mailbox)
    $calendar = Get-NewCalendar ($Mailbox.RecipientTypeDetails -creplace 'Mailbox$')
    $own = Get-Field $Mailbox 'calendar'
    foreach ($property in $(if ($own) { $own.PSObject.Properties })) {
        Set-Field $calendar $property.Name $property.Value
    }
    return $calendar
}

$script:Handler['Get-CalendarProcessing'] = {
    param($Sent)
    $identity = Get-Text $Sent['Identity']
    $found = if ($identity) { Get-Store $identity } else { Get-Selected @{} $script:Mailboxes }
    foreach ($mailbox in Select-Page @($found) $Sent) {
        $calendar = Get-Calendar $mailbox
        $shown = [ordered]@{ Identity = Get-IdentityText $mailbox; MailboxOwnerId = Get-IdentityText $mailbox }
        foreach ($property in $calendar.PSObject.Properties) {
            $shown[$property.Name] = if ($property.Name -in $script:CalendarLists) {
                # Directory identities come back, whatever was written; one that nobody has any more stays as it is.
                Get-List @($property.Value | Where-Object { $_ } | ForEach-Object { Get-ShownName $_ 'calendarListsAs' })
            } else { $property.Value }
        }
        $shown.IsValid = $true
        [pscustomobject] $shown
    }
}

function Get-Store {
    <# Returns a mailbox whose store is there: that of a new one comes later than its entry in the directory. #>
    param([string] $Identity)
    $mailbox = Get-OneRecipient $Identity $script:Mailboxes
    $left = Get-Field $mailbox 'lateStore' 0
    if ($left -gt 0) {
        Set-Field $mailbox 'lateStore' ($left - 1)
        $script:Changed = $true
        Stop-NotFound $Identity
    }
    return $mailbox
}

$script:Handler['Set-CalendarProcessing'] = {
    param($Sent)
    $mailbox = Get-Store (Get-Text $Sent['Identity'])
    $kind = $mailbox.RecipientTypeDetails -creplace 'Mailbox$'
    $calendar, $values = (Get-Calendar $mailbox), @{}
    foreach ($name in @($Sent.Keys)) {
        $property = $calendar.PSObject.Properties[$name]
        if ($null -eq $property) { continue }
        $values[$name] = if ($name -in $script:CalendarLists) { Get-ListedGuids $Sent[$name] }
        else { Get-CalendarValue $name $Sent[$name] $kind $property.Value }
    }
    foreach ($name in $values.Keys) { Set-Field $calendar $name $values[$name] }
    Set-Field $mailbox 'calendar' (Get-ChangedCalendar $calendar $kind)
    Set-Field $mailbox 'WhenChangedUTC' (Get-TenantTime)
}

function Get-ChangedCalendar {
    <# Returns what differs from the defaults: a value that was set back leaves no trace, as in Exchange. #>
    param($Calendar, [string] $Kind)
    $changed, $defaults = [ordered]@{}, (Get-NewCalendar $Kind)
    foreach ($property in $Calendar.PSObject.Properties) {
        if ("$($property.Value)" -cne "$($defaults.($property.Name))") { $changed[$property.Name] = $property.Value }
    }
    return [pscustomobject] $changed
}

function Get-ListedGuids {
    <# Returns the list that replaces the present one whole; this cmdlet has no @{Add=...}. #>
    param($Sent)
    if ($Sent -is [Collections.IDictionary]) {
        Stop-BadValue 'Cannot convert a hash table to the type "RecipientIdParameter[]".'
    }
    return , @(@($Sent) | Where-Object { $_ } | ForEach-Object { (Get-OneRecipient (Get-Text $_)).Guid })
}

function Get-CalendarValue {
    param([string] $Name, $Sent, [string] $Kind, $Present)
    if ($Name -eq 'AutomateProcessing') {
        $known = @('None', 'AutoUpdate', 'AutoAccept' | Where-Object { Test-Same $_ (Get-Text $Sent) })
        if (-not $known) {
            Stop-BadValue "Cannot convert value `"$(Get-Text $Sent)`" to type `"CalendarProcessingFlags`"."
        }
        if ($known[0] -eq 'AutoAccept' -and $Kind -notin 'Room', 'Equipment') {
            Stop-Call 'Microsoft.Exchange.Management.StoreTasks.InvalidParametersException' (
                'AutoAccept is only supported for resource mailboxes.'
            ) 'ExC3B0A7'
        }
        return $known[0]
    }
    if ($Present -is [bool]) { return [bool] $Sent }
    if ($Present -is [int] -or $Present -is [long]) { return [long] $Sent }
    return Get-Text $Sent
}
