# The cmdlets are functions whose parameter sets are generated from signatures.json, so that PowerShell's own binder
# refuses what the real function would refuse. $script:Edition names the Exchange: nothing for Exchange Online.

function Get-Signatures {
    <# Returns the signatures, read once in a process. #>
    $known = [AppDomain]::CurrentDomain.GetData("pexgen.signatures|$script:Edition")
    if ($null -eq $known) {
        $known = Read-Signatures
        [AppDomain]::CurrentDomain.SetData("pexgen.signatures|$script:Edition", $known)
    }
    return $known
}

function Read-Signatures {
    <# Returns the signatures as the file has them. #>
    param([string] $File = 'signatures.json')
    $path = Join-Path (Join-Path (Join-Path $script:Simulation '..') '..') $File
    return (ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($path))).cmdlets
}

function Get-ParameterText {
    <# Returns the declaration of one parameter. #>
    param([string] $Name, $Entry)
    $attributes = foreach ($set in $Entry.sets.PSObject.Properties) {
        $words = @(if ($set.Name -ne '*') { "ParameterSetName = '$($set.Name)'" }) + @(if ($set.Value) { $set.Value })
        "[Parameter($($words -join ', '))]"
    }
    $aliases = if ($Entry.PSObject.Properties['aliases']) { "[Alias('$($Entry.aliases -join "', '")')]" }
    return "        $($attributes -join ' ') $aliases [$($Entry.type)] `${$Name}"
}

function Get-StubText {
    <# Returns the functions' text. $Hidden holds "Cmdlet:Parameter" of what this operator has no right to. #>
    param([string[]] $Name, [string[]] $Hidden = @())
    $signatures = Get-Signatures
    $text = foreach ($cmdlet in $Name) {
        $cacheKey = "pexgen.stub|$script:Edition|$cmdlet|$(@($Hidden | Where-Object { $_ -clike "${cmdlet}:*" }) -join ',')"
        $cached = [AppDomain]::CurrentDomain.GetData($cacheKey)
        if ($null -eq $cached) {
            $cached = Get-OneStub $cmdlet $signatures.$cmdlet $Hidden
            [AppDomain]::CurrentDomain.SetData($cacheKey, $cached)
        }
        $cached
    }
    return $text -join "`n"
}

function Get-OneStub {
    param([string] $Cmdlet, $Signature, [string[]] $Hidden)
    $binding = @(if ($Signature.default) { "DefaultParameterSetName = '$($Signature.default)'" })
    if ($Signature.supportsShouldProcess) {
        $impact = if ($Signature.asksByItself) { 'High' } else { 'Medium' }
        $binding += 'SupportsShouldProcess', "ConfirmImpact = '$impact'"
    }
    $parameters = foreach ($parameter in $Signature.parameters.PSObject.Properties) {
        if ($Hidden -notcontains "${Cmdlet}:$($parameter.Name)") { Get-ParameterText $parameter.Name $parameter.Value }
    }
    return @"
function $Cmdlet {
    [CmdletBinding($($binding -join ', '))]
    param(
$($parameters -join ",`n")
    )
    process { Invoke-Call -Name '$Cmdlet' -Sent `$PSBoundParameters -Caller `$PSCmdlet }
}
"@
}
