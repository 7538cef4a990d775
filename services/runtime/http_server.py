"""Serves HTTP with time limits: whoever connects and sends nothing, or next to nothing, is disconnected."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

KEEP_ALIVE = 75  # seconds, longer than clients keep an idle connection: else one is closed just as the next request leaves
GRACE_SECONDS = 5  # for open connections when the process ends
SLOWEST = 4096  # bytes a second, over a whole body: less is no network that anybody has


class TimedProtocol(H11Protocol):
    """HTTP/1.1 whose clients have `patience` seconds: for a whole head, and for the next bytes of a body or of an answer."""

    patience = 20.0

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - uvicorn's
        super().__init__(*args, **options)
        self._waits_for: str | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._reads_slowly: asyncio.TimerHandle | None = None
        self._body_from = 0.0
        self._body_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """The time for the first head begins."""
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the waiting."""
        self._wait(None)
        if self._reads_slowly:
            self._reads_slowly.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Sets the time again: what is waited for next may have changed."""
        if self._waits_for == "body":
            self._body_bytes += len(data)
            self._wait(None)
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Sets the time again: the next request may have begun already."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """The client does not read: begins its time."""
        super().pause_writing()
        self._reads_slowly = self.loop.call_later(self.patience, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has read: ends its time."""
        if self._reads_slowly:
            self._reads_slowly.cancel()
        super().resume_writing()

    def _watch(self) -> None:
        """Sets the time for what is waited for; a head has one time for the whole of it, however its bytes drip."""
        if self.transport.is_closing():
            return self._wait(None)
        their = self.conn.their_state
        if their is h11.SEND_BODY:
            if not self._body_from:
                self._body_from, self._body_bytes = self.loop.time(), 0
            return self._wait("body")
        self._body_from = 0.0
        # Between two requests uvicorn's own keep-alive counts, until the first byte.
        return self._wait("head" if their is h11.IDLE and (self.cycle is None or self.conn.trailing_data[0]) else None)

    def _wait(self, what: str | None) -> None:
        if what == self._waits_for:
            return
        if self._timer:
            self._timer.cancel()
        self._waits_for, self._timer = what, None
        if what == "head":
            self._timer = self.loop.call_later(self.patience, self.transport.close)
        elif what == "body":
            allowed = self._body_from + self.patience + self._body_bytes / SLOWEST - self.loop.time()
            self._timer = self.loop.call_later(max(min(self.patience, allowed), 0), self._body_is_late)

    def _body_is_late(self) -> None:
        if not self.flow.read_paused:
            return self.transport.close()
        # It is we who do not read: the client's time begins anew.
        self._waits_for, self._body_from, self._body_bytes = None, self.loop.time(), 0
        return self._wait("body")


class AnsweredErrors:
    """Ends an error that was answered to its end.

    Starlette raises each again after its answer, and uvicorn then closes the connection without having said that it would: the client's
    next request on it would be reset, with nobody knowing whether it was taken.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on; raises what was not answered, or only in part."""
        answered = False

        async def noted(message: Message) -> None:
            nonlocal answered
            await send(message)
            answered = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            if not answered:
                raise


before_the_end: list[Callable[[], None]] = []
"""What ends the answers of this process that have no end of their own: else each would wait for the whole grace."""


class Server(uvicorn.Server):
    """Ends what is endless before it waits for what is under way."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the server."""
        for end in before_the_end:
            end()
        await super().shutdown(sockets)


def server(application: ASGIApp, host: str, port: int, patience: float) -> uvicorn.Server:
    """The HTTP server that `parvis serve` runs. `patience` is in seconds."""
    return Server(
        uvicorn.Config(
            AnsweredErrors(application),
            host=host,
            port=port,
            http=type("Protocol", (TimedProtocol,), {"patience": patience}),
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=KEEP_ALIVE,
            proxy_headers=False,
        )
    )
