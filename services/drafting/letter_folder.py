"""Reads the letters that a reply without a model is made of: the agency's own by kind, category and language, else those of Parvis.

A letter is a Jinja text that may fill in values and choose between sentences, and nothing else: no loops, no calls, no other
files. So its output is bounded by its own length and its values, whatever it says. Nothing is escaped: a reply is plain text, in
which `&amp;` would be read as such; where it is shown on a page, the page escapes it.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from schemas.requests_triaged import LETTER_KINDS
from services.domain.folder_state import Stamp, fault_list, stamp_of
from services.drafting.letter_templates import ANY_KIND, VALUES, Letter, Sentences, Templates

SHIPPED = Path(__file__).with_name("templates")
SENTENCES = "sentences.yaml"
LONGEST_FILE = 20_000

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

_HEAD = re.compile(r"---[ \t]*\n(.*?)\n---[ \t]*(?:\n|$)", re.DOTALL)


class InvalidTemplates(ValueError):
    """The folder can't be used; the message has one line a fault, with file, line and fix."""


class Head(BaseModel):
    """What a letter says of itself, between two lines of `---`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    needs: tuple[str, ...] = ()
    like: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_.]{0,80}$")] = ""
    """The name of another letter in this language whose text it takes."""


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
        raise InvalidTemplates(fault_list(f"the letters in {folder or SHIPPED}", faults))
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
            letters[name] = letter(name, _with_text_of_another(_text(file), folder / language), sentences[language].facts)
        except ValueError as error:
            faults.append(f"{name}.txt: {error}")
    return sentences, letters, faults


def _with_text_of_another(text: str, folder: Path) -> str:
    """A letter that is a head alone with the text of the one that it is like."""
    head = _HEAD.match(text)
    name = _head(head[1]).like if head else ""
    if not head or not name:
        return text
    if text[head.end() :].strip():
        raise ValueError("like: there is a text below as well: leave one of the two out")
    places = (folder / f"{name}.txt", SHIPPED / folder.name / f"{name}.txt")
    file = next((place for place in places if place.is_file()), None)
    if file is None:
        raise ValueError(f"like: there is no {folder.name}/{name}.txt")
    other = _text(file)
    below = _HEAD.match(other)
    return text[: head.end()] + (other[below.end() :] if below else other)


def stamp(folder: Path) -> Stamp:
    """What tells whether the folder is as it was."""
    return stamp_of(folder.glob("*/*"))


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
    is_category = categories is None or category in categories
    if not is_category and (kind or category not in (*LETTER_KINDS, ANY_KIND)):
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
    head = _HEAD.match(text)
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
