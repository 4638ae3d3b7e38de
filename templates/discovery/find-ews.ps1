# EWS of the organization: the switch, the list of applications, and the older gate, by user agent.

function Find-EwsAccess {
    Add-Read $Run.Found -Key 'ews' -Reading {
        $organization = Read-Organization
        $properties = ConvertTo-EwsProperty $organization
        [ordered]@{
            enabled = $properties['EwsEnabled']; allowed = @(Get-ListedId $properties)
            accessPolicy = Get-Filled (Get-Text $organization 'EwsApplicationAccessPolicy')
            allowList = @(Get-Agent $organization -List 'EwsAllowList')
            blockList = @(Get-Agent $organization -List 'EwsBlockList')
        }
    }
}

function Get-Agent {
    param($Organization, [string] $List)
    @(Get-Property $Organization $List) | ForEach-Object -Process { [string] $_ } |
        Where-Object -FilterScript { $_ -ne '' }
}
