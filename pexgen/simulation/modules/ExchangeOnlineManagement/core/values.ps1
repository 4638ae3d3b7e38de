# Identifiers, times and the form in which values leave the tenant.

function New-Identifier {
    <# Returns a GUID that depends on what is made and on how often it was made before: never one that was used already. #>
    param([string] $Kind, [string] $Key)
    $seed = "$Kind|$($Key.ToLowerInvariant())"
    $count = 1 + (Get-Field $script:Tenant.made $seed 0)
    Set-Field $script:Tenant.made $seed $count
    return Get-TextIdentifier "$seed|$count"
}

function Test-Like {
    <# Says whether a text fits a pattern with wildcards; case means nothing, in no culture. #>
    param([string] $Text, [string] $Pattern)
    return [Management.Automation.WildcardPattern]::new($Pattern, 'IgnoreCase, CultureInvariant').IsMatch($Text)
}

function Get-TextIdentifier {
    <# Returns the GUID that belongs to a text, the same one each time. #>
    param([string] $Text)
    $hash = [Security.Cryptography.SHA256]::Create().ComputeHash([Text.Encoding]::UTF8.GetBytes($Text))
    return [string] ([guid][byte[]] $hash[0..15])
}

function Get-TenantTime {
    <# Returns the tenant's clock: it goes on by one second with each change, so that two runs give the same times. #>
    $seconds = 1 + (Get-Field $script:Tenant 'changes' 0)
    Set-Field $script:Tenant 'changes' $seconds
    return ([datetime]::new(2026, 10, 10, 8, 0, 0, [DateTimeKind]::Utc)).AddSeconds($seconds).ToString('yyyy-MM-dd HH:mm:ss',
        [cultureinfo]::InvariantCulture)
}

function Get-CreationTime {
    <# Returns the time at which an object is made, by the clock of the world: whose it is, is told by that. #>
    $null = Get-TenantTime
    return [datetime]::UtcNow.ToString('yyyy-MM-dd HH:mm:ss', [cultureinfo]::InvariantCulture)
}

function Get-Text {
    <# Returns what was passed as a parameter as text; an object goes by its identity, as the real module sends it. #>
    param($Value)
    if ($null -eq $Value) { return '' }
    if ($Value -is [string]) { return $Value }
    foreach ($name in 'Identity', 'Guid') {
        $found = $Value.PSObject.Properties[$name]
        if ($Value -isnot [valuetype] -and $null -ne $found) { return [string] $found.Value }
    }
    return [Convert]::ToString($Value, [cultureinfo]::InvariantCulture)
}

function Test-Same {
    <# Compares two texts as Exchange does: without case, by code points. #>
    param([string] $Left, [string] $Right)
    return [string]::Equals($Left, $Right, [StringComparison]::OrdinalIgnoreCase)
}

function Get-List {
    <# Returns a value of a multi-valued property as it comes from the service: a list of text. #>
    param($Value)
    $list = [Collections.ArrayList]::new()
    foreach ($entry in @($Value)) { if ($null -ne $entry) { $null = $list.Add($entry) } }
    return , $list
}

function Merge-List {
    <# Returns the list that a parameter makes of the present one: replaced, or changed by @{Add=...; Remove=...}. #>
    param($Present, $Sent)
    if ($Sent -isnot [Collections.IDictionary]) { return , @(@($Sent) | Where-Object { $null -ne $_ } | ForEach-Object { Get-Text $_ }) }
    $list = [Collections.Generic.List[string]]::new()
    foreach ($entry in @($Present)) { if ($null -ne $entry) { $list.Add([string] $entry) } }
    foreach ($entry in @($Sent['Remove'])) {
        foreach ($there in @($list)) { if (Test-Same $there "$entry") { $null = $list.Remove($there) } }
    }
    foreach ($entry in @($Sent['Add'])) {
        if ($null -ne $entry -and -not (@($list) | Where-Object { Test-Same $_ "$entry" })) { $list.Add([string] $entry) }
    }
    return , $list.ToArray()
}


function Select-Page {
    <# Passes on as many objects as ResultSize allows, 1000 where it was not given, and warns where there are more. #>
    param([object[]] $Found, $Sent)
    $size = Get-Text $Sent['ResultSize']
    if ($size -eq 'Unlimited') { return $Found }
    $limit = if ($size) { [int] $size } else { 1000 }
    if ($Found.Count -gt $limit) {
        if (-not $size) {
            Write-Warning "By default, only the first $limit items are returned. Use the ResultSize parameter to specify the number of items returned. To return all items, specify `"-ResultSize Unlimited`"."
        }
        return $Found[0..($limit - 1)]
    }
    return $Found
}
