# App permissions: the assignments of the role for EWS, with their applications and scopes.

function Find-Application {
    Add-Read $Run.Found -Key 'applications' -Reading {
        $rows = @(Invoke-Read -Subject 'assignments of the role Application EWS.AccessAsApp' -Call {
                Get-ManagementRoleAssignment -Role 'Application EWS.AccessAsApp' -ErrorAction Stop
            } | Where-Object -FilterScript {
                (Get-Text $_ 'RoleAssignmentDelegationType') -cnotlike 'Delegating*' -and
                    (Get-Text $_ 'RoleAssigneeType') -eq 'ServicePrincipal' })
        foreach ($row in $rows) { Read-Application $row }
    }
}

function Read-Application {
    param($Assignment)
    $record = [ordered]@{
        assignment = Get-Text $Assignment 'Name'; enabled = Test-Same (Get-Property $Assignment 'Enabled') $true
        reach = Get-Text $Assignment 'RecipientWriteScope'
    }
    $who = Get-Text $Assignment 'RoleAssignee'
    Add-Read $record -Key 'principals' -Reading {
        Invoke-Read -Subject "service principal $who" -IfAbsent 'unreadable' -Call {
            Get-ServicePrincipal -Identity $who -ErrorAction Stop
        } | ForEach-Object -Process {
            [ordered]@{
                name = Get-Text $_ 'DisplayName'; clientId = Get-Text $_ 'AppId'; objectId = Get-Text $_ 'ObjectId'
            }
        }
    }
    $wanted = $Value.ApplicationClientId
    $isOther = $wanted -ne '' -and @($record.principals | Where-Object -FilterScript {
            $null -ne $_ -and (Test-SameName $_.clientId $wanted) }).Count -eq 0
    if ($isOther -and $null -ne $record.principals) { return }
    Add-Read $record -Key 'scopes' -Reading { Read-Scope $Assignment }
    $record
}
