# Get- and Set-ADServerSettings: what of the forest this session sees. That is the session's own, and no setting of
# Exchange: without ViewEntireForest recipients of other domains, or out of the view's unit, are not found.

$script:View = $null
$script:SeenAnywhere = ${function:Test-Appeared}

function Get-View {
    if ($null -eq $script:View) {
        $entire = [bool] (Get-Setting 'viewEntireForest' $false)
        $root = Get-Setting 'recipientViewRoot' $script:Tenant.initialDomain
        $script:View = @{ Entire = $entire; Root = $(if ($entire) { '' } else { $root }) }
    }
    return $script:View
}

function Test-BelowView {
    <# Tells whether a path is below the root of this session's view. #>
    param([string] $Path)
    $view = Get-View
    return $view.Entire -or "$Path/".StartsWith("$($view.Root)/", [StringComparison]::OrdinalIgnoreCase)
}

function Test-InView {
    param($Object)
    return -not $Object.PSObject.Properties['RecipientTypeDetails'] -or (Test-BelowView (Get-Unit $Object))
}

function Test-Appeared {
    param($Object)
    return (Test-InView $Object) -and (& $script:SeenAnywhere $Object)
}

$script:Handler['Get-ADServerSettings'] = {
    param($Sent)
    $view, $server = (Get-View), "dc01.$($script:Tenant.initialDomain)"
    [pscustomobject]@{
        DefaultGlobalCatalog = $server; PreferredDomainControllerForDomain = [Collections.ArrayList]::new()
        DefaultConfigurationDomainController = $server; DefaultPreferredDomainControllers = Get-List $server
        UserPreferredGlobalCatalog = ''; UserPreferredConfigurationDomainController = ''
        UserPreferredDomainControllers = [Collections.ArrayList]::new()
        RecipientViewRoot = $view.Root; ViewEntireForest = $view.Entire; WriteOriginatingChangeTimestamp = $false
        WriteShadowProperties = $false; Identity = ''; IsValid = $true; ObjectState = 'New'
    }
}

$script:Handler['Set-ADServerSettings'] = {
    # It changes this session alone, and nothing in the directory.
    param($Sent)
    $view = Get-View
    if ($Sent.ContainsKey('ViewEntireForest')) {
        $view.Entire = [bool] $Sent['ViewEntireForest']
        $view.Root = if ($view.Entire) { '' } else { $script:Tenant.initialDomain }
    }
    if (Get-Text $Sent['RecipientViewRoot']) {
        $view.Root = Get-Text $Sent['RecipientViewRoot']
        $view.Entire = $false
    }
}
