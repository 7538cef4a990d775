"""Decides whether a message belongs to a matter that many write about within the hour, and whether it begins one. Pure.

A message is compared with those of the last hour. Those that share enough with it are its company, and the question is whether so many
people in an hour are more than the usual: the company that the same message would have had in the agency's own letters of weeks
(Gamma-Poisson). How much is enough is asked at several levels, since some matters share one street and others many plain words; and the
same is asked of each single word of the message, since some have but one that everybody uses.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import numpy as np

from services.domain.chance import chance_of
from services.review.cases.emerging.likeness import Flags, History, Postings, Vector
from services.review.cases.emerging.message_terms import Terms

MATTERS = UUID("9c0f4a3e-5b7d-5c55-8d0e-3a1b6f2e7c19")

WINDOW = timedelta(minutes=60)
FEWEST = 4
"""People, not messages: below it nothing emerges, however rare its words are."""
BY_CHANCE = 1e-5
"""What is as likely as this without any change is no matter. An agency with a thousand letters a day asks a thousand times."""
LEVELS = (5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0)
"""In nats, of what two letters have in common: 8 is one word that no letter of weeks had, or three that stand in one of fifteen."""
OTHERS_SHARE = 8.0
"""What others must share at least with enough of those who make a matter, to be of it as well: long letters share a little with all."""
SAME_HOUR = timedelta(minutes=90)
SEEN_AT_THE_HOUR = 2
OWN_USUAL = 0.01
"""Letters of the same hour and weekday, from which on that hour has a usual of its own: where so many are not by chance there."""
COMPANY_TO_JOIN = 2
SHARE_TO_JOIN = 0.25
FEWEST_WITH_TERM = 2
MOST_IN_SIGNATURE = 16
MORE_THAN_USUAL = 4
"""How much more often a telling term stands in a matter than in other letters."""
MEMBERS_BY_CHANCE = 0.002
"""Of the letters of weeks, so many at most would have been taken for members of a matter."""
LEAST_IN_COMMON = 6.0
SAME_TEXT = 0.8
"""Letters without a sender that share so much of their words are one person's."""
STEPS = (10, 25, 50, 100, 250, 500, 1000)
"""People at which a matter has risen by a level."""


@dataclass(frozen=True)
class Message:
    """A message of the last hour. `sender` stands for whoever wrote it; empty where nothing is known of them."""

    request_id: UUID
    received_at: datetime
    sender: str
    terms: Terms
    vector: Vector | None = None
    matter_id: UUID | None = None


@dataclass(frozen=True)
class Signature:
    """What tells the messages of a matter from others: its telling terms with their weights, and how much of it makes a member."""

    terms: tuple[int, ...]
    weights: tuple[float, ...]
    enough: float

    def weight_of(self, message: Message) -> float:
        """How much of it a message has."""
        return float(sum(weight for term, weight in zip(self.terms, self.weights, strict=True) if _has(message.terms, term)))


@dataclass(frozen=True)
class Emergence:
    """More people than usual write about one matter."""

    matter_id: UUID
    members: tuple[UUID, ...]
    people: int
    usual: float
    """People an hour who write alike on other days."""
    signature: Signature


@dataclass(frozen=True)
class Joined:
    """The message is of a matter that emerged before."""

    matter_id: UUID


def step(
    message: Message, window: Sequence[Message], history: History, open_matters: Mapping[UUID, Signature]
) -> Joined | Emergence | None:
    """What a new message is part of. `window` are the others of the hour before it."""
    if matter_id := _matter_to_join(message, open_matters):
        return Joined(matter_id)
    free = [other for other in window if other.matter_id is None]
    return _emergence(message, free, history, people_of([*window, message]))


def _matter_to_join(message: Message, open_matters: Mapping[UUID, Signature]) -> UUID | None:
    """The open matter whose signature the message has most of, beyond what it takes; none where it reaches that of none."""
    beyond = {matter_id: signature.weight_of(message) / signature.enough for matter_id, signature in open_matters.items()}
    near = [matter_id for matter_id, share in beyond.items() if share >= 1]
    return max(near, key=lambda matter_id: (beyond[matter_id], matter_id.int)) if near else None


@dataclass(frozen=True)
class _Company:
    """Those of an hour who write as a message does, and what speaks for chance: the less, the more it is a matter."""

    members: list[Message]
    level: float
    """How much two messages must share for others to be of it as well."""
    chance: float
    usual: float


@dataclass(frozen=True)
class _Usual:
    """Which letters of the weeks were at this hour of this weekday, and how many people write within an hour."""

    at_the_hour: Flags
    of_window: int

    def company_of(self, members: list[Message], alike: Flags, level: float, asked: int) -> _Company | None:
        """How likely so many people are, where these letters of the weeks are alike and so many questions are asked of one message."""
        people = people_of(members)
        if people < FEWEST:
            return None
        hours = len(alike) / self.of_window
        chance, usual = chance_of(people, int(alike.sum()), hours), float(alike.sum()) / hours
        seen, of_hour = int(alike[self.at_the_hour].sum()), int(self.at_the_hour.sum())
        if seen >= SEEN_AT_THE_HOUR and chance_of(seen, int(alike.sum()) - seen, (len(alike) - of_hour) / of_hour) < OWN_USUAL:
            hours = of_hour / self.of_window
            chance, usual = max(chance, chance_of(people, seen, hours)), max(usual, seen / hours)
        return _Company(members, level, chance * asked, usual)


def _emergence(message: Message, others: Sequence[Message], history: History, of_window: int) -> Emergence | None:
    if len(others) + 1 < FEWEST or not history.size:
        return None
    usual = _Usual(history.at_the_hour(message.received_at, SAME_HOUR), of_window)
    postings = Postings([other.terms for other in others], [other.vector for other in others])
    companies = [*_by_much_in_common(message, others, postings, history, usual), *_by_one_word(message, others, postings, history, usual)]
    best = min(companies, key=lambda company: company.chance, default=None)
    if best is None or best.chance >= BY_CHANCE:
        return None
    members = _with_their_company(best.members, others, history, max(best.level, OTHERS_SHARE))
    ids = tuple(member.request_id for member in sorted(members, key=lambda member: (member.received_at, member.request_id)))
    return Emergence(uuid5(MATTERS, str(ids[0])), ids, people_of(members), best.usual, signature_of(members, history))


def _by_much_in_common(
    message: Message, others: Sequence[Message], postings: Postings, history: History, usual: _Usual
) -> Iterator[_Company]:
    """Those who share enough with the message, whatever it is, at each level of enough."""
    weights = history.weights(message.terms)
    shared = postings.evidence(message.terms, weights, message.vector)
    before = history.postings.evidence(message.terms, weights, message.vector)
    for level in LEVELS:
        members = [message, *(other for other, evidence in zip(others, shared, strict=True) if evidence >= level)]
        company = usual.company_of(members, before >= level, level, len(LEVELS))
        if company is None:
            return
        yield company


def _by_one_word(message: Message, others: Sequence[Message], postings: Postings, history: History, usual: _Usual) -> Iterator[_Company]:
    """Those who share one word with the message, for each that enough have: a matter may have but one word that all use."""
    often = message.terms[postings.having(message.terms) >= FEWEST - 1]
    for term in often:
        members = [message, *(others[number] for number in postings.with_term(term))]
        alike = np.zeros(history.size, dtype=bool)
        alike[history.postings.with_term(term)] = True
        company = usual.company_of(members, alike, OTHERS_SHARE, len(message.terms))
        if company:
            yield company


def _with_their_company(company: Sequence[Message], others: Sequence[Message], history: History, level: float) -> list[Message]:
    """The members and those of the hour that are the company of enough of them."""
    members = list(company)
    taken = {member.request_id for member in members}
    rest = [other for other in others if other.request_id not in taken]
    postings = Postings([member.terms for member in company], [member.vector for member in company])
    for other in rest:
        shared = postings.evidence(other.terms, history.weights(other.terms), other.vector)
        if (shared >= level).sum() >= max(COMPANY_TO_JOIN, SHARE_TO_JOIN * len(company)):
            members.append(other)
    return members


def people_of(messages: Sequence[Message]) -> int:
    """How many people wrote them. Of whom nothing is known counts once for each text that is not nearly another's."""
    senders = {message.sender for message in messages if message.sender}
    texts: list[Terms] = []
    for message in messages:
        if not message.sender and not any(_same_text(message.terms, text) for text in texts):
            texts.append(message.terms)
    return len(senders) + len(texts)


def _same_text(first: Terms, second: Terms) -> bool:
    both = len(np.intersect1d(first, second, assume_unique=True))
    return both >= SAME_TEXT * (len(first) + len(second) - both)


def steps_of(people: int) -> int:
    """How many levels a matter of so many people has risen by."""
    return sum(people >= step for step in STEPS)


def signature_of(members: Sequence[Message], history: History) -> Signature:
    """What the members have in common, and so much of it that hardly any letter of the weeks before would have been one."""
    telling = telling_terms([member.terms.tolist() for member in members], history, FEWEST_WITH_TERM)
    terms = np.array(sorted(telling, key=lambda term: (-telling[term], term))[:MOST_IN_SIGNATURE], dtype=np.uint32)
    weights = history.weights(terms)
    before = np.sort(history.postings.evidence(terms, weights))
    usual = float(before[-1 - int(MEMBERS_BY_CHANCE * history.size)]) if history.size else 0.0
    return Signature(tuple(terms.tolist()), tuple(weights.tolist()), max(LEAST_IN_COMMON, usual + 1e-6))


def telling_terms(readings: Sequence[Sequence[int]], history: History, fewest: int) -> dict[int, float]:
    """The terms that tell the readings from the agency's other letters, each of enough of them, with how much it tells (log-likelihood)."""
    counts = Counter(term for reading in readings for term in set(reading))
    shared = [term for term, count in counts.items() if count >= fewest]
    having = history.postings.having(np.array(shared, dtype=np.uint32))
    telling: dict[int, float] = {}
    for term, before in zip(shared, having, strict=True):
        times = counts[term] / len(readings) * (history.size + 1) / (before + 0.5)
        if times >= MORE_THAN_USUAL:
            telling[term] = counts[term] * float(np.log(times))
    return telling


def _has(terms: Terms, term: int) -> bool:
    place = int(np.searchsorted(terms, term))
    return place < len(terms) and int(terms[place]) == term
