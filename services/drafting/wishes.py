"""Reads by rules what a caseworker asks of another draft, in English or French: wishes, and the parts that no rule understands. Pure.

What is written here is matched and never carried out: whatever an instruction says, nothing but these wishes can come of it.
"""

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from services.drafting import tokenization

WORDS = Path(__file__).with_name("wish_words.yaml")
CLAUSES = 40
"""Parts of one instruction that are read; it has 2,000 characters at most."""
LIST_ITEM = 6
"""Words of an item in a list of things to ask for."""
UNREAD = 3
"""Words beside a wish from which they are another that was not understood."""

WishKind = Literal[
    "friendly", "formal", "plainer", "shorter", "apology", "hours", "phone", "when", "wrong", "another", "drop", "take", "ask", "language"
]


@dataclass(frozen=True)
class Wish:
    """One thing that is to be different."""

    kind: WishKind
    words: str
    """The part of the instruction that asks for it."""
    wanted: bool = True
    """False where it is to be left out."""
    of: str = ""
    """The language, the fact to ask for, or words that name a passage."""
    numbers: tuple[int, ...] = ()
    """Of passages, as the page counts them; -1 is the last."""
    beside: bool = False
    """Whether a passage comes beside the others, and not in their place."""


@dataclass(frozen=True)
class Instruction:
    """What was asked for, and what was not understood."""

    wishes: tuple[Wish, ...] = ()
    unread: tuple[str, ...] = ()


def read(text: str | None) -> Instruction:
    """The wishes of an instruction, or of a reason why a draft was rejected."""
    wishes: list[Wish] = []
    unread: list[str] = []
    for sentence in re.split(r"(?<=[.!?])\s+|[;\n]+|\s[-\u2013\u2014]\s|,?\s\b(?:but|however|mais|cependant)\b\s", text or ""):
        before: list[Wish] = []
        for joined, clause in _clauses(sentence):
            own, rest = _wishes_of(clause, before, joined)
            wishes += own
            before = own or before
            if rest:
                unread.append(rest)
            if len(wishes) + len(unread) >= CLAUSES:
                break
    if not wishes and not unread and (text or "").strip():
        unread.append(" ".join((text or "").split()))
    return Instruction(tuple(dict.fromkeys(wishes)), tuple(dict.fromkeys(unread)))


def folded(text: str) -> str:
    """Lower case without accents, `where` for the word that would read as "or"."""
    return " ".join(tokenization.plain(re.sub(r"\boù\b", "where", text, flags=re.IGNORECASE)).split())


def facts() -> frozenset[str]:
    """The facts that can be asked for."""
    return frozenset(_words()["facts"])


def content_left(plain: str) -> list[str]:
    """The words that say more than please and the draft."""
    return re.findall(r"[^\W_]+", _one("filler").sub(" ", plain))


def without_passage_words(plain: str) -> str:
    """Without the words for a passage, and for all of them."""
    return _one("passage_word").sub(" ", _one("all_passages").sub(" ", plain))


def _clauses(sentence: str) -> list[tuple[str, str]]:
    parts = re.split(r"( ?, ?(?:and|et|or|ou) | ?, ?| (?:and|&|then|or|nor|et|puis|ou|ni) )", " ".join(sentence.split()))
    joiners = ["", *(part.strip(" ,").lower() or "," for part in parts[1::2])]
    return [(joiner, clause.strip()) for joiner, clause in zip(joiners, parts[0::2], strict=True) if clause.strip(" .!?,:\"'")]


def _wishes_of(clause: str, before: list[Wish], joined: str) -> tuple[list[Wish], str]:
    """The wishes of one clause, and what of it was not understood."""
    plain = folded(clause)
    words = " ".join(clause.split()).strip(" ,")
    goes_on = before[-1] if before and joined else None
    carried = goes_on is not None and not goes_on.wanted and joined in ("or", "nor", "ou", "ni")
    rest, wishes = plain, []
    asks = _any("ask").search(plain)
    if asks or (goes_on and goes_on.kind == "ask" and _is_list_item(plain)):
        asked, rest = _asked(plain, words, asks, wanted=not (carried or _denied(plain, asks.start() if asks else 0)))
        wishes += asked
    language, rest = _language(rest, words)
    wishes += language
    for kind in _words()["kinds"]:
        match = _kind(kind).search(rest)
        if match:
            wanted = bool(_one("immune").match(match.group())) or not (_denied(plain, plain.find(match.group())) or carried)
            if goes_on and kind in ("phone", "hours") and not goes_on.wanted and not _any("take").search(plain):
                wanted = False
            wishes.append(Wish(kind, words, wanted))
            rest = f"{rest[: match.start()]} {rest[match.end() :]}"
    wishes = _about_passages(plain, rest, words, wishes, goes_on)
    if not wishes:
        refers_back = goes_on is not None and goes_on.kind in ("ask", "wrong", "drop")
        own = _any("drop").sub(" ", _any("ask").sub(" ", plain)) if refers_back else plain
        return [], words if content_left(own) else ""
    if any(wish.kind in ("drop", "take", "wrong", "another") for wish in wishes):
        return wishes, ""
    return wishes, words if len(content_left(_one("negation").sub(" ", rest))) >= UNREAD else ""


def _is_list_item(plain: str) -> bool:
    """Whether a clause only goes on with a list: "and a photo"."""
    return len(plain.split()) <= LIST_ITEM and not _any("take").search(plain) and not _kind("when").search(plain)


def _asked(plain: str, words: str, asks: re.Match[str] | None, *, wanted: bool) -> tuple[list[Wish], str]:
    """The facts that a citizen is to be asked for; the agency's own number is none of them."""
    rest = plain
    wishes: list[Wish] = []
    lacking = asks is not None and ("missing" in asks.group() or "manque" in asks.group() or "lacking" in asks.group())
    for fact, pattern in _words()["facts"].items():
        match = re.search(pattern, rest)
        if not match or (fact in ("phone", "time") and (_one("ours").search(plain) or lacking or _kind("hours").search(plain))):
            continue
        wishes.append(Wish("ask", words, wanted, of=fact))
        rest = f"{rest[: match.start()]} {rest[match.end() :]}"
    return (wishes, _any("ask").sub(" ", rest)) if wishes else ([], plain)


def _language(plain: str, words: str) -> tuple[list[Wish], str]:
    if match := _one("wrong_language").search(plain):
        return [Wish("language", words)], f"{plain[: match.start()]} {plain[match.end() :]}"
    for code, names in _words()["languages"].items():
        match = re.search(rf"\b(?:{names})\b", plain)
        if not match:
            continue
        before = plain[: match.start()]
        alone = not content_left(f"{before} {plain[match.end() :]}")
        if alone or _one("in_language").search(before) or _one("speaks").search(plain):
            wanted = not _denied(plain, match.start())
            return [Wish("language", words, wanted, of=code)], f"{_one('speaks').sub(' ', before)} {plain[match.end() :]}"
    return [], plain


def _about_passages(plain: str, rest: str, words: str, wishes: list[Wish], goes_on: Wish | None) -> list[Wish]:
    """Adds which passage is meant, by number, id or title, where the clause speaks of one."""
    numbers = _numbers(plain, spelled=goes_on is not None and goes_on.kind in ("drop", "take"))
    named = bool(_one("passage_word").search(rest) or numbers or re.search(r"\w#\d", plain))
    kinds = {wish.kind for wish in wishes}
    if "wrong" in kinds:
        return [replace(wish, numbers=numbers, wanted=True) if wish.kind == "wrong" else wish for wish in wishes]
    if wishes and (not named or kinds & {"another", "ask"}):
        return wishes
    return _dropped_or_taken(plain, words, wishes, numbers, goes_on, named=named)


def _dropped_or_taken(
    plain: str, words: str, wishes: list[Wish], numbers: tuple[int, ...], goes_on: Wish | None, *, named: bool
) -> list[Wish]:
    drops, takes = _any("drop").search(plain), _any("take").search(plain)
    if drops and named and (_denied(plain, drops.start()) or _any("drop").match(plain[drops.end() :].lstrip())):
        return [*wishes, Wish("drop", words, wanted=False)]
    denied = takes is not None and _denied(plain, takes.start())
    if (verb := drops or (takes if denied else None)) and named:
        return [*wishes, Wish("drop", words, of=_object(plain[verb.end() :]), numbers=numbers)]
    if takes:
        of = _object(plain[takes.end() :])
        if takes.group() in ("keep", "gardez", "garder") and not numbers and not content_left(without_passage_words(of)):
            return wishes
        asked = Wish("drop" if denied else "take", words, of=of, numbers=numbers, beside=bool(_any("beside").search(plain)))
        return [*wishes, asked] if of or numbers else wishes
    if goes_on and goes_on.kind in ("drop", "take") and not wishes:
        counted = numbers or tuple(map(int, re.findall(r"\b\d{1,2}\b", plain)))
        return [replace(goes_on, words=words, of="" if counted else _object(plain), numbers=counted, beside=True)]
    # A number without a verb is a passage to take only where nothing else is said: "passage 2".
    alone = numbers and not content_left(re.sub(r"\d+", " ", without_passage_words(plain)))
    return [*wishes, Wish("take", words, numbers=numbers)] if alone else wishes


def _object(plain: str) -> str:
    """The words that name a passage."""
    return re.sub(
        r"^[\s:]*(?:(?:ones?|parts?|celui|celle|the|an?|le|la|les|un|une|l'|about|on|from|of|sur|du|de|instead)\b[\s:]*)+", "", plain
    ).strip(" .:!?\"'")


def _numbers(plain: str, *, spelled: bool = False) -> tuple[int, ...]:
    """The numbers of passages; `spelled` where the clause goes on about passages, so that "the second" is one."""
    counts = spelled or _one("passage_word").search(plain) is not None
    ordinals = [int(n) for n, pattern in _words()["ordinals"].items() if counts and re.search(pattern, plain)]
    written = re.findall(
        r"(?:passages?|quot\w+|citations?|articles?|sources?|extraits?|numbers?|no\.?|n\xb0|numeros?|(?<!\w)#)\s*#?\s*(\d{1,2})\b", plain
    )
    return tuple(dict.fromkeys([*ordinals, *map(int, written)]))


def _denied(plain: str, place: int) -> bool:
    """Whether what stands at this place is to be left out: "do not apologise", which "it does not apologise" is not."""
    negation = _one("negation").search(plain[: max(place, 0)])
    if not negation:
        return False
    if _one("enough").search(plain) or (_one("lacks").search(plain) and not _one("ought").search(plain)):
        return False
    return not _one("states").match(plain) or _one("ought").search(plain) is not None


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return words


@cache
def _any(name: str) -> re.Pattern[str]:
    return re.compile("|".join(_words()[name]))


@cache
def _kind(name: str) -> re.Pattern[str]:
    return re.compile("|".join(_words()["kinds"][name]))


@cache
def _one(name: str) -> re.Pattern[str]:
    return re.compile(_words()[name])
