"""The turns of one draft with a model: the prompt, and after an answer that fell short what was wrong with it."""

from collections.abc import Sequence

from schemas.drafts_proposed import Check
from schemas.drafts_requested import DraftRequested
from services.domain.articles import Passage
from services.drafting import prompt as prompts
from services.drafting.draft import Fault, ReplyContext

SHORTFALLS: dict[Fault, str] = {
    "unreadable": "it was not the JSON object that was asked for",
    "unknown passage": "it cites a passage_id that it was not given",
    "empty": "its subject or body was empty, or nothing was left of it without code",
    "too long": "it was too long",
}
MENDABLE = frozenset(
    {"grounded", "cites_known_passages", "quotes_verbatim", "language_matches", "length", "no_unknown_placeholders", "no_foreign_links",
     "no_unsupported_numbers", "no_unknown_names", "true_to_passages", "readable"}
)  # fmt: skip
"""Checks whose fault a model can mend when it is told. Not those that say it obeyed the letter: such an answer is shown as it is."""


def mendable(results: Sequence[Check]) -> tuple[str, ...]:
    """What the checks say of a draft that a second turn may put right."""
    faults = (check for check in results if not check.passed and check.name in MENDABLE)
    return tuple(f"{check.name}: {check.detail}" + (f": \u201c{check.quote}\u201d" if check.quote else "") for check in faults)


class Conversation:
    """The messages of one draft: the prompt, and after an answer that fell short what was wrong with it."""

    def __init__(self, request: DraftRequested, passages: Sequence[Passage], context: ReplyContext) -> None:
        self._of = (request, passages, context)
        self._short = False
        self.prompt = prompts.prompt(request, passages, context)
        self._turns: list[dict[str, str]] = []

    @property
    def messages(self) -> list[dict[str, str]]:
        """What is sent."""
        return [{"role": "system", "content": self.prompt.system}, {"role": "user", "content": self.prompt.user}, *self._turns]

    def mend(self, answer: str, faults: Sequence[str]) -> None:
        """Ask for the same again, with what was wrong. Only the last answer is kept in it."""
        if faults:
            answer = answer[: prompts.MESSAGE_CHARACTERS]
            self._turns = [{"role": "assistant", "content": answer}, {"role": "user", "content": prompts.repair(faults)}]

    def shorten(self) -> bool:
        """Take less of the message; false where that was done before."""
        if self._short:
            return False
        request, passages, context = self._of
        self._short, self._turns = True, []
        self.prompt = prompts.prompt(request, passages, context, message_characters=prompts.MESSAGE_CHARACTERS // 4)
        return True
