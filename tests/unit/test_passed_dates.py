"""A day that has passed and that a sentence writes of as to come; what is told as past is none."""

from datetime import date

import pytest

from services.drafting.claims import passed_dates

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("You can apply until 30 September 2026.", "30 September 2026"),
        ("The grant is open until September 30th, 2026.", "September 30th, 2026"),
        ("We will repair it on 12 October.", "12 October"),
        ("We will repair it on Monday 12 October.", "Monday 12 October"),
        ("It will be repaired on 12 May 2026.", "12 May 2026"),
        ("Please pay by 2026-10-31.", "2026-10-31"),
        ("Please send the form before 31/10/2026.", "31/10/2026"),
        ("Applications close on 1 June 2025, so please hurry.", "1 June 2025"),
        ("You have until 3 November to object.", "3 November"),
        ("The works run from 3 May 2026 to 30 June 2026.", "30 June 2026"),
        ("The offer is valid until the end of October 2026.", "October 2026"),
        ("Votre lampadaire sera réparé le 12 octobre.", "12 octobre"),
        ("Nous réparerons le lampadaire le lundi 12 octobre.", "lundi 12 octobre"),
        ("Vous pouvez déposer votre demande jusqu'au 30 septembre 2026.", "30 septembre 2026"),
        ("La subvention est ouverte jusqu'au 1er juin 2026.", "1er juin 2026"),
        ("Veuillez nous répondre avant le 15 novembre.", "15 novembre"),
        ("Vous avez jusqu'au 31/10/2026 pour contester.", "31/10/2026"),
        ("Les travaux durent du 3 mai 2026 au 30 juin 2026.", "30 juin 2026"),
        ("Nous vous répondrons au plus tard en octobre 2026.", "octobre 2026"),
    ],
)
def test_what_is_to_come_and_has_passed(sentence: str, words: str) -> None:
    assert passed_dates.passed(sentence, TODAY) == words


@pytest.mark.parametrize(
    "sentence",
    [
        "Thank you for your letter of 3 May.",
        "Your request of 3 October 2026 will be answered within ten days.",
        "We received your message on 12 November and will answer it.",
        "As we wrote on 3 November, we will repair it on 12 December.",
        "The bin that was missed on 12 November will be collected tomorrow.",
        "The bins missed on Monday 12 October will be collected on 1 December.",
        "The pool was open until 30 September 2026.",
        "You had until 1 November 2026 to object.",
        "Since 1 January 2024 the fee is 12 euros.",
        "From 1 January 2024 you can pay online.",
        "The by-law of 3 May 2019 applies, so you must keep the lid shut.",
        "Applications are accepted until 31 March every year.",
        "The season lasts until 30 September.",
        "We will repair it on 12 May.",
        "We will repair it on 29 November 2026.",
        "You may bring 12 bags in May.",
        "Please call 112 or 0800 11 12 13.",
        "Merci pour votre courrier du 3 mai.",
        "Votre demande du 3 octobre 2026 sera traitée sous dix jours.",
        "Votre courrier reçu le 3 novembre sera traité cette semaine.",
        "Vous avez signalé la panne le 12 octobre et nous la réparerons.",
        "La piscine était ouverte jusqu'au 30 septembre 2026.",
        "Depuis le 1er janvier 2024, vous pouvez payer en ligne.",
        "À partir du 1er janvier 2024, vous pourrez payer en ligne.",
        "Le règlement du 3 mai 2019 s'applique, vous devez fermer le couvercle.",
        "Les demandes sont reçues jusqu'au 31 mars de chaque année.",
        "Nous réparerons le lampadaire le 12 mai.",
        "On 31 February 2026 you can come.",
        "You get what you built up before 6 April 2016.",
        "If your partner died before 6 April 2017, you may be eligible.",
        "Your pension will be worked out as in the tax year 6 April 1991 to 5 April 1992.",
        "You will hear from the committee by 15 June.",
        "Une commission répond au plus tard le 15 juin, selon les places.",
    ],
)
def test_what_is_told_as_past_or_is_still_to_come_is_no_fault(sentence: str) -> None:
    assert passed_dates.passed(sentence, TODAY) is None


def test_a_weekday_tells_which_year_is_meant() -> None:
    assert passed_dates.passed("We will come on Tuesday 12 May.", TODAY) == "Tuesday 12 May"  # of 2026
    assert passed_dates.passed("We will come on Wednesday 12 May.", TODAY) is None  # of 2027


def test_long_before_counts_only_with_its_year() -> None:
    assert passed_dates.passed("We will come on 12 May.", date(2026, 5, 13)) == "12 May"
    assert passed_dates.passed("We will come on 2 January.", date(2026, 12, 30)) is None
    assert passed_dates.passed("We will come on 30 December.", date(2027, 1, 2)) == "30 December"
