"""How sure a sign of danger is, from what the learned score or a phrase says of it."""

import math

from services.domain.danger_levels import EMERGENCY_FROM, MOST_IN_DOUBT
from services.triage.signals.danger_score import highest
from services.triage.signals.wording_matcher import Found, Text

# Fitted on the scores of messages held out, of which 91 in a hundred of the alarms were danger.
_ALARM, _BY_SCORE, _PHRASE = 0.83, 1.07, 0.96
DOUBT_FROM, SURE_FROM = -0.1, 0.3
"""Between which scores it is doubtful whether there is danger. At most 2 in 100 real messages are to be flagged at all."""
DOUBT_OF_WORDS_FROM = -2.5
"""From which score on words of somebody who makes nothing of it (`perhaps` of the phrases) are a doubt as well."""
_SPOKEN_OF, _PHRASE_IN_DOUBT, _PHRASE_AT_LEAST = -1.0, 0.5, 0.85


def certainty_of(danger: Found, literal: Text) -> float:
    """How sure it is that somebody is in danger: read off messages that the score was not learned from (`training/danger_weights.py`).

    Where a phrase says it, the score is asked as well: it knows the texts that only speak of such things, but no language of its own
    beside English and French, so that its doubt alone never puts a cry for help far behind.
    """
    if danger.about == "score" and danger.score <= SURE_FROM:
        return doubt_of(danger.score)
    if danger.about == "score" or danger.score:
        return round(by_score(danger.score), 3)
    score = highest(literal)
    probability = _sigmoid(_ALARM + _PHRASE + _BY_SCORE * score)
    return round(max(probability, _PHRASE_IN_DOUBT if score < _SPOKEN_OF else _PHRASE_AT_LEAST), 3)


def doubt_of(score: float) -> float:
    """How sure it is where the score is between a doubt and an alarm: below every emergency, the higher score before the lower."""
    return min(round(EMERGENCY_FROM * by_score(score) / by_score(SURE_FROM), 3), MOST_IN_DOUBT)


def by_score(score: float) -> float:
    """How sure it is at a score, read off messages held out."""
    return _sigmoid(_ALARM + _BY_SCORE * score)


def _sigmoid(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))
