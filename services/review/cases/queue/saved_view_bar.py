"""What the queue shows of its views."""

from uuid import UUID

from pydantic import BaseModel


class ViewLink(BaseModel):
    """One view, how many cases it holds, and where it leads."""

    kind: str
    """`own`, `department`, or the name of one that everybody has."""
    name: str = ""
    view_id: UUID | None = None
    address: str
    count: int | None
    """None where it is not counted, since it holds a search."""
    more: bool = False
    current: bool
    alarming: bool = False


class ViewBar(BaseModel):
    """All views, and what can be done with the one that is shown."""

    links: list[ViewLink]
    filters: str
    """The view that is shown, to be saved."""
    own: ViewLink | None
    savable: bool
    back: str
    second_waits_long: int = 0
    """First approvals that have waited too long for a second person, for those who see to it that somebody looks."""
    second_address: str = ""
