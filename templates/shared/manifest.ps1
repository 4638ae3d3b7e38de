# Manifest: the add-in's file, which has to be the described one, beside this script.

function Get-ManifestProblem {
    # Why the manifest cannot be uploaded, or nothing.
    $path = [System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($Run.ScriptPath), $Value.AddInManifest)
    try { $bytes = [System.IO.File]::ReadAllBytes($path) }
    catch { return "the manifest cannot be read beside this script: $($_.Exception.GetBaseException().Message)" }
    if ((Get-Sha256 $bytes) -cne $Value.AddInManifestSha256) {
        return "'$path' is not the manifest that was described: its SHA-256 is $(Get-Sha256 $bytes)"
    }
    $Run.AddInBytes = $bytes
}

function Assert-AddInManifest {
    # Before anything is asked, so that nobody consents to what cannot be done.
    param([hashtable] $Plan)
    $problem = Get-ManifestProblem
    if (-not $problem) { return }
    if ($Run.Mode -ceq 'Apply' -and -not $Run.WhatIf) {
        throw (Get-Stop -State 'refused' -Guard 'add-in' -Detail (
                "The add-in cannot be uploaded: $problem. Put the described one beside this script."))
    }
    $Plan.Notes += "Apply needs $($Value.AddInManifest) beside this script: $problem."
}
