"""Finds names of whoever writes or fills in a form: "my name is", "I am", "nom :", "signed"."""

import re
from collections.abc import Iterator

from services.triage.redaction.lowercase_names import NO_SMALL_NAME, ends_there, is_unmistakable
from services.triage.redaction.name_lexicon import (
    FIRST_NAMES,
    starts_no_name,
)
from services.triage.redaction.name_shape import (
    CAPITALISED,
    SMALL_NAME,
    WORD,
    is_first_name,
    name_at,
    named,
    several,
    shouted,
    telling,
)
from services.triage.redaction.pii_span import PiiSpan, Rule
from services.triage.redaction.text_folding import Folded

_AFTER_LABEL = re.compile(
    r"(?:s|\(s\)|'s)?(?: (?:is|are|was|est|sont|etait|complet|de famille|de naissance|d'usage|at birth|and surname|et prenoms?"
    r"|in full|on (?:the )?card"
    r"|prenom|of(?: the)? (?!street|road|school|shop|company|park|club|place|village|town)"
    r"\w{3,12}|he gave|by|par|(?:my|ma|mon|our|notre|his|her|their|une?|the|la|le) \w{3,14}|ici)(?!\w))?"
    r"(?: (?:is|est|was|etait|being|de|d)(?!\w))?[ \t]?[:=,'-]{0,2}\s{0,3}"
)

_WITH_COLON = frozenset(
    {"from", "contact", "sender", "patient", "driver", "employee", "attention", "signature", "parent", "enfant", "child"}
)
"""Words that only a form uses as a label."""

_NAMING = frozenset({"called", "named", "nomme", "nommee", "appelle"})

_NAMES_A_THING = re.compile(
    r"(?:\b(?:i|we|they|he|she|have|had|and|then|just|when|also|finally|immediately|company|bank|firm|agency|app|site|shop|place|school|dog"
    r"|cat|programme|scheme|street|road|entreprise|societe|agence|magasin|chien|chienne|chat|lieu|rue)|^)[ ,]{1,2}(?:s')?$"
)
"""Before "called": whoever rings somebody up, or a thing that has a name."""

_INVERTED = re.compile(rf"(?<![^\W\d_]){CAPITALISED}, {CAPITALISED}")

_SURE_LABELS = frozenset({"is", "est", ":", "is:", "est:"})

_ALWAYS = frozenset({"soussigne", "soussignee", "undersigned", "forename", "certain", "certaine"})

_NAME_LABELS = frozenset({"name", "names", "surname", "nom", "noms", "prenom", "prenoms"})

_OWN = re.compile(r"\b(?:my|full|last|first|family|maiden|birth|married|mon|son|sa|her|his|their|your) $")

_SIGNS = frozenset({"signed", "signe", "signee"})

_OF_A_THING = re.compile(
    r"\b(?:street|road|compan(?:y|y's|ies)|business|trade|trading|brand|product|drug|file|domain|school|shop|pub|store|firm|dog|cat|pet|bank|place"
    r"|station|building|estate|park|ward|area|town|village|project"
    r"|scheme|event|group|course|form|document|app|site|website|display|animal) $"
)

_PEOPLE = re.compile(
    r"\b(?:m[ae]n|wom[ae]n|guy|lady|boy|girl|person|people|child|children|kid|someone|somebody|friend|neighbou?r|colleague|nurse|officer"
    r"|doctor|agent|lad|bloke|gentleman|homme|femme|dame|fille|garcon|monsieur|personne|quelqu'un|individu|type|gars|ami|amie|voisine?"
    r"|collegue|enfant|m|s|is|was|am|be|are),? $"
)


def _leaves_no_doubt(folded: Folded, start: int, end: int, label: str) -> bool:
    """Whether the label makes a name of whatever comes: "my name is", "nom :", "signed,", "je soussigne"; but not "street name is"."""
    word = folded.lower[start:end]
    before = folded.lower[max(0, start - 20) : start]
    if _OF_A_THING.search(before) is not None:
        return False
    if word in _SIGNS:
        return label[:1] in {",", ":", "-", "\n"} or label.strip() in {"by", "par", ":"} or before[-1:] in {"", "\n"}
    if word in _NAMING or word.startswith("appel"):
        return before.endswith(("m'", "s'")) or _PEOPLE.search(before) is not None
    verb = label.replace("'", " ").split()
    return (
        word in _ALWAYS
        or (":" in label and word != "from")
        or (word in _NAME_LABELS and (any(word in _BEING for word in verb) or _OWN.search(before) is not None))
    )


_BEING = frozenset({"is", "was", "est", "etait", "are", "sont"})


def _labelled(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    """After a word that says a name comes: small letters will do after "name is"."""
    del language
    label = _AFTER_LABEL.match(folded.lower, end)
    if folded.lower[start:end] in _NAMING and _NAMES_A_THING.search(folded.lower[max(0, start - 20) : start]) is not None:
        return
    if label is None or label.end() == end or (folded.lower[start:end] in _WITH_COLON and ":" not in label.group()):
        return
    at = label.end()
    if ":" in label.group() and (inverted := _INVERTED.match(folded.text, at)) is not None:
        yield named(folded, inverted.span())
        return
    span = name_at(folded, at, cued=_leaves_no_doubt(folded, start, end, label.group()))
    if span is not None:
        if ":" in label.group() or not shouted(folded, span):
            yield named(folded, span)
        return
    calls = folded.lower[max(0, start - 2) : end] in {"m'appelle", "s'appelle", "s'appeler", "m'appeler"}
    small = SMALL_NAME.match(folded.text, at)
    if small is not None and ((calls and at == end + 1) or label.group().strip() in _SURE_LABELS):
        yield from _small_name(folded, at, small.group(), sure=calls)


def _small_name(folded: Folded, at: int, written: str, *, sure: bool) -> Iterator[PiiSpan]:
    """After "my name is", in small letters: a common first name, or whatever comes after "je m'appelle"."""
    first, _, second = written.partition(" ")
    if starts_no_name(first) or first in NO_SMALL_NAME or (first not in FIRST_NAMES and not sure):
        return
    goes_on = second and not starts_no_name(second) and second not in NO_SMALL_NAME and first in FIRST_NAMES
    length = len(written) if goes_on and ends_there(folded, at + len(written)) else len(first)
    yield named(folded, (at, at + length))


def _born(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    """A name at birth: "Mme Pellow, nee Ashgrove"."""
    del language
    span = name_at(folded, end + 1, cued=folded.text[start:end] == "nee") if folded.text[end : end + 1] == " " else None
    if span is not None and not shouted(folded, span):
        yield named(folded, span)


_AFTER_SELF = re.compile(
    r"(?:'m|'s| is(?= ))? ?(?:(?:again|encore|here|le|la|moi|c'est|cest|soussignee?|undersigned|the|,)(?!(?<!,)[a-z]) ?){0,3}(?:, )?"
)

_AGAIN = re.compile(r"(?: (?:again|here|encore|ici|from|speaking|who|qui|du|de|d'|at)\b|, \d|[,.!]?[^\S\n]{0,80}+\n|$)")

_SURE_SELF = re.compile(r"again|encore|soussigne|undersigned")


def _self(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    """After "I am", "this is", "c'est": a common first name, or several capitalised words, or one with "again"."""
    del language
    word = folded.lower[start:end]
    if (word == "i" and folded.text[end : end + 2] not in {"'m", ", "}) or (
        word == "it" and folded.text[end : end + 2] != "'s" and folded.lower[end : end + 4] != " is "
    ):
        return
    if word == "est" and folded.lower[max(0, start - 2) : start] != "c'":
        return
    link = _AFTER_SELF.match(folded.lower, end)
    at = link.end() if link is not None else end
    first = WORD.match(folded.lower, at) if at > end else None
    if first is None:
        return
    listed = is_first_name(first.group())
    if folded.text[at].isupper():
        span = name_at(folded, at)
        again = _SURE_SELF.search(folded.lower, end, at) is not None
        if span is None:
            # An everyday word or a well-known name: only where more than one such word speaks for a person, or "again" does.
            span = name_at(folded, at, cued=True)
            if span is None or not (again or (telling(folded, span) and (several(folded, span) or _said_of_oneself(folded, start, span)))):
                return
            listed = True
        if not shouted(folded, span) and (listed or again or _AGAIN.match(folded.text, span[1]) is not None or several(folded, span)):
            yield named(folded, span)
    elif listed and is_unmistakable(first.group()):
        yield named(folded, (at, first.end() - first.group().endswith(".")))


def _said_of_oneself(folded: Folded, start: int, span: tuple[int, int]) -> bool:
    """Whether "I am" stands before one word and nothing goes on after it: "I am Frost again", "Moi, c'est Boucher."."""
    return folded.lower[start : start + 2] != "it" and _AGAIN.match(folded.text, span[1]) is not None


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (
        ("name", "names", "surname", "named", "called", "nom", "noms", "prenom", "prenoms", "appelle", "appelles", "appeler",
         "appelant", "nomme", "nommee", "soussigne", "soussignee", "undersigned", "signed", "signe", "signee", "signature",
         "attention", "attn", "contact", "tenant", "holder", "titulaire", "locataire", "beneficiaire", "beneficiary", "behalf",
         "patient", "applicant", "demandeur", "demandeuse", "declarant", "from", "expediteur", "sender", "interlocuteur", "caller",
         "appelante", "forename", "certain", "certaine", "parent", "enfant", "child", "payee", "employee", "conducteur", "driver"),
        _labelled,
    ),
    (("nee", "born"), _born),
    (("am", "im", "this", "it", "its", "suis", "est", "cest", "i", "moi"), _self),
)  # fmt: skip
