"""Selects the parts of a message that say what it is about and that may tell of danger: the same in triage, drafting and review."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

from schemas.requests_triaged import MessagePart, RequestTriaged
from services.domain.placeholders import PLACEHOLDER
from services.domain.unspaced_scripts import UNSPACED_SPANS

LITTLE_BESIDE_A_FORWARD, LITTLE_BESIDE_A_QUOTE = 25, 12
"""Words of one's own below which what is passed on, or quoted, belongs to the matter: `see below`, `my mother writes:`."""
TOO_LITTLE = 4
"""Words of subject and matter below which everything is read, whoever wrote it: better than to sort by nothing."""

SEVERAL = 2
"""Paragraphs: with fewer a greeting may be one of them."""
SHORTEST_MATTER, MOST_MATTERS = 4, 12

_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = "".join(f"{chr(start)}-{chr(end - 1)}" for start, end in UNSPACED_SPANS)
_UNSPACED_LETTER = re.compile(rf"(?=[{_UNSPACED}])[^\W\d_]")
_MARKS = "".join(chr(code) for code in range(0x300, 0x3000) if unicodedata.category(chr(code)).startswith("M"))
# A mark on a letter does not end the word: Hindi's vowels are marks.
_SPACED_WORD = re.compile(rf"[^\W\d_{_UNSPACED}]+(?:[{_MARKS}][^\W\d_{_UNSPACED}]*)*")
LETTERS_A_WORD = 2
"""Letters without their marks, of Chinese, Japanese, Thai and others, where a whole sentence stands between two blanks."""


@dataclass(frozen=True)
class Excerpt:
    """Some parts of a body as one text, with the place of each in the body."""

    text: str
    stretches: tuple[tuple[int, int, int], ...]
    """Of each part: where it begins in the text, where it began in the body, and how long it is."""

    @classmethod
    def of(cls, body: str, parts: Sequence[MessagePart], kinds: Collection[str]) -> Self:
        """The parts of these kinds, one below the other. A body without parts is one piece, whatever is asked for."""
        if not parts:
            return cls(body, ((0, 0, len(body)),))
        texts: list[str] = []
        stretches: list[tuple[int, int, int]] = []
        length = 0
        for part in parts:
            if part.kind in kinds:
                text = body[part.start : part.end]
                if texts and not texts[-1].endswith("\n"):
                    texts.append("\n")
                    length += 1
                texts.append(text)
                stretches.append((length, part.start, len(text)))
                length += len(text)
        return cls("".join(texts), tuple(stretches))

    def in_body(self, start: int, end: int) -> tuple[int, int]:
        """Maps a place in the excerpt to the body (code points, end excluded); one that goes on in the next part ends with its own."""
        for begin, origin, length in reversed(self.stretches):
            if start >= begin:
                return origin + start - begin, origin + min(end - begin, length)
        return start, end


def new_text(body: str, parts: Sequence[MessagePart]) -> str:
    """What the citizen wrote now."""
    return Excerpt.of(body, parts, ("new",)).text


def matter(subject: str | None, body: str, parts: Sequence[MessagePart]) -> Excerpt:
    """What the message is about: the new text, and where that is short what it hands on or takes up."""
    if not parts:
        return Excerpt.of(body, parts, ())
    kinds = {"new"}
    own = words_in(new_text(body, parts))
    if own < LITTLE_BESIDE_A_FORWARD:
        kinds.add("forwarded")
    if own < LITTLE_BESIDE_A_QUOTE:
        kinds.add("quoted")
    excerpt = Excerpt.of(body, parts, kinds)
    if words_in(subject or "") + words_in(excerpt.text) >= TOO_LITTLE:
        return excerpt
    return Excerpt(body, ((0, 0, len(body)),))


def with_subject(subject: str | None, text: str) -> str:
    """Subject and message as one text."""
    return f"{subject}\n{text}" if subject else text


def matter_of(triaged: RequestTriaged) -> str:
    """Subject and matter of a triaged request as one text, without personal details."""
    redacted = triaged.redacted
    return with_subject(redacted.subject, matter(redacted.subject, redacted.body, triaged.parts).text)


def citizens_words_of(triaged: RequestTriaged) -> str:
    """Subject and body as one text but for the agency's own words, signatures and footers: what may name a danger."""
    redacted = triaged.redacted
    kinds = ("new", "quoted", "forwarded", "answered")
    return with_subject(redacted.subject, Excerpt.of(redacted.body, triaged.parts, kinds).text)


def words_in(text: str) -> int:
    """How many words a text has, about."""
    if text.isascii():
        return len(_WORD.findall(text))
    return len(_SPACED_WORD.findall(text)) + len(_UNSPACED_LETTER.findall(text)) // LETTERS_A_WORD


def matters(triaged: RequestTriaged) -> list[str]:
    """What is searched for each by itself where a letter has several matters: its paragraphs, or its sentences where it is one."""
    body = new_text(triaged.redacted.body, triaged.parts)
    parts = [part for part in re.split(r"\n\s*\n", body) if part.strip()]
    if len(parts) <= SEVERAL:
        parts = re.split(r"(?<=[.!?;])\s+|\n+", body)
    searched = [PLACEHOLDER.sub(" ", part).strip() for part in parts]
    return [part for part in searched if len(part.split()) >= SHORTEST_MATTER][:MOST_MATTERS]
