"""What a person is told where Kafka lets no service begin."""

import ssl

import pytest
from aiokafka import errors

from services.runtime.kafka_diagnostics import fault
from services.runtime.settings import KafkaSettings

KAFKA = KafkaSettings(
    bootstrap="kafka.city.example:9093", security_protocol="SASL_SSL", security_mechanism="SCRAM-SHA-512", security_username="parvis-triage"
)


@pytest.mark.parametrize(
    ("error", "words", "waiting_helps"),
    [
        (errors.UnknownError(), ["idempotent", "PARVIS_KAFKA_EPHEMERAL"], False),
        (errors.UnsupportedVersionError(), ["idempotent", "Kafka 3.0"], False),
        (errors.UnsupportedSaslMechanismError(), ["SCRAM-SHA-512", "PARVIS_KAFKA_SECURITY_MECHANISM"], False),
        (errors.IllegalSaslStateError(), ["SASL_SSL", "PARVIS_KAFKA_SECURITY_PROTOCOL"], False),
        (ssl.SSLCertVerificationError(), ["PARVIS_KAFKA_SECURITY_CAFILE"], False),
        (ssl.SSLError(1, "wrong version number"), ["no TLS", "PARVIS_KAFKA_SECURITY_PROTOCOL"], False),
        (errors.SaslAuthenticationFailed(), ["'parvis-triage'", "PARVIS_KAFKA_SECURITY_PASSWORD"], True),
        (errors.AuthenticationFailedError(), ["'parvis-triage'", "PARVIS_KAFKA_SECURITY_PASSWORD"], True),
        (errors.TopicAuthorizationFailedError("x"), ["topics", "`parvis topics apply --acls`"], True),
        (errors.GroupAuthorizationFailedError("x"), ["consumer group", "`parvis topics apply --acls`"], True),
        (errors.ClusterAuthorizationFailedError(), ["`parvis topics apply --acls`"], True),
        (errors.UnknownTopicOrPartitionError(), ["`parvis topics apply`"], True),
        (errors.KafkaConnectionError("Connection at kafka:9093 closed"), ["ends each connection", "PARVIS_KAFKA_SECURITY_PROTOCOL"], True),
        (errors.KafkaConnectionError("Unable to bootstrap"), ["does not answer", "PARVIS_KAFKA_BOOTSTRAP"], True),
        (ConnectionRefusedError(), ["does not answer", "PARVIS_KAFKA_BOOTSTRAP"], True),
        (TimeoutError(), ["does not answer"], True),
        (errors.GroupLoadInProgressError(), ["GroupLoadInProgressError", "parvis status"], True),
        (RuntimeError("secret"), ["RuntimeError"], True),
    ],
)
def test_each_fault_is_one_sentence_with_the_cause_and_the_setting(error: Exception, words: list[str], waiting_helps: bool) -> None:  # noqa: FBT001
    diagnosis = fault(error, KAFKA)
    assert [word for word in words if word not in diagnosis.sentence] == []
    assert "kafka.city.example:9093" in diagnosis.sentence
    assert "secret" not in diagnosis.sentence
    assert diagnosis.waiting_helps is waiting_helps
