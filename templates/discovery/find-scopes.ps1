# Management scopes of the assignments that are found, the group in a scope's filter, and its direct members.

function Read-Scope {
    # The scope that an assignment names, or nothing where it names none.
    param($Assignment)
    $name = Get-Text $Assignment 'CustomResourceScope'
    if ($name -eq '') { $name = Get-Text $Assignment 'CustomRecipientWriteScope' }
    $reach = Get-Text $Assignment 'RecipientWriteScope'
    if ('Group', 'AdministrativeUnit' -contains $reach) { return Read-DirectScope $name -Kind $reach }
    if ($name -eq '') { return }
    $scope = Read-ManagementScope $name
    if ($null -eq $scope) {
        throw (Get-Stop -State 'unreadable' -Detail "The management scope '$name' of an assignment cannot be seen.")
    }
    $filter = Get-Text $scope 'RecipientFilter'
    $record = [ordered]@{
        kind = 'ManagementScope'; name = Get-Text $scope 'Name'; filter = ConvertTo-ScopeFilter $filter
        exclusive = Test-Same (Get-Property $scope 'Exclusive') $true; groups = @()
    }
    $clause = [regex]::Match($record.filter, "^MemberOfGroup -eq '((?:[^']|'')*)'$", 'IgnoreCase, CultureInvariant')
    if ($clause.Success) {
        $group = $clause.Groups[1].Value.Replace("''", "'")
        Add-Read $record -Key 'groups' -Reading { Read-ScopeGroup $group }
    }
    $record
}

function Read-DirectScope {
    # A group, or an administrative unit, that an assignment itself is limited to: it is no management scope, and has
    # the name of the group or unit.
    param([string] $Name, [string] $Kind)
    if ($Name.Trim() -eq '') {
        throw (Get-Stop -State 'unreadable' -Detail "An assignment does not say which $Kind it is limited to.")
    }
    $record = [ordered]@{ kind = $Kind; name = $Name; filter = ''; exclusive = $false; groups = @() }
    if ($Kind -eq 'Group') { Add-Read $record -Key 'groups' -Reading { Read-ScopeGroup $Name } }
    $record
}

function Read-ScopeGroup {
    param([string] $Identity)
    $group = Invoke-ReadOne -Subject "group $Identity" -Call {
        Get-DistributionGroup -Identity $Identity -ErrorAction Stop
    }
    if ($null -eq $group) { return }
    $record = [ordered]@{
        address = Get-Text $group 'PrimarySmtpAddress'; displayName = Get-Text $group 'DisplayName'
        type = Get-Text $group 'RecipientTypeDetails'
    }
    Add-Read $record -Key 'members' -Reading {
        Invoke-Read -Subject "members of $Identity" -IfAbsent 'unreadable' -Call {
            Get-DistributionGroupMember -Identity $Identity -ResultSize Unlimited -ErrorAction Stop
        } | ForEach-Object -Process {
            [ordered]@{ address = Get-Text $_ 'PrimarySmtpAddress'; type = Get-Text $_ 'RecipientTypeDetails' }
        }
    }
    $record
}
