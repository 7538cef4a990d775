"""Checks a draft against its sources and the message: what fails is shown to the person who decides, and stops nothing."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from schemas.drafts_proposed import Check
from schemas.drafts_requested import DraftRequested
from services.domain import language
from services.domain.articles import Passage
from services.domain.language_names import language_name
from services.domain.message_parts import matters
from services.domain.phrases import Phrase
from services.domain.placeholders import CITIZEN_NAME, PLACEHOLDER
from services.drafting import assertion_checks, published_links, tokenization
from services.drafting.claims import passed_dates
from services.drafting.claims.sentences import sentences
from services.drafting.draft import Draft, Fault, ReplyContext
from services.drafting.emergency_reply import calming, unhelpful, without
from services.drafting.examined import Examined, Flaw
from services.drafting.letter import letter_of

SHORTEST, LONGEST = 80, 4_000  # characters: less is no reply, more is not read
RELATED = 0.2  # share of all content words below which a text is about something else
REPEATED = 0.3  # share of different words below which a text goes round in circles
LIKELY_SEVERAL = 0.5  # from which a letter is read as one with several matters, though not surely
ALIKE = 2  # content words that a draft shares with a matter that it speaks of
WISH = 160  # characters of a part of a wish that is told
QUOTED = 600  # characters of the sentence that a check is about
ECHO, ECHO_OF_ORDERS = 8, 6  # words in a row, taken over from a message, and from one that gives orders

_BRACKETED = re.compile(r"\[[^\]\n]{1,80}\]|\{\{[^}\n]{1,80}\}\}|<[A-Za-z][^>\n]{0,80}>")
_MACHINE = yaml.safe_load(Path(__file__).with_name("machine_words.yaml").read_text(encoding="utf-8"))
_OF_A_MACHINE = re.compile("|".join(_MACHINE["of_a_machine"]), re.IGNORECASE)
_ORDERS = re.compile("|".join(_MACHINE["orders"]), re.IGNORECASE)
_ABOUT_THE_REPLY = re.compile("|".join(_MACHINE["about_the_reply"]), re.MULTILINE)

_HARDLY_TOLD_APART = (frozenset({"no", "da"}), frozenset({"hr", "sr", "bs"}), frozenset({"id", "ms"}))
"""A letter in one reads like a letter in the other: a doubt would be ours, not the draft's."""

_NOTHING_ASKED = Phrase("the letter seems to ask for nothing: close the case without a reply, or send this short word of thanks")

_FAULTS: dict[Fault, str] = {
    "timeout": Phrase("the model took too long"),
    "unreachable": Phrase("the model could not be reached"),
    "busy": Phrase("the model had too much to do"),
    "configuration": Phrase("the model is not set up rightly"),
    "quota": Phrase("the model's quota is used up"),
    "budget": Phrase("the agency's budget for the model is used up"),
    "prompt too long": Phrase("the message and the passages are too long for the model"),
    "refused": Phrase("the model refused"),
    "unreadable": Phrase("the model's answer was not in the form asked for"),
    "unknown passage": Phrase("the model cited a passage that it was not given"),
    "empty": Phrase("the model's answer was empty"),
    "too long": Phrase("the model's answer was too long"),
    "reassuring": Phrase("the model reassured or put off in an emergency"),
}


def checks(draft: Draft, passages: Sequence[Passage], request: DraftRequested, context: ReplyContext) -> list[Check]:
    """Runs every check, in the order in which a person would ask."""
    examined = Examined(draft, passages, request, context)
    results = [_check(name, of(examined)) for name, of in CHECKS.items()]
    if draft.fault:
        results.append(Check(name="model_answered", passed=False, detail=_why_no_model(draft.fault, draft.fault_detail)))
    if draft.drafted_by == "template" and not context.lead and letter_of(request.triaged) == "no_answer":
        results.append(Check(name="asks_for_an_answer", passed=False, detail=_NOTHING_ASKED))
    if request.instructions and draft.drafted_by == "template":
        results.append(_takes_up_the_wish(draft))
    return results


def _check(name: str, flaw: Flaw | Phrase | None) -> Check:
    if not flaw:
        return Check(name=name, passed=True)
    detail, quote = (flaw.detail, flaw.quote) if isinstance(flaw, Flaw) else (flaw, "")
    return Check(name=name, passed=False, detail=detail[:300], quote=quote[:QUOTED])


def _takes_up_the_wish(draft: Draft) -> Check:
    """Says which parts of a caseworker's wish the template did not take up, and which changed nothing."""
    parts_left = []
    if draft.not_done:
        parts_left.append(Phrase(f"could not be done without a language model: {'; '.join(map(_quoted, draft.not_done))}"))
    if draft.unchanged:
        parts_left.append(Phrase(f"changes nothing here: {'; '.join(map(_quoted, draft.unchanged))}"))
    return Check(name="takes_up_the_wish", passed=not parts_left, detail=". ".join(parts_left)[:QUOTED])


def _quoted(part: str) -> str:
    shown = part if len(part) <= WISH else f"{part[:WISH]}\u2026"
    return f"\u201c{shown}\u201d"


def _why_no_model(fault: Fault, detail: str) -> str:
    return Phrase(f"{_FAULTS[fault]}: this is the template's reply{f' ({detail})' if detail else ''}")[:300]


def cites_known_passages(of: Examined) -> Phrase | None:
    """Every citation is of a passage that was found for this request, and what was found is cited."""
    passages = {passage.passage_id: passage for passage in of.passages}
    for citation in of.draft.citations:
        passage = passages.get(citation.passage_id)
        if passage is None:
            return Phrase(f"{citation.passage_id} was not found for this request")
        if (citation.url, citation.title) != (passage.url, passage.title):
            return Phrase(f"{citation.passage_id} has another title or address")
    if of.draft.drafted_by == "model" and of.passages and not of.draft.citations:
        return Phrase("it cites nothing")
    return None


def quotes_verbatim(of: Examined) -> Phrase | None:
    """Every quote stands in its passage, letter by letter."""
    texts = {passage.passage_id: " ".join(passage.text.split()) for passage in of.passages}
    for citation in of.draft.citations:
        quote = " ".join(citation.quote.split())
        if not quote or quote not in texts.get(citation.passage_id, ""):
            return Phrase(f"the quote is not in {citation.passage_id}")
    return Phrase("a quote was not in its passage") if "quote" in of.draft.removed else None


def answers_the_question(of: Examined) -> Flaw | None:
    """What is quoted is likely to answer the message."""
    for citation in of.draft.citations:
        if citation.passage_id in of.context.doubtful:
            title = citation.title
            return Flaw(
                Phrase(f"\u201c{title}\u201d may not answer this message: compare the message with what is quoted from it"), citation.quote
            )
    return None


def kind_is_plain(of: Examined) -> Phrase | None:
    """It is plain what kind of letter is answered, or something published is quoted to it."""
    triaged = of.request.triaged
    guessed = triaged.letter is not None and not triaged.letter_sure and letter_of(triaged) == "question"
    if not guessed or of.draft.citations or of.draft.drafted_by != "template":
        return None
    return Phrase(
        "Parvis is not sure whether this asks, complains or thanks: the draft fits any of them, and only says that somebody reads it"
    )


def language_matches(of: Examined) -> Phrase | None:
    """The draft is in the language of the citizen, quotes apart."""
    body = of.draft.body
    for citation in of.draft.citations:
        body = body.replace(citation.quote, " ") if citation.quote else body
    detected = language.detect([published_links.without(body, published_links.links(body), " ")], [None])[0].code
    spoken = of.request.triaged.language.code
    wanted = of.context.language or (of.draft.language if spoken == language.UNDETERMINED else spoken)
    if detected == language.UNDETERMINED:
        return Phrase(f"it can't be told to be in {language_name(wanted)}")
    if detected == wanted or any({detected, wanted} <= close for close in _HARDLY_TOLD_APART):
        return None
    if of.draft.drafted_by == "template" and of.draft.language != wanted:
        return Phrase(
            f"the citizen wrote in {language_name(wanted)}, and there is no template in it: "
            f"this reply is in {language_name(detected)}, have it translated"
        )
    if of.passages and all(passage.language != wanted for passage in of.passages) and of.draft.language != wanted:
        return Phrase(
            f"the citizen wrote in {language_name(wanted)}, in which nothing is published: this reply is in {language_name(detected)}"
        )
    return Phrase(f"it is in {language_name(detected)}, and the citizen wrote in {language_name(wanted)}")


def length(of: Examined) -> Phrase | None:
    """The body is neither a word nor a book."""
    size = len(of.draft.body)
    return None if SHORTEST <= size <= LONGEST else Phrase(f"{size} characters: between {SHORTEST} and {LONGEST} are read")


def no_unknown_placeholders(of: Examined) -> Phrase | None:
    """Every placeholder is one of this very request, which review can fill in."""
    if "placeholder" in of.draft.removed:
        return Phrase("a placeholder was removed that stands for nothing in the request")
    allowed = {CITIZEN_NAME, *PLACEHOLDER.findall(of.message)}
    known_text = f"{of.message}\n{of.sources}"
    for match in _BRACKETED.finditer(of.text):
        if match.group() not in allowed and match.group() not in known_text:
            return Phrase(f"{match.group()} stands for nothing")
    return None


def no_foreign_links(of: Examined) -> Phrase | None:
    """Every link is one that the cited passages have."""
    if "link" in of.draft.removed:
        return Phrase("a link was removed that the agency has not published")
    foreign = published_links.foreign(of.text, of.cited)
    if not foreign:
        return None
    target = published_links.target(foreign[0])
    where = Phrase(f"not in a cited passage: {foreign[0]}" + (f", which leads to {target.host}" if target.host else ""))
    return Phrase("; ".join((where, *target.doubts)))


def dates_are_to_come(of: Examined) -> Flaw | None:
    """No day that has passed is written of as to come, whoever wrote so: a page that is published may be old."""
    if of.context.today is None:
        return None
    for sentence in sentences(of.draft.body):
        if sentence.role not in ("greeting", "closing") and (day := passed_dates.passed(sentence.text, of.context.today)):
            return Flaw(Phrase(f"\u201c{day}\u201d has passed, and the sentence speaks of it as to come"), sentence.text)
    return None


def follows_no_instructions(of: Examined) -> Flaw | Phrase | None:
    """The draft answers the message; it neither obeys it nor speaks of how it was written."""
    machine = _OF_A_MACHINE.search(of.text)
    if machine:
        return Phrase(f"it speaks as a machine: {machine.group()}")
    message = tokenization.split(of.message)
    least = ECHO_OF_ORDERS if _ORDERS.search(of.message) else ECHO
    echoes, sources = _runs(message, least), _runs(tokenization.split(of.sources), least)
    for sentence in of.sentences:
        if sentence.role in ("assertion", "feeling") and _runs(tokenization.split(sentence.text), least) & echoes - sources:
            return Flaw(Phrase("it says in the agency's name what only the message says"), sentence.text)
    if echo := assertion_checks.only_of_the_message(of):
        return echo
    order = _ABOUT_THE_REPLY.search(tokenization.plain(of.message.replace("\n", "\n. ", 1))) if of.draft.drafted_by == "model" else None
    return (
        Phrase(f"the message says how the reply should read, compare each sentence: \u201c{order.group()[:100]}\u201d") if order else None
    )


def readable(of: Examined) -> Phrase | None:  # noqa: PLR0911 - one return a kind of nonsense
    """The body is prose about this matter, not noise."""
    body = of.draft.body
    if "html" in of.draft.removed or "control character" in of.draft.removed:
        return Phrase("there was code or control characters in it, which were removed")
    if re.search(r"([^\s.\-_=*])\1{5,}", body):
        return Phrase("one character is repeated over and over")
    written = tokenization.split(body)
    if not written:
        return Phrase("there is no word in it")
    if max(map(len, written)) > 40:  # noqa: PLR2004 - the longest German compounds are shorter
        return Phrase("there is a word that is none")
    sentences = Counter(" ".join(tokenization.split(s)) for s in re.split(r"[.!?\n]+", body))
    if any(times >= 3 and len(sentence) > 20 for sentence, times in sentences.items()):  # noqa: PLR2004
        return Phrase("one sentence is repeated over and over")
    if len(written) >= 40 and len(set(written)) < REPEATED * len(written):  # noqa: PLR2004 - short texts say little of it
        return Phrase("a few words are repeated over and over")
    if _runs(tokenization.split(of.message), 5) >= _runs(written, 5) != set():
        return Phrase("it says the message over again and nothing else")
    stems = of.stems(body)
    related = stems & (of.courtesy | of.related)
    if len(related) < RELATED * len(stems):
        return Phrase("hardly a word of it has to do with the message or its sources")
    return None


def leads_with_help(of: Examined) -> Phrase | None:
    """In an emergency it begins with what to do now and whom to call; where danger may be told of, it names the number at least."""
    lead = of.context.lead
    if not lead:
        return _names_no_number(of)
    if lead.leads(of.draft.body):
        return None
    return Phrase(f"this is an emergency, and it does not begin with what to do now and {', '.join(lead.numbers)}")


def _names_no_number(of: Examined) -> Phrase | None:
    """What is wrong where the message may tell of danger, and the draft says nowhere whom to call."""
    seen = next((signal.words for signal in of.request.triaged.signals if signal.kind == "risk_of_harm"), None)
    numbers = (of.context.emergency_number, *(number for _, number in of.context.hotlines))
    if seen is None or any(re.search(rf"(?<!\d){re.escape(number)}(?!\d)", of.draft.body) for number in numbers):
        return None
    return Phrase(f"the message may tell of danger (\u201c{seen[:80]}\u201d), and it names no number to call: {', '.join(numbers)}")


def answers_each_matter(of: Examined) -> Flaw | Phrase | None:
    """Of a letter with several matters each has an answer, or it is said that it is looked at."""
    triaged = of.request.triaged
    if of.context.lead or triaged.letter != "several" or (triaged.letter_confidence or 0.0) < LIKELY_SEVERAL:
        return None
    if of.draft.drafted_by == "template" and letter_of(triaged) == "several":
        return None  # it says that each of them is looked at
    spoken = triaged.language.code
    given = set(tokenization.content(f"{of.sources}\n{of.draft.body}", spoken))
    asked = [(text, set(tokenization.content(text, spoken))) for text in matters(triaged)]
    left = [text for text, words in asked if len(words) > 2 * ALIKE and len(words & given) < ALIKE]
    return Phrase(f"the letter has several matters, and it says nothing to: \u201c{left[0][:160]}\u201d") if left else None


def puts_nobody_off(of: Examined) -> Phrase | None:
    """In an emergency it neither reassures nor defers."""
    if not of.context.lead:
        return None
    rest = without(of.draft.body, of.context.lead)
    sentences = calming(f"{of.draft.subject}\n{rest}")
    if not sentences and of.draft.drafted_by == "model":
        sentences = unhelpful(rest, of.draft.language, of.sources, of.context.department)
    return Phrase(f"this is an emergency, and it says: {sentences[0]}") if sentences else None


CHECKS: dict[str, Callable[[Examined], Flaw | Phrase | None]] = {
    "leads_with_help": leads_with_help,
    "puts_nobody_off": puts_nobody_off,
    "readable": readable,
    "language_matches": language_matches,
    "length": length,
    "grounded": assertion_checks.grounded,
    "cites_known_passages": cites_known_passages,
    "quotes_verbatim": quotes_verbatim,
    "answers_the_question": answers_the_question,
    "no_unsupported_numbers": assertion_checks.no_unsupported_numbers,
    "no_unpublished_commitments": assertion_checks.no_unpublished_commitments,
    "true_to_passages": assertion_checks.true_to_passages,
    "no_unknown_names": assertion_checks.no_unknown_names,
    "dates_are_to_come": dates_are_to_come,
    "kind_is_plain": kind_is_plain,
    "answers_the_message": assertion_checks.answers_the_message,
    "answers_each_matter": answers_each_matter,
    "no_foreign_links": no_foreign_links,
    "no_unknown_placeholders": no_unknown_placeholders,
    "follows_no_instructions": follows_no_instructions,
}
"""Each answers what is wrong, or nothing."""


def _runs(words: Sequence[str], size: int) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}
