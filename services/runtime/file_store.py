"""Keeps files that are too large for an event: in a folder or an S3 bucket, by agency and SHA-256, so that each is there once."""

import asyncio
import hashlib
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from schemas.values import AgencySlug
from services.runtime.errors import InvalidInput, Unavailable

_SHA256 = re.compile("[0-9a-f]{64}")
_MISSING = (FileNotFoundError,)


class FileStore:
    """Files by agency and digest. What is put is there for good when `put` returns; the same bytes are put once."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    async def put(self, agency: AgencySlug, content: bytes, *, anew: bool = False) -> str:
        """Keeps the bytes and returns their SHA-256 in hexadecimal. Raises Unavailable where the store does not take them.

        What is there of that size is taken for the same, unless they are to be written anew.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = _path(agency, sha256)
        try:
            if anew or await self._size(path) != len(content):
                await obstore.put_async(self._store, path, content)
            if self._folder:  # also what is there: whoever put it may have been killed before this
                await asyncio.to_thread(_flush, self._folder / path)
        except (BaseError, OSError) as error:
            raise Unavailable(f"the store of files does not take what is to be kept ({type(error).__name__})") from error
        return sha256

    async def get(self, agency: AgencySlug, sha256: str) -> bytes | None:
        """The bytes; None where there is no such file of that agency. Raises Unavailable where the store does not answer."""
        if not _SHA256.fullmatch(sha256):
            return None
        try:
            response = await obstore.get_async(self._store, _path(agency, sha256))
            content = bytes(await response.bytes_async())
        except _MISSING:
            return None
        except (BaseError, OSError) as error:
            raise Unavailable(f"the store of files can't be reached ({type(error).__name__})") from error
        return content if hashlib.sha256(content).hexdigest() == sha256 else None

    async def delete(self, agency: AgencySlug, sha256: str) -> bool:
        """Deletes the bytes for good; says whether they were there. Raises Unavailable where the store does not answer."""
        path = _path(agency, sha256)
        try:
            if await self._size(path) is None:
                return False
            await obstore.delete_async(self._store, path)
        except _MISSING:
            return False
        except (BaseError, OSError) as error:
            raise Unavailable(f"the store of files can't be reached ({type(error).__name__})") from error
        return True

    async def _size(self, path: str) -> int | None:
        try:
            return int((await obstore.head_async(self._store, path))["size"])
        except _MISSING:
            return None


def file_store(url: str, data_dir: Path) -> FileStore:
    """The store that PARVIS_FILES_URL names: empty, a folder of the data directory; `s3://bucket/prefix` with the usual AWS_* variables."""
    scheme = urlsplit(url).scheme
    if scheme in ("", "file"):
        folder = Path(urlsplit(url).path) if url else data_dir.resolve() / "files"
        if not folder.is_absolute():
            raise InvalidInput(
                f"PARVIS_FILES_URL is {url!r}: give the whole path of a folder, as file:///srv/parvis/files", field="PARVIS_FILES_URL"
            )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileStore(LocalStore(folder), folder)
    if scheme != "s3" or not urlsplit(url).netloc:
        raise InvalidInput(
            "PARVIS_FILES_URL is no store: give s3://bucket/prefix or file:///folder, or leave it out for the data directory",
            field="PARVIS_FILES_URL",
        )
    return FileStore(from_url(url))


def _path(agency: AgencySlug, sha256: str) -> str:
    return f"{agency}/{sha256[:2]}/{sha256}"


def _flush(path: Path) -> None:
    """Once more than the store does: what is taken must survive a power cut, as the journal does."""
    for place in (path, *path.parents[:3]):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
