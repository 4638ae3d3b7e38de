# Add-ins of the organization: how one is found, read and compared.

function Read-AddIn {
    # All of the organization's: asked for one that is not there, Exchange may answer with all the same.
    Invoke-Read -Subject 'add-ins of the organization' -IfAbsent 'unreadable' -Call {
        Get-App -OrganizationApp -ErrorAction Stop
    }
}

function Format-AddIn {
    param($AddIn)
    "'$(Get-Text $AddIn 'DisplayName')' $(Get-Text $AddIn 'AppVersion') by '$(Get-Text $AddIn 'ProviderName')'"
}

function ConvertTo-AddInText {
    # Publisher and name: a manifest may have line breaks, two blanks or a no-break space where Exchange has one blank.
    param([string] $Text)
    [regex]::Replace($Text, '\s+', ' ').Trim()
}

function Test-AddInText {
    param($AddIn, [string] $Name, [string] $Wanted)
    Test-Same (ConvertTo-AddInText (Get-Text $AddIn $Name)) (ConvertTo-AddInText $Wanted)
}

function ConvertTo-AddInVersion {
    # Of one to four numbers; 1, 1.0 and 1.0.0.0 are one version. Nothing where it is none.
    param([string] $Text)
    if ($Text -cnotmatch '^[0-9]{1,9}(\.[0-9]{1,9}){0,3}\z') { return $null }
    $numbers = @($Text.Split([char[]] '.')) + @('0', '0', '0')
    [version] ($numbers[0..3] -join '.')
}

function Find-AddIn {
    # The one of this ID among them, or $null.
    param([object[]] $All, [string] $Id)
    $found = @($All | Where-Object -FilterScript { Test-SameName (Get-Text $_ 'AppId') $Id })
    if ($found.Count -gt 1) {
        throw (Get-Stop -State 'conflict' -Detail "The organization has $($found.Count) add-ins of the ID $Id.")
    }
    if ($found.Count -eq 1) { $found[0] } else { $null }
}

function Assert-OwnAddIn {
    # What has our ID and another publisher is somebody else's; what is newer is not taken back to an older version.
    param($AddIn)
    if (-not (Test-AddInText $AddIn -Name 'ProviderName' -Wanted $Value.AddInProviderName)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The organization has $(Format-AddIn $AddIn) with the ID of the described add-in, whose publisher is " +
                "'$($Value.AddInProviderName)'. It is not changed: find out whose it is, or remove it yourself."))
    }
    $there = ConvertTo-AddInVersion (Get-Text $AddIn 'AppVersion')
    if ($null -eq $there -or $there -gt (ConvertTo-AddInVersion $Value.AddInVersion)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The organization has $(Format-AddIn $AddIn), which is not older than the described version " +
                "$($Value.AddInVersion). Export the manifest from Pexip Infinity again, and describe that one."))
    }
}

function Get-AddInUser {
    # Whom the description names, where it names anybody.
    if ($Value.AddInProvidedTo -cne 'specific-users') { return }
    $Value.AddInUsers | ForEach-Object -Process { ([string] $_).ToLowerInvariant() } | Select-Distinct | Get-Ordered
}

function Test-AddInUser {
    # Exchange lists users by address, name or GUID; whom the list does not show as written is looked up.
    param($AddIn, [string] $Address)
    $entries = @(Get-Answered $AddIn -Name 'UserList' | ForEach-Object -Process { [string] $_ })
    if ($entries.Count -eq 0) { return $false }
    if ($entries -contains $Address) { return $true }
    $ids = @(Get-Identifier (Get-RecipientOf $Address))
    @($entries | Where-Object -FilterScript { $ids -contains $_ }).Count -gt 0
}

function Get-AddInProperty {
    param($AddIn, [string] $Name)
    if ($Name -clike 'user:*') { return Test-AddInUser $AddIn -Address $Name.Substring(5) }
    if ($Name -ceq 'Enabled') { return Test-Same (Get-Answered $AddIn -Name 'Enabled') $true }
    if ($Name -ceq 'AppVersion') {
        # The described one as it is described, however many noughts Exchange shows of it.
        $text = Get-AnsweredText $AddIn -Name 'AppVersion'
        $described = ConvertTo-AddInVersion $Value.AddInVersion
        if ((ConvertTo-AddInVersion $text) -eq $described) { return $Value.AddInVersion }
        return $text
    }
    Get-AnsweredText $AddIn -Name $Name
}
