"""Explains why a service can't start on Kafka: one sentence with the cause and the setting. Pure."""

import ssl
from dataclasses import dataclass

from aiokafka import errors

from services.runtime.settings import KafkaSettings


@dataclass(frozen=True)
class Fault:
    """Why a start failed, as a sentence, and whether waiting mends it: a server comes back, a setting stays as it is."""

    sentence: str
    waiting_helps: bool = True


IDEMPOTENCE = (errors.UnknownError, errors.UnsupportedVersionError, errors.IncompatibleBrokerVersion)
PERMISSION = "does not let {user} use its {what}: an administrator runs `parvis topics apply --acls`"
PROTOCOL = "PARVIS_KAFKA_SECURITY_PROTOCOL is {protocol}, set what that port of the broker speaks"

FAULTS: tuple[tuple[tuple[type[BaseException], ...], Fault], ...] = (
    (
        (errors.UnsupportedSaslMechanismError, errors.AuthenticationMethodNotSupported),
        Fault("does not take {mechanism}: set PARVIS_KAFKA_SECURITY_MECHANISM to one that it has", waiting_helps=False),
    ),
    ((errors.IllegalSaslStateError,), Fault(f"does not want a password there: {PROTOCOL}", waiting_helps=False)),
    (
        (errors.SaslAuthenticationFailed, errors.AuthenticationFailedError),
        Fault("refuses {user}: check PARVIS_KAFKA_SECURITY_USERNAME, PARVIS_KAFKA_SECURITY_PASSWORD and PARVIS_KAFKA_SECURITY_MECHANISM"),
    ),
    (
        (ssl.SSLCertVerificationError,),
        Fault(
            "has a certificate that can't be trusted: set PARVIS_KAFKA_SECURITY_CAFILE to the authority that signed it, and "
            "PARVIS_KAFKA_BOOTSTRAP to the name that it is for",
            waiting_helps=False,
        ),
    ),
    ((ssl.SSLError,), Fault(f"speaks no TLS that fits ours: {PROTOCOL}", waiting_helps=False)),
    ((errors.TopicAuthorizationFailedError,), Fault(PERMISSION.replace("{what}", "topics"))),
    ((errors.GroupAuthorizationFailedError,), Fault(PERMISSION.replace("{what}", "consumer group"))),
    (
        (errors.ClusterAuthorizationFailedError, errors.TransactionalIdAuthorizationFailed),
        Fault(PERMISSION.replace("{what}", "idempotent producer")),
    ),
    ((errors.UnknownTopicOrPartitionError, errors.InvalidTopicError), Fault("lacks topics: run `parvis topics apply`")),
    (
        (OSError, errors.KafkaConnectionError, errors.NoBrokersAvailable, TimeoutError),
        Fault("does not answer: see that it runs, and that PARVIS_KAFKA_BOOTSTRAP is its address"),
    ),
)
"""By the first that fits; each sentence begins with the broker's address."""

NO_IDEMPOTENCE = Fault(
    "has no idempotent producer: use Kafka 3.0 or newer; for an embedded broker that keeps nothing set PARVIS_KAFKA_EPHEMERAL=true",
    waiting_helps=False,
)
CLOSED = Fault(f"ends each connection at once: it may be starting; if it stays so, {PROTOCOL}")
OTHER = Fault("can't be used yet ({error}); `parvis status` shows its topics and consumers")


def fault(error: BaseException, kafka: KafkaSettings) -> Fault:
    """The cause of an error at start, worded by the settings to change."""
    kind = _kind(error, kafka)
    sentence = kind.sentence.format(
        user=f"the user {kafka.security_username!r}" if kafka.security_username else "this process",
        mechanism=kafka.security_mechanism,
        protocol=kafka.security_protocol,
        error=type(error).__name__,
    )
    return Fault(f"Kafka at {kafka.bootstrap} {sentence}", kind.waiting_helps)


def _kind(error: BaseException, kafka: KafkaSettings) -> Fault:
    if isinstance(error, IDEMPOTENCE) and not kafka.ephemeral:
        return NO_IDEMPOTENCE
    if isinstance(error, errors.KafkaConnectionError) and "closed" in str(error).casefold():
        return CLOSED
    return next((kind for types, kind in FAULTS if isinstance(error, types)), OTHER)
