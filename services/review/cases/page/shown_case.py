"""Answers with the case page: reads all that is stored of the case, notes who has read it, and renders it."""

from uuid import UUID

from fastapi import Response

from services.review.audit import store as audit
from services.review.cases import reading_log, store
from services.review.cases.attachments import attachment_store
from services.review.cases.attention_checks import check_store, placing
from services.review.cases.canned_replies import canned_reply_store
from services.review.cases.commands import CaseCommands
from services.review.cases.deciding import blind_looks, rules
from services.review.cases.deciding.colleagues import colleagues_for
from services.review.cases.live import presence_store
from services.review.cases.live.live_pages import mark_of
from services.review.cases.near_duplicates import store as near_duplicates
from services.review.cases.notes import note_store
from services.review.cases.page.case_page import CaseFile, case_page
from services.review.cases.page.case_view import Problem, Typed
from services.review.cases.page.duplicates import duplicates_of
from services.review.cases.page.published_pages import PublishedPages
from services.review.cases.queue import queue_view
from services.review.cases.queue.preferences import Preferences
from services.review.cases.queue.queue_page import QueueFilters
from services.review.cases.related.related_shown import related_to
from services.review.cases.request_dependencies import trace_id_in
from services.review.cases.writing import text_store
from services.review.people import store as people
from services.review.people.pages import Visitor
from services.review.safeguards import store as safeguards
from services.review.web.templating import Flash, Live, Page, render
from services.runtime import clock
from services.runtime.errors import Conflict, InvalidInput

SIMILAR = 5  # more than that is a campaign: the first ones say so


async def shown_case(
    request_id: UUID,
    visitor: Visitor,
    commands: CaseCommands,
    published: PublishedPages | None,
    preferences: Preferences,
    *,
    flash: Flash | None = None,
    view: QueueFilters | None = None,
    decided: UUID | None = None,
    error: InvalidInput | Conflict | None = None,
    typed: Typed | None = None,
) -> Response:
    """The page of the case as it is now. After an `error` it says why, and has what was `typed`."""
    async with commands.database.reading() as session:
        live = Live(session=mark_of(visitor.csrf), after=await audit.newest(session))
        kept = rules.visible(await store.look(session, request_id), visitor.person)
        case, until = blind_looks.seen_by(kept, visitor.person), blind_looks.hidden_since(kept, visitor.person)
        similar = await near_duplicates.similar_to(session, request_id, visitor.person, SIMILAR)
        case_file = CaseFile(
            case=case,
            decisions=[each for each in await store.decisions_of(session, request_id) if not until or each[0].decided_at < until],
            deliveries=await store.deliveries_of(session, request_id),
            history=[
                *(placing.history(case) if case.invented_for else ()),
                *(entry for entry in await audit.of_request(session, request_id) if not until or entry.at < until),
            ],
            texts=blind_looks.texts_for(kept, visitor.person, await text_store.texts_of(session, request_id)),
            present=(await presence_store.present(session, [request_id], clock.now())).get(request_id, []),
            similar=similar,
            duplicates=await duplicates_of(session, case, similar, visitor.person),
            related=await related_to(session, case, visitor.person, commands.senders),
            names=await people.names(session),
            colleagues=colleagues_for(case.as_any_other, visitor.person, await people.people(session, removed=False)),
            notes=[
                note
                for note in await note_store.of_case(session, request_id)
                if not until or note.written_at < until or note.author == visitor.person.email
            ],
            is_mentioned=await note_store.is_mentioned(session, request_id, visitor.person.email),
            kept_files=await attachment_store.of_case(session, request_id) if case.request and case.request.files else (),
            canned_replies=await canned_reply_store.for_case(session, case, visitor.person),
            in_force=(await safeguards.standing(session)).rules,
            senders=commands.senders,
            published=None if case.invented_for else published,
            check=await check_store.answered(session, request_id) if case.invented_for else None,
            view=view,
            preferences=preferences,
            just_decided=await queue_view.strip(session, decided, flash, view, visitor.person),
        )
    for shown in (request_id, *case_file.related.replies_of, *(case_file.duplicates.read if case_file.duplicates else ())):
        if not case.invented_for:  # nobody's details are in it
            await reading_log.note(commands.database, shown, visitor.person)
    problem = Problem.of(error) if error else None
    base = Page(now=clock.now(), viewer=visitor.viewer, flash=None if case_file.just_decided else flash, live=live)
    page = case_page(case_file, base, visitor.person, commands.taxonomy, trace_id_in(case.trace), problem, typed)
    if until:
        offered = page.offers.model_copy(update={"redraft": False, "close": False, "answer_by_hand": False})
        page = page.model_copy(update={"blind": True, "offers": offered})
    return render("case.html", page, error.status if error else 200)
