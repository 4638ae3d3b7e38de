# Lists the commands that PowerShell files call, from their syntax trees, as JSON on standard output:
# [{file, function, line, command, parameters, positional, unresolved}], one entry a call. `parameters` holds the source
# text of each argument, '' for a switch. A splatted variable counts with the keys that the same function gives it as
# literals; one that the function fills in no such way is named under `unresolved`.
param([string[]] $Path)

$ErrorActionPreference = 'Stop'
$language = 'System.Management.Automation.Language'

function Get-Owner($Ast) {
    # The function in which something stands, or the file.
    while ($null -ne $Ast.Parent -and $Ast -isnot "$language.FunctionDefinitionAst") { $Ast = $Ast.Parent }
    $Ast
}

function Get-Table($Right) {
    # The table @{ } on the right of an assignment, also behind a type; $null where something else stands there.
    $expression = if ($Right -is "$language.CommandExpressionAst") { $Right.Expression } else { $null }
    if ($expression -is "$language.ConvertExpressionAst") { $expression = $expression.Child }
    if ($expression -is "$language.HashtableAst") { $expression }
}

function Add-Splat($Owner, [string] $Name, $Parameters) {
    # Adds what the owner gives the variable, and says whether it is a table of the owner's at all.
    $isTable = $false
    foreach ($assignment in $Owner.FindAll({ param($node) $node -is "$language.AssignmentStatementAst" }, $true)) {
        $left = $assignment.Left
        if ("$left" -eq "`$$Name") {
            $table = Get-Table $assignment.Right
            if ($null -eq $table) { return $false }
            $isTable = $true
            foreach ($pair in $table.KeyValuePairs) { $Parameters["$($pair.Item1.SafeGetValue())"] = "$($pair.Item2)" }
        } elseif ($left -is "$language.IndexExpressionAst" -and "$($left.Target)" -eq "`$$Name") {
            if ($left.Index -is "$language.ConstantExpressionAst") { $Parameters["$($left.Index.Value)"] = "$($assignment.Right)" }
        } elseif ($left -is "$language.MemberExpressionAst" -and "$($left.Expression)" -eq "`$$Name") {
            $Parameters["$($left.Member)"] = "$($assignment.Right)"
        }
    }
    $isTable
}

function Get-Call($File, $Command) {
    $owner = Get-Owner $Command
    $parameters, $unresolved, $positional, $last = @{}, @(), 0, ''
    foreach ($element in @($Command.CommandElements | Select-Object -Skip 1)) {
        if ($element -is "$language.CommandParameterAst") {
            $last = if ($null -eq $element.Argument) { $element.ParameterName } else { '' }
            $parameters[$element.ParameterName] = "$($element.Argument)"
        } elseif ($element -is "$language.VariableExpressionAst" -and $element.Splatted) {
            $name = $element.VariablePath.UserPath
            if (-not (Add-Splat $owner $name $parameters)) { $unresolved += $name }
            $last = ''
        } else {
            # What follows a parameter is taken for its argument, so that a switch hides one positional argument.
            if ($last -ne '') { $parameters[$last] = "$element" } else { $positional++ }
            $last = ''
        }
    }
    [ordered]@{
        file = $File
        function = if ($owner -is "$language.FunctionDefinitionAst") { $owner.Name } else { '' }
        line = $Command.Extent.StartLineNumber
        command = $Command.GetCommandName()
        parameters = $parameters
        positional = $positional
        unresolved = $unresolved
    }
}

$calls = foreach ($file in $Path) {
    $errors = $null
    $tree = [System.Management.Automation.Language.Parser]::ParseFile($file, [ref] $null, [ref] $errors)
    if ($errors) { throw "${file}: $($errors[0].Message) (line $($errors[0].Extent.StartLineNumber))" }
    foreach ($command in $tree.FindAll({ param($node) $node -is "$language.CommandAst" }, $true)) { Get-Call $file $command }
}
ConvertTo-Json -InputObject @($calls) -Depth 4 -Compress
