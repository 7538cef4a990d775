"""Detects the language of a message: function words of our own for English and French, CLD2's tables for the rest."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import pycld2

from schemas.requests_triaged import DetectedLanguage
from services.domain.word_finder import WordFinder

UNDETERMINED = "und"

READ_AT_MOST = 6_000
"""Characters looked at. What is larger than the rest of a message this long has shown itself by then."""

_FUNCTION_WORDS = {
    "en": (
        "the a an and of to in is are was were be been it its this that these those i you he she we they my your his her our "
        "their me him us them not no dont doesnt didnt cant wont isnt im ive id youre theres hasnt havent wasnt couldnt do does "
        "did have has had will would can could should may might must for with from by at on as but or if so than then there "
        "here when where what which who whom how why because about into over after before again please thank thanks hello hi "
        "dear sorry regards sincerely yes all any some every each more most very much many just only still yet since until "
        "while during between without through up down out off near next last new need want get got let know am being having "
        "doing say said tell told ask asked going gone come came make made take taken see seen one two three four five"
    ),
    "fr": (
        "le la les un une des du de et à a au aux en dans est sont était étaient sera suis êtes sommes être été c ce cet cette "
        "ces ça cela ceci je j tu il elle on nous vous ils elles mon ma mes ton ta tes son sa ses notre nos votre vos leur "
        "leurs me te se lui y ne n pas plus jamais rien aucun aucune pour avec sans par sur sous chez vers entre depuis pendant "
        "avant après mais ou où donc or ni car si que qu qui quoi dont quand comment pourquoi combien quel quelle quels quelles "
        "l d s m t ai as avons avez ont avait avaient fait faire dit peut peux pouvez pouvons dois doit devez faut très trop "
        "bien encore toujours aussi alors comme merci bonjour bonsoir madame monsieur messieurs svp stp cordialement "
        "salutations oui non tout tous toute toutes même déjà ici là voici voilà cest jai quil nai va vais aller etes etait "
        "deja ca apres tres meme deux trois quatre cinq"
    ),
    "de": (
        "der die das den dem des ein eine einen einem einer und oder aber nicht ist sind war waren ich du er sie es wir ihr "
        "mein meine meinen sein seine unser unsere ihre ihren mich mir uns ihnen zu im in am an auf mit von vom bei für aus "
        "nach seit über unter vor um durch ohne dass wenn weil wie was wer wo warum auch noch nur schon sehr hier bitte danke "
        "hallo guten tag morgen abend sehr geehrte geehrter damen herren haben habe hat hatte kann können muss müssen wird "
        "werden wurde kein keine keinen gibt bin zum zur beim mehr fuer koennen"
    ),
    "es": (
        "rota roto farola calle escuela multa basura el la los las un una unos unas y o pero no es son era está están soy estoy "
        "hay de del al en con por para sin sobre desde hasta que quien cómo cuándo dónde qué cuál mi mis tu su sus nuestro "
        "nuestra me te se nos lo le les yo usted ustedes ha he han tengo tiene tienen puedo puede quiero muy más también ya "
        "aquí gracias hola buenos días buenas tardes señor señora por favor desde hace esta este esto calle mucho dias senor "
        "senora esta estan mas"
    ),
    "it": (
        "rotto rotta strada scuola multa spazzatura il lo la i gli le un uno una e ed o ma non è sono era di del della dei "
        "delle dello degli a al alla ai alle in nel nella nei nelle con per su sul sulla da dal dalla che chi come quando dove "
        "perché cosa mio mia miei mie suo sua nostro nostra mi ti si ci vi ho hai ha abbiamo avete hanno posso può vorrei molto "
        "più anche già qui grazie buongiorno buonasera salve signore signora questo questa quello sto stato sono c'è essere via "
        "perche piu puo"
    ),
    "pt": (
        "o a os as um uma uns umas e ou mas não é são era está estão estou de do da dos das em no na nos nas ao à aos com por "
        "para sem sobre desde até que quem como quando onde porque qual meu minha meus minhas seu sua nosso nossa me te se lhe "
        "eu você vocês tenho tem têm há posso pode quero muito mais também já aqui obrigado obrigada olá bom dia boa tarde "
        "senhor senhora esta este isto foi rua nao voce"
    ),
    "nl": (
        "de het een en of maar niet is zijn was waren ik jij je hij zij ze wij we jullie mijn uw ons onze hun me mij u hem haar "
        "van voor met op in aan bij uit naar over onder tot om door zonder dat die dit deze wat wie waar hoe wanneer waarom ook "
        "nog al zeer hier graag bedankt dank hallo goedendag goedemorgen geachte heer mevrouw heb hebt heeft hebben had kan "
        "kunnen moet moeten wordt worden geen er straat alstublieft wel niets iemand"
    ),
    "pl": (
        "i w we na z ze do od po za przed pod nad przez dla bez o u nie jest są był była było być mam masz ma mamy mają że żeby "
        "ale lub albo czy jak kiedy gdzie dlaczego co kto który która które mój moja moje nasz nasza się mi mnie nam nas to ten "
        "ta te tego tej już jeszcze bardzo proszę dziękuję dzień dobry witam pan pani szanowni państwo mogę można prosze "
        "dziekuje ulicy"
    ),
    "ro": (
        "și în la de pe cu din pentru fără este sunt era fi am ai are avem aveți au nu că să dar sau dacă cum când unde ce cine "
        "care meu mea mei mele nostru noastră mă îmi ne vă eu noi voi un o unei unui al ale lui acest această mai foarte deja "
        "aici mulțumesc bună ziua vă rog domnule doamnă pot poate vreau strada multumesc buna si sa ca"
    ),
    "tr": (
        "ve bir bu şu o ben sen biz siz benim bizim için ile ama veya değil var yok mı mi mu mü ne nasıl nerede ne zaman neden "
        "çok daha da de ki gibi kadar sonra önce lütfen teşekkürler teşekkür ederim merhaba sayın iyi günler istiyorum oldu "
        "olan her hiç ediyorum sokak"
    ),
    "sv": (
        "och att det som en ett är var inte jag du han hon vi ni de på i av för med till från om men eller när hur vad vem min "
        "mitt mina er vår har hade kan ska skulle mycket också redan här tack hej gatan"
    ),
    "da": (
        "og at det som en et er var ikke jeg du han hun vi de på i af for med til fra om men eller når hvordan hvad hvem min "
        "mit mine jeres vores har havde kan skal meget også allerede her tak hej gaden"
    ),
}

_AGENCY_WORDS = {
    "en": (
        "street lamp light lights road pothole potholes pavement parking permit fine fines bin bins rubbish waste collection "
        "recycling tree trees water leak sewer noise neighbour neighbours dog dogs rats bus train ticket passport driving "
        "licence birth certificate marriage vote register registration tax council housing benefit benefits pension disabled "
        "school nursery building planning application business job police password account form complaint help question urgent "
        "information appointment opening hours today tomorrow yesterday week month year broken missing lost wrong closed "
        "blocked dirty late number office city town hall payment bill refund letter email phone heating landlord rent seagulls "
        "pigeons hello swing graffiti trolley vote proxy process smell sewage disabled toilet order renewal daily traffic signs "
        "pay send sent flat house child children baby mother father wife husband gas fire dead car bike works working name "
        "address change card"
    ),
    "fr": (
        "rue lampadaire lampadaires éclairage eclairage route nid poule trottoir trottoirs stationnement amende amendes "
        "poubelle poubelles ordures déchets dechets collecte encombrants arbre arbres eau fuite égout bruit voisin voisins "
        "voisine chien chiens rats tram billet abonnement passeport permis conduire acte naissance mariage vote inscription "
        "inscrire impôt impôts impot impots mairie ville logement allocation retraite handicapé école ecole crèche creche "
        "urbanisme demande entreprise emploi travail mot passe compte formulaire réclamation aide renseignement rendez rdv "
        "horaires horaire ouverture aujourd hui demain hier semaine mois année cassé casse cassée manquant perdu perdue fermé "
        "ferme bloqué sale retard numéro numero bureau paiement facture remboursement courrier lettre téléphone chauffage "
        "propriétaire proprio loyer appartement maison enfant enfants bébé mère père femme mari gaz feu voiture vélo panne "
        "marche nom adresse changement carte identité identite urgent bonne voir photo joint jointe joints renouvellement "
        "procuration allo importante important question suspendu suspendue refusé refusée payer paiement délai délais panneau "
        "passage piéton carrefour lettre avis taxe habitation fonciere chômage congé inscription restaurant scolaire cantine "
        "médecin hôpital infirmière police journée salut pièce dossier réponse"
    ),
}

_MARKS = {
    "fr": "àâçèéêëîïôùûœ",
    "de": "ßäöü",
    "es": "ñ¿¡áíóú",
    "pt": "ãõáâêçóíú",
    "it": "àèéìòù",
    "pl": "ąćęłńśźżó",
    "ro": "ăâîșțşţ",
    "tr": "ğışçöüİ",
    "sv": "åäö",
    "da": "æøå",
}
"""Letters that speak for a language a little: enough to tell two words apart, not enough to overrule function words."""

_SHAPES = (
    (
        "en",
        re.compile(
            r"\b(?:w[aeiohr]|th|sh|kn|sw)[a-z]+|[a-z]+(?:ght|tch|ough|ck|sh|th|ing|ness|ful|ly|ey|ed|lls)s?\b|[a-z]*(?:oo|ee)[a-z]*"
        ),
    ),
    (
        "fr",
        re.compile(
            r"[a-zàâçéèêëîïôûœ]*(?:eau|eaux|aux|eux|oir|oire|ée|ées|és|ué|ille|illes|que|ques|ette|ettes|ière|ières|eur|eurs|"
            r"euse|ante|elle|endue|oi|aire|ement)\b|\b(?:[ldjmtsn]|qu)'[a-zéèêhà]+"
        ),
    ),
)
"""How words are built, for messages with no function word at all."""

_NOISE = re.compile(r"\[[A-Z_]+_\d+\]|https?://\S+|www\.\S+|\S{1,254}@\S+")
_NOISY = ("[", "@", "http", "www.")
_WORDS = WordFinder(re.compile(r"[^\W\d_]+"))
_LONG_WORD = re.compile(r"[^\W\d_]{30,}")
_BEYOND_LATIN = re.compile(r"[^\W\d_\u0000-\u024f]+")

_RENAMED = {"iw": "he", "in": "id", "mo": "ro", "jw": "jv", "nb": "no", "zh-Hant": "zh", "tl": "tl"}
LANGUAGES = frozenset(
    re.findall(
        r"\w+",
        (
            "en fr de es it pt nl pl ro tr ar ru uk zh fa sv da no fi cs sk hu el bg sr hr bs sl sq lt lv et he ja ko vi th "
            "hi ur bn ta ka hy mk az kk ps ku so am ti ca eu gl ga cy lb mt is id ms sw tl pa gu te ml kn si ne my km lo be"
        ),
    )
)
"""What people write in. CLD2 also knows Manx and Volapük, and sees them in two misspelt English words."""

_HINT_WEIGHT = 1.6
_CLD2_AT_MOST = 8.0
_HOME_WEIGHT = {"en": 0.5, "fr": 0.5}
_AT_LEAST = 0.3
_FEW = 9


def _evidence() -> dict[str, tuple[tuple[str, float], ...]]:
    """Each word with the weight it adds to each language: less, the more languages have it."""
    # In the order of the table: of a set it would be each process's own, and with it which language wins a tie.
    languages: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for code, words in _FUNCTION_WORDS.items():
        for word in words.split():
            languages[word][code] = None
    evidence = {
        word: {code: max(1.0 / len(codes), _AT_LEAST if code in _HOME_WEIGHT else 0.0) for code in codes}
        for word, codes in languages.items()
    }
    for code, words in _AGENCY_WORDS.items():
        for word in words.split():
            others = evidence.setdefault(word, {})
            others[code] = others.get(code, 0.0) + 0.8
    return {word: tuple(weights.items()) for word, weights in evidence.items()}


_EVIDENCE = _evidence()
_WEIGHTS = tuple(dict.fromkeys(_EVIDENCE.values()))
_KINDS = {word: _WEIGHTS.index(weights) for word, weights in _EVIDENCE.items()}
"""Words that say the same of the same languages are of one kind: a text's kinds are counted, and then there are few to add up."""


def detect(texts: Sequence[str], hints: Sequence[str | None]) -> list[DetectedLanguage]:
    """The language of the larger part of each text; the publisher's hint counts only where the text leaves it open."""
    return [_detect(text, hint) for text, hint in zip(texts, hints, strict=True)]


def _detect(text: str, hint: str | None) -> DetectedLanguage:
    hinted = _primary(hint)
    text = text[:READ_AT_MOST]
    if any(mark in text for mark in _NOISY):
        text = _NOISE.sub(" ", text)
    lowered = text.lower().replace("’", "'")
    words = _WORDS.findall(lowered)
    letters = sum(map(len, words))
    if letters < 2:  # noqa: PLR2004 - one letter says nothing
        return DetectedLanguage(code=hinted, confidence=0.5) if hinted else DetectedLanguage(code=UNDETERMINED, confidence=0.0)
    if not lowered.isascii() and sum(map(len, _BEYOND_LATIN.findall(lowered))) * 2 > letters:
        return _other_script(lowered, hinted)
    scores = _latin_scores(lowered, words)
    for code, weight in _HOME_WEIGHT.items():
        scores[code] += weight
    if hinted:
        scores[hinted] += _HINT_WEIGHT
    code, confidence = _best(scores)
    return DetectedLanguage(code=code, confidence=confidence)


def _latin_scores(lowered: str, words: list[str]) -> defaultdict[str, float]:
    scores = _own_evidence(lowered, words)
    own_english, own_french = scores["en"], scores["fr"]
    ahead = sorted((0.0, *scores.values()))
    if ahead[-1] - ahead[-2] > _CLD2_AT_MOST + _HINT_WEIGHT:
        return scores  # whatever it says, this language stays the first, and as sure as it can be
    reliable, shares = _cld2(lowered)
    reach = min(_CLD2_AT_MOST, 0.6 + 0.35 * len(words)) * (1.0 if reliable else 0.45)
    for code, share in shares:
        trust = 1.0 if code in LANGUAGES else 0.3
        if code == "en" and own_english < own_french:
            trust = 0.25  # English is also what CLD2 says of words that it does not know
        elif code == "en" and len(words) < _FEW:
            trust = 0.5
        scores[code] += reach * share * trust
    return scores


def _own_evidence(lowered: str, words: list[str]) -> defaultdict[str, float]:
    """The score of each language by our own words, letters and word shapes."""
    scores: defaultdict[str, float] = defaultdict(float)
    kinds = Counter(map(_KINDS.get, words))
    known_words = len(words) - kinds.pop(None, 0)
    for kind, count in kinds.items():
        for code, weight in _WEIGHTS[kind]:  # type: ignore[index]  # None is gone
            scores[code] += weight * count
    if not lowered.isascii():
        present = {letter for letter in lowered if letter > "\x7f"}
        for code, marks in _MARKS.items():
            if not present.isdisjoint(marks):
                scores[code] += 0.4
    if known_words < 3:  # noqa: PLR2004 - with fewer, the build of the words has to help
        short = _LONG_WORD.sub(" ", lowered)  # nobody writes such words, and looking for their shape takes for ever
        for code, shape in _SHAPES:
            scores[code] += 0.5 * min(3, len(shape.findall(short)))
    return scores


def _other_script(lowered: str, hinted: str | None) -> DetectedLanguage:
    """Arabic, Cyrillic, Chinese and the like: CLD2 tells them apart, a few letters settle the short ones."""
    reliable, shares = _cld2(lowered)
    letters = set(lowered)
    for code, marks, against in (
        ("uk", "іїєґ", "ыэъў"),
        ("be", "ў", ""),
        ("ru", "ыэё", "іїєґў"),
        ("sr", "ђљњћџ", ""),
        ("fa", "پچژگ", "ٹڈڑےں"),
        ("ur", "ٹڈڑےں", ""),
    ):
        if not letters.isdisjoint(marks) and letters.isdisjoint(against) and not (reliable and shares and shares[0][0] in LANGUAGES):
            return DetectedLanguage(code=code, confidence=0.85)
    if not shares:
        return DetectedLanguage(code=hinted or UNDETERMINED, confidence=0.5 if hinted else 0.0)
    code, share = shares[0]
    if code in {"sr", "mk"} and letters.isdisjoint("ђѓјљњћќџѕ"):  # short Russian and Bulgarian look Serbian to it
        code, reliable = ("bg" if "ъ" in letters and letters.isdisjoint("ыэё") else hinted or "ru"), False
    elif not reliable and any("\u0400" <= letter <= "\u04ff" for letter in letters):
        code = hinted or ("ru" if code not in {"uk", "bg"} else code)
    return DetectedLanguage(code=code, confidence=round((0.97 if reliable else 0.7) * max(share, 0.5), 3))


def _cld2(lowered: str) -> tuple[bool, list[tuple[str, float]]]:
    """Whether CLD2 is sure, and its languages with their share of the text."""
    try:
        reliable, _, details = pycld2.detect(lowered.encode("utf-8", "replace"), bestEffort=True)
    except pycld2.error:  # control characters that CLD2 takes for broken UTF-8
        return False, []
    shares = [(_RENAMED.get(code, code), share / 100) for _, code, share, _ in details if code != "un" and share]
    return bool(reliable), [(code[:2] if len(code) == 2 or "-" in code else UNDETERMINED, share) for code, share in shares]  # noqa: PLR2004


def _best(scores: defaultdict[str, float]) -> tuple[str, float]:
    """The best language, and a confidence of 0 to 1 by its lead over the second: a message of a few words is never as sure as a letter."""
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])[:2]
    code, first = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    confidence = 0.995 / (1.0 + math.exp(-1.4 * (first - second)))
    return (code, round(confidence, 3))


def _primary(tag: str | None) -> str | None:
    """`fr-CA` and `FR` are French; what has no two-letter code is no hint."""
    code = (tag or "").split("-", 1)[0].lower()
    code = _RENAMED.get(code, code)
    return code if len(code) == 2 and code.isalpha() else None  # noqa: PLR2004 - ISO 639-1
