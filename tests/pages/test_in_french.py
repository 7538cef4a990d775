"""A French reader meets no English sentence, on no page and in no refusal."""

import html
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from httpx import Response

from services.review.cases.deciding import actions
from services.review.people.rules import Person, Role
from tests.pages.city import ANNA, BEN, Browser, City, hidden_fields
from tests.pages.conftest import SignIn

LETTRE = (
    "Bonjour,\n\nLe lampadaire devant le 27 rue des Tilleuls ne marche plus depuis mardi. Ma fille rentre dans le noir.\n\n"
    "Quand sera-t-il réparé ?\n\nInès Marlow"
)
REPONSE = (
    "Bonjour [CITIZEN_NAME],\n\nMerci de nous avoir signalé ce lampadaire. Une lampe en panne est réparée sous cinq jours ouvrés.\n\n"
    "Le service des rues"
)
FRENCH: dict[str, Any] = {
    "request": {"subject": "Lampadaire en panne rue des Tilleuls", "body": LETTRE},
    "language": {"code": "fr", "confidence": 0.99},
    "redacted": {"subject": "Lampadaire en panne rue des Tilleuls", "body": LETTRE},
    "explanation": [{"term": "lampadaire", "weight": 2.4}, {"term": "panne", "weight": -0.3}],
    "urgency": "high",
    "urgency_reasons": ["somebody could be hurt", "a child or a frail person is concerned"],
    "signals": [{"kind": "legal_deadline", "words": "sous huit jours"}],
    "letter": "question",
    "letter_confidence": 0.9,
}
DRAFT: dict[str, Any] = {
    "language": "fr",
    "subject": "Votre lampadaire",
    "body": REPONSE,
    "citations": [
        {
            "passage_id": "p1",
            "title": "Lampadaire en panne",
            "url": "https://city.example/lampe",
            "quote": "Réparée sous cinq jours ouvrés.",
        }
    ],
    "drafted_by": "template",
    "model": None,
    "checks": [
        {"name": "language_matches", "passed": True},
        {"name": "no_unsupported_numbers", "passed": False, "detail": "no source says quinze jours", "quote": "quinze jours"},
        {"name": "language_matches", "passed": False, "detail": "it is in German, and the citizen wrote in French"},
        {"name": "model_answered", "passed": False, "detail": "the model took too long: this is the template's reply"},
        {"name": "asks_for_an_answer", "passed": False, "detail": "not a word of the message is taken up"},
    ],
}
ELISE = Person("elise@ville.example", "Élise Moreau", Role.SUPERVISOR)
ADAM = Person("adam@ville.example", "Adam Petit", Role.ADMIN)

ENGLISH = re.compile(
    r"\b(the|and|of|with|by|this|that|was|were|it|is|are|you|your|from|has|have|only|draft|reply|days|hours|not|nothing|must|give|there|"
    r"which|use|any|should|already|can't|cannot|one of)\b",
    re.IGNORECASE,
)
CODES = re.compile(r"'[\w-]+'")
"""What may be sent, by the names that programs have for it."""
SHOWN_AS_THEY_ARE = re.compile(r"<(script|style|template|code|kbd|option)\b.*?</\1>", re.DOTALL)


def english(page: str) -> list[str]:
    """Every run of text, and every attribute that is read out, that has an English word."""
    text = SHOWN_AS_THEY_ARE.sub("", page)
    read = re.findall(r'(?:aria-label|title|placeholder|alt|data-over)="([^"]+)"', text) + re.sub(r"<[^>]*>", "\n", text).split("\n")
    runs = dict.fromkeys(html.unescape(run).strip() for run in read)
    return [run for run in runs if ENGLISH.search(CODES.sub("", run))]


async def in_french(sign_in: SignIn, person: Person) -> Browser:
    browser = await sign_in(person)
    browser.client.headers["accept-language"] = "fr"
    return browser


async def a_case(city: City, *, drafted: bool = True, **changes: Any) -> UUID:
    request_id = await city.receives(**FRENCH | changes)
    if drafted:
        await city.drafts(request_id, **DRAFT)
    return request_id


async def test_no_page_has_an_english_word(city: City, sign_in: SignIn) -> None:
    await city.hires(ANNA, BEN)
    waits = await a_case(city)
    await city.does(ANNA, await a_case(city), actions.Claim())
    sorted_by_hand = await a_case(city, outcome="needs_triage", drafted=False)
    await city.does(ANNA, sorted_by_hand, actions.Correct("waste_collection", "environment"))
    by_hand = await a_case(city, request=FRENCH["request"] | {"citizen": {"name": "Inès Marlow", "phone": "01 99 00 12 34"}})
    await city.approves(ANNA, by_hand)
    await city.dispatches(by_hand, "manual", "there is no e-mail address: pass the reply on by hand")
    failed, closed = await a_case(city), await a_case(city)
    await city.approves(ANNA, failed)
    await city.dispatches(failed, "failed", "given up after 8 attempts: the server did not answer in time")
    await city.does(ANNA, closed, actions.Close("parti"))
    lead = await in_french(sign_in, ELISE)
    pages = ["/", "/?tab=all", "/keys", "/groups", "/second-look", "/my-figures", "/canned-replies", "/account", "/quality"]
    pages += [
        "/quality/pictures",
        "/quality/care",
        "/quality/learning",
        "/ops",
        "/ops/drafting",
        "/ops/dead-letters",
        "/safeguards",
        "/audit",
    ]
    pages += [f"/cases/{request_id}" for request_id in (waits, sorted_by_hand, by_hand, failed, closed)]

    answers = {path: await lead.opens(path) for path in pages}

    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 200} == {}
    assert {path: words for path, answer in answers.items() if (words := english(answer.text))} == {}
    assert "quelqu’un pourrait être blessé" in answers[f"/cases/{waits}"].text
    assert "aucune source ne dit quinze jours" in answers[f"/cases/{waits}"].text


async def test_no_administrators_page_has_an_english_word(city: City, sign_in: SignIn) -> None:
    await city.hires(ANNA)
    admin = await in_french(sign_in, ADAM)

    for path in ("/admin", f"/admin/people/{ANNA.email}", "/admin/agencies", "/account", "/account/second-factor", "/audit"):
        page = await admin.opens(path)
        assert (page.status_code, english(page.text)) == (200, []), path


@dataclass(frozen=True)
class Refused:
    """What is sent with a case's page, and what the answer must say."""

    name: str
    fields: dict[str, Any]
    status: int
    says: str


REFUSED = (
    Refused("close", {"reason": ""}, 422, "dites pourquoi, en quelques mots"),
    Refused("close", {"reason": "x" * 3_000}, 422, "au plus"),
    Refused("reject", {"reason": " "}, 422, "dites pourquoi"),
    Refused("approve", {"subject": "", "body": "Bonjour"}, 422, "écrivez-en un"),
    Refused("approve", {"subject": "Votre lampadaire", "body": "  "}, 422, "une réponse vide ne peut pas partir"),
    Refused("approve", {"subject": "Votre lampadaire", "body": "Bonjour [PHONE_9]"}, 422, "rien n’est connu pour"),
    Refused("correct", {"category": "dragons"}, 422, "choisissez parmi"),
    Refused("correct", {"urgency": "very"}, 422, "choisissez parmi"),
    Refused("correct-recipient", {"email": "ines@"}, 422, "adresse"),
    Refused("assign", {"to": "nobody@ville.example"}, 422, "choisissez un de vos collègues"),
    Refused("forward", {"department": "streets"}, 409, "le dossier est déjà au service"),
    Refused("link", {"case": "lampe"}, 422, "indiquez le numéro d’un dossier"),
    Refused("split", {"category": "waste_collection", "part": "Ces mots n’y sont pas"}, 422, "ces mots ne figurent pas dans le message"),
    Refused("note", {"internal_note": ""}, 422, "écrivez d’abord quelque chose"),
    Refused("send-again", {}, 409, "n’est pas possible"),
    Refused("recall", {}, 409, "n’est pas possible"),
    Refused("dance", {}, 404, "il n’y a rien à faire"),
)


async def test_no_refusal_on_a_case_has_an_english_word(city: City, sign_in: SignIn) -> None:
    request_id = await a_case(city)
    browser = await in_french(sign_in, ELISE)

    for refused in REFUSED:
        answer = await browser.sends(request_id, refused.name, **refused.fields)
        assert (refused, answer.status_code, english(answer.text)) == (refused, refused.status, [])
        assert refused.says in html.unescape(answer.text), (refused, shown(answer))


async def test_a_stale_decision_a_claim_and_an_old_page_are_refused_in_french(city: City, sign_in: SignIn) -> None:
    request_id = await a_case(city)
    browser = await in_french(sign_in, ELISE)
    before = (await browser.opens(f"/cases/{request_id}")).text
    await city.hires(ANNA)
    await city.does(ANNA, request_id, actions.Claim())

    answers = [
        await browser.sends(request_id, "close", seen=before, reason="parti"),
        await browser.sends(request_id, "close", reason="parti"),
        await browser.client.post(f"/cases/{request_id}/close", data={"csrf": "old"}),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 403]
    assert [english(answer.text) for answer in answers] == [[], [], []]


async def test_nothing_there_no_right_and_what_is_mistyped_are_told_in_french(city: City, sign_in: SignIn) -> None:
    caseworker, elsewhere = await in_french(sign_in, ANNA), await a_case(city)
    limited = await in_french(sign_in, BEN)
    await city.does(ANNA, elsewhere, actions.Correct("waste_collection", "environment"))

    answers = {
        path: await caseworker.opens(path)
        for path in ("/nowhere", f"/cases/{uuid4()}", "/cases/x", "/?tab=bogus", "/ops", "/audit", "/admin")
    }
    answers["not theirs"] = await limited.opens(f"/cases/{elsewhere}")

    assert all(answer.status_code >= 400 for answer in answers.values())
    assert {path: words for path, answer in answers.items() if (words := english(answer.text))} == {}


async def test_sign_in_account_and_rules_refuse_in_french(city: City, sign_in: SignIn) -> None:
    guest = Browser(city, address="203.0.113.9")
    guest.client.headers["accept-language"] = "fr"
    answers = [await guest.signs_in(ADAM.email, "wrong") for _ in range(12)]
    admin = await in_french(sign_in, ADAM)
    csrf = hidden_fields((await admin.opens("/account")).text)["csrf"]
    posts: list[tuple[str, dict[str, str]]] = [
        ("/account/password", {"now": "x", "new": "y", "again": "y"}),
        ("/account/language", {"language": "fr", "time_zone": "Atlantis/Center"}),
        ("/safeguards", {"kind": "second_person", "why": ""}),
        ("/safeguards", {"kind": "second_look", "share": "many", "why": "essai"}),
        ("/ops/drafting", {"mode": "dragons", "why": "essai"}),
    ]
    answers += [await admin.client.post(path, data=fields | {"csrf": csrf}) for path, fields in posts]
    answers += [await admin.opens("/audit?first=hier"), await admin.opens("/audit?case=lampe")]

    assert [(answer.status_code, words) for answer in answers if (words := english(answer.text))] == []
    assert any(answer.status_code == 429 or "Trop de tentatives" in answer.text for answer in answers)


def shown(answer: Response) -> str:
    """The words of a page."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())
