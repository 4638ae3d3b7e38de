# EWS of the organisation: the switch and the list of applications.

function Find-EwsAccess {
    Add-Read $Run.Found -Key 'ews' -Reading {
        $properties = ConvertTo-EwsProperty (Read-Organization)
        [ordered]@{ enabled = $properties['EwsEnabled']; allowed = @(Get-ListedId $properties) }
    }
}
