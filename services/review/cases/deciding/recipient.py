"""Checks the address that a reply would be mailed to: undeliverable, our own sender, or one that nobody reads. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from services.domain import mail_addresses
from services.domain.phrases import Phrase
from services.runtime.errors import InvalidInput


class Doubt(StrEnum):
    """Why a reply to an address may reach nobody."""

    UNUSABLE = "unusable"
    OWN_SENDER = "own_sender"
    UNATTENDED = "unattended"


@dataclass(frozen=True)
class RecipientDoubt:
    """A doubt, and the sentence that says so before anybody approves."""

    kind: Doubt
    sentence: str

    @property
    def needs_confirmation(self) -> bool:
        """Whether a person may send there all the same: not where nothing can be delivered."""
        return self.kind is not Doubt.UNUSABLE


def doubt_about(email: str | None, senders: Collection[str] = ()) -> RecipientDoubt | None:
    """What speaks against it, the gravest first. `senders` are the addresses that replies are sent from. No address is none in doubt."""
    if not email:
        return None
    if fault := mail_addresses.fault(email):
        meant = mail_addresses.suggestion(email)
        return RecipientDoubt(
            Doubt.UNUSABLE, Phrase(f"Nothing can be mailed to {email}: {fault}.{f' Perhaps {meant} was meant.' if meant else ''}")
        )
    if any(mail_addresses.same_mailbox(email, sender) for sender in senders):
        return RecipientDoubt(
            Doubt.OWN_SENDER, Phrase(f"{email} is the address that our own replies are sent from: the mail would come back to us.")
        )
    if mail_addresses.is_unattended(email):
        return RecipientDoubt(Doubt.UNATTENDED, Phrase(f"{email} looks like an address that nobody reads."))
    return None


def must_be_usable(email: str | None) -> None:
    """Raises InvalidInput where nothing could ever be delivered there. No address at all is none that is wrong."""
    if email and (fault := mail_addresses.fault(email)):
        meant = mail_addresses.suggestion(email)
        raise InvalidInput(
            f"email: {fault}{f'; was {meant} meant?' if meant else ''} "
            "Correct the recipient, or leave it empty to pass the reply on by hand",
            field="email",
        )


def must_be_confirmed(email: str | None, senders: Collection[str], *, confirmed: bool) -> dict[str, object]:
    """What the log says of a doubtful recipient that a person confirms. Raises InvalidInput where they have not, or where it is no use."""
    must_be_usable(email)
    doubt = doubt_about(email, senders)
    if doubt is None:
        return {}
    if not confirmed:
        raise InvalidInput(f"confirm_recipient: {_WHY[doubt.kind]}; correct the recipient, or confirm it (true)", field="confirm_recipient")
    return {"recipient_confirmed": doubt.kind.value}


_WHY = {
    Doubt.OWN_SENDER: Phrase("the reply would go to the address that it is sent from"),
    Doubt.UNATTENDED: Phrase("the reply would go to an address that looks as if nobody reads it"),
}
