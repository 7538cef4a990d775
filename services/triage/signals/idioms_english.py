"""Lists English figures of speech and harmless meanings that sound like danger."""

ENGLISH = (
    (
        r"\bdying (?:to|for a|of (?:boredom|curiosity|laughter|thirst))\b|\bto die for\b|\bdie[- ]hard\b|\bdying (?:tree|"
        r"plant|grass|lawn|hedge|trade|battery)\w*"
    ),
    (
        r"\bkill(?:ing|s)? (?:time|the (?:mood|vibe|grass|lawn|weeds|engine|lights?|moss)|it\b|two birds|for (?:a|an|"
        r"some)\b|switch|the (?:bees|trees|plants|flowers|rats))|\bmy (?:feet|back|knees?|head|legs?) (?:is|are) killing "
        r"me|\b(?:queue|paperwork|suspense|wait|noise|heat|forms?|prices?|bureaucracy|stairs|tax|rent|hill) (?:is|are|"
        r"will|would)(?: \w+)? kill(?:ing)? (?:me|us|off)\b|\bkiller (?:app|whale|heels|deal)"
    ),
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
    (
        r"\b(?:was|were|is|had|what|such|absolute|an?|having) (?:a )?(?:total |real |absolute )?blast\b|\b(?:prices?|costs?|"
        r"bills?|rents?|population|traffic|demand|numbers?|popularity|debts?|interest|tax|taxes|fees|charges|rubbish|"
        r"weeds|pigeons?) (?:\w+ )?(?:explod\w*|blew up|explosion)|\b(?:price|population|baby|cost|colou?r|flavou?r|rent) "
        r"explosion|\bexplosion (?:of|in) (?:colou?rs?|flavou?rs?|prices?|costs?|creativity|the (?:price|cost|number)s?|"
        r"numbers?|rents?|joy|bills)|\b(?:head|brain|mind|inbox|phone|mailbox) (?:is |was |will |just )?(?:about to |"
        r"going to )?explo\w+|\bbath bombs?|\bbomb(?:ed)? (?:at|in) the (?:interview|exam)|\bcost(?:s)? a bomb|\bphoto "
        r"?bomb\w*|\bseed bombs?|\bcluster bomb|\bcherry bomb|\bsex bomb"
    ),
    (
        r"\bsmoke[- ]?(?:free|alarms?|detectors?|screen|test|tests|control|break|breaks|signals?|house|less)\b|"
        r"\bsmok(?:ed|ing) (?:salmon|fish|ham|area|areas|ban|shelter|room|section|cessation|gun|zone|is|cigarettes?)|"
        r"\b(?:no|non|anti|stop|quit|stopped|quitting|people|ban|against|cigarette|weed|cannabis|neighbou?rs?|he|she|they|"
        r"staff|teenagers?|patients|smokers?|nurses|employees|parents|pupils|always|who|chain)[- ]smok(?:ing|e|es|er|"
        r"ers)\b|\bcigarette smoke|\bsmoke (?:outside|in front|weed|cigarettes|cannabis|on the (?:balcony|terrace|"
        r"platform|beach))|\bbarbecue smoke|\bsmoke from (?:the |his |her |their )?(?:barbecue|bbq|cigarettes?|chimney|"
        r"wood stove)"
    ),
    (
        r"\bdead (?:batter\w+|pixels?|ends?|lines?|links?|leaves|plants?|trees?|branch(?:es)?|birds?|pigeons?|rats?|mouse|"
        r"mice|fish|lamps?|phone|slow|easy|right|tired|bulbs?|on time|zone|letter|wood|flowers|grass|keys?|silence|quiet|"
        r"boring|serious|sure|cats?|fox|animals?)\b|\bdeadlines?\b|\bdeath (?:certificates?|grant|benefit|of the|"
        r"registration|by (?:a thousand|paperwork|powerpoint))|\bbored to death|\bscared to death of (?:spiders|forms|the "
        r"dentist)|\bdone to death|\bsick to death|\bto death (?:of|with) (?:waiting|this|the|your|these)|\bover my dead "
        r"body"
    ),
    (
        r"\b(?:photo|video|film|movie|music video)[- ]?(?:shoot|shoots|shooting)\b|\bshooting (?:star|range|gallery|club|"
        r"hoops|a (?:film|video|movie)|the (?:film|scene|series|breeze))|\bshot (?:of|in the dark|put)|\b(?:flu|covid|"
        r"vaccine|tetanus|booster|rabies|allergy) (?:shots?|jabs?)|\bgive it a shot|\bbest shot|\blong shot|\bbig shot|"
        r"\bscreen ?shots?|\btake a stab|\bstab at|\bshotgun wedding|\b(?:water|glue|nail|staple|speed|radar|heat|spray|"
        r"nerf|toy|grease|massage|top|foam|bubble) ?guns?\b|\bjump(?:ed|ing)? the gun|\bsmoking gun|\bstick to (?:my|our|"
        r"your|their) guns|\bstab(?:bed|bing)? in the back"
    ),
    (
        r"\b(?:shock absorbers?|culture shock|sticker shock|bill shock|in for a shock|price shock|shock (?:of\b|when i "
        r"(?:saw|opened|read|got))|a (?:nasty|real|bit of a|big|huge|complete|total) shock|got (?:a|quite a|the) shock "
        r"(?:when|at|seeing|on|from (?:the|my) (?:bill|price|letter|amount)))"
    ),
    (
        r"\b(?:nearly|almost|practically|about) (?:had|gave me|have|got) a heart attack\b|\bgave me a heart attack\b|"
        r"\bheart[- ](?:attack (?:when|at|seeing)|broken|warming|felt)|\bstroke of (?:luck|genius|midnight|a pen|the pen)|"
        r"\ba stroke of|\bbreast stroke|\bback ?stroke|\bbrush strokes?|\b(?:cyber|heart|dos|ddos|phishing|hacker|virus|"
        r"media|verbal|personal) ?attacks?|\battack(?:ed|ing)? (?:my|the|a|this) (?:problem|form|issue|plants?|roses|"
        r"hedge|trees?|bins?)"
    ),
    (
        r"\bbreath(?:e|ing) (?:new life|space|fresh|a sigh|down my neck)|\b(?:don'?t|not|wouldn'?t) hold(?:ing)? (?:my|"
        r"your) breath|\bbreath of fresh air|\bbreathtaking|\bchance to breathe|\broom to breathe|\bbreath(?:alyser|ing "
        r"exercises?|ing class\w*)"
    ),
    (
        r"\b(?:(?:web)?site|system|server|page|app|form|business|company|market|deal|talks?|negotiations?|menu|section|"
        r"economy|sales|tent|chair|umbrella|online (?:form|service)|bank|morale|attendance|pram|buggy|pushchair|trolley) "
        r"(?:\w+ )?collaps\w*|\bcollapsible|\bcollapse (?:the|this|all) (?:menu|section|panel|list|tab)s?|\bcollapse of "
        r"(?:the )?(?:company|bank|market|talks|bus service|service)|\bcollaps\w* (?:with|in|from) (?:laughter|laughing|"
        r"giggles|tears of)"
    ),
    (
        r"\bburn(?:ing)? (?:questions?|desire|issue|calories|fat|out|through (?:money|cash|data)|a hole in my|midnight "
        r"oil|money|bridges|passion|ambition|a cd)\b|\bburn(?:ed|t)?[- ]out (?:bulb|lamp|light|teacher|staff|employee|"
        r"from work)?|\bburnt toast|\bsun ?burn\w*|\bheart ?burn|\bmoney to burn|\bburns night|\bear(?:s)? (?:were|are|"
        r"must be) burning|\bslow burn|\bburner"
    ),
    (
        r"\bdrown(?:ing|ed)? (?:in (?:paper\w*|work|debts?|emails?|bills|forms|admin\w*|ads|bureaucracy|homework|rubbish|"
        r"letters)|out|by the (?:music|noise)|under (?:paper\w*|debt|work))|\bflood(?:ed)? (?:of|with|by) (?:calls|emails|"
        r"complaints|tourists|letters|messages|applications)"
    ),
    (
        r"\btrapped in (?:a |an |the |this |my |your )?(?:\w+ )?(?:loop|contract|system|cycle|queue|voicemail|phone menu|"
        r"bureaucra\w+|debt|lease|menu|spiral|telephone)|\b(?:stuck|trapped) (?:in|on|at|with) (?:a |the |this |my |your "
        r")?(?:\w+ )?(?:traffic|jam|queue|loop|page|step|form|waiting list|screen|contract|past|line|printer|website|"
        r"level|login|loading|hold)|\bstuck in the mud|\b(?:mouse|rat|wasp|fly|slug|tourist|speed|sand|sink) ?traps?|"
        r"\bburied (?:in|under) (?:paper\w*|work|forms|emails|debts?|snow of|bills|letters|admin)|\b(?:card|coin|ticket|"
        r"money|letter|ring|key|parcel|paper|ball|document) (?:is |was |got |has got |gets )?(?:stuck|trapped)"
    ),
    (
        r"\b(?:political|career|social|commercial|financial|economic|electoral) suicide|\bsuicide (?:squad|prevention "
        r"(?:week|day|training|poster|leaflet|campaign|month|conference))|\bsuicidal (?:pricing|policy|seagulls?|pigeons?|"
        r"cyclists?|drivers?)|\boverdos\w* (?:of|on) (?:chocolate|sugar|information|adverts|christmas|politics|coffee|"
        r"salt)"
    ),
    r"\bviolat\w*|\bviolets?|\bviolins?|\bassault (?:course|on (?:the|my|our) (?:senses|ears|eyes|nose))|\bsalt\b",
    (
        r"\bbeat(?:s|ing)? (?:the (?:queue|rush|crowds?|traffic|heat|system|deadline|clock)|around the bush|about the "
        r"bush|egg)|\bheart(?:s)? (?:beat|skipped|beating)|\bhit(?:s|ting)? (?:the (?:road|spot|nail|target|shops|button|"
        r"gym|send|jackpot|ceiling|roof|books|submit)|send|submit|enter|a (?:wall|snag)|song|parade|show|on a solution|"
        r"home hard)|\bbig hit|\b(?:smash|massive|huge) hit|\bbeaten track|\boff the beaten"
    ),
    (
        r"\bpoison(?:ous)? (?:ivy|pen letter|bait|for (?:rats|slugs|mice)|rats?)|\brat poison|\bbleeding (?:heart|edge|"
        r"obvious|money|love|hell|cash|us dry)|\bchok(?:ing|ed|e) (?:point|on the price|back|up)|\bthe (?:weeds|ivy|"
        r"traffic) (?:is|are) choking|\bbitten off more|\bbug bitten|\bbitter|\bonce bitten"
    ),
    (
        r"\b(?:fall|fell|falling|fallen) (?:asleep|in love|behind|short|through (?:the (?:cracks|net)|again)|on (?:a |the "
        r")?(?:sunday|monday|tuesday|wednesday|thursday|friday|saturday|bank|deaf|my birthday|hard times)|apart at the "
        r"seams|out with|under the)|\bwater ?falls?|\brain ?fall|\bsnow (?:is |was |has been )?fall\w*|\bprices? (?:is |"
        r"are |have )?fall\w*|\bleaves (?:are |have |is )?(?:fall\w*|fell)|\bnight ?fall"
    ),
    (
        r"\b(?:celery|corn|flower|mushroom|cabbage) stalks?|\bthreat(?:en\w*)? (?:to (?:rain|snow|sue|cancel|disconnect|"
        r"leave a review|clamp|fine|take me to court|close|stop)|me with (?:a fine|court|bailiffs|legal action|"
        r"disconnection|a penalty)|us with (?:a fine|court|bailiffs|legal action|disconnection|a penalty)|legal action|"
        r"court)"
    ),
    r"\belectrif(?:y|ying|ied)|\belectric (?:atmosphere|performance|car|cars|bikes?|scooters?|vehicles?)",
    (
        r"\b(?:phone|telephone|broadband|internet|tv|usb|charging|hdmi|network|fibre|ethernet|aerial|data) (?:cables?|"
        r"wires?|lines?|wiring)|\bhanging (?:on the line|on the phone|basket)|\bwashing lines?|\bloose (?:cable car|cable "
        r"end of my (?:router|phone))|\bphone lines? (?:is |are )?(?:down|busy|dead)"
    ),
)
"""Cues and pattern, as `Patterns` takes them, on folded text."""
