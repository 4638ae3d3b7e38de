"""Value sheets as text for a person, as the body that Pexip's API takes, and as variables for Terraform."""

from __future__ import annotations

import json
import re
import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from pexgen.connector.fields import RESOURCE, Field, FieldValue, limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pexgen.connector.sheet import Entry, Sheet

_WIDTH = 80
_COLUMN = 34
_MENU = (
    "In Pexip Infinity: System > VMR Scheduling for Exchange; newer releases call it Secure Scheduler for Exchange "
    "Integration."
)
_NAMES = "Fields have the names of Pexip's API; the label on Pexip's page is quoted where it is known."
_TITLES = {
    "before": "Before the switch: what the integration has now",
    "after": "After the switch: what the integration has then",
}
_LEFT_NEW = "Left alone: a new integration has Infinity's defaults, one that exists keeps what it has"
_LEFT_EXISTING = "Left alone: pexgen sets none of these; they stay as they are in the integration"
_GENERATED = "Made by Pexip Infinity: nobody enters these"
_KEPT = "Values to compare, and not to overwrite in an integration that exists"
_TFVARS_SECRETS = "Secrets; never store them here, give them as TF_VAR_NAME in the environment:"
_HCL_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "${": "$${", "%{": "%%{"}
_HCL_SPECIAL = re.compile(r'\$\{|%\{|[\\"\x00-\x1f\x7f\u0085\u2028\u2029]')


def json_text(sheet: Sheet) -> str:
    """Return the body for ``/api/admin/configuration/v1/ms_exchange_connector/``: the values, and nothing else."""
    return json.dumps(sheet.values(), ensure_ascii=False, indent=2) + "\n"


def tfvars_text(sheet: Sheet, heading: str) -> str:
    """Return a ``.tfvars`` file whose variables are named as the attributes of Pexip's Terraform resource."""
    lines = [f"# {heading}", f"# Variables named as the attributes of {RESOURCE}.", ""]
    values = sheet.values()
    lines += [
        f"{entry.field.name} = {hcl_literal(values[entry.field.name])}{_mark(entry)}"
        for entry in sheet.having("set", "compare")
        if entry.field.name in values
    ]
    kept = [entry for entry in sheet.having("compare") if entry.field.name not in values]
    lines += _comment("Compare; the integration keeps its own:", kept)
    lines += _comment("Not in the description; enter:", sheet.having("enter"))
    lines += _comment(_TFVARS_SECRETS, sheet.having("secret"))
    lines += _comment("Left alone:", sheet.having("left"))
    return "\n".join(lines) + "\n"


def sheet_text(sheets: Sequence[Sheet], heading: str, *, every_name: bool = False) -> str:
    """Return the sheets as a person reads them; of two sheets first what changes from the one to the other.

    ``every_name`` names the fields that are left alone, too; without it one line counts them.
    """
    parts = [f"{heading}\n\n{textwrap.fill(_MENU, _WIDTH)}\n{textwrap.fill(_NAMES, _WIDTH)}\n"]
    if len(sheets) > 1:
        parts.append(_changes(*sheets))
    parts += [_one(sheet) for sheet in sheets]
    last = sheets[-1]
    title = _LEFT_EXISTING if last.existing else _LEFT_NEW
    rest = [_names(title, last.having("left")), _names(_GENERATED, last.having("generated"))]
    if every_name:
        parts += ["\n".join(lines) for lines in rest if lines]
    else:
        left = len(last.having("left", "generated"))
        parts.append(
            textwrap.fill(f"Left alone: the other {left} fields; `pexgen values -v` names them.", _WIDTH) + "\n"
        )
    return "\n".join(parts)


def hcl_literal(value: FieldValue) -> str:
    """Return the HCL expression, without any active part, that evaluates to ``value``."""
    if isinstance(value, str):
        return '"' + _HCL_SPECIAL.sub(_hcl_escape, value) + '"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def _mark(entry: Entry) -> str:
    if entry.state != "compare":
        return ""
    return "  # compare, do not overwrite" if entry.keeps else "  # compare"


def _hcl_escape(found: re.Match[str]) -> str:
    return _HCL_ESCAPES.get(found.group()) or f"\\u{ord(found.group()):04x}"


def _comment(title: str, entries: Sequence[Entry]) -> Iterator[str]:
    if entries:
        names = textwrap.wrap(", ".join(entry.field.name for entry in entries), _WIDTH - 4)
        yield from ["", f"# {title}", *(f"#   {line}" for line in names)]


def _changes(before: Sheet, after: Sheet) -> str:
    lines = ["What changes at the switch"]
    for old, new in zip(before.entries, after.entries, strict=True):
        # What only the old way used may stay; a secret is another one, although neither is known here.
        if new.state == "secret" or (new.state != "left" and old != new):
            lines.append(f"  {new.field.name}: {_shown(old)} -> {_shown(new)}")
    return "\n".join(lines) + "\n"


def _shown(entry: Entry) -> str:
    if entry.state == "secret":
        return "(a secret)"
    if entry.value is None:
        return "(enter)" if entry.state == "enter" else "(as it is)"
    if isinstance(entry.value, str):
        label = entry.field.choice_labels.get(entry.value)
        return f'{entry.value} ("{label}")' if label else entry.value
    return hcl_literal(entry.value)


def _one(sheet: Sheet) -> str:
    blocks = [[_TITLES[sheet.name], ""]] if sheet.name else []
    blocks += [
        _section("Values", sheet.having("set")),
        _section("Values to compare before they are saved", [e for e in sheet.having("compare") if not e.keeps]),
        _section(_KEPT, [entry for entry in sheet.having("compare") if entry.keeps]),
        _section("Enter yourself: not in the description", sheet.having("enter")),
        _section("Secrets: enter them yourself, never store them", sheet.having("secret")),
    ]
    blocks += [[*textwrap.wrap(f"Note: {note}", _WIDTH), ""] for note in sheet.notes]
    lines = [line for block in blocks for line in block]
    return "\n".join(lines[:-1]) + "\n"


def _section(title: str, entries: Iterable[Entry]) -> list[str]:
    lines = [line for entry in entries for line in _entry(entry)]
    return [title, *lines, ""] if lines else []


def _entry(entry: Entry) -> Iterator[str]:
    value = _shown(entry) if entry.value is not None else ""
    # What a person copies is never broken.
    if value and _COLUMN + 2 + len(value) > _WIDTH:
        yield from (f"  {entry.field.name}", f"    {value}")
    else:
        yield f"  {entry.field.name:<{_COLUMN - 2}}  {value}".rstrip()
    details = [_place(entry.field), _from(entry)]
    words = limits(entry.field)
    if words and entry.state != "secret":
        details.append(f"Takes {words}.")
    text = " ".join(each for each in details if each)
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6, break_long_words=False, break_on_hyphens=False
    )


def _place(field: Field) -> str:
    if field.label:
        return f'On Pexip\'s page: "{field.label}".'
    return field.meaning


def _from(entry: Entry) -> str:
    source = f"From {entry.key}" if entry.key else ""
    if not entry.note:
        return f"{source}." if source else ""
    return f"{source}: {entry.note}." if source else f"{entry.note[0].upper()}{entry.note[1:]}."


def _names(title: str, entries: Sequence[Entry]) -> list[str]:
    """Name the fields by group, in a few lines."""
    if not entries:
        return []
    lines = [title]
    for group, members in groupby(entries, key=lambda entry: entry.field.group):
        lines += textwrap.wrap(
            f"{group}: {', '.join(entry.field.name for entry in members)}",
            _WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
            break_long_words=False,
        )
    return [*lines, ""]
