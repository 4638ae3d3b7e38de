"""Write pexgen/simulation/signatures*.json: the parameter sets that the simulated Exchanges bind with.

``signatures.json`` is Exchange Online's; ``signatures-server.json`` holds Exchange Server 2016, 2019 and SE in one:
what only some of them have says ``where``.

A development tool, run when Microsoft's reference changes: ``python tools/signatures.py REFERENCE_FOLDER``, the folder
with ``cmdlets.json`` (Microsoft's reference) and ``exceptions.json`` (where the real modules differ from it).
"""

from __future__ import annotations

import json
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "pexgen" / "simulation"
SERVERS = ("2016", "2019", "SE")
ONLINE_CMDLETS = [
    "Get-ConnectionInformation",
    "Connect-ExchangeOnline",
    "Disconnect-ExchangeOnline",
    "Get-AcceptedDomain",
    "Get-OrganizationConfig",
    "Set-OrganizationConfig",
    "Get-Recipient",
    "Get-User",
    "Set-User",
    "Get-UnifiedGroup",
    "Get-Mailbox",
    "New-Mailbox",
    "Set-Mailbox",
    "Remove-Mailbox",
    "Get-MailboxStatistics",
    "Get-CASMailbox",
    "Set-CASMailbox",
    "Get-CalendarProcessing",
    "Set-CalendarProcessing",
    "Get-DistributionGroup",
    "New-DistributionGroup",
    "Set-DistributionGroup",
    "Remove-DistributionGroup",
    "Get-DistributionGroupMember",
    "Add-DistributionGroupMember",
    "Remove-DistributionGroupMember",
    "Get-ServicePrincipal",
    "New-ServicePrincipal",
    "Set-ServicePrincipal",
    "Remove-ServicePrincipal",
    "Get-ManagementScope",
    "New-ManagementScope",
    "Set-ManagementScope",
    "Remove-ManagementScope",
    "Get-ManagementRoleAssignment",
    "New-ManagementRoleAssignment",
    "Set-ManagementRoleAssignment",
    "Remove-ManagementRoleAssignment",
    "Get-ManagementRole",
    "Test-ServicePrincipalAuthorization",
    "Get-MailboxPermission",
    "Add-MailboxPermission",
    "Remove-MailboxPermission",
    "Get-App",
    "New-App",
    "Set-App",
    "Remove-App",
]
SERVER_CMDLETS = [
    "Get-ExchangeServer",
    "Get-ADServerSettings",
    "Set-ADServerSettings",
    "Get-AcceptedDomain",
    "Get-OrganizationConfig",
    "Get-Recipient",
    "Get-User",
    "Set-User",
    "Get-Mailbox",
    "New-Mailbox",
    "Set-Mailbox",
    "Remove-Mailbox",
    "Get-MailboxStatistics",
    "Get-CASMailbox",
    "Set-CASMailbox",
    "Get-CalendarProcessing",
    "Set-CalendarProcessing",
    "Get-DistributionGroup",
    "Get-DistributionGroupMember",
    "Get-ManagementScope",
    "New-ManagementScope",
    "Set-ManagementScope",
    "Remove-ManagementScope",
    "Get-ManagementRole",
    "Get-ManagementRoleAssignment",
    "New-ManagementRoleAssignment",
    "Set-ManagementRoleAssignment",
    "Remove-ManagementRoleAssignment",
    "Get-MailboxPermission",
    "Add-MailboxPermission",
    "Remove-MailboxPermission",
    "Get-WebServicesVirtualDirectory",
    "Set-WebServicesVirtualDirectory",
    "Get-App",
    "New-App",
    "Set-App",
    "Remove-App",
]
# By Microsoft's own example of the cmdlet, Set-ADServerSettings -ViewEntireForest $true, which fits two sets.
DEFAULT_SETS = {"Set-ADServerSettings": "FullParams"}
COMMON = {"WhatIf", "Confirm"}
TYPES = {
    "Boolean": "bool",
    "System.Boolean": "bool",
    "SwitchParameter": "switch",
    "switch": "switch",
    "string": "string",
    "String": "string",
    "String[]": "string[]",
    "Byte[]": "byte[]",
    "SecureString": "securestring",
    "PSCredential": "pscredential",
    "Int16": "int16",
    "Int32": "int",
    "Int64": "long",
    "UInt32": "uint32",
    "DateTime": "datetime",
}
# "[[-Name] <T>]" and "[-Name] <T>" have a position; "[-Name <T>]", "[-Name]" and the first are optional.
TOKEN = re.compile(
    r"\[\[-(?P<optional_positional>\w+)\] <[^>]*>+\]"
    r"|\[-(?P<positional>\w+)\] <[^>]*>+"
    r"|\[-(?P<optional>\w+)(?: <[^>]*>+)?\]"
    r"|-(?P<mandatory>\w+)(?: <[^>]*>+)?"
)


def clr_type(cmdlet: str, name: str, documented: str, exceptions: dict[str, Any]) -> str:
    """Return the type that the module's exported function gives this parameter; Exchange's own types are objects."""
    documented = exceptions["corrected_types"].get(f"{cmdlet}:{name}", documented)
    fallback = "object[]" if documented.endswith("[]") else "object"
    plain = TYPES.get(documented, fallback)
    if name in exceptions["nullable"].get(cmdlet, ()) and plain in {"bool", "int"}:
        return f"nullable[{plain}]"
    return plain


def attributes(*, optional: bool, position: int | None, pipeline: str) -> str:
    """Return the arguments of ``[Parameter()]`` for one parameter in one set."""
    words = [] if optional else ["Mandatory"]
    if position is not None:
        words.append(f"Position = {position}")
    if pipeline.startswith("True"):
        words += ["ValueFromPipeline", "ValueFromPipelineByPropertyName"]
    return ", ".join(words)


def read_set(
    cmdlet: str, text: str, known: dict[str, Any], exceptions: dict[str, Any], platform: str
) -> dict[str, str] | None:
    """Return parameter -> attributes for one line of syntax; None where the set does not exist on the platform."""
    found: dict[str, str] = {}
    position = 0
    for match in TOKEN.finditer(text.replace("[<CommonParameters>]", "")):
        kind, name = next((kind, name) for kind, name in match.groupdict().items() if name)
        optional = "optional" in kind or f"{cmdlet}:{name}" in exceptions["optional_although_required"]
        entry = known.get(name, {})
        if name in COMMON:
            continue
        if platform not in entry.get("where", [platform]):
            if not optional:
                return None
            continue
        place = position if "positional" in kind else None
        found[name] = attributes(optional=optional, position=place, pipeline=entry.get("pipeline", ""))
        position += "positional" in kind
    return found


def signature(cmdlet: str, reference: dict[str, Any], exceptions: dict[str, Any], platform: str) -> dict[str, Any]:
    """Return what the simulation needs to know of one cmdlet on a platform: online, or a version of the server."""
    known = reference["parameters"]
    extra = exceptions["extra_parameters"]["server" if platform in SERVERS else platform].get(cmdlet, {})
    sets: dict[str, dict[str, str]] = {}
    for set_name, text in reference["syntax"].items():
        # A set that is named after a parameter which the platform lacks is the other platform's set.
        if platform not in known.get(set_name, {}).get("where", [platform]):
            continue
        found = read_set(cmdlet, text, known, exceptions, platform)
        if found is not None:
            sets[set_name] = found | dict.fromkeys(extra, "")
    given = exceptions["default_parameter_set"] | DEFAULT_SETS
    default = given.get(cmdlet) or next(
        (name for name in exceptions["default_parameter_set_otherwise"] if name in sets), ""
    )
    parameters: dict[str, Any] = {}
    for name in sorted({name for found in sets.values() for name in found}):
        # The reference lists a few parameters in its syntax alone, all of them flags.
        entry = known.get(name) or extra.get(name) or {"type": "Boolean"}
        by_set = {set_name: found[name] for set_name, found in sets.items() if name in found}
        if len(by_set) == len(sets) and len(set(by_set.values())) == 1:
            by_set = {"*": next(iter(by_set.values()))}
        parameters[name] = {"type": clr_type(cmdlet, name, entry["type"], exceptions), "sets": by_set}
        if entry.get("aliases"):
            parameters[name]["aliases"] = entry["aliases"]
    return {
        "default": default,
        "sets": sorted(sets),
        "supportsShouldProcess": "[-WhatIf]" in " ".join(reference["syntax"].values()),
        "asksByItself": any(fnmatchcase(cmdlet, pattern) for pattern in exceptions["asks_by_itself"]),
        "parameters": parameters,
    }


def server_signature(cmdlet: str, reference: dict[str, Any], exceptions: dict[str, Any]) -> dict[str, Any]:
    """Return the signature over all versions of the server; a parameter that only some have says ``where``.

    Raises ValueError where the versions disagree about anything else: the file has no form for that.
    """
    versions = {version: signature(cmdlet, reference, exceptions, version) for version in SERVERS}
    merged: dict[str, Any] = versions[SERVERS[-1]] | {"parameters": {}}
    for version, found in versions.items():
        if {**found, "parameters": {}} != {**merged, "parameters": {}}:
            message = f"{cmdlet}: its parameter sets of {version} are not those of {SERVERS[-1]}"
            raise ValueError(message)
        for name, entry in found["parameters"].items():
            if merged["parameters"].setdefault(name, entry) != entry:
                message = f"{cmdlet} -{name} differs between the versions"
                raise ValueError(message)
    for name, entry in merged["parameters"].items():
        where = [version for version, found in versions.items() if name in found["parameters"]]
        if len(where) < len(SERVERS):
            entry["where"] = where
    return merged


def write(path: Path, about: dict[str, Any], signatures: dict[str, dict[str, Any]]) -> None:
    """Write a file, one parameter a line so that a change of the reference is a readable difference."""
    lines = [f'{{"about": {json.dumps(about)},', '"cmdlets": {']
    for number, (cmdlet, found) in enumerate(sorted(signatures.items()), start=1):
        parameters = found.pop("parameters")
        head = json.dumps(found)[:-1]
        body = ",\n".join(f" {json.dumps(name)}: {json.dumps(entry)}" for name, entry in sorted(parameters.items()))
        lines += [f'"{cmdlet}": {head}, "parameters": {{', body, "}}" if number == len(signatures) else "}},"]
    path.write_text("\n".join([*lines, "}}", ""]), encoding="utf-8", newline="\n")


def main(folder: Path) -> None:
    """Write both files."""
    reference = json.loads((folder / "cmdlets.json").read_text("utf-8"))
    exceptions = json.loads((folder / "exceptions.json").read_text("utf-8"))
    about = {key: reference[key] for key in ("source", "commit", "date")}
    known = reference["cmdlets"] | exceptions["extra_cmdlets"]["server"]
    online = {cmdlet: signature(cmdlet, known[cmdlet], exceptions, "online") for cmdlet in ONLINE_CMDLETS}
    server = {cmdlet: server_signature(cmdlet, known[cmdlet], exceptions) for cmdlet in SERVER_CMDLETS}
    write(FOLDER / "signatures.json", about, online)
    write(FOLDER / "signatures-server.json", about, server)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
