"""The subject of a reply is the citizen's own, without what programs put in front of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.drafts_requested import DraftRequested
from schemas.values import Redacted, Urgency
from services.domain.subject_prefixes import with_one_prefix, without_prefixes
from services.drafting import model_client, rules
from services.drafting.chat_completion import Completion
from services.drafting.prompt import Prompt
from services.drafting.template import template_draft
from tests.case_builders import CITY, REQUEST_ID, triaged

PILED_UP = """
SV: Antw: TR: WG: Fwd: Re[2]: lamp
RE : lamp
ＲＥ：lamp
回复: 转发：lamp
YNT: İLT: lamp
Odp: Re^3: lamp
RÉP : lamp
re\u0301p: lamp
Rép. : lamp
Réf. : lamp
AW: RV: VS: FW(2): lamp
Re: Re: lamp
Re:Re:lamp
Vá: ENC: RES: lamp
[External] lamp
[EXT] lamp
[EXTERN] AW: Re[2]: lamp
RE: [EXTERNAL] RE: lamp
[External Email] Fwd: [EXT] lamp
(EXT) lamp
[Ext]: lamp
[EXTERNAL] - lamp
【外部】回复：lamp
***SPAM*** Re: lamp
[**EXTERNAL**] Re: lamp
<External> lamp
[Fwd: lamp]
Re: [Fwd: AW: lamp]
Abwesenheitsmeldung: lamp
EXTERNAL: lamp
Automatic reply: lamp
Auto-Reply: lamp
Réponse automatique : lamp
Réponse\u00a0automatique\u00a0: lamp
Accusé de réception : lamp
Accusé de réception - lamp
Re: Automatische Antwort: AW: lamp
Odpowiedź automatyczna: lamp
Автоматический ответ: lamp
Out of Office: lamp
Re:: lamp
R: I\u0307LT: lamp
Re﹕ lamp
""".strip().splitlines()

OWN_WORDS = """
lamp
Elm Street: lamp
12: lamp
Retour: lamp
Sve: lamp
Re-opening of the pool
Re-opening: pool
Recycling: when?
External: wall
Extern Street: lamp
Spam: from your office
Ref: 2026/113
Réf. : n° 12
Reply: lamp
Read: lamp
Trans: rights
I: lamp
RE/MAX: sign
[NAME_1] lamp
[urgent] lamp
[Elm Street: lamp]
*urgent* lamp
(Re)opening
Automatic reply button is broken
Accusé de réception de ma demande
Out of office hours the gate is shut
[ext
""".strip().splitlines()


@pytest.mark.parametrize("subject", PILED_UP)
def test_what_mail_programs_and_gateways_write_goes(subject: str) -> None:
    assert without_prefixes(subject) == "lamp"
    assert with_one_prefix(subject) == "Re: lamp"


@pytest.mark.parametrize("subject", OWN_WORDS)
def test_a_word_that_a_citizen_may_have_meant_stays(subject: str) -> None:
    assert without_prefixes(subject) == subject
    assert with_one_prefix(subject) == subject


@pytest.mark.parametrize(
    "subject", ["Re:", "RE", "Fwd: Re: ", "[EXTERNAL]", "AW: [EXT] ", "Re：", "Accusé de réception", "Re: Automatic reply", "Re: :", " "]
)
def test_a_subject_that_is_only_prefixes_is_empty(subject: str) -> None:
    assert without_prefixes(subject) == with_one_prefix(subject) == ""


def test_a_french_forward_goes_though_it_may_have_been_somebodys_letters() -> None:
    assert without_prefixes("TR: Trash") == "Trash"


PARTS = st.sampled_from([*PILED_UP, *OWN_WORDS, "Re: ", "[EXT]", " - ", ":", "\u200b", "Ref: ", "7"]) | st.text(max_size=12)


@given(st.lists(PARTS, max_size=6))
def test_stripping_twice_is_stripping_once_and_a_subject_only_becomes_shorter(parts: list[str]) -> None:
    subject = "".join(parts)
    rest = without_prefixes(subject)
    assert without_prefixes(rest) == rest
    assert len(rest) <= len(subject)
    assert rest in subject
    assert with_one_prefix(with_one_prefix(subject)) == with_one_prefix(subject)


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("Re: AW: [EXT] Re[2]: Lamp out", "Re: Lamp out"),
        ("Re: Lamp out", "Re: Lamp out"),
        ("Your street lamp", "Your street lamp"),
        ("Réponse automatique : lampe", "Re: lampe"),
        ("Re: Fwd:", "Re: Lamp is out"),
    ],
)
def test_prefixes_that_a_model_repeats_do_not_pile_up(written: str, subject: str) -> None:
    answer = json.dumps({"subject": written, "body": "Dear [CITIZEN_NAME],\n\nit is repaired.", "citations": []})
    completion = Completion(answer, cut_off=False, input_tokens=0, output_tokens=0)
    sorted_message = triaged(redacted=Redacted(subject="SV: Lamp is out", body="The lamp is out."))
    request = DraftRequested(request_id=REQUEST_ID, revision=1, triaged=sorted_message)
    draft = model_client.written(completion, request, [], Prompt("", "", {}), rules.reply_context(sorted_message, CITY))
    assert draft.subject == subject


def test_an_emergency_whose_subject_is_only_prefixes_is_not_answered_about_a_category_that_may_be_wrong() -> None:
    fire = triaged(redacted=Redacted(subject="Fwd: [EXT] ", body="Our house is on fire, we are trapped"), urgency=Urgency.EMERGENCY)
    draft = template_draft(DraftRequested(request_id=REQUEST_ID, revision=1, triaged=fire), [], rules.reply_context(fire, CITY))
    assert draft.subject == "Re: your message"
