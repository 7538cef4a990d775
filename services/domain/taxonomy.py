"""Reads the agency's list of what people write about: categories, the department of each, and by when an answer is promised."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from schemas.values import Urgency
from services.domain.emergency_contacts import ByLanguage, Emergencies
from services.domain.working_time import LONGEST_PROMISE, Calendar

DEFAULT = Path(__file__).with_name("taxonomy.yaml")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]


Promise = Annotated[timedelta, Field(le=LONGEST_PROMISE)]
DEFAULT_PROMISE = timedelta(days=10)


class InvalidTaxonomy(ValueError):
    """The file can't be used; the message names the entry and the fix."""


class Category(BaseModel):
    """One kind of matter. `reply_within` is working time where the file has a calendar, and calendar time otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: ByLanguage
    description: ByLanguage = Field(default_factory=lambda: {"en": ""})
    department: Name
    reply_within: Promise
    examples: dict[str, list[str]] = {}
    open311_code: str | None = None


class Promises(BaseModel):
    """The longest that anybody waits, by urgency, whatever the category promises. An emergency's hours run day and night."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    emergency: Promise = timedelta(hours=2)
    high: Promise = timedelta(hours=4)
    normal: Promise | None = None
    low: Promise | None = None


class Presets(BaseModel):
    """Common reasons, each pressed at once in place of being written. A reason to reject is read as a wish for the next draft."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reject: Annotated[list[ByLanguage], Field(min_length=1, max_length=9)] | None = None
    close: Annotated[list[ByLanguage], Field(min_length=1, max_length=9)] | None = None


class Taxonomy(BaseModel):
    """Categories and the departments they belong to. The department follows from the category, never from a second guess."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    departments: dict[Name, ByLanguage]
    categories: Annotated[dict[Name, Category], Field(min_length=2)]
    reply_within: Promises = Promises()
    look_within: Promise = timedelta(hours=1)
    """Within which a person looks at what may tell of danger, day and night: it is no promise of an answer."""
    calendar: Calendar | None = None
    emergencies: Emergencies = Emergencies()
    presets: Presets = Presets()

    @model_validator(mode="after")
    def _departments_exist(self) -> "Taxonomy":
        for name, category in self.categories.items():
            if category.department not in self.departments:
                departments = ", ".join(self.departments)
                raise ValueError(f"categories.{name}.department: there is no department {category.department!r}; use one of {departments}")
        return self

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The categories in the order of the file."""
        return tuple(self.categories)

    @property
    def fallback(self) -> str:
        """The category of a message of which nothing is known: `other` where the agency has one, else the first of the file."""
        return "other" if "other" in self.categories else self.names[0]

    def department_of(self, category: str) -> str:
        """The category's department; a category that has left the taxonomy goes to the first department."""
        entry = self.categories.get(category)
        return entry.department if entry else next(iter(self.departments))

    def promise(self, category: str, urgency: Urgency) -> timedelta:
        """Within how much time an answer is promised: the category's, or less where it is urgent."""
        entry = self.categories.get(category)
        promised = entry.reply_within if entry else DEFAULT_PROMISE
        longest: timedelta | None = getattr(self.reply_within, urgency.value)
        return promised if longest is None else min(promised, longest)

    def due(self, category: str, urgency: Urgency, received_at: datetime) -> datetime:
        """By when an answer is promised. An emergency does not wait for an office to open."""
        within = self.promise(category, urgency)
        if urgency is Urgency.EMERGENCY or not self.calendar:
            return received_at + within
        return self.calendar.due(received_at, within)

    @property
    def zone(self) -> tzinfo:
        """Where the agency is; UTC where the file has no calendar."""
        return ZoneInfo(self.calendar.time_zone) if self.calendar else UTC

    def day(self, moment: datetime) -> date:
        """The day that it is then where the agency is."""
        return moment.astimezone(self.zone).date()

    def midnight(self, moment: datetime) -> datetime:
        """The moment at which that day began."""
        return self.begins(self.day(moment))

    def begins(self, day: date) -> datetime:
        """The moment at which a day begins."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def reject_reasons(self, language: str = "en") -> list[str]:
        """The common reasons to reject a draft: the agency's own, or the sample city's."""
        return [said_in(reason, language) for reason in self.presets.reject or _sample_presets().reject or []]

    def close_reasons(self, language: str = "en") -> list[str]:
        """The common reasons to close a case without a reply."""
        return [said_in(reason, language) for reason in self.presets.close or _sample_presets().close or []]

    def label(self, category: str, language: str = "en") -> str:
        """The category's name for people."""
        entry = self.categories.get(category)
        return said_in(entry.label, language) if entry else category

    def department_label(self, department: str, language: str = "en") -> str:
        """The department's name for people."""
        return said_in(self.departments[department], language) if department in self.departments else department


@cache
def _sample_presets() -> Presets:
    return load().presets


def said_in(words: dict[str, str], language: str) -> str:
    """The words in that language, or in English, or in whatever there is."""
    return words.get(language) or words.get("en") or next(iter(words.values()))


def parse(text: str, source: str = "the taxonomy") -> Taxonomy:
    """Reads YAML, and whether the calendar's public holidays are known. Raises InvalidTaxonomy naming each entry at fault."""
    taxonomy = _read(text, source)
    try:
        if taxonomy.calendar:
            _ = taxonomy.calendar.is_holiday
    except ValueError as error:
        raise InvalidTaxonomy(f"{source}: calendar: {error}") from None
    return taxonomy


@lru_cache(maxsize=4)
def _read(text: str, source: str) -> Taxonomy:
    try:
        return Taxonomy.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise InvalidTaxonomy(f"{source} is not YAML: {error}") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise InvalidTaxonomy(f"{source}: {faults}") from None
    except (ValueError, RecursionError) as error:  # a date that is none, or lists in lists without an end
        raise InvalidTaxonomy(f"{source} can't be read: {error}") from None


def load(path: Path | None = None) -> Taxonomy:
    """The agency's file, or the sample city's. Raises InvalidTaxonomy where it can't be used."""
    if path:
        return parse(read_text(path), str(path))
    # Its holidays are loaded where a due date is asked for: a test has looked whether they are known.
    return _read(read_text(DEFAULT), str(DEFAULT))


def read_text(file: Path) -> str:
    """The file's text. Raises InvalidTaxonomy where there is none to read."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidTaxonomy(f"{file}: not UTF-8 at byte {error.start}; save it as UTF-8 first") from None
    except OSError as error:
        raise InvalidTaxonomy(f"{file} can't be read ({error.strerror}): give the taxonomy's YAML file") from None


def changed_at(path: Path | None = None) -> datetime:
    """When that file was last changed. Raises InvalidTaxonomy where there is none."""
    chosen = path or DEFAULT
    try:
        return datetime.fromtimestamp(chosen.stat().st_mtime, UTC)
    except OSError as error:
        raise InvalidTaxonomy(f"{chosen} can't be read ({error.strerror}): give the taxonomy's YAML file") from None
