"""Every link of a page leads somewhere: to a file of the project, and to a heading that is there."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

CHECKOUT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6} (.+?)\s*$", re.MULTILINE)


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    found: dict[str, int] = {}
    names = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        number = found.get(name, 0)
        found[name] = number + 1
        names.add(f"{name}-{number}" if number else name)
    return names


def links(text: str) -> list[str]:
    """Return the targets of a page's links and pictures, those in blocks of code apart."""
    return [first or second for first, second in LINK.findall(FENCE.sub("", text))]


def test_every_link_resolves(pages, step_pages) -> None:
    broken = []
    for name, text in {**pages, **step_pages}.items():
        for link in links(text):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (CHECKOUT / PurePosixPath(name).parent / path).resolve() if path else CHECKOUT / name
            if not target.is_file() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
                broken.append(f"{name}: {link}")
    assert broken == []


def test_every_page_can_be_reached_from_the_readme(pages) -> None:
    reached, ahead = {"README.md"}, ["README.md"]
    while ahead:
        name = ahead.pop()
        for link in links(pages[name]):
            path = (CHECKOUT / PurePosixPath(name).parent / link.partition("#")[0]).resolve()
            found = path.relative_to(CHECKOUT).as_posix() if path.is_relative_to(CHECKOUT) else ""
            if found in pages and found not in reached:
                reached.add(found)
                ahead.append(found)
    assert set(pages) - reached == set()


def test_every_address_is_a_secure_one(pages) -> None:
    # A namespace is a name, no address.
    assert [name for name, text in pages.items() if "http://" in text] == []


def test_every_picture_has_words_for_who_cannot_see_it(pages) -> None:
    for text in pages.values():
        for picture in re.findall(r"<img[^>]*>|!\[[^\]]*\]\(", text):
            assert re.search(r'alt="[^"]{20,}"|!\[[^\]]{20,}\]', picture)
    drawings = [path.read_text(encoding="utf-8") for path in (CHECKOUT / "docs").rglob("*.svg")]
    assert len(drawings) >= 2
    for svg in drawings:
        assert re.search(r"<title[^>]*>[^<]{20,}</title>", svg)
        assert re.search(r"<desc[^>]*>[^<]{20,}</desc>", svg)


def test_no_picture_runs_or_loads_anything() -> None:
    for path in (CHECKOUT / "docs").rglob("*.svg"):
        svg = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"<script|href=|@import|@font-face|https?:|url\((?!#)", svg), path.name
