"""Verifies the log against its chain, its anchors and those that somebody kept elsewhere. Reads, and changes nothing."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.review.audit import anchors, chain_store
from services.review.audit.anchors import Anchor
from services.review.audit.chain import Fault, Head, Walk
from services.runtime.database import Session

SEALED_WITHIN = timedelta(minutes=1)
MOST_FAULTS = 1_000


@dataclass(frozen=True)
class Verified:
    """What was looked at, and what does not fit."""

    entries: int
    anchors: int
    signed: bool
    """Whether the signatures of anchors could be checked."""
    head: str
    faults: tuple[Fault, ...]


async def verify(
    session: Session,
    now: datetime,
    *,
    elsewhere: Collection[Anchor] = (),
    trusted: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Verified:
    """Every entry and seal from the first to the last. `elsewhere` are anchors kept outside of the database, `trusted` public keys."""
    await chain_store.freeze(session)
    faults: list[Fault] = []
    head, own = Head(), list[Anchor]()
    try:
        head = await chain_store.head(session)
        own = await chain_store.anchors(session)
    except chain_store.UNREADABLE:
        faults.append(Fault("unreadable", "the head of the chain or an anchor can't be read: a field is not of its kind"))
    walk = Walk(frozenset(anchor.sequence for anchor in (*own, *elsewhere)))
    async for link in chain_store.links(session):
        if isinstance(link, Fault):
            walk.skip(link)
        faults += [link] if isinstance(link, Fault) else walk.step(*link)
        if progress and walk.sequence % chain_store.PAGE == 0:
            progress(walk.sequence, head.sequence)
        if len(faults) >= MOST_FAULTS:
            break
    faults += walk.finish(head)
    faults += anchors.numbered(own, head.anchors, walk.sequence)
    faults += anchors.compare(own, walk.hashes, walk.sequence, trusted, "in the database")
    signed = [anchor for anchor in elsewhere if anchor.public_key]
    faults += anchors.compare(signed, walk.hashes, walk.sequence, trusted, "kept elsewhere")
    faults += anchors.compare([anchor for anchor in elsewhere if not anchor.public_key], walk.hashes, walk.sequence, (), "kept elsewhere")
    count, first = await chain_store.waiting(session, now - SEALED_WITHIN)
    if count:
        words = (
            f"{count} entries of more than a minute ago have no seal, the first is entry {first}: start review, or run `parvis audit seal`"
        )
        faults.append(Fault("unsealed", words, entry=first))
    return Verified(walk.sequence, len(own) + len(elsewhere), bool(trusted), walk.hash, tuple(faults))
