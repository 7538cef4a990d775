"""Splits a draft into sentences and tells what each one does: greets, asks, repeats the citizen's words, or asserts something."""

import re
from dataclasses import dataclass
from typing import Literal

from services.drafting import tokenization

Role = Literal["greeting", "closing", "question", "restating", "feeling", "holding", "assertion"]

_ENDS = re.compile(
    r"(?<=[.!?\u2026])(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bMrs\.)(?<!\bNo\.)(?<!\bSt\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\ba\.m\.)(?<!\bp\.m\.)"
    r"[\"\u201d\u2019\u00bb)]{0,2}\s+(?=\S)|\n+"
)
_BULLET = re.compile(r"^\s{0,8}(?:[-*\u2022\u2013]|\d{1,2}[.)])\s+")
_GREETING = re.compile(r"^(?:dear|hello|good (?:morning|afternoon|evening|day)|hi|bonjour|bonsoir|madame|monsieur|cher|chere)\b.{0,120}$")
_CLOSING = re.compile(
    r"^(?:kind regards|best regards|regards|yours (?:sincerely|faithfully|truly)|sincerely|with (?:kind|best) (?:regards|wishes)"
    r"|cordialement|bien (?:cordialement|a vous)|sinceres salutations|meilleures salutations|salutations|veuillez agreer)\b"
)
_RESTATES = re.compile(
    r"^(?:(?:hello|thank you|thanks|and|but|first|also|merci|et|mais|d'abord)[, ]+)?(?:"
    r"(?:for |de |d'|pour )?(?:you(?:'ve| have)? (?:also |just |already )?(?:writ\w+|wrote|sa(?:y|id)|te?ll|told|mention|report|describ|ask|explain|would like"
    r"|want|wonder)\w*|you are (?:asking|writing|reporting|telling)"
    r"|(?:in |with |from |about )?your (?:message|letter|question|report|request|e-?mail|complaint|note|description)"
    r"|we (?:understand|understood|note|noted|have noted|read|have read|see|gather|have understood)"
    r"|(?:for )?(?:writing|telling us|letting us know|reporting|your message|your letter|your question|your report|getting in touch|contacting)"
    r"|vous (?:nous )?(?:avez (?:ecrit|signale|demande|indique|explique|decrit|dit|raconte)|ecrivez|dites|signalez|demandez|decrivez|indiquez"
    r"|expliquez|souhaitez|voulez|aimeriez|voudriez|vous demandez)|(?:dans |par |pour )?votre (?:message|lettre|courrier|question|demande"
    r"|signalement|reclamation|mail|courriel)|nous (?:comprenons|notons|avons (?:bien )?(?:compris|lu|note|recu))"
    r"|(?:de nous )?avoir (?:ecrit|signale|prevenu|contacte|pris)|(?:de|d')? ?(?:nous )?(?:ecrire|signaler))\b)"
)

_FEELS = re.compile(
    r"\b(?:sorry|apologi[sz]e|we (?:do |can |fully |quite )?(?:understand|see|regret|appreciate)|annoying|frustrating|upsetting|worrying|unpleasant|distressing|glad|pleased"
    r"|happy|welcome|desoles?|navres?|regrettons|nous comprenons|penible|inquietant|agacant|desagreable|heureux|ravis|volontiers)\b"
)
_HOLDS = re.compile(
    r"\b(?:(?:have|has|is|are) (?:not|nothing) (?:been )?(?:published?|answered|found|said)|nothing (?:is |has been |that we have |we have )?publish\w*|not publish\w*|published answers"
    r"|(?:do not|don't|cannot|can't|could not|are not able to) (?:have|find|answer|say|tell|know|give|promise|confirm)|n'avons (?:pas|rien|encore rien)|rien (?:n'est |n'a ete |de )?publie"
    r"|n'est publie\w*|ne (?:pouvons|savons|disons|precisons|disent|dit|precise)\w* (?:pas|rien)|ne figure\w*|aucune (?:information|reponse|de nos))\b"
)


@dataclass(frozen=True)
class Sentence:
    """A sentence as it stands in the draft, where it begins there, and what it does."""

    text: str
    start: int
    role: Role

    @property
    def plain(self) -> str:
        """Lower case, without accents."""
        return tokenization.plain(self.text)


def sentences(body: str) -> list[Sentence]:
    """Every sentence of a draft in its order; a line break ends one, as in a list."""
    split: list[Sentence] = []
    start = 0
    for end, following in [*((match.start(), match.end()) for match in _ENDS.finditer(body)), (len(body), len(body))]:
        piece = body[start:end]
        text = _BULLET.sub("", piece.strip())
        if re.search(r"\w", text):
            begin = start + piece.index(text) if text in piece else start
            # What follows the closing words is who signs.
            signed = bool(split) and split[-1].role == "closing"
            split.append(Sentence(text, begin, "closing" if signed else _role(text)))
        start = following
    return split


def _role(text: str) -> Role:
    plain = tokenization.plain(text).strip()
    if _GREETING.match(plain) and len(plain.split()) <= 8 and not plain.endswith("."):  # noqa: PLR2004 - a name, no sentence
        return "greeting"
    if _CLOSING.match(plain):
        return "closing"
    if plain.endswith("?"):
        return "question"
    if _RESTATES.match(plain):
        return "restating"
    if _HOLDS.search(plain):
        return "holding"
    return "feeling" if _FEELS.search(plain) else "assertion"
