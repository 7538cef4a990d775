"""Seals new entries of the log within a second, and publishes where the chain stands."""

import asyncio
import logging
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from services.review.audit import chain_store
from services.review.audit.anchors import Anchor, AnchorKey
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.settings import Settings

log = logging.getLogger(__name__)

PAUSE = 0.5  # seconds between two looks: sealed within a second
BREATH = 0.05  # seconds between two batches of a backlog, so that other writers of SQLite get their turn
AT_ONCE = 500
THOROUGH_EVERY = timedelta(hours=1)
"""How often the whole log is looked through for entries that a very long transaction left behind."""
KEY_FILE = "audit-key"
ANCHOR_FILE = "audit-anchors.jsonl"


def key_of(settings: Settings) -> AnchorKey | None:
    """The key that signs anchors: the configured one, or that of the data directory. None with PostgreSQL and no setting."""
    if configured := settings.audit_key.get_secret_value():
        return AnchorKey(configured)
    path = settings.data_dir / KEY_FILE
    return AnchorKey(path.read_text(encoding="ascii")) if path.exists() else None


def made_key(settings: Settings) -> AnchorKey | None:
    """The same; with the embedded database a key is made where there is none."""
    key = key_of(settings)
    if key or settings.database_url.get_secret_value():
        return key
    path = settings.data_dir / KEY_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(secrets.token_hex(32), encoding="ascii")
    return key_of(settings)


class Sealer:
    """Seals what the log has, in steps; one process at a time."""

    def __init__(self, database: Database, key: AnchorKey | None, anchor_file: Path | None, anchor_every: timedelta) -> None:
        self._database, self._key = database, key
        self._file, self._every = anchor_file, anchor_every
        self._thorough_at: datetime | None = None

    async def seal_some(self, *, thorough: bool = False) -> int:
        """Seals up to 500 entries; returns how many."""
        async with self._database.reading() as session:
            numbers = await chain_store.unsealed(session, AT_ONCE, thorough=thorough)
        if not numbers:
            return 0
        async with self._database.transaction() as session:
            return await chain_store.seal(session, numbers, clock.now()) or 0

    async def seal_all(self, *, thorough: bool = False) -> int:
        """Seals all that waits; returns how many entries."""
        sealed = 0
        while some := await self.seal_some(thorough=thorough):
            sealed += some
            await asyncio.sleep(BREATH if some == AT_ONCE else 0)
        return sealed

    async def anchor(self, *, at_once: bool = False) -> Anchor | None:
        """Signs and publishes where the chain stands, if that is due."""
        sign = self._key.sign if self._key else Anchor
        async with self._database.transaction() as session:
            made = await chain_store.anchor(session, sign, clock.now(), timedelta(0) if at_once else self._every)
        if made:
            log.info("audit anchor %s", made.line)
            if self._file:
                with self._file.open("a", encoding="ascii") as file:
                    file.write(f"{made.line}\n")
        return made

    async def run(self) -> None:
        """Seals for ever, looks through the whole log at first and then each hour, and sets anchors."""
        while True:
            try:
                now = clock.now()
                thorough = self._thorough_at is None or now - self._thorough_at >= THOROUGH_EVERY
                sealed = await self.seal_all(thorough=thorough)
                if thorough:
                    self._thorough_at = now
                if sealed or thorough:
                    await self.anchor()
            except Exception as error:
                log.warning("the audit log could not be sealed: %s", type(error).__name__, exc_info=error)
            await asyncio.sleep(PAUSE)


def sealer_of(database: Database, settings: Settings) -> Sealer:
    """The sealer of an installation; with the embedded database anchors are also written beside it."""
    file = None if settings.database_url.get_secret_value() else settings.data_dir / ANCHOR_FILE
    return Sealer(database, made_key(settings), file, timedelta(seconds=settings.audit_anchor_seconds))
