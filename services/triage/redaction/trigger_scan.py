"""Scans a text once for words that announce a personal detail, and hands each to the rule that looks around it."""

import re
from collections.abc import Iterator

from services.domain.word_finder import WordFinder
from services.triage.redaction import (
    birth_dates,
    people_spoken_of,
    postal_addresses,
    reference_numbers,
    relations,
    self_introductions,
    signatures,
    spelled_phone_numbers,
    titles,
)
from services.triage.redaction.pii_span import PiiSpan, Rule
from services.triage.redaction.text_folding import Folded

_WORD = WordFinder(re.compile(r"[a-z]+"))


_Rules = tuple[tuple[tuple[str, ...], Rule], ...]


def _table(*families: _Rules) -> dict[str, tuple[Rule, ...]]:
    table: dict[str, tuple[Rule, ...]] = {}
    for rules in families:
        for words, rule in rules:
            for word in words:
                table[word] = (*table.get(word, ()), rule)
    return table


_TABLE = _table(
    postal_addresses.RULES,
    birth_dates.RULES,
    titles.RULES,
    self_introductions.RULES,
    relations.RULES,
    people_spoken_of.RULES,
    reference_numbers.RULES,
    signatures.RULES,
    spelled_phone_numbers.RULES,
)
_WITHOUT_DIGITS = _table(
    titles.RULES, self_introductions.RULES, relations.RULES, people_spoken_of.RULES, signatures.RULES, spelled_phone_numbers.RULES
)
"""What is left to look for where there is no digit: half of all texts."""


def announced(folded: Folded, language: str) -> Iterator[PiiSpan]:
    """What the words around it give away. Work grows with the number of words: each rule looks at a bounded stretch."""
    lower = folded.lower
    plain = lower.isascii()
    table = _TABLE if folded.digits else _WITHOUT_DIGITS
    named = at = 0
    # Few words announce anything: only those are looked for again, to know where they stand.
    for word in [word for word in _WORD.findall(lower) if word in table]:
        start, end = _next(lower, word, at)
        at = end
        if start < named or not (plain or _is_whole(lower, start, end)):
            continue
        for rule in table[word]:
            for detail in rule(folded, start, end, language):
                if detail.kind == "NAME":
                    named = max(named, detail.end)  # the words of a name announce nothing
                yield detail


def _next(lower: str, word: str, at: int) -> tuple[int, int]:
    """Where the word stands next, as a word of its own."""
    start = lower.find(word, at)
    end = start + len(word)
    while "a" <= lower[start - 1 : start] <= "z" or "a" <= lower[end : end + 1] <= "z":
        start = lower.find(word, start + 1)
        end = start + len(word)
    return start, end


def _is_whole(lower: str, start: int, end: int) -> bool:
    """Whether no letter of another alphabet touches it, since the plain ones end where the word ends."""
    return not any(
        beside > "\x7f" and beside.isalnum() and not beside.isdecimal() for beside in (lower[start - 1 : start], lower[end : end + 1])
    )
