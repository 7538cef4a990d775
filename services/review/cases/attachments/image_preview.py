"""Asks a process of its own for the preview of an image, and says in plain words why there is none."""

import asyncio
import logging
from base64 import b64decode

from services.runtime.errors import NotFound
from services.runtime.worker_process import QuestionFailed, TooSlow, WorkerFault, WorkerProcess

log = logging.getLogger(__name__)

SECONDS = 5.0
"""Of processor time. A photograph takes a tenth of one."""
STUCK = 20.0
AT_ONCE = 2
"""Each may take as much memory as an image of the most pixels."""
MEDIA_TYPE = "image/jpeg"
"""Of every preview, whatever the file was."""


class ImagePreviews:
    """Makes previews, each in a process that has seen no other file."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def preview(self, content: bytes) -> bytes:
        """The image, encoded anew as JPEG. Raises NotFound with the reason where there is none."""
        async with self._turns:
            worker = WorkerProcess("services.review.cases.attachments.image_preview_worker", None)
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
