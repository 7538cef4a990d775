"""Detects objections to automated handling: `I do not want a computer to answer me`, `je refuse le traitement automatisé`.

A sentence must refuse, and refuse that a machine handles, answers or decides: who complains of a ticket machine objects to nothing.
"""

from collections.abc import Iterator

from services.triage.signals.wording_matcher import Cued, Found, Text

_MACHINE = (
    r"(?:a\.?i\b\.?|artificial intelligence|chat ?-?bots?|bots?|chatgpt|gpt|robots?|computers?|algorithms?|language models?|llms?"
    r"|(?<!answering )(?<!ticket )(?<!parking )(?<!washing )(?<!coffee )(?<!vending )machines?"
    r"|automated (?:systems?|process(?:es)?|means|tools?)|software|computer programs?)"
)
_HANDLES = (
    r"(?:answer\w*|repl(?:y|ies|ied|ying)|respon[ds]\w*|decid\w+|decisions?|handl\w+|process\w*|dealing|deals?|dealt|treat\w*|judg\w+"
    r"|assess\w*|read(?:ing|s)?|writ(?:e|es|ing|ten)|draft\w*|review\w*|examin\w+|triag\w+)"
)
_MACHINE_FR = (
    r"(?:l'ia\b|d'ia\b|ia\b|i\.a\.?|intelligence artificielle|chat ?-?bots?|robots?|chatgpt|ordinateurs?|algorithmes?"
    r"|(?:une|par|de) machines?(?! a )|logiciels?|systemes? automatises?|modeles? de langage)"
)
_HANDLES_FR = (
    r"(?:(?<!s')(?:repond\w*|repon[ds]\w*)|trait(?:e|es|ent|ee|er|ement)\w{0,2}|decid\w+|decisions?|lise|lisent|lire|lue?s?|instrui\w+"
    r"|examin\w+|redig\w+|juge\w*|tranch\w+)"
)
_REFUSES = (
    r"(?:do not|don'?t|would not|wouldn'?t|will not|won'?t|never|not) (?:\w+ ){0,2}?"
    r"(?:want|wish|like|accept|consent|agree|allow|authori[sz]e)"
    r"|refuse|object to|opposed to|oppose"
)
_REFUSES_FR = (
    r"(?:veux|souhaite|voudrais|desire|accepte|tolere|consens|autorise|voulons|souhaitons|acceptons) (?:pas|plus)"
    r"|refus(?:e|ons)|m'oppose|nous opposons|oppose"
)
_AUTOMATIC = r"(?:automated|automatic|algorithmic|ai|ai-based|machine|computeri[sz]ed|robotic)"
_AUTOMATIC_FR = r"(?:automatis\w{1,4}|automatiques?|algorithmiques?|robotis\w{1,4})"
_GAP = r"[^.!?\n]{0,60}?"
_ENDS = r"(?:\s*(?:,\s*)?(?:please|pls|thanks|thank you|svp|s'il (?:vous|te) plait|merci)\b|\s*(?:[.!;\n]|$))"
_CUES = "ai artificial chat bot bots chatgpt gpt robot robots computer algorithm language llm llms machine automated software "
_CUES_FR = "ia intelligence chat robot ordinateur algorithme machine machines logiciel automatise systeme modele langage "

_OBJECTIONS = Cued(
    (
        # I do not want a computer to answer me; we object to any AI reading our letters
        (_CUES, rf"\b(?:{_REFUSES})\b{_GAP}\b{_MACHINE}(?:\s[\w']+){{0,3}}?\s{_HANDLES}\b"),
        # I object to automated processing; I do not consent to an automated decision
        (
            "automated automatic algorithmic ai machine computerised computerized robotic",
            (
                rf"\b(?:{_REFUSES}|opt(?:ing)? out (?:of|from)|withdraw my consent (?:to|for))\b(?: [\w']+){{0,4}}? {_AUTOMATIC}"
                r"(?: (?:individual|data|decision)){0,2}[ -](?:making|processing|handling|decisions?|treatment|repl(?:y|ies)|answers?"
                r"|responses?|profiling|drafting|letters?)\b"
            ),
        ),
        # my request must not be handled by an algorithm; I do not want to be answered by a bot
        (
            _CUES,
            (
                rf"\b(?:must|should|shall|may|do|to|would) ?(?:not|n't|never)\b{_GAP}\b{_HANDLES}(?: [\w']+){{0,4}}? "
                rf"(?:by|from|with|using|through) (?:an? |the |your |any |some )?(?:\w+ )?{_MACHINE}(?!\w)"
            ),
        ),
        # no AI please; no automated replies
        (
            _CUES,
            (
                rf"(?:^|[.!?,;:\n]\s*)(?:and |so |but |with )?no (?:more )?(?:{_MACHINE}"
                rf"|(?:automated|automatic|computer|ai)(?:[- ]generated)?[ -](?:repl(?:y|ies)|answers?|responses?"
                rf"|decisions?|processing|handling))"
                rf"{_ENDS}"
            ),
        ),
        # please reply without AI; do not use chatgpt to answer me
        (_CUES, rf"\b{_HANDLES}(?: [\w']+){{0,5}}? without (?:using |any |an? |the (?:use|help) of )*(?:{_MACHINE}|automation)(?!\w)"),
        (
            _CUES,
            (
                rf"\b(?:do not|don'?t|never|stop) (?:us(?:e|ing)|let(?:ting)?) (?:an? |any |your |the )?{_MACHINE}(?: [\w']+){{0,3}}? "
                rf"(?:{_HANDLES}|my (?:letter|request|message|case|file|data))\b"
            ),
        ),
        # an answer from a human, not a machine
        (
            _CUES,
            (
                rf"\b(?:answer|reply|response|decision|letter|read|handled|written|answered|decided)\b{_GAP}\b"
                rf"(?:human|person|people|somebody|someone)\b[^.!?\n]{{0,30}}?\b(?:not|instead of|rather than) (?:by "
                rf"|from |to |an? |the |your |some )*{_MACHINE}(?!\w)"
            ),
        ),
        # the articles that give the right
        (
            "gdpr rgpd data protection 22",
            (
                r"\b(?:article|art\.?) ?22\b[^\n]{0,80}?\b(?:gdpr|rgpd|data protection|protection des donnees)\b"
                r"|\b(?:gdpr|rgpd|data protection act)\b[^\n]{0,60}?\b(?:article|art\.?) ?22\b"
            ),
        ),
        ("311", r"\bl\.? ?311-3-1\b"),
        ("l311", r"\bl311-3-1\b"),
        ("subject", r"\bnot to be (?:subject|subjected) to (?:an? |any )?(?:\w+ ){0,5}?(?:automated|automatic|algorithmic)\b"),
        (
            "human",
            (
                r"\b(?:request|demand|want|ask for|require|insist on|right to|obtain|entitled to) (?:an? |the )?human"
                r" (?:review|intervention|decision|oversight)\b"
            ),
        ),
        # je ne veux pas qu'un ordinateur me réponde; je refuse qu'une IA lise ma lettre
        (_CUES_FR, rf"\b(?:{_REFUSES_FR})\b{_GAP}\b{_MACHINE_FR}(?:\s[\w']+){{0,4}}?\s(?:[mlst]')?{_HANDLES_FR}\b"),
        # je ne veux pas d'une réponse d'un robot; je refuse que ma demande soit traitée par une IA
        (
            _CUES_FR,
            (
                rf"\b(?:{_REFUSES_FR})\b{_GAP}\b{_HANDLES_FR}(?: [\w']+){{0,3}}? "
                rf"(?:par |de |avec |d')(?:une? |l'|votre |vos |des |la )*{_MACHINE_FR}(?!\w)"
            ),
        ),
        # je refuse le traitement automatisé de ma demande; je m'oppose à toute décision automatisée
        (
            "automatise automatisee automatique algorithmique robotise",
            (
                rf"\b(?:{_REFUSES_FR}|opposition|droit d'opposition|consens pas)\b(?: [\w']+){{0,4}}? (?:[dl]')?"
                r"(?:traitement|decision|reponse|profilage|instruction|tri)s?"
                r"(?: (?:de (?:mes |ma |mon )?(?:donnees|demande|dossier|courrier)|personnelles|entierement"
                r"|exclusivement|purement|uniquement"
                rf"|individuelle|totalement)){{0,3}} {_AUTOMATIC_FR}\b"
            ),
        ),
        # pas d'IA svp; pas de réponse automatique, merci
        (
            _CUES_FR + "automatique automatiques automatisee reponse reponses",
            (
                rf"(?:^|[.!?,;:\n]\s*)(?:et |alors |donc |surtout )?(?:pas|non|aucune?) (?:d'|de |a l'|a |par une? "
                rf"|une? )?(?:{_MACHINE_FR}|robots?"
                rf"|(?:reponse|decision|traitement)s? {_AUTOMATIC_FR}){_ENDS}"
            ),
        ),
        # répondez-moi sans IA; n'utilisez pas d'IA pour me répondre
        (
            _CUES_FR,
            (
                rf"\b{_HANDLES_FR}[- ](?:[\w']+ ){{0,5}}?sans (?:utiliser |recourir a |l'aide d')?(?:une? |l'|d'"
                rf"|aucune? )*{_MACHINE_FR}(?!\w)"
            ),
        ),
        (
            _CUES_FR,
            (
                rf"\b(?:utilis\w+|employ\w+|laiss\w+) (?:pas|jamais|plus) (?:d'|de |une? |l'|la "
                rf"|votre )?{_MACHINE_FR}(?: [\w']+){{0,3}}? (?:[mlst]')?"
                rf"(?:{_HANDLES_FR}|(?:pour )?(?:ma|mon|mes) )"
            ),
        ),
        # un humain, pas une machine
        (
            _CUES_FR,
            (
                rf"\b(?:reponse|repon\w+|decision|courrier|lu|lue|traite\w*|decide\w*)\b{_GAP}\b(?:humain\w?|personne|agent|quelqu'un)\b"
                rf"[^.!?\n]{{0,30}}?\b(?:pas|et non|plutot que|non) (?:par |d'|a )?(?:une? |l'|la |des "
                rf"|votre )*(?:{_MACHINE_FR}|machine)(?!\w)"
            ),
        ),
        (
            "humain humaine",
            (
                r"\b(?:demande|exige|veux|souhaite|reclame|droit a|obtenir|beneficier d')(?: |\b)(?:une? |l'|d'une? )?"
                r"(?:intervention|decision|relecture|verification|reexamen|examen) humaine?\b"
            ),
        ),
    )
)


def objections(text: Text) -> Iterator[Found]:
    """Where each kind of objection is first written."""
    for pattern in _OBJECTIONS.worth_trying(text):
        if match := pattern.search(text.folded):
            yield Found("wants_a_person", match.start(), match.end())
