"""Hashes and compares passwords (argon2id) and tokens (random enough for a plain hash)."""

import asyncio
import hashlib
import secrets
from collections import OrderedDict, deque
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.runtime.errors import Unavailable

AT_ONCE = 2  # each takes 64 MiB, and every core that it can get
MOST_OF_A_NAME = 8  # that wait with the same name from the same place
MOST_OF_A_PLACE = 200  # that wait from the same place: some ten seconds of work, and the others go in between
MOST_WAITING = 5_000  # in all: each is a few kilobytes

_hasher = PasswordHasher()


class TooMany(Unavailable):
    """One client asks for more comparisons at once than it is given; others are not held up by it."""

    status = 429
    title = "Too many at once from there"


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_hex(16))


def new_password() -> str:
    """About 95 bits, easy to copy: four groups of letters and digits, none easily misread."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def hash_password(password: str) -> str:
    """Argon2id with the library's parameters."""
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Takes as long for somebody who does not exist, so that names can't be guessed by time."""
    nobodys = _nobodys()  # made at the first call, whoever that is of
    try:
        return _hasher.verify(kept or nobodys, password.encode("utf-8", "surrogatepass")) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


class Turns:
    """Lets a few in at once and gives each place its turn: one that sends many waits for itself alone."""

    def __init__(self, at_once: int, most_of_a_name: int, most_of_a_place: int, most: int) -> None:
        self._free = at_once
        self._most_of_a_name = most_of_a_name
        self._most_of_a_place = most_of_a_place
        self._most = most
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._names: dict[str, int] = {}  # those in hand as well
        self._total = 0

    async def begin(self, place: str, name: str) -> None:
        """Returns when it is this one's turn. Raises TooMany, or Unavailable where even the queue is full; else `end` must follow."""
        if self._names.get(name, 0) >= self._most_of_a_name or len(self._waiting.get(place, ())) >= self._most_of_a_place:
            raise TooMany("too many people sign in from there at once: try again in a moment")
        if self._total >= self._most:
            raise Unavailable("too many people sign in at once: try again in a moment")
        self._names[name] = self._names.get(name, 0) + 1
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(place, deque()).append(turn)
        self._total += 1
        try:
            await turn
        except asyncio.CancelledError:
            # The turn may have come in the same moment: then it is the next one's.
            if turn.done() and not turn.cancelled():
                self.end(name)
            else:
                self._forget(name)
            raise

    def end(self, name: str) -> None:
        """Hands the turn on."""
        self._forget(name)
        while self._waiting:
            place, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            self._total -= 1
            if turns:
                self._waiting[place] = turns  # at the end: the others come first
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _forget(self, name: str) -> None:
        self._names[name] -= 1
        if not self._names[name]:
            del self._names[name]


class Checks:
    """Compares passwords beside the event loop, a few at a time: anybody may ask, and the pages must go on meanwhile."""

    def __init__(self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING) -> None:
        self._threads = ThreadPoolExecutor(at_once, "passwords")
        self._turns = Turns(at_once, MOST_OF_A_NAME, MOST_OF_A_PLACE, most_waiting)

    async def matches(self, password: str, kept: str | None, *, place: str, name: str) -> bool:
        """In its turn. Raises TooMany where this place or name has too many waiting, Unavailable where all together have."""
        await self._turns.begin(place, name)
        work = asyncio.get_running_loop().run_in_executor(self._threads, matches, password, kept)
        # One whose request was given up still counts until its thread is done.
        work.add_done_callback(lambda _: self._turns.end(name))
        return await asyncio.shield(work)


def new_token(prefix: str) -> str:
    """256 random bits; the prefix says what it is when it turns up where it should not."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def hash_token(token: str) -> str:
    """The hash of a token, which is all that is stored."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
