# The tenant is one JSON file, named by the environment variable PEXGEN_TENANT. It is read at the beginning of every call
# and replaced at its end, so that a killed process loses nothing that Exchange would have kept.

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
            if ($try -ge 600) { throw }
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

function Read-Tenant {
    <# Returns the tenant as it stands in the file. #>
    $text = [IO.File]::ReadAllText($env:PEXGEN_TENANT)
    if (-not $script:DateText.IsMatch($text)) { return ConvertFrom-Json -InputObject $text }
    $tenant = ConvertFrom-Json -InputObject ($script:DateText.Replace($text, '"' + $script:DateMark))
    Remove-DateMark $tenant
    return $tenant
}

function Save-Tenant {
    <# Replaces the file by the tenant as it is now, whole or not at all. #>
    param($Tenant)
    $new = "$env:PEXGEN_TENANT.new"
    [IO.File]::WriteAllText($new, (ConvertTo-Json -InputObject $Tenant -Depth 20 -Compress))
    [IO.File]::Replace($new, $env:PEXGEN_TENANT, [NullString]::Value)
}

function Set-Field {
    <# Sets a property of a state object, which may not have had it yet. #>
    param($Of, [string] $Name, $Value)
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
