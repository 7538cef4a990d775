"""Sets up traces and logs, once a process. One request has one trace id, whatever process works on it and whenever."""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
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
    "messaging.destination.name",
    "messaging.destination.partition.id",
    "messaging.kafka.offset",
    "messaging.batch.message_count",
    "parvis.request_id",
    "parvis.category",
    "parvis.confidence",
    "parvis.outcome",
    "parvis.department",
    "parvis.urgency",
    "parvis.language",
    "parvis.revision",
    "parvis.drafted_by",
    "parvis.model",
    "parvis.input_tokens",
    "parvis.output_tokens",
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
    "http.request.method",
    "http.route",
    "network.protocol.name",
    "http.response.status_code",
]
"""Every attribute a span of ours may have: never a citizen's words."""

Attributes = Mapping[Attribute, str | float | bool | None]

_trace_id: ContextVar[int | None] = ContextVar("trace_id", default=None)
tracer = trace.get_tracer("parvis")


def trace_id_of(request_id: UUID) -> int:
    """The trace id of a request, the same in every process. A hash, since samplers need all of its bits random."""
    return int.from_bytes(hashlib.blake2b(f"parvis/{request_id}".encode(), digest_size=16).digest())


class _Ids(IdGenerator):
    """Random ids, but for the root span of a request, whose trace id is the request's."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()

    def generate_span_id(self) -> int:
        return self._random.generate_span_id()

    def generate_trace_id(self) -> int:
        return _trace_id.get() or self._random.generate_trace_id()

    def is_trace_id_random(self) -> bool:
        return True


def configure(service: str, settings: Settings) -> None:
    """Logs to standard error as JSON lines; spans by OTLP where an endpoint is set, else to the local store."""
    json_logs.configure(service, settings.log_level)
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
    parent: dict[str, str] | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
    links: Sequence[Link] = (),
    attributes: Attributes | None = None,
) -> Iterator[Span]:
    """The span of one step of a request. It continues `parent` (headers with a traceparent), or starts the request's own trace."""
    context = trace_context.extract(parent) if parent else None
    if context is None or not trace.get_current_span(context).get_span_context().is_valid:
        context = Context()
    noted: Attributes = {"parvis.request_id": str(request_id) if request_id else None, **(attributes or {})}
    present: dict[str, Any] = {key: value for key, value in noted.items() if value is not None}
    token = _trace_id.set(trace_id_of(request_id) if request_id else None)
    try:
        span = tracer.start_span(name, context, kind, present, links=links)
    finally:
        _trace_id.reset(token)
    with inside(span, end_on_exit=True):
        yield span


@contextlib.contextmanager
def step(name: str, attributes: Attributes | None = None) -> Iterator[Span]:
    """The span of a part of the current step."""
    span = tracer.start_span(name)
    note(span, attributes or {})
    with inside(span, end_on_exit=True):
        yield span


@contextlib.contextmanager
def inside(span: Span, *, end_on_exit: bool = False) -> Iterator[Span]:
    """Makes the span the current one. Records an error's type only: the text may quote the citizen."""
    with trace.use_span(span, end_on_exit=end_on_exit, record_exception=False, set_status_on_exception=False):
        try:
            yield span
        except Exception as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


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


def current_trace_id() -> str:
    """32 hexadecimal digits; zeros outside a trace."""
    return trace.format_trace_id(trace.get_current_span().get_span_context().trace_id)


def link_to(headers: dict[str, str]) -> list[Link]:
    """A link to the span that the headers name, if they name one."""
    context = trace.get_current_span(trace_context.extract(headers)).get_span_context()
    return [Link(context)] if context.is_valid else []


def exports() -> bool:
    """Whether spans leave by OTLP, and so are not kept here."""
    return bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))
