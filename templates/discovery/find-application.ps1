# App permissions: the assignments of the role for EWS with their applications and scopes, everything else that
# applications hold, and the applications that Exchange knows.

function Find-Application {
    Add-Read $Run.Found -Key 'applicationRoles' -Reading {
        Invoke-Read -Subject 'role assignments of applications' -Call {
            Get-ManagementRoleAssignment -RoleAssigneeType ServicePrincipal -ErrorAction Stop
        } | Where-Object -FilterScript { Test-ApplicationRole $_ } | ForEach-Object -Process { Format-Role $_ }
    }
    Add-Read $Run.Found -Key 'applications' -Reading {
        $rows = @(Invoke-Read -Subject 'assignments of the role Application EWS.AccessAsApp' -Call {
                Get-ManagementRoleAssignment -Role 'Application EWS.AccessAsApp' -ErrorAction Stop
            } | Where-Object -FilterScript {
                (Test-ApplicationRole $_) -and (Get-Text $_ 'RoleAssigneeType') -eq 'ServicePrincipal' })
        foreach ($row in $rows) { Read-Application $row }
    }
    Add-Read $Run.Found -Key 'principals' -Reading { Read-Principal }
}

function Test-ApplicationRole {
    # A delegating assignment lets its holder hand the role on, not use it.
    param($Assignment)
    (Get-Text $Assignment 'Role') -clike 'Application *' -and
        (Get-Text $Assignment 'RoleAssignmentDelegationType') -cnotlike 'Delegating*'
}

function Format-Role {
    param($Assignment)
    [ordered]@{
        assignment = Get-Text $Assignment 'Name'; role = Get-Text $Assignment 'Role'
        reach = Get-Text $Assignment 'RecipientWriteScope'
        scope = Get-Filled (Get-Text $Assignment 'CustomResourceScope')
        assignee = Get-Text $Assignment 'RoleAssignee'
    }
}

function Format-Principal {
    param($Principal)
    [ordered]@{
        name = Get-Text $Principal 'DisplayName'; clientId = Get-Text $Principal 'AppId'
        objectId = Get-Text $Principal 'ObjectId'
    }
}

function Read-Principal {
    # Without an identity Exchange answers with all of them, and here that is meant.
    $wanted = $Value.ApplicationClientId
    if ($wanted -eq '') {
        Invoke-Read -Subject 'service principals' -Call { Get-ServicePrincipal -ErrorAction Stop } |
            ForEach-Object -Process { Format-Principal $_ }
        return
    }
    Invoke-Read -Subject "service principal $wanted" -Call {
        Get-ServicePrincipal -Identity $wanted -ErrorAction Stop
    } | ForEach-Object -Process {
        $record = Format-Principal $_
        Add-Read $record -Key 'roles' -Reading { Read-HeldRole $record }
        $record
    }
}

function Read-HeldRole {
    # Everything that one application holds. Microsoft documents neither way of asking for it: where the list of all
    # does not show the application by an identifier, Exchange is asked for this one.
    param([System.Collections.IDictionary] $Principal)
    $ids = @($Principal.objectId, $Principal.clientId | Where-Object -FilterScript { $_ -ne '' })
    $rows = @($Run.Found['applicationRoles'] | Where-Object -FilterScript {
            $null -ne $_ -and $ids -contains $_.assignee })
    if ($rows.Count -gt 0) { return $rows }
    if ($Principal.objectId -eq '') {
        throw (Get-Stop -State 'unreadable' -Detail "Exchange answered with an application that has no object ID.")
    }
    Invoke-Read -Subject "role assignments of application $($Principal.objectId)" -Call {
        Get-ManagementRoleAssignment -RoleAssignee $Principal.objectId -ErrorAction Stop
    } | Where-Object -FilterScript { Test-ApplicationRole $_ } | ForEach-Object -Process { Format-Role $_ }
}

function Read-Application {
    param($Assignment)
    $record = [ordered]@{
        assignment = Get-Text $Assignment 'Name'; enabled = Test-Same (Get-Property $Assignment 'Enabled') $true
        reach = Get-Text $Assignment 'RecipientWriteScope'
    }
    $who = Get-Text $Assignment 'RoleAssignee'
    Add-Read $record -Key 'principals' -Reading {
        if ($who -eq '') {
            throw (Get-Stop -State 'unreadable' -Detail "'$($record.assignment)' does not say whose it is.")
        }
        Invoke-Read -Subject "service principal $who" -IfAbsent 'unreadable' -Call {
            Get-ServicePrincipal -Identity $who -ErrorAction Stop
        } | ForEach-Object -Process { Format-Principal $_ }
    }
    $wanted = $Value.ApplicationClientId
    $known = @($record.principals | Where-Object -FilterScript { $null -ne $_ })
    $isOther = $wanted -ne '' -and
        @($known | Where-Object -FilterScript { Test-SameName $_.clientId $wanted }).Count -eq 0
    if ($isOther -and $null -ne $record.principals) { return }
    Add-Read $record -Key 'roles' -Reading { $known | ForEach-Object -Process { Read-HeldRole $_ } }
    Add-Read $record -Key 'scopes' -Reading { Read-Scope $Assignment }
    $record
}
