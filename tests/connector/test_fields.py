"""The table of fields is what Pexip publishes, and a value is held against it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pexgen.connector import fields, limits, violation

PUBLISHED = json.loads((Path(__file__).parent / "published.json").read_text(encoding="utf-8"))
API = PUBLISHED["api"]["fields"]
PROVIDER = PUBLISHED["provider"]["attributes"]
PROVIDER_TYPES = {"string": "string", "boolean": "bool", "integer": "number", "list": "set(string)"}
REDIRECT = "https://pexip-manager.contoso.com/admin/platform/msexchangeconnector/oauth_redirect/"


def test_every_published_field_is_in_the_table_and_no_other() -> None:
    assert sorted(fields()) == sorted(API)
    # What only one of the two has identifies a record there.
    assert set(fields()) ^ set(PROVIDER) == {"resource_uri", "resource_id"}


@pytest.mark.parametrize("name", sorted(API))
def test_a_field_has_the_published_type_and_limits(name) -> None:
    field, api = fields()[name], API[name]
    assert field.type == api["type"]
    bounds = api.get("range") or [api.get("minLength"), api.get("maxLength")]
    assert [field.minimum if name != "name" else None, field.maximum] == bounds
    assert sorted(field.choices) == api.get("choices", PROVIDER.get(name, {}).get("choices", []))
    if field.default is not None:
        assert field.default == api["default"]


@pytest.mark.parametrize("name", sorted(set(API) & set(PROVIDER) - {"id"}))
def test_a_field_is_what_the_providers_schema_says(name) -> None:
    field, attribute = fields()[name], PROVIDER[name]
    assert PROVIDER_TYPES[field.type] == attribute["type"]
    assert field.required is (attribute["mode"] == "required")
    assert (field.access == "read-only") is (attribute["mode"] == "computed")
    if attribute.get("sensitive"):
        assert field.access in {"secret", "read-only"}
        assert field.default is None
    if "range" in attribute:
        assert [field.minimum, field.maximum] == attribute["range"]


def test_a_name_on_pexips_page_says_where_it_was_read() -> None:
    assert all(bool(field.label) is bool(field.label_source) for field in fields().values())
    assert {field.name for field in fields().values() if field.choice_labels} == {"addin_authentication_method"}
    assert all(set(field.choice_labels) <= set(field.choices) for field in fields().values())


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("oauth_redirect_uri", REDIRECT, None),
        ("oauth_redirect_uri", REDIRECT.rstrip("/"), "PXG024"),
        ("oauth_redirect_uri", REDIRECT.replace("msexchangeconnector", "mjxexchangedeployment"), "PXG024"),
        ("oauth_redirect_uri", REDIRECT.replace("https", "http"), "PXG024"),
        ("oauth_redirect_uri", f"{REDIRECT}\n", "PXG024"),
        ("url", "https://outlook.office365.com/EWS/Exchange.asmx", None),
        ("url", "https://ex01/EWS/Exchange.asmx", None),
        ("url", "http://ex01/EWS/Exchange.asmx", "PXG024"),
        ("url", "outlook.office365.com/EWS/Exchange.asmx", "PXG024"),
        ("url", "https://ex01.contoso.com/EWS Exchange.asmx", "PXG024"),
        ("url", "https://ex01.contoso.com/" + "a" * 240, "PXG025"),
        ("name", "", "PXG025"),
        ("name", "n" * 250, None),
        ("name", "n" * 251, "PXG025"),
        ("scheduled_alias_prefix", "123456789", "PXG025"),
        ("scheduled_alias_suffix_length", 5, None),
        ("scheduled_alias_suffix_length", 16, "PXG026"),
        ("meeting_buffer_after", -1, "PXG026"),
        ("meeting_buffer_after", True, "PXG022"),
        ("enable_dynamic_vmrs", "true", "PXG022"),
        ("authentication_method", "app_perm", "PXG023"),
        ("oauth_client_id", "not-a-guid", "PXG024"),
        ("room_mailbox_email_address", "pexip", "PXG024"),
        ("addin_server_domain", "addin.contoso.com", None),
        ("addin_server_domain", "https://addin.contoso.com", "PXG024"),
    ],
)
def test_a_value_is_held_against_its_field(name, value, code) -> None:
    found = violation(fields()[name], value)
    assert (found.code if found else None) == code


def test_every_default_is_a_value_that_its_field_takes() -> None:
    for field in fields().values():
        if field.default not in {None, ""}:
            assert violation(field, field.default) is None, field.name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("name", "1 to 250 characters"),
        ("url", "a URL that begins with https://, at most 255 characters"),
        ("oauth_token_endpoint", "a URL, at most 255 characters"),
        ("meeting_buffer_before", "0 to 180"),
        ("auth_provider", "ADFS, AZURE"),
        ("allow_new_users", ""),
    ],
)
def test_limits_are_told_in_words(name, words) -> None:
    assert limits(fields()[name]) == words
