"""A candidate in shadow: what is counted beside the model in use, and that it can harm nobody."""

import threading
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from services.domain import taxonomy
from services.triage.classification.classifier import Prediction, Reason
from services.triage.monitoring import daily_counts, decision_observer, shadow
from services.triage.monitoring.daily_counts import Counts, DailyCounts
from services.triage.monitoring.decision_observer import DecisionMonitor
from services.triage.worker import TriageWorker
from services.triage.worker_request import Batch
from tests.case_builders import received, triaged
from tests.harness.waiting import PATIENCE

TODAY = date(2026, 11, 24)


class Says:
    """A model of one mind."""

    def __init__(self, category: str, *, sure: bool = True, version: str = "candidate") -> None:
        self.version = version
        self._category = category
        self._sure = sure
        self.texts: list[str] = []

    def predict(
        self,
        texts: Sequence[str],
        languages: Sequence[str] | None = None,  # noqa: ARG002
        by_words_alone: Collection[int] = (),  # noqa: ARG002
    ) -> list[Prediction]:
        self.texts += texts
        return [Prediction(self._category, 0.9 if self._sure else 0.2, [], self._sure) for _ in texts]

    def explained(self, texts: Sequence[str], by_words_alone: Collection[int] = ()) -> list[tuple[Prediction, list[Reason]]]:  # noqa: ARG002
        return [(prediction, []) for prediction in self.predict(texts)]


class Breaks:
    """A candidate that fails on everything."""

    version = "broken"

    def __init__(self) -> None:
        self.tried = 0

    def observe(self, decided: Sequence[RequestTriaged]) -> Counts:
        self.tried += 1
        raise MemoryError(decided[0].redacted.body)


def some() -> list[RequestTriaged]:
    french = DetectedLanguage(code="fr", confidence=0.9)
    return [triaged(), triaged(category="fines"), triaged(category="fines", language=french, channel="email", outcome="needs_triage")]


def test_it_counts_who_says_what_by_language_channel_and_category() -> None:
    candidate = Says("fines")
    [pair] = shadow.comparisons(shadow.Shadow(lambda: candidate).observe(some()))
    assert (pair.champion, pair.candidate) == ("test", "candidate")
    assert pair.all == shadow.Group(3, 2 / 3, 2 / 3, 1.0)
    assert pair.by_language["fr"] == shadow.Group(1, 1.0, 0.0, 1.0)
    assert pair.by_category["street_lighting"].agree == 0
    assert set(pair.by_channel) == {"web", "email"}
    assert pair.differences == [shadow.Difference("street_lighting", "fines", 1)]


def test_the_candidate_sees_only_the_redacted_text() -> None:
    candidate = Says("fines")
    shadow.Shadow(lambda: candidate).observe([triaged()])
    assert candidate.texts == ["The lamp is out. [NAME_1]"]


def test_nothing_that_the_candidate_says_or_does_changes_what_is_published(tmp_path: Path) -> None:
    champion, kinds = Says("street_lighting", version="champion"), taxonomy.load()
    requests = [received(request_id=UUID(int=n)) for n in range(1, 4)]
    alone = TriageWorker(champion, kinds).answer(Batch(requests))
    for observe in (decision_observer.Candidate(shadow.Shadow(lambda: Says("fines")), ["en"]), Breaks()):
        looking = DecisionMonitor({"shadow": observe}, DailyCounts(tmp_path), lambda: TODAY)
        looking.start()
        worker = TriageWorker(champion, kinds, looking=looking)
        assert worker.answer(Batch(requests)) == alone
        worker.answered()
        worker.close()
    [pair] = shadow.comparisons(daily_counts.days(tmp_path, "shadow")[TODAY])
    assert (pair.all.messages, pair.all.agree) == (3, 0)


def test_a_candidate_that_keeps_failing_is_left_alone_and_the_others_go_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = Breaks()
    looking = DecisionMonitor(
        {"shadow": broken, "other": shadow.Shadow(lambda: Says("fines"))}, counts := DailyCounts(tmp_path), lambda: TODAY
    )
    for _ in range(10):
        looking.step(some())
    counts.write(TODAY)
    assert broken.tried == decision_observer.TRIES
    assert shadow.comparisons(daily_counts.days(tmp_path, "other")[TODAY])[0].all.messages == 30
    assert "lamp" not in caplog.text, "an error's text may quote the citizen"


def test_a_candidate_that_hangs_makes_nobody_wait(tmp_path: Path) -> None:
    hold, entered = threading.Event(), threading.Event()

    class Hangs:
        def observe(self, _: Sequence[RequestTriaged]) -> Counts:
            entered.set()
            hold.wait()
            return daily_counts.Counts()

    looking = DecisionMonitor({"shadow": Hangs()}, DailyCounts(tmp_path), lambda: TODAY)
    looking.start()
    looking.offer(some())
    assert entered.wait(PATIENCE)
    for _ in range(1000):
        looking.offer(some())
    hold.set()
    looking.close()


def test_a_candidate_that_is_not_there_harms_nothing(tmp_path: Path) -> None:
    def missing() -> Says:
        raise FileNotFoundError(tmp_path)

    DecisionMonitor({"shadow": shadow.Shadow(missing)}, DailyCounts(tmp_path), lambda: TODAY).step(some())


def test_a_name_is_looked_up_in_the_registry_and_a_path_is_a_path(tmp_path: Path) -> None:
    assert shadow.folder_of(tmp_path, "autumn") == tmp_path / "autumn"
    assert shadow.folder_of(tmp_path, "/srv/models/autumn") == Path("/srv/models/autumn")
