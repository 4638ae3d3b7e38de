# A service account: assignments of Application Impersonation, their holders and scopes, and the account that was named.

function Find-Impersonation {
    $Run.Found['accounts'] = @()
    if ($Value.ServiceAccount -ne '') {
        Add-Read $Run.Found -Key 'accounts' -Reading { Read-Account $Value.ServiceAccount }
    }
    Add-Read $Run.Found -Key 'impersonations' -Reading {
        $rows = @(Invoke-Read -Subject "assignments of $ImpersonationRole" -Call {
                Get-ManagementRoleAssignment -Role $ImpersonationRole -ErrorAction Stop
            } | Where-Object -FilterScript { (Get-Text $_ 'RoleAssignmentDelegationType') -cnotlike 'Delegating*' })
        foreach ($row in $rows) { Read-Assignment $row }
    }
}

function Read-Account {
    param([string] $Identity)
    Invoke-Read -Subject "mailbox $Identity" -Call { Get-Mailbox -Identity $Identity -ErrorAction Stop } |
        ForEach-Object -Process {
            [ordered]@{
                userPrincipalName = Get-Text $_ 'UserPrincipalName'; name = Get-Text $_ 'Name'
                address = Get-Text $_ 'PrimarySmtpAddress'; type = Get-Text $_ 'RecipientTypeDetails'
            }
        }
}

function Read-Assignment {
    param($Assignment)
    $who = Get-Text $Assignment 'RoleAssignee'
    $record = [ordered]@{
        assignment = Get-Text $Assignment 'Name'; enabled = Test-Same (Get-Property $Assignment 'Enabled') $true
        reach = Get-Text $Assignment 'RecipientWriteScope'; assignee = $who
        assigneeType = Get-Text $Assignment 'RoleAssigneeType'; accounts = @()
    }
    if (Test-Direct $Assignment) { Add-Read $record -Key 'accounts' -Reading { Read-Account $who } }
    Add-Read $record -Key 'scopes' -Reading { Read-Scope $Assignment }
    $record
}
