"""The plainer programs that the hop of triage is measured beside: `python -m benchmarks.hop_programs NAME`, started by benchmarks.hop.

Each takes its group's records, sorts the text by a scikit-learn pipeline that was fitted on Parvis's own corpus, and writes one record for
each.
"""

import asyncio
import json
import os
import sys
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from faststream import FastStream
from faststream.kafka import KafkaBroker
from pydantic import BaseModel
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from schemas import requests_received, requests_triaged
from services.domain import taxonomy
from services.triage.classification import model_store

BATCH, WAIT_MS = 256, 100
BOOTSTRAP = os.environ["PARVIS_KAFKA_BOOTSTRAP"]


def fitted() -> Pipeline:
    """Word and letter n-grams and a linear model."""
    rows = model_store.corpus_rows(taxonomy.load())
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(max_iter=200))
    return pipeline.fit([row.text for row in rows], [row.category for row in rows])


class Request(BaseModel):
    """As much of the record as is needed."""

    request_id: str
    body: str


class Triaged(BaseModel):
    """What is written."""

    request_id: str
    category: str


async def faststream(pipeline: Pipeline) -> None:
    """A subscriber and a publisher as in FastStream's documentation."""
    broker = KafkaBroker(BOOTSTRAP)

    @broker.publisher(requests_triaged.TOPIC)
    @broker.subscriber(requests_received.TOPIC, group_id="hop.faststream", auto_offset_reset="earliest")
    async def on_request(request: Request) -> Triaged:
        return Triaged(request_id=request.request_id, category=pipeline.predict([request.body])[0])

    await FastStream(broker).run()


def decided(pipeline: Pipeline, values: list[bytes]) -> list[bytes]:
    """One matrix product for all."""
    requests = [json.loads(value) for value in values]
    categories = pipeline.predict([request["body"] for request in requests])
    return [
        json.dumps({"request_id": request["request_id"], "category": category}).encode()
        for request, category in zip(requests, categories, strict=True)
    ]


async def aiokafka(pipeline: Pipeline) -> None:
    """Batches in, one wait for all of a batch out, then the commit."""
    consumer: Any = AIOKafkaConsumer(
        requests_received.TOPIC,
        bootstrap_servers=BOOTSTRAP,
        group_id="hop.aiokafka",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    async with consumer, AIOKafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all", linger_ms=5) as producer:
        while True:
            batches: dict[TopicPartition, list[Any]] = await consumer.getmany(timeout_ms=WAIT_MS, max_records=BATCH)
            values = [record.value for records in batches.values() for record in records]
            if values:
                sent = [await producer.send(requests_triaged.TOPIC, value) for value in decided(pipeline, values)]
                await asyncio.gather(*sent)
                await consumer.commit()


def confluent(pipeline: Pipeline) -> None:
    """The same with librdkafka."""
    from confluent_kafka import Consumer, Producer  # noqa: PLC0415 - the others go without it

    consumer = Consumer(
        {
            "bootstrap.servers": BOOTSTRAP,
            "group.id": "hop.confluent",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "acks": "all", "linger.ms": 5})
    consumer.subscribe([requests_received.TOPIC])
    while True:
        values = [record.value() or b"" for record in consumer.consume(BATCH, WAIT_MS / 1000) if not record.error()]
        if values:
            for value in decided(pipeline, values):
                producer.produce(requests_triaged.TOPIC, value)
            producer.flush()
            consumer.commit(asynchronous=False)


def main(name: str) -> None:
    """Until it is ended."""
    pipeline = fitted()
    if name == "confluent":
        confluent(pipeline)
    else:
        asyncio.run({"faststream": faststream, "aiokafka": aiokafka}[name](pipeline))


if __name__ == "__main__":
    main(sys.argv[1])
