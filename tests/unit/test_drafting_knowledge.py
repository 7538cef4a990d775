"""The published answers: how they are read, cut and found."""

from pathlib import Path

import pytest

from services.domain import articles, knowledge_folder, taxonomy
from services.domain.articles import InvalidArticle
from services.domain.knowledge_folder import InvalidKnowledge
from services.drafting import passage_index

LAMP = """---
id: lamp
title: "Street lamps"
url: https://www.belrive.example/lamp
language: en
category: street_lighting
updated: 2026-09-14
author: somebody
---
What comes first.

## Reporting a lamp
Use the [form](https://www.belrive.example/form) or **call** us.

- by phone
- by letter

##Repairs
Within 10 days.
"""


def test_an_article_is_cut_by_its_headings_into_numbered_passages_of_plain_text() -> None:
    passages = articles.passages(LAMP, "lamp.md")

    assert [(p.passage_id, p.heading, p.text) for p in passages] == [
        ("lamp#1", "", "What comes first."),
        ("lamp#2", "Reporting a lamp", "Use the form or call us.\n- by phone\n- by letter"),
        ("lamp#3", "Repairs", "Within 10 days."),
    ]
    assert {(p.title, p.url, p.language, p.category) for p in passages} == {
        ("Street lamps", "https://www.belrive.example/lamp", "en", "street_lighting")
    }


def test_a_long_section_becomes_several_passages_and_no_paragraph_is_broken() -> None:
    paragraphs = [f"Paragraph {number} says " + "something " * 40 for number in range(6)]

    passages = articles.passages(LAMP + "\n\n".join(["", *paragraphs]), "lamp.md")

    assert len(passages) > 4
    assert all(sum(paragraph.strip() in p.text for p in passages) == 1 for paragraph in paragraphs)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("no front matter", "begin with front matter"),
        (LAMP.replace("id: lamp\n", ""), "id: Field required"),
        (LAMP.replace("https://www.belrive.example/lamp", "javascript:alert(1)"), "url: "),
        (LAMP.replace("language: en", "language: English please"), "language: "),
        (LAMP.replace('title: "Street lamps"', 'title: "Street'), "the front matter is not YAML (line 3"),
        (LAMP.partition("What comes")[0], "there is no text"),
    ],
)
def test_an_article_that_cannot_be_used_is_named_with_the_field_at_fault(text: str, fault: str) -> None:
    with pytest.raises(InvalidArticle, match=r"^lamp\.md: ") as error:
        articles.passages(text, "lamp.md")

    assert fault in str(error.value)


def test_a_folder_names_every_file_at_fault_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(LAMP)
    (tmp_path / "b.md").write_text(LAMP)
    (tmp_path / "c.md").write_text("nothing")
    (tmp_path / "d.md").write_bytes(b"\xff\xfe")
    (tmp_path / "README.md").write_text("about this folder")

    with pytest.raises(InvalidKnowledge) as error:
        passage_index.load(tmp_path)

    message = str(error.value)
    assert "b.md: id: 'lamp' is already a.md" in message
    assert "c.md: begin with" in message
    assert "d.md: not UTF-8" in message
    assert "README" not in message


def test_a_folder_that_is_empty_or_away_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidKnowledge, match="no article"):
        passage_index.load(tmp_path)
    with pytest.raises(InvalidKnowledge, match="PARVIS_KNOWLEDGE_DIR"):
        passage_index.load(tmp_path / "away")


def test_the_sample_citys_answers_are_whole_in_both_languages_and_of_known_categories() -> None:
    passages = knowledge_folder.read(knowledge_folder.SAMPLE_CITY)
    categories = taxonomy.load().categories

    for language in ("en", "fr"):
        own = [p for p in passages if p.language == language]
        assert len({p.article_id for p in own}) >= 30
        assert {p.category for p in own} == set(categories)
    assert {p.article_id.removeprefix("en-") for p in passages if p.language == "en"} == {
        p.article_id.removeprefix("fr-") for p in passages if p.language == "fr"
    }


@pytest.mark.parametrize(
    ("text", "language", "article"),
    [
        ("The lamp in front of my house has been out since Tuesday", "en", "en-street-lamp-fault"),
        ("Mon lampadaire est éteint depuis mardi, quand sera-t-il réparé ?", "fr", "fr-street-lamp-fault"),
        ("my passport expires in january what do i need to bring", "en", "en-passport-identity-card"),
        ("on a des rats dans la cour", "fr", "fr-rats-insects-wasps"),
    ],
)
def test_an_ordinary_question_finds_its_article_first(text: str, language: str, article: str) -> None:
    hits = passage_index.load().search(text, language)

    assert hits[0].passage.article_id == article
    assert hits == sorted(hits, key=lambda hit: -hit.score)


def test_a_passage_of_the_triaged_category_comes_before_one_that_is_as_good(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(LAMP)
    (tmp_path / "b.md").write_text(LAMP.replace("id: lamp", "id: other").replace("street_lighting", "roads_pavements"))

    first = passage_index.load(tmp_path).search("Repairs of a lamp", "en", "roads_pavements")[0]

    assert first.passage.article_id == "other"


def test_another_language_is_searched_only_where_the_own_has_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(LAMP)
    index = passage_index.load(tmp_path)

    assert index.search("lamp repairs", "fr")[0].passage.language == "en"
    assert index.search("zzz", "fr") == []
    assert index.search("", "en") == []
