"""Logs to standard error without a citizen's words: JSON lines for programs, plain ones for a terminal."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal

from opentelemetry import trace

Format = Literal["auto", "json", "text"]


def configure(service: str, level: str, layout: Format = "auto") -> None:
    """For the whole process. The level is for our own loggers: what libraries say at DEBUG quotes queries and prompts, and so citizens."""
    handler = logging.StreamHandler(sys.stderr)
    plain = layout == "text" or (layout == "auto" and sys.stderr.isatty())
    handler.setFormatter(TextLines(service) if plain else JsonLines(service))
    logging.basicConfig(level="WARNING", handlers=[handler], force=True)
    logging.getLogger("services").setLevel(level)
    logging.getLogger("uvicorn.error").setLevel("INFO")
    for chatty in ("aiokafka", "httpx", "httpx2", "uvicorn.access", "faststream", "alembic", "kafka", "services.runtime.faststream"):
        logging.getLogger(chatty).setLevel("WARNING")


OWN_WORDS = ("services.", "uvicorn.", "aiokafka.", "kafka.", "alembic.")
"""Loggers whose messages name hosts, topics and files. Any other library's may quote what came from outside: its values are left out."""


def message_of(record: logging.LogRecord) -> str:
    """The text that is logged of a record."""
    if f"{record.name}.".startswith(OWN_WORDS):
        return record.getMessage()
    return str(record.msg) if record.args else f"at {record.module}:{record.lineno}"


def fields_of(record: logging.LogRecord) -> dict[str, str]:
    """The trace and the request that the record belongs to, and of an error where and of what kind: its text may quote the citizen."""
    span = trace.get_current_span()
    context = span.get_span_context()
    fields = {}
    if context.is_valid:
        fields["trace_id"] = trace.format_trace_id(context.trace_id)
    if request_id := (getattr(span, "attributes", None) or {}).get("parvis.request_id"):
        fields["request_id"] = str(request_id)
    if record.exc_info and record.exc_info[0]:
        frame = record.exc_info[2]
        while frame and frame.tb_next:
            frame = frame.tb_next
        fields["error"] = record.exc_info[0].__name__
        if frame:
            fields["raised_at"] = f"{frame.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{frame.tb_lineno}"
    return fields


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": message_of(record),
            **fields_of(record),
        }
        return json.dumps(line)  # ASCII only: no character ends a line or moves a terminal


class TextLines(logging.Formatter):
    """One line for a person: the time of this machine, the level, the service, what happened, and what it belongs to."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line; whatever could end it or move the terminal is written as its code."""
        at = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]
        belongs = " ".join(f"{name}={value}" for name, value in fields_of(record).items())
        message = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in message_of(record))
        return f"{at} {record.levelname:<8} {self._service:<9} {message}" + (f"  [{belongs}]" if belongs else "")
