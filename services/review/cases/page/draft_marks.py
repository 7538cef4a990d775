"""Says which sentence of a draft rests on which sentence of a cited passage, and which sentences failed a check. Pure.

A sentence rests on a passage where it says it word for word, or where most of the words that carry meaning are in both.
"""

import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from schemas.drafts_proposed import Check, Citation
from services.domain.word_stems import stems, unaccented

SHARED = 0.6
"""Of the shorter one's words, that the other must have too."""
FEWEST = 4
"""Shared words below which two sentences only speak of the same thing."""
MOST = 300
"""Sentences of one text that are compared."""
SHORT = 3
"""Letters up to which a word carries no meaning, unless it is a number."""

_SENTENCE = re.compile(r"\S[^\n]*?(?:[.!?…](?=\s|$)|$)", re.MULTILINE)


class DraftPiece(BaseModel):
    """A run of the draft: all pieces together are its text. One with an id is a sentence that rests on something or is doubted."""

    model_config = ConfigDict(frozen=True)

    text: str
    id: str = ""
    passages: tuple[str, ...] = ()
    """Ids of the passages' sentences that it rests on."""
    doubted: bool = False


class QuotePiece(BaseModel):
    """A run of a cited passage: all pieces together are its quote. One with an id is rested on."""

    model_config = ConfigDict(frozen=True)

    text: str
    id: str = ""
    sentences: tuple[str, ...] = ()
    """Ids of the draft's sentences that rest on it."""


class DraftMarks(BaseModel):
    """The draft and its passages, each in pieces that name each other, and for each failed check the sentence that it is about."""

    model_config = ConfigDict(frozen=True)

    draft: list[DraftPiece]
    quotes: list[list[QuotePiece]]
    check_places: list[str]


def draft_marks(body: str, language: str, citations: Sequence[Citation], failed: Sequence[Check]) -> DraftMarks:
    """Marks both sides. What was written by hand since is marked only where it still says the same."""
    sentences = _sentences(body)
    quoted = [_sentences(citation.quote) for citation in citations]
    words = [_words(body[start:end], language) for start, end in sentences]
    rests: dict[int, list[str]] = {}
    rested: dict[str, list[str]] = {}
    for number, citation in enumerate(citations, 1):
        for place, (start, end) in enumerate(quoted[number - 1], 1):
            own = _words(citation.quote[start:end], language)
            for sentence, sentence_words in enumerate(words):
                if _same(sentence_words, own) or _plain(citation.quote[start:end]) in _plain(body[slice(*sentences[sentence])]):
                    rests.setdefault(sentence, []).append(f"passage-{number}-{place}")
                    rested.setdefault(f"passage-{number}-{place}", []).append(f"sentence-{sentence + 1}")
    places = [_place(body, check.quote, sentences) for check in failed]
    doubted = {sentence for within in places for sentence in within}
    return DraftMarks(
        draft=_pieces(body, sentences, rests, doubted),
        quotes=[_quote(citation.quote, quoted[number - 1], f"passage-{number}-", rested) for number, citation in enumerate(citations, 1)],
        check_places=[f"sentence-{within[0] + 1}" if within else "" for within in places],
    )


def _sentences(text: str) -> list[tuple[int, int]]:
    return [match.span() for match, _ in zip(_SENTENCE.finditer(text), range(MOST), strict=False)]


def _words(sentence: str, language: str) -> frozenset[str]:
    plain = re.findall(r"[^\W_]+", unaccented(sentence).lower())
    return frozenset(stems([word for word in plain if len(word) > SHORT or word.isdigit()], language))


def _same(sentence_words: frozenset[str], own: frozenset[str]) -> bool:
    shared = len(sentence_words & own)
    return shared >= FEWEST and shared >= SHARED * min(len(sentence_words), len(own))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _place(body: str, quote: str, sentences: Sequence[tuple[int, int]]) -> list[int]:
    """The sentences that a check is about."""
    start = body.find(quote.strip()) if quote.strip() else -1
    end = start + len(quote.strip())
    return [number for number, (begins, ends) in enumerate(sentences) if start >= 0 and begins < end and start < ends]


def _pieces(body: str, sentences: Sequence[tuple[int, int]], rests: dict[int, list[str]], doubted: set[int]) -> list[DraftPiece]:
    pieces: list[DraftPiece] = []
    done = 0
    for number, (start, end) in enumerate(sentences):
        if number not in rests and number not in doubted:
            continue
        if start > done:
            pieces.append(DraftPiece(text=body[done:start]))
        passages = tuple(rests.get(number, ()))
        pieces.append(DraftPiece(text=body[start:end], id=f"sentence-{number + 1}", passages=passages, doubted=number in doubted))
        done = end
    return [*pieces, DraftPiece(text=body[done:])] if done < len(body) else pieces


def _quote(quote: str, sentences: Sequence[tuple[int, int]], prefix: str, rested: dict[str, list[str]]) -> list[QuotePiece]:
    pieces: list[QuotePiece] = []
    done = 0
    for place, (start, end) in enumerate(sentences, 1):
        name = f"{prefix}{place}"
        if name not in rested:
            continue
        if start > done:
            pieces.append(QuotePiece(text=quote[done:start]))
        pieces.append(QuotePiece(text=quote[start:end], id=name, sentences=tuple(rested[name])))
        done = end
    return [*pieces, QuotePiece(text=quote[done:])] if done < len(quote) else pieces
