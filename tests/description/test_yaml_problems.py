"""What is wrong before the schema is looked at: one code, place and cure each."""

from __future__ import annotations

import time

import pytest
import yaml


def only(problems):
    assert len(problems) == 1, problems
    return problems[0]


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"", "PXG006", (0, 0)),
        (b"\n\n", "PXG006", (0, 0)),
        (b"# only this\n", "PXG006", (0, 0)),
        (b"---\n", "PXG006", (0, 0)),
        (b"\xef\xbb\xbf", "PXG006", (0, 0)),
        (b"- a\n- b\n", "PXG007", (1, 1)),
        (b"just text\n", "PXG007", (1, 1)),
        (b"42\n", "PXG007", (1, 1)),
        ("a: 1\n".encode("utf-16"), "PXG003", (0, 0)),
        ("a: 1\n".encode("utf-16-le"), "PXG003", (0, 0)),
        ("a: 1\n".encode("utf-32"), "PXG003", (0, 0)),
        (b"name: caf\xe9\n", "PXG003", (1, 10)),
        (b"a: 1\nb: [1, 2\nc: 3\n", "PXG005", (2, 4)),
        (b'a: "open\nb: 3\n', "PXG005", (1, 4)),
        (b"a: b: c\n", "PXG005", (1, 5)),
        (b"a: @home\n", "PXG005", (1, 4)),
        (b"a: `tick`\n", "PXG005", (1, 4)),
        (b"a:\n   b: 1\n  c: 1\n", "PXG005", (3, 3)),
        (b"a: 1\nb\n", "PXG005", (2, 1)),
        (b'a: "c:\\pexip"\n', "PXG005", (1, 7)),
        (b'a: "\\U00110000"\n', "PXG005", None),
        (b"a:\n\tb: 1\n", "PXG005", (2, 1)),
        (b"a: - b\n", "PXG005", (1, 4)),
        (b"a: |#\n  text\n", "PXG005", None),
        (b"%FOO 1\n---\na: [\n", "PXG005", None),
    ],
)
def test_file_that_is_no_description_has_one_problem(problems_of, data, code, place) -> None:
    problem = only([each for each in problems_of(data) if each.code < "PXG010"])
    assert problem.code == code
    assert problem.severity == "error"
    if place is not None:
        assert (problem.line, problem.column) == place


@pytest.mark.parametrize(
    ("line", "code", "column", "length", "word"),
    [
        ("name: other", "PXG010", 1, 4, "line 2"),
        ("x: !!python/object/apply:os.system [ls]", "PXG011", 4, None, "tag"),
        ("x: !!str 5", "PXG011", 4, None, "tag"),
        ("x: ! 5", "PXG011", 4, None, "tag"),
        ("x: &here 5", "PXG012", 4, 5, "&here"),
        ("x: *here", "PXG012", 4, 5, "*here"),
        ("<<: {a: b}", "PXG012", 1, 2, "merge"),
        ("? [a, b]\n: c", "PXG013", 3, 1, "list"),
        ("2019: x", "PXG013", 1, 4, "2019"),
        ("no: x", "PXG013", 1, 2, "no"),
        ("~: x", "PXG013", 1, 1, "~"),
        ("x: {{ value }}", "PXG013", 5, 1, "mapping"),
        ('"a\\u202eb": x', "PXG004", 1, 10, "U+202E"),
    ],
)
def test_what_is_wrong_with_a_line_stands_where_it_is(problems_of, small, line, code, column, length, word) -> None:
    found = [each for each in problems_of(small + line + "\n") if each.code != "PXG020"]
    problem = only(found)
    assert (problem.code, problem.line, problem.column) == (code, small.count("\n") + 1, column)
    assert length is None or problem.length == length
    assert word in problem.message
    assert problem.hint
    assert problem.source_line == line.split("\n")[0]


SURPRISES = [
    *["yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "y", "n", "Y", "N"],
    *["0777", "0o17", "017", "0x1F", "0b11", "1_000", "12:30", "190:20:30", "+5", "-0", "-0777", "99999999999"],
    *["1.5", ".5", "5.", "1e3", "1.0e+3", ".inf", "-.Inf", ".NaN", "="],
    *["2026-10-01", "2026-1-1", "2026-10-01 20:00:00", "2026-10-01T20:00:00Z", "2026-10-01 20:00:00.5 +2"],
]


@pytest.mark.parametrize("text", SURPRISES)
def test_text_that_yaml_readers_disagree_on_is_a_problem_without_quotes_only(problems_of, small, text) -> None:
    problem = only(problems_of(small + f"change: {{ticket: {text}}}\n"))
    assert (problem.code, problem.length) == ("PXG014", len(text))
    assert f'"{text}"' in problem.hint
    assert problems_of(small + f'change: {{ticket: "{text}"}}\n') == ()


@pytest.mark.parametrize(
    "text", ["None", "CHG0031337", "1a", "0-day", "e3", "12:60x", "-x", "+x", "yesterday", "1.2.3", "2026-10-01 20:00"]
)
def test_text_that_only_looks_a_little_like_something_else_is_text(problems_of, small, text) -> None:
    assert problems_of(small + f"change: {{ticket: {text}}}\n") == ()


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_key_without_value_is_a_problem_at_the_key_or_the_value(problems_of, small, text) -> None:
    problem = only(problems_of(small + f"change:\n  ticket: {text}\n"))
    assert problem.code == "PXG015"
    assert problem.message == "`change.ticket` has no value"
    assert problem.column == (11 if text else 3)


@pytest.mark.parametrize(
    "text", ["\u201cquoted\u201d", "\u2018quoted\u2019", "\u201equoted\u201c", "\u00abquoted\u00bb"]
)
def test_typographic_quotes_around_text_are_named(problems_of, small, text) -> None:
    problem = only(problems_of(small + f"change: {{ticket: {text}}}\n"))
    assert problem.code == "PXG014"
    assert '"quoted"' in problem.hint


@pytest.mark.parametrize(
    ("escaped", "name"),
    [
        ("\\u0000", "U+0000 NUL"),
        ("\\t", "U+0009 tab"),
        ("\\n", "U+000A line feed"),
        ("\\e", "U+001B escape"),
        ("\\x7f", "U+007F"),
        ("\\N", "U+0085"),
        ("\\u061c", "U+061C ARABIC LETTER MARK"),
        ("\\u200f", "U+200F RIGHT-TO-LEFT MARK"),
        ("\\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\\u2066", "U+2066 LEFT-TO-RIGHT ISOLATE"),
        ("\\ufeff", "U+FEFF"),
        ("\\uffff", "U+FFFF"),
    ],
)
def test_hidden_character_behind_an_escape_is_refused(problems_of, small, escaped, name) -> None:
    problem = only(problems_of(small + f'change: {{ticket: "a{escaped}b"}}\n'))
    assert problem.code == "PXG004"
    assert name in problem.message


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\x85", "\u200e", "\u202e", "\u2028", "\u2029", "\ufeff"])
@pytest.mark.parametrize("line", ["# a comment {}", "change: {{ticket: 'a{}b'}}", "change: {{ticket: a{}b}}"])
def test_hidden_character_in_the_file_is_refused_even_in_a_comment(problems_of, small, character, line) -> None:
    problem = only(problems_of(small + line.format(character) + "\n"))
    assert (problem.code, problem.line) == ("PXG004", small.count("\n") + 1)
    assert f"U+{ord(character):04X}" in problem.message


def test_line_separator_behind_an_escape_is_text(problems_of, small) -> None:
    assert problems_of(small + 'change: {ticket: "a\\u2028b\\Lc"}\n') == ()


def test_tab_is_fine_in_a_comment_only(problems_of, small) -> None:
    assert problems_of("#\ta\n" + small + "change: # \t\n  {ticket: x}\n") == ()
    assert only(problems_of(small.replace("version: 1", "version:\t1"))).code == "PXG004"
    assert only(problems_of(small.replace("version: 1", "version: 1\t# one"))).code == "PXG004"


def test_folded_text_on_one_line_is_fine_and_line_ends_are_explained(problems_of, small) -> None:
    assert problems_of(small + "change:\n  ticket: >-\n    one\n    two\n") == ()
    problem = only(problems_of(small + "change:\n  ticket: >\n    one\n    two\n"))
    assert problem.code == "PXG004"
    assert ">-" in problem.hint


def test_byte_order_mark_at_the_beginning_and_windows_line_ends_are_fine(problems_of, small) -> None:
    assert problems_of(b"\xef\xbb\xbf" + small.replace("\n", "\r\n").encode()) == ()


def test_second_document_is_one_problem_beside_those_of_the_first(problems_of, small) -> None:
    problem = only(problems_of(small + "---\nmore: 1\n"))
    assert (problem.code, problem.line, problem.length) == ("PXG008", small.count("\n") + 1, 3)


def test_document_marks_around_one_document_are_fine(problems_of, small) -> None:
    assert problems_of("%YAML 1.2\n---\n" + small + "...\n") == ()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 50_000,
        "a:\n" + "\n".join(" " * depth + "b:" for depth in range(1, 1000)),
        "a: [" + "x," * 400_000 + "]",
        "".join(f"k{number}: v\n" for number in range(60_000)),
        "a: &a [x]\n" + "\n".join(f"b{n}: &b{n} [*a,*a,*a,*a]" for n in range(5_000)),
        "a: '" + "x" * 1_000_000 + "'",
        "a: b\n" * 150_000,
        "\u202e" * 300_000,
        "\t\n" * 300_000,
        "x: [" + "'\\" * 200_000,
        "a: '" + "eyJ-" * 250_000,
        "a: '" + "x-" * 500_000,
    ],
    ids=range(13),
)
def test_hostile_file_is_refused_in_seconds_with_a_bounded_number_of_problems(problems_of, text) -> None:
    begin = time.process_time()
    problems = problems_of(text)
    assert 1 <= len(problems) <= 1001
    assert time.process_time() - begin < 20


def test_fifty_megabytes_are_refused_without_being_parsed(problems_of) -> None:
    begin = time.process_time()
    assert only(problems_of(b"a: b\n" * 10_000_000)).code == "PXG002"
    assert time.process_time() - begin < 1


def test_problem_in_a_very_long_line_shows_no_line(problems_of, small) -> None:
    problem = only(problems_of(small + "change: {ticket: '" + "x" * 5000 + "'}\n"))
    assert problem.source_line == ""


def test_everything_that_is_wrong_is_reported_at_once_in_the_files_order(problems_of, small) -> None:
    text = small.replace("version: 1", "version: 0x1").replace("method: app", "metod: app") + "name: x\nx: *y\n"
    found = problems_of(text)
    assert [each.code for each in found] == ["PXG014", "PXG020", "PXG010", "PXG020", "PXG012"]
    assert [each.line for each in found] == sorted(each.line for each in found)


@pytest.mark.parametrize(
    ("old", "new", "meant", "said"),
    [
        ("name: contoso", "name:contoso", "name:contoso", "after `name:`"),
        ("platform: exchange-online", "platform:exchange-online", "  platform:exchange-online", "after `platform:`"),
        ("proof:\n", "proof:\n  in_scop:x\n", None, ""),
        ("name: contoso", "name:\u00a0contoso", "name:\u00a0contoso", "U+00A0 NO-BREAK SPACE"),
        ("[alice@contoso.com]\nproof", "\n    -bob@contoso.com\nproof", "    -bob@contoso.com", "the hyphen"),
        (
            "[alice@contoso.com]\nproof",
            "\n    - alice@contoso.com\n    -bob@contoso.com\n    - carol@contoso.com\nproof",
            "    -bob@contoso.com",
            "the hyphen",
        ),
        (
            "[alice@contoso.com]\nproof",
            "\n    -bob@contoso.com\n    - carol@contoso.com\nproof",
            "    -bob@contoso.com",
            "the hyphen",
        ),
        (
            "[alice@contoso.com]\nproof",
            "\n    - alice@contoso.com\n    -\u00a0bob@contoso.com\nproof",
            "    -\u00a0bob@contoso.com",
            "U+00A0 NO-BREAK SPACE",
        ),
    ],
)
@pytest.mark.parametrize("pure", [False, True])
def test_a_missing_space_is_said_in_its_own_line(monkeypatch, problems_of, small, pure, old, new, meant, said) -> None:
    if pure:
        monkeypatch.setattr(yaml, "__with_libyaml__", False)
    assert old in small
    problems = problems_of(small.replace(old, new, 1))
    if meant is None:
        assert problems
        return
    (found,) = problems
    assert (found.code, found.source_line) == ("PXG005", meant)
    assert said in found.message
    assert found.hint


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "x", "a: 1\n---\nb: 1", "version: [", "version: 1\nversion: 1", "a: !!str b", "a: &b c", "a: *b"),
        *("1: x", "{}: x", "a: no", "name:", "client_secret: x", 'name: "a\\u200e"', "name: a\u200eb", "a: \tb"),
        *("\ta: b", "zork: 1", "version: 1", "version: one", "name: a b", "name: " + "x" * 99, "proof: {in_scope: []}"),
        *("- " * 40 + "x", "a: [" + "x, " * 50_001 + "]", "x:\n" * 1001),
    ],
)
def test_every_problem_has_a_hint(problems_of, text) -> None:
    problems = problems_of(text)
    assert problems
    assert [problem.message for problem in problems if not problem.hint] == []
