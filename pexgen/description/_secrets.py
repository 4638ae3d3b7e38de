"""What looks like a secret: found so that it can be refused, and masked wherever a line of the file is shown."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Each form is too particular to be met by an address, an identifier or prose. None begins inside a word, so that a
#: long line costs no more than its length.
#: `re` compiles this and the two patterns below when a text first asks for them.
_FORMS = (
    r"(?P<entra>(?<![\w.~-])[\w.~-]{3}[0-9]Q~[\w.~-]{31,40})"
    r"|(?P<jwt>(?<![\w.-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"
    r"|(?P<refresh>(?<![\w.-])[01]\.A[\w-]{2,4}[\w.-]{150,})"
    r"|(?P<pem>-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----)"
)
#: One of these is in every form: a text without them has none, and need not be searched for all of them.
_MARKS = ("Q~", "eyJ", ".A", "PRIVATE KEY")
_KINDS = {
    "entra": "a client secret of Entra",
    "jwt": "an access token (JWT)",
    "refresh": "a refresh token",
    "pem": "a private key",
}
_SECRET_KEY = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|pwd|secret|token|private_?key|api_?key|credentials?)$", re.IGNORECASE
)
_KEY_WITH_VALUE = (
    r"(?P<key>(?<![\w-])[\w-]*(?:password|passwd|passphrase|pwd|secret|token|private[_-]?key|api[_-]?key|credentials?)[\"']?\s*[:=]\s*)"
    r"(?P<value>[^\s,}#][^,}]*)"
)
#: A line of a PEM file has 64 characters.
_KEY_MATERIAL = r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{60,}={0,2}(?![A-Za-z0-9+/])"
_LEAST_MATERIAL = 60


def find_secrets(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and kind of everything in ``text``, comments included, that looks like a secret."""
    if not any(mark in text for mark in _MARKS):
        return
    for match in re.finditer(_FORMS, text, re.ASCII):
        yield match.start(), match.end(), _KINDS[str(match.lastgroup)]


@lru_cache(maxsize=256)
def names_a_secret(key: str) -> bool:
    """Whether a key of this name would hold a secret (``client_secret``, ``Password``, ``refresh-token``)."""
    return _SECRET_KEY.search(key.replace("-", "_").replace(" ", "_")) is not None


def mask(line: str) -> str:
    """``line`` with asterisks, as many as characters, over everything that looks like a secret."""
    for start, end, _ in find_secrets(line):
        line = f"{line[:start]}{'*' * (end - start)}{line[end:]}"
    if len(line) >= _LEAST_MATERIAL:
        line = re.sub(_KEY_MATERIAL, lambda match: "*" * len(match.group()), line)
    flags = re.IGNORECASE | re.ASCII
    return re.sub(_KEY_WITH_VALUE, lambda match: match["key"] + "*" * len(match["value"]), line, flags=flags)
