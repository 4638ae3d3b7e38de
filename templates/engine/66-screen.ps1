# Screen: the one way to the person at the console, to the log, to the progress bar and into a question. What Exchange
# answers is other people's text: what in it would move the cursor, turn a line around or show nothing is shown by its
# code, so that nothing on the screen says what this script did not say.

function Format-Visible {
    # Control, format, separator and unpaired characters, and letters that show nothing, as <U+202E>. Private use shows
    # something, and so does every other pair of surrogates.
    param([string] $Text)
    $hidden = '[\uD800-\uDBFF][\uDC00-\uDFFF]|[\p{C}\p{Z}-[ \uE000-\uF8FF]]|' +
        '[\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2800\u3164\uFE00-\uFE0F\uFFA0]'
    # Most text has none, and a block is compiled anew at each call.
    if ($Text -cnotmatch $hidden) { return $Text }
    [regex]::Replace($Text, $hidden, {
            param($Found)
            if ($Found.Length -eq 1) { return '<U+{0:X4}>' -f [int] [char] $Found.Value }
            $code = [char]::ConvertToUtf32($Found.Value, 0)
            $kind = [System.Globalization.CharUnicodeInfo]::GetUnicodeCategory($Found.Value, 0)
            if ($kind -ne 'Format' -and ($code -lt 0xE0000 -or $code -gt 0xE0FFF)) { return $Found.Value }
            '<U+{0:X4}>' -f $code
        })
}

function Test-Redirected {
    # Whether what is said goes into a file or a pipe, of the process or of the call: 'x.ps1 *> log.txt'.
    if (-not $Run.ContainsKey('Redirected')) {
        $calls = @(Get-PSCallStack | Where-Object -FilterScript { $_.ScriptName -cne $PSCommandPath } |
                ForEach-Object -Process { [string] $_.Position.Text })
        $Run['Redirected'] = [Console]::IsOutputRedirected -or
            @($calls | Where-Object -FilterScript { $_ -cmatch '[*6]>' }).Count -gt 0
    }
    $Run['Redirected']
}

function Get-ScreenWidth {
    # In cells. 0 where there is no console or nobody knows how wide it is: then no line is wrapped. The last cell
    # stays free, because some consoles begin a new line after it on their own.
    if (Test-Redirected) { return 0 }
    try { $width = [int] $Host.UI.RawUI.WindowSize.Width } catch { return 0 }
    if ($width -le 0) { return 0 }
    [Math]::Max(40, [Math]::Min($width, 160)) - 1
}

function Measure-Text {
    # Letters of some scripts take two cells.
    param([string] $Text)
    if ($Text -cmatch '^[\x20-\x7E]*$') { return $Text.Length }
    try { $Host.UI.RawUI.LengthInBufferCells($Text) } catch { $Text.Length }
}

function Split-Line {
    # A line in as many as the width asks for, broken at words, under the column in which its text begins. A word that
    # is wider than the screen stays whole, so that it can still be copied.
    param([string] $Text, [int] $Width)
    if ($Width -le 0 -or (Measure-Text $Text) -le $Width) { return $Text }
    $margin = [regex]::Match($Text, '^ *').Length + 2
    $label = [regex]::Match($Text, '^ *[^ ]+(?: [^ ]+)* {2,}').Length
    if ($label -gt $margin -and $label -le [Math]::Floor($Width / 2)) { $margin = $label }
    $line = ''
    foreach ($word in [regex]::Matches($Text, ' *[^ ]+')) {
        # Right behind the label there is no better place for it.
        if ($line.Length -gt $margin -and (Measure-Text ($line + $word.Value)) -gt $Width) {
            $line
            $line = (' ' * $margin) + $word.Value.TrimStart([char] ' ')
        } else { $line += $word.Value }
    }
    $line
}

function Write-Log {
    # Into the file of -LogPath, each line whole and with its time. A log that cannot be written ends no run.
    param([string] $Text)
    $file = $Run['Log']
    if ($null -eq $file) { return }
    $line = "$(Format-Utc (Get-UtcNow))  $(Format-Visible $Text)$([Environment]::NewLine)"
    $bytes = (New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false).GetBytes($line)
    try {
        $file.Write($bytes, 0, $bytes.Length)
        $file.Flush()
    } catch {
        $Run['Log'] = $null
        Write-Line "Note      The log is not written any more: $($_.Exception.GetBaseException().Message)"
    }
}

function Show-Line {
    # A text on the screen, in lines that fit.
    param([string] $Text)
    foreach ($line in @(Split-Line (Format-Visible $Text) -Width (Get-ScreenWidth))) { Write-Host $line }
}

function Write-Line {
    # To the screen and into the log.
    param([string] $Text = '')
    Show-Line $Text
    Write-Log $Text
}

function Write-Command {
    # A command to copy: on a narrow screen broken between its parts, where PowerShell reads on behind a backtick. A
    # line that was broken anywhere else would be run in pieces.
    param([string] $Label, [string[]] $Parts)
    $width = Get-ScreenWidth
    $lines = @()
    $line = '{0,-9}' -f $Label
    foreach ($part in @($Parts | ForEach-Object -Process { Format-Visible $_ })) {
        $isFull = $width -gt 0 -and $line.Length -gt 10 -and (Measure-Text "$line $part ``") -gt $width
        if ($isFull) {
            $lines += "$line ``"
            $line = ' ' * 9
        }
        $line += " $part"
    }
    foreach ($one in @($lines) + @($line)) { Write-Host $one }
    Write-Log ('{0,-9} {1}' -f $Label, ($Parts -join ' '))
}

function Join-Line {
    # The lines of a text that PowerShell shows itself, each made visible: only this script breaks a line in it.
    param([string[]] $Lines)
    @($Lines | ForEach-Object -Process { Format-Visible $_ }) -join "`n"
}

function Show-Progress {
    param([string] $Activity, [string] $Status)
    Write-Progress -Activity (Format-Visible $Activity) -Status (Format-Visible $Status)
}

function Write-Failure {
    # An error that nobody expected, with the place where it came up.
    param($Failure)
    Write-Line "Stopped by an error that this script did not expect: $($Failure.Exception.Message)"
    foreach ($line in ([string] $Failure.ScriptStackTrace).Split([char] 10)) { Write-Line $line.TrimEnd([char] 13) }
}
