"""How mail, git and editors change a text file without changing its content."""

from __future__ import annotations

from pexgen.words import counted

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

MARK_MISSING = "the byte order mark is missing, as mail, git and editors do it"
ENDS_AT_THE_END = "line ends were added or lost at the end of the file"


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
    if wanted.startswith(BYTE_ORDER_MARK) and not found.startswith(BYTE_ORDER_MARK):
        said.append(MARK_MISSING)
    return "; ".join(said) or ENDS_AT_THE_END


def _of(number: int, lines: int) -> str:
    return f"{number:,} of {counted(lines, 'line')} {'ends' if number == 1 else 'end'}"


def _content(data: bytes) -> bytes:
    return data.removeprefix(BYTE_ORDER_MARK).replace(b"\r\n", b"\n").rstrip(b"\n")
