"""Says before a request is sent that review would refuse it for its agency, where the database that knows agencies is at hand."""

import asyncio

from services.domain import agency_signing_key
from services.review.agencies import rules, store
from services.review.agencies.rules import Standing
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.errors import Refused
from services.runtime.kafka_records import Outgoing
from services.runtime.settings import Settings


class PublishingAgencies:
    """The agencies of this installation. An agency's own machine has none, and is told nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._at_hand = bool(settings.database_url.get_secret_value()) or (settings.data_dir / "parvis.db").exists()
        self._standings: dict[str, Standing | None] = {}

    def fault(self, agency: str, record: Outgoing) -> str | None:
        """Why the record would become a dead letter; None where it would be taken, or nobody here can tell."""
        if not self._at_hand:
            return None
        if agency not in self._standings:
            self._standings[agency] = asyncio.run(self._standing(agency))
        standing = self._standings[agency]
        if standing is None:
            return f"agency: nobody has added {agency!r} here, so the request would be refused; add it: parvis agencies add {agency}"
        try:
            rules.admit(standing, record.value, record.headers.get(agency_signing_key.HEADER), all_sign=self._settings.kafka.all_sign)
        except Refused as error:
            return error.detail
        return None

    async def _standing(self, agency: str) -> Standing | None:
        database = Database(self._settings.database)
        try:
            async with database.reading() as session:
                return await store.standing(session, agency, clock.now())
        finally:
            await database.close()
