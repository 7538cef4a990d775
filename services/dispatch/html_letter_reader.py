"""Reads the HTML alternative of a letter as its receivers will, and refuses all that a letter of ours never has. Pure."""

from html.parser import HTMLParser

_OUTSIDE = {"html": {"lang", "dir"}, "head": set(), "meta": {"charset"}, "body": set()}
_INSIDE = {"p": set(), "br": set(), "a": {"href"}}
_ATTRIBUTES: dict[str, set[str]] = {**_OUTSIDE, **_INSIDE}
_VOID = ("br", "meta")


class UnexpectedHtml(ValueError):
    """It has something else than paragraphs, line breaks and links that say where they lead."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[str] = []
        self.root: dict[str, str | None] = {}
        self._open: list[str] = []
        self._link: str | None = None
        self._after_break = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if tag not in _ATTRIBUTES or len(set(names)) != len(names) or not set(names) <= _ATTRIBUTES[tag]:
            raise UnexpectedHtml
        if (tag in ("br", "a")) is not (self._open[-1:] == ["p"]):
            raise UnexpectedHtml
        if tag == "meta" and attrs != [("charset", "utf-8")]:
            raise UnexpectedHtml
        if tag == "html":
            self.root = dict(attrs)
        elif tag == "p":
            self.paragraphs.append("")
        elif tag == "br":
            self.paragraphs[-1] += "\n"
        elif tag == "a":
            self._link = dict(attrs).get("href") or ""
            if not self._link.lower().startswith(("http://", "https://")):
                raise UnexpectedHtml
        self._after_break = tag == "br"
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - HTMLParser
        raise UnexpectedHtml

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag or (tag == "a" and self._link is not None):
            raise UnexpectedHtml

    def handle_data(self, data: str) -> None:
        inside = self._open[-1:]
        if inside == ["a"]:
            if data != self._link:  # a link leads where it says
                raise UnexpectedHtml
            self._link = None
        elif inside == ["p"]:
            data = data.removeprefix("\n") if self._after_break else data
        elif data.strip():
            raise UnexpectedHtml
        if inside in (["a"], ["p"]):
            if "\n" in data or "\r" in data:  # a browser would show a space
                raise UnexpectedHtml
            self.paragraphs[-1] += data
        self._after_break = False

    def handle_comment(self, data: str) -> None:  # noqa: ARG002 - HTMLParser
        raise UnexpectedHtml

    def handle_pi(self, data: str) -> None:  # noqa: ARG002 - HTMLParser
        raise UnexpectedHtml

    def unknown_decl(self, data: str) -> None:  # noqa: ARG002 - HTMLParser
        raise UnexpectedHtml

    def text(self) -> str:
        """What has been read. Raises UnexpectedHtml where something is left open."""
        if self._open:
            raise UnexpectedHtml
        return "\n\n".join(self.paragraphs)


def read(html: str) -> tuple[str, dict[str, str | None]]:
    """The text of the letter, lines ending with a line feed, and the attributes of its root. Raises UnexpectedHtml."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text(), reader.root
