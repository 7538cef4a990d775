"""Detects signatures, disclaimers and form footers: the lines of the citizen's own text that say nothing of the request.

Where in doubt a line is left as what it is, the citizen's: a sentence, a question, a postscript is never taken for a signature.
"""

import re
from collections.abc import Sequence

from services.triage.message_parts.quoted_lines import Line
from services.triage.prefilter import Prefilter, without_case

_MOST_LINES, _LONGEST_LINE = 14, 110
_LONGEST_TAIL = 220
_MOST_BETWEEN_FIELDS = 4

_DELIMITER = re.compile(r"(?:--|—|–|__|\*\*|~~|==)[-_—–*~=\s]{0,80}$")
_CLOSING = (
    r"(?:(?:with |very )?(?:kind(?:est)?|best|warm(?:est)?|many) (?:regards|wishes|thanks)|(?:kind )?regards|yours(?: (?:sincerely"
    r"|faithfully|truly|ever))?"
    r"|sincerely(?: yours)?|best|all the best|cheers|respectfully|thanks(?: again| in advance| a lot| very much)?|thank you(?: again"
    r"| in advance| very much)?"
    r"|(?:bien )?cordialement|salutations(?: distingu[eé]es)?|bien [aà] vous|sinc[eè]rement|amicalement|respectueusement|merci(?:"
    r" d['\u2019]avance| beaucoup)?"
    r"|(?:veuillez|je vous prie).{5,120}(?:salutations|sentiments|consid[eé]ration)[^.]{0,40}|bonne (?:journ[eé]e|r[eé]ception|soir[eé]e)"
    r"|(?:mit )?(?:freundlichen|besten|herzlichen|vielen|lieben) (?:gr[uü](?:ß|ss)en?|dank)|(?:viele|beste|freundliche|liebe"
    r"|sch[oö]ne|herzliche) gr[uü](?:ß|ss)e"
    r"|gru(?:ß|ss)|hochachtungsvoll|mfg|vg|lg|(?:un |reciba un |cordiales? |atentos? )?(?:cordial )?saludos?(?: cordial(?:es)?)?"
    r"|atentamente|muchas gracias|gracias"
    r"|(?:cordiali|distinti|i migliori|un cordiale) salut[io]|(?:molte )?grazie|(?:met )?(?:vriendelijke|hartelijke|beste)"
    r" groet(?:en)?|groet(?:en|jes)?|mvg|hoogachtend"
    r"|(?:com os )?(?:melhores )?cumprimentos|atenciosamente|obrigad[oa]|z powa[zż]aniem|pozdrawiam(?: serdecznie)?|(?:med"
    r" )?v[aä]nliga? h[aä]lsning(?:ar)?|(?:med )?venlig hilsen|mvh)"
)
_SIGN_OFF = re.compile(rf"(?P<closing>{_CLOSING})(?P<mark>\s{{0,2}}(?:[,.!;:–—-]|$)\s{{0,3}})(?P<rest>.*)$", re.IGNORECASE)
_SIGN_OFF_IN_LINE = re.compile(
    rf"(?:(?<=[.!?])|(?<=[.!?][)\"\u201d»]))\s{{1,3}}(?P<closing>{_CLOSING})\s{{0,2}}[,.!\n–—-]\s{{0,3}}", re.IGNORECASE
)
_POSTSCRIPT = re.compile(r"p\.?\s?s\.?\b|n\.?b\.?\b|post[- ]?scriptum", re.IGNORECASE)

_SPEAKS_LIST = (
    "i i'm i've i'll i'd me my we we're we've our us you your you're he she they is isn't are aren't was were has hasn't have "
    "haven't had can can't could please not don't doesn't didn't it it's there wants want need needs help never nobody somebody "
    "someone must should will would still again because but je j'ai j'en m'a mon ma mes nous notre nos vous votre vos il elle ils "
    "est sont était etait êtes suis ai avons avez peut peux pouvez pourriez ne n'est n'a pas c'est personne aidez aide svp faut "
    "mais car encore ich mich mir mein meine meinen wir uns unser unsere sie ihr ihre ist sind war habe hat haben kann können "
    "könnte bitte nicht kein keine es aber noch seit wird wurde yo mi mis me nosotros nuestro nuestra usted ustedes está están es "
    "son he ha han puede pueden favor no pero hay desde aún ik mij mijn wij ons onze u uw heb heeft hebben kan kunt niet geen het "
    "maar nog graag io mio mia noi nostro lei è sono ho ha abbiamo può non ma ancora perché eu meu minha nós está estão é são "
    "tenho tem pode não mas ainda ja mój moja nasz pan pani jest są mam mamy może proszę nie ale jeszcze"
)
_SPEAKS = frozenset(_SPEAKS_LIST.split())
_SPEAKS_NOT = re.compile(r"^Me (?=[A-ZÀ-Ý])|(?:&|\band) [Ss]ons?\b|\b(?:no|No|NO)\.? ?(?=\d)|\b[A-Z]\. ")
"""What looks like a word of a sentence: a French lawyer's title, Baker & Son, a number, an initial."""
_INVITATION = re.compile(
    r"(?:visit|follow|find|join|like|contact|see|discover|book|suive[zr]|retrouve[zr]|d[eé]couvre[zr]|contacte[zr]|besuchen|folgen|visite|siga"
    r"|volg|bezoek|segui|visita)[- ](?:us|our|me|nous|notre|nos|sie|uns|ons|onze|nuestr[oa]|ci|il nostro)\b",
    re.IGNORECASE,
)
_WHERE_TO = re.compile(
    r"\b(?:online|web ?sites?|site|webseite|facebook|instagram|linkedin|twitter|youtube|whatsapp|showroom|newsletter)\b", re.IGNORECASE
)
_WORDS = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_HOURS = re.compile(
    r"\b(?:out of|not in|away from) (?:the |my )?office\b.{0,20}\b(?:on |every |each )?(?:mon|tues|wednes|thurs|fri)days?\b"
    r"|\b(?:working (?:hours|days|pattern)|office hours|opening hours|part[- ]time|i work (?:from )?(?:mon|tue|wed|thu|fri)|(?:my"
    r" )?non[- ]working days?)\b"
    r"|\b(?:i|we) (?:do not|don['\u2019]t) work (?:on )?(?:mon|tues|wednes|thurs|fri)days?\b"
    r"|\b(?:b[uü]rozeiten|sprechzeiten|arbeitszeiten|erreichbar(?:keit)?:|teilzeit|ich arbeite (?:von )?(?:mo|di|mi|do|fr))"
    r"|(?:montags|dienstags|mittwochs|donnerstags|freitags) (?:nicht|bin ich)"
    r"|\b(?:mittwochs?|freitags?|montags?|dienstags?|donnerstags?)\b.{0,20}(?:nicht im b[uü]ro|frei|au(?:ß|ss)er haus)"
    r"|\b(?:horaires|temps partiel|je ne (?:travaille|suis) pas (?:au bureau |pr[eé]sente? )?les? (?:lundi|mardi|mercredi|jeudi"
    r"|vendredi)s?|absente?s? (?:du bureau )?les? (?:lundi|mardi|mercredi|jeudi|vendredi)s?)"
    r"|\b(?:horario|no trabajo los|orario|werkdagen|aanwezig op|niet aanwezig op|op (?:maandag|dinsdag|woensdag|donderdag"
    r"|vrijdag)(?:en)? (?:niet|afwezig|vrij))\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    (
        r"@|\bwww\.|https?://|\[(?:EMAIL|PHONE|NAME|ADDRESS)_\d|(?:\+|\(?0)\d[\d\s()./-]{6,20}|\b(?:tel|t[eé]l[eé]phone|phone|fax"
        r"|mobile?|cell|handy|m|t|e|w)\s?[.:]\s?\S|linkedin|twitter|facebook"
    ),
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:ltd|llp|llc|inc|plc|gmbh|ag|kg|ohg|gbr|e\.?\s?v|sarl|sas|sasu|eurl|s\.?[lr]\.?l?|b\.?v|n\.?v|s\.?p\.?a|sp\. z o\.?o|co\."
    r"|company|group|holding|associates|partners?|partner"
    r"|advis[eo]rs?|consultants?|managers?|directors?|heads? of|chief|officers?|engineers?|accountants?|lawyers?|solicitors?"
    r"|attorneys?|barristers?|notar(?:y|ies)|architects?|teachers?"
    r"|professors?|doctors?|dr|md|mba|phd|nurses?|secretar(?:y|ies)|assistants?|coordinators?|president|chair(?:man|woman|person)?"
    r"|treasurer|founder|owner|ceo|cfo|cto|agents?|brokers?"
    r"|sales|marketing|services?|department|team|office|practice|clinic|school|agency|insurance|realtors?|inspectors?|technicians?"
    r"|plumbers?|electricians?|councillors?|editor|journalist"
    r"|conseill(?:er|[eè]re)s?|fiscaliste|avocat(?:e)?s?|notaires?|comptables?|expert(?:e)?|directeur|directrice|responsable"
    r"|g[eé]rant(?:e)?|charg[eé]e? de|secr[eé]taire|m[eé]decin|infirmi(?:er|[eè]re)"
    r"|professeure?|architecte|ing[eé]nieure?|cabinet|soci[eé]t[eé]|agence|service|[eé]tude|assistante?|pr[eé]sidente?"
    r"|tr[eé]sori(?:er|[eè]re)"
    r"|\w{0,20}berater(?:in)?|steuer\w{0,20}|rechtsanw[aä]lt(?:e|in)?|\w{0,12}anwalt\w{0,8}|gesch[aä]ftsf[uü]hr(?:er|ung|erin)"
    r"|leiter(?:in)?|\w{0,15}leitung|kanzlei|arzt|[aä]rztin|lehrer(?:in)?|ingenieur(?:in)?"
    r"|\w{0,12}meister(?:in)?|hausverwaltung|verwaltung|praxis|abteilung|vorstand|sachbearbeiter(?:in)?|notar(?:in)?"
    r"|architekt(?:in)?|dipl\.?|prof\.?"
    r"|asesor(?:a|es|[ií]a)?|abogad[oa]s?|gestor[ií]a?|director(?:a)?|gerente|jef[ea] de|contable|m[eé]dic[oa]|profesor(?:a)?"
    r"|arquitect[oa]|ingenier[oa]|departamento|despacho"
    r"|consulente|commercialista|avvocat[oa]|dott(?:\.|ore|oressa)|direttore|direttrice|responsabile|studio|geometra"
    r"|belasting\w{0,15}|adviseur|advocaat|directeur|makelaar|kantoor)\b",
    re.IGNORECASE,
)

_SENT_FROM = re.compile(
    r"[*_\s]{0,3}(?:sent (?:from|via|with|using)|get outlook for|gesendet (?:von|mit|[uü]ber)|von meinem .{1,40} gesendet|diese"
    r" nachricht wurde von meinem|envoy[eé] (?:de(?:puis)?|[aà] partir de|avec)"
    r"|t[eé]l[eé]charg(?:er|ez) outlook|enviado (?:desde|con)|obtener outlook|inviato (?:da|con)|verzonden (?:vanaf|met|vanuit)"
    r"|verstuurd vanaf|enviad[oa] (?:do|a partir do)|wys[lł]an[oe] z|skickat fr[aå]n|sendt fra"
    r"|holen sie sich outlook|outlook f[uü]r (?:ios|android)|yahoo mail:|virus-?free|virenfrei|ce courriel? a [eé]t[eé]"
    r" v[eé]rifi[eé]|libre de virus)\b.{0,120}$",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"\b(?:confidential(?:ity)?|confidentiel(?:le)?s?|confidentialit[eé]|vertraulich\w{0,6}|confidencial(?:es|idad)?|riservat[eoi]"
    r"|vertrouwelijk\w{0,3}|poufn[eay]\w{0,3}|privileged|intended (?:only |solely )?for|destin[eé]e?s? (?:exclusivement|uniquement)"
    r"|ausschlie(?:ß|ss)lich f[uü]r|please consider the environment|think before you print|pensez [aà] l['\u2019]environnement"
    r"|n['\u2019]imprimez|bitte denken sie an die umwelt|antes de imprimir|prima di stampare"
    r"|registered (?:in|office|number|charity)|company (?:number|registration)|handelsregister|amtsgericht|ust-?id\w{0,5}|vat (?:no"
    r"|number|id)|siret|rcs|kvk|registergericht|numéro de tva)\b",
    re.IGNORECASE,
)
_OF_A_MAIL = re.compile(
    r"\b(?:e-?mails?|messages?|mail|courriels?|nachricht(?:en)?|mensajes?|correos?|messaggi[oi]?|bericht(?:en)?|attachments?"
    r"|pi[eè]ces? jointes?|recipients?|destinataires?|empf[aä]nger\w{0,4}|print(?:ing)?|imprim\w{1,6}|ausdruck\w{0,4}"
    r"|registered|number|registration|handelsregister|amtsgericht|ust-?id\w{0,5}|vat|siret|rcs|kvk|registergericht|tva)\b",
    re.IGNORECASE,
)
_OF_A_FORM = re.compile(
    r"[-*_#(\[\s]{0,5}(?:(?:this|the (?:above )?) ?(?:is an? (?:automatic(?:ally generated)?|automated|auto-?generated) (?:message"
    r"|e-?mail|mail|notification)"
    r"|(?:e-?mail|message|mail|notification|request|enquiry|inquiry|form|submission) (?:was|has been|is) (?:automatically )?(?:sent"
    r"|submitted|generated|created|received)(?: automatically)?(?: to you)? (?:from|via|through|by|using|automatically|on))"
    r"|(?:please )?do not reply to this|sent (?:by|from|via|through) (?:the |our )?(?:\w{1,20} )?(?:contact )?(?:web ?)?form"
    r"|submitted (?:via|through|from|by|on)|you(?:['\u2019]ve| have) (?:received )?a new (?:message|submission|enquiry)"
    r"|(?:a )?new (?:message|submission|enquiry|contact) (?:from|via|through|request)|message (?:sent|received) (?:from|via|through)"
    r"|you (?:are receiving|received) this (?:e-?mail|message)|to unsubscribe|unsubscribe|privacy (?:policy|notice):?"
    r"|ceci est un (?:message|mail|courriel|e-?mail) (?:automatique|g[eé]n[eé]r[eé])|(?:ce|cet) (?:message|mail|courriel|e-?mail"
    r"|formulaire) (?:a [eé]t[eé]|est) (?:envoy[eé]|g[eé]n[eé]r[eé]|transmis)|message (?:automatique|envoy[eé] (?:depuis|via|par))"
    r"|(?:merci de )?ne pas r[eé]pondre [aà] ce|nouveau message (?:du|depuis|via)|vous avez re[cç]u un nouveau message"
    r"|(?:dies(?:e|es)? (?:ist eine automatisch\w{0,4}|(?:nachricht|e-?mail|mail|formular) wurde (?:automatisch |[uü]ber ))|(?:neue"
    r" )?nachricht (?:[uü]ber das|vom|aus dem) kontaktformular|gesendet [uü]ber (?:das|unser) (?:kontakt)?formular|bitte antworten"
    r" sie nicht auf diese)"
    r"|este (?:es un (?:mensaje|correo) autom[aá]tico|(?:mensaje|correo)(?: electr[oó]nico)? (?:ha sido|fue|se ha) (?:enviado"
    r"|generado))|(?:por favor,? )?no responda a este|mensaje (?:autom[aá]tico|enviado desde)"
    r"|questo (?:[eè] un (?:messaggio|e-?mail) automatic[oa]|messaggio [eè] stato (?:inviato|generato))|messaggio (?:automatico"
    r"|inviato (?:da|tramite))|(?:si prega di )?non rispondere a questo"
    r"|dit (?:is een automatisch|bericht (?:is|werd) (?:automatisch |verzonden |verstuurd ))|bericht via het contactformulier|esta"
    r" [eé] uma mensagem autom[aá]tica|to jest wiadomo[sś][cć] (?:automatyczn|wygenerowan))",
    re.IGNORECASE,
)
_DISCLAIMERS = Prefilter()
"""Most messages have nothing that a disclaimer needs."""
_DISCLAIMERS.add(_DISCLAIMER)
_BANNER = re.compile(
    r"\b(?:external|outside|unknown sender|often get e-?mail|expéditeur externe|externe|extérieur|extern(?:en|er)?|au(?:ß|ss)erhalb"
    r"|remitente externo|mittente esterno|esterno|externo|externe afzender|buiten)\b",
    re.IGNORECASE,
)
_BANNER_STEMS = ("extern", "outside", "unknown sender", "often get", "ext\u00e9rieur", "sserhalb", "estern", "buiten")
"""One of these is in every banner: looked for first, since most messages have none."""
_OF_A_BANNER = re.compile(
    r"\b(?:click|links?|attachments?|learn why|sender|cliquez|liens?|pi[eè]ces? jointes?|exp[eé]diteur"
    r"|absender\w{0,2}|anh[aä]nge\w?|anlagen|klicken|remitente|enlaces?|adjuntos?|mittente|allegati|afzender|bijlagen?)\b",
    re.IGNORECASE,
)
_FORM_FIELD = re.compile(
    r"[*_]{0,2}(?:(?:your |full |first |last |sur|fore)?name|e-?mail(?: address)?|(?:tele)?phone(?: number)?|mobile|date"
    r"|page|url|ip(?: address)?"
    r"|(?:votre )?(?:nom|pr[eé]nom)(?: et pr[eé]nom)?|(?:adresse )?(?:e-?mail|courriel|m[eé]l)"
    r"|adresse (?:e-?mail|[eé]lectronique)|t[eé]l[eé]phone"
    r"|(?:vor|nach)name|telefon(?:nummer)?|nombre|apellidos?|correo(?: electr[oó]nico)?|tel[eé]fono|nome|cognome|telefono|naam"
    r"|telefoonnummer)[*_]{0,2}\s{0,2}[:\uff1a]",
    re.IGNORECASE,
)
_FORM_MESSAGE = re.compile(
    r"[*_]{0,2}(?:(?:your |the )?(?:message|comments?|enquiry|inquiry|request|description|details)"
    r"|(?:votre )?(?:message|commentaires?|demande)"
    r"|(?:ihre )?(?:nachricht|mitteilung|anfrage)|(?:uw )?(?:bericht|vraag)"
    r"|(?:su )?mensaje|(?:il tuo )?messaggio)[*_]{0,2}\s{0,2}[:\uff1a]\s{0,4}",
    re.IGNORECASE,
)
_FEWEST_FORM_FIELDS = 2
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+")


def is_prose(text: str) -> bool:
    """Whether somebody says something here, rather than naming who they are."""
    if _HOURS.search(text):
        return False
    if "?" in text and not _CONTACT.search(text):
        return True
    if _INVITATION.match(text) and (_CONTACT.search(text) or _WHERE_TO.search(text)):
        return False
    text = _SPEAKS_NOT.sub(" ", text)
    words = [word.casefold().replace("\u2019", "'") for word in _WORDS.findall(text)]
    speaking = sum(word in _SPEAKS for word in words)
    return (speaking > 0 and len(words) >= 3 and speaking * 12 >= len(words)) or len(words) > 16  # noqa: PLR2004 - no title is so long


def footers(lines: Sequence[Line]) -> list[bool]:
    """Of each line whether it is a note of a phone, a form or a firm's mail server."""
    marked = [bool(line.text) and bool(_SENT_FROM.match(line.text) or _OF_A_FORM.match(line.text)) for line in lines]
    if not _DISCLAIMERS.possible(without_case(" ".join(line.text for line in lines))):
        return marked
    for first, end in _paragraphs(lines):
        text = " ".join(line.text for line in lines[first:end])[:1500]
        if _DISCLAIMER.search(text) and _OF_A_MAIL.search(text) and _is_boilerplate(text):
            marked[first:end] = [True] * (end - first)
    return marked


def banner(lines: Sequence[Line]) -> int:
    """How many lines at the beginning are the mail server's warning of a sender from outside."""
    first = next((at for at, line in enumerate(lines) if not line.blank), len(lines))
    end = first
    while end < len(lines) and not lines[end].blank:
        end += 1
    text = " ".join(line.text for line in lines[first:end])[:1_000]
    folded = text.casefold()
    if not any(stem in folded for stem in _BANNER_STEMS):
        return 0
    is_banner = all(pattern.search(text) for pattern in (_BANNER, _OF_A_BANNER, _OF_A_MAIL)) and _is_boilerplate(text) and "?" not in text
    return end if is_banner else 0


def form_fields(lines: Sequence[Line]) -> tuple[list[int], int]:
    """The lines of a contact form that only say who writes, and how much of the last is the label of the message; none in other mails."""
    fields: list[int] = []
    for at, line in enumerate(lines):
        if not fields and at > _MOST_BETWEEN_FIELDS:
            break
        label = _FORM_MESSAGE.match(line.text)
        if label and len(fields) >= _FEWEST_FORM_FIELDS:
            return [*fields, at], label.end()
        if _FORM_FIELD.match(line.text):
            fields.append(at)
        elif len(line.text) > _LONGEST_LINE or at - (fields[-1] if fields else 0) > _MOST_BETWEEN_FIELDS:
            break
    return [], 0


def _is_boilerplate(text: str) -> bool:
    """A disclaimer speaks of the mail and its reader; whoever speaks of themselves has something to say."""
    words = [word.casefold() for word in _WORDS.findall(text)]
    return not {
        "i",
        "my",
        "me",
        "je",
        "mon",
        "ma",
        "mes",
        "ich",
        "mein",
        "meine",
        "mir",
        "yo",
        "mi",
        "ik",
        "mijn",
        "io",
        "mio",
        "mia",
    } & set(words)


def signature_begins(lines: Sequence[Line]) -> int:
    """The first line of the signature at the end of these lines; their number where there is none."""
    end = len(lines)
    written = [at for at in range(end) if not lines[at].blank]
    if not written:
        return end
    earliest = written[max(0, len(written) - _MOST_LINES - 1)]
    for at in range(earliest, end):
        line = lines[at]
        if _DELIMITER.match(line.text) and _names_somebody(lines[at + 1 :]):
            return at
        closing = _SIGN_OFF.match(line.text)
        if closing and at > written[0] and not is_prose(closing["rest"]) and len(closing["rest"]) <= _LONGEST_LINE:
            tail = lines[at + 1 :]
            if (closing["rest"] or any(not line.blank for line in tail)) and _names_somebody(tail):
                return at if closing["rest"] else _next_written(lines, at + 1)
    return _without_sign_off(lines, written)


def sign_off_in_line(text: str) -> int:
    """Where a signature begins within the last line, as `... is broken. Kind regards, A. Kestrel, tax adviser`; its length if nowhere."""
    tail_begins = max(0, len(text) - _LONGEST_TAIL)
    for closing in _SIGN_OFF_IN_LINE.finditer(text, tail_begins):
        rest = text[closing.end() :]
        if rest.strip() and not any(is_prose(sentence) for sentence in _SENTENCE_ENDS.split(rest)):
            return closing.end()
    return len(text)


def _without_sign_off(lines: Sequence[Line], written: Sequence[int]) -> int:
    """A last paragraph that names a person with a title, a firm or an address, and says nothing else."""
    first, end = _paragraphs(lines)[-1]
    block = lines[first:end]
    if first == written[0] or len(block) > _MOST_LINES or not _names_somebody(block):
        return len(lines)
    evidence = any(_TITLE.search(line.text) or _CONTACT.search(line.text) for line in block)
    short = all(len(_WORDS.findall(line.text)) <= 8 for line in block)  # noqa: PLR2004 - a name, a title and a firm
    ended = lines[first - 1].blank or lines[first - 1].text.endswith((".", "!", "?"))
    begins_as_name = re.match(r"(?:\[NAME_|[^\W\d_a-zà-ÿ])", block[0].text) is not None
    return first if evidence and short and ended and begins_as_name and not block[0].text.endswith((".", "!", "?", ":")) else len(lines)


def _names_somebody(tail: Sequence[Line]) -> bool:
    """Short lines, none of which says anything; a postscript ends no signature, it begins something else."""
    return (
        all(
            line.blank or (len(line.text) <= _LONGEST_LINE and not is_prose(line.text) and not _POSTSCRIPT.match(line.text))
            for line in tail
        )
        and sum(not line.blank for line in tail) <= _MOST_LINES
    )


def _next_written(lines: Sequence[Line], at: int) -> int:
    while at < len(lines) and lines[at].blank:
        at += 1
    return at


def _paragraphs(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """First line and end of each run of lines between blank ones."""
    paragraphs: list[tuple[int, int]] = []
    begun: int | None = None
    for at, line in enumerate(lines):
        if line.blank and begun is not None:
            paragraphs.append((begun, at))
            begun = None
        elif not line.blank and begun is None:
            begun = at
    if begun is not None:
        paragraphs.append((begun, len(lines)))
    return paragraphs
