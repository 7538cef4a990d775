"""How every client connects to Kafka: address, TLS and user. Loads no client."""

import ssl
from typing import Any

from services.runtime.errors import InvalidInput
from services.runtime.settings import KafkaSettings


def tls_context(kafka: KafkaSettings) -> ssl.SSLContext | None:
    """The authority to trust, where the protocol has TLS. Raises InvalidInput where its file can't be used."""
    if "SSL" not in kafka.security_protocol:
        return None
    try:
        return ssl.create_default_context(cafile=str(kafka.security_cafile) if kafka.security_cafile else None)
    except OSError as error:  # an SSLError is one, and names no file either
        raise InvalidInput(
            f"PARVIS_KAFKA_SECURITY_CAFILE: {kafka.security_cafile} can't be used ({error.strerror or error}): "
            "give the PEM file of the authority that signed the broker's certificate",
            field="PARVIS_KAFKA_SECURITY_CAFILE",
        ) from None


def connection(kafka: KafkaSettings) -> dict[str, Any]:
    """The options of a connection, in the words that kafka-python and aiokafka share."""
    options: dict[str, Any] = {"bootstrap_servers": kafka.bootstrap.split(","), "security_protocol": kafka.security_protocol}
    if context := tls_context(kafka):
        options["ssl_context"] = context
    if kafka.security_protocol.startswith("SASL"):
        options |= {
            "sasl_mechanism": kafka.security_mechanism,
            "sasl_plain_username": kafka.security_username,
            "sasl_plain_password": kafka.security_password.get_secret_value(),
        }
    return options
