"""A reply to an emergency leads with what to do now and whom to call; nothing in it reassures or puts off."""

import pytest

from schemas.drafts_proposed import DraftProposed
from schemas.requests_triaged import MessagePart, Signal
from schemas.values import Urgency
from services.domain import taxonomy
from services.domain.emergency_contacts import Danger, Emergencies
from services.drafting import emergency_reply, rules
from services.drafting import prompt as prompts
from services.drafting.checks import CHECKS, checks
from services.drafting.danger_kinds import dangers_of, named
from services.drafting.draft import Draft
from services.drafting.emergency_reply import calming, unhelpful
from services.drafting.passage_index import SearchHit
from tests.unit.test_drafting_rules import TAXONOMY, a_passage, a_request, drafted, failed

FIRE = "There is a fire behind the bins at [ADDRESS_1], people are trapped on the second floor!"


def emergency(body: str = FIRE, language: str = "en", *hits: SearchHit, **changes: object) -> DraftProposed:
    return drafted(a_request(body, language, urgency=Urgency.EMERGENCY, **changes), *hits)


def test_the_reply_to_a_fire_filed_as_street_cleaning_begins_with_what_to_do_now() -> None:
    draft = emergency(category="street_cleanliness")

    greeting, first, second, *_ = draft.body.split("\n\n")
    assert greeting == "Dear [CITIZEN_NAME],"
    assert "call 112 now" in first
    assert second.startswith("Fire: get everybody out")
    assert "nothing more that you need to do" not in draft.body
    assert "cleaning" not in draft.body
    assert failed(draft) == []


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("danger", "english", "french"),
    [
        (Danger.FIRE, FIRE, "Il y a le feu dans l'immeuble, des gens sont coincés !"),
        (Danger.GAS, "It smells of gas in our stairwell.", "Ça sent le gaz dans la cage d'escalier."),
        (Danger.GAS, "The carbon monoxide alarm is going off.", "Le détecteur de monoxyde sonne sans arrêt."),
        (Danger.SUICIDE, "I can't go on, I want to end my life.", "Je n'en peux plus, j'ai envie de mourir."),
        (Danger.VIOLENCE, "My husband beats me and says he will kill me.", "Mon mari me frappe et menace de me tuer."),
        (Danger.CHILD, "The boy next door has bruises all over.", "L'enfant des voisins est couvert de bleus et hurle, on le frappe."),
        (Danger.FLOOD, "Water is rising in our cellar and in the flat.", "L'eau monte dans la cave et dans l'appartement."),
        (Danger.ELECTRICITY, "A bare wire hangs over the pavement.", "Un câble dénudé pend au-dessus du trottoir."),
        (Danger.MEDICAL, "My father has collapsed and is not breathing.", "Mon père est tombé et ne respire plus."),
        (Danger.WATER, "Tap water smells of petrol and we are all ill.", "L'eau du robinet est trouble et les enfants sont malades."),
        (Danger.CHEMICAL, "A tanker is leaking acid at the crossing.", "Un camion-citerne perd un produit chimique."),
        (Danger.MISSING, "My mother has dementia and has disappeared.", "Mon grand-père a disparu depuis ce matin."),
        (Danger.COLD, "The heating is off and the baby is freezing.", "Plus de chauffage et un nourrisson à la maison."),
        (Danger.ANIMAL, "A loose dog is attacking people in the park.", "Un chien sans laisse attaque les passants."),
        (Danger.ROAD, "The manhole cover is gone, it is an open shaft.", "Il manque une plaque d'égout sur la piste cyclable."),
        (Danger.ORDNANCE, "We dug up a bomb from the war.", "Nous avons trouvé un obus dans le champ."),
        (Danger.COLLAPSE, "The ceiling came down and the wall is bulging.", "Le mur du voisin s'est écroulé sur le trottoir."),
        (Danger.SHELTER, "We have nowhere to sleep tonight.", "Nous sommes à la rue ce soir avec deux enfants."),
    ],
)
def test_each_kind_of_danger_has_its_hotline_and_its_advice(danger: Danger, english: str, french: str, language: str) -> None:
    draft = emergency(english if language == "en" else french, language)

    hotline = TAXONOMY.emergencies.hotlines[danger]
    assert hotline.number in draft.body
    assert hotline.name[language] in draft.body
    assert "112" in draft.body.split("\n\n")[1]
    assert failed(draft) == []


def test_a_danger_that_nobody_foresaw_still_gets_the_emergency_number() -> None:
    draft = emergency("A car is coming down the motorway on the wrong side.")
    assert "call 112 now" in draft.body.split("\n\n")[1]
    assert failed(draft) == []


@pytest.mark.parametrize("language", ["de", "es", "it", "nl", "pt", "pl", "ro", "tr", "uk", "ru", "ar"])
def test_whoever_writes_in_another_language_reads_the_number_in_their_own(language: str) -> None:
    draft = emergency("!!!", language)
    own, english = draft.body.split("\n\n")[1:3]
    assert "112" in own
    assert own != english
    assert "call 112 now" in english


def test_a_language_that_we_have_no_words_in_is_answered_in_english() -> None:
    assert "call 112 now" in emergency("!!!", "vi").body.split("\n\n")[1]


def test_whatever_retrieval_found_puts_nobody_off() -> None:
    slow = a_passage(text="Fires in bins: call 112. We answer within 5 working days; send form W2.")
    other = a_passage(2, text="Bins are emptied on Mondays.")
    draft = emergency(FIRE, "en", SearchHit(slow, 30.0), SearchHit(other, 29.0))
    assert "within 5 working days" not in draft.body
    assert "Mondays" not in draft.body
    assert failed(draft) == []


def test_what_is_published_about_this_very_emergency_may_stand_behind_the_lead() -> None:
    article = a_passage(text="If a bin burns, keep ten metres away and call 112.")
    draft = emergency(FIRE, "en", SearchHit(article, 30.0))
    assert draft.body.index("call 112 now") < draft.body.index(article.text)
    assert failed(draft) == []


def test_a_lamp_that_a_person_calls_an_emergency_gets_the_lead_too() -> None:
    assert "call 112 now" in emergency("The street lamp is out.").body


def test_an_emergency_that_nobody_has_sorted_is_drafted_at_once_and_names_no_department() -> None:
    triaged = a_request(FIRE, urgency=Urgency.EMERGENCY, outcome="needs_triage").triaged
    request = rules.first_draft_of(triaged)
    assert request
    draft = drafted(request)
    assert "call 112 now" in draft.body
    assert "Environment and cleanliness" not in draft.body
    assert failed(draft) == []
    assert rules.first_draft_of(a_request(outcome="needs_triage").triaged) is None


def test_an_alarm_that_a_person_calls_none_gets_an_ordinary_reply() -> None:
    signal = Signal(kind="risk_of_harm", words="fire engine")
    draft = drafted(a_request("My kid loves the fire engine.", signals=[signal], urgency=Urgency.NORMAL))
    assert "call 112 now" not in draft.body


@pytest.mark.parametrize("urgency", [Urgency.HIGH, Urgency.NORMAL])
def test_nobody_is_told_that_there_is_nothing_to_do_or_that_nothing_is_published(urgency: Urgency) -> None:
    body = drafted(a_request("The tap water is brown and I need it for my baby's bottle.", urgency=urgency)).body
    assert "nothing more that you need to do" not in body
    assert "None of our published answers" not in body


def test_an_agency_has_its_own_number_and_its_own_words() -> None:
    text = taxonomy.read_text(taxonomy.DEFAULT)
    text = text.replace('number: "112"\n', 'number: "911"\n')
    fire = '{number: "311 4000", name: {en: "Fire desk"}, advice: {en: "Run, then call {number}."}}'
    lines = [f"    fire: {fire}" if line.startswith("    fire:") else line for line in text.splitlines()]
    own = taxonomy.parse("\n".join(lines))

    context = rules.reply_context(a_request(FIRE, urgency=Urgency.EMERGENCY).triaged, own)

    assert context.lead
    assert "call 911 now" in context.lead.text
    assert "Run, then call 911.\nFire desk: 311 4000" in context.lead.text


@pytest.mark.parametrize(
    "sentence",
    [
        "There is nothing more that you need to do for now.",
        "Please don't worry, everything is under control.",
        "Streets and mobility will look at it and answer you within 5 days of receiving your message.",
        "We'll get back to you as soon as possible.",
        "Please call us Monday to Friday during office hours.",
        "Rest assured that your message has been passed on.",
        "There is no danger to you.",
        "Please send form W2.",
        "Vous n'avez rien d'autre à faire pour le moment.",
        "Ne vous inquiétez pas.",
        "L'équipe Voirie l'examinera et vous répondra dans les 5 jours.",
        "Nous vous recontacterons dans les meilleurs délais.",
        "Machen Sie sich keine Sorgen.",
        "No se preocupe, le responderemos en los próximos días.",
    ],
)
def test_sentences_that_reassure_or_put_off_are_known(sentence: str) -> None:
    assert calming(f"Dear Ida, {sentence}")


@pytest.mark.parametrize(
    "sentence",
    [
        "Leave the building now and close the doors behind you.",
        "Do not wait for an answer from us.",
        "A person at Streets and mobility has read your message.",
        "Quittez les lieux et appelez le 112.",
        "Keep everybody at least ten metres away.",
    ],
)
def test_sentences_that_say_what_to_do_are_not_taken_for_them(sentence: str) -> None:
    assert calming(sentence) == []


def test_no_lead_of_ours_reassures_or_puts_off() -> None:
    for language in ("en", "fr"):
        for danger in Danger:
            assert calming(emergency_reply.lead([danger], language, "de", TAXONOMY.emergencies).text) == []


def test_a_draft_that_lost_its_lead_or_calms_fails_its_checks() -> None:
    request = a_request(FIRE, urgency=Urgency.EMERGENCY)
    context = rules.reply_context(request.triaged, TAXONOMY)
    calm = drafted(a_request(FIRE))
    results = checks(Draft(language="en", subject=calm.subject, body=calm.body), [], request, context)

    wrong = {check.name: check.detail for check in results if not check.passed}
    assert "112" in wrong["leads_with_help"]
    assert "answer you" in wrong["puts_nobody_off"]
    assert {"leads_with_help", "puts_nobody_off"} <= set(CHECKS)


def test_the_model_is_told_that_it_is_an_emergency_and_of_nothing_else_is_it_told_so() -> None:
    urgent = a_request(FIRE, urgency=Urgency.EMERGENCY)
    prompt = prompts.prompt(urgent, [], rules.reply_context(urgent.triaged, TAXONOMY))
    assert "marked as an emergency" in prompt.user
    assert "call 112 now" in prompt.user
    calm = a_request()
    ordinary = prompts.prompt(calm, [], rules.reply_context(calm.triaged, TAXONOMY))
    assert "emergency" not in ordinary.system + ordinary.user


@pytest.mark.parametrize(
    "body",
    [
        "Dear [CITIZEN_NAME],\n\nA person has read your message.\n\nKind regards,\nWater",
        "Dear [CITIZEN_NAME], a person has read your message.\n\nKind regards,\nWater",
        "A person has read your message.",
    ],
)
def test_a_lead_is_put_behind_the_greeting_once(body: str) -> None:
    first = emergency_reply.lead([Danger.FIRE], "en", "en", TAXONOMY.emergencies)
    led = emergency_reply.led(body, first)
    assert first.leads(led)
    assert led.count("call 112 now") == 1
    assert emergency_reply.led(led, first) == led
    assert led.lower().count("a person has read your message") == 1


def test_a_message_that_names_several_dangers_gets_the_advice_of_each_but_no_more_than_can_be_read() -> None:
    several = "Fire and gas, a child with bruises, water is rising, a bare wire hangs down and she is not breathing"
    assert len(named(several)) > 3
    assert len(dangers_of(a_request(several).triaged)) == 3


def test_the_advice_is_for_what_the_citizen_writes_and_not_for_what_our_quoted_reply_was_about() -> None:
    body = "There is a fire in the stairwell!\n\n> If it smells of gas, open the windows. Thoughts of suicide: call the line below.\n"
    parts = [MessagePart(kind="new", start=0, end=body.index(">")), MessagePart(kind="ours", start=body.index(">"), end=len(body))]
    assert dangers_of(a_request(body, parts=parts).triaged) == [Danger.FIRE]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "All of this is quite ordinary in older buildings."),
        ("en", "Your street was checked in March, and the pipes were sound."),
        ("en", "Smells like this one fade by evening."),
        ("en", "Our people have it covered."),
        ("en", "You were right to write to us, and that is enough."),
        ("en", "The next patrol passes at nine."),
        ("en", "Chances are that it was a neighbour's barbecue."),
        ("fr", "Votre immeuble a été contrôlé en mars."),
        ("fr", "C'était sûrement un barbecue."),
        ("fr", "Les odeurs de ce type disparaissent le soir."),
        ("fr", "Vous avez bien fait de nous écrire, cela suffit."),
        ("fr", "La prochaine ronde passe à neuf heures."),
    ],
)
def test_in_an_emergency_a_model_may_say_nothing_but_what_to_do(language: str, sentence: str) -> None:
    assert unhelpful(sentence, language) == [sentence]
    request = a_request(FIRE, language, urgency=Urgency.EMERGENCY)
    context = rules.reply_context(request.triaged, TAXONOMY)
    assert context.lead
    draft = Draft(language=language, subject="Re: fire", body=f"Hello,\n\n{context.lead.text}\n\n{sentence}", drafted_by="model")
    wrong = {check.name for check in checks(draft, [], request, context) if not check.passed}
    assert "puts_nobody_off" in wrong


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Do not worry about your belongings: leave now."),
        ("en", "Stay calm and leave the building by the stairs."),
        ("en", "If you are safe, stay where you are and call 112."),
        ("en", "You do not need to give your name: call now."),
        ("fr", "Ne vous inquiétez pas de vos affaires : sortez maintenant."),
        ("fr", "Restez calme et quittez l'immeuble par l'escalier."),
    ],
)
def test_an_instruction_is_kept_though_words_that_calm_stand_beside_it(language: str, sentence: str) -> None:
    assert unhelpful(sentence, language) == []
    assert unhelpful(f"{sentence.split(':', maxsplit=1)[0].split(' and ', maxsplit=1)[0]}. All is well.", language) != []


def test_no_template_and_no_lead_says_what_may_not_be_said() -> None:
    for language in ("en", "fr"):
        for danger in Danger:
            text = emergency_reply.lead([danger], language, language, TAXONOMY.emergencies).text
            assert not [s for s in unhelpful(text, language, text) if s], text
        body = emergency(FIRE if language == "en" else "Il y a le feu !", language).body
        context = rules.reply_context(a_request(FIRE, language, urgency=Urgency.EMERGENCY).triaged, TAXONOMY)
        assert context.lead
        assert unhelpful(emergency_reply.without(body, context.lead), language, department=context.department) == []


def test_every_kind_of_danger_names_the_emergency_number_where_the_agency_has_published_none_for_it() -> None:
    alone = Emergencies(number="118")
    for language in ("en", "fr"):
        for danger in Danger:
            first = emergency_reply.lead([danger], language, language, alone)
            assert "118" in first.text.split("\n\n")[0], danger
            assert "{" not in first.text
            assert first.numbers == ("118",)


@pytest.mark.parametrize(
    ("language", "body", "words", "line"),
    [
        ("en", "There was a smell of gas in the stairwell last week.", "smell of gas", "Gas emergency line, day and night, 0800 555 0190"),
        ("fr", "Il y avait une odeur de gaz dans l'escalier.", "odeur de gaz", "Urgence gaz, jour et nuit, 0800 555 0190"),
        ("en", "Somebody was lying in the road last year.", "lying in the road", ""),
    ],
)
def test_danger_that_is_no_emergency_gets_a_number_before_anything_else(language: str, body: str, words: str, line: str) -> None:
    draft = drafted(a_request(body, language, signals=[Signal(kind="risk_of_harm", words=words)]))

    first = draft.body.split("\n\n")[1]
    assert "112" in first
    assert line in first
    assert failed(draft) == []


def test_a_draft_that_names_nobody_to_call_where_danger_may_be_told_of_is_marked() -> None:
    request = a_request("There was a smell of gas last week.", signals=[Signal(kind="risk_of_harm", words="smell of gas")])
    context = rules.reply_context(request.triaged, TAXONOMY)
    silent = drafted(a_request("There was a smell of gas last week."))

    results = checks(Draft("en", silent.subject, silent.body, drafted_by="model"), [], request, context)

    wrong = {check.name: check.detail for check in results if not check.passed}
    assert (
        wrong["leads_with_help"]
        == "the message may tell of danger (\u201csmell of gas\u201d), and it names no number to call: 112, 0800 555 0190"
    )
    assert "please call the emergency services on 112" in prompts.prompt(request, [], context).user


def test_a_second_matter_that_a_draft_leaves_out_is_marked_and_an_answered_one_is_not() -> None:
    lamp = "The street lamp in front of our school entrance has been dark since Monday evening."
    tree = "Thirdly the plane tree branches hang so low that tall people have to duck at the bus stop."
    bins = "The recycling bins behind the library overflow every single weekend now."
    request = a_request(f"{lamp}\n\n{tree}\n\n{bins}", letter="several", letter_confidence=0.8, letter_sure=False)
    context = rules.reply_context(request.triaged, TAXONOMY)
    partial = "Dear [CITIZEN_NAME],\n\nYou write about the street lamp at the school, and the recycling bins behind the library.\n\nStreets"

    def marks(body: str) -> dict[str, str]:
        results = checks(Draft("en", "Re: Our street", body, drafted_by="model"), [], request, context)
        return {check.name: check.detail for check in results if not check.passed}

    assert "Thirdly the plane tree branches" in marks(partial)["answers_each_matter"]
    assert "answers_each_matter" not in marks(partial.replace("the school,", "the school, the branches of the plane tree"))
