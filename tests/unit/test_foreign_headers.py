"""What comes from outside is continued as a trace id and as nothing else, and no library logs it."""

import json
import logging

import pytest
from opentelemetry.sdk.trace import TracerProvider

from services.runtime import json_logs, telemetry, trace_context
from services.runtime.json_logs import message_of
from tests.case_builders import REQUEST_ID

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PERSONAL = "ines.marlow@example.org"


@pytest.mark.parametrize(
    "headers",
    [
        {"baggage": f"citizen={PERSONAL}"},
        {"baggage": f"{PERSONAL} DE89370400440532013000"},
        {"tracestate": f"vendor={PERSONAL}"},
        {"tracestate": f"not a member of {PERSONAL}"},
        {"traceparent": f"00-{PERSONAL}"},
        {"ce_source": PERSONAL, "ce_subject": PERSONAL, "x-anything": PERSONAL},
    ],
)
def test_a_foreign_header_is_neither_logged_nor_handed_on(headers: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with telemetry.request_span("process", REQUEST_ID, parent={"traceparent": TRACEPARENT} | headers) as span:
        handed_on = telemetry.current_headers()
    telemetry.link_to(headers)
    assert PERSONAL not in caplog.text + json.dumps(handed_on) + str(span)
    assert set(handed_on) <= {"traceparent"}


def test_the_trace_of_a_publisher_is_continued_without_its_state() -> None:
    headers: dict[str, str] = {}
    with telemetry.request_span("process", REQUEST_ID, parent={"traceparent": TRACEPARENT, "tracestate": "vendor=1"}):
        trace_context.inject(headers)
    assert headers["traceparent"].split("-")[1] == TRACEPARENT.split("-")[1]
    assert "tracestate" not in headers


def a_line(logger: str, message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord(logger, logging.WARNING, "somewhere.py", 12, message, values, None)


def test_of_a_libraries_message_the_values_are_left_out() -> None:
    assert message_of(a_line("opentelemetry.baggage", "Invalid baggage entry: `%s`", PERSONAL)) == "Invalid baggage entry: `%s`"
    assert message_of(a_line("some.library", f"could not read {PERSONAL}")) == "at somewhere:12"
    assert message_of(a_line("services.runtime.retry", "attempt %d failed", 2)) == "attempt 2 failed"


def test_a_line_of_the_log_is_one_line_of_plain_characters_whatever_stands_in_it() -> None:
    hostile = "a\nb\r\u2028c\u0085d\x1b[2Je\u202ef"
    [line] = json_logs.JsonLines("intake").format(a_line("services.intake", "%s", hostile)).splitlines()
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == hostile


def test_a_line_for_a_terminal_is_one_line_too_and_moves_nothing() -> None:
    hostile = "a\nb\r\u2028c\u0085d\x1b[2Je\u202ef"
    [line] = json_logs.TextLines("intake").format(a_line("services.intake", "%s", hostile)).splitlines()
    assert line.isprintable()
    assert "intake" in line
    assert "a\\nb" in line


def test_each_line_says_which_request_and_trace_it_belongs_to() -> None:
    provider = TracerProvider()
    with provider.get_tracer("t").start_as_current_span("work", attributes={"parvis.request_id": "r-1"}):
        line = json.loads(json_logs.JsonLines("intake").format(a_line("services.intake", "done")))
        text = json_logs.TextLines("intake").format(a_line("services.intake", "done"))
    assert (line["request_id"], len(line["trace_id"])) == ("r-1", 32)
    assert "request_id=r-1" in text
