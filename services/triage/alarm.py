"""A linear score of danger beside the rules, for what no rule foresaw: the sum of what each word and word list weighs.

The weights come from `python -m benchmarks.danger_weights`, trained on messages of our own and nothing else.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from services.triage.danger import lists_of
from services.triage.phrases import SENTENCE_ENDS, Found, Text

WEIGHTS = Path(__file__).with_name("danger_weights.json")
_BEGINNING = 5
_SHORTEST_PART, _LONGEST_WHOLE = 25, 60
_LONGEST_WORD, _KNOWN_WORDS = 24, 20_000

_known: dict[str, tuple[str, ...]] = {}


def parts(text: Text) -> Iterator[tuple[int, int]]:
    """A short message whole, a long one in groups of sentences: from which token to which. Scores of a letter and a line must compare."""
    tokens = text.tokens
    if len(tokens) <= _LONGEST_WHOLE:
        yield 0, len(tokens)
        return
    start = 0
    for place, token in enumerate(tokens):
        length = place - start
        if (token in SENTENCE_ENDS and length >= _SHORTEST_PART) or length >= _LONGEST_WHOLE:
            yield start, place + 1
            start = place + 1
    if len(tokens) > start:
        yield start, len(tokens)


def features(tokens: list[str]) -> set[str]:
    """How each word begins, and the word lists that it is in."""
    found: set[str] = set()
    for word in tokens:
        known = _known.get(word)
        found.update(_features_of(word) if known is None else known)
    return found


def _features_of(word: str) -> tuple[str, ...]:
    if word in SENTENCE_ENDS:
        return ()
    told = (word[:_BEGINNING], *lists_of(word))
    if len(word) <= _LONGEST_WORD:
        if len(_known) >= _KNOWN_WORDS:
            _known.clear()
        _known[word] = told
    return told


@cache
def _model() -> tuple[dict[str, float], float]:
    stored = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return stored["weights"], stored["bias"]


def alarms(text: Text) -> Iterator[Found]:
    """The parts of a text that score above zero, where the threshold has been put."""
    weights, bias = _model()
    for start, end in parts(text):
        if bias + sum(weights.get(feature, 0.0) for feature in features(text.tokens[start:end])) > 0:
            first, last = text.span(start, end)
            yield Found("score", first, last)
