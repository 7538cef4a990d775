"""Checks a draft against its sources and the message: what fails is shown to the person who decides, and stops nothing."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from schemas.drafts_proposed import Check
from schemas.drafts_requested import DraftRequested
from services.domain import language
from services.domain.language_names import language_name
from services.domain.message_parts import matter_of
from services.domain.placeholders import CITIZEN_NAME, PLACEHOLDER
from services.drafting import numeric_claims, published_links, tokenization
from services.drafting.articles import Passage
from services.drafting.draft import Draft, Fault, ReplyContext
from services.drafting.emergency_reply import calming, unhelpful, without
from services.drafting.template import house_words

SHORTEST, LONGEST = 80, 4_000  # characters: less is no reply, more is not read
FACTUAL = 4  # content words that are not courtesy: a paragraph with fewer states nothing
SUPPORTED = 0.5  # share of them that the sources or the citizen must have said
RELATED = 0.35  # share of all content words below which a text is about something else
REPEATED = 0.3  # share of different words below which a text goes round in circles
ECHO = 8  # words in a row, taken over from a message that gives orders

_BRACKETED = re.compile(r"\[[^\]\n]{1,80}\]|\{\{[^}\n]{1,80}\}\}|<[A-Za-z][^>\n]{0,80}>")
_OF_A_MACHINE = re.compile(
    r"\bas an? (?:ai|artificial|language model|assistant)\b|\blanguage model\b|\bsystem prompt\b|\bopenai\b|\bchatgpt\b"
    r"|\b(?:ignore|disregard|forget) (?:all |any |the |your |my )*(?:previous|prior|above|earlier|instructions|rules)"
    r"|\bi (?:cannot|can't|am unable to|am not able to) (?:assist|help|comply|fulfil+)\b|\bmy instructions\b|\bjson\b|\bpassage_id\b"
    r"|\bthe (?:citizen's message|caseworker)\b"
    r"|\bdeveloper mode\b"
    r"|\ben tant qu['\u2019](?:ia|intelligence|assistant)|\bmod[eè]le de langage\b"
    r"|\bignore[rz]? (?:toutes |les |vos |mes )*(?:instructions|consignes)",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|pretend|you are now|act as|system|prompt|instructions?|reply (?:only )?with"
    r"|say that|write that|repeat after|oublie[rz]?|fais comme|tu es|r[eé]pond[sez]* (?:uniquement )?(?:par|avec)|[eé]cri[stvez]+ que"
    r"|consignes?)\b",
    re.IGNORECASE,
)

_HARDLY_TOLD_APART = (frozenset({"no", "da"}), frozenset({"hr", "sr", "bs"}), frozenset({"id", "ms"}))
"""A letter in one reads like a letter in the other: a doubt would be ours, not the draft's."""

_FAULTS: dict[Fault, str] = {
    "timeout": "the model took too long",
    "unreachable": "the model could not be reached",
    "refused": "the model refused",
    "unreadable": "the model's answer was not in the form asked for",
    "unknown passage": "the model cited a passage that it was not given",
    "empty": "the model's answer was empty",
    "too long": "the model's answer was too long",
    "reassuring": "the model reassured or put off in an emergency",
    "resting": "the model did not answer lately and was not asked",
}


@dataclass(frozen=True)
class Examined:
    """A draft with the request, passages and context that it is checked against."""

    draft: Draft
    passages: Sequence[Passage]
    request: DraftRequested
    context: ReplyContext

    @cached_property
    def text(self) -> str:
        """All that the citizen would read."""
        return f"{self.draft.subject}\n{self.draft.body}"

    @cached_property
    def message(self) -> str:
        """Subject and new text, redacted: what is quoted, ours or anybody's, supports nothing."""
        return matter_of(self.request.triaged)

    @cached_property
    def cited(self) -> list[Passage]:
        """The passages that the draft names."""
        named = {citation.passage_id for citation in self.draft.citations}
        return [passage for passage in self.passages if passage.passage_id in named]

    @cached_property
    def sources(self) -> str:
        """What the cited passages say, and what the agency has published for an emergency."""
        published = [f"{p.title}\n{p.heading}\n{p.text}\n{p.url}" for p in self.cited]
        return "\n".join([*published, *([self.context.lead.text] if self.context.lead else [])])

    def stems(self, text: str) -> set[str]:
        """The content words of a text, in the draft's language."""
        return set(tokenization.content(text, self.draft.language))

    @cached_property
    def courtesy(self) -> set[str]:
        """Content words of greeting, thanks and promise, which need no source."""
        return self.stems(f"{house_words(self.draft.language)}\n{self.context.category}\n{self.context.department}")

    @cached_property
    def supported(self) -> set[str]:
        """Content words that stand in a source or in the citizen's message."""
        return self.stems(self.sources) | self.stems(self.message)


def checks(draft: Draft, passages: Sequence[Passage], request: DraftRequested, context: ReplyContext) -> list[Check]:
    """Runs every check, in the order in which a person would ask."""
    examined = Examined(draft, passages, request, context)
    results = [Check(name=name, passed=not fault, detail=fault[:300]) for name, of in CHECKS.items() for fault in [of(examined) or ""]]
    if draft.fault:
        results.append(Check(name="model_answered", passed=False, detail=f"{_FAULTS[draft.fault]}: this is the template's reply"))
    if request.instructions and draft.drafted_by == "template":
        results.append(Check(name="takes_up_the_wish", passed=False, detail="a template can't take up what was asked for: change the text"))
    return results


def grounded(of: Examined) -> str | None:
    """Each paragraph that states something has its words from the cited passages or from the citizen."""
    loose = []
    for paragraph in re.split(r"\n\s*\n", of.draft.body):
        stated = {stem for stem in of.stems(paragraph) - of.courtesy if not stem.isdigit()}  # figures have a check of their own
        if len(stated) < FACTUAL or paragraph.rstrip().endswith("?"):
            continue
        if len(stated & of.supported) < SUPPORTED * len(stated):
            loose.append(paragraph)
    return f"{len(loose)} paragraph(s) without a source, the first begins: {_begins(loose[0])}" if loose else None


def cites_known_passages(of: Examined) -> str | None:
    """Every citation is of a passage that was found for this request, and what was found is cited."""
    passages = {passage.passage_id: passage for passage in of.passages}
    for citation in of.draft.citations:
        passage = passages.get(citation.passage_id)
        if passage is None:
            return f"{citation.passage_id} was not found for this request"
        if (citation.url, citation.title) != (passage.url, passage.title):
            return f"{citation.passage_id} has another title or address"
    if of.draft.drafted_by == "model" and of.passages and not of.draft.citations:
        return "it cites nothing"
    return None


def quotes_verbatim(of: Examined) -> str | None:
    """Every quote stands in its passage, letter by letter."""
    texts = {passage.passage_id: " ".join(passage.text.split()) for passage in of.passages}
    for citation in of.draft.citations:
        quote = " ".join(citation.quote.split())
        if not quote or quote not in texts.get(citation.passage_id, ""):
            return f"the quote is not in {citation.passage_id}"
    return "a quote was not in its passage" if "quote" in of.draft.removed else None


def language_matches(of: Examined) -> str | None:
    """The draft is in the language of the citizen, quotes apart."""
    body = of.draft.body
    for citation in of.draft.citations:
        body = body.replace(citation.quote, " ") if citation.quote else body
    detected = language.detect([published_links.without(body, published_links.links(body), " ")], [None])[0].code
    spoken = of.request.triaged.language.code
    wanted = of.draft.language if spoken == language.UNDETERMINED else spoken
    if detected == language.UNDETERMINED:
        return f"it can't be told to be in {language_name(wanted)}"
    if detected == wanted or any({detected, wanted} <= close for close in _HARDLY_TOLD_APART):
        return None
    if of.draft.drafted_by == "template" and of.draft.language != wanted:
        return (
            f"the citizen wrote in {language_name(wanted)}, and there is no template in it: "
            f"this reply is in {language_name(detected)}, have it translated"
        )
    if of.passages and all(passage.language != wanted for passage in of.passages) and of.draft.language != wanted:
        return f"the citizen wrote in {language_name(wanted)}, in which nothing is published: this reply is in {language_name(detected)}"
    return f"it is in {language_name(detected)}, and the citizen wrote in {language_name(wanted)}"


def length(of: Examined) -> str | None:
    """The body is neither a word nor a book."""
    size = len(of.draft.body)
    return None if SHORTEST <= size <= LONGEST else f"{size} characters: between {SHORTEST} and {LONGEST} are read"


def no_unknown_placeholders(of: Examined) -> str | None:
    """Every placeholder is one of this very request, which review can fill in."""
    if "placeholder" in of.draft.removed:
        return "a placeholder was removed that stands for nothing in the request"
    allowed = {CITIZEN_NAME, *PLACEHOLDER.findall(of.message)}
    known_text = f"{of.message}\n{of.sources}"
    for match in _BRACKETED.finditer(of.text):
        if match.group() not in allowed and match.group() not in known_text:
            return f"{match.group()} stands for nothing"
    return None


def no_foreign_links(of: Examined) -> str | None:
    """Every link is one that the cited passages have."""
    if "link" in of.draft.removed:
        return "a link was removed that the agency has not published"
    foreign = published_links.foreign(of.text, of.cited)
    if not foreign:
        return None
    target = published_links.target(foreign[0])
    return "; ".join((f"not in a cited passage: {foreign[0]}" + (f", which leads to {target.host}" if target.host else ""), *target.doubts))


def no_unsupported_numbers(of: Examined) -> str | None:
    """Every sum, date, telephone number and other figure stands in a cited passage, in the message, or in the desk's promise."""
    hours = round(of.context.reply_within.total_seconds() / 3600)
    promise = f"{hours} {hours // 24}"
    unsupported = numeric_claims.unsupported(of.text, f"{of.sources}\n{of.message}\n{promise}", of.draft.language)
    return f"no source says {', '.join(unsupported[:5])}" if unsupported else None


def follows_no_instructions(of: Examined) -> str | None:
    """The draft answers the message; it neither obeys it nor speaks of how it was written."""
    machine = _OF_A_MACHINE.search(of.text)
    if machine:
        return f"it speaks as a machine: {machine.group()}"
    if not _ORDERS.search(of.message):
        return None
    echoed = _runs(tokenization.split(of.message), ECHO) & _runs(tokenization.split(of.draft.body), ECHO)
    return f"{ECHO} words in a row are the message's own, which gives orders" if echoed else None


def readable(of: Examined) -> str | None:  # noqa: PLR0911 - one return a kind of nonsense
    """The body is prose about this matter, not noise."""
    body = of.draft.body
    if "html" in of.draft.removed or "control character" in of.draft.removed:
        return "there was code or control characters in it, which were removed"
    if re.search(r"([^\s.\-_=*])\1{5,}", body):
        return "one character is repeated over and over"
    written = tokenization.split(body)
    if not written:
        return "there is no word in it"
    if max(map(len, written)) > 40:  # noqa: PLR2004 - the longest German compounds are shorter
        return "there is a word that is none"
    sentences = Counter(" ".join(tokenization.split(s)) for s in re.split(r"[.!?\n]+", body))
    if any(times >= 3 and len(sentence) > 20 for sentence, times in sentences.items()):  # noqa: PLR2004
        return "one sentence is repeated over and over"
    if len(written) >= 40 and len(set(written)) < REPEATED * len(written):  # noqa: PLR2004 - short texts say little of it
        return "a few words are repeated over and over"
    if _runs(tokenization.split(of.message), 5) >= _runs(written, 5) != set():
        return "it says the message over again and nothing else"
    stems = of.stems(body)
    related = stems & (of.courtesy | of.supported)
    if len(related) < RELATED * len(stems):
        return "hardly a word of it has to do with the message or its sources"
    return None


def leads_with_help(of: Examined) -> str | None:
    """In an emergency it begins with what to do now and whom to call."""
    lead = of.context.lead
    if not lead or lead.leads(of.draft.body):
        return None
    return f"this is an emergency, and it does not begin with what to do now and {', '.join(lead.numbers)}"


def puts_nobody_off(of: Examined) -> str | None:
    """In an emergency it neither reassures nor defers."""
    if not of.context.lead:
        return None
    rest = without(of.draft.body, of.context.lead)
    sentences = calming(f"{of.draft.subject}\n{rest}")
    if not sentences and of.draft.drafted_by == "model":
        sentences = unhelpful(rest, of.draft.language, of.sources, of.context.department)
    return f"this is an emergency, and it says: {sentences[0]}" if sentences else None


CHECKS: dict[str, Callable[[Examined], str | None]] = {
    "leads_with_help": leads_with_help,
    "puts_nobody_off": puts_nobody_off,
    "readable": readable,
    "language_matches": language_matches,
    "length": length,
    "grounded": grounded,
    "cites_known_passages": cites_known_passages,
    "quotes_verbatim": quotes_verbatim,
    "no_unsupported_numbers": no_unsupported_numbers,
    "no_foreign_links": no_foreign_links,
    "no_unknown_placeholders": no_unknown_placeholders,
    "follows_no_instructions": follows_no_instructions,
}
"""Each answers what is wrong, or nothing."""


def _runs(words: Sequence[str], size: int) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}


def _begins(paragraph: str) -> str:
    return " ".join(paragraph.split())[:80]
