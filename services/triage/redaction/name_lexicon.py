"""Loads the word lists of the rules for names: first names of many countries, and capitalised words that name nobody.

Folded: small letters, no accents.
"""

from pathlib import Path


def _listed(name: str) -> frozenset[str]:
    return frozenset(Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").split())


FIRST_NAMES = _listed("first_names")
"""Names wherever they stand with a capital."""
FIRST_NAMES_BY_COUNTRY = _listed("first_names_by_country")
"""More of them, which cost too many places and firms where nothing but a capital speaks for a person (Albert Bridge, Trent)."""
NAMES_OF_PLACES = _listed("first_names_of_places")

_AMBIGUOUS = """
aime esperance lois santiago amal amparo asia ade monday precious patience blessing loan prosper isis beverly bonnie cliff dean
shane sloane sultan spencer taiwo tyler casey ming jun jian jing feng dong xin shu thi duc nana moana ida orlando geneva savannah
jordan nada lea ella ines amber angel april august aurore bill blanche carol chance charlotte chelsea claire colin constance daisy
dawn desire destiny drew eve faith florence france frank georgia gene gloria grace guy harmony holly hope iris ivy jack jade jasmine
jay jean joy june justice kenya lance lily lou marina marine mark martin max may mercedes mercy milan mona nancy noel norman olive
paris pat pearl penny peter pierre pleasure prudence ray reine rich rob robin roman rose roy ruby sandy sky stella sue summer sydney
tours tristan valentine vera victoria viola violet virginia will jolie martial crystal coral brandy urban pierce jesus
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
aadvantage aberdeen acceptance accidental acct ace act acts adjustment affairs afghan afghane afghanistan afni afpa africain
africaine afrique agirc aid airbnb airfrance albanais albanian algeria algerie algerien algerienne alliance allied allowances ally
alsace amcol amex amiens amsher angers angleterre annecy anonyme anonymous antibes appointment arabe arabic argentinian arizona
arles armenian armenien armenienne arrco arrears arrestment ascension asda asia asiatique asie asset associated associates
attachment australia australian australie authorised authorized autriche auxerre avignon axa bancaire banking barratt bayonne bbva
beauvais belfast belfort belges belgique belgium bengali besancon bestbuy beziers biarritz birmingham blablacar blackpool blois
bloomingdale bloomingdales bluebird bmo bofa bolton bordeaux bosnian bosniaque boulogne bourges bourgogne bournemouth
bouyguestelecom bradford brazil brazilian bresil bresilien bresilienne brest bretagne brexit brighton bristol brittany brive bulb
bulgare bulgarian bulgarie bupa bureaux burgundy burkina bursar bursary burton bury caen calais caliber california calvados
cambodgien cambodgienne cameroun camerounais canada cannes cantonese capio capitol carcassonne cardiff care carlisle carsat
cashnetusa cdd cdiscount ceta cfpb chambery champagne charge chargee charleville chartres cheltenham cherbourg chester chesterfield
chevrolet chex chine chinese chinois cholet chomage chrome chronopost chrysler cipav citi citibank citicard citicards cities
citoyenne citoyennete citroen civil clermont clientele colchester colissimo collections colmar colombian colorado comenity compass
competence compiegne concarneau congo congolais congress constar constituent consulaire consultants convergent corp corporate
corporation corsa corse costa costco cotswold couple coventry covid cpam creditor credits creteil croate croatian cross-border
currys cust cymru czech dacia danish danois danoise darlington darty debits debtor decathlon deezer defendant deliveroo democrate
democratic dept derby derbyshire developpement devon dieppe dijon discover disneyland dispute disputes ditech diversified diwali
doctolib doctoranytime doctors dodd dodge doncaster dorset douai dover dpd drivetime dublin dundee dunkerque durham dynamic dyson
earnings eastbourne easter easyjet ebay ecologie economie edf edinburgh editor egalite eid embauche emirates enedis engie england
environnement epiphanie equifax equity eritrean erythreen erythreenne espacil essex ethiopian ethiopien ethiopienne ethnic eurostar
evreux evri evry exchange exeter experian faculty familial fannie fargo farsi federation fedex fedloan fiat filipino finances
financial finnish firefox fiscale florida flu flybe fnac foncier fonction forces ford formation fortiva foundation franceconnect
franprix fraud freddie freight funding games garrison gascogne gateshead gaumont georgian georgien georgienne germany ghanaian
giffgaff gilet gilets glasgow gloucester golden graduate grande grdf grec greece greek greentree grenoble grimsby gross group
groups guardian guinean guineen guineenne gujarati gumtree habitat haiti haitien haitienne halifax halloween handbook hanukkah
harmonie harrogate hastings heartland hereford heritage hermes hertfordshire hertz hifi highways hindi holdings homebridge
homelessness homeowners homes homeservices homeward honda hongrie hongrois huddersfield hungarian hungary huntingdon hyundai
identitytheft ids igbo illinois immigration impots inc inde independence india indian indien indienne industrial infant injuries
innovis inquiry institution institutions interior intermarche investments ipswich irakien irakienne iranian iranien iranienne iraqi
ircantec ireland irlande islamic italie italy ivoirien ivoirienne japan japanese japon japonais jaunes jeep jeunesse jobcentre
jpmorgan judgement judgment kensington kent kenya keolis kettering kia knotweed kohl kohls korean kosovar kosovo kurde kurdish
labor lambeth lancashire lancaster latvian leboncoin leeds leicester leisure lender lending lens leroy letton lexisnexis liberal
lille limoges lincoln lithuanian lituanien liverpool livret llc llp loan loanme loans logistics london londres lorient lourdes
lowes ltd luton lvnv lynch lyon macif macon macron macy macys maidenhead maif malagasy malakoff malgache mali malien malienne
maltese management manchester mandarin mans mansfield maroc marocain marocaine marseille maryland massachusetts mastercard
maternity matmut mauritius mayotte mcdonald mcdonalds media medical mediterranee megabus mercedes merseyside metz mexicain
mexicaine mexican mgen mgr michigan midland midlands military milton minnesota missouri mobilite mobiloans mod modification moldova
mondial monoprix montpellier morbihan moroccan morocco mortgage mulhouse municipale nanterre nantes narbonne nationale nationstar
nationwide navient navy nelnet nepalese net netflix nevada nevers newcastle nigeria nigerian nimes niort nissan njclass noel nogent
norauto nordstrom nordtrom norfolk normandie normandy normes northampton northland norvegien norvegienne norway norwegian norwich
nottingham nuneaton occitanie octopus ocwen ofcom ofgem ohio oldham opel openreach openrent oregon orkney orleans outlets outreach
outstanding overview ovo oxford pakistan pakistani panda paques parental paris partners partnership pashto paternity patrimoine pau
payments payroll pedfed penncredit pennsylvania pennymac pentecote perigueux perpignan persan persian perth peru peruvien
peruvienne peterborough peugeot phelan picardie pinel plaintiff plc plusnet plymouth poitiers poland pole pologne populaire portal
portfolio portsmouth portugal portuguese postal pox practitioner predatory prepaid preston probation processer processor
productions professional programme programmes prosecution protection provence provident prudential publique publiques punjabi
puteaux quiberon quimper ramadan ramsgate ratp reading receivables recovery redacted reform refugee regime regulation regulatory
reims relations reluctance renault rennes repeatedly reporting representative republique retirement retriever rightmove rights
roanne rochdale rochelle rodez roma romania romanian roscoff roubaix rouen roumain roumaine roumanie rural russe russia russian
russie ryanair safari safeway saintes salford salisbury sallie sarcelles sarkozy sarl sas savoie sclerosis scolaires scotland
scottishpower scottrade scunthorpe sears secours senegal senegalais senegalaise sephora serbe serbian servicing seterus severn sfr
shared sheffield shell shellpoint shetland shrewsbury shropshire sick sierra slough slovak slovaque social sociale socialiste
solidarites solutions somali somalia somalie somerset soninke sonos soudanais soudanaise southampton southeastern southend
southwest spain specialized specsavers speedy sports spotify statutaire statutory stellar stevenage stockport stoke stonehenge
strasbourg sudan sudanese suedois suedoise suffolk summary sunderland suntrust surrey sussex svc swahili swansea swedish swindon
switzerland synchrony syria syrian syrie syrien syrienne systems tagalog talktalk tamil tarbes taunton tchad tcheque teacher
technical telford tennessee terrier tertiaire tesla texas thai thames thameslink theft tibetan tigrinya titlemax torquay toulon
toulouse tourcoing tours toussaint toyota trading training transavia transdev transunion treasury troyes truro trustees tunisia
tunisie tunisien tunisienne turc turkey turkish turque turquie tyrolienne uber ukraine ukrainian ukrainien ukrainienne ulster
unicef unis unison universel universelle urbanisme urdu urssaf usa usaa vacated valence valenciennes vanderbilt vannes vauxhall
velib vendee vendome vendor versailles veterans vichy vierzon vietnam vietnamese vietnamien villeurbanne vinci virgin visa vitre
vitry volkswagen volvo wachovia waitrose wakefield wales walgreens walmart walsall warrington warwick watford welfare wells weltman
wetherspoon weymouth whitby wigan wildlife wiltshire windows wirral wisconsin wokingham wolof worcester workplace wrexham yodel
yorkshire yoruba zoom zoopla zurich
"""

_PLACES = """
abbey academy acorns airport allee alley arena associates ave avenue award bakery bank bay beach blvd boulevard bridge broadway
building castle cathedral cemetery chapel chase cinema circle circus close college common corner cottage cottages court crescent
cross ct disease dock dr drive embankment estate farm ferry festival field fields forest foundation funding gallery garden gardens
garrison gate green grove hall harbour heath heights hill homes hospital hotel house inc infants institute island junction juniors
kindergarten lake lane lending library line llc ln lodge ltd mall manor market meadow meadows mews mill monument mosque museum
nursery palace parade park path pharmacy pier place plaza plc pond pool port primary prize promenade pub quay rd river road
roundabout school secondary society solutions sq square st stadium station steps street superhighway surgery syndrome temple terrace
theatre times tower towers town trust underground university valley view village walk way wharf wing wood woods yard
"""
PLACE_WORDS = frozenset(_PLACES.split())
"""What comes after the name of a place in English: Elm Street, Charles Dickens Primary School."""

_BEFORE_PLACES = """
abbe aile allee allees amphitheatre arret auditorium av avenue bar basilique bateau batiment bd bibliotheque boulangerie boulevard
boulodrome boutique brasserie building butte cafe campus cantine cat cathedrale centre cercle chanson chapelle chat chateau chatte
chemin cheval chien chienne cimetiere cinema cite citroen clinique coiffure college colleges compagnie complexe conservatoire coupe
cours creche dog domaine ecole ecoles eglise ehpad espace esplanade fac faculte festival fete film foire fondation fort foyer garage
gare gymnase halle hopital horse hospitalier hotel hurricane impasse institut jardin king lac lake lane las loi los lycee lycees
magasin maison maladie mas maternelle mediatheque metro mont monument mosquee mount musee navire nissan novel orchestre ouragan pape
parc park passage pavillon peniche peugeot pharmacie piscine place pont pony pope port primaire prince princess prix promenade quai
quartier queen renault residence restaurant road roman route rue rues saint sainte salle salon san santa school scolaire ship song
square st stade station statue ste storm street synagogue syndrome tempete terminus theatre tour toyota trophee universite val
vallee volkswagen wing
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


NATIONS = frozenset(_CAPITALISED.split())
"""Towns, nations, companies, and the words they write with a capital."""
ORDINARY_WORDS = (_listed("ordinary_words") | NATIONS) - FIRST_NAMES - WORDS_TOO
"""What our own messages write in small letters, and towns, nations, companies: with a capital seldom a person, unless a first name
or a title stands before it."""
PROPER_NOUNS = _listed("proper_nouns")
"""Bodies, firms, places: whoever is cited or called by one word of these is no person ("according to Amnesty")."""
SURNAMES_TOO = _listed("surnames_too")
"""Words, towns and firms that people are called by too: Frost, Berger, Preston. After a title, a first name or a cue they are names."""
_GIVEN_TOO = """
preston chester faith india kent lincoln miles warwick brook gale milton bradford clay drew dale glen heath holly hope ivy jade lane reed
robin rose ruby sky summer winter autumn april may june august will mark bill frank jack art guy gene eve joy penny sandy pat rob rich sue
basil ginger hunter fisher archer mason cooper carter parker taylor tyler spencer forest cliff dean noble prince king earl duke baron major
marshall chase cash chance storm gentil aime desire constant juste ange olive reine blanche val roman grant dawn brooks florence paris
chelsea georgia austin dallas houston kenya asia jordan israel london sharp swift sterling stone river rain star bishop deacon pearl
mercy charity patience prudence constance grace honor honour royal justice victor lance rusty woody buck chuck skip curt earnest frances
bonaventure fortune dieudonne bienvenue benedicte clemence aurore fleur capucine iris violette marguerite prune clementine angelique
pascal noel toussaint fabrice avril mai anatole lucky sunday friday monday innocent blessing precious goodluck prosper
"""
GIVEN_TOO = frozenset(_GIVEN_TOO.split()) | AMBIGUOUS_NAMES
"""Words and towns that are first names too: before a surname, or asked for, they are a person's."""
SURNAME_PLACES = (PLACE_WORDS & SURNAMES_TOO) - {"street", "building", "square", "port"}
"""What ends the names of places and of people: Hill, Park, Woods."""
_CIVIL = """
mr mrs ms miss mx mme mmes mlle monsieur madame mademoiselle dr prof sir reverend rev pastor imam rabbi herr frau senor senora signor
signora uncle aunt auntie tonton tata gendarme pasteur constable brigadier adjudant lieutenant commandant cllr midwife capitaine tante
oncle mamie papi sister abbe mgr pr sgt insp capt lt col colonel major lord dame fr pc detective rabbin
"""
_TRADES = """
inspector officer agent agente conseiller conseillere nurse judge captain councillor infirmiere infirmier policier policiere professor
professeur doctor docteur maitre lady juge sergeant coach directeur directrice proviseur entraineur headteacher manager secretary chief
"""
TRADES = frozenset(_TRADES.split())
"""Words for a post: what follows may be another part of it, as in "Conseiller Emploi"."""
TITLES = frozenset(_CIVIL.split()) | TRADES
"""What stands before a name and tells nobody's."""
CIVIL_TITLES = frozenset(("m", "mr", "mrs", "ms", "miss", "mx", "mme", "mmes", "mlle", "mm", "monsieur", "madame", "mademoiselle"))
"""Nothing else is called so: no street, no ship."""
_AFTER_POST = """
academy adjointe administratif administrative adviser advisor allotted appointed assessment assistant associate bank banque call care
chain chef clientele clinic clinique communal communale communautaire comptable constable county court crime custody cycliste
departemental departementale desk direct distributeur district documentaliste duty education emploi enforcement engagement entretien
executif executive expert federation fiscal fiscale forces foundation general generale generaux home homes hospital hospitalier
hospitaliere immobilier immobiliere in inc insertion institute investigating judiciaire juridique led liaison liberal liberale line
logement ltd maintenance manager matieres medical medicale municipal municipale national numerique of office patrimonial personnel
pharmacy pole polyvalent post practice practitioner practitioners prefectoral pricing principal principale recenseur recruitment regional
regionale registered response room rural school scolaire search sector securite service services shop social sociale soignant specialise
specialisee specialist specialists station substitut support surgery syndical team technique territorial territoriale territoriaux trainee
training trip union unit university verbalisateur voyer ward
"""
COMPANY_WORDS = frozenset(
    ("act", "agency", "associates", "association", "bank", "banking", "co", "college", "company", "corp", "corporation", "credit",
"finance",
     "financial", "foundation", "fund", "group", "inc", "insurance", "law", "limited", "llc", "llp", "loan", "loans", "ltd", "mortgage",
     "mortgages", "plc", "recovery", "services", "servicing", "solicitors", "trust", "university", "banque", "assurance", "assurances"),
)  # fmt: skip
"""With a capital right after a name they make a company of it: Franklin Credit, Jacob Law Group."""
AFTER_POST = frozenset(_AFTER_POST.split())
"""What goes on after the word for a post and names nobody: Nurse Practitioner, Conseiller Emploi."""
WELL_KNOWN = frozenset(
    name.strip()
    for name in """
abraham lincoln, agatha christie, albert camus, albert einstein, albert schweitzer, alexandre dumas, ambroise pare, anatole france, anna
karenina, anne frank, arthur rimbaud, auguste renoir, charles darwin, charles de gaulle, charles dickens, claude bernard, claude debussy,
claude monet, emile zola, emmanuel macron, florence nightingale, francois hollande, francois mitterrand, francois rabelais, frederic
chopin, gabriel faure, george orwell, george sand, george washington, georges brassens, georges clemenceau, georges pompidou, guy de
maupassant, guy fawkes, harry potter, hector berlioz, henri dunant, henri matisse, isaac newton, jack russell, jacques brel, jacques
cartier, jacques chirac, jacques prevert, james watt, jane austen, jean jaures, jean mace, jean mermoz, jean monnet, jean moulin, jean
rostand, jean zay, jeanne d'arc, joe biden, john lennon, jules ferry, jules michelet, jules verne, louis aragon, louis armand, louis
braille, louis pasteur, lucie aubrac, marc chagall, marcel pagnol, marcel proust, marguerite yourcenar, marie curie, martin luther king,
maurice ravel, maurice thorez, mickey mouse, molly malone, mother teresa, nelson mandela, nicolas sarkozy, olympe de gouges, oscar wilde,
pablo picasso, paul cezanne, paul eluard, paul verlaine, pierre curie, pierre mendes france, robert burns, robin hood, romain rolland,
rosa bonheur, rosa parks, santa claus, simone de beauvoir, simone veil, victor hugo, vincent van gogh, virginia woolf, walt disney,
walter scott, william shakespeare, winston churchill""".replace("\n", " ").split(",")
)
"""Whose names schools, streets and books bear: of the two, that is what a citizen writes of where no cue speaks for a person."""
_NO_NAME = SMALL_WORDS | OFFICES


def starts_no_name(word: str) -> bool:
    """Whether a capitalised word is known to name nobody. `word` is folded and small."""
    return word in _NO_NAME
