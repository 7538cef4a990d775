"""The two installations that faults are named on: one with all that is embedded, one on three brokers of Kafka and on PostgreSQL."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

from kafka import TopicPartition

from tests.harness.kafka_cluster import KafkaCluster
from tests.harness.mail_server import MailServer
from tests.harness.model_endpoint import ModelEndpoint
from tests.harness.ports import free_port
from tests.harness.postgres import Postgres
from tests.harness.prometheus_server import PrometheusServer
from tests.harness.running_stack import RECEIVED, Agency, Caseworker, Installation, add_agency, add_caseworker
from tests.harness.small_disk import SmallDisk
from tests.harness.waiting import until

HOOKED = "hooktown"
"""The agency that is told by a webhook."""
DISK_MEGABYTES = 760
"""More than the 500 below which a disk is called full, so that it is not while all is well."""
UNCLEAN = 1  # of Kafka's kinds of election
QUICK = {"PARVIS_UNDO_SECONDS": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass
class Site:
    """A running installation, and all around it that can be broken."""

    at: Installation
    prometheus: PrometheusServer
    town: Agency
    mona: Caseworker
    model: ModelEndpoint | None = None
    mail: MailServer | None = None
    hooked: Agency | None = None
    hook: "Webhook | None" = None
    disk: SmallDisk | None = None
    kafka: KafkaCluster | None = None
    postgres: Postgres | None = None
    broke_at: float = 0.0
    """By the monotonic clock: from here on it is counted how soon the cause is named."""
    notes: list[str] = field(default_factory=list)
    """What else was seen while something was broken."""

    def breaks_now(self) -> None:
        """Begins to count."""
        self.broke_at = time.monotonic()


class Webhook:
    """An agency's program that takes what it is told; `down` is the port without anybody behind it."""

    def __init__(self) -> None:
        self.port = free_port()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/parvis"

    def up(self) -> None:
        """Listens and takes everything."""

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def down(self) -> None:
        """Nothing listens any more."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def a_letter() -> dict[str, Any]:
    """What somebody who can be answered by mail asks, with an answer in the sample city's articles."""
    return {
        "request_id": str(uuid4()),
        "channel": "web",
        "subject": "Street lamp out on Elm Street",
        "body": "The street lamp outside 12 Elm Street has been out for a week and the pavement is dark. When will it be repaired?",
        "citizen": {"name": "Mira Holm", "email": "mira.holm@example.org"},
    }


@contextlib.contextmanager
def watched(at: Installation, *, hook: Webhook | None = None) -> Iterator[Site]:
    """Starts the installation, people and agencies in it, and a Prometheus that asks its services."""
    at.start()
    town, mona = add_agency(at), add_caseworker(at)
    hooked = None
    if hook:
        hooked = add_agency(at, HOOKED)
        at.prints("agencies", "webhook", HOOKED, hook.url, "--loopback")
    urls = at.run_file()["services"]
    with PrometheusServer(list(urls.values())) as prometheus:
        until(lambda: prometheus.targets_up() == len(urls), "Prometheus reads every service")
        for service in urls:
            until(lambda service=service: at.is_ready(service), f"{service} is ready")  # type: ignore[misc]  # mypy infers no lambda with a default
        yield Site(at, prometheus, town, mona, hooked=hooked, hook=hook)


@contextlib.contextmanager
def embedded(folder: Path, *, small_disk: bool) -> Iterator[Site]:
    """With the embedded broker and SQLite; a disk of its own where the fault needs one that can be filled."""
    with contextlib.ExitStack() as stack:
        model, mail = stack.enter_context(ModelEndpoint()), stack.enter_context(MailServer())
        hook = Webhook()
        hook.up()
        stack.callback(hook.down)
        disk = None
        if small_disk:
            disk = stack.enter_context(SmallDisk(folder / "disk", DISK_MEGABYTES))
        # The model's time limit is the default: a shorter one would make it easy to say that it hangs.
        settings = QUICK | {"PARVIS_LLM_BASE_URL": model.url, "PARVIS_SMTP_URL": mail.url, "PARVIS_DELIVERY_PAUSE_SECONDS": "1"}
        at = Installation((disk.at if disk else folder) / "data", settings)
        at.output = folder / "parvis-up.output"
        stack.callback(at.end)
        site = stack.enter_context(watched(at, hook=hook))
        site.model, site.mail, site.disk = model, mail, disk
        yield site


@contextlib.contextmanager
def on_servers(folder: Path) -> Iterator[Site]:
    """On three brokers of Apache Kafka and on PostgreSQL."""
    with contextlib.ExitStack() as stack:
        kafka, postgres = stack.enter_context(KafkaCluster(3)), stack.enter_context(Postgres())
        settings = QUICK | kafka.environment | {"PARVIS_DATABASE_URL": postgres.url(), "PARVIS_KAFKA_PARTITIONS": "4"}
        at = Installation(folder / "data", settings)
        stack.callback(at.end)
        site = stack.enter_context(watched(at))
        site.kafka, site.postgres = kafka, postgres
        yield site


def restart_all(kafka: KafkaCluster) -> None:
    """All at once: none of them is in before most of them are."""
    threads = [threading.Thread(target=kafka.start_broker, args=(broker,), daemon=True) for broker in kafka.ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def elect_uncleanly(kafka: KafkaCluster, partition: int) -> None:
    """As the runbook says: since Kafka 4 a last copy whose broker fell without a clean end leads again only where somebody says so."""
    with contextlib.closing(kafka.admin()) as admin:
        admin.elect_leaders(UNCLEAN, {RECEIVED: [partition]}, raise_errors=False)


def copies_on(kafka: KafkaCluster, partition: int, brokers: list[int]) -> None:
    """Moves a partition of the requests to these brokers alone; returns once the first of them leads it."""

    def moved() -> bool:
        with contextlib.closing(kafka.admin()) as admin:
            (topic,) = admin.describe_topics([RECEIVED])
            [place] = [place for place in topic["partitions"] if place["partition_index"] == partition]
            if sorted(place["replica_nodes"]) == sorted(brokers):
                return place["leader_id"] in brokers
            # Asked again while it is not so: a controller that is new, or a broker that has just come back, refuses without raising.
            admin.alter_partition_reassignments({TopicPartition(RECEIVED, partition): brokers})
            return False

    until(moved, f"partition {partition} is on {brokers} alone", seconds=60)
