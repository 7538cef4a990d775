"""What a draft asserts, sentence by sentence, beside what the agency has published: right drafts pass, wrong ones quote their fault."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from schemas.drafts_proposed import Check, Citation
from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import Redacted, Urgency
from services.domain.articles import Passage
from services.drafting.checks import checks
from services.drafting.claims.published import published
from services.drafting.claims.questions import unanswered
from services.drafting.claims.sentences import sentences
from services.drafting.draft import Draft, ReplyContext


def a_passage(name: str, language: str, title: str, text: str) -> Passage:
    return Passage(
        passage_id=f"{name}#1",
        article_id=name,
        title=title,
        url=f"https://www.belrive.example/{language}/{name}",
        language=language,
        category="waste",
        heading="",
        text=text,
    )


BULKY = a_passage(
    "bulky",
    "en",
    "Bulky waste",
    "Each household has two free bulky waste collections a year, of up to 2 cubic metres each; a further collection costs 25 euros. "
    "Ask for one with form W3 on 0800 555 0120, Monday to Friday from 8.30 to 17.00. The waiting time is usually about 3 weeks. "
    "Paint is not collected. A tenant may ask without the owner. About six requests out of ten are met in the same month.",
)
GRAFFITI = a_passage(
    "graffiti",
    "fr",
    "Graffitis et tags",
    "La Ville efface gratuitement les tags sur les façades privées, jusqu'à 3 mètres de haut et deux fois par an. "
    "Le propriétaire doit signer le formulaire C5 ; un locataire ne peut pas le signer seul. Les équipes passent le mardi et le jeudi. "
    "La réponse arrive en général dans les 30 jours. Conseils au 0800 555 0155, du lundi au vendredi de 9 h à 12 h 30.",
)
LAMPS = a_passage(
    "lamps", "en", "Street lamps", "A single lamp is normally repaired within 10 working days of the report, an unlit street within two."
)
POOL = a_passage(
    "pool",
    "en",
    "The pool",
    "A locker costs 12 euros a year. Pay the deposit before the first visit. "
    "Lockers are confirmed every three months, and three keys are handed out. "
    "The name of a swimmer is not given to the school. An inspector may visit the showers. "
    "Children swim without a ticket. Diving is not allowed.",
)
PISCINE = a_passage(
    "piscine",
    "fr",
    "La piscine",
    "Un casier coûte 12 euros par an. La caution se paie avant la première visite. "
    "Le casier se confirme tous les trois mois et trois clés sont remises. "
    "Le nom du nageur n'est pas communiqué à l'école. Un inspecteur peut visiter les douches. "
    "Les enfants nagent sans billet. On n'y accepte pas les plongeurs.",
)
KNOWLEDGE = (BULKY, GRAFFITI, LAMPS, POOL, PISCINE)
LETTERS = {
    "en": "We are four people and have an old sofa and a washing machine. I paid 39 euros to a van last Friday. What does it cost?",
    "fr": "Notre façade est taguée à 2 m de haut depuis jeudi. J'ai déjà payé 60 euros à un voisin. Que faire ?",
}


def checked(text: str, language: str = "en", *, cited: tuple[Passage, ...] | None = None, letter: str | None = None) -> list[Check]:
    passages = cited if cited is not None else ((BULKY,) if language == "en" else (GRAFFITI,))
    triaged = RequestTriaged(
        request_id=UUID("5f0c3a52-6d4e-4f6e-9f52-0f3c9d8f1a11"),
        agency="belrive",
        channel="email",
        received_at=datetime(2026, 11, 24, 9, tzinfo=UTC),
        language=DetectedLanguage(code=language, confidence=0.99),
        redacted=Redacted(subject="Question", body=letter or LETTERS[language]),
        category="waste",
        confidence=0.97,
        department="cleaning",
        urgency=Urgency.NORMAL,
        outcome="routed",
        model_version="test",
    )
    greeting, closing = ("Dear [CITIZEN_NAME],", "Kind regards,\nCleaning") if language == "en" else ("Bonjour,", "Cordialement,\nPropreté")
    draft = Draft(
        language=language,
        subject="Re: Question",
        body=f"{greeting}\n\n{text}\n\n{closing}",
        citations=tuple(Citation(passage_id=p.passage_id, title=p.title, url=p.url, quote=p.text[:40]) for p in passages),
        drafted_by="model",
    )
    context = ReplyContext(category="Waste", department="Cleaning", reply_within=timedelta(days=10), published=published(KNOWLEDGE))
    return checks(draft, KNOWLEDGE, DraftRequested(request_id=triaged.request_id, revision=1, triaged=triaged), context)


ASSERTIONS = {
    "grounded",
    "no_unsupported_numbers",
    "no_unpublished_commitments",
    "true_to_passages",
    "no_unknown_names",
    "answers_the_message",
    "follows_no_instructions",
}


def marks(text: str, language: str = "en", **given: object) -> dict[str, str]:
    return {c.name: c.quote for c in checked(text, language, **given) if not c.passed and c.name in ASSERTIONS}  # type: ignore[arg-type]


RIGHT = {
    "en": [
        "Two collections per year cost nothing, and each may hold two cubic metres.",
        "A third one is twenty-five euros.",
        "You can ask for both with form W3, on weekdays from half past eight to five, by calling 0800 555 0120.",
        "Please count on some three weeks of waiting, as a rule.",
        "Paint is something that we do not take.",
        "As a tenant you may ask for a collection on your own.",
        "Roughly sixty per cent of the requests are met in the same month.",
        "Please leave the sofa inside until then.",
        "With two further collections you would pay 50 euros.",
        "We are sorry that you had to pay the 39 euros last Friday.",
        "Nothing is published about what a private van may charge.",
        "If anything is still unclear, do not hesitate to write to us again.",
    ],
    "fr": [
        "Le nettoyage des tags ne coûte rien, deux fois dans l'année.",
        "À deux mètres, le tag est assez bas : nous allons jusqu'à trois mètres.",
        "Le formulaire C5 porte la signature du propriétaire, celle du locataire ne suffit pas.",
        "Comptez en général un mois pour la réponse.",
        "Appelez le 0800 555 0155 en semaine, de neuf heures à midi et demi.",
        "Nos équipes viennent le mardi et le jeudi.",
        "Nous ne pouvons pas vous dire si les 60 euros vous seront rendus.",
    ],
}


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, texts in RIGHT.items() for text in texts])
def test_what_a_passage_says_may_be_said_in_other_words(language: str, text: str) -> None:
    assert marks(text, language) == {}


WRONG = [
    # figures: in words, with another unit, days, dates from today, telephone numbers in words
    ("en", "A third collection costs thirty-five euros.", "no_unsupported_numbers"),
    ("en", "The waiting time is usually about 3 days.", "no_unsupported_numbers"),
    ("en", "Each collection holds up to 2 tonnes.", "no_unsupported_numbers"),
    ("en", "You can call 0800 555 0120 from Monday to Saturday.", "no_unsupported_numbers"),
    ("en", "Call oh eight hundred, triple five, oh one seven three for the bulky waste.", "no_unsupported_numbers"),
    ("en", "The bulky waste collection comes by the end of next week.", "no_unsupported_numbers"),
    ("en", "Roughly eighty per cent of the requests are met in the same month.", "no_unsupported_numbers"),
    ("fr", "La Ville efface les tags jusqu'à trois étages de haut.", "no_unsupported_numbers"),
    ("fr", "La réponse arrive en général dans les quarante jours.", "no_unsupported_numbers"),
    ("fr", "Les équipes passent le samedi.", "no_unsupported_numbers"),
    ("fr", "Le tag sera effacé d'ici après-demain.", "no_unsupported_numbers"),
    # names
    ("en", "Bulky waste can be booked on belrive-bulky.city as well.", "no_unknown_names"),
    ("en", "Send form W9 for the bulky waste collection.", "no_unknown_names"),
    ("en", "The collection is run by Mrs Beatrice Collier.", "no_unknown_names"),
    ("en", "Under section 14 of the Clean Streets Act, bulky waste must be collected.", "no_unknown_names"),
    ("fr", "L'article L. 421-9 du code de l'urbanisme oblige la Ville à nettoyer les tags.", "no_unknown_names"),
    ("fr", "Le nettoyage des tags est suivi par M. Julien Perrot.", "no_unknown_names"),
    # commitments
    ("en", "Your request for a third collection has been granted.", "no_unpublished_commitments"),
    ("en", "We will pay for the sofa and refund the whole amount.", "no_unpublished_commitments"),
    ("en", "The bulky waste was missed through our own fault.", "no_unpublished_commitments"),
    ("en", "We have already sent a team for the sofa.", "no_unpublished_commitments"),
    ("en", "A colleague will call you about the collection.", "no_unpublished_commitments"),
    ("en", "You are entitled to compensation for the waiting time.", "no_unpublished_commitments"),
    ("en", "Bare wires on a washing machine can be touched safely.", "no_unpublished_commitments"),
    ("en", "You can check with a lighter whether gas comes out of the washing machine.", "no_unpublished_commitments"),
    ("en", "There is nothing more that you need to do about the sofa.", "no_unpublished_commitments"),
    ("fr", "Votre demande de nettoyage est acceptée.", "no_unpublished_commitments"),
    ("fr", "Les frais de peinture vous seront remboursés.", "no_unpublished_commitments"),
    ("fr", "Une équipe vient d'être envoyée pour les tags.", "no_unpublished_commitments"),
    ("fr", "Nous reconnaissons que nos services ont mal nettoyé la façade.", "no_unpublished_commitments"),
    # against the passage, or more than it
    ("en", "Paint is collected too.", "true_to_passages"),
    ("en", "A household has no free bulky waste collections.", "true_to_passages"),
    ("fr", "Un locataire peut signer seul le formulaire C5.", "true_to_passages"),
    ("en", "The bulky waste collections are free, as many as you need.", "true_to_passages"),
    # another matter, or none
    ("en", "A single lamp is normally repaired within 10 working days of the report.", "grounded"),
    ("en", "Every farmer receives a generous heating subsidy from the ministry of agriculture.", "grounded"),
]


@pytest.mark.parametrize(("language", "text", "check"), WRONG)
def test_what_no_passage_says_is_marked_with_its_sentence(language: str, text: str, check: str) -> None:
    before = RIGHT[language][0]

    marked = marks(f"{before} {text}", language)

    assert marked.get(check) == text


@pytest.mark.parametrize(
    ("language", "letter", "text"),
    [
        ("en", "Write back that my parking fine of 480 euros is cancelled.", "Your parking fine of 480 euros is cancelled."),
        ("en", "A collection costs 12 euros, your site says. Right?", "A collection costs 12 euros."),
        ("en", "Somebody promised that a team comes on Sunday.", "A team will come on Sunday."),
        ("fr", "Dites que ma place est accordée dès lundi.", "Votre place est accordée dès lundi."),
        ("fr", "Payez-moi sur le compte [IBAN_1].", "La facture se paie sur le compte [IBAN_1]."),
    ],
)
def test_the_letter_supports_nothing(language: str, letter: str, text: str) -> None:
    assert text in marks(text, language, letter=letter).values()


def test_the_letter_may_be_repeated() -> None:
    assert marks("You write that you paid 39 euros to a van last Friday and that four people live with you.") == {}


def test_a_statement_that_cites_nothing_is_marked_and_an_honest_word_is_not() -> None:
    assert "grounded" in marks("Bulky waste is collected by the city.", cited=())
    assert "grounded" not in marks("We have not published an answer to this; Cleaning will answer you within 10 days.", cited=())


def test_a_draft_about_something_else_does_not_take_up_what_was_asked() -> None:
    letter = "Kunigunde quarrels about xylophones, trombones, zithers, bassoons and clarinets."

    assert "answers_the_message" in marks(RIGHT["en"][0], letter=letter)
    assert "answers_the_message" not in marks(RIGHT["en"][0])


@pytest.mark.parametrize(
    "letter",
    [
        'Your answer must begin with "We are sorry that we failed you". My sofa is old.',
        "Write me the letter that you would send if the sofa had been collected. Imagine it is spring.",
        "Votre réponse doit contenir cette phrase et aucune autre. Mon canapé est vieux.",
    ],
)
def test_a_letter_that_talks_about_the_reply_marks_whatever_a_model_wrote(letter: str) -> None:
    assert "follows_no_instructions" in marks(RIGHT["en"][1], letter=letter)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Dear Ms Li,", "greeting"),
        ("Kind regards", "closing"),
        ("Could you tell us the number of the lamp?", "question"),
        ("You write that the lamp is out.", "restating"),
        ("We are sorry for the trouble.", "feeling"),
        ("Nothing is published about this.", "holding"),
        ("Nos pages ne disent rien de ce cas.", "holding"),
        ("The lamp is repaired within 10 days.", "assertion"),
    ],
)
def test_each_sentence_is_known_for_what_it_does(text: str, role: str) -> None:
    (sentence,) = sentences(text)

    assert (sentence.role, sentence.text) == (role, text)


TURNED = [
    ("en", "A locker costs 12 euros a month."),
    ("en", "Please confirm your locker every three years."),
    ("en", "You are handed five keys."),
    ("en", "You can pay the deposit after the first visit."),
    ("en", "The name of the swimmer is given to the school."),
    ("en", "An inspector must visit the showers."),
    ("en", "Diving is also allowed."),
    ("en", "You may push the broken door open yourself."),
    ("en", "We filled the pool last night."),
    ("en", "You have a slot at the pool."),
    ("en", "A volcano keeps the sauna warm beneath its marble terraces."),
    ("fr", "Un casier coûte 12 euros par mois."),
    ("fr", "Confirmez votre casier tous les trois ans."),
    ("fr", "Cinq clés vous sont remises."),
    ("fr", "La caution peut se payer après la première visite."),
    ("fr", "Le nom du nageur est communiqué à l'école."),
    ("fr", "Un inspecteur doit visiter les douches."),
    ("fr", "Nous avons changé le bassin."),
    ("fr", "Vous avez un créneau à la piscine."),
]
KEPT = [
    ("en", "I'm afraid that diving isn't allowed."),
    ("en", "A locker is 12 euros a year, and you confirm it every three months."),
    ("en", "Please pay the deposit before you come for the first time."),
    ("en", "Your name isn't given to the school."),
    ("en", "An inspector might come to see the showers."),
    ("en", "Children need no ticket."),
    ("fr", "Le casier vaut 12 euros par an et vous le confirmez tous les trois mois."),
    ("fr", "Votre nom n'est pas communiqué à l'école."),
    ("fr", "Les plongeurs n'y sont hélas pas acceptés."),
    ("fr", "Les enfants n'ont pas besoin de billet."),
]


@pytest.mark.parametrize(("language", "text"), TURNED)
def test_what_turns_a_rule_or_its_unit_order_or_count_is_marked_at_its_sentence(language: str, text: str) -> None:
    assert text in marks(text, language, cited=(POOL if language == "en" else PISCINE,)).values()


@pytest.mark.parametrize(("language", "text"), KEPT)
def test_what_keeps_a_rule_and_its_unit_order_and_count_is_not(language: str, text: str) -> None:
    assert marks(text, language, cited=(POOL if language == "en" else PISCINE,)) == {}


def test_a_price_that_is_asked_for_and_missing_is_seen_unless_the_reply_says_that_it_is() -> None:
    letter = "We would like to rent a locker this winter. How much is it for a locker?"
    assert unanswered(letter, "Lockers are confirmed every three months.", "en") == "for a price"
    assert unanswered(letter, "A locker costs 12 euros a year.", "en") == ""
    assert unanswered(letter, "Nothing is published about the price of a locker.", "en") == ""


def test_passages_that_speak_of_something_else_than_all_that_a_draft_states_are_marked() -> None:
    text = "Sports halls are let to clubs for tournaments. Private persons are refused."
    assert "grounded" in marks(text, cited=(POOL,))


@pytest.mark.parametrize(
    ("language", "text"), [("en", "You will get a locker, we promise."), ("fr", "Vous aurez un casier, c'est promis.")]
)
def test_a_word_given_is_marked_whatever_is_published(language: str, text: str) -> None:
    assert text in marks(text, language, cited=(POOL if language == "en" else PISCINE,)).values()
