"""PowerShell's own binder accepts and refuses what the real functions' would."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.simulated import SimulatedSession

from pexgen.simulation import FOLDER

SIGNATURES: dict[str, Any] = json.loads((FOLDER / "signatures.json").read_text("utf-8"))["cmdlets"]
SERVER: dict[str, Any] = json.loads((FOLDER / "signatures-server.json").read_text("utf-8"))["cmdlets"]
COMMON = {
    "Verbose", "Debug", "ErrorAction", "WarningAction", "InformationAction", "ProgressAction", "ErrorVariable",
    "WarningVariable", "InformationVariable", "OutVariable", "OutBuffer", "PipelineVariable",
}  # fmt: skip
DESCRIBE = """
foreach ($name in @'
{names}
'@ -split '\\s+') {{
    $command = Get-Command $name
    [pscustomobject]@{{
        name = $name; default = $command.DefaultParameterSet
        parameters = @(foreach ($parameter in $command.Parameters.Values) {{
            [pscustomobject]@{{
                name = $parameter.Name; type = $parameter.ParameterType.Name; aliases = @($parameter.Aliases)
                mandatory = @(foreach ($set in $parameter.ParameterSets.GetEnumerator()) {{
                    if ($set.Value.IsMandatory) {{ $set.Key }}
                }})
            }}
        }})
    }}
}}
"""
TYPES = {
    "bool": "Boolean", "switch": "SwitchParameter", "string": "String", "string[]": "String[]", "object": "Object",
    "object[]": "Object[]", "byte[]": "Byte[]", "securestring": "SecureString", "pscredential": "PSCredential",
    "int": "Int32", "int16": "Int16", "long": "Int64", "uint32": "UInt32", "datetime": "DateTime",
    "nullable[bool]": "Nullable`1", "nullable[int]": "Nullable`1",
}  # fmt: skip


def check(console: SimulatedSession, signatures: dict[str, Any]) -> None:
    """Check that the session has these functions with just these parameters."""
    found = console.run(DESCRIBE.format(names="\n".join(signatures))).objects
    assert [entry["name"] for entry in found] == list(signatures)
    for entry in found:
        wanted = signatures[entry["name"]]
        extra = {"WhatIf", "Confirm"} if wanted["supportsShouldProcess"] else set()
        parameters = {parameter["name"]: parameter for parameter in entry["parameters"]}
        assert set(parameters) - COMMON == set(wanted["parameters"]) | extra, entry["name"]
        if wanted["default"]:
            assert entry["default"] == wanted["default"]
        for name, signature in wanted["parameters"].items():
            assert parameters[name]["type"] == TYPES[signature["type"]], (entry["name"], name)
            assert parameters[name]["aliases"] == signature.get("aliases", []), (entry["name"], name)
            mandatory = {key for key, words in signature["sets"].items() if "Mandatory" in words}
            shown = {key.replace("__AllParameterSets", "*") for key in parameters[name]["mandatory"]}
            assert shown == {key.replace("__AllParameterSets", "*") for key in mandatory}, (entry["name"], name)


def test_every_function_has_the_parameters_of_its_signature(console: SimulatedSession) -> None:
    check(console, SIGNATURES)


@pytest.mark.parametrize("version", ["2016", "2019", "SE"])
def test_every_function_of_a_server_has_the_parameters_of_its_version(shell: SimulatedSession, version: str) -> None:
    shell.tenant["version"] = version
    check(
        shell,
        {
            cmdlet: signature
            | {
                "parameters": {
                    name: entry
                    for name, entry in signature["parameters"].items()
                    if version in entry.get("where", [version])
                }
            }
            for cmdlet, signature in SERVER.items()
        },
    )


def test_one_parameter_tells_the_versions_of_the_server_apart() -> None:
    # Without any, the test before would prove nothing of the versions.
    some = {
        f"{cmdlet} -{name}": entry["where"]
        for cmdlet, signature in SERVER.items()
        for name, entry in signature["parameters"].items()
        if "where" in entry
    }
    assert some == {"Set-User -AuthenticationPolicy": ["2019", "SE"]}


def test_what_exchange_online_alone_has_does_not_bind_on_a_server(shell: SimulatedSession) -> None:
    found = shell.value(
        "$found = @{}\n"
        "foreach ($text in @'\n"
        "Get-Mailbox -Identity x -SoftDeletedMailbox\n"
        "New-ManagementRoleAssignment -App x -Role y\n"
        "New-ManagementRoleAssignment -User x -Role y -RecipientGroupScope z\n"
        "New-Mailbox -Name x -MicrosoftOnlineServicesID x@contoso.com\n"
        "Get-OrganizationConfig -RetrieveEwsOperationAccessPolicy\n"
        "Get-ServicePrincipal\n"
        "Get-ConnectionInformation\n"
        "Test-ServicePrincipalAuthorization -Identity x\n"
        "Get-UnifiedGroup\n"
        "'@ -split '\\n') {\n"
        "    try { $null = & ([scriptblock]::Create(\"$text -ErrorAction Stop\")); $found[$text] = 'bound' }\n"
        "    catch { $found[$text] = $_.FullyQualifiedErrorId -replace ',.*' }\n"
        "}\n$found"
    )
    assert sorted(found.values()) == ["CommandNotFoundException"] * 4 + ["NamedParameterNotFound"] * 5, found
    assert shell.run("Get-ExchangeServer").calls[0].n == 1


@pytest.mark.parametrize(
    "command",
    [
        "Get-ManagementRoleAssignment -App x",
        "New-ManagementScope -Name x -ServerRestrictionFilter y",
        "New-Mailbox -Name x -Equipment -Database y",
        "Get-Mailbox -DomainController x",
        "New-ManagementRoleAssignment -App x -Role y -CustomConfigWriteScope z",
    ],
)
def test_parameters_that_do_not_exist_online_do_not_bind(console: SimulatedSession, command: str) -> None:
    assert console.error(command)["id"].startswith("NamedParameterNotFound")


def test_parameters_of_two_sets_do_not_bind_together(console: SimulatedSession) -> None:
    command = "New-ManagementRoleAssignment -App x -Role y -CustomRecipientWriteScope z"
    assert console.error(command)["id"].startswith("AmbiguousParameterSet")


def test_delegating_needs_a_value_at_reading(console: SimulatedSession) -> None:
    assert console.error("Get-ManagementRoleAssignment -Delegating")["id"].startswith("MissingArgument")


def test_a_flag_takes_no_text_and_a_nullable_one_takes_nothing(console: SimulatedSession) -> None:
    # "if (true)" as text is a mistake that PowerShell's own binder refuses for a Boolean.
    assert console.error("Set-CASMailbox -Identity anna@contoso.com -EwsEnabled 'yes'")["id"].startswith(
        "ParameterArgumentTransformationError"
    )
    assert console.run("Set-OrganizationConfig -EwsEnabled $null").calls[0].outcome == "ok"


def test_the_service_id_of_a_pointer_may_be_left_out(console: SimulatedSession) -> None:
    parameters = SIGNATURES["New-ServicePrincipal"]["parameters"]
    assert parameters["ServiceId"]["sets"] == {"*": ""}
    assert console.error("New-ServicePrincipal -AppId x -ObjectId y")["reason"] == "InvalidServicePrincipalException"


def test_every_function_has_something_that_answers_it(console: SimulatedSession) -> None:
    missing = console.run(
        "& (Get-Module tmpEXO_*) {\n"
        "(Get-Signatures).PSObject.Properties.Name | Where-Object { -not $script:Handler[$_] } }"
    ).objects
    assert set(missing) == {"Connect-ExchangeOnline", "Disconnect-ExchangeOnline", "Get-ConnectionInformation"}


def test_every_function_of_a_server_has_something_that_answers_it(shell: SimulatedSession) -> None:
    assert not shell.run(
        "& (Get-Module tmp_*) {\n"
        "(Get-Signatures).PSObject.Properties.Name | Where-Object { -not $script:Handler[$_] } }"
    ).objects
