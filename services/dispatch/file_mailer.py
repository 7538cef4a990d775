"""Writes each reply as an .eml file instead of mailing it, for installations without a mail server."""

import asyncio
import os
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

from services.dispatch.mail_message import Mail
from services.dispatch.mailer import Step
from services.dispatch.rules import Result
from services.domain.phrases import Phrase


class FileMailer:
    """Writes `<decision_id>.eml`. The same decision twice is the same file, so a crash never leaves a doubt."""

    channel: Literal["smtp", "file"] = "file"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, decision_id: UUID, mail: Mail, about_to_transmit: Step) -> Result:  # noqa: ARG002 - Mailer
        """Writes the file, whole or not at all."""
        try:
            path = await asyncio.to_thread(self._write, decision_id, mail.content)
        except OSError as error:
            return Result("later", Phrase(f"the file could not be written: {error.strerror}"), "not_written")
        return Result("delivered", path.name)

    def _write(self, decision_id: UUID, content: bytes) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{decision_id}.eml"
        if path.exists():
            return path  # an attempt that was cut off after this, before it could say so
        unfinished = self._folder / f".{decision_id}.{uuid4().hex}"
        try:
            with unfinished.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name must last as long as the content
        finally:
            os.close(folder)
        return path
