"""The routes that approve the replies of a group as its page showed them, and take the approvals back."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel

from schemas.values import Prose
from services.review.cases import store
from services.review.cases.case_state import UNDECIDED
from services.review.cases.commands import CaseCommands
from services.review.cases.deciding import bulk_actions
from services.review.cases.deciding.actions import Action, Recall
from services.review.cases.deciding.bulk_actions import Outcome, Ticked
from services.review.cases.groups import answering, group_store
from services.review.cases.groups.answering import Stays
from services.review.cases.groups.group_page import citizen_of
from services.review.cases.groups.group_pages import AT_ONCE, must_see, rehearsal, visible_member
from services.review.cases.queue import case_lists
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import PersonFirst
from services.review.people.pages import ReaderDep, Visitor
from services.review.safeguards import store as safeguards
from services.review.web.templating import Page, render
from services.runtime import clock
from services.runtime.errors import Conflict, InvalidInput

router = APIRouter(include_in_schema=False, route_class=PersonFirst)


class RepliesForm(BaseModel):
    """The ticked replies: of each the case, the version that was shown, and the proof of what was shown. And the figures looked at."""

    reply: list[Prose] = []
    looked_at: list[Prose] = []


class AnsweredLine(BaseModel):
    """What became of one member."""

    request_id: UUID
    subject: str
    citizen: str
    version: int
    reason: str
    stays: Stays
    hidden: bool
    failed: bool


class AnsweredPage(Page):
    """What became of all that were ticked."""

    group_id: UUID
    recalled: bool
    done: list[AnsweredLine]
    not_done: list[AnsweredLine]
    waits: int


@router.post("/groups/{group_id}/approve")
async def approve(group_id: UUID, form: Annotated[RepliesForm, Form()], visitor: ReaderDep, commands: CommandsDep) -> Response:
    """Approves each ticked reply by itself, as it was shown; what is another one by now is not approved, and says why."""
    ticked, looked_at = _shown_replies(form.reply), answering.looked_at_of(form.looked_at)
    person = visitor.person
    async with commands.database.reading() as session:
        await must_see(session, group_id, person)
        text = await group_store.common_text(session, group_id, person.email)
        if text is None:
            raise Conflict("there is no common text any more: write it again, and look at each reply")
        cases = {seen.request_id: await visible_member(session, group_id, seen.request_id, person) for seen, _ in ticked}
        rehearse = rehearsal(commands, person, await safeguards.standing(session), await commands.reply_notes(session))
    actions: list[tuple[Ticked, Action]] = []
    refused: list[Outcome] = []
    stays: dict[UUID, Stays] = {}
    for seen, proof in ticked:
        case = cases[seen.request_id]
        if case is None:
            refused.append(Outcome(request_id=seen.request_id, done=False, hidden=True))
            continue
        looked = looked_at.get(str(case.request_id), [])
        reply = answering.reply_for(case, text, group_id, person, rehearse).without(looked)
        if case.draft is None or (reply.stays and case.version == seen.version):
            refused.append(Outcome(request_id=seen.request_id, done=False, reason=reply.why))
            stays[seen.request_id] = reply.stays
        else:
            actions.append((seen, answering.approval(case.draft, text, proof, group_id, looked)))
    outcomes = [*refused, *await bulk_actions.act_on_each(commands, actions, person)]
    return await _answered(group_id, outcomes, visitor, commands, stays=stays)


def _shown_replies(values: Sequence[str]) -> list[tuple[Ticked, str]]:
    """What the form sends of the ticked replies. Raises InvalidInput."""
    parts = [value.rpartition(":") for value in values]
    ticked = bulk_actions.ticked_of([seen for seen, _, _ in parts])
    proofs = {seen: proof for seen, _, proof in parts}
    if len(ticked) > AT_ONCE:
        raise InvalidInput(f"reply: at most {AT_ONCE} at a time, as many as a page shows; nothing was done", field="reply")
    shown = [(case, proofs.get(f"{case.request_id}:{case.version}", "")) for case in ticked]
    if not all(proof for _, proof in shown):
        raise InvalidInput("reply: the form does not say which text was shown; load the group again", field="reply")
    return shown


@router.post("/groups/{group_id}/recall")
async def recall(group_id: UUID, form: Annotated[RepliesForm, Form()], visitor: ReaderDep, commands: CommandsDep) -> Response:
    """Takes back the approvals that can still be taken back, each by itself."""
    async with commands.database.reading() as session:
        await must_see(session, group_id, visitor.person)
        ticked = bulk_actions.ticked_of(form.reply)
        members = [seen for seen in ticked if await visible_member(session, group_id, seen.request_id, visitor.person)]
    outcomes = [
        *(Outcome(request_id=seen.request_id, done=False, hidden=True) for seen in ticked if seen not in members),
        *await bulk_actions.act_on_all(commands, members, Recall(), visitor.person),
    ]
    return await _answered(group_id, outcomes, visitor, commands, recalled=True)


async def _answered(
    group_id: UUID,
    outcomes: Sequence[Outcome],
    visitor: Visitor,
    commands: CaseCommands,
    *,
    stays: Mapping[UUID, Stays] | None = None,
    recalled: bool = False,
) -> Response:
    scope = visitor.person.scope
    async with commands.database.reading() as session:
        listed = await case_lists.lines_of(session, [outcome.request_id for outcome in outcomes if not outcome.hidden], scope)
        waits = await group_store.count(session, group_id, scope, UNDECIDED)
        citizens = {request_id: citizen_of(await store.look(session, request_id)) for request_id in listed}
    shown = [
        (
            outcome.done,
            AnsweredLine(
                request_id=outcome.request_id,
                subject=listed[outcome.request_id].subject if outcome.request_id in listed else "",
                citizen=citizens.get(outcome.request_id, ""),
                version=listed[outcome.request_id].version if outcome.request_id in listed else 0,
                reason=outcome.reason,
                stays=(stays or {}).get(outcome.request_id, ""),
                hidden=outcome.hidden,
                failed=outcome.failed,
            ),
        )
        for outcome in outcomes
    ]
    page = AnsweredPage(
        now=clock.now(),
        viewer=visitor.viewer,
        group_id=group_id,
        recalled=recalled,
        done=[line for done, line in shown if done],
        not_done=[line for done, line in shown if not done],
        waits=waits,
    )
    return render("group_answered.html", page)
