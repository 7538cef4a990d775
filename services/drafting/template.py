"""Writes the reply that needs no model: kind, complete, and made of the agency's own published words."""

import re
from collections.abc import Sequence
from dataclasses import replace

from schemas import invisible_characters
from schemas.drafts_proposed import Citation
from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import RequestTriaged
from services.domain.articles import Passage
from services.domain.placeholders import CITIZEN_NAME
from services.domain.subject_prefixes import without_prefixes
from services.drafting import published_links, required_facts
from services.drafting.draft import Draft, ReplyContext, citation
from services.drafting.emergency_reply import Lead, calming
from services.drafting.letter import WITHOUT_QUOTATION, letter_of
from services.drafting.letter_templates import Sentences
from services.drafting.passage_choice import chosen_passages, relevant
from services.drafting.passage_index import SearchHit
from services.drafting.redraft import Changes
from services.drafting.responsibility import says_who_is_responsible

VERSION = "template-6"
QUOTE_CHARACTERS = 700
SHORT_QUOTE_CHARACTERS = 260

SURE = 0.9  # a category's confidence from which it is named as what was understood


def template_draft(request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext) -> Draft:
    """A whole reply out of what was found, or an honest word on who will answer and when; with what it takes up of a person's wish."""
    draft = _written(request, hits, context)
    if not context.changes.asked:
        return replace(draft, not_done=context.changes.not_done)
    idle = [
        words
        for words, others in context.changes.without
        if not context.changes.other_language_by(words) and _written(request, hits, replace(context, changes=others)).body == draft.body
    ]
    not_done = (*context.changes.not_done, *context.changes.told_all_the_same(draft.body))
    if context.changes.plainer and draft.citations:
        not_done = (*not_done, "plainer words for what is quoted: it stays as published")
    unchanged = tuple(words for words in dict.fromkeys(idle) if words not in not_done)
    manner = () if context.lead else context.changes.manner
    return replace(draft, manner=manner, not_done=not_done, unchanged=unchanged)


def _written(request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext) -> Draft:
    if context.lead:
        return emergency_draft(request, hits, context, context.lead)
    triaged, changes = request.triaged, context.changes
    language = language_of(triaged, context)
    sentences = context.templates.sentences[language]
    kind = letter_of(triaged)
    letter = context.templates.letter(language, triaged.category, kind)
    passages = passages_to_quote(triaged, hits, changes)
    quoted = _citations(passages, changes)
    citations = [*quoted, *(c for c in _excerpts(hits, changes) if not any(c.quote in other.quote for other in quoted))]
    facts = [fact for fact in (*required_facts.missing(letter.needs, triaged), *changes.facts) if fact not in changes.not_asked]
    in_danger = any(signal.kind == "risk_of_harm" for signal in triaged.signals)
    values: dict[str, object] = {
        "greeting": _in_tone(sentences, "greeting", changes).format(name=CITIZEN_NAME),
        "goodbye": _in_tone(sentences, "goodbye", changes).format(department=context.department),
        "danger": danger_words(context) if in_danger else "",
        "published": "\n\n".join(_published(citations, passages, sentences, context.language or triaged.language.code, changes)),
        "asked": "\n".join((sentences.asks, *(f"- {sentences.facts[fact]}" for fact in dict.fromkeys(facts)))) if facts else "",
        "apology": sentences.apology if changes.apology else "",
        "friendly": sentences.friendly if changes.friendly else "",
        "department": context.department,
        "within": context.templates.within(sentences, context.reply_within, working_time=context.working_time),
        "matter": sure_category(triaged, context, passages) if kind in ("question", "not_ours") else "",
        # Who is in need, or tells of danger, is not told that all is done.
        "calm": triaged.urgency in ("normal", "low") and not in_danger,
        "sorry": changes.apology is not False,
        "may_need_no_answer": kind == "question" and not triaged.letter_sure and triaged.letter in (*WITHOUT_QUOTATION, "complaint"),
        "shorter": changes.shorter,
        "plainer": changes.plainer,
    }
    return Draft(
        language=language,
        subject=subject_for(triaged, context, passages),
        body=letter.written(values),
        citations=tuple(citations) if values["published"] else (),
        prompt_version=VERSION,
    )


def emergency_draft(request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext, lead: Lead) -> Draft:
    """What to do now and whom to call, whatever was found; of what is published only what speaks of emergencies, and puts nobody off."""
    triaged = request.triaged
    language = language_of(triaged, context)
    sentences = context.templates.sentences[language]
    passages = [
        passage
        for passage in relevant(hits)
        if passage.language == language and any(number in passage.text for number in lead.numbers) and not calming(shortened(passage.text))
    ]
    citations = _citations(passages, Changes())
    own = without_prefixes(triaged.redacted.subject or "")
    paragraphs = (
        sentences.greeting.format(name=CITIZEN_NAME),
        lead.text,
        *_published(citations, passages, sentences, language, Changes()),
        # Whose matter it is may not be known yet.
        sentences.read.format(department=context.department) if triaged.outcome == "routed" else sentences.read_by_somebody,
        sentences.goodbye.format(department=context.department if triaged.outcome == "routed" else "").strip(),
    )
    return Draft(
        language=language,
        # The matter may well be wrong: a fire behind a bin is sorted as cleaning.
        subject=subject_for(triaged, context) if own else f"Re: {sentences.your_message}",
        body="\n\n".join(paragraphs),
        citations=tuple(citations),
        prompt_version=VERSION,
    )


def language_of(triaged: RequestTriaged, context: ReplyContext) -> str:
    """The language that a reply without a model is in: the one asked for, or the citizen's, or English."""
    return context.templates.language(context.language or triaged.language.code)


def passages_to_quote(triaged: RequestTriaged, hits: Sequence[SearchHit], changes: Changes) -> list[Passage]:
    """What is quoted: as a person asked, or as the kind of letter has it; nothing to a machine."""
    if changes.passages is not None:
        by_id = {hit.passage.passage_id: hit.passage for hit in hits}
        return [by_id[passage_id] for passage_id in changes.passages if passage_id in by_id]
    automatic = any(signal.kind == "automatic_reply" for signal in triaged.signals)
    return [] if automatic else chosen_passages(hits, triaged, letter_of(triaged))


def own_words(draft: Draft) -> str:
    """What of a template's reply is the agency's own wording and settings: all but what it quotes. Of a model's reply, nothing."""
    if draft.drafted_by != "template":
        return ""
    words = draft.body
    for quoted in draft.citations:
        words = words.replace(quoted.quote, "\n") if quoted.quote else words
    return words


def danger_words(context: ReplyContext) -> str:
    """Whom to call where somebody may be in danger: the emergency number, and the published line of that danger."""
    sentences = context.templates.sentences[context.spoken]
    lines = [sentences.danger_line.format(name=name, number=number) for name, number in context.hotlines]
    return "\n".join((sentences.danger.format(number=context.emergency_number), *lines))


def _citations(passages: Sequence[Passage], changes: Changes) -> list[Citation]:
    characters = SHORT_QUOTE_CHARACTERS if changes.shorter else QUOTE_CHARACTERS
    quoted = passages[:1] if changes.shorter and not changes.chooses else passages
    return [citation(passage, shortened(passage.text, characters)) for passage in quoted]


def _excerpts(hits: Sequence[SearchHit], changes: Changes) -> list[Citation]:
    by_id = {hit.passage.passage_id: hit.passage for hit in hits}
    return [citation(by_id[excerpt.passage_id], excerpt.sentence) for excerpt in changes.excerpts if excerpt.passage_id in by_id]


def _published(
    citations: Sequence[Citation], passages: Sequence[Passage], sentences: Sentences, spoken: str, changes: Changes
) -> list[str]:
    """Quotations as paragraphs, word for word, each page with its source once."""
    if not citations:
        return []
    # Whose matter it is comes first, with what to do below it.
    responsible = bool(passages) and says_who_is_responsible(passages[0].text)
    one_page = len({c.url for c in citations}) == 1
    led_by = sentences.found_one if one_page else sentences.found_more
    paragraphs = [sentences.responsible if responsible else sentences.found_plain if changes.plainer else led_by]
    for number, c in enumerate(citations, start=1):
        last_of_its_page = number == len(citations) or citations[number].url != c.url
        source = f"\n{sentences.source.format(title=c.title, url=c.url)}" if last_of_its_page else ""
        quote = re.sub(r"(?<=[.!?])\s+(?=[^\W\da-z_])", "\n", c.quote) if changes.plainer else c.quote
        paragraphs.append(f"{sentences.quotes[0]}{quote}{sentences.quotes[1]}{source}")
    if any(passage.language != spoken for passage in passages):
        paragraphs.append(sentences.other_language)
    return paragraphs


def _in_tone(sentences: Sentences, name: str, changes: Changes) -> str:
    tone = "formal" if changes.formal else "friendly" if changes.friendly else ""
    text: str = getattr(sentences, f"{name}_{tone}" if tone else name)
    return text


def understood_matter(triaged: RequestTriaged, context: ReplyContext, passages: Sequence[Passage] = ()) -> str:
    """What a subject names: the citizen's own subject, or the category where it is sure and what is quoted is of it."""
    title = without_prefixes(invisible_characters.one_line(triaged.redacted.subject or ""))
    if not invisible_characters.is_blank(title) and not published_links.links(title):
        return title
    return sure_category(triaged, context, passages)


def sure_category(triaged: RequestTriaged, context: ReplyContext, passages: Sequence[Passage]) -> str:
    """The category where it may be said to be what was understood; a citizen's subject, as "Forget it", is no such thing."""
    agreed = all(passage.category in (None, triaged.category) for passage in passages)
    return context.category if triaged.confidence >= SURE and triaged.outcome == "routed" and agreed else ""


def subject_for(triaged: RequestTriaged, context: ReplyContext, passages: Sequence[Passage] = ()) -> str:
    """`Re:` and the matter; never `Re: Re:`, never a link of theirs."""
    # Not cut here, where a placeholder would be cut with it: review shortens what people read.
    sentences = context.templates.sentences[language_of(triaged, context)]
    return f"Re: {understood_matter(triaged, context, passages) or sentences.your_message}"


def shortened(text: str, characters: int = QUOTE_CHARACTERS) -> str:
    """The text up to the end of a sentence, verbatim, so that a quotation stays readable."""
    if len(text) <= characters:
        return text
    ends = [match.end() for match in re.finditer(r"[.!?](?=\s)", text[:QUOTE_CHARACTERS])]
    within_limit = [end for end in ends if end <= characters]
    if within_limit or ends:
        return text[: within_limit[-1] if within_limit else ends[0]]
    head = text[:characters]
    return head[: head.rfind(" ")]
