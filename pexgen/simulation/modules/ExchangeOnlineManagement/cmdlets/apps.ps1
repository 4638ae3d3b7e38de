# Get-, New-, Set- and Remove-App, for add-ins of the organization alone.

$script:MostUsers = 1000
$script:OfficeNamespace = 'http://schemas.microsoft.com/office/appforoffice/1.1'

function Assert-OrganizationApp {
    <# Ends the call where it is about an operator's own add-ins: the simulation has none. #>
    param($Sent)
    if (-not $Sent['OrganizationApp']) { Stop-BadValue 'You must specify a mailbox, or the OrganizationApp switch.' }
}

function Find-App {
    param([string] $Identity)
    @(Get-Field $script:Tenant 'apps' @() | Where-Object { $null -ne $_ -and (Test-Same $_.AppId $Identity) } |
            Where-Object { Test-Appeared $_ })
}

function Get-OneApp {
    param([string] $Identity)
    $found = @(Find-App $Identity)
    if (-not $found) { Stop-NotFound $Identity }
    return $found[0]
}

function Get-ShownApp {
    param($App)
    return [pscustomobject]@{
        Identity = $App.AppId; AppId = $App.AppId; DisplayName = $App.DisplayName; AppVersion = $App.AppVersion
        ProviderName = $App.ProviderName; Scope = $App.Scope; Type = 'XmlFile'; Enabled = [bool] $App.Enabled
        DefaultStateForUser = $App.DefaultStateForUser; ProvidedTo = $App.ProvidedTo; Requirements = $App.Permissions
        UserList = Get-List @(Get-Field $App 'users' @() | Where-Object { $_ } | ForEach-Object { Get-ShownName $_ 'appUserAs' })
        IsValid = $true
    }
}

$script:Handler['Get-App'] = {
    param($Sent)
    Assert-OrganizationApp $Sent
    $identity = Get-Text $Sent['Identity']
    $found = if ($identity) { Get-OneApp $identity }
    else { Get-Field $script:Tenant 'apps' @() | Where-Object { $null -ne $_ -and (Test-Appeared $_) } }
    foreach ($app in @($found)) { Get-ShownApp $app }
}

function ConvertTo-Token {
    <# Returns text as a schema's token has it: blanks, tabs and line ends as one blank, none at the ends. Others stay. #>
    param($Text)
    return ("$Text" -creplace '[ \t\r\n]+', ' ').Trim(' ')
}

function Assert-AddInSchema {
    <# Ends the call where the manifest is beyond the schema's limits, or needs more than this Exchange offers. #>
    param($Root)
    $guid = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'
    $fits = (ConvertTo-Token $Root.Id).ToLowerInvariant() -cmatch "^((urn:uuid:)?$guid|\{$guid\})$" -and
        (ConvertTo-Token $Root.Version) -cmatch '^[0-9]{1,4}(\.[0-9]{1,4}){0,3}$' -and
        (ConvertTo-Token $Root.ProviderName).Length -le 125 -and
        (ConvertTo-Token $Root.DisplayName.DefaultValue).Length -le 125
    if (-not $fits) { Stop-App 'This app can''t be installed. The manifest file doesn''t conform to the schema definition.' }
    if ((Get-Field $script:Tenant 'platform' '') -ne 'exchange-server') { return }
    foreach ($set in $Root.SelectNodes("//*[local-name()='Set' and @Name='Mailbox']")) {
        $least = if ($set.MinVersion) { $set.MinVersion } elseif ($set.ParentNode.DefaultMinVersion) { $set.ParentNode.DefaultMinVersion }
        else { '1.1' }
        if ($least -cnotmatch '\.') { $least = "$least.0" }
        if ([version] $least -gt [version] '1.5') {
            Stop-App "This app can't be installed. It requires Mailbox $least, which this version of Exchange doesn't support."
        }
    }
}

function ConvertTo-Version {
    param([string] $Text)
    return [version] ((@($Text.Split('.')) + @('0', '0', '0'))[0..3] -join '.')
}

function Read-AddInFile {
    <# Returns what an uploaded manifest says, or ends the call. #>
    param([byte[]] $Data)
    $document = [xml]::new()
    $document.XmlResolver = $null
    try { $document.Load([IO.MemoryStream]::new($Data)) }
    catch { Stop-App "The app couldn't be downloaded. The manifest isn't valid XML: $($_.Exception.InnerException.Message)" }
    $root = $document.DocumentElement
    if ($root.NamespaceURI -ne $script:OfficeNamespace -or $root.LocalName -ne 'OfficeApp') {
        Stop-App 'This app can''t be installed. The manifest file doesn''t conform to the schema definition.'
    }
    Assert-AddInSchema $root
    [pscustomobject]@{
        AppId = (ConvertTo-Token $root.Id).ToLowerInvariant() -creplace '^urn:uuid:' -creplace '[{}]'
        AppVersion = ConvertTo-Token $root.Version; ProviderName = ConvertTo-Token $root.ProviderName
        DisplayName = ConvertTo-Token $root.DisplayName.DefaultValue; Permissions = ConvertTo-Token $root.Permissions
    }
}

function Stop-App {
    <# The class is a guess: no source names one. #>
    param([string] $Text)
    Stop-Call 'Microsoft.Exchange.Management.Extension.OwaExtensionOperationException' $Text 'ExC7A1B3'
}

function Get-AppUsers {
    <# Returns the GUIDs of the users that a call names; more than the service takes ends it. #>
    param($Present, $Sent)
    $users = @(Merge-List @($Present) $Sent['UserList'] | ForEach-Object { $_ } | Where-Object { $_ } | ForEach-Object {
            # Who was on the list and is gone stays on it, as a GUID of nobody.
            if (@($Present) -contains $_) { $_ } else { (Get-OneRecipient $_).Guid }
        } | Select-Object -Unique)
    if ($users.Count -gt $script:MostUsers) { Stop-BadValue "UserList: at most $script:MostUsers users can be specified." }
    return , $users
}

function Set-Audience {
    <# Sets who gets an app, and how; what is not said stays as it is. #>
    param($App, $Sent)
    $provided = if ($Sent.ContainsKey('ProvidedTo')) { Get-Text $Sent['ProvidedTo'] } else { $App.ProvidedTo }
    $users = @(if ($Sent.ContainsKey('UserList')) { Get-AppUsers @(Get-Field $App 'users' @()) $Sent | ForEach-Object { $_ } }
        else { Get-Field $App 'users' @() })
    $users = @($users | Where-Object { $_ })
    if ($provided -eq 'SpecificUsers' -and -not $users) {
        Stop-BadValue 'UserList must be specified when ProvidedTo is SpecificUsers.'
    }
    Set-Field $App 'ProvidedTo' $provided
    Set-Field $App 'users' @($users)
    if ($Sent.ContainsKey('DefaultStateForUser')) { Set-Field $App 'DefaultStateForUser' (Get-Text $Sent['DefaultStateForUser']) }
    if ($Sent.ContainsKey('Enabled')) { Set-Field $App 'Enabled' ([bool] $Sent['Enabled']) }
}

$script:Handler['New-App'] = {
    # A newer version takes the place of an older one, with the settings of this call: what it does not say is as for a
    # new app. That is a guess on the less pleasant side; so is that the same or an older version is refused.
    param($Sent)
    Assert-OrganizationApp $Sent
    $read = Read-AddInFile $Sent['FileData']
    $there = @(Get-Field $script:Tenant 'apps' @() | Where-Object { $null -ne $_ -and (Test-Same $_.AppId $read.AppId) })
    if ($there -and (ConvertTo-Version $there[0].AppVersion) -ge (ConvertTo-Version $read.AppVersion)) {
        Stop-App "This app can't be installed. An app of the same ID and version, or of a newer one, is already installed."
    }
    if ($there -and (Get-Setting 'appsKeepVersion' $false)) {
        Stop-App "This app can't be installed. An app of the same ID is already installed; uninstall it first."
    }
    if ($read.Permissions -eq 'ReadWriteMailbox' -and -not $Sent['AllowReadWriteMailbox']) {
        Stop-App 'This app asks for read/write mailbox permission, which has to be allowed with AllowReadWriteMailbox.'
    }
    $app = [pscustomobject]@{
        AppId = $read.AppId; AppVersion = $read.AppVersion; ProviderName = $read.ProviderName; DisplayName = $read.DisplayName
        Permissions = $read.Permissions; Scope = 'Organization'; ProvidedTo = 'Everyone'; DefaultStateForUser = 'Disabled'
        Enabled = $true; users = @()
    }
    Set-Audience $app $Sent
    Set-Late $app 'app'
    $others = @(Get-Field $script:Tenant 'apps' @() | Where-Object { $null -ne $_ -and $_ -ne $there[0] })
    Set-Field $script:Tenant 'apps' @($others + $app)
    Get-ShownApp $app
}

$script:Handler['Set-App'] = {
    param($Sent)
    Assert-OrganizationApp $Sent
    Set-Audience (Get-OneApp (Get-Text $Sent['Identity'])) $Sent
}

$script:Handler['Remove-App'] = {
    # Those of Microsoft's own can be switched off, not removed.
    param($Sent)
    Assert-OrganizationApp $Sent
    $app = Get-OneApp (Get-Text $Sent['Identity'])
    if ($app.Scope -eq 'Default') { Stop-App 'This app is a default app and can''t be removed. Disable it instead.' }
    Set-Field $script:Tenant 'apps' @($script:Tenant.apps | Where-Object { $_ -ne $app })
}
