"""Decides whether messages are about one matter, why, and which group a new one joins. Pure."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5

GROUPS = UUID("7d6f0f0e-52c3-5d2b-9a53-0d6f3a9c1b11")

SAME_WORDS_WITHIN = timedelta(days=14)
SAME_PLACE_WITHIN = timedelta(hours=48)

Kind = Literal["words", "street", "spot", "person", "matter"]


@dataclass(frozen=True)
class Tie:
    """Why a message belongs to another: so much the same words, the same street, so many metres away; a person said so; or one matter."""

    kind: Kind
    like: UUID | None = None
    """The message that it resembles."""
    degree: float | None = None
    """The share of words that both have, or metres."""
    key: str = ""
    """The place that both name."""
    by: str = ""


_FIRMEST: Mapping[Kind, int] = {"person": 0, "words": 1, "spot": 2, "street": 3, "matter": 4}


def firmest(ties: Sequence[Tie]) -> Tie:
    """The tie that says most: the nearest words, then the nearest spot, then a street."""
    return min(ties, key=lambda tie: (_FIRMEST[tie.kind], (tie.degree or 0) * (-1 if tie.kind == "words" else 1)))


def is_close_in_time(tie: Tie, first: datetime, second: datetime) -> bool:
    """Whether two messages came close enough to each other to be about one matter."""
    return abs(first - second) <= (SAME_WORDS_WITHIN if tie.kind == "words" else SAME_PLACE_WITHIN)


def group_to_join(group_of: Mapping[UUID, UUID], ties: Sequence[Tie], left: set[UUID]) -> UUID | None:
    """The group that most of the tied messages are in, but for those that a person took it out of. None where there is none yet."""
    tied = (group_of.get(tie.like) for tie in ties if tie.like)
    groups = Counter(group for group in tied if group and group not in left)
    return max(groups, key=lambda group: (groups[group], group.int)) if groups else None


def sender_mark(group_id: UUID, contacts: Sequence[bytes]) -> str:
    """Stands for a sender within one group, so that whoever writes often counts once; nothing outside of the group has it."""
    return hashlib.blake2b(min(contacts), key=group_id.bytes, digest_size=8).hexdigest() if contacts else ""


def new_group(request_id: UUID) -> UUID:
    """The id of the group that begins with this message: the same where it begins twice."""
    return uuid5(GROUPS, str(request_id))
