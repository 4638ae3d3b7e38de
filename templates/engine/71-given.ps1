# What was given: each value in the form that the rest of this script reads.

# From powershell.exe -File a list comes as one text, and nobody keeps an operator from giving $null.
foreach ($key in @($Value.Keys)) {
    $type = $MyInvocation.MyCommand.Parameters[$key].ParameterType
    if ($type -eq [string[]]) {
        $Value[$key] = @($Value[$key] | ForEach-Object -Process { ([string] $_).Split([char] ',') } |
                ForEach-Object -Process { $_.Trim() } | Where-Object -FilterScript { $_ })
    } elseif ($type -eq [hashtable[]]) {
        $Value[$key] = @($Value[$key] | Where-Object -FilterScript { $null -ne $_ })
    } elseif ($type -eq [hashtable] -and $null -eq $Value[$key]) {
        $Value[$key] = @{}
    }
}
