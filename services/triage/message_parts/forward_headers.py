"""Recognises the headers by which mail programs introduce quoted and forwarded letters, in several languages."""

import re
from collections.abc import Sequence

from services.triage.message_parts.quoted_lines import Line

_MOST_ATTRIBUTION_LINES = 4
_FEWEST_FIELDS = 2

_INTRODUCTION = re.compile(
    r"(?:on|le|am|el|il|op|em|dnia|w dniu|den|p[aå]|a|pe|de|em)\b.{0,20}\d"
    r"|\d{1,4}[./\s-]"
    r"|(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|mo|di|mi|do|fr|sa|so|ma|wo|vr|za|zo)[a-zéûä]{0,9}[.,]?\s.{0,12}\d"
    r"|.{1,120}[<\[(][^<>()\[\]\s]{2,160}[>\])]",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"(?:\bwrote|\bwrites|\bsent the following|\ba [eé]crit|\bschrieb(?:en)?(?:\s.{1,160})?|\bhat geschrieben|\bescribi[oó]"
    r"|\bha scritto|\bschreef(?:\s.{1,160})?|\bheeft geschreven|\bescreveu|\bnapisa[lł](?:\(a\)|a)?|\bpisze|\bskrev(?:\s.{1,160})?"
    r"|\ba scris|\byazd[ıi])\s{0,2}[:\uff1a]$",
    re.IGNORECASE,
)
_TELLING = re.compile(r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d{2}\b|@|\[EMAIL_")
"""A time, a year or an address: what a mail program writes and a storyteller does not."""

_ADDRESS = re.compile(r"@|\[EMAIL_")
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")

_FIELDS = {
    "from": "from|von|de|da|van|od|fra|fr[aå]n|exp[eé]diteur|absender|remitente|afzender|mittente",
    "other": (
        "sent|date|to|subject|cc|bcc|reply-to|importance|attachments?|gesendet|datum|an|betreff|kopie|wichtigkeit|anlagen?"
        "|envoy[eé](?: le)?|[aà]|objet|destinataire|pi[eè]ces? jointes?|enviado(?: el)?|fecha|para|asunto|inviato|data|oggetto|a"
        "|verzonden|aan|onderwerp|enviada(?: em)?|assunto|wys[lł]ano|do|temat|dw|sendt|skickat|til|till|emne|[aä]mne"
    ),
}
_FROM = re.compile(
    rf"[*_]{{0,2}}(?:{_FIELDS['from']})[*_]{{0,2}}\s{{0,2}}[:\uff1a][*_]{{0,2}}\s{{0,4}}(?P<sender>\S.{{0,200}})", re.IGNORECASE
)
_FIELD = re.compile(
    rf"[*_]{{0,2}}(?:{_FIELDS['from']}|{_FIELDS['other']})[*_]{{0,2}}\s{{0,2}}[:\uff1a]",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"[-_=>*\s]{0,40}(?:begin )?(?:forwarded (?:message|mail|e-?mail)|(?:message|courriel|mail) (?:transf[eé]r[eé]|r[eé]exp[eé]di[eé])"
    r"|weitergeleitete (?:nachricht|e-?mail|mail)|anfang der weitergeleiteten (?:nachricht|e-?mail)|d[eé]but du message"
    r" (?:transf[eé]r[eé]|r[eé]exp[eé]di[eé])"
    r"|mensaje reenviado|inicio del mensaje reenviado|messaggio inoltrato|inizio messaggio inoltrato|doorgestuurd bericht|begin"
    r" doorgestuurd bericht"
    r"|mensagem (?:encaminhada|reencaminhada)|przekazana wiadomo[sś][cć]|wiadomo[sś][cć] przekazana)\s{0,2}:?[-_=*\s]{0,40}$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"[-_=*\s]{2,40}(?:original (?:message|mail|e-?mail|appointment)|(?:message|mail|courriel) (?:d[' \u2019]origine|original|initial)"
    r"|urspr[uü]ngliche (?:nachricht|e-?mail|mail)"
    r"|original-?nachricht|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original|wiadomo[sś][cć] oryginalna"
    r"|ursprungligt meddelande|oprindelig meddelelse)[-_=*\s]{2,40}$",
    re.IGNORECASE,
)
_RULE = re.compile(r"[_\-=*]{10,}$")

_GREETING = re.compile(
    r"(?:dear|hello|good (?:morning|afternoon)|bonjour|madame|monsieur|ch[eè]re?|guten tag|sehr geehrter?|liebe[rs]?|hallo"
    r"|estimad[oa]s?|buenos d[ií]as|geachte|beste|gentile|egregio|buongiorno|prezad[oa]|szanown[aiy])\b[^.?!]{0,80}[,:]?$",
    re.IGNORECASE,
)


def attribution(lines: Sequence[Line], at: int) -> int:
    """How many lines `On ... wrote:` takes here, wrapped as it may be; 0 where there is none."""
    first = lines[at]
    if first.blank or not _INTRODUCTION.match(first.text):
        return 0
    joined = ""
    for count, line in enumerate(lines[at : at + _MOST_ATTRIBUTION_LINES], start=1):
        if line.blank or line.depth != first.depth:
            return 0
        joined = f"{joined} {line.text}".strip()
        if _VERB.search(joined[-220:]):
            return count if _TELLING.search(joined) else 0
    return 0


def ends_as_attribution(line: Line) -> bool:
    """`City of Belrive wrote:`, which only counts above quote marks."""
    return line.text.endswith((":", "\uff1a")) and _VERB.search(line.text[-220:]) is not None


def tells_sender(attributed: Sequence[Line]) -> bool:
    """Whether an attribution names an address, or a day and a time, so that what follows is quoted though nothing marks it."""
    text = " ".join(line.text for line in attributed)
    return _ADDRESS.search(text) is not None or (_TIME.search(text) is not None and _YEAR.search(text) is not None)


def fields(lines: Sequence[Line], at: int) -> tuple[int, str | None]:
    """How many lines a block of `From:`, `Sent:`, `To:`, `Subject:` takes here, and whom it names as sender."""
    end, fields_seen, sender, depth = at, 0, None, lines[at].depth
    position = at
    while position < len(lines) and lines[position].depth == depth:
        line = lines[position]
        if line.blank:
            if not fields_seen or position + 1 >= len(lines) or not _FIELD.match(lines[position + 1].text):
                break
        elif _FIELD.match(line.text):
            named = _FROM.match(line.text)
            sender = sender or (named["sender"] if named else None)
            fields_seen += 1
            end = position + 1
        elif fields_seen == 0 or not line.text.startswith(("<", "[EMAIL_")) or position != end:
            break
        else:
            end = position + 1
        position += 1
    return (end - at, sender) if fields_seen >= _FEWEST_FIELDS and sender else (0, None)


def is_forward_mark(line: Line) -> bool:
    """`---------- Forwarded message ---------` and its like."""
    return _FORWARDED.match(line.text) is not None


def is_original_mark(line: Line) -> bool:
    """`-----Original Message-----` and its like."""
    return _ORIGINAL.match(line.text) is not None


def is_rule(line: Line) -> bool:
    """A line of underscores or dashes, as Outlook draws above what it quotes."""
    return _RULE.match(line.text) is not None


def is_greeting(line: Line) -> bool:
    """`Dear Ida Kestrel,`, with which a letter begins."""
    return _GREETING.match(line.text) is not None
