# EWS settings of an Exchange Online organization, read: the switch and the list of applications.

function Read-Organization {
    $found = Invoke-ReadOne -Subject 'EWS settings of the organization' -Call {
        Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy -ErrorAction Stop
    }
    foreach ($name in 'EwsEnabled', 'EwsAllowedAppIDs') {
        # An answer that lacks the list is not an empty list: what is on it would be written away.
        if ($null -eq $found -or $null -eq $found.PSObject.Properties[$name]) {
            throw (Get-Stop -State 'unreadable' -Detail "Exchange's answer about the organization has no $name.")
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
        # The word before an entry that is no GUID keeps it apart from the names of settings.
        if ($id -ne '') { $properties[$(if (Test-Guid $id) { $id } else { "entry $id" })] = $true }
    }
    $properties
}

function Get-ListedId {
    # The entries of the list as they stand on it.
    param([System.Collections.IDictionary] $Properties)
    @(foreach ($pair in $Properties.GetEnumerator()) {
            if ($pair.Key -ne 'EwsEnabled' -and $pair.Value -eq $true) { $pair.Key -creplace '^entry ' }
        })
}

function Copy-Property {
    param([System.Collections.IDictionary] $Properties)
    $copy = [ordered]@{}
    foreach ($name in $Properties.Keys) { $copy[$name] = $Properties[$name] }
    $copy
}

function Get-WantedList {
    # The whole list as it will be: what stands on it now, with what this change adds or removes.
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $list = Copy-Property $Now.properties
    foreach ($name in $Change.Wanted.properties.Keys) { $list[$name] = $Change.Wanted.properties[$name] }
    Get-ListedId $list
}

function Get-EwsState {
    # The state by which the table $EwsStates says who gains or loses EWS.
    param([System.Collections.IDictionary] $Properties)
    if ($null -eq $Properties['EwsEnabled']) { return 'unset' }
    if ($Properties['EwsEnabled'] -eq $false) { return 'false' }
    if (@(Get-ListedId $Properties).Count -gt 0) { return 'listed' }
    if ($EwsListRequiredIn -ccontains $Value.TargetEnvironment) { 'empty' } else { 'empty-elsewhere' }
}

function Test-Agent {
    # Whether a user agent is one of these, in which * stands for anything. The case makes no difference.
    param([string] $Agent, [string[]] $Pattern)
    $option = [System.Text.RegularExpressions.RegexOptions]::IgnoreCase -bor
        [System.Text.RegularExpressions.RegexOptions]::CultureInvariant
    @($Pattern | Where-Object -FilterScript {
            [regex]::IsMatch($Agent, "\A$([regex]::Escape($_).Replace('\*', '.*'))\z", $option) }).Count -gt 0
}

function Get-SecondGate {
    # The older gate, which both methods have to pass too, by what the caller calls itself. State: open, closed, or
    # unknown, where only the user agent of Pexip's service would tell. Nothing where the policy is not used.
    param($Organization, [string] $UserAgent = '')
    $policy = Get-Text $Organization 'EwsApplicationAccessPolicy'
    if ($policy -eq '') { return }
    $isAllow = $policy -ceq 'EnforceAllowList'
    $name = if ($isAllow) { 'EwsAllowList' } else { 'EwsBlockList' }
    $agents = @(@(Get-Property $Organization $name) | ForEach-Object -Process { ([string] $_).Trim() } |
            Where-Object -FilterScript { $_ -ne '' })
    $state = if (-not $isAllow -and $policy -cne 'EnforceBlockList') { 'unknown' }
    elseif ($agents -ccontains '*') { if ($isAllow) { 'open' } else { 'closed' } }
    elseif ($agents.Count -eq 0) { if ($isAllow) { 'closed' } else { 'open' } }
    elseif ($UserAgent -eq '') { 'unknown' }
    elseif ((Test-Agent $UserAgent -Pattern $agents) -eq $isAllow) { 'open' }
    else { 'closed' }
    $told = switch -CaseSensitive ($state) {
        'open' { 'It is open to this service.' }
        'closed' { 'It is CLOSED to this service.' }
        default {
            'Whether it is open to this service only its user agent tells, which the description does not name ' +
            '(ews.user_agent, -EwsUserAgent). Without it nothing is proved about this gate.'
        }
    }
    $listed = if ($agents.Count -gt 0) { $agents -join ', ' } else { 'nobody' }
    @{
        State = $state
        Text = "EwsApplicationAccessPolicy is ${policy}: a second gate, by user agent, that is not changed here. " +
            "${name}: $listed. $told"
    }
}

function Write-SecondGateProof {
    # A gate that may be closed is never proved.
    param([string] $Step, $Organization, [string] $UserAgent = '')
    $gate = Get-SecondGate $Organization -UserAgent $UserAgent
    if ($null -eq $gate) { return }
    $states = @{ open = 'proved'; closed = 'disproved'; unknown = 'blocked' }
    $proof = @{
        Target = 'EWS setting by user agent'; Expected = 'open'; Actual = $gate.Text; State = $states[$gate.State]
    }
    Write-Proof $Step @proof
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
    if ($ClientId -eq '') {  # only: service-account
        return @{  # only: service-account
            Open = $true  # only: service-account
            Text = "EwsEnabled is true, and only these applications may use EWS: $($listed -join ', '). Which one is " +  # only: service-account
                'that of this deployment is not described (oauth.client_id, -OauthClientId).'  # only: service-account
        }  # only: service-account
    }  # only: service-account
    @{ Open = $false; Text = 'EwsEnabled is true and the application is not on the list.' }
}
