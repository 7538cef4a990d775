"""Figures of speech and harmless meanings that sound like danger: they are taken out before anything is looked for."""

import re

from services.triage.phrases import Cued, Text

_FIGURES = Cued(
    (
        (
            "dyin die",
            (
                r"\bdying (?:to|for a|of (?:boredom|curiosity|laughter|thirst))\b|\bto die for\b|\bdie[- ]hard\b|\bdying (?:tree|"
                r"plant|grass|lawn|hedge|trade|battery)\w*"
            ),
        ),
        (
            "kill",
            (
                r"\bkill(?:ing|s)? (?:time|the (?:mood|vibe|grass|lawn|weeds|engine|lights?|moss)|it\b|two birds|for (?:a|an|"
                r"some)\b|switch|the (?:bees|trees|plants|flowers|rats))|\bmy (?:feet|back|knees?|head|legs?) (?:is|are) killing "
                r"me|\b(?:queue|paperwork|suspense|wait|noise|heat|forms?|prices?|bureaucracy|stairs|tax|rent|hill) (?:is|are|"
                r"will|would)(?: \w+)? kill(?:ing)? (?:me|us|off)\b|\bkiller (?:app|whale|heels|deal)"
            ),
        ),
        (
            "fire",
            (
                r"\bfire (?:drills?|stations?|brigade|fighters?|safety|extinguishers?|door|doors|exit|exits|escape|hydrants?|"
                r"alarm test|regulations?|insurance|risk assessment|certificate|hazard class|engine (?:toy|visit)|service open|"
                r"place|wood|works?|ban|pit|sale|officer|prevention|doors?|wall)\b|\bfire(?:works?|place|wood|man|men|fighters?|"
                r"wall|fly|fox|side)\b|\b(?:team|band|fete|orchestra|choir|chef|dj|player|striker|singer|library|staff|show|he|"
                r"she|you|they|you guys|squad|season|form|side|town) (?:is|was|were|are|been|'s|'re) (?:really |absolutely |"
                r"totally )?on fire(?! (?:on|in|at|near|now)\b)\b|\bfired (?:me|from|by|up|off|for)\b|\bunder fire\b|\bfire "
                r"away\b|\bsets? (?:the )?(?:world|hearts?|stage|dance ?floor) on fire\b|\bcame under fire\b|\bhung fire|\bfire "
                r"(?:an? )?(?:email|questions?|off)"
            ),
        ),
        (
            "blas expl bomb dyna blow",
            (
                r"\b(?:was|were|is|had|what|such|absolute|an?|having) a? ?(?:total |real |absolute )?blast\b|\b(?:prices?|costs?|"
                r"bills?|rents?|population|traffic|demand|numbers?|popularity|debts?|interest|tax|taxes|fees|charges|rubbish|"
                r"weeds|pigeons?) (?:\w+ )?(?:explod\w*|blew up|explosion)|\b(?:price|population|baby|cost|colou?r|flavou?r|rent) "
                r"explosion|\bexplosion (?:of|in) (?:colou?rs?|flavou?rs?|prices?|costs?|creativity|the (?:price|cost|number)s?|"
                r"numbers?|rents?|joy|bills)|\b(?:head|brain|mind|inbox|phone|mailbox) (?:is |was |will |just )?(?:about to |"
                r"going to )?explo\w+|\bbath bombs?|\bbomb(?:ed)? (?:at|in) the (?:interview|exam)|\bcost(?:s)? a bomb|\bphoto "
                r"?bomb\w*|\bseed bombs?|\bcluster bomb|\bcherry bomb|\bsex bomb"
            ),
        ),
        (
            "smok",
            (
                r"\bsmoke[- ]?(?:free|alarms?|detectors?|screen|test|tests|control|break|breaks|signals?|house|less)\b|"
                r"\bsmok(?:ed|ing) (?:salmon|fish|ham|area|areas|ban|shelter|room|section|cessation|gun|zone|is|cigarettes?)|"
                r"\b(?:no|non|anti|stop|quit|stopped|quitting|people|ban|against|cigarette|weed|cannabis|neighbou?rs?|he|she|they|"
                r"staff|teenagers?|patients|smokers?|nurses|employees|parents|pupils|always|who|chain)[- ]smok(?:ing|e|es|er|"
                r"ers)\b|\bcigarette smoke|\bsmoke (?:outside|in front|weed|cigarettes|cannabis|on the (?:balcony|terrace|"
                r"platform|beach))|\bbarbecue smoke|\bsmoke from (?:the |his |her |their )?(?:barbecue|bbq|cigarettes?|chimney|"
                r"wood stove)"
            ),
        ),
        (
            "dead deat",
            (
                r"\bdead (?:batter\w+|pixels?|ends?|lines?|links?|leaves|plants?|trees?|branch(?:es)?|birds?|pigeons?|rats?|mouse|"
                r"mice|fish|lamps?|phone|slow|easy|right|tired|bulbs?|on time|zone|letter|wood|flowers|grass|keys?|silence|quiet|"
                r"boring|serious|sure|cats?|fox|animals?)\b|\bdeadlines?\b|\bdeath (?:certificates?|grant|benefit|of the|"
                r"registration|by (?:a thousand|paperwork|powerpoint))|\bbored to death|\bscared to death of (?:spiders|forms|the "
                r"dentist)|\bdone to death|\bsick to death|\bto death (?:of|with) (?:waiting|this|the|your|these)|\bover my dead "
                r"body"
            ),
        ),
        (
            "shoo shot gun stab",
            (
                r"\b(?:photo|video|film|movie|music video)[- ]?(?:shoot|shoots|shooting)\b|\bshooting (?:star|range|gallery|club|"
                r"hoops|a (?:film|video|movie)|the (?:film|scene|series|breeze))|\bshot (?:of|in the dark|put)|\b(?:flu|covid|"
                r"vaccine|tetanus|booster|rabies|allergy) (?:shots?|jabs?)|\bgive it a shot|\bbest shot|\blong shot|\bbig shot|"
                r"\bscreen ?shots?|\btake a stab|\bstab at|\bshotgun wedding|\b(?:water|glue|nail|staple|speed|radar|heat|spray|"
                r"nerf|toy|grease|massage|top|foam|bubble) ?guns?\b|\bjump(?:ed|ing)? the gun|\bsmoking gun|\bstick to (?:my|our|"
                r"your|their) guns|\bstab(?:bed|bing)? in the back"
            ),
        ),
        (
            "shoc",
            (
                r"\b(?:shock absorbers?|culture shock|sticker shock|bill shock|in for a shock|price shock|shock (?:of\b|when i "
                r"(?:saw|opened|read|got))|a (?:nasty|real|bit of a|big|huge|complete|total) shock|got (?:a|quite a|the) shock "
                r"(?:when|at|seeing|on|from (?:the|my) (?:bill|price|letter|amount)))"
            ),
        ),
        (
            "heart atta pani stro",
            (
                r"\b(?:nearly|almost|practically|about) (?:had|gave me|have|got) a heart attack\b|\bgave me a heart attack\b|"
                r"\bheart[- ](?:attack (?:when|at|seeing)|broken|warming|felt)|\bstroke of (?:luck|genius|midnight|a pen|the pen)|"
                r"\ba stroke of|\bbreast stroke|\bback ?stroke|\bbrush strokes?|\b(?:cyber|heart|dos|ddos|phishing|hacker|virus|"
                r"media|verbal|personal) ?attacks?|\battack(?:ed|ing)? (?:my|the|a|this) (?:problem|form|issue|plants?|roses|"
                r"hedge|trees?|bins?)"
            ),
        ),
        (
            "brea",
            (
                r"\bbreath(?:e|ing) (?:new life|space|fresh|a sigh|down my neck)|\b(?:don'?t|not|wouldn'?t) hold(?:ing)? (?:my|"
                r"your) breath|\bbreath of fresh air|\bbreathtaking|\bchance to breathe|\broom to breathe|\bbreath(?:alyser|ing "
                r"exercises?|ing class\w*)"
            ),
        ),
        (
            "coll",
            (
                r"\b(?:(?:web)?site|system|server|page|app|form|business|company|market|deal|talks?|negotiations?|menu|section|"
                r"economy|sales|tent|chair|umbrella|online (?:form|service)|bank|morale|attendance|pram|buggy|pushchair|trolley) "
                r"(?:\w+ )?collaps\w*|\bcollapsible|\bcollapse (?:the|this|all) (?:menu|section|panel|list|tab)s?|\bcollapse of "
                r"(?:the )?(?:company|bank|market|talks|bus service|service)|\bcollaps\w* (?:with|in|from) (?:laughter|laughing|"
                r"giggles|tears of)"
            ),
        ),
        (
            "burn",
            (
                r"\bburn(?:ing)? (?:questions?|desire|issue|calories|fat|out|through (?:money|cash|data)|a hole in my|midnight "
                r"oil|money|bridges|passion|ambition|a cd)\b|\bburn(?:ed|t)?[- ]out (?:bulb|lamp|light|teacher|staff|employee|"
                r"from work)?|\bburnt toast|\bsun ?burn\w*|\bheart ?burn|\bmoney to burn|\bburns night|\bear(?:s)? (?:were|are|"
                r"must be) burning|\bslow burn|\bburner"
            ),
        ),
        (
            "drow floo",
            (
                r"\bdrown(?:ing|ed)? (?:in (?:paper\w*|work|debts?|emails?|bills|forms|admin\w*|ads|bureaucracy|homework|rubbish|"
                r"letters)|out|by the (?:music|noise)|under (?:paper\w*|debt|work))|\bflood(?:ed)? (?:of|with|by) (?:calls|emails|"
                r"complaints|tourists|letters|messages|applications)"
            ),
        ),
        (
            "trap stuc buri",
            (
                r"\btrapped in (?:a |an |the |this |my |your )?(?:\w+ )?(?:loop|contract|system|cycle|queue|voicemail|phone menu|"
                r"bureaucra\w+|debt|lease|menu|spiral|telephone)|\b(?:stuck|trapped) (?:in|on|at|with) (?:a |the |this |my |your "
                r")?(?:\w+ )?(?:traffic|jam|queue|loop|page|step|form|waiting list|screen|contract|past|line|printer|website|"
                r"level|login|loading|hold)|\bstuck in the mud|\b(?:mouse|rat|wasp|fly|slug|tourist|speed|sand|sink) ?traps?|"
                r"\bburied (?:in|under) (?:paper\w*|work|forms|emails|debts?|snow of|bills|letters|admin)|\b(?:card|coin|ticket|"
                r"money|letter|ring|key|parcel|paper|ball|document) (?:is |was |got |has got |gets )?(?:stuck|trapped)"
            ),
        ),
        (
            "suic over",
            (
                r"\b(?:political|career|social|commercial|financial|economic|electoral) suicide|\bsuicide (?:squad|prevention "
                r"(?:week|day|training|poster|leaflet|campaign|month|conference))|\bsuicidal (?:pricing|policy|seagulls?|pigeons?|"
                r"cyclists?|drivers?)|\boverdos\w* (?:of|on) (?:chocolate|sugar|information|adverts|christmas|politics|coffee|"
                r"salt)"
            ),
        ),
        ("viol assa atta", r"\bviolat\w*|\bviolets?|\bviolins?|\bassault (?:course|on (?:the|my|our) (?:senses|ears|eyes|nose))|\bsalt\b"),
        (
            "beat hit hits",
            (
                r"\bbeat(?:s|ing)? (?:the (?:queue|rush|crowds?|traffic|heat|system|deadline|clock)|around the bush|about the "
                r"bush|egg)|\bheart(?:s)? (?:beat|skipped|beating)|\bhit(?:s|ting)? (?:the (?:road|spot|nail|target|shops|button|"
                r"gym|send|jackpot|ceiling|roof|books|submit)|send|submit|enter|a (?:wall|snag)|song|parade|show|on a solution|"
                r"home hard)|\bbig hit|\b(?:smash|massive|huge) hit|\bbeaten track|\boff the beaten"
            ),
        ),
        (
            "pois blee chok bitt",
            (
                r"\bpoison(?:ous)? (?:ivy|pen letter|bait|for (?:rats|slugs|mice)|rats?)|\brat poison|\bbleeding (?:heart|edge|"
                r"obvious|money|love|hell|cash|us dry)|\bchok(?:ing|ed|e) (?:point|on the price|back|up)|\bthe (?:weeds|ivy|"
                r"traffic) (?:is|are) choking|\bbitten off more|\bbug bitten|\bbitter|\bonce bitten"
            ),
        ),
        (
            "fall fell",
            (
                r"\b(?:fall|fell|falling|fallen) (?:asleep|in love|behind|short|through (?:the (?:cracks|net)|again)|on (?:a |the "
                r")?(?:sunday|monday|tuesday|wednesday|thursday|friday|saturday|bank|deaf|my birthday|hard times)|apart at the "
                r"seams|out with|under the)|\bwater ?falls?|\brain ?fall|\bsnow (?:is |was |has been )?fall\w*|\bprices? (?:is |"
                r"are |have )?fall\w*|\bleaves (?:are |have |is )?(?:fall\w*|fell)|\bnight ?fall"
            ),
        ),
        (
            "stalk thre",
            (
                r"\b(?:celery|corn|flower|mushroom|cabbage) stalks?|\bthreat(?:en\w*)? (?:to (?:rain|snow|sue|cancel|disconnect|"
                r"leave a review|clamp|fine|take me to court|close|stop)|me with (?:a fine|court|bailiffs|legal action|"
                r"disconnection|a penalty)|us with (?:a fine|court|bailiffs|legal action|disconnection|a penalty)|legal action|"
                r"court)"
            ),
        ),
        ("elec", r"\belectrif(?:y|ying|ied)|\belectric (?:atmosphere|performance|car|cars|bikes?|scooters?|vehicles?)"),
        (
            "cabl wire line",
            (
                r"\b(?:phone|telephone|broadband|internet|tv|usb|charging|hdmi|network|fibre|ethernet|aerial|data) (?:cables?|"
                r"wires?|lines?|wiring)|\bhanging (?:on the line|on the phone|basket)|\bwashing lines?|\bloose (?:cable car|cable "
                r"end of my (?:router|phone))|\bphone lines? (?:is |are )?(?:down|busy|dead)"
            ),
        ),
        (
            "mort mour",
            (
                r"\bmort(?:e|s|es)? de (?:rire|faim en attendant|fatigue|honte|trouille|peur de)\b|\bmorte? de rire|\bmdr\b|"
                r"\bmourir (?:de rire|d'ennui|de honte|d'envie|de chaud|de curiosite|moins bete)|\b(?:meurs|mourrais|meurt|"
                r"mourait|mourons) (?:d'envie|d'impatience|de rire|d'ennui|de curiosite|de soif)|\bnature morte|\bfeuilles mortes|"
                r"\bpoint mort|\bangle mort|\bbatterie (?:est )?morte|\blettre morte|\btemps morts?|\bpeau morte|\bbras mort|"
                r"\bpoids mort|\barbres? morts?|\bbois mort|\b(?:oiseau|pigeon|rat|chat|animal|poisson|cygne|renard)x?s? morts?|"
                r"\bsaison morte|\bma saison est morte|\b(?:acte|certificat) de (?:deces|mort)|\bpixels? morts?|\bmort dans l'oeuf"
            ),
        ),
        (
            "tuer tue",
            (
                r"\btuer le temps|\b(?:prix|loyers?|attente|paperasse|impots?|bruit|chaleur|escaliers?|dos|pieds|genoux|queue|"
                r"lenteur|demarches|formulaires?) (?:\w+ ){0,2}(?:me|nous) tue(?:nt|r|ra)?\b|\bme tue (?:a (?:vous|le|repeter|"
                r"dire|l'expliquer|la tache|expliquer|demander|ecrire))|\btue[- ]l'amour|\btuer (?:les |des )?(?:mauvaises herbes|"
                r"moustiques|limaces|frelons|rats|cafards|fourmis|punaises|le commerce|la ville|le centre|mouches|chenilles)|"
                r"\bgros oeuvre|\bqui tue\b|\btue dans l'oeuf|\bla curiosite|\btue les (?:commerces|arbres|plantes|abeilles)"
            ),
        ),
        (
            "feu",
            (
                r"\bfeux? (?:d'artifice|rouges?|verts?|orange|tricolores?|pietons?|de (?:signalisation|circulation|joie|camp|la "
                r"(?:st|saint)[- ]jean|position|route|recul|croisement|stop|detresse)|clignotants?|arriere|avant|follet|de paille|"
                r"au carrefour|(?:sur|a) l'avenue)|\bfeux?\b(?: \w+){0,3} (?:carrefour|croisement|clignot\w*|reste au rouge|passe "
                r"au vert)|\bfeu vert|\bpot[- ]au[- ]feu|\bcoupe[- ]feu|\bpare[- ]feu|\bpas le feu|\bfeu (?:mon|ma|mes|son|sa) "
                r"(?:pere|mere|mari|grand\w*|epoux|femme|oncle|tante)|\bmis le feu (?:a la (?:salle|piste|scene)|au public|aux "
                r"planches)|\bmet(?:tent|tre)? le feu (?:a la (?:salle|piste|scene)|au public|sur scene)|\bfeu de (?:dieu|"
                r"l'action)|\bjou\w+ avec le feu|\bpermis de feu|\barme a feu factice|\bau coin du feu|\b(?:grille|griller|brule|"
                r"bruler|grilles|brulent|grillent) (?:le |les |un |des )?feux?\b|\bn'y a pas le feu|\bpas le feu au lac|\bdans le "
                r"feu"
            ),
        ),
        (
            "fume",
            (
                r"\b(?:saumon|jambon|poisson|truite|lard|magret)s? fume|\bfum(?:er|eurs?|euses?|oir)\b|\bnon[- ]fum\w+|\bsans "
                r"tabac|\b(?:interdit|interdiction|arrete|arreter|defense) de fumer|\bfum(?:e|ent) (?:une|des|sa|leur|leurs|ses|"
                r"sous|devant|sur|dans (?:le hall|l'ascenseur|la cage|l'abri|les couloirs)|du (?:cannabis|shit)|la cigarette|"
                r"trop)|\bfumigene|\bfumee (?:de (?:cigarettes?|tabac|barbecue|cannabis)|des (?:cigarettes?|barbecues?)|du "
                r"(?:barbecue|tabac))|\bdetecteurs? de fumee|\becran de fumee|\bdetecteurs? (?:et )?avertisseurs?"
            ),
        ),
        (
            "expl",
            (
                r"\b(?:prix|factures?|loyers?|couts?|tarifs?|charges|budget|demandes?|tete|boite mail|chiffres|nombre|trafic|"
                r"dettes?|compteur|forfait|impots?|taxe|circulation|telephone|portable|population|natalite|poubelles|depenses) "
                r"(?:\w+ ){0,3}explos\w+|\bexplosion (?:des|du|de) (?:prix|tarifs?|factures?|couts?|loyers?|charges|nombre|"
                r"saveurs|couleurs|joie|rires?|budget|ma facture|mes charges|demandes)|\bexplos\w+ de (?:joie|rire|colere)|"
                r"\b(?:explose|exploser) (?:de rire|les (?:scores|records|compteurs)|le budget|mon (?:budget|forfait))"
            ),
        ),
        (
            "brul",
            (
                r"\bbrule(?:r|nt)? (?:les etapes|d'envie|d'impatience|de curiosite|des calories|la politesse)|\bcreme brulee|"
                r"\bquestion brulante|\bsujet brulant|\bampoules? (?:est |sont )?(?:grille|brule)\w*|\bbrule[- ]parfum|\bcerveau "
                r"brule|\btete brulee"
            ),
        ),
        (
            "tort enfe bomb viol",
            (
                r"\bpluies? (?:tres )?violentes?|\bviolemment (?:critique|oppose)|\bviolation|\bviolet\w*|\bviolon\w*|\bbombes? "
                r"(?:de peinture|aerosol|insecticides?|a (?:eau|graines|peinture))|\b(?:effet|fait l'effet) d'une bombe|\bglace|"
                r"\bbombe a retardement"
            ),
        ),
        (
            "coup",
            (
                r"\bcoups? de (?:main|pouce|coeur|foudre|theatre|chance|soleil|balai|peinture|vent|froid|chaud|telephone|"
                r"gueule|blues|pub|pinceau|tonnerre|frein|klaxon|fatigue|stress|collier|barre|bluff|tampon|sang|pompe|sonnette)|"
                r"\bcoups? (?:d'oeil|d'eponge|d'envoi|d'etat|franc|dur)"
            ),
        ),
        (
            "batt bat frap",
            (
                r"\b(?:bat|battent|battre|batte) (?:des records?|son plein|la (?:mesure|campagne)|le (?:record|pave|rappel|blanc)|"
                r"en retraite|pour (?:que|mes|nos|ses|les|obtenir|faire|la|le|conserver))|\bcoeur (?:qui )?bat|\bse battent "
                r"(?:pour|depuis des (?:annees|mois) pour|contre (?:la fermeture|le projet))|\bme bats? (?:pour|contre|avec|"
                r"depuis)|\bse bat(?:tre|tent)? (?:pour|contre|avec (?:le|votre|l')|depuis)|\b(?:terre|lait|fer) battue?|"
                r"\bsentiers? battus?|\bfrapp(?:e|er|ent|ez) (?:a la|a toutes les|aux?|a votre|d'interdiction|sur le clavier|de "
                r"nullite)|\bfrappant|\bcafe frappe|\bfaute de frappe|\bbatt(?:ante?|eries?)|\bcombat"
            ),
        ),
        (
            "effo ecro",
            (
                r"\b(?:site|serveur|systeme|marche|prix|ventes?|natalite|moral|entreprise|frequentation|cours|recettes|chiffre "
                r"d'affaires|participation|note|resultats|confiance|connexion) (?:\w+ ){0,3}(?:s'effondr\w*|effondr\w*|"
                r"s'ecroul\w*)|\beffondrement (?:du (?:site|marche|systeme|prix|moral)|des (?:prix|ventes|cours))|\b(?:s'effondre|"
                r"effondree?s?|s'ecroule|ecroulee?s?) (?:de (?:rire|fatigue)|en larmes|sous (?:les (?:dossiers|dettes|papiers)|le "
                r"(?:travail|poids des)))"
            ),
        ),
        (
            "bloq coin enfe pieg",
            (
                r"\b(?:bloquee?s?|coincee?s?|piegee?s?) (?:dans|sur|a|par|en) (?:les? |la |l'|un |une |mes |mon |ma |ce |cette |"
                r"votre )?(?:embouteillages?|bouchons?|formulaire|page|boucle|etape|file|circulation|trafic|site|menu|attente|"
                r"demarche|procedure|ecran|spirale|engrenage|contrat|mot de passe|connexion|chargement|paperasse|agenda|planning)|"
                r"\b(?:carte|ticket|piece|clef?|courrier|papier|ballon|badge|dossier|compte|virement|colis|paiement)s? (?:\w+ "
                r"){0,2}(?:bloquee?s?|coincee?s?)|\bpieges? a (?:rats?|frelons?|guepes?|moustiques?|souris|touristes)|\bl'enfer|"
                r"\benfermee? (?:dans (?:une logique|un systeme)|dehors)"
            ),
        ),
        (
            "tort crev suic cris",
            (
                r"\bsuicide (?:politique|economique|commercial|financier|electoral|social)|\bsuicid\w+ (?:politique\w*|"
                r"commercial\w*)|\bcrise (?:de (?:rire|nerfs|fou rire|foie|la quarantaine)|economique|du logement|sanitaire|"
                r"energetique|financiere|politique)|\bfailli (?:avoir|faire) une? (?:crise cardiaque|infarctus|malaise|avc)|"
                r"\b(?:crise cardiaque|infarctus|malaise) (?:en (?:voyant|lisant|ouvrant|recevant|decouvrant)|quand j'ai (?:vu|lu|"
                r"recu|ouvert))|\bmalaise (?:social|general|des agents|profond|chez les (?:agents|enseignants))|\bsemblant de "
                r"malaise"
            ),
        ),
        (
            "noye noya",
            (
                r"\bnoyee?s? (?:sous|dans (?:la (?:paperasse|masse)|les (?:papiers|mails|courriels|dossiers|dettes|chiffres)|le "
                r"(?:travail|flot)))|\b(?:me|se|nous) noie\w* (?:sous|dans (?:la paperasse|un verre|les (?:papiers|demarches|"
                r"mails|details)|le travail))|\bnoyer le poisson|\bnoyau|\bnoyer (?:centenaire|du jardin|du parc|malade)|\b(?:un|"
                r"le|du|mon|vieux|grand|beau|ce) noyer\b|\bnoix"
            ),
        ),
        (
            "resp etou souf",
            (
                r"\brespirer (?:un peu|a nouveau|financierement|le bon air|l'air pur|enfin)|\bexercices? de respiration|"
                r"\betouff\w+ (?:dans l'oeuf|l'affaire|sous (?:les (?:taxes|dettes|charges|impots)|la paperasse)|par les (?:taxes|"
                r"charges|dettes))|\bplats? etouffe|\betouffe[- ]chretien"
            ),
        ),
        (
            "saig bles mord",
            (
                r"\bsaign\w+ (?:a blanc|les contribuables)|\b(?:mots?|remarques?|propos|paroles?|attitude|ton|courrier) (?:\w+ "
                r"){0,2}bless\w+|\bblessee? (?:par (?:votre|vos|ce|cette|ces|le ton|les (?:propos|mots)|la (?:reponse|remarque))|"
                r"dans (?:mon|son) (?:amour|orgueil))|\bmordu(?:e|s)? (?:de (?:jardin\w*|lecture|foot|velo|sport|musique|theatre|"
                r"cinema|livres|peche|photo))|\bs'en mordre|\bmordre la|\bmordill\w+"
            ),
        ),
        (
            "tomb",
            (
                r"\btomb(?:e|er|es|ent|ait|ee|ees) (?:en panne|amoureu\w*|sur (?:un|une|des|la|le|votre|vos|messagerie|l'|ce|"
                r"cette)\s?(?:repondeur|messagerie|annonce|page|erreur|article|site|lundi|mardi|mercredi|jeudi|vendredi|samedi|"
                r"dimanche|disque|musique|boite|dos)\w*|malades? |bien|mal|a (?:pic|l'eau|point)|dans (?:l'oubli|le panneau|les "
                r"spams|les indesirables)|un (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|jour)|d'accord|des nues|le "
                r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche))|\b(?:neige|pluie|feuilles|grele|glands) (?:\w+ "
                r"){0,2}tomb\w+|\btombola|\btombes?\b(?= (?:de (?:mon|ma|mes|famille)|au cimetiere))|\blaissee? tomber"
            ),
        ),
        (
            "agre attaq mena assa",
            (
                r"\b(?:publicites?|odeur|couleur|lumiere|ton|demarchage|commercial\w*|eclairage|panneau|musique) (?:\w+ "
                r"){0,2}agress\w+|\bagressi(?:f|ve|fs|vite)\w*|\bmena(?:ce|cent|cer|cee?s?) (?:de (?:me |nous |la |le )?(?:coup|"
                r"suspen|fermer|fermeture|poursui|saisi|huissier|porter|pluie|neige|pleuvoir|rompre|radiation|radier|resilier|"
                r"resiliation|disparition|disparaitre|supprimer|penalit|majoration|mise|faire)\w*|d'une? (?:amende|penalite|"
                r"fermeture|saisie|coupure|majoration))|\bassaut"
            ),
        ),
        (
            "arme tir tirs",
            (
                r"\balarmes?|\barme(?:e|es|r|s)? (?:de (?:patience|courage|terre)|a double|secrete|absolue)|\bstand de tir|\btir "
                r"(?:a l'arc|sportif|au but|groupe|a la corde)|\bclub de tir|\btire[- ](?:fesses|bouchon|lait|d'affaire)|"
                r"\btirent? (?:la sonnette|les rois|au sort|le signal|profit|parti)|\btir\w+ au sort"
            ),
        ),
        (
            "alar test exer",
            (
                r"\b(?:test|essai|testing) (?:of |de |des |du |mensuel )?(?:the |la |les |le )?(?:alarms?|alarmes?|sirens?|"
                r"sirenes?)"
            ),
        ),
        (
            "gas gaz",
            (
                r"\bexhaust gas\w*|\bgas (?:bill|bills|meter reading|supplier|tariff|prices?|contract|account|engineer "
                r"appointment|boiler (?:grant|scheme)|station|company|heating grant)|\bgreenhouse gas\w*|\bgaz (?:d'echappement|a "
                r"effet de serre|de ville dans la rue|hilarant|naturel (?:tarif|prix))|\bfactures? (?:de |du )?gaz|\b(?:prix|"
                r"tarif|compteur|fournisseur|contrat|abonnement|chaudiere|cheque) (?:de |du |a |au )?gaz|\bgazon|\bgazette|\beau "
                r"gazeuse|\ba plein gaz|\bgaz de schiste"
            ),
        ),
        ("beat", r"\bbeaten to (?:the|it|a|my)\b|\bbeaten by (?:the|a) (?:queue|system|form|weather)\b"),
        ("sorr chag", r"\bdrown\w* (?:his|her|my|our|their) sorrows?\b|\bnoy\w+ (?:son|mon|leur|ses) chagrins?\b"),
        ("pric cost rent bill", r"\b(?:prices?|costs?|rents?|bills?|fees)\b(?: \w+){0,4} explod\w+"),
        ("cart tick bill", r"\b(?:carte|ticket|billet|piece)s?\b(?: \w+){0,4} (?:bloque|coince)\w*"),
        ("site serv syst", r"\b(?:site|serveur|systeme)\b(?:[ ']\w+){0,4} (?:ecroule|effondre)\w*"),
        (
            "flea puce tick seag moue pige",
            (
                r"\battack\w* by (?:fleas|ticks|seagulls|pigeons|midges|greenfly)|\battaquee?s? par (?:les |des )?(?:puces|tiques|"
                r"mouettes|pigeons|pucerons)"
            ),
        ),
        (
            "no nobo none aucu pers sans",
            r"\b(?:no ?one|nobody|none)(?: \w+){0,3} (?:hurt|injured|harmed|killed)\b|\bno (?:injur\w+|casualties)\b",
        ),
        (
            "aucu pers sans pas",
            r"\b(?:aucune?|pas de|sans|ni) (?:blesse\w*|victimes?|mal)\b|\bpersonne n'a (?:ete |rien )?(?:blesse\w*|eu)?",
        ),
    )
)


def without_figures(text: Text) -> Text:
    """The text with each figure of speech blanked, as long as before, so that places stay true."""
    literal = text.folded
    for _, pattern in _FIGURES.worth_trying(text.stems):
        literal = pattern.sub(_blank, literal)
    return text if literal == text.folded else Text(literal)


def _blank(match: re.Match[str]) -> str:
    return "_" * len(match.group())
