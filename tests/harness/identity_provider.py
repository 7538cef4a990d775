"""A real OpenID Connect provider on a socket of its own, which checks PKCE and lies on demand."""

import base64
import hashlib
import json
import threading
import warnings
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs, unquote_plus, urlsplit

import flask
import httpx
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import Client

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it uses what authlib is about to take away
    import oidc_provider_mock
    from oidc_provider_mock._storage import storage

Lie = Literal[
    "",
    "nonce",
    "audience",
    "issuer",
    "expired",
    "unsigned",
    "by the client's secret",
    "by another key",
    "redirects",
    "huge",
    "hangs",
    "nonsense",
]
Start = Callable[..., Any]
SECRET = "a secret of the client's, long enough to sign with it"


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Says nothing."""


class IdentityProvider:
    """Answers as oidc-provider-mock does, unless it is asked to lie about one thing."""

    def __init__(self) -> None:
        self.lie: Lie = ""
        self.more_claims: dict[str, object] = {}
        """What tokens say besides."""
        self.more_keys: list[dict[str, object]] = []
        """What is published beside the key that signs."""
        self.document: dict[str, object] = {}
        """What the discovery document says besides."""
        self.secrets: set[str] = set()
        """As which the client proved itself: what a form field says, or what basic credentials mean by RFC 6749, 2.3.1."""
        self.takes: Literal["", "basic", "post"] = ""
        """The one way in which the client may prove itself; any, if empty."""
        self.asked: list[str] = []
        self._challenges: dict[str, str] = {}
        self._let_go = threading.Event()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._app = oidc_provider_mock.app(require_nonce=True)
        self._client = Client(self._app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._let_go.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def issuer(self) -> str:
        """For PARVIS_OIDC_ISSUER."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def knows(self, subject: str, **claims: object) -> None:
        """Adds somebody."""
        assert httpx.put(f"{self.issuer}/users/{subject}", json=claims).status_code == 204

    def changes_its_key(self) -> None:
        """Signs with another key from now on, and publishes only that one."""
        with self._app.test_request_context():
            self._app.preprocess_request()
            storage.jwk = type(storage.jwk).generate_key(is_private=True)

    def signs_in(self, authorization_url: str, subject: str, *, action: str = "") -> str:
        """What a person does there: says who they are, or goes back. Answers where their browser is sent."""
        answer = httpx.post(authorization_url, data={"sub": subject} | ({"action": action} if action else {}))
        assert answer.status_code == 302, answer.text
        where = answer.headers["location"]
        [state] = parse_qs(urlsplit(authorization_url).query)["state"]
        # RFC 6749 asks for the state in refusals as well; the mock leaves it out there.
        return where if "state=" in where else f"{where}&state={state}"

    def _answer(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            match path:
                case "/oauth2/authorize":
                    return self._remembering_the_challenge(environ, start)
                case "/oauth2/token":
                    return self._token(environ, start)
                case "/.well-known/openid-configuration":
                    return self._document(start)
                case "/jwks":
                    keys = self._client.get("/jwks", base_url=self.issuer).get_json()["keys"]
                    return _send(start, "200 OK", {"keys": [*self.more_keys, *keys]})
            return self._app.wsgi_app(environ, start)  # type: ignore[no-any-return]  # werkzeug's debugger

    def _remembering_the_challenge(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        [challenge] = parse_qs(environ["QUERY_STRING"])["code_challenge"]

        def noted(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            for name, value in headers:
                if name.lower() == "location":
                    for code in parse_qs(urlsplit(value).query).get("code", ()):
                        self._challenges[code] = challenge
            return start(status, headers, *more)

        return self._app.wsgi_app(environ, noted)  # type: ignore[no-any-return]

    def _token(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        sent = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        proof = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        basic = base64.b64decode(environ.get("HTTP_AUTHORIZATION", "").removeprefix("Basic "))
        self.secrets.add(sent.get("client_secret") or unquote_plus(basic.decode("latin-1").partition(":")[2]))
        if self.takes and self.takes != ("post" if "client_secret" in sent else "basic"):
            return _send(start, "401 Unauthorized", {"error": "invalid_client"})
        if self._challenges.pop(sent["code"], None) != proof:
            return _send(start, "400 Bad Request", {"error": "invalid_grant"})
        inner = self._client.post(
            "/oauth2/token",
            data=body,
            content_type="application/x-www-form-urlencoded",
            headers={"Authorization": environ.get("HTTP_AUTHORIZATION", "")},
            base_url=self.issuer,
        )
        answer = json.loads(inner.data)
        if "id_token" in answer:
            answer["id_token"] = self._changed(answer["id_token"])
        return _send(start, inner.status, answer)

    def _changed(self, token: str) -> str:
        head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
        claims |= self.more_claims
        match self.lie:
            case "nonce":
                claims["nonce"] = "another's"
            case "audience":
                claims |= {"aud": ["another-application"], "azp": "parvis"}
            case "expired":
                claims["exp"] = claims["iat"] - 3600
            case "unsigned":
                parts = ({"alg": "none"}, claims)
                return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."
            case "by the client's secret":
                return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
            case "by another key":
                return jwt.encode({"alg": "RS256"} | ({"kid": head["kid"]} if "kid" in head else {}), claims, RSAKey.generate_key())
        with self._app.test_request_context():
            self._app.preprocess_request()
            key = RSAKey.import_key(storage.jwk.as_dict(is_private=True))
            assert flask.g
        return jwt.encode(head | {"kid": key.thumbprint()}, claims, key)

    def _document(self, start: Start) -> Iterable[bytes]:
        match self.lie:
            case "redirects":
                start("302 Found", [("Location", f"{self.issuer}/elsewhere"), ("Content-Length", "0")])
                return [b""]
            case "huge":
                return _send(start, "200 OK", {"issuer": "x" * 2_000_000})
            case "hangs":
                self._let_go.wait(60)
                return _send(start, "200 OK", {})
            case "nonsense":
                start("200 OK", [("Content-Type", "application/json")])
                return [b"[" * 50_000]
        document = self._client.get("/.well-known/openid-configuration", base_url=self.issuer).get_json() | self.document
        return _send(start, "200 OK", document | ({"issuer": "https://login.elsewhere.example"} if self.lie == "issuer" else {}))


def _send(start: Start, status: str, answer: object) -> Iterable[bytes]:
    body = json.dumps(answer).encode()
    start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
