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
