"""Signs people in: throttle, password comparison, session; nobody is locked out by a stranger's attempts elsewhere."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from services.review.audit import store as audit
from services.review.people import passwords, store
from services.review.people.passwords import TooMany
from services.review.people.refusal_log import Refusals, is_worth_a_line, typed_name
from services.review.people.throttle import Throttle
from services.runtime import clock
from services.runtime.database import Database

LONGEST_PASSWORD = 1000  # characters that are hashed: more than any password, and no work for nothing


@dataclass(frozen=True)
class Attempt:
    """One sign-in attempt: the form, the client address, the cookie of a known browser, and the session that it has."""

    email: str
    password: str
    address: str
    device: str | None
    session_before: str | None = None


@dataclass(frozen=True)
class SignedIn:
    """The tokens of the session and of the browser."""

    session: str
    device: str


@dataclass(frozen=True)
class Refused:
    """Wrong, or too early: then `wait` says how many seconds are left, and the password was not looked at."""

    wait: int = 0


class SignIns:
    """The sign-in of one process."""

    def __init__(self, database: Database, refusals: Refusals, lasts: timedelta) -> None:
        self._database = database
        self._refusals = refusals
        self._lasts = lasts
        self._throttle = Throttle()
        self._checks = passwords.Checks()

    async def attempt(self, attempt: Attempt) -> SignedIn | Refused:
        """Raises Unavailable where so many wait that nobody more is taken in."""
        async with self._database.reading() as session:
            door = await store.door(session, attempt.email, attempt.device)
        # A browser that is known has a turn and a count of its own; all others share those of their address.
        place = f"browser {door.device}" if door.device else f"address {attempt.address}"
        key = f"{place} for {attempt.email.strip().lower()[:254]}"
        wait = self._throttle.wait(key, clock.now())
        if wait > timedelta():
            return Refused(ceil(wait.total_seconds()))
        try:
            hashed = attempt.password[:LONGEST_PASSWORD]
            fits = await self._checks.matches(hashed, door.password_hash, place=place, name=key) and hashed == attempt.password
        except TooMany:
            return Refused(1)
        signed_in = await self._begin(attempt, door) if fits else None
        if signed_in:
            self._throttle.succeeded(key)
            return signed_in
        failures = self._throttle.failed(key, clock.now())
        if is_worth_a_line(failures):
            await self._refusals.note("sign-in refused", name=typed_name(attempt.email), address=attempt.address, failures=failures)
        return Refused()

    async def _begin(self, attempt: Attempt, door: store.Door) -> SignedIn | None:
        now = clock.now()
        async with self._database.transaction() as session:
            token = await store.sign_in(session, door, now, self._lasts)
            if not token:
                return None
            await store.sign_out(session, attempt.session_before or "")  # what this browser had before ends with the new one
            device = await store.keep_device(session, door.email, attempt.device if door.device else None, now)
            detail = {"address": attempt.address, "browser": "seen before" if door.device else "new"}
            await audit.add(session, audit.Entry(now, door.email, "signed in", None, detail))
        return SignedIn(token, device)
