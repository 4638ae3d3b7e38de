# Management roles and their assignments.

function Get-RoleNames {
    <# Returns the roles of the tenant. #>
    return @($script:Tenant.roles)
}

$script:Handler['Get-ManagementRole'] = {
    param($Sent)
    $identity = Get-Text $Sent['Identity']
    $pattern = if ($identity) { $identity } else { '*' }
    $found = @(Get-RoleNames | Where-Object { Test-Like $_ $pattern })
    if ($identity -and -not $found -and $identity -cnotmatch '\*') { Stop-NotFound $identity }
    foreach ($name in $found) {
        [pscustomobject]@{
            Name = $name; Identity = $name; RoleType = $name -creplace '[ .]'; Guid = Get-TextIdentifier "role|$name"
            IsRootRole = $true; IsEndUserRole = $false; Description = ''
        }
    }
}

function Get-Holdings {
    <# Returns the keys under which an assignment may stand for this assignee, and how it has them: itself and, for a user,
       its role groups, its groups and the policy that every mailbox has. #>
    param([string] $Identity)
    $principal = @(Find-Principal $Identity)
    if ($principal) { return @{ $principal[0].Guid = 'Direct' } }
    $groups = @($script:Tenant.roleGroups | Where-Object { Test-Same $_.Name $Identity })
    if ($groups) { return @{ $groups[0].Name = 'Direct' } }
    $user = Get-OneRecipient $Identity
    $held = @{ $user.Guid = 'Direct' }
    foreach ($group in $script:Tenant.roleGroups) { if (@($group.members) -contains $user.Guid) { $held[$group.Name] = 'RoleGroup' } }
    foreach ($group in $script:Tenant.recipients) {
        if (@(Get-Field $group 'members' @()) -contains $user.Guid) { $held[$group.Guid] = 'SecurityGroup' }
    }
    if ($user.RecipientTypeDetails -in $script:Mailboxes) { $held['Default Role Assignment Policy'] = 'RoleAssignmentPolicy' }
    return $held
}

function Get-EffectiveMembers {
    <# Writes the users that have an assignment by way of its group. #>
    param($Assignment)
    $group = @($script:Tenant.roleGroups | Where-Object { $_.Name -eq $Assignment.assignee })
    if (-not $group) { $group = @(Get-RecipientByGuid $Assignment.assignee) }
    foreach ($member in @($group[0].members)) { Get-RecipientByGuid $member }
}

function Get-AssigneeShown {
    <# Returns the text by which an assignment names its assignee; for an application as the tenant is set. #>
    param($Assignment)
    $principal = @($script:Tenant.servicePrincipals | Where-Object { $null -ne $_ -and $_.Guid -eq $Assignment.assignee })
    if (-not $principal) { return Get-ShownName $Assignment.assignee 'managedByAs' }
    switch (Get-Setting 'assigneeAs' 'objectId') {
        'appId' { return $principal[0].AppId }
        'displayName' { return $principal[0].DisplayName }
        default { return $principal[0].ObjectId }
    }
}

function Get-ShownAssignment {
    <# Returns an assignment as it is shown; for one that $User has indirectly, with the way in $Method. #>
    param($Assignment, [string] $Method = 'Direct', $User = $null)
    $shownScope = switch (Get-Field $Assignment 'scopeKind' 'Organization') {
        'CustomRecipientScope' { @($script:Tenant.scopes | Where-Object { $_.Guid -eq $Assignment.scope } | ForEach-Object { $_.Name })[0] }
        'Group' { (Get-RecipientByGuid $Assignment.scope).Name }
        'AdministrativeUnit' { $Assignment.scope }
        default { '' }
    }
    $kind = Get-Field $Assignment 'scopeKind' 'Organization'
    $isApp = $Assignment.assigneeType -eq 'ServicePrincipal'
    $who = Get-AssigneeShown $Assignment
    $recipient = Get-RecipientByGuid $Assignment.assignee
    $effective = if ($null -ne $User) { $User.Name }
    elseif ($Assignment.assigneeType -in 'RoleGroup', 'SecurityGroup') { 'All Group Members' }
    elseif ($Assignment.assigneeType -eq 'RoleAssignmentPolicy') { 'All Policy Assignees' }
    elseif ($null -ne $recipient) { $recipient.Name }
    else { $who }
    return [pscustomobject]@{
        Name = $Assignment.Name; Identity = $Assignment.Name; Id = $Assignment.Name; Guid = $Assignment.Guid
        Role = $Assignment.Role
        RoleAssignee = $who; RoleAssigneeName = $(if ($null -ne $recipient) { $recipient.Name } else { $who }); RoleAssigneeType = $Assignment.assigneeType
        App = $(if ($isApp) { $who } else { $null }); User = $who
        AssignmentMethod = $Method; EffectiveUserName = $effective
        AssignmentChain = ''
        RoleAssignmentDelegationType = $(if (Get-Field $Assignment 'delegating' $false) { 'DelegatingOrgWide' } else { 'Regular' })
        CustomResourceScope = $(if ($isApp) { $shownScope } else { '' })
        CustomRecipientWriteScope = $(if ($isApp) { '' } else { $shownScope }); CustomConfigWriteScope = ''
        RecipientReadScope = 'Organization'; ConfigReadScope = 'OrganizationConfig'; RecipientWriteScope = $kind
        ConfigWriteScope = 'OrganizationConfig'
        Enabled = [bool] (Get-Field $Assignment 'Enabled' $true); IsValid = $true
        WhenChangedUTC = Get-Moment $Assignment 'WhenChangedUTC'
        WhenCreatedUTC = Get-Moment $Assignment 'WhenCreatedUTC'
    }
}

function Test-Wanted {
    <# Tells whether an assignment is one of those that the parameters of Get-ManagementRoleAssignment choose. #>
    param($Assignment, $Sent, $Held)
    if ($null -ne $Held -and -not $Held.ContainsKey($Assignment.assignee)) { return $false }
    if ((Get-Text $Sent['Role']) -and -not (Test-Like $Assignment.Role (Get-Text $Sent['Role']))) { return $false }
    if ((Get-Text $Sent['RoleAssigneeType']) -and $Assignment.assigneeType -ne (Get-Text $Sent['RoleAssigneeType'])) {
        return $false
    }
    if ($Sent.ContainsKey('Delegating') -and [bool] (Get-Field $Assignment 'delegating' $false) -ne $Sent['Delegating']) {
        return $false
    }
    if ($Sent.ContainsKey('Enabled') -and [bool] (Get-Field $Assignment 'Enabled' $true) -ne $Sent['Enabled']) {
        return $false
    }
    $scope = Get-Text $Sent['CustomRecipientWriteScope']
    if ($scope -and (Get-Field $Assignment 'scope' '') -ne (Get-OneScope $scope).Guid) {
        return $false
    }
    $kind = Get-Text $Sent['RecipientWriteScope']
    if ($kind -and (Get-Field $Assignment 'scopeKind' 'Organization') -ne $kind) {
        return $false
    }
    return $true
}

function Get-OneAssignment {
    param([string] $Identity)
    $found = @($script:Tenant.assignments | Where-Object { Test-ConfigIdentity $_ $Identity } | Where-Object { Test-Appeared $_ })
    if (-not $found) { Stop-NotFound $Identity }
    return $found[0]
}

$script:Handler['Get-ManagementRoleAssignment'] = {
    param($Sent)
    $identity = Get-Text $Sent['Identity']
    if ($identity) { return Get-ShownAssignment (Get-OneAssignment $identity) }
    if ((Get-Text $Sent['Role']) -and -not @(Get-RoleNames | Where-Object { Test-Like $_ (Get-Text $Sent['Role']) })) {
        Stop-NotFound (Get-Text $Sent['Role'])
    }
    $asked = Get-Text $Sent['RoleAssignee']
    $held = if ($asked) { Get-Holdings $asked }
    # Microsoft does not document that an application can be asked for; then it holds nothing as far as this tells.
    if ($asked -and (Get-Setting 'assigneeUnknown' $false) -and @(Find-Principal $asked)) { return }
    $methods = @($Sent['AssignmentMethod'] | ForEach-Object { Get-Text $_ } | Where-Object { $_ })
    foreach ($assignment in @($script:Tenant.assignments)) {
        if (-not (Test-Wanted $assignment $Sent $held) -or -not (Test-Appeared $assignment)) { continue }
        $method = if ($held) { $held[$assignment.assignee] } else { 'Direct' }
        if ($Sent['GetEffectiveUsers'] -and -not $held -and $assignment.assigneeType -in 'RoleGroup', 'SecurityGroup') {
            $rows = foreach ($user in Get-EffectiveMembers $assignment) { Get-ShownAssignment $assignment $assignment.assigneeType $user }
        } else {
            $rows = Get-ShownAssignment $assignment $method $(if ($method -ne 'Direct') { Get-OneRecipient $asked })
        }
        $rows | Where-Object { $null -ne $_ -and (-not $methods -or $_.AssignmentMethod -in $methods) }
    }
}

function Assert-Delegating {
    <# Ends the call where the operator may not hand out the role, or where a hydrated tenant does not know it yet. #>
    param([string] $Role, [string] $Name)
    $mine = @(Get-Field $script:Tenant.operator 'roleGroups' @())
    $me = @(Find-Recipient $script:Tenant.operator.upn | ForEach-Object { $_.Guid })
    foreach ($group in $script:Tenant.roleGroups) {
        if ($me -and @($group.members) -contains $me[0]) { $mine += $group.Name }
    }
    $rows = @($script:Tenant.assignments | Where-Object {
            (Get-Field $_ 'delegating' $false) -and $_.Role -eq $Role -and $_.assignee -in ($mine + $me)
        })
    if ($rows.Count -and -not (Get-Setting 'delegationNotReady' $false)) { return }
    Stop-Delegation $Name
}

function Stop-Delegation {
    param([string] $Name)
    Stop-Call 'Microsoft.Exchange.Management.RbacTasks.NoDelegatingRoleAssignmentException' (
        "You don't have access to create, change, or remove the `"$($script:Tenant.initialDomain)\$Name`" management role assignment. You must be assigned a delegating role assignment to the management role or its parent in the hierarchy without a scope restriction."
    ) 'Ex2B3C4D'
}

$script:Handler['New-ManagementRoleAssignment'] = {
    param($Sent)
    Assert-Hydrated
    $role = @(Get-RoleNames | Where-Object { Test-Same $_ (Get-Text $Sent['Role']) })
    if (-not $role) { Stop-NotFound (Get-Text $Sent['Role']) }
    $assignee, $type, $label = Get-NewAssignee $Sent
    $kind, $scope = Get-NewScope $Sent
    $name = if ($Sent['Name']) { $Sent['Name'] } else { Get-FreeAssignmentName "$($role[0])-$label" }
    if ($name.Length -gt 64) {
        Stop-BadValue "The property value is invalid. The value can't exceed 64 characters. Property name: Name"
    }
    # A role that Microsoft closed is refused in the words of a missing right, whoever asks.
    if (@(Get-Setting 'closedRoles' @()) -contains $role[0]) { Stop-Delegation $name }
    Assert-Delegating $role[0] $name
    if (@($script:Tenant.assignments | Where-Object { Test-Same $_.Name $name }).Count) {
        Stop-Exists $name 'management role assignment'
    }
    $assignment = [pscustomobject]@{
        Guid = New-Identifier 'assignment' $name; Name = $name; Role = $role[0]; assignee = $assignee
        assigneeType = $type; scopeKind = $kind; scope = $scope
        delegating = [bool] $Sent['Delegating']; Enabled = $true; WhenCreatedUTC = Get-CreationTime
        WhenChangedUTC = Get-TenantTime
    }
    Set-Late $assignment 'assignment'
    Set-Field $script:Tenant 'assignments' @(@($script:Tenant.assignments) + $assignment)
    Get-ShownAssignment $assignment
}

function Get-NewAssignee {
    <# Returns key, type and label of the assignee of a new assignment. #>
    param($Sent)
    if (-not $Sent.ContainsKey('App')) {
        if ($Sent.ContainsKey('User')) {
            $who = Get-OneRecipient (Get-Text $Sent['User']) ($script:Mailboxes + 'User')
            return $who.Guid, 'User', $who.Alias
        }
        $who = Get-OneRecipient (Get-Text $Sent['SecurityGroup']) $script:Groups
        return $who.Guid, 'SecurityGroup', $who.Alias
    }
    $principal = Get-OnePrincipal (Get-Text $Sent['App'])
    $notYet = Get-Field $principal 'notYet' 0
    if ($notYet -gt 0) {
        # Right after New-ServicePrincipal the pointer is listed, but not known to this cmdlet.
        Set-Field $principal 'notYet' ($notYet - 1)
        $script:Changed = $true
        Stop-NotFound (Get-Text $Sent['App'])
    }
    return $principal.Guid, 'ServicePrincipal', $principal.ObjectId
}

function Get-NewScope {
    <# Returns kind and key of the scope; without any the assignment is for the whole tenant. #>
    param($Sent)
    foreach ($name in 'CustomResourceScope', 'CustomRecipientWriteScope') {
        if (Get-Text $Sent[$name]) { return 'CustomRecipientScope', (Get-OneScope (Get-Text $Sent[$name])).Guid }
    }
    if (Get-Text $Sent['RecipientGroupScope']) {
        return 'Group', (Get-OneRecipient (Get-Text $Sent['RecipientGroupScope']) ($script:Groups + 'GroupMailbox')).Guid
    }
    if (Get-Text $Sent['RecipientAdministrativeUnitScope']) {
        return 'AdministrativeUnit', (Get-Text $Sent['RecipientAdministrativeUnitScope'])
    }
    return 'Organization', ''
}

function Get-FreeAssignmentName {
    <# Returns a generated name; one that is taken gets a number, so a repeat without a name makes a second assignment. #>
    param([string] $Name)
    $short = $Name.Substring(0, [Math]::Min(60, $Name.Length))
    for ($number = 0; ; $number++) {
        $candidate = if ($number) { "$short-$number" } else { $short }
        if (-not @($script:Tenant.assignments | Where-Object { Test-Same $_.Name $candidate }).Count) {
            return $candidate
        }
    }
}

$script:Handler['Set-ManagementRoleAssignment'] = {
    param($Sent)
    $assignment = Get-OneAssignment (Get-Text $Sent['Identity'])
    Assert-Delegating $assignment.Role $assignment.Name
    if ($Sent.ContainsKey('Enabled')) { Set-Field $assignment 'Enabled' $Sent['Enabled'] }
    if (@('CustomResourceScope', 'CustomRecipientWriteScope', 'RecipientGroupScope' | Where-Object { $Sent.ContainsKey($_) })) {
        $kind, $scope = Get-NewScope $Sent
        Set-Field $assignment 'scopeKind' $kind
        Set-Field $assignment 'scope' $scope
    }
    Set-Field $assignment 'WhenChangedUTC' (Get-TenantTime)
}

$script:Handler['Remove-ManagementRoleAssignment'] = {
    param($Sent)
    $assignment = Get-OneAssignment (Get-Text $Sent['Identity'])
    Assert-Delegating $assignment.Role $assignment.Name
    Set-Field $script:Tenant 'assignments' @($script:Tenant.assignments | Where-Object { $_ -ne $assignment })
}
