"""Measures what an Apply costs for each new member of the group, on an Exchange whose answers cost nothing.

``python benchmarks/members.py [COUNT ...]`` renders the sample with that many people who schedule, plays Check and
Apply, and prints the remote calls and the seconds of the run, which are then the runbook's own. The cmdlets about
people and members answer from memory; all others are those of the simulated tenant. Needs a PowerShell.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from pexgen.catalogue import load_catalogue
from pexgen.rehearsal import Engine, Result, find_engine
from pexgen.render import Renderer
from pexgen.simulation import fresh
from pexgen.template_files import template_folder

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "app-permissions.yaml"
COUNTS = (20, 300, 5000, 20000)
# Laid over the simulated module: people and members are in memory, and a look or a change is one lookup in a table.
FREE = r"""
& (Get-Module -Name 'tmpEXO_*') {
    $script:Slow = ${function:Invoke-Call}
    $script:Asked, $script:Listed = 0, [Collections.Generic.List[object]]::new()
    $script:Folk = [Collections.Generic.Dictionary[string, object]]::new([StringComparer]::OrdinalIgnoreCase)
    foreach ($address in [IO.File]::ReadAllLines($env:PEXGEN_PEOPLE)) {
        $script:Folk[$address] = [pscustomobject] @{
            Identity = $address; Name = $address; DisplayName = $address; PrimarySmtpAddress = $address
            RecipientTypeDetails = 'UserMailbox'; Guid = [guid]::NewGuid().ToString()
            ExternalDirectoryObjectId = [guid]::NewGuid().ToString(); EmailAddresses = @("SMTP:$address")
            DistinguishedName = "CN=$address"; WindowsLiveID = $address
        }
    }
    function script:Invoke-Call {
        param([string] $Name, $Sent, $Caller)
        [IO.File]::WriteAllText($env:PEXGEN_COUNT, (++$script:Asked))
        $key = if ($Name -eq 'Add-DistributionGroupMember') { 'Member' } else { 'Identity' }
        $found, $who = $null, [string] $Sent[$key]
        $isKnown = $who -and $script:Folk.TryGetValue($who, [ref] $found)
        if ($Name -eq 'Get-Recipient' -and $isKnown) { return $found }
        if ($Name -eq 'Get-DistributionGroupMember') { return $script:Listed.ToArray() }
        if ($Name -eq 'Add-DistributionGroupMember') {
            if (-not $isKnown) { $found = & $script:Slow 'Get-Recipient' @{ Identity = $who } $Caller }
            $script:Listed.Add($found)
            return
        }
        & $script:Slow $Name $Sent $Caller
    }
}
"""


def main() -> None:
    """Print a line for each count; end with 1 where a run does not end as it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=COUNTS, metavar="COUNT")
    good = True
    print(f"{'members':>8} {'mode':>6} {'exit':>5} {'calls':>7} {'seconds':>8}")
    with Engine(find_engine(), timeout=1800) as engine:
        for count in parser.parse_args().counts:
            for mode, code in (("Check", 2), ("Apply", 0)):
                run, calls, seconds = measured(engine, count, mode)
                good = good and run.exit_code == code
                print(f"{count:>8} {mode:>6} {run.exit_code!s:>5} {calls:>7} {seconds:>8.1f}", flush=True)
    sys.exit(0 if good else 1)


def measured(engine: Engine, count: int, mode: str) -> tuple[Result, int, float]:
    """Play one mode with that many new members; return what came of it, the remote calls and the seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        people = [f"user{number:05}@contoso.com" for number in range(count)]
        runbook = folder / "members.ps1"
        runbook.write_bytes(rendered(people))
        tenant = fresh({**engine.defaults(runbook), "SchedulingGroupMembers": people[:1]})
        paths = {"PEXGEN_PEOPLE": folder / "people.txt", "PEXGEN_COUNT": folder / "count.txt"}
        paths["PEXGEN_PEOPLE"].write_text("\n".join(people), encoding="utf-8")
        lines = [f"$env:{key} = '{path}'" for key, path in paths.items()]
        given: dict[str, Any] = {"Mode": mode, "MaxChanges": count + 1, "AcceptUnreviewed": True}
        if mode == "Apply":
            given |= {"Confirm": False, "JournalPath": [str(folder / "journal.jsonl")]}
        begun = time.perf_counter()
        run = engine.play(runbook, tenant, given, prelude="\n".join([*lines, FREE]))
        seconds = time.perf_counter() - begun
        return run, int(paths["PEXGEN_COUNT"].read_text("utf-8")), seconds


def rendered(people: list[str]) -> bytes:
    """Return the sample's runbook with these people who schedule."""
    described = yaml.safe_load(SAMPLE.read_bytes())
    described["scheduling_group"]["members"] = people
    described["proof"]["in_scope"] = people[:1]
    described.pop("scope", None)
    described.pop("add_in", None)
    renderer = Renderer(load_catalogue(template_folder()), {}, allow_unreviewed=True)
    return renderer.render(json.dumps(described).encode(), str(SAMPLE)).runbook


if __name__ == "__main__":
    main()
