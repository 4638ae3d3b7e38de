"""What a tool can say on the page of each method, and on the one that leads to it; ``tools/pages.py`` writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from made_files import ROOT

from pexgen.catalogue import Catalogue, Method
from pexgen.template_files import read_record_table

_METHODS = ROOT / "templates" / "methods.yaml"
_PLATFORM = "exchange-"

_BEGUN = """\
# {title}

`method: {method.id}`, `platform: {method.platform}`. {about} [Is it mine?](which.md)

    pexgen init --method {method.id} --platform {method.platform} -o contoso.yaml

<!-- made: steps -->

<!-- end -->
"""


def page_of(method: Method, catalogue: Catalogue) -> str:
    """Return the page of a method, which is called as it is, or as it and its platform where it is on several."""
    platforms = [each.platform for each in catalogue.methods.values() if each.id == method.id]
    return f"methods/{method.id if len(platforms) == 1 else method.key.replace(f'/{_PLATFORM}', '-')}.md"


def title(method: Method) -> str:
    """Return what the pages call a method: the title of its runbooks, without the product that is in all of them."""
    last = method.title.rpartition("Exchange, ")[2]
    return f"{last[0].upper()}{last[1:]}"


def method_parts(method: Method) -> dict[str, str]:
    """Return the steps of a method in order, for its own page."""
    steps = ", ".join(f"[`{step.id}`](../steps.md#{step.id})" for step in method.steps)
    return {"steps": f"A runbook takes the steps in this order: {steps}."}


def begun(method: Method) -> str:
    """Return the page to begin with of a method that has none; what a person does by hand is added to it."""
    return _BEGUN.format(method=method, title=title(method), about=_records()[method.id]["about"])


def choice_parts(catalogue: Catalogue) -> dict[str, str]:
    """Return the table that leads from a case to the page of its method."""
    rows = [
        f"| {_case(method)} | [{title(method)}]({page_of(method, catalogue).removeprefix('methods/')}) "
        f"| `{method.id}`, `{method.platform}` |"
        for method in catalogue.methods.values()
    ]
    return {"methods": "\n".join(["| your case | method | `--method` and `--platform` |", "|---|---|---|", *rows])}


def _case(method: Method) -> str:
    record = _records()[method.id]
    said: str = record.get(method.platform, {}).get("case") or record.get("case") or record["about"]
    return " ".join(said.split())


def _records() -> Mapping[str, Any]:
    return read_record_table(_METHODS)
