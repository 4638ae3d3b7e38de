"""Write the pages that are made from the schema, the rules and the facts: ``python tools/reference.py [--check]``.

With ``--check`` nothing is written, and the exit code is 1 if a page is not current.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from made_files import ROOT, write_or_check

from pexgen import sizes
from pexgen.description import load_schema, resolved
from pexgen.description.codes import CODES
from pexgen.lint import RULES
from pexgen.vendor_fact_kinds import EVERY_CLOUD, Fact, Source
from pexgen.vendor_facts import CHECK_AGAIN_DAYS, CHECKED, DATED, DELAYS, LICENSES, VERSIONS

DOCS = ROOT / "docs"

_DESCRIPTION_HEAD = f"""\
# The description

<!-- Made from pexgen/schema/description.schema.json by tools/reference.py; changes are made there. -->

A description is one YAML file for one deployment. `pexgen init` writes one to begin with, `pexgen lint` says what is
wrong with it, and [an editor](editors.md) completes it by its schema, from which this page is made.

What makes YAML ambiguous is refused: duplicate keys, tags, anchors and aliases, empty values, and unquoted text that
some readers take for something else (`no`, `0777`, `12:30`, `2016`). Text that could be a number goes into quotes.
Nothing secret has a key. Files are UTF-8 and have at most {sizes.spoken(sizes.DESCRIPTION)}.

A key is optional unless it says *required*. An optional key without a default has no value when it is left out.
"""

_RULES_HEAD = """\
# Codes

<!-- Made from pexgen/description/codes.py and pexgen/lint by tools/reference.py; changes are made there. -->

What pexgen says about a file. Problems up to PXG099 mean that it cannot be used, and cannot be accepted. Findings from
PXG101 on come from the rules of `pexgen lint`. An error there means that the runbook cannot do what is described, and
stops `render`; a warning, that it can, and that it is probably not what was meant.

A finding that is right in a deployment is accepted in the description, with a reason that goes into the records:

```yaml
accept:
  - code: PXG104
    reason: Fabrikam was merged into this tenant; its mailboxes keep their domain.
```

## Problems of a file
"""

_FACTS_HEAD = f"""\
# Facts with a date

<!-- Made from pexgen/vendor_facts.py by tools/reference.py; changes are made there. -->

What rules and runbooks rest on and what may change at Microsoft's. A body has those that it needs as `$Facts`, each
with its source; `pexgen facts` prints them all. Nothing is looked up: the table was last compared with its sources on
{CHECKED}. Plans and `lint` name that day, and from {CHECK_AGAIN_DAYS} days after it on they say that the table is old.

| day | clouds | what | source |
|---|---|---|---|"""

_VERSIONS_HEAD = """\
## Versions

| from | what | source |
|---|---|---|"""

_DELAYS_HEAD = """\
## Delays

| after | what | source |
|---|---|---|"""

_LICENSES_HEAD = """\
## Licenses

| license | what holds | source |
|---|---|---|"""


def description_page() -> str:
    """Return the reference of every key."""
    schema = load_schema()
    return "\n".join([_DESCRIPTION_HEAD, *_section(schema, "")])


def rules_page() -> str:
    """Return a section for every code."""
    parts = [_RULES_HEAD]
    parts += [f"### {code.code}: {code.title}\n\n{code.explanation}\n" for code in CODES]
    parts.append("## Findings of rules\n")
    parts += [f"### {rule.code}: {rule.title}\n\n*{rule.severity}.* {rule.explanation}\n" for rule in RULES]
    return "\n".join(parts)


def facts_page() -> str:
    """Return tables of the facts with a day, the versions, the delays and the licenses, each with its source."""
    days = [f"| {fact.value} | {_clouds(fact)} | {fact.text} | {_link(fact.source)} |" for fact in DATED]
    versions = [f"| {each.value} | {each.text} | {_link(each.source)} |" for each in VERSIONS]
    delays = [f"| {each.value} | {each.text} | {_link(each.source)} |" for each in DELAYS]
    licenses = [f"| {each.name} | {each.text} | {_link(each.source)} |" for each in LICENSES]
    rest = (_VERSIONS_HEAD, *versions, "", _DELAYS_HEAD, *delays, "", _LICENSES_HEAD, *licenses)
    return "\n".join([_FACTS_HEAD, *days, "", *rest, ""])


def _clouds(fact: Fact) -> str:
    if not fact.clouds:
        return "Exchange Server"
    return "all" if fact.clouds == EVERY_CLOUD else ", ".join(fact.clouds)


def _link(source: Source) -> str:
    number = f", {source.number}" if source.number else ""
    return f"[{source.title}]({source.address}){number} ({source.dated})"


def _section(node: dict[str, Any], prefix: str) -> Iterator[str]:
    """Yield the keys of a section, then its sections one by one."""
    required = set(node.get("required", ()))
    inner: list[tuple[str, dict[str, Any]]] = []
    for name, raw in node["properties"].items():
        value = resolved(raw)
        holder = resolved(value["items"]) if value["type"] == "array" else value
        if holder["type"] == "object":
            inner.append((name, value))
        else:
            yield _key(f"{prefix}{name}", value, is_required=name in required)
    for name, value in inner:
        is_list = value["type"] == "array"
        kind = "list of sections" if is_list else "section"
        need = "required, " if name in required else ""
        yield f"## `{prefix}{name}`\n\n*{need}{kind}.* {value['description']}\n"
        holder = resolved(value["items"]) if is_list else value
        yield from _section(holder, f"{prefix}{name}{'[]' if is_list else ''}.")


def _key(path: str, value: dict[str, Any], *, is_required: bool) -> str:
    facts = [*(["required"] if is_required else []), _type(value), *_limits(value), *_default(value)]
    lines = [f"### `{path}`\n", f"*{', '.join(facts)}.* {value['description']}\n"]
    if "enum" in value and "enumDescriptions" in value:
        meanings = zip(value["enum"], value["enumDescriptions"], strict=True)
        lines += [*(f"- `{option}`: {meaning}" for option, meaning in meanings), ""]
    elif "enum" in value and path != "accept[].code":
        lines += [f"One of {', '.join(f'`{option}`' for option in value['enum'])}.\n"]
    if "examples" in value:
        lines += [f"Example: `{_shown(value['examples'][0])}`\n"]
    return "\n".join(lines)


def _type(value: dict[str, Any]) -> str:
    names = {"string": "text", "integer": "whole number", "boolean": "true or false", "array": "list of texts"}
    return names[value["type"]]


def _limits(value: dict[str, Any]) -> Iterator[str]:
    if "maximum" in value:
        yield f"{value['minimum']} to {value['maximum']}"
    if "maxLength" in value and "enum" not in value:
        yield f"at most {value['maxLength']} characters"
    if "minItems" in value:
        yield f"at least {value['minItems']}"
    if "maxItems" in value:
        yield f"at most {value['maxItems']}"


def _default(value: dict[str, Any]) -> Iterator[str]:
    source = value.get("x-default-from")
    if source and "before" in source:
        yield f"default: what stands before {source['before']} in `{source['key']}`"
    elif source:
        suffix = source.get("suffix")
        yield f"default: `{source['key']}`" + (f" and `{suffix}`" if suffix else "")
    elif value.get("default") not in (None, "", []):
        yield f"default `{_shown(value['default'])}`"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


PAGES = {"description.md": description_page, "rules.md": rules_page, "facts.md": facts_page}
"""File in ``docs`` and what makes it."""


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` compare them; return the exit code."""
    return write_or_check(((DOCS / name, page()) for name, page in PAGES.items()), "reference.py", arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
