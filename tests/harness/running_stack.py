"""Drives one `parvis up` as its users do: commands, HTTP, Kafka, files and signals. Nothing of the product is imported."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from tests.harness.ports import free_port
from tests.harness.waiting import PATIENCE, until

PARVIS = Path(sys.executable).with_name("parvis")
SERVICES = ("intake", "triage", "drafting", "review", "dispatch")
RECEIVED = "parvis.requests.received.v1"


class Installation:
    """A data directory and what runs on it."""

    def __init__(self, data_dir: Path, environment: Mapping[str, str]) -> None:
        self.data_dir = data_dir
        self.port = free_port(2)
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("PARVIS_", "OTEL_"))}
        self.environment = ours | {"PARVIS_DATA_DIR": str(data_dir), **environment}
        self.output = data_dir.with_name(f"{data_dir.name}.output")
        self.http = httpx.Client(timeout=120)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Comes back when `run.json` says that it is ready."""
        with self.output.open("ab") as output:
            # A session of its own, so that the whole of it can be killed and nothing else.
            self._process = subprocess.Popen(
                [PARVIS, "up", "--data-dir", self.data_dir, "--port", str(self.port), *options],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        until(self._is_ready, "`parvis up` writes run.json")

    def _is_ready(self) -> bool:
        assert self._process
        assert self._process.poll() is None, f"parvis up ended with {self._process.returncode}: {self.output.read_text()[-1000:]}"
        with contextlib.suppress(OSError, ValueError, KeyError):
            return bool(self.run_file()["pid"] == self._process.pid)
        return False

    def run_file(self) -> dict[str, Any]:
        """`run.json`."""
        run: dict[str, Any] = json.loads((self.data_dir / "run.json").read_text())
        return run

    @property
    def review_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def intake_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def bootstrap(self) -> str:
        return str(self.run_file()["kafka_bootstrap"])

    def stop(self) -> int:
        """SIGTERM, as a service manager would; the exit code."""
        assert self._process
        self._process.terminate()
        return self._process.wait(PATIENCE)

    def kill(self) -> None:
        """`kill -9` of every process, at once."""
        assert self._process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        # The killed children hold their ports a moment longer than their parent lives.
        until(lambda: not any(self._answers(port) for port in (self.port, self.port + 1)), "the ports are free again")

    def restart(self) -> None:
        """Stopped and started."""
        assert self.stop() == 0
        self.start()

    def end(self) -> None:
        """Whatever state it is in: nothing of it is left."""
        with contextlib.suppress(subprocess.TimeoutExpired, AssertionError):
            self.stop()
        if self._process:
            self.kill()
        self.http.close()

    def pid_of(self, service: str) -> int | None:
        """The service's process, found as anybody would: by `ps`."""
        assert self._process
        listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True).stdout
        for line in listed.splitlines():
            pid, parent, state, *words = line.split()
            if int(parent) == self._process.pid and not state.startswith("Z") and f"serve {service} " in f"{' '.join(words)} ":
                return int(pid)
        return None

    def kill_service(self, service: str) -> int:
        """`kill -9` of one service, which there has to be, and of its workers; the process that it was."""
        pid = until(lambda: self.pid_of(service), f"{service} runs")
        for child in [pid, *self._children_of(pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return pid

    def _children_of(self, pid: int) -> list[int]:
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        return [int(child) for child, parent in (line.split() for line in listed.splitlines()) if int(parent) == pid]

    def is_ready(self, service: str) -> bool:
        """What its /readyz says."""
        with contextlib.suppress(httpx.TransportError):
            return self.http.get(f"{self.run_file()['services'][service]}/readyz").status_code == 200
        return False

    def _answers(self, port: int) -> bool:
        try:
            self.http.get(f"http://127.0.0.1:{port}/healthz")
        except httpx.ConnectError:
            return False
        except httpx.TransportError:
            return True
        return True

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """A command on this data directory, however it ends."""
        return subprocess.run([PARVIS, *arguments], env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False)

    def prints(self, *arguments: str | Path) -> str:
        """What a command that has to work prints on standard output."""
        ended = self.run(*arguments)
        assert ended.returncode == 0, f"parvis {' '.join(map(str, arguments))}: {ended.stderr}"
        return ended.stdout.strip()

    def publish(self, *values: object, topic: str = RECEIVED) -> None:
        """As an agency with any client does: no header, no key but the request's id. Bytes go as they are."""
        publish(self.bootstrap, topic, values)

    def records(self, *topics: str) -> Iterator[bytes]:
        """All that stands in the topics, from their beginning: key, headers and value of each record."""
        for record in self.raw_records(*topics):
            headers = b"\n".join(name.encode() + b": " + (value or b"") for name, value in record.headers)
            yield b"\n".join((record.key or b"", headers, record.value or b""))

    def raw_records(self, *topics: str) -> Iterator[Any]:
        """The same as the client has them."""
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
        try:
            partitions = [TopicPartition(topic, n) for topic in topics for n in consumer.partitions_for_topic(topic) or ()]
            assert partitions
            ends = consumer.end_offsets(partitions)
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            while any(consumer.position(partition) < ends[partition] for partition in partitions):
                for records in consumer.poll(timeout_ms=500).values():
                    yield from records
        finally:
            consumer.close()

    def all_spans(self) -> str:
        """Every span that was kept, as text."""
        with contextlib.closing(sqlite3.connect(self.data_dir / "traces.db")) as database:
            return "\n".join(str(row) for row in database.execute("select * from spans"))

    def all_logs(self) -> str:
        """Every log of every process."""
        return "\n".join(path.read_text(errors="replace") for path in [self.output, *(self.data_dir / "logs").iterdir()])


def publish(bootstrap: str, topic: str, values: Iterable[object]) -> None:
    """A bare producer with its defaults."""
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    try:
        sent = []
        for value in values:
            raw = value if isinstance(value, bytes) else json.dumps(value).encode()
            key = str(value["request_id"]).encode() if isinstance(value, dict) else None
            sent.append(producer.send(topic, key=key, value=raw))
        producer.flush()
        for future in sent:
            future.get(timeout=PATIENCE)
    finally:
        producer.close()


@dataclass(frozen=True)
class Agency:
    """Hands over what citizens wrote, by HTTP."""

    at: Installation
    key: str

    def sends(self, request: Mapping[str, Any], **headers: str) -> httpx.Response:
        """The agency is the key's, so it is not said again."""
        body = {name: value for name, value in request.items() if name != "agency"}
        return self.at.http.post(f"{self.at.intake_url}/v1/requests", json=body, headers={"Authorization": f"Bearer {self.key}"} | headers)

    def asks(self, request_id: str) -> dict[str, Any]:
        """What became of it."""
        answer = self.at.http.get(f"{self.at.intake_url}/v1/requests/{request_id}", headers={"Authorization": f"Bearer {self.key}"})
        assert answer.status_code == 200, answer.text
        status: dict[str, Any] = answer.json()
        return status

    def sees(self, request_id: str, state: str) -> dict[str, Any]:
        """Waits until intake tells that state."""

        def there() -> dict[str, Any] | None:
            status = self.asks(request_id)
            return status if status["state"] == state else None

        return until(there, f"the agency sees {request_id} as {state}")


@dataclass(frozen=True)
class Caseworker:
    """Decides, by the JSON API."""

    at: Installation
    token: str

    def _url(self, path: str) -> str:
        return f"{self.at.review_url}/api/v1/{path}"

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def gets(self, path: str, **query: Any) -> dict[str, Any]:
        """An answer that has to be good."""
        answer = self.at.http.get(self._url(path), params=query, headers=self._headers)
        assert answer.status_code == 200, answer.text
        answered: dict[str, Any] = answer.json()
        return answered

    def downloads(self, path: str) -> bytes:
        """A file that has to be there."""
        answer = self.at.http.get(self._url(path), headers=self._headers)
        assert answer.status_code == 200, answer.text
        return answer.content

    def queue(self, **filters: Any) -> list[dict[str, Any]]:
        """Every case that fits, over all pages."""
        page = self.gets("cases", limit=200, **filters)
        cases: list[dict[str, Any]] = page["items"]
        while page["next_cursor"]:
            page = self.gets("cases", limit=200, cursor=page["next_cursor"], **filters)
            cases += page["items"]
        return cases

    def counts(self) -> Counter[str]:
        """How many cases are in which state: for whoever asks again and again."""
        by_state: dict[str, int] = self.gets("stats")["by_state"]
        return +Counter(by_state)

    def case(self, request_id: str) -> dict[str, Any] | None:
        """The whole case, where there is one."""
        answer = self.at.http.get(self._url(f"cases/{request_id}"), headers=self._headers)
        assert answer.status_code in (200, 404), answer.text
        return answer.json() if answer.status_code == 200 else None

    def sees(self, request_id: str, *states: str) -> dict[str, Any]:
        """Waits until the case is in one of the states."""

        def there() -> dict[str, Any] | None:
            case = self.case(request_id)
            return case if case and case["state"] in states else None

        return until(there, f"{request_id} is {' or '.join(states)}")

    def does(self, action: str, case: Mapping[str, Any], **changes: Any) -> httpx.Response:
        """An action on the case as it was seen."""
        body = {"version": case["version"]} | changes
        return self.at.http.post(self._url(f"cases/{case['request_id']}/{action}"), json=body, headers=self._headers)

    def approves(self, case: Mapping[str, Any], **changes: Any) -> httpx.Response:
        """The draft that the case shows."""
        return self.does("approve", case, draft_id=newest_draft(case)["draft_id"], **changes)

    def brings_to_approval(self, request_id: str) -> dict[str, Any]:
        """What nobody could sort, a person sorts."""
        case = self.sees(request_id, "awaiting_approval", "needs_triage")
        if case["state"] == "needs_triage":
            assert self.does("correct", case, category=case["category"]).status_code == 200
            case = self.sees(request_id, "awaiting_approval")
        return case


def newest_draft(case: Mapping[str, Any]) -> dict[str, Any]:
    """The one that is to be decided on."""
    draft: dict[str, Any] = max(case["drafts"], key=lambda draft: draft["revision"])
    return draft


def add_agency(at: Installation, code: str = "belrive") -> Agency:
    """By the command line, as an admin does."""
    return Agency(at, at.prints("agencies", "add", code))


def add_caseworker(at: Installation, email: str = "anna@belrive.example", role: str = "supervisor") -> Caseworker:
    """A supervisor sees every department."""
    at.prints("people", "add", email, "--role", role)
    return Caseworker(at, at.prints("tokens", "issue", email))
