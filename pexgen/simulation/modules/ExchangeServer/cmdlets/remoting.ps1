# Answers as implicit remoting brings them: copies without methods, with the computer's name beside their properties, GUIDs
# as GUIDs, and enumerations as numbers with a text over them: [string] and .Value tell the name; "$x", -eq, switch and
# JSON take the number. The numbers are Microsoft's where its reference has them; nothing may depend on any.

$script:Enumerations = @{
    RecipientTypeDetails = 'Microsoft.Exchange.Data.Directory.Recipient.RecipientTypeDetails'
    RecipientType = 'Microsoft.Exchange.Data.Directory.Recipient.RecipientType'
    ResourceType = 'Microsoft.Exchange.Data.Directory.Recipient.ExchangeResourceType'
    AutomateProcessing = 'Microsoft.Exchange.Data.Storage.CalendarProcessingFlags'
    AccessRights = 'Microsoft.Exchange.Management.RecipientTasks.MailboxRights'
    InheritanceType = 'System.DirectoryServices.ActiveDirectorySecurityInheritance'
    RoleAssigneeType = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.RoleAssigneeType'
    RoleAssignmentDelegationType = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.RoleAssignmentDelegationType'
    AssignmentMethod = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.AssignmentMethod'
    RecipientReadScope = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.ScopeType'
    RecipientWriteScope = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.RecipientWriteScopeType'
    ConfigReadScope = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.ScopeType'
    ConfigWriteScope = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.ConfigWriteScopeType'
    ScopeRestrictionType = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.ScopeRestrictionType'
    RoleType = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.RoleType'
    DomainType = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.AcceptedDomainType'
    Edition = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.ServerEditionType'
    ServerRole = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.ServerRole'
    EwsApplicationAccessPolicy = 'Microsoft.Exchange.Data.Directory.EwsApplicationAccessPolicy'
    GroupType = 'Microsoft.Exchange.Data.Directory.Recipient.GroupTypeFlags'
    MemberJoinRestriction = 'Microsoft.Exchange.Data.Directory.Recipient.MemberUpdateType'
    MemberDepartRestriction = 'Microsoft.Exchange.Data.Directory.Recipient.MemberUpdateType'
    InternalAuthenticationMethods = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.AuthenticationMethod'
    ExternalAuthenticationMethods = 'Microsoft.Exchange.Data.Directory.SystemConfiguration.AuthenticationMethod'
    ObjectState = 'Microsoft.Exchange.Data.ObjectState'
    ProvidedTo = 'Microsoft.Exchange.Data.Directory.ClientExtensionProvidedTo'
    DefaultStateForUser = 'Microsoft.Exchange.Data.Directory.DefaultStateForUser'
    Scope = 'Microsoft.Exchange.Data.ApplicationLogic.Extension.ExtensionInstallScope'
    Type = 'Microsoft.Exchange.Data.ApplicationLogic.Extension.ExtensionType'
    Requirements = 'Microsoft.Exchange.Data.ApplicationLogic.Extension.RequestedCapabilities'
}
$script:EnumerationNumbers = @{
    User = 0; None = 0; UserMailbox = 1; SharedMailbox = 4; RoomMailbox = 16; EquipmentMailbox = 32; MailContact = 64
    MailUser = 128; MailUniversalDistributionGroup = 256; MailUniversalSecurityGroup = 1024; RoomList = 268435456
    AutoUpdate = 1; AutoAccept = 2; FullAccess = 1; All = 1; Room = 1; Equipment = 2; Closed = 0; Open = 1
    ApprovalRequired = 2; Authoritative = 0; Organization = 2; Everyone = 0; SpecificUsers = 1; Disabled = 0; Enabled = 1
    AlwaysEnabled = 2
}
$script:GuidProperties = 'Guid', 'ExchangeGuid', 'MailboxGuid'

function Get-EnumerationNumber {
    param([string] $Name)
    if ($script:EnumerationNumbers.ContainsKey($Name)) { return $script:EnumerationNumbers[$Name] }
    $number = 1000
    foreach ($letter in $Name.ToCharArray()) { $number += [int] $letter }
    return $number
}

function New-Enumeration {
    <# Returns a value of an enumeration as PowerShell itself makes it of what comes over the wire. #>
    param([string] $Type, [string] $Name)
    $key = "pexgen.enumeration|$Type|$Name"
    $text = [AppDomain]::CurrentDomain.GetData($key)
    if ($null -eq $text) {
        $shown = [Security.SecurityElement]::Escape($Name)
        $text = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"><Obj RefId="0"><TN RefId="0">' +
            "<T>$Type</T><T>System.Enum</T><T>System.ValueType</T><T>System.Object</T></TN><ToString>$shown</ToString>" +
            "<I32>$(Get-EnumerationNumber $Name)</I32><Props><S N=`"Value`">$shown</S></Props></Obj></Objs>"
        [AppDomain]::CurrentDomain.SetData($key, $text)
    }
    return [Management.Automation.PSSerializer]::Deserialize($text)
}

function ConvertTo-RemoteValue {
    <# Returns a property's value as it arrives; a list is an ArrayList. #>
    param([string] $Property, $Value)
    if ($null -eq $Value) { return $null }
    if ($Value -is [Collections.IList]) {
        # Cast from an array, because Add would take what is laid over a number off it.
        return , [Collections.ArrayList] @(foreach ($entry in $Value) { ConvertTo-RemoteValue $Property $entry })
    }
    if ($Value -isnot [string]) { return $Value }
    if ($script:Enumerations.ContainsKey($Property) -and $Value) {
        return New-Enumeration $script:Enumerations[$Property] $Value
    }
    $guid = [guid]::Empty
    if ($Property -in $script:GuidProperties -and [guid]::TryParse($Value, [ref] $guid)) { return $guid }
    return $Value
}

function ConvertTo-Answer {
    param([string] $Cmdlet, $Object)
    if ($null -eq $Object) { return }
    $shown = [ordered]@{}
    foreach ($property in $Object.PSObject.Properties) {
        $shown[$property.Name] = ConvertTo-RemoteValue $property.Name $property.Value
    }
    Add-RemoteMark $shown
    $answer = [pscustomobject] $shown
    $answer.PSObject.TypeNames.Insert(0, "Deserialized.Microsoft.Exchange.Management.$($Cmdlet.Split('-')[-1])")
    return $answer
}

function Add-RemoteMark {
    <# What remoting lays beside the properties of each object. #>
    param($Shown)
    $Shown['PSComputerName'] = 'ex01.rehearsal.invalid'
    $Shown['RunspaceId'] = [guid]::Empty
    $Shown['PSShowComputerName'] = $false
}
