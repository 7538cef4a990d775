"""Whether what citizens write still is what the model was made for: words, mix of categories, confidence, by day."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from schemas.requests_triaged import RequestTriaged
from services.domain.psi import DRIFTED, STEADY, psi, psi_by_chance
from services.triage.classification.features import HashedNgrams
from services.triage.monitoring.daily_counts import Counts, Key

REFERENCE_MESSAGES = 500
"""The first whole days of a model that hold so many are what its later days are measured against."""
DAY_MESSAGES = 50
"""A day with fewer says nothing by itself."""
SHARE_SHIFTS, SHARE_DRIFTED = 0.05, 0.10  # of confidence, of what is answered, of unknown words

Verdict = Literal["too few to say", "steady", "shifting", "drifted"]


@dataclass(frozen=True)
class Group:
    """The messages of one language or channel."""

    messages: int
    answered: float
    confidence: float
    unknown_words: float


@dataclass(frozen=True)
class Window:
    """What one model has sorted in some time. `unknown_words` is the share of words that its training rows did not have."""

    all: Group
    mix: Mapping[str, int]
    by_language: Mapping[str, Group]
    by_channel: Mapping[str, Group]


@dataclass(frozen=True)
class Shift:
    """A window against the reference. `psi_by_chance` is what two samples of these sizes from one source would show."""

    psi: float
    psi_by_chance: float
    confidence: float
    answered: float
    unknown_words: float
    verdict: Verdict


def words_of(features: HashedNgrams, texts: Sequence[str]) -> list[tuple[int, int]]:
    """For each text how many words it has, and how many of them are in no column: the training rows did not have them."""
    if not texts:
        return []
    words, unknown = np.zeros(len(texts), dtype=int), np.zeros(len(texts), dtype=int)
    # Columns of words weigh one and columns of letters nothing: a word without weight is one that is not known.
    row = np.zeros((1, features.width), dtype=np.float32)
    row[0, : len(features.word_buckets)] = 1
    for read in features.read(list(texts)):
        part = read.word_weights(np.zeros(len(read.texts), dtype=np.int64), row)
        words += np.bincount(part.rows, minlength=len(texts))
        unknown += np.bincount(part.rows[part.weights == 0], minlength=len(texts))
    return list(zip(words.tolist(), unknown.tolist(), strict=True))


def tally(decided: Sequence[RequestTriaged], words: Sequence[tuple[int, int]] | None = None) -> Counts:
    """What is counted of a batch: sums only, so that batches, processes and days can be added. No word of anybody."""
    counts: Counter[Key] = Counter()
    for event, (known_words, unknown) in zip(decided, words or [(0, 0)] * len(decided), strict=True):
        group = ("group", event.model_version, event.language.code, event.channel)
        counts["mix", event.model_version, event.category] += 1
        counts[(*group, "messages")] += 1
        counts[(*group, "answered")] += event.outcome == "routed"
        counts[(*group, "confidence")] += event.confidence  # type: ignore[assignment]  # a Counter adds floats too
        counts[(*group, "words")] += known_words
        counts[(*group, "unknown")] += unknown
    return counts


def models(days: Mapping[date, Counts]) -> list[str]:
    """The models that have sorted in these days, the one that was last in use first."""
    last = {key[1]: day for day, counts in sorted(days.items()) for key in counts}
    return sorted(last, key=lambda name: (last[name], name), reverse=True)


def window(counts: Sequence[Counts], model: str) -> Window:
    """The sum of some days of one model."""
    total: Counter[Key] = Counter()
    for day_counts in counts:
        total.update(day_counts)
    languages: dict[str, Counter[str]] = defaultdict(Counter)
    channels: dict[str, Counter[str]] = defaultdict(Counter)
    whole: Counter[str] = Counter()
    mix: dict[str, int] = {}
    for key, value in total.items():
        if key[0] == "mix" and key[1] == model:
            mix[key[2]] = round(value)
        elif key[0] == "group" and key[1] == model:
            _, _, language, channel, measure = key
            for sums in (languages[language], channels[channel], whole):
                sums[measure] += value
    return Window(
        _group(whole),
        dict(sorted(mix.items())),
        {name: _group(sums) for name, sums in sorted(languages.items())},
        {name: _group(sums) for name, sums in sorted(channels.items())},
    )


def _group(sums: Mapping[str, float]) -> Group:
    messages = round(sums.get("messages", 0))
    return Group(
        messages,
        sums.get("answered", 0) / max(messages, 1),
        sums.get("confidence", 0) / max(messages, 1),
        sums.get("unknown", 0) / max(sums.get("words", 0), 1),
    )


def reference(days: Mapping[date, Counts], model: str, today: date) -> list[date]:
    """The first days of the model, as few as hold enough messages; none while there are too few. Today is not over."""
    chosen: list[date] = []
    messages = 0
    for day in sorted(day for day in days if day < today):
        here = window([days[day]], model).all.messages
        if here:
            chosen.append(day)
            messages += here
        if messages >= REFERENCE_MESSAGES:
            return chosen
    return []


def shift(before: Window, after: Window) -> Shift:
    """How far the window is from the reference, and what that is called."""
    index, chance = psi(before.mix, after.mix), psi_by_chance(before.mix, after.mix)
    confidence = after.all.confidence - before.all.confidence
    answered = after.all.answered - before.all.answered
    unknown = after.all.unknown_words - before.all.unknown_words
    share = max(abs(confidence), abs(answered), abs(unknown))
    beyond = index - chance
    verdict: Verdict = "steady"
    if min(before.all.messages, after.all.messages) < DAY_MESSAGES:
        verdict = "too few to say"
    elif beyond >= DRIFTED or share >= SHARE_DRIFTED:
        verdict = "drifted"
    elif beyond >= STEADY or share >= SHARE_SHIFTS:
        verdict = "shifting"
    return Shift(index, chance, confidence, answered, unknown, verdict)
