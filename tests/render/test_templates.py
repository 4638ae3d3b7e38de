"""Nothing gets into a runbook but through the filters, and a deployment's values through one of them alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, TemplateAssertionError, UndefinedError, nodes

from pexgen.catalogue import SKELETON, Catalogue, load_catalogue
from pexgen.errors import DefectError
from pexgen.filling import FILTERS
from pexgen.runbook import assemble, runbook_bytes
from pexgen.template_files import template_folder

Describe = Callable[..., Any]

ALLOWED_STATEMENTS = (nodes.Template, nodes.Output, nodes.For, nodes.If, nodes.TemplateData)
"""No macro, import, include, call, set, filter block or extension: a template only repeats and chooses."""


def parsed(name: str) -> nodes.Template:
    source = (template_folder() / f"{name}.ps1.j2").read_text(encoding="ascii")
    return Environment().parse(source)  # noqa: S701 - only parsed


@pytest.mark.parametrize("name", SKELETON)
def test_every_expression_that_is_written_ends_in_one_of_the_filters(name: str) -> None:
    written = [
        node
        for output in parsed(name).find_all(nodes.Output)
        for node in output.nodes
        if not isinstance(node, nodes.TemplateData)
    ]
    assert written
    assert [node for node in written if not (isinstance(node, nodes.Filter) and node.name in FILTERS)] == []


@pytest.mark.parametrize("name", SKELETON)
def test_a_template_only_repeats_and_chooses(name: str) -> None:
    statements = [node for node in parsed(name).find_all(nodes.Stmt) if not isinstance(node, ALLOWED_STATEMENTS)]
    assert statements == []


def test_a_deployments_values_go_through_the_literal_filter_and_nowhere_else() -> None:
    tree = parsed("parameters")
    uses = [node for node in tree.find_all(nodes.Name) if node.name == "values"]
    literals = [
        node
        for node in tree.find_all(nodes.Filter)
        if node.name == "literal" and isinstance(node.node, nodes.Getitem) and node.node.node in uses
    ]
    assert len(uses) == len(literals) == 1


@pytest.mark.parametrize("name", ["parameters", "discover"])
def test_what_shows_a_value_is_a_comment_alone(name: str) -> None:
    tree = parsed(name)
    uses = [node for node in tree.find_all(nodes.Name) if node.name == "shown"]
    comments = [
        node
        for node in tree.find_all(nodes.Filter)
        if node.name == "reading" and isinstance(node.node, nodes.Getitem) and node.node.node in uses
    ]
    assert len(uses) == len(comments) == 1


@pytest.mark.parametrize("name", ["help", "body"])
def test_help_and_body_are_made_without_any_value(name: str) -> None:
    assert [node for node in parsed(name).find_all(nodes.Name) if node.name in {"values", "shown"}] == []


@pytest.mark.parametrize(
    "expression",
    [
        "{{ values.Name }}",
        "{{ 'constant' }}",
        "{{ 7 }}",
        "{{ (values.Name | literal) ~ '' }}",
        "{{ (values.Name | literal) + (values.Name | literal) }}",
        "{% set x = values.Name | literal %}{{ x ~ x }}",
        "{% macro m() %}x{% endmacro %}{{ m() }}",
    ],
)
def test_what_no_filter_made_is_not_written(folder: Path, describe: Describe, expression: str) -> None:
    skeleton = folder / "parameters.ps1.j2"
    skeleton.write_text(skeleton.read_text(encoding="ascii") + expression + "\n", encoding="ascii")
    catalogue = load_catalogue(folder)
    body = assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])
    with pytest.raises(DefectError, match="no filter of pexgen"):
        runbook_bytes(describe(), body, catalogue, reviewed=True)


@pytest.mark.parametrize("name", ["safe", "string", "upper", "escape", "tojson", "format", "map"])
def test_filters_of_jinja_itself_are_not_there(folder: Path, describe: Describe, name: str) -> None:
    skeleton = folder / "parameters.ps1.j2"
    skeleton.write_text(skeleton.read_text(encoding="ascii") + f"{{{{ values.Name | {name} }}}}\n", encoding="ascii")
    catalogue = load_catalogue(folder)
    body = assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])
    with pytest.raises(TemplateAssertionError, match="No filter named"):
        runbook_bytes(describe(), body, catalogue, reviewed=True)


@pytest.mark.parametrize(
    ("use", "error"),
    [
        ("{{ missing | literal }}", DefectError),
        ("{% if missing %}{% endif %}", UndefinedError),
        ("{% for x in method.missing %}{% endfor %}", UndefinedError),
    ],
)
def test_a_name_that_is_not_there_is_an_error(
    folder: Path, describe: Describe, use: str, error: type[Exception]
) -> None:
    skeleton = folder / "parameters.ps1.j2"
    skeleton.write_text(skeleton.read_text(encoding="ascii") + use + "\n", encoding="ascii")
    catalogue = load_catalogue(folder)
    body = assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])
    with pytest.raises(error):
        runbook_bytes(describe(), body, catalogue, reviewed=True)


def test_braces_in_a_part_are_powershell_and_nothing_else(catalogue: Catalogue) -> None:
    body = assemble(catalogue, catalogue.methods["app-permissions", "exchange-online"])
    assert body.text.count("# {{ not a template }} {% nor this %}\n") == len(body.method.steps)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("prose", "ends the comment #> Remove-Mailbox"),
        ("prose", "begins another <#"),
        ("prose", "two\nlines"),
        ("prose", "not ASCII: \u2018"),
        ("prose", ".EXAMPLE of a keyword"),
        ("word", "two words"),
        ("word", "a'b"),
        ("identifier", "Name = 1; Evil"),
        ("identifier", "name"),
        ("binding", "scriptblock"),
        ("whole", "not ASCII: \u2018\n"),
        ("whole", "no line end"),
    ],
)
def test_a_filter_refuses_what_it_is_not_for(name: str, text: str) -> None:
    with pytest.raises(DefectError):
        FILTERS[name](text)


def test_the_help_is_filled_and_no_word_is_lost() -> None:
    text = "word " * 90 + "end"
    filled = FILTERS["prose"](text, 8)
    assert filled.split() == text.split()
    assert {line[:8].strip() for line in filled.splitlines()} == {""}
    assert 100 < max(map(len, filled.splitlines())) <= 118
