"""Parses a model's answer, bounds it, and cleans it of what no reply may hold. It may be anything at all."""

import json
import re
import unicodedata
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.drafts_proposed import Citation
from services.domain.articles import Passage
from services.domain.placeholders import CITIZEN_NAME, PLACEHOLDER
from services.drafting import published_links, tokenization
from services.drafting.draft import Fault, Removed, citation

ANSWER_CHARACTERS = 100_000  # a reasoning model thinks aloud before it answers
BODY_CHARACTERS = 6_000
SUBJECT_CHARACTERS = 300
QUOTE_CHARACTERS = 1_000
CITATIONS = 12
LINK_REMOVED = "[link removed]"


class UnusableAnswer(Exception):
    """The answer holds nothing that could be shown to a person as a draft."""

    def __init__(self, fault: Fault, detail: str = "", pause: float | None = None) -> None:
        """`detail` is for whoever runs this; `pause` is how many seconds the server asks to be left alone."""
        super().__init__(fault)
        self.fault = fault
        self.detail = detail
        self.pause = pause


class Reference(BaseModel):
    """A citation as the model gives it."""

    model_config = ConfigDict(frozen=True, strict=True)

    passage_id: str
    quote: str = ""


class Answer(BaseModel):
    """A whole reply in one text, as older prompts asked for it and small models write it whatever they are asked."""

    model_config = ConfigDict(frozen=True, strict=True)

    subject: str
    body: str
    citations: list[Reference] = []
    not_answered: list[str] = []


class Paragraph(BaseModel):
    """One thing said, and the passages that say it."""

    model_config = ConfigDict(frozen=True, strict=True)

    text: str
    passage_ids: list[str] = []


class StructuredAnswer(BaseModel):
    """What the model was asked for."""

    model_config = ConfigDict(frozen=True, strict=True)

    subject: str
    greeting: str = ""
    paragraphs: list[Paragraph]
    questions: list[str] = []
    not_answered: list[str] = []
    closing: str = ""

    def as_text(self) -> Answer:
        """The parts put together; each cited passage is quoted with its sentence that is nearest to the paragraph, found later."""
        written = [self.greeting, *(p.text for p in self.paragraphs), "\n".join(self.questions), self.closing]
        ids = list(dict.fromkeys(passage_id.strip() for p in self.paragraphs for passage_id in p.passage_ids))
        return Answer(
            subject=self.subject,
            body="\n\n".join(part.strip() for part in written if part.strip()),
            citations=[Reference(passage_id=passage_id) for passage_id in ids],
            not_answered=self.not_answered,
        )


def read(text: str) -> Answer:
    """The first JSON object that is an answer, past any thinking aloud and code fences. Raises UnusableAnswer."""
    text = text[:ANSWER_CHARACTERS].rpartition("</think>")[2]
    if not text.strip():
        raise UnusableAnswer("empty")
    decoder = json.JSONDecoder(strict=False)
    for start in [match.start() for match in re.finditer(r"\{", text)][:20]:
        try:
            value = decoder.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue
        for form in (StructuredAnswer, Answer):
            try:
                answer = form.model_validate(value)
            except (ValidationError, RecursionError):
                continue
            return answer.as_text() if isinstance(answer, StructuredAnswer) else answer
    raise UnusableAnswer("unreadable")


def cited(answer: Answer, passages: Sequence[Passage]) -> tuple[tuple[Citation, ...], bool]:
    """The citations in the passages' own words, and whether every quote was verbatim. Raises UnusableAnswer."""
    by_id = {passage.passage_id: passage for passage in passages}
    citations: dict[tuple[str, str], Citation] = {}
    verbatim = True
    for reference in answer.citations[:CITATIONS]:
        passage = by_id.get(reference.passage_id.strip())
        if passage is None:
            raise UnusableAnswer("unknown passage")
        quote = as_published(reference.quote[:QUOTE_CHARACTERS], passage) if reference.quote.strip() else nearest(answer.body, passage)
        verbatim = verbatim and quote is not None
        # What is not in the passage is not shown as if it were: the citation stays, its quote does not.
        citations.setdefault((passage.passage_id, quote or ""), citation(passage, quote or ""))
    return tuple(citations.values()), verbatim


def nearest(text: str, passage: Passage) -> str:
    """The passage's sentence that shares most with a text that rests on it, letter by letter."""
    sentences = [sentence.strip() for sentence in re.split(r"(?<=[.!?])\s+|\n+", passage.text) if sentence.strip()]
    words = set(tokenization.content(text, passage.language))
    return max(sentences, key=lambda sentence: len(words & set(tokenization.content(sentence, passage.language))), default=passage.text)


def as_published(quote: str, passage: Passage) -> str | None:
    """The passage's own letters where the quote is in it but for spaces and the shape of quotation marks."""
    pieces = [re.escape(piece) for piece in quote.strip(" \t\n\"'\u201c\u201d\u00ab\u00bb\u2026").split()]
    if not pieces:
        return None
    pattern = re.sub(r"['\u2019\u2018]", "['\u2019\u2018]", r"\s+".join(pieces))
    match = re.search(pattern, passage.text, re.IGNORECASE)
    return match.group() if match else None


def clean(text: str, passages: Sequence[Passage], message: str) -> tuple[str, set[Removed]]:
    """The text as it may be shown, and what was taken out of it."""
    removed: set[Removed] = set()
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    visible = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Cn"))
    if visible != text:
        removed.add("control character")
    plain = _without_html(visible)
    if plain != visible:
        removed.add("html")
    plain = re.sub(r"!?\[([^\]\n]{1,300})\]\(\s*([^)\s]{1,2000})\s*\)", r"\1 (\2)", plain)  # Markdown's links as words
    unwanted = published_links.foreign(plain, passages)
    if unwanted:
        removed.add("link")
        plain = published_links.without(plain, unwanted, LINK_REMOVED)
    allowed = {CITIZEN_NAME, *PLACEHOLDER.findall(message)}
    known_only = PLACEHOLDER.sub(lambda match: match.group() if match.group() in allowed else "", plain)
    if known_only != plain:
        removed.add("placeholder")
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in known_only.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), removed


def _without_html(text: str) -> str:
    """Until nothing changes, so that tags nested in tags don't come together to one."""
    for _ in range(5):
        before = text
        text = re.sub(r"<!--.*?(?:-->|\Z)", "", text, flags=re.DOTALL)
        text = re.sub(r"<\s*(script|style|iframe|object|svg|template)\b.*?(?:</\s*\1\s*>|\Z)", "", text, flags=re.DOTALL | re.IGNORECASE)
        text = re.sub(r"<\s*(?:br|/p|/div|/li)\s*/?\s*>", "\n", text, flags=re.IGNORECASE)
        text = re.sub(r"</?\s*[a-zA-Z][^<>]{0,2000}>", "", text)
        if text == before:
            break
    return text
