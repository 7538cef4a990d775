"""Tells where a statement turns, widens or orders otherwise what the nearest clause of the sources says."""

import re
from collections.abc import Sequence

from services.domain.phrases import Phrase
from services.drafting import tokenization
from services.drafting.claims.support import SAME_SUBJECT, Sources
from services.drafting.claims.word_lists import patterns

LEAST_SHARED = 2  # content words that a clause and a clause of the sources share
MOST_OF_IT = 0.6  # share of its words from which a clause is about what a clause of the sources is about
CONDITION_WITHIN = 12  # characters at the beginning of a clause in which an `if` makes all of it a condition

_CLAUSES = re.compile(
    r"(?:\.(?!\d)|[;:!?()])\s?|,? \b(?:but|mais)\b|\u2014| (?:and|et) (?=not\b|non\b|pas\b|never\b|jamais\b)"
    r"|, (?=not\b|pas\b|never\b|jamais\b)"
    r"|, (?:and|et|or|ou|so|donc|as|because|car|since|where|which|puisque) "
)
_RELATIVE = re.compile(r"\b(?:qui|dont|who|that|which) $")


def clauses(text: str) -> list[str]:
    """The parts of a text that each say one thing."""
    return [clause for clause in _CLAUSES.split(tokenization.plain(text)) if clause.strip()]


def turned(text: str, language: str, sources: Sources) -> Phrase | None:
    """Whether a clause affirms what the nearest clause of the sources denies."""
    words = patterns("strength")
    published = (clause for given in sources.texts for clause in clauses(given))
    # Each clause once: the two loops below are as long as one text times the other.
    given = {(frozenset(tokenization.content(clause, language)), _forbids(clause)) for clause in published}
    for clause in dict.fromkeys(clauses(text)):
        stems = {stem for stem in tokenization.content(clause, language) if not stem.isdigit()}
        if (
            len(stems) < LEAST_SHARED
            or _denies(clause)
            or any(words[kind].search(clause) for kind in ("harm", "exclusive", "conditional", "asks"))
        ):
            continue
        denying = max((len(stems & shared) for shared, forbids in given if forbids), default=0)
        affirming = max((len(stems & shared) for shared, forbids in given if not forbids), default=0)
        if denying >= max(LEAST_SHARED, MOST_OF_IT * len(stems)) and denying > affirming:
            return Phrase("the passage says so with a \u201cnot\u201d")
    return None


def reordered(plain: str, near: Sequence[str]) -> Phrase | None:
    """Whether it has `after` where all that the sources say of it has `before`, or the other way round."""
    words, about = patterns("strength"), " ".join(near)
    plain = words["so_long_after"].sub(" ", plain)
    for here, there in (("before", "after"), ("after", "before")):
        if words[here].search(plain) and not words[there].search(plain) and words[there].search(about) and not words[here].search(about):
            published, written = words[there].findall(about)[0], words[here].findall(plain)[0]
            return Phrase(f"the passage says \u201c{published}\u201d, not \u201c{written}\u201d")
    return None


def only_denied(text: str, language: str, sources: Sources) -> Phrase | None:
    """Whether a clause allows, offers or asks for what the sources name only to say that it is not so."""
    words = patterns("strength")
    affirmed = (
        frozenset().union(*(s.stems - s.denied - _without(s.plain, language) for s in sources.single)) if sources.single else frozenset()
    )
    denied = (
        frozenset().union(*(s.denied | _without(s.plain, language) for s in sources.single)) - affirmed if sources.single else frozenset()
    )
    for clause in clauses(text):
        if _denies(clause) or any(words[kind].search(clause) for kind in ("exclusive", "conditional", "asks")):
            continue
        if words["allows"].search(clause) and denied & set(tokenization.content(clause, language)):
            return Phrase("the passages name this only to say that it is not so")
    return None


def made_certain(plain: str, sources: Sources) -> Phrase | None:
    """Whether the same subject `must` or `will` do here what it only `may` do in the sources."""
    words = patterns("strength")
    subjects: dict[str, set[bool]] = {}
    for match in words["subject_may"].finditer(sources.plain):
        subjects.setdefault(match["who"][:SAME_SUBJECT], set()).add(True)
    for match in words["subject_will"].finditer(sources.plain):
        subjects.setdefault(match["who"][:SAME_SUBJECT], set()).add(False)
    for match in words["subject_will"].finditer(plain):
        if subjects.get(match["who"][:SAME_SUBJECT]) == {True}:
            return Phrase(f"the passage only says that it may be so, not \u201c{match.group()}\u201d")
    return None


def _without(plain: str, language: str) -> frozenset[str]:
    """The first word after each `without`."""
    matches = patterns("strength")["without"].finditer(plain)
    return frozenset(stem for match in matches for stem in tokenization.content(match["what"], language)[:1])


def _forbids(clause: str) -> bool:
    """Whether a clause of the sources denies its own statement, and not only a condition of it or what one should do."""
    words = patterns("strength")
    return any(
        not words["no_denial"].match(clause, match.start())
        and not _RELATIVE.search(clause, 0, match.start())
        and not words["conditional"].search(clause, 0, min(CONDITION_WITHIN, match.start()))
        for match in words["negation"].finditer(clause)
    ) and not words["asks"].search(clause)


def _denies(clause: str) -> bool:
    words = patterns("strength")
    return any(not words["no_denial"].match(clause, m.start()) for m in words["negation"].finditer(clause)) or bool(
        words["loose_negation"].search(clause) or words["refusing"].search(clause)
    )
