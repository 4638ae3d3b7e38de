# What a body's syntax tree says about its order: for each function its line and the names in it, the names that run while
# the script loads, the keys of each step's table, and each call of a cmdlet of Exchange that is not a read. As JSON.
param([string] $Path, [string[]] $Cmdlet)

$ErrorActionPreference = 'Stop'
$language = 'System.Management.Automation.Language'
$tree = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref] $null, [ref] $null)

function Get-Name($Ast) {
    # Commands that are called, texts that may be the name of one, and variables.
    foreach ($node in $Ast.FindAll({ param($one) $one -is "$language.CommandAst" -or $one -is "$language.StringConstantExpressionAst" }, $true)) {
        if ($node -is "$language.CommandAst") { $node.GetCommandName() } else { $node.Value }
    }
}

function Get-Owner($Ast) {
    while ($null -ne $Ast -and $Ast -isnot "$language.FunctionDefinitionAst") { $Ast = $Ast.Parent }
    if ($null -ne $Ast) { $Ast.Name } else { '' }
}

$functions = [ordered]@{}
$loaded, $keys, $writes = @(), @(), @()
foreach ($statement in $tree.EndBlock.Statements) {
    if ($statement -is "$language.FunctionDefinitionAst") {
        $functions[$statement.Name] = @{
            line = $statement.Extent.StartLineNumber; names = @(Get-Name $statement | Where-Object { $_ -cmatch '^[A-Z]\w+-\w+$' } | Sort-Object -Unique)
        }
        continue
    }
    $loaded += @(Get-Name $statement | Where-Object { $_ -cmatch '^[A-Z]\w+-\w+$' })
    if ("$($statement.Left)" -cnotmatch '^\$Steps\[''(.+)''\]$') { continue }
    $step = $Matches[1]
    $table = $statement.Right.Find({ param($one) $one -is "$language.HashtableAst" }, $true)
    $keys += @($table.KeyValuePairs | ForEach-Object { @{ step = $step; key = "$($_.Item1)" } })
}
foreach ($trap in $tree.EndBlock.Traps) { $loaded += @(Get-Name $trap | Where-Object { $_ -cmatch '^[A-Z]\w+-\w+$' }) }
foreach ($command in $tree.FindAll({ param($one) $one -is "$language.CommandAst" }, $true)) {
    $name = $command.GetCommandName()
    if ($name -cnotin $Cmdlet) { continue }
    $writes += @{ cmdlet = $name; line = $command.Extent.StartLineNumber; function = Get-Owner $command }
}
ConvertTo-Json -Compress -Depth 4 -InputObject @{
    functions = $functions; loaded = @($loaded | Sort-Object -Unique); keys = @($keys); writes = @($writes)
}
