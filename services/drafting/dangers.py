"""Which kind of danger a message tells of: words that name it, in the languages that people write in most."""

import re

from schemas.requests_triaged import RequestTriaged
from services.domain.emergencies import Danger
from services.drafting import words

MOST = 3  # kinds in one reply: who has to act at once reads no more

# Of folded text: lower case, no accents. What names a danger, not what only hints at one: a kind that is not seen costs its hotline,
# and the emergency number stands in every reply.
_WORDS: dict[Danger, str] = {
    Danger.FIRE: (
        r"on fire|\bfires?\b(?! (?:engine|station|brigade museum|drill))|\bflames?\b|\bburning\b|\bsmoke (?:is |coming|pour|fill)\w*|\bthick smoke\b|\bblaze\b"
        r"|\ben feu\b|\bincendies?\b|\bprend feu\b|\bau feu\b|\ble feu\b|\bflammes?\b|\bbrule\b|\bfumee\b"
        r"|\bes brennt\b|\bbrennt\b|\bfeuer\b|\bincendios?\b|\bfuego\b|\bincendio\b|\bfuoco\b|\bbrand\b|\bfogo\b|\bpozar\b|\byangin\b"
    ),
    Danger.GAS: (
        r"\bgas\b|\bpropane\b|\bbutane\b|\bcarbon monoxide\b|\bco (?:alarm|detector)\b|\brotten eggs?\b"
        r"|\bgaz\b|\bmonoxyde\b|\boeufs? pourris?\b|\bgasgeruch\b|\bkohlenmonoxid\b|\bmonossido\b|\bmonoxido\b|\bkoolmonoxide\b|\bgasl\w+"
    ),
    Danger.SUICIDE: (
        r"\bsuicid\w*|\bkill(?:ing)? (?:my|him|her)self\b|\b(?:want|wants|going|rather) to die\b|\bend (?:my|his|her|it|this)(?: own)? (?:life|all)\b"
        r"|\bself[- ]?harm\w*|\bbetter off (?:dead|without me)\b|\b(?:no|any) (?:reason|point) (?:to|in) liv\w+|\b(?:not|don ?t) want to (?:live|be here|wake up)\b"
        r"|\btake (?:my|his|her) (?:own )?life\b|\btook (?:all )?(?:the|his|her|my) (?:pills|tablets)\b|\bnot be here (?:tomorrow|any ?more)\b|\bhang (?:my|him|her)self\b"
        r"|\b(?:me|se) (?:tuer|pendre|suicider|supprimer|flinguer)\b|\benvie de mourir\b|\bveux mourir\b|\bplus (?:envie de )?vivre\b|\bmett\w+ fin a (?:mes|ses) jours\b"
        r"|\ben finir\b|\bidees noires\b|\bselbstmord\w*|\bumbringen\b|\bsuizid\w*|\bzelfmoord\b|\bsuicidio\b"
    ),
    Danger.VIOLENCE: (
        r"\b(?:hit|hits|hitting|beat|beats|beating|strangl\w+|punch\w*|kick(?:s|ed)?|stab\w*|choked|attack\w*|rap(?:e|ed|ing)|threaten\w*)\b(?=.{0,30}\b(?:me|us|her|him|mum|mother|wife|them|girl|woman|man|boy)\b)"
        r"|\bknife\b|\bgun\b|\bshots?\b|\bshooting\b|\bweapon\b|\bhostage\b|\bkidnapp\w*|\babus(?:es|ed|ive|ing) (?:me|us|her|him)\b|\bviolent (?:husband|partner|ex)\b"
        r"|\bafraid of (?:my|his|her) (?:husband|partner|ex|father|boyfriend)\b|\b(?:kill|hurt) (?:me|us|her|them)\b|\blocked (?:me|us|her)\b"
        r"|\b(?:me|nous|la|le|m|l) (?:frappe\w*|bat\b|battu\w*|cogne\w*|etrangl\w+|gifl\w+|viol\w+|menac\w+|agress\w+)|\bcoups de couteau\b|\bcouteau\b|\bfusil\b|\bpistolet\b"
        r"|\bviolences?\b|\bviolent\b|\bcoups de feu\b|\botage\b|\bma tuer\b|\bva me tuer\b|\bschlagt mich\b|\bme pega\b|\bmi picchia\b|\bslaat mij\b|\bme bate\b"
    ),
    Danger.CHILD: (
        r"\b(?:child|children|kid|kids|baby|toddler|boy|girl|daughter|son|infant|pupil|stepdaughter|stepson)\b(?=.{0,80}\b(?:bruis\w+|beat\w*|hit\w*|abus\w*|starv\w+|alone|touch\w+|burns?|screaming|locked|neglect\w*|hungry|cigarette|missing|disappeared|taken|scared|afraid)\b)"
        r"|\b(?:bruis\w+|abus\w+|hit\w*|beats?|molest\w+|groom\w+|locked|missing)\b(?=.{0,60}\b(?:child|children|kid|kids|baby|boy|girl|daughter|son|toddler)\b)"
        r"|\b(?:enfants?|bebe|fille|fillette|garcon|fils|gamins?|petite?|eleve)\b(?=.{0,80}\b(?:bleus|frapp\w+|battu\w*|tape\w*|maltrait\w+|seule?s?|enferm\w+|brul\w+|hurl\w+|attouchements?|faim|disparu\w*|fugu\w+|peur)\b)"
        r"|\b(?:maltrait\w+|frappe|bat|tape|enferme|attouchements?)\b(?=.{0,60}\b(?:enfants?|bebe|fille|fillette|garcon|fils|petite?)\b)|\benfance en danger\b|\bkindeswohl\w*"
    ),
    Danger.MEDICAL: (
        r"\bunconscious\b|\b(?:not|stopped|cant|can t|cannot|can hardly|barely|trouble) breath\w*|\bheart attack\b|\bstroke\b|\bchest pains?\b|\bbleed\w*|\bchok(?:ing|es)\b|\bseizure\b|\bfitting\b"
        r"|\bcollaps(?:ed|es) (?:in|on|at|and)\b|\boverdos\w+|\bpoison\w*|\bswallowed\b|\bpassed out\b|\binjured\b|\bhypothermi\w+|\bfrostbit\w*|\blips (?:are |have |gone |turned )*(?:blue|grey)\b|\bambulance\b"
        r"|\binconscient\w*|\bne respire (?:plus|pas)\b|\brespirer\b|\bmal a respirer\b|\binfarctus\b|\bcrise cardiaque\b|\bavc\b|\bdouleurs? (?:a|dans) la poitrine\b|\bsaigne\w*|\bhemorragie\b|\bs etouffe\b"
        r"|\bconvulsions?\b|\bperdu connaissance\b|\bintoxi\w+|\bempoisonn\w+|\bavale\b|\bmalaise\b|\bblesse\w*|\bsamu\b|\bbewusstlos\w*|\bherzinfarkt\b|\bblutet\b|\binfarto\b"
    ),
    Danger.ELECTRICITY: (
        r"\b(?:live|bare|exposed|hanging|fallen|dangling|sparking|broken) (?:electric\w* )?(?:wires?|cables?|lines?)\b|\b(?:wires?|cables?|power ?lines?)\b(?=.{0,40}\b(?:bare|exposed|hanging|down|sparks?|sparking|live|ground|touch\w*|water)\b)"
        r"|\belectrocut\w*|\belectric shocks?\b|\bsparks?\b|\bsparking\b|\bfuse ?box\b(?=.{0,40}\b(?:water|sparks?|smok\w+|burn\w+)\b)"
        r"|\b(?:fils?|cables?|ligne)\b(?=.{0,40}\b(?:denud\w+|nus?|pend\w*|arrach\w+|etincel\w+|a terre|par terre|tomb\w+|sous tension)\b)|\betincelles?\b|\belectrocut\w*|\bdecharge electrique\b|\bcourt circuit\b|\bstromschlag\b"
    ),
    Danger.FLOOD: (
        r"\bflood\w*|\bwater (?:is |keeps? |has been )*(?:rising|coming (?:in|through|up)|entering|pouring|rushing)\b|\bburst (?:its banks|(?:water )?(?:main|pipe))\b|\bup to (?:my|our|the) (?:knees?|waist|ankles?|windows?)\b|\bunder water\b|\bdrowning\b"
        r"|\binond\w*|\beau (?:monte|rentre|entre|arrive|envahit)\b|\bcrue\b|\bdebord\w*|\bse noie\b|\bnoyade\b|\bhochwasser\b|\buberschwemm\w*|\binundac\w+|\balluvion\w+|\boverstrom\w+|\binundac\w+"
    ),
    Danger.COLLAPSE: (
        r"\b(?:wall|balcony|ceiling|roof|scaffold\w*|crane|chimney|building|bridge|tree|facade|floor)\b(?=.{0,50}\b(?:collaps\w*|about to (?:fall|come down)|going to (?:fall|come down)|crack\w*|lean\w+|fell|fallen|falling|came down|coming down|giving way)\b)"
        r"|\bcollapsed?\b(?=.{0,20}\b(?:wall|balcony|ceiling|roof|building|house)\b)|\btrapped under\b"
        r"|\b(?:mur|balcon|plafond|toit|echafaudage|grue|cheminee|immeuble|pont|arbre|facade|plancher)\b(?=.{0,50}\b(?:effondr\w*|ecroul\w*|menace\w*|va tomber|fissur\w*|penche|tombe\w*|cede\w*)\b)|\beinsturz\w*|\beingesturzt\b"
    ),
    Danger.SHELTER: (
        r"\bhomeless\b|\bnowhere to (?:sleep|go|stay|live)\b|\bno (?:place|where|roof|bed|shelter)\b(?: \w+){0,2} (?:to sleep|tonight|to stay)\b|\bsleep\w* (?:rough|outside|in (?:the|my|our|a) (?:car|street|tent|park|station|doorway))\b|\b(?:on|onto) the streets?\b(?=.{0,30}\b(?:tonight|now|sleep\w*|children|kids|baby)\b)|\bevicted\b|\b(?:thrown|kicked) out\b"
        r"|\ba la rue\b|\bsans abri\b|\bsdf\b|\bdors?\w* (?:dehors|dans (?:la|ma|notre|une) (?:rue|voiture|tente))\b|\bou dormir\b|\bnulle part ou\b|\bmis\w* (?:dehors|a la porte)\b|\bexpuls\w+|\bhebergement d urgence\b|\bobdachlos\w*|\bsin techo\b|\bsenza tetto\b|\bdakloos\b|\bsem abrigo\b"
    ),
}
_PATTERNS = {danger: re.compile(pattern) for danger, pattern in _WORDS.items()}
_LOOKED_AT = 6_000  # characters: the danger stands near its words, and those triage has quoted are read as well


def dangers_of(triaged: RequestTriaged) -> list[Danger]:
    """The kinds that the message names, those first whose words were seen as danger; none where it names none that we know."""
    shown = " . ".join(signal.words for signal in triaged.signals if signal.kind == "risk_of_harm")
    whole = f"{triaged.redacted.subject or ''} . {triaged.redacted.body}"
    in_signals, anywhere = named(shown), named(whole)
    return [*in_signals, *(danger for danger in anywhere if danger not in in_signals)][:MOST]


def named(text: str) -> list[Danger]:
    """The kinds that a text names."""
    folded = re.sub(r"[^\w.!?]+", " ", words.plain(text[:_LOOKED_AT]))
    return [danger for danger, pattern in _PATTERNS.items() if pattern.search(folded)]
