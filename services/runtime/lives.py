"""Which life of a broker that forgets a service has seen: what was open in an earlier one is published again, once a life."""

from sqlmodel import Field, SQLModel

from services.runtime.database import Session
from services.runtime.settings import KafkaSettings


class LifeRow(SQLModel, table=True):
    """The life that a service has taken up everything for."""

    __tablename__ = "broker_lives"

    service: str = Field(primary_key=True)
    life: str


async def has_forgotten(session: Session, service: str, kafka: KafkaSettings) -> bool:
    """Whether the broker began a life that the service has not seen. From this transaction on it has."""
    if not kafka.ephemeral:
        return False
    seen = await session.get(LifeRow, service)
    if seen and kafka.life and seen.life == kafka.life:
        return False
    await session.merge(LifeRow(service=service, life=kafka.life))
    return True
