"""Every span that ends, with ids as production makes them: `from tests.harness.recorded_spans import recorded` where a test wants them."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.runtime import telemetry


class Recorded:
    """What was recorded since the test began."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()

    @property
    def all(self) -> list[ReadableSpan]:
        """Every span, in the order they ended."""
        return list(self.exporter.get_finished_spans())

    def named(self, name: str) -> list[ReadableSpan]:
        """Those of that name."""
        return [span for span in self.all if span.name == name]

    @property
    def text(self) -> str:
        """All that a reader of the spans could see."""
        return " ".join(span.to_json() for span in self.all)


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    """Records what this process does."""
    spans, provider = Recorded(), TracerProvider(id_generator=telemetry._Ids())
    provider.add_span_processor(SimpleSpanProcessor(spans.exporter))
    monkeypatch.setattr(telemetry, "tracer", provider.get_tracer("parvis"))
    yield spans
    provider.shutdown()


def failure(span: ReadableSpan) -> tuple[str, str | None, list[str]]:
    """Status, why, and the types of its exceptions; of those nothing else is kept."""
    for event in span.events:
        assert set(event.attributes or {}) == {"exception.type"}
    return (
        span.status.status_code.name,
        span.status.description,
        [str((event.attributes or {})["exception.type"]) for event in span.events],
    )
