"""Words the name rules rest on: frequent first names of many countries, and capitalised words that name nobody.

Folded: small letters, no accents.
"""

from pathlib import Path


def _listed(name: str) -> frozenset[str]:
    return frozenset(Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").split())


FIRST_NAMES = _listed("first_names")

_AMBIGUOUS = """
aime esperance lois santiago amal amparo asia ade monday precious patience blessing loan prosper isis beverly bonnie cliff dean
shane sloane sultan spencer taiwo tyler casey ming jun jian jing feng dong xin shu thi duc nana moana ida orlando geneva savannah
jordan nada lea ella ines amber angel april august aurore bill blanche carol chance charlotte chelsea claire colin constance daisy
dawn desire destiny drew eve faith florence france frank georgia gene gloria grace guy harmony holly hope iris ivy jack jade jasmine
jay jean joy june justice kenya lance lily lou marina marine mark martin max may mercedes mercy milan mona nancy noel norman olive
paris pat pearl penny peter pierre pleasure prudence ray reine rich rob robin roman rose roy ruby sandy sky stella sue summer sydney
tours tristan valentine vera victoria viola violet virginia will
"""
AMBIGUOUS_NAMES = frozenset(_AMBIGUOUS.split())
"""First names that are words, towns or months too: alone they name nobody."""

_SMALL = """
a about after again against all also although always am an and another any anyone anything are as ask at attached based because been
before best better both bread but by call can could date dear did do does done each either end even ever every everyone everything few
first for friday from further get give glad go good great had has have he hello help her here hers hi him his how however i if in into
is it its just keep kind kindly last later least less let like made many may maybe me might mine monday more most much must my name
need neither never new next no nobody none nor not nothing now of off ok old on once one only or other our out over own per perhaps
please put rather read regarding regards right same said saturday say second several see send sent she should since sir so some
somebody someone soon still such sunday sure take tell than thank thanks that the their them then there therefore these they thing
third this those though three thursday thus to today together told tomorrow tonight too tuesday two under unfortunately until up upon
wants want us very was we wednesday week well were what when where whether which while who whom whose why will with without would yes
yesterday yet you your yours january february march april june july august september october november december spring summer autumn
winter christmas easter new year morning afternoon evening night au aux avec avant avez avoir aussi autre bien bon bonjour bonne
bonsoir car ce cela celui ces cet cette chaque cher chere ci comme comment contre cordialement dans de depuis des deux donc dont du
elle elles en encore enfin entre est et etait etes eu faire fait faut ici il ils j jamais je jusque l la le les leur leurs lors lui ma
madame mademoiselle mais me meme merci mes mieux moi moins mon monsieur ne ni non nos notre nous on or ou par parce parmi pas pendant
peu peut plus pour pourquoi pourriez pouvez puis quand que quel quelle quels qui quoi rien sa sans sauf se selon ses si sien sont sous
suis suite sur ta te tes toi ton toujours tous tout toute toutes tres trois tu un une vers voici voila votre vos vous y lundi mardi
mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre objet
veuillez salutations respectueusement sincerely faithfully yours wishes cheers greetings subject re fw fwd tr ps nb
"""
SMALL_WORDS = frozenset(_SMALL.split())
"""Words that start a sentence or a line with a capital and belong to no name."""

_OFFICES = """
google microsoft amazon apple paypal samsung bosch ikea vodafone barclays hsbc lloyds santander tesco sainsbury aldi lidl leclerc
auchan engie foncia nexity bouygues orange ouest post poste teams maps labour tory greens duc duke duchess comte comtesse count lord
administration adjoint affairs mobility mobilites advice transit plan resources ombudsman allowance benefit credit fund bank scheme
trust charity programme carte card colis code form formulaire dossier ref numero budget archives aides sante redevance climate
solidarity solidarite human energy universal attendance blue badge black white america africa aires angeles rica zealand kingdom
states korea islands lanka arabia kong delhi orleans hampshire jersey york north south east west northern southern eastern western
great united royal national international general federal regional local online digital agency agent agents allocation allocations
ambassador android apl api app application army association assurance attorney bac banque board bureau caf cabinet caisse cantine
carrefour cdi center centre chair chairman chairperson chef chief child children citizen citizens city clerk client club college
commission commissioner committee commune communaute community company conseil conseiller consulate consulat contact council
councillor councillors counselor county court cpam customer cv department departement deputy desk direction director directeur
directrice district division education election elections employee environment europe european facebook family finance fire france
gouvernement government governor grandparents group health housing inspector instagram insurance internet judge justice lady
landlord law le levy library linkedin madam madame maire mairie manager mayor member members metro metropole minister ministere
ministre ministry municipality municipal office officer officers organisation parents parks parliament pension pensions planning
police pompiers prefecture prefet prefete president presidente prime public recycling registrar region residence resident residents
revenue rib rsa sav school secretariat secretary section security service services sir sirs sncf social society state staff support
tax team tech trade transport travail tresor tribunal tva union urssaf url van veolia waste water whatsapp boxing juniors works
youth equipe guichet habitant habitante habitants riverain riverains tenant tenants neighbour neighbours neighbor voisin voisine
voisins portuguese british english french german italian spanish polish dutch belgian swiss american canadian irish scottish welsh
francais francaise anglais anglaise allemand allemande italien italienne espagnol espagnole polonais polonaise belge suisse
portugais portugaise muslim christian catholic jewish disabled pregnant retired unemployed midwife nurse caretaker messieurs
mesdames mr mrs ms miss mx dr mme mlle mm monsieur docteur doctor professor prof tel telephone phone mobile email mail courriel
adresse address fax xx xxx xxxx xxxxx
"""
OFFICES = frozenset(_OFFICES.split())
"""Offices, bodies, nations, labels: capitalised, and nobody's name."""

_CAPITALISED = """
aberdeen africain africaine afrique albanian albanais algeria algerie algerien algerienne alsace amex angleterre arabe arabic asda
asia asie australia australian australie autriche axa barratt belfast belgique belgium bengali besancon birmingham bolton bordeaux
bradford bretagne brest brighton bristol brittany bulgare bulgarian bulgarie bupa burgundy caen cambodgien cambodgienne cameroun
camerounais canada cantonese carsat cardiff chevrolet chine chinese chinois chrome citi citibank cities citroen congo congolais
corse costa cotswold coventry cpam currys cymru czech dacia deezer deliveroo derby devon dijon disneyland dodge doctolib doctors
dorset dublin dundee dyson ebay edf edinburgh eid enedis england equifax essex eurostar experian exeter fargo farsi fedex firefox
ford franceconnect franprix gascogne gaumont germany glasgow grec greece greek grenoble gujarati haiti hertz hindi hongrie hongrois
honda hungarian hungary hyundai igbo india indian inde indien indienne intermarche ireland irlande italie italy ivoirien ivoirienne
japan japanese japon japonais jeep kenya kia korean kosovo kurde kurdish lancashire leeds leicester leroy lille limoges lithuanian
lituanien liverpool london londres lyon malagasy malgache mali malien malienne manchester mandarin maroc marocain marocaine
marseille mastercard mauritius mayotte mcdonald mcdonalds megabus mercedes metz midlands moldova monoprix montpellier morocco
moroccan nantes navient nationwide nepalese netflix newcastle nigeria nigerian nissan norauto normandie normandy norwich nottingham
occitanie ocwen ofcom ofgem openreach openrent opel oxford pakistan pakistani paris pashto persan persian peru peruvien peruvienne
peugeot picardie pinel pole poland pologne portsmouth portugal portuguese provence punjabi ramadan ratp reading reims renault rennes
rightmove roma romania romanian roumain roumaine roumanie rouen russe russia russian russie ryanair safari safeway savoie scotland
senegal senegalais senegalaise sephora serbian sheffield shell shropshire slovak somali somalie somalia sonos soninke spain
specsavers spotify sudan swahili switzerland syria syrian syrie syrien syrienne tagalog tamil tchad tesla thameslink tigrinya toulon
toulouse tours toyota transunion tunisia tunisie tunisien tunisienne turc turque turquie turkey turkish tyrolienne uber ukraine
ukrainian ukrainien ukrainienne ulster unicef unison urdu usa velib vendee versailles vietnam vietnamese vietnamien virgin visa
volkswagen volvo wales waitrose walgreens walmart wells wetherspoon windows wolof worcester yoruba yorkshire zoom zurich accidental
act acts ascension brexit covid diwali easter epiphanie halloween hanukkah noel paques pentecote toussaint acct affairs aid
allowances alliance arrears associates bancaire bursary bureaux care cdd chargee charge chomage clientele constituent debtor
defendant plaintiff redacted vendor citoyenne citoyennete civil collections competence consulaire consultants corp corporate
corporation couple credits cross-border cust debits democratic democrate dept developpement dispute disputes ecologie economie
egalite embauche emirates environnement equity ethnic exchange faculty familial federation finances financial fiscale fonction
foncier formation forces foundation fraud funding garrison gilet gilets graduate grande gross group groups guardian heritage
highways holdings homelessness homes immigration impots inc independence industrial injuries institution institutions interior
investments islamic jaunes jeunesse jobcentre labor lending lender leisure liberal livret llc llp logistics loan loans ltd
management maternity medical mediterranee mgr military mobilite modification mortgage municipale nationale net normes outreach
outstanding parental partners partnership paternity patrimoine payments payroll plc populaire portal portfolio postal predatory
probation productions professional programme programmes prosecution protection provident prudential publique publiques receivables
recovery reform refugee regime regulation regulatory relations reporting republique retirement rights rural sarl sas scolaires
sports secours servicing shared sick socialiste sociale social solidarites solutions statutory statutaire svc systems teacher
technical tertiaire theft trading training treasury trustees universel unis universelle urbanisme veterans welfare wildlife
workplace
"""

_PLACES = """
abbey academy airport alley allee arena avenue bakery bay beach boulevard bridge broadway building castle cathedral cemetery chapel
cinema circle circus close college common corner cottage court crescent cross dock drive estate farm ferry field fields forest
gallery garden gardens gate green grove hall harbour heath heights hill hospital hotel house institute island junction kindergarten
lake lane library lodge mall manor market mews mill monument museum nursery palace parade park path pharmacy pier place plaza pool
port primary promenade pub quay river road roundabout school secondary square stadium station street surgery terrace theatre times
tower town underground university funding lending ltd inc llc plc associates solutions foundation trust award prize festival
syndrome disease cottages garrison homes infants juniors line mosque pond superhighway temple valley view village towers meadow
meadows acorns steps embankment bank chase walk way wharf wood woods yard st rd ave blvd ln dr ct sq
"""
PLACE_WORDS = frozenset(_PLACES.split())
"""What comes after the name of a place in English: Elm Street, Charles Dickens Primary School."""

_BEFORE_PLACES = """
saint st sainte ste rue avenue av boulevard bd place square quai cours allee allees impasse chemin route passage esplanade promenade
pont port parc mas domaine jardin stade gymnase piscine ecole lycee college creche universite fac faculte campus hopital clinique
centre maison salle espace theatre cinema mediatheque bibliotheque musee eglise chapelle cathedrale basilique mosquee synagogue gare
metro station arret cimetiere tour residence cite quartier ehpad foyer institut fondation prix complexe maternelle primaire
amphitheatre auditorium halle conservatoire chateau statue monument queen king prince princess lake mount fort hotel lac mont fete
maladie syndrome loi coupe trophee festival salon foire san santa los las cercle cantine ecoles lycees colleges rues val vallee
butte tempete storm ouragan hurricane renault peugeot citroen nissan toyota volkswagen street road lane park school
"""
BEFORE_PLACES = frozenset(_BEFORE_PLACES.split())
"""What comes before the name of a place in French, and a few in English: rue, lycee, statue of."""

_WORDS_TOO = """
ami ange bailey baker ball banks bard barber bell bird bishop black blanc bois bon boulanger bourgeois brown brun burns bush butcher
butler caron carpenter carrier carter chance charpentier chef chevalier church clark clerc cook cooper court cross day dean dubois duc
duke english fabre farmer field fields fisher fleur fontaine ford forest fort fox france francais freeman garde gardener gardner
garnier glover gold grace grand gray green grey guide hall hand hardy hill holiday hope house hunt hunter jardin joly jolly joy
justice key king knight lane law le legrand leroy long love major marchand maire marie mark marsh marshall martin mason masson mercier
meunier mill mille miller moreau moulin moore neige nice noel noir page paris park parker petit picard pierre place pond pont poole
porter post potter power price prince rain read reed reine rich rivers roche roi rose roux roy royal rue shepherd short silver small
smith son spring steel stone storm street strong summers sweet tailor tanner taylor temple thatcher tour town turner vidal vigne ville
walker ward waters watts way weaver weber webster wells west white will winter wise wolf wood woods wright yard young claire blanche
aurore desire france charlotte florence iris olive violette marguerite capucine clementine prune reine constance solange lou may june
april august bill frank jack drew grant pat rob sue art guy gene dawn eve ivy joy penny robin sandy summer
"""
WORDS_TOO = frozenset(_WORDS_TOO.split())
"""Names that are ordinary words: in small letters they are taken for the word."""


ORDINARY_WORDS = _listed("ordinary_words") - FIRST_NAMES - WORDS_TOO | frozenset(_CAPITALISED.split())
"""What our own messages write in small letters, and towns, nations, companies: with a capital seldom a person, unless a first name
or a title stands before it."""
_NO_NAME = SMALL_WORDS | OFFICES


def starts_no_name(word: str) -> bool:
    """Whether a capitalised word is known to name nobody. `word` is folded and small."""
    return word in _NO_NAME
