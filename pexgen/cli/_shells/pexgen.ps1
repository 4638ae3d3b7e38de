# Completion of pexgen for Windows PowerShell 5.1 and PowerShell 7. In the file that $PROFILE names:
#     pexgen completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName 'pexgen', 'pexgen.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $ErrorActionPreference = 'SilentlyContinue'
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object {
            if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
        })
    $last = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition })[-1].Extent
    if ($last.EndOffset -lt $cursorPosition) { $words += '' }
    $option = if ($words[-1] -match '^--[^=]+=') { $Matches[0] } else { '' }
    # What stands behind the cursor is not looked at.
    if ($last.EndOffset -gt $cursorPosition) { $words[-1] = $last.Text.Substring(0, $cursorPosition - $last.StartOffset) }
    $quoted = @($words | ForEach-Object { "'" + ($_ -replace "'", "'\''") + "'" })
    if ($words[-1] -eq '') { $quoted[-1] = '' }
    $before = [Console]::OutputEncoding
    try {
        try { [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false } catch { $null = $_ }
        $env:_PEXGEN_COMPLETE = 'complete_pexgen'
        $env:_PEXGEN_LINE = $quoted -join ' '
        $replies = @(& $words[0] 2>$null)
    }
    finally {
        Remove-Item -Path 'Env:_PEXGEN_COMPLETE', 'Env:_PEXGEN_LINE'
        try { [Console]::OutputEncoding = $before } catch { $null = $_ }
    }
    foreach ($reply in $replies) {
        $value, $help = "$reply" -split "`t", 2
        if (-not $value) { continue }
        if (-not $help) { $help = $value }
        $text = $option + $value
        if ($text -match "[\s'`"``$&;|<>(){},]") { $text = "'" + ($text -replace "'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $help)
    }
}
