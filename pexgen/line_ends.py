"""How mail, git and editors change a text file without changing its content."""

from __future__ import annotations

from codecs import BOM_UTF8

from pexgen.words import counted

MARK_MISSING = "the byte order mark is missing, as mail, git and editors do it"
ENDS_AT_THE_END = "line ends were added or lost at the end of the file"
"""What is said of such a file."""


def bare_line_ends(data: bytes) -> str:
    """Say how many lines of a file that has CRLF end with LF alone; nothing where none does."""
    ends, bare = data.count(b"\n"), data.count(b"\n") - data.count(b"\r\n")
    return f"{_of(bare, ends)} with LF, not CRLF, as mail and git do it" if bare else ""


def changed_on_the_way(found: bytes, wanted: bytes) -> str:
    """Say in what a file differs from the wanted bytes, where its content is the same; nothing where it is not."""
    if found == wanted or _content(found) != _content(wanted):
        return ""
    said = []
    ends, bare = found.count(b"\n"), bare_line_ends(found)
    if bare and b"\r\n" in wanted:
        said.append(bare)
    elif not bare and ends and b"\r\n" not in wanted:
        said.append(f"{_of(ends, ends)} with CRLF, not LF, as git does it")
    if wanted.startswith(BOM_UTF8) and not found.startswith(BOM_UTF8):
        said.append(MARK_MISSING)
    return "; ".join(said) or ENDS_AT_THE_END


def _of(number: int, lines: int) -> str:
    return f"{number:,} of {counted(lines, 'line')} {'ends' if number == 1 else 'end'}"


def _content(data: bytes) -> bytes:
    return data.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n").rstrip(b"\n")
