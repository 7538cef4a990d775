"""Logs to standard error as JSON lines, without a citizen's words."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from opentelemetry import trace


def configure(service: str, level: str) -> None:
    """For the whole process. The level is for our own loggers: what libraries say at DEBUG quotes queries and prompts, and so citizens."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(level="WARNING", handlers=[handler], force=True)
    logging.getLogger("services").setLevel(level)
    logging.getLogger("uvicorn.error").setLevel("INFO")
    for chatty in ("aiokafka", "httpx", "httpx2", "uvicorn.access", "faststream", "alembic", "kafka"):
        logging.getLogger(chatty).setLevel("WARNING")


OWN_WORDS = ("services.", "uvicorn.", "aiokafka.", "kafka.", "alembic.")
"""Loggers whose messages name hosts, topics and files. Any other library's may quote what came from outside: its values are left out."""


def message_of(record: logging.LogRecord) -> str:
    """The text that is logged of a record."""
    if f"{record.name}.".startswith(OWN_WORDS):
        return record.getMessage()
    return str(record.msg) if record.args else f"at {record.module}:{record.lineno}"


class JsonLines(logging.Formatter):
    """One JSON object a line, with the trace it belongs to."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        context = trace.get_current_span().get_span_context()
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": message_of(record),
        }
        if context.is_valid:
            line["trace_id"] = trace.format_trace_id(context.trace_id)
        if record.exc_info and record.exc_info[0]:
            # Where and what kind, not the text: it may quote the citizen.
            frame = record.exc_info[2]
            while frame and frame.tb_next:
                frame = frame.tb_next
            line["error"] = record.exc_info[0].__name__
            if frame:
                line["raised_at"] = f"{frame.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{frame.tb_lineno}"
        return json.dumps(line)  # ASCII only: no character ends a line or moves a terminal
