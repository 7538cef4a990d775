"""Who writes the draft: the template, or a model behind an OpenAI-compatible endpoint."""

from collections.abc import Sequence
from typing import Protocol

from schemas.drafts_requested import DraftRequested
from services.drafting.draft import Desk, Draft
from services.drafting.knowledge import Found
from services.drafting.template import template_draft


class Drafter(Protocol):
    """Writes a draft, whatever happens: where it can't, the template does."""

    async def draft(self, request: DraftRequested, found: Sequence[Found], desk: Desk) -> Draft:
        """A whole reply."""

    async def close(self) -> None:
        """Lets go of what it holds open."""


class TemplateDrafter:
    """No model: at once, for nothing, always the same."""

    async def draft(self, request: DraftRequested, found: Sequence[Found], desk: Desk) -> Draft:
        """The template's reply."""
        return template_draft(request, found, desk)

    async def close(self) -> None:
        """Holds nothing open."""
