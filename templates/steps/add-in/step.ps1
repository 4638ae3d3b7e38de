# Add-in: the Outlook add-in of the organization, from the manifest file that Pexip Infinity exports.

$AddInAudience = @{ 'everyone' = 'Everyone'; 'specific-users' = 'SpecificUsers' }
$AddInStates = @{ 'enabled' = 'Enabled'; 'disabled' = 'Disabled'; 'always-enabled' = 'AlwaysEnabled' }

$Steps['add-in'] = { @{
    Compare = 'Compare-AddIn'; Now = 'Get-AddInNow'; Change = 'Invoke-AddInChange'
    Hold = 'Get-AddInHold'; Claim = 'Get-AddInClaim'; Label = 'Get-AddInLabel'; Alone = $true
    Act = 'Format-AddInAct'
    Described = $Value.AddInManifest -ne ''
    Made = @('AppVersion,ProvidedTo,DefaultStateForUser,Enabled(?:,user:[^,\s]+)*')
    Set = 'AppVersion|ProvidedTo|DefaultStateForUser|Enabled|user:\S+@\S+'; Ids = '^[0-9A-Fa-f-]{36}\z'
    Reads = 'Get-App', 'Get-Recipient'
    Apply = 'New-App', 'Set-App'
    Rollback = 'Set-App', 'Remove-App'
    IfRefused = {
        # Said where there is an older one, of which alone it can be true.
        param($Change)
        if (-not $Change.Before.exists -or -not $Change.Wanted.properties.Contains('AppVersion')) { return '' }
        'If Exchange does not take it over the older one, Remove-App that first, in a change of its own.'
    }
    NotChecked = @(
        'Add-ins that the Microsoft 365 admin center deploys (Settings, Integrated apps): whether an Exchange ' +
        'session shows them, and what a user sees who gets the add-in from both, is not documented. Use one of the two.'
        'What is in an add-in of the same version: Exchange is asked for ID, publisher and version alone.'
    )
    Needed = @(if ($Value.AddInManifest -ne '') { 'AddInProvidedTo', 'AddInDefaultState' })
    Assert = {
        if ($Value.AddInManifest -eq '') { return }
        Assert-Sane (Test-Guid $Value.AddInId) '-AddInId must be a GUID: the ID in the manifest.'
        Assert-Sane ($Value.AddInVersion -cmatch '^\d{1,4}(\.\d{1,4}){0,3}\z') (
            '-AddInVersion must be a version such as 1.0.0.0.')
        Assert-Sane ($Value.AddInManifestSha256 -cmatch '^[0-9a-f]{64}\z') '-AddInManifestSha256 must be a SHA-256.'
        Assert-Sane ($Value.AddInProvidedTo -ceq 'everyone' -or $Value.AddInUsers.Count -gt 0) (
            '-AddInProvidedTo specific-users needs -AddInUsers.')
    }
} }

function Get-WantedAddIn {
    $wanted = [ordered]@{
        ProvidedTo = $AddInAudience[$Value.AddInProvidedTo]
        DefaultStateForUser = $AddInStates[$Value.AddInDefaultState]; Enabled = $true
    }
    foreach ($address in Get-AddInUser) { $wanted["user:$address"] = $true }
    $wanted
}

function Compare-AddIn {
    $plan = Get-EmptyPlan 'add-in'
    $all = @(Read-AddIn)
    $found = Find-AddIn $all -Id $Value.AddInId
    $named = @($all | Where-Object -FilterScript {
            (Test-SameName (ConvertTo-AddInText (Get-Text $_ 'DisplayName')) (
                    ConvertTo-AddInText $Value.AddInDisplayName)) -and
                -not (Test-SameName (Get-Text $_ 'AppId') $Value.AddInId) })
    foreach ($other in $named) {
        $plan.Notes += "There is another one of that name, $(Format-AddIn $other): whoever gets both sees two."
    }
    if ($null -ne $found) { Assert-OwnAddIn $found }
    $wanted = Get-WantedAddIn
    foreach ($address in Get-AddInUser) {
        if ($null -ne $found -and (Test-AddInUser $found -Address $address)) { continue }
        if ($null -eq (Get-RecipientOf $address)) {
            throw (Get-Stop -State 'conflict' -Detail "The user $address, who is to get the add-in, was not found in Exchange.")
        }
    }
    if ($null -eq $found) { Add-AddInUpload $plan -Wanted $wanted }
    else { Add-AddInSettingChange $plan -AddIn $found -Wanted $wanted }
    if ($plan.Changes.Count -gt 0) { Add-AdminCenterNote $plan }  # only: exchange-online
    $plan
}

function Add-AdminCenterNote {
    param([hashtable] $Plan)
    $Plan.Notes += 'Pexip prefers the Microsoft 365 admin center (Settings, Integrated apps, Upload custom apps). To use ' +
        'that instead, answer No.'
}

function Add-AddInUpload {
    param([hashtable] $Plan, $Wanted)
    $properties = [ordered]@{ AppVersion = $Value.AddInVersion }
    foreach ($name in $Wanted.Keys) { $properties[$name] = $Wanted[$name] }
    $who = if ($Value.AddInProvidedTo -ceq 'everyone') { 'EVERYONE in the organization' }
    else { "named users only ($(@(Get-AddInUser).Count))" }
    Add-Creation $Plan -Id $Value.AddInId -Wanted $properties -Text (
        "upload the add-in '$($Value.AddInDisplayName)' $($Value.AddInVersion) by '$($Value.AddInProviderName)' " +
        "(permission $($Value.AddInPermission)) for $who, $($Value.AddInDefaultState) by default")
    Assert-AddInManifest $Plan
}

function Add-AddInSettingChange {
    # Another version is uploaded with the settings that are there; settings are a change of their own.
    param([hashtable] $Plan, $AddIn, $Wanted)
    $id = Get-Text $AddIn 'AppId'
    $version = Get-Text $AddIn 'AppVersion'
    if ((ConvertTo-AddInVersion $version) -ne (ConvertTo-AddInVersion $Value.AddInVersion)) {
        $text = "upload version $($Value.AddInVersion) of the add-in (permission $($Value.AddInPermission)) over " +
            (Format-AddIn $AddIn)
        Add-Setting $Plan -Text $text -Id $id -Before ([ordered]@{ AppVersion = $version }) -Wanted (
            [ordered]@{ AppVersion = $Value.AddInVersion })
        Assert-AddInManifest $Plan
    }
    $before = [ordered]@{}
    $after = [ordered]@{}
    foreach ($name in $Wanted.Keys) {
        $current = Get-AddInProperty $AddIn -Name $name
        if (Test-Same $current $Wanted[$name]) { continue }
        $before[$name] = $current
        $after[$name] = $Wanted[$name]
    }
    if ($after.Count -eq 0) { return }
    if ($after.Contains('ProvidedTo') -and @(Get-AddInList $AddIn -Wanted ([ordered]@{})).Count -gt 0) {
        $Plan.Notes += "It was given to: $(@(Get-AddInList $AddIn -Wanted ([ordered]@{})) -join ', ')."
    }
    if ($after['ProvidedTo'] -ceq 'SpecificUsers' -and $before['ProvidedTo'] -ceq 'Everyone') {
        $Plan.Notes += 'EVERYONE LOSES THE ADD-IN but the users whom it is then given to by name.'
    }
    $added = @($after.Keys | Where-Object -FilterScript { $_ -clike 'user:*' })
    $listed = @(Get-AddInList $AddIn -Wanted ([ordered]@{})).Count
    $most = $Limits.AddInUsers.Longest
    if ($added.Count + $listed -gt $most) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The add-in is given to $listed users, and with the $($added.Count) missing ones they would be more " +
                "than the $most that Exchange takes."))
    }
    $text = @($after.Keys | ForEach-Object -Process { "$_ to $(Format-Value $after[$_])" }) -join ', '
    Add-Setting $Plan -Text "set $text of the add-in $(Format-AddIn $AddIn)" -Id $id -Before $before -Wanted $after
}

function Invoke-AddInChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    if (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's undo of New-App
        Remove-App -Identity $Now.id -OrganizationApp -Confirm:$false -ErrorAction Stop
        return
    }
    $wanted = $Change.Wanted.properties
    $there = Find-AddIn @(Read-AddIn) -Id $Change.Wanted.id
    if ($Change.Before.exists -and $null -eq $there) {
        throw (Get-Stop -State (Get-MissingState) -Detail "Exchange does not find the add-in $($Now.id) at the moment.")
    }
    if ($Change.Before.exists) { Assert-AddInAsRead $there -Now $Now }
    $given = @{ UserList = @(Get-AddInList $there -Wanted $wanted) }
    foreach ($name in 'ProvidedTo', 'DefaultStateForUser', 'Enabled') {
        $given[$name] = if ($wanted.Contains($name)) { $wanted[$name] } else { Get-AddInProperty $there -Name $name }
    }
    if (-not $wanted.Contains('AppVersion')) {
        Invoke-AddInSettingChange -Id $Now.id -Given $given -Wanted $wanted
        return
    }
    $app = @{
        ProvidedTo = $given.ProvidedTo; DefaultStateForUser = $given.DefaultStateForUser; Enabled = $given.Enabled
    }
    if ($given.UserList.Count -gt 0) { $app['UserList'] = $given.UserList }
    if ($Value.AddInPermission -ceq 'ReadWriteMailbox') { $app['AllowReadWriteMailbox'] = $true }
    # Undo: Remove-App; none where it replaced a version
    New-App @app -OrganizationApp -FileData $Run.AddInBytes -Confirm:$false -ErrorAction Stop
}

function Get-AddInNow {
    param([System.Collections.IDictionary] $Snapshot)
    $found = Find-AddIn @(Read-AddIn) -Id $Snapshot.id
    if ($null -eq $found) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) { $properties[$name] = Get-AddInProperty $found -Name $name }
    Get-Present $Snapshot.id $properties -Of $found
}

function Assert-AddInAsRead {
    # What is written goes by this last look, so that it has to agree with the one before.
    param($AddIn, [System.Collections.IDictionary] $Now)
    foreach ($name in $Now.properties.Keys) {
        $current = Get-AddInProperty $AddIn -Name $name
        if (Test-SameProperty -Name $name -Left $current -Right $Now.properties[$name]) { continue }
        throw (Get-Stop -State 'conflict' -Detail (
                "$name of the add-in is $(Format-Value $current): somebody else changed it after it was compared. " +
                'Run Check again.'))
    }
}

function Get-AddInList {
    # The users as Exchange lists them, with those that are wanted more or less; the others go back as they came.
    param($AddIn, $Wanted)
    $users = @($Wanted.Keys | Where-Object -FilterScript { $_ -clike 'user:*' })
    foreach ($entry in @(if ($null -ne $AddIn) { Get-Answered $AddIn -Name 'UserList' })) {
        if ($null -eq $entry) { continue }
        $one = [pscustomobject]@{ UserList = @($entry) }
        $isNamed = @($users | Where-Object -FilterScript { Test-AddInUser $one -Address $_.Substring(5) }).Count -gt 0
        if (-not $isNamed) { [string] $entry }
    }
    $users | Where-Object -FilterScript { $Wanted[$_] } | ForEach-Object -Process { $_.Substring(5) }
}

function Invoke-AddInSettingChange {
    param([string] $Id, [hashtable] $Given, $Wanted)
    $setting = @{ Identity = $Id }
    if ($Wanted.Contains('ProvidedTo')) { $setting['ProvidedTo'] = $Given.ProvidedTo }
    if ($Wanted.Contains('DefaultStateForUser')) { $setting['DefaultStateForUser'] = $Given.DefaultStateForUser }
    if ($Wanted.Contains('Enabled')) { $setting['Enabled'] = $Given.Enabled }
    $named = @($Wanted.Keys | Where-Object -FilterScript { $_ -clike 'user:*' }).Count -gt 0
    if ($named -or ($Wanted.Contains('ProvidedTo') -and $Given.UserList.Count -gt 0)) {
        $setting['UserList'] = if ($Given.UserList.Count -gt 0) { $Given.UserList } else { $null }
    }
    # Undo: the same call with the settings of before, less added users
    Set-App @setting -OrganizationApp -Confirm:$false -ErrorAction Stop
}

function Get-AddInLabel {
    param([string] $Id)
    "the add-in $(Format-AddIn (Confirm-Found (Find-AddIn @(Read-AddIn) -Id $Id) -What "the add-in $Id"))"
}

function Format-AddInAct {
    # What Rollback does with a user whom the add-in was given to, and with everyone.
    param([string] $Name, $Given, [string] $Label)
    if ($Name -ceq 'ProvidedTo' -and $Given -ceq 'Everyone') { return "give $Label to EVERYONE in the organization again" }
    if ($Name -clike 'user:*' -and -not $Given) { "take $Label from $($Name.Substring(5))" }
}

function Get-AddInClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    if ($Value.AddInManifest -eq '' -or -not (Test-SameName $Entry.Key $Value.AddInId)) {
        return 'it is not the described add-in'
    }
    $described = @(Get-AddInUser)
    $names = if ($Name -ne '') { @($Name) } else { @($Entry.Wanted['properties'].Keys) }
    foreach ($one in @($names | Where-Object -FilterScript { $_ -clike 'user:*' })) {
        if ($described -notcontains $one.Substring(5) -or -not (Test-SwitchedOn $Entry $one)) {
            return "the description does not give it to $($one.Substring(5))"
        }
    }
    $before = $Entry.Before['properties'][$Name]
    $isValue = switch -CaseSensitive ($Name) {
        'ProvidedTo' { $AddInAudience.Values -ccontains $before; break }
        'DefaultStateForUser' { $AddInStates.Values -ccontains $before; break }
        'Enabled' { Test-SwitchedOn $Entry $Name; break }
        default { $true }
    }
    if (-not $isValue) { return "$(Format-Value $before) is not a value that Apply records" }
}

function Get-AddInHold {
    param($Entry, $Current)
    if (-not (Test-SameName $Current.id $Value.AddInId)) { return 'it is not the described add-in' }
    $found = Confirm-Found (Find-AddIn @(Read-AddIn) -Id $Current.id) -What "the add-in $($Current.id)"
    if (-not (Test-AddInText $found -Name 'ProviderName' -Wanted $Value.AddInProviderName)) {
        return "its publisher is '$(Get-Text $found 'ProviderName')'"
    }
    if (-not $Entry.Before['exists']) {
        $ours = [ordered]@{}
        $entries = Get-JournalEntry 'add-in'
        foreach ($one in $entries) { foreach ($name in $one.Wanted['properties'].Keys) { $ours[$name] = $false } }
        if (@(Get-AddInList $found -Wanted $ours).Count -gt 0) { return 'it was given to others since' }
        return
    }
    $was = $Entry.Before['properties']
    if ($was.Contains('AppVersion')) {
        return 'the manifest of the version before is not at hand; upload it by hand if it has to come back'
    }
    $reach = if ($was.Contains('ProvidedTo')) { $was['ProvidedTo'] } else { Get-Text $found 'ProvidedTo' }
    $isReach = (@($was.Keys) -join ' ') -cmatch '(^| )(user:|ProvidedTo)'
    if ($isReach -and $reach -ceq 'SpecificUsers' -and @(Get-AddInList $found -Wanted $was).Count -eq 0) {
        return 'the add-in would be given to nobody'
    }
}
