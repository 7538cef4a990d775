"""Reads the agency's published answers, Markdown with front matter, and cuts them into the passages that a reply may rest on."""

import hashlib
import html
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services.domain.article_files import ArticleFile

LONGEST_SENTENCE = 1800  # characters: what goes on for longer is no sentence, and a prompt has room for four passages
PASSAGE_CHARACTERS = 900  # about what a person reads of a quotation before losing the thread


class InvalidArticle(ValueError):
    """The file can't be used; the message names it, the field and the fix."""


Words = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]


class FrontMatter(BaseModel):
    """The metadata that an article must have. Fields of other systems are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    title: Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=2000)]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    category: str | None = None
    updated: date | None = None
    expires: date | None = None
    """The last day on which it holds."""
    also_called: tuple[Words, ...] = ()
    """Other words for its matter: what people write and the article does not."""
    questions: tuple[Words, ...] = ()
    """Questions that it answers, as people ask them."""
    attachments: Annotated[tuple[Words, ...], Field(max_length=10)] = ()
    """Files that may go with a reply, by their paths within the folder."""


@dataclass(frozen=True)
class Passage:
    """A part of an article about one thing: what a draft quotes and cites."""

    passage_id: str
    article_id: str
    title: str
    url: str
    language: str
    category: str | None
    heading: str
    text: str
    asked_as: str = ""
    """Other words and questions for its matter, which are looked in and never quoted."""
    expires: date | None = None
    named_files: tuple[str, ...] = ()
    """The paths of files that its article offers."""
    files: tuple[ArticleFile, ...] = ()
    """These files, where the article was read with its folder."""

    @property
    def digest(self) -> str:
        """Tells whether it still says the same: of what a reader sees, whichever number it has."""
        shown = f"{self.title}\0{self.url}\0{self.heading}\0{self.text}"
        return hashlib.blake2b(shown.encode(), digest_size=12).hexdigest()


def article_of(passage_id: str) -> str:
    """The id of a passage's article."""
    return passage_id.rpartition("#")[0] or passage_id


def holding(every: Iterable[Passage], today: date) -> list[Passage]:
    """Those that have not expired: what has is neither quoted nor shown to a model."""
    return [passage for passage in every if not passage.expires or passage.expires >= today]


def passages(text: str, source: str) -> list[Passage]:
    """The passages of one file. Raises InvalidArticle naming each field at fault."""
    about, body = _front_matter(text, source)
    cut = [(heading, part) for heading, section in _sections(body) for part in _parts(section)]
    if not cut:
        raise InvalidArticle(f"{source}: there is no text after the front matter; write the answer there")
    return [
        Passage(
            passage_id=f"{about.id}#{number}",
            article_id=about.id,
            title=about.title,
            url=about.url,
            language=about.language,
            category=about.category,
            heading=heading,
            text=part,
            asked_as="\n".join((*about.also_called, *about.questions)),
            expires=about.expires,
            named_files=about.attachments,
        )
        for number, (heading, part) in enumerate(cut, start=1)
    ]


def _front_matter(text: str, source: str) -> tuple[FrontMatter, str]:
    front_matter = re.match(r"\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)(.*)", text, re.DOTALL)
    if not front_matter:
        raise InvalidArticle(f"{source}: begin with front matter between two lines of `---` (id, title, url, language)")
    try:
        fields = yaml.safe_load(front_matter[1])
    except yaml.YAMLError as error:
        place = getattr(error, "context_mark", None) or getattr(error, "problem_mark", None)
        raise InvalidArticle(f"{source}: the front matter is not YAML{f' (line {place.line + 2})' if place else ''}") from None
    if not isinstance(fields, dict):
        raise InvalidArticle(f"{source}: the front matter must be `field: value` lines (id, title, url, language)")
    try:
        return FrontMatter.model_validate(fields), front_matter[2]
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InvalidArticle(f"{source}: {faults}") from None


def _sections(body: str) -> list[tuple[str, list[str]]]:
    """Each heading with its paragraphs; what stands before the first heading has none."""
    sections: list[tuple[str, list[str]]] = [("", [])]
    lines: list[str] = []

    def end_paragraph() -> None:
        paragraph = _plain("\n".join(lines))
        lines.clear()
        if paragraph:
            sections[-1][1].append(paragraph)

    for line in body.splitlines():
        heading = re.match(r"\s{0,3}#{1,6}(?!#)(.*\S)", line.rstrip().rstrip("#"))
        if heading or not line.strip():
            end_paragraph()
        if heading:
            sections.append((_plain(heading[1]), []))
        else:
            lines.append(line)
    end_paragraph()
    return sections


def _parts(paragraphs: list[str]) -> list[str]:
    """A section as one passage, or as several where it is long: cut between paragraphs, else between lines, else between sentences."""
    parts: list[str] = []
    for paragraph in (piece for whole in paragraphs for piece in _pieces(whole)):
        if parts and len(parts[-1]) + len(paragraph) < PASSAGE_CHARACTERS:
            parts[-1] = f"{parts[-1]}\n{paragraph}"
        else:
            parts.append(paragraph)
    return parts


def _pieces(paragraph: str) -> list[str]:
    """A paragraph in pieces that a person can read in one go; a sentence is cut only where it has no end."""
    if len(paragraph) <= PASSAGE_CHARACTERS:
        return [paragraph]
    lines = paragraph.split("\n")
    if len(lines) > 1:
        return [piece for line in lines for piece in _pieces(line)]
    pieces: list[str] = []
    sentences = (part for sentence in re.split(r"(?<=[.!?;])\s+", paragraph) for part in textwrap.wrap(sentence, LONGEST_SENTENCE) or [""])
    for sentence in sentences:
        if pieces and len(pieces[-1]) + len(sentence) < PASSAGE_CHARACTERS:
            pieces[-1] = f"{pieces[-1]} {sentence}"
        else:
            pieces.append(sentence)
    return pieces


def _plain(text: str) -> str:
    """Markdown as a reader sees it: links keep their words, marks of emphasis go, list items keep a dash."""
    text = re.sub(r"!?\[([^\[\]]{0,1000})\]\([^)\s]{0,2000}(?:\s{1,8}\"[^\"]{0,300}\")?\)(?:\{:[^}]{0,300}\})?", r"\1", text)
    text = re.sub(r"<[^<>]{1,200}>", " ", text)
    text = re.sub(r"(\*\*|__)(?=\S)(.{1,1000}?)(?<=\S)\1", r"\2", text)
    text = re.sub(r"^\s{0,40}(?:[*+-]|\d+\.)\s+", "- ", text, flags=re.MULTILINE)
    text = re.sub(r"^\s{0,40}(?:>|\$[A-Z]+)\s?", "", text, flags=re.MULTILINE)
    lines = re.sub(r"\n(?!- )", " ", html.unescape(text).strip())
    return re.sub(r"[ \t]+", " ", lines).strip()
