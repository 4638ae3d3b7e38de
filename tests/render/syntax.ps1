# Reads a script's syntax tree and lists, as JSON on standard output, what a runbook must not contain: what Windows
# PowerShell 5.1 lacks, and what PSScriptAnalyzer's default rules report, as far as a syntax tree shows it.
# [{rule, line, text}]; nothing found is []. Not covered, because they need types or the analyzer's own data:
# UseOutputTypeCorrectly, UseCmdletCorrectly, UseCompatibleCommands, AvoidInvokingEmptyMembers.
param([string] $Path)

$ErrorActionPreference = 'Stop'
$tokens, $errors = $null, $null
$tree = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref] $tokens, [ref] $errors)
$text = [System.IO.File]::ReadAllText($Path)
$found = [System.Collections.Generic.List[object]]::new()

function Add-Finding([string] $Rule, $Extent, [string] $What) {
    $found.Add([ordered]@{ rule = $Rule; line = $Extent.StartLineNumber; text = $What })
}

# The nodes of the whole tree, looked through once: it has tens of thousands. Those of a type are kept in the order of
# their places, so that what is below a node is found without looking through the tree again.
$nodes = @($tree.FindAll({ $true }, $true))
$types, $placed = @{}, @{}

function Get-NodeType([string] $Name) {
    if (-not $types.ContainsKey($Name)) { $types[$Name] = [type] "System.Management.Automation.Language.$Name" }
    $types[$Name]
}

function Get-Placed([string] $Type) {
    if (-not $placed.ContainsKey($Type)) {
        $wanted = Get-NodeType $Type
        $found = @(foreach ($node in $nodes) { if ($wanted.IsInstanceOfType($node)) { $node } })
        # Each with its number: of two arrays PowerShell would sort a copy of the second.
        $number = 0
        $keys = [long[]] @(foreach ($node in $found) { ([long] $node.Extent.StartOffset -shl 24) + $number++ })
        [array]::Sort($keys)
        $placed[$Type] = @{
            Nodes = @(foreach ($key in $keys) { $found[[int] ($key -band 0xFFFFFF)] })
            Starts = [int[]] @(foreach ($key in $keys) { $key -shr 24 })
        }
    }
    $placed[$Type]
}

function Find-Node($Root, [string] $Type, [bool] $Nested = $true) {
    # What is below a node, itself included; without Nested not what is in a function or script block of its own there.
    $all = Get-Placed $Type
    if ($Nested -and [object]::ReferenceEquals($Root, $tree)) { return $all.Nodes }
    $at = [array]::BinarySearch($all.Starts, $Root.Extent.StartOffset)
    if ($at -lt 0) { $at = -bnot $at }
    while ($at -gt 0 -and $all.Starts[$at - 1] -eq $Root.Extent.StartOffset) { $at-- }
    for (; $at -lt $all.Starts.Length -and $all.Starts[$at] -lt $Root.Extent.EndOffset; $at++) {
        if ($Nested -or -not (Test-Apart $all.Nodes[$at] $Root)) { $all.Nodes[$at] }
    }
}

function Test-Apart($Node, $Root) {
    while ($null -ne $Node -and -not [object]::ReferenceEquals($Node, $Root)) {
        $Node = $Node.Parent
        if ([object]::ReferenceEquals($Node, $Root)) { return $false }
        if ($Node -is [System.Management.Automation.Language.FunctionDefinitionAst] -or
            $Node -is [System.Management.Automation.Language.ScriptBlockExpressionAst]) { return $true }
    }
    $false
}

function Test-Type($Node, [string] $Type) { (Get-NodeType $Type).IsInstanceOfType($Node) }

foreach ($problem in $errors) { Add-Finding 'parse' $problem.Extent $problem.Message }

# ---- What a value from a remote session must not go past ----
# An enumeration arrives there as a number with a text over it, and Get-Property alone makes its text of it. Elsewhere a
# property of an answer is only asked whether it is there.
foreach ($index in Find-Node $tree 'IndexExpressionAst') {
    if ("$($index.Target)" -notmatch '\.PSObject\.Properties$') { continue }
    $function = $index
    while ($null -ne $function -and -not (Test-Type $function 'FunctionDefinitionAst')) { $function = $function.Parent }
    $isAsked = (Test-Type $index.Parent 'BinaryExpressionAst') -and "$($index.Parent.Left)" -eq '$null'
    if (-not $isAsked -and "$($function.Name)" -ne 'Get-Property') { Add-Finding 'answer-property' $index.Extent "$($index.Parent)" }
}

# ---- What Windows PowerShell 5.1 lacks ----
foreach ($type in 'TernaryExpressionAst', 'PipelineChainAst', 'UsingStatementAst', 'TypeDefinitionAst') {
    foreach ($node in Find-Node $tree $type) { Add-Finding "no-$type" $node.Extent "$node" }
}
foreach ($token in $tokens) {
    if ("$($token.Kind)" -in 'QuestionQuestion', 'QuestionQuestionEquals', 'QuestionDot', 'QuestionLBracket', 'Clean') {
        Add-Finding "no-$($token.Kind)" $token.Extent $token.Text
    }
    if ("$($token.Kind)" -like '*Expandable' -and $token.Text -match '`(u\{|e)') {
        Add-Finding 'no-escape-of-7' $token.Extent $token.Text
    }
    if ("$($token.Kind)" -eq 'LineContinuation') { Add-Finding 'no-backtick' $token.Extent 'line continued with a backtick' }
}
$newParameters = @{
    'ConvertFrom-Json' = 'AsHashtable', 'Depth', 'NoEnumerate', 'DateKind'
    'ConvertTo-Json' = 'AsArray', 'EscapeHandling'
    'ForEach-Object' = 'Parallel', 'ThrottleLimit', 'AsJob'
    'Get-ChildItem' = 'FollowSymlink'
    'Get-Content' = 'AsByteStream'
    'Set-Content' = 'AsByteStream'
    'Add-Content' = 'AsByteStream'
    'Get-Date' = 'AsUTC', 'UnixTimeSeconds'
    'Join-Path' = 'AdditionalChildPath', 'Extension'
    'Measure-Object' = 'AllStats', 'StandardDeviation'
    'New-Guid' = 'Empty', 'InputObject'
    'Select-Object' = 'SkipIndex', 'CaseInsensitive'
    'Select-String' = 'NoEmphasis', 'Raw', 'Culture'
    'Sort-Object' = 'Stable', 'Top', 'Bottom'
    'Split-Path' = 'LeafBase', 'Extension'
    'Start-Sleep' = 'Duration'
    'Get-Random' = 'Shuffle'
    'Format-Hex' = 'Offset', 'Count'
}
$newCommands = 'Test-Json', 'Get-Error', 'Join-String', 'Get-Uptime', 'Remove-Alias', 'ConvertFrom-Markdown', 'Show-Markdown',
    'ConvertTo-CliXml', 'ConvertFrom-CliXml', 'Get-SecureRandom', 'Switch-Process', 'Start-ThreadJob'
$newVariables = 'IsWindows', 'IsLinux', 'IsMacOS', 'IsCoreCLR', 'PSStyle', 'EnabledExperimentalFeatures',
    'PSNativeCommandUseErrorActionPreference'

# ---- Commands ----
$functions = @(Find-Node $tree 'FunctionDefinitionAst')
$aliases = @(Get-Alias | ForEach-Object -MemberName Name) + '%', '?', 'foreach', 'where', 'gci', 'ls', 'dir', 'cd', 'echo'
$banned = 'Read-Host', 'Clear-Host', 'Invoke-Expression', 'Add-Type', 'Invoke-Command', 'Get-WmiObject', 'Set-Alias', 'New-Alias'
foreach ($command in Find-Node $tree 'CommandAst') {
    $name = $command.GetCommandName()
    if ($null -eq $name) { continue }
    if ($name -in $aliases -or $name -notmatch '^([A-Za-z.]+\\)?[A-Z][A-Za-z]+-[A-Z][A-Za-z0-9]+$') { Add-Finding 'no-alias' $command.Extent $name }
    if ($name -in $banned) { Add-Finding 'banned-command' $command.Extent $name }
    if ($name -in $newCommands) { Add-Finding 'no-command-of-7' $command.Extent $name }
    $given = @($command.CommandElements | Where-Object { Test-Type $_ 'CommandParameterAst' } | ForEach-Object { $_.ParameterName })
    foreach ($parameter in $given) {
        if ($parameter -in $newParameters[$name]) { Add-Finding 'no-parameter-of-7' $command.Extent "$name -$parameter" }
    }
    if ($name -eq 'ConvertTo-SecureString' -and $given -contains 'AsPlainText') { Add-Finding 'plain-text' $command.Extent $name }
    if ($given -contains 'ComputerName') { Add-Finding 'computer-name' $command.Extent $name }
    # What comes down a pipeline counts as one more.
    $isPiped = (Test-Type $command.Parent 'PipelineAst') -and $command.Parent.PipelineElements[0] -ne $command
    $elements, $positional, $last = @($command.CommandElements | Select-Object -Skip 1), [int] $isPiped, $false
    foreach ($element in $elements) {
        $isParameter = Test-Type $element 'CommandParameterAst'
        if (-not $isParameter -and -not $last -and -not ((Test-Type $element 'VariableExpressionAst') -and $element.Splatted)) { $positional++ }
        $last = $isParameter -and $null -eq $element.Argument
    }
    if ($positional -ge 3) { Add-Finding 'positional' $command.Extent "$command" }
    if ($name -eq 'Join-Path' -and $elements.Count -ge 3 -and $given.Count -eq 0) { Add-Finding 'no-parameter-of-7' $command.Extent "$command" }
}

# ---- Variables ----
$automatic = 'args', 'input', 'matches', 'error', 'event', 'sender', 'this', 'profile', 'pwd', 'pid', 'host', 'home', 'foreach',
    'true', 'false', '_', 'psitem', 'pscmdlet', 'psboundparameters', 'myinvocation', 'psscriptroot', 'pscommandpath',
    'psversiontable', 'psedition', 'pshome', 'executioncontext', 'stacktrace', 'shellid', 'consolefilename', 'psculture',
    'psuiculture', 'eventargs', 'eventsubscriber', 'nestedpromptlevel', 'pssenderinfo'
# The engine reads these itself.
$preferences = 'OFS', 'null', 'PSDefaultParameterValues', 'ErrorActionPreference', 'WarningPreference', 'VerbosePreference',
    'DebugPreference', 'InformationPreference', 'ProgressPreference', 'ConfirmPreference', 'WhatIfPreference'

function Get-Target($Left) {
    # The variable that an assignment gives a whole new value, if it is one.
    while ((Test-Type $Left 'AttributedExpressionAst') -or (Test-Type $Left 'ConvertExpressionAst')) { $Left = $Left.Child }
    if (Test-Type $Left 'VariableExpressionAst') { $Left }
}

foreach ($variable in Find-Node $tree 'VariableExpressionAst') {
    if ($variable.VariablePath.IsGlobal) { Add-Finding 'no-global' $variable.Extent "$variable" }
    if ($variable.VariablePath.UserPath -in $newVariables) { Add-Finding 'no-variable-of-7' $variable.Extent "$variable" }
}
$targets = @(Find-Node $tree 'AssignmentStatementAst' | ForEach-Object { Get-Target $_.Left }) +
    @(Find-Node $tree 'AssignmentStatementAst' | Where-Object { Test-Type $_.Left 'ArrayLiteralAst' } | ForEach-Object { $_.Left.Elements }) +
    @(Find-Node $tree 'ForEachStatementAst' | ForEach-Object { $_.Variable }) +
    @(Find-Node $tree 'ParameterAst' | ForEach-Object { $_.Name })
foreach ($target in $targets) {
    if ((Test-Type $target 'VariableExpressionAst') -and $target.VariablePath.UserPath -in $automatic) {
        Add-Finding 'automatic-variable' $target.Extent "$target"
    }
}
foreach ($block in Find-Node $tree 'ScriptBlockAst') {
    $written = @(Find-Node $block 'AssignmentStatementAst' $false | ForEach-Object { Get-Target $_.Left } |
            Where-Object { $_.VariablePath.IsUnqualified })
    if (-not $written) { continue }
    # Not -notin: it would compare every variable of the script with every one that is written.
    $assigned = [System.Collections.Generic.HashSet[object]]::new([object[]] $written)
    $read = @(Find-Node $block 'VariableExpressionAst' | Where-Object { -not $assigned.Contains($_) } | ForEach-Object { $_.VariablePath.UserPath })
    foreach ($variable in $written) {
        $name = $variable.VariablePath.UserPath
        if ($name -notin $preferences -and $name -notin $read) { Add-Finding 'unused-variable' $variable.Extent $name }
    }
}

# ---- Functions ----
$verbs = 'Add', 'Approve', 'Assert', 'Backup', 'Block', 'Build', 'Checkpoint', 'Clear', 'Close', 'Compare', 'Complete', 'Compress',
    'Confirm', 'Connect', 'Convert', 'ConvertFrom', 'ConvertTo', 'Copy', 'Debug', 'Deny', 'Deploy', 'Disable', 'Disconnect',
    'Dismount', 'Edit', 'Enable', 'Enter', 'Exit', 'Expand', 'Export', 'Find', 'Format', 'Get', 'Grant', 'Group', 'Hide', 'Import',
    'Initialize', 'Install', 'Invoke', 'Join', 'Limit', 'Lock', 'Measure', 'Merge', 'Mount', 'Move', 'New', 'Open', 'Optimize',
    'Out', 'Ping', 'Pop', 'Protect', 'Publish', 'Push', 'Read', 'Receive', 'Redo', 'Register', 'Remove', 'Rename', 'Repair',
    'Request', 'Reset', 'Resize', 'Resolve', 'Restart', 'Restore', 'Resume', 'Revoke', 'Save', 'Search', 'Select', 'Send', 'Set',
    'Show', 'Skip', 'Split', 'Start', 'Step', 'Stop', 'Submit', 'Suspend', 'Switch', 'Sync', 'Test', 'Trace', 'Unblock', 'Undo',
    'Uninstall', 'Unlock', 'Unprotect', 'Unpublish', 'Unregister', 'Update', 'Use', 'Wait', 'Watch', 'Write'
$changing = 'New', 'Set', 'Remove', 'Start', 'Stop', 'Restart', 'Reset', 'Update'
$common = 'Verbose', 'Debug', 'ErrorAction', 'WarningAction', 'InformationAction', 'ErrorVariable', 'WarningVariable',
    'OutVariable', 'OutBuffer', 'PipelineVariable', 'WhatIf', 'Confirm'
# Looked up once in a process: it takes longer than a small script.
if ($null -eq [AppDomain]::CurrentDomain.GetData('PexgenCmdlets')) {
    [AppDomain]::CurrentDomain.SetData('PexgenCmdlets', [System.Collections.Generic.HashSet[string]]::new(
            [string[]] (Get-Command -CommandType Cmdlet).Name, [System.StringComparer]::OrdinalIgnoreCase))
}
$cmdlets = [AppDomain]::CurrentDomain.GetData('PexgenCmdlets')
$defined = @{}
foreach ($function in $functions) { $defined[$function.Name]++ }
foreach ($function in $functions) {
    $verb, $noun = $function.Name -split '-', 2
    if ($verb -cnotin $verbs -or -not $noun) { Add-Finding 'approved-verb' $function.Extent $function.Name }
    if ($noun -cmatch '(?<!s|u|i)s$') { Add-Finding 'singular-noun' $function.Extent $function.Name }
    $lines = $function.Extent.EndLineNumber - $function.Extent.StartLineNumber + 1
    if ($lines -gt 40) { Add-Finding 'long-function' $function.Extent "$($function.Name): $lines lines" }
    $supports = "$($function.Body.ParamBlock.Attributes)" -match 'SupportsShouldProcess'
    $asks = "$($function.Body)" -match '\$PSCmdlet\.ShouldProcess'
    if ($supports -ne $asks) { Add-Finding 'should-process' $function.Extent $function.Name }
    if ($verb -in $changing -and -not $supports) { Add-Finding 'state-changing-verb' $function.Extent $function.Name }
    if ($cmdlets.Contains($function.Name)) { Add-Finding 'overwrites-cmdlet' $function.Extent $function.Name }
    if ($defined[$function.Name] -gt 1) { Add-Finding 'defined-twice' $function.Extent $function.Name }
    if ("$($function.Body)" -match '\$PSBoundParameters') { continue }
    # A use inside a script block counts only where the block belongs to one of these two commands.
    $uses = @(Find-Node $function.Body 'VariableExpressionAst' | Where-Object {
            $parent, $counts = $_.Parent, $true
            while (-not [object]::ReferenceEquals($parent, $function.Body)) {
                if ($parent -is [System.Management.Automation.Language.ScriptBlockExpressionAst]) {
                    $counts = $counts -and (Test-Type $parent.Parent 'CommandAst') -and
                        $parent.Parent.GetCommandName() -in 'Where-Object', 'ForEach-Object'
                }
                if ($parent -is [System.Management.Automation.Language.ParameterAst]) { $counts = $false }
                $parent = $parent.Parent
            }
            $counts
        } | ForEach-Object { $_.VariablePath.UserPath })
    foreach ($parameter in @($function.Body.ParamBlock.Parameters) + @($function.Parameters) -ne $null) {
        $name = $parameter.Name.VariablePath.UserPath
        if ($name -notin $uses) { Add-Finding 'unused-parameter' $parameter.Extent "$($function.Name) -$name" }
    }
}
foreach ($parameter in Find-Node $tree 'ParameterAst') {
    $name = $parameter.Name.VariablePath.UserPath
    if ($name -in $common) { Add-Finding 'reserved-parameter' $parameter.Extent $name }
    if ($name -match 'password|passphrase|credential' -and $parameter.StaticType -eq [string]) { Add-Finding 'plain-text' $parameter.Extent $name }
    if ($parameter.StaticType -eq [switch] -and $parameter.DefaultValue) { Add-Finding 'switch-default' $parameter.Extent $name }
    if ("$($parameter.Attributes)" -match 'ValueFromPipeline') { Add-Finding 'pipeline-parameter' $parameter.Extent $name }
}

# ---- Statements ----
foreach ($catch in Find-Node $tree 'CatchClauseAst') {
    if ($catch.Body.Statements.Count -eq 0) { Add-Finding 'empty-catch' $catch.Extent "$catch" }
}
foreach ($comparison in Find-Node $tree 'BinaryExpressionAst') {
    if ("$($comparison.Operator)" -match '^[IC](eq|ne)$' -and "$($comparison.Right)" -eq '$null') { Add-Finding 'null-left' $comparison.Extent "$comparison" }
}
foreach ($statement in @(Find-Node $tree 'IfStatementAst') + @(Find-Node $tree 'WhileStatementAst')) {
    $conditions = if (Test-Type $statement 'IfStatementAst') { $statement.Clauses.Item1 } else { $statement.Condition }
    foreach ($condition in $conditions) {
        foreach ($type in 'AssignmentStatementAst', 'FileRedirectionAst') {
            foreach ($node in Find-Node $condition $type $false) { Add-Finding 'condition' $node.Extent "$condition" }
        }
    }
}
foreach ($call in Find-Node $tree 'InvokeMemberExpressionAst') {
    if ("$($call.Member)" -eq 'ShouldContinue') { Add-Finding 'should-continue' $call.Extent "$call" }
}

# ---- Culture ----
# What goes by the culture of the session gives other answers in Thai, Turkish or Arabic: ordinal or invariant, and said
# so. Measured: the operators without a c, sorting, grouping, -Unique, searching for text, changing case, numbers and
# dates as text. Not: -eq, -contains, switch and [string], which are invariant.
foreach ($command in Find-Node $tree 'CommandAst') {
    $isSorting = $command.GetCommandName() -in 'Sort-Object', 'Group-Object', 'Compare-Object', 'Get-Unique'
    $isUnique = "$command" -match '^Select-Object .*-Unique\b'
    if ($isSorting -or $isUnique -or "$command" -match '^Get-Date .*-(U?Format|Date)\b') { Add-Finding 'culture' $command.Extent "$command" }
}
foreach ($operation in Find-Node $tree 'BinaryExpressionAst') {
    $isByCase = "$($operation.Operator)" -match '^(I(not)?(like|match)|Ireplace|Isplit)$'
    $isPattern = "$($operation.Operator)" -match '(match|replace|split)$' -and "$($operation.Right)" -match '\(\?[a-z]*i'
    if ($isByCase -or $isPattern) { Add-Finding 'culture' $operation.Extent "$operation" }
    if ("$($operation.Operator)" -eq 'Format' -and "$($operation.Left)" -match '\{\d+(,-?\d+)?:(?![DX]\d*\})') {
        Add-Finding 'culture' $operation.Extent "$operation"
    }
}
foreach ($statement in Find-Node $tree 'SwitchStatementAst') {
    if ("$($statement.Flags)" -match 'Wildcard|Regex' -and "$($statement.Flags)" -notmatch 'CaseSensitive') {
        Add-Finding 'culture' $statement.Extent "switch -$($statement.Flags)"
    }
}
foreach ($call in Find-Node $tree 'InvokeMemberExpressionAst') {
    $given, $name, $type = "$($call.Arguments)", "$($call.Member)", "$($call.Expression)"
    $isSearch = $name -in 'IndexOf', 'LastIndexOf', 'StartsWith', 'EndsWith', 'Compare', 'CompareTo', 'Sort' -and
        $given -notmatch 'Ordinal' -and ($name -notlike '*IndexOf' -or $given -notmatch '^\[char\]')
    $isCase = $name -in 'ToUpper', 'ToLower', 'ToTitleCase' -and $given -notmatch 'Invariant'
    $isText = $name -in 'ToString', 'Parse', 'TryParse', 'ParseExact', 'TryParseExact', 'Format' -and
        $given -notmatch 'Invariant' -and "$given" -ne "'N'" -and -not ($call.Static -and $type -match '^\[(.*BitConverter|guid|version|bool)\]$')
    $isPattern = $type -match '^\[regex\]$' -and $given -match '\(\?[a-z]*i|IgnoreCase' -and $given -notmatch 'CultureInvariant'
    if ($isSearch -or $isCase -or $isText -or $isPattern) { Add-Finding 'culture' $call.Extent "$call" }
}

# ---- What a scanner for injection takes for one ----
foreach ($operation in Find-Node $tree 'BinaryExpressionAst') {
    if ("$($operation.Operator)" -match 'replace$' -and "$($operation.Right)" -match ",\s*(''|`"`")\s*$") {
        Add-Finding 'empty-replacement' $operation.Extent "$operation"
    }
}

# ---- Text ----
$literals = @(Find-Node $tree 'StringConstantExpressionAst' | Where-Object { "$($_.StringConstantType)" -eq 'SingleQuoted' })
$rest = $text.ToCharArray()
foreach ($literal in $literals) {
    $length = $literal.Extent.EndOffset - $literal.Extent.StartOffset
    ('x' * $length).CopyTo(0, $rest, $literal.Extent.StartOffset, $length)
}
$number = 0
foreach ($line in [string]::new($rest) -split '\r?\n') {
    $number++
    if ($line -cmatch '[^\x20-\x7e]') { Add-Finding 'ascii' @{ StartLineNumber = $number } $line }
    if ($line -cmatch '\s$') { Add-Finding 'trailing-space' @{ StartLineNumber = $number } $line }
}
if ($text -match '(?i)\b(md5|sha1)\b') { Add-Finding 'broken-hash' @{ StartLineNumber = 0 } $Matches[0] }

ConvertTo-Json -InputObject @($found) -Depth 3 -Compress
