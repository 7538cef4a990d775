"""Checks of what a draft asserts, sentence by sentence, against the passages that it cites. The citizen's letter supports nothing."""

from services.drafting import tokenization
from services.drafting.claims import names, quantities
from services.drafting.claims.commitments import commitments
from services.drafting.claims.sentences import Sentence
from services.drafting.claims.support import NEAR, contradiction, exception_lost, hedge_lost
from services.drafting.examined import Examined

STATED = 3  # content words that are not courtesy: a sentence with fewer states nothing
COVERED = 0.34  # share of these below which the sources do not speak of it at all
RELATED = 0.12  # share of the message's content words below which a draft speaks of something else


def grounded(of: Examined) -> str | None:
    """Each sentence that states something has words of the cited passages."""
    loose = [s for s in of.sentences if s.role == "assertion" and _stated(of, s) and of.published.coverage(_stated(of, s)) < COVERED]
    if of.translated or not loose:
        return None
    return _told("no passage speaks of this", loose[0])


def no_unsupported_numbers(of: Examined) -> str | None:
    """Every sum, date, time, telephone number and other figure stands in a cited passage or in the desk's promise, with the same unit."""
    sources = [quantities.read(f"{p.title}\n{p.heading}\n{p.text}\n{p.url}", p.language) for p in of.cited]
    sources.append(quantities.read(_promise(of), "en"))
    if of.context.lead:
        sources.append(quantities.read(of.context.lead.text, of.draft.language))
    letter = quantities.read(of.message, of.draft.language)
    for sentence in of.sentences:
        own = [*sources, letter] if sentence.role != "assertion" else sources
        missing = quantities.unsupported(sentence.text, of.draft.language, own)
        if not missing and sentence.role == "assertion" and not of.translated:
            missing = _wrong_days(of, sentence)
        if missing:
            return _told(f"no source says {', '.join(missing[:5])}", sentence)
    subject = quantities.unsupported(of.draft.subject, of.draft.language, [*sources, letter])
    return f"no source says {', '.join(subject[:5])}: \u201c{of.draft.subject}\u201d" if subject else None


def no_unpublished_commitments(of: Examined) -> str | None:
    """It decides, promises, admits and grants nothing that a cited passage does not."""
    for sentence in of.sentences:
        if sentence.role not in ("assertion", "restating", "feeling"):
            continue
        for commitment in commitments(sentence.plain):
            if not _published(of, sentence, commitment.kind):
                return _told(f"{commitment.kind}, which no cited passage says", sentence)
    return None


def true_to_passages(of: Examined) -> str | None:
    """It says neither the opposite of the nearest passage nor anything stronger."""
    for sentence in of.sentences:
        if sentence.role != "assertion":
            continue
        source, share = of.published.nearest(tokenization.content(sentence.text, of.draft.language))
        if source is None or share < NEAR:
            continue
        fault = contradiction(sentence.plain, source)
        if fault is None and hedge_lost(sentence.plain, source):
            fault = "the passage says so with a reservation, as \u201cnormally\u201d"
        if fault is None and exception_lost(sentence.plain, source) and not exception_lost(tokenization.plain(of.draft.body), source):
            fault = None
        if fault:
            return _told(fault, sentence)
    return None


def no_unknown_names(of: Examined) -> str | None:
    """Every domain, form, law, person and other name stands in a cited passage, or in the message where the message is repeated."""
    house = (of.context.category, of.context.department, of.sources, of.request.triaged.agency)
    for sentence in of.sentences:
        letter = None if sentence.role == "assertion" else of.message
        if sentence.role in ("greeting", "closing"):
            continue
        missing = names.unsupported(sentence.text, house, of.context.names, letter)
        if missing:
            return _told(f"no source has the name {', '.join(missing[:3])}", sentence)
    return None


def answers_the_message(of: Examined) -> str | None:
    """It speaks of what was asked."""
    asked = set(tokenization.content(of.message, of.draft.language)) - of.courtesy
    spoken = of.request.triaged.language.code
    if of.context.lead or spoken != of.draft.language or len(asked) < STATED or not of.cited:
        return None
    said = of.stems(of.draft.body) | {stem for p in of.cited for stem in tokenization.content(f"{p.title} {p.heading}", of.draft.language)}
    return None if len(asked & said) >= min(2, RELATED * len(asked)) else "hardly a word of the message is taken up"


def _stated(of: Examined, sentence: Sentence) -> list[str]:
    stems = [stem for stem in tokenization.content(sentence.text, of.draft.language) if stem not in of.courtesy]
    return stems if len({stem for stem in stems if not stem.isdigit()}) >= STATED else []


def _wrong_days(of: Examined, sentence: Sentence) -> list[str]:
    """Days of the week that the sources have, but not where they speak of this."""
    days = quantities.read(sentence.text, of.draft.language).weekdays
    near = of.published.near(tokenization.content(sentence.text, of.draft.language)) if days else []
    given = {day for source in near for day in quantities.read(source.plain, of.draft.language).weekdays}
    return [written for day, written in days.items() if given and day not in given]


def _promise(of: Examined) -> str:
    hours = round(of.context.reply_within.total_seconds() / 3600)
    days = hours // 24
    return f"{hours} hours {days} days {days} working days" if of.context.working_time else f"{hours} hours {days} days"


def _published(of: Examined, sentence: Sentence, kind: str) -> bool:
    """Whether a sentence of the sources makes the same kind of commitment about the same thing."""
    stems = set(tokenization.content(sentence.text, of.draft.language))
    for source in of.published.sentences:
        if any(one.kind == kind for one in commitments(source.plain)) and len(stems & source.stems) >= NEAR * len(stems):
            return True
    return of.translated and any(one.kind == kind for p in of.cited for one in commitments(tokenization.plain(p.text)))


def _told(fault: str, sentence: Sentence) -> str:
    return f"{fault}: \u201c{sentence.text[:160]}\u201d"
