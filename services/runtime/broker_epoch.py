"""Remembers which run of a non-persistent broker a service has seen, and publishes open requests again once for each new run."""

from sqlmodel import Field, SQLModel

from services.runtime.database import Session
from services.runtime.settings import KafkaSettings


class BrokerEpochRow(SQLModel, table=True):
    """The epoch whose open requests a service has published again. The column keeps its first name."""

    __tablename__ = "broker_lives"

    service: str = Field(primary_key=True)
    life: str


async def is_new_epoch(session: Session, service: str, kafka: KafkaSettings) -> bool:
    """Whether the broker began an epoch that the service has not seen. Notes it as seen, in this transaction."""
    if not kafka.ephemeral:
        return False
    row = await session.get(BrokerEpochRow, service)
    if row and kafka.epoch and row.life == kafka.epoch:
        return False
    await session.merge(BrokerEpochRow(service=service, life=kafka.epoch))
    return True
