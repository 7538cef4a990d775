"""What kind of letter it is and in which tone: cues of ours, words, pairs of words and pieces of words, with learned weights.

The weights are `python -m training.letter_kinds`'s. What a word is worth is added up once and kept: a message costs a look-up a word.
"""

import json
import math
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from schemas.requests_triaged import LETTER_KINDS, LetterKind, Tone
from services.domain.word_finder import WordFinder
from services.triage.signals import letter_cues
from services.triage.signals.letter_cues import Element, elements
from services.triage.signals.reported_harm import harm_at_hazard
from services.triage.signals.wording_matcher import Memory, Text, Wording, fold, near

WEIGHTS = Path(__file__).with_name("letter_weights.json")
APPROVAL = Path(__file__).with_name("approval_words.txt")
KINDS = LETTER_KINDS
TONES: tuple[Tone, ...] = ("positive", "negative", "neutral")
_TOKENS = WordFinder(re.compile(r"\w+|[?!]"))
_HIDDEN = re.compile(r"\[[A-Z]+_[0-9]+\]")
_READ_FIRST, _READ_LAST = 1_200, 400
"""Characters: what a letter wants stands where it begins or where it ends."""
_OPENING, _CLOSING = 12, 12
_STEM = 6
_LENGTHS = (6, 12, 25, 50, 100, 200)
_MANY = 3
_CUE, _CUE_IN_PLACE = 0.5, 0.25
_WORD, _PAIR, _PIECE = 1.0, 0.7, 0.4
_WORDING = 4.0
"""How long the vector of all words, pairs and pieces is, however long the message: a story is no surer than a sentence."""
_PIECE_LETTERS = 4


_DOUBTS: dict[LetterKind, frozenset[str]] = {
    "praise": frozenset(
        (
            "complaint_word",
            "complaint_demand",
            "complaint_conduct",
            "negation_of_praise",
            "reservation",
            "often defect",
            "asked last",
            "asks",
        )
    ),
    "no_answer": frozenset(("complaint_word", "complaint_demand", "asks", "often defect")),
    "not_ours": frozenset(("often defect", "no_reply_needed")),
    "several": frozenset(("length 5", "length 6")),
}
"""Cues beside which a letter is not surely of the kind: irony praises, what asks something needs an answer, a long story is one."""

_NEEDED: dict[LetterKind, frozenset[str]] = {
    "several": frozenset(("ordinals", "subject ordinals", "numbered")),
}
"""Without one of which it is not surely of the kind."""


_SOUNDS_GLAD = 0.3
"""So likely positive in tone, a letter is not surely a complaint: regret for praise is as rude as thanks for a grievance."""

_MAY_NEED_NOTHING: frozenset[LetterKind] = frozenset(("praise", "follow_up", "no_answer"))
_STREET_MATTER = frozenset(("thing_of_the_street",))

_FORM_FAILS = Wording(
    (
        near(
            "form fails",
            "form|formulaire|upload*|televers*|attachment|attachments|attach|jointe|jointes|website|site|portal|portail|login|"
            "webpage|teleservice|fichier|file|document|documents|justificatif "
            "error|erreur|bug|bugs|plante|crashes|crashed|impossible|unable|fails|failed|404|413|500|502|503|504",
            8,
            negatable=False,
            unless="sorry|made|commis|commise|excus*|mon|decision|courrier|letter",
        ),
    ),
    {},
)
"""An online form that does not take what somebody wants to send is a matter of its own, and new to the agency."""

_PRAISES = frozenset(("praise_of_people", "praise_of_things", "thanks_for_deed"))


class LetterReading(NamedTuple):
    """`probability` is calibrated; `sure` where it is above the floor of its kind, from which a draft may rest on it.

    `tone` is none where no tone is above its floor: it may be plain where the kind is not.
    """

    kind: LetterKind
    probability: float
    sure: bool
    tone: Tone | None


@cache
def _approval() -> Element:
    """Words of which praise has one, whatever else it says."""
    words = fold(APPROVAL.read_text(encoding="utf-8")).split()
    return next(elements("|".join(words)))


_approves = Memory(lambda word: _approval().matches(word))


def words(subject: str | None, body: str) -> list[list[str]]:
    """The folded words of subject and body; a long body by its beginning and its end, a placeholder is no word."""
    if len(body) > _READ_FIRST + _READ_LAST:
        body = f"{body[:_READ_FIRST]} {body[-_READ_LAST:]}"
    return [_TOKENS.findall(fold(_HIDDEN.sub(" ", text))) if text else [] for text in (subject, body)]


def features(subject: str | None, body: str) -> dict[str, float]:
    """What the weights are learned of: cues and where they stand, the length, questions, and the wording."""
    titled, written = words(subject, body)
    return _cue_features(titled, written) | _wording_features(titled, written)


def _cue_features(titled: Sequence[str], written: Sequence[str]) -> dict[str, float]:
    by_name: dict[str, float] = {}
    for cue in letter_cues.places(titled, by_name):
        by_name[f"subject {cue}"] = _CUE
    count = len(written)
    places = letter_cues.places(written, by_name)
    for cue, seen_at in places.items():
        by_name[cue] = _CUE
        if seen_at[0] < _OPENING:
            by_name[f"first {cue}"] = _CUE_IN_PLACE
        if seen_at[-1] >= count - _CLOSING:
            by_name[f"last {cue}"] = _CUE_IN_PLACE
        if len(seen_at) >= _MANY:
            by_name[f"often {cue}"] = _CUE_IN_PLACE
    by_name[f"length {bisect_left(_LENGTHS, count)}"] = _CUE_IN_PLACE
    by_name[f"different {min(len(places), 9) // 2}"] = _CUE_IN_PLACE
    asked = written.count("?")
    if asked > 1:
        by_name[f"asked {min(asked, _MANY)}"] = _CUE_IN_PLACE
    if asked and written[-1] == "?":
        by_name["asked last"] = _CUE_IN_PLACE
    if "1" in written and "2" in written:
        by_name["numbered"] = _CUE
    if not titled:
        by_name["no subject"] = _CUE_IN_PLACE
    return by_name


def _wording_features(titled: Sequence[str], written: Sequence[str]) -> dict[str, float]:
    """Of each different word the word itself and its pieces, and each different pair of neighbours."""
    by_name: dict[str, float] = {}
    size = 0.0
    for word in {*titled, *written}:
        for name, worth in _of_word(word):
            by_name[name] = by_name.get(name, 0.0) + worth
            size += worth * worth
    pairs = _pairs(titled, written)
    by_name |= {f"b {first} {second}": _PAIR for first, second in pairs}
    scale = _scale(size, len(pairs))
    return {name: worth * scale for name, worth in by_name.items()}


def _scale(size: float, pairs: int) -> float:
    """What makes a wording of so many squares and pairs as long as any other."""
    return _WORDING / math.sqrt(size + pairs * _PAIR * _PAIR) if size else 0.0


def _of_word(word: str) -> list[tuple[str, float]]:
    """The features of a word: its beginning, and its pieces with where it begins and ends."""
    if word[0].isdigit():
        return [("w 0", _WORD)]
    bounded = f"<{word}>"
    pieces = {bounded[at : at + _PIECE_LETTERS] for at in range(len(bounded) - _PIECE_LETTERS + 1)}
    return [(f"w {word[:_STEM]}", _WORD), *((f"c {piece}", _PIECE) for piece in sorted(pieces))]


def _pairs(titled: Sequence[str], written: Sequence[str]) -> set[tuple[str, str]]:
    return set(pairwise([word[:_STEM] for word in (*titled, "", *written)]))


class _Word(NamedTuple):
    """What a word adds to the score of each kind and tone, as bytes, which are joined faster than arrays; its squares."""

    scores: bytes
    size: float


@dataclass(frozen=True)
class _Model:
    """`weights` is (features, kinds and tones); the floors are the probabilities from which a kind or tone is sure."""

    places: dict[str, int]
    pairs: dict[tuple[str, str], int]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    temperature: float
    floors: dict[str, float]
    tone_floors: dict[str, float]
    words: Memory[_Word]

    @classmethod
    def of(cls, text: str) -> Self:
        kept = json.loads(text)
        weights = np.array(list(kept["weights"].values()), dtype=float)
        places = {name: place for place, name in enumerate(kept["weights"])}
        pairs = {(first, second): place for name, place in places.items() if name[:2] == "b " for _, first, second in [name.split(" ")]}

        def of_word(word: str) -> _Word:
            pieces = _of_word(word)
            rows = [places[name] for name, _ in pieces if name in places]
            scores = np.array([worth for name, worth in pieces if name in places]) @ weights[rows]
            return _Word(scores.tobytes(), sum(worth * worth for _, worth in pieces))

        bias = np.array(kept["bias"], dtype=float)
        return cls(places, pairs, weights, bias, kept["temperature"], kept["floors"], kept["tone_floors"], Memory(of_word))

    def scores(self, titled: Sequence[str], written: Sequence[str], by_cue: Mapping[str, float]) -> list[float]:
        """Of each kind and then of each tone."""
        entries = list(map(self.words.__getitem__, {*titled, *written}))
        wording = np.frombuffer(b"".join([entry.scores for entry in entries])).reshape(len(entries), -1).sum(axis=0)
        pairs = _pairs(titled, written)
        scale = _scale(sum([entry.size for entry in entries]), len(pairs))
        rows = [row for row in map(self.pairs.get, pairs) if row is not None]
        worths = [_PAIR * scale] * len(rows)
        for name, worth in by_cue.items():
            if (row := self.places.get(name)) is not None:
                rows.append(row)
                worths.append(worth)
        scores: list[float] = (self.bias + wording * scale + np.array(worths) @ self.weights[rows]).tolist()
        return scores


def _softmax(scores: Sequence[float]) -> list[float]:
    highest = max(scores)
    raised = [math.exp(score - highest) for score in scores]
    total = sum(raised)
    return [value / total for value in raised]


@cache
def _model() -> _Model:
    return _Model.of(WEIGHTS.read_text(encoding="utf-8"))


def letter_kind(subject: str | None, body: str) -> LetterReading | None:
    """The likeliest kind of a redacted message, and its tone; none where there is no word."""
    titled, written = words(subject, body)
    if not titled and not written:
        return None
    model = _model()
    by_cue = _cue_features(titled, written)
    scores = model.scores(titled, written, by_cue)
    probabilities = _softmax([score / model.temperature for score in scores[: len(KINDS)]])
    tones = _softmax(scores[len(KINDS) :])
    # Thanks for a grievance are rude: what praises has a word of praise, and nothing that speaks against it.
    approves = not _PRAISES.isdisjoint(by_cue) or any(map(_approves.__getitem__, {*titled, *written}))
    likeliest = sorted(zip(probabilities, KINDS, strict=True), reverse=True)
    probability, kind = likeliest[0]
    if kind in _MAY_NEED_NOTHING:
        ruled_out = _ruled_out(subject, body, by_cue, approves=approves)
        probability, kind = next(entry for entry in likeliest if entry[1] not in ruled_out)
    tone_probability, tone = max(zip(tones, TONES, strict=True))
    plain = tone_probability >= model.tone_floors[tone] and not (tone == "positive" and (doubtful("praise", by_cue) or not approves))
    sounds_so = {"praise": plain and tone == "positive", "complaint": tones[TONES.index("positive")] < _SOUNDS_GLAD}.get(kind, True)
    return LetterReading(
        kind,
        round(probability, 4),
        sure=probability >= model.floors[kind] and not doubtful(kind, by_cue) and sounds_so,
        tone=tone if plain else None,
    )


def _ruled_out(subject: str | None, body: str, by_cue: Mapping[str, float], *, approves: bool) -> frozenset[LetterKind]:
    """The kinds that it can't be, however its words sound: who reports what is wrong neither praises nor needs no answer."""
    text = Text(fold(f"{subject or ''}\n{body}"))
    if next(_FORM_FAILS.find(text), None):
        return _MAY_NEED_NOTHING
    if harm_at_hazard(text):
        return frozenset(("praise", "no_answer"))
    return frozenset() if approves or _STREET_MATTER.isdisjoint(by_cue) else frozenset(("praise",))


def doubtful(kind: LetterKind, by_name: Mapping[str, float]) -> bool:
    """Whether the message has something beside which no probability makes it sure, or lacks what it takes."""
    needed = _NEEDED.get(kind)
    return not _DOUBTS.get(kind, frozenset()).isdisjoint(by_name) or (needed is not None and needed.isdisjoint(by_name))
