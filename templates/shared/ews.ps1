# EWS settings of an Exchange Online organisation, read: the switch and the list of applications.

function Read-Organization {
    $found = Invoke-ReadOne -Subject 'EWS settings of the organisation' -Call {
        Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy -ErrorAction Stop
    }
    foreach ($name in 'EwsEnabled', 'EwsAllowedAppIDs') {
        # An answer that lacks the list is not an empty list: what is on it would be written away.
        if ($null -eq $found -or $null -eq $found.PSObject.Properties[$name]) {
            throw (Get-Stop -State 'unreadable' -Detail "Exchange's answer about the organisation has no $name.")
        }
    }
    $found
}

function ConvertTo-EwsProperty {
    # EwsEnabled and, each as a property that is true, every entry of the list: also one that is no identifier.
    param($Organization)
    $enabled = switch -CaseSensitive (ConvertTo-Comparable (Get-Property $Organization 'EwsEnabled')) {
        'True' { $true }
        'False' { $false }
        default { $null }
    }
    $properties = [ordered]@{ EwsEnabled = $enabled }
    foreach ($entry in (@(Get-Property $Organization 'EwsAllowedAppIDs') -join ',').Split([char] ',')) {
        $id = $entry.Trim()
        if ($id -ne '') { $properties[$id] = $true }
    }
    $properties
}

function Get-ListedId {
    param([System.Collections.IDictionary] $Properties)
    @($Properties.Keys | Where-Object -FilterScript { $_ -ne 'EwsEnabled' -and $Properties[$_] -eq $true })
}

function Get-EwsState {
    # The state by which the table $EwsStates says who gains or loses EWS.
    param([System.Collections.IDictionary] $Properties)
    if ($null -eq $Properties['EwsEnabled']) { return 'unset' }
    if ($Properties['EwsEnabled'] -eq $false) { return 'false' }
    if (@(Get-ListedId $Properties).Count -gt 0) { return 'listed' }
    if ($EwsListRequiredIn -ccontains $Value.TargetEnvironment) { 'empty' } else { 'empty-elsewhere' }
}

function Get-SecondGate {
    # The older gate, which both methods have to pass too.
    param($Organization)
    $policy = Get-Text $Organization 'EwsApplicationAccessPolicy'
    if ($policy -ne '') {
        "EwsApplicationAccessPolicy is ${policy}: a second gate, by user agent, that is not changed here."
    }
}

function Get-EwsGate {
    # Whether EWS is open to an application; to one that is not named, whether it can be open at all.
    param([System.Collections.IDictionary] $Properties, [string] $ClientId)
    $listed = @(Get-ListedId $Properties)
    $state = Get-EwsState $Properties
    $isListed = $listed -contains $ClientId
    if ($isListed -and $Properties['EwsEnabled'] -eq $true) {
        return @{ Open = $true; Text = 'EwsEnabled is true and the application is on the list.' }
    }
    if ($state -cne 'listed') { return @{ Open = $state -ceq 'unset'; Text = $EwsStates[$state].Now } }
    if ($ClientId -eq '') {
        return @{
            Open = $true
            Text = "EwsEnabled is true, and only these applications may use EWS: $($listed -join ', '). Which one is " +
                'that of this deployment is not described (oauth.client_id).'
        }
    }
    @{ Open = $false; Text = 'EwsEnabled is true and the application is not on the list.' }
}
