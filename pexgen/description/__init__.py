"""Descriptions: a deployment in YAML, checked against the schema, as frozen dataclasses.

``load`` is the way in. It raises :class:`pexgen.errors.InputError` with every problem that the file has.
"""

from pexgen.description._characters import (
    FORBIDDEN_CLASS,
    character_name,
    escaped_character,
    forbidden_in_value,
    units_of,
)
from pexgen.description._edit import Editor, KeyValue, in_flow
from pexgen.description._load import Loaded, load, read_description
from pexgen.description._lookalikes import character_in_words, hidden_at, lookalike_at, odd_at, skeleton
from pexgen.description._manifest_asks import set_version
from pexgen.description._nodes import Tree
from pexgen.description._parse import Kind, decode, parse
from pexgen.description._paths import format_path, parse_path
from pexgen.description._scalars import scalar
from pexgen.description._schema import SCHEMA_FILE, load_schema, longest, resolved, schema_of, schema_text
from pexgen.description._text import SourceText
from pexgen.description._typed import key_named, typed
from pexgen.description.model import Accepted, Description

__all__ = [
    "FORBIDDEN_CLASS",
    "SCHEMA_FILE",
    "Accepted",
    "Description",
    "Editor",
    "KeyValue",
    "Kind",
    "Loaded",
    "SourceText",
    "Tree",
    "character_in_words",
    "character_name",
    "decode",
    "escaped_character",
    "forbidden_in_value",
    "format_path",
    "hidden_at",
    "in_flow",
    "key_named",
    "load",
    "load_schema",
    "longest",
    "lookalike_at",
    "odd_at",
    "parse",
    "parse_path",
    "read_description",
    "resolved",
    "scalar",
    "schema_of",
    "schema_text",
    "set_version",
    "skeleton",
    "typed",
    "units_of",
]
