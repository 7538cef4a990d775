"""`parvis drafts switch`: what drafts are made with, by agency, category and kind of letter."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import context
from services.runtime.errors import InvalidInput

if TYPE_CHECKING:
    from services.review.automation.store import Standing


def switch_cli(
    mode: Annotated[str, typer.Argument(help="model, template or off; none takes the rule away; nothing shows the rules.")] = "",
    agency: Annotated[str, typer.Option(help="An agency's code; nothing: any.")] = "",
    category: Annotated[str, typer.Option(help="A category's name; nothing: any.")] = "",
    letter: Annotated[str, typer.Option("--letter", "--kind", help="A kind of letter, as complaint; nothing: any.")] = "",
    why: Annotated[str, typer.Option("--why", "--reason", help="Why; kept in the log.")] = "",
    by: Annotated[
        str | None, typer.Option(help="Who does it, by e-mail address, for the log; none: the command line and the machine's user.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rules as JSON.")] = False,
) -> None:
    """Show what drafts are made with, or change it from the next draft on: by a model, the template, or not at all."""
    from services.domain import taxonomy
    from services.review.automation import store
    from services.review.automation.rules import TAKE_AWAY, Change, must_switch
    from services.review.people import store as people
    from services.runtime import clock
    from services.runtime.database import Session

    settings = context.settings()
    if not mode and (agency or category or letter or why):
        raise InvalidInput("MODE: say model, template, off or none for it; without a mode the rules are only shown", field="MODE")

    async def change(session: Session) -> "Standing":
        from services.cli.people_and_tokens import acting

        actor = await acting(session, by)
        if by:
            must_switch(await people.person(session, by))
        wanted = Change(None if mode == TAKE_AWAY else mode, agency, category, letter, why)
        return await store.change(session, wanted, actor, clock.now(), taxonomy.load(settings.taxonomy).names)

    switch = context.in_transaction(settings, change if mode else store.standing)
    if as_json:
        rules = [rule.model_dump(mode="json") for rule in switch.rules]
        print(json.dumps({"revision": switch.revision, "rules": rules}, ensure_ascii=False, indent=2))
        return
    if not switch.rules:
        print("There is no rule: the model may draft everything, where one is configured.")
        return
    columns = ("drafts by", "agency", "category", "kind of letter", "since", "who", "why")
    rows = [
        (r.mode, r.agency or "any", r.category or "any", r.letter or "any", f"{r.changed_at:%Y-%m-%d %H:%M}", r.changed_by, r.why)
        for r in switch.rules
    ]
    context.out.print(context.table("What drafts are made with, the first rule that fits decides", columns, rows))
