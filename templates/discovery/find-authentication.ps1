# Logging in to EWS on Exchange Server: what each virtual directory offers.

function Find-Authentication {
    Add-Read $Run.Found -Key 'virtualDirectories' -Reading {
        Invoke-Read -Subject 'virtual directories of EWS' -Call {
            Get-WebServicesVirtualDirectory -ErrorAction Stop
        } | ForEach-Object -Process {
            [ordered]@{
                identity = Get-Text $_ 'Identity'; basic = Test-Same (Get-Property $_ 'BasicAuthentication') $true
                windows = Test-Same (Get-Property $_ 'WindowsAuthentication') $true
            }
        }
    }
}
