"""Says whether a published text tells whose matter something is. Pure."""

import re

_RESPONSIBLE = re.compile(
    r"\b(?:does|is|are) not (?:run|decided?|supervise|maintain|manage|issued)\b"
    r"|, not (?:by|from|to) (?!post|phone|e-?mail)\w+"
    r"|\b(?:handled|decided|calculated|run|paid) .{0,60}\bby (?:the|your|its) (?:national|state)\b"
    r"|\bet non (?:par|de|à)\b|\bne (?:gère|décide|contrôle|surveille|dirige)(?:nt)? (?:pas|ni)\b"
    r"|\brel[èe]vent? d(?:e|u|es)\b|\bne dépend(?:ent)? pas d",
    re.IGNORECASE,
)


def says_who_is_responsible(text: str) -> bool:
    """Whether it says that something is another body's matter."""
    return bool(_RESPONSIBLE.search(text))
