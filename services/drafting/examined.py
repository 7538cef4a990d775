"""A draft beside all that it may rest on: what every check reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from schemas.drafts_requested import DraftRequested
from services.domain.articles import Passage
from services.domain.message_parts import matter_of
from services.domain.phrases import Phrase
from services.drafting import tokenization
from services.drafting.claims import quantities
from services.drafting.claims.quantities import Quantities
from services.drafting.claims.sentences import Sentence, sentences
from services.drafting.claims.support import Sources
from services.drafting.draft import Draft, ReplyContext


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a draft, and the sentence of it that is meant."""

    detail: Phrase
    quote: str = ""


@dataclass(frozen=True)
class Examined:
    """A draft beside all that it may rest on."""

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
        """Subject and new text, redacted: what is quoted, ours or anybody's, is not what the citizen writes now."""
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
    def courtesy(self) -> frozenset[str]:
        """What any reply of this desk says, whatever it is about."""
        return self.house | self.stems(f"{self.context.category}\n{self.context.department}")

    @cached_property
    def house(self) -> frozenset[str]:
        """The content words of the template's own sentences."""
        return _stems_of_the_house(self.context.templates.house(self.draft.language), self.draft.language)

    @cached_property
    def related(self) -> set[str]:
        """The content words that a source or the citizen has: what a reply may speak about, which is not what it may assert."""
        return self.stems(self.sources) | self.stems(self.message)

    @cached_property
    def published(self) -> Sources:
        """What the draft may rest on in its own language."""
        lead = [self.context.lead.text] if self.context.lead else []
        own = [f"{p.title}.\n{p.heading}.\n{p.text}" for p in self.cited if p.language == self.draft.language]
        return Sources((*own, *lead), self.draft.language)

    @cached_property
    def figures(self) -> list[Quantities]:
        """Every figure that it may name: of the cited passages, of the desk's promise, of an emergency's lead."""
        given = [quantities.read(f"{p.title}\n{p.heading}\n{p.text}\n{p.url}", p.language) for p in self.cited]
        hours = round(self.context.reply_within.total_seconds() / 3600)
        days = hours // 24
        working = f" {days} working days" if self.context.working_time else ""
        given.append(quantities.read(f"{hours} hours {days} days{working}", "en"))
        return [*given, *([quantities.read(self.context.lead.text, self.draft.language)] if self.context.lead else [])]

    @cached_property
    def translated(self) -> bool:
        """Whether it rests on a passage in another language: then its words can't be compared, only figures, names and commitments."""
        return any(p.language != self.draft.language for p in self.cited)

    @cached_property
    def sentences(self) -> list[Sentence]:
        """Every sentence of the body but for the published ones, word for word, and the house's own."""
        given = " ".join(self.sources.split())
        templates, filled = self.context.templates, self.context.filled(self.draft.language)
        return [
            sentence
            for sentence in sentences(self.draft.body)
            if " ".join(sentence.text.split()) not in given
            and not templates.is_of_the_house(sentence.text, self.draft.language, filled)
            and not any(p.title in sentence.text and p.url in sentence.text for p in self.cited)  # "From: title, address"
        ]


@lru_cache(maxsize=64)
def _stems_of_the_house(text: str, language: str) -> frozenset[str]:
    """The same text for every draft of a language: read once."""
    return frozenset(tokenization.content(text, language))
