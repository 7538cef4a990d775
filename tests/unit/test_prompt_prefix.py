"""What two prompts have in common comes first: a server with a prompt cache reads it once."""

from itertools import takewhile
from typing import Any

from schemas.values import Redacted
from services.domain import taxonomy
from services.domain.articles import Passage
from services.drafting import rules
from services.drafting.prompt import Prompt, prompt
from tests.service.scripted_model import LAMPS, a_request

CITY = taxonomy.load()


def prompt_of(body: str, passages: tuple[Passage, ...] = (LAMPS,), **changes: Any) -> Prompt:
    request = a_request()
    triaged = request.triaged.model_copy(update={"redacted": Redacted(subject="A letter", body=body)} | changes)
    return prompt(request.model_copy(update={"triaged": triaged}), passages, rules.reply_context(triaged, CITY))


def common(first: Prompt, second: Prompt) -> str:
    pairs = zip(first.system + first.user, second.system + second.user, strict=False)
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def test_the_rules_are_the_same_for_every_request() -> None:
    lamp, waste = prompt_of("The lamp is out."), prompt_of("Où va mon verre ?", (), category="waste_collection", department="environment")

    assert lamp.system == waste.system


def test_two_letters_about_the_same_matter_share_everything_before_the_letter() -> None:
    first, second = prompt_of("The lamp in front of the school is out."), prompt_of("When do you repair the lamp by the station?")

    after = (first.system + first.user).removeprefix(common(first, second))
    assert len(after) < len("The lamp in front of the school is out.") + 10
    assert LAMPS.text in common(first, second)


def test_letters_about_other_matters_share_what_their_agency_says_of_all() -> None:
    lamp, waste = (
        prompt_of("The lamp is out."),
        prompt_of("Where does glass go?", (), category="waste_collection", department="environment"),
    )

    shared = common(lamp, waste)
    assert shared.startswith(lamp.system)
    assert "[CITIZEN_NAME]" in shared.removeprefix(lamp.system)
    assert "English" in shared.removeprefix(lamp.system)
