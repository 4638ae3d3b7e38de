# EWS access: Exchange Online blocks EWS except for listed applications. This step can affect the whole tenant.

$Steps['ews-access'] = { @{
    Compare = 'Compare-EwsAccess'; Now = 'Get-EwsAccessNow'; Change = 'Invoke-EwsAccessChange'
    Described = $Value.EwsPolicy -ne ''; WholeList = $true; CloudEws = $true
    Made = @(); Set = '[^,]+'
    Reads = @('Get-OrganizationConfig')
    Apply = @(if ($Value.EwsPolicy -eq 'merge') { 'Set-OrganizationConfig' })
    Verify = @('Get-CASMailbox')
    Rollback = @('Set-OrganizationConfig')
    Decides = 'Get-EwsDecider'
    Claim = 'Get-EwsAccessClaim'; Label = 'Get-EwsAccessLabel'
    Shown = 'Format-EwsName'; Act = 'Format-EwsAct'
    GoOn = 'Add-EwsListTime'; Proof = 'Test-EwsAccessProof'; Hold = 'Get-EwsAccessHold'; HoldEntry = 'Get-EwsEntryHold'
    Advice = 'Get-EwsAdvice'
    ByHand = 'Get-CutoverByHand'  # only: migrate
    UndoWarning = 'Add-LastWayWarning'  # only: migrate
    Takes = "EwsEnabled $($Facts.EwsSwitchTakes), the list $($Facts.EwsListTakes)"
    NotChecked = @(
        "Whether EWS is open yet: EwsEnabled takes $($Facts.EwsSwitchTakes), the list $($Facts.EwsListTakes)."
        'Of the EWS settings of a mailbox only EwsEnabled is read, not its own list of user agents (Get-CASMailbox).'
    )
    Assert = {
        Assert-EwsListTime
        Assert-Sane ($Value.EwsNoOthers -eq '' -or $Value.EwsKeep.Count -eq 0) (
            '-EwsNoOthers says that nobody else uses EWS, and -EwsKeep names who does.')
    }
} }

function Get-EwsAccessNow {
    param([System.Collections.IDictionary] $Snapshot)
    $properties = ConvertTo-EwsProperty (Read-Organization)
    foreach ($name in $Snapshot.properties.Keys) {
        if (-not $properties.Contains($name)) { $properties[$name] = $false }
    }
    Get-Present 'organization' $properties
}

function Format-Id {
    param([string[]] $Id)
    $names = $KnownApplications.Clone()
    $names[$Value.ApplicationClientId] = $Value.ApplicationName
    $described = @($Value.EwsKeep)
    $described += @($Value.EwsRetire)  # only: migrate
    foreach ($known in $described) { $names[[string] $known['ClientId']] = [string] $known['Name'] }
    @(foreach ($one in @($Id | Where-Object -FilterScript { $_ })) {
            if ($names[$one]) { "$one ($($names[$one]))" } else { $one }
        }) -join ', '
}

function Format-EwsName {
    param([string] $Name)
    if ($Name -ceq 'EwsEnabled') { $Name } else { "EwsAllowedAppIDs:$(Format-Id $Name)" }
}

function Add-ListChange {
    param([hashtable] $Plan, [System.Collections.IDictionary] $Properties, [string[]] $Missing)
    $before = Copy-Property $Properties
    foreach ($id in $Missing) { $before[$id] = $false }
    $wanted = Copy-Property $before
    foreach ($id in $Missing) { $wanted[$id] = $true }
    Add-Setting $Plan -Id 'organization' -Before $before -Wanted $wanted -Text (
        "add to EwsAllowedAppIDs, and remove nothing: $(Format-Id $Missing). " +
        "The whole list is then: $(Format-Id (Get-ListedId $wanted))")
    $Plan.Notes += Get-EwsEffect $before -Change 'List' -Added $Missing
    if ($Value.EwsNoOthers -ne '') {
        $Plan.Notes += "The description says that nobody else uses EWS: $($Value.EwsNoOthers)"
    }
    $Plan.Notes += "Exchange can take $($Facts.EwsListTakes) to apply a changed list; the run does not wait for that."
    $wanted
}

function Get-EwsEffect {
    # Who else gains or loses EWS by this change, from the table $EwsStates.
    param([System.Collections.IDictionary] $Properties, [string] $Change, [string[]] $Added)
    $listed = @(@(Get-ListedId $Properties) + @($Added) | Where-Object -FilterScript { $_ } | Select-Distinct -AnyCase)
    $text = $EwsStates[(Get-EwsState $Properties)][$Change]
    $text.Replace('{listed}', (Format-Id $listed)).Replace('{added}', (Format-Id $Added))
}

function Get-OthersMissing {
    # Microsoft never fills a list that an administrator created. Where Microsoft would fill it, nothing is written until
    # the description says who else uses EWS. Returns nothing where that is said, or decided already.
    param([System.Collections.IDictionary] $Properties)
    if ($null -ne $Properties['EwsEnabled'] -or @(Get-ListedId $Properties).Count -gt 0) { return }
    $others = @($Value.EwsKeep | Where-Object -FilterScript { [string] $_['ClientId'] -ne $Value.ApplicationClientId })
    if ($others.Count -gt 0 -or $Value.EwsNoOthers -ne '') { return }
    'EwsEnabled is not set and there is no list. Microsoft fills such a list from 60 days of use before it switches ' +
    'EWS off, but never one that an administrator made: a list of this application alone would shut out everybody ' +
    'else on the day on which EwsEnabled becomes true. Nothing is written until the description says who else uses ' +
    'EWS (ews.keep, -EwsKeep), or that nobody does (ews.no_others, -EwsNoOthers). Where to look: Reports > Usage > Exchange > EWS usage in ' +
    'the Microsoft 365 admin center; pexgen ews-usage reads its export.'
}

function Get-HybridNote {
    # Exchange Server of a hybrid organization reaches Exchange Online by an application of its own. What tells that an
    # organization is hybrid is not in every session, and is not needed for anything else.
    $named = @($Value.EwsKeep | Where-Object -FilterScript {
            ([string] $_['Name']).StartsWith('ExchangeServerApp-', [System.StringComparison]::OrdinalIgnoreCase) })
    if ($named.Count -gt 0) { return }
    $name = 'Get-OnPremisesOrganization'
    $command = @(Microsoft.PowerShell.Core\Get-Command -Name $name -ErrorAction Ignore) | Select-Object -First 1
    $known = @(Microsoft.PowerShell.Core\Get-Command -Name 'Get-OrganizationConfig') | Select-Object -First 1
    if ($null -eq $command -or [string] $command.ModuleName -cne [string] $known.ModuleName) { return }
    try { $found = @(& $command -ErrorAction Stop | Where-Object -FilterScript { $null -ne $_ }) }
    catch { return "Whether this organization is hybrid could not be read: $(Get-ErrorText $_)" }
    if ($found.Count -eq 0) { return }
    "This organization is hybrid ($name), and ews.keep (-EwsKeep) names no application ExchangeServerApp-... Without " +
    'its hybrid application on the list, free/busy, MailTips, photos and archive moves between Exchange Online and ' +
    'Exchange Server stop where the list decides. Find its client ID in Entra, Enterprise applications.'
}

function Add-SwitchChange {
    param([hashtable] $Plan, [System.Collections.IDictionary] $Properties)
    $wanted = Copy-Property $Properties
    $wanted['EwsEnabled'] = $true
    Add-Setting $Plan -Id 'organization' -Before $Properties -Wanted $wanted -Text (
        "switch EWS on (EwsEnabled true); it is then open to exactly: $(Format-Id (Get-ListedId $Properties))")
    $Plan.Notes += Get-EwsEffect $Properties -Change 'Switch'
    $Plan.Notes += "Exchange applies the switch after some time: $($Facts.EwsSwitchTakes)."
}

function Invoke-EwsAccessChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $wanted = $Change.Wanted.properties
    if ($wanted.Contains('EwsEnabled') -and -not (Test-Same $wanted['EwsEnabled'] $Now.properties['EwsEnabled'])) {
        # Undo: the same call with the values of before
        Set-OrganizationConfig -EwsEnabled $wanted['EwsEnabled'] -Confirm:$false -ErrorAction Stop
        return
    }
    $ids = @(Get-WantedList $Change -Now $Now)
    if ($ids.Count -eq 0 -and ($Run.Mode -ne 'Rollback' -or $Now.properties['EwsEnabled'] -eq $true)) {
        throw (Get-Stop -State 'conflict' -Detail 'The EWS list would be empty. That is not written: it could block EWS for everybody.')
    }
    $text = if ($ids.Count -gt 0) { $ids -join ',' } else { $null }
    # Undo: the same call, with the list as it is at that time, less what was added
    Set-OrganizationConfig -EwsAllowedAppIDs $text -Confirm:$false -ErrorAction Stop
}

function Compare-EwsAccess {
    $plan = Get-EmptyPlan 'ews-access'
    $organization = Read-Organization
    $now = ConvertTo-EwsProperty $organization
    $listed = @(Get-ListedId $now)
    $gate = Get-EwsGate $now -ClientId $Value.ApplicationClientId
    $second = Get-SecondGate $organization -UserAgent $Value.EwsUserAgent
    if ($null -ne $second) { $plan.Notes += $second.Text }
    $plan.Notes += @(Get-HybridNote)
    if ($Value.EwsPolicy -eq 'check') {
        if (-not $gate.Open) { $plan.Remaining = 'blocked' }
        $plan.Notes += "$($gate.Text) The description asks only for a check."
        return $plan
    }
    $described = @($Value.ApplicationClientId) + @($Value.EwsKeep | ForEach-Object -Process { [string] $_['ClientId'] })
    $described += @(Get-RetiredInUse $now)  # only: migrate
    $missing = @($described | Select-Distinct -AnyCase | Where-Object -FilterScript { $listed -notcontains $_ })
    $why = @(Get-OthersMissing $now)
    if ($missing.Count -gt 0 -and $now['EwsEnabled'] -eq $true -and $listed.Count -eq 0 -and -not $Value.EwsSwitchOn) {
        $why = @(
            $gate.Text
            "With a list: $(Get-EwsEffect $now -Change 'List' -Added $missing) switch_on: true (-EwsSwitchOn `$true) writes it.")
    }
    if ($why.Count -gt 0) {
        $plan.Remaining = 'blocked'
        $plan.Notes += $why
        return $plan
    }
    $listNow = if ($missing.Count -gt 0) { Add-ListChange $plan -Properties $now -Missing $missing } else { $now }
    Add-EwsSwitch $plan -Properties $listNow -ListChanges ($missing.Count -gt 0)
    $plan
}

function Get-RetiredInUse {
    # What phase Cleanup takes off the list later works until then: a list or a switch that shuts out all others must
    # not shut out the way that is still in use.
    param([System.Collections.IDictionary] $Properties)
    $isOpen = $null -eq $Properties['EwsEnabled'] -or
        ($Properties['EwsEnabled'] -eq $true -and @(Get-ListedId $Properties).Count -eq 0)
    if (-not $isOpen -or -not $Value.EwsSwitchOn) { return }
    $Value.EwsRetire | ForEach-Object -Process { [string] $_['ClientId'] }  # only: migrate
}

function Add-EwsSwitch {
    param([hashtable] $Plan, [System.Collections.IDictionary] $Properties, [bool] $ListChanges)
    if ($Properties['EwsEnabled'] -eq $true) { return }
    $phase = ''
    $phase = '-Phase Prepare '  # only: migrate
    $again = (
        "-Mode Apply ${phase}-Step ews-access " +
        "-EwsListInPlaceSince <the time at which the list was complete, as $(Format-Utc (Get-UtcNow))>")
    if ($null -ne $Properties['EwsEnabled']) {
        if ($Value.EwsSwitchOn) { Add-SwitchChange $Plan $Properties; return }
        $Plan.Remaining = 'blocked'
        $Plan.Notes += (
            'EWS is switched off for the organization, ' +
            'and the description does not allow switching it on (switch_on, -EwsSwitchOn $true).')
    } elseif (-not $Value.EwsSwitchOn) {
        $Plan.Notes += $EwsStates['unset'].Now
    } elseif ($ListChanges) {
        $Run['EwsListCompleted'] = $true
        Add-LaterSwitch $Plan
        $Plan.Remaining = 'pending'
        $Plan.Notes += (
            "EwsEnabled is not set. Exchange can take $($Facts.EwsListTakes) to apply the list; switching EWS on before would block " +
            "everybody. Then: $again What that does: $(Get-EwsEffect $Properties -Change 'Switch')")
    } elseif ($null -ne $Run['EwsListSince'] -and $Run['EwsListSince'] -le (Get-UtcNow).AddHours(-1 * [int] $Facts.EwsListHours)) {
        Add-SwitchChange $Plan $Properties
    } else {
        Add-LaterSwitch $Plan
        $Plan.Remaining = if ($Run.Mode -eq 'Check') { 'blocked' } else { 'pending' }
        $Plan.Notes += (
            "EwsEnabled is not set and the list is complete. When it has been complete for $($Facts.EwsListHours) hours: $again " +
            "What that does: $(Get-EwsEffect $Properties -Change 'Switch')")
    }
}

function Add-LaterSwitch {
    # What a later run switches differs now: whoever approves the plan approves that, and the later run is bound to it.
    # The run that leaves it for later says nowhere that it changed it.
    param([hashtable] $Plan)
    if (-not $Run.Planning) { return }
    Add-Difference $Plan -Property 'EwsEnabled' -Current $null -Wanted $true
}

function Assert-EwsListTime {
    if ($Run.EwsListInPlaceSince -eq '') { return }
    $time = ConvertFrom-Utc $Run.EwsListInPlaceSince
    $inRange = $null -ne $time -and $time -ge [datetime] $Facts.EwsListIntroduced -and $time -le (Get-UtcNow)
    Assert-Sane $inRange (
        '-EwsListInPlaceSince must be a time such as 2026-11-02T21:00:00Z, ' +
        "not before $($Facts.EwsListIntroduced) and not in the future.")
    $Run['EwsListSince'] = $time
}

function Add-EwsListTime {
    # Where the list was seen complete in this run, this moment is a true answer. An earlier one that was given stays,
    # but not where the list had to be completed since.
    param([hashtable] $Given, [bool] $IsPlanned)
    if ($Run['EwsListCompleted']) { $Given.Remove('EwsListInPlaceSince') }
    if ($IsPlanned -and -not $Given.ContainsKey('EwsListInPlaceSince')) {
        $Given['EwsListInPlaceSince'] = Format-Utc (Get-UtcNow)
    }
}

function Test-EwsAccessProof {
    $organization = Read-Organization
    $gate = Get-EwsGate (ConvertTo-EwsProperty $organization) -ClientId $Value.ApplicationClientId
    $proof = @{
        Target = 'EWS setting of the organization'; Expected = 'open to the application'; Actual = $gate.Text
        State = $(if ($gate.Open) { 'proved' } else { 'disproved' })
    }
    Write-Proof 'ews-access' @proof
    Write-SecondGateProof 'ews-access' -Organization $organization -UserAgent $Value.EwsUserAgent
    foreach ($address in @(@($Value.EquipmentAddress) + @($Value.ProofInScope) | Select-Distinct -AnyCase)) {
        try {
            $mailbox = Invoke-ReadOne -Subject "EWS setting of $address" -Call {
                Get-CASMailbox -Identity $address -ErrorAction Stop
            }
            $actual = if ($null -eq $mailbox) { 'mailbox not found' }
            elseif (Test-Same (Get-Property $mailbox 'EwsEnabled') $false) { 'closed' }
            else { 'open' }
            $proof = @{
                Target = "EWS setting of $address"; Expected = 'open'; Actual = $actual
                State = $(if ($actual -ceq 'open') { 'proved' } else { 'disproved' })
            }
            Write-Proof 'ews-access' @proof
        } catch {
            $stop = Get-StopOf $_
            if (-not $stop) { throw }
            $proof = @{
                Target = "EWS setting of $address"; Expected = 'open'; Actual = $stop.Detail
                State = 'unreadable'
            }
            Write-Proof 'ews-access' @proof
        }
    }
}
