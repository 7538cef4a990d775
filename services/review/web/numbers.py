"""Numbers as the reader writes them: "1,234.5", "1\u202f234,5"."""

from babel.numbers import format_decimal
from babel.units import format_unit

from services.review.web.translation import reader

STEPS = ((10**9, "gigabyte"), (10**6, "megabyte"), (10**3, "kilobyte"), (1, "byte"))


def decimal(value: float, digits: int = 0, least: int | None = None) -> str:
    """The number, rounded to so many digits behind its comma; zeros at their end stay, as far as there must be at `least` so many."""
    kept = digits if least is None else least
    return format_decimal(value, format="#,##0." + "0" * kept + "#" * (digits - kept) if digits else "#,##0", locale=reader().language)


def size(of_bytes: int) -> str:
    """How large a file is, in the largest unit that it fills."""
    amount, unit = next((step for step in STEPS if of_bytes >= step[0]), STEPS[-1])
    return format_unit(of_bytes / amount, f"digital-{unit}", length="short", format="#,##0.#", locale=reader().language)
