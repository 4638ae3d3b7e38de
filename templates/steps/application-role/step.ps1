# Role assignment: the application may use EWS in the mailboxes of the scope.

$ApplicationRole = 'Application EWS.AccessAsApp'

$Steps['application-role'] = { @{
    Compare = 'Compare-ApplicationRole'; Now = 'Get-ApplicationRoleNow'; Change = 'Invoke-ApplicationRoleChange'
    Claim = 'Get-ApplicationRoleClaim'; Again = 'Find-ApplicationRole'; Label = 'Get-ApplicationRoleLabel'
    Hold = 'Get-ApplicationRoleHold'; Decides = 'Get-ApplicationReach'; Grants = $ApplicationRole; CloudEws = $true
    ConflictDisproves = $true
    Made = @('Role,App,CustomResourceScope'); Set = 'Enabled'
    Reads = 'Get-ServicePrincipal', 'Get-Recipient', 'Get-DistributionGroup', 'Get-ManagementScope',
        'Get-ManagementRoleAssignment'
    Apply = 'New-ManagementRoleAssignment', 'Set-ManagementRoleAssignment'
    Verify = @('Test-ServicePrincipalAuthorization')
    Rollback = 'Set-ManagementRoleAssignment', 'Remove-ManagementRoleAssignment'
    Proof = 'Test-ApplicationRoleProof'
    UndoWarning = 'Add-LastWayWarning'  # only: migrate
    Takes = $Facts.RoleTakes
    ByHand = {
        param($State)
        $where = "client ID $($Value.ApplicationClientId) (Enterprise applications, Permissions)"
        if ($State -ceq 'changed') {
            "Look in Entra at the consents for ${where}: full_access_as_app opens ALL mailboxes, but those that an Application Access Policy excludes."
        } elseif ($State -ceq 'undone') { "Rollback changes no consent in Entra. Revoke there what nothing else needs: the consents for $where." }
    }
    NotChecked = @(
        "Consents in Entra for client ID $($Value.ApplicationClientId): " +
        'full_access_as_app there opens ALL mailboxes, whatever the scope, unless an Application Access Policy ' +
        'excludes them. ' +
        'Look at it in Entra, Enterprise applications, Permissions.'
        ('Application Access Policies (Get-ApplicationAccessPolicy): they limit what was consented to in Entra, ' +
        'not this role. Keep such a policy until its consent is revoked.')
        "Whether Exchange applies the role already: it takes $($Facts.RoleTakes). Pexip Infinity shows it."
    )
    Needed = 'ApplicationAssignment', 'ProofInScope', 'ProofOutOfScope'
} }

function Read-ApplicationAssignment {
    # What the application holds. Microsoft documents neither way of asking for an application's assignments, so that
    # where the first gives none, the second is asked. Delegating ones let the holder hand a role on, not use it.
    param([string] $ObjectId)
    $rows = @(Invoke-Read -Subject "role assignments of application $ObjectId" -Call {
            Get-ManagementRoleAssignment -RoleAssignee $ObjectId -ErrorAction Stop })
    if ($rows.Count -eq 0) {
        $rows = @(Invoke-Read -Subject 'role assignments of applications' -IfAbsent 'unreadable' -Call {
                    Get-ManagementRoleAssignment -RoleAssigneeType ServicePrincipal -ErrorAction Stop } |
                Where-Object -FilterScript { Test-Assignee $_ -ObjectId $ObjectId })
    }
    @($rows | Where-Object -FilterScript { (Get-Text $_ 'RoleAssignmentDelegationType') -cnotlike 'Delegating*' })
}

function Test-OurScope {
    # An application's assignment has a resource scope. A group or an administrative unit could have the same name.
    param($Assignment)
    'Group', 'AdministrativeUnit', 'Organization' -cnotcontains (Get-Text $Assignment 'RecipientWriteScope') -and
        (Test-SameName (Get-Text $Assignment 'CustomResourceScope') $Value.ScopeName)
}

function Test-Assignee {
    # Exchange shows the assignee by one of its IDs or by its name.
    param($Assignment, [string] $ObjectId)
    if (-not $Run.Seen.ContainsKey($ObjectId)) { $Run.Seen[$ObjectId] = Read-ServicePrincipal $ObjectId }
    $pointer = $Run.Seen[$ObjectId]
    $ids = @($ObjectId) + @(Get-Identifier $pointer) +
        @(Get-Text $pointer 'AppId' | Where-Object -FilterScript { $_ -ne '' })
    if (Test-SameName $ObjectId $Value.ApplicationObjectId) { $ids += $Value.ApplicationClientId }
    $given = @('RoleAssignee', 'RoleAssigneeName', 'App', 'EffectiveUserName' |
            ForEach-Object -Process { Get-Text $Assignment $_ } | Where-Object -FilterScript { $_ -ne '' })
    if (@($given | Where-Object -FilterScript { $ids -contains $_ }).Count -gt 0) { return $true }
    # Display names are not unique: one that another application has too proves nothing, and an ID proves more.
    $display = Get-Text $pointer 'DisplayName'
    if ($display -eq '' -or $given -notcontains $display -or @($given | Where-Object -FilterScript {
                Test-Guid $_ }).Count -gt 0) { return $false }
    if (-not $Run.Seen.ContainsKey('service principals')) { $Run.Seen['service principals'] = Read-AllServicePrincipal }
    $named = @($Run.Seen['service principals'] |
            Where-Object -FilterScript { Test-SameName (Get-Text $_ 'DisplayName') $display })
    $named.Count -eq 1 -and (Test-SameName (Get-Text $named[0] 'ObjectId') (Get-Text $pointer 'ObjectId'))
}

function Find-NamedAssignment {
    # The assignment with the described name, if it is the described one. Any other with that name is a conflict.
    $namesake = Read-NamedAssignment $Value.ApplicationAssignment
    if ($null -eq $namesake) { return }
    $isOurs = (Test-SameName (Get-Text $namesake 'Role') $ApplicationRole) -and (Test-OurScope $namesake) -and
        (Test-Assignee $namesake -ObjectId $Value.ApplicationObjectId)
    if ($isOurs) { return $namesake }
    throw (Get-Stop -State 'conflict' -Detail (
            "The name is taken: $(Format-Assignment $namesake), " +
            "for '$(Get-Text $namesake 'RoleAssigneeName')'. Choose another assignment name."))
}

function Compare-ApplicationRole {
    $plan = Get-EmptyPlan 'application-role'
    $pointer = Get-ApplicationPointer
    if ($null -eq $pointer -and -not (Test-Planned 'application-pointer')) {
        throw (Get-Awaited 'application-pointer' 'The service principal of the application')
    }
    $scope = Read-ManagementScope $Value.ScopeName
    if ($null -eq $scope -and -not (Test-Planned 'application-scope')) {
        throw (Get-Awaited 'application-scope' 'The management scope')
    }
    if ($null -ne $scope) { Assert-DescribedScope $scope -Filter (Get-WantedFilter) }
    $held = @(if ($null -ne $pointer) { Read-ApplicationAssignment (Get-Text $pointer 'ObjectId') })
    $wide = @($held |
            Where-Object -FilterScript { (Get-Text $_ 'Role') -clike 'Application *' -and -not (Test-OurScope $_) })
    if ($wide.Count -gt 0) {
        throw (Get-Stop -State 'conflict' -Detail (
                'The application holds a role beyond the described scope, by ' +
                "$(@($wide | ForEach-Object -Process { Format-Assignment $_ }) -join ', '). " +
                'Remove that assignment, or describe another application.'))
    }
    $ours = @($held | Where-Object -FilterScript { Test-SameName (Get-Text $_ 'Role') $ApplicationRole } |
            Get-Ordered -By { Test-Same (Get-Property $_ 'Enabled') $false })
    if ($ours.Count -eq 0) { $ours = @(Find-NamedAssignment) }
    if ($ours.Count -gt 0 -and -not (Test-Same (Get-Answered $ours[0] -Name 'Enabled') $false)) { return $plan }
    if ($null -ne $scope -and $Value.ScopeMaxMailboxes -gt 0) { Assert-Reach (Get-WantedFilter) }
    if ($ours.Count -eq 0) { Add-RoleChange $plan -Scope $scope }
    else { Add-RoleEnabling $plan -Name (Get-Text $ours[0] 'Name') }
    $plan
}

function Add-RoleEnabling {
    param([hashtable] $Plan, [string] $Name)
    $text = "enable the disabled role assignment '$Name' of '$ApplicationRole' to '$($Value.ApplicationName)' on the " +
        "scope '$($Value.ScopeName)'"
    Add-Setting $Plan -Text $text -Id $Name -Before (
        [ordered]@{ Enabled = $false }) -Wanted ([ordered]@{ Enabled = $true })
    $Plan.Notes += (Get-ConsentNote), "Takes effect $($Steps['application-role'].Takes) after it is enabled."
}

function Get-ConsentNote {
    # What no cmdlet shows, and what makes the scope worth nothing.
    "Look in Entra first, at the consents for client ID $($Value.ApplicationClientId). With full_access_as_app among them " +
        'this scope limits nothing, and Exchange cannot see that: do not go on before it is revoked.'
}

function Add-RoleChange {
    param([hashtable] $Plan, $Scope)
    $wanted = [ordered]@{ Role = $ApplicationRole; App = $Value.ApplicationObjectId
        CustomResourceScope = if ($null -ne $Scope) { Get-Text $Scope 'Name' } else { $Value.ScopeName } }
    Add-Creation $Plan -Id $Value.ApplicationAssignment -Wanted $wanted -Text (
        "assign '$ApplicationRole' to '$($Value.ApplicationName)' (client ID $($Value.ApplicationClientId), object ID " +
        "$($Value.ApplicationObjectId)) on the scope '$($Value.ScopeName)', as '$($Value.ApplicationAssignment)'")
    $Plan.Notes += (Get-ConsentNote), "Takes effect $($Steps['application-role'].Takes) after it is created."
}

function Invoke-ApplicationRoleChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $wanted = $Change.Wanted.properties
    if (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's undo of the new assignment
        Remove-ManagementRoleAssignment -Identity $Now.id -Confirm:$false -ErrorAction Stop
        return
    }
    if ($wanted['Enabled'] -ne $false) { Assert-ScopeBeforeGrant }
    if ($Change.Before.exists) {
        # The scope is given again, because Exchange takes the kind of assignment from it.
        $row = Get-PresentAssignment $Now.id
        if ($wanted.Enabled -and -not (Test-OurScope $row)) {
            throw (Get-Stop -State 'conflict' -Detail "The role assignment '$($Now.id)' has another scope now.")
        }
        $setting = @{
            Identity = $Now.id; Enabled = $wanted.Enabled; CustomResourceScope = Get-Text $row 'CustomResourceScope'
        }
        if ($setting.CustomResourceScope -eq '') {
            throw (Get-Stop -State 'conflict' -Detail "The role assignment '$($Now.id)' has lost its scope.")
        }
        # Undo: the same call with the values of before
        Set-ManagementRoleAssignment @setting -Confirm:$false -ErrorAction Stop
        return
    }
    $assignment = @{
        Name = $Value.ApplicationAssignment; Role = $wanted.Role; App = $wanted.App
        CustomResourceScope = $wanted.CustomResourceScope
    }
    # Undo: Remove-ManagementRoleAssignment
    New-ManagementRoleAssignment @assignment -Confirm:$false -ErrorAction Stop
}

function Get-ApplicationRoleNow {
    param([System.Collections.IDictionary] $Snapshot)
    $row = Read-NamedAssignment $Snapshot.id
    if ($null -eq $row) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) {
        switch -CaseSensitive ($name) {
            'Enabled' { $properties[$name] = Test-Same (Get-Answered $row -Name 'Enabled') $true }
            'App' {
                $properties[$name] = if (Test-Assignee $row -ObjectId $Value.ApplicationObjectId) {
                    $Value.ApplicationObjectId
                } else { Get-AssignedApplication (Get-Text $row 'Name') }
            }
            default { $properties[$name] = Get-Text $row $name }
        }
    }
    Get-Present (Get-Text $row 'Name') $properties -Of $row
}

function Get-AssignedApplication {
    # Exchange shows the assignee in several ways. The list of the application's own assignments is certain.
    param([string] $Name)
    $id = $Value.ApplicationObjectId
    if (@(Read-ApplicationAssignment $id |
                Where-Object -FilterScript { Test-SameName (Get-Text $_ 'Name') $Name }).Count -gt 0) { $id }
    else { '' }
}

function Assert-ScopeBeforeGrant {
    # The last check before the role is assigned or enabled: the scope must be the described one.
    Assert-DescribedScope (Wait-ManagementScope $Value.ScopeName) -Filter (Get-WantedFilter)
}

function Get-Reach {
    # Exchange's own answer about one mailbox: True, False, or why there is none. Only an explicit False proves a
    # negative.
    param([string] $Address)
    $rows = @(Invoke-Read -Subject "authorization for $Address" -Call {
            Test-ServicePrincipalAuthorization -Identity $Value.ApplicationObjectId -Resource $Address -ErrorAction Stop
        })
    $answers = @($rows | ForEach-Object -Process { ConvertTo-Comparable (Get-Property $_ 'InScope') })
    $ews = @($rows | Where-Object -FilterScript {
            (Test-SameName (Get-Text $_ 'RoleName') $ApplicationRole) -or
                @((Get-Text $_ 'GrantedPermissions').Split([char[]] ', ')) -ccontains 'EWS.AccessAsApp' })
    $own = @($ews | ForEach-Object -Process { ConvertTo-Comparable (Get-Property $_ 'InScope') })
    if ($own -ccontains 'True') { return 'True' }
    if ($answers -ccontains 'True') { return 'True, by another role' }
    if ($own -ccontains 'False') { return 'False' }
    if ($null -eq (Get-RecipientOf $Address)) { return 'mailbox not found' }
    "no answer ($($rows.Count) rows)"
}

function Test-ApplicationRoleProof {
    # Both ways: mailboxes in the scope can be opened, mailboxes outside it cannot.
    $cases = @(@($Value.EquipmentAddress) + @($Value.ProofInScope) | Select-Distinct -AnyCase |
            ForEach-Object -Process { @{ Address = $_; Expected = 'True' } }) +
        @($Value.ProofOutOfScope | ForEach-Object -Process { @{ Address = $_; Expected = 'False' } })
    foreach ($case in $cases) {
        try {
            $actual = Get-Reach $case.Address
            $state = if ($actual -ceq $case.Expected) { 'proved' }
            elseif ($actual -clike 'no answer*') { 'unreadable' }
            else { 'disproved' }
        } catch {
            $stop = Get-StopOf $_
            if (-not $stop) { throw }
            $actual = $stop.Detail
            $state = 'unreadable'
        }
        $proof = @{
            Step = 'application-role'; Target = "$ApplicationRole in $($case.Address)"
            Expected = "in scope: $($case.Expected)"
        }
        Write-Proof @proof -Actual "in scope: $actual" -State $state
    }
}
