"""Asks an OpenAI-compatible endpoint for one chat completion, in the dialect that it turns out to speak."""

import asyncio
import logging
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError

from services.domain.phrases import Phrase
from services.drafting.draft import Fault
from services.drafting.model_answer import UnusableAnswer
from services.runtime import clock
from services.runtime.settings import LlmSettings

log = logging.getLogger(__name__)

DEFAULT_URL = "https://api.openai.com/v1"
RESPONSE_BYTES = 1024 * 1024  # many times the longest answer: a server that never stops is left alone there
LONGEST_PAUSE = 3600.0  # seconds: what a server asks for beyond that is not believed

Limit = Literal["max_tokens", "max_completion_tokens"]
Form = Literal["json_schema", "json_object", "text"]
_WEAKER: dict[Form, Form] = {"json_schema": "json_object", "json_object": "text"}
_OTHER: dict[Limit, Limit] = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}

_NAMES_FORM = re.compile(r"response_format|json_schema|json_object|\bschema\b|grammar|structured")
_NAMES_EFFORT = re.compile(r"reasoning|\beffort\b")
_TOO_LONG = re.compile(
    r"context_length|context (?:length|window|size)|maximum context|too many (?:input )?tokens|prompt is too long|too long"
)
_QUOTA = re.compile(r"quota|billing|credit|balance|spend(?:ing)? limit|payment")
_MODEL = re.compile(r"[A-Za-z0-9][\w./:@+-]{0,79}", re.ASCII)
_FILTERED = re.compile(r"content_filter|content_policy|content management|moderation|safety")


@dataclass(frozen=True)
class Dialect:
    """How this endpoint wants to be asked: servers differ in the name of the limit and in what form of answer they can hold a model to."""

    limit: Limit
    form: Form = "json_schema"
    effort: str = ""
    limit_settled: bool = False
    """Whether the other name of the limit was refused already."""

    def options(self, schema: Mapping[str, Any], tokens: int) -> dict[str, Any]:
        """The arguments of the request that depend on it."""
        options: dict[str, Any] = {self.limit: tokens}
        if self.form == "json_schema":
            options["response_format"] = {"type": "json_schema", "json_schema": {"name": "draft", "strict": True, "schema": schema}}
        elif self.form == "json_object":
            options["response_format"] = {"type": "json_object"}
        if self.effort:
            options["reasoning_effort"] = self.effort
        return options


def adapted(dialect: Dialect, complaint: str) -> Dialect | None:
    """The dialect to try after a refusal, by what it names, else the likeliest first. None: nothing is left to change."""
    complaint = complaint.lower()
    other_limit = None if dialect.limit_settled else replace(dialect, limit=_OTHER[dialect.limit], limit_settled=True)
    weaker_form = replace(dialect, form=_WEAKER[dialect.form]) if dialect.form in _WEAKER else None
    no_effort = replace(dialect, effort="") if dialect.effort else None
    if "max_tokens" in complaint or "max_completion_tokens" in complaint:
        return other_limit
    if _NAMES_EFFORT.search(complaint) and no_effort:
        return no_effort
    if _NAMES_FORM.search(complaint) and weaker_form:
        return weaker_form
    return weaker_form or other_limit or no_effort


def refusal(status: int, complaint: str, pause: float | None) -> UnusableAnswer:
    """What a status that is no success means, in words that whoever runs this can act on.

    Of the server's own words only kinds are read: they may repeat the prompt.
    """
    fault, detail = _meaning(status, complaint.lower())
    return UnusableAnswer(fault, detail.format(status), pause)


_UNAVAILABLE: tuple[Fault, str] = ("unreachable", Phrase("the endpoint answered {0}"))
_STATUSES: dict[int, tuple[Fault, str]] = {
    401: ("configuration", Phrase("the endpoint refuses the key ({0}): set PARVIS_LLM_API_KEY")),
    402: ("quota", Phrase("the endpoint asks for payment ({0}): look at the account there")),
    403: ("configuration", Phrase("the endpoint refuses the key ({0}): set PARVIS_LLM_API_KEY")),
    404: ("configuration", Phrase("the endpoint knows no such model or path ({0}): check PARVIS_LLM_MODEL and PARVIS_LLM_BASE_URL")),
    405: ("configuration", Phrase("the endpoint knows no such path ({0}): check PARVIS_LLM_BASE_URL")),
    408: _UNAVAILABLE,
    409: _UNAVAILABLE,
    413: ("prompt too long", ""),
    425: _UNAVAILABLE,
    429: ("busy", Phrase("the endpoint takes no more requests just now ({0})")),
}


def _meaning(status: int, complaint: str) -> tuple[Fault, str]:
    if status == 429 and _QUOTA.search(complaint):  # noqa: PLR2004 - HTTP
        return "quota", Phrase("the endpoint's quota is used up ({0}): look at the account there")
    if status in _STATUSES:
        return _STATUSES[status]
    if status >= 500:  # noqa: PLR2004 - HTTP
        return _UNAVAILABLE
    if _FILTERED.search(complaint):
        return "refused", ""
    if _TOO_LONG.search(complaint):
        return "prompt too long", ""
    return "configuration", Phrase("the endpoint refuses the request ({0}): check PARVIS_LLM_MODEL and the other PARVIS_LLM_*")


def pause_of(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that `Retry-After` asks for, as seconds or as a date; None where it asks for nothing that can be understood."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            until = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_PAUSE) if math.isfinite(seconds) else None


class _Function(BaseModel):
    arguments: str | None = None


class _ToolCall(BaseModel):
    function: _Function | None = None


class _Part(BaseModel):
    text: str | None = None


class _Message(BaseModel):
    content: str | list[_Part | str] | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


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
    model: Any = None


@dataclass(frozen=True)
class Completion:
    """What the model said, wherever its server put it, and what it counted."""

    text: str
    cut_off: bool
    input_tokens: int
    output_tokens: int
    model: str = ""
    """What the server calls the model that answered, where that looks like a name."""


def read(body: bytes) -> Completion:
    """A chat completion's text: its content, as one string or in parts, else the arguments of a tool call, else what it thought aloud.

    Raises UnusableAnswer where the model refused or there is no completion in it.
    """
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError:
        raise UnusableAnswer("unreadable") from None
    choice, tokens = completion.choices[0], completion.usage or _Tokens()
    message = choice.message
    if message.refusal or choice.finish_reason == "content_filter":
        raise UnusableAnswer("refused")
    parts = [message.content] if isinstance(message.content, str) else message.content or []
    content = "".join(part if isinstance(part, str) else part.text or "" for part in parts)
    arguments = "".join(call.function.arguments or "" for call in (message.tool_calls or [])[:1] if call.function)
    texts = (content, arguments, message.reasoning_content or "", message.reasoning or "")
    return Completion(
        text=next((text for text in texts if text.strip()), ""),
        cut_off=choice.finish_reason == "length",
        input_tokens=tokens.prompt_tokens or 0,
        output_tokens=tokens.completion_tokens or 0,
        model=completion.model if isinstance(completion.model, str) and _MODEL.fullmatch(completion.model) else "",
    )


class ChatEndpoint:
    """One endpoint and model: what dialect it speaks is learnt from its refusals and kept."""

    def __init__(self, settings: LlmSettings) -> None:
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient  # here, since a process without a model has no need of its 30 MB

        self._settings = settings
        self.address = urlsplit(settings.base_url or DEFAULT_URL)
        self._client = AsyncOpenAI(
            base_url=settings.base_url or DEFAULT_URL,
            api_key=settings.api_key.get_secret_value() or "none",
            timeout=settings.timeout_seconds,
            max_retries=0,
            http_client=DefaultAsyncHttpxClient(follow_redirects=False),  # a letter goes where the setting says, and nowhere else
        )
        # OpenAI's newer models refuse the older name, and most other servers know only that one.
        self._dialect = Dialect("max_tokens" if settings.base_url else "max_completion_tokens", effort=settings.reasoning_effort)

    async def complete(self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]) -> Completion:
        """One answer within the time limit. Raises UnusableAnswer where there is nothing to read."""
        import openai  # loaded already, by the constructor

        try:
            # The SDK's own timeout is for each read: a server that drips would never meet it.
            async with asyncio.timeout(self._settings.timeout_seconds):
                dialect = self._dialect
                while True:
                    try:
                        body = await self._send(messages, dialect.options(schema, self._settings.max_output_tokens))
                    except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                        complaint = _complaint(error)
                        final = refusal(error.status_code, complaint, None)
                        other = adapted(dialect, complaint) if final.fault == "configuration" else None
                        if other is None:
                            raise final from None
                        dialect = other
                    else:
                        self._dialect = dialect
                        return read(body)
        except (TimeoutError, openai.APITimeoutError):
            raise UnusableAnswer("timeout") from None
        except openai.APIStatusError as error:
            pause = pause_of(error.response.headers, clock.now())
            raise refusal(error.status_code, _complaint(error), pause) from None
        except UnusableAnswer:
            raise
        except Exception as error:  # noqa: BLE001 - broken encodings, cut connections: the SDK does not wrap what comes while reading
            log.warning("asking the model failed: %s", type(error).__name__)
            raise UnusableAnswer("unreachable") from None

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def _send(self, messages: Sequence[Mapping[str, str]], options: Mapping[str, Any]) -> bytes:
        chosen: Any = list(messages)
        async with self._client.chat.completions.with_streaming_response.create(
            model=self._settings.model, messages=chosen, **options
        ) as response:
            received = bytearray()
            async for chunk in response.iter_bytes():
                received += chunk
                if len(received) > RESPONSE_BYTES:
                    raise UnusableAnswer("too long")
        return bytes(received)


def _complaint(error: Any) -> str:  # noqa: ANN401 - an openai.APIStatusError, whose package is loaded late
    """Which argument and which kind of fault a refusal names."""
    return f"{error.param or ''} {error.code or ''} {error.type or ''} {error.message}"[:2000]
