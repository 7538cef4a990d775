"""The cells of a queue line that change under somebody's eyes, as the queue's own template writes them."""

from collections.abc import Mapping
from typing import Any

from services.domain.taxonomy import Taxonomy
from services.review.web.templating import environment


def cells(row: Any, taxonomy: Taxonomy, names: Mapping[str, str]) -> dict[str, str]:  # noqa: ANN401 - a row of chosen columns
    """By the class of the cell."""
    category = taxonomy.label(row.category) if row.category else ""
    department = taxonomy.department_label(row.department) if row.department else ""
    return {
        "u": _macro("_words.html", "urgency_chip", row.urgency),
        "c": _macro("_queue_cells.html", "sorted_as", category, department, row.confidence),
        "w": works_on_it(names.get(row.assignee, row.assignee) if row.assignee else "", mine=False),
        "state": _macro("_queue_cells.html", "state", row.state),
    }


def works_on_it(assignee: str, *, mine: bool) -> str:
    """Who works on it, in the reader's eyes."""
    return _macro("_queue_cells.html", "works_on_it", assignee, mine)


def _macro(template: str, name: str, *values: object) -> str:
    return str(getattr(environment().get_template(template).module, name)(*values)).strip()
