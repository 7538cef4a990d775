"""Compares a JSON value with a JSON schema, as far as the schemas of our events go, and lists what differs, field by field. Pure."""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.review.ops.schema_words import Schema, choices, expected

MOST_STEPS = 20_000
"""Values that are looked at: the rest of a record that has more is not compared."""

DifferenceKind = Literal["missing", "unknown", "type", "form", "bounds"]
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Difference:
    """Where the value is not as the schema has it. `siblings`: the fields that the schema has where an unknown one stands."""

    path: Path
    kind: DifferenceKind
    expected: str = ""
    siblings: tuple[str, ...] = ()


def compared(value: object, schema: Schema, most: int) -> tuple[list[Difference], bool]:
    """The first differences, and whether these are all of them."""
    comparison = _Comparison(schema.get("$defs", {}), MOST_STEPS)
    differences: list[Difference] = []
    for difference in comparison.of(value, schema, ()):
        if len(differences) == most:
            return differences, False
        differences.append(difference)
    return differences, comparison.steps > 0


def field_name(step: str | int, names: Container[str] | None) -> str:
    """A step of a path as it may be shown: a name that none of our schemas has is `*`, unless all may be shown."""
    return str(step) if isinstance(step, int) or names is None or step in names else "*"


class _Comparison:
    def __init__(self, definitions: Mapping[str, Schema], steps: int) -> None:
        self._definitions = definitions
        self.steps = steps

    def of(self, value: object, schema: Schema, path: Path) -> Iterator[Difference]:
        """What differs in the value and below it."""
        self.steps -= 1
        if self.steps <= 0:
            return
        schema, nullable = self._plain(schema)
        if value is None and nullable:
            return
        if not _has_type(value, schema.get("type")):
            yield Difference(path, "type", expected(schema))
        elif kind := _fault_of(value, schema):
            yield Difference(path, kind, expected(schema))
        if isinstance(value, Mapping) and schema.get("type") == "object":
            yield from self._object(value, schema, path)
        if isinstance(value, list) and isinstance(items := schema.get("items"), Mapping):
            for place, item in enumerate(value[: schema.get("maxItems")]):
                yield from self.of(item, items, (*path, place))

    def _object(self, value: Mapping[str, object], schema: Schema, path: Path) -> Iterator[Difference]:
        fields: Mapping[str, Schema] = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name not in value:
                yield Difference((*path, name), "missing", expected(self._plain(fields[name])[0]))
        others = schema.get("additionalProperties")
        for name, part in value.items():
            if name in fields:
                yield from self.of(part, fields[name], (*path, name))
            elif isinstance(others, Mapping):
                yield from self.of(part, others, (*path, name))
            else:
                yield Difference((*path, name), "unknown", siblings=tuple(fields))
            if self.steps <= 0:
                return

    def _plain(self, schema: Schema) -> tuple[Schema, bool]:
        """The schema without references and without null, and whether null was one of its branches."""
        nullable = False
        while "$ref" in schema or "anyOf" in schema:
            if "$ref" in schema:
                schema = self._definitions[schema["$ref"].rpartition("/")[2]]
            else:
                branches = [branch for branch in schema["anyOf"] if branch.get("type") != "null"]
                nullable |= len(branches) < len(schema["anyOf"])
                schema = branches[0]
        return schema, nullable


_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str, "integer": (int, float), "number": (int, float), "boolean": bool, "array": list, "object": Mapping,
}  # fmt: skip


def _has_type(value: object, name: str | None) -> bool:
    if name is None or name not in _TYPES:
        return True
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name]) and (name != "integer" or not isinstance(value, float) or value.is_integer())


def _fault_of(value: object, schema: Schema) -> DifferenceKind | None:
    if (values := choices(schema)) is not None:
        return None if value in values else "form"
    if isinstance(value, str):
        return _fault_of_text(value, schema)
    if isinstance(value, int | float):
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        return None if least <= value <= most else "bounds"
    most = schema.get("maxItems", schema.get("maxProperties"))
    too_many = most is not None and isinstance(value, list | Mapping) and len(value) > most
    return "bounds" if too_many else None


def _fault_of_text(text: str, schema: Schema) -> DifferenceKind | None:
    if not schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text)):
        return "bounds"
    if "pattern" in schema and not re.search(schema["pattern"], text):
        return "form"
    return None if _has_form(text, schema.get("format")) else "form"


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)")
LONGEST_FORMATTED = 64


def _has_form(text: str, name: str | None) -> bool:
    if name is None:
        return True
    if len(text) > LONGEST_FORMATTED:
        return False
    try:
        match name:
            case "uuid":
                UUID(text)
            case "date":
                date.fromisoformat(text)
            case "date-time":
                datetime.fromisoformat(text.upper())
                return _MOMENT.fullmatch(text) is not None
    except ValueError:
        return False
    return True
