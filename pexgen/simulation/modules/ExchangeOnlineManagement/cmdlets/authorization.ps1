# Test-ServicePrincipalAuthorization: evaluates what is configured now, without the cache that live calls go through.

$script:Permissions = @{
    'Application Mail Full Access'     = 'Mail.ReadWrite, Mail.Send'
    'Application Exchange Full Access' = 'Mail.ReadWrite, Mail.Send, Calendars.ReadWrite, Contacts.ReadWrite, EWS.AccessAsApp'
}

$script:Handler['Test-ServicePrincipalAuthorization'] = {
    param($Sent)
    $principal = Get-OnePrincipal (Get-Text $Sent['Identity'])
    $resource = if (Get-Text $Sent['Resource']) { Get-OneRecipient (Get-Text $Sent['Resource']) ($script:Mailboxes + 'User') }
    foreach ($assignment in @($script:Tenant.assignments)) {
        if ($assignment.assignee -ne $principal.Guid -or -not (Get-Field $assignment 'Enabled' $true)) { continue }
        $shown = Get-ShownAssignment $assignment
        $granted = $script:Permissions[$assignment.Role]
        if (-not $granted) { $granted = $assignment.Role -creplace '^Application ' }
        $inScope = if ($null -eq $resource) { 'Not Run' } else { Test-InScope $assignment $resource }
        [pscustomobject]@{
            RoleName = $assignment.Role; GrantedPermissions = $granted
            AllowedResourceScope = $shown.CustomResourceScope; ScopeType = $shown.RecipientWriteScope
            InScope = $(switch (Get-Setting 'inScopeAs' 'text') { 'text' { "$inScope" } 'bool' { $inScope } 'not-run' { 'Not Run' } })
        }
    }
}

function Test-InScope {
    <# Tells whether a mailbox is within an assignment's scope: direct membership alone counts. #>
    param($Assignment, $Resource)
    switch ($Assignment.scopeKind) {
        'CustomRecipientScope' {
            $scope = @($script:Tenant.scopes | Where-Object { $_.Guid -eq $Assignment.scope })
            if (-not $scope) { return $false }
            return [bool] (Test-Filter (Read-Filter $scope[0].RecipientFilter) $Resource)
        }
        'Group' { return @(Get-Field (Get-RecipientByGuid $Assignment.scope) 'members' @()) -contains $Resource.Guid }
        'AdministrativeUnit' { return $false }
        default { return $true }
    }
}
