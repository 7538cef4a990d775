"""Reads and writes W3C `traceparent` headers. Foreign baggage and tracestate are dropped."""

from collections.abc import Mapping

from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

TRACEPARENT = "traceparent"
PROPAGATOR = TraceContextTextMapPropagator()


def extract(headers: Mapping[str, str]) -> Context:
    """The context that the headers name; an empty one where they name none."""
    return PROPAGATOR.extract({name: headers[name] for name in (TRACEPARENT,) if name in headers})


def inject(headers: dict[str, str]) -> None:
    """Adds the context that is current now."""
    current: dict[str, str] = {}
    PROPAGATOR.inject(current)
    headers.update((name, value) for name, value in current.items() if name == TRACEPARENT)
