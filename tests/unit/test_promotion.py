"""What speaks against a candidate: no measured gain, somebody who loses, languages too far apart."""

import pytest

from services.triage.classification.champion_challenger import MARKS, marks_of, share_seen
from services.triage.classification.evaluation import Judged
from services.triage.classification.promotion_gate import Comparison, Demands, Pair, chance_of, compare, gap_of, reasons_against

KINDS = ("fines", "lamps", "pools")


def judged(*, right: bool, label: str = "fines", language: str = "en", answered: bool = False) -> Judged:
    return Judged(label, label if right else "pools", 0.9, answered, language)


def pairs(
    before: int,
    after: int,
    of: int,
    *,
    language: str = "en",
    label: str = "fines",
    channel: str = "web",
    source: str = "file",
    answered: bool = False,
) -> list[Pair]:
    """So many messages; the champion has the first `before` right, the candidate the first `after`."""
    return [
        Pair(
            channel,
            source,
            judged(right=n < before, label=label, language=language, answered=answered),
            judged(right=n < after, label=label, language=language, answered=answered),
        )
        for n in range(of)
    ]


def against(comparison: Comparison, **demands: float) -> list[str]:
    return reasons_against(comparison, Demands(**demands), knows=KINDS, asked=KINDS)


def test_a_clear_gain_that_costs_nobody_anything_is_let_through() -> None:
    assert against(compare([*pairs(60, 80, 100), *pairs(60, 78, 100, language="fr")])) == []


@pytest.mark.parametrize(("before", "after"), [(60, 60), (60, 59), (60, 63)], ids=["none", "a loss", "what chance shows"])
def test_without_a_measured_gain_nothing_changes(before: int, after: int) -> None:
    [reason] = against(compare(pairs(before, after, 100)))
    assert "no measured gain" in reason
    assert "100 held-out messages" in reason


def test_no_message_at_all_is_no_gain() -> None:
    assert "no measured gain" in against(compare([]))[0]


def test_chance_is_the_sign_test() -> None:
    assert chance_of(0, 0) == 1
    assert chance_of(5, 0) == pytest.approx(1 / 32)
    assert chance_of(1500, 1400) < 0.05


def test_a_language_that_loses_is_named() -> None:
    comparison = compare([*pairs(100, 180, 200), *pairs(20, 17, 25, language="fr")])
    assert any(reason.startswith("language fr loses 12.0%") for reason in against(comparison))
    assert not any(reason.startswith("language fr loses") for reason in against(comparison, margin=0.2))


@pytest.mark.parametrize(
    ("change", "named"),
    [({"label": "lamps"}, "category lamps"), ({"channel": "phone"}, "channel phone"), ({"source": "corrections"}, "source corrections")],
)
def test_whoever_loses_is_named(change: dict[str, str], named: str) -> None:
    reasons = against(compare([*pairs(100, 180, 200), *pairs(20, 10, 25, **change)]))  # type: ignore[arg-type]  # only texts are changed
    assert any(reason.startswith(f"{named} loses 40.0%") for reason in reasons)


def test_two_messages_more_or_less_are_nobodys_loss() -> None:
    comparison = compare([*pairs(100, 180, 200), *pairs(4, 2, 4, channel="letter")])
    assert not any("letter" in reason for reason in against(comparison))


def test_messages_taken_for_a_category_count_as_its_loss() -> None:
    taken = [Pair("web", "file", judged(right=True), Judged("fines", "lamps", 0.9, answered=False, language="en")) for _ in range(10)]
    assert compare(taken).by_category["lamps"].lost == 10


def test_languages_too_far_apart_are_refused_even_where_all_gain() -> None:
    comparison = compare([*pairs(50, 95, 100), *pairs(50, 80, 100, language="fr")])
    [reason] = against(comparison)
    assert reason.startswith("language fr is served 15.0% worse than en")
    assert against(comparison, gap=0.2) == []


def test_a_language_with_few_messages_is_not_compared() -> None:
    assert gap_of(compare([*pairs(50, 95, 100), *pairs(1, 1, 5, language="fr")]).candidate) is None


def test_more_wrong_answers_without_a_person_are_refused() -> None:
    cautious, bold = judged(right=True, answered=True), judged(right=False, answered=True)
    quiet = judged(right=False)
    comparison = compare([*[Pair("web", "file", quiet, bold)] * 40, *[Pair("web", "file", cautious, cautious)] * 60, *pairs(0, 50, 50)])
    assert any("without a person's sorting 60.0% is right, and was 100.0%" in reason for reason in against(comparison))


def test_a_model_of_other_categories_is_refused() -> None:
    reasons = reasons_against(compare(pairs(60, 80, 100)), Demands(), knows=("fines", "dragons"), asked=KINDS)
    assert reasons[:2] == ["it can say what the taxonomy does not have: dragons", "it can't say what the taxonomy has: lamps, pools"]


@pytest.mark.parametrize("size", [10, 5000], ids=["all can be told again", "a sample can be told again"])
def test_what_a_model_has_learnt_from_is_known_again(size: int) -> None:
    marks = marks_of(f"message  {n}" for n in range(size))
    assert len(marks) <= MARKS
    assert share_seen(marks, [f"Message {n}" for n in range(size)]) == 1
    assert share_seen(marks, [f"another {n}" for n in range(size)]) == 0
    assert share_seen(marks, []) == 0
