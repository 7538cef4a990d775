"""Words that pin a case: danger to someone, a legal deadline, a wish for a person, an automatic reply.

Each rule names the first letters of words that must occur at all, so that an ordinary message costs one look at its words; only then is its
pattern tried. Figures of speech are taken out first. A signal never drops or delays a case: where a phrase may be either, it is shown.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.requests_triaged import Signal

Kind = Literal["risk_of_harm", "legal_deadline", "wants_a_person", "automatic_reply"]

LONGEST_EXCERPT = 200
MOST_OF_A_KIND = 3

_ACCENTED = "àâäáãåçéèêëíìîïñóòôöõúùûüýÿ’‘ʼ`´\u00a0\u202f\u2011\u2010"
_PLAIN = "aaaaaaceeeeiiiinooooouuuuyy'''''  --"
_FOLD = str.maketrans(_ACCENTED, _PLAIN)
_WORDS = re.compile(r"\w+")
_STEM = 4
"""A word is looked up by its first letters: `smel` finds smell, smells, smelling, and most ways to misspell them."""


def fold(text: str) -> str:
    """Lower case without accents, letter for letter, so that places in it are places in the text."""
    folded = text.lower()
    if len(folded) != len(text):  # a few capitals, as the Turkish dotted I, become two characters
        folded = "".join(lowered if len(lowered := letter.lower()) == 1 else letter for letter in text)
    return folded.translate(_FOLD)


def near(most: int) -> str:
    """Pattern for up to so many words between two others, within a sentence. Possessive: it can't backtrack into a word."""
    return rf"(?:[^\w.!?\n]++\w++){{0,{most}}}?[^\w.!?\n]++"


N1, N2, N3, N4, N6 = near(1), near(2), near(3), near(4), near(6)


@dataclass(frozen=True)
class Rule:
    """`cues` are the first letters (at most four) of which one must occur; `negatable` where "no ..." before it takes it away."""

    kind: Kind
    about: str
    cues: tuple[str, ...]
    pattern: re.Pattern[str]
    negatable: bool = True
    calm: bool = True  # whether fiction, an exercise or the distant past takes it away


def _rule(kind: Kind, about: str, cues: str, pattern: str, *, negatable: bool = True, calm: bool = True) -> Rule:
    return Rule(kind, about, tuple(cue[:_STEM] for cue in cues.split()), re.compile(pattern), negatable, calm)


def _harm(about: str, cues: str, pattern: str, *, negatable: bool = True, calm: bool = True) -> Rule:
    return _rule("risk_of_harm", about, cues, pattern, negatable=negatable, calm=calm)


_CHILD = r"(?:child\w*|kids?|bab(?:y|ies)|toddlers?|infants?|newborn|little (?:girl|boy)s?|schoolkids?|pupils?|(?:my|his|her|our) (?:daughter|son)s?)"
_ENFANT = r"(?:enfants?|bebes?|gamine?s?|fillettes?|nourrissons?|petits? garcons?|petites? filles?|gosses?|mineure?s?|eleves?|(?:mon|ma|son|sa|leur) (?:fils|fille))"
_PERSON = (
    r"(?:someone|somebody|people|person|man|woman|lady|neighbou?r|pensioner|mother|father|mum|mom|dad|husband|wife|brother|sister|friend|grand\w+|"
    r"cyclist|pedestrian|worker|workman|tenant|he|she|they|i|we|resident|driver|passenger|student)"
)
_QUELQUN = (
    r"(?:quelqu'un|gens|personnes?|homme|femme|dame|monsieur|voisine?s?|mere|pere|maman|papa|mari|frere|soeur|ami|amie|grand[- ]?\w+|cycliste|"
    r"pieton\w*|ouvrier|locataire|il|elle|ils|je|nous|vieillard|mamie|papi|conducteur|passagere?|etudiante?)"
)

_RULES: tuple[Rule, ...] = (
    # Gas and carbon monoxide
    _harm("gas", "gas", rf"\b(?:smell\w*|stink\w*|reek\w*|whiff|odou?r\w*|leak\w*|stench){N4}(?:gas|propane)\b"),
    _harm("gas", "gas", rf"\bgas\b{N3}(?:smell\w*|leak\w*|odou?r|hiss\w*|escap\w*|coming out)|\bgassy smell"),
    _harm("gas", "gaz", rf"\b(?:odeurs?|sen[st]|sentent|sentir|sentait|pue|fuites?|emanations?|fuit){N6}gaz\b"),
    _harm("gas", "gaz", rf"\bgaz\b{N3}(?:fui\w*|s'echapp\w*|odeur|siffl\w*)"),
    _harm("gas", "carb mono co", r"\b(?:carbon ?monoxide|monoxyde de carbone|monoxide)|\bco (?:alarm|detector)\w*|\bdetecteur de co\b"),
    # Electricity
    _harm(
        "electricity",
        "wire cabl wiri powe line elec sock fuse",
        rf"\b(?:live|exposed|bare|fallen|downed|hanging|dangling|loose|sparking|snapped|broken|buzzing|trailing|uncovered|burnt|melt\w*){N2}"
        r"(?:(?:electric\w*|power) )?(?:wires?|cables?|powerlines?|power lines?|wiring|electrics|conductors?|sockets?|fuse ?box)\b",
    ),
    _harm(
        "electricity",
        "wire cabl wiri powe",
        rf"\b(?:wires?|cables?|power ?lines?|wiring)\b{N6}(?:exposed|bare|hang\w*|dangl\w*|spark\w*|sticking out|down|live|fallen|fell|touch\w*|reach|snapped|"
        r"lying|come down|buzz\w*|on the (?:ground|pavement|road|floor|path|grass))\b",
    ),
    _harm("electricity", "elec shoc", r"\belectrocut\w*|\b(?:electric|electrical) shocks?\b|\b(?:got|gives?|gave|getting|get) (?:me |us |you )?(?:a |an |\w+ )?shocks?\b"),
    _harm("electricity", "spar", rf"\bspark(?:s|ing)\b{N4}(?:from|out|box|socket|cable|lamp|meter|panel|pole|post|wire\w*)|\b(?:throwing|seeing|see|saw|with) sparks\b|\bsparking\b"),
    _harm(
        "electricity",
        "fil fils cabl lign elec boit prise comp",
        rf"\b(?:fils?|cables?|lignes?|boitiers?|prises?|compteur){N6}(?:denudes?|a nu|a vif|pend\w*|par terre|au sol|arraches?|tombee?s?|sous tension|gresill\w*|"
        r"apparents?|coupes? par terre|ouvert avec|traine\w*|fond|fondus?|fondue?)\b",
    ),
    _harm("electricity", "elec etin juis disj jus cour", r"\belectrocut\w*|\bdecharges? electriques?|\betincelles?\b|\bprend\w* (?:le jus|du jus|une decharge|une chataigne)|\bpris (?:le jus|une decharge|une chataigne|du jus)|\bcoup de jus|\belectris\w+"),
    # Fire, smoke, explosion
    _harm("fire", "fire", rf"\b(?:on|caught|catch\w*|set|sets|setting|started|starting|lit|lighting){N2}fires?\b|\bfire (?:in|at|has|is|under|behind|started|broke|spread\w*|out of|now|on the|near|next)\b|\b(?:there'?s|there is) a? ?(?:\w+ )?fire\b|^fire\b|\bfires? (?:being )?(?:lit|burning)\b"),
    _harm("fire", "burn flam blaz alig arso", rf"\b(?:house|flat|building|car|bin|bins|shed|kitchen|roof|apartment|garage|forest|field|container|van|bus|tree|caravan|wood|woods|hedge|scooter|battery){N3}(?:burning|ablaze|in flames|alight|burnt down)\b|\bflames\b|\bset\w*{N2}(?:alight|ablaze)\b|\bsmell\w*{N4}burn\w+|\bburn\w+{N2}(?:smell|plastic)\b|\bablaze\b|\barson\w*|\bburning (?:car|bin|house|building|rubbish)"),
    _harm("fire", "smok", rf"\b(?:black|thick|heavy|white|dense|lots? of|full of|filled with|fills? with|filling with|see|there is|there's){N1}smoke\b|\bsmoke\b{N3}(?:coming|pouring|billow\w*|fill\w*|everywhere|rising|from the (?:roof|window|flat|building|cellar|basement|meter|socket|engine|bin)|out of|inside)\b|\bsmoking (?:socket|meter|fuse|cable|box|panel|battery)|\bsmell\w*{N2}smoke\b|\b(?:socket|meter|fuse|box|panel|battery|wiring|plug|transformer|boiler) (?:is )?smok\w+"),
    _harm("fire", "expl", r"\bexplo(?:sions?|ded|ding|des|de)\b"),
    _harm("fire", "feu flam ince brul", rf"\b(?:au|en|prend|prit|prendre|pris|mis|met|mettent|mettre|le) (?:le )?feu\b(?! (?:rouge|vert|orange|tricolore|pieton|d'artifice|clignot|de signal|est (?:au|en|rouge|vert|casse))\w*)|\b(?:un|du) feu (?:dans|chez|a la|sur|sous|derriere|s'est|de (?:poubelle|foret|broussaille|cave|voiture|chemine))\w*|\ben flammes?\b|\bflammes\b|\bincendi\w+|\b(?:voiture|poubelles?|maison|immeuble|appartement|toit|cave|garage|foret|scooter|cuisine|hangar|local|camion|haie|champ|container|conteneur){N3}brulent?\b|\b(?:odeur|sent|sentons|pue){N4}brule\b|\bca (?:brule|sent le brule)\b"),
    _harm("fire", "fume", rf"\bfumees?\b{N3}(?:sor\w+|noires?|epaisses?|partout|s'echapp\w*|envah\w*|mont\w*|blanches?|acres?)|\b(?:beaucoup|plein|rempli\w*|envahi\w*) (?:de |par la )?fumee|\b(?:de la|une) fumee (?:dans|sort|qui|du|de la|au)|\bca fume\b|\b(?:compteur|prise|tableau|batterie|boitier|chaudiere|transformateur){N2}fume\b|\bsent\w*{N2}la fumee\b"),
    _harm("fire", "expl", r"\bexplos(?:e|er|ent|ion|ions)\b"),
    # Collapse, falling things, holes
    _harm("collapse", "coll", rf"\bcollaps(?:e|es|ed|ing)\b"),
    _harm(
        "collapse",
        "fall fell come comi giv lean crac cavi cave hang topp abou loos",
        rf"\b(?:wall|ceiling|roof|balcony|tree|branch|bough|chimney|scaffold\w*|building|house|facade|bridge|crane|pole|lamp ?post|lamppost|tiles?|slates?|masonry|bricks?|stones?|cornice|floor|staircase|stairs|shed|sign|trunk|beam|plaster|"
        rf"gutter|window pane|goalpost|pylon|embankment)\b{N6}(?:about to (?:fall|collapse|come down|give way|topple)|(?:going|ready|threatening|bound) to (?:fall|collapse|come down|give way|topple)|falling|caving|caved|giving way|gave way|toppl\w*|"
        r"(?:has |have )?(?:fallen|come down|came down|fell) (?:on|in|onto|into|across)|leaning (?:badly|dangerously|over|more|towards)|hanging (?:over|by|off|above)|could (?:fall|collapse|come down|go) (?:any|at any)|any (?:minute|moment|second))",
    ),
    _harm("collapse", "cavi cave land sink subs", r"\bcav(?:ing|ed|es) in\b|\blandslides?\b|\bsink ?holes?\b"),
    _harm("collapse", "manh cove drai hole shaf", rf"\b(?:open|uncovered|missing|no|without|stolen|broken|gone){N3}(?:manhole|drain cover|shaft)\w*|\bmanhole\b{N4}(?:open|missing|gone|stolen|uncovered|no cover|without|broken)|\bhole\b{N4}(?:fall|fell|fallen) in"),
    _harm("collapse", "effo ecro peri ebou glis mena affa", r"\beffondr\w*|\becroul\w*|\bperil imminent|\beboul\w*|\bglissement de terrain|\bmenace\w* (?:de )?(?:tomber|s'effondrer|ruine|s'ecrouler|ceder|basculer)|\bs'affaiss\w*|\bs'est affaissee?\b"),
    _harm(
        "collapse",
        "tomb ced pend pose bala arra fiss decr pench basc deta",
        rf"\b(?:mur|muret|plafond|toit|toiture|balcon|arbre|branche|cheminee|echafaudage|immeuble|facade|pont|grue|poteau|lampadaire|tuiles?|pierres?|briques?|corniche|plancher|escalier|platre|panneau|poutre|gouttiere|volet|tronc|platane|pin|chene|sapin|peuplier)\b"
        rf"{N6}(?:va (?:tomber|ceder|s'effondrer|basculer)|vont (?:tomber|ceder)|pret\w* a (?:tomber|ceder)|sur le point de|qui (?:tombe\w*|se detache\w*)|tombent?\b|(?:est|sont|s'est|vient de|viennent de) (?:tomb\w+|detach\w+)|cede\b|a cede|se detach\w*|penche\w* (?:dangereusement|de plus|vers|sur|beaucoup)|ne tient (?:plus|qu)\w*|d'un (?:moment|instant|jour) a l'autre)",
    ),
    _harm("collapse", "egou plaq bouc rega trou", rf"\b(?:bouche|plaque|regard|trappe){N2}(?:egout|egouts)?{N3}(?:ouverte?|ouvertes|beante?|manqu\w*|disparue?|volee?|absente?|sans (?:plaque|couvercle)|enlevee?|cassee?)\b|\b(?:trou|bouche|regard) beante?\b|\btrou\b{N4}(?:tomber|tombe) dedans"),
    # Trapped
    _harm("trapped", "trap stuc lock buri out pinn", rf"\btrapped (?:in|under|inside|on|behind|by|between)\b(?! (?:a|this|the|my|your|an) (?:loop|contract|system|cycle|website|bureaucra|form|debt|lease|spiral|plan))|\b(?:is|are|am|people|person|someone) trapped\b|\b(?:stuck|stranded|locked|shut){N1}(?:in|inside|under|between|on)\b{N2}(?:lift|elevator|cellar|basement|car|roof|flat|room|bathroom|shaft|hole|cave|house|toilet|ice|fence|pipe|drain|well|railings?|vault|wc|mud)\b|\b(?:can'?t|cannot|can not|unable to|couldn'?t) (?:get|climb|come) out\b(?! of (?:the |my |this |a )?(?:contract|lease|loop|plan|subscription|debt|agreement|account|form|page|screen))|\bburied (?:under|alive)\b|\bpinned (?:under|against)", negatable=False),
    _harm("trapped", "bloq coin enfe pris ense pieg sort", rf"\b(?:bloque|coince|enferme|prisonniere?|piege)e?s?{N3}(?:ascenseur|cave|voiture|appartement|chambre|toilettes|salle de bains?|sous (?:le|la|les|un|une)|eboulis|toit|parking|grille|trou|puits|chez (?:elle|lui|moi|eux)|wc|vestiaire|coffre|sanisette|decombres|flammes)\b|\bensevelie?s?\b|\b(?:peu[txs]|peuvent|pouvons|arrive|arrivent|arrivons|parviens|parvient|reussit) (?:pas|plus) a? ?(?:en |a en )?sortir\b(?! (?:du contrat|de ce contrat|mes poubelles|les poubelles|ma poubelle|la poubelle|mon bac|le chien|la voiture|ma voiture|de la page|du menu))", negatable=False),
    # Water
    _harm("water", "drow", r"\bdrown(?:s|ed|ing)?\b"),
    _harm("water", "wate ris flo", rf"\bwater\b{N3}(?:rising|coming up|up to (?:my|our|the) (?:knees?|waist|chest|sockets?))|\bwater\b{N6}(?:sockets?|fuse ?box|light fittings?|electric\w*|consumer unit|wiring|plugs?)\b|\bswept away\b"),
    _harm("water", "noye noya eau emp", rf"\bse noie\w*|\bnoyade|\bse noyer\b|\bnoyee?s?\b|\bl'eau (?:monte|arrive jusqu|continue de monter|atteint)\b|\beau\b{N6}(?:prises?|tableau electrique|electri\w*|disjoncteur|compteur electrique|luminaires?|lustre)\b|\bemporte\w* par (?:le courant|l'eau|la crue)"),
    # Children
    _harm(
        "child",
        "chil kid kids baby babi todd infa newb litt pupi daug son sons scho",
        rf"\b{_CHILD}\b{N4}(?:alone|unattended|beaten|beat|being hit|hit by|hit with|bruis\w*|burns|cigarette burn\w*|abus\w*|neglect\w*|starv\w*|screams?|screaming|locked|hurt|injur\w*|bleeding|missing|disappeared|not (?:come|came) home|wandering|touched|molest\w*|unconscious|swallow\w*|groom\w*|naked|"
        r"in danger|at risk|not safe|unsafe|crying for help|drunk|bitten|knocked down|run over|knocked over|nearly (?:hit|killed|run|fell|drowned)|almost (?:hit|killed|run|fell|drowned))\b",
    ),
    _harm("child", "chil kid kids baby babi todd infa litt", rf"\b(?:hit|hits|hitting|beat|beats|beating|hurt|hurts|hurting|shak\w+|slap\w*|kick\w*|abus\w+|neglect\w*|left|leaves|leaving|locks?|locked|starv\w+|threw|burn\w*|touch\w*|molest\w*|follow\w*|approach\w*|filming|grab\w*|snatch\w*|kidnap\w*){N3}{_CHILD}\b(?!{N1}(?:centre|center|club|pool|school|party|menu|section|library|card))"),
    _harm("child", "chil kid pare baby", r"\bchild (?:abuse|neglect|protection)\b|\bpaedophil\w*|\bpedophil\w*"),
    _harm(
        "child",
        "enfa bebe gami fill nour garc goss mine elev fils",
        rf"\b{_ENFANT}\b{N6}(?:tout\w* seule?s?|seule?s? (?:dans|a la maison|depuis|la nuit|dehors|au|sur)|livree?s? a (?:elle|lui|eux)|battue?s?|frappee?s?|des coups|coups de|maltrait\w*|des bleus|de bleus|couverte?s? de|enfermee?s?|abus\w*|attouch\w*|hurlent?|hurler|neglig\w*|affamee?s?|en danger|blessee?s?|disparue?s?|pas rentree?s?|fugue|"
        r"inconscient\w*|avale|saigne|brulures?|mordue?s?|renversee?s?|failli (?:se|etre|tomber|mourir|passer)|crie\w* au secours)\b",
    ),
    _harm("child", "enfa bebe gami fill nour goss mine garc", rf"\b(?:frappe|frappent|bat|battent|secoue|gifle|maltraite|cogne|laisse|laissent|laisse seule?|enferme|enferment|abuse|tape|tapent|suit|aborde|brule|attache|touche|filme|enleve){N2}(?:(?:son|sa|ses|leur|leurs|le|la|les|des|un|une|mon|ma|l'|deux|trois) ?)?(?:petite?s? )?{_ENFANT}\b(?! (?:pour|aux? (?:etude|sport)))", negatable=True),
    _harm("child", "enfa maltr pedo", r"\bmaltraitance\w*|\benfance en danger|\bpedophil\w*|\bpedocrimin\w*"),
    # Violence
    _harm(
        "violence",
        "beat hit hits hitt stra chok stab atta assa knif gun guns weap kill rape raped rap thre punc kick shot shoo mach figh viol stal viol slap mugg acid",
        rf"\b(?:husband|wife|partner|boyfriend|girlfriend|ex|he|she|they|man|father|stepfather|neighbou?r|son|somebody|someone|brother|guy|men|youths?|gang|landlord|carer){N3}(?:beat|beats|beating|hits|hitting|hit me|hit her|strangl\w*|chok(?:es|ed|ing) (?:me|her|him)|stab\w*|attack(?:s|ed|ing)? (?:me|us|her|him|people|a|my|an|the)|assault\w*|punch\w*|kick(?:s|ed|ing) (?:me|her|him|my|a|in the door)|raped|shoot\w*|slap\w*|threaten\w*|pulled a|holding a|waving a|has a (?:gun|knife|weapon|machete)|with a (?:gun|knife|weapon|machete|bat|axe))\b",
    ),
    _harm("violence", "kill murd dead deat", rf"\b(?:kill|murder|shoot|stab|hurt) (?:me|us|her|him|them|my|someone|you)\b|\bdeath threats?\b|\b(?:going|gonna|wants?|threaten\w*|will|tried|trying) to kill\b|\b(?:will|'ll) kill\b|\bbeen (?:killed|murdered)\b"),
    _harm("violence", "knif gun gunm guns mach weap axe", rf"\b(?:with|has|had|holding|waving|pulled|carrying|brandish\w*|pointed|pointing|fired){N2}(?:knife|knives|gun|guns|machete|weapons?|axe|pistol|rifle|shotgun)\b|\bgun ?shots?\b|\bgunman\b|\bshots fired\b|\bshooting (?:in|at|outside|on)\b"),
    _harm("violence", "afra fear terr scar safe", rf"\b(?:afraid|fear\w*|scared|terrified) (?:for|of) (?:my|our|her|his|their|your) (?:life|lives|safety)\b|\b(?:afraid|fear\w*|scared|terrified) (?:of )?(?:my|her|his|the) (?:husband|partner|ex|father|son|boyfriend|stepfather|wife)\b|\b(?:afraid|scared|terrified)\b{N2}(?:he|she|they)(?:'ll| will| is| are|'s) (?:come back|kill|hurt|attack|hit|outside|going to)\b|\b(?:not|don'?t feel|isn'?t|never feel) safe (?:at home|with him|with her|in my (?:own )?home|from him)", negatable=False),
    _harm("violence", "dome rape rapi sexu stal viol forc mugg hits beat", rf"\bdomestic (?:violence|abuse)\b|\brap(?:ed|ing)\b|\bbeing raped\b|\bsexual(?:ly)? (?:assault\w*|abus\w*)|\bviolent (?:husband|partner|ex|father|son|man|fight)\b|\bstalk(?:ed|ing|er|s) (?:me|my|her)?|\b(?:hits|beats|punches|strangles|kicks) (?:me|her|him|us)\b|\bfight(?:ing)?{N3}(?:knives|street|blood|now|outside|bottles)\b|\b(?:was|got|been|being|were) (?:mugged|attacked|assaulted|beaten(?: up)?|stabbed|strangled|punched|followed home)\b|\bforced marriage\b"),
    _harm("violence", "bomb gren shel terr", r"\b(?:a|the|there is|found) (?:\w+ )?(?:bomb|grenade|explosive|mortar shell)s?\b(?! disposal)|\bunexploded\b|\bbomb (?:threat|alert)"),
    _harm(
        "violence",
        "frap bat bats cogn taba etra poig cout arme fusi pist mena tuer tue viol agre tir tire coup mach hach batt",
        rf"\b(?:me|la|le|nous|m'|l'|les|se) ?(?:frappe|frappent|cogne|tabasse|tabassent|etrangle|poignarde|bat\b|battent|menace|gifle|agresse|agressent|viole)\w*\b(?! (?:de (?:me |nous )?(?:suspen|coup|rompre|porter plainte|saisie|poursui|pluie|neige)|pas|par l|au visage le soleil))|\bm'a (?:frappee?|battue?|agressee?|tabassee?|etranglee?|poignardee?|violee?|menacee?|cogne\w*|gifle\w*|pousse\w*|mis une? )|\b(?:frappe|bat|cogne|tabasse|etrangle|poignarde|gifle) (?:sa|son|ma|mon|leur|une?|les?|la|l') ?(?:femme|mari|compagne|compagnon|mere|pere|epouse|conjointe?|copine|voisin\w*|soeur|frere|homme|dame|passant\w*|chien|fils|fille)\b",
    ),
    _harm("violence", "tuer tue mort assa pend", r"\b(?:va|veut|vont|menace de|menacent de|menacee? de|jure de|essaye? de|voulu|failli) (?:me|la|le|nous|les|te|se)? ?(?:tuer|egorger|assassiner|bruler|buter|planter)\b|\bmenaces? de mort|\bmenac\w+ de mort|\bme (?:tuera|tuer)\b|\bpeur pour (?:ma|sa|notre|leur|nos) (?:vie|vies|securite)|\bcraignons pour (?:notre|sa) (?:vie|securite)|\bse fait (?:tuer|frapper|agresser|tabasser|battre)\b|\ben train de (?:se )?(?:battre|frapper|taper|tabasser|etrangler|tuer|mourir)\b"),
    _harm("violence", "cout arme fusi pist mach hach tir tirs coup batt baga rixe kala", rf"\b(?:avec|un|une|a la main|sorti|brandi\w*|pointe){N1}(?:couteau|couteaux|fusil|pistolet|machette|hache|batte|barre de fer|carabine|kalachnikov)\b(?! (?:a (?:pain|beurre|huitre)|suisse|de (?:cuisine a|peintre|pluie)|eau))|\barmee?s? d'une?\b|\bhommes? armes?\b|\bcoups? de (?:couteau|feu|poing|hache|machette|batte)\b|\btirs? (?:d'arme|a l'arme|de mortier)|\btirent? (?:sur|dans la rue|au)\b|\brixe\b|\bbagarre\b"),
    _harm("violence", "viol agre conj harc", rf"\bviolences? (?:conjugales?|domestiques?|familiales?|intrafamiliales?|physiques?|sexuelles?)|\bviolee?s?\b|\bviol (?:de|dans|sur|en)\b|\b(?:mari|conjoint|compagnon|ex|pere|fils|voisin|homme|beau-pere|type){N3}(?:est |devient |tres |toujours |encore )*violente?\b|\bagression (?:en cours|sexuelle|physique|au|dans|sur|a l|devant)|\bagressee?s?\b|\bse battent\b|\b(?:suis|est|etre|femme|voisine) (?:battue|frappee)\b|\bpeur de (?:mon|son) (?:mari|conjoint|ex|compagnon|pere|fils)\b|\bpeur (?:de lui|qu'il (?:revienne|me|la|nous))\b|\bmariage force\b", negatable=True),
    _harm("violence", "bomb gren obus expl colis", r"\b(?:une|la|trouve|alerte a la) (?:bombe|grenade)\b(?! (?:de peinture|aerosol|insecticide|lacrymo))|\bobus\b|\bengin explosif|\bcolis suspect"),
    # Suicide and self-harm
    _harm("suicide", "suic over self", r"\bsuicid\w*|\bself[- ]?harm\w*|\boverdos\w*", calm=False),
    _harm("suicide", "kill end live life die harm hurt cut dead wake exis alive jump reas", r"\b(?:kill|killing|hurt|hurting|harm|harming|hang|hanging|cut|cutting|drown) (?:myself|himself|herself|themselves)\b|\bend(?:ing)? (?:my|his|her|their|this|it) (?:own )?(?:life|all)\b|\bend it all\b|\b(?:take|taking|took|taken) (?:my|his|her) own life\b|\b(?:don'?t|do not|didn'?t|doesn'?t|no longer|not) (?:really )?(?:want|wish|wants?) to (?:live|be here|be alive|wake up|exist|go on|carry on)\b|\b(?:want|wants|wanted|wish|going|rather|ready) (?:to (?:die|be dead)|i (?:was|were) dead)\b|\bwish i (?:was|were) dead\b|\b(?:no|any) (?:reason|point) (?:to|in) (?:live|living|being alive|going on|go on|carrying on)\b|\bnothing (?:left )?to live for\b|\bbetter off (?:dead|without me|if i)\b|\bjump(?:ing|ed)? (?:off|from|out of) (?:the|a|my|this) (?:bridge|roof|balcony|window|building|tower|viaduct)\b|\bcan'?t (?:go on|carry on|live like this|take (?:it )?any ?more)\b|\bnot be here (?:tomorrow|much longer|anymore)\b", negatable=False, calm=False),
    _harm("suicide", "suic fini vivr mour tuer jour saut scar mal dispa aval vie en l'a fout pend veni exis reve", r"\bsuicid\w*|\bscarifi\w*|\b(?:mettre|mettra|mette|mis|met) (?:un terme|fin) a (?:mes|ses|nos|ma|sa) (?:jours|vie)\b|\ben finir\b(?! (?:avec (?:ce|cette|ces|le|la|les|mon|ma|mes|l'|vos|votre|un|une)\b|au plus|une bonne))|\ben finir avec (?:la|ma|sa|cette) vie\b|\b(?:envie|veux|veut|voudrais|voulait|prefere|souhaite|aimerais|voulu|prefererais) (?:de )?(?:mourir|me tuer|se tuer|me pendre|disparaitre)\b|\b(?:vais|va|veux|veut|pense a|songe a|songer a|voulu) (?:me|se) (?:tuer|pendre|jeter (?:sous|du|par|dans|d')|foutre en l'air|suicider|noyer|supprimer|flinguer)\b|\b(?:plus|pas) (?:du tout )?(?:envie|la force|le courage|de raison|aucune raison|de raisons) (?:de|pour) (?:vivre|continuer|me lever|me reveiller|rester en vie)\b|\b(?:veux|veut) plus (?:vivre|etre la|me reveiller|exister)\b|\bme faire du mal\b|\bse faire du mal\b|\bsaute\w* (?:du (?:pont|toit|balcon)|par la fenetre|dans le vide)\b|\ba quoi bon (?:vivre|continuer)\b|\bavale (?:toute?s?|une boite|des|tous|plein|deux boites|trop) (?:la |une |ses |mes |les |de )?(?:boite|plaquette|medicaments?|cachets?|comprimes?|somniferes?)|\bne serai (?:plus|bientot plus) (?:la|de ce monde)\b|\bplus rien (?:ne me retient|a attendre de la vie)|\bmieux (?:sans moi|mort|morte)\b|\bidees noires\b", negatable=False, calm=False),
    # Medical
    _harm("medical", "brea brea", r"\b(?:can'?t|cannot|can not|cant|not|isn'?t|hardly|barely|struggl\w+|difficulty|trouble|stopped|unable|couldn'?t|hard)(?: \w+)? (?:to )?breath(?:e|ing)?\b|\bshort(?:ness)? of breath\b", negatable=False),
    _harm("medical", "unco unre fain pass coll seiz hear stro ches blee chok pois conv alle anap", rf"\bunconscious\b|\bunresponsive\b|\bfainted\b|\bpassed out\b|\bseizures?\b|\bheart attack\b|\b(?:having|had|has|suffered|a) a? ?stroke\b|\bchest pains?\b|\bpains? in (?:my|his|her|the) chest\b|\bbleed(?:s|ing)\b|\bchoking\b|\b(?:been|food|is|was|get|were) poison(?:ed|ing|s)?\b|\bpoisoned\b|\banaphyla\w*|\bconvulsi\w*|\bcollapsed\b|\bhypotherm\w*"),
    _harm("medical", "inju hurt brok woun crus frac bitt burn", rf"\b{_PERSON}\b{N4}(?:injured|hurt|bleeding|wounded|crushed|badly burn\w*|seriously burn\w*|bitten|scalded)\b|\b(?:badly|seriously|gravely|severely) (?:hurt|injured|burn\w*|wounded|ill)\b|\b(?:broke|broken|fractured) (?:his|her|my|a|their) (?:leg|arm|hip|wrist|ankle|skull|neck|back|pelvis)\b|\bbit(?:ten)? (?:by|my|me|her|him|a)\b|\b(?:dog|rat|snake) (?:has )?(?:bit|bitten|attacked)\b|\binjuries\b"),
    _harm("medical", "movi move get up wake resp lyin answ coll floo", rf"\b(?:lying|lies|laying|collapsed|slumped|found){N3}(?:on|in) the (?:ground|floor|pavement|street|road|bench|stairs|snow|bathroom|path)\b|\b(?:not|isn'?t|won'?t|doesn'?t|no longer) (?:moving|waking up|wake up|responding|reacting)\b|\b(?:can'?t|cannot|unable to|couldn'?t) (?:get up|stand up|move)\b(?! (?:house|home|in|into|out of|the car|my car|it|this|that|to|my bin))|\bhas(?:n'?t| not) (?:answered|been seen|opened){N6}(?:days?|door|yesterday|weeks?)\b", negatable=False),
    _harm("medical", "oxyg vent dial insu ambu para medi", rf"\b(?:oxygen|ventilator|dialysis|insulin|respirator|life support|concentrator)\b{N6}(?:run\w* out|out of|off|fail\w*|stop\w*|no (?:power|electricity)|without|left|cut|battery|dead|tonight)\b|\b(?:no|without|out of|no more|needs?|ran out of|cut\w*|power){N6}(?:insulin|oxygen|dialysis|ventilator|concentrator)\b|\b(?:call|send|need|get)\w*{N2}(?:ambulance|paramedics?)\b", negatable=False),
    _harm("medical", "resp souf etou", r"\b(?:arrive|arrivent|peu[tx]|peuvent|n'arrivait) (?:pas|plus) (?:a )?respirer\b|\brespire (?:plus|pas|mal|tres mal|difficilement|a peine)\b|\b(?:mal|peine|difficultes?|gene) a respirer\b|\bdifficultes? respiratoires?|\bdetresse respiratoire|\bs'etouff\w*|\bme suis etouff|\bj'etouffe\b|\bse (?:met a )?s?'?etouff\w*", negatable=False),
    _harm("medical", "inco evan conv infa avc cris hemo saig sang empo into poit chute ambu samu mala", rf"\binconsciente?\b|\bevanouie?\b|\bconvuls\w*|\binfarctus\b|\bavc\b|\bcrise (?:cardiaque|d'epilepsie|d'asthme|d'angoisse|convulsive)|\bhemorrag\w*|\bsaign(?:e|ent|ait|ements?)\b|\bplein de sang\b|\bempoisonn\w*|\bintoxi(?:cation|que|quee|quees|ques)\b|\b(?:douleurs?|mal){N2}poitrine\b|\b(?:fait|a eu|eu|pris|un|d'un) malaise\b|\bperdu connaissance|\bperte de connaissance|\bhypotherm\w*|\bmalaise (?:dans|devant|sur|au)|\bappel\w* (?:le samu|les secours|une ambulance|les pompiers|le 15|le 18)\b|\bbesoin (?:d'une ambulance|du samu|des secours|des pompiers)|\benvoy\w+{N2}(?:pompiers|secours|samu|ambulance|police)\b"),
    _harm("medical", "bles frac bris mord brul jamb cass", rf"\b(?:grievement|gravement|serieusement) (?:blesse|brule|malade|atteinte?)\w*|\bblessee?s?\b|\b(?:s'est|me suis|il s'est|elle s'est) (?:casse|fracture|brule|fractur|ouvert|blesse)\w*\b{N4}(?:jambe|bras|hanche|poignet|cheville|tete|col|bassin|crane|dos|main|visage|femur)|\b(?:fracture|traumatisme) (?:du|de la|cran\w+|ouverte)\b|\bmord(?:ue?s?|u par|)\b|\b(?:chien|rat|serpent){N2}(?:a mordu|attaque|mord)\b|\bbrulee?s? (?:au|gravement|vif)"),
    _harm("medical", "boug repo reag rele allo gise leve etend gis ouvr", rf"\bne (?:bouge|repond|reagit|bougeait|se reveille)\w* (?:plus|pas)\b(?! (?:au telephone|a mes mails?|a mes courriers?|aux? (?:mails?|appels?|courriers?)|dans l'application|quand je clique))|\b(?:bouge|reagit|reveille) plus\b|\b(?:allongee?|etendue?|gisant|couchee?|ecroulee?|inanimee?){N3}(?:par terre|au sol|sur le (?:trottoir|sol|banc|carrelage)|dans (?:la rue|l'escalier|la neige|le hall|l'entree)|sur la (?:route|chaussee))\b|\b(?:peut|arrive|parvient|peux) (?:pas|plus) (?:a )?(?:se|me) (?:relever|lever)\b|\bse relever\b|\binanimee?\b|\brepond plus (?:depuis|a la porte|quand on (?:sonne|frappe|toque))\b", negatable=False),
    _harm("medical", "oxyg dial insu resp", rf"\b(?:oxygene|dialyse|insuline|respirateur|assistance respiratoire)\b{N6}(?:panne|coupe\w*|plus|arrete\w*|sans|batterie|courant|electricite|ce soir|reste)\b|\b(?:plus|sans|panne|coupure|manque|coupe\w*|besoin){N6}(?:oxygene|dialyse|insuline|respirateur|assistance respiratoire)\b", negatable=False),
    _harm("medical", "vomi sick ill mala", rf"\b(?:water|tap|school|canteen|meal|food|fumes)\b{N6}(?:vomit\w*|poisoned|made (?:us|me|him|her|them) (?:sick|ill))\b|\b(?:eau|robinet|cantine|repas|ecole|fumees?|vapeurs?)\b{N6}(?:vomi\w*|rend\w* malade|malades)\b"),
    _harm("medical", "need syri seri", rf"\b(?:pricked|stabbed|jabbed|stuck){N4}(?:needle|syringe)\b|\bpiquee?{N3}seringue\b|\b(?:chemical|acid|toxic) (?:spill|leak|cloud|gas)\b|\bnuage toxique|\bfuite (?:chimique|d'ammoniac|de chlore|d'acide)"),
    # Calls for help, in any language
    _harm("help", "help seco 999 112 911 life", r"\bau secours\b|\bhelp us now\b|^help[ !]*$|\bhelp!! |\bcall (?:999|112|911)\b|\blife[- ]threatening|\bin (?:immediate |real |grave |serious |great |mortal )?danger (?:of|now|right now|at home|from)\b|\bimmediate danger\b|\blife or death\b"),
    _harm("help", "dang vie urge", r"\bdanger de mort\b|\bdanger immediat\b|\bdanger imminent\b|\b(?:est|suis|sommes|sont|etre|mise?s?|met|mettre|mettent) en danger\b|\bdanger (?:vital|grave)\b|\burgence vitale\b|\bquestion de vie ou de mort\b|\brisque (?:de mourir|mortel|sa vie|nos vies|d'electrocution|d'explosion|d'incendie|d'effondrement)\b"),
    _harm("help", "gasg bren feue selb hilf unfa mess blut feue rauch einst einge", r"\bgasgeruch|\bgas riecht|\briecht{N2}gas\b|\bes brennt\b|\bbrennt\b|\bfeuer (?:im|in|bei)\b|\bselbstmord|\bumbringen\b|\bhilfe!|\bbewusstlos|\beinsturz|\beingeklemmt|\bmesser\b|\bblutet\b".replace("{N2}", N2)),
    _harm("help", "fuga ince suic soco muer mata fuog aiut incen gas fogo incê", rf"\bfuga de gas\b|\bfuga di gas\b|\bfuga de gas\b|\bincendios?\b|\bsuicid\w+|\bsocorro\b|\baiuto!|\bal fuoco\b|\bhuele a gas\b|\bolor a gas\b|\bodore di gas\b|\bcheiro a gas\b|\bfuego en\b|\bme (?:quiere|va a) matar\b|\bmi (?:picchia|uccide)\b|\bgaslek|\bgaslucht|\bpozar\b|\bwyciek gazu\b|\byangin\b|\bgaz kokusu\b|\bgaz kacagi\b"),
    _harm("help", "газ пожа помо حريق غاز نجد", r"запах газа|утечка газа|пожар|помогите|пожежа|витік газу|запах газу|самоубийств|самогубств|حريق|رائحة غاز|تسرب غاز|النجدة|煤气泄漏|火灾|着火|救命|自杀", calm=False),
)

_OTHER_RULES: tuple[Rule, ...] = (
    # Legal deadlines
    _rule("legal_deadline", "appeal", "appe cont obje chal judi time dead", rf"\b(?:deadline|time limit|last day|final date|days? left|time){N3}(?:to|for|on) (?:my |the |an |lodg\w+ |fil\w+ |mak\w+ )*(?:appeal\w*|object\w*|contest\w*|challeng\w*|respond\w*|reply|review|judicial review|claim)\b|\b(?:appeal\w*|contest\w*|challeng\w*|object\w*|judicial review){N6}(?:deadline|time limit|within|before the|by (?:the|monday|tuesday|wednesday|thursday|friday|tomorrow|next|end)|\d+ (?:days|weeks)|days? left|expire\w*|runs? out|tomorrow|last day)\b|\b(?:lodge|file|filing|lodging|submit) (?:an? |my |the )?(?:formal )?appeal\b|\bformal appeal\b|\bnotice of appeal\b|\bmandatory reconsideration\b|\bstatutory (?:deadline|period|time|appeal|limit|notice|review)\b"),
    _rule("legal_deadline", "court", "cour trib hear summ subp bail", rf"\b(?:court|tribunal) (?:hearing|date|order|case|summons|on|next|tomorrow|papers|proceedings|bundle)\b|\bhearing (?:is |date |on |at |has been |set |scheduled |in )|\bsummon(?:s|ed)\b|\bbailiffs?\b|\bsubpoena|\b(?:go|going|been|taken|appear|due) (?:to|in|at|before) (?:the )?(?:court|tribunal)\b|\bcounty court\b"),
    _rule("legal_deadline", "eviction", "evic poss noti sect form", r"\beviction (?:notice|order|date|is|on|hearing|letter)\b|\bnotice (?:to quit|of eviction|seeking possession)\b|\bpossession order\b|\bsection (?:21|8)\b(?! of the (?:form|park))|\bformal notice\b|\b(?:enforcement|penalty|final|liability) (?:order|notice|demand)\b"),
    _rule("legal_deadline", "deadline", "with expi dead days date time befo laps", rf"\bwithin (?:\d+|two|three|four|six|seven|ten|fourteen|fifteen|twenty|thirty|one) (?:\w+ )?(?:days?|weeks?|months?)\b{N6}(?:of (?:the |your |this |receiving |receipt|service|notification|decision)\w*|or (?:i|we) (?:lose|forfeit|will)|under|to (?:appeal|respond|reply|object|contest|pay))|\b(?:legal|appeal|filing|court|objection|response|limitation|cooling[- ]off) (?:deadline|period|time limit)\b|\b(?:deadline|time limit){N6}(?:decision|penalty|fine|objection|tribunal|court|residence|visa|asylum|contest|planning|reply to the (?:notice|decision))\b|\b(?:visa|residence permit|leave to remain|work permit|right to (?:appeal|reply|buy))\b{N4}(?:expires?|expiring|runs? out|lapses?|ends)\b|\btime[- ]barred\b|\blose (?:my|our|the) right to\b|\bstatute of limitations?\b"),
    _rule("legal_deadline", "recours", "reco appe cont delai forc pres dela oppo", rf"\bdelais?\b{N3}(?:recours|appel|contestation|opposition|reclamation|prescription|legal|legaux|forclusion|reponse legal|retractation|preavis|(?:de |d')(?:un|deux|trois|six|quinze|trente|\d+) (?:jours|mois|semaines?)|expire|court|depasse)\b|\brecours (?:gracieux|contentieux|hierarchique|administratif|amiable|contre|en annulation|devant|avant|est|prealable|doit)\b|\b(?:deposer|former|exercer|introduire|faire|forme|depose|fait) (?:un |mon |ce |votre |une )?(?:recours|appel de|appel (?:contre|avant|du jugement|dans)|opposition a)\b|\binterjeter appel|\bforclusion|\bforclose?s?\b|\bprescri(?:ption|te?) (?:de|le|dans|biennale|quadriennale|est)|\b(?:contest\w+|recours|opposition|appel){N6}(?:avant le|jusqu'au|d'ici|sous (?:\w+) (?:jours|mois)|dans les (?:\w+) (?:jours|mois)|date limite|derniers? jours?|dernier delai)\b"),
    _rule("legal_deadline", "court", "trib audi conv huis assi comm juge cita jugem", r"\btribunal\b|\baudience (?:au|du|le|devant|est|prevue|fixee|aura|de conciliation|a lieu)\b|\bconvo(?:quee?|cation)s? (?:au|devant|a l'audience|par le juge|en justice|par la police|du tribunal)\b|\bhuissiers?\b|\bcommissaire de justice|\bassignation\b|\bassignee? (?:en|devant)\b|\bcitation a comparaitre|\bjugement (?:d'expulsion|rendu|du tribunal|me|a ete)|\bdevant le juge\b"),
    _rule("legal_deadline", "notice", "mise comm expu demeu injo saisi", r"\bmises? en demeure\b|\bcommandement de (?:payer|quitter)|\b(?:avis|procedure|menace|date|arrete|jugement|decision|ordonnance|menacee?|risque) d'expulsion|\bexpuls\w+ (?:le|prevue|dans|est|avant|locative|sous|au)\b|\binjonction (?:de payer|sous)|\bsaisie (?:sur|administrative|le|prevue|a tiers|immobiliere|conservatoire)|\bavis a tiers detenteur|\boqtf\b|\bquitter (?:le territoire|les lieux)\b"),
    _rule("legal_deadline", "deadline", "sous avan limi dela expi jour dern titr visa", r"\b(?:date limite|dernier delai|dernier jour|date butoir)\b.{0,60}\b(?:contest\w+|recours|appel|decision|amende|impot\w*|declar\w+|titre de sejour|reclam\w+|opposition|reponse|repondre)\b|\b(?:contest\w+|recours|appel|repondre a (?:la decision|la mise)|opposition)\b.{0,60}\b(?:date limite|dernier delai|dernier jour|date butoir)\b|\b(?:titre de sejour|visa|recepisse|carte de sejour)\b.{0,40}\b(?:expire|arrive a (?:expiration|echeance)|perime|n'est plus valable|se termine)\w*|\b(?:sous|dans un delai de|dans les) (?:huit|quinze|trente|dix|deux|\d+) (?:jours|mois)\b.{0,60}\b(?:sinon|a defaut|faute de quoi|sous peine|recours|contest\w+|notification|reception|pour (?:contester|repondre|payer|faire appel))\b|\bsous peine de\b"),
    # Wants a person
    _rule("wants_a_person", "person", "spea talk huma pers real some agen advi call ring phon robo bot mach mana face", rf"\b(?:speak|talk|speaking|talking|spoke|chat|get through|put me through|transfer\w* me|connect\w* me|hear from|reach|pass me|deal)\b{N1}(?:to|with|from|on to)?{N1}(?:an? |some |any |the |your )?(?:\w+ )?(?:person|human|someone|somebody|agent|advis[eo]r|caseworker|member of staff|staff|manager|supervisor|officer|operator|employee|human being|real people|anyone|anybody|one of you|case worker|colleague|official)\b|\b(?:real|actual|live|living) (?:person|human|people|employee)\b|\bhuman being\b|\b(?:not|no|without|fed up with|sick of|tired of|than|hate)\b{N2}(?:chat)?(?:robots?|bots?|chatbots?|machines?)\b|\bface[- ]to[- ]face\b|\bin person with\b", negatable=False),
    _rule("wants_a_person", "call", "call ring phon tele", r"\b(?:call|ring|phone|telephone) me (?:back|on|at|please|asap|when|after|before|today|tomorrow|as soon)\b|\b(?:can|could|would|will|please|get|have|ask|want|need)(?: \w+){0,3} (?:call|ring|phone|telephone) me\b|\bcall ?back\b|\bgive me a (?:call|ring)\b|\bplease (?:call|ring|phone)\b(?! (?:999|112|911|the police))|\bcall me\b(?! (?:a|an|mr|mrs|ms|by|old|crazy|stupid|back when)\b)|\b(?:someone|somebody|anyone) (?:to )?(?:call|ring|phone|contact) me\b", negatable=False),
    _rule("wants_a_person", "person", "parl humai pers quel cons agen robo auto vive inter joind cont tele resp", rf"\b(?:parler|discuter|echanger|dialoguer|m'entretenir|entretien|joindre|contact|passez[- ]moi|avoir|voir|rencontrer){N2}(?:quelqu'un|une (?:vraie )?personne|un (?:vrai )?(?:humain|conseiller|agent|responsable|etre humain|interlocuteur|operateur|employe|gestionnaire)|une (?:conseillere|vraie|employee|assistante sociale)|votre (?:responsable|chef|superieur)|un chef|le responsable|humain)\b|\bvraie?s? (?:personne|personnes|humain|gens|interlocuteur)\b|\bde vive voix\b|\b(?:pas|non|plus|marre|assez|ras[- ]le[- ]bol|sans)\b{N4}(?:robots?|machines?|chatbots?|repondeur)\b|\betre humain\b|\bcontact humain\b|\bquelqu'un (?:de reel|en chair|au telephone|au bout du fil|a qui parler)\b|\baucun (?:interlocuteur|humain)\b|\breponses? automatiques?{N3}(?:marre|assez|suffit|stop)\b", negatable=False),
    _rule("wants_a_person", "call", "rapp appe tele conta reca", r"\b(?:rappelez|rapellez|rappeler|rapeller|appelez|telephonez|contactez)[- ]moi (?:au|sur|par telephone|s'il|svp|stp|des|vite|demain|avant|apres|rapidement|merci|le|lundi|mardi|mercredi|jeudi|vendredi|urgemment|\[)|\b(?:rappelez|appelez|telephonez)[- ]moi\b|\b(?:etre|soit|sois) (?:rappelee?|recontactee?|contactee?) (?:par (?:telephone|un|une|quelqu'un|le)|au|demain|rapidement|svp)|\betre rappelee?\b|\b(?:pouvez|pourriez|pourrait|peut|merci de|veuillez|prie de|attends que vous|souhaite que|demande de)(?:[- ]vous|[- ]on|[- ]il| quelqu'un| vous)? (?:bien )?(?:me|nous|m') ?(?:rappeler|rapeler|rappelez|telephoner|appeler|appelle|passer un coup de fil)\b(?! (?:la|le|les|quels?|quelles?|mon|ma|mes|comment|ou|si|que|quand|pourquoi|ce|cette|votre|qui|a quelle)\b)|\bun (?:rappel|coup de fil|appel) (?:de votre part|telephonique|svp|d'un)\b|\bquelqu'un (?:peut|peut-il|pourrait|pourrait-il|pour) (?:me |m')(?:rappeler|appeler|telephoner|recevoir)", negatable=False),
    # Automatic replies
    _rule("automatic_reply", "away", "auto out away leav offi abse vaca noti undel deli mail read unat noRe nore moni", r"\b(?:automatic|automated|auto)[- ]?(?:reply|response|message|acknowledge?ment|answer|notification|email)\b(?! (?:from|by|i got|again|instead|is useless|was|every|but|telling|that said|saying|and (?:nothing|no one|nobody)|when i|to my|without))|\bauto[- ]?reply\b|\bautoreply\b|\bauto[- ]?generated\b|\bout of (?:the |my )?office\b|\bcurrently (?:away|out|on (?:annual|maternity|parental|sick|paternity) leave|on (?:leave|holiday|vacation))\b|\b(?:annual|maternity|parental|sick|paternity) leave (?:until|from|and will|returning|with)\b|\b(?:limited|no|intermittent) access to (?:my )?e?-?mails?\b|\b(?:do not|don'?t|please do not) reply to this (?:e?-?mail|message|address)\b|\bdelivery (?:status notification|has failed|failure|failed|incomplete)\b|\bundeliver(?:able|ed)\b|\bmailer[- ]daemon\b|\bcould not be delivered\b(?= )|\bmail(?:box)? (?:is )?(?:full|unattended|not monitored|unmonitored)\b|\b(?:mailbox|inbox|address) is (?:not|no longer|un)[- ]?(?:monitored|in use|attended|read)\b|\b(?:will|shall) (?:reply|respond|answer|get back to you|read your (?:e?-?mail|message)) (?:on my return|when i(?: am|'m)? (?:return|get|back)|upon my return|as soon as i(?:'m| am) back|after my)|\bi (?:will|shall) be (?:back|returning|returning to the office) (?:in the office )?on\b|\bread receipt\b|\bno longer works? (?:here|for|at)\b", negatable=False),
    _rule("automatic_reply", "away", "auto abse cong repo accu retou remi dist bureau boit vaca nore expe quit", r"\b(?:reponse|message|mail|courriel|e-mail) (?:automatique|genere automatiquement|d'absence)s?\b(?! (?:de votre|de la mairie|de vos|a chaque|sans|m'a|me dit|disant|mais|et (?:rien|personne|depuis)|qui|et puis|pour|quand|de ma part))|\bgenere automatiquement\b|\b(?:absente?|absence) du bureau\b|\bactuellement (?:absente?|en conges?|en vacances|indisponible|en arret)\b|\b(?:je suis|je serai|serai) (?:absente?|en conges?(?: annuels?| maternite| parental)?|indisponible) (?:du|jusqu|a partir|ce|pour|et|de|cette semaine|depuis)\b|\bne (?:pas|pas re)pondre a ce\b|\bne pas repondre a ce (?:message|mail|courriel)|\bn'y repondez pas\b|\baccuse de (?:reception|lecture)\b(?! (?:svp|de ma|pour|n'|jamais|s'il|en|stp|de mon|a ma|et))|\b(?:non[- ]remis|remise (?:a echoue|impossible|differee))|\bechec (?:de (?:la )?)?(?:remise|distribution|livraison du message|d'envoi)|\bn'a pas pu etre (?:remis|distribue|delivre)|\b(?:a|des|de) mon retour\b|\bde retour (?:au bureau )?le\b|\bacces (?:limite|restreint) a (?:ma messagerie|mes (?:mails|courriels|e-mails|messages))|\bboite (?:aux lettres )?(?:n'est (?:pas|plus) (?:relevee|consultee|surveillee|utilisee)|est pleine)|\b(?:message|adresse) (?:est |n'est )?(?:un |plus )?(?:automatique|consultee|relevee)\b|\bne travaille plus (?:a|au|dans|chez)\b|\bj'ai quitte (?:mes fonctions|la societe|l'entreprise)", negatable=False),
)

_FIGURES: tuple[tuple[str, str], ...] = (
    ("dyin die", r"\bdying (?:to|for a|of (?:boredom|curiosity|laughter|thirst))\b|\bto die for\b|\bdie[- ]hard\b|\bdying (?:tree|plant|grass|lawn|hedge|trade|battery)\w*"),
    ("kill", r"\bkill(?:ing|s)? (?:time|the (?:mood|vibe|grass|lawn|weeds|engine|lights?|moss)|it\b|two birds|for (?:a|an|some)\b|switch|the (?:bees|trees|plants|flowers|rats))|\bmy (?:feet|back|knees?|head|legs?) (?:is|are) killing me|\b(?:queue|paperwork|suspense|wait|noise|heat|forms?|prices?|bureaucracy|stairs|tax|rent|hill) (?:is|are|will|would)(?: \w+)? kill(?:ing)? (?:me|us|off)\b|\bkiller (?:app|whale|heels|deal)"),
    ("fire", r"\bfire (?:drills?|stations?|brigade|fighters?|safety|extinguishers?|door|doors|exit|exits|escape|hydrants?|alarm test|regulations?|insurance|risk assessment|certificate|hazard class|engine (?:toy|visit)|service open|place|wood|works?|ban|pit|sale|officer|prevention|doors?|wall)\b|\bfire(?:works?|place|wood|man|men|fighters?|wall|fly|fox|side)\b|\b(?:team|band|chef|dj|player|striker|singer|library|staff|show|he|she|you|they|you guys|squad|season|form|side|town) (?:is|was|were|are|been|'s|'re) (?:really |absolutely |totally )?on fire\b|\bfired (?:me|from|by|up|off|for)\b|\bunder fire\b|\bfire away\b|\bsets? (?:the )?(?:world|hearts?|stage|dance ?floor) on fire\b|\bcame under fire\b|\bhung fire|\bfire (?:an? )?(?:email|questions?|off)"),
    ("blas expl bomb dyna blow", r"\b(?:was|were|is|had|what|such|absolute|an?|having) a? ?(?:total |real |absolute )?blast\b|\b(?:prices?|costs?|bills?|rents?|population|traffic|demand|numbers?|popularity|debts?|interest|tax|taxes|fees|charges|rubbish|weeds|pigeons?) (?:\w+ )?(?:explod\w*|blew up|explosion)|\b(?:price|population|baby|cost|colou?r|flavou?r|rent) explosion|\bexplosion (?:of|in) (?:colou?rs?|flavou?rs?|prices?|costs?|creativity|the (?:price|cost|number)s?|numbers?|rents?|joy|bills)|\b(?:head|brain|mind|inbox|phone|mailbox) (?:is |was |will |just )?(?:about to |going to )?explo\w+|\bbath bombs?|\bbomb(?:ed)? (?:at|in) the (?:interview|exam)|\bcost(?:s)? a bomb|\bphoto ?bomb\w*|\bseed bombs?|\bcluster bomb|\bcherry bomb|\bsex bomb"),
    ("smok", r"\bsmoke[- ]?(?:free|alarms?|detectors?|screen|test|tests|control|break|breaks|signals?|house|less)\b|\bsmok(?:ed|ing) (?:salmon|fish|ham|area|areas|ban|shelter|room|section|cessation|gun|zone|is|cigarettes?)|\b(?:no|non|anti|stop|quit|stopped|quitting|people|ban|against|cigarette|weed|cannabis|neighbou?rs?|he|she|they|staff|teenagers?|patients|smokers?|nurses|employees|parents|pupils|always|who|chain)[- ]smok(?:ing|e|es|er|ers)\b|\bcigarette smoke|\bsmoke (?:outside|in front|weed|cigarettes|cannabis|on the (?:balcony|terrace|platform|beach))|\bbarbecue smoke|\bsmoke from (?:the |his |her |their )?(?:barbecue|bbq|cigarettes?|chimney|wood stove)"),
    ("dead deat", r"\bdead (?:batter\w+|pixels?|ends?|lines?|links?|leaves|plants?|trees?|branch(?:es)?|birds?|pigeons?|rats?|mouse|mice|fish|lamps?|phone|slow|easy|right|tired|bulbs?|on time|zone|letter|wood|flowers|grass|keys?|silence|quiet|boring|serious|sure|cats?|fox|animals?)\b|\bdeadlines?\b|\bdeath (?:certificates?|grant|benefit|of the|registration|by (?:a thousand|paperwork|powerpoint))|\bbored to death|\bscared to death of (?:spiders|forms|the dentist)|\bdone to death|\bsick to death|\bto death (?:of|with) (?:waiting|this|the|your|these)|\bover my dead body"),
    ("shoo shot gun stab", r"\b(?:photo|video|film|movie|music video)[- ]?(?:shoot|shoots|shooting)\b|\bshooting (?:star|range|gallery|club|hoops|a (?:film|video|movie)|the (?:film|scene|series|breeze))|\bshot (?:of|in the dark|put)|\b(?:flu|covid|vaccine|tetanus|booster|rabies|allergy) (?:shots?|jabs?)|\bgive it a shot|\bbest shot|\blong shot|\bbig shot|\bscreen ?shots?|\btake a stab|\bstab at|\bshotgun wedding|\b(?:water|glue|nail|staple|speed|radar|heat|spray|nerf|toy|grease|massage|top|foam|bubble) ?guns?\b|\bjump(?:ed|ing)? the gun|\bsmoking gun|\bstick to (?:my|our|your|their) guns|\bstab(?:bed|bing)? in the back"),
    ("shoc", r"\b(?:shock absorbers?|culture shock|sticker shock|bill shock|in for a shock|price shock|shock (?:of|when i (?:saw|opened|read|got))|a (?:nasty|real|bit of a|big|huge|complete|total) shock|got (?:a|quite a|the) shock (?:when|at|seeing|on|from (?:the|my) (?:bill|price|letter|amount)))"),
    ("heart atta pani stro", r"\b(?:nearly|almost|practically|about) (?:had|gave me|have|got) a heart attack\b|\bgave me a heart attack\b|\bheart[- ](?:attack (?:when|at|seeing)|broken|warming|felt)|\bstroke of (?:luck|genius|midnight|a pen|the pen)|\ba stroke of|\bbreast stroke|\bback ?stroke|\bbrush strokes?|\b(?:cyber|heart|dos|ddos|phishing|hacker|virus|media|verbal|personal) ?attacks?|\battack(?:ed|ing)? (?:my|the|a|this) (?:problem|form|issue|plants?|roses|hedge|trees?|bins?)"),
    ("brea", r"\bbreath(?:e|ing) (?:new life|space|fresh|a sigh|down my neck)|\b(?:don'?t|not|wouldn'?t) hold(?:ing)? (?:my|your) breath|\bbreath of fresh air|\bbreathtaking|\bchance to breathe|\broom to breathe|\bbreath(?:alyser|ing exercises?|ing class\w*)"),
    ("coll", r"\b(?:(?:web)?site|system|server|page|app|form|business|company|market|deal|talks?|negotiations?|menu|section|economy|sales|tent|chair|umbrella|online (?:form|service)|bank|morale|attendance|pram|buggy|pushchair|trolley) (?:\w+ )?collaps\w*|\bcollapsible|\bcollapse (?:the|this|all) (?:menu|section|panel|list|tab)s?|\bcollapse of (?:the )?(?:company|bank|market|talks|bus service|service)|\bcollaps\w* (?:with|in|from) (?:laughter|laughing|giggles|tears of)"),
    ("burn", r"\bburn(?:ing)? (?:questions?|desire|issue|calories|fat|out|through (?:money|cash|data)|a hole in my|midnight oil|money|bridges|passion|ambition|a cd)\b|\bburn(?:ed|t)?[- ]out (?:bulb|lamp|light|teacher|staff|employee|from work)?|\bburnt toast|\bsun ?burn\w*|\bheart ?burn|\bmoney to burn|\bburns night|\bear(?:s)? (?:were|are|must be) burning|\bslow burn|\bburner"),
    ("drow floo", r"\bdrown(?:ing|ed)? (?:in (?:paper\w*|work|debts?|emails?|bills|forms|admin\w*|ads|bureaucracy|homework|rubbish|letters)|out|by the (?:music|noise)|under (?:paper\w*|debt|work))|\bflood(?:ed)? (?:of|with|by) (?:calls|emails|complaints|tourists|letters|messages|applications)"),
    ("trap stuc buri", r"\btrapped in (?:a |an |the |this |my |your )?(?:\w+ )?(?:loop|contract|system|cycle|queue|voicemail|phone menu|bureaucra\w+|debt|lease|menu|spiral|telephone)|\b(?:stuck|trapped) (?:in|on|at|with) (?:a |the |this |my |your )?(?:\w+ )?(?:traffic|jam|queue|loop|page|step|form|waiting list|screen|contract|past|line|printer|website|level|login|loading|hold)|\bstuck in the mud|\b(?:mouse|rat|wasp|fly|slug|tourist|speed|sand|sink) ?traps?|\bburied (?:in|under) (?:paper\w*|work|forms|emails|debts?|snow of|bills|letters|admin)|\b(?:card|coin|ticket|money|letter|ring|key|parcel|paper|ball|document) (?:is |was |got |has got |gets )?(?:stuck|trapped)"),
    ("suic over", r"\b(?:political|career|social|commercial|financial|economic|electoral) suicide|\bsuicide (?:squad|prevention (?:week|day|training|poster|leaflet|campaign|month|conference))|\bsuicidal (?:pricing|policy|seagulls?|pigeons?|cyclists?|drivers?)|\boverdos\w* (?:of|on) (?:chocolate|sugar|information|adverts|christmas|politics|coffee|salt)"),
    ("viol assa atta", r"\bviolat\w*|\bviolets?|\bviolins?|\bassault (?:course|on (?:the|my|our) (?:senses|ears|eyes|nose))|\bsalt\b"),
    ("beat hit hits", r"\bbeat(?:s|ing)? (?:the (?:queue|rush|crowds?|traffic|heat|system|deadline|clock)|around the bush|about the bush|egg)|\bheart(?:s)? (?:beat|skipped|beating)|\bhit(?:s|ting)? (?:the (?:road|spot|nail|target|shops|button|gym|send|jackpot|ceiling|roof|books|submit)|send|submit|enter|a (?:wall|snag)|song|parade|show|on a solution|home hard)|\bbig hit|\b(?:smash|massive|huge) hit|\bbeaten track|\boff the beaten"),
    ("pois blee chok bitt", r"\bpoison(?:ous)? (?:ivy|pen letter|bait|for (?:rats|slugs|mice)|rats?)|\brat poison|\bbleeding (?:heart|edge|obvious|money|love|hell|cash|us dry)|\bchok(?:ing|ed|e) (?:point|on the price|back|up)|\bthe (?:weeds|ivy|traffic) (?:is|are) choking|\bbitten off more|\bbug bitten|\bbitter|\bonce bitten"),
    ("fall fell", r"\b(?:fall|fell|falling|fallen) (?:asleep|in love|behind|short|through (?:the (?:cracks|net)|again)|on (?:a |the )?(?:sunday|monday|tuesday|wednesday|thursday|friday|saturday|bank|deaf|my birthday|hard times)|apart at the seams|out with|under the)|\bwater ?falls?|\brain ?fall|\bsnow (?:is |was |has been )?fall\w*|\bprices? (?:is |are |have )?fall\w*|\bleaves (?:are |have |is )?(?:fall\w*|fell)|\bnight ?fall"),
    ("stalk thre", r"\b(?:celery|corn|flower|mushroom|cabbage) stalks?|\bthreat(?:en\w*)? (?:to (?:rain|snow|sue|cancel|disconnect|leave a review|clamp|fine|take me to court|close|stop)|me with (?:a fine|court|bailiffs|legal action|disconnection|a penalty)|us with (?:a fine|court|bailiffs|legal action|disconnection|a penalty)|legal action|court)"),
    ("elec", r"\belectrif(?:y|ying|ied)|\belectric (?:atmosphere|performance|car|cars|bikes?|scooters?|vehicles?)"),
    ("cabl wire line", r"\b(?:phone|telephone|broadband|internet|tv|usb|charging|hdmi|network|fibre|ethernet|aerial|data) (?:cables?|wires?|lines?|wiring)|\bhanging (?:on the line|on the phone|basket)|\bwashing lines?|\bloose (?:cable car|cable end of my (?:router|phone))|\bphone lines? (?:is |are )?(?:down|busy|dead)"),
    ("mort mour", r"\bmort(?:e|s|es)? de (?:rire|faim en attendant|fatigue|honte|trouille|peur de)\b|\bmorte? de rire|\bmdr\b|\bmourir (?:de rire|d'ennui|de honte|d'envie|de chaud|de curiosite|moins bete)|\b(?:meurs|mourrais|meurt|mourait|mourons) (?:d'envie|d'impatience|de rire|d'ennui|de curiosite|de soif)|\bnature morte|\bfeuilles mortes|\bpoint mort|\bangle mort|\bbatterie (?:est )?morte|\blettre morte|\btemps morts?|\bpeau morte|\bbras mort|\bpoids mort|\barbres? morts?|\bbois mort|\b(?:oiseau|pigeon|rat|chat|animal|poisson|cygne|renard)x?s? morts?|\bsaison morte|\bma saison est morte|\b(?:acte|certificat) de (?:deces|mort)|\bpixels? morts?|\bmort dans l'oeuf"),
    ("tuer tue", r"\btuer le temps|\b(?:prix|loyers?|attente|paperasse|impots?|bruit|chaleur|escaliers?|dos|pieds|genoux|queue|lenteur|demarches|formulaires?) (?:\w+ ){0,2}(?:me|nous) tue(?:nt|r|ra)?\b|\bme tue (?:a (?:vous|le|repeter|dire|l'expliquer|la tache|expliquer|demander|ecrire))|\btue[- ]l'amour|\btuer (?:les |des )?(?:mauvaises herbes|moustiques|limaces|frelons|rats|cafards|fourmis|punaises|le commerce|la ville|le centre|mouches|chenilles)|\bgros oeuvre|\bqui tue\b|\btue dans l'oeuf|\bla curiosite|\btue les (?:commerces|arbres|plantes|abeilles)"),
    ("feu", r"\bfeux? (?:d'artifice|rouges?|verts?|orange|tricolores?|pietons?|de (?:signalisation|circulation|joie|camp|la (?:st|saint)[- ]jean|position|route|recul|croisement|stop|detresse)|clignotants?|arriere|avant|follet|de paille|au carrefour|(?:sur|a) l'avenue)|\bfeux?\b(?: \w+){0,3} (?:carrefour|croisement|clignot\w*|reste au rouge|passe au vert)|\bfeu vert|\bpot[- ]au[- ]feu|\bcoupe[- ]feu|\bpare[- ]feu|\bpas le feu|\bfeu (?:mon|ma|mes|son|sa) (?:pere|mere|mari|grand\w*|epoux|femme|oncle|tante)|\bmis le feu (?:a la (?:salle|piste|scene)|au public|aux planches)|\bmet(?:tent|tre)? le feu (?:a la (?:salle|piste|scene)|au public|sur scene)|\bfeu de (?:dieu|l'action)|\bjou\w+ avec le feu|\bpermis de feu|\barme a feu factice|\bau coin du feu|\b(?:grille|griller|brule|bruler|grilles|brulent|grillent) (?:le |les |un |des )?feux?\b|\bn'y a pas le feu|\bpas le feu au lac|\bdans le feu"),
    ("fume", r"\b(?:saumon|jambon|poisson|truite|lard|magret)s? fume|\bfum(?:er|eurs?|euses?|oir)\b|\bnon[- ]fum\w+|\bsans tabac|\b(?:interdit|interdiction|arrete|arreter|defense) de fumer|\bfum(?:e|ent) (?:une|des|sa|leur|leurs|ses|sous|devant|sur|dans (?:le hall|l'ascenseur|la cage|l'abri|les couloirs)|du (?:cannabis|shit)|la cigarette|trop)|\bfumigene|\bfumee (?:de (?:cigarettes?|tabac|barbecue|cannabis)|des (?:cigarettes?|barbecues?)|du (?:barbecue|tabac))|\bdetecteurs? de fumee|\becran de fumee|\bdetecteurs? (?:et )?avertisseurs?"),
    ("expl", r"\b(?:prix|factures?|loyers?|couts?|tarifs?|charges|budget|demandes?|tete|boite mail|chiffres|nombre|trafic|dettes?|compteur|forfait|impots?|taxe|circulation|telephone|portable|population|natalite|poubelles|depenses) (?:\w+ ){0,3}explos\w+|\bexplosion (?:des|du|de) (?:prix|tarifs?|factures?|couts?|loyers?|charges|nombre|saveurs|couleurs|joie|rires?|budget|ma facture|mes charges|demandes)|\bexplos\w+ de (?:joie|rire|colere)|\b(?:explose|exploser) (?:de rire|les (?:scores|records|compteurs)|le budget|mon (?:budget|forfait))"),
    ("brul", r"\bbrule(?:r|nt)? (?:les etapes|d'envie|d'impatience|de curiosite|des calories|la politesse)|\bcreme brulee|\bquestion brulante|\bsujet brulant|\bampoules? (?:est |sont )?(?:grille|brule)\w*|\bbrule[- ]parfum|\bcerveau brule|\btete brulee"),
    ("tort enfe bomb viol", r"\bpluies? (?:tres )?violentes?|\bviolemment (?:critique|oppose)|\bviolation|\bviolet\w*|\bviolon\w*|\bbombes? (?:de peinture|aerosol|insecticides?|a (?:eau|graines|peinture))|\b(?:effet|fait l'effet) d'une bombe|\bglace|\bbombe a retardement"),
    ("coup", r"\bcoups? de (?:main|pouce|fil|coeur|foudre|theatre|chance|soleil|balai|peinture|vent|froid|chaud|telephone|gueule|blues|pub|pinceau|tonnerre|frein|klaxon|fatigue|stress|collier|barre|bluff|tampon|sang|pompe|sonnette)|\bcoups? (?:d'oeil|d'eponge|d'envoi|d'etat|franc|dur)"),
    ("batt bat frap", r"\b(?:bat|battent|battre|batte) (?:des records?|son plein|la (?:mesure|campagne)|le (?:record|pave|rappel|blanc)|en retraite|pour (?:que|mes|nos|ses|les|obtenir|faire|la|le|conserver))|\bcoeur (?:qui )?bat|\bse battent (?:pour|depuis des (?:annees|mois) pour|contre (?:la fermeture|le projet))|\bme bats? (?:pour|contre|avec|depuis)|\bse bat(?:tre|tent)? (?:pour|contre|avec (?:le|votre|l')|depuis)|\b(?:terre|lait|fer) battue?|\bsentiers? battus?|\bfrapp(?:e|er|ent|ez) (?:a la|a toutes les|aux?|a votre|d'interdiction|sur le clavier|de nullite)|\bfrappant|\bcafe frappe|\bfaute de frappe|\bbatt(?:ante?|eries?)|\bcombat"),
    ("effo ecro", r"\b(?:site|serveur|systeme|marche|prix|ventes?|natalite|moral|entreprise|frequentation|cours|recettes|chiffre d'affaires|participation|note|resultats|confiance|connexion) (?:\w+ ){0,3}(?:s'effondr\w*|effondr\w*|s'ecroul\w*)|\beffondrement (?:du (?:site|marche|systeme|prix|moral)|des (?:prix|ventes|cours))|\b(?:s'effondre|effondree?s?|s'ecroule|ecroulee?s?) (?:de (?:rire|fatigue)|en larmes|sous (?:les (?:dossiers|dettes|papiers)|le (?:travail|poids des)))"),
    ("bloq coin enfe pieg", r"\b(?:bloquee?s?|coincee?s?|piegee?s?) (?:dans|sur|a|par|en) (?:les? |la |l'|un |une |mes |mon |ma |ce |cette |votre )?(?:embouteillages?|bouchons?|formulaire|page|boucle|etape|file|circulation|trafic|site|menu|attente|demarche|procedure|ecran|spirale|engrenage|contrat|mot de passe|connexion|chargement|paperasse|agenda|planning)|\b(?:carte|ticket|piece|clef?|courrier|papier|ballon|badge|dossier|compte|virement|colis|paiement)s? (?:\w+ ){0,2}(?:bloquee?s?|coincee?s?)|\bpieges? a (?:rats?|frelons?|guepes?|moustiques?|souris|touristes)|\bl'enfer|\benfermee? (?:dans (?:une logique|un systeme)|dehors)"),
    ("tort crev suic cris", r"\bsuicide (?:politique|economique|commercial|financier|electoral|social)|\bsuicid\w+ (?:politique\w*|commercial\w*)|\bcrise (?:de (?:rire|nerfs|fou rire|foie|la quarantaine)|economique|du logement|sanitaire|energetique|financiere|politique)|\bfailli (?:avoir|faire) une? (?:crise cardiaque|infarctus|malaise|avc)|\b(?:crise cardiaque|infarctus|malaise) (?:en (?:voyant|lisant|ouvrant|recevant|decouvrant)|quand j'ai (?:vu|lu|recu|ouvert))|\bmalaise (?:social|general|des agents|profond|chez les (?:agents|enseignants))|\bsemblant de malaise"),
    ("noye noya", r"\bnoyee?s? (?:sous|dans (?:la (?:paperasse|masse)|les (?:papiers|mails|courriels|dossiers|dettes|chiffres)|le (?:travail|flot)))|\b(?:me|se|nous) noie\w* (?:sous|dans (?:la paperasse|un verre|les (?:papiers|demarches|mails|details)|le travail))|\bnoyer le poisson|\bnoyau|\bnoyer (?:centenaire|du jardin|du parc|malade)|\b(?:un|le|du|mon|vieux|grand|beau|ce) noyer\b|\bnoix"),
    ("resp etou souf", r"\brespirer (?:un peu|a nouveau|financierement|le bon air|l'air pur|enfin)|\bexercices? de respiration|\betouff\w+ (?:dans l'oeuf|l'affaire|sous (?:les (?:taxes|dettes|charges|impots)|la paperasse)|par les (?:taxes|charges|dettes))|\bplats? etouffe|\betouffe[- ]chretien"),
    ("saig bles mord", r"\bsaign\w+ (?:a blanc|les contribuables)|\b(?:mots?|remarques?|propos|paroles?|attitude|ton|courrier) (?:\w+ ){0,2}bless\w+|\bblessee? (?:par (?:votre|vos|ce|cette|ces|le ton|les (?:propos|mots)|la (?:reponse|remarque))|dans (?:mon|son) (?:amour|orgueil))|\bmordu(?:e|s)? (?:de (?:jardin\w*|lecture|foot|velo|sport|musique|theatre|cinema|livres|peche|photo))|\bs'en mordre|\bmordre la|\bmordill\w+"),
    ("tomb", r"\btomb(?:e|er|es|ent|ait|ee|ees) (?:en panne|amoureu\w*|sur (?:un|une|des|la|le|votre|vos|messagerie|l'|ce|cette)\s?(?:repondeur|messagerie|annonce|page|erreur|article|site|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|disque|musique|boite|dos)\w*|malades? |bien|mal|a (?:pic|l'eau|point)|dans (?:l'oubli|le panneau|les spams|les indesirables)|un (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|jour)|d'accord|des nues|le (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche))|\b(?:neige|pluie|feuilles|grele|glands) (?:\w+ ){0,2}tomb\w+|\btombola|\btombes?\b(?= (?:de (?:mon|ma|mes|famille)|au cimetiere))|\blaissee? tomber"),
    ("agre attaq mena assa", r"\b(?:publicites?|odeur|couleur|lumiere|ton|demarchage|commercial\w*|eclairage|panneau|musique) (?:\w+ ){0,2}agress\w+|\bagressi(?:f|ve|fs|vite)\w*|\bmena(?:ce|cent|cer|cee?s?) (?:de (?:me |nous |la |le )?(?:coup|suspen|fermer|fermeture|poursui|saisi|huissier|porter|pluie|neige|pleuvoir|rompre|radiation|radier|resilier|resiliation|disparition|disparaitre|supprimer|penalit|majoration|mise|faire)\w*|d'une? (?:amende|penalite|fermeture|saisie|coupure|majoration))|\bassaut"),
    ("arme tir tirs", r"\balarmes?|\barme(?:e|es|r|s)? (?:de (?:patience|courage|terre)|a double|secrete|absolue)|\bstand de tir|\btir (?:a l'arc|sportif|au but|groupe|a la corde)|\bclub de tir|\btire[- ](?:fesses|bouchon|lait|d'affaire)|\btirent? (?:la sonnette|les rois|au sort|le signal|profit|parti)|\btir\w+ au sort"),
    ("alar test exer", r"\b(?:test|essai|testing) (?:of |de |des |du |mensuel )?(?:the |la |les |le )?(?:alarms?|alarmes?|sirens?|sirenes?)"),
    ("gas gaz", r"\bexhaust gas\w*|\bgas (?:bill|bills|meter reading|supplier|tariff|prices?|contract|account|engineer appointment|boiler (?:grant|scheme)|station|company|heating grant)|\bgreenhouse gas\w*|\bgaz (?:d'echappement|a effet de serre|de ville dans la rue|hilarant|naturel (?:tarif|prix))|\bfactures? (?:de |du )?gaz|\b(?:prix|tarif|compteur|fournisseur|contrat|abonnement|chaudiere|cheque) (?:de |du |a |au )?gaz|\bgazon|\bgazette|\beau gazeuse|\ba plein gaz|\bgaz de schiste"),
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
_NO_LONGER = re.compile(
    r"\b(?:no|not|nobody|none|never|without|nor|neither|isn'?t|wasn'?t|aren'?t|weren'?t|hasn'?t|haven'?t|didn'?t|doesn'?t|don'?t|nothing|no one|nobody's|free of|rather than|instead of|avoid|prevent\w*|in case of|against|"
    r"pas|aucune?|sans|jamais|ni|personne|rien|nullement|eviter|empecher|prevenir|en cas|contre|plutot que|au lieu)\b(?P<gap>(?:[^\w.!?\n,;:]++\w++){0,3})[^\w.!?\n,;:]*+$"
)
_BREAKS = re.compile(r"\b(?:and|but|because|there|with|et|mais|car|y a|c'est|avec|que|qui|donc|since|while|so|answers?|comes?|repond\w*|vient|viennent|listens?|helps?|does anything|fait rien|only|seulement|just|arrive)\b")

_ENDS = ".!?\n"


def _index(rules: Sequence[Rule]) -> dict[str, tuple[int, ...]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, rule in enumerate(rules):
        for cue in rule.cues:
            places[cue].append(place)
    return {cue: tuple(found) for cue, found in places.items()}


_ALL = (*_RULES, *_OTHER_RULES)
_BY_CUE = _index(_ALL)
_FIGURE_PATTERNS = tuple(re.compile(pattern) for _, pattern in _FIGURES)
_FIGURES_BY_CUE: dict[str, tuple[int, ...]] = {}
for _place, (_cues, _) in enumerate(_FIGURES):
    for _cue in _cues.split():
        _FIGURES_BY_CUE[_cue[:_STEM]] = (*_FIGURES_BY_CUE.get(_cue[:_STEM], ()), _place)


def signals(subject: str | None, body: str, language: str) -> list[Signal]:
    """What the redacted text shows, the gravest first. `language` is not trusted to leave rules out: people mix languages in distress."""
    text = f"{subject}\n{body}" if subject else body
    folded = fold(text)
    stems = {word[:_STEM] for word in _WORDS.findall(folded)}
    places = sorted({place for stem in stems & _BY_CUE.keys() for place in _BY_CUE[stem]})
    if not places:
        return []
    literal = folded
    for place in sorted({place for stem in stems & _FIGURES_BY_CUE.keys() for place in _FIGURES_BY_CUE[stem]}):
        literal = _FIGURE_PATTERNS[place].sub(_blank, literal)
    found: list[Signal] = []
    seen: set[tuple[str, str]] = set()
    for place in places:
        rule = _ALL[place]
        if (rule.kind, rule.about) in seen or sum(signal.kind == rule.kind for signal in found) >= MOST_OF_A_KIND:
            continue
        for start, end in _matches(rule, literal):
            seen.add((rule.kind, rule.about))
            found.append(Signal(kind=rule.kind, words=_excerpt(text, start, end)))
            break
    return found


def _blank(match: re.Match[str]) -> str:
    """As long as what it replaces, so that places stay true; a letter that no rule knows, so that words stay apart."""
    return "_" * len(match.group())


def _matches(rule: Rule, literal: str) -> Iterator[tuple[int, int]]:
    tried = 0
    for match in rule.pattern.finditer(literal):
        tried += 1
        if tried > 20:  # noqa: PLR2004 - the same words twenty times over, all negated: enough
            return
        start, end = match.span()
        if rule.kind == "risk_of_harm":
            if rule.negatable and _negated(literal, start):
                continue
            if _told_not_happening(rule, literal, start, end):
                continue
        yield start, end


def _negated(literal: str, start: int) -> bool:
    before = literal[max(0, start - 60) : start]
    match = _NO_LONGER.search(before)
    return match is not None and _BREAKS.search(match["gap"]) is None


def _told_not_happening(rule: Rule, literal: str, start: int, end: int) -> bool:
    """Fiction, exercises and things long past, unless something says that it is now."""
    first, last = _sentence(literal, start, end)
    sentence = literal[first:last]
    if _FICTION.search(sentence) or _EXERCISE.search(sentence):
        return _PRESENT.search(sentence) is None
    return rule.calm and _PAST.search(sentence) is not None and _PRESENT.search(sentence) is None


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
