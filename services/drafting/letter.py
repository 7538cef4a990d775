"""Says what kind of letter is answered. Pure."""

import re

from schemas.requests_triaged import LetterKind, RequestTriaged
from services.domain.message_parts import new_text

ONLY_THANKS = 400  # characters: in a longer message kind words come before or after something else

_THANKS = re.compile(
    r"\b(?:thank you|thanks) (?:so much |very much )?"
    r"(?:to|for (?!your (?:time|help|attention|reply|answer|understanding|trouble|message|letter|e-?mail|call|patience|support)"
    r"|the time|any))"
    r"|\b(?:well done|congratulations|great (?:job|work|service)|excellent (?:service|work|staff|care))\b"
    r"|\bmerci (?:beaucoup |encore )?"
    r"(?:à|au|aux|pour (?!votre (?:aide|attention|réponse|retour|compréhension|temps|message|courrier|patience)|le temps))"
    r"|\b(?:bravo|félicitations|excellent (?:service|accueil|travail))\b",
    re.IGNORECASE,
)
# Thanks with a "but", a wish or a trouble in it is no mere thanks, and must not be answered as if it were.
_WANTS_MORE = re.compile(
    r"\?|\b(?:but|however|although|except|unfortunately|could (?:you|we|i)|can you|please|i need|would like|problem|waiting|"
    r"mais|cependant|toutefois|sauf|malheureusement|pouvez|pourriez|merci de|souhait\w+|voudrais|besoin|demande|probl[èe]me|attente|enfin"
    r"|until|jusqu)\b",
    re.IGNORECASE,
)
_COMPLAINT = re.compile(
    r"\b(?:(?:third|fourth|fifth|sixth) time|end of my patience|(?:trois|quatre|cinq|six) fois que|"
    r"complain(?:t|ing)?|unacceptable|disgrace(?:ful)?|disgusting|appalling|furious|fed up|shameful|nobody (?:answers|replies|came)|"
    r"still (?:not|no|nothing)|once again|not (?:been )?(?:emptied|collected|repaired|answered)|"
    r"plainte|réclamation|inadmissible|inacceptable|scandaleu[xs]e?|honteu[xs]e?|ras[- ]le[- ]bol|toujours (?:pas|rien)|marre|"
    r"personne ne (?:répond|vient)|sans réponse)\b",
    re.IGNORECASE,
)


def letter_of(triaged: RequestTriaged) -> LetterKind:
    """What kind of letter is answered: as read where that is sure, and otherwise as few plain words tell; in doubt a question."""
    if triaged.letter and triaged.letter_sure:
        return triaged.letter
    subject, body = triaged.redacted.subject or "", new_text(triaged.redacted.body, triaged.parts)
    if _COMPLAINT.search(f"{subject}\n{body}"):
        return "complaint"
    if _THANKS.search(subject) and "?" not in body:
        return "praise"
    return "praise" if len(body) <= ONLY_THANKS and _THANKS.search(body) and not _WANTS_MORE.search(body) else "question"
