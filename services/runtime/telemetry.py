"""Sets up traces and logs, once a process. One request has one trace id, whatever process works on it and whenever.

Names of spans and attributes are those of OpenTelemetry's semantic conventions, and `parvis.*` where these have none.
"""

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased, Sampler
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode

from services.runtime import json_logs, trace_context
from services.runtime.settings import Settings

Attribute = Literal[
    "messaging.system",
    "messaging.operation.type",
    "messaging.operation.name",
    "messaging.destination.name",
    "messaging.destination.partition.id",
    "messaging.consumer.group.name",
    "messaging.message.id",
    "messaging.kafka.offset",
    "messaging.batch.message_count",
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.response.finish_reasons",
    "server.address",
    "server.port",
    "error.type",
    "parvis.request_id",
    "parvis.agency",
    "parvis.category",
    "parvis.confidence",
    "parvis.outcome",
    "parvis.department",
    "parvis.urgency",
    "parvis.language",
    "parvis.revision",
    "parvis.drafted_by",
    "parvis.passages",
    "parvis.checks_failed",
    "parvis.decision",
    "parvis.decided_by",
    "parvis.seconded_by",
    "parvis.attempt",
    "parvis.attempts",
    "parvis.delivery",
    "parvis.reason",
    "parvis.waited_seconds",
    "parvis.dead_letter",
    "parvis.keep",
    "parvis.settled",
    "parvis.wait",
    "http.request.method",
    "http.route",
    "network.protocol.name",
    "http.response.status_code",
]
"""Every attribute a span of ours may have: never a citizen's words."""

Attributes = Mapping[Attribute, str | float | bool | Sequence[str] | None]

Worth = Literal["abstained", "fallback", "rejected", "recalled", "slow"]
"""Why a trace is kept whatever the ratio is. What failed needs no word of its own: its span has the status ERROR."""

SLOW_SECONDS = 10.0  # a step of ours that takes longer; waits for people are spans of their own, and never slow

_trace_id: ContextVar[int | None] = ContextVar("trace_id", default=None)
_span_id: ContextVar[int | None] = ContextVar("span_id", default=None)
_begun: dict[int, None] = {}
"""Span ids of records that this process has begun to work on, the latest last."""
REMEMBERED = 10_000  # of them: more than a consumer fetches at once
tracer = trace.get_tracer("parvis")


def trace_id_of(request_id: UUID) -> int:
    """The trace id of a request, the same in every process. A hash, since samplers need all of its bits random."""
    return int.from_bytes(hashlib.blake2b(f"parvis/{request_id}".encode(), digest_size=16).digest())


def first_span_id_of(request_id: UUID) -> int:
    """The span id of the sending of a request whose publisher tells no trace of its own: whoever reads the record computes the same."""
    return int.from_bytes(hashlib.blake2b(f"parvis/{request_id}/sent".encode(), digest_size=8).digest()) or 1


class _Ids(IdGenerator):
    """Random ids, but for the root span of a request, whose trace id is the request's."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()

    def generate_span_id(self) -> int:
        return _span_id.get() or self._random.generate_span_id()

    def generate_trace_id(self) -> int:
        return _trace_id.get() or self._random.generate_trace_id()

    def is_trace_id_random(self) -> bool:
        return True


def configure(service: str, settings: Settings) -> None:
    """Logs to standard error as JSON lines; spans by OTLP where an endpoint is set, else to the local store."""
    json_logs.configure(service, settings.log_level, settings.log_format)
    provider = TracerProvider(resource=Resource.create({"service.name": f"parvis.{service}"}), id_generator=_Ids(), sampler=_sampler())
    if exports():
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    else:
        from services.runtime.span_store import LocalTraces

        # Short, so that little is lost to a kill and a page shows what just happened.
        provider.add_span_processor(BatchSpanProcessor(LocalTraces(settings.traces), schedule_delay_millis=250))
    trace.set_tracer_provider(provider)
    propagate.set_global_textmap(trace_context.PROPAGATOR)  # the default one would also read and log foreign baggage


def _sampler() -> Sampler | None:
    """Every request, also those whose publisher records only a part of its own: unless the standard variable says otherwise."""
    return None if os.environ.get("OTEL_TRACES_SAMPLER") else ParentBased(ALWAYS_ON, remote_parent_not_sampled=ALWAYS_ON)


def shut_down() -> None:
    """Sends the spans that are still waiting."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.shutdown()


@contextlib.contextmanager
def request_span(
    name: str,
    request_id: UUID | None,
    *,
    parent: Mapping[str, str] | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
    links: Sequence[Link] = (),
    attributes: Attributes | None = None,
    record: str = "",
) -> Iterator[Span]:
    """The span of one step of a request. It continues `parent` (headers with a traceparent), or starts the request's own trace.

    `record` is what it works on, by one name for ever: who works on it again after a kill tells of the span that is lost with that.
    """
    span = _start(name, request_id, parent, kind, links, attributes, span_id=_span_id_of(record) if record else None)
    with inside(span, end_on_exit=True):
        yield span


def _start(
    name: str,
    request_id: UUID | None,
    parent: Mapping[str, str] | None,
    kind: SpanKind,
    links: Sequence[Link],
    attributes: Attributes | None,
    start: int | None = None,
    span_id: int | None = None,
) -> Span:
    context = trace_context.extract(parent) if parent else None
    if context is None or not trace.get_current_span(context).get_span_context().is_valid:
        context = Context()
    noted: Attributes = {"parvis.request_id": str(request_id) if request_id else None, **(attributes or {})}
    present: dict[str, Any] = {key: value for key, value in noted.items() if value is not None}
    of_trace, of_span = _trace_id.set(trace_id_of(request_id) if request_id else None), _span_id.set(span_id)
    try:
        return tracer.start_span(name, context, kind, present, links=links, start_time=start)
    finally:
        _span_id.reset(of_span)
        _trace_id.reset(of_trace)


def _span_id_of(record: str) -> int | None:
    """The span id of the first work on a record: the same in the next life of a process. None where this one has begun it before."""
    span_id = int.from_bytes(hashlib.blake2b(f"parvis/{record}".encode(), digest_size=8).digest()) or 1
    if span_id in _begun:
        return None  # tried once more, and both are told of
    _begun[span_id] = None
    if len(_begun) > REMEMBERED:
        del _begun[next(iter(_begun))]
    return span_id


def past_span(
    name: str,
    request_id: UUID,
    start: datetime,
    end: datetime,
    *,
    parent: Mapping[str, str] | None = None,
    attributes: Attributes | None = None,
) -> None:
    """A span of a wait that is over, read from the database: it may be days long, over any number of restarts."""
    noted: Attributes = {**(attributes or {}), "parvis.wait": True}
    span = _start(name, request_id, parent, SpanKind.INTERNAL, (), noted, _nanoseconds(min(start, end)))
    span.end(_nanoseconds(end))


def sending_told_by(record_timestamp: int, topic: str, request_id: UUID) -> dict[str, str]:
    """The span of a sending that nobody else tells of, by the record's own time in milliseconds; headers to continue it.

    Every reader computes the same ids, and so one of them may record it and each may be its child.
    """
    at = record_timestamp * 1_000_000
    span = _start(
        f"send {topic}",
        request_id,
        None,
        SpanKind.PRODUCER,
        (),
        {
            "messaging.system": "kafka",
            "messaging.operation.type": "send",
            "messaging.operation.name": "send",
            "messaging.destination.name": topic,
        },
        at,
        first_span_id_of(request_id),
    )
    span.end(at)
    return sent_by(request_id)


def sent_by(request_id: UUID) -> dict[str, str]:
    """Headers that continue the sending of `sending_told_by`."""
    return {trace_context.TRACEPARENT: f"00-{trace_id_of(request_id):032x}-{first_span_id_of(request_id):016x}-01"}


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1_000


@contextlib.contextmanager
def step(name: str, attributes: Attributes | None = None, kind: SpanKind = SpanKind.INTERNAL) -> Iterator[Span]:
    """The span of a part of the current step."""
    span = tracer.start_span(name, kind=kind)
    note(span, attributes or {})
    with inside(span, end_on_exit=True):
        yield span


@contextlib.contextmanager
def inside(span: Span, *, end_on_exit: bool = False) -> Iterator[Span]:
    """Makes the span the current one. Records an error's type only: the text may quote the citizen."""
    began = time.monotonic()
    with trace.use_span(span, end_on_exit=end_on_exit, record_exception=False, set_status_on_exception=False):
        try:
            yield span
        except Exception as error:
            failed(span, type(error).__name__)
            raise
        finally:
            if end_on_exit and time.monotonic() - began > SLOW_SECONDS:
                worth_keeping(span, "slow")


def failed(span: Span, code: str, error: BaseException | None = None) -> None:
    """Marks a span as failed, with an exception event. `code` is one word of ours, a type or a number: never what a server or citizen said.

    A span that has failed already stays known by its first failure.
    """
    status = getattr(span, "status", None)
    if status is None or status.status_code is not StatusCode.ERROR:
        exception(span, type(error).__name__ if error else code)
        mark_failed(span, code)


def mark_failed(span: Span, code: str) -> None:
    """Marks a span as failed whose exceptions are noted already."""
    span.set_status(Status(StatusCode.ERROR, code))
    span.set_attribute("error.type", code)


def exception(span: Span, kind: str) -> None:
    """An exception event by its type alone: message and stack trace may quote the citizen."""
    span.add_event("exception", {"exception.type": kind})


def worth_keeping(span: Span, why: Worth) -> None:
    """Marks what the whole trace is kept for, whatever share of traces is kept: the local store and a collector read it alike."""
    span.set_attribute("parvis.keep", why)


def note(span: Span, attributes: Attributes) -> None:
    """Sets the attributes that have a value."""
    for name, value in attributes.items():
        if value is not None:
            span.set_attribute(name, value)


def current_headers() -> dict[str, str]:
    """The current trace context, to keep beside what will be continued later."""
    headers: dict[str, str] = {}
    trace_context.inject(headers)
    return headers


def current_trace_id() -> str | None:
    """32 hexadecimal digits; None outside a trace."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else None


def link_to(headers: dict[str, str]) -> list[Link]:
    """A link to the span that the headers name, if they name one."""
    context = trace.get_current_span(trace_context.extract(headers)).get_span_context()
    return [Link(context)] if context.is_valid else []


def exports() -> bool:
    """Whether spans leave by OTLP, and so are not kept here."""
    return bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))
