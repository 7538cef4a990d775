"""Signs finished mails by DKIM (RFC 6376, RFC 8463), with a key that is read when the process starts."""

import base64
from dataclasses import dataclass, field
from pathlib import Path

FIELD = "DKIM-Signature"
FEWEST_BITS = 1024  # RFC 8301: less is not verified by anybody


class UnusableKey(ValueError):
    """The file has no key that mails can be signed with; the text says why and never quotes it."""


@dataclass(frozen=True)
class DkimKey:
    """A private key and where its public half is in the DNS."""

    selector: str
    domain: str
    algorithm: str
    private: bytes = field(repr=False)


def read(file: Path, selector: str, domain: str) -> DkimKey:
    """Reads a PEM file with an RSA or an Ed25519 key. Raises UnusableKey."""
    # Here, as few have a key: all of these take 6 MB in each process that knows of mail.
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

    wanted = "give a PEM file without a password, as of `openssl genpkey -algorithm ed25519` or `openssl genrsa 2048`"
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except OSError as error:
        raise UnusableKey(f"{file} can't be read ({error.strerror})") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableKey(f"{file} has no private key that can be read: {wanted}") from None
    if isinstance(key, Ed25519PrivateKey):
        return DkimKey(
            selector, domain, "ed25519-sha256", base64.b64encode(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
        )
    if not isinstance(key, RSAPrivateKey):
        raise UnusableKey(f"{file} has a key of another kind: {wanted}")
    if key.key_size < FEWEST_BITS:
        raise UnusableKey(f"{file} has an RSA key of {key.key_size} bits, which nobody trusts: {wanted}")
    return DkimKey(selector, domain, "rsa-sha256", key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))


def signature(content: bytes, key: DkimKey) -> bytes:
    """The signature as a header field, with its line end. Servers may fold and space the mail otherwise: both parts are relaxed."""
    import dkim  # with what it needs 10 MB, and few have a key

    field_line: bytes = dkim.sign(
        content,
        key.selector.encode("ascii"),
        key.domain.encode("ascii"),
        key.private,
        canonicalize=(b"relaxed", b"relaxed"),
        signature_algorithm=key.algorithm.encode("ascii"),
    )
    return field_line
