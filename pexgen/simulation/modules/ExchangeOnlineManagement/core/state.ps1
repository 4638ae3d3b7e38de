# The tenant is one JSON file, named by the environment variable PEXGEN_TENANT, and replaced at the end of every call that
# changed it, so that a killed process loses nothing that Exchange would have kept. What was read stays in memory for as
# long as the file is the one that was read or written last; what is written anew is what was changed.

$script:Known = $null
$script:Dirty = $false
# The JSON text of each recipient, by the object itself: a tenant of thousands is not made into text for each of them.
$script:Written = [Runtime.CompilerServices.ConditionalWeakTable[object, string]]::new()
# The recipients by what they are called, for as long as nothing of that changes.
$script:Index = @{}
$script:Naming = @('recipients', 'softDeleted', 'Guid', 'ExternalDirectoryObjectId', 'Name', 'DisplayName', 'Alias', 'UserPrincipalName',
    'ExchangeGuid', 'EmailAddresses')

# ConvertFrom-Json makes dates of text that looks like one; a display name must not change because of that.
$script:DateMark = [string][char]0xE000
$script:DateText = [regex]'"(?=\d{4}-\d\d-\d\dT\d\d:)'

function Lock-Tenant {
    <# Returns a stream that keeps every other session off the tenant until it is disposed of. #>
    $path = "$env:PEXGEN_TENANT.lock"
    for ($try = 0; ; $try++) {
        try {
            return [IO.File]::Open($path, [IO.FileMode]::OpenOrCreate, [IO.FileAccess]::ReadWrite, [IO.FileShare]::None)
        } catch [IO.IOException] {
            # Ten minutes: on a busy machine another session may stand still within a call.
            if ($try -ge 12000) { throw }
            [Threading.Thread]::Sleep(50)
        }
    }
}

function Remove-DateMark {
    <# Takes the mark off again, in place, in all text below $Node. #>
    param($Node)
    foreach ($property in @($Node.PSObject.Properties)) {
        $value = $property.Value
        if ($value -is [string]) {
            $property.Value = $value.Replace($script:DateMark, '')
        } elseif ($value -is [array]) {
            $property.Value = @($value | ForEach-Object {
                    if ($_ -is [string]) { $_.Replace($script:DateMark, '') } else { Remove-DateMark $_; $_ }
                })
        } elseif ($value -is [psobject]) {
            Remove-DateMark $value
        }
    }
}

function Get-Stamp {
    <# Returns what tells the file from every earlier one of its name: each that is saved is later than the one before. #>
    $file = [IO.FileInfo]::new($env:PEXGEN_TENANT)
    return "$($file.LastWriteTimeUtc.Ticks) $($file.Length) $env:PEXGEN_TENANT"
}

function Read-Tenant {
    <# Returns the tenant as it stands in the file. #>
    $script:Dirty = $false
    $stamp = Get-Stamp
    if ($null -ne $script:Known -and $script:Known.Stamp -ceq $stamp) { return $script:Known.Tenant }
    $text = [IO.File]::ReadAllText($env:PEXGEN_TENANT)
    $hasDates = $script:DateText.IsMatch($text)
    if ($hasDates) { $text = $script:DateText.Replace($text, '"' + $script:DateMark) }
    $tenant = ConvertFrom-Json -InputObject $text
    if ($hasDates) { Remove-DateMark $tenant }
    $script:Index = @{}
    $script:Known = @{ Stamp = $stamp; Tenant = $tenant }
    return $tenant
}

function Undo-Change {
    <# Forgets what a call changed and did not save: the next one reads the file. #>
    if ($script:Dirty) { $script:Known = $null }
}

function Get-TenantText {
    <# Returns the tenant as JSON: the recipients last, each as it was written before unless it was changed since. #>
    param($Tenant)
    $texts = [Collections.Generic.List[string]]::new()
    foreach ($recipient in @($Tenant.recipients)) {
        if ($null -eq $recipient) { continue }
        $text = $null
        if (-not $script:Written.TryGetValue($recipient, [ref] $text)) {
            $text = ConvertTo-Json -InputObject $recipient -Depth 19 -Compress
            $script:Written.Add($recipient, $text)
        }
        $texts.Add($text)
    }
    $rest = [pscustomobject] @{}
    foreach ($property in $Tenant.PSObject.Properties) {
        if ($property.Name -cne 'recipients') { $rest.PSObject.Properties.Add([psnoteproperty]::new($property.Name, $property.Value)) }
    }
    $begin = ConvertTo-Json -InputObject $rest -Depth 20 -Compress
    return $begin.Substring(0, $begin.Length - 1) + ',"recipients":[' + [string]::Join(',', $texts) + ']}'
}

function Save-Tenant {
    <# Replaces the file by the tenant as it is now, whole or not at all. #>
    param($Tenant)
    $new = "$env:PEXGEN_TENANT.new"
    $before = [IO.File]::GetLastWriteTimeUtc($env:PEXGEN_TENANT)
    [IO.File]::WriteAllText($new, (Get-TenantText $Tenant))
    # The clock of a file system may stand still for some milliseconds.
    if ([IO.File]::GetLastWriteTimeUtc($new) -le $before) { [IO.File]::SetLastWriteTimeUtc($new, $before.AddTicks(10)) }
    [IO.File]::Replace($new, $env:PEXGEN_TENANT, [NullString]::Value)
    $script:Known = @{ Stamp = Get-Stamp; Tenant = $Tenant }
    $script:Dirty = $false
}

function Set-Field {
    <# Sets a property of a state object, which may not have had it yet. #>
    param($Of, [string] $Name, $Value)
    $script:Dirty = $true
    if ($script:Naming -ccontains $Name) { $script:Index = @{} }
    # What is part of a recipient, or may be, makes all of them to be written anew.
    $isApart = $null -ne $script:Known -and ($Of -eq $script:Known.Tenant -or $Of -eq $script:Known.Tenant.made)
    if (-not $script:Written.Remove($Of) -and -not $isApart) {
        $script:Written = [Runtime.CompilerServices.ConditionalWeakTable[object, string]]::new()
    }
    $property = $Of.PSObject.Properties[$Name]
    if ($null -eq $property) {
        $Of.PSObject.Properties.Add([psnoteproperty]::new($Name, $Value))
    } else {
        $property.Value = $Value
    }
}

function Get-Field {
    <# Returns a property of a state object, or $Default where it has none. #>
    param($Of, [string] $Name, $Default = $null)
    $property = if ($null -ne $Of) { $Of.PSObject.Properties[$Name] }
    if ($null -eq $property) { return $Default }
    return $property.Value
}

function Get-Setting {
    <# Returns one of the tenant's settings, see docs/rehearsal.md. #>
    param([string] $Name, $Default)
    return Get-Field $script:Tenant.settings $Name $Default
}
