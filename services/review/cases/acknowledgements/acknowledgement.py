"""Decides whether a message is acknowledged, and with what. Pure.

Never a machine's, so that no two machines go on for ever; never what is not new, so that old mail that is taken in brings nobody a receipt;
never where the agency has not decided it by a named person.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from uuid import UUID, uuid5

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date

from schemas.acknowledgements_decided import AcknowledgementDecided
from schemas.requests_received import FORM_REFERENCE
from schemas.values import Person as Recipient
from schemas.values import Urgency
from services.domain import form_references, mail_addresses, message_ids, reply_tokens
from services.domain.calendar_words import first_as_ordinal
from services.domain.machine_mail import may_be_answered
from services.domain.taxonomy import Taxonomy
from services.review.cases.acknowledgements import acknowledgement_text
from services.review.cases.acknowledgements.acknowledgement_text import Texts, Wording, Words
from services.review.cases.case_state import Case

ACKNOWLEDGEMENTS = UUID("9f0b6c1e-3d0a-5b6e-9f57-2f6f8f4f0b50")
"""The namespace of the ids of receipts, which are made of their requests'."""
STILL_NEW = timedelta(days=1)
A_DAY = timedelta(days=1)
MOST_A_DAY = 3
"""Receipts to one mailbox, of all agencies together: two machines that do not know each other for one stop here (RFC 3834, 2)."""


@dataclass(frozen=True)
class Acknowledging:
    """What an agency has decided: by whom, since when, in what words. `name` is what people call the agency."""

    agency: str
    name: str
    active: bool
    texts: Texts
    decided_by: str
    decided_at: datetime
    seen: Words = field(default_factory=dict)
    """All the words as that person saw them. These are sent, whatever a later release would say."""

    def words(self) -> Words:
        """What is sent, or would be where it is off."""
        return self.seen if self.active and self.seen else acknowledgement_text.words(self.texts)


@dataclass(frozen=True)
class Places:
    """Where citizens read on: the pages' public address, that of the form, each empty where it is not set."""

    pages: str = ""
    intake: str = ""

    def about(self, agency: str) -> str:
        """What is automated for the agency."""
        return f"{self.pages.rstrip('/')}/about/{agency}" if self.pages else ""

    def look_up(self, agency: str) -> str:
        """Where a reference of the form is looked up."""
        return f"{self.intake.rstrip('/')}/forms/{agency}/status" if self.intake else ""


@dataclass(frozen=True)
class Writing:
    """What receipts are written with, whatever the message."""

    taxonomy: Taxonomy
    places: Places = field(default=Places())
    language: str = acknowledgement_text.DEFAULT
    subject_reference: bool = False


def acknowledgement_id_of(request_id: UUID) -> UUID:
    """The id of a request's receipt: always the same, so that twice is once."""
    return uuid5(ACKNOWLEDGEMENTS, str(request_id))


def mailbox(email: str) -> bytes:
    """Stands for a mailbox however its address is written: for counting alone."""
    return hashlib.blake2b(f"acknowledged\0{mail_addresses.mailbox_key(email)}".encode("utf-8", "replace"), digest_size=16).digest()


def is_acknowledged(case: Case, now: datetime, senders: Collection[str], *, follows: bool, lately: int) -> bool:
    """Whether the message gets a receipt where its agency has that. `lately`: those that its mailbox got within a day."""
    request, triage = case.request, case.triage
    if not request or not triage or case.invented_for or follows or lately >= MOST_A_DAY:
        return False
    automatic = request.automatic or triage.automatic or case.machine
    by_words = any(signal.kind == "automatic_reply" for signal in triage.signals)
    new = now - STILL_NEW <= request.received_at
    return may_be_answered(automatic) and not by_words and new and may_have_mail(address_of(case), senders)


def address_of(case: Case) -> str:
    """The address that came with the message: what a person put in its place later is no matter of a receipt."""
    citizen = case.request.citizen if case.request else None
    return (citizen.email if citizen else None) or ""


def may_have_mail(email: str, senders: Collection[str]) -> bool:
    """Whether somebody may read what is sent there: not nobody, not a machine, not ourselves."""
    usable = bool(email) and mail_addresses.fault(email) is None and not mail_addresses.is_unattended(email)
    return usable and not any(mail_addresses.same_mailbox(email, own) for own in senders)


def decide(case: Case, agency: Acknowledging, writing: Writing, now: datetime) -> AcknowledgementDecided:
    """The receipt of a message that is acknowledged."""
    assert case.request
    assert case.triage
    request = case.request
    wording = words_of(case, agency, writing, now)
    token = f" [{reply_tokens.token_of(case.request_id)}]" if writing.subject_reference else ""
    return AcknowledgementDecided(
        request_id=case.request_id,
        acknowledgement_id=acknowledgement_id_of(case.request_id),
        agency=request.agency,
        decided_by=agency.decided_by,
        decided_at=agency.decided_at,
        good_until=now + A_DAY,
        language=wording.language,
        subject=wording.subject + token,
        body=wording.body,
        recipient=Recipient(email=address_of(case)),  # no name: it is the writer's own word
        answers_mail=message_ids.message_id(request.message_id),
        references=message_ids.thread(request.references or []),
    )


def words_of(case: Case, agency: Acknowledging, writing: Writing, now: datetime) -> Wording:
    """The receipt in the language of the message where there is a text in it, else in the installation's."""
    assert case.request
    request, triage = case.request, case.triage
    asked = (request.language or "").partition("-")[0]
    words = agency.words()
    language = acknowledgement_text.chosen(words, triage.language.code if triage else "", asked, writing.language)
    reference = form_references.given(request.metadata.get(FORM_REFERENCE), case.request_id, request.agency)
    due = _promised(case, writing.taxonomy)
    due = due if due and due > now and not case.unsorted else None
    fields = {
        "REFERENCE": reference or str(case.request_id),
        "DUE": day(due, writing.taxonomy.zone, language) if due else "",
        "AGENCY": agency.name,
        "ABOUT": writing.places.about(request.agency),
        "LOOK_UP": writing.places.look_up(request.agency) if reference else "",
    }
    number = writing.taxonomy.emergencies.number if case.urgency is Urgency.EMERGENCY else None
    return acknowledgement_text.written(words, language, fields, emergency=number)


def _promised(case: Case, taxonomy: Taxonomy) -> datetime | None:
    """By when an answer is promised: that somebody looks at a doubtful one sooner is no promise of an answer."""
    if case.request and case.perhaps_in_danger:
        return taxonomy.due(case.category or "", case.urgency, case.request.received_at)
    return case.due_at


def day(moment: datetime, zone: tzinfo, language: str) -> str:
    """A day as people of that language write it, where the agency is; as numbers where nobody knows how they do."""
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return moment.astimezone(zone).date().isoformat()
    written = format_date(moment.astimezone(zone).date(), "full" if language != "fr" else "EEEE d MMMM y", locale=locale)
    return first_as_ordinal(written, locale.language)
