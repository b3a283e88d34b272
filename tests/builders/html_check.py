"""A strict reader of HTML, enough to hold a page to the rules that matter: nesting, headings, alt texts, ids."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "img", "br", "hr", "link", "input"}


class PageReader(HTMLParser):
    """Reads a page and notes what is wrong with it.

    ``tags`` are all tags with their attributes, ``text`` all text, ``problems`` what breaks a rule.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.headings: list[int] = []
        self.problems: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        if len(values) != len(attrs):
            self.problems.append(f"<{tag}> has an attribute twice")
        if tag == "img" and not values.get("alt"):
            self.problems.append("an image has no alt text")
        if any(name.startswith("on") for name in values):
            self.problems.append(f"<{tag}> has a script in an attribute")
        if values.get("id") in self.ids:
            self.problems.append(f"the id {values['id']!r} is there twice")
        self.ids |= {values["id"]} if values.get("id") else set()  # type: ignore[arg-type]
        if tag[0] == "h" and tag[1:].isdigit():
            if int(tag[1:]) > (self.headings[-1] if self.headings else 0) + 1:
                self.problems.append(f"<{tag}> skips a level of headings")
            self.headings.append(int(tag[1:]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes what is not open")

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """List the attributes of all tags of a kind."""
        return [values for name, values in self.tags if name == tag]


def read_page(text: str) -> PageReader:
    """Read a whole page."""
    reader = PageReader()
    reader.feed(text)
    reader.close()
    if reader.open:
        reader.problems.append(f"never closed: {reader.open}")
    return reader
