"""Adds up what one draft has cost: tokens, money and time, of all its attempts."""

import time
from collections.abc import Callable, Mapping, Sequence

from schemas.drafts_proposed import Spending, Usage
from services.drafting.chat_completion import Completion
from services.drafting.draft import Fault
from services.runtime.settings import LlmSettings

CHARACTERS_PER_TOKEN = 4  # of English and French; only where a server counts nothing
MILLION = 1_000_000


class Bill:
    """What asking for one draft has cost so far."""

    def __init__(self, settings: LlmSettings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._asked = self._characters = 0
        self._began = self._seconds = 0.0
        self._input = self._output = 0
        self.usage = Usage()

    def ask(self, messages: Sequence[Mapping[str, str]]) -> None:
        """The model is asked."""
        self._asked += 1
        self._characters = sum(len(message["content"]) for message in messages)
        self._began = self._monotonic()

    def answered(self, completion: Completion) -> None:
        """It answered; what its server did not count is estimated."""
        self._seconds += self._monotonic() - self._began
        counted = completion.input_tokens, completion.output_tokens
        self.usage = Usage(input_tokens=self.usage.input_tokens + counted[0], output_tokens=self.usage.output_tokens + counted[1])
        self._input += counted[0] or self._characters // CHARACTERS_PER_TOKEN
        self._output += counted[1] or len(completion.text) // CHARACTERS_PER_TOKEN

    def without_answer(self, fault: Fault) -> None:
        """It did not; what it was writing when nobody waited any longer is charged for as well, and the prompt is known."""
        self._seconds += self._monotonic() - self._began
        if fault == "timeout":
            self._input += self._characters // CHARACTERS_PER_TOKEN

    @property
    def spending(self) -> Spending | None:
        """The sum; None where nobody was asked."""
        if not self._asked:
            return None
        price = self._input * self._settings.price_input + self._output * self._settings.price_output
        return Spending(
            tokens=self._input + self._output,
            cost=round(price / MILLION, 6),
            currency=self._settings.price_currency if price else "",
            seconds=round(self._seconds, 3),
        )
