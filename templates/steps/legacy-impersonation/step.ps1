# What the old way left of Application Impersonation: assignments to the service account, and the scopes they used.

$Steps['legacy-impersonation'] = { @{
    Compare = 'Compare-LegacyImpersonation'; Now = 'Get-LegacyImpersonationNow'
    Change = 'Invoke-LegacyImpersonationChange'; Decides = 'Get-LegacyImpersonationDecider'
    Cleanup = $true
    Removed = @('Role,RoleAssigneeName,CustomRecipientWriteScope,RecipientFilter', 'RecipientFilter')
    Irreversible = 'Exchange Online no longer lets anybody assign this role; the journal records what it was.'
    Made = @(); Set = '(?!)'; Ids = '^(scope|assignment):(?=.*\S)[^*]+\z'
    Reads = 'Get-ManagementRoleAssignment', 'Get-ManagementScope', 'Get-Mailbox'
    Apply = 'Remove-ManagementRoleAssignment', 'Remove-ManagementScope'
    Needed = @('ServiceAccountUserPrincipalName')
} }

function Add-Removal {
    param([hashtable] $Plan, [string] $Id, [string] $What, $Properties)
    Add-Difference $Plan -Property $Id -Current 'there' -Wanted 'removed'
    Add-Change $Plan -Text "remove $What. This CANNOT be undone" -Before (
        Get-Present $Id $Properties) -Wanted (Get-Absent $Id)
}

function Compare-LegacyImpersonation {
    $plan = Get-EmptyPlan 'legacy-impersonation'
    $account = $Value.ServiceAccountUserPrincipalName
    $rows = @(Read-Impersonation $account)
    $isThere = $rows.Count -gt 0 -or $null -ne (Invoke-ReadOne -Subject "mailbox $account" -Call {
            Get-Mailbox -Identity $account -ErrorAction Stop })
    # Of an account that is there one "not found" says nothing: asked again, it has to be an answer.
    if ($isThere -and $rows.Count -eq 0) { $rows = @(Read-Impersonation $account -IfAbsent 'unreadable') }
    $direct = @($rows | Where-Object -FilterScript { Test-Direct $_ })
    $scopes = @($Value.ImpersonationScopeName) + @(Get-JournalledScope)
    $ours = @($direct | ForEach-Object -Process { Get-Text $_ 'Name' })
    foreach ($row in $direct) {
        $name = Get-Text $row 'Name'
        $scope = Get-Text $row 'CustomRecipientWriteScope'
        $scopes += $scope
        Add-Removal $plan -Id "assignment:$name" -Properties (Get-LegacyProperty $row) -What (
            "the role assignment $(Format-Assignment $row), which $account has")
    }
    foreach ($name in @($scopes | Where-Object -FilterScript { $_ } | Select-Distinct -AnyCase | Get-Ordered)) {
        Compare-LegacyScope $plan -Name $name -Ours $ours
    }
    foreach ($row in @($rows | Where-Object -FilterScript { -not (Test-Direct $_) })) {
        $plan.Notes += (
            "Stays: the account also has $(Format-Assignment $row) through $(Get-Text $row 'RoleAssigneeName'); " +
            'that group is not changed.')
    }
    if (-not $isThere) { Add-LostAccountNote $plan }
    Add-OrphanNote $plan
    if ($plan.Changes.Count -gt 0 -and $Run.Phase -cne 'Cleanup') {
        $plan.Notes += 'Cleanup removes it, after the switch in Pexip Infinity.'
    }
    $plan
}

function Add-LostAccountNote {
    # Of an account that is gone nobody can tell any more which assignments were its own.
    param([hashtable] $Plan)
    $left = @(Invoke-Read -Subject "assignments of $ImpersonationRole" -Call {
            Get-ManagementRoleAssignment -Role $ImpersonationRole -ErrorAction Stop } | Where-Object -FilterScript {
            (Test-Direct $_) -and (Get-Text $_ 'RoleAssignmentDelegationType') -cnotlike 'Delegating*' })
    if ($left.Count -eq 0) { return }
    $Plan.Remaining = 'blocked'
    $Plan.Notes += (
        "The mailbox $($Value.ServiceAccountUserPrincipalName) was not found, and these assignments of the role are left: " +
        "$(@($left | ForEach-Object -Process { Format-Assignment $_ }) -join ', '). Find out whose they were.")
}

function Get-JournalledScope {
    # The scopes of assignments that an interrupted run, whose journal this one continues, has removed already: where
    # they are still as they were then, and that run did not remove them too.
    $lines = @($Run.Runs | ForEach-Object -Process { $_.Entries } |
            Where-Object -FilterScript { $_['step'] -ceq 'legacy-impersonation' })
    $done = @($lines | Where-Object -FilterScript { $_['event'] -ceq 'done' } |
            ForEach-Object -Process { $_['wanted']['id'] })
    foreach ($line in $lines) {
        $was = $line['before']['properties']
        $name = [string] $was['CustomRecipientWriteScope']
        if ($name -eq '' -or $done -contains "scope:$name" -or $was['Role'] -cne $ImpersonationRole) { continue }
        $scope = Read-ManagementScope $name
        if (Test-SameScope (Get-Text $scope 'RecipientFilter') $was['RecipientFilter']) { $name }
    }
}

function Get-LegacyProperty {
    # What is journalled of an assignment, with its scope's filter: enough to know both again.
    param($Row)
    $scope = Get-Text $Row 'CustomRecipientWriteScope'
    $filter = if ($scope -ne '') { Get-Text (Read-ManagementScope $scope) 'RecipientFilter' } else { '' }
    [ordered]@{
        Role = Get-Text $Row 'Role'; RoleAssigneeName = Get-Text $Row 'RoleAssigneeName'
        CustomRecipientWriteScope = $scope; RecipientFilter = $filter
    }
}

function Add-OrphanNote {
    # Scopes that nobody uses: perhaps of an assignment that went without them. Whose they were cannot be seen.
    param([hashtable] $Plan)
    $taken = @($Plan.Changes | ForEach-Object -Process { $_.Wanted.id })
    $orphans = @(Invoke-Read -Subject 'unused management scopes' -IfAbsent 'unreadable' -Call {
            Get-ManagementScope -Orphan -ErrorAction Stop } | ForEach-Object -Process { Get-Text $_ 'Name' } |
            Where-Object -FilterScript { $taken -cnotcontains "scope:$_" -and $_ -ne $Value.ScopeName } | Get-Ordered)
    if ($orphans.Count -eq 0) { return }
    $Plan.Notes += (
        "Scopes that no assignment uses, which stay: '$($orphans -join "', '")'. If one is of the old way, name it " +
        'in impersonation.scope_name, or give -JournalPath the journal of the Cleanup that was interrupted.')
}

function Compare-LegacyScope {
    # A scope goes with the assignments that used it, unless it serves anybody else.
    param([hashtable] $Plan, [string] $Name, [string[]] $Ours)
    $scope = Read-ManagementScope $Name
    if ($null -eq $scope -or (Test-SameName $Name $Value.ScopeName)) { return }
    $others = @(Get-ScopeUser $Name | Where-Object -FilterScript { $Ours -notcontains $_ })
    if ($others.Count -gt 0) {
        $Plan.Notes += "Stays: the scope '$Name' is used by '$($others -join "', '")'."
        return
    }
    $filter = Get-Text $scope 'RecipientFilter'
    Add-Removal $Plan -Id "scope:$Name" -What "the management scope '$Name' ($filter)" -Properties (
        [ordered]@{ RecipientFilter = $filter })
}

function Invoke-LegacyImpersonationChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    if ($Change.Wanted.exists) { throw 'legacy-impersonation only removes.' }
    $kind, $name = $Now.id.Split([char[]] ':', 2)
    if ($kind -ceq 'scope') {
        # Undo: NONE; the journal says what it was
        Remove-ManagementScope -Identity $name -Confirm:$false -ErrorAction Stop
        return
    }
    if (-not (Test-SameName $Now.properties['Role'] $ImpersonationRole)) {
        throw "An assignment of $($Now.properties['Role']) was about to be removed."
    }
    # Undo: NONE; the journal says what it was
    Remove-ManagementRoleAssignment -Identity $name -Confirm:$false -ErrorAction Stop
}

function Get-LegacyImpersonationNow {
    param([System.Collections.IDictionary] $Snapshot)
    $kind, $name = $Snapshot.id.Split([char[]] ':', 2)
    $found = if ($kind -ceq 'scope') { Read-ManagementScope $name } else { Read-NamedAssignment $name }
    if ($null -eq $found) { return Get-Absent $Snapshot.id }
    if ($kind -ceq 'assignment') { return Get-Present $Snapshot.id (Get-LegacyProperty $found) }
    Get-Present $Snapshot.id ([ordered]@{ RecipientFilter = Get-Text $found 'RecipientFilter' })
}

function Get-LegacyImpersonationDecider {
    # What the one change that nobody can undo rests on.
    param([hashtable] $Plan)
    if (@($Plan.Changes | Where-Object -FilterScript { $_.Wanted.id -clike 'assignment:*' }).Count -eq 0) { return }
    "Effect    $($Value.ServiceAccountUserPrincipalName) can then no longer act in others' mailboxes by these assignments."
    'Given     That Pexip Infinity uses the application now is your word (-ConfirmCutover): Exchange does not show it.'
}

function Add-LastWayWarning {
    # After a Cleanup there is no old way to go back to, and each question that ends the new one has to say so.
    param([hashtable] $Plan)
    $closes = @($Plan.Changes | Where-Object -FilterScript { $_.Wanted.properties['EwsEnabled'] -eq $false })
    if ($closes.Count -gt 0) {
        $Plan.Notes += 'NOTHING SCHEDULES AFTER THIS: EWS closes to the application and to the old service account.'
        return
    }
    # An entry of the list counts only while the list decides.
    $ends = @($Plan.Changes | Where-Object -FilterScript {
            $Plan.Step -cne 'ews-access' -or (
                $_.Wanted.properties[$Value.ApplicationClientId] -eq $false -and
                $_.Before.properties['EwsEnabled'] -eq $true) })
    if ($ends.Count -gt 0) { $Plan.Notes += @(Get-LastWay) }
}

function Get-LastWay {
    # What is said where the old account has nothing to go back to. A warning that cannot be made stops no undo.
    $account = $Value.ServiceAccountUserPrincipalName
    try {
        $rows = @(Read-Impersonation $account | Where-Object -FilterScript {
                -not (Test-Same (Get-Property $_ 'Enabled') $false) })
        if ($rows.Count -eq 0) {
            "NOTHING SCHEDULES AFTER THIS, as far as Exchange shows: no $ImpersonationRole of $account was found, of its " +
                'own or by a group.'
        }
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        "Whether $account still has $ImpersonationRole could not be read. Without it nothing schedules after this."
    }
}
