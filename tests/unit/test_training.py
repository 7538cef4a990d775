"""From rows to a classifier: reading, folds, rare categories, budgets, and the same model from the same rows."""

import json
from pathlib import Path

import numpy as np
import pytest

from services.triage.classification.alike_rows import alike_rows
from services.triage.classification.examples import Example, UnreadableExamples, read_examples
from services.triage.classification.features import GramSettings, HashedNgrams
from services.triage.classification.training import FAMILY, QUICK, folds_of, train
from services.triage.classification.trust_fitting import thresholds_for

THINGS = {
    "lamps": ("the street lamp is {}", "lampadaire {} dans ma rue", "no light, the bulb is {}"),
    "bins": ("my bin was {}", "la poubelle est {}", "rubbish collection {}"),
    "pools": ("the swimming pool was {}", "la piscine est {}", "swimming lessons {}"),
}
STATES = ("out", "cassé", "late again", "fine", "not good", "vraiment nul", "so so", "ok since May", "fermé lundi", "not there")


def messages() -> list[Example]:
    return [
        Example(words.format(state), category, "fr" if "la" in words.split() or "ma" in words.split() else "en")
        for category, sayings in THINGS.items()
        for words in sayings
        for state in STATES
    ]


@pytest.mark.parametrize("recipe", [QUICK, FAMILY], ids=["quick", "family"])
def test_it_learns_what_the_words_say(recipe: object) -> None:
    classifier = train(messages(), recipe=recipe)  # type: ignore[arg-type]
    predictions = classifier.predict(["une ampoule de lampadaire", "swimming with my son", "the bin men"])
    assert [prediction.category for prediction in predictions] == ["lamps", "pools", "bins"]


def test_the_same_rows_and_seed_give_the_same_model() -> None:
    assert train(messages(), recipe=QUICK, seed=3).version == train(messages(), recipe=QUICK, seed=3).version


def test_a_category_with_one_row_is_known_and_breaks_nothing() -> None:
    classifier = train([*messages(), Example("a hedgehog in the garage", "animals")], recipe=FAMILY)
    assert "animals" in classifier.categories
    assert classifier.predict(["hedgehog in my garage"])[0].category == "animals"


def test_two_categories_are_enough() -> None:
    two = [row for row in messages() if row.category != "pools"]
    assert train(two).predict(["street lamp"])[0].category == "lamps"


def test_one_category_is_not() -> None:
    with pytest.raises(UnreadableExamples, match="two categories"):
        train([Example("a", "one"), Example("b", "one")])


def test_a_description_teaches_a_category_without_rows() -> None:
    classifier = train(messages(), recipe=QUICK, descriptions=[Example("Births, marriages and deaths certificates", "civil_status", "en")])
    assert classifier.predict(["marriage certificate"])[0].category == "civil_status"
    assert classifier.facts["held_out"]["n"] == len(messages())


def test_a_budget_that_is_enough_changes_nothing() -> None:
    rows = [Example(f"{row.text} {word}", row.category) for word in ("today", "again", "twice", "please") * 10 for row in messages()]
    classifier = train(rows, budget_seconds=1000)
    assert classifier.facts["rows_used"] == len(rows)
    assert len(classifier.facts["tried"]) == len(FAMILY.blends)


def test_a_short_budget_trains_on_a_part_and_keeps_what_is_rare() -> None:
    rows = [Example(f"{row.text} number {number}", row.category) for number in range(30) for row in messages()]
    classifier = train([*rows, Example("a hedgehog in the garage", "animals")], budget_seconds=0.01, recipe=QUICK)
    assert classifier.facts["rows"] == len(rows) + 1
    assert classifier.facts["rows_used"] < len(rows)
    assert "animals" in classifier.categories


def test_it_tells_how_far_it_is() -> None:
    shares: list[float] = []
    train(messages(), recipe=QUICK, progress=lambda share, _doing: shares.append(share))
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_the_facts_can_be_written_down() -> None:
    facts = train(messages()).facts
    assert json.loads(json.dumps(facts)) == facts
    assert facts["rows_by_category"] == {"bins": 30, "lamps": 30, "pools": 30}
    assert facts["blend"] in [attempt["blend"] for attempt in facts["tried"]]


def test_a_text_that_was_sent_twice_is_in_one_fold() -> None:
    texts = [row.text for row in messages()]
    texts += ["The lamp on Elm Street has been out since Monday.", "The lamp on Elm Street has been out since Monday!!"]
    matrix = HashedNgrams(GramSettings(min_rows=1)).fit_transform(texts)
    labels = np.arange(len(texts)) % 3
    fold = folds_of(matrix, labels, 4, seed=1)
    assert fold[-1] == fold[-2]
    assert alike_rows(matrix, 1)[-1] == alike_rows(matrix, 1)[-2]
    assert np.bincount(fold).min() >= 15


def test_different_texts_are_different_groups() -> None:
    matrix = HashedNgrams(GramSettings(min_rows=1)).fit_transform(["no water since 6am", "the lamp is out", "ma carte d'identité", ""])
    assert len(set(alike_rows(matrix, 0).tolist())) == 4


def test_a_threshold_is_where_enough_are_right() -> None:
    confidence = np.linspace(0.99, 0.01, 200)
    labels = (np.arange(200) >= 100).astype(np.int64)
    floors = thresholds_for(0.8, np.zeros(200, dtype=np.int64), confidence, labels, ["zero", "one"])
    assert 0.3 < floors["zero"] < 0.5
    assert floors["one"] == 0.8, "never right on held-out rows: then confidence alone decides"


def test_rows_are_read_from_jsonl_and_csv_alike(tmp_path: Path) -> None:
    lines = tmp_path / "rows.jsonl"
    lines.write_text('{"text": "no light", "category": "lamps", "language": "en", "id": 7}\n\n{"text": "a\\nb", "category": "bins"}\n')
    table = tmp_path / "rows.csv"
    table.write_text('\ufefftext,category,language\nno light,lamps,en\n"a\nb",bins,\n', encoding="utf-8")
    wanted = [Example("no light", "lamps", "en"), Example("a\nb", "bins")]
    assert read_examples(lines) == wanted
    assert read_examples(table) == wanted


def test_a_row_may_have_several_right_categories(tmp_path: Path) -> None:
    lines = tmp_path / "rows.jsonl"
    lines.write_text('{"text": "it smells", "category": ["drains", "noise"]}')
    (row,) = read_examples(lines)
    assert (row.category, row.also) == ("drains", ("noise",))


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.jsonl", '{"text": "x", "category": "y"}\n{"text": "x"}', r"line 2: category is missing"),
        ("b.jsonl", '{"text": " ", "category": "y"}', r"line 1: text is missing or empty"),
        ("c.jsonl", "{", r"line 1: not JSON"),
        ("d.jsonl", "[1]", r"line 1: give an object"),
        ("e.jsonl", '{"text": 5, "category": "y"}', r"line 1: text must be text, not int"),
        ("f.csv", "text,label\nx,y\n", r"line 1: no column category"),
        ("g.csv", "text,category\nx,y\n,y\n", r"line 3: text is missing"),
        ("h.jsonl", "\n", r"no rows"),
        ("i.jsonl", '{"text": "x", "category": ["y", ""]}', r"line 1: category must be text, or a list"),
    ],
)
def test_a_bad_row_is_named_by_line_and_field(tmp_path: Path, name: str, content: str, complaint: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(UnreadableExamples, match=complaint):
        read_examples(tmp_path / name)


def test_a_file_that_is_not_there_or_not_utf8_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExamples, match="no such file"):
        read_examples(tmp_path / "gone.jsonl")
    (tmp_path / "latin.csv").write_bytes("text,category\ncafé,bins\n".encode("latin-1"))
    with pytest.raises(UnreadableExamples, match="not UTF-8"):
        read_examples(tmp_path / "latin.csv")
