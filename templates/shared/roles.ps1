# Roles: management scopes and role assignments, as every method reads them.

function Get-ScopeFilter {
    # One clause, its value escaped here: nothing of a description gets into a filter otherwise.
    param([string] $Property, [string] $Is)
    "$Property -eq '$($Is.Replace("'", "''"))'"
}

function ConvertTo-ScopeFilter {
    # Exchange stores the filter in a form of its own: what counts is that it is this one clause, in parentheses or not.
    param([string] $Filter)
    $clause = [regex]::Match($Filter,
        "^[\s(]*(MemberOfGroup|PrimarySmtpAddress)\s+-eq\s+'((?:[^']|'')*)'[\s)]*$", 'IgnoreCase, CultureInvariant')
    if (-not $clause.Success) { return $Filter }
    Get-ScopeFilter $clause.Groups[1].Value -Is $clause.Groups[2].Value.Replace("''", "'")
}

function Test-SameScope {
    param([string] $Left, [string] $Right)
    Test-SameName (ConvertTo-ScopeFilter $Left) (ConvertTo-ScopeFilter $Right)
}

function Get-DescribedFilter {
    # The filter that is described, or nothing where what stands at the group's address now is not that group: a scope
    # over it then stays, and nothing else has to wait for that.
    param([string] $Getter)
    try { [string] (& $Getter) }
    catch {
        $stop = Get-StopOf $_
        if (-not $stop -or $stop.State -cne 'conflict') { throw }
        ''
    }
}

function Test-OwnFilter {
    # Whether a filter is of the form that this product writes.
    param([string] $Filter)
    [regex]::IsMatch($Filter, "^[\s(]*(MemberOfGroup|PrimarySmtpAddress)\s+-eq\s+'((?:[^']|'')*)'[\s)]*$",
        'IgnoreCase, CultureInvariant')
}

function Assert-DescribedScope {
    # A scope of the name that reaches others may serve somebody else: it is never rewritten, and nothing is given over
    # it.
    param($Scope, [string] $Filter)
    $found = Get-Text $Scope 'RecipientFilter'
    $others = @(
        if ($Filter -eq '' -or -not (Test-SameScope $found $Filter)) { "has another filter: $found" }
        if (Test-Same (Get-Property $Scope 'Exclusive') $true) { 'is exclusive' }
        # On a server a scope may be narrowed by its root as well; in the cloud the root is the organization.
        $root = Get-Text $Scope 'RecipientRoot'  # only: exchange-server
        if ($root -ne '') { "has the root '$root'" }  # only: exchange-server
    )
    if ($others.Count -eq 0) { return }
    throw (Get-Stop -State 'conflict' -Detail (
            "The management scope '$(Get-Text $Scope 'Name')' exists and $($others -join ', and '). " +
            'It may belong to another application, or the group was renamed or moved since. ' +
            'It is not changed: choose another scope name, or remove that scope yourself.'))
}

function Read-Reach {
    # Whom a scope with this filter reaches now, by Exchange's own preview; asked once for each look at a step.
    param([string] $Filter)
    $key = "preview of $Filter"
    if (-not $Run.Seen.ContainsKey($key)) {
        $Run.Seen[$key] = @(Invoke-Read -Subject $key -IfAbsent 'unreadable' -Call {
                Get-Recipient -RecipientPreviewFilter $Filter -ResultSize Unlimited -ErrorAction Stop })
    }
    $Run.Seen[$key]
}

function Get-AddressKey {
    # Every address of a recipient, and every other name that Exchange has for it, in lower case.
    param($Recipient)
    foreach ($id in @(Get-Identifier $Recipient)) { $id.ToLowerInvariant() }
    foreach ($address in @(Get-Property $Recipient 'EmailAddresses')) {
        ([string] $address).ToLowerInvariant() -creplace '^smtp:'
    }
}

function Get-AddressTable {
    param([string[]] $Addresses)
    $table = Get-Table
    foreach ($address in $Addresses) { $table[$address.ToLowerInvariant()] = $true }
    $table
}

function Get-UndescribedMember {
    # Those among these recipients whom the description names by none of their addresses.
    param([object[]] $Recipients, [hashtable] $Described)
    foreach ($recipient in $Recipients) {
        $isKnown = $false
        foreach ($key in @(Get-AddressKey $recipient)) { $isKnown = $isKnown -or $Described.ContainsKey($key) }
        if (-not $isKnown) { $recipient }
    }
}

function Get-ReachLine {
    # What decides the Yes to a scope, and to a role over it: whose mailboxes come into reach, and which of them nobody
    # described.
    param([string] $Filter, [hashtable] $Described, [string] $Late = 'Exchange may show new members late.')
    if ($Filter -eq '') {
        $names = Format-Some @($Described.Keys | Get-Ordered) -Most 10 -Name { $_ }
        return "Reach     Described mailboxes: $($Described.Count) ($names). The group does not exist yet, so Exchange " +
            'cannot preview it.'
    }
    $reached = @(Read-Reach $Filter)
    $strangers = @(Get-UndescribedMember $reached -Described $Described)
    $who = if ($strangers.Count -gt 0) { ", $($strangers.Count) of them NOT in the description: " }
    elseif ($reached.Count -gt 0) { ', all of them in the description: ' }
    $named = @(if ($strangers.Count -gt 0) { $strangers } else { $reached })
    $who += Format-Some $named -Most 10 -Name { Get-Text $_ 'PrimarySmtpAddress' }
    "Reach     Recipients that the filter matches: $($reached.Count) (Exchange's own preview, just now)$who."
    $outside = Get-AddressTable $Value.ProofOutOfScope
    $wrong = @($reached | Where-Object -FilterScript {
            $outside.Count -gt 0 -and $null -eq (Get-UndescribedMember @($_) -Described $outside) })
    if ($wrong.Count -gt 0) {
        'Reach     The description wants these OUT of reach (proofs.out_of_scope), and the filter matches them: ' +
            (Format-Some $wrong -Most 10 -Name { Get-Text $_ 'PrimarySmtpAddress' })
    }
    $missing = $Described.Count - ($reached.Count - $strangers.Count)
    if ($missing -gt 0) { "Reach     Described mailboxes that are not among them yet: $missing. $Late" }
}

function Get-LaterReachLine {
    # A scope over a group is about whoever is in it at the time.
    param([string] $Group)
    "Reach     Whoever becomes a direct member of $Group later comes into reach too."
}

function Assert-Named {
    # An empty name would ask for all, and one with a wildcard for many: what is found has the very name.
    param($Found, [string] $Name)
    if ($null -eq $Found -or (Test-SameName (Get-Text $Found 'Name') $Name)) { return $Found }
    throw (Get-Stop -State 'conflict' -Detail "Asked for '$Name', Exchange answers with '$(Get-Text $Found 'Name')'.")
}

function Read-ManagementScope {
    param([string] $Identity)
    if ($Identity.Trim() -eq '') { throw 'A scope without a name was about to be read.' }
    $found = Invoke-ReadOne -Subject "management scope '$Identity'" -Call {
        Get-ManagementScope -Identity $Identity -ErrorAction Stop
    }
    Assert-Named $found -Name $Identity
}

function Wait-ManagementScope {
    # The scope over which a role is about to be given: one "not found" says nothing, and nothing is given unseen.
    param([string] $Name)
    for ($n = 0; $true; $n++) {
        $scope = Read-ManagementScope $Name
        if ($null -ne $scope) { return $scope }
        # Without time to wait it is asked twice all the same.
        if (-not (Wait-Moment "Exchange to show the management scope '$Name'") -and $n -gt 0) { break }
    }
    throw (Get-Stop -State (Get-MissingState) -Detail (
            "Exchange does not find the management scope '$Name' at the moment. Run the same command again later."))
}

function Get-PresentScope {
    # One that was just seen.
    param([string] $Name)
    Confirm-Found (Read-ManagementScope $Name) -What "the management scope '$Name'"
}

function Find-ListedScope {
    # The scope of this name in the list of all, or $null: asked where it was not found by its name.
    param([string] $Name)
    @(Invoke-Read -Subject 'management scopes' -IfAbsent 'unreadable' -Call {
            Get-ManagementScope -ErrorAction Stop } | Where-Object -FilterScript {
            Test-SameName (Get-Text $_ 'Name') $Name }) | Select-Object -First 1
}

function Read-NamedAssignment {
    param([string] $Name)
    if ($Name.Trim() -eq '') { throw 'An assignment without a name was about to be read.' }
    $found = Invoke-ReadOne -Subject "role assignment '$Name'" -Call {
        Get-ManagementRoleAssignment -Identity $Name -ErrorAction Stop
    }
    Assert-Named $found -Name $Name
}

function Get-PresentAssignment {
    # Where one was just seen and is to be changed: its scope decides how, so that "not found" may not pass for none.
    param([string] $Name)
    $row = Read-NamedAssignment $Name
    if ($null -ne $row) { return $row }
    throw (Get-Stop -State (Get-MissingState) -Detail "Exchange does not find the role assignment '$Name' at the moment.")
}

function Format-Assignment {
    # An application's scope is its resource scope, a user's its write scope.
    param($Assignment)
    $scope = Get-Text $Assignment 'CustomResourceScope'
    if ($scope -eq '') { $scope = Get-Text $Assignment 'CustomRecipientWriteScope' }
    $reach = Get-Text $Assignment 'RecipientWriteScope'
    $where = if ($scope -ne '') { "'$scope'" }
    elseif ('', 'Organization' -contains $reach) { 'every mailbox' }
    else { "the recipients of $reach" }
    $off = if (Test-Same (Get-Property $Assignment 'Enabled') $false) { ' (disabled)' } else { '' }
    "'$(Get-Text $Assignment 'Name')' of '$(Get-Text $Assignment 'Role')' on $where$off"
}

# By this role of Exchange a service account acts in others' mailboxes.
$ImpersonationRole = 'ApplicationImpersonation'

function Read-Impersonation {
    # The account's assignments of the role, through groups too. Delegating ones let the holder hand it on, not use it.
    # Asked for by the account alone: where the role itself is gone, assignments of it may still be there.
    # IfAbsent: what it means that the account is not found.
    param([string] $Account, [string] $IfAbsent = '')
    @(Invoke-Read -Subject "role assignments of $Account" -IfAbsent $IfAbsent -Call {
            Get-ManagementRoleAssignment -RoleAssignee $Account -ErrorAction Stop
        } | Where-Object -FilterScript {
            (Test-SameName (Get-Text $_ 'Role') $ImpersonationRole) -and
                (Get-Text $_ 'RoleAssignmentDelegationType') -cnotlike 'Delegating*' })
}

function Test-Direct {
    # Given to the account itself, and not to a role group that it is in.
    param($Assignment)
    (Get-Text $Assignment 'RoleAssigneeType') -eq 'User'
}

function Get-ScopeUser {
    # The names of the assignments that a management scope serves.
    param([string] $Scope)
    $rows = @(Invoke-Read -Subject "role assignments with the scope '$Scope'" -IfAbsent 'unreadable' -Call {
            Get-ManagementRoleAssignment -CustomRecipientWriteScope $Scope -ErrorAction Stop })
    $rows += @(Read-ApplicationRow)  # only: exchange-online
    @($rows | Where-Object -FilterScript {
            (Test-SameName (Get-Text $_ 'CustomResourceScope') $Scope) -or
                (Test-SameName (Get-Text $_ 'CustomRecipientWriteScope') $Scope) } |
            ForEach-Object -Process { Get-Text $_ 'Name' } | Select-Distinct)
}

function Read-ApplicationRow {
    # The role assignments of all applications.
    Invoke-Read -Subject 'role assignments to applications' -IfAbsent 'unreadable' -Call {
        Get-ManagementRoleAssignment -RoleAssigneeType ServicePrincipal -ErrorAction Stop
    }
}
