"""No text stops the work: whatever citizens, agencies and models write, reading it takes time in proportion to its length.

Every pattern and every public text function of the packages below is driven with 20,000 characters of the shapes that make careless
patterns slow. Processor time is limited far above the good value (a few hundredths of a second), so that a busy machine changes nothing.
A new function is found by itself: it is driven if its arguments can be made from a text, and must be excused by name otherwise.
"""

import importlib
import inspect
import pkgutil
import re
import string
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from email.message import Message
from types import ModuleType
from typing import Any, Literal, get_type_hints
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

import services
from schemas.requests_triaged import LetterKind, MessagePart, Signal, Term
from schemas.values import Person, Redacted, RedactedSpan
from services.domain import reply_note
from services.domain.articles import InvalidArticle, Passage
from services.drafting import required_facts
from services.drafting.claims import quantities, support, word_lists
from services.drafting.claims.quantities import Quantities
from services.drafting.claims.support import Source, Sources
from services.drafting.model_answer import UnusableAnswer
from services.intake.mail import bounce, mail_kind, mail_reader, mail_requests, mail_syntax
from services.intake.mail.received_mail import ReceivedMail
from services.intake.rules import accept
from services.review.cases.page.classification_explanation import Piece
from services.review.cases.search import search_document, search_words
from services.review.quality import edits
from services.review.quality.gaps import Gap
from services.runtime.errors import ParvisError
from services.triage.message_parts import Correspondence
from services.triage.redaction import redact
from services.triage.redaction.pii_span import PiiSpan
from services.triage.redaction.signatures import paired
from services.triage.redaction.text_folding import Folded, fold
from services.triage.signals.automatic_replies import SentBy
from services.triage.signals.danger_meaning import DangerMeaning
from services.triage.signals.detection import Reading
from services.triage.signals.wording_matcher import Text
from tests.case_builders import triaged
from tests.harness.processor_time import limited

LENGTH = 20_000
READERS = (
    "services.review.cases.emerging.message_terms",
    "services.triage.redaction",
    "services.triage.signals",
    "services.triage.message_parts",
    "services.domain.language",
    "services.runtime.encoder",
    "services.triage.fingerprint",
    "services.triage.prefilter",
    "services.triage.classification.features",
    "services.domain.message_parts",
    "services.domain.reply_note",
    "services.domain.placeholders",
    "services.domain.greetings",
    "services.review.web.phrases",
    "services.domain.fingerprints",
    "services.domain.word_stems",
    "services.drafting.published_links",
    "services.drafting.model_answer",
    "services.drafting.claims",
    "services.drafting.template",
    "services.drafting.tokenization",
    "services.domain.articles",
    "services.drafting.wishes",
    "services.drafting.required_facts",
    "services.drafting.letter",
    "services.drafting.responsibility",
    "services.review.cases.page.classification_explanation",
    "services.review.cases.attachments.attached_files",
    "services.review.cases.canned_replies.canned_replies",
    "services.review.cases.deciding.reply_text",
    "services.review.cases.related.case_links",
    "services.review.cases.related.splitting",
    "services.review.cases.search.search_words",
    "services.review.cases.groups.places",
    "services.review.cases.search.search_document",
    "services.review.cases.search.search_marks",
    "services.review.quality.edits",
    "services.review.quality.gaps",
    "services.drafting.spelling",
    "services.dispatch.rules",
    "services.dispatch.mail_message",
    "services.intake.rules",
    "services.domain.reply_tokens",
    "services.domain.message_ids",
)
"""Where texts from outside are read."""

SHAPES = (
    "a", "A", "Aa", "7", " ", "\n", "é", "e\u0301", "😀", ".", "-", "@", "[", "]", "<", "&", "'", "/", ":",
    "%",
    "Aa ", "aA ", "AaA", "a ", "A ", "7 ", "7-", "7.", "A. ", "a@", "a.", "a-", "[1", "<a", "&#", "%40",
    "\r\n", "\n ", "Aa\n", "a@a.", "> ", "A'",
    "Aa-", "a at ", "a dot ", "my name is ", "Dear ", "M. ", "12 rue ", "12 Elm Street ", "call 030 ", "+33 ", "born 1.1.", "ref ", "the ",
    "_", "**", "__a", "](", "#", "<!--", "{", "x  de  la  du  ",
)  # fmt: skip


def text_of(shape: str) -> str:
    return (shape * (LENGTH // len(shape) + 1))[:LENGTH]


TEXTS = (*map(text_of, SHAPES), "A" + "a" * (LENGTH - 1), "Aa" + " " * (LENGTH - 2), "a" * (LENGTH - 1) + "!")


def _modules() -> Iterator[ModuleType]:
    for name in READERS:
        module = importlib.import_module(name)
        yield module
        for inner in pkgutil.iter_modules(getattr(module, "__path__", ()), f"{name}."):
            yield importlib.import_module(inner.name)


# --- every pattern -----------------------------------------------------------------------------------------------------------------


def _patterns() -> dict[str, re.Pattern[str]]:
    patterns: dict[str, re.Pattern[str]] = {}
    for package in pkgutil.walk_packages(services.__path__, "services."):
        if package.name.startswith("services.migrations") or package.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(package.name)).items():
            values = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple | set | frozenset) else [value]
            for number, pattern in enumerate(values):
                if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                    patterns.setdefault(f"{package.name}.{name}" + (f".{number}" if number else ""), pattern)
    for file in word_lists.FOLDER.glob("*.yaml"):
        patterns |= {f"{file.stem}.yaml: {key}": pattern for key, pattern in word_lists.patterns(file.stem).items()}
    return patterns


def _pumps(pattern: re.Pattern[str]) -> list[str]:
    """What the pattern itself looks for, over and over: its literal runs, and the first of each of its classes."""
    literals = re.findall(
        r"(?:[A-Za-z0-9@:/.,' -]|\\[.$])+", re.sub(r"\(\?[<!:=a-zA-Z]*|\[\^?[^\]]*\]|\{[^}]*\}|\\[a-zA-Z]", "|", pattern.pattern)
    )
    pieces = sorted({literal.replace("\\", "") for literal in literals if literal.strip()}, key=len, reverse=True)[:8]
    return [text_of(piece + joint) for piece in (*pieces, "".join(pieces)[:60]) for joint in ("", " ") if piece or joint]


PATTERNS = _patterns()


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_reads_any_text_in_time(name: str) -> None:
    pattern = PATTERNS[name]
    for text in (*TEXTS, *_pumps(pattern)):
        with limited(f"{name} on {text[:24]!r}..."):
            for _ in pattern.finditer(text):
                pass


WHOLE = [shape * 40 for shape in (*SHAPES, *string.ascii_lowercase)]


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_gives_up_in_time_on_a_text_that_almost_is_one(name: str) -> None:
    pattern = PATTERNS[name]
    with limited(f"{name} on a whole text"):
        for text in (*WHOLE, *(pump[:80] for pump in _pumps(pattern))):
            for ending in ("", "\x01", "y!\x01"):
                pattern.fullmatch(text + ending)


# --- every function that takes a text ----------------------------------------------------------------------------------------------

EXCUSED: dict[str, str] = {
    "services.triage.signals.wording_matcher.near": "makes a rule of our own words",
    "services.drafting.template.relevant": "a category",
    "services.drafting.claims.word_lists.alternatives": "a list of our own",
    "services.drafting.claims.word_lists.patterns": "a list of our own",
    "services.drafting.claims.word_lists.named": "a list of our own",
    "services.intake.rules.accept": "driven below",
    "services.intake.rules.status_changed": "a trace id",
    "services.intake.mail.mail_requests.request_of": "driven below, with whole mails",
    "services.intake.mail.mail_requests.request_id": "an agency's name; driven below",
    "services.drafting.required_facts.missing": "driven below, with every fact",
    "services.review.quality.edits.edit_of": "driven below, with two letters that differ",
    "services.dispatch.mail_message.sender": "a setting",
    "services.triage.signals.danger_score.read": "our own file of weights",
    "services.triage.signals.danger_certainty.certainty_of": "asks the score; driven by `signals`",
    "services.triage.signals.urgency.urgency": "reads what was found; driven by `Reading` and `signals`",
    "services.triage.redaction.phone_and_account_numbers.regions_of": "a language code",
    "services.triage.redaction.national_identifiers.is_national": "digits that were cut to length",
    "services.review.cases.attachments.attached_files.kind_of": "the bytes of a file; the text is its media type",
    "services.review.cases.canned_replies.canned_replies.day_in_words": "a language code",
    "services.review.cases.canned_replies.canned_replies.example_facts": "a language code and a department",
    "services.review.cases.canned_replies.canned_replies.facts_of": "a language code",
    "services.review.cases.canned_replies.canned_replies.in_order": "a language code",
    "services.review.cases.canned_replies.canned_replies.shelf_of": "names of ours",
    "services.review.cases.canned_replies.canned_replies.titled": "what a colleague looks for, in titles of at most a line",
    "services.triage.prefilter.needs": "a pattern of our own",
    "services.triage.redaction.street_types.house_pattern": "makes a pattern, which redact drives",
}
"""Functions with a text among their arguments that no citizen, agency or model writes, or that are driven by another test here."""

CITIZEN = Person(name="Ann de la Cruz-Smith 7", email="a.b-c@d.example", phone="+33 6 12 34 56 78", address="12 Elm Street, 35000 Rennes")


def _passage(text: str) -> Passage:
    return Passage(
        passage_id="a#1", article_id="a", title="A", url="https://a.example/", language="en", category=None, heading="", text=text
    )


def _marked(text: str) -> Redacted:
    return redact(None, text, None, "en")


def _spans(text: str) -> list[PiiSpan]:
    return list(paired(fold(text))) or [PiiSpan("NAME", 0, 2, "aa"), PiiSpan("EMAIL", LENGTH - 3, LENGTH, "x")]


class _Constant:
    """Stands for an encoder: how long that takes is its own matter."""

    name = "constant"

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.ones((len(texts), 1), dtype=np.float32)


MAKERS: dict[Any, Callable[[str], Any]] = {
    str: str,
    str | None: str,
    bytes: lambda text: text.encode("utf-8", "surrogatepass"),
    ReceivedMail: lambda text: mail_reader.read(text.encode("utf-8", "surrogatepass")),
    Message: lambda text: mail_syntax.parsed(text.encode("utf-8", "surrogatepass")).message,
    list[str]: lambda text: text.split() or [text],
    Sequence[str]: lambda text: text.split() or [text],
    dict[str, float]: lambda _: {},
    int: lambda text: len(text) // 2,
    bool: lambda _: True,
    reply_note.HowItCameAbout: lambda text: reply_note.HowItCameAbout("program", "model", text),
    reply_note.Language: lambda _: "en",
    tuple[int, int]: lambda text: (0, len(text)),
    datetime: lambda _: datetime(2026, 1, 1, tzinfo=UTC),
    date: lambda _: date(2026, 1, 1),
    UUID: lambda _: UUID(int=1),
    Folded: fold,
    Text: lambda text: Reading.of(text).literal,
    Reading: Reading.of,
    Person: lambda _: CITIZEN,
    Person | None: lambda _: CITIZEN,
    Passage: _passage,
    Redacted: _marked,
    list[PiiSpan]: _spans,
    list[RedactedSpan]: lambda text: _marked(text).spans,
    Literal["subject", "body"]: lambda _: "body",
    LetterKind: lambda _: "praise",
    Iterable[Gap]: lambda text: [Gap(UUID(int=n), "a", "en", text, text, datetime(2026, 1, 1, tzinfo=UTC), "rejected") for n in range(3)],
    Mapping[str, float]: lambda text: {text: 1.0},
    Sequence[Passage]: lambda text: [_passage(text)],
    Sequence[Person]: lambda text: [Person.model_construct(name=text[:200])],
    Sequence[str]: lambda text: [text],
    Sequence[str | None]: lambda _: [None],
    Iterable[str]: lambda text: [text],
    Correspondence: lambda _: Correspondence(is_reply=True),
    SentBy: lambda _: "perhaps a machine",
    Sequence[Piece]: lambda text: [Piece(text=text[:9], marked=True), Piece(text=text[9:])],
    Sequence[MessagePart]: lambda text: [
        MessagePart(kind="new", start=0, end=len(text) // 2),
        MessagePart(kind="quoted", start=len(text) // 2, end=len(text)),
    ],
    Source: lambda text: support.source(text, "en"),
    Source | None: lambda text: support.source(text, "en"),
    Sources: lambda text: Sources((text,), "en"),
    Quantities: lambda text: quantities.read(text, "en"),
    Quantities | None: lambda text: quantities.read(text, "en"),
    Iterable[Quantities]: lambda text: [quantities.read(text, "fr")],
    Iterable[Passage]: lambda text: [_passage(text)],
    frozenset[str]: lambda text: frozenset({text[:50]}),
    Sequence[Text]: lambda text: [Reading.of(text).literal],
    Sequence[Reading]: lambda text: [Reading.of(text)],
    Sequence[list[Signal]]: lambda _: [[]],
    Collection[int]: lambda _: (),
    DangerMeaning: lambda _: DangerMeaning(_Constant(), np.ones(1), bias=0.0, by_words=1.0, by_meaning=1.0, constant=0.0),
    Sequence[Sequence[str]]: lambda text: [text.split() or ["a"]],
    Container[str]: lambda _: (),
    search_words.Sought: search_words.sought,
    search_document.Document: lambda text: search_document.document([text]),
    Mapping[str, str]: lambda text: {"[NAME_1]": "Ann Li", "[NAME_2]": text[:300]},
    Iterable[Term]: lambda text: [
        Term(term=text[:1], weight=1.0, places=[{"field": "body", "start": at, "end": at + 1} for at in range(9)])
    ],
}
TEXTUAL = (str, Folded, Text, Reading)


def _functions() -> dict[str, Callable[..., Any]]:
    functions: dict[str, Callable[..., Any]] = {}
    for module in _modules():
        for name, function in vars(module).items():
            if name.startswith("_") or not inspect.isfunction(function) or function.__module__ != module.__name__:
                continue
            hints = [hint for key, hint in get_type_hints(function).items() if key != "return"]
            if any(kind.__name__ in str(hint) for hint in hints for kind in TEXTUAL):
                functions[f"{module.__name__}.{name}"] = function
    return functions


FUNCTIONS = _functions()


def _arguments(function: Callable[..., Any], text: str) -> dict[str, Any]:
    hints = get_type_hints(function)
    return {name: MAKERS[hints[name]](text) for name in inspect.signature(function).parameters}


def _can_be_driven(function: Callable[..., Any]) -> bool:
    hints = get_type_hints(function)
    return all(hints[name] in MAKERS for name in inspect.signature(function).parameters)


def test_no_function_that_takes_a_text_is_forgotten() -> None:
    forgotten = {name for name, function in FUNCTIONS.items() if name not in EXCUSED and not _can_be_driven(function)}
    assert not forgotten, f"add a maker for their arguments, or excuse them: {sorted(forgotten)}"
    assert len(FUNCTIONS) > len(EXCUSED)


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - set(EXCUSED)))
def test_a_function_reads_any_text_in_time(name: str) -> None:
    for text in TEXTS:
        arguments = _arguments(FUNCTIONS[name], text)
        with limited(f"{name} on {text[:24]!r}..."):
            try:
                result = FUNCTIONS[name](**arguments)
                if isinstance(result, Iterator):
                    for _ in result:
                        pass
            except (ParvisError, InvalidArticle, UnusableAnswer, ValueError):
                pass  # refused, in time


# --- what comes with the text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Ann Bob Cy " * 27, "Ann", "a-" * 150, "Ann  Bob", "de la " * 50 + "Ann", "a.b." * 75, "'" * 300])
def test_no_citizens_name_makes_a_pattern_that_stands_still(name: str) -> None:
    citizen = Person(name=name[:200], email="a.b@c.example", phone="0" * 30, address="1 " * 140)
    texts = [text_of(shape) for shape in ("Ann  de  la  du  Annx ", "ann  ", "a. ", "a-a", "0 0", "1  1,", "ann de la ann  -  annx")]
    for text in (*texts, *TEXTS[:12]):
        with limited(f"redact on {text[:24]!r}..."):
            redact(text[:300], text, citizen, "fr")


def test_a_request_of_any_shape_is_accepted_or_refused_in_time() -> None:
    for text in TEXTS:
        with limited(f"accept on {text[:24]!r}..."), suppress(ParvisError, ValueError):
            accept({"channel": "web", "body": text, "subject": text[:300]}, "city", datetime(2026, 1, 1, tzinfo=UTC), UUID(int=1))


MAILS = (
    "From: {text}\n\nx",
    "Subject: =?utf-8?q?{text}?= {text}\nReferences: {text}\nTo: {text}\nDate: {text}\n\n{text}",
    "Content-Type: text/plain; format=flowed; charset={text}\n\n{text}",
    "Content-Type: text/html\n\n<p style='{text}'>{text}<a href='{text}'>{text}",
    "Content-Type: multipart/mixed; boundary={text}\n\n--{text}\n\n{text}",
    "Content-Type: application/pdf; name*0*={text}\nContent-Transfer-Encoding: base64\n\n{text}",
    "Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:{text}\n{text}",
    "From: mailer-daemon@a.example\nReturn-Path: <>\n\nthe following addresses had\n{text}",
    "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n{text}\n\nFinal-Recipient: {text}\n",
)


@pytest.mark.parametrize("mail", MAILS)
def test_a_mail_of_any_shape_is_read_in_time(mail: str) -> None:
    for text in TEXTS:
        with limited(f"{mail[:40]!r} of {text[:24]!r}..."):
            received = mail_reader.read(mail.replace("{text}", text).encode("utf-8", "surrogatepass"))
            mail_requests.request_of(received, "city", datetime(2026, 1, 1, tzinfo=UTC), automatic=mail_kind.of(received))
            bounce.returned(received)


def test_every_fact_is_looked_for_in_time() -> None:
    asked = [*required_facts._PLACEHOLDERS, *required_facts._SIGNS, "details"]
    for text in TEXTS:
        with limited(f"missing on {text[:24]!r}..."):
            required_facts.missing(asked, triaged(redacted=Redacted(body=text)))


def test_two_letters_of_any_shape_are_compared_in_time() -> None:
    for text in TEXTS:
        with limited(f"edit_of on {text[:24]!r}..."):
            edits.edit_of(edits.Letter("a", text), edits.Letter("b", f"{text[LENGTH // 2 :]} x {text[: LENGTH // 3]}"), [text[:900]])
