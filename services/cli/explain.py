"""`parvis explain`: what a citizen may know of how their message was handled."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from services.review.cases.citizen_explanation import Explanation
    from services.runtime.database import Session
    from services.runtime.settings import Settings


def explain_cli(
    request_id: Annotated[UUID, typer.Argument(help="The number of the request.")],
    lang: Annotated[str, typer.Option(help="In this language: en or fr; without it that of the message.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    by: Annotated[str, typer.Option(help="Who looks, for the log; without it the machine's user.")] = "",
) -> None:
    """Tell a citizen in plain words how their message was handled, by machine and by people. That it was looked at is logged."""
    from services.cli import context
    from services.runtime.errors import InvalidInput

    if lang not in ("", "en", "fr"):
        raise InvalidInput(f"--lang: there is no {lang!r}; use en or fr", field="--lang")
    settings = context.settings()
    explained = context.in_transaction(settings, lambda session: _explained(session, settings, request_id, lang, by))
    if as_json:
        print(explained.model_dump_json(indent=2))
        return
    from services.review.cases.citizen_explanation import in_words

    print(in_words(explained))


async def _explained(session: "Session", settings: "Settings", request_id: UUID, lang: str, by: str) -> "Explanation":
    from services.cli.people_and_tokens import acting
    from services.domain import taxonomy
    from services.review.audit import store as audit
    from services.review.cases import citizen_explanation, store
    from services.review.cases.acknowledgements import acknowledgement_store
    from services.review.cases.deciding import joining
    from services.review.people import store as people
    from services.review.transparency import rules as transparency
    from services.runtime import clock
    from services.runtime.errors import NotFound

    actor = await acting(session, by or None)
    case = await store.look(session, request_id)
    if case.invented_for:
        raise NotFound(f"there is no request {request_id}")
    # Before anything of it is shown, as of every reading.
    await audit.add(session, audit.Entry(clock.now(), actor, audit.READ, request_id, {audit.FOR: "explanation"}))
    other = await store.look(session, case.joined_into) if case.joined_into else None
    together_with = other if other and joining.same_sender(case, other) else None
    if together_with:
        await audit.add(session, audit.Entry(clock.now(), actor, audit.READ, together_with.request_id, {audit.FOR: "explanation"}))
    answered = together_with.request_id if together_with else request_id
    colleagues = await people.people(session)
    here = await people.people(session, removed=False)
    return citizen_explanation.explanation(
        case,
        await store.drafts_of(session, answered),
        await store.decisions_of(session, answered),
        await store.deliveries_of(session, answered),
        {person.email: person.role for person in colleagues},
        taxonomy.load(settings.taxonomy),
        together_with=together_with,
        receipt=await acknowledgement_store.of_request(session, request_id),
        names={person.email: person.name for person in here} if settings.explain_names else None,
        language=citizen_explanation.told_in(case, lang),
        about=transparency.address_of(settings.public_url, case.agency) if case.agency else "",
    )
