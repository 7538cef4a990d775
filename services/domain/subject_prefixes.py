"""Strips what mail programs put in front of a subject: `Re:`, `Fwd:`, `[External]`, `Automatic reply:`, in many languages. Pure.

Only what such a program writes goes, and only with its colon, its brackets or as the whole subject. What may be either is decided so:
`TR: Trash` loses `TR:`, the French forward, without which a subject says the same; `Ref: 2026/113` keeps its label, since a number follows;
`External: wall` keeps its word, which is a gateway's only in brackets or in capitals; `Re-opening of the pool` has no colon.
"""

import re
import unicodedata

_REPLIES = """
re aw antw antwort antwoord sv vs rép réf r rif res resp ynt odp odg odgovor vá válasz atb yml ats bls σχετ απ отв ответ відп
răsp trảlời رد پاسخ תגובה השב 回 回复 回覆 答复 答覆 返信 회신 답장 ตอบกลับ
"""
_FORWARDS = """
fw fwd wg wtr doorst vb vl videresendt vidarebefordrat tr transf transfér inoltra inoltrato rv enc reenv ilt pd podaj prosl posl přep
předáno preposl továbbítás tov pers fs trs yön πρθ пересл chuyểntiếp ارسال توجيه إعادةتوجيه הועבר 转发 轉寄 转寄 転送 전달 ส่งต่อ
"""
_OF_GATEWAYS = "ext extern"
_FORWARDS_THAT_MAY_BE_WORDS = "i inoltro"  # Italian: they tell a forward, and stay in the subject
_MAY_BE_A_LABEL = "réf rif"  # of a file: what follows has a number then
_WHOLE_SUBJECT = "re fw fwd aw wg sv antw"  # no word of anybody's: nothing else was written
_IN_CAPITALS = "EXTERNAL EXTERNE EXTERNO"
_AUTOMATIC = """
automatic reply|automatic response|automated reply|automated response|auto reply|auto response|autoreply|out of office|out of office reply
out of office autoreply|réponse automatique|réponse auto|accusé de réception|accusé réception|absence du bureau|message d'absence
automatische antwort|abwesenheitsnotiz|abwesenheitsmeldung|abwesenheitsassistent
automatische antwoord|automatisch antwoord|afwezigheidsbericht|ontvangstbevestiging
eingangsbestätigung|empfangsbestätigung|lesebestätigung|automatisches antwortschreiben
respuesta automática|acuse de recibo|fuera de la oficina|risposta automatica|conferma di ricezione|fuori ufficio
resposta automática|aviso de recepção|aviso de recebimento|resposta automàtica|autosvar|automatiskt svar|automatisk svar|frånvaro|fravær
automaattinen vastaus|automaatvastus|odpowiedź automatyczna|automatyczna odpowiedź|automatická odpověď|automatická odpoveď
automatikus válasz|răspuns automat|automatski odgovor|samodejni odgovor|automatinis atsakymas|automātiskā atbilde|otomatik yanıt
автоматический ответ|автоматична відповідь|автоматичен отговор
αυτόματη απάντηση|رد تلقائي|מענה אוטומטי|自動応答|自動返信|自动答复|自动回复|자동 회신
read receipt|delivery receipt|undeliverable|undelivered mail|unzustellbar|non remis|onbestelbaar|no se puede entregar
"""
_TAGS = """
ext|extern|external|externe|externo|externa|esterno|esterna|ekstern|eksterni|zewnętrzny|внешнее|зовнішній|外部|外部メール|社外|外部邮件|外部郵件|외부
ext mail|external mail|external email|external sender|external message|from external|email external|mail external|extern mail|extern email
externe mail|externe email|externer absender|externe afzender|expéditeur externe|mail externe|email externe|email externo|correo externo
email esterna|mittente esterno|spam|bulk|junk|suspected spam|possible spam|probable spam|spam suspect|untrusted|untrusted sender
"""
_COLON = r"[:：︓﹕꞉∶]"
_LONGEST_PREFIX = 40  # characters, with its counter
_BETWEEN = " \t\r\n\u00a0\u202f\u3000:：︓"
_COUNTER = re.compile(r"[\[(^*]?\d{0,3}[\])]?$")
_DASH = re.compile(r"\s[-–—|]+\s+")
_BRACKETED = re.compile(r"[\[({<【［*]{1,5}([^\[\](){}<>【】［］*]{1,30})[\])}>】］*]{1,5}\s*[-–—:：]?")
_ANY_TAG = re.compile(r"^\[[^\[\]]{1,30}\]\s{0,8}")
_WRAPPED = re.compile(r"\[([^\[\]:：]{1,12})[:：](.*)\]")  # `[Fwd: lamp]`


def without_prefixes(subject: str) -> str:
    """`[EXT] SV: Antw: TR: Fwd: Re[2]: lamp` is `lamp`; a word that no mail program writes stays. Empty where there is nothing else."""
    rest = subject.strip()
    while (shorter := _without_the_first(rest)) is not None:
        rest = shorter
    return rest


def with_one_prefix(subject: str) -> str:
    """The subject of a reply: `Re:` once instead of whatever stands in front of it; empty where nothing but prefixes is in it."""
    rest = without_prefixes(subject)
    return f"Re: {rest}" if rest and rest != subject.strip() else rest


def is_reply(subject: str | None) -> bool:
    """Whether a mail program put `Re:` or its like first, be it an automatic one."""
    return _first_word(subject) in _REPLIED


def is_forward(subject: str | None) -> bool:
    """Whether a mail program put `Fwd:` or its like first."""
    return _first_word(subject) in _TELL_A_FORWARD


def _first_word(subject: str | None) -> str:
    """The letters of what stands before the first colon; empty where that is no prefix. A list's name in brackets is passed over."""
    text = (subject or "").strip()
    if wrapped := _WRAPPED.fullmatch(text):
        return _letters(wrapped.group(1))
    text = _ANY_TAG.sub("", text, count=1)
    colon = re.search(_COLON, text[:_LONGEST_PREFIX])
    if colon is None:
        return ""
    head, rest = text[: colon.start()].strip(), text[colon.end() :]
    word = _letters(_COUNTER.sub("", head))
    return word if word in _TELL_A_FORWARD or _is_prefix(head, rest) else ""


def _without_the_first(text: str) -> str | None:
    if (wrapped := _WRAPPED.fullmatch(text)) and _letters(wrapped.group(1)) in _WITH_COLON:
        return wrapped.group(2).strip(_BETWEEN)
    end = _prefix_end(text)
    return None if end is None else text[end:].lstrip(_BETWEEN)


def _prefix_end(text: str) -> int | None:
    """Where the first prefix ends; None where the text begins with none."""
    if not text:
        return None
    if len(text) <= _LONGEST_PREFIX and _letters(text) in _ALONE:
        return len(text)
    if (tag := _BRACKETED.match(text)) and _letters(tag.group(1)) in _IN_BRACKETS:
        return tag.end()
    if (dash := _DASH.search(text[:_LONGEST_PREFIX])) and _letters(text[: dash.start()]) in _PHRASES:
        return dash.end()
    colon = re.search(_COLON, text[:_LONGEST_PREFIX])
    if colon and _is_prefix(text[: colon.start()].strip(), text[colon.end() :]):
        return colon.end()
    return None


def _is_prefix(head: str, rest: str) -> bool:
    word = _letters(_COUNTER.sub("", head))
    if word in _LABELS:
        return not re.match(r"\W*\w{0,4}\W{0,3}\d", rest)
    return word in _WITH_COLON or head in _CAPITALS


def _letters(text: str) -> str:
    """Without accents, width, capitals, blanks, dots and hyphens: `Rép.`, `ＲＥ`, `İLT` and `Auto-Reply` are written in many ways."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in decomposed if unicodedata.category(c)[0] not in "MCZ" and c not in ".-’'")


def _folded(*texts: str) -> frozenset[str]:
    return frozenset(letters for text in texts if (letters := _letters(text)))


def _phrases(text: str) -> list[str]:
    return re.split(r"[|\n]", text)


_PHRASES = _folded(*_phrases(_AUTOMATIC))
_LABELS = _folded(*_MAY_BE_A_LABEL.split())
_REPLIED = _folded(*_REPLIES.split()) | _PHRASES
_PASSED_ON = _folded(*_FORWARDS.split())
_TELL_A_FORWARD = _PASSED_ON | _folded(*_FORWARDS_THAT_MAY_BE_WORDS.split())
_WITH_COLON = _REPLIED | _PASSED_ON | _folded(*_OF_GATEWAYS.split())
_CAPITALS = frozenset(_IN_CAPITALS.split())
_IN_BRACKETS = _folded(*_phrases(_TAGS)) | _PHRASES
_ALONE = _folded(*_WHOLE_SUBJECT.split()) | _PHRASES
