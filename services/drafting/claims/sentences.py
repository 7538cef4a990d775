"""Splits a draft into sentences and tells what each one does: greets, asks, repeats the citizen's words, or asserts something."""

import re
from dataclasses import dataclass
from typing import Literal, cast

from services.drafting import tokenization
from services.drafting.claims.word_lists import patterns

Role = Literal["greeting", "closing", "question", "restating", "feeling", "holding", "assertion"]

_ENDS = re.compile(
    r"(?<=[.!?\u2026])(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bMrs\.)(?<!\bNo\.)(?<!\bSt\.)(?<!\bM\.)(?<!\b[LRD]\.)(?<!\bart\.)(?<!\be\.g\.)(?<!\bi\.e\.)"
    r"(?<!\ba\.m\.)(?<!\bp\.m\.)[\"\u201d\u2019\u00bb)]{0,2}\s+(?=\S)|\n+"
)
_BULLET = re.compile(r"^\s{0,8}(?:[-*\u2022\u2013]|\d{1,2}[.)])\s+")
_CLAUSES = re.compile(r"[;:,\u2014]\s|\s[\u2013-]\s|\b(?:but|mais|however|cependant)\b")
GREETING_WORDS = 8  # more is no greeting


@dataclass(frozen=True)
class Sentence:
    """A sentence as it stands in the draft, where it begins there, and what it does."""

    text: str
    start: int
    role: Role

    @property
    def plain(self) -> str:
        """Lower case, without accents."""
        return tokenization.plain(self.text)


def sentences(body: str) -> list[Sentence]:
    """Every sentence of a draft in its order; a line break ends one, as in a list."""
    split: list[Sentence] = []
    start = 0
    for end, following in [*((match.start(), match.end()) for match in _ENDS.finditer(body)), (len(body), len(body))]:
        piece = body[start:end]
        text = _BULLET.sub("", piece.strip())
        if re.search(r"\w", text):
            begin = start + piece.index(text) if text in piece else start
            # What follows the closing words is who signs.
            signed = bool(split) and split[-1].role == "closing"
            split.append(Sentence(text, begin, "closing" if signed else _role(text)))
        start = following
    return split


def clauses(plain: str) -> list[str]:
    """The parts of a sentence that a comma, a semicolon or a `but` sets apart."""
    return [clause for clause in _CLAUSES.split(plain) if clause.strip()]


def _role(text: str) -> Role:
    plain = tokenization.plain(text).strip()
    if plain.endswith("?"):
        return "question"
    for role, pattern in patterns("roles").items():
        # A full stop ends no greeting: "Dear neighbours may park here." states something.
        if role == "greeting" and (len(plain.split()) > GREETING_WORDS or plain.endswith(".")):
            continue
        if pattern.search(plain):
            return cast("Role", role)
    return "assertion"
