# Recipients as Active Directory has them: by their path, with an account of the domain, in an organizational unit.

function Get-Unit {
    <# Returns the path of the organizational unit that a recipient is in, such as contoso.com/Users. #>
    param($Recipient)
    return Get-Field $Recipient 'OrganizationalUnit' "$($script:Tenant.initialDomain)/Users"
}

function Get-IdentityText {
    param($Recipient)
    return "$(Get-Unit $Recipient)/$($Recipient.Name)"
}

function Get-AccountName {
    <# Returns DOMAIN\name; a group and a contact have their alias there. #>
    param($Recipient)
    return "$($script:Tenant.netBios)\$($Recipient.Alias)"
}

function Get-OtherIdentities {
    param($Recipient)
    Get-IdentityText $Recipient
    Get-AccountName $Recipient
    # Whoever opened the window is the operator, unless the session was opened as somebody else.
    if ((Test-Same $Recipient.PrimarySmtpAddress $script:Tenant.operator.upn) -and -not (Get-Setting 'otherSession' $false)) {
        "$([Environment]::UserDomainName)\$([Environment]::UserName)"
    }
}

function Get-UnitName {
    <# Returns the DN of a path of Active Directory; Users is the one container that is no unit. #>
    param([string] $Path)
    $parts = $Path.Split('/')
    $domain = @($parts[0].Split('.') | ForEach-Object { "DC=$_" }) -join ','
    $units = @($parts | Select-Object -Skip 1 | ForEach-Object { if ($_ -eq 'Users') { "CN=$_" } else { "OU=$_" } })
    [array]::Reverse($units)
    return ($units + $domain) -join ','
}

function Get-DistinguishedName {
    <# Returns the DN of a recipient, else of an object of the configuration, by its name. #>
    param([string] $Name)
    $escaped = [regex]::Replace($Name, '([,+"\\<>;=])', '\$1')
    foreach ($recipient in $script:Tenant.recipients) {
        if (Test-Same $recipient.Name $Name) { return "CN=$escaped,$(Get-UnitName (Get-Unit $recipient))" }
    }
    return "CN=$escaped,CN=RBAC,CN=Rehearsal,CN=Microsoft Exchange,CN=Services,CN=Configuration," +
        (Get-UnitName $script:Tenant.initialDomain)
}

function Get-OrganizationText { return '' }

function Find-Unit {
    <# Returns the path of the unit that a text names: its path, its DN or its name; ends the call where there is none. #>
    param([string] $Identity)
    foreach ($path in @("$($script:Tenant.initialDomain)/Users") + @($script:Tenant.organizationalUnits)) {
        if ((Test-Same $path $Identity) -or (Test-Same (Get-UnitName $path) $Identity) -or
            (Test-Same $path.Split('/')[-1] $Identity)) { return $path }
    }
    Stop-Call 'Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException' (
        "Organizational unit `"$Identity`" was not found. Please make sure you have typed it correctly.")
}

$script:CommonRecipient = $script:Handler['Get-Recipient']

$script:Handler['Get-Recipient'] = {
    # A user principal name that is no address finds nobody here, and is not shown.
    param($Sent)
    $identity = Get-Text $Sent['Identity']
    foreach ($shown in & $script:CommonRecipient $Sent) {
        if (-not (Test-BelowView $shown.Identity)) { continue }
        if ($identity -clike '*@*' -and @($shown.EmailAddresses) -notcontains "smtp:$identity") { Stop-NotFound $identity }
        $shown.WindowsLiveID = ''
        $shown
    }
}
