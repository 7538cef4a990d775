"""Writes every letter with made-up values, as a check of a folder before it is used: what cannot be written, what a check would doubt."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import product

from schemas.drafts_proposed import Citation
from schemas.requests_triaged import LETTER_KINDS
from services.domain.placeholders import CITIZEN_NAME
from services.drafting.claims.sentences import sentences
from services.drafting.letter_templates import ANY_KIND, Filled, Letter, Templates

QUOTED = Citation(passage_id="sample#1", title="A page", url="https://agency.example/page", quote="This is what the page says.")
DEPARTMENT, NUMBER, MATTER = "Sample department", "112", "Sample matter"
SWITCHES = ("calm", "sorry", "may_need_no_answer", "shorter", "plainer")


def faults(templates: Templates) -> list[str]:
    """What of the agency's own letters would be doubted by a check of every draft, by file; the shipped ones where it has none."""
    return [
        f"{name}.txt: {fault}"
        for name, letter in (templates.own or templates.shipped).items()
        for fault in dict.fromkeys(_faults(letter, name.partition("/")[0], templates))
    ]


def uncovered(templates: Templates) -> list[str]:
    """Languages and kinds of letter that are answered with a shipped letter although the agency has some of its own."""
    if not templates.own:
        return []
    return [
        f"{language}: {kind} is answered with the letter of Parvis"
        for language in sorted({name.partition("/")[0] for name in templates.own})
        for kind in LETTER_KINDS
        if f"{language}/{kind}" not in templates.own and f"{language}/{ANY_KIND}" not in templates.own
    ]


def _faults(letter: Letter, language: str, templates: Templates) -> Sequence[str]:
    shared = templates.sentences[language]
    within = templates.within(shared, timedelta(days=5), working_time=False)
    filled = Filled(DEPARTMENT, (within,), (NUMBER,), ())
    doubts: list[str] = []
    for published, danger, asked, *switches in product((False, True), repeat=3 + len(SWITCHES)):
        values: dict[str, object] = {
            "greeting": shared.greeting.format(name=CITIZEN_NAME),
            "goodbye": shared.goodbye.format(department=DEPARTMENT),
            "danger": shared.danger.format(number=NUMBER) if danger else "",
            "published": f"{shared.found_one}\n\n{QUOTED.quote}" if published else "",
            "asked": shared.asks if asked else "",
            "apology": shared.apology,
            "friendly": shared.friendly,
            "department": DEPARTMENT,
            "within": within,
            "matter": MATTER,
            **dict(zip(SWITCHES, switches, strict=True)),
        }
        body = letter.written(values)
        written_always = ("greeting", "goodbye", *(["danger"] if danger else []), *(["asked"] if asked and letter.needs else []))
        doubts += [
            f"{{{{ {n} }}}} is not written in every case: put it outside of {{% if %}}"
            for n in written_always
            if str(values[n]) not in body
        ]
        doubts += [
            f"{text[:120]!r} is not seen as your own: a choice ends inside the sentence; write the whole sentence in each"
            for text in (sentence.text for sentence in sentences(body) if sentence.role in ("assertion", "feeling"))
            if QUOTED.quote not in text and not templates.is_of_the_house(text, language, filled)
        ]
    return doubts
