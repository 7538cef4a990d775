"""Two texts side by side."""

import pytest

from services.review.cases.page.classification_explanation import Piece
from services.review.cases.page.text_comparison import compare


def marked(pieces: list[Piece]) -> list[str]:
    return [piece.text.strip() for piece in pieces if piece.marked]


def test_the_words_that_differ_are_marked_on_the_side_that_has_them() -> None:
    compared = compare("It is repaired on Monday.\n\nYours", "It will be repaired on Friday.\n\nYours")
    assert marked(compared.left) == ["is", "Monday."]
    assert marked(compared.right) == ["will", "be", "Friday."]


def test_equal_texts_have_no_mark_and_an_empty_one_marks_all_of_the_other() -> None:
    assert not marked(compare("the same", "the same").left)
    assert marked(compare("", "all of it").right) == ["all of it"]


@pytest.mark.parametrize("left", ["a " * 30_000, "\n" * 60_000, "x" * 60_000, "a\n" * 30_000, " é́" * 15_000])
@pytest.mark.parametrize("right", ["b " * 30_000, "\n \n" * 20_000, ""])
def test_nothing_of_a_hostile_text_is_lost_or_takes_the_memory_of_all_pairs(left: str, right: str) -> None:
    compared = compare(left, right)
    assert "".join(piece.text for piece in compared.left) == left
    assert "".join(piece.text for piece in compared.right) == right
