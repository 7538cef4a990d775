"""Compares two taxonomies: what changes for the classifier, for open cases, for the departments. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import yaml

from schemas.values import Urgency
from services.domain.emergency_contacts import Danger
from services.domain.taxonomy import Category, InvalidTaxonomy, Taxonomy, parse


@dataclass(frozen=True)
class Moved:
    """A category that belongs to another department now."""

    category: str
    before: str
    after: str


@dataclass(frozen=True)
class Changes:
    """The differences of two taxonomies, grouped by what follows from each."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    reworded: tuple[str, ...]
    """Their label, description or examples changed: what a model that learns from these words would learn is another thing."""
    moved: tuple[Moved, ...]
    promised: tuple[str, ...]
    """Another time to answer within."""
    codes: tuple[str, ...]
    """Another Open311 code: programs that use the old one are told it is not known."""
    departments_removed: tuple[str, ...]

    @property
    def retrain(self) -> tuple[str, ...]:
        """The categories that no model in use can know as they are now."""
        return tuple(sorted({*self.added, *self.removed, *self.reworded}))

    @property
    def nothing(self) -> bool:
        """Whether there is no difference."""
        return not (self.retrain or self.moved or self.promised or self.codes or self.departments_removed)


def compare(before: Taxonomy, after: Taxonomy) -> Changes:
    """The differences from one taxonomy to the next."""
    old, new = before.categories, after.categories
    both = [name for name in old if name in new]
    return Changes(
        added=tuple(name for name in new if name not in old),
        removed=tuple(name for name in old if name not in new),
        reworded=tuple(name for name in both if _words(old[name]) != _words(new[name])),
        moved=tuple(Moved(n, old[n].department, new[n].department) for n in both if old[n].department != new[n].department),
        promised=tuple(name for name in both if _promises(before, name) != _promises(after, name)),
        codes=tuple(name for name in both if old[name].open311_code != new[name].open311_code),
        departments_removed=tuple(name for name in before.departments if name not in after.departments),
    )


def touched(changes: Changes, open_cases: Mapping[str, int]) -> dict[str, int]:
    """Counts by category the open cases that lose their category or are with another department than a new case would be."""
    names = [*changes.removed, *(move.category for move in changes.moved)]
    return {name: open_cases[name] for name in names if open_cases.get(name)}


def read(text: str, source: str) -> Taxonomy:
    """Reads a taxonomy more strictly than a service does at its start. Raises InvalidTaxonomy with every fault, a line each."""
    faults = _said_twice(text, source)
    if faults:
        raise InvalidTaxonomy("\n".join(faults))
    taxonomy = parse(text, source)
    faults = [*_codes_twice(taxonomy), *_labels_twice(taxonomy), *_no_time(taxonomy)]
    if faults:
        raise InvalidTaxonomy("\n".join(f"{source}: {fault}" for fault in faults))
    return taxonomy


def advice(taxonomy: Taxonomy) -> list[str]:
    """Improvements of a valid taxonomy: sentences for whoever keeps the file."""
    languages = Counter(language for category in taxonomy.categories.values() for language in category.label)
    used = {category.department for category in taxonomy.categories.values()}
    hints = [f"departments.{name}: no category is on this desk" for name in taxonomy.departments if name not in used]
    if not taxonomy.calendar:
        hints.append(
            "calendar: none, so that promises run through nights, weekends and holidays; give time_zone, country, opens and closes"
        )
    missing = [danger.value for danger in Danger if danger not in taxonomy.emergencies.hotlines]
    if missing:
        hints.append(f"emergencies.hotlines: none for {', '.join(missing)}; a reply gives {taxonomy.emergencies.number} alone there")
    for name, category in taxonomy.categories.items():
        for language in languages:
            if language not in category.label:
                hints.append(f"categories.{name}.label: none in {language}, which other categories have")
            if not category.description.get(language):
                hints.append(
                    f"categories.{name}.description: none in {language}; a model learns the category from it while there are no messages"
                )
    return hints


def _promises(taxonomy: Taxonomy, category: str) -> tuple[object, ...]:
    return taxonomy.calendar, *(taxonomy.promise(category, urgency) for urgency in Urgency)


def _words(category: Category) -> tuple[object, ...]:
    return category.label, category.description, category.examples


def _said_twice(text: str, source: str) -> list[str]:
    """Keys that stand twice: YAML lets the last of two entries win without a word, and a category would be lost."""
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise InvalidTaxonomy(f"{source} is not YAML: {error}") from None
    except RecursionError:
        raise InvalidTaxonomy(f"{source}: lists in lists without an end; a taxonomy has five levels") from None
    faults: list[str] = []
    walked: set[int] = set()  # an alias is the node that it names, which may be the one it stands in

    def walk(node: yaml.Node | None, path: str) -> None:
        if id(node) in walked:
            return
        walked.add(id(node))
        if isinstance(node, yaml.MappingNode):
            first: dict[str, int] = {}
            for key, value in node.value:
                line, name = key.start_mark.line + 1, str(key.value)
                if name in first:
                    faults.append(
                        f"{source}, line {line}: {path}{name} is there already, in line {first[name]}; give one of them another name"
                    )
                first.setdefault(name, line)
                walk(value, f"{path}{name}.")
        elif isinstance(node, yaml.SequenceNode):
            for child in node.value:
                walk(child, path)

    walk(top, "")
    return faults


def _codes_twice(taxonomy: Taxonomy) -> list[str]:
    users: dict[str, list[str]] = defaultdict(list)
    for name, category in taxonomy.categories.items():
        if category.open311_code:
            users[category.open311_code].append(name)
    return [
        f"open311_code {code!r} is used by {' and '.join(names)}: a code names one category" for code, names in users.items() if names[1:]
    ]


def _labels_twice(taxonomy: Taxonomy) -> list[str]:
    users: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, category in taxonomy.categories.items():
        for language, label in category.label.items():
            users[language, label.strip().casefold()].append(name)
    return [
        f"{' and '.join(names)} have the same label in {language}, {label!r}: nobody could tell them apart"
        for (language, label), names in users.items()
        if names[1:]
    ]


def _no_time(taxonomy: Taxonomy) -> list[str]:
    promises = {f"categories.{name}.reply_within": category.reply_within for name, category in taxonomy.categories.items()}
    promises |= {f"reply_within.{name}": within for name, within in taxonomy.reply_within if within is not None}
    return [
        f"{entry}: {within} is no time to answer in; give one like P10D" for entry, within in promises.items() if within <= timedelta(0)
    ]
