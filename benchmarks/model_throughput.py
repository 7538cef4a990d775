"""How many drafts a second one process writes with a model that answers after 0.8 seconds, beside what is possible at all.

`python -m benchmarks.model_throughput`: a real HTTP server in a process of its own, and the whole of drafting around it: retrieval, prompt,
client, reading, checks. The ideal is the concurrency divided by the endpoint's own time.
"""

import argparse
import asyncio
import json
import multiprocessing
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from uuid import uuid4

from pydantic import SecretStr

from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import Redacted, Urgency
from services.domain import taxonomy
from services.drafting import handlers, passage_index
from services.drafting.app import records_in_hand
from services.drafting.model_client import ModelDrafter
from services.drafting.switch import Switch, SwitchedDrafter
from services.runtime.settings import LlmSettings

MESSAGE = (
    "Dear city,\n\nthe street lamp in front of my house has been out since last week, and it is very dark on the way to the bus stop. "
    "My children walk there every morning. Could you tell me when a street lamp is repaired, and whom I should call if nothing happens?\n\n"
    "Kind regards"
)
HEAD = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def answer_to(body: bytes) -> bytes:
    """A usable reply that quotes the first passage of the prompt."""
    prompt = "\n".join(message["content"] for message in json.loads(body)["messages"])
    passages = [json.loads(line) for line in prompt.splitlines() if line.startswith("{") and '"passage_id"' in line]
    sentence = re.split(r"(?<=\.)\s", passages[0]["text"].strip())[0] if passages else ""
    draft = {
        "subject": "Your message",
        "body": f"Hello,\n\nThank you for writing to us.\n\n{sentence}\n\nYour city",
        "citations": [{"passage_id": passages[0]["passage_id"], "quote": sentence}] if passages else [],
    }
    message = {"role": "assistant", "content": json.dumps(draft)}
    usage = {"prompt_tokens": 900, "completion_tokens": 150}
    return json.dumps({"choices": [{"index": 0, "finish_reason": "stop", "message": message}], "usage": usage}).encode()


def a_request_for(number: int) -> DraftRequested:
    """An everyday letter, each with a number of its own."""
    request_id = uuid4()
    triaged = RequestTriaged(
        request_id=request_id,
        agency="belrive",
        channel="email",
        received_at=datetime.now(UTC),
        language=DetectedLanguage(code="en", confidence=0.99),
        redacted=Redacted(subject=f"Street lamp {number}", body=MESSAGE),
        category="street_lighting",
        confidence=0.97,
        department="streets",
        urgency=Urgency.NORMAL,
        outcome="routed",
        model_version="benchmark",
    )
    return DraftRequested(request_id=request_id, revision=1, triaged=triaged)


def serve(seconds: float, started: Connection) -> None:
    """Answers each request after so long, however many come at once."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                arrived = time.monotonic()
                length = HEAD.search(head)
                answer = answer_to(await reader.readexactly(int(length[1]) if length else 0))
                await asyncio.sleep(max(0.0, seconds - (time.monotonic() - arrived)))
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(answer) + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(converse, "127.0.0.1", 0)
        started.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@dataclass(frozen=True)
class Measured:
    """Drafts a second, and the milliseconds that the processor worked on each."""

    rate: float
    processor_ms: float


async def drafts_per_second(requests: Sequence[DraftRequested], at_once: int, port: int, *, batches: bool) -> Measured:
    """Writes all of them, so many side by side."""
    settings = LlmSettings(base_url=f"http://127.0.0.1:{port}/v1", api_key=SecretStr("none"), model="benchmark", attempts=1)
    knowledge, categories = passage_index.load(), taxonomy.load()
    drafter = SwitchedDrafter(ModelDrafter(settings), Switch(), turns=asyncio.Semaphore(at_once))
    in_hand = records_in_hand(settings.model_copy(update={"at_once": at_once}))
    waiting = iter(requests)

    async def is_drafted(request: DraftRequested) -> bool:
        return (await handlers.propose(request, drafter, knowledge, categories)).drafted_by == "model"

    async def work() -> int:
        return sum([await is_drafted(request) for request in waiting])

    async def one_by_one() -> int:
        return sum(await asyncio.gather(*(work() for _ in range(at_once))))

    async def in_batches() -> int:
        batches = [requests[first : first + in_hand] for first in range(0, len(requests), in_hand)]
        return sum([sum(await asyncio.gather(*map(is_drafted, batch))) for batch in batches])

    try:
        await asyncio.gather(*map(is_drafted, requests[:at_once]))
        began, processor = time.monotonic(), time.process_time()
        written = await (in_batches() if batches else one_by_one())
        seconds, processor = time.monotonic() - began, time.process_time() - processor
    finally:
        await drafter.close()
    if written < len(requests):
        raise SystemExit(f"the model wrote {written} of {len(requests)} drafts: the figure would be the template's")
    return Measured(written / seconds, 1000 * processor / written)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=0.8)
    parser.add_argument("--drafts", type=int, default=640)
    options = parser.parse_args()
    ours, servers = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(options.seconds, servers), daemon=True)
    server.start()
    try:
        requests = [a_request_for(number) for number in range(options.drafts)]
        port = ours.recv()
        side_by_side, in_batches = (
            asyncio.run(drafts_per_second(requests, options.at_once, port, batches=batches)) for batches in (False, True)
        )
    finally:
        server.terminate()
    ideal = options.at_once / options.seconds
    print(f"{options.drafts} drafts, {options.at_once} at once, an endpoint of {options.seconds} s")
    for way, measured in (("the next begun as one ends", side_by_side), ("in batches, as the consumer takes them", in_batches)):
        print(
            f"{way}: {measured.rate:.1f} drafts/s, ideal {ideal:.1f} drafts/s, {measured.rate / ideal:.1%} of the ideal, "
            f"{measured.processor_ms:.1f} ms of the processor for each draft"
        )


if __name__ == "__main__":
    main()
