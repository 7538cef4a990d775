"""Compares the record of a dead letter with the published schema of its topic: which field is at fault, and what to do. Pure.

Nothing of the record is in what comes out, unless it is asked for: values are a citizen's, and so may be names that no schema has.
"""

import base64
import difflib
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from schemas import requests_received
from schemas.dead_letters import DeadLetter
from schemas.topics import TOPICS
from services.domain.phrases import Phrase
from services.review.ops.schema_comparison import Difference, DifferenceKind, Path, compared, field_name
from services.review.ops.schema_words import actual, quoted
from services.runtime.errors import InvalidRecord
from services.runtime.kafka_records import as_text, field_names, read_json

MOST_FAULTS = 20

_KINDS: Mapping[str, DifferenceKind] = {"missing": "missing", "too_long": "bounds", "too_short": "bounds"}
"""What pydantic calls it, where its name does not say so itself."""


class Fault(BaseModel):
    """A field that is not as the schema has it. `stops`: for this the record was not taken; without it, it is passed over.

    `near`: the field of the schema that an unknown one may be meant for. A name that no schema has is `*`.
    """

    field: str
    kind: DifferenceKind
    expected: str = ""
    actual: str = ""
    near: str = ""
    stops: bool = True


class LetterDiff(BaseModel):
    """`problem`: why the record can't be read at all. `more`: not all faults are listed."""

    problem: str = ""
    faults: list[Fault] = []
    more: bool = False
    todo: list[str] = []


def diff_of(letter: DeadLetter, *, with_values: bool = False) -> LetterDiff:
    """The letter's record against the schema; with the values that are at fault for who may read the record."""
    if letter.value is None:
        return LetterDiff(
            problem=Phrase("nothing of the record is kept: it was empty, or too large, and the error says which"), todo=[_NOT_KEPT]
        )
    try:
        record = read_json(base64.b64decode(letter.value, validate=True))
    except ValueError:  # what has letters that base64 has not is no binascii.Error
        return LetterDiff(problem=Phrase("what was kept of the record is no base64"), todo=[_DISCARD])
    except InvalidRecord as error:
        return LetterDiff(problem=error.detail, todo=[_NOT_JSON])
    topic = next((topic for topic in TOPICS if topic.name == letter.topic), None)
    if topic is None:
        return LetterDiff(todo=[Phrase("This release does not know the topic: upgrade, then replay it.")])
    differences, whole = compared(record, _schema(topic.name), MOST_FAULTS)
    refused = _refused(record, topic.model)
    faults = [_fault(record, difference, refused, with_values=with_values) for difference in differences]
    named = {fault.field for fault in faults}
    faults += [
        Fault(
            field=_shown(path, with_values=with_values),
            kind=_kind_of(kind),
            expected=message.removeprefix("Value error, "),
            actual="" if kind == "missing" else _says(record, path, with_values=with_values),
        )
        for path, (kind, message) in refused.items()
        if _shown(path, with_values=with_values) not in named
    ]
    faults.sort(key=lambda fault: not fault.stops)
    shown = faults[:MOST_FAULTS]
    return LetterDiff(faults=shown, more=not whole or len(faults) > len(shown), todo=_todo(letter, shown))


@cache
def _schema(topic: str) -> Mapping[str, Any]:
    """As `parvis schemas export` writes it."""
    return next(each.model.model_json_schema() for each in TOPICS if each.name == topic)


def _refused(record: object, model: type[BaseModel]) -> dict[Path, tuple[str, str]]:
    """What the reader itself refuses: kind and words by the field's path. Empty where it takes the record."""
    try:
        model.model_validate(record)
    except ValidationError as error:
        errors = error.errors(include_input=False, include_url=False)[:MOST_FAULTS]
        return {_within(record, fault["loc"]): (fault["type"], fault["msg"]) for fault in errors}
    return {}


def _within(record: object, loc: Path) -> Path:
    """The path without what names a branch of a type and no place in the record; the last step may be missing there."""
    path: list[str | int] = []
    for number, step in enumerate(loc):
        if isinstance(record, Mapping) and (step in record or number == len(loc) - 1):
            path.append(step)
            record = record.get(str(step))
        elif isinstance(record, list) and isinstance(step, int) and step < len(record):
            path.append(step)
            record = record[step]
    return tuple(path)


def _at(record: object, path: Path) -> object:
    for step in path:
        record = (
            record[step]
            if isinstance(record, list) and isinstance(step, int)
            else record.get(step)
            if isinstance(record, Mapping)
            else None
        )
    return record


def _says(record: object, path: Path, *, with_values: bool) -> str:
    value = _at(record, path)
    return quoted(value) if with_values else actual(value)


def _fault(record: object, difference: Difference, refused: Mapping[Path, tuple[str, str]], *, with_values: bool) -> Fault:
    stops = any(path[: len(difference.path)] == difference.path or difference.path[: len(path)] == path for path in refused)
    unknown = difference.kind == "unknown"
    return Fault(
        field=_shown(difference.path, with_values=with_values),
        kind=difference.kind,
        expected=difference.expected,
        actual="" if difference.kind == "missing" or unknown else _says(record, difference.path, with_values=with_values),
        near=_near(str(difference.path[-1]), difference.siblings) if unknown else "",
        stops=stops and not unknown,
    )


def _shown(path: Path, *, with_values: bool) -> str:
    return ".".join(field_name(step, None if with_values else field_names()) for step in path)


def _near(name: str, siblings: tuple[str, ...]) -> str:
    return next(iter(difflib.get_close_matches(name[:64].lower().replace("-", "_"), siblings, n=1, cutoff=0.75)), "")


def _kind_of(kind: str) -> DifferenceKind:
    if kind in _KINDS:
        return _KINDS[kind]
    return "type" if kind.endswith(("_type", "_parsing")) else "bounds" if kind.endswith(("_than", "_equal", "_short", "_long")) else "form"


_NOT_JSON = Phrase("Have the publisher send one JSON object in UTF-8. As it is it fails again: put it right with --value, or discard it.")
_NOT_KEPT = Phrase("Have the publisher mend what the error says and send it again; then discard this one.")
_DISCARD = Phrase("Discard it: nothing of it can be read.")
_VERSION = re.compile(r"(parvis\.[a-z.-]{1,60})\.v(\d{1,4})")


def _todo(letter: DeadLetter, faults: list[Fault]) -> list[str]:
    todo: list[str] = []
    if newer := _newer_version(letter):
        todo.append(Phrase(f"The record says that it is {newer}, and this release reads {letter.topic}: upgrade, then replay it."))
    stopping = [fault for fault in faults if fault.stops]
    if stopping and letter.topic == requests_received.TOPIC:
        todo.append(Phrase("Have the publisher mend what stops it and send it again; or put it right yourself: replay it with --value."))
    elif stopping:
        todo.append(Phrase("A service of Parvis writes this topic: bring all of them to the same release, then replay it."))
    if stopping and not newer and any(fault.kind == "unknown" for fault in faults):
        todo.append(Phrase("Where its publisher is of a newer release than this one: upgrade, then replay it."))
    if not stopping and not newer:
        todo.append(Phrase("It fits the schema: mend the cause that the error names, then replay it."))
    return todo


def _newer_version(letter: DeadLetter) -> str:
    """The type that its header names, where that is a later version of the topic's."""
    types = [header.value for header in letter.headers if header.key == "ce_type"]
    try:
        kind = as_text([("ce_type", base64.b64decode(types[0] or "", validate=True))])["ce_type"] if types else ""
    except ValueError:
        return ""
    of_record, of_topic = _VERSION.fullmatch(kind), _VERSION.fullmatch(letter.topic)
    later = of_record and of_topic and of_record[1] == of_topic[1] and int(of_record[2]) > int(of_topic[2])
    return kind if later else ""
