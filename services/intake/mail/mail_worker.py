"""The worker process that reads mails: hostile bytes meet parsers here, where there is no secret and nothing that must go on."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake.mail import reading
from services.intake.mail.mail_kind import Ours
from services.runtime import json_logs, worker_main
from services.runtime.worker_main import Channel


@dataclass(frozen=True)
class Question:
    """A mail as it came, and what is known of it. `size` is more than there is of it where only its beginning was fetched."""

    raw: bytes
    agency: str
    arrived_at: datetime
    size: int


@dataclass(frozen=True)
class Setup:
    """What the process has to know: how much to log, and which mails are our own."""

    log_level: str
    ours: Ours


class MailWorker:
    """Reads one mail at a time."""

    def __init__(self, ours: Ours) -> None:
        self._ours = ours

    def refresh(self) -> None:
        """Nothing to be read anew."""

    def answer(self, question: Question) -> Sequence[bytes]:
        """The request as JSON, the decisions whose replies came back, and then each file in base64, but not the original."""
        read = reading.read(question.raw, question.agency, question.arrived_at, question.size, self._ours)
        returned = [(str(reply.decision_id), reply.reason) for reply in read.returned]
        contents = (base64.b64encode(content) for content in read.contents[:-1])
        return [json.dumps(read.value).encode(), json.dumps(returned).encode(), *contents]

    def answered(self) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing is open."""


def load(setup: Setup, _channel: Channel) -> MailWorker:
    """Ready at once."""
    json_logs.configure("mail-in", setup.log_level)
    return MailWorker(setup.ours)


if __name__ == "__main__":
    worker_main.serve(load)
