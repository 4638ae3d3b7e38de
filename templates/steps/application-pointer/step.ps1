# Application pointer: Exchange's service principal for the enterprise application, to which a role can be assigned.

$Steps['application-pointer'] = { @{
    Compare = 'Compare-ApplicationPointer'; Now = 'Get-ApplicationPointerNow'
    Change = 'Invoke-ApplicationPointerChange'
    Hold = 'Get-ApplicationPointerHold'; Claim = 'Get-ApplicationPointerClaim'; Again = 'Find-ApplicationPointer'
    Label = 'Get-ApplicationPointerLabel'; Foundation = $true; Decides = 'Get-ApplicationPointerDecider'
    Made = @('AppId,ObjectId,DisplayName'); Set = 'DisplayName'
    Reads = @('Get-ServicePrincipal')
    Apply = 'New-ServicePrincipal', 'Set-ServicePrincipal'
    Rollback = 'Set-ServicePrincipal', 'Get-ManagementRoleAssignment', 'Remove-ServicePrincipal'
    IfRefused = 'The object ID is the one under Enterprise applications in Entra, not that of the app registration.'
    Needed = 'ApplicationClientId', 'ApplicationObjectId', 'ApplicationName'
    Assert = {
        Assert-Sane (-not (Test-SameName $Value.ApplicationClientId $Value.ApplicationObjectId)) (
            'The object ID must not be the client ID: take it from Enterprise applications in Entra.')
        foreach ($id in $Value.OneTouchJoinClientIds) {
            Assert-Sane (-not (Test-SameName $id $Value.ApplicationClientId)) (
                "$id is used for One-Touch Join; the scheduler needs an application of its own.")
        }
    }
} }

function Read-ServicePrincipal {
    param([string] $Identity)
    Invoke-ReadOne -Subject "service principal $Identity" -Call {
        Get-ServicePrincipal -Identity $Identity -ErrorAction Stop
    }
}

function Read-AllServicePrincipal {
    # All that Exchange has: one organization has few.
    @(Invoke-Read -Subject 'service principals' -IfAbsent 'unreadable' -Call {
            Get-ServicePrincipal -ErrorAction Stop })
}

function Get-ApplicationPointer {
    # The service principal, or $null. One that has only one of the two described IDs belongs to something else.
    foreach ($id in $Value.ApplicationClientId, $Value.ApplicationObjectId) {
        if (-not $Run.Seen.ContainsKey($id)) { $Run.Seen[$id] = Read-ServicePrincipal $id }
        $pointer = $Run.Seen[$id]
        if ($null -eq $pointer) { continue }
        $isOurs = (Test-SameName (Get-Text $pointer 'AppId') $Value.ApplicationClientId) -and
            (Test-SameName (Get-Text $pointer 'ObjectId') $Value.ApplicationObjectId)
        if ($isOurs) { return $pointer }
        throw (Get-Stop -State 'conflict' -Detail (
                "Exchange has the service principal '$(Get-Text $pointer 'DisplayName')' " +
                "with client ID $(Get-Text $pointer 'AppId') " +
                "and object ID $(Get-Text $pointer 'ObjectId'); " +
                'the description has other IDs. ' +
                'If the application was created anew in Entra, remove the old service principal by hand first.'))
    }
    $null
}

function Compare-ApplicationPointer {
    $plan = Get-EmptyPlan 'application-pointer'
    $pointer = Get-ApplicationPointer
    $id = $Value.ApplicationObjectId
    $wanted = [ordered]@{ AppId = $Value.ApplicationClientId; ObjectId = $id; DisplayName = $Value.ApplicationName }
    if ($null -eq $pointer) {
        Add-Creation $plan -Id $id -Wanted $wanted -Text (
            "create the service principal '$($Value.ApplicationName)' for the enterprise application (object ID $id, " +
            "client ID $($wanted.AppId))")
        return $plan
    }
    $current = Get-AnsweredText $pointer -Name 'DisplayName'
    if (-not (Test-Same $current $Value.ApplicationName)) {
        $text = "set DisplayName of the service principal $id to '$($Value.ApplicationName)'"
        Add-Setting $plan -Text $text -Id $id -Before ([ordered]@{ DisplayName = $current }) -Wanted (
            [ordered]@{ DisplayName = $Value.ApplicationName })
    }
    $plan
}

function Invoke-ApplicationPointerChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $wanted = $Change.Wanted.properties
    if (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's undo of New-ServicePrincipal
        Remove-ServicePrincipal -Identity $Now.id -Confirm:$false -ErrorAction Stop
        return
    }
    if ($Change.Before.exists) {
        # Undo: the same call with the values of before
        Set-ServicePrincipal -Identity $Now.id -DisplayName $wanted.DisplayName -Confirm:$false -ErrorAction Stop
        return
    }
    $pointer = @{ AppId = $wanted.AppId; ObjectId = $wanted.ObjectId; DisplayName = $wanted.DisplayName }
    # Undo: Remove-ServicePrincipal, once no role uses it
    New-ServicePrincipal @pointer -Confirm:$false -ErrorAction Stop
}

function Get-ApplicationPointerNow {
    param([System.Collections.IDictionary] $Snapshot)
    $pointer = Read-ServicePrincipal $Snapshot.id
    if ($null -eq $pointer) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) { $properties[$name] = Get-AnsweredText $pointer -Name $name }
    $id = Get-AnsweredText $pointer -Name 'ObjectId'
    if (-not (Test-SameName $id $Snapshot.id)) {
        throw (Get-Stop -State 'unreadable' -Detail (
                "Asked for the service principal $($Snapshot.id), Exchange answers with '$id'."))
    }
    Get-Present $id $properties -Of $pointer
}

function Get-ApplicationPointerClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    $wanted = $Entry.Wanted['properties']
    $isOurs = (Test-SameName $Entry.Key $Value.ApplicationObjectId) -and ($Name -ne '' -or (
            (Test-SameName $wanted['AppId'] $Value.ApplicationClientId) -and
            (Test-SameName $wanted['ObjectId'] $Value.ApplicationObjectId)))
    if (-not $isOurs) { return 'it is not the service principal of the described application' }
    if ($Name -ceq 'DisplayName' -and [string] $Entry.Before['properties'][$Name] -eq '') {
        return 'it had no display name before, and Exchange takes no empty one; the present name is left alone'
    }
}

function Find-ApplicationPointer {
    # A second look in the list of all service principals.
    param([System.Collections.IDictionary] $Snapshot)
    $found = @(Read-AllServicePrincipal | Where-Object -FilterScript {
            Test-SameName (Get-Text $_ 'ObjectId') $Snapshot.id }) | Select-Object -First 1
    if ($null -eq $found) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) { $properties[$name] = Get-Text $found $name }
    Get-Present (Get-Text $found 'ObjectId') $properties -Of $found
}

function Get-ApplicationPointerLabel {
    param([string] $Id)
    $pointer = Confirm-Found (Read-ServicePrincipal $Id) -What "the service principal $Id"
    "the service principal '$(Get-Text $pointer 'DisplayName')' of the enterprise application (object ID $Id)"
}

function Get-ApplicationPointerDecider {
    # What goes with a service principal and is not looked for.
    param([hashtable] $Plan)
    if (@($Plan.Changes | Where-Object -FilterScript { -not $_.Wanted.exists }).Count -eq 0) { return }
    'Note      No role assignment was found that needs it. Mailbox permissions given to it are not looked for.'
}

function Get-ApplicationPointerHold {
    # A service principal takes its role assignments with it, so it stays while it has one that these runs did not make.
    param($Entry, $Current)
    $pointer = Confirm-Found (Read-ServicePrincipal $Current.id) -What "the service principal $($Current.id)"
    if (-not (Test-SameName (Get-Text $pointer 'AppId') $Value.ApplicationClientId)) {
        return 'it is not the service principal of the described application'
    }
    if ($Entry.Before['exists']) { return }
    $rows = @(Read-ApplicationAssignment $Current.id |
            Where-Object -FilterScript { -not $Run.Gone.ContainsKey("application-role $(Get-Text $_ 'Name')") })
    if ($rows.Count -eq 0) { return }
    Write-SeenAgain 'application-role' -What "the role assignment '$(Get-Text $rows[0] 'Name')'"
    "it has the role assignment '$(Get-Text $rows[0] 'Name')'"
}
