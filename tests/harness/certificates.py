"""A certificate authority that lives for one test run, and a server's certificate from it."""

from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key


@dataclass(frozen=True)
class Authority:
    """Whom clients trust (`file`), and the key and certificate of this machine (`server_file`), all PEM."""

    file: Path
    server_file: Path


def authority(folder: Path) -> Authority:
    """Makes both. Kafka reads its key as PKCS#8 only."""
    ours = trustme.CA()
    server = ours.issue_cert("localhost", "127.0.0.1")
    key = load_pem_private_key(server.private_key_pem.bytes(), None)
    files = Authority(folder / "authority.pem", folder / "server.pem")
    files.file.write_bytes(ours.cert_pem.bytes())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files.server_file.write_bytes(pem + b"".join(blob.bytes() for blob in server.cert_chain_pems))
    files.server_file.chmod(0o600)
    return files
