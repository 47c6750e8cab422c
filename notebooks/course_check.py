"""What is wrong with built pages: dead links, formulas left as source, use of the network."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

UNTRANSLATED = re.compile(r"\$\$|\\(?:frac|partial|cdot|sum|sigma|nabla|top|in)\b")
NO_DESCRIPTION = "No description has been provided for this image"  # what nbconvert writes
VERBATIM = {"pre", "code", "script", "style", "annotation"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


def problems(folder: Path) -> list[str]:
    """One line for everything that is wrong with the pages in a folder."""
    pages = {path.name: read(path.read_text(encoding="utf-8")) for path in folder.glob("*.html")}
    found = []
    for name, page in sorted(pages.items()):
        found += [f"{name}: {problem}" for problem in page.problems]
        found += [
            f"{name}: the link {link!r} leads nowhere"
            for link in page.links
            if not leads_somewhere(folder, pages, name, link)
        ]
    return found


def leads_somewhere(folder: Path, pages: dict[str, Page], name: str, link: str) -> bool:
    """Whether a link leads to a file and a place that exist; other sites are not asked."""
    parts = urlsplit(link)
    if parts.scheme in ("http", "https"):
        return True
    target = unquote(parts.path) or name
    if not (folder / target).is_file():
        return False
    return not parts.fragment or (target in pages and unquote(parts.fragment) in pages[target].ids)


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    return page


class Page(HTMLParser):
    """The links and ids of a page, and what is wrong with it by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.problems: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag not in VOID:
            self._open.append(tag)
        if "id" in given and given["id"] in self.ids:
            self.problems.append(f"the id {given['id']!r} is there twice")
        self.ids.update([given["id"]] if "id" in given else [])
        self._check_addresses(tag, given)
        if tag == "img" and given.get("alt", "") in ("", NO_DESCRIPTION):
            self.problems.append("a picture without a description")
        if "srcdoc" in given:
            self.problems += [
                f"in a frame: {problem}" for problem in read(given["srcdoc"]).problems
            ]

    def _check_addresses(self, tag: str, given: dict[str, str]) -> None:
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        for name in ("src", "href", "xlink:href", "data", "poster", "srcset"):
            address = given.get(name, "data:")
            if tag != "a" and not address.startswith(("data:", "#")):
                self.problems.append(f"<{tag}> takes {address[:80]!r} from elsewhere")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not VERBATIM & set(self._open) and (match := UNTRANSLATED.search(data)):
            self.problems.append(f"a formula as source: {data[match.start() :][:60]!r}")
        if "style" in self._open and re.search(r"@import|url\(\s*['\"]?(?!data:|#)", data):
            self.problems.append("a style sheet takes something from elsewhere")
