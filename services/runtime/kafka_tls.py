"""Makes the TLS context of every connection to Kafka, whichever client opens it."""

import ssl

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
