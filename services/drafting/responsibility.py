"""Says whether a published text tells whose matter something is, or what becomes of a report. Pure."""

import re

_RESPONSIBLE = re.compile(
    r"\b(?:does|is|are) not (?:run|decided?|supervise|maintain|manage|issued)\b"
    r"|, not (?:by|from|to) (?!post|phone|e-?mail)\w+"
    r"|\b(?:handled|decided|calculated|run|paid) .{0,60}\bby (?:the|your|its) (?:national|state)\b"
    r"|\bet non (?:par|de|à)\b|\bne (?:gère|décide|contrôle|surveille|dirige)(?:nt)? (?:pas|ni)\b"
    r"|\brel[èe]vent? d(?:e|u|es)\b|\bne dépend(?:ent)? pas d",
    re.IGNORECASE,
)


_HAPPENS_NEXT = re.compile(
    r"\bhow (?:long|soon|fast)\b|\bwhat happens\b|^when (?:a|an|we|it|the|is|are)\b|\b(?:repair|answer|reply) times?\b"
    r"|\bafter (?:you|your|the|a) report"
    r"|\bcombien de temps\b|\bdélais?\b|\bce qui se passe\b|^quand (?:un|une|nous|le|la|les)\b|\baprès (?:votre|le|un) signalement",
    re.IGNORECASE,
)


def says_what_happens_next(heading: str) -> bool:
    """Whether what stands below the heading is what becomes of a report, and how soon."""
    return bool(_HAPPENS_NEXT.search(heading))


def says_who_is_responsible(text: str) -> bool:
    """Whether it says that something is another body's matter."""
    return bool(_RESPONSIBLE.search(text))
