"""How soon somebody must look, and the reason a caseworker reads."""

import pytest

from schemas.requests_triaged import Signal
from schemas.values import Urgency
from services.triage.signals.detection import Reading, signals
from services.triage.signals.urgency import urgency


def _of(text: str) -> tuple[Urgency, list[str]]:
    reading = Reading.of(text)
    [per_text] = signals([reading])
    return urgency(per_text, reading)


def test_danger_is_an_emergency_and_its_words_are_the_reason() -> None:
    level, reasons = _of("There is a strong smell of gas in the stairwell.")
    assert level is Urgency.EMERGENCY
    assert "smell of gas" in reasons[0]


def test_what_may_be_danger_is_high_with_its_words_as_the_reason() -> None:
    doubt = Signal(kind="risk_of_harm", words="not seen for days", certainty=0.3)
    level, reasons = urgency([doubt], Reading.of("My neighbour was not seen for days."))
    assert level is Urgency.HIGH
    assert reasons == ["perhaps danger to life or health: “not seen for days”"]


def test_one_sure_sign_among_doubts_is_an_emergency() -> None:
    signs = [Signal(kind="risk_of_harm", words=words, certainty=certainty) for words, certainty in (("quiet", 0.3), ("gas", 0.9))]
    assert urgency(signs, Reading.of("It is quiet. Gas!"))[0] is Urgency.EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "We are being evicted on Friday.",
        "We have had no heating for a week and the baby is six weeks old.",
        "Plus de chauffage depuis trois jours, quand passez-vous ?",
        "We have no money left for food this month.",
        "Nous allons nous retrouver à la rue.",
        "Someone is going to get hurt on that pavement.",
        "The deadline to appeal my penalty is this Friday.",
        "The water from our tap is brown and I use it for my baby's bottle. Is it safe?",
        "L'eau du robinet est trouble depuis hier, peut-on la boire ?",
    ],
)
def test_hardship_and_legal_deadlines_are_high(text: str) -> None:
    level, reasons = _of(text)
    assert level is Urgency.HIGH
    assert reasons


@pytest.mark.parametrize(
    "text",
    [
        "There is no food in the house until my benefit comes.",
        "I can't afford my medication any more.",
        "We cannot buy food for the children.",
        "I can barely feed my kids.",
        "My son goes without his insulin so that I can pay the rent.",
        "Je n'ai plus de quoi nourrir mes enfants.",
        "Il ne me reste plus de médicaments.",
        "Nous n'avons pas d'argent pour acheter à manger.",
        "The food bank turned us away.",
    ],
)
def test_want_of_food_or_medicine_is_high(text: str) -> None:
    level, reasons = _of(text)
    assert level is Urgency.EMERGENCY or "no money for food or medicine" in reasons


@pytest.mark.parametrize(
    "text",
    [
        "The food is adequate, but not as good as it has been.",
        "Food was great, no complaints.",
        "I have had someone monitoring my medication, though not as frequently as I would like.",
        "I would like to volunteer at the food bank.",
        "There is no food waste bin in our street.",
        "Please do not leave food out for the pigeons.",
        "La nourriture est correcte, mais pas aussi bonne qu'avant.",
        "Mon dossier est resté sans délai de traitement indiqué.",
        "La réponse m'a laissé sur ma faim.",
        "Je ne prends pas le bus : je devais donner ses médicaments à ma mère.",
    ],
)
def test_who_speaks_of_food_or_medicine_and_lacks_none_is_not_in_want(text: str) -> None:
    assert "no money for food or medicine" not in _of(text)[1]


@pytest.mark.parametrize(
    "text",
    [
        "We are a family of five and we will be homeless tonight.",
        "Nous sommes à la rue ce soir avec nos deux enfants.",
        "I was thrown out and have nowhere to sleep tonight.",
        "Cette nuit nous allons dormir dehors.",
    ],
)
def test_no_shelter_tonight_is_an_emergency(text: str) -> None:
    assert _of(text)[0] is Urgency.EMERGENCY


@pytest.mark.parametrize(
    ("surer", "less_sure"),
    [
        (
            "There is a strong smell of gas in the stairwell and we all have headaches.",
            "The paint on the bench has an odd smell and flakes.",
        ),
        ("My neighbour is not breathing!", "We plan an evening about suicide prevention at the library."),
        ("Help! Fire in the house, my grandmother is upstairs!", "The film about the suicide of a poet was cancelled without a word."),
    ],
)
def test_who_is_surely_in_danger_is_surer_than_who_speaks_of_it(surer: str, less_sure: str) -> None:
    def certainty(text: str) -> float:
        [shown] = signals([Reading.of(text)])
        return max((signal.certainty or 0.0 for signal in shown if signal.kind == "risk_of_harm"), default=0.0)

    assert certainty(surer) > certainty(less_sure)
    assert certainty(surer) > 0.5


@pytest.mark.parametrize(
    "text",
    [
        "Thank you so much for fixing the swing!",
        "Bravo pour la nouvelle aire de jeux !",
        "Automatic reply: I am out of the office until Monday.",
        "I think the new benches are ugly.",
    ],
)
def test_thanks_opinions_and_automatic_replies_are_low(text: str) -> None:
    assert _of(text)[0] is Urgency.LOW


@pytest.mark.parametrize(
    "text",
    [
        "The street lamp is out.",
        "Comment renouveler mon passeport ?",
        "Thanks for the visit, but the lamp is still broken.",
        "I want to speak to a real person.",
    ],
)
def test_the_rest_is_normal_and_needs_no_reason(text: str) -> None:
    assert _of(text) == (Urgency.NORMAL, [])


def test_an_automatic_reply_that_tells_of_danger_is_still_an_emergency() -> None:
    signals_seen = [Signal(kind="automatic_reply", words="Out of office"), Signal(kind="risk_of_harm", words="smell of gas")]
    assert urgency(signals_seen, Reading.of("Out of office"))[0] is Urgency.EMERGENCY


def test_a_long_reason_is_cut_at_a_word() -> None:
    _, reasons = urgency([Signal(kind="risk_of_harm", words="gas " * 50)], Reading.of("gas"))
    assert len(reasons[0]) < 120
    assert reasons[0].endswith("…”")


_CREDIT = (
    "I paid every month towards my consolidated loan. Then I was told that my loans had gone into default, and my score goes down. "
    "I sent the papers that they asked for and nobody has answered since. I do not want this to happen to anybody else. {plea}"
)


@pytest.mark.parametrize("plea", ["Please help us.", "Please help us sort this out.", "Can you help us with it?"])
def test_a_plea_at_the_end_of_a_complaint_is_no_emergency(plea: str) -> None:
    assert _of(_CREDIT.format(plea=plea))[0] is not Urgency.EMERGENCY


@pytest.mark.parametrize("text", ["Help us!", "please help us", "Help! Help us now, we are stuck on the third floor", "HELP"])
def test_a_cry_for_help_is_an_emergency(text: str) -> None:
    assert _of(text)[0] is Urgency.EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "Very deep pothole on Mill Street, a cyclist fell yesterday.",
        "There is a deep pothole on Mill Street in front of number 12. A cyclist fell yesterday. Many thanks for your work!",
        "Ma mère s'est tordu la cheville sur la dalle cassée devant le 4 rue des Lilas.",
        "I hit a pothole last night and was injured.",
        "My daughter slipped on the icy path in the park.",
        "An old lady tripped over a raised slab outside the chemist and broke her wrist.",
        "J'ai failli tomber à cause d'un trou dans le trottoir.",
        "Mon fils a failli être renversé, le feu piéton ne marche plus place de la Gare.",
        "Un cycliste a chuté sur le nid-de-poule de l'avenue Foch.",
        "Je suis tombée sur le verglas devant la mairie.",
        "I nearly fell off my bike because of the hole in Station Road.",
        "The swing chain snapped and my girl fell.",
        "The manhole cover on Mill Street is missing; my neighbour fell in last night.",
        "Une branche de l'arbre de la place est tombée et a blessé un passant.",
        "A dropped kerb is missing and a wheelchair user almost tipped, a man fell.",
        "Elle s'est cassé le poignet en glissant sur les pavés descellés.",
        "The pavement was repaired last year but a slab has come up again and a man fell on it.",
        "J'ai trébuché sur une racine dans l'allée du parc et je me suis blessé au genou.",
    ],
)
def test_harm_that_was_done_or_nearly_at_a_hazard_is_high(text: str) -> None:
    level, reasons = _of(text)
    assert level is Urgency.EMERGENCY or (level is Urgency.HIGH and reasons)


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for fixing the slab where my mother fell.",
        "Merci d'avoir réparé la dalle où ma mère était tombée.",
        "The pothole on Mill Street is getting deeper, please repair it.",
        "A branch fell on the pavement outside number 4.",
        "Le lampadaire est tombé en panne rue des Lilas.",
        "Nobody was hurt, but the bollard is broken.",
        "I fell in love with the park and the new playground.",
        "Can I park on the road near the school? I broke my arm last year and need a permit.",
        "I fell behind with my rent.",
        "Le prix est tombé, et la place de parking aussi.",
        "My son fell ill, can he skip the swimming class? The road to the pool is long.",
        "I tripped at home and need a home help.",
    ],
)
def test_what_was_mended_or_hurt_nobody_is_not_raised(text: str) -> None:
    _, reasons = _of(text)
    assert "somebody came to harm, or nearly, where it may happen again" not in reasons
