"""Who writes the draft: the template, or a model behind an OpenAI-compatible endpoint."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from opentelemetry.trace import SpanKind

from schemas.drafts_requested import DraftRequested
from services.domain.articles import Passage
from services.domain.message_parts import matter_of
from services.domain.phrases import Phrase
from services.domain.subject_prefixes import with_one_prefix
from services.drafting import checks, emergency_reply, model_answer
from services.drafting import prompt as prompts
from services.drafting.bill import Bill
from services.drafting.chat_completion import ChatEndpoint, Completion
from services.drafting.conversation import SHORTFALLS, Conversation, mendable
from services.drafting.draft import Draft, Fault, Removed, ReplyContext
from services.drafting.model_answer import UnusableAnswer
from services.drafting.passage_index import SearchHit
from services.drafting.prompt import Prompt
from services.drafting.template import subject_for, template_draft
from services.runtime import telemetry
from services.runtime.settings import LlmSettings

log = logging.getLogger(__name__)

PAUSE = 0.5  # seconds before the second attempt, doubled for each one after
LONGEST_WAIT = 20.0  # seconds that one draft waits because a server asks for it; for more, all drafts leave it alone
FAILURES_TO_REST = 3  # drafts in a row without an answer: then the server is away, not slow
REST = 30.0  # seconds for which nobody waits for a server that is away
LONG_REST = 300.0  # seconds after an answer that only a person can change: a wrong key, a quota used up
AGAIN: frozenset[Fault] = frozenset({"unreachable", "busy"})
HOPELESS: frozenset[Fault] = frozenset({"configuration", "quota"})
OF_THE_ENDPOINT: frozenset[Fault] = frozenset({"timeout", *AGAIN, *HOPELESS})
FINAL: frozenset[Fault] = frozenset({"timeout", "refused", "reassuring", *HOPELESS})
"""After these the same again would come, and a person is waiting; in an emergency nobody waits for a second try."""


class Drafter(Protocol):
    """Writes a draft, whatever happens: where it can't, the template does."""

    async def draft(self, request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext) -> Draft:
        """A whole reply."""

    async def close(self) -> None:
        """Lets go of what it holds open."""


class TemplateDrafter:
    """No model: at once, for nothing, always the same."""

    async def draft(self, request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext) -> Draft:
        """The template's reply."""
        return template_draft(request, hits, context)

    async def close(self) -> None:
        """Holds nothing open."""


@dataclass
class _Rest:
    """A time in which the model is not asked, and why."""

    until: float = 0.0
    fault: Fault = "unreachable"
    detail: str = ""
    failures: int = 0


class ModelDrafter:
    """Asks a model, a bounded number of times for a bounded time, and lets the template answer for it otherwise."""

    def __init__(
        self,
        settings: LlmSettings,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._monotonic = monotonic
        self._endpoint = ChatEndpoint(settings)
        self._rest = _Rest()
        self.trouble: UnusableAnswer | None = None
        """Why the endpoint gave the last draft no answer at all; None once it has."""
        self.trouble_at = 0.0
        """When that was, by the monotonic clock."""
        self._asked_at: dict[object, float] = {}

    @property
    def waits_for(self) -> float:
        """For how many seconds the oldest call that is under way has been waiting."""
        return self._monotonic() - min(self._asked_at.values()) if self._asked_at else 0.0

    async def draft(self, request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext) -> Draft:
        """The model's reply, or the template's with the reason why."""
        if self._monotonic() < self._rest.until:
            return replace(template_draft(request, hits, context), fault=self._rest.fault, fault_detail=self._rest.detail)
        passages = [hit.passage for hit in hits if hit.passage.passage_id not in context.changes.dropped]
        conversation = Conversation(request, passages, context)
        bill, best = Bill(self._settings, self._monotonic), Attempt()
        last = UnusableAnswer("unreachable")
        for number in range(1, self._settings.attempts + 1):
            bill.ask(conversation.messages)
            try:
                completion = await self._asked(conversation, number)
            except UnusableAnswer as error:
                bill.without_answer(error.fault)
                last = error
                self.trouble, self.trouble_at = (error if error.fault in OF_THE_ENDPOINT else None), self._monotonic()
                log.warning("the model gave no answer: %s %s", error.fault, error.detail)
                if not await self._worth_another(error, number, conversation):
                    break
                continue
            bill.answered(completion)
            self._rest.failures = 0
            self.trouble = None
            try:
                draft = written(completion, request, passages, conversation.prompt, context)
            except UnusableAnswer as error:
                last = error
                log.warning("the model's answer can't be used: %s", error.fault)
                if error.fault in FINAL:
                    break
                _mend(conversation, completion, [SHORTFALLS[error.fault]] if error.fault in SHORTFALLS else [], word(error.fault))
                continue
            draft = replace(draft, drafted_by="model", model=self._settings.model)
            with telemetry.step("drafting.check") as span:
                draft = replace(draft, checked=tuple(checks.checks(draft, passages, request, context)))
                telemetry.note(span, {"parvis.attempt": number, "parvis.checks_failed": sum(not c.passed for c in draft.checked or ())})
            attempt = Attempt(draft, mendable(draft.checked or ()))
            best = min(best, attempt, key=lambda tried: (tried.draft is None, len(tried.faults)))
            if not attempt.faults or context.lead:
                break
            _mend(conversation, completion, attempt.faults, "checks_failed")
        if best.draft:
            return replace(best.draft, usage=bill.usage, spending=bill.spending, attempts=number)
        self._note(last)
        template = template_draft(request, hits, context)
        return replace(template, fault=last.fault, fault_detail=last.detail, usage=bill.usage, spending=bill.spending, attempts=number)

    async def close(self) -> None:
        """Closes the connections."""
        await self._endpoint.close()

    async def _asked(self, conversation: Conversation, number: int) -> Completion:
        """One call of the model, as a span by the conventions for such calls. Of prompt and answer it has the numbers of tokens alone."""
        model, address = self._settings.model, self._endpoint.address
        asking: telemetry.Attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": model,
            "server.address": address.hostname,
            "server.port": address.port or (443 if address.scheme == "https" else 80),
            "parvis.attempt": number,
        }
        with telemetry.step(f"chat {model}", asking, SpanKind.CLIENT) as span:
            call = object()
            self._asked_at[call] = self._monotonic()
            try:
                completion = await self._endpoint.complete(conversation.messages, conversation.prompt.schema)
            except UnusableAnswer as error:
                telemetry.failed(span, word(error.fault), error)
                raise
            finally:
                del self._asked_at[call]
            answered: telemetry.Attributes = {
                "gen_ai.response.model": completion.model or None,
                "gen_ai.usage.input_tokens": completion.input_tokens,
                "gen_ai.usage.output_tokens": completion.output_tokens,
                "gen_ai.response.finish_reasons": ["length" if completion.cut_off else "stop"],
            }
            telemetry.note(span, answered)
        return completion

    async def _worth_another(self, error: UnusableAnswer, number: int, conversation: Conversation) -> bool:
        """Whether to ask again, after the pause that the server asks for, where it is short."""
        if error.fault in FINAL or number >= self._settings.attempts:
            return False
        if error.fault == "prompt too long":
            return conversation.shorten()
        if error.fault in AGAIN:
            pause = PAUSE * 2 ** (number - 1) if error.pause is None else error.pause
            if pause > LONGEST_WAIT:
                return False
            await self._sleep(pause)
        return True

    def _note(self, error: UnusableAnswer) -> None:
        """Lets the model rest where the next draft would only wait for the same."""
        rest = error.pause or 0.0
        if error.fault in HOPELESS:
            rest = LONG_REST
            log.error("no draft by the model for %d minutes: %s", LONG_REST / 60, error.detail)
        elif error.fault in ("timeout", *AGAIN):
            self._rest.failures += 1
            if self._rest.failures >= FAILURES_TO_REST:
                rest = max(rest, REST)
        if rest:
            self._rest.until = self._monotonic() + rest
            self._rest.fault = error.fault
            self._rest.detail = error.detail or Phrase("it did not answer lately and was not asked")


def _mend(conversation: Conversation, completion: Completion, faults: Sequence[str], why: str) -> None:
    """Asks the model to put its answer right, as a step that says why."""
    with telemetry.step("drafting.repair", {"parvis.reason": why}):
        conversation.mend(completion.text, faults)


def word(fault: Fault) -> str:
    """A fault as one word, for traces."""
    return fault.replace(" ", "_")


@dataclass(frozen=True)
class Attempt:
    """A draft of the model's, and what checks say that it could mend."""

    draft: Draft | None = None
    faults: tuple[str, ...] = ()


def written(completion: Completion, request: DraftRequested, passages: Sequence[Passage], asked: Prompt, context: ReplyContext) -> Draft:
    """What the model wrote, as it may be shown. Raises UnusableAnswer."""
    try:
        answer = model_answer.read(completion.text)
    except UnusableAnswer:
        if completion.cut_off:
            raise UnusableAnswer("too long") from None
        raise
    if len(answer.body) > model_answer.BODY_CHARACTERS or len(answer.subject) > model_answer.SUBJECT_CHARACTERS:
        raise UnusableAnswer("too long")
    message = matter_of(request.triaged)
    subject, out_of_subject = model_answer.clean(answer.subject, passages, message)
    body, out_of_body = model_answer.clean(answer.body, passages, message)
    if not subject or not body:
        raise UnusableAnswer("empty")
    # What a mail program writes is not the model's to repeat: once is enough, and where there is nothing else the template has a subject.
    subject = with_one_prefix(" ".join(subject.split())) or subject_for(request.triaged, context)
    citations, verbatim = model_answer.cited(answer, passages)
    quotes: set[Removed] = set() if verbatim else {"quote"}
    if context.lead:
        body = emergency_reply.led(body, context.lead)
        rest = emergency_reply.without(body, context.lead)
        published = "\n".join(passage.text for passage in passages)
        spoken = prompts.reply_language(context.language or request.triaged.language.code)
        if emergency_reply.calming(subject) or emergency_reply.unhelpful(rest, spoken, published, context.department):
            raise UnusableAnswer("reassuring")
    return Draft(
        language=prompts.reply_language(context.language or request.triaged.language.code),
        subject=subject,
        body=body,
        citations=citations,
        prompt_version=asked.version,
        removed=frozenset(out_of_subject | out_of_body | quotes),
    )
