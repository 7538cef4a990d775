"""Writes the reply that needs no model: kind, complete, and made of the agency's own published words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from schemas import invisible_characters
from schemas.drafts_proposed import Citation
from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import RequestTriaged
from services.domain.message_parts import new_text
from services.domain.placeholders import CITIZEN_NAME
from services.drafting import published_links
from services.drafting.articles import Passage
from services.drafting.draft import Draft, ReplyContext
from services.drafting.emergency_reply import Lead, calming
from services.drafting.passage_index import SearchHit
from services.drafting.subject_prefixes import without_prefixes

VERSION = "template-1"
QUOTE_CHARACTERS = 700
QUOTED = 2
OWN_WORDS = 3  # a sentence of the template with fewer of its own could be anybody's
# Scores below which a passage shares some words with the message and not its matter, read off the demo requests: low for a passage
# of the triaged category, higher where the article names none, high where it is about something else.
RELEVANT, RELEVANT_ANYWHERE, RELEVANT_ELSEWHERE = 5.5, 6.0, 9.0
ONLY_THANKS = 400  # characters: in a longer message kind words come before or after something else
NEARLY_AS_GOOD = 0.75  # of the best one's score: a second passage only where it is about the same thing

Tone = Literal["question", "complaint", "thanks"]


@dataclass(frozen=True)
class Words:
    """A reply's sentences in one language. `{...}` are filled in."""

    greeting: str
    opening: dict[Tone, str]
    danger: str
    found_one: str
    found_more: str
    source: str
    other_language: str
    closing_found: str
    holding: str
    nothing_to_do: str
    thanked: str
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
            "question": "Thank you for your message. As we understand it, it is about: {category}.",
            "complaint": (
                "Thank you for telling us about this, and we are sorry for the trouble you describe. "
                "As we understand it, it is about: {category}."
            ),
            "thanks": "Thank you for your kind words; it is good of you to take the time to write them.",
        },
        danger="If anyone is in danger right now, please call the emergency services and do not wait for our answer.",
        found_one="This is what we have published about it:",
        found_more="This is what we have published about it, in two places:",
        source="From: {title}, {url}",
        other_language="It is published in another language than yours; tell us if you would like help with it.",
        closing_found=(
            "If this does not settle your question, please reply to this message: {department} will look at it and answer you {within} "
            "of receiving your first message."
        ),
        holding=(
            "None of our published answers fits what you describe well enough to be passed on to you as an answer. "
            "{department} will look at it and answer you {within} of receiving your message."
        ),
        nothing_to_do="There is nothing more that you need to do for now.",
        thanked="We will pass them on to the people concerned. There is nothing that you need to do.",
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
            "question": "Merci pour votre message. Nous avons compris qu'il concerne : {category}.",
            "complaint": (
                "Merci de nous avoir signalé cette situation ; nous regrettons la gêne que vous décrivez. "
                "Nous avons compris que votre message concerne : {category}."
            ),
            "thanks": "Merci pour vos mots aimables et pour le temps que vous avez pris pour les écrire.",
        },
        danger="Si quelqu'un est en danger en ce moment, appelez sans attendre les secours : n'attendez pas notre réponse.",
        found_one="Voici ce que nous avons publié à ce sujet :",
        found_more="Voici ce que nous avons publié à ce sujet, à deux endroits :",
        source="Source : {title}, {url}",
        other_language="Ce texte est publié dans une autre langue que la vôtre ; dites-nous si vous souhaitez de l'aide.",
        closing_found=(
            "Si cela ne répond pas à votre question, il suffit de répondre à ce message : l'équipe {department} l'examinera et vous "
            "répondra {within} suivant la réception de votre premier message."
        ),
        holding=(
            "Aucune de nos réponses publiées ne correspond assez à ce que vous décrivez pour vous être donnée comme réponse. "
            "L'équipe {department} l'examinera et vous répondra {within} suivant la réception de votre message."
        ),
        nothing_to_do="Vous n'avez rien d'autre à faire pour le moment.",
        thanked="Nous les transmettrons aux personnes concernées. Vous n'avez rien à faire.",
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

_THANKS = re.compile(
    r"\b(?:thank you|thanks) (?:so much |very much )?"
    r"(?:to|for (?!your (?:time|help|attention|reply|answer|understanding|trouble|message|letter|e-?mail|call|patience|support)"
    r"|the time|any))"
    r"|\b(?:well done|congratulations|great (?:job|work|service)|excellent (?:service|work|staff|care))\b"
    r"|\bmerci (?:beaucoup |encore )?"
    r"(?:à|au|aux|pour (?!votre (?:aide|attention|réponse|retour|compréhension|temps|message|courrier|patience)|le temps))"
    r"|\b(?:bravo|félicitations|excellent (?:service|accueil|travail))\b",
    re.IGNORECASE,
)
# Thanks with a "but", a wish or a trouble in it is no mere thanks, and must not be answered as if it were.
_WANTS_MORE = re.compile(
    r"\?|\b(?:but|however|although|except|unfortunately|could (?:you|we|i)|can you|please|i need|would like|problem|waiting|"
    r"mais|cependant|toutefois|sauf|malheureusement|pouvez|pourriez|merci de|souhait\w+|voudrais|besoin|demande|probl[èe]me|attente|enfin"
    r"|until|jusqu)\b",
    re.IGNORECASE,
)
_COMPLAINT = re.compile(
    r"\b(?:(?:third|fourth|fifth|sixth) time|end of my patience|(?:trois|quatre|cinq|six) fois que|"
    r"complain(?:t|ing)?|unacceptable|disgrace(?:ful)?|disgusting|appalling|furious|fed up|shameful|nobody (?:answers|replies|came)|"
    r"still (?:not|no|nothing)|once again|not (?:been )?(?:emptied|collected|repaired|answered)|"
    r"plainte|réclamation|inadmissible|inacceptable|scandaleu[xs]e?|honteu[xs]e?|ras[- ]le[- ]bol|toujours (?:pas|rien)|marre|"
    r"personne ne (?:répond|vient)|sans réponse)\b",
    re.IGNORECASE,
)


def reply_language(code: str) -> str:
    """The language that a template can answer in: the citizen's, or English."""
    return code if code in _WORDS else "en"


def tone(triaged: RequestTriaged) -> Tone:
    """The tone that the citizen's words ask for: help, an apology, or nothing but to be heard."""
    subject, body = triaged.redacted.subject or "", new_text(triaged.redacted.body, triaged.parts)
    if _COMPLAINT.search(f"{subject}\n{body}"):
        return "complaint"
    if _THANKS.search(subject) and "?" not in body:
        return "thanks"
    return "thanks" if len(body) <= ONLY_THANKS and _THANKS.search(body) and not _WANTS_MORE.search(body) else "question"


def relevant(hits: Sequence[SearchHit], category: str) -> list[Passage]:
    """The one or two passages that are about the matter itself, if there are any."""
    good = [hit for hit in hits if hit.score >= _floor(hit.passage, category)]
    if not good:
        return []
    best = good[0]
    also = [
        hit.passage
        for hit in good[1:]
        if hit.score >= NEARLY_AS_GOOD * best.score
        and (hit.passage.article_id == best.passage.article_id or hit.passage.category == best.passage.category == category)
    ]
    return [best.passage, *also][:QUOTED]


def template_draft(request: DraftRequested, hits: Sequence[SearchHit], context: ReplyContext) -> Draft:
    """A whole reply out of what was found, or an honest word on who will answer and when."""
    if context.lead:
        return emergency_draft(request, hits, context, context.lead)
    triaged = request.triaged
    language = reply_language(triaged.language.code)
    words = _WORDS[language]
    how = tone(triaged)
    asks_nothing = how == "thanks" or any(signal.kind == "automatic_reply" for signal in triaged.signals)
    passages = [] if asks_nothing else relevant(hits, triaged.category)
    citations = [Citation(passage_id=p.passage_id, title=p.title, url=p.url, quote=shortened(p.text)) for p in passages]
    paragraphs = [words.greeting.format(name=CITIZEN_NAME), words.opening[how].format(category=context.category)]
    if any(signal.kind == "risk_of_harm" for signal in triaged.signals):
        paragraphs.append(words.danger)
    if citations:
        paragraphs += _quoted(citations, words)
        if any(p.language != triaged.language.code for p in passages):
            paragraphs.append(words.other_language)
    ending = words.closing_found if citations else words.thanked if how == "thanks" else words.holding
    # Who is in need, or tells of danger, is not told that all is done.
    calm = triaged.urgency in ("normal", "low") and not any(signal.kind == "risk_of_harm" for signal in triaged.signals)
    after = f" {words.nothing_to_do}" if calm and ending == words.holding else ""
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
        for passage in relevant(hits, triaged.category)
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


def _quoted(citations: Sequence[Citation], words: Words) -> list[str]:
    """Quotations as paragraphs, word for word, each page with its source once."""
    paragraphs = [words.found_one if len({c.url for c in citations}) == 1 else words.found_more]
    for number, c in enumerate(citations, start=1):
        last_of_its_page = number == len(citations) or citations[number].url != c.url
        source = f"\n{words.source.format(title=c.title, url=c.url)}" if last_of_its_page else ""
        paragraphs.append(f"{words.quotes[0]}{c.quote}{words.quotes[1]}{source}")
    return paragraphs


def subject_for(triaged: RequestTriaged, context: ReplyContext) -> str:
    """`Re:` and the citizen's subject, or the category; never `Re: Re:`, never a link of theirs."""
    title = without_prefixes(invisible_characters.one_line(triaged.redacted.subject or ""))
    # Not cut here, where a placeholder would be cut with it: review shortens what people read.
    return f"Re: {context.category if invisible_characters.is_blank(title) or published_links.links(title) else title}"


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
            words.holding,
            words.nothing_to_do,
            words.thanked,
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


def _floor(passage: Passage, category: str) -> float:
    if passage.category is None:
        return RELEVANT_ANYWHERE
    return RELEVANT if passage.category == category else RELEVANT_ELSEWHERE


def _within(context: ReplyContext, words: Words) -> str:
    hours = max(1, round(context.reply_within.total_seconds() / 3600))
    days, rest = divmod(hours, 24)
    if context.working_time:
        return words.within_working_days.format(n=days) if days > 1 and not rest else words.within_working_hours.format(n=hours)
    return words.within_days.format(n=days) if days > 1 and not rest else words.within_hours.format(n=hours)
