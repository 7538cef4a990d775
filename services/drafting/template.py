"""Writes the reply that needs no model: kind, complete, and made of the agency's own published words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from schemas import invisible_characters
from schemas.drafts_proposed import Citation
from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import LetterKind, RequestTriaged
from services.domain.placeholders import CITIZEN_NAME
from services.drafting import published_links
from services.drafting.draft import Draft, ReplyContext
from services.drafting.emergency_reply import Lead, calming
from services.drafting.letter import letter_of
from services.drafting.passage_choice import WITHOUT_QUOTATION, chosen_passages, relevant
from services.drafting.passage_index import SearchHit
from services.drafting.responsibility import says_who_is_responsible
from services.drafting.subject_prefixes import without_prefixes

VERSION = "template-2"
QUOTE_CHARACTERS = 700
OWN_WORDS = 3  # a sentence of the template with fewer of its own could be anybody's

SURE = 0.9  # a category's confidence from which it is named as what was understood


@dataclass(frozen=True)
class Words:
    """A reply's sentences in one language. `{...}` are filled in."""

    greeting: str
    opening: dict[LetterKind, str]
    ending: dict[LetterKind, str]
    """What happens next; of a question, that of one which nothing published answers."""
    understood: str
    danger: str
    found_one: str
    found_more: str
    source: str
    other_language: str
    closing_found: str
    taken: str
    """What happens next to a letter that may need no answer."""
    responsible: str
    nothing_to_do: str
    within_days: str
    within_hours: str
    within_working_days: str
    within_working_hours: str
    read: str
    read_by_somebody: str
    your_message: str
    goodbye: str
    quotes: tuple[str, str]


_WORDS = {
    "en": Words(
        greeting="Dear {name},",
        opening={
            "report": "Thank you for telling us about this. {department} has your report.",
            "question": "Thank you for your message.",
            "complaint": "Thank you for telling us about this, and we are sorry for the trouble you describe.",
            "praise": "Thank you for your kind words; it is good of you to take the time to write them.",
            "suggestion": "Thank you for your suggestion and for the time you took to write it down.",
            "follow_up": "Thank you for writing to us again.",
            "several": "Thank you for your message. You write to us about more than one thing.",
            "not_ours": "Thank you for your message.",
            "no_answer": "Thank you, we have received your message and noted it.",
        },
        ending={
            "report": (
                "{department} will look at what you describe and answer you {within} of receiving your message. "
                "You do not need to report it again."
            ),
            "question": (
                "None of our published answers fits what you describe well enough to be passed on to you as an answer. "
                "{department} will look at it and answer you {within} of receiving your message."
            ),
            "complaint": "{department} will look at what happened and answer you {within} of receiving your message.",
            "praise": "We will pass them on to {department}. There is nothing that you need to do.",
            "suggestion": (
                "{department} will read it and pass it on to those who decide about such matters. We cannot tell you what they will decide."
            ),
            "follow_up": (
                "{department} will look up what you sent us before and where it stands, and answer you {within} of receiving this message."
            ),
            "several": (
                "{department} will look at each of the matters that you name and answer what is still open {within} of receiving "
                "your message."
            ),
            "not_ours": (
                "Another body may be responsible for what you describe. {department} will look at it and tell you {within} of receiving "
                "your message what we can do, or whom to turn to."
            ),
            "no_answer": "There is nothing that you need to do.",
        },
        understood=" As we understand it, it is about: {matter}.",
        danger="If anyone is in danger right now, please call the emergency services and do not wait for our answer.",
        found_one="This is what we have published about it:",
        found_more="This is what we have published about it, in two places:",
        source="From: {title}, {url}",
        other_language="It is published in another language than yours; tell us if you would like help with it.",
        closing_found=(
            "If this does not settle your question, please reply to this message: {department} will look at it and answer you {within} "
            "of receiving your first message."
        ),
        taken="{department} will read it and, where it calls for an answer, answer you {within} of receiving your message.",
        responsible="This is what we have published about who is responsible:",
        nothing_to_do="There is nothing more that you need to do for now.",
        within_days="within {n} days",
        within_hours="within {n} hours",
        within_working_days="within {n} working days",
        within_working_hours="within {n} working hours",
        read=(
            "A person at {department} has read your message. This mailbox cannot send help: only a call brings it. If you have called, or "
            "if we have misunderstood you, please tell us by replying to this message."
        ),
        read_by_somebody=(
            "A person has read your message. This mailbox cannot send help: only a call brings it. If you have called, or if we have "
            "misunderstood you, please tell us by replying to this message."
        ),
        your_message="your message",
        goodbye="Kind regards,\n{department}",
        quotes=("\u201c", "\u201d"),
    ),
    "fr": Words(
        greeting="Bonjour {name},",
        opening={
            "report": "Merci de nous avoir prévenus. L'équipe {department} a bien votre signalement.",
            "question": "Merci pour votre message.",
            "complaint": "Merci de nous avoir fait part de cette situation ; nous regrettons la gêne que vous décrivez.",
            "praise": "Merci pour vos mots aimables et pour le temps que vous avez pris pour les écrire.",
            "suggestion": "Merci pour votre suggestion et pour le temps que vous avez pris pour l'écrire.",
            "follow_up": "Merci de nous écrire à nouveau.",
            "several": "Merci pour votre message. Vous nous écrivez à plusieurs sujets.",
            "not_ours": "Merci pour votre message.",
            "no_answer": "Merci, nous avons bien reçu votre message et en avons pris note.",
        },
        ending={
            "report": (
                "L'équipe {department} examinera ce que vous décrivez et vous répondra {within} suivant la réception de votre message. "
                "Il n'est pas nécessaire de le signaler une seconde fois."
            ),
            "question": (
                "Aucune de nos réponses publiées ne correspond assez à ce que vous décrivez pour vous être donnée comme réponse. "
                "L'équipe {department} l'examinera et vous répondra {within} suivant la réception de votre message."
            ),
            "complaint": (
                "L'équipe {department} examinera ce qui s'est passé et vous répondra {within} suivant la réception de votre message."
            ),
            "praise": "Nous les transmettrons à l'équipe {department}. Vous n'avez rien à faire.",
            "suggestion": (
                "L'équipe {department} la lira et la transmettra aux personnes qui décident de ces questions. Nous ne pouvons pas vous "
                "dire ce qu'elles décideront."
            ),
            "follow_up": (
                "L'équipe {department} recherchera votre envoi précédent et l'état de sa suite, et vous répondra {within} suivant la "
                "réception de ce message."
            ),
            "several": (
                "L'équipe {department} examinera chacun des sujets que vous citez et répondra à ce qui reste ouvert {within} suivant la "
                "réception de votre message."
            ),
            "not_ours": (
                "Un autre organisme est peut-être compétent pour ce que vous décrivez. L'équipe {department} l'examinera et vous dira "
                "{within} suivant la réception de votre message ce que nous pouvons faire, ou à qui vous adresser."
            ),
            "no_answer": "Vous n'avez rien à faire.",
        },
        understood=" Nous avons compris qu'il concerne : {matter}.",
        danger="Si quelqu'un est en danger en ce moment, appelez sans attendre les secours : n'attendez pas notre réponse.",
        found_one="Voici ce que nous avons publié à ce sujet :",
        found_more="Voici ce que nous avons publié à ce sujet, à deux endroits :",
        source="Source : {title}, {url}",
        other_language="Ce texte est publié dans une autre langue que la vôtre ; dites-nous si vous souhaitez de l'aide.",
        closing_found=(
            "Si cela ne répond pas à votre question, il suffit de répondre à ce message : l'équipe {department} l'examinera et vous "
            "répondra {within} suivant la réception de votre premier message."
        ),
        taken="L'équipe {department} le lira et, s'il appelle une réponse, vous répondra {within} suivant la réception de votre message.",
        responsible="Voici ce que nous avons publié sur l'organisme compétent :",
        nothing_to_do="Vous n'avez rien d'autre à faire pour le moment.",
        within_days="dans les {n} jours",
        within_hours="dans les {n} heures",
        within_working_days="dans les {n} jours ouvrés",
        within_working_hours="dans les {n} heures ouvrées",
        read=(
            "Une personne de l'équipe {department} a lu votre message. Cette adresse ne peut pas envoyer de secours : seul un appel les "
            "fait venir. Si vous avez appelé, ou si nous vous avons mal compris, dites-le-nous en répondant à ce message."
        ),
        read_by_somebody=(
            "Une personne a lu votre message. Cette adresse ne peut pas envoyer de secours : seul un appel les fait venir. Si vous avez "
            "appelé, ou si nous vous avons mal compris, dites-le-nous en répondant à ce message."
        ),
        your_message="votre message",
        goodbye="Cordialement,\n{department}",
        quotes=("\u00ab\u00a0", "\u00a0\u00bb"),
    ),
}


def reply_language(code: str) -> str:
    """The language that a template can answer in: the citizen's, or English."""
    return code if code in _WORDS else "en"


def template_draft(request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext) -> Draft:
    """A whole reply out of what was found, or an honest word on who will answer and when."""
    if context.lead:
        return emergency_draft(request, hits, context, context.lead)
    triaged = request.triaged
    language = reply_language(triaged.language.code)
    words = _WORDS[language]
    kind = letter_of(triaged)
    automatic = any(signal.kind == "automatic_reply" for signal in triaged.signals)
    passages = [] if automatic else chosen_passages(hits, triaged, kind)
    citations = [Citation(passage_id=p.passage_id, title=p.title, url=p.url, quote=shortened(p.text)) for p in passages]
    matter = understood_matter(triaged, context)
    understood = words.understood.format(matter=matter) if matter and kind in ("question", "not_ours") else ""
    paragraphs = [words.greeting.format(name=CITIZEN_NAME), words.opening[kind].format(department=context.department) + understood]
    in_danger = any(signal.kind == "risk_of_harm" for signal in triaged.signals)
    if in_danger:
        paragraphs.append(words.danger)
    if citations:
        paragraphs += _quoted(
            citations, words, words.responsible if all(says_who_is_responsible(passage.text) for passage in passages) else None
        )
        if any(p.language != triaged.language.code for p in passages):
            paragraphs.append(words.other_language)
    answered = bool(citations) and kind in ("question", "not_ours")
    # Who is in need, or tells of danger, is not told that all is done.
    calm = triaged.urgency in ("normal", "low") and not in_danger
    maybe_none = kind == "question" and not triaged.letter_sure and triaged.letter in (*WITHOUT_QUOTATION, "complaint")
    after = f" {words.nothing_to_do}" if calm and kind == "question" and not answered and not maybe_none else ""
    ending = words.closing_found if answered else words.taken if maybe_none else words.ending[kind]
    paragraphs.append(ending.format(department=context.department, within=_within(context, words)) + after)
    paragraphs.append(words.goodbye.format(department=context.department))
    return Draft(
        language=language,
        subject=subject_for(triaged, context),
        body="\n\n".join(paragraphs),
        citations=tuple(citations),
        prompt_version=VERSION,
    )


def emergency_draft(request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext, lead: Lead) -> Draft:
    """What to do now and whom to call, whatever was found; of what is published only what speaks of emergencies, and puts nobody off."""
    triaged = request.triaged
    language = reply_language(triaged.language.code)
    words = _WORDS[language]
    passages = [
        passage
        for passage in relevant(hits)
        if passage.language == language and any(number in passage.text for number in lead.numbers) and not calming(shortened(passage.text))
    ]
    citations = [Citation(passage_id=p.passage_id, title=p.title, url=p.url, quote=shortened(p.text)) for p in passages]
    own = without_prefixes(triaged.redacted.subject or "")
    paragraphs = (
        words.greeting.format(name=CITIZEN_NAME),
        lead.text,
        *(_quoted(citations, words) if citations else ()),
        # Whose matter it is may not be known yet.
        words.read.format(department=context.department) if triaged.outcome == "routed" else words.read_by_somebody,
        words.goodbye.format(department=context.department if triaged.outcome == "routed" else "").strip(),
    )
    return Draft(
        language=language,
        # The matter may well be wrong: a fire behind a bin is sorted as cleaning.
        subject=subject_for(triaged, context) if own else f"Re: {words.your_message}",
        body="\n\n".join(paragraphs),
        citations=tuple(citations),
        prompt_version=VERSION,
    )


def _quoted(citations: Sequence[Citation], words: Words, led_by: str | None = None) -> list[str]:
    """Quotations as paragraphs, word for word, each page with its source once."""
    paragraphs = [led_by or (words.found_one if len({c.url for c in citations}) == 1 else words.found_more)]
    for number, c in enumerate(citations, start=1):
        last_of_its_page = number == len(citations) or citations[number].url != c.url
        source = f"\n{words.source.format(title=c.title, url=c.url)}" if last_of_its_page else ""
        paragraphs.append(f"{words.quotes[0]}{c.quote}{words.quotes[1]}{source}")
    return paragraphs


def understood_matter(triaged: RequestTriaged, context: ReplyContext) -> str:
    """What may be said to be the matter: the citizen's own subject, or the category where it is sure; empty otherwise."""
    title = without_prefixes(invisible_characters.one_line(triaged.redacted.subject or ""))
    if not invisible_characters.is_blank(title) and not published_links.links(title):
        return title
    return context.category if triaged.confidence >= SURE and triaged.outcome == "routed" else ""


def subject_for(triaged: RequestTriaged, context: ReplyContext) -> str:
    """`Re:` and the matter; never `Re: Re:`, never a link of theirs."""
    # Not cut here, where a placeholder would be cut with it: review shortens what people read.
    matter = understood_matter(triaged, context) or _WORDS[reply_language(triaged.language.code)].your_message
    return f"Re: {matter}"


def shortened(text: str) -> str:
    """The text up to the end of a sentence, verbatim, so that a quotation stays readable."""
    if len(text) <= QUOTE_CHARACTERS:
        return text
    head = text[:QUOTE_CHARACTERS]
    ends = [match.end() for match in re.finditer(r"[.!?](?=\s)", head)]
    return head[: ends[-1]] if ends else head[: head.rfind(" ")]


def house_words(language: str) -> str:
    """Every sentence of the template itself: greeting, thanks, promise."""
    words = _WORDS[reply_language(language)]
    sentences = (
        words.greeting,
        *words.opening.values(),
        *words.ending.values(),
        words.understood,
        words.danger,
        words.found_one,
        words.found_more,
        words.source,
        words.other_language,
    )
    promises = (words.within_days, words.within_hours, words.within_working_days, words.within_working_hours)
    return "\n".join(
        (
            *sentences,
            words.closing_found,
            words.taken,
            words.responsible,
            words.nothing_to_do,
            words.read,
            words.read_by_somebody,
            *promises,
            words.goodbye,
        )
    )


def is_of_the_house(sentence: str, language: str) -> bool:
    """Whether a sentence is one of the template's own, whatever is filled in."""
    return any(pattern.fullmatch(" ".join(sentence.split())) for pattern in _own_sentences(reply_language(language)))


@cache
def _own_sentences(language: str) -> list[re.Pattern[str]]:
    split = re.split(r"(?<=[.!?:])\s+|\n+", house_words(language))
    own = [" ".join(sentence.split()) for sentence in split if len(re.findall(r"\w+", re.sub(r"\{\w+\}", "", sentence))) >= OWN_WORDS]
    return [re.compile(re.sub(r"\\\{\w+\\\}", ".{0,120}?", re.escape(sentence))) for sentence in own]


def _within(context: ReplyContext, words: Words) -> str:
    hours = max(1, round(context.reply_within.total_seconds() / 3600))
    days, rest = divmod(hours, 24)
    if context.working_time:
        return words.within_working_days.format(n=days) if days > 1 and not rest else words.within_working_hours.format(n=hours)
    return words.within_days.format(n=days) if days > 1 and not rest else words.within_hours.format(n=hours)
