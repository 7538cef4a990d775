"""The catalogue of every topic and its model: for the command line and the export only."""

from dataclasses import dataclass

from pydantic import BaseModel

from schemas import (
    dead_letters,
    drafts_proposed,
    drafts_requested,
    replies_decided,
    replies_dispatched,
    requests_received,
    requests_triaged,
    triage_corrected,
)


@dataclass(frozen=True)
class Topic:
    """A topic as the broker must have it. `personal` topics hold identities and are kept for a short time."""

    name: str
    model: type[BaseModel]
    personal: bool = False


TOPICS = (
    Topic(requests_received.TOPIC, requests_received.RequestReceived, personal=True),
    Topic(requests_triaged.TOPIC, requests_triaged.RequestTriaged),
    Topic(drafts_requested.TOPIC, drafts_requested.DraftRequested),
    Topic(drafts_proposed.TOPIC, drafts_proposed.DraftProposed),
    Topic(triage_corrected.TOPIC, triage_corrected.TriageCorrected),
    Topic(replies_decided.TOPIC, replies_decided.ReplyDecided, personal=True),
    Topic(replies_dispatched.TOPIC, replies_dispatched.ReplyDispatched),
    Topic(dead_letters.TOPIC, dead_letters.DeadLetter, personal=True),
)
