# Errors as implicit remoting brings them back: the text alone in the exception, the class in CategoryInfo.Reason and in
# FullyQualifiedErrorId; what happens to the session itself is no error of Exchange and names no class of its own.

$script:FaultTexts = @{
    'unauthorized' = 'Processing data from remote server ex01 failed with the following error message: Access is denied. The WinRM service returned 401. For more information, see the about_Remote_Troubleshooting Help topic.'
    'forbidden'    = 'Processing data from remote server ex01 failed with the following error message: The WinRM client received an HTTP status code of 403 from the remote WS-Management service. For more information, see the about_Remote_Troubleshooting Help topic.'
    'throttled'    = 'Starting a command on the remote server failed with the following error message : The WS-Management service cannot process the request. The system load quota of 1000 requests per 2 seconds has been exceeded. Send future requests at a slower rate or raise the system quota.'
    'session-gone' = 'Starting a command on the remote server failed with the following error message : The session is no longer there. For more information, see the about_Remote_Troubleshooting Help topic.'
    'lost-answer'  = 'Processing data from remote server ex01 failed with the following error message: The WinRM client cannot complete the operation within the time specified. Check if the machine name is valid and is reachable over the network.'
}
$script:Texts.en.ServerError = 'Active Directory server dc01.rehearsal.invalid is not available. Error message: A local error occurred.'
$script:Texts.de.ServerError = 'Der Active Directory-Server dc01.rehearsal.invalid ist nicht verfuegbar.'

function Stop-Call {
    <# Ends the call with an error. $Class is the full name of Exchange's exception; '' where the session failed. #>
    param([string] $Class, [string] $Text, [string] $StringId = 'Ex6F9304')
    if (-not $Class -and $Text -eq (Get-ErrorText 'ServerError')) { $Class = 'Microsoft.Exchange.Data.Directory.ADTransientException' }
    $exception = if ($Class) { [Management.Automation.RemoteException]::new($Text) }
    else { [Management.Automation.Remoting.PSRemotingTransportException]::new($Text) }
    $exception.Data['Class'] = $Class
    $exception.Data['StringId'] = $StringId -creplace '^Ex'
    throw $exception
}

function New-CallError {
    <# Returns the error record of a failed call. With -ErrorAction Stop the remote side says so in the text. #>
    param([Exception] $Exception, [string] $Cmdlet, [int] $Number, $Sent)
    $class = [string] $Exception.Data['Class']
    $short = $class.Split('.')[-1]
    if (-not $class) {
        $id = "JobFailure,$Cmdlet"
    } else {
        $request = Get-TextIdentifier "$($script:Tenant.initialDomain)|$Number|$Cmdlet"
        $id = "[Server=EX01,RequestId=$request,TimeStamp=10/10/2026 8:00:00 AM] [FailureCategory=Cmdlet-$short] " +
            "$($Exception.Data['StringId']),Microsoft.Exchange.Management.$($Cmdlet.Replace('-', ''))"
        if ("$($Sent['ErrorAction'])" -eq 'Stop') {
            $text = 'The running command stopped because the preference variable "ErrorActionPreference" or common ' +
                "parameter is set to Stop: $($Exception.Message)"
            $Exception = [Management.Automation.RemoteException]::new($text)
        }
    }
    $record = [Management.Automation.ErrorRecord]::new($Exception, $id, [Management.Automation.ErrorCategory]::NotSpecified, $null)
    if ($class) { $record.CategoryInfo.Reason = $short }
    $record.CategoryInfo.Activity = $Cmdlet
    return $record
}
