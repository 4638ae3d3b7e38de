# What the old way left of its account: entries on the EWS list that the description names, and what is left to do.

$Steps['legacy-account'] = { @{
    Compare = 'Compare-LegacyAccount'; Now = 'Get-EwsAccessNow'; Change = 'Invoke-LegacyAccountChange'
    Decides = 'Get-EwsDecider'
    Hold = 'Get-EwsAccessHold'; HoldEntry = 'Get-EwsEntryHold'
    Claim = 'Get-LegacyAccountClaim'; Label = 'Get-EwsAccessLabel'
    Shown = 'Format-EwsName'; Act = 'Format-EwsAct'
    Cleanup = $true; WholeList = $true; Takes = "the list $($Facts.EwsListTakes)"
    Made = @(); Set = '[^,]+'
    Reads = @('Get-Mailbox') + @(if ($Value.EwsRetire.Count -gt 0) { 'Get-OrganizationConfig' })
    Apply = @(if ($Value.EwsRetire.Count -gt 0) { 'Set-OrganizationConfig' })
    Rollback = @('Set-OrganizationConfig')
    ByHand = {
        param($State)
        # Without its license the mailbox goes, and nobody can tell any more which assignments were its own.
        $role = $Run.Results['legacy-impersonation']
        if ($Run.Mode -ceq 'Apply' -and 'changed', 'in-place', 'not-asked' -ccontains $State -and
            $null -ne $role -and 'changed', 'in-place' -ccontains $role.state) {
            "$($Value.ServiceAccountUserPrincipalName): remove its license, block its sign-in, and remove in Entra " +
                'the app registration by which it signed in, unless the integration uses that one now.'
        }
    }
    NotChecked = (
        "After Cleanup, by hand, for $($Value.ServiceAccountUserPrincipalName): remove its license, block its " +
        'sign-in, and in Entra remove the app registration by which it signed in, with its consents, unless the ' +
        'integration uses that one now.')
    Assert = {
        Assert-Sane ($Value.EwsRetire.Count -eq 0 -or $Value.EwsPolicy -ceq 'merge') (
            '-EwsRetire needs -EwsPolicy merge: with check nothing is written.')
        foreach ($retired in $Value.EwsRetire) {
            $id = [string] $retired['ClientId']
            $staying = @($Value.ApplicationClientId) + @($Value.OneTouchJoinClientIds) +
                @($Value.EwsKeep | ForEach-Object -Process { [string] $_['ClientId'] })
            Assert-Sane ($staying -notcontains $id) "-EwsRetire names $id, which has to stay on the list."
        }
    }
} }

function Get-CutoverByHand {
    # What comes between Prepare and Cleanup; step ews-access says it, the last of Prepare that everything needs.
    param([string] $State)
    if ($Run.Mode -ceq 'Apply' -and $Run.Phase -ceq 'Prepare' -and 'changed', 'in-place', 'not-asked', 'pending' -ccontains $State) {
        'When Verify has proved the new way and Exchange has had its time ' +
            "(the list $($Facts.EwsListTakes), the role $($Facts.RoleTakes)): switch the integration in Pexip Infinity " +
            'to the application, try it, and run -Mode Apply -Phase Cleanup -ConfirmCutover.'
    }
}

function Compare-LegacyAccount {
    $plan = Get-EmptyPlan 'legacy-account'
    $name = $Value.ServiceAccountUserPrincipalName
    $mailbox = Invoke-ReadOne -Subject "mailbox $name" -Call { Get-Mailbox -Identity $name -ErrorAction Stop }
    if ($null -eq $mailbox) { $plan.Notes += "The mailbox of $name was not found." }
    elseif (Test-Same (Get-Property $mailbox 'SKUAssigned') $true) {
        $plan.Notes += "$name still has a license. Remove it, and block its sign-in, when nothing else uses the account."
    } elseif (Test-Same (Get-Property $mailbox 'SKUAssigned') $false) {
        $plan.Notes += "$name has no license any more. Block its sign-in when nothing else uses it."
    } else { $plan.Notes += "Whether $name has a license cannot be seen here." }
    if ($Value.EwsRetire.Count -gt 0) { Compare-RetiredApplication $plan }
    $plan
}

function Get-LegacyAccountClaim {
    # Why the description cannot have led to this, or nothing: it takes off the list what it names for that.
    param($Entry, [string] $Name)
    $retired = @($Value.EwsRetire | ForEach-Object -Process { [string] $_['ClientId'] })
    $isOff = $Name -ne '' -and $Entry.Before['properties'][$Name] -eq $true -and
        $Entry.Wanted['properties'][$Name] -eq $false
    if (-not $isOff -or $retired -notcontains $Name) { return 'the description does not take that application off' }
}

function Compare-RetiredApplication {
    param([hashtable] $Plan)
    $before = ConvertTo-EwsProperty (Read-Organization)
    $retired = @($Value.EwsRetire | ForEach-Object -Process { [string] $_['ClientId'] })
    $going = @(Get-ListedId $before | Where-Object -FilterScript { $retired -contains $_ })
    $staying = @(Get-ListedId $before | Where-Object -FilterScript { $retired -notcontains $_ })
    if ($going.Count -eq 0) { return }
    if ($staying -notcontains $Value.ApplicationClientId) {
        $Plan.Remaining = 'blocked'
        $Plan.Notes += 'The EWS list does not contain the new application; the old ones stay on it until it does.'
        return
    }
    $wanted = Copy-Property $before
    foreach ($id in $going) { $wanted[$id] = $false }
    Add-Setting $Plan -Id 'organization' -Before $before -Wanted $wanted -Text (
        "remove from the list of applications that may use EWS: $(Format-Id $going); " +
        "it then contains: $(Format-Id $staying)")
    if ($Run.Phase -cne 'Cleanup') { $Plan.Notes += 'Cleanup writes it, after the switch in Pexip Infinity.' }
    $Plan.Notes += "Exchange can take $($Facts.EwsListTakes) to apply a changed list; the run does not wait for that."
}

function Invoke-LegacyAccountChange {
    # Apply takes entries off the list, Rollback puts them on again. The switch is not touched.
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $ids = @(Get-WantedList $Change -Now $Now)
    if ($ids.Count -eq 0) { throw 'An empty EWS list was about to be written.' }
    # Undo: the same call, with the list as it is at that time and what was removed
    Set-OrganizationConfig -EwsAllowedAppIDs ($ids -join ',') -Confirm:$false -ErrorAction Stop
}
