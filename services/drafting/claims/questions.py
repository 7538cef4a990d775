"""Tells what a letter's questions ask for, and whether a reply has it: a price, or a time."""

import re

from services.domain.phrases import Word
from services.drafting import tokenization
from services.drafting.claims.quantities import read
from services.drafting.claims.word_lists import patterns

MONEY = frozenset({"eur", "cent", "usd", "gbp", "chf", "percent"})
PERIODS = frozenset({"minute", "hour", "day", "working_day", "week", "month", "year"})
_QUESTION = re.compile(r"[^.!?\n]{0,400}\?")


def unanswered(message: str, body: str, language: str) -> str:
    """What is asked for and stands nowhere in the reply, in words; empty where nothing is missing, or the reply says so itself."""
    words, plain, reply = patterns("asked"), tokenization.plain(message), tokenization.plain(body)
    questions = " ".join(_QUESTION.findall(plain))
    counted = read(body, language)
    units = {number.unit for number in counted.numbers}
    if patterns("roles")["holding"].search(reply) or "?" in body:
        return ""
    if words["price"].search(questions) and not units & MONEY and not words["free"].search(reply):
        return Word("for a price")
    timed = units & PERIODS or counted.clock_times or counted.weekdays or counted.dates or counted.relative
    if words["moment"].search(questions) and not timed and not words["lasting"].search(reply):
        return Word("for a time")
    return ""
