"""Signs people in: throttle, password comparison, session; nobody is locked out by a stranger's attempts elsewhere."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from services.review.audit import store as audit
from services.review.people import break_glass, passwords, session_store, store
from services.review.people.password_rules import LONGEST
from services.review.people.passwords import TooMany
from services.review.people.refusal_log import Refusals, is_worth_a_line, typed_name
from services.review.people.second_factor import factor_store, policy
from services.review.people.session_store import Lasting
from services.review.people.throttle import Throttle
from services.runtime import clock, metrics
from services.runtime.database import Database, Session
from services.runtime.errors import InvalidInput
from services.runtime.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """One sign-in attempt: the form, the client address, the cookie of a known browser, and the session that it has."""

    email: str
    password: str
    address: str
    device: str | None
    session_before: str | None = None
    browser: str = ""


@dataclass(frozen=True)
class SignedIn:
    """The tokens of the session and of the browser."""

    session: str
    device: str


@dataclass(frozen=True)
class CodeAsked:
    """The password was right, and the person has a second factor: the token of the sign-in that waits for its code."""

    half: str


@dataclass(frozen=True)
class Refused:
    """Wrong, or too early: then `wait` says how many seconds are left, and the password was not looked at."""

    wait: int = 0


class SignIns:
    """The sign-in of one process."""

    def __init__(self, database: Database, refusals: Refusals, lasting: Lasting, settings: Settings) -> None:
        self._database = database
        self._refusals = refusals
        self._lasting = lasting
        self._settings = settings
        self._throttle = Throttle()
        self._checks = passwords.Checks()

    async def attempt(self, attempt: Attempt) -> SignedIn | CodeAsked | Refused:
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
            hashed = attempt.password[:LONGEST]
            fits = await self._checks.matches(hashed, door.password_hash, place=place, name=key) and hashed == attempt.password
        except TooMany:
            return Refused(1)
        signed_in = await self._begin(attempt, door) if fits else None
        if signed_in:
            self._throttle.succeeded(key)
            return signed_in
        failures = self._throttle.failed(key, clock.now())
        metrics.SIGN_IN_FAILURES.inc(way="password")
        if is_worth_a_line(failures):
            await self._refusals.note("sign-in refused", name=typed_name(attempt.email), address=attempt.address, failures=failures)
        return Refused()

    async def proves(self, email: str, password: str, address: str) -> store.Door:
        """Whether somebody who is signed in knows their password, in the same turns and with the same pauses. Raises InvalidInput."""
        async with self._database.reading() as session:
            door = await store.door(session, email, None)
        key = f"account from {address} for {email}"
        wait = self._throttle.wait(key, clock.now())
        if wait > timedelta():
            raise InvalidInput(f"now: too many wrong tries, go on in {ceil(wait.total_seconds())} seconds", field="now")
        hashed = password[:LONGEST]
        fits = await self._checks.matches(hashed, door.password_hash, place=f"address {address}", name=key) and hashed == password
        if not fits:
            failures = self._throttle.failed(key, clock.now())
            if is_worth_a_line(failures):
                await self._refusals.note("sign-in refused", name=email, address=address, failures=failures)
            raise InvalidInput("now: this is not your password", field="now")
        self._throttle.succeeded(key)
        return door

    async def _begin(self, attempt: Attempt, door: store.Door) -> SignedIn | CodeAsked | None:
        now, is_known = clock.now(), bool(door.device)
        async with self._database.transaction() as session:
            if not await store.still_fits(session, door):
                return None
            # Only now: whose password opens the pages is not told by how long it takes.
            if not break_glass.takes_password_of(await store.person(session, door.email), self._settings.oidc):
                return None
            if policy.is_on(self._settings) and await factor_store.of_person(session, door.email):
                return CodeAsked(await factor_store.add_half(session, door.email, known_browser=is_known, now=now))
            return await self.enter(session, door.email, attempt, now, is_known=is_known)

    async def enter(
        self, session: Session, email: str, attempt: Attempt, now: datetime, *, is_known: bool, second_factor: str = ""
    ) -> SignedIn:
        """Begins the session of somebody who has shown all that is asked of them. Who has yet to set up a second factor does that first."""
        person = await store.person(session, email)
        is_due = not second_factor and policy.is_required(self._settings, person)
        token = await session_store.begin(session, email, now, self._lasting, attempt.address, attempt.browser, factor_due=is_due)
        await session_store.sign_out(session, attempt.session_before or "")  # what this browser had before ends with the new one
        device = await store.keep_device(session, email, attempt.device if is_known else None, now)
        detail: dict[str, object] = {"address": attempt.address, "browser": "seen before" if is_known else "new"}
        if second_factor:
            detail["second_factor"] = second_factor
        if self._settings.oidc.only:
            log.warning("a password of PARVIS_OIDC_BREAK_GLASS was used to sign in")
            detail["break_glass"] = True
        await audit.add(session, audit.Entry(now, email, "signed in", None, detail))
        return SignedIn(token, device)
