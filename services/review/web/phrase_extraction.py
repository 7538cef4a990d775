"""Takes the sentences that people read out of modules, for `make messages`: what stands in `Phrase(...)`, and the texts of errors."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import IO, Any

from babel.messages.extract import extract_python

from services.review.web.phrases import PHRASE, WORD

SERVICES = Path(__file__).parents[2]
HOLE = "\0"
CONTEXTS = {"Phrase": PHRASE, "Word": WORD}
_FIELD = re.compile(r"\A[\w.-]+: ")


def extract(file: IO[bytes], keywords: Mapping[str, Any], comment_tags: list[str], options: Mapping[str, Any]) -> Iterator[Any]:
    """What gettext is asked for in the module, and its phrases; texts of errors where the option `errors` says that pages show them."""
    source = file.read()
    yield from extract_python(BytesIO(source), keywords, comment_tags, {})
    for line, context, text in phrases(source.decode(), errors=bool(options.get("errors"))):
        yield line, "pgettext", (context, text), []


def phrases(source: str, *, errors: bool) -> Iterator[tuple[int, str, str]]:
    """Each phrase and word of a module with its line and its context."""
    for call in ast.walk(ast.parse(source)):
        name = _name(call.func) if isinstance(call, ast.Call) else ""
        if isinstance(call, ast.Call) and call.args and (name in CONTEXTS or (errors and name in error_classes())):
            for text in map(numbered, texts(call.args[0], call)):
                yield call.lineno, CONTEXTS.get(name, PHRASE), text


def texts(node: ast.expr, call: ast.Call) -> list[str]:
    """The texts that an expression may be, with a mark for what is filled in; none where nothing of it stands in the module."""
    written = (_without_field(text, call) for text in _texts(node))
    return [text for text in written if any(character.isalpha() for character in text)]


def _texts(node: ast.expr) -> list[str]:  # noqa: PLR0911 - one return a kind of expression
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(chosen) for chosen in product(*map(_texts, parts))]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return ["".join(chosen) for chosen in product(_texts(left), _texts(right))]
        case ast.IfExp(body=one, orelse=other):
            return [*_texts(one), *_texts(other)]
        case ast.FormattedValue(value=ast.IfExp() as either, conversion=-1, format_spec=None):
            return _texts(either)
        case ast.Call(func=function, args=[inner, *_]) if _name(function) in CONTEXTS:
            return _texts(inner)
        case _:
            return [HOLE]


def numbered(text: str) -> str:
    """With `{0}`, `{1}` for what is filled in, so that the same words about other things are one message."""
    first, *others = re.sub(f"{HOLE}+", HOLE, text).split(HOLE)
    return first + "".join(f"{{{number}}}{words}" for number, words in enumerate(others))


def _without_field(text: str, call: ast.Call) -> str:
    """A page names the field by where it says so, and not as programs do."""
    named = any(keyword.arg == "field" for keyword in call.keywords)
    if named and text.startswith(f"{HOLE}: "):
        return text.removeprefix(f"{HOLE}: ")
    return _FIELD.sub("", text, count=1) if named and _FIELD.match(text) else text


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""


@cache
def error_classes() -> frozenset[str]:
    """The names of ParvisError and of all that are made of it."""
    classes = [node for path in SERVICES.rglob("*.py") for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.ClassDef)]
    names = {"ParvisError"}
    while more := {each.name for each in classes if names & set(map(_name, each.bases))} - names:
        names |= more
    return frozenset(names)
