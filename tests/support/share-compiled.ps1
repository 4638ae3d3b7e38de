# The suite plays some four hundred runbooks that differ in nothing but the default values of their parameters.
# PowerShell parses and compiles each of them anew: two thirds of the time of a run. Here they share a script block that
# reads these defaults from a table. PowerShell finds it in its own list of parsed scripts, under the path and the text of
# the runbook that is called; all else that the runbook learns of its file is the file's own.
# A file is played as it is where that list is not found, and where a run is given a value of the deployment: the runbook
# compares it with the default in its own syntax tree. The list keeps the last few of those.

$parsed = $null
foreach ($name in 's_cachedScripts', '_cachedScripts') {
    $field = [scriptblock].GetField($name, 'NonPublic, Static')
    if ($field) { $parsed = $field.GetValue($null) }
}
$canShare = $parsed -and $PSVersionTable.PSVersion.Major -ge 7 -and -not $IsWindows  # a link needs no right there
$shapes = @{}
$lately = [Collections.Generic.List[string]]::new()
$most = 6  # blocks that are kept at a time: 25 MB each
$asTheyAre = [Collections.Generic.List[object]]::new()
$mostAsTheyAre = 2
$mostParsed = 60  # the session, the simulation's files and what a few tests add

# PowerShell's own types, read once. Where each session reads them anew, all that was compiled for a property of their
# names is compiled again, in every session: a third of the time of a Check.
$types = if ($canShare) { [Management.Automation.Runspaces.TypeTable]::LoadDefaultTypeFiles() }

function New-BeginningState {
    <# Returns what the session of a run begins with: what it begins with everywhere, but for a run that changes types. #>
    param($Request)
    # PowerShell's own cmdlets are there from the beginning: each session would load their modules anew.
    $state = [initialsessionstate]::CreateDefault()
    if ($types -and "$($Request.prelude)" -cnotmatch 'TypeData') {
        $state.Types.Clear()
        $state.Types.Add([Management.Automation.Runspaces.SessionStateTypeEntry]::new($types))
    }
    return $state
}

function Get-Inner($Object, [string] $Name) {
    <# Returns a field or property of PowerShell's own that is not public. #>
    for ($type = $Object.GetType(); $type; $type = $type.BaseType) {
        $member = @($type.GetMember($Name, 'Field, Property', 'Instance, Public, NonPublic, DeclaredOnly'))
        if ($member.Count -gt 0) { return , $member[0].GetValue($Object) }
    }
    throw "PowerShell's $($Object.GetType().Name) has no $Name any more."
}

function Get-SessionScope {
    <# Returns every scope of a runspace: those of the session and of each module, the innermost and all around it. #>
    param($Context)
    $modules = @((Get-Inner (Get-Inner $Context 'Modules') 'ModuleTable').Values | Where-Object { $_.SessionState })
    $states = @(Get-Inner $Context 'EngineSessionState') + @(Get-Inner $Context 'TopLevelSessionState') +
        @($modules | ForEach-Object { Get-Inner $_.SessionState 'Internal' })
    $scopes = [Collections.Generic.HashSet[object]]::new()
    foreach ($state in $states) {
        foreach ($name in 'CurrentScope', 'ScriptScope', 'GlobalScope', 'ModuleScope') {
            for ($scope = Get-Inner $state $name; $scope -and $scopes.Add($scope); $scope = Get-Inner $scope 'Parent') { }
        }
    }
    return $scopes
}

function Get-LeftBehind {
    <# Returns what the files of a run are like, each in a line. #>
    param($Request)
    $files = @([IO.Directory]::GetFiles($Request.folder)) + $Request.environment.PEXGEN_TENANT + $Request.environment.PEXGEN_LOG
    return @($files | Where-Object { $_ -and [IO.File]::Exists($_) } | ForEach-Object {
            $file = [IO.FileInfo]::new($_)
            "$_ $($file.Length) $($file.LastWriteTimeUtc.Ticks)" }) -join "`n"
}

function Close-Frozen {
    <# Ends a run that stopped for good, which would keep 6 MB. Its finally blocks run, and find no function, cmdlet or
       variable any more with which they could do something; that no file of it changes is looked at. #>
    param($Runspace, $Shell, $Running)
    if (-not $canShare) { return }
    foreach ($scope in Get-SessionScope (Get-Inner $Runspace 'ExecutionContext')) {
        foreach ($field in $scope.GetType().GetFields('Instance, NonPublic, Public')) {
            $table = $field.GetValue($scope)
            if ($table -is [Collections.IDictionary]) { $table.Clear() }
        }
    }
    $before = Get-LeftBehind $Request
    $stopping = $Shell.BeginStop($null, $null)
    $null = [AppDomain]::CurrentDomain.GetData('PexgenEmptied').Set()
    if (-not $Running.AsyncWaitHandle.WaitOne(60000)) { throw 'A run that stopped for good does not end.' }
    $Shell.EndStop($stopping)
    $Shell.Dispose()
    $Runspace.Dispose()
    if ($before -cne (Get-LeftBehind $Request)) { throw 'A run that stopped for good wrote something when it was ended.' }
}

function Get-Digest([string] $Text) {
    return [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData([Text.Encoding]::Unicode.GetBytes($Text)))
}

function Get-Shape {
    <# Returns a runbook's text without its head's comments and the deployment's values, and those values; nothing for
       another script. Each line keeps its number. #>
    param([string] $Text, [string] $Path)
    $end = [regex]::Match($Text, '(?m)^\)\r?$')
    if (-not $end.Success -or $Text.Length -lt 100000) { return }
    $tokens = $problems = $null
    $head = $Text.Substring(0, $end.Index + 1)
    $tree = [Management.Automation.Language.Parser]::ParseInput($head, $Path, [ref] $tokens, [ref] $problems)
    if ($problems -or -not $tree.ParamBlock) { return }
    $values = @{}
    $cuts = @(foreach ($token in $tokens) { if ($token.Kind -eq 'Comment') { , @($token.Extent, '') } })
    foreach ($parameter in $tree.ParamBlock.Parameters) {
        $name = $parameter.Name.VariablePath.UserPath
        if ($name -ceq 'Mode') { break }  # the first of the run's parameters
        if (-not $parameter.DefaultValue) { continue }
        $values[$name] = Get-Constant $parameter.DefaultValue
        $cuts += , @($parameter.DefaultValue.Extent, "([AppDomain]::CurrentDomain.GetData('PexgenDefaults')['$name'])")
    }
    $shape, $from = [Text.StringBuilder]::new(), 0
    foreach ($cut in $cuts | Sort-Object -Property { $_[0].StartOffset }) {
        $lines = $cut[0].Text -creplace '[^\n]'
        $null = $shape.Append($Text, $from, $cut[0].StartOffset - $from).Append($cut[1]).Append($lines)
        $from = $cut[0].EndOffset
    }
    $shape = $shape.Append($Text, $from, $Text.Length - $from).ToString()
    return @{ text = $shape; key = Get-Digest $shape; values = $values }
}

function Get-SharedBlock {
    <# Returns the block for a shape, compiled by the first runbook that has it, with the path that it knows as its own. #>
    param($Shape, [string] $Name, [string] $Place)
    $key = "$Name $($Shape.key)"
    $null = $lately.Remove($key)
    $lately.Add($key)
    if ($lately.Count -gt $most) {
        $shapes.Remove($lately[0])
        $lately.RemoveAt(0)
    }
    if (-not $shapes[$key]) {
        $folder = [IO.Path]::Combine($Place, "shared-$([guid]::NewGuid())")
        $path = [IO.Path]::Combine($folder, $Name)
        $tree = [Management.Automation.Language.Parser]::ParseInput($Shape.text, $path, [ref] $null, [ref] $null)
        $shapes[$key] = @{ folder = $folder; path = $path; block = $tree.GetScriptBlock() }
    }
    return $shapes[$key]
}

function Use-SharedBlock {
    <# Lets the call of a runbook find the shared block; returns the path by which it is called. #>
    param([string] $Runbook, [string] $Text, $Shape, [string] $Place)
    $shared = Get-SharedBlock $Shape ([IO.Path]::GetFileName($Runbook)) $Place
    # What lies beside the runbook lies beside the path that the block knows.
    [IO.File]::Delete($shared.folder)
    $null = [IO.Directory]::CreateSymbolicLink($shared.folder, [IO.Path]::GetDirectoryName($Runbook))
    $parsed[[Tuple]::Create($shared.path, $Text)] = $shared.block
    [AppDomain]::CurrentDomain.SetData('PexgenDefaults', $Shape.values)
    return $shared.path
}

function Clear-Parsed {
    <# Takes out of PowerShell's list what is not to be kept there after a run: the keys of these hold a whole file each. #>
    param($Key, [bool] $IsShared)
    if (-not $IsShared) {
        $null = $asTheyAre.Remove($Key)
        $asTheyAre.Add($Key)
        if ($asTheyAre.Count -le $mostAsTheyAre) { return }
        $Key = $asTheyAre[0]
        $asTheyAre.RemoveAt(0)
    }
    $null = $parsed.TryRemove($Key, [ref] $null)
}

# Runs that ask and runs that do not share this process, and the first one that shows something must not keep the console.
[Console]::SetIn($keyboard)
[Console]::SetOut($console)
[Console]::SetError($console)

function Set-Asking([bool] $CanAsk) {
    <# Lets a question be asked in the next run, or end it, as -NonInteractive does for the whole process. #>
    $console = Get-Inner $Host.UI '_externalUI'
    $console.GetType().GetProperty('ThrowOnReadAndPrompt', [Reflection.BindingFlags] 'Instance, NonPublic').SetValue($console, -not $CanAsk)
}

function Invoke-Request {
    <# Prepares the process for a run and plays it, where it can with a block that other runbooks share. #>
    param($Request)
    Set-Surrounding $Request
    Set-Asking ($null -ne $Request.answers)
    $arguments = ConvertTo-Argument $Request.arguments
    $text = [IO.File]::ReadAllText($Request.runbook)
    $shape = if ($canShare) { Get-Shape $text $Request.runbook }
    $isShared = $shape -and -not @($arguments.Keys | Where-Object { $shape.values.Contains($_) }).Count
    if ($isShared) {
        # The engine's own folder, which goes when it ends: above that of the run, in which its log is.
        $place = [IO.Path]::GetDirectoryName([IO.Path]::GetDirectoryName($Request.environment.PEXGEN_LOG))
        $Request.runbook = Use-SharedBlock $Request.runbook $text $shape $place
    }
    try {
        return Invoke-Run $Request $arguments
    } finally {
        if ($shape) { Clear-Parsed ([Tuple]::Create([string] $Request.runbook, $text)) $isShared }
        # The lines of a test are in the list too, up to a thousand of them, each with all that was compiled for it.
        if ($parsed -and $parsed.Count -gt $mostParsed) { $parsed.Clear() }
    }
}
