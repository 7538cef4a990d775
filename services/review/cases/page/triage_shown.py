"""How a case was sorted, as its page shows it: what spoke for another category or urgency is no reason for this one. Pure."""

from collections.abc import Mapping, Sequence

from schemas.requests_triaged import RequestTriaged
from schemas.values import Urgency
from services.domain import placeholders
from services.domain.taxonomy import Taxonomy
from services.review.audit.store import Entry
from services.review.cases.case_state import Case
from services.review.cases.page.case_view import Alternative, Sorted
from services.review.people.rules import Person
from services.review.web.translation import reader

SORTING = frozenset({"correct", "forward", "split off"})
"""The entries of the log by which a person sorts a case."""
MOST_TERMS = 8


def triage_shown(case: Case, history: Sequence[Entry], names: Mapping[str, str], person: Person, taxonomy: Taxonomy) -> Sorted | None:
    """The triage as people may have corrected it; None of what triage has not seen."""
    triage = case.triage
    if not triage:
        return None
    category, department = case.category or triage.category, case.department or triage.department
    # Whoever sees the case sees the message: where the danger is must not be hidden from them.
    signals = [signal.model_copy(update={"words": placeholders.restore(signal.words, case.details)}) for signal in triage.signals]
    as_classified, as_urgent = category == triage.category, case.urgency == triage.urgency
    sorter = next((entry.actor for entry in reversed(history) if entry.action in SORTING), "") if case.sorted_by_person else ""
    return Sorted(
        category=category,
        category_label=taxonomy.label(category, reader().language),
        confidence=triage.confidence,
        department=department,
        department_label=taxonomy.department_label(department, reader().language),
        urgency=case.urgency,
        urgency_reasons=[placeholders.restore(reason, case.details) for reason in triage.urgency_reasons] if as_urgent else [],
        urgency_without_danger=_without_danger(triage) if case.perhaps_in_danger else None,
        signals=signals,
        alternatives=_alternatives(triage, category, taxonomy),
        terms=sorted(triage.explanation, key=lambda term: -abs(term.weight))[:MOST_TERMS] if as_classified else [],
        by_words=taxonomy.label(triage.category_by_words, reader().language) if as_classified and triage.category_by_words else "",
        by_person=case.sorted_by_person,
        by_you=sorter == person.email,
        sorter=names.get(sorter, sorter),
        language=triage.language.code,
        letter=triage.letter,
        letter_sure=triage.letter_sure,
    )


def _without_danger(triage: RequestTriaged) -> Urgency:
    """As urgent as its other reasons say: each sign of danger is one reason."""
    signs = sum(signal.kind == "risk_of_harm" for signal in triage.signals)
    return Urgency.HIGH if len(triage.urgency_reasons) > signs else Urgency.NORMAL


def _alternatives(triage: RequestTriaged, category: str, taxonomy: Taxonomy) -> list[Alternative]:
    """What else the classifier held for possible; its own category first, once a person has chosen another."""
    possible = [(triage.category, triage.confidence), *((other.category, other.probability) for other in triage.alternatives)]
    return [
        Alternative(category=name, label=taxonomy.label(name, reader().language), probability=probability)
        for name, probability in dict(possible).items()
        if name != category and name in taxonomy.categories
    ]
