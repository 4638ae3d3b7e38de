# A service account: assignments of Application Impersonation, their holders and scopes, and the account that was named.

function Find-Impersonation {
    $Run.Found['accounts'] = @()
    if ($Value.ServiceAccount -ne '') {
        Add-Read $Run.Found -Key 'accounts' -Reading {
            foreach ($account in @(Read-Account $Value.ServiceAccount)) {
                Add-Read $account -Key 'assignments' -Reading { Read-HeldAssignment $Value.ServiceAccount }
                $account
            }
        }
    }
    Add-Read $Run.Found -Key 'impersonations' -Reading {
        $rows = @(Invoke-Read -Subject "assignments of $ImpersonationRole" -Call {
                Get-ManagementRoleAssignment -Role $ImpersonationRole -ErrorAction Stop
            } | Where-Object -FilterScript { (Get-Text $_ 'RoleAssignmentDelegationType') -cnotlike 'Delegating*' })
        foreach ($row in $rows) { Read-Assignment $row }
    }
}

function Read-HeldAssignment {
    # What an account has of the role, also through a group.
    param([string] $Account)
    Read-Impersonation $Account -IfAbsent 'unreadable' | ForEach-Object -Process {
        $through = if (Test-Direct $_) { '' } else { Get-Text $_ 'RoleAssigneeName' }
        [ordered]@{ assignment = Get-Text $_ 'Name'; direct = Test-Direct $_; through = Get-Filled $through }
    }
}

function Read-Account {
    param([string] $Identity)
    if ($Identity.Trim() -eq '') {
        throw (Get-Stop -State 'unreadable' -Detail "An assignment of $ImpersonationRole does not say whose it is.")
    }
    Invoke-Read -Subject "mailbox $Identity" -Call { Get-Mailbox -Identity $Identity -ErrorAction Stop } |
        ForEach-Object -Process {
            $id = Get-ObjectId $_
            $record = [ordered]@{
                userPrincipalName = Get-Text $_ 'UserPrincipalName'; name = Get-Text $_ 'Name'
                address = Get-Text $_ 'PrimarySmtpAddress'; type = Get-Text $_ 'RecipientTypeDetails'
            }
            Add-Read $record -Key 'ews' -Reading { Read-MailboxGate $id }
            $record
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
