"""A mail is signed so that its receivers can verify it, by a key that is read at start."""

import base64
import dataclasses
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, PublicFormat

from services.dispatch import dkim_signature
from services.dispatch.dkim_signature import UnusableKey
from tests.unit.test_mail import ANSWERED, CITY, THREAD, a_mail, field_names

RSA = rsa.generate_private_key(65537, 2048)
ED = ed25519.Ed25519PrivateKey.generate()
Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def file_of(key: Key | ec.EllipticCurvePrivateKey, folder: Path, password: bytes = b"") -> Path:
    file = folder / "key.pem"
    locked = BestAvailableEncryption(password) if password else NoEncryption()
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    return file


def record_of(key: Key) -> bytes:
    """What the admin puts into the DNS."""
    if isinstance(key, rsa.RSAPrivateKey):
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


@pytest.mark.parametrize("key", [RSA, ED], ids=["rsa", "ed25519"])
def test_a_receiver_verifies_the_mail_and_notices_each_change_of_it(key: Key, tmp_path: Path) -> None:
    sender = dataclasses.replace(CITY, html=True, dkim=dkim_signature.read(file_of(key, tmp_path), "parvis", "city.example"))
    mail = a_mail(sender, body="It is bright again.\nÉ", answers_mail=ANSWERED, references=THREAD)
    assert field_names(mail)[0] == "DKIM-Signature"

    asked: list[bytes] = []

    def dns(name: bytes, timeout: int = 5) -> bytes:  # noqa: ARG001 - dkimpy's
        asked.append(name)
        return record_of(key)

    assert dkim.verify(mail.content, dnsfunc=dns)
    assert asked == [b"parvis._domainkey.city.example."]
    for before, after in ((b"Ana", b"Eve"), (b"Your street", b"My street"), (b"<first@", b"<other@"), (b"bright", b"dark")):
        assert before in mail.content
        assert not dkim.verify(mail.content.replace(before, after), dnsfunc=dns)
    folded = mail.content.replace(b"From: ", b"From:\r\n  ")  # as a server on the way may
    assert dkim.verify(folded, dnsfunc=dns)


def test_a_key_is_never_shown() -> None:
    assert "cHJpdmF0ZQ" not in repr(dkim_signature.DkimKey("parvis", "city.example", "rsa-sha256", b"cHJpdmF0ZQ"))


def test_what_is_no_key_is_refused_with_what_to_give(tmp_path: Path) -> None:
    no_key = tmp_path / "no.pem"
    no_key.write_text("secret words")
    for file, reason in (
        (tmp_path / "nowhere.pem", "can't be read"),
        (no_key, "has no private key"),
        (file_of(ED, tmp_path, b"password"), "has no private key"),
    ):
        with pytest.raises(UnusableKey, match=reason) as refused:
            dkim_signature.read(file, "parvis", "city.example")
        assert "secret words" not in str(refused.value)
    with pytest.raises(UnusableKey, match="another kind"):
        dkim_signature.read(file_of(ec.generate_private_key(ec.SECP256R1()), tmp_path), "parvis", "city.example")


def test_a_key_too_short_to_be_trusted_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dkim_signature, "FEWEST_BITS", 4096)
    with pytest.raises(UnusableKey, match="2048 bits"):
        dkim_signature.read(file_of(RSA, tmp_path), "parvis", "city.example")
