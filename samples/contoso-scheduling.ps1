<#
.SYNOPSIS
    Prepares Exchange Online for Pexip's VMR Scheduling for Exchange (Secure Scheduler for Exchange), with app
    permissions.

.DESCRIPTION
    Creates or adopts the equipment mailbox that is invited to every meeting, sets its calendar, keeps the scheduling
    group, registers the enterprise application in Exchange, and gives it the role Application EWS.AccessAsApp over
    the members of that group and over nobody else. It can also put that application, and others that are described,
    on the organization's list of EWS applications and switch EWS on. Check and the question before that change say
    which other applications gain or lose EWS.

    It compares Exchange with the description, which is the first part of its parameters, changes only what differs,
    records what was there before, proves what it did, and can undo it. It has four modes:

    Check     (default) reads, compares, and prints current -> wanted for what differs. Writes nothing in Exchange.
    Apply     does what Check found, after one confirmation for each step. -WhatIf shows what it would do. Running it
              again when everything is as described writes nothing.
    Verify    compares every step again, and asks Exchange itself where it can.
    Rollback  undoes what the journals of Apply say was changed, last first, where it is still as Apply left it.

    The order of a run: guards (the right organization, one connection, every cmdlet and parameter that is
    needed, the right to hand out the role), then all comparisons, and only then the first write.

    Its steps, in order. In this file each has a region of its own, which begins with its table. The outline before
    them lists every place that changes Exchange, with its risk and how it is undone.

        equipment-mailbox - Equipment mailbox
        equipment-calendar - Calendar processing of the equipment mailbox
        scheduling-group - Scheduling group
        scheduling-members - Members of the scheduling group
        application-pointer - Service principal in Exchange, which points to the enterprise application
        application-scope - Management scope over the scheduling group
        application-role - Role Application EWS.AccessAsApp over the group
        ews-access - EWS switch and list of applications
        delegate-access - Delegates with full access to the equipment mailbox
        add-in - Outlook add-in of the organization

    It never creates an application, a secret or a consent in Entra, never sends anything anywhere but to the Exchange
    session it runs in, never stores or asks for a password, never writes an empty list of EWS applications while
    EwsEnabled is true, and never removes a mailbox unless Rollback is told so with -RemoveCreatedMailbox.

    Connect first, with the ExchangeOnlineManagement module: Connect-ExchangeOnline. The runbook uses the one
    connection of the session; it opens none and closes none.

.EXAMPLE
    .\NAME.ps1

    Check: what differs from the description? Ends with 0 if nothing does, with 2 if something does.

.EXAMPLE
    .\NAME.ps1 -Mode Apply -WhatIf

    What Apply would write, step by step. Nothing is changed in Exchange, and there is no journal.

.EXAMPLE
    .\NAME.ps1 -Mode Apply -JournalPath .\CHG0031337.journal.jsonl

    Apply. It prints the whole plan, then asks once for each step, and separately about members that it removes. Yes to All
    covers neither that nor a step of high risk. Keep the journal with the change.

.EXAMPLE
    .\NAME.ps1 -Mode Verify -ResultPath .\CHG0031337.verify.json

    Verify, with the result as JSON for the change record.

.EXAMPLE
    .\NAME.ps1 -Mode Rollback -JournalPath .\CHG0031337.journal.jsonl -WhatIf

    What Rollback would undo. Without -WhatIf it asks, step by step, and does it.

.EXAMPLE
    .\NAME.ps1 -Mode Apply -Step equipment-mailbox, equipment-calendar -Confirm:$false

    Two steps only, and no question at all, whatever the risk or what is removed: for an unattended run that was
    approved. In a scheduled task use -Command and not -File, which takes text alone: a bool cannot be given with it,
    nor -Confirm:$false in Windows PowerShell 5.1.

.NOTES
    Exit codes, the first that fits:

    1  A defect: an unexpected error.
    4  Refused, and this run has sent no write: a guard, a bad value, a conflict, Apply or Rollback over something
       unreadable, no terminal to ask on without -Confirm:$false, or the first answer was No.
    3  Stopped after this run sent a write, even one that Exchange refused: failed, unreadable, a conflict, or No.
    6  Verify: something is disproved.
    2  Check, or -WhatIf: something differs.
    5  Not complete: something is pending, blocked, kept or gone; Check or Verify over something unreadable.
    0  Check: nothing differs. Apply: everything is set as described. Verify: all checks passed. Rollback: all is undone.

    States of a step:

    in-place    as described; in Rollback: the journals have nothing of it to undo
    different   differs, Apply could change it  not-asked   the description does not ask for it
    blocked     waits for a person or a step, or was not reached
    conflict    another object, or too wide     unreadable  could not be read; never taken for absent
    changed     done                            failed      Exchange refused, or it could not be sent
    skipped     answered No                     pending     sent and not seen yet, or its time has not come
    proved      Verify saw it                   disproved   Verify saw the opposite
    undone      undone by this run or before    kept        left as it is, with the reason
    gone        not there, or already as before: this run did not undo it

    Changed permissions take 30 minutes (idle application) to 2 hours (active one) to act, a changed list of EWS
    applications up to 24 hours.
    Verify proves what Exchange is configured to do; its result lists under notChecked what an Exchange session cannot
    see, and how to check that by hand.

    Windows PowerShell 5.1, or PowerShell 7.4 and later. Run the file by its path; pasted or dot-sourced it refuses.
    In PowerShell 7 the module ExchangeOnlineManagement 3.10 and later needs PowerShell 7.6 or later.
    Windows marks a file that came by mail or browser: compare its hash with the change record first (Get-FileHash),
    then Unblock-File. Where the execution policy is AllSigned, sign it; a signature leaves the body's digest as it is.
    In Constrained Language Mode it ends with 4 until it is signed or allowed.

    Everything after the line that begins the body is the same in every runbook of this method. A run prints first who
    reviewed that text, and its digest; the manifest beside the runbook names the same (bodySha256).
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingWriteHost', '',
    Justification = 'Talk is for the person at the console; the pipeline carries the results.')]
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High', PositionalBinding = $false)]
param(
    # ---- The deployment. These lines are the deployment: no value of it is anywhere else in this file. ----

    # The deployment's name. It names the journal and identifies the deployment in it.
    [string] $Name = 'contoso-scheduling',
    # The change ticket, for the journal and the result. Nothing in Exchange depends on it.
    [string] $ChangeTicket = 'CHG0031337',
    # The tenant's initial domain (contoso.onmicrosoft.com), compared with the connected tenant before anything else.
    # Cannot be overridden.
    [string] $TargetOrganization = 'contoso.onmicrosoft.com',
    # The tenant's ID, compared with the connected tenant before anything else. Cannot be overridden.
    [string] $TargetTenantId = '8a1c5e0b-6d2f-4b7a-9c3e-1f0d2a4b6c8e',
    # The Microsoft cloud that holds the tenant - worldwide, gcc, gcc-high, dod or china. Cannot be overridden.
    [string] $TargetEnvironment = 'worldwide',
    # The equipment mailbox's primary SMTP address. Pexip Infinity watches this mailbox.
    [string] $EquipmentAddress = 'pexip-scheduling@contoso.com',
    # The name the equipment mailbox is created with. Never compared afterwards.
    [string] $EquipmentName = 'Pexip Scheduling',
    # The equipment mailbox's display name, compared and corrected. Empty stands for the name.
    [string] $EquipmentDisplayName = '',
    # The equipment mailbox's alias, compared and corrected. Empty: created as the local part of the address, and not
    # compared later.
    [string] $EquipmentAlias = '',
    # True if the equipment mailbox has to exist already; its names are then left alone. False: it is created, or,
    # where an equipment mailbox has the address, its names are corrected.
    [bool] $EquipmentAdopt = $false,
    # The equipment mailbox's calendar processing, under the parameter names of Set-CalendarProcessing. Settings that
    # are not named are left alone. Compare them with your copy of Pexip's page.
    [hashtable] $EquipmentCalendar = @{ AutomateProcessing = 'None' },
    # The display name that the application gets in Exchange.
    [string] $ApplicationName = 'Pexip Scheduler',
    # The application (client) ID from Entra. Pexip Infinity's OAuth client ID is the same.
    [string] $ApplicationClientId = '5f6e7d8c-9b0a-4c1d-8e2f-3a4b5c6d7e8f',
    # The object ID of the ENTERPRISE application in Entra, which is not that of the app registration.
    [string] $ApplicationObjectId = 'c0ffee00-1234-4abc-9def-567890abcdef',
    # The name of the role assignment.
    [string] $ApplicationAssignment = 'contoso-scheduling-ews',
    # The primary SMTP address of the group whose direct members the application may act for.
    [string] $SchedulingGroupAddress = 'pexip-schedulers@contoso.com',
    # The name the scheduling group is created with, and its display name, which is compared and corrected unless the
    # group is adopted.
    [string] $SchedulingGroupName = 'Pexip Schedulers',
    # True if the scheduling group has to exist already; its names are then left alone. False: it is created, or,
    # where a security group has the address, its display name is corrected.
    [bool] $SchedulingGroupAdopt = $false,
    # Who schedules, as primary SMTP addresses. Each becomes a direct member; the equipment mailbox is added too.
    [string[]] $SchedulingGroupMembers = @('adele.vance@contoso.com', 'alex.wilber@contoso.com', 'miriam.o''hara@contoso.com'),
    # Who is to be an owner of the group; the other owners stay. Empty leaves that to Exchange.
    [string] $SchedulingGroupManagedBy = '',
    # True removes members that are not named. False leaves them where they are.
    [bool] $SchedulingGroupPrune = $false,
    # True closes the joining of a group that exists already (MemberJoinRestriction). False only reports that it is
    # open.
    [bool] $SchedulingGroupHarden = $false,
    # The name of the management scope over the scheduling group's members.
    [string] $ScopeName = 'contoso-scheduling-scope',
    # How many mailboxes the scope may hold at most. 0 states no limit.
    [int] $ScopeMaxMailboxes = 0,
    # Mailboxes that have to be within Pexip's reach. Verify tests each.
    [string[]] $ProofInScope = @('adele.vance@contoso.com'),
    # Mailboxes that must be out of Pexip's reach. Verify tests each.
    [string[]] $ProofOutOfScope = @('megan.bowen@contoso.com'),
    # What to do about the organization's EWS block. Empty: nothing. check: reports it. merge: puts this application,
    # and those of -EwsKeep, on the list of those allowed.
    [string] $EwsPolicy = 'merge',
    # True lets the runbook set EwsEnabled to true, which opens EWS to exactly the listed applications and closes it
    # to all others.
    [bool] $EwsSwitchOn = $true,
    # Further applications (ClientId, Name) that have to be on the list. One that is not on it yet is put on it, and
    # so can use EWS.
    [hashtable[]] $EwsKeep = @(@{ ClientId = '1b2c3d4e-5f60-4718-92a3-b4c5d6e7f809'; Name = 'Room displays' }),
    # Your statement why no other application uses EWS in this organization. Where EwsEnabled is not set and there is
    # no list, a list is written only with it or with -EwsKeep.
    [string] $EwsNoOthers = '',
    # The user agent by which Pexip's service calls EWS, for organizations whose EwsApplicationAccessPolicy decides by
    # it. Empty: Verify proves nothing about that policy.
    [string] $EwsUserAgent = '',
    # Who may open the equipment mailbox to look into it (Account), and whether Outlook shows it to them on its own
    # (Automapping).
    [hashtable[]] $Delegates = @(),
    # Accounts of a One-Touch Join integration, which this deployment must not share.
    [string[]] $OneTouchJoinAccounts = @(),
    # Application IDs of a One-Touch Join integration, which this deployment must not share.
    [string[]] $OneTouchJoinClientIds = @(),
    # Groups of the rooms of a One-Touch Join integration. An equipment mailbox that is a member of one is refused.
    [string[]] $OneTouchJoinGroups = @(),
    # The add-in's manifest file, seen from the folder of this script. Empty asks for no add-in.
    [string] $AddInManifest = '',
    # The SHA-256 of that file. Another one is never uploaded. Cannot be overridden.
    [string] $AddInManifestSha256 = '',
    # The add-in's ID, from its manifest. Cannot be overridden.
    [string] $AddInId = '',
    # The add-in's version, from its manifest. Cannot be overridden.
    [string] $AddInVersion = '',
    # The add-in's publisher, from its manifest. An add-in of the same ID by another one is a conflict. Cannot be
    # overridden.
    [string] $AddInProviderName = '',
    # The add-in's name, from its manifest. Cannot be overridden.
    [string] $AddInDisplayName = '',
    # What the manifest asks for - Restricted, ReadItem, ReadWriteItem or ReadWriteMailbox. Cannot be overridden.
    [string] $AddInPermission = '',
    # Who gets the add-in - everyone, or specific-users.
    [string] $AddInProvidedTo = '',
    # The users who get it with specific-users, at most 1000. Others who have it by name keep it.
    [string[]] $AddInUsers = @(),
    # The add-in's state for a user who has not chosen - enabled, disabled or always-enabled.
    [string] $AddInDefaultState = '',

    # ---- The run. What is said on the command line about one run; the deployment does not depend on it. ----

    # What to do. Check (default) reads and compares, prints current and wanted for everything that differs, and
    # writes nothing in Exchange. Apply does what Check found, after one confirmation for each step. Verify compares
    # again, and asks Exchange itself where it can. Rollback takes back what the journals say was changed.
    [ArgumentCompleter({
        $word = [string] $args[2]
        @('Check', 'Apply', 'Verify', 'Rollback') | Where-Object -FilterScript { $_.StartsWith($word, 'OrdinalIgnoreCase') }
    })]
    [string] $Mode = 'Check',
    # These steps only, by their IDs and in the runbook's own order, in every mode. All steps when it is left out. An
    # unknown ID is refused.
    [ArgumentCompleter({
        $word = [string] $args[2]
        @(
            'equipment-mailbox'
            'equipment-calendar'
            'scheduling-group'
            'scheduling-members'
            'application-pointer'
            'application-scope'
            'application-role'
            'ews-access'
            'delegate-access'
            'add-in'
        ) | Where-Object -FilterScript { $_.StartsWith($word, 'OrdinalIgnoreCase') }
    })]
    [string[]] $Step = @(),
    # The journal. Apply writes it (default: NAME-<UTC stamp>-<run id>.journal.jsonl in the current folder); an
    # existing journal of this deployment and tenant is continued, any other is refused. Rollback needs the journals
    # of the runs that it is to take back. Keep it with the change: without it there is no Rollback.
    [string[]] $JournalPath = @(),
    # Where to write the result as JSON, in any mode. Apply and Rollback write one beside the journal without being
    # asked (the journal's name with .MODE.result.json).
    [string] $ResultPath = '',
    # A text file to which everything that stands on the screen is appended, with UTC times, and the answers to the
    # questions, in any mode. A log of earlier runs is continued; any other file that holds something is refused.
    [string] $LogPath = '',
    # Sends an object for each step down the pipeline (id, state, differences, detail, requestId, consent). Without it
    # nothing goes there.
    [switch] $PassThru,
    # For Apply: the digest that an approved Check printed after "Plan". It covers what differs and all values. Apply
    # refuses, and says why, where either is another one now. A run that goes on with the journal of an approved one
    # may do what is left of that.
    [string] $ApprovedPlan = '',
    # How long one step may wait, in all, for something to appear that Exchange has accepted. 0 never waits. A step
    # that has waited long enough is pending: run the same command again later.
    [int] $WaitSeconds = 900,
    # How many changes one step may send at most. A step with more is refused before anything is sent. The message
    # says how many it has: where that is intended, give that number here.
    [int] $MaxChanges = 500,
    # Lets Rollback remove the mailbox too, if the journal says that this runbook created it and it is empty -
    # Exchange counts no items in it, or has no statistics of it because nothing was ever delivered. Otherwise the
    # mailbox is kept.
    [switch] $RemoveCreatedMailbox,
    # Since when the organization's list of EWS applications has been as it is now, as yyyy-MM-ddTHH:mm:ssZ. Needed
    # where EWS was never switched on or off and is to be switched on: Exchange takes a while to apply a changed list,
    # and switching before that blocks everybody. The run says after how many hours.
    [string] $EwsListInPlaceSince = '',
    # Lets Apply run although this runbook was rendered from templates that have no review. A run says so first.
    [switch] $AcceptUnreviewed
)

$PexgenReview = 'reviewed'

# A file that is not read as it was written holds other values than the approved ones.
if ('é' -cne [string] [char] 0xE9) {
    $refusal = 'Refused: this file was saved in another encoding, or lost its byte order mark, and this PowerShell does ' +
        'not read its letters as they were written. Get the file again from where it was rendered. Nothing was changed.'
    if ($MyInvocation.InvocationName -eq '.') { throw $refusal }
    Write-Host $refusal
    exit 4
}

# ---- pexgen body ----
# Outline: the 24 places that change Exchange; nothing else here does. Only Invoke-Write calls them,
# after the question of the step. In Apply the journal announces each first; in Rollback it has each after
# Exchange shows it. A line number counts from the line '# ---- pexgen body ----', which is line 0: to go to one
# in an editor, add the number that line has there, or search for '# Undo:', which stands above each.
#
#  Line  Cmdlet                           Step                    Risk    How it is undone
#   485  Remove-Mailbox                   equipment-mailbox       low     none; Rollback's, with -RemoveCreatedMailbox
#   494  New-Mailbox                      equipment-mailbox       low     Remove-Mailbox, with -RemoveCreatedMailbox
#   501  Set-Mailbox                      equipment-mailbox       low     the same call with the values of before
#   610  Set-CalendarProcessing           equipment-calendar      low     the same call with the values of before
#   847  Remove-DistributionGroup         scheduling-group        medium  none; Rollback's undo of New-DistributionGroup
#   859  New-DistributionGroup            scheduling-group        medium  Remove-DistributionGroup, once nothing uses it
#   874  Set-DistributionGroup            scheduling-group        medium  the same call with the values of before, less an added owner
#  1186  Add-DistributionGroupMember      scheduling-members      medium  Remove-DistributionGroupMember
#  1189  Remove-DistributionGroupMember   scheduling-members      medium  Add-DistributionGroupMember
#  1348  Remove-ServicePrincipal          application-pointer     low     none; Rollback's undo of New-ServicePrincipal
#  1353  Set-ServicePrincipal             application-pointer     low     the same call with the values of before
#  1358  New-ServicePrincipal             application-pointer     low     Remove-ServicePrincipal, once no role uses it
#  1526  Remove-ManagementScope           application-scope       medium  none; Rollback's undo of New-ManagementScope
#  1530  New-ManagementScope              application-scope       medium  Remove-ManagementScope, once no role uses it
#  1760  Remove-ManagementRoleAssignment  application-role        high    none; Rollback's undo of the new assignment
#  1777  Set-ManagementRoleAssignment     application-role        high    the same call with the values of before
#  1785  New-ManagementRoleAssignment     application-role        high    Remove-ManagementRoleAssignment
#  2011  Set-OrganizationConfig           ews-access              high    the same call with the values of before
#  2020  Set-OrganizationConfig           ews-access              high    the same call, with the list as it is at that time, less what was added
#  2291  Remove-MailboxPermission         delegate-access         low     none; Rollback's undo of Add-MailboxPermission
#  2297  Add-MailboxPermission            delegate-access         low     Remove-MailboxPermission
#  2481  Remove-App                       add-in                  medium  none; Rollback's undo of New-App
#  2504  New-App                          add-in                  medium  Remove-App; none where it replaced a version
#  2552  Set-App                          add-in                  medium  the same call with the settings of before, less added users

#region engine/00-language
# The start: what this script checks before it relies on any command or variable of the session. It keeps nothing in a
# variable before it knows that the variables are its own.

# Every way out has an exit code. A trap holds for the whole block that it stands in, so for each line of this file.
trap {
    # Dot-sourced, an exit would close the operator's window, so the error goes to the caller. Ctrl+C, or a pipeline that
    # has enough objects, is no error.
    if ($MyInvocation.InvocationName -ceq '.') { break }
    if ($_.Exception -is [System.Management.Automation.PipelineStoppedException]) { break }
    try {
        $failure = $_
        # Write-LastWord is defined last. Before it is there, nothing of the run is known.
        if (Test-Path -LiteralPath 'Function:\Write-LastWord') { Write-LastWord $failure }
        else { Write-Host "Stopped before anything was done: $($failure.Exception.Message)" }
        Write-Host 'Exit code 1. Please report this error with the lines above.'
    } catch { [Console]::Error.WriteLine("$failure $_") }
    exit 1
}

# In Constrained Language Mode this script could not ask its questions. These lines use only what that mode permits.
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

# The exit code if something ends this script without an exit, such as a break in a function that it calls. Where the
# session keeps the variable read-only, nobody would see any exit code.
try { $ExecutionContext.SessionState.PSVariable.Set('global:LASTEXITCODE', 4) }
catch {
    throw ('Refused: the variable LASTEXITCODE of this session cannot be set, so nobody would see an exit code. ' +
        'Open a new window without a profile. Nothing was changed.')
}
# Dot-sourced it would leave its settings and functions in the session.
if ($MyInvocation.InvocationName -ceq '.') {
    throw 'Refused: run this by its path, without the dot. Nothing was changed.'
}
$ExecutionContext.SessionState.PSVariable.Set('global:LASTEXITCODE', 1)

# A session that loads no modules by itself may lack PowerShell's own. Asked for by name, they are loaded where allowed.
if ($null -eq $ExecutionContext.InvokeCommand.GetCommand('Get-Variable', 'All')) {
    throw ("Refused: PowerShell's own module Microsoft.PowerShell.Utility is not loaded in this session. " +
        'Open a new window without a profile. Nothing was changed.')
}

# A variable of the session that is AllScope, read-only, typed or validated would replace, keep, change or refuse a value
# of this script. PowerShell's own variables are the same everywhere and may be so. The cmdlets come from PowerShell's own
# list, which holds no function and no alias, and every parameter is given, so that no default of the session applies.
& $ExecutionContext.InvokeCommand.GetCmdlet('Get-Variable') -Scope 0 -Name * -Include * -Exclude @() -ValueOnly:$false |
    & $ExecutionContext.InvokeCommand.GetCmdlet('ForEach-Object') -WhatIf:$false -Confirm:$false -Process {
        if (-not ($_.Name -cmatch '^\w+$' -and [regex]::IsMatch(
                    $PSCmdlet.MyInvocation.MyCommand.ScriptContents,
                    "[`$@](?:\w+:)?$($_.Name)\b", 'IgnoreCase, CultureInvariant'))) { return }
        if ('true', 'false', 'null', 'Error', 'ExecutionContext', 'Host', 'PSVersionTable', 'PSEdition', 'PSCulture',
            'PSUICulture', 'PSHOME', 'PID', 'ShellId', 'IsWindows', 'IsLinux', 'IsMacOS' -ccontains $_.Name -or
            ([int] $_.Options -band 11) -eq 0 -and (
                $_.Attributes.Count -eq 0 -or $PSCmdlet.MyInvocation.MyCommand.Parameters.ContainsKey($_.Name) -or
                $_.Name -cmatch 'Preference$|^PSDefaultParameterValues$')) { return }
        Write-Host (
            "Refused: this session has a variable $($_.Name) that this script cannot have for itself " +
            "($($_.Options)). Open a new window without a profile. Nothing was changed.")
        exit 4
    }
$ErrorActionPreference = 'Stop'
if ([string] $ErrorActionPreference -cne 'Stop') { throw 'The variable ErrorActionPreference keeps another value.' }
$Run = @{}

# The session's default parameter values: the table nearest to the caller. None of them applies from here on.
$given = @{}
for ($scope = 0; $true; $scope++) {
    try {
        $reader = $ExecutionContext.InvokeCommand.GetCmdlet('Get-Variable')
        $table = & $reader -Name 'PSDefaultParameterValues' -Scope $scope -ValueOnly -ErrorAction Stop
    }
    catch [System.Management.Automation.ItemNotFoundException] { continue }
    catch { break }
    if ($table -is [System.Collections.IDictionary]) { $given = $table }
    break
}
$PSDefaultParameterValues = @{}

# A function or alias of the session that hides one of these commands, also under its module-qualified name, would decide
# for this script. Write-Host and Start-Sleep are not among them: a session that logs its screen may replace those.
$cmdlets = 'ForEach-Object', 'Where-Object', 'Select-Object', 'Sort-Object', 'Group-Object', 'New-Object',
    'ConvertTo-Json', 'ConvertFrom-Json', 'Get-Command', 'Get-Module', 'Get-PSCallStack', 'Get-Variable',
    'Get-Item', 'Set-StrictMode', 'Test-Path'
foreach ($key in $cmdlets) {
    if ([string] $ExecutionContext.InvokeCommand.GetCommand($key, 'All').CommandType -cne 'Cmdlet') {
        Write-Host (
            "Refused: $key is shadowed by something of this session. " +
            'Open a new window without a profile. Nothing was changed.')
        exit 4
    }
}

# PowerShell looks for an alias before a function, so an alias with the name of a function of this file, or of a command
# that it calls, would run instead. A function that is AllScope or read-only cannot be replaced by this file's.
$own = New-Object -TypeName 'System.Collections.Generic.HashSet[string]' -ArgumentList (
    [System.StringComparer]::OrdinalIgnoreCase)
foreach ($key in $MyInvocation.MyCommand.ScriptBlock.Ast.EndBlock.Statements) {
    if ($key -is [System.Management.Automation.Language.FunctionDefinitionAst]) { [void] $own.Add($key.Name) }
}
foreach ($key in $cmdlets + @('Write-Host', 'Write-Progress', 'Write-Verbose', 'Start-Sleep')) { [void] $own.Add($key) }
foreach ($key in @($ExecutionContext.InvokeProvider.ChildItem.Get('Alias:', $false)) +
    @($ExecutionContext.InvokeProvider.ChildItem.Get('Function:', $false))) {
    $isInFront = $key -is [System.Management.Automation.AliasInfo] -or [int] $key.Options -band 11
    if (($own.Contains($key.Name) -and $isInFront) -or
        ($key.Name.StartsWith('Microsoft.PowerShell.', 'OrdinalIgnoreCase') -and $key.Name.Contains('\'))) {
        Write-Host (
            "Refused: the $(([string] $key.CommandType).ToLowerInvariant()) $($key.Name) of this session would run " +
            'instead of a command of this script. Open a new window without a profile. Nothing was changed.')
        exit 4
    }
}

# A default of the session for a parameter of this script would look as if it had been typed, and one for -Confirm would
# look like consent. A key holds the name or alias of the script and of the parameter, with wildcards or in quotes. It is
# read at each of its colons and without quotes, so that none is overlooked. Defaults that only make a run more careful
# or more verbose are allowed.

function Test-Wildcard {
    # PowerShell matches such a key by the culture of the session; here it is also matched without one.
    param([string] $Text, [string] $Pattern)
    foreach ($options in 'IgnoreCase', 'IgnoreCase, CultureInvariant') {
        $wildcard = New-Object -TypeName System.Management.Automation.WildcardPattern -ArgumentList $Pattern, $options
        try { if ($wildcard.IsMatch($Text)) { return $true } }
        catch [System.Management.Automation.WildcardPatternException] { return $false }
    }
    $false
}

function Get-DefaultTarget {
    # The parameters of this script that a key of the session's defaults reaches.
    param([string] $Key, $Command, [string[]] $Name)
    $harmless = 'WhatIf', 'Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'InformationAction', 'ProgressAction',
        'OutBuffer'
    $parts = $Key.Split([char[]] ':')
    for ($at = 1; $at -lt $parts.Count; $at++) {
        $meant = ($parts[0..($at - 1)] -join ':') -creplace '[\s\u0022\u0027\u2018-\u201E]'
        $asked = ($parts[$at..($parts.Count - 1)] -join ':') -creplace '[\s\u0022\u0027\u2018-\u201E]'
        if (@($Name | Where-Object -FilterScript { Test-Wildcard $_ $meant }).Count -eq 0) { continue }
        foreach ($parameter in $Command.Parameters.Values) {
            $names = @($parameter.Name) + @($parameter.Aliases)
            $isHit = @($names | Where-Object -FilterScript { Test-Wildcard $_ $asked }).Count -gt 0
            if ($isHit -and $harmless -cnotcontains $parameter.Name) { $parameter.Name }
        }
    }
}

$names = @($MyInvocation.MyCommand.Name, $MyInvocation.MyCommand.Path)
foreach ($key in @($ExecutionContext.InvokeProvider.ChildItem.Get('Alias:', $false))) {
    if ($key.Definition.EndsWith($MyInvocation.MyCommand.Name, 'OrdinalIgnoreCase')) { $names += $key.Name }
}
foreach ($key in @($given.Keys)) { if (([string] $key).Trim() -eq 'Disabled' -and $given[$key]) { $given = @{} } }
foreach ($key in @($given.Keys)) {
    $hits = @(Get-DefaultTarget $key -Command $MyInvocation.MyCommand -Name $names)
    if ($hits.Count -eq 0) { continue }
    Write-Host (
        "Refused: `$PSDefaultParameterValues['$key'] gives this script -$($hits -join ', -'), which nobody typed. " +
        'Open a new window without a profile. Nothing was changed.')
    exit 4
}

# What an operator has set for the session must not change what this script does. Only -Confirm:$false leaves questions
# out.
Set-StrictMode -Version 3.0
if ('Stop', 'Inquire', 'Ignore', 'Break' -contains $InformationPreference) {
    $InformationPreference = 'SilentlyContinue'
}
if ('Stop', 'Inquire', 'Break' -contains $ProgressPreference) { $ProgressPreference = 'SilentlyContinue' }
if ('Stop', 'Inquire', 'Break' -contains $VerbosePreference) { $VerbosePreference = 'Continue' }
if (-not $PSBoundParameters.ContainsKey('Confirm')) { $ConfirmPreference = 'High' }
$OFS = ' '
#endregion

#region constants
$Method = 'app-permissions'
$Platform = 'exchange-online'

# The deployment's values; these parameters alone say what is created, set and given.
$Value = @{
    Name = $Name
    ChangeTicket = $ChangeTicket
    TargetOrganization = $TargetOrganization
    TargetTenantId = $TargetTenantId
    TargetEnvironment = $TargetEnvironment
    EquipmentAddress = $EquipmentAddress
    EquipmentName = $EquipmentName
    EquipmentDisplayName = $EquipmentDisplayName
    EquipmentAlias = $EquipmentAlias
    EquipmentAdopt = $EquipmentAdopt
    EquipmentCalendar = $EquipmentCalendar
    ApplicationName = $ApplicationName
    ApplicationClientId = $ApplicationClientId
    ApplicationObjectId = $ApplicationObjectId
    ApplicationAssignment = $ApplicationAssignment
    SchedulingGroupAddress = $SchedulingGroupAddress
    SchedulingGroupName = $SchedulingGroupName
    SchedulingGroupAdopt = $SchedulingGroupAdopt
    SchedulingGroupMembers = $SchedulingGroupMembers
    SchedulingGroupManagedBy = $SchedulingGroupManagedBy
    SchedulingGroupPrune = $SchedulingGroupPrune
    SchedulingGroupHarden = $SchedulingGroupHarden
    ScopeName = $ScopeName
    ScopeMaxMailboxes = $ScopeMaxMailboxes
    ProofInScope = $ProofInScope
    ProofOutOfScope = $ProofOutOfScope
    EwsPolicy = $EwsPolicy
    EwsSwitchOn = $EwsSwitchOn
    EwsKeep = $EwsKeep
    EwsNoOthers = $EwsNoOthers
    EwsUserAgent = $EwsUserAgent
    Delegates = $Delegates
    OneTouchJoinAccounts = $OneTouchJoinAccounts
    OneTouchJoinClientIds = $OneTouchJoinClientIds
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
}

# What this run was told. What it finds out and does is added below.
$Run = @{
    Mode = $Mode
    Step = $Step
    JournalPath = $JournalPath
    ResultPath = $ResultPath
    LogPath = $LogPath
    PassThru = [bool] $PassThru
    ApprovedPlan = $ApprovedPlan
    WaitSeconds = $WaitSeconds
    MaxChanges = $MaxChanges
    RemoveCreatedMailbox = [bool] $RemoveCreatedMailbox
    EwsListInPlaceSince = $EwsListInPlaceSince
    AcceptUnreviewed = [bool] $AcceptUnreviewed
    Review = $PexgenReview
}

# The steps in order. $Catalogue has what a person is told of each; $Steps has its functions, by these keys:
# Compare: finds what differs.
# Now: reads one object again.
# Change: writes; nothing else does but what it calls.
# Described: whether the description asks for the step.
# Needed, Assert, Guard: what must not be empty; what else is refused, before anything is read or by a guard.
# Reads, Apply, Verify, Rollback: cmdlets that every mode calls, and that one mode calls beside them.
# Decides, Advice, Act, Label, Shown, IfRefused: words of a question or a refusal.
# Proof, Foundation: what Verify tries; without whose object it has nothing to prove.
# ByHand, NotChecked, Takes: what is left to a person, and how long until Exchange acts.
# Claim, Made, Set, Ids, Kind: what an entry of a journal may say; anything else is kept.
# Hold, HoldEntry: why Rollback keeps an object, or one value of it.
# Address, Again: looks for its object in another way, where it was not found by its identity.
# Grants, Parameters: the role that it assigns, and parameters that its values name.
# Widens: what gives access again when it is undone, and a warning in that question.
# GoOn: what the line Go on needs beside what was typed.
# CloudEws: it is of no use once EWS in Exchange Online has ended.
# ConflictDisproves: a conflict disproves it in Verify.
# Alone: it needs nothing that another step creates.
# Together: its changes are entries of one list.
# WholeList: its list is always written whole.
$Catalogue = [ordered]@{}
$Steps = [ordered]@{}
#endregion

#region steps/equipment-mailbox
$Catalogue['equipment-mailbox'] = @{
    Title = 'Equipment mailbox'
    Pexip = 'step 1 of 4'
    Requires = @()
    Risk = 'low'
    Effect = (
        'Creates one new mailbox, or corrects display name and alias of the described one. No existing mailbox of a ' +
        'person is touched.')
    Undo = (
        'Rollback restores a display name or alias that was changed. With -RemoveCreatedMailbox it removes a ' +
        'mailbox that this step created.')
    Cmdlets = @{
        'Get-DistributionGroupMember' = @('ErrorAction', 'Identity', 'ResultSize')
        'Get-Mailbox' = @('ErrorAction', 'Identity', 'SoftDeletedMailbox')
        'Get-MailboxStatistics' = @('ErrorAction', 'Identity', 'WarningAction')
        'Get-Recipient' = @('ErrorAction', 'Filter')
        'New-Mailbox' = @(
            'Alias', 'Confirm', 'DisplayName', 'Equipment', 'ErrorAction', 'Name', 'PrimarySmtpAddress'
        )
        'Remove-Mailbox' = @('Confirm', 'ErrorAction', 'Identity')
        'Set-Mailbox' = @('Alias', 'Confirm', 'DisplayName', 'ErrorAction', 'Identity')
    }
}

# Equipment mailbox: the resource mailbox that the add-in invites to every meeting.

$Steps['equipment-mailbox'] = { @{
    Compare = 'Compare-EquipmentMailbox'; Now = 'Get-EquipmentMailboxNow'; Change = 'Invoke-EquipmentMailboxChange'
    Hold = 'Get-EquipmentMailboxHold'; Claim = 'Get-EquipmentMailboxClaim'; Decides = 'Get-MailboxRemoval'
    Address = $Value.EquipmentAddress; Foundation = $true
    ByHand = 'Get-EquipmentMailboxByHand'
    Made = @('PrimarySmtpAddress,DisplayName,Alias'); Set = 'DisplayName|Alias'; Kind = 'EquipmentMailbox'
    Reads = 'Get-Recipient', 'Get-Mailbox'
    Guard = @{
        Name = 'one-touch-join'; Test = 'Assert-NoOneTouchJoinRoom'
        Reads = @(if ($Value.OneTouchJoinGroups.Count -gt 0) { 'Get-Recipient', 'Get-DistributionGroupMember' })
    }
    Apply = @(if (-not $Value.EquipmentAdopt) { 'New-Mailbox', 'Set-Mailbox' })
    Rollback = @('Set-Mailbox') + @(if ($Run.RemoveCreatedMailbox) { 'Get-MailboxStatistics', 'Remove-Mailbox' })
    Needed = 'EquipmentAddress', 'EquipmentName'
    Assert = {
        foreach ($address in $Value.OneTouchJoinAccounts) {
            Assert-Sane (-not (Test-SameName $address $Value.EquipmentAddress)) (
                "$address is used for One-Touch Join; the scheduler needs a mailbox of its own.")
        }
    }
} }

function Assert-NoOneTouchJoinRoom {
    # A One-Touch Join room answers meeting requests itself, and the service would read its meetings. Only membership in
    # its group shows that a mailbox is such a room.
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
    # The mailbox as a recipient, or $null. Any other recipient with its address is a conflict.
    $recipient = Get-RecipientOf $Value.EquipmentAddress
    if ($null -eq $recipient) { return $null }
    $isOurs = (Get-Text $recipient 'RecipientTypeDetails') -eq 'EquipmentMailbox' -and
        (Test-SameName (Get-Text $recipient 'PrimarySmtpAddress') $Value.EquipmentAddress)
    if (-not $isOurs) {
        throw (Get-Stop -State 'conflict' -Detail (
                "$($Value.EquipmentAddress) belongs to $(Format-Recipient $recipient), " +
                'which is not an equipment mailbox with that primary SMTP address. Choose another address.'))
    }
    Assert-NoOneTouchJoinAccount $recipient
    $recipient
}

function Assert-NoOneTouchJoinAccount {
    # The description may name a One-Touch Join account by any of its names.
    param($Mailbox)
    $names = @(Get-Identifier $Mailbox) + @(Get-Text $Mailbox 'UserPrincipalName') +
        @(Get-Property $Mailbox 'EmailAddresses' |
                ForEach-Object -Process { ([string] $_) -creplace '^[Ss][Mm][Tt][Pp]:' })
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
    # No recipient has the address. The name must be free too, and no soft-deleted mailbox may hold the address.
    $namesake = Get-Namesake $Value.EquipmentName
    if ((Test-SameName (Get-Text $namesake 'Name') $Value.EquipmentName) -and
        -not (Test-SameName (Get-Text $namesake 'PrimarySmtpAddress') $Value.EquipmentAddress)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The name '$($Value.EquipmentName)' belongs to $(Format-Recipient $namesake). " +
                'Choose another equipment name.'))
    }
    Assert-NotDeleted $Value.EquipmentAddress
}

$AccountOnline = 'Exchange Online gives the mailbox an account whose sign-in may be enabled, with a random password. ' +
    'Block its sign-in in Entra.'

function Get-EquipmentMailboxByHand {
    param([string] $State)
    # Of a mailbox that is kept only where a journal says that it was created.
    $entries = if ($Run.Mode -ceq 'Rollback') { Get-JournalEntry 'equipment-mailbox' }
    $created = @($entries | Where-Object -FilterScript { $null -ne $_ -and -not $_.Refused -and -not $_.Before['exists'] })
    $isKept = $State -ceq 'kept' -and $created.Count -gt 0
    $isNew = $State -ceq 'changed' -and $Run.Made.Contains('equipment-mailbox')
    if (-not $isKept -and -not $isNew) { return }
    "Block the sign-in of $($Value.EquipmentAddress) in Entra: it may be enabled, with a random password."
}

function Get-WantedMailbox {
    $display = if ($Value.EquipmentDisplayName -ne '') { $Value.EquipmentDisplayName } else { $Value.EquipmentName }
    $alias = if ($Value.EquipmentAlias -ne '') { $Value.EquipmentAlias } else { Get-LocalPart $Value.EquipmentAddress }
    [ordered]@{ PrimarySmtpAddress = $Value.EquipmentAddress; DisplayName = $display; Alias = $alias }
}

function Compare-EquipmentMailbox {
    $plan = Get-EmptyPlan 'equipment-mailbox'
    $wanted = Get-WantedMailbox
    $recipient = Get-EquipmentMailbox
    if ($null -eq $recipient) {
        if ($Value.EquipmentAdopt) {
            throw (Get-Stop -State 'conflict' -Detail (
                    "adopt is true (-EquipmentAdopt), but the equipment mailbox " +
                    "$($Value.EquipmentAddress) was not found."))
        }
        Assert-EquipmentPlace
        Add-Creation $plan -Id $Value.EquipmentAddress -Wanted $wanted -Text (
            "create the equipment mailbox $($Value.EquipmentAddress), name '$($Value.EquipmentName)', display name " +
            "'$($wanted.DisplayName)', alias '$($wanted.Alias)'")
        $plan.Notes += $AccountOnline
        return $plan
    }
    if ($Value.EquipmentAdopt) { return $plan }
    $id = Get-ObjectId $recipient
    $mailbox = Read-EquipmentMailbox $id
    if ($null -eq $mailbox) {
        throw (Get-Stop -State 'unreadable' -Detail (
                "$($Value.EquipmentAddress) is a recipient, but Exchange does not find its mailbox yet."))
    }
    $names = @('DisplayName') + @(if ($Value.EquipmentAlias -ne '') { 'Alias' })
    foreach ($name in $names) {
        $current = Get-AnsweredText $mailbox -Name $name
        if (Test-Same $current $wanted[$name]) { continue }
        Add-Setting $plan -Text "set $name of $($Value.EquipmentAddress) to '$($wanted[$name])'" -Id $id -Before (
            [ordered]@{ $name = $current }) -Wanted ([ordered]@{ $name = $wanted[$name] })
    }
    if ($plan.Changes.Count -gt 0) { Assert-MailboxCanChange $mailbox }
    $plan
}

function Invoke-EquipmentMailboxChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $wanted = $Change.Wanted.properties
    if (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's, with -RemoveCreatedMailbox
        Remove-Mailbox -Identity $Now.id -Confirm:$false -ErrorAction Stop
        return
    }
    if (-not $Change.Before.exists) {
        $mailbox = @{
            Name = $Value.EquipmentName; DisplayName = $wanted.DisplayName; Alias = $wanted.Alias
            PrimarySmtpAddress = $Value.EquipmentAddress
        }
        # Undo: Remove-Mailbox, with -RemoveCreatedMailbox
        New-Mailbox @mailbox -Equipment -Confirm:$false -ErrorAction Stop
        return
    }
    $setting = @{ Identity = $Now.id }
    if ($wanted.Contains('DisplayName')) { $setting['DisplayName'] = $wanted['DisplayName'] }
    if ($wanted.Contains('Alias')) { $setting['Alias'] = $wanted['Alias'] }
    # Undo: the same call with the values of before
    Set-Mailbox @setting -Confirm:$false -ErrorAction Stop
}

function Assert-MailboxCanChange {
    param($Mailbox)
    $address = $Value.EquipmentAddress
    if (Test-Synchronized $Mailbox) {
        throw (Get-Stop -State 'blocked' -Detail (
                "$address is synchronized from on-premises Active Directory. Change it there."))
    }
}

function Get-EquipmentMailboxNow {
    param([System.Collections.IDictionary] $Snapshot)
    $mailbox = Read-EquipmentMailbox $Snapshot.id
    if ($null -eq $mailbox) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) { $properties[$name] = Get-AnsweredText $mailbox -Name $name }
    Get-Present (Get-ObjectId $mailbox) $properties -Of $mailbox
}

function Get-EquipmentMailboxClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    if ($Value.EquipmentAdopt) { return 'the description adopts the mailbox and changes nothing of it' }
    if ($Name -ceq 'Alias' -and $Value.EquipmentAlias -eq '') { return 'the description names no alias' }
    $address = $Entry.Wanted['properties']['PrimarySmtpAddress']
    if ($Name -eq '' -and -not (Test-SameName $address $Value.EquipmentAddress)) {
        return "it is not the described $($Value.EquipmentAddress)"
    }
}

function Get-EquipmentMailboxHold {
    # Why a mailbox that this step created must stay, or nothing.
    param($Entry, $Current)
    if ($Entry.Before['exists']) { return }
    if (-not $Run.RemoveCreatedMailbox) { return 'to remove it, if it is empty, run Rollback with -RemoveCreatedMailbox' }
    Get-MailboxUse $Entry -Id $Current.id
}
#endregion

#region steps/equipment-calendar
$Catalogue['equipment-calendar'] = @{
    Title = 'Calendar processing of the equipment mailbox'
    Pexip = 'step 2 of 4'
    Requires = @('equipment-mailbox')
    Risk = 'low'
    Effect = (
        'Changes how one equipment mailbox answers meeting requests. If people book it already, Exchange stops or ' +
        'starts answering them.')
    Undo = 'Rollback sets each value back.'
    Cmdlets = @{
        'Get-CalendarProcessing' = @('ErrorAction', 'Identity')
        'Set-CalendarProcessing' = @('Confirm', 'ErrorAction', 'Identity')
    }
}

# Equipment calendar: how the equipment mailbox answers meeting requests.

$Steps['equipment-calendar'] = { @{
    Compare = 'Compare-EquipmentCalendar'; Now = 'Get-EquipmentCalendarNow'; Change = 'Invoke-EquipmentCalendarChange'
    Described = $Value.EquipmentCalendar.Count -gt 0
    Claim = 'Get-EquipmentCalendarClaim'; Address = $Value.EquipmentAddress
    Made = @(); Set = $CalendarSettings -join '|'; Kind = 'EquipmentMailbox'
    Reads = 'Get-Recipient', 'Get-CalendarProcessing'
    Apply = @('Set-CalendarProcessing'); Rollback = @('Set-CalendarProcessing')
    Parameters = @($Value.EquipmentCalendar.Keys)
} }

function Compare-EquipmentCalendar {
    $plan = Get-EmptyPlan 'equipment-calendar'
    $names = @($CalendarSettings | Where-Object -FilterScript { $Value.EquipmentCalendar.ContainsKey($_) })
    $recipient = Get-EquipmentMailbox
    if ($null -eq $recipient -and -not (Test-Planned 'equipment-mailbox')) {
        throw (Get-Awaited 'equipment-mailbox' 'The equipment mailbox')
    }
    $id = if ($null -ne $recipient) { Get-ObjectId $recipient } else { $Value.EquipmentAddress }
    $now = Get-Absent $id
    $plan['IsMissing'] = $null -eq $recipient
    if ($null -ne $recipient) {
        $asked = [ordered]@{}
        foreach ($name in $names) { $asked[$name] = $null }
        $now = Get-EquipmentCalendarNow -Snapshot (Get-Present $id $asked)
        if (-not $now.exists) {
            # The calendar of a new mailbox appears some time after the mailbox.
            throw (Get-Stop -State (Get-MissingPartState) -Detail (
                    'Exchange does not find the calendar settings of the mailbox yet. Run the same command again later.'))
        }
    }
    $before = [ordered]@{}
    $wanted = [ordered]@{}
    foreach ($name in $names) {
        if (Test-Same $now.properties[$name] $Value.EquipmentCalendar[$name]) { continue }
        $before[$name] = $now.properties[$name]
        $wanted[$name] = $Value.EquipmentCalendar[$name]
    }
    if ($wanted.Count -gt 0) {
        $text = @($wanted.Keys | ForEach-Object -Process { "$_ to $(Format-Value $wanted[$_])" }) -join ', '
        Add-Setting $plan -Text "set for $($Value.EquipmentAddress): $text" -Id $id -Before $before -Wanted $wanted
    }
    $plan.Notes += "Only these are managed here: $($names -join ', '). No other calendar setting is compared or set."
    $plan
}

function Invoke-EquipmentCalendarChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $setting = @{}
    foreach ($name in $Change.Wanted.properties.Keys) { $setting[$name] = $Change.Wanted.properties[$name] }
    # Undo: the same call with the values of before
    Set-CalendarProcessing -Identity $Now.id @setting -Confirm:$false -ErrorAction Stop
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
        # A Boolean that arrives as text could not be written back as one.
        if ('True', 'False' -contains [string] $current) { $current = [string] $current -eq 'True' }
        $properties[$name] = if ($current -is [bool] -or $current -is [int]) { $current } else { [string] $current }
    }
    Get-Present $id $properties
}

function Get-EquipmentCalendarClaim {
    # Why the description cannot have led to this, or nothing. What is given back has to be a value of the setting.
    param($Entry, [string] $Name)
    if ($Name -eq '' -or -not $Value.EquipmentCalendar.ContainsKey($Name)) { return 'the description does not set it' }
    $before = $Entry.Before['properties'][$Name]
    $problem = Get-LimitProblem $before -Limit $Limits['EquipmentCalendar']['Keys'][$Name] -CanBeEmpty $false
    if ($problem) { return "$(Format-Value $before) is not a value of it" }
}
#endregion

#region steps/scheduling-group
$Catalogue['scheduling-group'] = @{
    Title = 'Scheduling group'
    Pexip = 'step 4 of 4'
    Requires = @()
    Risk = 'medium'
    Effect = (
        'Whoever may join or manage this group decides which mailboxes the application can open. A new group is ' +
        'closed to joining.')
    Undo = (
        'Rollback removes a group that this step created, restores a display name or MemberJoinRestriction that was ' +
        'changed, and removes an owner that this step added.')
    Cmdlets = @{
        'Get-DistributionGroup' = @('ErrorAction', 'Identity')
        'Get-Mailbox' = @('ErrorAction', 'Identity', 'SoftDeletedMailbox')
        'Get-MailboxStatistics' = @('ErrorAction', 'Identity', 'WarningAction')
        'Get-ManagementRoleAssignment' = @(
            'CustomRecipientWriteScope', 'ErrorAction', 'Identity', 'RoleAssignee', 'RoleAssigneeType'
        )
        'Get-ManagementScope' = @('ErrorAction', 'Identity')
        'Get-Recipient' = @('ErrorAction', 'Filter', 'RecipientPreviewFilter', 'ResultSize')
        'New-DistributionGroup' = @(
            'Alias', 'Confirm', 'DisplayName', 'ErrorAction', 'IgnoreNamingPolicy', 'ManagedBy'
            'MemberDepartRestriction', 'MemberJoinRestriction', 'Name', 'PrimarySmtpAddress', 'Type'
        )
        'Remove-DistributionGroup' = @('BypassSecurityGroupManagerCheck', 'Confirm', 'ErrorAction', 'Identity')
        'Set-DistributionGroup' = @(
            'BypassSecurityGroupManagerCheck', 'Confirm', 'DisplayName', 'ErrorAction', 'Identity'
            'IgnoreNamingPolicy', 'ManagedBy', 'MemberJoinRestriction'
        )
    }
}

# Scheduling group: Pexip may act in the mailboxes of its direct members.

$GroupUsesUnseen = 'Note      No other member, management scope or role of an application was found that uses it. Other ' +
    'uses, as in mail flow rules, permissions or other groups, are not looked for.'

$Steps['scheduling-group'] = { @{
    Compare = 'Compare-SchedulingGroup'; Now = 'Get-SchedulingGroupNow'; Change = 'Invoke-SchedulingGroupChange'
    Claim = 'Get-SchedulingGroupClaim'; Address = $Value.SchedulingGroupAddress
    Act = 'Format-GroupAct'; Hold = 'Get-SchedulingGroupHold'; Decides = 'Get-SchedulingGroupDecider'
    Made = @('PrimarySmtpAddress,DisplayName,MemberJoinRestriction,MemberDepartRestriction')
    Set = 'DisplayName|MemberJoinRestriction|owner:\S+'; Kind = '*Group'
    Reads = 'Get-Recipient', 'Get-DistributionGroup', 'Get-Mailbox'
    Apply = @('New-DistributionGroup', 'Set-DistributionGroup') +
        @(if ($Value.SchedulingGroupAdopt) { 'Get-DistributionGroupMember' })
    Rollback = 'Set-DistributionGroup', 'Get-DistributionGroupMember', 'Get-ManagementScope',
        'Get-ManagementRoleAssignment', 'Remove-DistributionGroup'
    Needed = 'SchedulingGroupAddress', 'SchedulingGroupName'
} }

function Get-SchedulingGroup {
    # The group as a recipient, or $null. Only a group whose direct members Exchange stores can be used in a scope.
    $recipient = Get-RecipientOf $Value.SchedulingGroupAddress
    if ($null -eq $recipient) { return $null }
    $types = @('MailUniversalSecurityGroup') + @(if ($Value.SchedulingGroupAdopt) { 'MailUniversalDistributionGroup' })
    $isOurs = $types -contains (Get-Text $recipient 'RecipientTypeDetails') -and
        (Test-SameName (Get-Text $recipient 'PrimarySmtpAddress') $Value.SchedulingGroupAddress)
    if (-not $isOurs) {
        throw (Get-Stop -State 'conflict' -Detail (
                "$($Value.SchedulingGroupAddress) belongs to $(Format-Recipient $recipient); " +
                "wanted is a $($types -join ' or ') with that primary address. $(Get-GroupAdvice $recipient)"))
    }
    $recipient
}

function Get-GroupAdvice {
    # Advice for what was found. Only a distribution group can be used as it is.
    param($Recipient)
    $type = Get-Text $Recipient 'RecipientTypeDetails'
    $isPrimary = Test-SameName (Get-Text $Recipient 'PrimarySmtpAddress') $Value.SchedulingGroupAddress
    if (-not $isPrimary -and $type -clike '*Group') {
        return "Describe it by $(Get-Text $Recipient 'PrimarySmtpAddress'), its primary address, or choose another one."
    }
    if ($type -ceq 'MailUniversalDistributionGroup' -and -not $Value.SchedulingGroupAdopt) {
        return 'Choose another address, or, if this group is to be used as it is, describe it with adopt: true ' +
            '(-SchedulingGroupAdopt $true).'
    }
    if ($type -ceq 'RoomList') {
        return 'A room list is there to find rooms and cannot be the scheduling group. Choose another address.'
    }
    'Choose another address.'
}

function Read-SchedulingGroup {
    param([string] $Identity)
    Invoke-ReadOne -Subject "group $Identity" -Call { Get-DistributionGroup -Identity $Identity -ErrorAction Stop }
}

function Test-GroupOwner {
    # Exchange lists owners by name, GUID or address, depending on the age of the object.
    param($Group, $Owner)
    $ids = @(Get-Identifier $Owner)
    @(@(Get-Answered $Group -Name 'ManagedBy') | Where-Object -FilterScript { $ids -contains [string] $_ }).Count -gt 0
}

function Format-GroupAct {
    # What Rollback does with an owner that was added.
    param([string] $Name, $Given, [string] $Label)
    if ($Name -clike 'owner:*' -and -not $Given) { "remove owner $($Name.Substring(6)) from $Label" }
}

function Get-DescribedOwner {
    # The described owner as a recipient, or nothing where none is described.
    if ($Value.SchedulingGroupManagedBy -eq '') { return $null }
    $owner = Get-RecipientOf $Value.SchedulingGroupManagedBy
    if ($null -ne $owner) { return $owner }
    throw (Get-Stop -State 'conflict' -Detail "The owner $($Value.SchedulingGroupManagedBy) was not found in Exchange.")
}

function Compare-SchedulingGroup {
    $plan = Get-EmptyPlan 'scheduling-group'
    $address = $Value.SchedulingGroupAddress
    $owner = Get-DescribedOwner
    $recipient = Get-SchedulingGroup
    if ($null -eq $recipient) { return Get-NewGroupPlan $plan }
    $id = Get-ObjectId $recipient
    $group = Read-SchedulingGroup $id
    if ($null -eq $group) {
        throw (Get-Stop -State 'unreadable' -Detail (
                "$address is a recipient, but Exchange does not find the group yet."))
    }
    $wanted = [ordered]@{}
    if (-not $Value.SchedulingGroupAdopt) { $wanted['DisplayName'] = $Value.SchedulingGroupName }
    if ($Value.SchedulingGroupHarden) { $wanted['MemberJoinRestriction'] = 'Closed' }
    if ($null -ne $owner) { $wanted["owner:$($Value.SchedulingGroupManagedBy)"] = $true }
    foreach ($name in @($wanted.Keys)) {
        $current = if ($name -clike 'owner:*') { Test-GroupOwner $group $owner }
        else { Get-AnsweredText $group -Name $name }
        if (Test-Same $current $wanted[$name]) { continue }
        $text = if ($name -clike 'owner:*') {
            "add owner $($Value.SchedulingGroupManagedBy) to $address; its other owners stay"
        } else { "set $name of $address to $(Format-Value $wanted[$name])" }
        Add-Setting $plan -Text $text -Id $id -Before ([ordered]@{ $name = $current }) -Wanted (
            [ordered]@{ $name = $wanted[$name] })
    }
    if ($plan.Changes.Count -gt 0 -and (Test-Synchronized $group)) {
        throw (Get-Stop -State 'blocked' -Detail (
                "$address is synchronized from on-premises Active Directory. Change it there."))
    }
    if ((Get-Text $group 'MemberJoinRestriction') -eq 'Open' -and -not $Value.SchedulingGroupHarden) {
        $plan.Notes += 'Anybody can join this group and so give Pexip access to their mailbox; harden: true ' +
            '(-SchedulingGroupHarden $true) closes it.'
    }
    $plan
}

function Get-SchedulingGroupDecider {
    # The members of an adopted group come into reach as well, whether they are described or not; in a Rollback, who can
    # come into it again.
    param([hashtable] $Plan)
    if ($Run.Mode -ceq 'Rollback') {
        foreach ($wanted in @($Plan.Changes | ForEach-Object -Process { $_.Wanted })) {
            if (-not $wanted.exists) { $GroupUsesUnseen }
            $joining = $wanted.properties['MemberJoinRestriction']
            if ('Open', 'ApprovalRequired' -cnotcontains $joining) { continue }
            "Effect    Joining the group is $joining again. Whoever joins comes into the application's reach while its role is there."
        }
    }
    if ($Run.Mode -cne 'Apply' -or -not $Value.SchedulingGroupAdopt -or $Plan.Changes.Count -eq 0) { return }
    $group = Get-SchedulingGroup
    if ($null -eq $group) { return }
    $members = @(Read-Member (Get-ObjectId $group))
    $strangers = @(Get-UndescribedMember $members -Described (Get-AddressTable (
                @($Value.EquipmentAddress) + @($Value.SchedulingGroupMembers))))
    # Members of a group in the group are not reached.
    $strangers = @($strangers | Where-Object -FilterScript { (Get-Text $_ 'RecipientTypeDetails') -cnotlike '*Group*' })
    $names = if ($strangers.Count -gt 0) { ": $(Format-Some $strangers -Most 10 -Name { Get-MemberKey $_ })" }
    "Adopted   The group existed before this deployment. Members now: $($members.Count). NOT in the description, and " +
        "reached all the same: $($strangers.Count)$names."
}

function Get-NewGroupPlan {
    param([hashtable] $Plan)
    $address = $Value.SchedulingGroupAddress
    if ($Value.SchedulingGroupAdopt) {
        throw (Get-Stop -State 'conflict' -Detail "adopt is true (-SchedulingGroupAdopt), but the group $address was not found.")
    }
    $namesake = Get-Namesake $Value.SchedulingGroupName
    if ((Test-SameName (Get-Text $namesake 'Name') $Value.SchedulingGroupName) -and
        -not (Test-SameName (Get-Text $namesake 'PrimarySmtpAddress') $address)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The name '$($Value.SchedulingGroupName)' belongs to $(Format-Recipient $namesake). " +
                'Choose another group name.'))
    }
    Assert-NotDeleted $address
    $wanted = [ordered]@{
        PrimarySmtpAddress = $address; DisplayName = $Value.SchedulingGroupName
        MemberJoinRestriction = 'Closed'; MemberDepartRestriction = 'Closed'
    }
    # Whoever owns the group decides who gets into it.
    $owner = $Value.SchedulingGroupManagedBy
    $shown = if ($owner -ne '') { $owner } elseif ($Run.Operator) { "the account that runs this ($($Run.Operator))" }
    else { 'chosen by Exchange (which may refuse that to an application)' }
    Add-Creation $Plan -Id $address -Wanted $wanted -Text (
        "create the mail-enabled security group $address, alias '$(Get-LocalPart $address)', name " +
        "'$($Value.SchedulingGroupName)' whatever the naming policy for groups says, closed to joining and leaving, owner $shown")
    if ($owner -ne '') { Add-Difference $Plan -Property 'ManagedBy' -Current $null -Wanted $owner }
    $Plan
}

function Invoke-SchedulingGroupChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $wanted = $Change.Wanted.properties
    if (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's undo of New-DistributionGroup
        Remove-DistributionGroup -Identity $Now.id -BypassSecurityGroupManagerCheck -Confirm:$false -ErrorAction Stop
        return
    }
    if (-not $Change.Before.exists) {
        $group = @{
            Name = $Value.SchedulingGroupName; DisplayName = $wanted.DisplayName
            Alias = Get-LocalPart $Value.SchedulingGroupAddress
            PrimarySmtpAddress = $Value.SchedulingGroupAddress; Type = 'Security'
            MemberJoinRestriction = 'Closed'; MemberDepartRestriction = 'Closed'
        }
        if ($Value.SchedulingGroupManagedBy -ne '') { $group['ManagedBy'] = $Value.SchedulingGroupManagedBy }
        # Undo: Remove-DistributionGroup, once nothing uses it
        New-DistributionGroup @group -IgnoreNamingPolicy -Confirm:$false -ErrorAction Stop
        return
    }
    $setting = @{ Identity = $Now.id; BypassSecurityGroupManagerCheck = $true }
    if ($wanted.Contains('DisplayName')) {
        $setting['DisplayName'] = $wanted['DisplayName']
        $setting['IgnoreNamingPolicy'] = $true
    }
    if ($wanted.Contains('MemberJoinRestriction')) {
        $setting['MemberJoinRestriction'] = $wanted['MemberJoinRestriction']
    }
    foreach ($name in @($wanted.Keys | Where-Object -FilterScript { $_ -clike 'owner:*' })) {
        $setting['ManagedBy'] = @(Get-OwnerList -Identity $Now.id -Owner $name.Substring(6) -Add $wanted[$name])
    }
    # Undo: the same call with the values of before, less an added owner
    Set-DistributionGroup @setting -Confirm:$false -ErrorAction Stop
}

function Get-SchedulingGroupNow {
    param([System.Collections.IDictionary] $Snapshot)
    $group = Read-SchedulingGroup $Snapshot.id
    if ($null -eq $group) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) {
        if ($name -clike 'owner:*') { $properties[$name] = Test-GroupOwner $group (Get-RecipientOf $name.Substring(6)) }
        else { $properties[$name] = Get-AnsweredText $group -Name $name }
    }
    Get-Present (Get-ObjectId $group) $properties -Of $group
}

function Get-OwnerList {
    # The owners as Exchange lists them, with one added or removed. The others are written back unchanged.
    param([string] $Identity, [string] $Owner, [bool] $Add)
    $group = Read-SchedulingGroup $Identity
    if ($null -eq $group) {
        throw (Get-Stop -State (Get-MissingState) -Detail "Exchange does not find the group $Identity at the moment.")
    }
    $recipient = Get-RecipientOf $Owner
    foreach ($entry in @(Get-Answered $group -Name 'ManagedBy' | Where-Object -FilterScript { [string] $_ -ne '' })) {
        $isThis = Test-GroupOwner ([pscustomobject]@{ ManagedBy = @($entry) }) $recipient
        if (-not $isThis) { [string] $entry }
    }
    if ($Add) { $Owner }
}

function Get-SchedulingGroupClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    $before = $Entry.Before['properties'][$Name]
    if ($Name -clike 'owner:*') {
        $isOurs = (Test-SameName $Name.Substring(6) $Value.SchedulingGroupManagedBy) -and (Test-SwitchedOn $Entry $Name)
        if (-not $isOurs) { return 'the description does not set that owner' }
    } elseif ($Name -ceq 'MemberJoinRestriction') {
        $isOurs = $Value.SchedulingGroupHarden -and $Entry.Wanted['properties'][$Name] -ceq 'Closed' -and
            'Open', 'ApprovalRequired' -ccontains $before
        if (-not $isOurs) { return 'the description does not close the group' }
    } elseif ($Value.SchedulingGroupAdopt) { return 'the description adopts the group as it is' }
    $address = $Entry.Wanted['properties']['PrimarySmtpAddress']
    if ($Name -eq '' -and -not (Test-SameName $address $Value.SchedulingGroupAddress)) {
        return "it is not the described $($Value.SchedulingGroupAddress)"
    }
}

function Get-SchedulingGroupHold {
    # Why a group that this step created must stay, or nothing: it has other members, or a scope or role uses it.
    param($Entry, $Current)
    if ($Entry.Before['exists']) { return }
    $id = $Current.id
    $group = Confirm-Found (Read-SchedulingGroup $id) -What "the group $id"
    $members = @(Read-Member $id)
    $others = @($members | Where-Object -FilterScript {
            $address = (Get-Text $_ 'PrimarySmtpAddress').ToLowerInvariant()
            -not $Run.Gone.ContainsKey("scheduling-members $id|$address") })
    if ($others.Count -gt 0) {
        # The journal may name a member by another of its addresses.
        $gone = Get-Table
        foreach ($name in @(Get-GoneMember $id)) { $gone[$name] = $true }
        $others = @($others | Where-Object -FilterScript {
                @(Get-Identifier $_ | Where-Object -FilterScript { $gone.ContainsKey($_) }).Count -eq 0 })
    }
    if ($others.Count -gt 0) {
        Write-SeenAgain 'scheduling-members' -What "$($others.Count) members of the group"
        return "it has $($others.Count) members that this Rollback does not remove: " +
            (Format-Some $others -Most 20 -Name { Get-MemberKey $_ })
    }
    # An empty name would stand in the filter of every scope.
    $name = Get-Filled (Get-Text $group 'DistinguishedName')
    $quoted = (Confirm-Found $name -What "the distinguished name of the group $id").Replace("'", "''")
    foreach ($scope in @(Invoke-Read -Subject 'management scopes' -IfAbsent 'unreadable' -Call {
                Get-ManagementScope -ErrorAction Stop })) {
        $uses = (Get-Text $scope 'RecipientFilter').IndexOf($quoted, [System.StringComparison]::OrdinalIgnoreCase) -ge 0
        $its = Get-Text $scope 'Name'
        if (-not $uses -or $Run.Gone.ContainsKey("application-scope $its")) { continue }
        if (Test-SameName $its $Value.ScopeName) { Write-SeenAgain 'application-scope' -What "the scope '$its'" }
        return "the management scope '$its' is built on it"
    }
    foreach ($row in @(Invoke-Read -Subject 'role assignments to applications' -IfAbsent 'unreadable' -Call {
                Get-ManagementRoleAssignment -RoleAssigneeType ServicePrincipal -ErrorAction Stop })) {
        $uses = (Get-Text $row 'RecipientWriteScope') -eq 'Group' -and
            (Test-SameName (Get-Text $row 'CustomResourceScope') (Get-Text $group 'Name'))
        if ($uses) { return "the role assignment '$(Get-Text $row 'Name')' is scoped to it" }
    }
}
#endregion

#region steps/scheduling-members
$Catalogue['scheduling-members'] = @{
    Title = 'Members of the scheduling group'
    Pexip = 'step 4 of 4'
    Requires = @('equipment-mailbox', 'scheduling-group')
    Risk = 'medium'
    Effect = (
        'Widens access: once it has its role, the application can read, change, delete and send in the mailbox of ' +
        'each member added.')
    Undo = (
        'Rollback removes the members that this step added and adds those that it removed, one by one. Other ' +
        'members stay.')
    Cmdlets = @{
        'Add-DistributionGroupMember' = @(
            'BypassSecurityGroupManagerCheck', 'Confirm', 'ErrorAction', 'Identity', 'Member'
        )
        'Get-DistributionGroupMember' = @('ErrorAction', 'Identity', 'ResultSize')
        'Remove-DistributionGroupMember' = @(
            'BypassSecurityGroupManagerCheck', 'Confirm', 'ErrorAction', 'Identity', 'Member'
        )
    }
}

# Scheduling group's members: the equipment mailbox and everybody who schedules. Only direct members are in the scope.

$Steps['scheduling-members'] = { @{
    Compare = 'Compare-SchedulingMember'; Now = 'Get-SchedulingMemberNow'; Change = 'Invoke-SchedulingMemberChange'
    Claim = 'Get-SchedulingMemberClaim'; Widens = 'Test-UndescribedMember'
    Address = $Value.SchedulingGroupAddress; Shown = 'Format-MemberName'; Act = 'Format-MemberAct'
    HoldEntry = 'Get-SchedulingMemberHold'; Decides = 'Get-SchedulingMemberDecider'; Together = $true
    Made = @(); Set = '\S+'; Kind = '*Group'
    Reads = 'Get-Recipient', 'Get-DistributionGroup', 'Get-DistributionGroupMember'
    Apply = @('Add-DistributionGroupMember') + @(if ($Value.SchedulingGroupPrune) { 'Remove-DistributionGroupMember' })
    Rollback = 'Add-DistributionGroupMember', 'Remove-DistributionGroupMember'
    Assert = {
        Assert-Sane (-not (Test-SameName $Value.SchedulingGroupAddress $Value.EquipmentAddress)) (
            'The group and the equipment mailbox cannot have the same address.')
    }
} }

function Get-MemberKey {
    # The name of a member in the journal: its primary address where it has one.
    param($Member)
    $address = (Get-Text $Member 'PrimarySmtpAddress').ToLowerInvariant()
    if ($address -ne '') { $address } else { @(Get-Identifier $Member) | Select-Object -First 1 }
}

function Read-Member {
    # All of them: without -ResultSize Exchange stops at 1000 with a warning. The group exists, so "not found" is not an
    # answer.
    param([string] $Group)
    Invoke-Read -Subject "members of $Group" -IfAbsent (Get-MissingPartState) -Call {
        Get-DistributionGroupMember -Identity $Group -ResultSize Unlimited -ErrorAction Stop
    }
}

function Find-Member {
    # The member with this address. The list shows primary addresses only, so another address is looked up.
    param([hashtable] $Index, [string] $Address)
    if ($Index.ContainsKey($Address)) { return $Index[$Address] }
    foreach ($id in @(Get-Identifier (Get-Joiner $Address))) {
        if ($Index.ContainsKey($id)) { return $Index[$id] }
    }
    $null
}

function Get-Joiner {
    # Looked up once in a run: whether somebody is a member by now is seen in the group's list, and whoever is gone by
    # then is refused by Exchange itself. Who was not found is asked about again.
    param([string] $Address)
    if (-not $Run.People.ContainsKey($Address)) {
        $found = Get-RecipientOf $Address
        if ($null -eq $found) { return $null }
        $Run.People[$Address] = $found
    }
    $Run.People[$Address]
}

function Get-MemberIndex {
    param([object[]] $Members)
    $index = Get-Table
    foreach ($member in $Members) {
        foreach ($id in @(Get-Identifier $member)) { $index[$id] = $member }
    }
    $index
}

function Assert-Member {
    # A missing member, or a group as a member, would leave people without the service, and nobody would notice.
    param([string] $Address, $Recipient)
    if ($null -eq $recipient) {
        throw (Get-Stop -State 'conflict' -Detail "The member $Address was not found in Exchange.")
    }
    if ((Get-Text $recipient 'RecipientTypeDetails') -clike '*Group*') {
        throw (Get-Stop -State 'conflict' -Detail (
                "$(Format-Recipient $recipient) is a group: " +
                'members of a group in the group are not in the scope. Name its members.'))
    }
}

function Get-SchedulingMemberDecider {
    # What membership means: the application can open the mailboxes of members, and no others.
    param([hashtable] $Plan)
    if ($Run.Mode -cne 'Apply') { return }
    $count = $Plan.Changes.Count
    if ($Plan['AskedApart']) {
        return "Reach     Members that leave the scope: $count. Through its role the application can no longer open their " +
            "mailboxes once Exchange applies the change ($($Facts.RoleTakes))."
    }
    "Reach     Mailboxes that come into the application's reach: $count. If it has its role already, as soon as Exchange " +
        "applies the change ($($Facts.RoleTakes)); else with the step application-role."
    Get-SchedulingGroupDecider $Plan
}

function Compare-SchedulingMember {
    $plan = Get-EmptyPlan 'scheduling-members'
    $group = Get-SchedulingGroup
    if ($null -eq $group -and -not (Test-Planned 'scheduling-group')) {
        throw (Get-Awaited 'scheduling-group' 'The scheduling group')
    }
    $id = if ($null -ne $group) { Get-ObjectId $group } else { $Value.SchedulingGroupAddress }
    $members = @(if ($null -ne $group) { Read-Member $id })
    $index = Get-MemberIndex $members
    $kept = Add-WantedMember $plan -Group $id -Index $index
    $adds = $plan.Changes.Count
    $count = $members.Count + $adds
    $strangers = @($members | Where-Object -FilterScript { -not $kept.ContainsKey((Get-MemberKey $_)) })
    if ($Value.SchedulingGroupPrune) {
        foreach ($stranger in $strangers) { Add-MemberChange $plan -Group $id -Key (
                Get-MemberKey $stranger) -IsMember $false }
        $count -= $strangers.Count
    } elseif ($strangers.Count -gt 0) {
        $plan.Notes += "Not in the description, and in the scope all the same ($($strangers.Count)): " +
            "$(Format-Some $strangers -Most 20 -Name { Get-MemberKey $_ })."
    }
    $nested = @($members | Where-Object -FilterScript { (Get-Text $_ 'RecipientTypeDetails') -clike '*Group*' })
    if ($nested.Count -gt 0) {
        $plan.Notes += "Groups among the members, whose own members are not in the scope ($($nested.Count)): " +
            "$(Format-Some $nested -Most 20 -Name { Get-MemberKey $_ })."
    }
    $Run.GroupSize = $count
    if ($adds -gt 0) { Assert-AddedReach }
    if ($plan.Changes.Count -gt 0 -and (Test-Synchronized (Read-SchedulingGroup $id))) {
        throw (Get-Stop -State 'blocked' -Detail (
                "$($Value.SchedulingGroupAddress) is synchronized from on-premises Active Directory. Change it there."))
    }
    $plan
}

function Add-WantedMember {
    # Adds the missing described members to the plan; returns the keys of those who are members already.
    param([hashtable] $Plan, [string] $Group, [hashtable] $Index)
    $kept = Get-Table
    $elsewhere = New-Object -TypeName System.Collections.ArrayList
    $wanted = @(Get-Distinct (@($Value.EquipmentAddress) + @($Value.SchedulingGroupMembers)))
    $pace = Get-Pace $wanted.Count -What 'members looked at'
    foreach ($address in $wanted) {
        Write-Pace $pace
        $member = Find-Member $Index $address
        if ($null -ne $member) { $kept[(Get-MemberKey $member)] = $true }
        if (Test-SameName $address $Value.EquipmentAddress) {
            if ($null -ne $member) { continue }
            if ($null -eq (Get-EquipmentMailbox) -and -not (Test-Planned 'equipment-mailbox')) {
                throw (Get-Awaited 'equipment-mailbox' 'The equipment mailbox')
            }
        } else {
            $person = if ($null -ne $member) { $member } else { Get-Joiner $address }
            if ($null -eq $member) { Assert-Member $address -Recipient $person }
            $isElsewhere = -not (Test-MailboxHere $person)
            if ($isElsewhere) { [void] $elsewhere.Add($person) }
            if ($isElsewhere -or $null -ne $member) { continue }
        }
        Add-MemberChange $Plan -Group $Group -Key $address.ToLowerInvariant() -IsMember $true
    }
    Add-ElsewhereNote $Plan -People $elsewhere.ToArray()
    $kept
}

function Test-MailboxHere {
    # Whether this Exchange has the mailbox, so that the role reaches it. A mail user, a contact, a guest or a mailbox
    # in the other half of a hybrid organization is a recipient and nothing more. Of an unknown type it is tried, and
    # Exchange refuses it if it has to; a group that is a member already is counted on its own.
    param($Recipient)
    $type = Get-Text $Recipient 'RecipientTypeDetails'
    $type -eq '' -or $type -clike '*Group*' -or ($type -clike '*Mailbox' -and $type -cnotlike 'Remote*')
}

function Add-ElsewhereNote {
    # Who is described and has no mailbox here is not added, and is left where somebody else has.
    param([hashtable] $Plan, [object[]] $People)
    if ($People.Count -eq 0) { return }
    $Plan.Remaining = 'blocked'
    $names = Format-Some $People -Most 20 -Name { Format-Recipient $_ }
    $Plan.Notes += "$($People.Count) described members have no mailbox in this organization, so nothing can be scheduled " +
        "for them, and they are not added: $names. Remove them from the description, or move their mailboxes here."
}

function Format-MemberName {
    param([string] $Name)
    "member:$Name"
}

function Format-MemberAct {
    # What Rollback does with one.
    param([string] $Name, $Given, [string] $Label)
    if ($Given) { "add member $Name to $Label again" } else { "remove member $Name from $Label" }
}

function Add-MemberChange {
    param([hashtable] $Plan, [string] $Group, [string] $Key, [bool] $IsMember)
    $text = if ($IsMember) { "add $Key to $($Value.SchedulingGroupAddress)" }
    else { "remove $Key from $($Value.SchedulingGroupAddress)" }
    Add-Setting $Plan -Text $text -Id $Group -Before ([ordered]@{ $Key = -not $IsMember }) -Wanted (
        [ordered]@{ $Key = $IsMember })
}

function Invoke-SchedulingMemberChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    foreach ($key in $Change.Wanted.properties.Keys) {
        $member = @{ Identity = $Now.id; Member = $key; BypassSecurityGroupManagerCheck = $true }
        if ($Change.Wanted.properties[$key]) {
            # Undo: Remove-DistributionGroupMember
            Add-DistributionGroupMember @member -Confirm:$false -ErrorAction Stop
        } else {
            # Undo: Add-DistributionGroupMember
            Remove-DistributionGroupMember @member -Confirm:$false -ErrorAction Stop
        }
    }
}

function Get-SchedulingMemberNow {
    param([System.Collections.IDictionary] $Snapshot)
    $group = Read-SchedulingGroup $Snapshot.id
    if ($null -eq $group) { return Get-Absent $Snapshot.id }
    $id = Get-ObjectId $group
    $index = Get-MemberIndex @(Read-Member $id)
    $properties = [ordered]@{}
    foreach ($key in $Snapshot.properties.Keys) {
        # Who is expected not to be a member need not be looked up by other addresses.
        $member = if ($Snapshot.properties[$key] -eq $false) { $index[$key] }
        else { Find-Member $index $key }
        $properties[$key] = $null -ne $member
    }
    Get-Present $id $properties
}

function Get-GoneMember {
    # Every identity of the members that this Rollback plans to remove.
    param([string] $Group)
    $begin = "scheduling-members $Group|"
    foreach ($key in @($Run.Gone.Keys | Where-Object -FilterScript { $_.StartsWith($begin, 'Ordinal') })) {
        Get-Identifier (Get-RecipientOf $key.Substring($begin.Length))
    }
}

function Get-SchedulingMemberHold {
    # Who was taken out and has left since cannot come back; that is no reason to leave the others out. A scope that
    # this Rollback left to somebody else reaches whom the group holds.
    param($Entry, $Current, [string] $Name)
    if ('kept', 'pending' -ccontains $Run.States['application-scope']) {
        return 'the management scope still exists, and it reaches the members of the group'
    }
    $isOut = $Current.properties[$Name] -ne $true -and $Entry.Before['properties'][$Name] -eq $true
    if ($isOut -and $null -eq (Get-RecipientOf $Name)) { return "$Name was not found" }
}

function Get-SchedulingMemberClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    if ($Name -ne '' -and (Test-SwitchedOn $Entry $Name)) {
        if (Test-UndescribedMember $Name) { return 'the description does not name that member' }
        return
    }
    $isOut = $Name -ne '' -and $Entry.Before['properties'][$Name] -eq $true -and
        $Entry.Wanted['properties'][$Name] -eq $false
    if (-not $isOut) { return 'no run of this step does that' }
    if (Test-Pattern $Name) { return 'it is a pattern' }
    if (-not $Value.SchedulingGroupPrune) { return 'the description removes nobody from the group' }
}

function Test-UndescribedMember {
    param([string] $Name)
    @($Value.EquipmentAddress) + @($Value.SchedulingGroupMembers) -notcontains $Name
}
#endregion

#region steps/application-pointer
$Catalogue['application-pointer'] = @{
    Title = 'Service principal in Exchange, which points to the enterprise application'
    Pexip = 'step 3 of 4'
    Requires = @()
    Risk = 'low'
    Effect = 'Registers an application of Entra in Exchange. On its own it grants nothing.'
    Undo = (
        'Rollback removes a service principal that this step created, and restores a display name that was changed. ' +
        'The application in Entra stays.')
    Cmdlets = @{
        'Get-ServicePrincipal' = @('ErrorAction', 'Identity')
        'New-ServicePrincipal' = @('AppId', 'Confirm', 'DisplayName', 'ErrorAction', 'ObjectId')
        'Remove-ServicePrincipal' = @('Confirm', 'ErrorAction', 'Identity')
        'Set-ServicePrincipal' = @('Confirm', 'DisplayName', 'ErrorAction', 'Identity')
    }
}

# Application pointer: Exchange's service principal for the enterprise application, to which a role can be assigned.

$Steps['application-pointer'] = { @{
    Compare = 'Compare-ApplicationPointer'; Now = 'Get-ApplicationPointerNow'
    Change = 'Invoke-ApplicationPointerChange'
    Hold = 'Get-ApplicationPointerHold'; Claim = 'Get-ApplicationPointerClaim'; Again = 'Find-ApplicationPointer'
    Label = 'Get-ApplicationPointerLabel'; Foundation = $true; Decides = 'Get-ApplicationPointerDecider'
    Made = @('AppId,ObjectId,DisplayName'); Set = 'DisplayName'
    Reads = @('Get-ServicePrincipal')
    Apply = 'New-ServicePrincipal', 'Set-ServicePrincipal'
    Rollback = 'Set-ServicePrincipal', 'Get-ManagementRoleAssignment', 'Remove-ServicePrincipal'
    IfRefused = 'The object ID is the one under Enterprise applications in Entra, not that of the app registration.'
    Needed = 'ApplicationClientId', 'ApplicationObjectId', 'ApplicationName'
    Assert = {
        Assert-Sane (-not (Test-SameName $Value.ApplicationClientId $Value.ApplicationObjectId)) (
            'The object ID must not be the client ID: take it from Enterprise applications in Entra.')
        foreach ($id in $Value.OneTouchJoinClientIds) {
            Assert-Sane (-not (Test-SameName $id $Value.ApplicationClientId)) (
                "$id is used for One-Touch Join; the scheduler needs an application of its own.")
        }
    }
} }

function Read-ServicePrincipal {
    param([string] $Identity)
    Invoke-ReadOne -Subject "service principal $Identity" -Call {
        Get-ServicePrincipal -Identity $Identity -ErrorAction Stop
    }
}

function Read-AllServicePrincipal {
    # All that Exchange has: one organization has few.
    @(Invoke-Read -Subject 'service principals' -IfAbsent 'unreadable' -Call {
            Get-ServicePrincipal -ErrorAction Stop })
}

function Get-ApplicationPointer {
    # The service principal, or $null. One that has only one of the two described IDs belongs to something else.
    foreach ($id in $Value.ApplicationClientId, $Value.ApplicationObjectId) {
        if (-not $Run.Seen.ContainsKey($id)) { $Run.Seen[$id] = Read-ServicePrincipal $id }
        $pointer = $Run.Seen[$id]
        if ($null -eq $pointer) { continue }
        $isOurs = (Test-SameName (Get-Text $pointer 'AppId') $Value.ApplicationClientId) -and
            (Test-SameName (Get-Text $pointer 'ObjectId') $Value.ApplicationObjectId)
        if ($isOurs) { return $pointer }
        throw (Get-Stop -State 'conflict' -Detail (
                "Exchange has the service principal '$(Get-Text $pointer 'DisplayName')' " +
                "with client ID $(Get-Text $pointer 'AppId') " +
                "and object ID $(Get-Text $pointer 'ObjectId'); " +
                'the description has other IDs. ' +
                'If the application was created anew in Entra, remove the old service principal by hand first.'))
    }
    $null
}

function Compare-ApplicationPointer {
    $plan = Get-EmptyPlan 'application-pointer'
    $pointer = Get-ApplicationPointer
    $id = $Value.ApplicationObjectId
    $wanted = [ordered]@{ AppId = $Value.ApplicationClientId; ObjectId = $id; DisplayName = $Value.ApplicationName }
    if ($null -eq $pointer) {
        Add-Creation $plan -Id $id -Wanted $wanted -Text (
            "create the service principal '$($Value.ApplicationName)' for the enterprise application (object ID $id, " +
            "client ID $($wanted.AppId))")
        return $plan
    }
    $current = Get-AnsweredText $pointer -Name 'DisplayName'
    if (-not (Test-Same $current $Value.ApplicationName)) {
        $text = "set DisplayName of the service principal $id to '$($Value.ApplicationName)'"
        Add-Setting $plan -Text $text -Id $id -Before ([ordered]@{ DisplayName = $current }) -Wanted (
            [ordered]@{ DisplayName = $Value.ApplicationName })
    }
    $plan
}

function Invoke-ApplicationPointerChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $wanted = $Change.Wanted.properties
    if (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's undo of New-ServicePrincipal
        Remove-ServicePrincipal -Identity $Now.id -Confirm:$false -ErrorAction Stop
        return
    }
    if ($Change.Before.exists) {
        # Undo: the same call with the values of before
        Set-ServicePrincipal -Identity $Now.id -DisplayName $wanted.DisplayName -Confirm:$false -ErrorAction Stop
        return
    }
    $pointer = @{ AppId = $wanted.AppId; ObjectId = $wanted.ObjectId; DisplayName = $wanted.DisplayName }
    # Undo: Remove-ServicePrincipal, once no role uses it
    New-ServicePrincipal @pointer -Confirm:$false -ErrorAction Stop
}

function Get-ApplicationPointerNow {
    param([System.Collections.IDictionary] $Snapshot)
    $pointer = Read-ServicePrincipal $Snapshot.id
    if ($null -eq $pointer) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) { $properties[$name] = Get-AnsweredText $pointer -Name $name }
    $id = Get-AnsweredText $pointer -Name 'ObjectId'
    if (-not (Test-SameName $id $Snapshot.id)) {
        throw (Get-Stop -State 'unreadable' -Detail (
                "Asked for the service principal $($Snapshot.id), Exchange answers with '$id'."))
    }
    Get-Present $id $properties -Of $pointer
}

function Get-ApplicationPointerClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    $wanted = $Entry.Wanted['properties']
    $isOurs = (Test-SameName $Entry.Key $Value.ApplicationObjectId) -and ($Name -ne '' -or (
            (Test-SameName $wanted['AppId'] $Value.ApplicationClientId) -and
            (Test-SameName $wanted['ObjectId'] $Value.ApplicationObjectId)))
    if (-not $isOurs) { return 'it is not the service principal of the described application' }
    if ($Name -ceq 'DisplayName' -and [string] $Entry.Before['properties'][$Name] -eq '') {
        return 'it had no display name before, and Exchange takes no empty one; the present name is left alone'
    }
}

function Find-ApplicationPointer {
    # A second look in the list of all service principals.
    param([System.Collections.IDictionary] $Snapshot)
    $found = @(Read-AllServicePrincipal | Where-Object -FilterScript {
            Test-SameName (Get-Text $_ 'ObjectId') $Snapshot.id }) | Select-Object -First 1
    if ($null -eq $found) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) { $properties[$name] = Get-Text $found $name }
    Get-Present (Get-Text $found 'ObjectId') $properties -Of $found
}

function Get-ApplicationPointerLabel {
    param([string] $Id)
    $pointer = Confirm-Found (Read-ServicePrincipal $Id) -What "the service principal $Id"
    "the service principal '$(Get-Text $pointer 'DisplayName')' of the enterprise application (object ID $Id)"
}

function Get-ApplicationPointerDecider {
    # What goes with a service principal and is not looked for.
    param([hashtable] $Plan)
    if (@($Plan.Changes | Where-Object -FilterScript { -not $_.Wanted.exists }).Count -eq 0) { return }
    'Note      No role assignment was found that needs it. Mailbox permissions given to it are not looked for.'
}

function Get-ApplicationPointerHold {
    # A service principal takes its role assignments with it, so it stays while it has one that these runs did not make.
    param($Entry, $Current)
    $pointer = Confirm-Found (Read-ServicePrincipal $Current.id) -What "the service principal $($Current.id)"
    if (-not (Test-SameName (Get-Text $pointer 'AppId') $Value.ApplicationClientId)) {
        return 'it is not the service principal of the described application'
    }
    if ($Entry.Before['exists']) { return }
    $rows = @(Read-ApplicationAssignment $Current.id |
            Where-Object -FilterScript { -not $Run.Gone.ContainsKey("application-role $(Get-Text $_ 'Name')") })
    if ($rows.Count -eq 0) { return }
    Write-SeenAgain 'application-role' -What "the role assignment '$(Get-Text $rows[0] 'Name')'"
    "it has the role assignment '$(Get-Text $rows[0] 'Name')'"
}
#endregion

#region steps/application-scope
$Catalogue['application-scope'] = @{
    Title = 'Management scope over the scheduling group'
    Pexip = 'step 4 of 4'
    Requires = @('scheduling-group')
    Risk = 'medium'
    Effect = (
        'Decides which mailboxes the application can open once it has its role. A scope of that name with another ' +
        'filter is a conflict and is never rewritten, because it may serve another integration.')
    Undo = 'Rollback removes a scope that this step created.'
    Cmdlets = @{
        'Get-ManagementRoleAssignment' = @(
            'CustomRecipientWriteScope', 'ErrorAction', 'Identity', 'RoleAssignee', 'RoleAssigneeType'
        )
        'Get-ManagementScope' = @('ErrorAction', 'Identity')
        'Get-Recipient' = @('ErrorAction', 'RecipientPreviewFilter', 'ResultSize')
        'New-ManagementScope' = @('Confirm', 'ErrorAction', 'Name', 'RecipientRestrictionFilter')
        'Remove-ManagementScope' = @('Confirm', 'ErrorAction', 'Identity')
    }
}

# Management scope: the direct members of the scheduling group, and nobody else.

$Steps['application-scope'] = { @{
    Compare = 'Compare-ApplicationScope'; Now = 'Get-ApplicationScopeNow'; Change = 'Invoke-ApplicationScopeChange'
    Claim = 'Get-ApplicationScopeClaim'; Again = 'Find-ApplicationScope'; Label = 'Get-ApplicationScopeLabel'
    Hold = 'Get-ApplicationScopeHold'; Decides = 'Get-ApplicationReach'
    Made = @('RecipientFilter'); Set = '(?!)'
    Reads = @('Get-Recipient', 'Get-DistributionGroup', 'Get-ManagementScope')
    Apply = @('New-ManagementScope')
    Rollback = 'Get-ManagementRoleAssignment', 'Remove-ManagementScope'
    Needed = @('ScopeName')
} }

function Get-WantedFilter {
    # Built from the distinguished name that Exchange returns for the group; $null while the group does not exist.
    $recipient = Get-SchedulingGroup
    if ($null -eq $recipient) { return $null }
    $name = Get-Text (Read-SchedulingGroup (Get-ObjectId $recipient)) 'DistinguishedName'
    if ($name -eq '') {
        throw (Get-Stop -State 'unreadable' -Detail (
                'Exchange does not tell the distinguished name of the scheduling group yet.'))
    }
    Get-ScopeFilter 'MemberOfGroup' -Is $name
}

function Assert-Reach {
    # How many mailboxes the scope reaches: by Exchange's own preview, and with the members that this run adds.
    param([string] $Filter)
    $count = [int] $Run.GroupSize
    if ($Filter -ne '') {
        $count = [Math]::Max($count, @(Read-Reach $Filter).Count)
    }
    if ($count -gt $Value.ScopeMaxMailboxes) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The scope would reach $count mailboxes; the description allows $($Value.ScopeMaxMailboxes)."))
    }
}

function Assert-AddedReach {
    # Of members that are about to be added by a run that does not look at the scope: the application may have its role
    # already.
    $isAlone = $Run.Selected -ccontains 'scheduling-members' -and $Run.Selected -cnotcontains 'application-scope'
    if ($isAlone -and $Run.Mode -cne 'Verify' -and $Value.ScopeMaxMailboxes -gt 0) { Assert-Reach '' }
}

function Get-ApplicationReach {
    # Always shown, also without a limit in the description: the number tells whether somebody filled the group.
    param([hashtable] $Plan)
    if ($Run.Mode -cne 'Apply' -or $Plan.Changes.Count -eq 0) { return }
    Get-ReachLine ([string] (Get-WantedFilter)) -Described (Get-AddressTable (
            @($Value.EquipmentAddress) + @($Value.SchedulingGroupMembers)))
    Get-LaterReachLine $Value.SchedulingGroupAddress
}

function Compare-ApplicationScope {
    $plan = Get-EmptyPlan 'application-scope'
    $filter = Get-WantedFilter
    if ($null -eq $filter -and -not (Test-Planned 'scheduling-group')) {
        throw (Get-Awaited 'scheduling-group' 'The scheduling group')
    }
    if ($Value.ScopeMaxMailboxes -gt 0) { Assert-Reach $filter }
    $scope = Read-ManagementScope $Value.ScopeName
    if ($null -eq $scope) {
        $wanted = if ($filter) { $filter }
        else { "MemberOfGroup -eq '<distinguished name of $($Value.SchedulingGroupAddress)>'" }
        $text = "create the management scope '$($Value.ScopeName)' with the filter: $wanted"
        Add-Creation $plan -Text $text -Id $Value.ScopeName -Wanted ([ordered]@{ RecipientFilter = $wanted })
        return $plan
    }
    Assert-DescribedScope $scope -Filter $filter
    $plan
}

function Invoke-ApplicationScopeChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    if (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's undo of New-ManagementScope
        Remove-ManagementScope -Identity $Now.id -Confirm:$false -ErrorAction Stop
        return
    }
    # Undo: Remove-ManagementScope, once no role uses it
    New-ManagementScope -Name $Value.ScopeName -RecipientRestrictionFilter (
        $Change.Wanted.properties.RecipientFilter) -Confirm:$false -ErrorAction Stop
}

function Get-ApplicationScopeNow {
    param([System.Collections.IDictionary] $Snapshot)
    $scope = Read-ManagementScope $Snapshot.id
    if ($null -eq $scope) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    if ($Snapshot.properties.Contains('RecipientFilter')) {
        $properties['RecipientFilter'] = ConvertTo-ScopeFilter (Get-Text $scope 'RecipientFilter')
    }
    Get-Present (Get-Text $scope 'Name') $properties -Of $scope
}

function Get-ApplicationScopeClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    if ($Name -ne '' -or -not (Test-SameName $Entry.Key $Value.ScopeName)) {
        return "it is not the described management scope '$($Value.ScopeName)'"
    }
}

function Find-ApplicationScope {
    # A second look in the list of all scopes.
    param([System.Collections.IDictionary] $Snapshot)
    $found = Find-ListedScope $Snapshot.id
    if ($null -eq $found) { return Get-Absent $Snapshot.id }
    $filter = ConvertTo-ScopeFilter (Get-Text $found 'RecipientFilter')
    Get-Present (Get-Text $found 'Name') ([ordered]@{ RecipientFilter = $filter }) -Of $found
}

function Get-ApplicationScopeLabel {
    param([string] $Id)
    "the management scope '$Id' ($(Get-Text (Get-PresentScope $Id) 'RecipientFilter'))"
}

function Get-ApplicationScopeHold {
    # A scope stays while a role assignment that these runs did not create uses it.
    param($Entry, $Current)
    if ($Entry.Before['exists']) { return }
    $filter = Get-Text (Get-PresentScope $Current.id) 'RecipientFilter'
    $wanted = Get-DescribedFilter 'Get-WantedFilter'
    if ($wanted -eq '' -or -not (Test-SameScope $filter $wanted)) {
        return "it does not reach the members of the described group $($Value.SchedulingGroupAddress)"
    }
    foreach ($name in @(Get-ScopeUser $Current.id)) {
        if ($Run.Gone.ContainsKey("application-role $name")) { continue }
        Write-SeenAgain 'application-role' -What "the role assignment '$name'"
        return "the role assignment '$name' uses it"
    }
}
#endregion

#region steps/application-role
$Catalogue['application-role'] = @{
    Title = 'Role Application EWS.AccessAsApp over the group'
    Pexip = 'step 4 of 4'
    Requires = @('equipment-mailbox', 'application-pointer', 'application-scope')
    Risk = 'high'
    Effect = (
        'Widens access: the application can then read, change, delete and send in the mailboxes of the scope, if ' +
        'EWS is open to it.')
    Undo = (
        'Rollback removes an assignment that this step created, or disables one that it enabled: the application ' +
        'loses what the role gave it, not what a consent in Entra gives, and Pexip can schedule nothing through ' +
        'this role.')
    Cmdlets = @{
        'Get-ManagementRoleAssignment' = @(
            'CustomRecipientWriteScope', 'ErrorAction', 'Identity', 'RoleAssignee', 'RoleAssigneeType'
        )
        'Get-ManagementScope' = @('ErrorAction', 'Identity')
        'Get-Recipient' = @('ErrorAction', 'RecipientPreviewFilter', 'ResultSize')
        'New-ManagementRoleAssignment' = @('App', 'Confirm', 'CustomResourceScope', 'ErrorAction', 'Name', 'Role')
        'Remove-ManagementRoleAssignment' = @('Confirm', 'ErrorAction', 'Identity')
        'Set-ManagementRoleAssignment' = @('Confirm', 'CustomResourceScope', 'Enabled', 'ErrorAction', 'Identity')
        'Test-ServicePrincipalAuthorization' = @('ErrorAction', 'Identity', 'Resource')
    }
}

# Role assignment: the application may use EWS in the mailboxes of the scope.

$ApplicationRole = 'Application EWS.AccessAsApp'

$Steps['application-role'] = { @{
    Compare = 'Compare-ApplicationRole'; Now = 'Get-ApplicationRoleNow'; Change = 'Invoke-ApplicationRoleChange'
    Claim = 'Get-ApplicationRoleClaim'; Again = 'Find-ApplicationRole'; Label = 'Get-ApplicationRoleLabel'
    Hold = 'Get-ApplicationRoleHold'; Decides = 'Get-ApplicationReach'; Grants = $ApplicationRole; CloudEws = $true
    ConflictDisproves = $true
    Made = @('Role,App,CustomResourceScope'); Set = 'Enabled'
    Reads = 'Get-ServicePrincipal', 'Get-Recipient', 'Get-DistributionGroup', 'Get-ManagementScope',
        'Get-ManagementRoleAssignment'
    Apply = 'New-ManagementRoleAssignment', 'Set-ManagementRoleAssignment'
    Verify = @('Test-ServicePrincipalAuthorization')
    Rollback = 'Set-ManagementRoleAssignment', 'Remove-ManagementRoleAssignment'
    Proof = 'Test-ApplicationRoleProof'
    Takes = $Facts.RoleTakes
    ByHand = {
        param($State)
        $where = "client ID $($Value.ApplicationClientId) (Enterprise applications, Permissions)"
        if ($State -ceq 'changed') {
            "Look in Entra at the consents for ${where}: full_access_as_app opens ALL mailboxes, but those that an Application Access Policy excludes."
        } elseif ($State -ceq 'undone') { "Rollback changes no consent in Entra. Revoke there what nothing else needs: the consents for $where." }
    }
    NotChecked = @(
        "Consents in Entra for client ID $($Value.ApplicationClientId): " +
        'full_access_as_app there opens ALL mailboxes, whatever the scope, unless an Application Access Policy ' +
        'excludes them. ' +
        'Look at it in Entra, Enterprise applications, Permissions.'
        ('Application Access Policies (Get-ApplicationAccessPolicy): they limit what was consented to in Entra, ' +
        'not this role. Keep such a policy until its consent is revoked.')
        "Whether Exchange applies the role already: it takes $($Facts.RoleTakes). Pexip Infinity shows it."
    )
    Needed = 'ApplicationAssignment', 'ProofInScope', 'ProofOutOfScope'
} }

function Read-ApplicationAssignment {
    # What the application holds. Microsoft documents neither way of asking for an application's assignments, so that
    # where the first gives none, the second is asked. Delegating ones let the holder hand a role on, not use it.
    param([string] $ObjectId)
    $rows = @(Invoke-Read -Subject "role assignments of application $ObjectId" -Call {
            Get-ManagementRoleAssignment -RoleAssignee $ObjectId -ErrorAction Stop })
    if ($rows.Count -eq 0) {
        $rows = @(Invoke-Read -Subject 'role assignments of applications' -IfAbsent 'unreadable' -Call {
                    Get-ManagementRoleAssignment -RoleAssigneeType ServicePrincipal -ErrorAction Stop } |
                Where-Object -FilterScript { Test-Assignee $_ -ObjectId $ObjectId })
    }
    @($rows | Where-Object -FilterScript { (Get-Text $_ 'RoleAssignmentDelegationType') -cnotlike 'Delegating*' })
}

function Test-OurScope {
    # An application's assignment has a resource scope. A group or an administrative unit could have the same name.
    param($Assignment)
    'Group', 'AdministrativeUnit', 'Organization' -cnotcontains (Get-Text $Assignment 'RecipientWriteScope') -and
        (Test-SameName (Get-Text $Assignment 'CustomResourceScope') $Value.ScopeName)
}

function Test-Assignee {
    # Exchange shows the assignee by one of its IDs or by its name.
    param($Assignment, [string] $ObjectId)
    if (-not $Run.Seen.ContainsKey($ObjectId)) { $Run.Seen[$ObjectId] = Read-ServicePrincipal $ObjectId }
    $pointer = $Run.Seen[$ObjectId]
    $ids = @($ObjectId) + @(Get-Identifier $pointer) +
        @(Get-Text $pointer 'AppId' | Where-Object -FilterScript { $_ -ne '' })
    if (Test-SameName $ObjectId $Value.ApplicationObjectId) { $ids += $Value.ApplicationClientId }
    $given = @('RoleAssignee', 'RoleAssigneeName', 'App', 'EffectiveUserName' |
            ForEach-Object -Process { Get-Text $Assignment $_ } | Where-Object -FilterScript { $_ -ne '' })
    if (@($given | Where-Object -FilterScript { $ids -contains $_ }).Count -gt 0) { return $true }
    # Display names are not unique: one that another application has too proves nothing, and an ID proves more.
    $display = Get-Text $pointer 'DisplayName'
    if ($display -eq '' -or $given -notcontains $display -or @($given | Where-Object -FilterScript {
                Test-Guid $_ }).Count -gt 0) { return $false }
    if (-not $Run.Seen.ContainsKey('service principals')) { $Run.Seen['service principals'] = Read-AllServicePrincipal }
    $named = @($Run.Seen['service principals'] |
            Where-Object -FilterScript { Test-SameName (Get-Text $_ 'DisplayName') $display })
    $named.Count -eq 1 -and (Test-SameName (Get-Text $named[0] 'ObjectId') (Get-Text $pointer 'ObjectId'))
}

function Find-NamedAssignment {
    # The assignment with the described name, if it is the described one. Any other with that name is a conflict.
    $namesake = Read-NamedAssignment $Value.ApplicationAssignment
    if ($null -eq $namesake) { return }
    $isOurs = (Test-SameName (Get-Text $namesake 'Role') $ApplicationRole) -and (Test-OurScope $namesake) -and
        (Test-Assignee $namesake -ObjectId $Value.ApplicationObjectId)
    if ($isOurs) { return $namesake }
    throw (Get-Stop -State 'conflict' -Detail (
            "The name is taken: $(Format-Assignment $namesake), " +
            "for '$(Get-Text $namesake 'RoleAssigneeName')'. Choose another assignment name."))
}

function Compare-ApplicationRole {
    $plan = Get-EmptyPlan 'application-role'
    $pointer = Get-ApplicationPointer
    if ($null -eq $pointer -and -not (Test-Planned 'application-pointer')) {
        throw (Get-Awaited 'application-pointer' 'The service principal of the application')
    }
    $scope = Read-ManagementScope $Value.ScopeName
    if ($null -eq $scope -and -not (Test-Planned 'application-scope')) {
        throw (Get-Awaited 'application-scope' 'The management scope')
    }
    if ($null -ne $scope) { Assert-DescribedScope $scope -Filter (Get-WantedFilter) }
    $held = @(if ($null -ne $pointer) { Read-ApplicationAssignment (Get-Text $pointer 'ObjectId') })
    $wide = @($held |
            Where-Object -FilterScript { (Get-Text $_ 'Role') -clike 'Application *' -and -not (Test-OurScope $_) })
    if ($wide.Count -gt 0) {
        throw (Get-Stop -State 'conflict' -Detail (
                'The application holds a role beyond the described scope, by ' +
                "$(@($wide | ForEach-Object -Process { Format-Assignment $_ }) -join ', '). " +
                'Remove that assignment, or describe another application.'))
    }
    $ours = @($held | Where-Object -FilterScript { Test-SameName (Get-Text $_ 'Role') $ApplicationRole } |
            Get-Ordered -By { Test-Same (Get-Property $_ 'Enabled') $false })
    if ($ours.Count -eq 0) { $ours = @(Find-NamedAssignment) }
    if ($ours.Count -gt 0 -and -not (Test-Same (Get-Answered $ours[0] -Name 'Enabled') $false)) { return $plan }
    if ($null -ne $scope -and $Value.ScopeMaxMailboxes -gt 0) { Assert-Reach (Get-WantedFilter) }
    if ($ours.Count -eq 0) { Add-RoleChange $plan -Scope $scope }
    else { Add-RoleEnabling $plan -Name (Get-Text $ours[0] 'Name') }
    $plan
}

function Add-RoleEnabling {
    param([hashtable] $Plan, [string] $Name)
    $text = "enable the disabled role assignment '$Name' of '$ApplicationRole' to '$($Value.ApplicationName)' on the " +
        "scope '$($Value.ScopeName)'"
    Add-Setting $Plan -Text $text -Id $Name -Before (
        [ordered]@{ Enabled = $false }) -Wanted ([ordered]@{ Enabled = $true })
    $Plan.Notes += (Get-ConsentNote), "Takes effect $($Steps['application-role'].Takes) after it is enabled."
}

function Get-ConsentNote {
    # What no cmdlet shows, and what makes the scope worth nothing.
    "Look in Entra first, at the consents for client ID $($Value.ApplicationClientId). With full_access_as_app among them " +
        'this scope limits nothing, and Exchange cannot see that: do not go on before it is revoked.'
}

function Add-RoleChange {
    param([hashtable] $Plan, $Scope)
    $wanted = [ordered]@{ Role = $ApplicationRole; App = $Value.ApplicationObjectId
        CustomResourceScope = if ($null -ne $Scope) { Get-Text $Scope 'Name' } else { $Value.ScopeName } }
    Add-Creation $Plan -Id $Value.ApplicationAssignment -Wanted $wanted -Text (
        "assign '$ApplicationRole' to '$($Value.ApplicationName)' (client ID $($Value.ApplicationClientId), object ID " +
        "$($Value.ApplicationObjectId)) on the scope '$($Value.ScopeName)', as '$($Value.ApplicationAssignment)'")
    $Plan.Notes += (Get-ConsentNote), "Takes effect $($Steps['application-role'].Takes) after it is created."
}

function Invoke-ApplicationRoleChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $wanted = $Change.Wanted.properties
    if (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's undo of the new assignment
        Remove-ManagementRoleAssignment -Identity $Now.id -Confirm:$false -ErrorAction Stop
        return
    }
    if ($wanted['Enabled'] -ne $false) { Assert-ScopeBeforeGrant }
    if ($Change.Before.exists) {
        # The scope is given again, because Exchange takes the kind of assignment from it.
        $row = Get-PresentAssignment $Now.id
        if ($wanted.Enabled -and -not (Test-OurScope $row)) {
            throw (Get-Stop -State 'conflict' -Detail "The role assignment '$($Now.id)' has another scope now.")
        }
        $setting = @{
            Identity = $Now.id; Enabled = $wanted.Enabled; CustomResourceScope = Get-Text $row 'CustomResourceScope'
        }
        if ($setting.CustomResourceScope -eq '') {
            throw (Get-Stop -State 'conflict' -Detail "The role assignment '$($Now.id)' has lost its scope.")
        }
        # Undo: the same call with the values of before
        Set-ManagementRoleAssignment @setting -Confirm:$false -ErrorAction Stop
        return
    }
    $assignment = @{
        Name = $Value.ApplicationAssignment; Role = $wanted.Role; App = $wanted.App
        CustomResourceScope = $wanted.CustomResourceScope
    }
    # Undo: Remove-ManagementRoleAssignment
    New-ManagementRoleAssignment @assignment -Confirm:$false -ErrorAction Stop
}

function Get-ApplicationRoleNow {
    param([System.Collections.IDictionary] $Snapshot)
    $row = Read-NamedAssignment $Snapshot.id
    if ($null -eq $row) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) {
        switch -CaseSensitive ($name) {
            'Enabled' { $properties[$name] = Test-Same (Get-Answered $row -Name 'Enabled') $true }
            'App' {
                $properties[$name] = if (Test-Assignee $row -ObjectId $Value.ApplicationObjectId) {
                    $Value.ApplicationObjectId
                } else { Get-AssignedApplication (Get-Text $row 'Name') }
            }
            default { $properties[$name] = Get-Text $row $name }
        }
    }
    Get-Present (Get-Text $row 'Name') $properties -Of $row
}

function Get-AssignedApplication {
    # Exchange shows the assignee in several ways. The list of the application's own assignments is certain.
    param([string] $Name)
    $id = $Value.ApplicationObjectId
    if (@(Read-ApplicationAssignment $id |
                Where-Object -FilterScript { Test-SameName (Get-Text $_ 'Name') $Name }).Count -gt 0) { $id }
    else { '' }
}

function Assert-ScopeBeforeGrant {
    # The last check before the role is assigned or enabled: the scope must be the described one.
    Assert-DescribedScope (Wait-ManagementScope $Value.ScopeName) -Filter (Get-WantedFilter)
}

function Get-Reach {
    # Exchange's own answer about one mailbox: True, False, or why there is none. Only an explicit False proves a
    # negative.
    param([string] $Address)
    $rows = @(Invoke-Read -Subject "authorization for $Address" -Call {
            Test-ServicePrincipalAuthorization -Identity $Value.ApplicationObjectId -Resource $Address -ErrorAction Stop
        })
    $answers = @($rows | ForEach-Object -Process { ConvertTo-Comparable (Get-Property $_ 'InScope') })
    $ews = @($rows | Where-Object -FilterScript {
            (Test-SameName (Get-Text $_ 'RoleName') $ApplicationRole) -or
                @((Get-Text $_ 'GrantedPermissions').Split([char[]] ', ')) -ccontains 'EWS.AccessAsApp' })
    $own = @($ews | ForEach-Object -Process { ConvertTo-Comparable (Get-Property $_ 'InScope') })
    if ($own -ccontains 'True') { return 'True' }
    if ($answers -ccontains 'True') { return 'True, by another role' }
    if ($own -ccontains 'False') { return 'False' }
    if ($null -eq (Get-RecipientOf $Address)) { return 'mailbox not found' }
    "no answer ($($rows.Count) rows)"
}

function Test-ApplicationRoleProof {
    # Both ways: mailboxes in the scope can be opened, mailboxes outside it cannot.
    $cases = @(@($Value.EquipmentAddress) + @($Value.ProofInScope) | Select-Distinct -AnyCase |
            ForEach-Object -Process { @{ Address = $_; Expected = 'True' } }) +
        @($Value.ProofOutOfScope | ForEach-Object -Process { @{ Address = $_; Expected = 'False' } })
    foreach ($case in $cases) {
        try {
            $actual = Get-Reach $case.Address
            $state = if ($actual -ceq $case.Expected) { 'proved' }
            elseif ($actual -clike 'no answer*') { 'unreadable' }
            else { 'disproved' }
        } catch {
            $stop = Get-StopOf $_
            if (-not $stop) { throw }
            $actual = $stop.Detail
            $state = 'unreadable'
        }
        $proof = @{
            Step = 'application-role'; Target = "$ApplicationRole in $($case.Address)"
            Expected = "in scope: $($case.Expected)"
        }
        Write-Proof @proof -Actual "in scope: $actual" -State $state
    }
}
#endregion

#region steps/ews-access
$Catalogue['ews-access'] = @{
    Title = 'EWS switch and list of applications'
    Pexip = 'not on its page'
    Requires = @()
    Risk = 'high'
    Effect = (
        'Tenant-wide. The list of EWS applications decides for every application of the tenant: with EwsEnabled ' +
        'true, one that is not on it has no EWS. What is on the list already stays on it. Which mailboxes an ' +
        'application opens by EWS follows from its consents in Entra (full_access_as_app is all of them) and its ' +
        'roles; the list does not limit that.')
    Undo = (
        'Rollback takes its own entries off the list, one by one, and gives EwsEnabled back its value from before: ' +
        'false closes EWS to everybody, "(not set)" opens it to every application.')
    Cmdlets = @{
        'Get-CASMailbox' = @('ErrorAction', 'Identity')
        'Get-OrganizationConfig' = @('ErrorAction', 'RetrieveEwsOperationAccessPolicy')
        'Set-OrganizationConfig' = @('Confirm', 'ErrorAction', 'EwsAllowedAppIDs', 'EwsEnabled')
    }
}

# EWS access: Exchange Online blocks EWS except for listed applications. This step can affect the whole tenant.

$Steps['ews-access'] = { @{
    Compare = 'Compare-EwsAccess'; Now = 'Get-EwsAccessNow'; Change = 'Invoke-EwsAccessChange'
    Described = $Value.EwsPolicy -ne ''; WholeList = $true; CloudEws = $true
    Made = @(); Set = '[^,]+'
    Reads = @('Get-OrganizationConfig')
    Apply = @(if ($Value.EwsPolicy -eq 'merge') { 'Set-OrganizationConfig' })
    Verify = @('Get-CASMailbox')
    Rollback = @('Set-OrganizationConfig')
    Decides = 'Get-EwsDecider'
    Claim = 'Get-EwsAccessClaim'; Label = 'Get-EwsAccessLabel'
    Shown = 'Format-EwsName'; Act = 'Format-EwsAct'
    GoOn = 'Add-EwsListTime'; Proof = 'Test-EwsAccessProof'; Hold = 'Get-EwsAccessHold'; HoldEntry = 'Get-EwsEntryHold'
    Advice = 'Get-EwsAdvice'
    Takes = "EwsEnabled $($Facts.EwsSwitchTakes), the list $($Facts.EwsListTakes)"
    NotChecked = @(
        "Whether EWS is open yet: EwsEnabled takes $($Facts.EwsSwitchTakes), the list $($Facts.EwsListTakes)."
        'Of the EWS settings of a mailbox only EwsEnabled is read, not its own list of user agents (Get-CASMailbox).'
    )
    Assert = {
        Assert-EwsListTime
        Assert-Sane ($Value.EwsNoOthers -eq '' -or $Value.EwsKeep.Count -eq 0) (
            '-EwsNoOthers says that nobody else uses EWS, and -EwsKeep names who does.')
    }
} }

function Get-EwsAccessNow {
    param([System.Collections.IDictionary] $Snapshot)
    $properties = ConvertTo-EwsProperty (Read-Organization)
    foreach ($name in $Snapshot.properties.Keys) {
        if (-not $properties.Contains($name)) { $properties[$name] = $false }
    }
    Get-Present 'organization' $properties
}

function Format-Id {
    param([string[]] $Id)
    $names = $KnownApplications.Clone()
    $names[$Value.ApplicationClientId] = $Value.ApplicationName
    $described = @($Value.EwsKeep)
    foreach ($known in $described) { $names[[string] $known['ClientId']] = [string] $known['Name'] }
    @(foreach ($one in @($Id | Where-Object -FilterScript { $_ })) {
            if ($names[$one]) { "$one ($($names[$one]))" } else { $one }
        }) -join ', '
}

function Format-EwsName {
    param([string] $Name)
    if ($Name -ceq 'EwsEnabled') { $Name } else { "EwsAllowedAppIDs:$(Format-Id $Name)" }
}

function Add-ListChange {
    param([hashtable] $Plan, [System.Collections.IDictionary] $Properties, [string[]] $Missing)
    $before = Copy-Property $Properties
    foreach ($id in $Missing) { $before[$id] = $false }
    $wanted = Copy-Property $before
    foreach ($id in $Missing) { $wanted[$id] = $true }
    Add-Setting $Plan -Id 'organization' -Before $before -Wanted $wanted -Text (
        "add to EwsAllowedAppIDs, and remove nothing: $(Format-Id $Missing). " +
        "The whole list is then: $(Format-Id (Get-ListedId $wanted))")
    $Plan.Notes += Get-EwsEffect $before -Change 'List' -Added $Missing
    if ($Value.EwsNoOthers -ne '') {
        $Plan.Notes += "The description says that nobody else uses EWS: $($Value.EwsNoOthers)"
    }
    $Plan.Notes += "Exchange can take $($Facts.EwsListTakes) to apply a changed list; the run does not wait for that."
    $wanted
}

function Get-EwsEffect {
    # Who else gains or loses EWS by this change, from the table $EwsStates.
    param([System.Collections.IDictionary] $Properties, [string] $Change, [string[]] $Added)
    $listed = @(@(Get-ListedId $Properties) + @($Added) | Where-Object -FilterScript { $_ } | Select-Distinct -AnyCase)
    $text = $EwsStates[(Get-EwsState $Properties)][$Change]
    $text.Replace('{listed}', (Format-Id $listed)).Replace('{added}', (Format-Id $Added))
}

function Get-OthersMissing {
    # Microsoft never fills a list that an administrator created. Where Microsoft would fill it, nothing is written until
    # the description says who else uses EWS. Returns nothing where that is said, or decided already.
    param([System.Collections.IDictionary] $Properties)
    if ($null -ne $Properties['EwsEnabled'] -or @(Get-ListedId $Properties).Count -gt 0) { return }
    $others = @($Value.EwsKeep | Where-Object -FilterScript { [string] $_['ClientId'] -ne $Value.ApplicationClientId })
    if ($others.Count -gt 0 -or $Value.EwsNoOthers -ne '') { return }
    'EwsEnabled is not set and there is no list. Microsoft fills such a list from 60 days of use before it switches ' +
    'EWS off, but never one that an administrator made: a list of this application alone would shut out everybody ' +
    'else on the day on which EwsEnabled becomes true. Nothing is written until the description says who else uses ' +
    'EWS (ews.keep, -EwsKeep), or that nobody does (ews.no_others, -EwsNoOthers). Where to look: Reports > Usage > Exchange > EWS usage in ' +
    'the Microsoft 365 admin center; pexgen ews-usage reads its export.'
}

function Get-HybridNote {
    # Exchange Server of a hybrid organization reaches Exchange Online by an application of its own. What tells that an
    # organization is hybrid is not in every session, and is not needed for anything else.
    $named = @($Value.EwsKeep | Where-Object -FilterScript {
            ([string] $_['Name']).StartsWith('ExchangeServerApp-', [System.StringComparison]::OrdinalIgnoreCase) })
    if ($named.Count -gt 0) { return }
    $name = 'Get-OnPremisesOrganization'
    $command = @(Microsoft.PowerShell.Core\Get-Command -Name $name -ErrorAction Ignore) | Select-Object -First 1
    $known = @(Microsoft.PowerShell.Core\Get-Command -Name 'Get-OrganizationConfig') | Select-Object -First 1
    if ($null -eq $command -or [string] $command.ModuleName -cne [string] $known.ModuleName) { return }
    try { $found = @(& $command -ErrorAction Stop | Where-Object -FilterScript { $null -ne $_ }) }
    catch { return "Whether this organization is hybrid could not be read: $(Get-ErrorText $_)" }
    if ($found.Count -eq 0) { return }
    "This organization is hybrid ($name), and ews.keep (-EwsKeep) names no application ExchangeServerApp-... Without " +
    'its hybrid application on the list, free/busy, MailTips, photos and archive moves between Exchange Online and ' +
    'Exchange Server stop where the list decides. Find its client ID in Entra, Enterprise applications.'
}

function Add-SwitchChange {
    param([hashtable] $Plan, [System.Collections.IDictionary] $Properties)
    $wanted = Copy-Property $Properties
    $wanted['EwsEnabled'] = $true
    Add-Setting $Plan -Id 'organization' -Before $Properties -Wanted $wanted -Text (
        "switch EWS on (EwsEnabled true); it is then open to exactly: $(Format-Id (Get-ListedId $Properties))")
    $Plan.Notes += Get-EwsEffect $Properties -Change 'Switch'
    $Plan.Notes += "Exchange applies the switch after some time: $($Facts.EwsSwitchTakes)."
}

function Invoke-EwsAccessChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $wanted = $Change.Wanted.properties
    if ($wanted.Contains('EwsEnabled') -and -not (Test-Same $wanted['EwsEnabled'] $Now.properties['EwsEnabled'])) {
        # Undo: the same call with the values of before
        Set-OrganizationConfig -EwsEnabled $wanted['EwsEnabled'] -Confirm:$false -ErrorAction Stop
        return
    }
    $ids = @(Get-WantedList $Change -Now $Now)
    if ($ids.Count -eq 0 -and ($Run.Mode -ne 'Rollback' -or $Now.properties['EwsEnabled'] -eq $true)) {
        throw (Get-Stop -State 'conflict' -Detail 'The EWS list would be empty. That is not written: it could block EWS for everybody.')
    }
    $text = if ($ids.Count -gt 0) { $ids -join ',' } else { $null }
    # Undo: the same call, with the list as it is at that time, less what was added
    Set-OrganizationConfig -EwsAllowedAppIDs $text -Confirm:$false -ErrorAction Stop
}

function Compare-EwsAccess {
    $plan = Get-EmptyPlan 'ews-access'
    $organization = Read-Organization
    $now = ConvertTo-EwsProperty $organization
    $listed = @(Get-ListedId $now)
    $gate = Get-EwsGate $now -ClientId $Value.ApplicationClientId
    $second = Get-SecondGate $organization -UserAgent $Value.EwsUserAgent
    if ($null -ne $second) { $plan.Notes += $second.Text }
    $plan.Notes += @(Get-HybridNote)
    if ($Value.EwsPolicy -eq 'check') {
        if (-not $gate.Open) { $plan.Remaining = 'blocked' }
        $plan.Notes += "$($gate.Text) The description asks only for a check."
        return $plan
    }
    $described = @($Value.ApplicationClientId) + @($Value.EwsKeep | ForEach-Object -Process { [string] $_['ClientId'] })
    $missing = @($described | Select-Distinct -AnyCase | Where-Object -FilterScript { $listed -notcontains $_ })
    $why = @(Get-OthersMissing $now)
    if ($missing.Count -gt 0 -and $now['EwsEnabled'] -eq $true -and $listed.Count -eq 0 -and -not $Value.EwsSwitchOn) {
        $why = @(
            $gate.Text
            "With a list: $(Get-EwsEffect $now -Change 'List' -Added $missing) switch_on: true (-EwsSwitchOn `$true) writes it.")
    }
    if ($why.Count -gt 0) {
        $plan.Remaining = 'blocked'
        $plan.Notes += $why
        return $plan
    }
    $listNow = if ($missing.Count -gt 0) { Add-ListChange $plan -Properties $now -Missing $missing } else { $now }
    Add-EwsSwitch $plan -Properties $listNow -ListChanges ($missing.Count -gt 0)
    $plan
}

function Add-EwsSwitch {
    param([hashtable] $Plan, [System.Collections.IDictionary] $Properties, [bool] $ListChanges)
    if ($Properties['EwsEnabled'] -eq $true) { return }
    $phase = ''
    $again = (
        "-Mode Apply ${phase}-Step ews-access " +
        "-EwsListInPlaceSince <the time at which the list was complete, as $(Format-Utc (Get-UtcNow))>")
    if ($null -ne $Properties['EwsEnabled']) {
        if ($Value.EwsSwitchOn) { Add-SwitchChange $Plan $Properties; return }
        $Plan.Remaining = 'blocked'
        $Plan.Notes += (
            'EWS is switched off for the organization, ' +
            'and the description does not allow switching it on (switch_on, -EwsSwitchOn $true).')
    } elseif (-not $Value.EwsSwitchOn) {
        $Plan.Notes += $EwsStates['unset'].Now
    } elseif ($ListChanges) {
        $Run['EwsListCompleted'] = $true
        Add-LaterSwitch $Plan
        $Plan.Remaining = 'pending'
        $Plan.Notes += (
            "EwsEnabled is not set. Exchange can take $($Facts.EwsListTakes) to apply the list; switching EWS on before would block " +
            "everybody. Then: $again What that does: $(Get-EwsEffect $Properties -Change 'Switch')")
    } elseif ($null -ne $Run['EwsListSince'] -and $Run['EwsListSince'] -le (Get-UtcNow).AddHours(-1 * [int] $Facts.EwsListHours)) {
        Add-SwitchChange $Plan $Properties
    } else {
        Add-LaterSwitch $Plan
        $Plan.Remaining = if ($Run.Mode -eq 'Check') { 'blocked' } else { 'pending' }
        $Plan.Notes += (
            "EwsEnabled is not set and the list is complete. When it has been complete for $($Facts.EwsListHours) hours: $again " +
            "What that does: $(Get-EwsEffect $Properties -Change 'Switch')")
    }
}

function Add-LaterSwitch {
    # What a later run switches differs now: whoever approves the plan approves that, and the later run is bound to it.
    # The run that leaves it for later says nowhere that it changed it.
    param([hashtable] $Plan)
    if (-not $Run.Planning) { return }
    Add-Difference $Plan -Property 'EwsEnabled' -Current $null -Wanted $true
}

function Assert-EwsListTime {
    if ($Run.EwsListInPlaceSince -eq '') { return }
    $time = ConvertFrom-Utc $Run.EwsListInPlaceSince
    $inRange = $null -ne $time -and $time -ge [datetime] $Facts.EwsListIntroduced -and $time -le (Get-UtcNow)
    Assert-Sane $inRange (
        '-EwsListInPlaceSince must be a time such as 2026-11-02T21:00:00Z, ' +
        "not before $($Facts.EwsListIntroduced) and not in the future.")
    $Run['EwsListSince'] = $time
}

function Add-EwsListTime {
    # Where the list was seen complete in this run, this moment is a true answer. An earlier one that was given stays,
    # but not where the list had to be completed since.
    param([hashtable] $Given, [bool] $IsPlanned)
    if ($Run['EwsListCompleted']) { $Given.Remove('EwsListInPlaceSince') }
    if ($IsPlanned -and -not $Given.ContainsKey('EwsListInPlaceSince')) {
        $Given['EwsListInPlaceSince'] = Format-Utc (Get-UtcNow)
    }
}

function Test-EwsAccessProof {
    $organization = Read-Organization
    $gate = Get-EwsGate (ConvertTo-EwsProperty $organization) -ClientId $Value.ApplicationClientId
    $proof = @{
        Target = 'EWS setting of the organization'; Expected = 'open to the application'; Actual = $gate.Text
        State = $(if ($gate.Open) { 'proved' } else { 'disproved' })
    }
    Write-Proof 'ews-access' @proof
    Write-SecondGateProof 'ews-access' -Organization $organization -UserAgent $Value.EwsUserAgent
    foreach ($address in @(@($Value.EquipmentAddress) + @($Value.ProofInScope) | Select-Distinct -AnyCase)) {
        try {
            $mailbox = Invoke-ReadOne -Subject "EWS setting of $address" -Call {
                Get-CASMailbox -Identity $address -ErrorAction Stop
            }
            $actual = if ($null -eq $mailbox) { 'mailbox not found' }
            elseif (Test-Same (Get-Property $mailbox 'EwsEnabled') $false) { 'closed' }
            else { 'open' }
            $proof = @{
                Target = "EWS setting of $address"; Expected = 'open'; Actual = $actual
                State = $(if ($actual -ceq 'open') { 'proved' } else { 'disproved' })
            }
            Write-Proof 'ews-access' @proof
        } catch {
            $stop = Get-StopOf $_
            if (-not $stop) { throw }
            $proof = @{
                Target = "EWS setting of $address"; Expected = 'open'; Actual = $stop.Detail
                State = 'unreadable'
            }
            Write-Proof 'ews-access' @proof
        }
    }
}
#endregion

#region steps/delegate-access
$Catalogue['delegate-access'] = @{
    Title = 'Delegates with full access to the equipment mailbox'
    Pexip = 'section on viewing the equipment mailbox'
    Requires = @('equipment-mailbox')
    Risk = 'low'
    Effect = (
        'Widens access: each delegate gets Full Access to the equipment mailbox (read, change and delete), and to ' +
        'no other.')
    Undo = 'Rollback removes the permissions that this step gave. Others stay.'
    Cmdlets = @{
        'Add-MailboxPermission' = @(
            'AccessRights', 'AutoMapping', 'Confirm', 'ErrorAction', 'Identity', 'InheritanceType', 'User'
        )
        'Get-MailboxPermission' = @('ErrorAction', 'Identity', 'User')
        'Remove-MailboxPermission' = @(
            'AccessRights', 'Confirm', 'ErrorAction', 'Identity', 'InheritanceType', 'User'
        )
    }
}

# Delegate access: who may open the equipment mailbox, to look into it when something goes wrong.

$Steps['delegate-access'] = { @{
    Compare = 'Compare-DelegateAccess'; Now = 'Get-DelegateAccessNow'; Change = 'Invoke-DelegateAccessChange'
    Described = $Value.Delegates.Count -gt 0; Together = $true
    Claim = 'Get-DelegateAccessClaim'; Address = $Value.EquipmentAddress
    Shown = 'Format-DelegateName'; Act = 'Format-DelegateAct'
    Made = @(); Set = '\S+@\S+'; Kind = 'EquipmentMailbox'
    Reads = 'Get-Recipient', 'Get-MailboxPermission'
    Apply = @('Add-MailboxPermission'); Rollback = @('Remove-MailboxPermission')
    NotChecked = (
        'Automapping of access that was there before: Exchange does not show it. ' +
        'To change it, remove the access and give it again.')
} }

function Read-FullAccess {
    # Who has it, or is denied it, as an entry of its own, not inherited. The mailbox is there, and so is who is asked
    # for by name, so "not found" is no answer.
    param([string] $Identity, [string] $Account = '')
    $call = { Get-MailboxPermission -Identity $Identity -ErrorAction Stop }
    if ($Account -ne '') { $call = { Get-MailboxPermission -Identity $Identity -User $Account -ErrorAction Stop } }
    $missing = if ($Account -ne '' -and $null -eq (Get-RecipientOf $Account)) { '' } else { Get-MissingPartState }
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
    # An entry that denies goes before one that allows, and somebody made it on purpose. Where there is any, each account
    # is asked for by name: Exchange Server lists its holder as DOMAIN\name, which no recipient shows.
    param([string] $Identity, [string] $Account, [object[]] $Rows)
    if (@($Rows | Where-Object -FilterScript { Test-Denied $_ }).Count -eq 0) { return }
    $entries = @(Read-FullAccess -Identity $Identity -Account $Account)
    # An answer that names the mailbox itself was not about that user.
    if (@($entries | ForEach-Object -Process { Get-Text $_ 'User' }) -contains 'NT AUTHORITY\SELF') { return }
    $found = @($entries | Where-Object -FilterScript { Test-Denied $_ } | ForEach-Object -Process { Get-Text $_ 'User' })
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
                "The delegate $Account was not found in Exchange."))
    }
    if ('MailUniversalDistributionGroup', 'GroupMailbox', 'DynamicDistributionGroup' -contains (
            Get-Text $recipient 'RecipientTypeDetails')) {
        throw (Get-Stop -State 'conflict' -Detail (
                "$(Format-Recipient $recipient) cannot be given access: " +
                'only a mailbox or a mail-enabled security group can.'))
    }
}

function Format-DelegateName {
    param([string] $Name)
    "FullAccess:$Name"
}

function Format-DelegateAct {
    # What Rollback does with one; Apply only ever gives access.
    param([string] $Name, $Given, [string] $Label)
    if (-not $Given) { "remove full access of $Name to $Label" }
}

function Compare-DelegateAccess {
    $plan = Get-EmptyPlan 'delegate-access'
    $recipient = Get-EquipmentMailbox
    if ($null -eq $recipient -and -not (Test-Planned 'equipment-mailbox')) {
        throw (Get-Awaited 'equipment-mailbox' 'The equipment mailbox')
    }
    $id = if ($null -ne $recipient) { Get-ObjectId $recipient } else { $Value.EquipmentAddress }
    $rows = @(if ($null -ne $recipient) { Read-FullAccess $id })
    foreach ($delegate in $Value.Delegates) {
        $account = ([string] $delegate['Account']).ToLowerInvariant()
        Assert-NotDenied -Identity $id -Account $account -Rows $rows
        if (Test-FullAccess -Identity $id -Account $account -Rows $rows) { continue }
        Assert-Delegate $account
        $whom = if ((Get-Text (Get-RecipientOf $account) 'RecipientTypeDetails') -clike '*Group') { "all members of $account" }
        else { $account }
        $text = "give $whom full access to $($Value.EquipmentAddress), " +
            "automapping $(if ($delegate['Automapping']) { 'on' } else { 'off' })"
        Add-Setting $plan -Text $text -Id $id -Before ([ordered]@{ $account = $false }) -Wanted (
            [ordered]@{ $account = $true })
    }
    $plan
}

function Invoke-DelegateAccessChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    foreach ($account in $Change.Wanted.properties.Keys) {
        $access = @{ Identity = $Now.id; User = $account; AccessRights = 'FullAccess'; InheritanceType = 'All' }
        if (-not $Change.Wanted.properties[$account]) {
            # Undo: none; Rollback's undo of Add-MailboxPermission
            Remove-MailboxPermission @access -Confirm:$false -ErrorAction Stop
            continue
        }
        $delegate = @($Value.Delegates | Where-Object -FilterScript { Test-SameName $_['Account'] $account }) |
            Select-Object -First 1
        # Undo: Remove-MailboxPermission
        Add-MailboxPermission @access -AutoMapping ([bool] $delegate['Automapping']) -Confirm:$false -ErrorAction Stop
    }
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

function Get-DelegateAccessClaim {
    # Why the description cannot have led to this, or nothing: it gives access to described accounts.
    param($Entry, [string] $Name)
    $described = @($Value.Delegates | ForEach-Object -Process { [string] $_['Account'] })
    if ($Name -eq '' -or $described -notcontains $Name -or -not (Test-SwitchedOn $Entry $Name)) {
        return 'the description does not give that access'
    }
}
#endregion

#region steps/add-in
$Catalogue['add-in'] = @{
    Title = 'Outlook add-in of the organization'
    Pexip = 'making the add-in available to users, after the steps'
    Requires = @()
    Risk = 'medium'
    Effect = (
        'Puts an add-in into the Outlook of those whom it is given to. It may do there what its manifest asks for. ' +
        'It sets no mailbox permission in Exchange.')
    Undo = 'Rollback removes an add-in that this step uploaded, and restores settings and users that were changed.'
    Cmdlets = @{
        'Get-App' = @('ErrorAction', 'OrganizationApp')
        'New-App' = @(
            'AllowReadWriteMailbox', 'Confirm', 'DefaultStateForUser', 'Enabled', 'ErrorAction', 'FileData'
            'OrganizationApp', 'ProvidedTo', 'UserList'
        )
        'Remove-App' = @('Confirm', 'ErrorAction', 'Identity', 'OrganizationApp')
        'Set-App' = @(
            'Confirm', 'DefaultStateForUser', 'Enabled', 'ErrorAction', 'Identity', 'OrganizationApp', 'ProvidedTo'
            'UserList'
        )
    }
}

# Add-in: the Outlook add-in of the organization, from the manifest file that Pexip Infinity exports.

$AddInAudience = @{ 'everyone' = 'Everyone'; 'specific-users' = 'SpecificUsers' }
$AddInStates = @{ 'enabled' = 'Enabled'; 'disabled' = 'Disabled'; 'always-enabled' = 'AlwaysEnabled' }

$Steps['add-in'] = { @{
    Compare = 'Compare-AddIn'; Now = 'Get-AddInNow'; Change = 'Invoke-AddInChange'
    Hold = 'Get-AddInHold'; Claim = 'Get-AddInClaim'; Label = 'Get-AddInLabel'; Alone = $true
    Act = 'Format-AddInAct'
    Described = $Value.AddInManifest -ne ''
    Made = @('AppVersion,ProvidedTo,DefaultStateForUser,Enabled(?:,user:[^,\s]+)*')
    Set = 'AppVersion|ProvidedTo|DefaultStateForUser|Enabled|user:\S+@\S+'; Ids = '^[0-9A-Fa-f-]{36}\z'
    Reads = 'Get-App', 'Get-Recipient'
    Apply = 'New-App', 'Set-App'
    Rollback = 'Set-App', 'Remove-App'
    IfRefused = {
        # Said where there is an older one, of which alone it can be true.
        param($Change)
        if (-not $Change.Before.exists -or -not $Change.Wanted.properties.Contains('AppVersion')) { return '' }
        'If Exchange does not take it over the older one, Remove-App that first, in a change of its own.'
    }
    NotChecked = @(
        'Add-ins that the Microsoft 365 admin center deploys (Settings, Integrated apps): whether an Exchange ' +
        'session shows them, and what a user sees who gets the add-in from both, is not documented. Use one of the two.'
        'What is in an add-in of the same version: Exchange is asked for ID, publisher and version alone.'
    )
    Needed = @(if ($Value.AddInManifest -ne '') { 'AddInProvidedTo', 'AddInDefaultState' })
    Assert = {
        if ($Value.AddInManifest -eq '') { return }
        Assert-Sane (Test-Guid $Value.AddInId) '-AddInId must be a GUID: the ID in the manifest.'
        Assert-Sane ($Value.AddInVersion -cmatch '^\d{1,4}(\.\d{1,4}){0,3}\z') (
            '-AddInVersion must be a version such as 1.0.0.0.')
        Assert-Sane ($Value.AddInManifestSha256 -cmatch '^[0-9a-f]{64}\z') '-AddInManifestSha256 must be a SHA-256.'
        Assert-Sane ($Value.AddInProvidedTo -ceq 'everyone' -or $Value.AddInUsers.Count -gt 0) (
            '-AddInProvidedTo specific-users needs -AddInUsers.')
    }
} }

function Get-WantedAddIn {
    $wanted = [ordered]@{
        ProvidedTo = $AddInAudience[$Value.AddInProvidedTo]
        DefaultStateForUser = $AddInStates[$Value.AddInDefaultState]; Enabled = $true
    }
    foreach ($address in Get-AddInUser) { $wanted["user:$address"] = $true }
    $wanted
}

function Compare-AddIn {
    $plan = Get-EmptyPlan 'add-in'
    $all = @(Read-AddIn)
    $found = Find-AddIn $all -Id $Value.AddInId
    $named = @($all | Where-Object -FilterScript {
            (Test-SameName (ConvertTo-AddInText (Get-Text $_ 'DisplayName')) (
                    ConvertTo-AddInText $Value.AddInDisplayName)) -and
                -not (Test-SameName (Get-Text $_ 'AppId') $Value.AddInId) })
    foreach ($other in $named) {
        $plan.Notes += "There is another one of that name, $(Format-AddIn $other): whoever gets both sees two."
    }
    if ($null -ne $found) { Assert-OwnAddIn $found }
    $wanted = Get-WantedAddIn
    foreach ($address in Get-AddInUser) {
        if ($null -ne $found -and (Test-AddInUser $found -Address $address)) { continue }
        if ($null -eq (Get-RecipientOf $address)) {
            throw (Get-Stop -State 'conflict' -Detail "The user $address, who is to get the add-in, was not found in Exchange.")
        }
    }
    if ($null -eq $found) { Add-AddInUpload $plan -Wanted $wanted }
    else { Add-AddInSettingChange $plan -AddIn $found -Wanted $wanted }
    if ($plan.Changes.Count -gt 0) { Add-AdminCenterNote $plan }
    $plan
}

function Add-AdminCenterNote {
    param([hashtable] $Plan)
    $Plan.Notes += 'Pexip prefers the Microsoft 365 admin center (Settings, Integrated apps, Upload custom apps). To use ' +
        'that instead, answer No.'
}

function Add-AddInUpload {
    param([hashtable] $Plan, $Wanted)
    $properties = [ordered]@{ AppVersion = $Value.AddInVersion }
    foreach ($name in $Wanted.Keys) { $properties[$name] = $Wanted[$name] }
    $who = if ($Value.AddInProvidedTo -ceq 'everyone') { 'EVERYONE in the organization' }
    else { "named users only ($(@(Get-AddInUser).Count))" }
    Add-Creation $Plan -Id $Value.AddInId -Wanted $properties -Text (
        "upload the add-in '$($Value.AddInDisplayName)' $($Value.AddInVersion) by '$($Value.AddInProviderName)' " +
        "(permission $($Value.AddInPermission)) for $who, $($Value.AddInDefaultState) by default")
    Assert-AddInManifest $Plan
}

function Add-AddInSettingChange {
    # Another version is uploaded with the settings that are there; settings are a change of their own.
    param([hashtable] $Plan, $AddIn, $Wanted)
    $id = Get-Text $AddIn 'AppId'
    $version = Get-Text $AddIn 'AppVersion'
    if ((ConvertTo-AddInVersion $version) -ne (ConvertTo-AddInVersion $Value.AddInVersion)) {
        $text = "upload version $($Value.AddInVersion) of the add-in (permission $($Value.AddInPermission)) over " +
            (Format-AddIn $AddIn)
        Add-Setting $Plan -Text $text -Id $id -Before ([ordered]@{ AppVersion = $version }) -Wanted (
            [ordered]@{ AppVersion = $Value.AddInVersion })
        Assert-AddInManifest $Plan
    }
    $before = [ordered]@{}
    $after = [ordered]@{}
    foreach ($name in $Wanted.Keys) {
        $current = Get-AddInProperty $AddIn -Name $name
        if (Test-Same $current $Wanted[$name]) { continue }
        $before[$name] = $current
        $after[$name] = $Wanted[$name]
    }
    if ($after.Count -eq 0) { return }
    if ($after.Contains('ProvidedTo') -and @(Get-AddInList $AddIn -Wanted ([ordered]@{})).Count -gt 0) {
        $Plan.Notes += "It was given to: $(@(Get-AddInList $AddIn -Wanted ([ordered]@{})) -join ', ')."
    }
    if ($after['ProvidedTo'] -ceq 'SpecificUsers' -and $before['ProvidedTo'] -ceq 'Everyone') {
        $Plan.Notes += 'EVERYONE LOSES THE ADD-IN but the users whom it is then given to by name.'
    }
    $added = @($after.Keys | Where-Object -FilterScript { $_ -clike 'user:*' })
    $listed = @(Get-AddInList $AddIn -Wanted ([ordered]@{})).Count
    $most = $Limits.AddInUsers.Longest
    if ($added.Count + $listed -gt $most) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The add-in is given to $listed users, and with the $($added.Count) missing ones they would be more " +
                "than the $most that Exchange takes."))
    }
    $text = @($after.Keys | ForEach-Object -Process { "$_ to $(Format-Value $after[$_])" }) -join ', '
    Add-Setting $Plan -Text "set $text of the add-in $(Format-AddIn $AddIn)" -Id $id -Before $before -Wanted $after
}

function Invoke-AddInChange {
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    if (-not $Change.Wanted.exists) {
        # Undo: none; Rollback's undo of New-App
        Remove-App -Identity $Now.id -OrganizationApp -Confirm:$false -ErrorAction Stop
        return
    }
    $wanted = $Change.Wanted.properties
    $there = Find-AddIn @(Read-AddIn) -Id $Change.Wanted.id
    if ($Change.Before.exists -and $null -eq $there) {
        throw (Get-Stop -State (Get-MissingState) -Detail "Exchange does not find the add-in $($Now.id) at the moment.")
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
    # Undo: Remove-App; none where it replaced a version
    New-App @app -OrganizationApp -FileData $Run.AddInBytes -Confirm:$false -ErrorAction Stop
}

function Get-AddInNow {
    param([System.Collections.IDictionary] $Snapshot)
    $found = Find-AddIn @(Read-AddIn) -Id $Snapshot.id
    if ($null -eq $found) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) { $properties[$name] = Get-AddInProperty $found -Name $name }
    Get-Present $Snapshot.id $properties -Of $found
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
    # Undo: the same call with the settings of before, less added users
    Set-App @setting -OrganizationApp -Confirm:$false -ErrorAction Stop
}

function Get-AddInLabel {
    param([string] $Id)
    "the add-in $(Format-AddIn (Confirm-Found (Find-AddIn @(Read-AddIn) -Id $Id) -What "the add-in $Id"))"
}

function Format-AddInAct {
    # What Rollback does with a user whom the add-in was given to, and with everyone.
    param([string] $Name, $Given, [string] $Label)
    if ($Name -ceq 'ProvidedTo' -and $Given -ceq 'Everyone') { return "give $Label to EVERYONE in the organization again" }
    if ($Name -clike 'user:*' -and -not $Given) { "take $Label from $($Name.Substring(5))" }
}

function Get-AddInClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    if ($Value.AddInManifest -eq '' -or -not (Test-SameName $Entry.Key $Value.AddInId)) {
        return 'it is not the described add-in'
    }
    $described = @(Get-AddInUser)
    $names = if ($Name -ne '') { @($Name) } else { @($Entry.Wanted['properties'].Keys) }
    foreach ($one in @($names | Where-Object -FilterScript { $_ -clike 'user:*' })) {
        if ($described -notcontains $one.Substring(5) -or -not (Test-SwitchedOn $Entry $one)) {
            return "the description does not give it to $($one.Substring(5))"
        }
    }
    $before = $Entry.Before['properties'][$Name]
    $isValue = switch -CaseSensitive ($Name) {
        'ProvidedTo' { $AddInAudience.Values -ccontains $before; break }
        'DefaultStateForUser' { $AddInStates.Values -ccontains $before; break }
        'Enabled' { Test-SwitchedOn $Entry $Name; break }
        default { $true }
    }
    if (-not $isValue) { return "$(Format-Value $before) is not a value that Apply records" }
}

function Get-AddInHold {
    param($Entry, $Current)
    if (-not (Test-SameName $Current.id $Value.AddInId)) { return 'it is not the described add-in' }
    $found = Confirm-Found (Find-AddIn @(Read-AddIn) -Id $Current.id) -What "the add-in $($Current.id)"
    if (-not (Test-AddInText $found -Name 'ProviderName' -Wanted $Value.AddInProviderName)) {
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

#region shared/addresses
# Addresses: which names and deleted mailboxes block one, and whether a mailbox was ever used.

function Get-Namesake {
    # Who has this very name, or nothing. Asked by a filter, because an identity is a display name as well, and many may
    # have the same one.
    param([string] $Name)
    $filter = "Name -eq '$($Name.Replace("'", "''"))'"
    @(Invoke-Read -Subject "recipients of the name '$Name'" -Call { Get-Recipient -Filter $filter -ErrorAction Stop }) |
        Where-Object -FilterScript { Test-SameName (Get-Text $_ 'Name') $Name } | Select-Object -First 1
}

function Assert-NotDeleted {
    # Exchange Online keeps a deleted mailbox with its addresses, and refuses them to anything new.
    param([string] $Address)
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

function Get-MailboxRemoval {
    # Why a mailbox is about to be removed, for the question about it.
    param([hashtable] $Plan)
    if ($Run.Mode -cne 'Rollback' -or -not $Plan['AskedApart']) { return }
    'Removes   the mailbox, because -RemoveCreatedMailbox was given. Exchange shows no items in it; this is read again ' +
        'right before.'
    'After     Exchange Online keeps the deleted mailbox and its address for some time. Until it is restored or ' +
        'removed for good, Apply creates none with this address.'
}

function Get-MailboxUse {
    # Why a mailbox that was created here may not be removed, or nothing. Exchange has no statistics of a mailbox into
    # which nothing was ever delivered and in which nobody signed in: it warns and answers with nothing. That answer
    # counts, for the very mailbox that this journal's run created; a "not found" does not.
    param($Entry, [string] $Id)
    for ($n = 0; $n -lt 2; $n++) {
        $rows = @(Invoke-Read -Subject "mailbox statistics $Id" -Call {
                Get-MailboxStatistics -Identity $Id -WarningAction SilentlyContinue -ErrorAction Stop
                'answered' })
        if ($rows.Count -gt 0 -or $n -gt 0) { break }
        $null = Wait-Moment 'Exchange to find its statistics'
    }
    if ($rows.Count -eq 0) { return 'Exchange does not find its statistics at the moment' }
    if ($rows.Count -eq 1) {
        # What was announced and not confirmed is ours by the time at which it was created, which was looked at before.
        if (-not $Entry.Done -or (Test-SameName $Entry.Id $Id)) { return }
        return 'Exchange has no statistics of it, and the journal says that another mailbox was created here'
    }
    $count = Get-Text $rows[0] 'ItemCount'
    if ($count -cne '0') { return "it holds $(if ($count) { $count } else { 'an unknown number of' }) items" }
    # What can be recovered was in it once.
    $deleted = Get-Text $rows[0] 'DeletedItemCount'
    if ('', '0' -cnotcontains $deleted) { return "it holds $deleted recoverable items" }
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

function Get-DescribedFilter {
    # The filter that is described, or nothing where what stands at the group's address now is not that group: a scope
    # over it then stays, and nothing else has to wait for that.
    param([string] $Getter)
    try { [string] (& $Getter) }
    catch {
        $stop = Get-StopOf $_
        if (-not $stop -or $stop.State -cne 'conflict') { throw }
        ''
    }
}

function Assert-DescribedScope {
    # A scope of the name that reaches others may serve somebody else: it is never rewritten, and nothing is given over
    # it.
    param($Scope, [string] $Filter)
    $found = Get-Text $Scope 'RecipientFilter'
    $others = @(
        if ($Filter -eq '' -or -not (Test-SameScope $found $Filter)) { "has another filter: $found" }
        if (Test-Same (Get-Property $Scope 'Exclusive') $true) { 'is exclusive' }
        # On a server a scope may be narrowed by its root as well; in the cloud the root is the organization.
    )
    if ($others.Count -eq 0) { return }
    throw (Get-Stop -State 'conflict' -Detail (
            "The management scope '$(Get-Text $Scope 'Name')' exists and $($others -join ', and '). " +
            'It may belong to another application, or the group was renamed or moved since. ' +
            'It is not changed: choose another scope name, or remove that scope yourself.'))
}

function Read-Reach {
    # Whom a scope with this filter reaches now, by Exchange's own preview; asked once for each look at a step.
    param([string] $Filter)
    $key = "preview of $Filter"
    if (-not $Run.Seen.ContainsKey($key)) {
        $Run.Seen[$key] = @(Invoke-Read -Subject $key -IfAbsent 'unreadable' -Call {
                Get-Recipient -RecipientPreviewFilter $Filter -ResultSize Unlimited -ErrorAction Stop })
    }
    $Run.Seen[$key]
}

function Get-AddressKey {
    # Every address of a recipient, and every other name that Exchange has for it, in lower case.
    param($Recipient)
    foreach ($id in @(Get-Identifier $Recipient)) { $id.ToLowerInvariant() }
    foreach ($address in @(Get-Property $Recipient 'EmailAddresses')) {
        ([string] $address).ToLowerInvariant() -creplace '^smtp:'
    }
}

function Get-AddressTable {
    param([string[]] $Addresses)
    $table = Get-Table
    foreach ($address in $Addresses) { $table[$address.ToLowerInvariant()] = $true }
    $table
}

function Get-UndescribedMember {
    # Those among these recipients whom the description names by none of their addresses.
    param([object[]] $Recipients, [hashtable] $Described)
    foreach ($recipient in $Recipients) {
        $isKnown = $false
        foreach ($key in @(Get-AddressKey $recipient)) { $isKnown = $isKnown -or $Described.ContainsKey($key) }
        if (-not $isKnown) { $recipient }
    }
}

function Get-ReachLine {
    # What decides the Yes to a scope, and to a role over it: whose mailboxes come into reach, and which of them nobody
    # described.
    param([string] $Filter, [hashtable] $Described, [string] $Late = 'Exchange may show new members late.')
    if ($Filter -eq '') {
        $names = Format-Some @($Described.Keys | Get-Ordered) -Most 10 -Name { $_ }
        return "Reach     Described mailboxes: $($Described.Count) ($names). The group does not exist yet, so Exchange " +
            'cannot preview it.'
    }
    $reached = @(Read-Reach $Filter)
    $strangers = @(Get-UndescribedMember $reached -Described $Described)
    $who = if ($strangers.Count -gt 0) { ", $($strangers.Count) of them NOT in the description: " }
    elseif ($reached.Count -gt 0) { ', all of them in the description: ' }
    $named = @(if ($strangers.Count -gt 0) { $strangers } else { $reached })
    $who += Format-Some $named -Most 10 -Name { Get-Text $_ 'PrimarySmtpAddress' }
    "Reach     Recipients that the filter matches: $($reached.Count) (Exchange's own preview, just now)$who."
    $outside = Get-AddressTable $Value.ProofOutOfScope
    $wrong = @($reached | Where-Object -FilterScript {
            $outside.Count -gt 0 -and $null -eq (Get-UndescribedMember @($_) -Described $outside) })
    if ($wrong.Count -gt 0) {
        'Reach     The description wants these OUT of reach (proofs.out_of_scope), and the filter matches them: ' +
            (Format-Some $wrong -Most 10 -Name { Get-Text $_ 'PrimarySmtpAddress' })
    }
    $missing = $Described.Count - ($reached.Count - $strangers.Count)
    if ($missing -gt 0) { "Reach     Described mailboxes that are not among them yet: $missing. $Late" }
}

function Get-LaterReachLine {
    # A scope over a group is about whoever is in it at the time.
    param([string] $Group)
    "Reach     Whoever becomes a direct member of $Group later comes into reach too."
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

function Wait-ManagementScope {
    # The scope over which a role is about to be given: one "not found" says nothing, and nothing is given unseen.
    param([string] $Name)
    for ($n = 0; $true; $n++) {
        $scope = Read-ManagementScope $Name
        if ($null -ne $scope) { return $scope }
        # Without time to wait it is asked twice all the same.
        if (-not (Wait-Moment "Exchange to show the management scope '$Name'") -and $n -gt 0) { break }
    }
    throw (Get-Stop -State (Get-MissingState) -Detail (
            "Exchange does not find the management scope '$Name' at the moment. Run the same command again later."))
}

function Get-PresentScope {
    # One that was just seen.
    param([string] $Name)
    Confirm-Found (Read-ManagementScope $Name) -What "the management scope '$Name'"
}

function Find-ListedScope {
    # The scope of this name in the list of all, or $null: asked where it was not found by its name.
    param([string] $Name)
    @(Invoke-Read -Subject 'management scopes' -IfAbsent 'unreadable' -Call {
            Get-ManagementScope -ErrorAction Stop } | Where-Object -FilterScript {
            Test-SameName (Get-Text $_ 'Name') $Name }) | Select-Object -First 1
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
    throw (Get-Stop -State (Get-MissingState) -Detail "Exchange does not find the role assignment '$Name' at the moment.")
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

function Get-ScopeUser {
    # The names of the assignments that a management scope serves.
    param([string] $Scope)
    $rows = @(Invoke-Read -Subject "role assignments with the scope '$Scope'" -IfAbsent 'unreadable' -Call {
            Get-ManagementRoleAssignment -CustomRecipientWriteScope $Scope -ErrorAction Stop })
    $rows += @(Read-ApplicationRow)
    @($rows | Where-Object -FilterScript {
            (Test-SameName (Get-Text $_ 'CustomResourceScope') $Scope) -or
                (Test-SameName (Get-Text $_ 'CustomRecipientWriteScope') $Scope) } |
            ForEach-Object -Process { Get-Text $_ 'Name' } | Select-Distinct)
}

function Read-ApplicationRow {
    # The role assignments of all applications.
    Invoke-Read -Subject 'role assignments to applications' -IfAbsent 'unreadable' -Call {
        Get-ManagementRoleAssignment -RoleAssigneeType ServicePrincipal -ErrorAction Stop
    }
}
#endregion

#region shared/application-role-undo
# Application role: what Rollback holds a journal's entry and the assignment against.

function Get-ApplicationRoleClaim {
    # Why the description cannot have led to this journal entry, or nothing.
    param($Entry, [string] $Name)
    if ($Name -ne '') {
        if (Test-SwitchedOn $Entry $Name) { return }
        return 'Apply never disables a role assignment'
    }
    $wanted = $Entry.Wanted['properties']
    $isOurs = (Test-SameName $Entry.Key $Value.ApplicationAssignment) -and
        (Test-SameName $wanted['Role'] $ApplicationRole) -and
        (Test-SameName $wanted['App'] $Value.ApplicationObjectId) -and
        (Test-SameName $wanted['CustomResourceScope'] $Value.ScopeName)
    if (-not $isOurs) { return 'it is not the described role assignment' }
}

function Find-ApplicationRole {
    # In the lists of what the application holds, where it was not found by its name.
    param([System.Collections.IDictionary] $Snapshot)
    $row = @(@(Read-ApplicationAssignment $Value.ApplicationObjectId) +
        @(Invoke-Read -Subject 'role assignments to applications' -IfAbsent 'unreadable' -Call {
                Get-ManagementRoleAssignment -RoleAssigneeType ServicePrincipal -ErrorAction Stop }) |
            Where-Object -FilterScript { Test-SameName (Get-Text $_ 'Name') $Snapshot.id }) | Select-Object -First 1
    if ($null -eq $row) { return Get-Absent $Snapshot.id }
    $properties = [ordered]@{}
    foreach ($name in $Snapshot.properties.Keys) {
        $properties[$name] = if ($name -ceq 'Enabled') { Test-Same (Get-Property $row 'Enabled') $true }
        else { Get-Text $row $name }
    }
    Get-Present (Get-Text $row 'Name') $properties -Of $row
}

function Get-ApplicationRoleLabel {
    param([string] $Id)
    "role assignment '$Id' of $($Value.ApplicationName) (client ID $($Value.ApplicationClientId))"
}

function Get-ApplicationRoleHold {
    # Only assignments of this one role are removed, whatever a journal says.
    param($Entry, $Current)
    $row = Confirm-Found (Read-NamedAssignment $Current.id) -What "the role assignment '$($Current.id)'"
    if ($Entry.Before['exists'] -and $Entry.Before['properties']['Enabled'] -eq $true) {
        return 'Apply never disables a role assignment'
    }
    # Of an assignment that was only enabled the journal has nothing else, and its name may be another one's since.
    $isOurs = (Test-OurScope $row) -and (
        (Test-Assignee $row -ObjectId $Value.ApplicationObjectId) -or (Get-AssignedApplication $Current.id) -ne '')
    if (-not $isOurs) { return 'it is not of the described application and scope any more' }
    if (-not (Test-SameName (Get-Text $row 'Role') $ApplicationRole)) {
        return "it is an assignment of '$(Get-Text $row 'Role')'"
    }
    if ((Get-Text $row 'RoleAssignmentDelegationType') -clike 'Delegating*') {
        return 'it is a delegating assignment'
    }
}
#endregion

#region shared/ews
# EWS settings of an Exchange Online organization, read: the switch and the list of applications.

function Read-Organization {
    $found = Invoke-ReadOne -Subject 'EWS settings of the organization' -Call {
        Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy -ErrorAction Stop
    }
    foreach ($name in 'EwsEnabled', 'EwsAllowedAppIDs') {
        # An answer that lacks the list is not an empty list: what is on it would be written away.
        if ($null -eq $found -or $null -eq $found.PSObject.Properties[$name]) {
            throw (Get-Stop -State 'unreadable' -Detail "Exchange's answer about the organization has no $name.")
        }
    }
    $found
}

function ConvertTo-EwsProperty {
    # EwsEnabled and, each as a property that is true, every entry of the list: also one that is no identifier.
    param($Organization)
    $enabled = switch -CaseSensitive (ConvertTo-Comparable (Get-Property $Organization 'EwsEnabled')) {
        'True' { $true }
        'False' { $false }
        default { $null }
    }
    $properties = [ordered]@{ EwsEnabled = $enabled }
    foreach ($entry in (@(Get-Property $Organization 'EwsAllowedAppIDs') -join ',').Split([char] ',')) {
        $id = $entry.Trim()
        # The word before an entry that is no GUID keeps it apart from the names of settings.
        if ($id -ne '') { $properties[$(if (Test-Guid $id) { $id } else { "entry $id" })] = $true }
    }
    $properties
}

function Get-ListedId {
    # The entries of the list as they stand on it.
    param([System.Collections.IDictionary] $Properties)
    @(foreach ($pair in $Properties.GetEnumerator()) {
            if ($pair.Key -ne 'EwsEnabled' -and $pair.Value -eq $true) { $pair.Key -creplace '^entry ' }
        })
}

function Copy-Property {
    param([System.Collections.IDictionary] $Properties)
    $copy = [ordered]@{}
    foreach ($name in $Properties.Keys) { $copy[$name] = $Properties[$name] }
    $copy
}

function Get-WantedList {
    # The whole list as it will be: what stands on it now, with what this change adds or removes.
    param([System.Collections.IDictionary] $Change, [System.Collections.IDictionary] $Now)
    $list = Copy-Property $Now.properties
    foreach ($name in $Change.Wanted.properties.Keys) { $list[$name] = $Change.Wanted.properties[$name] }
    Get-ListedId $list
}

function Get-EwsState {
    # The state by which the table $EwsStates says who gains or loses EWS.
    param([System.Collections.IDictionary] $Properties)
    if ($null -eq $Properties['EwsEnabled']) { return 'unset' }
    if ($Properties['EwsEnabled'] -eq $false) { return 'false' }
    if (@(Get-ListedId $Properties).Count -gt 0) { return 'listed' }
    if ($EwsListRequiredIn -ccontains $Value.TargetEnvironment) { 'empty' } else { 'empty-elsewhere' }
}

function Test-Agent {
    # Whether a user agent is one of these, in which * stands for anything. The case makes no difference.
    param([string] $Agent, [string[]] $Pattern)
    $option = [System.Text.RegularExpressions.RegexOptions]::IgnoreCase -bor
        [System.Text.RegularExpressions.RegexOptions]::CultureInvariant
    @($Pattern | Where-Object -FilterScript {
            [regex]::IsMatch($Agent, "\A$([regex]::Escape($_).Replace('\*', '.*'))\z", $option) }).Count -gt 0
}

function Get-SecondGate {
    # The older gate, which both methods have to pass too, by what the caller calls itself. State: open, closed, or
    # unknown, where only the user agent of Pexip's service would tell. Nothing where the policy is not used.
    param($Organization, [string] $UserAgent = '')
    $policy = Get-Text $Organization 'EwsApplicationAccessPolicy'
    if ($policy -eq '') { return }
    $isAllow = $policy -ceq 'EnforceAllowList'
    $name = if ($isAllow) { 'EwsAllowList' } else { 'EwsBlockList' }
    $agents = @(@(Get-Property $Organization $name) | ForEach-Object -Process { ([string] $_).Trim() } |
            Where-Object -FilterScript { $_ -ne '' })
    $state = if (-not $isAllow -and $policy -cne 'EnforceBlockList') { 'unknown' }
    elseif ($agents -ccontains '*') { if ($isAllow) { 'open' } else { 'closed' } }
    elseif ($agents.Count -eq 0) { if ($isAllow) { 'closed' } else { 'open' } }
    elseif ($UserAgent -eq '') { 'unknown' }
    elseif ((Test-Agent $UserAgent -Pattern $agents) -eq $isAllow) { 'open' }
    else { 'closed' }
    $told = switch -CaseSensitive ($state) {
        'open' { 'It is open to this service.' }
        'closed' { 'It is CLOSED to this service.' }
        default {
            'Whether it is open to this service only its user agent tells, which the description does not name ' +
            '(ews.user_agent, -EwsUserAgent). Without it nothing is proved about this gate.'
        }
    }
    $listed = if ($agents.Count -gt 0) { $agents -join ', ' } else { 'nobody' }
    @{
        State = $state
        Text = "EwsApplicationAccessPolicy is ${policy}: a second gate, by user agent, that is not changed here. " +
            "${name}: $listed. $told"
    }
}

function Write-SecondGateProof {
    # A gate that may be closed is never proved.
    param([string] $Step, $Organization, [string] $UserAgent = '')
    $gate = Get-SecondGate $Organization -UserAgent $UserAgent
    if ($null -eq $gate) { return }
    $states = @{ open = 'proved'; closed = 'disproved'; unknown = 'blocked' }
    $proof = @{
        Target = 'EWS setting by user agent'; Expected = 'open'; Actual = $gate.Text; State = $states[$gate.State]
    }
    Write-Proof $Step @proof
}

function Get-EwsGate {
    # Whether EWS is open to an application; to one that is not named, whether it can be open at all.
    param([System.Collections.IDictionary] $Properties, [string] $ClientId)
    $listed = @(Get-ListedId $Properties)
    $state = Get-EwsState $Properties
    $isListed = $listed -contains $ClientId
    if ($isListed -and $Properties['EwsEnabled'] -eq $true) {
        return @{ Open = $true; Text = 'EwsEnabled is true and the application is on the list.' }
    }
    if ($state -cne 'listed') { return @{ Open = $state -ceq 'unset'; Text = $EwsStates[$state].Now } }
    @{ Open = $false; Text = 'EwsEnabled is true and the application is not on the list.' }
}
#endregion

#region shared/ews-undo
# EWS access, taken back: which entries are ours, and why one has to stay.

function Get-EwsAccessClaim {
    # Why the description cannot have led to this, or nothing: it puts described applications on the list, and may
    # switch on.
    param($Entry, [string] $Name)
    if ($Name -eq '' -or $Value.EwsPolicy -cne 'merge') { return 'the description changes nothing here' }
    if (-not (Test-SwitchedOn $Entry $Name)) { return 'no run of this step adds or removes that' }
    if ($Name -ceq 'EwsEnabled') {
        if (-not $Value.EwsSwitchOn) { return 'the description does not switch EWS on' }
        return
    }
    $described = @($Value.ApplicationClientId) + @($Value.EwsKeep | ForEach-Object -Process { [string] $_['ClientId'] })
    if ($described -notcontains $Name) { return 'the description does not name that application' }
}

function Get-EwsAccessLabel {
    param([string] $Id)
    $null = $Id
    'the organization'
}

function Format-EwsAct {
    # What Rollback does with the switch, or with one entry of the list.
    param([string] $Name, $Given, [string] $Label)
    if ($Name -cne 'EwsEnabled') {
        if ($Given) { return "put application $(Format-Id $Name) on the EWS list again" }
        return "remove application $(Format-Id $Name) from the EWS list"
    }
    $what = if ($null -eq $Given) { 'EWS open to all applications, whatever is on the list' }
    else { 'EWS off for all applications' }
    "set EwsEnabled of $Label back to $(Format-Value $Given): $what"
}

function Get-EwsAccessHold {
    # Taking our entries off must not leave a list in force that is empty where it was not.
    param($Entry, $Current)
    $left = @(Get-ListedId $Current.properties | Where-Object -FilterScript {
            $Entry.Names -notcontains $_ -or $Entry.Wanted['properties'][$_] -ne $true -or
                $Entry.Before['properties'][$_] -ne $false })
    $restored = @($Entry.Names | Where-Object -FilterScript {
            $Entry.Before['properties'][$_] -eq $true -and $Entry.Wanted['properties'][$_] -eq $false })
    if ($left.Count + $restored.Count -gt 0) { return }
    if ($Current.properties['EwsEnabled'] -eq $true -and $Entry.Names -cnotcontains 'EwsEnabled') {
        return 'the list would be empty while EwsEnabled is true, which blocks everybody'
    }
    if (@(Get-ListedId $Entry.Before['properties']).Count -gt 0) {
        return 'the list would be empty, which it was not before'
    }
}

function Get-SwitchHold {
    # Switching EWS off again shuts out whom somebody else put on the list since; not having it set opens it instead.
    param($Entry, $Current)
    if ($Entry.Before['properties']['EwsEnabled'] -ne $false) { return }
    $entries = Get-JournalEntry 'ews-access'
    $ours = @(foreach ($one in $entries) {
            @($one.Wanted['properties'].Keys) | Where-Object -FilterScript {
                $one.Wanted['properties'][$_] -eq $true -and $one.Before['properties'][$_] -ne $true }
        })
    $since = @(Get-ListedId $Current.properties | Where-Object -FilterScript {
            $ours -notcontains $_ -and -not $Entry.Wanted['properties'].Contains($_) })
    if ($since.Count -eq 0) { return }
    "the list contains $(Format-Id $since), added since, and switching EWS off would block it"
}

function Get-EwsEntryHold {
    # Why one entry, or the switch, must stay: others rely on it since. Not on an entry of a list that does not decide
    # any more once this Rollback has taken back the switch as well.
    param($Entry, $Current, [string] $Name)
    if ($Current.properties['EwsEnabled'] -ne $true) { return }
    if ($Name -ceq 'EwsEnabled') { return Get-SwitchHold $Entry -Current $Current }
    $entries = Get-JournalEntry 'ews-access'
    $isUndone = @($entries | Where-Object -FilterScript {
            @(Get-OpenName $_) -ccontains 'EwsEnabled' -and $_.Wanted['properties']['EwsEnabled'] -eq $true -and
                -not (Get-SwitchHold $_ -Current $Current) }).Count -gt 0
    $isOther = $Entry.Wanted['properties'][$Name] -eq $true -and $Name -ne $Value.ApplicationClientId
    if ($isOther -and -not $isUndone -and $Entry.Before['properties']['EwsEnabled'] -ne $true) {
        return 'the list had no effect before and has one now, and removing it would block that application'
    }
}

function Get-EwsDecider {
    # What is set now, and in a Rollback who loses or gains EWS by what is taken back. Apply's question has that among
    # its notes.
    param([hashtable] $Plan)
    $closes = $false
    Get-EwsNowLine $Plan
    foreach ($change in $Plan.Changes) {
        $before = $change.Before.properties
        $wanted = $change.Wanted.properties
        $removed = @(Get-ListedId $before | Where-Object -FilterScript { $wanted[$_] -eq $false })
        if ($removed.Count -gt 0 -and $before['EwsEnabled'] -eq $true) {
            $closes = $true
            "Effect    These applications lose EWS: $(Format-Id $removed)."
        } elseif ($removed.Count -gt 0) {
            'Effect    The list has no effect while EwsEnabled is not true.'
        }
        if (-not $wanted.Contains('EwsEnabled') -or (Test-Same $before['EwsEnabled'] $wanted['EwsEnabled']) -or
            $Run.Mode -cne 'Rollback') { continue }
        if ($null -eq $wanted['EwsEnabled']) { "Effect    EWS opens to everybody again ($($Facts.EwsSwitchTakes))." }
        else {
            $closes = $true
            $listed = @(Get-ListedId $before)
            $whom = if ($listed.Count -gt 0) { ", also to those on the list: $(Format-Id $listed)" }
            "Effect    EWS closes to everybody again ($($Facts.EwsSwitchTakes))$whom."
        }
    }
    if ($closes -and $Run.Mode -ceq 'Rollback' -and -not $Run.Unasked) { "Note      $(Get-KeepEwsAdvice)" }
}

function Get-EwsNowLine {
    param([hashtable] $Plan)
    $now = $Plan.Changes[0].Before.properties
    $switched = @($Plan.Changes | Where-Object -FilterScript {
            $_.Wanted.properties.Contains('EwsEnabled') -and
                -not (Test-Same $_.Wanted.properties['EwsEnabled'] $_.Before.properties['EwsEnabled']) })
    $rest = if ($switched.Count -eq 0) { ' EwsEnabled stays as it is.' } else { '' }
    "Now       EwsEnabled is $(Format-Value $now['EwsEnabled']). Entries on the list: $(@(Get-ListedId $now).Count).$rest"
}

function Get-EwsAdvice {
    # What helps if EWS stops working for others, by the state before this change; in a Rollback, by what that leaves.
    # To open EWS to everybody is no way back to where it was closed.
    param([object[]] $Changes)
    $before = $Changes[0].Before.properties
    if ($Run.Mode -cne 'Rollback') { return $EwsStates[(Get-EwsState $before)].Rescue }
    $after = Copy-Property $before
    foreach ($change in $Changes) {
        foreach ($name in $change.Wanted.properties.Keys) { $after[$name] = $change.Wanted.properties[$name] }
    }
    if ($before['EwsEnabled'] -eq $true -and $after['EwsEnabled'] -eq $false) {
        # The journal has one change a line, and the others of this Rollback take their entries off as well.
        $left = @(Get-ListedId $after | Where-Object -FilterScript {
                -not $Run.Gone.ContainsKey("ews-access organization|$_") })
        $first = if ($left.Count -eq 0) { 'put it on the list first (EwsAllowedAppIDs): the list is empty then. ' }
        $whom = if ($left.Count -eq 0) { 'that list' } else { "what is left on the list: $(Format-Id $left)" }
        "If another application needs EWS afterwards: ${first}Set-OrganizationConfig -EwsEnabled `$true opens EWS again " +
            "($($Facts.EwsSwitchTakes)) to $whom. `$null would open it to everybody."
    } elseif ($after['EwsEnabled'] -eq $true) {
        'An application that still needs EWS has to be put on the list again; ' +
            "Set-OrganizationConfig -EwsEnabled `$null would open EWS to everybody ($($Facts.EwsSwitchTakes))."
    }
}

function Get-KeepEwsAdvice {
    # No ends the whole run, with the role still there: whoever wants to keep EWS goes on with the other steps.
    $others = @($Run.Selected | Where-Object -FilterScript { $_ -cne 'ews-access' })
    if ($others.Count -eq 0) { return 'No leaves EWS as it is.' }
    'No ends this Rollback here: EWS, the role and the rest stay. To keep EWS and undo the rest, answer No and type ' +
        "the line of this run again, with -Step $($others -join ', ')."
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
                "The add-in cannot be uploaded: $problem. Put the described one beside this script."))
    }
    $Plan.Notes += "Apply needs $($Value.AddInManifest) beside this script: $problem."
}
#endregion

#region shared/add-ins
# Add-ins of the organization: how one is found, read and compared.

function Read-AddIn {
    # All of the organization's: asked for one that is not there, Exchange may answer with all the same.
    Invoke-Read -Subject 'add-ins of the organization' -IfAbsent 'unreadable' -Call {
        Get-App -OrganizationApp -ErrorAction Stop
    }
}

function Format-AddIn {
    param($AddIn)
    "'$(Get-Text $AddIn 'DisplayName')' $(Get-Text $AddIn 'AppVersion') by '$(Get-Text $AddIn 'ProviderName')'"
}

function ConvertTo-AddInText {
    # Publisher and name: a manifest may have line breaks, two blanks or a no-break space where Exchange has one blank.
    param([string] $Text)
    [regex]::Replace($Text, '\s+', ' ').Trim()
}

function Test-AddInText {
    param($AddIn, [string] $Name, [string] $Wanted)
    Test-Same (ConvertTo-AddInText (Get-Text $AddIn $Name)) (ConvertTo-AddInText $Wanted)
}

function ConvertTo-AddInVersion {
    # Of one to four numbers; 1, 1.0 and 1.0.0.0 are one version. Nothing where it is none.
    param([string] $Text)
    if ($Text -cnotmatch '^[0-9]{1,9}(\.[0-9]{1,9}){0,3}\z') { return $null }
    $numbers = @($Text.Split([char[]] '.')) + @('0', '0', '0')
    [version] ($numbers[0..3] -join '.')
}

function Find-AddIn {
    # The one of this ID among them, or $null.
    param([object[]] $All, [string] $Id)
    $found = @($All | Where-Object -FilterScript { Test-SameName (Get-Text $_ 'AppId') $Id })
    if ($found.Count -gt 1) {
        throw (Get-Stop -State 'conflict' -Detail "The organization has $($found.Count) add-ins of the ID $Id.")
    }
    if ($found.Count -eq 1) { $found[0] } else { $null }
}

function Assert-OwnAddIn {
    # What has our ID and another publisher is somebody else's; what is newer is not taken back to an older version.
    param($AddIn)
    if (-not (Test-AddInText $AddIn -Name 'ProviderName' -Wanted $Value.AddInProviderName)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The organization has $(Format-AddIn $AddIn) with the ID of the described add-in, whose publisher is " +
                "'$($Value.AddInProviderName)'. It is not changed: find out whose it is, or remove it yourself."))
    }
    $there = ConvertTo-AddInVersion (Get-Text $AddIn 'AppVersion')
    if ($null -eq $there -or $there -gt (ConvertTo-AddInVersion $Value.AddInVersion)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "The organization has $(Format-AddIn $AddIn), which is not older than the described version " +
                "$($Value.AddInVersion). Export the manifest from Pexip Infinity again, and describe that one."))
    }
}

function Get-AddInUser {
    # Whom the description names, where it names anybody.
    if ($Value.AddInProvidedTo -cne 'specific-users') { return }
    $Value.AddInUsers | ForEach-Object -Process { ([string] $_).ToLowerInvariant() } | Select-Distinct | Get-Ordered
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
    if ($Name -ceq 'AppVersion') {
        # The described one as it is described, however many noughts Exchange shows of it.
        $text = Get-AnsweredText $AddIn -Name 'AppVersion'
        $described = ConvertTo-AddInVersion $Value.AddInVersion
        if ((ConvertTo-AddInVersion $text) -eq $described) { return $Value.AddInVersion }
        return $text
    }
    Get-AnsweredText $AddIn -Name $Name
}
#endregion

#region engine/10-modes
# Modes: the first pass reads everything and writes nothing; the second goes step by step and asks.

function Get-FirstPass {
    param([string[]] $Id = $Run.Selected)
    $Run.Planning = $true
    $Run.Seen.Clear()
    $findings = [ordered]@{}
    foreach ($one in $Id) {
        Show-Progress -Activity 'pexgen: reading' -Status $one
        $findings[$one] = Invoke-Compare $one
        $Run.States[$one] = $findings[$one].State
    }
    Write-Progress -Activity 'pexgen: reading' -Completed
    $findings
}

function Write-Plan {
    param([System.Collections.IDictionary] $Findings, [bool] $IsPreview = $false)
    foreach ($id in $Findings.Keys) {
        $shown = @{
            State = $Findings[$id].State; RequestId = $Findings[$id].RequestId
            Differences = $Findings[$id].Plan.Differences; Notes = $Findings[$id].Plan.Notes
            IsMissing = Test-Missing $Findings[$id].Plan
        }
        if ($IsPreview) { Show-StepResult $id @shown } else { Write-StepResult $id @shown }
    }
}

function Write-WholePlan {
    # Before the first question: who answers it sees what else will be asked.
    param([System.Collections.IDictionary] $Findings)
    Write-Line 'What this run is about to do. Nothing has been changed yet.'
    Write-Plan $Findings -IsPreview $true
    if ($null -ne $Run.PlanSha256) {
        $why = if ($Run.ApprovedPlan -ceq $Run.PlanSha256) { 'as approved' }
        else { 'Check prints the same digest if nothing has changed since' }
        Write-Line "Plan      $($Run.PlanSha256)  ($why)"
    }
    Write-Line ''
}

function Invoke-Check {
    $findings = Get-FirstPass
    Save-PlanDigest $findings
    Assert-ChangeCount $findings
    Write-Plan $findings
}

function Invoke-Apply {
    $findings = Get-FirstPass
    $stopped = @($Run.States.Values | Where-Object -FilterScript { 'conflict', 'unreadable' -ccontains $_ }).Count -gt 0
    if ($stopped) { Write-Plan $findings; return }
    Assert-Approved $findings
    Assert-ChangeCount $findings
    if (-not $Run.WhatIf) {
        Write-WholePlan $findings
        Write-JournalHeader
    }
    $Run.States = @{}
    $Run.Planning = $Run.WhatIf
    Invoke-StepByStep -Id $Run.Selected
}

function Get-UndoFirstPass {
    # What would be taken back, without waiting for what is late: that is done when it is its turn.
    param([string[]] $Id)
    $findings = [ordered]@{}
    $Run.Pauses = New-Object -TypeName System.Collections.Queue
    foreach ($one in $Id) {
        Show-Progress -Activity 'pexgen: reading' -Status $one
        $Run.Seen.Clear()
        $findings[$one] = Get-UndoFinding $one
        # An object that is kept keeps what it depends on.
        if ($findings[$one].Plan.Remaining -ceq 'kept') { $Run.States[$one] = 'kept' }
    }
    Write-Progress -Activity 'pexgen: reading' -Completed
    $Run.Gone = Get-Table
    $Run.States = @{}
    $Run.Stopped = @{}
    $findings
}

function Invoke-Rollback {
    $order = @($Run.Selected | Where-Object -FilterScript { $Run.InJournal.Contains($_) })
    [array]::Reverse($order)
    foreach ($id in $Run.Selected) {
        if ($order -cnotcontains $id) {
            Write-StepResult $id -State 'in-place' -Differences @() -Notes @('These journals contain no change of this step.')
        }
    }
    if (-not $Run.WhatIf -and $order.Count -gt 0) {
        $findings = Get-UndoFirstPass $order
        # What cannot be looked at now may be looked at in a minute; until then nothing is undone in part.
        $unread = @($findings.Values | Where-Object -FilterScript { $_.State -ceq 'unreadable' })
        if ($unread.Count -gt 0) { Write-Plan $findings; return }
        Assert-ChangeCount $findings
        Write-WholePlan $findings
        Write-JournalHeader
    }
    Invoke-StepByStep -Id $order
}

function Invoke-StepByStep {
    # Step by step: read again, ask, change. What stops one stops all behind it.
    param([string[]] $Id)
    $halted = $false
    $order = @($Id | Where-Object -FilterScript { $Run.Mode -eq 'Rollback' -or (Test-Described $_) })
    for ($n = 0; $n -lt $order.Count; $n++) { $Run.Places[$order[$n]] = "$($n + 1) of $($order.Count)" }
    foreach ($one in $Id) {
        if ($halted) {
            if ($Run.Mode -ne 'Rollback' -and -not (Test-Described $one)) { Write-StepResult $one 'not-asked' }
            else { Write-StepResult $one -State 'blocked' -Notes @('Not reached: an earlier step ended the run.') }
            continue
        }
        $Run.Current = $one
        $Run.SentBefore = $Run.Writes
        $Run.Seen.Clear()
        $Run.Pauses = Get-Pause
        $finding = if ($Run.Mode -eq 'Rollback') { Get-UndoFinding $one } else { Invoke-Compare $one }
        $outcome = @{ State = $finding.State; Note = ''; RequestId = $finding.RequestId; Asked = $false }
        $refused = Get-LateRefusal $one -Finding $finding
        if ($null -ne $refused) { $outcome = $refused }
        elseif ($finding.State -eq 'different') { $outcome = Invoke-Question $one -Plan $finding.Plan }
        $Run.States[$one] = $outcome.State
        $notes = @($outcome.Note) + @($finding.Plan.Notes)
        $shown = @{
            State = $outcome.State; Differences = $finding.Plan.Differences; RequestId = $outcome.RequestId
            IsMissing = Test-Missing $finding.Plan
        }
        # What the question has said is not said again.
        $said = if ($outcome.Asked) { @($finding.Plan.Notes) } else { @() }
        Write-StepResult $one @shown -Notes $notes -Said $said -Short $outcome.Asked
        $halted = $null -ne $Run.Refusal -or
            'failed', 'unreadable', 'conflict', 'skipped' -ccontains $outcome.State
    }
}

function Get-LateRefusal {
    # What guards have against a step right before its question, or nothing. The run ends there and reports every step.
    param([string] $Id, [hashtable] $Finding)
    try {
        Assert-ChangeCount @{ $Id = $Finding }
        Assert-StillApproved $Id -Plan $Finding.Plan
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        $Run.Refusal = [ordered]@{ guard = $stop.Guard; message = $stop.Detail }
        $note = "Not asked: refused by the guard '$($stop.Guard)', see below."
        @{ State = 'blocked'; Note = $note; RequestId = ''; Asked = $false }
    }
}

function Test-AllOvertaken {
    # Whether somebody else made all of it meanwhile.
    param([hashtable] $Plan)
    @($Plan.Changes | Where-Object -FilterScript { -not $_['Overtaken'] }).Count -eq 0
}

function Invoke-Question {
    # The questions of one step, and what is consented to.
    param([string] $Id, [hashtable] $Plan)
    $outcome = @{ State = 'different'; Note = ''; RequestId = ''; Asked = $false }
    $sent = $Run.Writes
    try {
        foreach ($part in @(Get-QuestionPart $Id -Plan $Plan)) {
            $question = Get-Question $Id -Plan $part
            $answer = Get-Answer $question -NoYesToAll $part.NoYesToAll
            if ($Run.Refusal) {
                $outcome.State, $outcome.Note = 'blocked', 'Not asked: this session cannot show a question.'
                return $outcome
            }
            if ($null -eq $answer) { continue }
            $Run.Answers[$Id] = @($Run.Answers[$Id] | Where-Object -FilterScript { $_ }) + @($answer)
            $outcome.Asked = $answer.asked
            if ($answer.answer -ceq 'No') {
                $outcome.State, $outcome.Note = 'skipped', (Get-SkippedNote $sent)
                return $outcome
            }
            Invoke-Consented $Id -Plan $part -Answer $answer
            $outcome.State = 'changed'
        }
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        $Run.Stopped[$Id] = $true
        Clear-Gone $Plan
        $outcome.State, $outcome.Note, $outcome.RequestId = $stop.State, $stop.Detail, $stop.RequestId
        return $outcome
    }
    if ($outcome.State -ceq 'changed') {
        $outcome.State = if ($Plan.Remaining -ne '') { $Plan.Remaining }
        elseif ($Run.Mode -eq 'Rollback') { 'undone' }
        elseif ($Run.Writes -eq $sent -or (Test-AllOvertaken $Plan)) { 'in-place' }
        else { 'changed' }
    }
    $outcome
}

function Get-SkippedNote {
    # A step that asks twice may have been answered Yes first.
    param([int] $Sent)
    if ($Run.Writes -eq $Sent) { return '' }
    'Answered No to the last question. The one before it was answered Yes, and its changes are done.'
}

function Invoke-Consented {
    # With this answer and no other, and never longer than for this step.
    param([string] $Id, [hashtable] $Plan, [System.Collections.IDictionary] $Answer)
    $Run.Consent[$Id] = $Answer
    try {
        Assert-SameConnection
        Invoke-Plan -Id $Id -Plan $Plan
    } finally { $Run.Consent.Remove($Id) }
}

function Invoke-Proof {
    # A proof that cannot be read does not stop those of the other steps.
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
    # Judges what is configured. Whether Pexip's calls succeed is seen in Pexip Infinity.
    $findings = Get-FirstPass
    $nothing = @($findings.Keys | Where-Object -FilterScript {
            $Steps[$_].Contains('Foundation') -and $findings[$_].State -eq 'different' -and
                -not $findings[$_].Plan.Changes[0].Before.exists })
    foreach ($id in $Run.Selected) {
        $finding = $findings[$id]
        if ($nothing.Count -gt 0 -and 'not-asked', 'unreadable', 'conflict' -cnotcontains $finding.State) {
            Write-StepResult $id -State 'pending' -Differences @() -Notes @(
                "Nothing to prove yet: $($nothing -join ', ') does not exist.")
            continue
        }
        $state = if ($nothing.Count -eq 0) { Test-Step $id -Finding $finding }
        else { Get-VerifiedState $id -Finding $finding }
        $shown = @{
            Differences = $finding.Plan.Differences; Notes = $finding.Plan.Notes; RequestId = $finding.RequestId
            IsMissing = Test-Missing $finding.Plan
        }
        Write-StepResult $id -State $state @shown
    }
}

function Test-Step {
    # The state of one step in Verify, with its proofs: what was compared, and what the step itself can try.
    param([string] $Id, [hashtable] $Finding)
    if ($Finding.State -eq 'not-asked') { return 'not-asked' }
    $state = Get-VerifiedState $Id -Finding $Finding
    $actual = if ($state -eq 'proved') { 'as described' }
    else {
        $isMissing = Test-Missing $Finding.Plan
        @(@($Finding.Plan.Differences | ForEach-Object -Process {
                    "$($_.property) is $(Format-Current $_ -IsMissing $isMissing)" }) +
            $Finding.Plan.Notes) -join '; '
    }
    Write-Proof $Id -Target $Catalogue[$Id].Title -Expected 'as described' -Actual $actual -State $state
    Invoke-Proof $Id
    $worst = @('disproved', 'unreadable', 'blocked', 'pending' | Where-Object -FilterScript {
            $bad = $_
            @($Run.Proofs | Where-Object -FilterScript { $_.step -ceq $Id -and $_.state -eq $bad }).Count -gt 0 })
    if ($worst.Count -gt 0 -and ($state -eq 'proved' -or $worst[0] -eq 'disproved')) { return $worst[0] }
    $state
}

function Get-VerifiedState {
    param([string] $Id, [hashtable] $Finding)
    switch ($Finding.State) {
        'in-place' { 'proved' }
        'different' { 'disproved' }
        'blocked' { if ($Finding.Plan.Remaining -eq 'blocked') { 'disproved' } else { 'blocked' } }
        'conflict' { if ($Steps[$Id]['ConflictDisproves']) { 'disproved' } else { 'conflict' } }
        default { $Finding.State }
    }
}
#endregion

#region engine/11-approval
# Approval: a digest of what differs, by which Apply does what was approved after a Check, and nothing else.

function Get-PartDigest {
    # Lengths keep the parts apart.
    param([object[]] $Part)
    $text = @(foreach ($one in $Part) { "$(([string] $one).Length):$one" }) -join ''
    Get-Sha256 ([System.Text.Encoding]::UTF8.GetBytes($text))
}

function Get-OneDigest {
    param([string] $Id, $Difference)
    Get-PartDigest $Id, $Difference.property, (Format-Value $Difference.current), (Format-Value $Difference.wanted)
}

function Get-ValueDigest {
    # Of the file's own values and those of the command line, because not all of them show among the differences. The
    # ticket may be given later.
    $values = $Value.Clone()
    $values.Remove('ChangeTicket')
    Get-PartDigest '-', 'values', (ConvertTo-Canonical $values)
}

function Get-DifferenceDigest {
    # One for each difference: step, property, what is there and what is wanted. And one for all values.
    param([System.Collections.IDictionary] $Findings)
    foreach ($id in $Findings.Keys) {
        foreach ($difference in $Findings[$id].Plan.Differences) { Get-OneDigest $id -Difference $difference }
    }
    Get-ValueDigest
}

function Get-LaterDigest {
    # One for each difference of what does not exist: which values it has, and which name it is found by, is not known
    # before it is created.
    param([System.Collections.IDictionary] $Findings)
    foreach ($id in $Findings.Keys) {
        if (-not (Test-Missing $Findings[$id].Plan)) { continue }
        foreach ($difference in $Findings[$id].Plan.Differences) { Get-PartDigest $id, $difference.property }
    }
}

function Test-KnownLater {
    # Whether runs of this journal created what a step builds on, and did nothing of the step itself.
    param([string] $Id)
    $entries = @($Run.Runs | ForEach-Object -Process { $_['Entries'] } | Where-Object -FilterScript { $null -ne $_ })
    $own = @($entries | Where-Object -FilterScript { $_['step'] -ceq $Id -and $_['event'] -ceq 'done' })
    $created = @($entries | Where-Object -FilterScript {
            $Catalogue[$Id].Requires -ccontains $_['step'] -and -not $_['before']['exists'] })
    $own.Count -eq 0 -and $created.Count -gt 0
}

function Get-Unapproved {
    # What differs now and is not among what was approved, by these digests.
    param([System.Collections.IDictionary] $Findings, [hashtable] $Approved)
    foreach ($id in $Findings.Keys) {
        $isKnownLater = Test-KnownLater $id
        foreach ($difference in $Findings[$id].Plan.Differences) {
            $isSame = $Approved.Contains((Get-OneDigest $id -Difference $difference))
            $isLater = $isKnownLater -and $Approved.Contains((Get-PartDigest $id, $difference.property))
            if (-not $isSame -and -not $isLater) { "$id $($difference.property)" }
        }
    }
    if (-not $Approved.Contains((Get-ValueDigest))) { 'values' }
}

function Get-PlanDigest {
    param([string[]] $Differences)
    Get-Sha256 ([System.Text.Encoding]::ASCII.GetBytes($Differences -join "`n"))
}

function Save-PlanDigest {
    # What the screen, the result and the journal say of it.
    param([System.Collections.IDictionary] $Findings)
    $Run.Differences = @(Get-DifferenceDigest $Findings)
    $Run.PlanSha256 = Get-PlanDigest $Run.Differences
}

function Get-ApprovedRest {
    # What an earlier run of this journal was approved to change: the rest of it may be changed by this one.
    foreach ($one in $Run.Runs) {
        if ([string] $one.Header['approvedPlan'] -ceq $Run.ApprovedPlan) { $one.Header['differences'] }
    }
}

function Assert-StillApproved {
    # Right before a step is asked about: what differs there now was among what was approved. Values are not compared
    # again, because what this run has created since has names that the Check could not know.
    param([string] $Id, [hashtable] $Plan)
    if ($Run.ApprovedPlan -eq '' -or $Run.Mode -cne 'Apply') { return }
    foreach ($difference in $Plan.Differences) {
        if ($Run.Approved.ContainsKey("$Id|$($difference.property)")) { continue }
        throw (Get-Stop -State 'refused' -Guard 'approval' -Detail (
                "$($difference.property) of the step $Id differs since the first look, and that was not approved: " +
                "$(Format-Value $difference.current) -> $(Format-Value $difference.wanted). Run Check again."))
    }
}

function Assert-Approved {
    # In the first pass, before anything is sent. Something approved that is in place by now is no reason to stop where
    # the journal says that this very approval was begun.
    param([System.Collections.IDictionary] $Findings)
    Save-PlanDigest $Findings
    foreach ($id in $Findings.Keys) {
        foreach ($difference in $Findings[$id].Plan.Differences) { $Run.Approved["$id|$($difference.property)"] = $true }
    }
    if ($Run.ApprovedPlan -eq '') { return }
    if ($Run.PlanSha256 -ceq $Run.ApprovedPlan) {
        $Run.Differences = @(Get-LaterDigest $Findings) + $Run.Differences
        return
    }
    $approved = @{}
    foreach ($digest in @(Get-ApprovedRest)) { $approved[$digest] = $true }
    $others = @(if ($approved.Count -gt 0) { Get-Unapproved $Findings -Approved $approved })
    if ($approved.Count -gt 0 -and $others.Count -eq 0) {
        $Run.Differences = @($approved.Keys)
        return
    }
    $named = if ($others.Count -gt 0) { "Not approved: $(Format-Some $others -Most 5 -Name { $_ }). " } else { '' }
    Write-Plan $Findings
    throw (Get-Stop -State 'refused' -Guard 'approval' -Detail (
            'What differs now, or a value of this file or of the command line, is not what was approved; or other steps ' +
            'are selected. ' + $named +
            "Approved: $($Run.ApprovedPlan); now: $($Run.PlanSha256). The list above says what differs now. Have it approved, " +
            'with this file, and run Apply with its digest.'))
}
#endregion

#region engine/12-consent
# Consent: what stands in a question, and the one place that asks it. Who reads it has nothing else at hand.

function Get-ChangeLine {
    # A change as a person decides about it: what is done, and what becomes of each value.
    param([hashtable] $Change)
    "  $($Change.Text)"
    if (-not $Change.Wanted.exists) { return }
    foreach ($name in $Change.Wanted.properties.Keys) {
        $isThere = $Change.Before.exists
        $old = if ($isThere) { Format-Value $Change.Before.properties[$name] } else { '(missing)' }
        $new = $Change.Wanted.properties[$name]
        # 'add X to the group' has said all of it, and what is taken back names each.
        $isOne = $Change.Wanted.properties.Count -eq 1 -or $Run.Mode -ceq 'Rollback'
        $isSaid = $isOne -and $new -is [bool] -and $Change.Text.Contains($name)
        $isSame = $isThere -and (Test-SameProperty -Name $name -Left $Change.Before.properties[$name] -Right $new)
        if ($isSaid -or $isSame) { continue }
        $shown = Format-PropertyName $Change.Step -Name $name
        "      ${shown}: $old -> $(Format-Value $new)"
    }
}

function Get-ChangeList {
    # The first of many, or all of them.
    param([hashtable[]] $Changes, [bool] $Whole)
    if ($Whole -or $Changes.Count -le $MostShown) {
        foreach ($change in $Changes) { Get-ChangeLine $change }
        return
    }
    "  $($Changes.Count) changes, of which the first ${MostShown}:"
    foreach ($change in $Changes[0..($MostShown - 1)]) { Get-ChangeLine $change }
    "  and $($Changes.Count - $MostShown) more: the list of what differs in this step names all."
}

function Get-Question {
    # The question about these changes of a step, with everything that is to be known before the Yes: as it is shown,
    # and as the log has it. Whose mailboxes come into reach, and who gains or loses access, only the step knows: its
    # function Decides gets what is asked about, may ask Exchange, and gives lines.
    param([string] $Id, [hashtable] $Plan)
    $isUndo = $Run.Mode -ceq 'Rollback'
    $does = if ($isUndo) { 'is to be undone' } else { 'would make changes' }
    $head = @("Step ${Id} ($($Run.Places[$Id])) $does in $(Get-TargetName): $($Catalogue[$Id].Title)") +
        @(if ($Plan['AskedApart'] -and -not $isUndo) { "  REMOVES $($Plan.Changes.Count) that the description does not name:" })
    $advice = @(if ($Steps[$Id].Contains('Advice')) { & $Steps[$Id].Advice -Changes $Plan.Changes })
    $tail = @(
        if ($isUndo) { "Rule      $($Catalogue[$Id].Undo)" }
        elseif ($Plan['AskedApart']) { "Risk      $($Catalogue[$Id].Risk). Others may rely on what is removed." }
        else { "Risk      $($Catalogue[$Id].Risk). $($Catalogue[$Id].Effect)" }
        if ($Steps[$Id].Contains('Decides')) { & $Steps[$Id].Decides -Plan $Plan }
        if (-not $isUndo) { "Undo      $($Catalogue[$Id].Undo)" }
        foreach ($note in @($Plan.Notes | Where-Object -FilterScript { $_ })) { "Note      $note" }
        foreach ($line in $advice) { "Note      $line" }
        if ($isUndo -and $Steps[$Id].Contains('Takes')) { "Note      Exchange applies the change later: $($Steps[$Id].Takes)." }
        if ($isUndo) { 'Undo this step? No ends the run; what is undone stays undone.' }
        else { 'Make these changes? No ends the run; what is done stays.' }
    )
    @{
        Shown = $head + @(Get-ChangeList $Plan.Changes -Whole $false) + $tail
        Whole = $head + @(Get-ChangeList $Plan.Changes -Whole $true) + $tail
        Advice = $advice
        IsLow = $Catalogue[$Id].Risk -ceq 'low'
    }
}

function Get-QuestionPart {
    # The questions of a step. What takes away entries that others made, what widens access again in a Rollback, and the
    # removal of a mailbox or group are asked on their own, after the rest.
    param([string] $Id, [hashtable] $Plan)
    $isSplit = $Run.Mode -ceq 'Apply' -and $Steps[$Id]['Together']
    $parts = @{ $false = New-Object -TypeName System.Collections.ArrayList
        $true = New-Object -TypeName System.Collections.ArrayList }
    foreach ($change in $Plan.Changes) {
        $isApart = $change['Widens'] -or ($isSplit -and ($change.Wanted.properties.Values -ccontains $false)) -or
            (-not $change.Wanted.exists -and (Test-LostWhenRemoved $Id))
        [void] $parts[$isApart].Add($change)
    }
    foreach ($isApart in $false, $true) {
        if ($parts[$isApart].Count -eq 0) { continue }
        $part = $Plan.Clone()
        $part.Changes = $parts[$isApart].ToArray()
        $part['AskedApart'] = $isApart
        $part['NoYesToAll'] = $isApart -or $Catalogue[$Id].Risk -ceq 'high'
        $part
    }
}

function Test-LostWhenRemoved {
    # What was in a mailbox, and who relies on a group, is gone with it: one that is created anew is another one.
    param([string] $Id)
    @(@($Steps[$Id]['Rollback']) -cmatch '^Remove-(Mailbox|DistributionGroup)$').Count -gt 0
}

function Assert-CanAsk {
    # A host without a person may take silence for an answer.
    if (-not [Environment]::UserInteractive) { throw 'the process has no desktop and nobody before it' }
}

function Read-Answer {
    # Yes, Yes to All or No. The default is No, but for a step of low risk: the line end of a pasted block is no
    # consent. No default at all would ask on and on after Ctrl+C.
    param([hashtable] $Question, [bool] $NoYesToAll)
    Assert-CanAsk
    $answers = [ordered]@{ Yes = '&Yes', 'Makes the changes listed above.' }
    if (-not $NoYesToAll) {
        $answers['Yes to All'] = 'Yes to &All',
            ('Makes these changes and those of the following steps, and shows each. What the line "Asks" above names ' +
            'is still asked.')
    }
    $answers['No'] = '&No', 'Changes nothing more and ends the run: no further step asks. Changes made before stay.'
    $choices = [System.Management.Automation.Host.ChoiceDescription[]] @($answers.Values | ForEach-Object -Process {
            New-Object -TypeName System.Management.Automation.Host.ChoiceDescription -ArgumentList $_ })
    $caption = "pexgen $($Run.Mode)"
    # The console would break the lines anywhere and has no margin; other hosts show a window of their own.
    $isConsole = $Host.Name -ceq 'ConsoleHost'
    $text = if ($isConsole) { '', '' } else { $caption, (Join-Line $Question.Shown) }
    if ($isConsole) { foreach ($line in @('', $caption) + $Question.Shown) { Show-Line $line } }
    foreach ($line in @($caption) + $Question.Whole) { Write-Log $line }
    $default = if ($NoYesToAll -or -not $Question.IsLow) { $choices.Count - 1 } else { 0 }
    $picked = $Host.UI.PromptForChoice($text[0], $text[1], $choices, $default)
    if ($picked -lt 0) { throw 'the host gave no answer' }
    $answer = @($answers.Keys)[$picked]
    Write-Log "Answer    $answer"
    $answer
}

function Get-Person {
    # As whom Exchange knows the operator, and who sat at which computer.
    $account = "$($Run.User) on $($Run.Computer)"
    if ([string] $Run.Operator -eq '' -or (Test-SameName $Run.Operator $Run.User)) { return $account }
    "$($Run.Operator) as $account"
}

function Get-AnswerRecord {
    # What the journal and the result say of a consent: given by whom and when, or not asked for.
    param([bool] $Asked, $Answer = $null)
    if (-not $Asked) { return [ordered]@{ asked = $false; answer = $null; by = $null; utc = $null } }
    [ordered]@{ asked = $true; answer = $Answer; by = Get-Person; utc = Format-Utc (Get-UtcNow) }
}

function Write-Unasked {
    # The log has what would have been asked. The screen has all of it after a Yes to All, else the advice alone.
    param([hashtable] $Question, [bool] $IsCovered)
    foreach ($line in $Question.Whole) { Write-Log $line }
    if ($IsCovered) {
        foreach ($line in @('') + $Question.Shown[0..($Question.Shown.Count - 2)]) { Show-Line $line }
        Write-Line 'Answer    Yes to All, given before'
        return
    }
    Write-Log 'Answer    not asked (-Confirm:$false)'
    foreach ($line in $Question.Advice) { Write-Line "    $line" }
}

function Test-Covered {
    # Whether a Yes to All that was given before answers this question too.
    param([bool] $NoYesToAll)
    -not $Run.Unasked -and -not $Run.WhatIf -and $null -ne $Run.YesToAll -and -not $NoYesToAll
}

function Get-Answer {
    # The answer to a question. One that nobody is asked is written down all the same.
    param([hashtable] $Question, [bool] $NoYesToAll)
    $isCovered = Test-Covered $NoYesToAll
    $answer = Get-Consent $Question -NoYesToAll $NoYesToAll
    $isUnasked = $null -ne $answer -and -not $answer.asked
    if ($isCovered -or $isUnasked) { Write-Unasked $Question -IsCovered $isCovered }
    $answer
}

function Get-Consent {
    # The one function that asks. -WhatIf and -Confirm:$false are PowerShell's own; only the latter, on this very
    # command line, leaves the question out.
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'None')]
    param([hashtable] $Question, [bool] $NoYesToAll)
    # All of it but the question itself.
    $text = Join-Line $Question.Shown[0..($Question.Shown.Count - 2)]
    if (-not $PSCmdlet.ShouldProcess($text, $text, "pexgen $($Run.Mode)")) {
        foreach ($line in $Question.Whole[0..($Question.Whole.Count - 2)]) { Write-Log "What if: $line" }
        return
    }
    if ($Run.Unasked) { return Get-AnswerRecord $false }
    if (Test-Covered $NoYesToAll) { return $Run.YesToAll }
    try { $answer = Read-Answer $Question -NoYesToAll $NoYesToAll }
    catch {
        $Run.Refusal = [ordered]@{ guard = 'consent'; message = (
                'This session cannot show a question; -Confirm:$false makes the changes without asking. ' +
                "($($_.Exception.GetBaseException().Message))") }
        return
    }
    $record = Get-AnswerRecord $true -Answer $answer
    if ($record.answer -ceq 'Yes to All') { $Run.YesToAll = $record }
    $record
}
#endregion

#region engine/13-steps
# Steps: a step against what is there. A finding has its State, its Plan (what differs, and the changes) and the
# RequestId of what Exchange refused. It goes on like this:
#
#   Invoke-Question    asks about the changes of a step
#   Invoke-Batch       reads again right before the change, announces it in the journal, reads back, says done
#   Invoke-Write       the one call that changes something; refuses without guards and consent

function Get-EmptyPlan {
    # Remaining: the state that stays when the changes are made, where that is not simply as wanted.
    param([string] $Step)
    @{
        Step = $Step; Differences = New-Object -TypeName System.Collections.ArrayList
        Changes = New-Object -TypeName System.Collections.ArrayList; Notes = @(); Remaining = ''
    }
}

function Add-Difference {
    param([hashtable] $Plan, [string] $Property, $Current, $Wanted)
    [void] $Plan.Differences.Add(
        [pscustomobject][ordered]@{ property = $Property; current = $Current; wanted = $Wanted })
}

function Test-Missing {
    # Whether the object itself is not there, so that no value of it is.
    param([hashtable] $Plan)
    [bool] $Plan['IsMissing'] -or
        @($Plan.Changes | Where-Object -FilterScript { -not $_.Before.exists }).Count -gt 0
}

function Format-Current {
    param($Difference, [bool] $IsMissing)
    if ($IsMissing -and $null -eq $Difference.current) { '(missing)' } else { Format-Value $Difference.current }
}

function Format-PropertyName {
    # A property as plan and question show it: an entry of a list says of which list it is one.
    param([string] $Step, [string] $Name)
    if ($Steps[$Step].Contains('Shown')) { & $Steps[$Step].Shown -Name $Name } else { $Name }
}

function Add-Change {
    param(
        [hashtable] $Plan, [string] $Text,
        [System.Collections.IDictionary] $Before, [System.Collections.IDictionary] $Wanted
    )
    [void] $Plan.Changes.Add(@{ Step = $Plan.Step; Text = $Text; Before = $Before; Wanted = $Wanted })
}

function Add-Creation {
    # A change that creates an object: each of its values differs.
    param([hashtable] $Plan, [string] $Text, [string] $Id, [System.Collections.IDictionary] $Wanted)
    foreach ($name in $Wanted.Keys) { Add-Difference $Plan -Property $name -Current $null -Wanted $Wanted[$name] }
    Add-Change $Plan -Text $Text -Before (Get-Absent $Id) -Wanted (Get-Present $Id $Wanted)
}

function Add-Setting {
    # A change of values of an object that is there: those that are not the same before differ.
    param(
        [hashtable] $Plan, [string] $Text, [string] $Id,
        [System.Collections.IDictionary] $Before, [System.Collections.IDictionary] $Wanted
    )
    foreach ($name in $Wanted.Keys) {
        if (Test-Same $Before[$name] $Wanted[$name]) { continue }
        $shown = Format-PropertyName $Plan.Step -Name $name
        Add-Difference $Plan -Property $shown -Current $Before[$name] -Wanted $Wanted[$name]
    }
    Add-Change $Plan -Text $Text -Before (Get-Present $Id $Before) -Wanted (Get-Present $Id $Wanted)
}

function Test-Described {
    param([string] $Step)
    -not $Steps[$Step].Contains('Described') -or $Steps[$Step].Described
}

function Test-Planned {
    # True while another step of this run is still going to make what this one needs.
    param([string] $Step)
    $Run.Planning -and $Run.Selected -ccontains $Step -and (Test-Described $Step)
}

function Get-Awaited {
    # What another step makes is not there: that step is not in this run, or Exchange does not show its work yet.
    param([string] $Step, [string] $What)
    if ($Run.Selected -ccontains $Step -and (Test-Described $Step)) {
        return Get-Stop -State 'pending' -Detail "$What was not found yet. Run Apply again when Exchange shows it."
    }
    Get-Stop -State 'blocked' -Detail "$What was not found. The step $Step creates it."
}

function Get-StoppedFinding {
    param([string] $Id, [hashtable] $Stop)
    $plan = Get-EmptyPlan $Id
    $plan.Notes = @($Stop.Detail)
    $Run.Stopped[$Id] = $true
    @{ State = $Stop.State; Plan = $plan; RequestId = $Stop.RequestId }
}

function Get-EndedFinding {
    param([string] $Id)
    Get-StoppedFinding $Id -Stop @{
        State = 'blocked'; RequestId = ''; Detail = "EWS in Exchange Online ended on $($Facts.EwsEnds)."
    }
}

function Invoke-Compare {
    # One step against what is there. A step that waits for another one that stopped is not looked at.
    param([string] $Id)
    if (-not (Test-Described $Id)) { return @{ State = 'not-asked'; Plan = Get-EmptyPlan $Id; RequestId = '' } }
    if (Test-EwsEnded $Id) { return Get-EndedFinding $Id }
    foreach ($required in $Catalogue[$Id].Requires) {
        $state = [string] $Run.States[$required]
        $stopped = 'conflict', 'unreadable', 'blocked', 'failed' -ccontains $state
        if ($stopped -or $state -ceq 'pending') {
            $mine = if ($stopped) { 'blocked' } else { 'pending' }
            return Get-StoppedFinding $Id -Stop @{ State = $mine; Detail = "Waits for the step $required."; RequestId = '' }
        }
    }
    $said = ''
    while ($true) {
        try { $plan = & $Steps[$Id].Compare; break }
        catch {
            $stop = Get-StopOf $_
            if (-not $stop -or $stop.State -eq 'refused') { throw }
            $Run.Seen.Clear()
            # What an earlier step made may be seen by one cmdlet and not yet by another.
            $late = $stop.State -eq 'pending' -and -not $Run.Planning
            if ($late -and $said -cne $stop.Detail) { Write-Line "    $($stop.Detail)" }
            $said = $stop.Detail
            if (-not $late -or -not (Wait-Moment 'Exchange to show what the earlier steps created')) {
                return Get-StoppedFinding $Id -Stop $stop
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
#endregion

#region engine/14-batches
# Batches: changes of one object are read right before, announced, sent, read back, and journalled as done.

function Wait-Change {
    # What is there when it is what was wanted, or what is there when the step's time is used up.
    param([string] $Step, [System.Collections.IDictionary] $Wanted, [bool] $Patient)
    for ($n = 0; $true; $n++) {
        $Run.Seen.Clear()
        $Run['NotFound'] = ''
        $now = Get-Now $Step -Snapshot $Wanted
        if (Test-Snapshot $now $Wanted) { return $now }
        $words = [string] $Run['NotFound']
        if ($n -eq 0 -and $Patient -and $words -ne '') { Write-Line "    Exchange answers: $words" }
        if (-not $Patient -or -not (Wait-Moment 'Exchange to show the change')) { return $now }
    }
}

function Merge-Snapshot {
    param([object[]] $Snapshots)
    # A value is set once: to change one in an ordered table takes a search through all of it.
    $last = Get-Table
    foreach ($snapshot in $Snapshots) {
        foreach ($name in $snapshot.properties.Keys) { $last[$name] = $snapshot.properties[$name] }
    }
    $properties = [ordered]@{}
    foreach ($snapshot in $Snapshots) {
        foreach ($name in $snapshot.properties.Keys) {
            if (-not $properties.Contains($name)) { $properties[$name] = $last[$name] }
        }
    }
    Get-Snapshot -Exists $Snapshots[0].exists -Id $Snapshots[0].id -Properties $properties
}

function Write-Done {
    param([object[]] $Changes, [System.Collections.IDictionary] $Now)
    $name = if ($Run.Mode -eq 'Rollback') { 'undone' } else { 'done' }
    foreach ($change in $Changes) {
        $touched = Get-AlteredPart $change
        if (-not (Test-Snapshot $Now $touched)) { continue }
        if ($change['Overtaken'] -and $Run.Mode -ne 'Rollback') { Write-Overtaken $change; continue }
        # What others changed beside it meanwhile is not this run's work.
        $after = Get-SnapshotPart $change.Wanted @($change.Wanted.properties.Keys)
        $after.exists = $Now.exists
        $after.id = $Now.id
        foreach ($one in 'guid', 'created') { if ($Now.Contains($one)) { $after[$one] = $Now[$one] } }
        foreach ($one in $touched.properties.Keys) { $after.properties[$one] = $Now.properties[$one] }
        Write-JournalEvent $name -Change $change -After $after
        $Run.Done[$change.Step] = $true
    }
}

function Read-Before {
    # Right before the change: the object, if it is still as it was compared; $null if it is as wanted already. One "not
    # found" about what was just seen proves nothing: it has to come twice before an object counts as removed. Rollback
    # never says that it took back what others took back.
    param([object[]] $Changes)
    $step = $Changes[0].Step
    $before = Merge-Snapshot @($Changes | ForEach-Object -Process { $_.Before })
    $goal = Merge-Snapshot @($Changes | ForEach-Object -Process { Get-AlteredPart $_ })
    $isBack = $Run.Mode -eq 'Rollback'
    for ($n = 0; $true; $n++) {
        $Run.Seen.Clear()
        $now = Get-Now $step -Snapshot (Merge-Snapshot @($goal, $before))
        $missing = $before.exists -and -not $now.exists
        $isThere = -not $missing -and (Test-Snapshot $now $goal)
        if ($isThere -and -not $isBack) { return $null }
        if ($missing -and -not $goal.exists -and -not $isBack -and $n -gt 0) { return $null }
        if ((-not $missing -and -not $isThere) -or -not (Wait-Moment 'Exchange to find it again')) { break }
    }
    if ($isThere) {
        throw (Get-Stop -State 'gone' -Detail (
                "$($Changes[0].Text): it already has that value, and this run did not set it."))
    }
    if ($missing) {
        throw (Get-Stop -State (Get-MissingState) -Detail (
                "$($Changes[0].Text): Exchange does not find it at the moment. Run the same command again later."))
    }
    $added = @($now.properties.Keys |
            Where-Object -FilterScript { $now.exists -and -not $before.properties.Contains($_) })
    if ($added.Count -gt 0 -or -not (Test-Snapshot $now $before)) {
        throw (Get-Stop -State 'conflict' -Detail (
                "$($Changes[0].Text): somebody else changed this after it was compared. Run $($Run.Mode) again with -WhatIf."))
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
    $sent = New-Object -TypeName System.Collections.ArrayList
    $stop = $null
    $pace = Get-Pace $Changes.Count -What 'changes sent' -Sends $true
    foreach ($change in $Changes) {
        try {
            if ($Changes.Count -le $MostShown) { Write-Line "    > $($change.Text)" } else { Write-Log "    > $($change.Text)" }
            if ($Run.Mode -ne 'Rollback') { Write-JournalEvent 'intent' -Change $change }
            Invoke-Write -Change $change -Now $now
            [void] $sent.Add($change)
            Write-Pace $pace
        } catch { $stop = $_; break }
    }
    if ($sent.Count -gt 0) {
        $goal = Merge-Snapshot @($sent | ForEach-Object -Process { Get-AlteredPart $_ })
        try { $now = Wait-Change $step -Wanted $goal -Patient ($null -eq $stop) }
        catch { if ($null -eq $stop) { $stop = $_ } }
        try { Write-Done -Changes $sent -Now $now }
        catch { if ($null -eq $stop) { $stop = $_ } }
    }
    if ($null -ne $stop) { throw $stop }
    $late = @($sent | Where-Object -FilterScript { -not (Test-Snapshot $now $_.Wanted) })
    if ($late.Count -gt 0) { throw (Get-UnseenStop $late) }
}

function Get-UnseenStop {
    # Exchange refused it as existing already, and never showed it within the wait: nothing was created.
    param([object[]] $Late)
    foreach ($change in @($Late | Where-Object -FilterScript { $_['Refused'] })) {
        Write-Refused $change
        return Get-RefusedStop $change -Words (
            "Exchange did not create it, and after $($Run.WaitSeconds) s it was still not found.$($change.Answer)")
    }
    $one = $Late[0]
    $more = if ($Late.Count -gt 1) { " (and $($Late.Count - 1) more)" } else { '' }
    Get-Stop -State 'pending' -RequestId ([string] $one['RequestId']) -Detail (
        "$($one.Text)${more}: sent, but Exchange does not show it after $($Run.WaitSeconds) s. " +
        "Run the same command again later.$($one['Answer'])")
}

function Assert-ChangeCount {
    # A number that nobody expected is a mistake somewhere, and one Yes would be for all of it.
    param([System.Collections.IDictionary] $Findings)
    $max = [int] $Run.MaxChanges
    foreach ($id in @($Findings.Keys | Where-Object -FilterScript { $Findings[$_].Plan.Changes.Count -gt $max })) {
        $count = $Findings[$id].Plan.Changes.Count
        $text = "The step $id has $count changes to send, and -MaxChanges allows $max."
        if ('Apply', 'Rollback' -ccontains $Run.Mode -and -not $Run.WhatIf) {
            throw (Get-Stop -State 'refused' -Guard 'max-changes' -Detail (
                    "$text Review them with -Mode Check or -WhatIf; if they are intended, add -MaxChanges $count."))
        }
        $Findings[$id].Plan.Notes += "$text If they are intended, run it with -MaxChanges $count."
    }
}

function Invoke-Plan {
    # Entries of one list are one batch, so that a group of thousands is read twice and not once for each; an entry that
    # goes there and back begins a new one.
    param([string] $Id, [hashtable] $Plan)
    $batch = New-Object -TypeName System.Collections.ArrayList
    $names = Get-Table
    foreach ($change in $Plan.Changes) {
        $its = @($change.Wanted.properties.Keys)
        $isSame = $batch.Count -gt 0 -and $Steps[$Id]['Together'] -and $change.Wanted.id -ceq $batch[0].Wanted.id
        foreach ($name in $its) { if ($names.ContainsKey($name)) { $isSame = $false } }
        if ($batch.Count -gt 0 -and -not $isSame) {
            Invoke-Batch -Changes $batch.ToArray()
            $batch.Clear()
            $names.Clear()
        }
        [void] $batch.Add($change)
        foreach ($name in $its) { $names[$name] = $true }
    }
    if ($batch.Count -gt 0) { Invoke-Batch -Changes $batch.ToArray() }
}
#endregion

#region engine/15-writing
# Writing: the one call that changes something, and what an error of it means.

function Test-Refusal {
    # Whether Exchange said no. After a time-out or an outage the write can have been done all the same: it stays
    # announced in the journal, and Rollback looks for it.
    param($ErrorRecord)
    $name = Get-ErrorName $ErrorRecord
    $isSure = $name -ne '' -and
        $name -cnotmatch ('Transient|Time|Cancel|Http|Web|Socket|IO|Remot|Transport|Connect|Server|Service|' +
            'ADOperation|Overload|Suitab')
    $isSure -or (Get-ErrorClass $ErrorRecord) -ceq 'exists'
}

function Get-AlteredPart {
    # The part of what is wanted that this change alters. What it leaves alone may be changed by others meanwhile.
    param([hashtable] $Change)
    if (-not $Change.Before.exists -or -not $Change.Wanted.exists) { return $Change.Wanted }
    $before = $Change.Before.properties
    $wanted = $Change.Wanted.properties
    $names = foreach ($name in $wanted.Keys) {
        if (-not (Test-SameProperty -Name $name -Left $before[$name] -Right $wanted[$name])) { $name }
    }
    Get-SnapshotPart $Change.Wanted @($names)
}

function Invoke-Write {
    # The only place that calls a step's Change. It refuses before all guards have passed and without this step's consent.
    param([hashtable] $Change, [System.Collections.IDictionary] $Now)
    if (-not $Run.GuardsPassed -or -not $Run.Consent.ContainsKey($Change.Step)) {
        throw "A write of $($Change.Step) without consent."
    }
    for ($tries = 1; $true; $tries++) {
        $Run.Writes++
        $Run.Seen.Clear()
        $wasMade = $Run.Made.Contains($Change.Step)
        if (-not $Change.Before.exists) { $Run.Made[$Change.Step] = $true }
        $writer, $timer = $Steps[$Change.Step].Change, [System.Diagnostics.Stopwatch]::StartNew()
        try {
            try { $null = & $Steps[$Change.Step].Change -Change $Change -Now $Now; return }
            finally { Write-CallTime $writer -Subject $Change.Text -Timer $timer }
        } catch {
            if (Get-StopOf $_) {
                # Its own last look stopped it: nothing was sent.
                $Run.Writes--
                if (-not $wasMade) { $Run.Made.Remove($Change.Step) }
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
    $isRefused = Test-Refusal $Failure
    try { $seen = Get-Now $Change.Step -Snapshot $Change.Wanted } catch { $seen = $null }
    # What Exchange did not find to remove was not removed by this call, however often it is not found.
    $isMissed = $Run.Mode -eq 'Rollback' -and $class -eq 'absent' -and -not $Change.Wanted.exists
    if ($null -eq $seen) { $class = 'other' }
    elseif (-not $isMissed -and (Test-Snapshot $seen (Get-AlteredPart $Change))) {
        # "Not found" may be about what this very call has made, on a server that does not know it yet.
        $Change['Overtaken'] = $isRefused -and $class -cne 'absent'
        return $true
    }
    # What needs nothing that other steps make has nothing to wait for: what is not found was described wrongly.
    $isAlone = $Steps[$Change.Step].Contains('Alone') -and -not $Change.Before.exists
    if ($isAlone -and ($class -eq 'absent' -or ($null -ne $seen -and -not $seen.exists))) { $class = 'other' }
    $adds = -not $Change.Before.exists -or $Steps[$Change.Step]['Together']
    if ($class -eq 'exists' -and -not $Change.Before.exists -and $seen.exists) {
        Write-Refused $Change
        throw (Get-Stop -State 'conflict' -Detail (
                "$($Change.Text): somebody else created it in the meantime, with other values. Run Check again."))
    }
    $Change.Answer = " Exchange had answered: $(Get-ErrorText $Failure)"
    $Change.RequestId = Get-RequestId $Failure
    # Whoever waits for what Exchange said no to knows its words from the beginning.
    if ($class -cne 'other' -and $Tries -eq 1) { Write-Line "    Exchange answered: $(Get-ErrorText $Failure)" }
    if ($class -eq 'exists' -and $adds) {
        Assert-NotTaken $Change -Failure $Failure
        $Change['Overtaken'] = $true
        return $true
    }
    # Where this run made nothing of it and the object is there, it is hardly late: something else in the call is gone.
    $isLate = $class -eq 'absent' -and ((Test-New $Change.Step) -or -not $seen.exists -or $Tries -le 5)
    if ($isLate) { return Wait-Late $Change }
    if ($isRefused -and $null -ne $seen -and (Test-Snapshot $seen $Change.Before)) { Write-Refused $Change }
    throw (Get-RefusedStop $Change -Words (Get-ErrorText $Failure))
}

function Wait-Late {
    # $false, so that it is sent again after a pause, until the time of the step is used up.
    param([hashtable] $Change)
    if (Wait-Moment 'Exchange to find what was created') { return $false }
    throw (Get-Stop -State (Get-MissingState) -Detail (
            "$($Change.Text): Exchange does not find it. Run the same command again later.$($Change.Answer)"))
}

function Test-New {
    # Whether this run made something of the step, or of one that it needs.
    param([string] $Step)
    @(@($Step) + @($Catalogue[$Step].Requires) | Where-Object -FilterScript { $Run.Made.Contains($_) }).Count -gt 0
}

function Get-RefusedStop {
    param([hashtable] $Change, [string] $Words)
    $advice = $Steps[$Change.Step]['IfRefused']
    if ($advice -is [scriptblock]) { $advice = & $advice $Change }
    $detail = "$($Change.Text): $Words $advice"
    Get-Stop -State 'failed' -Detail $detail.Trim() -RequestId ([string] $Change['RequestId'])
}

function Get-OtherAddress {
    # An address in Exchange's words that the call did not ask for: something else is in the way, and no wait helps.
    param([string] $Words, [hashtable] $Change)
    $asked = @($Change.Wanted.id) + @($Change.Wanted.properties.Values)
    foreach ($found in [regex]::Matches($Words, '[^\s"''`<>(),;:|\[\]]+@[^\s"''`<>(),;:|\[\]]+')) {
        $address = $found.Value.TrimEnd([char[]] '.!?')
        $isAsked = @($asked | Where-Object -FilterScript { Test-SameName ([string] $_) $address }).Count -gt 0
        if (-not $isAsked) { return $address }
    }
}

function Assert-NotTaken {
    # "Exists already", and not seen under its name: another object in its place shows in the comparison at once, or is
    # named by Exchange. What is not seen by the end of the wait was refused as well.
    param([hashtable] $Change, $Failure)
    if ($Run.Mode -eq 'Rollback' -or $Change.Before.exists) { return }
    $words = Get-ErrorText $Failure
    $other = Get-OtherAddress $words -Change $Change
    if ($other) {
        Write-Refused $Change
        throw (Get-RefusedStop $Change -Words (
                "Exchange refused it because $other, which comes with it, belongs to another object: $words"))
    }
    $Change['Refused'] = $true
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

function Write-Overtaken {
    # Exchange refused the call, and what was wanted is there: somebody else may have done it between the last look and
    # the call. It is as wanted, and never claimed: a Rollback of this run could remove what another one made.
    param([hashtable] $Change)
    Write-Refused $Change
    Write-Line (
        '    Exchange refused it, and it is there: somebody else may have made the same change in the meantime. ' +
        'The journal does not claim it, and Rollback leaves it.')
}
#endregion

#region engine/16-waiting
# Waiting: bounded by attempts, and said with its end; what takes hours is never waited for.

# As -WaitSeconds may say.
$MostWaitSeconds = 86400
# Changes of one step that are shown one by one; of more the log has all.
$MostShown = 20

function Get-Pause {
    # The pauses of one step, in seconds. Waiting ends by their number: a clock may be changed.
    $pauses = New-Object -TypeName System.Collections.Queue
    $left = $Run.WaitSeconds
    foreach ($seconds in @(2, 3, 5, 10, 20) + @(30) * ($MostWaitSeconds / 30)) {
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
    Write-Line "    Waiting $seconds s for $What, then $left s more at most"
    Start-Sleep -Seconds $seconds
    $true
}

function Get-Pace {
    # A row of calls that takes long enough to be watched.
    param([int] $Total, [string] $What, [bool] $Sends = $false)
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    @{ Total = $Total; What = $What; Sends = $Sends; Done = 0; Said = 0.0; Watch = $watch }
}

function Write-Pace {
    # One more is done. Said every ten seconds: how many of how many, and how long the rest takes at this pace. The last
    # one is said where somebody was told to wait for it, or where it sent something.
    param([hashtable] $Pace)
    $Pace.Done++
    if ($Pace.Total -le $MostShown) { return }
    $elapsed = $Pace.Watch.Elapsed.TotalSeconds
    $isLast = $Pace.Done -eq $Pace.Total
    $isDue = if ($isLast) { $Pace.Sends -or $Pace.Said -gt 0 } else { $elapsed - $Pace.Said -ge 10 }
    if (-not $isDue) { return }
    $Pace.Said = $elapsed
    $left = [int] [Math]::Ceiling($elapsed / $Pace.Done * ($Pace.Total - $Pace.Done))
    $rest = if ($isLast) { '' }
    elseif ($left -lt 120) { ", about $left s left" }
    else { ", about $([int] [Math]::Ceiling($left / 60)) minutes left" }
    Write-Line "    $($Pace.Done) of $($Pace.Total) $($Pace.What)$rest"
}

function Get-MissingState {
    # What "not found" means of an object that a change needs: in Apply it may still appear.
    if ($Run.Mode -eq 'Rollback') { 'kept' } else { 'pending' }
}
#endregion

#region engine/20-memory
# Memory: what the journals say that these steps changed, and what of it the description could have led to.

$JournalSlack = @{ Before = [timespan]::FromMinutes(15); After = [timespan]::FromMinutes(60) }

function Get-EntryKey {
    # An object's identities, or one property of it, as a key: the tables of Windows PowerShell compare as the operator's
    # language does.
    param([string] $Id, [string] $Name = '')
    "$Id|$Name".ToLowerInvariant()
}

function Get-Entry {
    # An announced write, as far as its announcement tells.
    param([System.Collections.IDictionary] $Line)
    @{
        Before = $Line['before']; Wanted = $Line['wanted']; Done = $false; Refused = $false
        Key = [string] $Line['wanted']['id']; Id = [string] $Line['wanted']['id']; Guid = ''
        Announced = [string] $Line['utc']; Ended = [string] $Line['utc']
        # Taken back by an earlier Rollback: the whole object, or these of its properties.
        Undone = $false; Back = @{}
        # Why it cannot be a write of this description: the whole entry, or these of its properties.
        Foreign = ''; Strange = @{}
    }
}

function Get-JournalEntry {
    # Every announced write of a step, newest first, with what was read back where the run lived to read it, and what an
    # earlier Rollback took back.
    param([string] $Step)
    $entries = New-Object -TypeName System.Collections.ArrayList
    $known = @{}
    foreach ($one in $Run.Memory) {
        $open = @{}
        foreach ($line in $one.Entries) {
            if ($line['step'] -cne $Step) { continue }
            if ($line['event'] -ceq 'undone') { Close-Entry $known -Line $line; continue }
            $wanted = ConvertTo-Json -InputObject $line['wanted'] -Depth 4 -Compress
            if ($line['event'] -ceq 'intent') {
                $open[$wanted] = Get-Entry $line
                [void] $entries.Add($open[$wanted])
                Add-Known $known -Entry $open[$wanted]
            } elseif ($line['event'] -ceq 'failed') { $open[$wanted].Refused = $true }
            elseif ($line['after'] -is [System.Collections.IDictionary]) {
                Complete-Entry $open[$wanted] -Line $line
                Add-Known $known -Entry $open[$wanted]
            }
        }
    }
    foreach ($entry in $entries) { Add-Claim $Step -Entry $entry }
    $entries.Reverse()
    # Refused entries last: where another run created the object, its entry takes it back.
    , @(@($entries | Where-Object -FilterScript { -not $_.Refused }) +
        @($entries | Where-Object -FilterScript { $_.Refused }))
}

function Complete-Entry {
    param([hashtable] $Entry, [System.Collections.IDictionary] $Line)
    $after = $Line['after']
    $Entry.Wanted = $after
    $Entry.Done = $true
    $Entry.Ended = [string] $Line['utc']
    $Entry.Guid = [string] $after['guid']
    $Entry.Id = [string] $after['id']
}

function Add-Known {
    # By each identity, so that what took it back is found without a search through all.
    param([hashtable] $Known, [hashtable] $Entry)
    $names = if ($Entry.Before['exists']) { @($Entry.Wanted['properties'].Keys) } else { @('') }
    foreach ($id in @($Entry.Key, $Entry.Id | Select-Distinct)) {
        foreach ($name in $names) {
            $key = Get-EntryKey $id -Name $name
            if (-not $Known.ContainsKey($key)) { $Known[$key] = New-Object -TypeName System.Collections.ArrayList }
            [void] $Known[$key].Add($Entry)
        }
    }
}

function Close-Entry {
    # What this line says that a Rollback took back, of all that came before it.
    param([hashtable] $Known, [System.Collections.IDictionary] $Line)
    $wanted = $Line['wanted']
    $ids = @($wanted['id'], $Line['of'], $Line['before']['properties']['PrimarySmtpAddress'] |
            Where-Object -FilterScript { $_ -is [string] -and $_ -ne '' } | Select-Distinct)
    $names = if ($wanted['exists']) { @($wanted['properties'].Keys) } else { @('') }
    foreach ($id in $ids) {
        foreach ($name in $names) {
            foreach ($entry in @($Known[(Get-EntryKey $id -Name $name)] | Where-Object -FilterScript { $null -ne $_ })) {
                if ($name -ceq '') { $entry.Undone = $true; continue }
                $isBack = Test-SameProperty -Name $name -Left $wanted['properties'][$name] -Right (
                    $entry.Before['properties'][$name])
                if ($isBack) { $entry.Back[$name] = $true }
            }
        }
    }
}

function Test-Pattern {
    # Exchange would take one for many objects.
    param([string] $Text)
    $Text.IndexOfAny([char[]] '*?') -ge 0
}

function Add-Claim {
    # A journal is a memory and no order: what the description cannot have led to is left alone, and nothing of it is even
    # asked for in Exchange.
    param([string] $Step, [hashtable] $Entry)
    if (Test-Pattern "$($Entry.Key) $($Entry.Id)") { $Entry.Foreign = 'its identity is a pattern' }
    if (-not $Entry.Wanted['exists'] -or $Entry.Foreign -ne '') { return }
    if (-not $Entry.Before['exists']) {
        $Entry.Foreign = "$(& $Steps[$Step].Claim -Entry $Entry -Name '')"
        return
    }
    foreach ($name in @(Get-ChangedName $Entry)) {
        $reason = "$(& $Steps[$Step].Claim -Entry $Entry -Name $name)"
        if ($reason -ne '') { $Entry.Strange[$name] = $reason }
    }
}

function Get-ChangedName {
    # Of a list that is written whole only what became otherwise counts.
    param([hashtable] $Entry)
    @($Entry.Wanted['properties'].Keys) | Where-Object -FilterScript {
        -not (Test-SameProperty -Name $_ -Left $Entry.Before['properties'][$_] -Right (
                $Entry.Wanted['properties'][$_])) }
}

function Get-OpenName {
    # The properties of an entry that are still to be given back.
    param([hashtable] $Entry)
    @(Get-ChangedName $Entry | Where-Object -FilterScript {
            -not $Entry.Back.ContainsKey($_) -and -not $Entry.Strange.ContainsKey($_) })
}

function Test-SwitchedOn {
    # An entry of a list, a switch or a method that was off and was put on.
    param([hashtable] $Entry, [string] $Name)
    $Entry.Wanted['properties'][$Name] -eq $true -and $Entry.Wanted['properties'][$Name] -is [bool] -and
        $Entry.Before['properties'][$Name] -ne $true
}

function Get-Mismatch {
    # Why the object that stands there is not the one that this entry is about, or nothing. What was read back is known by
    # its GUID; what was only announced, because the run was killed, by the time at which it was created.
    param([hashtable] $Entry, [System.Collections.IDictionary] $Current)
    if ($Entry.Before['exists']) { return }
    $created = [string] $Current['created']
    if ($Entry.Guid -ne '' -and [string] $Current['guid'] -ne '') {
        if (Test-SameName $Entry.Guid ([string] $Current['guid'])) { return }
        return "it is another object than the one that this journal's run created; it was created at $created"
    }
    $from = ConvertFrom-Utc $Entry.Announced
    $until = ConvertFrom-Utc $Entry.Ended
    $time = ConvertFrom-Utc $created
    if ($Entry.Done -and ($null -eq $time -or $null -eq $until -or $time -le $until + $JournalSlack.After)) { return }
    if ($null -eq $time) {
        return "the journal announces it at $($Entry.Announced) and does not say that it was created, and Exchange does " +
            'not tell when it was'
    }
    if ($null -ne $from -and $time -ge $from - $JournalSlack.Before -and $time -le $from + $JournalSlack.After) { return }
    "it was created at $created, and the journal announces its creation at $($Entry.Announced)"
}
#endregion

#region engine/21-undo
# Undo: what the journals say was changed, newest first, where it is still as it was left. Said to be undone is what this
# run took back and then saw gone, or what a journal says that an earlier Rollback took back; nothing else.

function Read-UndoState {
    # One read for each object that the entries name, under whichever of its identities, with all properties they name.
    param([string] $Step, [object[]] $Entries)
    $asked = [ordered]@{}
    foreach ($entry in $Entries) {
        if ($entry.Foreign -ne '') { continue }
        if (-not $asked.Contains($entry.Id)) { $asked[$entry.Id] = Get-Present $entry.Id ([ordered]@{}) }
        $names = if ($entry.Before['exists'] -and $entry.Wanted['exists']) { @(Get-ChangedName $entry) }
        else { @($entry.Wanted['properties'].Keys) + @($entry.Before['properties'].Keys) }
        foreach ($name in $names) {
            if (-not $entry.Strange.ContainsKey($name)) { $asked[$entry.Id].properties[$name] = $null }
        }
    }
    $state = Get-Table
    foreach ($id in @($asked.Keys)) {
        $now = Get-Now $Step -Snapshot $asked[$id]
        $twin = @($state.Values | Where-Object -FilterScript { $now.exists -and $_.exists -and $_.id -ceq $now.id }) |
            Select-Object -First 1
        if ($null -ne $twin) {
            foreach ($name in @($now.properties.Keys)) { $twin.properties[$name] = $now.properties[$name] }
            $now = $twin
        }
        $state[$id] = $now
    }
    $state
}

function Get-Unseen {
    # The writes of which nothing shows: an object that is not there, or values that read as they were before. What a
    # newer entry explains, because it is about the same object and is seen itself, is none.
    param([object[]] $Entries, [hashtable] $State)
    $known = @{}
    foreach ($entry in $Entries) {
        if ($entry.Foreign -ne '' -or $entry.Refused -or -not $entry.Wanted['exists']) { continue }
        $current = $State[$entry.Id]
        if (-not $entry.Before['exists']) {
            $key = Get-EntryKey $entry.Key
            $isKnown = $known.ContainsKey($key)
            $known[$key] = $true
            if (-not $isKnown -and -not $entry.Undone -and -not $current.exists) { $entry }
            continue
        }
        $isUnseen = $false
        foreach ($name in @(Get-OpenName $entry)) {
            $key = Get-EntryKey $current.id -Name $name
            if ($known.ContainsKey($key)) { continue }
            $known[$key] = $true
            $isBefore = Test-SameProperty -Name $name -Left $current.properties[$name] -Right (
                $entry.Before['properties'][$name])
            if (-not $current.exists -or $isBefore) { $isUnseen = $true }
        }
        if ($isUnseen) { $entry }
    }
}

function Wait-UndoState {
    # What is not seen may be late, or another server may have answered: it has the step's whole time.
    param([string] $Step, [object[]] $Entries)
    $state = Read-UndoState $Step -Entries $Entries
    for ($n = 0; -not $Run.WhatIf; $n++) {
        if (@(Get-Unseen $Entries -State $state).Count -eq 0) { break }
        # Without time to wait it is asked twice all the same.
        if (-not (Wait-Moment "Exchange to show what step $Step changed") -and $n -gt 0) { break }
        $Run.Seen.Clear()
        $state = Read-UndoState $Step -Entries $Entries
    }
    $state
}

function Confirm-Found {
    # What was seen a moment ago and is not found now may be on another server: nothing is concluded from that.
    param($Found, [string] $What)
    if ($null -ne $Found) { return $Found }
    throw (Get-Stop -State 'unreadable' -Detail (
            "Exchange does not find $What at the moment. Run the same command again later."))
}

function Get-WrongRecipientReason {
    # Why what stands there is not the described recipient, or nothing.
    param([string] $Step, [System.Collections.IDictionary] $Current)
    if (-not $Steps[$Step].Contains('Kind')) { return }
    $recipient = Confirm-Found (Get-RecipientOf $Current.id) -What $Current.id
    if ((Get-Text $recipient 'RecipientTypeDetails') -cnotlike $Steps[$Step].Kind) {
        return "it is $(Format-Recipient $recipient), which the step $Step never changes"
    }
    $address = [string] $Steps[$Step]['Address']
    if ($address -ne '' -and -not (Test-SameName (Get-Text $recipient 'PrimarySmtpAddress') $address)) {
        return "it is $(Format-Recipient $recipient) and not the described $address"
    }
}

function Get-KeepReason {
    # Why something must stay although these runs made it, or nothing: each step knows what else may depend on its
    # object. What Exchange refused, and was not there when that run looked, somebody else has made since.
    param([string] $Step, $Entry, $Current)
    if ($Entry.Refused) { return 'Exchange had refused it, so it may be somebody else''s' }
    $reason = Get-Mismatch $Entry -Current $Current
    if (-not $reason) { $reason = Get-WrongRecipientReason $Step -Current $Current }
    if (-not $reason -and $Steps[$Step].Contains('Hold')) {
        $reason = & $Steps[$Step].Hold -Entry $Entry -Current $Current
    }
    $reason
}

function Assert-NoHold {
    # The question may have stood open for an hour: what an undo rests on is looked at once more, right before it. A
    # reason has to be seen twice, because one "not found" says nothing.
    param([object[]] $Changes, [System.Collections.IDictionary] $Now)
    foreach ($change in @($Changes | Where-Object -FilterScript { $_.Contains('Entry') })) {
        for ($n = 0; $true; $n++) {
            $Run.Seen.Clear()
            $stop = $null
            try { $reason = Get-KeepReason $change.Step -Entry $change.Entry -Current $Now }
            catch { $stop = $_ }
            if ($null -eq $stop -and -not $reason) { break }
            if ($n -eq 0 -and (Wait-Moment 'a second look')) { continue }
            if ($null -ne $stop) { throw $stop }
            throw (Get-Stop -State 'kept' -Detail "Kept $(Get-KeptName $change.Step -Id $Now.id): $reason.")
        }
    }
}

function Get-Label {
    # What the question names is what Exchange shows, not what a journal says.
    param([string] $Step, [string] $Id)
    if ($Steps[$Step].Contains('Label')) { return & $Steps[$Step].Label -Id $Id }
    if (-not $Steps[$Step].Contains('Kind')) { return $Id }
    Format-Recipient (Confirm-Found (Get-RecipientOf $Id) -What $Id)
}

function Get-KeptName {
    # A recipient's lasting identity says nothing to a person.
    param([string] $Step, [string] $Id)
    $name = [string] $Steps[$Step]['Address']
    if ($name -ne '' -and (Test-Guid $Id)) { "$name ($Id)" } else { $Id }
}

function Add-Kept {
    param([hashtable] $Plan, [string] $Name, [string] $Reason)
    $Plan.Notes += "Kept ${Name}: $Reason."
    $Plan.Remaining = 'kept'
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

function Write-SeenAgain {
    # A step said that something is not there, and a later look shows it: one result does not say both.
    param([string] $Step, [string] $What)
    if (-not $Run.Results.Contains($Step) -or $Run.Results[$Step].state -cne 'gone') { return }
    $Run.States[$Step] = 'kept'
    Write-StepResult $Step -State 'kept' -Notes @(
        "Exchange did not find it before and shows $What now. This run removed nothing; run it again later.")
}
#endregion

#region engine/22-give-back
# Giving back: what a Rollback plans for each entry of the journals, and what it keeps.

function Add-UndoOfCreation {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current)
    $key = "$($Plan.Step) $($Current.id)"
    if (-not $Current.exists) { return }
    $name = Get-KeptName $Plan.Step -Id $Current.id
    if ($Entry.Undone) {
        Add-Kept $Plan -Name $name -Reason (
            'an earlier Rollback removed it, and it exists again: somebody created it since, or another server still ' +
            'shows it')
        return
    }
    $wanted = Get-Present $Current.id $Entry.Wanted['properties']
    $reason = if (-not (Test-Snapshot $Current $wanted)) { 'it was changed since' }
    else { Get-KeepReason $Plan.Step -Entry $Entry -Current $Current }
    if ($reason) { Add-Kept $Plan -Name $name -Reason $reason; return }
    $label = Get-Label $Plan.Step -Id $Current.id
    Add-Difference $Plan -Property $label -Current 'there' -Wanted 'removed'
    Add-Change $Plan -Text "remove $label" -Before (
        Get-SnapshotPart $Current @($Entry.Wanted['properties'].Keys)) -Wanted (Get-Absent $Current.id)
    $Plan.Changes[-1]['Entry'] = $Entry
    $Current.exists = $false
    Add-Gone $Plan -Key $key
}

function Add-UndoOfValue {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current, [hashtable] $First)
    $back = [ordered]@{}
    foreach ($name in @(Get-ChangedName $Entry)) {
        if ($Entry.Strange.ContainsKey($name)) { continue }
        $there = $Current.properties[$name]
        $isLeft = Test-SameProperty -Name $name -Left $there -Right $Entry.Wanted['properties'][$name]
        $isBefore = Test-SameProperty -Name $name -Left $there -Right $Entry.Before['properties'][$name]
        # A member that was added and removed by these runs is where the oldest of them found it.
        $isAround = $Steps[$Plan.Step]['Together'] -and
            (Test-Same $First[(Get-EntryKey $Current.id -Name $name)] $there)
        if ($isBefore -or $isAround -or ($Entry.Refused -and -not $isLeft)) { continue }
        if ($Entry.Back.ContainsKey($name) -and -not $isLeft) { continue }
        $reason = Get-ValueHold $Entry -Current $Current -Name $name -IsLeft $isLeft
        if (-not $reason) { $reason = Get-StepHold $Plan.Step -Entry $Entry -Current $Current -Name $name }
        if (-not $reason) { $back[$name] = $Entry.Before['properties'][$name]; continue }
        Add-Kept $Plan -Name $name -Reason $reason
    }
    $Entry.Names = @($back.Keys)
    if ($back.Count -gt 0) { Add-ValueUndo $Plan -Entry $Entry -Current $Current -Back $back }
}

function Get-ValueHold {
    # Why a value that Apply changed stays as it is, or nothing.
    param([hashtable] $Entry, [System.Collections.IDictionary] $Current, [string] $Name, [bool] $IsLeft)
    if (-not $IsLeft) {
        return "it is $(Format-Value $Current.properties[$Name]) now; Apply left it at " +
            (Format-Value $Entry.Wanted['properties'][$Name])
    }
    if ($Entry.Back.ContainsKey($Name)) {
        return "an earlier Rollback restored it, and it is $(Format-Value $Current.properties[$Name]) again: somebody " +
            'set it since, or another server still shows it'
    }
}

function Get-StepHold {
    # What the step itself has against giving it back, or nothing.
    param([string] $Step, [hashtable] $Entry, [System.Collections.IDictionary] $Current, [string] $Name)
    if ($Steps[$Step].Contains('HoldEntry')) {
        $reason = & $Steps[$Step].HoldEntry -Entry $Entry -Current $Current -Name $Name
        if ($reason) { return $reason }
    }
    if ($Run.Unasked -and (Test-Widening $Step -Entry $Entry -Name $Name)) {
        return 'adding it back lets the application open that mailbox again, which needs a question. Run this again ' +
            'without -Confirm:$false'
    }
}

function Test-Widening {
    # Back among those whose mailboxes are in reach, though the description does not name them.
    param([string] $Step, [hashtable] $Entry, [string] $Name)
    $Steps[$Step].Contains('Widens') -and $Entry.Before['properties'][$Name] -eq $true -and
        (& $Steps[$Step].Widens -Name $Name)
}

function Format-ValueUndo {
    # What is done, in the words of the act. A step knows its own; of everything else a value is set.
    param([string] $Step, [string] $Label, $Back)
    $acts = @()
    $values = @()
    foreach ($name in $Back.Keys) {
        $act = if ($Steps[$Step].Contains('Act')) { & $Steps[$Step].Act -Name $name -Given $Back[$name] -Label $Label }
        if ($act) { $acts += $act; continue }
        $of = if ($values.Count -eq 0) { " of $Label" } else { '' }
        $values += "$name$of back to $(Format-Value $Back[$name])"
    }
    if ($values.Count -gt 0) { $acts += "set $($values -join ', ')" }
    $acts -join '; '
}

function Add-ValueUndo {
    param([hashtable] $Plan, $Entry, [System.Collections.IDictionary] $Current, $Back)
    $reason = Get-KeepReason $Plan.Step -Entry $Entry -Current $Current
    if ($reason) { Add-Kept $Plan -Name (@($Back.Keys) -join ', ') -Reason $reason; return }
    foreach ($name in $back.Keys) {
        $shown = Format-PropertyName $Plan.Step -Name $name
        Add-Difference $Plan -Property $shown -Current $Current.properties[$name] -Wanted $back[$name]
    }
    $text = Format-ValueUndo $Plan.Step -Label (Get-Label $Plan.Step -Id $Current.id) -Back $Back
    $wide = @($Back.Keys | Where-Object -FilterScript { Test-Widening $Plan.Step -Entry $Entry -Name $_ })
    if ($wide.Count -gt 0) {
        $text += '. This WIDENS access: the description does not name ' + ($wide -join ', ') +
            ', and the application will reach that mailbox again'
    }
    $names = @($back.Keys)
    # A list is written back whole, so all of it has to be as it was read.
    if ($Steps[$Plan.Step]['WholeList']) { $names = @($Current.properties.Keys) }
    Add-Change $Plan -Text $text -Before (
        Get-SnapshotPart $Current $names) -Wanted (Get-Present $Current.id $back)
    $Plan.Changes[-1]['Entry'] = $Entry
    if ($wide.Count -gt 0) { $Plan.Changes[-1]['Widens'] = $true }
    foreach ($name in $back.Keys) {
        $Current.properties[$name] = $back[$name]
        if ($back[$name] -eq $false) { Add-Gone $Plan -Key "$($Plan.Step) $($Current.id)|$name" }
    }
}

function Test-FirstLook {
    # The whole plan before the first question: what is late is waited for when it is its turn.
    -not $Run.Journalled -and -not $Run.WhatIf
}

function Add-NotSeen {
    # Nothing shows of a write: it may be late, or somebody took it back by hand. Before it is waited for, that is said.
    param([hashtable] $Plan, [string] $Text, [string] $Then = 'This run removed nothing. If it appears later')
    if (Test-FirstLook) {
        $Plan.Notes += "$Text It is looked for again, for up to $($Run.WaitSeconds) s, before this step's question."
        if ($Plan.Remaining -eq '') { $Plan.Remaining = 'pending' }
        return
    }
    $Plan.Notes += "$Text $Then, run Rollback again."
    if ($Plan.Remaining -eq '') { $Plan.Remaining = 'gone' }
}

function Get-SecondLook {
    # The first one was by the identity in the journal; this one is by the described address, or as the step says.
    param([string] $Step, [System.Collections.IDictionary] $Snapshot)
    if ($Steps[$Step].Contains('Again')) { return & $Steps[$Step].Again -Snapshot $Snapshot }
    if (-not $Steps[$Step].Contains('Address')) { return }
    & $Steps[$Step].Now -Snapshot (Get-Present $Steps[$Step].Address $Snapshot.properties)
}

function Add-Unseen {
    # What a second look shows is neither gone nor undone.
    param([hashtable] $Plan, [hashtable] $Entry, [System.Collections.IDictionary] $Current)
    $asked = Get-Present $Entry.Id ([ordered]@{})
    $names = if ($Entry.Before['exists']) { @(Get-OpenName $Entry) } else { @($Entry.Wanted['properties'].Keys) }
    foreach ($name in $names) { $asked.properties[$name] = $null }
    $Run.Seen.Clear()
    $again = if (Test-FirstLook) { $null } else { Get-SecondLook $Plan.Step -Snapshot $asked }
    $name = Get-KeptName $Plan.Step -Id $Entry.Id
    if (-not $Entry.Before['exists']) {
        $isThere = $null -ne $again -and $again.exists -and -not (Get-Mismatch $Entry -Current $again)
        if ($isThere) { Add-Kept $Plan -Name $name -Reason 'Exchange lists it but does not find it by its name'; return }
        $said = if ($Entry.Done) { 'was not found' } else { 'was announced and was not found' }
        Add-NotSeen $Plan "$name $said."
        return
    }
    $left = @($names | Where-Object -FilterScript {
            $null -ne $again -and $again.exists -and (Test-SameProperty -Name $_ -Left $again.properties[$_] -Right (
                    $Entry.Wanted['properties'][$_])) })
    if ($left.Count -gt 0) {
        Add-Kept $Plan -Name ($left -join ', ') -Reason "Exchange shows two answers about $name; run this again later"
        return
    }
    if (-not $Current.exists) { Add-NotSeen $Plan "$name was not found, and so nothing of: $($names -join ', ')."; return }
    Add-NotSeen $Plan "$($names -join ', ') of $name already has its value from before." -Then (
        'This run changed nothing there. If Exchange shows the value of Apply later')
}

function Add-Foreign {
    # Named, and nothing of it sent.
    param([hashtable] $Plan, [hashtable] $Entry)
    if ($Entry.Refused -or $Entry.Undone) { return }
    $id = Get-KeptName $Plan.Step -Id $Entry.Id
    if ($Entry.Foreign -ne '') { Add-Kept $Plan -Name $id -Reason $Entry.Foreign; return }
    foreach ($name in @($Entry.Strange.Keys | Get-Ordered)) {
        if ($Entry.Back.ContainsKey($name)) { continue }
        Add-Kept $Plan -Name "$name of $id" -Reason $Entry.Strange[$name]
    }
}

function Get-FirstValue {
    # How the oldest of these runs found each entry of a list.
    param([object[]] $Entries, [hashtable] $State)
    $first = @{}
    foreach ($entry in $Entries) {
        if ($entry.Foreign -ne '' -or -not $entry.Before['exists']) { continue }
        foreach ($name in @(Get-ChangedName $entry)) {
            $first[(Get-EntryKey $State[$entry.Id].id -Name $name)] = $entry.Before['properties'][$name]
        }
    }
    $first
}

function Add-Undo {
    # All entries of a step, newest first.
    param([hashtable] $Plan, [object[]] $Entries)
    $state = Wait-UndoState $Plan.Step -Entries $Entries
    $first = Get-FirstValue $Entries -State $state
    foreach ($entry in @(Get-Unseen $Entries -State $state)) { Add-Unseen $Plan -Entry $entry -Current $state[$entry.Id] }
    foreach ($entry in $Entries) {
        Add-Foreign $Plan -Entry $entry
        if ($entry.Foreign -ne '') { continue }
        $current = $state[$entry.Id]
        if (-not $entry.Before['exists']) { Add-UndoOfCreation $Plan -Entry $entry -Current $current; continue }
        if (-not $current.exists) { continue }
        # What is foreign stays out of what is given back.
        if ($entry.Strange.Count -lt @(Get-ChangedName $entry).Count) {
            Add-UndoOfValue $Plan -Entry $entry -Current $current -First $first
        }
    }
}

function Get-UndoFinding {
    param([string] $Id)
    $plan = Get-EmptyPlan $Id
    try {
        $entries = Get-JournalEntry $Id
        Add-Undo $plan -Entries $entries
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        Clear-Gone $plan
        return Get-StoppedFinding $Id -Stop $stop
    }
    $isBack = @($entries | Where-Object -FilterScript { $_.Undone -or $_.Back.Count -gt 0 }).Count -gt 0
    $result = if ($plan.Changes.Count -gt 0) { 'different' }
    elseif ($plan.Remaining -ne '') { $plan.Remaining }
    elseif ($isBack) { 'undone' }
    else { 'in-place' }
    if ($result -ceq 'in-place') { $plan.Notes += 'There is nothing to undo in this step.' }
    @{ State = $result; Plan = $plan; RequestId = '' }
}
#endregion

#region engine/25-exchange
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
    # Exchange Online says so with the class of what is not found, too: of group members, for one.
    if ($message -cmatch '\bEx9E65A2\b|matches multiple entries') { return 'ambiguous' }
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
    if ($parts.Count -eq 3 -and $parts[1] -cmatch '^\w+(\.\w+)+$') { $text = "$($parts[2]) [$($parts[1])]" }
    $text.Trim()
}

function Test-TransientError {
    # What the same call may answer a moment later: a failure of the service (500, 502), a connection that broke, a
    # time-out. Not what was refused: without a right (401, 403), for too many calls (429), without a session.
    param($ErrorRecord)
    $anyCase = [System.Text.RegularExpressions.RegexOptions] 'IgnoreCase, CultureInvariant'
    $refused = '\b(401|403|429)\b|unauthori[sz]ed|forbidden|access is denied|too many requests|load quota|' +
        'no active connection|no longer there'
    if ([regex]::IsMatch([string] $ErrorRecord.Exception.Message, $refused, $anyCase)) { return $false }
    # Exchange's own refusals name a class; a failure on the way to it names none, or that of the connection.
    (Get-ErrorName $ErrorRecord) -cmatch '^$|Transient|Time|Cancel|Http|^Web|Socket|^IO|Transport|Remoting'
}

function Get-CallName {
    # The cmdlets that a read calls; of a step's change, which is named, those that write.
    param($Code)
    $isRead = $Code -is [scriptblock]
    $tree = if ($isRead) { $Code.Ast } else { (Microsoft.PowerShell.Core\Get-Command -Name $Code).ScriptBlock.Ast }
    $names = @($tree.FindAll({ param($Node) $Node -is [System.Management.Automation.Language.CommandAst] }, $true) |
            ForEach-Object -Process { [string] $_.GetCommandName() } | Select-Distinct |
            Where-Object -FilterScript {
                # What this run does not need may not be there.
                $module = Get-Text (Microsoft.PowerShell.Core\Get-Command -Name $_ -ErrorAction Ignore |
                        Select-Object -First 1) 'ModuleName'
                $module -ne '' -and $module -cnotlike 'Microsoft.PowerShell.*' -and
                    ($isRead -or $_ -cnotmatch '^(Get|Test)-') })
    $names -join ' or '
}

function Write-CallTime {
    # With -Verbose each remote call is named, with what it was about and how long it took.
    param($Code, [string] $Subject, $Timer)
    if ('SilentlyContinue', 'Ignore' -contains $VerbosePreference) { return }
    $line = Format-Visible "$(Get-CallName $Code): $Subject, $($Timer.ElapsedMilliseconds) ms"
    Write-Verbose $line
    Write-Log "VERBOSE: $line"
}

function Invoke-WithRetry {
    # What the call answers; after a hiccup asked for three times more, which is said each time.
    param([scriptblock] $Call, [string] $Subject)
    foreach ($retryAfter in 2, 5, 10, 0) {
        $timer = [System.Diagnostics.Stopwatch]::StartNew()
        try {
            try { return @(& $Call) }
            finally { Write-CallTime $Call -Subject $Subject -Timer $timer }
        } catch {
            if ($retryAfter -eq 0 -or -not (Test-TransientError $_)) { throw }
            Write-Line "    $Subject could not be read: $(Get-ErrorText $_) Trying again in $retryAfter s."
            Start-Sleep -Seconds $retryAfter
        }
    }
}

function Invoke-Read {
    # Everything that the call answered, or nothing where Exchange says that there is no such object. Any other error
    # stops the step as unreadable: what could not be looked at is never taken for absent.
    param([scriptblock] $Call, [string] $Subject, [string] $IfAbsent = '')
    try { Invoke-WithRetry $Call -Subject $Subject | Where-Object -FilterScript { $null -ne $_ } }
    catch {
        if (Get-StopOf $_) { throw }
        $class = Get-ErrorClass $_
        if ($class -eq 'absent') { $Run['NotFound'] = Get-ErrorText $_ }
        if ($class -eq 'absent' -and $IfAbsent -eq '') { return }
        throw (Get-UnreadStop $_ -Class $class -Subject $Subject -IfAbsent $IfAbsent)
    }
}

function Get-UnreadStop {
    param($ErrorRecord, [string] $Class, [string] $Subject, [string] $IfAbsent)
    $state, $problem = switch ($Class) {
        'absent' { $IfAbsent, 'cannot be seen' }
        'ambiguous' { 'conflict', 'is not one object' }
        default { 'unreadable', 'could not be read' }
    }
    Get-Stop -State $state -Detail "$Subject ${problem}: $(Get-ErrorText $ErrorRecord)" -RequestId (
        Get-RequestId $ErrorRecord)
}

function Get-MissingPartState {
    # What "not found" means of a part of an object that is there: in Apply it may still appear.
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

function Format-Some {
    # The first of these, and how many more there are; a list of thousands is nothing to read on a screen.
    param([object[]] $Items, [int] $Most, [scriptblock] $Name)
    $more = if ($Items.Count -gt $Most) { " and $($Items.Count - $Most) more" } else { '' }
    "$(@($Items | Select-Object -First $Most | ForEach-Object -Process $Name) -join ', ')$more"
}

function Test-Synchronized {
    # Such an object is mastered on-premises: Exchange Online refuses to change it.
    param($InputObject)
    (Test-Same (Get-Property $InputObject 'IsDirSynced') $true) -and
        -not (Test-Same (Get-Property $InputObject 'IsExchangeCloudManaged') $true)
}
#endregion

#region engine/40-guards
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
    $Text -cmatch '^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\z' -and $Text -ne [string] [guid]::Empty
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
        if ($parameter.Name.VariablePath.UserPath -ne $Name) { continue }
        $rendered = ConvertFrom-Rendered (Get-Constant $parameter.DefaultValue)
        return , $rendered
    }
}

function Get-Constant {
    # The value of a literal in a syntax tree. PowerShell takes no value from a long list as a whole, but from each of
    # its entries.
    param($Ast)
    if ($Ast -isnot [System.Management.Automation.Language.ArrayExpressionAst]) { return , $Ast.SafeGetValue() }
    $entries = New-Object -TypeName System.Collections.ArrayList
    foreach ($statement in $Ast.SubExpression.Statements) {
        $list = $statement.PipelineElements[0].Expression
        $isList = $list -is [System.Management.Automation.Language.ArrayLiteralAst]
        foreach ($element in @(if ($isList) { $list.Elements } else { $list })) {
            [void] $entries.Add($element.SafeGetValue())
        }
    }
    , $entries.ToArray()
}

function ConvertTo-Canonical {
    # One text for equal values, and the same in every PowerShell. A table has its keys in no order, and finds them in
    # any case; lengths keep texts apart.
    param($InputObject)
    if ($InputObject -is [System.Collections.IDictionary]) {
        $pairs = @(foreach ($key in @($InputObject.Keys | Get-Ordered -By { ([string] $_).ToLowerInvariant() })) {
                "$(ConvertTo-Canonical ([string] $key).ToLowerInvariant()):$(ConvertTo-Canonical $InputObject[$key])"
            })
        return "{$($pairs -join ',')}"
    }
    if ($InputObject -is [array]) {
        # A list can have thousands of texts: no call for each.
        $parts = @(foreach ($one in $InputObject) {
                if ($one -is [string]) { "$($one.Length):$one" } else { ConvertTo-Canonical $one }
            })
        return "[$($parts -join ',')]"
    }
    if ($InputObject -is [string]) { return "$($InputObject.Length):$InputObject" }
    if ($null -eq $InputObject) { return 'null' }
    ([string] $InputObject).ToLowerInvariant()
}

function Get-Override {
    param($Bound, $ScriptBlock)
    foreach ($name in @($Value.Keys | Get-Ordered)) {
        if (-not $Bound.ContainsKey($name)) { continue }
        $rendered = Get-RenderedDefault -ScriptBlock $ScriptBlock -Name $name
        $used = $Value[$name]
        $same = [string]::Equals((ConvertTo-Canonical $rendered), (ConvertTo-Canonical $used), 'Ordinal')
        if (-not $same) { [ordered]@{ parameter = $name; rendered = $rendered; used = $used } }
    }
}

function Assert-RunParameter {
    Assert-Sane ('Check', 'Apply', 'Verify', 'Rollback' -ccontains $Run.Mode) (
        '-Mode must be Check, Apply, Verify or Rollback.')
    foreach ($id in $Run.Step) {
        Assert-Sane ($Steps.Contains($id)) (
            "-Step '$id' is not a step of this runbook. Its steps are: $(@($Steps.Keys) -join ', ').")
    }
    $isDigest = $Run.ApprovedPlan -eq '' -or $Run.ApprovedPlan -cmatch '^[0-9a-f]{64}\z'
    Assert-Sane ($isDigest -and ($Run.ApprovedPlan -eq '' -or $Run.Mode -ceq 'Apply')) (
        '-ApprovedPlan must be the digest that Check prints after "Plan" (64 hexadecimal digits), with -Mode Apply only.')
    Assert-Sane ($Run.WaitSeconds -ge 0 -and $Run.WaitSeconds -le $MostWaitSeconds) (
        "-WaitSeconds must be a number of seconds from 0 to $MostWaitSeconds.")
    Assert-Sane ($Run.MaxChanges -ge 1) '-MaxChanges must be 1 or more.'
    $journals = @($Run.JournalPath).Count
    Assert-Sane ($Run.Mode -ne 'Rollback' -or $journals -gt 0) (
        '-Mode Rollback needs -JournalPath: the journals of the runs to undo.')
    Assert-Sane ($Run.Mode -ne 'Apply' -or $journals -le 1) '-Mode Apply writes one journal: give -JournalPath once.'
    $reviewed = $Run.Review -ceq 'reviewed' -or $Run.AcceptUnreviewed -or $Run.Mode -cne 'Apply'
    Assert-Sane $reviewed (
        'This runbook was rendered from templates that have not been reviewed. -AcceptUnreviewed runs it anyway.')
}

function Test-EwsEnded {
    # Only the cloud's: EWS of Exchange Server stays.
    param([string] $Step)
    $Steps[$Step].Contains('CloudEws') -and (Get-UtcNow) -ge [datetime] $Facts.EwsEnds
}

function Get-EwsEndNote {
    # What is set up here works until then, by whichever method.
    if ($Run.Mode -ceq 'Rollback') { return }
    $ids = @($Run.Selected | Where-Object -FilterScript { (Test-Described $_) -and $Steps[$_].Contains('CloudEws') })
    if ($ids.Count -gt 0 -and (Get-UtcNow) -lt [datetime] $Facts.EwsEnds) {
        "EWS in Exchange Online ends on $($Facts.EwsEnds) for every application, and scheduling by EWS ends with it."
    }
}

function Assert-Date {
    $ids = @($Run.Selected)
    $ended = @($ids | Where-Object -FilterScript { (Test-Described $_) -and (Test-EwsEnded $_) })
    Assert-That ($Run.Mode -cne 'Apply' -or $ended.Count -eq 0) -Guard 'dates' -Message (
        "EWS in Exchange Online ended on $($Facts.EwsEnds), and nobody can switch it on again. " +
        "The steps $($ended -join ', ') can no longer have an effect: ask Pexip what replaces them.")
}

function Get-LimitProblem {
    # What the schema of descriptions has against a value, or nothing. An empty one stands for what was not described,
    # but not in a list or a table.
    param($InputObject, [hashtable] $Limit, [bool] $CanBeEmpty = $true)
    switch -CaseSensitive ($Limit.Kind) {
        'table' {
            foreach ($key in @($Limit['Needed'] | Where-Object -FilterScript { $_ })) {
                if ($null -eq $InputObject -or -not $InputObject.Contains($key)) { return "must have $key" }
            }
            foreach ($key in @($InputObject.Keys | Get-Ordered)) {
                if (-not $Limit['Keys'].Contains($key)) { return "'$key' is not one of its keys" }
                $problem = Get-LimitProblem $InputObject[$key] -Limit $Limit['Keys'][$key] -CanBeEmpty $false
                if ($problem) { return "$key $problem" }
            }
        }
        'list' {
            if ($Limit.Contains('Longest') -and $InputObject.Count -gt $Limit.Longest) {
                return "has more than $($Limit.Longest) entries"
            }
            foreach ($item in $InputObject) {
                $problem = Get-LimitProblem $item -Limit $Limit.Each -CanBeEmpty $false
                if ($problem) { return "$(if ($item -is [string]) { "'$item' " })$problem" }
            }
        }
        'truth' { if ($InputObject -isnot [bool]) { 'must be $true or $false' } }
        'number' {
            if ($InputObject -isnot [int] -and $InputObject -isnot [long]) { return 'must be a whole number' }
            $isOutside = $InputObject -ne 0 -and ($InputObject -lt $Limit.Least -or $InputObject -gt $Limit.Most)
            if ($isOutside) { "must be from $($Limit.Least) to $($Limit.Most)" }
        }
        default {
            $isEmpty = $InputObject -is [string] -and $InputObject -eq ''
            if (-not $isEmpty -or -not $CanBeEmpty) { Get-TextProblem $InputObject -Limit $Limit }
        }
    }
}

function Get-TextProblem {
    param($InputObject, [hashtable] $Limit)
    if ($InputObject -isnot [string]) { return 'must be a text' }
    if ($Limit.Contains('Longest') -and $InputObject.Length -gt $Limit.Longest) {
        return "is longer than $($Limit.Longest) characters"
    }
    if ($Limit.Contains('Among') -and $Limit.Among -cnotcontains $InputObject) {
        return "must be one of $($Limit.Among -join ', ')"
    }
    if ($Limit['Form'] -ceq 'Guid' -and $InputObject -ceq [string] [guid]::Empty) { return 'must be a GUID, not all 0' }
    if ($Limit.Contains('Form') -and $InputObject -cnotmatch $Forms[$Limit.Form].Pattern) { $Forms[$Limit.Form].Says }
}

function Assert-Value {
    # The description was checked when this file was rendered; an operator may have given other values since. The forms
    # of addresses and names have no * and no ?, which Exchange would read as wildcards.
    foreach ($override in $Run.Overrides) {
        $isTarget = $override.parameter.StartsWith('Target', [System.StringComparison]::Ordinal)
        Assert-Sane (-not $isTarget) (
            "-$($override.parameter) cannot be given on the command line. Render a runbook for that organization.")
        $isRead = $Limits[$override.parameter].Kind -ceq 'read'
        Assert-Sane (-not $isRead) (
            "-$($override.parameter) was read from the add-in's manifest. Render a runbook for another manifest.")
    }
    foreach ($name in @($Value.Keys | Get-Ordered)) {
        Assert-Sane ($Value[$name] -isnot [string] -or $Value[$name] -cnotmatch $HiddenLetters) (
            "-$name contains an invisible character, such as a line break.")
        $problem = Get-LimitProblem $Value[$name] -Limit $Limits[$name]
        Assert-Sane (-not $problem) "-${name}: $problem."
    }
    foreach ($id in @($Steps.Keys)) {
        foreach ($name in @($Steps[$id]['Needed'] | Where-Object -FilterScript { $_ })) {
            $given = @($Value[$name] | Where-Object -FilterScript { ([string] $_).Trim() -ne '' })
            Assert-Sane ($given.Count -gt 0) "-$name must not be empty."
        }
        if ($Steps[$id].Contains('Assert')) { & $Steps[$id].Assert }
    }
}
#endregion

#region engine/50-session.exchange-online
# The session with Exchange Online: one connection, to the described tenant.

function Get-TargetName {
    $Value.TargetOrganization
}

function Get-TenantKey {
    # What tells one tenant from another in a journal.
    param($Tenant)
    if ($Tenant -isnot [System.Collections.IDictionary]) { return '' }
    [string] $Tenant['tenantId']
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
    $command = Microsoft.PowerShell.Core\Get-Command -Name 'Get-ConnectionInformation' -ErrorAction Ignore
    Assert-That $command -Guard $guard -Message (
        "The ExchangeOnlineManagement module is not loaded, or older than $($Facts.ModuleMinimum). " +
        "Install-Module ExchangeOnlineManagement -Scope CurrentUser, then in a new window: $(Get-ConnectLine)")
    $Run.ModuleVersion = [string] $command.Version
    $known = $null -ne $command.Version -and $command.Version -ge [version] $Facts.ModuleMinimum
    Assert-That $known -Guard $guard -Message (
        "The loaded ExchangeOnlineManagement module is $($Run.ModuleVersion); " +
        "$($Facts.ModuleMinimum) or later is needed.")
    $version = $PSVersionTable.PSVersion
    $pair = $version.Major -lt 7 -or $version -ge [version] $Facts.PowerShellNewer -or
        $command.Version -lt [version] $Facts.ModuleNeedsNewer
    $graph = @(Microsoft.PowerShell.Core\Get-Module -Name 'Microsoft.Graph*' | Select-Object -First 1)
    Assert-That ($graph.Count -eq 0) -Guard $guard -Message (
        'A Microsoft.Graph module is loaded in this session too; field reports say that the two fail in one process. ' +
        "Open a new window, then: $(Get-ConnectLine)")
    Assert-That $pair -Guard $guard -Message (
        "Module $($Run.ModuleVersion) needs PowerShell $($Facts.PowerShellNewer) or later, " +
        "or Windows PowerShell 5.1; this is $version. Use one of those. Module $($Facts.ModuleLastOlder) " +
        "is a stopgap: it may fail to sign in from $($Facts.ModuleSignIn) on.")
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

function Assert-Connection {
    $guard = 'connection'
    try { $all = @(Get-ConnectionInformation -ErrorAction Stop) }
    catch {
        throw (Get-Stop -State 'refused' -Guard $guard -Detail "The connections could not be read: $(Get-ErrorText $_)")
    }
    $open = @($all | Where-Object -FilterScript { (Get-Text $_ 'State') -eq 'Connected' })
    $names = @($open | ForEach-Object -Process { "$(Get-Text $_ 'Organization') $(Get-Text $_ 'TenantID')" }) -join '; '
    Assert-That ($open.Count -gt 0) -Guard $guard -Message (
        "This session is not connected to Exchange Online. Connect first: $(Get-ConnectLine)")
    Assert-That ($open.Count -eq 1) -Guard $guard -Message (
        "This session has $($open.Count) connections ($names). Run Disconnect-ExchangeOnline, then: $(Get-ConnectLine)")
    $one = $open[0]
    Assert-That (-not (Test-Same (Get-Property $one 'IsEopSession') $true)) -Guard $guard -Message (
        'This is a Security & Compliance connection, not one to Exchange Online.')
    Assert-That ((Get-Text $one 'ModulePrefix') -eq '') -Guard $guard -Message (
        "The connection has the prefix '$(Get-Text $one 'ModulePrefix')'. Connect without -Prefix.")
    Assert-That (-not (Test-Expired $one)) -Guard $guard -Message (
        "The sign-in has expired. Run Disconnect-ExchangeOnline, then: $(Get-ConnectLine)")
    Assert-That (Test-SameName (Get-Text $one 'TenantID') $Value.TargetTenantId) -Guard $guard -Message (
        "Connected to tenant $(Get-Text $one 'TenantID'); " +
        "this runbook is for $($Value.TargetTenantId) ($($Value.TargetOrganization)).")
    $delegated = Get-Text $one 'DelegatedOrganization'
    Assert-That ($delegated -eq '' -or (Test-SameName $delegated $Value.TargetOrganization) -or
        (Test-SameName $delegated $Value.TargetTenantId)) -Guard $guard -Message (
        "The connection acts for the organization '$delegated'; this runbook is for $($Value.TargetOrganization).")
    $Run.Operator = Get-Text $one 'UserPrincipalName'
    $Run.OwnRights = $delegated -eq '' -and $Run.Operator -ne '' -and
        -not (Test-Same (Get-Property $one 'CertificateAuthentication') $true)
    $Run.ConnectionUri = Get-Text $one 'ConnectionUri'
    $Run.Tenant = [ordered]@{
        tenantId = Get-Text $one 'TenantID'; organization = $Value.TargetOrganization; delegated = $delegated -ne ''
    }
    $role = if ($delegated -ne '') { " (delegated administration of $delegated)" } else { '' }
    Write-Line "Tenant    $($Value.TargetOrganization)  $($Value.TargetTenantId)$role"
    Write-Line "Operator  $(if ($Run.Operator -ne '') { $Run.Operator } else { 'an application' })"
}

function Assert-SameConnection {
    # While a question stood open somebody may have connected elsewhere in this session. Asked without a remote call.
    $open = @(Invoke-Read -Subject 'connections of this session' -IfAbsent 'unreadable' -Call {
            Get-ConnectionInformation -ErrorAction Stop
        } | Where-Object -FilterScript { (Get-Text $_ 'State') -eq 'Connected' })
    $isSame = $open.Count -eq 1 -and (Test-SameName (Get-Text $open[0] 'TenantID') $Value.TargetTenantId) -and
        [string]::Equals((Get-Text $open[0] 'UserPrincipalName'), $Run.Operator, [System.StringComparison]::OrdinalIgnoreCase)
    if ($isSame) { return }
    throw (Get-Stop -State 'failed' -Detail (
            "This session is not connected as it was at the start; nothing more of this step was sent. $(Get-ConnectLine)"))
}

function Assert-InitialDomain {
    param($Domain, [string] $Guard)
    Assert-That (Test-Same (Get-Property $Domain 'InitialDomain') $true) -Guard $Guard -Message (
        "'$(Get-TargetName)' is not the initial domain of the connected organization.")
}

function Assert-Customized {
    param([string] $Guard)
    $organization = Invoke-WithRetry { Get-OrganizationConfig -ErrorAction Stop } -Subject 'settings of the organization'
    Assert-That (-not (Test-Same (Get-Property $organization 'IsDehydrated') $true)) -Guard $Guard -Message (
        'The organization is not customized yet (IsDehydrated), so Exchange refuses scopes and role assignments. ' +
        'Enable-OrganizationCustomization changes that permanently; ' +
        'decide, run it once, wait an hour, then come back.')
}

function Get-LackReason {
    # Why cmdlets or parameters may be missing. A session of a whole role group has hundreds of cmdlets.
    param([string] $Session)
    $roles = "Exchange hides what the signed-in operator's roles do not allow: have the roles that the plan names " +
        '(Organization Management holds them all), then connect again in a new window.'
    $module = @(Microsoft.PowerShell.Core\Get-Module -Name $Session -ErrorAction Ignore)
    $here = @($module | Select-Object -First 1 | ForEach-Object -Process { $_.ExportedCommands.Count })
    if ($Session -ne '' -and $here.Count -gt 0 -and $here[0] -lt 25) {
        return "This session has $($here[0]) cmdlets of Exchange, as after Connect-ExchangeOnline -CommandName: " +
            "in a new window $(Get-ConnectLine). If they are still missing: $roles"
    }
    "$roles A session that was opened with Connect-ExchangeOnline -CommandName has the named cmdlets alone."
}

function Get-ModuleNote {
    $isOlder = $Run.ModuleVersion -and [version] $Run.ModuleVersion -lt [version] $Facts.ModuleRecommended
    if ($isOlder) {
        "Module $($Run.ModuleVersion) may fail to sign in from $($Facts.ModuleSignIn) on: Microsoft recommends " +
        "$($Facts.ModuleRecommended) or later to everybody."
    }
}
#endregion

#region engine/51-commands
# Commands: every cmdlet and parameter that this run will use is there, and is Exchange's own.

function Get-NeededCommand {
    # What this mode and these steps will call, with the parameters that the table of each step names for it.
    $needed = @{ 'Get-AcceptedDomain' = @() }
    $needed['Get-ConnectionInformation'] = @()
    if ($Run.Mode -eq 'Apply') { $needed['Get-OrganizationConfig'] = @() }
    if (@(Get-GrantedRole).Count -gt 0) { $needed['Get-ManagementRoleAssignment'] = @() }
    $ids = @($Run.Selected)
    foreach ($id in $ids) {
        if ($Run.Mode -ne 'Rollback' -and -not (Test-Described $id)) { continue }
        if ($Run.Mode -eq 'Rollback' -and -not $Run.InJournal.Contains($id)) { continue }
        $names = @($Steps[$id].Reads)
        $mode = $Run.Mode
        if ($mode -ne 'Check' -and $Steps[$id].Contains($mode)) { $names += @($Steps[$id][$mode]) }
        foreach ($name in $names) {
            $needed[$name] = @($needed[$name]) + @($Catalogue[$id].Cmdlets[$name])
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
    $first = 'Get-AcceptedDomain'
    $session = Get-Text (
        Microsoft.PowerShell.Core\Get-Command -Name $first -ErrorAction Ignore | Select-Object -First 1) 'ModuleName'
    foreach ($name in @($needed.Keys | Get-Ordered)) {
        $command = @(Microsoft.PowerShell.Core\Get-Command -Name $name -ErrorAction Ignore) | Select-Object -First 1
        if ($null -eq $command) { $problems += "the cmdlet $name was not found"; continue }
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
                Select-Distinct -AnyCase)
        if ($lacking.Count -gt 0) { $problems += "$name has no -$($lacking -join ', -')" }
        if ($lacking -ccontains 'BypassSecurityGroupManagerCheck') {
            $problems[-1] += ' (of the role Security Group Creation and Membership)'
        }
    }
    $why = if ($problems.Count -gt 0) { Get-LackReason $session }
    Assert-That ($problems.Count -eq 0) -Guard $guard -Message "$($problems -join '; '). $why"
}
#endregion

#region engine/53-organization
# The organization: that it is the described one, and that this operator may hand out what this run hands out.

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
        if ($Run.Mode -eq 'Apply' -and $Steps[$id].Contains('Grants') -and (Test-Described $id)) { $Steps[$id].Grants }
    }
}

function Assert-Organization {
    $guard = 'organization'
    try {
        $domain = @(Invoke-WithRetry { Get-AcceptedDomain -ErrorAction Stop } -Subject 'accepted domains' |
                Where-Object -FilterScript { Test-SameName (Get-Text $_ 'DomainName') (Get-TargetName) })
        Assert-That ($domain.Count -eq 1) -Guard $guard -Message (
            "'$(Get-TargetName)' is not an accepted domain of the connected organization.")
        Assert-InitialDomain $domain[0] -Guard $guard
        if ($Run.Mode -ne 'Apply') { return }
        Assert-Customized -Guard $guard
        foreach ($role in @(Get-GrantedRole)) { Assert-DelegatingRole -Guard $guard -Role $role }
    } catch {
        if (Get-StopOf $_) { throw }
        throw (Get-Stop -State 'refused' -Guard $guard -Detail (
                "The organization could not be read: $(Get-ErrorText $_)") -RequestId (Get-RequestId $_))
    }
}

function Assert-DelegatingRole {
    param([string] $Guard, [string] $Role)
    $isKnown = $Run.OwnRights
    if ($isKnown) {
        try {
            $rows = @(Invoke-WithRetry -Subject "the operator's right to assign $Role" -Call {
                    Get-ManagementRoleAssignment -RoleAssignee (
                        $Run.Operator) -Role $Role -Delegating $true -ErrorAction Stop })
        } catch {
            # A remote session of Exchange Server may have been opened as somebody else than this window's user, and the
            # cloud shows a managed identity or a guest under another name than the connection has.
            if ((Get-ErrorClass $_) -cne 'absent') { throw }
            $isKnown = $false
        }
    }
    if (-not $isKnown) {
        $rows = @(Invoke-WithRetry -Subject "the right to assign $Role" -Call {
                Get-ManagementRoleAssignment -Role $Role -Delegating $true -ErrorAction Stop })
        Write-Line (
            'Note      This kind of session does not show whether the operator may assign the role; ' +
            'Exchange may refuse it.')
    }
    # In the cloud the Entra role alone was seen not to be enough.
    $way = 'then connect again'
    Assert-That ($isKnown -or $rows.Count -gt 0) -Guard $Guard -Message (
        "Exchange shows nobody who has a right to assign the role '$Role': Organization Management has to get one first.")
    Assert-That ($rows.Count -gt 0) -Guard $Guard -Message (
        "$($Run.Operator) has no right to assign the role '$Role'. " +
        "Add the account to the role group Organization Management, $way.")
}
#endregion

#region engine/55-paths
# Paths: where the journal and the result go, and that they can be written.

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
                "'$Path' is not a path: $($_.Exception.GetBaseException().Message)"))
    }
    Assert-That ($provider.Name -eq 'FileSystem') -Guard 'paths' -Message "'$Path' is not a path of the file system."
    $full
}

function Resolve-RunPath {
    # Before the first guard, because a refusal has a result too.
    $stamp = (Get-UtcNow).ToString("yyyyMMdd'T'HHmmss'Z'", [cultureinfo]::InvariantCulture)
    $name = if ($Value.Name -cmatch '^[A-Za-z0-9-]{1,64}\z') { $Value.Name } else { 'pexgen' }
    $journal = "$name-$stamp-$($Run.Id).journal.jsonl"
    $given = $Run.ResultPath
    $log = $Run.LogPath
    $Run.ResultPath = ''
    $Run.LogPath = ''
    $result = if ($given -ne '') { Get-FullPath $given } else { '' }
    if ($Run.Mode -eq 'Apply' -and $Run.JournalPath.Count -eq 0) { $Run.JournalPath = @($journal) }
    $Run.JournalPath = @($Run.JournalPath | ForEach-Object -Process { Get-FullPath $_ })
    Assert-Folder -Path $result -Parameter 'ResultPath'
    Assert-ResultFile $result
    $Run.ResultPath = $result
    if ($log -ne '') { Open-Log (Get-FullPath $log) }
    if ('Apply', 'Rollback' -cnotcontains $Run.Mode) { return }
    foreach ($path in $Run.JournalPath) {
        Assert-Folder $path -Parameter 'JournalPath' -Guard 'journal'
        Assert-NoLink -Path $path -Parameter 'JournalPath'
    }
    if ($given -eq '' -and -not $Run.WhatIf) {
        $beside = @($Run.JournalPath + (Get-FullPath $journal))[[Math]::Max(0, $Run.JournalPath.Count - 1)]
        $begin = $beside -creplace '\.jsonl$'
        $Run.ResultPath = "$begin.$($Run.Mode).result.json"
        # What an earlier run of this journal came to stays.
        if ([System.IO.File]::Exists($Run.ResultPath) -or (Test-Link $Run.ResultPath)) {
            $Run.ResultPath = "$begin.$($Run.Mode).$($Run.Id).result.json"
        }
    }
}

function Assert-Folder {
    # No folder is made: one that was mistyped would take the journal to where nobody looks for it.
    param([string] $Path, [string] $Parameter, [string] $Guard = 'paths')
    if ($Path -eq '') { return }
    $folder = [System.IO.Path]::GetDirectoryName($Path)
    Assert-That ([string]::IsNullOrEmpty($folder) -or [System.IO.Directory]::Exists($folder)) -Guard $Guard -Message (
        "-${Parameter}: the folder '$folder' does not exist. Create it, or name a file in an existing folder.")
}

function Test-Link {
    # Whether a path is a link, be it one to nothing. Files in a synchronized folder are marked alike and are none.
    param([string] $Path)
    if ($Path -eq '') { return $false }
    $attributes = [int] (New-Object -TypeName System.IO.FileInfo -ArgumentList $Path).Attributes
    $isMarked = $attributes -ne -1 -and ($attributes -band [int] [System.IO.FileAttributes]::ReparsePoint) -ne 0
    if (-not $isMarked) { return $false }
    $item = Get-Item -LiteralPath $Path -Force -ErrorAction Ignore
    $null -eq $item -or 'SymbolicLink', 'Junction' -ccontains (Get-Text $item 'LinkType')
}

function Assert-NoLink {
    # What somebody else planted in a folder that others write in too would lead to a file elsewhere.
    param([string] $Path, [string] $Parameter)
    Assert-That (-not (Test-Link $Path)) -Guard 'paths' -Message (
        "-${Parameter}: '$Path' is a link, and links are not followed. Name the file itself.")
}

function Assert-ResultFile {
    # Only an empty file or a result is ever replaced: not a journal, not this script, nothing of anybody's.
    param([string] $Path)
    if ($Path -eq '') { return }
    Assert-NoLink -Path $Path -Parameter 'ResultPath'
    Assert-That ($Run.JournalPath -notcontains $Path -and -not (Test-JournalFile $Path)) -Guard 'paths' -Message (
        "-ResultPath '$Path' is a journal; the result would replace it. Name another file.")
    $begin = Read-Beginning $Path -Parameter 'ResultPath'
    Assert-That ($begin -eq '' -or $begin -cmatch '^\s*\{\s*"format"\s*:\s*"pexgen\.result/') -Guard 'paths' -Message (
        "-ResultPath '$Path' exists and is not a result of a runbook. It would be overwritten; name another file.")
}

function Read-Beginning {
    # The first letters of a file; '' of one that is empty or not there.
    param([string] $Path, [string] $Parameter)
    if (-not [System.IO.File]::Exists($Path)) { return '' }
    $text = ''
    try {
        $reader = New-Object -TypeName System.IO.StreamReader -ArgumentList $Path
        try {
            for ($n = 0; $n -lt 200 -and $reader.Peek() -ge 0; $n++) { $text += [char] $reader.Read() }
            $text
        } finally { $reader.Dispose() }
    } catch {
        throw (Get-Stop -State 'refused' -Guard 'paths' -Detail (
                "-$Parameter '$Path' cannot be read: $($_.Exception.GetBaseException().Message)"))
    }
}

function Open-Log {
    # Appended to, so that the runs of one change stand in one file; a file that is no log of ours stays as it is.
    param([string] $Path)
    Assert-Folder -Path $Path -Parameter 'LogPath'
    Assert-NoLink -Path $Path -Parameter 'LogPath'
    $isTaken = $Path -eq $Run.ResultPath -or $Run.JournalPath -contains $Path
    Assert-That (-not $isTaken) -Guard 'paths' -Message "-LogPath '$Path' is the journal or the result of this run."
    try {
        $first = Read-Beginning $Path -Parameter 'LogPath'
        $isOurs = $first -eq '' -or $first -cmatch '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  pexgen '
        if ($isOurs) { $Run['Log'] = [System.IO.File]::Open($Path, 'Append', 'Write', 'Read') }
    } catch {
        throw (Get-Stop -State 'refused' -Guard 'paths' -Detail (
                "-LogPath '$Path' cannot be written: $($_.Exception.GetBaseException().Message)"))
    }
    Assert-That $isOurs -Guard 'paths' -Message (
        "-LogPath '$Path' is a file that is not a log of a runbook. Name another file.")
    $Run.LogPath = $Path
    Write-Log "pexgen log of run $($Run.Id)"
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
            $how = if ($isNew) { 'CreateNew' } else { 'Open' }
            [System.IO.File]::Open($path, $how, 'ReadWrite', 'ReadWrite').Dispose()
            if ($isNew) { [System.IO.File]::Delete($path) }
        } catch {
            # Said once: it is not tried again at the end.
            $Run.ResultPath = ''
            $which = if ($Run.Bound.ContainsKey('ResultPath')) { '-ResultPath' }
            else { 'The result beside the journal (-ResultPath names another place),' }
            throw (Get-Stop -State 'refused' -Guard 'paths' -Detail (
                    "$which '$path' cannot be written: $($_.Exception.GetBaseException().Message)"))
        }
    }
    if ('Apply', 'Rollback' -cnotcontains $Run.Mode -or $Run.WhatIf) { return }
    $journal = $Run.JournalPath[-1]
    if ($Run.Mode -eq 'Rollback') {
        @($Run.JournalPath | Select-Distinct) | Where-Object -FilterScript { $_ -cne $journal } |
            ForEach-Object -Process { Open-Journal $_ }
    }
    if ($Run.Mode -eq 'Apply' -and [System.IO.File]::Exists($journal)) {
        # What is continued is remembered: a step may need what an interrupted run still saw.
        $Run.Runs = Read-Journal $journal
        Assert-JournalOwner $Run.Runs
    }
    Open-Journal $journal
    Write-Line "Journal   $journal"
}
#endregion

#region engine/60-journal
# Journal: one line of JSON for each thing done, on disk before the change that it announces.

$JournalFormat = 'pexgen.journal/2'
# Lines of format 1 have no digest of the line before them.
$JournalFormats = @('pexgen.journal/1', $JournalFormat)
# Read whole into memory. A group of 20,000 members makes about 30 MB, its Rollback included.
$JournalLimit = 40MB

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
    $read = ConvertFrom-Json -InputObject $marked
    # A list of one comes as what is in it.
    if ($Line.TrimStart().StartsWith('{', 'Ordinal')) { ConvertTo-PlainObject $read }
}

function Test-JournalName {
    # A key of the name of one of a dictionary's own members would be answered instead of that member.
    param([System.Collections.IDictionary] $Side)
    $own = @(([ordered]@{}).PSObject.Properties | ForEach-Object -Process { $_.Name })
    foreach ($pair in $Side.GetEnumerator()) { if ($own -contains $pair.Key) { return $false } }
    $true
}

function Test-JournalSnapshot {
    param($Side)
    if ($Side -isnot [System.Collections.IDictionary] -or -not (Test-JournalName $Side) -or
        $Side['exists'] -isnot [bool] -or $Side['id'] -isnot [string] -or $Side['id'] -eq '' -or
        $Side['properties'] -isnot [System.Collections.IDictionary] -or
        -not (Test-JournalName $Side['properties'])) { return $false }
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
    if ($Entry -isnot [System.Collections.IDictionary] -or -not (Test-JournalName $Entry) -or
        'intent', 'done', 'failed', 'undone' -cnotcontains $Entry['event'] -or
        @($Steps.Keys) -cnotcontains [string] $Entry['step'] -or -not $Entry.Contains('after')) { return $false }
    $before = $Entry['before']
    $wanted = $Entry['wanted']
    if (-not (Test-JournalSnapshot $before) -or -not (Test-JournalSnapshot $wanted)) { return $false }
    if ($null -ne $Entry['after'] -and -not (Test-JournalSnapshot $Entry['after'])) { return $false }
    if ($Entry['event'] -ceq 'undone') { return $true }
    $step = $Steps[[string] $Entry['step']]
    if ($before['id'] -cne $wanted['id']) { return $false }
    if ($step.Contains('Ids') -and $wanted['id'] -cnotmatch $step.Ids) { return $false }
    $isRemoval = -not $wanted['exists']
    if ($isRemoval) { return $false }
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
        return @($step.Made | Where-Object -FilterScript { ($names -join ',') -cmatch "^(?:$_)\z" }).Count -gt 0
    }
    $names.Count -gt 0 -and @($names | Where-Object -FilterScript { $_ -cnotmatch "^(?:$($step.Set))\z" }).Count -eq 0
}

function Get-JournalRefusal {
    param([string] $Path, [int] $Line)
    Get-Stop -State 'refused' -Guard 'journal' -Detail (
        "Line $Line of journal '$Path' is not what this script writes (format $($JournalFormats -join ' or ')). " +
        'Was it edited, saved again by another program, or is it of another tool or version? Nothing was changed.')
}

function Assert-JournalFile {
    # Only an ordinary file, at the end of its links: a device or a pipe may have no end. Where files have no Unix type,
    # opening refuses everything else. What is not there is said by whoever opens it.
    param([string] $Path)
    $target = $Path
    try {
        $provider = $ExecutionContext.SessionState.InvokeProvider.Item
        $item = @($provider.Get(@($target), $true, $true))[0]
        if ($null -ne $item.PSObject.Properties['UnixStat']) {
            $end = [System.IO.File]::ResolveLinkTarget($target, $true)
            if ($null -ne $end) { $item = @($provider.Get(@($end.FullName), $true, $true))[0] }
        }
    } catch { return }
    # Not its mode as text, which PowerShell remembers of another one with the same permissions.
    $isFile = $item -is [System.IO.FileInfo] -and
        '', 'File' -ccontains (Get-Text (Get-Property $item 'UnixStat') 'ItemType')
    Assert-That $isFile -Guard 'journal' -Message (
        "Journal '$Path' is not an ordinary file, but a folder, a device or a pipe. Nothing was changed.")
    Assert-That ($item.Length -le $JournalLimit) -Guard 'journal' -Message (
        "Journal '$Path' has $($item.Length) bytes; a journal has at most $JournalLimit. Nothing was changed.")
}

function Read-JournalText {
    # As UTF-8, with or without its mark. What was saved again as something else would be continued in two encodings.
    param([string] $Path)
    Assert-JournalFile $Path
    # Of a file that is not there the length is $null, without an error.
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

function Get-LineDigest {
    # What the next line carries of this one. A line end of another system is not part of it.
    param([string] $Line)
    Get-Sha256 ([System.Text.Encoding]::UTF8.GetBytes($Line.TrimEnd([char] 13)))
}

function Read-Journal {
    # The runs of one journal, oldest first. One torn line at the end of a run is what a killed run leaves, and
    # announces nothing that was done; anything else that cannot be understood is refused: undoing by it would be
    # guessing.
    param([string] $Path)
    $runs = New-Object -TypeName System.Collections.ArrayList
    $text = Read-JournalText $Path
    $isOurs = @($JournalFormats | Where-Object -FilterScript {
            $text.StartsWith("{`"format`":`"$_`"", [System.StringComparison]::Ordinal) }).Count -gt 0
    $lines = $text.Split([char] 10)
    $torn = $false
    $before = $null
    for ($n = 0; $n -lt $lines.Count; $n++) {
        if ($lines[$n].Trim() -eq '') { continue }
        $previous = $before
        $before = Get-LineDigest $lines[$n]
        try { $entry = ConvertFrom-JournalLine $lines[$n] }
        catch {
            # A torn header is a run of its own, which did nothing.
            $isHeader = $lines[$n].StartsWith('{"format"', [System.StringComparison]::Ordinal)
            if (($torn -and -not $isHeader) -or -not $isOurs) { throw (Get-JournalRefusal $Path -Line ($n + 1)) }
            $torn = $true
            Write-Line "Note      Line $($n + 1) of '$Path' is torn, as a killed run leaves it, and is passed over."
            continue
        }
        # A letter that was saved in another encoding would be given back as something else.
        $isText = $lines[$n].IndexOf([char] 0xFFFF) -lt 0
        if (-not $isText -or -not (Add-JournalLine $runs -Entry $entry -Path $Path -IsTorn $torn)) {
            throw (Get-JournalRefusal $Path -Line ($n + 1))
        }
        $torn = $false
        Assert-JournalChain $runs -Entry $entry -Previous $previous -Line ($n + 1)
    }
    $Run.Digests[$Path] = $before
    , $runs.ToArray()
}

function Add-JournalLine {
    # A header begins a run; every other line belongs to the run above it. $false: it is no line of a journal.
    param([System.Collections.ArrayList] $Runs, $Entry, [string] $Path, [bool] $IsTorn)
    if ($Entry -isnot [System.Collections.IDictionary]) { return $false }
    if ($JournalFormats -ccontains $Entry['format']) {
        # Once lines carry digests, none comes without.
        if ($Runs.Count -gt 0 -and $Runs[-1].Header['format'] -ceq $JournalFormat -and
            $Entry['format'] -cne $JournalFormat) { return $false }
        [void] $Runs.Add(@{
                Header = $Entry; Entries = (New-Object -TypeName System.Collections.ArrayList); Path = $Path
                Announced = @{} })
        return $true
    }
    if ($IsTorn -or $Runs.Count -eq 0 -or -not (Test-JournalEvent $Entry) -or
        $Entry['run'] -cne $Runs[-1].Header['run']) { return $false }
    $key = "$($Entry['step']) $(ConvertTo-Json -InputObject $Entry['wanted'] -Depth 4 -Compress)"
    if ($Entry['event'] -ceq 'intent') { $Runs[-1].Announced[$key] = $true }
    [void] $Runs[-1].Entries.Add($Entry)
    $true
}

function Assert-JournalChain {
    # Each line knows the one before it, so that one that was edited, taken out or moved is seen; and nothing is said to
    # be done that was not announced.
    param([System.Collections.ArrayList] $Runs, $Entry, $Previous, [int] $Line)
    $path = $Runs[-1].Path
    if ($Runs[-1].Header['format'] -ceq $JournalFormat) {
        Assert-That ($Entry.Contains('prev') -and [string] $Entry['prev'] -ceq [string] $Previous) -Guard (
            'journal') -Message (
            "Line $Line of journal '$path' does not follow on the line before it: one of the two was edited, or " +
            'lines are missing or in another order. Nothing was changed.')
    }
    if ('done', 'failed' -cnotcontains $Entry['event']) { return }
    $key = "$($Entry['step']) $(ConvertTo-Json -InputObject $Entry['wanted'] -Depth 4 -Compress)"
    Assert-That $Runs[-1].Announced.ContainsKey($key) -Guard 'journal' -Message (
        "Line $Line of journal '$path' says how a change ended that no line before it announces. Nothing was changed.")
}

function Read-AllJournal {
    # The runs of all files, oldest first, as they were made: one file may have been continued after another one began.
    # A Rollback stands in each file that it was given, and files are copied: of one run the longest counts.
    $longest = [ordered]@{}
    foreach ($path in $Run.JournalPath) {
        $runs = Read-Journal $path
        Assert-That ($runs.Count -gt 0) -Guard 'journal' -Message (
            "The journal '$path' contains no run: an Apply that is refused before its first question leaves it empty.")
        foreach ($one in $runs) {
            $key = "$($one.Header['run']) $($one.Header['utc'])"
            if ($longest.Contains($key) -and $longest[$key].Entries.Count -ge $one.Entries.Count) { continue }
            $longest[$key] = $one
        }
        $Run.Runs += $runs
    }
    # The owner of each file is looked at later; what is undone comes from each run once.
    $Run.Memory = @($longest.Values)
    $Run.Memory = @($Run.Memory | Get-Ordered -By { [string] $_.Header['utc'] })
    foreach ($one in $Run.Runs) { foreach ($entry in $one.Entries) { $Run.InJournal[[string] $entry['step']] = $true } }
}

function Get-ServerName {
    # Of a connection URI the host: sessions write the rest in several ways.
    param([string] $Text)
    $uri = $null
    if ([System.Uri]::TryCreate($Text, [System.UriKind]::Absolute, [ref] $uri) -and $uri.Host -ne '') { $uri.Host }
    else { $Text }
}

function Assert-JournalOwner {
    # Undoing or continuing with a journal of another deployment or tenant could change what is not ours.
    param([object[]] $Runs)
    foreach ($one in $Runs) {
        $theirs = [ordered]@{
            deployment = $one.Header['name']; method = $one.Header['method']; platform = $one.Header['platform']
            tenant = Get-TenantKey $one.Header['tenant']
            'connection URI' = Get-ServerName ([string] $one.Header['connectionUri'])
        }
        $ours = @{
            deployment = $Value.Name; method = $Method; platform = $Platform
            tenant = Get-TenantKey $Run.Tenant
            'connection URI' = Get-ServerName $Run.ConnectionUri
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
#endregion

#region engine/61-journal-file
# The journal as a file: held by this run alone, written line by line, each line on disk before the next step.

function Open-Alone {
    # For writing by this run alone, while others may read. Where files know only advice about that, a lock far behind
    # their end keeps other runs out; where there is no such lock, readers are kept out too.
    param([string] $Path)
    $mode = if ($Run.Lengths.ContainsKey($Path)) { 'Open' } else { 'OpenOrCreate' }
    $file = [System.IO.File]::Open($Path, $mode, 'ReadWrite', 'Read')
    try { $file.Lock([long]::MaxValue - 1, 1) }
    catch {
        $file.Dispose()
        if ($_.Exception.GetBaseException() -isnot [System.PlatformNotSupportedException]) { throw }
        $file = [System.IO.File]::Open($Path, $mode, 'ReadWrite', 'None')
    }
    $file
}

function Open-Journal {
    # Held open for the whole run: two runs at once on one file would mix their memories. Rollback holds all that it was
    # given and writes into each of them, so that each remembers what was taken back of it.
    param([string] $Path)
    Assert-JournalFile $Path
    try {
        $file = Open-Alone $Path
        $Run.Held += $file
        if ($Run.Lengths.ContainsKey($Path) -and $file.Length -ne $Run.Lengths[$Path]) {
            throw 'another run has written to it after it was read.'
        }
        if ($file.Length -gt 0) {
            [void] $file.Seek(-1, 'End')
            $torn = $file.ReadByte() -ne 10
            if ($torn) { $file.WriteByte(10) }
        }
        if ($null -ne $Run.Journal) { $Run.Beside += @{ File = $Run.Journal; Path = $Run.JournalOpen } }
        $Run.Journal = $file
        $Run.JournalOpen = $Path
    } catch {
        throw (Get-Stop -State 'refused' -Guard 'journal' -Detail (
                "Journal '$Path' cannot be opened for this run alone, or not written: " +
                "$($_.Exception.GetBaseException().Message)"))
    }
}

function Write-JournalLine {
    param([System.Collections.IDictionary] $Entry, $File, [string] $Path)
    $Entry['prev'] = $Run.Digests[$Path]
    $line = ConvertTo-Json -InputObject $Entry -Depth 8 -Compress
    $bytes = (New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false).GetBytes($line + "`n")
    if ($File.Length -ne $File.Position) { throw 'another program has written to it.' }
    $File.Write($bytes, 0, $bytes.Length)
    # Before it is on disk: a line that was written and not flushed is there for the next one.
    $Run.Digests[$Path] = Get-LineDigest $line
    $File.Flush($true)
}

function Write-Journal {
    # What a line announces is not done where this fails.
    param([System.Collections.IDictionary] $Entry)
    try {
        Write-JournalLine $Entry -File $Run.Journal -Path $Run.JournalOpen
        $Run.Journalled = $true
        foreach ($other in $Run.Beside) { Write-JournalLine $Entry -File $other.File -Path $other.Path }
    } catch {
        $what = switch -CaseSensitive ([string] $Entry['event']) {
            'done' { 'after the change was made. The change stays; the same command again finds it in place.' }
            'failed' { 'after Exchange had refused the change, which was not made.' }
            'undone' { 'after the change was undone. Another Rollback will not find it.' }
            default { 'so the change was not sent.' }
        }
        throw (Get-Stop -State 'failed' -Guard 'journal' -Detail (
                "The journal could not be written ($($_.Exception.GetBaseException().Message)), $what"))
    }
}

function Write-JournalHeader {
    Write-Journal ([ordered]@{
            format = $JournalFormat; run = $Run.Id; name = $Value.Name; method = $Method; platform = $Platform
            phase = Get-Filled $Run['Phase']; bodySha256 = $Run.BodySha256
            tenant = $Run.Tenant; connectionUri = $Run.ConnectionUri
            operator = Get-Filled $Run.Operator; computer = $Run.Computer; user = $Run.User
            versions = Get-Version; changeTicket = Get-Filled $Value.ChangeTicket
            approvedPlan = Get-Filled $Run.ApprovedPlan
            differences = @(if ($Run.ApprovedPlan -ne '') { $Run.Differences })
            overrides = @($Run.Overrides); utc = Format-Utc (Get-UtcNow)
        })
}

function Write-JournalEvent {
    param([string] $Name, [hashtable] $Change, $After = $null)
    $entry = [ordered]@{
        run = $Run.Id; step = $Change.Step; event = $Name
        before = $Change.Before; wanted = $Change.Wanted; after = $After; utc = Format-Utc (Get-UtcNow)
    }
    if ($Change.Contains('Entry')) { $entry['of'] = $Change.Entry.Key }
    # Who said Yes to it, and when; a consent is there as long as the step's writes are.
    if ('intent', 'undone' -ccontains $Name) { $entry['consent'] = $Run.Consent[$Change.Step] }
    if ($Steps[$Change.Step].Contains('Advice')) {
        $entry['advice'] = Get-Filled (& $Steps[$Change.Step].Advice -Changes @($Change))
    }
    Write-Journal $entry
}
#endregion

#region engine/65-result
# Result: what stands on the screen, in the pipeline and in the result file is the same.

function Write-Opening {
    # The first lines of a run: which file this is, what it was told, and where it is written down.
    $part = ''
    if ($Run.Bound.ContainsKey('Step')) { $part += " -Step $($Run.Step -join ', ')" }
    if ($Run.WhatIf) { $part += ' -WhatIf' }
    Write-Line "pexgen runbook  $($Value.Name)  $Method on $Platform  -Mode $($Run.Mode)$part"
    $review = if ($Run.Review -ceq 'reviewed') { 'reviewed by the pexgen project, not by your organization' }
    else { 'NOT REVIEWED by anybody' }
    Write-Line "Body      SHA-256 $($Run.BodySha256). This file says of it: $review"
    if ($Value.ChangeTicket -ne '') { Write-Line "Ticket    $($Value.ChangeTicket)" }
    foreach ($override in $Run.Overrides) {
        Write-Line (
            "Override  -$($override.parameter): " +
            "the file says $(ConvertTo-Json $override.rendered -Depth 4 -Compress), " +
            "this run uses $(ConvertTo-Json $override.used -Depth 4 -Compress)")
    }
    if ($null -ne $Run.Log) { Write-Line "Log       $($Run.LogPath)" }
}

function Get-AgeNote {
    # What still runs, and is about to stop being able to.
    $version = $PSVersionTable.PSVersion
    if ($version.Major -ge 7 -and $version -lt [version] $Facts.PowerShellNewer) {
        "PowerShell $version is out of Microsoft's support: use Windows PowerShell 5.1, or PowerShell " +
        "$($Facts.PowerShellNewer) or later."
    }
    Get-ModuleNote
    Get-EwsEndNote
}

function Write-Session {
    # Where this runs, and whether somebody will be asked.
    $module = if ($Run.ModuleVersion) { ", ExchangeOnlineManagement $($Run.ModuleVersion)" } else { '' }
    Write-Line "Host      $($Run.User) on $($Run.Computer), PowerShell $($PSVersionTable.PSVersion)$module"
    foreach ($note in @(Get-AgeNote)) { Write-Line "Note      $note" }
    if ('Apply', 'Rollback' -cnotcontains $Run.Mode -or $Run.WhatIf) { return }
    Write-Line $(if ($Run.Unasked) { 'Asks      nobody: -Confirm:$false' }
        else { "Asks      before each step$(Get-StillAsked). No ends the run; what is done stays" })
}

function Get-StillAsked {
    # What Yes to All does not cover: steps of high risk, and the removal of a mailbox or group.
    # And members whom others added or took out.
    $isUndo = $Run.Mode -ceq 'Rollback'
    $ids = @($Run.Selected | Where-Object -FilterScript {
            if ($isUndo) { $Run.InJournal.Contains($_) -and $Steps[$_].Contains('Rollback') }
            else { (Test-Described $_) -and @($Steps[$_]['Apply']).Count -gt 0 } })
    $still = @($ids | Where-Object -FilterScript { $Catalogue[$_].Risk -ceq 'high' })
    $removing = @($ids | Where-Object -FilterScript { $Steps[$_].Contains('Widens') -and $Steps[$_].Apply -clike 'Remove-*' })
    if ($removing.Count -gt 0) { $still += if ($isUndo) { 'members to be added back' } else { 'members to be removed' } }
    $lost = @($ids | Where-Object -FilterScript {
            $isUndo -and (Test-LostWhenRemoved $_) -and @((Get-JournalEntry $_) | Where-Object -FilterScript {
                    -not $_.Before['exists'] -and -not $_.Refused -and -not $_.Undone }).Count -gt 0 })
    $still += @($lost | ForEach-Object -Process {
            if ($Steps[$_].Kind -clike '*Group') { 'a group to be removed' } else { 'a mailbox to be removed' }
        } | Select-Distinct)
    if ($still.Count -gt 0) { "; after Yes to All still before: $($still -join ', ')" }
}

function Write-StepResult {
    # Shown, and for the result. Said: the notes that the question right above has shown. Short: the differences, too.
    param(
        [string] $Id, [string] $State, [object[]] $Differences = @(), [string[]] $Notes = @(), [string] $RequestId = '',
        [string[]] $Said = @(), [bool] $Short = $false, [bool] $IsMissing = $false
    )
    $detail = @($Notes | Where-Object -FilterScript { $_ }) -join ' '
    $Run.Results[$Id] = [pscustomobject][ordered]@{
        id = $Id; state = $State; differences = @($Differences); detail = Get-Filled $detail
        requestId = Get-Filled $RequestId; consent = @($Run.Answers[$Id] | Where-Object -FilterScript { $_ })
    }
    $unsaid = @($Notes | Where-Object -FilterScript { $Said -cnotcontains $_ })
    if ($Short) { $Differences = @() }
    Show-StepResult $Id -State $State -Differences $Differences -Notes $unsaid -RequestId $RequestId -IsMissing $IsMissing
}

function Show-StepResult {
    param(
        [string] $Id, [string] $State, [object[]] $Differences, [string[]] $Notes, [string] $RequestId, [bool] $IsMissing
    )
    Write-Line ('{0,-21} {1,-11} {2}' -f $Id, $State, "$($Catalogue[$Id].Title) (Pexip: $($Catalogue[$Id].Pexip))")
    foreach ($difference in $Differences) {
        $current = Format-Current $difference -IsMissing $IsMissing
        Write-Line "    $($difference.property): $current -> $(Format-Value $difference.wanted)"
    }
    foreach ($proof in $Run.Proofs) {
        if ($proof.step -ceq $Id) {
            $text = '    {0,-10} {1}: {2}' -f $proof.state, $proof.target, $proof.actual
            if ($proof.actual -cne $proof.expected) { $text += "; expected $($proof.expected)" }
            Write-Line $text
        }
    }
    foreach ($note in $Notes) { if ($note) { Write-Line "    $note" } }
    if ($RequestId) { Write-Line "    Exchange's request ID: $RequestId" }
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
    if ($has['pending'] -or $has['blocked'] -or $has['kept'] -or $has['gone'] -or $has['unreadable']) { return 5 }
    0
}

function Get-Version {
    [ordered]@{ powershell = [string] $PSVersionTable.PSVersion; module = $Run.ModuleVersion }
}

function Get-Result {
    [ordered]@{
        format = 'pexgen.result/1'; name = $Value.Name; method = $Method; platform = $Platform
        mode = $Run.Mode; phase = Get-Filled $Run['Phase']; exitCode = $Run.ExitCode; bodySha256 = $Run.BodySha256
        changeTicket = Get-Filled $Value.ChangeTicket; tenant = $Run.Tenant
        planSha256 = $Run.PlanSha256; approvedPlan = Get-Filled $Run.ApprovedPlan
        connectionUri = $Run.ConnectionUri; operator = Get-Filled $Run.Operator; computer = $Run.Computer
        user = $Run.User; startedUtc = $Run.StartedUtc
        finishedUtc = Format-Utc (Get-UtcNow)
        versions = Get-Version; logPath = Get-Filled $Run.LogPath
        overrides = @($Run.Overrides); refusal = $Run.Refusal; steps = @($Run.Results.Values); proofs = @($Run.Proofs)
        notChecked = @(Get-NotChecked)
    }
}

function Get-NotChecked {
    # What this run does not look at, with how to do it by hand. It never changes the exit code.
    # A run that was refused before its steps were selected names that of all.
    $ids = if ($Run.Selected.Count -gt 0) { $Run.Selected } else { $Steps.Keys }
    foreach ($id in @($ids | Where-Object -FilterScript { Test-Described $_ })) {
        if ($Steps[$id].Contains('NotChecked')) { $Steps[$id].NotChecked }
    }
}

function Write-Result {
    if ($Run.ResultPath -eq '') { return }
    $text = ConvertTo-Json -InputObject (Get-Result) -Depth 8
    try {
        # Anew where nothing was: then no link that was planted meanwhile is followed.
        $isThere = [System.IO.File]::Exists($Run.ResultPath) -and -not (Test-Link $Run.ResultPath)
        $file = [System.IO.File]::Open($Run.ResultPath, $(if ($isThere) { 'Truncate' } else { 'CreateNew' }), 'Write')
        $bytes = (New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false).GetBytes($text + "`n")
        try { $file.Write($bytes, 0, $bytes.Length) } finally { $file.Dispose() }
        $Run.ResultWritten = $true
    } catch {
        Write-Line "The result could not be written to '$($Run.ResultPath)': $($_.Exception.GetBaseException().Message)"
    }
}

function Get-StateText {
    # Which of these states occurred, and in which steps; of many steps their number.
    param([string[]] $State)
    @(foreach ($one in $State) {
            $ids = @($Run.Results.Values | Where-Object -FilterScript { $_.state -ceq $one } |
                    ForEach-Object -Process { $_.id })
            if ($ids.Count -eq 0) { continue }
            $which = if ($ids.Count -gt 4) { "$($ids.Count) steps" } else { $ids -join ', ' }
            "$($one.Substring(0, 1).ToUpperInvariant())$($one.Substring(1)): $which."
        }) -join ' '
}

function Get-Meaning {
    # The exit code in a sentence, and the states that made it, with their steps.
    $states = switch ($Run.ExitCode) {
        2 { 'different', 'conflict', 'unreadable', 'blocked', 'pending', 'kept', 'gone' }
        { 3, 4 -contains $_ } { 'failed', 'conflict', 'unreadable', 'skipped' }
        5 { 'pending', 'blocked', 'kept', 'gone', 'unreadable' }
        6 { 'disproved', 'conflict', 'unreadable', 'blocked', 'pending' }
    }
    $isInterrupted = $Run.Refusal -and $Run.Refusal.guard -ceq 'interrupted'
    $which = if ($isInterrupted -or $null -eq $states) { '' } else { Get-StateText $states }
    @(@(Get-Outcome) + @(if ($which) { $which; 'See the lines above.' })) -join ' '
}

function Get-Unselected {
    # The steps of which the journals of a Rollback have something to take back, and that this run was not to undo.
    foreach ($id in $Catalogue.Keys) {
        if (-not $Run.InJournal.Contains($id) -or $Run.Selected -ccontains $id) { continue }
        $entries = Get-JournalEntry $id
        $open = @($entries | Where-Object -FilterScript {
                -not $_.Refused -and -not $_.Undone -and (-not $_.Before['exists'] -or @(Get-OpenName $_).Count -gt 0) })
        if ($open.Count -gt 0) { $id }
    }
}

function Get-UndoneOutcome {
    $left = @(Get-Unselected)
    if ($left.Count -eq 0) { return 'Everything that the journals name is undone.' }
    $ours = @($Run.Selected | Where-Object -FilterScript { $Run.InJournal.Contains($_) })
    $what = if ($ours.Count -gt 0) { 'The selected steps are undone.' }
    else { 'The journals name nothing of the selected steps.' }
    "$what The journals also name: $($left -join ', ')."
}

function Get-Outcome {
    switch ($Run.ExitCode) {
        2 { if ($Run.Mode -ceq 'Rollback') { 'There is something to take back; this run changed nothing.' }
            else { 'Something differs, and this run changed nothing.' } }
        3 {
            'Stopped after changes were sent to Exchange. Read the step that stopped; ' + $(
                if ($Run.Mode -eq 'Rollback') { 'run Rollback again.' }
                else { 'run Apply again, or undo it with Rollback.' })
        }
        4 {
            if ($Run.Refusal -and $Run.Refusal.guard -ceq 'interrupted') { 'Interrupted. This run changed nothing.' }
            elseif ($Run.Refusal -or 'Apply', 'Rollback' -ccontains $Run.Mode) { 'Refused. This run changed nothing.' }
            else { 'An object is not the described one, or not as described. This run changed nothing.' }
        }
        5 {
            switch ($Run.Mode) {
                'Check' { 'Not everything can be as described by this run alone.' }
                'Verify' { 'Not everything is proved.' }
                'Rollback' { 'Rollback ran to its end; not everything is undone.' }
                default { "$($Run.Mode) is not complete." }
            }
        }
        6 { 'Something is not as described.' }
        default {
            $part = ''
            if ($Run.Bound.ContainsKey('Step')) { $part = 'the selected steps' }
            $all = if ($part) { "Everything in $part" } else { 'Everything' }
            $see = if (@(Get-NotChecked).Count -gt 0) { '; see Not checked' } else { '' }
            switch ($Run.Mode) {
                'Check' { "Nothing differs$(if ($part) { " in $part" })." }
                'Apply' {
                    if ($Run.Writes -gt 0) { "$all is set as described." }
                    else { "$all was as described already; this run changed nothing." }
                }
                'Verify' { "All checks$(if ($part) { " of $part" }) passed$see." }
                'Rollback' { Get-UndoneOutcome }
            }
        }
    }
}
#endregion

#region engine/66-screen
# Screen: the one way to the person at the console, to the log, to the progress bar and into a question. What Exchange
# answers is other people's text: what in it would move the cursor, turn a line around or show nothing is shown by its
# code, so that nothing on the screen says what this script did not say.

function Format-Visible {
    # Control, format, separator and unpaired characters, and letters that show nothing, as <U+202E>. Private use shows
    # something, and so does every other pair of surrogates.
    param([string] $Text)
    $hidden = '[\uD800-\uDBFF][\uDC00-\uDFFF]|[\p{C}\p{Z}-[ \uE000-\uF8FF]]|' +
        '[\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2800\u3164\uFE00-\uFE0F\uFFA0]'
    # Most text has none, and a block is compiled anew at each call.
    if ($Text -cnotmatch $hidden) { return $Text }
    [regex]::Replace($Text, $hidden, {
            param($Found)
            if ($Found.Length -eq 1) { return '<U+{0:X4}>' -f [int] [char] $Found.Value }
            $code = [char]::ConvertToUtf32($Found.Value, 0)
            $kind = [System.Globalization.CharUnicodeInfo]::GetUnicodeCategory($Found.Value, 0)
            if ($kind -ne 'Format' -and ($code -lt 0xE0000 -or $code -gt 0xE0FFF)) { return $Found.Value }
            '<U+{0:X4}>' -f $code
        })
}

function Test-Redirected {
    # Whether what is said goes into a file or a pipe, of the process or of the call: 'x.ps1 *> log.txt'.
    if (-not $Run.ContainsKey('Redirected')) {
        $calls = @(Get-PSCallStack | Where-Object -FilterScript { $_.ScriptName -cne $PSCommandPath } |
                ForEach-Object -Process { [string] $_.Position.Text })
        $Run['Redirected'] = [Console]::IsOutputRedirected -or
            @($calls | Where-Object -FilterScript { $_ -cmatch '[*6]>' }).Count -gt 0
    }
    $Run['Redirected']
}

function Get-ScreenWidth {
    # In cells. 0 where there is no console or nobody knows how wide it is: then no line is wrapped. The last cell
    # stays free, because some consoles begin a new line after it on their own.
    if (Test-Redirected) { return 0 }
    try { $width = [int] $Host.UI.RawUI.WindowSize.Width } catch { return 0 }
    if ($width -le 0) { return 0 }
    [Math]::Max(40, [Math]::Min($width, 160)) - 1
}

function Measure-Text {
    # Letters of some scripts take two cells.
    param([string] $Text)
    if ($Text -cmatch '^[\x20-\x7E]*$') { return $Text.Length }
    try { $Host.UI.RawUI.LengthInBufferCells($Text) } catch { $Text.Length }
}

function Split-Line {
    # A line in as many as the width asks for, broken at words, under the column in which its text begins. A word that
    # is wider than the screen stays whole, so that it can still be copied.
    param([string] $Text, [int] $Width)
    if ($Width -le 0 -or (Measure-Text $Text) -le $Width) { return $Text }
    $margin = [regex]::Match($Text, '^ *').Length + 2
    $label = [regex]::Match($Text, '^ *[^ ]+(?: [^ ]+)* {2,}').Length
    if ($label -gt $margin -and $label -le [Math]::Floor($Width / 2)) { $margin = $label }
    $line = ''
    foreach ($word in [regex]::Matches($Text, ' *[^ ]+')) {
        # Right behind the label there is no better place for it.
        if ($line.Length -gt $margin -and (Measure-Text ($line + $word.Value)) -gt $Width) {
            $line
            $line = (' ' * $margin) + $word.Value.TrimStart([char] ' ')
        } else { $line += $word.Value }
    }
    $line
}

function Write-Log {
    # Into the file of -LogPath, each line whole and with its time. A log that cannot be written ends no run.
    param([string] $Text)
    $file = $Run['Log']
    if ($null -eq $file) { return }
    $line = "$(Format-Utc (Get-UtcNow))  $(Format-Visible $Text)$([Environment]::NewLine)"
    $bytes = (New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false).GetBytes($line)
    try {
        $file.Write($bytes, 0, $bytes.Length)
        $file.Flush()
    } catch {
        $Run['Log'] = $null
        Write-Line "Note      The log is not written any more: $($_.Exception.GetBaseException().Message)"
    }
}

function Show-Line {
    # A text on the screen, in lines that fit.
    param([string] $Text)
    foreach ($line in @(Split-Line (Format-Visible $Text) -Width (Get-ScreenWidth))) { Write-Host $line }
}

function Write-Line {
    # To the screen and into the log.
    param([string] $Text = '')
    Show-Line $Text
    Write-Log $Text
}

function Write-Command {
    # A command to copy: on a narrow screen broken between its parts, where PowerShell reads on behind a backtick. A
    # line that was broken anywhere else would be run in pieces.
    param([string] $Label, [string[]] $Parts)
    $width = Get-ScreenWidth
    $lines = @()
    $line = '{0,-9}' -f $Label
    foreach ($part in @($Parts | ForEach-Object -Process { Format-Visible $_ })) {
        $isFull = $width -gt 0 -and $line.Length -gt 10 -and (Measure-Text "$line $part ``") -gt $width
        if ($isFull) {
            $lines += "$line ``"
            $line = ' ' * 9
        }
        $line += " $part"
    }
    foreach ($one in @($lines) + @($line)) { Write-Host $one }
    Write-Log ('{0,-9} {1}' -f $Label, ($Parts -join ' '))
}

function Join-Line {
    # The lines of a text that PowerShell shows itself, each made visible: only this script breaks a line in it.
    param([string[]] $Lines)
    @($Lines | ForEach-Object -Process { Format-Visible $_ }) -join "`n"
}

function Show-Progress {
    param([string] $Activity, [string] $Status)
    Write-Progress -Activity (Format-Visible $Activity) -Status (Format-Visible $Status)
}

function Write-Failure {
    # An error that nobody expected, with the place where it came up.
    param($Failure)
    Write-Line "Stopped by an error that this script did not expect: $($Failure.Exception.Message)"
    foreach ($line in ([string] $Failure.ScriptStackTrace).Split([char] 10)) { Write-Line $line.TrimEnd([char] 13) }
}
#endregion

#region engine/67-ending
# The end of a run: the outcome, what is left to do, and the line with which it goes on.

function Format-Argument {
    # A value as it is typed. Five characters close a text in single quotes.
    param($InputObject)
    if ($null -eq $InputObject) { return '$null' }
    if ($InputObject -is [bool] -or $InputObject -is [switch]) { return "`$$([bool] $InputObject)".ToLowerInvariant() }
    if ($InputObject -is [int]) { return [string] $InputObject }
    if ($InputObject -is [System.Collections.IDictionary]) {
        $pairs = @($InputObject.Keys | Get-Ordered | ForEach-Object -Process {
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
    # The parts of the line with which this run goes on, with what was typed for it and the journal that it wrote.
    $given = @{}
    foreach ($name in $Run.Bound.Keys) { $given[$name] = $Run.Bound[$name] }
    if ($Run.Journalled) { $given['JournalPath'] = $Run.JournalPath }
    foreach ($name in 'ResultPath', 'LogPath') { if ($given.ContainsKey($name)) { $given[$name] = $Run[$name] } }
    foreach ($id in $Run.Results.Keys) {
        # What a step planned to leave for later says when; one that was stopped knows nothing of it.
        $isPlanned = $Run.Results[$id].state -eq 'pending' -and -not $Run.Stopped.Contains($id)
        if ($Steps[$id].Contains('GoOn')) { & $Steps[$id].GoOn $given -IsPlanned $isPlanned }
    }
    $parts = @("& $(Format-Argument $Run.ScriptPath)", "-Mode $($Run.Mode)")
    foreach ($name in @($given.Keys | Where-Object -FilterScript { $_ -ne 'Mode' } | Get-Ordered)) {
        $isSwitch = $given[$name] -is [switch]
        $parts += if ($isSwitch) { "-${name}:$(Format-Argument $given[$name])" }
        else { "-$name $(Format-Argument $given[$name])" }
    }
    $parts
}

function Get-VerifyLine {
    # The line that proves what this run made, with the values that were typed for it.
    $names = @($Run.Bound.Keys | Where-Object -FilterScript {
            $Value.ContainsKey($_) -or $_ -eq 'Step' } | Get-Ordered)
    @("& $(Format-Argument $Run.ScriptPath)", '-Mode Verify') + @($names | ForEach-Object -Process {
            if ($Run.Bound[$_] -is [switch]) { "-${_}:$(Format-Argument $Run.Bound[$_])" }
            else { "-$_ $(Format-Argument $Run.Bound[$_])" } })
}

function Write-Left {
    # What no Exchange session does for a person, and when Exchange acts on what was changed.
    # A run that was refused changed nothing, so nothing follows from it.
    if ('Apply', 'Rollback' -cnotcontains $Run.Mode -or $Run.WhatIf -or $Run.ExitCode -eq 4) { return }
    $times = @()
    foreach ($one in $Run.Results.Values) {
        $step = $Steps[$one.id]
        if ($step.Contains('ByHand')) {
            # What was created and does not show yet leaves the same to do as what does.
            $isSent = 'pending', 'unreadable' -ccontains $one.state -and $Run.Made.Contains($one.id)
            $state = if ($isSent) { 'changed' } else { $one.state }
            foreach ($line in @(& $step.ByHand -State $state)) { Write-Line "By hand   $line" }
        }
        if ($Run.Done.ContainsKey($one.id) -and $step.Contains('Takes')) { $times += "$($one.id) - $($step.Takes)" }
    }
    $begins = if ($Run.Mode -ceq 'Rollback') { 'Exchange applies the undo later' } else { 'Not in effect yet' }
    if ($times.Count -gt 0) { Write-Line "$begins. From now on it takes: $($times -join '; ')." }
}

function Test-Unfinished {
    # Whether the same run again goes on with what this one began or waits for.
    if ($Run.WhatIf -or $Run.Mode -eq 'Check') { return $false }
    # These would refuse the same line again; their message says what to do first.
    if ($Run.Refusal -and 'approval', 'max-changes' -ccontains $Run.Refusal.guard) { return $false }
    $late = @($Run.Results.Values | Where-Object -FilterScript { $_.state -eq 'pending' }).Count -gt 0
    $Run.ExitCode -eq 3 -or ($Run.ExitCode -eq 5 -and $late)
}

function Complete-Interrupted {
    # Ctrl+C ends a script without an error. What was done so far is written down and said all the same.
    $Run.Refusal = [ordered]@{ guard = 'interrupted'; message = 'The run was interrupted before its end (Ctrl+C).' }
    foreach ($id in @($Run.Selected | Where-Object -FilterScript { -not $Run.Results.Contains($_) })) {
        $sent = if ($id -ceq $Run.Current) { $Run.Writes - $Run.SentBefore } else { 0 }
        if ($sent -gt 0) {
            $has = if ($Run.Mode -cne 'Rollback') { 'the journal has each' }
            else { 'the journal has those that Exchange had shown by then. Run the same Rollback again' }
            Write-StepResult $id -State 'pending' -Notes @(
                "Interrupted after $sent writes of this step had been sent; $has.")
        } else { Write-StepResult $id -State 'blocked' -Notes @('Interrupted; nothing of this step was sent.') }
    }
    $Run.ExitCode = Get-ExitCode
    $ExecutionContext.SessionState.PSVariable.Set('global:LASTEXITCODE', $Run.ExitCode)
    Write-Result
    Write-Summary
}

function Write-Summary {
    # The last thing on the screen, whatever ended the run.
    Write-Line ''
    if ($Run.Mode -eq 'Verify') {
        Get-NotChecked | ForEach-Object -Process { Write-Line "Not checked: $_" }
        Write-Line 'What is proved is proved in Exchange only.'
    }
    if ($Run.Refusal -and $Run.Refusal.guard -ceq 'interrupted') { Write-Line $Run.Refusal.message }
    elseif ($Run.Refusal) { Write-Line "Refused by the guard '$($Run.Refusal.guard)': $($Run.Refusal.message)" }
    Write-Line "Exit code $($Run.ExitCode). $(Get-Meaning)"
    if ($Run.Mode -eq 'Check' -and $null -ne $Run.PlanSha256) {
        Write-Line "Plan      $($Run.PlanSha256)  (run Apply with -ApprovedPlan and this: another plan is refused)"
    }
    Write-Left
    if ($Run.Journalled) {
        $why = if ($Run.Mode -cne 'Rollback') { 'keep it: Rollback needs it' }
        elseif ($Run.ExitCode -eq 0 -and @(Get-Unselected).Count -eq 0) { 'for the change ticket' }
        else { 'keep it: another Rollback needs it' }
        Write-Line "Journal   $($Run.JournalPath[-1])  ($why)"
    }
    if ($Run.ResultWritten) { Write-Line "Result    $($Run.ResultPath)  (for the change ticket)" }
    if ($null -ne $Run['Log']) { Write-Line "Log       $($Run.LogPath)" }
    if (Test-Unfinished) { Write-Command 'Go on' -Parts (Get-GoOnLine) }
    elseif ($Run.Mode -ceq 'Apply' -and $Run.ExitCode -eq 0 -and $Run.Writes -gt 0) {
        Write-Command 'Next' -Parts (Get-VerifyLine)
    }
}
#endregion

#region engine/70-values
# Values: how this script looks at an answer, compares it and shows it.

# What an enumeration may be a number of.
$NumberTypes = [int], [long], [byte], [int16], [sbyte], [uint16], [uint32], [uint64]

function ConvertTo-Plain {
    # A value without what a remote session hangs on it. There an enumeration arrives as a number with its name over it:
    # [string] tells the name; "$x", -eq, switch and JSON take the number.
    param($InputObject)
    if ($InputObject -is [string]) { return [string] $InputObject }
    if ($InputObject -is [enum]) { return [string] $InputObject }
    foreach ($type in $NumberTypes) {
        if ($InputObject -isnot $type) { continue }
        $number = $InputObject.PSObject.BaseObject
        $text = [string] $InputObject
        if ($text -cne $number.ToString([cultureinfo]::InvariantCulture)) { return $text }
        return $number
    }
    $InputObject
}

function Get-Property {
    # The only place where a property of an answer is read: it may lack one, which strict mode makes an error, and its
    # values are not always what they look like.
    param($InputObject, [string] $Name)
    if ($null -eq $InputObject) { return $null }
    $property = $InputObject.PSObject.Properties[$Name]
    # Returned on purpose: of no output at all [string] would make null, and not an empty text.
    if ($null -eq $property -or $null -eq $property.Value) { return $null }
    if ($property.Value -isnot [System.Collections.IList]) { return ConvertTo-Plain $property.Value }
    foreach ($entry in $property.Value) { ConvertTo-Plain $entry }
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
    $text = if ($InputObject -is [System.Collections.IList]) {
        @(foreach ($entry in $InputObject) { [string] $entry }) -join ', '
    } else { [string] $InputObject }
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

function Get-Table {
    # A table whose keys are names or addresses. Those that the language makes compare as the operator's culture does in
    # Windows PowerShell, and are searched in one by one there.
    New-Object -TypeName System.Collections.Hashtable -ArgumentList ([System.StringComparer]::OrdinalIgnoreCase)
}

function Get-Distinct {
    # Each text once, in an order that no culture decides; case means nothing.
    param([string[]] $Texts)
    $seen = Get-Table
    foreach ($text in $Texts) { if (-not $seen.ContainsKey($text)) { $seen[$text] = $true } }
    $all = [string[]] @($seen.Keys)
    [array]::Sort($all, [System.StringComparer]::OrdinalIgnoreCase)
    $all
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

function Get-Ordered {
    # What comes down the pipeline, in ordinal order of what the block gives of each; equal ones stay as they came.
    # PowerShell's own sorting goes by the culture of the session.
    param([scriptblock] $By = { $_ })
    $all = @($input)
    $keys = [string[]] @(for ($n = 0; $n -lt $all.Count; $n++) {
            (@($all[$n] | ForEach-Object -Process $By) -join '') + [char] 0 + ('{0:D9}' -f $n)
        })
    # Sorted with a second list beside the keys, that one would stay as it was: PowerShell hands over a copy of it.
    [array]::Sort($keys, [System.StringComparer]::Ordinal)
    foreach ($key in $keys) { $all[[int] $key.Substring($key.Length - 9)] }
}

function Select-Distinct {
    # Each text that comes down the pipeline once. PowerShell's own way leaves out what only a person takes for another.
    param([switch] $AnyCase)
    $comparer = if ($AnyCase) { [System.StringComparer]::OrdinalIgnoreCase } else { [System.StringComparer]::Ordinal }
    $seen = New-Object -TypeName 'System.Collections.Generic.HashSet[string]' -ArgumentList $comparer
    foreach ($text in $input) { if ($seen.Add([string] $text)) { $text } }
}

function Get-UtcNow {
    [datetime]::UtcNow
}

function Format-Utc {
    param([datetime] $Time)
    $Time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", [System.Globalization.CultureInfo]::InvariantCulture)
}

function ConvertFrom-Utc {
    # A time as Format-Utc writes it, or $null.
    param([string] $Text)
    $time = [datetime]::MinValue
    $style = [System.Globalization.DateTimeStyles]::AdjustToUniversal -bor
        [System.Globalization.DateTimeStyles]::AssumeUniversal
    $isTime = [datetime]::TryParseExact(
        $Text, "yyyy-MM-dd'T'HH:mm:ss'Z'", [cultureinfo]::InvariantCulture, $style, [ref] $time)
    if ($isTime) { $time } else { $null }
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
    $Address.Substring(0, $Address.IndexOf([char] '@'))
}

function Get-ObjectId {
    # The identity to write with: names and addresses change, these do not. Never empty: an empty one means "all".
    param($InputObject)
    foreach ($name in 'Guid', 'ExternalDirectoryObjectId', 'ObjectId', 'DistinguishedName', 'Identity') {
        $id = Get-Text $InputObject $name
        if ($id -ne '' -and $id -ne [string] [guid]::Empty) { return $id }
    }
    throw (Get-NoIdentityStop)
}

function Get-NoIdentityStop {
    Get-Stop -State 'unreadable' -Detail 'Exchange answered with an object that has no identity'
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
    # Of: the object as Exchange shows it, where it is one that can be created: its GUID and when it was created tell it
    # from another one of the same name.
    param([string] $Id, $Properties, $Of = $null)
    if ($Id.Trim() -eq '') { throw (Get-NoIdentityStop) }
    $snapshot = Get-Snapshot -Exists $true -Id $Id -Properties $Properties
    if ($null -eq $Of) { return $snapshot }
    $guid = Get-Text $Of 'Guid'
    if ($guid -ne '' -and $guid -ne [string] [guid]::Empty) { $snapshot['guid'] = $guid }
    $created = Get-CreationTime $Of
    if ($null -ne $created) { $snapshot['created'] = Format-Utc $created }
    $snapshot
}

function Get-CreationTime {
    # Exchange answers with a time or, in some sessions, with text; both are UTC.
    param($InputObject)
    $given = Get-Property $InputObject 'WhenCreatedUTC'
    if ($given -is [datetime]) {
        if ($given.Kind -eq [System.DateTimeKind]::Local) { return $given.ToUniversalTime() }
        return $given
    }
    $time = [datetime]::MinValue
    $style = [System.Globalization.DateTimeStyles]::AdjustToUniversal -bor
        [System.Globalization.DateTimeStyles]::AssumeUniversal
    $isTime = [datetime]::TryParse([string] $given, [cultureinfo]::InvariantCulture, $style, [ref] $time)
    if ($isTime) { $time } else { $null }
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
    $part = Get-Snapshot $Snapshot.exists -Id $Snapshot.id -Properties $properties
    foreach ($name in 'guid', 'created') { if ($Snapshot.Contains($name)) { $part[$name] = $Snapshot[$name] } }
    $part
}
#endregion

#region engine/71-given
# What was given: each value in the form that the rest of this script reads.

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
#endregion

#region engine/72-letters
# Letters: above, this file has ASCII alone between its quotes, because every code page reads that alike. A letter
# beyond it is written there as \uXXXX, and this is the one place that gives it back.

function ConvertFrom-Escape {
    param([string] $Text)
    $parts = @($Text -csplit '\\u([0-9A-F]{4})')
    for ($at = 1; $at -lt $parts.Count; $at += 2) {
        $parts[$at] = [string] [char] [System.Convert]::ToInt32($parts[$at], 16)
    }
    -join $parts
}

function ConvertFrom-Rendered {
    # Of a default of this file; what an operator typed has no escapes.
    param($InputObject)
    if ($InputObject -is [string]) {
        if ($InputObject.Contains('\u')) { return ConvertFrom-Escape $InputObject }
        return $InputObject
    }
    if ($InputObject -is [System.Collections.IDictionary]) {
        $table = @{}
        foreach ($key in @($InputObject.Keys)) { $table[$key] = ConvertFrom-Rendered $InputObject[$key] }
        return $table
    }
    if ($InputObject -isnot [array]) { return $InputObject }
    $list = @(foreach ($item in $InputObject) {
            if ($item -is [string] -and -not $item.Contains('\u')) { $item } else { ConvertFrom-Rendered $item }
        })
    return , $list
}

foreach ($key in @($Value.Keys)) {
    if ($PSBoundParameters.ContainsKey($key)) { continue }
    $Value[$key] = ConvertFrom-Rendered $Value[$key]
}
#endregion

#region tables
$Facts = @{
    # EwsAllowedAppIDs, the organization's list of applications that may use EWS, can be read. Source: Introducing
    # EWSAllowedAppIDs: Preparing for the Final Phase of EWS Retirement, Tech Community 4529471 (2026-06-19).
    EwsListIntroduced = '2026-06-19'
    # EWS in Exchange Online is off for good, without exceptions. Exchange Server keeps it. Source: Exchange Online
    # EWS, Your Time is Almost Up, Tech Community 4492361 (2026-09-09).
    EwsEnds = '2027-04-01'
    # From this day on an ExchangeOnlineManagement module below 3.10.1 may fail to sign in interactively (PowerShell 7
    # with WAM switched off); certificates, WAM and Windows PowerShell 5.1 may be unaffected. Source: Action Required:
    # Upgrade ExchangeOnlineManagement PowerShell Module to Version 3.10.1 or Newer, Tech Community 4561418
    # (2026-10-02).
    ModuleSignIn = '2027-03-31'
    # EwsEnabled acts after that. Source: Notes from the field: testing EWSAllowedAppIDs safely, Tech Community
    # 4548568 (2026-10-05).
    EwsSwitchTakes = 'usually an hour, up to about four'
    # EwsAllowedAppIDs acts after that. Source: EWS Deprecation Is Here - What This Means To You, Tech Community
    # 4561431 (2026-10-01).
    EwsListTakes = 'up to 24 hours'
    # A role that is given to an application, or taken from it, acts after that. Source: Role Based Access Control for
    # Applications in Exchange Online (2026-11).
    RoleTakes = '30 minutes (idle application) to 2 hours (active one)'
    # So many hours after a change EwsAllowedAppIDs acts everywhere. Source: EWS Deprecation Is Here - What This Means
    # To You, Tech Community 4561431 (2026-10-01).
    EwsListHours = '24'
    # The first ExchangeOnlineManagement module whose Get-ConnectionInformation takes -ConnectionId. Source: About the
    # Exchange Online PowerShell module, release notes (2026-08).
    ModuleMinimum = '3.2.0'
    # From this module on, PowerShell 7 has to be 7.6 or later; Windows PowerShell 5.1 is unaffected. Source: About
    # the Exchange Online PowerShell module, release notes (2026-08).
    ModuleNeedsNewer = '3.10'
    # The ExchangeOnlineManagement module that Microsoft recommends to everybody, or a later one. Source: Action
    # Required: Upgrade ExchangeOnlineManagement PowerShell Module to Version 3.10.1 or Newer, Tech Community 4561418
    # (2026-10-02).
    ModuleRecommended = '3.10.1'
    # The last ExchangeOnlineManagement module for PowerShell 7.4 and 7.5; a stopgap, see ModuleSignIn. Source: About
    # the Exchange Online PowerShell module, release notes (2026-08).
    ModuleLastOlder = '3.9.2'
    # The PowerShell 7 that module 3.10 needs, and the first that Microsoft still supports beside Windows PowerShell
    # 5.1: 7.4 and 7.5 are out of support. Source: PowerShell Support Lifecycle (2026-11).
    PowerShellNewer = '7.6'
    # The PowerShell 7 that module 3.5.0 needs. Source: About the Exchange Online PowerShell module, release notes
    # (2026-08).
    PowerShellMinimum = '7.4'
}

# Who else gains or loses EWS, by the state of the organization's switch and list.
$EwsStates = @{
    'false' = @{
        Now = 'EwsEnabled is false: EWS is closed to everybody, whatever is on the list.'
        List = 'While EwsEnabled is false the list has no effect; EwsEnabled true gives it one.'
        Switch = 'Each of these applications gains EWS: {listed}. Nobody loses it: EwsEnabled was read as false, which closes EWS to everybody.'
        Rescue = 'Go back with Rollback. Do NOT run Set-OrganizationConfig -EwsEnabled $null: that would open EWS to everybody.'
    }
    'unset' = @{
        Now = 'EwsEnabled is not set: EWS is open to everybody until Microsoft sets it to false, and the list has no effect until EwsEnabled is true.'
        List = 'Nobody gains or loses EWS now, because the list has no effect while EwsEnabled is not set. But Microsoft fills only a list that nobody made: once this one is there, the day on which EwsEnabled becomes true leaves EWS to these applications alone: {listed}. Every other application loses EWS that day. Traffic of Organization Relationships between organizations stays.'
        Switch = 'Every application that is not on the list LOSES EWS: before this step EWS is open to everybody. Only these keep it: {listed}. Traffic of Organization Relationships between organizations stays.'
        Rescue = 'If EWS stops working for others: Set-OrganizationConfig -EwsEnabled $null opens it again for everybody, as before this step (usually an hour, up to about four).'
    }
    'listed' = @{
        Now = 'EwsEnabled is true: only the applications on the list can use EWS.'
        List = 'These applications gain EWS: {added}. Nobody loses it: whatever is on the list stays on it.'
        Switch = ''
        Rescue = 'If EWS stops working for others all the same: Set-OrganizationConfig -EwsEnabled $null opens it to everybody, also to those that the list keeps out now (usually an hour, up to about four).'
    }
    'empty' = @{
        Now = 'EwsEnabled is true over an empty list: since 2026-10-10 EWS is closed to everybody.'
        List = 'These applications gain EWS: {added}. Nobody loses it: EWS was read as closed to everybody.'
        Switch = ''
        Rescue = 'Set-OrganizationConfig -EwsEnabled $null is NOT the way back: before this step EWS is closed, and that would open it to everybody.'
    }
    'empty-elsewhere' = @{
        Now = 'EwsEnabled is true over an empty list: EWS is open to everybody until Microsoft requires a list in this cloud, and closed to everybody from then on. Exchange does not show which of the two holds.'
        List = 'If EWS is still open here, every application that is not on the list LOSES it, and only these keep it: {listed}. If it is closed already, these gain it and nobody loses it. Traffic of Organization Relationships between organizations stays.'
        Switch = ''
        Rescue = 'If EWS was open here and stops working for others: Set-OrganizationConfig -EwsEnabled $null opens it again for everybody, as before this step (usually an hour, up to about four).'
    }
}
$EwsListRequiredIn = @('worldwide', 'gcc')

# Applications that have the same client ID in every organization, for the questions about the EWS list.
$KnownApplications = @{
    # Source: Microsoft, single sign-on for tabs in Teams: client IDs of Microsoft 365 applications.
    'd3590ed6-52b3-4102-aeff-aad2292ab01c' = 'Microsoft Office'
    # Source: Microsoft, single sign-on for tabs in Teams: client IDs of Microsoft 365 applications.
    '1fec8e78-bce4-4aaf-ab1b-5451cc387264' = 'Microsoft Teams'
    # Source: Microsoft, single sign-on for tabs in Teams: client IDs of Microsoft 365 applications.
    '5e3ce6c0-2b1f-4285-8d4b-75ee78787346' = 'Microsoft Teams web client'
    # Source: Microsoft, single sign-on for tabs in Teams: client IDs of Microsoft 365 applications.
    '27922004-5251-4030-b22d-91ecd9a37ea4' = 'Outlook mobile'
    # Source: Microsoft, single sign-on for tabs in Teams: client IDs of Microsoft 365 applications.
    'bc59ab01-8403-45c6-8796-ac3ef710b3e3' = 'Outlook on the web'
    # Source: Microsoft, single sign-on for tabs in Teams: client IDs of Microsoft 365 applications.
    '00000002-0000-0ff1-ce00-000000000000' = 'Office 365 Exchange Online'
    # Source: Microsoft's own applications, list of the project merill/microsoft-info; CyberDrain CIPP,
    # EWSAllowedAppIds.
    'a672d62c-fc7b-4e81-a576-e60dc46e951d' = 'Microsoft Power Query for Excel'
    # Source: Microsoft's own applications, list of the project merill/microsoft-info; CyberDrain CIPP,
    # EWSAllowedAppIds.
    'b52893c8-bc2e-47fc-918b-77022b299bbc' = 'Microsoft Power BI'
    # Source: Microsoft's own applications, list of the project merill/microsoft-info; CyberDrain CIPP,
    # EWSAllowedAppIds.
    'f8d98a96-0999-43f5-8af3-69971c7bb423' = 'Apple mail and calendar (iOS Accounts)'
}

# The settings of a calendar, in the order in which they are shown: parameters of Set-CalendarProcessing.
$CalendarSettings = @(
    'AutomateProcessing', 'AllowConflicts', 'BookingWindowInDays', 'EnforceSchedulingHorizon'
    'MaximumDurationInMinutes', 'DeleteComments', 'DeleteSubject', 'AddOrganizerToSubject', 'RemovePrivateProperty'
    'ProcessExternalMeetingMessages', 'DeleteAttachments', 'DeleteNonCalendarItems', 'AddNewRequestsTentatively'
    'RemoveOldMeetingMessages'
)

# What each value may be, as the schema of descriptions has it.
$Limits = @{
    Name = @{ Kind = 'text'; Longest = 40; Form = 'Name' }
    ChangeTicket = @{ Kind = 'text'; Longest = 4000; Form = 'Text4000' }
    TargetOrganization = @{ Kind = 'text'; Longest = 100; Form = 'TargetOrganization' }
    TargetTenantId = @{ Kind = 'text'; Form = 'Guid' }
    TargetEnvironment = @{ Kind = 'text'; Among = @('worldwide', 'gcc', 'gcc-high', 'dod', 'china') }
    EquipmentAddress = @{ Kind = 'text'; Longest = 254; Form = 'Address' }
    EquipmentName = @{ Kind = 'text'; Longest = 64; Form = 'MailboxName' }
    EquipmentDisplayName = @{ Kind = 'text'; Longest = 256; Form = 'OptionalText256' }
    EquipmentAlias = @{ Kind = 'text'; Longest = 64; Form = 'EquipmentAlias' }
    EquipmentAdopt = @{ Kind = 'truth' }
    EquipmentCalendar = @{
        Kind = 'table'
        Keys = @{
            AutomateProcessing = @{ Kind = 'text'; Among = @('None', 'AutoUpdate', 'AutoAccept') }
            AllowConflicts = @{ Kind = 'truth' }
            BookingWindowInDays = @{ Kind = 'number'; Least = 0; Most = 1080 }
            EnforceSchedulingHorizon = @{ Kind = 'truth' }
            MaximumDurationInMinutes = @{ Kind = 'number'; Least = 0; Most = 2147483647 }
            DeleteComments = @{ Kind = 'truth' }
            DeleteSubject = @{ Kind = 'truth' }
            AddOrganizerToSubject = @{ Kind = 'truth' }
            RemovePrivateProperty = @{ Kind = 'truth' }
            ProcessExternalMeetingMessages = @{ Kind = 'truth' }
            DeleteAttachments = @{ Kind = 'truth' }
            DeleteNonCalendarItems = @{ Kind = 'truth' }
            AddNewRequestsTentatively = @{ Kind = 'truth' }
            RemoveOldMeetingMessages = @{ Kind = 'truth' }
        }
    }
    ApplicationName = @{ Kind = 'text'; Longest = 256; Form = 'Text256' }
    ApplicationClientId = @{ Kind = 'text'; Form = 'Guid' }
    ApplicationObjectId = @{ Kind = 'text'; Form = 'Guid' }
    ApplicationAssignment = @{ Kind = 'text'; Longest = 64; Form = 'Identity64' }
    SchedulingGroupAddress = @{ Kind = 'text'; Longest = 254; Form = 'Address' }
    SchedulingGroupName = @{ Kind = 'text'; Longest = 64; Form = 'Identity64' }
    SchedulingGroupAdopt = @{ Kind = 'truth' }
    SchedulingGroupMembers = @{ Kind = 'list'; Each = @{ Kind = 'text'; Longest = 254; Form = 'Address' } }
    SchedulingGroupManagedBy = @{ Kind = 'text'; Longest = 254; Form = 'Address' }
    SchedulingGroupPrune = @{ Kind = 'truth' }
    SchedulingGroupHarden = @{ Kind = 'truth' }
    ScopeName = @{ Kind = 'text'; Longest = 64; Form = 'Identity64' }
    ScopeMaxMailboxes = @{ Kind = 'number'; Least = 1; Most = 1000000 }
    ProofInScope = @{ Kind = 'list'; Each = @{ Kind = 'text'; Longest = 254; Form = 'Address' } }
    ProofOutOfScope = @{ Kind = 'list'; Each = @{ Kind = 'text'; Longest = 254; Form = 'Address' } }
    EwsPolicy = @{ Kind = 'text'; Among = @('check', 'merge') }
    EwsSwitchOn = @{ Kind = 'truth' }
    EwsKeep = @{
        Kind = 'list'
        Each = @{
            Kind = 'table'
            Needed = @('ClientId')
            Keys = @{
                ClientId = @{ Kind = 'text'; Form = 'Guid' }
                Name = @{ Kind = 'text'; Longest = 256; Form = 'OptionalText256' }
            }
        }
    }
    EwsNoOthers = @{ Kind = 'text'; Longest = 256; Form = 'Text256' }
    EwsUserAgent = @{ Kind = 'text'; Longest = 256; Form = 'Text256' }
    Delegates = @{
        Kind = 'list'
        Each = @{
            Kind = 'table'
            Needed = @('Account')
            Keys = @{
                Account = @{ Kind = 'text'; Longest = 254; Form = 'Address' }
                Automapping = @{ Kind = 'truth' }
            }
        }
    }
    OneTouchJoinAccounts = @{ Kind = 'list'; Each = @{ Kind = 'text'; Longest = 254; Form = 'Address' } }
    OneTouchJoinClientIds = @{ Kind = 'list'; Each = @{ Kind = 'text'; Form = 'Guid' } }
    OneTouchJoinGroups = @{ Kind = 'list'; Each = @{ Kind = 'text'; Longest = 254; Form = 'Address' } }
    AddInManifest = @{ Kind = 'text'; Longest = 200; Form = 'RelativePath' }
    AddInManifestSha256 = @{ Kind = 'read' }
    AddInId = @{ Kind = 'read' }
    AddInVersion = @{ Kind = 'read' }
    AddInProviderName = @{ Kind = 'read' }
    AddInDisplayName = @{ Kind = 'read' }
    AddInPermission = @{ Kind = 'read' }
    AddInProvidedTo = @{ Kind = 'text'; Among = @('everyone', 'specific-users') }
    AddInUsers = @{ Kind = 'list'; Longest = 1000; Each = @{ Kind = 'text'; Longest = 254; Form = 'Address' } }
    AddInDefaultState = @{ Kind = 'text'; Among = @('enabled', 'disabled', 'always-enabled') }
}

$Forms = @{
    Name = @{
        Pattern = '^(?!(?:[Cc][Oo][Nn]|[Pp][Rr][Nn]|[Aa][Uu][Xx]|[Nn][Uu][Ll]|[Cc][Oo][Mm][0-9]|[Ll][Pp][Tt][0-9])$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\z'
        Says = 'must be letters, digits and hyphens, begin and end with a letter or digit, and not be a device name of Windows such as con or nul'
    }
    Text4000 = @{
        Pattern = '^[^\s\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff](?:[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]*[^\s\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff])?\z'
        Says = 'must be text on one line, without a space at its beginning or end and without control characters or bidirectional marks'
    }
    TargetOrganization = @{
        Pattern = '^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.(?:[Oo][Nn][Mm][Ii][Cc][Rr][Oo][Ss][Oo][Ff][Tt]\.(?:[Cc][Oo][Mm]|[Uu][Ss]|[Dd][Ee])|[Pp][Aa][Rr][Tt][Nn][Ee][Rr]\.[Oo][Nn][Mm][Ss][Cc][Hh][Ii][Nn][Aa]\.[Cc][Nn])\z'
        Says = 'must be the tenant''s initial domain, such as contoso.onmicrosoft.com'
    }
    Guid = @{
        Pattern = '^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\z'
        Says = 'must be a GUID: 32 hexadecimal digits in groups of 8-4-4-4-12, without braces'
    }
    Address = @{
        Pattern = '^(?=[^@]{1,64}@)[A-Za-z0-9!#$%&''+/=^_{|}~-]+(?:\.[A-Za-z0-9!#$%&''+/=^_{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])\z'
        Says = 'must be one SMTP address, such as room@contoso.com'
    }
    MailboxName = @{
        Pattern = '^[!-)+->@-~](?:[ -)+->@-~]*[!-)+->@-~])?\z'
        Says = 'must hold ASCII letters, digits, signs other than * and ?, and inner spaces only'
    }
    OptionalText256 = @{
        Pattern = '^(?:[^\s\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff](?:[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]*[^\s\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff])?)?\z'
        Says = 'must be empty or text on one line, without a space at its beginning or end and without control characters or bidirectional marks'
    }
    EquipmentAlias = @{
        Pattern = '^(?:[A-Za-z0-9!#$%&''+/=^_{|}~-]+(?:\.[A-Za-z0-9!#$%&''+/=^_{|}~-]+)*)?\z'
        Says = 'must be an Exchange alias: ASCII letters, digits and signs without spaces, and no period at its beginning or end'
    }
    Text256 = @{
        Pattern = '^[^\s\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff](?:[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]*[^\s\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff])?\z'
        Says = 'must be text on one line, without a space at its beginning or end and without control characters or bidirectional marks'
    }
    Identity64 = @{
        Pattern = '^[^\s*?\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff](?:[^*?\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]*[^\s*?\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff])?\z'
        Says = 'must be text on one line, without a space at its beginning or end, * or ?, control characters and bidirectional marks'
    }
    RelativePath = @{
        Pattern = '^[A-Za-z0-9_(@+-][A-Za-z0-9 _.()@+-]*(?:/[A-Za-z0-9_(@+-][A-Za-z0-9 _.()@+-]*)*\z'
        Says = 'must name a file in this folder or below it: ASCII letters, digits, spaces and _ . ( ) @ + -, with / between folders'
    }
}

$HiddenLetters = '[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]'

# What the common part calls.
$CoreCmdlets = @{
    'Get-AcceptedDomain' = @('ErrorAction')
    'Get-ConnectionInformation' = @('ErrorAction')
    'Get-ManagementRoleAssignment' = @('Delegating', 'ErrorAction', 'Role', 'RoleAssignee')
    'Get-OrganizationConfig' = @('ErrorAction')
    'Get-Recipient' = @('ErrorAction', 'Identity')
}
#endregion

#region engine/99-main
# The run, in this order: Invoke-Guard refuses or lets through; the mode's function (Invoke-Check, -Apply, -Verify or
# -Rollback) reads every step and, in Apply and Rollback, goes on to Invoke-StepByStep, which asks; Invoke-Batch
# journals, Invoke-Write changes, and what was changed is read back. The result is written whatever happened.

# What each step says of itself, with the values of this run.
foreach ($key in @($Steps.Keys)) { $Steps[$key] = & $Steps[$key] }
$Actions = @{ Check = 'Invoke-Check'; Apply = 'Invoke-Apply'; Verify = 'Invoke-Verify'; Rollback = 'Invoke-Rollback' }

$Run.Id = [guid]::NewGuid().ToString('N').Substring(0, 8)
$Run.Mode = @(
    @('Check', 'Apply', 'Verify', 'Rollback' | Where-Object -FilterScript { Test-SameName $_ $Run.Mode }) +
    @($Run.Mode))[0]
$Run.ApprovedPlan = ([string] $Run.ApprovedPlan).Trim().ToLowerInvariant()
$Run.ScriptPath = [string] $MyInvocation.MyCommand.Path
$Run.WhatIf = [bool] $WhatIfPreference
$Run.Computer = [Environment]::MachineName
$Run.User = "$([Environment]::UserDomainName)\$([Environment]::UserName)"
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
    Overrides = @(); Selected = @()
    Refusal = $null; GuardsPassed = $false
    # Rollback: the runs in the journals, the steps they name, and what is planned to be gone (an ID, or ID|property).
    Runs = @(); Memory = @(); InJournal = Get-Table; Gone = Get-Table
    # The steps: still planning or already changing, their states, the step that was consented to, its pauses, what was
    # read.
    Planning = $true; States = @{}; Consent = @{}; Pauses = $null; Seen = Get-Table
    # The steps that a stop ended.
    Stopped = @{}
    # Whether this command line says not to ask, what was answered for each step, and the answer that holds for all.
    Unasked = $PSBoundParameters.ContainsKey('Confirm') -and -not $PSBoundParameters['Confirm']
    Answers = @{}; YesToAll = $null
    # Who was looked up to become a member of the group, by address: of thousands nobody is looked up twice.
    People = Get-Table; GroupSize = 0
    # The step that is being changed, how many writes had been sent before it, whether the run came to its end, and the
    # place of each step in it.
    Current = ''; SentBefore = 0; Done = Get-Table; Ended = $false; Places = @{}
    # What comes of it.
    Log = $null; ResultWritten = $false; PlanSha256 = $null; Differences = @(); Approved = Get-Table
    Journal = $null; JournalOpen = ''; Beside = @(); Held = @(); Lengths = Get-Table; Digests = Get-Table
    Journalled = $false; Writes = 0; Made = @{}
    Results = [ordered]@{}; Proofs = @(); ExitCode = 1
}

function Invoke-Guard {
    param($Bound, $ScriptBlock)
    Resolve-RunPath
    Assert-Engine
    $Run.BodySha256 = Get-BodySha256
    $Run.Overrides = @(Get-Override -Bound $Bound -ScriptBlock $ScriptBlock)
    Write-Opening
    Assert-RunParameter
    Assert-Value
    $Run.Selected = @($Steps.Keys | Where-Object -FilterScript { $Run.Step.Count -eq 0 -or $Run.Step -contains $_ })
    Assert-Date
    if ($Run.Mode -eq 'Rollback') { Read-AllJournal }
    Assert-Module
    Assert-Connection
    Write-Session
    if ($Run.Mode -eq 'Rollback') { Assert-JournalOwner $Run.Runs }
    Assert-Command
    Assert-Organization
    Assert-StepGuard
    Assert-Path
    $Run.GuardsPassed = $true
    Write-Line ''
}

function Write-LastWord {
    # After an error that nobody expected: what of this run is left to go on with.
    param($Failure)
    Write-Failure $Failure
    if ($Run['Writes'] -gt 0) { Write-Line "$($Run.Writes) writes had been sent to Exchange." }
    else { Write-Line 'Nothing had been sent to Exchange.' }
    if ($Run['Journalled']) { Write-Line "Journal   $($Run.JournalPath[-1])  (keep it: Rollback needs it)" }
    if ($Run['ResultWritten']) { Write-Line "Result    $($Run.ResultPath)" }
    if ($null -eq $Run['Log']) { return }
    Write-Line "Log       $($Run.LogPath)"
    $Run.Log.Dispose()
    $Run.Log = $null
}

try {
    try {
        Invoke-Guard -Bound $Run.Bound -ScriptBlock $MyInvocation.MyCommand.ScriptBlock
        & $Actions[$Run.Mode]
    } catch {
        $stop = Get-StopOf $_
        if (-not $stop) { throw }
        $Run.Refusal = [ordered]@{ guard = $stop.Guard; message = $stop.Detail }
    }
    $Run.ExitCode = Get-ExitCode
    Write-Result
    Write-Summary
    $Run.Ended = $true
} catch {
    # What is known by now is written down; the trap at the beginning says the rest.
    $Run.Ended = $true
    $Run.ExitCode = 1
    try { Write-Result } catch { Write-Line "The result could not be written: $($_.Exception.Message)" }
    throw
} finally {
    if (-not $Run.Ended) { Complete-Interrupted }
    # A full disk makes even closing fail; what was written stands on it already.
    foreach ($file in $Run.Held) {
        try { $file.Dispose() }
        catch { Write-Line "The journal could not be closed: $($_.Exception.GetBaseException().Message)" }
    }
    if ($null -ne $Run.Log -and $Run.ExitCode -ne 1) { $Run.Log.Dispose() }
}
# Select-Object -First, behind this script in a pipeline, stops it before its exit.
$ExecutionContext.SessionState.PSVariable.Set('global:LASTEXITCODE', $Run.ExitCode)
if ($Run.PassThru) { $Run.Results.Values }
exit $Run.ExitCode
#endregion
