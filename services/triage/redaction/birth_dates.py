"""Finds dates of birth: a date is one only where a word says so, since the dates of events must stay readable."""

import re
from collections.abc import Iterator

from services.triage.redaction.pii_span import PiiSpan, Rule
from services.triage.redaction.text_folding import Folded

_MONTH = (
    r"(?:jan(?:uary|vier|v)?|feb(?:ruary)?|fev(?:rier)?|mar(?:ch|s)?|apr(?:il)?|avr(?:il)?|may|mai|june?|juin|july?|juil(?:let)?"
    r"|aug(?:ust)?|aout|sept?(?:ember|embre)?"
    r"|oct(?:ober|obre)?|nov(?:ember|embre)?|dec(?:ember|embre)?)\.?"
)
DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th|er)?[ ./-]{{1,2}}(?:of |de )?{_MONTH},?[ ./-]{{1,2}}\d{{2,4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd"
    rf"|th)?,? \d{{2,4}}"
    r"|\d{1,2} ?[./-] ?\d{1,2} ?[./-] ?\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2} \d{1,2} (?:19|20)\d{2})(?!\w)"
)
_BORN = re.compile(rf"(?! (?:on or )?(?:before|after|avant|apres)(?: the| le)? {DATE})(?:[^\d.!?;\n]{{0,60}}?)({DATE})")
_NE = re.compile(
    rf"(?:\(e\)|e|s|es)? ?(?:(?:le|un|:)|(?:a|au|en|aux) [^\d!?;\n]{{2,40}}? le)[ :]{{1,2}}(?:lundi |mardi |mercredi |jeudi "
    rf"|vendredi |samedi |dimanche )?({DATE})"
)
_LABEL = re.compile(
    rf"(?: ?\(?s?\)?(?: date| day)?(?: (?:of|de|du) \w{{1,20}}(?: \w{{1,20}})?)?)\W{{0,4}}(?:(?:is|est|was|etait|le|du|on|the|au"
    rf"|:)\W{{1,3}}){{0,2}}({DATE})"
)
_ALSO = re.compile(rf"\W{{1,3}}(?:and|et|,|&)\W{{0,2}}(?:le )?({DATE})")

_ASKED = re.compile(r"^ (?:le|on) [^,:(]*\b20[12]\d$")
"""After "acte de naissance": when it was asked for. Nobody that young asks for one."""


def _birth(pattern: re.Pattern[str]) -> Rule:
    def rule(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
        del language
        date = pattern.match(folded.lower, end)
        if date is not None and folded.lower[max(0, start - 8) : start] == "acte de " and _ASKED.search(date.group()) is not None:
            return
        while date is not None:
            yield PiiSpan("BIRTHDATE", *date.span(1), " ".join(re.findall(r"\w+", date.group(1))))
            date = _ALSO.match(folded.lower, date.end()) if pattern is not _LABEL else None

    return rule


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("born", "geboren", "nacido", "nacida"), _birth(_BORN)),
    (("ne", "nee", "nes", "nees"), _birth(_NE)),
    (("birth", "birthday", "birthdate", "dob", "naissance", "anniversaire", "ddn"), _birth(_LABEL)),
)
