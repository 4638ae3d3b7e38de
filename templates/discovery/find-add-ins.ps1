# Add-ins of the organization. Which one is that of this deployment, Exchange does not know.

function Find-AddIn {
    Add-Read $Run.Found -Key 'addIns' -Reading {
        Invoke-Read -Subject 'add-ins of the organization' -IfAbsent 'unreadable' -Call {
            Get-App -OrganizationApp -ErrorAction Stop
        } | ForEach-Object -Process {
            [ordered]@{
                displayName = Get-Text $_ 'DisplayName'; id = Get-Text $_ 'AppId'; version = Get-Text $_ 'AppVersion'
                publisher = Get-Text $_ 'ProviderName'; enabled = Test-Same (Get-Property $_ 'Enabled') $true
                providedTo = Get-Text $_ 'ProvidedTo'; scope = Get-Text $_ 'Scope'
            }
        }
    }
}
