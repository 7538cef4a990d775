"""The worker process that reads messages: holds the classifier and the monitors, and may be killed at any point."""

import contextlib
import ctypes
import gc

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.domain import reference_requests, taxonomy
from services.domain.taxonomy import Taxonomy
from services.runtime import encoder_backends, json_logs, kafka_records, metrics, worker_main
from services.runtime.settings import Settings
from services.runtime.worker_main import METRICS, Channel
from services.triage import rules
from services.triage.classification import model_store
from services.triage.monitoring import decision_observer
from services.triage.monitoring.decision_observer import DecisionMonitor
from services.triage.rules import Classifier
from services.triage.signals.danger_meaning import DangerMeaning
from services.triage.worker_request import Batch

OWN = b"parvis_triage_"
COLLECTED_EVERY = 20_000
"""New objects, about two batches': a message leaves no cycles, and to look for some every 700 objects took a fifteenth of the time."""


class TriageWorker:
    """Decides on batches, and shows them to what looks on once they have left."""

    def __init__(
        self,
        classifier: Classifier,
        taxonomy: Taxonomy,
        sender: str = "",
        looking: DecisionMonitor | None = None,
        meaning: DangerMeaning | None = None,
    ) -> None:
        self._classifier = classifier
        self._taxonomy = taxonomy
        self._sender = sender
        self._looking = looking
        self._meaning = meaning
        self._decided: list[RequestTriaged] = []
        self._watched = True

    def refresh(self) -> None:
        """A model that was promoted is read here: that takes longer than a message may."""
        if isinstance(self._classifier, model_store.LiveClassifier):
            self._classifier.refresh()

    def answer(self, batch: Batch) -> list[bytes]:
        """Each request's event as JSON."""
        self._watched = batch.watched
        self._decided = rules.triage(batch.requests, self._classifier, self._taxonomy, self._sender, self._meaning)
        return [kafka_records.written(event) for event in self._decided]

    def answered(self) -> None:
        """What looks on gets it when nothing can be changed any more."""
        for event in self._decided if self._watched else ():
            metrics.TRIAGE_DECISIONS.inc(outcome=event.outcome, category=event.category)
            metrics.TRIAGE_CONFIDENCE.observe(event.confidence)
        if self._looking and self._watched:
            self._looking.offer(self._decided)

    def close(self) -> None:
        """What was counted is written down."""
        if self._looking:
            self._looking.close()


class Figures:
    """This process's own figures, for the one that is asked for them."""

    def __init__(self, channel: Channel, registry: CollectorRegistry = REGISTRY) -> None:
        self._channel = channel
        self._registry = registry
        self._last = b""

    def tell(self) -> None:
        """Sends them where they have changed; without anybody to send them to, they are of no use."""
        text = b"".join(line for line in generate_latest(self._registry).splitlines(keepends=True) if OWN in line)
        if text != self._last:
            self._last = text
            with contextlib.suppress(OSError):
                self._channel.send(METRICS, text)


def load(settings: Settings, channel: Channel) -> TriageWorker:
    """Reads or trains the classifier, and tries it. Raises what is wrong with the model or the taxonomy."""
    json_logs.configure("triage", settings.log_level, settings.log_format)
    kinds = taxonomy.load(settings.taxonomy)
    metrics.take_taxonomy(kinds.categories, kinds.departments)
    encoder = encoder_backends.of_triage(settings)
    model_store.make_default(settings.models, kinds, encoder)
    classifier = model_store.default_classifier(settings.models, kinds, encoder)
    if classifier.classifier.encoder:
        classifier.classifier.encoder.vectors(["the first text takes a second"])
    # A release or a machine that can't decide what every release has to says nothing of anybody's message.
    reference = [kafka_records.read_event(value, RequestReceived) for value in reference_requests.values()]
    TriageWorker(classifier, kinds, settings.mail_from).answer(Batch(reference))
    looking = decision_observer.watching(settings, kinds, Figures(channel).tell, encoder)
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # where the system's library is glibc
        ctypes.CDLL(None).malloc_trim(0)  # what loading needed goes back to the system
    gc.freeze()  # what was loaded stays: looking through it again and again would cost a tenth of the time
    gc.set_threshold(COLLECTED_EVERY)
    looking.start()
    return TriageWorker(classifier, kinds, settings.mail_from, looking, DangerMeaning.of(encoder))


if __name__ == "__main__":
    worker_main.serve(load)
