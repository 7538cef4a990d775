"""A real Prometheus on this machine that reads the rules and the intervals that are shipped, and asks the services of one installation."""

import shutil
import signal
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import yaml

from tests.harness.ports import free_port
from tests.harness.processes import CannotStart, Running, wait_until

SHIPPED = Path(__file__).parents[2] / "deploy" / "prometheus"


@dataclass(frozen=True)
class ActiveAlert:
    """An alert whose condition holds: `pending` until it has held for as long as its rule asks, then `firing`."""

    name: str
    state: str
    summary: str
    labels: Mapping[str, str]


class PrometheusServer:
    """Debian's server, or whichever is on the path, with `deploy/prometheus`; only the addresses are other ones."""

    def __init__(self, urls: Sequence[str]) -> None:
        program = shutil.which("prometheus")
        if not program:
            raise CannotStart("no Prometheus: apt-get install --no-install-recommends prometheus")
        self._program = program
        self._urls = list(urls)
        self._port = free_port()
        self._directory = Path(tempfile.mkdtemp(prefix="parvis-prometheus-"))
        self._running: Running | None = None
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{self._port}", timeout=5)

    def __enter__(self) -> Self:
        configuration = yaml.safe_load((SHIPPED / "prometheus.yaml").read_text())
        configuration["rule_files"] = [str(SHIPPED / name) for name in configuration["rule_files"]]
        [job] = configuration["scrape_configs"]
        job["static_configs"] = [{"targets": [url.removeprefix("http://") for url in self._urls]}]
        file = self._directory / "prometheus.yaml"
        file.write_text(yaml.safe_dump(configuration))
        log = self._directory / "prometheus.log"
        command = [self._program, f"--config.file={file}", f"--storage.tsdb.path={self._directory / 'data'}"]
        self._running = Running([*command, f"--web.listen-address=127.0.0.1:{self._port}"], log)
        try:
            wait_until(self._is_ready, self._running.process, log)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends it and forgets what it has read."""
        if self._running:
            self._running.end(signal.SIGTERM)
        self._client.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def alerts(self) -> list[ActiveAlert]:
        """Those whose condition holds now."""
        active: list[dict[str, Any]] = self._client.get("/api/v1/alerts").json()["data"]["alerts"]
        return [
            ActiveAlert(alert["labels"]["alertname"], alert["state"], alert["annotations"]["summary"], alert["labels"]) for alert in active
        ]

    def waits(self) -> dict[str, float]:
        """For how many seconds the condition of each alert has to hold before it fires."""
        groups: list[dict[str, Any]] = self._client.get("/api/v1/rules", params={"type": "alert"}).json()["data"]["groups"]
        return {rule["name"]: float(rule["duration"]) for group in groups for rule in group["rules"]}

    def targets_up(self) -> int:
        """How many services it could ask the last time."""
        targets: list[dict[str, Any]] = self._client.get("/api/v1/targets").json()["data"]["activeTargets"]
        return sum(target["health"] == "up" for target in targets)

    def _is_ready(self) -> bool:
        try:
            return self._client.get("/-/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False
