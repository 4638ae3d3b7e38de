# A whole life of a deployment on Exchange Server, and the reads of discover, over a real implicit remoting session: the
# simulated organization lives in a process of its own, its enumerations are .NET enumerations there, and what reaches the
# runbook is what PowerShell makes of them. Under Windows PowerShell 5.1's type data of arrays. The answer is JSON in a file.
param([string] $RequestPath, [string] $AnswerPath)

$ErrorActionPreference = 'Stop'
if (-not [Management.Automation.Runspaces.PSSession].GetMethod('Create')) {
    # Windows PowerShell makes no session of a process of its own.
    [IO.File]::WriteAllText($AnswerPath, 'null')
    exit 0
}
$request = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($RequestPath))
Update-TypeData -TypeName System.Array -MemberType AliasProperty -MemberName Count -Value Length

$far = [runspacefactory]::CreateOutOfProcessRunspace($null, [Management.Automation.Runspaces.PowerShellProcessInstance]::new())
$far.Open()
$session = [Management.Automation.Runspaces.PSSession]::Create($far, 'WSMan', $null)
$names = Invoke-Command -Session $session -ArgumentList $request.module, $request.tenant, $request.log -ScriptBlock {
    param([string] $Connect, [string] $Tenant, [string] $Log)
    $env:PEXGEN_TENANT, $env:PEXGEN_LOG = $Tenant, $Log
    . $Connect
    # Exchange's own classes say how deep they are written; an enumeration arrives as a number from the depth 2 on.
    Update-TypeData -TypeName 'Pexgen.Answer' -SerializationDepth 2
    & (Get-Module -Name 'tmp_pexgen00.srv') {
        $script:RealEnumerations = @{}
        function script:New-Enumeration([string] $Type, [string] $Name) {
            if (-not $script:RealEnumerations.ContainsKey("$Type|$Name")) {
                $assembly = [Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly("e$($script:RealEnumerations.Count)", 'Run')
                $made = $assembly.DefineDynamicModule('m').DefineEnum($Type, 'Public', [int])
                $number = [int] (Get-EnumerationNumber $Name)
                $null = $made.DefineLiteral($Name, $number)
                $script:RealEnumerations["$Type|$Name"] = [enum]::ToObject($made.CreateType(), $number)
            }
            $script:RealEnumerations["$Type|$Name"]
        }
        # Remoting itself does these two.
        function script:Add-RemoteMark($Shown) { }
        function script:ConvertTo-Answer([string] $Cmdlet, $Object) {
            if ($null -eq $Object) { return }
            $shown = [ordered]@{}
            foreach ($property in $Object.PSObject.Properties) {
                $shown[$property.Name] = ConvertTo-RemoteValue $property.Name $property.Value
            }
            $answer = [pscustomobject] $shown
            $answer.PSObject.TypeNames.Insert(0, 'Pexgen.Answer')
            $answer
        }
    }
    (Get-Module -Name 'tmp_pexgen00.srv').ExportedFunctions.Keys
}
Import-Module (Import-PSSession $session -CommandName $names -AllowClobber -DisableNameChecking) -Global
# Nothing is waited for.
function global:Start-Sleep { param([double] $Seconds, [int] $Milliseconds) $null = $Seconds, $Milliseconds }

$value = (Get-CalendarProcessing -Identity $request.equipment).AutomateProcessing
$answer = [ordered]@{
    console = [Console]::OutputEncoding.WebName
    seen = @{ text = [string] $value; shown = "$value"; equal = $value -eq [string] $value; type = $value.PSObject.TypeNames[0] }
    runs = @()
}
foreach ($run in $request.runs) {
    $given = @{}
    foreach ($property in $run.given.PSObject.Properties) { $given[$property.Name] = $property.Value }
    if ($given.ContainsKey('PasswordOfServiceAccount')) {
        $secret = [securestring]::new()
        foreach ($letter in $given['PasswordOfServiceAccount'].ToCharArray()) { $secret.AppendChar($letter) }
        $given['PasswordOfServiceAccount'] = $secret
    }
    $global:LASTEXITCODE = $null
    $screen = @(& $run.script @given *>&1 | ForEach-Object { [string] $_ })
    $answer.runs += , @{ code = $global:LASTEXITCODE; screen = $screen -join "`n" }
}
[IO.File]::WriteAllText($AnswerPath, (ConvertTo-Json -InputObject $answer -Depth 6))
Remove-PSSession -Session $session
exit 0
