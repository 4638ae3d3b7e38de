"""What a person enters in Pexip Infinity, made from a description: value sheets, and how they are written."""

from pexgen.connector.fields import Field, fields, limits, violation
from pexgen.connector.formats import json_text, sheet_text, tfvars_text
from pexgen.connector.from_description import value_sheets
from pexgen.connector.sheet import Entry, Sheet

__all__ = [
    "Entry",
    "Field",
    "Sheet",
    "fields",
    "json_text",
    "limits",
    "sheet_text",
    "tfvars_text",
    "value_sheets",
    "violation",
]
