"""Lists phrases that mean danger by themselves: suicide, calls for help, and cries for help in a few more languages.

What takes more than a phrase to see is for the learned score in `danger_score.py`. A sentence that says it as plainly as can be is
scored once more alone, so that nobody is missed for having written much beside it.
"""

import re
from collections.abc import Iterator

from services.triage.signals.wording_matcher import Found, Patterns, Text, Wording, near

_HILFE = (  # not the help that somebody is thanked for: "Ihre schnelle Hilfe!", "mit Ihrer Hilfe!"
    r"(?:(?<![er] )(?<!viel )|(?<=brauche )|(?<=bitte )|(?<=\bsie )|(?<=\bwir )|(?<=\b[md]ir )|(?<=\bhier ))\bhilfe!"
)
_PHRASES = Patterns(
    (
        r"\bsuicid\w*|\bself[- ]?harm\w*|\bscarifi\w*",
        r"\b(?:kill|killing|hurt|hurting|harm|harming|hang|hanging|cut|cutting|drown) (?:my|him|her|them)sel(?:f|ves)\b",
        (
            r"\b(?:end|ending|take|taking|took|taken) (?:my|his|her|their|this) (?:own )?life\b|\bend it all\b|\bi(?:'ll| "
            r"will| want to| am going to|'m going to) end it\b"
        ),
        (
            r"\b(?:don'?t|do not|didn'?t|no longer|not|doesn'?t) (?:really |even )?(?:want|wish|wants?) to (?:live\b(?! (?:in|"
            r"next|near|at|on|with|under|there|by|here))|be here\b|be alive|wake up|exist|go on\b|carry on\b)"
        ),
        r"\b(?:want|wants|wanted|wish|rather|ready) (?:to (?:die|be dead)|(?:i|he|she) (?:was|were) dead)\b",
        (
            r"\b(?:no|any|the) (?:reason|point)(?: left)? (?:to|in|of) (?:live|living|being alive|going on|go on|carrying on)\b|"
            r"\bnothing (?:left )?to live for\b"
        ),
        (
            r"\bbetter off (?:dead|without me|if i)\b|\bnot be (?:here|around) (?:tomorrow|much longer|any ?more|after)\b|"
            r"\b(?:life|it)(?:'s| is) (?:not |n't )worth living\b"
        ),
        (
            r"\bby the time you (?:read|get) this\b|\byou won'?t (?:hear from|see) me (?:after|again|any ?more)\b|\bi(?:'ll| "
            r"will) be (?:gone|dead)\b|\bcan'?t (?:go on|take (?:it|this) any ?more|live like this)\b"
        ),
        r"\bmett\w+ (?:un terme|fin) a (?:mes|ses|ma|sa) (?:jours|vie)\b|\bmis fin a (?:mes|ses) jours\b",
        (
            r"\ben finir\b(?! (?:avec (?:ce|cet|cette|ces|le|la|les|mon|mes|l'|vos|votre|un|une|tous|toutes)\b(?! vie)|au "
            r"plus|une bonne|rapidement|vite))"
        ),
        (
            r"\b(?:envie|veux|veut|voudrais|prefere|souhaite|aimerais|prefererais) (?:de )?(?:mourir|me tuer|se tuer|me "
            r"pendre|disparaitre)\b"
        ),
        (
            r"\b(?:me|se) (?:tuer|pendre|suicider|supprimer|flinguer|fous?t?re? en l'air|jeter (?:sous|du|par|dans le "
            r"vide))\b|\bme fous? en l'air\b|\bme (?:tue|pends|flingue|jette (?:sous|du|par))\b(?! (?:a |au ))"
        ),
        (
            r"\b(?:plus|pas|aucune?|plus aucune) (?:du tout )?(?:de )?(?:envie|la force|le courage|raison|raisons) (?:de |d'|pour "
            r")(?:vivre|continuer a vivre|me reveiller|rester en vie|etre la|exister)"
        ),
        (
            r"\b(?:veux|veut) plus (?:vivre|etre la|me reveiller|exister)\b|\b(?:me|se) faire du mal\b|\blui faire du mal\b|"
            r"\ba quoi bon (?:vivre|continuer)\b|\bidees noires\b|\bdes idees suicidaires\b"
        ),
        (
            r"\bmieux sans moi\b|\bne serai (?:plus|bientot plus) (?:la|de ce monde)\b|\b(?:serai|serais) partie? pour (?:de "
            r"bon|toujours)\b|\bquand vous lirez (?:ce|cette|ca)\b|\bentendrez plus parler de moi\b|\bvois plus d'issue\b|"
            r"\bla vie ne vaut (?:plus|pas)\b"
        ),
        (
            r"\b(?:homeless|nowhere to (?:sleep|go|stay|live)|no (?:roof|shelter|bed|place to (?:sleep|stay))"
            r"|(?:sleep|sleeping|be|are|am|end up) (?:rough|outside|(?:out )?on the streets?|in (?:the|our|my|a) car))\b"
            r"[^.!?\n]{0,60}\b(?:tonight|this evening|this night)\b"
            r"|\b(?:tonight|this evening)\b[^.!?\n]{0,60}\b(?:homeless|nowhere to (?:sleep|go|stay)"
            r"|sleep(?:ing)? (?:rough|outside|on the street))"
        ),
        (
            r"\b(?:a la rue|sans[- ]abri|sans toit|(?:dormir|dormons|dormirons|dors) dehors|nulle part ou (?:dormir|aller)"
            r"|(?:dormir|dormons|dors|nuit) dans (?:la|ma|notre|une) (?:rue|voiture))\b[^.!?\n]{0,60}\b(?:ce soir|cette nuit)\b"
            r"|\b(?:ce soir|cette nuit)\b[^.!?\n]{0,60}\b(?:a la rue|sans[- ]abri|(?:dormir|dormirons) dehors"
            r"|nulle part ou (?:dormir|aller))"
        ),
        r"\bcan'?t see (?:a|any) way out\b|\bplus rien a (?:attendre de la vie|perdre)\b",
        (
            r"\bau secours\b|\bhelp us(?: ?!|,? (?:now|quick|fast|immediately|hurry))|^(?:please |pls )?help(?: us| me)?[ !.]*$"
            r"|\bcall (?:999|112|911)\b|\blife[- ]threatening|\blife or death|\bin "
            r"(?:immediate |real |grave |serious |great )?danger (?:of|now|right now|at home|from)\b|\bimmediate danger"
        ),
        (
            r"\bdanger (?:de mort|immediat|imminent|vital)\b|\b(?:suis|sommes|sont) en danger\b|\burgence vitale|\bvie ou de "
            r"mort|\brisque (?:d'electrocution|d'explosion|d'effondrement|mortel)\b"
        ),
        (
            r"\bgasgeruch|\briecht nach gas|\bgas riecht|\bes brennt\b|\bbrennt\b|\bfeuer (?:im|in|bei)\b|\bselbstmord|"
            r"\bumbringen\b|" + _HILFE + r"|\bbewusstlos|\beinsturz|\beingeklemmt|\bblutet\b"
        ),
        (
            r"\b(?:fuga|huele|olor|odore|cheiro|escape) (?:a |de |di )?gas\b|\bincendios?\b|\bsocorro\b"
            r"|(?<!stro )(?<!suo )(?<!tuo )(?<!loro )(?<!\bil )(?<!\bun )(?<!ande )(?<!ioso )(?<!l')(?<!\bper )\baiuto!|\bal fuoco\b|"
            r"\bfuego en\b|\bme (?:quiere|va a) matar\b|\bmi picchia\b|\bgaslek|\bgaslucht|\bbrand in\b"
        ),
        (
            r"\bpozar\b|\bwyciek gazu\b|\bulatnia sie gaz|\byangin\b|\bgaz koku\w+|\bgaz kacag\w+|\bimdat\b|\bmiros de gaz\b|"
            r"(?<!pentru )(?<!\bpt )(?<!\bpt\. )(?<!acest )(?<!mare )(?<!orice )\bajutor!"
        ),
    )
)
_OTHER_ALPHABETS = re.compile(
    r"запах газа|утечка газа|пахнет газом|пожар|помогите|горит (?:дом|квартира)|пожежа|витік газу|допоможіть|"
    r"самоубийств|самогубств|حريق|رائحة غاز|تسرب غاز|النجدة|آتش|کمک!|نشت گاز|煤气泄漏|火灾|着火|救命|自杀"
)


def dangers(literal: Text) -> Iterator[Found]:
    """Every place that tells of danger, in text that is freed of figures of speech."""
    for pattern in _PHRASES.worth_trying(literal):
        for match in pattern.finditer(literal.folded):
            yield Found("life", match.start(), match.end())
    if not literal.folded.isascii():
        for match in _OTHER_ALPHABETS.finditer(literal.folded):
            yield Found("life", match.start(), match.end())


_PLAINLY = Wording(
    (
        near("gas", "smell*|stink*|reek*|leak*|hiss* gas|propane|butane", 4, unless="bill|meter|tariff"),
        near("gas", "sent|odeur*|fuite*|fuit|pue gaz|propane|butane|butagaz", 4, unless="facture|compteur"),
        near("gas", "carbon|monoxide|monoxyde|co alarm*|detector|detecteur|intoxi*|poison*", 5),
        near("wire", "wire*|cable*|powerline* live|bare|fallen|down|hanging|dangling|sparking|exposed|lying|snapped", 5),
        near("wire", "fil|fils|cable*|ligne denude*|nu|nus|pend|pendent|arrache*|etincel*|tombe*", 4),
        near("life", "not|isn|stopped|cant|can|barely|hardly|ne|plus|arrive breath*|respir*", 3, negatable=False),
        near("life", "unconscious|unresponsive|inconscient*|inanime*|choking|etouffe|etouffent", 0),
        near("life", "passed|perdu|perd out|connaissance", 2, ordered=True),
        near(
            "violence",
            "husband|wife|boyfriend|partner|dad|father|stepdad|mum|mother|son|ex "
            "hits|hit|beats|beating|strangle*|punch* me|us|her|him|mum|again",
            5,
        ),
        near("violence", "mari|compagnon|conjoint|pere|mere|copain|fils|ex frapp*|bat|cogne|etrangl*|gifl* m|me|nous|la|le|encore", 5),
        near("violence", "knife|gun|couteau|fusil|pistolet threat*|menac*|pointing|waving|brandit|stab*", 6),
        near("stuck", "stuck|trapped|coince*|bloque*|enferme* lift|elevator|ascenseur", 5),
        near("fire", "house|flat|kitchen|roof|building|car|shed|bin|maison|appartement|cuisine|toit|voiture|immeuble on|en fire|feu", 4),
        near("fall", "wall|balcony|ceiling|scaffold*|crane about|going fall|collapse", 6),
        near("fall", "mur|balcon|plafond|echafaudage|facade menace|va|risque tomber|effondr*|ecroul*", 6),
    ),
    {},
)


def plainly(literal: Text) -> Iterator[Found]:
    """Every place that says so in the plainest words. Near misses say them too: what is around has to be asked as well."""
    return _PLAINLY.find(literal)


_LISTS = {
    "SOMEBODY": (
        "neighbour* neighbor* tenant* mother mum father dad brother sister son daughter wife husband gran grandmother uncle aunt "
        "lady gentleman widow* voisin* locataire* mere pere frere soeur fils fille tante oncle mamie papi veuve monsieur dame"
    ),
    "NOT": "not nobody t never no personne pas plus ne n",
    "FOR": "days week weeks jours semaine semaines sunday monday dimanche lundi",
    "DRUG": "insulin* insuline inhaler* ventoline oxygen oxygene epipen morphine methadone dialysis dialyse antirejets anticoagulant*",
}
_PERHAPS = Wording(
    (
        near("missing", "SOMEBODY NOT seen|heard|vu|vue|nouvelles FOR", 12, negatable=False),
        near(
            "medicine",
            "DRUG run|ran|runs|out|no|without|last|plus|sans|fini*|rupture|dernier|derniere|empty|vide",
            6,
            negatable=False,
            unless="pump|travel|voyager|pompe",
        ),
        near(
            "gas",
            "carbon|monoxide|monoxyde|co alarm*|detector*|detecteur* sound*|beep*|going|goes|sonne*|bip*|declench*|red",
            8,
            unless="grant|test|battery|pile|aide|bill",
        ),
    ),
    _LISTS,
)


def perhaps(plain: Text) -> Iterator[Found]:
    """Every place that may tell of danger in words of somebody who makes nothing of it: where the score does not say no, a doubt.

    Of the text with its figures of speech: `personne n'a` is taken for the beginning of one, and nobody has seen her.
    """
    return _PERHAPS.find(plain)
