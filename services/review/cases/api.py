"""Cases as JSON, under /api/v1."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.values import Prose, Urgency
from services.review.audit import store as audit
from services.review.cases import reply, rules, similar, store
from services.review.cases.access import CommandsDep, trace_id_in
from services.review.cases.rules import Action, State
from services.review.people.access import CaseworkerDep, OperatorDep
from services.review.people.rules import Person
from services.runtime import clock

router = APIRouter(prefix="/api/v1")

Reason = Annotated[Prose, StringConstraints(max_length=rules.MAX_REASON)]


class CasePage(BaseModel):
    """One page of a listing; `next_cursor` leads to the next."""

    items: list[store.Line]
    next_cursor: str | None


class SimilarLine(store.Line):
    """A case whose message resembles another; `resemblance` is about the share of word pairs that both have."""

    resemblance: float


class SimilarCases(BaseModel):
    """The nearest first."""

    items: list[SimilarLine]


class CaseFull(BaseModel):
    """Everything about one case."""

    request_id: UUID
    state: State
    version: int
    trace_id: str
    category: str | None
    department: str | None
    urgency: Urgency
    assignee: str | None
    due_at: datetime | None
    request: dict[str, Any] | None
    triage: dict[str, Any] | None
    drafts: list[dict[str, Any]]
    decisions: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]
    history: list[dict[str, Any]]
    edit: dict[str, Any] | None


class Versioned(BaseModel):
    """Which version of the case the person saw."""

    model_config = ConfigDict(extra="forbid")

    version: int

    def action(self) -> Action:
        """What is asked for."""
        raise TypeError(type(self).__name__)


class ClaimBody(Versioned):
    """I work on it."""

    def action(self) -> Action:  # noqa: D102
        return rules.Claim()


class ReleaseBody(Versioned):
    """I do not, after all."""

    def action(self) -> Action:  # noqa: D102
        return rules.Release()


class TakeOverBody(Versioned):
    """I work on what somebody else had claimed."""

    def action(self) -> Action:  # noqa: D102
        return rules.TakeOver()


class CorrectBody(Versioned):
    """Triage saw it wrongly."""

    category: str | None = None
    department: str | None = None
    urgency: Urgency | None = None

    def action(self) -> Action:  # noqa: D102
        return rules.Correct(self.category, self.department, self.urgency)


class RedraftBody(Versioned):
    """Write another draft, and mind this."""

    instructions: Reason | None = None

    def action(self) -> Action:  # noqa: D102
        return rules.Redraft(self.instructions)


class ApproveBody(Versioned):
    """Send it: as drafted, or as edited."""

    draft_id: UUID
    subject: Prose | None = None
    body: Prose | None = None

    def action(self) -> Action:  # noqa: D102
        return rules.Approve(self.draft_id, self.subject, self.body)


class RecallBody(Versioned):
    """Do not send it yet."""

    def action(self) -> Action:  # noqa: D102
        return rules.Recall()


class RejectBody(Versioned):
    """Not this draft, and why."""

    reason: Reason

    def action(self) -> Action:  # noqa: D102
        return rules.Reject(self.reason)


class CloseBody(Versioned):
    """No reply will be sent, and why."""

    reason: Reason

    def action(self) -> Action:  # noqa: D102
        return rules.Close(self.reason)


class ConfirmDeliveryBody(Versioned):
    """I found out: the citizen has it."""

    def action(self) -> Action:  # noqa: D102
        return rules.ConfirmDelivery()


class SendAgainBody(Versioned):
    """It did not arrive: send the same reply once more."""

    def action(self) -> Action:  # noqa: D102
        return rules.SendAgain()


class EditBody(BaseModel):
    """The text being written on a draft."""

    model_config = ConfigDict(extra="forbid")

    version: int
    draft_id: UUID
    subject: Annotated[Prose, StringConstraints(max_length=reply.MAX_SUBJECT)]
    body: Annotated[Prose, StringConstraints(max_length=reply.MAX_BODY)]


class Acted(BaseModel):
    """The case after an action."""

    request_id: UUID
    state: State
    version: int
    assignee: str | None
    decision_id: UUID | None = None


class Filters(BaseModel):
    """What to list."""

    model_config = ConfigDict(extra="forbid")

    state: list[State] = []
    department: Prose | None = None
    category: Prose | None = None
    urgency: Urgency | None = None
    language: Prose | None = None
    agency: Prose | None = None
    assignee: Prose | None = None
    q: Annotated[Prose, StringConstraints(max_length=200)] | None = None
    sort: store.Sort = "urgency"
    cursor: Annotated[Prose, StringConstraints(max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    def query(self, person: Person) -> store.Query:
        """The same for the store, within what the person may see."""
        return store.Query(
            states=tuple(self.state),
            department=self.department or None,
            scope=person.scope,
            category=self.category or None,
            urgency=self.urgency,
            language=self.language or None,
            agency=self.agency or None,
            assignee=self.assignee or None,
            text=self.q or None,
            sort=self.sort,
            cursor=self.cursor or None,
            limit=self.limit,
        )


@router.get("/cases")
async def list_cases(filters: Annotated[Filters, Query()], person: CaseworkerDep, commands: CommandsDep) -> CasePage:
    """The queue: what cannot wait first, then what is due first."""
    async with commands.database.reading() as session:
        lines, cursor = await store.page(session, filters.query(person))
    return CasePage(items=lines, next_cursor=cursor)


@router.get("/cases/{request_id}")
async def show_case(request_id: UUID, person: CaseworkerDep, commands: CommandsDep) -> CaseFull:
    """Everything about one case. Draft bodies hold placeholders; `final_subject` and `final_body` are as the citizen would read them."""
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), person)
        drafts = await store.drafts_of(session, request_id)
        decisions = await store.decisions_of(session, request_id)
        deliveries = await store.deliveries_of(session, request_id)
        history = await audit.of_request(session, request_id)
        edit = await store.edit_of(session, request_id, person.email)
    return CaseFull(
        request_id=case.request_id,
        state=case.state,
        version=case.version,
        trace_id=trace_id_in(case.trace),
        category=case.category,
        department=case.department,
        urgency=case.urgency,
        assignee=case.assignee,
        due_at=case.due_at,
        request=case.request.model_dump(mode="json") if case.request else None,
        triage=case.triage.model_dump(mode="json") if case.triage else None,
        drafts=[
            draft.model_dump(mode="json") | dict(zip(("final_subject", "final_body"), case.with_details(draft), strict=True))
            for draft in drafts
        ],
        decisions=[d.model_dump(mode="json") | {"recalled_at": recalled} for d, recalled in decisions],
        deliveries=[d.model_dump(mode="json") for d in deliveries],
        history=[{"at": e.at, "actor": e.actor, "action": e.action, "detail": e.detail} for e in history],
        edit={"draft_id": edit.draft_id, "subject": edit.subject, "body": edit.body, "saved_at": edit.saved_at} if edit else None,
    )


@router.get("/cases/{request_id}/similar")
async def similar_cases(
    request_id: UUID, person: CaseworkerDep, commands: CommandsDep, limit: Annotated[int, Query(ge=1, le=similar.MOST_LOOKED_AT)] = 10
) -> SimilarCases:
    """Messages that are nearly the same: a campaign, the same lamp, somebody who wrote twice."""
    async with commands.database.reading() as session:
        rules.visible(await store.look(session, request_id), person)
        found = await similar.similar_to(session, request_id, person, limit)
    return SimilarCases(items=[SimilarLine(**one.line.model_dump(), resemblance=one.resemblance) for one in found])


def _offer(name: str, body: type[Versioned]) -> None:
    async def act(request_id: UUID, sent: Versioned, person: CaseworkerDep, commands: CommandsDep) -> Acted:
        case = await commands.act(request_id, sent.version, sent.action(), person)
        decided = case.decision.decision_id if case.decision else None
        return Acted(request_id=request_id, state=case.state, version=case.version, assignee=case.assignee, decision_id=decided)

    act.__annotations__["sent"] = body
    act.__doc__ = body.__doc__
    router.add_api_route(f"/cases/{{request_id}}/{name}", act, methods=["POST"], name=name)


_ACTIONS: dict[str, type[Versioned]] = {
    "claim": ClaimBody,
    "release": ReleaseBody,
    "take-over": TakeOverBody,
    "correct": CorrectBody,
    "redraft": RedraftBody,
    "approve": ApproveBody,
    "recall": RecallBody,
    "reject": RejectBody,
    "close": CloseBody,
    "confirm-delivery": ConfirmDeliveryBody,
    "send-again": SendAgainBody,
}
for _name, _body in _ACTIONS.items():
    _offer(_name, _body)


@router.put("/cases/{request_id}/edit", status_code=204)
async def keep_edit(request_id: UUID, sent: EditBody, person: CaseworkerDep, commands: CommandsDep) -> None:
    """Keeps the text being written; the case stays as it is."""
    await commands.keep_edit(request_id, store.Edit(sent.draft_id, sent.subject, sent.body, clock.now()), sent.version, person)


IN_OWN_WORDS = frozenset({"reason", "instructions", "note", "detail"})


class AuditLine(BaseModel):
    """One line of the log."""

    id: int
    at: datetime
    actor: str
    action: str
    request_id: UUID | None
    detail: dict[str, Any]


class AuditPage(BaseModel):
    """The newest lines first; `next_before` leads to older ones."""

    items: list[AuditLine]
    next_before: int | None


@router.get("/audit")
async def show_audit(
    person: OperatorDep,
    commands: CommandsDep,
    actor: Prose | None = None,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AuditPage:
    """Who did what. What people wrote in their own words is for those whose work letters are."""
    async with commands.database.reading() as session:
        found = await audit.page(session, actor=actor, before=before, limit=limit)
    hidden = frozenset() if person.reads_cases else IN_OWN_WORDS
    lines = [
        AuditLine(
            id=number,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            request_id=entry.request_id,
            detail={name: value for name, value in entry.detail.items() if name not in hidden},
        )
        for number, entry in found
    ]
    return AuditPage(items=lines, next_before=lines[-1].id if len(lines) == limit else None)


@router.get("/stats")
async def stats(person: CaseworkerDep, commands: CommandsDep) -> dict[str, dict[State, int]]:
    """How many cases stand where."""
    async with commands.database.reading() as session:
        return {"by_state": await store.counts(session, person.scope)}
