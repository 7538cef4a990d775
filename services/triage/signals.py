"""Words that pin a case: danger to someone, a legal deadline, a wish for a person, an automatic reply.

A signal never drops or delays a case: where a phrase may be either, it is shown.
"""

import re
from collections.abc import Iterator
from typing import Literal

from schemas.requests_triaged import Signal
from services.triage.danger import dangers
from services.triage.figures import without_figures
from services.triage.phrases import Cued, Found, fold, stems

Kind = Literal["risk_of_harm", "legal_deadline", "wants_a_person", "automatic_reply"]

LONGEST_EXCERPT = 200
MOST_DANGERS = 3
_LOOKED_AT = 200
"""Places of danger looked at in one message: more are told as a story, or are an attack on our patience."""


def _near(most: int) -> str:
    """Up to so many words between two others, within a sentence. Possessive, so that it can't try the same words twice."""
    return rf"(?:[^\w.!?\n]++\w++){{0,{most}}}?[^\w.!?\n]++"


N1, N2, N3, N4, N6 = _near(1), _near(2), _near(3), _near(4), _near(6)


def _rule(kind: Kind, cues: str, pattern: str) -> tuple[Kind, str, str]:
    return kind, cues, pattern


_RULES = (
    # Legal deadlines
    _rule("legal_deadline", "appe cont obje chal judi time dead", rf"\b(?:deadline|time limit|last day|final date|days? left|time){N3}(?:to|for|on) (?:my |the |an |lodg\w+ |fil\w+ |mak\w+ )*(?:appeal\w*|object\w*|contest\w*|challeng\w*|respond\w*|reply|review|judicial review|claim)\b|\b(?:appeal\w*|contest\w*|challeng\w*|object\w*|judicial review){N6}(?:deadline|time limit|within|before the|by (?:the|monday|tuesday|wednesday|thursday|friday|tomorrow|next|end)|\d+ (?:days|weeks)|days? left|expire\w*|runs? out|tomorrow|last day)\b|\b(?:lodge|file|filing|lodging|submit) (?:an? |my |the )?(?:formal )?appeal\b|\bformal appeal\b|\bnotice of appeal\b|\bmandatory reconsideration\b|\bstatutory (?:deadline|period|time|appeal|limit|notice|review)\b"),
    _rule("legal_deadline", "cour trib hear summ subp bail", rf"\b(?:court|tribunal) (?:hearing|date|order|case|summons|on|next|tomorrow|papers|proceedings|bundle)\b|\bhearing (?:is |date |on |at |has been |set |scheduled |in )|\bsummon(?:s|ed)\b|\bbailiffs?\b|\bsubpoena|\b(?:go|going|been|taken|appear|due) (?:to|in|at|before) (?:the )?(?:court|tribunal)\b|\bcounty court\b"),
    _rule("legal_deadline", "evic poss noti sect form", r"\beviction (?:notice|order|date|is|on|hearing|letter)\b|\bnotice (?:to quit|of eviction|seeking possession)\b|\bpossession order\b|\bsection (?:21|8)\b(?! of the (?:form|park))|\bformal notice\b|\b(?:enforcement|penalty|final|liability) (?:order|notice|demand)\b"),
    _rule("legal_deadline", "with expi dead days date time befo laps", rf"\bwithin (?:\d+|two|three|four|six|seven|ten|fourteen|fifteen|twenty|thirty|one) (?:\w+ )?(?:days?|weeks?|months?)\b{N6}(?:of (?:the |your |this |receiving |receipt|service|notification|decision)\w*|or (?:i|we) (?:lose|forfeit|will)|under|to (?:appeal|respond|reply|object|contest|pay))|\b(?:legal|appeal|filing|court|objection|response|limitation|cooling[- ]off) (?:deadline|period|time limit)\b|\b(?:deadline|time limit){N6}(?:decision|penalty|fine|objection|tribunal|court|residence|visa|asylum|contest|planning|reply to the (?:notice|decision))\b|\b(?:visa|residence permit|leave to remain|work permit|right to (?:appeal|reply|buy))\b{N4}(?:expires?|expiring|runs? out|lapses?|ends)\b|\btime[- ]barred\b|\blose (?:my|our|the) right to\b|\bstatute of limitations?\b"),
    _rule("legal_deadline", "reco appe cont delai forc pres dela oppo", rf"\bdelais?\b{N3}(?:recours|appel|contestation|opposition|reclamation|prescription|legal|legaux|forclusion|reponse legal|retractation|preavis|(?:de |d')(?:un|deux|trois|six|quinze|trente|\d+) (?:jours|mois|semaines?)|expire|court|depasse)\b|\brecours (?:gracieux|contentieux|hierarchique|administratif|amiable|contre|en annulation|devant|avant|est|prealable|doit)\b|\b(?:deposer|former|exercer|introduire|faire|forme|depose|fait) (?:un |mon |ce |votre |une )?(?:recours|appel de|appel (?:contre|avant|du jugement|dans)|opposition a)\b|\binterjeter appel|\bforclusion|\bforclose?s?\b|\bprescri(?:ption|te?) (?:de|le|dans|biennale|quadriennale|est)|\b(?:contest\w+|recours|opposition|appel){N6}(?:avant le|jusqu'au|d'ici|sous (?:\w+) (?:jours|mois)|dans les (?:\w+) (?:jours|mois)|date limite|derniers? jours?|dernier delai)\b"),
    _rule("legal_deadline", "trib audi conv huis assi comm juge cita jugem", r"\btribunal\b|\baudience (?:au|du|le|devant|est|prevue|fixee|aura|de conciliation|a lieu)\b|\bconvo(?:quee?|cation)s? (?:au|devant|a l'audience|par le juge|en justice|par la police|du tribunal)\b|\bhuissiers?\b|\bcommissaire de justice|\bassignation\b|\bassignee? (?:en|devant)\b|\bcitation a comparaitre|\bjugement (?:d'expulsion|rendu|du tribunal|me|a ete)|\bdevant le juge\b"),
    _rule("legal_deadline", "mise comm expu demeu injo saisi", r"\bmises? en demeure\b|\bcommandement de (?:payer|quitter)|\b(?:avis|procedure|menace|date|arrete|jugement|decision|ordonnance|menacee?|risque) d'expulsion|\bexpuls\w+ (?:le|prevue|dans|est|avant|locative|sous|au)\b|\binjonction (?:de payer|sous)|\bsaisie (?:sur|administrative|le|prevue|a tiers|immobiliere|conservatoire)|\bavis a tiers detenteur|\boqtf\b|\bquitter (?:le territoire|les lieux)\b"),
    _rule("legal_deadline", "sous avan limi dela expi jour dern titr visa", r"\b(?:date limite|dernier delai|dernier jour|date butoir)\b.{0,60}\b(?:contest\w+|recours|appel|decision|amende|impot\w*|declar\w+|titre de sejour|reclam\w+|opposition|reponse|repondre)\b|\b(?:contest\w+|recours|appel|repondre a (?:la decision|la mise)|opposition)\b.{0,60}\b(?:date limite|dernier delai|dernier jour|date butoir)\b|\b(?:titre de sejour|visa|recepisse|carte de sejour)\b.{0,40}\b(?:expire|arrive a (?:expiration|echeance)|perime|n'est plus valable|se termine)\w*|\b(?:sous|dans un delai de|dans les) (?:huit|quinze|trente|dix|deux|\d+) (?:jours|mois)\b.{0,60}\b(?:sinon|a defaut|faute de quoi|sous peine|recours|contest\w+|notification|reception|pour (?:contester|repondre|payer|faire appel))\b|\bsous peine de\b"),
    # Wants a person
    _rule("wants_a_person", "spea talk huma pers real some agen advi call ring phon robo bot mach mana face", rf"\b(?:speak|talk|speaking|talking|spoke|chat|get through|put me through|transfer\w* me|connect\w* me|hear from|reach|pass me|deal)\b{N1}(?:to|with|from|on to)?{N1}(?:an? |some |any |the |your )?(?:\w+ )?(?:person|human|someone|somebody|agent|advis[eo]r|caseworker|member of staff|staff|manager|supervisor|officer|operator|employee|human being|real people|anyone|anybody|one of you|case worker|colleague|official)\b|\b(?:real|actual|live|living) (?:person|human|people|employee)\b|\bhuman being\b|\b(?:not|no|without|fed up with|sick of|tired of|than|hate)\b{N2}(?:chat)?(?:robots?|bots?|chatbots?|machines?)\b|\bface[- ]to[- ]face\b|\bin person with\b"),
    _rule("wants_a_person", "call ring phon tele", r"\b(?:call|ring|phone|telephone) me (?:back|on|at|please|asap|when|after|before|today|tomorrow|as soon)\b|\b(?:can|could|would|will|please|get|have|ask|want|need)(?: \w+){0,3} (?:call|ring|phone|telephone) me\b|\bcall ?back\b|\bgive me a (?:call|ring)\b|\bplease (?:call|ring|phone)\b(?! (?:999|112|911|the police))|\bcall me\b(?! (?:a|an|mr|mrs|ms|by|old|crazy|stupid|back when)\b)|\b(?:someone|somebody|anyone) (?:to )?(?:call|ring|phone|contact) me\b"),
    _rule("wants_a_person", "parl humai pers quel cons agen robo auto vive inter joind cont tele resp", rf"\b(?:parler|discuter|echanger|dialoguer|m'entretenir|entretien|joindre|contact|passez[- ]moi|avoir|voir|rencontrer){N2}(?:quelqu'un|une (?:vraie )?personne|un (?:vrai )?(?:humain|conseiller|agent|responsable|etre humain|interlocuteur|operateur|employe|gestionnaire)|une (?:conseillere|vraie|employee|assistante sociale)|votre (?:responsable|chef|superieur)|un chef|le responsable|humain)\b|\bvraie?s? (?:personne|personnes|humain|gens|interlocuteur)\b|\bde vive voix\b|\b(?:pas|non|plus|marre|assez|ras[- ]le[- ]bol|sans)\b{N4}(?:robots?|machines?|chatbots?|repondeur)\b|\betre humain\b|\bcontact humain\b|\bquelqu'un (?:de reel|en chair|au telephone|au bout du fil|a qui parler)\b|\baucun (?:interlocuteur|humain)\b|\breponses? automatiques?{N3}(?:marre|assez|suffit|stop)\b"),
    _rule("wants_a_person", "rapp appe tele conta reca", r"\b(?:rappelez|rapellez|rappeler|rapeller|appelez|telephonez|contactez)[- ]moi (?:au|sur|par telephone|s'il|svp|stp|des|vite|demain|avant|apres|rapidement|merci|le|lundi|mardi|mercredi|jeudi|vendredi|urgemment|\[)|\b(?:rappelez|appelez|telephonez)[- ]moi\b|\b(?:etre|soit|sois) (?:rappelee?|recontactee?|contactee?) (?:par (?:telephone|un|une|quelqu'un|le)|au|demain|rapidement|svp)|\betre rappelee?\b|\b(?:pouvez|pourriez|pourrait|peut|merci de|veuillez|prie de|attends que vous|souhaite que|demande de)(?:[- ]vous|[- ]on|[- ]il| quelqu'un| vous)? (?:bien )?(?:me|nous|m') ?(?:rappeler|rapeler|rappelez|telephoner|appeler|appelle|passer un coup de fil)\b(?! (?:la|le|les|quels?|quelles?|mon|ma|mes|comment|ou|si|que|quand|pourquoi|ce|cette|votre|qui|a quelle)\b)|\bun (?:rappel|coup de fil|appel) (?:de votre part|telephonique|svp|d'un)\b|\bquelqu'un (?:peut|peut-il|pourrait|pourrait-il|pour) (?:me |m')(?:rappeler|appeler|telephoner|recevoir)"),
    # Automatic replies
    _rule("automatic_reply", "auto out away leav offi abse vaca noti undel deli mail read unat noRe nore moni", r"\b(?:automatic|automated|auto)[- ]?(?:reply|response|message|acknowledge?ment|answer|notification|email)\b(?! (?:from|by|i got|again|instead|is useless|was|every|but|telling|that said|saying|and (?:nothing|no one|nobody)|when i|to my|without))|\bauto[- ]?reply\b|\bautoreply\b|\bauto[- ]?generated\b|\bout of (?:the |my )?office\b|\bcurrently (?:away|out|on (?:annual|maternity|parental|sick|paternity) leave|on (?:leave|holiday|vacation))\b|\b(?:annual|maternity|parental|sick|paternity) leave (?:until|from|and will|returning|with)\b|\b(?:limited|no|intermittent) access to (?:my )?e?-?mails?\b|\b(?:do not|don'?t|please do not) reply to this (?:e?-?mail|message|address)\b|\bdelivery (?:status notification|has failed|failure|failed|incomplete)\b|\bundeliver(?:able|ed)\b|\bmailer[- ]daemon\b|\bcould not be delivered\b(?= )|\bmail(?:box)? (?:is )?(?:full|unattended|not monitored|unmonitored)\b|\b(?:mailbox|inbox|address) is (?:not|no longer|un)[- ]?(?:monitored|in use|attended|read)\b|\b(?:will|shall) (?:reply|respond|answer|get back to you|read your (?:e?-?mail|message)) (?:on my return|when i(?: am|'m)? (?:return|get|back)|upon my return|as soon as i(?:'m| am) back|after my)|\bi (?:will|shall) be (?:back|returning|returning to the office) (?:in the office )?on\b|\bread receipt\b|\bno longer works? (?:here|for|at)\b"),
    _rule("automatic_reply", "auto abse cong repo accu retou remi dist bureau boit vaca nore expe quit", r"\b(?:reponse|message|mail|courriel|e-mail) (?:automatique|genere automatiquement|d'absence)s?\b(?! (?:de votre|de la mairie|de vos|a chaque|sans|m'a|me dit|disant|mais|et (?:rien|personne|depuis)|qui|et puis|pour|quand|de ma part))|\bgenere automatiquement\b|\b(?:absente?|absence) du bureau\b|\bactuellement (?:absente?|en conges?|en vacances|indisponible|en arret)\b|\b(?:je suis|je serai|serai) (?:absente?|en conges?(?: annuels?| maternite| parental)?|indisponible) (?:du|jusqu|a partir|ce|pour|et|de|cette semaine|depuis)\b|\bne (?:pas|pas re)pondre a ce\b|\bne pas repondre a ce (?:message|mail|courriel)|\bn'y repondez pas\b|\baccuse de (?:reception|lecture)\b(?! (?:svp|de ma|pour|n'|jamais|s'il|en|stp|de mon|a ma|et))|\b(?:non[- ]remis|remise (?:a echoue|impossible|differee))|\bechec (?:de (?:la )?)?(?:remise|distribution|livraison du message|d'envoi)|\bn'a pas pu etre (?:remis|distribue|delivre)|\b(?:a|des|de) mon retour\b|\bde retour (?:au bureau )?le\b|\bacces (?:limite|restreint) a (?:ma messagerie|mes (?:mails|courriels|e-mails|messages))|\bboite (?:aux lettres )?(?:n'est (?:pas|plus) (?:relevee|consultee|surveillee|utilisee)|est pleine)|\b(?:message|adresse) (?:est |n'est )?(?:un |plus )?(?:automatique|consultee|relevee)\b|\bne travaille plus (?:a|au|dans|chez)\b|\bj'ai quitte (?:mes fonctions|la societe|l'entreprise)"),
)

_EXERCISE = re.compile(
    r"\b(?:fire drills?|drills?|training|exercise|simulation|simulated|rehearsal|mock|role[- ]?play|first[- ]aid (?:course|class|training)|workshop|course|exercice|simulation|entrainement|formation|stage de|scenario|jeu de role|mannequin|"
    r"manoeuvres?|essai mensuel|cours de (?:secourisme|premiers secours)|gestes qui sauvent|initiation aux)\b"
)
_FICTION = re.compile(
    r"\b(?:film|movie|novel|thriller|series|episode|video ?game|play about|theatre|exhibition|museum|documentary|book|books|song|poem|story ?time|short story|crime fiction|screenplay|actors?|podcast|comic|opera|poster|costume|halloween|murder mystery|"
    r"roman|polar|policier|serie|jeu video|piece de theatre|exposition|musee|documentaire|livres?|chanson|poeme|nouvelle policiere|tournage|acteurs?|bande dessinee|bd|opera|spectacle|deguisement|cinema|escape game|conference|festival)\b"
)
_PAST = re.compile(
    r"\b(?:years? ago|months? ago|decades? ago|last (?:year|month|summer|winter|spring|autumn|century)|back in (?:the )?\d{2,4}s?|in (?:19|20)\d\d|when i was (?:a|little|young|small|seven|eight|nine|ten|five|six)|long ago|in the (?:war|past|sixties|seventies|eighties|nineties)|historic\w*|anniversary|"
    r"il y a (?:\w+ |plus de \w+ |environ \w+ )?(?:ans|annees|mois|longtemps|siecles?)|l'an (?:dernier|passe)|l'annee (?:derniere|passee)|le mois (?:dernier|passe)|l'ete (?:dernier|passe)|l'hiver dernier|en (?:19|20)\d\d|quand j'etais (?:petite?|enfant|jeune)|a l'epoque|pendant la guerre|autrefois|anniversaire|histori\w+|"
    r"jadis)\b"
)
_PRESENT = re.compile(
    r"\b(?:now|right now|still|again|currently|at the moment|tonight|urgent\w*|immediately|hurry|this (?:morning|evening|afternoon|minute)|today|since then|maintenant|encore|toujours|actuellement|en ce moment|ce soir|cette nuit|ce matin|urgent\w*|vite|aujourd'hui|immediatement|depuis|tout de suite|de nouveau)\b"
)
_ENDS = ".!?\n"
_OTHERS = Cued((cues, pattern) for _, cues, pattern in _RULES)


def signals(subject: str | None, body: str, language: str) -> list[Signal]:  # noqa: ARG001 - not trusted to leave rules out: people mix languages in distress
    """What the redacted text shows, danger first, at most a few of it and one of each other kind."""
    text = f"{subject}\n{body}" if subject else body
    folded = fold(text)
    present = stems(folded)
    literal = without_figures(folded, present)
    found: list[Signal] = []
    for danger in _real(dangers(literal, present), literal):
        found.append(Signal(kind="risk_of_harm", words=_excerpt(text, danger.start, danger.end)))
        if len(found) == MOST_DANGERS:
            break
    seen: set[Kind] = set()
    for place, pattern in _OTHERS.worth_trying(present):
        kind = _RULES[place][0]
        if kind not in seen and (match := pattern.search(literal)):
            seen.add(kind)
            found.append(Signal(kind=kind, words=_excerpt(text, match.start(), match.end())))
    return found


def _real(found: Iterator[Found], literal: str) -> Iterator[Found]:
    """Once of each sort, and neither fiction nor exercise nor long past."""
    seen: set[str] = set()
    for looked_at, danger in enumerate(found):
        if looked_at == _LOOKED_AT:
            return
        if danger.about not in seen and not _told_not_happening(danger, literal):
            seen.add(danger.about)
            yield danger


def _told_not_happening(danger: Found, literal: str) -> bool:
    """Fiction, exercises and things long past, unless something says that it is now. A wish to die counts, however it is told."""
    first, last = _sentence(literal, danger.start, danger.end)
    sentence = literal[first:last]
    told = _FICTION.search(sentence) or _EXERCISE.search(sentence) or (danger.about not in {"life", "suicide"} and _PAST.search(sentence))
    return told is not None and told is not False and _PRESENT.search(sentence) is None


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence around a match begins and ends, at most 300 characters to each side."""
    earliest, latest = max(0, start - 300), min(len(text), end + 300)
    first = max((text.rfind(mark, earliest, start) for mark in _ENDS), default=-1)
    lasts = [place for mark in _ENDS if (place := text.find(mark, end, latest)) >= 0]
    return (first + 1 if first >= 0 else earliest), min(lasts, default=latest)


def _excerpt(text: str, start: int, end: int) -> str:
    """The words and their sentence, cut at words where it is long."""
    first, last = _sentence(text, start, end)
    if last - first > LONGEST_EXCERPT:
        spare = max(0, LONGEST_EXCERPT - 4 - (end - start)) // 2
        first, last = max(first, start - spare), min(last, end + spare)
        while first < start and first > 0 and text[first - 1].isalnum():
            first += 1
        while last > end and last < len(text) and text[last].isalnum():
            last -= 1
    return " ".join(text[first:last].split())[:LONGEST_EXCERPT]
