"""What an erasure can't reach, and until when it is there. Pure."""

from datetime import datetime, timedelta

from services.runtime.settings import Settings

SEGMENT = timedelta(days=1)
"""A record goes with the whole of its segment, which is closed after a day at the latest."""


def kafka_until(settings: Settings, now: datetime) -> tuple[datetime, datetime, datetime]:
    """When the last record of a request is gone: with its identity, of work on its redacted words, of a correction of its category.

    The last record may have been written just now.
    """
    kafka = settings.kafka
    days = (kafka.retention_personal_days, kafka.retention_days, kafka.retention_learning_days)
    personal, work, learning = (now + timedelta(days=kept) + min(SEGMENT, timedelta(days=kept / 4)) for kept in days)
    return personal, work, learning


def remains(settings: Settings, now: datetime) -> list[str]:
    """Each a sentence."""
    if settings.kafka.ephemeral:
        kafka = ["Kafka: the embedded broker keeps its records in memory until it stops"]
    else:
        personal, work, learning = (f"{moment:%Y-%m-%d %H:%M} UTC" for moment in kafka_until(settings, now))
        kafka = [
            f"Kafka, records with the identity: until {personal}",
            f"Kafka, records with redacted words: until {work}",
            f"Kafka, a correction with redacted words, if there was one: until {learning}",
        ]
    database = (
        []
        if settings.database.startswith("sqlite")
        else ["the database's dead rows: until its next vacuum; its write-ahead log: until that is recycled or archived"]
    )
    return [
        *kafka,
        *database,
        "backups of the database and of files: until they are overwritten; after a restore erase once more",
        "mails that were sent, the agency's own copy from its webhook or its API, and the mailbox that a mail was taken from",
        "a classifier that was trained with a redacted example: until the next one is trained",
    ]
