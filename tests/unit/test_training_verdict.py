"""What is said of a model that was just trained: what it is worth, which labels look wrong, and what to do about either."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.triage.classification.doubtful_labels import doubtful_labels
from services.triage.classification.examples import Example, read_examples
from services.triage.classification.training import QUICK, train
from services.triage.classification.training_verdict import Verdict, verdict

WORDS = {
    "lamps": "lamp light bulb dark pole street evening flicker",
    "bins": "bin rubbish collection lid truck smell bag recycling",
    "pools": "pool swimming ticket water lane lesson coach shower",
    "dogs": "dog leash bark park owner bite kennel puppy",
}
FILLER = "please since monday again the my we is not and for a house number week office letter very good bad"


def rows_of(count: int, seed: int = 1, telling: int = 3) -> list[Example]:
    """Messages of four kinds, in turn; `telling` words of each say which."""
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        category = list(WORDS)[number % len(WORDS)]
        words = [*draw.choices(WORDS[category].split(), k=telling), *draw.choices(FILLER.split(), k=8)]
        draw.shuffle(words)
        rows.append(Example(" ".join(words), category, row=number + 2))
    return rows


def judged(rows: list[Example]) -> Verdict:
    return verdict(train(rows, recipe=QUICK).facts, rows, WORDS)


def test_wrong_labels_are_listed_by_row_with_what_they_look_like() -> None:
    rows = rows_of(400)
    planted = random.Random(2).sample(range(400), 16)
    names = list(WORDS)
    for at in planted:
        rows[at] = replace(rows[at], category=names[(names.index(rows[at].category) + 1) % 4])

    suspects = judged(rows).suspect

    listed = {suspect.row for suspect in suspects} & {at + 2 for at in planted}
    assert len(listed) >= 15
    assert len(suspects) <= 20
    for suspect in suspects:
        if suspect.row in listed:
            row = rows[(suspect.row or 0) - 2]
            assert suspect.label == row.category
            assert suspect.looks_like == names[(names.index(row.category) - 1) % 4]
            assert row.text.startswith(suspect.begins.removesuffix("…"))


def test_the_most_doubtful_twenty_are_listed_in_their_order() -> None:
    # Forty rows of the first category, each surer than the one before to be of the second, and forty that are.
    logits = np.array([[0.0, 3 + row / 10] for row in range(40)] + [[0.0, 3.0]] * 40)
    labels = np.repeat([0, 1], 40)
    doubts = doubtful_labels(logits, labels, ["lamps", "bins"])
    assert [doubt.row for doubt in doubts] == list(range(39, 19, -1))
    assert {(doubt.label, doubt.looks_like) for doubt in doubts} == {("lamps", "bins")}


def test_right_labels_are_hardly_doubted() -> None:
    assert len(judged(rows_of(400)).suspect) <= 2


def test_another_category_that_would_be_right_is_no_doubt() -> None:
    rows = rows_of(200)
    rows[0] = replace(rows[0], category="bins", also=("lamps",))
    rows[4] = replace(rows[4], category="bins")
    assert rows[4].row in [suspect.row for suspect in judged(rows).suspect]
    assert rows[0].row not in [suspect.row for suspect in judged(rows).suspect]


@pytest.mark.parametrize("seed", range(5))
def test_pure_noise_is_said_to_be_useless(seed: int) -> None:
    draw = random.Random(seed)
    rows = [replace(row, category=draw.choices(list(WORDS), weights=(6, 2, 1, 1))[0]) for row in rows_of(300, seed, telling=0)]
    worth = judged(rows)
    assert worth.worth == "useless"
    assert "has learnt nothing" in worth.as_text()
    assert worth.suspect == []


def test_a_model_that_is_seldom_sure_proposes() -> None:
    draw = random.Random(5)
    mixed = [replace(row, category=draw.choice([row.category, row.category, *WORDS])) for row in rows_of(400)]
    worth = judged(mixed)
    assert worth.worth == "proposes"
    assert "answers next to nothing by itself at 95%" in worth.summary()


def test_a_good_model_answers_and_says_how_much() -> None:
    worth = judged(rows_of(400))
    assert worth.worth == "answers"
    assert worth.summary().startswith(f"It answers {worth.coverage_at_95:.0%} by itself at 95%")
    assert worth.by_chance == pytest.approx(0.25, abs=0.01)


def test_the_pair_that_is_confused_most_comes_first() -> None:
    draw = random.Random(3)
    rows = [replace(row, category=draw.choice(["pools", "dogs"])) if row.category in ("pools", "dogs") else row for row in rows_of(400)]
    first = judged(rows).confused[0]
    assert (first.first, first.second, first.of) == ("dogs", "pools", 200)
    assert 60 < first.taken < 140


def test_a_category_with_few_rows_is_named_with_what_to_do() -> None:
    rows = [row for row in rows_of(200) if row.category != "dogs"]
    rows += [Example(f"the lamp and the light again {n}", "flicker") for n in range(7)]
    worth = judged(rows)
    (rare,) = worth.rare
    assert (rare.category, rare.rows) == ("flicker", 7)
    assert "- flicker: 7," in worth.as_text()
    assert "label 13 more at least" in worth.as_text()
    assert worth.not_in_taxonomy == ["flicker"]
    assert "taxonomy in use does not have 1 of its categories (flicker)" in worth.as_text()


def test_what_a_stranger_wrote_gives_the_terminal_no_command() -> None:
    rows = rows_of(200)
    rows[0] = replace(rows[0], text=f"\x1b[2J\x07{rows[0].text}\r\n{'x' * 500}", category="bins")
    begins = next(suspect.begins for suspect in judged(rows).suspect if suspect.row == 2)
    assert begins.isprintable()
    assert len(begins) <= 61


def test_labels_give_the_terminal_no_command() -> None:
    draw = random.Random(3)
    names = {"pools": "po\x1b[2Jols", "dogs": "do\u202egs\n- row 1: x", "flicker": "flic\x9b2Jker"}
    rows = [replace(row, category=draw.choice(["pools", "dogs"])) if row.category in ("pools", "dogs") else row for row in rows_of(400)]
    rows += [Example("the lamp and the light again", "flicker") for _ in range(7)]
    rows[0] = replace(rows[0], text="pool swimming ticket water lane", category="bins")
    worth = judged([replace(row, category=names.get(row.category, row.category)) for row in rows])
    lines = worth.as_text().splitlines()
    assert all(map(str.isprintable, lines))
    assert not [line for line in lines if line.startswith("- row 1:")]
    assert "po\x1b[2Jols" in worth.not_in_taxonomy, "programs get the label as it is"


def test_the_json_tells_the_same() -> None:
    worth = judged(rows_of(200))
    printed = json.loads(json.dumps(worth.as_json()))
    assert printed["summary"] == worth.summary()
    assert printed["coverage_at_95"] == worth.coverage_at_95
    assert printed["suspect"] == [vars(suspect) for suspect in worth.suspect]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    table, lines = tmp_path / "rows.csv", tmp_path / "rows.jsonl"
    table.write_text('text,category\n"two\n\nlines",a\n\n\none,b\n', encoding="utf-8")
    lines.write_text('{"text": "one", "category": "a"}\n\n{"text": "two", "category": "b"}\n', encoding="utf-8")
    assert [row.row for row in read_examples(table)] == [2, 5]
    assert [row.row for row in read_examples(lines)] == [1, 3]
