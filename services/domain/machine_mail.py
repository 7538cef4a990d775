"""Names the machines that write mail, and says whether a message may have an answer at all. Pure."""

from collections.abc import Mapping

from schemas.values import MailMachine
from services.domain.phrases import Phrase

SENTENCES: Mapping[MailMachine, str] = {
    "reply": Phrase("an automatic reply, as its headers say"),
    "bounce": Phrase("a mail that came back, as its headers say"),
    "report": Phrase("a report of delivery or reading, as its headers say"),
    "list": Phrase("a newsletter or mailing list, as its headers say"),
    "own": Phrase("a mail of our own, as its headers say"),
}
"""What a mail is that a machine wrote."""

QUOTES_US: frozenset[MailMachine] = frozenset({"bounce", "report", "own"})
"""Their words are those of our own letters."""


def may_be_answered(automatic: MailMachine | None) -> bool:
    """Whether a message may be drafted for, answered or acknowledged: nothing that a machine wrote, or two of them go on for ever."""
    return automatic is None
