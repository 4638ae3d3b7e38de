# Two mailboxes of people, of which one may stand for everybody who is out of a scope when the scope is tested.

function Find-Outside {
    # What is in a scope is told by the members that were found; without a scope there is nothing to test.
    $Run.Found['outside'] = @()
    $holders = @($Run.Found['applications']) + @($Run.Found['impersonations']) | Where-Object -FilterScript { $_ }
    $groups = @($holders | ForEach-Object -Process { @($_.scopes) } | Where-Object -FilterScript { $_ } |
            ForEach-Object -Process { @($_.groups) } | Where-Object -FilterScript { $_ })
    if ($groups.Count -eq 0) { return }
    $inside = @($groups | ForEach-Object -Process { @($_.members) } | Where-Object -FilterScript { $_ } |
            ForEach-Object -Process { $_.address })
    $inside += @($holders | Where-Object -FilterScript { $_.Contains('accounts') } |
            ForEach-Object -Process { @($_.accounts) } | Where-Object -FilterScript { $_ } |
            ForEach-Object -Process { $_.address })
    Add-Read $Run.Found -Key 'outside' -Reading {
        Invoke-Read -Subject 'mailboxes out of the scopes' -Call {
            $enough = $inside.Count + 2
            Get-Mailbox -RecipientTypeDetails UserMailbox -ResultSize $enough -ErrorAction Stop
        } | ForEach-Object -Process { Get-Text $_ 'PrimarySmtpAddress' } |
            Where-Object -FilterScript { $_ -and $inside -notcontains $_ } | Select-Object -First 2
    }
}
