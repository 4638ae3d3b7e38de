# Get-, New-, Set- and Remove-DistributionGroup and the group's members.

$script:Handler['Get-DistributionGroup'] = {
    param($Sent)
    foreach ($group in Select-Page @(Get-Selected $Sent $script:Groups) $Sent) { Get-ShownGroup $group }
}

function Get-ShownGroup {
    param($Group)
    $shown = Get-CommonFields $Group
    $shown.ManagedBy = Get-List @(Get-Field $Group 'ManagedBy' @() | ForEach-Object { Get-ShownName $_ 'managedByAs' })
    $shown.GroupType = if ($Group.RecipientTypeDetails -eq 'MailUniversalSecurityGroup') { 'Universal, SecurityEnabled' } else { 'Universal' }
    foreach ($name in 'MemberJoinRestriction', 'MemberDepartRestriction') {
        $shown[$name] = Get-Field $Group $name 'Closed'
    }
    $shown.RequireSenderAuthenticationEnabled = [bool] (Get-Field $Group 'RequireSenderAuthenticationEnabled' $true)
    $shown.HiddenGroupMembershipEnabled = [bool] (Get-Field $Group 'HiddenGroupMembershipEnabled' $false)
    $shown.Description = Get-List (Get-Field $Group 'Description' @())
    [pscustomobject] $shown
}

function Get-NamePrefix {
    <# What the naming policy puts before a name that is given, at creation and at renaming alike. #>
    param($Sent)
    $ignores = $Sent['IgnoreNamingPolicy'] -and (Get-Field $script:Tenant.operator 'ignoresNamingPolicy' $true)
    if ($ignores) { '' } else { Get-Setting 'groupNamePrefix' '' }
}

$script:Handler['New-DistributionGroup'] = {
    param($Sent)
    $name = $Sent['Name']
    $prefix = Get-NamePrefix $Sent
    $name = "$prefix$name"
    $address = Get-NewAddress $Sent
    $alias = if ($Sent['Alias']) { $Sent['Alias'] } else { $address.Split('@')[0] }
    # In the cloud a group gets its alias at the initial domain too, which somebody's may have taken.
    $second = if ($script:Edition) { $address } else { "$alias@$($script:Tenant.initialDomain)" }
    Assert-Alias $alias
    Assert-FreeName $name 'group'
    Assert-FreeAddress $address
    Assert-FreeAddress $second
    $type = if ($Sent['RoomList']) { 'RoomList' }
    elseif (Test-Same (Get-Text $Sent['Type']) 'Security') { 'MailUniversalSecurityGroup' }
    else { 'MailUniversalDistributionGroup' }
    $joining = @{ Join = 'Closed'; Depart = $(if ($type -eq 'MailUniversalSecurityGroup') { 'Closed' } else { 'Open' }) }
    foreach ($way in 'Join', 'Depart') {
        if ($Sent["Member${way}Restriction"]) { $joining[$way] = Get-Text $Sent["Member${way}Restriction"] }
    }
    if ($type -eq 'MailUniversalSecurityGroup' -and ($joining.Join -eq 'Open' -or $joining.Depart -eq 'Open')) {
        Stop-BadValue 'A security group can''t be joined or left without approval: its restrictions must not be Open.'
    }
    $group = [pscustomobject]@{
        Guid = New-Identifier 'group' $address; ExternalDirectoryObjectId = New-Identifier 'directory' $address
        Name = $(if (@(Get-Setting 'guidNames' @()) -contains 'group') { "${name}20261010080000" } else { $name })
        DisplayName = $(if ($Sent['DisplayName']) { "$prefix$($Sent['DisplayName'])" } else { $name }); Alias = $alias
        PrimarySmtpAddress = $address; RecipientTypeDetails = $type
        EmailAddresses = @(@("SMTP:$address") + @(if (-not (Test-Same $address $second)) { "smtp:$second" }))
        IsDirSynced = $false
        ManagedBy = @(Get-Owners $Sent); MemberJoinRestriction = $joining.Join
        MemberDepartRestriction = $joining.Depart
        RequireSenderAuthenticationEnabled = $Sent['RequireSenderAuthenticationEnabled'] -ne $false
        members = @(); WhenCreatedUTC = Get-CreationTime; WhenChangedUTC = Get-TenantTime
    }
    foreach ($member in Merge-List @() $Sent['Members'] | ForEach-Object { $_ }) {
        if ($member) { $group.members += (Get-OneRecipient $member).Guid }
    }
    Set-Late $group 'group'
    Set-Field $script:Tenant 'recipients' @(@($script:Tenant.recipients) + $group)
    Get-ShownGroup $group
}

function Get-Owners {
    <# Writes the GUIDs of a new group's owners: those named, else the operator, else (an application connected) nobody. #>
    param($Sent)
    $named = @(Merge-List @() $Sent['ManagedBy'] | ForEach-Object { $_ } | Where-Object { $_ })
    if ($named) { return $named | ForEach-Object { (Get-OneRecipient $_).Guid } }
    Find-Recipient $script:Tenant.operator.upn | ForEach-Object { $_.Guid }
}

function Assert-Manager {
    <# Ends the call where the operator is not an owner and did not ask for the check to be left out, or may not. #>
    param($Group, $Sent)
    $me = @(Find-Recipient $script:Tenant.operator.upn | ForEach-Object { $_.Guid })
    if ($me -and @(Get-Field $Group 'ManagedBy' @()) -contains $me[0]) { return }
    if ($Sent['BypassSecurityGroupManagerCheck'] -and (Get-Field $script:Tenant.operator 'bypassesManagerCheck' $true)) {
        return
    }
    Stop-Call 'Microsoft.Exchange.Management.RecipientTasks.OperationRequiresGroupManagerException' (
        "You don't have sufficient permissions. This operation can only be performed by a manager of the group."
    ) 'ExE5B4C2'
}

$script:Handler['Set-DistributionGroup'] = {
    param($Sent)
    $group = Get-OneRecipient (Get-Text $Sent['Identity']) $script:Groups
    Assert-Writable $group 'Set-DistributionGroup'
    Assert-Manager $group $Sent
    $owners = if ($Sent.ContainsKey('ManagedBy')) {
        $names = Merge-List @(Get-Field $group 'ManagedBy' @()) $Sent['ManagedBy']
        @($names | ForEach-Object { (Get-OneRecipient $_).Guid })
    }
    Set-Addresses $group $Sent
    $prefix = Get-NamePrefix $Sent
    foreach ($name in 'DisplayName', 'Name') {
        if ($Sent.ContainsKey($name)) { Set-Field $group $name "$prefix$(Get-Text $Sent[$name])" }
    }
    foreach ($name in 'Alias', 'MemberJoinRestriction', 'MemberDepartRestriction') {
        if ($Sent.ContainsKey($name)) { Set-Field $group $name (Get-Text $Sent[$name]) }
    }
    foreach ($name in 'HiddenFromAddressListsEnabled', 'RequireSenderAuthenticationEnabled') {
        if ($Sent.ContainsKey($name)) { Set-Field $group $name ([bool] $Sent[$name]) }
    }
    if ($Sent.ContainsKey('ManagedBy')) { Set-Field $group 'ManagedBy' @($owners) }
    Set-Field $group 'WhenChangedUTC' (Get-TenantTime)
}

$script:Handler['Remove-DistributionGroup'] = {
    param($Sent)
    $group = Get-OneRecipient (Get-Text $Sent['Identity']) $script:Groups
    Assert-Writable $group 'Remove-DistributionGroup'
    Assert-Manager $group $Sent
    Set-Field $script:Tenant 'recipients' @($script:Tenant.recipients | Where-Object { $_ -ne $group })
}

function Get-OneForMembers {
    <# Returns the one recipient that an identity stands for, as the members' cmdlets look for it: of several, Exchange Online
       says so with the class of what is not found. #>
    param([string] $Identity, [string[]] $Type = @())
    $found = @(Find-Recipient $Identity $Type)
    if ($found.Count -gt 1 -and -not $script:Edition) {
        Stop-Call 'Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException' (
            "The operation couldn't be performed because '$Identity' matches multiple entries.") 'Ex9E65A2'
    }
    if ($found.Count -eq 0) { Stop-NotFound $Identity }
    if ($found.Count -gt 1) { Stop-Ambiguous $Identity }
    return $found[0]
}

$script:Handler['Get-DistributionGroupMember'] = {
    # A Microsoft 365 group has members, but not for this cmdlet.
    param($Sent)
    $group = Get-OneForMembers (Get-Text $Sent['Identity']) ($script:Groups + 'GroupMailbox')
    $members = if ($group.RecipientTypeDetails -eq 'GroupMailbox') { @() } else { @(Get-Field $group 'members' @() | Where-Object { $_ }) }
    $known = @{}
    foreach ($recipient in $script:Tenant.recipients) { $known[$recipient.Guid] = $recipient }
    $never = @(Get-Setting 'unlistedMemberTypes' @('PublicFolder'))
    # Each look brings those who are late nearer.
    if (@(Get-Field $group 'lateMembers' @()).Count) { $members = @($members | Where-Object { Test-MemberAppeared $group $_ }) }
    $found = @($members | ForEach-Object { $known[$_] } | Where-Object { $null -ne $_ -and $_.RecipientTypeDetails -notin $never })
    foreach ($member in Select-Page $found $Sent) { Get-ShownRecipient $member }
}

$script:Handler['Add-DistributionGroupMember'] = {
    param($Sent)
    $group = Get-OneForMembers (Get-Text $Sent['Identity']) $script:Groups
    $member = Get-OneForMembers (Get-Text $Sent['Member'])
    Assert-Writable $group 'Add-DistributionGroupMember'
    Assert-Manager $group $Sent
    if (-not $member.PrimarySmtpAddress) { Stop-NotFound (Get-Text $Sent['Member']) }
    if ($member.RecipientTypeDetails -eq 'GroupMailbox') {
        Stop-Call 'Microsoft.Exchange.Management.RecipientTasks.GroupMailboxAddMemberException' (
            "You can't add the Microsoft 365 group '$($member.Name)' to the group '$($group.Name)'."
        ) 'ExB1D2E3'
    }
    if (@(Get-Field $group 'members' @()) -contains $member.Guid) {
        Stop-Call 'Microsoft.Exchange.Management.Tasks.MemberAlreadyExistsException' (Get-ErrorText 'Member' $member.Name, $group.Name) 'ExD2A3B4'
    }
    Set-Field $group 'members' @(@(Get-Field $group 'members' @()) + $member.Guid -ne $null -ne '')
    $reads = Get-Field (Get-Setting 'late') 'member' 0
    if ($reads -gt 0) {
        $late = [pscustomobject]@{ member = $member.Guid; lateReads = $reads }
        Set-Field $group 'lateMembers' @(@(Get-Field $group 'lateMembers' @()) + $late)
    }
}

function Test-MemberAppeared {
    <# Tells whether a new member is listed yet; adding it once more is refused all the same. #>
    param($Group, [string] $Member)
    foreach ($late in @(Get-Field $Group 'lateMembers' @())) {
        if ($null -ne $late -and $late.member -eq $Member) { return Test-Appeared $late }
    }
    return $true
}

$script:Handler['Remove-DistributionGroupMember'] = {
    param($Sent)
    $group = Get-OneForMembers (Get-Text $Sent['Identity']) $script:Groups
    $member = Get-OneForMembers (Get-Text $Sent['Member'])
    Assert-Writable $group 'Remove-DistributionGroupMember'
    Assert-Manager $group $Sent
    if (@(Get-Field $group 'members' @()) -notcontains $member.Guid) {
        Stop-Call 'Microsoft.Exchange.Management.Tasks.MemberNotFoundException' (Get-ErrorText 'NotMember' $member.Name, $group.Name) 'ExC4D5E6'
    }
    Set-Field $group 'members' @(@($group.members) -ne $member.Guid)
}
