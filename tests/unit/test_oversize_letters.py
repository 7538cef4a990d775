"""A record too large for a dead letter does not hold its partition: the letter goes without it, and says so."""

from typing import Any

from aiokafka.errors import MessageSizeTooLargeError

from schemas.dead_letters import DeadLetter
from services.runtime import clock, dead_letters
from services.runtime.dead_letters import dead_letter
from services.runtime.errors import InvalidRecord
from tests.unit.test_records import ARecord


class SmallBroker:
    """Takes what is small, as Kafka does."""

    def __init__(self) -> None:
        self.letters: list[DeadLetter] = []

    async def publish(self, letter: DeadLetter, **_: Any) -> None:
        if len(letter.model_dump_json()) > 4_000_000:
            raise MessageSizeTooLargeError
        self.letters.append(letter)


async def test_a_record_too_large_for_a_letter_is_told_of_by_its_length_and_digest() -> None:
    record, broker = ARecord(), SmallBroker()
    record.value = b" " * 5_000_000
    letter = dead_letter(record, "triage", InvalidRecord("no JSON"), attempts=1, first_failed_at=clock.now())
    await dead_letters.publish(broker, letter)  # type: ignore[arg-type]  # all that is asked of a broker

    [published] = broker.letters
    assert published.letter_id == letter.letter_id
    assert published.value is None
    assert "5000000 bytes" in published.error_message
    assert "no JSON" in published.error_message
