"""What the schema has against a file, in a user's words and in the right place."""

from __future__ import annotations

import pytest

from pexgen.description import load
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


GUID = "3f6d2b9e-51c8-4a07-8e9d-2c7b6a5f4e10"


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        (GUID, f"'{{{GUID}}}'", f"write {GUID}"),
        (GUID, f"({GUID})", f"write {GUID}"),
        (GUID, GUID.replace("-", ""), f"write {GUID}"),
        (GUID, f"urn:uuid:{GUID}", f"write {GUID}"),
        (GUID, f'"{GUID} "', f'write "{GUID}", without the space at its end'),
        (GUID, GUID[:-1], "it has 31 hexadecimal digits, and a GUID has 32"),
        (GUID, f"{GUID}0", "it has 33 hexadecimal digits"),
        (GUID, GUID.replace("0", "O"), '"O" is not a hexadecimal digit'),
        (GUID, "Pexip Scheduler", "this is a name"),
        ("pexip@contoso.com", "mailto:pexip@contoso.com", "write pexip@contoso.com alone"),
        ("pexip@contoso.com", "SMTP:pexip@contoso.com", "write pexip@contoso.com alone"),
        ("pexip@contoso.com", "Pexip <pexip@contoso.com>", "write pexip@contoso.com alone"),
        ("pexip@contoso.com", "'pexip@contoso.com '", "without the space at its end"),
        ("pexip@contoso.com", "'  pexip@contoso.com'", "without the space at its beginning"),
        ("pexip@contoso.com", "a@contoso.com; b@contoso.com", "one address"),
        ("pexip@contoso.com", "pexip", "an address has an @"),
        ("pexip@contoso.com", "pexip@contoso", "has no ending such as .com"),
        ("pexip@contoso.com", '"*@contoso.com"', "take the wildcard out"),
        ("contoso.onmicrosoft.com", "https://contoso.onmicrosoft.com/", "write contoso.onmicrosoft.com"),
        ("contoso.onmicrosoft.com", "admin@contoso.onmicrosoft.com", "write contoso.onmicrosoft.com"),
        ("contoso.onmicrosoft.com", "contoso", "contoso.onmicrosoft.com, if that is what"),
        ("name: contoso\n", "name: Contoso Ltd.\n", "write Contoso-Ltd"),
        ("proof:\n", "scope: {max_mailboxes: fifty}\nproof:\n", "write a number in digits, such as `max_mailboxes: "),
        ("proof:\n", 'scope: {max_mailboxes: "50"}\nproof:\n', "write `max_mailboxes: 50`, without quotes"),
        ("equipment:\n", "equipment:\n  adopt: $true\n", "write `adopt: true`, without quotes and without $"),
        ("equipment:\n", 'equipment:\n  adopt: "no"\n', "write `adopt: false`"),
        ("equipment:\n", "equipment:\n  adopt: maybe\n", "`adopt: true` or `adopt: false`"),
        ("version: 1", "version: 2", "write `version: 1`"),
        ("equipment:\n", "equipment:\n  calendar: {booking_window_in_days: 1081}\n", "the nearest is 1080"),
        ("name: contoso\n", f"name: {'x' * 43}\n", "shorten it by 3"),
        ("equipment:\n", "equipment:\n  calendar: {automate_processing: Full}\n", "write `None`, "),
    ],
)
def test_the_hint_says_what_to_write(problems_of, small, old, new, hint) -> None:
    assert old in small
    assert hint in only(problems_of(small.replace(old, new, 1))).hint


def test_a_bad_address_in_a_list_of_400_is_found_in_its_line_with_what_to_write(problems_of, small) -> None:
    members = [f"user{number}@contoso.com" for number in range(400)]
    members[316] = "mailto:user316@contoso.com"
    text = small.replace(
        "members: [alice@contoso.com]", "members:\n" + "".join(f"    - {one}\n" for one in members)[:-1]
    )
    found = only(problems_of(text))
    assert "`scheduling_group.members[316]`" in found.message
    assert found.source_line.strip() == "- mailto:user316@contoso.com"
    assert found.hint == "write user316@contoso.com alone"


@pytest.mark.parametrize(
    ("old", "new", "character", "said"),
    [
        ("pexip@contoso.com", "pexip@contoso.com\u00a0", "\u00a0", "U+00A0 NO-BREAK SPACE, which looks like a space"),
        (GUID, GUID.replace("-", "\u2011", 1), "\u2011", "U+2011 NON-BREAKING HYPHEN, which looks like -"),
        (GUID, GUID.replace("e", "\u0435", 1), "\u0435", "U+0435 CYRILLIC SMALL LETTER IE, which looks like e"),
        ("contoso.onmicrosoft.com", "cont\u043eso.onmicrosoft.com", "\u043e", "U+043E CYRILLIC SMALL LETTER O"),
        ("pexip@contoso.com", "pe\u200bxip@contoso.com", "\u200b", "U+200B ZERO WIDTH SPACE, which nobody sees"),
        ("exchange-online", "exchange\u2010online", "\u2010", "U+2010 HYPHEN, which looks like -"),
        ("name: contoso\n", "name: c\u043entoso\n", "\u043e", "U+043E CYRILLIC SMALL LETTER O, which looks like o"),
    ],
)
def test_a_character_that_is_not_what_it_looks_like_is_named_with_its_column(
    problems_of, small, old, new, character, said
) -> None:
    found = only(problems_of(small.replace(old, new, 1)))
    assert said in found.message
    assert f"(column {found.column})" in found.message
    assert found.source_line[found.column - 1] == character
    assert found.hint


def test_a_key_with_a_letter_of_another_script_is_told_by_it(problems_of, small) -> None:
    found = only(problems_of(small.replace("name: contoso", "n\u0430me: contoso")))
    assert "U+0430 CYRILLIC SMALL LETTER A" in found.hint
    assert "`name`" in found.hint


@pytest.mark.parametrize("name", ["Contoso.OnMicrosoft.com", "CONTOSO.ONMICROSOFT.COM", "contoso.Partner.OnMsChina.cn"])
def test_an_initial_domain_is_taken_in_any_case_and_kept_in_small_letters(small, name) -> None:
    loaded = load(small.replace("contoso.onmicrosoft.com", name).encode(), "x")
    assert loaded.description.target.organization == name.lower()


@pytest.mark.parametrize("sign", "*?")
@pytest.mark.parametrize(
    "change",
    [
        ("proof:\n", 'scope: {{name: "a{}b"}}\nproof:\n'),
        ("application:\n", 'application:\n  assignment: "a{}b"\n'),
        ("scheduling_group:\n", 'scheduling_group:\n  name: "a{}b"\n'),
        ("equipment:\n", 'equipment:\n  name: "a{}b"\n'),
        ("equipment:\n", 'equipment:\n  alias: "a{}b"\n'),
    ],
)
def test_a_pattern_in_a_name_that_becomes_an_identity_is_refused(problems_of, small, change, sign) -> None:
    old, new = change
    found = only(problems_of(small.replace(old, new.format(sign), 1)))
    assert found.code == "PXG024"
    assert small.replace(old, new.format("x"), 1)
    assert problems_of(small.replace(old, new.format("x"), 1)) == ()


def test_a_display_name_may_have_a_question_mark(problems_of, small) -> None:
    assert problems_of(small.replace("equipment:\n", 'equipment:\n  display_name: "Room? *"\n')) == ()


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
