# The forest: what of it this session sees.

function Get-SeenDomain {
    # Every domain of the forest that shows itself: the forest's root, by which the configuration is named, and those of
    # the servers, of the domain controllers that this session uses, and of its view.
    param($Settings)
    $seen = @([string] $Run.ConnectionUri) + @($Run.ServerDomains) +
        @(Get-Text $Settings 'RecipientViewRoot')
    foreach ($name in 'DefaultGlobalCatalog', 'DefaultConfigurationDomainController',
        'DefaultPreferredDomainControllers') {
        foreach ($controller in @(Get-Property $Settings $name)) {
            $text = [string] $controller
            if ($text.Contains('.')) { $seen += $text.Substring($text.IndexOf([char] '.') + 1) }
        }
    }
    @($seen | ForEach-Object -Process { $_.Split([char] '/')[0].TrimEnd([char] '.').ToLowerInvariant() } |
            Where-Object -FilterScript { $_ } | Select-Distinct -AnyCase | Get-Ordered)
}

function Assert-Forest {
    # A session that sees one domain answers "not found" about everybody of the others, and nothing tells the two apart.
    $guard = 'forest'
    $line = 'Set-ADServerSettings -ViewEntireForest $true'
    try {
        $settings = Get-ADServerSettings -ErrorAction Stop
        $isEntire = Test-Same (Get-Answered $settings -Name 'ViewEntireForest') $true
    } catch {
        $text = if (Get-StopOf $_) { (Get-StopOf $_).Detail } else { Get-ErrorText $_ }
        throw (Get-Stop -State 'refused' -Guard $guard -RequestId (Get-RequestId $_) -Detail (
                "What this session sees of the forest could not be read: $text"))
    }
    if ($isEntire) { return }
    $root = (Get-Text $settings 'RecipientViewRoot').TrimEnd([char] '/')
    Assert-That (-not $root.Contains('/')) -Guard $guard -Message (
        "This session sees only the recipients in '$root'. It would not find any others. Run this line in the same " +
        "session, then the runbook again: $line")
    $domains = @(Get-SeenDomain $settings)
    Assert-That ($domains.Count -le 1) -Guard $guard -Message (
        "The forest has more than one domain ($($domains -join ', ')), and this session sees the recipients of one " +
        "($root). It would not find those of the others. Run this line in the same session, then the runbook " +
        "again: $line")
    # No cmdlet of Exchange lists the domains of a forest: that there is one only is concluded from what was seen.
    Write-Line (
        "View      $($domains -join ', '), as the forest's only domain. If it has others, stop, and run this first: $line")
}
