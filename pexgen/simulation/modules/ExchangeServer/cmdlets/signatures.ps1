# The cmdlets and parameters of one version of Exchange Server.

function Read-Signatures {
    <# Returns the signatures of the server, without what its version lacks. #>
    $path = Join-Path (Join-Path (Join-Path $script:Simulation '..') '..') 'signatures-server.json'
    $known = (ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($path))).cmdlets
    foreach ($cmdlet in $known.PSObject.Properties.Value) {
        foreach ($parameter in @($cmdlet.parameters.PSObject.Properties)) {
            if ($parameter.Value.PSObject.Properties['where'] -and $parameter.Value.where -notcontains $script:Edition) {
                $cmdlet.parameters.PSObject.Properties.Remove($parameter.Name)
            }
        }
    }
    return $known
}
