"""Finds that somebody came to harm, or nearly, at a hazard of the street or the park that is not said to be mended, in English and French.

The next one may fall there too: it is what a hazard does, and no longer what it could do.
"""

from services.triage.signals.wording_matcher import Text, Wording, near

_CLOSE = 220
"""Characters between the hazard and the harm: the place is told between them."""

_LISTS = {
    "PERSON": (
        "i we he she they who someone somebody people child children kid kids boy girl son daughter mother father mum dad wife husband "
        "grandmother grandfather grandma grandpa neighbour neighbor friend lady woman man men women pupil cyclist cyclists pedestrian "
        "pedestrians biker motorcyclist rider runner walker jogger resident passer elderly "
        "j je on il elle ils elles qui quelqu personne personnes gens enfant enfants garcon fille fils mere pere maman papa epouse "
        "mari femme homme dame monsieur grand mamie papi voisin voisine ami amie eleve cycliste cyclistes pieton pietons pietonne "
        "motard passant passante promeneur"
    ),
    "HARMED": (
        "fell fallen tripped slipped stumbled injured hurt sprained twisted fractured bruised crashed tombe tombee tombes tombees chute "
        "trebuche trebuchee glisse glissee tordu tordue foule foulee blesse blessee blesses blessees fracture fracturee percute percutee"
    ),
    "STRUCK": "hit struck knocked injured hurt renverse renversee blesse blessee heurte heurtee percute percutee",
    "BONE": "ankle wrist arm leg knee hip foot elbow tooth teeth nose cheville poignet bras jambe genou hanche pied coude dent nez",
    "NARROWLY": "nearly almost failli manque",
    "FALLS": (
        "fall fell fallen falling trip tripped slip slipped crash crashed hit injured hurt killed "
        "knocked accident renverse renversee blesse blessee heurte heurtee percute tomber chuter "
        "trebucher glisser blesser renverser percuter accident"
    ),
}
_NO_HARM = (
    "asleep|ill|sick|love|behind|through|apart|short|deaf|feelings|malade|enceinte|amoureu*|panne|"
    "get|gets|will|might|may|pourrait|risque|va"
)
"""What one falls without a wound, and what has not happened yet."""

_HARM = Wording(
    (
        near("harm", "PERSON HARMED", 5, ordered=True, unless=_NO_HARM),
        near("harm", "STRUCK PERSON", 4, ordered=True, unless=f"{_NO_HARM}|could|peut"),
        near("harm", "was|were|got|been|suis|est|ete HARMED", 2, ordered=True, unless=_NO_HARM),
        near("harm", "was|were|got|been|ete|etre|fait STRUCK by|par", 4, ordered=True),
        near("harm", "broke|broken|cracked|casse|cassee BONE", 4, ordered=True),
        near("harm", "NARROWLY FALLS", 5, ordered=True, unless=_NO_HARM),
    ),
    _LISTS,
)
_HAZARD = Wording(
    (
        near(
            "hazard",
            "pothole|potholes|manhole|pavement|pavements|sidewalk|kerb|curb|slab|slabs|paving|cobbles|grating|railing|railings|handrail|"
            "bollard|footpath|footbridge|cycleway|lamppost|streetlight|playground|swing|swings|scaffolding|roundabout|"
            "trottoir|trottoirs|dalle|dalles|paves|rambarde|chaussee|lampadaire|balancoire|toboggan|verglas|verglace*|bordure|potelet|"
            "passerelle",
            0,
            negatable=False,
        ),
        near("hazard", "nid|nids poule|poules", 3, ordered=True, negatable=False),
        near(
            "hazard",
            "hole|holes|step|steps|stairs|escalier|escaliers|branch|branches|root|roots|tree|ice|icy|ramp|slide|cover|trou|trous|marche|marches|plaque|regard|"
            "branche|branches|racine|racines|arbre|glace|rampe|crossing|passage|light|lights|feu|feux "
            "street|road|path|park|lane|square|deep|loose|broken|missing|rotten|uneven|rue|chemin|parc|place|route|allee|avenue|"
            "boulevard|profond|profonde|casse|cassee|cassees|manquante|pourri|pieton|pietons|descelle*|lit|working",
            10,
            negatable=False,
        ),
    ),
    {},
)
_MENDED = Wording(
    (
        near(
            "mended",
            "thank|thanks|glad|pleased|well|bravo|merci|remerci*|felicit* "
            "fixed|fixing|repaired|repairing|mended|replaced|replacing|filled|filling|repare|reparee|remplace|remplacee|rebouche|refait",
            10,
        ),
    ),
    {},
)
"""Thanks for what was done: a mere `repaired last year` says nothing of today."""


def harm_at_hazard(literal: Text) -> bool:
    """Whether somebody is said to have come to harm, or nearly, at something that nobody is said to have mended."""
    hazards = [(hazard.start, hazard.end) for hazard in _HAZARD.find(literal)]
    if not hazards or not any(
        start - _CLOSE <= harm.start and harm.end <= end + _CLOSE for harm in _HARM.find(literal) for start, end in hazards
    ):
        return False
    return next(_MENDED.find(literal), None) is None
