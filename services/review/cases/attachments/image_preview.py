"""Asks a process of its own for the preview of an image, and says in plain words why there is none."""

import asyncio
import logging
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.runtime.errors import NotFound, Unavailable
from services.runtime.worker_process import QuestionFailed, TooSlow, WorkerFault, WorkerProcess

log = logging.getLogger(__name__)

SECONDS = 5.0
"""Of processor time. A photograph takes a tenth of one."""
STUCK = 20.0
AT_ONCE = 2
"""Each may take as much memory as an image of the most pixels."""
MOST_WAITING = 20
"""For a turn. Whoever comes then is told to come again, and waits at their own end."""
RETRY_AFTER = 5
"""Seconds."""
MEDIA_TYPE = "image/jpeg"
"""Of every preview, whatever the file was."""


def decoder() -> WorkerProcess:
    """A process for one image: it has no address and no key of ours."""
    return WorkerProcess("services.review.cases.attachments.image_preview_worker", None, bare=True)


class ImagePreviews:
    """Makes previews, each in a process that has seen no other file."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._begun = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """To be taken before the file is read: what waits holds no file. Raises Unavailable where too many wait."""
        if self._begun >= AT_ONCE + MOST_WAITING:
            busy = Unavailable("Too many images are being opened at once: try again in a moment.")
            busy.headers["Retry-After"] = str(RETRY_AFTER)
            raise busy
        self._begun += 1
        try:
            async with self._turns:
                yield
        finally:
            self._begun -= 1

    async def preview(self, content: bytes) -> bytes:
        """The image, encoded anew as JPEG. Raises NotFound with the reason where there is none."""
        worker = decoder()
        try:
            [answer] = await worker.ask(content, self._seconds, STUCK)
        except TooSlow:
            raise NotFound("This image takes too long to decode, so it is not shown. Download it if you trust the sender.") from None
        except (QuestionFailed, WorkerFault) as error:
            log.info("no preview: %s", type(error).__name__)
            raise NotFound("This image can't be decoded: it may be damaged or cut off. Download it if you trust the sender.") from None
        finally:
            await worker.stop()
        if not answer:
            raise NotFound("This image has too many pixels to be shown. Download it if you trust the sender.")
        return b64decode(answer)
