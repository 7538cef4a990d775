"""Decides whether a record may speak for the agency that it names, by the agency's standing and signature. Pure."""

from dataclasses import dataclass

from services.domain import agency_signing_key
from services.runtime.errors import Refused


class AgencyUnknown(Refused):
    """The agency was never added."""

    title = "There is no such agency"


class AgencyRevoked(Refused):
    """All of its keys were revoked."""

    title = "The agency was revoked"


class NotSigned(Refused):
    """The agency's records are signed, and this one is not."""

    title = "The record is not signed"


class WrongSignature(Refused):
    """The signature was made with another key, or the record was changed since."""

    title = "The signature is wrong"


@dataclass(frozen=True)
class Standing:
    """The registration of an agency. `signing_keys` are those valid now."""

    slug: str
    signs: bool = False
    revoked: bool = False
    signing_keys: tuple[str, ...] = ()


def admit(standing: Standing | None, value: bytes, signature: str | None, *, all_sign: bool) -> None:
    """Raises the reason for a refusal. A record without a signature is taken, unless its agency signs or all have to."""
    if standing is None:
        raise AgencyUnknown("agency: nobody has added it; `parvis agencies add CODE` does, then replay this record", field="agency")
    if standing.revoked:
        raise AgencyRevoked("agency: its keys were revoked; `parvis agencies add CODE` gives it a new one", field="agency")
    if signature is None:
        if standing.signs or all_sign:
            raise NotSigned(f"header {agency_signing_key.HEADER}: this agency's records are signed, and this one is not")
    elif not any(agency_signing_key.verify(key, value, signature) for key in standing.signing_keys):
        raise WrongSignature(f"header {agency_signing_key.HEADER}: no good key of this agency has signed these bytes")
