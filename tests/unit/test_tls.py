"""Connections that leave: no TLS before 1.2, and certificates are checked."""

import ssl

import httpx
from aiosmtplib import SMTP

from services.dispatch import smtp
from services.runtime.kafka_connection import tls_context
from services.runtime.settings import KafkaSettings


async def contexts() -> dict[str, ssl.SSLContext]:
    kafka = tls_context(KafkaSettings(security_protocol="SASL_SSL"))
    mail = await SMTP(hostname="mail.city.example", use_tls=smtp.server("smtps://mail.city.example").tls)._get_tls_context()
    assert kafka is not None
    return {"kafka": kafka, "webhooks and the model": httpx.create_ssl_context(), "mail": mail}


async def test_no_connection_that_leaves_falls_back_to_an_old_tls_or_takes_any_certificate() -> None:
    for name, context in (await contexts()).items():
        assert context.minimum_version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3), name
        assert context.verify_mode == ssl.CERT_REQUIRED, name
        assert context.check_hostname, name
        weak = [cipher["name"] for cipher in context.get_ciphers() if cipher["strength_bits"] < 128 or "NULL" in cipher["name"]]
        assert weak == [], name


def test_a_password_leaves_for_a_mail_server_only_after_starttls() -> None:
    assert smtp.server("smtp://user:word@mail.city.example").start_tls is True
    assert smtp.server("smtp://mail.city.example").start_tls is None
