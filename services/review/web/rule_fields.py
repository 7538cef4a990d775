"""Reads the fields of a rule that a person makes: an empty one or `*` is any. Raises InvalidInput naming the field and the fix. Pure."""

from collections.abc import Collection

from schemas import invisible_characters
from schemas.values import is_agency_slug
from services.runtime.errors import InvalidInput

MOST_REASON = 500


def named(value: str | None) -> str | None:
    """What the field names, or nothing for any."""
    cleaned = (value or "").strip()
    return None if cleaned in ("", "*") else cleaned


def agency(value: str | None) -> str | None:
    """The agency's code, or nothing for any."""
    slug = named(value)
    if slug is not None and not is_agency_slug(slug):
        raise InvalidInput(f"agency: {slug!r} is no agency's code: lower-case letters, digits and dashes", field="agency")
    return slug


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
