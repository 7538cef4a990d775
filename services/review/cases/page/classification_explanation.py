"""Splits the original message into pieces, marking the words that weighed most in its classification."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.requests_triaged import MessagePart, Place, Term
from schemas.values import Redacted, RedactedSpan

_Field = Literal["subject", "body"]
_Range = tuple[int, int]


class Piece(BaseModel):
    """A run of the citizen's own characters: all pieces together are the text, and nothing but it."""

    model_config = ConfigDict(frozen=True)

    text: str
    marked: bool = False


def marked(text: str, field: _Field, redacted: Redacted, terms: Iterable[Term]) -> list[Piece]:
    """Splits the text into pieces. Where it is not the text that triage read, nothing is marked rather than something wrong."""
    kept = _kept(text, [span for span in redacted.spans if span.field == field], getattr(redacted, field) or "")
    places = [place for term in terms if term.weight > 0 for place in term.places if place.field == field]
    return list(_pieces(text, _joined(_originals(places, kept))))


Title = Literal["", "earlier", "signature"]


class Section(BaseModel):
    """Pieces that belong together: what is read at once has no title, what is folded is named by one."""

    model_config = ConfigDict(frozen=True)

    title: Title
    pieces: list[Piece]

    @property
    def has_marks(self) -> bool:
        """Whether it says what the case was sorted by, so that it must be seen."""
        return any(piece.marked for piece in self.pieces)


_FOLDED: dict[str, Title] = {
    "quoted": "earlier",
    "ours": "earlier",
    "answered": "earlier",
    "signature": "signature",
    "footer": "signature",
}


def sections(pieces: Sequence[Piece], text: str, redacted: Redacted, parts: Sequence[MessagePart]) -> list[Section]:
    """Groups the body's pieces by message part, folding quotations and signatures. One section where triage had another text."""
    kept = _kept(text, [span for span in redacted.spans if span.field == "body"], redacted.body)
    titles: list[tuple[int, Title]] = []
    for part in parts if kept else ():
        title, end = _FOLDED.get(part.kind, ""), _original(part.end, kept)
        if titles and titles[-1][1] == title:
            titles.pop()
        titles.append((end, title))
    if not any(not title for _, title in titles):
        return [Section(title="", pieces=list(pieces))]
    titles[-1] = len(text), titles[-1][1]
    cut: list[Section] = []
    waiting, place = list(reversed(pieces)), 0
    for end, title in titles:
        inside: list[Piece] = []
        while waiting and place < end:
            piece = waiting.pop()
            own = piece.text[: end - place]
            inside.append(Piece(text=own, marked=piece.marked))
            place += len(own)
            if len(own) < len(piece.text):
                waiting.append(Piece(text=piece.text[len(own) :], marked=piece.marked))
        if inside:
            cut.append(Section(title=title, pieces=inside))
    return cut


def _original(place: int, kept: Sequence[tuple[_Range, int]]) -> int:
    """Where a place of the redacted text is in the original; behind a placeholder, it is behind what was hidden."""
    return next((place - start + original for (start, end), original in reversed(kept) if start <= place <= end), 0)


def _kept(text: str, spans: Sequence[RedactedSpan], redacted: str) -> list[tuple[_Range, int]]:
    """The stretches of the redacted text that are the citizen's own, each with where it begins in the original."""
    kept: list[tuple[_Range, int]] = []
    rebuilt: list[str] = []
    done = length = 0
    for span in [*sorted(spans, key=lambda span: span.start), None]:
        until = span.start if span else len(text)
        if until < done:
            return []
        rebuilt.append(text[done:until])
        kept.append(((length, length + until - done), done))
        length += until - done
        if span:
            rebuilt.append(span.placeholder)
            length += len(span.placeholder)
            done = span.end
    return kept if "".join(rebuilt) == redacted else []


def _originals(places: Sequence[Place], kept: Sequence[tuple[_Range, int]]) -> Iterator[_Range]:
    for place in places:
        for (start, end), original in kept:
            if start <= place.start < place.end <= end:
                yield place.start - start + original, place.end - start + original


def _joined(ranges: Iterable[_Range]) -> list[_Range]:
    """Overlapping ones become one: a mark within a mark says nothing more."""
    joined: list[_Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _pieces(text: str, ranges: Sequence[_Range]) -> Iterator[Piece]:
    done = 0
    for start, end in ranges:
        if start > done:
            yield Piece(text=text[done:start])
        yield Piece(text=text[start:end], marked=True)
        done = end
    if done < len(text):
        yield Piece(text=text[done:])
