"""What an agency tells the public about automation, as facts and as a record of the Algorithmic Transparency Recording Standard. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from pydantic import BaseModel

from schemas.drafting_switched import Mode, SwitchRule
from services.domain import drafting_switch
from services.domain.taxonomy import Taxonomy

FEWEST = 20
"""Below so many messages nothing is said of a language: neither how well it went nor that anybody wrote in it."""
OTHERS = "other"
WEEKS = 13

STANDARD = "Algorithmic Transparency Recording Standard"
STANDARD_VERSION = "3.0"
FIELDS: Mapping[str, tuple[str, ...]] = {
    "metadata": (
        "standard_version", "organisation_type", "function", "capability", "task", "tags", "date_of_completion", "date_updated",
        "title", "organisation_name", "phase", "region", "one_sentence_description",
    ),
    "tier_1": ("name", "description", "website_url", "contact_email"),
    "tier_2": (
        "organisation_or_department", "team", "senior_responsible_owner", "external_supplier_involvement", "external_supplier",
        "companies_house_number", "external_supplier_role", "procurement_procedure_type", "data_access_terms",
        "detailed_description", "scope", "benefit", "previous_process", "alternatives_considered",
        "process_integration", "provided_information", "frequency_and_scale_of_usage", "human_decisions_and_review",
        "required_training", "appeals_and_review",
        "system_architecture", "maintenance", "models",
        "model_name", "model_version", "model_task", "model_input", "model_output", "model_architecture", "model_performance",
        "datasets", "dataset_purposes",
        "source_data_name", "data_modality", "data_description", "data_quantities", "sensitive_attributes",
        "data_completeness_and_representativeness", "source_data_url", "data_collection", "data_cleaning", "data_sharing_agreements",
        "data_access_and_storage",
        "impact_assessment", "risks_and_mitigations",
    ),
}  # fmt: skip
"""The standard's own names, in its order; what says who or what in general stands once, as `phase`."""
MEASURED = frozenset(
    {"standard_version", "date_updated", "frequency_and_scale_of_usage", "models", "model_name", "model_version", "model_performance"}
)
"""What the running installation says of itself: an agency's file can't say otherwise."""
OWN = frozenset(name for names in FIELDS.values() for name in names) - MEASURED
"""What an agency's file may fill."""


class ByCategory(BaseModel):
    """What drafts replies to a category."""

    category: str
    label: str
    mode: Mode
    """What may draft at most: a model where one is configured."""
    letters: dict[str, Mode] = {}
    """Kinds of letters of it for which a rule says otherwise."""


class Sorting(BaseModel):
    """How often people left as it was what the classifier said, also where it was not sure. Messages in tens."""

    language: str
    messages: int
    sorted_again: float


class Drafts(BaseModel):
    """What people did with drafts of a language model; in tens."""

    language: str
    drafts: int
    unchanged: float
    edited: float
    rejected: float


class SolvedMatters(BaseModel):
    """How often citizens said by the link in a reply that it solved the matter. Answers in tens."""

    category: str
    label: str
    answers: int
    solved: float


class Facts(BaseModel):
    """What is true of the running installation, for one agency."""

    agency: str
    organisation: str
    contact: str
    categories: list[ByCategory]
    classifier: str
    """Its newest version that decided anything; empty: nothing lately."""
    model: str
    """The newest language model that drafted; empty: none lately."""
    instructions_version: str
    first: date
    last: date
    received: int | None
    """In tens; None where they were too few to tell."""
    sorting: list[Sorting]
    drafts: list[Drafts]
    solved: list[SolvedMatters] = []
    """Among those who answered."""
    fewest: int = FEWEST
    receipts: bool = False
    """Whether whoever writes gets a receipt, which is sent by itself."""


def address_of(public_url: str, agency: str) -> str:
    """Where the page is for everybody; empty where no public address is set."""
    return f"{public_url.rstrip('/')}/about/{agency}" if public_url else ""


def period(today: date) -> tuple[date, date]:
    """The first and the last day of what is told: whole weeks that are over, so that nobody watches a figure change by one message."""
    last = today - timedelta(days=today.weekday() + 1)
    return last - timedelta(days=7 * WEEKS - 1), last


def in_tens(count: int) -> int:
    """The number without its ones."""
    return count // 10 * 10


def by_category(rules: Sequence[SwitchRule], agency: str, taxonomy: Taxonomy, language: str) -> list[ByCategory]:
    """What the switch allows for each category now."""
    kinds = {rule.letter for rule in rules if rule.letter}
    lines = []
    for name in taxonomy.names:
        mode = drafting_switch.decide(rules, agency, name, None).mode
        others = {kind: drafting_switch.decide(rules, agency, name, kind).mode for kind in sorted(kinds)}
        otherwise: dict[str, Mode] = {str(kind): other for kind, other in others.items() if other != mode}
        lines.append(ByCategory(category=name, label=taxonomy.label(name, language), mode=mode, letters=otherwise))
    return lines


def sorting(counts: Iterable[tuple[str, str, str, int]]) -> list[Sorting]:
    """Of (language, category now, category of the classifier, cases) the share that people sorted otherwise, by language."""
    totals: dict[str, list[int]] = {}
    for language, now, classified, cases in counts:
        total = totals.setdefault(language or OTHERS, [0, 0])
        total[0] += cases
        total[1] += cases if now != classified else 0
    return [
        Sorting(language=language, messages=in_tens(judged), sorted_again=round(again / judged, 2))
        for language, (judged, again) in _enough(totals)
    ]


def drafts(counts: Iterable[tuple[str, str, int]]) -> list[Drafts]:
    """Of (language, kind of decision, cases) what became of drafts, by language."""
    kinds = ("approved", "edited", "rejected")
    totals: dict[str, list[int]] = {}
    for language, kind, cases in counts:
        if kind in kinds:
            total = totals.setdefault(language or OTHERS, [0, 0, 0, 0])
            total[0] += cases
            total[1 + kinds.index(kind)] += cases
    return [
        Drafts(
            language=language,
            drafts=in_tens(count),
            unchanged=round(unchanged / count, 2),
            edited=round(edited / count, 2),
            rejected=round(rejected / count, 2),
        )
        for language, (count, unchanged, edited, rejected) in _enough(totals)
    ]


def solved(counts: Iterable[tuple[str, int, int]], taxonomy: Taxonomy, language: str) -> list[SolvedMatters]:
    """Of (category, answers, of these solved) the share that says so, by category."""
    totals = {category or OTHERS: (answers, yes) for category, answers, yes in counts}
    return [
        SolvedMatters(
            category=name,
            label=taxonomy.label(name, language) if name in taxonomy.categories else "",
            answers=in_tens(answers),
            solved=round(yes / answers, 2),
        )
        for name, (answers, yes) in _enough(totals)
    ]


def _enough(totals: Mapping[str, Sequence[int]]) -> list[tuple[str, list[int]]]:
    """The languages with enough messages, the most first, and the rest together where those are enough."""
    large = {language: list(total) for language, total in totals.items() if total[0] >= FEWEST and language != OTHERS}
    rest = [total for language, total in totals.items() if language not in large]
    together = [sum(numbers) for numbers in zip(*rest, strict=True)]
    lines = sorted(large.items(), key=lambda line: (-line[1][0], line[0]))
    return [*lines, (OTHERS, together)] if together and together[0] >= FEWEST else lines


def record(facts: Facts, own: Mapping[str, str], address: str) -> dict[str, object]:
    """The record with the standard's fields. What only the agency can say and has not said is empty, and named under `missing`."""
    filled = {**_by_parvis(facts, address), **{name: words for name, words in own.items() if name in OWN and words}, **_measured(facts)}
    sections = {section: {name: filled.get(name, "") for name in names} for section, names in FIELDS.items()}
    return {
        "standard": STANDARD,
        **sections,
        "missing": [name for names in FIELDS.values() for name in names if not filled.get(name)],
        "crpa_l311_3_1": {
            "purpose": "To sort messages to the agency and to draft replies, which a person decides on.",
            "right": "Article L.311-3-1 of the French Code des relations entre le public et l'administration: whoever is concerned by an "
            "individual decision taken on the basis of algorithmic processing may ask the agency for the rules that define it and the main "
            "characteristics of its application.",
        },
        "installation": facts.model_dump(mode="json"),
    }


def _by_parvis(facts: Facts, address: str) -> dict[str, str]:
    return {
        "title": "Parvis",
        "name": "Parvis",
        "organisation_name": facts.organisation,
        "organisation_or_department": facts.organisation,
        "contact_email": facts.contact,
        "website_url": address,
        "one_sentence_description": "Sorts what citizens write to the agency and drafts replies; a named person decides on each of them.",
        "description": "Messages are sorted by what they are about and how urgent they are, and a reply is drafted from published "
        "answers, so "
        "that people answer sooner. Nothing is sent without the decision of a named person.",
        "detailed_description": "A classifier gives each message a category with a calibrated probability; where it is not sure, a person "
        "sorts. Rules look for danger, legal deadlines and wishes for a person. Personal details are replaced by placeholders. Passages of "
        "published answers are looked up, and a language model or a template drafts a reply from them. Code checks the draft and "
        "shows what "
        "it doubts to the person who decides.",
        "scope": "Messages of citizens to the agency. It decides on no right, benefit or duty, and sends nothing by itself.",
        "process_integration": "Its sorting orders the queue of the people who answer, and its draft is a proposal that they "
        "approve, change, "
        "reject or replace.",
        "provided_information": "Category, how sure it is and the words that weighed; urgency and why; a draft with the published passages "
        "that it quotes and the checks that failed.",
        "human_decisions_and_review": "A named person decides on every reply. They may sort otherwise, change or reject the "
        "draft, or write "
        "the reply themselves.",
        "appeals_and_review": "Citizens may object to automated handling in their own words or in the agency's form. Where the wish is "
        "recognised in English and French letters, and always where the form says so, no language model drafts the reply. "
        "They may ask the agency how their message was handled, and that a person look at it again.",
        "system_architecture": "Services that pass events through a log (Apache Kafka); only one of them talks to a language model, and it "
        "gets no identity of a citizen.",
        "model_task": "Classifier: the category of a message. Language model, where one is used: the draft of a reply.",
        "model_input": "The message without personal details; for a draft the published passages as well.",
        "model_output": "Classifier: a probability for each category. Language model: a letter, with the passages that it rests on.",
        "sensitive_attributes": "Names, addresses, e-mail addresses, telephone and account numbers and the like are hidden from the models "
        "where they are recognised.",
        "data_modality": "Text",
    }


def _measured(facts: Facts) -> dict[str, str]:
    period = f"{facts.first} to {facts.last}"
    models = [f"classifier {facts.classifier}"] if facts.classifier else []
    models += [f"language model {facts.model}"] if facts.model else []
    versions = [facts.classifier, *([f"instructions {facts.instructions_version}"] if facts.instructions_version else [])]
    results = [
        f"sorting, {s.language}: {s.sorted_again:.0%} of some {s.messages} sorted otherwise by people, unsure ones with them"
        for s in facts.sorting
    ]
    results += [
        f"drafts of a language model, {d.language}: of some {d.drafts} "
        f"{d.unchanged:.0%} accepted unchanged, {d.edited:.0%} edited, {d.rejected:.0%} rejected"
        for d in facts.drafts
    ]
    results += [
        f"replies, {s.category}: {s.solved:.0%} of some {s.answers} who answered say that it solved the matter" for s in facts.solved
    ]
    return {
        "standard_version": STANDARD_VERSION,
        "date_updated": facts.last.isoformat(),
        "frequency_and_scale_of_usage": f"some {facts.received} messages, {period}" if facts.received else "",
        "models": "; ".join(models),
        "model_name": "; ".join(models),
        "model_version": "; ".join(version for version in versions if version),
        "model_performance": f"{period}: {'; '.join(results)}" if results else "",
    }
