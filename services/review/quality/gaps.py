"""Groups messages that no published answer fitted by category and telling words: what to write about next. Pure."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args
from uuid import UUID

from services.domain import word_stems
from services.domain.placeholders import PLACEHOLDER
from services.domain.word_stems import unaccented

Why = Literal["nothing_quoted", "rejected", "rewritten"]
Verdict = Literal["article_written", "there_is_one", "not_ours", "needs_none"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

TOGETHER = 2
"""Messages that share a word, from which it is a group's."""
MOST_GROUPS = 20
"""Of one category; what is left is shown together."""
WORDS_SHOWN = 4
OF_THE_GROUP = 0.5
"""Of a group's messages, so many must have a word that is told of it."""
EVERYDAY = 0.2
"""A word that stands in so many of all messages tells nothing."""
ENOUGH_MAIL = 25
"""Messages from which how many have a word says anything."""
MOST_WORDS = 300

_WORD = re.compile(r"[^\W\d_]{4,30}")
_ORDINARY = frozenset(Path(__file__).with_name("ordinary_words.txt").read_text(encoding="utf-8").split())
"""Of English and French, from four letters on: they say nothing of what a letter is about."""


@dataclass(frozen=True)
class Gap:
    """A message that no published answer fitted. `text` is redacted, `title` and `reason` are as people wrote them."""

    request_id: UUID
    category: str
    language: str
    title: str
    text: str
    received_at: datetime
    why: Why
    reason: str = ""
    """Of whoever rejected its draft, in their words."""


@dataclass(frozen=True)
class GapGroup:
    """Messages of one category that share a telling word; without words: those that share none."""

    category: str
    words: tuple[str, ...]
    gaps: tuple[Gap, ...] = field(repr=False)


def grouped(gaps: Iterable[Gap], mail: Sequence[str] = ()) -> list[GapGroup]:
    """The groups, the largest first. `mail` are other messages: what stands in many of them is nobody's matter."""
    everyday = Counter(word for text in mail for word in stems(text, ""))
    plain = {word: count / len(mail) for word, count in everyday.items()} if len(mail) >= ENOUGH_MAIL else {}
    by_category: dict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        by_category[gap.category].append(gap)
    groups = [group for category, own in by_category.items() for group in _of_category(category, own, plain)]
    return sorted(groups, key=lambda group: (not group.words, -len(group.gaps), group.category, group.words))


def _of_category(category: str, gaps: list[Gap], everyday: Mapping[str, float]) -> list[GapGroup]:
    words = {gap.request_id: {s: w for s, w in stems(gap.text, gap.language).items() if everyday.get(w, 0) < EVERYDAY} for gap in gaps}
    groups: list[GapGroup] = []
    left = sorted(gaps, key=lambda gap: gap.received_at, reverse=True)
    while left and len(groups) < MOST_GROUPS:
        counts = Counter(stem for gap in left for stem in words[gap.request_id])
        best = max(counts, key=lambda stem: (_weight(stem, counts, words), stem), default="")
        if not best or counts[best] < TOGETHER:
            break
        own = [gap for gap in left if best in words[gap.request_id]]
        groups.append(GapGroup(category, _telling(best, own, words), tuple(own)))
        left = [gap for gap in left if best not in words[gap.request_id]]
    return [*groups, GapGroup(category, (), tuple(left))] if left else groups


def _weight(stem: str, counts: Counter[str], words: Mapping[UUID, Mapping[str, str]]) -> float:
    """A word of several messages, and the better the fewer of all it is in: one of nearly all would make one heap."""
    number = counts[stem]
    return number * math.log(1 + len(words) / number) if number >= TOGETHER else 0.0


def _telling(best: str, gaps: Sequence[Gap], words: Mapping[UUID, Mapping[str, str]]) -> tuple[str, ...]:
    counts = Counter(stem for gap in gaps for stem in words[gap.request_id])
    shared = [stem for stem, count in counts.items() if stem != best and count >= max(TOGETHER, OF_THE_GROUP * len(gaps))]
    shown = [best, *sorted(shared, key=lambda stem: (-counts[stem], stem))][:WORDS_SHOWN]
    written = Counter((stem, word) for gap in gaps for stem, word in words[gap.request_id].items() if stem in shown)
    return tuple(max((w for s, w in written if s == stem), key=lambda word: (written[stem, word], word)) for stem in shown)


def stems(text: str, language: str) -> dict[str, str]:
    """The words of a text that say what it is about, each by its stem, plain; without a language a word is its own stem."""
    plain = unaccented(PLACEHOLDER.sub(" ", text).lower())
    telling = dict.fromkeys(word for word in _WORD.findall(plain) if word not in _ORDINARY)
    words = list(telling)[:MOST_WORDS]
    return dict(zip(word_stems.stems(words, language), words, strict=True))
