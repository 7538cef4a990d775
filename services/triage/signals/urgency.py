"""Decides the urgency of a request: by its signals, by words of hardship, and never lower than a signal demands."""

import re
from collections.abc import Sequence

from schemas.requests_triaged import Signal
from schemas.values import Urgency
from services.domain.danger_levels import is_emergency
from services.domain.phrases import Phrase
from services.triage.signals.automatic_replies import announcement
from services.triage.signals.detection import Reading
from services.triage.signals.reported_harm import harm_at_hazard
from services.triage.signals.wording_matcher import Patterns, Text, Wording, fold, near

_LONGEST_QUOTE = 80

_HOME = Phrase("losing the home")
_UTILITIES = Phrase("no heating, water or power")
_HUNGER = Phrase("no money for food or medicine")
_HAZARD = Phrase("somebody could be hurt")
_HARMED = Phrase("somebody came to harm, or nearly, where it may happen again")
_WATER = Phrase("water that may not be safe to drink")
_DESPAIR = Phrase("cannot cope any more")

_LISTS = {
    "WITHOUT": "no without cut off disconnect* lost coupe* coupure panne sans plus prive* broken packed gone since pas",
    "SUPPLY": "heating electricity power chauffage electricite courant boiler chaudiere",
    "PEOPLE": (
        "someone somebody people child children kid kids cyclist cyclists pedestrian pedestrians elderly pram wheelchair "
        "quelqu gens enfant enfants gamins cycliste "
        "cyclistes pietons pieton personnes personne agees poussette i je"
    ),
    "HURT": (
        "hurt injured killed hit run fall falls tripped slip slipped accident die blesser tomber renverser accident "
        "chute chuter tuer blesse"
    ),
    "COULD": "could going will might ll nearly almost about waiting before va vont failli risque risquent peut pourrait avant",
    "ASKS": (
        "please can could when how broken refund complaint problem still but however until never fix repair pouvez "
        "pourriez comment quand probleme panne casse cassee reclamation mais toujours remboursement combien svp stp "
        "urgent help aide jamais worse again aber noch leider trotzdem hilfe dringend bitte pero todavia aun sigue ayuda urgente "
        "maar helaas nog help steeds ancora pero' aiuto purtroppo"
    ),
    "TAP": "tap taps water robinet robinets eau",
    "UNCLEAN": (
        "brown yellow orange rusty rust black green cloudy murky dirty muddy contaminated discoloured smells smelling stinks taste tastes "
        "worms bacteria chemical marron jaune rouille noire verte trouble sale boueuse contaminee sent pue gout odeur"
    ),
    "DRINKS": "drink drinks drinking drank drunk bottle bottles formula milk boire boit bu buvons biberon biberons lait potable",
    "NEEDS": (
        "food medicine medicines medication insulin nappies diapers formula "
        "manger nourrir nourriture medicament medicaments insuline couches lait"
    ),
    "CANNOT": "no not t cannot nothing without hardly barely unable never little struggl*",
    "PAYS": "afford money pay cash",
    "FRAIL": (
        "baby babies newborn toddler children child kids pregnant disabled wheelchair asthma asthmatic cancer premature "
        "elderly bebe bebes nourrisson enfants enfant enceinte "
        "handicap* fauteuil asthme asthmatique malade premature agee agees"
    ),
}

_NO_WANT = (
    "picnic|dogs|chiens|canteen|cantine|toxic|waste|caddy|bin|bins|recycling|hygiene|allowed|stall*|truck*|van|market|date|allerg*|"
    "volunteer*|benevol*|donat*|charity|dons|association|organisation|delai|delais|choix|choice|tax|taxe"
)
"""What is spoken of near such words where nobody lacks anything."""

_HARDSHIP = Wording(
    (
        near(_HOME, "evicted|eviction|expulse*|expulsion|bailiff*|huissier*", 0, unless="stopped"),
        near(
            _HOME,
            "homeless|streets|dehors|rue be|going|tonight|with|we|i|dors|dormons|dormir|suis|sommes|retrouve*",
            4,
            unless="lamp|lampadaire|for|pour|helping|association|charity|shelter",
        ),
        near(
            _HOME, "sleep*|living|live|dors|dormir|dormons|vis|vivons car|voiture|rough|outside|dehors|rue", 5, unless="next|near|opposite"
        ),
        near(_HOME, "nowhere|nulle live|sleep|go|stay|part", 3, ordered=True, unless="park"),
        near(_HOME, "thrown|kicked|mis|mise out|porte", 3, ordered=True),
        near(_UTILITIES, "WITHOUT SUPPLY FRAIL", 14, negatable=False),
        near(
            _UTILITIES,
            "WITHOUT chauffage|heating jours|days|week|weeks|semaine|semaines|degrees|degres|hiver|winter|froid|cold|freezing",
            12,
            negatable=False,
        ),
        near(
            _UTILITIES,
            "no|without|sans|plus|pas|coupe* water|eau|electricity|electricite|courant|power",
            3,
            negatable=False,
            unless="bill|bills|facture|meter|compteur|pressure|pression|hot-tub|park|public|fountain|fontaine",
        ),
        near(
            _UTILITIES,
            "disconnect*|cut|coupure|couper|coupez electricity|gas|water|power|supply|electricite|gaz|eau|courant|tomorrow|off|demain",
            6,
            unless="grass|tree|trees|hedge|arbre",
        ),
        # Both the thing and words that say that it is lacking for want of money or of itself: "food ... not as good" is neither.
        near(_HUNGER, "no|without|sans|rien NEEDS", 2, ordered=True, negatable=False, unless=_NO_WANT),
        near(_HUNGER, "nothing|rien eat|manger|food|nourrir", 5, ordered=True, negatable=False, unless=_NO_WANT),
        near(_HUNGER, "without|sans my|his|her|our|their|mon|ma|mes|ses|leurs NEEDS", 5, ordered=True, negatable=False, unless=_NO_WANT),
        near(_HUNGER, "donne|donnent pas|rien|plus manger", 4, ordered=True, negatable=False, unless=_NO_WANT),
        near(_HUNGER, "CANNOT PAYS NEEDS|eat", 6, negatable=False, unless=_NO_WANT),
        near(_HUNGER, "can t|not buy NEEDS", 6, ordered=True, negatable=False, unless=_NO_WANT),
        near(_HUNGER, "cannot|unable buy NEEDS", 6, ordered=True, negatable=False, unless=_NO_WANT),
        near(_HUNGER, "CANNOT enough eat", 6, negatable=False, unless=_NO_WANT),
        near(_HUNGER, "feed|feeding CANNOT family|families|child|children|kids|baby|son|daughter|ourselves|myself", 5, negatable=False),
        near(_HUNGER, "run|ran|runs|running|are|am|m|is|we out of NEEDS", 5, ordered=True, negatable=False, unless=_NO_WANT),
        near(_HUNGER, "ai|avons|ont|reste pas|plus de|d|mes|ses|nos|a NEEDS", 5, ordered=True, negatable=False, unless=_NO_WANT),
        near(_HUNGER, "plus|pas|rien|sans|ni quoi|argent|moyens|sou|euro|euros|assez NEEDS", 7, negatable=False, unless=_NO_WANT),
        near(
            _HUNGER,
            "peux|peut|pouvons|arrive|arrivons|arrivent plus|pas NEEDS|nourrir|acheter manger|NEEDS|enfants|famille|bebe",
            7,
            ordered=True,
            negatable=False,
            unless=_NO_WANT,
        ),
        near(_WATER, "TAP UNCLEAN FRAIL", 20, negatable=False, unless="pool|piscine|fountain|fontaine|river|riviere|lake|lac"),
        near(_WATER, "TAP UNCLEAN DRINKS", 20, negatable=False, unless="pool|piscine|fountain|fontaine|river|riviere|lake|lac"),
        near(_HUNGER, "starving|hungry|faim|affame*", 0, unless="money|artists|strike|greve|coupe|laisse|laissee|reste|dogs|chiens"),
        near(_HUNGER, "food|banque bank|alimentaire", 1, ordered=True, unless=_NO_WANT),
        near(_HAZARD, "COULD HURT PEOPLE", 9, negatable=False, unless="asleep|love"),
        near(_HAZARD, "dangerous|dangerously|dangereux|dangereuse|dangereusement|hazard*|danger", 0),
        near(_HAZARD, "accident waiting|grave|happen", 3),
        near(_DESPAIR, "desperate|desespere*|detresse|begging|supplie|despair", 0),
        near(_DESPAIR, "wits|tether|breaking|cope|bout|peux end|point|can|cannot|rouleau|forces|plus-en|nerfs", 4, negatable=False),
        near(_DESPAIR, "en peux plus", 3, ordered=True, negatable=False),
    ),
    _LISTS,
)
_ASKS = frozenset(_LISTS["ASKS"].split())
_FRAIL = frozenset(word for word in _LISTS["FRAIL"].split() if not word.endswith("*"))

_THANKS = Patterns(
    (
        r"\b(?:thank you|thanks)\b(?: so much| very much| a lot)? (?:for|to)\b|\bmany thanks to\b|\ba big thank",
        (
            r"\bwell done\b|\b(?:great|good) (?:job|work)\b|\bcongratulations\b|\bkeep (?:it )?up\b|\bcompliments? to\b|"
            r"\bhats off\b|\bjust wanted to (?:say thank|thank)"
        ),
        (
            r"\bmerci (?:beaucoup |infiniment |encore |mille fois )?(?:pour|a (?:toute?|l'|vos|votre|la|tous)|aux?|d'avoir)\b|"
            r"\bbravo\b|\bfelicitations\b|\bchapeau\b|\btenais a (?:vous )?(?:remercier|feliciter)|\bun grand merci|\brien a "
            r"redire"
        ),
    )
)
_NOT_TO_DO = r"(?! (?:de|d')\b(?! ?(?:votre|vos|cette|cet|ce|la|les?|tout|(?:m'|nous )?avoir)\b))"
"""`Merci de rappeler` asks for something, `merci de votre appel` does not."""
_BEGINS_WITH_THANKS = re.compile(
    r"\W{0,40}+(?:(?:dear|hello|hi|bonjour|chere?s?|hallo|guten tag|lieber?|sehr geehrter?|beste|geachte|hola|buenos dias|estimad[oa]s?"
    r"|ciao|buongiorno|gentile|good (?:morning|afternoon|evening))\b[^\n,!]{0,60}[\n,!]\W{0,40}+)?"
    r"(?:[^\W\d_]{1,20}[ ',]{1,3}){0,8}?"
    r"(?:thank you|thanks|thankyou|thx|cheers|merci" + _NOT_TO_DO + r"|remerci\w{1,6}" + _NOT_TO_DO + r"|(?:be)?dank(?:e|en|t|sch\w{1,4}|)"
    r"|gracias|agradez\w{2,6}|grazie|ringrazi\w{1,4}|obrigad[oa]|dziekuj[eę]|dziękuj[eę]|tack|(?<!be )grateful|much appreciated)\b"
    r"(?! in advance| d'avance| par avance| im voraus| por adelantado| de antemano| in anticipo| alvast| for nothing| anyway)"
)
"""On the folded text: thanks in the first sentence, behind a greeting and a few words such as `noted` or `fantastic service`."""
_NOT_ASKED_FOR = re.compile(
    r"\b(?:thanks|thank you|merci|danke?|grazie|gracias) (?:once )?(?:again|encore|nochmals?|ancora)\b"
    r"|\b(?:encore|nochmals?) (?:merci|danke)\b"
    r"|\b(?:for|pour|fur|voor|por|per|pel[ao])(?: [^\W\d_]{1,20}){0,5}? (?:[^\W\d_]{1,3}')?(?:help|aide|hilfe|ayuda|aiuto|hulp|ajuda)\b"
    r"|\b(?:problem|probleme|problema|issue)s? (?:is |are |has been |est |ist |es |e |esta )?(?:now |maintenant |jetzt )?"
    r"(?:solved|sorted|settled|fixed|resolved|gone|reglee?|resolue?|gelost|behoben|erledigt|opgelost|resuelto|solucionado|risolto)\b"
)
"""Help that was had and problems that are solved, as thanks name them."""
_GOES_ON_LIST = (
    "back yet nobody nothing waiting wait waits smell smells smelling not again weer wieder nochmal immer terug opnieuw niemand warte "
    "warten riecht ruikt stinkt revenu revenue revient recommence recommencent attend attends attendons personne sent tornato tornata"
    " torna vuelto vuelta vuelve otra nadie nessuno huele huelen puzza nuevo nouveau"
)
_GOES_ON = frozenset(_GOES_ON_LIST.split())
"""What says that it is not over, though it begins with thanks."""
_SHORT = 40
"""Words of an answer to us that begins with thanks: a longer one goes on to something else."""
_OPINIONS = Patterns(
    (
        r"\bin my (?:humble )?(?:opinion|view)\b|\bi (?:just )?(?:think|feel|believe) (?:that )?(?:the|we|it|you|our|there)\b",
        (
            r"\bsuggestion\b|\bit would be (?:nice|great|good|lovely)\b|\bjust an idea\b|\bidea for\b|\bhave you considered\b|"
            r"\byou should\b"
        ),
        r"\ba mon avis\b|\bje (?:pense|trouve|crois) que\b",
        r"\b(?:ce|il) serait (?:bien|sympa|bon|chouette|agreable)\b|\bune idee\b|\bvous devriez\b|\bproposition\b",
    )
)


def urgency(signals: Sequence[Signal], reading: Reading) -> tuple[Urgency, list[str]]:
    """The urgency and why, in words for a caseworker. The gravest reason decides; all of its rank are named."""
    harms = [signal for signal in signals if signal.kind == "risk_of_harm"]
    if any(is_emergency(signal.certainty) for signal in harms):
        return Urgency.EMERGENCY, [Phrase(f"danger to life or health: {_quoted(signal.words)}") for signal in harms]
    kinds = {signal.kind for signal in signals}
    automatic = "automatic_reply" in kinds
    reasons: list[str] = [Phrase(f"perhaps danger to life or health: {_quoted(signal.words)}") for signal in harms]
    reasons += [Phrase(f"legal deadline: {_quoted(signal.words)}") for signal in signals if signal.kind == "legal_deadline"]
    thanks = reading.calm or _thanks_only(reading.new)
    if not automatic and not reading.calm and harm_at_hazard(reading.literal):
        reasons.append(_HARMED)
    if not automatic and (not thanks or reading.plain is not reading.new):
        reasons += _hardship(reading.literal)
    if reasons:
        return Urgency.HIGH, reasons
    calm = Phrase("automatic reply") if automatic else _calm(reading.new, thanks=thanks)
    return (Urgency.LOW, [calm]) if calm and (automatic or "wants_a_person" not in kinds) else (Urgency.NORMAL, [])


def _calm(plain: Text, *, thanks: bool) -> str | None:
    """Why nobody waits for an answer."""
    if thanks:
        return Phrase("thanks, asks for nothing")
    return Phrase("opinion or suggestion") if _says(_OPINIONS, plain) and not _asks(plain) else None


def _hardship(literal: Text) -> list[str]:
    reasons = list(dict.fromkeys(match.about for match in _HARDSHIP.find(literal)))
    if reasons and not literal.words.isdisjoint(_FRAIL):
        reasons.append(Phrase("a child or a frail person is concerned"))
    return reasons


def is_calm(new: str) -> bool:
    """Whether the new words give thanks and ask for nothing, or are a mail program's: then what had an answer before is not read again."""
    if announcement(Text(fold(new)), "perhaps a machine"):
        return True
    plain = Text(_NOT_ASKED_FOR.sub(" ; ", fold(new)))
    thanks = len(plain.tokens) <= _SHORT and _BEGINS_WITH_THANKS.match(fold(new)) is not None
    return (thanks or _says(_THANKS, plain)) and not _asks(plain) and plain.words.isdisjoint(_GOES_ON)


def _thanks_only(plain: Text) -> bool:
    return _says(_THANKS, plain) and not _asks(plain)


def _asks(plain: Text) -> bool:
    return "?" in plain.words or not plain.words.isdisjoint(_ASKS)


def _says(phrases: Patterns, plain: Text) -> bool:
    return any(pattern.search(plain.folded) for pattern in phrases.worth_trying(plain))


def _quoted(words: str) -> str:
    shortened = words if len(words) <= _LONGEST_QUOTE else words[: _LONGEST_QUOTE - 1].rsplit(" ", 1)[0] + "…"
    return f"“{shortened}”"
