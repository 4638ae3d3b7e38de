"""``pexgen discover``: the script that looks at a deployment that is there."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from pexgen.cli._completion_values import file_of, one_of
from pexgen.cli._options import Force
from pexgen.cli._starters import METHODS, PLATFORM, check_platform
from pexgen.clouds import CLOUDS
from pexgen.errors import UsageError
from pexgen.inputs import STANDARD

_ENVIRONMENTS = tuple(CLOUDS)
# The option, and the key of a description whose values have the same form.
_FORMS = {
    "TargetOrganization": ("--organization", "target", "organization"),
    "TargetTenantId": ("--tenant-id", "target", "tenant_id"),
    "TargetAcceptedDomain": ("--accepted-domain", "target", "accepted_domain"),
    "EquipmentAddress": ("--equipment", "equipment", "address"),
    "ApplicationClientId": ("--client-id", "application", "client_id"),
}


def discover(
    context: typer.Context,
    method: Annotated[
        str,
        typer.Option(
            "--method",
            metavar="METHOD",
            autocompletion=one_of(METHODS[PLATFORM]),
            help="What to look for; without it, every method.",
        ),
    ] = "",
    platform: Annotated[
        str,
        typer.Option("--platform", metavar="PLATFORM", autocompletion=one_of(METHODS), help="Where the mailboxes are."),
    ] = PLATFORM,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to; - is standard output.", autocompletion=file_of(".ps1")
        ),
    ] = STANDARD,
    force: Force = False,
    allow_unreviewed: Annotated[
        bool, typer.Option("--allow-unreviewed", help="Render a body without review; the script says so.")
    ] = False,
    organization: Annotated[str, typer.Option("--organization", help="The initial domain, if it is known.")] = "",
    tenant_id: Annotated[str, typer.Option("--tenant-id", help="The tenant's ID, if it is known.")] = "",
    environment: Annotated[
        str,
        typer.Option(
            "--environment",
            autocompletion=one_of(_ENVIRONMENTS),
            help=f"The cloud, if it is known: {', '.join(_ENVIRONMENTS)}.",
        ),
    ] = "",
    accepted_domain: Annotated[str, typer.Option("--accepted-domain", help="A domain, on Exchange Server.")] = "",
    equipment: Annotated[str, typer.Option("--equipment", help="The equipment mailbox, if it is known.")] = "",
    service_account: Annotated[str, typer.Option("--service-account", help="The account, if it is known.")] = "",
    client_id: Annotated[str, typer.Option("--client-id", help="The application's client ID, if it is known.")] = "",
) -> None:
    """Render a script that reads what a deployment uses in Exchange, changes nothing, and writes JSON.

    An administrator runs it where the deployment is; `pexgen init --from FOUND.json` makes the description.

    Exit codes: 0 done, 2 usage, 3 the script's body has no review.

    Examples:
        pexgen discover --platform exchange-online -o discover.ps1

        pexgen discover --platform exchange-server -o discover.ps1
    """
    from pexgen.catalogue import load_catalogue
    from pexgen.discovery import assemble_discovery, discovery_script
    from pexgen.reviews import load_ledger, require_review
    from pexgen.template_files import template_folder

    check_platform(platform)
    if method and method not in METHODS[platform]:
        known = "; ".join(f"{', '.join(methods)} on {where}" for where, methods in METHODS.items())
        raise UsageError(f"method {method} does not exist on {platform}", f"there are: {known}")
    if environment and environment not in _ENVIRONMENTS:
        raise UsageError(f"environment {environment} does not exist", f"there are: {', '.join(_ENVIRONMENTS)}")
    given = {
        "ForMethod": method,
        "TargetOrganization": organization,
        "TargetTenantId": tenant_id,
        "TargetEnvironment": environment,
        "TargetAcceptedDomain": accepted_domain,
        "EquipmentAddress": equipment,
        "ServiceAccount": service_account,
        "ApplicationClientId": client_id,
    }
    bad = [value for value in given.values() if not value.isprintable()]
    if bad:
        raise UsageError(f"{bad[0]!r} holds a character that cannot be printed", "type the value anew")
    catalogue = load_catalogue(template_folder())
    body = assemble_discovery(catalogue, platform)
    review = require_review(load_ledger(catalogue), body, allow_unreviewed=allow_unreviewed)
    data = discovery_script(catalogue, body, given, reviewed=review is not None)
    _check_forms(given)
    if output == STANDARD:
        sys.stdout.buffer.write(data)
        return
    from pexgen.files import Output, write_new

    written = write_new([Output(Path(output), data)], force=force)
    state = "written" if written else "already current"
    context.obj.say(f"{output}: {state}; body {body.digest[:12]}, {'reviewed' if review else 'NOT REVIEWED'}")


def _check_forms(given: Mapping[str, str]) -> None:
    """Raise UsageError for a value that has not the form that a description's has."""
    from pexgen.description import schema_of

    for name, (option, section, key) in _FORMS.items():
        wanted = schema_of((section, key))
        value = given[name]
        if value and (len(value) > wanted.get("maxLength", 256) or not re.search(wanted["pattern"], value)):
            raise UsageError(
                f"{option} {value}: {wanted['patternErrorMessage']}", f"for example {wanted['examples'][0]}"
            )
