"""Reads the fields of a rule that a person makes: an empty one or `*` is any. Raises InvalidInput naming the field and the fix. Pure."""

from collections.abc import Collection

from pydantic import TypeAdapter, ValidationError

from schemas import invisible_characters
from schemas.values import AgencySlug
from services.runtime.errors import InvalidInput

MOST_REASON = 500

_SLUG: TypeAdapter[str] = TypeAdapter(AgencySlug)


def named(value: str | None) -> str | None:
    """What the field names, or nothing for any."""
    cleaned = (value or "").strip()
    return None if cleaned in ("", "*") else cleaned


def agency(value: str | None) -> str | None:
    """The agency's code, or nothing for any."""
    slug = named(value)
    try:
        return slug if slug is None else _SLUG.validate_python(slug)
    except ValidationError:
        raise InvalidInput(f"agency: {slug!r} is no agency's code: lower-case letters, digits and dashes", field="agency") from None


def category(value: str | None, categories: Collection[str]) -> str | None:
    """One of the categories, or nothing for any."""
    name = named(value)
    if name is not None and name not in categories:
        raise InvalidInput(f"category: there is no {name!r}; use one of {', '.join(categories)}", field="category")
    return name


def reason(text: str, where_it_is_read: str) -> str:
    """Why the rule is made, on one line of at most MOST_REASON characters."""
    cleaned = invisible_characters.one_line(text).strip()
    if invisible_characters.is_blank(cleaned):
        raise InvalidInput(f"why: say why, in a few words: {where_it_is_read}", field="why")
    if len(cleaned) > MOST_REASON:
        raise InvalidInput(f"why: at most {MOST_REASON} characters, this has {len(cleaned)}", field="why")
    return cleaned
