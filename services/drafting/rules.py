"""Decides what is drafted, what is looked up for it, in which context, and makes the proposed draft. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid5

from schemas.drafts_proposed import DraftProposed
from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import RequestTriaged
from schemas.values import Urgency
from services.domain import machine_mail, wish_for_person
from services.domain.articles import Passage
from services.domain.message_parts import matter_of
from services.domain.placeholders import PLACEHOLDER
from services.domain.redacted_content_hash import basis_of
from services.domain.taxonomy import Taxonomy, said_in
from services.drafting import danger_kinds, emergency_reply, letter_folder, redraft, template
from services.drafting.checks import checks
from services.drafting.claims.published import Published
from services.drafting.draft import Draft, ReplyContext, citation
from services.drafting.emergency_reply import Lead
from services.drafting.letter_templates import Templates
from services.drafting.passage_index import SearchHit
from services.drafting.wishes import Instruction

DRAFTS = UUID("3f0f5e0c-8a0b-5f55-9f2e-5d8d2f7b6a41")


def first_draft_of(triaged: RequestTriaged) -> DraftRequested | None:
    """The request for revision 1; None where a person must sort the message first and nobody is in danger, or a machine wrote it."""
    if not machine_mail.may_be_answered(triaged.automatic):
        return None
    if triaged.outcome != "routed" and triaged.urgency is not Urgency.EMERGENCY:
        return None
    return DraftRequested(request_id=triaged.request_id, revision=1, triaged=triaged)


def draft_id(request_id: UUID, revision: int) -> UUID:
    """The id of a draft: the same for the same revision, however often it is drafted."""
    return uuid5(DRAFTS, f"{request_id}/{revision}")


def question(triaged: RequestTriaged) -> str:
    """The search text: subject and matter, without placeholders."""
    return PLACEHOLDER.sub(" ", matter_of(triaged)).strip()


def a_model_may_draft(triaged: RequestTriaged) -> bool:
    """Whether there is something to ask a model about, and the citizen does not want a person instead."""
    # A message without a word, as one that could not be read, is nothing to ask a model about.
    return wish_for_person.a_model_may_draft(triaged) and bool(question(triaged))


def reply_context(
    triaged: RequestTriaged,
    taxonomy: Taxonomy,
    published: Published | None = None,
    templates: Templates | None = None,
    asked_in: str | None = None,
    today: date | None = None,
) -> ReplyContext:
    """Category, department and promise in the language of the reply, with the lead in an emergency; `asked_in` is another language."""
    templates = templates or letter_folder.shipped()
    language = templates.language(asked_in or triaged.language.code)
    return ReplyContext(
        category=taxonomy.label(triaged.category, language),
        department=taxonomy.department_label(triaged.department, language),
        reply_within=taxonomy.promise(triaged.category, triaged.urgency),
        today=today,
        working_time=taxonomy.calendar is not None,
        published=published or Published(),
        lead=lead_of(triaged, language, taxonomy),
        emergency_number=taxonomy.emergencies.number,
        hotlines=_hotlines(triaged, language, taxonomy),
        templates=templates,
        spoken=language,
        language=asked_in,
    )


def _hotlines(triaged: RequestTriaged, language: str, taxonomy: Taxonomy) -> tuple[tuple[str, str], ...]:
    """The published line for each kind of danger whose words were seen, but for the number that is named anyway."""
    seen = " . ".join(signal.words for signal in triaged.signals if signal.kind == "risk_of_harm")
    lines = [taxonomy.emergencies.hotlines[danger] for danger in danger_kinds.named(seen) if danger in taxonomy.emergencies.hotlines]
    named = {line.number: said_in(line.name, language) for line in lines if line.number != taxonomy.emergencies.number}
    return tuple((name, number) for number, name in list(named.items())[: danger_kinds.MOST])


def lead_of(triaged: RequestTriaged, language: str, taxonomy: Taxonomy) -> Lead | None:
    """What the reply begins with where somebody is in danger."""
    if triaged.urgency is not Urgency.EMERGENCY:
        return None
    return emergency_reply.lead(danger_kinds.dangers_of(triaged), language, triaged.language.code, taxonomy.emergencies)


def as_asked(
    request: DraftRequested,
    wished: Instruction,
    hits: Sequence[SearchHit],
    further: Sequence[SearchHit],
    published: Sequence[Passage],
    context: ReplyContext,
) -> tuple[ReplyContext, list[SearchHit]]:
    """The context with what a person asked to be different, and the passages with those that it cites."""
    language = template.language_of(request.triaged, context)
    chosen = template.passages_to_quote(request.triaged, hits, context.changes)
    changes = redraft.changes_of(wished, request, chosen, [*hits, *further], published, language, context.templates.languages)
    return replace(context, changes=changes), redraft.passages_in(changes, hits, published)


def proposed(
    request: DraftRequested, draft: Draft, passages: Sequence[Passage], context: ReplyContext, suggested: Sequence[Passage] = ()
) -> DraftProposed:
    """The draft as the event it becomes, with its checks; each citation tells which state of the passage it is of."""
    return DraftProposed(
        draft_id=draft_id(request.request_id, request.revision),
        basis=basis_of(request.triaged),
        request_id=request.request_id,
        revision=request.revision,
        language=draft.language,
        subject=draft.subject,
        body=draft.body,
        citations=list(draft.citations),
        suggested=[citation(passage, template.shortened(passage.text)) for passage in suggested],
        own_words=template.own_words(draft),
        drafted_by=draft.drafted_by,
        model=draft.model,
        prompt_version=draft.prompt_version,
        usage=draft.usage,
        manner=list(draft.manner),
        checks=list(draft.checked) if draft.checked is not None else checks(draft, passages, request, context) if draft.body else [],
        agency=request.triaged.agency,
        spending=draft.spending,
        withheld=draft.withheld,
    )
