"""A draft and its context before any check: what the template or the model wrote."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from schemas.drafts_proposed import Check, Citation, Spending, Usage
from services.domain.articles import Passage
from services.drafting.claims.published import Published
from services.drafting.emergency_reply import Lead
from services.drafting.letter_folder import shipped
from services.drafting.letter_templates import Filled, Templates
from services.drafting.redraft import Changes

Removed = Literal["html", "link", "placeholder", "control character", "quote"]
Fault = Literal[
    "timeout",
    "unreachable",
    "busy",
    "configuration",
    "quota",
    "budget",
    "prompt too long",
    "refused",
    "unreadable",
    "unknown passage",
    "empty",
    "too long",
    "reassuring",
]
"""Why there is no draft of the model's; a person and the trace are told which."""


@dataclass(frozen=True)
class ReplyContext:
    """Category, department and promise of the matter, in the words of the reply's language."""

    category: str
    department: str
    reply_within: timedelta
    today: date | None = None
    """Where the agency is; none where nobody asks what has passed."""
    working_time: bool = False
    published: Published = field(default_factory=Published)
    """What the agency has published anywhere."""
    lead: Lead | None = None
    """What the reply to an emergency begins with; none where nobody is in danger."""
    doubtful: frozenset[str] = frozenset()
    """The passages of which it is not sure that they answer the message."""
    emergency_number: str = "112"
    hotlines: tuple[tuple[str, str], ...] = ()
    """Name and number of the published line for each kind of danger that the message names."""
    templates: Templates = field(default_factory=shipped)
    spoken: str = "en"
    """The language that its words are in: the citizen's, or the one asked for, where there are letters in it."""
    language: str | None = None
    """The language that a person asked the draft to be in; none where it is the citizen's."""
    changes: Changes = field(default_factory=Changes)
    """What a person asked to be different."""

    def filled(self, language: str) -> Filled:
        """What this desk fills in where a sentence of the house has a gap."""
        sentences = self.templates.sentences[self.templates.language(language)]
        return Filled(
            self.department,
            (self.templates.within(sentences, self.reply_within, working_time=self.working_time),),
            (self.emergency_number, *(number for _, number in self.hotlines)),
            tuple(name for name, _ in self.hotlines),
        )


@dataclass(frozen=True)
class Draft:
    """`removed` is what a model's text held that no reply may hold; `fault` says why a template stands in for it."""

    language: str
    subject: str
    body: str
    citations: tuple[Citation, ...] = ()
    drafted_by: Literal["model", "template"] = "template"
    model: str | None = None
    prompt_version: str | None = None
    usage: Usage = field(default_factory=Usage)
    removed: frozenset[Removed] = frozenset()
    fault: Fault | None = None
    fault_detail: str = ""
    """What whoever runs this can do about it."""
    attempts: int = 0
    spending: Spending | None = None
    manner: tuple[str, ...] = ()
    """How it is written as a person asked; the next wish keeps what it does not change."""
    checked: tuple[Check, ...] | None = None
    """What the checks say of exactly this draft, where they were asked already."""
    not_done: tuple[str, ...] = ()
    """The parts of a person's wish that this draft does not take up."""
    unchanged: tuple[str, ...] = ()
    """The parts of it that change nothing: it was so already."""
    withheld: str = ""
    """Why there is no draft, or only the beginning of one, where drafting is switched off."""


def citation(passage: Passage, quote: str) -> Citation:
    """A passage as a draft cites it, in the state that it has now."""
    return Citation(passage_id=passage.passage_id, title=passage.title, url=passage.url, quote=quote, digest=passage.digest)
