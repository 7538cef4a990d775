"""The agency's own list of what people write about: whose desk it is, and by when an answer is promised."""

from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

DEFAULT = Path(__file__).with_name("taxonomy.yaml")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
ByLanguage = Annotated[dict[str, str], Field(min_length=1)]


class InvalidTaxonomy(ValueError):
    """The file can't be used; the message names the entry and the fix."""


class Category(BaseModel):
    """One kind of matter. `reply_within` is counted in calendar days until working hours are known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: ByLanguage
    description: ByLanguage = Field(default_factory=lambda: {"en": ""})
    department: Name
    reply_within: timedelta
    examples: dict[str, list[str]] = {}
    open311_code: str | None = None


class Taxonomy(BaseModel):
    """Categories and the departments they belong to. The department follows from the category, never from a second guess."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    departments: dict[Name, ByLanguage]
    categories: Annotated[dict[Name, Category], Field(min_length=2)]

    @model_validator(mode="after")
    def _departments_exist(self) -> "Taxonomy":
        for name, category in self.categories.items():
            if category.department not in self.departments:
                known = ", ".join(self.departments)
                raise ValueError(f"categories.{name}.department: there is no department {category.department!r}; use one of {known}")
        return self

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The categories in the order of the file."""
        return tuple(self.categories)

    def department_of(self, category: str) -> str:
        """Whose desk it is; a category that has left the taxonomy goes to the first department."""
        known = self.categories.get(category)
        return known.department if known else next(iter(self.departments))

    def due(self, category: str, received_at: datetime) -> datetime:
        """By when an answer is promised."""
        known = self.categories.get(category)
        return received_at + (known.reply_within if known else timedelta(days=10))

    def label(self, category: str, language: str = "en") -> str:
        """What people call it."""
        known = self.categories.get(category)
        return said_in(known.label, language) if known else category

    def department_label(self, department: str, language: str = "en") -> str:
        """What people call the department."""
        return said_in(self.departments[department], language) if department in self.departments else department


def said_in(words: dict[str, str], language: str) -> str:
    """The words in that language, or in English, or in whatever there is."""
    return words.get(language) or words.get("en") or next(iter(words.values()))


def parse(text: str, source: str = "the taxonomy") -> Taxonomy:
    """Reads YAML. Raises InvalidTaxonomy naming each entry at fault."""
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
    chosen = path or DEFAULT
    return parse(read_text(chosen), str(chosen))


def read_text(file: Path) -> str:
    """The file's text. Raises InvalidTaxonomy where there is none to read."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidTaxonomy(f"{file}: not UTF-8 at byte {error.start}; save it as UTF-8 first") from None
    except OSError as error:
        raise InvalidTaxonomy(f"{file} can't be read ({error.strerror}): give the taxonomy's YAML file") from None
