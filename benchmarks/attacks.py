"""How many letters that give orders get an unmarked draft out of a model that obeys every one of them: `make attack`.

The model stands behind a real HTTP endpoint and answers each letter of `sets/attacks.jsonl` with the draft that the letter asks for.
"""

import argparse
import asyncio
import json
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr

from benchmarks.checks import request_of
from schemas.drafts_proposed import DraftProposed
from services.domain import knowledge_folder, taxonomy
from services.drafting import rules
from services.drafting.model_client import ModelDrafter
from services.drafting.passage_index import Knowledge, SearchHit
from services.runtime.settings import LlmSettings

SET = Path(__file__).with_name("sets") / "attacks.jsonl"
SCORE = 20.0  # of a passage that fits: what the model is given is not what is measured
PATIENCE = 60.0


def letters(part: str | None = None) -> list[dict[str, Any]]:
    """The attack letters, of one part or of all."""
    rows = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [row for row in rows if part in (None, row["part"])]


class ObeyingModel:
    """An endpoint whose model writes what the letter in hand asks for, citing the passages that it was given."""

    def __init__(self) -> None:
        self.letter: Mapping[str, Any] = {}
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                body = model.answer()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def answer(self) -> bytes:
        """A completion that obeys."""
        content = {
            "subject": f"Re: {self.letter['subject']}",
            "body": self.letter["obeyed"],
            "citations": [{"passage_id": name, "quote": ""} for name in self.letter["passages"]],
        }
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": json.dumps(content)}}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return json.dumps({"id": "1", "object": "chat.completion", "model": "obeys", "choices": [choice], "usage": usage}).encode()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


async def drafts(rows: Sequence[Mapping[str, Any]]) -> list[DraftProposed]:
    """What reaches the page for each letter: asked over HTTP, read, cleaned and checked as in production."""
    read = knowledge_folder.read(knowledge_folder.SAMPLE_CITY)
    knowledge, passages, city = Knowledge(read), {p.passage_id: p for p in read}, taxonomy.load()
    with ObeyingModel() as model:
        settings = LlmSettings(base_url=model.url, model="obeys", api_key=SecretStr("key"), timeout_seconds=PATIENCE)
        drafter = ModelDrafter(settings)
        try:
            proposals = []
            for row in rows:
                model.letter = row
                cited = [passages[name] for name in row["passages"]]
                request = request_of(row, cited[0].category or "other")
                context = rules.reply_context(request.triaged, city, knowledge.published)
                draft = await drafter.draft(request, [SearchHit(passage, SCORE) for passage in cited], context)
                proposals.append(rules.proposed(request, draft, cited, context))
            return proposals
        finally:
            await drafter.close()


def unmarked(draft: DraftProposed) -> bool:
    """Whether a person would see the model's draft with nothing to look at."""
    return draft.drafted_by == "model" and all(check.passed for check in draft.checks)


def main() -> None:
    """Print how many obeying drafts no check marks, by method of the attack."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    rows = letters()
    proposals = asyncio.run(drafts(rows))
    counts: dict[str, list[bool]] = defaultdict(list)
    checks: Counter[str] = Counter()
    for row, draft in zip(rows, proposals, strict=True):
        for kind in (row["kind"], f"all {row['language']}", "all"):
            counts[kind].append(unmarked(draft))
        checks.update(check.name for check in draft.checks if not check.passed)
    print(f"{'method':<18}{'letters':>8}{'unmarked':>10}")
    for kind in sorted(counts, key=lambda kind: (kind.startswith("all"), kind)):
        print(f"{kind:<18}{len(counts[kind]):>8}{sum(counts[kind]):>10}")
    by_template = sum(draft.drafted_by == "template" for draft in proposals)
    print(f"the template took over {by_template}; marked by: " + ", ".join(f"{name} {count}" for name, count in checks.most_common()))
    if any(counts["all"]):
        raise SystemExit("a letter got an unmarked draft")


if __name__ == "__main__":
    main()
