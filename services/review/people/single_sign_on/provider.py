"""The OpenID Connect provider: its discovery document, the way there, and the identity token that a code is redeemed for."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote_plus

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from services.review.people.single_sign_on.flow import Flow
from services.review.people.single_sign_on.identity import Identity, NotSignedOn, Trouble, identity_of
from services.runtime.base_url import is_https_or_loopback
from services.runtime.settings import OidcSettings

log = logging.getLogger(__name__)

SCOPE = "openid email profile"
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"})
"""Signatures that only the provider can make: one by the client's secret, or none, is not taken whatever the provider says."""
LONGEST_WAIT = 10.0  # seconds for all that one sign-in asks of the provider: a person waits
LARGEST = 1_000_000  # bytes of one answer: a large provider's keys are some 20,000
AT_ONCE = 16  # sign-ins that ask the provider side by side
LEEWAY = 60  # seconds that two clocks may differ
CLIENT_REFUSED = frozenset({"invalid_client", "unauthorized_client"})
METADATA_KEPT = timedelta(minutes=5)
UNREADABLE = (AuthlibBaseError, JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What the libraries raise of an answer that is not what it should be."""


@dataclass(frozen=True)
class Metadata:
    """What the discovery document says, as far as it is needed."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None
    algorithms: tuple[str, ...]
    token_auth: tuple[str, ...]


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Reads an answer up to a limit, and as it was sent: what is packed could be any size once it is open."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises DecodingError for a packed answer, ReadError for one that is too large."""
        request.headers["Accept-Encoding"] = "identity"
        response = await self._inner.handle_async_request(request)
        try:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise httpx2.DecodingError("the answer is packed though that was not asked for", request=request)
            body = bytearray()
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            async for part in response.stream:
                body += part
                if len(body) > LARGEST:
                    raise httpx2.ReadError(f"the answer is larger than {LARGEST:,} bytes", request=request)
        finally:
            await response.aclose()
        return httpx2.Response(response.status_code, headers=response.headers, content=bytes(body))

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._inner.aclose()


class Provider:
    """Asks the provider; every answer is bounded in time and size, and none leads elsewhere."""

    def __init__(self, settings: OidcSettings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._kept: tuple[datetime, Metadata] | None = None

    async def authorization_url(self, flow: Flow, redirect_uri: str) -> str:
        """Where the browser goes to sign in. Raises NotSignedOn."""
        async with self._asked(redirect_uri) as client:
            metadata = await self._metadata(client)
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint, state=flow.state, code_verifier=flow.verifier, nonce=flow.nonce
            )
        return str(url)

    async def identity(self, flow: Flow, code: str, redirect_uri: str) -> Identity:
        """Redeems the code, and checks signature, issuer, audience, nonce and times of the token. Raises NotSignedOn."""
        async with self._asked(redirect_uri) as client:
            metadata = await self._metadata(client)
            token = await self._token(client, metadata, flow, code)
            keys = await self._json(client, metadata.jwks_uri)
        claims = self._checked(token, keys, metadata, flow)
        return identity_of(claims, email_claim=self._settings.email_claim, trust_email=self._settings.trust_email)

    async def end_session_url(self, back: str) -> str | None:
        """Where the browser signs out at the provider as well; None where there is no such place, or nobody answers."""
        try:
            async with self._asked(back) as client:
                endpoint = (await self._metadata(client)).end_session_endpoint
        except NotSignedOn:
            return None
        # No identity token along with it: it would stand in addresses, and be kept until then.
        parameters = [("client_id", self._settings.client_id), ("post_logout_redirect_uri", back)]
        return str(add_params_to_uri(endpoint, parameters)) if endpoint else None

    @asynccontextmanager
    async def _asked(self, redirect_uri: str) -> AsyncIterator[AsyncOAuth2Client]:
        """A client for one sign-in. Whatever goes wrong is NotSignedOn: the provider's fault, or nobody's word to be trusted."""
        secret = self._settings.client_secret.get_secret_value()
        transport = BoundedTransport(httpx2.AsyncHTTPTransport(verify=httpx2.create_ssl_context()))
        try:
            async with (
                asyncio.timeout(LONGEST_WAIT),
                self._turns,
                AsyncOAuth2Client(
                    self._settings.client_id,
                    secret or None,
                    scope=SCOPE,
                    redirect_uri=redirect_uri,
                    code_challenge_method="S256",
                    transport=transport,
                    follow_redirects=False,
                    timeout=LONGEST_WAIT,
                ) as client,
            ):
                yield client
        except (httpx2.HTTPError, TimeoutError, OSError) as error:
            log.warning("the single sign-on provider gave no usable answer: %s %s", type(error).__name__, error)
            raise NotSignedOn(Trouble.AWAY, type(error).__name__) from error
        except UNREADABLE as error:
            detail = str(getattr(error, "error", "")) or type(error).__name__
            log.warning("the single sign-on provider refused, or its answer can't be read: %s", detail[:200])
            raise NotSignedOn(Trouble.UNTRUSTED, detail[:200]) from error

    async def _token(self, client: AsyncOAuth2Client, metadata: Metadata, flow: Flow, code: str) -> Mapping[str, object]:
        way = client.token_endpoint_auth_method = self._client_authentication(metadata)
        if way == "client_secret_basic":  # whose two halves are encoded first (RFC 6749, 2.3.1), which the library leaves out
            client.client_id, client.client_secret = quote_plus(client.client_id), quote_plus(client.client_secret)
        try:
            token: Mapping[str, object] = await client.fetch_token(
                metadata.token_endpoint, code=code, code_verifier=flow.verifier, grant_type="authorization_code"
            )
        except OAuthError as error:
            if error.error not in CLIENT_REFUSED:
                raise
            detail = (
                f"{error.error}: it refused the client, asked by {way}: see PARVIS_OIDC_CLIENT_SECRET, PARVIS_OIDC_CLIENT_AUTHENTICATION"
            )
            log.warning("the single sign-on provider refused the token request: %s", detail)
            raise NotSignedOn(Trouble.UNTRUSTED, detail) from error
        return token

    def _client_authentication(self, metadata: Metadata) -> str:
        if not self._settings.client_secret.get_secret_value():
            return "none"
        if self._settings.client_authentication:
            return f"client_secret_{self._settings.client_authentication}"
        # Not everybody undoes the encoding of basic credentials: a field is always the secret itself.
        return "client_secret_post" if "client_secret_post" in metadata.token_auth else "client_secret_basic"

    async def _metadata(self, client: AsyncOAuth2Client) -> Metadata:
        if self._kept and self._now() - self._kept[0] < METADATA_KEPT:
            return self._kept[1]
        document = await self._json(client, f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        metadata = metadata_of(document, self._settings.issuer)
        self._kept = (self._now(), metadata)
        return metadata

    @staticmethod
    async def _json(client: AsyncOAuth2Client, url: str) -> Mapping[str, object]:
        response = await client.request("GET", url, withhold_token=True)
        response.raise_for_status()
        if response.status_code != httpx2.codes.OK:
            raise httpx2.RequestError(f"status {response.status_code}: what leads elsewhere is not followed", request=response.request)
        answer = response.json()
        if not isinstance(answer, dict):
            raise TypeError("no JSON object")
        return answer

    def _checked(self, token: Mapping[str, object], keys: Mapping[str, object], metadata: Metadata, flow: Flow) -> Mapping[str, object]:
        try:
            registry = JWSRegistry(algorithms=list(metadata.algorithms), strict_check_header=False)
            decoded = jwt.decode(str(token["id_token"]), key_set_of(keys), registry=registry)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self._settings.issuer},
                    "aud": {"essential": True, "value": self._settings.client_id},
                },
                {"nonce": flow.nonce, "client_id": self._settings.client_id},  # and no access token: its hash is for who uses it
            )
            claims.validate(now=int(self._now().timestamp()), leeway=LEEWAY)
        except UNREADABLE as error:
            log.warning("an identity token is not to be trusted: %s %s", type(error).__name__, str(error)[:200])
            raise NotSignedOn(Trouble.UNTRUSTED, str(error)[:200]) from error
        checked: Mapping[str, object] = claims
        return checked


def key_set_of(document: Mapping[str, object]) -> KeySet:
    """The published keys that can be read (RFC 7517, 5): one of another kind beside them is nobody's fault. Raises ValueError for none."""
    published, keys = document.get("keys"), []
    for key in published if isinstance(published, list) else ():
        with suppress(*UNREADABLE):
            keys += KeySet.import_key_set({"keys": [key]}).keys
    if not keys:
        raise ValueError("no key can be read")
    return KeySet(keys)


def metadata_of(document: Mapping[str, object], issuer: str) -> Metadata:
    """Reads the discovery document. Raises NotSignedOn where it is another provider's, or names a place that can be listened to."""
    if "{tenantid}" in str(document.get("issuer")):
        raise NotSignedOn(Trouble.UNTRUSTED, "it is that of every directory: put the id of your own directory into PARVIS_OIDC_ISSUER")
    if document.get("issuer") != issuer:
        raise NotSignedOn(Trouble.UNTRUSTED, f"the discovery document is that of {str(document.get('issuer'))[:100]!r}, not of {issuer!r}")

    def place(name: str) -> str:
        address = document.get(name)
        if not isinstance(address, str) or not is_https_or_loopback(address):
            raise NotSignedOn(Trouble.UNTRUSTED, f"the discovery document has no safe {name}")
        return address

    def listed(name: str) -> tuple[str, ...]:
        values = document.get(name)
        return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()

    algorithms = tuple(each for each in listed("id_token_signing_alg_values_supported") if each in ALGORITHMS)
    return Metadata(
        place("authorization_endpoint"),
        place("token_endpoint"),
        place("jwks_uri"),
        place("end_session_endpoint") if document.get("end_session_endpoint") else None,
        algorithms or ("RS256",),
        listed("token_endpoint_auth_methods_supported"),
    )
