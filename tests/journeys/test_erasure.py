"""A citizen is erased from a whole installation that has done all that can be done with a letter: nothing of them is left anywhere."""

import base64
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.builders import a_request
from tests.harness.running_stack import Agency, Caseworker, Installation, add_agency, add_caseworker, newest_draft
from tests.harness.waiting import until

pytestmark = pytest.mark.journey

NAME, EMAIL, PHONE = "Quirina Zabelcanary", "Quirina.Zabelcanary@Example.org", "+41 79 555 01 77"
SENTENCE = "My violet umbrella stand was knocked over while I walked home along it without any light"
CANARIES = (NAME, EMAIL, PHONE, SENTENCE, "zabelcanary", "violet umbrella")
FILE = b"This is the photograph of the violet umbrella stand, taken by Quirina Zabelcanary.\n"


@pytest.fixture
def erasing(tmp_path: Path, alone: Mapping[str, str]) -> Iterator[Installation]:
    """An installation that keeps its mails as files and asks whether a reply solved the matter."""
    installation = Installation(tmp_path / "data", alone)
    installation.environment |= {"PARVIS_PUBLIC_URL": installation.review_url, "PARVIS_INTAKE_PUBLIC_URL": installation.intake_url}
    installation.environment |= {"PARVIS_UNDO_SECONDS": "0", "PARVIS_REPLY_QUESTION": "belrive"}
    try:
        installation.start()
        yield installation
    finally:
        installation.end()


def the_letter(**changes: Any) -> dict[str, Any]:
    body = f"The street lamp outside 12 Elm Street has been out for a week.\n{SENTENCE}.\nWhen will it be repaired?\n\n{NAME}\n{PHONE}"
    return a_request(body=body, citizen={"name": NAME, "email": EMAIL, "phone": PHONE}) | changes


def sends_with_file(city: Agency, request: Mapping[str, Any]) -> None:
    """By a form with a file, which goes to the store of files."""
    body = {name: value for name, value in request.items() if name != "agency"}
    parts: dict[str, tuple[str | None, bytes, str]] = {
        "request": (None, json.dumps(body).encode(), "application/json"),
        "file": ("umbrella.txt", FILE, "text/plain"),
    }
    headers = {"Authorization": f"Bearer {city.key}"}
    answer = city.at.http.post(f"{city.at.intake_url}/v1/requests", files=parts, headers=headers)
    assert answer.status_code == 202, answer.text


def answered(city: Agency, anna: Caseworker, request: Mapping[str, Any]) -> None:
    """Approved with a text of a colleague's own, and sent."""
    case = anna.brings_to_approval(request["request_id"])
    draft = newest_draft(case)
    approved = anna.approves(case, subject=draft["subject"], body=f"{draft['body']}\nWe are sorry about the violet umbrella stand.")
    assert approved.status_code == 200, approved.text
    anna.sees(request["request_id"], "sent")
    until(lambda: city.asks(request["request_id"])["reply"], "intake has read of the reply")


def kept_by(at: Installation) -> dict[str, bytes]:
    """Every file of the data directory, and every table of a database elsewhere."""
    kept = {str(path.relative_to(at.data_dir)): path.read_bytes() for path in at.data_dir.rglob("*") if path.is_file()}
    kept["output"] = at.output.read_bytes()
    url = at.environment.get("PARVIS_DATABASE_URL")
    if url:
        with psycopg.connect(url) as connection:
            tables = connection.execute("select table_name from information_schema.tables where table_schema = 'public'").fetchall()
            for (table,) in tables:
                kept[table] = "\n".join(str(row[0]) for row in connection.execute(f'select t::text from "{table}" t')).encode()  # noqa: S608
    return kept


def places_of(words: tuple[str, ...], at: Installation) -> dict[str, str]:
    """Where any of these stands, in whichever case, as it is, as base64 or as hexadecimal digits."""
    sought = {word: (word.lower().encode(), word.encode().hex().encode()) for word in words}
    return {
        place: word
        for place, content in kept_by(at).items()
        for word, forms in sought.items()
        if any(form in content.lower() for form in forms) or _in_base64(word, content)
    }


def _in_base64(word: str, content: bytes) -> bool:
    """Whether it stands in some base64, wherever in a group of three bytes it begins."""
    return any(base64.b64encode(b"\0" * shift + word.encode())[4 if shift else 0 : -4].rstrip(b"=") in content for shift in range(3))


def test_nothing_of_a_citizen_is_left_of_all_that_was_done_and_the_log_still_holds(erasing: Installation, tmp_path: Path) -> None:
    city, anna = add_agency(erasing), add_caseworker(erasing)
    first, later, other = the_letter(), the_letter(subject="Once more: Elm Street"), a_request()
    sends_with_file(city, first)
    assert city.sends(other).status_code == 202
    assert anna.does("notes", {"request_id": first["request_id"], "version": 1}, text=f"{NAME} has called twice").status_code in (
        200,
        404,
        405,
    )
    answered(city, anna, first)
    [mail] = [path for path in (erasing.data_dir / "mail").iterdir() if NAME.lower() in path.read_text().lower()]
    link = re.search(r"http://127\.0\.0\.1:\d+/answers/belrive/[\w.~-]+", mail.read_text().replace("=\n", "").replace("=3D", "="))
    assert link
    assert erasing.http.post(link.group(), data={"solved": "no", "missing": f"{SENTENCE}. It is still dark."}).status_code == 303
    assert city.sends(later | {"in_reply_to": first["request_id"]}).status_code == 202
    erasing.publish(first | {"body": f"{SENTENCE}, and this is another letter of that number."})
    letters = until(lambda: erasing.prints("dead-letters", "list", "--json").splitlines(), "the record that contradicts is set aside")
    assert letters
    anna.sees(later["request_id"], "awaiting_approval", "needs_triage")
    until(lambda: len(anna.queue()) >= 2, "what is not solved is a case again")
    anna.brings_to_approval(other["request_id"])
    before = places_of(CANARIES, erasing)
    assert len(before) >= 2, before

    refused = erasing.run("erase", "--email", EMAIL.lower())
    assert refused.returncode == 1
    assert "--close" in refused.stderr
    assert places_of(CANARIES, erasing).keys() == before.keys(), "what is refused changes nothing"
    archive = tmp_path / "export.zip"
    erasing.prints("export", "--email", EMAIL.upper(), "--to", archive)
    rehearsed = json.loads(erasing.prints("erase", "--email", EMAIL.lower(), "--close", "--dry-run", "--json"))
    report = json.loads(erasing.prints("erase", "--email", EMAIL.lower(), "--close", "--json"))

    assert report["complete"], report["left"]
    assert rehearsed["requests"] == report["requests"]
    assert len(report["requests"]) == 3
    assert report["files"] == 1
    assert report["mails"] == 1
    assert places_of(CANARIES, erasing) == {}
    with zipfile.ZipFile(archive) as handed_out:
        assert SENTENCE in handed_out.read("data.json").decode()
        assert FILE in [handed_out.read(name) for name in handed_out.namelist()]
    case = anna.case(first["request_id"])
    assert case
    assert (case["state"], case["erased_at"] is not None) == ("sent", True)
    assert [entry["actor"] for entry in case["history"] if entry["action"] == "approve"] == ["anna@belrive.example"]
    assert city.sees(later["request_id"], "closed")
    assert "nothing was changed" in erasing.prints("audit", "verify")
    assert json.loads(erasing.prints("erase", "--request", first["request_id"], "--json"))["rows"] == {}
    assert anna.case(other["request_id"])["request"]["citizen"]["name"] == "Ines Marlow"  # type: ignore[index]

    comes_again(erasing, city, anna, first)
    assert places_of(CANARIES, erasing) == {}


def comes_again(at: Installation, city: Agency, anna: Caseworker, request: Mapping[str, Any]) -> None:
    """What Kafka still has, and what the agency sends once more, is read; so is what comes behind it."""
    at.publish(request)
    assert city.sends(request).status_code == 409
    behind = a_request()
    at.publish(behind)
    anna.sees(behind["request_id"], "awaiting_approval", "needs_triage")
