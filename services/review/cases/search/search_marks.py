"""Marks what was looked for in a text, and cuts out the part of a long one where it stands. Pure, and linear in the text."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from services.review.cases.search import search_words
from services.review.cases.search.search_words import Pattern, Sought, Word

BEFORE, LENGTH = 60, 180
"""Characters of a snippet: before the first mark, and altogether."""


class Piece(BaseModel):
    """A part of a text, marked or not."""

    model_config = ConfigDict(frozen=True)

    text: str
    hit: bool = False


class Snippet(BaseModel):
    """Where words stand that a line of the queue does not show. `source` is one of the names of `search_document.texts_of`."""

    model_config = ConfigDict(frozen=True)

    source: str
    pieces: tuple[Piece, ...]


def places(text: str, sought: Sought) -> list[tuple[int, int]]:
    """Begin and end of all that is marked, in order and without overlap."""
    patterns = [pattern for term in sought for pattern in term]
    single = [(word, pattern) for pattern in patterns if len(pattern.words) == 1 for word in pattern.words]
    exact = {word for word, pattern in single if not pattern.begins}
    beginnings = tuple(word for word, pattern in single if pattern.begins)
    phrases = [pattern for pattern in patterns if len(pattern.words) > 1]
    running = list(search_words.words(text))
    marked = [
        (word.start, word.end)
        for word in (*running, *search_words.joined(text), *(form for forms in search_words.telephones(text) for form in forms))
        if word.text in exact or (beginnings and word.text.startswith(beginnings))
    ]
    for pattern in phrases:
        marked += _phrases(running, pattern)
    return _merged(marked)


def _phrases(running: Sequence[Word], pattern: Pattern) -> list[tuple[int, int]]:
    first, length = pattern.words[0], len(pattern.words)
    return [
        (running[i].start, running[i + length - 1].end)
        for i in range(len(running) - length + 1)
        if running[i].text == first and _stands_at(running, i, pattern)
    ]


def _stands_at(running: Sequence[Word], at: int, pattern: Pattern) -> bool:
    *before, last = pattern.words
    end = running[at + len(before)].text
    return (end.startswith(last) if pattern.begins else end == last) and all(running[at + i].text == word for i, word in enumerate(before))


def _merged(marked: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(marked):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def pieces(text: str, sought: Sought) -> tuple[Piece, ...]:
    """The whole text in pieces."""
    return _cut(text, places(text, sought), 0, len(text))


def _cut(text: str, marked: Sequence[tuple[int, int]], start: int, end: int) -> tuple[Piece, ...]:
    cut: list[Piece] = []
    at = start
    for first, last in marked:
        if last <= start or first >= end:
            continue
        if at < first:
            cut.append(Piece(text=text[at:first]))
        cut.append(Piece(text=text[max(first, start) : min(last, end)], hit=True))
        at = min(last, end)
    if at < end:
        cut.append(Piece(text=text[at:end]))
    return tuple(cut)


def snippet(texts: Mapping[str, str], sought: Sought) -> Snippet | None:
    """The part of the first text with a mark, on one line; None where nothing is marked in any."""
    for source, text in texts.items():
        line = " ".join(text.split())
        marked = places(line, sought)
        if not marked:
            continue
        start = max(0, marked[0][0] - BEFORE)
        start = 0 if start < BEFORE // 2 else line.find(" ", start, marked[0][0]) + 1 or start
        end = len(line) if len(line) - start <= LENGTH else line.rfind(" ", min(marked[0][1], start + LENGTH), start + LENGTH)
        end = min(start + LENGTH, len(line)) if end <= marked[0][0] else end
        cut = _cut(line, marked, start, end)
        before, after = ("… " if start else ""), (" …" if end < len(line) else "")
        ends = [Piece(text=before)] if before else [], [Piece(text=after)] if after else []
        return Snippet(source=source, pieces=(*ends[0], *cut, *ends[1]))
    return None
