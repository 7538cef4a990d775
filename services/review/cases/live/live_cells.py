"""The cells of a queue line that change under somebody's eyes, as the queue's own template writes them."""

from collections.abc import Mapping
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from services.domain.taxonomy import Taxonomy
from services.review.web.templating import environment
from services.review.web.translation import Reader, write_for
from services.runtime.message_catalogues import PageLanguage


@dataclass(frozen=True)
class LineCells:
    """The cells of one line, written when somebody of a language is told of it."""

    row: Any
    taxonomy: Taxonomy
    names: Mapping[str, str]

    def written(self, language: PageLanguage, *, mine: bool) -> dict[str, str]:
        """By the class of the cell, for a reader of that language who works on the case themselves, or does not."""
        return copy_context().run(self._written, language, mine=mine)

    def _written(self, language: PageLanguage, *, mine: bool) -> dict[str, str]:
        write_for(Reader(language))
        row = self.row
        category = self.taxonomy.label(row.category, language) if row.category else ""
        department = self.taxonomy.department_label(row.department, language) if row.department else ""
        assignee = self.names.get(row.assignee, row.assignee) if row.assignee and not mine else ""
        return {
            "u": _macro("_words.html", "urgency_chip", row.urgency),
            "c": _macro("_queue_cells.html", "sorted_as", category, department, row.confidence),
            "w": _macro("_queue_cells.html", "works_on_it", assignee, mine),
            "state": _macro("_queue_cells.html", "state", row.state),
        }


def _macro(template: str, name: str, *values: object) -> str:
    return str(getattr(environment().get_template(template).module, name)(*values)).strip()
