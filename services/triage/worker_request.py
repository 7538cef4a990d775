"""What is sent to the worker process: one batch of messages."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.requests_received import RequestReceived


@dataclass(frozen=True)
class Batch:
    """`watched` where drift and a candidate look on: not at what no citizen wrote."""

    requests: Sequence[RequestReceived]
    watched: bool = True
