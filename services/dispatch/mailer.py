"""The interface of mail transports: SMTP and files both implement `Mailer`."""

from collections.abc import Awaitable, Callable
from typing import Literal, Protocol
from uuid import UUID

from services.dispatch.mail_message import Mail
from services.dispatch.rules import Result

Step = Callable[[], Awaitable[None]]


class LeaseLost(Exception):
    """Another attempt holds the delivery now, since this one took too long: nothing may be sent."""


class Mailer(Protocol):
    """Sends one mail. `about_to_transmit` is awaited before the first byte that can't be taken back."""

    channel: Literal["smtp", "file"]

    async def send(self, decision_id: UUID, mail: Mail, about_to_transmit: Step) -> Result:
        """Makes one attempt. Raises only LeaseLost, where `about_to_transmit` did."""
