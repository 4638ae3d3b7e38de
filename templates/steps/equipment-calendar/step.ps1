# Equipment calendar: how the equipment mailbox answers meeting requests.

$Steps['equipment-calendar'] = { @{
    Compare = 'Compare-EquipmentCalendar'; Now = 'Get-EquipmentCalendarNow'; Change = 'Invoke-EquipmentCalendarChange'
    Described = $Value.EquipmentCalendar.Count -gt 0
    Claim = 'Get-EquipmentCalendarClaim'; Address = $Value.EquipmentAddress
    Made = @(); Set = $CalendarSettings -join '|'; Kind = 'EquipmentMailbox'
    Reads = 'Get-Recipient', 'Get-CalendarProcessing'
    Apply = @('Set-CalendarProcessing'); Rollback = @('Set-CalendarProcessing')
    Parameters = @($Value.EquipmentCalendar.Keys)
} }

function Compare-EquipmentCalendar {
    $plan = Get-EmptyPlan 'equipment-calendar'
    $names = @($CalendarSettings | Where-Object -FilterScript { $Value.EquipmentCalendar.ContainsKey($_) })
    $recipient = Get-EquipmentMailbox
    if ($null -eq $recipient -and -not (Test-Planned 'equipment-mailbox')) {
        throw (Get-Awaited 'equipment-mailbox' 'The equipment mailbox')
    }
    $id = if ($null -ne $recipient) { Get-ObjectId $recipient } else { $Value.EquipmentAddress }
    $now = Get-Absent $id
    $plan['IsMissing'] = $null -eq $recipient
    if ($null -ne $recipient) {
        $asked = [ordered]@{}
        foreach ($name in $names) { $asked[$name] = $null }
        $now = Get-EquipmentCalendarNow -Snapshot (Get-Present $id $asked)
        if (-not $now.exists) {
            # The calendar of a new mailbox appears some time after the mailbox.
            throw (Get-Stop -State (Get-MissingPartState) -Detail (
                    'Exchange does not find the calendar settings of the mailbox yet. Run the same command again later.'))
        }
    }
    $before = [ordered]@{}
    $wanted = [ordered]@{}
    foreach ($name in $names) {
        if (Test-Same $now.properties[$name] $Value.EquipmentCalendar[$name]) { continue }
        $before[$name] = $now.properties[$name]
        $wanted[$name] = $Value.EquipmentCalendar[$name]
    }
    if ($wanted.Count -gt 0) {
        $text = @($wanted.Keys | ForEach-Object -Process { "$_ to $(Format-Value $wanted[$_])" }) -join ', '
        Add-Setting $plan -Text "set for $($Value.EquipmentAddress): $text" -Id $id -Before $before -Wanted $wanted
    }
    $plan.Notes += "Only these are managed here: $($names -join ', '). No other calendar setting is compared or set."
    $plan
}

function Invoke-EquipmentCalendarChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $setting = @{}
    foreach ($name in $Change.Wanted.properties.Keys) { $setting[$name] = $Change.Wanted.properties[$name] }
    # Undo: the same call with the values of before
    Set-CalendarProcessing -Identity $Now.id @setting -Confirm:$false -ErrorAction Stop
}

function Get-EquipmentCalendarNow {
    param([System.Collections.IDictionary] $Snapshot)
    $id = $Snapshot.id
    $calendar = Invoke-ReadOne -Subject "calendar processing of $id" -Call {
        Get-CalendarProcessing -Identity $id -ErrorAction Stop
    }
    if ($null -eq $calendar) { return Get-Absent $id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) {
        $current = Get-Answered $calendar -Name $name
        # A Boolean that arrives as text could not be written back as one.
        if ('True', 'False' -contains [string] $current) { $current = [string] $current -eq 'True' }
        $properties[$name] = if ($current -is [bool] -or $current -is [int]) { $current } else { [string] $current }
    }
    Get-Present $id $properties
}

function Get-EquipmentCalendarClaim {
    # Why the description cannot have led to this, or nothing. What is given back has to be a value of the setting.
    param($Entry, [string] $Name)
    if ($Name -eq '' -or -not $Value.EquipmentCalendar.ContainsKey($Name)) { return 'the description does not set it' }
    $before = $Entry.Before['properties'][$Name]
    $problem = Get-LimitProblem $before -Limit $Limits['EquipmentCalendar']['Keys'][$Name] -CanBeEmpty $false
    if ($problem) { return "$(Format-Value $before) is not a value of it" }
}
