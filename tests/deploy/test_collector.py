"""The collector's configuration keeps what matters: run for real by `make test-otelcol`, which builds a collector, and read in any case."""

import http.server
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

from services.runtime import telemetry
from tests.harness.ports import free_port
from tests.harness.waiting import until

CONFIG = Path("deploy/otel-collector.yaml")
COLLECTOR = Path.home() / ".cache/parvis/otelcol-0.161.0"


def config() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(CONFIG.read_text())
    return read


def test_the_rule_is_that_of_the_local_store() -> None:
    policies = config()["processors"]["tail_sampling"]["policies"]

    assert [policy["type"] for policy in policies] == ["status_code", "string_attribute", "probabilistic"]
    assert policies[0]["status_code"]["status_codes"] == ["ERROR"]
    assert policies[1]["string_attribute"]["key"] in get_args(telemetry.Attribute)
    assert set(policies[1]["string_attribute"]["values"]) == set(get_args(telemetry.Worth))


def test_every_part_that_a_pipeline_names_is_there() -> None:
    read = config()
    for pipeline in read["service"]["pipelines"].values():
        for kind in ("receivers", "processors", "exporters"):
            assert set(pipeline[kind]) <= set(read[kind])
    assert read["service"]["pipelines"]["traces"]["processors"] == ["memory_limiter", "tail_sampling", "batch"]


@pytest.mark.otelcol
def test_a_collector_takes_the_configuration() -> None:
    done = subprocess.run([COLLECTOR, "validate", f"--config={CONFIG}"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


Received = dict[int, list[str]]


@contextmanager
def a_backend(received: Received) -> Iterator[str]:
    """Takes what a collector sends on, by OTLP."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = ExportTraceServiceRequest()
            sent.ParseFromString(self.rfile.read(int(self.headers["content-length"])))
            for group in sent.resource_spans:
                for scope in group.scope_spans:
                    for span in scope.spans:
                        received[int.from_bytes(span.trace_id)].append(span.name)
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def a_span(trace: int, name: str, *, failed: bool = False, keep: str = "") -> ReadableSpan:
    now = time.time_ns()
    return ReadableSpan(
        name,
        context=SpanContext(trace, RandomIdGenerator().generate_span_id(), is_remote=False, trace_flags=TraceFlags(1)),
        resource=Resource({"service.name": "parvis.review"}),
        attributes={"parvis.keep": keep} if keep else {},
        status=Status(StatusCode.ERROR, "timeout") if failed else Status(),
        start_time=now,
        end_time=now + 1_000_000,
    )


@pytest.mark.otelcol
def test_a_running_collector_keeps_what_matters_whole_and_none_of_the_rest(tmp_path: Path) -> None:
    received: Received = defaultdict(list)
    port = free_port()
    with a_backend(received) as backend:
        changed = config()
        changed["receivers"]["otlp"]["protocols"]["http"]["endpoint"] = f"127.0.0.1:{port}"
        sampling = changed["processors"]["tail_sampling"]
        sampling["decision_wait"] = "2s"
        sampling["policies"][2]["probabilistic"]["sampling_percentage"] = 0
        changed["processors"]["batch"] = {"timeout": "100ms"}
        changed["exporters"] = {"otlp_http": {"endpoint": backend, "compression": "none"}}
        changed["service"]["pipelines"]["traces"]["exporters"] = ["otlp_http"]
        changed["service"]["telemetry"] = {"metrics": {"level": "none"}}
        (tmp_path / "collector.yaml").write_text(yaml.safe_dump(changed))
        with (tmp_path / "log").open("wb") as log:
            collector = subprocess.Popen([COLLECTOR, f"--config={tmp_path / 'collector.yaml'}"], stdout=log, stderr=log)
        try:
            exporter = OTLPSpanExporter(endpoint=f"http://127.0.0.1:{port}/v1/traces", timeout=1)
            until(lambda: exporter.export([a_span(99, "first", failed=True)]) is SpanExportResult.SUCCESS, "the collector listens")
            worth = list(get_args(telemetry.Worth))
            exporter.export([a_span(1, "accept"), a_span(1, "deliver", failed=True), a_span(2, "accept"), a_span(2, "deliver")])
            exporter.export([span for n, why in enumerate(worth, 3) for span in (a_span(n, "accept"), a_span(n, "process", keep=why))])

            until(lambda: set(received) >= {99, 1, *range(3, 3 + len(worth))}, "what matters is sent on")
            exporter.export([a_span(1, "a day later"), a_span(99, "a day later")])
            until(lambda: "a day later" in received[1] and "a day later" in received[99], "what comes late of a kept trace is kept")
            exporter.shutdown()  # type: ignore[no-untyped-call]  # the SDK's
        finally:
            collector.terminate()
            collector.wait(20)

    assert all("accept" in received[trace] for trace in (1, *range(3, 3 + len(worth))))
    assert 2 not in received
