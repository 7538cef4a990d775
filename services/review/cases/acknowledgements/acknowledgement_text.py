"""The words of a receipt: those of Parvis or the agency's own, checked, and filled in with what is ours to tell. Pure.

No word of the citizen is ever among them: whoever forges a sender would otherwise have us carry theirs to somebody else.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from schemas import invisible_characters
from services.runtime.errors import InvalidInput

FIELDS = ("REFERENCE", "DUE", "AGENCY", "ABOUT", "LOOK_UP")
"""What a text may have filled in. A paragraph with a field that a message has not is left out."""
LONGEST_SUBJECT, LONGEST_TEXT, MOST_LANGUAGES = 120, 3_000, 24
EMERGENCY_NUMBER = "EMERGENCY_NUMBER"
DEFAULT = "en"
_FIELD = re.compile(r"\[([A-Z][A-Z_]*)\]")
_LANGUAGE = re.compile(r"[a-z]{2,3}")

Texts = Mapping[str, str]
"""An agency's own texts by language. The first line of each is the subject."""
Words = Mapping[str, Mapping[str, str]]
"""All that receipts may say, by language: `text`, and `emergency`, which stands first where it is one."""


@dataclass(frozen=True)
class Wording:
    """A receipt as it is mailed."""

    language: str
    subject: str
    body: str


def checked(texts: Texts) -> dict[str, str]:
    """The agency's own texts as they are kept; an empty one is none. Raises InvalidInput naming the text and the fix."""
    own = {language: _clean(text) for language, text in texts.items() if text.strip()}
    if len(own) > MOST_LANGUAGES:
        raise InvalidInput(f"text: give it in at most {MOST_LANGUAGES} languages", field="text")
    for language, text in own.items():
        _check(language, text)
    return own


def _clean(text: str) -> str:
    return invisible_characters.letter(text.replace("\r\n", "\n")).strip()


def _check(language: str, text: str) -> None:
    field = f"text-{language}"
    if not _LANGUAGE.fullmatch(language):
        raise InvalidInput(f"{field}: there is no such language: give its code, as fr", field=field)
    subject, _, body = text.partition("\n")
    if not body.strip():
        raise InvalidInput(f"{field}: write the subject in the first line, and the text below it", field=field)
    if len(subject) > LONGEST_SUBJECT:
        raise InvalidInput(f"{field}: the first line is the subject: write at most {LONGEST_SUBJECT} characters", field=field)
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(f"{field}: it has {len(text)} characters: write at most {LONGEST_TEXT}", field=field)
    if _FIELD.search(subject):
        raise InvalidInput(f"{field}: a subject has no fields: write them below the first line", field=field)
    unknown = [name for name in _FIELD.findall(text) if name not in FIELDS]
    if unknown:
        fields = ", ".join(f"[{name}]" for name in FIELDS)
        raise InvalidInput(f"{field}: there is no field [{unknown[0]}]: use {fields}", field=field)
    if "[REFERENCE]" not in body:
        raise InvalidInput(f"{field}: say the reference, as [REFERENCE]: the citizen has nothing else to ask by", field=field)


def words(texts: Texts) -> dict[str, dict[str, str]]:
    """What an agency with these texts would send as this release has it: its own, and ours in the languages that it has none in."""
    ours = _ours()

    def of(language: str) -> dict[str, str]:
        text = texts.get(language) or ours[language]["text"].strip()
        return {"text": text, "emergency": ours.get(language, ours[DEFAULT])["emergency"].strip()}

    return {language: of(language) for language in sorted({*ours, *texts})}


def proof(words: Words) -> str:
    """What stands for these words: who switches them on has seen them, and no others."""
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()[:16]


def chosen(words: Words, *preferred: str) -> str:
    """The first of the languages that there are words in, else English."""
    return next((language for language in preferred if language in words), DEFAULT)


def written(words: Words, language: str, fields: Mapping[str, str], *, emergency: str | None = None) -> Wording:
    """The receipt in that language, which the words have. `emergency` is the number to call: how to call it stands first."""
    subject, _, body = words[language]["text"].partition("\n")
    if emergency:
        body = f"{words[language]['emergency']}\n\n{body.strip()}"
    return Wording(language, subject.strip(), _filled(body, {**fields, **({EMERGENCY_NUMBER: emergency} if emergency else {})}))


def _filled(text: str, fields: Mapping[str, str]) -> str:
    paragraphs = re.split(r"\n[ \t]*\n", text.strip())
    kept = [each.strip() for each in paragraphs if all(fields.get(name) for name in _FIELD.findall(each))]
    return "\n\n".join(_FIELD.sub(lambda match: fields[match[1]], each) for each in kept if each)


@cache
def _ours() -> dict[str, dict[str, str]]:
    ours: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("texts.yaml").read_text(encoding="utf-8"))
    return ours
