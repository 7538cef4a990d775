"""Keys by which messages of one citizen are recognised: hashes of the e-mail address and the telephone number. Pure."""

import hashlib

from services.domain import mail_addresses
from services.review.cases.case_state import Case
from services.review.cases.search import search_words

SHORTEST_TELEPHONE = 7
"""Digits of a number without its country: shorter ones are extensions, which many people share."""


def contact_keys(case: Case) -> list[bytes]:
    """The keys of whoever wrote, by the address that came with the message, the one that a person put in its place, and the telephone.

    Each belongs to one agency, so that nothing of another one can ever be met by it. An address that nobody reads is nobody's.
    """
    citizen = case.request.citizen if case.request else None
    if not citizen or not case.agency:
        return []
    emails = {mail_addresses.mailbox_key(email) for email in (citizen.email, case.corrected_email) if email and is_personal(email)}
    telephones = [min(forms, key=len) for forms in [search_words.telephone_forms(citizen.phone or "")] if forms]
    ways = [("email", email) for email in emails] + [("phone", digits) for digits in telephones if len(digits) >= SHORTEST_TELEPHONE]
    return sorted(_key(case.agency, kind, value) for kind, value in ways)


def same_writer(case: Case, other: Case) -> bool | None:
    """Whether one person wrote both, by address or telephone; None where either left neither."""
    keys, others = contact_keys(case), contact_keys(other)
    return not set(keys).isdisjoint(others) if keys and others else None


def is_personal(email: str) -> bool:
    """Whether an address may be one person's: not where it says itself that nobody reads it, as a form's `no-reply@` does."""
    return not mail_addresses.is_unattended(email)


def _key(agency: str, kind: str, value: str) -> bytes:
    # 16 bytes: too many for anybody to find an address that meets somebody else's.
    return hashlib.blake2b(f"{agency}\0{kind}\0{value}".encode("utf-8", "replace"), digest_size=16).digest()
