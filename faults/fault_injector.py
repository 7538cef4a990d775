"""Inflicts each kind of fault, waits as long as it lasts, and puts it right."""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator

from faults.fault_schedule import Fault
from faults.load_generator import Load
from tests.harness.fleet import Fleet
from tests.harness.kafka_cluster import KafkaCluster
from tests.harness.mail_server import MailServer
from tests.harness.model_endpoint import ModelEndpoint
from tests.harness.postgres import Postgres


class World:
    """Everything that can fail: servers and processes of the run."""

    def __init__(self, kafka: KafkaCluster, postgres: Postgres, mail: MailServer, model: ModelEndpoint, fleet: Fleet, load: Load) -> None:
        self.kafka, self.postgres, self.mail, self.model, self.fleet, self.load = kafka, postgres, mail, model, fleet, load
        self.ends: list[tuple[float, str]] = []
        self._one_server = threading.Lock()  # one broker or the database at a time: two of three brokers must be up

    def inflict(self, fault: Fault) -> None:
        """Inflicts the fault, waits as long as it lasts, and puts it right."""
        with self._injection(fault):
            self._wait(fault.seconds)
        self.ends.append((time.time(), fault.kind))

    @contextlib.contextmanager
    def _injection(self, fault: Fault) -> Iterator[None]:
        member = self.fleet.of(fault.service)[fault.process]
        match fault.kind:
            case "kill a service":
                member.signal(signal.SIGKILL)
                yield
            case "freeze a service":
                member.signal(signal.SIGSTOP)
                yield
                member.signal(signal.SIGCONT)
            case "kill a broker":
                with self._one_server:
                    leader = self.kafka.leader("parvis.requests.received.v1")
                    self.kafka.kill(leader)
                    yield
                    self.kafka.start_broker(leader)
            case "stop the database at once":
                with self._one_server:
                    self.postgres.stop_at_once()
                    yield
                    self.postgres.start()
            case "cut every database connection":
                with self._one_server:
                    self.postgres.cut_connections()
                yield
            case "requests twice and out of order":
                self.load.repeat()
                yield
            case "rebalance storm":
                for number in (0, 1, 0, 1):
                    self.fleet.of(fault.service)[number].signal(signal.SIGTERM)
                    self._wait(1.5)
                yield
            case _:
                self._moods(fault)
                yield
                self.mail.mood, self.model.mood = "takes", "answers"

    def _moods(self, fault: Fault) -> None:
        match fault.kind:
            case "the model refuses":
                self.model.mood = "refuses"
            case "the model hangs":
                self.model.mood = "hangs"
            case "the model talks nonsense":
                self.model.mood = "talks nonsense"
            case "the mail server refuses":
                self.mail.mood = "refuses"
            case "the mail server drops the text":
                self.mail.mood = "drops the text"
            case "the mail server drops its answer":
                self.mail.mood = "drops its answer"

    def _wait(self, seconds: float) -> None:
        threading.Event().wait(seconds)
