"""Says in words what a field has to be, by its JSON schema, and what kind of thing stands there instead, without a word of it. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from services.domain.phrases import Phrase

Schema = Mapping[str, Any]

PATTERNS: Mapping[str, str] = {
    r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$": Phrase("an agency's code: small letters, digits and hyphens, as belrive"),
    r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$": Phrase("a BCP 47 tag, as fr-FR"),
    r"^https?://[^\s\x00-\x1f]+$": Phrase("an http or https address without spaces"),
    r"^[0-9a-f]{64}$": Phrase("64 hexadecimal digits"),
}
FORMATS: Mapping[str, str] = {
    "uuid": Phrase("a UUID, as 6f9619ff-8b86-4011-b42d-00c04fc964ff"),
    "date-time": Phrase("a date and time with its offset, as 2026-03-02T08:00:00+01:00"),
    "date": Phrase("a date, as 2026-03-02"),
}
LONGEST_SHOWN = 80


def choices(schema: Schema) -> Sequence[object] | None:
    """What a field may be, where that is a list."""
    if "const" in schema:
        return [schema["const"]]
    values: Sequence[object] | None = schema.get("enum")
    return values


def expected(schema: Schema) -> str:  # noqa: PLR0911 - one return a type
    """What the field has to be. References are resolved, and null taken away, by whoever asks."""
    if (values := choices(schema)) is not None:
        return Phrase(f"one of {', '.join(map(json.dumps, values))}")  # quoted: these are no words of a language
    match schema.get("type"):
        case "string":
            return _text(schema)
        case "integer":
            return _whole_number(schema)
        case "number":
            return _number(schema)
        case "boolean":
            return Phrase("true or false")
        case "array":
            most = schema.get("maxItems")
            return Phrase("a list") if most is None else Phrase(f"a list of at most {most}")
        case "object":
            most = schema.get("maxProperties")
            return Phrase("an object") if most is None else Phrase(f"an object with at most {most} names")
        case _:
            return Phrase("any value")


def _text(schema: Schema) -> str:
    if "pattern" in schema:
        return PATTERNS.get(schema["pattern"]) or Phrase(f"text of the form {schema['pattern']}")
    if words := FORMATS.get(schema.get("format", "")):
        return words
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if most is None:
        return Phrase("text that is not empty") if least else Phrase("text")
    return Phrase(f"text of {least} to {most} characters") if least else Phrase(f"text of at most {most} characters")


def _whole_number(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if most is None:
        return Phrase("a whole number") if least is None else Phrase(f"a whole number of at least {least:g}")
    return Phrase(f"a whole number of at most {most:g}") if least is None else Phrase(f"a whole number from {least:g} to {most:g}")


def _number(schema: Schema) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if most is None:
        return Phrase("a number") if least is None else Phrase(f"a number of at least {least:g}")
    return Phrase(f"a number of at most {most:g}") if least is None else Phrase(f"a number from {least:g} to {most:g}")


def actual(value: object) -> str:  # noqa: PLR0911 - one return a type
    """What kind of thing a value is, and how large: nothing of what it says."""
    match value:
        case None:
            return Phrase("nothing (null)")
        case bool():
            return Phrase("true or false")
        case int() | float():
            return Phrase("a number")
        case "":
            return Phrase("empty text")
        case str():
            return Phrase(f"text of {len(value)} characters")
        case list():
            return Phrase(f"a list of {len(value)}")
        case _:
            return Phrase("an object")


def quoted(value: object) -> str:
    """The value itself, shortened: for who may read the record."""
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
