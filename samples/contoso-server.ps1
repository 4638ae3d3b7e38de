<#
.SYNOPSIS
    Prepares Exchange Server for Pexip's VMR Scheduling for Exchange (Secure Scheduler for Exchange), with a service
    account.

.DESCRIPTION
    Makes or adopts the service account with its mailbox, gives it Application Impersonation over the whole
    organisation, a group or the equipment mailbox alone, makes or adopts the equipment mailbox that every meeting
    invites and sets its calendar, and looks at how the account can log in to EWS.

    It compares before it changes, changes only what differs, writes down what was there before, proves what it did, and
    can take it back. It has four modes:

    Check     (default) reads, compares, and prints current -> wanted for what differs. Writes nothing in Exchange.
    Apply     does what Check found, after one confirmation for each step. -WhatIf shows what it would do. Running it
              again when everything is as wanted writes nothing.
    Verify    proves the result from outside the steps.
    Rollback  takes back what the journals of Apply say was changed, last first, where it is still as it was left.

    What happens in what order: guards (the right organisation, one connection, every cmdlet and parameter that is
    needed, the right to hand out the role), then all comparisons, and only then the first write.

    Its steps, in order:

    account-mailbox - Service account
        Pexip: step 1 of 5. Risk: medium.
        Makes one new account with a mailbox, as which Pexip Infinity logs in. An account that is there already is
        never changed.
        Undo: An account that this step made is kept unless Rollback has -RemoveCreatedMailbox, the journal says that
        the runbook made it, and its mailbox holds no items. Removing the mailbox removes the account from Active
        Directory too.
        Roles: Mail Recipients, Mail Recipient Creation.
    impersonation - Application Impersonation
        Pexip: step 2 of 5. Risk: high.
        Widens access - with the scope organization the account may read and write every mailbox, with group those of
        the group's direct members, with equipment-only the equipment mailbox alone.
        Undo: Rollback removes the assignment and the scope that this step made. A scope that somebody else's
        assignment uses stays.
        Roles: Role Management, View-Only Recipients.
    equipment-mailbox - Equipment mailbox
        Pexip: step 3 of 5. Risk: low.
        Makes one new mailbox, or corrects display name and alias of the described one. No existing mailbox of a
        person is touched.
        Undo: Rollback gives back a display name or alias that was changed. A mailbox that this step made is kept
        unless Rollback has -RemoveCreatedMailbox, the journal says that the runbook made it, and it holds no items.
        Roles: Mail Recipients, Mail Recipient Creation.
    equipment-calendar - Calendar processing of the equipment mailbox
        Pexip: step 4 of 5. Risk: low.
        Changes how one equipment mailbox answers meeting requests. With an adopted mailbox that people already book,
        Exchange stops or starts answering for it.
        Undo: Rollback gives each setting back its value from before, where it is still as this step left it.
        Roles: Mail Recipients.
    account-authentication - Authentication of the service account
        Pexip: step 5 of 5. Risk: medium.
        Reads the EWS virtual directories of all servers. Where the description names one, a method is switched on
        there, which opens that way of logging in for every client of that server. Apply never switches one off.
        Undo: Rollback switches off again what this step switched on. Every client of that server loses that way of
        logging in.
        Roles: Exchange Virtual Directories.
    delegate-access - Delegates who may view the equipment mailbox
        Pexip: its section on viewing the equipment mailbox. Risk: low.
        Widens access - each delegate gets Full Access to the equipment mailbox, and to no other.
        Undo: Rollback removes the permissions that this step gave. Others stay.
        Roles: Mail Recipients.
    add-in - Outlook add-in of the organisation
        Pexip: making the add-in available to users, after the steps. Risk: medium.
        Puts an add-in into the Outlook of everybody, or of the named users, and what its manifest asks for is what it
        may do there. It gives nobody access to a mailbox in Exchange.
        Undo: Rollback removes an add-in that this step uploaded, and gives back settings and users that were changed.
        It stays where others were given it since, and so does a version that took the place of an older one, because
        the older manifest is not at hand.
        Roles: Org Custom Apps.

    It never stores, prints or asks for a password (it takes one as a SecureString), never changes an account that is
    there already, never switches off an authentication method that it did not switch on, never sends anything
    anywhere but to the Exchange session it runs in, and never removes a mailbox unless Rollback is told so with
    -RemoveCreatedMailbox.

    Run it in the Exchange Management Shell, or in a session connected to a server of the organisation, and without a
    connection to Exchange Online beside it. The runbook uses the session that is there; it opens none and closes none.

.PARAMETER Mode
    What to do. Check (default) reads and compares, prints current and wanted for everything that differs, and writes
    nothing in Exchange. Apply does what Check found, after one confirmation for each step. Verify proves the result
    from outside the steps. Rollback takes back what the journals say was changed.

.PARAMETER Step
    These steps only, by their IDs and in the runbook's own order, in every mode. All steps when it is left out. An
    unknown ID is refused.

.PARAMETER JournalPath
    The journal. Apply writes it (default: NAME-<UTC stamp>-<run id>.journal.jsonl in the current folder); an existing
    journal of this deployment and tenant is continued, any other is refused. Rollback needs the journals of the runs
    that it is to take back. Keep it with the change: without it there is no Rollback.

.PARAMETER ResultPath
    Where to write the result as JSON, in any mode. Apply and Rollback write one beside the journal without being
    asked (the journal's name with .MODE.result.json).

.PARAMETER WaitSeconds
    How long one step may wait, in all, for something to appear that Exchange has accepted. 0 never waits. A step that
    has waited long enough is pending: run the same command again later.

.PARAMETER RemoveCreatedMailbox
    Lets Rollback remove the mailbox too, if the journal says that this runbook made it and it holds no items.
    Otherwise the mailbox is kept.

.PARAMETER PasswordOfServiceAccount
    The password that a service account is made with, as a SecureString (Get-Credential, or Read-Host
    -AsSecureString). Needed by Apply where the account is to be made; without it that is refused. It is handed to
    New-Mailbox and stands in no journal and no result.

.PARAMETER AcceptUnreviewed
    Lets Apply run although this runbook was rendered from templates that have no review. Its first lines say so.

.PARAMETER Name
    The deployment's name. It names the journal and identifies the deployment in it.

.PARAMETER ChangeTicket
    The change ticket, for the journal and the result. Nothing in Exchange depends on it.

.PARAMETER TargetAcceptedDomain
    A domain that has to be an accepted domain of the connected Exchange organization, by which the runbook recognises
    it before anything else. Cannot be overridden.

.PARAMETER TargetVersion
    The version of the Exchange Server that the session is connected to - 2016, 2019 or SE. Cannot be overridden.

.PARAMETER EquipmentAddress
    The equipment mailbox's primary SMTP address. Pexip Infinity watches this mailbox.

.PARAMETER EquipmentName
    The name the equipment mailbox is made with. Never compared afterwards.

.PARAMETER EquipmentDisplayName
    The equipment mailbox's display name, compared and corrected. Empty stands for the name.

.PARAMETER EquipmentAlias
    The equipment mailbox's alias, compared and corrected. Empty makes the mailbox with the address' local part and
    compares nothing.

.PARAMETER EquipmentAdopt
    True if the equipment mailbox has to exist already. Its names are then left alone.

.PARAMETER EquipmentCalendar
    The equipment mailbox's calendar processing, under the parameter names of Set-CalendarProcessing. Settings that
    are not named are left alone. Compare them with your copy of Pexip's page.

.PARAMETER ProofInScope
    Mailboxes that have to be within Pexip's reach. Verify tests each.

.PARAMETER ProofOutOfScope
    Mailboxes that must be out of Pexip's reach. Verify tests each.

.PARAMETER Delegates
    Who may open the equipment mailbox to look into it (Account), and whether Outlook shows it to them on its own
    (Automapping).

.PARAMETER OneTouchJoinAccounts
    Accounts of a One-Touch Join integration, which this deployment must not share.

.PARAMETER OneTouchJoinGroups
    Groups of the rooms of a One-Touch Join integration. An equipment mailbox that is a member of one is refused.

.PARAMETER AddInManifest
    The add-in's manifest file, seen from the folder of this script. Empty asks for no add-in.

.PARAMETER AddInManifestSha256
    The SHA-256 of that file. Another one is never uploaded.

.PARAMETER AddInId
    The add-in's ID, from its manifest.

.PARAMETER AddInVersion
    The add-in's version, from its manifest.

.PARAMETER AddInProviderName
    The add-in's publisher, from its manifest. An add-in of the same ID by another one is a conflict.

.PARAMETER AddInDisplayName
    The add-in's name, from its manifest.

.PARAMETER AddInPermission
    What the manifest asks for - Restricted, ReadItem, ReadWriteItem or ReadWriteMailbox.

.PARAMETER AddInProvidedTo
    Who gets the add-in - everyone, or specific-users.

.PARAMETER AddInUsers
    The users who get it with specific-users, at most 1000. Others who have it keep it.

.PARAMETER AddInDefaultState
    The add-in's state for a user who has not chosen - enabled, disabled or always-enabled.

.PARAMETER ServiceAccountUserPrincipalName
    The user principal name of the account that Pexip Infinity signs in as.

.PARAMETER ServiceAccountName
    The name the service account's mailbox is made with. Never compared afterwards. Empty stands for the local part of
    the user principal name.

.PARAMETER ServiceAccountAdopt
    True if the service account has to exist already. It is then never made.

.PARAMETER ServiceAccountOrganizationalUnit
    The organizational unit that the service account is made in. Empty leaves that to Exchange.

.PARAMETER ImpersonationScope
    Whose mailboxes the service account may act in - organization (all), equipment-only (the equipment mailbox), or
    group (the members of one group). Empty asks for nothing.

.PARAMETER ImpersonationGroup
    The primary SMTP address of the group whose direct members the service account may act for.

.PARAMETER ImpersonationAssignment
    The name of the role assignment that gives the service account ApplicationImpersonation.

.PARAMETER ImpersonationScopeName
    The name of the management scope that limits that role assignment.

.PARAMETER AuthenticationMethods
    How Pexip Infinity signs in to EWS - basic, ntlm or kerberos. Empty asks for nothing.

.PARAMETER AuthenticationVirtualDirectory
    The EWS virtual directory on which missing methods are switched on. Empty changes none and only reports. Apply
    switches none off.

.EXAMPLE
    .\NAME.ps1

    Check: what differs from the description? Ends with 0 if nothing does, with 2 if something does.

.EXAMPLE
    .\NAME.ps1 -Mode Apply -WhatIf

    What Apply would write, step by step. Nothing is written, and no journal either.

.EXAMPLE
    .\NAME.ps1 -Mode Apply -JournalPath .\CHG0031337.journal.jsonl

    Apply. It asks once for each step and names all its writes. Keep the journal with the change.

.EXAMPLE
    .\NAME.ps1 -Mode Apply -PasswordOfServiceAccount (Get-Credential -UserName NAME -Message 'Service account').Password

    Apply where the account is to be made. The password is typed into the window that Get-Credential opens.

.EXAMPLE
    .\NAME.ps1 -Mode Verify -ResultPath .\CHG0031337.verify.json

    Verify, with the result as JSON for the change record.

.EXAMPLE
    .\NAME.ps1 -Mode Rollback -JournalPath .\CHG0031337.journal.jsonl -WhatIf

    What Rollback would take back. Without -WhatIf it asks, step by step, and does it.

.EXAMPLE
    .\NAME.ps1 -Mode Apply -Step account-mailbox, impersonation -Confirm:$false

    Two steps only, without questions: for a run that nobody watches.

.NOTES
    Exit codes, the first that fits:

    1  A defect: an error that nobody planned for.
    4  Refused, and this run has sent no write: a guard, a bad value, a conflict, Apply over something unreadable, no
       terminal to ask on without -Confirm:$false, or the first answer was No.
    3  Stopped after this run sent a write, be it one that was refused: failed, unreadable, a conflict, or No.
    6  Verify: something is disproved.
    2  Check, or -WhatIf: something differs.
    5  Done as far as can be: something is pending, blocked or kept; Check or Verify over something unreadable.
    0  Check: nothing differs. Apply: everything is as wanted. Verify: everything is proved. Rollback: all is undone.

    States of a step:

    in-place    as wanted                       not-asked   the description does not ask for it
    different   differs, Apply could change it  blocked     cannot be as wanted until a person decides
    conflict    not ours, or wider than said    unreadable  could not look; never taken for absent
    changed     done                            failed      Exchange refused
    skipped     answered No                     pending     done, but not there or not effective yet
    proved      Verify saw it                   disproved   Verify saw the opposite
    undone      given back                      kept        left as it is, with the reason

    Verify proves what Exchange is configured to do; its result lists under notChecked what an Exchange session cannot
    see, and how to check that by hand.

    Windows PowerShell 5.1, or PowerShell 7.4 and later. The file is run by its path; pasted or dot-sourced it refuses.
    Windows marks a file that came by mail or browser: compare its hash with the change record first (Get-FileHash),
    then Unblock-File. Where the execution policy is AllSigned, sign it; a signature leaves the body's digest as it is.
    In Constrained Language Mode it ends with 4 until it is signed or allowed.

    Everything after the line that begins the body is the same in every runbook of this method, and was reviewed as a
    whole. The runbook prints the digest of that text as bodySha256; the manifest beside the runbook names the same.
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingWriteHost', '',
    Justification = 'Talk is for the person at the console; the pipeline carries the results.')]
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High', PositionalBinding = $false)]
param(
    [ArgumentCompleter({
        @('Check', 'Apply', 'Verify', 'Rollback') -like "$($args[2])*"
    })]
    [string] $Mode = 'Check',
    [ArgumentCompleter({
        @(
            'account-mailbox'
            'impersonation'
            'equipment-mailbox'
            'equipment-calendar'
            'account-authentication'
            'delegate-access'
            'add-in'
        ) -like "$($args[2])*"
    })]
    [string[]] $Step = @(),
    [string[]] $JournalPath = @(),
    [string] $ResultPath = '',
    [int] $WaitSeconds = 900,
    [switch] $RemoveCreatedMailbox,
    [securestring] $PasswordOfServiceAccount,
    [switch] $AcceptUnreviewed,

    [string] $Name = 'contoso-server',
    [string] $ChangeTicket = 'CHG0031340',
    [string] $TargetAcceptedDomain = 'contoso.com',
    [string] $TargetVersion = 'SE',
    [string] $EquipmentAddress = 'pexip-scheduling@contoso.com',
    [string] $EquipmentName = 'Pexip Scheduling',
    [string] $EquipmentDisplayName = '',
    [string] $EquipmentAlias = '',
    [bool] $EquipmentAdopt = $false,
    [hashtable] $EquipmentCalendar = @{ AutomateProcessing = 'None' },
    [string[]] $ProofInScope = @('adele.vance@contoso.com'),
    [string[]] $ProofOutOfScope = @('megan.bowen@contoso.com'),
    [hashtable[]] $Delegates = @(@{ Account = 'pexip-admin@contoso.com'; Automapping = $false }),
    [string[]] $OneTouchJoinAccounts = @('pexip-otj@contoso.com'),
    [string[]] $OneTouchJoinGroups = @('pexip-otj-rooms@contoso.com'),
    [string] $AddInManifest = 'pexip-add-in.xml',
    [string] $AddInManifestSha256 = '0efe16ebb36f031b537a3547d4d5246317c9b3f902092900562154674c129540',
    [string] $AddInId = '4d0f2b7e-6a31-4c58-9b0d-7e5c3a1f2d64',
    [string] $AddInVersion = '1.0.0.0',
    [string] $AddInProviderName = 'Pexip',
    [string] $AddInDisplayName = 'Pexip Scheduling Service',
    [string] $AddInPermission = 'ReadWriteItem',
    [string] $AddInProvidedTo = 'specific-users',
    [string[]] $AddInUsers = @('adele.vance@contoso.com'),
    [string] $AddInDefaultState = 'enabled',
    [string] $ServiceAccountUserPrincipalName = 'pexip-service@contoso.com',
    [string] $ServiceAccountName = 'Pexip Service',
    [bool] $ServiceAccountAdopt = $false,
    [string] $ServiceAccountOrganizationalUnit = 'contoso.com/Service Accounts',
    [string] $ImpersonationScope = 'group',
    [string] $ImpersonationGroup = 'pexip-schedulers@contoso.com',
    [string] $ImpersonationAssignment = 'contoso-server-impersonation',
    [string] $ImpersonationScopeName = 'contoso-server-impersonation-scope',
    [string[]] $AuthenticationMethods = @('ntlm'),
    [string] $AuthenticationVirtualDirectory = 'EX01\EWS (Default Web Site)'
)

$PexgenReview = 'reviewed'

# ---- pexgen body ----
$Method = 'service-account'
$Platform = 'exchange-server'

$Value = @{
    Name = $Name
    ChangeTicket = $ChangeTicket
    TargetAcceptedDomain = $TargetAcceptedDomain
    TargetVersion = $TargetVersion
    EquipmentAddress = $EquipmentAddress
    EquipmentName = $EquipmentName
    EquipmentDisplayName = $EquipmentDisplayName
    EquipmentAlias = $EquipmentAlias
    EquipmentAdopt = $EquipmentAdopt
    EquipmentCalendar = $EquipmentCalendar
    ProofInScope = $ProofInScope
    ProofOutOfScope = $ProofOutOfScope
    Delegates = $Delegates
    OneTouchJoinAccounts = $OneTouchJoinAccounts
    OneTouchJoinGroups = $OneTouchJoinGroups
    AddInManifest = $AddInManifest
    AddInManifestSha256 = $AddInManifestSha256
    AddInId = $AddInId
    AddInVersion = $AddInVersion
    AddInProviderName = $AddInProviderName
    AddInDisplayName = $AddInDisplayName
    AddInPermission = $AddInPermission
    AddInProvidedTo = $AddInProvidedTo
    AddInUsers = $AddInUsers
    AddInDefaultState = $AddInDefaultState
    ServiceAccountUserPrincipalName = $ServiceAccountUserPrincipalName
    ServiceAccountName = $ServiceAccountName
    ServiceAccountAdopt = $ServiceAccountAdopt
    ServiceAccountOrganizationalUnit = $ServiceAccountOrganizationalUnit
    ImpersonationScope = $ImpersonationScope
    ImpersonationGroup = $ImpersonationGroup
    ImpersonationAssignment = $ImpersonationAssignment
    ImpersonationScopeName = $ImpersonationScopeName
    AuthenticationMethods = $AuthenticationMethods
    AuthenticationVirtualDirectory = $AuthenticationVirtualDirectory
}

$Run = @{
    Mode = $Mode
    Phase = ''
    ConfirmCutover = $false
    Step = $Step
    JournalPath = $JournalPath
    ResultPath = $ResultPath
    WaitSeconds = $WaitSeconds
    RemoveCreatedMailbox = [bool] $RemoveCreatedMailbox
    PasswordOfServiceAccount = $PasswordOfServiceAccount
    EwsListInPlaceSince = ''
    AcceptUnreviewed = [bool] $AcceptUnreviewed
    Review = $PexgenReview
}

$Facts = @{
    # Microsoft blocks new assignments of ApplicationImpersonation in Exchange Online. Source: Exchange team blog,
    # Tech Community 4062671; Message Center MC718754.
    RoleClosed = 'September 2024'
    # Microsoft removes the role ApplicationImpersonation from Exchange Online. Source: Exchange team blog, Tech
    # Community 4295762; Message Center MC724116.
    RoleRemoved = 'February 2025'
    # EwsAllowedAppIDs, the organization's list of applications that may use EWS, can be read. Source: Exchange team
    # blog, Tech Community 4529471.
    EwsListIntroduced = '2026-06-19'
    # Exchange Online begins to block EWS, tenant by tenant, where EwsEnabled is not set. Source: Exchange team blog,
    # Tech Community 4492361.
    EwsBlocked = '2026-10-01'
    # EWS in Exchange Online is off for good; nobody can switch it on again. Source: Exchange team blog, Tech
    # Community 4492361.
    EwsEnds = '2027-04-01'
    # The first ExchangeOnlineManagement module whose Get-ConnectionInformation takes -ConnectionId. Source: release
    # notes of the module.
    ModuleMinimum = '3.2.0'
    # From this module on, PowerShell 7 has to be 7.6 or later; Windows PowerShell 5.1 is unaffected. Source: release
    # notes of the module.
    ModuleNeedsNewer = '3.10'
    # The last ExchangeOnlineManagement module for PowerShell 7.4 and 7.5. Source: release notes of the module.
    ModuleLastOlder = '3.9.2'
    # The PowerShell 7 that module 3.10 needs. Source: release notes of the module.
    PowerShellNewer = '7.6'
    # The PowerShell 7 that module 3.5.0 needs. Source: release notes of the module.
    PowerShellMinimum = '7.4'
}

$CoreCmdlets = @{
    'Get-AcceptedDomain' = @('ErrorAction')
    'Get-ExchangeServer' = @('ErrorAction')
    'Get-ManagementRoleAssignment' = @('Delegating', 'ErrorAction', 'Role', 'RoleAssignee')
    'Get-OrganizationConfig' = @('ErrorAction')
    'Get-Recipient' = @('ErrorAction', 'Identity')
}

$Catalogue = [ordered]@{
    'account-mailbox' = @{
        Title = 'Service account'
        Pexip = 'step 1 of 5'
        Requires = @()
        Cmdlets = @{
            'Get-Mailbox' = @('ErrorAction', 'Identity')
            'Get-MailboxStatistics' = @('ErrorAction', 'Identity')
            'Get-User' = @('ErrorAction', 'Identity')
            'New-Mailbox' = @(
                'Confirm'
                'ErrorAction'
                'Name'
                'OrganizationalUnit'
                'Password'
                'ResetPasswordOnNextLogon'
                'UserPrincipalName'
            )
            'Remove-Mailbox' = @('Confirm', 'ErrorAction', 'Identity')
        }
    }
    'impersonation' = @{
        Title = 'Application Impersonation'
        Pexip = 'step 2 of 5'
        Requires = @('account-mailbox')
        Cmdlets = @{
            'Get-DistributionGroup' = @('ErrorAction', 'Identity')
            'Get-ManagementRoleAssignment' = @(
                'CustomRecipientWriteScope'
                'ErrorAction'
                'Identity'
                'RoleAssignee'
                'RoleAssigneeType'
            )
            'Get-ManagementScope' = @('ErrorAction', 'Identity')
            'Get-Recipient' = @('ErrorAction', 'RecipientPreviewFilter', 'ResultSize')
            'New-ManagementRoleAssignment' = @('Confirm', 'CustomRecipientWriteScope', 'ErrorAction', 'Name', 'Role', 'User')
            'New-ManagementScope' = @('Confirm', 'ErrorAction', 'Name', 'RecipientRestrictionFilter')
            'Remove-ManagementRoleAssignment' = @('Confirm', 'ErrorAction', 'Identity')
            'Remove-ManagementScope' = @('Confirm', 'ErrorAction', 'Identity')
            'Set-ManagementRoleAssignment' = @(
                'Confirm'
                'CustomRecipientWriteScope'
                'Enabled'
                'ErrorAction'
                'Identity'
                'RecipientRelativeWriteScope'
            )
        }
    }
    'equipment-mailbox' = @{
        Title = 'Equipment mailbox'
        Pexip = 'step 3 of 5'
        Requires = @()
        Cmdlets = @{
            'Get-DistributionGroupMember' = @('ErrorAction', 'Identity', 'ResultSize')
            'Get-Mailbox' = @('ErrorAction', 'Identity')
            'Get-MailboxStatistics' = @('ErrorAction', 'Identity')
            'New-Mailbox' = @(
                'Alias'
                'Confirm'
                'DisplayName'
                'Equipment'
                'ErrorAction'
                'Name'
                'PrimarySmtpAddress'
            )
            'Remove-Mailbox' = @('Confirm', 'ErrorAction', 'Identity')
            'Set-Mailbox' = @('Alias', 'Confirm', 'DisplayName', 'ErrorAction', 'Identity')
        }
    }
    'equipment-calendar' = @{
        Title = 'Calendar processing of the equipment mailbox'
        Pexip = 'step 4 of 5'
        Requires = @('equipment-mailbox')
        Cmdlets = @{
            'Get-CalendarProcessing' = @('ErrorAction', 'Identity')
            'Set-CalendarProcessing' = @('Confirm', 'ErrorAction', 'Identity')
        }
    }
    'account-authentication' = @{
        Title = 'Authentication of the service account'
        Pexip = 'step 5 of 5'
        Requires = @()
        Cmdlets = @{
            'Get-WebServicesVirtualDirectory' = @('ErrorAction', 'Identity')
            'Set-WebServicesVirtualDirectory' = @('BasicAuthentication', 'Confirm', 'ErrorAction', 'Identity', 'WindowsAuthentication')
        }
    }
    'delegate-access' = @{
        Title = 'Delegates who may view the equipment mailbox'
        Pexip = 'its section on viewing the equipment mailbox'
        Requires = @('equipment-mailbox')
        Cmdlets = @{
            'Add-MailboxPermission' = @(
                'AccessRights'
                'AutoMapping'
                'Confirm'
                'ErrorAction'
                'Identity'
                'InheritanceType'
                'User'
            )
            'Get-MailboxPermission' = @('ErrorAction', 'Identity', 'User')
            'Remove-MailboxPermission' = @('AccessRights', 'Confirm', 'ErrorAction', 'Identity', 'InheritanceType', 'User')
        }
    }
    'add-in' = @{
        Title = 'Outlook add-in of the organisation'
        Pexip = 'making the add-in available to users, after the steps'
        Requires = @()
        Cmdlets = @{
            'Get-App' = @('ErrorAction', 'OrganizationApp')
            'New-App' = @(
                'AllowReadWriteMailbox'
                'Confirm'
                'DefaultStateForUser'
                'Enabled'
                'ErrorAction'
                'FileData'
                'OrganizationApp'
                'ProvidedTo'
                'UserList'
            )
            'Remove-App' = @('Confirm', 'ErrorAction', 'Identity', 'OrganizationApp')
            'Set-App' = @(
                'Confirm'
                'DefaultStateForUser'
                'Enabled'
                'ErrorAction'
                'Identity'
                'OrganizationApp'
                'ProvidedTo'
                'UserList'
            )
        }
    }
}

#region core/00-language
# First of all, and in what Constrained Language Mode permits: in it the questions before a change cannot even be asked.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    Write-Host (
        "Refused: this session is in $($ExecutionContext.SessionState.LanguageMode) mode, " +
        'in which the script cannot ask before it changes something.')
    Write-Host (
        'Have the script signed with a certificate that your policy trusts, ' +
        'or run it where the policy allows it. Nothing was changed.')
    exit 4
}

# The file itself is part of what is recorded, so the script has to know which one it is.
if ($MyInvocation.MyCommand -isnot [System.Management.Automation.ExternalScriptInfo]) {
    Write-Host 'Refused: this does not run from a file. Save it and run it by its path. Nothing was changed.'
    exit 4
}

# Dot-sourced it would leave its settings and functions in the session; an exit would close the window instead.
if ($MyInvocation.InvocationName -eq '.') { throw 'Refused: run this by its path, without the dot. Nothing was changed.' }

# A function or alias of the session in front of a command that this script thinks with would think for it.
foreach ($key in 'ForEach-Object', 'Where-Object', 'Select-Object', 'Sort-Object', 'Group-Object', 'New-Object',
    'ConvertTo-Json', 'ConvertFrom-Json') {
    if ([string] (Microsoft.PowerShell.Core\Get-Command -Name $key -ErrorAction Ignore).CommandType -ne 'Cmdlet') {
        Write-Host (
            "Refused: $key is shadowed by something of this session. " +
            'Open a new window without a profile. Nothing was changed.')
        exit 4
    }
}

# An alias comes before a function: one of the name of a function of this file, or of what it calls, would take its
# place.
$names = @($MyInvocation.MyCommand.ScriptBlock.Ast.EndBlock.Statements |
        Where-Object -FilterScript { $_ -is [System.Management.Automation.Language.FunctionDefinitionAst] } |
        ForEach-Object -Process { $_.Name }) +
    @('Set-StrictMode', 'Test-Path', 'Write-Host', 'Write-Progress')
foreach ($key in @($ExecutionContext.SessionState.InvokeProvider.ChildItem.Get('Alias:', $false))) {
    if ($names -contains $key.Name) {
        Write-Host (
            "Refused: the alias $($key.Name) of this session would stand in for a command of this script. " +
            'Open a new window without a profile. Nothing was changed.')
        exit 4
    }
}

# A default of the session for this script's parameters would be taken for what was typed, and one for -Confirm for
# consent.
$common = 'WhatIf', 'Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'InformationAction', 'ProgressAction',
    'ErrorVariable', 'WarningVariable', 'InformationVariable', 'OutVariable', 'OutBuffer', 'PipelineVariable'
foreach ($key in @($PSDefaultParameterValues.Keys)) {
    $parts = ([string] $key).Split([char[]] ':')
    $names = @($MyInvocation.MyCommand.Parameters.Keys |
            Where-Object -FilterScript { $common -notcontains $_ -and $_ -like $parts[-1].Trim() })
    $isMeant = @($MyInvocation.MyCommand.Name, $MyInvocation.MyCommand.Path | Where-Object -FilterScript {
            $_ -like ($parts[0..([Math]::Max(0, $parts.Count - 2))] -join ':').Trim() }).Count -gt 0
    $isOff = $parts.Count -lt 2 -or $PSDefaultParameterValues['Disabled']
    if ($isOff -or $names.Count -eq 0 -or -not $isMeant) { continue }
    Write-Host (
        "Refused: `$PSDefaultParameterValues['$key'] gives this script -$($names -join ', -'), which nobody typed. " +
        'Open a new window without a profile. Nothing was changed.')
    exit 4
}

# What an operator has set for a session must not change what this script does; asking is left out by -Confirm:$false
# alone.
Set-StrictMode -Version 3.0
if ('Stop', 'Inquire', 'Ignore' -contains $InformationPreference) { $InformationPreference = 'SilentlyContinue' }
if ('Stop', 'Inquire' -contains $ProgressPreference) { $ProgressPreference = 'SilentlyContinue' }
if (-not $PSBoundParameters.ContainsKey('Confirm')) { $ConfirmPreference = 'High' }
$ErrorActionPreference = 'Stop'
$PSDefaultParameterValues = @{}
$OFS = ' '

# From powershell.exe -File a list comes as one text, and nobody keeps an operator from giving $null.
foreach ($key in @($Value.Keys)) {
    $type = $MyInvocation.MyCommand.Parameters[$key].ParameterType
    if ($type -eq [string[]]) {
        $Value[$key] = @($Value[$key] | ForEach-Object -Process { ([string] $_).Split([char] ',') } |
                ForEach-Object -Process { $_.Trim() } | Where-Object -FilterScript { $_ })
    } elseif ($type -eq [hashtable[]]) {
        $Value[$key] = @($Value[$key] | Where-Object -FilterScript { $null -ne $_ })
    } elseif ($type -eq [hashtable] -and $null -eq $Value[$key]) {
        $Value[$key] = @{}
    }
}

# Each step's file adds itself here: how it is compared, changed, read back, proved and undone.
$Steps = [ordered]@{}
#endregion

#region core/10-values
# Values: how this script looks at an answer, compares it and shows it.

function Get-Property {
    # An answer may lack a property, and strict mode makes a missing one an error.
    param($InputObject, [string] $Name)
    if ($null -eq $InputObject) { return $null }
    $property = $InputObject.PSObject.Properties[$Name]
    # Said, because no value at all would make [string] of it null instead of empty.
    if ($null -ne $property) { $property.Value } else { $null }
}

function Get-Text {
    param($InputObject, [string] $Name)
    [string] (Get-Property $InputObject $Name)
}

function Get-Filled {
    # Results say null where there is nothing.
    param([string] $Text)
    if ($Text -ne '') { $Text } else { $null }
}

function ConvertTo-Comparable {
    # Exchange answers with text, numbers or truth values for the same thing, depending on module and version.
    param($InputObject)
    $text = [string] (@($InputObject) -join ', ')
    if ($text -eq 'True') { return 'True' }
    if ($text -eq 'False') { return 'False' }
    $text
}

function Test-Same {
    param($Left, $Right)
    [string]::Equals((ConvertTo-Comparable $Left), (ConvertTo-Comparable $Right), [System.StringComparison]::Ordinal)
}

function Test-SameName {
    # Addresses, identifiers and object names: case means nothing, and an empty one is never equal to anything.
    param([string] $Left, [string] $Right)
    $Left -ne '' -and [string]::Equals($Left, $Right, [System.StringComparison]::OrdinalIgnoreCase)
}

function Test-SameProperty {
    # Of names, addresses, identifiers and filters Exchange keeps the case but does not tell by it; of texts it does.
    param([string] $Name, $Left, $Right)
    $anyCase = 'PrimarySmtpAddress', 'UserPrincipalName', 'AppId', 'ObjectId', 'App', 'User', 'Role',
        'CustomResourceScope', 'CustomRecipientWriteScope', 'RecipientFilter'
    # No scope of its own, and so no filter, is an answer about a user's assignment; everything else here is never
    # empty, and if it is, it equals nothing.
    $mayBeEmpty = 'CustomRecipientWriteScope', 'RecipientFilter' -ccontains $Name -and [string] $Left -eq ''
    if ($anyCase -ccontains $Name -and -not $mayBeEmpty) { return Test-SameName $Left $Right }
    Test-Same $Left $Right
}

function Format-Value {
    param($InputObject)
    if ($null -eq $InputObject -or ($InputObject -is [string] -and $InputObject -eq '')) { return '(not set)' }
    if ($InputObject -is [string]) { return "'$InputObject'" }
    ConvertTo-Comparable $InputObject
}

function Get-UtcNow {
    [datetime]::UtcNow
}

function Format-Utc {
    param([datetime] $Time)
    $Time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", [System.Globalization.CultureInfo]::InvariantCulture)
}

function Get-TargetName {
    if ($Platform -ceq 'exchange-online') { $Value.TargetOrganization } else { $Value.TargetAcceptedDomain }
}

function Get-Sha256 {
    param([byte[]] $Bytes)
    $digest = [System.Security.Cryptography.SHA256]::Create().ComputeHash($Bytes)
    [System.BitConverter]::ToString($digest).Replace('-', '').ToLowerInvariant()
}

function Get-BodySha256 {
    # Of the text below the line that begins the body, up to a signature: what a review names.
    $text = [System.IO.File]::ReadAllText($Run.ScriptPath).Replace("`r`n", "`n")
    $begin = "`n# ---- pexgen body ----`n"
    $text = $text.Substring($text.IndexOf($begin, [System.StringComparison]::Ordinal) + $begin.Length)
    $end = $text.IndexOf("`n# SIG # Begin signature block", [System.StringComparison]::Ordinal)
    if ($end -ge 0) { $text = $text.Substring(0, $end) }
    Get-Sha256 ([System.Text.Encoding]::UTF8.GetBytes($text.TrimEnd("`n") + "`n"))
}

function Get-LocalPart {
    param([string] $Address)
    $Address.Substring(0, $Address.IndexOf('@'))
}

function Get-ObjectId {
    # The identity to write with: names and addresses change, these do not. Never empty: an empty one means "all".
    param($InputObject)
    foreach ($name in 'Guid', 'ExternalDirectoryObjectId', 'ObjectId', 'DistinguishedName', 'Identity') {
        $id = Get-Text $InputObject $name
        if ($id -ne '' -and $id -ne [string] [guid]::Empty) { return $id }
    }
    throw (Get-Stop -State 'unreadable' -Detail 'Exchange answered with an object that has no identity')
}

function Get-Identifier {
    # Everything by which Exchange may name this object elsewhere. The alias is not among it: it need not be unique.
    param($InputObject)
    foreach ($name in 'PrimarySmtpAddress', 'WindowsLiveID', 'Guid', 'ExternalDirectoryObjectId', 'DistinguishedName',
        'Identity', 'Name') {
        $id = Get-Text $InputObject $name
        if ($id -ne '' -and $id -ne [string] [guid]::Empty) { $id }
    }
}

# A snapshot is what the journal records of an object before and after: whether it is there, which one, which values.

function Get-Snapshot {
    param([bool] $Exists, [string] $Id, $Properties)
    [ordered]@{ exists = $Exists; id = $Id; properties = $Properties }
}

function Get-Present {
    param([string] $Id, $Properties)
    Get-Snapshot -Exists $true -Id $Id -Properties $Properties
}

function Get-Absent {
    param([string] $Id)
    Get-Snapshot -Exists $false -Id $Id -Properties ([ordered]@{})
}

function Test-Snapshot {
    # True when what is there now is what the other snapshot says, in every property that the other one names.
    param([System.Collections.IDictionary] $Now, [System.Collections.IDictionary] $Expected)
    if ($Now.exists -ne $Expected.exists) { return $false }
    if (-not $Expected.exists) { return $true }
    foreach ($name in $Expected.properties.Keys) {
        if (-not (Test-SameProperty -Name $name -Left $Now.properties[$name] -Right $Expected.properties[$name])) {
            return $false
        }
    }
    $true
}

function Get-SnapshotPart {
    param([System.Collections.IDictionary] $Snapshot, [string[]] $Names)
    $properties = [ordered]@{}
    foreach ($name in $Names) { $properties[$name] = $Snapshot.properties[$name] }
    Get-Snapshot $Snapshot.exists -Id $Snapshot.id -Properties $properties
}
#endregion

#region core/20-exchange
# Exchange: the only places where an error of a cmdlet is given a meaning.

function Get-Stop {
    # What ends a step early, as an exception that carries the state; anything else that is thrown is a defect.
    param([string] $State, [string] $Detail, [string] $Guard = '', [string] $RequestId = '')
    $stop = New-Object -TypeName System.InvalidOperationException -ArgumentList $Detail
    $stop.Data['pexgen'] = @{ State = $State; Detail = $Detail; Guard = $Guard; RequestId = $RequestId }
    $stop
}

function Get-StopOf {
    param($ErrorRecord)
    if ($ErrorRecord.Exception.Data.Contains('pexgen')) { $ErrorRecord.Exception.Data['pexgen'] }
}

function Get-ErrorName {
    # The exception's class, first where PowerShell names it, then where the message does (id|class|text); '' where
    # nobody does. Class names survive translation.
    param($ErrorRecord)
    $unspecific = '', 'Exception', 'RuntimeException', 'RemoteException', 'WriteErrorException',
        'CmdletInvocationException', 'ActionPreferenceStopException'
    $message = [string] $ErrorRecord.Exception.Message
    $class = [string] $ErrorRecord.CategoryInfo.Reason
    if ($unspecific -ccontains $class) {
        # A remote session of Exchange Server names it in the error's identifier: [FailureCategory=Cmdlet-...].
        $class = [regex]::Match([string] $ErrorRecord.FullyQualifiedErrorId,
            '\[FailureCategory=\w+-(\w+Exception)\]').Groups[1].Value
    }
    if ($unspecific -ccontains $class) {
        $class = [regex]::Match($message, '(?:^|^[^|]*\|)\s*(?:\w+\.)*(\w+Exception)\b').Groups[1].Value
    }
    $class
}

function Get-ErrorClass {
    # The exception's class decides. Only the not-found class ever means that something is absent.
    param($ErrorRecord)
    $classes = @{
        ManagementObjectNotFoundException = 'absent'; ManagementObjectAmbiguousException = 'ambiguous'
        ADObjectAlreadyExistsException = 'exists'; MemberAlreadyExistsException = 'exists'
        ProxyAddressExistsException = 'exists'
    }
    $class = Get-ErrorName $ErrorRecord
    $message = [string] $ErrorRecord.Exception.Message
    if ($classes.ContainsKey($class)) { return $classes[$class] }
    # Words last, and only where a mistake costs a wait: what exists already is read and compared before it counts.
    if ($message -cmatch ('already exists|is already being used by the proxy addresses|' +
            'is already a member|is already assigned')) { return 'exists' }
    'other'
}

function Get-RequestId {
    # Microsoft's support asks for it: [Server=...,RequestId=...,TimeStamp=...]
    param($ErrorRecord)
    $found = [regex]::Match([string] $ErrorRecord.FullyQualifiedErrorId, 'RequestId=([0-9A-Fa-f-]+)')
    if ($found.Success) { $found.Groups[1].Value } else { '' }
}

function Get-ErrorText {
    param($ErrorRecord)
    $text = [string] $ErrorRecord.Exception.Message
    $parts = $text.Split([char[]] '|', 3)
    if ($parts.Count -eq 3) { $text = "$($parts[2]) [$($parts[1])]" }
    $text.Trim()
}

function Invoke-Read {
    # Everything that the call answered, or nothing where Exchange says that there is no such object. Any other error
    # stops the step as unreadable: what could not be looked at is never taken for absent.
    param([scriptblock] $Call, [string] $Subject, [string] $IfAbsent = '')
    try { @(& $Call) | Where-Object -FilterScript { $null -ne $_ } }
    catch {
        if (Get-StopOf $_) { throw }
        $class = Get-ErrorClass $_
        if ($class -eq 'absent' -and $IfAbsent -eq '') { return }
        if ($class -eq 'absent') {
            throw (Get-Stop -State $IfAbsent -Detail "$Subject cannot be seen: $(Get-ErrorText $_)" -RequestId (
                    Get-RequestId $_))
        }
        if ($class -eq 'ambiguous') {
            throw (Get-Stop -State 'conflict' -Detail "$Subject is not one object: $(Get-ErrorText $_)" -RequestId (
                    Get-RequestId $_))
        }
        throw (Get-Stop -State 'unreadable' -Detail "$Subject could not be read: $(Get-ErrorText $_)" -RequestId (
                Get-RequestId $_))
    }
}

function Get-LateReadState {
    # What "not found" means about a part of something that is there: in Apply the part may just be late.
    if ($Run.Mode -eq 'Apply') { 'pending' } else { 'unreadable' }
}

function Invoke-ReadOne {
    # One object or $null.
    param([scriptblock] $Call, [string] $Subject)
    $found = @(Invoke-Read -Call $Call -Subject $Subject)
    if ($found.Count -gt 1) {
        $names = @($found | ForEach-Object -Process { Get-Text $_ 'Identity' }) -join ', '
        throw (Get-Stop -State 'conflict' -Detail "$Subject is not one object but $($found.Count): $names")
    }
    if ($found.Count -eq 1) { $found[0] } else { $null }
}

function Get-Answered {
    # A property that is compared or given back: an answer that lacks it does not say that it is empty.
    param($InputObject, [string] $Name)
    if ($null -eq $InputObject -or $null -eq $InputObject.PSObject.Properties[$Name]) {
        throw (Get-Stop -State 'unreadable' -Detail (
                "Exchange's answer about '$(Get-Text $InputObject 'Identity')' has no $Name."))
    }
    Get-Property $InputObject $Name
}

function Get-AnsweredText {
    param($InputObject, [string] $Name)
    [string] (Get-Answered $InputObject -Name $Name)
}

function Get-RecipientOf {
    # Read once a pass: most steps begin at the same two addresses.
    param([string] $Address)
    if (-not $Run.Seen.ContainsKey($Address)) {
        $Run.Seen[$Address] = Invoke-ReadOne -Subject "recipient $Address" -Call {
            Get-Recipient -Identity $Address -ErrorAction Stop
        }
    }
    $Run.Seen[$Address]
}

function Format-Recipient {
    param($Recipient)
    "$(Get-Text $Recipient 'RecipientTypeDetails') " +
        "'$(Get-Text $Recipient 'DisplayName')' <$(Get-Text $Recipient 'PrimarySmtpAddress')>"
}

function Test-Synchronised {
    # Such an object is mastered on-premises: Exchange Online refuses to change it.
    param($InputObject)
    (Test-Same (Get-Property $InputObject 'IsDirSynced') $true) -and
        -not (Test-Same (Get-Property $InputObject 'IsExchangeCloudManaged') $true)
}
#endregion

#region core/30-journal
# Journal: one line of JSON for each thing done, on disk before the change that it announces.

function Get-FullPath {
    # Relative paths are relative to the operator's location, which .NET does not know; brackets are no wildcards.
    param([string] $Path)
    $provider = $null
    $drive = $null
    try {
        $full = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath(
            $Path, [ref] $provider, [ref] $drive)
    } catch {
        throw (Get-Stop -State 'refused' -Guard 'paths' -Detail (
                "'$Path' is no path: $($_.Exception.GetBaseException().Message)"))
    }
    Assert-That ($provider.Name -eq 'FileSystem') -Guard 'paths' -Message "'$Path' is not a path of the file system."
    $full
}

function ConvertTo-PlainObject {
    # ConvertFrom-Json turns text that looks like a time into a time. Every text of a line gets a mark in front before
    # it is parsed, so that none does, and loses it here; objects become hashtables.
    param($InputObject)
    if ($InputObject -is [string]) { return $InputObject.Substring(1) }
    if ($InputObject -is [System.Management.Automation.PSCustomObject]) {
        $plain = [ordered]@{}
        foreach ($property in $InputObject.PSObject.Properties) {
            $plain[$property.Name.Substring(1)] = ConvertTo-PlainObject $property.Value
        }
        return $plain
    }
    if ($InputObject -is [System.Collections.IList]) {
        return , @($InputObject | ForEach-Object -Process { ConvertTo-PlainObject $_ })
    }
    $InputObject
}

function ConvertFrom-JournalLine {
    param([string] $Line)
    $marked = [regex]::Replace($Line, '"((?:[^"\\]|\\.)*)"', '"~$1"')
    ConvertTo-PlainObject (ConvertFrom-Json -InputObject $marked)
}

function Test-JournalSnapshot {
    param($Side)
    if ($Side -isnot [System.Collections.IDictionary] -or $Side['exists'] -isnot [bool] -or
        $Side['id'] -isnot [string] -or $Side['id'] -eq '' -or
        $Side['properties'] -isnot [System.Collections.IDictionary]) { return $false }
    foreach ($given in $Side['properties'].Values) {
        if ($null -ne $given -and $given -isnot [string] -and $given -isnot [bool] -and
            $given -isnot [int] -and $given -isnot [long]) { return $false }
    }
    $true
}

function Test-JournalEvent {
    # A journal is undone by, so a line has to be one that this script could have written: the properties of its step,
    # and before and after of one object.
    param($Entry)
    if ($Entry -isnot [System.Collections.IDictionary] -or
        'intent', 'done', 'failed', 'undone' -cnotcontains $Entry['event'] -or
        -not $Steps.Contains([string] $Entry['step']) -or -not $Entry.Contains('after')) { return $false }
    $before = $Entry['before']
    $wanted = $Entry['wanted']
    if (-not (Test-JournalSnapshot $before) -or -not (Test-JournalSnapshot $wanted)) { return $false }
    if ($null -ne $Entry['after'] -and -not (Test-JournalSnapshot $Entry['after'])) { return $false }
    if ($Entry['event'] -ceq 'undone') { return $true }
    $step = $Steps[[string] $Entry['step']]
    if ($before['id'] -cne $wanted['id']) { return $false }
    if ($step.Contains('Ids') -and $wanted['id'] -cnotmatch $step.Ids) { return $false }
    if (-not $wanted['exists']) { return Test-Removal $Entry -Step $step }
    # Recipients get their lasting identity when they are made, and are told by their address; all others keep their
    # name.
    if ($null -ne $Entry['after'] -and -not $step.Contains('Kind') -and
        -not (Test-SameName $Entry['after']['id'] $wanted['id'])) { return $false }
    $names = @($wanted['properties'].Keys)
    if (@($names | Where-Object -FilterScript { $_.Trim() -eq '' -or $_.Contains(',') }).Count -gt 0) { return $false }
    foreach ($side in @($before) + @($Entry['after'])) {
        if ($null -ne $side -and $side['exists'] -and (@($side['properties'].Keys) -join ',') -cne ($names -join ',')) {
            return $false
        }
    }
    if (-not $before['exists']) {
        return @($step.Made | Where-Object -FilterScript { ($names -join ',') -cmatch "^(?:$_)$" }).Count -gt 0
    }
    $names.Count -gt 0 -and @($names | Where-Object -FilterScript { $_ -cnotmatch "^(?:$($step.Set))$" }).Count -eq 0
}

function Test-Removal {
    # Only what a step says that it removes, and nothing that is said to be there afterwards.
    param($Entry, [hashtable] $Step)
    $names = @($Entry['before']['properties'].Keys) -join ','
    $Step.Contains('Removed') -and $Entry['before']['exists'] -and $Step.Removed -ccontains $names -and
        ($null -eq $Entry['after'] -or -not $Entry['after']['exists'])
}

function Get-JournalRefusal {
    param([string] $Path, [int] $Line)
    Get-Stop -State 'refused' -Guard 'journal' -Detail (
        "Line $Line of journal '$Path' is not what this script writes (format pexgen.journal/1). " +
        'Was it edited, saved again by another program, or is it of another tool or version? Nothing was changed.')
}

function Read-JournalText {
    # As UTF-8, with or without its mark. What was saved again as something else would be continued in two encodings.
    param([string] $Path)
    # A device has no length, and no end either. Of a file that is not there the length is $null, without an error.
    $bytes = [byte[]] @()
    try {
        $length = (New-Object -TypeName System.IO.FileInfo -ArgumentList $Path).Length
        if ($null -eq $length -or $length -gt 0) { $bytes = [System.IO.File]::ReadAllBytes($Path) }
    } catch {
        throw (Get-Stop -State 'refused' -Guard 'journal' -Detail (
                "Journal '$Path' could not be read: $($_.Exception.GetBaseException().Message)"))
    }
    $Run.Lengths[$Path] = $bytes.Length
    # What is no UTF-8 becomes U+FFFF, which no value has.
    $strange = New-Object -TypeName System.Text.DecoderReplacementFallback -ArgumentList ([string] [char] 0xFFFF)
    $encoding = [System.Text.Encoding]::GetEncoding(
        'utf-8', (New-Object -TypeName System.Text.EncoderExceptionFallback), $strange)
    $text = $encoding.GetString($bytes).TrimStart([char] 0xFEFF)
    if ($text.IndexOf([char] 0) -ge 0) { throw (Get-JournalRefusal $Path -Line 1) }
    $text
}

function Read-Journal {
    # The runs of one journal, oldest first. One torn line at the end of a run is what a killed run leaves, and
    # announces nothing that was done; anything else that cannot be understood is refused: undoing by it would be
    # guessing.
    param([string] $Path)
    $runs = New-Object -TypeName System.Collections.ArrayList
    $text = Read-JournalText $Path
    $isOurs = $text.StartsWith('{"format":"pexgen.journal/1"', [System.StringComparison]::Ordinal)
    $lines = $text.Split([char] 10)
    $torn = $false
    for ($n = 0; $n -lt $lines.Count; $n++) {
        if ($lines[$n].Trim() -eq '') { continue }
        try { $entry = ConvertFrom-JournalLine $lines[$n] }
        catch {
            # A torn header is a run of its own, which did nothing.
            $isHeader = $lines[$n].StartsWith('{"format"', [System.StringComparison]::Ordinal)
            if (($torn -and -not $isHeader) -or -not $isOurs) { throw (Get-JournalRefusal $Path -Line ($n + 1)) }
            $torn = $true
            Write-Host "Note      Line $($n + 1) of '$Path' is torn, as a killed run leaves it, and is passed over."
            continue
        }
        # A letter that was saved in another encoding would be given back as something else.
        $isText = $lines[$n].IndexOf([char] 0xFFFF) -lt 0
        if ($isText -and $entry -is [System.Collections.IDictionary] -and $entry['format'] -ceq 'pexgen.journal/1') {
            $torn = $false
            [void] $runs.Add(@{
                    Header = $entry; Entries = (New-Object -TypeName System.Collections.ArrayList); Path = $Path })
        } elseif ($isText -and -not $torn -and $runs.Count -gt 0 -and (Test-JournalEvent $entry) -and
            $entry['run'] -ceq $runs[-1].Header['run']) {
            [void] $runs[-1].Entries.Add($entry)
        } else { throw (Get-JournalRefusal $Path -Line ($n + 1)) }
    }
    , $runs.ToArray()
}

function Read-AllJournal {
    # The runs of all files, oldest first, as they were made: one file may have been continued after another one began.
    foreach ($path in $Run.JournalPath) {
        $runs = Read-Journal $path
        Assert-That ($runs.Count -gt 0) -Guard 'journal' -Message "There is no run in '$path'."
        $Run.Runs += $runs
    }
    for ($n = 0; $n -lt $Run.Runs.Count; $n++) { $Run.Runs[$n]['Order'] = $n }
    $Run.Runs = @($Run.Runs | Sort-Object -Property { [string] $_.Header['utc'] }, { $_.Order })
    $phases = @($Run.Runs | ForEach-Object -Process { [string] $_.Header['phase'] } | Select-Object -Unique)
    if ($phases.Count -eq 1) { $Run.Phase = $phases[0] }
    foreach ($one in $Run.Runs) { foreach ($entry in $one.Entries) { $Run.InJournal[[string] $entry['step']] = $true } }
}

function Test-JournalOwner {
    # Undoing or continuing with a journal of another deployment or tenant could change what is not ours.
    param([object[]] $Runs)
    foreach ($one in $Runs) {
        $theirs = [ordered]@{
            deployment = $one.Header['name']; method = $one.Header['method']; platform = $one.Header['platform']
            tenant = Get-TenantKey $one.Header['tenant']; 'connection URI' = $one.Header['connectionUri']
        }
        $ours = @{
            deployment = $Value.Name; method = $Method; platform = $Platform
            tenant = Get-TenantKey $Run.Tenant; 'connection URI' = $Run.ConnectionUri
        }
        foreach ($what in $theirs.Keys) {
            $same = [string]::Equals(
                [string] $theirs[$what], [string] $ours[$what], [System.StringComparison]::OrdinalIgnoreCase)
            Assert-That $same -Guard 'journal' -Message (
                "Journal '$($one.Path)' belongs to another ${what}: " +
                "it says '$($theirs[$what])', this run is for '$($ours[$what])'.")
        }
    }
}

function Open-Journal {
    # Held open for the whole run, for this run alone: two runs at once on one file would mix their memories. Rollback
    # holds all that it was given, and writes into the last.
    param([string] $Path, [bool] $Writes = $true)
    try {
        $file = if ($Writes) { [System.IO.File]::Open($Path, 'OpenOrCreate', 'ReadWrite', 'None') }
        else { [System.IO.File]::Open($Path, 'Open', 'Read', 'None') }
        $Run.Held += $file
        if ($Run.Lengths.ContainsKey($Path) -and $file.Length -ne $Run.Lengths[$Path]) {
            throw 'another run has written to it after it was read.'
        }
        if (-not $Writes) { return }
        if ($file.Length -gt 0) {
            [void] $file.Seek(-1, 'End')
            $torn = $file.ReadByte() -ne 10
            if ($torn) { $file.WriteByte(10) }
        }
        $Run.Journal = $file
    } catch {
        throw (Get-Stop -State 'refused' -Guard 'journal' -Detail (
                "Journal '$Path' cannot be opened for this run alone, or not written: " +
                "$($_.Exception.GetBaseException().Message)"))
    }
}

function Write-Journal {
    # Announces: what is announced is not done where this fails.
    param([System.Collections.IDictionary] $Entry, [bool] $Announces = $true)
    $line = ConvertTo-Json -InputObject $Entry -Depth 8 -Compress
    $bytes = (New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false).GetBytes($line + "`n")
    try {
        $Run.Journal.Write($bytes, 0, $bytes.Length)
        $Run.Journal.Flush($true)
        $Run.Journalled = $true
    } catch {
        $what = if ($Announces) { 'so nothing was changed that it would have announced.' }
        else { 'after the change was made. The change stays; the same run again finds it in place.' }
        throw (Get-Stop -State 'failed' -Guard 'journal' -Detail (
                "The journal could not be written ($($_.Exception.GetBaseException().Message)), $what"))
    }
}

function Write-JournalHeader {
    Write-Journal ([ordered]@{
            format = 'pexgen.journal/1'; run = $Run.Id; name = $Value.Name; method = $Method; platform = $Platform
            phase = Get-Filled $Run.Phase; bodySha256 = $Run.BodySha256
            tenant = $Run.Tenant; connectionUri = $Run.ConnectionUri
            operator = Get-Filled $Run.Operator; changeTicket = Get-Filled $Value.ChangeTicket
            overrides = @($Run.Overrides); utc = Format-Utc (Get-UtcNow)
        })
}

function Write-JournalEvent {
    param([string] $Name, [hashtable] $Change, $After = $null)
    $entry = [ordered]@{
        run = $Run.Id; step = $Change.Step; event = $Name
        before = $Change.Before; wanted = $Change.Wanted; after = $After; utc = Format-Utc (Get-UtcNow)
    }
    if ($Steps[$Change.Step].Contains('Advice')) { $entry['advice'] = $Steps[$Change.Step].Advice }
    Write-Journal $entry -Announces ($Name -ceq 'intent')
}
#endregion

#region core/40-guards
# Guards: everything that has to be true before anything is written. They run in this order, and none reaches a write.

function Assert-That {
    param($Condition, [string] $Guard, [string] $Message)
    if (-not $Condition) { throw (Get-Stop -State 'refused' -Guard $Guard -Detail $Message) }
}

function Assert-Sane {
    param($Condition, [string] $Message)
    Assert-That $Condition -Guard 'values' -Message $Message
}

function Test-Guid {
    param([string] $Text)
    $Text -cmatch '^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$' -and $Text -ne [string] [guid]::Empty
}

function Test-Address {
    param([string] $Text)
    $Text.Length -le 320 -and $Text -cmatch '^[^\s@*"<>(),;:\\\[\]]+@[^\s@*"<>(),;:\\\[\]]+\.[^\s@*"<>(),;:\\\[\]]+$'
}

function Assert-Engine {
    $version = $PSVersionTable.PSVersion
    $known = ($version.Major -eq 5 -and $version.Minor -ge 1) -or $version -ge [version] $Facts.PowerShellMinimum
    Assert-That $known -Guard 'engine' -Message (
        "This is PowerShell $version. Use Windows PowerShell 5.1, or PowerShell $($Facts.PowerShellMinimum) or later.")
}

function Get-RenderedDefault {
    # What the file itself says, to be shown beside what an operator gave on the command line instead.
    param($ScriptBlock, [string] $Name)
    foreach ($parameter in $ScriptBlock.Ast.ParamBlock.Parameters) {
        if ($parameter.Name.VariablePath.UserPath -eq $Name) { return , $parameter.DefaultValue.SafeGetValue() }
    }
}

function Get-Override {
    param($Bound, $ScriptBlock)
    foreach ($name in @($Value.Keys | Sort-Object)) {
        if (-not $Bound.ContainsKey($name)) { continue }
        $rendered = Get-RenderedDefault -ScriptBlock $ScriptBlock -Name $name
        $used = $Value[$name]
        $same = [string]::Equals(
            (ConvertTo-Json -InputObject $rendered -Depth 4 -Compress),
            (ConvertTo-Json -InputObject $used -Depth 4 -Compress), 'Ordinal')
        if (-not $same) { [ordered]@{ parameter = $name; rendered = $rendered; used = $used } }
    }
}

function Assert-RunParameter {
    Assert-Sane ('Check', 'Apply', 'Verify', 'Rollback' -ccontains $Run.Mode) (
        '-Mode is one of Check, Apply, Verify, Rollback.')
    foreach ($id in $Run.Step) {
        Assert-Sane ($Steps.Contains($id)) (
            "-Step '$id' is no step of this runbook. Its steps: $(@($Steps.Keys) -join ', ').")
    }
    Assert-Sane ($Run.WaitSeconds -ge 0 -and $Run.WaitSeconds -le 86400) (
        '-WaitSeconds is a number of seconds from 0 to 86400.')
    $journals = @($Run.JournalPath).Count
    Assert-Sane ($Run.Mode -ne 'Rollback' -or $journals -gt 0) (
        '-Mode Rollback needs -JournalPath: the journals of the runs that are to be undone.')
    Assert-Sane ($Run.Mode -ne 'Apply' -or $journals -le 1) '-Mode Apply writes one journal: give -JournalPath once.'
    $reviewed = $Run.Review -ceq 'reviewed' -or $Run.AcceptUnreviewed -or $Run.Mode -cne 'Apply'
    Assert-Sane $reviewed (
        'This runbook was rendered from templates that nobody reviewed. -AcceptUnreviewed runs it all the same.')
    if ($Run.EwsListInPlaceSince -ne '') {
        $time = [datetime]::MinValue
        $style = [System.Globalization.DateTimeStyles]::AdjustToUniversal -bor
            [System.Globalization.DateTimeStyles]::AssumeUniversal
        $read = [datetime]::TryParseExact(
            $Run.EwsListInPlaceSince, "yyyy-MM-dd'T'HH:mm:ss'Z'", [cultureinfo]::InvariantCulture, $style, [ref] $time)
        $inRange = $read -and $time -ge [datetime] $Facts.EwsListIntroduced -and $time -le (Get-UtcNow)
        Assert-Sane $inRange (
            '-EwsListInPlaceSince is a time as 2026-11-02T21:00:00Z, ' +
            "not before $($Facts.EwsListIntroduced) and not in the future.")
        $Run.EwsListSince = $time
    }
}

function Assert-Phase {
    # Two changes weeks apart in one file: which of the two is never guessed.
    $phases = @('Prepare', 'Cleanup')
    # What is taken back is in the journals, and so is its phase.
    if ($Run.Mode -ceq 'Rollback') { $Run.Phase = '' }
    if ($Method -cne 'migrate') { return }
    Assert-Sane ($Run.Phase -ceq '' -or $phases -ccontains $Run.Phase) '-Phase is Prepare or Cleanup.'
    Assert-Sane ($Run.Mode -cne 'Apply' -or $Run.Phase -cne '') (
        '-Mode Apply needs -Phase: Prepare builds the new way beside the old one, ' +
        'Cleanup takes away what is left of the old one after the switch in Pexip Infinity.')
    Assert-Sane ($Run.Mode -cne 'Apply' -or $Run.Phase -cne 'Cleanup' -or $Run.ConfirmCutover) (
        '-Phase Cleanup needs -ConfirmCutover: Pexip Infinity has been switched to app permissions and schedules ' +
        'with them. The role assignments that Cleanup takes away cannot be given back in Exchange Online.')
    foreach ($id in $Run.Step) {
        Assert-Sane ($Run.Mode -ceq 'Rollback' -or (Test-Phase $id)) (
            "-Step '$id' is no step of the phase $($Run.Phase).")
    }
}

function Test-Phase {
    param([string] $Step)
    $Run.Phase -ceq '' -or ($Run.Phase -ceq 'Cleanup') -eq $Steps[$Step].Contains('Cleanup')
}

function Test-EwsEnded {
    # Only the cloud's: EWS of Exchange Server stays.
    param([string] $Step)
    $Steps[$Step].Contains('CloudEws') -and (Get-UtcNow) -ge [datetime] $Facts.EwsEnds
}

function Assert-Date {
    $ended = @(@($Run.Selected) + @(Get-ProvedFirst) |
            Where-Object -FilterScript { (Test-Asked $_) -and (Test-EwsEnded $_) })
    Assert-That ($Run.Mode -cne 'Apply' -or $ended.Count -eq 0) -Guard 'dates' -Message (
        "EWS in Exchange Online ended on $($Facts.EwsEnds), and nobody can switch it on again. " +
        "What $($ended -join ', ') is for cannot work any more: ask Pexip for the way that replaces it.")
}

function Assert-Value {
    # The description was checked when this file was rendered; an operator may have given other values since.
    foreach ($override in $Run.Overrides) {
        $isTarget = $override.parameter.StartsWith('Target', [System.StringComparison]::Ordinal)
        Assert-Sane (-not $isTarget) (
            "-$($override.parameter) cannot be given on the command line: render a runbook for that tenant.")
    }
    $bad = @($Value.Keys |
            Where-Object -FilterScript { $Value[$_] -is [string] -and $Value[$_] -cmatch '[\x00-\x1F\x7F]' })
    Assert-Sane ($bad.Count -eq 0) "-$($bad -join ', -') holds a control character."
    $short = @{ Name = 40; EquipmentName = 64; EquipmentAlias = 64; EquipmentDisplayName = 256; ApplicationName = 256
        ApplicationAssignment = 64; SchedulingGroupName = 64; ScopeName = 64; ServiceAccountName = 64
        ImpersonationAssignment = 64; ImpersonationScopeName = 64 }
    foreach ($name in @($short.Keys | Sort-Object)) {
        if (-not $Value.ContainsKey($name)) { continue }
        Assert-Sane ($Value[$name].Length -le $short[$name]) "-$name is longer than $($short[$name]) characters."
    }
    foreach ($id in @($Steps.Keys)) {
        if ($Steps[$id].Contains('Assert')) { & $Steps[$id].Assert }
    }
}
#endregion

#region core/50-session
# The session: one connection, to the described tenant, with every cmdlet and parameter that this run will use.

function Get-TenantKey {
    param($Tenant)
    if ($Tenant -isnot [System.Collections.IDictionary]) { return '' }
    if ($Platform -ceq 'exchange-online') { [string] $Tenant['tenantId'] } else { [string] $Tenant['acceptedDomain'] }
}

function Get-ConnectLine {
    $environments = @{ 'gcc-high' = 'O365USGovGCCHigh'; 'dod' = 'O365USGovDoD'; 'china' = 'O365China' }
    $line = 'Connect-ExchangeOnline -UserPrincipalName <you> -ShowBanner:$false'
    if ($environments.ContainsKey($Value.TargetEnvironment)) {
        $line += " -ExchangeEnvironmentName $($environments[$Value.TargetEnvironment])"
    }
    $line
}

function Assert-Module {
    $guard = 'module'
    if ($Platform -ceq 'exchange-server') {
        $shell = Microsoft.PowerShell.Core\Get-Command -Name 'Get-ExchangeServer' -ErrorAction Ignore
        Assert-That $shell -Guard $guard -Message (
            'This session has no cmdlets of Exchange Server. Open the Exchange Management Shell, or import a remote ' +
            'session of it, and run this there.')
        return
    }
    $command = Microsoft.PowerShell.Core\Get-Command -Name 'Get-ConnectionInformation' -ErrorAction Ignore
    Assert-That $command -Guard $guard -Message (
        "The ExchangeOnlineManagement module is not loaded, or older than $($Facts.ModuleMinimum). " +
        "Install-Module ExchangeOnlineManagement -Scope CurrentUser, then in a new window: $(Get-ConnectLine)")
    $Run.ModuleVersion = [string] $command.Version
    $known = $null -ne $command.Version -and $command.Version -ge [version] $Facts.ModuleMinimum
    Assert-That $known -Guard $guard -Message (
        "The ExchangeOnlineManagement module here is $($Run.ModuleVersion); " +
        "$($Facts.ModuleMinimum) or later is needed.")
    $version = $PSVersionTable.PSVersion
    $pair = $version.Major -lt 7 -or $version -ge [version] $Facts.PowerShellNewer -or
        $command.Version -lt [version] $Facts.ModuleNeedsNewer
    $graph = @(Microsoft.PowerShell.Core\Get-Module -Name 'Microsoft.Graph*' | Select-Object -First 1)
    Assert-That ($graph.Count -eq 0) -Guard $guard -Message (
        'A Microsoft.Graph module is loaded here too, and the two do not work reliably in one process. ' +
        "Open a new window, then: $(Get-ConnectLine)")
    Assert-That $pair -Guard $guard -Message (
        "Module $($Run.ModuleVersion) needs PowerShell $($Facts.PowerShellNewer) or later, " +
        "or Windows PowerShell 5.1; this is $version. Use one of those, or module $($Facts.ModuleLastOlder).")
}

function Test-Expired {
    # The module renews a token that it calls active; where it says neither, the time decides.
    param($Connection)
    $status = Get-Text $Connection 'TokenStatus'
    $time = [datetime]::MaxValue
    $style = [System.Globalization.DateTimeStyles]::AdjustToUniversal -bor
        [System.Globalization.DateTimeStyles]::AssumeUniversal
    $end = Get-Property $Connection 'TokenExpiryTimeUTC'
    if ($end -is [datetime]) {
        $time = $end
    } elseif (-not [datetime]::TryParse([string] $end, [cultureinfo]::InvariantCulture, $style, [ref] $time)) {
        $time = [datetime]::MaxValue
    }
    $status -eq 'Expired' -or ($status -ne 'Active' -and $time -lt (Get-UtcNow))
}

function Get-ServerVersion {
    # 'Version 15.2 (Build 1544.4)': 2016 is 15.1; 2019 and Subscription Edition share 15.2 and differ by the build.
    param($Server)
    $parts = [regex]::Match((Get-Text $Server 'AdminDisplayVersion'), '15\.([12])\D+(\d+)')
    if (-not $parts.Success) { return 'another version' }
    if ($parts.Groups[1].Value -ceq '1') { return '2016' }
    if ([int] $parts.Groups[2].Value -lt 2562) { '2019' } else { 'SE' }
}

function Assert-ExchangeServer {
    # The shell answers for one organisation. Cmdlets of Exchange Online in the same session could stand before its own.
    $guard = 'connection'
    $cloud = Microsoft.PowerShell.Core\Get-Command -Name 'Get-ConnectionInformation' -ErrorAction Ignore
    try {
        $servers = @(Get-ExchangeServer -ErrorAction Stop |
                Where-Object -FilterScript { -not (Test-Same (Get-Property $_ 'IsEdgeServer') $true) })
        $open = @(if ($cloud) { Get-ConnectionInformation -ErrorAction Stop }) | Where-Object -FilterScript {
            (Get-Text $_ 'State') -eq 'Connected' -and (Get-Text $_ 'ModulePrefix') -eq '' }
    } catch {
        throw (Get-Stop -State 'refused' -Guard $guard -Detail "The session could not be read: $(Get-ErrorText $_)")
    }
    Assert-That (@($open).Count -eq 0) -Guard $guard -Message (
        'This session is connected to Exchange Online too. Open a new Exchange Management Shell without it.')
    $found = @($servers | Where-Object -FilterScript { (Get-ServerVersion $_) -ceq $Value.TargetVersion } |
            Sort-Object -Property { Get-Text $_ 'Name' })
    $names = @($servers | ForEach-Object -Process { "$(Get-Text $_ 'Name') $(Get-ServerVersion $_)" }) -join ', '
    Assert-That ($found.Count -gt 0) -Guard $guard -Message (
        "There is no Exchange Server $($Value.TargetVersion) in this organisation, but: $names.")
    # Organisations may share a name; the forest in which the servers stand tells them apart in a journal.
    $forest = @([regex]::Matches((Get-Text $found[0] 'DistinguishedName'), '(?i)(?:^|,)DC=([^,]+)') |
            ForEach-Object -Process { $_.Groups[1].Value }) -join '.'
    if ($forest -eq '') { $forest = (Get-Text $found[0] 'Fqdn') -creplace '^[^.]*\.?', '' }
    $Run.ConnectionUri = Get-Filled $forest.ToLowerInvariant()
    $Run.Operator = "$([Environment]::UserDomainName)\$([Environment]::UserName)"
    $Run.OwnRights = $true
    $Run.Tenant = [ordered]@{
        acceptedDomain = $Value.TargetAcceptedDomain; serverVersion = Get-Text $found[0] 'AdminDisplayVersion'
    }
    Write-Host "Servers   $names"
    Write-Host "Operator  $($Run.Operator)"
}

function Assert-Connection {
    $guard = 'connection'
    if ($Platform -ceq 'exchange-server') { Assert-ExchangeServer; return }
    try { $all = @(Get-ConnectionInformation -ErrorAction Stop) }
    catch {
        throw (Get-Stop -State 'refused' -Guard $guard -Detail "The connections could not be read: $(Get-ErrorText $_)")
    }
    $open = @($all | Where-Object -FilterScript { (Get-Text $_ 'State') -eq 'Connected' })
    $names = @($open | ForEach-Object -Process { "$(Get-Text $_ 'Organization') $(Get-Text $_ 'TenantID')" }) -join '; '
    Assert-That ($open.Count -gt 0) -Guard $guard -Message (
        "There is no connection in state Connected. Connect first: $(Get-ConnectLine)")
    Assert-That ($open.Count -eq 1) -Guard $guard -Message (
        "There are $($open.Count) connections ($names). Disconnect-ExchangeOnline, then: $(Get-ConnectLine)")
    $one = $open[0]
    Assert-That (-not (Test-Same (Get-Property $one 'IsEopSession') $true)) -Guard $guard -Message (
        'This is a Security & Compliance connection, not one to Exchange Online.')
    Assert-That ((Get-Text $one 'ModulePrefix') -eq '') -Guard $guard -Message (
        "The connection has the prefix '$(Get-Text $one 'ModulePrefix')'. Connect without -Prefix.")
    Assert-That (-not (Test-Expired $one)) -Guard $guard -Message (
        "The sign-in has expired. Disconnect-ExchangeOnline, then: $(Get-ConnectLine)")
    Assert-That (Test-SameName (Get-Text $one 'TenantID') $Value.TargetTenantId) -Guard $guard -Message (
        "Connected to tenant $(Get-Text $one 'TenantID'); " +
        "this runbook is for $($Value.TargetTenantId) ($($Value.TargetOrganization)).")
    $delegated = Get-Text $one 'DelegatedOrganization'
    Assert-That ($delegated -eq '' -or (Test-SameName $delegated $Value.TargetOrganization) -or
        (Test-SameName $delegated $Value.TargetTenantId)) -Guard $guard -Message (
        "The connection acts for the organisation '$delegated'; this runbook is for $($Value.TargetOrganization).")
    $Run.Operator = Get-Text $one 'UserPrincipalName'
    $Run.OwnRights = $delegated -eq '' -and $Run.Operator -ne '' -and
        -not (Test-Same (Get-Property $one 'CertificateAuthentication') $true)
    $Run.ConnectionUri = Get-Text $one 'ConnectionUri'
    $Run.Tenant = [ordered]@{
        tenantId = Get-Text $one 'TenantID'; organization = $Value.TargetOrganization; delegated = $delegated -ne ''
    }
    $role = if ($delegated -ne '') { " (delegated administration of $delegated)" } else { '' }
    Write-Host "Tenant    $($Value.TargetOrganization)  $($Value.TargetTenantId)$role"
    Write-Host "Operator  $(if ($Run.Operator -ne '') { $Run.Operator } else { 'an application' })"
}

function Assert-SameConnection {
    # While a question stood open somebody may have connected elsewhere in this session. Asked without a remote call.
    if ($Platform -ceq 'exchange-server') { return }
    $open = @(Invoke-Read -Subject 'connections of this session' -IfAbsent 'unreadable' -Call {
            Get-ConnectionInformation -ErrorAction Stop
        } | Where-Object -FilterScript { (Get-Text $_ 'State') -eq 'Connected' })
    $isSame = $open.Count -eq 1 -and (Test-SameName (Get-Text $open[0] 'TenantID') $Value.TargetTenantId)
    if ($isSame) { return }
    throw (Get-Stop -State 'failed' -Detail (
            "This session is not connected as it was at the start; nothing of this step was sent. $(Get-ConnectLine)"))
}

function Get-NeededCommand {
    # What this mode and these steps will call; the parameters come from the script's own syntax tree.
    $needed = @{ 'Get-AcceptedDomain' = @() }
    if ($Platform -ceq 'exchange-online') { $needed['Get-ConnectionInformation'] = @() }
    if ($Run.Mode -eq 'Apply' -and $Platform -ceq 'exchange-online') { $needed['Get-OrganizationConfig'] = @() }
    if (@(Get-GrantedRole).Count -gt 0) { $needed['Get-ManagementRoleAssignment'] = @() }
    foreach ($id in @($Run.Selected) + @(Get-ProvedFirst)) {
        if ($Run.Mode -ne 'Rollback' -and -not (Test-Asked $id)) { continue }
        if ($Run.Mode -eq 'Rollback' -and -not $Run.InJournal.Contains($id)) { continue }
        $names = @($Steps[$id].Reads)
        $mode = if ($Run.Selected -ccontains $id) { $Run.Mode } else { 'Verify' }
        if ($mode -ne 'Check' -and $Steps[$id].Contains($mode)) { $names += @($Steps[$id][$mode]) }
        # Where a step changes what another one does, that one's calls are its own.
        $like = [string] $Steps[$id]['Like']
        foreach ($name in $names) {
            $needed[$name] = @($needed[$name]) + @($Catalogue[$id].Cmdlets[$name])
            if ($like -ne '') { $needed[$name] = @($needed[$name]) + @($Catalogue[$like].Cmdlets[$name]) }
        }
        # The one write whose parameters the description chooses.
        if ($Steps[$id].Contains('Parameters') -and 'Apply', 'Rollback' -ccontains $mode) {
            $needed['Set-CalendarProcessing'] += $Steps[$id].Parameters
        }
    }
    foreach ($id in Get-GuardStep) {
        foreach ($name in $Steps[$id].Guard.Reads) {
            $needed[$name] = @($needed[$name]) + @($Catalogue[$id].Cmdlets[$name])
        }
    }
    # What the common part calls on behalf of a step.
    foreach ($name in @($needed.Keys)) { $needed[$name] = @($needed[$name]) + @($CoreCmdlets[$name]) }
    $needed
}

function Assert-Command {
    # Exchange leaves out cmdlets and parameters that the operator's roles do not allow; a missing one is a missing
    # role. An alias, a script or a function of the operator's in front of a cmdlet would get our calls instead of
    # Exchange.
    $guard = 'cmdlets'
    $problems = @()
    $needed = Get-NeededCommand
    # All of one session: what is left of another one, or beside it, would answer instead. The cmdlet that shows the
    # connections is the module's own.
    $first = if ($Platform -ceq 'exchange-server') { 'Get-ExchangeServer' } else { 'Get-AcceptedDomain' }
    $session = Get-Text (
        Microsoft.PowerShell.Core\Get-Command -Name $first -ErrorAction Ignore | Select-Object -First 1) 'ModuleName'
    foreach ($name in @($needed.Keys | Sort-Object)) {
        $command = @(Microsoft.PowerShell.Core\Get-Command -Name $name -ErrorAction Ignore) | Select-Object -First 1
        if ($null -eq $command) { $problems += "$name is not here"; continue }
        $isExchange = 'Function', 'Cmdlet' -ccontains [string] $command.CommandType -and
            [string] $command.ModuleName -ne ''
        if (-not $isExchange) {
            $problems += "$name is shadowed by a $(([string] $command.CommandType)) of this session"
            continue
        }
        if ($name -cne 'Get-ConnectionInformation' -and [string] $command.ModuleName -cne $session) {
            $problems += "$name comes from another session ($($command.ModuleName)) than $first ($session)"
            continue
        }
        $lacking = @($needed[$name] | Where-Object -FilterScript { $_ -and -not $command.Parameters.ContainsKey($_) } |
                Select-Object -Unique)
        if ($lacking.Count -gt 0) { $problems += "$name has no -$($lacking -join ', -')" }
    }
    Assert-That ($problems.Count -eq 0) -Guard $guard -Message (
        "$($problems -join '; '). Exchange hides what the signed-in operator's roles do not allow: have the roles " +
        'that the plan names (Organization Management holds them all), then connect again in a new window.')
}

function Get-GuardStep {
    # Steps with a guard of their own, which looks whether or not the step itself is selected.
    if ($Run.Mode -eq 'Rollback') { return }
    $Steps.Keys | Where-Object -FilterScript { $Steps[$_].Contains('Guard') }
}

function Assert-StepGuard {
    foreach ($id in Get-GuardStep) {
        $guard = $Steps[$id].Guard
        try { & $guard.Test }
        catch {
            $stop = Get-StopOf $_
            if (-not $stop) { throw }
            throw (Get-Stop -State 'refused' -Guard $guard.Name -Detail $stop.Detail -RequestId $stop.RequestId)
        }
    }
}

function Get-GrantedRole {
    # The roles that this run's steps hand out.
    foreach ($id in $Run.Selected) {
        if ($Run.Mode -eq 'Apply' -and $Steps[$id].Contains('Grants') -and (Test-Asked $id)) { $Steps[$id].Grants }
    }
}

function Assert-Organization {
    $guard = 'organization'
    $isOnline = $Platform -ceq 'exchange-online'
    try {
        $domain = @(Get-AcceptedDomain -ErrorAction Stop |
                Where-Object -FilterScript { Test-SameName (Get-Text $_ 'DomainName') (Get-TargetName) })
        Assert-That ($domain.Count -eq 1) -Guard $guard -Message (
            "'$(Get-TargetName)' is no domain of the organisation that Exchange answers for.")
        Assert-That (-not $isOnline -or (
                Test-Same (Get-Property $domain[0] 'InitialDomain') $true)) -Guard $guard -Message (
            "'$(Get-TargetName)' is not the initial domain of the organisation that Exchange answers for.")
        if ($Run.Mode -ne 'Apply') { return }
        $organization = if ($isOnline) { Get-OrganizationConfig -ErrorAction Stop } else { $null }
        Assert-That (-not (Test-Same (Get-Property $organization 'IsDehydrated') $true)) -Guard $guard -Message (
            'The organisation has never been customised, and Exchange refuses scopes and role assignments in it. ' +
            'Enable-OrganizationCustomization changes that for good; ' +
            'decide, run it once, wait an hour, then come back.')
        foreach ($role in @(Get-GrantedRole)) { Assert-DelegatingRole -Guard $guard -Role $role }
    } catch {
        if (Get-StopOf $_) { throw }
        throw (Get-Stop -State 'refused' -Guard $guard -Detail (
                "The organisation could not be read: $(Get-ErrorText $_)") -RequestId (Get-RequestId $_))
    }
}

function Assert-DelegatingRole {
    param([string] $Guard, [string] $Role)
    $isKnown = $Run.OwnRights
    if ($isKnown) {
        try {
            $rows = @(Get-ManagementRoleAssignment -RoleAssignee (
                    $Run.Operator) -Role $Role -Delegating $true -ErrorAction Stop)
        } catch {
            # A remote session of Exchange Server may have been opened as somebody else than this window's user.
            if ($Platform -ceq 'exchange-online' -or (Get-ErrorClass $_) -cne 'absent') { throw }
            $isKnown = $false
        }
    }
    if (-not $isKnown) {
        $rows = @(Get-ManagementRoleAssignment -Role $Role -Delegating $true -ErrorAction Stop)
        Write-Host (
            'Note      In this kind of session it cannot be seen whether the operator may assign the role; ' +
            'Exchange may refuse it.')
    }
    Assert-That ($rows.Count -gt 0) -Guard $Guard -Message (
        "Nobody gave $($Run.Operator) the right to assign the role '$Role'. Become a member of the " +
        'role group Organization Management itself (the Entra role alone was seen not to be enough), ' +
        'then connect again.')
}
#endregion

#region core/55-paths
# Paths: where the journal and the result go, and that they can be written.

function Resolve-RunPath {
    # Before the first guard, because a refusal has a result too.
    $stamp = (Get-UtcNow).ToString("yyyyMMdd'T'HHmmss'Z'", [cultureinfo]::InvariantCulture)
    $name = if ($Value.Name -cmatch '^[A-Za-z0-9-]{1,64}$') { $Value.Name } else { 'pexgen' }
    $journal = "$name-$stamp-$($Run.Id).journal.jsonl"
    $given = $Run.ResultPath
    $Run.ResultPath = ''
    $result = if ($given -ne '') { Get-FullPath $given } else { '' }
    if ($Run.Mode -eq 'Apply' -and $Run.JournalPath.Count -eq 0) { $Run.JournalPath = @($journal) }
    $Run.JournalPath = @($Run.JournalPath | ForEach-Object -Process { Get-FullPath $_ })
    $isJournal = $result -ne '' -and ($Run.JournalPath -contains $result -or (Test-JournalFile $result))
    Assert-That (-not $isJournal) -Guard 'paths' -Message "'$result' is a journal; the result would replace it."
    $Run.ResultPath = $result
    if ($given -eq '' -and 'Apply', 'Rollback' -ccontains $Run.Mode -and -not $Run.WhatIf) {
        $beside = @($Run.JournalPath + (Get-FullPath $journal))[[Math]::Max(0, $Run.JournalPath.Count - 1)]
        $Run.ResultPath = ($beside -creplace '\.jsonl$', '') + ".$($Run.Mode).result.json"
    }
}

function Test-JournalFile {
    param([string] $Path)
    if (-not [System.IO.File]::Exists($Path) -or
        (New-Object -TypeName System.IO.FileInfo -ArgumentList $Path).Length -eq 0) {
        return $false
    }
    # Closed at once: a file that stays open here cannot be written by this very run.
    try { $reader = New-Object -TypeName System.IO.StreamReader -ArgumentList $Path } catch { return $false }
    try { $first = [string] $reader.ReadLine() } finally { $reader.Dispose() }
    $first.StartsWith('{"format":"pexgen.journal/', [System.StringComparison]::Ordinal)
}

function Assert-Path {
    # The last guard: from here on the journal is open, and nothing is done that it cannot hold.
    $path = $Run.ResultPath
    if ($path -ne '') {
        try {
            $isNew = -not [System.IO.File]::Exists($path)
            [System.IO.File]::Open($path, 'OpenOrCreate', 'ReadWrite', 'ReadWrite').Dispose()
            if ($isNew) { [System.IO.File]::Delete($path) }
        } catch {
            throw (Get-Stop -State 'refused' -Guard 'paths' -Detail (
                    "'$path' cannot be written: $($_.Exception.GetBaseException().Message)"))
        }
    }
    if ('Apply', 'Rollback' -cnotcontains $Run.Mode -or $Run.WhatIf) { return }
    $journal = $Run.JournalPath[-1]
    if ($Run.Mode -eq 'Rollback') {
        @($Run.JournalPath | Select-Object -Unique) | Where-Object -FilterScript { $_ -cne $journal } |
            ForEach-Object -Process { Open-Journal $_ -Writes $false }
    }
    if ($Run.Mode -eq 'Apply' -and [System.IO.File]::Exists($journal)) {
        # What is continued is remembered: a step may need what an interrupted run still saw.
        $Run.Runs = Read-Journal $journal
        Test-JournalOwner $Run.Runs
    }
    Open-Journal $journal
}
#endregion

#region core/60-result
# Result: what stands on the screen, in the pipeline and in the result file is the same.

function Write-StepResult {
    param(
        [string] $Id, [string] $State, [object[]] $Differences = @(), [string[]] $Notes = @(), [string] $RequestId = ''
    )
    $detail = @($Notes | Where-Object -FilterScript { $_ }) -join ' '
    $Run.Results[$Id] = [pscustomobject][ordered]@{
        id = $Id; state = $State; differences = @($Differences); detail = Get-Filled $detail
        requestId = Get-Filled $RequestId
    }
    Write-Host ('{0,-21} {1,-11} {2}' -f $Id, $State, "$($Catalogue[$Id].Title) ($($Catalogue[$Id].Pexip))")
    foreach ($difference in @($Differences)) {
        Write-Host (
            "    $($difference.property): $(Format-Value $difference.current) -> $(Format-Value $difference.wanted)")
    }
    foreach ($proof in $Run.Proofs) {
        if ($proof.step -ceq $Id) {
            Write-Host (
                '    {0,-10} {1}: {2}; expected {3}' -f $proof.state, $proof.target, $proof.actual, $proof.expected)
        }
    }
    foreach ($note in $Notes) { if ($note) { Write-Host "    $note" } }
    if ($RequestId) { Write-Host "    Exchange's request ID: $RequestId" }
}

function Write-Proof {
    param([string] $Step, [string] $Target, [string] $Expected, [string] $Actual, [string] $State)
    $count = @($Run.Proofs | Where-Object -FilterScript { $_.step -ceq $Step }).Count + 1
    $Run.Proofs += [ordered]@{
        id = "$Step/$count"; step = $Step; target = $Target; expected = $Expected; actual = $Actual; state = $State
    }
}

function Get-ExitCode {
    $states = @($Run.Results.Values | ForEach-Object -Process { $_.state })
    $has = @{}
    foreach ($state in $states) { $has[$state] = $true }
    if ($Run.Writes -eq 0) {
        if ($Run.Refusal -or $has['conflict'] -or $has['skipped'] -or $has['failed']) { return 4 }
        if ('Apply', 'Rollback' -ccontains $Run.Mode -and $has['unreadable']) { return 4 }
    } elseif ($Run.Refusal -or $has['failed'] -or $has['unreadable'] -or $has['conflict'] -or $has['skipped']) {
        return 3
    }
    if ($has['disproved']) { return 6 }
    if ($has['different']) { return 2 }
    if ($has['pending'] -or $has['blocked'] -or $has['kept'] -or $has['unreadable']) { return 5 }
    0
}

function Get-Result {
    $engine = [string] $PSVersionTable.PSVersion
    [ordered]@{
        format = 'pexgen.result/1'; name = $Value.Name; method = $Method; platform = $Platform
        mode = $Run.Mode; phase = Get-Filled $Run.Phase; exitCode = $Run.ExitCode; bodySha256 = $Run.BodySha256
        changeTicket = Get-Filled $Value.ChangeTicket; tenant = $Run.Tenant
        connectionUri = $Run.ConnectionUri; operator = Get-Filled $Run.Operator; startedUtc = $Run.StartedUtc
        finishedUtc = Format-Utc (Get-UtcNow)
        versions = [ordered]@{ powershell = $engine; module = $Run.ModuleVersion }
        overrides = @($Run.Overrides); refusal = $Run.Refusal; steps = @($Run.Results.Values); proofs = @($Run.Proofs)
        notChecked = @(Get-NotChecked)
    }
}

function Get-NotChecked {
    # What no Exchange session can see, with how to look at it by hand. It never changes the exit code.
    foreach ($id in $Steps.Keys) { if ($Steps[$id].Contains('NotChecked')) { $Steps[$id].NotChecked } }
}

function Write-Result {
    if ($Run.ResultPath -eq '') { return }
    $text = ConvertTo-Json -InputObject (Get-Result) -Depth 8
    try { [System.IO.File]::WriteAllText($Run.ResultPath, $text + "`n") }
    catch {
        Write-Host "The result could not be written to '$($Run.ResultPath)': $($_.Exception.GetBaseException().Message)"
    }
}

function Get-Meaning {
    switch ($Run.ExitCode) {
        2 { 'Something differs, and this run changed nothing.' }
        3 {
            'Stopped after something was sent to Exchange. Read the step that stopped; ' + $(
                if ($Run.Mode -eq 'Rollback') { 'Rollback can be run again.' }
                else { 'Apply can be run again, Rollback takes it back.' })
        }
        4 {
            if ($Run.Refusal -or 'Apply', 'Rollback' -ccontains $Run.Mode) { 'Refused. This run changed nothing.' }
            else { 'Something else is in the place of what is described. This run changed nothing.' }
        }
        5 { 'Done as far as can be; see what is pending, blocked, kept or unreadable.' }
        6 { 'Disproved: something is not as described.' }
        default {
            switch ($Run.Mode) {
                'Check' { 'Nothing differs.' }
                'Apply' { 'Everything is as wanted.' }
                'Verify' { 'Everything proved.' }
                'Rollback' { 'Everything undone.' }
            }
        }
    }
}

function Format-Argument {
    # A value as it is typed. Five characters close a text in single quotes.
    param($InputObject)
    if ($InputObject -is [System.Security.SecureString]) { return '$password' }
    if ($InputObject -is [bool] -or $InputObject -is [switch]) { return "`$$([bool] $InputObject)".ToLowerInvariant() }
    if ($InputObject -is [int]) { return [string] $InputObject }
    if ($InputObject -is [System.Collections.IDictionary]) {
        $pairs = @($InputObject.Keys | Sort-Object | ForEach-Object -Process {
                "$(Format-Argument ([string] $_)) = $(Format-Argument $InputObject[$_])" })
        return "@{ $($pairs -join '; ') }"
    }
    if ($InputObject -is [array] -and $InputObject.Count -eq 1) { return Format-Argument $InputObject[0] }
    if ($InputObject -is [array]) {
        return "@($(@($InputObject | ForEach-Object -Process { Format-Argument $_ }) -join ', '))"
    }
    "'$([regex]::Replace([string] $InputObject, '[\u0027\u2018-\u201B]', '$0$0'))'"
}

function Get-GoOnLine {
    # The whole line with which this run goes on, with what was typed for it and the journal that it wrote.
    $given = @{}
    foreach ($name in $Run.Bound.Keys) { $given[$name] = $Run.Bound[$name] }
    if ($Run.Journalled) { $given['JournalPath'] = $Run.JournalPath }
    if ($given.ContainsKey('ResultPath')) { $given['ResultPath'] = $Run.ResultPath }
    foreach ($id in $Run.Results.Keys) {
        # What a step planned to leave for later says when; one that was stopped knows nothing of it.
        $isPlanned = $Run.Results[$id].state -eq 'pending' -and -not $Run.Stopped.Contains($id)
        if ($Steps[$id].Contains('GoOn')) { & $Steps[$id].GoOn $given -IsPlanned $isPlanned }
    }
    $parts = @("& $(Format-Argument $Run.ScriptPath)", "-Mode $($Run.Mode)")
    foreach ($name in @($given.Keys | Where-Object -FilterScript { $_ -ne 'Mode' } | Sort-Object)) {
        $isSwitch = $given[$name] -is [switch]
        $parts += if ($isSwitch) { "-${name}:$(Format-Argument $given[$name])" }
        else { "-$name $(Format-Argument $given[$name])" }
    }
    $parts -join ' '
}

function Test-Unfinished {
    # Whether the same run again goes on with what this one began or waits for.
    if ($Run.WhatIf -or $Run.Mode -eq 'Check') { return $false }
    $late = @($Run.Results.Values | Where-Object -FilterScript { $_.state -eq 'pending' }).Count -gt 0
    $Run.ExitCode -eq 3 -or ($Run.ExitCode -eq 5 -and $late)
}

function Write-Summary {
    Write-Host ''
    if ($Run.Mode -eq 'Verify') { Get-NotChecked | ForEach-Object -Process { Write-Host "Not checked: $_" } }
    if ($Run.Refusal) { Write-Host "Refused by the guard '$($Run.Refusal.guard)': $($Run.Refusal.message)" }
    Write-Host "Exit code $($Run.ExitCode). $(Get-Meaning)"
    if ($Run.Journalled) { Write-Host "Journal   $($Run.JournalPath[-1])  (keep it: Rollback needs it)" }
    if ($Run.ResultPath -ne '') { Write-Host "Result    $($Run.ResultPath)" }
    if (Test-Unfinished) { Write-Host "Go on     $(Get-GoOnLine)" }
    if ($Run.Mode -eq 'Verify') { Write-Host 'What is proved is proved in Exchange only.' }
}
#endregion

#region core/65-waiting
# Waiting: bounded by attempts, and said with its end; what takes hours is never waited for.

function Get-Pause {
    # The pauses of one step, in seconds. Waiting ends by their number: a clock may be changed.
    $pauses = New-Object -TypeName System.Collections.Queue
    $left = $Run.WaitSeconds
    foreach ($seconds in @(2, 3, 5, 10, 20) + @(30) * 2880) {
        if ($left -le 0) { break }
        $pauses.Enqueue([Math]::Min($seconds, $left))
        $left -= $seconds
    }
    , $pauses
}

function Wait-Moment {
    # The next pause of this step, or $false when its time is used up.
    param([string] $What)
    if ($Run.Pauses.Count -eq 0) { return $false }
    $seconds = $Run.Pauses.Dequeue()
    $left = 0
    foreach ($pause in $Run.Pauses) { $left += $pause }
    Write-Host "    Waiting $seconds s for $What, then $left s more at most"
    Start-Sleep -Seconds $seconds
    $true
}

function Get-LateState {
    if ($Run.Mode -eq 'Rollback') { 'kept' } else { 'pending' }
}
#endregion

#region core/70-steps
# Steps: compare, ask, write down, change, read back.
#
#   Invoke-Asked       the one question of a step, for all its changes
#   Invoke-Batch       reads again right before the change, announces it in the journal, reads back, says done
#   Invoke-Write       the one call that changes something; refuses without guards and consent

function Get-Comparison {
    # Remaining: the state that stays when the changes are made, where that is not simply as wanted.
    param([string] $Step)
    @{ Step = $Step; Differences = @(); Changes = @(); Notes = @(); Remaining = '' }
}

function Add-Difference {
    param([hashtable] $Comparison, [string] $Property, $Current, $Wanted)
    $Comparison.Differences += [pscustomobject][ordered]@{ property = $Property; current = $Current; wanted = $Wanted }
}

function Add-Change {
    param(
        [hashtable] $Comparison, [string] $Text,
        [System.Collections.IDictionary] $Before, [System.Collections.IDictionary] $Wanted
    )
    $Comparison.Changes += @{ Step = $Comparison.Step; Text = $Text; Before = $Before; Wanted = $Wanted }
}

function Test-Asked {
    param([string] $Step)
    -not $Steps[$Step].Contains('Asked') -or $Steps[$Step].Asked
}

function Test-Planned {
    # True while another step of this run is still going to make what this one needs.
    param([string] $Step)
    $Run.Planning -and $Run.Selected -ccontains $Step -and (Test-Asked $Step)
}

function Get-Awaited {
    # What another step makes is not there: that step is not in this run, or Exchange does not show its work yet.
    param([string] $Step, [string] $What)
    if ($Run.Selected -ccontains $Step -and (Test-Asked $Step)) {
        return Get-Stop -State 'pending' -Detail "$What is not there yet; run Apply again when it is."
    }
    Get-Stop -State 'blocked' -Detail "$What is not there; the step $Step makes it."
}

function Get-StoppedPlan {
    param([string] $Id, [hashtable] $Stop)
    $plan = Get-Comparison $Id
    $plan.Notes = @($Stop.Detail)
    $Run.Stopped[$Id] = $true
    @{ State = $Stop.State; Plan = $plan; RequestId = $Stop.RequestId }
}

function Invoke-Compare {
    # One step against what is there. A step that waits for another one that stopped is not looked at.
    param([string] $Id)
    if (-not (Test-Asked $Id)) { return @{ State = 'not-asked'; Plan = Get-Comparison $Id; RequestId = '' } }
    if (Test-EwsEnded $Id) {
        return Get-StoppedPlan $Id -Stop @{ State = 'blocked'; RequestId = ''
            Detail = "EWS in Exchange Online ended on $($Facts.EwsEnds)." }
    }
    foreach ($required in $Catalogue[$Id].Requires) {
        $state = [string] $Run.States[$required]
        $stopped = 'conflict', 'unreadable', 'blocked', 'failed' -ccontains $state
        if ($stopped -or $state -ceq 'pending') {
            $mine = if ($stopped) { 'blocked' } else { 'pending' }
            return Get-StoppedPlan $Id -Stop @{ State = $mine; Detail = "Waits for $required."; RequestId = '' }
        }
    }
    while ($true) {
        try { $plan = & $Steps[$Id].Compare; break }
        catch {
            $stop = Get-StopOf $_
            if (-not $stop -or $stop.State -eq 'refused') { throw }
            $Run.Seen.Clear()
            # What an earlier step made may be seen by one cmdlet and not yet by another.
            $late = $stop.State -eq 'pending' -and -not $Run.Planning
            if (-not $late -or -not (Wait-Moment 'what the steps before have made')) {
                return Get-StoppedPlan $Id -Stop $stop
            }
        }
    }
    $state = if ($plan.Changes.Count -gt 0) { 'different' }
    elseif ($plan.Remaining -ne '') { $plan.Remaining }
    else { 'in-place' }
    @{ State = $state; Plan = $plan; RequestId = '' }
}

function Get-Now {
    # What is there of an object. A part of it that Exchange does not show yet makes it not there yet.
    param([string] $Step, [System.Collections.IDictionary] $Snapshot)
    try { & $Steps[$Step].Now -Snapshot $Snapshot }
    catch {
        $stop = Get-StopOf $_
        if (-not $stop -or $stop.State -ne 'pending') { throw }
        Get-Absent $Snapshot.id
    }
}

function Test-Refusal {
    # Whether Exchange said no, and all is as before. What a time-out or an outage can have done all the same stays
    # announced, and Rollback takes it for ours.
    param($ErrorRecord, [hashtable] $Change, $Seen)
    $name = Get-ErrorName $ErrorRecord
    $isSure = $name -ne '' -and
        $name -cnotmatch ('Transient|Time|Cancel|Http|Web|Socket|IO|Remot|Transport|Connect|Server|Service|' +
            'ADOperation|Overload|Suitab')
    $isSure -and $null -ne $Seen -and $Run.Mode -ne 'Rollback' -and (Test-Snapshot $Seen $Change.Before)
}

function Invoke-Write {
    # No guard open and this step's consent given, or nothing is sent: this is the one place that calls a step's Change.
    param([hashtable] $Change, [System.Collections.IDictionary] $Now)
    if (-not $Run.GuardsPassed -or -not $Run.Consent.ContainsKey($Change.Step)) {
        throw "A write of $($Change.Step) without consent."
    }
    for ($tries = 1; $true; $tries++) {
        $Run.Writes++
        $Run.Seen.Clear()
        if (-not $Change.Before.exists) { $Run.Made[$Change.Step] = $true }
        try { $null = & $Steps[$Change.Step].Change -Change $Change -Now $Now; return }
        catch {
            if (Get-StopOf $_) {
                # Its own last look stopped it: nothing was sent.
                $Run.Writes--
                if ($tries -eq 1) { Write-Refused $Change }
                throw
            }
            if (Test-Settled $_ -Change $Change -Tries $tries) { return }
        }
    }
}

function Test-Settled {
    # What an error means is seen by looking: what is as wanted is done, whatever was answered. "Not found" and "exists
    # already" then are Exchange being late; any other error is a refusal, and is not tried again. $false: send it
    # again.
    param($Failure, [hashtable] $Change, [int] $Tries)
    $class = Get-ErrorClass $Failure
    try { $seen = Get-Now $Change.Step -Snapshot $Change.Wanted } catch { $seen = $null }
    if ($null -eq $seen) { $class = 'other' } elseif (Test-Snapshot $seen $Change.Wanted) { return $true }
    # What needs nothing that other steps make has nothing to wait for: what is not found was described wrongly.
    $isAlone = $Steps[$Change.Step].Contains('Alone') -and -not $Change.Before.exists
    if ($isAlone -and ($class -eq 'absent' -or ($null -ne $seen -and -not $seen.exists))) { $class = 'other' }
    $adds = -not $Change.Before.exists -or $Steps[$Change.Step]['Together']
    if ($class -eq 'exists' -and -not $Change.Before.exists -and $seen.exists) {
        Write-Refused $Change
        throw (Get-Stop -State 'conflict' -Detail (
                "$($Change.Text): somebody else made it meanwhile, otherwise. Run Check again."))
    }
    $Change.Answer = " Exchange had answered: $(Get-ErrorText $Failure)"
    $Change.RequestId = Get-RequestId $Failure
    if ($class -eq 'exists' -and $adds) { Assert-NotTaken $Change; return $true }
    # Where this run made nothing of it and the object is there, it is hardly late: something else in the call is gone.
    $isNew = @(@($Change.Step) + @($Catalogue[$Change.Step].Requires) | Where-Object -FilterScript {
            $Run.Made.Contains($_) }).Count -gt 0
    if ($class -eq 'absent' -and ($isNew -or -not $seen.exists -or $Tries -le 5)) {
        if (Wait-Moment 'Exchange to find what was made') { return $false }
        throw (Get-Stop -State (Get-LateState) -Detail (
                "$($Change.Text): Exchange does not find it. Run the same again later.$($Change.Answer)"))
    }
    if (Test-Refusal $Failure -Change $Change -Seen $seen) { Write-Refused $Change }
    $detail = "$($Change.Text): $(Get-ErrorText $Failure) $($Steps[$Change.Step]['IfRefused'])"
    throw (Get-Stop -State 'failed' -Detail $detail.Trim() -RequestId $Change.RequestId)
}

function Assert-NotTaken {
    # "Exists already", and not seen under its name: another object in its place shows in the comparison at once.
    param([hashtable] $Change)
    if ($Run.Mode -eq 'Rollback' -or $Change.Before.exists) { return }
    $Run.Seen.Clear()
    try { $null = & $Steps[$Change.Step].Compare }
    catch {
        $stop = Get-StopOf $_
        if ($stop -and $stop.State -ne 'conflict') { return }
        if ($stop) { Write-Refused $Change }
        throw
    }
}

function Write-Refused {
    # What was announced was not done, and what is there is not ours. Rollback announces nothing.
    param([hashtable] $Change)
    if ($Run.Mode -ne 'Rollback') { Write-JournalEvent 'failed' -Change $Change }
}

function Wait-Change {
    # What is there when it is what was wanted, or $null when the step's time is used up.
    param([string] $Step, [System.Collections.IDictionary] $Wanted, [bool] $Patient)
    while ($true) {
        $Run.Seen.Clear()
        $now = Get-Now $Step -Snapshot $Wanted
        if (Test-Snapshot $now $Wanted) { return $now }
        if (-not $Patient -or -not (Wait-Moment 'the change to be readable')) { return $null }
    }
}

function Join-Snapshot {
    param([object[]] $Snapshots)
    $properties = [ordered]@{}
    foreach ($snapshot in $Snapshots) {
        foreach ($name in $snapshot.properties.Keys) { $properties[$name] = $snapshot.properties[$name] }
    }
    Get-Snapshot -Exists $Snapshots[0].exists -Id $Snapshots[0].id -Properties $properties
}

function Write-Done {
    param([object[]] $Changes, [System.Collections.IDictionary] $Now)
    $name = if ($Run.Mode -eq 'Rollback') { 'undone' } else { 'done' }
    foreach ($change in $Changes) {
        if (-not (Test-Snapshot $Now $change.Wanted)) { continue }
        Write-JournalEvent $name -Change $change -After (Get-SnapshotPart $Now @($change.Wanted.properties.Keys))
    }
}

function Read-Before {
    # Right before the change: the object, if it is still as it was compared; $null if it is as wanted already. One "not
    # found" about what was just seen says nothing: where gone is good, it has to be said twice.
    param([object[]] $Changes)
    $step = $Changes[0].Step
    $before = Join-Snapshot @($Changes | ForEach-Object -Process { $_.Before })
    $goal = Join-Snapshot @($Changes | ForEach-Object -Process { $_.Wanted })
    $isGoneGood = $Run.Mode -eq 'Rollback' -or -not $goal.exists
    for ($n = 0; $true; $n++) {
        $Run.Seen.Clear()
        $now = Get-Now $step -Snapshot (Join-Snapshot @($goal, $before))
        $missing = $before.exists -and -not $now.exists
        if (-not $missing -and (Test-Snapshot $now $goal)) { return $null }
        if ($missing -and $isGoneGood -and $n -gt 0) { return $null }
        if (-not $missing -or -not (Wait-Moment 'Exchange to find it again')) { break }
    }
    if ($missing) {
        throw (Get-Stop -State (Get-LateState) -Detail (
                "$($Changes[0].Text): Exchange does not find it at the moment. Run the same again later."))
    }
    $added = @($now.properties.Keys |
            Where-Object -FilterScript { $now.exists -and -not $before.properties.Contains($_) })
    if ($added.Count -gt 0 -or -not (Test-Snapshot $now $before)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "$($Changes[0].Text): somebody else changed this after it was compared. Run Check again."))
    }
    $now
}

function Invoke-Batch {
    # Changes of one object: read right before the first, each announced in the journal and made, read back after the
    # last.
    param([object[]] $Changes)
    $step = $Changes[0].Step
    $now = Read-Before $Changes
    if ($null -eq $now) { return }
    Assert-NoHold -Changes $Changes -Now $now
    if ($Steps[$step].Contains('Advice')) { Write-Host "    $($Steps[$step].Advice)" }
    $sent = @()
    $stop = $null
    foreach ($change in $Changes) {
        try {
            Write-Host "    > $($change.Text)"
            if ($Run.Mode -ne 'Rollback') { Write-JournalEvent 'intent' -Change $change }
            Invoke-Write -Change $change -Now $now
            $sent += $change
        } catch { $stop = $_; break }
    }
    if ($sent.Count -gt 0) {
        $goal = Join-Snapshot @($sent | ForEach-Object -Process { $_.Wanted })
        try { $now = Wait-Change $step -Wanted $goal -Patient ($null -eq $stop) }
        catch { if ($null -eq $stop) { $stop = $_ } }
        try { if ($null -ne $now) { Write-Done -Changes $sent -Now $now } }
        catch { if ($null -eq $stop) { $stop = $_ } }
    }
    if ($null -ne $stop) { throw $stop }
    if ($null -eq $now) {
        throw (Get-Stop -State (Get-LateState) -Detail (
                "$($Changes[-1].Text): sent, but after $($Run.WaitSeconds) s Exchange does not show it. " +
                "Run the same again later.$($Changes[-1]['Answer'])") -RequestId ([string] $Changes[-1]['RequestId']))
    }
}

function Invoke-Plan {
    # Entries of one list are one batch, so that a group of thousands is read twice and not once for each; an entry that
    # goes there and back begins a new one.
    param([string] $Id, [hashtable] $Plan)
    $batch = @()
    $names = @()
    foreach ($change in $Plan.Changes) {
        $its = @($change.Wanted.properties.Keys)
        $isSame = $batch.Count -gt 0 -and $Steps[$Id]['Together'] -and $change.Wanted.id -ceq $batch[0].Wanted.id -and
            @($its | Where-Object -FilterScript { $names -ccontains $_ }).Count -eq 0
        if ($batch.Count -gt 0 -and -not $isSame) {
            Invoke-Batch -Changes $batch
            $batch = @()
            $names = @()
        }
        $batch += $change
        $names += $its
    }
    if ($batch.Count -gt 0) { Invoke-Batch -Changes $batch }
}
#endregion

#region core/75-undo
# Undo: what the journals say was changed, newest first, where it is still as it was left.

function Get-JournalEntry {
    # Every announced write of a step, newest first, with what was read back where the run lived to read it.
    param([string] $Step)
    $entries = New-Object -TypeName System.Collections.ArrayList
    foreach ($one in $Run.Runs) {
        $open = @{}
        foreach ($line in $one.Entries) {
            if ($line['step'] -cne $Step) { continue }
            if ($line['event'] -ceq 'intent') {
                $entry = @{
                    Before = $line['before']; Wanted = $line['wanted']; Done = $false; Refused = $false
                    Id = [string] $line['wanted']['id']
                }
                $open[(ConvertTo-Json -InputObject $line['wanted'] -Depth 4 -Compress)] = $entry
                [void] $entries.Add($entry)
            } elseif ($line['event'] -ceq 'done' -and $line['after'] -is [System.Collections.IDictionary]) {
                $entry = $open[(ConvertTo-Json -InputObject $line['wanted'] -Depth 4 -Compress)]
                if ($null -eq $entry) { continue }
                $entry.Wanted = $line['after']
                $entry.Done = $true
                if ([string] $line['after']['id'] -ne '') { $entry.Id = [string] $line['after']['id'] }
            } elseif ($line['event'] -ceq 'failed') {
                $entry = $open[(ConvertTo-Json -InputObject $line['wanted'] -Depth 4 -Compress)]
                if ($null -ne $entry) { $entry.Refused = $true }
            }
        }
    }
    $entries.Reverse()
    , $entries.ToArray()
}

function Read-UndoState {
    # One read for each object that the entries name, under whichever of its identities, with all properties they name.
    param([string] $Step, [object[]] $Entries)
    $state = @{}
    foreach ($group in @($Entries | Group-Object -Property { $_.Id })) {
        $names = @($group.Group |
                ForEach-Object -Process { @($_.Wanted['properties'].Keys) + @($_.Before['properties'].Keys) } |
                Select-Object -Unique)
        $asked = Get-Present $group.Name ([ordered]@{})
        foreach ($name in $names) { $asked.properties[$name] = $null }
        $now = Get-Now $Step -Snapshot $asked
        $twin = @($state.Values | Where-Object -FilterScript { $now.exists -and $_.exists -and $_.id -ceq $now.id }) |
            Select-Object -First 1
        if ($null -ne $twin) {
            foreach ($name in $names) { $twin.properties[$name] = $now.properties[$name] }
            $now = $twin
        }
        $state[$group.Name] = $now
    }
    $state
}

function Wait-UndoState {
    # What was announced and never seen may have been made all the same, and be late: it has the step's whole time.
    # One "not found" about what was seen once is asked about again.
    param([string] $Step, [object[]] $Entries)
    $state = Read-UndoState $Step -Entries $Entries
    for ($n = 0; -not $Run.WhatIf; $n++) {
        $missing = @($Entries | Where-Object -FilterScript {
                $_.Wanted['exists'] -and -not $_.Refused -and -not $state[$_.Id].exists })
        $unseen = @($missing | Where-Object -FilterScript { -not $_.Done }).Count
        if ($missing.Count -eq 0 -or ($n -gt 0 -and $unseen -eq 0)) { break }
        # Without time to wait it is asked twice all the same.
        if (-not (Wait-Moment "what $Step is to take back") -and $n -gt 0) { break }
        $Run.Seen.Clear()
        $state = Read-UndoState $Step -Entries $Entries
    }
    $state
}

function Get-Hold {
    # Why something must stay although these runs made it, or nothing: each step knows what else may depend on its
    # object. What Exchange refused, and was not there when that run looked, somebody else has made since.
    param([string] $Step, $Entry, $Current)
    if ($Entry.Refused) { return 'Exchange had refused it, so that somebody else must have made it' }
    if ($Steps[$Step].Contains('Hold')) { & $Steps[$Step].Hold -Entry $Entry -Current $Current }
}

function Assert-NoHold {
    # The question may have stood open for an hour: what an undo rests on is looked at once more, right before it. A
    # reason has to be seen twice, because one "not found" says nothing.
    param([object[]] $Changes, [System.Collections.IDictionary] $Now)
    foreach ($change in @($Changes | Where-Object -FilterScript { $_.Contains('Entry') })) {
        for ($n = 0; $true; $n++) {
            $Run.Seen.Clear()
            $reason = Get-Hold $change.Step -Entry $change.Entry -Current $Now
            if (-not $reason) { break }
            if ($n -eq 0 -and (Wait-Moment 'a second look')) { continue }
            throw (Get-Stop -State 'kept' -Detail "Kept $($Now.id): $reason.")
        }
    }
}

function Get-Label {
    # What the question names is what Exchange shows, not what a journal says.
    param([string] $Step, [string] $Id)
    if ($Steps[$Step].Contains('Label')) { return & $Steps[$Step].Label -Id $Id }
    if (-not $Steps[$Step].Contains('Kind')) { return $Id }
    $recipient = Get-RecipientOf $Id
    if ($null -eq $recipient) {
        throw (Get-Stop -State 'unreadable' -Detail (
                "Exchange does not find $Id at the moment. Run the same again later."))
    }
    if ((Get-Text $recipient 'RecipientTypeDetails') -cnotlike $Steps[$Step].Kind) {
        throw (Get-Stop -State 'kept' -Detail (
                "The journal names $(Format-Recipient $recipient), " +
                "which the step $Step never changes. Nothing of this step was given back."))
    }
    Format-Recipient $recipient
}

function Add-Gone {
    # What the plan's last change takes away: what else depends on it need not stay for it.
    param([hashtable] $Plan, [string] $Key)
    $Plan.Changes[-1]['Gone'] = @($Plan.Changes[-1]['Gone']) + @($Key)
    $Run.Gone[$Key] = $true
}

function Clear-Gone {
    # A plan that was stopped takes nothing more away, and what is still there counts again.
    param([hashtable] $Plan)
    foreach ($change in $Plan.Changes) {
        foreach ($key in @($change['Gone'] | Where-Object -FilterScript { $_ })) { $Run.Gone.Remove($key) }
    }
}

function Add-UndoOfCreation {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current)
    $wanted = Get-Present $Current.id $Entry.Wanted['properties']
    $reason = if (-not (Test-Snapshot $Current $wanted)) { 'it was changed since' }
    else { Get-Hold $Plan.Step -Entry $Entry -Current $Current }
    if ($reason) {
        $Plan.Notes += "Kept $($Current.id): $reason."
        $Plan.Remaining = 'kept'
        return
    }
    $label = Get-Label $Plan.Step -Id $Current.id
    Add-Difference $Plan -Property $label -Current 'there' -Wanted 'removed'
    Add-Change $Plan -Text "remove $label" -Before (
        Get-SnapshotPart $Current @($Entry.Wanted['properties'].Keys)) -Wanted (Get-Absent $Current.id)
    $Plan.Changes[-1]['Entry'] = $Entry
    $Current.exists = $false
    Add-Gone $Plan -Key "$($Plan.Step) $($Current.id)"
}

function Add-UndoOfRemoval {
    # Asked before it was done: what is gone stays gone.
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current)
    if ($Current.exists) { return }
    $Plan.Notes += "Kept as it is: $($Entry.Id) was removed. $($Steps[$Plan.Step].Irreversible)"
    $Plan.Remaining = 'kept'
}

function Add-UndoOfValue {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current)
    $back = [ordered]@{}
    foreach ($name in @($Entry.Wanted['properties'].Keys)) {
        $before = $Entry.Before['properties'][$name]
        $left = $Entry.Wanted['properties'][$name]
        if ((Test-SameProperty -Name $name -Left $before -Right $left) -or
            (Test-SameProperty -Name $name -Left $Current.properties[$name] -Right $before)) { continue }
        $reason = if (Test-SameProperty -Name $name -Left $Current.properties[$name] -Right $left) {
            if ($Steps[$Plan.Step].Contains('HoldEntry')) {
                & $Steps[$Plan.Step].HoldEntry -Entry $Entry -Current $Current -Name $name
            }
        } else {
            "it is $(Format-Value $Current.properties[$name]) now; this product left it at $(Format-Value $left)"
        }
        if (-not $reason) { $back[$name] = $before; continue }
        $Plan.Notes += "Kept ${name}: $reason."
        $Plan.Remaining = 'kept'
    }
    $Entry.Names = @($back.Keys)
    if ($back.Count -gt 0) { Add-GivenBack $Plan -Entry $Entry -Current $Current -Back $back }
}

function Format-GivenBack {
    # Entries of a list are there or not; everything else has a value.
    param([string] $Name, $Before)
    if ($Before -isnot [bool] -or $Name -cnotmatch '@|^[0-9A-Fa-f-]{36}$') { return "$Name to $(Format-Value $Before)" }
    if ($Before) { "$Name back on it" } else { "$Name off it" }
}

function Add-GivenBack {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current, $Back)
    $reason = Get-Hold $Plan.Step -Entry $Entry -Current $Current
    if ($reason) {
        $Plan.Notes += "Kept $(@($Back.Keys) -join ', '): $reason."
        $Plan.Remaining = 'kept'
        return
    }
    foreach ($name in $back.Keys) {
        Add-Difference $Plan -Property $name -Current $Current.properties[$name] -Wanted $back[$name]
    }
    $values = @($Back.Keys | ForEach-Object -Process { Format-GivenBack $_ -Before $Back[$_] }) -join ', '
    # A list is written back whole, so all of it has to be as it was read; of other objects only what is given back.
    $names = if ($Steps[$Plan.Step]['WholeList']) { @($Current.properties.Keys) } else { @($back.Keys) }
    Add-Change $Plan -Text "give back to $(Get-Label $Plan.Step -Id $Current.id): $values" -Before (
        Get-SnapshotPart $Current $names) -Wanted (Get-Present $Current.id $back)
    $Plan.Changes[-1]['Entry'] = $Entry
    foreach ($name in $back.Keys) {
        $Current.properties[$name] = $back[$name]
        if ($back[$name] -eq $false) { Add-Gone $Plan -Key "$($Plan.Step) $($Current.id)|$name" }
    }
}

function Get-UndoPlan {
    param([string] $Id)
    $plan = Get-Comparison $Id
    try {
        $entries = Get-JournalEntry $Id
        $state = Wait-UndoState $Id -Entries $entries
        foreach ($entry in $entries) {
            $current = $state[$entry.Id]
            $isUnseen = $entry.Wanted['exists'] -and -not $current.exists -and -not $entry.Done -and -not $entry.Refused
            if ($isUnseen -and -not $Run.Gone.ContainsKey("$Id $($current.id)")) {
                $plan.Notes += "$($entry.Id) was announced and is not there. If it appears later, run this again."
            }
            if (-not $entry.Wanted['exists']) { Add-UndoOfRemoval $plan -Entry $entry -Current $current; continue }
            if (-not $current.exists) { continue }
            if (-not $entry.Before['exists']) { Add-UndoOfCreation $plan -Entry $entry -Current $current }
            else { Add-UndoOfValue $plan -Entry $entry -Current $current }
        }
        if ($Steps[$Id].Contains('UndoWarning')) { & $Steps[$Id].UndoWarning $plan }
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        return Get-StoppedPlan $Id -Stop $stop
    }
    $result = if ($plan.Changes.Count -gt 0) { 'different' }
    elseif ($plan.Remaining -ne '') { $plan.Remaining }
    else { 'undone' }
    @{ State = $result; Plan = $plan; RequestId = '' }
}
#endregion

#region core/80-modes
# Modes: the first pass reads everything and writes nothing; the second goes step by step and asks.

function Get-FirstPass {
    param([string[]] $Id = $Run.Selected)
    $Run.Planning = $true
    $Run.Seen.Clear()
    $plans = [ordered]@{}
    foreach ($one in $Id) {
        Write-Progress -Activity 'pexgen: reading' -Status $one
        $plans[$one] = Invoke-Compare $one
        $Run.States[$one] = $plans[$one].State
    }
    Write-Progress -Activity 'pexgen: reading' -Completed
    $plans
}

function Write-Plan {
    param([System.Collections.IDictionary] $Plans)
    foreach ($id in $Plans.Keys) {
        $shown = @{
            State = $Plans[$id].State; RequestId = $Plans[$id].RequestId
            Differences = $Plans[$id].Plan.Differences; Notes = $Plans[$id].Plan.Notes
        }
        Write-StepResult $id @shown
    }
}

function Invoke-Check {
    Write-Plan (Get-FirstPass)
}

function Get-ProvedFirst {
    # The steps that have to be proved before anything of the old way is taken away.
    if ($Run.Mode -ne 'Apply' -or $Run.Phase -cne 'Cleanup') { return }
    $Steps.Keys | Where-Object -FilterScript { -not $Steps[$_].Contains('Cleanup') }
}

function Assert-NewWay {
    $ids = @(Get-ProvedFirst)
    if ($ids.Count -eq 0) { return }
    Write-Host 'Proving the new way before the old one goes'
    $plans = Get-FirstPass $ids
    $open = @(foreach ($id in $ids) {
            $state = Test-Step $id -Comparison $plans[$id]
            Write-Host ('    {0,-21} {1}' -f $id, $state)
            # What nobody asked for may be missing, but not what the new way cannot work without.
            $isEnough = $state -ceq 'proved' -or ($state -ceq 'not-asked' -and -not $Steps[$id].Contains('CloudEws'))
            if (-not $isEnough) { "$id ($state)" }
        })
    $Run.States = @{}
    Assert-That ($open.Count -eq 0) -Guard 'proofs' -Message (
        "Not proved: $($open -join ', '). Cleanup takes nothing away before all of the new way is proved; " +
        'see -Mode Verify.')
}

function Invoke-Apply {
    Assert-NewWay
    $plans = Get-FirstPass
    $stopped = @($Run.States.Values | Where-Object -FilterScript { 'conflict', 'unreadable' -ccontains $_ }).Count -gt 0
    if ($stopped) { Write-Plan $plans; return }
    $Run.States = @{}
    $Run.Planning = $Run.WhatIf
    if (-not $Run.WhatIf) { Write-JournalHeader }
    Invoke-Asked -Id $Run.Selected
}

function Invoke-Rollback {
    $order = @($Run.Selected | Where-Object -FilterScript { $Run.InJournal.Contains($_) })
    [array]::Reverse($order)
    foreach ($id in $Run.Selected) {
        if ($order -cnotcontains $id) {
            Write-StepResult $id -State 'in-place' -Differences @() -Notes @('These journals hold no change of it.')
        }
    }
    if (-not $Run.WhatIf -and $order.Count -gt 0) { Write-JournalHeader }
    Invoke-Asked -Id $order
}

function Assert-CanAsk {
    # A host without a person may take silence for Yes.
    if ($Run.WhatIf -or $ConfirmPreference -eq 'None') { return }
    if (-not [Environment]::UserInteractive) { throw 'the process has no desktop and nobody before it' }
}

function Invoke-Asked {
    # The one function that asks; -WhatIf, -Confirm and "Yes to All" are PowerShell's own, over all steps.
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
    param([string[]] $Id)
    $halted = $false
    foreach ($one in $Id) {
        if ($halted) {
            if ($Run.Mode -ne 'Rollback' -and -not (Test-Asked $one)) { Write-StepResult $one 'not-asked' }
            else { Write-StepResult $one -State 'blocked' -Notes @('not reached') }
            continue
        }
        $Run.Seen.Clear()
        $Run.Pauses = Get-Pause
        $plan = if ($Run.Mode -eq 'Rollback') { Get-UndoPlan $one } else { Invoke-Compare $one }
        $outcome = @{ State = $plan.State; Note = ''; RequestId = $plan.RequestId }
        if ($plan.State -eq 'different') {
            $texts = @($plan.Plan.Changes | ForEach-Object -Process { $_.Text }) -join "`n  "
            $yes = $false
            try {
                Assert-CanAsk
                $yes = $PSCmdlet.ShouldProcess("${one}:`n  $texts",
                    "Step $one changes in $(Get-TargetName):`n  $texts`nMake these changes?",
                    "pexgen $($Run.Mode)")
            } catch {
                $Run.Refusal = [ordered]@{ guard = 'consent'; message = (
                        'Nobody can be asked in this session; ' +
                        "-Confirm:`$false makes the changes without asking. ($($_.Exception.Message))") }
                $outcome = @{ State = 'blocked'; Note = 'Not asked: this session cannot ask.'; RequestId = '' }
                $halted = $true
            }
            if ($yes) { $outcome = Invoke-Consented $one $plan.Plan }
            elseif (-not $Run.WhatIf -and -not $halted) { $outcome.State = 'skipped' }
        }
        $Run.States[$one] = $outcome.State
        $shown = @{ State = $outcome.State; Differences = $plan.Plan.Differences; RequestId = $outcome.RequestId }
        Write-StepResult $one @shown -Notes (@($outcome.Note) + @($plan.Plan.Notes))
        if ('failed', 'unreadable', 'conflict', 'skipped' -ccontains $outcome.State) { $halted = $true }
    }
}

function Invoke-Consented {
    param([string] $Id, [hashtable] $Plan)
    $Run.Consent[$Id] = $true
    $sent = $Run.Writes
    try {
        Assert-SameConnection
        Invoke-Plan -Id $Id -Plan $Plan
        $state = if ($Plan.Remaining -ne '') { $Plan.Remaining }
        elseif ($Run.Mode -eq 'Rollback') { 'undone' }
        elseif ($Run.Writes -eq $sent) { 'in-place' }
        else { 'changed' }
        @{ State = $state; Note = ''; RequestId = '' }
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        $Run.Stopped[$Id] = $true
        Clear-Gone $Plan
        @{ State = $stop.State; Note = $stop.Detail; RequestId = $stop.RequestId }
    } finally { $Run.Consent.Remove($Id) }
}

function Invoke-Proof {
    # A proof that cannot be read leaves the other steps their say.
    param([string] $Id)
    if (-not $Steps[$Id].Contains('Proof')) { return }
    try { $null = & $Steps[$Id].Proof }
    catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        Write-Proof $Id -Target $Catalogue[$Id].Title -Expected 'readable' -Actual $stop.Detail -State 'unreadable'
    }
}

function Invoke-Verify {
    # Judges what is configured. Whether Pexip's calls succeed is seen in Pexip Infinity, 30 minutes to 2 hours later.
    $plans = Get-FirstPass
    $nothing = @($plans.Keys | Where-Object -FilterScript {
            $Steps[$_].Contains('Foundation') -and $plans[$_].State -eq 'different' -and
                -not $plans[$_].Plan.Changes[0].Before.exists })
    foreach ($id in $Run.Selected) {
        $plan = $plans[$id]
        $state = $plan.State
        if ($nothing.Count -gt 0 -and @('not-asked', 'unreadable') -notcontains $state) {
            Write-StepResult $id -State 'pending' -Differences @() -Notes @(
                "Nothing to prove yet: $($nothing -join ', ') is not there.")
            continue
        }
        if ($nothing.Count -eq 0) { $state = Test-Step $id -Comparison $plan }
        $shown = @{ Differences = $plan.Plan.Differences; Notes = $plan.Plan.Notes; RequestId = $plan.RequestId }
        Write-StepResult $id -State $state @shown
    }
}

function Test-Step {
    # The state of one step in Verify, with its proofs: what was compared, and what the step itself can try.
    param([string] $Id, [hashtable] $Comparison)
    if ($Comparison.State -eq 'not-asked') { return 'not-asked' }
    $state = Get-VerifiedState $Id $Comparison
    # What a step only reports may be worth nothing any more: somebody has to decide, and nothing is proved or not.
    if ('proved', 'disproved' -ccontains $state -and $Steps[$Id]['ReportOnly']) { return 'blocked' }
    $actual = if ($state -eq 'proved') { 'as described' }
    else {
        @(@($Comparison.Plan.Differences | ForEach-Object -Process {
                    "$($_.property) is $(Format-Value $_.current)" }) + $Comparison.Plan.Notes) -join '; '
    }
    Write-Proof $Id -Target $Catalogue[$Id].Title -Expected 'as described' -Actual $actual -State $state
    Invoke-Proof $Id
    $worst = @('disproved', 'unreadable', 'pending' | Where-Object -FilterScript {
            $bad = $_
            @($Run.Proofs | Where-Object -FilterScript { $_.step -ceq $Id -and $_.state -eq $bad }).Count -gt 0 })
    if ($worst.Count -gt 0 -and ($state -eq 'proved' -or $worst[0] -eq 'disproved')) { return $worst[0] }
    $state
}

function Get-VerifiedState {
    param([string] $Id, [hashtable] $Comparison)
    switch ($Comparison.State) {
        'in-place' { 'proved' }
        # What Cleanup is there for disproves nothing.
        { $Steps[$Id].Contains('Cleanup') -and 'different', 'blocked' -ccontains $_ } { 'blocked'; break }
        'different' { 'disproved' }
        'blocked' { if ($Comparison.Plan.Remaining -eq 'blocked') { 'disproved' } else { 'blocked' } }
        'conflict' { if ($Steps[$Id].Contains('ConflictDisproves')) { 'disproved' } else { 'conflict' } }
        default { $Comparison.State }
    }
}
#endregion

#region shared/roles
# Roles: management scopes and role assignments, as every method reads them.

function Get-ScopeFilter {
    # One clause, its value escaped here: nothing of a description gets into a filter otherwise.
    param([string] $Property, [string] $Is)
    "$Property -eq '$($Is.Replace("'", "''"))'"
}

function ConvertTo-ScopeFilter {
    # Exchange stores the filter in a form of its own: what counts is that it is this one clause, in parentheses or not.
    param([string] $Filter)
    $clause = [regex]::Match($Filter,
        "^[\s(]*(MemberOfGroup|PrimarySmtpAddress)\s+-eq\s+'((?:[^']|'')*)'[\s)]*$", 'IgnoreCase, CultureInvariant')
    if (-not $clause.Success) { return $Filter }
    Get-ScopeFilter $clause.Groups[1].Value -Is $clause.Groups[2].Value.Replace("''", "'")
}

function Test-SameScope {
    param([string] $Left, [string] $Right)
    Test-SameName (ConvertTo-ScopeFilter $Left) (ConvertTo-ScopeFilter $Right)
}

function Test-OwnFilter {
    # Whether a filter is of the form that this product writes.
    param([string] $Filter)
    $Filter -match "^[\s(]*(MemberOfGroup|PrimarySmtpAddress)\s+-eq\s+'((?:[^']|'')*)'[\s)]*$"
}

function Assert-DescribedScope {
    # A scope of the name that reaches others may serve somebody else: it is never rewritten, and nothing is given over
    # it.
    param($Scope, [string] $Filter)
    $found = Get-Text $Scope 'RecipientFilter'
    # In the cloud the root is the organisation, or narrows.
    $root = if ($Platform -ceq 'exchange-server') { Get-Text $Scope 'RecipientRoot' } else { '' }
    $isPlain = $root -eq '' -and -not (Test-Same (Get-Property $Scope 'Exclusive') $true)
    if ($Filter -ne '' -and $isPlain -and (Test-SameScope $found $Filter)) { return }
    throw (Get-Stop -State 'conflict' -Detail (
            "The management scope '$(Get-Text $Scope 'Name')' is there with another filter: $found" +
            "$(if (-not $isPlain) { " (root '$root', exclusive $(Get-Text $Scope 'Exclusive'))" }). " +
            'It may serve another application, or the group was renamed or moved since. ' +
            'It is not touched: choose another scope name, or remove that scope yourself.'))
}

function Assert-Named {
    # An empty name would ask for all, and one with a wildcard for many: what is found has the very name.
    param($Found, [string] $Name)
    if ($null -eq $Found -or (Test-SameName (Get-Text $Found 'Name') $Name)) { return $Found }
    throw (Get-Stop -State 'conflict' -Detail "Asked for '$Name', Exchange answers with '$(Get-Text $Found 'Name')'.")
}

function Read-ManagementScope {
    param([string] $Identity)
    if ($Identity.Trim() -eq '') { throw 'A scope without a name was about to be read.' }
    $found = Invoke-ReadOne -Subject "management scope '$Identity'" -Call {
        Get-ManagementScope -Identity $Identity -ErrorAction Stop
    }
    Assert-Named $found -Name $Identity
}

function Read-NamedAssignment {
    param([string] $Name)
    if ($Name.Trim() -eq '') { throw 'An assignment without a name was about to be read.' }
    $found = Invoke-ReadOne -Subject "role assignment '$Name'" -Call {
        Get-ManagementRoleAssignment -Identity $Name -ErrorAction Stop
    }
    Assert-Named $found -Name $Name
}

function Get-PresentAssignment {
    # Where one was just seen and is to be changed: its scope decides how, so that "not found" may not pass for none.
    param([string] $Name)
    $row = Read-NamedAssignment $Name
    if ($null -ne $row) { return $row }
    throw (Get-Stop -State (Get-LateState) -Detail "Exchange does not find the role assignment '$Name' at the moment.")
}

function Format-Assignment {
    # An application's scope is its resource scope, a user's its write scope.
    param($Assignment)
    $scope = Get-Text $Assignment 'CustomResourceScope'
    if ($scope -eq '') { $scope = Get-Text $Assignment 'CustomRecipientWriteScope' }
    $reach = Get-Text $Assignment 'RecipientWriteScope'
    $where = if ($scope -ne '') { "'$scope'" }
    elseif ('', 'Organization' -contains $reach) { 'every mailbox' }
    else { "the recipients of $reach" }
    $off = if (Test-Same (Get-Property $Assignment 'Enabled') $false) { ' (disabled)' } else { '' }
    "'$(Get-Text $Assignment 'Name')' of '$(Get-Text $Assignment 'Role')' on $where$off"
}

# Application Impersonation: the role of Exchange Server by which a service account acts in others' mailboxes.

$ImpersonationRole = 'ApplicationImpersonation'

function Read-Impersonation {
    # The account's assignments of the role, through groups too. Delegating ones let the holder hand it on, not use it.
    # Asked for by the account alone: where the role itself is gone, assignments of it may still be there.
    # IfAbsent: what it means that the account is not found.
    param([string] $Account, [string] $IfAbsent = '')
    @(Invoke-Read -Subject "role assignments of $Account" -IfAbsent $IfAbsent -Call {
            Get-ManagementRoleAssignment -RoleAssignee $Account -ErrorAction Stop
        } | Where-Object -FilterScript {
            (Test-SameName (Get-Text $_ 'Role') $ImpersonationRole) -and
                (Get-Text $_ 'RoleAssignmentDelegationType') -cnotlike 'Delegating*' })
}

function Test-Direct {
    # Given to the account itself, and not to a role group that it is in.
    param($Assignment)
    (Get-Text $Assignment 'RoleAssigneeType') -eq 'User'
}

function Get-ScopeUser {
    # The names of the assignments that a management scope serves.
    param([string] $Scope)
    $rows = @(Invoke-Read -Subject "role assignments with the scope '$Scope'" -IfAbsent 'unreadable' -Call {
            Get-ManagementRoleAssignment -CustomRecipientWriteScope $Scope -ErrorAction Stop })
    if ($Platform -ceq 'exchange-online') {
        $rows += @(Invoke-Read -Subject 'role assignments to applications' -IfAbsent 'unreadable' -Call {
                Get-ManagementRoleAssignment -RoleAssigneeType ServicePrincipal -ErrorAction Stop })
    }
    @($rows | Where-Object -FilterScript {
            (Test-SameName (Get-Text $_ 'CustomResourceScope') $Scope) -or
                (Test-SameName (Get-Text $_ 'CustomRecipientWriteScope') $Scope) } |
            ForEach-Object -Process { Get-Text $_ 'Name' } | Select-Object -Unique)
}
#endregion

#region shared/addresses
# Addresses: what holds one although no recipient shows it.

function Assert-NotDeleted {
    # Exchange Online keeps a deleted mailbox with its addresses, and refuses them to anything new.
    param([string] $Address)
    if ($Platform -ceq 'exchange-server') { return }
    $deleted = @(Invoke-Read -Subject "deleted mailbox $Address" -Call {
            Get-Mailbox -Identity $Address -SoftDeletedMailbox -ErrorAction Stop })
    if ($deleted.Count -eq 0) { return }
    $when = Get-Property $deleted[0] 'WhenSoftDeleted'
    if ($when -is [datetime]) { $when = Format-Utc $when }
    throw (Get-Stop -State 'conflict' -Detail (
            "A deleted mailbox still holds ${Address}: $(Format-Recipient $deleted[0]), " +
            "deleted $when. " +
            'Restore it, remove it for good, or choose another address.'))
}
#endregion

#region shared/manifest
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
                "The add-in cannot be uploaded: $problem. Put $($Value.AddInManifest) beside this script."))
    }
    $Plan.Notes += "Apply needs $($Value.AddInManifest) beside this script: $problem."
}
#endregion

#region steps/account-mailbox.exchange-server
# Service account: the account with a mailbox as which Pexip Infinity logs in to Exchange Server.

$Steps['account-mailbox'] = @{
    Compare = 'Compare-AccountMailbox'; Now = 'Get-AccountMailboxNow'; Change = 'Invoke-AccountMailboxChange'
    Hold = 'Get-AccountMailboxHold'; Label = 'Get-AccountMailboxLabel'; Alone = $true
    Made = @('UserPrincipalName'); Set = '(?!)'; Kind = 'UserMailbox'
    Reads = 'Get-Recipient', 'Get-Mailbox', 'Get-User'
    Apply = @('New-Mailbox')
    Rollback = @(if ($Run.RemoveCreatedMailbox) { 'Get-MailboxStatistics', 'Remove-Mailbox' })
    IfRefused = (
        'The organizational unit has to exist, and the password has to satisfy the policy of the domain.')
    NotChecked = (
        "The password of $($Value.ServiceAccountUserPrincipalName), and when it expires: " +
        'it is entered in Pexip Infinity by hand and never read here.')
    Assert = {
        $name = $Value.ServiceAccountUserPrincipalName
        Assert-Sane (Test-Address $name) '-ServiceAccountUserPrincipalName is a user principal name.'
        Assert-Sane ((Get-AccountName) -cmatch '^(?=.*\S)[\x20-\x7E]{1,64}$') (
            '-ServiceAccountName (else what stands before the @) is 1 to 64 ASCII characters.')
        Assert-Sane (-not (Test-SameName (Get-AccountName) $Value.EquipmentName)) (
            'The service account and the equipment mailbox cannot have one name.')
        Assert-Sane (-not (Test-SameName $name $Value.EquipmentAddress)) (
            'The service account and the equipment mailbox cannot be one.')
        foreach ($address in $Value.OneTouchJoinAccounts) {
            Assert-Sane (-not (Test-SameName $address $name)) (
                "$address is used for One-Touch Join; the scheduler needs an account of its own.")
        }
    }
}

function Get-AccountName {
    if ($Value.ServiceAccountName -ne '') { $Value.ServiceAccountName }
    else { Get-LocalPart $Value.ServiceAccountUserPrincipalName }
}

function Read-AccountMailbox {
    param([string] $Identity)
    Invoke-ReadOne -Subject "mailbox $Identity" -Call { Get-Mailbox -Identity $Identity -ErrorAction Stop }
}

function Get-AccountMailbox {
    # The account's mailbox, or $null. Read once a pass: the impersonation is about it too.
    $name = $Value.ServiceAccountUserPrincipalName
    if (-not $Run.Seen.ContainsKey("account $name")) { $Run.Seen["account $name"] = Read-AccountMailbox $name }
    $mailbox = $Run.Seen["account $name"]
    $found = if ($null -ne $mailbox) { $mailbox } else { Get-RecipientOf $name }
    if ($null -eq $found) { return $null }
    $isOurs = $null -ne $mailbox -and (Get-Text $mailbox 'RecipientTypeDetails') -eq 'UserMailbox' -and
        (Test-SameName (Get-Text $mailbox 'UserPrincipalName') $name)
    if ($isOurs) { Assert-NoOneTouchJoinAccount $mailbox; return $mailbox }
    throw (Get-Stop -State 'conflict' -Detail (
            "$name belongs to $(Format-Recipient $found), which is no user mailbox with that user principal name. " +
            'Choose another account, or free this name.'))
}

function Compare-AccountMailbox {
    $plan = Get-Comparison 'account-mailbox'
    $name = $Value.ServiceAccountUserPrincipalName
    $mailbox = Get-AccountMailbox
    if ($null -ne $mailbox) {
        if (Test-Same (Get-Property $mailbox 'AccountDisabled') $true) {
            $plan.Remaining = 'blocked'
            $plan.Notes += "The account $name is disabled, so that nobody can log in with it."
        }
        return $plan
    }
    Assert-NoAccount
    if ($Value.ServiceAccountAdopt) {
        throw (Get-Stop -State 'conflict' -Detail "adopt is true, but there is no mailbox of $name.")
    }
    $namesake = Get-RecipientOf (Get-AccountName)
    if (Test-SameName (Get-Text $namesake 'Name') (Get-AccountName)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The name '$(Get-AccountName)' belongs to $(Format-Recipient $namesake). " +
                'Choose another name for the account.'))
    }
    $password = $Run.PasswordOfServiceAccount
    if ($null -eq $password -or $password.Length -eq 0) {
        $ask = "-PasswordOfServiceAccount (Get-Credential -UserName '$($name.Replace("'", "''"))' " +
            "-Message 'Service account').Password"
        if ($Run.Mode -eq 'Apply' -and -not $Run.WhatIf) {
            throw (Get-Stop -State 'refused' -Guard 'password' -Detail (
                    "The account $name is to be made and has no password yet. Run it again with $ask"))
        }
        $plan.Notes += "Apply needs its password, never as text: $ask"
    }
    $where = if ($Value.ServiceAccountOrganizationalUnit -ne '') { " in $($Value.ServiceAccountOrganizationalUnit)" }
    else { '' }
    Add-Difference $plan -Property 'UserPrincipalName' -Current $null -Wanted $name
    Add-Change $plan -Text "create the account $name with a mailbox, name '$(Get-AccountName)'$where" -Before (
        Get-Absent $name) -Wanted (Get-Present $name ([ordered]@{ UserPrincipalName = $name }))
    $plan
}

function Assert-NoAccount {
    # An account of Active Directory without a mailbox has the name just as well.
    $name = $Value.ServiceAccountUserPrincipalName
    $user = Invoke-ReadOne -Subject "account $name" -Call { Get-User -Identity $name -ErrorAction Stop }
    if ($null -eq $user) { return }
    throw (Get-Stop -State 'conflict' -Detail (
            "There is an account $name without a mailbox ($(Get-Text $user 'RecipientTypeDetails')). " +
            'Give it one (Enable-Mailbox), or choose another user principal name.'))
}

function Get-AccountMailboxNow {
    param([System.Collections.IDictionary] $Snapshot)
    $mailbox = Read-AccountMailbox $Snapshot.id
    if ($null -eq $mailbox) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) { $properties[$name] = Get-AnsweredText $mailbox -Name $name }
    Get-Present (Get-ObjectId $mailbox) $properties
}

function Invoke-AccountMailboxChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    if (-not $Change.Wanted.exists) { Remove-Mailbox -Identity $Now.id -Confirm:$false -ErrorAction Stop; return }
    $account = @{
        Name = Get-AccountName; UserPrincipalName = $Value.ServiceAccountUserPrincipalName
        Password = $Run.PasswordOfServiceAccount; ResetPasswordOnNextLogon = $false
    }
    if ($Value.ServiceAccountOrganizationalUnit -ne '') {
        $account['OrganizationalUnit'] = $Value.ServiceAccountOrganizationalUnit
    }
    New-Mailbox @account -Confirm:$false -ErrorAction Stop
}

function Get-AccountMailboxLabel {
    param([string] $Id)
    "$(Format-Recipient (Read-AccountMailbox $Id)), with its account in Active Directory"
}

function Get-AccountMailboxHold {
    # Why an account that was made here must stay, or nothing.
    param($Entry, $Current)
    if ($Entry.Before['exists']) { return }
    $name = Get-Text (Read-AccountMailbox $Current.id) 'UserPrincipalName'
    if (-not (Test-SameName $name $Value.ServiceAccountUserPrincipalName)) { return 'it is not the service account' }
    # Its account goes with it, so that an announced creation is not enough: somebody may have made it since.
    if (-not $Entry.Done) { return 'the journal does not say that it was made here' }
    if (-not $Run.RemoveCreatedMailbox) { return 'a mailbox is removed only with -RemoveCreatedMailbox' }
    $id = $Current.id
    $statistics = Invoke-ReadOne -Subject "mailbox statistics $id" -Call {
        Get-MailboxStatistics -Identity $id -ErrorAction Stop
    }
    $count = Get-Text $statistics 'ItemCount'
    if ($count -eq '') { return 'Exchange tells no number of items of it; look, and remove it by hand' }
    if ($count -cne '0') { return "it holds $count items" }
}
#endregion

#region steps/impersonation.exchange-server
# Application Impersonation: the service account may act in mailboxes of the whole organisation, of a group, or in the
# equipment mailbox alone. The journal knows its two objects as scope:NAME and assignment:NAME.

$Steps['impersonation'] = @{
    Compare = 'Compare-Impersonation'; Now = 'Get-ImpersonationNow'; Change = 'Invoke-ImpersonationChange'
    Hold = 'Get-ImpersonationHold'; Label = 'Get-ImpersonationLabel'; Ids = '^(scope|assignment):(?=.*\S)[^*]+$'
    Proof = 'Test-ImpersonationProof'; Grants = $ImpersonationRole
    Made = @('RecipientFilter', 'Role,User,CustomRecipientWriteScope'); Set = 'Enabled'
    Reads = @('Get-Recipient', 'Get-Mailbox', 'Get-ManagementRoleAssignment') +
        @(if ($Value.ImpersonationScope -cne 'organization') { 'Get-ManagementScope' }) +
        @(if ($Value.ImpersonationScope -ceq 'group') { 'Get-DistributionGroup' })
    Apply = @('New-ManagementRoleAssignment', 'Set-ManagementRoleAssignment') +
        @(if ($Value.ImpersonationScope -cne 'organization') { 'New-ManagementScope' })
    Rollback = 'Get-ManagementScope', 'Set-ManagementRoleAssignment', 'Remove-ManagementRoleAssignment',
        'Remove-ManagementScope'
    Assert = {
        Assert-Sane ('organization', 'equipment-only', 'group' -ccontains $Value.ImpersonationScope) (
            '-ImpersonationScope is organization, equipment-only or group.')
        Assert-Sane ($Value.ImpersonationScope -cne 'group' -or (Test-Address $Value.ImpersonationGroup)) (
            '-ImpersonationGroup is an SMTP address.')
        Assert-Sane ($Value.ImpersonationAssignment.Trim() -ne '') '-ImpersonationAssignment is not empty.'
        Assert-Sane ($Value.ImpersonationScopeName.Trim() -ne '') '-ImpersonationScopeName is not empty.'
        foreach ($address in @($Value.ProofInScope) + @($Value.ProofOutOfScope)) {
            Assert-Sane (Test-Address $address) "Proofs: '$address' is no SMTP address."
        }
    }
}

function Get-ImpersonationFilter {
    # What the scope has to reach, or '' for the whole organisation.
    if ($Value.ImpersonationScope -ceq 'organization') { return '' }
    if ($Value.ImpersonationScope -ceq 'equipment-only') {
        return Get-ScopeFilter 'PrimarySmtpAddress' -Is $Value.EquipmentAddress
    }
    $address = $Value.ImpersonationGroup
    $group = Get-RecipientOf $address
    $isGroup = 'MailUniversalSecurityGroup', 'MailUniversalDistributionGroup' -contains (
        Get-Text $group 'RecipientTypeDetails')
    if (-not $isGroup) {
        $found = if ($null -eq $group) { "There is no $address" }
        else { "$address belongs to $(Format-Recipient $group)" }
        throw (Get-Stop -State 'conflict' -Detail (
                "$found; the scope needs a distribution or mail-enabled security group of that address."))
    }
    $known = Invoke-ReadOne -Subject "group $address" -Call {
        Get-DistributionGroup -Identity $address -ErrorAction Stop
    }
    $name = Get-Text $known 'DistinguishedName'
    if ($name -eq '') {
        throw (Get-Stop -State 'unreadable' -Detail "Exchange does not tell the distinguished name of $address.")
    }
    Get-ScopeFilter 'MemberOfGroup' -Is $name
}

function Test-OurImpersonation {
    # Given to the account itself, over exactly what is described.
    param($Assignment, [string] $Filter)
    $scope = Get-Text $Assignment 'CustomRecipientWriteScope'
    if (-not (Test-Direct $Assignment)) { return $false }
    if ($Filter -ne '') { return Test-SameName $scope $Value.ImpersonationScopeName }
    $scope -eq '' -and '', 'Organization' -contains (Get-Text $Assignment 'RecipientWriteScope')
}

function Compare-ImpersonationScope {
    # The scope's part of the plan. A scope of that name with another filter may serve somebody else.
    param([hashtable] $Plan, [string] $Filter)
    $name = $Value.ImpersonationScopeName
    $scope = Read-ManagementScope $name
    if ($null -eq $scope) {
        Add-Difference $Plan -Property 'RecipientFilter' -Current $null -Wanted $Filter
        Add-Change $Plan -Text "create the management scope '$name' with the filter: $Filter" -Before (
            Get-Absent "scope:$name") -Wanted (
            Get-Present "scope:$name" ([ordered]@{ RecipientFilter = $Filter }))
        return
    }
    Assert-DescribedScope $scope -Filter $Filter
}

function Get-HeldImpersonation {
    # Our assignment, or nothing. What reaches further than described is somebody's decision, not drift.
    param([string] $Filter)
    $account = $Value.ServiceAccountUserPrincipalName
    $held = @(if ($null -ne (Get-AccountMailbox)) { Read-Impersonation $account -IfAbsent (Get-LateReadState) })
    $ours = @($held | Where-Object -FilterScript { Test-OurImpersonation $_ -Filter $Filter } |
            Sort-Object -Property { Test-Same (Get-Property $_ 'Enabled') $false })
    $others = @($held | Where-Object -FilterScript { -not (Test-OurImpersonation $_ -Filter $Filter) })
    if ($Filter -ne '' -and $others.Count -gt 0) {
        throw (Get-Stop -State 'conflict' -Detail (
                'The account holds the role beyond the described scope, by ' +
                "$(@($others | ForEach-Object -Process { Format-Assignment $_ }) -join ', '). " +
                'Remove that assignment or membership, or describe what is meant.'))
    }
    if ($ours.Count -gt 0) { return $ours[0] }
    $namesake = Read-NamedAssignment $Value.ImpersonationAssignment
    if ($null -ne $namesake) {
        $name = Get-Text $namesake 'Name'
        if (@($held | Where-Object -FilterScript { Test-SameName (Get-Text $_ 'Name') $name }).Count -gt 0) {
            throw (Get-Stop -State 'conflict' -Detail (
                    "The account has $(Format-Assignment $namesake), over another scope than is described. " +
                    'Roll back the run that made it, or remove it yourself; this step changes no scope.'))
        }
        throw (Get-Stop -State 'conflict' -Detail (
                "The name is taken: $(Format-Assignment $namesake), " +
                "for '$(Get-Text $namesake 'RoleAssigneeName')'. Choose another assignment name."))
    }
}

function Compare-Impersonation {
    $plan = Get-Comparison 'impersonation'
    $account = $Value.ServiceAccountUserPrincipalName
    if ($null -eq (Get-AccountMailbox) -and -not (Test-Planned 'account-mailbox')) {
        throw (Get-Awaited 'account-mailbox' 'The service account')
    }
    $filter = Get-ImpersonationFilter
    if ($filter -ne '') { Compare-ImpersonationScope $plan -Filter $filter }
    $held = Get-HeldImpersonation $filter
    if ($null -ne $held) {
        Add-EnableChange $plan -Assignment $held
    } else {
        $scope = if ($filter -ne '') { $Value.ImpersonationScopeName } else { '' }
        $wanted = [ordered]@{ Role = $ImpersonationRole; User = $account; CustomRecipientWriteScope = $scope }
        foreach ($name in $wanted.Keys) { Add-Difference $plan -Property $name -Current $null -Wanted $wanted[$name] }
        $id = "assignment:$($Value.ImpersonationAssignment)"
        $reach = if ($scope) { "on the scope '$scope'" } else { 'on EVERY mailbox of the organisation' }
        Add-Change $plan -Text (
            "assign $ImpersonationRole to $account $reach, as '$($Value.ImpersonationAssignment)'") -Before (
            Get-Absent $id) -Wanted (Get-Present $id $wanted)
    }
    if ($Value.ImpersonationScope -ceq 'group') {
        Add-GroupNote $plan -Filter $filter
    }
    if ($Value.ImpersonationScope -ceq 'equipment-only') {
        $plan.Notes += ('Over the equipment mailbox alone Pexip calls the functionality limited. Presumably (not ' +
            "Pexip's words) it cannot send anything later as the organiser.")
    }
    $plan
}

function Add-GroupNote {
    # The group is not ours to fill; without the equipment mailbox in it the service cannot open its own.
    param([hashtable] $Plan, [string] $Filter)
    $address = $Value.EquipmentAddress
    $mailbox = Get-RecipientOf $address
    $isInside = $null -ne $mailbox -and @(Read-Reached $Filter) -ccontains $address.ToLowerInvariant()
    if ($isInside) { return }
    $Plan.Notes += "$address has to be a direct member of $($Value.ImpersonationGroup), and is not."
    # A mailbox that this run still makes will not be in it either.
    $Plan.Remaining = 'blocked'
}

function Read-Reached {
    # Whom a scope reaches, by Exchange's own preview.
    param([string] $Filter)
    Invoke-Read -Subject "preview of $Filter" -IfAbsent 'unreadable' -Call {
        Get-Recipient -RecipientPreviewFilter $Filter -ResultSize Unlimited -ErrorAction Stop
    } | ForEach-Object -Process { (Get-Text $_ 'PrimarySmtpAddress').ToLowerInvariant() }
}

function Add-EnableChange {
    param([hashtable] $Plan, $Assignment)
    if (-not (Test-Same (Get-Answered $Assignment -Name 'Enabled') $false)) { return }
    $name = Get-Text $Assignment 'Name'
    $id = "assignment:$name"
    Add-Difference $Plan -Property 'Enabled' -Current $false -Wanted $true
    Add-Change $Plan -Text "enable the role assignment '$name'" -Before (
        Get-Present $id ([ordered]@{ Enabled = $false })) -Wanted (Get-Present $id ([ordered]@{ Enabled = $true }))
}

function Get-ImpersonationNow {
    param([System.Collections.IDictionary] $Snapshot)
    $kind, $name = $Snapshot.id.Split([char[]] ':', 2)
    $properties = [ordered]@{}
    if ($kind -ceq 'scope') {
        $scope = Read-ManagementScope $name
        if ($null -eq $scope) { return Get-Absent $Snapshot.id }
        if ($Snapshot.properties.Contains('RecipientFilter')) {
            $properties['RecipientFilter'] = ConvertTo-ScopeFilter (Get-Text $scope 'RecipientFilter')
        }
        return Get-Present $Snapshot.id $properties
    }
    $row = Read-NamedAssignment $name
    if ($null -eq $row) { return Get-Absent $Snapshot.id }
    foreach ($property in $Snapshot.properties.Keys) {
        switch -CaseSensitive ($property) {
            'Enabled' { $properties[$property] = Test-Same (Get-Answered $row -Name 'Enabled') $true }
            'User' { $properties[$property] = Get-ImpersonatingUser $name }
            default { $properties[$property] = Get-Text $row $property }
        }
    }
    Get-Present $Snapshot.id $properties
}

function Get-ImpersonatingUser {
    # Exchange names the holder in several ways; that the account's list holds the assignment says it for certain.
    param([string] $Name)
    $account = $Value.ServiceAccountUserPrincipalName
    # In Rollback the account may have been deleted since, and then nobody holds it.
    $missing = if ($Run.Mode -eq 'Rollback') { '' } else { Get-LateReadState }
    $found = @(Read-Impersonation $account -IfAbsent $missing | Where-Object -FilterScript {
            (Test-Direct $_) -and (Test-SameName (Get-Text $_ 'Name') $Name) })
    if ($found.Count -gt 0) { $account } else { '' }
}

function Assert-ScopeBeforeGrant {
    # The last look before the role is given or switched on: over the described mailboxes, or not at all.
    param([string] $Name)
    $scope = Read-ManagementScope $Name
    if ($null -ne $scope) { Assert-DescribedScope $scope -Filter (Get-ImpersonationFilter) }
}

function Invoke-ImpersonationChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $kind, $name = $Now.id.Split([char[]] ':', 2)
    $wanted = $Change.Wanted.properties
    if ($kind -ceq 'scope' -and -not $Change.Wanted.exists) {
        Remove-ManagementScope -Identity $name -Confirm:$false -ErrorAction Stop
    } elseif ($kind -ceq 'scope') {
        $filter = $wanted.RecipientFilter
        New-ManagementScope -Name $name -RecipientRestrictionFilter $filter -Confirm:$false -ErrorAction Stop
    } elseif (-not $Change.Wanted.exists) {
        Remove-ManagementRoleAssignment -Identity $name -Confirm:$false -ErrorAction Stop
    } elseif ($Change.Before.exists) {
        # Its own scope again, because only that tells Exchange which kind of assignment is meant.
        $row = Get-PresentAssignment $name
        $scope = Get-Text $row 'CustomRecipientWriteScope'
        if ($wanted.Enabled -and $scope -ne '') { Assert-ScopeBeforeGrant $scope }
        $setting = @{ Identity = $name; Enabled = $wanted.Enabled }
        if ($scope -ne '') { $setting['CustomRecipientWriteScope'] = $scope }
        elseif ((Get-Text $row 'RecipientWriteScope') -eq 'Organization') {
            $setting['RecipientRelativeWriteScope'] = 'Organization'
        } else { throw (Get-Stop -State 'conflict' -Detail "The role assignment '$name' has another scope now.") }
        Set-ManagementRoleAssignment @setting -Confirm:$false -ErrorAction Stop
    } else {
        $assignment = @{ Name = $name; Role = $wanted.Role; User = $wanted.User }
        if ($wanted.CustomRecipientWriteScope -ne '') {
            Assert-ScopeBeforeGrant $wanted.CustomRecipientWriteScope
            $assignment['CustomRecipientWriteScope'] = $wanted.CustomRecipientWriteScope
        }
        New-ManagementRoleAssignment @assignment -Confirm:$false -ErrorAction Stop
    }
}

function Get-ImpersonationLabel {
    param([string] $Id)
    $kind, $name = $Id.Split([char[]] ':', 2)
    if ($kind -ceq 'assignment') { return "the role assignment $(Format-Assignment (Read-NamedAssignment $name))" }
    "the management scope '$name' ($(Get-Text (Read-ManagementScope $name) 'RecipientFilter'))"
}

function Get-ImpersonationHold {
    # Only the described account's assignments of this one role are taken back, and only scopes of our form that nobody
    # else's assignment uses.
    param($Entry, $Current)
    $kind, $name = $Current.id.Split([char[]] ':', 2)
    if ($kind -ceq 'scope') {
        if ($Entry.Before['exists'] -or
            -not (Test-OwnFilter (Get-Text (Read-ManagementScope $name) 'RecipientFilter'))) {
            return 'its filter is not of the kind that this product makes'
        }
        foreach ($user in @(Get-ScopeUser $name)) {
            if (-not $Run.Gone.ContainsKey("impersonation assignment:$user")) {
                return "the role assignment '$user' uses it"
            }
        }
        return
    }
    if ($Entry.Before['exists'] -and $Entry.Before['properties']['Enabled'] -eq $true) {
        return 'this product never switches an assignment off'
    }
    if ((Get-ImpersonatingUser $name) -eq '') { return 'the described account does not hold it' }
    $row = Read-NamedAssignment $name
    if (-not (Test-SameName (Get-Text $row 'Role') $ImpersonationRole)) {
        return "it is an assignment of '$(Get-Text $row 'Role')'"
    }
    if ((Get-Text $row 'RoleAssignmentDelegationType') -clike 'Delegating*') {
        return 'it lets its holder hand the role on'
    }
}

function Test-ImpersonationProof {
    # The whole organisation needs none.
    $filter = Get-ImpersonationFilter
    if ($filter -eq '') { return }
    $reached = @(Read-Reached $filter)
    $inside = @($Value.EquipmentAddress) + @(if ($Value.ImpersonationScope -ceq 'group') { $Value.ProofInScope })
    $cases = @($inside | ForEach-Object -Process { @{ Address = $_; Expected = $true } }) +
        @($Value.ProofOutOfScope | ForEach-Object -Process { @{ Address = $_; Expected = $false } })
    foreach ($case in $cases) {
        $mailbox = Get-RecipientOf $case.Address
        $isIn = $reached -ccontains (Get-Text $mailbox 'PrimarySmtpAddress').ToLowerInvariant()
        $actual = if ($null -eq $mailbox) { 'there is no such mailbox' } else { "in scope: $isIn" }
        $expected = "in scope: $($case.Expected)"
        $proof = @{
            Step = 'impersonation'; Target = "$ImpersonationRole in $($case.Address)"
            Expected = $expected; Actual = $actual
            State = $(if ($actual -ceq $expected) { 'proved' } else { 'disproved' })
        }
        Write-Proof @proof
    }
}
#endregion

#region steps/equipment-mailbox
# Equipment mailbox: the resource that the add-in invites to every meeting.

# What becomes of the account that a new equipment mailbox has.
$EquipmentAccount = @{
    'exchange-online' = (
        'Exchange Online gives the mailbox an account that can sign in with a random password; ' +
        'block its sign-in in Entra.')
    'exchange-server' = 'Exchange Server makes the account of the mailbox disabled. Leave it so.'
}

$Steps['equipment-mailbox'] = @{
    Compare = 'Compare-EquipmentMailbox'; Now = 'Get-EquipmentMailboxNow'; Change = 'Invoke-EquipmentMailboxChange'
    Hold = 'Get-EquipmentMailboxHold'; Foundation = $true
    Made = @('PrimarySmtpAddress,DisplayName,Alias'); Set = 'DisplayName|Alias'; Kind = 'EquipmentMailbox'
    Reads = 'Get-Recipient', 'Get-Mailbox'
    Guard = @{
        Name = 'one-touch-join'; Test = 'Assert-NoOneTouchJoinRoom'
        Reads = @(if ($Value.OneTouchJoinGroups.Count -gt 0) { 'Get-Recipient', 'Get-DistributionGroupMember' })
    }
    Apply = 'New-Mailbox', 'Set-Mailbox'
    Rollback = @('Set-Mailbox') + @(if ($Run.RemoveCreatedMailbox) { 'Get-MailboxStatistics', 'Remove-Mailbox' })
    Assert = {
        Assert-Sane (Test-Address $Value.EquipmentAddress) '-EquipmentAddress is an SMTP address.'
        Assert-Sane ($Value.EquipmentName.Trim() -ne '' -and $Value.EquipmentName -cmatch '^[\x20-\x7E]+$') (
            '-EquipmentName is not empty and has no letters beyond ASCII: ' +
            'Exchange refuses them. -EquipmentDisplayName takes them.')
        foreach ($address in $Value.OneTouchJoinAccounts) {
            Assert-Sane (-not (Test-SameName $address $Value.EquipmentAddress)) (
                "$address is used for One-Touch Join; the scheduler needs a mailbox of its own.")
        }
        foreach ($address in $Value.OneTouchJoinGroups) {
            Assert-Sane (Test-Address $address) "-OneTouchJoinGroups: '$address' is no SMTP address."
        }
    }
}

function Assert-NoOneTouchJoinRoom {
    # A room of One-Touch Join answers by itself, and the service would read its meetings: only its group shows it.
    $ids = @($Value.EquipmentAddress)
    if ($Value.OneTouchJoinGroups.Count -gt 0) { $ids += @(Get-Identifier (Get-RecipientOf $Value.EquipmentAddress)) }
    foreach ($group in $Value.OneTouchJoinGroups) {
        $rooms = @(Invoke-Read -Subject "members of $group" -IfAbsent 'unreadable' -Call {
                Get-DistributionGroupMember -Identity $group -ResultSize Unlimited -ErrorAction Stop })
        foreach ($room in $rooms) {
            $isOurs = @(Get-Identifier $room | Where-Object -FilterScript { $ids -contains $_ }).Count -gt 0
            Assert-That (-not $isOurs) -Guard 'one-touch-join' -Message (
                "$($Value.EquipmentAddress) is a member of $group, whose rooms One-Touch Join serves. " +
                'The scheduler needs an equipment mailbox of its own.')
        }
    }
}

function Get-EquipmentMailbox {
    # The mailbox as Exchange has it, or $null. Anything else at its address is somebody else's.
    $recipient = Get-RecipientOf $Value.EquipmentAddress
    if ($null -eq $recipient) { return $null }
    $isOurs = (Get-Text $recipient 'RecipientTypeDetails') -eq 'EquipmentMailbox' -and
        (Test-SameName (Get-Text $recipient 'PrimarySmtpAddress') $Value.EquipmentAddress)
    if (-not $isOurs) {
        throw (Get-Stop -State 'conflict' -Detail (
                "$($Value.EquipmentAddress) belongs to $(Format-Recipient $recipient), " +
                'which is no equipment mailbox with that primary address. Choose another address, or free this one.'))
    }
    Assert-NoOneTouchJoinAccount $recipient
    $recipient
}

function Assert-NoOneTouchJoinAccount {
    # One-Touch Join's accounts may be described by any of their names.
    param($Mailbox)
    $names = @(Get-Identifier $Mailbox) + @(Get-Text $Mailbox 'UserPrincipalName') +
        @(Get-Property $Mailbox 'EmailAddresses' | ForEach-Object -Process { ([string] $_) -replace '^smtp:', '' })
    foreach ($address in $Value.OneTouchJoinAccounts) {
        if ($names -notcontains $address) { continue }
        throw (Get-Stop -State 'conflict' -Detail (
                "$address, which One-Touch Join uses, is $(Format-Recipient $Mailbox). " +
                'The two are set up differently: the scheduler needs one of its own.'))
    }
}

function Read-EquipmentMailbox {
    param([string] $Identity)
    Invoke-ReadOne -Subject "mailbox $Identity" -Call { Get-Mailbox -Identity $Identity -ErrorAction Stop }
}

function Assert-EquipmentPlace {
    # Nothing has the address; the name, and a deleted mailbox that could still be restored with the address, count too.
    $namesake = Get-RecipientOf $Value.EquipmentName
    if ((Test-SameName (Get-Text $namesake 'Name') $Value.EquipmentName) -and
        -not (Test-SameName (Get-Text $namesake 'PrimarySmtpAddress') $Value.EquipmentAddress)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The name '$($Value.EquipmentName)' belongs to $(Format-Recipient $namesake). " +
                'Choose another equipment name.'))
    }
    Assert-NotDeleted $Value.EquipmentAddress
}

function Get-WantedMailbox {
    $display = if ($Value.EquipmentDisplayName -ne '') { $Value.EquipmentDisplayName } else { $Value.EquipmentName }
    $alias = if ($Value.EquipmentAlias -ne '') { $Value.EquipmentAlias } else { Get-LocalPart $Value.EquipmentAddress }
    [ordered]@{ PrimarySmtpAddress = $Value.EquipmentAddress; DisplayName = $display; Alias = $alias }
}

function Compare-EquipmentMailbox {
    $plan = Get-Comparison 'equipment-mailbox'
    $wanted = Get-WantedMailbox
    $recipient = Get-EquipmentMailbox
    if ($null -eq $recipient) {
        if ($Value.EquipmentAdopt) {
            throw (Get-Stop -State 'conflict' -Detail (
                    "adopt is true, but there is no equipment mailbox $($Value.EquipmentAddress)."))
        }
        Assert-EquipmentPlace
        foreach ($name in $wanted.Keys) { Add-Difference $plan -Property $name -Current $null -Wanted $wanted[$name] }
        Add-Change $plan -Text ("create the equipment mailbox $($Value.EquipmentAddress), name " +
            "'$($Value.EquipmentName)', display name '$($wanted.DisplayName)', alias '$($wanted.Alias)'") -Before (
            Get-Absent $Value.EquipmentAddress) -Wanted (Get-Present $Value.EquipmentAddress $wanted)
        $plan.Notes += $EquipmentAccount[$Platform]
        return $plan
    }
    if ($Value.EquipmentAdopt) { return $plan }
    $id = Get-ObjectId $recipient
    $mailbox = Read-EquipmentMailbox $id
    if ($null -eq $mailbox) {
        throw (Get-Stop -State 'unreadable' -Detail (
                "$($Value.EquipmentAddress) is known as a recipient, but Exchange does not find its mailbox yet."))
    }
    $names = @('DisplayName') + @(if ($Value.EquipmentAlias -ne '') { 'Alias' })
    foreach ($name in $names) {
        $current = Get-AnsweredText $mailbox -Name $name
        if (Test-Same $current $wanted[$name]) { continue }
        Add-Difference $plan -Property $name -Current $current -Wanted $wanted[$name]
        Add-Change $plan -Text "set $name of $($Value.EquipmentAddress) to '$($wanted[$name])'" -Before (
            Get-Present $id ([ordered]@{ $name = $current })) -Wanted (
            Get-Present $id ([ordered]@{ $name = $wanted[$name] }))
    }
    if ($plan.Changes.Count -gt 0) { Assert-MailboxCanChange $mailbox }
    $plan
}

function Assert-MailboxCanChange {
    param($Mailbox)
    $address = $Value.EquipmentAddress
    if (Test-Synchronised $Mailbox) {
        throw (Get-Stop -State 'blocked' -Detail (
                "$address is synchronised from on-premises and can be changed there only."))
    }
    # On a server a policy makes the addresses, and makes them anew from a new name or alias.
    if ($Platform -ceq 'exchange-server' -and (
            Test-Same (Get-Property $Mailbox 'EmailAddressPolicyEnabled') $true)) {
        throw (Get-Stop -State 'blocked' -Detail (
                "An e-mail address policy makes the addresses of $address, and with another name or alias it could " +
                'take that address away. Set-Mailbox -EmailAddressPolicyEnabled $false first, or describe the ' +
                'mailbox with adopt: true.'))
    }
}

function Get-EquipmentMailboxNow {
    param([System.Collections.IDictionary] $Snapshot)
    $mailbox = Read-EquipmentMailbox $Snapshot.id
    if ($null -eq $mailbox) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) { $properties[$name] = Get-AnsweredText $mailbox -Name $name }
    Get-Present (Get-ObjectId $mailbox) $properties
}

function Invoke-EquipmentMailboxChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $wanted = $Change.Wanted.properties
    if (-not $Change.Wanted.exists) { Remove-Mailbox -Identity $Now.id -Confirm:$false -ErrorAction Stop; return }
    if (-not $Change.Before.exists) {
        $mailbox = @{
            Name = $Value.EquipmentName; DisplayName = $wanted.DisplayName; Alias = $wanted.Alias
            PrimarySmtpAddress = $Value.EquipmentAddress
        }
        New-Mailbox @mailbox -Equipment -Confirm:$false -ErrorAction Stop
        return
    }
    $setting = @{ Identity = $Now.id }
    if ($wanted.Contains('DisplayName')) { $setting['DisplayName'] = $wanted['DisplayName'] }
    if ($wanted.Contains('Alias')) { $setting['Alias'] = $wanted['Alias'] }
    Set-Mailbox @setting -Confirm:$false -ErrorAction Stop
}

function Get-EquipmentMailboxHold {
    # Why a mailbox that was made here must stay, or nothing.
    param($Entry, $Current)
    if ($Entry.Before['exists']) { return }
    if (-not $Run.RemoveCreatedMailbox) { return 'a mailbox is removed only with -RemoveCreatedMailbox' }
    $id = $Current.id
    $statistics = Invoke-ReadOne -Subject "mailbox statistics $id" -Call {
        Get-MailboxStatistics -Identity $id -ErrorAction Stop
    }
    $count = Get-Text $statistics 'ItemCount'
    if ($count -cne '0') { return "it holds $(if ($count) { $count } else { 'an unknown number of' }) items" }
}
#endregion

#region steps/equipment-calendar
# Equipment calendar: who answers the meeting requests that arrive in the equipment mailbox.

# In the order in which they are shown; they are the parameters of Set-CalendarProcessing.
$CalendarSettings = 'AutomateProcessing', 'AllowConflicts', 'BookingWindowInDays', 'EnforceSchedulingHorizon',
    'MaximumDurationInMinutes', 'DeleteComments', 'DeleteSubject', 'AddOrganizerToSubject', 'RemovePrivateProperty',
    'ProcessExternalMeetingMessages', 'DeleteAttachments', 'DeleteNonCalendarItems', 'AddNewRequestsTentatively',
    'RemoveOldMeetingMessages'

$Steps['equipment-calendar'] = @{
    Compare = 'Compare-EquipmentCalendar'; Now = 'Get-EquipmentCalendarNow'; Change = 'Invoke-EquipmentCalendarChange'
    Asked = $Value.EquipmentCalendar.Count -gt 0
    Made = @(); Set = $CalendarSettings -join '|'; Kind = 'EquipmentMailbox'
    Reads = 'Get-Recipient', 'Get-CalendarProcessing'
    Apply = @('Set-CalendarProcessing'); Rollback = @('Set-CalendarProcessing')
    Parameters = @($Value.EquipmentCalendar.Keys)
    Assert = {
        foreach ($name in $Value.EquipmentCalendar.Keys) {
            $setting = $Value.EquipmentCalendar[$name]
            $sane = switch -CaseSensitive ($name) {
                'AutomateProcessing' { 'None', 'AutoUpdate', 'AutoAccept' -ccontains $setting; break }
                { 'BookingWindowInDays', 'MaximumDurationInMinutes' -ccontains $_ } {
                    $setting -is [int] -and $setting -ge 0
                    break
                }
                { $CalendarSettings -ccontains $_ } { $setting -is [bool]; break }
                default { $false }
            }
            Assert-Sane $sane (
                "-EquipmentCalendar: '$name' is no setting of this runbook, " +
                "or $(Format-Value $setting) no value of it.")
        }
    }
}

function Compare-EquipmentCalendar {
    $plan = Get-Comparison 'equipment-calendar'
    $names = @($CalendarSettings | Where-Object -FilterScript { $Value.EquipmentCalendar.ContainsKey($_) })
    $recipient = Get-EquipmentMailbox
    if ($null -eq $recipient -and -not (Test-Planned 'equipment-mailbox')) {
        throw (Get-Awaited 'equipment-mailbox' 'The equipment mailbox')
    }
    $id = if ($null -ne $recipient) { Get-ObjectId $recipient } else { $Value.EquipmentAddress }
    $now = Get-Absent $id
    if ($null -ne $recipient) {
        $asked = [ordered]@{}
        foreach ($name in $names) { $asked[$name] = $null }
        $now = Get-EquipmentCalendarNow -Snapshot (Get-Present $id $asked)
        if (-not $now.exists) {
            # A new mailbox has its calendar some time after it is there itself.
            $state = if ($Run.Mode -eq 'Check') { 'unreadable' } else { 'pending' }
            throw (Get-Stop -State $state -Detail (
                    'Exchange does not find the calendar settings of the mailbox yet. Run the same again later.'))
        }
    }
    $before = [ordered]@{}
    $wanted = [ordered]@{}
    foreach ($name in $names) {
        if (Test-Same $now.properties[$name] $Value.EquipmentCalendar[$name]) { continue }
        Add-Difference $plan -Property $name -Current $now.properties[$name] -Wanted $Value.EquipmentCalendar[$name]
        $before[$name] = $now.properties[$name]
        $wanted[$name] = $Value.EquipmentCalendar[$name]
    }
    if ($wanted.Count -gt 0) {
        $text = @($wanted.Keys | ForEach-Object -Process { "$_ to $(Format-Value $wanted[$_])" }) -join ', '
        Add-Change $plan -Text "set $text of $($Value.EquipmentAddress)" -Before (
            Get-Present $id $before) -Wanted (Get-Present $id $wanted)
    }
    $plan.Notes += "Compared and set: $($names -join ', '); every other calendar setting is left as it is."
    $plan
}

function Get-EquipmentCalendarNow {
    param([System.Collections.IDictionary] $Snapshot)
    $id = $Snapshot.id
    $calendar = Invoke-ReadOne -Subject "calendar processing of $id" -Call {
        Get-CalendarProcessing -Identity $id -ErrorAction Stop
    }
    if ($null -eq $calendar) { return Get-Absent $id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) {
        $current = Get-Answered $calendar -Name $name
        # A truth value that came as text would not be taken back as one.
        if ('True', 'False' -contains [string] $current) { $current = [string] $current -eq 'True' }
        $properties[$name] = if ($current -is [bool] -or $current -is [int]) { $current } else { [string] $current }
    }
    Get-Present $id $properties
}

function Invoke-EquipmentCalendarChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $EquipmentCalendar = @{}
    foreach ($name in $Change.Wanted.properties.Keys) { $EquipmentCalendar[$name] = $Change.Wanted.properties[$name] }
    Set-CalendarProcessing -Identity $Now.id @EquipmentCalendar -Confirm:$false -ErrorAction Stop
}
#endregion

#region steps/account-authentication.exchange-server
# Authentication: by which methods the service account can log in to EWS, read from the virtual directories of all
# servers. Apply switches a method on where the description names the directory, and never off anywhere.

$Steps['account-authentication'] = @{
    Compare = 'Compare-AccountAuthentication'; Now = 'Get-AccountAuthenticationNow'
    Change = 'Invoke-AccountAuthenticationChange'; Hold = 'Get-AccountAuthenticationHold'
    Made = @(); Set = 'BasicAuthentication|WindowsAuthentication'
    Reads = @('Get-WebServicesVirtualDirectory')
    Apply = @(if ($Value.AuthenticationVirtualDirectory -ne '') { 'Set-WebServicesVirtualDirectory' })
    Rollback = @('Set-WebServicesVirtualDirectory')
    NotChecked = (
        'Kerberos also needs a service principal name for the host name in the EWS URL (setspn), ' +
        'and basic authentication a certificate that Pexip Infinity trusts.')
    Assert = {
        foreach ($method in $Value.AuthenticationMethods) {
            Assert-Sane ('basic', 'ntlm', 'kerberos' -ccontains $method) (
                "-AuthenticationMethods: '$method' is not basic, ntlm or kerberos.")
        }
    }
}

function Read-EwsDirectory {
    # Of all servers. Where one of them does not answer and the description names a directory, that one alone, and what
    # could not be read is said.
    param([hashtable] $Plan)
    $named = $Value.AuthenticationVirtualDirectory
    try {
        @(Invoke-Read -Subject 'EWS virtual directories' -IfAbsent 'unreadable' -Call {
                Get-WebServicesVirtualDirectory -ErrorAction Stop })
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop -or $named -eq '') { throw }
        $Plan.Notes += "Only '$named' was looked at. $($stop.Detail)"
        $one = @(Read-NamedDirectory $named)
        if ($one.Count -eq 0) { throw }
        $one
    }
}

function Read-NamedDirectory {
    param([string] $Identity)
    @(Invoke-Read -Subject "EWS virtual directory '$Identity'" -Call {
            Get-WebServicesVirtualDirectory -Identity $Identity -ErrorAction Stop } |
            Where-Object -FilterScript { Test-SameDirectory (Get-Text $_ 'Identity') $Identity })
}

function Test-SameDirectory {
    # Microsoft writes them with and without a space before the site.
    param([string] $Left, [string] $Right)
    Test-SameName ($Left -replace '\s+\(', '(') ($Right -replace '\s+\(', '(')
}

function Test-Open {
    # A server whose web server does not answer tells nothing, and nothing is not "off".
    param($Directory, [string] $Method)
    $text = ConvertTo-Comparable (Get-Property $Directory $Method)
    if ('True', 'False' -ccontains $text) { return $text -ceq 'True' }
    throw (Get-Stop -State 'unreadable' -Detail (
            "Exchange does not tell $Method of '$(Get-Text $Directory 'Identity')'."))
}

function Get-WantedAuthentication {
    # NTLM and Kerberos are both Windows authentication.
    $wanted = [ordered]@{}
    if ($Value.AuthenticationMethods -ccontains 'basic') { $wanted['BasicAuthentication'] = $true }
    if (@($Value.AuthenticationMethods -cne 'basic').Count -gt 0) { $wanted['WindowsAuthentication'] = $true }
    $wanted
}

function Format-EwsDirectory {
    # One that tells nothing stops the step only where it is the described one, or none is described.
    param($Directory)
    $named = $Value.AuthenticationVirtualDirectory
    try {
        $open = @(if (Test-Open $Directory 'BasicAuthentication') { 'basic' }) +
            @(if (Test-Open $Directory 'WindowsAuthentication') { 'NTLM, Kerberos' })
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop -or $named -eq '' -or (Test-SameDirectory (Get-Text $Directory 'Identity') $named)) { throw }
        return "Not known: $($stop.Detail)"
    }
    $text = if ($open.Count -gt 0) { $open -join ', ' } else { 'none of basic, NTLM and Kerberos' }
    "Read before any change: $(Get-Text $Directory 'Identity') takes $text."
}

function Compare-AccountAuthentication {
    $plan = Get-Comparison 'account-authentication'
    $wanted = Get-WantedAuthentication
    $all = @(Read-EwsDirectory $plan | Sort-Object -Property { Get-Text $_ 'Identity' })
    $plan.Notes += @($all | ForEach-Object -Process { Format-EwsDirectory $_ })
    if ($wanted.Count -eq 0) {
        $plan.Notes += 'Which of them Pexip Infinity uses is not described (authentication.methods).'
        return $plan
    }
    if ($Value.AuthenticationVirtualDirectory -ne '') {
        Compare-EwsDirectory $plan -Directories $all -Wanted $wanted
        return $plan
    }
    $closed = @($all | Where-Object -FilterScript {
            $one = $_
            @($wanted.Keys | Where-Object -FilterScript { -not (Test-Open $one $_) }).Count -gt 0 })
    if ($closed.Count -gt 0 -or $all.Count -eq 0) {
        $plan.Remaining = 'blocked'
        $plan.Notes += (
            "$($Value.AuthenticationMethods -join ', ') is not open everywhere. " +
            'Nothing is changed: name one in authentication.virtual_directory to have it switched on there.')
    }
    $plan
}

function Compare-EwsDirectory {
    param([hashtable] $Plan, [object[]] $Directories, [System.Collections.IDictionary] $Wanted)
    $named = @($Directories | Where-Object -FilterScript {
            Test-SameDirectory (Get-Text $_ 'Identity') $Value.AuthenticationVirtualDirectory })
    if ($named.Count -ne 1) {
        throw (Get-Stop -State 'conflict' -Detail (
                "There is no EWS virtual directory '$($Value.AuthenticationVirtualDirectory)', but: " +
                "$(@($Directories | ForEach-Object -Process { Get-Text $_ 'Identity' }) -join '; ')."))
    }
    $id = Get-Text $named[0] 'Identity'
    $before = [ordered]@{}
    $after = [ordered]@{}
    foreach ($name in $Wanted.Keys) {
        $current = Test-Open $named[0] $name
        if ($current) { continue }
        Add-Difference $Plan -Property $name -Current $current -Wanted $true
        $before[$name] = $current
        $after[$name] = $true
    }
    if ($after.Count -eq 0) { return }
    Add-Change $Plan -Text "switch on $(@($after.Keys) -join ', ') of $id" -Before (
        Get-Present $id $before) -Wanted (Get-Present $id $after)
}

function Get-AccountAuthenticationNow {
    param([System.Collections.IDictionary] $Snapshot)
    $found = @(Read-NamedDirectory $Snapshot.id)
    if ($found.Count -ne 1) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) {
        $properties[$name] = Test-Open $found[0] $name
    }
    Get-Present (Get-Text $found[0] 'Identity') $properties
}

function Get-AccountAuthenticationHold {
    # Apply only switches on, and only in the named directory; nothing else can have been its work.
    param($Entry, $Current)
    if (-not (Test-SameDirectory $Current.id $Value.AuthenticationVirtualDirectory)) {
        return 'it is not the described virtual directory'
    }
    foreach ($name in $Entry.Wanted['properties'].Keys) {
        if ($Entry.Before['properties'][$name] -ne $false -or $Entry.Wanted['properties'][$name] -ne $true) {
            return 'this product never switches a method off'
        }
    }
}

function Invoke-AccountAuthenticationChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $wanted = $Change.Wanted.properties
    $setting = @{ Identity = $Now.id }
    if ($wanted.Contains('BasicAuthentication')) { $setting['BasicAuthentication'] = $wanted['BasicAuthentication'] }
    if ($wanted.Contains('WindowsAuthentication')) {
        $setting['WindowsAuthentication'] = $wanted['WindowsAuthentication']
    }
    Set-WebServicesVirtualDirectory @setting -Confirm:$false -ErrorAction Stop
}
#endregion

#region steps/delegate-access
# Delegate access: who may open the equipment mailbox, to look into it when something goes wrong.

$Steps['delegate-access'] = @{
    Compare = 'Compare-DelegateAccess'; Now = 'Get-DelegateAccessNow'; Change = 'Invoke-DelegateAccessChange'
    Asked = $Value.Delegates.Count -gt 0; Together = $true
    Made = @(); Set = '\S+@\S+'; Kind = 'EquipmentMailbox'
    Reads = 'Get-Recipient', 'Get-MailboxPermission'
    Apply = @('Add-MailboxPermission'); Rollback = @('Remove-MailboxPermission')
    NotChecked = (
        'Automapping of access that was there before: Exchange does not show it. ' +
        'To change it, remove the access and give it again.')
    Assert = {
        foreach ($delegate in $Value.Delegates) {
            Assert-Sane (Test-Address $delegate['Account']) "-Delegates: '$($delegate['Account'])' is no SMTP address."
        }
    }
}

function Read-FullAccess {
    # Who has it, or is denied it, as an entry of its own, not inherited. The mailbox is there, and so is who is asked
    # for by name, so "not found" is no answer.
    param([string] $Identity, [string] $Account = '')
    $call = { Get-MailboxPermission -Identity $Identity -ErrorAction Stop }
    if ($Account -ne '') { $call = { Get-MailboxPermission -Identity $Identity -User $Account -ErrorAction Stop } }
    $missing = if ($Account -ne '' -and $null -eq (Get-RecipientOf $Account)) { '' } else { Get-LateReadState }
    @(Invoke-Read -Subject "permissions on $Identity" -IfAbsent $missing -Call $call | Where-Object -FilterScript {
            $rights = @(Get-Answered $_ -Name 'AccessRights' | ForEach-Object -Process {
                    ([string] $_).Split([char[]] ', ') })
            $rights -contains 'FullAccess' -and
                -not (Test-Same (Get-Property $_ 'IsInherited') $true) })
}

function Test-Denied {
    param($Entry)
    Test-Same (Get-Property $Entry 'Deny') $true
}

function Test-FullAccess {
    # Exchange lists a user by address, name, GUID or SID. Whom the list does not show as such is asked for by name,
    # which Exchange resolves itself; an answer that names the mailbox itself was not about that user.
    param([string] $Identity, [string] $Account, [object[]] $Rows)
    $others = @($Rows | Where-Object -FilterScript { -not (Test-Denied $_) } |
            ForEach-Object -Process { Get-Text $_ 'User' } | Where-Object -FilterScript { $_ -ne 'NT AUTHORITY\SELF' })
    if ($others -contains $Account) { return $true }
    if ($others.Count -eq 0) { return $false }
    $ids = @(Get-Identifier (Get-RecipientOf $Account))
    if (@($others | Where-Object -FilterScript { $ids -contains $_ }).Count -gt 0) { return $true }
    $found = @(Read-FullAccess -Identity $Identity -Account $Account |
            Where-Object -FilterScript { -not (Test-Denied $_) } | ForEach-Object -Process { Get-Text $_ 'User' })
    $found.Count -gt 0 -and $found -notcontains 'NT AUTHORITY\SELF'
}

function Assert-NotDenied {
    # An entry that denies goes before one that allows, and somebody made it on purpose.
    param([string] $Account, [object[]] $Rows)
    $denied = @($Rows | Where-Object -FilterScript { Test-Denied $_ } | ForEach-Object -Process { Get-Text $_ 'User' })
    if ($denied.Count -eq 0) { return }
    $ids = @($Account) + @(Get-Identifier (Get-RecipientOf $Account))
    $found = @($denied | Where-Object -FilterScript { $ids -contains $_ })
    if ($found.Count -eq 0) { return }
    throw (Get-Stop -State 'conflict' -Detail (
            "An entry, listed as '$($found[0])', denies $Account full access to $($Value.EquipmentAddress), and goes " +
            'before one that allows it. It is not touched: remove it yourself, or do not describe that delegate.'))
}

function Assert-Delegate {
    param([string] $Account)
    $recipient = Get-RecipientOf $Account
    if ($null -eq $recipient) {
        throw (Get-Stop -State 'conflict' -Detail (
                "There is no $Account, which is to have access to the equipment mailbox."))
    }
    if ('MailUniversalDistributionGroup', 'GroupMailbox', 'DynamicDistributionGroup' -contains (
            Get-Text $recipient 'RecipientTypeDetails')) {
        throw (Get-Stop -State 'conflict' -Detail (
                "$(Format-Recipient $recipient) cannot be given access: " +
                'only a mailbox or a mail-enabled security group can.'))
    }
}

function Compare-DelegateAccess {
    $plan = Get-Comparison 'delegate-access'
    $recipient = Get-EquipmentMailbox
    if ($null -eq $recipient -and -not (Test-Planned 'equipment-mailbox')) {
        throw (Get-Awaited 'equipment-mailbox' 'The equipment mailbox')
    }
    $id = if ($null -ne $recipient) { Get-ObjectId $recipient } else { $Value.EquipmentAddress }
    $rows = @(if ($null -ne $recipient) { Read-FullAccess $id })
    foreach ($delegate in $Value.Delegates) {
        $account = ([string] $delegate['Account']).ToLowerInvariant()
        Assert-NotDenied $account -Rows $rows
        if (Test-FullAccess -Identity $id -Account $account -Rows $rows) { continue }
        Assert-Delegate $account
        Add-Difference $plan -Property "FullAccess:$account" -Current $false -Wanted $true
        Add-Change $plan -Text (
            "give $account full access to $($Value.EquipmentAddress), " +
            "automapping $(if ($delegate['Automapping']) { 'on' } else { 'off' })") -Before (
            Get-Present $id ([ordered]@{ $account = $false })) -Wanted (
            Get-Present $id ([ordered]@{ $account = $true }))
    }
    $plan
}

function Get-DelegateAccessNow {
    param([System.Collections.IDictionary] $Snapshot)
    $mailbox = Get-RecipientOf $Snapshot.id
    if ($null -eq $mailbox) { return Get-Absent $Snapshot.id }
    $id = Get-ObjectId $mailbox
    $properties = [ordered]@{}
    $rows = @(Read-FullAccess $id)
    foreach ($account in $Snapshot.properties.Keys) {
        $properties[$account] = Test-FullAccess -Identity $id -Account $account -Rows $rows
    }
    Get-Present $id $properties
}

function Invoke-DelegateAccessChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    foreach ($account in $Change.Wanted.properties.Keys) {
        $access = @{ Identity = $Now.id; User = $account; AccessRights = 'FullAccess'; InheritanceType = 'All' }
        if (-not $Change.Wanted.properties[$account]) {
            Remove-MailboxPermission @access -Confirm:$false -ErrorAction Stop
            continue
        }
        $delegate = @($Value.Delegates | Where-Object -FilterScript { Test-SameName $_['Account'] $account }) |
            Select-Object -First 1
        Add-MailboxPermission @access -AutoMapping ([bool] $delegate['Automapping']) -Confirm:$false -ErrorAction Stop
    }
}
#endregion

#region steps/add-in
# Add-in: the Outlook add-in of the organisation, from the manifest file that Pexip Infinity exports.

$AddInAudience = @{ 'everyone' = 'Everyone'; 'specific-users' = 'SpecificUsers' }
$AddInStates = @{ 'enabled' = 'Enabled'; 'disabled' = 'Disabled'; 'always-enabled' = 'AlwaysEnabled' }

$Steps['add-in'] = @{
    Compare = 'Compare-AddIn'; Now = 'Get-AddInNow'; Change = 'Invoke-AddInChange'
    Hold = 'Get-AddInHold'; Label = 'Get-AddInLabel'; Alone = $true
    Asked = $Value.AddInManifest -ne ''
    Made = @('AppVersion,ProvidedTo,DefaultStateForUser,Enabled(?:,user:[^,\s]+)*')
    Set = 'AppVersion|ProvidedTo|DefaultStateForUser|Enabled|user:\S+@\S+'; Ids = '^[0-9A-Fa-f-]{36}$'
    Reads = 'Get-App', 'Get-Recipient'
    Apply = 'New-App', 'Set-App'
    Rollback = 'Set-App', 'Remove-App'
    IfRefused = 'If Exchange does not take it over the older one, Remove-App that first, in a change of its own.'
    NotChecked = @(
        'Add-ins that the Microsoft 365 admin center deploys (Settings, Integrated apps): no Exchange session shows ' +
        'them, and whoever gets the add-in from both sees it twice.'
        'What is in an add-in of the same version: Exchange is asked for ID, publisher and version alone.'
    )
    Assert = {
        if ($Value.AddInManifest -eq '') { return }
        Assert-Sane (Test-Guid $Value.AddInId) '-AddInId is a GUID: the ID in the manifest.'
        Assert-Sane ($Value.AddInVersion -cmatch '^\d+(\.\d+){1,3}$') '-AddInVersion is a version, as 1.0.0.0.'
        Assert-Sane ($Value.AddInManifestSha256 -cmatch '^[0-9a-f]{64}$') '-AddInManifestSha256 is a SHA-256.'
        Assert-Sane ($AddInAudience.ContainsKey($Value.AddInProvidedTo)) (
            '-AddInProvidedTo is everyone or specific-users.')
        Assert-Sane ($AddInStates.ContainsKey($Value.AddInDefaultState)) (
            '-AddInDefaultState is enabled, disabled or always-enabled.')
        Assert-Sane ($Value.AddInProvidedTo -ceq 'everyone' -or $Value.AddInUsers.Count -gt 0) (
            '-AddInProvidedTo specific-users needs -AddInUsers.')
        Assert-Sane ($Value.AddInUsers.Count -le 1000) '-AddInUsers are at most 1000.'
        foreach ($one in $Value.AddInUsers) { Assert-Sane (Test-Address $one) "-AddInUsers: '$one' is no address." }
    }
}

function Read-AddIn {
    # All of the organisation's: asked for one that is not there, Exchange may answer with all the same.
    Invoke-Read -Subject 'add-ins of the organisation' -IfAbsent 'unreadable' -Call {
        Get-App -OrganizationApp -ErrorAction Stop
    }
}

function Format-AddIn {
    param($AddIn)
    "'$(Get-Text $AddIn 'DisplayName')' $(Get-Text $AddIn 'AppVersion') by '$(Get-Text $AddIn 'ProviderName')'"
}

function Find-AddIn {
    # The one of this ID among them, or $null.
    param([object[]] $All, [string] $Id)
    $found = @($All | Where-Object -FilterScript { Test-SameName (Get-Text $_ 'AppId') $Id })
    if ($found.Count -gt 1) {
        throw (Get-Stop -State 'conflict' -Detail "The organisation has $($found.Count) add-ins of the ID $Id.")
    }
    if ($found.Count -eq 1) { $found[0] } else { $null }
}

function Assert-OwnAddIn {
    # What has our ID and another publisher is somebody else's; what is newer is not taken back to an older version.
    param($AddIn)
    if (-not (Test-Same (Get-Text $AddIn 'ProviderName') $Value.AddInProviderName)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The organisation has $(Format-AddIn $AddIn) with the ID of the described add-in, whose publisher is " +
                "'$($Value.AddInProviderName)'. It is not touched: find out whose it is, or remove it yourself."))
    }
    $there = [version] '0.0'
    $read = [version]::TryParse((Get-Text $AddIn 'AppVersion'), [ref] $there)
    if (-not $read -or $there -gt [version] $Value.AddInVersion) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The organisation has $(Format-AddIn $AddIn), which is not older than the described version " +
                "$($Value.AddInVersion). Export the manifest from Pexip Infinity again, and describe that one."))
    }
}

function Get-WantedAddIn {
    $wanted = [ordered]@{
        ProvidedTo = $AddInAudience[$Value.AddInProvidedTo]
        DefaultStateForUser = $AddInStates[$Value.AddInDefaultState]; Enabled = $true
    }
    foreach ($address in Get-AddInUser) { $wanted["user:$address"] = $true }
    $wanted
}

function Get-AddInUser {
    # Whom the description names, where it names anybody.
    if ($Value.AddInProvidedTo -cne 'specific-users') { return }
    $Value.AddInUsers | ForEach-Object -Process { ([string] $_).ToLowerInvariant() } | Sort-Object -Unique
}

function Test-AddInUser {
    # Exchange lists users by address, name or GUID; whom the list does not show as written is looked up.
    param($AddIn, [string] $Address)
    $entries = @(Get-Answered $AddIn -Name 'UserList' | ForEach-Object -Process { [string] $_ })
    if ($entries.Count -eq 0) { return $false }
    if ($entries -contains $Address) { return $true }
    $ids = @(Get-Identifier (Get-RecipientOf $Address))
    @($entries | Where-Object -FilterScript { $ids -contains $_ }).Count -gt 0
}

function Get-AddInProperty {
    param($AddIn, [string] $Name)
    if ($Name -clike 'user:*') { return Test-AddInUser $AddIn -Address $Name.Substring(5) }
    if ($Name -ceq 'Enabled') { return Test-Same (Get-Answered $AddIn -Name 'Enabled') $true }
    Get-AnsweredText $AddIn -Name $Name
}

function Compare-AddIn {
    $plan = Get-Comparison 'add-in'
    $all = @(Read-AddIn)
    $found = Find-AddIn $all -Id $Value.AddInId
    $named = @($all | Where-Object -FilterScript {
            (Test-SameName (Get-Text $_ 'DisplayName') $Value.AddInDisplayName) -and
                -not (Test-SameName (Get-Text $_ 'AppId') $Value.AddInId) })
    foreach ($other in $named) {
        $plan.Notes += "There is another one of that name, $(Format-AddIn $other): whoever gets both sees two."
    }
    if ($null -ne $found) { Assert-OwnAddIn $found }
    $wanted = Get-WantedAddIn
    foreach ($address in Get-AddInUser) {
        if ($null -ne $found -and (Test-AddInUser $found -Address $address)) { continue }
        if ($null -eq (Get-RecipientOf $address)) {
            throw (Get-Stop -State 'conflict' -Detail "There is no $address, who is to get the add-in.")
        }
    }
    if ($null -eq $found) { Add-AddInUpload $plan -Wanted $wanted }
    else { Compare-AddInSetting $plan -AddIn $found -Wanted $wanted }
    if ($plan.Changes.Count -gt 0 -and $Platform -ceq 'exchange-online') {
        $plan.Notes += (
            'Where it can be used, the Microsoft 365 admin center (Settings, Integrated apps, Upload custom apps) is ' +
            'the way that Pexip prefers; this one is for where it cannot.')
    }
    $plan
}

function Add-AddInUpload {
    param([hashtable] $Plan, $Wanted)
    $properties = [ordered]@{ AppVersion = $Value.AddInVersion }
    foreach ($name in $Wanted.Keys) { $properties[$name] = $Wanted[$name] }
    foreach ($name in $properties.Keys) {
        Add-Difference $Plan -Property $name -Current $null -Wanted $properties[$name]
    }
    $who = if ($Value.AddInProvidedTo -ceq 'everyone') { 'EVERYONE in the organisation' }
    else { "$(@(Get-AddInUser).Count) named users" }
    Add-Change $Plan -Text (
        "upload the add-in '$($Value.AddInDisplayName)' $($Value.AddInVersion) by '$($Value.AddInProviderName)' " +
        "(permission $($Value.AddInPermission)) for $who, $($Value.AddInDefaultState) by default") -Before (
        Get-Absent $Value.AddInId) -Wanted (Get-Present $Value.AddInId $properties)
    Assert-AddInManifest $Plan
}

function Compare-AddInSetting {
    # Another version is uploaded with the settings that are there; settings are a change of their own.
    param([hashtable] $Plan, $AddIn, $Wanted)
    $id = Get-Text $AddIn 'AppId'
    $version = Get-Text $AddIn 'AppVersion'
    if ([version] $version -ne [version] $Value.AddInVersion) {
        Add-Difference $Plan -Property 'AppVersion' -Current $version -Wanted $Value.AddInVersion
        Add-Change $Plan -Text (
            "upload version $($Value.AddInVersion) of the add-in over $(Format-AddIn $AddIn)") -Before (
            Get-Present $id ([ordered]@{ AppVersion = $version })) -Wanted (
            Get-Present $id ([ordered]@{ AppVersion = $Value.AddInVersion }))
        Assert-AddInManifest $Plan
    }
    $before = [ordered]@{}
    $after = [ordered]@{}
    foreach ($name in $Wanted.Keys) {
        $current = Get-AddInProperty $AddIn -Name $name
        if (Test-Same $current $Wanted[$name]) { continue }
        Add-Difference $Plan -Property $name -Current $current -Wanted $Wanted[$name]
        $before[$name] = $current
        $after[$name] = $Wanted[$name]
    }
    if ($after.Count -eq 0) { return }
    if ($after.Contains('ProvidedTo') -and @(Get-AddInList $AddIn -Wanted ([ordered]@{})).Count -gt 0) {
        $Plan.Notes += "It was given to: $(@(Get-AddInList $AddIn -Wanted ([ordered]@{})) -join ', ')."
    }
    $added = @($after.Keys | Where-Object -FilterScript { $_ -clike 'user:*' })
    $listed = @(Get-AddInList $AddIn -Wanted ([ordered]@{})).Count
    if ($added.Count + $listed -gt 1000) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The add-in is given to $listed users, and with the $($added.Count) missing ones they would be more " +
                'than the 1000 that Exchange takes.'))
    }
    $text = @($after.Keys | ForEach-Object -Process { "$_ to $(Format-Value $after[$_])" }) -join ', '
    Add-Change $Plan -Text "set $text of the add-in $(Format-AddIn $AddIn)" -Before (
        Get-Present $id $before) -Wanted (Get-Present $id $after)
}

function Get-AddInNow {
    param([System.Collections.IDictionary] $Snapshot)
    $found = Find-AddIn @(Read-AddIn) -Id $Snapshot.id
    if ($null -eq $found) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) { $properties[$name] = Get-AddInProperty $found -Name $name }
    Get-Present $Snapshot.id $properties
}

function Invoke-AddInChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    if (-not $Change.Wanted.exists) {
        Remove-App -Identity $Now.id -OrganizationApp -Confirm:$false -ErrorAction Stop
        return
    }
    $wanted = $Change.Wanted.properties
    $there = Find-AddIn @(Read-AddIn) -Id $Change.Wanted.id
    if ($Change.Before.exists -and $null -eq $there) {
        throw (Get-Stop -State (Get-LateState) -Detail "Exchange does not find the add-in $($Now.id) at the moment.")
    }
    if ($Change.Before.exists) { Assert-AddInAsRead $there -Now $Now }
    $given = @{ UserList = @(Get-AddInList $there -Wanted $wanted) }
    foreach ($name in 'ProvidedTo', 'DefaultStateForUser', 'Enabled') {
        $given[$name] = if ($wanted.Contains($name)) { $wanted[$name] } else { Get-AddInProperty $there -Name $name }
    }
    if (-not $wanted.Contains('AppVersion')) {
        Invoke-AddInSettingChange -Id $Now.id -Given $given -Wanted $wanted
        return
    }
    $app = @{
        ProvidedTo = $given.ProvidedTo; DefaultStateForUser = $given.DefaultStateForUser; Enabled = $given.Enabled
    }
    if ($given.UserList.Count -gt 0) { $app['UserList'] = $given.UserList }
    if ($Value.AddInPermission -ceq 'ReadWriteMailbox') { $app['AllowReadWriteMailbox'] = $true }
    New-App @app -OrganizationApp -FileData $Run.AddInBytes -Confirm:$false -ErrorAction Stop
}

function Assert-AddInAsRead {
    # What is written goes by this last look, so that it has to agree with the one before.
    param($AddIn, [System.Collections.IDictionary] $Now)
    foreach ($name in $Now.properties.Keys) {
        $current = Get-AddInProperty $AddIn -Name $name
        if (Test-SameProperty -Name $name -Left $current -Right $Now.properties[$name]) { continue }
        throw (Get-Stop -State 'conflict' -Detail (
                "$name of the add-in is $(Format-Value $current): somebody else changed it after it was compared. " +
                'Run Check again.'))
    }
}

function Get-AddInList {
    # The users as Exchange lists them, with those that are wanted more or less; the others go back as they came.
    param($AddIn, $Wanted)
    $users = @($Wanted.Keys | Where-Object -FilterScript { $_ -clike 'user:*' })
    foreach ($entry in @(if ($null -ne $AddIn) { Get-Answered $AddIn -Name 'UserList' })) {
        if ($null -eq $entry) { continue }
        $one = [pscustomobject]@{ UserList = @($entry) }
        $isNamed = @($users | Where-Object -FilterScript { Test-AddInUser $one -Address $_.Substring(5) }).Count -gt 0
        if (-not $isNamed) { [string] $entry }
    }
    $users | Where-Object -FilterScript { $Wanted[$_] } | ForEach-Object -Process { $_.Substring(5) }
}

function Invoke-AddInSettingChange {
    param([string] $Id, [hashtable] $Given, $Wanted)
    $setting = @{ Identity = $Id }
    if ($Wanted.Contains('ProvidedTo')) { $setting['ProvidedTo'] = $Given.ProvidedTo }
    if ($Wanted.Contains('DefaultStateForUser')) { $setting['DefaultStateForUser'] = $Given.DefaultStateForUser }
    if ($Wanted.Contains('Enabled')) { $setting['Enabled'] = $Given.Enabled }
    $named = @($Wanted.Keys | Where-Object -FilterScript { $_ -clike 'user:*' }).Count -gt 0
    if ($named -or ($Wanted.Contains('ProvidedTo') -and $Given.UserList.Count -gt 0)) {
        $setting['UserList'] = if ($Given.UserList.Count -gt 0) { $Given.UserList } else { $null }
    }
    Set-App @setting -OrganizationApp -Confirm:$false -ErrorAction Stop
}

function Get-AddInLabel {
    param([string] $Id)
    "the add-in $(Format-AddIn (Find-AddIn @(Read-AddIn) -Id $Id))"
}

function Get-AddInHold {
    param($Entry, $Current)
    if (-not (Test-SameName $Current.id $Value.AddInId)) { return 'it is not the described add-in' }
    $found = Find-AddIn @(Read-AddIn) -Id $Current.id
    if (-not (Test-Same (Get-Text $found 'ProviderName') $Value.AddInProviderName)) {
        return "its publisher is '$(Get-Text $found 'ProviderName')'"
    }
    if (-not $Entry.Before['exists']) {
        $ours = [ordered]@{}
        $entries = Get-JournalEntry 'add-in'
        foreach ($one in $entries) { foreach ($name in $one.Wanted['properties'].Keys) { $ours[$name] = $false } }
        if (@(Get-AddInList $found -Wanted $ours).Count -gt 0) { return 'it was given to others since' }
        return
    }
    $was = $Entry.Before['properties']
    if ($was.Contains('AppVersion')) {
        return 'the manifest of the version before is not at hand; upload it by hand if it has to come back'
    }
    $reach = if ($was.Contains('ProvidedTo')) { $was['ProvidedTo'] } else { Get-Text $found 'ProvidedTo' }
    $isReach = (@($was.Keys) -join ' ') -cmatch '(^| )(user:|ProvidedTo)'
    if ($isReach -and $reach -ceq 'SpecificUsers' -and @(Get-AddInList $found -Wanted $was).Count -eq 0) {
        return 'the add-in would be given to nobody'
    }
}
#endregion

#region core/99-main
# The run, in this order: Invoke-Guard refuses or lets through; the mode's function (Invoke-Check, -Apply, -Verify or
# -Rollback) reads every step and, in Apply and Rollback, goes on to Invoke-Asked, which asks once a step; Invoke-Batch
# journals, Invoke-Write changes, and what was changed is read back. The result is written whatever happened.

$Run.Id = [guid]::NewGuid().ToString('N').Substring(0, 8)
$Run.Mode = @(
    @('Check', 'Apply', 'Verify', 'Rollback' | Where-Object -FilterScript { Test-SameName $_ $Run.Mode }) +
    @($Run.Mode))[0]
$Run.Phase = @(@('Prepare', 'Cleanup' | Where-Object -FilterScript { Test-SameName $_ $Run.Phase }) + @($Run.Phase))[0]
$Run.ScriptPath = [string] $MyInvocation.MyCommand.Path
$Run.WhatIf = [bool] $WhatIfPreference
$Run.StartedUtc = Format-Utc (Get-UtcNow)
$Run.Step = @($Run.Step | ForEach-Object -Process { ([string] $_).Split([char] ',') } |
        ForEach-Object -Process { $_.Trim() } | Where-Object -FilterScript { $_ })
# A folder may have a comma in its name: what is there is taken whole, and Apply has one journal.
$Run.JournalPath = @($Run.JournalPath | ForEach-Object -Process {
        $path = [string] $_
        $isWhole = $path -ne '' -and ($Run.Mode -ceq 'Apply' -or (Test-Path -LiteralPath $path -ErrorAction Ignore))
        if ($isWhole) { $path } else { $path.Split([char] ',') }
    } | ForEach-Object -Process { $_.Trim() } | Where-Object -FilterScript { $_ })
$Run += @{
    Bound = $PSBoundParameters
    # What the guards find out.
    Tenant = $null; ConnectionUri = $null; Operator = $null; OwnRights = $false
    ModuleVersion = $null; BodySha256 = $null
    Overrides = @(); Selected = @(); EwsListSince = $null; EwsListCompleted = $false
    Refusal = $null; GuardsPassed = $false
    # Rollback: the runs in the journals, the steps they name, and what is planned to be gone (an ID, or ID|property).
    Runs = @(); InJournal = @{}; Gone = @{}
    # The steps: still planning or already changing, their states, the step that was consented to, its pauses, what was
    # read.
    Planning = $true; States = @{}; Stopped = @{}; Consent = @{}; Pauses = $null; Seen = @{}; GroupSize = 0
    # What comes of it.
    Journal = $null; Held = @(); Lengths = @{}; Journalled = $false; Writes = 0; Made = @{}
    Results = [ordered]@{}; Proofs = @(); ExitCode = 1
}

function Invoke-Guard {
    param($Bound, $ScriptBlock)
    Resolve-RunPath
    Assert-Engine
    $Run.BodySha256 = Get-BodySha256
    $Run.Overrides = @(Get-Override -Bound $Bound -ScriptBlock $ScriptBlock)
    Write-Host (
        "pexgen runbook  $($Value.Name)  $Method on $Platform  -Mode $($Run.Mode)$(if ($Run.WhatIf) { ' -WhatIf' })")
    $review = if ($Run.Review -ceq 'reviewed') { 'reviewed by the pexgen project, not by your organisation' }
    else { 'NOT REVIEWED by anybody' }
    Write-Host "Body      SHA-256 $($Run.BodySha256), $review"
    if ($Value.ChangeTicket -ne '') { Write-Host "Ticket    $($Value.ChangeTicket)" }
    foreach ($override in $Run.Overrides) {
        Write-Host (
            "Override  -$($override.parameter): " +
            "the file says $(ConvertTo-Json $override.rendered -Depth 4 -Compress), " +
            "this run uses $(ConvertTo-Json $override.used -Depth 4 -Compress)")
    }
    Assert-RunParameter
    Assert-Phase
    Assert-Value
    $Run.Selected = @($Steps.Keys | Where-Object -FilterScript {
            ($Run.Step.Count -eq 0 -or $Run.Step -contains $_) -and (Test-Phase $_) })
    Assert-Date
    if ($Run.Mode -eq 'Rollback') { Read-AllJournal }
    Assert-Module
    Assert-Connection
    if ($Run.Mode -eq 'Rollback') { Test-JournalOwner $Run.Runs }
    Assert-Command
    Assert-Organization
    Assert-StepGuard
    Assert-Path
    $Run.GuardsPassed = $true
    Write-Host ''
}

try {
    try {
        Invoke-Guard -Bound $Run.Bound -ScriptBlock $MyInvocation.MyCommand.ScriptBlock
        & "Invoke-$($Run.Mode)"
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        $Run.Refusal = [ordered]@{ guard = $stop.Guard; message = $stop.Detail }
    }
    $Run.ExitCode = Get-ExitCode
    Write-Result
    Write-Summary
} catch {
    $Run.ExitCode = 1
    Write-Host "A defect of this script, please report it: $($_.Exception.Message)"
    Write-Host $_.ScriptStackTrace
    if ($Run.Writes -gt 0) {
        Write-Host "$($Run.Writes) writes had been sent. The journal holds each: $($Run.JournalPath -join ', ')"
    }
} finally {
    # A full disk makes even closing fail; what was written stands on it already.
    foreach ($file in $Run.Held) {
        try { $file.Dispose() }
        catch { Write-Host "The journal could not be closed: $($_.Exception.GetBaseException().Message)" }
    }
}
$Run.Results.Values
exit $Run.ExitCode
#endregion
