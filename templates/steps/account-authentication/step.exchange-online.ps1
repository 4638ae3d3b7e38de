# Authentication with OAuth: whether the gates are open for the registration by which the service account signs in.

$Steps['account-authentication'] = { @{
    Compare = 'Compare-AccountAuthentication'; CloudEws = $true; Proof = 'Test-AccountGateProof'
    ReportOnly = $Value.OauthClientId -eq ''
    Made = @(); Set = '(?!)'
    Reads = @('Get-OrganizationConfig')
    NotChecked = (
        'The sign-in of the service account, which nobody can script: 1. In Pexip Infinity, in the settings of this ' +
        "integration, enter the client ID$(if ($Value.OauthClientId -ne '') { " $($Value.OauthClientId)" }), its " +
        'secret, the endpoints and the redirect URI ' +
        '(pexgen values prints them). 2. Sign in there AS THE SERVICE ACCOUNT, in a browser that reaches the ' +
        "Management Node, as Pexip's page describes. 3. Check: a meeting of a test user gets its reply.")
    Assert = {
        foreach ($id in $Value.OneTouchJoinClientIds) {
            Assert-Sane (-not (Test-SameName $id $Value.OauthClientId)) (
                "$id is used for One-Touch Join; the scheduler needs a registration of its own.")
        }
    }
} }

function Compare-AccountAuthentication {
    $plan = Get-EmptyPlan 'account-authentication'
    $organization = Read-Organization
    $gate = Get-EwsGate (ConvertTo-EwsProperty $organization) -ClientId $Value.OauthClientId
    if (-not $gate.Open) { $plan.Remaining = 'blocked' }
    $second = Get-SecondGate $organization
    $plan.Notes += @($gate.Text) + @(if ($null -ne $second) { $second.Text })
    $plan.Notes += (
        'The sign-in as the service account is made by hand in Pexip Infinity; -Mode Verify prints its steps.')
    $plan
}

function Test-AccountGateProof {
    Write-SecondGateProof 'account-authentication' -Organization (Read-Organization)
}
