"""The filter before the patterns never keeps one from a text that it matches."""

import json
import re
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import characters, from_regex

from services.domain import taxonomy
from services.triage.classification import model_store
from services.triage.prefilter import Prefilter, needs, without_case
from services.triage.signals import danger_phrases, idioms, objections, urgency
from services.triage.signals.automatic_replies import ANNOUNCEMENTS
from services.triage.signals.wording_matcher import Patterns, Text, fold
from tests.unit.test_hostile_length import SHAPES

SETS = Path(__file__).parents[2] / "benchmarks" / "sets"
FAMILIES = [ANNOUNCEMENTS, danger_phrases._PHRASES, idioms._IDIOMS, urgency._OPINIONS, urgency._THANKS, objections._OBJECTIONS]
PATTERNS = [pattern for family in FAMILIES for _, pattern in family._patterns]


def _texts() -> list[str]:
    rows = [json.loads(line) for file in sorted(SETS.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]
    written = [value for row in rows for value in row.values() if isinstance(value, str) and " " in value]
    corpus = [row.text for row in model_store.corpus_rows(taxonomy.load())]
    return [fold(text) for text in chain(written, corpus, (shape * 200 for shape in SHAPES))]


def test_what_the_patterns_find_is_the_same_without_the_filter() -> None:
    texts = _texts()
    assert len(texts) > 3_000
    matches = 0
    for folded in texts:
        text = Text(folded)
        worth_trying = {pattern for family in FAMILIES for pattern in family.worth_trying(text)}
        for pattern in PATTERNS:
            if pattern not in worth_trying:
                assert pattern.search(folded) is None, (pattern.pattern, folded)
            else:
                matches += pattern.search(folded) is not None
    assert matches > 300


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.pattern[:40])
def test_no_wording_is_passed_over(pattern: re.Pattern[str]) -> None:
    [(_, alone)] = (family := Patterns([pattern.pattern]))._patterns

    @settings(max_examples=15, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(from_regex(pattern, alphabet=characters(codec="ascii")))
    def holds(text: str) -> None:
        folded = fold(text)
        assert alone.search(folded) is None or family.worth_trying(Text(folded))

    holds()


@pytest.mark.parametrize(
    ("pattern", "alternatives"),
    [
        ("gas leak", [({"gas leak"},)]),
        (r"\bgas(?: pipe)? leak\w*", [({"gas leak", "gas pipe leak"},)]),
        ("my (?:cat|dog) is .* old", [({"my cat is ", "my dog is "}, {" old"})]),
        ("fire|smoke", [({"fire"},), ({"smoke"},)]),
        ("(?:fire)+ (?:now){0,3}", [({"fire"},)]),
        ("(?:burn|smel[lt])ing", [({"burning", "smelling", "smelting"},)]),
        (r"\d+", [()]),
        ("(?:ab|abc)?", [()]),
        ("(?i:fire) alarm", [({" alarm"},)]),
        ("(?i:fire)", [()]),
        ("(?s:fire.) alarm", [({" alarm"},)]),
        ("(?i)(?-i:FIRE)", [()]),
    ],
)
def test_what_a_match_needs_is_read_off_the_pattern(pattern: str, alternatives: list[tuple[set[str], ...]]) -> None:
    assert needs(re.compile(pattern)) == [tuple(map(frozenset, sets)) for sets in alternatives]


def test_a_pattern_that_needs_nothing_is_always_tried() -> None:
    prefilter = Prefilter()
    bit = prefilter.add(re.compile(r"\d{4}"))
    assert prefilter.possible("") == bit


@pytest.mark.parametrize("pattern", ["(?i:fire)", "(?:the (?i:fire) is)", "(?i)(?-i:FIRE)", "(?i:smoke)|gas"])
@pytest.mark.parametrize("text", ["FIRE", "the FIRE is", "the Fire is", "SMOKE", "gas"])
def test_flags_of_a_group_keep_no_match_back(pattern: str, text: str) -> None:
    prefilter = Prefilter()
    bit = prefilter.add(compiled := re.compile(pattern))
    seen = without_case(text) if compiled.flags & re.IGNORECASE else text
    assert prefilter.possible(seen) == bit or not compiled.search(text)


def test_half_a_surrogate_pair_is_read_over() -> None:
    prefilter = Prefilter()
    bit = prefilter.add(re.compile("gas leak"))
    assert prefilter.possible("\ud83d gas leak \udc00") == bit
    assert prefilter.possible("\ud83d gas") == 0


def test_letters_that_a_pattern_takes_for_the_same_are_the_same() -> None:
    for code in range(0x3000):
        if re.fullmatch(re.escape(chr(code)), (other := chr(code).swapcase())[:1], re.IGNORECASE):
            assert without_case(chr(code)) == without_case(other[:1]), hex(code)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        alike = [chr(code) for code in range(0x80, 0x10000) if re.fullmatch(letter, chr(code), re.IGNORECASE)]
        assert {without_case(other) for other in alike} <= {letter}, letter
