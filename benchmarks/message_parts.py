"""How well new text is told from quoted text and signatures: `python -m benchmarks.message_parts [--floors] [--wrong]`.

`sets/threads.jsonl` was written for this: every row has the places of what its writer wrote now, the signals to be expected and the
highest urgency that is right. `dev` may be tuned on, `test` was marked before anything was run on it and is never tuned on.
Beside ours stands mail-parser-reply, where it is installed (the extra `benchmarks`).
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from schemas.values import Urgency
from services.domain import taxonomy
from services.domain.message_parts import new_text
from services.triage import rules
from services.triage.classification import model_store
from services.triage.message_parts import Agency, Correspondence, split

SET = Path(__file__).with_name("sets") / "threads.jsonl"
SENDER = "City of Belrive <contact@belrive.example>"
FLOORS = {"exact new text": 0.93, "cries for help seen": 0.95, "automatic told right": 0.95, "urgency within its ceiling": 0.93}
MOST_FALSE_ALARMS = 1
"""Of the 18 thank-yous of the test half."""
RANKS = list(Urgency)
THANKS = ("thanks", "thanks_answered")


@dataclass(frozen=True)
class Thread:
    """A message of the set: the request as it arrives, and what is right about it."""

    kind: str
    part: str
    language: str
    request: RequestReceived
    new: str
    optional: frozenset[str]
    danger: bool
    automatic: bool
    ceiling: Urgency

    @classmethod
    def of(cls, row: dict[str, object]) -> "Thread":
        """Read from a line of the set."""
        body = str(row["body"])
        fields = {
            "request_id": uuid4(),
            "agency": "belrive",
            "channel": row.get("channel", "email"),
            "received_at": datetime(2026, 3, 2, tzinfo=UTC),
            "subject": row["subject"],
            "body": body,
            "citizen": {"name": "Ida Kestrel", "email": "ida@home.example"},
        }
        return cls(
            kind=str(row["kind"]),
            part=str(row["split"]),
            language=str(row["language"]),
            request=RequestReceived.model_validate(fields),
            new=_joined(body, row["new"]),
            # A sign-off may be taken for new text or for signature: both are right.
            optional=frozenset(line.strip() for line in _joined(body, row["optional"]).splitlines() if line.strip()),
            danger=bool(row["danger"]),
            automatic=bool(row["automatic"]),
            ceiling=Urgency(str(row["ceiling"])),
        )

    def is_exact(self, new: str) -> bool:
        """Whether this is what the writer wrote now, however it is spaced."""
        lines = [line.strip() for line in new.splitlines()]
        return _spaced("\n".join(line for line in lines if line not in self.optional)) == _spaced(self.new)


def _joined(body: str, spans: object) -> str:
    return "\n".join(body[start:end] for start, end in spans)  # type: ignore[attr-defined]


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def ours(thread: Thread) -> str:
    """The new text as triage takes it."""
    correspondence = Correspondence.of(thread.request, Agency(SENDER, _departments()))
    return new_text(thread.request.body, split(thread.request.body, correspondence))


def library() -> Callable[[Thread], str] | None:
    """The new text as mail-parser-reply takes it, told the language; nothing where it is not installed."""
    try:
        from mailparser_reply import EmailReplyParser  # noqa: PLC0415 - an extra
    except ImportError:
        return None

    def reply(thread: Thread) -> str:
        replies = EmailReplyParser(languages=[thread.language]).read(thread.request.body).replies
        return replies[0].body if replies else ""

    return reply


def _departments() -> frozenset[str]:
    return frozenset(name for names in taxonomy.load().departments.values() for name in names.values())


def triaged(threads: Sequence[Thread]) -> list[RequestTriaged]:
    """Each message as triage decides it, with the model that comes with Parvis."""
    kinds = taxonomy.load()
    with tempfile.TemporaryDirectory() as folder:
        classifier = model_store.default_classifier(Path(folder), kinds)
        return rules.triage([thread.request for thread in threads], classifier, kinds, SENDER)


def main() -> int:
    """Prints the figures of both halves; with `--floors`, exits 1 where the test half is below one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--floors", action="store_true", help="exit 1 where a figure of the test half is below its floor")
    parser.add_argument("--wrong", action="store_true", help="print what went wrong in the dev half")
    options = parser.parse_args()
    threads = [Thread.of(json.loads(line)) for line in SET.read_text(encoding="utf-8").splitlines()]
    decided = triaged(threads)
    below: list[str] = []
    for part in ("dev", "test"):
        chosen = [(thread, decision) for thread, decision in zip(threads, decided, strict=True) if thread.part == part]
        figures = _figures(part, chosen)
        below += [
            f"{name} is {figures[name]:.3f}, floor {floor}" for name, floor in FLOORS.items() if part == "test" and figures[name] < floor
        ]
        if part == "test" and figures["false alarms"] > MOST_FALSE_ALARMS:
            below.append(f"{figures['false alarms']:.0f} thank-yous are high or emergencies, allowed {MOST_FALSE_ALARMS}")
        if options.wrong and part == "dev":
            _print_wrong(chosen)
    if not options.floors:
        return 0
    print("\n".join(below) or "all floors held")
    return 1 if below else 0


def _figures(part: str, decisions: Sequence[tuple[Thread, RequestTriaged]]) -> dict[str, float]:
    threads = [thread for thread, _ in decisions]
    print(f"{part}: {len(threads)} threads")
    exact = sum(thread.is_exact(ours(thread)) for thread in threads)
    print(f"  new text exact: ours {exact} of {len(threads)}", end="")
    parser = library()
    if parser:
        print(f", mail-parser-reply {sum(thread.is_exact(parser(thread)) for thread in threads)}", end="")
    thanks = [decision.urgency for thread, decision in decisions if thread.kind in THANKS]
    emergencies, high = thanks.count(Urgency.EMERGENCY), thanks.count(Urgency.HIGH)
    cries = [_has(decision, "risk_of_harm") for thread, decision in decisions if thread.danger]
    automatic = [_has(decision, "automatic_reply") == thread.automatic for thread, decision in decisions]
    within = [RANKS.index(decision.urgency) >= RANKS.index(thread.ceiling) for thread, decision in decisions]
    print(f"\n  thank-yous above our own reply: {len(thanks)}, of which emergencies {emergencies}, high {high}")
    print(f"  cries for help: {len(cries)}, missed {cries.count(False)}")
    print(f"  automatic or not told wrongly: {automatic.count(False)}; urgency above its ceiling: {within.count(False)}")
    return {
        "exact new text": exact / len(threads),
        "false alarms": emergencies + high,
        "cries for help seen": sum(cries) / len(cries),
        "automatic told right": sum(automatic) / len(automatic),
        "urgency within its ceiling": sum(within) / len(within),
    }


def _has(decision: RequestTriaged, kind: str) -> bool:
    return any(signal.kind == kind for signal in decision.signals)


def _print_wrong(decisions: Sequence[tuple[Thread, RequestTriaged]]) -> None:
    for thread, decision in decisions:
        new = ours(thread)
        if not thread.is_exact(new):
            print(f"  new text ({thread.kind}): {_spaced(new)[:300]!r}, not {_spaced(thread.new)[:160]!r}")
        faults = [
            *(["danger"] if _has(decision, "risk_of_harm") != thread.danger else []),
            *(["automatic"] if _has(decision, "automatic_reply") != thread.automatic else []),
            *([f"urgency {decision.urgency}"] if RANKS.index(decision.urgency) < RANKS.index(thread.ceiling) else []),
        ]
        if faults:
            print(f"  {', '.join(faults)} ({thread.kind}): {_spaced(thread.request.body)[:160]!r} {decision.urgency_reasons}")


if __name__ == "__main__":
    sys.exit(main())
