"""A published form goes with a reply: from the agency's folder, by a person's choice, to the citizen's mailbox, byte for byte."""

import hashlib
import os
import shutil
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from services.domain.knowledge_folder import SAMPLE_CITY
from tests.builders import a_citizen, a_request
from tests.harness.mail_server import MailServer
from tests.harness.running_stack import add_agency, add_caseworker, newest_draft
from tests.journeys.conftest import Begin

pytestmark = pytest.mark.journey

FORM = b"%PDF-1.7\n" + os.urandom(300_000)
QUESTION = "The street lamp in front of 12 Elm Street has been out since Monday. When is a street lamp that is out repaired?"


def test_a_form_that_was_ticked_arrives_byte_for_byte_though_the_folder_changed(
    begin: Begin, mail_server: MailServer, tmp_path: Path
) -> None:
    folder = tmp_path / "knowledge"
    shutil.copytree(SAMPLE_CITY, folder)
    (folder / "forms").mkdir()
    for article in folder.rglob("*.md"):
        article.write_text(article.read_text().replace("\n---\n", "\nattachments: [forms/Änderung der Anschrift.pdf]\n---\n", 1))
    form = folder / "forms" / "Änderung der Anschrift.pdf"
    form.write_bytes(FORM)
    parvis = begin(PARVIS_SMTP_URL=mail_server.url, PARVIS_KNOWLEDGE_DIR=str(folder))
    city, anna = add_agency(parvis), add_caseworker(parvis)
    with_form, without = (a_request(citizen=a_citizen(name), body=QUESTION, language="en") for name in ("Mira Holm", "Jon Sand"))
    for request in (with_form, without):
        assert city.sends(request).status_code == 202
    cases = {request["request_id"]: anna.brings_to_approval(request["request_id"]) for request in (with_form, without)}
    assert newest_draft(cases[with_form["request_id"]])["citations"]

    refused = anna.approves(cases[with_form["request_id"]], attachments=["another.pdf"])
    assert (refused.status_code, refused.json()["field"]) == (422, "attachments")
    assert anna.approves(cases[with_form["request_id"]], attachments=[form.name]).status_code == 200
    form.write_bytes(b"%PDF-1.7 another")
    assert anna.approves(cases[without["request_id"]]).status_code == 200

    sent = anna.sees(with_form["request_id"], "sent")
    [decision] = sent["decisions"]
    assert decision["attachments"] == [
        {"name": form.name, "media_type": "application/pdf", "sha256": hashlib.sha256(FORM).hexdigest(), "size": len(FORM)}
    ]
    [raw] = [mail for mail in mail_server.taken if with_form["citizen"]["email"].encode() in mail]
    [part] = message_from_bytes(raw, policy=default).iter_attachments()
    assert (part.get_filename(), part.get_content_type(), part.get_content()) == (form.name, "application/pdf", FORM)
    anna.sees(without["request_id"], "sent")
    [raw] = [mail for mail in mail_server.taken if without["citizen"]["email"].encode() in mail]
    assert not [*message_from_bytes(raw, policy=default).iter_attachments()]
