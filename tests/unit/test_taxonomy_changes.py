"""A new taxonomy: what is wrong with it, and what it changes."""

from datetime import timedelta
from typing import Any

import pytest

from services.domain.taxonomy import Category, InvalidTaxonomy, Taxonomy, load
from services.domain.taxonomy_changes import Moved, advice, compare, read, touched

GOOD = """
version: 1
departments:
  streets: {en: Streets}
  finance: {en: Finance}
categories:
  lamps:
    label: {en: Lamps}
    description: {en: Street lamps}
    department: streets
    reply_within: P10D
  taxes:
    label: {en: Taxes}
    description: {en: Local taxes}
    department: finance
    reply_within: P15D
"""


def category(name: str, department: str = "streets", **changes: Any) -> Category:
    values: dict[str, Any] = {
        "label": {"en": name},
        "description": {"en": name},
        "department": department,
        "reply_within": timedelta(days=10),
    }
    return Category(**values | changes)


def city(**categories: Category) -> Taxonomy:
    return Taxonomy(version=1, departments={"streets": {"en": "Streets"}, "finance": {"en": "Finance"}}, categories=categories)


BEFORE = city(lamps=category("Lamps"), taxes=category("Taxes", "finance"), pools=category("Pools"))


def test_the_same_file_changes_nothing() -> None:
    assert compare(BEFORE, BEFORE).nothing


def test_what_is_new_gone_or_in_other_words_must_be_trained_again() -> None:
    after = city(lamps=category("Lamps", description={"en": "Lights"}), taxes=BEFORE.categories["taxes"], bins=category("Bins"))
    changes = compare(BEFORE, after)
    assert (changes.added, changes.removed, changes.reworded) == (("bins",), ("pools",), ("lamps",))
    assert changes.retrain == ("bins", "lamps", "pools")


def test_another_desk_or_time_needs_no_training() -> None:
    after = city(
        lamps=category("Lamps", "finance"),
        taxes=category("Taxes", "finance", reply_within=timedelta(days=3)),
        pools=category("Pools", open311_code="P1"),
    )
    changes = compare(BEFORE, after)
    assert (changes.retrain, changes.moved) == ((), (Moved("lamps", "streets", "finance"),))
    assert (changes.promised, changes.codes) == (("taxes",), ("pools",))


def test_open_cases_are_touched_where_their_category_is_gone_or_on_another_desk() -> None:
    after = city(lamps=category("Lamps", "finance"), taxes=BEFORE.categories["taxes"])
    assert touched(compare(BEFORE, after), {"lamps": 4, "pools": 7, "taxes": 9}) == {"pools": 7, "lamps": 4}


def test_a_good_file_is_read() -> None:
    assert read(GOOD, "city.yaml").names == ("lamps", "taxes")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("  taxes:", "  lamps:"), "city.yaml, line 12: categories.lamps is there already, in line 7; give one of them another name"),
        (("{en: Taxes}", "{en: lamps}"), "city.yaml: lamps and taxes have the same label in en, 'lamps'"),
        (("P15D", "P0D"), "categories.taxes.reply_within: 0:00:00 is no time to answer in"),
        (("department: finance", "department: nobody"), "there is no department 'nobody'; use one of streets, finance"),
        (("P10D", "P10D\n    open311_code: '7'"), None),
        (("label: {en: Lamps}", "label: {en: Lamps"), "city.yaml is not YAML"),
        (("version: 1", "version: one"), "version: "),
    ],
)
def test_a_fault_is_told_with_its_place_and_the_fix(change: tuple[str, str], fault: str | None) -> None:
    text = GOOD.replace(*change, 1)
    if fault is None:
        read(text, "city.yaml")
        return
    with pytest.raises(InvalidTaxonomy) as refusal:
        read(text, "city.yaml")
    assert fault in str(refusal.value)


def test_one_open311_code_for_two_categories_is_a_fault() -> None:
    text = GOOD.replace("P10D", "P10D\n    open311_code: '7'").replace("P15D", "P15D\n    open311_code: '7'")
    with pytest.raises(InvalidTaxonomy, match="open311_code '7' is used by lamps and taxes"):
        read(text, "city.yaml")


def test_what_could_be_better_is_told_and_is_no_fault() -> None:
    half = city(lamps=category("Lamps", label={"en": "Lamps", "fr": "Lampadaires"}), taxes=category("Taxes"))
    assert [line.split(":")[0] for line in advice(half)] == [
        "departments.finance",
        "calendar",
        "emergencies.hotlines",
        "categories.lamps.description",
        "categories.taxes.label",
        "categories.taxes.description",
    ]
    assert advice(load()) == []
