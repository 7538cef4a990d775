"""Detects what marks a case in the queue: danger, a legal deadline, a wish for a person or against automation, an automatic reply.

A signal never drops or delays a case: where a phrase may be either, it is shown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Literal, Self, get_args

from schemas.requests_triaged import Signal
from services.triage.signals.automatic_replies import SentBy, announcement
from services.triage.signals.danger_certainty import DOUBT_FROM, DOUBT_OF_WORDS_FROM, SURE_FROM, certainty_of, doubt_of
from services.triage.signals.danger_phrases import dangers, perhaps, plainly
from services.triage.signals.danger_score import Scored, alarms, scored
from services.triage.signals.idioms import without_idioms
from services.triage.signals.objections import objections
from services.triage.signals.wording_matcher import Found, Text, Wording, fold, near

Kind = Literal["legal_deadline", "wants_a_person", "automatic_reply"]

LONGEST_EXCERPT = 200
_LOOKED_AT = 200
"""Places of danger looked at in one message: more are told as a story, or are an attack on our patience."""

_LISTS = {
    "APPEAL": (
        "appeal appealing appeals contest contesting challenge challenging object objecting objection respond reply "
        "review reconsideration recours contester contestation opposition"
    ),
    "LIMIT": (
        "deadline limit days day weeks month until monday tuesday wednesday thursday friday tomorrow expires expire "
        "lapses runs out ends before last late passed "
        "delai jours jour semaines mois jusqu lundi mardi mercredi jeudi vendredi demain expire avant limite dernier depasse butoir"
    ),
    "DECISION": (
        "decision penalty fine refusal permit assessment notice planning tribunal court assessment ruling judgment order "
        "charge ticket refused formal lose right rights "
        "decision amende refus permis jugement arrete tribunal droits droit impot taxe avis notification"
    ),
    "SPEAK": (
        "speak talk talking speaking discuss chat deal reach parler discuter echanger entretenir entretien joindre "
        "contact rencontrer voir affaire asseoir contacter"
    ),
    "STAFF": (
        "person human someone somebody anyone anybody agent adviser advisor caseworker staff manager supervisor officer "
        "operator employee people officer representative "
        "personne humain quelqu conseiller conseillere agent responsable interlocuteur operateur employe gestionnaire "
        "superieur chef assistante"
    ),
    "MACHINE": (
        "bot bots chatbot chatbots robot robots machine machines automatic automated automatique automatiques repondeur "
        "computer voicemail menu"
    ),
    "ENOUGH": "enough stop fed sick tired not hate every instead rather than assez marre ras stop chaque plutot pas toujours jamais",
    "WANT": "need want enough i please me give get besoin veux voudrais passez souhaite prefere je moi donnez",
    "CALL": "call ring phone telephone rappel* rapel* telephon* appel* recontact* contact*",
}

_RULES = (
    near(
        "legal_deadline",
        "APPEAL LIMIT DECISION",
        12,
        unless="competition|concours|contest-photo|charity|library|bibliotheque|book|cake|email|mail",
    ),
    near(
        "legal_deadline",
        "deadline|limit|delai|until|jusqu appeal|object|contest|contester|challenge|recours|respond-by|opposition",
        8,
        unless="competition|concours|cake",
    ),
    near(
        "legal_deadline",
        (
            "lodge|file|lodging|filing|submit|former|forme|deposer|depose|exercer|introduire|request appeal|recours|"
            "reconsideration|opposition|objection"
        ),
        6,
    ),
    near(
        "legal_deadline",
        "mandatory|judicial|statutory|formal reconsideration|review|period|notice|deadline|time|appeal|limit",
        3,
        unless="coat|dress",
    ),
    near(
        "legal_deadline",
        "recours gracieux|contentieux|hierarchique|administratif|contre|devant|annulation|delai|avant|amiable|expire",
        5,
        unless="plombier",
    ),
    near(
        "legal_deadline",
        (
            "court|tribunal hearing|date|summons|order|december|before|papers|summoned|response|wants|attend|county|audience|"
            "convo*|saisir*|assign*|administratif|judiciaire"
        ),
        6,
        unless="tennis|film|metrage|squash|basketball|cinema|theatre",
    ),
    near(
        "legal_deadline",
        "hearing|audience on|december|january|tomorrow|date|court|tribunal|le|devant|file|juge|dossier",
        4,
        unless="loop|poor|aid|aids|concert|public|hard|theatre|orchestre|impaired|loss|problems|of",
    ),
    near("legal_deadline", "bailiff*|huissier*|subpoena*|forclusion|forclos|assignation|oqtf", 0),
    near("legal_deadline", "commissaire|mise|mises|commandement justice|demeure|payer|quitter", 2, ordered=True),
    near(
        "legal_deadline",
        ("eviction|evicted|expulsion|possession notice|order|date|letter|hearing|avis|jugement|procedure|le|locative|on|we|limite|arrete"),
        6,
    ),
    near("legal_deadline", "section served|21|8|notice", 3, unless="park|form|road"),
    near("legal_deadline", "notice quit|eviction|seeking|possession|legal|proceedings", 5),
    near(
        "legal_deadline",
        "visa|permit|titre|recepisse|leave|sejour|residence|asile|asylum expire*|expiring|lapse*|echeance|perime*|ends",
        8,
        unless="parking|building|stationnement|library|construire|bibliotheque|skip|resident",
    ),
    near(
        "legal_deadline",
        (
            "within|sous|dans days|jours|day or|otherwise|sinon|faute|lose|peine|notification|receiving|receipt|service|"
            "contester|object|saisirai|defaut"
        ),
        10,
        unless="neig*|snow",
    ),
    near("legal_deadline", "jours|days|delai contester|object|recours|appel|appeal|forclusion|legal", 6),
    near("legal_deadline", "appel jugement|decision|interjeter|ordonnance|arret", 5, unless="telephone"),
    near("legal_deadline", "devant|before juge|judge|magistrate*", 3),
    near("legal_deadline", "convoqu*|summoned|summons juge|tribunal|court|police|justice|gendarmerie", 6),
    near("legal_deadline", "avis|saisie|injonction detenteur|conservatoire|immobiliere|payer|salaire|compte", 4, unless="paiement"),
    near("legal_deadline", "right|rights lapse*|expire*|lose|challenge|appeal", 6, unless="turn"),
    near(
        "wants_a_person",
        "SPEAK to|with|a|avec|au|aupres|mon|my|votre|your|quelqu|human|humain STAFF",
        5,
        negatable=False,
        unless="yesterday|thanked|helps",
    ),
    near("wants_a_person", "STAFF SPEAK to|with|qui|actually", 8, negatable=False, unless="yesterday|hier|helps"),
    near(
        "wants_a_person",
        "who|qui manager|responsable|supervisor|superieur|chef speak|wish|voudrais|rencontrer|parler|talk",
        14,
        negatable=False,
    ),
    near(
        "wants_a_person",
        "real|actual|live|vraie|vrai|etre|being person|human|personne|humain|someone|interlocuteur|gens|people",
        2,
        negatable=False,
        unless="rights|droits",
    ),
    near(
        "wants_a_person",
        "MACHINE ENOUGH WANT",
        9,
        negatable=False,
        unless="ticket|tickets|coins|coin|money|piece|lawnmower|tondeuse|coffee|washing|laver|cafe|room|rooms|salle|captcha|course|cours|"
        "fee|charge|gate|barrier|meter|gaming|slot|sous|camera|radar|disc|have|digger|prelevement|renouvellement|barriere|portail|compteur|ticketing|club|until",
    ),
    near(
        "wants_a_person",
        (
            "CALL me|moi|m back|please|pls|today|someone|somebody|quelqu|number|numero|svp|arrive|after|rapidement|on|au|"
            "demain|asap|pouvez|could|tomorrow|can|agent|staff|par"
        ),
        6,
        negatable=False,
        unless="date|tony|names|liste|mot",
    ),
    near(
        "wants_a_person",
        "someone|somebody|anyone|staff|agent|quelqu|conseiller CALL me|m|moi|nous",
        6,
        negatable=False,
        unless="yesterday|hier|rappele|rappelee",
    ),
    near("wants_a_person", "give|passer|donner coup|call|ring fil|me", 5, negatable=False, unless="foudre|main"),
    near(
        "wants_a_person",
        ("have|get|ask|faire|merci|que staff|someone|somebody|agent|conseiller|quelqu contact*|call|phone|ring|m|appelle|telephone"),
        7,
        negatable=False,
        unless="contact-list",
    ),
    near("wants_a_person", "etre|soit rappele|rappelee|recontacte|recontactee|contacte|contactee", 2, ordered=True),
    near(
        "wants_a_person",
        "appointment|rendez|rdv officer|adviser|advisor|agent|conseiller|someone|face|person|caseworker|vive",
        8,
        negatable=False,
        unless="passport|passeport|online",
    ),
    near("wants_a_person", "face to face", 3, ordered=True, negatable=False),
    near("wants_a_person", "vive voix", 1, ordered=True, negatable=False),
    near("wants_a_person", "sit|asseoir someone|somebody|quelqu with|avec", 5, negatable=False),
    near("wants_a_person", "a|to qui|who parler|joindre|talk", 2, ordered=True, negatable=False),
)

_SAYS_NOTHING = frozenset(Path(__file__).with_name("empty_subjects.txt").read_text(encoding="utf-8").split())
"""Words of subjects that say neither that there is danger nor that there is none: `Contact form`, `Nouveau message`, `Urgent`."""
_EXERCISE = re.compile(
    r"\b(?:drills?|training|exercise|simulation|simulated|rehearsal|mock|role[- ]?play|course|workshop|exercice|"
    r"entrainement|formation|stage|scenario|mannequin|"
    r"manoeuvres?|secourisme|premiers secours|gestes qui sauvent)\b"
)
_FICTION = re.compile(
    r"\b(?:film|movie|novel|thriller|series|episode|video ?game|play|theatre|exhibition|museum|documentary|books?|"
    r"songs?|poem|story|crime fiction|"
    r"actors?|podcast|comic|opera|costume|halloween|murder mystery|conference|festival|roman|polar|serie|jeu video|"
    r"piece|exposition|musee|"
    r"documentaire|livres?|chanson|poeme|tournage|acteurs?|bande dessinee|spectacle|deguisement|cinema|escape game|"
    r"awareness|sensibilisation|volunteers?|benevoles?)\b"
)
_PRESENT = re.compile(
    r"\b(?:now|still|again|currently|at the moment|tonight|urgent\w*|immediately|hurry|this (?:morning|evening|"
    r"afternoon|minute)|today|since then|maintenant|encore|"
    r"toujours|actuellement|en ce moment|ce soir|cette nuit|ce matin|urgent\w*|vite|aujourd'hui|immediatement|tout de suite|de nouveau)\b"
)
_TELLS_LIST = (
    "the a an my our i we he she it is are was has have in here now this there please help can cannot le la les l un une mon ma mes notre "
    "nos je j nous il elle on est sont a dans ici au aux der die das ein eine mein meine ich wir er sie ist sind im hier el los un "
    "una mi nuestro yo hay esta en aqui il lo gli uno una mio mia sono qui nel het een mijn ik wij er zijn hier"
)
_TELLS = frozenset(_TELLS_LIST.split())
"""Words without which a line of a signature names trades and services: `Gas leaks, boilers, carbon monoxide checks`."""
_TOKENS = re.compile(r"[^\W\d_]+")
_ENDS = ".!?\n"
_WORDING = Wording(_RULES, _LISTS)
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}


@dataclass(frozen=True)
class Reading:
    """A message as the rules see it: as it is, folded, and folded without its figures of speech.

    `new` is the part that the citizen wrote now, where that is less; `aside` is what says who they are, in which only the plainest
    words of danger count. `calm` is an answer to a reply of ours that gives thanks and asks for nothing.
    """

    text: str
    plain: Text
    literal: Text
    new_text: str
    new: Text
    aside: str = ""
    sender: SentBy = "perhaps a machine"
    calm: bool = False
    subject: str = ""

    @classmethod
    def of(
        cls,
        text: str,
        new: str | None = None,
        aside: str = "",
        sender: SentBy = "perhaps a machine",
        *,
        calm: bool = False,
        subject: str | None = None,
    ) -> Self:
        """Taken apart once, for signals and urgency. `text` begins with the subject, where there is one."""
        plain = Text(fold(text))
        subject = subject or ""
        if new is None or new == text:
            return cls(text, plain, without_idioms(plain), text, plain, aside, sender, calm, subject)
        return cls(text, plain, without_idioms(plain), new, Text(fold(new)), aside, sender, calm, subject)

    @property
    def below_subject(self) -> Text | None:
        """The message alone, where its subject is one that a form or a hurried person gives any message; else None."""
        words = Text(fold(self.subject)).tokens
        if not words or not _SAYS_NOTHING.issuperset(words):
            return None
        return Text(self.literal.folded[len(self.subject) + 1 :])


def signals(readings: Sequence[Reading]) -> list[list[Signal]]:
    """What each redacted text shows: danger first, at most a few places of it, then one of each other kind.

    People mix languages in distress: the rules of all count.
    """
    by_score = scored([reading.literal for reading in readings])
    alarms_of = [each.alarms for each in by_score]
    below = {place: text for place, reading in enumerate(readings) if not alarms_of[place] and (text := reading.below_subject)}
    for place, alarms_below in zip(below, alarms(list(below.values())), strict=True):
        shift = len(readings[place].subject) + 1
        alarms_of[place] = [replace(alarm, start=alarm.start + shift, end=alarm.end + shift) for alarm in alarms_below]
    return [_signals(*each) for each in zip(readings, alarms_of, by_score, strict=True)]


def _signals(reading: Reading, sure: Sequence[Found], by_score: Scored) -> list[Signal]:
    text = reading.text
    plain = danger_by_phrase(reading.literal)
    # An alarm that is not sure is one all the same where its words could not be plainer.
    strong = any(alarm.score > SURE_FROM for alarm in sure)
    shown = [plain] if plain else sure if strong else _alone(reading.literal) or sure
    signals = [
        Signal(kind="risk_of_harm", words=excerpt(text, danger.start, danger.end), certainty=certainty_of(danger, reading.literal))
        for danger in shown
    ]
    if not signals and reading.aside:
        signals = _said_aside(reading.aside)
    announced = announcement(reading.new, reading.sender)
    if not (signals or announced or reading.calm):
        signals = _doubts(reading, by_score)
    seen: set[Kind] = set()
    for kind, start, end in _others(reading):
        if kind not in seen:
            seen.add(kind)
            signals.append(Signal(kind=kind, words=excerpt(text, start, end)))
    if announced:
        signals.append(Signal(kind="automatic_reply", words=excerpt(reading.new_text, *announced)))
    return signals


def _doubts(reading: Reading, by_score: Scored) -> list[Signal]:
    """What may tell of danger: too little for an alarm, and too much to let it wait its turn."""
    words = next(perhaps(reading.plain), None) if DOUBT_FROM >= by_score.highest > DOUBT_OF_WORDS_FROM else None
    if words is None and by_score.highest <= DOUBT_FROM:
        return []
    span = (words.start, words.end) if words else reading.literal.span(*by_score.run)
    return [Signal(kind="risk_of_harm", words=excerpt(reading.text, *span), certainty=doubt_of(by_score.highest))]


def _said_aside(aside: str) -> list[Signal]:
    """What is said so plainly that it counts wherever it stands, also where a signature should be; a list of trades says nothing."""
    aside = "\n".join(line for line in aside.splitlines() if not _TELLS.isdisjoint(_TOKENS.findall(fold(line))) or "!" in line)
    literal = without_idioms(Text(fold(aside)))
    plain = danger_by_phrase(literal)
    shown = [plain] if plain else _alone(literal)
    return [
        Signal(kind="risk_of_harm", words=excerpt(aside, danger.start, danger.end), certainty=certainty_of(danger, literal))
        for danger in shown
    ]


def _others(reading: Reading) -> Iterator[tuple[Kind, int, int]]:
    for phrase in chain(objections(reading.literal), _WORDING.find(reading.literal)):
        yield _KINDS[phrase.about], phrase.start, phrase.end


def danger_by_phrase(literal: Text) -> Found | None:
    """What a phrase says, unless it is told as a story. Where none does, the score decides, which knows stories by their words."""
    return next((phrase for phrase in islice(dangers(literal), _LOOKED_AT) if not _is_story(phrase, literal.folded)), None)


def _alone(literal: Text) -> list[Found]:
    """The first sentence that says it plainly and would be an alarm if it were all that was written."""
    phrases = list(islice(plainly(literal), _LOOKED_AT))
    sentences = [_sentence(literal.folded, phrase.start, phrase.end) for phrase in phrases]
    scored = alarms([Text(literal.folded[start : end + 1]) for start, end in sentences])
    return [replace(phrase, score=alarms[0].score) for phrase, alarms in zip(phrases, scored, strict=True) if alarms][:1]


def _is_story(danger: Found, literal: str) -> bool:
    """Fiction or an exercise, and nothing that says it is now. Despair counts, however long ago it began."""
    first, last = _sentence(literal, danger.start, danger.end)
    story = _FICTION.search(literal, first, last) or _EXERCISE.search(literal, first, last)
    return story is not None and _PRESENT.search(literal, first, last) is None


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence around a match begins and ends, at most 300 characters to each side."""
    earliest, latest = max(0, start - 300), min(len(text), end + 300)
    first = max(text.rfind(mark, earliest, start) for mark in _ENDS)
    lasts = [place for mark in _ENDS if (place := text.find(mark, end, latest)) >= 0]
    return (first + 1 if first >= 0 else earliest), min(lasts, default=latest)


def excerpt(text: str, start: int, end: int) -> str:
    """The words and their sentence, cut at words where it is long."""
    first, last = _sentence(text, start, end)
    if last - first > LONGEST_EXCERPT:
        spare = max(0, LONGEST_EXCERPT - (end - start)) // 2
        first, last = max(first, start - spare), min(last, end + spare)
        while first < start and first > 0 and text[first - 1].isalnum():
            first += 1
        while last > end and last < len(text) and text[last].isalnum():
            last -= 1
    return " ".join(text[first:last].split())[:LONGEST_EXCERPT]
