"""Danger to life or health, in the words of people who write about it: English, French, and the cry for help of a few more languages.

The lists are for reading and adding to: a new rule wants a message in `benchmarks/sets/danger_dev.jsonl` and a near miss beside it.
"""

import re
from collections.abc import Iterator

from services.triage.phrases import Cued, Found, Text, Wording, near

_LISTS = {
    "GAS": "gas gaz propane butane",
    "SMELL": "smell* stink* stench reek* whiff odour* odor* odeur* sent sens sentent sentons sentir pue puent puanteur gassy",
    "LEAK": "leak* leek hiss* escap* fuit fuite* fuient echapp* siffl* emanation* perce* percut rupture* burst pouring",
    "WIRE": "wire wires wiring cable cables powerline* conductor* fil fils line lines ligne lignes",
    "BARE": (
        "live exposed bare dangl* hang hanging hangs spark* snapped trailing uncovered buzz* down fallen fell lying "
        "loose ground sticking showing visible "
        "denud* nu nus vif pend pendent pendant terre sol arrach* tombe tombes tombee tension gresill* bourdonn* "
        "apparent* depass* sortent touch* inside"
    ),
    "SHOCK": "shock shocks jolt zap* secousse decharge chataigne electrocut* electris*",
    "DEVICE": (
        "socket* plug fuse* fusebox panel outlet transformer substation charger battery prise prises coffret boitier "
        "tableau disjoncteur transfo* "
        "chargeur batterie compteur meter cupboard armoire boiler chaudiere"
    ),
    "LAMP": "lamp* lampadaire* light lights pole post railing* grille fence column box candelabre mat barriere metal sign",
    "HOT": "burn* brul* smok* fum* melt* fond* fondu* scorch* hot bang grill* explos* explod* sparks etincelle* noir noires",
    "THING": (
        "house flat building apartment home kitchen roof shed garage van car cars truck lorry bus bin bins container "
        "skip scooter forest field hedge bush heath barn "
        "tree warehouse maison immeuble appartement appart cuisine toit cave camionnette camion voiture voitures "
        "poubelle poubelles conteneur foret champ haie "
        "garrigue hangar local grange caravane caravan mattress* matelas palette* pallet*"
    ),
    "FLAMES": "fire flame flames feu flamme flammes blaze ablaze alight",
    "OUT": "out from coming pouring billow* under window roof door flat basement thick black everywhere inside filling "
    "building fenetre toit porte sort sortent "
    "noire epaisse cave partout monte envahit appartement immeuble etage hall couloir corridor stairwell escalier",
    "STRUCT": (
        "ramp rampe wall walls ceiling roof balcony tree branch bough chimney scaffold* building house gable facade bridge crane "
        "pole post lamppost tile tiles slate slates "
        "masonry brick bricks cornice staircase trunk beam plaster gutter cliff slab embankment quay pillar mur muret "
        "plafond toit toiture balcon arbre branche "
        "cheminee echafaudage immeuble pont grue poteau lampadaire tuile tuiles corniche escalier poutre gouttiere tronc "
        "platane chene pin falaise dalle talus barre "
        "pierre pierres stone stones panneau pilier charpente volet mast mat oak elm garden jardin digue"
    ),
    "GIVES": (
        "came come coming give cede fall falls fell fallen falling topple* lean leaning swaying sway cracked cracking "
        "crack cracks caving caved cave sag sagging gave giving loose dropped "
        "dropping slid sliding slipping crumbl* bulging tombe tombee tombes tomber tombent ced* tient tenait penche* "
        "balance fissure* fendu* affaiss* detach* craque* bascul* "
        "glisse* effrit* parti bouge bougent hanging drop collapse pend"
    ),
    "SOON": (
        "about go going ready threat* any moment minute more rest missed nearly almost overnight wider already again "
        "starting following afraid scared "
        "menace* va vont pret prete point instant autre reste manque failli plus deja peur risque tarder nuit night over "
        "onto above dessus heads dangerously dangereusement "
        "through part huge enormous"
    ),
    "COLLAPSES": "collaps* effondr* ecroul* ebould* eboulement",
    "HOLE": "manhole shaft well hole pit plaque egout egouts regard trou puits bouche",
    "OPEN": (
        "open uncovered missing stolen cover lid ouvert* beant* vole* manqu* disparu* couvercle sans without bottom fond "
        "fall tomber opened deep bottomless"
    ),
    "TRAP": "trapped stuck locked jammed enferme* coince* bloque* prisonni* piege* pinned wedged caught pris prise",
    "INSIDE": (
        "lift elevator toilet toilets cellar basement car bathroom escalator shaft quarry cave cliff ice mud flat "
        "ascenseur toilettes wc chambre appartement carriere "
        "escalator grille trou puits ravin voiture railings barrier parking room rubble decombres sanisette door turnstile"
    ),
    "SOMEBODY": (
        "personnes i m we us my mum mother dad father nan gran grandmother grandad people child children kid kids son daughter "
        "someone somebody man woman lady neighbour "
        "neighbor baby girl boy lads je j suis nous mon ma mere pere mamie papi enfant enfants gamin gamins fille fils "
        "quelqu gens dame homme voisine voisin monsieur bebe"
    ),
    "PERSON": (
        "someone somebody person people man men woman women lady gentleman bloke guy lad girl boy child children kid "
        "kids toddler baby mother mum mom father dad nan gran "
        "granny grandmother grandfather brother sister husband wife son daughter neighbour neighbor friend cyclist "
        "pedestrian rider driver worker workman resident pensioner "
        "he she him her they we student pupil postman quelqu gens personne personnes homme hommes femme femmes dame "
        "monsieur type gars enfant enfants gamin gamins fillette "
        "garcon petit petite bebe mere maman pere papa mamie papi grand frere soeur mari fils fille voisin voisine ami "
        "amie cycliste pieton pietons livreur conducteur "
        "ouvrier eleve elle il ils locataire facteur vieille vieux nous"
    ),
    "CHILD": (
        "niece nephew neveu child children kid kids baby babies toddler toddlers infant newborn girl girls boy boys pupil pupils son "
        "daughter schoolchildren enfant enfants bebe bebes fillette "
        "garcon gamin gamine gamins gosse gosses nourrisson mineur mineure eleve eleves petit petite petits fils fille filles ne ado"
    ),
    "ALONE": "alone unattended own unsupervised seul seule seuls seules abandoned abandonne*",
    "WHEREALONE": (
        "night nights home house flat street road hours day work works car nuit nuits maison appartement rue route "
        "heures travailler travail voiture balcon dehors bord outside"
    ),
    "ABUSED": (
        "beaten bruis* abus* neglect* starv* thud marks belt burns molest* hit hits hitting hurt hurting thin shed "
        "kicked slapped shaking battu battue battus frapp* coups marques "
        "ceinture maltrait* bleus attouch* affame* maigre cogne* gifl* secou* brulures tape"
    ),
    "SCREAMS": "scream* hurl* crie cris cry crying cries pleur* shriek*",
    "BADSIGN": "hours night thud nothing bang silence heures nuit sourd rien coups beating slap",
    "HE": (
        "he she they husband partner boyfriend girlfriend wife ex man men woman neighbour neighbor son father dad "
        "stepdad stepfather brother uncle someone somebody guy guys "
        "gang youths teens boyfriend landlord lad lads il elle ils mari compagnon conjoint copain homme hommes type "
        "types voisin voisins fils pere beau oncle frere quelqu bande "
        "jeunes individu client"
    ),
    "ATTACKS": (
        "beat beats beating hit hits hitting strangl* choke* choking stab* attack attacks attacked attacking assault* "
        "punch* kick* rape* slap* hurt hurts shot shoots frappe frappent "
        "frappee frapper cogn* tabass* etrangl* poignard* gifl* agress* viole violee violer violent bat battent battue "
        "egorg* coups pousse poussee rosse"
    ),
    "ME": (
        "me m us my her him them someone somebody wife woman mum mother kids children girlfriend people nous sa ma la l "
        "quelqu femme mere enfants copine moi une un les"
    ),
    "WEAPON": (
        "knife knives gun machete machetes bat axe pistol rifle shotgun couteau couteaux fusil machette machettes batte "
        "hache pistolet carabine arme arms sabre hammer marteau"
    ),
    "AFRAID": "afraid fear fears scared terrified frightened peur crains craint terrifiee terrorisee effrayee",
    "THROWS": "throw* dropp* hurling jett* lanc* balanc*",
    "BRICKS": "brick bricks stone stones rocks paves pave pierres cailloux parpaings objects concrete",
    "TRAFFIC": "motorway autoroute cars car voitures bus traffic trains road dual rocade railway people passants passersby",
    "PILLS": "pill pills tablets tablet paracetamol medication medicaments cachets comprimes somniferes sleeping",
    "EDGE": "bridge roof edge ledge viaduct tower balcony pont toit bord viaduc rebord corniche falaise cliff tracks rails railway storey",
    "BLOOD": "blood sang",
    "MUCH": (
        "lot coming pouring everywhere losing lost loses coul* pool ear head face landing palier oreille tete visage "
        "plein beaucoup mare perd* nez floor there stairs traces pisse of"
    ),
    "DOWN": "lying lies laid slumped collapsed allong* affal* etendu* gisant couche ecroule* face",
    "FLOOR": (
        "ground floor pavement bench snow street road sol terre trottoir banc neige rue chaussee stairs escalier carrelage grass hall"
    ),
    "FELL": "fallen fell falls tombe tombee chute fall",
    "RISE": "get up stand relever lever bouger move",
    "MORTAL": (
        "man woman lady gentleman bloke guy grandad nan gran granny father mother mum dad baby toddler cyclist rider "
        "homme dame monsieur gars pere mere maman papa mamie papi bebe cycliste livreur pieton"
    ),
    "STRUCKDOWN": (
        "hit knocked fallen fell collapsed lying slumped unconscious elderly bus car lorry renverse renversee percute "
        "percuter tombe tombee allonge allongee ecroule smoke fumee blood sang agee sonne frappe"
    ),
    "CANT": "can cannot cant couldn unable pas plus impossible t",
    "STRUCK": "hit knocked struck run renvers* percut* fauch* heurt* ecrase* crushed mowed",
    "INJURED": "hurt injured wounded injuries bless* unconscious bitten crushed scalded",
    "BADLY": "badly seriously gravely severely grievement gravement serieusement",
    "AILS": (
        "unconscious unresponsive inconscien* inanime* evanoui* fainted convuls* seizure* infarctus avc hemorrag* "
        "overdos* anaphyl* suffoc* asphyxi* comatose hypotherm* lifeless"
    ),
    "SUPPORT": "dialysis oxygen insulin ventilator nebuliser concentrator dialyse oxygene insuline respirateur",
    "FAILS": (
        "off cut no out ran run power battery fail* only left minutes coupe* panne plus manque batterie courant "
        "electricite refuse without electric gone sans reste"
    ),
    "SICK": "vomit* sick malades malade vomi vomissent throwing nausea poisoned ill intoxi*",
    "EATEN": (
        "tap water drank meal lunch canteen dinner food club robinet eau cantine repas bu mange school nursery hospital "
        "hopital creche fumes"
    ),
    "VENOM": "chlorine poison* bleach javel swallowed swallowing avale avalee ingested antifreeze",
    "MOUTH": (
        "pool pataugeoire paddling sandpit feed mouth bouche swallowed avale eaten ate mange child toddler baby little "
        "petite petit bebe nursery creche garden"
    ),
    "SPILL": (
        "chemical chemicals acid ammonia chlorine tanker citerne liquid liquide toxic toxique produit produits chimique "
        "acide ammoniac chlore"
    ),
    "SPILLS": (
        "spill* leaking running burns burning stings coul* fuit* pique piquent nuage cloud overturned tipped couche "
        "renverse fumes eyes yeux"
    ),
    "BOMB": "bomb grenade shell obus explosive engin mortar munition",
    "FOUND": "find found sticking trouve trouvee vu rusty rouille mud field champ beach plage suspect war pond there threat alerte",
    "BAG": "suitcase bag package parcel valise sac colis paquet rucksack",
    "SUSPECT": "wires fils ticking suspicious suspect suspecte unattended tic",
    "DRUNK": "drunk ivre saoul soul bourre",
    "DRIVES": "driv* wheel car voiture volant conduit conduire",
    "DAYS": "days day week weeks jours semaine semaines smell odeur sent",
    "NOT": "not n t hasn haven no nobody pas plus ne personne stopped never",
    "HEARS": (
        "seen answer* answering respond* reply moving move moves moved vu vue repond* reponds bouge* reagit reveille* wake waking breathing"
    ),
    "WATERS": "water river eau riviere flood crue torrent",
    "RISES": "rising rise rises rose monte monter over deborde digue level entering waist knees",
    "STUCKIN": "people person wheelchair gens fauteuil sortir somebody someone neighbour voisine inside dedans passengers trapped",
    "WATERPLACE": (
        "weir dock bay port river canal lake pond sea lock reservoir weir stream quarry ice pool riviere canal lac etang "
        "mer fleuve ecluse "
        "barrage bassin ruisseau piscine"
    ),
    "INWATER": (
        "rolled roule overturned retourne fallen fell fall jumped slipped in into holding clinging struggling tombe "
        "tombee tomber saute accroche accrochee glisse debat dans"
    ),
    "SYMPTOM": (
        "cough* tousse* toussent nausea nausee dizzy vertige* sleepy sommeil somnolen* headache* streaming faint "
        "fainting burning sick vomit* vomissent etouff* chok* yeux eyes"
    ),
    "GRAVE": (
        "slurr* articule frostbite* grey grise gris pale foaming twitching shaking tremble shivering unconscious "
        "unresponsive blue bleu bleue livide agonise raide stiff froid "
        "freezing gele gelee gelees confused delire incoherent swollen gonfle"
    ),
    "CRUEL": (
        "tie ties tied chain chains chained shakes shake shook shaking slap slaps slapped hit hits kick kicks kicked "
        "beat beats burns burnt burned scalded starves starve locks locked "
        "drags dragged threw throws whips whipped punches punched secoue secouee gifle giflee frappe frappent bat "
        "battent attache attachent enchaine enferme enferment brule "
        "maltraite affame jette fouette cogne pince"
    ),
    "OUTOFREACH": (
        "railway tracks voie voies ferree rails motorway autoroute roof toit ledge rebord window fenetre canal river "
        "riviere cliff falaise crane grue pylon pylone scaffold* echafaudage"
    ),
    "THREATENS": "threat* menac* says said saying dit disait jure swore promised crie shouted will va wants veut",
    "RUIN": (
        "burn burns burning bruler brulera finish achever killing kill tuer tuera stab planter shoot descendre crever "
        "massacre acid acide defigurer torch bute buter"
    ),
    "HELD": (
        "keeps kept holds held locks locked let lets leave confisqu* took takes takes retient sequestr* empeche enferme "
        "enfermee garde interdit prend pris"
    ),
    "KEPT": "passport passports keys out leave outside sortir partir passeport papiers cles will against house maison telephone",
    "WITHME": "me m us her them my mes mon wife femme women",
    "GONE": "missing disappeared vanished wandered disparu disparue fugue fugue rentre rentree come home",
    "LOST": "since hours dementia alzheimer night depuis heures nuit hier yesterday morning matin medication traitement home",
    "WHO": (
        "son daughter mother father mum dad husband wife brother sister grandmother grandad child boy girl teenager fils "
        "fille mere pere mari femme frere soeur enfant ado garcon adolescent adolescente grand"
    ),
    "BEAST": "dog dogs chien chiens boar boars sanglier sangliers snake serpent pitbull rottweiler molosse bull",
    "MAULS": "attack* attaqu* mordu mordue mord bit bites bitten charge charged savage* maul* saute lunged",
    "CARERS": (
        "carer carers nursing home ward aide ehpad maison infirmiere resident residents mother aunt tante mere father grandmother grand"
    ),
    "MARKS": "bruis* bleus ecchymoses escarres bedsores neglect* maltrait* starv* tied attachee attache slapped giflee hit frappe frappee",
    "ABSTRACT": (
        "site website system systeme server serveur page app timetable horaires price prix prices market marche deal "
        "talks economy economie company under sous weight laughter rire rires menu service services moral morale ventes "
        "bus tent chair"
    ),
    "DOSES": "twice double wrong too many overdose deux double mauvais trop surdose",
    "MEDS": "pills tablets medication medicine dose medicaments cachets comprimes somniferes morphine paracetamol methadone",
    "PHONE": "phone telephone broadband internet tv box usb charging fibre network washing tele",
    "CARS": (
        "car drive garage bin bins contract lease account voiture poubelle poubelles bac contrat compte formulaire form "
        "page site website chat"
    ),
    "JUNK": (
        "mattress sofa fridge bike bikes bag bags sign scooter scooters trolley needles leaves matelas canape "
        "encombrants velo velos trottinette trottinettes sacs panneau feuilles wallet"
    ),
    "JOY": "joy laughter joie rire bonheur fun slide",
    "GIVEBLOOD": "donate donor donation donation don donneur donneurs test tests pressure prise analyse analyses collecte group drive",
    "SMOKERS": "cigarette cigarettes tabac barbecue barbecues bbq smokers fumeurs cannabis weed salmon saumon shisha",
    "TALK": (
        "rules regles reglement regulations safety securite assurance insurance rapport report attestation certificate "
        "alarme alarm consignes plan visit visite brochure leaflet "
        "exhibition exposition film novel roman series research recherches history histoire book books livre livres "
        "project expose museum musee"
    ),
    "BEDS": "bedroom room chambre lit bed",
    "KIN": "stepdad stepfather uncle father teacher coach beau oncle pere professeur entraineur",
    "OFFERS": "offer* propos* approach* abord* follow* suit suivi film* photograph* touch* watching",
    "STRANGER": "man stranger car van homme inconnu voiture camionnette monsieur",
    "BAIT": "sweets bonbons candy school ecole park parc playground jeux gate sortie",
    "NEEDLE": "needle needles syringe seringue seringues",
    "PRICKED": "trod stepped pricked marche pique piquee sandpit sable stuck jabbed",
    "AREAS": "dual carriageway motorway nationale autoroute tracks rails",
    "WANDERS": "wander* pyjama* barefoot pieds errant erre seul seule alone walking marche",
    "ILLPART": "lips levres tongue langue throat gorge face visage",
    "SWOLLEN": "blue bleu bleue bleues swell* swollen gonfl* droop* travers paralys*",
    "LIMB": "arm bras leg jambe face bouche mouth",
    "NUMB": "numb dead engourdi* repond funny travers droop* paralys*",
    "CONFUSED": "confused delire delirious fever fievre burning brulante dehydrat* deshydrat*",
    "FRAIL": "mum mother baby dad father nan mere maman bebe pere mamie elderly child enfant",
    "CARELESS": "bed lit carer drink boire eat aide alone",
}

NEGATIONS = "no not never nobody none without isn wasn aren weren hasn haven didn doesn don nothing ne n pas aucun aucune sans jamais ni"
BREAKS = "and but because there et mais car y ca c que qui so since while"

_RULES = (
    near("collapse", "collapsed|effondre|effondree|effondres|ecroule|ecroulee|ecroules", 0, unless="ABSTRACT"),
    near("collapse", "crane|grue|scaffold*|echafaudage swing*|loose|tourne|wind|vent|balance|lean*|penche*", 8),
    near("electricity", "etincelle*|sparking|sparks light|lights|lumiere|lampe|douche|shower|switch|interrupteur|courant|wet|pluie", 9),
    near(
        "water",
        "pushchair|pram|poussette|car|voiture|van rolled|roule|slid|plunged|fallen|tombe|tombee WATERPLACE",
        7,
        unless="park|parking|wash",
    ),
    near(
        "child",
        "STRANGER|someone|quelqu tried|tries|trying|essaye|essayait|voulu CHILD van|car|voiture|camionnette|away|monter|emmener",
        14,
    ),
    near(
        "child",
        "expos*|exhib* himself|s|se|girls|filles|children|enfants|park|parc",
        5,
        unless="museum|musee|art|photo|photos|exhibition|exposition|exposed|exposee|pavement|wire",
    ),
    near(
        "child",
        "kids|children|enfants themselves|eux|livres days|jours|since|depuis|night|thursday|jeudi|week|bread|pain",
        14,
        unless="enjoy*|library",
    ),
    near(
        "child",
        "teacher|coach|prof|man|homme sen* photos|pictures|nude|nues daughter|fille|son|pupil|eleve",
        12,
        unless="school-photo|trip|sortie|class|classe",
    ),
    near("violence", "agress*|assault* sexuel*|sexual*", 3, unless="TALK"),
    near("violence", "hiding|cache|cachee|hidden he|il|they looking|cherche|find|outside|trouve|building", 14, unless="wall|fence|sign"),
    near(
        "violence",
        "phone|telephone|passport|out|leave|sortir allowed|droit|autorise|let|interdit house|maison in|laws|belle|famille|husband|mari",
        18,
        unless="visitors|patients|parking",
    ),
    near("violence", "THREATENS burn*|brul* us|nous|out|house|maison|alive|vifs", 6, unless="dechets|waste|garden"),
    near(
        "violence",
        "poignard*|plante|plantee|stab* bras|ventre|dos|cote|arm|stomach|neck|chest|cuisse|leg",
        5,
        unless="arbre|tree|fleurs|flowers",
    ),
    near(
        "suicide", "rather|prefere|prefererais|mieux dead|mort|morte|mourir", 3, negatable=False, unless="leaves|feuilles|wood|bois|nature"
    ),
    near("suicide", "saving|saved|hoarding|garde|stock* morphine|pills|tablets|cachets|comprimes|insulin|insuline", 9, negatable=False),
    near(
        "suicide",
        "walk|marcher|go|aller into|dans|sous|sea|mer sea|river|mer|riviere|traffic|voitures",
        5,
        negatable=False,
        unless="dog|path|sentier|promenade|beach|plage|swim|holiday|how|bus",
    ),
    near("suicide", "head|tete|gaz|gas oven|four|ouvr* if|si|move|demenage|herself|ouvrira", 12, negatable=False),
    near(
        "medical",
        "ambulance|ambulances|samu blocked|through|passe|passer|stuck|wait*|bloque*|bloquee",
        9,
        negatable=False,
        unless="chair|station",
    ),
    near(
        "medical",
        "labour|accouche|accoucher|contractions|birth|born road|rue|ambulance|taxi|help|aide|parking|car|street|now|vite|blocked",
        12,
        unless="certificate|acte|register|declar*|party|council|candidate|vote|minister|travail|date|when",
    ),
    near(
        "medical",
        (
            "cut|cuts|coupe|coupee|ouvert|ouverte hand|arm|face|leg|main|bras|visage|jambe|wrist badly|open|pour*|blood|sang|"
            "pisse|profond*|deep*|stitches"
        ),
        8,
        unless="fine|plaster|pansement",
    ),
    near("medical", "throat|gorge|airway clos*|ferme|swell*|gonfl*|tight*|serre", 4),
    near("medical", "speech|parle|parole|talking slurr*|pateu*|gone|funny|confused|travers", 7, unless="council|meeting"),
    near(
        "medical",
        "lady|man|dame|monsieur|woman|homme|nan|gran|mamie|papi on|par floor|terre|ground",
        5,
        unless="JUNK|heating|carpet|assis|sit*",
    ),
    near(
        "medical",
        (
            "breath*|respire|inhaled|inhale|sniff* something|chose|fumes|lab|labo|gas|produit|glue|colle cough*|tousse*|"
            "toussent|ill|malades|passed|connaissance"
        ),
        14,
    ),
    near(
        "medical",
        "food|drink|eaten|drunk|mange|bu since|depuis|stopped|days|jours carers|aides|aide|alone|seule|mother|grandmother|mere|mamie",
        12,
        negatable=False,
        unless="meals|picnic|canteen|cantine|benefits|form",
    ),
    near(
        "fire",
        "wood|woods|woodland|bois|forest|foret|gorse|heath alight|burning|brule|bruler|feu",
        7,
        unless="stove|poele|cheminee|fireplace|permit|chauffage|firewood|barbecue",
    ),
    near("fire", "battery|batterie fire|bang|went|pris|smok*|explod*|gonfle*|fume", 5, unless="phone|car|watch|PHONE|charge|dead"),
    near(
        "gas",
        (
            "SMELL veilleuse|pilot|gazini*|cooker|heater|chauffe|boiler|chaudiere flat|appart|appartement|house|maison|"
            "switch|tete|head|partout|over|everywhere"
        ),
        18,
    ),
    near("gas", "spray*|crache|giclee|hiss* gas|gaz", 5),
    near("electricity", "cable|cables|wire|wires|fil|fils pendouill*|dangl*|hang*|pend*", 4, unless="PHONE|lights"),
    near(
        "electricity",
        (
            "fuse|fuses|tableau|disjoncteur|substation|transformateur|pylon|pylone noise|bruit|hot|chauff*|enfants|kids|"
            "children|open|ouvert|padlock|cadenas|frying|friture|burn*"
        ),
        9,
        unless="bill",
    ),
    near(
        "collapse",
        (
            "concrete|beton|bloc|blocs|chunks|morceaux|bits drop*|fall*|tomb* cars|voitures|people|passants|below|dessous|"
            "road|children|enfants|street"
        ),
        10,
    ),
    near(
        "collapse",
        "floor|plancher|ceiling|plafond|stairs|escalier way|cede|through|travers|effondr* leg|jambe|dad|pere|mum|mere|people|he|she|me",
        12,
    ),
    near("collapse", "bank|slope|talus|hillside|colline|embankment|terrain slip*|gliss*|moved|bouge|sliding", 6, unless="account|holiday"),
    near(
        "trapped",
        "stuck|bloque*|coince*|stranded roof|toit|balcony|balcon|ledge|ladder|echelle|cliff|falaise",
        6,
        negatable=False,
        unless="cat|chat|ball|ballon|form",
    ),
    near(
        "trapped",
        (
            "door|porte broken|failed|panne|bloque*|jammed|locked cannot|can|pas|plus|unable get|out|sortir inside|panic*|"
            "diabet*|wheelchair|fauteuil|she|elle|neighbour|voisine"
        ),
        16,
        negatable=False,
        unless="CARS|garage",
    ),
    near("gas", "SMELL GAS", 6, unless="PHONE"),
    near("gas", "LEAK GAS", 6),
    near("gas", "rotten|pourri|pourris egg|eggs|oeuf*|œuf*", 2, unless="beach|plage|bin|poubelle|pond|market"),
    near("gas", "monox*", 0),
    near("gas", "co alarm|detector|detecteur", 2),
    near("gas", "boiler|chaudiere flame|flamme orange|yellow|jaune", 5),
    near("gas", "LEAK|hiss*|siffl* boiler|cooker|gaziniere|chaudiere|cuisiniere head|tete|dizzy|tourne", 12),
    near("electricity", "WIRE BARE", 6, unless="PHONE"),
    near("electricity", "SHOCK LAMP|DEVICE|touch*|WIRE|electri*", 8, unless="bill|price|facture|amount"),
    near("electricity", "electrocut*", 0),
    near("electricity", "etincelle*|spark* DEVICE|WIRE|LAMP|out|from", 6),
    near("electricity", "DEVICE HOT", 5, unless="PHONE|phone|gas|grant|bill|wash|hot-water"),
    near(
        "electricity",
        ("water|eau|pluie|rain pour*|coul*|drip*|leak*|fuit*|ceiling|plafond socket*|fuse*|tableau|disjoncteur|prises|prise|panel"),
        14,
    ),
    near("fire", "on|caught|catch*|set|start*|lit|lighting fire*", 3, ordered=True),
    near("fire", "set|sets|setting light|alight", 3, ordered=True, unless="up|red|green"),
    near(
        "fire",
        "en|au|mis|met|mettent|mettre|pris|prend|prennent feu",
        2,
        ordered=True,
        unless="rouge|vert|signalisation|tricolore|pieton|carrefour",
    ),
    near("fire", "flames|flammes|flamme", 0),
    near(
        "fire",
        "feu|fire|allum* dans|chez|sous|derriere|in|at|behind|under THING|foret|woods|basement|cellar|stairwell|hall|preau",
        7,
        unless="TALK",
    ),
    near("fire", "there|help|now|il|s fire", 3, ordered=True, unless="TALK|brigade|place"),
    near(
        "fire", "incendi*|ablaze|arson*", 0, unless="TALK|papiers|papers|duplicate|livret|bouche|borne|porte|ecole|brule|duplicata|exercice"
    ),
    near("fire", "THING burn*|brule|brulent", 4, unless="SMOKERS|garden|dechets|waste|permit|stove|wood|bois"),
    near(
        "fire",
        "smoke|fumee OUT",
        4,
        unless="SMOKERS|bonfire|washing|linge|stove|poele|wood|bois|pallets|palettes|asthmatic|detecteur|detector|alarm|chimney",
    ),
    near("fire", "burn*|brule|fondu|melt* SMELL", 5, unless="SMOKERS|garden"),
    near("fire", "plastic|plastique burn*|brule|fondu|melt*", 3, unless="TALK"),
    near("fire", "explosion*|exploded|explose|exploser", 0, unless="TALK"),
    near("collapse", "STRUCT COLLAPSES", 8, unless="TALK|vide"),
    near("collapse", "COLLAPSES s|about|going|menace|peur|road|street|rue|ruelle|risque", 6),
    near("collapse", "STRUCT GIVES SOON", 9),
    near("collapse", "cav* in", 1, ordered=True),
    near("collapse", "crack*|fissure*|trou|hole wider|large|opened|ouvert|bottom|fond|craque", 9),
    near("collapse", "sinkhole*|landslide*", 0),
    near("collapse", "peril|glissement imminent|terrain", 2),
    near(
        "collapse", "HOLE OPEN CHILD|drop|dropped|pram|kids|walk*|people|school|nursery|creche|ecole|tomber|fall|street|rue|poussette", 12
    ),
    near(
        "collapse",
        "manhole|egout no|without|open|missing|stolen|uncovered|gone|sans|ouvert*|vole*|manqu*|beant*|disparu*",
        6,
        negatable=False,
        unless="smell|odeur|noisy|rattl*|bouchee|bouche",
    ),
    near("trapped", "TRAP INSIDE SOMEBODY", 8, negatable=False, unless="CARS|nobody|empty|personne|vide|traffic|queue|menu"),
    near(
        "trapped",
        "can|cannot|unable|couldn t|not|get|climb back|out|down",
        5,
        ordered=True,
        negatable=False,
        unless="CARS|bed|of|drives|pedestrians|road|snow",
    ),
    near(
        "trapped",
        "pas|plus sortir|remonter|redescendre",
        3,
        ordered=True,
        negatable=False,
        unless="CARS|voiture|conteneur|soir|nuit|fauteuil|impasse",
    ),
    near(
        "trapped",
        (
            "arm|hand|leg|foot|head|bras|main|jambe|pied|tete|doigt|finger caught|stuck|trapped|pris|coince escalator|"
            "railing*|door|grille|portail|lift|gate"
        ),
        9,
    ),
    near("trapped", "buried|enseveli*|pinned under|alive|sous|rubble|vivant", 3),
    near("water", "drown*|noye|noyee|noyer|noyade|noie", 0, unless="paper|papiers|dossiers|mails|debt|sous|under|leaflets|centenaire"),
    near("water", "through|travers|dans|into ice|glace", 3, ordered=True, unless="cream|cube"),
    near("water", "WATERS RISES STUCKIN", 14),
    near("child", "CHILD ALONE WHEREALONE", 10, unless="ticket|tickets|bus|allowed|droit|age"),
    near("child", "CHILD ABUSED", 7, unless="TALK|JOY|queue|prices"),
    near("child", "CHILD SCREAMS BADSIGN", 9, unless="JOY"),
    near("child", "STRANGER OFFERS CHILD|BAIT", 10, unless="TALK"),
    near("child", "KIN|he|il BEDS night|nuit", 8, negatable=False, unless="window|lamp|noise|bruit"),
    near("child", "CHILD WANDERS road|route|street|rue|AREAS", 10),
    near(
        "child",
        "CHILD missing|disappeared|disparu*|enlev*|kidnap*|fugue*|snatched",
        7,
        unless="place|bus|certificate|acte|school|name|form",
    ),
    near("child", "NEEDLE PRICKED", 6),
    near("child", "drunk|ivre|saoul|bourre DRIVES", 10, unless="TALK"),
    near("child", "VENOM|rats poison|mort|spill*|pellets|granules|renversee MOUTH", 9),
    near("child", "VENOM MOUTH", 8, unless="TALK|killer|card|coin|machine|carte"),
    near("child", "child|children|enfant|enfants|kids danger", 6, unless="TALK"),
    near("child", "shed|cabane|balcon|outside|dehors|garage sleep*|dormir|dort boy|girl|child|garcon|fille|enfant|gamin", 9),
    near("violence", "HE being|se attacked|beaten|strangl*|hit|stabbed|raped|tuer|battre|frapper", 4),
    near("violence", "HE ATTACKS ME", 5, unless="TALK|parking|tax|prix|cat|seagulls|mouettes|chips|virus|pneus"),
    near("violence", "ATTACKS husband|partner|mari|conjoint|compagnon|boyfriend|ex", 4),
    near(
        "violence",
        "m|me frappe|frappee|battue|tabass*|etrangl*|agress*|violee|poignard*|gifle*|cogne*|menac*",
        3,
        ordered=True,
        unless="saisie|amende|huissier|sentie",
    ),
    near("violence", "fait|faire tabass*|agress*|frapper|battre|violer|tuer|egorger", 2, ordered=True),
    near(
        "violence",
        "beaten|attacked|assaulted|mugged|raped|stabbed|strangled|tabasse* up|in|by|at|on|ago|i|was|been|dans|par|hier",
        4,
        unless="TALK|seagulls|path|track",
    ),
    near(
        "violence",
        "HE|bande|gang|with|avec|has|a WEAPON",
        4,
        ordered=True,
        unless=(
            "TALK|licence|license|permit|permis|market|marche|ciseaux|hand|luggage|stall|cricket|sharpen*|pitch|affut*|"
            "remouleur|fork|fourchette|faux|fake"
        ),
    ),
    near("violence", "threat*|menac*|wav*|point*|brandi*|shout*|crie* WEAPON|tuer|kill|mort", 7, unless="saisie|court|TALK"),
    near(
        "violence",
        "will|ll|going|gonna|va|veut|said|dit|part|pars|wants|s kill|tue|tuer|tuera ME",
        4,
        ordered=True,
        unless="ennui|feet|prix|temps|attente",
    ),
    near("violence", "round|around|autour|serre|serrait throat|neck|gorge|cou", 5),
    near("violence", "AFRAID husband|partner|ex|mari|conjoint|compagnon|pere|life|lives|vie|back|revien*", 6, negatable=False),
    near("violence", "ex|man|homme|he|il|stalk*|stranger|inconnu follow*|suivi*|stalk*|turning|attend AFRAID", 18),
    near("violence", "plead*|begging|begs|suppli* stop|arret*", 5, unless="you|vous"),
    near("violence", "marry|marier forc*|never|jamais|uncle|oncle|flying|samedi", 9, unless="pacs|hall|room|salle|date|certificate"),
    near("violence", "THROWS BRICKS TRAFFIC", 10),
    near("violence", "outside|dehors|door|porte bat|batte|smash*|cass*|kick* windows|vitres|window|door|porte HE", 10),
    near(
        "violence",
        "rixe|bagarre|fight|fighting knives|couteau*|street|rue|blood|outside|dehors|now|devant",
        7,
        unless="climate|against|contre",
    ),
    near("violence", "crie*|scream*|hurle* help|secours|etrangl*|strangl*", 6),
    near(
        "violence",
        "domestic|conjugale*|sexual*|sexuelle* violence*|abuse|assault*|agression*",
        2,
        unless="TALK|play|piece|theatre|conference|volunteer*|benevol*|campaign|campagne",
    ),
    near("violence", "coups|coup pied|poing|couteau|feu|hache|batte|machette", 3, unless="faux|film"),
    near(
        "violence",
        "shot|shots|gunshot*|gunfire|tirs|tirent fired|heard|rue|street|arme|sur|outside|entendu",
        5,
        unless="film|fake|faux|photo",
    ),
    near("violence", "BOMB FOUND", 7, unless="TALK|novel|peinture|paint"),
    near("violence", "BAG SUSPECT", 7, unless="bin|poubelle"),
    near(
        "suicide",
        "took|taken|swallowed|avale*|pris|prendre|take|taking too|many|all|trop|toute|tous|boite|lined|handful PILLS",
        8,
        negatable=False,
    ),
    near("suicide", "PILLS lined|prepare*|ready|compte*|table|saved", 7, negatable=False, unless="pharmacy|pharmacie"),
    near(
        "suicide", "EDGE jump*|saute*|goodbye|adieu|sat|sitting|assis|assise|standing|debout", 9, negatable=False, unless="bench|banc|TALK"
    ),
    near("suicide", "way|issue out|plus see|vois can|t|plus|ne any|more|issue", 8, negatable=False, unless="parking|car|sign|exit|park"),
    near(
        "suicide",
        "cut|cuts|cutting|coupe*|scarifi* arms|arm|wrist*|bras|veines|poignets|herself|himself|myself",
        5,
        unless="tree|branch|branches|arbre|grass",
    ),
    near("suicide", "voices|voix tell*|dis* hurt|harm|kill|mal|tuer|die", 9),
    near("suicide", "letters|lettres|written|ecrit|note funeral|obseques|goodbye|adieu", 9, unless="grant|cemetery|cimetiere"),
    near(
        "medical",
        "breath* not|t|can|cannot|hardly|barely|struggl*|stopped|hard|difficulty|trouble|short",
        4,
        ordered=False,
        negatable=False,
        unless="TALK|air|holding",
    ),
    near(
        "medical", "respire*|respirer|respiration mal|pas|plus|peine|difficile*|gene|arrive", 4, negatable=False, unless="a-nouveau|mieux"
    ),
    near("medical", "etouffe|etouffer|choking|suffoqu*", 0, unless="mannequin|dummy|hedge|taxes|sous|publicites|TALK|weeds"),
    near("medical", "chest|poitrine pain*|douleur*|mal|tight*|serre*|hurts", 5, unless="drawers"),
    near("medical", "heart attack|failing|stopped", 2, ordered=True),
    near("medical", "crise cardiaque|asthme|epilepsie|convulsive", 2),
    near("medical", "AILS", 0, unless="TALK|nearly|died|decede|decedee|deces|death"),
    near("medical", "having|had|has|a stroke", 2, ordered=True, unless="owing|ago|rehab|luck|recovering|since|months"),
    near("medical", "bleed*|saign*", 0, unless="heart|edge"),
    near("medical", "BLOOD MUCH", 4, unless="GIVEBLOOD"),
    near(
        "medical",
        "collapsed|ecroul*|malaise|fainted|evanoui* PERSON|father|waiting|salle|rue|street",
        6,
        unless="site|website|system|social",
    ),
    near("medical", "DOWN FLOOR PERSON", 9, unless="JUNK|pretend|semblant|exercise|exercice"),
    near(
        "medical",
        "MORTAL NOT mov*|respond*|wak*|breathing|bouge|reagit|respire|reveille*",
        6,
        negatable=False,
        unless="house|home|council|service|email|site|parking|car|bus",
    ),
    near(
        "medical",
        "STRUCKDOWN NOT HEARS",
        9,
        negatable=False,
        unless=("phone|telephone|email|emails|mail|mails|courrier|letter|council|mairie|service|you|vous|site|dossier|queue|bins|office"),
    ),
    near("medical", "FELL CANT RISE", 9, negatable=False, unless="price|stairs-lift"),
    near(
        "medical",
        "PERSON STRUCK car|bus|lorry|van|tram|train|off|down|over|voiture|camion|scooter|roundabout|rond",
        7,
        unless="bollard|borne|sign|fence|late|budget|bac|bin|wall|mur|velo|pare|garage|gate|portail",
    ),
    near("medical", "cycliste|cyclist|pieton|pedestrian|livreur|enfant|child|gamin|motard STRUCK", 5),
    near(
        "medical",
        "PERSON|several|plusieurs INJURED",
        5,
        unless=(
            "going|could|will|might|va|vont|pourrait|risque|before|avant|may|TALK|feelings|ago|ans|bird|pigeon|hedgehog|"
            "herisson|animal|cat|chat|paroles|minor|pretend|semblant"
        ),
    ),
    near("medical", "BADLY INJURED|burn*|brul*|ill|malade", 3),
    near(
        "medical", "broke|broken|cass*|fractur* leg|hip|ankle|skull|jambe|hanche|cheville|femur|crane FELL|PERSON", 8, unless="chair|table"
    ),
    near("medical", "dog|dogs|chien|chiens|rat|snake|serpent bit|bitten|bites|mord|mordu|mordue|mordre|attaque", 6),
    near("medical", "ILLPART SWOLLEN", 6),
    near("medical", "LIMB NUMB LIMB", 12),
    near("medical", "pregnant|enceinte|labour|contractions|waters bleed*|blood|sang|saign*|broke|perdu|contractions|born", 10),
    near("medical", "SUPPORT FAILS", 10, negatable=False, unless="form|formulaire|TALK|swimming"),
    near("medical", "CONFUSED FRAIL CARELESS", 14, unless="form|letter"),
    near("medical", "fever|fievre baby|bebe|newborn|toddler|nourrisson", 5),
    near("medical", "CHILD|people|gens|kids|guests|lots|plein|trois SICK EATEN", 12, unless="TALK"),
    near(
        "medical",
        "neighbour|neighbor|voisin|voisine|tenant|locataire NOT seen|vu|vue|answered|repond|ouvre DAYS",
        14,
        negatable=False,
        unless="noise|bruit|barking|phone",
    ),
    near("medical", "SPILL SPILLS", 7, unless="TALK|culture|ambiance"),
    near("medical", "stone|frozen|freezing|glace|gele cold|bench|banc|snow|neige man|bloke|homme|woman|femme|person", 12),
    near(
        "gas",
        (
            "GAS main|pipe|mains|conduite|tuyau|canalisation|bottle|bouteille|bouteilles|bottles|bonbonne struck|hit|burst|"
            "broke*|cut|arrach*|perc*|casse*|sectionn*|leak*|burn*|brul*|fire|under|dedans|feu"
        ),
        9,
        unless="TALK|bill|sell|vend",
    ),
    near(
        "gas",
        "SYMPTOM heater|heating|boiler|chauffage|chaudiere|poele|stove|fumes|ammonia|ammoniac|chlore|chlorine|gas|gaz",
        12,
        unless="broken|off|panne|SMOKERS",
    ),
    near(
        "gas", "everyone|people|tout|gens|kids|enfants cough*|tousse*|toussent|streaming|choking|suffoqu*", 6, unless="winter|hiver|SMOKERS"
    ),
    near("electricity", "pylon*|pylone*|mast|crane|grue|poteau down|fallen|fell|come|tombe*|collapsed|couche*", 6),
    near("electricity", "courant|current|electricity|jus touche*|touch*|envoie|passe|live", 6, unless="panne|compte|bill|mise"),
    near("electricity", "gresill*|crackl*|fizz*|buzz* WIRE|DEVICE|light|lights|fitting|lamp*|water|eau|pluie|plafonnier|plafond|lustre", 8),
    near(
        "electricity",
        "water|eau light|lights|fitting|plafonnier|lustre|luminaire drip*|goutte|coule|pour*|leak*|fuit",
        8,
        unless="bill|street",
    ),
    near(
        "fire",
        (
            "curtain*|rideaux|sofa|balcony|balcon|boat|barge|bateau|rubbish|ordures|scooter|batterie|stairwell|matelas|"
            "mattress|tent|tente burn*|brule|brulent|alight|smoulder*"
        ),
        5,
    ),
    near(
        "fire",
        "set|sets|setting|mis|met alight|ablaze|fire|feu THING|flat|appartement|own|propre|bin|bins",
        8,
        unless="stage|scene|salle|rouge|vert|public|ambiance",
    ),
    near("fire", "petrol|molotov*|essence|accelerant throw*|thrown|pour*|jet*|vers*|verse|bomb|cocktail", 6),
    near(
        "fire",
        (
            "firework*|fusee*|mortier*|petard* at|sur|into|dans|contre home|people|gens|maison|windows|fenetres|police|"
            "enfants|children|curtains|rideaux"
        ),
        9,
        unless="july|juillet|display|noise|bruit|november",
    ),
    near(
        "collapse",
        "give|gives|gave|giving way STRUCT|bridge|road|path|floor|ground|bank|plancher",
        9,
        unless="to-bikes|pedestrians|cars|priority",
    ),
    near(
        "collapse",
        (
            "rock|rocks|boulder*|rocher*|bloc|blocs fall*|fell|tomb*|detach*|roll*|roul* road|route|path|people|voiture|car|"
            "cars|sentier|houses|maisons"
        ),
        9,
    ),
    near("collapse", "STRUCT blew|blown|arrache|envole off|over|pend|hanging|dessus", 8, unless="fence|bin"),
    near(
        "trapped",
        (
            "lift|elevator|ascenseur|cabine dropped|drop|plung*|fell|chut*|stopped|stuck|bloque*|arrete* inside|dedans|us|"
            "nous|people|personnes|gens|coince*"
        ),
        9,
        negatable=False,
        unless="empty|vide|nobody|personne",
    ),
    near(
        "trapped",
        "TRAP under|sous|behind|between|beneath|entre|derriere SOMEBODY",
        9,
        negatable=False,
        unless="CARS|PHONE|card|carte|papers|paper|papiers",
    ),
    near(
        "water",
        "PERSON INWATER WATERPLACE",
        7,
        unless=(
            "swim|swims|nager|nage|boat|bateau|fish|fishing|peche|peut|interested|rubbish|lessons|cours|cat|dog|chien|ball|"
            "ballon|glass|club|season|open|ouvre"
        ),
    ),
    near(
        "child",
        "CHILD OUTOFREACH alone|walk*|climb*|play*|running|marche*|grimp*|joue*|jouent|seul*|sitting|assis|hang*|pend",
        10,
        unless="noise|bruit|bus|car-park|curtain",
    ),
    near(
        "child",
        "CRUEL CHILD",
        5,
        unless="JOY|TALK|goal|pump|bike|velo|seat|siege|prices|record|account|compte|card|coat|manteau|queue|bac|bin|door",
    ),
    near("child", "dad|father|mum|mother|stepdad|pere|mere|beau hits|hit|beats|frappe|bat|tape|gifle|touche|touches me|m|us|nous", 4),
    near("child", "CHILD locked|left|enferme*|laisse* car|voiture hot|sun|soleil|chaleur|windows|degrees|degres|heat|canicule", 14),
    near("child", "scald*|boiling|bouillant*|ebouillant* CHILD|arm|hand|face|bras|main|visage", 9),
    near(
        "violence",
        "THREATENS RUIN ME|nous|house|maison|dedans|with|car|flat|appartement|me",
        7,
        unless="TALK|garden|calories|money|argent|prix|dechets|lights|temps|bois|wood|waste|finish-line",
    ),
    near(
        "violence",
        "coming|come|comes|vient|venir|viendra finish|achever|get|chercher|hurt|kill|tuer|buter me|m|us|nous",
        5,
        ordered=True,
        unless="bin|rubbish|parcel|help",
    ),
    near("violence", "raped|violee|viole|violer", 0, unless="TALK|secret|regles|reglement|loi|droits"),
    near("violence", "tire|tirent|tirer|tires sur quelqu|nous|gens|passants|maison|enfants|policiers|fenetres|immeuble", 4, ordered=True),
    near(
        "violence",
        "shot|stabbed|slashed|poignarde*|egorge* someone|man|boy|just|street|was|homme|quelqu|garcon|rue",
        4,
        unless="film|photo|put|flu|TALK",
    ),
    near(
        "violence",
        "husband|he|employer|boss|landlord|mari|il|patron|employeur|family|famille|they HELD KEPT WITHME",
        9,
        negatable=False,
        unless="photo|application|renewal|renouvel*|photocopy|photocopie|post|visa|office|guichet|consulat|embassy",
    ),
    near(
        "suicide",
        "goodbye|adieu|farewell message*|letter*|lettre*|note|posted|publie|text*|ecrit",
        5,
        unless="party|pot|retraite|retirement|concert|colleagues|collegues",
    ),
    near(
        "suicide",
        "jump*|jeter|jette|throw*|lie|step* front|sous|under|devant train|trains|metro|bus|lorry|tram|camion|track",
        8,
        negatable=False,
        unless="barrier|litter|bottle",
    ),
    near(
        "suicide",
        "no|any|pas|plus|rien point|sert|sens|purpose|but me|je|my being|alive|vive|vivre|existence|vie",
        9,
        negatable=False,
        unless="view|appointment",
    ),
    near(
        "suicide",
        "tell|dites|dis children|kids|family|enfants|famille|mum|maman love|aime",
        9,
        unless="park|show|library|play|reading|jeux",
    ),
    near(
        "suicide",
        "do|take|bear|supporter this|it|cela|ca anymore|longer|more|plus love|goodbye|tired|alive|end|adieu|mourir",
        12,
        negatable=False,
    ),
    near(
        "medical",
        "PERSON|lips|feet|skin|hands|pieds|mains|levres|peau GRAVE",
        6,
        negatable=False,
        unless=(
            "paint|peinture|car|bin|bac|zone|badge|line|coat|manteau|capuche|hood|jacket|veste|shoe|chaussure|bonnet|hat|"
            "colour|couleur|uniform|hair|cheveux|form|website|suit|matin|pavement|"
            "ligne|carte|card|water|eau|day|temps|jour|hand|hands-on|site|house|room|salle|repas|swimming"
        ),
    ),
    near(
        "medical",
        "rough|homeless|sdf|abri shaking|frostbite*|freezing|tremble|froid|gele*|unconscious|neige|snow|cold|minus|moins",
        14,
        unless="lamp|bus-shelter|centre|plan|when|open|donate|dons|campaign",
    ),
    near("medical", "took|taken|pris|prend|given|donne DOSES MEDS", 8, negatable=False),
    near(
        "medical",
        (
            "ammonia|ammoniac|chlorine|chlore|chemical|chimique|acid|acide SMELL people|gens|cough*|tousse*|eyes|yeux|"
            "children|enfants|school|ecole|burn*"
        ),
        14,
        unless="pool-water",
    ),
    near(
        "medical",
        "GONE LOST WHO",
        9,
        negatable=False,
        unless=(
            "cat|dog|chat|chien|parcel|colis|passport|passeport|bin|bac|sign|file|dossier|help|aide|meals|repas|carer|nurse|"
            "form|letter|mail|bus|card|carte|place|school-place"
        ),
    ),
    near("medical", "BEAST MAULS", 5, unless="TALK|postman-stamp|queue"),
    near("medical", "CARERS MARKS", 7, unless="TALK|car|garden|form|gate"),
    near(
        "medical",
        "eaten|mange|drunk|bu days|jours she|he|old|agee|elle|il|baby|bebe",
        8,
        negatable=False,
        unless="canteen|menu|cantine|vaccin",
    ),
    near("medical", "allergi*|asthma|asthme reaction|choc|shock|attack|crise|inhaler|throat|gorge", 4, unless="menu|canteen|cantine"),
    near(
        "medical", "crush*|ecras* crowd|foule|people|gens|leg|jambe|hand|main|under|sous|worker|ouvrier", 7, unless="can|cans|bac|bin|car"
    ),
    near(
        "help",
        (
            "call|send|need|appel*|envoy*|besoin ambulance|paramedics|samu|pompiers|police|secours now|quick*|please|vite|"
            "urgen*|immediately|svp|tout"
        ),
        6,
    ),
    near("help", "au secours", 1, ordered=True),
    near("help", "life|vie|mort|immediate|immediat|imminent|grave|serious danger", 3, unless="TALK"),
)

_PHRASES = Cued(
    (
        ("suic self scar", r"\bsuicid\w*|\bself[- ]?harm\w*|\bscarifi\w*"),
        (
            "kill hurt harm hang cutt cut drow",
            r"\b(?:kill|killing|hurt|hurting|harm|harming|hang|hanging|cut|cutting|drown) (?:my|him|her|them)sel(?:f|ves)\b",
        ),
        (
            "end endi take taki took",
            (
                r"\b(?:end|ending|take|taking|took|taken) (?:my|his|her|their|this) (?:own )?life\b|\bend it all\b|\bi(?:'ll| "
                r"will| want to| am going to|'m going to) end it\b"
            ),
        ),
        (
            "want wish",
            (
                r"\b(?:don'?t|do not|didn'?t|no longer|not|doesn'?t) (?:really |even )?(?:want|wish|wants?) to (?:live\b(?! (?:in|"
                r"next|near|at|on|with|under|there|by|here))|be here\b|be alive|wake up|exist|go on\b|carry on\b)"
            ),
        ),
        ("want wish rath read", r"\b(?:want|wants|wanted|wish|rather|ready) (?:to (?:die|be dead)|(?:i|he|she) (?:was|were) dead)\b"),
        (
            "reas poin noth livi",
            (
                r"\b(?:no|any|the) (?:reason|point) (?:to|in|of) (?:live|living|being alive|going on|go on|carrying on)\b|"
                r"\bnothing (?:left )?to live for\b"
            ),
        ),
        (
            "bett not life wort arou",
            (
                r"\bbetter off (?:dead|without me|if i)\b|\bnot be (?:here|around) (?:tomorrow|much longer|any ?more|after)\b|"
                r"\b(?:life|it)(?:'s| is) (?:not |n't )worth living\b"
            ),
        ),
        (
            "by wont won hear gone dead cant can",
            (
                r"\bby the time you (?:read|get) this\b|\byou won'?t (?:hear from|see) me (?:after|again|any ?more)\b|\bi(?:'ll| "
                r"will) be (?:gone|dead)\b|\bcan'?t (?:go on|take (?:it|this) any ?more|live like this)\b"
            ),
        ),
        ("mett mis fin", r"\bmett\w+ (?:un terme|fin) a (?:mes|ses|ma|sa) (?:jours|vie)\b|\bmis fin a (?:mes|ses) jours\b"),
        (
            "fini",
            (
                r"\ben finir\b(?! (?:avec (?:ce|cet|cette|ces|le|la|les|mon|mes|l'|vos|votre|un|une|tous|toutes)\b(?! vie)|au "
                r"plus|une bonne|rapidement|vite))"
            ),
        ),
        (
            "mour tuer pend disp",
            (
                r"\b(?:envie|veux|veut|voudrais|prefere|souhaite|aimerais|prefererais) (?:de )?(?:mourir|me tuer|se tuer|me "
                r"pendre|disparaitre)\b"
            ),
        ),
        (
            "me se tuer suic flin fous fout jete tue",
            (
                r"\b(?:me|se) (?:tuer|pendre|suicider|supprimer|flinguer|fous?t?re? en l'air|jeter (?:sous|du|par|dans le "
                r"vide))\b|\bme fous? en l'air\b|\bme (?:tue|pends|flingue|jette (?:sous|du|par))\b(?! (?:a |au ))"
            ),
        ),
        (
            "envi forc cour rais viv",
            (
                r"\b(?:plus|pas|aucune?|plus aucune) (?:du tout )?(?:envie|la force|le courage|raison|raisons) (?:de |d'|pour "
                r")(?:vivre|continuer a vivre|me reveiller|rester en vie|etre la|exister)"
            ),
        ),
        (
            "veux veut mal bon noir suic",
            (
                r"\b(?:veux|veut) plus (?:vivre|etre la|me reveiller|exister)\b|\b(?:me|se) faire du mal\b|\blui faire du mal\b|"
                r"\ba quoi bon (?:vivre|continuer)\b|\bidees noires\b|\bdes idees suicidaires\b"
            ),
        ),
        (
            "mieu sera enten ente lire part issu vie",
            (
                r"\bmieux sans moi\b|\bne serai (?:plus|bientot plus) (?:la|de ce monde)\b|\b(?:serai|serais) partie? pour (?:de "
                r"bon|toujours)\b|\bquand vous lirez (?:ce|cette|ca)\b|\bentendrez plus parler de moi\b|\bvois plus d'issue\b|"
                r"\bla vie ne vaut (?:plus|pas)\b"
            ),
        ),
        ("way out rien", r"\bcan'?t see (?:a|any) way out\b|\bplus rien a (?:attendre de la vie|perdre)\b"),
        (
            "seco help 999 112 911 life dang imme",
            (
                r"\bau secours\b|\bhelp us\b|^help[ !]*$|\bcall (?:999|112|911)\b|\blife[- ]threatening|\blife or death|\bin "
                r"(?:immediate |real |grave |serious |great )?danger (?:of|now|right now|at home|from)\b|\bimmediate danger"
            ),
        ),
        (
            "dang urge vie mort risq",
            (
                r"\bdanger (?:de mort|immediat|imminent|vital)\b|\b(?:suis|sommes|sont) en danger\b|\burgence vitale|\bvie ou de "
                r"mort|\brisque (?:d'electrocution|d'explosion|d'effondrement|mortel)\b"
            ),
        ),
        (
            "gasg riec gas bren feue selb umbr hilf bewu eins eing blut",
            (
                r"\bgasgeruch|\briecht nach gas|\bgas riecht|\bes brennt\b|\bbrennt\b|\bfeuer (?:im|in|bei)\b|\bselbstmord|"
                r"\bumbringen\b|\bhilfe!|\bbewusstlos|\beinsturz|\beingeklemmt|\bblutet\b"
            ),
        ),
        (
            "fuga huel olor odor chei esca ince soco aiut fuoc fueg mata picc gasl gasl bran",
            (
                r"\b(?:fuga|huele|olor|odore|cheiro|escape) (?:a |de |di )?gas\b|\bincendios?\b|\bsocorro\b|\baiuto!|\bal fuoco\b|"
                r"\bfuego en\b|\bme (?:quiere|va a) matar\b|\bmi picchia\b|\bgaslek|\bgaslucht|\bbrand in\b"
            ),
        ),
        (
            "poza wyci ulat yang gaz imda miro ajut",
            (
                r"\bpozar\b|\bwyciek gazu\b|\bulatnia sie gaz|\byangin\b|\bgaz koku\w+|\bgaz kacag\w+|\bimdat\b|\bmiros de gaz\b|"
                r"\bajutor!"
            ),
        ),
    )
)
_OTHER_ALPHABETS = re.compile(
    r"запах газа|утечка газа|пахнет газом|пожар|помогите|горит (?:дом|квартира)|пожежа|витік газу|допоможіть|"
    r"самоубийств|самогубств|حريق|رائحة غاز|تسرب غاز|النجدة|آتش|کمک!|نشت گاز|煤气泄漏|火灾|着火|救命|自杀"
)

_WORDING = Wording(_RULES, _LISTS, NEGATIONS, BREAKS)


_EXACT: dict[str, list[str]] = {}
_BEGINNINGS: dict[str, list[str]] = {}
for _name, _listed in _LISTS.items():
    for _word in _listed.split():
        (_BEGINNINGS if _word.endswith("*") else _EXACT).setdefault(_word.rstrip("*"), []).append(_name)


def lists_of(word: str) -> tuple[str, ...]:
    """The names of the lists that a word is in."""
    begun = (name for length in range(3, 11) for name in _BEGINNINGS.get(word[:length], ()) if length <= len(word))
    return tuple(dict.fromkeys((*_EXACT.get(word, ()), *begun)))


def dangers(literal: Text) -> Iterator[Found]:
    """Every place that tells of danger, in text that is freed of figures of speech; what is said of one's own life first."""
    for _, pattern in _PHRASES.worth_trying(literal.stems):
        for match in pattern.finditer(literal.folded):
            yield Found("life", match.start(), match.end())
    if not literal.folded.isascii():
        for match in _OTHER_ALPHABETS.finditer(literal.folded):
            yield Found("life", match.start(), match.end())
    yield from _WORDING.find(literal)
