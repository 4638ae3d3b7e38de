# OPATH filters: "Property -op 'value'", -and, -or, -not, parentheses. A quote in a value is doubled.

$script:FilterToken = [regex]"\G\s*(?:(?<open>\()|(?<close>\))|(?<word>-?[A-Za-z]\w*)|'(?<text>(?:[^']|'')*)'|`"(?<text>[^`"]*)`"|(?<variable>\`$\w+)|(?<number>\d+))"

function Read-Filter {
    <# Returns the tree of a filter, or ends the call where it cannot be read. #>
    param([string] $Filter)
    $tokens, $at = [Collections.Generic.List[object]]::new(), 0
    while ($Filter.Substring($at).Trim()) {
        $match = $script:FilterToken.Match($Filter, $at)
        if (-not $match.Success) { Stop-Filter $Filter }
        $kind = @('open', 'close', 'word', 'text', 'variable', 'number' | Where-Object { $match.Groups[$_].Success })[0]
        $tokens.Add(@{ Kind = $kind; Value = $match.Groups[$kind].Value.Replace("''", "'") })
        $at = $match.Index + $match.Length
    }
    $queue = [Collections.Generic.Queue[object]]::new($tokens)
    $tree = Read-Either $queue $Filter
    if ($queue.Count) { Stop-Filter $Filter }
    return $tree
}

function Stop-Filter {
    param([string] $Filter)
    Stop-Call 'Microsoft.Exchange.Data.ParsingException' (
        "Invalid filter syntax. For a description of the filter parameter syntax see the command help. `"$Filter`""
    ) 'Ex5C0D4E'
}

function Test-Next {
    param($Queue, [string] $Kind, [string] $Value = '')
    return $Queue.Count -and $Queue.Peek().Kind -eq $Kind -and (-not $Value -or (Test-Same $Queue.Peek().Value $Value))
}

function Read-Either {
    param($Queue, [string] $Filter)
    $left = Read-Both $Queue $Filter
    while (Test-Next $Queue 'word' '-or') {
        $null = $Queue.Dequeue()
        $left = @{ Op = 'or'; Left = $left; Right = Read-Both $Queue $Filter }
    }
    return $left
}

function Read-Both {
    param($Queue, [string] $Filter)
    $left = Read-Term $Queue $Filter
    while (Test-Next $Queue 'word' '-and') {
        $null = $Queue.Dequeue()
        $left = @{ Op = 'and'; Left = $left; Right = Read-Term $Queue $Filter }
    }
    return $left
}

function Read-Term {
    param($Queue, [string] $Filter)
    if (Test-Next $Queue 'word' '-not') {
        $null = $Queue.Dequeue()
        return @{ Op = 'not'; Left = Read-Term $Queue $Filter }
    }
    if (Test-Next $Queue 'open') {
        $null = $Queue.Dequeue()
        $tree = Read-Either $Queue $Filter
        if (-not (Test-Next $Queue 'close')) { Stop-Filter $Filter }
        $null = $Queue.Dequeue()
        return $tree
    }
    if ($Queue.Count -lt 3) { Stop-Filter $Filter }
    $property, $operator, $value = $Queue.Dequeue(), $Queue.Dequeue(), $Queue.Dequeue()
    if ($property.Kind -ne 'word' -or $operator.Value -notin '-eq', '-ne', '-like', '-notlike') { Stop-Filter $Filter }
    return @{ Op = 'test'; Property = $property.Value; Operator = $operator.Value.ToLowerInvariant(); Value = $value.Value }
}

function Format-Filter {
    <# Returns a filter as the service shows it: not as it was typed, but with its own parentheses. #>
    param($Tree)
    switch ($Tree.Op) {
        'test' { return "$($Tree.Property) $($Tree.Operator) '$($Tree.Value.Replace("'", "''"))'" }
        'not' { return "(-not($(Format-Filter $Tree.Left)))" }
        default { return "(($(Format-Filter $Tree.Left)) -$($Tree.Op) ($(Format-Filter $Tree.Right)))" }
    }
}

function Test-Filter {
    <# Tells whether a recipient meets a filter. #>
    param($Tree, $Recipient)
    switch ($Tree.Op) {
        'and' { return (Test-Filter $Tree.Left $Recipient) -and (Test-Filter $Tree.Right $Recipient) }
        'or' { return (Test-Filter $Tree.Left $Recipient) -or (Test-Filter $Tree.Right $Recipient) }
        'not' { return -not (Test-Filter $Tree.Left $Recipient) }
    }
    $values = @(Get-FilterValue $Tree.Property $Recipient)
    switch ($Tree.Operator) {
        '-eq' { return @($values | Where-Object { Test-Same $_ $Tree.Value }).Count -gt 0 }
        '-ne' { return @($values | Where-Object { Test-Same $_ $Tree.Value }).Count -eq 0 }
        '-like' { return @($values | Where-Object { Test-Like $_ $Tree.Value }).Count -gt 0 }
        '-notlike' { return @($values | Where-Object { Test-Like $_ $Tree.Value }).Count -eq 0 }
    }
}

function Get-FilterValue {
    <# Writes the values that a recipient has for a property of a filter; for MemberOfGroup the groups' distinguished
       names, direct membership alone. A name that is not a DN matches nothing, and no one says so. #>
    param([string] $Property, $Recipient)
    if ($Property -eq 'MemberOfGroup') {
        foreach ($group in $script:Tenant.recipients) {
            if (@(Get-Field $group 'members' @()) -contains $Recipient.Guid) { Get-DistinguishedName $group.Name }
        }
        return
    }
    if ($Property -eq 'DistinguishedName') { return Get-DistinguishedName $Recipient.Name }
    if ($Property -eq 'RecipientType') { return Get-Type $Recipient.RecipientTypeDetails }
    @(Get-Field $Recipient $Property @()) | ForEach-Object { "$_" }
}
