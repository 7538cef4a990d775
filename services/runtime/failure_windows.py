"""Circuit breaker: stops a consumer when too many recent records failed, by partition or topic, since a bad release is likely."""

from collections import deque

RATIO = 0.5  # of the last records; fewer failures are bad records among good ones, and go to dead letters one by one


class FailureWindows:
    """The last outcomes of each partition, twice `floor` of them, and of each topic, twice as many.

    A consumer stops where both are bad: a partition's good records do not hide another's bad ones, and one partition's bad records
    stop nothing while the rest of the topic is read as ever. On topics that others write too, `Health` asks for more.
    """

    def __init__(self, floor: int) -> None:
        self.floor = floor
        self._outcomes: dict[tuple[str, int | None], deque[bool]] = {}

    def add(self, topic: str, partition: int, *, failed: bool) -> None:
        """Notes the outcome of one record, once however often it was tried."""
        for place, floor in ((partition, self.floor), (None, 2 * self.floor)):
            self._outcomes.setdefault((topic, place), deque(maxlen=max(2 * floor, 1))).append(failed)

    def stops(self, topic: str, partition: int) -> bool:
        """Whether the next failing record is kept, and the consumer stops, instead of a dead letter. A floor of 0 never stops."""
        return self.floor > 0 and self._is_bad(topic, partition, self.floor) and self._is_bad(topic, None, 2 * self.floor)

    def _is_bad(self, topic: str, place: int | None, floor: int) -> bool:
        outcomes = self._outcomes.get((topic, place), deque())
        failures = sum(outcomes)
        return failures >= floor and failures >= RATIO * len(outcomes)

    def forget(self, topic: str) -> None:
        """Clears a topic's outcomes: the fault is mended, it counts anew."""
        self._outcomes = {place: outcomes for place, outcomes in self._outcomes.items() if place[0] != topic}
