"""Gives review's pages the way to the deliveries of dispatch that wait."""

from services.dispatch import waiting_store
from services.review.ops.overview import Deliveries


def for_pages() -> Deliveries:
    """What the operations page looks at, and tries again."""
    return Deliveries(waiting_store.waiting, waiting_store.summaries, waiting_store.try_now)
