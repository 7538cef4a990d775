"""Reads the letters that a reply without a model is made of: the agency's own by kind, category and language, else those of Parvis.

A letter is a Jinja text that may fill in values and choose between sentences, and nothing else: no loops, no calls, no other
files. So its output is bounded by its own length and its values, whatever it says. Nothing is escaped: a reply is plain text, in
which `&amp;` would be read as such; where it is shown on a page, the page escapes it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from schemas.requests_triaged import LETTER_KINDS
from services.domain.placeholders import CITIZEN_NAME

SHIPPED = Path(__file__).with_name("templates")
SENTENCES = "sentences.yaml"
ANY_KIND = "letter"
LONGEST_FILE = 20_000
LONGEST_LETTER = 20_000
"""Characters; a check tells of what is too long to be read."""
OWN_WORDS = 3  # a sentence with fewer of its own could be anybody's
SHOWN_FAULTS = 20

VALUES: Mapping[str, str] = {
    "greeting": "the greeting, with the citizen's name",
    "danger": "whom to call, where somebody may be in danger; empty otherwise",
    "published": "the quotations, each with its source; empty where nothing fits",
    "asked": "what the citizen is asked for; empty where it is nothing",
    "apology": "a sentence of regret, where a person asked for one",
    "friendly": "a closing line, where a person asked for a friendly letter",
    "goodbye": "the closing words, with the department",
    "department": "who answers",
    "within": "the promised time, as `within 5 working days`",
    "matter": "what the letter is about, where that is sure; empty otherwise",
    "calm": "true where nobody is in danger or in a hurry",
    "sorry": "true but where a person asked for no apology",
    "may_need_no_answer": "true where the letter may ask for nothing",
    "shorter": "true where a person asked for a shorter letter",
    "plainer": "true where a person asked for plainer words",
}
"""What a letter may fill in or ask about."""

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.If,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Const,
    nodes.Compare,
    nodes.Operand,
)

Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class InvalidTemplates(ValueError):
    """The folder can't be used; the message has one line a fault, with file, line and fix."""


class Sentences(BaseModel):
    """What replies in one language share; `{...}` are filled in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    greeting: Text
    greeting_formal: Text
    greeting_friendly: Text
    goodbye: Text
    goodbye_formal: Text
    goodbye_friendly: Text
    friendly: Text
    apology: Text
    danger: Text
    danger_line: Text
    found_one: Text
    found_more: Text
    found_plain: Text
    responsible: Text
    source: Text
    other_language: Text
    asks: Text
    facts: dict[str, Text]
    """The question for each fact that a letter may need, or a person may want to be asked for."""
    within_days: Text
    within_hours: Text
    within_working_days: Text
    within_working_hours: Text
    read: Text
    read_by_somebody: Text
    your_message: Text
    quotes: tuple[str, str]

    def all(self) -> list[str]:
        """Every sentence."""
        return [*(value for value in self.__dict__.values() if isinstance(value, str)), *self.facts.values()]


class Head(BaseModel):
    """What a letter says of itself, between two lines of `---`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Letter:
    """One file: its text, and the facts that it needs."""

    name: str
    source: str
    template: Template = field(repr=False, compare=False)
    needs: tuple[str, ...] = ()

    def written(self, values: Mapping[str, object]) -> str:
        """The letter with its values; paragraphs that are empty are left out."""
        text = self.template.render(values)
        lines = [line.rstrip() for line in re.sub(r"(?<=\S) {2,}", " ", text).split("\n")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST_LETTER]


@dataclass(frozen=True)
class Templates:
    """Every letter, by file name without `.txt` below its language, the agency's before those of Parvis."""

    sentences: Mapping[str, Sentences]
    own: Mapping[str, Letter]
    shipped: Mapping[str, Letter]

    @property
    def languages(self) -> list[str]:
        """Those that a reply can be written in."""
        return list(self.sentences)

    def language(self, code: str) -> str:
        """The language of a reply to somebody who writes in this one: theirs, or English."""
        return code if code in self.sentences else "en"

    def letter(self, language: str, category: str, kind: str) -> Letter:
        """The most special one: for category and kind, for the category, for the kind, for any; of the agency's first, then of Parvis's."""
        names = [f"{language}/{name}" for name in (f"{category}.{kind}", category, kind, ANY_KIND)]
        for letters in (self.own, self.shipped):
            for name in names:
                if name in letters:
                    return letters[name]
        raise KeyError(names[0])  # pragma: no cover - a folder without a letter for each kind is refused

    @staticmethod
    def within(sentences: Sentences, promise: timedelta, *, working_time: bool) -> str:
        """The promise in words."""
        hours = max(1, round(promise.total_seconds() / 3600))
        days, rest = divmod(hours, 24)
        if days > 1 and not rest:
            return (sentences.within_working_days if working_time else sentences.within_days).format(n=days)
        return (sentences.within_working_hours if working_time else sentences.within_hours).format(n=hours)

    def house(self, language: str) -> str:
        """Every sentence that is the house's own, with `{...}` for what is filled in."""
        return _house(self, self.language(language))

    def is_of_the_house(self, sentence: str, language: str, filled: "Filled") -> bool:
        """Whether a sentence is one of the house's own, with nothing filled in but what this desk would."""
        return any(pattern.fullmatch(" ".join(sentence.split())) for pattern in _patterns(self, self.language(language), filled))

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


@dataclass(frozen=True)
class Filled:
    """What this desk fills in: nothing else may stand there."""

    department: str = ""
    within: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def _house(templates: Templates, language: str) -> str:
    letters = (letter for name, letter in {**templates.shipped, **templates.own}.items() if name.startswith(f"{language}/"))
    return "\n".join([*templates.sentences[language].all(), *(_flat(letter.source) for letter in letters)])


@lru_cache(maxsize=256)
def _patterns(templates: Templates, language: str, filled: Filled) -> list[re.Pattern[str]]:
    split = re.split(r"(?<=[.!?:])\s+|\n+", _house(templates, language))
    own = {" ".join(sentence.split()) for sentence in split if len(re.findall(r"\w+", re.sub(r"\{\w+\}", "", sentence))) >= OWN_WORDS}
    names = [CITIZEN_NAME, *filled.names]
    known = {"department": [filled.department], "within": filled.within, "number": filled.numbers, "name": names, "n": ["\0"]}
    free = ".{0,120}?"
    patterns = []
    for sentence in own:
        parts = re.split(r"\{(\w+)\}", sentence)
        pattern = "".join(re.escape(part) if i % 2 == 0 else _value(known, part) or free for i, part in enumerate(parts))
        patterns.append(re.compile(pattern))
    return patterns


def _value(known: Mapping[str, Sequence[str]], name: str) -> str:
    values = [re.escape(value) for value in known.get(name, ()) if value]
    return f"(?:{'|'.join(values)})" if values else ""


def _flat(source: str) -> str:
    """A letter's text with a gap for each value, and a break at each choice."""
    return re.sub(
        r"\{%.*?%\}", "\n", re.sub(r"\{\{\s*(\w+).*?\}\}", r"{\1}", re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)), flags=re.DOTALL
    )


def read(folder: Path | None, categories: Sequence[str] | None = None) -> Templates:
    """The letters of Parvis and over them those of the agency's folder. Raises InvalidTemplates naming each file at fault."""
    sentences, shipped, faults = _folder(SHIPPED, {}, None)
    own: dict[str, Letter] = {}
    if folder is not None:
        if not folder.is_dir():
            raise InvalidTemplates(f"{folder} is not a folder: set PARVIS_TEMPLATES_DIR to the one with your letters")
        sentences, own, faults = _folder(folder, sentences, categories)
    for language in sentences:
        covered = {name.partition("/")[2] for name in (*shipped, *own) if name.startswith(f"{language}/")}
        missing = [] if ANY_KIND in covered else [kind for kind in LETTER_KINDS if kind not in covered]
        if missing:
            faults.append(
                f"{language}/: there is no letter for {', '.join(missing)}: write {language}/{ANY_KIND}.txt, which is for any kind"
            )
    if faults:
        more = f"\n... and {len(faults) - SHOWN_FAULTS} more" if len(faults) > SHOWN_FAULTS else ""
        raise InvalidTemplates(f"the letters in {folder or SHIPPED} can't be used:\n" + "\n".join(faults[:SHOWN_FAULTS]) + more)
    return Templates(sentences, own, shipped)


@cache
def shipped() -> Templates:
    """Those of Parvis alone."""
    return read(None)


def _folder(
    folder: Path, base: Mapping[str, Sentences], categories: Sequence[str] | None
) -> tuple[dict[str, Sentences], dict[str, Letter], list[str]]:
    sentences, letters, faults = dict(base), {}, []
    for file in sorted(folder.glob("*/" + SENTENCES)):
        language = file.parent.name
        try:
            sentences[language] = _sentences(_text(file), base.get(language))
        except ValueError as error:
            faults.append(f"{language}/{SENTENCES}: {error}")
    for file in sorted(folder.glob("*/*.txt")):
        language, name = file.parent.name, f"{file.parent.name}/{file.stem}"
        if file.name.startswith("."):
            continue
        if language not in sentences:
            faults.append(f"{name}.txt: there are no sentences for {language!r}: write {language}/{SENTENCES} as well")
            continue
        try:
            _named_rightly(file.stem, categories)
            letters[name] = letter(name, _text(file), sentences[language].facts)
        except ValueError as error:
            faults.append(f"{name}.txt: {error}")
    return sentences, letters, faults


def _text(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8: save it as UTF-8") from None
    except OSError as error:
        raise ValueError(f"can't be read ({error.strerror})") from None
    if len(text) > LONGEST_FILE:
        raise ValueError(f"{len(text)} characters: a letter has {LONGEST_FILE} at most")
    return text.replace("\r\n", "\n")


def _named_rightly(stem: str, categories: Sequence[str] | None) -> None:
    category, _, kind = stem.partition(".")
    if kind and kind not in LETTER_KINDS:
        raise ValueError(f"{kind!r} is no kind of letter: name the file <category>.<kind>.txt with one of {', '.join(LETTER_KINDS)}")
    known = categories is None or category in categories
    if not known and (kind or category not in (*LETTER_KINDS, ANY_KIND)):
        raise ValueError(
            f"{category!r} is neither a category of the taxonomy nor a kind of letter ({', '.join((*LETTER_KINDS, ANY_KIND))})"
        )


def _sentences(text: str, base: Sentences | None) -> Sentences:
    try:
        fields = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ValueError(f"not YAML{f' (line {mark.line + 1})' if mark else ''}") from None
    if not isinstance(fields, dict):
        raise ValueError("write lines of `name: sentence`")  # noqa: TRY004 - of what stands in the file
    if base:
        facts = {**base.facts, **fields.get("facts", {})} if isinstance(fields.get("facts", {}), dict) else fields["facts"]
        fields = {**base.model_dump(), **fields, "facts": facts}
    try:
        sentences = Sentences.model_validate(fields)
    except ValidationError as error:
        raise ValueError("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())) from None
    for sentence in sentences.all():
        unknown = set(re.findall(r"\{(\w*)\}", sentence)) - {"name", "department", "number", "title", "url", "n"}
        if unknown or sentence.count("{") != sentence.count("}"):
            raise ValueError(f"{sentence[:60]!r}: only {{name}}, {{department}}, {{number}}, {{title}}, {{url}} and {{n}} are filled in")
    return sentences


def letter(name: str, text: str, facts: Mapping[str, str]) -> Letter:
    """One letter. Raises ValueError with line and fix."""
    head = re.match(r"---[ \t]*\n(.*?)\n---[ \t]*(?:\n|$)", text, re.DOTALL)
    body = text[head.end() :] if head else text
    above = text[: head.end()].count("\n") if head else 0
    about = _head(head[1]) if head else Head()
    if unknown := [fact for fact in about.needs if fact not in facts]:
        raise ValueError(f"needs: {unknown[0]!r} has no question: add it to facts in {SENTENCES}, or take one of {', '.join(facts)}")
    try:
        for node in _walk(_environment().parse(body)):
            _allowed(node, above)
        template = _environment().from_string(body)
    except TemplateSyntaxError as error:
        raise ValueError(f"line {error.lineno + above}: {error.message}") from None
    except TemplateError as error:
        raise ValueError(str(error.message)) from None
    written = Letter(name, body, template, about.needs)
    if "greeting" not in body or "goodbye" not in body or "danger" not in body:
        raise ValueError("a letter has {{ greeting }}, {{ danger }} and {{ goodbye }}: add what is missing")
    if about.needs and "asked" not in body:
        raise ValueError("it needs facts, and does not ask for them: put {{ asked }} where the questions belong")
    return written


def _head(text: str) -> Head:
    try:
        return Head.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError:
        raise ValueError("the lines between `---` are not YAML: write `needs: [address]`") from None
    except ValidationError as error:
        raise ValueError("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())) from None


def _walk(node: nodes.Node) -> list[nodes.Node]:
    return [node, *(below for child in node.iter_child_nodes() for below in _walk(child))]


def _allowed(node: nodes.Node, above: int) -> None:
    if not isinstance(node, _ALLOWED):
        raise ValueError(  # noqa: TRY004 - of what stands in the file
            f"line {node.lineno + above}: {type(node).__name__.lower()} is not allowed: "
            "write only {{ value }} and {% if value %} ... {% endif %}"
        )
    if isinstance(node, nodes.Name) and node.name not in VALUES:
        raise ValueError(f"line {node.lineno + above}: there is no value {node.name!r}: take one of {', '.join(VALUES)}")


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment: Any = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
    environment.globals.clear()
    return environment  # type: ignore[no-any-return]
