"""One walk over the words of a text: the few that announce a personal detail are handed to the rule that looks around them."""

import re
from collections.abc import Iterator

from services.triage.redaction import addresses, dates, introductions, references, signatures, spoken
from services.triage.redaction.details import Detail, Rule
from services.triage.redaction.folding import Folded

_WORD = re.compile(r"[^\W\d_]+")


def _table() -> dict[str, tuple[Rule, ...]]:
    table: dict[str, tuple[Rule, ...]] = {}
    for rules in (addresses.RULES, dates.RULES, introductions.RULES, references.RULES, signatures.RULES, spoken.RULES):
        for words, rule in rules:
            for word in words:
                table[word] = (*table.get(word, ()), rule)
    return table


_TABLE = _table()


def announced(folded: Folded, language: str) -> Iterator[Detail]:
    """What the words around it give away. Work grows with the number of words: each rule looks at a bounded stretch."""
    find = _TABLE.get
    named = 0
    for word in _WORD.finditer(folded.lower):
        rules = find(word.group())
        if rules is None or word.start() < named:
            continue
        start, end = word.span()
        for rule in rules:
            for detail in rule(folded, start, end, language):
                if detail.kind == "NAME":
                    named = max(named, detail.end)  # the words of a name announce nothing
                yield detail
