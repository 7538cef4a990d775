"""The page of dead letters says which field of a record is at fault and what to do, and shows no word of the record."""

import base64
import json
import re
from typing import Any
from uuid import uuid4

import pytest

from schemas.dead_letters import DeadLetter
from services.review.ops import pages, store
from services.runtime import clock
from tests.pages.city import OLE, City
from tests.pages.conftest import SignIn

SECRET = "Ines Marlow"
REQUEST = {
    "request_id": "6f9619ff-8b86-4011-b42d-00c04fc964ff",
    "agency": "city",
    "channel": "email",
    "received_at": "2026-03-02T08:00:00+01:00",
    "body": f"I am {SECRET}",
}


async def dies(city: City, record: dict[str, Any] | bytes, error_type: str = "InvalidRecord") -> DeadLetter:
    now = clock.now()
    value = record if isinstance(record, bytes) else json.dumps(record).encode()
    letter = DeadLetter(
        letter_id=uuid4(), service="triage", topic="parvis.requests.received.v1", partition=0, offset=4, key=None, headers=[],
        value=base64.b64encode(value).decode(), error_type=error_type, error_message="faults", attempts=1,
        first_failed_at=now, last_failed_at=now,
    )  # fmt: skip
    async with city.commands.database.transaction() as session:
        await store.keep(session, letter)
    return letter


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


async def test_each_fault_has_its_field_what_was_expected_and_what_to_do(sign_in: SignIn, city: City) -> None:
    record = {**REQUEST, "received_at": "yesterday", "channels": SECRET, "language": SECRET, SECRET: 1}
    del record["channel"]
    letter = await dies(city, record)

    page = (await (await sign_in(OLE)).opens("/ops/dead-letters")).text

    assert f'href="#letter-{letter.letter_id}"' in page
    shown = words(page)
    assert "channel Missing one of &#34;email&#34;, &#34;web&#34;, &#34;phone&#34;" in shown
    assert "received_at Wrong form a date and time with its offset, as 2026-03-02T08:00:00+01:00 text of 9 characters" in shown
    assert "language Wrong form (passed over: not the cause) a BCP 47 tag, as fr-FR text of 11 characters" in shown
    assert "* Not in the schema (passed over: not the cause) perhaps channel" in shown
    assert "What to do: Have the publisher mend what stops it" in shown
    assert not any(word in page for word in ("Ines", "yesterday", "channels"))


@pytest.mark.parametrize("value", [b"\xff\xfe<script>", b'{"body": "<script>Ines Marlow', b"[" * 300_000], ids=["bytes", "cut off", "deep"])
async def test_hostile_bytes_are_said_to_be_no_json(sign_in: SignIn, city: City, value: bytes) -> None:
    await dies(city, value)

    page = (await (await sign_in(OLE)).opens("/ops/dead-letters")).text

    assert "It can’t be read: the value is not JSON in UTF-8" in words(page)
    assert "What to do: Have the publisher send one JSON object" in words(page)
    assert "<script>" not in page.partition("<main")[2]
    assert "Ines" not in page


async def test_of_many_causes_the_largest_are_compared(sign_in: SignIn, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_COMPARED", 1)
    await dies(city, REQUEST, "IdTaken")
    for _ in range(2):
        await dies(city, b"no record")

    page = words((await (await sign_in(OLE)).opens("/ops/dead-letters")).text)

    assert page.count("Compared with the schema") == 1
    assert "It can’t be read" in page


async def test_what_fits_is_said_to_fit(sign_in: SignIn, city: City) -> None:
    await dies(city, REQUEST, "AgencyUnknown")

    page = words((await (await sign_in(OLE)).opens("/ops/dead-letters")).text)

    assert "What to do: It fits the schema: mend the cause that the error names, then replay it." in page


async def test_in_french_faults_and_what_to_do_are_french(sign_in: SignIn, city: City) -> None:
    await dies(city, {**REQUEST, "received_at": 5, "agency": "City Hall", "channel": "mail", "body": "a" * 20_001})
    ole = await sign_in(OLE)
    ole.client.cookies.set("parvis_language", "fr")

    page = words((await ole.opens("/ops/dead-letters")).text)

    assert "received_at Mauvais type une date et une heure avec leur décalage, comme 2026-03-02T08:00:00+01:00 un nombre" in page
    assert "body Hors limites un texte de 1 à 20000 caractères un texte de 20001 caractères" in page
    assert "agency Mauvaise forme le code d’une administration" in page
    assert "channel Mauvaise forme l’un de &#34;email&#34;, &#34;web&#34;" in page  # what programs write is not translated
    assert "Faites corriger par l’émetteur" in page
