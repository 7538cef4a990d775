"""One way to the provider and back: what the browser keeps of it, and what follows from that. Pure.

The browser keeps one random value in a cookie; state, nonce and the PKCE verifier are derived from it, so that whoever comes back
without that cookie, with another one, or with an old one is not who left.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

LASTS = timedelta(minutes=10)
"""To sign in at the provider, with a second factor and a mistyped password."""
LONGEST_NEXT = 2000  # of a cookie's 4,096 bytes


@dataclass(frozen=True)
class Flow:
    """What was begun at this browser, when, and where it leads in the end."""

    secret: str
    begun: int
    next: str = "/"

    @property
    def state(self) -> str:
        """Comes back with the answer."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """Stands in the identity token."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """Proves to the provider that who redeems the code has asked for it."""
        return self._derived("verifier")

    @property
    def mark(self) -> str:
        """By which it is remembered as used."""
        return self._derived("mark")

    @property
    def cookie(self) -> str:
        """As the browser keeps it."""
        return f"{self.secret}.{self.begun}.{quote(self.next, safe='')}"

    def is_over(self, now: datetime) -> bool:
        """Whether it was begun too long ago, or is not begun yet."""
        begun = datetime.fromtimestamp(self.begun, UTC)
        return not begun - LASTS <= now <= begun + LASTS

    def fits(self, state: str) -> bool:
        """Whether that state is this flow's."""
        return hmac.compare_digest(self.state.encode(), state.encode("utf-8", "surrogatepass"))

    def _derived(self, purpose: str) -> str:
        digest = hmac.new(self.secret.encode(), f"{purpose} {self.begun}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def begin(now: datetime, next_page: str) -> Flow:
    """A new one."""
    return Flow(secrets.token_urlsafe(32), int(now.timestamp()), next_page if len(quote(next_page, safe="")) <= LONGEST_NEXT else "/")


def read(cookie: str | None) -> Flow | None:
    """The flow of that cookie, if it is one."""
    secret, _, rest = (cookie or "").partition(".")
    begun, _, next_page = rest.partition(".")
    if not secret or not (begun.isascii() and begun.isdecimal() and len(begun) <= 10):  # noqa: PLR2004 - until the year 2286
        return None
    return Flow(secret, int(begun), unquote(next_page) or "/")
