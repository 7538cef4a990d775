"""Drafts messages for people to read and grade: `python -m benchmarks.draft_reading draft FILE --out FOLDER`, then `... grades SHEET ...`.

`draft` goes the whole way of a request but for Kafka: redaction, triage, drafting, checks. What triage is not sure of waits for a person in
the product: `--sort` lists these with their category left open, and `--sorted` takes the list back. It writes `drafts.md`, which is to be
read, and `sheet.csv`, which is to be filled in: `as is`, `light edit`, `much work` or `wrong`. Sheets name messages by their ids alone.
"""

import argparse
import asyncio
import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.drafts_proposed import DraftProposed
from schemas.drafts_requested import DraftRequested
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.domain import taxonomy
from services.domain.taxonomy import Taxonomy
from services.drafting import handlers, passage_index
from services.drafting.app import drafter
from services.runtime.settings import Settings
from services.triage import rules
from services.triage.classification import model_store

GRADES = ("as is", "light edit", "much work", "wrong")
SENDABLE = frozenset(GRADES[:2])


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command")
    draft = commands.add_parser("draft", help="draft messages for reading")
    draft.add_argument("messages", type=Path, help="JSON Lines of requests")
    draft.add_argument("--first", type=int, default=0, help="the first row, from 0")
    draft.add_argument("--count", type=int, default=100)
    draft.add_argument("--out", type=Path, required=True)
    draft.add_argument("--sort", action="store_true", help="only list what a person has to sort")
    draft.add_argument("--sorted", type=Path, help="that list with categories: request_id,category")
    grades = commands.add_parser("grades", help="print what readers found")
    grades.add_argument("sheets", type=Path, nargs="+")
    options = parser.parse_args()
    if options.command == "grades":
        print("\n".join(_report([_read(sheet) for sheet in options.sheets])))
        return
    lines = options.messages.read_text(encoding="utf-8").splitlines()[options.first : options.first + options.count]
    settings = Settings()
    kinds = taxonomy.load(settings.taxonomy)
    triaged = _triage(lines, settings, kinds)
    options.out.mkdir(parents=True, exist_ok=True)
    if options.sort:
        _write_unsorted(options.out / "unsorted.csv", triaged)
        return
    categories = {row["request_id"]: row["category"] for row in _read(options.sorted)} if options.sorted else {}
    requests = [DraftRequested(request_id=t.request_id, revision=1, triaged=_sorted(t, categories, kinds)) for t in triaged]
    drafts = asyncio.run(_drafts(requests, settings, kinds))
    _write(options.out, requests, drafts, kinds)


def _triage(lines: Sequence[str], settings: Settings, kinds: Taxonomy) -> list[RequestTriaged]:
    requests = [RequestReceived.model_validate(json.loads(line)) for line in lines]
    return rules.triage(requests, model_store.default_classifier(settings.models, kinds), kinds, settings.mail_from)


def _sorted(triaged: RequestTriaged, categories: Mapping[str, str], kinds: Taxonomy) -> RequestTriaged:
    """As it would be drafted: what triage was sure of as it is, the rest as the person has it."""
    category = categories.get(str(triaged.request_id))
    if category is None:
        return triaged.model_copy(update={"outcome": "routed"})
    by_person = {"category": category, "department": kinds.department_of(category), "confidence": 1.0, "outcome": "routed"}
    return triaged.model_copy(update=by_person)


async def _drafts(requests: Sequence[DraftRequested], settings: Settings, kinds: Taxonomy) -> list[DraftProposed]:
    knowledge, writer = passage_index.load(settings.knowledge_dir), drafter(settings)
    try:
        return [await handlers.propose(request, writer, knowledge, kinds) for request in requests]
    finally:
        await writer.close()


def _write_unsorted(path: Path, triaged: Sequence[RequestTriaged]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("request_id", "category", "likeliest", "message"))
        for t in triaged:
            if t.outcome == "needs_triage":
                writer.writerow((t.request_id, "", t.category, t.redacted.body))


def _write(folder: Path, requests: Sequence[DraftRequested], drafts: Sequence[DraftProposed], kinds: Taxonomy) -> None:
    with (folder / "drafts.md").open("w", encoding="utf-8") as file:
        for number, (request, draft) in enumerate(zip(requests, drafts, strict=True), start=1):
            file.write(_shown(number, request.triaged, draft, kinds))
    with (folder / "sheet.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("request_id", "language", "letter", "quotes", "failed_checks", "grade", "why"))
        for request, draft in zip(requests, drafts, strict=True):
            t = request.triaged
            failed = " ".join(check.name for check in draft.checks if not check.passed)
            writer.writerow((t.request_id, t.language.code, t.letter if t.letter_sure else "", len(draft.citations), failed, "", ""))


def _shown(number: int, t: RequestTriaged, draft: DraftProposed, kinds: Taxonomy) -> str:
    marks = "".join(f"- {check.name}: {check.detail} {check.quote}\n" for check in draft.checks if not check.passed)
    letter = t.letter if t.letter_sure else "not sure"
    return (
        f"# {number}. {t.request_id}\n"
        f"sorted as {kinds.label(t.category, 'en')}, urgency {t.urgency}, kind of letter: {letter}\n\n"
        f"## Message\n{t.redacted.subject or ''}\n{t.redacted.body}\n\n"
        f"## Draft\n{draft.subject}\n\n{draft.body}\n\n"
        f"## Marks that the caseworker sees\n{marks or '- none'}\n\n"
    )


def _read(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _report(sheets: Sequence[Sequence[Mapping[str, Any]]]) -> list[str]:
    """Shares by reader, how often readers agree, and what both call sendable or wrong."""
    for sheet in sheets:
        unknown = {row["grade"] for row in sheet} - set(GRADES)
        if unknown:
            raise SystemExit(f"grade: {sorted(unknown)}: use one of {', '.join(GRADES)}")
    lines = [f"{'':<10}" + "".join(f"{grade:>12}" for grade in GRADES) + f"{'sendable':>12}{'wrong, unmarked':>18}"]
    for number, sheet in enumerate(sheets, start=1):
        counts = Counter(row["grade"] for row in sheet)
        unmarked = sum(row["grade"] == "wrong" and not row["failed_checks"] for row in sheet)
        sendable = sum(counts[grade] for grade in SENDABLE)
        lines.append(f"reader {number:<3}" + "".join(f"{counts[g]:>12}" for g in GRADES) + f"{sendable:>12}{unmarked:>18}")
    if len(sheets) > 1:
        together = list(zip(*([row["grade"] for row in sheet] for sheet in sheets), strict=True))
        agreed = sum(len(set(grades)) == 1 for grades in together)
        same_side = sum(len({grade in SENDABLE for grade in grades}) == 1 for grades in together)
        every = sum(all(grade in SENDABLE for grade in grades) for grades in together)
        lines.append(f"of {len(together)}: the same grade {agreed}, the same side {same_side}, sendable to every reader {every}")
    return lines


if __name__ == "__main__":
    main()
