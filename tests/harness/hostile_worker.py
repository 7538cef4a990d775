"""A test worker that hangs, crashes or loops as the message's text orders."""

import hashlib
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import Redacted, Urgency
from services.runtime import kafka_records, worker_main
from services.runtime.errors import InvalidInput
from services.triage.worker_request import Batch


@dataclass(frozen=True)
class Setup:
    """`folder` is where it says what it does, a file each."""

    folder: Path
    fault: str = ""


class HostileWorker:
    """Does what each message's body says."""

    def __init__(self, setup: Setup) -> None:
        self._folder = setup.folder

    def refresh(self) -> None:
        """Nothing to read."""

    def answer(self, batch: Batch) -> list[bytes]:
        """In their order, as the product does."""
        return [kafka_records.written(self._decided(request)) for request in batch.requests]

    def answered(self) -> None:
        """Nobody looks on."""

    def close(self) -> None:
        """It has ended as it should."""
        (self._folder / "closed").touch()

    def _decided(self, request: RequestReceived) -> RequestTriaged:
        (self._folder / "reading").write_text(f"{os.getpid()} {request.body}")
        match request.body:
            case "a pattern that never ends":
                re.match(r"(a+)+$", "a" * 60 + "!")
            case "a library that never ends":
                hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
            case "stands still":
                threading.Event().wait()
            case "ends the worker":
                os._exit(3)
            case "is killed once" if not (self._folder / "killed").exists():
                (self._folder / "killed").touch()
                threading.Event().wait()
            case "is a bug":
                raise ValueError(request.body)
        return RequestTriaged(
            request_id=request.request_id,
            agency=request.agency,
            channel=request.channel,
            received_at=request.received_at,
            language=DetectedLanguage(code="en", confidence=1.0),
            redacted=Redacted(body=request.body),
            category="street_lighting",
            confidence=0.9,
            department="streets",
            urgency=Urgency.NORMAL,
            outcome="routed",
            model_version="of the test",
        )


def load(setup: Setup, _: object) -> HostileWorker:
    """Or not, where it is told so."""
    if setup.fault == "ends":
        os._exit(4)
    if setup.fault:
        raise InvalidInput(setup.fault, field="PARVIS_MODEL_DIR")
    return HostileWorker(setup)


if __name__ == "__main__":
    worker_main.serve(load)
