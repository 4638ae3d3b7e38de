"""``pexgen templates``: the bodies that pexgen renders, and their reviews."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pexgen.cli._completion_values import one_of
from pexgen.errors import UsageError
from pexgen.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pexgen.catalogue import Catalogue
    from pexgen.runbook import Body

PACKAGE = Path(__file__).resolve().parent.parent
"""Where this package is; templates inside it were installed, templates beside it are a checkout's."""

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback()
def templates() -> None:
    """Show the bodies of the runbooks and their reviews; approve one after a review."""


@app.command("list")
def list_bodies(
    check: Annotated[
        bool,
        typer.Option("--check", help="Exit 1 if a table is wrong or a body has no review in its present form."),
    ] = False,
) -> None:
    """List every body with its digest, its review, and what of it changed since.

    Exit codes: 0 done, 1 a table is wrong or a body has no review (--check), 2 usage.
    """
    from pexgen.catalogue import load_catalogue
    from pexgen.cli._outputs import show
    from pexgen.cli._talk import wants_color
    from pexgen.cli._text import styled
    from pexgen.reviews import load_ledger
    from pexgen.template_files import template_folder

    if check:
        _check_tables(template_folder())
    catalogue = load_catalogue(template_folder())
    ledger = load_ledger(catalogue)
    unreviewed, bodies = 0, list(_bodies(catalogue))
    for body in bodies:
        review = ledger.get(body.method.key)
        lines = [body.method.key, f"  {body.digest}"]
        if review and review.covers(body):
            lines.append(f"  reviewed {review.date} by {review.by}: {review.notes}")
        elif review:
            lines.append(f"  changed since its review of {review.date}: {', '.join(review.changed(body))}")
        else:
            lines.append("  never reviewed")
        unreviewed += not (review and review.covers(body))
        lines += [f"    {sha256[:12]}  {name}" for name, sha256 in body.regions.items()]
        show("\n".join(lines) + "\n", is_prose=True)
    if not check:
        return
    color = wants_color(sys.stdout)
    if unreviewed:
        said = styled("NOT OK", "error", color=color)
        number = counted(unreviewed, "has", "have")
        show(f"{said}: of {len(bodies)} bodies {number} no review of their present form\n", is_prose=True)
        raise typer.Exit(1)
    said = styled("OK", "good", color=color)
    show(f"{said}: each of the {len(bodies)} bodies was reviewed in its present form\n", is_prose=True)


def _check_tables(folder: Path) -> None:
    """Print what is wrong in the tables of the template folder; raises :class:`typer.Exit` where anything is."""
    from pexgen.template_check import mistakes

    found = list(mistakes(folder))
    for each in found:
        print(each)
    if found:
        print("NOT OK: the tables of the templates are not what their schema says")
        raise typer.Exit(1)


def _keys() -> Iterator[str]:
    from pexgen.catalogue import load_catalogue
    from pexgen.template_files import template_folder

    return (body.method.key for body in _bodies(load_catalogue(template_folder())))


@app.command()
def approve(
    body: Annotated[
        str, typer.Argument(metavar="METHOD/PLATFORM", autocompletion=one_of(_keys), help="The body that was reviewed.")
    ],
    by: Annotated[str, typer.Option("--by", help="Who reviewed it.")],
    date: Annotated[str, typer.Option("--date", help="The day of the review, YYYY-MM-DD.")],
    checked: Annotated[
        str, typer.Option("--checked", help="The checklist items that were checked, separated by commas.")
    ],
    notes: Annotated[str, typer.Option("--notes", help="What was found.")],
) -> None:
    """Write a review of a body, in its present form, to the ledger of this checkout.

    Read the body against docs/review.md first: what is approved is rendered for everybody.

    Exit codes: 0 done, 2 usage.
    """
    from pexgen.catalogue import load_catalogue
    from pexgen.cli._talk import tell
    from pexgen.files import Output, write_new
    from pexgen.reviews import LEDGER, ledger_text, load_ledger, review_body
    from pexgen.template_files import template_folder

    folder = template_folder()
    if folder.parent == PACKAGE:
        raise UsageError("an installed pexgen's ledger is not yours to change", "approve in a checkout of pexgen")
    catalogue = load_catalogue(folder)
    bodies = {each.method.key: each for each in _bodies(catalogue)}
    if body not in bodies:
        raise UsageError(f"no body is called {body}", f"the bodies are {', '.join(bodies)}")
    items = [item.strip() for item in checked.split(",") if item.strip()]
    review = review_body(catalogue, bodies[body], by=by, date=date, checked=items, notes=notes)
    text = ledger_text({**load_ledger(catalogue), body: review})
    write_new([Output(folder / LEDGER, text.encode())], force=True)
    tell(f"{folder / LEDGER}: {body} {review.digest[:12]} approved")


def _bodies(catalogue: Catalogue) -> Iterator[Body]:
    from pexgen.discovery import discovery_bodies
    from pexgen.runbook import assemble

    yield from (assemble(catalogue, method) for method in catalogue.methods.values())
    yield from discovery_bodies(catalogue)
