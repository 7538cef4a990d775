"""Checks of what a draft asserts, sentence by sentence, against the passages that it cites. The citizen's letter supports nothing."""

import re

from services.domain.phrases import Phrase
from services.drafting import tokenization
from services.drafting.claims import contradiction, figures, names, quantities, questions
from services.drafting.claims.commitments import commitments, is_rule, publishes
from services.drafting.claims.sentences import Sentence
from services.drafting.claims.support import NEAR, Sources, denied, hedge_lost, reversal, sentences_of, source, strengthened
from services.drafting.claims.word_lists import reply_words
from services.drafting.examined import Examined, Flaw

HALF = 0.5
HARDLY = 0.15  # share of a draft's words that its passages have, up to which they are about something else
ASKED = 6  # content words of a message from which it can be told whether a draft takes it up
STATED = 3  # content words that are not courtesy: a sentence with fewer states nothing
BRIEF = 5  # content words of a sentence that says hardly more than that something is free
SPOKEN_OF = 7  # content words from which a sentence that shares none with anything is about nothing
SAME_MATTER = 0.25  # share of its words from which a sentence is about what the nearest one of the sources is about
LEAST_OF_A_RULE = 0.15  # share of its words that a sentence about a general rule has with the passage that makes it
TELLING = 1.5  # rarity of the words that only another passage has, from which they are no accident
ELSEWHERE = 0.6  # share of its words that another passage has in one sentence, from which it is that passage's


_URGENT = re.compile(r"\b(?:112|911|999)\b")
"""To call for help is always right."""


_GIVEN = re.compile(r"\[(?:IBAN|ACCOUNT|CARD|PHONE|EMAIL|LINK|URL)_\d{1,3}\]")
"""A number or an address of the letter's: the agency has none of these from its own pages."""
_BACK = re.compile(r"\b(?:you|your|vous|votre|vos)\b")


_FREE = re.compile(r"free|charg|cost|nothing|gratui|frais|cout|rien|pay|fee")
_NO_BOOKING = re.compile(r"\b(?:book|appointment|reserve\w{0,2}|rendez-vous)")
_ENOUGH = re.compile(r"\b(?:enough|suffi\w{1,3}|optional)\b")
_WITHOUT_BOOKING = re.compile(r"\b(?:without|no|sans) (?:appointment|rendez-vous)\b")


_ADVISES = re.compile(r"^(?:please |do |veuillez )|^\w{3,20}ez\b")
"""What it asks the citizen to do."""


def grounded(of: Examined) -> Flaw | None:
    """Each sentence that states something is about what the cited passages are about."""
    if of.translated:
        return None
    for sentence in of.sentences:
        if sentence.role != "assertion":
            continue
        stems = _stated(of, sentence)
        if not stems:
            continue
        if not of.cited and not of.context.lead:
            return Flaw(Phrase("it cites nothing that says this"), sentence.text)
        if other := _elsewhere(of, stems):
            return Flaw(Phrase(f"this is in {other}, which the draft does not cite"), sentence.text)
        if _about_nothing(of, sentence, stems):
            return Flaw(Phrase("neither the cited passages nor the message speak of this"), sentence.text)
        if foreign := _of_its_own(of, sentence, stems):
            return Flaw(Phrase(f"neither the cited passages nor the message speak of {', '.join(foreign[:5])}"), sentence.text)
    return _other_passage(of)


def no_unsupported_numbers(of: Examined) -> Flaw | None:
    """Every sum, date, time, telephone number and other figure stands in a cited passage or in the desk's promise, with the same unit."""
    sources = of.figures
    letter = quantities.read(of.message, of.draft.language)
    for sentence in of.sentences:
        binds = any(not _published(of, sentence, commitment.kind) for commitment in commitments(sentence.plain))
        missing = figures.unsupported(sentence.text, of.draft.language, sources, letter, repeats=sentence.role != "assertion", binds=binds)
        if not missing and sentence.role == "assertion" and not of.translated:
            missing = _wrong_days(of, sentence) or figures.otherwise_counted(sentence.text, of.draft.language, _about(of, sentence), letter)
        given = _GIVEN.search(sentence.text) if sentence.role == "assertion" else None
        if given and not _BACK.search(sentence.plain):
            missing = [given.group()]
        if missing:
            return Flaw(Phrase(f"no source says {', '.join(missing[:5])}"), sentence.text)
    subject = figures.unsupported(of.draft.subject, of.draft.language, [*sources, letter])
    return Flaw(Phrase(f"no source says {', '.join(subject[:5])}"), of.draft.subject) if subject else None


def no_unpublished_commitments(of: Examined) -> Flaw | None:
    """It decides, promises, admits and grants nothing that a cited passage does not."""
    for sentence in of.sentences:
        if sentence.role in ("greeting", "closing", "question"):
            continue
        for commitment in commitments(sentence.plain):
            if not _published(of, sentence, commitment.kind):
                return Flaw(Phrase(f"{commitment.kind}, which no cited passage says"), sentence.text)
    return None


def true_to_passages(of: Examined) -> Flaw | None:
    """It says neither the opposite of the nearest passage nor anything stronger."""
    if of.translated:
        return None
    for sentence in of.sentences:
        if sentence.role != "assertion":
            continue
        parts = [source(part, of.draft.language) for part in sentences_of(sentence.text)]
        nearest, share = of.published.nearest(tokenization.content(sentence.text, of.draft.language))
        about = nearest if share >= SAME_MATTER and not _URGENT.search(sentence.text) else None
        fault = next(filter(None, (reversal(part, of.published) for part in parts)), None) or strengthened(
            sentence.plain, about, of.published
        )
        fault = fault or contradiction.turned(sentence.text, of.draft.language, of.published)
        fault = fault or (contradiction.reordered(sentence.plain, _about(of, sentence)) if share >= SAME_MATTER else None)
        fault = fault or contradiction.only_denied(sentence.text, of.draft.language, of.published)
        fault = fault or contradiction.made_certain(sentence.plain, of.published)
        if fault is None and share >= NEAR and hedge_lost(sentence.plain, nearest):
            fault = Phrase("the passage says so with a reservation, as \u201cnormally\u201d")
        if fault:
            return Flaw(fault, sentence.text)
    return None


def no_unknown_names(of: Examined) -> Flaw | None:
    """Every domain, form, law, person and other name stands in a cited passage, or in the message where the message is repeated."""
    house = (of.context.category, of.context.department, of.sources, of.request.triaged.agency)
    for sentence in of.sentences:
        if sentence.role in ("greeting", "closing"):
            continue
        missing = names.unsupported(sentence.text, house, of.context.published.names, of.message, repeats=sentence.role != "assertion")
        if missing:
            return Flaw(Phrase(f"no source has the name {', '.join(missing[:3])}"), sentence.text)
    return None


def answers_the_message(of: Examined) -> Flaw | None:
    """It speaks of what was asked."""
    asked = {stem for stem in tokenization.content(of.message, of.draft.language) if not stem.isdigit()} - of.house
    spoken = of.request.triaged.language.code
    if of.context.lead or spoken != of.draft.language or len(asked) < ASKED or not of.cited:
        return None
    taken_up = Sources((of.draft.body, *(f"{p.title}\n{p.heading}\n{p.text}" for p in of.cited)), of.draft.language)
    if not any(taken_up.has(stem) for stem in asked):
        return Flaw(Phrase("not a word of the message is taken up"))
    # A model may answer the part that it has passages for; a template quotes one passage, which is the answer or is not.
    missing = questions.unanswered(of.message, of.draft.body, of.draft.language) if of.draft.drafted_by == "template" else ""
    return Flaw(Phrase(f"the message asks {missing}, and the reply has none")) if missing else None


def only_of_the_message(of: Examined) -> Flaw | None:
    """A statement most of whose words the message has and no cited passage."""
    letter = Sources((of.message,), of.draft.language)
    for sentence in of.sentences:
        words = {stem for stem in _stated(of, sentence) if not stem.isdigit()}
        if sentence.role != "assertion" or of.translated or not words or _ADVISES.search(sentence.plain):
            continue
        if sum(letter.has(stem) and not of.published.has(stem) for stem in words) > HALF * len(words):
            return Flaw(Phrase("only the message says this"), sentence.text)
    return None


def _about_nothing(of: Examined, sentence: Sentence, stems: list[str]) -> bool:
    """Whether a long sentence has not one content word or figure of the passages or the message.

    A share of words is no sign: what is said kindly, or in other words, shares as little with a passage as what is made up.
    """
    words = {stem for stem in stems if not stem.isdigit()}
    if (
        len(words) < SPOKEN_OF
        or _URGENT.search(sentence.text)
        or _ADVISES.search(sentence.plain)
        or figures.shared(sentence.text, of.draft.language, of.figures)
    ):
        return False
    letter = Sources((of.message,), of.draft.language)
    return not any(of.published.has(stem) or letter.has(stem) for stem in words)


def _other_passage(of: Examined) -> Flaw | None:
    """Whether hardly a word or figure of all that it states is in the passages that it cites."""
    stating = [sentence for sentence in of.sentences if sentence.role == "assertion"]
    words = {stem for sentence in stating for stem in of.stems(sentence.text) - of.courtesy if not stem.isdigit()}
    if len(words) <= STATED or any(figures.shared(sentence.text, of.draft.language, of.figures) for sentence in stating):
        return None
    if sum(of.published.has(stem) for stem in words) > HARDLY * len(words) or any(_URGENT.search(s.text) for s in stating):
        return None
    return Flaw(Phrase("the cited passages speak of something else"), stating[0].text)


def _of_its_own(of: Examined, sentence: Sentence, stems: list[str]) -> list[str]:
    """The words of a statement that stand nowhere and that no reply needs, where they are half of it."""
    words = {stem for stem in stems if not stem.isdigit()}
    if _URGENT.search(sentence.text) or _ADVISES.search(sentence.plain):
        return []
    letter = Sources((of.message,), of.draft.language)
    usual = reply_words(of.draft.language)
    foreign = {stem for stem in words if stem not in usual and not of.published.has(stem) and not letter.has(stem)}
    if len(foreign) < STATED or len(foreign) < HALF * len(words) or not usual:
        return []
    return [word for word in tokenization.split(sentence.text) if set(tokenization.content(word, of.draft.language)) & foreign]


def _elsewhere(of: Examined, stems: list[str]) -> str | None:
    """The passage that says this in nearly the same words, where the cited ones do not."""
    cited = {p.passage_id for p in of.cited}
    other = of.context.published.elsewhere(stems, of.draft.language, cited)
    if other is None:
        return None
    passage, shared = other
    wanted = {stem for stem in stems if not stem.isdigit()}
    foreign = {stem for stem in shared if not of.published.has(stem)}
    telling = sum(of.context.published.rarity(stem, of.draft.language) for stem in foreign)
    return passage if len(shared) >= max(STATED, ELSEWHERE * len(wanted)) and telling >= TELLING else None


def _stated(of: Examined, sentence: Sentence) -> list[str]:
    stems = [stem for stem in tokenization.content(sentence.text, of.draft.language) if stem not in of.courtesy]
    return stems if len({stem for stem in stems if not stem.isdigit()}) >= STATED else []


def _wrong_days(of: Examined, sentence: Sentence) -> list[str]:
    """Days of the week that the sources have, but not where they speak of this, or not as a span."""
    read_here = quantities.read(sentence.text, of.draft.language)
    spans = [span for given in of.figures for span in given.spans]
    longer = [written for span, written in read_here.spans.items() if spans and not any(span <= longest for longest in spans)]
    near = of.published.near(tokenization.content(sentence.text, of.draft.language)) if read_here.weekdays else []
    about = [quantities.read(passage.plain, of.draft.language) for passage in near]
    days = {day for given in about for day in given.weekdays}
    single = {day for given in about for day in given.single}
    wrong = [written for day, written in read_here.single.items() if single and day not in single]
    return longer or wrong or [written for day, written in read_here.weekdays.items() if days and day not in days]


def _about(of: Examined, sentence: Sentence) -> list[str]:
    """What the sources say that is nearest to a sentence."""
    return [passage.plain for passage in of.published.near(tokenization.content(sentence.text, of.draft.language))]


def _published(of: Examined, sentence: Sentence, kind: str) -> bool:
    """Whether a sentence of the sources makes the same kind of commitment about the same thing."""
    stems = {stem for stem in tokenization.content(sentence.text, of.draft.language) if not stem.isdigit()}
    if kind == "free of charge":
        publishing = [passage for passage in of.published.sentences if publishes(passage.plain, kind)]
        stems = {stem for stem in stems - of.courtesy if not _FREE.match(tokenization.plain(stem))}
        stems |= {stem for stem in tokenization.content(sentence.text, of.draft.language) if stem.isdigit()}
        return of.translated or any(not stems or stems & passage.stems for passage in publishing)
    if kind == "a requirement dropped" and (dropped := denied(sentence.text, of.draft.language, conditions=True)):
        without_booking = _NO_BOOKING.search(sentence.plain) and _WITHOUT_BOOKING.search(tokenization.plain(of.sources))
        return bool(without_booking) or any(
            dropped & passage.denied_anywhere or (_ENOUGH.search(passage.plain) and dropped & passage.stems)
            for passage in of.published.sentences
        )
    least = LEAST_OF_A_RULE if kind == "a requirement dropped" or is_rule(sentence.plain, kind) else NEAR
    for passage in of.published.sentences:
        if publishes(passage.plain, kind) and len(stems & passage.stems) >= least * len(stems):
            return True
    return of.translated and any(publishes(tokenization.plain(p.text), kind) for p in of.cited)
