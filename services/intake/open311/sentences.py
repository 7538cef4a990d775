"""Sentences that people read in Open311 clients, in English and French."""

from datetime import date

from babel.dates import format_date

from services.domain.calendar_words import first_as_ordinal
from services.intake.rules import State

CLOSED: frozenset[State] = frozenset({"sent", "closed", "conflict", "refused"})
"""What is over for the agency; a reply that is written and has not reached anybody is not."""

_NOTES: dict[str, dict[State, str]] = {
    "en": {
        "received": "It has arrived and is being sorted.",
        "needs_triage": "A person is looking at whom it concerns.",
        "drafting": "A reply is being prepared.",
        "awaiting_approval": "A reply is being prepared: a person decides on it.",
        "approved": "A person has decided on the reply, and it is being sent.",
        "sent": "The reply was sent.",
        "by_hand": "The reply is written and waits to be passed on by hand.",
        "delivery_failed": "The reply could not be delivered; a person is looking at it.",
        "delivery_uncertain": "A person is checking whether the reply has arrived.",
        "closed": "A person has closed it without a reply.",
        "conflict": "It was not taken: its id belongs to another request. Send it again with another id.",
        "refused": "It was not taken: it could not be read, or not accepted.",
    },
    "fr": {
        "received": "La demande est arrivée ; elle est en cours d’orientation.",
        "needs_triage": "Un agent regarde quel service elle concerne.",
        "drafting": "Une réponse est en préparation.",
        "awaiting_approval": "Une réponse est en préparation : un agent en décide.",
        "approved": "Un agent a validé la réponse, qui part.",
        "sent": "La réponse a été envoyée.",
        "by_hand": "La réponse est écrite et reste à remettre en main propre.",
        "delivery_failed": "La réponse n’a pas pu être remise ; un agent s’en occupe.",
        "delivery_uncertain": "Un agent vérifie si la réponse est arrivée.",
        "closed": "Un agent l’a close sans réponse.",
        "conflict": "Elle n’a pas été prise : son identifiant est celui d’une autre demande. Envoyez-la avec un autre identifiant.",
        "refused": "Elle n’a pas été prise : elle n’a pas pu être lue, ou acceptée.",
    },
}
_PROMISE = {"en": "We aim to reply by {day}.", "fr": "Nous visons une réponse d’ici le {day}."}


def _spoken(language: str) -> str:
    return language if language in _NOTES else "en"


def status_note(state: State, language: str) -> str:
    """What the state means, for whoever reported it."""
    return _NOTES[_spoken(language)][state]


def promise(day: date, language: str) -> str:
    """By when a reply is promised."""
    spoken = _spoken(language)
    return _PROMISE[spoken].format(day=first_as_ordinal(format_date(day, "long", locale=spoken), spoken))
