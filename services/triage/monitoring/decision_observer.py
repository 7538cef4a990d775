"""Observes finished decisions, for drift and shadow models, in a thread of its own that neither changes nor delays them."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from schemas.requests_triaged import RequestTriaged
from services.domain.message_parts import matter_of
from services.domain.taxonomy import Taxonomy
from services.runtime import clock, metrics
from services.runtime.encoder import Encoder
from services.runtime.settings import Settings
from services.triage.classification import model_store
from services.triage.classification.features import HashedNgrams
from services.triage.monitoring import daily_counts, drift, shadow
from services.triage.monitoring.daily_counts import Counts, DailyCounts

REST = 3.0  # times as long as a look took: at most a quarter of one core goes into looking
WRITE_SECONDS = 5.0
TRIES = 3
"""A look that fails so often in a row is not asked again until the next start."""


log = logging.getLogger(__name__)


class Observer(Protocol):
    """Counts something of a batch that was decided."""

    def observe(self, decided: Sequence[RequestTriaged]) -> Counts:
        """What the batch adds."""


class DecisionMonitor:
    """Takes what was decided, or leaves it where it is busy, and keeps what each look counts."""

    def __init__(
        self,
        observers: dict[str, Observer],
        kept: DailyCounts,
        today: Callable[[], date] = lambda: clock.now().date(),
        tell: Callable[[], None] = lambda: None,
    ) -> None:
        self._observers = dict(observers)
        self._failures = dict.fromkeys(observers, 0)
        self._kept = kept
        self._today = today
        self._tell = tell
        self._waiting: queue.Queue[Sequence[RequestTriaged]] = queue.Queue(maxsize=2)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)

    def start(self) -> None:
        """From now on what is offered is looked at."""
        self._thread.start()

    def close(self) -> None:
        """Looks at what waits, writes down what was counted, and ends."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)  # a candidate that hangs does not hold up the end of the process either

    def offer(self, decided: Sequence[RequestTriaged]) -> None:
        """Never waits and never raises."""
        try:
            self._waiting.put_nowait(decided)
        except queue.Full:
            metrics.TRIAGE_UNWATCHED.inc(len(decided))

    def step(self, decided: Sequence[RequestTriaged]) -> None:
        """One look at one batch by each that still works."""
        for name, observer in list(self._observers.items()):
            try:
                counts = observer.observe(decided)
            except Exception as error:  # noqa: BLE001 - whatever a candidate does, the model in use goes on
                metrics.TRIAGE_LOOKS_FAILED.inc(look=name)
                self._failures[name] += 1
                # The type alone: its text may quote the citizen.
                log.warning("%s failed: %s", name, type(error).__name__)
                if self._failures[name] >= TRIES:
                    log.warning("%s failed %d times in a row and is not asked again", name, TRIES)
                    del self._observers[name]
            else:
                self._failures[name] = 0
                self._kept.add(name, self._today(), counts)

    def _run(self) -> None:
        written = 0.0
        while not (self._closing.is_set() and self._waiting.empty()):
            began = time.monotonic()
            try:
                self.step(self._waiting.get(timeout=0.2))
            except queue.Empty:
                pass
            else:
                self._closing.wait(REST * (time.monotonic() - began))
            if time.monotonic() - written >= WRITE_SECONDS:
                self._write()
                written = time.monotonic()
        self._write()

    def _write(self) -> None:
        self._kept.write(self._today())
        self._tell()


class Drift:
    """Counts words, mix and confidence, and shows today against the model's first days."""

    def __init__(self, features: Callable[[str], HashedNgrams | None], folder: Path, today: Callable[[], date]) -> None:
        self._features = features
        self._folder = folder
        self._today = today
        self._seen: _Seen | None = None

    def observe(self, decided: Sequence[RequestTriaged]) -> Counts:
        """What a batch adds to the day."""
        counts: Counts = daily_counts.Counts()
        for version in sorted({event.model_version for event in decided}):
            own = [event for event in decided if event.model_version == version]
            if not self._seen or (self._seen.model, self._seen.day) != (version, self._today()):
                self._seen = self._begun(version)
            features = self._seen.features
            words = drift.words_of(features, [matter_of(event) for event in own]) if features else None
            added = drift.tally(own, words)
            self._seen.counts.update(added)
            self._seen.show()
            counts.update(added)
        return counts

    def _begun(self, version: str) -> "_Seen":
        today = self._today()
        days = daily_counts.days(self._folder, "drift")
        first = drift.reference(days, version, today)
        before = drift.window([days[day] for day in first], version) if first else None
        return _Seen(version, today, self._features(version), before, daily_counts.Counts())


@dataclass(frozen=True)
class _Seen:
    """One model on one day."""

    model: str
    day: date
    features: HashedNgrams | None
    before: drift.Window | None
    counts: Counts

    def show(self) -> None:
        """Puts it where Prometheus looks."""
        now = drift.window([self.counts], self.model)
        for measure in ("messages", "answered", "confidence", "unknown_words"):
            metrics.TRIAGE_TODAY.set(getattr(now.all, measure), measure=measure)
        if self.before and now.all.messages >= drift.DAY_MESSAGES:
            shift = drift.shift(self.before, now)
            for measure in ("psi", "psi_by_chance", "answered", "confidence", "unknown_words"):
                metrics.TRIAGE_DRIFT.set(getattr(shift, measure), measure=measure)


class Candidate:
    """A shadow whose agreement Prometheus can follow."""

    def __init__(self, kept: shadow.Shadow, languages: Sequence[str]) -> None:
        self._shadow = kept
        self._languages = frozenset(languages)

    def observe(self, decided: Sequence[RequestTriaged]) -> Counts:
        """What a batch adds to the comparison."""
        counts = self._shadow.observe(decided)
        for key, messages in counts.items():
            if key[0] == "by" and key[-1] == "messages":
                _, _, _, language, _, category, _ = key
                # Each label value is a series for ever: languages that the agency does not answer in are one.
                shown = language if language in self._languages else "other"
                agree = counts[(*key[:-1], "agree")]
                metrics.TRIAGE_SHADOW.inc(agree, language=shown, category=category, agrees="yes")
                metrics.TRIAGE_SHADOW.inc(messages - agree, language=shown, category=category, agrees="no")
        return counts


def folder_of(settings: Settings) -> Path:
    """Where the counts are kept."""
    return settings.data_dir / "watched"


def watching(settings: Settings, taxonomy: Taxonomy, tell: Callable[[], None], encoder: Encoder | None = None) -> DecisionMonitor:
    """All that looks on: drift always, and the candidate of PARVIS_SHADOW_MODEL. `tell` is called whenever counts are written down."""

    def today() -> date:
        return clock.now().date()

    folder = folder_of(settings)
    observers: dict[str, Observer] = {
        "drift": Drift(lambda version: features_of(settings.models, taxonomy, version, encoder), folder, today)
    }
    if settings.shadow_model:
        candidate = shadow.folder_of(settings.models, settings.shadow_model)
        languages = {language for category in taxonomy.categories.values() for language in category.label}
        observers["shadow"] = Candidate(shadow.Shadow(lambda: model_store.load(candidate).reading_with(encoder)), sorted(languages))
    return DecisionMonitor(observers, DailyCounts(folder), today, tell)


def features_of(models: Path, taxonomy: Taxonomy, version: str, encoder: Encoder | None = None) -> HashedNgrams | None:
    """The words of the model in use; none where another has taken its place in the meantime."""
    # Read once more, and only the columns kept: the one that sorts must not be touched from another thread.
    classifier = model_store.default_classifier(models, taxonomy, encoder).classifier
    return classifier.features if classifier.version == version else None
