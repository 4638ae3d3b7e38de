# Finding recipients as Exchange does, and the few things that all of them share.

$script:Mailboxes = @('UserMailbox', 'SharedMailbox', 'RoomMailbox', 'EquipmentMailbox')
$script:Groups = @('MailUniversalDistributionGroup', 'MailUniversalSecurityGroup', 'RoomList')

function Test-Appeared {
    <# Tells whether a new object can be seen yet; each look brings that nearer. #>
    param($Object)
    $left = Get-Field $Object 'lateReads' 0
    if ($left -le 0) { return $true }
    Set-Field $Object 'lateReads' ($left - 1)
    $script:Changed = $true
    return $false
}

function Set-Late {
    <# Gives a new object the delay that the tenant's settings have for its kind. #>
    param($Object, [string] $Kind)
    $reads = Get-Field (Get-Setting 'late') $Kind 0
    if ($reads -gt 0) { Set-Field $Object 'lateReads' $reads }
}

function Get-DistinguishedName {
    param([string] $Name)
    $escaped = [regex]::Replace($Name, '([,+"\\<>;=])', '\$1')
    return "CN=$escaped,OU=$($script:Tenant.initialDomain),OU=Microsoft Exchange Hosted Organizations,DC=EURPR01A001,DC=PROD,DC=OUTLOOK,DC=COM"
}

function Get-ProxyAddresses {
    <# Returns a recipient's SMTP addresses without their prefixes. #>
    param($Recipient)
    foreach ($address in @($Recipient.EmailAddresses)) { if ($address -cmatch '^[Ss][Mm][Tt][Pp]:(.*)$') { $Matches[1] } }
}

function Test-Identity {
    <# Tells whether a text is one of the identities of a recipient. A display name is one too, and nothing is nobody's. #>
    param($Recipient, [string] $Identity)
    if (-not $Identity) { return $false }
    foreach ($name in 'Guid', 'ExternalDirectoryObjectId', 'Name', 'DisplayName', 'Alias', 'UserPrincipalName', 'ExchangeGuid') {
        $property = $Recipient.PSObject.Properties[$name]
        if ($null -ne $property -and [string]::Equals($property.Value, $Identity, [StringComparison]::OrdinalIgnoreCase)) {
            return $true
        }
    }
    if ($Identity -cmatch '[/\\]' -and @(Get-OtherIdentities $Recipient) -contains $Identity) { return $true }
    if ($Identity.StartsWith('CN=', [StringComparison]::OrdinalIgnoreCase)) {
        return Test-Same (Get-DistinguishedName $Recipient.Name) $Identity
    }
    $proxy = if ($Identity -clike '[Ss][Mm][Tt][Pp]:*') { $Identity } else { "smtp:$Identity" }
    foreach ($address in $Recipient.EmailAddresses) { if (Test-Same $address $proxy) { return $true } }
    return $false
}

function Get-IdentityText {
    <# Returns what the Identity of a recipient reads as: its Name; Exchange Server has the whole path. #>
    param($Recipient)
    return $Recipient.Name
}

function Get-OtherIdentities {
    <# Writes identities that have a slash in them: Exchange Online knows a recipient by none such. #>
    param($Recipient)
}

function Test-ConfigIdentity {
    <# Tells whether a text is the name, the GUID or the DN of a configuration object. #>
    param($Object, [string] $Identity)
    return (Test-Same $Object.Name $Identity) -or (Test-Same $Object.Guid $Identity) -or
    (Test-Same (Get-DistinguishedName $Object.Name) $Identity)
}

function Get-Candidate {
    <# Returns the recipients that an identity may stand for: those of that name, or all where it is a path. #>
    param([string] $Identity, [string] $Place)
    if (-not $Identity -or $Identity -cmatch '^[Cc][Nn]=|^[Ss][Mm][Tt][Pp]:|[/\\]') { return @(Get-Field $script:Tenant $Place @()) }
    if (-not $script:Index.ContainsKey($Place)) { $script:Index[$Place] = New-Index @(Get-Field $script:Tenant $Place @()) }
    $found = $null
    if ($script:Index[$Place].TryGetValue($Identity, [ref] $found)) { return $found.ToArray() }
}

function New-Index {
    <# Returns the recipients by their names, GUIDs and addresses, in their order. #>
    param([object[]] $Recipients)
    $index = [Collections.Generic.Dictionary[string, Collections.Generic.List[object]]]::new([StringComparer]::OrdinalIgnoreCase)
    foreach ($recipient in $Recipients) {
        if ($null -eq $recipient) { continue }
        $names = @(foreach ($name in 'Guid', 'ExternalDirectoryObjectId', 'Name', 'DisplayName', 'Alias', 'UserPrincipalName', 'ExchangeGuid') {
                $property = $recipient.PSObject.Properties[$name]
                if ($null -ne $property) { [string] $property.Value }
            }) + @(foreach ($address in $recipient.EmailAddresses) { ([string] $address) -creplace '^[Ss][Mm][Tt][Pp]:' })
        foreach ($name in $names) {
            if (-not $name) { continue }
            $there = $null
            if (-not $index.TryGetValue($name, [ref] $there)) {
                $there = [Collections.Generic.List[object]]::new()
                $index[$name] = $there
            }
            if (-not $there.Count -or $there[$there.Count - 1] -ne $recipient) { $there.Add($recipient) }
        }
    }
    return $index
}

function Find-Recipient {
    <# Writes the recipients, of these types if any are given, that an identity stands for and that can be seen. #>
    param([string] $Identity, [string[]] $Type = @(), [string] $Place = 'recipients')
    foreach ($recipient in @(Get-Candidate $Identity $Place)) {
        if ($null -eq $recipient) { continue }
        if ($Type.Count -and $recipient.RecipientTypeDetails -notin $Type) { continue }
        if ((Test-Identity $recipient $Identity) -and (Test-Appeared $recipient)) { $recipient }
    }
}

function Get-OneRecipient {
    <# Returns the one recipient that an identity stands for, or ends the call. #>
    param([string] $Identity, [string[]] $Type = @(), [string] $Place = 'recipients')
    $found = @(Find-Recipient $Identity $Type $Place)
    if ($found.Count -eq 0) { Stop-NotFound $Identity }
    if ($found.Count -gt 1) { Stop-Ambiguous $Identity }
    return $found[0]
}

function Get-Selected {
    <# Writes what a Get- cmdlet found: everything where the identity is empty, else the one object. #>
    param($Sent, [string[]] $Type, [string] $Place = 'recipients')
    $identity = Get-Text $Sent['Identity']
    if ($identity) { return Get-OneRecipient $identity $Type $Place }
    $wanted = @($Sent['RecipientTypeDetails'] | Where-Object { $_ } | ForEach-Object { "$_" -csplit '\s*,\s*' })
    $filter = Get-Text $Sent['Filter']
    $test = if ($filter) { Read-Filter $filter }
    foreach ($recipient in @(Get-Field $script:Tenant $Place @())) {
        if ($Type.Count -and $recipient.RecipientTypeDetails -notin $Type) { continue }
        if ($wanted.Count -and $recipient.RecipientTypeDetails -notin $wanted) { continue }
        if ($test -and -not (Test-Filter $test $recipient)) { continue }
        if (Test-Appeared $recipient) { $recipient }
    }
}

function Get-RecipientByGuid {
    param([string] $Guid)
    foreach ($recipient in $script:Tenant.recipients) { if ($recipient.Guid -eq $Guid) { return $recipient } }
}

function Get-ShownName {
    <# Returns the identity by which other objects show this one: its Name, which may be a GUID; or as the tenant is set. #>
    param([string] $Guid, [string] $Setting)
    $recipient = Get-RecipientByGuid $Guid
    if ($null -eq $recipient) { return $Guid }
    switch (Get-Setting $Setting 'name') {
        'guid' { return $recipient.ExternalDirectoryObjectId }
        'dn' { return Get-DistinguishedName $recipient.Name }
        'path' { return Get-IdentityText $recipient }
        'account' { return Get-AccountName $recipient }
        'upn' { return Get-Field $recipient 'UserPrincipalName' $recipient.PrimarySmtpAddress }
        'sid' { return "S-1-5-21-1844237615-$([Convert]::ToInt64($Guid.Substring(0, 7), 16))-1104" }
        default { return $recipient.Name }
    }
}

function Assert-Writable {
    <# Ends the call where the object is kept by the customer's own directory. #>
    param($Recipient, [string] $Action)
    if ((Get-Field $Recipient 'IsDirSynced' $false) -and -not (Get-Field $Recipient 'IsExchangeCloudManaged' $false)) {
        Stop-Call 'Microsoft.Exchange.Configuration.Tasks.TaskInvalidOperationException' (
            Get-ErrorText 'Synced' $Recipient.Name, $Action) 'ExEA1D3A'
    }
}

function Assert-Hydrated {
    <# Ends the call where the tenant's configuration is still the shared one. #>
    if (Get-Setting 'dehydrated' $false) {
        Stop-Call 'Microsoft.Exchange.Configuration.Tasks.InvalidOperationInDehydratedContextException' (
            'The command you tried to run isn''t currently allowed in your organization. To run this command, ' +
            'you first need to run the command: Enable-OrganizationCustomization.') 'Ex4C1D23'
    }
}

function Assert-FreeAddress {
    <# Ends the call where an address is not of this tenant or belongs to somebody, be it somebody who cannot be seen. #>
    param([string] $Address, $Besides = $null)
    $domain = $Address.Split('@')[-1]
    if ($Address -cnotmatch '^[^@\s]+@[^@\s]+$') {
        Stop-BadValue "The address '$Address' is invalid: it isn't a valid SMTP address."
    }
    if (-not ($script:Tenant.domains | Where-Object { Test-Same $_.DomainName $domain })) {
        Stop-Call 'Microsoft.Exchange.Management.Tasks.NoAcceptedDomainException' (
            "You can't use the domain '$domain' because it's not an accepted domain for your organization."
        ) 'ExD1B5AF'
    }
    $held = @(if (Get-Setting 'softDeletedHoldAddresses' $true) { $script:Tenant.softDeleted })
    foreach ($holder in @($script:Tenant.recipients) + $held) {
        if ($null -eq $holder -or $holder -eq $Besides) { continue }
        if (@(Get-ProxyAddresses $holder | Where-Object { Test-Same $_ $Address }).Count) {
            Stop-Call 'Microsoft.Exchange.Data.Directory.ProxyAddressExistsException' (Get-ErrorText 'Proxy' $Address, $holder.Name) 'Ex24F6D4'
        }
    }
}

function Assert-Alias {
    <# Ends the call where an alias has characters that Exchange does not take, or is too long. #>
    param([string] $Alias)
    $word = '[A-Za-z0-9!#%*+\-/=?^_~$&''`{}|\u00A1-\u00FF]+'
    if ($Alias.Length -gt 64 -or $Alias -cnotmatch "^$word(\.$word)*$") {
        Stop-BadValue "The value `"$Alias`" of property Alias is invalid."
    }
}

function Assert-FreeName {
    param([string] $Name, [string] $What)
    if ($Name.Length -gt 64) {
        Stop-BadValue "The property value is invalid. The value can't exceed 64 characters. Property name: Name"
    }
    foreach ($other in $script:Tenant.recipients) { if (Test-Same $other.Name $Name) { Stop-Exists $Name $What } }
}

function Get-CommonFields {
    <# Returns what every recipient shows, in the order of the real objects. #>
    param($Recipient)
    return [ordered]@{
        Identity = Get-IdentityText $Recipient; Name = $Recipient.Name; DisplayName = $Recipient.DisplayName
        Alias = $Recipient.Alias
        PrimarySmtpAddress = $Recipient.PrimarySmtpAddress; EmailAddresses = Get-List $Recipient.EmailAddresses
        RecipientType = Get-Type $Recipient.RecipientTypeDetails; RecipientTypeDetails = $Recipient.RecipientTypeDetails
        DistinguishedName = Get-DistinguishedName $Recipient.Name; Guid = $Recipient.Guid; Id = Get-IdentityText $Recipient
        ExternalDirectoryObjectId = $Recipient.ExternalDirectoryObjectId
        IsDirSynced = [bool] (Get-Field $Recipient 'IsDirSynced' $false)
        OrganizationId = Get-OrganizationText
        WhenChangedUTC = Get-Moment $Recipient 'WhenChangedUTC'; WhenCreatedUTC = Get-Moment $Recipient 'WhenCreatedUTC'
        HiddenFromAddressListsEnabled = [bool] (Get-Field $Recipient 'HiddenFromAddressListsEnabled' $false)
        IsValid = $true; ObjectState = 'Unchanged'
    }
}

function Get-OrganizationText {
    return "EURPR01A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/$($script:Tenant.initialDomain)"
}

function Get-Moment {
    <# Returns a time of an object as a date, in UTC; nothing where it has none. #>
    param($Of, [string] $Name)
    $text = Get-Field $Of $Name
    if ($text) {
        return [datetime]::Parse($text, [cultureinfo]::InvariantCulture, [Globalization.DateTimeStyles]'AssumeUniversal, AdjustToUniversal')
    }
}

function Get-Type {
    <# Returns the coarser RecipientType of a RecipientTypeDetails. #>
    param([string] $Details)
    if ($Details -in $script:Mailboxes) { return 'UserMailbox' }
    if ($Details -eq 'RoomList') { return 'MailUniversalDistributionGroup' }
    if ($Details -eq 'GroupMailbox') { return 'MailUniversalDistributionGroup' }
    return $Details
}
