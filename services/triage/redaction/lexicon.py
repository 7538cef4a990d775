"""Words the name rules rest on: frequent first names of many countries, and capitalised words that name nobody.

Folded: small letters, no accents.
"""

_FIRST = """
aaliyah aaron abdallah abdel abdelkader abdou abdoulaye abdul abigail adam adele adrian adriana adrien agathe agnes agnieszka ahmad
ahmed aicha aida aisha aissata akira alain alan alana albane alberto aldo alejandra alejandro aleksandra alessandro alessia alex
alexandra alexandre alexis alfred ali alice alicia alina aline alison alix aliyah allan allison alma alyssa amadou amanda amandine
amber amelia amelie amina amine amir amira amy ana anais anastasia andre andrea andreas andrei andrew andrzej andy angela angele
angelique angus anita anja ann anna annabelle anne anneke annette annick annie anouk anselme anthony antoine antonia antonio anton
apolline ariane arjun armand arnaud arthur asma astrid aubin audrey augustin aurelia aurelie aurelien ava awa axel aya ayesha aymeric
ayoub baptiste barbara bartosz basile bastien beatrice ben benedicte benjamin benoit berenice bernadette bernard berthe bertrand beth
bethany bettina bianca bilal birgit blaise blanche bob boris boubacar brandon brenda brendan brian brice bridget brigitte bronwen
bruce bruno bryan camila camille candice capucine carine carl carla carlo carlos carmen carol carole caroline caroll catalina
catherine cathy cecile cecilia cecily cedric celeste celia celine cesar chantal charlene charles charlie chiara chidi chinedu chloe
chris christelle christian christiane christina christine christophe christopher ciara cindy claire clara clarisse claude claudette
claudia claudine clement clementine clotilde coline colette conor constance constantin corentin corinne cyril cyrille daisy dalila
damien dan daniel daniela daniele danielle danny daphne darius darren dave david dawid deborah declan deirdre demba denis denise derek
desmond desire diana diane didier diego dieter dieudonne dimitri dina djamila dmitri dominic dominika dominique donald donna dora
doris dorian dorothee dorothy douglas duncan dylan eamon ebony eddy edgar edith edmund eduardo edward edwige eileen elaine eleanor
eleonore elena elias eliane eliot elisa elisabeth elise eliza elizabeth ella ellen elliot elliott elodie eloise elsa elsie emeline
emil emile emilia emilie emily emma emmanuel emmanuelle enrique enzo eric erica erik ernest erwan esteban estelle esther ethan etienne
eugene eugenie eva evan evelyn evelyne ewa fabian fabien fabienne fabio fabrice fadila fanny farah farid fatiha fatima fatou felicia
felicien felicite felix ferdinand fernand fernanda fernando filip fiona firmin flavie flora florent florian floriane francesca
francesco francine francis francisco franck francois francoise frank frankie fred frederic frederick frederique gabriel gabriela
gabriele gabrielle gael gaelle gareth gary gaston gavin gemma genevieve geoffrey geoffroy george georges georgina gerald geraldine
gerard germaine gertrude ghislain ghislaine gilbert gilles gillian gina giovanni gisele giulia giuseppe gladys glenn gloria gonzalo
gordon graham greg gregoire gregory greta gretchen guido guilhem guillaume gustave guy gwen gwenaelle hakim halima hamid hanna hannah
hans harold harriet harry hassan heather hector heidi helen helena helene helga henri henriette henrik henry herbert hermine herve
hilary hilda hocine holly hubert hugh hugo hugues ian ibrahim ibrahima ida igor ilona imane imran ines ingrid irena irene irina iris
irma isaac isabel isabella isabelle ismael issa ivan ivana jack jackie jacob jacqueline jacques jade jake jakub jamal jamie jan jana
jane janet janice janine jared jason javier jay jayden jean jeanne jeanette jeannine jeff jeffrey jenna jennifer jenny jeremy jerome
jerry jess jesse jessica jill jim jimmy joan joanna joanne joao jocelyne jodie joe joel joelle johan johanna johann john johnny jonas
jonathan jordan jorge jose joseph josephine josette josh joshua josie josue joyce juan juana judith judy jules julia julian juliana
julie julien juliet juliette julius justin justine kader kamal kamel karen karim karin karina karine karl karolina katarzyna kate
katherine kathleen kathryn kathy katia katie katrin kaveh keith kelly kelvin ken kenneth kenza kerstin kevin khadija khalid khaled kim
kimberly kirsten kirsty klaus krishna kristen kristina krzysztof kyle lamia lara larry lars latifa laura lauren laurence laurent
laurie lea leah leila lena leo leon leonard leonie leonora leslie lewis lia liam lila liliane lilian lilly lily lina linda lindsay
lindsey lionel lisa lise lise liz lloyd logan lois loic lola lorena lorenzo loretta lorraine lou louis louise louison luc luca lucas
lucia lucie lucien lucienne lucile lucy ludivine ludovic luigi luis luisa lukas lukasz luke lydia lydie lynda lynn mabel madeleine
madeline mael maelle maeva magali maggie magnus mahamadou maja malcolm malika malik mamadou manon manuel manuela marc marcel marcela
marcelle marcin marco marcos marcus margaret margaux margot marguerite maria mariam mariama mariana marianne marie marielle mariette
marilyn marina marine mario marion marius marjorie marlene marta martha marthe martina martine marwa mary maryam maryse massimo mateo
mateusz mathew mathias mathieu mathilde mathis matilda matt matteo matthew matthias matthieu maud maureen maurice max maxence maxime
maximilian maya meera megan mehdi mei melanie melina melinda melissa melody mercedes meriem meryem mia michael michaela michal micheal
michel michele micheline michelle mickael miguel mike mikhail mila milan mildred milena milo mina miranda miriam mohamed mohammad
mohammed moira mona monica monika monique morgane moses mostafa mouhamed mouna mounir moussa muhammad muriel myriam nabil nadege nadia
nadine nadir najat nancy naomi nasser natalia natalie natasha nathalie nathan nathaniel neil nelly nelson nicholas nick nicola nicolas
nicole niels nigel nikita nikolai nils nina noa noah noam noe noemie nolan nora norah norbert nordine norma norman nour nuno odette
odile olaf oleg olga olivia olivier oliver omar ophelie orla oscar osman otto oumar oussama owen pablo paola paolo pascal pascale
pascaline pat patrice patricia patrick paul paula paulette paulina pauline pavel pawel pedro peggy penelope perrine pete peter petra
phil philip philippa philippe phillip phoebe phyllis pierre pierrick pierrette piotr pooja prudence quentin rachel rachid rachida radu
rafael rafik raja rajesh ralph ramon raoul raphael ravi raymond raymonde rebecca regine regis reine remi remy rena renata renaud rene
renee rhys ricardo richard rick rita rob robbie robert roberta roberto robin robyn rodolphe rodrigo roger roland rolande romain roman
romane ron ronald ronan rosa rosalie rosario rosemary rosie ross roxane roy ruben rudolf rudy rupert russell ruth ryan sabine sabrina
said saida salah salim salima sally salma salome sam samantha sami samia samir samira samuel sandra sandrine sandy sara sarah sasha
saskia scott sean sebastian sebastien selena selim selma serena serge sergei sergio severine shannon sharon shaun shauna sheila sherry
shirley sidonie siegfried silvia simon simona simone siobhan slimane sofia sofiane solange solene sonia sophia sophie stacey stan
stanislas stanislaw stefan stefania stefano stella stephan stephane stephanie stephen steve steven stuart sue suleyman sunita susan
susanna susanne suzanne svetlana sven sylvain sylvaine sylvia sylvie tamara tania tanya tara tariq tatiana ted teresa terry tess thea
theo theodore theophile therese theresa thibaud thibaut thierry thomas tiago tiffany tim timothee timothy tina titouan tobias tom
tomas tomasz tommy toni tony tracey tracy trevor tristan valentin valentine valerie vanessa vasile vera veronica veronique vicki vicky
victor vincent viola virginie vivian viviane vivien vladimir wafa wahid walter wanda wayne wendy wilfrid wilfried william wilma
wojciech yacine yannick yann abebe abena abiodun achille adaeze adama adanna adebayo adelaide ade adjoa adnan afia agnieszka ahmet
aiden aileen aime aimee aisling ajay akash akua alasdair alastair albane alejo aleksander alena alexei alfie algernon alhassan aliou
alister alistair alvaro amal amara ambre ameera amelie aminata amparo anand anatole anders andile andreea aneta angus anil anisha
anjali anneliese annelise annette anouar antoni anushka anwar aoife archibald archie aristide arlette armando armelle arun arwen aryan
ashok ashraf aslan asmaa assia ayaan aylin ayse aziz aziza babacar barnaby barthelemy bartholomew bartlomiej beata beatrix bechir bela
bernice berta beverley beverly bhavna binta blandine blessing bogdan bojan bonnie boualem brahim brad bradley branislav brent brett
bronagh bronte cai caitlin callum cameron carla carlota carmel carolyn casey cassandra catarina cathal cecelia cedric chaima chandra
cheikh chelsea cheryl chiamaka chibuzo chinonso chitra chloe chukwuemeka ciaran claudia claudiu cliff clifford clive colleen connie
connor cormac cornelia cornelius corey cosmin craig cristian cristina curtis cynthia cyprien dagmar daouda darko daryl davide dean
deepa deepak deniz denzel derya desislava deon dietrich dilip dimitra dinesh djibril dolores dominik dong dorian doreen dorota
dorothea dragan duc dunja dustin dwayne ebele eda edna edouard edwin eirik elaheh eleni elijah elin eliott elisabetta ellie elliott
elmira eloi elvira emanuele emeka emine emir emre enid enora eoghan eoin ephraim erdem erin ernesto esma esperance esra eszter ettore
eunice evgeny ezekiel fabrizio faisal fanta farouk farrukh fatiha fatimata fatoumata fatuma fausto faustine federica federico feliks
femi feng ferenc finlay finn fionnuala flavia flavien florin folake franca franz fredrik frida frieda funmi gabor gaetan gaspard
gauthier gavin geneva georgi georgios gerda gerhard germain gheorghe giacomo gianni giorgio giorgos gita giulio goran grainne grazyna
greet grigori grzegorz guadalupe gudrun gulsen gunther gustavo gwendolyn gwyneth habib hadja hadrien haider hakan halil hamish hamza
haruka hasan hassiba hatice hattie hector heike heiko heinrich helmut henryk herminie hicham hilde hind hiroshi hoang holger horst
hortense houria huda huong hussein hyun iain ibtissam idriss ifeoma ignacio ikram ilana ilhan ilias ilse imelda imogen inaya ioana
ionut irfan irmgard isabella isadora ishaan isis ismail isolde ivo iwona izabela jacek jacinta jagoda jamila janek janez janusz
jaroslav jaroslaw jasmina jasper jatinder javed jelena jens jeremiah jerzy jian jing jitka joachim joaquin jocelyn johannes jolanta
joost jorgen josefina josiane josip jovana jozef juergen jun jurgen kadiatou kadir kalpana kamala kamila karima karol karsten kasia
kasper kateryna kavita kazimierz kehinde keisha kemal kendra kenji kerem kiran klara kofi koffi konrad kostas krisztina krystyna kurt
kwame kwasi kylie lachlan laila lakshmi lasse laszlo latoya laurene lech leela leena leila leopold leszek leticia letitia lia libor
lidia ligia linh lionel lisbeth ljubica loan loana lorcan lorena louane louisa luca luciana luciano luka luzia lyes lynette mads maeve
magda magdalena mahdi mahmoud maimouna maksim malak malia malgorzata mamadi manish manoj mansour manuela marcela marek margarida
margarita margit mariella marija marilou mariusz marisa marisol marit marko markus marlon marta marthe marwan maryna masha
massimiliano mateja matej matteus mattia maude mauricio maurizio mavis maximilien mayssa mehmet meinrad melaine meriam merve mesut
mhamed micah mieczyslaw mihai mikael miklos mikolaj mila milos mihaela minh ming miroslav mitchell modou moana moira mouhamadou mourad
moustapha mukesh murat murielle musa mustafa mustapha nabila nada nadja naima najib nana narges narendra nasir nasrin natacha nawel
nazim ndeye neha nerys nevena ngozi nguyen niamh nicoleta nicolette nihal nikola nikos nils nina ninon nirmala nisha nita njeri nkechi
noelia noemi noreen nuria obinna octave octavia oksana oleksandr oluwaseun oluwatobi omer onur orhan orlando osvaldo oswald oumou
ousmane padraig pallavi pamela panagiotis paolina parveen pascual patience patryk pauliina pelagia pernille petar petros petru
philomene phuong pia pinar prakash pranav preethi precious priscilla priti priya priyanka prosper przemyslaw quitterie rabia radek
radka rafaela rafal rahel rahim rahma rahul rainer raisa rajiv ramesh ramona ramzi rana ranjit rania raphaelle rashid raul razan
regina reinhard reinhold renaud renzo reza rhiannon rhona rhonda riad riccardo rikke risa rishi ritchie robbie rocco rocio rodolfo
rohan rokhaya romana romuald ronaldo rory rosalind rosalinde rosamund rosanna roselyne roxana roya rui ruslan ruta ryszard saad sabah
sabri sadia sadio safia sahar saliha salif salvatore samina sandeep sandor sanjay sanna santiago sapna saoirse sarita satish savannah
seamus sebastiano sebastijan seema selin senol seraphine sergey seynabou shahid shamima shane shanti sharmila shauna shelby shirin
shivani shreya shu sian siddharth siddhartha sidney sigrid silas silke silvana silvio sinead sixtine slavica slawomir sloane snezana
sofie solveig somaya sonja soraya sorin souad soufiane souleymane spencer stacy stanimir stefanie steffen stelian stig suad subhash
sultan sumaya sunil suresh susana swati sybille sylvestre szymon tadeusz tahir taiwo takeshi talia tamas tamsin tanisha tanja tarek
tariq tasha tatjana tayeb teddy temitope tendai teodora tessa thabo thandeka thandiwe thanh theodora theodoros thibault thi thiago
thomasina thorsten tiana tiffanie tihana tobiah tomislav tommaso torsten trang tricia tuan tudor tyler tyrone ugo ulrich ulrike umar
umberto ursula usha usman uwe vaclav vanda vasco vasil vasilis venkat vesna vicente vijay vikram viktor viktoria vilma vinay viorel
virgil virginie vishal vito vittoria vlad volkan vuk waleed walid wassim werner wiebke wieslaw wilhelm winifred winston wolfgang wout
xavier xavi xiang ximena xin yael yahya yaroslav yash yasin yaw yelena yeliz yetunde yevhen yevheniia yiannis ying yitzhak yoann
yolanda yoshi yoann younous yulia yuliya yuri yury yusra yvan yvann zachariah zainab zakaria zaki zaynab zbigniew zdenek zelda zelie
zenaida zeynep zhen zita ziad zoltan zora zsofia zuleikha zuzana yasmin yasmina yohan yolande youcef younes youssef youssouf yuki
yusuf yves yvette yvon yvonne zachary zahra zara zeinab zineb zoe zofia zohra
"""
FIRST_NAMES = frozenset(_FIRST.split())

_AMBIGUOUS = """
aime santiago amal amparo asia ade monday precious patience blessing loan prosper isis beverly bonnie cliff dean shane sloane sultan
spencer taiwo tyler casey ming jun jian jing feng dong xin shu thi duc nana moana ida orlando geneva savannah jordan nada lea ella
ines amber angel april august aurore bill blanche carol chance charlotte chelsea claire colin constance daisy dawn desire destiny drew
ella eve faith florence france frank georgia gene gloria grace guy harmony holly hope iris ivy jack jade jasmine jay jean jordan joy
june justice kenya lance lily lou marina marine mark martin max may mercedes mercy milan mona nancy noel norman olive paris pat
patience pearl penny peter pierre pleasure prudence ray reine rich rob robin roman rose roy ruby sandy sky stella sue summer sydney
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
ambassador android apl api app application army association assurance attorney bac bank banque board bureau caf cabinet caisse cantine
carrefour cdi center centre chair chairman chairperson chef chief child children citizen citizens city clerk client club college
commission commissioner committee commune communaute community company conseil conseiller consulate consulat contact council
councillor councillors counselor county court cpam customer cv department departement deputy desk direction director directeur
directrice district division education election elections employee environment europe european facebook family finance fire france
google gouvernement government governor grandparents group health housing inspector instagram insurance internet judge justice lady
landlord law le levy library linkedin madam madame maire mairie manager mayor member members metro metropole minister ministere
ministre ministry municipality municipal office officer officers organisation parents parks parliament pension pensions planning
police pompiers prefecture prefet prefete president presidente prime public recycling registrar region residence resident residents
revenue rib rsa sav school secretariat secretary section security service services sir sirs sncf social society state staff support
tax team tech trade transport travail tresor tribunal tva union urssaf url van veolia waste water whatsapp boxing juniors works youth
equipe guichet habitant habitante habitants riverain riverains tenant tenants neighbour neighbours neighbor voisin voisine voisins
portuguese british english french german italian spanish polish dutch belgian swiss american canadian irish scottish welsh francais
francaise anglais anglaise allemand allemande italien italienne espagnol espagnole polonais polonaise belge suisse portugais
portugaise muslim christian catholic jewish disabled pregnant retired unemployed midwife nurse caretaker messieurs mesdames mr mrs ms
miss mx dr mme mlle mm monsieur madame docteur doctor professor prof tel telephone phone mobile email mail courriel adresse address
fax
"""
OFFICES = frozenset(_OFFICES.split())
"""Offices, bodies, nations, labels: capitalised, and nobody's name."""

_PLACES = """
abbey academy airport alley allee arena avenue bakery bay beach boulevard bridge broadway building castle cathedral cemetery chapel
cinema circle circus close college common corner cottage court crescent cross dock drive estate farm ferry field fields forest gallery
garden gardens gate green grove hall harbour heath heights hill hospital hotel house institute island junction kindergarten lake lane
library lodge mall manor market mews mill monument museum nursery palace parade park path pharmacy pier place plaza pool port primary
promenade pub quay river road roundabout school secondary square stadium station street surgery terrace theatre times tower town
underground university valley view village towers meadow meadows acorns steps embankment bank chase walk way wharf wood woods yard st
rd ave blvd ln dr ct sq
"""
PLACE_WORDS = frozenset(_PLACES.split())
"""What comes after the name of a place in English: Elm Street, Charles Dickens Primary School."""

_BEFORE_PLACES = """
saint st sainte ste rue avenue av boulevard bd place square quai cours allee allees impasse chemin route passage esplanade promenade
pont port parc mas domaine jardin stade gymnase piscine ecole lycee college creche universite fac faculte campus hopital clinique
centre maison salle espace theatre cinema mediatheque bibliotheque musee eglise chapelle cathedrale basilique mosquee synagogue gare
metro station arret cimetiere tour residence cite quartier ehpad foyer institut fondation prix complexe maternelle primaire collège
amphitheatre auditorium halle conservatoire chateau statue monument queen king prince princess lake mount fort port hotel lac mont
fete san santa los las street road lane park school
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


def starts_no_name(word: str) -> bool:
    """Whether a capitalised word is known to name nobody. `word` is folded and small."""
    return word in SMALL_WORDS or word in OFFICES
