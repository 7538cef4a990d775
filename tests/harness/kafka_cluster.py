"""Real Apache Kafka in KRaft mode on this machine: a context manager with a directory of its own under /tmp and free ports."""

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from tests.harness.certificates import Authority
from tests.harness.ports import free_port
from tests.harness.processes import CannotStart, Running, wait_until
from tests.harness.waiting import PATIENCE

POM = Path(__file__).with_name("pom.xml")
HEAP = "-Xmx384m"


def kafka_jars() -> Path:
    """The folder of Kafka's jars, fetched by Maven the first time. Raises CannotStart where Java or Maven is missing."""
    missing = [name for name in ("java", "mvn") if not shutil.which(name)]
    version = re.search(r"kafka_2\.13</artifactId>\s*<version>([^<]+)", POM.read_text())
    assert version, f"{POM} names no version of kafka_2.13"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "parvis"
    folder = cache / f"kafka-{version[1]}"
    if folder.is_dir() and "java" not in missing:
        return folder
    if missing:
        raise CannotStart(f"{' and '.join(missing)} not found: apt-get install openjdk-17-jdk-headless maven")
    cache.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(dir=cache))
    command = ["mvn", "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={half}", "-DincludeScope=runtime"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(half)
        raise CannotStart(f"Maven could not fetch Kafka {version[1]}:\n{done.stdout[-2000:]}{done.stderr[-1000:]}")
    with contextlib.suppress(OSError):  # another run was faster
        half.rename(folder)
    shutil.rmtree(half, ignore_errors=True)
    return folder


@dataclass(frozen=True)
class Secured:
    """SASL_SSL with SCRAM-SHA-512, and nothing allowed unless an ACL says so. The administrator may do everything."""

    authority: Authority
    admin: str = "parvis-admin"
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18))


class KafkaCluster:
    """One broker or several, each also a controller. `kill` is kill -9; what was written stays for `start_broker`."""

    def __init__(self, brokers: int = 1, *, secured: Secured | None = None, settings: Mapping[str, str] | None = None) -> None:
        self.secured = secured
        self.directory = Path(tempfile.mkdtemp(prefix="parvis-kafka-"))
        self.ids = list(range(1, brokers + 1))
        self._settings = dict(settings or {})
        self._ports = {broker: (free_port(), free_port(), free_port()) for broker in self.ids}
        self._running: dict[int, Running] = {}
        self._jars = kafka_jars()

    @property
    def bootstrap(self) -> str:
        """The addresses for clients."""
        return ",".join(f"127.0.0.1:{self._ports[broker][0]}" for broker in self.ids)

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which Parvis comes in, as the administrator where there are users."""
        settings = {"PARVIS_KAFKA_BOOTSTRAP": self.bootstrap, "PARVIS_KAFKA_EPHEMERAL": "false"}
        return settings | (self.login(self.secured.admin, self.secured.password) if self.secured else {})

    def login(self, user: str, password: str) -> dict[str, str]:
        """The settings of one user."""
        assert self.secured
        return {
            "PARVIS_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "PARVIS_KAFKA_SECURITY_MECHANISM": "SCRAM-SHA-512",
            "PARVIS_KAFKA_SECURITY_USERNAME": user,
            "PARVIS_KAFKA_SECURITY_PASSWORD": password,
            "PARVIS_KAFKA_SECURITY_CAFILE": str(self.secured.authority.file),
        }

    def admin(self) -> KafkaAdminClient:
        """A client that may do everything; the caller closes it."""
        up = [broker for broker, running in self._running.items() if running.alive and self._listens(broker)]
        options: dict[str, Any] = {"bootstrap_servers": [f"127.0.0.1:{self._ports[broker][0]}" for broker in up]}
        if self.secured:
            options |= {
                "security_protocol": "SASL_SSL",
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": self.secured.admin,
                "sasl_plain_password": self.secured.password,
                "ssl_cafile": str(self.secured.authority.file),
            }
        return KafkaAdminClient(**options)

    def __enter__(self) -> Self:
        try:
            cluster_id = uuid4().hex[:22]
            for broker in self.ids:
                self._format(broker, cluster_id)
            for broker in self.ids:
                self._launch(broker)
            for broker in self.ids:
                self._wait(broker)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def pid(self, broker: int) -> int:
        """The process of a broker."""
        return self._running[broker].process.pid

    def kill(self, broker: int) -> None:
        """As when the power goes: no handing over of leaders."""
        self._running[broker].end(signal.SIGKILL)

    def stop_broker(self, broker: int) -> None:
        """In order: leaders are handed over first."""
        self._running[broker].end(signal.SIGTERM, 30)

    def start_broker(self, broker: int) -> None:
        """Starts it again on what it had; returns once it is in the cluster."""
        self._launch(broker)
        self._wait(broker)

    def leader(self, topic: str, partition: int = 0) -> int:
        """The broker that leads a partition now."""
        with contextlib.closing(self.admin()) as admin:
            (topics,) = admin.describe_topics([topic])
            return next(int(p["leader_id"]) for p in topics["partitions"] if p["partition_index"] == partition)

    def stop(self) -> None:
        """Ends every broker and forgets what they held."""
        for running in self._running.values():
            running.end(signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self, broker: int) -> Path:
        """What a broker said."""
        return self.directory / f"broker-{broker}.log"

    def _java(self, *arguments: str) -> list[str]:
        log4j = self.directory / "log4j2.properties"
        if not log4j.exists():
            log4j.write_text(
                "appender.out.type=Console\nappender.out.name=out\nappender.out.layout.type=PatternLayout\n"
                "appender.out.layout.pattern=%d{HH:mm:ss,SSS} %p %c: %m%n\nrootLogger.level=warn\nrootLogger.appenderRef.out.ref=out\n"
            )
        # The serial collector and the first compiler only: a test's broker lives for minutes, on a machine that others use too.
        flags = [HEAP, "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", f"-Dlog4j2.configurationFile={log4j}"]
        return ["java", *flags, "-cp", f"{self._jars}/*", *arguments]

    def _format(self, broker: int, cluster_id: str) -> None:
        properties = self.directory / f"broker-{broker}.properties"
        properties.write_text("".join(f"{key}={value}\n" for key, value in self._properties(broker).items()))
        scram = []
        if self.secured:
            scram = ["--add-scram", f"SCRAM-SHA-512=[name={self.secured.admin},password={self.secured.password}]"]
        command = self._java("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(properties), *scram)
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
        if done.returncode:
            raise CannotStart(f"could not format the storage of broker {broker}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def _properties(self, broker: int) -> dict[str, str]:
        clients, controller, internal = self._ports[broker]
        copies = str(min(len(self.ids), 3))
        protocol = "SASL_SSL" if self.secured else "PLAINTEXT"
        properties = {
            "process.roles": "broker,controller",
            "node.id": str(broker),
            "controller.quorum.voters": ",".join(f"{broker}@127.0.0.1:{self._ports[broker][1]}" for broker in self.ids),
            "controller.listener.names": "CONTROLLER",
            "listeners": f"CLIENTS://127.0.0.1:{clients},CONTROLLER://127.0.0.1:{controller},INTERNAL://127.0.0.1:{internal}",
            "advertised.listeners": f"CLIENTS://127.0.0.1:{clients},INTERNAL://127.0.0.1:{internal}",
            "inter.broker.listener.name": "INTERNAL",
            "listener.security.protocol.map": f"CLIENTS:{protocol},CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT",
            "log.dirs": str(self.directory / f"data-{broker}"),
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": copies,
            "offsets.topic.num.partitions": "5",  # 50 would be made for every cluster of a test
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "5",
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
        }
        if self.secured:
            properties |= {
                "listener.name.clients.sasl.enabled.mechanisms": "SCRAM-SHA-512",
                "listener.name.clients.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
                "listener.name.clients.ssl.keystore.type": "PEM",
                "listener.name.clients.ssl.keystore.location": str(self.secured.authority.server_file),
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "allow.everyone.if.no.acl.found": "false",
                # Nobody is anonymous on the listener for clients; brokers are, on theirs, which only this machine reaches.
                "super.users": f"User:{self.secured.admin};User:ANONYMOUS",
            }
        return properties | self._settings

    def _launch(self, broker: int) -> None:
        self._running[broker] = Running(self._java("kafka.Kafka", str(self.directory / f"broker-{broker}.properties")), self.log(broker))

    def _listens(self, broker: int) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", self._ports[broker][0])) == 0

    def _wait(self, broker: int) -> None:
        port = self._ports[broker][0]

        def is_in() -> bool:
            try:
                with contextlib.closing(self.admin()) as admin:
                    return port in {int(broker["port"]) for broker in admin.describe_cluster()["brokers"]}
            except (KafkaError, OSError, AssertionError):
                return False

        wait_until(lambda: self._listens(broker), self._running[broker].process, self.log(broker))
        wait_until(is_in, self._running[broker].process, self.log(broker))
