"""What a search finds and does not find, the same table of examples for both databases."""

from uuid import UUID, uuid4

import sqlalchemy as sa

from services.review.cases import store
from services.review.cases.case_state import Case
from services.review.cases.search import search_store
from services.runtime.database import Database
from tests.case_builders import NOW, drafted, received, triaged

EXAMPLES: tuple[tuple[str, str, bool], ...] = (
    # a text, what somebody types, whether it is found
    ("Il n'y a plus d'eau dans l'immeuble", "eau", True),
    ("L’eau est brune", "eau", True),
    ("L’eau est brune", "l'eau", True),
    ("l'eau est brune", "L’EAU", True),
    ("Pas d'eau", "l'eau", True),
    ("le nouveau bureau", "eau", False),
    ("the street lighting is broken", "light", True),
    ("the street lighting is broken", '"light"', False),
    ("the street lighting is broken", '"lighting"', True),
    ("the street lighting is broken", '"street light*"', True),
    ("the street lighting is broken", "light*", True),
    ("the street lighting is broken", "ighting", False),
    ("the street lighting is broken", "broken street", True),
    ("the street lighting is broken", '"broken street"', False),
    ("the street lighting is broken", '"street lighting"', True),
    ("the street lighting is broken", "“street lighting”", True),
    ("the street lighting is broken", "street lamp", False),
    ("the street lighting is broken", '"street', True),
    ("L'école est fermée", "ecole FERMEE", True),
    ("L'e\u0301cole est ferme\u0301e", "école fermée", True),
    ("L'école est fermée", "e\u0301cole", True),
    ("Straßenbeleuchtung", "strassenbeleuchtung", True),
    ("STRASSE", "straße", True),
    ("ma sœur a mal au cœur", "soeur coeur", True),
    ("ma soeur", "sœur", True),
    ("Ærø og Łódź", "aero lodz", True),
    ("my e-mail is lost", "email", True),
    ("my email is lost", "e-mail", True),
    ("Mr O'Brien", "obrien", True),
    ("Mr O’Brien", "O'Brien", True),
    ("I don't know", "dont", True),
    ("Jean-Pierre Dupont", "jean pierre", True),
    ("Jean Pierre Dupont", "jean-pierre", True),
    ("Jean-Pierre Dupont", "pierre", True),
    ("the U.S.A. embassy", "usa", True),
    ("aujourd'hui", "aujourd’hui", True),
    ("soft\u00adhyphen", "softhyphen", True),
    ("zero\u200bwidth", "zerowidth", True),
    ("ＷＩＤＥ letters", "wide", True),
    ("Не работает фонарь на улице", "фонарь", True),
    ("Не работает фонарь на улице", "ФОНАР", True),
    ("Ещё одна ёлка", "елка", True),
    ("انقطع الماء عن المَدرسة", "المدرسه", True),
    ("انقطع الماء عن المدرسة", "الماء", True),
    ("路灯坏了，请修理", "路灯", True),
    ("路灯坏了，请修理", "灯坏", True),
    ("路灯坏了，请修理", "修", True),
    ("路灯坏了，请修理", "理", True),
    ("路灯坏了，请修理", "灯路", False),
    ("水道の水が出ません", "水が出", True),
    ("ไฟถนนเสีย", "ถนน", True),
    ("가로등이 고장났어요", "가로등", True),
    ("सड़क की बत्ती", "बत्ती", True),
    ("call me on 06 12 34 56 78", "0612345678", True),
    ("call me on 06.12.34.56.78", "+33 6 12 34 56 78", True),
    ("call me on +33 (0)6 12 34 56 78", "06 12 34 56 78", True),
    ("call me on +33612345678", "0033 612345678", True),
    ("call me on (202) 555-0147", "+1 202 555 0147", True),
    ("call me on 06 12 34 56 78", "06 12 34 56 79", False),
    ("write to ana.marlow@example.org", "ana.marlow@example.org", True),
    ("write to ana.marlow@example.org", "ANA.MARLOW@EXAMPLE.ORG", True),
    ("write to ana.marlow@example.org", "marlow", True),
    ("write to ana.marlow@example.org", "marlow@exam", True),
    ("bill 2026-0042 of 1.250,00", "2026-0042", True),
    ("number 12bis", "12", True),
    ("a x b", "x", True),
    ("a xenon b", "x", False),
    # nothing that is typed is syntax
    ("alpha beta", "alpha OR gamma", False),
    ("alpha beta", "alpha NOT beta", False),
    ("alpha or not", "alpha OR NOT", True),
    ("alpha beta", "alpha -gamma", False),
    ("alpha beta", "(alpha) & !beta:*", True),
    ("alpha beta", "alpha | beta'", True),
    ("alpha beta", "words : alpha", False),
    ("alpha beta", "NEAR(alpha beta)", False),
    ("alpha beta", "^alpha + {beta}", True),
    ("alpha beta", "\\alpha\\", True),
    ("alpha beta", "\"\" * '' !!", False),
    ("alpha beta", "\x00", False),
    ("alpha beta", "%", False),
    ("alpha beta", "'; drop table review_cases; --", False),
)


async def add(database: Database, case: Case) -> UUID:
    async with database.transaction() as session:
        await store.save(session, case, None)
    return case.request_id


async def hits_of(database: Database, text: str) -> set[UUID]:
    async with database.reading() as session:
        return set((await search_store.hits(session, text, ())).request_ids)


async def finds_what_the_examples_say(database: Database) -> None:
    """Every text is a case; every query is asked among all of them."""
    case_of: dict[str, UUID] = {}
    for text in dict.fromkeys(text for text, _, _ in EXAMPLES):
        request_id = uuid4()
        request = received(request_id=str(request_id), subject=None, body=text, citizen=None)
        case_of[text] = await add(database, Case(request_id=request_id, created_at=NOW, updated_at=NOW, request=request))
    wrong = [
        (text, query, expected) for text, query, expected in EXAMPLES if (case_of[text] in await hits_of(database, query)) is not expected
    ]
    assert not wrong
    for query in dict.fromkeys(query for _, query, _ in EXAMPLES):
        async with database.reading() as session:
            among = await search_store.among(session, query, list(case_of.values())[:20])
        assert set(among) == await hits_of(database, query) & set(list(case_of.values())[:20]), query


async def finds_the_newest_of_all_volumes(database: Database) -> None:
    """By one statement, whichever volume holds which of the words; what has only some of them is not among the hits."""
    bodies = [
        "Write to ana.marlow17@example.org about the lamp",
        *["The lamp is out"] * 5,
        "Write to ana.marlow@example.org about the zugzwang",
        *["Write to marlow17 or ana about an example of the lamp"] * 4,
        "Write to ana.marlow17@example.organic about the lamp",
    ]
    ids = []
    for body in bodies:
        request_id = uuid4()
        request = received(request_id=str(request_id), subject=None, body=body, citizen=None)
        ids.append(await add(database, Case(request_id=request_id, created_at=NOW, updated_at=NOW, request=request)))
    statements: list[str] = []
    sa.event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    for text, places in (
        ("ana.marlow17@example.org", [11, 0]),
        ("the zugzwang", [6]),
        ("lamp", [11, 10, 9]),
        ("nothing of the kind", []),
    ):
        statements.clear()
        async with database.reading() as session:
            hits = await search_store.hits(session, text, (), most=3)
        assert set(hits.request_ids) == {ids[place] for place in places}, text
        assert len([statement for statement in statements if "review_search_words" in statement or "@@" in statement]) == 1


async def finds_every_part_of_a_case(database: Database) -> None:
    """The whole message, the subject, the draft, the reply, the citizen and the number; and nothing once it is forgotten."""
    request_id = uuid4()
    citizen = {"name": "Zoë Quill", "email": "z.quill@example.org", "phone": "+44 20 7946 0018", "address": "7 Harbour Lane"}
    body = "word " * 3_000 + "at the very end stands zugzwang"
    case = Case(
        request_id=request_id,
        created_at=NOW,
        updated_at=NOW,
        request=received(request_id=str(request_id), subject="A quince", body=body, citizen=citizen),
        triage=triaged(request_id=request_id),
        draft=drafted(request_id=request_id, body="The draft speaks of marzipan."),
    )
    other = uuid4()
    await add(database, case.model_copy(update={"request_id": other, "request": received(request_id=str(other)), "draft": None}))
    await add(database, case)
    for query in (
        "zugzwang", "quince", "marzipan", "zoe quill", "z.quill@example.org", "020 7946 0018", "+442079460018", "harbour lane",
        str(request_id), str(request_id)[:8], str(request_id)[:6], request_id.hex, str(request_id).upper(),
    ):  # fmt: skip
        assert await hits_of(database, query) == {request_id}, query
    assert await hits_of(database, '"quince word"') == set(), "a phrase does not go on from the subject into the message"

    await add(database, case.model_copy(update={"corrected_email": "right@elsewhere.example"}))
    assert await hits_of(database, "right@elsewhere") == {request_id}
    async with database.transaction() as session:
        await search_store.forget(session, request_id)
    assert await hits_of(database, "zugzwang") == set()
