"""Detects automatic replies and out-of-office notes. The whole message must be one: `I only got an automatic reply` is a complaint."""

import re
from collections.abc import Mapping
from typing import Literal

from services.triage.signals.wording_matcher import Patterns, Text

SentBy = Literal["machine", "perhaps a machine", "person"]
"""What the channel and the mail's headers say of who sent it."""

_BY_HAND = frozenset({"phone", "letter", "open311"})
"""Channels that no mail program answers on."""

_LONGEST_CLAUSE = 3
"""Words of a clause that the announcing sentence goes on with: `I am on holiday and want to pause my permit`."""
_LONGEST_ASIDE = 5
"""Words of a sentence that may be anything: a name, a house, `Warm wishes to you all`."""

_DAYS = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|lundi|mardi|mercredi|jeudi|vendredi)"

ANNOUNCEMENTS = Patterns(
    (
        (
            r"(?m)^\W*(?:(?:automatic|automated|auto)[- ]?(?:reply|response|acknowledge?ment)|autoreply|out of (?:the"
            r" )?office)\b\s*(?:[:.(!]|re:|$)"
            r"|\bauto[- ]?generated\b"
        ),
        r"\bthis is an? (?:automated|automatic|auto\w*)\b|\b(?:sent|generated) automatically\b|\bautomatically generated\b",
        (
            r"\b(?:i|we)(?: am| are| will be|'m|'re|'ll be)?(?: \w+){0,2} out of (?:the |my |our )?office\b"
            rf"(?! (?:hours|number|forms|(?:on |every |each ){{1,2}}{_DAYS}\b))"
            r"|^\W*(?:currently )?out of (?:the )?office (?:until|till|from|between)\b|\bis (?:currently )?out of (?:the )?office"
            r" (?:until|till|from)\b"
        ),
        (
            r"\b(?:am|is|be) (?:currently |now )?(?:away|on) (?:from (?:my desk|the office|work)|on (?:annual |maternity |"
            r"parental |sick )?leave)|\bcurrently (?:away|out of|on (?:annual |maternity |parental |sick )?leave)"
        ),
        r"\bon (?:annual|maternity|parental|paternity|sick) leave\b(?=.{0,80}\b(?:until|contact|return|back|access|urgent)\b)",
        r"\b(?:limited|no|intermittent) access to (?:my )?e?-?mails?\b",
        r"\b(?:do not|don'?t) reply to this (?:e?-?mail|message|address)\b|\b(?:please )?do not reply\b\.?\s*$",
        (
            r"\bdelivery (?:status notification|has failed|failure|incomplete)\b|\bcould not be delivered to\b|\bmessage "
            r"could not be delivered"
        ),
        (
            r"\bundeliver(?:able|ed) ?(?:mail|message|:)|\bmailer[- ]daemon\b|\breturned mail\b|\bmail(?:box)? is (?:full|not "
            r"monitored|unattended|unmonitored)|\b(?:mailbox|inbox) is (?:not|no longer|un)[- ]?(?:monitored|in use|read|"
            r"attended)"
        ),
        (
            r"\b(?:reply|respond|answer|get back to you|read (?:it|your (?:e?-?mail|message))) (?:then|on my return|upon my "
            r"return|when i(?: am|'m)? (?:return|get|back))|\bi (?:will|shall|'ll) be back (?:in the office )?on\b"
        ),
        (
            r"\byour (?:message|e-?mail|request|ticket) has been (?:received|logged|read)\b|\byour message was read on\b|"
            r"\bread receipt:|^read: |\bwe have received your (?:ticket|e-?mail|message|request)\b.{0,80}\b(?:will|shortly|"
            r"ref)"
        ),
        r"\bi (?:no longer|don'?t) work (?:here|for|at (?:this|the))\b|\bhas left the (?:company|organi[sz]ation|council)\b",
        r"^.{0,60}\b(?:(?:the|our) offices? (?:is|are) closed from|nos bureaux sont fermes du|les bureaux sont fermes du)\b",
        (
            r"(?m)^\W*(?:reponse automatique|message automatique|message d'absence|absence du bureau)\b|\breponse automatique"
            r" ?[:(]|\bceci "
            r"est un (?:message|mail|courriel|e-mail) automatique|\b(?:message|mail|courriel|e-mail) (?:a ete )?genere "
            r"automatiquement|^\W*message d'absence\b"
        ),
        (
            r"\babsente?s? du bureau (?:jusqu|du|et|pour|ce)|\b(?:je suis|serai|suis) (?:actuellement "
            r")?absente? (?:du \d|jusqu|cette semaine|pour conges?|et (?:serai|je))"
        ),
        (
            r"\b(?:suis|serai) (?:actuellement )?en conges?(?: annuels?| maternite| parental| maladie)?\b(?=.{0,80}\b(?:jusqu|"
            r"retour|contacter|messagerie|acces|urgence)\b)|\bactuellement (?:absente?|en conges?)\b(?=.{0,80}\b(?:retour|"
            r"acces|jusqu|contacter|messagerie)\b)"
        ),
        r"\b(?:ne pas|n'y) re(?:pondre a ce (?:message|mail|courriel|e-mail)|pondez pas)\b|\bmerci de ne pas (?:y )?repondre\b",
        r"\baccuse de (?:lecture|reception) ?:|^\W*accuse de (?:lecture|reception)\b",
        (
            r"^\W*non remis\b|\bechec (?:de (?:la )?)?(?:remise|distribution)\b|\bn'a pas pu etre (?:remis|distribue|delivre) "
            r"a son destinataire|\bboite (?:aux lettres )?(?:du destinataire est pleine|n'est (?:pas|plus) (?:relevee|"
            r"consultee|surveillee))"
        ),
        (
            r"\b(?:repondrai|lirai|reviendrai vers vous)\b.{0,30}\b(?:a|des) mon retour\b|\ba mon retour\b(?=.{0,40}\brepond)|"
            r"\bde retour le (?:lundi|mardi|mercredi|jeudi|vendredi|\d)"
        ),
        (
            r"\bvotre (?:message|courriel|mail|demande) a bien ete (?:recue?|enregistree?)\b|\bvotre message a ete lu\b|"
            r"\bvotre (?:ticket|demande) n\W{0,3}\d+ est enregistre"
        ),
        (
            r"\bne travaille plus (?:a cette adresse|ici|pour|dans (?:ce|cette))\b|\bj'ai quitte (?:mes fonctions|la societe|"
            r"l'entreprise|la collectivite)"
        ),
        (
            r"\ben cas d'urgence,? (?:vous pouvez |merci de |veuillez )?(?:appel|contact|joindre)\w*|\bfor urgent (?:matters|"
            r"issues|enquiries),? (?:please )?(?:ring|call|contact|phone)"
        ),
        (
            r"(?m)^\W*(?:automatische (?:antwort|nachricht|ruckantwort)|abwesenheits(?:notiz|meldung|nachricht|assistent)"
            r"|abwesenheit\s*[:-])"
            r"|\b(?:automatisch (?:generierte|erstellte|erzeugte|versendete) (?:nachricht|e-?mail|antwort)|wurde automatisch"
            r" (?:generiert|erstellt|versendet|erzeugt))"
        ),
        (
            r"\b(?:ich (?:bin|befinde mich|werde)|wir sind|bin ich|befinde ich mich)\b.{0,60}\b(?:nicht (?:im (?:buro|haus|dienst)"
            r"|erreichbar|am arbeitsplatz|da)"
            r"|au(?:ß|ss)er haus|abwesend|im (?:urlaub|mutterschutz|krankenstand)|in (?:elternzeit|mutterschutz)|auf dienstreise"
            r"|nicht mehr (?:fur|bei))\b"
        ),
        (
            r"\bihre (?:e-?mail|mail|nachricht)s? (?:wird|werden|wurde)\b.{0,40}\b(?:weitergeleitet|gelesen|bearbeitet|beantwort\w*)"
            r"|\b(?:keinen|eingeschrankten?) zugriff auf (?:meine )?(?:e-?mails|mails|nachrichten|mein postfach)"
            r"|\bihre (?:nachricht|anfrage|e-?mail) ist (?:bei uns )?eingegangen\b|\bdieses postfach wird nicht\b"
        ),
        r"\bunzustellbar\b",
        (
            r"(?m)^\W*(?:automatisch (?:antwoord|bericht)|afwezigheids(?:bericht|assistent|melding)|afwezig(?:heid)?\s*[:-])|\bdit"
            r" is een automatisch\b"
        ),
        (
            r"\b(?:ik (?:ben|zal)|wij zijn|ben ik)\b.{0,60}\b(?:afwezig|niet (?:aanwezig|op kantoor|bereikbaar|in de gelegenheid)"
            r"|met (?:vakantie|verlof|zwangerschapsverlof|ouderschapsverlof)|op vakantie|buiten kantoor)\b"
            r"|\b(?:beperkte?|geen) toegang tot mijn (?:e-?)?mail"
        ),
        (
            r"(?m)^\W*(?:respuesta automatica|mensaje automatico|fuera de (?:la )?oficina)\b|\b(?:este (?:mensaje|correo)|esta (?:es"
            r" una )?respuesta)\b.{0,40}\bautomatic"
        ),
        (
            r"\b(?:estoy|estare|me (?:encuentro|encontrare)|estamos|no estoy|no estare)\b.{0,40}\b(?:fuera de (?:la |mi )?oficina"
            r"|ausente|de (?:vacaciones|baja|permiso)|en la oficina (?:hasta|del))\b"
        ),
        r"\b(?:acceso (?:limitado|restringido) (?:a mi|al) correo|no tendre acceso a(?:l| mi) correo)",
        r"\bhemos recibido su (?:mensaje|correo|solicitud)\b",
        (
            r"(?m)^\W*(?:risposta automatica|messaggio automatico|fuori (?:ufficio|sede))\b|\bquesto (?:e un messaggio"
            r"|messaggio).{0,30}\bautomatic"
        ),
        (
            r"\b(?:sono|saro|mi trovo|siamo|non (?:sono|saro))\b.{0,40}\b(?:fuori (?:ufficio|sede)|assente|in (?:ferie|congedo"
            r"|maternita|malattia)|in ufficio (?:fino|dal))\b"
        ),
        r"\baccesso (?:limitato|ridotto) (?:alla (?:posta|mail)|all'e-?mail|alle e-?mail)",
        r"(?m)^\W*(?:resposta automatica|mensagem automatica)\b|\besta (?:e uma )?mensagem\b.{0,30}\bautomatic",
        (
            r"\b(?:estou|estarei|encontro-me|estamos|nao (?:estou|estarei))\b.{0,40}\b(?:fora do escritorio|ausente|de (?:ferias"
            r"|licenca|baixa)|no escritorio ate)\b"
        ),
        r"(?m)^\W*(?:automatyczna odpowied[zź]|autoodpowied[zź]|autosvar|automatiskt svar|automatisk svar)",
        (
            r"\b(?:jestem|bede|będę|przebywam|nie ma mnie|nie (?:bede|będę))\b.{0,40}\b(?:poza biurem|nieobecn\w{1,3}|na (?:urlopie"
            r"|zwolnieniu)|w (?:biurze|pracy))\b"
        ),
        r"\b(?:jag|jeg) (?:ar|er)\b.{0,30}\b(?:inte pa kontoret|pa semester|ledig|franvarande|ikke pa kontoret|pa ferie)\b",
        (
            r"\b(?:ab|erst) (?:dem |am )?(?:\d|mon|diens|mitt|donn|frei).{0,20}"
            r"\bwieder (?:fur sie )?(?:da|erreichbar|im (?:buro|haus|dienst))\b"
            r"|\blese (?:derzeit |zurzeit )?keine (?:e-?mails?|mails|nachrichten)\b"
            r"|\b(?:e-?mails?|mails|nachrichten) (?:nur|derzeit|zurzeit) (?:sehr )?(?:eingeschrankt|unregelmassig|selten|nicht)"
            r" (?:lesen|beantworten|abrufen)\b"
        ),
        (
            r"\b(?:unser|das) (?:buro|sekretariat|haus) (?:ist|bleibt)\b.{0,40}\bgeschlossen\b"
            r"|\b(?:ons|het) (?:kantoor|bureau) is\b.{0,40}\bgesloten\b|\b(?:l'ufficio|il nostro ufficio|lo studio)\b.{0,40}"
            r"\bchius[oa] (?:dal|fino)"
            r"|\b(?:nuestra |la )?oficina\b.{0,20}\b(?:cerrada|cierra) (?:del|hasta)"
            r"|\bo (?:nosso )?escritorio (?:esta|estara) (?:fechado|encerrado)\b"
            r"|\b(?:nasze )?biuro (?:jest|bedzie|będzie) nieczynne\b|\b(?:vart )?kontor (?:ar|haller) stangt\b"
        ),
        r"\b(?:wegens (?:ziekte|vakantie|verlof)|lees ik (?:mijn )?(?:e-?mail|mail|berichten) niet|lees (?:momenteel )?geen e-?mail)",
        r"\b(?:actualmente|en este momento|ahora mismo) no estoy disponible\b|\bvolvere (?:el|a estar|a la oficina)\b.{0,30}",
        (
            r"\b(?:nao|sem) (?:tenho |terei )?acesso (?:ao|a|aos)(?: meus?)? (?:e-?mails?|correio|mail)"
            r"|\bnao leio (?:os )?(?:e-?mails?|mails)\b"
        ),
        r"\bresponderei quando regressar\b|\bregresso (?:ao escritorio )?(?:em|a|no dia) \d",
        r"\bnie ma mnie w (?:pracy|biurze)\b|\b(?:odpowiem|wracam|wroce|wrócę) (?:po powrocie|do (?:pracy|biura))\b",
        (
            r"\b(?:jag|vi) ar\b.{0,30}\b(?:pa semester|foraldraledig|tjanstledig|sjukskriven|ledig|bortrest|inte pa (?:kontoret|jobbet)"
            r"|(?:ater|tillbaka) (?:pa|den|igen))\b|^\W*franvarande\b"
        ),
        (
            r"\b(?:i am|i'm|i will be|we are|we're) (?:currently |now )?(?:on (?:holiday|vacation|annual holiday)|travell?ing)\b"
            r"(?=.{0,80}\b(?:back at (?:my|our|the)|back in the office|access to e-?mail|reply (?:when|then|on|after)"
            r"|return(?:ing)? (?:on|to)|not (?:reading|checking)))"
        ),
        r"\bne consult(?:e|erai|ons) (?:pas|plus) (?:mes|ma|mon|nos|cette|la)\b|\ben deplacement (?:jusqu|du \d|et (?:ne|je))",
        (
            r"\b(?:notre|nos|mon) (?:cabinet|agence|etude|societe|entreprise|secretariat|bureaux?|service)"
            r" (?:est|sont|sera|seront) fermee?s? (?:du|jusqu|pour)"
        ),
    )
)
"""What an automatic reply says of itself, on the folded text."""

_AROUND = re.compile(
    r"\b(?:e-?mails?|messages?|mail|courriels?|nachricht\w*|mensajes?|correos?|messaggi\w*|berichten?|bericht|mensagem|e-?maila?"
    r"|wiadomo\w+|requests?|demandes?|anfragen?|inquir\w+|enquir\w+|tickets?"
    r"|colleagues?|collegues?|kolleg\w+|companer\w+|collega|collegh\w+|coleg\w+|kole[zż]an\w+|companher\w+|contact\w*|kontakt\w*|contatt\w*|urgent\w*|urgen\w+"
    r"|dringend\w*|dringlich\w*|notfall\w*|spoed\w*|pilne\w*"
    r"|return\w*|retour|ruckkehr|zuruck|terug\w*|regres\w+|volver\w*|vuelta|rientr\w+|ritorn\w+|volt\w+|powro\w+|wroc\w+|absence"
    r"|absen\w+|abwesen\w+|afwezig\w*|ausen\w+|assen\w+|nieobecn\w+"
    r"|reply|respond\w*|answer\w*|repond\w*|antwort\w*|beantwort\w*|respuesta|contestar\w*|rispond\w*|antwoord\w*|odpowi\w+"
    r"|forward\w*|weitergeleitet|vertret\w+|stellvertret\w+"
    r"|leave|holidays?|vacation|conges?|vacances|urlaub\w*|vakantie|verlof|vacaciones|ferie|ferias|urlop\w*|office|bureaux?|buro"
    r"|kantoor|oficina|ufficio|escritorio|biur\w*|mailbox|postfach|inbox"
    r"|desk|access\w*|acces|zugriff|toegang|acceso|acesso|posta|poczt\w+|mejl|semester|ledig\w*|tillbaka|ater|svarar|aterkommer|kontakta"
    r"|regress\w+|ferier|traiter\w*|bearbeit\w*|erreichbar|bereikbaar|disponible|disponivel|raggiungibile|closed|geschlossen|gesloten|chius\w+"
    r"|thank\w*|merci|tack|danke\w*|dank|gracias|grazie|obrigad\w|bedankt|dziekuj\w*)\b"
)
_TITLE = re.compile(
    r"\W{0,20}(?:(?:automatic|automated|auto)[- ]?(?:reply|response)|autoreply|out of (?:the )?office|reponse automatique|absence du"
    r" bureau|automatische (?:antwort|nachricht)"
    r"|abwesenheits(?:notiz|meldung|nachricht)|automatisch antwoord|afwezigheids(?:bericht|melding)|respuesta automatica|fuera de"
    r" (?:la )?oficina|risposta automatica|fuori ufficio"
    r"|resposta automatica|automatyczna odpowied[zź]|autosvar|automatiskt svar|automatisk svar)\s?(?::|re:)"
)
"""How mail programs begin the subject: nobody else does, and then it does not matter what follows."""
_WORDS = re.compile(r"[^\W\d_]+")
_AND = re.compile(r"(?:\b(?:and|but|et|mais|und|aber|y|pero|e|ma|mas|en|maar|i|ale|och)\s|[;:,])")
_SENTENCES = re.compile(r"[.!\n]+")


def sent_by(channel: str, metadata: Mapping[str, str]) -> SentBy:
    """RFC 3834 and what mail programs had before it. A form's mail is made by a machine and still a citizen's: it decides nothing."""
    if channel in _BY_HAND:
        return "person"
    headers = {name.casefold().replace("_", "-").removeprefix("header-"): value.casefold().strip() for name, value in metadata.items()}
    submitted = headers.get("auto-submitted", "")
    if (
        submitted.startswith("auto-replied")
        or headers.get("precedence", "").startswith(("auto_reply", "auto-reply"))
        or headers.get("content-type", "").startswith("multipart/report")
        or any(name in headers for name in ("x-autoreply", "x-autorespond", "x-autoreply-from", "x-auto-reply"))
    ):
        return "machine"
    return "perhaps a machine"


def announcement(new: Text, sender: SentBy) -> tuple[int, int] | None:
    """Where the message says that it is an automatic reply, if all of it is one."""
    if sender == "person":
        return None
    place = next((match.span() for pattern in ANNOUNCEMENTS.worth_trying(new) if (match := pattern.search(new.folded))), None)
    titled = _TITLE.match(new.folded)
    if titled:
        return titled.span()
    if sender == "machine":
        return place or (0, min(len(new.folded), 120))
    return place if place and _is_all_there_is(new.folded, place) else None


def _is_all_there_is(folded: str, place: tuple[int, int]) -> bool:
    """No question, and no sentence or clause beside it that has nothing to do with being away or with mail."""
    if "?" in folded:
        return False
    done = 0
    for sentence in [*_SENTENCES.finditer(folded), None]:
        first, end = done, sentence.start() if sentence else len(folded)
        done = sentence.end() if sentence else end
        if first < place[1] and end > place[0]:
            if not all(_is_aside(clause, _LONGEST_CLAUSE) for clause in _AND.split(folded[place[1] : end])[1:]):
                return False
        elif not _is_aside(folded[first:end], _LONGEST_ASIDE):
            return False
    return True


def _is_aside(text: str, words: int) -> bool:
    """Whether it is of being away or of mail, or too short to be about anything."""
    return len(_WORDS.findall(text)) <= words or _AROUND.search(text) is not None
