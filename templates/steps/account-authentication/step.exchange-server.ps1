# Authentication: by which methods the service account can log in to EWS, read from the virtual directories of all
# servers. Apply switches a method on where the description names the directory, and never off anywhere.

$Steps['account-authentication'] = { @{
    Compare = 'Compare-AccountAuthentication'; Now = 'Get-AccountAuthenticationNow'
    Change = 'Invoke-AccountAuthenticationChange'; Hold = 'Get-AccountAuthenticationHold'
    Proof = 'Test-ExtendedProtectionProof'
    Claim = 'Get-AccountAuthenticationClaim'; Again = 'Find-AccountAuthentication'
    Label = 'Get-AccountAuthenticationLabel'
    Made = @(); Set = 'BasicAuthentication|WindowsAuthentication'
    Reads = @('Get-WebServicesVirtualDirectory')
    Apply = @(if ($Value.AuthenticationVirtualDirectory -ne '') { 'Set-WebServicesVirtualDirectory' })
    Rollback = @('Set-WebServicesVirtualDirectory')
    NotChecked = @(
        'Kerberos also needs a service principal name for the host name in the EWS URL (setspn), ' +
        'and basic authentication a certificate that Pexip Infinity trusts.'
        'Whether EWS is closed for the organization or for a mailbox: EwsEnabled and EwsApplicationAccessPolicy of ' +
        'Get-OrganizationConfig and Get-CASMailbox.'
    )
} }

function Read-EwsDirectory {
    # Of all servers. Where one of them does not answer and the description names a directory, that one alone, and what
    # could not be read is said.
    param([hashtable] $Plan)
    $named = $Value.AuthenticationVirtualDirectory
    try {
        @(Invoke-Read -Subject 'EWS virtual directories' -IfAbsent 'unreadable' -Call {
                Get-WebServicesVirtualDirectory -ErrorAction Stop })
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop -or $named -eq '') { throw }
        $Plan.Notes += "Only '$named' was looked at. $($stop.Detail)"
        $one = @(Read-NamedDirectory $named)
        if ($one.Count -eq 0) { throw }
        $one
    }
}

function Read-NamedDirectory {
    param([string] $Identity)
    @(Invoke-Read -Subject "EWS virtual directory '$Identity'" -Call {
            Get-WebServicesVirtualDirectory -Identity $Identity -ErrorAction Stop } |
            Where-Object -FilterScript { Test-SameDirectory (Get-Text $_ 'Identity') $Identity })
}

function Test-SameDirectory {
    # Microsoft writes them with and without a space before the site.
    param([string] $Left, [string] $Right)
    Test-SameName ($Left -creplace '\s+\(', '(') ($Right -creplace '\s+\(', '(')
}

function Test-Open {
    # A server whose web server does not answer tells nothing, and nothing is not "off".
    param($Directory, [string] $Method)
    $text = ConvertTo-Comparable (Get-Property $Directory $Method)
    if ('True', 'False' -ccontains $text) { return $text -ceq 'True' }
    throw (Get-Stop -State 'unreadable' -Detail (
            "Exchange does not tell $Method of '$(Get-Text $Directory 'Identity')'."))
}

function Get-WantedAuthentication {
    # NTLM and Kerberos are both Windows authentication.
    $wanted = [ordered]@{}
    if ($Value.AuthenticationMethods -ccontains 'basic') { $wanted['BasicAuthentication'] = $true }
    if (@($Value.AuthenticationMethods -cne 'basic').Count -gt 0) { $wanted['WindowsAuthentication'] = $true }
    $wanted
}

function Format-EwsDirectory {
    # One that tells nothing stops the step only where it is the described one, or none is described.
    param($Directory)
    $named = $Value.AuthenticationVirtualDirectory
    try {
        $open = @(if (Test-Open $Directory 'BasicAuthentication') { 'basic' }) +
            @(if (Test-Open $Directory 'WindowsAuthentication') { 'NTLM, Kerberos' })
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop -or $named -eq '' -or (Test-SameDirectory (Get-Text $Directory 'Identity') $named)) { throw }
        return "Not known: $($stop.Detail)"
    }
    $text = if ($open.Count -gt 0) { $open -join ', ' } else { 'none of basic, NTLM and Kerberos' }
    $when = if ($Run.Mode -ceq 'Verify') { 'Now' } else { 'Read before any change' }
    "${when}: $(Get-Text $Directory 'Identity') takes $text."
}

function Compare-AccountAuthentication {
    $plan = Get-EmptyPlan 'account-authentication'
    $wanted = Get-WantedAuthentication
    $all = @(Read-EwsDirectory $plan | Get-Ordered -By { Get-Text $_ 'Identity' })
    $plan.Notes += @($all | ForEach-Object -Process { Format-EwsDirectory $_ })
    if ($wanted.Count -eq 0) {
        $plan.Notes += 'Which of them Pexip Infinity uses is not described (authentication.methods).'
        return $plan
    }
    if ($Value.AuthenticationVirtualDirectory -ne '') {
        Compare-EwsDirectory $plan -Directories $all -Wanted $wanted
        return $plan
    }
    $closed = @($all | Where-Object -FilterScript {
            $one = $_
            @($wanted.Keys | Where-Object -FilterScript { -not (Test-Open $one $_) }).Count -gt 0 })
    if ($closed.Count -gt 0 -or $all.Count -eq 0) {
        $plan.Remaining = 'blocked'
        $where = if ($closed.Count -eq 0) { 'any server: no EWS virtual directory was found' }
        else { Format-Some $closed -Most 6 -Name { Get-Text $_ 'Identity' } }
        $plan.Notes += (
            "$($Value.AuthenticationMethods -join ', ') is not open on $where. " +
            'Nothing is changed: name one in authentication.virtual_directory to have it switched on there.')
    }
    $plan
}

function Compare-EwsDirectory {
    param([hashtable] $Plan, [object[]] $Directories, [System.Collections.IDictionary] $Wanted)
    $named = @($Directories | Where-Object -FilterScript {
            Test-SameDirectory (Get-Text $_ 'Identity') $Value.AuthenticationVirtualDirectory })
    if ($named.Count -ne 1) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The EWS virtual directory '$($Value.AuthenticationVirtualDirectory)' was not found. Exchange shows: " +
                "$(if ($Directories.Count -gt 0) { Format-Some $Directories -Most 20 -Name { Get-Text $_ 'Identity' } } else { 'none' })."))
    }
    $id = Get-Text $named[0] 'Identity'
    $before = [ordered]@{}
    $after = [ordered]@{}
    foreach ($name in $Wanted.Keys) {
        $current = Test-Open $named[0] $name
        if ($current) { continue }
        $before[$name] = $current
        $after[$name] = $true
    }
    if ($after.Count -eq 0) { return }
    Add-Setting $Plan -Text "switch on $(@($after.Keys) -join ', ') of $id" -Id $id -Before $before -Wanted $after
}

function Invoke-AccountAuthenticationChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $wanted = $Change.Wanted.properties
    $setting = @{ Identity = $Now.id }
    if ($wanted.Contains('BasicAuthentication')) { $setting['BasicAuthentication'] = $wanted['BasicAuthentication'] }
    if ($wanted.Contains('WindowsAuthentication')) {
        $setting['WindowsAuthentication'] = $wanted['WindowsAuthentication']
    }
    # Undo: the same call with the values of before
    Set-WebServicesVirtualDirectory @setting -Confirm:$false -ErrorAction Stop
}

function Test-ExtendedProtectionProof {
    # With Require, a client is refused that does not bind to its channel, and so is each one behind a device that ends
    # TLS. Whether Pexip Infinity binds is not known, and a gate that may be closed is never proved.
    if (-not (Get-WantedAuthentication).Contains('WindowsAuthentication')) { return }
    $named = $Value.AuthenticationVirtualDirectory
    foreach ($one in @(Read-EwsDirectory (Get-EmptyPlan 'account-authentication'))) {
        $id = Get-Text $one 'Identity'
        $isOther = $named -ne '' -and -not (Test-SameDirectory $id $named)
        if ($isOther -or (Get-Text $one 'ExtendedProtectionTokenChecking') -cne 'Require') { continue }
        $proof = @{
            Target = "Extended Protection of $id"; Expected = 'open to Pexip Infinity'; State = 'blocked'
            Actual = 'ExtendedProtectionTokenChecking is Require: whether NTLM and Kerberos of Pexip Infinity pass ' +
                'is not known. A test meeting shows it; behind a device that ends TLS they do not.'
        }
        Write-Proof 'account-authentication' @proof
    }
}

function Get-AccountAuthenticationNow {
    param([System.Collections.IDictionary] $Snapshot)
    $found = @(Read-NamedDirectory $Snapshot.id)
    if ($found.Count -ne 1) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) {
        $properties[$name] = Test-Open $found[0] $name
    }
    Get-Present (Get-Text $found[0] 'Identity') $properties
}

function Get-AccountAuthenticationClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    if (-not (Test-SameDirectory $Entry.Key $Value.AuthenticationVirtualDirectory)) {
        return 'it is not the described virtual directory'
    }
    if ($Name -eq '' -or -not (Get-WantedAuthentication).Contains($Name) -or -not (Test-SwitchedOn $Entry $Name)) {
        return 'the description does not switch that method on'
    }
}

function Find-AccountAuthentication {
    # In the list of all, where it was asked for by its name.
    param([System.Collections.IDictionary] $Snapshot)
    $found = @(Invoke-Read -Subject 'EWS virtual directories' -IfAbsent 'unreadable' -Call {
            Get-WebServicesVirtualDirectory -ErrorAction Stop } | Where-Object -FilterScript {
            Test-SameDirectory (Get-Text $_ 'Identity') $Snapshot.id }) | Select-Object -First 1
    if ($null -eq $found) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) { $properties[$name] = Test-Open $found $name }
    Get-Present (Get-Text $found 'Identity') $properties
}

function Get-AccountAuthenticationLabel {
    param([string] $Id)
    "the EWS virtual directory '$Id'"
}

function Get-AccountAuthenticationHold {
    # Apply only switches on, and only in the named directory; nothing else can have been its work.
    param($Entry, $Current)
    if (-not (Test-SameDirectory $Current.id $Value.AuthenticationVirtualDirectory)) {
        return 'it is not the described virtual directory'
    }
    foreach ($name in $Entry.Wanted['properties'].Keys) {
        if ($Entry.Before['properties'][$name] -ne $false -or $Entry.Wanted['properties'][$name] -ne $true) {
            return 'Apply never disables an authentication method'
        }
    }
}
