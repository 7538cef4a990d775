"""The share of replies that solved the matter, among those whose citizens answered. Pure."""

from collections.abc import Iterable

from pydantic import BaseModel

FEWEST = 20
"""Answers below which no share is told: one citizen more would change it, and might be known by it."""


class Solved(BaseModel):
    """`share` of so many `answers` say that the matter is solved."""

    category: str
    answers: int
    share: float


def by_category(counts: Iterable[tuple[str, int, int]]) -> list[Solved]:
    """Of (category, answers, of these solved) the categories with enough answers, the most first."""
    enough = [
        Solved(category=category, answers=answers, share=solved / answers) for category, answers, solved in counts if answers >= FEWEST
    ]
    return sorted(enough, key=lambda line: (-line.answers, line.category))


def all_together(counts: Iterable[tuple[str, int, int]]) -> Solved | None:
    """All categories as one; None where they have too few answers."""
    rows = list(counts)
    whole = by_category([("", sum(row[1] for row in rows), sum(row[2] for row in rows))])
    return whole[0] if whole else None
