"""What the schema has against a file, in a user's words and in the right place."""

from __future__ import annotations

import pytest

from pexgen.vendor_facts import IMPERSONATION_CLOSED, IMPERSONATION_REMOVED


def only(problems):
    assert len(problems) == 1, problems
    return problems[0]


@pytest.mark.parametrize(
    ("old", "new", "code", "meant", "message", "hint"),
    [
        ("method:", "metod:", "PXG020", "metod", "no key `metod`", "did you mean `method`?"),
        ("equipment:\n", "equipment:\n  adress: x\n", "PXG020", "adress", "`equipment` has no key", "`address`"),
        (
            "equipment:\n",
            "automate_processing: None\nequipment:\n",
            "PXG020",
            "automate_processing",
            "no key",
            "there is `equipment.calendar.automate_processing`",
        ),
        (
            "equipment:\n",
            "equipment:\n  proof: {}\n",
            "PXG020",
            "proof",
            "`equipment` has no key `proof`",
            "outermost level",
        ),
        ("equipment:\n", "zzz: 1\nequipment:\n", "PXG020", "zzz", "a description has no key `zzz`", "`version`"),
        (
            "  client_id: 3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10\n",
            "",
            "PXG021",
            "application",
            "`client_id` is missing in `application`",
            "Application (client) ID",
        ),
        (
            "  platform: exchange-online\n",
            "",
            "PXG021",
            "target",
            "`platform` is missing in `target`",
            "exchange-online",
        ),
        ("name: contoso\n", "", "PXG021", "v", "`name` is missing", "contoso-scheduling"),
        ("name: contoso\n", "name: 2019\n", "PXG022", "2019", "must be text, and is a whole number", '"2019"'),
        ("name: contoso\n", "name: true\n", "PXG022", "true", "must be text, and is true or false", '"true"'),
        ("version: 1", 'version: "1"', "PXG022", '"1"', "must be a whole number, and is text", "without quotes"),
        ("version: 1", "version: true", "PXG022", "true", "must be a whole number, and is true or false", "quotes"),
        (
            "members: [alice@contoso.com]",
            "members: alice@contoso.com",
            "PXG022",
            "alice@contoso.com",
            "must be a list, and is text",
            "`- `",
        ),
        (
            "equipment:\n  address: pexip@contoso.com\n",
            "equipment: pexip@contoso.com\n",
            "PXG022",
            "pexip@contoso.com",
            "section",
            "`address`",
        ),
        (
            "equipment:\n",
            "equipment:\n  adopt: $true\n",
            "PXG022",
            "$true",
            "must be true or false, and is text",
            "without $",
        ),
        ("version: 1", "version: 2", "PXG023", "2", "`version` must be `1`", ""),
        (
            "app-permissions",
            "app-permisions",
            "PXG023",
            "app-permisions",
            "must be `app-permissions`",
            "did you mean `app-permissions`?",
        ),
        (
            "equipment:\n",
            "equipment:\n  calendar: {automate_processing: none}\n",
            "PXG023",
            "none",
            "must be `None`",
            "did you mean `None`?",
        ),
        (
            "contoso.onmicrosoft.com",
            "8a1c52f6-0d3b-4e79-9c1e-6b2f0c4d7a91",
            "PXG024",
            "8a1c52f6-0d3b-4e79-9c1e-6b2f0c4d7a91",
            "initial domain",
            "target.tenant_id",
        ),
        ("contoso.onmicrosoft.com", "contoso.com", "PXG024", "contoso.com", "initial domain", "InitialDomain"),
        (
            "pexip@contoso.com",
            "pexip room@contoso.com",
            "PXG024",
            "pexip room@contoso.com",
            "SMTP address",
            "no spaces",
        ),
        (
            "equipment:\n",
            "equipment:\n  name: Raum f\u00fcr Pexip\n",
            "PXG024",
            "Raum f\u00fcr Pexip",
            "ASCII",
            "`display_name`",
        ),
        ("name: contoso\n", "name: con\n", "PXG024", "con", "device name of Windows", ""),
        ("name: contoso\n", "name: under_score\n", "PXG024", "under_score", "letters, digits and hyphens", ""),
        ("name: contoso\n", f"name: {'x' * 41}\n", "PXG025", "x" * 41, "41 characters; at most 40", "shorten"),
        ("name: contoso\n", 'name: ""\n', "PXG025", '""', "`name` is empty text", "remove the key"),
        (
            "equipment:\n",
            "equipment:\n  calendar: {booking_window_in_days: 1081}\n",
            "PXG026",
            "1081",
            "between 0 and 1080, and is 1081",
            "",
        ),
        ("in_scope: [alice@contoso.com]", "in_scope: []", "PXG027", "in_scope", "`proof.in_scope` is empty", ""),
        ("equipment:\n", "equipment:\n  calendar: {}\n", "PXG027", "calendar", "`equipment.calendar` is empty", ""),
        (
            "equipment:\n",
            "oauth: {management_node: a.b}\nequipment:\n",
            "PXG028",
            "oauth",
            "is not used with `method: app-permissions`",
            "remove",
        ),
        (
            "  platform",
            "  version: SE\n  platform",
            "PXG028",
            "version",
            "is not used with `target.platform: exchange-online`",
            "remove",
        ),
        (
            "proof:\n",
            "accept: [{code: PXG005, reason: x}]\nproof:\n",
            "PXG023",
            "PXG005",
            "`accept[0].code` must be",
            "",
        ),
    ],
)
def test_one_mistake_is_one_problem_that_says_what_to_do(
    problems_of, small, old, new, code, meant, message, hint
) -> None:
    assert old in small
    problem = only(problems_of(small.replace(old, new, 1)))
    assert problem.code == code
    assert problem.source_line[problem.column - 1 :][: problem.length] == meant
    assert message in problem.message
    assert hint in problem.hint


ADDRESSES = [
    "room@contoso.com",
    "o'neil@contoso.com",
    "a.b-c_d+e@sub.contoso.co.uk",
    "1@1a.com",
    "a!#$%&'+/=^_{|}~@x-y.io",
    f"{'a' * 64}@contoso.com",
    "room@xn--mnchen-3ya.de",
    "room@contoso.onmicrosoft.com",
]
NOT_ADDRESSES = [
    "room", "@contoso.com", "room@", "room@contoso", "room@contoso.com.", "room@-contoso.com", "room@contoso-.com",
    ".room@contoso.com", "room.@contoso.com", "ro..om@contoso.com", "ro om@contoso.com", "ro,om@contoso.com",
    "*@contoso.com", "room?@contoso.com", 'ro"om@contoso.com', "ro`om@contoso.com", "r\u00f6m@contoso.com",
    "room@m\u00fcnchen.de", "<room@contoso.com>", "a@b@contoso.com", f"{'a' * 65}@contoso.com", "room@contoso.123",
    f"a@{'b' * 64}.com", "room@[10.0.0.1]", "SMTP:room@contoso.com", "a;b@contoso.com", "ro\u2019om@contoso.com",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_address_that_exchange_takes_is_taken(problems_of, small, address) -> None:
    assert problems_of(small.replace("pexip@contoso.com", f'"{address}"', 1)) == ()


@pytest.mark.parametrize("address", NOT_ADDRESSES)
def test_address_that_is_none_or_unsafe_is_refused(problems_of, small, address) -> None:
    quoted = "'" + address.replace("'", "''") + "'"
    assert only(problems_of(small.replace("pexip@contoso.com", quoted, 1))).code in {"PXG024", "PXG025"}


@pytest.mark.parametrize("name", ["contoso.onmicrosoft.com", "C0n-toso.onmicrosoft.us", "x.partner.onmschina.cn"])
def test_initial_domains_of_every_cloud_are_taken(problems_of, small, name) -> None:
    assert problems_of(small.replace("contoso.onmicrosoft.com", name)) == ()


@pytest.mark.parametrize(
    "name", ["contoso.mail.onmicrosoft.com", "onmicrosoft.com", "contoso.onmicrosoft.com.evil.com"]
)
def test_domains_that_only_look_like_initial_ones_are_refused(problems_of, small, name) -> None:
    assert only(problems_of(small.replace("contoso.onmicrosoft.com", name))).code == "PXG024"


@pytest.mark.parametrize("text", [" x", "x ", "\u00a0x", "x\u3000"])
def test_space_around_a_name_is_refused_because_exchange_would_drop_it(problems_of, small, text) -> None:
    assert only(problems_of(small + f'scope: {{name: "{text}"}}\n')).code == "PXG024"


def test_misspelt_required_key_is_not_reported_as_missing_too(problems_of, small) -> None:
    assert only(problems_of(small.replace("  platform:", "  platfrom:"))).code == "PXG020"


def test_forbidden_section_is_one_problem_whatever_is_wrong_in_it(problems_of, small) -> None:
    assert only(problems_of(small + "service_account: {zork: 1}\n")).code == "PXG028"
    assert only(problems_of(small + "service_account: {name: 1}\n")).code == "PXG028"


def test_service_account_in_exchange_online_is_refused_with_the_dates(problems_of, small) -> None:
    head = small[: small.index("application:")].replace("app-permissions", "service-account")
    text = head + "service_account: {user_principal_name: a@contoso.com, existing: false}\n"
    problem = only(problems_of(text))
    assert problem.code == "PXG023"
    assert f"{IMPERSONATION_CLOSED.day:%B %Y}" in problem.hint
    assert f"{IMPERSONATION_REMOVED.day:%B %Y}" in problem.hint
    assert only(problems_of(text.replace(", existing: false", ""))).hint == problem.hint
    assert problems_of(text.replace("false", "true")) == ()


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("service_account: {user_principal_name: a@contoso.com, existing: true, adopt: true}", "service_account.adopt"),
        ("service_account: {user_principal_name: a@contoso.com, existing: true, name: x}", "service_account.name"),
        ("ews: {policy: check}", "ews"),
        ("proof: {in_scope: [a@contoso.com], out_of_scope: [b@contoso.com]}", "proof"),
        ("authentication: {methods: [ntlm]}", "authentication"),
    ],
)
def test_what_a_service_account_in_exchange_online_has_no_use_for_is_refused(problems_of, small, more, key) -> None:
    head = small[: small.index("application:")].replace("app-permissions", "service-account")
    account = (
        "" if "service_account" in more else "service_account: {user_principal_name: a@contoso.com, existing: true}\n"
    )
    problem = only(problems_of(f"{head}{account}{more}\n"))
    assert (problem.code, f"`{key}` is not used" in problem.message) == ("PXG028", True)


def test_only_a_migration_retires_applications(problems_of, small) -> None:
    text = small + "ews: {policy: merge, retire: [{client_id: 6c1d8e2a-7f94-4b03-9a5d-0e3f2b1c4d58}]}\n"
    problem = only(problems_of(text))
    assert (problem.code, "`ews.retire` is not used" in problem.message) == ("PXG028", True)
    account = "service_account: {user_principal_name: svc@contoso.com}\n"
    assert problems_of(text.replace("app-permissions", "migrate") + account) == ()


def test_exchange_server_needs_its_own_keys(problems_of, small) -> None:
    text = """\
version: 1
name: contoso
method: service-account
target: {platform: exchange-server, accepted_domain: contoso.com, version: SE}
equipment: {address: pexip@contoso.com}
service_account: {user_principal_name: svc@contoso.com}
impersonation: {scope: equipment-only}
authentication: {methods: [ntlm]}
"""
    assert problems_of(text) == ()
    assert only(problems_of(text.replace(", version: SE", ""))).message.startswith("`version` is missing in `target`")
    assert only(problems_of(text.replace("equipment-only", "group"))).message.startswith("`group` is missing")
    assert only(problems_of(text.replace("only}", "only, group: g@contoso.com}"))).message.startswith(
        "`impersonation.group` is not used with `scope: "
    )
    everybody = text.replace("equipment-only", "organization")
    proof = "proof: {in_scope: [a@contoso.com], out_of_scope: [b@contoso.com]}\n"
    assert problems_of(text + proof) == ()
    assert only(problems_of(everybody + proof)).message.startswith("`proof` is not used")
    assert only(problems_of(text.replace("svc@contoso.com", "svc@contoso.com, existing: true"))).code == "PXG028"
    assert only(problems_of(text.replace("version: SE", "version: 2019"))).hint == 'put it into quotes: "2019"'
