"""Answers with the case page: reads all that is stored of the case, notes who has read it, and renders it."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from services.review.audit import store as audit
from services.review.cases import reading_log, store
from services.review.cases.attachments import attachment_store
from services.review.cases.attention_checks import check_store, placing
from services.review.cases.canned_replies import canned_reply_store
from services.review.cases.deciding import blind_looks, rules
from services.review.cases.deciding.colleagues import colleagues_for
from services.review.cases.live import presence_store
from services.review.cases.live.live_pages import mark_of
from services.review.cases.near_duplicates import store as near_duplicates
from services.review.cases.notes import note_store
from services.review.cases.page.case_page import CaseFile, case_page
from services.review.cases.page.case_view import Problem, Typed
from services.review.cases.page.duplicates import duplicates_of
from services.review.cases.queue import queue_view
from services.review.cases.queue.preferences import PreferencesDep
from services.review.cases.queue.queue_page import QueueFilters
from services.review.cases.ratings import rating_store
from services.review.cases.related.related_shown import related_to
from services.review.cases.request_dependencies import CommandsDep, PublishedDep, trace_id_in
from services.review.cases.writing import text_store
from services.review.people import store as people
from services.review.people.pages import ReaderDep
from services.review.safeguards import store as safeguards
from services.review.web.templating import Flash, Live, Page, render
from services.runtime import clock
from services.runtime.errors import Conflict, InvalidInput

SIMILAR = 5  # more than that is a campaign: the first ones say so


@dataclass(frozen=True)
class CasePages:
    """Answers one visitor with pages of cases: a dependency of every route that may have to."""

    visitor: ReaderDep
    commands: CommandsDep
    published: PublishedDep
    preferences: PreferencesDep

    async def show(
        self,
        request_id: UUID,
        *,
        flash: Flash | None = None,
        view: QueueFilters | None = None,
        decided: UUID | None = None,
        error: InvalidInput | Conflict | None = None,
        typed: Typed | None = None,
    ) -> Response:
        """The page of the case as it is now. After an `error` it says why, and has what was `typed`."""
        visitor, commands = self.visitor, self.commands
        async with commands.database.reading() as session:
            live = Live(session=mark_of(visitor.csrf), after=await audit.newest(session))
            kept = rules.visible(await store.look(session, request_id), visitor.person)
            case, sees = blind_looks.seen_by(kept, visitor.person), partial(blind_looks.sees, kept, visitor.person)
            similar = await near_duplicates.similar_to(session, request_id, visitor.person, SIMILAR)
            case_file = CaseFile(
                case=case,
                decisions=[each for each in await store.decisions_of(session, request_id) if sees(each[0].decided_at)],
                deliveries=await store.deliveries_of(session, request_id),
                history=[
                    *(placing.history(case) if case.invented_for else ()),
                    *(entry for entry in await audit.of_request(session, request_id) if sees(entry.at)),
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
                    if sees(note.written_at) or note.author == visitor.person.email
                ],
                is_mentioned=await note_store.is_mentioned(session, request_id, visitor.person.email),
                kept_files=await attachment_store.of_case(session, request_id) if case.request and case.request.files else (),
                canned_replies=await canned_reply_store.for_case(session, case, visitor.person),
                in_force=(await safeguards.standing(session)).rules,
                senders=commands.senders,
                scanner=commands.scanner is not None,
                subject_reference=commands.settings.mail_subject_reference,
                rating=await rating_store.of_case(session, request_id),
                reply_notes=await commands.reply_notes(session),
                published=None if case.invented_for else self.published,
                check=await check_store.answered(session, request_id) if case.invented_for else None,
                view=view,
                preferences=self.preferences,
                just_decided=await queue_view.strip(session, decided, flash, view, visitor.person),
            )
        for shown in (request_id, *case_file.related.replies_of, *(case_file.duplicates.read if case_file.duplicates else ())):
            if not case.invented_for:  # nobody's details are in it
                await reading_log.note(commands.database, shown, visitor.person)
        problem = Problem.of(error) if error else None
        base = Page(now=clock.now(), viewer=visitor.viewer, flash=None if case_file.just_decided else flash, live=live)
        page = case_page(case_file, base, visitor.person, commands.taxonomy, trace_id_in(case.trace), problem, typed)
        if blind_looks.is_blind(kept, visitor.person):
            offered = page.offers.model_copy(update={"redraft": False, "close": False, "answer_by_hand": False})
            page = page.model_copy(update={"blind": True, "offers": offered})
        return render("case.html", page, error.status if error else 200)


CasePagesDep = Annotated[CasePages, Depends()]
