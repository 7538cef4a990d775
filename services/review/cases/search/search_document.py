"""What of a case is searched: its texts as indexed words, and its facets as words that nobody can type. Pure."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from schemas.requests_received import FORM_REFERENCE
from services.domain import placeholders
from services.review.cases.case_state import Case
from services.review.cases.search import search_words
from services.review.cases.search.search_words import Pattern, Sought

FORM = "1"
"""Another way of making words has another number: what was indexed before is indexed again."""
MOST_PLACES, MOST_OF_ONE = 16_000, 255
"""Both are PostgreSQL's limits. Words beyond them are found alone, and no longer as part of a phrase."""

VOLUME = 1 << 15
"""Cases in a volume. Each indexed word begins with the character of its volume: so the newest volumes are searched first, and a word
that half of all cases hold costs no more among a million cases than in one volume."""
_FIRST_VOLUME, _MOST_VOLUMES = 0xE000, 6_000
_FACET = "\uf8ff"  # a private character, as those of volumes: no word of a text has one
_GAP = "\uf8fe"


@dataclass(frozen=True)
class Document:
    """The words of a case. `places` are in order, None where a phrase may not go on; `loose` are words without a place."""

    places: tuple[str | None, ...]
    loose: tuple[str, ...]


def volume_of(number: int) -> str:
    """The character of the volume that holds document `number`."""
    return chr(_FIRST_VOLUME + min(max(number, 0) // VOLUME, _MOST_VOLUMES))


def volumes_until(number: int) -> list[str]:
    """All volumes, the newest first."""
    return [volume_of(first) for first in range(max(number, 0) // VOLUME * VOLUME, -1, -VOLUME)]


@lru_cache(maxsize=4_096)
def facet(kind: str, value: str | None) -> str:
    """A word for what a case is sorted by. Nothing is told apart by capitals, and every other character stays one."""
    plain = "".join(c if c.isascii() and c.isalnum() else f"x{ord(c):x}x" for c in (value or "").lower())
    return f"{_FACET}{kind}{plain}"


def facets_of(case: Case) -> tuple[str, ...]:
    """The facets of a case as it is now."""
    return (
        facet("state", case.state.value),
        facet("agency", case.agency),
        facet("department", case.department),
        facet("category", case.category),
        facet("urgency", case.urgency.value),
        facet("language", case.triage.language.code if case.triage else None),
        facet("assignee", case.assignee),
        facet("everybodys", "yes" if case.everybodys else "no"),
    )


def texts_of(case: Case) -> dict[str, str]:
    """The texts that are searched, by what they are. Drafts and replies as the citizen reads them."""
    texts: dict[str, str] = {"number": str(case.request_id)}
    if case.request:
        if reference := case.request.metadata.get(FORM_REFERENCE):
            texts["number"] += f"\n{reference}"
        texts |= {"subject": case.request.subject or "", "message": case.request.body}
        place = case.request.location.address if case.request.location else None
        names = [attachment.name for attachment in case.request.attachments] + [file.name for file in case.request.files]
        texts |= {"place": place or "", "attachments": "\n".join(names)}
    citizen = case.recipient
    if citizen:
        texts["citizen"] = "\n".join(filter(None, (citizen.name, citizen.email, citizen.phone, citizen.address)))
    if case.request and case.request.citizen and case.corrected_email is not None:
        texts["former address"] = case.request.citizen.email or ""
    if case.draft:
        texts["draft"] = "\n".join(placeholders.restore(text, case.details) for text in (case.draft.subject, case.draft.body))
    if case.decision and case.decision.body:
        texts["reply"] = f"{case.decision.subject or ''}\n{case.decision.own_text}"
    return {name: text for name, text in texts.items() if text}


def basis_of(case: Case) -> str:
    """What the words of a case depend on, in short: while it is the same there is nothing to index."""
    draft, decision = case.draft.draft_id if case.draft else "", case.decision.decision_id if case.decision else ""
    texts = (case.request.model_dump_json() if case.request else "", str(draft), str(decision), case.corrected_email)
    return hashlib.blake2b(repr((FORM, facets_of(case), texts)).encode("utf-8", "replace"), digest_size=12).hexdigest()


def document_of(case: Case) -> Document:
    """The words of a case with their places."""
    return document(texts_of(case).values(), facets_of(case), telephone=case.recipient.phone if case.recipient else None)


def document(texts: Iterable[str], facets: Sequence[str] = (), telephone: str | None = None) -> Document:
    """The words of texts, each text by itself: no phrase goes on from one into the next."""
    places: list[str | None] = []
    loose: dict[str, None] = {}
    of_each: Counter[str] = Counter()
    for text in texts:
        for word in search_words.words(text):
            of_each[word.text] += 1
            if len(places) >= MOST_PLACES:
                loose[word.text] = None
            else:
                places.append(word.text if of_each[word.text] <= MOST_OF_ONE else None)
        places.append(None)
        loose |= dict.fromkeys(word.text for word in search_words.joined(text))
        loose |= dict.fromkeys(form.text for forms in search_words.telephones(text) for form in forms)
    loose |= dict.fromkeys(search_words.telephone_forms(telephone or ""))
    loose |= dict.fromkeys(facets)
    return Document(tuple(places), tuple(loose))


def as_tsvector(written: Document, volume: str) -> str:
    """The document as PostgreSQL reads a tsvector. No word has a quotation mark in it."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(written.places, 1):
        if word is not None:
            places.setdefault(word, []).append(place)
    lexemes = [f"'{volume}{word}':{','.join(map(str, at))}" for word, at in places.items()]
    return " ".join(lexemes + [f"'{volume}{word}'" for word in written.loose if word not in places])


def as_text(written: Document, volume: str) -> str:
    """The document as SQLite's FTS5 reads it: words between spaces, and a word that nobody looks for where a phrase may not go on."""
    placed = [_GAP if word is None else f"{volume}{word}" for word in written.places]
    return " ".join(placed + [f"{_GAP} {volume}{word}" for word in written.loose])


Facets = Sequence[Sequence[str]]
"""All of these, any of each."""


class Written(Protocol):
    """How one database writes words that stand one after another."""

    def __call__(self, words: Sequence[str], volume: str, *, begins: bool) -> str: ...  # noqa: D102


def guide_of(sought: Sought) -> Sought:
    """Of what is sought the term that fewest cases are likely to hold: that of the longest words, in any order and as whole words.

    A volume that does not hold it holds nothing that is sought, and an index says so at once: of a word that may go on it reads
    every case that holds any such word, though another word is in none of them.
    """
    terms = [tuple(_firm(pattern) for pattern in term) for term in sought]
    return (max(terms, key=lambda term: min(sum(map(len, pattern.words)) for pattern in term)),)


def _firm(pattern: Pattern) -> Pattern:
    return Pattern(pattern.words[:-1], begins=False) if pattern.begins and len(pattern.words) > 1 else pattern


def as_tsquery(sought: Sought, facets: Facets, volumes: Sequence[str], *, apart: bool = False) -> str:
    """The query as PostgreSQL reads a tsquery. Where words may stand `apart`, it is answered by the index alone."""

    def pattern(words: Sequence[str], volume: str, *, begins: bool) -> str:
        phrase = (" & " if apart else " <-> ").join(f"'{volume}{word}'" for word in words) + (":*" if begins else "")
        return f"({phrase})"

    return _query(sought, facets, volumes, pattern, "&", "|")


def as_match(sought: Sought, facets: Facets, volumes: Sequence[str], *, apart: bool = False) -> str:
    """The query as FTS5 reads it."""

    def pattern(words: Sequence[str], volume: str, *, begins: bool) -> str:
        between = '" AND "' if apart else " "
        return '("' + between.join(f"{volume}{word}" for word in words) + '"' + ("*" if begins else "") + ")"

    return _query(sought, facets, volumes, pattern, "AND", "OR")


def _query(sought: Sought, facets: Facets, volumes: Sequence[str], pattern: Written, both: str, either: str) -> str:
    def in_volume(volume: str) -> str:
        terms = [[pattern(p.words, volume, begins=p.begins) for p in term] for term in sought]
        terms += [[pattern((word,), volume, begins=False) for word in any_of] for any_of in facets]
        return "(" + f" {both} ".join("(" + f" {either} ".join(any_of) + ")" for any_of in terms) + ")"

    return f" {either} ".join(map(in_volume, volumes))
