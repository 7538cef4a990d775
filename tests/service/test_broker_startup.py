"""A service that Kafka does not let begin says so once, and leaves nothing behind it."""

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import errors
from faststream.kafka import KafkaBroker

from services.runtime import broker_startup
from services.runtime.broker import kafka_broker
from services.runtime.retry import Health
from services.runtime.settings import KafkaSettings, Settings
from tests.harness.embedded_broker import embedded
from tests.harness.ports import free_port


@pytest.fixture(scope="module")
def kafka() -> Iterator[KafkaSettings]:
    with embedded() as kafka:
        yield kafka.model_copy(update={"ephemeral": False})  # asks for an idempotent producer, which it has not


def a_broker(kafka: KafkaSettings, folder: Path) -> KafkaBroker:
    return kafka_broker("desk", Settings(data_dir=folder, kafka=kafka), Health())


def open_files() -> int:
    """Of this process, sockets included."""
    return sum(1 for _ in Path("/dev/fd").iterdir())


async def test_a_broker_without_idempotent_producer_is_told_with_the_setting_at_once(kafka: KafkaSettings, tmp_path: Path) -> None:
    with pytest.raises(broker_startup.CannotStart, match=r"no idempotent producer.*PARVIS_KAFKA_EPHEMERAL"):
        await broker_startup.connect(a_broker(kafka, tmp_path), kafka)


async def test_no_try_leaves_a_connection_or_a_task_behind(kafka: KafkaSettings, tmp_path: Path) -> None:
    broker = a_broker(kafka, tmp_path)
    with pytest.raises(errors.UnknownError):
        await broker_startup.start(broker)
    await asyncio.sleep(0)
    before = (open_files(), len(asyncio.all_tasks()))
    for _ in range(5):
        with pytest.raises(errors.UnknownError):
            await broker_startup.start(broker)
    await asyncio.sleep(0)  # closed connections are let go of by the loop
    assert (open_files(), len(asyncio.all_tasks())) == before


async def test_who_waits_for_kafka_says_why_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    kafka = KafkaSettings(bootstrap=f"127.0.0.1:{free_port()}")
    tries: list[float] = []

    async def pause(seconds: float) -> None:
        tries.append(seconds)
        if len(tries) == 4:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", pause)
    with caplog.at_level(logging.WARNING), pytest.raises(asyncio.CancelledError):
        await broker_startup.connect(a_broker(kafka, tmp_path), kafka, lambda: 0.5)
    assert [r.getMessage() for r in caplog.records] == [
        f"Kafka at {kafka.bootstrap} does not answer: see that it runs, and that PARVIS_KAFKA_BOOTSTRAP is its address; trying on"
    ]


def test_serve_ends_with_code_one_and_the_sentence(kafka: KafkaSettings, tmp_path: Path) -> None:
    environment = os.environ | {
        "PARVIS_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "PARVIS_KAFKA_EPHEMERAL": "false",
        "PARVIS_DATA_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "services.cli.main", "serve", "drafting", "--port", str(free_port())]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr + done.stdout
    assert (done.stdout + done.stderr).count("has no idempotent producer") == 1
