"""Converts what agencies have, questions and answers or saved web pages, into articles: one Markdown file an answer."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import yaml

from services.domain.articles import InvalidArticle, passages
from services.drafting import tokenization

QUESTION = ("question", "title", "titre", "q")
ANSWER = ("answer", "text", "body", "reponse", "réponse", "a")
PASSED_ON = ("category", "updated", "expires", "also_called")
_SKIPPED = frozenset({"script", "style", "nav", "header", "footer", "aside", "form", "noscript", "template", "svg", "button"})
_BLOCKS = frozenset({"p", "div", "section", "article", "main", "ul", "ol", "table", "tr", "br", "dl", "dt", "dd", "blockquote"})


@dataclass(frozen=True)
class Converted:
    """An article as the file it becomes."""

    name: str
    text: str


class UnusableRow(ValueError):
    """A row that is no question with its answer; the message names it, the field and the fix."""


def rows_of(text: str, suffix: str) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """Each row of CSV or JSON Lines with the place that names it; None where a line is no JSON object, so that those after it are read."""
    if suffix == ".csv":
        sample = text[:4096]
        dialect = csv.Sniffer().sniff(sample, ",;\t") if re.search(r"[,;\t]", sample) else csv.excel
        for number, row in enumerate(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), dialect=dialect), start=2):
            yield f"line {number}", {(name or "").strip().lower(): value for name, value in row.items()}
        return
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if line.strip():
            yield f"line {number}", _json_object(line)


def _json_object(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return {str(name).lower(): value for name, value in row.items()} if isinstance(row, dict) else None


def article_of_row(place: str, row: Mapping[str, Any] | None, language: str, url: str) -> Converted:
    """A question and its answer as an article. Raises UnusableRow."""
    if row is None:
        raise UnusableRow(f"{place}: not a JSON object: write one question with its answer a line")
    question, answer = _first(row, QUESTION), _first(row, ANSWER)
    if not question:
        raise UnusableRow(f"{place}: no question: name the column one of {', '.join(QUESTION)}")
    if not answer:
        raise UnusableRow(f"{place}: no answer: name the column one of {', '.join(ANSWER)}")
    fields = {name: row[name] for name in PASSED_ON if row.get(name)}
    return _converted(
        place, question, answer, str(row.get("language") or language), str(row.get("url") or url), str(row.get("id") or ""), fields
    )


def article_of_page(name: str, page: str, language: str, url: str) -> Converted:
    """A saved web page as an article: its main part, without menus and forms. Raises UnusableRow where no text is left."""
    reader = _Page()
    reader.feed(page)
    reader.close()
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(re.sub(r"[ \t]+", " ", line).strip() for line in reader.text.split("\n"))).strip()
    if not text:
        raise UnusableRow(f"{name}: no text in it")
    title = " ".join((reader.heading or reader.title or name).split())
    text = text.removeprefix(f"# {title}").strip()
    return _converted(name, title, text, reader.language or language, reader.canonical or url, "", {})


def _converted(place: str, title: str, text: str, language: str, url: str, given: str, fields: Mapping[str, Any]) -> Converted:
    name = given or f"{language}-{'-'.join(tokenization.split(title)[:8])}"[:80].strip("-")
    front: dict[str, Any] = {"id": name, "title": title[:300], "url": url, "language": language[:2].lower(), **fields}
    article = f"---\n{yaml.safe_dump(front, allow_unicode=True, sort_keys=False)}---\n\n{text.strip()}\n"
    try:
        passages(article, place)
    except InvalidArticle as error:
        raise UnusableRow(str(error)) from None
    return Converted(name, article)


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(row[name]).strip() for name in names if row.get(name) and str(row[name]).strip()), "")


class _Page(HTMLParser):
    """Reads a page's text as Markdown: headings, paragraphs and list items of its main part, or of all where it has none."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = self.heading = self.language = self.canonical = ""
        self._main: list[str] = []
        self._all: list[str] = []
        self._skipped = self._in_main = 0
        self._open: list[str] = []

    @property
    def text(self) -> str:
        """What a reader sees."""
        main = "".join(self._main)
        return main if main.strip() else "".join(self._all)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        if tag == "html":
            self.language = (of.get("lang") or "")[:2].lower()
        if tag == "link" and of.get("rel") == "canonical":
            self.canonical = of.get("href") or ""
        self._skipped += tag in _SKIPPED
        self._in_main += tag in ("main", "article")
        self._open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self._write(f"\n\n{'#' * int(tag[1])} ")
        elif tag == "li":
            self._write("\n- ")
        elif tag in _BLOCKS:
            self._write("\n\n" if tag != "br" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        while self._open and (closed := self._open.pop()):
            self._skipped -= closed in _SKIPPED
            self._in_main -= closed in ("main", "article")
            if closed == tag:
                break
        if tag in _BLOCKS or re.fullmatch(r"h[1-6]", tag):
            self._write("\n\n")

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.title += data
            return
        if "h1" in self._open and not self._skipped:
            self.heading += data
        self._write(re.sub(r"\s+", " ", data))

    def _write(self, text: str) -> None:
        if self._skipped:
            return
        self._all.append(text)
        if self._in_main:
            self._main.append(text)
