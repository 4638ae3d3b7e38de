"""Writes the project's pages as a site, ``python tools/site.py [FOLDER]``: every link and anchor has to lead somewhere.

MkDocs takes one folder of pages, and ours link to some beside ``docs/``: all are put into ``build/site-pages`` first.
Called by ``make site``, in an environment of ``tools/locks/docs.txt``.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "build" / "site-pages"
# What stands beside docs/ and is a part of the site, and where it goes there.
BESIDE = {
    **{name: f"project/{name}" for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE")},
    "samples/contoso-scheduling.plan.md": "samples/contoso-scheduling.plan.md",
}
_LINK = re.compile(r'(\]\(|src=")([^)"#\s]+)')
_FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def main() -> int:
    """Write the site; return 1 where a link or an anchor leads nowhere."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort

    # The lock names what pexgen needs, and not pexgen.
    sys.path.insert(0, str(ROOT))
    from pexgen.pages import anchor

    stage()
    target = Path(sys.argv[1]).resolve() if sys.argv[1:] else ROOT / "build" / "site"
    # The anchors are those that GitHub makes, so that one link is right in both places.
    extensions = ["tables", "fenced_code", {"toc": {"slugify": lambda heading, _separator: anchor(heading)}}]
    config = load_config(
        str(ROOT / "mkdocs.yml"), docs_dir=str(PAGES), site_dir=str(target), markdown_extensions=extensions, strict=True
    )
    try:
        build(config)
    except Abort as error:
        print(f"NOT OK: {error}", file=sys.stderr)
        return 1
    print(f"OK: {target / 'index.html'}; every link and anchor leads somewhere")
    return 0


def stage() -> None:
    """Put every page where MkDocs looks for it, with links that are right there."""
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(ROOT / "docs", PAGES)
    for name, place in BESIDE.items():
        (PAGES / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, PAGES / place)
    places = {f"docs/{path.relative_to(ROOT / 'docs').as_posix()}": path for path in (ROOT / "docs").rglob("*.*")}
    whole = {**{name: name.removeprefix("docs/") for name in places}, **BESIDE}
    for name, place in whole.items():
        if name.endswith(".md"):
            page = PAGES / place
            parts = _FENCE.split(page.read_text(encoding="utf-8"))
            # What stands in a block of code is no link.
            parts[::2] = [relinked(part, name, whole) for part in parts[::2]]
            page.write_text("".join(parts), encoding="utf-8", newline="\n")


def relinked(text: str, name: str, whole: dict[str, str]) -> str:
    """Return a page's text with its links to the project's files as they are on the site."""
    depth = whole[name].count("/")

    def link(found: re.Match[str]) -> str:
        if ":" in found[2]:
            return found[0]
        target = (ROOT / name).parent.joinpath(found[2]).resolve()
        inside = target.relative_to(ROOT).as_posix() if target.is_relative_to(ROOT) else ""
        return f"{found[1]}{'../' * depth}{whole[inside]}" if inside in whole else found[0]

    return _LINK.sub(link, text)


if __name__ == "__main__":
    sys.exit(main())
