# Application Impersonation: the service account may act in mailboxes of the whole organization, of a group, or in the
# equipment mailbox alone. The journal knows its two objects as scope:NAME and assignment:NAME.

$Steps['impersonation'] = { @{
    Compare = 'Compare-Impersonation'; Now = 'Get-ImpersonationNow'; Change = 'Invoke-ImpersonationChange'
    Hold = 'Get-ImpersonationHold'; Claim = 'Get-ImpersonationClaim'; Again = 'Find-Impersonation'
    Label = 'Get-ImpersonationLabel'; Ids = '^(scope|assignment):(?=.*\S)[^*]+\z'
    Proof = 'Test-ImpersonationProof'; Grants = $ImpersonationRole; Decides = 'Get-ImpersonationReach'
    Made = @('RecipientFilter', 'Role,User,CustomRecipientWriteScope'); Set = 'Enabled'
    Reads = @('Get-Recipient', 'Get-Mailbox', 'Get-ManagementRoleAssignment') +
        @(if ($Value.ImpersonationScope -cne 'organization') { 'Get-ManagementScope' }) +
        @(if ($Value.ImpersonationScope -ceq 'group') { 'Get-DistributionGroup' })
    Apply = @('New-ManagementRoleAssignment', 'Set-ManagementRoleAssignment') +
        @(if ($Value.ImpersonationScope -cne 'organization') { 'New-ManagementScope' })
    Rollback = 'Get-ManagementScope', 'Set-ManagementRoleAssignment', 'Remove-ManagementRoleAssignment',
        'Remove-ManagementScope'
    Needed = @('ImpersonationScope', 'ImpersonationAssignment', 'ImpersonationScopeName') +
        @(if ($Value.ImpersonationScope -ceq 'group') { 'ImpersonationGroup' })
    Assert = {
        Assert-Sane ($Value.ImpersonationScope -cne 'organization' -or $Value.ProofOutOfScope.Count -eq 0) (
            '-ProofOutOfScope must be empty: with -ImpersonationScope organization every mailbox is in reach.')
    }
} }

function Get-ImpersonationFilter {
    # What the scope has to reach, or '' for the whole organization.
    if ($Value.ImpersonationScope -ceq 'organization') { return '' }
    if ($Value.ImpersonationScope -ceq 'equipment-only') {
        return Get-ScopeFilter 'PrimarySmtpAddress' -Is $Value.EquipmentAddress
    }
    $address = $Value.ImpersonationGroup
    $group = Get-RecipientOf $address
    $isGroup = 'MailUniversalSecurityGroup', 'MailUniversalDistributionGroup' -contains (
        Get-Text $group 'RecipientTypeDetails')
    if (-not $isGroup) {
        $found = if ($null -eq $group) { "$address was not found" }
        else { "$address belongs to $(Format-Recipient $group)" }
        throw (Get-Stop -State 'conflict' -Detail (
                "$found; the scope needs a distribution or mail-enabled security group of that address."))
    }
    $known = Invoke-ReadOne -Subject "group $address" -Call {
        Get-DistributionGroup -Identity $address -ErrorAction Stop
    }
    $name = Get-Text $known 'DistinguishedName'
    if ($name -eq '') {
        throw (Get-Stop -State 'unreadable' -Detail "Exchange does not tell the distinguished name of $address.")
    }
    Get-ScopeFilter 'MemberOfGroup' -Is $name
}

function Test-OurImpersonation {
    # Given to the account itself, over exactly what is described.
    param($Assignment, [string] $Filter)
    $scope = Get-Text $Assignment 'CustomRecipientWriteScope'
    if (-not (Test-Direct $Assignment)) { return $false }
    if ($Filter -ne '') { return Test-SameName $scope $Value.ImpersonationScopeName }
    $scope -eq '' -and '', 'Organization' -contains (Get-Text $Assignment 'RecipientWriteScope')
}

function Compare-ImpersonationScope {
    # The scope's part of the plan. A scope of that name with another filter may serve somebody else.
    param([hashtable] $Plan, [string] $Filter)
    $name = $Value.ImpersonationScopeName
    $scope = Read-ManagementScope $name
    if ($null -eq $scope) {
        Add-Creation $Plan -Text "create the management scope '$name' with the filter: $Filter" -Id "scope:$name" -Wanted (
            [ordered]@{ RecipientFilter = $Filter })
        return
    }
    Assert-DescribedScope $scope -Filter $Filter
}

function Get-HeldImpersonation {
    # Our assignment, or nothing. What reaches further than described is somebody's decision, not drift.
    param([string] $Filter)
    $account = $Value.ServiceAccountUserPrincipalName
    $held = @(if ($null -ne (Get-AccountMailbox)) { Read-Impersonation $account -IfAbsent (Get-MissingPartState) })
    $ours = @($held | Where-Object -FilterScript { Test-OurImpersonation $_ -Filter $Filter } |
            Get-Ordered -By { Test-Same (Get-Property $_ 'Enabled') $false })
    $others = @($held | Where-Object -FilterScript { -not (Test-OurImpersonation $_ -Filter $Filter) })
    if ($Filter -ne '' -and $others.Count -gt 0) {
        throw (Get-Stop -State 'conflict' -Detail (
                'The account holds the role beyond the described scope, by ' +
                "$(@($others | ForEach-Object -Process { Format-Assignment $_ }) -join ', '). " +
                'Remove that assignment or membership, or describe what is meant.'))
    }
    if ($ours.Count -gt 0) { return $ours[0] }
    $namesake = Read-NamedAssignment $Value.ImpersonationAssignment
    if ($null -ne $namesake) {
        $name = Get-Text $namesake 'Name'
        if (@($held | Where-Object -FilterScript { Test-SameName (Get-Text $_ 'Name') $name }).Count -gt 0) {
            throw (Get-Stop -State 'conflict' -Detail (
                    "The account has $(Format-Assignment $namesake), over another scope than is described. " +
                    'Roll back the run that made it, or remove it yourself; this step changes no scope.'))
        }
        throw (Get-Stop -State 'conflict' -Detail (
                "The name is taken: $(Format-Assignment $namesake), " +
                "for '$(Get-Text $namesake 'RoleAssigneeName')'. Choose another assignment name."))
    }
}

function Compare-Impersonation {
    $plan = Get-EmptyPlan 'impersonation'
    $account = $Value.ServiceAccountUserPrincipalName
    if ($null -eq (Get-AccountMailbox) -and -not (Test-Planned 'account-mailbox')) {
        throw (Get-Awaited 'account-mailbox' 'The service account')
    }
    $filter = Get-ImpersonationFilter
    if ($filter -ne '') { Compare-ImpersonationScope $plan -Filter $filter }
    $held = Get-HeldImpersonation $filter
    if ($null -ne $held) {
        Add-EnableChange $plan -Assignment $held
    } else {
        $scope = if ($filter -ne '') { $Value.ImpersonationScopeName } else { '' }
        $wanted = [ordered]@{ Role = $ImpersonationRole; User = $account; CustomRecipientWriteScope = $scope }
        $id = "assignment:$($Value.ImpersonationAssignment)"
        $reach = if ($scope) { "on the scope '$scope'" } else { 'on EVERY mailbox of the organization' }
        Add-Creation $plan -Id $id -Wanted $wanted -Text (
            "assign $ImpersonationRole to $account $reach, as '$($Value.ImpersonationAssignment)'")
    }
    if ($Value.ImpersonationScope -ceq 'group') {
        Add-GroupNote $plan -Filter $filter
    }
    if ($Value.ImpersonationScope -ceq 'equipment-only') {
        $plan.Notes += ('Over the equipment mailbox alone Pexip calls the functionality limited. Presumably (not ' +
            "Pexip's words) it cannot send anything later as the organizer.")
    }
    $plan
}

function Add-GroupNote {
    # The group is not ours to fill; without the equipment mailbox in it the service cannot open its own.
    param([hashtable] $Plan, [string] $Filter)
    $address = $Value.EquipmentAddress
    $mailbox = Get-RecipientOf $address
    $isInside = $null -ne $mailbox -and @(Read-Reached $Filter) -ccontains $address.ToLowerInvariant()
    if ($isInside) { return }
    $Plan.Notes += "$address must be a direct member of $($Value.ImpersonationGroup), and is not."
    # A mailbox that this run still makes will not be in it either.
    $Plan.Remaining = 'blocked'
}

function Read-Reached {
    # Whom a scope reaches, by Exchange's own preview.
    param([string] $Filter)
    @(Read-Reach $Filter) | ForEach-Object -Process { (Get-Text $_ 'PrimarySmtpAddress').ToLowerInvariant() }
}

function Get-ImpersonationReach {
    # What decides the Yes. Whom the group holds is not described, so each of them is named as far as there is room.
    param([hashtable] $Plan)
    if ($Run.Mode -cne 'Apply' -or $Plan.Changes.Count -eq 0) { return }
    $filter = Get-ImpersonationFilter
    if ($filter -eq '') { return 'Reach     EVERY mailbox of the organization, and each one that is created later.' }
    $named = @($Value.EquipmentAddress) + @(if ($Value.ImpersonationScope -ceq 'group') { $Value.ProofInScope })
    Get-ReachLine $filter -Described (Get-AddressTable $named) -Late 'No step adds members to that group.'
    if ($Value.ImpersonationScope -ceq 'group') { Get-LaterReachLine $Value.ImpersonationGroup }
}

function Add-EnableChange {
    param([hashtable] $Plan, $Assignment)
    if (-not (Test-Same (Get-Answered $Assignment -Name 'Enabled') $false)) { return }
    $name = Get-Text $Assignment 'Name'
    $text = "enable for $($Value.ServiceAccountUserPrincipalName) the role assignment $(Format-Assignment $Assignment)"
    Add-Setting $Plan -Text $text -Id "assignment:$name" -Before (
        [ordered]@{ Enabled = $false }) -Wanted ([ordered]@{ Enabled = $true })
}

function Invoke-ImpersonationChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $kind, $name = $Now.id.Split([char[]] ':', 2)
    $wanted = $Change.Wanted.properties
    if ($kind -ceq 'scope' -and -not $Change.Wanted.exists) {
        # Undo: none; Rollback's undo of New-ManagementScope
        Remove-ManagementScope -Identity $name -Confirm:$false -ErrorAction Stop
    } elseif ($kind -ceq 'scope') {
        $filter = $wanted.RecipientFilter
        # Undo: Remove-ManagementScope, once no role uses it
        New-ManagementScope -Name $name -RecipientRestrictionFilter $filter -Confirm:$false -ErrorAction Stop
    } elseif (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's undo of the new assignment
        Remove-ManagementRoleAssignment -Identity $name -Confirm:$false -ErrorAction Stop
    } elseif ($Change.Before.exists) {
        # The scope is given again, because Exchange takes the kind of assignment from it.
        $row = Get-PresentAssignment $name
        $scope = Get-Text $row 'CustomRecipientWriteScope'
        if ($wanted.Enabled -and -not (Test-OurImpersonation $row -Filter (Get-ImpersonationFilter))) {
            throw (Get-Stop -State 'conflict' -Detail "The role assignment '$name' has another scope now.")
        }
        if ($wanted.Enabled -and $scope -ne '') { Assert-ScopeBeforeGrant $scope }
        $setting = @{ Identity = $name; Enabled = $wanted.Enabled }
        if ($scope -ne '') { $setting['CustomRecipientWriteScope'] = $scope }
        elseif ('', 'Organization' -contains (Get-Text $row 'RecipientWriteScope')) {
            $setting['RecipientRelativeWriteScope'] = 'Organization'
        } else { throw (Get-Stop -State 'conflict' -Detail "The role assignment '$name' has another scope now.") }
        # Undo: the same call with the values of before
        Set-ManagementRoleAssignment @setting -Confirm:$false -ErrorAction Stop
    } else {
        $assignment = @{ Name = $name; Role = $wanted.Role; User = $wanted.User }
        if ($wanted.CustomRecipientWriteScope -ne '') {
            Assert-ScopeBeforeGrant $wanted.CustomRecipientWriteScope
            $assignment['CustomRecipientWriteScope'] = $wanted.CustomRecipientWriteScope
        }
        # Undo: Remove-ManagementRoleAssignment
        New-ManagementRoleAssignment @assignment -Confirm:$false -ErrorAction Stop
    }
}

function Get-ImpersonationNow {
    param([System.Collections.IDictionary] $Snapshot)
    $kind, $name = $Snapshot.id.Split([char[]] ':', 2)
    $properties = [ordered]@{}
    if ($kind -ceq 'scope') {
        $scope = Read-ManagementScope $name
        if ($null -eq $scope) { return Get-Absent $Snapshot.id }
        if ($Snapshot.properties.Contains('RecipientFilter')) {
            $properties['RecipientFilter'] = ConvertTo-ScopeFilter (Get-Text $scope 'RecipientFilter')
        }
        return Get-Present $Snapshot.id $properties -Of $scope
    }
    $row = Read-NamedAssignment $name
    if ($null -eq $row) { return Get-Absent $Snapshot.id }
    foreach ($property in $Snapshot.properties.Keys) {
        switch -CaseSensitive ($property) {
            'Enabled' { $properties[$property] = Test-Same (Get-Answered $row -Name 'Enabled') $true }
            'User' { $properties[$property] = Get-ImpersonatingUser $name }
            default { $properties[$property] = Get-Text $row $property }
        }
    }
    Get-Present $Snapshot.id $properties -Of $row
}

function Get-ImpersonatingUser {
    # Exchange names the holder in several ways; that the account's list holds the assignment says it for certain.
    param([string] $Name)
    $account = $Value.ServiceAccountUserPrincipalName
    # In Rollback the account may have been deleted since, and then nobody holds it: two cmdlets have to say so.
    $isGone = $Run.Mode -eq 'Rollback' -and $null -eq (Read-AccountMailbox $account)
    $missing = if ($isGone) { '' } else { Get-MissingPartState }
    $found = @(Read-Impersonation $account -IfAbsent $missing | Where-Object -FilterScript {
            (Test-Direct $_) -and (Test-SameName (Get-Text $_ 'Name') $Name) })
    if ($found.Count -gt 0) { $account } else { '' }
}

function Assert-ScopeBeforeGrant {
    # The last check before the role is assigned or enabled: the scope must be the described one.
    param([string] $Name)
    Assert-DescribedScope (Wait-ManagementScope $Name) -Filter (Get-ImpersonationFilter)
}

function Test-ImpersonationProof {
    # Where the scope is the described one; the whole organization needs none, and another one is a conflict.
    if ($Value.ImpersonationScope -ceq 'organization') { return }
    $filter = Get-ImpersonationFilter
    $scope = Read-ManagementScope $Value.ImpersonationScopeName
    if ($null -eq $scope) {
        $proof = @{ Target = 'management scope'; Expected = 'readable'; Actual = 'was not found'; State = 'unreadable' }
        Write-Proof 'impersonation' @proof
        return
    }
    if (-not (Test-SameScope (Get-Text $scope 'RecipientFilter') $filter)) { return }
    $reached = @(Read-Reached $filter)
    $inside = @($Value.EquipmentAddress) + @(if ($Value.ImpersonationScope -ceq 'group') { $Value.ProofInScope })
    $cases = @($inside | ForEach-Object -Process { @{ Address = $_; Expected = $true } }) +
        @($Value.ProofOutOfScope | ForEach-Object -Process { @{ Address = $_; Expected = $false } })
    foreach ($case in $cases) {
        $mailbox = Get-RecipientOf $case.Address
        $isIn = $reached -ccontains (Get-Text $mailbox 'PrimarySmtpAddress').ToLowerInvariant()
        $actual = if ($null -eq $mailbox) { 'mailbox not found' } else { "in scope: $isIn" }
        $expected = "in scope: $($case.Expected)"
        $proof = @{
            Step = 'impersonation'; Target = "filter of the management scope, $($case.Address)"
            Expected = $expected; Actual = $actual
            State = $(if ($actual -ceq $expected) { 'proved' } else { 'disproved' })
        }
        Write-Proof @proof
    }
}
