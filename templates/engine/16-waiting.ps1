# Waiting: bounded by attempts, and said with its end; what takes hours is never waited for.

# As -WaitSeconds may say.
$MostWaitSeconds = 86400
# Changes of one step that are shown one by one; of more the log has all.
$MostShown = 20

function Get-Pause {
    # The pauses of one step, in seconds. Waiting ends by their number: a clock may be changed.
    $pauses = New-Object -TypeName System.Collections.Queue
    $left = $Run.WaitSeconds
    foreach ($seconds in @(2, 3, 5, 10, 20) + @(30) * ($MostWaitSeconds / 30)) {
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

function Get-Pace {
    # A row of calls that takes long enough to be watched.
    param([int] $Total, [string] $What, [bool] $Sends = $false)
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    @{ Total = $Total; What = $What; Sends = $Sends; Done = 0; Said = 0.0; Watch = $watch }
}

function Write-Pace {
    # One more is done. Said every ten seconds: how many of how many, and how long the rest takes at this pace. The last
    # one is said where somebody was told to wait for it, or where it sent something.
    param([hashtable] $Pace)
    $Pace.Done++
    if ($Pace.Total -le $MostShown) { return }
    $elapsed = $Pace.Watch.Elapsed.TotalSeconds
    $isLast = $Pace.Done -eq $Pace.Total
    $isDue = if ($isLast) { $Pace.Sends -or $Pace.Said -gt 0 } else { $elapsed - $Pace.Said -ge 10 }
    if (-not $isDue) { return }
    $Pace.Said = $elapsed
    $left = [int] [Math]::Ceiling($elapsed / $Pace.Done * ($Pace.Total - $Pace.Done))
    $rest = if ($isLast) { '' }
    elseif ($left -lt 120) { ", about $left s left" }
    else { ", about $([int] [Math]::Ceiling($left / 60)) minutes left" }
    Write-Line "    $($Pace.Done) of $($Pace.Total) $($Pace.What)$rest"
}

function Get-MissingState {
    # What "not found" means of an object that a change needs: in Apply it may still appear.
    if ($Run.Mode -eq 'Rollback') { 'kept' } else { 'pending' }
}
