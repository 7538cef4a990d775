"""Whether a message begins a matter, joins one, or is what always comes; and what a matter is called."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import numpy as np
import pytest

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.review.cases.emerging import likeness, matters, message_terms, naming, vectors
from services.review.cases.emerging.likeness import History
from services.review.cases.emerging.matters import MATTERS, Emergence, Joined, Message
from services.review.cases.emerging.message_terms import Reading, as_terms, term_of

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
PLAIN = [f"plain{chr(97 + n)}" for n in range(20)]


def terms(words: Iterable[str]) -> message_terms.Terms:
    return as_terms(term_of(word) for word in words)


def a_history(size: int = 800, extra: Iterable[str] = (), each: int = 0, at: datetime | None = None) -> History:
    """Weeks of letters of everyday words; of `each` the extra words stand in one of so many."""
    rng = random.Random(7)
    letters = [[*rng.sample(PLAIN, 6), f"own{number}", *(extra if each and number % each == 0 else ())] for number in range(size)]
    moments = [at or NOW - timedelta(hours=3, minutes=47 * number) for number in range(size)]
    return History(moments, [terms(words) for words in letters])


def a_message(number: int, words: Iterable[str], sender: str | None = None) -> Message:
    at = NOW - timedelta(minutes=40 - number)
    return Message(
        uuid5(MATTERS, str(number)), at, f"person {number}" if sender is None else sender, terms([*PLAIN[number % 9 :: 3], *words])
    )


def outcome_of(messages: list[Message], history: History, before: int = 0) -> Emergence | Joined | None:
    return matters.step(messages[-1], messages[before:-1], history, {})


def test_five_people_who_share_two_rare_words_are_a_matter() -> None:
    messages = [a_message(n, ("water", "quarry")) for n in range(5)]
    emergence = outcome_of(messages, a_history())
    assert isinstance(emergence, Emergence)
    assert set(emergence.members) == {message.request_id for message in messages}
    assert emergence.people == 5
    assert emergence.usual < 0.1


@pytest.mark.parametrize("people", [1, 2, 3])
def test_fewer_people_are_none_however_much_they_write(people: int) -> None:
    messages = [a_message(n, ("water", "quarry"), sender=f"person {n % people}") for n in range(30)]
    assert outcome_of(messages, a_history()) is None


def test_words_that_always_come_are_no_matter() -> None:
    messages = [a_message(n, ("water", "quarry")) for n in range(5)]
    assert outcome_of(messages, a_history(extra=("water", "quarry"), each=8)) is None


def test_what_comes_each_week_at_this_hour_is_no_matter_then() -> None:
    def before(at: timedelta) -> History:
        letters = [[*PLAIN[:4], f"own{n}", *(("bins", "elm") if n % 100 == 0 else ())] for n in range(800)]
        moments = [NOW - timedelta(weeks=1 + n // 100 % 3) + at if n % 100 == 0 else NOW - timedelta(hours=5 + n % 600) for n in range(800)]
        return History(moments, [terms(words) for words in letters])

    messages = [a_message(n, ("bins", "elm")) for n in range(7)]
    assert outcome_of(messages, before(timedelta(hours=9)))
    assert outcome_of(messages, before(timedelta(minutes=20))) is None


def test_an_hour_of_much_mail_about_everything_is_no_matter() -> None:
    rng = random.Random(3)
    of_this_and_that = [terms([*rng.sample(PLAIN, 6), f"today{n}"]) for n in range(200)]
    messages = [Message(UUID(int=n + 1), NOW, f"person {n}", words) for n, words in enumerate(of_this_and_that)]
    assert all(outcome_of(messages[: n + 1], a_history(), before=0) is None for n in range(20, 200, 30))


def test_what_has_enough_of_a_matter_joins_it_and_anything_else_does_not() -> None:
    history = a_history()
    emergence = outcome_of([a_message(n, ("water", "quarry", "taps")) for n in range(6)], history)
    assert isinstance(emergence, Emergence)
    open_matters = {emergence.matter_id: emergence.signature}
    assert matters.step(a_message(7, ("taps", "quarry")), [], history, open_matters) == Joined(emergence.matter_id)
    assert matters.step(a_message(8, ("lamp",)), [], history, open_matters) is None


def test_meaning_adds_to_words_only_where_both_have_it() -> None:
    same, other = np.array([1, 0], dtype=np.float32), np.array([0, 1], dtype=np.float32)
    postings = likeness.Postings([terms(["tap"])] * 3, [same, other, None])
    evidence = postings.evidence(terms(["tap"]), np.array([2.0]), same)
    assert evidence[0] > evidence[1] == evidence[2] == 2.0
    assert vectors.unpacked(vectors.packed(same, "one encoder"), "another") is None
    assert vectors.unpacked(vectors.packed(same, "one encoder"), "one encoder") is not None


def read(body: str, redacted: str | None = None) -> Reading:
    common = {"request_id": UUID(int=1), "agency": "city", "channel": "email", "received_at": NOW}
    request = RequestReceived.model_validate(common | {"body": body})
    triaged = RequestTriaged.model_validate(
        common
        | {
            "language": {"code": "en", "confidence": 1.0},
            "redacted": {"body": redacted or body},
            "category": "water_drains",
            "confidence": 0.9,
            "department": "water",
            "urgency": "normal",
            "outcome": "routed",
            "model_version": "test",
        }
    )
    return message_terms.read(request, triaged)


def test_a_street_with_a_number_is_compared_and_not_told() -> None:
    hidden, plain = read("No water at 14 Mill Lane", "No water at [ADDRESS_1]"), read("Mill Lane is dry")
    assert hidden.streets == ()
    assert term_of("mill") in hidden.terms
    assert term_of("mill") in plain.terms
    assert "Mill" not in hidden.words.values()


def test_a_name_is_made_of_what_several_write_and_of_nobodys_name() -> None:
    bodies = [f"Mill Lane has no water says neighbour Quist {word}" for word in ("today", "again", "now", "still")]
    name = naming.name_of([read(body) for body in bodies], a_history(), {"quist"})
    assert "water" in name.words
    assert name.streets == ("Mill Lane",)
    assert not {"Quist", "quist", "mill", "lane", "again"} & set(name.words)


def test_nothing_of_numbers_or_placeholders_is_a_word() -> None:
    assert set(read("[NAME_1] owes 312 euros, ref AB12, 0611223344 now").words.values()) == {"owes", "euros", "now", "ref"}
