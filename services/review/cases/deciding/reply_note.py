"""Puts the note under an approved reply: what was automated for this very letter, and where to object. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass

from schemas.replies_decided import ReplyDecided
from schemas.values import Urgency
from services.domain import reply_note
from services.domain.reply_note import HowItCameAbout, Written
from services.review.cases.case_state import Case
from services.review.cases.deciding.applied_action import Applied, with_decision

EVERY_AGENCY = "all"
TOKEN_BYTES = 20
BY_HAND_CHANNELS = ("phone", "letter")
"""Without an e-mail address a person calls or writes to whoever used these, and no link is of use."""


@dataclass(frozen=True)
class ReplyNotes:
    """Which agencies' replies have a note, with its links. `key` makes the tokens of links: nobody can guess one."""

    public_url: str = ""
    intake_url: str = ""
    agencies: Collection[str] = ()
    asking: Collection[str] = ()
    key: bytes = b""

    def of(self, case: Case, *, changed: bool, together: bool = False) -> str:
        """The note that a reply gets; empty where it has none. `changed`: a person approves another text than the draft's.

        `together`: one text for several cases, which was begun from the draft of another one.
        """
        agency = case.agency or ""
        by_hand = not case.address and case.request is not None and case.request.channel in BY_HAND_CHANNELS
        if not self.public_url or not case.draft or by_hand or not _names(self.agencies, agency):
            return ""
        language = reply_note.language_of(case.draft.language)
        about = f"{self.public_url.rstrip('/')}/about/{agency}?lang={language}"
        question = f"{self.intake_url.rstrip('/')}/answers/{agency}/{self.token(case)}" if self.asks(case) else ""
        return reply_note.note(how_it_came_about(case, changed=changed, together=together), language, about, question)

    def asks(self, case: Case) -> bool:
        """Whether the note asks if the matter is solved: never in an emergency, where nobody should wait for a form to be read."""
        asked = bool(self.intake_url and self.key) and _names(self.asking, case.agency or "")
        return asked and case.urgency is not Urgency.EMERGENCY

    def token(self, case: Case) -> str:
        """The token of the case's link: always the same, so that the case shows before the approval what will be sent."""
        digest = hmac.new(self.key, case.request_id.bytes, hashlib.sha256).digest()
        return base64.b32encode(digest[:TOKEN_BYTES]).decode("ascii").lower()

    def added(self, applied: Applied) -> Applied:
        """The approval with the note in its decision, so that case and log hold what is sent, and the signature covers it."""
        together = "group" in applied.detail
        return with_decision(applied, lambda decision: self._with_note(decision, applied.case, together=together))

    def _with_note(self, decision: ReplyDecided, case: Case, *, together: bool) -> ReplyDecided:
        note = self.of(case, changed="body" in decision.edit_kinds, together=together)
        if not note:
            return decision
        asked = hashlib.sha256(self.token(case).encode()).hexdigest() if self.asks(case) else None
        return decision.model_copy(update={"body": f"{(decision.body or '').rstrip()}\n\n{note}", "note": note, "rating_hash": asked})


NO_NOTES = ReplyNotes()


def how_it_came_about(case: Case, *, changed: bool, together: bool = False) -> HowItCameAbout:
    """What is true of the letter: by whom the message was sorted, and by what the reply was written."""
    draft = case.draft
    written: Written = "person"
    if draft and not draft.withheld:
        by_model = draft.drafted_by == "model"
        written = ("model_changed" if changed else "model") if by_model else ("template_changed" if changed else "template")
    if changed and together:
        written = "together"
    return HowItCameAbout(
        sorted_by="person" if case.sorted_by_person else "program",
        written=written,
        model=(draft.model or "") if draft and written.startswith("model") else "",
    )


def named_in(setting: str) -> frozenset[str]:
    """The agencies that a setting lists: `all`, or codes with commas between them."""
    return frozenset(code.strip() for code in setting.split(",") if code.strip())


def _names(agencies: Collection[str], agency: str) -> bool:
    return EVERY_AGENCY in agencies or agency in agencies
