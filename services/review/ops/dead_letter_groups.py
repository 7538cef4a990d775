"""Dead letters by cause: where they failed and with what error, with one to look at."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel


class _Letter(Protocol):
    @property
    def letter_id(self) -> UUID: ...
    @property
    def topic(self) -> str: ...
    @property
    def services(self) -> tuple[str, ...]: ...
    @property
    def error_type(self) -> str: ...
    @property
    def error_message(self) -> str: ...
    @property
    def first_failed_at(self) -> datetime: ...
    @property
    def last_failed_at(self) -> datetime: ...
    @property
    def replays(self) -> int: ...


class LetterGroup(BaseModel):
    """Records that failed alike. `most_replays`: how often one of them was sent again already, and failed again."""

    topic: str
    service: str
    error_type: str
    error_message: str
    count: int
    first_failed_at: datetime
    last_failed_at: datetime
    sample: UUID
    most_replays: int


_VARIABLE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|'[^']*'|\"[^\"]*\"|\d+")
"""What differs between messages of one cause: ids, what is quoted, numbers."""


def cause_of(letter: _Letter) -> tuple[str, str, str, str]:
    """The same of all that failed alike: topic, services, kind of error, and its words without what differs."""
    return letter.topic, ", ".join(letter.services), letter.error_type, _VARIABLE.sub("*", letter.error_message)[:200]


def grouped(letters: Iterable[_Letter]) -> list[LetterGroup]:
    """The largest first; the sample is the newest of each."""
    by_cause: dict[tuple[str, str, str, str], list[_Letter]] = {}
    for letter in letters:
        by_cause.setdefault(cause_of(letter), []).append(letter)
    groups = [_group(cause, alike) for cause, alike in by_cause.items()]
    return sorted(groups, key=lambda group: (-group.count, group.first_failed_at))


def _group(cause: tuple[str, str, str, str], alike: list[_Letter]) -> LetterGroup:
    newest = max(alike, key=lambda letter: letter.last_failed_at)
    return LetterGroup(
        topic=cause[0],
        service=cause[1],
        error_type=cause[2],
        error_message=newest.error_message,
        count=len(alike),
        first_failed_at=min(letter.first_failed_at for letter in alike),
        last_failed_at=newest.last_failed_at,
        sample=newest.letter_id,
        most_replays=max(letter.replays for letter in alike),
    )
