"""Retrieval finds what is meant, whatever people call it, and knows when it has nothing."""

from functools import cache

import pytest

from services.drafting import answerability, passage_index
from services.drafting.answerability import TriagedAs
from services.drafting.passage_index import Knowledge, SearchHit
from services.drafting.spelling import Spelling
from tests.unit.test_drafting_rules import a_passage, a_request, drafted, failed


@cache
def city() -> Knowledge:
    return passage_index.load()


@pytest.mark.parametrize(
    ("language", "text", "article"),
    [
        ("en", "There is a broken street light", "en-street-lamp-fault"),
        ("en", "The lantern in our lane is broken", "en-street-lamp-fault"),
        ("en", "Who takes away an old mattress?", "en-bulky-waste-recycling-centre"),
        ("en", "I want to appeal a parking ticket", "en-pay-or-contest-parking-fine"),
        ("en", "My neighbor's garbage was not picked up", "en-missed-collection"),
        ("fr", "Un réverbère est cassé", "fr-street-lamp-fault"),
        ("fr", "Je veux faire un recours contre un PV de stationnement", "fr-pay-or-contest-parking-fine"),
        ("fr", "Où emprunter des bouquins ?", "fr-library-card-room-hire"),
    ],
)
def test_an_article_is_found_by_what_people_call_its_matter(language: str, text: str, article: str) -> None:
    assert city().search(text, language)[0].passage.article_id == article


@pytest.mark.parametrize(
    ("language", "text", "article"),
    [
        ("en", "Grafitti", "en-graffiti-needles-toilets"),
        ("en", "Grafitti all over the brige", "en-graffiti-needles-toilets"),
        ("en", "a new pasport", "en-passport-identity-card"),
        ("en", "resdient parkign permit", "en-resident-parking-permit"),
        ("en", "libary card", "en-library-card-room-hire"),
        ("fr", "un lampadère éteind", "fr-street-lamp-fault"),
        ("fr", "demande de passport", "fr-passport-identity-card"),
        ("fr", "les encombrents", "fr-bulky-waste-recycling-centre"),
    ],
)
def test_a_slip_of_the_pen_finds_what_was_meant(language: str, text: str, article: str) -> None:
    assert city().search(text, language)[0].passage.article_id == article


def test_the_word_that_was_meant_is_one_letter_away_or_has_a_double_letter_more() -> None:
    spelling = Spelling(["graffiti", "passport", "bridge", "lamp"])

    assert [spelling.nearest(word) for word in ("grafitti", "pasport", "brigde", "passprot")] == [
        "graffiti",
        "passport",
        "bridge",
        "passport",
    ]
    assert [spelling.nearest(word) for word in ("lams", "gratitude", "12345", "")] == [None] * 4


PETITION = """We call on the Government to give every child a right to a forest within walking distance, written into the constitution,
and to stop the sale of state woods to investors. Trees were here before us. Whoever has stood under an old beech in May knows what we
are about to lose. Sign, share, and send this on to your member of parliament. 44,018 people have signed so far."""
PRAISE_OF_A_HOSPITAL = """The nurses couldn't have been kinder and the doctor drew me a picture of what he was going to do. The pillow was
hard and the television did not work, but you don't go there for that. I was home by tea time."""
OPINION = """Je pense qu'il faut revoir toute la fiscalité : les grandes entreprises échappent à l'impôt, les petites paient pour tout le
monde, et les classes moyennes n'en peuvent plus. Que l'on contrôle les paradis fiscaux, que l'on divise par deux le nombre d'élus, et que
l'on consulte enfin le peuple avant de décider."""


@pytest.mark.parametrize(
    ("category", "language", "text"),
    [
        ("parks_trees", "en", PETITION),
        ("health_care", "en", PRAISE_OF_A_HOSPITAL),
        ("taxes", "fr", OPINION),
        ("culture_sport", "en", "Does the mayor play the trombone?"),
    ],
)
def test_to_a_message_that_nothing_answers_no_passage_is_quoted_without_a_mark(category: str, language: str, text: str) -> None:
    hits = city().search(text, language, triaged=TriagedAs(category, 0.9))

    assert [hit.passage.passage_id for hit in hits if hit.answers and not hit.doubtful] == []


@pytest.mark.parametrize(
    ("category", "language", "text"),
    [
        ("waste_collection", "en", "What day is the recycling bin emptied?"),
        ("parking_traffic", "en", "How much is a resident parking permit for a second car?"),
        ("culture_sport", "fr", "Quels sont les tarifs de la piscine pour les enfants ?"),
    ],
)
def test_a_plain_question_that_is_answered_is_quoted(category: str, language: str, text: str) -> None:
    assert city().search(text, language, triaged=TriagedAs(category, 0.9, "question", 0.8))[0].answers


def test_an_unsure_category_pulls_less_than_a_sure_one() -> None:
    text = "The light on the path by the playground in the park is out"

    def best(confidence: float) -> float:
        hits = city().search(text, "en", limit=10, triaged=TriagedAs("parks_trees", confidence))
        return max(hit.score for hit in hits if hit.passage.category == "parks_trees")

    assert best(0.2) < best(0.9)


def test_a_passage_of_doubtful_fit_is_quoted_with_a_mark_and_a_sure_one_without() -> None:
    doubtful = SearchHit(a_passage(), 8.0, article_answers=0.9, floor=0.8, passage_answers=0.5, sure=0.7)
    sure = SearchHit(a_passage(), 8.0, article_answers=0.9, floor=0.8, passage_answers=0.8, sure=0.7)

    (mark,) = (check for check in drafted(a_request(), doubtful).checks if not check.passed)

    assert mark.name == "answers_the_question"
    assert "may not answer this message: compare the message with what is quoted from it" in mark.detail
    assert mark.quote == a_passage().text
    assert failed(drafted(a_request(), sure)) == []


def test_what_is_learned_judges_by_words_alone_and_by_meanings() -> None:
    for evidence in ("words", "meaning"):
        learned = answerability.judgements(evidence)
        assert 0.5 < learned.article.floor <= learned.article.sure < 1
        assert any(name.startswith("meaning") for name in learned.article.weights) == (evidence == "meaning")
