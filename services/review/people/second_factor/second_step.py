"""The second step of a sign-in: the code, after the password was right."""

from math import ceil

from services.domain.phrases import Phrase
from services.review.people import store
from services.review.people.refusal_log import Refusals, is_worth_a_line
from services.review.people.second_factor import factor_store
from services.review.people.second_factor.factor_key import FactorKey
from services.review.people.sign_in import Attempt, Refused, SignedIn, SignIns
from services.review.people.throttle import Throttle
from services.runtime import clock, metrics
from services.runtime.database import Database
from services.runtime.errors import Unavailable


class Over(Exception):
    """Nobody waits for a code at this browser, or not any more."""


class SecondSteps:
    """The codes of one process. Only who knows the password can make its person wait, and a browser that they know not at all."""

    def __init__(self, database: Database, refusals: Refusals, sign_ins: SignIns, key: FactorKey | None) -> None:
        self._database = database
        self._refusals = refusals
        self._sign_ins = sign_ins
        self._key = key
        self._throttle = Throttle()

    @property
    def key(self) -> FactorKey:
        """What secrets are sealed with. Raises Unavailable where there is none: a code is never waved through."""
        if not self._key:
            raise Unavailable("second factors need PARVIS_SECOND_FACTOR_KEY: whoever runs Parvis sets it")
        return self._key

    @property
    def is_possible(self) -> bool:
        """Whether second factors can be set up here."""
        return self._key is not None

    async def attempt(self, half_token: str, typed: str, attempt: Attempt) -> SignedIn | Refused:
        """Raises Over."""
        now = clock.now()
        async with self._database.reading() as session:
            half = await factor_store.half(session, half_token, now)
            door = await store.door(session, half.email, attempt.device) if half else None
        if not half or not door:
            raise Over
        # The cookie is looked up again: who sends another one each time has the count of any browser.
        is_known = half.known_browser and door.device is not None
        place = f"browser {door.device}" if is_known else "any browser"
        key = f"code of {half.email} at {place}"
        wait = self._throttle.wait(key, now)
        if wait.total_seconds() > 0:
            return Refused(ceil(wait.total_seconds()))
        failures = self._throttle.failed(key, now)  # before anything is waited for: of many tries at once each counts
        async with self._database.transaction() as session:
            used = await factor_store.accepts(session, half.email, self.key, typed, now)
            if used:
                if not await factor_store.end_half(session, half_token):
                    raise Over
                self._throttle.succeeded(key)
                return await self._sign_ins.enter(session, half.email, attempt, now, is_known=is_known, second_factor=used)
        metrics.SIGN_IN_FAILURES.inc(way="second factor")
        if is_worth_a_line(failures):
            await self._refusals.note("sign-in refused", name=half.email, address=attempt.address, failures=failures, second_factor=True)
        return Refused()

    async def proves(self, email: str, typed: str) -> str:
        """Whether somebody who is signed in has their second factor, with the same pauses; answers what is wrong, or nothing."""
        now, key = clock.now(), f"account of {email}"
        wait = self._throttle.wait(key, now)
        if wait.total_seconds() > 0:
            return Phrase(f"too many wrong tries, go on in {ceil(wait.total_seconds())} seconds")
        self._throttle.failed(key, now)
        async with self._database.transaction() as session:
            if await factor_store.accepts(session, email, self.key, typed, now):
                self._throttle.succeeded(key)
                return ""
        return Phrase("this is not the code of now, or it was used before")
