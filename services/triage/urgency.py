"""How soon somebody must look: an emergency by its signals, hardship by what the text says, and never lower than what a signal shows."""

import re
from collections.abc import Sequence

from schemas.requests_triaged import Signal
from schemas.values import Urgency
from services.triage.phrases import fold

_SHORT = 80
N3 = r"(?:[^\w.!?\n]++\w++){0,3}?[^\w.!?\n]++"
_VULNERABLE = (
    r"(?:bab(?:y|ies)|newborn|toddler|child\w*|kids?|elderly|pregnant|disabled|wheelchair|asthma\w*|cancer|premature|sick|(?:8|9)\d[- ]years?[- ]old|"
    r"bebes?|nourrisson|enfants?|agee?s?|enceinte|handicap\w*|fauteuil|asthm\w*|malade|prematuree?|personne agee)"
)
_HARDSHIP: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("losing the home", re.compile(r"\bevict\w*|\bbailiffs?\b|\bhomeless\b|\b(?:sleeping|sleep|living|live|slept) (?:rough|in (?:my|our|the|a) car|on the streets?|outside)\b|\bnowhere to (?:go|live|sleep|stay)\b|\broof over\b|\bthrown out\b|\bkicked out\b|\bon the streets?\b(?= (?:with|tonight|tomorrow|next|from))|\bexpuls\w+|\bhuissiers?\b|\bsans[- ]abri|\bsdf\b|\b(?:dors|dormons|dormir|dort|vis|vivons) (?:dans (?:ma|la|notre|une) voiture|dehors|a la rue)\b|\ba la rue\b|\bnulle part ou (?:aller|dormir)|\bplus de (?:toit|logement)\b|\bmise? a la porte\b")),
    ("no heating, water or power", re.compile(rf"\b(?:no|without|lost|cut off|not had|any){N3}(?:heating|hot water|running water|electricity|power|water)\b|\b(?:heating|hot water|electricity|power|water|boiler){N3}(?:cut off|off since|disconnected|broken|not working|been off|gone|broke down|packed up|been cut)\b|\bdisconnect(?:ed|ion)\b|\bcut(?:ting)? (?:us |me |my |our )?(?:\w+ )?off (?:tomorrow|today|on|next)|\b(?:plus|sans|pas|prive\w* d\w*|coupure|panne|coupe\w*){N3}(?:chauffage|eau chaude|eau|electricite|courant)\b|\b(?:chauffage|eau chaude|eau|electricite|courant){N3}(?:coupee?s?|en panne|coupure|ne marche (?:pas|plus)|ne fonctionne (?:pas|plus))\b")),
    ("no money for food or medicine", re.compile(rf"\b(?:no|not enough|can'?t afford|cannot afford|without|out of|any){N3}(?:food|money (?:for|to)|medicine|medication|nappies|formula|to eat)\b|\bnothing (?:left )?to eat\b|\bstarving\b|\bhungry\b|\bfood bank\b|\b(?:haven'?t|not|hasn'?t) (?:eaten|ate)\b|\brien a manger\b|\bplus (?:rien|de quoi) (?:pour )?(?:manger|a manger|nourrir|vivre)\b|\bde quoi (?:manger|nourrir|payer)|\bpas mange\b|\bsans ressources?\b|\bplus (?:un sou|d'argent|aucun revenu|aucune ressource)|\b(?:plus|sans|pas){N3}(?:medicaments?|traitement|couches|lait)\b|\bbanque alimentaire|\bfaim\b")),
    ("somebody could be hurt", re.compile(r"\b(?:someone|somebody|people|child\w*|kids?|cyclists?|pedestrians?|one)(?: is| are|'s)?(?: going to| will| could| may| might|'ll| gonna) (?:get |be |fall|trip|slip|break|die)\w*(?:hurt|injured|killed|hit|run over)?|\baccident (?:waiting|is going|will)\b|\bdanger(?:ous|ously)?\b|\bnearly (?:fell|hit|killed|knocked)|\balmost (?:fell|hit|killed)|\bhazard\w*|\bdangereu\w+|\bdanger\b|\brisque (?:de (?:tomber|se blesser|chute|blessure)|d'accident)|\b(?:va|vont) (?:finir par )?(?:se (?:blesser|tuer|faire mal|faire renverser)|tomber|avoir un accident)|\bfailli (?:tomber|me|se|etre|avoir un accident|nous)|\baccident (?:va|grave|est)\b")),
    ("cannot cope any more", re.compile(r"\b(?:desperate|at my wits'? end|end of my (?:tether|rope)|at breaking point|can'?t cope|cannot cope|begging you)\b|\bdesesper\w+|\bau bout du rouleau|\ba bout de (?:forces?|nerfs)|\bje n'en peux plus\b|\bj'en peux plus\b|\bdetresse\b|\bje vous en supplie")),
)
_FRAIL = re.compile(rf"\b{_VULNERABLE}\b")
_THANKS = re.compile(
    r"\b(?:thank you (?:so much |very much )?(?:for (?:the|your|such|fixing|sorting|all|helping|coming|repairing|being)|to (?:the|everyone|your|all))|thanks (?:a lot )?(?:for (?:the|your|fixing|sorting|all|helping)|to (?:the|everyone|your|all))|well done|great job|good job|congratulations|keep up the|"
    r"compliments? to|just wanted to (?:say|thank)|many thanks to|a big thank|hats off|merci (?:beaucoup |infiniment |encore |mille fois )?(?:pour|a (?:toute?|l'|vos|votre|la|tous)|aux?|d'avoir)|bravo|felicitations|je tenais a (?:vous )?(?:remercier|feliciter)|un grand merci|chapeau|bon travail|super travail|continuez)\b"
)
_OPINION = re.compile(
    r"\b(?:in my (?:humble )?opinion|i (?:just )?(?:think|feel|believe) (?:that )?(?:the|we|it|you|our|there)|suggestion|it would be (?:nice|great|good|lovely)|why not|just an idea|idea for|have you considered|you should|my view|a mon avis|je (?:pense|trouve|crois) que|suggestion|il serait (?:bien|bon|agreable)|ce serait (?:bien|sympa|bon|chouette)|"
    r"pourquoi (?:ne )?pas|une idee|avez-vous pense|vous devriez|proposition)\b"
)
_ASKS = re.compile(r"\?|\b(?:please (?:send|fix|come|repair|can|could|let|do|tell|help|remove|advise)|can you|could you|when will|how (?:do|can)|broken|not working|refund|complaint|problem|still|but|however|pouvez|pourriez|comment|quand|merci de (?:me|bien|faire|nous|vouloir|venir)|probleme|en panne|casse\w*|reclamation|mais|toujours pas|remboursement)\b")

_LEGAL, _AUTOMATIC = "legal_deadline", "automatic_reply"


def urgency(signals: Sequence[Signal], subject: str | None, body: str, category: str, language: str) -> tuple[Urgency, list[str]]:  # noqa: ARG001 - the rules read both languages; a category alone never makes a matter urgent
    """The urgency and why, in words for a caseworker. The gravest reason decides; all of its rank are named."""
    harm = [f"danger to life or health: {_quoted(signal.words)}" for signal in signals if signal.kind == "risk_of_harm"]
    if harm:
        return Urgency.EMERGENCY, harm
    kinds = {signal.kind for signal in signals}
    automatic = _AUTOMATIC in kinds
    high = [f"legal deadline: {_quoted(signal.words)}" for signal in signals if signal.kind == _LEGAL]
    folded = fold(f"{subject}\n{body}" if subject else body)
    thanked = _THANKS.search(folded) is not None and _ASKS.search(folded) is None
    if not automatic and not thanked:
        high.extend(_hardship(folded))
    if high:
        return Urgency.HIGH, high
    if automatic:
        return Urgency.LOW, ["automatic reply"]
    if thanked:
        return Urgency.LOW, ["thanks, asks for nothing"]
    if _OPINION.search(folded) and _ASKS.search(folded) is None and "wants_a_person" not in kinds:
        return Urgency.LOW, ["opinion or suggestion"]
    return Urgency.NORMAL, []


def _hardship(folded: str) -> list[str]:
    found = [reason for reason, pattern in _HARDSHIP if pattern.search(folded)]
    if found and _FRAIL.search(folded):
        found.append("somebody frail is concerned")
    return found


def _quoted(words: str) -> str:
    return f"“{words if len(words) <= _SHORT else words[: _SHORT - 1].rsplit(' ', 1)[0] + '…'}”"
