"""Writes a draft, by the template or by a model behind an OpenAI-compatible endpoint."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from pydantic import BaseModel, Field, ValidationError

from schemas.drafts_proposed import Usage
from schemas.drafts_requested import DraftRequested
from services.domain.message_parts import matter_of
from services.drafting import emergency_reply, model_answer
from services.drafting import prompt as prompts
from services.drafting.articles import Passage
from services.drafting.draft import Draft, Fault, Removed, ReplyContext
from services.drafting.model_answer import UnusableAnswer
from services.drafting.passage_index import SearchHit
from services.drafting.prompt import Prompt
from services.drafting.subject_prefixes import with_one_prefix
from services.drafting.template import subject_for, template_draft
from services.runtime.settings import LlmSettings

log = logging.getLogger(__name__)

RESPONSE_BYTES = 1024 * 1024  # many times the longest answer: a server that never stops is left alone there
PAUSE = 0.5  # seconds before the second attempt, doubled for each one after
FAILURES_TO_REST = 3  # drafts in a row without an answer: then the server is away, not slow
REST = 30.0  # seconds for which nobody waits for a server that is away


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


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Tokens(BaseModel):
    prompt_tokens: int | None = Field(None, ge=0)
    completion_tokens: int | None = Field(None, ge=0)


class _Completion(BaseModel):
    """What is read of a chat completion: servers differ in all the rest."""

    choices: list[_Choice] = Field(min_length=1)
    usage: _Tokens | None = None


class ModelDrafter:
    """Asks a model, a bounded number of times for a bounded time, and uses the template where it fails."""

    def __init__(
        self,
        settings: LlmSettings,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient  # here, since a process without a model has no need of its 30 MB

        self._settings = settings
        self._sleep = sleep
        self._monotonic = monotonic
        self._client = AsyncOpenAI(
            base_url=settings.base_url or "https://api.openai.com/v1",
            api_key=settings.api_key.get_secret_value() or "none",
            timeout=settings.timeout_seconds,
            max_retries=0,
            http_client=DefaultAsyncHttpxClient(follow_redirects=False),  # a letter goes where the setting says, and nowhere else
        )
        self._schema_understood = True
        self._failures = 0
        self._resting_until = 0.0

    async def draft(self, request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext) -> Draft:
        """The model's reply, or the template's with the reason why."""
        if self._monotonic() < self._resting_until:
            return replace(template_draft(request, hits, context), fault="resting")
        passages = [hit.passage for hit in hits]
        prompt = prompts.prompt(request, passages, context)
        usage = Usage()
        fault: Fault = "unreachable"
        attempts = 0
        while attempts < self._settings.attempts:
            if attempts and fault == "unreachable":
                await self._sleep(PAUSE * 2 ** (attempts - 1))
            attempts += 1
            try:
                completion = await self._ask(prompt)
            except UnusableAnswer as error:
                fault = error.fault
                log.warning("the model gave no answer: %s", fault)
                if fault in ("timeout", "refused"):
                    break  # it would be the same again, and a person is waiting
                continue
            tokens = completion.usage or _Tokens()
            usage = Usage(
                input_tokens=usage.input_tokens + (tokens.prompt_tokens or 0),
                output_tokens=usage.output_tokens + (tokens.completion_tokens or 0),
            )
            self._failures = 0
            try:
                draft = written(completion.choices[0], request, passages, prompt, context)
            except UnusableAnswer as error:
                fault = error.fault
                log.warning("the model's answer can't be used: %s", fault)
                if fault in ("refused", "reassuring"):
                    break  # in an emergency nobody waits for a second try
                continue
            return replace(draft, drafted_by="model", model=self._settings.model, usage=usage, attempts=attempts)
        if fault in ("timeout", "unreachable"):
            self._failures += 1
            if self._failures >= FAILURES_TO_REST:
                self._resting_until = self._monotonic() + REST
        return replace(template_draft(request, hits, context), fault=fault, usage=usage, attempts=attempts)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def _ask(self, prompt: Prompt) -> _Completion:
        """One attempt. Raises UnusableAnswer where there is nothing to read."""
        import openai  # loaded already, by the constructor

        try:
            # The SDK's own timeout is for each read: a server that drips would never meet it.
            async with asyncio.timeout(self._settings.timeout_seconds):
                try:
                    return await self._send(prompt, with_schema=self._schema_understood)
                except openai.BadRequestError:
                    if not self._schema_understood:
                        raise
                    # Some servers know no response_format; the prompt says the same in words.
                    completion = await self._send(prompt, with_schema=False)
                    self._schema_understood = False
                    return completion
        except (TimeoutError, openai.APITimeoutError):
            raise UnusableAnswer("timeout") from None
        except openai.APIStatusError as error:
            again = error.status_code in (408, 409, 429) or error.status_code >= 500  # noqa: PLR2004 - HTTP
            raise UnusableAnswer("unreachable" if again else "refused") from None
        except UnusableAnswer:
            raise
        except Exception as error:  # noqa: BLE001 - broken encodings, cut connections: the SDK does not wrap what comes while reading
            log.warning("asking the model failed: %s", type(error).__name__)
            raise UnusableAnswer("unreachable") from None

    async def _send(self, prompt: Prompt, *, with_schema: bool) -> _Completion:
        options: dict[str, Any] = {}
        if with_schema:
            schema = {"name": "draft", "strict": True, "schema": prompt.schema}
            options["response_format"] = {"type": "json_schema", "json_schema": schema}
        # OpenAI's newer models refuse the older name, and most other servers know only that one.
        limit = "max_tokens" if self._settings.base_url else "max_completion_tokens"
        options[limit] = self._settings.max_output_tokens
        async with self._client.chat.completions.with_streaming_response.create(
            model=self._settings.model,
            messages=[{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
            **options,
        ) as response:
            received = bytearray()
            async for chunk in response.iter_bytes():
                received += chunk
                if len(received) > RESPONSE_BYTES:
                    raise UnusableAnswer("too long")
        try:
            return _Completion.model_validate_json(bytes(received))
        except ValidationError:
            raise UnusableAnswer("unreadable") from None


def written(choice: _Choice, request: DraftRequested, passages: Sequence[Passage], prompt: Prompt, context: ReplyContext) -> Draft:
    """The draft of a model's answer. Raises UnusableAnswer."""
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise UnusableAnswer("refused")
    try:
        answer = model_answer.read(choice.message.content or "")
    except UnusableAnswer:
        if choice.finish_reason == "length":
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
        spoken = prompts.reply_language(request.triaged.language.code)
        if emergency_reply.calming(subject) or emergency_reply.unhelpful(rest, spoken, published, context.department):
            raise UnusableAnswer("reassuring")
    return Draft(
        language=prompts.reply_language(request.triaged.language.code),
        subject=subject,
        body=body,
        citations=citations,
        prompt_version=prompt.version,
        removed=frozenset(out_of_subject | out_of_body | quotes),
    )
