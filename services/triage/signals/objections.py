"""Detects objections to automated handling: `I do not want a computer to answer me`, `je refuse le traitement automatisé`.

A sentence must refuse, and refuse that a machine handles, answers or decides what somebody wrote: who complains of a ticket machine, or
has no computer, objects to nothing. What is plainly a program, as an AI, needs fewer words around it than a machine of any kind.
"""

import re
from collections.abc import Iterator

from services.triage.signals.wording_matcher import Found, Patterns, Text

_AI = r"(?:ai|artificial intelligence|chat ?-?bots?|bots?|chatgpt|gpt|language models?|llms?)"
_MACHINE = (
    rf"(?:{_AI}|robots?|computers?|algorithms?|machines?|automated (?:systems?|process(?:es)?|means|tools?)|software|computer programs?)"
)
_THE = r"(?:(?:an?|any|some|the|your|one of your|stupid|mere|faceless|piece of|kind of|sort of|soulless|council's) ){0,3}"
_HANDLES = (
    r"(?:answer\w*|repl(?:y|ies|ied|ying)|respon[ds]\w*|decid\w+|decisions?|handl\w+|process\w*|dealing|deals?|dealt|treat\w*|judg\w+"
    r"|assess\w*|read(?:ing|s)?|writ(?:e|es|ing|ten)|draft\w*|review\w*|examin\w+|triag\w+|analy[sz]\w+|sort(?:ed|ing)?)"
)
_GIVEN = r"(?:fed|feed(?:ing)?|put|paste\w*|enter\w*|upload\w*|given?|hand(?:ed)?|submit\w*|run|pass(?:ed)?|sent|send|shared?|shown|copied)"
_MATTER = (
    r"(?:letters?|e-?mails?|mail|messages?|requests?|cases?|files?|complaints?|applications?|claims?|data|appeals?|questions?|enquir(?:y|ies)"
    r"|correspondence|words|details|information|forms?|quer(?:y|ies)|reports?|answers?|repl(?:y|ies)|responses?|situation|benefits?)"
)
_MINE = rf"(?:me|us|this|it|(?:my|our|the|this|these|any|an?|your)(?: personal| private)? {_MATTER})"
_STOPS = r"(?=\s*(?:[.,;:!?)\n]|$)| (?:and|or|but|please|at all|anywhere|thank you|thanks)\b)"
_ABOUT_MINE = rf"(?= (?:in|on|for|with|to|near|over|about|against|at) {_MINE}\b)"
_REFUSES = (
    r"(?:(?:do not|don'?t|would not|wouldn'?t|will not|won'?t|never|not|cannot|can'?t) (?:\w+ ){0,2}?"
    r"(?:want|wish|like|accept|consent|agree|allow|authori[sz]e|permit)"
    r"|refuse|object to|opposed to|oppose|opt(?:ing)? out (?:of|from)|(?:withdraw|withhold) (?:my |our )?consent (?:to|for)|say no to"
    r"|forbid)"
)
_WORDS = r"(?: (?!until|when|whenever|while|use|using|pay|paying|go|going|buy|buying|wait|because)[\w'-]+)"
_MUST_NOT = r"(?:(?:must|should|shall|may|do|to|would|is|are|can|ought) ?(?:not|n't|never)(?: to)?|cannot)"
_AUTOMATIC = r"(?:automated|automatic|algorithmic|ai|ai-based|machine|computeri[sz]ed|robotic)"
_MADE = r"(?:(?:automated|automatic)|(?:ai|computer|machine|chatgpt|robot|bot)(?:[- ](?:generated|written|made|drafted|produced))?)"
_LETTERS = r"(?:repl(?:y|ies)|answers?|responses?|decisions?|letters?|processing|handling)"
_GAP = r"[^.!?\n]{0,60}?"
_ENDS = r"(?:\s*(?:,\s*)?(?:please|pls|thanks|thank you|svp|s'il (?:vous|te) plait|merci)\b|\s*(?:[.!;,\n]|$))"

_IA = r"(?:ia|intelligence artificielle|chat ?-?bots?|chatgpt|modeles? de langage|llm)"
_MACHINE_FR = rf"(?:{_IA}|robots?|ordinateurs?|algorithmes?|machines?(?! a )|logiciels?|systemes? automatises?)"
_LA = r"(?:(?:une?|le|la|les|l'|d'une?|du|des|de|d'|votre|vos|aucune?|simple|vulgaire) ?){0,3}"
_HANDLES_FR = (
    r"(?:(?<!s')(?:repond\w*|repon[ds]\w*)|trait(?:e|es|ent|ee|er|ement)\w{0,2}|decid\w+|decisions?|lise|lisent|lire|lue?s?|instrui\w+"
    r"|examin\w+|redig\w+|juge\w*|tranch\w+|analys\w+)"
)
_GIVEN_FR = r"(?:confi\w+|soum\w+|transm\w+|pass\w+|donn\w+|envoy\w+|genere\w*)"
_REFUSES_FR = (
    r"(?:(?:veux|souhaite|voudrais|desire|accepte|tolere|consens|autorise|voulons|souhaitons|acceptons) (?:pas|plus|aucune?|nullement)"
    r"|refus(?:e|ons)|m'oppose|nous opposons|oppose|interdi[st]|interdisons|pas question"
    r"|donne pas mon (?:accord|consentement)|retire mon consentement)"
)
_MOTS = r"(?: (?!payer|acheter|utiliser|attendre|aller|car|parce)[\w'-]+)"
_MIEN = r"(?:me|moi|nous|ceci|cela|(?:ma|mon|mes|notre|nos|cette|ce) \w+)"
_FINI = r"(?=\s*(?:[.,;:!?)\n]|$)| (?:et|ou|mais|svp|s'il|merci)\b)"
_POUR_MOI = rf"(?= (?:dans|sur|pour|avec|a) (?:(?:[mlst]'|me |nous )?{_HANDLES_FR}|{_MIEN})\b)"
_AUTOMATIC_FR = r"(?:automatis\w{1,4}|automatiques?|algorithmiques?|robotis\w{1,4})"
_USES_FR = (
    r"(?:utilis\w+|employ\w+|recour\w+ a|faire appel a|fass?\w+ appel a|pass\w+ par|(?:vous |se )?serv\w+ de?"
    r"|l'(?:utilisation|usage|emploi) de?"
    r"|le recours a)"
)

_OBJECTIONS = Patterns(
    (
        # I do not want a computer to answer me; we object to any AI reading our letters
        (
            rf"\b{_REFUSES}\b{_WORDS}{{0,3}}? {_THE}(?:{_AI}(?: [\w']+){{0,3}}? {_HANDLES}\b"
            rf"|{_MACHINE}(?: (?:to|that|which|will|would|should|may|be|ever|just|simply|is))* {_HANDLES}"
            rf"(?: (?:to|on|about|with|for|over))?(?:{_STOPS}| {_MINE}\b))"
        ),
        # I do not consent to AI; I object to the use of AI in my case
        (
            rf"\b{_REFUSES}(?: (?:to|of|you|you to|the|any|an|a|use|using|having|your|with|that|for))* {_AI}"
            rf"(?:{_STOPS}|{_ABOUT_MINE}| being| (?:is|are|be|gets?) (?:used|involved))"
        ),
        # I refuse to have my complaint decided by software; I do not want my data fed into an LLM
        (
            rf"\b(?:{_REFUSES}|{_MUST_NOT})\b{_WORDS}{{0,6}}? (?:{_HANDLES}{_WORDS}{{0,4}}? (?:by|from) {_THE}{_MACHINE}"
            rf"|(?:{_HANDLES}|{_GIVEN}){_WORDS}{{0,4}}? (?:with|using|through|via|to|into) {_THE}{_AI})(?!\w)"
        ),
        rf"\b(?:stop|not|n't|never) {_HANDLES} {_MINE} (?:with|using|by) {_THE}robots?\b",
        # I do not want this to be processed automatically
        (
            rf"\b(?:{_REFUSES}|{_MUST_NOT})\b(?: (?:[\w']+ ){{0,3}}?{_MINE})?(?: (?:to|be|being|get|is|are|ever|you|have)){{0,3}}"
            rf" {_HANDLES}(?: (?:with|to|on|{_MINE})){{0,2}} automatically\b"
        ),
        # I object to automated processing; I do not consent to an automated decision
        (
            rf"\b{_REFUSES}\b{_WORDS}{{0,4}}? {_AUTOMATIC}"
            r"(?: (?:individual|data|decision)){0,2}[ -](?:making|processing|handling|decisions?|treatment|repl(?:y|ies)|answers?"
            r"|responses?|profiling|drafting|letters?)\b(?! (?:fees?|charges?|costs?|times?|cent(?:re|er))\b)"
        ),
        # I don't want an AI-written reply; do not send me a machine-written letter
        (
            rf"\b(?:{_REFUSES}|(?:not|n't|never|stop) (?:send|sending|give|giving|write|writing)(?: me| us)?)\b{_WORDS}{{0,3}}? "
            rf"(?:ai|computer|machine|chatgpt|robot|bot)[- ](?:generated|written|made|drafted|produced) {_LETTERS}\b"
        ),
        # AI must not be used to write the answer
        (
            rf"\b{_MACHINE} {_MUST_NOT} (?:be )?(?:(?:used|employed|allowed|involved|asked)(?: (?:to|for|in))? (?:{_HANDLES}|{_MINE})"
            rf"|{_HANDLES}(?: to)? {_MINE})\b"
        ),
        # no AI please; no automated replies; make sure no AI is used
        (
            rf"(?:(?:^|[.!?,;:\n]\s*)(?:and |so |but |with )?|\b(?:please|sure|that|rather|ensure|want|with|and) )no (?:more )?"
            rf"(?:{_MACHINE}|{_MADE}[ -]{_LETTERS})(?:{_ENDS}| (?:is |are |be )?(?:involved|used|allowed)\b"
            rf"| (?:to )?(?:{_HANDLES}|touch\w*)(?: to)? {_MINE}\b)"
        ),
        # please reply without AI; do not use chatgpt to answer me; keep AI out of this
        rf"\b{_HANDLES}(?: [\w']+){{0,5}}? without (?:using |any |an? |the (?:use|help) of )*(?:{_MACHINE}|automation)(?!\w)",
        (
            rf"\b(?:do not|don'?t|never|stop|not to|refrain from|avoid) (?:us(?:e|ing)|let(?:ting)?|hav(?:e|ing)|involv(?:e|ing)) "
            rf"(?:{_THE}{_MACHINE}(?: (?:to|for|on|be))* (?:{_HANDLES} )?{_MINE}\b|{_THE}{_AI}{_STOPS})"
        ),
        rf"\b(?:do not|don'?t|never) (?:use|let) {_THE}{_MACHINE} (?:to )?{_HANDLES}\b",
        rf"\b(?:keep|leave|take) {_THE}(?:{_AI}|robots?|computers?|algorithms?) (?:out of|away from|off) (?:all )?{_MINE}\b",
        # an answer from a human, not a machine
        (
            rf"\b(?:answer|reply|response|decision|letter|read|handled|written|answered|decided)\b{_GAP}\b"
            rf"(?:human|person|people|somebody|someone|yourselves)\b[^.!?\n]{{0,30}}?\b(?:not|instead of|rather than) (?:by "
            rf"|from |to |with )*{_THE}{_MACHINE}(?!\w)(?!,? (?:to|which) )"
        ),
        rf"\b(?:human|person|yourselves)(?: being)? to {_HANDLES}{_GAP}\b(?:not|and not|rather than) {_THE}{_MACHINE}(?!\w)",
        # the articles that give the right
        (
            r"\b(?:article|art\.?) ?22\b[^\n]{0,80}?\b(?:gdpr|rgpd|data protection|protection des donnees)\b"
            r"|\b(?:gdpr|rgpd|data protection act)\b[^\n]{0,60}?\b(?:article|art\.?) ?22\b"
        ),
        r"\bl\.? ?311-3-1\b",
        r"\bl311-3-1\b",
        r"\bnot to be (?:subject|subjected) to (?:an? |any )?(?:\w+ ){0,5}?(?:automated|automatic|algorithmic)\b",
        (
            r"\b(?:request|demand|want|ask for|require|insist on|right to|obtain|entitled to) (?:an? |the )?human"
            r" (?:review|intervention|decision|oversight)\b"
        ),
        # je ne veux pas qu'un ordinateur me réponde; je refuse qu'une IA lise ma lettre
        (rf"\b{_REFUSES_FR}\b{_MOTS}{{0,4}}? {_LA}{_MACHINE_FR}(?: [\w']+){{0,4}}? (?:[mlst]')?{_HANDLES_FR}\b"),
        # je ne consens pas à l'utilisation de l'IA; je vous interdis d'utiliser une IA
        (
            rf"\b(?:{_REFUSES_FR}|ne (?:pas|jamais|plus))(?: (?:a|de|que vous|qu'on|que l'on))?(?: d'| )(?:{_USES_FR} ?)?"
            rf"{_LA}{_IA}(?:{_FINI}|{_POUR_MOI})"
        ),
        # merci de ne pas utiliser un robot pour me répondre
        rf"\b(?:{_REFUSES_FR}|ne (?:pas|jamais|plus))(?: (?:a|de|que vous|qu'on))?(?: d'| ){_USES_FR} ?{_LA}{_MACHINE_FR}{_POUR_MOI}",
        # je refuse que ma demande soit traitée par une IA; merci de ne pas confier ma lettre à un robot; ne doit pas être lue par
        (
            rf"\b(?:{_REFUSES_FR}|ne (?:pas|jamais)|(?:doi(?:t|vent)|devra|peut|peuvent|saurait|sera|soit) (?:pas|jamais|plus))\b"
            rf"{_MOTS}{{0,5}}?[ '](?:{_HANDLES_FR}|{_GIVEN_FR}){_MOTS}{{0,4}}? (?:par |avec |d'|de |a )"
            rf"{_LA}{_MACHINE_FR}(?!\w)"
        ),
        # je refuse le traitement automatisé de ma demande; je m'oppose à toute décision automatisée
        (
            rf"\b(?:{_REFUSES_FR}|opposition|droit d'opposition)\b(?: [\w']+){{0,4}}? (?:[dl]')?"
            r"(?:traitement|decision|reponse|profilage|instruction|tri)s?"
            r"(?: (?:de (?:mes |ma |mon )?(?:donnees|demande|dossier|courrier)|personnelles|entierement"
            r"|exclusivement|purement|uniquement"
            rf"|individuelle|totalement)){{0,3}} {_AUTOMATIC_FR}\b"
        ),
        # je ne veux pas qu'on me réponde automatiquement
        rf"\b(?:{_REFUSES_FR}|ne (?:pas|jamais)|doi(?:t|vent) pas)\b{_MOTS}{{0,5}}?[ ']{_HANDLES_FR}(?: \w+){{0,2}}? automatiquement\b",
        # pas d'IA svp; pas de réponse automatique, merci; pas de robot pour traiter mon dossier
        (
            rf"(?:^|[.!?,;:\n]\s*)(?:et |alors |donc |surtout |merci, )?(?:pas|non|aucune?) (?:d'|de |a l'|a |par une? "
            rf"|une? )?(?:{_MACHINE_FR}|(?:reponse|decision|traitement)s? {_AUTOMATIC_FR})(?:{_ENDS}"
            rf"|{_POUR_MOI}| ne (?:doit|peut|devra|saurait) (?:[\w']+ )?{_HANDLES_FR}\b)"
        ),
        # l'IA n'a pas à lire mes courriers
        (
            rf"\b{_MACHINE_FR} (?:n'(?:a|ont) pas (?:a|le droit de)|ne (?:doi(?:t|vent)|peu(?:t|vent)) (?:pas|jamais|plus)) "
            rf"(?:[\w']+ ){{0,2}}?{_HANDLES_FR}\b"
        ),
        # répondez-moi sans IA; sans passer par une IA; n'utilisez pas d'IA pour me répondre
        (
            rf"\b(?:{_HANDLES_FR}[- ](?:[\w']+ ){{0,5}}?sans (?:{_USES_FR} ?|l'aide d')?{_LA}{_MACHINE_FR}"
            rf"|sans {_USES_FR} ?{_LA}{_IA})(?!\w)"
        ),
        (
            rf"\b(?:utilis\w+|employ\w+|laiss\w+|recour\w+) (?:pas|jamais|plus|aucune?) (?:a )?{_LA}{_MACHINE_FR}"
            rf"(?: [\w']+){{0,3}}? (?:[mlst]')?"
            rf"(?:{_HANDLES_FR}|(?:pour )?(?:ma|mon|mes) )"
        ),
        # un humain, pas une machine
        (
            rf"\b(?:reponse|repon\w+|decision|courrier|lu|lue|traite\w*|decide\w*)\b{_GAP}\b(?:humain\w?|personne|agent|quelqu'un)\b"
            rf"[^.!?\n]{{0,30}}?\b(?:pas|et non|plutot que|non) (?:par |d'|a )?{_LA}{_MACHINE_FR}(?!\w)"
        ),
        (
            r"\b(?:demande|exige|veux|souhaite|reclame|droit a|obtenir|beneficier d')(?: |\b)(?:une? |l'|d'une? )?"
            r"(?:intervention|decision|relecture|verification|reexamen|examen) humaine?\b"
        ),
    )
)

_NAMES = (
    "ia artificial artificielle bot bots chat chatbot chatbots chatgpt gpt llm llms computer computers computerised "
    "computerized machine machines software ordinateur ordinateurs logiciel logiciels language langage gdpr rgpd protection "
    "human humain humaine 311 l311 "
)
_NAMED = frozenset(_NAMES.split())
_BEGINNINGS = ("automat", "robot", "algorithm")
_AI_OF_NO_VERB = re.compile(r"(?<!')(?<!vous )(?<!nous )\bai\b")  # j'ai, je vous ai
"""What every objection names."""

_LOOSE = re.compile(r"\s[\s>]*|\b([ai])\.([ai])\b\.?")
"""What stands between words, however a mail program has broken and quoted the lines; and A.I., whose full stops end no sentence."""


def objections(text: Text) -> Iterator[Found]:
    """Where each kind of objection is first written."""
    abbreviated = "a.i" in text.folded or "i.a" in text.folded
    if not abbreviated and not _names_a_machine(text):
        return
    # A line that ends may also be a sentence that ends: both readings count.
    joined = Text(_LOOSE.sub(_joined, text.folded))
    for pattern in _OBJECTIONS.worth_trying(joined, text):
        if match := pattern.search(joined.folded):
            yield Found("wants_a_person", _place(text.folded, match.start()), _place(text.folded, match.end()))
        elif match := pattern.search(text.folded):
            yield Found("wants_a_person", match.start(), match.end())


def _names_a_machine(text: Text) -> bool:
    return (
        not _NAMED.isdisjoint(text.words)
        or (any(beginning in text.folded for beginning in _BEGINNINGS) and any(word.startswith(_BEGINNINGS) for word in text.words))
        or ("ai" in text.words and bool(_AI_OF_NO_VERB.search(text.folded)))
    )


def _joined(match: re.Match[str]) -> str:
    if match[1]:
        return match[1] + match[2]
    return " " if match[0].count("\n") < 2 else "\n"  # noqa: PLR2004 - a blank line


def _place(folded: str, place: int) -> int:
    """Where a place in the joined text stands in the text itself."""
    for match in _LOOSE.finditer(folded):
        # `place` is moved on by what each gap before it has lost.
        if place < match.start() + len(_joined(match)):
            break
        place += len(match[0]) - len(_joined(match))
    return place
