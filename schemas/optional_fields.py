"""Drops and reports invalid optional fields: one of these never refuses a message."""

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from schemas.invisible_characters import is_blank
from schemas.values import Prose, Value, without_gaps

MOST_NOTED = 50
ATTEMPTS = 5  # to take out parts of fields; whatever is at fault then goes as a whole
LONGEST_FIELD, LONGEST_VALUE = 200, 200

M = TypeVar("M")
Path = tuple[int | str, ...]


class DroppedField(Value):
    """Something that was sent and is not in the request: where it stood, why, and the words that it held."""

    field: Annotated[Prose, StringConstraints(max_length=LONGEST_FIELD)]
    message: Annotated[Prose, StringConstraints(max_length=500)]
    value: Annotated[Prose, StringConstraints(max_length=LONGEST_VALUE)] | None = None


def present(value: object) -> Any:  # noqa: ANN401 - JSON
    """The value without what is empty in it: null, blank text, and lists and objects that hold nothing. None where nothing is left."""
    if isinstance(value, str):
        return None if is_blank(value) else without_gaps(value)
    if isinstance(value, Mapping):
        return {name: part for name, sent in value.items() if (part := present(sent)) is not None} or None
    if isinstance(value, list):
        return [part for sent in value if (part := present(sent)) is not None] or None
    return value


def validated(
    sent: Mapping[str, Any],
    validate: Callable[[dict[str, Any]], M],
    *,
    required: Collection[str],
    prose: Collection[str],
    fixes: Mapping[str, str],
) -> M:
    """Builds the model from the fields that can be used; `dropped` lists the others. Text that is only too long is cut where it is `prose`.

    Raises pydantic's ValidationError where a required field is at fault.
    """
    value = {name: without_gaps(raw) if isinstance(raw, str) else raw for name, raw in sent.items()}
    noted: dict[str, DroppedField] = {}
    for attempt in itertools.count():
        value = {name: part for name, raw in value.items() if (part := raw if name in required else present(raw)) is not None}
        notes = [*_earlier(value.get("dropped")), *noted.values()][:MOST_NOTED]
        try:
            return validate({**value, "dropped": notes} if noted else value)
        except ValidationError as error:
            faults = [fault for fault in error.errors(include_url=False) if fault["loc"] and fault["loc"][0] not in required]
            if not faults:
                raise
            for field, note in _notes(faults, prose, fixes):
                noted.setdefault(field, note)
            if attempt < ATTEMPTS:
                _mend(value, faults, prose)
            else:
                value = {name: part for name, part in value.items() if name not in {fault["loc"][0] for fault in faults}}
    raise AssertionError


def _earlier(dropped: object) -> Sequence[Any]:
    return dropped if isinstance(dropped, list) else ()


def _notes(faults: Sequence[ErrorDetails], prose: Collection[str], fixes: Mapping[str, str]) -> Iterator[tuple[str, DroppedField]]:
    for fault in faults:
        path = _path(fault)
        if path[0] == "dropped":
            continue  # an earlier note is no part of the message
        message = fixes.get(str(path[-1]), fault["msg"].removeprefix("Value error, "))
        rejected = fault["input"]
        if fault["type"] == "missing":
            rejected = None
        elif most := _keeps(fault, prose):
            message, rejected = f"too long: only the first {most} are kept", None
        words = " ".join(itertools.islice(_words(rejected), MOST_NOTED))
        value = without_gaps(words[:LONGEST_VALUE]) or None
        field = ".".join(map(str, path))[:LONGEST_FIELD]
        yield field, DroppedField(field=field, message=message[:500], value=value)


def _words(value: object) -> Iterator[str]:
    """Every string in a dropped value, in whatever shape it came: a name in a list still is somebody's name."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _words(part)
    elif isinstance(value, str | float | int):
        yield str(value)[:LONGEST_VALUE]


def _mend(value: dict[str, Any], faults: Sequence[ErrorDetails], prose: Collection[str]) -> None:
    """Cuts what is too long and removes other faulty values: first from objects, then from the ends of lists, so that places stay true."""
    gone: set[Path] = set()
    for fault in faults:
        path = _path(fault)
        if most := _keeps(fault, prose):
            _cut(value, path, most)
        else:
            gone.add(path[:-1] if fault["type"] == "missing" else path)
    for path in gone:
        if isinstance(path[-1], str):
            _take_out(value, path)
    for path in sorted((path for path in gone if isinstance(path[-1], int)), key=lambda path: path[-1], reverse=True):
        _take_out(value, path)


def _path(fault: ErrorDetails) -> Path:
    # Of an object's name that is at fault, pydantic says so in a step of its own.
    return fault["loc"][:-1] if fault["loc"][-1] == "[key]" else fault["loc"]


def _keeps(fault: ErrorDetails, prose: Collection[str]) -> int | None:
    """How many items or characters stay of a value that is only too long; None where it has another fault."""
    if fault["type"] not in ("too_long", "string_too_long"):
        return None
    is_whole = isinstance(fault["input"], list | Mapping)
    return int(fault["ctx"]["max_length"]) if is_whole or ".".join(map(str, fault["loc"])) in prose else None


def _container(value: Any, path: Path) -> Any:  # noqa: ANN401 - JSON
    for step in path[:-1]:
        value = value[step]
    return value


def _cut(value: dict[str, Any], path: Path, most: int) -> None:
    container = _container(value, path)
    whole = container[path[-1]]
    if isinstance(whole, Mapping):
        container[path[-1]] = dict(list(whole.items())[:most])
    else:
        container[path[-1]] = (whole.strip() if isinstance(whole, str) else whole)[:most]


def _take_out(value: dict[str, Any], path: Path) -> None:
    try:
        del _container(value, path)[path[-1]]
    except (KeyError, IndexError, TypeError):
        # It stood inside something that has just gone, or the fault is with a whole that pydantic describes by parts.
        value.pop(str(path[0]), None)
