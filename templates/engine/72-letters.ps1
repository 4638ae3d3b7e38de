# Letters: above, this file has ASCII alone between its quotes, because every code page reads that alike. A letter
# beyond it is written there as \uXXXX, and this is the one place that gives it back.

function ConvertFrom-Escape {
    param([string] $Text)
    $parts = @($Text -csplit '\\u([0-9A-F]{4})')
    for ($at = 1; $at -lt $parts.Count; $at += 2) {
        $parts[$at] = [string] [char] [System.Convert]::ToInt32($parts[$at], 16)
    }
    -join $parts
}

function ConvertFrom-Rendered {
    # Of a default of this file; what an operator typed has no escapes.
    param($InputObject)
    if ($InputObject -is [string]) {
        if ($InputObject.Contains('\u')) { return ConvertFrom-Escape $InputObject }
        return $InputObject
    }
    if ($InputObject -is [System.Collections.IDictionary]) {
        $table = @{}
        foreach ($key in @($InputObject.Keys)) { $table[$key] = ConvertFrom-Rendered $InputObject[$key] }
        return $table
    }
    if ($InputObject -isnot [array]) { return $InputObject }
    $list = @(foreach ($item in $InputObject) {
            if ($item -is [string] -and -not $item.Contains('\u')) { $item } else { ConvertFrom-Rendered $item }
        })
    return , $list
}

foreach ($key in @($Value.Keys)) {
    if ($PSBoundParameters.ContainsKey($key)) { continue }
    $Value[$key] = ConvertFrom-Rendered $Value[$key]
}
