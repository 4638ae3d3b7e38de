# Errors in the shape of the REST module: "<StringId>|<class>|<text>", the short class in CategoryInfo.Reason, and the
# request in FullyQualifiedErrorId. The classes stay English in every language, the texts do not.

$script:Texts = @{
    en = @{
        NotFound       = "The operation couldn't be performed because object '{0}' couldn't be found on '{1}'."
        Ambiguous      = "The operation couldn't be performed because there are multiple recipients matching identity '{0}'. Please specify a unique value."
        Exists         = 'The {1} "{0}" already exists. Please use a different name.'
        Member         = "The recipient `"{0}`" is already a member of the group `"{1}`"."
        NotMember      = "The recipient `"{0}`" isn't a member of the group `"{1}`"."
        Proxy          = 'The proxy address "SMTP:{0}" is already being used by the proxy addresses or LegacyExchangeDN of "{1}". Please choose another proxy address.'
        ServerError    = 'A server side error has occurred because of which the operation could not be completed. Please try again after some time. If the problem still persists, please reach out to MS support.'
        Synced         = "The operation on mailbox `"{0}`" failed because it's out of the current user's write scope. The action '{1}', can't be performed on the object '{0}' because the object is being synchronized from your on-premises organization."
    }
    de = @{
        NotFound       = 'Der Vorgang konnte nicht ausgefuehrt werden, da das Objekt "{0}" auf "{1}" nicht gefunden wurde.'
        Ambiguous      = 'Der Vorgang konnte nicht ausgefuehrt werden, da mehrere Empfaenger der Identitaet "{0}" entsprechen.'
        Exists         = 'Das Objekt "{0}" ist bereits vorhanden.'
        Member         = 'Der Empfaenger "{0}" ist bereits Mitglied der Gruppe "{1}".'
        NotMember      = 'Der Empfaenger "{0}" ist kein Mitglied der Gruppe "{1}".'
        Proxy          = 'Die Proxyadresse "SMTP:{0}" wird bereits von "{1}" verwendet.'
        ServerError    = 'Es ist ein serverseitiger Fehler aufgetreten. Versuchen Sie es spaeter erneut.'
        Synced         = 'Die Aktion "{1}" kann nicht auf "{0}" ausgefuehrt werden, da das Objekt lokal synchronisiert wird.'
    }
}

function Get-ErrorText {
    <# Returns one of the texts above in the tenant's language. #>
    param([string] $Name, [string[]] $With)
    return $script:Texts[(Get-Setting 'language' 'en')][$Name] -f $With
}

function Stop-Call {
    <# Ends the call with an error of the service. $Class is the full name of the exception; '' where none is known. #>
    param([string] $Class, [string] $Text, [string] $StringId = 'Ex6F9304')
    $message = if ($Class) { "$StringId|$Class|$Text" } else { $Text }
    $exception = [Exception]::new($message)
    $exception.Data['Class'] = $Class
    throw $exception
}

function Stop-NotFound {
    param([string] $Identity)
    Stop-Call 'Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException' (
        Get-ErrorText 'NotFound' $Identity, "$($script:Tenant.server)")
}

function Stop-Ambiguous {
    param([string] $Identity)
    Stop-Call 'Microsoft.Exchange.Configuration.Tasks.ManagementObjectAmbiguousException' (Get-ErrorText 'Ambiguous' $Identity) 'ExB8CFB3'
}

function Stop-Exists {
    param([string] $Name, [string] $What)
    Stop-Call 'Microsoft.Exchange.Data.Directory.ADObjectAlreadyExistsException' (Get-ErrorText 'Exists' $Name, $What) 'Ex6F8A33'
}

function Stop-BadValue {
    param([string] $Text)
    Stop-Call 'Microsoft.Exchange.Data.DataValidationException' $Text 'ExA1B2C3'
}

function New-CallError {
    <# Returns the error record of a failed call. #>
    param([Exception] $Exception, [string] $Cmdlet, [int] $Number, $Sent)
    $request = Get-TextIdentifier "$($script:Tenant.tenantId)|$Number|$Cmdlet"
    $id = "[Server=$($script:Tenant.server),RequestId=$request,TimeStamp=Sat, 10 Oct 2026 08:00:00 GMT]"
    $record = [Management.Automation.ErrorRecord]::new($Exception, $id, [Management.Automation.ErrorCategory]::NotSpecified, $null)
    $class = [string] $Exception.Data['Class']
    if ($class) { $record.CategoryInfo.Reason = $class.Split('.')[-1] }
    $record.CategoryInfo.Activity = $Cmdlet
    return $record
}

function Write-ErrorMessage {
    <# Writes the record as the REST module's function of this name does: the error does not end the caller. #>
    [CmdletBinding()]
    param([Management.Automation.ErrorRecord] $Record)
    $PSCmdlet.WriteError($Record)
}
