# What is otherwise about the mailboxes of Exchange Server.

# From the shell a resource mailbox is made so that nothing answers for it.
$script:ResourceProcessing = 'AutoUpdate'
$script:CloudCalendar = @(
    'BookingType', 'EnableAutoRelease', 'EnforceCapacity', 'MinimumDurationInMinutes',
    'PostReservationMaxClaimTimeInMinutes', 'RemoveCanceledMeetings'
)
$script:CommonCalendar = ${function:Get-NewCalendar}

function Get-NewCalendar {
    <# Returns the defaults without what Exchange Online alone has. #>
    param([string] $Kind)
    $calendar = & $script:CommonCalendar $Kind
    foreach ($name in $script:CloudCalendar) { $calendar.PSObject.Properties.Remove($name) }
    return $calendar
}

function Assert-Password {
    <# Ends the call where the domain does not take the password of a new account. #>
    param($Password)
    if ($Password.Length -ge 7 -and -not (Get-Setting 'passwordRefused' $false)) { return }
    Stop-Call 'Microsoft.Exchange.Data.Directory.ADInvalidPasswordException' (
        'Active Directory operation failed on dc01.rehearsal.invalid. This error is not retriable. Additional information: ' +
        'Unable to update the password. The value provided for the new password does not meet the length, complexity, or ' +
        'history requirements of the domain.') '8D1A2C'
}

function Assert-FreeAccount {
    <# Ends the call where an account of the domain has this user principal name; it may have no mailbox. #>
    param([string] $Name)
    foreach ($other in $script:Tenant.recipients) {
        if (Test-Same (Get-Field $other 'UserPrincipalName' '') $Name) {
            Stop-Call 'Microsoft.Exchange.Configuration.Tasks.RecipientTaskException' (
                "The value `"$Name`" of property `"UserPrincipalName`" is used by another recipient object " +
                "`"$(Get-IdentityText $other)`". Please specify a unique value.") '5B1C2E'
        }
    }
}

$script:Handler['New-Mailbox'] = {
    # The account is made with the mailbox. Without an address of its own it gets that of the policy: alias@default domain.
    param($Sent)
    $type = @('Equipment', 'Room', 'Shared' | Where-Object { $Sent[$_] }) + 'User'
    $unit = Find-Unit $(if (Get-Text $Sent['OrganizationalUnit']) { Get-Text $Sent['OrganizationalUnit'] } else { 'Users' })
    $principal = Get-Text $Sent['UserPrincipalName']
    $alias = if ($Sent['Alias']) { $Sent['Alias'] }
    elseif ($principal) { $principal.Split('@')[0] }
    else { $Sent['Name'].Replace(' ', '') -creplace '[^A-Za-z0-9!#%*+\-/=?^_~.]', '?' }
    Assert-Alias $alias
    Assert-FreeName $Sent['Name'] 'mailbox'
    if (-not $principal) { $principal = "$alias@$($script:Tenant.initialDomain)" }
    Assert-FreeAccount $principal
    $address = Get-NewAddress @{ PrimarySmtpAddress = $Sent['PrimarySmtpAddress']; Alias = $alias }
    Assert-FreeAddress $address
    if ($type[0] -eq 'User') { Assert-Password $Sent['Password'] }
    $mailbox = [pscustomobject]@{
        Guid = New-Identifier 'mailbox' $address; ExternalDirectoryObjectId = ''; ExchangeGuid = New-Identifier 'store' $address
        Name = $Sent['Name']; DisplayName = $(if ($Sent['DisplayName']) { $Sent['DisplayName'] } else { $Sent['Name'] })
        Alias = $alias; PrimarySmtpAddress = $address; EmailAddresses = @("SMTP:$address")
        RecipientTypeDetails = "$($type[0])Mailbox"; UserPrincipalName = $principal; OrganizationalUnit = $unit
        AccountDisabled = $type[0] -ne 'User'; EmailAddressPolicyEnabled = -not $Sent['PrimarySmtpAddress']
        WhenCreatedUTC = Get-CreationTime; WhenChangedUTC = Get-TenantTime
        calendar = [pscustomobject]@{}; permissions = @(); EwsEnabled = $null
    }
    Set-Late $mailbox 'mailbox'
    $reads = Get-Field (Get-Setting 'late') 'store' 0
    if ($reads -gt 0) { Set-Field $mailbox 'lateStore' $reads }
    Set-Field $script:Tenant 'recipients' @(@($script:Tenant.recipients) + $mailbox)
    Get-ShownMailbox $mailbox
}

$script:Handler['Remove-Mailbox'] = {
    # The account goes too. The mailbox is disconnected: no cmdlet of a runbook sees it, and its address is free.
    param($Sent)
    $mailbox = Get-OneRecipient (Get-Text $Sent['Identity']) $script:Mailboxes
    Set-Field $script:Tenant 'recipients' @($script:Tenant.recipients | Where-Object { $_ -ne $mailbox })
    foreach ($group in $script:Tenant.recipients) {
        if (@(Get-Field $group 'members' @()) -contains $mailbox.Guid) {
            Set-Field $group 'members' @($group.members | Where-Object { $_ -ne $mailbox.Guid })
        }
    }
}
