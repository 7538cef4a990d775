"""Who somebody is, by the provider's word: the claims of an identity token. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.review.people.rules import check_email
from services.runtime.errors import InvalidInput

LONGEST_SUBJECT = 255  # OpenID Connect Core, 2


class Trouble(StrEnum):
    """Why somebody was not signed in; the words for it are the sign-in page's."""

    AWAY = "away"
    DECLINED = "declined"
    STALE = "stale"
    UNTRUSTED = "untrusted"
    NO_ADDRESS = "no-address"
    UNKNOWN = "unknown"
    TAKEN = "taken"


class NotSignedOn(Exception):
    """Nobody is signed in. `email` and `subject` are for the audit log, so that an administrator can link who it was."""

    def __init__(self, trouble: Trouble, detail: str = "", *, email: str = "", subject: str = "") -> None:
        super().__init__(f"{trouble}: {detail}")
        self.trouble = trouble
        self.detail = detail
        self.email = email
        self.subject = subject


@dataclass(frozen=True)
class Identity:
    """Somebody at a provider. The address is there only where it is certain that it is theirs."""

    issuer: str
    subject: str
    email: str | None


def identity_of(claims: Mapping[str, object], *, email_claim: str, trust_email: bool) -> Identity:
    """Raises NotSignedOn where the token names nobody."""
    issuer, subject, address = claims.get("iss"), claims.get("sub"), claims.get(email_claim)
    if not isinstance(issuer, str) or not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise NotSignedOn(Trouble.UNTRUSTED, "the token names no subject")
    # `true` alone: a provider that says "false" in quotes has not said that it verified anything. Of another claim it can't say so at all.
    verified = trust_email or (email_claim == "email" and claims.get("email_verified") is True)
    if not verified or not isinstance(address, str):
        return Identity(issuer, subject, None)
    try:
        return Identity(issuer, subject, check_email(address))
    except InvalidInput:
        return Identity(issuer, subject, None)
