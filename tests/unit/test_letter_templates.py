"""An agency's own letters: which one is taken, what it may hold, what it asks for, and what is said of a file that can't be used."""

from pathlib import Path
from typing import Any

import pytest

from schemas.drafts_proposed import DraftProposed
from schemas.requests_triaged import LETTER_KINDS
from services.cli import main, preflight
from services.domain import taxonomy
from services.drafting import letter_folder, rules, template_report
from services.drafting.draft import Draft
from services.drafting.letter_folder import InvalidTemplates
from services.drafting.letter_templates import Templates
from services.drafting.passage_index import SearchHit
from services.drafting.template import template_draft
from services.runtime.errors import InvalidInput
from services.runtime.settings import Settings
from tests.unit.test_drafting_rules import a_passage, a_request, failed

TAXONOMY = taxonomy.load()
FRAME = "{{{{ greeting }}}}\n\n{{{{ danger }}}}\n\n{text}\n\n{{{{ asked }}}}\n\n{{{{ goodbye }}}}\n"
REPORT: dict[str, Any] = {"letter": "report", "letter_sure": True, "letter_confidence": 0.99, "category": "street_lighting"}


def letters(folder: Path, **files: str) -> Templates:
    """Those of Parvis and of a folder with these files; `__` stands for the folder's slash, `_DOT_` for a dot."""
    write(folder, **files)
    return letter_folder.read(folder, TAXONOMY.names)


def write(folder: Path, **files: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_DOT_", ".")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text if "{{ greeting }}" in text or name.endswith("yaml") or text.startswith("---") else FRAME.format(text=text))


def drafted(own: Templates, body: str = "The lamp outside is out.", language: str = "en", **changes: Any) -> DraftProposed:
    request = a_request(body, language, **(REPORT | changes))
    context = rules.reply_context(request.triaged, TAXONOMY, templates=own)
    return rules.proposed(request, template_draft(request, [], context), [], context)


def test_the_shipped_letters_cover_every_kind_in_every_language_and_no_check_doubts_their_sentences() -> None:
    shipped = letter_folder.shipped()

    assert {name.partition("/")[2] for name in shipped.shipped if name.startswith("fr/")} >= set(LETTER_KINDS)
    assert {n.removeprefix("fr/") for n in shipped.shipped if n.startswith("fr/")} == {
        n.removeprefix("en/") for n in shipped.shipped if n.startswith("en/")
    }
    assert template_report.faults(shipped) == []


def test_the_most_special_letter_of_the_agency_is_taken_and_then_that_of_parvis(tmp_path: Path) -> None:
    own = letters(
        tmp_path,
        en__street_lighting_DOT_report_DOT_txt="Our lamp team knows about this lamp.",
        en__street_lighting_DOT_txt="Anything about light goes to the lamp team.",
        en__report_DOT_txt="Every report goes to the front office.",
    )

    assert own.letter("en", "street_lighting", "report").name == "en/street_lighting.report"
    assert own.letter("en", "street_lighting", "complaint").name == "en/street_lighting"
    assert own.letter("en", "fines", "report").name == "en/report"
    assert own.letter("en", "fines", "praise") is own.shipped["en/praise"]
    assert own.letter("fr", "street_lighting", "report") is own.shipped["fr/street_lighting.report"]
    assert letters(tmp_path, en__letter_DOT_txt="Whatever it is.").letter("en", "fines", "praise").name == "en/letter"


def test_an_agencys_sentences_are_its_own_for_the_checks_with_its_own_values_alone(tmp_path: Path) -> None:
    own = letters(
        tmp_path,
        en__report_DOT_txt="{{ department }} sends the lamp van {{ within }} and repairs it free of charge.",
        en__street_lighting_DOT_report_DOT_txt="---\nlike: report\n---\n",
    )
    draft = drafted(own)

    assert "Streets and mobility sends the lamp van within" not in draft.body
    assert "Environment and cleanliness sends the lamp van within 10 working days and repairs it free of charge." in draft.body
    assert failed(draft) == []
    request = a_request("The lamp outside is out.", **REPORT)
    context = rules.reply_context(request.triaged, TAXONOMY, templates=own)
    invented = draft.body.replace("within 10 working days", "within 1 hour")
    assert failed(rules.proposed(request, Draft("en", "Re: Lamp", invented, drafted_by="model"), [], context)) != []


def test_what_a_letter_needs_and_the_message_does_not_say_is_asked_for(tmp_path: Path) -> None:
    head = "---\nneeds: [address, lamp, date]\n---\n"
    own = letters(tmp_path, en__street_lighting_DOT_report_DOT_txt=head + FRAME.format(text="We look after it."))

    asked = drafted(own, "A light does not work.").body
    assert "Where exactly is it?" in asked
    assert "number of the lamp" in asked
    assert "On which day was it?" in asked
    told = drafted(own, "Lamp 2217 at [ADDRESS_1] has been out since Monday.").body
    assert "please reply to this message" not in told
    assert failed(drafted(own, "A light does not work.")) == []


def test_who_reports_a_lamp_without_a_place_is_asked_where_it_is() -> None:
    shipped = letter_folder.shipped()

    assert "Where exactly is it?" in drafted(shipped, "A lamp is broken.").body
    for placed in ("The lamp in front of number 14 is out.", "It is out at [ADDRESS_1]."):
        assert "Where exactly is it?" not in drafted(shipped, placed).body


def test_sentences_of_an_agency_take_the_place_of_those_of_parvis_one_by_one(tmp_path: Path) -> None:
    own = letters(
        tmp_path, en__sentences_DOT_yaml='goodbye: "Yours,\\nThe Town of Elmford, {department}"\nfacts: {lamp: "Which lamp is it, please?"}'
    )

    assert drafted(own).body.endswith("Yours,\nThe Town of Elmford, Environment and cleanliness")
    assert own.sentences["en"].facts["lamp"] == "Which lamp is it, please?"
    assert own.sentences["en"].greeting == "Dear {name},"


def test_a_language_of_the_agencys_own_is_answered_in(tmp_path: Path) -> None:
    german = (letter_folder.SHIPPED / "en" / "sentences.yaml").read_text().replace("Dear {name}", "Guten Tag {name}")
    own = letters(tmp_path, de__sentences_DOT_yaml=german, de__letter_DOT_txt="Vielen Dank für Ihre Nachricht.")

    assert own.languages == ["en", "fr", "de"]
    draft = drafted(own, "Die Laterne ist aus.", "de")
    assert (draft.language, draft.body.split("\n")[0]) == ("de", "Guten Tag [CITIZEN_NAME],")


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"en__report_DOT_txt": "{% for x in matter %}{{ x }}{% endfor %}"}, "en/report.txt: line 5: for is not allowed"),
        ({"en__report_DOT_txt": "Hello {{ citizen }}"}, "en/report.txt: line 5: there is no value 'citizen': take one of greeting"),
        ({"en__report_DOT_txt": "{{ matter.__class__.__mro__ }}"}, "en/report.txt: line 5: getattr is not allowed"),
        ({"en__report_DOT_txt": "{{ 'a' * 1000000000 }}"}, "en/report.txt: line 5: mul is not allowed"),
        ({"en__report_DOT_txt": "{% include '/etc/passwd' %}"}, "en/report.txt: line 5: include is not allowed"),
        ({"en__report_DOT_txt": "{{ matter | upper }}"}, "en/report.txt: line 5: filter is not allowed"),
        ({"en__report_DOT_txt": "{% if matter %}Open"}, "en/report.txt: line"),
        ({"en__report_DOT_txt": "---\nneeds: [address]\n---\n{{ greeting }}{{ danger }}{{ goodbye }}"}, "put {{ asked }} where"),
        ({"en__report_DOT_txt": "---\nneeds: [shoe_size]\n---\n" + FRAME.format(text="x")}, "'shoe_size' has no question: add it to facts"),
        ({"en__report_DOT_txt": "---\nneed: [address]\n---\n" + FRAME.format(text="x")}, "en/report.txt: need: Extra inputs"),
        ({"en__report_DOT_txt": "---\nlike: nothing\n---\n"}, "like: there is no en/nothing.txt"),
        ({"en__report_DOT_txt": "{{ greeting }} Hello"}, "a letter has {{ greeting }}, {{ danger }} and {{ goodbye }}"),
        ({"en__repport_DOT_txt": "Hello"}, "'repport' is neither a category of the taxonomy nor a kind of letter"),
        ({"en__fines_DOT_repport_DOT_txt": "Hello"}, "'repport' is no kind of letter"),
        ({"de__report_DOT_txt": "Hallo"}, "there are no sentences for 'de': write de/sentences.yaml"),
        ({"en__sentences_DOT_yaml": "greting: Hi"}, "en/sentences.yaml: greting: Extra inputs"),
        ({"en__sentences_DOT_yaml": "goodbye: 'Bye {citizen}'"}, "only {name}, {department}"),
        ({"en__sentences_DOT_yaml": "goodbye: ["}, "en/sentences.yaml: not YAML (line"),
    ],
)
def test_a_file_that_can_not_be_used_is_refused_at_start_with_file_line_and_fix(tmp_path: Path, files: dict[str, str], fault: str) -> None:
    write(tmp_path, **files)

    with pytest.raises(InvalidTemplates) as refused:
        letter_folder.read(tmp_path, TAXONOMY.names)
    assert fault in str(refused.value)
    with pytest.raises(InvalidInput, match=r"^PARVIS_TEMPLATES_DIR: "):
        preflight.check(Settings(templates_dir=tmp_path), ["drafting"])


def test_values_are_written_and_never_read_as_a_template() -> None:
    hostile = "When do you come back for our bin? {{ 7*7 }}{% for x in y %} <b>& and so on."
    request = a_request(subject="{{ 7*7 }}")
    context = rules.reply_context(request.triaged, TAXONOMY)

    draft = template_draft(request, [SearchHit(a_passage(text=hostile), 8.0)], context)

    assert hostile in draft.body
    assert draft.subject == "Re: {{ 7*7 }}"


def test_the_check_command_names_a_sentence_that_ends_in_a_choice_and_a_value_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path / "data"))
    write(
        tmp_path / "own",
        en__report_DOT_txt="The lamp team will {% if calm %}look at it next week{% else %}hurry to you at once{% endif %}.",
    )
    write(tmp_path / "own", en__praise_DOT_txt="{% if calm %}{{ greeting }}{{ danger }}{% endif %} So kind of you all. {{ goodbye }}")

    monkeypatch.setattr("sys.argv", ["parvis", "templates", "check", str(tmp_path / "own")])
    with pytest.raises(SystemExit) as ended:
        main.main()

    told = capsys.readouterr().out
    assert ended.value.code == 1
    assert "wrong: en/report.txt: 'The lamp team will look at it next week.' is not seen as your own" in told
    assert "wrong: en/praise.txt: {{ greeting }} is not written in every case" in told
    assert "to know: en: complaint is answered with the letter of Parvis" in told
