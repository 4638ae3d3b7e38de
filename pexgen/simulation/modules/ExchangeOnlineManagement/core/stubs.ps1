# The cmdlets are functions whose parameter sets are generated from signatures.json, so that PowerShell's own binder
# refuses what the real function would refuse. $script:Edition names the Exchange: nothing for Exchange Online.

function Get-Known {
    <# Returns what this process made before under that key for this Exchange, or what $Make makes now, which sees the
       caller's variables. No run changes any of it. #>
    param([string] $Key, [scriptblock] $Make)
    $known = [AppDomain]::CurrentDomain.GetData("pexgen.$Key|$script:Edition")
    if ($null -eq $known) {
        $known = & $Make
        [AppDomain]::CurrentDomain.SetData("pexgen.$Key|$script:Edition", $known)
    }
    return $known
}

function Get-Signatures {
    <# Returns the signatures, read once in a process. #>
    return Get-Known 'signatures' { Read-Signatures }
}

function Get-CmdletName {
    <# Writes the names of all cmdlets but those of $Without. #>
    param([string[]] $Without)
    return Get-Known "names|$($Without -join ',')" {
        @((Get-Signatures).PSObject.Properties.Name | Where-Object { $_ -notin $Without })
    }
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
    return Get-Known "stubs|$($Name -join ',')|$($Hidden -join ',')" {
        $signatures = Get-Signatures
        $text = foreach ($cmdlet in $Name) {
            Get-Known "stub|$cmdlet|$(@($Hidden | Where-Object { $_ -clike "${cmdlet}:*" }) -join ',')" {
                Get-OneStub $cmdlet $signatures.$cmdlet $Hidden
            }
        }
        $text -join "`n"
    }
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
