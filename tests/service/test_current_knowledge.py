"""Drafts are written from the articles as they are now: changed ones at once, expired ones never."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from faststream import ContextRepo

from schemas.drafts_proposed import DraftProposed
from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import Redacted, Urgency
from services.domain import taxonomy
from services.drafting import handlers
from services.drafting.app import knowledge_of
from services.drafting.draft import Draft, ReplyContext
from services.drafting.model_client import TemplateDrafter
from services.drafting.passage_index import Knowledge, SearchHit
from services.runtime import clock
from services.runtime.reloading import Reloaded
from services.runtime.settings import Settings

CITY = taxonomy.load()
QUESTION = "How much is a resident parking permit, and where do I get the parking permit for residents?"


class Watching(TemplateDrafter):
    """Notes what a model would have been given."""

    def __init__(self) -> None:
        self.given: list[str] = []

    async def draft(self, request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext) -> Draft:
        self.given = [hit.passage.text for hit in hits]
        return await super().draft(request, hits, context)


def write(folder: Path, fee: str, **front: Any) -> None:
    fields = {"id": "permit", "title": "Resident parking permit", "url": "https://city.example/permit", "language": "en"} | front
    lines = "\n".join(f"{name}: {value}" for name, value in (fields | {"category": "parking"}).items())
    text = f"The resident parking permit costs {fee} a year. Residents get the parking permit at the town hall."
    (folder / "permit.md").write_text(f"---\n{lines}\n---\n\n## Parking permit for residents\n{text}\n", encoding="utf-8")


async def draft_for_the_question(context: ContextRepo) -> tuple[DraftProposed, list[str]]:
    knowledge: Knowledge = context.get("knowledge")
    drafter = Watching()
    triaged = RequestTriaged(
        request_id=UUID(int=5),
        agency="city",
        channel="web",
        received_at=clock.now(),
        language=DetectedLanguage(code="en", confidence=0.99),
        redacted=Redacted(subject="Parking permit", body=QUESTION),
        category="parking",
        confidence=0.97,
        department="streets",
        urgency=Urgency.NORMAL,
        outcome="routed",
        model_version="test",
    )
    draft = await handlers.on_request_triaged(triaged, drafter, knowledge, CITY)
    assert draft
    return draft, drafter.given


def watched(folder: Path) -> tuple[Reloaded[Knowledge], ContextRepo]:
    context = ContextRepo()
    knowledge = knowledge_of(Settings(knowledge_dir=folder), CITY, context)
    knowledge.start()
    return knowledge, context


async def test_the_next_draft_is_written_from_what_was_published_meanwhile(tmp_path: Path) -> None:
    write(tmp_path, "CHF 120")
    knowledge, context = watched(tmp_path)
    _, before = await draft_for_the_question(context)
    write(tmp_path, "CHF 150")

    await knowledge.look()
    await knowledge.look()

    _, after = await draft_for_the_question(context)
    assert [("CHF 120" in text, "CHF 150" in text) for text in (*before, *after)] == [(True, False), (False, True)]


async def test_an_expired_article_is_neither_quoted_nor_given_to_a_model(tmp_path: Path) -> None:
    today = CITY.day(clock.now())
    write(tmp_path, "CHF 120", expires=today - timedelta(days=1))
    _, context = watched(tmp_path)
    draft, given = await draft_for_the_question(context)
    assert (draft.citations, given, "CHF" in draft.body) == ([], [], False)


async def test_an_article_holds_on_its_last_day_and_is_gone_the_day_after_without_a_change_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    write(tmp_path, "CHF 120", expires=CITY.day(now))
    knowledge, context = watched(tmp_path)
    assert "CHF 120" in (await draft_for_the_question(context))[1][0]
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=1))

    await knowledge.look()
    await knowledge.look()

    assert (await draft_for_the_question(context))[1] == []
