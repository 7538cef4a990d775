"""Files on their way in, from a form or a call or a mail: described by their bytes, shown to the scanner, and put into the store."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from services.domain import file_types
from services.intake.posted_form import Upload
from services.runtime.file_scanner import FileScanner, Verdict

if TYPE_CHECKING:
    from services.runtime.file_store import FileStore  # its library takes 9 MB, and not every intake is sent files


def stored(file: Upload) -> dict[str, object]:
    """The file as a request names it that lies in the store: its kind by its bytes, its name without paths."""
    kind = file_types.media_type(file.content, file.media_type, file.name)
    return {
        "name": file_types.file_name(file.name, kind),
        "media_type": kind,
        "size": len(file.content),
        "sha256": file.sha256,
        "stored": True,
    }


class IncomingFiles:
    """The store, opened when the first file comes, and the scanner, where there is one."""

    def __init__(self, open_store: Callable[[], "FileStore"], scanner: FileScanner | None) -> None:
        self._open_store = open_store
        self._scanner = scanner

    @cached_property
    def store(self) -> "FileStore":
        """Where files are kept."""
        return self._open_store()

    async def verdicts(self, digests: Iterable[str], contents: Sequence[bytes]) -> dict[str, Verdict]:
        """What the scanner says, by the SHA-256 that stands for each content; nothing where there is no scanner."""
        if self._scanner is None or not contents:
            return {}
        return dict(zip(digests, await self._scanner.scan_on_arrival(contents), strict=True))

    async def keep(self, agency: str, contents: Iterable[bytes]) -> None:
        """Puts them into the store for good. Raises Unavailable."""
        await asyncio.gather(*(self.store.put(agency, content) for content in contents))


def first_infected(files: Sequence[Upload], verdicts: Mapping[str, Verdict]) -> tuple[int, Verdict] | None:
    """Its place and what is in it."""
    for place, file in enumerate(files):
        verdict = verdicts.get(file.sha256)
        if verdict and verdict.result == "infected":
            return place, verdict
    return None
