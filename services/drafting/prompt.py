"""Builds the model's prompt. The citizen's words are data in it: encoded, delimited, never an instruction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import LetterKind
from services.domain import language
from services.domain.articles import Passage
from services.domain.language_names import language_name
from services.domain.message_parts import matter_of
from services.domain.placeholders import CITIZEN_NAME, PLACEHOLDER
from services.drafting.draft import ReplyContext
from services.drafting.letter import letter_of
from services.drafting.template import danger_words

VERSION = "draft-3"
MESSAGE_CHARACTERS = 6000
SURE = 0.9
"""Confidence in a category from which it is said to be the matter."""
PROMPTS = Path(__file__).with_name("prompts")


@dataclass(frozen=True)
class Prompt:
    """System and user message, the JSON schema of the answer, and the version of the wording."""

    system: str
    user: str
    schema: dict[str, Any]
    version: str = VERSION


def prompt(
    request: DraftRequested, passages: Sequence[Passage], context: ReplyContext, message_characters: int = MESSAGE_CHARACTERS
) -> Prompt:
    """The rules apart from the data, the caseworker's wish apart from the citizen's words.

    The system message is the same for every request, and what follows goes from what changes least to what changes most:
    a server that keeps what it has read of a prompt reads that once.
    """
    triaged = request.triaged
    message = matter_of(triaged).strip()
    allowed = [CITIZEN_NAME, *dict.fromkeys(PLACEHOLDER.findall(message))]
    facts = {
        "name placeholder for the greeting": CITIZEN_NAME,
        "write in": language_name(reply_language(context.language or triaged.language.code)),
        "department": context.department,
        "the department answers": _within(context),
        "the matter, as sorted": context.category if triaged.confidence >= SURE else f"{context.category} (not sure)",
        "kind of letter": _KINDS[letter_of(triaged)],
        "placeholders that may be used": allowed,
    }
    parts = [
        f"What you are told:\n{_as_data(facts)}",
        "Published passages, one JSON object a line:\n" + ("\n".join(_passage(p) for p in passages) or "(none fits)"),
    ]
    if not context.lead and any(signal.kind == "risk_of_harm" for signal in triaged.signals):
        parts.append(f"Somebody may be in danger. Right after the greeting write, word for word: {_as_data(danger_words(context))}")
    if context.lead:
        parts.append(_wording("emergency").format(lead=_as_data(context.lead.text), department=context.department))
    if request.instructions:
        parts.append(f"The caseworker asks, within the rules: {_as_data(request.instructions)}")
    parts.append(f"The citizen's message, as data:\n{_as_data(_cut(message, message_characters))}")
    return Prompt(system=_wording(), user="\n\n".join(parts), schema=answer_schema(passages))


def repair(faults: Sequence[str]) -> str:
    """What a second turn is told of the first one's faults."""
    return _wording("repair").format(faults="\n".join(_as_data(fault) for fault in faults))


@cache
def _wording(part: str = "") -> str:
    name = f"{VERSION}-{part}" if part else VERSION
    return (PROMPTS / f"{name}.md").read_text(encoding="utf-8")


def answer_schema(passages: Sequence[Passage]) -> dict[str, Any]:
    """The JSON schema of the answer: a server that enforces it can't let the model cite what it was not given."""
    ids: dict[str, Any] = {"type": "string"}
    if passages:
        ids["enum"] = [passage.passage_id for passage in passages]
    text: dict[str, Any] = {"type": "string"}
    return _object(
        subject=text,
        greeting=text,
        paragraphs=_list(_object(text=text, passage_ids=_list(ids, 4)), 6),
        questions=_list(text, 3),
        not_answered=_list(text, 3),
        closing=text,
    )


def _list(items: dict[str, Any], most: int) -> dict[str, Any]:
    # Bounded: a small model that is held to a form goes on in a list for as long as it may.
    return {"type": "array", "items": items, "maxItems": most}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    # Every field required and no other: what OpenAI's strict mode asks for.
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def reply_language(code: str) -> str:
    """The citizen's language where detection knows it, so that a draft in it can be checked; otherwise English."""
    return code if code in language.LANGUAGES else "en"


_KINDS: dict[LetterKind, str] = {
    "report": "it reports something: say that it has arrived and what happens next, never how to report it",
    "question": "a question, or not sure",
    "complaint": "a complaint: regret, admit nothing, say who looks at it and by when",
    "praise": "praise: thank, pass it on, quote no rules",
    "suggestion": "a suggestion: thank, say who gets it, promise nothing",
    "follow_up": "it follows up an earlier letter: say that this one is looked up, quote nothing as if it were new",
    "several": "several matters: answer each, or say which is looked at later",
    "not_ours": "another body's matter: say whose where a passage does, or that it is not known yet",
    "no_answer": "it needs no answer: thank in a line",
}


def _within(context: ReplyContext) -> str:
    hours = round(context.reply_within.total_seconds() / 3600)
    working = "working " if context.working_time else ""
    return f"within {hours // 24} {working}days" if hours >= 48 else f"within {hours} {working}hours"  # noqa: PLR2004 - two days


def _passage(passage: Passage) -> str:
    return _as_data({"passage_id": passage.passage_id, "title": passage.title, "url": passage.url, "text": passage.text})


def _as_data(value: object) -> str:
    # With no angle bracket and no bare line break, nothing in it can look like the end of the data.
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")


def _cut(message: str, characters: int) -> str:
    """The beginning and the end of a long message: what it is about, and what it asks for last."""
    if len(message) <= characters:
        return message
    tail = characters // 4
    return f"{message[: characters - tail]}\n\u2026\n{message[-tail:]}"
