"""Decides signals and urgency of a mail that a machine wrote, as its headers say. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.requests_triaged import Signal
from schemas.values import MailMachine, Urgency
from services.domain import machine_mail
from services.domain.phrases import Phrase


@dataclass(frozen=True)
class MachineMail:
    """What triage says of it. One with a `doubt` is a person's to look at, the others are for nobody."""

    signals: list[Signal]
    urgency: Urgency
    reasons: list[str]
    doubt: bool


def machine_mail_of(machine: MailMachine, shown: Sequence[Signal]) -> MachineMail:
    """Never an emergency, since what it quotes may be our own words. Where its own tell of danger, the headers may be wrong."""
    sentence = machine_mail.SENTENCES[machine]
    of_headers = Signal(kind="automatic_reply", words=sentence)
    danger = [] if machine in machine_mail.QUOTES_US else [signal for signal in shown if signal.kind == "risk_of_harm"]
    # Headers may be wrong: once a colleague says that a person wrote it, that person's wish must still bind.
    wishes = [signal for signal in shown if signal.kind == "wants_a_person"]
    if danger:
        why = Phrase("a machine wrote this mail, and its words tell of danger: a person looks at it")
        return MachineMail([*danger, of_headers, *wishes], Urgency.HIGH, [why], doubt=True)
    return MachineMail([of_headers, *wishes], Urgency.LOW, [sentence], doubt=False)
