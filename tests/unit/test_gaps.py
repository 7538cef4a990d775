"""What is not answered by anything published is grouped by what it is about."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.review.quality.gaps import Gap, grouped, stems

AT = datetime(2026, 3, 2, tzinfo=UTC)


def gaps(*texts: str, category: str = "other", language: str = "en", first: int = 1) -> list[Gap]:
    return [
        Gap(UUID(int=number), category, language, text[:20], text, AT + timedelta(hours=number), "nothing_quoted")
        for number, text in enumerate(texts, start=first)
    ]


def test_messages_about_the_same_thing_stand_together_whatever_form_its_word_has() -> None:
    messages = gaps(
        "How do I register my beehives in the city? I have two bee colonies.",
        "Where do I register a beehive?",
        "May I fly a drone over the lake for a wedding?",
        "Are drones allowed over the harbour?",
        "Somebody left a piano on the square.",
    )

    groups = grouped(messages)

    by_word = {group.words[0] if group.words else "": {gap.request_id.int for gap in group.gaps} for group in groups}
    assert by_word == {"register": {1, 2}, "drones": {3, 4}, "": {5}}
    assert groups[-1].words == ()


def test_the_same_word_in_another_category_is_another_gap() -> None:
    groups = grouped(gaps("A drone over the lake", "My drone licence") + gaps("drone fine", "drone penalty", category="fines", first=10))
    assert sorted((group.category, len(group.gaps)) for group in groups) == [("fines", 2), ("other", 2)]


def test_french_plurals_and_accents_are_one_word() -> None:
    groups = grouped(gaps("Où déclarer ma ruche ?", "Déclaration des ruches en ville", "Les RUCHES du voisin", language="fr"))
    assert len(groups) == 1
    assert set(groups[0].words) & {"ruche", "ruches"}


def test_what_every_letter_says_is_no_matter() -> None:
    mail = [f"Sincerely, a concerned citizen of Belrive, about matter {n}" for n in range(40)]
    groups = grouped(gaps("Sincerely, citizen: the piano", "Sincerely, citizen: the goat"), mail)
    assert [group.words for group in groups] == [()]


def test_placeholders_and_courtesy_are_no_words() -> None:
    assert set(stems("Dear [NAME_1], thank you: please tell me about the [EMAIL_1] beehive.", "en").values()) == {"beehive"}


def test_many_different_messages_of_one_category_are_bounded() -> None:
    texts = [f"word{chr(97 + n // 26)}{chr(97 + n % 26)}xx again" for n in range(300)]
    groups = grouped(gaps(*texts, *texts))
    assert len(groups) <= 21
    assert sum(len(group.gaps) for group in groups) == 600
