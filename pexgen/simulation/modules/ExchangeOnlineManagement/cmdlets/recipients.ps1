# Get-Recipient, Get-User, Get-UnifiedGroup, Set-User.

$script:Handler['Get-Recipient'] = {
    param($Sent)
    $preview = Get-Text $Sent['RecipientPreviewFilter']
    $found = if ($preview) {
        $test = Read-Filter $preview
        # As for Exchange's own preview, only what has a mail address is a recipient.
        @($script:Tenant.recipients | Where-Object { $_.PrimarySmtpAddress -and (Test-Filter $test $_) })
    } elseif ($Sent.ContainsKey('IncludeSoftDeletedRecipients') -and $Sent['IncludeSoftDeletedRecipients']) {
        Get-WithSoftDeleted $Sent
    } else {
        @(Get-Selected $Sent @() | Where-Object { $_.PrimarySmtpAddress })
    }
    if ((Get-Text $Sent['Identity']) -and -not $found) { Stop-NotFound (Get-Text $Sent['Identity']) }
    foreach ($recipient in Select-Page @($found) $Sent) { Get-ShownRecipient $recipient }
}

function Get-WithSoftDeleted {
    param($Sent)
    $identity = Get-Text $Sent['Identity']
    if (-not $identity -and -not $Sent['RecipientTypeDetails'] -and -not $Sent['RecipientType']) {
        Stop-Call 'Microsoft.Exchange.Configuration.Tasks.TaskArgumentException' (
            'Please specify the Identity, RecipientType or RecipientTypeDetails parameter with IncludeSoftDeletedRecipients.'
        ) 'ExA9C2E1'
    }
    foreach ($place in 'recipients', 'softDeleted') {
        if ($identity) { Find-Recipient $identity @() $place | Where-Object { $_.PrimarySmtpAddress } } else { Get-Selected $Sent @() $place }
    }
}

function Get-ShownRecipient {
    param($Recipient)
    $shown = Get-CommonFields $Recipient
    $shown.WindowsLiveID = Get-Field $Recipient 'UserPrincipalName' ''
    $shown.ManagedBy = Get-List @(Get-Field $Recipient 'ManagedBy' @() | ForEach-Object { Get-ShownName $_ 'managedByAs' })
    $shown.SKUAssigned = Get-Field $Recipient 'SKUAssigned'
    $shown.WhenSoftDeleted = Get-Moment $Recipient 'WhenSoftDeleted'
    [pscustomobject] $shown
}

$script:Handler['Get-User'] = {
    param($Sent)
    $types = @('User') + $script:Mailboxes
    foreach ($user in Select-Page @(Get-Selected $Sent $types) $Sent) {
        $shown = Get-CommonFields $user
        $shown.UserPrincipalName = Get-Field $user 'UserPrincipalName' ''
        $shown.WindowsEmailAddress = $user.PrimarySmtpAddress
        $shown.Sid = Get-Field $user 'Sid' ''
        $shown.AccountDisabled = [bool] (Get-Field $user 'AccountDisabled' $false)
        $shown.EXOModuleEnabled = $true
        [pscustomobject] $shown
    }
}

$script:Handler['Set-User'] = {
    # Called with -WhatIf it changes the tenant all the same.
    param($Sent)
    $user = Get-OneRecipient (Get-Text $Sent['Identity']) (@('User') + $script:Mailboxes)
    Assert-Writable $user 'Set-User'
    foreach ($name in 'DisplayName', 'Department', 'Office', 'Title') {
        if ($Sent.ContainsKey($name)) { Set-Field $user $name (Get-Text $Sent[$name]) }
    }
    Set-Field $user 'WhenChangedUTC' (Get-TenantTime)
}

$script:Handler['Get-UnifiedGroup'] = {
    param($Sent)
    foreach ($group in Select-Page @(Get-Selected $Sent 'GroupMailbox') $Sent) {
        $shown = Get-CommonFields $group
        $shown.AccessType = 'Private'
        $shown.GroupMemberCount = @(Get-Field $group 'members' @()).Count
        [pscustomobject] $shown
    }
}
