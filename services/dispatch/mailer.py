"""What a delivery asks of whatever carries mail."""

from collections.abc import Awaitable, Callable
from typing import Literal, Protocol
from uuid import UUID

from services.dispatch.message import Mail
from services.dispatch.rules import Result

Step = Callable[[], Awaitable[None]]


class LeaseLost(Exception):
    """This attempt took too long and another holds the delivery now: nothing may be sent."""


class Mailer(Protocol):
    """Carries one mail. `about_to_transmit` is awaited before the first byte that can't be taken back."""

    channel: Literal["smtp", "file"]

    async def send(self, decision_id: UUID, mail: Mail, about_to_transmit: Step) -> Result:
        """Tries once. Raises only what `about_to_transmit` raised as LeaseLost."""
