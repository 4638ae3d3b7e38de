# Waiting: bounded by attempts, and said with its end; what takes hours is never waited for.

function Get-Pause {
    # The pauses of one step, in seconds. Waiting ends by their number: a clock may be changed.
    $pauses = New-Object -TypeName System.Collections.Queue
    $left = $Run.WaitSeconds
    foreach ($seconds in @(2, 3, 5, 10, 20) + @(30) * 2880) {
        if ($left -le 0) { break }
        $pauses.Enqueue([Math]::Min($seconds, $left))
        $left -= $seconds
    }
    , $pauses
}

function Wait-Moment {
    # The next pause of this step, or $false when its time is used up.
    param([string] $What)
    if ($Run.Pauses.Count -eq 0) { return $false }
    $seconds = $Run.Pauses.Dequeue()
    $left = 0
    foreach ($pause in $Run.Pauses) { $left += $pause }
    Write-Line "    Waiting $seconds s for $What, then $left s more at most"
    Start-Sleep -Seconds $seconds
    $true
}

function Get-LateState {
    if ($Run.Mode -eq 'Rollback') { 'kept' } else { 'pending' }
}
